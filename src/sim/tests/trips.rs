//! Trips: sequences of stops, visits of several orders, open visits, and what upsets them.

use super::{Town, at, courier, order, story};
use crate::audit::audit;
use crate::city::{Courier, TracedOrder};
use crate::policy::dispatch::{Assignment, Stop, View, check};
use crate::rng::{Purpose, Streams};
use crate::scenario::{DispatchPolicy, PatienceFrom};
use crate::sim::run_with;
use crate::units::{CourierId, OrderId, SimTime, StoreId};
use rand::RngExt;

const C0: CourierId = CourierId(0);

fn up(order: u32) -> Stop {
    Stop::PickUp(OrderId(order))
}
fn down(order: u32) -> Stop {
    Stop::DropOff(OrderId(order))
}

/// One store at 0, one courier 500 m north; orders are ready five minutes after they are placed. Decisions every minute.
fn town(orders: &[(f64, f64, f64)]) -> Town {
    let mut town = Town::new(orders.iter().map(|(seconds, x_m, y_m)| order(*seconds, *x_m, *y_m)));
    town.scenario.dispatch.policy = DispatchPolicy::BatchMatch;
    town.stores.truncate(1);
    town.stores[0].pickers = 0;
    town.couriers = vec![courier(0.0, 500.0)];
    town
}

/// The facts of couriers under a policy that gives courier 0 these stops at these decision points.
fn follow(town: &Town, plan: &[(f64, &[Stop], bool)]) -> Vec<String> {
    let plan: Vec<(SimTime, Vec<Stop>, bool)> =
        plan.iter().map(|(seconds, stops, hold)| (at(*seconds), stops.to_vec(), *hold)).collect();
    let policy = move |view: &View| -> Vec<Assignment> {
        let due = plan.iter().filter(|(when, ..)| *when == view.now);
        due.map(|(_, stops, hold)| Assignment { courier: C0, stops: stops.clone(), hold: *hold }).collect()
    };
    let outcome = town.play_with(Some(Box::new(policy)));
    assert_eq!(outcome.illegal_decisions, 0);
    story(&outcome.log).into_iter().filter(|fact| fact.contains("c0") || fact.contains("cancelled")).collect()
}

