//! The warehouse: parcels are packed at an hourly capacity, leave with waves and travel on lanes.

use super::calendar::Notice;
use super::labour::PackingLine;
use super::schedule::Desk;
use super::shopping::Phase;
use crate::event::{Event, FarOrigin, FarReason, Span};
use crate::rng::EntityStream;
use crate::scenario::Scenario;
use crate::units::{LaneId, OrderId, SimDuration, SimTime};
use bevy_ecs::prelude::Resource;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

const DAY: SimDuration = SimDuration(86_400_000);

/// Where a parcel comes from, or that the consumer fetches the order; the store stands in the order's row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Origin {
    Warehouse,
    Store,
    Hub,
    ForwardNode,
    /// No parcel: fetched from the store.
    Pickup,
}

/// The packing line, the waves and the lanes.
#[derive(Resource, Debug)]
pub(super) struct Warehouse {
    line: PackingLine,
    /// Waves as milliseconds of the day, ascending.
    waves: Vec<i64>,
    start_of_day: SimDuration,
    lanes: Vec<Lane>,
    mean_transit: SimDuration,
    /// None where the lane's transit reaches the door.
    last_mile: Option<Lognormal>,
    /// None where every parcel comes from the warehouse.
    elsewhere: Option<Elsewhere>,
}

/// Parcels that do not come from the warehouse.
#[derive(Debug)]
struct Elsewhere {
    /// Backlog above which stores send parcels; None: never.
    store_over: Option<SimDuration>,
    store_lane: usize,
    /// Share of orders from abroad, by category.
    abroad_shares: Vec<f64>,
    forward_share: f64,
    hub_every: SimDuration,
    hub_lead: Lognormal,
    forward_lead: Lognormal,
}

impl Elsewhere {
    fn new(scenario: &Scenario) -> Option<Self> {
        let (far, abroad) = (&scenario.far, &scenario.cross_border);
        let abroad_shares: Vec<f64> = scenario.catalogue.categories.iter().map(|c| c.abroad_share).collect();
        if far.ship_from_store_over_h.is_none() && abroad_shares.iter().all(|share| *share == 0.0) {
            return None;
        }
        Some(Elsewhere {
            store_over: far.ship_from_store_over_h.map(SimDuration::from_hours),
            store_lane: far.lanes.iter().position(|lane| lane.id == far.ship_from_store_lane).unwrap_or(0),
            abroad_shares,
            forward_share: abroad.forward_share,
            hub_every: SimDuration::from_hours(abroad.hub_every_h),
            hub_lead: Lognormal::new(abroad.hub_lead_h, abroad.lead_cv),
            forward_lead: Lognormal::new(abroad.forward_lead_h, abroad.lead_cv),
        })
    }

    /// At the next departure of the consolidation hub; from the forward stock at once.
    fn leaves(&self, now: SimTime, origin: Origin) -> SimTime {
        match (origin, self.hub_every.0) {
            (Origin::Hub, every) if every > 0 => SimTime((now.0 + every - 1) / every * every),
            _ => now,
        }
    }

    fn lead(&self, origin: Origin) -> &Lognormal {
        if origin == Origin::Hub { &self.hub_lead } else { &self.forward_lead }
    }
}

#[derive(Debug)]
struct Lane {
    /// Share of this lane and all before it.
    cumulative: f64,
    base: SimDuration,
    transit: Lognormal,
}

/// A time that varies.
#[derive(Debug)]
pub(super) struct Lognormal {
    mean_ms: f64,
    sigma: f64,
}

impl Lognormal {
    pub(super) fn new(mean_h: f64, cv: f64) -> Self {
        Lognormal { mean_ms: mean_h * 3_600_000.0, sigma: (1.0 + cv * cv).ln().sqrt() }
    }
    fn mean(&self) -> SimDuration {
        SimDuration(self.mean_ms as i64)
    }
    #[inline]
    pub(super) fn draw(&self, rng: &mut EntityStream) -> SimDuration {
        let z: f64 = StandardNormal.sample(rng);
        SimDuration((self.mean_ms * (self.sigma * z - 0.5 * self.sigma * self.sigma).exp()) as i64)
    }
}

