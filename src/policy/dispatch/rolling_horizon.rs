//! The rolling horizon of Reyes, Erera, Savelsbergh, Sahasrabudhe and O'Neil (2018): bundles sized to the pressure on the
//! fleet, priority groups, assignment, and commitment in two stages.
//!
//! ```text
//!  orders ready soon ──insertion per store──► bundles ──three priority groups──► assignment to couriers
//!                                                                                     │
//!            final: go and deliver ◄── pick-up before the next decision ◄─────────────┤
//!            held: go to the store and wait, others may join ◄── free before it ◄─────┤
//!            nothing yet ◄── busy for longer ◄────────────────────────────────────────┘
//! ```

use super::matching::{Candidates, least_cost};
use super::trip::Trip;
use super::view::{Assignment, CourierView, OpenOrder, View};
use crate::units::{SimDuration, SimTime};

/// What the rolling horizon weighs and allows, in the symbols of its authors. Defaults and sources stand with the keys
/// of `[rolling_horizon]`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RollingHorizonParams {
    /// Time between decisions, f; above 0 (the authors tried 2 and 5 min).
    pub interval: SimDuration,
    /// Orders ready within this time take part, Δu (the authors tried 4 to 10 min).
    pub horizon: SimDuration,
    /// Orders ready within this time count for the target size of bundles, Δ1.
    pub pressure_orders: SimDuration,
    /// Couriers free within this time count for it, Δ2.
    pub pressure_couriers: SimDuration,
    /// Largest target, also when nobody is free; at least 1.
    pub max_bundle: usize,
    /// Cost of a minute that an order is delayed by its bundle, in minutes of riding, β (0 to 1).
    pub delay_weight: f64,
    /// Cost of a minute between ready and pick-up, θ (0 to 1).
    pub freshness_weight: f64,
    /// Reward of an order a minute (1 to 10).
    pub throughput_reward: f64,
    /// Orders that would be later than their promise by more than this choose their couriers first (10 to 25 min).
    pub dropoff_tolerance: SimDuration,
    /// Orders that would be picked up later after ready than this come second (5 to 20 min).
    pub pickup_tolerance: SimDuration,
    /// A commitment is final if an order has been ready for longer than this, x (15 to 25 min).
    pub final_after: SimDuration,
    /// Orders that cannot be delivered within this time of their placement are not carried.
    pub max_click_to_door: SimDuration,
}

/// Any bundle that a courier can take is rather carried than left: a cost above all others, far from overflowing.
const LEFT_OUT: i64 = 1 << 40;
/// Values are compared to a millionth of an order a minute.
const VALUE_STEPS: f64 = 1e6;

/// Who goes where before the next decision, finally or held open.
pub fn rolling_horizon(view: &View, params: &RollingHorizonParams) -> Vec<Assignment> {
    let trips = bundles(view, params);
    let mut free: Vec<&CourierView> = view.couriers.iter().collect();
    let mut assignments = Vec::new();
    let (held, open): (Vec<Trip>, Vec<Trip>) = trips.into_iter().partition(|trip| trip.held_by.is_some());
    for trip in &held {
        let holder = trip.held_by;
        free.retain(|courier| Some(courier.courier) != holder);
        if let Some(courier) = holder.and_then(|id| view.courier(id)) {
            assignments.extend(commit(view, params, trip, courier));
        }
    }
    for group in [Priority::Late, Priority::Waiting, Priority::Fresh] {
        let rows: Vec<&Trip> = open.iter().filter(|trip| priority(view, params, trip) == group).collect();
        let mut candidates = Candidates::new(free.len());
        for trip in &rows {
            let edges =
                (0..).zip(&free).filter_map(|(place, courier)| Some((place, cost(view, params, trip, courier)?)));
            candidates.push(edges, LEFT_OUT);
        }
        let matched = least_cost(&candidates);
        for (trip, courier) in
            rows.iter().zip(&matched).filter_map(|(trip, column)| Some((trip, free[(*column)? as usize])))
        {
            assignments.extend(commit(view, params, trip, courier));
        }
        let mut taken = vec![false; free.len()];
        matched.iter().flatten().for_each(|column| taken[*column as usize] = true);
        let mut place = 0..;
        free.retain(|_| !taken[place.next().unwrap_or_default()]);
    }
    assignments.sort_unstable_by_key(|assignment| assignment.courier);
    assignments
}

/// Which bundles choose their couriers first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Priority {
    Late,
    Waiting,
    Fresh,
}

