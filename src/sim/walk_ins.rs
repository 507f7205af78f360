//! Walk-ins: consumers who come to a store, look for one unit and take it from the same shelf as orders
//! or, with siloed pools, from their own (`pools.rs`).
//!
//! They find what is available: units reserved for orders are not on the shelf. A SKU that the store does not carry is
//! not looked for there. Whoever finds nothing leaves; nobody waits and nobody orders instead.

use super::calendar::{Calendar, Notice};
use super::schedule::Desk;
use crate::city::City;
use crate::city::demand::Arrivals;
use crate::event::Event;
use crate::rng::{Purpose, Streams};
use crate::scenario::Scenario;
use crate::units::{SimTime, StoreId};
use bevy_ecs::prelude::Resource;
use rand_xoshiro::Xoshiro256PlusPlus;

/// When consumers walk in, store by store; empty in a scenario without them.
#[derive(Resource, Default, Debug)]
pub(super) struct WalkIns {
    /// By store id; None where nobody walks in.
    doors: Vec<Option<Door>>,
    /// Stores at which somebody is still to come.
    pub(super) expected: u32,
}

#[derive(Debug)]
struct Door {
    arrivals: Arrivals<Xoshiro256PlusPlus>,
    /// What they look for, one after the other.
    wishes: Xoshiro256PlusPlus,
}

impl WalkIns {
    pub(super) fn new(scenario: &Scenario, city: &City, streams: Streams, calendar: &mut Calendar) -> Self {
        let kinds = &scenario.stores.archetypes;
        if kinds.iter().all(|kind| kind.walk_in_units_per_category_h == 0.0) {
            return WalkIns::default();
        }
        let profile = scenario.demand.day_profile();
        let day: f64 = profile.iter().sum();
        let mut walk_ins = WalkIns::default();
        for (id, store) in city.stores.iter().enumerate() {
            let kind = kinds.iter().find(|kind| kind.id == store.archetype);
            let units =
                kind.map_or(0.0, |kind| kind.walk_in_units_per_category_h) * city.demand.categories.len() as f64;
            let draw = |purpose| streams.long_of(purpose, store.stream_id());
            walk_ins.doors.push((units > 0.0).then(|| {
                let rate = profile.iter().map(|weight| units * profile.len() as f64 * weight / day).collect();
                let (start_h, horizon_h) = (scenario.start_hour, scenario.horizon_h);
                let arrivals = Arrivals::new(draw(Purpose::WalkIns), rate, 0.0, start_h, horizon_h);
                Door { arrivals, wishes: draw(Purpose::WalkInWishes) }
            }));
            walk_ins.expect_next(StoreId(id as u32), calendar);
        }
        walk_ins
    }

    fn expect_next(&mut self, store: StoreId, calendar: &mut Calendar) {
        let Some(door) = &mut self.doors[store.index()] else { return };
        if let Some(at) = door.arrivals.next() {
            self.expected += 1;
            calendar.schedule(at, Notice::WalkIn(store));
        }
    }
}

impl Desk<'_> {
    /// Somebody walks in, unless the store is closed at this hour: that thins the arrivals out.
    pub(super) fn walk_in(&mut self, now: SimTime, store: StoreId) {
        self.walk_ins.expected -= 1;
        self.walk_ins.expect_next(store, self.calendar);
        let Some(door) = &mut self.walk_ins.doors[store.index()] else { return };
        let sku = self.ground.city.demand.draw_walk_in(&mut door.wishes);
        let open = self.ground.always_open || self.ground.open(store, self.ground.time_of_day(now));
        if !open || !self.carries(store, sku) {
            return;
        }
        match self.shelves.sell(now, store, sku) {
            Some(last) => {
                self.log.0.record(now, Event::WalkInServed { store, sku });
                if last {
                    self.log.0.record(now, Event::StockRanOut { store, sku });
                }
                self.watch(now, store, sku, self.shelves.pool_of_walk_ins());
            }
            None => self.log.0.record(now, Event::WalkInLost { store, sku }),
        }
    }

    pub(super) fn carries(&self, store: StoreId, sku: crate::units::SkuId) -> bool {
        let full = &self.ground.city.full_levels;
        full.is_empty() || full[sku.index() * self.ground.city.stores.len() + store.index()] > 0
    }
}
