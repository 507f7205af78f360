//! The end of the wait for a courier.

use super::{Town, at, courier, order};
use crate::event::{CancelReason, Event, FarReason};
use crate::policy::dispatch::{Assignment, Stop, View};
use crate::scenario::{AfterMaxWait, DispatchPolicy};
use crate::units::{CourierId, OrderId, SimTime};

/// One store where pickers never queue, and these couriers; orders wait ten minutes.
fn town(couriers: &[(f64, f64)], orders: &[(f64, f64, f64)]) -> Town {
    let mut town = Town::new(orders.iter().map(|(seconds, x_m, y_m)| order(*seconds, *x_m, *y_m)));
    town.stores.truncate(1);
    town.stores[0].pickers = 0;
    town.couriers = couriers.iter().map(|(x_m, y_m)| courier(*x_m, *y_m)).collect();
    town.scenario.dispatch.max_wait_min = Some(10.0);
    town
}

#[test]
fn an_order_that_no_courier_takes_in_time_comes_as_a_parcel_and_its_units_are_on_the_shelf_again() {
    let mut town = town(&[(0.0, 500.0)], &[(0.0, 2000.0, 0.0), (10.0, 100.0, 0.0), (1000.0, 0.0, 100.0)]);
    town.levels = vec![2];
    let expected = [
        "0 o0 placed",
        "0 o0 goes to s0, 2000 m",
        "10 o1 placed",
        "10 s0 out of k0",
        "10 o1 goes to s0, 100 m",
        "300 o0 ready at s0, picked 300",
        "300 o0 for c0, 500 m",
        "310 o1 ready at s0, picked 300",
        "460 c0 takes o0 after 60",
        // The courier is free at 1160.
        "910 o1 not taken",
        "910 s0 has k0 again",
        "910 o1 far: max_wait",
        "970 o1 packed",
        "970 o1 shipped",
        "1000 o2 placed",
        "1000 s0 out of k0",
        "1000 o2 goes to s0, 100 m",
    ];
    let story = town.story();
    assert_eq!(story[..expected.len()], expected, "{story:#?}");
    assert!(story.iter().any(|fact| fact.ends_with("c0 delivers o2 after 240")), "{story:#?}");
    assert!(story.iter().any(|fact| fact == "36970 o1 arrives"), "{story:#?}");
}

#[test]
fn it_can_be_cancelled_instead() {
    let mut town = town(&[], &[(0.0, 100.0, 0.0)]);
    town.scenario.dispatch.after_max_wait = AfterMaxWait::Cancel;
    assert_eq!(town.facts(&["cancelled", "far"]), [format!("900 o0 cancelled: {}", CancelReason::NoCourier.name())]);
}

#[test]
fn an_order_with_a_courier_waits_for_them_and_a_policy_never_sees_what_was_sent_far() {
    let mut town = town(&[(0.0, 500.0)], &[(0.0, 2000.0, 0.0), (0.0, 100.0, 0.0)]);
    town.scenario.dispatch.policy = DispatchPolicy::BatchMatch;
    let policy = |view: &View| -> Vec<Assignment> {
        let known: Vec<OrderId> = view.orders.iter().map(|open| open.order).collect();
        assert!(view.now < at(900.0) || !known.contains(&OrderId(1)), "{known:?} at {}", view.now);
        let stops = vec![Stop::PickUp(OrderId(0)), Stop::DropOff(OrderId(0))];
        let due = view.now == at(840.0);
        due.then_some(Assignment { courier: CourierId(0), stops, hold: false }).into_iter().collect()
    };
    let outcome = town.play_with(Some(Box::new(policy)));
    let ends: Vec<_> = super::story(&outcome.log)
        .into_iter()
        .filter(|fact| fact.contains("not taken") || fact.contains("delivers") || fact.contains("arrives"))
        .collect();
    assert_eq!(outcome.illegal_decisions, 0);
    assert_eq!(ends[0], "900 o1 not taken");
    assert!(ends[1].contains("c0 delivers o0") && ends[2].contains("o1 arrives") && ends.len() == 3, "{ends:?}");
}

#[test]
fn an_order_that_is_given_back_waits_anew() {
    let mut town = town(&[(0.0, 500.0)], &[(0.0, 1000.0, 0.0)]);
    town.scenario.dispatch.policy = DispatchPolicy::BatchMatch;
    town.couriers[0].shifts = vec![(SimTime::ZERO, at(2000.0))];
    let policy = |view: &View| -> Vec<Assignment> {
        let stops = vec![Stop::PickUp(OrderId(0)), Stop::DropOff(OrderId(0))];
        let due = view.now == at(60.0);
        due.then_some(Assignment { courier: CourierId(0), stops, hold: true }).into_iter().collect()
    };
    let outcome = town.play_with(Some(Box::new(policy)));
    let told = super::story(&outcome.log);
    let ends: Vec<_> = told.iter().filter(|fact| fact.contains("back") || fact.contains("not taken")).collect();
    assert_eq!(ends, ["2000 c0 gives o0 back", "2600 o0 not taken"]);
}

#[test]
fn one_part_of_an_order_goes_far_and_the_other_by_itself() {
    let mut town = super::splits::town();
    town.couriers = vec![courier(0.0, 3000.0)];
    town.scenario.dispatch.max_wait_min = Some(1.0);
    town.scenario.demand.orders_per_day = 200.0;
    town.scenario.split.join_km = 5.0;
    let log = town.play().log;
    let far = |event: &Event| matches!(event, Event::OrderSentFar { reason: FarReason::MaxWait, .. });
    let converted = super::splits::count(&log, far);
    let delivered = super::splits::count(&log, |event| matches!(event, Event::OrderDelivered { .. }));
    assert!(converted > 3 && delivered > 3, "{converted} sent far, {delivered} delivered");
}
