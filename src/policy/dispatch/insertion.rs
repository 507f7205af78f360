//! Insertion: another order for couriers who have some, where it fits into their stops.
//!
//! ```text
//!  orders ready soon ──► couriers whose stops come near the store ──► best places in their routes ──► cheapest courier
//!        └──────────────── no place within the detour ──► batch matching of single orders ◄── couriers idle or soon free
//! ```

use super::batch::{BatchParams, batch_match, soon_free, waiting};
use super::first_there::{Candidate, Free, Search};
use super::known::Known;
use super::near::{Near, Rings};
use super::route::{Insertion, Route, Start, Weights, Wish, alone};
use super::view::{Assignment, CourierView, OpenOrder, View};
use crate::city::space::Spot;
use crate::city::travel::Travel;
use crate::units::SimDuration;
use std::ops::Range;

/// What insertion weighs and allows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct InsertionParams {
    /// Horizon, candidates and late weight, and the matching of the orders that fit into no route. Its bundles are not
    /// used.
    pub batch: BatchParams,
    /// Cost of a minute by which an order is delivered later, in minutes of a courier's time (0 to 100).
    pub delay_weight: f64,
    /// A detour is allowed up to this share of the riding left to the courier (0 to 10).
    pub detour_share: f64,
    /// Or up to this, riding and waiting (0 to 10,000 min).
    pub detour: SimDuration,
}

/// The new stops of couriers who take an order along or set out for one before the next decision.
///
/// Orders choose in the sequence of their promises. Each takes the places that cost least among the couriers with a stop
/// nearest to its store, in time by which the route grows, weighed delay of all orders and weighed lateness of its own;
/// unless a trip of its own would cost less, by the courier without much to do who could be at the store first.
pub fn insertion(view: &View, params: &InsertionParams) -> Vec<Assignment> {
    let waiting = waiting(view, &params.batch);
    let known = Known::new(view);
    let mut loaded = Loaded::new(&known, params, &waiting);
    let mut by_promise: Vec<usize> = (0..waiting.len()).collect();
    let order = |place: usize| &view.orders[waiting[place] as usize];
    by_promise.sort_unstable_by_key(|place| (order(*place).promised, waiting[*place]));
    let mut left: Vec<OpenOrder> = Vec::new();
    for place in by_promise {
        if !loaded.take(order(place), place) {
            left.push(*order(place));
        }
    }
    left.sort_unstable_by_key(|order| order.order);
    let mut free: Vec<CourierView> = Vec::new();
    for (courier, changed) in view.couriers.iter().zip(&loaded.changed) {
        if !changed && courier.free_at <= view.now + params.batch.soon {
            free.push(courier.clone());
        }
    }
    let rest = View { orders: &left, couriers: &free, ..*view };
    let mut assignments = loaded.assignments();
    assignments.extend(batch_match(&rest, &BatchParams { max_bundle: 1, ..params.batch }));
    assignments.sort_unstable_by_key(|assignment| assignment.courier);
    assignments
}

/// Couriers with stops, and those near each store with waiting orders.
struct Loaded<'k, 'a> {
    known: &'k Known<'a>,
    params: &'k InsertionParams,
    /// By place in the list of waiting orders: who has a stop near its store, and how far from it.
    near: Vec<Range<usize>>,
    couriers: Vec<(f64, u32)>,
    /// By place in the list of waiting orders: who could make a trip of its own.
    free: Vec<Option<Candidate>>,
    /// By place in `view.couriers`, worked out when first needed; None for those whose route cannot be foreseen.
    routes: Vec<Option<Option<Route<'a>>>>,
    changed: Vec<bool>,
}

