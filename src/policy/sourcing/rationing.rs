//! Rationing: how many units of a SKU a store keeps from near orders for consumers who walk in.
//!
//! A near order takes a unit only if more than the protection level is available. Protecting costs near orders and
//! saves walk-in sales; which is worth more, the margins say.

use crate::scenario::RationingPolicy;

/// The rule of a scenario.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rule {
    /// The policy.
    pub policy: RationingPolicy,
    /// Units kept by `static`, and at most by `time`.
    pub protect_units: u32,
    /// Margin of a unit sold near over that of a unit sold to a walk-in.
    pub margin_ratio: f64,
    /// Hours before the end of the span in which `time` lets its protection go.
    pub release_h: f64,
}

/// One SKU at one store, from now to the end of the span: the next replenishment or closing, whichever comes first.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Prospect {
    /// Units that walk-ins are expected to ask for.
    pub walk_in_units: f64,
    /// Length of the span (h).
    pub hours_left: f64,
}

impl Rule {
    /// Units kept from near orders.
    pub fn protected(&self, prospect: &Prospect) -> u32 {
        match self.policy {
            RationingPolicy::None => 0,
            RationingPolicy::Static => self.protect_units,
            RationingPolicy::Littlewood => littlewood(prospect.walk_in_units, self.margin_ratio),
            RationingPolicy::Time => {
                let left = (prospect.hours_left / self.release_h.max(1e-9)).clamp(0.0, 1.0);
                (f64::from(self.protect_units) * left).ceil() as u32
            }
        }
    }
}

/// The least y with P(D > y) ≤ `margin_ratio`, D Poisson with this mean: a unit is kept as long as selling it to a
/// walk-in later is expected to earn more than selling it near now.
///
/// Source: Littlewood (1972), for two classes of which the dearer comes later.
pub fn littlewood(mean: f64, margin_ratio: f64) -> u32 {
    // The share of days with more than y; y of some thousands is beyond any shelf.
    let mut exceeds = PoissonTail::new(mean);
    (0..u32::from(u16::MAX)).find(|_| exceeds.next_exceeding() <= margin_ratio).unwrap_or(u32::from(u16::MAX))
}

/// P(D ≥ n) for D Poisson with this mean.
pub fn poisson_at_least(mean: f64, n: u32) -> f64 {
    let mut tail = PoissonTail::new(mean);
    (0..n).fold(1.0, |_, _| tail.next_exceeding())
}

/// P(D > 0), P(D > 1), … one after the other.
struct PoissonTail {
    ln_mean: f64,
    /// Logarithm of P(D = k), so that a large mean does not underflow.
    ln_mass: f64,
    k: f64,
    up_to: f64,
}

impl PoissonTail {
    fn new(mean: f64) -> Self {
        let mean = mean.max(0.0);
        PoissonTail { ln_mean: mean.ln(), ln_mass: -mean, k: 0.0, up_to: 0.0 }
    }
    fn next_exceeding(&mut self) -> f64 {
        self.up_to += self.ln_mass.exp();
        self.k += 1.0;
        self.ln_mass += self.ln_mean - self.k.ln();
        (1.0 - self.up_to).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(policy: RationingPolicy) -> Rule {
        Rule { policy, protect_units: 3, margin_ratio: 0.5, release_h: 4.0 }
    }
    fn prospect(walk_in_units: f64, hours_left: f64) -> Prospect {
        Prospect { walk_in_units, hours_left }
    }

    #[test]
    fn poisson_tails_are_those_of_the_tables() {
        // Mean 2: P(D >= 1) = 1 - e^-2, P(D >= 3) = 1 - 5 e^-2.
        let e2 = (-2.0_f64).exp();
        for (n, exact) in [(0, 1.0), (1, 1.0 - e2), (3, 1.0 - 5.0 * e2)] {
            assert!((poisson_at_least(2.0, n) - exact).abs() < 1e-12, "{n}");
        }
        assert_eq!([poisson_at_least(0.0, 0), poisson_at_least(0.0, 1)], [1.0, 0.0]);
        let large = poisson_at_least(1000.0, 1000);
        assert!((large - 0.504_2).abs() < 1e-3, "{large}");
    }

    #[test]
    fn littlewood_keeps_the_critical_fractile_and_grows_with_demand_and_the_dearer_margin() {
        // Mean 2: P(D > 1) = .594, P(D > 2) = .323, P(D > 3) = .143.
        assert_eq!([0.6, 0.5, 0.3, 0.1].map(|ratio| littlewood(2.0, ratio)), [1, 2, 3, 4]);
        assert_eq!([littlewood(2.0, 1.0), littlewood(0.0, 0.0)], [0, 0]);
        let by_ratio: Vec<u32> = (1..40).map(|i| littlewood(7.0, f64::from(i) / 40.0)).collect();
        assert!(by_ratio.windows(2).all(|y| y[0] >= y[1]) && by_ratio[0] > by_ratio[38], "{by_ratio:?}");
        let by_mean: Vec<u32> = (0..40).map(|i| littlewood(f64::from(i) / 2.0, 0.4)).collect();
        assert!(by_mean.windows(2).all(|y| y[0] <= y[1]) && by_mean[0] < by_mean[39], "{by_mean:?}");
    }

    #[test]
    fn littlewood_is_the_best_level_when_every_level_is_tried() {
        // 6 units, a near buyer for each of them now, walk-ins later: the level of most expected margin.
        let (mean, near, walk_in) = (2.5, 4.0, 10.0);
        let earned = |y: u32| {
            let sold: f64 = (1..=y).map(|n| poisson_at_least(mean, n)).sum();
            near * f64::from(6 - y) + walk_in * sold
        };
        let best = (0..=6).max_by(|x, y| earned(*x).total_cmp(&earned(*y))).unwrap();
        assert_eq!(littlewood(mean, near / walk_in), best);
    }

    #[test]
    fn time_lets_go_before_the_end_and_static_never_does() {
        let level = |policy, hours| rule(policy).protected(&prospect(5.0, hours));
        let by_time = [9.0, 4.0, 3.0, 1.0, 0.0].map(|hours| level(RationingPolicy::Time, hours));
        assert_eq!(by_time, [3, 3, 3, 1, 0]);
        assert_eq!(level(RationingPolicy::Static, 0.0), 3);
        assert_eq!(level(RationingPolicy::None, 9.0), 0);
    }
}
