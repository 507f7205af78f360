//! Room: design. Trajectories for elementary effects.

use super::latin_hypercube::shuffle;
use super::{DesignError, check_size};
use crate::rng::{Purpose, Streams};
use rand::RngExt;

/// A walk that changes each factor once.
#[derive(Clone, PartialEq, Debug)]
pub struct Trajectory {
    /// Its points, one more than there are factors, each coordinate on the grid 0, 1/(L - 1), …, 1.
    pub points: Vec<Vec<f64>>,
    /// Which factor (from 0) changes between a point and the next.
    pub moved: Vec<usize>,
}

/// `trajectories` random trajectories of factors + 1 points (Morris 1991) on `levels` levels (even, 4 as a rule): each
/// factor in a random order moves by Δ = L / (2 (L - 1)), up from the lower half of the levels and down from the upper.
/// More trajectories begin with the same ones.
pub fn morris(trajectories: usize, factors: usize, levels: usize, seed: u64) -> Result<Vec<Trajectory>, DesignError> {
    check_size(trajectories.checked_mul(factors.saturating_add(1)), factors)?;
    if levels < 2 || levels % 2 == 1 {
        return Err(DesignError::OddLevels(levels));
    }
    Ok((0..trajectories as u64).map(|number| one(factors, levels, seed, number)).collect())
}

fn one(factors: usize, levels: usize, seed: u64, number: u64) -> Trajectory {
    let mut stream = Streams::new(seed, 0).long_of(Purpose::Design, number);
    // Whole levels, so that a point is exactly on the grid however it was reached.
    let mut at: Vec<usize> = (0..factors).map(|_| stream.random_range(0..levels)).collect();
    let mut moved: Vec<usize> = (0..factors).collect();
    shuffle(&mut moved, |n| stream.random_range(0..n));
    let point = |at: &[usize]| at.iter().map(|&level| level as f64 / (levels - 1) as f64).collect();
    let mut points = vec![point(&at)];
    for &factor in &moved {
        let half = levels / 2;
        at[factor] = if at[factor] < half { at[factor] + half } else { at[factor] - half };
        points.push(point(&at));
    }
    Trajectory { points, moved }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_moves_one_factor_by_delta_and_each_factor_once() {
        for (factors, levels) in [(1, 4), (5, 4), (3, 6), (4, 2)] {
            let delta = levels as f64 / (2.0 * (levels as f64 - 1.0));
            for trajectory in morris(30, factors, levels, 5).unwrap() {
                assert_eq!(trajectory.points.len(), factors + 1);
                let mut once = trajectory.moved.clone();
                once.sort_unstable();
                assert!(once.into_iter().eq(0..factors));
                for (pair, &moved) in trajectory.points.windows(2).zip(&trajectory.moved) {
                    for (i, (from, to)) in pair[0].iter().zip(&pair[1]).enumerate() {
                        let expected = if i == moved { delta } else { 0.0 };
                        let step = (to - from).abs();
                        assert!((step - expected).abs() < 1e-15, "{step}, not {expected}");
                        assert!((0.0..=1.0).contains(to));
                    }
                }
            }
        }
    }

    #[test]
    fn every_level_and_order_occurs_and_more_continue_fewer() {
        let many = morris(400, 2, 4, 1).unwrap();
        assert_eq!(many[..100], morris(100, 2, 4, 1).unwrap()[..]);
        assert_ne!(many[..100], morris(100, 2, 4, 2).unwrap()[..]);
        for level in 0..4 {
            let starts = many.iter().filter(|t| (t.points[0][0] * 3.0).round() as usize == level).count();
            assert!((60..=140).contains(&starts), "level {level} begins {starts} of 400");
        }
        let first = many.iter().filter(|t| t.moved[0] == 0).count();
        assert!((150..=250).contains(&first), "factor 1 moves first in {first} of 400");
        assert_eq!(morris(10, 2, 5, 1), Err(DesignError::OddLevels(5)));
        assert_eq!(morris(0, 2, 4, 1), Err(DesignError::TooFew { what: "points", found: 0, needed: 1 }));
    }
}
