//! Shortfalls: what a picker does not find, and what becomes of the order.
//!
//! A line is missing if its units were on paper only (phantom stock) or were gone already when routing chose the store,
//! which sees the shelves late. The order moves to another store; or the consumer takes something else; or the line is
//! given back; or too little is left, and the order ends. Off, it costs an order one branch.

use super::schedule::Desk;
use super::shopping::{NO_COURIER, OrderRow};
use super::warehouse::Origin;
use crate::event::{CancelReason, Event, Line};
use crate::policy::sourcing::Offer;
use crate::policy::substitution;
use crate::rng::{EntityStream, Purpose, PurposeKey, Streams};
use crate::scenario::Scenario;
use crate::units::{Money, OrderId, SimTime, SkuId, StoreId};
use rand::RngExt;

/// The rules of shortfalls.
#[derive(Debug)]
pub(super) struct Shortfalls {
    phantom_share: f64,
    substitution_accept: f64,
    min_basket: Money,
    draws: PurposeKey,
}

impl Shortfalls {
    /// None when pickers find every line.
    pub(super) fn new(scenario: &Scenario, streams: Streams) -> Option<Self> {
        let keys = &scenario.stock;
        (keys.phantom_share > 0.0 || keys.sync_latency_s > 0.0).then(|| Shortfalls {
            phantom_share: keys.phantom_share,
            substitution_accept: keys.substitution_accept,
            min_basket: Money::from_yuan(keys.min_basket_yuan),
            draws: streams.purpose(Purpose::Shortfall),
        })
    }

    /// The stream of a line, after so many draws.
    fn stream(&self, entity: u64, line: usize, draws: usize) -> EntityStream {
        let mut stream = self.draws.of(entity << 16 | line as u64);
        for _ in 0..draws {
            let _: f64 = stream.random();
        }
        stream
    }
    /// Whether a line that the record knows is on paper only; drawn anew at a second store.
    fn on_paper(&self, entity: u64, line: usize, rerouted: bool) -> bool {
        self.stream(entity, line, usize::from(rerouted)).random::<f64>() < self.phantom_share
    }
    fn accepts(&self, entity: u64, line: usize) -> bool {
        self.stream(entity, line, 2).random::<f64>() < self.substitution_accept
    }
}

/// A line of an order by its number, as it was ordered.
type Missing = (usize, Line);

