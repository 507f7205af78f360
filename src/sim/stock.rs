//! Stock: what is available at each store, reserved by orders and brought back by replenishment.

use super::calendar::{Calendar, Notice};
use super::pools::{Counter, Pool};
use super::record::Record;
use super::schedule::{Clock, Desk};
use super::supply::Supply;
use super::units_there::UnitsThere;
use super::world::{Ground, Log};
use crate::city::City;
use crate::city::demand::Demand;
use crate::event::{Event, EventLog, Line};
use crate::scenario::{ReplenishmentPolicy, Scenario};
use crate::units::{Money, OrderId, SimDuration, SimTime, SkuId, StoreId};
use bevy_ecs::prelude::{Res, ResMut, Resource};

/// Available units by SKU and store.
#[derive(Resource, Debug)]
pub(super) struct Shelves {
    stores: usize,
    /// SKU-major: `sku * stores + store`; empty when shelves never run empty.
    available: UnitsThere,
    /// Units standing in each store, reserved ones included.
    on_hand: Vec<u32>,
    /// What routing sees; None when it sees the shelves.
    record: Option<Record>,
    /// What walk-ins take from; None where they take from the shelves.
    counter: Option<Counter>,
}

impl Shelves {
    /// The shelves of a city with what stands on them in the beginning, SKU by SKU, store by store, beside what walk-ins
    /// have for themselves.
    pub(super) fn new(scenario: &Scenario, city: &City, opening: &[u16], counter: Option<Counter>) -> Self {
        let stores = city.stores.len();
        let mut shelves = Shelves {
            stores,
            available: UnitsThere::new(opening),
            on_hand: vec![0; stores],
            record: Record::new(SimDuration::from_seconds(scenario.stock.sync_latency_s), opening),
            counter: None,
        };
        for (place, units) in opening.iter().enumerate() {
            shelves.on_hand[place % stores] += u32::from(*units);
        }
        for (place, units) in counter.iter().flat_map(|counter| counter.all_units().iter().enumerate()) {
            shelves.on_hand[place % stores] += u32::from(*units);
        }
        shelves.counter = counter;
        shelves
    }

    /// What walk-ins have for themselves.
    pub(super) fn counter(&self) -> Option<&Counter> {
        self.counter.as_ref()
    }

    /// Where walk-ins take from.
    pub(super) fn pool_of_walk_ins(&self) -> Pool {
        if self.counter.is_some() { Pool::WalkIns } else { Pool::Orders }
    }

    /// Units of a SKU in a pool.
    pub(super) fn units_in(&self, pool: Pool, store: StoreId, sku: SkuId) -> u32 {
        match (pool, &self.counter) {
            (Pool::WalkIns, Some(counter)) => counter.units(store, sku),
            _ => self.units(store, sku),
        }
    }

    /// Units come that belong to walk-ins.
    pub(super) fn put_by(&mut self, store: StoreId, sku: SkuId, units: u32) {
        if let Some(counter) = &mut self.counter {
            counter.put(store, sku, units);
            self.on_hand[store.index()] += units;
        }
    }

    /// Whether a line can be reserved at a store.
    #[inline]
    pub(super) fn available(&self, store: StoreId, line: Line) -> bool {
        self.available.is_empty() || self.available.hold(self.place(store, line.sku), line.quantity)
    }

    /// Units of a SKU that are there to be reserved; the most there can be where shelves never run empty.
    pub(super) fn units(&self, store: StoreId, sku: SkuId) -> u32 {
        if self.available.is_empty() { u32::from(u16::MAX) } else { self.available.units(self.place(store, sku)) }
    }

    /// Whether a line can be reserved at a store by what routing sees.
    #[inline]
    pub(super) fn shown(&self, store: StoreId, line: Line) -> bool {
        match &self.record {
            None => self.available(store, line),
            Some(record) => record.available().hold(self.place(store, line.sku), line.quantity),
        }
    }

    /// Units of a SKU at a store by what routing sees; the most there can be where shelves never run empty.
    pub(super) fn units_shown(&self, store: StoreId, sku: SkuId) -> u32 {
        if self.available.is_empty() { u32::from(u16::MAX) } else { self.seen().units(self.place(store, sku)) }
    }

    /// Available units of a SKU by store, by what routing sees; empty where shelves never run empty.
    pub(super) fn row_shown(&self, sku: SkuId) -> &[u16] {
        let first = sku.index() * self.stores;
        self.seen().all().get(first..first + self.stores).unwrap_or_default()
    }

