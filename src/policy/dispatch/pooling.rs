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
use super::route::{Route, Start, alone};
use super::view::{Assignment, OpenOrder, Stop, View};
use crate::city::space::Spot;
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
    let mut bundles = Vec::new();
    for place in leaders {
        if bundles.len() >= most {
            break;
        }
        let arrival = couriers.first_arrival(order(&place).store);
        if pool.taken[place as usize] {
            continue;
        }
        let alone_leaves = leaves(order(&place), arrival, 0);
        // Most orders wait for a partner in vain; those that would not leave with one need not look.
        if alone_leaves || leaves(order(&place), arrival, 1) {
            let bundle = pool.bundle(place, arrival);
            if alone_leaves || bundle.members.len() > 1 {
                bundle.members.iter().for_each(|member| pool.taken[*member as usize] = true);
                bundles.push(bundle.stops);
            }
        }
    }
    couriers.assign(&bundles)
}

/// Waiting orders on a grid of their stores.
struct Pool<'a> {
    view: &'a View<'a>,
    stores: Rings<u32>,
    /// By place in `view.orders`.
    taken: Vec<bool>,
    max_bundle: usize,
}

/// Orders that leave together.
struct Bundle {
    /// Places in `view.orders`.
    members: Vec<u32>,
    stops: Vec<Stop>,
    /// Where the stops are.
    spots: Vec<Spot>,
    /// Road length from the first stop to the last.
    length: f64,
}

impl<'a> Pool<'a> {
    fn new(view: &'a View<'a>, params: &BatchParams, waiting: &[u32]) -> Self {
        let stores: Vec<(Spot, u32)> =
            waiting.iter().map(|place| (view.orders[*place as usize].store_spot, *place)).collect();
        let capacity = view.couriers.iter().map(|courier| courier.capacity).max().unwrap_or(1) as usize;
        let taken = vec![false; view.orders.len()];
        Pool { view, stores: Rings::new(view.travel, &stores), taken, max_bundle: params.max_bundle.min(capacity) }
    }

    /// The bundle of an order whose courier could be at its store at `arrival`.
    fn bundle(&self, leader: u32, arrival: SimTime) -> Bundle {
        let order = &self.view.orders[leader as usize];
        let mut bundle = Bundle {
            members: vec![leader],
            stops: vec![Stop::PickUp(order.order), Stop::DropOff(order.order)],
            spots: vec![order.store_spot, order.home],
            length: order.ride,
        };
        while bundle.members.len() < self.max_bundle {
            let mut search = Search { pool: self, bundle: &bundle, arrival, best: None };
            self.stores.around(bundle.spots[0], &mut search);
            match search.best {
                Some(found) => bundle = found.with,
                None => break,
            }
        }
        bundle
    }

    fn road(&self, from: Spot, to: Spot) -> f64 {
        self.view.travel.road(self.view.travel.space().distance(from, to))
    }

    /// The shortest way for a bundle to take another order along.
    fn join(&self, bundle: &Bundle, place: u32) -> Bundle {
        let order = &self.view.orders[place as usize];
        let (mut least, mut at) = (f64::INFINITY, (0, 0));
        for pickup in 0..=bundle.spots.len() {
            for dropoff in pickup..=bundle.spots.len() {
                let added = self.added(&bundle.spots, pickup, dropoff, order);
                if added < least {
                    (least, at) = (added, (pickup, dropoff));
                }
            }
        }
        let mut members = bundle.members.clone();
        members.push(place);
        let with = |list: &[Stop]| {
            let (pickup, dropoff) = at;
            let parts = [&list[..pickup], &[Stop::PickUp(order.order)], &list[pickup..dropoff]];
            [&parts.concat()[..], &[Stop::DropOff(order.order)], &list[dropoff..]].concat()
        };
        let stops = with(&bundle.stops);
        let spot = |stop: &Stop| self.view.spot(*stop).expect("bundles are of open orders");
        let spots = stops.iter().map(spot).collect();
        Bundle { members, stops, spots, length: bundle.length + least }
    }

    /// Way added by a pick-up and a drop-off before these stops.
    fn added(&self, spots: &[Spot], pickup: usize, dropoff: usize, order: &OpenOrder) -> f64 {
        let before = |stop: usize| stop.checked_sub(1).map(|stop| spots[stop]);
        let leg = |from: Option<Spot>, to: Option<Spot>| from.zip(to).map_or(0.0, |(from, to)| self.road(from, to));
        let (store, home) = (Some(order.store_spot), Some(order.home));
        let gap = |stop: usize| leg(before(stop), spots.get(stop).copied());
        if pickup == dropoff {
            return leg(before(pickup), store) + order.ride + leg(home, spots.get(pickup).copied()) - gap(pickup);
        }
        let there = leg(before(pickup), store) + leg(store, spots.get(pickup).copied()) - gap(pickup);
        there + leg(before(dropoff), home) + leg(home, spots.get(dropoff).copied()) - gap(dropoff)
    }

    /// Whether every order comes by its promise, or as early as it would alone, if the courier is at the first store at
    /// `arrival`.
    fn in_time(&self, bundle: &Bundle, arrival: SimTime) -> bool {
        let start = Start::at_store(bundle.spots[0], arrival);
        let route = Route::new(self.view, start, bundle.stops.clone());
        route.is_some_and(|route| {
            route.deliveries().all(|(order, at)| at <= order.promised.max(alone(self.view, order, arrival)))
        })
    }
}

/// An order that a bundle could take along.
struct Found {
    gain: f64,
    place: u32,
    with: Bundle,
}

/// Looks around the first store of a bundle for the order of greatest gain; the lower order on ties.
struct Search<'a> {
    pool: &'a Pool<'a>,
    bundle: &'a Bundle,
    arrival: SimTime,
    best: Option<Found>,
}

impl Search<'_> {
    /// Whether an order whose store is this far from the first stop may gain enough. With one of the stores first, the
    /// way is at least as long as from there to the other and on with that one's orders: the gain is at most half of
    /// what the bundle's length exceeds the distance.
    fn counts(&self, road: f64) -> bool {
        let most = 0.5 * (self.bundle.length - road);
        most >= self.best.as_ref().map_or(0.0, |best| best.gain)
    }
}

impl Near<u32> for Search<'_> {
    fn go_on(&mut self, road: f64) -> bool {
        self.counts(road)
    }
    fn meet(&mut self, spot: Spot, place: &u32) {
        let pool = self.pool;
        if pool.taken[*place as usize]
            || self.bundle.members.contains(place)
            || !self.counts(pool.road(self.bundle.spots[0], spot))
        {
            return;
        }
        let with = pool.join(self.bundle, *place);
        let ride = pool.view.orders[*place as usize].ride;
        // Way saved, less half of the order's own.
        let gain = ride - (with.length - self.bundle.length) - 0.5 * ride;
        let better = match &self.best {
            Some(best) => gain > best.gain || (gain == best.gain && *place < best.place),
            None => gain >= 0.0,
        };
        if better && pool.in_time(&with, self.arrival) {
            self.best = Some(Found { gain, place: *place, with });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Moment, at, minutes};
    use super::*;
    use crate::policy::dispatch::check;
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
                let bundle = pool.bundle(0, view.now);
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
