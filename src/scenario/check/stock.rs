//! Room: scenario. Rules between keys of stock.

use super::has_walk_ins;
use crate::scenario::desk::Desk;
use crate::scenario::{Metric, OpeningStock, Pool, RationingPolicy, ReplenishmentPolicy, Scenario, Unmet};

/// A supplier needs shelves to fill, and reviews their rhythm.
pub(super) fn replenishment_has_what_it_needs(scenario: &Scenario, desk: &mut Desk) {
    let (keys, stores) = (&scenario.replenishment, &scenario.stores);
    let policy = keys.policy.word();
    let mut report = |keys: &[&str], found: String, expected: &str, help: &str| {
        desk.report_rule(keys, found, expected.to_string(), Some(help.to_string()));
    };
    let orders = keys.policy != ReplenishmentPolicy::FullLevel;
    if (orders || keys.opening == OpeningStock::Newsvendor) && stores.unlimited_stock {
        let found = "replenishment or opening stock of shelves that never run empty".to_string();
        let help = "set stores.unlimited_stock = false";
        report(&["replenishment.policy", "stores.unlimited_stock"], found, "shelves that are counted", help);
    }
    let reviews = keys.policy == ReplenishmentPolicy::OrderUpTo;
    if reviews && stores.replenish_every_h <= 0.0 {
        let help = "set stores.replenish_every_h, 24 for example, or replenishment.policy = \"s_S\"";
        let found = format!("policy \"{policy}\" without reviews");
        report(&["replenishment.policy", "stores.replenish_every_h"], found, "a time between reviews", help);
    }
    if keys.truck_units.is_some() && !reviews {
        let help = "leave replenishment.truck_units out, or set replenishment.policy = \"order_up_to\"";
        let found = format!("a limit to what one review brings under policy \"{policy}\"");
        report(&["replenishment.truck_units", "replenishment.policy"], found, "a policy of periodic reviews", help);
    }
    if keys.opening == OpeningStock::Newsvendor && keys.short_yuan + keys.over_yuan <= 0.0 {
        let found = "a newsvendor to whom nothing costs anything".to_string();
        let help = "set replenishment.short_yuan to the margin of a sale";
        report(&["replenishment.short_yuan", "replenishment.over_yuan"], found, "a cost above 0", help);
    }
}

/// Two pools need counted shelves, somebody who walks in and nothing that one of them keeps for the other.
pub(super) fn siloed_pools_have_two_kinds_of_demand(scenario: &Scenario, desk: &mut Desk) {
    if scenario.stock.pool != Pool::Siloed {
        return;
    }
    let mut report = |key: &str, found: &str, expected: &str, help: &str| {
        desk.report_rule(&["stock.pool", key], found.into(), expected.into(), Some(help.into()));
    };
    if scenario.stores.unlimited_stock {
        let help = "set stores.unlimited_stock = false, or stock.pool = \"shared\"";
        report("stores.unlimited_stock", "two pools of shelves that never run empty", "shelves that are counted", help);
    }
    if !has_walk_ins(scenario) {
        let help = "set walk_in_units_per_category_h of an archetype, or stock.pool = \"shared\"";
        report("stores.archetypes", "a pool for walk-ins where nobody walks in", "walk-ins", help);
    }
    if scenario.rationing.policy != RationingPolicy::None {
        let help = "set rationing.policy = \"none\", or stock.pool = \"shared\"";
        let found = "units kept for walk-ins, who have a pool of their own";
        report("rationing.policy", found, "one pool to ration, or no rationing", help);
    }
}

/// Units that are sent on were counted, and vans drive kilometres.
pub(super) fn transfers_have_shelves_and_distances(scenario: &Scenario, desk: &mut Desk) {
    if scenario.stock.transfer_every_h.is_none() {
        return;
    }
    let mut report = |key: &str, found: &str, expected: &str, help: &str| {
        desk.report_rule(&["stock.transfer_every_h", key], found.into(), expected.into(), Some(help.into()));
    };
    if scenario.stores.unlimited_stock {
        let help = "set stores.unlimited_stock = false, or leave stock.transfer_every_h out";
        report(
            "stores.unlimited_stock",
            "transfers between shelves that never run empty",
            "shelves that are counted",
            help,
        );
    }
    if scenario.city.metric == Metric::Matrix {
        let help = "use metric \"haversine\", or leave stock.transfer_every_h out";
        report("city.metric", "transfers within kilometres with metric \"matrix\"", "a metric with distances", help);
    }
}

/// Who chooses among offers sees none where stock is lacking.
pub(super) fn backorders_have_orders_that_wait(scenario: &Scenario, desk: &mut Desk) {
    if scenario.stock.unmet != Unmet::Backorder {
        return;
    }
    if scenario.consumers_choose() {
        let found = "backorders of consumers who see no offer where stock is lacking".to_string();
        let help = "set choice.model = \"intent\", or stock.unmet = \"lost\"".to_string();
        desk.report_rule(&["stock.unmet", "choice.model"], found, "orders that arrive by intent".into(), Some(help));
    }
    if scenario.stores.unlimited_stock {
        let found = "backorders where shelves never run empty".to_string();
        let help = "set stores.unlimited_stock = false, or stock.unmet = \"lost\"".to_string();
        desk.report_rule(
            &["stock.unmet", "stores.unlimited_stock"],
            found,
            "shelves that are counted".into(),
            Some(help),
        );
    }
}
