//! Room: statistics. When enough replications were run: the interval is narrow, and stays so for a few more.
//!
//! Without looking ahead a run of like values stops too early and the interval contains the truth less often than it says
//! (Hoad, Robinson and Davies 2010, whose look-ahead this is).

use super::StatisticsError;
use super::student::{Confidence, t_quantile};

/// The fewest replications after which an interval is looked at, unless another number is given.
pub const FEWEST: usize = 10;
/// For so many further replications it must stay narrow, unless another number is given.
pub const LOOK_AHEAD: usize = 5;

/// How narrow the interval must be.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Target {
    /// Half-width at most this share of the absolute mean: 0.01 for 1 %.
    Relative(f64),
    /// Half-width at most this, in the unit of the figure; for figures that may be near 0.
    Absolute(f64),
}

/// Stop at the first n ≥ `first` with t(1 - α/2, n - 1) · s / √n ≤ target for n and for the next `look_ahead` values.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct StopRule {
    target: Target,
    confidence: Confidence,
    first: usize,
    look_ahead: usize,
}

/// What the values so far allow.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Progress {
    /// No more replications are needed.
    Enough {
        /// Where the interval first was narrow and stayed so.
        narrow_from: usize,
        /// Replications that had to be seen to know: `narrow_from` and the look-ahead.
        seen: usize,
    },
    /// More are needed.
    NotYet {
        /// Half-width of all values so far; NaN with fewer than two, or if one is unknown.
        half_width: f64,
        /// What it must come down to; NaN likewise.
        wanted: f64,
        /// How many in sequence up to now were narrow enough.
        narrow_for: usize,
    },
}

impl StopRule {
    /// [`FEWEST`] replications at least and [`LOOK_AHEAD`] to look ahead, 95 %.
    pub fn new(target: Target) -> Result<Self, StatisticsError> {
        let (Target::Relative(width) | Target::Absolute(width)) = target;
        if !(width > 0.0 && width.is_finite()) {
            return Err(StatisticsError::Setting {
                what: "the half-width to stop at",
                expected: "above 0",
                found: width,
            });
        }
        Ok(StopRule { target, confidence: Confidence::default(), first: FEWEST, look_ahead: LOOK_AHEAD })
    }

    /// With another confidence.
    pub fn with_confidence(self, confidence: Confidence) -> Self {
        StopRule { confidence, ..self }
    }

    /// With another smallest number of replications, at least 2.
    pub fn with_first(self, first: usize) -> Result<Self, StatisticsError> {
        super::at_least("replications before stopping", first, 2)?;
        Ok(StopRule { first, ..self })
    }

    /// With another number of replications to look ahead; 0 for none.
    pub fn with_look_ahead(self, look_ahead: usize) -> Self {
        StopRule { look_ahead, ..self }
    }

