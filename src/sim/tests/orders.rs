//! Orders at the stores: one order end to end, sourcing, stock, opening hours, pickers, patience.

use super::{Town, at, at_store, courier, order, store};
use crate::city::TracedOrder;
use crate::city::space::Matrix;
use crate::scenario::{DeliveredAt, Metric, PatienceFrom};
use crate::units::SimDuration;

const HOUR: f64 = 3600.0;
/// What sourcing decided.
const SOURCED: &[&str] = &["goes to", "far:"];

fn picked_in(order: TracedOrder, seconds: f64) -> TracedOrder {
    TracedOrder { pick: Some(SimDuration::from_seconds(seconds)), ..order }
}

/// Consumers cancel this long after placement, to the millisecond.
fn with_patience(mut town: Town, minutes: f64) -> Town {
    town.scenario.consumers.patience_from = PatienceFrom::Placed;
    town.scenario.consumers.patience_grace_min = minutes;
    // A hazard so high that the random part rounds to nothing.
    town.scenario.consumers.cancel_hazard_per_min = 1e9;
    town
}

#[test]
fn one_order_end_to_end_takes_its_courier_to_the_end_of_the_hand_over() {
    let mut town = Town::new([order(600.0, 300.0, 400.0)]);
    let until_the_door = [
        "0 c0 on duty",
        "0 c1 on duty",
        "0 c2 on duty",
        "600 o0 placed",
        "600 o0 goes to s0, 500 m",
        "900 o0 ready at s0, picked 300",
        "900 o0 for c0, 500 m",
        // There at 1000; half of the 2 min of service, the goods, the other half, and 100 s to the door.
        "1060 c0 takes o0 after 60",
    ];
    for (moment, delivered) in [
        (DeliveredAt::Arrival, "1220 c0 delivers o0 after 0"),
        (DeliveredAt::MidService, "1340 c0 delivers o0 after 120"),
        (DeliveredAt::EndService, "1460 c0 delivers o0 after 240"),
    ] {
        town.scenario.near.delivered_at = moment;
        let expected = [&until_the_door[..], &[delivered, "1460 c0 free of o0"]].concat();
        assert_eq!(town.log(), expected, "{moment:?}");
    }
}

#[test]
fn an_odd_millisecond_of_service_is_not_lost_between_its_halves() {
    let mut town = Town::new([order(0.0, 0.0, 0.0)]);
    town.couriers = vec![courier(0.0, 0.0)];
    town.scenario.couriers.pickup_service_min = 0.001 / 60.0;
    town.scenario.near.delivered_at = DeliveredAt::Arrival;
    assert_eq!(town.facts(&["takes", "delivers"]), ["300 c0 takes o0 after 0", "300.001 c0 delivers o0 after 0"]);
}

#[test]
fn the_detour_lengthens_rides_and_the_rounding_rule_their_time() {
    let mut town = Town::new([order(0.0, 0.0, 300.0)]);
    town.scenario.city.detour_factor = 1.5;
    town.scenario.city.rounding = crate::scenario::Rounding::Ceil;
    town.scenario.city.rounding_s = 60.0;
    let expected = [
        "0 o0 placed",
        "0 o0 goes to s0, 450 m",
        "300 o0 ready at s0, picked 300",
        "300 o0 for c0, 750 m",
        // 150 s are three minutes, 90 s are two.
        "540 c0 takes o0 after 60",
        "960 c0 delivers o0 after 240",
        "960 c0 free of o0",
    ];
    assert_eq!(town.story(), expected);
}

#[test]
fn the_nearest_store_without_stock_gives_way_to_the_next_and_then_to_the_warehouse() {
    let near_s0 = |seconds| order(seconds, 900.0, 0.0);
    let mut town = Town::new([near_s0(0.0), near_s0(1.0), near_s0(2.0), order(3.0, 0.0, 3500.0), near_s0(4.0)]);
    town.levels = vec![1, 1];
    town.orders[4].far = true;
    let expected = [
        "0 s0 out of k0",
        "0 o0 goes to s0, 900 m",
        "1 s1 out of k0",
        "1 o1 goes to s1, 1100 m",
        "2 o2 far: no_stock",
        "3 o3 far: no_store",
        "4 o4 far: chosen",
    ];
    assert_eq!(town.facts(&["out of", "goes to", "far:"]), expected);
}

#[test]
fn a_stocked_store_beyond_its_radius_does_not_help() {
    let mut town = Town::new([order(0.0, -1001.0, 0.0), order(1.0, -1000.0, 0.0)]);
    town.levels = vec![0, 5];
    assert_eq!(town.facts(SOURCED), ["0 o0 far: no_stock", "1 o1 goes to s1, 3000 m"]);
}