impl Warehouse {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let total: f64 = scenario.far.lanes.iter().map(|lane| lane.share).sum();
        let mut cumulative = 0.0;
        let lanes = scenario.far.lanes.iter().map(|lane| {
            cumulative += lane.share / total;
            Lane {
                cumulative,
                base: SimDuration::from_hours(lane.base_h),
                transit: Lognormal::new(lane.transit_h, lane.cv),
            }
        });
        let lanes = lanes.collect();
        let of_lane = |lane: &crate::scenario::Lane| lane.share / total * (lane.base_h + lane.transit_h);
        let mean_transit =
            SimDuration::from_hours(scenario.far.lanes.iter().map(of_lane).sum::<f64>() + scenario.far.last_mile_h);
        let mut waves: Vec<i64> =
            scenario.warehouse.wave_hours.iter().map(|hour| SimDuration::from_hours(*hour).0 % DAY.0).collect();
        waves.sort_unstable();
        Warehouse {
            line: PackingLine::new(scenario),
            waves,
            start_of_day: SimDuration::from_hours(scenario.start_hour),
            lanes,
            mean_transit,
            elsewhere: Elsewhere::new(scenario),
            last_mile: (scenario.far.last_mile_h > 0.0)
                .then(|| Lognormal::new(scenario.far.last_mile_h, scenario.far.last_mile_cv)),
        }
    }

    /// The first wave at or after `packed`.
    fn wave(&self, packed: SimTime) -> SimTime {
        let of_day = (packed + self.start_of_day).0.rem_euclid(DAY.0);
        let Some(first) = self.waves.first() else { return packed };
        let next = self.waves.iter().copied().find(|wave| *wave >= of_day).unwrap_or(first + DAY.0);
        packed + SimDuration(next - of_day)
    }
}

