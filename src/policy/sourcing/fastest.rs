//! The store from which the order would be at the door first.

use super::{Offer, Terms};
use crate::units::SimDuration;

/// The measure of an offer: expected minutes from placement to delivery, plus the load balance.
pub fn minutes(offer: &Offer, terms: &Terms) -> f64 {
    expected(offer, terms).minutes() + terms.balance_min(offer.queue)
}

/// Expected time from placement to delivery: picker queue, picking, courier, ride, hand-over.
pub fn expected(offer: &Offer, terms: &Terms) -> SimDuration {
    offer.queue + offer.pick + offer.courier + terms.pickup_service + offer.ride + terms.door
}

/// What can be seen of the couriers when an order is sourced.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Fleet {
    /// Time the nearest idle courier would ride to the store; None if nobody is idle.
    pub nearest_idle: Option<SimDuration>,
    /// Packed orders without a courier.
    pub waiting: u32,
    /// Couriers on duty.
    pub on_duty: u32,
}

/// How long a packed order will wait for its courier to arrive, and how much of that is waiting for one to become free.
///
/// With an idle courier it is the nearest one's ride. Otherwise n couriers become free every `cycle`/n (there, back
/// and both services); the order is behind those that wait already, the time until it is packed counts, and the
/// courier comes from a door as far away as this one.
pub fn courier_wait(
    fleet: &Fleet,
    until_packed: SimDuration,
    cycle: SimDuration,
    ride: SimDuration,
) -> [SimDuration; 2] {
    if let Some(approach) = fleet.nearest_idle {
        return [approach, SimDuration::ZERO];
    }
    let turns = i64::from(fleet.waiting) + 1;
    let freed = SimDuration(cycle.0 * turns / i64::from(fleet.on_duty.max(1)));
    let queue = SimDuration((freed - until_packed).0.max(0));
    [queue + ride, queue]
}

#[cfg(test)]
mod tests {
    use super::super::tests::{offer, terms};
    use super::*;

    fn min(minutes: f64) -> SimDuration {
        SimDuration::from_minutes(minutes)
    }

    #[test]
    fn every_span_until_the_door_counts() {
        let offer = Offer { queue: min(3.0), ..offer(0) };
        assert_eq!(minutes(&offer, &terms()), 3.0 + 6.0 + 2.0 + 2.0 + 4.0 + 4.0);
    }

    #[test]
    fn without_an_idle_courier_the_order_waits_its_turn() {
        let idle = Fleet { nearest_idle: Some(min(3.0)), waiting: 4, on_duty: 10 };
        assert_eq!(courier_wait(&idle, min(6.0), min(20.0), min(5.0)), [min(3.0), min(0.0)]);
        let busy = Fleet { nearest_idle: None, ..idle };
        // The fifth courier of ten comes free after 10 min, 4 min after it is packed, and rides 5 min.
        assert_eq!(courier_wait(&busy, min(6.0), min(20.0), min(5.0)), [min(9.0), min(4.0)]);
        let alone = Fleet { nearest_idle: None, waiting: 0, on_duty: 0 };
        assert_eq!(courier_wait(&alone, min(6.0), min(20.0), min(5.0)), [min(19.0), min(14.0)]);
    }
}
