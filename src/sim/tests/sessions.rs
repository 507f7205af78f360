//! Sessions: consumers choose among the offers of the moment.

use crate::city::City;
use crate::event::{Event, EventLog, FarReason, LeaveReason, Visit};
use crate::scenario::{ChoiceModel, OverloadPolicy, PromisePolicy, Scenario, SourcingPolicy};
use crate::sim::run;
use crate::units::SessionId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A district of 6 x 6 km with even demand and stores that never run out, for 8 hours.
fn district() -> Scenario {
    let mut scenario = Scenario { horizon_h: 8.0, drain_h: 150.0, ..Scenario::default() };
    scenario.choice.model = ChoiceModel::Logit;
    scenario.choice.sessions_per_day = Some(9000.0);
    scenario.city.side_km = 6.0;
    scenario.demand.hourly_profile = [1.0; 24];
    scenario.stores.unlimited_stock = true;
    for (kind, count) in scenario.stores.archetypes.iter_mut().zip([6, 3, 2]) {
        (kind.count, kind.open_h, kind.close_h) = (count, 0.0, 24.0);
    }
    scenario.couriers.count = 60;
    scenario.couriers.on_duty_by_hour = [1.0; 24];
    scenario
}

fn play(scenario: &Scenario) -> EventLog {
    let city = Arc::new(City::build(scenario).expect("a synthetic city"));
    run(scenario, &city, 0, &mut |_| {}).log
}

/// How sessions ended.
#[derive(Default, Debug)]
struct Ends {
    near: f64,
    far: f64,
    left: BTreeMap<&'static str, f64>,
}

impl Ends {
    fn of(log: &EventLog) -> Self {
        let mut ends = Ends::default();
        for record in &log.records {
            match record.event {
                Event::OrderSourced { .. } => ends.near += 1.0,
                Event::OrderSentFar { .. } => ends.far += 1.0,
                Event::SessionLeft { reason, .. } => *ends.left.entry(reason.name()).or_default() += 1.0,
                _ => {}
            }
        }
        ends
    }
    fn all(&self) -> f64 {
        self.near + self.far + self.left.values().sum::<f64>()
    }
    /// Near and far orders a session.
    fn shares(&self) -> (f64, f64) {
        (self.near / self.all(), self.far / self.all())
    }
}

fn ends(change: impl Fn(&mut Scenario)) -> Ends {
    let mut scenario = district();
    change(&mut scenario);
    Ends::of(&play(&scenario))
}

#[test]
fn every_session_ends_once_in_the_order_of_opening() {
    let log = play(&district());
    let visit = |order: usize| log.placements[order].session.expect("orders come from sessions");
    let ids: Vec<u32> = log
        .records
        .iter()
        .filter_map(|record| match record.event {
            Event::SessionLeft { session, .. } => Some(session.0),
            Event::OrderPlaced { order } => Some(visit(order.index()).session.0),
            _ => None,
        })
        .collect();
    assert!(ids.iter().copied().eq(0..ids.len() as u32), "none is missing, none comes twice");
    assert!(log.orders() > 300 && log.orders() < ids.len());
    let lines: usize = log.placements.iter().map(|placement| placement.lines as usize).sum();
    assert_eq!(lines, log.lines.len(), "those who left leave no basket behind");
}

#[test]
fn a_slow_channel_sends_consumers_to_the_other_one() {
    let (near, far) = ends(|_| {}).shares();
    let (near_slow, far_beside) = ends(|s| s.couriers.count = 4).shares();
    assert!(near_slow < 0.9 * near, "few couriers: near {near_slow:.3} of {near:.3}");
    assert!(far_beside > far, "few couriers: far {far_beside:.3} of {far:.3}");
    let (near_beside, far_slow) = ends(|s| s.warehouse.capacity_per_h = 2.0).shares();
    assert!(far_slow < 0.93 * far, "slow warehouse: far {far_slow:.3} of {far:.3}");
    assert!(near_beside > near, "slow warehouse: near {near_beside:.3} of {near:.3}");
}

#[test]
fn a_quoted_promise_is_what_consumers_weigh() {
    let quick = ends(|s| s.promise.policy = PromisePolicy::Quantile).shares().0;
    let padded = ends(|s| (s.promise.policy, s.promise.floor_min) = (PromisePolicy::Quantile, 300.0)).shares().0;
    assert!(padded < 0.9 * quick, "{padded:.3} of {quick:.3}");
}

#[test]
fn a_fee_drives_away_and_is_the_reason_given() {
    let free = ends(|s| s.price.near_fee_yuan = 0.0);
    let dear = ends(|s| (s.price.near_fee_yuan, s.price.near_free_basket_yuan) = (20.0, 1e6));
    assert!(dear.shares().0 < 0.8 * free.shares().0, "{:?} {:?}", dear.shares(), free.shares());
    assert_eq!(free.left.get(LeaveReason::Price.name()), None);
    assert!(dear.left[LeaveReason::Price.name()] > 50.0, "{dear:?}");
}

