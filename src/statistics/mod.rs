//! Room: statistics (floor 1). Numbers in, what they allow to say out; may use no other room; statrs.
//!
//! Everything here is a pure function of the values handed in. Nothing draws random numbers: what resamples is handed
//! a function that picks (`pick(n)` gives a whole number below n). docs/statistics.md has the formulas, their sources
//! and the reference numbers that the tests reproduce.
//!
//! - means: [`student`] intervals, paired and unpaired; [`multiple`] comparisons; [`sequential`] stopping;
//! - which is best: [`ranking`], [`pareto`]; what matters: [`morris`], [`sobol_indices`], [`regression`];
//! - shapes: [`knee`] of a curve, [`break_even`] line of a surface;
//! - one long run: [`warmup`], batch means; many single values: [`order_statistics`].

pub mod break_even;
pub mod knee;
pub mod morris;
pub mod multiple;
pub mod order_statistics;
pub mod pareto;
pub mod ranking;
pub mod regression;
pub mod sequential;
pub mod sobol_indices;
pub mod student;
pub mod warmup;

#[cfg(test)]
mod common_random_numbers;
#[cfg(test)]
mod testing;

pub use student::{Confidence, Estimate};

/// Which values of a figure are good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// The lower the better: cost, minutes, grams.
    Lower,
    /// The higher the better: margin, orders on time.
    Higher,
}

impl Direction {
    /// The value turned so that lower is better.
    fn cost(self, value: f64) -> f64 {
        match self {
            Direction::Lower => value,
            Direction::Higher => -value,
        }
    }
}

/// Why a method cannot say anything about the numbers it was given.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum StatisticsError {
    /// A confidence outside (0, 1).
    #[error("a confidence lies between 0 and 1, for example 0.95 for 95 %; found {0}")]
    Confidence(f64),
    /// Columns or rows that belong together have different lengths.
    #[error("{what}: {found} values where {expected} belong together")]
    Lengths {
        /// What is being put side by side.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// Less data than the method needs.
    #[error("{what}: {found} are there, at least {needed} are needed")]
    TooFew {
        /// What there is too little of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many it takes.
        needed: usize,
    },
    /// A setting of the method has no meaning.
    #[error("{what} must be {expected}; found {found}")]
    Setting {
        /// The setting.
        what: &'static str,
        /// What would have a meaning.
        expected: &'static str,
        /// What was given.
        found: f64,
    },
    /// A value is missing (not a number) where the method cannot do without.
    #[error("{0}: a value is missing; a run that failed must be left out or run again first")]
    Missing(&'static str),
    /// Nothing varies, so that nothing can be explained or shared out.
    #[error("{0} is the same in all runs: there is nothing to explain")]
    NothingVaries(&'static str),
    /// A factor cannot be told apart from others.
    #[error(
        "factor {factor} (counted from 1) never changes, or only together with those before it: vary it by itself to see what it does"
    )]
    Inseparable {
        /// Its place, from 1.
        factor: usize,
    },
    /// Two points in sequence differ in none or in several factors.
    #[error("between points {step} and {next} of a trajectory {moved} factors change; it takes exactly one")]
    NotOneFactor {
        /// The earlier point, from 1.
        step: usize,
        /// The later point.
        next: usize,
        /// How many factors change.
        moved: usize,
    },
    /// The axis of a curve or surface does not ascend.
    #[error("{0}: the values of an axis must ascend, each once")]
    Axis(&'static str),
    /// Two options share the best mean.
    #[error(
        "options {first} and {second} (counted from 1) have the same mean: no number of runs tells them apart; give one of them"
    )]
    SameMean {
        /// The best, from 1.
        first: usize,
        /// The other, from 1.
        second: usize,
    },
}

/// Refuses values that are not numbers.
fn known(what: &'static str, values: &[f64]) -> Result<(), StatisticsError> {
    if values.iter().all(|value| value.is_finite()) { Ok(()) } else { Err(StatisticsError::Missing(what)) }
}

/// Refuses a length other than expected.
fn same_length(what: &'static str, found: usize, expected: usize) -> Result<(), StatisticsError> {
    if found == expected { Ok(()) } else { Err(StatisticsError::Lengths { what, found, expected }) }
}

/// Refuses too little data.
fn at_least(what: &'static str, found: usize, needed: usize) -> Result<(), StatisticsError> {
    if found >= needed { Ok(()) } else { Err(StatisticsError::TooFew { what, found, needed }) }
}

/// Whether all values are the same. A variance cannot tell: the mean of 0.1, 0.1, 0.1 is not 0.1 to the last digit.
fn all_same(values: &[f64]) -> bool {
    values.windows(2).all(|pair| pair[0] == pair[1])
}

/// Mean; NaN of nothing.
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sample variance (divided by n - 1); NaN with fewer than two values.
fn variance(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return f64::NAN;
    }
    let mean = mean(values);
    values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)
}

/// The percentile interval of a bootstrap (Efron 1979): the ends that leave out half of the rest on each side, between
/// neighbours by linear interpolation. NaN of nothing.
fn percentile_interval(mut resampled: Vec<f64>, confidence: Confidence) -> (f64, f64) {
    resampled.retain(|value| value.is_finite());
    resampled.sort_by(f64::total_cmp);
    let at = |p: f64| match resampled.len() {
        0 => f64::NAN,
        n => {
            let place = p * (n - 1) as f64;
            let (below, above) = (place.floor() as usize, place.ceil() as usize);
            resampled[below] + (place - place.floor()) * (resampled[above] - resampled[below])
        }
    };
    (at(1.0 - confidence.upper()), at(confidence.upper()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bootstrap_interval_cuts_the_same_share_on_both_sides() {
        let resampled: Vec<f64> = (0..=1000).rev().map(f64::from).collect();
        let (low, high) = percentile_interval(resampled, Confidence::default());
        assert!((low - 25.0).abs() < 1e-9 && (high - 975.0).abs() < 1e-9, "{low} {high}");
        assert!(percentile_interval(vec![f64::NAN], Confidence::default()).0.is_nan());
    }
}
