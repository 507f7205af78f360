//! Batch matching: every so often, the best pairs of all waiting bundles and all couriers who are or will soon be free.
//!
//! ```text
//!  orders ready soon ──bundle per store──► rows ┐
//!                                               ├─ 10 cheapest pairs a row ──► least-cost assignment ──► those who must
//!  couriers idle or free soon ────────────► columns                                     set out before the next decision
//! ```
//!
//! A pair that need not start yet waits for the next decision, which may find a better one: postponement costs nothing
//! until the courier has to set out. Rows without a courier wait too.

use super::matching::{Candidates, least_cost};
use super::near::{Near, Rings};
use super::trip::Trip;
use super::view::{Assignment, CourierView, View};
use crate::city::space::Spot;
use crate::units::{SimDuration, SimTime};

/// What batch matching weighs and allows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BatchParams {
    /// Time between decisions; above 0 (default 60 s, 10 to 300; published practice is 30 to 60).
    pub interval: SimDuration,
    /// Orders ready within this time take part (default 8 min, 0 to 20; assumption).
    pub horizon: SimDuration,
    /// Couriers free within this time take part (default 5 min, 0 to 30; assumption).
    pub soon: SimDuration,
    /// Cheapest couriers kept for each bundle (default 10, 1 to 100; assumption).
    pub candidates: usize,
    /// Most orders in one bundle (default 3, 1 to 10; 3.2 orders a courier wave are published).
    pub max_bundle: usize,
    /// Most that an order may lose by sharing a trip, by waiting and by detour (default 6 min, 0 to 60; assumption).
    pub max_bundle_delay: SimDuration,
    /// Longest ride to the store in road metres, seconds for `city.metric = "matrix"` (default 3,000; assumption).
    pub max_approach: f64,
    /// Orders older than this are fetched from any distance (default 8 min, 0 to 120; assumption).
    pub far_after: SimDuration,
    /// Cost of a minute of riding to the store, beside the time it takes (default 0.2, 0 to 5; assumption).
    pub approach_weight: f64,
    /// Cost of a minute after the promise, for each order (default 1, 0 to 20; assumption).
    pub late_weight: f64,
    /// Minutes that each order of a bundle takes off its cost (default 2, 0 to 60; assumption).
    pub size_reward_min: f64,
    /// Reward for a minute since placement (default 0.5, 0 to 5; assumption).
    pub age_reward: f64,
    /// Reward for a minute that the courier has stood idle (default 0.02, 0 to 1; assumption).
    pub idle_reward: f64,
}

impl Default for BatchParams {
    fn default() -> Self {
        BatchParams {
            interval: SimDuration::from_seconds(60.0),
            horizon: SimDuration::from_minutes(8.0),
            soon: SimDuration::from_minutes(5.0),
            candidates: 10,
            max_bundle: 3,
            max_bundle_delay: SimDuration::from_minutes(6.0),
            max_approach: 3_000.0,
            far_after: SimDuration::from_minutes(8.0),
            approach_weight: 0.2,
            late_weight: 1.0,
            size_reward_min: 2.0,
            age_reward: 0.5,
            idle_reward: 0.02,
        }
    }
}

/// Idle time beyond this earns a courier no further reward.
const IDLE_CAP: SimDuration = SimDuration(60 * 60_000);
/// Any bundle with a candidate is rather carried than left: a cost above all others, far from overflowing.
const LEFT_OUT: i64 = 1 << 40;

/// Who sets out for which bundle before the next decision.
pub fn batch_match(view: &View, params: &BatchParams) -> Vec<Assignment> {
    let trips = bundles(view, params);
    let couriers = soon_free(view, params);
    if trips.is_empty() || couriers.is_empty() {
        return Vec::new();
    }
    let mut candidates = Candidates::new(couriers.len());
    let spots: Vec<Spot> = couriers.iter().map(|courier| courier.free_spot).collect();
    let rings = Rings::new(view.travel, &spots);
    let mut around = Around::new(view, params, couriers);
    let mut edges = Vec::new();
    for of_store in trips.chunk_by(|p, q| p.store(view) == q.store(view)) {
        let store = view.orders[of_store[0].orders[0] as usize].store_spot;
        around.aim(store, of_store);
        rings.around(store, &mut around);
        for trip in of_store {
            edges.clear();
            edges.extend(around.found.iter().filter_map(|found| Some((found.place, around.cost(trip, found)?))));
            edges.sort_unstable_by_key(|&(place, cost)| (cost, place));
            candidates.push(edges.iter().copied().take(params.candidates), LEFT_OUT);
        }
    }
    let matched = least_cost(&candidates).into_iter().zip(&trips);
    let mut assignments: Vec<Assignment> = matched
        .filter_map(|(column, trip)| {
            let courier = around.couriers[column? as usize];
            must_set_out(view, params, trip, courier).then(|| Assignment {
                courier: courier.courier,
                stops: trip.stops_after(view, courier.stops),
                hold: false,
            })
        })
        .collect();
    assignments.sort_unstable_by_key(|assignment| assignment.courier);
    assignments
}

