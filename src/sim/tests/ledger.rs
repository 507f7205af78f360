//! The ledger in tiny towns: who is noted, with what, and why it did not serve; and that noting changes nothing.

use super::{Town, at_store, order, place, store};
use crate::city::City;
use crate::event::{Candidate, Event, FarReason, Ledger, Node, WhyNot};
use crate::scenario::{ChoiceModel, RationingPolicy, Scenario, SourcingPolicy};
use crate::sim::{run, run_with_ledger};
use crate::units::{Money, SimDuration, StoreId};
use std::sync::Arc;

fn ledger(town: &Town) -> Ledger {
    run_with_ledger(&town.scenario, &town.city(), 0, None, &mut |_| {}).ledger
}

fn candidates_of(ledger: &Ledger, inquiry: usize) -> &[Candidate] {
    let first =
        |i: usize| ledger.inquiries.get(i).map_or(ledger.candidates.len(), |next| next.first_candidate as usize);
    &ledger.candidates[first(inquiry)..first(inquiry + 1)]
}

/// Rank, node and reason of every candidate of one inquiry.
fn told(ledger: &Ledger, inquiry: usize) -> Vec<String> {
    told_of(candidates_of(ledger, inquiry))
}

fn told_of(candidates: &[Candidate]) -> Vec<String> {
    let line = |candidate: &Candidate| {
        let node = match candidate.node {
            Node::Store(store) => format!("s{}", store.0),
            Node::Warehouse => "w".into(),
            Node::Pickup(store) => format!("p{}", store.0),
        };
        let why = candidate.why_not.map_or("chosen", |why| why.name());
        format!("{} {node} {why}", candidate.rank)
    };
    candidates.iter().map(line).collect()
}

#[test]
fn the_nearest_store_serves_and_the_others_say_why_they_do_not() {
    let mut town = Town::new([order(0.0, 900.0, 0.0)]);
    let found = ledger(&town);
    assert_eq!(told(&found, 0), ["1 s0 chosen", "2 s1 farther", "3 w fallback"]);
    let [near, far, warehouse] = candidates_of(&found, 0) else { panic!("three candidates") };
    assert_eq!((near.road_m, far.road_m, warehouse.road_m), (Some(900.0), Some(1100.0), None));
    // 5 min of picking, ann idle 500 m away at 5 m/s, 2 min of service, 900 m to ride, hand-over as the scenario counts it.
    let longer = SimDuration::from(far.eta) - SimDuration::from(near.eta);
    assert_eq!(longer, SimDuration::from_seconds(200.0 / 5.0));
    assert_eq!(SimDuration::from(near.promise), SimDuration::from_minutes(town.scenario.promise.near_min));
    let km = town.scenario.cost.courier_per_km_yuan;
    assert!((far.cost.yuan() - near.cost.yuan() - 0.2 * km).abs() < 0.02, "200 m more: {near:?} {far:?}");

    town.scenario.sourcing.policy = SourcingPolicy::Cheapest;
    town.scenario.sourcing.far_if_cheaper = true;
    town.scenario.cost.far_last_mile_yuan = 100.0;
    assert_eq!(told(&ledger(&town), 0), ["1 s0 chosen", "2 s1 dearer", "3 w dearer"]);
    town.scenario.cost.far_last_mile_yuan = 0.0;
    town.scenario.cost.courier_per_order_yuan = 50.0;
    let parcel = ledger(&town);
    assert_eq!(told(&parcel, 0), ["1 s0 dearer", "2 s1 dearer", "3 w chosen"]);
    assert!(candidates_of(&parcel, 0)[2].cost < Money::from_yuan(50.0));
    town.scenario.sourcing.policy = SourcingPolicy::FarOnly;
    assert_eq!(told(&ledger(&town), 0), ["1 s0 far_only", "2 s1 far_only", "3 w chosen"]);
}

