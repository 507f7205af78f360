//! Insertion: another order for couriers who have some, where it fits into their stops.
//!
//! ```text
//!  orders ready soon ──► couriers whose stops come near the store ──► best places in their routes ──► cheapest courier
//!        └──────────────── no place within the detour ──► batch matching of single orders ◄── couriers idle or soon free
//! ```

use super::batch::{BatchParams, batch_match};
use super::near::{Near, Rings};
use super::route::{Insertion, Route, Start};
use super::view::{Assignment, CourierView, OpenOrder, View};
use crate::city::space::Spot;
use crate::city::travel::Travel;
use crate::units::SimDuration;

/// What insertion weighs and allows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct InsertionParams {
    /// Horizon, candidates and late weight, and the matching of the orders that fit into no route. Its bundles are not
    /// used.
    pub batch: BatchParams,
    /// A detour is allowed up to this share of the riding left to the courier (0 to 10).
    pub detour_share: f64,
    /// Or up to this, riding and waiting (0 to 10,000 min).
    pub detour: SimDuration,
}

/// The new stops of couriers who take an order along or set out for one before the next decision.
///
/// Orders choose in the sequence of their promises. Each takes the places that cost least, in time by which the route
/// grows and weighed lateness of its own, among the couriers with a stop nearest to its store.
pub fn insertion(view: &View, params: &InsertionParams) -> Vec<Assignment> {
    let until = view.now + params.batch.horizon;
    let takes_part = |order: &&OpenOrder| order.ready <= until && order.held_by.is_none();
    let mut waiting: Vec<&OpenOrder> = view.orders.iter().filter(takes_part).collect();
    waiting.sort_unstable_by_key(|order| (order.promised, order.order));
    let mut loaded = Loaded::new(view, params);
    let mut left: Vec<OpenOrder> = Vec::new();
    for order in waiting {
        if !loaded.take(order) {
            left.push(*order);
        }
    }
    left.sort_unstable_by_key(|order| order.order);
    let unchanged: Vec<CourierView> =
        view.couriers.iter().zip(&loaded.changed).filter(|(_, changed)| !**changed).map(|(c, _)| c.clone()).collect();
    let rest = View { orders: &left, couriers: &unchanged, ..*view };
    let mut assignments = loaded.assignments();
    assignments.extend(batch_match(&rest, &BatchParams { max_bundle: 1, ..params.batch }));
    assignments.sort_unstable_by_key(|assignment| assignment.courier);
    assignments
}

/// Couriers with stops, on a grid of these stops.
struct Loaded<'a> {
    view: &'a View<'a>,
    params: &'a InsertionParams,
    stops: Rings<u32>,
    /// By place in `view.couriers`, worked out when first needed; None for those whose route cannot be foreseen.
    routes: Vec<Option<Option<Route<'a>>>>,
    changed: Vec<bool>,
}

impl<'a> Loaded<'a> {
    fn new(view: &'a View<'a>, params: &'a InsertionParams) -> Self {
        let mut stops = Vec::new();
        for (place, courier) in (0..).zip(view.couriers).filter(|(_, courier)| !courier.stops.is_empty()) {
            stops.push((courier.spot, place));
            stops.extend(courier.stops.iter().filter_map(|stop| Some((view.spot(*stop)?, place))));
        }
        let routes = vec![None; view.couriers.len()];
        let changed = vec![false; view.couriers.len()];
        Loaded { view, params, stops: Rings::new(view.travel, &stops), routes, changed }
    }

    /// Puts the order into the route where it costs least, the lower courier on ties. False if there is none for it.
    fn take(&mut self, order: &OpenOrder) -> bool {
        let BatchParams { candidates, max_approach, .. } = self.params.batch;
        let mut near = Nearest {
            travel: self.view.travel,
            from: order.store_spot,
            wanted: candidates,
            limit: max_approach,
            found: Vec::new(),
        };
        self.stops.around(order.store_spot, &mut near);
        let mut options: Vec<(i64, u32, Insertion)> = near
            .found
            .iter()
            .filter_map(|(_, courier)| self.places(*courier, order).map(|places| (places.cost, *courier, places)))
            .collect();
        options.sort_unstable_by_key(|(cost, courier, _)| (*cost, *courier));
        options.into_iter().any(|(_, courier, places)| self.put(courier, order, &places))
    }

    /// The best places in the route of a courier, if they are allowed and better than a trip of its own.
    fn places(&mut self, courier: u32, order: &OpenOrder) -> Option<Insertion> {
        let view = self.view;
        let place = courier as usize;
        let route = self.routes[place].get_or_insert_with(|| {
            let courier = &view.couriers[place];
            Route::new(view, Start::of(courier), courier.stops.to_vec())
        });
        let route = route.as_ref()?;
        let share = SimDuration((self.params.detour_share * route.riding().0 as f64) as i64);
        let places = route.best_insertion(order, self.params.batch.late_weight, share.max(self.params.detour))?;
        let in_time = places.delivered - order.placed <= self.params.batch.max_click_to_door;
        in_time.then_some(places)
    }

    /// Gives the courier the order. False if, at the speeds of the hours concerned, it would break a promise.
    fn put(&mut self, courier: u32, order: &OpenOrder, places: &Insertion) -> bool {
        let place = courier as usize;
        let Some(Some(route)) = &self.routes[place] else { return false };
        let start = Start::of(&self.view.couriers[place]);
        let with = Route::new(self.view, start, route.stops_with(order, places));
        let Some(with) = with.filter(|with| route.keeps_its_promises_in(with)) else { return false };
        self.routes[place] = Some(Some(with));
        self.changed[place] = true;
        true
    }

    /// The new stops of the couriers who have taken orders.
    fn assignments(&self) -> Vec<Assignment> {
        let routes = self.routes.iter().zip(self.view.couriers).zip(&self.changed);
        let changed = routes.filter_map(|((route, courier), changed)| {
            let stops = route.as_ref()?.as_ref()?.stops().to_vec();
            changed.then_some(Assignment { courier: courier.courier, stops, hold: false })
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
    found: Vec<(f64, u32)>,
}

impl Near<u32> for Nearest<'_> {
    fn go_on(&mut self, road: f64) -> bool {
        road <= self.limit && (self.found.len() < self.wanted || road <= self.found[self.wanted - 1].0)
    }
    fn meet(&mut self, spot: Spot, courier: &u32) {
        let road = self.travel.road(self.travel.space().distance(spot, self.from));
        let before = |(known, other): &(f64, u32)| (*known, *other) < (road, *courier);
        let slot = self.found.partition_point(before);
        if road > self.limit || slot >= self.wanted || self.found[..slot].iter().any(|(_, known)| known == courier) {
            return;
        }
        if let Some(farther) = self.found[slot..].iter().position(|(_, known)| known == courier) {
            self.found.remove(slot + farther);
        }
        self.found.insert(slot, (road, *courier));
        self.found.truncate(self.wanted);
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
