//! Room: statistics. Means of a few replications: Student's t for one mean, for pairs and for two unpaired samples.

use super::{StatisticsError, at_least, known, mean, same_length, variance};
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal, StudentsT};

/// How often an interval made this way contains the true value, strictly between 0 and 1.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
pub struct Confidence(f64);

impl Confidence {
    /// A confidence as a share: 0.95 for 95 %.
    pub fn new(share: f64) -> Result<Self, StatisticsError> {
        if share > 0.0 && share < 1.0 { Ok(Confidence(share)) } else { Err(StatisticsError::Confidence(share)) }
    }

    /// As a share.
    pub fn share(self) -> f64 {
        self.0
    }

    /// The chance α that an interval misses the true value.
    pub fn alpha(self) -> f64 {
        1.0 - self.0
    }

    /// The quantile of the upper end of a two-sided interval, 1 - α/2.
    pub(super) fn upper(self) -> f64 {
        (1.0 + self.0) / 2.0
    }

    /// The confidence each of `comparisons` intervals needs so that all hold together with this one: 1 - α/c
    /// (Bonferroni 1936).
    pub fn shared_by(self, comparisons: usize) -> Confidence {
        Confidence(1.0 - self.alpha() / comparisons.max(1) as f64)
    }
}

impl Default for Confidence {
    /// 95 %.
    fn default() -> Self {
        Confidence(0.95)
    }
}

/// The quantile `p` of Student's t with `freedom` degrees of freedom, above 0 and not necessarily whole (Student 1908);
/// NaN where there is none.
pub fn t_quantile(p: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |t| quantile(&t, p))
}

/// The quantile `p` of the standard normal distribution; NaN where there is none.
pub fn normal_quantile(p: f64) -> f64 {
    quantile(&Normal::standard(), p)
}

/// The quantile `p` of χ² with `freedom` degrees of freedom (Pearson 1900); NaN where there is none.
pub fn chi_squared_quantile(p: f64, freedom: f64) -> f64 {
    ChiSquared::new(freedom).map_or(f64::NAN, |chi_squared| quantile(&chi_squared, p))
}

/// statrs panics outside [0, 1].
fn quantile(distribution: &impl ContinuousCDF<f64, f64>, p: f64) -> f64 {
    if (0.0..=1.0).contains(&p) { distribution.inverse_cdf(p) } else { f64::NAN }
}

/// The chance, two-sided, of a t statistic at least this far from 0 if the true difference is 0.
pub fn p_of_t(t: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |student| 2.0 * student.sf(t.abs()))
}

/// The chance, two-sided by Student's t, of a mean this far from 0 if the true one is 0; NaN with fewer than two values.
/// Values that are all the same leave no doubt: 0, or 1 if they are 0.
pub fn p_of_mean_zero(values: &[f64]) -> f64 {
    match values.len() {
        0 | 1 => f64::NAN,
        n => p_of_mean(mean(values), (variance(values) / n as f64).sqrt(), n as f64 - 1.0),
    }
}

fn p_of_mean(mean: f64, standard_error: f64, freedom: f64) -> f64 {
    if mean == 0.0 {
        1.0
    } else if standard_error == 0.0 {
        0.0
    } else {
        p_of_t(mean / standard_error, freedom)
    }
}

/// A mean with its interval, x̄ ± t(1 - α/2, n - 1) · s / √n.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Estimate {
    /// Values it is made of.
    pub n: usize,
    /// Their mean; NaN of nothing.
    pub mean: f64,
    /// Their sample standard deviation s; NaN with fewer than two.
    pub standard_deviation: f64,
    /// Half of the interval; NaN with fewer than two.
    pub half_width: f64,
}

impl Estimate {
    /// Mean, spread and interval of independent values; NaN if any of them is.
    pub fn of(values: &[f64], confidence: Confidence) -> Self {
        let n = values.len();
        let variance = variance(values);
        let half_width = if n < 2 {
            f64::NAN
        } else {
            t_quantile(confidence.upper(), n as f64 - 1.0) * (variance / n as f64).sqrt()
        };
        Estimate { n, mean: mean(values), standard_deviation: variance.sqrt(), half_width }
    }

    /// Lower end of the interval.
    pub fn low(&self) -> f64 {
        self.mean - self.half_width
    }

    /// Upper end of the interval.
    pub fn high(&self) -> f64 {
        self.mean + self.half_width
    }
}

