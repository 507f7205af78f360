//! Couriers: given work of their own fleet on duty, at one place at a time, never above their capacity.

use super::{Auditor, Moment, Order, Server};
use crate::event::Span;
use crate::units::{CourierId, OrderId, SimDuration, SimTime, StoreId};
use std::fmt;

/// Something that takes all of a courier: two of them that differ cannot overlap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stint {
    pub(super) courier: CourierId,
    pub(super) from: SimTime,
    pub(super) until: SimTime,
    pub(super) what: Stay,
}

/// Where a courier is during a stint.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stay {
    /// On the way for an order from setting out to being free.
    Order(u32),
    ToStore(StoreId),
    AtStore(StoreId),
    ToDoor(u32),
    AtDoor(u32),
    /// On a ride without an order.
    Empty,
}

impl fmt::Display for Stay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stay::Order(order) => write!(f, "on order {order}"),
            Stay::ToStore(store) => write!(f, "on the way to store {}", store.0),
            Stay::AtStore(store) => write!(f, "at store {}", store.0),
            Stay::ToDoor(order) => write!(f, "on the way to the door of order {order}"),
            Stay::AtDoor(order) => write!(f, "at the door of order {order}"),
            Stay::Empty => write!(f, "on a ride without an order"),
        }
    }
}

