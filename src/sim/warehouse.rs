//! The warehouse: parcels are packed at an hourly capacity, leave with waves and travel on lanes.

use super::calendar::Notice;
use super::schedule::Desk;
use super::shopping::Phase;
use crate::event::{Event, FarReason};
use crate::scenario::Scenario;
use crate::units::{OrderId, SimDuration, SimTime};
use bevy_ecs::prelude::Resource;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

const DAY: SimDuration = SimDuration(86_400_000);

/// The packing line, the waves and the lanes.
#[derive(Resource, Debug)]
pub(super) struct Warehouse {
    /// When the line has packed all that came so far, in milliseconds with fractions.
    line_free_ms: f64,
    ms_per_order: f64,
    /// Waves as milliseconds of the day, ascending.
    waves: Vec<i64>,
    start_of_day: SimDuration,
    lanes: Vec<Lane>,
    mean_transit: SimDuration,
}

#[derive(Debug)]
struct Lane {
    /// Share of this lane and all before it.
    cumulative: f64,
    base: SimDuration,
    mean_ms: f64,
    sigma: f64,
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
                mean_ms: lane.transit_h * 3_600_000.0,
                sigma: (1.0 + lane.cv * lane.cv).ln().sqrt(),
            }
        });
        let lanes = lanes.collect();
        let of_lane = |lane: &crate::scenario::Lane| lane.share / total * (lane.base_h + lane.transit_h);
        let mean_transit = SimDuration::from_hours(scenario.far.lanes.iter().map(of_lane).sum());
        let mut waves: Vec<i64> =
            scenario.warehouse.wave_hours.iter().map(|hour| SimDuration::from_hours(*hour).0 % DAY.0).collect();
        waves.sort_unstable();
        Warehouse {
            line_free_ms: 0.0,
            ms_per_order: 3_600_000.0 / scenario.warehouse.capacity_per_h,
            waves,
            start_of_day: SimDuration::from_hours(scenario.start_hour),
            lanes,
            mean_transit,
        }
    }

    /// When an order that arrives now is packed: first come, first served.
    fn pack(&mut self, now: SimTime) -> SimTime {
        self.line_free_ms = self.line_free_ms.max(now.0 as f64) + self.ms_per_order;
        SimTime(self.line_free_ms.ceil() as i64)
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
        let packed = self.warehouse.pack(now);
        self.calendar.schedule(packed, Notice::PackParcel(order));
    }

    /// How long a parcel ordered now is expected to take: its turn on the line, the wave, and a mean transit.
    pub(super) fn far_quote(&self, now: SimTime) -> SimDuration {
        let warehouse = &*self.warehouse;
        let packed = warehouse.line_free_ms.max(now.0 as f64) + warehouse.ms_per_order;
        let shipped = warehouse.wave(SimTime(packed.ceil() as i64));
        shipped + warehouse.mean_transit - now
    }

    pub(super) fn pack_parcel(&mut self, now: SimTime, order: OrderId) {
        self.log.0.record(now, Event::ParcelPacked { order });
        self.calendar.schedule(self.warehouse.wave(now), Notice::ShipParcel(order));
    }

    pub(super) fn ship_parcel(&mut self, now: SimTime, order: OrderId) {
        self.log.0.record(now, Event::ParcelShipped { order });
        let mut rng = self.rules.streams.transit.of(self.sessions.entity(order));
        let u: f64 = rng.random();
        let lanes = &self.warehouse.lanes;
        let lane = lanes.iter().find(|lane| u < lane.cumulative).unwrap_or(&lanes[lanes.len() - 1]);
        let z: f64 = StandardNormal.sample(&mut rng);
        let varying = lane.mean_ms * (lane.sigma * z - 0.5 * lane.sigma * lane.sigma).exp();
        self.calendar.schedule(now + lane.base + SimDuration(varying as i64), Notice::DeliverParcel(order));
    }

    pub(super) fn deliver_parcel(&mut self, now: SimTime, order: OrderId) {
        self.orders.row(order).phase = Phase::Final;
        self.orders.open -= 1;
        self.log.0.record(now, Event::ParcelDelivered { order });
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
        if rate > 0.0 && self.rules.streams.returns.of(self.sessions.entity(order)).random::<f64>() < rate {
            self.log.0.record(now, Event::OrderReturned { order });
        }
    }
}