#[test]
fn a_store_needs_every_unit_of_an_order() {
    let mut town = Town::new([TracedOrder { units: 3, ..order(0.0, 0.0, 0.0) }, order(1.0, 0.0, 0.0)]);
    town.levels = vec![2, 3];
    assert_eq!(town.facts(SOURCED), ["0 o0 goes to s1, 2000 m", "1 o1 goes to s0, 0 m"]);
}

#[test]
fn stores_at_one_distance_are_taken_by_id() {
    let town = Town::new([order(0.0, 1000.0, 0.0)]);
    assert_eq!(town.facts(SOURCED), ["0 o0 goes to s0, 1000 m"]);
}

#[test]
fn a_closed_store_is_skipped_from_the_minute_it_closes() {
    let placed = [7.999, 8.0, 19.999, 20.0].map(|hour| order(hour * HOUR, 0.0, 0.0));
    let mut town = Town::new(placed);
    town.stores[0].opens = SimDuration::from_hours(8.0);
    town.stores[0].closes = SimDuration::from_hours(20.0);
    let stores: Vec<String> = town.facts(SOURCED).iter().map(|fact| fact[fact.find(" o").unwrap()..].into()).collect();
    let expected = [" o0 goes to s1, 2000 m", " o1 goes to s0, 0 m", " o2 goes to s0, 0 m", " o3 goes to s1, 2000 m"];
    assert_eq!(stores, expected);
    town.stores.truncate(1);
    assert_eq!(town.facts(SOURCED)[0], "28796.4 o0 far: no_store");
}

#[test]
fn a_store_open_past_midnight_takes_orders_after_midnight_by_the_clock() {
    // The run begins at 18:00, so 5 h on it is 23:00.
    let placed = [1.0, 5.0, 7.0, 8.0, 26.0, 29.0].map(|hour| order(hour * HOUR, 0.0, 0.0));
    let mut town = Town::new(placed);
    town.scenario.start_hour = 18.0;
    town.scenario.horizon_h = 30.0;
    town.stores[0].opens = SimDuration::from_hours(20.0);
    town.stores[0].closes = SimDuration::from_hours(2.0);
    let at_s0 = town.facts(SOURCED).iter().map(|fact| fact.contains("s0")).collect::<Vec<_>>();
    assert_eq!(at_s0, [false, true, true, false, true, true]);
}

#[test]
fn one_picker_serves_orders_of_one_instant_in_file_order() {
    let mut town = Town::new([0.0; 3].map(|seconds| order(seconds, 0.0, 0.0)));
    let one = ["300 o0 ready at s0, picked 300", "600 o1 ready at s0, picked 300", "900 o2 ready at s0, picked 300"];
    assert_eq!(town.facts(&["ready"]), one);
    town.stores[0].pickers = 2;
    let two = ["300 o0 ready at s0, picked 300", "300 o1 ready at s0, picked 300", "600 o2 ready at s0, picked 300"];
    assert_eq!(town.facts(&["ready"]), two);
}

#[test]
fn picking_takes_the_base_and_a_time_for_every_unit() {
    let mut town = Town::new([TracedOrder { units: 4, ..order(0.0, 0.0, 0.0) }]);
    town.stores[0].pick_per_item = SimDuration::from_seconds(30.0);
    assert_eq!(town.facts(&["ready"]), ["420 o0 ready at s0, picked 420"]);
}

#[test]
fn traced_times_count_as_observed() {
    let ready = TracedOrder { ready: Some(at(400.0)), ..at_store(order(0.0, 0.0, 100.0), 1) };
    let slow = TracedOrder { service: Some(SimDuration::from_seconds(30.0)), ..order(0.0, 0.0, 100.0) };
    let town = Town::new([ready, picked_in(slow, 77.0), order(0.0, 0.0, 100.0)]);
    let expected = [
        "77 o1 ready at s0, picked 77",
        // 77 + 100 approach + 120 service + 20 ride + 30 hand-over.
        "347 c0 delivers o1 after 30",
        "377 o2 ready at s0, picked 300",
        // No picker works on an order with a traced ready time.
        "400 o0 ready at s1, picked 0",
    ];
    assert_eq!(town.facts(&["ready", "delivers o1"]), expected);
}

#[test]
fn a_ready_time_before_placement_means_at_once() {
    let town = Town::new([TracedOrder { ready: Some(at(50.0)), ..order(100.0, 0.0, 0.0) }]);
    assert_eq!(town.facts(&["ready"]), ["100 o0 ready at s0, picked 0"]);
}

