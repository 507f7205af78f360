//! What a sample says of a known value or distribution.

use statrs::distribution::{ChiSquared, ContinuousCDF};

/// False alarms are one in a million for a mean, one in ten thousand for a distribution.
const SIGMAS: f64 = 4.9;
const ALPHA: f64 = 1e-4;

/// Mean and standard error over independent replications.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    pub(super) mean: f64,
    pub(super) standard_error: f64,
}

impl Estimate {
    pub(super) fn of(values: &[f64]) -> Estimate {
        assert!(values.len() >= 30, "a standard error from {} values", values.len());
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
        Estimate { mean, standard_error: (variance / n).sqrt() }
    }
    /// One for each of the figures that every replication gives.
    pub(super) fn each<const N: usize>(replications: &[[f64; N]]) -> [Estimate; N] {
        std::array::from_fn(|i| Estimate::of(&replications.iter().map(|figures| figures[i]).collect::<Vec<_>>()))
    }
    pub(super) fn agrees_with(self, known: f64) -> bool {
        (self.mean - known).abs() <= SIGMAS * self.standard_error
    }
    /// Agrees with the known value, and is no coarser than this share of it.
    #[track_caller]
    pub(super) fn assert(self, what: &str, known: f64, precision: f64) {
        println!("{what}: {:.6} ± {:.6}, known {known:.6}", self.mean, self.standard_error);
        assert!(self.standard_error <= precision * known.abs(), "{what} is too coarse for {known}: {self:?}");
        assert!(self.agrees_with(known), "{what} is {known}, {self:?}");
    }
    /// A fault was seeded: the known value must be out of reach.
    #[track_caller]
    pub(super) fn rejects(self, what: &str, known: f64) {
        println!("{what}, faulty: {:.6} ± {:.6} is not {known:.6}", self.mean, self.standard_error);
        assert!(!self.agrees_with(known), "the fault in {what} goes unnoticed: {known} is known, {self:?}");
    }
}

/// Whether independent samples come from a continuous distribution, by the largest distance of Kolmogorov and Smirnov.
pub(super) fn follow(samples: &mut [f64], cdf: impl Fn(f64) -> f64) -> bool {
    samples.sort_unstable_by(f64::total_cmp);
    let n = samples.len() as f64;
    let gap = |(i, x): (usize, &f64)| {
        let p = cdf(*x);
        ((i as f64 + 1.0) / n - p).max(p - i as f64 / n)
    };
    let distance = samples.iter().enumerate().map(gap).fold(0.0, f64::max);
    let limit = ((2.0 / ALPHA).ln() / 2.0).sqrt();
    println!("{n} samples, Kolmogorov-Smirnov {:.3} of {limit:.3}", distance * n.sqrt());
    distance * n.sqrt() <= limit
}

/// Whether counts are those expected, by χ² with a degree of freedom each.
pub(super) fn fit(counts: &[f64], expected: &[f64]) -> bool {
    let sum: f64 = counts.iter().zip(expected).map(|(count, known)| (count - known).powi(2) / known).sum();
    let limit = ChiSquared::new(counts.len() as f64).expect("counts").inverse_cdf(1.0 - ALPHA);
    println!("χ² {sum:.2} of {limit:.2}");
    sum <= limit
}

/// Whether counts vary as those of a Poisson process: variance over mean is 1.
pub(super) fn disperse_like_poisson(counts: &[f64]) -> bool {
    let n = counts.len() as f64;
    let mean = counts.iter().sum::<f64>() / n;
    let index = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / (n - 1.0) / mean;
    println!("dispersion index {index:.4}");
    (index - 1.0).abs() <= SIGMAS * (2.0 / (n - 1.0)).sqrt()
}

/// Whether two series of counts vary without regard to each other.
pub(super) fn independent(x: &[f64], y: &[f64]) -> bool {
    let n = x.len() as f64;
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let sum = |f: &dyn Fn(f64, f64) -> f64| x.iter().zip(y).map(|(x, y)| f(x - mean_x, y - mean_y)).sum::<f64>();
    let correlation = sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt();
    println!("correlation {correlation:.4}");
    correlation.abs() * n.sqrt() <= SIGMAS
}
