//! Room: statistics. Sobol' indices: which share of the variance of a figure comes from which factor (Sobol' 1993).
//!
//! Estimated after Jansen (1999), which cannot fall below 0 by much and gives S ≤ ST even for few points; the estimator of
//! Saltelli et al. (2010) is here to compare with other programs.

use super::{Confidence, StatisticsError, all_same, at_least, mean, percentile_interval, same_length, variance};

/// The figure at the points of a Saltelli design of N rows; NaN where a run failed, which leaves out the row.
#[derive(Clone, Copy, Debug)]
pub struct Outputs<'a> {
    /// At matrix A, row by row.
    pub a: &'a [f64],
    /// At matrix B.
    pub b: &'a [f64],
    /// For each factor at A with the column of that factor from B.
    pub ab: &'a [Vec<f64>],
}

/// A share of the variance with its bootstrap interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Share {
    /// The estimate.
    pub value: f64,
    /// Lower end of its interval; NaN without resampling.
    pub low: f64,
    /// Upper end of its interval.
    pub high: f64,
}

impl Share {
    /// Whether the interval lies above 0. Tells nothing of ST, which is a sum of squares and never falls below 0.
    pub fn is_above_zero(&self) -> bool {
        self.low > 0.0
    }
}

/// What one factor explains.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Index {
    /// S: the share that goes if this factor alone were known.
    pub first: Share,
    /// ST: the share that stays if all others were known; above S where the factor acts together with others.
    pub total: Share,
    /// ST - S, which the factor explains together with others; resampled as one, since both move with the same rows.
    pub together: Share,
    /// How far its ST lies below the largest, resampled as one; 0 for the factor with the largest.
    pub behind: Share,
}

/// The indices of all factors.
#[derive(Clone, PartialEq, Debug)]
pub struct Indices {
    /// Mean of the figure over A and B.
    pub mean: f64,
    /// V: its variance over A and B (divided by their number).
    pub variance: f64,
    /// One for each factor.
    pub factors: Vec<Index>,
    /// Rows used, of those handed in.
    pub rows: usize,
}

/// The rows of a design whose runs all succeeded, each as [a, b, ab…].
struct Rows {
    rows: Vec<Vec<f64>>,
    factors: usize,
}

impl Rows {
    fn of(outputs: Outputs<'_>) -> Result<Self, StatisticsError> {
        at_least("factors", outputs.ab.len(), 1)?;
        let lengths = outputs.ab.iter().map(Vec::len).chain([outputs.b.len()]);
        for length in lengths {
            same_length("figures at the points of a design", length, outputs.a.len())?;
        }
        let row = |j: usize| -> Vec<f64> {
            [outputs.a[j], outputs.b[j]].into_iter().chain(outputs.ab.iter().map(|column| column[j])).collect()
        };
        let rows: Vec<Vec<f64>> =
            (0..outputs.a.len()).map(row).filter(|row| row.iter().all(|value| value.is_finite())).collect();
        at_least("rows without a failed run", rows.len(), 2)?;
        let of_both: Vec<f64> = rows.iter().flat_map(|row| [row[0], row[1]]).collect();
        if all_same(&of_both) {
            return Err(StatisticsError::NothingVaries("the figure"));
        }
        Ok(Rows { rows, factors: outputs.ab.len() })
    }

    /// Mean and variance over A and B of these rows.
    fn spread(&self, picked: &[usize]) -> (f64, f64) {
        let n = 2.0 * picked.len() as f64;
        let mean = picked.iter().map(|&j| self.rows[j][0] + self.rows[j][1]).sum::<f64>() / n;
        let squares = |j: usize| (self.rows[j][0] - mean).powi(2) + (self.rows[j][1] - mean).powi(2);
        (mean, picked.iter().map(|&j| squares(j)).sum::<f64>() / n)
    }

