//! Offers: bundles of orders, of one store or several, and the free couriers who carry them at least cost.

use super::batch::{BatchParams, LEFT_OUT, soon_free};
use super::first_there::{Candidate, Free, Search, weighed};
use super::matching::{Candidates, least_cost};
use super::near::Rings;
use super::route::{Route, Start, alone};
use super::view::{Assignment, CourierView, OpenOrder, Stop, View};
use crate::city::space::Spot;
use crate::units::{SimDuration, SimTime, StoreId};
use std::ops::Range;

/// Couriers idle or soon free, and for each store with waiting orders those who would be there first.
pub(super) struct FreeCouriers<'a> {
    view: &'a View<'a>,
    params: &'a BatchParams,
    couriers: Vec<&'a CourierView<'a>>,
    near: Vec<Candidate>,
    /// By store.
    of_store: Vec<(StoreId, Range<usize>)>,
}

impl<'a> FreeCouriers<'a> {
    /// Looks around the stores of these orders, which stand store by store.
    pub(super) fn around(view: &'a View<'a>, params: &'a BatchParams, waiting: &[u32]) -> Self {
        let couriers = soon_free(view, params);
        let free: Vec<(Spot, Free)> = (0..)
            .zip(&couriers)
            .map(|(place, courier)| (courier.free_spot, Free::new(view, params, place, courier)))
            .collect();
        let rings = Rings::new(view.travel, &free);
        let store = |place: &u32| view.orders[*place as usize].store;
        let mut search = Search::new(view, params);
        let of_store = waiting.chunk_by(|p, q| store(p) == store(q));
        let of_store = of_store.map(|orders| (store(&orders[0]), search.around(&rings, orders))).collect();
        FreeCouriers { view, params, couriers, near: search.near, of_store }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.couriers.len()
    }

    /// Those who would be first at a store, first ones first.
    fn near(&self, store: StoreId) -> &[Candidate] {
        match self.of_store.binary_search_by_key(&store, |(store, _)| *store) {
            Ok(place) => &self.near[self.of_store[place].1.clone()],
            Err(_) => &[],
        }
    }

    /// When the first of them could be at a store; now if there is none.
    pub(super) fn first_arrival(&self, store: StoreId) -> SimTime {
        self.near(store).iter().map(|near| near.arrival).min().unwrap_or(self.view.now).max(self.view.now)
    }

    /// The bundles and couriers of least total cost, of whom those set out who must before the next decision.
    pub(super) fn assign(&self, bundles: &[Vec<Stop>]) -> Vec<Assignment> {
        let mut candidates = Candidates::new(self.couriers.len());
        for stops in bundles {
            let bundle = Bundle::new(self.view, self.params, stops);
            let near = self.near(bundle.first.store).iter();
            let edges = near.filter_map(|near| Some((near.courier, self.cost(&bundle, near)?)));
            candidates.push(edges, bundle.left_out);
        }
        let pairs = bundles.iter().zip(least_cost(&candidates));
        let mut assignments: Vec<Assignment> =
            pairs.filter_map(|(stops, courier)| self.commit(stops, self.couriers[courier? as usize])).collect();
        assignments.sort_unstable_by_key(|assignment| assignment.courier);
        assignments
    }

    /// Cost of the pair in milliseconds; None if the courier may not or cannot carry the bundle.
    fn cost(&self, bundle: &Bundle, near: &Candidate) -> Option<i64> {
        let start = Start::at_store(bundle.first.store_spot, near.arrival);
        let route = Route::new(self.view, start, bundle.stops.to_vec())?;
        let in_time = |(order, at): (&OpenOrder, SimTime)| at - order.placed <= self.params.max_click_to_door;
        let allowed = near.approach <= bundle.reach
            && route.last_taken().is_none_or(|taken| taken <= near.off)
            && route.most_on_board() <= near.capacity
            && route.deliveries().all(in_time);
        let late = |(order, at): (&OpenOrder, SimTime)| (at - order.promised).0.max(0);
        allowed.then(|| {
            let lost = route.deliveries().map(|(_, at)| at.0).sum::<i64>() - bundle.earliest;
            let late = SimDuration(route.deliveries().map(late).sum::<i64>() - bundle.late_anyway);
            near.cost + lost + weighed(self.params.late_weight, late)
        })
    }

    /// The assignment, if the courier has to set out before the next decision to be at the first store in time.
    fn commit(&self, stops: &[Stop], courier: &CourierView) -> Option<Assignment> {
        let view = self.view;
        let first = view.order(stops[0].order())?;
        let pickups = stops.iter().map_while(|s| if let Stop::PickUp(o) = s { view.order(*o) } else { None });
        let ready = pickups.take_while(|o| o.store == first.store).map(|o| o.ready).max()?;
        let ride = view.ride(courier.free_spot, first.store_spot, courier.free_at);
        let in_time = ready - (ride + view.service.pickup.half());
        let starts = courier.free_at.max(in_time) < view.now + self.params.interval;
        let stops = courier.stops.iter().chain(stops).copied().collect();
        starts.then_some(Assignment { courier: courier.courier, stops, hold: false })
    }
}

/// What does not depend on the courier.
struct Bundle<'a> {
    stops: &'a [Stop],
    first: &'a OpenOrder,
    /// Sum of the earliest deliveries that any courier could achieve, each order alone.
    earliest: i64,
    /// Sum over its orders of how late they would be even so.
    late_anyway: i64,
    left_out: i64,
    /// How far a courier may come from.
    reach: f64,
}

impl<'a> Bundle<'a> {
    fn new(view: &'a View, params: &BatchParams, stops: &'a [Stop]) -> Self {
        let order = |stop: &Stop| view.order(stop.order()).expect("bundles are of open orders");
        let (mut earliest, mut late_anyway, mut left_out, mut reach) = (0, 0, 0, params.max_approach);
        for order in stops.iter().filter(|stop| matches!(stop, Stop::DropOff(_))).map(order) {
            let age = view.now - order.placed;
            let alone = alone(view, order, view.now);
            earliest += alone.0;
            late_anyway += (alone - order.promised).0.max(0);
            left_out += LEFT_OUT + weighed(params.age_weight, age);
            reach = if age > params.far_after { f64::INFINITY } else { reach };
        }
        Bundle { stops, first: order(&stops[0]), earliest, late_anyway, left_out, reach }
    }
}
