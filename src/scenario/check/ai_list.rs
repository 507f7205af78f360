//! Rules between the keys of shopping lists.

use super::super::desk::Desk;
use super::super::{DemandSource, Scenario};

/// Observed baskets are what they were.
pub(super) fn lists_are_not_replayed(scenario: &Scenario, desk: &mut Desk) {
    let share = scenario.ai_list.share;
    if share > 0.0 && scenario.demand.source == DemandSource::Trace {
        let found = format!("orders to replay, and {share} of the baskets from lists");
        let help = "leave ai_list out, or set demand.source = \"synthetic\"".to_string();
        let expected = "`ai_list.share = 0` with a trace, whose baskets are given".to_string();
        desk.report_rule(&["ai_list.share", "demand.source"], found, expected, Some(help));
    }
}
