//! Load: how many near orders come and how busy couriers are, zone by zone, as seen from time to time.

use super::calendar::Notice;
use super::delivery::{CourierState, Fleet};
use super::offers::{LOOK_AT_IDLE, LOOK_AT_LOAD};
use super::schedule::Desk;
use super::shopping::{NO_COURIER, Phase};
use super::trips::Doing;
use crate::city::space::Spot;
use crate::city::zones::Zones;
use crate::city::{Channel, City};
use crate::event::Event;
use crate::policy::dispatch::Stop;
use crate::policy::overload::{self, ZoneView};
use crate::policy::promise::Relief;
use crate::scenario::Scenario;
use crate::units::{CourierId, SimDuration, SimTime, StoreId, ZoneId};

/// How far ahead orders and couriers are foreseen.
pub(super) const WINDOW: SimDuration = SimDuration(15 * 60_000);
/// What was seen an hour ago counts a third.
const MEMORY_MS: f64 = 3_600_000.0;
/// Deliveries within memory from which on the time a courier is busy with one is known.
const KNOWN: f64 = 5.0;

/// What is known of orders and couriers by zone.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) zones: Zones,
    pub(super) zone_of_store: Vec<ZoneId>,
    pub(super) near_store: Vec<bool>,
    pub(super) near_fleet: Vec<bool>,
    /// Near orders accepted by each store so far.
    pub(super) accepted: Vec<u32>,
    pub(super) fleet: FleetPicture,
    recent: Recent,
    interval: SimDuration,
}

/// Accepted orders by fleet and zone in the last looks that make up a window.
#[derive(Debug)]
struct Recent {
    slots: Vec<Vec<u32>>,
    current: usize,
    /// Slots in use, and when the current one began.
    seen: usize,
    since: SimTime,
    interval: SimDuration,
}

/// How busy the couriers of the near field are.
#[derive(Debug)]
pub(super) struct FleetPicture {
    /// Couriers on duty, by fleet.
    pub(super) on_duty: Vec<u32>,
    /// When shifts begin and of how many couriers, by fleet and time.
    begins: Vec<Vec<(SimTime, u32)>>,
    /// Deliveries since the last look.
    pub(super) delivered: u32,
    /// Ride to the store while nobody is idle.
    pub(super) usual_approach: SimDuration,
    /// Courier time at work and deliveries, older ones counting less.
    busy_ms: f64,
    deliveries: f64,
    /// Time a courier is busy with an order, until it is known.
    assumed_cycle: SimDuration,
}

/// What a fleet shows at this moment wherever one stands, looked at once for all stores that an order is compared by.
#[derive(Debug)]
pub(super) struct Glance {
    pub(super) fleet: usize,
    /// Couriers on duty; counted only if nobody is idle.
    on_duty: u32,
    /// Packed orders without a courier.
    waiting: u32,
    /// Where couriers are idle, if trips are planned.
    spots: Vec<Spot>,
}

/// What a fleet shows at this moment around a spot.
pub(super) struct FleetLook {
    pub(super) idle: u32,
    /// Packed orders without a courier.
    pub(super) waiting: u32,
    /// Distance of the nearest idle courier.
    pub(super) nearest: Option<f64>,
}

