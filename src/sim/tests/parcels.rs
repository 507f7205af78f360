//! The far field: packing line, waves, transit, and the end of the run.

use super::{Town, order};
use crate::city::TracedOrder;
use crate::event::Event;
use crate::scenario::Lane;
use crate::units::{LaneId, SimDuration, SimTime};

const HOUR: f64 = 3600.0;

/// Orders for the warehouse, which packs one a minute; transit takes 10 h.
fn far(seconds: impl IntoIterator<Item = f64>) -> Town {
    Town::new(seconds.into_iter().map(|at| TracedOrder { far: true, ..order(at, 0.0, 0.0) }))
}

#[test]
fn the_packing_line_works_off_its_backlog_and_without_waves_parcels_leave_at_once() {
    let town = far([0.0, 0.0, 30.0, 500.0]);
    let expected = [
        "0 o0 placed",
        "0 o0 far: chosen",
        "0 o1 placed",
        "0 o1 far: chosen",
        "30 o2 placed",
        "30 o2 far: chosen",
        "60 o0 packed",
        "60 o0 shipped",
        "120 o1 packed",
        "120 o1 shipped",
        "180 o2 packed",
        "180 o2 shipped",
        "500 o3 placed",
        "500 o3 far: chosen",
        "560 o3 packed",
        "560 o3 shipped",
        "36060 o0 arrives",
        "36120 o1 arrives",
        "36180 o2 arrives",
        "36560 o3 arrives",
    ];
    assert_eq!(town.story(), expected);
}

#[test]
fn a_parcel_packed_after_the_cut_off_leaves_with_the_next_wave_also_past_midnight() {
    // The run begins at 10:00; waves at 16:00 and 11:00. The first parcel is packed at 10:01, the second at 16:00
    // sharp, the third a minute after it.
    let mut town = far([0.0, 6.0 * HOUR - 60.0, 6.0 * HOUR]);
    town.scenario.start_hour = 10.0;
    town.scenario.warehouse.wave_hours = vec![16.0, 11.0];
    let expected = [
        "60 o0 packed",
        "3600 o0 shipped",
        "21600 o1 packed",
        "21600 o1 shipped",
        "21660 o2 packed",
        // 11:00 of the next day.
        "90000 o2 shipped",
    ];
    assert_eq!(town.facts(&["packed", "shipped"]), expected);
}

#[test]
fn a_wave_at_midnight_leaves_at_the_end_of_the_day() {
    for hour in [0.0, 24.0] {
        let mut town = far([23.0 * HOUR]);
        town.scenario.warehouse.wave_hours = vec![hour];
        assert_eq!(town.facts(&["shipped"]), ["86400 o0 shipped"], "{hour}");
    }
}

#[test]
fn what_is_open_when_the_drain_ends_is_censored() {
    let mut town = far([0.0, 0.0]);
    town.scenario.horizon_h = 1.0;
    // The first arrives after 10 h and 1 min, the second a minute later.
    town.scenario.drain_h = 9.0 + 1.5 / 60.0;
    assert_eq!(town.facts(&["arrives"]), ["36060 o0 arrives"]);
    assert_eq!(town.play().censored, 1);
}

#[test]
fn a_line_too_slow_for_any_run_leaves_orders_open() {
    let mut town = far((0..20).map(f64::from));
    town.scenario.warehouse.capacity_per_h = 0.001;
    assert_eq!(town.play().censored, 20);
    let mut town = far([0.0]);
    town.scenario.far.lanes[0].base_h = 1e6;
    assert_eq!(town.play().censored, 1);
}

#[test]
fn parcels_take_lanes_in_proportion_to_their_shares() {
    let mut town = far((0..400).map(|i| f64::from(i) * 60.0));
    let lane = town.scenario.far.lanes[0].clone();
    town.scenario.far.lanes =
        vec![crate::scenario::Lane { share: 3.0, ..lane.clone() }, crate::scenario::Lane { base_h: 5.0, ..lane }];
    let log = town.play().log;
    let of = |kind: &str| -> Vec<f64> {
        let facts = super::story(&log);
        let mut times = vec![0.0; log.orders()];
        for fact in facts.iter().filter(|fact| fact.ends_with(kind)) {
            let mut parts = fact.split(' ');
            let at: f64 = parts.next().unwrap().parse().unwrap();
            times[parts.next().unwrap()[1..].parse::<usize>().unwrap()] = at;
        }
        times
    };
    let transit: Vec<f64> = of("arrives").iter().zip(of("shipped")).map(|(end, start)| end - start).collect();
    let slow = transit.iter().filter(|seconds| **seconds == 10.0 * HOUR).count();
    let fast = transit.iter().filter(|seconds| **seconds == 5.0 * HOUR).count();
    assert_eq!(slow + fast, 400);
    // 300 expected, with a standard deviation of 8.7.
    assert!((slow as f64 - 300.0).abs() < 4.9 * 8.7, "{slow}");
}

