//! The nearest store that can serve the order.

use super::{Offer, Plan, Terms};
use crate::city::nodes::Candidates;
use crate::city::space::Spot;
use crate::event::FarReason;
use crate::units::StoreId;

/// What sourcing may know of the stores.
pub trait StoreView {
    /// Whether the store takes near-field orders now.
    fn open(&self, store: StoreId) -> bool;
    /// Whether every line of the order is available there.
    fn stocked(&self, store: StoreId) -> bool;
}

/// The nearest open store within its radius that has every line available, else the warehouse. Ties by store id.
#[inline]
pub fn nearest_stocked(candidates: &Candidates, from: Spot, stores: &impl StoreView) -> Plan {
    match candidates.nearest(from, |s| stores.stocked(StoreId(s)) && stores.open(StoreId(s))) {
        Some(found) => Plan::Near { store: StoreId(found.store), distance: found.distance },
        None if candidates.nearest(from, |s| stores.open(StoreId(s))).is_some() => Plan::Far(FarReason::NoStock),
        None => Plan::Far(FarReason::NoStore),
    }
}

/// The measure of an offer by distance alone, in minutes of riding; busy stores count as further away by the load
/// balance.
pub fn minutes(offer: &Offer, terms: &Terms) -> f64 {
    offer.ride.minutes() + terms.balance_min(offer.queue)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{offer, terms};
    use super::super::{Terms, least};
    use super::*;
    use crate::units::SimDuration;

    #[test]
    fn a_busy_nearest_store_loses_to_the_next_by_load_balance_only() {
        let busy = Offer { queue: SimDuration::from_minutes(9.0), ..offer(0) };
        let next = Offer { ride: SimDuration::from_minutes(7.0), ..offer(1) };
        let chosen = |weight| {
            let terms = Terms { balance_weight: weight, ..terms() };
            least(&[busy, next], |o| minutes(o, &terms)).unwrap().0
        };
        assert_eq!([0.0, 0.5, 1.0].map(chosen), [0, 0, 1]);
    }
}