impl Load {
    pub(super) fn new(scenario: &Scenario, city: &City) -> Self {
        let zones = Zones::new(city, scenario.city.zone_km * 1000.0);
        let space = city.travel.space();
        let is_near = |store: &crate::city::Store| store.channel == Channel::Near;
        let serves_near = |fleet| city.stores.iter().any(|s| usize::from(s.fleet) == fleet && is_near(s));
        let interval = SimDuration::from_minutes(scenario.overload.interval_min);
        Load {
            zones,
            zone_of_store: city.stores.iter().map(|store| zones.zone(space.spot(&store.place))).collect(),
            near_store: city.stores.iter().map(is_near).collect(),
            near_fleet: (0..city.fleets.len()).map(serves_near).collect(),
            accepted: vec![0; city.stores.len()],
            fleet: FleetPicture::new(scenario, city),
            recent: Recent::new(zones.count() * city.fleets.len(), interval),
            interval,
        }
    }
    /// A near order was placed at a store.
    pub(super) fn accept(&mut self, fleet: usize, store: StoreId) {
        self.accepted[store.index()] += 1;
        let place = fleet * self.zones.count() + self.zone_of_store[store.index()].index();
        self.recent.slots[self.recent.current][place] += 1;
    }
    /// Who of a fleet comes on duty next, if anybody does: whoever has come since the last look counts as coming now.
    pub(super) fn relief(&self, fleet: usize, now: SimTime) -> Option<Relief> {
        let begins = &self.fleet.begins[fleet];
        let next = begins.partition_point(|(begin, _)| *begin + self.interval < now);
        let (begin, couriers) = *begins.get(next)?;
        Some(Relief { after: (begin - now).max(SimDuration::ZERO), couriers })
    }
    /// Nobody of a fleet is on duty, or will be within `span`.
    pub(super) fn is_off(&self, fleet: usize, now: SimTime, span: SimDuration) -> bool {
        self.fleet.on_duty[fleet] == 0 && self.relief(fleet, now).is_none_or(|relief| relief.after > span)
    }
    /// Orders expected of the stores of a fleet in a zone within the window: as many as in the window just past.
    pub(super) fn expected(&self, now: SimTime, fleet: usize, zone: ZoneId) -> f64 {
        self.recent.in_window(now, fleet * self.zones.count() + zone.index())
    }
}

impl Recent {
    fn new(places: usize, interval: SimDuration) -> Self {
        let slots = (WINDOW.0 / interval.0.max(1)).max(1) as usize;
        Recent { slots: vec![vec![0; places]; slots], current: 0, seen: 1, since: SimTime::ZERO, interval }
    }
    fn in_window(&self, now: SimTime, place: usize) -> f64 {
        let orders: u32 = self.slots.iter().map(|slot| slot[place]).sum();
        let span = self.interval.0 * (self.seen as i64 - 1) + (now - self.since).0;
        if span <= 0 { 0.0 } else { f64::from(orders) * WINDOW.0 as f64 / span as f64 }
    }
    /// Begins the next slot, forgetting the oldest; at the start nothing has passed yet.
    fn turn(&mut self, now: SimTime) {
        if now > self.since {
            self.current = (self.current + 1) % self.slots.len();
            self.seen = (self.seen + 1).min(self.slots.len());
            self.since = now;
            self.slots[self.current].fill(0);
        }
    }
}

impl FleetPicture {
    /// Until couriers have been seen at work, each order is thought to take both services and two rides of half the
    /// radius.
    fn new(scenario: &Scenario, city: &City) -> Self {
        let half_radius = city.travel.road(scenario.near.radius_km * 500.0);
        let metres_per_min = scenario.couriers.speed_kmh * 1000.0 / 60.0;
        let ride = SimDuration::from_minutes(half_radius / metres_per_min);
        let services = scenario.couriers.pickup_service_min + scenario.couriers.handover_min;
        FleetPicture {
            on_duty: vec![0; city.fleets.len()],
            begins: (0..city.fleets.len()).map(|fleet| begins(city, fleet)).collect(),
            delivered: 0,
            usual_approach: ride,
            busy_ms: 0.0,
            deliveries: 0.0,
            assumed_cycle: SimDuration::from_minutes(services) + ride + ride,
        }
    }
    /// Time a courier is busy with an order.
    pub(super) fn cycle(&self) -> SimDuration {
        if self.deliveries < KNOWN {
            return self.assumed_cycle;
        }
        SimDuration((self.busy_ms / self.deliveries) as i64)
    }
    fn look(&mut self, busy: u32, interval: SimDuration) {
        let keep = (-interval.0 as f64 / MEMORY_MS).exp();
        self.busy_ms = self.busy_ms * keep + f64::from(busy) * interval.0 as f64;
        self.deliveries = self.deliveries * keep + f64::from(std::mem::take(&mut self.delivered));
    }
}

