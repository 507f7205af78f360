//! Offers: promises quoted by the queue, and overload control.

use super::{Town, at, courier, order, place};
use crate::city::City;
use crate::event::{Event, EventLog, FarReason};
use crate::scenario::{OverloadPolicy, PromisePolicy, Scenario};
use crate::sim::run;
use crate::units::{SimDuration, SimTime};
use std::sync::Arc;

/// An order every twenty minutes to one home, for one courier: each takes the same time.
fn regular() -> Town {
    let mut town = Town::new((0..60).map(|i| order(f64::from(i) * 1200.0, 0.0, 300.0)));
    town.couriers = vec![courier(0.0, 0.0)];
    town.scenario.promise.policy = PromisePolicy::Quantile;
    town.scenario.promise.floor_min = 0.0;
    town
}

#[test]
fn promises_begin_with_the_fixed_one_and_follow_what_deliveries_showed() {
    let log = regular().play().log;
    let promises: Vec<f64> = given(&log).iter().map(|promise| promise.minutes()).collect();
    assert_eq!(promises.len(), 60);
    // 5 min to pick, 1 to come back from the last door, 2 at the store, 1 on the way, 4 at the door: delivered after
    // 13 min, so once 30 are known the promise is the next five minutes above.
    assert!(promises[..30].iter().all(|promise| *promise == 45.0), "{promises:?}");
    assert!(promises[30..].iter().all(|promise| *promise == 15.0), "{promises:?}");
}

#[test]
fn a_promise_is_not_below_its_floor() {
    let mut town = regular();
    town.scenario.promise.floor_min = 32.0;
    assert_eq!(given(&town.play().log).last(), Some(&SimDuration::from_minutes(32.0)));
}

/// A district of 6 x 6 km with even demand and stores that never run out, for 12 hours.
fn district(couriers: u32) -> Scenario {
    let mut scenario = Scenario { horizon_h: 12.0, drain_h: 12.0, ..crate::testing::fixed_wishes() };
    scenario.city.side_km = 6.0;
    scenario.demand.orders_per_day = 3600.0;
    scenario.demand.hourly_profile = [1.0; 24];
    scenario.stores.unlimited_stock = true;
    for (kind, count) in scenario.stores.archetypes.iter_mut().zip([6, 3, 2]) {
        (kind.count, kind.open_h, kind.close_h) = (count, 0.0, 24.0);
    }
    scenario.couriers.count = couriers;
    scenario.couriers.on_duty_by_hour = [1.0; 24];
    scenario
}

fn play(scenario: &Scenario) -> EventLog {
    let city = Arc::new(City::build(scenario).expect("a synthetic city"));
    run(scenario, &city, 0, &mut |_| {}).log
}

/// The promises in the log, in order of placement.
fn given(log: &EventLog) -> Vec<SimDuration> {
    let promised = |event| if let Event::OrderPromised { promise, .. } = event { Some(promise.into()) } else { None };
    log.records.iter().filter_map(|record| promised(record.event)).collect()
}

/// Near orders, and how many of them were delivered by their promise.
fn near_and_on_time(log: &EventLog, usual: SimDuration) -> (usize, usize) {
    let mut due = vec![SimTime::ZERO; log.orders()];
    let (mut near, mut on_time) = (0, 0);
    for record in &log.records {
        match record.event {
            Event::OrderSourced { order, .. } => {
                due[order.index()] = record.at + usual;
                near += 1;
            }
            Event::OrderPromised { order, promise } => due[order.index()] = record.at + promise.into(),
            Event::OrderDelivered { order, .. } => on_time += usize::from(record.at <= due[order.index()]),
            _ => {}
        }
    }
    (near, on_time)
}

#[test]
fn a_promise_at_the_80_percent_quantile_is_kept_about_80_times_in_a_hundred() {
    for couriers in [11, 30] {
        let mut scenario = district(couriers);
        scenario.consumers.cancel_hazard_per_min = 0.0;
        scenario.promise.policy = PromisePolicy::Quantile;
        (scenario.promise.floor_min, scenario.promise.step_min) = (1.0, 1.0);
        let (near, on_time) = near_and_on_time(&play(&scenario), SimDuration::ZERO);
        let share = on_time as f64 / near as f64;
        assert!(near > 500 && (0.74..0.90).contains(&share), "{couriers} couriers: {share} of {near}");
    }
}

fn staged(mut scenario: Scenario) -> Scenario {
    scenario.overload.policy = OverloadPolicy::Staged;
    scenario
}

#[test]
fn with_too_few_couriers_overload_control_buys_punctuality_with_near_orders() {
    let usual = SimDuration::from_minutes(45.0);
    let (near, on_time) = near_and_on_time(&play(&district(9)), usual);
    let (near_staged, on_time_staged) = near_and_on_time(&play(&staged(district(9))), usual);
    let share = |on_time: usize, near: usize| on_time as f64 / near as f64;
    let (without, with) = (share(on_time, near), share(on_time_staged, near_staged));
    assert!(without < 0.5 && with > 0.8, "on time {without} without control, {with} with it");
    assert!(near_staged < near && near_staged > near / 3, "{near_staged} of {near} near orders are left");
    assert!(on_time_staged > on_time, "more orders arrive in time than before");
}

