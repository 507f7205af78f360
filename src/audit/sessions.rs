//! Sessions: numbered in the order of opening, each ended once, by an order or without one.

use super::Auditor;
use crate::units::{OrderId, SessionId};

impl Auditor<'_> {
    /// What an order that is placed belongs to: a session, where orders come from sessions, or another order whose part it is.
    pub(super) fn belongs(&mut self, id: OrderId) {
        let placement = self.log.placements.get(id.index());
        if let Some(head) = placement.and_then(|placement| placement.part_of) {
            self.part_placed(id, head);
            return;
        }
        self.parts_are_complete();
        match placement.and_then(|placement| placement.session) {
            Some(visit) => self.session_ends(visit.session),
            None => {
                let none = self.sessions == 0;
                self.require(none, || format!("order {} comes from no session, others do", id.0));
            }
        }
    }

    pub(super) fn session_ends(&mut self, session: SessionId) {
        let next = self.sessions;
        self.require(session.0 == next, || format!("session {} ends, the next to end is {next}", session.0));
        self.sessions = session.0.saturating_add(1);
    }
}
