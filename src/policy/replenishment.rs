//! How much a store orders from its supplier, and the levels by which it does.

use super::sourcing::rationing::littlewood;
use crate::scenario::ReplenishmentPolicy;

/// The levels of one SKU at one store.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Levels {
    /// At this position or below it is time to order (`s_S`, `r_Q`).
    pub reorder: u32,
    /// The position after an order (`order_up_to`, `s_S`).
    pub target: u32,
    /// Units in a batch (`r_Q`).
    pub batch: u32,
}

impl Levels {
    /// What stands on the shelf in the beginning.
    pub fn full(&self, policy: ReplenishmentPolicy) -> u32 {
        match policy {
            ReplenishmentPolicy::Batches => self.reorder + self.batch,
            _ => self.target,
        }
    }
}

/// Units to order at a position: available, less what waiting orders lack, plus on order.
pub fn units_to_order(policy: ReplenishmentPolicy, levels: &Levels, position: i64) -> u32 {
    let up_to = |level: u32| u32::try_from(i64::from(level) - position).unwrap_or(0);
    let low = position <= i64::from(levels.reorder);
    match policy {
        ReplenishmentPolicy::OrderUpTo => up_to(levels.target),
        ReplenishmentPolicy::MinMax if low => up_to(levels.target),
        ReplenishmentPolicy::Batches if low => {
            up_to(levels.reorder + 1).div_ceil(levels.batch.max(1)) * levels.batch.max(1)
        }
        _ => 0,
    }
}

/// Demand of Poisson customers over `days` with so many standard deviations added, in whole units.
pub fn base_stock(units_per_day: f64, days: f64, safety_z: f64) -> u32 {
    let mean = units_per_day * days;
    (mean + safety_z * mean.sqrt()).ceil().clamp(0.0, 30_000.0) as u32
}

/// The least q with P(D ≤ q) ≥ short / (short + over) for D Poisson: one unit more costs more when left over than it earns.
pub fn newsvendor(mean: f64, short: f64, over: f64) -> u32 {
    littlewood(mean, over / (short + over))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_policy_orders_up_to_its_level_when_it_is_time() {
        let levels = Levels { reorder: 6, target: 12, batch: 10 };
        let ordered = |policy| [13, 12, 7, 6, -5].map(|position| units_to_order(policy, &levels, position));
        assert_eq!(ordered(ReplenishmentPolicy::FullLevel), [0; 5]);
        assert_eq!(ordered(ReplenishmentPolicy::OrderUpTo), [0, 0, 5, 6, 17]);
        assert_eq!(ordered(ReplenishmentPolicy::MinMax), [0, 0, 0, 6, 17]);
        // From -5 one batch brings 5, which is not above 6: two.
        assert_eq!(ordered(ReplenishmentPolicy::Batches), [0, 0, 0, 10, 20]);
    }

    #[test]
    fn levels_are_those_of_the_textbook() {
        // 4 a day over 4 days: 16 and one standard deviation of 4.
        assert_eq!([base_stock(4.0, 4.0, 1.0), base_stock(4.0, 4.0, 0.0), base_stock(0.0, 4.0, 9.0)], [20, 16, 0]);
        // Poisson(4): P(D <= 3) = .433470, P(D <= 5) = .785130, P(D <= 7) = .948866.
        let of_ratio = |ratio: f64| newsvendor(4.0, ratio, 1.0 - ratio);
        assert_eq!([0.4334, 0.4336, 0.785, 0.7852, 0.94].map(of_ratio), [3, 4, 5, 6, 7]);
        assert_eq!(newsvendor(4.0, 0.0, 1.0), 0);
    }
}
