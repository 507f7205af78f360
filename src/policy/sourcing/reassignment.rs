//! Reassignment: the store whose couriers would be at the door first.

use crate::policy::dispatch::store_couriers::StoreCommitment;
use crate::units::StoreId;

/// The store with the earliest arrival at the door, the lower id on ties; stores that cannot deliver are passed over.
///
/// Myopic: it minimises this order's time and does not price the courier hours that a farther store costs all orders
/// after it, so on a loaded city it can be worse than the nearest store.
pub fn reassignment(
    options: impl Iterator<Item = (StoreId, Option<StoreCommitment>)>,
) -> Option<(StoreId, StoreCommitment)> {
    let able = options.filter_map(|(store, plan)| Some((store, plan?)));
    able.min_by_key(|(store, plan)| (plan.at_door, *store))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::space::Spot;
    use crate::policy::dispatch::store_couriers::Trip;
    use crate::units::{CourierId, SimTime};

    fn plan(at_door: i64) -> Option<StoreCommitment> {
        let [at_door, free_at] = [at_door, at_door + 5].map(SimTime);
        let zero = SimTime::ZERO;
        let trip =
            Trip { taken_over: zero, last_door: Spot::default(), last_end: at_door, shift_start: zero, orders: 1 };
        Some(StoreCommitment { courier: CourierId(0), at_door, free_at, trip, joins: false })
    }

    #[test]
    fn the_earliest_door_decides_then_the_lower_id_and_stores_that_cannot_deliver_do_not_count() {
        let of = |plans: &[(u32, Option<StoreCommitment>)]| {
            let options = plans.iter().map(|(store, plan)| (StoreId(*store), *plan));
            reassignment(options).map(|(store, _)| store.0)
        };
        assert_eq!(of(&[(0, None), (1, plan(9)), (2, plan(7)), (3, plan(7))]), Some(2));
        assert_eq!(of(&[(0, None)]), None);
    }
}
