//! Rules between the keys of pick-up.

use super::super::desk::Desk;
use super::super::{Metric, RationingPolicy, Scenario};

/// Travel times by courier say nothing about a walk.
pub(super) fn walks_have_a_length(scenario: &Scenario, desk: &mut Desk) {
    if scenario.pickup_offered() && scenario.city.metric == Metric::Matrix {
        let found = "pick-up with metric \"matrix\", whose times are those of couriers".to_string();
        let help = "use metric \"haversine\", or set pickup.enabled = false".to_string();
        let expected = "a metric with distances".to_string();
        desk.report_rule(&["pickup.enabled", "city.metric"], found, expected, Some(help));
    }
}

/// Whoever walks costs no courier: pick-up may reach for units that the near field leaves, not the other way round.
pub(super) fn pickup_keeps_no_more_than_the_near_field(scenario: &Scenario, desk: &mut Desk) {
    let (pickup, rationing) = (&scenario.pickup, &scenario.rationing);
    let near = match rationing.policy {
        RationingPolicy::None => 0,
        RationingPolicy::Static | RationingPolicy::Time => rationing.protect_units,
        // What it keeps differs from SKU to SKU; pick-up keeps no more of any.
        RationingPolicy::Littlewood => u32::MAX,
    };
    if scenario.pickup_offered() && pickup.protect_units > near {
        let found = format!("{} units kept from pick-up, {near} from the near field", pickup.protect_units);
        let help = "set rationing.policy = \"static\" and rationing.protect_units as high, or fewer units here";
        let expected = "no more than the near field is kept from".to_string();
        let keys = ["pickup.protect_units", "rationing.policy"];
        desk.report_rule(&keys, found, expected, Some(help.into()));
    }
}
