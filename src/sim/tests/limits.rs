//! Stores that are too busy to be offered.

use super::{Town, order};
use crate::scenario::{ChoiceModel, RationingPolicy, SourcingPolicy};

fn sourced(town: &Town) -> Vec<String> {
    town.facts(&["goes to", "far:", "cancelled"]).into_iter().map(|fact| fact.replace(", 0 m", "")).collect()
}

/// Four orders at the door of store 0, which picks for 5 min; the last one comes after two of them are packed.
fn busy_town() -> Town {
    Town::new([0.0, 1.0, 2.0, 700.0].map(|at| order(at, 0.0, 0.0)))
}

#[test]
fn a_store_with_a_long_queue_gives_way_to_the_next_and_then_to_the_warehouse() {
    let mut town = busy_town();
    assert_eq!(sourced(&town), ["0 o0 goes to s0", "1 o1 goes to s0", "2 o2 goes to s0", "700 o3 goes to s0"]);
    town.scenario.near.max_queue_orders = Some(1);
    assert_eq!(
        sourced(&town),
        ["0 o0 goes to s0", "1 o1 goes to s1, 2000 m", "2 o2 far: overload", "700 o3 goes to s0"]
    );
    town.scenario.near.max_queue_orders = Some(2);
    assert_eq!(sourced(&town)[2], "2 o2 goes to s1, 2000 m");
}

#[test]
fn a_store_whose_time_to_the_door_is_too_long_is_not_offered() {
    // Pick 300 s, courier 100 s, service 120 s, hand-over 240 s; 300 s for each order ahead, 400 s more from store 1.
    let mut town = busy_town();
    town.scenario.near.max_quote_min = Some(13.0);
    assert_eq!(sourced(&town)[..3], ["0 o0 goes to s0", "1 o1 far: overload", "2 o2 far: overload"]);
    town.scenario.near.max_quote_min = Some(20.0);
    assert_eq!(sourced(&town)[..3], ["0 o0 goes to s0", "1 o1 goes to s0", "2 o2 goes to s1, 2000 m"]);
    town.scenario.near.max_quote_min = Some(12.0);
    assert!(sourced(&town).iter().all(|fact| fact.ends_with("far: overload")), "{:?}", sourced(&town));
}

#[test]
fn limits_are_no_reason_where_there_is_no_store_or_no_stock_or_it_is_kept() {
    let mut town = Town::new([order(0.0, 0.0, 0.0), order(1.0, 9000.0, 0.0)]);
    town.levels = vec![0, 0];
    town.scenario.near.max_queue_orders = Some(1);
    assert_eq!(sourced(&town), ["0 o0 far: no_stock", "1 o1 far: no_store"]);
    town.levels = vec![1, 1];
    (town.scenario.rationing.policy, town.scenario.rationing.protect_units) = (RationingPolicy::Static, 1);
    town.scenario.stores.archetypes[0].walk_in_units_per_category_h = 0.01;
    assert_eq!(sourced(&town), ["0 o0 far: rationed", "1 o1 far: no_store"]);
}

#[test]
fn without_a_warehouse_an_order_that_no_store_is_offered_to_is_refused() {
    let mut town = busy_town();
    town.scenario.near.max_queue_orders = Some(1);
    town.scenario.sourcing.policy = SourcingPolicy::NearOnly;
    assert_eq!(sourced(&town)[2], "2 o2 cancelled: no_store");
}

#[test]
fn a_session_that_no_store_is_offered_to_sees_no_near_offer() {
    let mut town = Town::new([]);
    town.homes = vec![super::place(0.0, 0.0); 20];
    town.scenario.demand.orders_per_day = 2000.0;
    town.scenario.choice.model = ChoiceModel::Logit;
    town.scenario.horizon_h = 3.0;
    let offered = |town: &Town| {
        let log = town.play().log;
        let near = log.placements.iter().filter_map(|order| order.session).filter(|visit| visit.near_offered).count();
        (near, town.facts(&["left: overload"]).len(), town.facts(&["far: overload"]).len())
    };
    let (all, left, far) = offered(&town);
    assert!(all > 0 && left == 0 && far == 0);
    town.scenario.near.max_queue_orders = Some(1);
    let (some, left, far) = offered(&town);
    assert!(some < all && left > 0 && far > 0, "{some} of {all} offers, {left} left, {far} far");
}
