//! The store from which the order costs least, by the same cost section that the ledger of a run is kept by.

use super::{Offer, Terms, fastest};

/// The measure of an offer: expected cost in yuan, plus the load balance.
///
/// Courier (fee, what the hour adds to it, way to the door), picker (mean picking time), packaging and inbound, expected return, and the
/// compensation times the chance of being late. The courier's way to the store is left out: who rides it is decided
/// when the order is packed, and whoever is idle now says so little about it that counting them made orders dearer.
pub fn yuan(offer: &Offer, terms: &Terms) -> f64 {
    let courier = terms.extra_yuan + terms.km_yuan * offer.road / 1000.0;
    let picker = terms.picker_yuan_per_h * offer.pick.hours();
    let late = terms.late_yuan * late_share(offer, terms);
    terms.near_yuan + courier + picker + late + terms.minute_yuan * terms.balance_min(offer.queue)
}

/// The chance of delivery after the promise: expected time and variance of the parts, taken as logistic.
///
/// Orders in the picker queue vary as this one does, so that the queue's variance is cv² × pick × queue; waiting for a
/// courier to become free varies by as much as it lasts.
pub fn late_share(offer: &Offer, terms: &Terms) -> f64 {
    let (pick, queue) = (offer.pick.minutes(), offer.queue.minutes());
    let waiting = offer.courier_queue.minutes();
    let door = terms.door_sd.minutes();
    let variance = offer.pick_cv * offer.pick_cv * pick * (pick + queue) + waiting * waiting + door * door;
    let beyond = fastest::expected(offer, terms).minutes() - terms.promise.minutes();
    if variance <= 0.0 {
        return if beyond > 0.0 { 1.0 } else { 0.0 };
    }
    // The logistic curve closest to the normal one: within .01 everywhere.
    1.0 / (1.0 + (-1.702 * beyond / variance.sqrt()).exp())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{offer, terms};
    use super::super::{Terms, least};
    use super::*;
    use crate::units::SimDuration;

    #[test]
    fn cost_is_what_the_ledger_would_write_down() {
        // 6 + 1 km + 6 min at 30 yuan/h; 18 of 30 min, and nothing varies.
        assert_eq!(yuan(&offer(0), &terms()), 6.0 + 1.0 + 3.0);
        assert_eq!(yuan(&offer(0), &Terms { extra_yuan: 1.5, ..terms() }), 6.0 + 1.0 + 3.0 + 1.5);
    }

    #[test]
    fn a_slow_near_store_loses_once_lateness_costs_more_than_the_way() {
        let slow = Offer { queue: SimDuration::from_minutes(20.0), ..offer(0) };
        let further = Offer { road: 2500.0, ..offer(1) };
        let chosen = |late_yuan| {
            let terms = Terms { late_yuan, ..terms() };
            least(&[slow, further], |o| yuan(o, &terms)).unwrap().0
        };
        assert_eq!([0.0, 1.0, 2.0].map(chosen), [0, 0, 1]);
    }

    #[test]
    fn the_chance_of_lateness_is_one_half_at_the_promise_and_grows_with_the_queue() {
        let varying = |queue| Offer { pick_cv: 0.5, queue: SimDuration::from_minutes(queue), ..offer(0) };
        let share = |queue| late_share(&varying(queue), &terms());
        assert!((share(12.0) - 0.5).abs() < 1e-12);
        assert!(share(2.0) < share(8.0) && share(8.0) < share(12.0) && share(12.0) < share(30.0));
    }
}
