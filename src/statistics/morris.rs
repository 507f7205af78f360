//! Room: statistics. Elementary effects: which factors matter, from few runs (Morris 1991; Campolongo et al. 2007).

use super::{Confidence, StatisticsError, at_least, mean, percentile_interval, same_length, variance};

/// A walk through the unit cube that changes one factor at each step, and what came out at each point.
#[derive(Clone, Copy, Debug)]
pub struct Walk<'a> {
    /// Its points in sequence, each a value from 0 to 1 per factor.
    pub points: &'a [Vec<f64>],
    /// The figure at each point; NaN where a run failed, which leaves out the two steps it belongs to.
    pub outputs: &'a [f64],
}

/// What a factor does, per its whole range (unit of the figure).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Effect {
    /// μ: mean of the elementary effects; effects of both signs cancel.
    pub mean: f64,
    /// μ*: mean of their absolute values; how much the factor matters.
    pub mean_absolute: f64,
    /// Lower end of the bootstrap interval of μ*.
    pub low: f64,
    /// Upper end of that interval.
    pub high: f64,
    /// σ: sample standard deviation of the effects; large beside μ* where the factor is curved or depends on others.
    pub standard_deviation: f64,
    /// Effects these are made of.
    pub effects: usize,
    /// How far its μ* lies below the largest.
    pub behind: f64,
    /// Lower end of the bootstrap interval of that difference, both resampled as one.
    pub behind_low: f64,
    /// Upper end of that interval.
    pub behind_high: f64,
}

