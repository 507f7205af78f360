//! Pick-up in store: the order waits on the shelf of a store until its consumer fetches it on foot, or nobody comes.
//!
//! ```text
//!  reserved ──► queue of the store's pickers ──► ready ──► collected
//!                                                  └─────► no-show: cancelled, its units on the shelf again
//! ```
//! Whether and when a consumer comes is drawn for the session, so that it is the same in every scenario. Nobody's patience
//! ends: whoever fetches an order does not wait for it at the store.

use super::calendar::Notice;
use super::schedule::Desk;
use super::shopping::Phase;
use super::warehouse::{Lognormal, Origin};
use super::world::Ground;
use crate::event::{CancelReason, Event, Span};
use crate::policy::choice;
use crate::rng::{Purpose, PurposeKey, Streams};
use crate::scenario::Scenario;
use crate::units::{OrderId, SimDuration, SimTime, StoreId};
use rand::RngExt;

/// The terms of pick-up.
#[derive(Debug)]
pub(super) struct Pickup {
    ready: SimDuration,
    fee_yuan: f64,
    discount_yuan: f64,
    /// From ready until the consumer sets out.
    after: Lognormal,
    walk_ms_per_m: f64,
    no_show_share: f64,
    hold: SimDuration,
    protect_units: u32,
    /// Constants of choice by category.
    constants: Vec<f64>,
    collection: PurposeKey,
}

impl Pickup {
    /// None where pick-up is not offered.
    pub(super) fn new(scenario: &Scenario, streams: Streams) -> Option<Self> {
        let keys = &scenario.pickup;
        keys.enabled.then(|| Pickup {
            ready: SimDuration::from_minutes(keys.ready_min),
            fee_yuan: keys.fee_yuan,
            discount_yuan: keys.discount_yuan,
            after: Lognormal::new(keys.collect_after_min / 60.0, keys.collect_cv),
            walk_ms_per_m: 3600.0 / keys.walk_kmh,
            no_show_share: keys.no_show_share,
            hold: SimDuration::from_hours(keys.hold_h),
            protect_units: keys.protect_units,
            constants: scenario.catalogue.categories.iter().map(|category| category.asc_pickup).collect(),
            collection: streams.purpose(Purpose::Collection),
        })
    }

    fn walk(&self, metres: f64) -> SimDuration {
        SimDuration((metres * self.walk_ms_per_m + 0.5) as i64)
    }
}

/// What a consumer is offered who would fetch the order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fetch {
    pub(super) store: StoreId,
    pub(super) walk_m: f64,
    pub(super) walk: SimDuration,
    /// From placement until the order is to be ready.
    pub(super) ready_in: SimDuration,
    /// What it is worth to the consumer.
    pub(super) offer: choice::Offer,
    /// The same without the fee of pick-up; None where there is none.
    pub(super) without_fee: Option<choice::Offer>,
}

impl Ground {
    /// The first instant from `at` at which the store is open.
    fn open_from(&self, at: SimTime, store: StoreId) -> SimTime {
        let time_of_day = self.time_of_day(at);
        if self.always_open || self.open(store, time_of_day) {
            return at;
        }
        let day = SimDuration::from_hours(24.0).0;
        at + SimDuration((self.city.stores[store.index()].opens - time_of_day).0.rem_euclid(day))
    }
}

impl Desk<'_> {
    /// The nearest store from which the consumer could fetch the order, and what that would be like.
    #[inline(never)]
    pub(super) fn pickup_offer(&self, now: SimTime, order: OrderId, category: usize) -> Option<Fetch> {
        let rules = self.rules.pickup.as_ref()?;
        let found = self.store_for_pickup(now, order, rules.protect_units)?;
        let store = StoreId(found.store);
        let walk_m = self.ground.city.travel.road(found.distance);
        let walk = rules.walk(walk_m);
        let ready_in = self.packed_in(store, self.orders.rows[order.index()].units).max(rules.ready);
        let offer = choice::Offer {
            constant: rules.constants[category],
            fee: rules.fee_yuan - rules.discount_yuan,
            hours: (ready_in + walk).hours(),
            walk_km: walk_m / 1000.0,
        };
        let without_fee = choice::Offer { fee: -rules.discount_yuan, ..offer };
        let without_fee = (rules.fee_yuan > 0.0).then_some(without_fee);
        Some(Fetch { store, walk_m, walk, ready_in, offer, without_fee })
    }

    /// Reserves the units at the store and starts preparation.
    pub(super) fn reserve_for_pickup(&mut self, now: SimTime, order: OrderId, fetch: &Fetch) {
        let Some(rules) = &self.rules.pickup else { return };
        let Fetch { store, walk_m, ready_in, .. } = *fetch;
        self.reserve_lines(now, order, store);
        let row = self.orders.row(order);
        (row.store, row.ride, row.origin) = (store, walk_m, Origin::Pickup);
        self.log.0.record(now, Event::PickupReserved { order, store, walk_m: walk_m as f32 });
        if ready_in != rules.ready {
            self.log.0.record(now, Event::OrderPromised { order, promise: Span::from(ready_in) });
        }
        self.offers.joins_pickers(store);
        self.prepare(now, order, store, None);
    }

    /// The order waits for its consumer, who is told, sets out some time later and walks; at a closed door they come
    /// again when it opens.
    pub(super) fn ready_for_pickup(&mut self, now: SimTime, order: OrderId) {
        let Some(rules) = &self.rules.pickup else { return };
        let mut rng = rules.collection.of(self.sessions.entity(order));
        let stays_away = rng.random::<f64>() < rules.no_show_share;
        let row = &self.orders.rows[order.index()];
        let there = now + rules.after.draw(&mut rng) + rules.walk(row.ride);
        let comes = self.ground.open_from(there, row.store);
        let held_until = now + rules.hold;
        let collected = !stays_away && comes <= held_until;
        let end = if collected { comes } else { held_until };
        self.orders.row(order).courier_there = if collected { comes } else { SimTime::NEVER };
        self.calendar.schedule(end, Notice::EndTransit(order));
    }

    /// The consumer takes the goods away, or they are held no longer.
    pub(super) fn end_hold(&mut self, now: SimTime, order: OrderId) {
        let row = self.orders.row(order);
        if row.courier_there == SimTime::NEVER {
            self.cancel(now, order, CancelReason::NoShow);
            return;
        }
        row.phase = Phase::Final;
        let (store, units) = (row.store, row.units);
        self.orders.open -= 1;
        self.log.0.record(now, Event::OrderCollected { order });
        self.shelves.hand_out(store, units);
        self.maybe_return(now, order, self.rules.near_return_factor);
    }
}
