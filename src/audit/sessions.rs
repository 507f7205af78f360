//! Sessions: numbered in the order of opening, each ended once, by an order or without one.

use super::Auditor;
use crate::units::{OrderId, SessionId};

impl Auditor<'_> {
    /// The session of an order that is placed, where orders come from sessions.
    pub(super) fn session_of(&mut self, id: OrderId) {
        let visit = self.log.placements.get(id.index()).and_then(|placement| placement.session);
        match visit {
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