fn priority(view: &View, params: &RollingHorizonParams, trip: &Trip) -> Priority {
    let of_order = |order: &OpenOrder| {
        let leave = order.ready.max(view.now + view.service.pickup.half()) + view.service.pickup.half();
        let delivery = leave + view.travel.time_of_road(order.ride, leave) + view.service.door_to_delivered;
        if delivery > order.promised + params.dropoff_tolerance {
            Priority::Late
        } else if view.now > order.ready + params.pickup_tolerance {
            Priority::Waiting
        } else {
            Priority::Fresh
        }
    };
    trip.open_orders(view).map(of_order).min().unwrap_or(Priority::Fresh)
}

/// How many orders a bundle should have: orders ready soon for each courier free soon.
fn target_size(view: &View, params: &RollingHorizonParams) -> usize {
    let orders = view.orders.iter().filter(|order| order.ready <= view.now + params.pressure_orders).count();
    let until = view.now + params.pressure_couriers;
    let couriers = view.couriers.iter().filter(|courier| courier.free_at <= until).count();
    if couriers == 0 { params.max_bundle } else { orders.div_ceil(couriers).clamp(1, params.max_bundle) }
}

/// The bundles of all stores, of orders that are ready soon or held.
fn bundles(view: &View, params: &RollingHorizonParams) -> Vec<Trip> {
    let size = target_size(view, params);
    let until = view.now + params.horizon;
    let takes_part = |place: &u32| {
        let order = &view.orders[*place as usize];
        order.ready <= until || order.held_by.is_some()
    };
    let mut places: Vec<u32> = (0..view.orders.len() as u32).filter(takes_part).collect();
    // Stable: orders are listed by id, which settles ties.
    places.sort_by_key(|place| (view.orders[*place as usize].store, view.orders[*place as usize].ready));
    places
        .chunk_by(|p, q| view.orders[*p as usize].store == view.orders[*q as usize].store)
        .flat_map(|of_store| of_one_store(view, params, of_store, size))
        .collect()
}

/// The bundles of one store: what couriers hold there already, grown by insertion; then every order once more where it
/// fits best.
fn of_one_store(view: &View, params: &RollingHorizonParams, places: &[u32], size: usize) -> Vec<Trip> {
    let mut trips: Vec<Option<Trip>> = Vec::new();
    let (held, open): (Vec<u32>, Vec<u32>) = places.iter().partition(|p| view.orders[**p as usize].held_by.is_some());
    let mut holders: Vec<_> = held.iter().filter_map(|place| view.orders[*place as usize].held_by).collect();
    holders.sort_unstable();
    holders.dedup();
    for holder in &holders {
        let own = held.iter().copied().filter(|place| view.orders[*place as usize].held_by == Some(*holder));
        let mut trip: Option<Trip> = None;
        for place in own {
            trip = Some(match trip {
                None => Trip::new(view, vec![place]),
                Some(trip) => best_position(view, params, &trip, place),
            });
        }
        trips.push(trip);
    }
    trips.resize(places.len().div_ceil(size).max(holders.len()), None);
    for place in &open {
        insert(view, params, &mut trips, *place, size);
    }
    for place in &open {
        remove(view, &mut trips, *place);
        insert(view, params, &mut trips, *place, size);
    }
    trips.into_iter().flatten().collect()
}

fn minutes(span: SimDuration) -> f64 {
    span.minutes()
}

/// Riding time and weighed delays of a bundle, in minutes.
fn route_cost(view: &View, params: &RollingHorizonParams, trip: &Trip) -> f64 {
    let service = view.service.door.0 * trip.orders.len() as i64;
    minutes(trip.length - SimDuration(service)) + params.delay_weight * minutes(trip.delay(view))
}

fn best_position(view: &View, params: &RollingHorizonParams, trip: &Trip, order: u32) -> Trip {
    let options = (0..=trip.orders.len()).map(|position| trip.with(view, order, position));
    options
        .min_by(|p, q| route_cost(view, params, p).total_cmp(&route_cost(view, params, q)))
        .expect("there is always the first position")
}

