//! Room: report. The event log → every ride of every courier, from place to place.

use super::{Point, ReplayView, Ride};
use crate::city::zones::Zones;
use crate::event::Event;
use crate::scenario::Metric;
use crate::units::{SimDuration, SimTime};

/// What the log says about the way of one order by courier.
#[derive(Clone, Copy, Default)]
struct Brought {
    courier: Option<usize>,
    store: usize,
    ride_m: f32,
    approach_m: f32,
    assigned: Option<SimTime>,
    set_out: Option<SimTime>,
    at_store: Option<SimTime>,
    picked_up: Option<SimTime>,
    left: Option<SimTime>,
    at_door: Option<SimTime>,
    delivered: Option<SimTime>,
    freed: Option<SimTime>,
    ended: Option<SimTime>,
    /// On a trip of planned stops, which tells every leg.
    planned: bool,
}

/// Where a ride leads.
#[derive(Clone, Copy, PartialEq)]
enum Goal {
    Store(usize),
    Door(usize),
    /// Somewhere so many metres of road away.
    Away(f32),
}

/// A ride before it is known where it begins.
#[derive(Clone, Copy)]
struct Job {
    from: SimTime,
    until: SimTime,
    busy_until: SimTime,
    goal: Goal,
}

/// All rides, by courier, then time.
pub(super) fn rides(view: &ReplayView<'_>) -> Vec<Ride> {
    let (brought, empty) = read(view);
    let mut jobs: Vec<Vec<Job>> = vec![Vec::new(); view.city.couriers.len()];
    // When orders come on board (+1) and off it (-1).
    let mut loads: Vec<Vec<(SimTime, i32)>> = vec![Vec::new(); view.city.couriers.len()];
    for (order, way) in brought.iter().enumerate() {
        let Some(courier) = way.courier else { continue };
        let Some(list) = jobs.get_mut(courier) else { continue };
        list.extend(jobs_of(view, order, way).into_iter().flatten());
        if let Some(up) = way.picked_up {
            loads[courier].push((up, 1));
            loads[courier].extend(way.delivered.map(|down| (down, -1)));
        }
    }
    for (courier, job) in empty {
        if let Some(list) = jobs.get_mut(courier) {
            list.push(job);
        }
    }
    let map = Map::new(view);
    let mut rides = Vec::new();
    for (courier, (mut jobs, mut loads)) in jobs.into_iter().zip(loads).enumerate() {
        jobs.sort_by_key(|job| (job.from, job.until));
        loads.sort_unstable();
        map.chain(courier, &jobs, &loads, &mut rides);
    }
    rides
}

/// One pass over the log.
fn read(view: &ReplayView<'_>) -> (Vec<Brought>, Vec<(usize, Job)>) {
    let mut brought = vec![Brought::default(); view.log.orders()];
    let mut empty = Vec::new();
    for record in &view.log.records {
        let at = record.at;
        match record.event {
            Event::OrderSourced { order, store, ride_m } | Event::OrderResourced { order, store, ride_m } => {
                let way = &mut brought[order.index()];
                (way.store, way.ride_m) = (store.index(), ride_m);
            }
            Event::CourierAssigned { order, courier, approach_m } => {
                let way = &mut brought[order.index()];
                (way.courier, way.assigned, way.approach_m) = (Some(courier.index()), Some(at), approach_m);
            }
            Event::CourierSetOut { order, .. } => {
                let way = &mut brought[order.index()];
                if way.picked_up.is_some() { way.left = Some(at) } else { way.set_out = Some(at) }
            }
            Event::CourierRode { order, .. } => {
                let way = &mut brought[order.index()];
                way.planned = true;
                if way.picked_up.is_some() { way.at_door = Some(at) } else { way.at_store = Some(at) }
            }
            Event::OrderReleased { order, .. } | Event::OrderConverted { order } => {
                let way = &mut brought[order.index()];
                let Brought { store, ride_m, .. } = *way;
                *way = Brought { store, ride_m, ..Brought::default() };
            }
            Event::OrderPickedUp { order, at_store_for, .. } => {
                let way = &mut brought[order.index()];
                way.picked_up = Some(at);
                way.at_store = Some(at - SimDuration::from(at_store_for));
            }
            Event::OrderDelivered { order, at_door_for, .. } => {
                let way = &mut brought[order.index()];
                way.delivered = Some(at);
                way.at_door = Some(at - SimDuration::from(at_door_for));
            }
            Event::OrderCancelled { order, .. } => brought[order.index()].ended = Some(at),
            Event::CourierFreed { order, .. } => brought[order.index()].freed = Some(at),
            Event::CourierRepositioned { courier, leg_m, rode_for } => {
                let from = at - SimDuration::from(rode_for);
                empty.push((courier.index(), Job { from, until: at, busy_until: at, goal: Goal::Away(leg_m) }));
            }
            _ => {}
        }
    }
    (brought, empty)
}

