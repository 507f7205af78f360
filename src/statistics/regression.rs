//! Room: statistics. Straight lines through runs: which factor moves a figure, which way and how much.

use super::student::t_quantile;
use super::{Confidence, StatisticsError, all_same, at_least, known, mean, same_length, variance};

/// Below this R² straight lines leave out too much to rank factors by them; Sobol' indices do not need lines.
pub const STRAIGHT_ENOUGH: f64 = 0.7;

/// The slope of one factor.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Slope {
    /// Change of the figure per unit of the factor.
    pub coefficient: f64,
    /// Half of its t-interval; NaN without degrees of freedom left.
    pub half_width: f64,
    /// Standardised: change in standard deviations of the figure per standard deviation of the factor.
    pub standardised: f64,
}

/// An ordinary least-squares fit.
#[derive(Clone, PartialEq, Debug)]
pub struct Fit {
    /// The figure where all factors are 0.
    pub intercept: f64,
    /// One slope for each factor.
    pub slopes: Vec<Slope>,
    /// R²: share of the variance of the figure that the lines explain.
    pub r_squared: f64,
    /// Observations less coefficients.
    pub freedom: usize,
}

impl Fit {
    /// Whether the slopes may rank the factors: R² at least [`STRAIGHT_ENOUGH`].
    pub fn is_straight_enough(&self) -> bool {
        self.r_squared >= STRAIGHT_ENOUGH
    }

    /// The figure the lines give at these factors.
    pub fn predict(&self, factors: &[f64]) -> f64 {
        self.intercept + self.slopes.iter().zip(factors).map(|(slope, x)| slope.coefficient * x).sum::<f64>()
    }
}

