//! Room: study. How many replications a paired comparison takes: when to stop, and how many a wanted half-width would take.

use crate::statistics::Confidence;
pub use crate::statistics::sequential::{FEWEST, LOOK_AHEAD};
use crate::statistics::student::{paired, replications_needed};

/// More than this is not asked of anybody.
const MOST: usize = 1_000_000;

/// A half-width that is wanted of a paired difference.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum HalfWidth {
    /// This share of the mean of the base over the same replications.
    OfBase(f64),
    /// In the unit of the KPI.
    Absolute(f64),
}

/// How precisely a KPI is to be known.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Precision {
    /// The KPI.
    pub metric: &'static str,
    /// Half-width of the interval of its paired difference, at most.
    pub half_width: HalfWidth,
}

impl HalfWidth {
    /// In the unit of the KPI, where the mean of the base is this.
    pub fn in_unit(self, base_mean: f64) -> f64 {
        match self {
            HalfWidth::OfBase(share) => share * base_mean.abs(),
            HalfWidth::Absolute(value) => value,
        }
    }
}

/// Whether the interval of the mean difference, what-if less base, two-sided at `level` (.05 for 95 %), is as narrow as
/// wanted after these replications, and was after each of the [`LOOK_AHEAD`] before them, at least [`FEWEST`] from the
/// start. Replications without a value on a side are no pairs, but count as replications.
pub fn settled(base: &[f64], whatif: &[f64], wanted: HalfWidth, level: f64) -> bool {
    let n = base.len().min(whatif.len());
    let Ok(confidence) = Confidence::new(1.0 - level) else { return false };
    let narrow = |n: usize| {
        let both = base[..n].iter().zip(&whatif[..n]).filter(|(a, b)| a.is_finite() && b.is_finite());
        let (a, b): (Vec<f64>, Vec<f64>) = both.map(|(a, b)| (*a, *b)).unzip();
        let base_mean = a.iter().sum::<f64>() / a.len() as f64;
        paired(&b, &a, confidence).is_ok_and(|found| found.difference.half_width <= wanted.in_unit(base_mean))
    };
    n >= FEWEST + LOOK_AHEAD && (n - LOOK_AHEAD..=n).all(narrow)
}

/// The fewest replications whose interval, two-sided at `level`, is no wider than `wanted` to either side if their standard
/// deviation is `sd`; None beyond a million, or where nothing is wanted.
pub fn needed(sd: f64, wanted: f64, level: f64) -> Option<usize> {
    let confidence = Confidence::new(1.0 - level).ok()?;
    replications_needed(sd, wanted, confidence).filter(|needed| *needed <= MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::student::t_quantile;

    /// Differences that swing by `swing` about .5 on a base of 100.
    fn days(n: usize, swing: f64) -> (Vec<f64>, Vec<f64>) {
        let base: Vec<f64> = (0..n).map(|i| 100.0 + (i % 7) as f64 - 3.0).collect();
        let whatif = base.iter().enumerate().map(|(i, base)| base + 0.5 + if i % 2 == 0 { swing } else { -swing });
        (base.clone(), whatif.collect())
    }

    #[test]
    fn a_half_width_has_to_hold_through_the_look_ahead() {
        // With sd s the half-width after 15 is t(.975, 14) s / sqrt(15), after 10 t(.975, 9) s / sqrt(10).
        let (base, whatif) = days(15, 1.0);
        let sd = paired(&whatif[..10], &base[..10], Confidence::default()).unwrap().standard_deviation;
        let at_ten = 2.2621571628 * sd / 10f64.sqrt();
        assert!(settled(&base, &whatif, HalfWidth::Absolute(at_ten + 1e-6), 0.05));
        assert!(!settled(&base, &whatif, HalfWidth::Absolute(at_ten - 1e-6), 0.05), "fine after 15, not after 10");
        assert!(settled(&base, &whatif, HalfWidth::OfBase(0.01), 0.05), "1 % of 100");
        assert!(!settled(&base, &whatif, HalfWidth::OfBase(0.005), 0.05));
        assert!(!settled(&base[..14], &whatif[..14], HalfWidth::OfBase(1.0), 0.05), "never before 10 and 5");
    }

    #[test]
    fn a_later_surprise_reopens_the_question() {
        let (base, mut whatif) = days(20, 0.1);
        assert!(settled(&base, &whatif, HalfWidth::Absolute(0.1), 0.05));
        whatif[19] += 50.0;
        assert!(!settled(&base, &whatif, HalfWidth::Absolute(0.1), 0.05));
        whatif[19] = f64::NAN;
        assert!(settled(&base, &whatif, HalfWidth::Absolute(0.1), 0.05), "no pair, no surprise");
        assert!(!settled(&base, &[f64::NAN; 20], HalfWidth::Absolute(9.0), 0.05), "no data is no precision");
    }

    #[test]
    fn needed_replications_are_the_fewest_that_do() {
        let half_width = |sd: f64, n: usize| t_quantile(0.975, n as f64 - 1.0) * sd / (n as f64).sqrt();
        for (sd, wanted) in [(1.0, 0.33), (2.5, 0.1), (1.0, 5.0)] {
            let n = needed(sd, wanted, 0.05).unwrap();
            assert!(half_width(sd, n) <= wanted);
            assert!(n == 2 || half_width(sd, n - 1) > wanted, "{n}");
        }
        // (1.96 / .33)^2 = 35.3, and t asks for a little more.
        assert_eq!(needed(1.0, 0.33, 0.05), Some(38));
        assert!(needed(1.0, 0.33, 0.01) > needed(1.0, 0.33, 0.05));
        assert_eq!((needed(1.0, 0.0, 0.05), needed(1.0, 1e-9, 0.05)), (None, None));
    }
}
