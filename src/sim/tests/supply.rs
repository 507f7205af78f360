//! Replenishment from a supplier and orders that wait for stock, told fact by fact.

use super::{Town, order};
use crate::event::Event;
use crate::scenario::{LeadDistribution, OpeningStock, ReplenishmentPolicy, Unmet};

const HOUR: f64 = 3600.0;

/// Orders at these hours near store 0, which carries one SKU; store 1 does not. A lead time of an hour.
fn supplied(policy: ReplenishmentPolicy, hours: &[f64]) -> Town {
    let mut town = Town::new(hours.iter().map(|hour| order(hour * HOUR, 0.0, 0.0)));
    town.levels = vec![2, 0];
    let keys = &mut town.scenario.replenishment;
    (keys.policy, keys.lead_h) = (policy, 1.0);
    (keys.reorder_units, keys.level_units, keys.batch_units) = (Some(1), Some(3), Some(4));
    town
}

const SUPPLY: &[&str] = &["orders", "gets", "out of", "again", "begins", "ends with", "waits", "goes to", "far:"];

#[test]
fn a_store_orders_when_its_position_falls_to_the_reorder_point_and_gets_it_after_the_lead_time() {
    let town = supplied(ReplenishmentPolicy::MinMax, &[0.0, 0.25, 0.5, 0.75]);
    let expected = [
        "0 s0 begins with 3 of 1",
        "0 s1 begins with 0 of 0",
        "0 o0 goes to s0, 0 m",
        // Two left, then one: two are ordered. What is on order counts: the third order orders nothing.
        "900 s0 orders 2",
        "900 o1 goes to s0, 0 m",
        "1800 s0 out of k0",
        "1800 o2 goes to s0, 0 m",
        "2700 o3 far: no_stock",
        "4500 s0 has k0 again",
        "4500 s0 gets 2",
        "39600 s0 ends with 2",
        "39600 s1 ends with 0",
    ];
    assert_eq!(town.facts(SUPPLY), expected);
}

#[test]
fn batches_are_ordered_whole() {
    let town = supplied(ReplenishmentPolicy::Batches, &[0.0, 0.1, 0.2, 0.3, 1.5]);
    // Opening: reorder point and a batch, five. The fourth order leaves one.
    let expected = ["1080 s0 orders 4", "4680 s0 gets 4"];
    assert_eq!(town.facts(&["orders", "gets"]), expected);
}

#[test]
fn reviews_bring_positions_up_to_the_level_as_far_as_the_truck_goes() {
    let mut town = supplied(ReplenishmentPolicy::OrderUpTo, &[0.0, 0.1, 3.5]);
    town.scenario.stores.replenish_every_h = 1.0;
    town.scenario.stores.replenish_at_h = 1.0;
    town.scenario.replenishment.lead_h = 1.5;
    let expected = ["3600 s0 orders 2", "9000 s0 gets 2", "14400 s0 orders 1", "19800 s0 gets 1"];
    assert_eq!(town.facts(&["orders", "gets"])[..2], expected[..2]);
    town.scenario.replenishment.truck_units = Some(1);
    // The second unit comes with the truck of the next review, half an hour after the first.
    let expected = ["3600 s0 orders 1", "7200 s0 orders 1", "9000 s0 gets 1", "12600 s0 gets 1"];
    assert_eq!(town.facts(&["orders", "gets"])[..4], expected);
}

#[test]
fn a_full_truck_takes_what_is_furthest_below_its_level() {
    let mut town = supplied(ReplenishmentPolicy::OrderUpTo, &[]);
    town.scenario.catalogue.skus_per_category = 2;
    town.scenario.stores.archetypes[0].walk_in_units_per_category_h = 100.0;
    town.scenario.demand.hourly_profile = [1.0; 24];
    town.scenario.horizon_h = 3.0;
    (town.scenario.stores.replenish_every_h, town.scenario.stores.replenish_at_h) = (1.0, 1.0);
    (town.scenario.replenishment.truck_units, town.scenario.replenishment.lead_h) = (Some(4), 0.5);
    town.levels = vec![1, 1, 1, 1];
    let log = town.play().log;
    let ordered: Vec<u32> = log
        .records
        .iter()
        .filter_map(|r| if let Event::StockOrdered { units, .. } = r.event { Some(units) } else { None })
        .collect();
    assert!(ordered.len() >= 4 && ordered.iter().all(|units| *units <= 4) && ordered.contains(&4), "{ordered:?}");
}

