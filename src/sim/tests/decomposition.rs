//! Click-to-door of every delivered near order falls into parts that add up to it, to the millisecond.

use super::properties::scenario;
use super::{Town, at, order};
use crate::city::City;
use crate::metrics::Frames;
use crate::scenario::{DispatchPolicy, Scenario, SourcingPolicy};
use crate::sim::run;
use crate::units::SimDuration;
use polars::prelude::DataFrame;
use std::sync::Arc;

const PARTS: [&str; 7] =
    ["before_reroute_s", "queue_s", "pick_s", "courier_wait_s", "hand_out_s", "ride_s", "hand_over_s"];
const COURIER_WAIT: [&str; 2] = ["courier_wait_assignment_s", "courier_wait_approach_s"];

/// Whole milliseconds of a column; `None` where it is null.
fn ms(orders: &DataFrame, column: &str) -> Vec<Option<i64>> {
    let seconds = orders.column(column).unwrap().f64().unwrap();
    seconds.iter().map(|s| s.map(|s| (s * 1000.0).round() as i64)).collect()
}
fn sums(orders: &DataFrame, columns: &[&str]) -> Vec<Option<i64>> {
    let parts: Vec<_> = columns.iter().map(|column| ms(orders, column)).collect();
    (0..orders.height()).map(|row| parts.iter().map(|part| part[row]).sum()).collect()
}

/// Requires the parts of a run to add up; the means of the seven parts in minutes, and how many orders have them.
fn decomposed(scenario: &Scenario, city: &City, log: &crate::event::EventLog) -> ([f64; 7], usize) {
    let orders = Frames::from_log(scenario, city, log, 0).unwrap().orders;
    let words = |column: &str| orders.column(column).unwrap().str().unwrap().clone();
    let (channel, status) = (words("channel"), words("status"));
    let click_to_door = ms(&orders, "click_to_door_s");
    let of_near = |row: usize| channel.get(row) == Some("near") && status.get(row) == Some("delivered");
    let expected: Vec<_> = (0..orders.height()).map(|row| click_to_door[row].filter(|_| of_near(row))).collect();
    assert_eq!(sums(&orders, &PARTS), expected, "the parts of some order do not add up to its click-to-door");
    assert_eq!(sums(&orders, &COURIER_WAIT), ms(&orders, "courier_wait_s"));
    let count = expected.iter().flatten().count();
    let means = PARTS.map(|part| {
        let known: Vec<i64> = ms(&orders, part).into_iter().flatten().collect();
        assert!(known.iter().all(|ms| *ms >= 0), "{part} is negative somewhere");
        known.iter().sum::<i64>() as f64 / count as f64 / 60_000.0
    });
    (means, count)
}

fn played(scenario: &Scenario) -> ([f64; 7], usize) {
    let city = Arc::new(City::build(scenario).unwrap());
    let log = run(scenario, &city, 0, &mut |_| {}).log;
    decomposed(scenario, &city, &log)
}

/// Three hours from noon of the baseline city.
fn baseline() -> Scenario {
    Scenario { horizon_h: 3.0, start_hour: 11.0, drain_h: 6.0, ..crate::testing::fixed_wishes() }
}

#[test]
fn parts_add_up_in_the_baseline_city() {
    let (means, count) = played(&baseline());
    assert!(count > 300, "{count}");
    let [before, _, pick, wait, hand_out, ride, hand_over] = means;
    assert_eq!(before, 0.0);
    assert!([pick, wait, hand_out, ride, hand_over].iter().all(|minutes| *minutes > 0.5), "{means:?}");
}

#[test]
fn parts_add_up_where_couriers_carry_several_orders() {
    for policy in [DispatchPolicy::BatchMatch, DispatchPolicy::Pooling, DispatchPolicy::RollingHorizon] {
        let mut scenario = baseline();
        (scenario.dispatch.policy, scenario.couriers.capacity, scenario.couriers.count) = (policy, 3, 60);
        let (_, count) = played(&scenario);
        assert!(count > 300, "{policy:?}: {count}");
    }
}

#[test]
fn parts_add_up_whatever_the_city() {
    let counts: Vec<usize> = (0..25).map(|case| played(&scenario(case)).1).collect();
    assert!(counts.iter().sum::<usize>() > 200, "{counts:?}");
}

#[test]
fn preparation_with_an_observed_ready_time_is_picking() {
    let traced = |seconds, ready| crate::city::TracedOrder { ready: Some(at(ready)), ..order(seconds, 900.0, 0.0) };
    for policy in [DispatchPolicy::GreedyNearest, DispatchPolicy::EarliestDropoff, DispatchPolicy::BatchMatch] {
        let mut town = Town::new([traced(0.0, 600.0), traced(60.0, 900.0), traced(120.0, 120.0)]);
        town.scenario.dispatch.policy = policy;
        let log = town.play().log;
        let ([before, queue, pick, ..], count) = decomposed(&town.scenario, &town.city(), &log);
        assert_eq!((before, queue, count), (0.0, 0.0, 3), "{policy:?}");
        assert!((pick - (600.0 + 840.0 + 0.0) / 180.0).abs() < 1e-9, "{policy:?}: {pick}");
    }
}

#[test]
fn parts_add_up_where_orders_move_to_other_stores() {
    let mut town = Town::new([0.0, 0.0, 0.0].map(|seconds| order(seconds, 900.0, 0.0)));
    (town.scenario.sourcing.policy, town.levels) = (SourcingPolicy::Fastest, vec![3, 3]);
    town.stores[1].opens = SimDuration::from_seconds(60.0);
    (town.scenario.sourcing.re_evaluate_saving_yuan, town.scenario.sourcing.re_evaluate_min) = (0.1, 2.0);
    let log = town.play().log;
    let ([before, queue, ..], count) = decomposed(&town.scenario, &town.city(), &log);
    assert_eq!(count, 3);
    // One of three moves after 2 min and finds a free picker; another waits 5 min for the first.
    assert!((before - 2.0 / 3.0).abs() < 1e-9 && (queue - 5.0 / 3.0).abs() < 1e-9, "{before} {queue}");
}
