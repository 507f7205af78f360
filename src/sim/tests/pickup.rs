//! Pick-up in store: reserved, picked, ready, fetched or given up.

use super::{Town, at, place, story};
use crate::audit::audit;
use crate::city::City;
use crate::event::{CancelReason, Event, EventLog, LeaveReason};
use crate::scenario::{ChoiceModel, RationingPolicy, Scenario};
use crate::sim::run;
use crate::units::{SessionId, SimDuration, SimTime};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whoever opens a session in this town lives 1 km from store 0 and fetches the order there; nothing varies.
fn town() -> Town {
    let mut town = Town::new([]);
    town.homes = vec![place(-600.0, 800.0)];
    let scenario = &mut town.scenario;
    scenario.horizon_h = 2.0;
    scenario.choice.model = ChoiceModel::Logit;
    scenario.choice.sessions_per_day = Some(36.0);
    scenario.consumers.count = 1;
    scenario.demand.hourly_profile = [1.0; 24];
    scenario.demand.extra_items_mean = 0.0;
    scenario.pickup.enabled = true;
    (scenario.pickup.collect_after_min, scenario.pickup.collect_cv) = (10.0, 0.0);
    scenario.pickup.no_show_share = 0.0;
    scenario.pickup.walk_kmh = 3.6;
    let category = &mut scenario.catalogue.categories[0];
    (category.asc_near, category.asc_far, category.asc_pickup) = (-50.0, -50.0, 50.0);
    town
}

/// When an order of the log came that far, in seconds.
fn moment(log: &EventLog, order: u32, which: impl Fn(&Event) -> Option<u32>) -> Option<f64> {
    log.records.iter().find(|record| which(&record.event) == Some(order)).map(|record| record.at.seconds())
}
fn placed(log: &EventLog, order: u32) -> f64 {
    let which = |event: &Event| if let Event::OrderPlaced { order } = event { Some(order.0) } else { None };
    moment(log, order, which).expect("every order is placed")
}
fn ready(log: &EventLog, order: u32) -> Option<f64> {
    moment(log, order, |event| if let Event::OrderReady { order, .. } = event { Some(order.0) } else { None })
}
fn collected(log: &EventLog, order: u32) -> Option<f64> {
    moment(log, order, |event| if let Event::OrderCollected { order } = event { Some(order.0) } else { None })
}
fn given_up(log: &EventLog, order: u32) -> Option<f64> {
    let which = |event: &Event| match event {
        Event::OrderCancelled { order, reason: CancelReason::NoShow } => Some(order.0),
        _ => None,
    };
    moment(log, order, which)
}

#[test]
fn an_order_is_picked_waits_and_is_fetched_on_foot() {
    let log = town().play().log;
    assert!(log.orders() > 1, "{:?}", story(&log));
    let start = placed(&log, 0);
    let told = &story(&log)[..3];
    assert_eq!(told[1], format!("{start} o0 to be fetched at s0, 1000 m"));
    // 5 min of picking, 10 min until the consumer sets out, 1000 s on foot.
    assert_eq!(ready(&log, 0), Some(start + 300.0));
    for order in 0..log.orders() as u32 {
        let ready = ready(&log, order).unwrap();
        assert_eq!(collected(&log, order), Some(ready + 600.0 + 1000.0));
    }
    assert!(
        !story(&log).iter().any(|fact| fact.contains("for c") || fact.contains(" c0 ")),
        "no courier has anything to do with it"
    );
}

#[test]
fn the_queue_of_the_pickers_is_shared_and_lengthens_the_promise() {
    let mut town = town();
    town.scenario.choice.sessions_per_day = Some(600.0);
    let log = town.play().log;
    let promises: Vec<f64> = log
        .records
        .iter()
        .filter_map(|record| match record.event {
            Event::OrderPromised { promise, .. } => Some(SimDuration::from(promise).minutes()),
            _ => None,
        })
        .collect();
    // A picker does 12 orders an hour of some 25: behind n others the order is ready after n + 1 times 5 min.
    assert!(promises.len() > 10 && promises.iter().all(|min| *min > 20.0 && min % 5.0 == 0.0), "{promises:?}");
    assert!(promises.iter().copied().fold(0.0, f64::max) >= 60.0, "{promises:?}");
}

#[test]
fn whoever_does_not_come_leaves_the_units_to_others() {
    let mut town = town();
    town.scenario.pickup.no_show_share = 1.0;
    town.scenario.pickup.hold_h = 3.0;
    town.levels = vec![1, 0];
    let log = town.play().log;
    // The only unit is held from the first order for three hours; there is none for anybody else.
    assert_eq!(log.orders(), 1, "{:?}", story(&log));
    let ready = ready(&log, 0).unwrap();
    assert_eq!((given_up(&log, 0), collected(&log, 0)), (Some(ready + 3.0 * 3600.0), None));
    let told = story(&log);
    let end = told.iter().position(|fact| fact.contains("cancelled: no_show")).unwrap();
    assert!(told[end + 1].ends_with("s0 has k0 again"), "{:?}", &told[end..]);
}

#[test]
fn a_consumer_who_would_come_too_late_is_a_no_show() {
    let mut town = town();
    town.scenario.pickup.hold_h = 0.25;
    let log = town.play().log;
    assert_eq!(given_up(&log, 0), Some(ready(&log, 0).unwrap() + 900.0));
}

#[test]
fn at_a_closed_door_the_consumer_comes_again_when_it_opens() {
    let mut town = town();
    town.scenario.pickup.collect_after_min = 180.0;
    for store in &mut town.stores {
        store.closes = SimDuration::from_hours(3.0);
        store.opens = SimDuration::from_hours(20.0);
    }
    let log = town.play().log;
    assert!(ready(&log, 0).unwrap() < 2.0 * 3600.0);
    assert_eq!(collected(&log, 0), Some(20.0 * 3600.0));
}

