//! Pooling by potential, and postponement: when an order leaves, and which others leave with it.
//!
//! ```text
//!                   ┌── pooling:  it would lose by waiting ───────────┐
//!  waiting order ───┤                                                 ├──► with the order of greatest gain, and so on
//!                   └── postpone: little slack, or a partner has come ┘         │
//!                                         free couriers ──► least-cost assignment ◄┘
//! ```

use super::batch::{BatchParams, waiting};
use super::near::{Near, Rings};
use super::offer::FreeCouriers;
use super::route::alone;
use super::view::{Assignment, OpenOrder, View};
use super::walk::{Leg, walk};
use crate::city::space::Spot;
use crate::scenario::Metric;
use crate::units::{SimDuration, SimTime};

/// Bundles formed at one decision, for each free courier: more could not be carried, some choice helps.
const BUNDLES_PER_COURIER: usize = 2;

/// Pools every order that must leave with the waiting orders of greatest potential gain (Ma, Ma, Romero 2025).
///
/// An order must leave when the courier who could be there first would have to set out for it before the next decision.
/// The gain of taking order l along is the way saved, less half of l's own way: what l could expect to save with
/// somebody else. Orders are taken along while that is not negative and no promise is broken by it.
pub fn pooling(view: &View, params: &BatchParams) -> Vec<Assignment> {
    let half = view.service.pickup.half();
    decide(view, params, |order, arrival, _| order.ready - (arrival - view.now + half) < view.now + params.interval)
}

/// Lets an order leave only when it has less than `buffer` of slack, or when a partner is there whom pooling would take
/// along. Slack is the promise less the delivery by the courier who could be there first.
pub fn postpone(view: &View, params: &BatchParams, buffer: SimDuration) -> Vec<Assignment> {
    decide(view, params, |order, arrival, partners| {
        partners > 0 || order.promised - alone(view, order, arrival) < buffer
    })
}

/// Forms the bundles that leave, and gives them to free couriers. `leaves` knows an order, when a courier could be
/// there and how many partners it has.
fn decide(view: &View, params: &BatchParams, leaves: impl Fn(&OpenOrder, SimTime, usize) -> bool) -> Vec<Assignment> {
    let waiting = waiting(view, params);
    let couriers = FreeCouriers::around(view, params, &waiting);
    let mut pool = Pool::new(view, params, &waiting);
    let mut leaders: Vec<u32> = waiting;
    let order = |place: &u32| &view.orders[*place as usize];
    leaders.sort_unstable_by_key(|place| (order(place).promised, *place));
    let most = BUNDLES_PER_COURIER * couriers.count();
    let mut bundles: Vec<Vec<Leg>> = Vec::new();
    let mut bundle = Bundle::default();
    for place in leaders {
        if bundles.len() >= most {
            break;
        }
        if pool.taken[place as usize] {
            continue;
        }
        let arrival = couriers.first_arrival(order(&place).store);
        let alone_leaves = leaves(order(&place), arrival, 0);
        // Most orders wait for a partner in vain; those that would not leave with one need not look.
        if alone_leaves || leaves(order(&place), arrival, 1) {
            pool.fill(&mut bundle, place, arrival);
            if alone_leaves || bundle.members.len() > 1 {
                bundle.members.iter().for_each(|member| pool.taken[*member as usize] = true);
                bundles.push(bundle.legs.clone());
            }
        }
    }
    couriers.assign(&bundles)
}

/// Waiting orders on a grid of their stores.
struct Pool<'a> {
    view: &'a View<'a>,
    stores: Rings<Partner>,
    /// By place in `view.orders`.
    taken: Vec<bool>,
    max_bundle: usize,
    /// Whether every way is as long as the way back, to the last bit.
    two_way: bool,
    /// Whether no way round is shorter.
    no_short_cuts: bool,
}

