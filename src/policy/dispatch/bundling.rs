//! Bundles of the rolling horizon: orders of one store that could share a courier, built by insertion.

use super::rolling_horizon::{RollingHorizonParams, cost};
use super::trip::Trip;
use super::view::{OpenOrder, View};
use crate::units::{CourierId, SimDuration, SimTime};

/// The bundles of all stores, of orders that are ready soon or held.
pub(super) fn bundles(view: &View, params: &RollingHorizonParams) -> Vec<Trip> {
    let size = target_size(view, params);
    let until = view.now + params.horizon;
    let takes_part = |place: &u32| {
        let order = &view.orders[*place as usize];
        order.ready <= until || order.held_by.is_some()
    };
    let mut places: Vec<u32> = (0..view.orders.len() as u32).filter(takes_part).collect();
    // By place, which is by id, on ties.
    places.sort_unstable_by_key(|place| {
        let order = &view.orders[*place as usize];
        (order.store, order.ready, *place)
    });
    let mut trips = Vec::with_capacity(places.len());
    for of_store in places.chunk_by(|p, q| view.orders[*p as usize].store == view.orders[*q as usize].store) {
        match of_store {
            [single] => trips.push(Trip::new(view, vec![*single])),
            _ => trips.extend(Bundling { view, params, size, bundles: Vec::new() }.of_one_store(of_store)),
        }
    }
    trips
}

/// How many orders a bundle should have: orders ready soon for each courier free soon.
fn target_size(view: &View, params: &RollingHorizonParams) -> usize {
    let orders = view.orders.iter().filter(|order| order.ready <= view.now + params.pressure_orders).count();
    let until = view.now + params.pressure_couriers;
    let couriers = view.couriers.iter().filter(|courier| courier.free_at <= until).count();
    if couriers == 0 { params.max_bundle } else { orders.div_ceil(couriers).clamp(1, params.max_bundle) }
}

/// Orders in the sequence of their drop-offs, and what insertion weighs. Empty bundles wait for orders.
#[derive(Clone, Default)]
struct Bundle {
    /// Places in `view.orders`.
    orders: Vec<u32>,
    held_by: Option<CourierId>,
    measure: Measure,
}

/// How long a bundle takes.
#[derive(Clone, Copy, Default)]
struct Measure {
    /// Riding time and weighed delays of the bundle, in minutes.
    route_cost: f64,
    /// Minutes an order, from the first that is ready to the end of the last hand-over.
    per_order: f64,
}

/// The bundles of one store.
struct Bundling<'a> {
    view: &'a View<'a>,
    params: &'a RollingHorizonParams,
    /// Orders that a bundle should have.
    size: usize,
    bundles: Vec<Bundle>,
}