    /// Judges the values so far, in the order of the replications: the answer depends on nothing else, so that it is the
    /// same on any machine. A value that is unknown leaves the rule unmet from there on.
    pub fn judge(&self, values: &[f64]) -> Progress {
        let (mut mean, mut squares) = (0.0, 0.0);
        let (mut narrow_for, mut half_width, mut wanted) = (0, f64::NAN, f64::NAN);
        for (value, n) in values.iter().zip(1..) {
            // Welford (1962): one pass without the cancellation of a sum of squares.
            let step = value - mean;
            mean += step / n as f64;
            squares += step * (value - mean);
            if n < 2 || (n < self.first && n < values.len()) {
                continue;
            }
            let freedom = n as f64 - 1.0;
            half_width = t_quantile(self.confidence.upper(), freedom) * (squares / freedom / n as f64).sqrt();
            wanted = match self.target {
                Target::Relative(share) => share * mean.abs(),
                Target::Absolute(width) => width,
            };
            narrow_for = if n >= self.first && half_width <= wanted { narrow_for + 1 } else { 0 };
            if narrow_for > self.look_ahead {
                return Progress::Enough { narrow_from: n - self.look_ahead, seen: n };
            }
        }
        Progress::NotYet { half_width, wanted, narrow_for }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{close, picker};
    use super::super::{Estimate, student::normal_quantile};
    use super::*;

    fn rule() -> StopRule {
        StopRule::new(Target::Relative(0.1)).unwrap().with_first(3).unwrap().with_look_ahead(2)
    }

    #[test]
    fn it_stops_when_the_interval_is_narrow_and_stays_narrow() {
        let same = [5.0; 10];
        assert!(matches!(rule().judge(&same[..4]), Progress::NotYet { narrow_for: 2, .. }));
        assert_eq!(rule().judge(&same[..5]), Progress::Enough { narrow_from: 3, seen: 5 });
        assert_eq!(rule().judge(&same), Progress::Enough { narrow_from: 3, seen: 5 }, "later values change nothing");
        assert_eq!(rule().with_look_ahead(0).judge(&same), Progress::Enough { narrow_from: 3, seen: 3 });
        let upset = [5.0, 5.0, 5.0, 9.0, 5.0, 5.0];
        assert!(matches!(rule().judge(&upset), Progress::NotYet { narrow_for: 0, .. }));
    }

    #[test]
    fn what_is_missing_is_told() {
        let values = [4.0, 6.0, 5.0, 7.0];
        let Progress::NotYet { half_width, wanted, narrow_for } = rule().judge(&values) else { panic!() };
        close(half_width, Estimate::of(&values, Confidence::default()).half_width, 1e-12);
        close(wanted, 0.55, 1e-12);
        assert_eq!(narrow_for, 0);
        // Before the first that counts, the half-width is told as well.
        let Progress::NotYet { half_width, .. } = rule().with_first(9).unwrap().judge(&values) else { panic!() };
        close(half_width, Estimate::of(&values, Confidence::default()).half_width, 1e-12);
        for few in [&values[..0], &values[..1]] {
            assert!(matches!(rule().judge(few), Progress::NotYet { half_width, .. } if half_width.is_nan()));
        }
        let gap = [5.0, f64::NAN, 5.0, 5.0, 5.0, 5.0, 5.0];
        assert!(matches!(rule().judge(&gap), Progress::NotYet { narrow_for: 0, .. }));
        assert!(StopRule::new(Target::Absolute(0.0)).is_err());
        assert!(rule().with_first(1).is_err());
    }

    #[test]
    fn an_absolute_target_serves_means_near_zero() {
        let values = [0.1, -0.1, 0.05, -0.05, 0.02, -0.02];
        assert!(matches!(rule().judge(&values), Progress::NotYet { .. }));
        let absolute = StopRule::new(Target::Absolute(0.5)).unwrap().with_first(3).unwrap().with_look_ahead(2);
        assert!(matches!(absolute.judge(&values), Progress::Enough { .. }));
    }

    /// How often the interval at the stop contains the mean of N(10, 2) values, wanted within 8 %.
    fn coverage(first: usize, look_ahead: usize, trials: usize) -> f64 {
        let rule =
            StopRule::new(Target::Relative(0.08)).unwrap().with_first(first).unwrap().with_look_ahead(look_ahead);
        let mut pick = picker(20_261_122);
        let mut hits = 0;
        for _ in 0..trials {
            // No trial comes near 120 values.
            let draw = |_| 10.0 + 2.0 * normal_quantile((pick(1_000_000) as f64 + 0.5) / 1e6);
            let values: Vec<f64> = (0..120).map(draw).collect();
            let Progress::Enough { seen, .. } = rule.judge(&values) else { panic!("120 values are too few") };
            let estimate = Estimate::of(&values[..seen], Confidence::default());
            hits += usize::from((estimate.mean - 10.0).abs() <= estimate.half_width);
        }
        hits as f64 / trials as f64
    }

    #[test]
    fn looking_ahead_brings_the_coverage_near_to_what_is_said() {
        // A reference simulation of 3000 trials; here fewer, within three standard errors of the difference.
        let trials = 800;
        let within = 3.0 * (0.94f64 * 0.06 * (1.0 / trials as f64 + 1.0 / 3000.0)).sqrt();
        let [hasty, patient] = [(3, 0, 0.915), (3, 5, 0.947)].map(|(first, look_ahead, reference)| {
            let found = coverage(first, look_ahead, trials);
            close(found, reference, within);
            found
        });
        assert!(hasty < patient, "{hasty} without looking ahead, {patient} with it, on the same values");
        for (first, look_ahead, reference) in [(10, 0, 0.930), (10, 5, 0.941), (20, 5, 0.947)] {
            close(coverage(first, look_ahead, trials / 2), reference, 1.3 * within);
        }
    }
}
