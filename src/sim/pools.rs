//! Pools: units that only walk-ins buy, apart from those that only orders reserve (`stock.pool = "siloed"`).
//!
//! The pool of orders are the shelves (`stock.rs`); this is the other one. Off, walk-ins take from the shelves.

use super::schedule::Desk;
use crate::city::City;
use crate::city::build::{DailyUnits, archetype};
use crate::policy::pools;
use crate::scenario::{Pool as Pools, Scenario};
use crate::units::{SkuId, StoreId};

/// Whose units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pool {
    /// Of orders, whatever becomes of them; of everybody where there is only one pool.
    Orders,
    /// Of consumers who walk in.
    WalkIns,
}

/// The pool of walk-ins. Lists are SKU-major like shelves.
#[derive(Debug)]
pub(super) struct Counter {
    stores: usize,
    units: Vec<u16>,
    /// Units of the full levels that belong to it.
    full: Vec<u16>,
}

/// Share of walk-ins in the demand that planners expect, place by place; None where all take from one shelf.
pub(super) fn walk_in_shares(scenario: &Scenario, city: &City) -> Option<Vec<f64>> {
    if scenario.stock.pool != Pools::Siloed || city.full_levels.is_empty() {
        return None;
    }
    let daily = DailyUnits::new(scenario, &city.stores);
    let stores = city.stores.len();
    let kinds: Vec<_> = city.stores.iter().map(|store| archetype(scenario, &store.archetype)).collect();
    let share = |place: usize| {
        let Some(kind) = kinds[place % stores] else { return 0.0 };
        let walk_ins = daily.of_walk_ins(kind, place / stores);
        if walk_ins > 0.0 { walk_ins / (walk_ins + daily.of_orders(place / stores)) } else { 0.0 }
    };
    Some((0..city.full_levels.len()).map(share).collect())
}

impl Counter {
    /// The pool of walk-ins with these units, by the shares of full levels.
    pub(super) fn new(city: &City, shares: &[f64], units: Vec<u16>) -> Counter {
        let part = |(full, share): (&u16, &f64)| pools::walk_in_units(u32::from(*full), *share) as u16;
        Counter { stores: city.stores.len(), units, full: city.full_levels.iter().zip(shares).map(part).collect() }
    }

    fn place(&self, store: StoreId, sku: SkuId) -> usize {
        sku.index() * self.stores + store.index()
    }

    /// Units of every place.
    pub(super) fn all_units(&self) -> &[u16] {
        &self.units
    }

    /// Units of a SKU at a store.
    pub(super) fn units(&self, store: StoreId, sku: SkuId) -> u32 {
        u32::from(self.units[self.place(store, sku)])
    }

    /// Units of a full level that belong to walk-ins.
    pub(super) fn full_at(&self, place: usize) -> u16 {
        self.full[place]
    }

    /// One unit goes; false if there was none.
    pub(super) fn take(&mut self, store: StoreId, sku: SkuId) -> bool {
        let place = self.place(store, sku);
        let there = self.units[place] > 0;
        self.units[place] -= u16::from(there);
        there
    }

    /// Units come.
    pub(super) fn put(&mut self, store: StoreId, sku: SkuId, units: u32) {
        let place = self.place(store, sku);
        self.units[place] = (u32::from(self.units[place]) + units).min(u32::from(u16::MAX)) as u16;
    }

    /// Fills every place up to its level and adds what each store received.
    pub(super) fn refill(&mut self, received: &mut [u32]) {
        for (place, (units, full)) in self.units.iter_mut().zip(&self.full).enumerate() {
            received[place % self.stores] += u32::from(full.saturating_sub(*units));
            *units = (*units).max(*full);
        }
    }
}

impl Desk<'_> {
    /// Whether orders will ever find a SKU at a store that carries it: full levels of one unit may belong to walk-ins.
    pub(super) fn orders_may_get(&self, store: StoreId, sku: SkuId) -> bool {
        let Some(counter) = self.shelves.counter() else { return true };
        let place = counter.place(store, sku);
        self.supply.orders() || counter.full_at(place) < self.ground.city.full_levels[place]
    }
}
