//! Who would be at a store first: the couriers whom batch matching considers for its orders.

use super::batch::BatchParams;
use super::near::{Near, Rings};
use super::view::{CourierView, View};
use crate::city::space::Spot;
use crate::units::{SimDuration, SimTime};
use std::ops::Range;

/// Idle time beyond this earns a courier no further reward.
const IDLE_CAP: SimDuration = SimDuration(60 * 60_000);
/// A courier who could be at a store soon.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    /// Place in the list of couriers.
    pub(super) courier: u32,
    pub(super) capacity: u32,
    pub(super) off: SimTime,
    pub(super) arrival: SimTime,
    pub(super) approach: f64,
    /// What does not depend on the orders: riding and idle time, weighed.
    pub(super) cost: i64,
}

/// What the search must know of a courier.
#[derive(Clone, Copy)]
pub(super) struct Free {
    courier: u32,
    capacity: u32,
    free_at: SimTime,
    off: SimTime,
    idle_reward: i64,
    /// The rank of the courier, were they at the store, and a little less: a number that compares fast.
    least_rank: f64,
}

impl Free {
    pub(super) fn new(view: &View, params: &BatchParams, place: u32, courier: &CourierView) -> Self {
        let CourierView { capacity, free_at, off, .. } = *courier;
        let idle = courier.idle_since.map_or(SimDuration::ZERO, |since| view.now - since).min(IDLE_CAP);
        let idle_reward = weighed(params.idle_reward, idle);
        Free {
            courier: place,
            capacity,
            free_at,
            off,
            idle_reward,
            least_rank: ((free_at - view.now).0 - idle_reward) as f64 - 2.0,
        }
    }
}

/// Looks around stores for the couriers who would be there first.
pub(super) struct Search<'a> {
    view: &'a View<'a>,
    params: &'a BatchParams,
    /// The candidates of all stores so far.
    pub(super) near: Vec<Candidate>,
    /// The store in hand: where it stands, how many couriers it wants, from how far.
    store: Spot,
    wanted: usize,
    limit: f64,
    /// The rank of the last of the best, once there are enough of them.
    worst: f64,
    /// The best found for it: arrival and cost in one number, courier, place in `seen`; ascending.
    best: Vec<(i64, u32, u32)>,
    /// All that were among the best at some time.
    seen: Vec<Candidate>,
}

impl<'a> Search<'a> {
    pub(super) fn new(view: &'a View<'a>, params: &'a BatchParams) -> Self {
        let (near, best, seen, store) = Default::default();
        Search { view, params, near, store, wanted: 0, limit: 0.0, worst: f64::INFINITY, best, seen }
    }

    /// By how much a ride raises the rank at least, but for the rounding of its weight.
    fn least_rank(&self, road: f64) -> f64 {
        self.view.travel.least_ms(road) * (1.0 + self.params.approach_weight)
    }

    /// Adds the best couriers for a store: as many as an order considers and one more for each further order, so that
    /// the orders of one store do not run out of couriers.
    pub(super) fn around(&mut self, rings: &Rings<Free>, orders: &[u32]) -> Range<usize> {
        let order = |place: &u32| &self.view.orders[*place as usize];
        let old = orders.iter().any(|place| self.view.now - order(place).placed > self.params.far_after);
        self.limit = if old { f64::INFINITY } else { self.params.max_approach };
        self.store = order(&orders[0]).store_spot;
        self.wanted = self.params.candidates + orders.len() - 1;
        self.worst = f64::INFINITY;
        self.best.clear();
        self.seen.clear();
        rings.around(self.store, self);
        let first = self.near.len();
        self.near.extend(self.best.iter().map(|(.., place)| self.seen[*place as usize]));
        first..self.near.len()
    }
}

impl Near<Free> for Search<'_> {
    fn go_on(&mut self, road: f64) -> bool {
        // Nobody farther away ranks before an idle courier there who has been idle for longest.
        let idle = weighed(self.params.idle_reward, IDLE_CAP);
        road <= self.limit && self.least_rank(road) - idle as f64 - 2.0 <= self.worst
    }
    fn meet(&mut self, spot: Spot, free: &Free) {
        let distance = self.view.travel.space().distance(spot, self.store);
        // Most are turned away below, at the price of a root and a few products.
        let approach = self.view.travel.road(distance);
        if free.least_rank + self.least_rank(approach) > self.worst {
            return;
        }
        if approach > self.limit {
            return;
        }
        let ride = self.view.travel.time_of_road(approach, free.free_at);
        let arrival = free.free_at + ride;
        let cost = weighed(self.params.approach_weight, ride) - free.idle_reward;
        let rank = (arrival - self.view.now).0 + cost;
        let &Free { courier, capacity, off, .. } = free;
        let entry = (rank, courier, self.seen.len() as u32);
        if self.best.len() < self.wanted {
            self.best.push(entry);
        } else if entry < self.best[self.wanted - 1] {
            self.best[self.wanted - 1] = entry;
        } else {
            return;
        }
        self.seen.push(Candidate { courier, capacity, off, arrival, approach, cost });
        let mut slot = self.best.len() - 1;
        while slot > 0 && entry < self.best[slot - 1] {
            self.best.swap(slot, slot - 1);
            slot -= 1;
        }
        if self.best.len() == self.wanted {
            self.worst = self.best[self.wanted - 1].0 as f64;
        }
    }
}

/// A span times a weight, in milliseconds.
pub(super) fn weighed(weight: f64, span: SimDuration) -> i64 {
    (weight * span.0 as f64) as i64
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Moment, minutes};
    use super::*;
    use crate::scenario::Scenario;
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    #[test]
    fn candidates_by_rings_are_those_of_looking_at_everybody() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(9);
        let params = BatchParams {
            candidates: 7,
            soon: SimDuration::from_minutes(100.0),
            ..BatchParams::of(&Scenario::default())
        };
        for case in 0..200 {
            let mut moment = Moment::new(30.0);
            let store = Spot { a: rng.random_range(0.0..10_000.0), b: rng.random_range(-2_000.0..2_000.0) };
            moment.order(3.0, 0.0, 31.0).store_spot = store;
            // Old orders are fetched from anywhere.
            moment.orders[0].placed = minutes([29.0, 0.0][case % 2]);
            for _ in 0..80 {
                let spot = Spot { a: rng.random_range(0.0..10_000.0), b: rng.random_range(-2_000.0..2_000.0) };
                let free = minutes(30.0 + rng.random_range(-5.0_f64..9.0).max(0.0));
                let courier = moment.courier(0.0);
                (courier.free_spot, courier.free_at) = (spot, free);
                courier.idle_since = Some(minutes(rng.random_range(0.0..30.0)));
            }
            moment.show(|view| {
                let free = |(place, courier): (u32, &CourierView)| {
                    (courier.free_spot, Free::new(view, &params, place, courier))
                };
                let all: Vec<(Spot, Free)> = (0..).zip(view.couriers).map(free).collect();
                let rings = Rings::new(view.travel, &all);
                let first = |candidates| -> Vec<u32> {
                    let params = BatchParams { candidates, ..params };
                    let mut search = Search::new(view, &params);
                    search.around(&rings, &[0]);
                    search.near.iter().map(|near| near.courier).collect()
                };
                assert_eq!(first(7), first(80)[..first(80).len().min(7)], "case {case}");
            });
        }
    }
}