/// Fits y = b0 + Σ b_j x_j by least squares (Legendre 1805; Gauss 1809) through Householder's triangulation (Householder
/// 1958), which does not square the condition as normal equations do. Standardised b_j · s_xj / s_y. Columns are centred
/// first. `factors[j]` is the column of factor j.
pub fn least_squares(factors: &[Vec<f64>], figure: &[f64], confidence: Confidence) -> Result<Fit, StatisticsError> {
    at_least("factors", factors.len(), 1)?;
    at_least("runs for straight lines", figure.len(), factors.len() + 1)?;
    known("the figure", figure)?;
    for column in factors {
        same_length("values of a factor", column.len(), figure.len())?;
        known("values of a factor", column)?;
    }
    if let Some(still) = factors.iter().position(|column| all_same(column)) {
        return Err(StatisticsError::Inseparable { factor: still + 1 });
    }
    if all_same(figure) {
        return Err(StatisticsError::NothingVaries("the figure"));
    }
    let centred = |column: &[f64]| -> Vec<f64> {
        let mean = mean(column);
        column.iter().map(|x| x - mean).collect()
    };
    let mut columns: Vec<Vec<f64>> = factors.iter().map(|column| centred(column)).collect();
    let mut rotated = centred(figure);
    let total = dot(&rotated, &rotated);
    let diagonal = triangulate(&mut columns, &mut rotated)?;
    let k = factors.len();
    let coefficients = solve(&columns, &diagonal, &rotated);
    let residual = dot(&rotated[k..], &rotated[k..]);
    let freedom = figure.len() - k - 1;
    let noise = residual / freedom as f64;
    let t = if freedom > 0 { t_quantile(confidence.upper(), freedom as f64) } else { f64::NAN };
    let slope = |j: usize| Slope {
        coefficient: coefficients[j],
        half_width: t * (noise * row_of_inverse(&columns, &diagonal, j)).sqrt(),
        standardised: coefficients[j] * (variance(&factors[j]) / variance(figure)).sqrt(),
    };
    let lines: f64 = factors.iter().zip(&coefficients).map(|(column, b)| b * mean(column)).sum();
    Ok(Fit {
        intercept: mean(figure) - lines,
        slopes: (0..k).map(slope).collect(),
        r_squared: 1.0 - residual / total,
        freedom,
    })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Reflects column after column onto the diagonal and gives that; above it R stays in the columns, and `right` becomes Qᵀy.
fn triangulate(columns: &mut [Vec<f64>], right: &mut [f64]) -> Result<Vec<f64>, StatisticsError> {
    let mut diagonal = Vec::new();
    for j in 0..columns.len() {
        let (done, rest) = columns.split_at_mut(j + 1);
        let column = &mut done[j];
        let length = dot(column, column).sqrt();
        let below = dot(&column[j..], &column[j..]).sqrt();
        // What is left of a column that others explain is rounding.
        if below <= 1e-10 * length || below == 0.0 {
            return Err(StatisticsError::Inseparable { factor: j + 1 });
        }
        let onto = if column[j] > 0.0 { -below } else { below };
        column[j] -= onto;
        let mirror = &column[j..];
        let size = dot(mirror, mirror);
        for other in rest.iter_mut().map(|other| &mut other[j..]).chain([&mut right[j..]]) {
            let share = 2.0 * dot(mirror, other) / size;
            other.iter_mut().zip(mirror).for_each(|(x, m)| *x -= share * m);
        }
        diagonal.push(onto);
    }
    Ok(diagonal)
}

/// Solves R b = Qᵀy from the last row up.
fn solve(columns: &[Vec<f64>], diagonal: &[f64], right: &[f64]) -> Vec<f64> {
    let k = diagonal.len();
    let mut b = vec![0.0; k];
    for i in (0..k).rev() {
        let known: f64 = (i + 1..k).map(|j| columns[j][i] * b[j]).sum();
        b[i] = (right[i] - known) / diagonal[i];
    }
    b
}

/// Entry j of the diagonal of (RᵀR)⁻¹: the squared length of row j of R⁻¹, from Rᵀz = e_j.
fn row_of_inverse(columns: &[Vec<f64>], diagonal: &[f64], j: usize) -> f64 {
    let k = diagonal.len();
    let mut z = vec![0.0; k];
    for i in j..k {
        let known: f64 = (j..i).map(|m| columns[i][m] * z[m]).sum();
        z[i] = (f64::from(u8::from(i == j)) - known) / diagonal[i];
    }
    dot(&z, &z)
}

/// What a factor does on average over all others.
#[derive(Clone, PartialEq, Debug)]
pub struct MainEffect {
    /// Mean of the figure at each level, in the order of the levels; NaN where no run has a value.
    pub means: Vec<f64>,
    /// Runs with a value at each level.
    pub runs: Vec<usize>,
    /// Largest mean less smallest.
    pub range: f64,
}

/// Main effects of a table of runs (Fisher 1935): `levels[run][factor]` numbers the level of each factor from 0. Runs
/// without a value (NaN) are left out; where that leaves a grid uneven the means mix in other factors.
pub fn main_effects(levels: &[Vec<usize>], figure: &[f64]) -> Result<Vec<MainEffect>, StatisticsError> {
    at_least("runs", levels.len(), 1)?;
    same_length("figures of the runs", figure.len(), levels.len())?;
    let factors = levels[0].len();
    for run in levels {
        same_length("factors of a run", run.len(), factors)?;
    }
    Ok((0..factors).map(|factor| main_effect(levels, figure, factor)).collect())
}

fn main_effect(levels: &[Vec<usize>], figure: &[f64], factor: usize) -> MainEffect {
    let count = levels.iter().map(|run| run[factor] + 1).max().unwrap_or(0);
    let (mut sums, mut runs) = (vec![0.0; count], vec![0; count]);
    for (run, value) in levels.iter().zip(figure).filter(|(_, value)| value.is_finite()) {
        sums[run[factor]] += value;
        runs[run[factor]] += 1;
    }
    let means: Vec<f64> = sums.iter().zip(&runs).map(|(sum, &n)| sum / n as f64).collect();
    // `min` and `max` pass over NaN.
    let range = means.iter().copied().fold(f64::NAN, f64::max) - means.iter().copied().fold(f64::NAN, f64::min);
    MainEffect { means, runs, range }
}

/// Elasticities: by how many per cent the figure changes when a factor changes by one per cent, from least squares over
/// logarithms, ln y = b0 + Σ b_j ln x_j. All values must be above 0; the fit takes and gives logarithms.
pub fn elasticities(factors: &[Vec<f64>], figure: &[f64], confidence: Confidence) -> Result<Fit, StatisticsError> {
    let logarithms = |what: &'static str, values: &[f64]| -> Result<Vec<f64>, StatisticsError> {
        known(what, values)?;
        match values.iter().find(|value| **value <= 0.0) {
            Some(&found) => Err(StatisticsError::Setting { what, expected: "above 0 for an elasticity", found }),
            None => Ok(values.iter().map(|value| value.ln()).collect()),
        }
    };
    let columns: Result<Vec<_>, _> = factors.iter().map(|column| logarithms("values of a factor", column)).collect();
    least_squares(&columns?, &logarithms("the figure", figure)?, confidence)
}

