//! Couriers: given work of their own fleet on duty, at one place at a time, never above their capacity.

use super::Auditor;
use super::state::{Mark, Moment, NO_COURIER, Order, Rare, Server};
use crate::city::Courier;
use crate::event::Span;
use crate::units::{CourierId, OrderId, SimDuration, SimTime, StoreId};
use std::fmt;

/// What is known of a courier while the log is read.
#[derive(Clone, Copy)]
pub(super) struct Watch {
    fleet: u16,
    on_board: u32,
    /// The shift asked for last.
    shift: (SimTime, SimTime),
    /// The stay that ended last. A log ends stays by time, so that one which began before that is in two places, whatever
    /// came before.
    from: SimTime,
    until: SimTime,
    what: Stay,
}

impl Watch {
    pub(super) fn new(courier: &Courier) -> Watch {
        let before = SimTime(i64::MIN);
        let (fleet, shift) = (courier.fleet, courier.shifts.first().copied().unwrap_or((SimTime::NEVER, before)));
        Watch { fleet, on_board: 0, shift, from: before, until: before, what: Stay::Empty }
    }
}

/// Where a courier is, which takes all of them: two stays that differ cannot overlap.
#[derive(Clone, Copy, PartialEq, Eq)]
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
        self.require(order.courier().is_none(), || format!("order {} is assigned twice", id.0));
        self.require(!order.is(Mark::Cancelled), || format!("order {} is assigned after its cancellation", id.0));
        let fleet = self.watches.get(courier.index()).map(|watch| watch.fleet);
        let own = match order.server {
            Some(Server::Store(store)) => self.city.stores.get(store.index()).map(|s| s.fleet) == fleet,
            _ => false,
        };
        self.require(own, || format!("courier {} is given order {} of a node outside their fleet", courier.0, id.0));
        let (now, on_duty) = (self.now, self.on_duty(courier));
        self.set(id, |o| {
            (o.courier, o.began) = (courier.0, now.into());
            o.set(Mark::GivenOnDuty, on_duty);
        });
    }

    pub(super) fn set_out(&mut self, id: OrderId, courier: CourierId) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        let for_door = order.is(Mark::PickedUp);
        let again = if for_door { self.rare(id).left.is_some() } else { order.is(Mark::SetOut) };
        self.require(!again, || format!("courier {} sets out twice for order {}", courier.0, id.0));
        let now = self.now;
        if for_door {
            self.set_rare(id, |rare| rare.left = now.into());
            return;
        }
        let on_duty = self.on_duty(courier);
        self.set(id, |o| {
            o.mark(Mark::SetOut);
            o.set(Mark::SetOutOnDuty, on_duty);
            o.began = now.into();
        });
    }

    /// A leg of a trip of planned stops ended.
    pub(super) fn rode(&mut self, id: OrderId, courier: CourierId) {
        let (order, rare) = (self.order(id), self.rare(id));
        self.own_courier(&order, id, courier);
        let for_door = order.is(Mark::PickedUp);
        let set_out = order.began.get().filter(|_| order.is(Mark::SetOut));
        let (out, again) = if for_door { (rare.left.get(), rare.at_door) } else { (set_out, rare.at_store) };
        self.require(out.is_some(), || format!("courier {} ends a ride for order {} never begun", courier.0, id.0));
        self.require(again.is_none(), || format!("courier {} arrives twice for order {}", courier.0, id.0));
        let now = self.now;
        self.set_rare(id, |rare| if for_door { rare.at_door = now.into() } else { rare.at_store = now.into() });
        let to = match order.server {
            _ if for_door && rare.at_store.is_some() => Some(Stay::ToDoor(id.0)),
            Some(Server::Store(store)) if !for_door => Some(Stay::ToStore(store)),
            _ => None,
        };
        if let (Some(out), Some(to)) = (out, to) {
            self.stays(courier, out, to);
        }
    }

    pub(super) fn refused(&mut self, id: OrderId, courier: CourierId) {
        let order = self.order(id);
        self.known_courier(courier);
        self.require(order.courier().is_none(), || {
            format!("order {} is refused by courier {} while another has it", id.0, courier.0)
        });
    }

    /// Back to what it was before the courier got it.
    pub(super) fn released(&mut self, id: OrderId, courier: CourierId) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        self.require(!order.is(Mark::PickedUp), || format!("order {} is given back after its pick-up", id.0));
        self.leaves_store(id, &order);
        if self.rare(id).at_store.is_some() {
            self.set_rare(id, |rare| rare.at_store = Moment::NONE);
        } else if let (Some(Server::Store(store)), Some(out)) = (order.server, order.began.get())
            // The ride for one that was cancelled goes on, for other orders of the visit or for nobody; they tell of it.
            && order.is(Mark::SetOut) && !order.is(Mark::Cancelled)
        {
            self.stays(courier, out, Stay::ToStore(store));
        }
        self.set(id, |o| {
            (o.courier, o.began) = (NO_COURIER, Moment::NONE);
            [Mark::GivenOnDuty, Mark::SetOut, Mark::SetOutOnDuty].into_iter().for_each(|mark| o.set(mark, false));
        });
    }

    /// On a trip of planned stops: the time at the store for an order is over.
    #[inline(always)]
    pub(super) fn leaves_store(&mut self, id: OrderId, order: &Order) {
        if let (Some(courier), Some(there), Some(Server::Store(store))) =
            (order.courier(), self.rare(id).at_store.get(), order.server)
            && !order.is(Mark::PickedUp)
        {
            self.stays(courier, there, Stay::AtStore(store));
        }
    }

    /// The courier was there from an instant until now.
    #[inline]
    pub(super) fn stays(&mut self, courier: CourierId, from: SimTime, what: Stay) {
        let until = self.now;
        let Some(watch) = self.watches.get_mut(courier.index()).filter(|_| until > from) else { return };
        if from >= watch.until {
            (watch.from, watch.until, watch.what) = (from, until, what);
        } else if watch.what == what {
            // Orders of one visit are at the store together.
            (watch.from, watch.until) = (watch.from.min(from), watch.until.max(until));
        } else {
            self.is_in_two_places(courier, from, what);
        }
    }

    #[cold]
    fn is_in_two_places(&mut self, courier: CourierId, from: SimTime, what: Stay) {
        let (until, watch) = (self.now, &mut self.watches[courier.index()]);
        let before = *watch;
        (watch.from, watch.until, watch.what) = (from, until.max(before.until), what);
        // Who began later is where they cannot be.
        let (first, end, second, began) = match before.from <= from {
            true => (before.what, before.until, what, from),
            false => (what, until, before.what, before.from),
        };
        self.report(began, format!("courier {} is {second} while {first} until {end}", courier.0));
    }

    #[inline]
    fn own_courier(&mut self, order: &Order, id: OrderId, courier: CourierId) {
        let own = order.courier() == Some(courier);
        self.require(own, || format!("courier {} acts on order {}, which was not assigned to them", courier.0, id.0));
    }

    pub(super) fn picked_up(&mut self, id: OrderId, courier: CourierId, at_store_for: Span) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        self.require(order.is(Mark::Ready), || format!("order {} is picked up before it is ready", id.0));
        self.require(!order.is(Mark::PickedUp), || format!("order {} is picked up twice", id.0));
        self.require(!order.is(Mark::Cancelled), || format!("order {} is picked up after its cancellation", id.0));
        let reached = self.now - SimDuration::from(at_store_for);
        let after = order.began.get().is_some_and(|out| out <= reached);
        self.require(after, || format!("courier {} is at the store of order {} before setting out", courier.0, id.0));
        self.leaves_store(id, &order);
        if let Some(watch) = self.watches.get_mut(courier.index()) {
            watch.on_board += 1;
            let (carried, capacity) = (watch.on_board, self.city.courier_capacity);
            self.require(carried <= capacity, || {
                format!("courier {} carries {carried} orders, more than their capacity", courier.0)
            });
        }
        let now = self.now;
        self.set(id, |o| {
            o.mark(Mark::PickedUp);
            o.since = now.into();
        });
    }

    pub(super) fn delivered(&mut self, id: OrderId, courier: CourierId, at_door_for: Span) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        let reached = self.now - SimDuration::from(at_door_for);
        let after = order.is(Mark::PickedUp) && order.since.get().is_some_and(|taken| taken <= reached);
        self.require(after, || format!("order {} is at the door before it is picked up", id.0));
        if let Some(watch) = self.watches.get_mut(courier.index()) {
            watch.on_board = watch.on_board.saturating_sub(1);
        }
        self.end_delivered(id, &order);
    }

    pub(super) fn freed(&mut self, id: OrderId, courier: CourierId) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        self.require(!order.is(Mark::Freed), || format!("courier {} is freed twice from order {}", courier.0, id.0));
        let ended = order.is(Mark::Delivered) || order.is(Mark::Cancelled);
        self.require(ended, || format!("courier {} is freed from order {}, which has not ended", courier.0, id.0));
        self.mark(id, Mark::Freed);
        let Some(courier) = order.courier() else { return };
        let Rare { at_store, at_door, .. } = self.rare(id);
        // A courier who has one order at a time is on it from setting out to being free. Without a set-out fact they left
        // when it was assigned.
        let (from, what) = match at_store.is_none() {
            true => (order.began, Stay::Order(id.0)),
            false => (at_door, Stay::AtDoor(id.0)),
        };
        if let Some(from) = from.get() {
            self.stays(courier, from, what);
        }
    }

    /// At the end of the log: whether a courier set out for an order on duty, and where they still are for it.
    pub(super) fn check_trip(&mut self, id: OrderId, courier: CourierId, order: &Order) {
        let rare = self.rare(id);
        let (set_out, freed) = (order.is(Mark::SetOut), order.is(Mark::Freed));
        // Orders of a trip of planned stops say so when a leg ends, or are cancelled before any did.
        let planned = rare.at_store.is_some() || (order.is(Mark::Cancelled) && !freed);
        // Without a set-out fact the courier left when assigned, if there was a trip at all: an order cancelled while its
        // courier was busy with another has none. Work of planned stops given for a later shift is begun in it.
        let rode = if planned { set_out } else { set_out || freed || order.is(Mark::PickedUp) };
        let on_duty =
            (set_out && order.is(Mark::SetOutOnDuty)) || ((planned || !set_out) && order.is(Mark::GivenOnDuty));
        if let Some(out) = order.began.get().filter(|_| rode && !on_duty) {
            self.report(out, format!("courier {} sets out for order {} off duty", courier.0, id.0));
        }
        if !planned && !freed && rode {
            self.stays_until_the_end(courier, order.began, Stay::Order(id.0));
        } else if planned && !order.is(Mark::Cancelled) {
            self.still_at_a_stop(id, courier, order, &rare);
        }
    }

    /// A trip of planned stops that the end of the log cuts off.
    fn still_at_a_stop(&mut self, id: OrderId, courier: CourierId, order: &Order, rare: &Rare) {
        self.leaves_store(id, order);
        if rare.at_door.is_none() {
            self.stays_until_the_end(courier, rare.left, Stay::ToDoor(id.0));
        } else if !order.is(Mark::Freed) {
            self.stays_until_the_end(courier, rare.at_door, Stay::AtDoor(id.0));
        }
    }

    fn stays_until_the_end(&mut self, courier: CourierId, from: Moment, what: Stay) {
        if let Some(from) = from.get() {
            self.stays(courier, from, what);
        }
    }

    #[inline]
    fn on_duty(&mut self, courier: CourierId) -> bool {
        let now = self.now;
        let Some(watch) = self.watches.get_mut(courier.index()) else { return false };
        let on = |shift: (SimTime, SimTime)| shift.0 <= now && now <= shift.1;
        if !on(watch.shift) {
            let shifts = &self.city.couriers[courier.index()].shifts;
            watch.shift = shifts.iter().copied().find(|shift| on(*shift)).unwrap_or(watch.shift);
        }
        on(watch.shift)
    }
}
