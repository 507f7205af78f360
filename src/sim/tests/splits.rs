//! Split orders: the parts are what was ordered, each goes its own way, and nobody else's draws change.

use super::{Town, place};
use crate::audit::audit;
use crate::city::City;
use crate::event::{CancelReason, Event, EventLog, FarReason, Placement};
use crate::scenario::{ChoiceModel, DispatchPolicy, Scenario, SourcingPolicy, SplitPolicy};
use crate::sim::run;
use crate::units::{OrderId, SimTime, SkuId, StoreId};
use std::sync::Arc;

/// Two SKUs, one in each store; an order every half hour from half way between them, all orders for the near field.
pub(super) fn town() -> Town {
    let mut town = Town::new([]);
    town.homes = vec![place(1000.0, 0.0)];
    town.levels = vec![900, 0, 0, 900];
    let scenario = &mut town.scenario;
    scenario.catalogue.skus_per_category = 2;
    (scenario.catalogue.categories[0].near_intent, scenario.catalogue.categories[0].aov_yuan) = (1.0, 90.0);
    (scenario.demand.orders_per_day, scenario.demand.extra_items_mean) = (48.0, 1.0);
    scenario.demand.hourly_profile = [1.0; 24];
    scenario.split.policy = SplitPolicy::Allow;
    town
}

fn whole(town: &Town) -> EventLog {
    let mut town = Town { scenario: town.scenario.clone(), ..self::town() };
    town.scenario.split.policy = SplitPolicy::Never;
    town.play().log
}

pub(super) fn count(log: &EventLog, which: impl Fn(&Event) -> bool) -> usize {
    log.records.iter().filter(|record| which(&record.event)).count()
}
pub(super) fn is_split(event: &Event) -> bool {
    matches!(event, Event::OrderSplit { .. })
}

/// When, by whom, for how many fen and what was ordered; SKUs in order.
type Checkout = (SimTime, u32, i64, Vec<(SkuId, u32)>);

/// Checkout by checkout.
fn checkouts(log: &EventLog) -> Vec<Checkout> {
    let mut placed = vec![SimTime::NEVER; log.orders()];
    for record in &log.records {
        if let Event::OrderPlaced { order } = record.event {
            placed[order.index()] = record.at;
        }
    }
    let mut all: Vec<Checkout> = Vec::new();
    for (order, placement) in log.placements.iter().enumerate() {
        if placement.part_of.is_none() {
            all.push((placed[order], placement.consumer.0, 0, Vec::new()));
        }
        let (_, _, value, lines) = all.last_mut().expect("the first order is no part");
        *value += placement.value.0;
        lines.extend(log.lines_of(OrderId(order as u32)).iter().map(|line| (line.sku, line.quantity)));
        lines.sort_unstable();
    }
    all
}

#[test]
fn two_stores_share_a_basket_that_neither_has() {
    let log = town().play().log;
    let before = whole(&town());
    assert_eq!(checkouts(&log), checkouts(&before), "consumers order what they ordered");
    let far = count(&before, |event| matches!(event, Event::OrderSentFar { reason: FarReason::NoStock, .. }));
    assert!(far > 10);
    assert_eq!(count(&log, is_split), far);
    assert_eq!(count(&log, |event| matches!(event, Event::OrderSentFar { .. })), 0);
    for record in &log.records {
        if let Event::OrderSourced { order, store, .. } = record.event {
            let lines = log.lines_of(order);
            assert!(lines.len() == 1 && lines[0].sku.0 == store.0, "order {} at store {}", order.0, store.0);
        }
    }
    let heads = log.placements.iter().enumerate().filter(|(_, part)| part.part_of.is_some());
    for (order, part) in heads {
        assert_eq!(part.part_of, Some(OrderId(order as u32 - 1)));
        assert!(log.placements[order - 1].value >= part.value, "the most valuable part comes first");
    }
}

#[test]
fn what_no_store_has_comes_as_a_parcel_beside_the_near_part() {
    let mut town = town();
    town.levels = vec![900, 900, 0, 0];
    let log = town.play().log;
    let rests = count(&log, |event| matches!(event, Event::OrderSentFar { reason: FarReason::Rest, .. }));
    assert!(rests > 10);
    assert_eq!(count(&log, is_split), rests);
    town.scenario.split.far_rest = false;
    assert_eq!(count(&town.play().log, is_split), 0);
    town.scenario.split.far_rest = true;
    town.scenario.split.min_near_value_yuan = 1e5;
    assert_eq!(count(&town.play().log, is_split), 0);
}

