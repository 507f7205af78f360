//! Room: statistics. One long run: how much of its beginning to leave out, and an interval from its batches.

use super::student::{normal_quantile, t_quantile};
use super::{Confidence, StatisticsError, at_least, known, mean, same_length, variance};

/// Observations in a batch of MSER-5.
pub const MSER_BATCH: usize = 5;

/// Where a run settles.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Truncation {
    /// d*: batches to leave out.
    pub batches: usize,
    /// Observations to leave out, five a batch.
    pub observations: usize,
    /// The smallest value of the statistic.
    pub statistic: f64,
    /// Mean of the whole batches that stay.
    pub mean: f64,
    /// Whether the run is long enough to tell: false if the minimum lies at half of the run, the last place looked at.
    pub settled: bool,
}

/// MSER-5 (White, Cobb and Spratt 2000): with Z_j the means of five observations and n of them,
/// d* = argmin over 0 ≤ d ≤ n/2 of Σ_{j>d} (Z_j - Z̄_d)² / (n - d)², the first of equals. A rest of fewer than five
/// observations at the end is not looked at.
pub fn mser5(series: &[f64]) -> Result<Truncation, StatisticsError> {
    known("a series", series)?;
    let batches: Vec<f64> = series.chunks_exact(MSER_BATCH).map(mean).collect();
    let n = batches.len();
    at_least("batches of five observations", n, 4)?;
    let half = n / 2;
    let mut best = Truncation { batches: 0, observations: 0, statistic: f64::INFINITY, mean: f64::NAN, settled: true };
    // From the end on, so that mean and squares grow by one batch at a time (Welford 1962).
    let (mut mean, mut squares) = (0.0, 0.0);
    for d in (0..n).rev() {
        let count = (n - d) as f64;
        let step = batches[d] - mean;
        mean += step / count;
        squares += step * (batches[d] - mean);
        let statistic = squares / (count * count);
        if d <= half && statistic <= best.statistic {
            best = Truncation { batches: d, observations: d * MSER_BATCH, statistic, mean, settled: d < half };
        }
    }
    Ok(best)
}

/// A mean from batches of one run.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BatchMeans {
    /// Mean over all batches.
    pub mean: f64,
    /// Half of its interval, t(k - 1) · s_b / √k.
    pub half_width: f64,
    /// Batches k.
    pub batches: usize,
    /// Observations in each; a rest at the end is not looked at.
    pub size: usize,
    /// Correlation of a batch with the next.
    pub lag_1: f64,
    /// Whether that correlation is more than chance, |r| > z / √k: batches are too short and the interval too narrow.
    pub dependent: bool,
}

/// Non-overlapping batch means (Schmeiser 1982), k = 20 to 30 as a rule, of a run without its warm-up. The correlation is
/// Pearson's of the batches but the last with the batches but the first.
pub fn batch_means(series: &[f64], batches: usize, confidence: Confidence) -> Result<BatchMeans, StatisticsError> {
    at_least("batches", batches, 2)?;
    at_least("observations of a run", series.len(), batches)?;
    known("a series", series)?;
    let size = series.len() / batches;
    let means: Vec<f64> = series.chunks_exact(size).take(batches).map(mean).collect();
    let (centre, k) = (mean(&means), batches as f64);
    let lag_1 = correlation(&means[..batches - 1], &means[1..]);
    let half_width = t_quantile(confidence.upper(), k - 1.0) * (variance(&means) / k).sqrt();
    let dependent = lag_1.abs() > normal_quantile(confidence.upper()) / k.sqrt();
    Ok(BatchMeans { mean: centre, half_width, batches, size, lag_1, dependent })
}

/// Pearson's correlation; 0 where a side does not vary.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    let products = |a: &[f64], b: &[f64], mean_a: f64, mean_b: f64| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum()
    };
    let whole = (products(a, a, mean_a, mean_a) * products(b, b, mean_b, mean_b)).sqrt();
    if whole > 0.0 { products(a, b, mean_a, mean_b) / whole } else { 0.0 }
}