#[test]
fn orders_after_the_horizon_are_not_placed() {
    let mut town = far([3600.0, 3600.001]);
    town.scenario.horizon_h = 1.0;
    assert_eq!(town.facts(&["placed"]), ["3600 o0 placed"]);
}

#[test]
fn a_parcel_goes_out_for_delivery_at_the_end_of_its_lane() {
    let mut town = far([0.0]);
    (town.scenario.far.last_mile_h, town.scenario.far.last_mile_cv) = (3.0, 0.0);
    assert_eq!(town.facts(&["arrives"]), ["46860 o0 arrives"]);
    let log = town.play().log;
    let out_for = log.records.iter().find_map(|record| match record.event {
        Event::ParcelDelivered { out_for, .. } => Some(SimDuration::from(out_for)),
        _ => None,
    });
    assert_eq!(out_for, Some(SimDuration::from_hours(3.0)));
}

#[test]
fn a_last_mile_of_its_own_leaves_lanes_and_their_times_as_they_are() {
    let played = |last_mile_h: f64| {
        let mut town = far((0..50).map(|i| f64::from(i) * 60.0));
        let lane = |share, cv| Lane { share, transit_h: 20.0, cv, ..town.scenario.far.lanes[0].clone() };
        town.scenario.far.lanes = vec![lane(1.0, 0.25), lane(2.0, 0.5)];
        town.scenario.far.last_mile_h = last_mile_h;
        town.scenario.drain_h = 200.0;
        let log = town.play().log;
        let mut ends = vec![(LaneId(9), SimTime::NEVER); 50];
        for record in &log.records {
            match record.event {
                Event::ParcelShipped { order, lane } => ends[order.index()].0 = lane.unwrap_or_default(),
                Event::ParcelDelivered { order, out_for } => {
                    ends[order.index()].1 = record.at - SimDuration::from(out_for);
                }
                _ => {}
            }
        }
        ends
    };
    assert_eq!(played(0.0), played(5.0));
}

/// Three far orders at once for a warehouse that packs one an hour; store 1 has two of the one SKU and nobody else any.
fn overflowing() -> Town {
    let mut town = far([0.0, 0.0, 0.0, 0.0]);
    town.orders.iter_mut().for_each(|order| order.place = super::place(1900.0, 0.0));
    town.levels = vec![0, 2];
    town.scenario.warehouse.capacity_per_h = 1.0;
    town.scenario.far.ship_from_store_over_h = Some(0.5);
    town.scenario.far.ship_from_store_lane = "near by".into();
    let lane = town.scenario.far.lanes[0].clone();
    town.scenario.far.lanes.push(Lane { id: "near by".into(), share: 0.0, base_h: 2.0, ..lane });
    town
}

#[test]
fn beyond_the_limit_a_store_that_has_the_goods_picks_and_sends_the_parcel() {
    let mut town = overflowing();
    town.scenario.warehouse.wave_hours = vec![0.1];
    let expected = [
        "0 o0 placed",
        "0 o0 far: chosen",
        "0 o1 placed",
        "0 o1 far: chosen, from s1",
        "0 o2 placed",
        "0 o2 far: chosen, from s1",
        "0 s1 out of k0",
        "0 o3 placed",
        // No store has it, so it waits.
        "0 o3 far: chosen",
        "300 o1 ready at s1, picked 300",
        "360 o1 shipped",
        "600 o2 ready at s1, picked 300",
        "3600 o0 packed",
        "7200 o3 packed",
        "7560 o1 arrives",
    ];
    assert_eq!(town.story()[..expected.len()], expected);
    assert_eq!(town.facts(&["ends with"]).last().unwrap().split_once(' ').unwrap().1, "s1 ends with 0");
}

#[test]
fn parcels_from_stores_queue_for_pickers_with_near_orders_and_never_for_couriers() {
    let mut town = overflowing();
    town.orders.truncate(2);
    town.orders.push(order(60.0, 1900.0, 0.0));
    assert_eq!(
        town.facts(&["ready", "shipped", "takes"])[..4],
        [
            "300 o1 ready at s1, picked 300",
            "300 o1 shipped",
            "600 o2 ready at s1, picked 300",
            "760 c1 takes o2 after 60",
        ]
    );
}

#[test]
fn a_store_out_of_reach_or_closed_sends_nothing() {
    let mut town = overflowing();
    town.orders.iter_mut().for_each(|order| order.place = super::place(9000.0, 0.0));
    assert!(town.facts(&["from s"]).is_empty());
    let mut town = overflowing();
    town.stores[1].opens = SimDuration::from_hours(8.0);
    town.stores[1].closes = SimDuration::from_hours(20.0);
    assert!(town.facts(&["from s"]).is_empty());
}

