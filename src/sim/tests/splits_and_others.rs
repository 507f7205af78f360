//! Orders in parts beside what else may happen to them: shortfalls, backorders, pick-up, the ledger, the tables.

use super::Town;
use super::splits::{close, count, is_split, town};
use crate::audit::audit;
use crate::city::City;
use crate::event::{CancelReason, Event, EventLog, FarReason, Node, WhyNot};
use crate::metrics::{
    Frames, Kpi, StoredEvents, StoredOrders, events_parquet, fates, kpis_of, stored_violations, violations,
};
use crate::scenario::{
    ChoiceModel, DispatchPolicy, OpeningStock, PromisePolicy, ReplenishmentPolicy, Scenario, SourcingPolicy,
    SplitPolicy, Unmet,
};
use crate::sim::{run, run_with_ledger};
use crate::units::{OrderId, SimTime};
use std::collections::BTreeSet;
use std::sync::Arc;

/// First part and second of every order in two parts.
fn pairs(log: &EventLog) -> Vec<(usize, usize)> {
    let parts = log.placements.iter().enumerate();
    parts.filter_map(|(order, part)| Some((part.part_of?.index(), order))).collect()
}

/// When each order was delivered, and by whom.
fn deliveries(log: &EventLog) -> Vec<Option<(SimTime, u32)>> {
    let mut all = vec![None; log.orders()];
    for record in &log.records {
        if let Event::OrderDelivered { order, courier, .. } = record.event {
            all[order.index()] = Some((record.at, courier.0));
        }
    }
    all
}

/// Three in ten lines are on paper only, nobody takes anything else or loses patience.
fn phantom(mut town: Town) -> Town {
    town.scenario.stock.phantom_share = 0.3;
    town.scenario.stock.substitution_accept = 0.0;
    town.scenario.consumers.cancel_hazard_per_min = 0.0;
    town
}

#[test]
fn a_part_of_which_nothing_is_found_does_not_keep_its_partner_waiting() {
    let log = phantom(close()).play().log;
    let came = deliveries(&log);
    let small = |event: &Event| matches!(event, Event::OrderCancelled { reason: CancelReason::SmallBasket, .. });
    assert!(count(&log, small) > 5);
    let pairs = pairs(&log);
    let alone = pairs.iter().filter(|(head, part)| came[*head].is_some() != came[*part].is_some()).count();
    let together = pairs.iter().filter(|(head, part)| came[*head].is_some() && came[*head] == came[*part]).count();
    assert!(alone > 3 && together > 3, "{alone} {together}");
    let ready = count(&log, |event| matches!(event, Event::OrderReady { .. }));
    assert_eq!(came.iter().flatten().count(), ready, "whatever was packed is brought");
}

#[test]
fn a_part_that_moves_to_another_store_comes_alone_and_so_does_its_partner() {
    let mut town = phantom(close());
    // A third store, too far to share a courier with, has what the first one has.
    town.stores.push(super::store(3000.0, 0.0));
    town.levels = vec![900, 0, 900, 0, 900, 0];
    town.scenario.demand.orders_per_day = 150.0;
    let log = town.play().log;
    let moved: BTreeSet<usize> = log
        .records
        .iter()
        .filter_map(|record| match record.event {
            Event::OrderResourced { order, .. } => Some(order.index()),
            _ => None,
        })
        .collect();
    let came = deliveries(&log);
    let of_moved: Vec<_> = pairs(&log).into_iter().filter(|(a, b)| moved.contains(a) || moved.contains(b)).collect();
    let both: Vec<_> = of_moved.iter().filter_map(|(a, b)| Some((came[*a]?.0, came[*b]?.0))).collect();
    assert!(both.len() > 3 && both.iter().all(|(a, b)| a != b), "{both:?}");
    let ready = count(&log, |event| matches!(event, Event::OrderReady { .. }));
    assert_eq!(came.iter().flatten().count(), ready, "whatever was packed is brought");
}

