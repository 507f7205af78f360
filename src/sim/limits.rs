//! Limits: stores that are too busy to be offered. Off unless `near.max_queue_orders` or `near.max_quote_min` is set.

use super::schedule::Desk;
use crate::city::nodes::Candidates;
use crate::city::space::Spot;
use crate::policy::sourcing::limits::Limits;
use crate::scenario::Scenario;
use crate::units::{OrderId, SimDuration, SimTime, StoreId};

/// The limits of a scenario; None if there is none.
pub(super) fn limits_of(scenario: &Scenario) -> Option<Limits> {
    let near = &scenario.near;
    let quote = near.max_quote_min.map(SimDuration::from_minutes);
    (near.max_queue_orders.is_some() || quote.is_some()).then_some(Limits { queue: near.max_queue_orders, quote })
}

impl Desk<'_> {
    /// Whether a store may be offered to the consumer of an order at this distance, as its pickers and couriers stand.
    #[inline]
    pub(super) fn within_limits(
        &self,
        now: SimTime,
        order: OrderId,
        store: StoreId,
        distance: impl FnOnce() -> f64,
    ) -> bool {
        let Some(limits) = &self.rules.sourcing.limits else { return true };
        limits.offer(self.offers.at_pickers(store), || {
            let mut row = self.orders.rows[order.index()];
            (row.store, row.ride) = (store, self.ground.city.travel.road(distance()));
            let traced = self.ground.city.demand.trace.get(order.index());
            self.quoted(now, &row, self.offers.level(store), traced)
        })
    }

    /// Whether limits are why none of the stores that are `fit` was offered.
    pub(super) fn too_busy(&self, candidates: &Candidates, home: Spot, fit: impl Fn(StoreId) -> bool) -> bool {
        self.rules.sourcing.limits.is_some() && candidates.nearest(home, |store| fit(StoreId(store))).is_some()
    }
}