#[test]
fn what_keeps_a_store_from_serving_comes_before_what_the_policy_prefers() {
    // Nobody has two units but store 1; one unit of the first order is gone when the second comes.
    let two = |seconds| crate::city::TracedOrder { units: 2, ..order(seconds, 900.0, 0.0) };
    let mut town = Town::new([two(0.0), two(60.0)]);
    town.levels = vec![1, 3];
    let found = ledger(&town);
    assert_eq!(told(&found, 0), ["1 s0 no_stock", "2 s1 chosen", "3 w fallback"]);
    assert_eq!(told(&found, 1), ["1 s0 no_stock", "2 s1 no_stock", "3 w chosen"]);
    let short = |candidate: &Candidate| (candidate.lines_short, candidate.units_short, candidate.feasible());
    assert_eq!(
        candidates_of(&found, 1).iter().map(short).collect::<Vec<_>>(),
        [(1, 1, false), (1, 1, false), (0, 0, true)]
    );

    let mut town = Town::new([order(0.0, 900.0, 0.0)]);
    town.stores[0].closes = SimDuration::from_hours(9.0);
    town.stores[0].opens = SimDuration::from_hours(8.0);
    town.scenario.start_hour = 12.0;
    let found = ledger(&town);
    assert_eq!(told(&found, 0), ["1 s0 closed", "2 s1 chosen", "3 w fallback"]);
    assert!(!candidates_of(&found, 0)[0].open);

    let mut town = Town::new([order(0.0, 900.0, 0.0)]);
    town.levels = vec![1, 2];
    town.scenario.rationing.policy = RationingPolicy::Static;
    town.scenario.rationing.protect_units = 1;
    town.scenario.stores.archetypes[0].walk_in_units_per_category_h = 1e-9;
    assert_eq!(told(&ledger(&town), 0), ["1 s0 rationed", "2 s1 chosen", "3 w fallback"]);
}

#[test]
fn the_node_of_an_order_is_noted_however_far_and_the_nearest_where_none_is_in_reach() {
    // Three stores in reach of which one is compared: the third serves, since the others have nothing.
    let mut town = Town::new([order(0.0, 900.0, 0.0)]);
    town.stores.push(store(-2000.0, 0.0));
    town.levels = vec![0, 0, 9];
    town.scenario.sourcing.candidates = 1;
    assert_eq!(told(&ledger(&town), 0), ["1 s0 no_stock", "3 s2 chosen", "4 w fallback"]);
    let out = Town::new([order(0.0, 9000.0, 0.0)]);
    assert_eq!(told(&ledger(&out), 0), ["1 s1 out_of_radius", "2 w chosen"]);
    let observed = Town::new([at_store(order(0.0, 900.0, 0.0), 1)]);
    assert_eq!(told(&ledger(&observed), 0), ["1 s0 observed", "2 s1 chosen", "3 w observed"]);
    let far = Town::new([crate::city::TracedOrder { far: true, ..order(0.0, 900.0, 0.0) }]);
    let expected = ["1 s0 consumer_chose_otherwise", "2 s1 consumer_chose_otherwise", "3 w chosen"];
    assert_eq!(told(&ledger(&far), 0), expected);
    let mut only = Town::new([order(0.0, 9000.0, 0.0)]);
    only.scenario.sourcing.policy = SourcingPolicy::NearOnly;
    assert_eq!(told(&ledger(&only), 0), ["1 s1 out_of_radius", "2 w near_only"], "the order is refused");
    only.stores = Vec::new();
    assert_eq!(told(&ledger(&only), 0), ["1 w near_only"]);
}

/// A district with everything that varies turned on.
fn busy(choice: ChoiceModel, policy: SourcingPolicy) -> Scenario {
    let mut scenario = Scenario { horizon_h: 4.0, start_hour: 10.0, ..crate::testing::fixed_wishes() };
    scenario.choice.model = choice;
    scenario.choice.sessions_per_day = Some(6000.0);
    scenario.demand.orders_per_day = 3000.0;
    scenario.city.side_km = 6.0;
    scenario.couriers.count = 25;
    scenario.catalogue.skus_per_category = 20;
    scenario.sourcing.policy = policy;
    scenario.overload.policy = crate::scenario::OverloadPolicy::Staged;
    scenario
}

