//! Room: audit (floor 5). Conservation checks over a finished event log; shares no code with the
//! simulation or the metrics. May use `units`, `event`, `city`.
//!
//! One file for each thing that is conserved: `orders` (placed once, served once, ended at most once), `couriers` (at one
//! place at a time, on duty, within their fleet and capacity), `parts` (parts of an order are what was ordered), `parcels`
//! (packed first come, first served, shipped, delivered, sent back), `pickup` (fetched once ready, by nobody else than the
//! consumer), `stock` (units received are units handed out, sold to walk-ins, found to be on paper only or still on the shelf),
//! `shortfalls` (a line that was missing is replaced or given back, before the order is packed), `money` (what an order is
//! charged, costs, earns and emits adds up). A broken rule names the order,
//! courier or store.

mod couriers;
mod money;
mod orders;
mod parcels;
mod parts;
mod pickup;
mod sessions;
mod shortfalls;
mod stock;

pub use money::{Account, Bills, audit_bills};

use crate::city::City;
use crate::event::{Event, EventLog, Record};
use crate::units::{CourierId, OrderId, SimDuration, SimTime, StoreId};
use couriers::{Stay, Stint};
use parcels::PackingLine;
use parts::Splitting;
use std::fmt;
use stock::Shelf;

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
    auditor.parts_are_complete();
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
    /// A store, from which the consumer fetches it.
    Pickup(StoreId),
}

/// An instant, or none yet. Half the size of `Option<SimTime>`: what is known of orders is most of what the audit reads.
#[derive(Clone, Copy, PartialEq)]
struct Moment(SimTime);

impl Default for Moment {
    fn default() -> Self {
        Moment::NONE
    }
}
impl From<SimTime> for Moment {
    fn from(at: SimTime) -> Self {
        Moment(at)
    }
}
impl Moment {
    const NONE: Moment = Moment(SimTime::NEVER);

    fn get(self) -> Option<SimTime> {
        self.is_some().then_some(self.0)
    }
    fn is_some(self) -> bool {
        self.0 != SimTime::NEVER
    }
    fn is_none(self) -> bool {
        !self.is_some()
    }
}

/// What the log has said of an order so far.
#[derive(Clone, Copy, Default)]
struct Order {
    placed: Moment,
    server: Option<Server>,
    moved: Moment,
    ready: Moment,
    courier: Option<CourierId>,
    assigned: Moment,
    set_out: Moment,
    /// On a trip of planned stops: when the courier reached the store.
    at_store: Moment,
    picked_up: Moment,
    /// On a trip of planned stops: when the courier set out for the door, and reached it.
    left: Moment,
    at_door: Moment,
    packed: Moment,
    shipped: Moment,
    delivered: Moment,
    cancelled: Moment,
    freed: Moment,
    returned: Moment,
    received_back: bool,
    /// Units of lines that were not found and not replaced.
    missing: u32,
    /// Fen given back for lines that were not delivered.
    refunded: Option<u32>,
    /// Place in the sequence in which orders were given to the warehouse, from 1.
    number: u64,
    fee_raised: bool,
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
    warehouse: PackingLine,
    /// Sessions that have ended.
    sessions: u32,
    splitting: Option<Splitting>,
    violations: Vec<Violation>,
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
            warehouse: PackingLine::default(),
            sessions: 0,
            splitting: None,
            violations: Vec::new(),
        }
    }

    #[cold]
    #[inline(never)]
    fn report(&mut self, at: SimTime, what: String) {
        self.violations.push(Violation { at, what });
    }
    /// Reports unless `holds`.
    #[inline]
    fn require(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.report(self.now, what());
        }
    }
    /// The order, if the log knows it; else reports. Inlined, so that only what a rule asks for is copied: an order is
    /// more than two cache lines.
    #[inline(always)]
    fn order(&mut self, id: OrderId) -> Order {
        match self.orders.get(id.index()) {
            Some(order) => *order,
            None => self.unknown(id),
        }
    }
    #[cold]
    #[inline(never)]
    fn unknown(&mut self, id: OrderId) -> Order {
        self.report(self.now, format!("order {} has no placement", id.0));
        Order::default()
    }
    /// Changes what is known of the order.
    #[inline]
    fn set(&mut self, id: OrderId, change: impl FnOnce(&mut Order)) {
        if let Some(order) = self.orders.get_mut(id.index()) {
            change(order);
        }
    }

    /// One fact: time goes on, and it follows from what was before.
    fn check(&mut self, record: &Record) {
        let (at, before) = (record.at, self.now);
        if at < before {
            let event = record.event;
            self.report(at, format!("time runs backwards, the record before is at {before}: {event:?}"));
        }
        self.now = at;
        match record.event {
            Event::SessionLeft { session, .. } => self.session_ends(session),
            Event::OrderPlaced { order } => {
                self.belongs(order);
                self.placed(order);
            }
            Event::OrderSplit { order, units, value_fen } => self.split(order, units, value_fen),
            Event::OrderSourced { order, store, .. } => self.served(order, Server::Store(store)),
            Event::OrderResourced { order, store, .. } => self.resourced(order, store),
            Event::OrderPromised { order, .. } => self.offered(order),
            Event::FeeRaised { order, by_fen } => self.fee_raised(order, by_fen),
            Event::LoadLevelChanged { .. } => {}
            Event::OrderSentFar { order, from, .. } => self.sent_far(order, from),
            Event::OrderBackordered { order, .. } => self.backordered(order),
            Event::LineMissing { order, units, .. } => self.line_missing(order, units),
            Event::LineSubstituted { order, units, .. } => self.line_substituted(order, units),
            Event::LineRefunded { order, by_fen, .. } => self.line_refunded(order, by_fen),
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
            Event::PickupReserved { order, store, .. } => self.served(order, Server::Pickup(store)),
            Event::OrderCollected { order } => self.collected(order),
            Event::OrderCancelled { order, reason } => self.cancelled(order, reason),
            Event::OrderReturned { order } => self.returned(order),
            Event::ReturnReceived { order, store } => self.return_received(order, store),
            Event::StoreStocked { store, units, .. } => self.stocked(store, units),
            Event::StoreReplenished { store, units } => self.shelf(store, |s| s.received += i64::from(units)),
            Event::StockOrdered { store, units } => self.shelf(store, |s| s.on_order += i64::from(units)),
            Event::StockReceived { store, units } => self.stock_received(store, i64::from(units)),
            Event::StockSentOn { from, to, units, .. } => self.stock_sent_on(from, to, i64::from(units)),
            Event::StockBroughtIn { store, units, .. } => self.stock_brought_in(store, i64::from(units)),
            Event::StockShrank { store, units, .. } => self.shelf(store, |s| s.shrunk += i64::from(units)),
            Event::WalkInServed { store, .. } => self.shelf(store, |s| s.sold += 1),
            Event::WalkInLost { store, .. } => self.shelf(store, |_| {}),
            Event::StockLeft { store, category, units, .. } => self.stock_left(store, category, i64::from(units)),
            Event::StoreCounted { store, units } => {
                self.shelf(store, |s| s.counted = Some((at, i64::from(units))));
            }
            Event::CourierOnDuty { courier } | Event::CourierOffDuty { courier } => self.known_courier(courier),
            Event::StockRanOut { store, .. } | Event::StockCameBack { store, .. } => self.shelf(store, |_| {}),
        }
    }
}

#[cfg(test)]
mod tests;