#[test]
fn a_router_without_a_warehouse_splits_between_stores_only() {
    let mut town = town();
    town.scenario.sourcing.policy = SourcingPolicy::NearOnly;
    let refused = |log: &EventLog| {
        count(log, |event| matches!(event, Event::OrderCancelled { reason: CancelReason::NoStore, .. }))
    };
    let (split, never) = (town.play().log, whole(&town));
    assert!(count(&split, is_split) > 10);
    assert_eq!((refused(&split), refused(&never)), (0, count(&split, is_split)));
    town.levels = vec![900, 900, 0, 0];
    assert_eq!(count(&town.play().log, is_split), 0);
}

#[test]
fn policies_that_count_cost_split_only_where_it_pays() {
    let mut town = town();
    town.levels = vec![900; 4];
    town.scenario.sourcing.policy = SourcingPolicy::Cheapest;
    assert_eq!(count(&town.play().log, is_split), 0, "one store has all of it");
    town.levels = vec![900, 0, 0, 900];
    assert!(count(&town.play().log, is_split) > 10);
}

#[test]
fn whoever_waits_for_parts_has_one_patience() {
    for mut town in [town(), close()] {
        town.couriers.clear();
        town.scenario.consumers.cancel_hazard_per_min = 0.1;
        all_parts_end_together(&town.play().log);
    }
}

fn all_parts_end_together(log: &EventLog) {
    let mut ended = vec![None; log.orders()];
    let mut parcel = vec![false; log.orders()];
    for record in &log.records {
        match record.event {
            Event::OrderCancelled { order, reason: CancelReason::Patience } => ended[order.index()] = Some(record.at),
            Event::OrderSentFar { order, .. } => parcel[order.index()] = true,
            _ => {}
        }
    }
    let parts = log.placements.iter().enumerate().filter_map(|(order, part)| Some((order, part.part_of?)));
    let parts = parts.filter(|(order, _)| !parcel[*order]);
    let pairs: Vec<_> = parts.map(|(order, head)| (ended[order], ended[head.index()])).collect();
    assert!(pairs.len() > 10 && pairs.iter().all(|(part, head)| part == head && part.is_some()), "{pairs:?}");
}

/// Stores 400 m apart, the one further from the door first in number.
pub(super) fn close() -> Town {
    let mut town = town();
    town.stores[1] = super::store(400.0, 0.0);
    town
}

#[test]
fn one_courier_brings_the_parts_of_two_close_stores_at_once() {
    let log = close().play().log;
    let head = log.records.iter().find_map(|record| match record.event {
        Event::OrderSplit { order, .. } => Some(order),
        _ => None,
    });
    let head = head.expect("a split order");
    let second = OrderId(head.0 + 1);
    let of = |record: &&crate::event::Record| {
        let words = super::tell(record);
        [head, second]
            .iter()
            .any(|order| words.contains(&format!("o{} ", order.0)) || words.ends_with(&format!("o{}", order.0)))
    };
    let start = log.records.iter().find(|record| is_split(&record.event)).unwrap().at;
    let mut facts: Vec<String> = Vec::new();
    for record in log.records.iter().filter(of).filter(|record| record.at > start) {
        let words = super::tell(record);
        let (seconds, what) = words.split_once(' ').unwrap();
        facts.push(format!("{:.0} {what}", seconds.parse::<f64>().unwrap() - start.seconds()));
    }
    let expected = [
        "300 o0 ready at s0, picked 300",
        "300 o1 ready at s1, picked 300",
        "300 o0 for c0, 500 m",
        "300 o1 for c0, 400 m",
        "300 c0 sets out for o0",
        "400 c0 rode 500 m for o0",
        "460 c0 takes o0 after 60",
        "520 c0 sets out for o1",
        "600 c0 rode 400 m for o1",
        "660 c0 takes o1 after 60",
        "720 c0 sets out for o0",
        "840 c0 rode 600 m for o0",
        "1080 c0 delivers o0 after 240",
        "1080 c0 free of o0",
        "1080 c0 sets out for o1",
        "1080 c0 rode 0 m for o1",
        "1080 c0 delivers o1 after 0",
        "1080 c0 free of o1",
    ];
    let said = |words: &&str| words.replace("o0", &format!("o{}", head.0)).replace("o1", &format!("o{}", second.0));
    // Nothing runs out: the order of the parts tells which store is which.
    assert_eq!(facts, expected.iter().map(said).collect::<Vec<_>>());
}