    /// S and ST of each factor over these rows.
    fn jansen(&self, picked: &[usize]) -> Vec<[f64; 2]> {
        let (_, variance) = self.spread(picked);
        let whole = 2.0 * picked.len() as f64 * variance;
        let index = |i: usize| {
            let apart = |side: usize| -> f64 {
                picked.iter().map(|&j| (self.rows[j][side] - self.rows[j][2 + i]).powi(2)).sum::<f64>() / whole
            };
            [1.0 - apart(1), apart(0)]
        };
        (0..self.factors).map(index).collect()
    }
}

/// S_i = 1 - Σ(f_B - f_ABi)² / (2 N V) and ST_i = Σ(f_A - f_ABi)² / (2 N V) (Jansen 1999), with percentile bootstrap
/// intervals from `resamples` picks of rows (1,000 is usual, 0 for none). `pick(n)` gives a uniform whole number below n.
pub fn jansen(
    outputs: Outputs<'_>,
    resamples: usize,
    confidence: Confidence,
    pick: &mut impl FnMut(usize) -> usize,
) -> Result<Indices, StatisticsError> {
    let rows = Rows::of(outputs)?;
    let n = rows.rows.len();
    let all: Vec<usize> = (0..n).collect();
    let (mean, variance) = rows.spread(&all);
    let again: Vec<Vec<[f64; 2]>> =
        (0..resamples).map(|_| rows.jansen(&(0..n).map(|_| pick(n)).collect::<Vec<_>>())).collect();
    let found = rows.jansen(&all);
    let total = |one: &Vec<[f64; 2]>, i: usize| one[i][1];
    let first_of_all = (0..found.len()).max_by(|a, b| total(&found, *a).total_cmp(&total(&found, *b))).unwrap_or(0);
    // A difference is that of the same rows: two intervals that overlap may hide one, or seem to show one.
    let share = |of: &dyn Fn(&Vec<[f64; 2]>) -> f64| {
        let (low, high) = percentile_interval(again.iter().map(of).collect(), confidence);
        Share { value: of(&found), low, high }
    };
    let index = |i: usize| Index {
        first: share(&|one| one[i][0]),
        total: share(&|one| one[i][1]),
        together: share(&|one| one[i][1] - one[i][0]),
        behind: share(&|one| one[first_of_all][1] - one[i][1]),
    };
    let factors = (0..found.len()).map(index).collect();
    Ok(Indices { mean, variance, factors, rows: n })
}

/// S_i = mean(f_B · (f_ABi - f_A)) / V (Saltelli et al. 2010), the figure centred on its mean over A, all AB and B as SALib
/// does. Less exact than [`jansen`] for small S; for comparison with other programs.
pub fn saltelli_2010(outputs: Outputs<'_>) -> Result<Vec<f64>, StatisticsError> {
    let rows = Rows::of(outputs)?;
    let (_, variance) = rows.spread(&(0..rows.rows.len()).collect::<Vec<_>>());
    let n = rows.rows.len() as f64;
    let centre = mean(&rows.rows.iter().map(|row| mean(row)).collect::<Vec<_>>());
    let first = |i: usize| rows.rows.iter().map(|row| (row[1] - centre) * (row[2 + i] - row[0])).sum::<f64>();
    Ok((0..rows.factors).map(|i| first(i) / n / variance).collect())
}

/// σ²/V: which share of the variance between points is the chance of their replications rather than the factors.
/// `replications` has the figures of each point; σ² is the mean over the points of s²/n. It inflates every ST by as much
/// where points draw their own random numbers. On common random numbers what a replication does to all points alike is in s²
/// but not in V: take it out first ([`without_the_common`]).
pub fn noise_share(replications: &[Vec<f64>], between_points: f64) -> Result<f64, StatisticsError> {
    at_least("points", replications.len(), 1)?;
    for point in replications {
        at_least("replications of a point", point.len(), 2)?;
    }
    if between_points <= 0.0 || !between_points.is_finite() {
        return Err(StatisticsError::NothingVaries("the figure"));
    }
    let noise: Vec<f64> = replications.iter().map(|point| variance(point) / point.len() as f64).collect();
    Ok(mean(&noise) / between_points)
}