/// A waiting order.
#[derive(Clone, Copy)]
struct Partner {
    place: u32,
    home: Spot,
    ride: f64,
}

/// Orders that leave together.
#[derive(Default)]
struct Bundle<'a> {
    /// Places in `view.orders`.
    members: Vec<u32>,
    legs: Vec<Leg<'a>>,
    /// Road length from the first stop to the last.
    length: f64,
    /// Kept for their memory: the stops with another order, and those with the best other order.
    trial: Vec<Leg<'a>>,
    found: Vec<Leg<'a>>,
    roads: Vec<Roads>,
}

/// Road lengths between a stop and the store and home of an order.
#[derive(Clone, Copy)]
struct Roads {
    to_store: f64,
    from_store: f64,
    to_home: f64,
    from_home: f64,
}

impl<'a> Pool<'a> {
    fn new(view: &'a View<'a>, params: &BatchParams, waiting: &[u32]) -> Self {
        let partner = |place: &u32| {
            let OpenOrder { store_spot, home, ride, .. } = view.orders[*place as usize];
            (store_spot, Partner { place: *place, home, ride })
        };
        let partners: Vec<(Spot, Partner)> = waiting.iter().map(partner).collect();
        let capacity = view.couriers.iter().map(|courier| courier.capacity).max().unwrap_or(1) as usize;
        let metric = view.travel.space().metric();
        Pool {
            view,
            stores: Rings::new(view.travel, &partners),
            taken: vec![false; view.orders.len()],
            max_bundle: params.max_bundle.min(capacity),
            two_way: matches!(metric, Metric::Euclid | Metric::Manhattan),
            no_short_cuts: metric != Metric::Matrix,
        }
    }

    /// Makes it the bundle of an order whose courier could be at its store at `arrival`.
    fn fill(&self, bundle: &mut Bundle<'a>, leader: u32, arrival: SimTime) {
        let order = &self.view.orders[leader as usize];
        bundle.members.clear();
        bundle.members.push(leader);
        bundle.legs.clear();
        bundle.legs.push(Leg { order, pickup: true, road: 0.0 });
        bundle.legs.push(Leg { order, pickup: false, road: self.road(order.store_spot, order.home) });
        bundle.length = order.ride;
        while bundle.members.len() < self.max_bundle {
            let from = bundle.legs[0].spot();
            let mut search = Search { pool: self, bundle, arrival, best: None };
            self.stores.around(from, &mut search);
            let Some(best) = search.best else { break };
            bundle.members.push(best.place);
            bundle.length = best.length;
            std::mem::swap(&mut bundle.legs, &mut bundle.found);
        }
    }

    fn road(&self, from: Spot, to: Spot) -> f64 {
        self.view.travel.road(self.view.travel.space().distance(from, to))
    }

    /// The roads between a stop and an order.
    fn roads(&self, stop: Spot, order: &OpenOrder) -> Roads {
        let (to_store, to_home) = (self.road(stop, order.store_spot), self.road(stop, order.home));
        let (from_store, from_home) = match self.two_way {
            true => (to_store, to_home),
            false => (self.road(order.store_spot, stop), self.road(order.home, stop)),
        };
        Roads { to_store, from_store, to_home, from_home }
    }

    /// Whether every order comes by its promise, or as early as it would alone, if the courier is at the first store at
    /// `arrival`.
    fn in_time(&self, legs: &[Leg], arrival: SimTime) -> bool {
        let mut in_time = true;
        walk(self.view, legs, arrival, |order, at| {
            in_time &= at <= order.promised || at <= alone(self.view, order, arrival);
        });
        in_time
    }
}

/// An order that a bundle could take along, and the length then.
struct Found {
    gain: f64,
    place: u32,
    length: f64,
}

/// Looks around the first store of a bundle for the order of greatest gain; the lower order on ties.
struct Search<'p, 'a> {
    pool: &'p Pool<'a>,
    bundle: &'p mut Bundle<'a>,
    arrival: SimTime,
    best: Option<Found>,
}