/// Waiting orders that are ready soon, bundled store by store: by ready time, each joins the bundle and position where
/// it adds least, if nobody in it loses too much.
fn bundles(view: &View, params: &BatchParams) -> Vec<Trip> {
    let until = view.now + params.horizon;
    let waiting = |order: &u32| {
        let order = &view.orders[*order as usize];
        order.ready <= until && order.held_by.is_none()
    };
    let mut order: Vec<u32> = (0..view.orders.len() as u32).filter(waiting).collect();
    // Stable: orders are listed by id, which settles ties.
    order.sort_by_key(|place| (view.orders[*place as usize].store, view.orders[*place as usize].ready));
    let mut trips: Vec<Trip> = Vec::with_capacity(order.len());
    for of_store in order.chunk_by(|p, q| view.orders[*p as usize].store == view.orders[*q as usize].store) {
        let first = trips.len();
        for &order in of_store {
            let alone = Trip::new(view, vec![order]);
            let best = trips[first..]
                .iter()
                .enumerate()
                .filter(|(_, trip)| trip.orders.len() < params.max_bundle && may_share(view, params, trip, order))
                .flat_map(|(place, trip)| (0..=trip.orders.len()).map(move |position| (place, trip, position)))
                .filter_map(|(place, trip, position)| {
                    let shared = trip.with(view, order, position);
                    let saved = trip.length + alone.length - shared.length;
                    let worst = most_lost(view, &shared);
                    (saved.0 > 0 && worst <= params.max_bundle_delay).then_some((saved, place, shared))
                })
                .max_by_key(|(saved, place, _)| (*saved, std::cmp::Reverse(*place)));
            match best {
                Some((_, place, shared)) => trips[first + place] = shared,
                None => trips.push(alone),
            }
        }
    }
    trips
}

/// A cheap test before positions are tried: waiting for each other alone must not cost too much.
fn may_share(view: &View, params: &BatchParams, trip: &Trip, order: u32) -> bool {
    let ready = view.orders[order as usize].ready.max(view.now);
    ready - trip.first_ready.max(view.now) <= params.max_bundle_delay
}

/// The most that one order of the trip loses against leaving alone as soon as it is ready.
fn most_lost(view: &View, trip: &Trip) -> SimDuration {
    let leave = trip.ready.max(view.now);
    trip.open_orders(view)
        .zip(&trip.deliveries)
        .map(|(order, delivery)| {
            let alone = view.travel.time_of_road(order.ride, leave) + view.service.door_to_delivered;
            (leave - order.ready.max(view.now)) + *delivery - alone
        })
        .max()
        .unwrap_or_default()
}

/// Couriers idle or free soon, by id.
fn soon_free<'a>(view: &'a View, params: &BatchParams) -> Vec<&'a CourierView<'a>> {
    let until = view.now + params.soon;
    view.couriers.iter().filter(|courier| courier.free_at <= until && courier.off >= view.now).collect()
}

/// A courier near the store in hand.
struct Found {
    /// Place in the list of couriers.
    place: u32,
    approach: f64,
    arrival: SimTime,
    /// What does not depend on the bundle: time until arrival, riding, idle time.
    cost: i64,
}

/// Looks around stores for the couriers with whom their bundles cost least.
struct Around<'a> {
    view: &'a View<'a>,
    params: &'a BatchParams,
    couriers: Vec<&'a CourierView<'a>>,
    store: Spot,
    wanted: usize,
    limit: f64,
    found: Vec<Found>,
    /// The costs of the cheapest `wanted` found, ascending.
    cheapest: Vec<i64>,
}

impl<'a> Around<'a> {
    fn new(view: &'a View<'a>, params: &'a BatchParams, couriers: Vec<&'a CourierView<'a>>) -> Self {
        let (store, found, cheapest) = Default::default();
        Around { view, params, couriers, store, wanted: 0, limit: 0.0, found, cheapest }
    }

    /// Starts looking for the couriers of least cost for the bundles of one store: as many as a bundle keeps, and one
    /// more for each further bundle, so that bundles of one store do not run out of couriers.
    fn aim(&mut self, store: Spot, trips: &[Trip]) {
        self.store = store;
        self.wanted = self.params.candidates + trips.len() - 1;
        self.limit = trips.iter().map(|trip| self.reach(trip)).fold(0.0, f64::max);
        self.found.clear();
        self.cheapest.clear();
    }

