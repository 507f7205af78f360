//! Parcels: packed first come, first served, shipped and delivered in this order; and what is sent back.

use super::Auditor;
use super::state::{Mark, Server};
use crate::event::{FarOrigin, Span};
use crate::units::{OrderId, SimDuration, SimTime, StoreId};

/// What the warehouse has done so far.
pub(super) struct PackingLine {
    /// Orders given to it.
    given: u32,
    /// The latest of the orders packed so far by when it was given to the warehouse: its number, and when it was packed.
    last: (u32, SimTime),
}

impl Default for PackingLine {
    fn default() -> Self {
        PackingLine { given: 0, last: (0, SimTime(i64::MIN)) }
    }
}

impl Auditor<'_> {
    pub(super) fn sent_far(&mut self, id: OrderId, from: FarOrigin) {
        let server = match from {
            FarOrigin::Warehouse => {
                self.warehouse.given += 1;
                Server::Warehouse(self.warehouse.given)
            }
            FarOrigin::Store(store) => Server::StoreParcel(store),
            FarOrigin::Hub | FarOrigin::ForwardNode => Server::Abroad,
        };
        self.served(id, server);
    }

    pub(super) fn packed(&mut self, id: OrderId) {
        let order = self.order(id);
        let number = if let Some(Server::Warehouse(number)) = order.server { number } else { 0 };
        self.require(number > 0, || format!("order {} is packed by the warehouse, which does not serve it", id.0));
        self.require(!order.is(Mark::Packed), || format!("order {} is packed twice", id.0));
        let (now, (last, at)) = (self.now, self.warehouse.last);
        // Orders packed within one instant have no sequence.
        self.require(number > last || now == at, || {
            format!("order {} is packed after one that was given to the warehouse later", id.0)
        });
        if number > last {
            self.warehouse.last = (number, now);
        }
        self.mark(id, Mark::Packed);
    }

    pub(super) fn shipped(&mut self, id: OrderId) {
        let order = self.order(id);
        let packed = match order.server {
            Some(Server::Abroad) => true,
            Some(Server::StoreParcel(_)) => order.is(Mark::Ready),
            _ => order.is(Mark::Packed),
        };
        self.require(packed, || format!("order {} is shipped before it is packed", id.0));
        self.require(!order.is(Mark::Shipped), || format!("order {} is shipped twice", id.0));
        let now = self.now;
        self.set(id, |o| {
            o.mark(Mark::Shipped);
            o.since = now.into();
        });
    }

    pub(super) fn parcel_delivered(&mut self, id: OrderId, out_for: Span) {
        let order = self.order(id);
        let out = self.now - SimDuration::from(out_for);
        let shipped = order.is(Mark::Shipped);
        let after = !shipped || order.since.get().is_some_and(|since| since <= out);
        self.require(after, || format!("order {} goes out for delivery at {out}, before it is shipped", id.0));
        self.require(shipped, || format!("order {} arrives as a parcel before it is shipped", id.0));
        self.end_delivered(id, &order);
    }

    pub(super) fn returned(&mut self, id: OrderId) {
        let order = self.order(id);
        self.require(order.is(Mark::Delivered), || format!("order {} is sent back before its delivery", id.0));
        self.require(!order.is(Mark::Returned), || format!("order {} is sent back twice", id.0));
        self.mark(id, Mark::Returned);
    }

    /// Where the goods came from, those of couriers and pick-up to their store; there they are units received.
    pub(super) fn return_received(&mut self, id: OrderId, store: Option<StoreId>) {
        let order = self.order(id);
        self.require(order.is(Mark::Returned), || format!("order {} is received back before it is sent back", id.0));
        self.require(!order.is(Mark::ReceivedBack), || format!("order {} is received back twice", id.0));
        let from = match order.server {
            Some(Server::Store(store) | Server::Pickup(store)) => Some(store),
            _ => None,
        };
        self.require(store == from, || format!("order {} comes back to where it did not come from", id.0));
        if let Some(store) = store {
            let units = self.units_delivered(id);
            self.shelf(store, |s| s.received += units);
        }
        self.mark(id, Mark::ReceivedBack);
    }
}