/// Inserts the order where route cost grows least; a full bundle takes it only if its time an order falls.
fn insert(view: &View, params: &RollingHorizonParams, trips: &mut Vec<Option<Trip>>, order: u32, size: usize) {
    let mut best: Option<(f64, usize, Trip)> = None;
    for (place, trip) in trips.iter().enumerate() {
        let (grown, before) = match trip {
            None => (Trip::new(view, vec![order]), 0.0),
            Some(trip) => {
                let grown = best_position(view, params, trip, order);
                if trip.orders.len() >= size
                    && (time_per_order(&grown) >= time_per_order(trip) || grown.orders.len() > params.max_bundle)
                {
                    continue;
                }
                let holder = trip.held_by.and_then(|holder| view.courier(holder));
                if holder.is_some_and(|courier| cost(view, params, &grown, courier).is_none()) {
                    continue;
                }
                (grown, route_cost(view, params, trip))
            }
        };
        let growth = route_cost(view, params, &grown) - before;
        if best.as_ref().is_none_or(|(least, ..)| growth < *least) {
            best = Some((growth, place, grown));
        }
    }
    match best {
        Some((_, place, grown)) => trips[place] = Some(grown),
        None => trips.push(Some(Trip::new(view, vec![order]))),
    }
}

fn time_per_order(trip: &Trip) -> f64 {
    let waiting = trip.ready - trip.first_ready;
    minutes(trip.length + waiting) / trip.orders.len() as f64
}

fn remove(view: &View, trips: &mut [Option<Trip>], order: u32) {
    for slot in trips {
        if let Some(trip) = slot
            && trip.orders.contains(&order)
        {
            let rest: Vec<u32> = trip.orders.iter().copied().filter(|other| *other != order).collect();
            *slot = (!rest.is_empty()).then(|| Trip::new(view, rest));
        }
    }
}

/// When the courier reaches the store of the bundle.
fn arrival(view: &View, trip: &Trip, courier: &CourierView) -> SimTime {
    if trip.held_by == Some(courier.courier) {
        return courier.at;
    }
    let store = view.orders[trip.orders[0] as usize].store_spot;
    courier.free_at + view.ride(courier.free_spot, store, courier.free_at)
}

/// Cost of the pair: the negative of orders a minute of the courier's time, less what waiting after ready costs. None
/// if the courier may not or cannot take the bundle.
fn cost(view: &View, params: &RollingHorizonParams, trip: &Trip, courier: &CourierView) -> Option<i64> {
    let (pickup, leave) = trip.visit(view, arrival(view, trip, courier));
    let in_time = trip.in_time(view, leave, params.max_click_to_door);
    if pickup > courier.off || trip.orders.len() as u32 > courier.capacity || !in_time {
        return None;
    }
    let busy = minutes(leave + trip.length - courier.free_at).max(1e-3);
    let value = params.throughput_reward * trip.orders.len() as f64 / busy
        - params.freshness_weight * minutes(pickup - trip.ready);
    Some(-(value * VALUE_STEPS) as i64)
}

