//! Room: statistics. The knee of a curve: from where on more of something brings little more.

use super::{Confidence, Estimate, StatisticsError, at_least, mean, same_length};
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

/// Fewest points of a curve that can have a knee.
const FEWEST_POINTS: usize = 4;

/// The knee of a curve.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Knee {
    /// Its place among the points, from 0.
    pub at: usize,
    /// The factor there.
    pub x: f64,
    /// The figure there.
    pub y: f64,
    /// How far the curve lies beyond the straight line from its first to its last point, both axes scaled to 1.
    pub bend: f64,
}

/// The knee by Kneedle (Satopää, Albrecht, Irwin and Raghavan 2011), without its smoothing: both axes are scaled to [0, 1],
/// a falling curve is turned over, and the knee is where the curve is farthest above the diagonal, the first of equals.
/// `None` where more never brings less: the curve is short (fewer than 4 points), level, straight, or bends the other
/// way. Straight is a bend of no more than the mean step of the scaled factor, Kneedle's threshold at sensitivity 1.
///
/// `x` ascends. For a fleet: couriers against share on time (rising) or minutes from click to door (falling).
pub fn knee(x: &[f64], y: &[f64]) -> Result<Option<Knee>, StatisticsError> {
    same_length("figures along a curve", y.len(), x.len())?;
    super::known("figures along a curve", y)?;
    if !x.windows(2).all(|pair| pair[0] < pair[1]) || x.iter().any(|x| !x.is_finite()) {
        return Err(StatisticsError::Axis("a curve"));
    }
    let n = x.len();
    let lowest = y.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if n < FEWEST_POINTS || lowest == highest {
        return Ok(None);
    }
    let rising = y[n - 1] > y[0];
    let gain = |i: usize| (if rising { y[i] - lowest } else { highest - y[i] }) / (highest - lowest);
    let bend = |i: usize| gain(i) - (x[i] - x[0]) / (x[n - 1] - x[0]);
    let at = (1..n).fold(0, |best, i| if bend(i) > bend(best) { i } else { best });
    let straight = 1.0 / (n - 1) as f64;
    // An even bend of a curve that only ends higher than it began is rounding, not more.
    Ok((bend(at) > straight + 1e-12).then(|| Knee { at, x: x[at], y: y[at], bend: bend(at) }))
}

/// The knee over replications.
#[derive(Clone, PartialEq, Debug)]
pub struct KneeInterval {
    /// Knee of the mean curve; `None` if it has none.
    pub of_mean: Option<Knee>,
    /// The knees of single replications: their mean and its t-interval, in the unit of the factor.
    pub estimate: Estimate,
    /// Smallest knee of a replication; NaN if none has one.
    pub lowest: f64,
    /// Largest knee of a replication.
    pub highest: f64,
    /// Replications, with and without a knee.
    pub replications: usize,
}

/// The knee of each replication's curve, `curves[replication][point]`, and of their mean. Knees fall on points that were run:
/// an interval narrower than the step between them says no more than the step.
pub fn knee_interval(x: &[f64], curves: &[Vec<f64>], confidence: Confidence) -> Result<KneeInterval, StatisticsError> {
    at_least("replications", curves.len(), 1)?;
    let single: Result<Vec<Option<Knee>>, _> = curves.iter().map(|curve| knee(x, curve)).collect();
    let knees: Vec<f64> = single?.into_iter().flatten().map(|knee| knee.x).collect();
    let mean = |i: usize| curves.iter().map(|curve| curve[i]).sum::<f64>() / curves.len() as f64;
    Ok(KneeInterval {
        of_mean: knee(x, &(0..x.len()).map(mean).collect::<Vec<_>>())?,
        estimate: Estimate::of(&knees, confidence),
        lowest: knees.iter().copied().fold(f64::NAN, f64::min),
        highest: knees.iter().copied().fold(f64::NAN, f64::max),
        replications: curves.len(),
    })
}