#[test]
fn a_run_with_its_ledger_is_the_run_without_it() {
    let policies = [SourcingPolicy::NearestStocked, SourcingPolicy::DlpClocks, SourcingPolicy::BidPriceClosed];
    for choice in [ChoiceModel::Intent, ChoiceModel::Logit] {
        for policy in policies {
            let mut scenario = busy(choice, policy);
            scenario.pickup.enabled = true;
            let city = Arc::new(City::build(&scenario).unwrap());
            let plain = run(&scenario, &city, 0, &mut |_| {});
            let noted = run_with_ledger(&scenario, &city, 0, None, &mut |_| {});
            assert!(plain.log == noted.log, "{choice:?} {policy:?}");
            assert!(plain.ledger.inquiries.is_empty() && plain.ledger.candidates.is_empty());
            let orders: Vec<u32> = noted.ledger.inquiries.iter().filter_map(|i| i.order.map(|order| order.0)).collect();
            assert_eq!(orders, (0..plain.log.orders() as u32).collect::<Vec<_>>(), "each order once");
        }
    }
}

#[test]
fn the_chosen_candidate_is_the_node_that_the_log_tells_of() {
    for choice in [ChoiceModel::Intent, ChoiceModel::Logit] {
        let mut scenario = busy(choice, SourcingPolicy::Fastest);
        scenario.pickup.enabled = true;
        let city = Arc::new(City::build(&scenario).unwrap());
        let outcome = run_with_ledger(&scenario, &city, 0, None, &mut |_| {});
        let mut sourced: Vec<Option<Node>> = vec![None; outcome.log.orders()];
        for record in &outcome.log.records {
            match record.event {
                Event::OrderSourced { order, store, .. } => sourced[order.index()] = Some(Node::Store(store)),
                Event::OrderSentFar { order, .. } => sourced[order.index()] = Some(Node::Warehouse),
                Event::PickupReserved { order, store, .. } => sourced[order.index()] = Some(Node::Pickup(store)),
                _ => {}
            }
        }
        let mut least = [0, 0];
        for (number, inquiry) in outcome.ledger.inquiries.iter().enumerate() {
            let candidates = candidates_of(&outcome.ledger, number);
            let chosen: Vec<Node> = candidates.iter().filter(|c| c.why_not.is_none()).map(|c| c.node).collect();
            assert_eq!(chosen, inquiry.order.and_then(|order| sourced[order.index()]).into_iter().collect::<Vec<_>>());
            assert!(candidates.is_sorted_by_key(|c| c.rank) && candidates.len() <= 11);
            // The fastest store that could serve is the one that serves, unless the consumer or overload said no.
            let fastest =
                candidates.iter().filter(|c| matches!(c.node, Node::Store(_)) && c.feasible()).min_by_key(|c| c.eta);
            if let Some(Node::Store(StoreId(_))) = chosen.first() {
                least[usize::from(fastest.map(|c| c.node) == chosen.first().copied())] += 1;
            }
        }
        assert!(least[1] > 100 && least[0] == 0, "{choice:?}: {least:?}");
        let fetched = sourced.iter().filter(|node| matches!(node, Some(Node::Pickup(_)))).count();
        assert_eq!(fetched > 9, choice == ChoiceModel::Logit, "{fetched} orders fetched");
    }
}

/// Somebody who fetches orders from store 0, 1 km away, unless they are told otherwise.
fn walker() -> Town {
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
    scenario.pickup.walk_kmh = 3.6;
    let category = &mut scenario.catalogue.categories[0];
    (category.asc_near, category.asc_far, category.asc_pickup) = (-50.0, -50.0, 50.0);
    town
}

