//! Sourcing: which node serves an order.

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
}

/// The nearest open store within its radius that has every line available, else the warehouse. Ties by store id.
#[inline]
pub fn nearest_stocked(candidates: &Candidates, from: Spot, stores: &impl StoreView) -> Plan {
    match candidates.nearest(from, |s| stores.stocked(StoreId(s)) && stores.open(StoreId(s))) {
        Some(found) => Plan::Near {
            store: StoreId(found.store),
            distance: found.distance,
        },
        None if candidates.nearest(from, |s| stores.open(StoreId(s))).is_some() => Plan::Far(FarReason::NoStock),
        None => Plan::Far(FarReason::NoStore),
    }
}