/// Whether any level differs from the others by more than chance: Fisher's F of levels in blocks, the replications, which
/// share their random numbers: the mean square between levels over that of what levels and replications leave. `None` with
/// one level or one replication.
pub fn moves(curves: &[Vec<f64>], confidence: Confidence) -> Option<bool> {
    let (blocks, levels) = (curves.len(), curves.first().map_or(0, Vec::len));
    if blocks < 2 || levels < 2 {
        return None;
    }
    let of_level: Vec<f64> =
        (0..levels).map(|i| mean(&curves.iter().map(|curve| curve[i]).collect::<Vec<_>>())).collect();
    let of_all = mean(&of_level);
    let between = blocks as f64 * of_level.iter().map(|it| (it - of_all).powi(2)).sum::<f64>();
    let rest = |curve: &Vec<f64>| {
        let own = mean(curve) - of_all;
        curve.iter().zip(&of_level).map(|(it, level)| (it - level - own).powi(2)).sum::<f64>()
    };
    let within: f64 = curves.iter().map(rest).sum();
    let freedom = ((levels - 1) as f64, ((levels - 1) * (blocks - 1)) as f64);
    let f = (between / freedom.0) / (within / freedom.1);
    // Without any rest every difference is more than chance, and no difference is none.
    let p = match f.is_finite() {
        true => FisherSnedecor::new(freedom.0, freedom.1).map_or(f64::NAN, |fisher| fisher.sf(f)),
        false => f64::from(between == 0.0),
    };
    Some(p < 1.0 - confidence.share())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{close, picker};
    use super::*;

    fn axis(n: usize) -> Vec<f64> {
        (0..n).map(|i| i as f64).collect()
    }

    fn at(x: &[f64], f: impl Fn(f64) -> f64) -> Option<usize> {
        knee(x, &x.iter().map(|x| f(*x)).collect::<Vec<_>>()).unwrap().map(|knee| knee.at)
    }

    #[test]
    fn the_curve_of_the_authors_bends_where_they_say() {
        // Their figure 2: y = 5 - 1 / (x + .1) at ten points from 0 to 1, knee at x = .22.
        let x: Vec<f64> = (0..10).map(|i| f64::from(i) / 9.0).collect();
        let found = at(&x, |x| 5.0 - 1.0 / (x + 0.1));
        assert_eq!(found, Some(2));
    }

    #[test]
    fn a_corner_is_found_on_rising_and_falling_curves() {
        let x = axis(21);
        assert_eq!(at(&x, |x| x.min(6.0)), Some(6));
        assert_eq!(at(&x, |x| 90.0 - 5.0 * x.min(6.0)), Some(6));
        // 1 - e^(-x/τ): the slope of the scaled curve is 1 where e^(-x/τ) = τ (1 - e^(-20/τ)) / 20.
        let tau: f64 = 4.0;
        let known = -tau * (tau * (1.0 - (-20.0 / tau).exp()) / 20.0).ln();
        let found = at(&x, |x| 1.0 - (-x / tau).exp()).unwrap();
        assert!((found as f64 - known).abs() <= 0.5, "{found}, known {known}");
    }

    #[test]
    fn units_of_the_axes_do_not_matter() {
        let mut pick = picker(3);
        let mut y: Vec<f64> = (0..15).map(|_| pick(1000) as f64).collect();
        y.sort_by(f64::total_cmp);
        let found = knee(&axis(15), &y).unwrap();
        let scaled: Vec<f64> = y.iter().map(|y| 7.0 - 0.25 * y).collect();
        let wide: Vec<f64> = axis(15).iter().map(|x| 100.0 + 8.0 * x).collect();
        assert_eq!(found.map(|knee| knee.at), knee(&wide, &scaled).unwrap().map(|knee| knee.at));
    }

    #[test]
    fn straight_level_short_and_hollow_curves_have_no_knee() {
        let x = axis(11);
        assert_eq!(at(&x, |x| 3.0 * x), None);
        assert_eq!(at(&x, |x| 0.1 - 0.3 * x), None, "rounding is no bend");
        assert_eq!(at(&x, |_| 4.0), None);
        assert_eq!(at(&axis(3), |x| x.min(1.0)), None);
        assert_eq!(at(&x, |x| x * x), None, "more brings ever more");
        assert_eq!(knee(&[1.0, 1.0, 2.0, 3.0], &[0.0; 4]), Err(StatisticsError::Axis("a curve")));
        assert!(knee(&[1.0], &[]).is_err());
        assert_eq!(knee(&[], &[]), Ok(None));
    }

    #[test]
    fn levels_that_differ_by_chance_alone_do_not_move() {
        // By hand: mean squares 7/3 and 1/6, F = 14 at 2 and 4 degrees of freedom, p = (1 + 2 · 14 / 4)⁻² = 1/64.
        let blocks = [vec![1.0, 2.0, 3.0], vec![2.0, 4.0, 4.0], vec![3.0, 4.0, 4.0]];
        let f = |confidence: f64| moves(&blocks, Confidence::new(confidence).unwrap());
        assert_eq!((f(0.9), f(0.99)), (Some(true), Some(false)));
        assert_eq!(moves(&[vec![1.0, 2.0], vec![2.0, 3.0]], Confidence::default()), Some(true), "the same difference");
        assert_eq!(moves(&[vec![1.0; 3], vec![2.0; 3]], Confidence::default()), Some(false), "level");
        assert_eq!(moves(&blocks[..1], Confidence::default()), None);
    }

    #[test]
    fn replications_give_an_interval_around_the_knee() {
        let x = axis(21);
        let corner = |at: f64| x.iter().map(|x| x.min(at)).collect::<Vec<f64>>();
        let found = knee_interval(&x, &[corner(5.0), corner(6.0), corner(7.0), vec![1.0; 21]], Confidence::default());
        let found = found.unwrap();
        assert_eq!((found.estimate.n, found.replications, found.lowest, found.highest), (3, 4, 5.0, 7.0));
        close(found.estimate.mean, 6.0, 1e-12);
        close(found.estimate.half_width, 4.3026527297 / 3f64.sqrt(), 1e-8);
        assert!(found.of_mean.is_some_and(|knee| (5..=7).contains(&knee.at)));
        let none = knee_interval(&x, &[vec![1.0; 21]], Confidence::default()).unwrap();
        assert!(none.of_mean.is_none() && none.estimate.mean.is_nan() && none.lowest.is_nan());
    }
}