#[test]
fn a_discount_draws_consumers_to_its_channel() {
    let (near, far) = ends(|_| {}).shares();
    let (near_cut, far_beside) = ends(|s| s.price.near_discount_share = 0.3).shares();
    assert!(
        near_cut > 1.05 * near && far_beside < far,
        "near {near_cut:.3} of {near:.3}, far {far_beside:.3} of {far:.3}"
    );
    let (near_beside, far_cut) = ends(|s| s.price.far_discount_share = 0.3).shares();
    assert!(
        far_cut > 1.05 * far && near_beside < near,
        "far {far_cut:.3} of {far:.3}, near {near_beside:.3} of {near:.3}"
    );
}

#[test]
fn consumers_without_a_near_offer_leave_for_its_reason() {
    let reason = |ends: &Ends, reason: LeaveReason| ends.left.get(reason.name()).copied().unwrap_or_default();
    let none = ends(|s| s.stores.archetypes.iter_mut().for_each(|kind| kind.radius_km = Some(0.001)));
    assert!(none.near == 0.0 && reason(&none, LeaveReason::NoNear) > 50.0, "{none:?}");
    let empty = ends(|s| {
        s.stores.unlimited_stock = false;
        s.stores.replenish_every_h = 0.0;
        s.stores.archetypes.iter_mut().for_each(|kind| kind.full_level_units = Some(0.0));
    });
    assert!(reason(&empty, LeaveReason::StockOut) > 50.0, "{empty:?}");
    let paused = ends(|s| {
        s.couriers.count = 3;
        s.overload.policy = OverloadPolicy::Staged;
    });
    assert!(reason(&paused, LeaveReason::Overload) > 50.0, "{paused:?}");
}

#[test]
fn where_nobody_is_on_duty_nobody_orders_near_until_the_next_shift_is_close() {
    let mut scenario = district();
    scenario.couriers.on_duty_by_hour[..4].fill(0.0);
    let log = play(&scenario);
    let near_at = log.records.iter().filter(|record| matches!(record.event, Event::OrderSourced { .. }));
    // The promise is 45 min; couriers are seen every 5 min.
    let [before, close, after] = near_at.fold([0, 0, 0], |[a, b, c], record| match record.at.hours() {
        hours if hours < 3.25 => [a + 1, b, c],
        hours if hours < 4.0 => [a, b + 1, c],
        _ => [a, b, c + 1],
    });
    assert!(before == 0 && close > 0 && after > 4 * close, "{before}, {close}, {after}");
    let overload = |event| matches!(event, Event::OrderSentFar { reason: FarReason::Overload, .. });
    assert!(log.records.iter().any(|record| overload(record.event)));
    let never = ends(|s| s.couriers.count = 0);
    assert!(never.near == 0.0 && never.left[LeaveReason::Overload.name()] > 50.0, "{never:?}");
}

#[test]
fn a_city_without_warehouse_or_without_stores_has_one_channel() {
    let near_only = ends(|s| s.sourcing.policy = SourcingPolicy::NearOnly);
    assert!(near_only.far == 0.0 && near_only.near > 100.0, "{near_only:?}");
    let far_only = ends(|s| s.sourcing.policy = SourcingPolicy::FarOnly);
    assert!(far_only.near == 0.0 && far_only.far > 100.0, "{far_only:?}");
}

#[test]
fn the_same_session_is_the_same_consumer_with_the_same_basket_and_luck_in_another_scenario() {
    let mut scenario = district();
    let with_many = play(&scenario);
    scenario.couriers.count = 8;
    let with_few = play(&scenario);
    let orders = |log: &EventLog| -> BTreeMap<SessionId, (Visit, usize)> {
        let visit = |(order, placement): (usize, &crate::event::Placement)| {
            placement.session.map(|visit| (visit.session, (visit, order)))
        };
        log.placements.iter().enumerate().filter_map(visit).collect()
    };
    let picked = |log: &EventLog| -> BTreeMap<usize, crate::event::Span> {
        let ready = |event| match event {
            Event::OrderReady { order, picked_for, .. } => Some((order.index(), picked_for)),
            _ => None,
        };
        log.records.iter().filter_map(|record| ready(record.event)).collect()
    };
    let (many, few) = (orders(&with_many), orders(&with_few));
    let (picked_many, picked_few) = (picked(&with_many), picked(&with_few));
    let (mut both, mut picks, mut moved) = (0, 0, 0);
    for (session, (visit, order)) in &many {
        let Some((other, order_there)) = few.get(session) else { continue };
        let (here, there) = (with_many.placements[*order], with_few.placements[*order_there]);
        assert_eq!((here.consumer, here.value, here.category), (there.consumer, there.value, there.category));
        assert_eq!((visit.urgent, visit.tier), (other.urgent, other.tier));
        both += 1;
        moved += usize::from(order != order_there);
        if let (Some(here), Some(there)) = (picked_many.get(order), picked_few.get(order_there)) {
            assert_eq!(here, there, "picking time belongs to the session");
            picks += 1;
        }
    }
    assert!(both > 300 && picks > 50 && moved > 100, "{both} {picks} {moved}");
}