/// Metres that sums of road lengths may be off by.
const ROUNDING_M: f64 = 1e-3;

impl<'a> Search<'_, 'a> {
    /// Whether an order whose store is this far from the first stop may gain enough. With one of the stores first, the
    /// way is at least as long as from there to the other and on with that one's orders: the gain is at most half of
    /// what the bundle's length exceeds the distance.
    fn counts(&self, road: f64) -> bool {
        let most = 0.5 * (self.bundle.length - road);
        most >= self.least_gain()
    }

    fn least_gain(&self) -> f64 {
        self.best.as_ref().map_or(0.0, |best| best.gain)
    }

    /// Whether the only order of the bundle and another, whose store is this far, may gain enough. The way leads from
    /// one door to the other, and before that either over all of the first order's ride or from its store to the
    /// other's door, which is at least what the other's ride exceeds the distance.
    fn pays(&self, road: f64, partner: &Partner) -> bool {
        let first = self.bundle.legs[0].order;
        if self.bundle.members.len() > 1 || !self.pool.no_short_cuts {
            return true;
        }
        let before = first.ride.min(partner.ride - road).max(0.0);
        let most = 0.5 * partner.ride + first.ride - before - self.pool.road(first.home, partner.home);
        most + ROUNDING_M >= self.least_gain()
    }

    /// Way added by the best places for an order: the stops before which its own two are put.
    fn least_added(&mut self, order: &OpenOrder) -> (f64, usize, usize) {
        let Bundle { legs, roads, .. } = &mut *self.bundle;
        roads.clear();
        roads.extend(legs.iter().map(|leg| self.pool.roads(leg.spot(), order)));
        let before = |stop: usize, road: fn(&Roads) -> f64| stop.checked_sub(1).map_or(0.0, |stop| road(&roads[stop]));
        let after = |stop: usize, road: fn(&Roads) -> f64| roads.get(stop).map_or(0.0, road);
        // The way before the first stop is not that of the bundle.
        let gap = |stop: usize| legs.get(stop).map_or(0.0, |leg| leg.road);
        let mut least = (f64::INFINITY, 0, 0);
        for pickup in 0..=legs.len() {
            let to_store = before(pickup, |r| r.to_store);
            let at_once = to_store + order.ride + after(pickup, |r| r.from_home) - gap(pickup);
            if at_once < least.0 {
                least = (at_once, pickup, pickup);
            }
            let there = to_store + after(pickup, |r| r.from_store) - gap(pickup);
            for dropoff in pickup + 1..=legs.len() {
                let added = there + before(dropoff, |r| r.to_home) + after(dropoff, |r| r.from_home) - gap(dropoff);
                if added < least.0 {
                    least = (added, pickup, dropoff);
                }
            }
        }
        least
    }

    /// Puts the stops with those of an order into `trial`.
    fn join(&mut self, order: &'a OpenOrder, pickup: usize, dropoff: usize) {
        let Bundle { legs, trial, .. } = &mut *self.bundle;
        trial.clear();
        trial.extend_from_slice(&legs[..pickup]);
        trial.push(Leg { order, pickup: true, road: 0.0 });
        trial.extend_from_slice(&legs[pickup..dropoff]);
        trial.push(Leg { order, pickup: false, road: 0.0 });
        trial.extend_from_slice(&legs[dropoff..]);
        for place in pickup.max(1)..trial.len().min(dropoff + 3) {
            trial[place].road = self.pool.road(trial[place - 1].spot(), trial[place].spot());
        }
        trial[0].road = 0.0;
    }
}