#[test]
fn what_was_fetched_and_sent_back_is_on_the_shelf_of_its_store() {
    let mut town = town();
    town.scenario.catalogue.categories[0].return_rate = 1.0;
    town.scenario.cost.near_return_factor = 1.0;
    town.levels = vec![1, 0];
    let log = town.play().log;
    let back = story(&log).into_iter().filter(|fact| fact.contains("o0 back at s0")).count();
    assert_eq!(back, 1, "{:?}", story(&log));
}

#[test]
fn nobody_walks_farther_than_the_radius_and_branches_are_no_shops() {
    let mut far = town();
    far.scenario.pickup.radius_km = 0.999;
    assert_eq!(far.play().log.orders(), 0);
    // Farther than couriers ride, but not than consumers walk.
    let mut near = town();
    near.stores[0].radius_m = 10.0;
    assert!(near.play().log.orders() > 0);
    let mut branch = town();
    branch.stores[0].channel = crate::city::Channel::Far;
    assert_eq!(branch.play().log.orders(), 0, "store 1 is 2.7 km away");
}

/// A district of 6 x 6 km in which consumers choose, for 8 hours.
fn district(change: impl Fn(&mut Scenario)) -> EventLog {
    let mut scenario = Scenario { horizon_h: 8.0, drain_h: 150.0, start_hour: 10.0, ..crate::testing::fixed_wishes() };
    scenario.choice.model = ChoiceModel::Logit;
    scenario.choice.sessions_per_day = Some(9000.0);
    scenario.demand.orders_per_day = 2700.0;
    scenario.city.side_km = 6.0;
    for (kind, count) in scenario.stores.archetypes.iter_mut().zip([6, 3, 2]) {
        (kind.count, kind.walk_in_units_per_category_h) = (count, 1.2);
    }
    scenario.couriers.count = 60;
    change(&mut scenario);
    let city = Arc::new(City::build(&scenario).expect("a synthetic city"));
    let log = run(&scenario, &city, 0, &mut |_| {}).log;
    let violations = audit(&city, &log);
    assert!(violations.is_empty(), "{}", violations[0]);
    log
}

fn push(scenario: &mut Scenario, by: f64) {
    scenario.pickup.enabled = true;
    scenario.catalogue.categories.iter_mut().for_each(|category| category.asc_pickup += by);
}

#[test]
fn pick_up_that_nobody_wants_changes_no_fact() {
    assert_eq!(district(|_| {}), district(|s| push(s, -40.0)));
}

#[test]
fn sessions_move_to_pick_up_and_the_same_session_fetches_as_before() {
    let [base, pushed] = [1.0, 3.0].map(|by| district(|s| push(s, by)));
    let fetched = |log: &EventLog| -> BTreeMap<SessionId, SimTime> {
        let collected = log.records.iter().filter_map(|record| match record.event {
            Event::OrderCollected { order } => Some((order, record.at)),
            _ => None,
        });
        let after = |(order, at): (crate::units::OrderId, SimTime)| {
            let ready = ready(log, order.0).unwrap();
            (log.placements[order.index()].session.unwrap().session, SimTime(at.0 - super::at(ready).0))
        };
        collected.map(after).collect()
    };
    let (few, many) = (fetched(&base), fetched(&pushed));
    assert!(few.len() > 20 && many.len() > 3 * few.len(), "{} {}", few.len(), many.len());
    let both = few.iter().filter_map(|(session, after)| Some((after, many.get(session)?)));
    // The same consumer takes as long, unless the store they walk to is another one.
    let same = both.clone().filter(|(a, b)| a == b).count();
    assert!(both.clone().count() > few.len() / 2 && same * 10 > both.count() * 7, "{same} of {}", few.len());
    let no_shows = (0..pushed.orders() as u32).filter(|order| given_up(&pushed, *order).is_some()).count();
    let share = no_shows as f64 / (no_shows + many.len()) as f64;
    assert!((0.005..0.08).contains(&share), "{share}");
}

#[test]
fn units_kept_from_pick_up_are_left_to_the_near_field_s_rule() {
    let pickups = |protect: u32| {
        let log = district(|s| {
            push(s, 2.0);
            (s.rationing.policy, s.rationing.protect_units) = (RationingPolicy::Static, 3);
            s.pickup.protect_units = protect;
        });
        log.records.iter().filter(|record| matches!(record.event, Event::PickupReserved { .. })).count()
    };
    let (none, three) = (pickups(0), pickups(3));
    assert!(three * 10 < none * 9, "{three} of {none}");
}

#[test]
fn a_fee_of_pick_up_is_a_reason_to_leave() {
    let left_for_price = |fee: f64| {
        let log = district(|s| {
            push(s, 3.0);
            s.price.near_fee_yuan = 0.0;
            s.pickup.fee_yuan = fee;
        });
        let price = |event: &Event| matches!(event, Event::SessionLeft { reason: LeaveReason::Price, .. });
        log.records.iter().filter(|record| price(&record.event)).count()
    };
    assert_eq!(left_for_price(0.0), 0);
    assert!(left_for_price(60.0) > 50);
}

#[test]
fn orders_still_held_at_the_end_stay_open() {
    let mut town = town();
    town.scenario.pickup.collect_after_min = 60.0;
    town.scenario.drain_h = 0.5;
    let outcome = town.play();
    let open = (0..outcome.log.orders() as u32).filter(|order| collected(&outcome.log, *order).is_none()).count();
    assert!(open > 0 && outcome.censored == open as u32, "{open} of {}", outcome.log.orders());
    assert!(outcome.log.records.last().unwrap().at <= at(2.5 * 3600.0));
}