/// The ride to the store and the ride to the door, as far as the log tells that they took place.
fn jobs_of(view: &ReplayView<'_>, order: usize, way: &Brought) -> [Option<Job>; 2] {
    let service = SimDuration::from_minutes(view.scenario.couriers.pickup_service_min);
    let rode = way.freed.is_some() || way.picked_up.is_some();
    let leaves = way.picked_up.map(|up| up + (service - service.half()));
    let set_out = way.set_out.or(way.assigned.filter(|_| rode));
    let to_store = set_out.and_then(|from| {
        // Of a single order cancelled before pick-up the log does not say when the courier reached the store.
        let expected = || rode.then(|| from + view.city.travel.time_of_road(f64::from(way.approach_m), from));
        let until = way.at_store.or_else(expected)?;
        let until = way.freed.map_or(until, |freed| until.min(freed));
        let busy_until = leaves.or(way.freed).or(way.ended).unwrap_or(until).max(until);
        Some(Job { from, until, busy_until, goal: Goal::Store(way.store) })
    });
    let set_off = if way.planned { way.left } else { leaves };
    let to_door = set_off.zip(way.at_door).map(|(from, until)| {
        let busy_until = way.freed.or(way.delivered).unwrap_or(until).max(until);
        Job { from: from.min(until), until, busy_until, goal: Goal::Door(order) }
    });
    [to_store, to_door]
}

/// Where things are.
struct Map<'a, 'b> {
    view: &'a ReplayView<'b>,
    /// Where couriers reposition to, but stores.
    meeting_points: Vec<Point>,
}

impl<'a, 'b> Map<'a, 'b> {
    fn new(view: &'a ReplayView<'b>) -> Self {
        let zones = Zones::new(view.city, view.scenario.city.zone_km * 1000.0);
        let plane = matches!(view.city.metric, Metric::Euclid | Metric::Manhattan);
        let count = if plane && zones.count() <= 4096 { zones.count() } else { 0 };
        let centre = |zone| {
            let spot = zones.centre(crate::units::ZoneId(zone));
            (spot.a, spot.b)
        };
        Map { view, meeting_points: (0..count as u32).map(centre).collect() }
    }

    fn store(&self, store: usize) -> Option<Point> {
        self.view.city.stores.get(store).map(|store| (store.place.x_m, store.place.y_m))
    }

    /// Puts the jobs of one courier end to end.
    fn chain(&self, courier: usize, jobs: &[Job], loads: &[(SimTime, i32)], rides: &mut Vec<Ride>) {
        let base = &self.view.city.couriers[courier].place;
        let mut spot = (base.x_m, base.y_m);
        let first = rides.len();
        let (mut on_board, mut next_load) = (0, 0);
        for job in jobs {
            let last = rides[first..].last_mut();
            let last_until = last.as_ref().map_or(f64::MIN, |ride| ride.until_s);
            let from_s = job.from.seconds().max(last_until);
            let until_s = job.until.seconds();
            let Some(to) = self.place(courier, spot, job.goal) else { continue };
            if from_s >= until_s || to == spot {
                // Orders that share a visit share its ride; a new order of the same store begins where the courier stands.
                if let Some(ride) = last.filter(|ride| ride.to == to) {
                    ride.busy_until_s = ride.busy_until_s.max(job.busy_until.seconds());
                }
                continue;
            }
            while let Some((_, change)) = loads.get(next_load).filter(|(at, _)| at.seconds() <= from_s) {
                on_board += change;
                next_load += 1;
            }
            rides.push(Ride {
                courier,
                from_s,
                until_s,
                busy_until_s: job.busy_until.seconds(),
                from: spot,
                to,
                load: on_board.clamp(0, 127) as u8,
                to_store: matches!(job.goal, Goal::Store(_)),
            });
            spot = to;
        }
    }

    fn place(&self, courier: usize, from: Point, goal: Goal) -> Option<Point> {
        match goal {
            Goal::Store(store) => self.store(store),
            Goal::Door(order) => {
                let placed = &self.view.log.placements[order];
                Some((f64::from(placed.x_m), f64::from(placed.y_m)))
            }
            Goal::Away(road_m) => self.at_distance(courier, from, f64::from(road_m)),
        }
    }

    /// The place to which an empty ride of this length leads: the log tells the length only, but such rides lead to a
    /// courier's base, a store or the middle of a zone, and the length tells which.
    fn at_distance(&self, courier: usize, from: Point, road_m: f64) -> Option<Point> {
        let base = &self.view.city.couriers[courier].place;
        let stores = (0..self.view.city.stores.len()).filter_map(|store| self.store(store));
        let goals = std::iter::once((base.x_m, base.y_m)).chain(stores).chain(self.meeting_points.iter().copied());
        let miss = |to: &Point| (self.road(from, *to) - road_m).abs();
        let best = goals.min_by(|a, b| miss(a).total_cmp(&miss(b)))?;
        (miss(&best) <= 2.0 + 0.003 * road_m).then_some(best)
    }

    fn road(&self, from: Point, to: Point) -> f64 {
        let (dx, dy) = ((from.0 - to.0).abs(), (from.1 - to.1).abs());
        let distance = if self.view.city.metric == Metric::Manhattan { dx + dy } else { dx.hypot(dy) };
        distance * self.view.scenario.city.detour_factor
    }
}