    /// How far a courier may come from for this bundle.
    fn reach(&self, trip: &Trip) -> f64 {
        let oldest = trip.open_orders(self.view).map(|order| self.view.now - order.placed).max().unwrap_or_default();
        if oldest > self.params.far_after { f64::INFINITY } else { self.params.max_approach }
    }

    /// Cost of a courier in milliseconds, without what depends on the bundle.
    fn courier_cost(&self, courier: &CourierView, arrival: SimTime, ride: SimDuration) -> i64 {
        let idle = (self.view.now - courier.idle_since).min(IDLE_CAP);
        (arrival - self.view.now).0 + weighed(self.params.approach_weight, ride)
            - weighed(self.params.idle_reward, idle)
    }

    /// Cost of the pair; None if the courier may not or cannot take the bundle.
    fn cost(&self, trip: &Trip, found: &Found) -> Option<i64> {
        let courier = self.couriers[found.place as usize];
        let (pickup, leave) = trip.visit(self.view, found.arrival);
        let allowed =
            found.approach <= self.reach(trip) && pickup <= courier.off && trip.orders.len() as u32 <= courier.capacity;
        let wait = (trip.ready - found.arrival).0.max(0);
        let age: i64 = trip.open_orders(self.view).map(|order| (self.view.now - order.placed).0).max().unwrap_or(0);
        let cost = found.cost + wait + weighed(self.params.late_weight, trip.lateness(self.view, leave))
            - (self.params.size_reward_min * 60_000.0) as i64 * trip.orders.len() as i64
            - weighed(self.params.age_reward, SimDuration(age));
        allowed.then_some(cost)
    }
}

/// Whether the courier has to set out before the next decision to be at the store in time.
fn must_set_out(view: &View, params: &BatchParams, trip: &Trip, courier: &CourierView) -> bool {
    let store = view.orders[trip.orders[0] as usize].store_spot;
    let ride = view.ride(courier.free_spot, store, courier.free_at);
    let in_time = trip.ready - (ride + view.service.pickup.half());
    courier.free_at.max(in_time) < view.now + params.interval
}

fn weighed(weight: f64, span: SimDuration) -> i64 {
    (weight * span.0 as f64) as i64
}

