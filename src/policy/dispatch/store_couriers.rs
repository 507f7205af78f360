//! Couriers of a store: on placement, irrevocably, the courier who would be at the door first and rides back after it.

use super::earliest_dropoff::PlacedOrder;
use crate::city::space::Spot;
use crate::city::travel::Travel;
use crate::units::{CourierId, SimTime};

/// What [`store_couriers`] may know of a courier of the store.
#[derive(Clone, Copy, Debug)]
pub struct StoreCourier<'a> {
    /// Who it is.
    pub courier: CourierId,
    /// When they are back from their last trip.
    pub free_at: SimTime,
    /// Their last trip, if it has not left and another order may join it.
    pub last_trip: Option<Trip>,
    /// Their shifts, in order.
    pub shifts: &'a [(SimTime, SimTime)],
}

/// A way from the store to one or more doors and back, as planned.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Trip {
    /// When its goods are taken over at the store.
    pub taken_over: SimTime,
    /// The last door.
    pub last_door: Spot,
    /// When the hand-over there ends.
    pub last_end: SimTime,
    /// Start of the shift it belongs to.
    pub shift_start: SimTime,
    /// Orders on it.
    pub orders: u32,
}

/// A courier's plan for one order.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct StoreCommitment {
    /// Who carries it.
    pub courier: CourierId,
    /// When they are at the door: the earlier, the better the plan.
    pub at_door: SimTime,
    /// When they are back at the store.
    pub free_at: SimTime,
    /// The trip it belongs to, with the order.
    pub trip: Trip,
    /// It joins the courier's last trip.
    pub joins: bool,
}

/// The courier who would be at the door first, busy ones and those not yet on duty included; the first listed on ties.
/// None if nobody can leave with it before the end of a shift and deliver it by the deadline.
///
/// A courier whose last trip takes its goods over later than the order is ready takes it along after the doors of that trip; every
/// other one brings it on a trip of its own, which leaves when the courier is back and the order is ready.
///
/// Source: the rule of a published simulator of on-demand delivery from dark stores (ODDP, Dieter 2023).
pub fn store_couriers<'a>(
    order: &PlacedOrder,
    couriers: impl Iterator<Item = StoreCourier<'a>>,
    travel: &Travel,
) -> Option<StoreCommitment> {
    let mut best: Option<StoreCommitment> = None;
    for courier in couriers {
        let plan = match courier.last_trip.filter(|trip| trip.taken_over > order.ready) {
            Some(trip) => Some(joining(order, courier.courier, trip, travel)),
            None => alone(order, &courier, travel),
        };
        if let Some(plan) = plan
            && plan.at_door + order.door_to_delivered <= order.deadline
            && best.is_none_or(|b| plan.at_door < b.at_door)
        {
            best = Some(plan);
        }
    }
    best
}

/// After the last door of a trip that has not left.
fn joining(order: &PlacedOrder, courier: CourierId, trip: Trip, travel: &Travel) -> StoreCommitment {
    let at_door = trip.last_end + travel.time(trip.last_door, order.home, trip.last_end);
    let last_end = at_door + order.door_service;
    let trip = Trip { last_door: order.home, last_end, orders: trip.orders + 1, ..trip };
    StoreCommitment { courier, at_door, free_at: back(order, &trip, travel), trip, joins: true }
}

/// A trip of its own, in the first shift in which it can leave before the end.
fn alone(order: &PlacedOrder, courier: &StoreCourier, travel: &Travel) -> Option<StoreCommitment> {
    let earliest = courier.free_at.max(order.placed);
    for (on, off) in courier.shifts.iter().filter(|(_, off)| *off >= earliest) {
        let taken_over = (earliest.max(*on) + order.pickup_service.half()).max(order.ready);
        if taken_over > *off {
            continue;
        }
        let leaves = taken_over + (order.pickup_service - order.pickup_service.half());
        let at_door = leaves + travel.time_of_road(order.ride, leaves);
        let last_end = at_door + order.door_service;
        let trip = Trip { taken_over, last_door: order.home, last_end, shift_start: *on, orders: 1 };
        let free_at = back(order, &trip, travel);
        return Some(StoreCommitment { courier: courier.courier, at_door, free_at, trip, joins: false });
    }
    None
}

