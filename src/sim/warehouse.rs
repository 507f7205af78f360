//! The warehouse: parcels are packed at an hourly capacity, leave with waves and travel on lanes.

use super::calendar::Notice;
use super::labour::PackingLine;
use super::schedule::Desk;
use super::shopping::Phase;
use crate::event::{Event, FarReason, Span};
use crate::rng::EntityStream;
use crate::scenario::Scenario;
use crate::units::{LaneId, OrderId, SimDuration, SimTime};
use bevy_ecs::prelude::Resource;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

const DAY: SimDuration = SimDuration(86_400_000);

/// The packing line, the waves and the lanes.
#[derive(Resource, Debug)]
pub(super) struct Warehouse {
    line: PackingLine,
    /// Waves as milliseconds of the day, ascending.
    waves: Vec<i64>,
    start_of_day: SimDuration,
    lanes: Vec<Lane>,
    /// None where the lane's transit reaches the door.
    last_mile: Option<Lognormal>,
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
struct Lognormal {
    mean_ms: f64,
    sigma: f64,
}

impl Lognormal {
    fn new(mean_h: f64, cv: f64) -> Self {
        Lognormal { mean_ms: mean_h * 3_600_000.0, sigma: (1.0 + cv * cv).ln().sqrt() }
    }
    #[inline]
    fn draw(&self, rng: &mut EntityStream) -> SimDuration {
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
        let mut waves: Vec<i64> =
            scenario.warehouse.wave_hours.iter().map(|hour| SimDuration::from_hours(*hour).0 % DAY.0).collect();
        waves.sort_unstable();
        Warehouse {
            line: PackingLine::new(scenario),
            waves,
            start_of_day: SimDuration::from_hours(scenario.start_hour),
            lanes,
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
    /// Gives an order to the warehouse.
    pub(super) fn send_far(&mut self, now: SimTime, order: OrderId, reason: FarReason) {
        self.orders.row(order).phase = Phase::Far;
        self.log.0.record(now, Event::OrderSentFar { order, reason });
        let packed = self.warehouse.line.pack(now, self.log.0.placements[order.index()].lines);
        self.calendar.schedule(packed, Notice::PackParcel(order));
    }

    pub(super) fn pack_parcel(&mut self, now: SimTime, order: OrderId) {
        self.log.0.record(now, Event::ParcelPacked { order });
        self.calendar.schedule(self.warehouse.wave(now), Notice::ShipParcel(order));
    }

    pub(super) fn ship_parcel(&mut self, now: SimTime, order: OrderId) {
        let mut rng = self.rules.streams.transit.of(u64::from(order.0));
        let u: f64 = rng.random();
        let lanes = &self.warehouse.lanes;
        let lane = lanes.iter().position(|lane| u < lane.cumulative).unwrap_or(lanes.len() - 1);
        self.log.0.record(now, Event::ParcelShipped { order, lane: LaneId(lane as u32) });
        let mut end = now + lanes[lane].base + lanes[lane].transit.draw(&mut rng);
        if let Some(last_mile) = &self.warehouse.last_mile {
            self.orders.row(order).courier_there = end;
            end += last_mile.draw(&mut rng);
        }
        self.calendar.schedule(end, Notice::DeliverParcel(order));
    }

    pub(super) fn deliver_parcel(&mut self, now: SimTime, order: OrderId) {
        let row = self.orders.row(order);
        row.phase = Phase::Final;
        let out_since = if self.warehouse.last_mile.is_some() { row.courier_there } else { now };
        self.orders.open -= 1;
        self.log.0.record(now, Event::ParcelDelivered { order, out_for: Span::from(now - out_since) });
        self.maybe_return(now, order, 1.0);
    }

    /// The consumer decides to send the order back, with the category's rate × `factor`.
    #[inline]
    pub(super) fn maybe_return(&mut self, now: SimTime, order: OrderId, factor: f64) {
        if !self.rules.returns {
            return;
        }
        let category = self.log.0.placements[order.index()].category;
        let rate = self.ground.city.demand.categories[category.index()].return_rate * factor;
        if rate > 0.0 && self.rules.streams.returns.of(u64::from(order.0)).random::<f64>() < rate {
            self.log.0.record(now, Event::OrderReturned { order });
        }
    }
}