impl Near for Around<'_> {
    fn go_on(&mut self, road: f64) -> bool {
        if road > self.limit {
            return false;
        }
        // Nobody farther away costs less than an idle courier there with the longest idle time.
        let ride = self.view.travel.time_of_road(road, self.view.now);
        let least = ride.0 + weighed(self.params.approach_weight, ride) - weighed(self.params.idle_reward, IDLE_CAP);
        self.cheapest.len() < self.wanted || least <= self.cheapest[self.wanted - 1]
    }
    fn meet(&mut self, place: u32, spot: Spot) {
        let courier = self.couriers[place as usize];
        let approach = self.view.travel.road(self.view.travel.space().distance(spot, self.store));
        if approach > self.limit {
            return;
        }
        let ride = self.view.travel.time_of_road(approach, courier.free_at);
        let arrival = courier.free_at + ride;
        let cost = self.courier_cost(courier, arrival, ride);
        let full = self.cheapest.len() == self.wanted;
        if full && cost > self.cheapest[self.wanted - 1] {
            return;
        }
        if full {
            self.cheapest.pop();
        }
        let slot = self.cheapest.partition_point(|known| *known <= cost);
        self.cheapest.insert(slot, cost);
        self.found.push(Found { place, approach, arrival, cost });
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Moment, minutes};
    use super::*;
    use crate::policy::dispatch::{Stop, check};
    use crate::units::OrderId;
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    /// Courier and orders of each assignment, which must be legal.
    fn decide(moment: &Moment, params: &BatchParams) -> Vec<(u32, Vec<u32>)> {
        moment.show(|view| {
            let decisions = batch_match(view, params);
            assert!(check(view, &decisions).iter().all(Result::is_ok), "{decisions:?}");
            let drops = |stop: &Stop| if let Stop::DropOff(order) = stop { Some(order.0) } else { None };
            decisions.iter().map(|a| (a.courier.0, a.stops.iter().filter_map(drops).collect())).collect()
        })
    }
    fn alone() -> BatchParams {
        BatchParams { max_bundle: 1, ..BatchParams::default() }
    }

    #[test]
    fn the_sum_of_rides_counts_and_not_who_comes_first() {
        // Order 0 is nearest to courier 0, but order 1 has nobody else within reach of its time.
        let mut moment = Moment::new(10.0);
        moment.order(5.0, 8.0, 10.0);
        moment.order(9.0, 12.0, 10.0);
        moment.courier(6.0);
        moment.courier(0.0);
        assert_eq!(decide(&moment, &alone()), [(0, vec![1]), (1, vec![0])]);
    }

    #[test]
    fn a_courier_sets_out_only_when_waiting_would_make_the_pick_up_late() {
        // Ride 3 min, goods taken over half way through 2 min: due at 10 - 3 - 1 = 6, before the decision of minute 7.
        for (now, expected) in [(4.0, 0), (5.0, 0), (5.5, 1), (6.0, 1)] {
            let mut moment = Moment::new(now);
            moment.order(3.0, 8.0, 10.0);
            moment.courier(0.0);
            assert_eq!(decide(&moment, &alone()).len(), expected, "minute {now}");
        }
    }

    #[test]
    fn a_courier_who_is_soon_free_nearby_is_awaited_rather_than_a_far_one_sent() {
        let mut moment = Moment::new(10.0);
        moment.order(20.0, 25.0, 10.0);
        moment.courier(0.0);
        let busy = moment.courier(20.0);
        (busy.free_at, busy.at) = (minutes(12.0), minutes(12.0));
        moment.with_stops(&[Stop::DropOff(OrderId(7))]);
        assert_eq!(decide(&moment, &alone()), [], "nobody sets out yet");
        let params = BatchParams { soon: SimDuration::ZERO, ..alone() };
        assert_eq!(decide(&moment, &params), [(0, vec![0])]);
    }

    #[test]
    fn nobody_is_sent_beyond_the_longest_approach_until_the_order_is_old() {
        for (now, expected) in [(7.0, 0), (9.0, 1)] {
            let mut moment = Moment::new(now);
            moment.order(31.0, 35.0, 0.0);
            moment.courier(0.0);
            assert_eq!(decide(&moment, &alone()).len(), expected, "minute {now}");
        }
    }

    #[test]
    fn nobody_picks_up_after_the_shift_or_beyond_capacity() {
        let mut moment = Moment::new(10.0);
        moment.order(3.0, 8.0, 10.0);
        moment.order(3.0, 8.1, 10.0);
        moment.courier(0.0).off = minutes(13.9);
        moment.courier(0.0).capacity = 1;
        assert_eq!(decide(&moment, &BatchParams::default()), []);
        assert_eq!(decide(&moment, &alone()), [(1, vec![0])]);
    }

    #[test]
    fn orders_of_one_store_share_a_courier_if_nobody_loses_much() {
        let mut moment = Moment::new(10.0);
        moment.order(3.0, 8.0, 10.0);
        moment.order(3.0, 7.0, 9.0);
        moment.order(3.0, -9.0, 10.0);
        (0..3).for_each(|_| _ = moment.courier(0.0));
        assert_eq!(decide(&moment, &BatchParams::default()), [(0, vec![1, 0]), (1, vec![2])]);
        moment.orders[0].ready = minutes(16.5);
        let apart = decide(&moment, &BatchParams::default());
        assert_eq!(apart, [(0, vec![1]), (1, vec![2])], "6.5 min of waiting for each other are too many");
    }

    #[test]
    fn the_older_order_gets_the_only_courier() {
        let mut moment = Moment::new(30.0);
        moment.order(3.0, 8.0, 10.0).placed = minutes(10.0);
        moment.order(4.0, 8.0, 10.0);
        moment.courier(0.0);
        assert_eq!(decide(&moment, &alone()), [(0, vec![1])]);
    }

    #[test]
    fn candidates_by_rings_are_those_of_looking_at_everybody() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(9);
        for _ in 0..50 {
            let mut moment = Moment::new(30.0);
            for _ in 0..40 {
                let ready = rng.random_range(20.0..38.0);
                let order = moment.order(rng.random_range(0.0..100.0_f64).floor(), 0.0, ready);
                order.home = Spot { a: order.store_spot.a + 300.0, b: 400.0 };
                (order.ride, order.placed) = (500.0, minutes(rng.random_range(0.0..20.0)));
            }
            for _ in 0..60 {
                let spot = Spot { a: rng.random_range(0.0..10_000.0), b: rng.random_range(-400.0..400.0) };
                let free = minutes(30.0 + rng.random_range(0.0_f64..9.0).max(5.0) - 5.0);
                let courier = moment.courier(0.0);
                (courier.free_spot, courier.spot, courier.free_at, courier.at) = (spot, spot, free, free);
            }
            let everybody = BatchParams { candidates: 60, ..BatchParams::default() };
            let few = BatchParams { candidates: 12, ..BatchParams::default() };
            assert_eq!(decide(&moment, &few), decide(&moment, &everybody));
        }
    }

    #[test]
    fn no_orders_or_no_couriers_mean_no_decision() {
        let mut moment = Moment::new(10.0);
        assert_eq!(decide(&moment, &BatchParams::default()), []);
        moment.order(3.0, 8.0, 10.0);
        assert_eq!(decide(&moment, &BatchParams::default()), []);
        moment.courier(1.0);
        assert_eq!(decide(&moment, &BatchParams::default()), [(0, vec![0])]);
    }
}