/// The commitment of a matched pair: final, held open or none yet.
fn commit(view: &View, params: &RollingHorizonParams, trip: &Trip, courier: &CourierView) -> Option<Assignment> {
    let next = view.now + params.interval;
    let soon = arrival(view, trip, courier) <= next && trip.ready <= next;
    let overdue = trip.open_orders(view).any(|order| view.now > order.ready + params.final_after);
    let held = trip.held_by.is_some();
    let is_final = soon || overdue;
    // Only somebody on their last stop can go to a store and wait there.
    let can_hold = held || (courier.stops.is_empty() && courier.free_at < next);
    (is_final || can_hold).then(|| Assignment {
        courier: courier.courier,
        stops: trip.stops_after(view, courier.stops),
        hold: !is_final,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Moment, minutes};
    use super::*;
    use crate::policy::dispatch::{Stop, check};
    use crate::scenario::Scenario;
    use crate::units::{CourierId, OrderId};

    /// Courier, drop-offs in sequence, and whether the visit is held open.
    type Decision = (u32, Vec<u32>, bool);

    fn decide(moment: &Moment, params: &RollingHorizonParams) -> Vec<Decision> {
        moment.show(|view| {
            let decisions = rolling_horizon(view, params);
            assert!(check(view, &decisions).iter().all(Result::is_ok), "{decisions:?}");
            let drops = |stop: &Stop| if let Stop::DropOff(order) = stop { Some(order.0) } else { None };
            decisions.iter().map(|a| (a.courier.0, a.stops.iter().filter_map(drops).collect(), a.hold)).collect()
        })
    }
    fn usual() -> RollingHorizonParams {
        let interval = SimDuration::from_minutes(5.0);
        RollingHorizonParams { interval, ..RollingHorizonParams::of(&Scenario::default()) }
    }

    #[test]
    fn bundles_grow_with_the_orders_for_each_courier() {
        let mut moment = Moment::new(10.0);
        moment.order(0.0, 8.0, 10.0);
        moment.order(0.0, -6.0, 10.0);
        moment.courier(1.0);
        assert_eq!(decide(&moment, &usual()), [(0, vec![1, 0], false)], "two orders for one courier");
        moment.courier(-1.0);
        assert_eq!(decide(&moment, &usual()), [(0, vec![0], false), (1, vec![1], false)]);
        moment.orders[1].home = moment.orders[0].home;
        let shared = decide(&moment, &usual());
        assert_eq!(shared, [(0, vec![1, 0], false)], "beyond the target, what takes less time an order");
    }

    #[test]
    fn an_order_beyond_its_promise_chooses_before_a_better_one() {
        let mut moment = Moment::new(60.0);
        moment.order(1.0, 2.0, 60.0).placed = minutes(50.0);
        moment.orders[0].promised = minutes(110.0);
        moment.order(4.0, 30.0, 60.0).promised = minutes(70.0);
        moment.courier(0.0);
        assert_eq!(decide(&moment, &usual()), [(0, vec![1], false)]);
        moment.orders[1].promised = minutes(110.0);
        assert_eq!(decide(&moment, &usual()), [(0, vec![0], false)], "short trips give more orders a minute");
    }

    #[test]
    fn an_order_ready_for_long_chooses_before_a_fresh_one() {
        let mut moment = Moment::new(20.0);
        moment.order(1.0, 2.0, 20.0);
        moment.order(3.0, 9.0, 14.0);
        moment.courier(0.0);
        assert_eq!(decide(&moment, &usual()), [(0, vec![1], false)]);
    }

    #[test]
    fn a_commitment_is_final_held_or_none() {
        let mut moment = Moment::new(10.0);
        moment.order(3.0, 8.0, 10.0);
        moment.courier(0.0);
        assert_eq!(decide(&moment, &usual()), [(0, vec![0], false)], "there at 13, before the decision of 15");
        moment.orders[0].ready = minutes(16.0);
        assert_eq!(decide(&moment, &usual()), [(0, vec![0], true)], "not ready before it");
        moment.orders[0].ready = minutes(10.0);
        moment.courier(-50.0);
        let mut far = Moment::new(10.0);
        far.order(6.0, 8.0, 10.0);
        far.courier(0.0);
        assert_eq!(decide(&far, &usual()), [(0, vec![0], true)], "not there before it");
    }

    #[test]
    fn a_courier_who_is_busy_for_long_is_committed_only_to_overdue_orders() {
        for (ready, expected) in [(10.0, vec![]), (-11.0, vec![(0, vec![7, 0], false)])] {
            let mut moment = Moment::new(10.0);
            moment.order(20.0, 25.0, ready);
            let busy = moment.courier(20.0);
            (busy.free_at, busy.on_board) = (minutes(16.0), 1);
            moment.with_stops(&[Stop::DropOff(OrderId(7))]);
            assert_eq!(decide(&moment, &usual()), expected, "ready at {ready}");
        }
    }

    #[test]
    fn others_join_a_held_visit_until_it_is_closed() {
        let mut moment = Moment::new(10.0);
        moment.order(3.0, 8.0, 18.0).held_by = Some(CourierId(0));
        moment.order(3.0, 7.0, 17.0);
        let waits = moment.courier(3.0);
        waits.visiting = Some(crate::units::StoreId(3));
        moment.with_stops(&[Stop::PickUp(OrderId(0)), Stop::DropOff(OrderId(0))]);
        assert_eq!(decide(&moment, &usual()), [(0, vec![1, 0], true)]);
        moment.now = minutes(14.0);
        assert_eq!(decide(&moment, &usual()), [(0, vec![1, 0], false)], "all is ready before the decision of 19");
    }

    #[test]
    fn nobody_is_committed_to_what_they_cannot_pick_up_or_deliver_in_time() {
        let mut moment = Moment::new(10.0);
        moment.order(3.0, 8.0, 10.0);
        moment.courier(0.0).off = minutes(13.9);
        assert_eq!(decide(&moment, &usual()), []);
        moment.courier(-1.0);
        assert_eq!(decide(&moment, &usual()), [(1, vec![0], false)]);
        // Delivered at 10 + 4 + 2 + 5 + 1 = 22.
        let hurried = RollingHorizonParams { max_click_to_door: SimDuration::from_minutes(21.9), ..usual() };
        assert_eq!(decide(&moment, &hurried), []);
    }
}
