//! Backorders: near orders that wait at their store for units, first come, first served, SKU by SKU.
//!
//! What is there of a waiting order is reserved, and what comes goes to those who wait before anybody else sees it.

use super::pools::Pool;
use super::schedule::Desk;
use crate::event::{CancelReason, Event, FarReason, Line};
use crate::policy::sourcing;
use crate::units::{OrderId, SimTime, SkuId, StoreId};
use std::collections::{BTreeMap, VecDeque};

/// Who waits for what.
#[derive(Debug)]
pub(super) struct Backorders {
    pub(super) on: bool,
    /// Orders and the units that they still need, first come first.
    queues: BTreeMap<(StoreId, SkuId), VecDeque<(OrderId, u32)>>,
    /// Units that each waiting order lacks in all.
    lacking: BTreeMap<OrderId, u32>,
}

impl Backorders {
    pub(super) fn new(on: bool) -> Self {
        Backorders { on, queues: BTreeMap::new(), lacking: BTreeMap::new() }
    }

    /// Units of a SKU that orders wait for at a store.
    pub(super) fn owed(&self, store: StoreId, sku: SkuId) -> i64 {
        match self.queues.get(&(store, sku)) {
            Some(queue) if self.on => queue.iter().map(|(_, units)| i64::from(*units)).sum(),
            _ => 0,
        }
    }

    /// An order that ends waits no more.
    pub(super) fn forget(&mut self, order: OrderId) {
        if self.on && self.lacking.remove(&order).is_some() {
            self.queues.values_mut().for_each(|queue| queue.retain(|(waiting, _)| *waiting != order));
            self.queues.retain(|_, queue| !queue.is_empty());
        }
    }
}

impl Desk<'_> {
    /// Where an order would wait that only lacks stock: the nearest open store within its radius that carries all of it.
    pub(super) fn store_to_wait_at(
        &self,
        now: SimTime,
        order: OrderId,
        plan: sourcing::Plan,
    ) -> Option<sourcing::Plan> {
        if !self.supply.backorders.on {
            return None;
        }
        let lacks_stock =
            matches!(plan, sourcing::Plan::Far(FarReason::NoStock) | sourcing::Plan::Refused(CancelReason::NoStore));
        let candidates = self.ground.candidates.as_ref().filter(|_| lacks_stock)?;
        let time_of_day = self.ground.time_of_day(now);
        let lines = self.log.0.lines_of(order);
        let fits = |store: u32| {
            let store = StoreId(store);
            let open = self.ground.always_open || self.ground.open(store, time_of_day);
            open && lines.iter().all(|line| self.carries(store, line.sku) && self.orders_may_get(store, line.sku))
        };
        let found = candidates.nearest(self.orders.rows[order.index()].home, fits)?;
        Some(sourcing::Plan::Near { store: StoreId(found.store), distance: found.distance })
    }

    /// Gives the order to a store that lacks some of it; it is prepared once everything is there.
    pub(super) fn wait_for_stock(&mut self, now: SimTime, order: OrderId, store: StoreId, ride: f64) {
        let row = self.orders.row(order);
        (row.store, row.ride) = (store, ride);
        self.log.0.record(now, Event::OrderSourced { order, store, ride_m: ride as f32 });
        let ground = self.ground;
        if self.offers.on {
            self.make_offer(now, order, ground.city.demand.trace.get(order.index()));
        }
        let lines = self.log.0.lines_of(order).to_vec();
        let mut lacking = 0;
        let mut held = Vec::new();
        for line in &lines {
            let there = self.shelves.units(store, line.sku).min(line.quantity);
            lacking += line.quantity - there;
            if there < line.quantity {
                let queue = self.supply.backorders.queues.entry((store, line.sku)).or_default();
                queue.push_back((order, line.quantity - there));
            }
            held.push(Line { quantity: there, ..*line });
        }
        for line in held.iter().filter(|line| line.quantity > 0) {
            self.reserve_line(now, store, *line);
        }
        if lacking == 0 {
            // The record that routing sees was late.
            self.begin_preparing(now, order, store);
            return;
        }
        self.log.0.record(now, Event::OrderBackordered { order, units: lacking });
        held.retain(|line| line.quantity > 0);
        self.orders.held.insert(order, held);
        self.supply.backorders.lacking.insert(order, lacking);
        for line in lines {
            self.watch(now, store, line.sku, Pool::Orders);
        }
    }

    /// Every shelf was filled.
    pub(super) fn serve_all_waiting(&mut self, now: SimTime) {
        let waited_for: Vec<_> = self.supply.backorders.queues.keys().copied().collect();
        waited_for.into_iter().for_each(|(store, sku)| self.serve_waiting(now, store, sku));
    }

    /// Units of a SKU are available: those who wait for it get them.
    pub(super) fn serve_waiting(&mut self, now: SimTime, store: StoreId, sku: SkuId) {
        while let Some((order, units)) = self.next_served(store, sku) {
            // The queue is shorter already, so that the position stays what it was.
            self.reserve_line(now, store, Line { sku, quantity: units });
            let held = self.orders.held.entry(order).or_default();
            match held.iter_mut().find(|line| line.sku == sku) {
                Some(line) => line.quantity += units,
                None => held.push(Line { sku, quantity: units }),
            }
            let lacking = self.supply.backorders.lacking.entry(order).or_default();
            *lacking -= units;
            if *lacking == 0 {
                self.supply.backorders.lacking.remove(&order);
                self.orders.held.remove(&order);
                self.begin_preparing(now, order, store);
            }
        }
    }

    /// The first who waits for a SKU, and how many of its units they get now.
    fn next_served(&mut self, store: StoreId, sku: SkuId) -> Option<(OrderId, u32)> {
        let backorders = &mut self.supply.backorders;
        let queue = backorders.queues.get_mut(&(store, sku))?;
        let (order, needed) = queue.front_mut()?;
        let (order, units) = (*order, self.shelves.units(store, sku).min(*needed));
        if units == 0 {
            return None;
        }
        *needed -= units;
        if *needed == 0 {
            queue.pop_front();
        }
        if queue.is_empty() {
            backorders.queues.remove(&(store, sku));
        }
        Some((order, units))
    }
}