impl Bundling<'_> {
    /// What couriers hold there already, grown by insertion; then every order once more where it fits best.
    fn of_one_store(mut self, places: &[u32]) -> impl Iterator<Item = Trip> {
        let view = self.view;
        let holder = |place: &u32| view.orders[*place as usize].held_by;
        let (held, open): (Vec<u32>, Vec<u32>) = places.iter().partition(|place| holder(place).is_some());
        let mut holders: Vec<CourierId> = held.iter().filter_map(holder).collect();
        holders.sort_unstable();
        holders.dedup();
        for courier in holders {
            let mut bundle = Bundle { held_by: Some(courier), ..Bundle::default() };
            for place in held.iter().filter(|place| holder(place) == Some(courier)) {
                let (position, measure) = self.best_position(&bundle.orders, *place);
                bundle.orders.insert(position, *place);
                bundle.measure = measure;
            }
            self.bundles.push(bundle);
        }
        let count = places.len().div_ceil(self.size).max(self.bundles.len());
        self.bundles.resize_with(count, Bundle::default);
        for place in &open {
            self.insert(*place);
        }
        for place in &open {
            self.remove(*place);
            self.insert(*place);
        }
        let trips = self.bundles.into_iter().filter(|bundle| !bundle.orders.is_empty());
        trips.map(|bundle| Trip::new(view, bundle.orders))
    }

    /// Inserts the order where route cost grows least; a full bundle takes it only if its time an order falls.
    fn insert(&mut self, order: u32) {
        let mut best: Option<(f64, usize, usize, Measure)> = None;
        let mut seen_empty = false;
        for (place, bundle) in self.bundles.iter().enumerate() {
            let (empty, full) = (bundle.orders.is_empty(), bundle.orders.len() >= self.size);
            // All empty ones are alike.
            let known = empty && std::mem::replace(&mut seen_empty, true);
            if known || (full && bundle.orders.len() >= self.params.max_bundle) {
                continue;
            }
            let (position, grown) = self.best_position(&bundle.orders, order);
            if full && grown.per_order >= bundle.measure.per_order {
                continue;
            }
            let growth = grown.route_cost - bundle.measure.route_cost;
            if best.is_none_or(|(least, ..)| growth < least) && self.holder_can(bundle, order, position) {
                best = Some((growth, place, position, grown));
            }
        }
        let Some((_, place, position, measure)) = best else {
            let (_, measure) = self.best_position(&[], order);
            self.bundles.push(Bundle { orders: vec![order], held_by: None, measure });
            return;
        };
        let bundle = &mut self.bundles[place];
        bundle.orders.insert(position, order);
        bundle.measure = measure;
    }

    /// Whether the courier who holds the bundle, if any, can take the order along.
    fn holder_can(&self, bundle: &Bundle, order: u32, position: usize) -> bool {
        let Some(courier) = bundle.held_by.and_then(|holder| self.view.courier(holder)) else { return true };
        let mut orders = bundle.orders.clone();
        orders.insert(position, order);
        cost(self.view, self.params, &Trip::new(self.view, orders), courier).is_some()
    }

    fn remove(&mut self, order: u32) {
        for place in 0..self.bundles.len() {
            let orders = &mut self.bundles[place].orders;
            if let Some(position) = orders.iter().position(|other| *other == order) {
                orders.remove(position);
                let orders = &self.bundles[place].orders;
                self.bundles[place].measure = match orders.is_empty() {
                    true => Measure::default(),
                    false => self.measure(orders.iter()),
                };
                return;
            }
        }
    }

    /// The first position in which the order costs least.
    fn best_position(&self, orders: &[u32], order: u32) -> (usize, Measure) {
        let grown = |position: usize| {
            let (before, after) = orders.split_at(position);
            (position, self.measure(before.iter().chain([&order]).chain(after)))
        };
        let options = (0..=orders.len()).map(grown);
        options
            .min_by(|(_, p), (_, q)| p.route_cost.total_cmp(&q.route_cost))
            .expect("there is always the first position")
    }

    /// The measure of these orders in this sequence: at least one.
    fn measure<'o>(&self, orders: impl Iterator<Item = &'o u32> + Clone) -> Measure {
        let view = self.view;
        let orders = orders.map(|place| &view.orders[*place as usize]);
        let (mut ready, mut first_ready) = (SimTime(i64::MIN), SimTime::NEVER);
        for order in orders.clone() {
            (ready, first_ready) = (ready.max(order.ready), first_ready.min(order.ready));
        }
        let leave = ready.max(view.now);
        let (mut at, mut count, mut delay, mut riding) = (leave, 0.0, 0, SimDuration::ZERO);
        let mut previous: Option<&OpenOrder> = None;
        for next in orders {
            let alone = view.travel.time_of_road(next.ride, leave);
            let ride = previous.map_or(alone, |previous| view.ride(previous.home, next.home, at));
            at += ride;
            riding = riding + ride;
            delay += (ready - next.ready + (at - leave) - alone).0;
            at += view.service.door;
            (previous, count) = (Some(next), count + 1.0);
        }
        Measure {
            route_cost: riding.minutes() + self.params.delay_weight * SimDuration(delay).minutes(),
            per_order: (at - leave + (ready - first_ready)).minutes() / count,
        }
    }
}
