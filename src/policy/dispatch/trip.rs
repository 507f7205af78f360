//! Trips: which orders of one store could share a courier, and how long their drop-offs take.

use super::view::{OpenOrder, Stop, View};
use crate::units::{CourierId, SimDuration, SimTime};

/// Orders of one store for one courier, in the sequence of their drop-offs.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Trip {
    /// Places in `view.orders`.
    pub orders: Vec<u32>,
    /// When the last of them is ready.
    pub ready: SimTime,
    /// When the first of them is ready.
    pub first_ready: SimTime,
    /// From leaving the store to each delivery, in sequence.
    pub deliveries: Vec<SimDuration>,
    /// From leaving the store to the end of the last hand-over.
    pub length: SimDuration,
    /// Courier who holds it by an open commitment.
    pub held_by: Option<CourierId>,
}

impl Trip {
    /// The trip that drops these orders off in this sequence.
    pub(super) fn new(view: &View, orders: Vec<u32>) -> Self {
        let order = |place: &u32| &view.orders[*place as usize];
        let ready = orders.iter().map(|o| order(o).ready).max().unwrap_or_default();
        let first_ready = orders.iter().map(|o| order(o).ready).min().unwrap_or_default();
        let held_by = orders.iter().find_map(|o| order(o).held_by);
        let leave = ready.max(view.now);
        let mut at = leave;
        let mut deliveries = Vec::with_capacity(orders.len());
        let mut previous: Option<&OpenOrder> = None;
        for next in orders.iter().map(order) {
            at += match previous {
                None => view.travel.time_of_road(next.ride, at),
                Some(previous) => view.ride(previous.home, next.home, at),
            };
            deliveries.push(at + view.service.door_to_delivered - leave);
            at += view.service.door;
            previous = Some(next);
        }
        Trip { orders, ready, first_ready, deliveries, length: at - leave, held_by }
    }
    /// Its orders, in the sequence of their drop-offs.
    pub(super) fn open_orders<'a>(&'a self, view: &'a View) -> impl Iterator<Item = &'a OpenOrder> {
        self.orders.iter().map(|place| &view.orders[*place as usize])
    }
    /// When goods are taken over and when the courier leaves, if they reach the store at `arrival`.
    pub(super) fn visit(&self, view: &View, arrival: SimTime) -> (SimTime, SimTime) {
        let half = view.service.pickup.half();
        let pickup = (arrival + half).max(self.ready);
        (pickup, pickup + (view.service.pickup - half))
    }
    /// Whether all of its orders are delivered within `most` of their placement, if the courier leaves then.
    pub(super) fn in_time(&self, view: &View, leave: SimTime, most: SimDuration) -> bool {
        self.open_orders(view).zip(&self.deliveries).all(|(order, delivery)| leave + *delivery - order.placed <= most)
    }
    /// The courier's stops, then all pick-ups, then all drop-offs of the trip; held ones are not repeated.
    pub(super) fn stops_after(&self, view: &View, stops: &[Stop]) -> Vec<Stop> {
        let ids = || self.open_orders(view).map(|order| order.order);
        let mut all: Vec<Stop> =
            stops.iter().filter(|stop| !ids().any(|order| order == stop.order())).copied().collect();
        all.extend(ids().map(Stop::PickUp));
        all.extend(ids().map(Stop::DropOff));
        all
    }
}
