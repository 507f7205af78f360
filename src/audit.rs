//! Room: audit (floor 5). Conservation checks over a finished event log; shares no code with the
//! simulation or the metrics. May use `units`, `event`, `city`.
//!
//! An order is placed once, served once, and ends at most once; a courier is at one place at a time, sets out or is
//! given work on duty, serves their own fleet and carries no more than their capacity; units received are units picked
//! up, sold to walk-ins or still on the shelf.

use crate::city::City;
use crate::event::{Event, EventLog, FarOrigin, Record, Span};
use crate::units::{CourierId, OrderId, SimDuration, SimTime, StoreId};
use std::fmt;

/// A rule the log breaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// When, by the log.
    pub at: SimTime,
    /// What is wrong, with the ids and times concerned.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

/// Checks a finished log; an empty list means that nothing is wrong.
pub fn audit(city: &City, log: &EventLog) -> Vec<Violation> {
    let mut auditor = Auditor::new(city, log);
    for record in &log.records {
        auditor.check(record);
    }
    auditor.check_orders();
    auditor.check_trips();
    auditor.check_units();
    auditor.violations
}

/// Who serves an order.
#[derive(Clone, Copy, PartialEq)]
enum Server {
    Store(StoreId),
    Warehouse,
    /// A store, by a parcel.
    StoreParcel(StoreId),
    Abroad,
}

/// What the log has said of an order so far.
#[derive(Clone, Copy, Default)]
struct Order {
    placed: Option<SimTime>,
    server: Option<Server>,
    moved: Option<SimTime>,
    ready: Option<SimTime>,
    courier: Option<CourierId>,
    assigned: Option<SimTime>,
    set_out: Option<SimTime>,
    /// On a trip of planned stops: when the courier reached the store.
    at_store: Option<SimTime>,
    picked_up: Option<SimTime>,
    /// On a trip of planned stops: when the courier set out for the door, and reached it.
    left: Option<SimTime>,
    at_door: Option<SimTime>,
    packed: Option<SimTime>,
    shipped: Option<SimTime>,
    delivered: Option<SimTime>,
    cancelled: Option<SimTime>,
    freed: Option<SimTime>,
    returned: Option<SimTime>,
    received_back: bool,
    /// Place in the sequence in which orders were given to the warehouse, from 1.
    number: u64,
}

/// What the log has said of a store so far.
#[derive(Clone, Copy, Default)]
struct Shelf {
    stocked: bool,
    received: i64,
    taken: i64,
    sold: i64,
    counted: Option<(SimTime, i64)>,
}

struct Auditor<'a> {
    city: &'a City,
    log: &'a EventLog,
    now: SimTime,
    orders: Vec<Order>,
    shelves: Vec<Shelf>,
    /// By courier: orders on board.
    on_board: Vec<u32>,
    /// What couriers did, as far as it does not stand in `orders`.
    stints: Vec<Stint>,
    given_to_warehouse: u64,
    /// The latest of the orders packed so far by when it was given to the warehouse: its number, and when it was packed.
    last_packed: (u64, SimTime),
    violations: Vec<Violation>,
}

/// Something that takes all of a courier: two of them that differ cannot overlap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Stint {
    courier: CourierId,
    from: SimTime,
    until: SimTime,
    what: Stay,
}

/// Where a courier is during a stint.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stay {
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

impl<'a> Auditor<'a> {
    fn new(city: &'a City, log: &'a EventLog) -> Self {
        Auditor {
            city,
            log,
            now: SimTime(i64::MIN),
            orders: vec![Order::default(); log.orders()],
            shelves: vec![Shelf::default(); city.stores.len()],
            on_board: vec![0; city.couriers.len()],
            stints: Vec::new(),
            given_to_warehouse: 1,
            last_packed: (0, SimTime(i64::MIN)),
            violations: Vec::new(),
        }
    }