/// Each store has plenty of one SKU and one unit of the other.
fn short() -> Town {
    let mut town = town();
    town.levels = vec![900, 1, 1, 900];
    town
}

#[test]
fn an_order_waits_for_stock_only_if_it_cannot_come_in_parts() {
    let mut town = short();
    town.scenario.stock.unmet = Unmet::Backorder;
    let waits = |town: &Town| count(&town.play().log, |event| matches!(event, Event::OrderBackordered { .. }));
    assert_eq!(waits(&town), 0);
    assert!(count(&town.play().log, is_split) > 10);
    // Parts are worth too little: it waits after all.
    town.scenario.split.min_near_value_yuan = 1e5;
    assert!(waits(&town) > 10, "{}", waits(&town));
    town.scenario.split.policy = SplitPolicy::Never;
    assert!(waits(&town) > 10);
}

#[test]
fn whoever_fetches_an_order_gets_all_of_it_at_one_store() {
    let mut town = town();
    // The third store has everything, but no courier of it comes here.
    town.stores.push(super::store(1200.0, 0.0));
    town.stores[2].radius_m = 1.0;
    town.levels = vec![900, 0, 900, 0, 900, 900];
    town.scenario.choice.model = ChoiceModel::Logit;
    town.scenario.choice.sessions_per_day = Some(200.0);
    town.scenario.consumers.count = 1;
    town.scenario.pickup.enabled = true;
    let fetched = |event: &Event| matches!(event, Event::PickupReserved { .. });
    let of = |town: &Town| {
        let log = town.play().log;
        (count(&log, fetched), count(&log, is_split))
    };
    let category = &mut town.scenario.catalogue.categories[0];
    (category.asc_near, category.asc_far, category.asc_pickup) = (-50.0, -50.0, 50.0);
    let (whole, split) = of(&town);
    assert!(whole > 30 && split == 0, "{whole} {split}");
    let category = &mut town.scenario.catalogue.categories[0];
    (category.asc_near, category.asc_pickup) = (50.0, -50.0);
    let (whole, split) = of(&town);
    assert!(whole == 0 && split > 10, "{whole} {split}");
}

#[test]
fn the_ledger_has_one_inquiry_for_a_checkout_and_names_every_node_that_serves_a_part() {
    for (levels, choice) in [
        (vec![900, 0, 0, 900], ChoiceModel::Intent),
        (vec![900, 900, 0, 0], ChoiceModel::Intent),
        (vec![900, 0, 0, 900], ChoiceModel::Logit),
    ] {
        let mut town = town();
        town.levels = levels;
        town.scenario.choice.model = choice;
        town.scenario.choice.sessions_per_day = Some(300.0);
        town.scenario.consumers.count = 1;
        town.scenario.catalogue.categories[0].asc_near = 20.0;
        let city = town.city();
        let outcome = run_with_ledger(&town.scenario, &city, 0, None, &mut |_| {});
        let (log, ledger) = (&outcome.log, &outcome.ledger);
        let mut nodes: Vec<Vec<Node>> = vec![Vec::new(); log.orders()];
        for record in &log.records {
            let (order, node) = match record.event {
                Event::OrderSourced { order, store, .. } => (order, Node::Store(store)),
                Event::OrderSentFar { order, .. } => (order, Node::Warehouse),
                _ => continue,
            };
            let head = log.placements[order.index()].part_of.unwrap_or(order);
            nodes[head.index()].push(node);
        }
        let mut splits = 0;
        let heads = (0..log.orders()).filter(|order| log.placements[*order].part_of.is_none());
        let asked = ledger.inquiries.iter().filter_map(|inquiry| inquiry.order);
        assert_eq!(asked.map(OrderId::index).collect::<Vec<_>>(), heads.collect::<Vec<_>>());
        for (number, inquiry) in ledger.inquiries.iter().enumerate() {
            let Some(order) = inquiry.order else { continue };
            let end = ledger.inquiries.get(number + 1).map_or(ledger.candidates.len(), |i| i.first_candidate as usize);
            let candidates = &ledger.candidates[inquiry.first_candidate as usize..end];
            let chosen = candidates.iter().filter(|candidate| candidate.why_not.is_none());
            let key = |node: &Node| if let Node::Store(store) = node { store.0 } else { u32::MAX };
            let mut serving = nodes[order.index()].clone();
            let mut chosen: Vec<Node> = chosen.map(|candidate| candidate.node).collect();
            serving.sort_by_key(key);
            chosen.sort_by_key(key);
            assert_eq!(chosen, serving, "order {}", order.0);
            if serving.len() > 1 {
                splits += 1;
                let value: i64 = log.placements.iter().enumerate().fold(0, |sum, (other, part)| {
                    let mine = other == order.index() || part.part_of == Some(order);
                    sum + if mine { part.value.0 } else { 0 }
                });
                assert_eq!(inquiry.value.0, value, "of the whole basket");
                let others = candidates.iter().filter(|c| c.node == Node::Warehouse).filter_map(|c| c.why_not);
                assert!(others.into_iter().all(|why| matches!(why, WhyNot::Dearer | WhyNot::ConsumerChoseOtherwise)));
            }
        }
        assert!(splits > 10, "{splits}");
    }
}