impl<'k, 'a> Loaded<'k, 'a> {
    /// The waiting orders stand store by store.
    fn new(known: &'k Known<'a>, params: &'k InsertionParams, waiting: &[u32]) -> Self {
        let view = known.view;
        let mut stops = Vec::new();
        for (place, courier) in (0..).zip(view.couriers).filter(|(_, courier)| !courier.stops.is_empty()) {
            stops.push((courier.spot, place));
            stops.extend(courier.stops.iter().filter_map(|stop| Some((known.spot(*stop)?, place))));
        }
        let stops = Rings::new(view.travel, &stops);
        let order = |place: &u32| &view.orders[*place as usize];
        let one = BatchParams { candidates: 1, ..params.batch };
        let idle: Vec<(Spot, Free)> = (0..)
            .zip(soon_free(view, &one))
            .map(|(place, courier)| (courier.free_spot, Free::new(view, &one, place, courier)))
            .collect();
        let idle = Rings::new(view.travel, &idle);
        let mut search = Search::new(view, &one);
        let (mut near, mut couriers, mut free) = (Vec::with_capacity(waiting.len()), Vec::new(), Vec::new());
        for of_store in waiting.chunk_by(|p, q| order(p).store == order(q).store) {
            let first = couriers.len();
            let (from, limit) = (order(&of_store[0]).store_spot, params.batch.max_approach);
            let mut nearest =
                Nearest { travel: view.travel, from, wanted: params.batch.candidates, limit, first, found: couriers };
            stops.around(from, &mut nearest);
            couriers = nearest.found;
            near.extend(of_store.iter().map(|_| first..couriers.len()));
            let first = search.around(&idle, &of_store[..1]);
            free.extend(of_store.iter().map(|_| search.near.get(first.start).copied()));
        }
        let routes = vec![None; view.couriers.len()];
        let changed = vec![false; view.couriers.len()];
        Loaded { known, params, near, couriers, free, routes, changed }
    }

    /// Puts the order into the route where it costs least, the lower courier on ties. False if there is none for it.
    /// `place` is that among the waiting orders.
    fn take(&mut self, order: &OpenOrder, place: usize) -> bool {
        let weights = Weights { delay: self.params.delay_weight, late: self.params.batch.late_weight };
        let wish = Wish::new(self.known.view, order, weights);
        let own_trip = self.free[place].map_or(i64::MAX, |free| self.own_trip(&wish, &free));
        let mut refused: Vec<u32> = Vec::new();
        loop {
            let mut best: Option<(u32, Insertion)> = None;
            for near in self.near[place].clone() {
                let courier = self.couriers[near].1;
                let dearest = best.map_or(own_trip, |(by, places)| places.cost - i64::from(by < courier));
                if !refused.contains(&courier)
                    && let Some(places) = self.places(courier, &wish, dearest)
                {
                    best = Some((courier, places));
                }
            }
            match best {
                None => return false,
                Some((courier, places)) if self.put(courier, order, &places) => return true,
                Some((courier, _)) => refused.push(courier),
            }
        }
    }

    /// Cost of a trip for this order only. Until the courier has to set out, it takes no time.
    fn own_trip(&self, wish: &Wish, free: &Candidate) -> i64 {
        let (view, order) = (self.known.view, wish.order);
        let service = view.service.pickup + view.service.door;
        let riding = [free.approach, order.ride].map(|road| view.travel.time_of_road(road, view.now));
        wish.cost(riding[0] + riding[1] + service, SimDuration::ZERO, alone(view, order, free.arrival))
    }

    /// The best places in the route of a courier, if they are allowed and cost no more than the dearest.
    fn places(&mut self, courier: u32, wish: &Wish, dearest: i64) -> Option<Insertion> {
        let place = courier as usize;
        let route = self.routes[place].get_or_insert_with(|| {
            let courier = &self.known.view.couriers[place];
            Route::new(self.known, Start::of(courier), courier.stops.into())
        });
        let route = route.as_ref()?;
        let share = SimDuration((self.params.detour_share * route.riding().0 as f64) as i64);
        let places = route.best_insertion(wish, share.max(self.params.detour), dearest)?;
        let in_time = places.delivered - wish.order.placed <= self.params.batch.max_click_to_door;
        in_time.then_some(places)
    }

    /// Gives the courier the order. False if, at the speeds of the hours concerned, it would break a promise.
    fn put(&mut self, courier: u32, order: &OpenOrder, places: &Insertion) -> bool {
        let place = courier as usize;
        let Some(Some(route)) = &self.routes[place] else { return false };
        let start = Start::of(&self.known.view.couriers[place]);
        let with = Route::new(self.known, start, route.stops_with(order, places).into());
        let Some(with) = with.filter(|with| route.keeps_its_promises_in(with)) else { return false };
        self.routes[place] = Some(Some(with));
        self.changed[place] = true;
        true
    }

