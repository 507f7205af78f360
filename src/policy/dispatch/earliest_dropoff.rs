//! Earliest drop-off: on placement, irrevocably, the courier who would deliver first.

use crate::city::space::Spot;
use crate::city::travel::Travel;
use crate::units::{CourierId, SimDuration, SimTime};

/// What `earliest_dropoff` may know of a courier.
#[derive(Clone, Copy, Debug)]
pub struct CommittedCourier<'a> {
    /// Who it is.
    pub courier: CourierId,
    /// When their commitments end.
    pub free_at: SimTime,
    /// Where they are then.
    pub free_spot: Spot,
    /// Their shifts, in order.
    pub shifts: &'a [(SimTime, SimTime)],
}

/// The order to assign.
#[derive(Clone, Copy, Debug)]
pub struct PlacedOrder {
    /// When it was placed; the decision is taken at this instant.
    pub placed: SimTime,
    /// When it will be ready.
    pub ready: SimTime,
    /// Where it is picked up.
    pub store: Spot,
    /// Where it goes.
    pub home: Spot,
    /// Road length from store to home.
    pub ride: f64,
    /// Service at the store; the goods are taken over half way through.
    pub pickup_service: SimDuration,
    /// Service at the door.
    pub door_service: SimDuration,
    /// From reaching the door to the moment that counts as delivered.
    pub door_to_delivered: SimDuration,
    /// Latest delivery.
    pub deadline: SimTime,
}

/// A courier's plan for one order.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Commitment {
    /// Who carries it.
    pub courier: CourierId,
    /// Road length to the store.
    pub approach: f64,
    /// Start of the shift in which they carry it; before that they do not set out.
    pub shift_start: SimTime,
    /// When it will be delivered.
    pub delivered: SimTime,
    /// When the courier is free again, at the order's home.
    pub free_at: SimTime,
}

/// The courier who would deliver first, busy and not yet on duty ones included; the lowest id on ties. None if nobody
/// can pick it up before the end of a shift and deliver it by the deadline.
///
/// Source: the greedy rule published with the Meal Delivery Routing Problem (Reyes et al. 2018).
pub fn earliest_dropoff<'a>(
    order: &PlacedOrder,
    couriers: impl Iterator<Item = CommittedCourier<'a>>,
    travel: &Travel,
) -> Option<Commitment> {
    let mut search = EarliestDropoff::new(order, travel);
    couriers.for_each(|courier| search.meet(&courier));
    search.best
}

/// The search for the courier of [`earliest_dropoff`] by whoever need not show everybody.
#[derive(Debug)]
pub struct EarliestDropoff<'a> {
    order: &'a PlacedOrder,
    travel: &'a Travel,
    /// The courier who would deliver first among those met.
    pub best: Option<Commitment>,
}

impl<'a> EarliestDropoff<'a> {
    /// Nobody met yet.
    pub fn new(order: &'a PlacedOrder, travel: &'a Travel) -> Self {
        EarliestDropoff { order, travel, best: None }
    }
    /// The earliest delivery by any courier who is free at `free_at` or later, this distance of the metric or farther
    /// from the store.
    #[inline]
    pub fn bound(&self, free_at: SimTime, distance: f64) -> SimTime {
        let order = self.order;
        let half = order.pickup_service.half();
        let arrival = free_at.max(order.placed) + self.travel.least_time_of_road(self.travel.road(distance));
        let leave = (arrival + half).max(order.ready) + (order.pickup_service - half);
        leave + self.travel.least_time_of_road(order.ride) + order.door_to_delivered
    }
    /// Whether somebody who cannot deliver before this could be chosen.
    #[inline]
    pub fn counts(&self, bound: SimTime) -> bool {
        bound <= self.best.map_or(self.order.deadline, |best| best.delivered)
    }
    /// Whether this courier, who cannot deliver before this, could be chosen.
    #[inline]
    pub fn counts_for(&self, bound: SimTime, courier: CourierId) -> bool {
        self.best.map_or(bound <= self.order.deadline, |best| (bound, courier) < (best.delivered, best.courier))
    }
    /// A courier.
    pub fn meet(&mut self, courier: &CommittedCourier) {
        if let Some(plan) = plan(self.order, courier, self.travel)
            && plan.delivered <= self.order.deadline
            && self.best.is_none_or(|b| (plan.delivered, plan.courier) < (b.delivered, b.courier))
        {
            self.best = Some(plan);
        }
    }
}

/// The earliest this courier can deliver: in the first shift in which the pick-up falls before its end.
fn plan(order: &PlacedOrder, courier: &CommittedCourier, travel: &Travel) -> Option<Commitment> {
    let approach = travel.road(travel.space().distance(courier.free_spot, order.store));
    let earliest = courier.free_at.max(order.placed);
    for (on, off) in courier.shifts.iter().filter(|(_, off)| *off >= earliest) {
        let set_out = earliest.max(*on);
        let arrival = set_out + travel.time_of_road(approach, set_out);
        let pickup = (arrival + order.pickup_service.half()).max(order.ready);
        if pickup > *off {
            continue;
        }
        let leave = pickup + (order.pickup_service - order.pickup_service.half());
        let door = leave + travel.time_of_road(order.ride, leave);
        return Some(Commitment {
            courier: courier.courier,
            approach,
            shift_start: *on,
            delivered: door + order.door_to_delivered,
            free_at: door + order.door_service,
        });
    }
    None
}
