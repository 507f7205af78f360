//! What pickers do not find: re-routes, substitutes, refunds, orders that end, and routing that sees shelves late.

use super::{Town, at_store, order, place};
use crate::audit::audit;
use crate::city::TracedOrder;
use crate::event::{Event, EventLog};
use crate::metrics::{Frames, kpis};
use crate::units::Money;
use std::collections::BTreeMap;

/// One order near store 0, worth 60 yuan; nothing that the record knows is on the shelf.
fn phantom(skus: u32) -> Town {
    let mut town = Town::new([TracedOrder { value: Some(Money::from_yuan(60.0)), ..order(0.0, 0.0, 0.0) }]);
    town.scenario.stock.phantom_share = 1.0;
    town.scenario.catalogue.skus_per_category = skus;
    town.levels = vec![5; 2 * skus as usize];
    town
}

const TROUBLE: &[&str] =
    &["goes to", "misses", "on paper", "moves", "takes 1", "back for", "ready", "cancelled", "ends with", "again"];

#[test]
fn a_line_on_paper_only_sends_the_order_to_another_store_once_and_leaves_the_record() {
    let expected = [
        "0 o0 goes to s0, 0 m",
        "300 o0 misses 1 of k0",
        "300 s0 has 1 of k0 on paper only",
        "300 o0 moves to s1, 2000 m",
        // There it is missing as well; nothing of the order is left.
        "600 o0 misses 1 of k0",
        "600 s1 has 1 of k0 on paper only",
        "600 o0 cancelled: small_basket",
        "900 s0 ends with 4",
        "900 s1 ends with 4",
    ];
    assert_eq!(phantom(1).facts(TROUBLE), expected);
}

#[test]
fn a_consumer_who_accepts_gets_another_article_from_the_shelf() {
    let mut town = phantom(2);
    town.stores.truncate(1);
    town.levels = vec![5, 1];
    town.scenario.stock.substitution_accept = 1.0;
    let expected = [
        "0 o0 goes to s0, 0 m",
        "300 o0 misses 1 of k0",
        "300 s0 has 1 of k0 on paper only",
        "300 s0 out of k1",
        "300 o0 takes 1 of k1",
        "300 o0 ready at s0, picked 300",
        // Five and one: one on paper only, one with the order.
        "900 s0 ends with 4",
    ];
    assert_eq!(town.facts(&[TROUBLE, &["out of"]].concat()), expected);
    town.scenario.stock.substitution_accept = 0.0;
    assert_eq!(town.facts(&["cancelled", "takes 1"]), ["300 o0 cancelled: small_basket"]);
}

#[test]
fn orders_that_were_observed_at_a_store_and_shelves_that_nobody_counts_are_complete() {
    let mut town = phantom(1);
    town.orders[0] = at_store(town.orders[0].clone(), 0);
    assert_eq!(town.facts(&["misses", "ready"]), ["300 o0 ready at s0, picked 300"]);
    let mut town = phantom(1);
    town.levels = Vec::new();
    assert_eq!(town.facts(&["misses", "ready"]), ["300 o0 ready at s0, picked 300"]);
}

#[test]
fn an_order_with_a_courier_stays_with_its_store() {
    let mut town = phantom(1);
    town.scenario.dispatch.policy = crate::scenario::DispatchPolicy::EarliestDropoff;
    assert_eq!(town.facts(&["moves", "cancelled"]), ["300 o0 cancelled: small_basket"]);
}

#[test]
fn routing_that_sees_the_shelves_late_gives_the_same_unit_away_twice() {
    let mut town = Town::new([order(0.0, 0.0, 0.0), order(59.0, 0.0, 0.0), order(60.0, 0.0, 0.0)]);
    town.levels = vec![1, 5];
    town.stores[0].pickers = 3;
    let routed = ["0 o0 goes to s0, 0 m", "59 o1 goes to s1, 2000 m", "60 o2 goes to s1, 2000 m"];
    assert_eq!(town.facts(&["goes to", "misses", "moves"]), routed);
    town.scenario.stock.sync_latency_s = 60.0;
    let routed = [
        "0 o0 goes to s0, 0 m",
        "59 o1 goes to s0, 0 m",
        "60 o2 goes to s1, 2000 m",
        // The picker finds that o0 has taken the only unit. Nothing was on paper only.
        "359 o1 misses 1 of k0",
        "359 o1 moves to s1, 2000 m",
    ];
    assert_eq!(town.facts(&["goes to", "misses", "moves", "on paper"]), routed);
    // Nobody brings the unit that routing believed in.
    assert_eq!(
        town.facts(&["s0 receives", "s0 keeps", "s0 ends"]),
        ["1800 s0 keeps 0 of g0 for 0 fen", "1800 s0 ends with 0"]
    );
}