/// The elasticity between two points, each change against the mean of both (arc elasticity, Allen 1934), so that both
/// directions give the same; NaN where the factor does not change.
pub fn arc_elasticity(from: (f64, f64), to: (f64, f64)) -> f64 {
    let relative = |a: f64, b: f64| (b - a) / ((a + b) / 2.0);
    let change = relative(from.0, to.0);
    if change == 0.0 { f64::NAN } else { relative(from.1, to.1) / change }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{close, picker};
    use super::*;

    fn grid() -> (Vec<f64>, Vec<f64>) {
        (0..9).map(|i| (f64::from(i / 3 - 1), f64::from(i % 3 - 1))).unzip()
    }

    fn fitted(factors: &[Vec<f64>], figure: &[f64]) -> Result<Fit, StatisticsError> {
        least_squares(factors, figure, Confidence::default())
    }

    #[test]
    fn the_coded_grid_gives_the_reference_coefficients() {
        let (a, b) = grid();
        let y: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 3.0 + 2.0 * a - 1.5 * b + 0.5 * a * b).collect();
        let fit = fitted(&[a, b], &y).unwrap();
        close(fit.intercept, 3.0, 1e-12);
        close(fit.slopes[0].coefficient, 2.0, 1e-12);
        close(fit.slopes[1].coefficient, -1.5, 1e-12);
        close(fit.slopes[0].standardised, 0.78954203, 1e-8);
        close(fit.slopes[1].standardised, -0.59215653, 1e-8);
        close(fit.r_squared, 0.974025974, 1e-9);
        assert!(fit.is_straight_enough());
        // Residuals are .5ab, sum of squares 1 over 6 degrees of freedom; Σa² = 6.
        close(fit.slopes[0].half_width, 2.4469118511 * (1.0f64 / 6.0 / 6.0).sqrt(), 1e-9);
        close(fit.predict(&[1.0, 1.0]), 3.5, 1e-12);
    }

    #[test]
    fn nearly_parallel_factors_are_told_apart_and_parallel_ones_refused() {
        let mut pick = picker(2);
        let x: Vec<f64> = (0..40).map(|_| 1e4 + pick(1000) as f64).collect();
        let near: Vec<f64> = x.iter().map(|x| x + 1e-3 * pick(1000) as f64).collect();
        let y: Vec<f64> = x.iter().zip(&near).map(|(x, z)| 5.0 + 2.0 * x - z).collect();
        let fit = fitted(&[x.clone(), near], &y).unwrap();
        close(fit.slopes[0].coefficient, 2.0, 1e-7);
        close(fit.slopes[1].coefficient, -1.0, 1e-7);
        let twice: Vec<f64> = x.iter().map(|x| 2.0 * x).collect();
        assert_eq!(fitted(&[x.clone(), twice], &y), Err(StatisticsError::Inseparable { factor: 2 }));
        assert_eq!(fitted(&[vec![0.1; 40]], &y), Err(StatisticsError::Inseparable { factor: 1 }));
        assert_eq!(fitted(std::slice::from_ref(&x), &[0.1; 40]), Err(StatisticsError::NothingVaries("the figure")));
        assert!(fitted(&[x[..2].to_vec(), x[1..3].to_vec()], &y[..2]).is_err());
    }

    #[test]
    fn slopes_solve_the_normal_equations() {
        let mut pick = picker(3);
        let mut column = || (0..25).map(|_| pick(1000) as f64 / 100.0).collect::<Vec<f64>>();
        let factors = vec![column(), column(), column()];
        let y = column();
        let fit = fitted(&factors, &y).unwrap();
        let residual: Vec<f64> =
            (0..25).map(|i| y[i] - fit.predict(&factors.iter().map(|x| x[i]).collect::<Vec<_>>())).collect();
        close(residual.iter().sum::<f64>(), 0.0, 1e-10);
        for x in &factors {
            close(dot(x, &residual), 0.0, 1e-9);
        }
        assert!(!fit.is_straight_enough());
    }

    #[test]
    fn main_effects_are_the_means_of_the_levels() {
        let levels: Vec<Vec<usize>> = (0..6).map(|i| vec![i / 3, i % 3]).collect();
        let found = main_effects(&levels, &[1.0, 2.0, 3.0, 11.0, 12.0, f64::NAN]).unwrap();
        assert_eq!((&found[0].means, &found[0].runs, found[0].range), (&vec![2.0, 11.5], &vec![3, 2], 9.5));
        assert_eq!((&found[1].means, found[1].range), (&vec![6.0, 7.0, 3.0], 4.0));
        assert!(main_effects(&levels, &[1.0]).is_err());
    }

    #[test]
    fn a_power_law_has_its_powers_as_elasticities() {
        let price: Vec<f64> = (1..=20).map(f64::from).collect();
        let speed: Vec<f64> = (1..=20).map(|i| f64::from(i * 7 % 11 + 1)).collect();
        let demand: Vec<f64> = price.iter().zip(&speed).map(|(p, s)| 100.0 * p.powf(-1.5) * s.powf(0.25)).collect();
        let fit = elasticities(&[price.clone(), speed], &demand, Confidence::default()).unwrap();
        close(fit.slopes[0].coefficient, -1.5, 1e-10);
        close(fit.slopes[1].coefficient, 0.25, 1e-10);
        assert!(elasticities(&[price], &[0.0; 20], Confidence::default()).is_err());
        close(arc_elasticity((4.0, 100.0), (6.0, 80.0)), -(20.0 / 90.0) / (2.0 / 5.0), 1e-12);
        assert_eq!(arc_elasticity((4.0, 100.0), (6.0, 80.0)), arc_elasticity((6.0, 80.0), (4.0, 100.0)));
        assert!(arc_elasticity((4.0, 1.0), (4.0, 2.0)).is_nan());
    }
}