/// The figures of each point less what their replication does to all points alike: its mean over the points.
pub fn without_the_common(replications: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let longest = replications.iter().map(Vec::len).max().unwrap_or(0);
    let common: Vec<f64> = (0..longest)
        .map(|r| mean(&replications.iter().filter_map(|point| point.get(r).copied()).collect::<Vec<_>>()))
        .collect();
    replications.iter().map(|point| point.iter().zip(&common).map(|(value, common)| value - common).collect()).collect()
}

/// What the chance of the replications adds to the ST of a factor: the mean over the rows of s_d²/n, as a share of 2V, where
/// `apart` has of each row the difference f_A - f_ABi replication by replication. ST is a sum of squares of the means of
/// these, so that it has this size also where the factor does nothing.
pub fn inflation(apart: &[Vec<f64>], between_points: f64) -> Result<f64, StatisticsError> {
    Ok(noise_share(apart, between_points)? / 2.0)
}

#[cfg(test)]
mod tests {
    use super::super::student::normal_quantile;
    use super::super::testing::{close, ishigami, picker};
    use super::*;
    use crate::design::{self, Role};

    /// The figure at a Saltelli design.
    struct Evaluated {
        a: Vec<f64>,
        b: Vec<f64>,
        ab: Vec<Vec<f64>>,
    }