impl Desk<'_> {
    /// Gives an order to the warehouse, or to where else its parcel comes from.
    pub(super) fn send_far(&mut self, now: SimTime, order: OrderId, reason: FarReason) {
        self.orders.row(order).phase = Phase::Far;
        if self.warehouse.elsewhere.is_some() && self.send_from_elsewhere(now, order, reason) {
            return;
        }
        self.log.0.record(now, Event::OrderSentFar { order, reason, from: FarOrigin::Warehouse });
        let packed = self.warehouse.line.pack(now, self.log.0.placements[order.index()].lines);
        self.calendar.schedule(packed, Notice::PackParcel(order));
    }

    /// How long a parcel ordered now is expected to take: its turn on the line, the wave, and a mean transit; goods from
    /// abroad the mean of their lead. That a store may send it, if the warehouse has too much work, nobody promises.
    pub(super) fn far_quote(&self, now: SimTime, order: OrderId) -> SimDuration {
        let warehouse = &*self.warehouse;
        if let Some(elsewhere) = &warehouse.elsewhere
            && let Some(origin) = self.abroad(order, elsewhere)
        {
            return elsewhere.leaves(now, origin) + elsewhere.lead(origin).mean() - now;
        }
        let packed = warehouse.line.quote(now, self.log.0.placements[order.index()].lines);
        warehouse.wave(packed) + warehouse.mean_transit - now
    }

    /// Whether the goods of an order come from abroad, and how.
    fn abroad(&self, order: OrderId, elsewhere: &Elsewhere) -> Option<Origin> {
        let category = self.log.0.placements[order.index()].category;
        let share = elsewhere.abroad_shares.get(category.index()).copied().unwrap_or(0.0);
        let mut rng = self.rules.streams.abroad.of(self.sessions.checkout_of(order));
        if rng.random::<f64>() >= share {
            return None;
        }
        let forward = rng.random::<f64>() < elsewhere.forward_share;
        Some(if forward { Origin::ForwardNode } else { Origin::Hub })
    }

    /// False: the warehouse sends it.
    #[inline(never)]
    fn send_from_elsewhere(&mut self, now: SimTime, order: OrderId, reason: FarReason) -> bool {
        let Some(elsewhere) = &self.warehouse.elsewhere else { return false };
        if let Some(origin) = self.abroad(order, elsewhere) {
            let leaves = elsewhere.leaves(now, origin);
            let from = if origin == Origin::Hub { FarOrigin::Hub } else { FarOrigin::ForwardNode };
            self.orders.row(order).origin = origin;
            self.log.0.record(now, Event::OrderSentFar { order, reason, from });
            self.calendar.schedule(leaves, Notice::ShipParcel(order));
            return true;
        }
        // What a store gave up does not go to one again.
        let may_ask = reason != FarReason::MaxWait;
        let busy = may_ask && elsewhere.store_over.is_some_and(|limit| self.warehouse.line.backlog(now) > limit);
        let Some(store) = busy.then(|| self.store_for_parcel(now, order)).flatten() else { return false };
        self.log.0.record(now, Event::OrderSentFar { order, reason, from: FarOrigin::Store(store) });
        self.reserve_lines(now, order, store);
        let row = self.orders.row(order);
        (row.phase, row.origin, row.store) = (Phase::Preparing, Origin::Store, store);
        self.offers.joins_pickers(store);
        self.prepare(now, order, store, None);
        true
    }

    /// Of an order that is not sent far the time to wait for a courier is up.
    pub(super) fn pack_parcel(&mut self, now: SimTime, order: OrderId) {
        if self.orders.rows[order.index()].phase != Phase::Far {
            self.end_wait(now, order);
            return;
        }
        self.log.0.record(now, Event::ParcelPacked { order });
        self.calendar.schedule(self.warehouse.wave(now), Notice::ShipParcel(order));
    }

    /// A store's parcel waits for the carrier, who comes with the waves.
    pub(super) fn store_parcel_is_packed(&mut self, now: SimTime, order: OrderId) {
        self.orders.row(order).phase = Phase::Far;
        self.calendar.schedule(self.warehouse.wave(now), Notice::ShipParcel(order));
    }

    pub(super) fn ship_parcel(&mut self, now: SimTime, order: OrderId) {
        let row = self.orders.rows[order.index()];
        if matches!(row.origin, Origin::Hub | Origin::ForwardNode) {
            self.ship_from_abroad(now, order, row.origin);
            return;
        }
        let mut rng = self.rules.streams.transit.of(self.sessions.entity(order));
        let u: f64 = rng.random();
        let lanes = &self.warehouse.lanes;
        let mut lane = lanes.iter().position(|lane| u < lane.cumulative).unwrap_or(lanes.len() - 1);
        if row.origin == Origin::Store {
            lane = self.warehouse.elsewhere.as_ref().map_or(0, |elsewhere| elsewhere.store_lane);
            self.shelves.hand_out(row.store, row.units);
        }
        self.log.0.record(now, Event::ParcelShipped { order, lane: Some(LaneId(lane as u32)) });
        let end = now + lanes[lane].base + lanes[lane].transit.draw(&mut rng);
        self.begin_last_mile(end, order, &mut rng);
    }

    fn ship_from_abroad(&mut self, now: SimTime, order: OrderId, origin: Origin) {
        let Some(elsewhere) = &self.warehouse.elsewhere else { return };
        self.log.0.record(now, Event::ParcelShipped { order, lane: None });
        let lead = elsewhere.lead(origin);
        // The stream of its transit: what the lane would have been is drawn and passed over, as for parcels from stores.
        let mut rng = self.rules.streams.transit.of(self.sessions.entity(order));
        let _: f64 = rng.random();
        let end = now + lead.draw(&mut rng);
        self.orders.row(order).courier_there = end;
        self.calendar.schedule(end, Notice::EndTransit(order));
    }

    fn begin_last_mile(&mut self, branch: SimTime, order: OrderId, rng: &mut EntityStream) {
        let mut end = branch;
        if let Some(last_mile) = &self.warehouse.last_mile {
            self.orders.row(order).courier_there = branch;
            end += last_mile.draw(rng);
        }
        self.calendar.schedule(end, Notice::EndTransit(order));
    }

    /// A parcel at the door is delivered, an order to be fetched is held no longer; of a delivered order, near ones too, it
    /// is the return that moves on.
    pub(super) fn end_transit(&mut self, now: SimTime, order: OrderId) {
        match self.orders.row(order).phase {
            Phase::Far => self.deliver_parcel(now, order),
            Phase::Ready => self.end_hold(now, order),
            _ => {
                self.returning().step(now, order);
                self.serve_from_return(now, order);
            }
        }
    }

    fn deliver_parcel(&mut self, now: SimTime, order: OrderId) {
        let row = self.orders.row(order);
        row.phase = Phase::Final;
        let out_since = if self.warehouse.last_mile.is_some() { row.courier_there } else { now };
        self.orders.open -= 1;
        self.log.0.record(now, Event::ParcelDelivered { order, out_for: Span::from(now - out_since) });
        self.maybe_return(now, order, 1.0);
    }
}