#[test]
fn a_named_store_serves_its_order_even_beyond_its_radius_and_shelves() {
    let named = TracedOrder { units: 3, ..at_store(order(0.0, 0.0, 0.0), 1) };
    let mut town = Town::new([named, at_store(order(10.0, 9000.0, 0.0), 1)]);
    town.levels = vec![5, 1];
    let expected = [
        "0 s0 begins with 5 of 1",
        "0 s1 begins with 1 of 1",
        "0 s1 receives 2",
        "0 s1 out of k0",
        "0 o0 goes to s1, 2000 m",
        "10 s1 receives 1",
        "10 o1 goes to s1, 7000 m",
    ];
    let log = town.facts(&["s0 begins", "s1 begins", "receives", "out of", "goes to"]);
    assert_eq!(log, expected);
    assert_eq!(town.log().last().map(String::as_str).unwrap().split_once(' ').unwrap().1, "s1 ends with 0");
}

#[test]
fn an_impatient_consumer_cancels_in_time_and_the_queue_passes_the_order_over() {
    let town = Town::new([
        picked_in(order(0.0, 0.0, 0.0), 1000.0),
        order(100.0, 0.0, 0.0),
        picked_in(order(700.0, 0.0, 0.0), 10.0),
    ]);
    let mut town = with_patience(town, 400.0 / 60.0);
    town.couriers = vec![courier(0.0, 0.0)];
    town.levels = vec![2, 0];
    let expected = [
        "0 o0 placed",
        "0 o0 goes to s0, 0 m",
        "100 o1 placed",
        "100 s0 out of k0",
        "100 o1 goes to s0, 0 m",
        // The picker keeps at o0 until 1000 and never begins o1.
        "400 o0 cancelled: patience",
        "400 s0 has k0 again",
        "500 o1 cancelled: patience",
        "700 o2 placed",
        "700 o2 goes to s0, 0 m",
        "1010 o2 ready at s0, picked 10",
        "1010 o2 for c0, 0 m",
        "1070 c0 takes o2 after 60",
        "1370 c0 delivers o2 after 240",
        "1370 c0 free of o2",
    ];
    assert_eq!(town.story(), expected);
}

#[test]
fn an_order_cancelled_under_way_frees_its_units_and_its_courier_at_the_store() {
    let town = Town::new([picked_in(order(0.0, 0.0, 0.0), 60.0), picked_in(order(500.0, 0.0, 0.0), 10.0)]);
    let mut town = with_patience(town, 5.0);
    town.couriers = vec![courier(0.0, 2000.0)];
    town.levels = vec![1, 0];
    let expected = [
        "0 o0 placed",
        "0 s0 out of k0",
        "0 o0 goes to s0, 0 m",
        "60 o0 ready at s0, picked 60",
        "60 o0 for c0, 2000 m",
        "300 o0 cancelled: patience",
        "300 s0 has k0 again",
        // The courier learns of it on reaching the store.
        "460 c0 free of o0",
        "500 o1 placed",
        "500 s0 out of k0",
        "500 o1 goes to s0, 0 m",
        "510 o1 ready at s0, picked 10",
        "510 o1 for c0, 0 m",
        "570 c0 takes o1 after 60",
        "870 c0 delivers o1 after 240",
        "870 c0 free of o1",
    ];
    assert_eq!(town.story(), expected);
}

#[test]
fn patience_runs_from_the_promise_if_the_scenario_says_so() {
    let mut town = with_patience(Town::new([order(0.0, 0.0, 0.0)]), 5.0);
    town.couriers.clear();
    town.scenario.consumers.patience_from = PatienceFrom::Promise;
    town.scenario.promise.near_min = 45.0;
    assert_eq!(town.facts(&["cancelled"]), ["3000 o0 cancelled: patience"]);
}

#[test]
fn goods_taken_over_at_the_last_instant_are_not_cancelled() {
    // Ready at 300, a courier at the store: the goods change hands at 360.
    for (patience_s, cancelled) in [(360.0, 0), (359.999, 1)] {
        let mut town = with_patience(Town::new([order(0.0, 0.0, 0.0)]), patience_s / 60.0);
        town.couriers = vec![courier(0.0, 0.0)];
        assert_eq!(town.facts(&["cancelled"]).len(), cancelled, "{patience_s}");
    }
}

#[test]
fn an_order_at_the_instant_of_replenishment_sees_full_shelves() {
    let mut town = Town::new([0.0, 3599.999, 3600.0, 3600.0].map(|seconds| order(seconds, 0.0, 0.0)));
    town.stores.truncate(1);
    town.levels = vec![1];
    town.scenario.stores.replenish_every_h = 24.0;
    town.scenario.stores.replenish_at_h = 1.0;
    let expected = [
        "0 s0 out of k0",
        "0 o0 goes to s0, 0 m",
        "3599.999 o1 far: no_stock",
        "3600 s0 has k0 again",
        "3600 s0 receives 1",
        "3600 s0 out of k0",
        "3600 o2 goes to s0, 0 m",
        "3600 o3 far: no_stock",
    ];
    assert_eq!(town.facts(&["k0", "goes to", "far:", "receives"]), expected);
}