#[test]
fn goods_from_abroad_wait_for_the_hub_or_come_from_the_forward_stock() {
    let mut town = far([0.0, 3600.0]);
    town.scenario.catalogue.categories[0].abroad_share = 1.0;
    town.scenario.cross_border.hub_every_h = 10.0;
    (town.scenario.cross_border.hub_lead_h, town.scenario.cross_border.lead_cv) = (5.0, 0.0);
    let expected = [
        "0 o0 placed",
        "0 o0 far: chosen, from hub",
        "0 o0 shipped",
        "3600 o1 placed",
        "3600 o1 far: chosen, from hub",
        "18000 o0 arrives",
        "36000 o1 shipped",
        "54000 o1 arrives",
    ];
    assert_eq!(town.story(), expected);
    town.scenario.cross_border.forward_share = 1.0;
    assert_eq!(
        town.facts(&["o1"]),
        ["3600 o1 placed", "3600 o1 far: chosen, from forward_node", "3600 o1 shipped", "90000 o1 arrives"]
    );
}

#[test]
fn a_share_of_the_far_orders_comes_from_abroad_and_the_others_take_the_lanes_they_took() {
    let lanes = |abroad_share: f64| {
        let mut town = far((0..400).map(|i| f64::from(i) * 60.0));
        town.scenario.catalogue.categories[0].abroad_share = abroad_share;
        town.scenario.cross_border.forward_share = 0.5;
        let lane = town.scenario.far.lanes[0].clone();
        town.scenario.far.lanes = vec![lane.clone(), Lane { share: 2.0, ..lane }];
        let mut lanes = vec![None; 400];
        for record in &town.play().log.records {
            if let Event::ParcelShipped { order, lane } = record.event {
                lanes[order.index()] = lane;
            }
        }
        lanes
    };
    let (none, some) = (lanes(0.0), lanes(0.3));
    let abroad = some.iter().filter(|lane| lane.is_none()).count();
    // 120 expected, with a standard deviation of 9.2.
    assert!((abroad as f64 - 120.0).abs() < 4.9 * 9.2, "{abroad}");
    assert!(none.iter().zip(&some).all(|(none, some)| some.is_none() || none == some));
}

/// A near order and a parcel that both come back: requested after 2 h, there 3 h later.
fn coming_back() -> Town {
    let mut town = far([0.0]);
    town.orders.push(order(0.0, 0.0, 0.0));
    town.levels = vec![1, 0];
    town.scenario.catalogue.categories[0].return_rate = 1.0;
    town.scenario.cost.near_return_factor = 1.0;
    (town.scenario.returns.request_after_h, town.scenario.returns.request_cv) = (2.0, 0.0);
    (town.scenario.returns.back_after_h, town.scenario.returns.back_cv) = (3.0, 0.0);
    town
}

#[test]
fn near_goods_come_back_to_their_shelf_and_parcels_to_the_warehouse() {
    let mut town = coming_back();
    town.scenario.drain_h = 100.0;
    let expected = [
        "0 s0 out of k0",
        "760 c0 delivers o1 after 240",
        "7960 o1 sent back",
        "18760 o1 back at s0",
        "18760 s0 has k0 again",
        "36060 o0 arrives",
        "43260 o0 sent back",
        "54060 o0 back in the warehouse",
    ];
    let parts = ["out of", "delivers", "arrives", "back", "again"];
    let facts: Vec<String> = town.facts(&parts);
    assert_eq!(facts.iter().filter(|fact| !fact.contains("c0 free")).collect::<Vec<_>>(), expected);
    assert_eq!(town.facts(&["s0 ends"]), ["54060 s0 ends with 1"]);
}

#[test]
fn a_unit_that_came_back_is_sold_again() {
    let mut town = coming_back();
    town.orders.push(order(18_760.0, 0.0, 0.0));
    assert_eq!(town.facts(&["o2 goes", "o2 far"]), ["18760 o2 goes to s0, 0 m"]);
    town.orders[2].placed = super::at(18_759.0);
    assert_eq!(town.facts(&["o2 goes", "o2 far"]), ["18759 o2 far: no_stock"]);
}

#[test]
fn returns_come_in_after_the_drain_but_parcels_under_way_stay_open() {
    let mut town = coming_back();
    (town.scenario.horizon_h, town.scenario.drain_h) = (1.0, 0.5);
    assert_eq!(town.facts(&["back at", "arrives"]), ["18760 o1 back at s0"]);
    assert_eq!(town.play().censored, 1);
}
