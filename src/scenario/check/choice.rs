//! Rules between the keys of consumer choice.

use super::super::desk::Desk;
use super::super::{ChoiceModel, DemandSource, Scenario};

/// Observed orders were chosen already.
pub(super) fn choosers_are_not_replayed(scenario: &Scenario, desk: &mut Desk) {
    if scenario.choice.model == ChoiceModel::Logit && scenario.demand.source == DemandSource::Trace {
        let found = "orders to replay, and consumers who choose".to_string();
        let expected = "`choice.model = \"intent\"` with a trace".to_string();
        let help = "leave choice.model out, or set demand.source = \"synthetic\"".to_string();
        desk.report_rule(&["choice.model", "demand.source"], found, expected, Some(help));
    }
}

pub(super) fn session_shares_leave_room_for_guests(scenario: &Scenario, desk: &mut Desk) {
    let (vip, member) = (scenario.choice.vip_session_share, scenario.choice.member_session_share);
    if vip + member > 1.0 + 1e-9 {
        let found = format!("shares of sessions that add up to {:.2}", vip + member);
        let help = "what the two leave is the share of guests".to_string();
        let keys = ["choice.vip_session_share", "choice.member_session_share"];
        desk.report_rule(&keys, found, "at most 1 together".into(), Some(help));
    }
}