    impl Evaluated {
        fn new(rows: usize, factors: usize, mut f: impl FnMut(&[f64]) -> f64) -> Self {
            let mut evaluated = Evaluated { a: Vec::new(), b: Vec::new(), ab: vec![Vec::new(); factors] };
            for point in design::saltelli(rows, factors).unwrap() {
                let value = f(&point.values);
                match point.role {
                    Role::A => evaluated.a.push(value),
                    Role::B => evaluated.b.push(value),
                    Role::AB(i) => evaluated.ab[i].push(value),
                }
            }
            evaluated
        }
        /// The same at a scrambled sequence, whose points are another program's.
        fn scrambled(rows: u32, factors: usize, seed: u32, f: impl Fn(&[f64]) -> f64) -> Self {
            let mut evaluated = Evaluated { a: Vec::new(), b: Vec::new(), ab: vec![Vec::new(); factors] };
            for row in 0..rows {
                let at = |dimension: usize| f64::from(sobol_burley::sample(row, dimension as u32, seed));
                let a: Vec<f64> = (0..factors).map(at).collect();
                let b: Vec<f64> = (factors..2 * factors).map(at).collect();
                evaluated.a.push(f(&a));
                evaluated.b.push(f(&b));
                for (i, values) in evaluated.ab.iter_mut().enumerate() {
                    let mut mixed = a.clone();
                    mixed[i] = b[i];
                    values.push(f(&mixed));
                }
            }
            evaluated
        }
        fn outputs(&self) -> Outputs<'_> {
            Outputs { a: &self.a, b: &self.b, ab: &self.ab }
        }
        fn indices(&self, resamples: usize) -> Indices {
            jansen(self.outputs(), resamples, Confidence::default(), &mut picker(5)).unwrap()
        }
    }

    const FIRST: [f64; 3] = [0.313905191148, 0.442411144790, 0.0];
    const TOTAL: [f64; 3] = [0.557588855210, 0.442411144790, 0.243683664062];

    #[test]
    fn the_reference_digits_of_ishigami_come_out() {
        let unit = |x: f64| 0.5 + x / (2.0 * std::f64::consts::PI);
        close(ishigami(&[unit(1.0); 3]), 5.882132011203685, 1e-13);
        let evaluated = Evaluated::new(1024, 3, ishigami);
        let found = evaluated.indices(0);
        close(found.variance, 13.8189544432, 1e-9);
        close(found.mean, 3.5060556804, 1e-9);
        let expected = [(0.31284478, 0.5581790457), (0.42616782, 0.4432845840), (-0.00262405, 0.2421493734)];
        for (index, (first, total)) in found.factors.iter().zip(expected) {
            close(index.first.value, first, 5e-9);
            close(index.total.value, total, 1e-9);
        }
        let saltelli = saltelli_2010(evaluated.outputs()).unwrap();
        for (found, expected) in saltelli.iter().zip([0.3329550752, 0.4413139385, 0.0185784130]) {
            close(*found, expected, 1e-9);
        }
    }

    #[test]
    fn more_points_come_near_to_the_known_variance_and_shares() {
        let found = Evaluated::new(8192, 3, ishigami).indices(0);
        close(found.variance, 13.844587940719254, 0.02);
        for ((index, first), total) in found.factors.iter().zip(FIRST).zip(TOTAL) {
            close(index.first.value, first, 0.01);
            close(index.total.value, total, 0.01);
        }
        // What x1 and x3 do together is all that goes beyond the first order.
        close(found.factors[2].total.value - found.factors[2].first.value, 0.243683664062, 0.01);
    }

    #[test]
    fn a_scrambled_sequence_of_another_program_comes_near_to_its_published_figures() {
        // Seeds are laid out differently there, so that the draws are not the same ones.
        let found = Evaluated::scrambled(8192, 3, 42, ishigami).indices(0);
        let published = [(0.31205, 0.55803), (0.44318, 0.44277), (-0.00259, 0.24351)];
        for ((index, (first, total)), (true_first, true_total)) in
            found.factors.iter().zip(published).zip(FIRST.into_iter().zip(TOTAL))
        {
            close(index.first.value, first, 0.003);
            close(index.total.value, total, 0.003);
            close(index.first.value, true_first, 0.01);
            close(index.total.value, true_total, 0.01);
        }
    }

    #[test]
    fn sobols_g_function_ranks_its_eight_factors() {
        let a = [0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0];
        let g = |x: &[f64]| x.iter().zip(a).map(|(x, a)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a)).product::<f64>();
        let found = Evaluated::new(4096, 8, g).indices(0);
        let first =
            [0.716192169, 0.179048042, 0.0236757742, 0.00716192169, 7.16192e-5, 7.16192e-5, 7.16192e-5, 7.16192e-5];
        let total = [
            0.787144127,
            0.242198193,
            0.0343169102,
            0.0104603871,
            1.0494905e-4,
            1.0494905e-4,
            1.0494905e-4,
            1.0494905e-4,
        ];
        close(found.variance, 0.4654244319, 0.005);
        for ((index, first), total) in found.factors.iter().zip(first).zip(total) {
            close(index.first.value, first, 0.01);
            close(index.total.value, total, 0.01);
        }
        // The closed form itself: V_i = 1 / (3 (1 + a_i)²), V = Π(1 + V_i) - 1.
        let parts = a.map(|a| 1.0 / (3.0 * (1.0 + a) * (1.0 + a)));
        let whole = parts.iter().map(|part| 1.0 + part).product::<f64>() - 1.0;
        close(whole, 0.4654244319, 1e-10);
        for i in 0..8 {
            close(parts[i] / whole, first[i], 1e-9);
            close(parts[i] * (whole + 1.0) / (1.0 + parts[i]) / whole, total[i], 1e-9);
        }
    }

    #[test]
    fn intervals_contain_the_truth_and_tell_what_is_not_shown() {
        let found = Evaluated::new(256, 3, ishigami).indices(200);
        for ((index, first), total) in found.factors.iter().zip(FIRST).zip(TOTAL) {
            for (share, truth) in [(index.first, first), (index.total, total)] {
                assert!(share.low < truth && truth < share.high && share.high - share.low < 0.6, "{share:?} {truth}");
            }
        }
        assert!(found.factors[0].first.is_above_zero() && !found.factors[2].first.is_above_zero());
        assert!(found.factors[2].together.is_above_zero() && !found.factors[1].together.is_above_zero());
        let unsure = Evaluated::new(64, 3, ishigami).indices(0);
        assert!(!unsure.factors[0].first.is_above_zero(), "no interval shows nothing");
    }

    #[test]
    fn how_far_a_factor_lies_behind_is_resampled_as_one() {
        let found = Evaluated::new(256, 3, |x| (x[0] + 0.75 * x[1]) * x[2]).indices(400);
        let leader = found.factors.iter().find(|it| it.behind.value == 0.0).unwrap();
        assert_eq!((leader.behind.low, leader.behind.high), (0.0, 0.0), "the largest is behind nobody");
        for it in &found.factors {
            close(it.behind.value, leader.total.value - it.total.value, 1e-12);
            close(it.together.value, it.total.value - it.first.value, 1e-12);
            assert!(it.behind.low <= it.behind.value && it.behind.value <= it.behind.high, "{it:?}");
        }
        assert!(found.factors.iter().filter(|it| it.behind.is_above_zero()).count() == 2);
    }

    #[test]
    fn a_factor_that_does_nothing_has_the_total_that_replications_add() {
        // Two replications of the noise of a day that is common to all points and of one of each point's own.
        let mut pick = picker(3);
        let mut normal = || normal_quantile((pick(1_000_000) as f64 + 0.5) / 1e6);
        let days = [5.0 * normal(), 5.0 * normal()];
        let mut runs = Vec::new();
        let found = Evaluated::new(512, 2, |x| {
            let run: Vec<f64> = days.iter().map(|day| x[0] + day + 0.1 * normal()).collect();
            let mean = mean(&run);
            runs.push(run);
            mean
        })
        .indices(0);
        let apart = |i: usize| -> Vec<Vec<f64>> {
            let row = |row: &[Vec<f64>]| row[0].iter().zip(&row[1 + i]).map(|(a, ab)| a - ab).collect();
            // In the order of the design: A, AB1, AB2, B of each row.
            runs.chunks(4).map(row).collect()
        };
        let added = inflation(&apart(1), found.variance).unwrap();
        close(found.factors[1].total.value, added, 0.2 * added);
        assert!(found.factors[0].total.value > 10.0 * added);
        // Days are the same for all points: their spread is no part of V.
        let points: Vec<Vec<f64>> = runs.chunks(4).flat_map(|row| [row[0].clone(), row[3].clone()]).collect();
        assert!(noise_share(&points, found.variance).unwrap() > 1.0);
        close(noise_share(&without_the_common(&points), found.variance).unwrap(), added, 0.2 * added);
    }

    #[test]
    fn noise_of_its_own_at_each_point_inflates_totals_by_its_share() {
        // Variance of x1 + x2/2 is (1 + 1/4) / 12; noise of the same size again doubles V.
        let variance: f64 = 1.25 / 12.0;
        let mut pick = picker(11);
        let mut noise = || variance.sqrt() * normal_quantile((pick(1_000_000) as f64 + 0.5) / 1e6);
        let found = Evaluated::new(2048, 2, |x| x[0] + 0.5 * x[1] + noise()).indices(0);
        for (index, clean) in found.factors.iter().zip([0.8, 0.2]) {
            close(index.total.value, clean / 2.0 + 0.5, 0.04);
            close(index.first.value, clean / 2.0, 0.06);
        }
        let mut sample = |point: usize| (0..4).map(|_| point as f64 + noise()).collect::<Vec<_>>();
        let replications: Vec<Vec<f64>> = (0..2000).map(&mut sample).collect();
        close(noise_share(&replications, 2.0 * variance).unwrap(), 0.125, 0.01);
        assert!(noise_share(&[vec![1.0]], 1.0).is_err());
        assert!(noise_share(&[vec![1.0, 2.0]], 0.0).is_err());
    }

    #[test]
    fn a_row_with_a_failed_run_is_left_out_and_a_constant_is_refused() {
        let mut evaluated = Evaluated::new(64, 3, ishigami);
        evaluated.ab[1][7] = f64::NAN;
        assert_eq!(evaluated.indices(0).rows, 63);
        let flat = Evaluated::new(16, 2, |_| 0.1);
        let error = jansen(flat.outputs(), 0, Confidence::default(), &mut picker(1)).unwrap_err();
        assert_eq!(error.to_string(), "the figure is the same in all runs: there is nothing to explain");
        evaluated.b.pop();
        assert!(saltelli_2010(evaluated.outputs()).is_err());
    }
}