impl Near<Partner> for Search<'_, '_> {
    fn go_on(&mut self, road: f64) -> bool {
        self.counts(road)
    }
    fn meet(&mut self, spot: Spot, partner: &Partner) {
        let (pool, place) = (self.pool, partner.place);
        let road = pool.road(self.bundle.legs[0].spot(), spot);
        if !self.counts(road)
            || !self.pays(road, partner)
            || pool.taken[place as usize]
            || self.bundle.members.contains(&place)
        {
            return;
        }
        let order = &pool.view.orders[place as usize];
        let (added, pickup, dropoff) = self.least_added(order);
        let length = self.bundle.length + added;
        // Way saved, less half of the order's own.
        let gain = order.ride - (length - self.bundle.length) - 0.5 * order.ride;
        let better = match &self.best {
            Some(best) => gain > best.gain || (gain == best.gain && place < best.place),
            None => gain >= 0.0,
        };
        if !better {
            return;
        }
        self.join(order, pickup, dropoff);
        if pool.in_time(&self.bundle.trial, self.arrival) {
            std::mem::swap(&mut self.bundle.trial, &mut self.bundle.found);
            self.best = Some(Found { gain, place, length });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Moment, at, minutes};
    use super::*;
    use crate::policy::dispatch::{Stop, check};
    use crate::scenario::Scenario;
    use crate::units::StoreId;
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    fn decided(moment: &Moment, policy: impl Fn(&View) -> Vec<Assignment>) -> Vec<String> {
        moment.show(|view| {
            let decisions = policy(view);
            assert!(check(view, &decisions).iter().all(Result::is_ok), "{decisions:?}");
            let told = |stop: &Stop| match stop {
                Stop::PickUp(order) => format!("+{}", order.0),
                Stop::DropOff(order) => format!("-{}", order.0),
            };
            let told = |a: &Assignment| a.stops.iter().map(told).collect::<Vec<_>>().join(" ");
            decisions.iter().map(|a| format!("c{} {}", a.courier.0, told(a))).collect()
        })
    }
    fn pooled(moment: &Moment) -> Vec<String> {
        decided(moment, |view| pooling(view, &BatchParams::of(&Scenario::default())))
    }
    fn postponed(moment: &Moment, buffer_min: f64) -> Vec<String> {
        decided(moment, |view| {
            postpone(view, &BatchParams::of(&Scenario::default()), SimDuration::from_minutes(buffer_min))
        })
    }

    #[test]
    fn orders_on_one_way_are_pooled_and_those_on_opposite_ways_are_not() {
        let mut moment = Moment::new(10.0);
        moment.order(0.0, 8.0, 10.0);
        moment.order(0.0, 6.0, 10.0);
        moment.order(0.0, -7.0, 10.0);
        moment.courier(0.0);
        moment.courier(1.0);
        assert_eq!(pooled(&moment), ["c0 +1 +0 -1 -0", "c1 +2 -2"]);
    }

    #[test]
    fn an_order_that_has_better_company_elsewhere_is_left_to_it() {
        // With the one for 3, the order for 4 would save 3 of its 10, which it could save with others far better.
        let mut moment = Moment::new(10.0);
        moment.order(0.0, 3.0, 10.0).promised = minutes(50.0);
        moment.order(0.0, 10.0, 10.0);
        moment.order(0.0, 2.0, 10.0);
        moment.courier(0.0);
        moment.courier(1.0);
        assert_eq!(pooled(&moment), ["c0 +2 +0 -2 -0", "c1 +1 -1"]);
    }

    #[test]
    fn no_promise_is_broken_for_company() {
        // The leader would come at 10 + 1 + 1 + 8 + 1; the other on the way costs 2 minutes of service.
        for (promised, expected) in [(23.0, "c0 +1 +0 -1 -0"), (22.5, "c0 +0 -0"), (20.0, "c0 +0 -0")] {
            let mut moment = Moment::new(10.0);
            moment.order(0.0, 8.0, 10.0).promised = minutes(promised);
            moment.order(0.0, 6.0, 10.0);
            moment.courier(0.0);
            assert_eq!(pooled(&moment), [expected], "{promised}");
        }
    }

    #[test]
    fn orders_of_neighbouring_stores_are_pooled_up_to_the_most_allowed() {
        let mut moment = Moment::new(10.0);
        for (store, home) in [(0.0, 10.0), (1.0, 9.0), (0.5, 11.0), (0.2, 10.5)] {
            let number = moment.orders.len() as u32;
            moment.order(store, home, 10.0).store = StoreId(number);
        }
        moment.courier(0.0);
        let decided = pooled(&moment);
        assert_eq!(decided.len(), 1);
        assert_eq!(decided[0].matches('+').count(), 3, "{decided:?}");
    }

    #[test]
    fn an_order_leaves_when_its_promise_is_near_or_company_has_come() {
        // Alone it would be there at 30 + 2 + 8 + 1 = 41: 19 before the promise.
        let mut moment = Moment::new(30.0);
        moment.order(0.0, 8.0, 10.0);
        moment.courier(0.0);
        assert_eq!(postponed(&moment, 18.9), [""; 0]);
        assert_eq!(postponed(&moment, 19.1), ["c0 +0 -0"]);
        moment.order(0.0, -8.0, 10.0);
        assert_eq!(postponed(&moment, 5.0), [""; 0]);
        moment.order(0.0, 7.0, 10.0);
        assert_eq!(postponed(&moment, 5.0), ["c0 +2 +0 -2 -0"]);
    }

    /// Least road length over all sequences of two orders' stops.
    fn shortest(pool: &Pool, i: &OpenOrder, l: &OpenOrder) -> f64 {
        let length = |spots: [Spot; 4]| spots.windows(2).map(|leg| pool.road(leg[0], leg[1])).sum::<f64>();
        let ordered = |a: &OpenOrder, b: &OpenOrder| {
            let sequences = [
                [a.store_spot, b.store_spot, a.home, b.home],
                [a.store_spot, b.store_spot, b.home, a.home],
                [a.store_spot, a.home, b.store_spot, b.home],
            ];
            sequences.map(length).into_iter().fold(f64::INFINITY, f64::min)
        };
        ordered(i, l).min(ordered(l, i))
    }

    #[test]
    fn the_partner_is_that_of_looking_at_all() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let mut pairs = 0;
        for case in 0..200 {
            let mut moment = Moment::new(10.0);
            let side = [300.0, 3000.0, 10_000.0][case % 3];
            for number in 0..60 {
                let mut spot = || Spot { a: rng.random_range(0.0..side), b: rng.random_range(0.0..side) };
                let (store, home) = (spot(), spot());
                let order = moment.order(0.0, 0.0, 10.0);
                (order.store, order.store_spot, order.home) = (StoreId(number), store, home);
                (order.promised, order.ride) = (minutes(9000.0), (store.a - home.a).hypot(store.b - home.b));
            }
            moment.courier(0.0).spot = at(0.0);
            moment.show(|view| {
                let params = BatchParams { max_bundle: 2, ..BatchParams::of(&Scenario::default()) };
                let all: Vec<u32> = (0..60).collect();
                let pool = Pool::new(view, &params, &all);
                let leader = &view.orders[0];
                let gain = |l: &u32| {
                    let other = &view.orders[*l as usize];
                    leader.ride + 0.5 * other.ride - shortest(&pool, leader, other)
                };
                let best = all[1..].iter().map(|l| (gain(l), *l)).max_by(|p, q| p.partial_cmp(q).unwrap()).unwrap();
                let mut bundle = Bundle::default();
                pool.fill(&mut bundle, 0, view.now);
                match best.0 >= 0.0 {
                    true => assert_eq!(bundle.members, [0, best.1], "case {case}"),
                    false => assert_eq!(bundle.members, [0], "case {case}"),
                }
                pairs += bundle.members.len() - 1;
            });
        }
        assert!((50..200).contains(&pairs), "{pairs}");
    }
}
