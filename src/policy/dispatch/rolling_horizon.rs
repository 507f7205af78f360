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

use super::bundling::bundles;
use super::matching::{Candidates, least_cost};
use super::most_valuable::Search;
use super::trip::Trip;
use super::view::{Assignment, CourierView, OpenOrder, Stop, View};
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
    /// Couriers considered for each bundle: those with whom it is worth most (1 to 1,000; assumption).
    pub candidates: usize,
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
    let (held, open): (Vec<Trip>, Vec<Trip>) =
        bundles(view, params).into_iter().partition(|trip| trip.held_by.is_some());
    let mut taken = vec![false; view.couriers.len()];
    let mut assignments = Vec::new();
    for trip in &held {
        if let Some(place) =
            trip.held_by.and_then(|holder| view.couriers.binary_search_by_key(&holder, |c| c.courier).ok())
        {
            taken[place] = true;
            assignments.extend(commit(view, params, trip, &view.couriers[place]));
        }
    }
    if !open.is_empty() {
        assignments.extend(assign(view, params, &open, taken));
    }
    assignments.sort_unstable_by_key(|assignment| assignment.courier);
    assignments
}

/// Assigns bundles that nobody holds, group by group, to couriers who are not taken.
fn assign(view: &View, params: &RollingHorizonParams, open: &[Trip], mut taken: Vec<bool>) -> Vec<Assignment> {
    let priorities: Vec<Priority> = open.iter().map(|trip| priority(view, params, trip)).collect();
    let mut search = Search::new(view, params);
    let mut assignments = Vec::new();
    for group in [Priority::Late, Priority::Waiting, Priority::Fresh] {
        let mut rows: Vec<&Trip> =
            open.iter().zip(&priorities).filter(|(_, of)| **of == group).map(|(trip, _)| trip).collect();
        let mut wanted = params.candidates;
        while !rows.is_empty() {
            let (candidates, sated) = candidates(&mut search, &rows, wanted, &taken);
            let matched = least_cost(&candidates);
            for (trip, column) in rows.iter().zip(&matched) {
                if let Some(column) = *column {
                    taken[column as usize] = true;
                    assignments.extend(commit(view, params, trip, &view.couriers[column as usize]));
                }
            }
            // Those who found all their candidates taken by others look farther.
            let mut place = 0..;
            rows.retain(|_| place.next().is_some_and(|row| matched[row].is_none() && sated[row]));
            wanted *= 2;
        }
    }
    assignments
}

/// The `wanted` best couriers of each bundle, and one more for each further bundle of its store; and whether there may
/// be others beside them. The bundles stand store by store.
fn candidates(search: &mut Search, rows: &[&Trip], wanted: usize, taken: &[bool]) -> (Candidates, Vec<bool>) {
    let store = |trip: &Trip| search.view.orders[trip.orders[0] as usize].store;
    let mut candidates = Candidates::new(taken.len());
    let mut sated = Vec::with_capacity(rows.len());
    let of_stores: Vec<&[&Trip]> = rows.chunk_by(|p, q| store(p) == store(q)).collect();
    for of_store in of_stores {
        let wanted = wanted + of_store.len() - 1;
        for trip in of_store {
            let best = search.best(trip, wanted, taken);
            sated.push(best.len() >= wanted);
            candidates.push(best.iter().map(|pair| (pair.courier, pair.cost)), LEFT_OUT);
        }
    }
    (candidates, sated)
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

/// When the courier reaches the store of the bundle.
fn arrival(view: &View, trip: &Trip, courier: &CourierView) -> SimTime {
    if trip.held_by == Some(courier.courier) {
        return courier.at;
    }
    let store = view.orders[trip.orders[0] as usize].store_spot;
    courier.free_at + view.ride(courier.free_spot, store, courier.free_at)
}

/// Cost of the pair; None if the courier may not or cannot take the bundle.
pub(super) fn cost(view: &View, params: &RollingHorizonParams, trip: &Trip, courier: &CourierView) -> Option<i64> {
    let (pickup, leave) = trip.visit(view, arrival(view, trip, courier));
    let in_time = trip.in_time(view, leave, params.max_click_to_door);
    let allowed = pickup <= courier.off && trip.orders.len() as u32 <= courier.capacity && in_time;
    allowed.then(|| cost_of(params, trip, leave - courier.free_at, pickup))
}

/// Cost of a bundle whose goods are taken over at `pickup` by a courier who leaves the store `approach` after becoming
/// free: the negative of orders a minute of the courier's time, less what waiting after ready costs.
///
/// It never falls when one of the times grows.
pub(super) fn cost_of(params: &RollingHorizonParams, trip: &Trip, approach: SimDuration, pickup: SimTime) -> i64 {
    let busy = (approach + trip.length).minutes().max(1e-3);
    let value = params.throughput_reward * trip.orders.len() as f64 / busy
        - params.freshness_weight * (pickup - trip.ready).minutes();
    -(value * VALUE_STEPS) as i64
}

/// The longest approach, in the sense of `cost_of`, at which a bundle can cost as little as this, or a little longer.
pub(super) fn longest_approach(params: &RollingHorizonParams, trip: &Trip, cost: i64) -> SimDuration {
    let value = -(cost as f64 + 2.0) / VALUE_STEPS;
    let busy_min = params.throughput_reward * trip.orders.len() as f64 / value;
    // A value that is not above 0 can come of waiting after ready alone.
    let limited = value > 0.0 && busy_min < 1e6;
    if limited { SimDuration::from_minutes(busy_min) + SimDuration(2) - trip.length } else { SimDuration(i64::MAX) }
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
    if !is_final && (!can_hold || is_held_so(view, trip, courier)) {
        return None;
    }
    let stops = trip.stops_after(view, courier.stops);
    Some(Assignment { courier: courier.courier, stops, hold: !is_final })
}

/// Whether the courier holds exactly this trip already, and so need not be told.
fn is_held_so(view: &View, trip: &Trip, courier: &CourierView) -> bool {
    let ids = || trip.open_orders(view).map(|order| order.order);
    trip.held_by == Some(courier.courier)
        && ids().map(Stop::PickUp).chain(ids().map(Stop::DropOff)).eq(courier.stops.iter().copied())
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
    fn a_courier_who_holds_the_same_is_not_told_again() {
        let mut moment = Moment::new(10.0);
        moment.order(3.0, 8.0, 18.0).held_by = Some(CourierId(0));
        moment.courier(3.0).visiting = Some(crate::units::StoreId(3));
        moment.with_stops(&[Stop::PickUp(OrderId(0)), Stop::DropOff(OrderId(0))]);
        assert_eq!(decide(&moment, &usual()), []);
        moment.now = minutes(14.0);
        assert_eq!(decide(&moment, &usual()), [(0, vec![0], false)], "to go on they must be told");
    }

    #[test]
    fn bundles_whose_candidates_are_taken_look_farther() {
        let mut moment = Moment::new(10.0);
        for store in [0.0, 1.0, 2.0] {
            moment.order(store, 20.0 + store, 10.0);
        }
        for spot in [1.0, 8.0, 9.0] {
            moment.courier(spot);
        }
        let params = RollingHorizonParams { candidates: 1, final_after: SimDuration(-1), ..usual() };
        let sent: Vec<u32> = decide(&moment, &params).iter().map(|(courier, ..)| *courier).collect();
        assert_eq!(sent, [0, 1, 2]);
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