#[test]
fn what_was_brought_for_an_observed_order_is_left_when_its_consumer_gives_up() {
    let mut town = Town::new([at_store(order(0.0, 0.0, 0.0), 0), at_store(order(1.0, 0.0, 0.0), 0)]);
    town.levels = vec![1, 0];
    town.couriers.clear();
    town.scenario.consumers.cancel_hazard_per_min = 60.0;
    for latency_s in [0.0, 60.0] {
        town.scenario.stock.sync_latency_s = latency_s;
        assert_eq!(town.facts(&["receives", "cancelled"]).len(), 3);
        let left: Vec<String> = town.facts(&["s0 keeps", "s0 ends"]);
        assert!(left[0].contains("s0 keeps 2 of g0") && left[1].contains("s0 ends with 2"), "{left:?}");
    }
}

/// A day of baskets of several lines, with everything that can be missing.
fn busy() -> Town {
    let mut town = Town::new([]);
    town.homes = vec![place(0.0, 0.0), place(2000.0, 0.0)];
    town.scenario.demand.orders_per_day = 400.0;
    town.scenario.demand.extra_items_mean = 2.0;
    town.scenario.catalogue.skus_per_category = 12;
    town.scenario.catalogue.categories[0].return_rate = 0.3;
    (town.scenario.stock.phantom_share, town.scenario.stock.sync_latency_s) = (0.1, 1800.0);
    town.scenario.stock.min_basket_yuan = 15.0;
    town.scenario.drain_h = 200.0;
    town.stores.iter_mut().for_each(|store| store.pickers = 0);
    town.levels = vec![60; 24];
    town
}

/// Whether each order is near.
fn near(frames: &Frames) -> Vec<bool> {
    let channel = frames.orders.column("channel").unwrap().str().unwrap();
    channel.iter().map(|channel| channel == Some("near")).collect()
}

/// How often each kind of fact about shortfalls stands in a log.
fn counts(log: &EventLog) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for record in &log.records {
        let what = match record.event {
            Event::LineMissing { .. } => "missing",
            Event::LineSubstituted { .. } => "substituted",
            Event::LineRefunded { .. } => "refunded",
            Event::StockShrank { .. } => "on paper",
            Event::OrderResourced { .. } => "moved",
            Event::OrderCancelled { reason: crate::event::CancelReason::SmallBasket, .. } => "ended",
            _ => continue,
        };
        *counts.entry(what).or_default() += 1;
    }
    counts
}

#[test]
fn a_day_of_everything_missing_keeps_units_and_money_and_feeds_the_kpis() {
    let town = busy();
    let log = town.play().log;
    let counts = counts(&log);
    assert!(counts.len() == 6 && counts.values().all(|count| *count >= 5), "{counts:?}");
    assert!(counts["on paper"] < counts["missing"], "late routing misses lines as well: {counts:?}");
    let city = town.city();
    let frames = Frames::from_log(&town.scenario, &city, &log, 0).unwrap();
    let column = |name: &str| frames.orders.column(name).unwrap().f64().unwrap().iter().collect::<Vec<_>>();
    let refunded: f64 = column("value_refunded_yuan").into_iter().flatten().sum();
    let by_log: i64 = log
        .records
        .iter()
        .map(|r| if let Event::LineRefunded { by_fen, .. } = r.event { i64::from(by_fen) } else { 0 })
        .sum();
    assert!(by_log > 0 && (refunded - Money(by_log).yuan()).abs() < 1e-6);
    let all = kpis(&city, &log, &frames).unwrap();
    let kpi = |name: &str| all.iter().find(|kpi| kpi.name == name).unwrap().value;
    let lines = frames.orders.column("lines").unwrap().u32().unwrap();
    let lines = lines.iter().zip(near(&frames)).map(|(lines, near)| if near { f64::from(lines.unwrap()) } else { 0.0 });
    let lines: f64 = lines.sum();
    assert!(
        (kpi("substituted_line_share") * lines - counts["substituted"] as f64).abs() <= counts["ended"] as f64 * 3.0
    );
    assert!((kpi("refunded_line_share") * lines - counts["refunded"] as f64).abs() < 1e-6, "no parcel is refunded");
    let fills = ["fill_rate_orders", "fill_rate_units", "fill_rate_lines"].map(kpi);
    assert!(fills[0] < fills[1] && fills[1] < 1.0 && fills[0] < fills[2] && fills[0] > 0.5, "{fills:?}");
}

