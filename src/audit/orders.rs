//! Orders: placed once, served by one node at a time, ended at most once, nothing forgotten.

use super::Auditor;
use super::state::{Mark, Order, Server};
use crate::event::{CancelReason, Span};
use crate::units::{OrderId, SimDuration, StoreId};

impl Auditor<'_> {
    pub(super) fn placed(&mut self, id: OrderId) {
        let order = self.order(id);
        self.require(!order.is(Mark::Placed), || format!("order {} is placed twice", id.0));
        let now = self.now;
        self.set(id, |o| {
            o.mark(Mark::Placed);
            o.since = now.into();
        });
    }

    pub(super) fn served(&mut self, id: OrderId, server: Server) {
        let order = self.order(id);
        self.require(order.is(Mark::Placed), || format!("order {} is sourced before it is placed", id.0));
        self.require(order.server.is_none(), || format!("order {} is sourced twice", id.0));
        self.require(!order.is(Mark::Cancelled), || format!("order {} is sourced after its cancellation", id.0));
        if let Server::Store(store) | Server::StoreParcel(store) | Server::Pickup(store) = server {
            self.shelf(store, |_| {});
        }
        self.set(id, |o| o.server = Some(server));
    }

    /// Between stores only, and only before anybody has worked on it.
    pub(super) fn resourced(&mut self, id: OrderId, store: StoreId) {
        let order = self.order(id);
        let elsewhere = matches!(order.server, Some(Server::Store(from)) if from != store);
        self.require(elsewhere, || format!("order {} moves to store {} from no other store", id.0, store.0));
        let untouched = !order.is(Mark::Ready) && order.courier().is_none() && !order.is(Mark::Cancelled);
        self.require(untouched, || format!("order {} moves after it was packed, assigned or cancelled", id.0));
        self.shelf(store, |_| {});
        let now = self.now;
        // The other store has all of it.
        self.note_missing(id, 0);
        self.set(id, |o| {
            o.mark(Mark::Moved);
            (o.server, o.since) = (Some(Server::Store(store)), now.into());
        });
    }

    /// From a store only, packed and with nobody who brings it; what was packed is on the shelf again.
    pub(super) fn converted(&mut self, id: OrderId) {
        let order = self.order(id);
        let waits = matches!(order.server, Some(Server::Store(_))) && order.is(Mark::Ready);
        self.require(waits, || format!("order {} is sent far from no store that had packed it", id.0));
        let free = order.courier().is_none() && !order.is(Mark::Cancelled);
        self.require(free, || format!("order {} is sent far though a courier had it or it was cancelled", id.0));
        // Where it comes from now has all of it.
        self.note_missing(id, 0);
        let now = self.now;
        self.set(id, |o| {
            o.mark(Mark::Moved);
            o.set(Mark::Ready, false);
            (o.server, o.since) = (None, now.into());
        });
    }

    /// What the consumer of an order from a store is told and charged at checkout.
    pub(super) fn offered(&mut self, id: OrderId) {
        let order = self.order(id);
        let at_checkout =
            order.is_checked_out(self.now) && matches!(order.server, Some(Server::Store(_) | Server::Pickup(_)));
        self.require(at_checkout, || format!("order {} is given a promise or fee that is not of its checkout", id.0));
    }

    pub(super) fn ready(&mut self, id: OrderId, store: StoreId, picked_for: Span) {
        let order = self.order(id);
        let same = order.store() == Some(store);
        self.require(same, || format!("order {} is ready at store {}, which does not serve it", id.0, store.0));
        self.require(!order.is(Mark::Ready), || format!("order {} is ready twice", id.0));
        let settled = !order.is(Mark::Missing) || order.is(Mark::Refunded);
        self.require(settled, || format!("order {} is packed with a line missing and nothing given back", id.0));
        let began = self.now - SimDuration::from(picked_for);
        let after = order.since.get().is_some_and(|there| there <= began);
        self.require(after, || format!("picking of order {} began at {began}, before the store had it", id.0));
        self.mark(id, Mark::Ready);
    }

    /// The rules of every delivery.
    #[inline(always)]
    pub(super) fn end_delivered(&mut self, id: OrderId, order: &Order) {
        self.require(!order.is(Mark::Delivered), || format!("order {} is delivered twice", id.0));
        self.require(!order.is(Mark::Cancelled), || format!("order {} is delivered after its cancellation", id.0));
        self.mark(id, Mark::Delivered);
    }

    pub(super) fn cancelled(&mut self, id: OrderId, reason: CancelReason) {
        let order = self.order(id);
        self.given_up(id, &order, reason);
        self.require(order.is(Mark::Placed), || format!("order {} is cancelled before it is placed", id.0));
        self.require(!order.is(Mark::Cancelled), || format!("order {} is cancelled twice", id.0));
        self.require(!order.is(Mark::Delivered), || format!("order {} is cancelled after its delivery", id.0));
        self.require(!order.is(Mark::PickedUp), || format!("order {} is cancelled after its pick-up", id.0));
        self.leaves_store(id, &order);
        self.mark(id, Mark::Cancelled);
    }

    /// Every placement has its fact, nothing placed is forgotten, and trips and units are as they should be when
    /// the log ends. Gives which orders were delivered, as [`super::audited`] does.
    pub(super) fn check_orders(&mut self) -> Vec<u64> {
        let mut delivered = vec![0; self.orders.len().div_ceil(64)];
        for i in 0..self.orders.len() {
            let order = self.orders[i];
            self.require(order.is(Mark::Placed), || format!("order {i} has a placement but is never placed"));
            let cared_for = order.server.is_some() || order.is(Mark::Cancelled);
            self.require(cared_for, || format!("order {i} is neither sourced nor sent far nor cancelled"));
            let id = OrderId(i as u32);
            if let Some(courier) = order.courier() {
                self.check_trip(id, courier, &order);
            }
            self.note_units(id, &order);
            delivered[i / 64] |= u64::from(order.is(Mark::Delivered)) << (i % 64);
        }
        delivered
    }
}