/// Mean and half-width of its interval.
pub fn mean_and_half_width(values: &[f64], confidence: Confidence) -> (f64, f64) {
    let estimate = Estimate::of(values, confidence);
    (estimate.mean, estimate.half_width)
}

/// The difference of two means, a - b.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Difference {
    /// Mean of a minus mean of b.
    pub mean: f64,
    /// Half of its interval.
    pub half_width: f64,
    /// Degrees of freedom of t.
    pub freedom: f64,
    /// The difference in standard errors; infinite if every pair differs by the same amount.
    pub t: f64,
    /// Chance, two-sided, of such a t without a difference.
    pub p: f64,
}

impl Difference {
    fn new(mean: f64, standard_error: f64, freedom: f64, confidence: Confidence) -> Self {
        let half_width = t_quantile(confidence.upper(), freedom) * standard_error;
        let t = if mean == 0.0 { 0.0 } else { mean / standard_error };
        Difference { mean, half_width, freedom, t, p: p_of_mean(mean, standard_error, freedom) }
    }

    /// Lower end of the interval.
    pub fn low(&self) -> f64 {
        self.mean - self.half_width
    }

    /// Upper end of the interval.
    pub fn high(&self) -> f64 {
        self.mean + self.half_width
    }
}

/// A difference over pairs, and what pairing was worth.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PairedDifference {
    /// The difference, d̄ ± t(1 - α/2, n - 1) · s_d / √n.
    pub difference: Difference,
    /// Sample standard deviation s_d of the differences.
    pub standard_deviation: f64,
    /// Correlation of a and b over the pairs; NaN if one of them does not vary.
    pub correlation: f64,
    /// (s_a² + s_b²) / s_d²: how many times as many independent runs the same interval would take; NaN if s_d is 0.
    pub variance_reduction: f64,
}

/// a - b where run r of one side shares its random numbers with run r of the other (common random numbers; Law 2015,
/// section 11.2).
pub fn paired(a: &[f64], b: &[f64], confidence: Confidence) -> Result<PairedDifference, StatisticsError> {
    same_length("paired runs of two scenarios", b.len(), a.len())?;
    at_least("paired runs", a.len(), 2)?;
    known("paired runs", a)?;
    known("paired runs", b)?;
    let n = a.len() as f64;
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let (var_a, var_b, var_d) = (variance(a), variance(b), variance(&differences));
    let ratio = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { f64::NAN };
    Ok(PairedDifference {
        difference: Difference::new(mean(&differences), (var_d / n).sqrt(), n - 1.0, confidence),
        standard_deviation: var_d.sqrt(),
        // cov(a, b) = (s_a² + s_b² - s_d²) / 2 loses digits; the sum of products does not.
        correlation: ratio(covariance(a, b), (var_a * var_b).sqrt()),
        variance_reduction: ratio(var_a + var_b, var_d),
    })
}

/// The change from b to a as a share of b, ā / b̄ - 1, with the interval of the delta method (Cramér 1946): that of
/// the mean of (a_r - (ā / b̄) · b_r) / b̄. Paired runs, and b̄ well away from 0. Never the quotient of the ends of two intervals.
pub fn relative_change(a: &[f64], b: &[f64], confidence: Confidence) -> Result<Difference, StatisticsError> {
    let mean_b = mean(b);
    let ratio = mean(a) / mean_b;
    let of_nothing = paired(a, b, confidence).map(|_| mean_b == 0.0)?;
    if of_nothing {
        let (what, expected) = ("the mean that a change is a share of", "other than 0");
        return Err(StatisticsError::Setting { what, expected, found: 0.0 });
    }
    let parts: Vec<f64> = a.iter().zip(b).map(|(a, b)| (a - ratio * b) / mean_b).collect();
    let n = parts.len() as f64;
    Ok(Difference::new(ratio - 1.0, (variance(&parts) / n).sqrt(), n - 1.0, confidence))
}

fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum::<f64>() / (a.len() as f64 - 1.0)
}