/// When shifts of a fleet begin, and of how many couriers.
fn begins(city: &City, fleet: usize) -> Vec<(SimTime, u32)> {
    let couriers = city.couriers.iter().filter(|courier| usize::from(courier.fleet) == fleet);
    let mut all: Vec<_> = couriers.flat_map(|courier| courier.shifts.iter().map(|(on, _)| (*on, 1))).collect();
    all.sort_unstable();
    all.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        kept.1 += if same { next.1 } else { 0 };
        same
    });
    all
}

impl Desk<'_> {
    /// What is looked at from time to time, by number.
    pub(super) fn review_near_field(&mut self, now: SimTime, number: u32) {
        let interval = match (number, &self.offers.repositioning) {
            (LOOK_AT_IDLE, Some(repositioning)) => repositioning.interval,
            _ => self.offers.load.interval,
        };
        if now + interval < self.ground.run_end {
            self.calendar.schedule(now + interval, Notice::Review(number));
        }
        match number {
            LOOK_AT_LOAD => self.look_at_load(now),
            _ => self.look_at_idle(now),
        }
    }

    /// Looks at fleet and load, and sets the level of each zone.
    fn look_at_load(&mut self, now: SimTime) {
        let available = self.look_at_couriers(now);
        if self.offers.control.is_some() {
            self.set_levels(now, &available);
        }
        self.offers.load.recent.turn(now);
    }

    fn set_levels(&mut self, now: SimTime, available: &[SimDuration]) {
        let waiting = self.waiting_by_zone();
        let offers = &mut *self.offers;
        let (load, Some(control)) = (&offers.load, &mut offers.control) else { return };
        let cycle = load.fleet.cycle();
        let view_of = |zones: &mut dyn Iterator<Item = ZoneId>| {
            let mut view = ZoneView { cycle, ..ZoneView::default() };
            for zone in zones {
                let fleets = 0..load.near_fleet.len();
                view.expected += fleets.map(|fleet| load.expected(now, fleet, zone)).sum::<f64>();
                view.waiting += waiting[zone.index()];
                view.available = view.available + available[zone.index()];
            }
            view
        };
        let zones = || (0..load.zones.count() as u32).map(ZoneId);
        let of_city = overload::load(&view_of(&mut zones()));
        for zone in zones() {
            let view = view_of(&mut load.zones.block(zone));
            let level = overload::level(overload::load_of_zone(&view, of_city), &control.above);
            if level != control.levels[zone.index()] {
                control.levels[zone.index()] = level;
                self.log.0.record(now, Event::LoadLevelChanged { zone, level });
            }
        }
    }

    /// Counts couriers on duty and at work; gives the courier time on duty in the window to come, by zone.
    fn look_at_couriers(&mut self, now: SimTime) -> Vec<SimDuration> {
        let mut available = vec![SimDuration::ZERO; self.offers.load.zones.count()];
        let mut busy = 0;
        self.offers.load.fleet.on_duty.fill(0);
        for id in 0..self.couriers.len() {
            let courier = &self.couriers[id];
            let (fleet, begun) = (usize::from(courier.fleet), usize::from(courier.shifts_begun));
            self.offers.load.fleet.on_duty[fleet] += u32::from(courier.on_duty);
            if !self.offers.load.near_fleet[fleet] {
                continue;
            }
            busy += u32::from(courier.state == CourierState::Busy);
            let spot = self.bound_for(CourierId(id as u32));
            let at = &mut available[self.offers.load.zones.zone(spot).index()];
            let shifts = &self.plans[id].1.0;
            for (on, off) in &shifts[begun.saturating_sub(1)..(begun + 1).min(shifts.len())] {
                let overlap = (*off).min(now + WINDOW) - (*on).max(now);
                *at = *at + overlap.max(SimDuration::ZERO);
            }
        }
        let load = &mut self.offers.load;
        load.fleet.look(busy, load.interval);
        available
    }

    /// Where a courier will be when all they have to do is done.
    pub(super) fn bound_for(&self, courier: CourierId) -> Spot {
        let (state, route) = (&self.couriers[courier.index()], &self.routes[courier.index()]);
        match (route.doing, route.stops.last()) {
            (_, Some(Stop::DropOff(order))) => self.orders.rows[order.index()].home,
            (Doing::Nothing, _) if state.state == CourierState::Busy => state.free_spot,
            _ => self.next_spot(courier),
        }
    }

    /// Packed orders without a courier, by the zone of their store.
    fn waiting_by_zone(&self) -> Vec<u32> {
        let mut waiting = vec![0; self.offers.load.zones.count()];
        for fleet in 0..self.fleets.0.len() {
            self.each_waiting(fleet, |store| waiting[self.offers.load.zone_of_store[store.index()].index()] += 1);
        }
        waiting
    }

    /// The near store of every packed order of a fleet that has no courier.
    fn each_waiting(&self, fleet: usize, mut found: impl FnMut(StoreId)) {
        for order in self.fleets.0[fleet].waiting.orders().into_iter().chain(self.dispatching.open_orders(fleet)) {
            let row = &self.orders.rows[order.index()];
            // One that was sent far meanwhile has no store.
            let waits = row.phase == Phase::Ready && row.courier == NO_COURIER;
            if waits && self.offers.load.near_store[row.store.index()] {
                found(row.store);
            }
        }
    }

    /// One look at a fleet.
    pub(super) fn glance(&self, fleet: usize) -> Glance {
        let idle = |courier: &&CourierId| self.couriers[courier.index()].state == CourierState::Idle;
        let fleet_of_trips = self.fleets.0.get(fleet).filter(|_| self.rules.trips);
        let couriers = fleet_of_trips.into_iter().flat_map(|fleet| &fleet.couriers).filter(idle);
        let mut waiting = 0;
        if self.offers.on {
            self.each_waiting(fleet, |_| waiting += 1);
        }
        Glance {
            fleet,
            on_duty: if self.fleets.0[fleet].idle.count() == 0 { self.on_duty(fleet) } else { 0 },
            waiting,
            spots: couriers.map(|courier| self.couriers[courier.index()].spot).collect(),
        }
    }

    /// What [`Self::look_at_fleet`] and [`Self::offer`] find around a store, from a look that was taken already: distance of
    /// the nearest idle courier and couriers on duty as sourcing sees them, and the look.
    pub(super) fn look_around(&self, glance: &Glance, spot: Spot) -> (Option<f64>, u32, FleetLook) {
        let space = self.ground.city.travel.space();
        let idle = &self.fleets.0[glance.fleet].idle;
        let to_source = idle.nearest_distance(space, spot);
        let (count, nearest) = match self.rules.trips {
            false => (idle.count(), to_source),
            true => {
                let distances = glance.spots.iter().map(|at| space.distance(*at, spot));
                (glance.spots.len(), distances.reduce(f64::min))
            }
        };
        (to_source, glance.on_duty, FleetLook { idle: count as u32, waiting: glance.waiting, nearest })
    }

    /// Couriers of a fleet on duty.
    pub(super) fn on_duty(&self, fleet: usize) -> u32 {
        let couriers = self.fleets.0[fleet].couriers.iter();
        couriers.filter(|courier| self.couriers[courier.index()].on_duty).count() as u32
    }

    /// Idle couriers and waiting orders of a fleet around a spot.
    pub(super) fn look_at_fleet(&self, fleet: usize, spot: Spot) -> FleetLook {
        let space = self.ground.city.travel.space();
        let Fleet { couriers, idle, .. } = &self.fleets.0[fleet];
        let mut waiting = 0;
        self.each_waiting(fleet, |_| waiting += 1);
        if !self.rules.trips {
            return FleetLook { idle: idle.count() as u32, waiting, nearest: idle.nearest_distance(space, spot) };
        }
        let mut look = FleetLook { idle: 0, waiting, nearest: None };
        let states = couriers.iter().map(|courier| &self.couriers[courier.index()]);
        for courier in states.filter(|courier| courier.state == CourierState::Idle) {
            let distance = space.distance(courier.spot, spot);
            look.idle += 1;
            look.nearest = Some(look.nearest.map_or(distance, |nearest: f64| nearest.min(distance)));
        }
        look
    }
}