/// The curve of Welch (1983) to see a warm-up by eye: the mean over replications at each observation, smoothed by
/// `window` neighbours on each side, fewer near the start. It ends `window` before the end.
pub fn welch_average(replications: &[Vec<f64>], window: usize) -> Result<Vec<f64>, StatisticsError> {
    at_least("replications", replications.len(), 1)?;
    let length = replications[0].len();
    at_least("observations of a run", length, window + 1)?;
    for run in replications {
        same_length("observations of a run", run.len(), length)?;
    }
    let across = |i: usize| replications.iter().map(|run| run[i]).sum::<f64>() / replications.len() as f64;
    let means: Vec<f64> = (0..length).map(across).collect();
    let smooth = |i: usize| {
        let reach = window.min(i);
        mean(&means[i - reach..=i + reach])
    };
    Ok((0..length - window).map(smooth).collect())
}

#[cfg(test)]
mod tests {
    use super::super::testing::close;
    use super::*;

    /// 20 + 15 e^(-k/40) and uniform noise from a linear congruential generator.
    fn falling() -> Vec<f64> {
        let mut state: u64 = 42;
        let mut value = |k: u32| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let u = (state >> 11) as f64 / 2f64.powi(53);
            20.0 + 15.0 * (-f64::from(k) / 40.0).exp() + 4.0 * (u - 0.5)
        };
        (0..1000).map(&mut value).collect()
    }

    #[test]
    fn the_reference_run_is_cut_where_it_should_be() {
        let run = falling();
        close(run[0], 35.27292131, 1e-8);
        let found = mser5(&run).unwrap();
        assert_eq!((found.batches, found.observations, found.settled), (24, 120, true));
        close(found.statistic, 1.610663565132e-3, 1e-14);
        close(found.mean, 20.0635170514, 1e-9);
        close(mean(&run), 20.6323698526, 1e-9);
    }

    #[test]
    fn the_statistic_is_that_of_its_definition() {
        let run = falling();
        let batches: Vec<f64> = run.chunks(5).map(mean).collect();
        let by_definition = |d: usize| {
            let centre = mean(&batches[d..]);
            batches[d..].iter().map(|z| (z - centre).powi(2)).sum::<f64>() / ((batches.len() - d) as f64).powi(2)
        };
        let smallest = (0..=100).map(by_definition).fold(f64::INFINITY, f64::min);
        close(mser5(&run).unwrap().statistic, smallest, 1e-15);
    }

    #[test]
    fn a_run_that_never_settles_is_told_and_a_steady_one_loses_nothing() {
        let rising: Vec<f64> = (0..200).map(f64::from).collect();
        assert!(!mser5(&rising).unwrap().settled);
        let flat = mser5(&[3.0; 100]).unwrap();
        assert_eq!((flat.batches, flat.mean, flat.settled), (0, 3.0, true));
        assert!(mser5(&[1.0; 19]).is_err());
        assert!(mser5(&[f64::NAN; 40]).is_err());
    }

    #[test]
    fn batches_give_the_reference_interval() {
        let found = batch_means(&falling()[200..], 20, Confidence::default()).unwrap();
        close(found.mean, 20.0337601510, 1e-9);
        close(found.half_width, 0.0668249509, 1e-9);
        close(found.lag_1, 0.248497, 1e-6);
        assert_eq!((found.batches, found.size, found.dependent), (20, 40, false));
        let slow: Vec<f64> = (0..400).map(|i| (f64::from(i) / 60.0).sin()).collect();
        assert!(batch_means(&slow, 20, Confidence::default()).unwrap().dependent);
        assert!(batch_means(&slow[..5], 20, Confidence::default()).is_err());
    }

    #[test]
    fn welchs_curve_smooths_and_keeps_its_start() {
        let runs = [vec![9.0, 1.0, 5.0, 3.0, 4.0], vec![11.0, 3.0, 7.0, 5.0, 6.0]];
        assert_eq!(welch_average(&runs, 1).unwrap(), [10.0, 6.0, 4.0, 5.0]);
        assert_eq!(welch_average(&runs, 0).unwrap(), [10.0, 2.0, 6.0, 4.0, 5.0]);
        assert_eq!(welch_average(&runs, 2).unwrap(), [10.0, 6.0, (10.0 + 2.0 + 6.0 + 4.0 + 5.0) / 5.0]);
        assert!(welch_average(&runs, 5).is_err());
    }
}
