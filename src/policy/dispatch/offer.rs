//! Offers: bundles of orders, of one store or several, and the free couriers who carry them at least cost.

use super::batch::{BatchParams, LEFT_OUT, soon_free};
use super::first_there::{Candidate, Free, Search, weighed};
use super::matching::{Candidates, least_cost};
use super::near::Rings;
use super::route::alone;
use super::view::{Assignment, CourierView, View};
use super::walk::{Leg, most_on_board, walk};
use crate::city::space::Spot;
use crate::units::{SimDuration, SimTime, StoreId};
use std::ops::Range;

/// Couriers idle or soon free, and for each store with waiting orders those who would be there first.
pub(super) struct FreeCouriers<'a> {
    view: &'a View<'a>,
    params: &'a BatchParams,
    couriers: Vec<&'a CourierView<'a>>,
    near: Vec<Candidate>,
    /// By store, with the arrival of the first.
    of_store: Vec<(StoreId, Range<usize>, SimTime)>,
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
        let of_store = of_store.map(|orders| {
            let near = search.around(&rings, orders);
            let first = search.near[near.clone()].iter().map(|near| near.arrival).min().unwrap_or(view.now);
            (store(&orders[0]), near, first.max(view.now))
        });
        let of_store = of_store.collect();
        FreeCouriers { view, params, couriers, near: search.near, of_store }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.couriers.len()
    }

    /// Those who would be first at a store, first ones first.
    fn near(&self, store: StoreId) -> &[Candidate] {
        match self.of_store.binary_search_by_key(&store, |(store, ..)| *store) {
            Ok(place) => &self.near[self.of_store[place].1.clone()],
            Err(_) => &[],
        }
    }

    /// When the first of them could be at a store; now if there is none.
    pub(super) fn first_arrival(&self, store: StoreId) -> SimTime {
        let place = self.of_store.binary_search_by_key(&store, |(store, ..)| *store);
        place.map_or(self.view.now, |place| self.of_store[place].2)
    }

    /// The bundles and couriers of least total cost, of whom those set out who must before the next decision.
    pub(super) fn assign(&self, bundles: &[Vec<Leg>]) -> Vec<Assignment> {
        let mut candidates = Candidates::new(self.couriers.len());
        for legs in bundles {
            let bundle = Bundle::new(self.view, self.params, legs);
            let near = self.near(legs[0].order.store).iter();
            let edges = near.filter_map(|near| Some((near.courier, self.cost(&bundle, near)?)));
            candidates.push(edges, bundle.left_out);
        }
        let pairs = bundles.iter().zip(least_cost(&candidates));
        let mut assignments: Vec<Assignment> =
            pairs.filter_map(|(legs, courier)| self.commit(legs, self.couriers[courier? as usize])).collect();
        assignments.sort_unstable_by_key(|assignment| assignment.courier);
        assignments
    }

    /// Cost of the pair in milliseconds; None if the courier may not or cannot carry the bundle.
    fn cost(&self, bundle: &Bundle, near: &Candidate) -> Option<i64> {
        if near.approach > bundle.reach || bundle.most_on_board > near.capacity {
            return None;
        }
        let (mut sum, mut late, mut in_time) = (0, 0, true);
        let taken = walk(self.view, bundle.legs, near.arrival, |order, at| {
            sum += at.0;
            late += (at - order.promised).0.max(0);
            in_time &= at - order.placed <= self.params.max_click_to_door;
        });
        let late = SimDuration(late - bundle.late_anyway);
        let cost = near.cost + sum - bundle.earliest + weighed(self.params.late_weight, late);
        (in_time && taken <= near.off).then_some(cost)
    }

    /// The assignment, if the courier has to set out before the next decision to be at the first store in time.
    fn commit(&self, legs: &[Leg], courier: &CourierView) -> Option<Assignment> {
        let view = self.view;
        let first = legs[0].order;
        let visit = legs.iter().take_while(|leg| leg.pickup && leg.order.store == first.store);
        let ready = visit.map(|leg| leg.order.ready).max()?;
        let ride = view.ride(courier.free_spot, first.store_spot, courier.free_at);
        let in_time = ready - (ride + view.service.pickup.half());
        let starts = courier.free_at.max(in_time) < view.now + self.params.interval;
        let stops = courier.stops.iter().copied().chain(legs.iter().map(Leg::stop)).collect();
        starts.then_some(Assignment { courier: courier.courier, stops, hold: false })
    }
}

/// What does not depend on the courier.
struct Bundle<'a> {
    legs: &'a [Leg<'a>],
    most_on_board: u32,
    /// Sum of the earliest deliveries that any courier could achieve, each order alone.
    earliest: i64,
    /// Sum over its orders of how late they would be even so.
    late_anyway: i64,
    left_out: i64,
    /// How far a courier may come from.
    reach: f64,
}

impl<'a> Bundle<'a> {
    fn new(view: &View, params: &BatchParams, legs: &'a [Leg<'a>]) -> Self {
        let (mut earliest, mut late_anyway, mut left_out, mut reach) = (0, 0, 0, params.max_approach);
        for order in legs.iter().filter(|leg| leg.pickup).map(|leg| leg.order) {
            let age = view.now - order.placed;
            let alone = alone(view, order, view.now);
            earliest += alone.0;
            late_anyway += (alone - order.promised).0.max(0);
            left_out += LEFT_OUT + weighed(params.age_weight, age);
            reach = if age > params.far_after { f64::INFINITY } else { reach };
        }
        Bundle { legs, most_on_board: most_on_board(legs), earliest, late_anyway, left_out, reach }
    }
}