impl Auditor<'_> {
    #[inline]
    pub(super) fn known_courier(&mut self, courier: CourierId) {
        let known = courier.index() < self.city.couriers.len();
        self.require(known, || format!("courier {} is not in the city", courier.0));
    }

    pub(super) fn assigned(&mut self, id: OrderId, courier: CourierId) {
        let order = self.order(id);
        self.known_courier(courier);
        self.require(order.courier.is_none(), || format!("order {} is assigned twice", id.0));
        self.require(order.cancelled.is_none(), || format!("order {} is assigned after its cancellation", id.0));
        let fleet = self.city.couriers.get(courier.index()).map(|c| c.fleet);
        let own = match order.server {
            Some(Server::Store(store)) => self.city.stores.get(store.index()).map(|s| s.fleet) == fleet,
            _ => false,
        };
        self.require(own, || format!("courier {} is given order {} of a node outside their fleet", courier.0, id.0));
        let now = self.now;
        self.set(id, |o| (o.courier, o.assigned) = (Some(courier), now.into()));
    }

    pub(super) fn set_out(&mut self, id: OrderId, courier: CourierId) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        let for_door = order.picked_up.is_some();
        let again = if for_door { order.left.get() } else { order.set_out.get() };
        self.require(again.is_none(), || format!("courier {} sets out twice for order {}", courier.0, id.0));
        let now = self.now;
        self.set(id, |o| if for_door { o.left = now.into() } else { o.set_out = now.into() });
    }

    /// A leg of a trip of planned stops ended.
    pub(super) fn rode(&mut self, id: OrderId, courier: CourierId) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        let for_door = order.picked_up.is_some();
        let (out, again) = if for_door {
            (order.left.get(), order.at_door.get())
        } else {
            (order.set_out.get(), order.at_store.get())
        };
        self.require(out.is_some(), || format!("courier {} ends a ride for order {} never begun", courier.0, id.0));
        self.require(again.is_none(), || format!("courier {} arrives twice for order {}", courier.0, id.0));
        let now = self.now;
        self.set(id, |o| if for_door { o.at_door = now.into() } else { o.at_store = now.into() });
    }

    pub(super) fn refused(&mut self, id: OrderId, courier: CourierId) {
        let order = self.order(id);
        self.known_courier(courier);
        self.require(order.courier.is_none(), || {
            format!("order {} is refused by courier {} while another has it", id.0, courier.0)
        });
    }

    /// Back to what it was before the courier got it.
    pub(super) fn released(&mut self, id: OrderId, courier: CourierId) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        self.require(order.picked_up.is_none(), || format!("order {} is given back after its pick-up", id.0));
        self.ride_to_store(&order, courier, self.now);
        self.set(id, |o| {
            (o.courier, o.assigned, o.set_out, o.at_store) = (None, Moment::NONE, Moment::NONE, Moment::NONE)
        });
    }

    /// What the courier did for an order before its pick-up, on a trip of planned stops.
    fn ride_to_store(&mut self, order: &Order, courier: CourierId, end: SimTime) {
        let (Some(Server::Store(store)), Some(out)) = (order.server, order.set_out.get()) else { return };
        let there = order.at_store.get().unwrap_or(end);
        if order.at_store.is_none() && order.cancelled.is_some() {
            // The ride went on, for other orders of the visit or for nobody; they tell of it.
            return;
        }
        self.stints.push(Stint { courier, from: out, until: there, what: Stay::ToStore(store) });
        if order.at_store.is_some() {
            let until = order.picked_up.get().unwrap_or(end);
            self.stints.push(Stint { courier, from: there, until, what: Stay::AtStore(store) });
        }
    }

    #[inline]
    fn own_courier(&mut self, order: &Order, id: OrderId, courier: CourierId) {
        let own = order.courier == Some(courier);
        self.require(own, || format!("courier {} acts on order {}, which was not assigned to them", courier.0, id.0));
    }

    pub(super) fn picked_up(&mut self, id: OrderId, courier: CourierId, at_store_for: Span) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        self.require(order.ready.is_some(), || format!("order {} is picked up before it is ready", id.0));
        self.require(order.picked_up.is_none(), || format!("order {} is picked up twice", id.0));
        self.require(order.cancelled.is_none(), || format!("order {} is picked up after its cancellation", id.0));
        let reached = self.now - SimDuration::from(at_store_for);
        let after = order.set_out.get().or(order.assigned.get()).is_some_and(|out| out <= reached);
        self.require(after, || format!("courier {} is at the store of order {} before setting out", courier.0, id.0));
        self.handed_out(id, &order);
        if let Some(on_board) = self.on_board.get_mut(courier.index()) {
            *on_board += 1;
            let (carried, capacity) = (*on_board, self.city.courier_capacity);
            self.require(carried <= capacity, || {
                format!("courier {} carries {carried} orders, more than their capacity", courier.0)
            });
        }
        let now = self.now;
        self.set(id, |o| o.picked_up = now.into());
    }

    pub(super) fn delivered(&mut self, id: OrderId, courier: CourierId, at_door_for: Span) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        let reached = self.now - SimDuration::from(at_door_for);
        let after = order.picked_up.get().is_some_and(|taken| taken <= reached);
        self.require(after, || format!("order {} is at the door before it is picked up", id.0));
        if let Some(on_board) = self.on_board.get_mut(courier.index()) {
            *on_board = on_board.saturating_sub(1);
        }
        self.end_delivered(id, &order);
    }

    pub(super) fn freed(&mut self, id: OrderId, courier: CourierId) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        self.require(order.freed.is_none(), || format!("courier {} is freed twice from order {}", courier.0, id.0));
        let ended = order.delivered.is_some() || order.cancelled.is_some();
        self.require(ended, || format!("courier {} is freed from order {}, which has not ended", courier.0, id.0));
        let now = self.now;
        self.set(id, |o| o.freed = now.into());
    }

    /// A courier is at one place at a time, and sets out on duty.
    pub(super) fn check_trips(&mut self) {
        let end = self.now;
        for i in 0..self.orders.len() {
            let order = self.orders[i];
            let Some(courier) = order.courier else { continue };
            // Orders of a trip of planned stops say so when a leg ends, or are cancelled before any did.
            let planned = order.at_store.is_some() || (order.cancelled.is_some() && order.freed.is_none());
            let duty = if planned {
                self.list_planned(i as u32, courier, &order, order.cancelled.get().unwrap_or(end));
                // Work given for a later shift is begun in it.
                order.assigned.get().filter(|at| !self.on_duty(courier, *at)).and(order.set_out.get())
            } else {
                self.list_single(i as u32, courier, &order, end)
            };
            if let Some(out) = duty.filter(|out| !self.on_duty(courier, *out)) {
                self.report(out, format!("courier {} sets out for order {i} off duty", courier.0));
            }
        }
        self.check_stints();
    }

    fn on_duty(&self, courier: CourierId, at: SimTime) -> bool {
        let shifts = self.city.couriers.get(courier.index()).map_or(&[][..], |c| &c.shifts);
        shifts.iter().any(|&(on, off)| on <= at && at <= off)
    }

    /// A courier who has one order at a time is on it from setting out to being free; gives when they set out.
    fn list_single(&mut self, id: u32, courier: CourierId, order: &Order, end: SimTime) -> Option<SimTime> {
        // Without a set-out fact the courier left when assigned, if there was a trip at all: an
        // order cancelled while its courier was busy with another has none.
        let rode = order.freed.is_some() || order.picked_up.is_some();
        let from = order.set_out.get().or(order.assigned.get().filter(|_| rode))?;
        let until = order.freed.get().unwrap_or(end);
        self.stints.push(Stint { courier, from, until, what: Stay::Order(id) });
        Some(from)
    }

    fn list_planned(&mut self, id: u32, courier: CourierId, order: &Order, end: SimTime) {
        self.ride_to_store(order, courier, end);
        if let Some(from) = order.left.get() {
            let until = order.at_door.get().unwrap_or(end);
            self.stints.push(Stint { courier, from, until, what: Stay::ToDoor(id) });
        }
        if let Some(from) = order.at_door.get() {
            let until = order.freed.get().unwrap_or(end);
            self.stints.push(Stint { courier, from, until, what: Stay::AtDoor(id) });
        }
    }

    fn check_stints(&mut self) {
        let mut stints = std::mem::take(&mut self.stints);
        stints.sort_unstable();
        let mut stints = stints.into_iter();
        let Some(mut last) = stints.next() else { return };
        for next in stints {
            if next.courier != last.courier || next.from >= last.until {
                last = next;
            } else if next.what == last.what {
                last.until = last.until.max(next.until);
            } else if next.until > next.from {
                let Stint { courier, from, what, .. } = next;
                let until = last.until;
                self.report(from, format!("courier {} is {what} while {} until {until}", courier.0, last.what));
            }
        }
    }
}
