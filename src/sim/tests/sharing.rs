//! Policies that let orders share couriers: insertion, pooling, postponement.

use crate::audit::audit;
use crate::city::City;
use crate::event::{Event, EventLog};
use crate::policy::dispatch::{self, Assignment, View, check};
use crate::scenario::{DispatchPolicy, Metric, Rounding, Scenario};
use crate::sim::run_with;
use std::sync::{Arc, Mutex};

const SHARING: [DispatchPolicy; 3] = [DispatchPolicy::Insertion, DispatchPolicy::Pooling, DispatchPolicy::Postpone];

/// An afternoon in a small city, busy for its couriers.
fn busy(policy: DispatchPolicy) -> Scenario {
    let mut s = Scenario { horizon_h: 6.0, drain_h: 6.0, start_hour: 12.0, ..crate::testing::fixed_wishes() };
    s.city.side_km = 8.0;
    s.demand.orders_per_day = 9000.0;
    s.demand.hourly_profile = [1.0; 24];
    s.consumers.count = 3000;
    s.consumers.cancel_hazard_per_min = 0.0;
    s.catalogue.categories.iter_mut().for_each(|category| category.near_intent = 1.0);
    s.stores.unlimited_stock = true;
    s.stores.archetypes.iter_mut().for_each(|kind| {
        kind.count = 6;
        kind.pickers = 12;
    });
    s.couriers.count = 130;
    s.couriers.on_duty_by_hour = [1.0; 24];
    s.dispatch.policy = policy;
    s
}

#[derive(Debug)]
struct Day {
    delivered: usize,
    click_to_door_min: f64,
    km_per_order: f64,
    /// Orders taken over at the same time.
    orders_per_visit: f64,
}

/// Plays a day, in which every decision must be legal and every fact sound.
fn play(scenario: &Scenario) -> Day {
    let city = Arc::new(City::build(scenario).expect("a synthetic city"));
    let illegal = Arc::new(Mutex::new((0, Vec::new())));
    let seen = Arc::clone(&illegal);
    let mut policy = dispatch::policy(scenario).expect("a policy that decides for many orders");
    let watched = move |view: &View| -> Vec<Assignment> {
        let assignments = policy.decide(view).expect("it can go on");
        let mut seen = seen.lock().unwrap();
        seen.0 += assignments.len();
        for (assignment, result) in assignments.iter().zip(check(view, &assignments)) {
            if let Err(why) = result {
                seen.1.push(format!("{}: {why}: {assignment:?}", view.now));
            }
        }
        assignments
    };
    let outcome = run_with(scenario, &city, 0, Some(Box::new(watched)), &mut |_| {});
    let (decisions, illegal) = std::mem::take(&mut *illegal.lock().unwrap());
    assert!(illegal.is_empty(), "{} of {decisions}, first {}", illegal.len(), illegal[0]);
    let violations = audit(&city, &outcome.log);
    assert!(violations.is_empty(), "{}", violations[0]);
    day(&outcome.log)
}

fn day(log: &EventLog) -> Day {
    let mut placed = vec![0.0; log.orders()];
    let (mut delivered, mut waited, mut metres, mut visits, mut taken) = (0, 0.0, 0.0, 0, 0);
    let mut last = None;
    for record in &log.records {
        match record.event {
            Event::OrderPlaced { order } => placed[order.index()] = record.at.seconds() / 60.0,
            Event::CourierRode { leg_m, .. } | Event::CourierRepositioned { leg_m, .. } => metres += f64::from(leg_m),
            Event::OrderPickedUp { courier, .. } => {
                taken += 1;
                visits += usize::from(last != Some((record.at, courier)));
                last = Some((record.at, courier));
            }
            Event::OrderDelivered { order, .. } => {
                delivered += 1;
                waited += record.at.seconds() / 60.0 - placed[order.index()];
            }
            _ => {}
        }
    }
    Day {
        delivered,
        click_to_door_min: waited / delivered as f64,
        km_per_order: metres / 1000.0 / delivered as f64,
        orders_per_visit: f64::from(taken) / visits as f64,
    }
}

#[test]
fn sharing_couriers_saves_way_and_postponing_costs_time() {
    let single = {
        let mut scenario = busy(DispatchPolicy::BatchMatch);
        scenario.dispatch.max_bundle = 1;
        play(&scenario)
    };
    let [insertion, pooling, postpone] = SHARING.map(|policy| play(&busy(policy)));
    assert!(single.delivered > 1000, "{single:?}");
    for day in [&insertion, &pooling, &postpone] {
        assert!(day.km_per_order < 0.95 * single.km_per_order, "{day:?} against {single:?}");
        assert!(day.orders_per_visit > 1.1, "{day:?}");
    }
    assert!(postpone.click_to_door_min > pooling.click_to_door_min + 3.0, "{postpone:?} against {pooling:?}");
    assert!(postpone.orders_per_visit > pooling.orders_per_visit, "{postpone:?} against {pooling:?}");
}

#[test]
fn every_decision_is_legal_in_every_small_city() {
    let mut delivered = 0;
    for case in 0..8 {
        for policy in SHARING {
            let mut s = busy(policy);
            (s.seed, s.horizon_h) = (case, 1.5);
            s.city.metric = if case % 2 == 0 { Metric::Euclid } else { Metric::Manhattan };
            s.city.rounding = if case % 3 == 0 { Rounding::Ceil } else { Rounding::None };
            s.city.rounding_s = 60.0;
            s.couriers.count = 10 + 12 * case as u32;
            s.couriers.capacity = 1 + case as u32 % 4;
            s.couriers.refusal_share = if case % 4 == 0 { 0.3 } else { 0.0 };
            s.couriers.on_duty_by_hour = std::array::from_fn(|hour| if hour % 2 == 0 { 0.5 } else { 1.0 });
            s.consumers.cancel_hazard_per_min = if case % 5 == 0 { 0.1 } else { 0.0 };
            s.dispatch.max_bundle = 1 + case as u32 % 5;
            delivered += play(&s).delivered;
        }
    }
    assert!(delivered > 3_000, "{delivered}");
}