#[test]
fn a_stock_out_is_met_once_by_a_checkout_and_its_fate_is_one() {
    let town = short();
    let city = town.city();
    let log = town.play().log;
    let frames = Frames::from_log(&town.scenario, &city, &log, 0).unwrap();
    let had: Vec<Option<bool>> = frames.orders.column("nearest_had_stock").unwrap().bool().unwrap().iter().collect();
    let pairs = pairs(&log);
    assert!(pairs.len() > 10);
    for (head, part) in &pairs {
        assert!(had[*head].is_some() && had[*part].is_none(), "orders {head} and {part}");
    }
    // The first part alone would have found its store full.
    let missed = pairs.iter().filter(|(head, _)| had[*head] == Some(false)).count();
    assert!(missed + 3 > pairs.len(), "{missed} of {}", pairs.len());
    let found = fates(&city, &log, &frames).unwrap().all;
    assert_eq!(found.len(), log.orders() - pairs.len());
    assert!(found.iter().enumerate().all(|(place, fate)| fate.id as usize == place));
    let gmv: i64 = found.iter().map(|fate| fate.gmv.0).sum();
    let status = frames.orders.column("status").unwrap().str().unwrap();
    let values = log.placements.iter().zip(status.iter());
    let value: i64 = values.filter(|(_, status)| *status != Some("cancelled")).map(|(part, _)| part.value.0).sum();
    assert_eq!(gmv, value);
}

/// A random scenario with orders in parts among everything that may befall them.
fn random(case: u64) -> Scenario {
    let mut scenario = super::properties::scenario(case);
    let odd = |bit: u64| case >> bit & 1 == 1;
    scenario.split.policy = SplitPolicy::Allow;
    scenario.split.max_stores = 2 + (case % 2) as u32;
    scenario.split.join_km = if odd(0) { 3.0 } else { 0.5 };
    scenario.couriers.capacity = 2 + (case % 3) as u32;
    scenario.couriers.count += 4;
    scenario.catalogue.skus_per_category = 30;
    scenario.demand.extra_items_mean = 2.0;
    scenario.stores.unlimited_stock = false;
    for kind in &mut scenario.stores.archetypes {
        (kind.count, kind.full_level_units) = (kind.count + 2, Some(1.5));
    }
    let policies = [SourcingPolicy::NearestStocked, SourcingPolicy::Cheapest, SourcingPolicy::Fastest];
    scenario.sourcing.policy = policies[case as usize % policies.len()];
    if odd(1) && scenario.dispatch.policy != DispatchPolicy::StoreCouriers {
        scenario.dispatch.policy = DispatchPolicy::GreedyNearest;
    }
    if odd(2) {
        scenario.stock.phantom_share = 0.2;
        scenario.stock.min_basket_yuan = if odd(3) { 30.0 } else { 0.0 };
        scenario.stock.sync_latency_s = if odd(4) { 600.0 } else { 0.0 };
    }
    if !odd(0) {
        scenario.replenishment.policy = ReplenishmentPolicy::MinMax;
        scenario.replenishment.lead_h = 0.5;
        scenario.replenishment.opening = OpeningStock::Level;
    }
    if case.is_multiple_of(3) {
        scenario.choice.model = ChoiceModel::Logit;
        scenario.choice.sessions_per_day = Some(3000.0);
        scenario.pickup.enabled = true;
        scenario.stock.unmet = Unmet::Lost;
        scenario.promise.policy = PromisePolicy::Quantile;
    } else if !scenario.consumers_choose() {
        scenario.stock.unmet = if odd(3) { Unmet::Backorder } else { Unmet::Lost };
    }
    scenario
}