#[test]
fn two_orders_of_a_store_share_the_ride_and_the_service_there() {
    let town = town(&[(0.0, 1000.0, 0.0), (0.0, 1500.0, 0.0)]);
    let told = follow(&town, &[(60.0, &[up(0), up(1), down(0), down(1)], false)]);
    let expected = [
        "60 o0 for c0, 500 m",
        "60 o1 for c0, 500 m",
        "60 c0 sets out for o0",
        "60 c0 sets out for o1",
        "160 c0 rode 250 m for o0",
        "160 c0 rode 250 m for o1",
        // Ready at 300: taken over then, half of the service being done; the other half follows.
        "300 c0 takes o0 after 140",
        "300 c0 takes o1 after 140",
        "360 c0 sets out for o0",
        "560 c0 rode 1000 m for o0",
        "800 c0 delivers o0 after 240",
        "800 c0 free of o0",
        "800 c0 sets out for o1",
        "900 c0 rode 500 m for o1",
        "1140 c0 delivers o1 after 240",
        "1140 c0 free of o1",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_policy_that_is_handed_in_decides_whatever_the_scenario_names() {
    let mut town = town(&[(0.0, 1000.0, 0.0)]);
    let plan: &[(f64, &[Stop], bool)] = &[(60.0, &[up(0), down(0)], false)];
    let told = follow(&town, plan);
    assert!(told.iter().any(|fact| fact.contains("c0 delivers o0")), "{told:?}");
    for policy in [DispatchPolicy::GreedyNearest, DispatchPolicy::EarliestDropoff, DispatchPolicy::External] {
        town.scenario.dispatch.policy = policy;
        assert_eq!(follow(&town, plan), told, "{policy:?}");
    }
}

#[test]
fn an_external_policy_without_its_program_ends_the_run_and_says_so() {
    let mut town = town(&[(0.0, 1000.0, 0.0)]);
    town.scenario.dispatch.policy = DispatchPolicy::External;
    let halted = town.play().halted.unwrap();
    assert!(halted.contains("study::replicate"), "{halted}");
}

#[test]
fn an_open_visit_waits_for_the_decision_that_adds_to_it_and_closes_it() {
    let town = town(&[(0.0, 1000.0, 0.0), (200.0, 1500.0, 0.0)]);
    let first: &[Stop] = &[up(0), down(0)];
    let told = follow(&town, &[(60.0, first, true), (600.0, &[up(0), up(1), down(0), down(1)], false)]);
    let expected = [
        "60 o0 for c0, 500 m",
        "60 c0 sets out for o0",
        "160 c0 rode 500 m for o0",
        "600 o1 for c0, 0 m",
        "600 c0 sets out for o1",
        "600 c0 rode 0 m for o1",
        "600 c0 takes o0 after 440",
        "600 c0 takes o1 after 0",
        "660 c0 sets out for o0",
    ];
    assert_eq!(told[..9], expected);
}

#[test]
fn a_loaded_courier_takes_an_order_on_between_two_doors() {
    let town = town(&[(0.0, 1000.0, 0.0), (0.0, 1500.0, 0.0), (400.0, 500.0, 0.0)]);
    // At 840 the courier rides from the first door, 1,000 m east, to the second: only after it can they turn back.
    let told = follow(&town, &[(60.0, &[up(0), up(1), down(0), down(1)], false), (840.0, &[up(2), down(2)], false)]);
    let expected = [
        "840 o2 for c0, 1500 m",
        "900 c0 rode 500 m for o1",
        "1140 c0 delivers o1 after 240",
        "1140 c0 free of o1",
        "1140 c0 sets out for o2",
        "1440 c0 rode 1500 m for o2",
        "1500 c0 takes o2 after 60",
        "1560 c0 sets out for o2",
        "1660 c0 rode 500 m for o2",
        "1900 c0 delivers o2 after 240",
        "1900 c0 free of o2",
    ];
    assert_eq!(told[told.len() - 11..], expected);
}

#[test]
fn an_order_cancelled_on_the_way_leaves_an_empty_ride() {
    let mut town = town(&[(0.0, 1000.0, 0.0)]);
    town.couriers = vec![courier(0.0, 5000.0)];
    town.scenario.consumers.cancel_hazard_per_min = 60.0;
    town.scenario.consumers.patience_from = PatienceFrom::Placed;
    town.scenario.consumers.patience_grace_min = 3.0;
    let told = follow(&town, &[(60.0, &[up(0), down(0)], false)]);
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(told[2].ends_with("o0 cancelled: patience"), "{told:#?}");
    assert_eq!(told[3], "1060 c0 rode 5000 m for nobody in 1000");
}

#[test]
fn a_courier_on_an_empty_ride_can_be_given_anything_to_do_after_it() {
    let mut town = town(&[(0.0, 1000.0, 0.0), (500.0, 0.0, 1000.0)]);
    town.couriers = vec![courier(0.0, 5000.0)];
    town.stores.push(super::store(1000.0, 0.0));
    town.stores[1].pickers = 0;
    (town.orders[0].store, town.orders[1].store) = (Some(StoreId(0)), Some(StoreId(1)));
    town.scenario.consumers.cancel_hazard_per_min = 60.0;
    town.scenario.consumers.patience_from = PatienceFrom::Placed;
    let told = follow(&town, &[(60.0, &[up(0), down(0)], false), (960.0, &[up(1), down(1)], false)]);
    let position =
        |fact: &str| told.iter().position(|told| told.ends_with(fact)).unwrap_or_else(|| panic!("{told:#?}"));
    assert!(position("o0 cancelled: patience") < position("o1 for c0, 1000 m"));
    assert!(position("rode 5000 m for nobody in 1000") < position("1060 c0 sets out for o1"));
}

#[test]
fn an_open_visit_is_given_up_at_the_end_of_the_shift() {
    let mut town = town(&[(0.0, 1000.0, 0.0)]);
    town.couriers[0].shifts = vec![(SimTime::ZERO, at(500.0)), (at(1000.0), at(9000.0))];
    let stops: &[Stop] = &[up(0), down(0)];
    let told = follow(&town, &[(60.0, stops, true), (1020.0, stops, false)]);
    let expected = [
        "60 o0 for c0, 500 m",
        "60 c0 sets out for o0",
        "160 c0 rode 500 m for o0",
        "500 c0 gives o0 back",
        "1020 o0 for c0, 0 m",
        "1020 c0 sets out for o0",
        "1020 c0 rode 0 m for o0",
        "1080 c0 takes o0 after 60",
    ];
    assert_eq!(told[..8], expected);
}

#[test]
fn decisions_that_break_a_rule_are_left_out_and_counted() {
    let town = town(&[(0.0, 1000.0, 0.0), (0.0, 1500.0, 0.0)]);
    let wrong = [
        vec![down(0), up(0)],
        vec![up(0)],
        vec![up(7), down(7)],
        vec![up(0), up(0), down(0)],
        vec![up(0), down(0), down(1)],
    ];
    let policy = move |view: &View| -> Vec<Assignment> {
        let number = (view.now.0 / 60_000 - 1) as usize;
        wrong
            .get(number)
            .map(|stops| Assignment { courier: C0, stops: stops.clone(), hold: false })
            .into_iter()
            .collect()
    };
    let outcome = town.play_with(Some(Box::new(policy)));
    assert_eq!((outcome.illegal_decisions, outcome.censored), (5, 2));
}

#[test]
fn a_policy_that_cannot_go_on_ends_the_run_with_what_was_simulated() {
    struct Dies;
    impl crate::policy::dispatch::Dispatch for Dies {
        fn decide(&mut self, view: &View) -> Result<Vec<Assignment>, crate::policy::dispatch::Halt> {
            if view.now < at(600.0) { Ok(Vec::new()) } else { Err(crate::policy::dispatch::Halt("it died".into())) }
        }
    }
    let outcome = town(&[(0.0, 1000.0, 0.0), (9000.0, 1500.0, 0.0)]).play_with(Some(Box::new(Dies)));
    assert_eq!((outcome.halted.as_deref(), outcome.log.orders()), (Some("it died"), 1));
}

/// Random legal decisions: single orders, bundles, insertions, open visits.
fn at_random(case: u64) -> impl FnMut(&View) -> Vec<Assignment> + Send {
    let mut rng = Streams::new(case, 0).long(Purpose::Layout);
    move |view: &View| {
        let mut free: Vec<OrderId> = view.orders.iter().filter(|o| o.held_by.is_none()).map(|o| o.order).collect();
        let mut assignments = Vec::new();
        for courier in view.couriers {
            let mut stops = courier.stops.to_vec();
            let held = view.orders.iter().any(|o| o.held_by == Some(courier.courier));
            for _ in 0..rng.random_range(0..3) {
                if free.is_empty() {
                    break;
                }
                let order = free.swap_remove(rng.random_range(0..free.len()));
                let first = rng.random_range(0..=stops.len());
                stops.insert(first, Stop::PickUp(order));
                let last = rng.random_range(first + 1..=stops.len());
                stops.insert(last, Stop::DropOff(order));
            }
            let assignment = Assignment { courier: courier.courier, stops, hold: rng.random::<f64>() < 0.3 };
            if (held || assignment.stops != courier.stops) && check(view, std::slice::from_ref(&assignment))[0].is_ok()
            {
                assignments.push(assignment);
            }
        }
        assignments
    }
}

#[test]
fn whatever_legal_sequence_of_stops_couriers_follow_the_log_is_sound() {
    let mut delivered = 0;
    for case in 0..60 {
        let mut rng = Streams::new(case, 1).long(Purpose::Layout);
        let mut spot = || f64::from(rng.random_range(-8..9)) * 250.0;
        let mut orders: Vec<TracedOrder> = (0..40).map(|i| order(f64::from(i) * 45.0, spot(), spot())).collect();
        orders.iter_mut().for_each(|order| order.units = 1);
        let mut town = Town::new(orders);
        town.scenario.dispatch.policy = DispatchPolicy::BatchMatch;
        town.scenario.couriers.capacity = 1 + (case % 4) as u32;
        town.scenario.consumers.cancel_hazard_per_min = if case % 2 == 0 { 0.0 } else { 0.1 };
        let shift = |courier: &Courier| Courier {
            shifts: vec![(SimTime::ZERO, at(2000.0 + 100.0 * case as f64)), (at(9000.0), at(90_000.0))],
            ..courier.clone()
        };
        town.couriers = town.couriers.iter().map(shift).collect();
        let city = town.city();
        let outcome = run_with(&town.scenario, &city, 0, Some(Box::new(at_random(case))), &mut |_| {});
        let violations = audit(&city, &outcome.log);
        assert!(violations.is_empty(), "case {case}: {}\n{:#?}", violations[0], story(&outcome.log));
        let ended = outcome.log.records.iter().filter(|r| {
            matches!(r.event, crate::event::Event::OrderDelivered { .. } | crate::event::Event::OrderCancelled { .. })
        });
        delivered += ended.count();
    }
    assert!(delivered > 2000, "{delivered}");
}
