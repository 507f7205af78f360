//! Room: audit (floor 5). Conservation checks over a finished event log; shares no code with the
//! simulation or the metrics. May use `units`, `event`, `city`.
//!
//! One file for each thing that is conserved: `orders` (placed once, served once, ended at most once), `couriers` (at one
//! place at a time, on duty, within their fleet and capacity), `parts` (parts of an order are what was ordered), `parcels`
//! (packed first come, first served, shipped, delivered, sent back), `pickup` (fetched once ready, by nobody else than the
//! consumer), `stock` (units received are units handed out, sold to walk-ins, found to be on paper only or still on the shelf),
//! `shortfalls` (a line that was missing is replaced or given back, before the order is packed), `money` (what an order is
//! charged, costs, earns and emits adds up). `state` is what is known of an order. A broken rule names the order,
//! courier or store.

mod couriers;
mod money;
mod orders;
mod parcels;
mod parts;
mod pickup;
mod sessions;
mod shortfalls;
mod state;
mod stock;

pub use money::{Account, Bills, Column, Entry};

use crate::city::City;
use crate::event::{Event, EventLog, Record};
use crate::units::{SimDuration, SimTime};
use couriers::{Stay, Watch};
use parcels::PackingLine;
use parts::Splitting;
use state::{Order, Rare, Server};
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
    audited(city, log).0.violations
}

/// The same, and the bills of all its orders.
pub fn audit_with_bills(city: &City, log: &EventLog, bills: &Bills<'_>) -> Vec<Violation> {
    let (mut auditor, delivered) = audited(city, log);
    auditor.check_bills(bills, &delivered);
    auditor.violations
}

/// An auditor who has read the log, and which orders were delivered: a bit each, from the lowest of the first number on.
fn audited<'a>(city: &'a City, log: &'a EventLog) -> (Auditor<'a>, Vec<u64>) {
    let mut auditor = Auditor::new(city, log);
    for record in &log.records {
        auditor.check(record);
    }
    auditor.parts_are_complete();
    let delivered = auditor.check_orders();
    auditor.check_units();
    (auditor, delivered)
}

struct Auditor<'a> {
    city: &'a City,
    log: &'a EventLog,
    now: SimTime,
    orders: Vec<Order>,
    /// By order; empty as long as no order has any of it.
    rare: Vec<Rare>,
    shelves: Vec<Shelf>,
    /// By courier.
    watches: Vec<Watch>,
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
            rare: Vec::new(),
            shelves: vec![Shelf::default(); city.stores.len()],
            watches: city.couriers.iter().map(Watch::new).collect(),
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
            self.fail(what);
        }
    }
    /// Out of the way of rules that hold.
    #[cold]
    #[inline(never)]
    fn fail(&mut self, what: impl FnOnce() -> String) {
        self.report(self.now, what());
    }

    /// One fact: time goes on, and it follows from what was before. Inlined, since it is called from one place only, for
    /// every record of the log.
    #[inline(always)]
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
            Event::OrderConverted { order } => self.converted(order),
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
                self.known_courier(courier);
                self.stays(courier, at - SimDuration::from(rode_for), Stay::Empty);
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