    /// The new stops of the couriers who have taken orders.
    fn assignments(&self) -> Vec<Assignment> {
        let routes = self.routes.iter().zip(self.known.view.couriers).zip(&self.changed);
        let changed = routes.filter(|(_, changed)| **changed).filter_map(|((route, courier), _)| {
            let stops = route.as_ref()?.as_ref()?.stops().to_vec();
            Some(Assignment { courier: courier.courier, stops, hold: false })
        });
        changed.collect()
    }
}

/// The couriers with the nearest stops, nearest first.
struct Nearest<'a> {
    travel: &'a Travel,
    from: Spot,
    wanted: usize,
    limit: f64,
    /// From `first` on; what stands before are other stores'.
    found: Vec<(f64, u32)>,
    first: usize,
}

impl Near<u32> for Nearest<'_> {
    fn go_on(&mut self, road: f64) -> bool {
        let found = &self.found[self.first..];
        road <= self.limit && (found.len() < self.wanted || road <= found[self.wanted - 1].0)
    }
    fn meet(&mut self, spot: Spot, courier: &u32) {
        let road = self.travel.road(self.travel.space().distance(spot, self.from));
        let found = &self.found[self.first..];
        let before = |(known, other): &(f64, u32)| (*known, *other) < (road, *courier);
        if road > self.limit || (found.len() >= self.wanted && before(&found[self.wanted - 1])) {
            return;
        }
        let slot = found.partition_point(before);
        if slot >= self.wanted || found[..slot].iter().any(|(_, known)| known == courier) {
            return;
        }
        let farther = found[slot..].iter().position(|(_, known)| known == courier);
        if let Some(farther) = farther {
            self.found.remove(self.first + slot + farther);
        }
        self.found.insert(self.first + slot, (road, *courier));
        self.found.truncate(self.first + self.wanted);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Moment, at, minutes};
    use super::*;
    use crate::policy::dispatch::{Stop, check};
    use crate::scenario::Scenario;
    use crate::units::{CourierId, OrderId};

    fn up(order: u32) -> Stop {
        Stop::PickUp(OrderId(order))
    }
    fn down(order: u32) -> Stop {
        Stop::DropOff(OrderId(order))
    }
    fn decide(moment: &Moment) -> Vec<(CourierId, Vec<Stop>)> {
        moment.show(|view| {
            let decisions = insertion(view, &InsertionParams::of(&Scenario::default()));
            assert!(check(view, &decisions).iter().all(Result::is_ok), "{decisions:?}");
            decisions.into_iter().map(|a| (a.courier, a.stops)).collect()
        })
    }

    /// Order 0 is with courier 0 on the way to its door at minute 10 of the line; order 1 waits at the store at 4.
    fn moment() -> Moment {
        let mut moment = Moment::new(20.0);
        moment.order(0.0, 10.0, 5.0);
        let carried = moment.orders.pop().unwrap();
        moment.committed.push(carried);
        moment.order(4.0, 12.0, 20.0);
        let courier = moment.courier(2.0);
        (courier.idle_since, courier.on_board) = (None, 1);
        (courier.free_at, courier.free_spot) = (minutes(30.0), at(10.0));
        moment.with_stops(&[down(0)]);
        moment.courier(-10.0);
        moment
    }

    #[test]
    fn a_courier_with_load_takes_an_order_along_and_the_idle_one_stays() {
        assert_eq!(decide(&moment()), [(CourierId(0), vec![up(1), down(0), down(1)])]);
    }

    #[test]
    fn what_fits_into_no_route_goes_to_a_free_courier() {
        let mut full = moment();
        full.courier_mut(0).capacity = 1;
        let mut aside = moment();
        aside.orders[0].home = at(-14.0);
        let mut promised = moment();
        promised.committed[0].promised = minutes(30.0);
        for moment in [full, aside, promised] {
            assert_eq!(decide(&moment), [(CourierId(1), vec![up(1), down(1)])]);
        }
    }

    #[test]
    fn orders_that_are_ready_much_later_wait() {
        let mut moment = moment();
        moment.orders[0].ready = minutes(28.5);
        assert_eq!(decide(&moment), []);
    }

    #[test]
    fn two_orders_find_their_way_into_one_route_at_one_decision() {
        let mut moment = moment();
        moment.order(4.0, 11.0, 20.0);
        assert_eq!(decide(&moment), [(CourierId(0), vec![up(2), up(1), down(0), down(2), down(1)])]);
    }
}