    fn seen(&self) -> &UnitsThere {
        self.record.as_ref().map_or(&self.available, Record::available)
    }

    /// Routing sees what is old enough by now.
    #[inline]
    pub(super) fn catch_up(&mut self, now: SimTime) {
        if let Some(record) = &mut self.record {
            record.catch_up(now);
        }
    }

    /// Whether routing may see units that are gone.
    pub(super) fn seen_late(&self) -> bool {
        self.record.is_some()
    }

    /// Whether units are counted.
    pub(super) fn are_counted(&self) -> bool {
        !self.available.is_empty()
    }

    /// Changes the available units of a place, and notes it for those who see it later.
    #[inline]
    fn set(&mut self, now: SimTime, place: usize, units: u16) {
        self.available.set(place, units);
        if let Some(record) = &mut self.record {
            record.note(now, place, units);
        }
    }

    /// A unit leaves the store with a consumer who walked in: None if there was none, else whether it was the last that
    /// an order could have had.
    pub(super) fn sell(&mut self, now: SimTime, store: StoreId, sku: SkuId) -> Option<bool> {
        if let Some(counter) = &mut self.counter {
            let sold = counter.take(store, sku);
            self.hand_out(store, u32::from(sold));
            return sold.then_some(false);
        }
        let line = Line { sku, quantity: 1 };
        if !self.available(store, line) {
            return None;
        }
        let last = self.reserve(now, store, line);
        self.hand_out(store, 1);
        Some(last)
    }

    #[inline]
    fn place(&self, store: StoreId, sku: SkuId) -> usize {
        sku.index() * self.stores + store.index()
    }

    /// Brings the units that a line lacks, straight to whom they are for; tells how many.
    pub(super) fn bring_missing(&mut self, store: StoreId, line: Line) -> u32 {
        if self.available.is_empty() {
            return 0;
        }
        let missing = line.quantity.saturating_sub(self.available.units(self.place(store, line.sku)));
        self.on_hand[store.index()] += missing;
        missing
    }

    /// Reserves a line that is available; true when it took the last unit.
    #[inline]
    pub(super) fn reserve(&mut self, now: SimTime, store: StoreId, line: Line) -> bool {
        if self.available.is_empty() {
            return false;
        }
        let place = self.place(store, line.sku);
        let before = self.available.units(place);
        let left = before.saturating_sub(line.quantity) as u16;
        self.set(now, place, left);
        before > 0 && left == 0
    }

    /// Gives a reserved line back; true when the SKU had run out.
    fn release(&mut self, now: SimTime, store: StoreId, line: Line) -> bool {
        if self.available.is_empty() {
            return false;
        }
        let place = self.place(store, line.sku);
        let before = self.available.units(place);
        self.set(now, place, (before + line.quantity).min(u32::from(u16::MAX)) as u16);
        before == 0
    }

    /// A line is on the shelf that was not in the store, new or brought back; true when the SKU had run out.
    pub(super) fn put_back(&mut self, now: SimTime, store: StoreId, line: Line) -> bool {
        if !self.available.is_empty() {
            self.on_hand[store.index()] += line.quantity;
        }
        self.release(now, store, line)
    }

    /// Units leave the store with a courier, or turn out not to be there.
    #[inline]
    pub(super) fn hand_out(&mut self, store: StoreId, units: u32) {
        if !self.available.is_empty() {
            self.on_hand[store.index()] -= units;
        }
    }
}

/// When stores are replenished.
#[derive(Resource, Debug)]
pub(super) struct Replenishment {
    /// The next instant; NEVER when there is none.
    pub(super) next: SimTime,
    every: SimDuration,
    /// Stores order from a supplier then.
    orders: bool,
    /// Replenishments after the last arrival change nothing.
    last: SimTime,
}

impl Replenishment {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let every_h = scenario.stores.replenish_every_h;
        // Hours from the start to the first time the clock shows `replenish_at_h`, at least a moment ahead:
        // stores begin the run full.
        let mut first_h = (scenario.stores.replenish_at_h - scenario.start_hour).rem_euclid(24.0);
        if first_h <= 0.0 {
            first_h += every_h.max(1e-3);
        }
        let reviewed =
            matches!(scenario.replenishment.policy, ReplenishmentPolicy::FullLevel | ReplenishmentPolicy::OrderUpTo);
        let never = every_h <= 0.0 || scenario.stores.unlimited_stock || !reviewed;
        Replenishment {
            next: if never { SimTime::NEVER } else { SimTime::from_hours(first_h) },
            every: SimDuration::from_hours(every_h),
            orders: scenario.replenishment.policy == ReplenishmentPolicy::OrderUpTo,
            last: SimTime::from_hours(scenario.horizon_h),
        }
    }
}

