//! Room: design. Latin hypercubes: few points that cover every factor evenly.

use super::{DesignError, check_size};
use crate::rng::{Purpose, Streams};
use rand::RngExt;

/// A Latin hypercube of `points` points (McKay, Beckman and Conover 1979): each factor is cut into as many strata as there
/// are points, and each stratum holds exactly one of them, at a random place. Of `tries` such designs (1 or more) the one
/// whose two nearest points are farthest apart (maximin; Johnson, Moore and Ylvisaker 1990), the earlier of equals.
///
/// A try costs *O*(points² · factors) when there are several, *O*(points · factors) otherwise.
pub fn lhs(points: usize, factors: usize, tries: usize, seed: u64) -> Result<Vec<Vec<f64>>, DesignError> {
    check_size(Some(points), factors)?;
    if tries == 0 {
        return Err(DesignError::TooFew { what: "tries of a Latin hypercube", found: 0, needed: 1 });
    }
    let mut best = one(points, factors, seed, 0);
    if tries > 1 {
        let mut farthest = nearest_squared(&best);
        for number in 1..tries {
            let design = one(points, factors, seed, number as u64);
            let distance = nearest_squared(&design);
            if distance > farthest {
                (best, farthest) = (design, distance);
            }
        }
    }
    Ok(best)
}

/// Try number `number` of a seed.
fn one(points: usize, factors: usize, seed: u64, number: u64) -> Vec<Vec<f64>> {
    let mut stream = Streams::new(seed, 0).long_of(Purpose::Design, number);
    let mut design = vec![vec![0.0; factors]; points];
    for factor in 0..factors {
        let mut strata: Vec<usize> = (0..points).collect();
        shuffle(&mut strata, |n| stream.random_range(0..n));
        for (point, stratum) in design.iter_mut().zip(strata) {
            point[factor] = (stratum as f64 + stream.random::<f64>()) / points as f64;
        }
    }
    design
}

/// Puts the items into a random order (Fisher and Yates 1938; Durstenfeld 1964); `pick(n)` gives a whole number below n.
pub(super) fn shuffle<T>(items: &mut [T], mut pick: impl FnMut(usize) -> usize) {
    for last in (1..items.len()).rev() {
        items.swap(last, pick(last + 1));
    }
}

/// The squared distance of the two nearest points.
fn nearest_squared(design: &[Vec<f64>]) -> f64 {
    let apart = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let mut nearest = f64::INFINITY;
    for (i, a) in design.iter().enumerate() {
        for b in &design[..i] {
            nearest = nearest.min(apart(a, b));
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stratum_of_every_factor_holds_one_point() {
        for (points, factors, tries, seed) in [(1, 1, 1, 1), (7, 3, 1, 2), (50, 8, 4, 3), (200, 2, 1, 4)] {
            let design = lhs(points, factors, tries, seed).unwrap();
            for factor in 0..factors {
                let mut strata: Vec<usize> =
                    design.iter().map(|point| (point[factor] * points as f64) as usize).collect();
                strata.sort_unstable();
                assert!(strata.into_iter().eq(0..points), "factor {factor} of {points} points");
            }
        }
    }

    #[test]
    fn a_seed_gives_one_design_and_another_seed_another() {
        assert_eq!(lhs(20, 3, 2, 7), lhs(20, 3, 2, 7));
        assert_ne!(lhs(20, 3, 2, 7), lhs(20, 3, 2, 8));
        let design = lhs(20, 3, 1, 7).unwrap();
        assert!((0..20).any(|i| (design[i][0] * 20.0) as usize != (design[i][1] * 20.0) as usize), "factors are mixed");
    }

    #[test]
    fn more_tries_keep_points_farther_apart() {
        let nearest = |tries| nearest_squared(&lhs(20, 2, tries, 7).unwrap());
        assert!(nearest(50) > nearest(1));
        assert!(nearest(50) >= nearest(10));
        assert!(lhs(20, 2, 0, 7).is_err());
        assert!(lhs(0, 2, 1, 7).is_err() && lhs(5, 0, 1, 7).is_err());
    }
}