/// When the courier is back at the store.
fn back(order: &PlacedOrder, trip: &Trip, travel: &Travel) -> SimTime {
    trip.last_end + travel.time(trip.last_door, order.store, trip.last_end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::space::{Matrix, Space};
    use crate::scenario::{Metric, Scenario};
    use crate::units::SimDuration;

    /// One metre a second.
    fn travel() -> Travel {
        let mut scenario = Scenario::default();
        scenario.couriers.speed_kmh = 3.6;
        Travel::new(&scenario, Space::new(Metric::Euclid, 1.0, Matrix::default()))
    }
    fn at(seconds: i64) -> SimTime {
        SimTime(seconds * 1000)
    }
    fn spot(a: f64) -> Spot {
        Spot { a, b: 0.0 }
    }

    const SHIFT: [(SimTime, SimTime); 1] = [(SimTime::ZERO, SimTime::NEVER)];

    /// Placed at 100 s, 50 m from the store, ready at `ready`, half a minute at the door.
    fn order(ready: i64) -> PlacedOrder {
        PlacedOrder {
            placed: at(100),
            ready: at(ready),
            store: spot(0.0),
            home: spot(50.0),
            ride: 50.0,
            pickup_service: SimDuration::ZERO,
            door_service: SimDuration(30_000),
            door_to_delivered: SimDuration::ZERO,
            deadline: SimTime::NEVER,
        }
    }
    fn courier(id: u32, free: i64) -> StoreCourier<'static> {
        StoreCourier { courier: CourierId(id), free_at: at(free), last_trip: None, shifts: &SHIFT }
    }
    fn best(order: &PlacedOrder, couriers: &[StoreCourier]) -> Option<StoreCommitment> {
        store_couriers(order, couriers.iter().copied(), &travel())
    }

    #[test]
    fn the_first_of_those_who_are_back_in_time_goes_and_the_way_back_counts() {
        let plan = best(&order(200), &[courier(0, 201), courier(1, 150), courier(2, 0)]).unwrap();
        assert_eq!(
            (plan.courier, plan.trip.taken_over, plan.at_door, plan.joins),
            (CourierId(1), at(200), at(250), false)
        );
        assert_eq!(plan.free_at, at(200 + 50 + 30 + 50));
    }

    #[test]
    fn an_order_joins_a_trip_that_leaves_later_than_it_is_ready_and_only_such_a_one() {
        let trip = Trip {
            taken_over: at(200),
            last_door: spot(40.0),
            last_end: at(300),
            shift_start: SimTime::ZERO,
            orders: 1,
        };
        let waiting = StoreCourier { last_trip: Some(trip), ..courier(0, 340) };
        let plan = best(&order(199), &[waiting]).unwrap();
        assert_eq!((plan.joins, plan.at_door, plan.trip.orders, plan.free_at), (true, at(310), 2, at(390)));
        let plan = best(&order(200), &[waiting]).unwrap();
        assert_eq!((plan.joins, plan.trip.taken_over, plan.at_door), (false, at(340), at(390)));
        // A courier who can join does, even if a trip of its own were sooner; another courier may still be.
        let plan = best(&order(199), &[waiting, courier(1, 259)]).unwrap();
        assert_eq!((plan.courier, plan.at_door), (CourierId(1), at(309)));
    }

    #[test]
    fn nobody_leaves_after_the_end_of_a_shift_or_comes_after_the_deadline() {
        let shifts = [(at(0), at(199)), (at(1000), at(2000))];
        let tired = StoreCourier { shifts: &shifts, ..courier(0, 0) };
        let plan = best(&order(200), &[tired]).unwrap();
        assert_eq!((plan.trip.taken_over, plan.trip.shift_start), (at(1000), at(1000)));
        let urgent = PlacedOrder { deadline: at(1049), ..order(200) };
        assert_eq!(best(&urgent, &[tired]), None);
    }
}