#[test]
fn a_joint_trip_needs_close_stores_of_one_fleet_and_room_for_two() {
    let together = |town: &Town| {
        let log = town.play().log;
        let mut couriers = vec![None; log.orders()];
        let mut delivered = vec![SimTime::NEVER; log.orders()];
        for record in &log.records {
            if let Event::OrderDelivered { order, courier, .. } = record.event {
                (couriers[order.index()], delivered[order.index()]) = (Some(courier), record.at);
            }
        }
        let parts = log.placements.iter().enumerate().filter_map(|(order, part)| Some((order, part.part_of?.index())));
        let (mut all, mut joint) = (0, 0);
        for (order, head) in parts {
            all += 1;
            joint += usize::from(couriers[order] == couriers[head] && delivered[order] == delivered[head]);
        }
        assert!(all > 10);
        (joint, all)
    };
    let (joint, all) = together(&close());
    assert_eq!(joint, all);
    let never = |change: &dyn Fn(&mut Town)| {
        let mut town = close();
        change(&mut town);
        together(&town).0
    };
    assert_eq!(never(&|town| town.scenario.split.join_km = 0.3), 0);
    assert_eq!(never(&|town| town.scenario.couriers.capacity = 1), 0);
    assert_eq!(never(&|town| town.scenario.dispatch.policy = DispatchPolicy::EarliestDropoff), 0);
    assert_eq!(
        never(&|town| {
            (town.fleets, town.stores[1].fleet, town.couriers[1].fleet) = (2, 1, 1);
        }),
        0
    );
}

/// How long whole orders were picked where, by the number of their checkout.
fn picked(log: &EventLog) -> Vec<Option<(StoreId, crate::event::Span)>> {
    let mut number = 0;
    let checkout: Vec<usize> = log
        .placements
        .iter()
        .map(|placement| {
            number += usize::from(placement.part_of.is_none());
            number - 1
        })
        .collect();
    let mut times = vec![None; number];
    for record in &log.records {
        if let Event::OrderReady { order, store, picked_for } = record.event {
            times[checkout[order.index()]] = Some((store, picked_for));
        }
    }
    times
}

#[test]
fn splits_leave_consumers_baskets_and_picking_times_as_they_are_and_pass_the_audit() {
    let mut splits = 0;
    for case in 0..12 {
        let mut never = super::properties::scenario(case);
        never.sourcing.policy = SourcingPolicy::NearestStocked;
        never.catalogue.skus_per_category = 30;
        never.demand.extra_items_mean = 2.0;
        for kind in &mut never.stores.archetypes {
            (kind.count, kind.full_level_units) = (kind.count + 2, Some(1.5));
        }
        let mut allow = never.clone();
        allow.split.policy = SplitPolicy::Allow;
        allow.split.max_stores = 1 + case as u32 % 3;
        let log = |scenario: &Scenario| {
            let city = Arc::new(City::build(scenario).expect("a synthetic city"));
            let log = run(scenario, &city, 0, &mut |_| {}).log;
            let violations = audit(&city, &log);
            assert!(violations.is_empty(), "case {case}: {}", violations[0]);
            log
        };
        let (a, b) = (log(&never), log(&allow));
        splits += count(&b, is_split);
        assert_eq!(checkouts(&a), checkouts(&b), "case {case}");
        let whole = |log: &EventLog| {
            let mut heads: Vec<bool> = Vec::new();
            for Placement { part_of, .. } in &log.placements {
                match part_of {
                    None => heads.push(true),
                    Some(_) => *heads.last_mut().unwrap() = false,
                }
            }
            heads
        };
        for (number, ((one, other), whole)) in picked(&a).into_iter().zip(picked(&b)).zip(whole(&b)).enumerate() {
            if let (Some((here, span)), Some((there, again))) = (one, other)
                && here == there
                && whole
            {
                assert_eq!(span, again, "case {case}, checkout {number}");
            }
        }
    }
    assert!(splits > 50, "{splits}");
}

#[test]
fn consumers_see_an_offer_in_parts_and_mind_the_second_delivery() {
    let near = |annoyance: Option<f64>| {
        let mut town = town();
        town.scenario.choice.model = ChoiceModel::Logit;
        town.scenario.choice.sessions_per_day = Some(1500.0);
        town.scenario.consumers.count = 1;
        town.couriers = (0..60).map(|i| super::courier(f64::from(i) * 30.0, 10.0)).collect();
        town.stores.iter_mut().for_each(|store| store.pickers = 60);
        match annoyance {
            Some(annoyance) => town.scenario.split.annoyance_utility = annoyance,
            None => town.scenario.split.policy = SplitPolicy::Never,
        }
        let log = town.play().log;
        let near =
            log.placements.iter().filter(|part| part.part_of.is_none() && part.session.is_some_and(|v| v.near_offered));
        (near.count(), count(&log, is_split))
    };
    let (never, easy, fussy) = (near(None), near(Some(0.0)), near(Some(50.0)));
    assert_eq!((never.1, fussy.1), (0, 0));
    assert!(easy.1 > 50 && easy.0 > never.0 + 50, "{never:?} {easy:?} {fussy:?}");
    assert!(near(Some(1.0)).1 < easy.1);
}