#[test]
fn the_store_that_pick_up_offers_is_a_candidate_of_its_own() {
    let mut town = walker();
    let found = ledger(&town);
    let otherwise = "consumer_chose_otherwise";
    assert_eq!(
        told(&found, 0),
        [format!("1 s0 {otherwise}"), format!("2 s1 {otherwise}"), "3 p0 chosen".into(), format!("4 w {otherwise}")]
    );
    let [near, _, fetched, parcel] = candidates_of(&found, 0) else { panic!("four candidates") };
    assert_eq!((near.road_m, fetched.road_m), (Some(1000.0), Some(1000.0)));
    // 1000 s on foot after 20 min as promised, or after the 5 min that picking takes.
    assert_eq!(SimDuration::from(fetched.promise), SimDuration::from_seconds(1200.0 + 1000.0));
    assert_eq!(SimDuration::from(fetched.eta), SimDuration::from_seconds(300.0 + 1000.0));
    // A near order has a courier, who rides a kilometre past midnight, and a thicker bag besides; nothing of it is late.
    let cost = &town.scenario.cost;
    let courier = cost.courier_per_order_yuan + cost.courier_extra_yuan_by_hour[0] + cost.courier_per_km_yuan;
    let beyond = courier + cost.near_packaging_yuan;
    let saved = beyond - town.scenario.pickup.packaging_yuan;
    assert!((near.cost.yuan() - fetched.cost.yuan() - saved).abs() < 0.02, "{near:?} {fetched:?} {saved}");
    assert_eq!([near, fetched, parcel].map(|candidate| candidate.co2e_mg), [182_000, 130_000, 565_000]);

    town.scenario.carbon.pickup_car_share = 0.5;
    town.scenario.catalogue.categories[0].asc_near = 100.0;
    let found = ledger(&town);
    let told = told(&found, 0);
    assert_eq!((told[0].as_str(), told[2].clone()), ("1 s0 chosen", format!("3 p0 {otherwise}")));
    assert_eq!(candidates_of(&found, 0)[2].co2e_mg, 280_000, "half of them drive 2 km at 150 g");
    let constants = &mut town.scenario.catalogue.categories[0];
    (constants.asc_near, constants.asc_pickup) = (-50.0, -50.0);
    assert_eq!(told_of(candidates_of(&ledger(&town), 0))[2], "3 p0 consumer_left");
    // Fetched, though no store would send a courier so far: the warehouse does not serve it.
    town.scenario.catalogue.categories[0].asc_pickup = 50.0;
    town.stores.iter_mut().for_each(|store| store.radius_m = 10.0);
    assert_eq!(told_of(candidates_of(&ledger(&town), 0)).last().unwrap(), "3 w consumer_chose_otherwise");
}

#[test]
fn reasons_to_go_far_are_the_reasons_of_stores() {
    let mut seen = std::collections::BTreeMap::new();
    let short = [(5, ChoiceModel::Intent, 1.1), (5, ChoiceModel::Intent, 1000.0), (5, ChoiceModel::Logit, 1.1)];
    for (couriers, choice, pause_above) in short {
        let mut scenario = busy(choice, SourcingPolicy::NearestStocked);
        scenario.couriers.count = couriers;
        (scenario.overload.pause_above, scenario.overload.radius_factor) = (pause_above, 0.3);
        let city = Arc::new(City::build(&scenario).unwrap());
        let outcome = run_with_ledger(&scenario, &city, 0, None, &mut |_| {});
        let mut reasons = vec![None; outcome.log.orders()];
        for record in &outcome.log.records {
            if let Event::OrderSentFar { order, reason, .. } = record.event {
                reasons[order.index()] = Some(reason);
            }
        }
        for (number, inquiry) in outcome.ledger.inquiries.iter().enumerate() {
            let Some(reason) = inquiry.order.and_then(|order| reasons[order.index()]) else { continue };
            let candidates = candidates_of(&outcome.ledger, number);
            let stores = || candidates.iter().filter(|candidate| candidate.node != Node::Warehouse);
            let because = |why: WhyNot| stores().any(|store| store.why_not == Some(why));
            let told = match reason {
                FarReason::NoStore => !stores().any(Candidate::feasible) && !because(WhyNot::NoStock),
                FarReason::NoStock => !stores().any(Candidate::feasible) && because(WhyNot::NoStock),
                FarReason::Paused => because(WhyNot::Paused),
                FarReason::Shrunk => because(WhyNot::Shrunk),
                FarReason::Fee => because(WhyNot::Fee),
                FarReason::Overload => because(WhyNot::Overload),
                FarReason::Chosen => because(WhyNot::ConsumerChoseOtherwise) || !stores().any(Candidate::feasible),
                FarReason::Rationed
                | FarReason::Cheaper
                | FarReason::FarOnly
                | FarReason::Rest
                | FarReason::MaxWait => false,
            };
            assert!(told, "{reason:?}: {:?}", told_of(candidates));
            *seen.entry(reason.name()).or_insert(0) += 1;
        }
    }
    for reason in ["chosen", "no_stock", "paused", "shrunk"] {
        assert!(seen.get(reason).is_some_and(|n| *n > 5), "{reason} is not in {seen:?}");
    }
}