/// a - b of independent runs whose spreads may differ (Welch 1947): with u = s_a²/n and v = s_b²/m the standard error is
/// √(u + v) at (u + v)² / (u²/(n - 1) + v²/(m - 1)) degrees of freedom.
pub fn welch(a: &[f64], b: &[f64], confidence: Confidence) -> Result<Difference, StatisticsError> {
    for side in [a, b] {
        at_least("runs of a scenario", side.len(), 2)?;
        known("runs of a scenario", side)?;
    }
    let (n, m) = (a.len() as f64, b.len() as f64);
    let (u, v) = (variance(a) / n, variance(b) / m);
    let spread = u * u / (n - 1.0) + v * v / (m - 1.0);
    // Without any spread the formula is 0 / 0; the pooled freedom is its largest value.
    let freedom = if spread > 0.0 { (u + v).powi(2) / spread } else { n + m - 2.0 };
    Ok(Difference::new(mean(a) - mean(b), (u + v).sqrt(), freedom, confidence))
}

/// How many replications, at least 2, give this half-width if they spread as those so far: the smallest n with
/// t(1 - α/2, n - 1) · s / √n ≤ target (Law 2015, section 9.4). `None` if the target is not above 0 or s is unknown.
pub fn replications_needed(standard_deviation: f64, target_half_width: f64, confidence: Confidence) -> Option<usize> {
    let spread = standard_deviation / target_half_width;
    if target_half_width <= 0.0 || !spread.is_finite() || spread < 0.0 {
        return None;
    }
    let upper = confidence.upper();
    // t exceeds z, so fewer than z² s² / h² never suffice.
    let least = (normal_quantile(upper) * spread).powi(2).ceil();
    // Beyond this t is z to all digits that matter, and no study has as many runs.
    if least > 1e7 {
        return Some(least as usize);
    }
    (least.max(2.0) as usize..).find(|&n| t_quantile(upper, n as f64 - 1.0) * spread <= (n as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{A, B, close};
    use super::*;

    #[test]
    fn quantiles_are_those_of_reference_tables() {
        let table = [
            (0.975, 1.0, 12.706204736175),
            (0.975, 4.0, 2.776445105198),
            (0.975, 9.0, 2.262157162798),
            (0.975, 29.0, 2.045229642133),
            (0.9975, 9.0, 3.689662392304),
            (0.975, 2.5, 3.574654842004),
            (0.975, 999.0, 1.962341461133),
        ];
        for (p, freedom, known) in table {
            close(t_quantile(p, freedom), known, 1e-10);
        }
        close(normal_quantile(0.975), 1.959963984540, 1e-11);
        close(chi_squared_quantile(0.95, 9.0), 16.918977604620, 1e-8);
        for none in
            [t_quantile(0.975, 0.0), t_quantile(1.5, 3.0), normal_quantile(-0.1), chi_squared_quantile(2.0, 1.0)]
        {
            assert!(none.is_nan());
        }
        assert!(normal_quantile(f64::NAN).is_nan());
    }

    #[test]
    fn ten_pairs_give_the_reference_interval() {
        let found = paired(&A, &B, Confidence::default()).unwrap();
        let Difference { mean, half_width, freedom, t, p } = found.difference;
        close(mean, 1.11, 1e-12);
        close(found.standard_deviation, 0.4408325457, 1e-10);
        close(half_width, 0.3153526059, 1e-10);
        close(found.difference.low(), 0.7946473941, 1e-10);
        close(found.difference.high(), 1.4253526059, 1e-10);
        close(t, 7.9624978626, 1e-9);
        close(p, 2.298111e-05, 1e-11);
        close(found.correlation, 0.948077, 1e-6);
        close(found.variance_reduction, 18.7015437393, 1e-8);
        assert_eq!(freedom, 9.0);
    }

    #[test]
    fn the_same_values_unpaired_show_nothing() {
        let found = welch(&A, &B, Confidence::default()).unwrap();
        close(found.freedom, 17.9414211408, 1e-9);
        close(found.low(), -0.1568464126, 1e-9);
        close(found.high(), 2.3768464126, 1e-9);
        assert!(found.p > 0.05);
        let flat = welch(&[2.0; 3], &[1.0; 4], Confidence::default()).unwrap();
        assert_eq!((flat.mean, flat.half_width, flat.freedom, flat.p), (1.0, 0.0, 5.0, 0.0));
    }

    #[test]
    fn pairs_that_never_differ_leave_no_doubt() {
        let same = paired(&A, &A, Confidence::default()).unwrap();
        assert_eq!((same.difference.mean, same.difference.half_width, same.difference.p), (0.0, 0.0, 1.0));
        assert!(same.variance_reduction.is_nan());
        let flat = paired(&[1.0, 1.0], &[1.0, 2.0], Confidence::default()).unwrap();
        assert!(flat.correlation.is_nan());
    }

    #[test]
    fn a_relative_change_has_the_interval_of_the_delta_method() {
        let found = relative_change(&A, &B, Confidence::default()).unwrap();
        let (ratio, mean_b) = (mean(&A) / mean(&B), mean(&B));
        close(found.mean, ratio - 1.0, 1e-15);
        // (s_a² + R² s_b² - 2 R s_ab) / (n b̄²).
        let spread = variance(&A) + ratio * ratio * variance(&B) - 2.0 * ratio * covariance(&A, &B);
        close(found.half_width, 2.262157162798 * (spread / 10.0).sqrt() / mean_b, 1e-10);
        // Of a base that does not vary it is the interval of the difference over the base.
        let flat = relative_change(&A, &[30.0; 10], Confidence::default()).unwrap();
        let plain = paired(&A, &[30.0; 10], Confidence::default()).unwrap().difference;
        close(flat.half_width, plain.half_width / 30.0, 1e-12);
        assert!(relative_change(&A, &[0.0; 10], Confidence::default()).is_err());
        assert!(relative_change(&A, &B[1..], Confidence::default()).is_err());
    }

    #[test]
    fn what_cannot_be_compared_is_refused_in_words() {
        let error = paired(&A, &B[1..], Confidence::default()).unwrap_err();
        assert_eq!(error.to_string(), "paired runs of two scenarios: 9 values where 10 belong together");
        let error = paired(&A[..1], &B[..1], Confidence::default()).unwrap_err();
        assert_eq!(error.to_string(), "paired runs: 1 are there, at least 2 are needed");
        assert_eq!(
            welch(&A, &[1.0, f64::NAN], Confidence::default()),
            Err(StatisticsError::Missing("runs of a scenario"))
        );
        for share in [0.0, 1.0, 95.0, f64::NAN] {
            assert!(Confidence::new(share).is_err());
        }
    }

    #[test]
    fn an_estimate_widens_with_confidence_and_with_comparisons() {
        let ninety = Estimate::of(&A, Confidence::new(0.9).unwrap());
        let usual = Estimate::of(&A, Confidence::default());
        let shared = Estimate::of(&A, Confidence::default().shared_by(5));
        assert!(ninety.half_width < usual.half_width && usual.half_width < shared.half_width);
        // Bonferroni over 2: t(1 - .05/4, 9).
        close(t_quantile(Confidence::default().shared_by(2).upper(), 9.0), t_quantile(0.9875, 9.0), 1e-12);
        assert_eq!(Confidence::default().upper(), 0.975);
        assert!(Estimate::of(&[1.0], Confidence::default()).half_width.is_nan());
        assert!(Estimate::of(&[], Confidence::default()).mean.is_nan());
    }

    #[test]
    fn the_replications_named_reach_the_target_and_one_less_does_not() {
        for target in [0.05, 0.2, 0.3, 1.0, 3.0] {
            let n = replications_needed(0.44, target, Confidence::default()).unwrap();
            let half_width = |n: usize| t_quantile(0.975, n as f64 - 1.0) * 0.44 / (n as f64).sqrt();
            assert!(half_width(n) <= target && (n == 2 || half_width(n - 1) > target), "{n} for {target}");
        }
        assert_eq!(replications_needed(0.0, 0.1, Confidence::default()), Some(2));
        assert_eq!(replications_needed(1.0, 0.0, Confidence::default()), None);
        assert_eq!(replications_needed(f64::NAN, 0.1, Confidence::default()), None);
    }
    #[test]
    fn the_chance_of_a_mean_agrees_with_the_interval_and_with_tables() {
        // t = 4.3026527297 at 2 degrees of freedom is the 5 % point: mean 1, s = sqrt(3) / 4.3026527297.
        let s = 3f64.sqrt() / 4.3026527297;
        close(p_of_mean_zero(&[1.0 - s, 1.0, 1.0 + s]), 0.05, 1e-8);
        close(p_of_mean_zero(&[-1.0 - s, -1.0, s - 1.0]), 0.05, 1e-8);
        assert_eq!((p_of_mean_zero(&[2.0, 2.0]), p_of_mean_zero(&[0.0, 0.0])), (0.0, 1.0));
        assert!(p_of_mean_zero(&[1.0]).is_nan());
    }
}
