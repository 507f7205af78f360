//! What stores send each other, told fact by fact.

use super::{Town, order};
use crate::event::Event;
use crate::scenario::{Pool, ReplenishmentPolicy, Unmet};

const HOUR: f64 = 3600.0;

/// Orders at these hours at store 0, which has two units of one SKU, and sixteen at store 1, 2 km away. Planners expect ten a
/// day of both stores together. Reviews at every full hour, vans take half an hour.
fn neighbours(hours: &[f64]) -> Town {
    let mut town = Town::new(hours.iter().map(|hour| order(hour * HOUR, 0.0, 0.0)));
    town.levels = vec![2, 16];
    town.stores[0].pickers = 0;
    town.stores[0].radius_m = 1000.0;
    town.stores[1].radius_m = 1000.0;
    let scenario = &mut town.scenario;
    (scenario.demand.orders_per_day, scenario.demand.extra_items_mean) = (10.0, 0.0);
    scenario.catalogue.categories[0].near_intent = 1.0;
    scenario.stores.archetypes[0].assortment_share = 1.0;
    let keys = &mut scenario.stock;
    (keys.transfer_every_h, keys.transfer_lead_h) = (Some(1.0), 0.5);
    (keys.transfer_keep_days, keys.transfer_max_km) = (0.8, 3.0);
    town
}

const STOCK: &[&str] = &["goes to", "far:", "sends", "brought", "out of", "again", "ends with"];

#[test]
fn a_store_without_units_is_sent_some_by_its_neighbour_which_keeps_its_own() {
    let facts = neighbours(&[0.0, 0.1, 0.2, 2.0]).facts(STOCK);
    let expected = [
        "0 o0 goes to s0, 0 m",
        "360 s0 out of k0",
        "360 o1 goes to s0, 0 m",
        "720 o2 far: no_stock",
        // Each expects five a day and keeps four: of a surplus of twelve six may go, and four are wanted.
        "3600 s1 sends s0 4 of k0",
        "5400 s0 is brought 4 of k0",
        "5400 s0 has k0 again",
        "7200 o3 goes to s0, 0 m",
    ];
    assert_eq!(facts[..8], expected);
    assert_eq!(
        facts[8..].iter().map(|fact| &fact[fact.len() - 15..]).collect::<Vec<_>>(),
        [" s0 ends with 3", "s1 ends with 12"]
    );
}

#[test]
fn nothing_is_sent_by_default_beyond_reach_or_of_what_is_kept() {
    let none = |change: fn(&mut Town)| {
        let mut town = neighbours(&[0.0, 0.1, 0.2, 2.0]);
        change(&mut town);
        assert_eq!(town.facts(&["sends", "brought"]), [""; 0]);
    };
    none(|town| town.scenario.stock.transfer_every_h = None);
    none(|town| town.scenario.stock.transfer_max_km = 1.9);
    none(|town| town.scenario.stock.transfer_keep_days = 3.2);
    none(|town| town.levels = vec![2, 0]);
    none(|town| town.stores[1].channel = crate::city::Channel::Far);
}

#[test]
fn what_is_on_its_way_is_not_sent_again_and_need_not_arrive() {
    let mut town = neighbours(&[0.0, 0.1, 3.5]);
    town.scenario.stock.transfer_lead_h = 90.0;
    assert_eq!(town.facts(&["sends", "brought"]), ["3600 s1 sends s0 4 of k0"]);
}

#[test]
fn those_who_wait_get_what_comes_and_a_supplier_is_asked_for_no_more_than_is_missing() {
    let mut town = neighbours(&[0.0, 0.1, 0.2, 5.0]);
    town.scenario.stock.unmet = Unmet::Backorder;
    let keys = &mut town.scenario.replenishment;
    (keys.policy, keys.lead_h, keys.forecast_cv) = (ReplenishmentPolicy::OrderUpTo, 100.0, 0.0);
    keys.level_units = Some(2);
    town.scenario.stock.transfer_keep_days = 0.2;
    (town.scenario.stores.replenish_every_h, town.scenario.stores.replenish_at_h) = (24.0, 1.25);
    // Both open with two, so that a surplus of one has no half to be sent.
    assert_eq!(town.facts(&["sends", "s0 orders"]), ["4500 s0 orders 3"]);
    town.scenario.replenishment.level_units = Some(4);
    town.orders.extend([order(0.3 * HOUR, 0.0, 0.0), order(0.4 * HOUR, 0.0, 0.0)]);
    town.orders.sort_by_key(|order| order.placed);
    // Four are gone and one is owed; one is coming from the other store, which lacks it in turn.
    let told = town.facts(&["waits", "sends", "orders", "brought", "o4 ready"]);
    let expected = [
        "1440 o4 waits for 1",
        "3600 s1 sends s0 1 of k0",
        "4500 s0 orders 4",
        "4500 s1 orders 1",
        "5400 s0 is brought 1 of k0",
        "5700 o4 ready at s0, picked 300",
    ];
    assert_eq!(told[..6], expected);
}

#[test]
fn of_siloed_pools_that_of_orders_is_sent() {
    let mut town = neighbours(&[0.0, 0.1, 0.2, 2.0]);
    town.scenario.stock.pool = Pool::Siloed;
    town.scenario.demand.hourly_profile = [1.0; 24];
    let kind = &mut town.scenario.stores.archetypes[0];
    (kind.walk_in_units_per_category_h, kind.open_h, kind.close_h) = (5.0 / 24.0, 0.0, 24.0);
    town.scenario.stock.transfer_keep_days = 0.79;
    // Half of everything belongs to walk-ins: of eight units four are kept and two may go.
    assert_eq!(town.facts(&["sends"])[0], "3600 s1 sends s0 2 of k0");
    let sold = |event: &Event| matches!(event, Event::WalkInServed { store, .. } if store.0 == 0);
    assert!(town.play().log.records.iter().filter(|record| sold(&record.event)).count() <= 1);
}