/// Commission is earned on what came.
#[test]
fn what_is_given_back_earns_no_commission() {
    let town = busy();
    let log = town.play().log;
    let frames = Frames::from_log(&town.scenario, &town.city(), &log, 0).unwrap();
    let column = |name: &str| frames.orders.column(name).unwrap().f64().unwrap().clone();
    let (value, back) = (column("value_yuan"), column("value_refunded_yuan"));
    let (commission, sent_back) = (column("commission_yuan"), column("sent_back_s"));
    let near = near(&frames);
    let mut some = 0;
    for row in (0..value.len()).filter(|row| near[*row]) {
        let (Some(earned), None, Some(back)) = (commission.get(row), sent_back.get(row), back.get(row)) else {
            continue;
        };
        let rate = town.scenario.price.near_commission;
        assert!((earned - (value.get(row).unwrap() - back) * rate).abs() < 0.006, "order {row}");
        some += u32::from(back > 0.0);
    }
    assert!(some > 5);
}

/// The same line of the same order is on paper only in every scenario, whatever else is different.
#[test]
fn draws_belong_to_orders_and_lines() {
    let missed = |town: &Town| {
        let log = town.play().log;
        let of = |event| if let Event::LineMissing { order, sku, .. } = event { Some((order, sku)) } else { None };
        log.records.iter().filter_map(|record| of(record.event)).collect::<std::collections::BTreeSet<_>>()
    };
    let mut town = busy();
    town.scenario.stock.sync_latency_s = 0.0;
    town.scenario.stock.phantom_share = 0.05;
    town.levels = vec![60_000; 24];
    let few = missed(&town);
    town.scenario.stock.phantom_share = 0.2;
    town.couriers.truncate(1);
    assert!(few.len() > 10 && missed(&town).is_superset(&few));
}

#[test]
fn the_audit_sees_a_substitute_that_is_not_noted() {
    let town = busy();
    let mut log = town.play().log;
    let place = log.records.iter().position(|record| matches!(record.event, Event::LineSubstituted { .. })).unwrap();
    log.records.remove(place);
    assert!(!audit(&town.city(), &log).is_empty());
}

#[test]
fn demand_meets_a_stock_out_at_the_nearest_store_that_carries_the_article() {
    // Store 0 carries one unit, store 1 five; the second and third order find store 0 empty, the last is at store 1's door.
    let mut town =
        Town::new([order(0.0, 0.0, 0.0), order(1.0, 0.0, 0.0), order(2.0, 0.0, 0.0), order(3.0, 2000.0, 0.0)]);
    let met = |town: &Town| {
        let log = town.play().log;
        let (city, scenario) = (town.city(), &town.scenario);
        let frames = Frames::from_log(scenario, &city, &log, 0).unwrap();
        kpis(&city, &log, &frames).unwrap().iter().find(|kpi| kpi.name == "stock_out_rate_demand").unwrap().value
    };
    town.levels = vec![1, 5];
    assert_eq!(met(&town), 0.5);
    // What store 0 does not carry is not missed there.
    town.levels = vec![0, 5];
    assert_eq!(met(&town), 0.0);
    // Closed: its shelves are not looked at.
    town.levels = vec![1, 5];
    town.stores[0].opens = crate::units::SimDuration::from_hours(9.0);
    assert_eq!(met(&town), 0.0);
}
