//! Shortfalls: what a picker did not find is replaced unit by unit or given back, before the order is packed.

use super::Auditor;
use super::state::{Mark, Server};
use crate::units::OrderId;

impl Auditor<'_> {
    /// An order waits at the store that it was given to at checkout.
    pub(super) fn backordered(&mut self, id: OrderId) {
        let order = self.order(id);
        let at_store = matches!(order.server, Some(Server::Store(_))) && order.is_checked_out(self.now);
        self.require(at_store, || format!("order {} waits for stock at a store that it was not given to", id.0));
    }

    pub(super) fn line_missing(&mut self, id: OrderId, units: u32) {
        let order = self.order(id);
        let picking = order.store().is_some() && !order.is(Mark::Ready) && !order.is(Mark::Cancelled);
        self.require(picking, || format!("order {} misses a line while no store picks it", id.0));
        let left = self.units_delivered(id) - i64::from(units);
        self.require(left >= 0, || format!("order {} misses more units than were ordered", id.0));
        self.note_missing(id, self.missing(id).saturating_add(units));
    }

    pub(super) fn line_substituted(&mut self, id: OrderId, units: u32) {
        // Reports an order that the log does not know.
        self.order(id);
        let missing = self.missing(id);
        self.require(units <= missing, || format!("order {} gets {units} units instead of {missing}", id.0));
        self.note_missing(id, missing.saturating_sub(units));
    }

    /// Units of lines that were not found and not replaced.
    #[inline]
    pub(super) fn missing(&self, id: OrderId) -> u32 {
        let some = self.orders.get(id.index()).is_some_and(|order| order.is(Mark::Missing));
        if some { self.rare(id).missing } else { 0 }
    }
    pub(super) fn note_missing(&mut self, id: OrderId, units: u32) {
        if units > 0 || self.missing(id) > 0 {
            self.set_rare(id, |rare| rare.missing = units);
            self.set(id, |order| order.set(Mark::Missing, units > 0));
        }
    }

    pub(super) fn line_refunded(&mut self, id: OrderId, by_fen: u32) {
        let order = self.order(id);
        let open = order.is(Mark::Missing) && !order.is(Mark::Ready);
        self.require(open, || format!("order {} gets money back for a line that is not missing", id.0));
        let sum = self.rare(id).refunded.saturating_add(by_fen);
        let value = self.log.placements.get(id.index()).map_or(0, |placement| placement.value.0);
        self.require(i64::from(sum) <= value, || format!("order {} gets more money back than it was worth", id.0));
        self.mark(id, Mark::Refunded);
        self.set_rare(id, |rare| rare.refunded = sum);
    }
}