/// What the audit says of tables and log, both as they are and as stored.
fn faults(scenario: &Scenario, city: &City, log: &EventLog) -> Vec<String> {
    let frames = Frames::from_log(scenario, city, log, 0).unwrap();
    let mut found = audit(city, log);
    found.extend(violations(city, log, &frames.orders).unwrap());
    let orders = StoredOrders::read(frames.orders_parquet().unwrap()).unwrap();
    let events = StoredEvents::read(events_parquet(&[(city, log)]).unwrap()).unwrap();
    let stored = events.log(&orders, city, 0).unwrap();
    found.extend(audit(city, &stored));
    found.extend(stored_violations(city, &stored, &orders, 0).unwrap());
    found.into_iter().map(|violation| violation.what).collect()
}

#[test]
fn parts_pass_the_audit_among_shortfalls_pick_up_backorders_and_supply() {
    let mut seen = [0_usize; 7];
    for case in 0..24 {
        let scenario = random(case);
        let city = Arc::new(City::build(&scenario).expect("a synthetic city"));
        let log = run(&scenario, &city, 0, &mut |_| {}).log;
        let found = faults(&scenario, &city, &log);
        assert!(found.is_empty(), "case {case}: {found:?}");
        let part = |order: OrderId| {
            let next = log.placements.get(order.index() + 1).is_some_and(|next| next.part_of == Some(order));
            next || log.placements[order.index()].part_of.is_some()
        };
        for record in &log.records {
            let kind = match record.event {
                Event::OrderSplit { .. } => 0,
                Event::LineRefunded { order, .. } if part(order) => 1,
                Event::OrderResourced { order, .. } if part(order) => 2,
                Event::OrderCancelled { order, reason: CancelReason::SmallBasket } if part(order) => 3,
                Event::PickupReserved { order, .. } => {
                    assert!(!part(order), "case {case}: order {} is fetched in parts", order.0);
                    4
                }
                Event::OrderBackordered { order, .. } => {
                    assert!(!part(order), "case {case}: a part of order {} waits", order.0);
                    5
                }
                Event::OrderSentFar { reason: FarReason::Rest, .. } => 6,
                _ => continue,
            };
            seen[kind] += 1;
        }
        counts_are_those_of_checkouts(&scenario, &city, &log);
    }
    assert!(seen.iter().all(|count| *count > 3), "{seen:?}");
}

/// Orders, delivered, cancelled and open add up, and those of sessions are those that the KPIs tell of.
fn counts_are_those_of_checkouts(scenario: &Scenario, city: &City, log: &EventLog) {
    let frames = Frames::from_log(scenario, city, log, 0).unwrap();
    let kpis: Vec<Kpi> = kpis_of(&frames, 0).unwrap();
    let value = |name: &str| kpis.iter().find(|kpi| kpi.name == name).unwrap().value;
    let heads = log.placements.iter().filter(|placement| placement.part_of.is_none()).count() as f64;
    assert_eq!(value("orders"), heads);
    assert_eq!(value("delivered") + value("cancelled") + value("censored_orders"), heads);
    if scenario.consumers_choose() {
        assert!((value("sessions") * value("conversion") - heads).abs() < 1e-6);
    }
}