/// EE = (f(x + Δ e_i) - f(x)) / Δ for each step, by factor.
pub fn elementary_effects(walks: &[Walk<'_>], factors: usize) -> Result<Vec<Vec<f64>>, StatisticsError> {
    let found = with_walks(walks, factors)?;
    Ok(found.into_iter().map(|effects| effects.into_iter().map(|(_, effect)| effect).collect()).collect())
}

/// The same, each with the number of its walk.
fn with_walks(walks: &[Walk<'_>], factors: usize) -> Result<Vec<Vec<(usize, f64)>>, StatisticsError> {
    let mut effects = vec![Vec::new(); factors];
    for (number, walk) in walks.iter().enumerate() {
        same_length("figures along a trajectory", walk.outputs.len(), walk.points.len())?;
        for (step, pair) in walk.points.windows(2).enumerate() {
            let (factor, moved) = the_one_moved(pair, factors, step)?;
            let effect = (walk.outputs[step + 1] - walk.outputs[step]) / moved;
            if effect.is_finite() {
                effects[factor].push((number, effect));
            }
        }
    }
    Ok(effects)
}

fn the_one_moved(pair: &[Vec<f64>], factors: usize, step: usize) -> Result<(usize, f64), StatisticsError> {
    for point in pair {
        same_length("factors of a point", point.len(), factors)?;
    }
    let moved = |&i: &usize| pair[0][i] != pair[1][i];
    match (0..factors).filter(moved).collect::<Vec<_>>()[..] {
        [factor] => Ok((factor, pair[1][factor] - pair[0][factor])),
        ref several => Err(StatisticsError::NotOneFactor { step: step + 1, next: step + 2, moved: several.len() }),
    }
}

/// μ, μ* and σ of each factor, with percentile bootstrap intervals from `resamples` picks of whole walks (1,000 is usual; 0
/// for none): a walk passes all factors, so that what is said of two of them moves together. `pick(n)` gives a uniform whole
/// number below n.
pub fn morris(
    walks: &[Walk<'_>],
    factors: usize,
    resamples: usize,
    confidence: Confidence,
    pick: &mut impl FnMut(usize) -> usize,
) -> Result<Vec<Effect>, StatisticsError> {
    at_least("trajectories", walks.len(), 2)?;
    let effects = with_walks(walks, factors)?;
    // Of each walk and factor the sum of |EE| and how many there are.
    let mut sums = vec![vec![(0.0, 0.0); factors]; walks.len()];
    for (factor, effects) in effects.iter().enumerate() {
        for (walk, effect) in effects {
            let (sum, count) = &mut sums[*walk][factor];
            (*sum, *count) = (*sum + effect.abs(), *count + 1.0);
        }
    }
    let sizes = |picked: &[usize]| -> Vec<f64> {
        let of = |factor: usize| {
            let each = picked.iter().map(|walk| sums[*walk][factor]);
            let (sum, count) = each.fold((0.0, 0.0), |(sum, count), (more, one)| (sum + more, count + one));
            sum / count
        };
        (0..factors).map(of).collect()
    };
    let n = walks.len();
    let found = sizes(&(0..n).collect::<Vec<_>>());
    let again: Vec<Vec<f64>> = (0..resamples).map(|_| sizes(&(0..n).map(|_| pick(n)).collect::<Vec<_>>())).collect();
    let known = |factor: &usize| found[*factor].is_finite();
    let leader = (0..factors).filter(known).max_by(|a, b| found[*a].total_cmp(&found[*b])).unwrap_or(0);
    let interval = |of: &dyn Fn(&Vec<f64>) -> f64| percentile_interval(again.iter().map(of).collect(), confidence);
    let effect = |(factor, effects): (usize, &Vec<(usize, f64)>)| {
        let (low, high) = interval(&|sizes| sizes[factor]);
        let (behind_low, behind_high) = interval(&|sizes| sizes[leader] - sizes[factor]);
        let effects: Vec<f64> = effects.iter().map(|(_, effect)| *effect).collect();
        Effect {
            mean: mean(&effects),
            mean_absolute: found[factor],
            low,
            high,
            standard_deviation: variance(&effects).sqrt(),
            effects: effects.len(),
            behind: found[leader] - found[factor],
            behind_low,
            behind_high,
        }
    };
    Ok(effects.iter().enumerate().map(effect).collect())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{close, ishigami, picker};
    use super::*;
    use crate::design::{self, Trajectory};

    fn analysed(trajectories: &[Trajectory], f: impl Fn(&[f64]) -> f64, resamples: usize) -> Vec<Effect> {
        let outputs: Vec<Vec<f64>> =
            trajectories.iter().map(|t| t.points.iter().map(|point| f(point)).collect()).collect();
        let walks: Vec<Walk> =
            trajectories.iter().zip(&outputs).map(|(t, outputs)| Walk { points: &t.points, outputs }).collect();
        morris(&walks, 3, resamples, Confidence::default(), &mut picker(1)).unwrap()
    }

    #[test]
    fn all_steps_on_the_grid_give_the_known_effects() {
        // Every step of two levels up: L = 4, Δ = 2/3, 32 steps for each factor.
        let level = |i: usize| i as f64 / 3.0;
        let mut pairs = Vec::new();
        for factor in 0..3 {
            for cell in 0..4 * 4 * 2 {
                let mut from = vec![0.0; 3];
                from[(factor + 1) % 3] = level(cell % 4);
                from[(factor + 2) % 3] = level(cell / 4 % 4);
                from[factor] = level(cell / 16);
                let mut to = from.clone();
                to[factor] = level(cell / 16 + 2);
                pairs.push(vec![from, to]);
            }
        }
        let outputs: Vec<Vec<f64>> =
            pairs.iter().map(|pair| pair.iter().map(|point| ishigami(point)).collect()).collect();
        let walks: Vec<Walk> = pairs.iter().zip(&outputs).map(|(points, outputs)| Walk { points, outputs }).collect();
        let found = morris(&walks, 3, 0, Confidence::default(), &mut picker(1)).unwrap();
        let known = [
            (7.7040541116, 7.7040541116, 6.2487961033),
            (0.0, 7.8750000000, 7.8750000000),
            (0.0, 6.2487961033, 8.8371321978),
        ];
        for (effect, (mean, mean_absolute, deviation)) in found.iter().zip(known) {
            assert_eq!(effect.effects, 32);
            close(effect.mean, mean, 1e-9);
            close(effect.mean_absolute, mean_absolute, 1e-9);
            // The reference σ is that of the whole grid (divided by n), ours that of a sample.
            close(effect.standard_deviation * (31.0f64 / 32.0).sqrt(), deviation, 1e-9);
            assert!(effect.low.is_nan());
        }
    }

    #[test]
    fn sampled_trajectories_agree_with_the_reference_mean_of_many() {
        let mut means = [0.0; 3];
        for seed in 0..60 {
            let found = analysed(&design::morris(200, 3, 4, seed).unwrap(), ishigami, 0);
            means.iter_mut().zip(&found).for_each(|(mean, effect)| *mean += effect.mean_absolute / 60.0);
        }
        // 7.714 ± .061, 7.875, 6.254 ± .044: four standard errors of the difference of two such means.
        let four_sigmas = |standard_error: f64| 4.0 * standard_error * 2f64.sqrt();
        close(means[0], 7.714, four_sigmas(0.061));
        close(means[1], 7.875, 1e-9);
        close(means[2], 6.254, four_sigmas(0.044));
    }

    #[test]
    fn a_straight_model_has_its_slopes_and_no_spread() {
        let line = |x: &[f64]| 2.0 * x[0] + 5.0 * x[1] - 3.0 * x[2];
        for (effect, slope) in analysed(&design::morris(20, 3, 4, 9).unwrap(), line, 50).iter().zip([2.0, 5.0, -3.0f64])
        {
            close(effect.mean, slope, 1e-12);
            close(effect.mean_absolute, slope.abs(), 1e-12);
            close(effect.standard_deviation, 0.0, 1e-12);
            close(effect.low, slope.abs(), 1e-12);
            close(effect.high, slope.abs(), 1e-12);
        }
    }

    #[test]
    fn the_interval_contains_the_truth_and_narrows_with_trajectories() {
        let few = analysed(&design::morris(20, 3, 4, 4).unwrap(), ishigami, 500);
        let many = analysed(&design::morris(320, 3, 4, 4).unwrap(), ishigami, 500);
        for (i, truth) in [(0, 7.7040541116), (2, 6.2487961033)] {
            assert!(few[i].low < truth && truth < few[i].high, "{:?}", few[i]);
            let (narrow, wide) = (many[i].high - many[i].low, few[i].high - few[i].low);
            assert!(narrow < wide / 2.5 && narrow > wide / 6.5, "{narrow} of {wide}");
        }
    }

    #[test]
    fn how_far_a_factor_lies_behind_is_resampled_as_one() {
        // The second factor does 90 % of what the first does at the same place: two intervals overlap, their difference is sure.
        let (mut points, mut outputs) = (Vec::new(), Vec::new());
        for walk in 0..20 {
            let slope = 1.0 + f64::from(walk % 5);
            points.push(vec![vec![0.0, 0.0], vec![1.0, 0.0], vec![1.0, 1.0]]);
            outputs.push(vec![0.0, slope, slope + 0.9 * slope]);
        }
        let walks: Vec<Walk> = points.iter().zip(&outputs).map(|(points, outputs)| Walk { points, outputs }).collect();
        let found = morris(&walks, 2, 400, Confidence::default(), &mut picker(2)).unwrap();
        assert!(found[1].high > found[0].low && found[1].behind_low > 0.0, "{found:?}");
        close(found[1].behind, 0.3, 1e-12);
        assert_eq!((found[0].behind, found[0].behind_low, found[0].behind_high), (0.0, 0.0, 0.0));
    }

    #[test]
    fn a_failed_run_leaves_out_its_steps_and_two_factors_at_once_are_refused() {
        let points = vec![vec![0.0, 0.0], vec![1.0, 0.0], vec![1.0, 1.0]];
        let outputs = [1.0, 3.0, f64::NAN];
        let walk = Walk { points: &points, outputs: &outputs };
        assert_eq!(elementary_effects(&[walk], 2), Ok(vec![vec![2.0], vec![]]));
        let both = [vec![0.0, 0.0], vec![1.0, 1.0]];
        let error = elementary_effects(&[Walk { points: &both, outputs: &[0.0, 1.0] }], 2).unwrap_err();
        assert_eq!(error.to_string(), "between points 1 and 2 of a trajectory 2 factors change; it takes exactly one");
        assert!(morris(&[walk], 2, 0, Confidence::default(), &mut picker(1)).is_err());
    }
}