#[test]
fn replenishment_comes_back_every_interval_and_brings_only_what_is_missing() {
    let mut town = Town::new([1.0, 2.0, 9.0, 13.0].map(|hour| order(hour * HOUR, 0.0, 0.0)));
    town.levels = vec![5, 5];
    town.scenario.start_hour = 6.0;
    town.scenario.stores.replenish_every_h = 5.0;
    town.scenario.stores.replenish_at_h = 8.0;
    // At 8:00, 13:00 and 18:00. The order at 8:00 sharp comes after the goods; what the last one takes stays missing,
    // because the run is over before 23:00.
    assert_eq!(town.facts(&["receives"]), ["7200 s0 receives 1", "25200 s0 receives 1", "43200 s0 receives 1"]);
}

#[test]
fn without_stores_or_stock_every_order_is_far() {
    let placed = || [0.0, 60.0, 7000.0].map(|seconds| order(seconds, 10.0, 0.0));
    let mut town = Town::new(placed());
    town.stores.clear();
    assert_eq!(town.facts(SOURCED), ["0 o0 far: no_store", "60 o1 far: no_store", "7000 o2 far: no_store"]);
    let mut town = Town::new(placed());
    town.levels = vec![0, 0];
    assert_eq!(town.facts(SOURCED), ["0 o0 far: no_stock", "60 o1 far: no_stock", "7000 o2 far: no_stock"]);
    assert_eq!(town.facts(&["arrives"]).len(), 3);
}

#[test]
fn no_orders_leave_nothing_but_shifts_and_shelves() {
    let mut town = Town::new([]);
    town.levels = vec![1, 0];
    let expected = [
        "0 s0 begins with 1 of 1",
        "0 s1 begins with 0 of 0",
        "0 c0 on duty",
        "0 c1 on duty",
        "0 c2 on duty",
        "900 s0 keeps 1 of g0 for 2727 fen",
        "900 s0 ends with 1",
        "900 s1 keeps 0 of g0 for 0 fen",
        "900 s1 ends with 0",
    ];
    assert_eq!(town.log(), expected);
}

#[test]
fn without_couriers_orders_stay_open_or_are_cancelled() {
    let mut town = Town::new([order(0.0, 0.0, 0.0)]);
    town.couriers.clear();
    assert_eq!(town.play().censored, 1);
    assert_eq!(town.facts(&["ready", "cancelled"]), ["300 o0 ready at s0, picked 300"]);
    let town = with_patience(town, 20.0);
    assert_eq!(town.play().censored, 0);
    assert_eq!(town.facts(&["cancelled"]), ["1200 o0 cancelled: patience"]);
}

#[test]
fn in_a_city_of_travel_times_goods_ride_from_the_store_and_couriers_to_it() {
    // Rows: 0 store, 1 store, 2 home, 3 courier, 4 courier. One-way streets: there and back differ.
    let mut seconds = vec![1000.0; 25];
    let mut way = |from: usize, to: usize, time| seconds[from * 5 + to] = time;
    way(0, 2, 100.0);
    way(2, 0, 300.0);
    way(1, 2, 200.0);
    way(2, 1, 50.0);
    way(3, 0, 40.0);
    way(0, 3, 90.0);
    way(4, 0, 80.0);
    way(0, 4, 20.0);
    let row = |row| crate::city::Place { matrix_row: Some(row), ..crate::city::Place::default() };
    let mut town = Town::new([TracedOrder { place: row(2), ..order(0.0, 0.0, 0.0) }]);
    town.scenario.city.metric = Metric::Matrix;
    town.matrix = Matrix::new(5, seconds);
    town.stores = vec![store(0.0, 0.0); 2];
    town.couriers.truncate(2);
    for (id, store) in town.stores.iter_mut().enumerate() {
        store.place = row(id as u32);
    }
    for (id, courier) in town.couriers.iter_mut().enumerate() {
        courier.place = row(3 + id as u32);
    }
    // 300 + 40 approach + 120 service + 100 ride + 240 hand-over.
    let expected = ["0 o0 goes to s0, 100 m", "300 o0 for c0, 40 m", "800 c0 delivers o0 after 240"];
    assert_eq!(town.facts(&["goes to", "for c", "delivers"]), expected);
}