#[test]
fn with_enough_couriers_overload_control_stays_silent() {
    let scenario = district(80);
    let (with, without) = (play(&staged(scenario.clone())), play(&scenario));
    assert!(with == without, "{} facts with control, {} without", with.records.len(), without.records.len());
}

/// A store and a distant courier; whatever is ordered puts the zone on the level that begins above 0.
fn under_control(level: usize, orders: &[(f64, f64)]) -> Town {
    let mut town = Town::new(orders.iter().map(|(seconds, y_m)| order(*seconds, 0.0, *y_m)));
    town.stores.truncate(1);
    town.couriers = vec![courier(0.0, 200_000.0)];
    town.scenario.overload.policy = OverloadPolicy::Staged;
    let above = [0.0, 98.0, 99.0];
    let keys = &mut town.scenario.overload;
    (keys.longer_above, keys.smaller_above, keys.pause_above) = match level {
        1 => (above[0], above[1], above[2]),
        2 => (above[0], above[0], above[2]),
        _ => (above[0], above[0], above[0]),
    };
    town.scenario.horizon_h = 1.0;
    // The courier is far away, but in the same zone.
    town.scenario.city.zone_km = 500.0;
    town
}

#[test]
fn a_longer_promise_is_what_patience_waits_for() {
    let mut town = under_control(1, &[(10.0, 0.0), (400.0, 0.0)]);
    town.scenario.consumers.cancel_hazard_per_min = 60.0;
    town.scenario.consumers.patience_grace_min = 0.0;
    // 45 min by 1.2 are 54, up to the next five.
    assert_eq!(town.facts(&["promised", "level"])[..2], ["300 z0 at level 1", "400 o1 promised in 3300"]);
    let log = town.play().log;
    let cancelled = |event: Event| if let Event::OrderCancelled { order, .. } = event { Some(order.0) } else { None };
    let ends: Vec<_> = log.records.iter().filter_map(|r| Some((cancelled(r.event)?, r.at))).collect();
    for ((order, end), due) in ends.iter().zip([2710.0, 3700.0]) {
        assert!(*end >= at(due) && *end < at(due + 60.0), "o{order} cancelled at {end}, due {due}");
    }
    assert_eq!(ends.len(), 2);
}

#[test]
fn at_the_second_level_the_radius_is_smaller_and_the_fee_higher() {
    let town = under_control(2, &[(10.0, 2200.0), (400.0, 2200.0), (410.0, 2100.0)]);
    let expected = [
        "10 o0 goes to s0, 2200 m",
        "300 z0 at level 2",
        "400 o1 far: shrunk",
        "410 o2 goes to s0, 2100 m",
        "410 o2 pays 200 fen more",
    ];
    assert_eq!(town.facts(&["goes to", "far:", "fen", "level 2"]), expected);
}

#[test]
fn consumers_who_do_not_accept_the_fee_go_far() {
    let mut town = under_control(2, &[(10.0, 0.0), (400.0, 0.0)]);
    town.scenario.overload.far_per_yuan = 0.5;
    assert_eq!(town.facts(&["far:"]), ["400 o1 far: fee"]);
    town.scenario.overload.far_per_yuan = 0.0;
    assert_eq!(town.facts(&["far:"]), Vec::<String>::new());
}

#[test]
fn a_pause_ends_when_the_window_has_no_orders_left() {
    let mut town = under_control(3, &[(10.0, 0.0), (400.0, 0.0), (1000.0, 0.0), (1300.0, 0.0)]);
    town.couriers = vec![courier(0.0, 0.0)];
    let expected = ["10 o0 goes to s0, 0 m", "400 o1 far: paused", "1000 o2 far: paused", "1300 o3 goes to s0, 0 m"];
    assert_eq!(town.facts(&["goes to", "far:"]), expected);
}

#[test]
fn a_zone_nobody_orders_in_is_left_alone() {
    // The other store is 20 km away from the orders; the load is 3.2 in the city and more where they are.
    let mut town = under_control(3, &[(10.0, 0.0), (400.0, 0.0)]);
    town.stores.push(super::store(20_000.0, 0.0));
    town.orders.push(crate::city::TracedOrder { place: place(20_000.0, 0.0), ..order(410.0, 0.0, 0.0) });
    town.scenario.city.zone_km = 2.0;
    let keys = &mut town.scenario.overload;
    (keys.longer_above, keys.smaller_above, keys.pause_above) = (3.4, 3.4, 3.4);
    let far = |log: &EventLog, reason| {
        let sent = |event| matches!(event, Event::OrderSentFar { reason: why, .. } if why == reason);
        log.records.iter().filter(|record| sent(record.event)).count()
    };
    assert_eq!(far(&town.play().log, FarReason::Paused), 1);
}
