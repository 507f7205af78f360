//! Sourcing: which node serves an order.
//!
//! Every policy is a pure function. `nearest_stocked` asks the nearest-store lists directly. The others look at
//! [`Offer`]s: what each of a few nearest stores that can serve the order would make of it. They give each offer a
//! measure, and the least one wins, the nearer store on ties ([`least`]).

pub mod bid_price;
pub mod cheapest;
pub mod closed_form;
pub mod dlp_clocks;
pub mod fastest;
pub mod limits;
pub mod nearest_stocked;
pub mod rationing;
pub mod reassignment;
pub mod split;
pub mod transport;

use crate::event::{CancelReason, FarReason};
use crate::units::{SimDuration, StoreId};

pub use nearest_stocked::{StoreView, nearest_stocked};

/// Where an order goes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Plan {
    /// To a store at this distance (of the metric, without detour).
    Near {
        /// The store.
        store: StoreId,
        /// Distance to the consumer.
        distance: f64,
    },
    /// To the central warehouse.
    Far(FarReason),
    /// Nowhere: the order is cancelled.
    Refused(CancelReason),
}

/// What one store would make of one order, as far as can be foreseen when it is decided.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Offer {
    /// The store: open, with every line available, the consumer within its radius.
    pub store: StoreId,
    /// Distance to the consumer, of the metric.
    pub distance: f64,
    /// Road length to the consumer (metres; seconds for `city.metric = "matrix"`).
    pub road: f64,
    /// Time to ride there.
    pub ride: SimDuration,
    /// Until a picker begins the order.
    pub queue: SimDuration,
    /// Mean picking time of the order.
    pub pick: SimDuration,
    /// Coefficient of variation of picking times there.
    pub pick_cv: f64,
    /// From packed to the courier's arrival at the store.
    pub courier: SimDuration,
    /// The part of `courier` that is waiting for one to become free.
    pub courier_queue: SimDuration,
    /// Shadow price of the units it would take, in yuan; 0 for policies without bid prices.
    pub bid_yuan: f64,
}

/// Pay, prices and service times that turn an [`Offer`] into yuan and minutes; all from the scenario.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Terms {
    /// What every near order costs: courier's fee, packaging, inbound, expected return (yuan).
    pub near_yuan: f64,
    /// What the courier gets on top at this hour (yuan).
    pub extra_yuan: f64,
    /// What an order from the warehouse costs, its expected return included (yuan).
    pub far_yuan: f64,
    /// Courier's pay per kilometre (yuan).
    pub km_yuan: f64,
    /// Wage of a picker (yuan/h).
    pub picker_yuan_per_h: f64,
    /// Compensation of a late order (yuan).
    pub late_yuan: f64,
    /// Promise, from placement to delivery.
    pub promise: SimDuration,
    /// Service at the store.
    pub pickup_service: SimDuration,
    /// Mean time from the door to what counts as delivered.
    pub door: SimDuration,
    /// Its standard deviation.
    pub door_sd: SimDuration,
    /// Minutes of riding that a minute of queueing beyond the slack counts for.
    pub balance_weight: f64,
    /// Queueing that costs nothing.
    pub balance_slack: SimDuration,
    /// What a minute of a courier's ride costs (yuan).
    pub minute_yuan: f64,
}

impl Terms {
    /// Minutes of riding that a busy store's queue counts for: weight × max(0, queue − slack).
    pub fn balance_min(&self, queue: SimDuration) -> f64 {
        self.balance_weight * (queue - self.balance_slack).minutes().max(0.0)
    }
}

/// The offer of least measure as its place in the list and the measure; the first one on ties. Offers come nearest
/// first with ties by store id, so that an equally good nearer store wins. None if there is no offer.
pub fn least(offers: &[Offer], measure: impl Fn(&Offer) -> f64) -> Option<(usize, f64)> {
    let mut best = None;
    for (place, offer) in offers.iter().enumerate() {
        let value = measure(offer);
        if best.is_none_or(|(_, least)| value < least) {
            best = Some((place, value));
        }
    }
    best
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A store 1 km away with nothing to wait for.
    pub(crate) fn offer(store: u32) -> Offer {
        Offer {
            store: StoreId(store),
            distance: 1000.0,
            road: 1000.0,
            ride: SimDuration::from_minutes(4.0),
            queue: SimDuration::ZERO,
            pick: SimDuration::from_minutes(6.0),
            pick_cv: 0.0,
            courier: SimDuration::from_minutes(2.0),
            courier_queue: SimDuration::ZERO,
            bid_yuan: 0.0,
        }
    }

    /// Round numbers: 6 yuan an order, 1 yuan a km, 30 yuan an hour of picking, 3 yuan if later than 30 min.
    pub(crate) fn terms() -> Terms {
        Terms {
            near_yuan: 6.0,
            extra_yuan: 0.0,
            far_yuan: 7.0,
            km_yuan: 1.0,
            picker_yuan_per_h: 30.0,
            late_yuan: 3.0,
            promise: SimDuration::from_minutes(30.0),
            pickup_service: SimDuration::from_minutes(2.0),
            door: SimDuration::from_minutes(4.0),
            door_sd: SimDuration::ZERO,
            balance_weight: 0.0,
            balance_slack: SimDuration::from_minutes(5.0),
            minute_yuan: 0.25,
        }
    }

    #[test]
    fn the_least_measure_wins_and_the_first_on_ties() {
        let offers = [offer(3), offer(5), offer(4)];
        assert_eq!(least(&offers, |o| [9.0, 1.0, 1.0][o.store.index() % 3]), Some((1, 1.0)));
        assert_eq!(least(&[], |_| 0.0), None);
    }

    #[test]
    fn a_queue_within_the_slack_weighs_nothing() {
        let terms = Terms { balance_weight: 2.0, ..terms() };
        assert_eq!(terms.balance_min(SimDuration::from_minutes(5.0)), 0.0);
        assert_eq!(terms.balance_min(SimDuration::from_minutes(8.0)), 6.0);
    }
}