#[test]
fn orders_wait_for_stock_first_come_first_served() {
    let mut town = supplied(ReplenishmentPolicy::MinMax, &[0.0, 0.1, 0.2, 0.3, 0.4]);
    town.scenario.stock.unmet = Unmet::Backorder;
    town.stores[0].pickers = 0;
    let expected = [
        "360 s0 orders 2",
        "1080 o3 waits for 1",
        // The position was 3 - 2 + 2 = 3, then 2, and 1 with this order.
        "1080 s0 orders 2",
        "1440 o4 waits for 1",
        "3960 s0 gets 2",
        "4260 o3 ready at s0, picked 300",
        "4260 o4 ready at s0, picked 300",
        "4680 s0 gets 2",
    ];
    let told = town.facts(&["orders", "gets", "waits", "o3 ready", "o4 ready"]);
    assert_eq!(told, expected);
    // Filling shelves at once serves those who wait as well.
    town.scenario.replenishment.policy = ReplenishmentPolicy::FullLevel;
    (town.scenario.stores.replenish_every_h, town.scenario.stores.replenish_at_h) = (1.0, 1.0);
    assert_eq!(town.facts(&["o2 ready", "waits"])[3..], ["3900 o2 ready at s0, picked 300"]);
}

#[test]
fn a_waiting_order_takes_what_is_there_and_what_others_give_back() {
    let mut town = supplied(ReplenishmentPolicy::FullLevel, &[0.0, 0.1]);
    town.scenario.stock.unmet = Unmet::Backorder;
    town.orders[1].units = 2;
    // The first order is given up after ten minutes: its unit goes to the second.
    town.couriers.clear();
    town.scenario.consumers.patience_from = crate::scenario::PatienceFrom::Placed;
    (town.scenario.consumers.patience_grace_min, town.scenario.consumers.cancel_hazard_per_min) = (10.0, 1e9);
    let expected = [
        "360 o1 waits for 1",
        "600 o0 cancelled: patience",
        "900 o1 ready at s0, picked 300",
        "1200 o1 cancelled: patience",
    ];
    assert_eq!(town.facts(&["o1 waits", "cancelled", "o1 ready"]), expected);
}

#[test]
fn wrong_forecasts_make_wrong_levels_and_lead_times_vary_by_their_law() {
    let mut town = supplied(ReplenishmentPolicy::MinMax, &[]);
    let keys = &mut town.scenario.replenishment;
    (keys.reorder_units, keys.level_units) = (None, None);
    keys.lead_distribution = LeadDistribution::Lognormal;
    town.scenario.catalogue.skus_per_category = 50;
    town.scenario.stores.archetypes[0].walk_in_units_per_category_h = 100.0;
    town.scenario.demand.hourly_profile = [1.0; 24];
    town.levels = vec![1; 100];
    let opening = |town: &Town| town.facts(&["s0 begins"]);
    let right = opening(&town);
    assert_eq!(right, opening(&town));
    town.scenario.replenishment.forecast_cv = 0.5;
    assert_ne!(opening(&town), right);
    let log = town.play().log;
    assert!(log.records.iter().any(|record| matches!(record.event, Event::StockReceived { .. })));
    town.scenario.replenishment.opening = OpeningStock::Newsvendor;
    (town.scenario.replenishment.short_yuan, town.scenario.replenishment.over_yuan) = (0.0, 1.0);
    // Where a sale earns nothing nothing is put on the shelves.
    assert_eq!(opening(&town), ["0 s0 begins with 0 of 50"]);
}
