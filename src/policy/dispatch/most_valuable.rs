//! The couriers with whom a bundle of the rolling horizon is worth most.

use super::near::{Near, Rings};
use super::rolling_horizon::{RollingHorizonParams, cost_of, longest_approach};
use super::trip::Trip;
use super::view::View;
use crate::city::space::Spot;
use crate::units::{SimDuration, SimTime};

/// A courier who can take the bundle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Pair {
    /// The negative of what the pair is worth.
    pub(super) cost: i64,
    /// Time to the store.
    pub(super) ride: SimDuration,
    /// Place in the list of couriers.
    pub(super) courier: u32,
}

/// What the search must know of a courier.
#[derive(Clone, Copy)]
struct Free {
    courier: u32,
    capacity: u32,
    free_at: SimTime,
    off: SimTime,
}

/// Looks around stores for couriers.
pub(super) struct Search<'a> {
    pub(super) view: &'a View<'a>,
    params: &'a RollingHorizonParams,
    rings: Rings<Free>,
    /// When the first courier is free.
    first_free: SimTime,
    /// The best found for the bundle in hand, ascending.
    best: Vec<Pair>,
}

impl<'a> Search<'a> {
    pub(super) fn new(view: &'a View<'a>, params: &'a RollingHorizonParams) -> Self {
        let free: Vec<(Spot, Free)> = (0..)
            .zip(view.couriers)
            .map(|(place, courier)| {
                let (capacity, free_at, off) = (courier.capacity, courier.free_at, courier.off);
                (courier.free_spot, Free { courier: place, capacity, free_at, off })
            })
            .collect();
        let first_free = view.couriers.iter().map(|courier| courier.free_at).min().unwrap_or_default();
        Search { view, params, rings: Rings::new(view.travel, &free), first_free, best: Vec::new() }
    }

    /// The `wanted` couriers of least cost who are not taken, the shorter ride first on ties, then the lower place.
    pub(super) fn best(&mut self, trip: &Trip, wanted: usize, taken: &[bool]) -> &[Pair] {
        self.best.clear();
        let store = self.view.orders[trip.orders[0] as usize].store_spot;
        let (view, params, first_free) = (self.view, self.params, self.first_free);
        let (longest, best) = (SimDuration(i64::MAX), &mut self.best);
        let mut around = Around { view, params, first_free, trip, store, wanted, taken, best, longest };
        self.rings.around(store, &mut around);
        &self.best
    }
}

/// The search around one store for one bundle.
struct Around<'a> {
    view: &'a View<'a>,
    params: &'a RollingHorizonParams,
    first_free: SimTime,
    trip: &'a Trip,
    store: Spot,
    wanted: usize,
    taken: &'a [bool],
    best: &'a mut Vec<Pair>,
    /// From being free to leaving the store, for who could still be among the best.
    longest: SimDuration,
}

impl Around<'_> {
    /// Whether a pair like this could be among the best.
    fn counts(&self, pair: Pair) -> bool {
        self.best.len() < self.wanted || pair < self.best[self.wanted - 1]
    }
}

impl Near<Free> for Around<'_> {
    fn go_on(&mut self, road: f64) -> bool {
        // Nobody farther away is worth more than somebody there who is free first and for whom the goods are ready.
        let ride = self.view.travel.least_time_of_road(road);
        let (pickup, _) = self.trip.visit(self.view, self.first_free + ride);
        let cost = cost_of(self.params, self.trip, ride + self.view.service.pickup, pickup);
        self.counts(Pair { cost, ride, courier: 0 })
    }
    fn meet(&mut self, spot: Spot, free: &Free) {
        let Free { courier, capacity, free_at, off } = *free;
        if self.taken[courier as usize] || self.trip.orders.len() as u32 > capacity {
            return;
        }
        let pickup_service = self.view.service.pickup;
        // Whoever would wait too long for the goods is known without a look at the way.
        if (self.trip.ready - free_at).max(pickup_service.half()) + (pickup_service - pickup_service.half())
            > self.longest
        {
            return;
        }
        let ride = self.view.ride(spot, self.store, free_at);
        if ride + pickup_service > self.longest {
            return;
        }
        let (pickup, leave) = self.trip.visit(self.view, free_at + ride);
        let pair = Pair { cost: cost_of(self.params, self.trip, leave - free_at, pickup), ride, courier };
        let allowed = || pickup <= off && self.trip.in_time(self.view, leave, self.params.max_click_to_door);
        if self.counts(pair) && allowed() {
            let slot = self.best.partition_point(|known| *known < pair);
            self.best.truncate(self.wanted - 1);
            self.best.insert(slot, pair);
            if self.best.len() == self.wanted {
                self.longest = longest_approach(self.params, self.trip, self.best[self.wanted - 1].cost);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rolling_horizon::cost;
    use super::super::testing::{Moment, minutes};
    use super::*;
    use crate::scenario::Scenario;
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    #[test]
    fn the_best_couriers_by_rings_are_those_of_looking_at_everybody() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(4);
        let mut found = 0;
        for case in 0..200 {
            let params = RollingHorizonParams {
                // Without freshness only the courier's time counts, which is the same for many who wait.
                freshness_weight: [0.2, 0.0, 1.0][case % 3],
                max_click_to_door: SimDuration::from_minutes([70.0, 9000.0][case % 2]),
                ..RollingHorizonParams::of(&Scenario::default())
            };
            let mut moment = Moment::new(30.0);
            let mut spot = || Spot { a: rng.random_range(0.0..9_000.0), b: rng.random_range(-2_000.0..2_000.0) };
            let store = spot();
            let spots: Vec<Spot> = (0..80).map(|_| spot()).collect();
            for home in [2.0, 7.0] {
                let order = moment.order(0.0, home, rng.random_range(20.0..50.0));
                (order.store_spot, order.ride) = (store, 100.0 * home);
            }
            for spot in spots {
                let courier = moment.courier(0.0);
                courier.free_spot = spot;
                courier.free_at = minutes(30.0 + rng.random_range(-5.0_f64..25.0).max(0.0));
                courier.off = minutes(rng.random_range(40.0..400.0));
                courier.capacity = rng.random_range(1..4);
            }
            moment.show(|view| {
                let trip = Trip::new(view, vec![0, 1]);
                let taken: Vec<bool> = (0..80).map(|place| place % 5 == 0).collect();
                let ride = |place: usize| {
                    let courier = &view.couriers[place];
                    view.ride(courier.free_spot, store, courier.free_at)
                };
                let pair = |place: usize| {
                    let cost = cost(view, &params, &trip, &view.couriers[place])?;
                    Some(Pair { cost, ride: ride(place), courier: place as u32 })
                };
                let mut all: Vec<Pair> = (0..80).filter(|place| !taken[*place]).filter_map(pair).collect();
                all.sort();
                let mut search = Search::new(view, &params);
                assert_eq!(search.best(&trip, 80, &taken), all, "case {case}");
                assert_eq!(search.best(&trip, 7, &taken), &all[..all.len().min(7)], "case {case}");
                found += all.len();
            });
        }
        assert!((1_000..10_000).contains(&found), "{found}");
    }
}
