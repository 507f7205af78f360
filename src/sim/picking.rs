//! Picking: orders queue for the pickers of their store, first come, first served.

use super::calendar::Notice;
use super::schedule::Desk;
use super::shopping::{OrderRow, Phase};
use super::warehouse::Origin;
use crate::city::{Store, TracedOrder};
use crate::event::{Event, Span};
use crate::scenario::PickDistribution;
use crate::units::{OrderId, SimDuration, SimTime, StoreId};
use bevy_ecs::prelude::Component;
use rand_distr::{Distribution, Exp1, StandardNormal};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

pub(super) const NO_ORDER: u32 = u32::MAX;

/// The pickers of a store and the orders that wait for them.
#[derive(Component, Clone, Debug)]
pub(super) struct PickStation {
    pickers: u32,
    busy: u32,
    first: u32,
    last: u32,
    base_ms: f64,
    per_item_ms: f64,
    /// Parameters of the lognormal factor with mean 1; 0 when picking times do not vary.
    sigma: f64,
    exponential: bool,
    /// Picking times are multiples of this; 0 when they are not rounded.
    rounding_ms: i64,
    /// Ends of the picks under way, kept only where a rule needs exact forecasts.
    ends: Option<Vec<SimTime>>,
    /// For forecasts, in milliseconds: the instants at which busy pickers finish, and the work of the queue, added up.
    work_end_ms: i64,
}

impl PickStation {
    /// Expected picking time of an order of this many units.
    pub(super) fn mean_pick(&self, units: f64) -> SimDuration {
        SimDuration((self.base_ms + self.per_item_ms * units + 0.5) as i64)
    }
    #[cfg(test)]
    pub(super) fn pickers(&self) -> u32 {
        self.pickers
    }
    /// `exact` stations know when each pick under way ends, so that forecasts are exact for any number of pickers.
    pub(super) fn new(store: &Store, exact: bool) -> Self {
        PickStation {
            pickers: if store.pickers == 0 { u32::MAX } else { store.pickers },
            busy: 0,
            first: NO_ORDER,
            last: NO_ORDER,
            base_ms: store.pick_base.0 as f64,
            per_item_ms: store.pick_per_item.0 as f64,
            sigma: (1.0 + store.pick_cv * store.pick_cv).ln().sqrt(),
            exponential: store.pick_distribution == PickDistribution::Exponential,
            rounding_ms: store.pick_rounding.0,
            ends: exact.then(Vec::new),
            work_end_ms: 0,
        }
    }

    /// A picker takes an order up and will have it done at `end`.
    #[inline]
    fn pick_begins(&mut self, end: SimTime) {
        if let Some(ends) = &mut self.ends {
            ends.push(end);
        }
    }
    #[inline]
    fn pick_ended(&mut self, end: SimTime) {
        if let Some(ends) = &mut self.ends {
            let place = ends.iter().position(|e| *e == end).expect("every pick under way was noted");
            ends.swap_remove(place);
        }
    }
    /// When a picker is there for an order placed now: exact where ends are kept, else when the pickers, if all are
    /// busy, have done what is ahead, on average, which is exact for one picker.
    fn picker_free(&self, now: SimTime, rows: &[OrderRow]) -> SimTime {
        if self.busy < self.pickers {
            return now;
        }
        let Some(ends) = &self.ends else {
            return SimTime(self.work_end_ms / i64::from(self.pickers)).max(now);
        };
        let mut ends: BinaryHeap<Reverse<SimTime>> = ends.iter().map(|end| Reverse(*end)).collect();
        let mut next = self.first;
        while next != NO_ORDER {
            let row = &rows[next as usize];
            if row.phase == Phase::Preparing
                && let Some(mut first) = ends.peek_mut()
            {
                first.0 += SimDuration(i64::from(row.pick_ms));
            }
            next = row.next_in_queue;
        }
        ends.peek().map_or(now, |first| first.0)
    }
    /// Until a picker would begin another order, on average: exact for one picker.
    pub(super) fn expected_wait(&self, now: SimTime) -> SimDuration {
        if self.busy < self.pickers {
            return SimDuration::ZERO;
        }
        SimDuration((self.work_end_ms / i64::from(self.pickers) - now.0).max(0))
    }
    /// The same for an order in the queue, with so many milliseconds of picking in it and behind it.
    pub(super) fn wait_before(&self, now: SimTime, behind_ms: i64) -> SimDuration {
        SimDuration(((self.work_end_ms - behind_ms) / i64::from(self.pickers) - now.0).max(0))
    }
    /// The order that the next free picker begins.
    pub(super) fn first_in_queue(&self) -> Option<OrderId> {
        (self.first != NO_ORDER).then_some(OrderId(self.first))
    }
    /// Takes an order out of the queue; `before` stands ahead of it and `next` behind it.
    pub(super) fn unlink(&mut self, order: OrderId, before: Option<OrderId>, next: u32, pick_ms: u32) {
        if self.first == order.0 {
            self.first = next;
        }
        if self.last == order.0 {
            self.last = before.map_or(NO_ORDER, |before| before.0);
        }
        self.work_end_ms -= i64::from(pick_ms);
    }
    /// Coefficient of variation of picking times.
    pub(super) fn cv(&self) -> f64 {
        if self.exponential { 1.0 } else { (self.sigma * self.sigma).exp_m1().sqrt() }
    }
}