impl Desk<'_> {
    /// Settles what the picker of an order did not find. False: the order is not packed here, it moved or ended.
    #[inline(never)]
    pub(super) fn settle_shortfall(&mut self, now: SimTime, order: OrderId) -> bool {
        let row = self.orders.rows[order.index()];
        if !row.picker || !self.shelves.are_counted() || self.is_observed(order) {
            return true;
        }
        let missing = self.lines_not_found(now, order, &row);
        if missing.is_empty() {
            return true;
        }
        match self.elsewhere(now, order, &row) {
            Some(other) => {
                self.orders.row(order).rerouted = true;
                self.change_store(now, order, &other);
                false
            }
            None => self.replace_or_refund(now, order, &missing),
        }
    }

    /// An order that was observed at a store found its goods there.
    fn is_observed(&self, order: OrderId) -> bool {
        self.ground.city.demand.trace.get(order.index()).is_some_and(|traced| traced.store.is_some())
    }

    /// The lines that are not there; what the order holds is what is left.
    fn lines_not_found(&mut self, now: SimTime, order: OrderId, row: &OrderRow) -> Vec<Missing> {
        let Some(rules) = &self.rules.shortfalls else { return Vec::new() };
        let entity = self.sessions.entity(order);
        let held = self.orders.held.get(&order);
        let mut missing = Vec::new();
        let mut on_paper = Vec::new();
        for (number, line) in self.log.0.lines_of(order).iter().enumerate() {
            let reserved = held.is_none_or(|held| held.contains(line));
            if !reserved {
                missing.push((number, *line));
            } else if rules.on_paper(entity, number, row.rerouted) {
                missing.push((number, *line));
                on_paper.push(*line);
            }
        }
        if missing.is_empty() {
            return missing;
        }
        let found = |line: &&Line| !missing.iter().any(|(_, other)| other == *line);
        let found: Vec<Line> = self.log.0.lines_of(order).iter().filter(found).copied().collect();
        self.orders.held.insert(order, found);
        for (_, line) in &missing {
            self.log.0.record(now, Event::LineMissing { order, sku: line.sku, units: line.quantity });
        }
        for Line { sku, quantity: units } in on_paper {
            self.shelves.hand_out(row.store, units);
            self.log.0.record(now, Event::StockShrank { store: row.store, sku, units });
        }
        missing
    }

    /// The nearest other store that has all of the order by the record. An order moves once, and neither away from its
    /// courier nor from the consumer who is to fetch it.
    fn elsewhere(&mut self, now: SimTime, order: OrderId, row: &OrderRow) -> Option<Offer> {
        if row.rerouted || row.courier != NO_COURIER || row.origin != Origin::Warehouse {
            return None;
        }
        self.shelves.catch_up(now);
        self.offers(now, order).into_iter().find(|offer| offer.store != row.store)
    }

    /// Line by line; false if the order ends because too little is left.
    fn replace_or_refund(&mut self, now: SimTime, order: OrderId, missing: &[Missing]) -> bool {
        let store = self.orders.rows[order.index()].store;
        let mut refunds = Vec::new();
        for (number, line) in missing {
            match self.substitute(order, store, *number, *line) {
                Some(sku) => self.take_instead(now, order, store, Line { sku, quantity: line.quantity }),
                None => refunds.push((*line, self.list_value(*line))),
            }
        }
        let left = self.log.0.placements[order.index()].value - refunds.iter().map(|(_, value)| *value).sum();
        let small = self.rules.shortfalls.as_ref().is_some_and(|rules| left < rules.min_basket);
        let nothing = self.orders.held.get(&order).is_some_and(Vec::is_empty);
        if nothing || (small && !refunds.is_empty()) {
            self.cancel(now, order, CancelReason::SmallBasket);
            return false;
        }
        for (line, value) in refunds {
            self.orders.row(order).units -= line.quantity;
            let by_fen = u32::try_from(value.0).unwrap_or(u32::MAX);
            self.log.0.record(now, Event::LineRefunded { order, sku: line.sku, by_fen });
        }
        true
    }

    fn list_value(&self, line: Line) -> Money {
        Money(self.ground.city.demand.prices[line.sku.index()].0 * i64::from(line.quantity))
    }

    /// What the consumer takes instead of a line: an article of its category that is there and not in the order.
    fn substitute(&self, order: OrderId, store: StoreId, number: usize, wanted: Line) -> Option<SkuId> {
        let rules = self.rules.shortfalls.as_ref()?;
        if !rules.accepts(self.sessions.entity(order), number) {
            return None;
        }
        let demand = &self.ground.city.demand;
        let lines = self.log.0.lines_of(order);
        let held = self.orders.held.get(&order)?;
        let first = wanted.sku.0 - wanted.sku.0 % demand.skus_per_category;
        let fits = |sku: &SkuId| {
            let there = self.shelves.available(store, Line { sku: *sku, quantity: wanted.quantity });
            there && lines.iter().chain(held).all(|line| line.sku != *sku)
        };
        let at_hand = (first..first + demand.skus_per_category).map(SkuId).filter(fits);
        let priced = at_hand.map(|sku| (sku, demand.prices[sku.index()]));
        substitution::nearest_in_price(demand.prices[wanted.sku.index()], priced)
    }

    fn take_instead(&mut self, now: SimTime, order: OrderId, store: StoreId, line: Line) {
        self.reserve_line(now, store, line);
        self.orders.held.entry(order).or_default().push(line);
        self.log.0.record(now, Event::LineSubstituted { order, sku: line.sku, units: line.quantity });
    }

    /// Reserves the lines that are there; the picker will miss the others.
    pub(super) fn reserve_what_is_there(&mut self, now: SimTime, order: OrderId, store: StoreId) {
        let lines = self.log.0.lines_of(order);
        let there: Vec<Line> = lines.iter().filter(|line| self.shelves.available(store, **line)).copied().collect();
        let short = there.len() < lines.len();
        there.iter().for_each(|line| self.reserve_line(now, store, *line));
        if short {
            self.orders.held.insert(order, there);
        }
    }
}