    fn report(&mut self, at: SimTime, what: String) {
        self.violations.push(Violation { at, what });
    }
    /// Reports unless `holds`.
    fn require(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.report(self.now, what());
        }
    }
    /// The order, if the log knows it; else reports.
    fn order(&mut self, id: OrderId) -> Order {
        let order = self.orders.get(id.index()).copied();
        self.require(order.is_some(), || format!("order {} has no placement", id.0));
        order.unwrap_or_default()
    }
    /// Changes what is known of the order.
    fn set(&mut self, id: OrderId, change: impl FnOnce(&mut Order)) {
        if let Some(order) = self.orders.get_mut(id.index()) {
            change(order);
        }
    }

    /// One fact: time goes on, and it follows from what was before.
    fn check(&mut self, record: &Record) {
        let (at, before) = (record.at, self.now);
        if at < before {
            self.report(at, format!("time runs backwards, the record before is at {before}"));
        }
        self.now = at;
        match record.event {
            Event::SessionLeft { .. } => {}
            Event::OrderPlaced { order } => self.placed(order),
            Event::OrderSourced { order, store, .. } => self.served(order, Server::Store(store)),
            Event::OrderResourced { order, store, .. } => self.resourced(order, store),
            Event::OrderPromised { order, .. } | Event::FeeRaised { order, .. } => self.offered(order),
            Event::LoadLevelChanged { .. } => {}
            Event::OrderSentFar { order, from, .. } => self.sent_far(order, from),
            Event::OrderReady { order, store, picked_for } => self.ready(order, store, picked_for),
            Event::CourierAssigned { order, courier, .. } => self.assigned(order, courier),
            Event::CourierSetOut { order, courier } => self.set_out(order, courier),
            Event::CourierRode { order, courier, .. } => self.rode(order, courier),
            Event::CourierRepositioned { courier, rode_for, .. } => {
                let from = at - SimDuration::from(rode_for);
                self.stints.push(Stint { courier, from, until: at, what: Stay::Empty });
                self.known_courier(courier);
            }
            Event::OrderRefused { order, courier } => self.refused(order, courier),
            Event::OrderReleased { order, courier } => self.released(order, courier),
            Event::OrderPickedUp { order, courier, at_store_for } => self.picked_up(order, courier, at_store_for),
            Event::OrderDelivered { order, courier, at_door_for } => self.delivered(order, courier, at_door_for),
            Event::CourierFreed { order, courier } => self.freed(order, courier),
            Event::ParcelPacked { order } => self.packed(order),
            Event::ParcelShipped { order, .. } => self.shipped(order),
            Event::ParcelDelivered { order, out_for } => self.parcel_delivered(order, out_for),
            Event::OrderCancelled { order, .. } => self.cancelled(order),
            Event::OrderReturned { order } => self.returned(order),
            Event::ReturnReceived { order, store } => self.return_received(order, store),
            Event::StoreStocked { store, units, .. } => self.stocked(store, units),
            Event::StoreReplenished { store, units } => self.shelf(store, |s| s.received += i64::from(units)),
            Event::WalkInServed { store, .. } => self.shelf(store, |s| s.sold += 1),
            Event::WalkInLost { store, .. } => self.shelf(store, |_| {}),
            Event::StoreCounted { store, units } => {
                self.shelf(store, |s| s.counted = Some((at, i64::from(units))));
            }
            Event::CourierOnDuty { courier } | Event::CourierOffDuty { courier } => self.known_courier(courier),
            Event::StockRanOut { store, .. } | Event::StockCameBack { store, .. } => self.shelf(store, |_| {}),
        }
    }

    fn placed(&mut self, id: OrderId) {
        let order = self.order(id);
        self.require(order.placed.is_none(), || format!("order {} is placed twice", id.0));
        let now = self.now;
        self.set(id, |o| o.placed = Some(now));
    }

    fn served(&mut self, id: OrderId, server: Server) {
        let order = self.order(id);
        self.require(order.placed.is_some(), || format!("order {} is sourced before it is placed", id.0));
        self.require(order.server.is_none(), || format!("order {} is sourced twice", id.0));
        self.require(order.cancelled.is_none(), || format!("order {} is sourced after its cancellation", id.0));
        if let Server::Store(store) | Server::StoreParcel(store) = server {
            self.shelf(store, |_| {});
        }
        self.set(id, |o| o.server = Some(server));
    }

    fn sent_far(&mut self, id: OrderId, from: FarOrigin) {
        let server = match from {
            FarOrigin::Warehouse => Server::Warehouse,
            FarOrigin::Store(store) => Server::StoreParcel(store),
            FarOrigin::Hub | FarOrigin::ForwardNode => Server::Abroad,
        };
        self.served(id, server);
        if server == Server::Warehouse {
            let number = self.given_to_warehouse;
            self.given_to_warehouse += 1;
            self.set(id, |o| o.number = number);
        }
    }

    /// Between stores only, and only before anybody has worked on it.
    fn resourced(&mut self, id: OrderId, store: StoreId) {
        let order = self.order(id);
        let elsewhere = matches!(order.server, Some(Server::Store(from)) if from != store);
        self.require(elsewhere, || format!("order {} moves to store {} from no other store", id.0, store.0));
        let untouched = order.ready.is_none() && order.courier.is_none() && order.cancelled.is_none();
        self.require(untouched, || format!("order {} moves after it was packed, assigned or cancelled", id.0));
        self.shelf(store, |_| {});
        let now = self.now;
        self.set(id, |o| (o.server, o.moved) = (Some(Server::Store(store)), Some(now)));
    }

    /// What the consumer of a near order is told and charged at checkout.
    fn offered(&mut self, id: OrderId) {
        let order = self.order(id);
        let at_checkout = order.placed == Some(self.now) && matches!(order.server, Some(Server::Store(_)));
        self.require(at_checkout, || format!("order {} is given a promise or fee that is not of its checkout", id.0));
    }

    fn ready(&mut self, id: OrderId, store: StoreId, picked_for: Span) {
        let order = self.order(id);
        let same = matches!(order.server, Some(Server::Store(own) | Server::StoreParcel(own)) if own == store);
        self.require(same, || format!("order {} is ready at store {}, which does not serve it", id.0, store.0));
        self.require(order.ready.is_none(), || format!("order {} is ready twice", id.0));
        let began = self.now - SimDuration::from(picked_for);
        let after = order.moved.or(order.placed).is_some_and(|there| there <= began);
        self.require(after, || format!("picking of order {} began at {began}, before the store had it", id.0));
        let now = self.now;
        self.set(id, |o| o.ready = Some(now));
    }

    fn known_courier(&mut self, courier: CourierId) {
        let known = courier.index() < self.city.couriers.len();
        self.require(known, || format!("courier {} is not in the city", courier.0));
    }

    fn assigned(&mut self, id: OrderId, courier: CourierId) {
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
        self.set(id, |o| (o.courier, o.assigned) = (Some(courier), Some(now)));
    }

    fn set_out(&mut self, id: OrderId, courier: CourierId) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        let for_door = order.picked_up.is_some();
        let again = if for_door { order.left } else { order.set_out };
        self.require(again.is_none(), || format!("courier {} sets out twice for order {}", courier.0, id.0));
        let now = self.now;
        self.set(id, |o| if for_door { o.left = Some(now) } else { o.set_out = Some(now) });
    }

    /// A leg of a trip of planned stops ended.
    fn rode(&mut self, id: OrderId, courier: CourierId) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        let for_door = order.picked_up.is_some();
        let (out, again) = if for_door { (order.left, order.at_door) } else { (order.set_out, order.at_store) };
        self.require(out.is_some(), || format!("courier {} ends a ride for order {} never begun", courier.0, id.0));
        self.require(again.is_none(), || format!("courier {} arrives twice for order {}", courier.0, id.0));
        let now = self.now;
        self.set(id, |o| if for_door { o.at_door = Some(now) } else { o.at_store = Some(now) });
    }

    fn refused(&mut self, id: OrderId, courier: CourierId) {
        let order = self.order(id);
        self.known_courier(courier);
        self.require(order.courier.is_none(), || {
            format!("order {} is refused by courier {} while another has it", id.0, courier.0)
        });
    }

    /// Back to what it was before the courier got it.
    fn released(&mut self, id: OrderId, courier: CourierId) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        self.require(order.picked_up.is_none(), || format!("order {} is given back after its pick-up", id.0));
        self.ride_to_store(&order, courier, self.now);
        self.set(id, |o| (o.courier, o.assigned, o.set_out, o.at_store) = (None, None, None, None));
    }

    /// What the courier did for an order before its pick-up, on a trip of planned stops.
    fn ride_to_store(&mut self, order: &Order, courier: CourierId, end: SimTime) {
        let (Some(Server::Store(store)), Some(out)) = (order.server, order.set_out) else { return };
        let there = order.at_store.unwrap_or(end);
        if order.at_store.is_none() && order.cancelled.is_some() {
            // The ride went on, for other orders of the visit or for nobody; they tell of it.
            return;
        }
        self.stints.push(Stint { courier, from: out, until: there, what: Stay::ToStore(store) });
        if order.at_store.is_some() {
            let until = order.picked_up.unwrap_or(end);
            self.stints.push(Stint { courier, from: there, until, what: Stay::AtStore(store) });
        }
    }

    fn own_courier(&mut self, order: &Order, id: OrderId, courier: CourierId) {
        let own = order.courier == Some(courier);
        self.require(own, || format!("courier {} acts on order {}, which was not assigned to them", courier.0, id.0));
    }

    fn picked_up(&mut self, id: OrderId, courier: CourierId, at_store_for: Span) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        self.require(order.ready.is_some(), || format!("order {} is picked up before it is ready", id.0));
        self.require(order.picked_up.is_none(), || format!("order {} is picked up twice", id.0));
        self.require(order.cancelled.is_none(), || format!("order {} is picked up after its cancellation", id.0));
        let reached = self.now - SimDuration::from(at_store_for);
        let after = order.set_out.or(order.assigned).is_some_and(|out| out <= reached);
        self.require(after, || format!("courier {} is at the store of order {} before setting out", courier.0, id.0));
        if let Some(Server::Store(store)) = order.server
            && order.picked_up.is_none()
        {
            self.take(id, store);
        }
        if let Some(on_board) = self.on_board.get_mut(courier.index()) {
            *on_board += 1;
            let (carried, capacity) = (*on_board, self.city.courier_capacity);
            self.require(carried <= capacity, || {
                format!("courier {} carries {carried} orders, more than their capacity", courier.0)
            });
        }
        let now = self.now;
        self.set(id, |o| o.picked_up = Some(now));
    }

    /// The order's units leave the store.
    fn take(&mut self, id: OrderId, store: StoreId) {
        if id.index() < self.log.orders() {
            let units: i64 = self.log.lines_of(id).iter().map(|line| i64::from(line.quantity)).sum();
            self.shelf(store, |s| s.taken += units);
        }
    }

    fn delivered(&mut self, id: OrderId, courier: CourierId, at_door_for: Span) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        let reached = self.now - SimDuration::from(at_door_for);
        let after = order.picked_up.is_some_and(|taken| taken <= reached);
        self.require(after, || format!("order {} is at the door before it is picked up", id.0));
        if let Some(on_board) = self.on_board.get_mut(courier.index()) {
            *on_board = on_board.saturating_sub(1);
        }
        self.end_delivered(id, &order);
    }

    /// The rules of every delivery.
    fn end_delivered(&mut self, id: OrderId, order: &Order) {
        self.require(order.delivered.is_none(), || format!("order {} is delivered twice", id.0));
        self.require(order.cancelled.is_none(), || format!("order {} is delivered after its cancellation", id.0));
        let now = self.now;
        self.set(id, |o| o.delivered = Some(now));
    }

    fn freed(&mut self, id: OrderId, courier: CourierId) {
        let order = self.order(id);
        self.own_courier(&order, id, courier);
        self.require(order.freed.is_none(), || format!("courier {} is freed twice from order {}", courier.0, id.0));
        let ended = order.delivered.is_some() || order.cancelled.is_some();
        self.require(ended, || format!("courier {} is freed from order {}, which has not ended", courier.0, id.0));
        let now = self.now;
        self.set(id, |o| o.freed = Some(now));
    }

    fn packed(&mut self, id: OrderId) {
        let order = self.order(id);
        let far = order.server == Some(Server::Warehouse);
        self.require(far, || format!("order {} is packed by the warehouse, which does not serve it", id.0));
        self.require(order.packed.is_none(), || format!("order {} is packed twice", id.0));
        let (now, (last, at)) = (self.now, self.last_packed);
        // First come, first served; orders packed within one instant have no sequence.
        self.require(order.number > last || now == at, || {
            format!("order {} is packed after one that was given to the warehouse later", id.0)
        });
        if order.number > last {
            self.last_packed = (order.number, now);
        }
        self.set(id, |o| o.packed = Some(now));
    }

    fn shipped(&mut self, id: OrderId) {
        let order = self.order(id);
        let packed = match order.server {
            Some(Server::Abroad) => true,
            Some(Server::StoreParcel(_)) => order.ready.is_some(),
            _ => order.packed.is_some(),
        };
        self.require(packed, || format!("order {} is shipped before it is packed", id.0));
        self.require(order.shipped.is_none(), || format!("order {} is shipped twice", id.0));
        if let Some(Server::StoreParcel(store)) = order.server
            && order.shipped.is_none()
        {
            self.take(id, store);
        }
        let now = self.now;
        self.set(id, |o| o.shipped = Some(now));
    }

    fn parcel_delivered(&mut self, id: OrderId, out_for: Span) {
        let order = self.order(id);
        let out = self.now - SimDuration::from(out_for);
        let after = order.shipped.is_none_or(|shipped| shipped <= out);
        self.require(after, || format!("order {} goes out for delivery at {out}, before it is shipped", id.0));
        self.require(order.shipped.is_some(), || format!("order {} arrives as a parcel before it is shipped", id.0));
        self.end_delivered(id, &order);
    }

    fn cancelled(&mut self, id: OrderId) {
        let order = self.order(id);
        self.require(order.placed.is_some(), || format!("order {} is cancelled before it is placed", id.0));
        self.require(order.cancelled.is_none(), || format!("order {} is cancelled twice", id.0));
        self.require(order.delivered.is_none(), || format!("order {} is cancelled after its delivery", id.0));
        self.require(order.picked_up.is_none(), || format!("order {} is cancelled after its pick-up", id.0));
        let now = self.now;
        self.set(id, |o| o.cancelled = Some(now));
    }

    fn returned(&mut self, id: OrderId) {
        let order = self.order(id);
        self.require(order.delivered.is_some(), || format!("order {} is sent back before its delivery", id.0));
        self.require(order.returned.is_none(), || format!("order {} is sent back twice", id.0));
        let now = self.now;
        self.set(id, |o| o.returned = Some(now));
    }

    /// Where the goods came from, near orders to their store; there they are units received.
    fn return_received(&mut self, id: OrderId, store: Option<StoreId>) {
        let order = self.order(id);
        self.require(order.returned.is_some(), || format!("order {} is received back before it is sent back", id.0));
        self.require(!order.received_back, || format!("order {} is received back twice", id.0));
        let from = match order.server {
            Some(Server::Store(store)) => Some(store),
            _ => None,
        };
        self.require(store == from, || format!("order {} comes back to where it did not come from", id.0));
        if let Some(store) = store
            && id.index() < self.log.orders()
        {
            let units: i64 = self.log.lines_of(id).iter().map(|line| i64::from(line.quantity)).sum();
            self.shelf(store, |s| s.received += units);
        }
        self.set(id, |o| o.received_back = true);
    }

    fn stocked(&mut self, store: StoreId, units: u32) {
        let twice = self.shelves.get(store.index()).is_some_and(|s| s.stocked);
        self.require(!twice, || format!("store {} is stocked twice", store.0));
        self.shelf(store, |s| (s.stocked, s.received) = (true, s.received + i64::from(units)));
    }

    /// Changes what is known of a store, or reports that the city does not have it.
    fn shelf(&mut self, store: StoreId, change: impl FnOnce(&mut Shelf)) {
        match self.shelves.get_mut(store.index()) {
            Some(shelf) => change(shelf),
            None => self.report(self.now, format!("store {} is not in the city", store.0)),
        }
    }

    /// Every placement has its fact, and nothing placed is forgotten.
    fn check_orders(&mut self) {
        for i in 0..self.orders.len() {
            let order = self.orders[i];
            self.require(order.placed.is_some(), || format!("order {i} has a placement but is never placed"));
            let cared_for = order.server.is_some() || order.cancelled.is_some();
            self.require(cared_for, || format!("order {i} is neither sourced nor sent far nor cancelled"));
        }
    }

    /// A courier is at one place at a time, and sets out on duty.
    fn check_trips(&mut self) {
        let end = self.now;
        for i in 0..self.orders.len() {
            let order = self.orders[i];
            let Some(courier) = order.courier else { continue };
            // Orders of a trip of planned stops say so when a leg ends, or are cancelled before any did.
            let planned = order.at_store.is_some() || (order.cancelled.is_some() && order.freed.is_none());
            let duty = if planned {
                self.list_planned(i as u32, courier, &order, order.cancelled.unwrap_or(end));
                // Work given for a later shift is begun in it.
                order.assigned.filter(|at| !self.on_duty(courier, *at)).and(order.set_out)
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
        let from = order.set_out.or(order.assigned.filter(|_| rode))?;
        let until = order.freed.unwrap_or(end);
        self.stints.push(Stint { courier, from, until, what: Stay::Order(id) });
        Some(from)
    }

    fn list_planned(&mut self, id: u32, courier: CourierId, order: &Order, end: SimTime) {
        self.ride_to_store(order, courier, end);
        if let Some(from) = order.left {
            let until = order.at_door.unwrap_or(end);
            self.stints.push(Stint { courier, from, until, what: Stay::ToDoor(id) });
        }
        if let Some(from) = order.at_door {
            let until = order.freed.unwrap_or(end);
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

    /// Units received = units picked up + units sold to walk-ins + units on the shelf, store by store. Reserved units of open
    /// orders are still on the shelf. A store never stocked has unlimited shelves and is not checked.
    fn check_units(&mut self) {
        for (i, shelf) in self.shelves.clone().into_iter().enumerate().filter(|(_, shelf)| shelf.stocked) {
            let Some((at, counted)) = shelf.counted else {
                self.report(self.now, format!("store {i} is stocked but never counted"));
                continue;
            };
            let Shelf { received, taken, sold, .. } = shelf;
            if received != taken + sold + counted {
                let what = format!(
                    "store {i} received {received} units, but {taken} were picked up, {sold} sold to walk-ins and {counted} counted"
                );
                self.report(at, what);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{CancelReason, FarReason, Placement};
    use crate::testing::{Run, at, small_run};

    fn found(run: &Run) -> Vec<String> {
        audit(&run.city, &run.log).iter().map(Violation::to_string).collect()
    }
    fn position(run: &Run, which: impl Fn(&Event) -> bool) -> usize {
        run.log.records.iter().position(|r| which(&r.event)).expect("the small run has such a fact")
    }
    /// Adds a fact where the log is at `seconds`, after the others of that instant.
    fn insert(run: &mut Run, seconds: f64, event: Event) {
        let place = run.log.records.partition_point(|r| r.at <= at(seconds));
        run.log.records.insert(place, Record { at: at(seconds), event });
    }
    fn remove(run: &mut Run, which: impl Fn(&Event) -> bool) {
        let place = position(run, which);
        run.log.records.remove(place);
    }

    const ANN: CourierId = CourierId(0);
    const BOB: CourierId = CourierId(1);
    const CAT: CourierId = CourierId(2);
    const BUSY: StoreId = StoreId(0);

    #[test]
    fn a_sound_log_breaks_no_rule() {
        assert_eq!(found(&small_run()), Vec::<String>::new());
    }

    #[test]
    fn every_seeded_fault_is_found() {
        type Fault = (&'static str, fn(&mut Run));
        let faults: &[Fault] = &[
            ("time runs backwards", |run| run.log.records.swap(3, 30)),
            ("order 0 is placed twice", |run| insert(run, 700.0, Event::OrderPlaced { order: OrderId(0) })),
            ("order 7 has a placement but is never placed", |run| {
                let copy: Placement = run.log.placements[0];
                run.log.placements.push(copy);
            }),
            ("order 99 has no placement", |run| insert(run, 5.0, Event::OrderPlaced { order: OrderId(99) })),
            ("order 5 is neither sourced nor sent far nor cancelled", |run| {
                remove(run, |e| matches!(e, Event::OrderSentFar { order: OrderId(5), .. }));
            }),
            ("order 0 is sourced twice", |run| {
                insert(run, 700.0, Event::OrderSourced { order: OrderId(0), store: BUSY, ride_m: 1.0 });
            }),
            ("order 2 is ready at store 0, which does not serve it", |run| {
                let event = Event::OrderReady { order: OrderId(2), store: BUSY, picked_for: Span::default() };
                insert(run, 1500.0, event);
            }),
            ("order 3 is delivered after its cancellation", |run| {
                let event = Event::OrderDelivered { order: OrderId(3), courier: BOB, at_door_for: Span::default() };
                insert(run, 3500.0, event);
            }),
            ("order 0 is delivered twice", |run| {
                let event = Event::OrderDelivered { order: OrderId(0), courier: ANN, at_door_for: Span::default() };
                insert(run, 1900.0, event);
            }),
            ("order 1 is cancelled after its pick-up", |run| {
                insert(run, 2200.0, Event::OrderCancelled { order: OrderId(1), reason: CancelReason::Patience });
            }),
            ("order 0 is picked up before it is ready", |run| {
                remove(run, |e| matches!(e, Event::OrderReady { order: OrderId(0), .. }));
            }),
            ("courier 1 acts on order 0", |run| {
                let place = position(run, |e| matches!(e, Event::OrderPickedUp { order: OrderId(0), .. }));
                let event = Event::OrderPickedUp { order: OrderId(0), courier: BOB, at_store_for: Span::default() };
                run.log.records[place].event = event;
            }),
            ("courier 2 is given order 3 of a node outside their fleet", |run| {
                insert(run, 2600.0, Event::CourierAssigned { order: OrderId(3), courier: CAT, approach_m: 0.0 });
            }),
            ("courier 0 is on order 1 while on order 0 until 00:30:00", |run| {
                let place = position(run, |e| matches!(e, Event::CourierSetOut { order: OrderId(1), .. }));
                let mut record = run.log.records.remove(place);
                record.at = at(1790.0);
                let place = run.log.records.partition_point(|r| r.at <= record.at);
                run.log.records.insert(place, record);
            }),
            ("courier 0 sets out for order 0 off duty", |run| run.city.couriers[0].shifts[0].0 = at(961.0)),
            ("courier 0 is freed from order 0, which has not ended", |run| {
                remove(run, |e| matches!(e, Event::OrderDelivered { order: OrderId(0), .. }));
            }),
            ("order 2 is packed after one that was given to the warehouse later", |run| {
                remove(run, |e| matches!(e, Event::ParcelPacked { order: OrderId(2) }));
                insert(run, 4100.0, Event::ParcelPacked { order: OrderId(5) });
                insert(run, 4200.0, Event::ParcelPacked { order: OrderId(2) });
            }),
            ("order 2 is packed by the warehouse, which does not serve it", |run| {
                let place = position(run, |e| matches!(e, Event::OrderSentFar { order: OrderId(2), .. }));
                let (reason, from) = (FarReason::NoStock, FarOrigin::Store(BUSY));
                run.log.records[place].event = Event::OrderSentFar { order: OrderId(2), reason, from };
            }),
            ("order 2 is shipped before it is packed", |run| {
                remove(run, |e| matches!(e, Event::ParcelPacked { order: OrderId(2) }));
            }),
            ("order 2 goes out for delivery at 00:46:40, before it is shipped", |run| {
                let place = position(run, |e| matches!(e, Event::ParcelDelivered { .. }));
                let out_for = Span::from(SimDuration::from_seconds(5600.0));
                run.log.records[place].event = Event::ParcelDelivered { order: OrderId(2), out_for };
            }),
            ("order 2 arrives as a parcel before it is shipped", |run| {
                remove(run, |e| matches!(e, Event::ParcelShipped { order: OrderId(2), .. }));
            }),
            ("order 2 is given a promise or fee that is not of its checkout", |run| {
                insert(run, 1200.0, Event::OrderPromised { order: OrderId(2), promise: Span::default() });
            }),
            ("order 0 is given a promise or fee that is not of its checkout", |run| {
                insert(run, 700.0, Event::FeeRaised { order: OrderId(0), by_fen: 200 });
            }),
            ("order 5 is sent back before its delivery", |run| {
                insert(run, 5000.0, Event::OrderReturned { order: OrderId(5) });
            }),
            ("store 0 received 101 units, but 4 were picked up, 0 sold to walk-ins and 96 counted", |run| {
                insert(run, 6000.0, Event::ReturnReceived { order: OrderId(1), store: Some(BUSY) });
            }),
            ("order 1 comes back to where it did not come from", |run| {
                insert(run, 6000.0, Event::ReturnReceived { order: OrderId(1), store: None });
            }),
            ("order 1 is received back twice", |run| {
                insert(run, 6000.0, Event::ReturnReceived { order: OrderId(1), store: Some(BUSY) });
                insert(run, 6000.0, Event::ReturnReceived { order: OrderId(1), store: Some(BUSY) });
            }),
            ("order 1 is received back before it is sent back", |run| {
                insert(run, 4900.0, Event::ReturnReceived { order: OrderId(1), store: Some(BUSY) });
            }),
            ("store 0 received 100 units, but 4 were picked up, 0 sold to walk-ins and 95 counted", |run| {
                let place = position(run, |e| matches!(e, Event::StoreCounted { store: BUSY, .. }));
                run.log.records[place].event = Event::StoreCounted { store: BUSY, units: 95 };
            }),
            ("store 0 received 100 units, but 4 were picked up, 1 sold to walk-ins and 96 counted", |run| {
                insert(run, 100.0, Event::WalkInServed { store: BUSY, sku: crate::units::SkuId(0) });
            }),
            ("order 0 moves to store 0 from no other store", |run| {
                insert(run, 650.0, Event::OrderResourced { order: OrderId(0), store: BUSY, ride_m: 1.0 });
            }),
            ("order 0 moves after it was packed", |run| {
                insert(run, 970.0, Event::OrderResourced { order: OrderId(0), store: StoreId(1), ride_m: 1.0 });
            }),
            ("picking of order 0 began at 00:11:00, before the store had it", |run| {
                insert(run, 700.0, Event::OrderResourced { order: OrderId(0), store: StoreId(1), ride_m: 1.0 });
            }),
            ("store 0 is stocked but never counted", |run| {
                remove(run, |e| matches!(e, Event::StoreCounted { store: BUSY, .. }));
            }),
        ];
        for (expected, fault) in faults {
            let mut run = small_run();
            fault(&mut run);
            let found = found(&run);
            assert!(found.iter().any(|v| v.contains(expected)), "expected '{expected}', found {found:#?}");
        }
    }
}
