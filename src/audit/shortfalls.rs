//! Shortfalls: what a picker did not find is replaced unit by unit or given back, before the order is packed.

use super::Auditor;
use super::state::{Mark, Server};
use crate::units::OrderId;

impl Auditor<'_> {
    /// An order waits at the store that it was given to at checkout.
    pub(super) fn backordered(&mut self, id: OrderId) {
        let order = self.order(id);
        let at_store = matches!(order.server, Some(Server::Store(_))) && order.placed.get() == Some(self.now);
        self.require(at_store, || format!("order {} waits for stock at a store that it was not given to", id.0));
    }

    pub(super) fn line_missing(&mut self, id: OrderId, units: u32) {
        let order = self.order(id);
        let picking = order.store().is_some() && !order.is(Mark::Ready) && !order.is(Mark::Cancelled);
        self.require(picking, || format!("order {} misses a line while no store picks it", id.0));
        let left = self.units_delivered(id) - i64::from(units);
        self.require(left >= 0, || format!("order {} misses more units than were ordered", id.0));
        self.set(id, |o| o.missing += units);
    }

    pub(super) fn line_substituted(&mut self, id: OrderId, units: u32) {
        let missing = self.order(id).missing;
        self.require(units <= missing, || format!("order {} gets {units} units instead of {missing}", id.0));
        self.set(id, |o| o.missing -= units.min(missing));
    }

    pub(super) fn line_refunded(&mut self, id: OrderId, by_fen: u32) {
        let order = self.order(id);
        let open = order.missing > 0 && !order.is(Mark::Ready);
        self.require(open, || format!("order {} gets money back for a line that is not missing", id.0));
        let sum = self.rare(id).refunded.saturating_add(by_fen);
        let value = self.log.placements.get(id.index()).map_or(0, |placement| placement.value.0);
        self.require(i64::from(sum) <= value, || format!("order {} gets more money back than it was worth", id.0));
        self.mark(id, Mark::Refunded);
        self.set_rare(id, |rare| rare.refunded = sum);
    }
}
