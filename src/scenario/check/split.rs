//! Rules between the keys of split orders.

use super::super::desk::Desk;
use super::super::{DemandSource, Scenario, SourcingPolicy, SplitPolicy};

fn allowed(scenario: &Scenario) -> bool {
    scenario.split.policy == SplitPolicy::Allow
}

/// Observed orders were served as they were.
pub(super) fn split_orders_are_not_replayed(scenario: &Scenario, desk: &mut Desk) {
    if allowed(scenario) && scenario.demand.source == DemandSource::Trace {
        let found = "orders to replay, and orders in parts".to_string();
        let expected = "`split.policy = \"never\"` with a trace, whose orders have one line".to_string();
        let help = "leave split.policy out, or set demand.source = \"synthetic\"".to_string();
        desk.report_rule(&["split.policy", "demand.source"], found, expected, Some(help));
    }
}

/// Policies that look at no store, or at couriers only, have nothing to divide.
pub(super) fn split_orders_have_their_sourcing(scenario: &Scenario, desk: &mut Desk) {
    let policy = scenario.sourcing.policy;
    if allowed(scenario) && matches!(policy, SourcingPolicy::FarOnly | SourcingPolicy::Reassignment) {
        let found = format!("orders in parts under sourcing.policy = \"{}\"", policy.word());
        let expected = "a sourcing policy that compares what stores have".to_string();
        let help = "set sourcing.policy = \"nearest_stocked\" or \"cheapest\", or leave split.policy out".to_string();
        desk.report_rule(&["split.policy", "sourcing.policy"], found, expected, Some(help));
    }
}

/// One store without a parcel is no split.
pub(super) fn split_orders_have_two_parts(scenario: &Scenario, desk: &mut Desk) {
    let far_rest = scenario.split.far_rest && scenario.sourcing.policy != SourcingPolicy::NearOnly;
    if allowed(scenario) && scenario.split.max_stores < 2 && !far_rest {
        let found = "orders in parts with one store and no parcel".to_string();
        let help = "set split.max_stores = 2, or let the rest come as a parcel".to_string();
        let keys = ["split.max_stores", "split.far_rest", "sourcing.policy"];
        desk.report_rule(&keys, found, "at least two parts".into(), Some(help));
    }
}
