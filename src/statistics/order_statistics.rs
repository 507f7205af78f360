//! Room: statistics. Intervals of quantiles of independent values, whatever their distribution.
//!
//! For a p90 over orders of one run take the p90 of each replication and a t-interval: orders of a day are not independent.

use super::{Confidence, StatisticsError, at_least, known};
use statrs::distribution::{Binomial, DiscreteCDF};

/// Which of the sorted values bound a quantile.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Ranks {
    /// Rank of the lower bound, from 1.
    pub low: usize,
    /// Rank of the upper bound, from 1.
    pub high: usize,
    /// The chance that the quantile lies between them, at least the confidence.
    pub coverage: f64,
}

/// Ranks that bound the quantile `p` of `n` independent values (David and Nagaraja 2003, section 7.1): with B binomial of
/// n and p, the quantile α/2 of B and the quantile 1 - α/2 plus 1; the interval covers P(low ≤ B < high). `None` if n is
/// too small to bound it on both sides.
pub fn quantile_ranks(n: usize, p: f64, confidence: Confidence) -> Option<Ranks> {
    if !(p > 0.0 && p < 1.0) {
        return None;
    }
    let below = Binomial::new(p, n as u64).ok()?;
    let low = below.inverse_cdf(1.0 - confidence.upper()) as usize;
    let high = below.inverse_cdf(confidence.upper()) as usize + 1;
    if low < 1 || high > n {
        return None;
    }
    let coverage = below.cdf(high as u64 - 1) - below.cdf(low as u64 - 1);
    Some(Ranks { low, high, coverage })
}

/// The values that bound the quantile `p` of independent values; see [`quantile_ranks`].
pub fn quantile_interval(
    values: &[f64],
    p: f64,
    confidence: Confidence,
) -> Result<Option<(f64, f64)>, StatisticsError> {
    at_least("values", values.len(), 1)?;
    known("values", values)?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Ok(quantile_ranks(values.len(), p, confidence).map(|ranks| (sorted[ranks.low - 1], sorted[ranks.high - 1])))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{close, picker};
    use super::*;

    #[test]
    fn ranks_and_coverage_are_those_of_the_reference() {
        for (n, p, low, high, coverage) in [(200, 0.9, 171, 189, 0.9668839009), (1000, 0.95, 936, 964, 0.9580952682)] {
            let found = quantile_ranks(n, p, Confidence::default()).unwrap();
            assert_eq!((found.low, found.high), (low, high));
            close(found.coverage, coverage, 1e-9);
        }
    }

    #[test]
    fn ranks_are_the_quantiles_of_the_binomial_distribution_by_its_terms() {
        for n in 1..=60 {
            for p in [0.05, 0.3, 0.5, 0.8, 0.9] {
                let term = |k: i32| {
                    (1..=k).fold(1.0, |c, i| c * f64::from(n - k + i) / f64::from(i))
                        * f64::powi(p, k)
                        * (1.0 - p).powi(n - k)
                };
                let below = |k: i32| (0..=k).map(term).sum::<f64>();
                let quantile = |q: f64| (0..=n).find(|&k| below(k) >= q - 1e-12).unwrap();
                let (low, high) = (quantile(0.025), quantile(0.975) + 1);
                let expected = (low >= 1 && high <= n).then_some((low as usize, high as usize));
                let found = quantile_ranks(n as usize, p, Confidence::default());
                assert_eq!(found.map(|ranks| (ranks.low, ranks.high)), expected, "{n} values, {p}");
                assert!(found.is_none_or(|ranks| (ranks.coverage - (below(high - 1) - below(low - 1))).abs() < 1e-9));
            }
        }
    }

    #[test]
    fn too_few_values_bound_nothing() {
        assert_eq!(quantile_ranks(20, 0.99, Confidence::default()), None);
        assert_eq!(quantile_ranks(5, 0.5, Confidence::default()), None);
        assert_eq!(quantile_ranks(100, 1.0, Confidence::default()), None);
        assert!(quantile_ranks(6, 0.5, Confidence::default()).is_some_and(|ranks| ranks.low == 1 && ranks.high == 6));
    }

    #[test]
    fn the_interval_covers_as_often_as_it_says() {
        let mut pick = picker(4);
        let mut hits = 0;
        for _ in 0..400 {
            let values: Vec<f64> = (0..100).map(|_| pick(1_000_000) as f64).collect();
            let (low, high) = quantile_interval(&values, 0.8, Confidence::default()).unwrap().unwrap();
            hits += usize::from(low <= 800_000.0 && 800_000.0 <= high);
        }
        // 95 % or a little more; three standard deviations below are 367.
        assert!(hits >= 367, "{hits} of 400");
    }
}