impl Desk<'_> {
    /// Starts an order's preparation and tells when it should be ready.
    #[inline]
    pub(super) fn prepare(
        &mut self,
        now: SimTime,
        order: OrderId,
        store: StoreId,
        traced: Option<&TracedOrder>,
    ) -> SimTime {
        if let Some(ready) = traced.and_then(|t| t.ready) {
            let ready = ready.max(now);
            self.orders.row(order).picker = false;
            self.calendar.schedule(ready, Notice::FinishPicking(order));
            return ready;
        }
        let pick = self.picking_time(order, store, self.orders.rows[order.index()].units, traced);
        let station = &mut *self.stations[store.index()];
        self.orders.rows[order.index()].pick_ms = pick.0.min(i64::from(u32::MAX)) as u32;
        if station.busy < station.pickers {
            station.busy += 1;
            station.work_end_ms += (now + pick).0;
            station.pick_begins(now + pick);
            self.calendar.schedule(now + pick, Notice::FinishPicking(order));
            return now + pick;
        }
        let start = station.picker_free(now, &self.orders.rows);
        if station.last == NO_ORDER {
            station.first = order.0;
        } else {
            self.orders.rows[station.last as usize].next_in_queue = order.0;
        }
        station.last = order.0;
        station.work_end_ms += pick.0;
        start + pick
    }

    /// When an order would be ready at a store if it were given to it now.
    pub(super) fn ready_forecast(
        &self,
        now: SimTime,
        order: OrderId,
        store: StoreId,
        units: u32,
        traced: Option<&TracedOrder>,
    ) -> SimTime {
        match traced.and_then(|t| t.ready) {
            Some(ready) => ready.max(now),
            None => {
                let free = self.stations[store.index()].picker_free(now, &self.orders.rows);
                free + self.picking_time(order, store, units, traced)
            }
        }
    }

    /// Picking time of an order at a store: as observed in a trace, else drawn for this order.
    #[inline]
    fn picking_time(&self, order: OrderId, store: StoreId, units: u32, traced: Option<&TracedOrder>) -> SimDuration {
        if let Some(given) = traced.and_then(|t| t.pick) {
            return given;
        }
        let station = &*self.stations[store.index()];
        let mean = station.base_ms + station.per_item_ms * f64::from(units);
        let factor = if station.exponential {
            Exp1.sample(&mut self.rules.streams.picking.of(self.sessions.entity(order)))
        } else if station.sigma > 0.0 {
            let z: f64 = StandardNormal.sample(&mut self.rules.streams.picking.of(self.sessions.entity(order)));
            (station.sigma * z - 0.5 * station.sigma * station.sigma).exp()
        } else {
            1.0
        };
        let ms = (mean * factor + 0.5) as i64;
        match station.rounding_ms {
            0 => SimDuration(ms),
            unit => SimDuration((ms + unit / 2) / unit * unit),
        }
    }

    /// An order is packed: its picker takes the next one, and a courier is due.
    pub(super) fn finish_picking(&mut self, now: SimTime, order: OrderId) {
        let row = *self.orders.row(order);
        if row.picker {
            self.start_next_pick(now, row.store);
        }
        if row.phase != Phase::Preparing || (self.rules.shortfalls.is_some() && !self.settle_shortfall(now, order)) {
            return;
        }
        self.orders.row(order).phase = Phase::Ready;
        if self.offers.on {
            self.offers.leaves_pickers(&row);
        }
        let picked_for = if row.picker { SimDuration(i64::from(row.pick_ms)) } else { SimDuration::ZERO };
        self.log.0.record(now, Event::OrderReady { order, store: row.store, picked_for: Span::from(picked_for) });
        match row.origin {
            Origin::Store => self.store_parcel_is_packed(now, order),
            Origin::Pickup => self.ready_for_pickup(now, order),
            _ => {
                self.order_is_ready(now, order);
                self.begin_wait(now, order);
            }
        }
    }

    /// The freed picker takes the next order that nobody cancelled.
    #[inline]
    fn start_next_pick(&mut self, now: SimTime, store: StoreId) {
        let station = &mut *self.stations[store.index()];
        station.pick_ended(now);
        while station.first != NO_ORDER {
            let next = station.first;
            let row = &self.orders.rows[next as usize];
            station.first = row.next_in_queue;
            if station.first == NO_ORDER {
                station.last = NO_ORDER;
            }
            if row.phase == Phase::Preparing {
                // One picker's end gives way to another's: now + pick - now is what the queue held of it.
                let done = now + SimDuration(i64::from(row.pick_ms));
                self.calendar.schedule(done, Notice::FinishPicking(OrderId(next)));
                station.pick_begins(done);
                return;
            }
            station.work_end_ms -= i64::from(row.pick_ms);
        }
        station.busy -= 1;
        station.work_end_ms -= now.0;
    }

    /// An order refused at placement gives back the picker who had been taken for it; in the queue it is passed over.
    pub(super) fn give_picker_back(&mut self, order: OrderId, ready: SimTime) {
        let row = self.orders.row(order);
        let station = &mut *self.stations[row.store.index()];
        if row.picker && station.last != order.0 {
            row.picker = false;
            station.busy -= 1;
            station.work_end_ms -= ready.0;
            station.pick_ended(ready);
        }
    }
}