/// Brings every SKU's available units back to the full level in all stores when it is time, or has the stores review
/// their positions.
pub(super) fn replenish(
    clock: Res<Clock>,
    ground: Res<Ground>,
    mut replenishment: ResMut<Replenishment>,
    mut shelves: ResMut<Shelves>,
    (mut supply, mut calendar): (ResMut<Supply>, ResMut<Calendar>),
    mut log: ResMut<Log>,
) {
    if replenishment.next > clock.slice_end {
        return;
    }
    let now = replenishment.next;
    replenishment.next = now + replenishment.every;
    if replenishment.next > replenishment.last {
        replenishment.next = SimTime::NEVER;
    }
    if replenishment.orders {
        supply.review_all(now, &shelves, &mut calendar, &mut log.0);
        return;
    }
    refill(now, &ground.city.full_levels, &mut shelves, &mut log.0);
    if supply.backorders.on {
        calendar.schedule(now, Notice::ServeWaiting);
    }
}

fn refill(now: SimTime, full: &[u16], shelves: &mut Shelves, log: &mut EventLog) {
    let stores = shelves.stores;
    if stores == 0 {
        return;
    }
    let mut received = vec![0_u32; stores];
    let mut counter = shelves.counter.take();
    for (place, full) in full.iter().enumerate().take(shelves.available.all().len()) {
        let full = *full - counter.as_ref().map_or(0, |counter| counter.full_at(place));
        let before = shelves.available.units(place);
        if before >= u32::from(full) {
            continue;
        }
        let (sku, store) = (place / stores, place % stores);
        received[store] += u32::from(full) - before;
        if before == 0 {
            log.record(now, Event::StockCameBack { store: StoreId(store as u32), sku: SkuId(sku as u32) });
        }
        shelves.set(now, place, full);
    }
    if let Some(counter) = &mut counter {
        counter.refill(&mut received);
    }
    shelves.counter = counter;
    for (store, units) in received.into_iter().enumerate().filter(|(_, units)| *units > 0) {
        shelves.on_hand[store] += units;
        log.record(now, Event::StoreReplenished { store: StoreId(store as u32), units });
    }
}

impl Shelves {
    /// Units on hand by store, for the first and last page of the log.
    pub(super) fn on_hand(&self) -> &[u32] {
        &self.on_hand
    }
    /// The same, but none where shelves never run empty.
    pub(super) fn counted(&self) -> &[u32] {
        if self.available.is_empty() { &[] } else { &self.on_hand }
    }
    /// What nobody has reserved, of both pools, store by store, category by category; none where shelves never run empty.
    pub(super) fn left(&self, demand: &Demand) -> Vec<Left> {
        if self.available.is_empty() {
            return Vec::new();
        }
        let (skus, categories) = (demand.skus_per_category as usize, demand.categories.len());
        let mut left = vec![Left::default(); self.stores * categories];
        let pools = [Some(self.available.all()), self.counter.as_ref().map(Counter::all_units)];
        for (place, units) in pools.into_iter().flatten().flat_map(|pool| pool.iter().enumerate()) {
            let (sku, store) = (place / self.stores, place % self.stores);
            let of = &mut left[store * categories + sku / skus];
            of.units += u32::from(*units);
            of.value += Money(demand.prices[sku].0 * i64::from(*units));
        }
        left
    }
}

/// Units of one category that nobody has reserved, and their value at list price.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Left {
    pub(super) units: u32,
    pub(super) value: Money,
}

impl Desk<'_> {
    /// Gives back what a cancelled order had reserved.
    pub(super) fn release_stock(&mut self, now: SimTime, order: OrderId, store: StoreId) {
        self.supply.backorders.forget(order);
        if let Some(held) = self.orders.held.remove(&order) {
            held.into_iter().for_each(|line| self.release_line(now, store, line));
            return;
        }
        let placement = self.log.0.placements[order.index()];
        let first = placement.first_line as usize;
        for line in first..first + placement.lines as usize {
            self.release_line(now, store, self.log.0.lines[line]);
        }
    }

    /// Gives back one reserved line.
    fn release_line(&mut self, now: SimTime, store: StoreId, line: Line) {
        if self.shelves.release(now, store, line) {
            self.log.0.record(now, Event::StockCameBack { store, sku: line.sku });
        }
        if self.supply.backorders.on {
            self.serve_waiting(now, store, line.sku);
        }
    }
}
