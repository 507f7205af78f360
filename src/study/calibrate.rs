//! Calibration: the constants of consumer choice that give the shares wanted.

use super::{Keep, StudyError, replicate};
use crate::city::City;
use crate::metrics::SessionCounts;
use crate::scenario::Scenario;
use std::sync::Arc;

/// The shares that a category should have.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Target {
    /// Orders / sessions, all channels (above 0, below 1).
    pub conversion: f64,
    /// Near orders / orders (0 to 1).
    pub near_share: f64,
}

/// What calibration found.
#[derive(Clone, PartialEq, Debug)]
pub struct Calibration {
    /// Constants of near and far, by category.
    pub constants: Vec<[f64; 2]>,
    /// What became of the sessions under these constants, by category.
    pub counts: Vec<SessionCounts>,
    /// Rounds of simulation.
    pub rounds: u32,
}

/// Constants farther from 0 than this mean that a share cannot be reached.
const FARTHEST: f64 = 20.0;
/// Rounds end when no constant moves by more than this.
const STILL: f64 = 0.002;

/// Solves the constants by fixed point: each round simulates `replications` days with common random numbers and moves the
/// constant of each alternative by ln(share wanted / share seen), less the same of leaving (Berry, Levinsohn and Pakes
/// 1995); load changes with the shares, so that a few rounds are needed. Stops when nothing moves or after `rounds`.
pub fn calibrate(
    pool: &rayon::ThreadPool,
    scenario: &Scenario,
    city: &Arc<City>,
    targets: &[Target],
    (replications, rounds): (u32, u32),
    observe: &mut dyn FnMut(u32, f64),
) -> Result<Calibration, StudyError> {
    let mut scenario = scenario.clone();
    let mut round = 0;
    loop {
        let days =
            replicate(pool, &scenario, city, replications, Keep { frames: true, ..Keep::default() }, None, &|_, _| {})?;
        let mut counts = vec![SessionCounts::default(); targets.len()];
        for frames in days.iter().filter_map(|day| day.frames.as_ref()) {
            for (sum, day) in counts.iter_mut().zip(frames.session_counts(targets.len())?) {
                sum.add(day);
            }
        }
        let categories = &scenario.catalogue.categories;
        let now: Vec<[f64; 2]> = categories.iter().map(|category| [category.asc_near, category.asc_far]).collect();
        let next: Vec<[f64; 2]> = now.iter().zip(targets).zip(&counts).map(|((c, t), n)| moved(*c, t, n)).collect();
        let step = now.iter().flatten().zip(next.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        observe(round, step);
        if step <= STILL || round + 1 >= rounds {
            return Ok(Calibration { constants: now, counts, rounds: round + 1 });
        }
        round += 1;
        for (category, [near, far]) in scenario.catalogue.categories.iter_mut().zip(next) {
            (category.asc_near, category.asc_far) = (near, far);
        }
    }
}

/// The constants after one round.
fn moved([near, far]: [f64; 2], target: &Target, seen: &SessionCounts) -> [f64; 2] {
    if seen.sessions == 0 {
        return [near, far];
    }
    // Half a session more in each keeps the logarithm of nothing away.
    let share = |sessions: u64| (sessions as f64 + 0.5) / (seen.sessions as f64 + 1.5);
    let left = seen.sessions - seen.near - seen.far;
    let leaving = ((1.0 - target.conversion) / share(left)).ln();
    let step = |constant: f64, wanted: f64, seen: u64| match wanted > 0.0 {
        true => (constant + (wanted / share(seen)).ln() - leaving).clamp(-FARTHEST, FARTHEST),
        false => -FARTHEST,
    };
    [
        step(near, target.conversion * target.near_share, seen.near),
        step(far, target.conversion * (1.0 - target.near_share), seen.far),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::ChoiceModel;

    #[test]
    fn one_step_is_exact_where_nothing_else_changes() {
        // Shares .2 and .5 of a logit with constants c; wanted .3 and .4.
        let seen = SessionCounts { sessions: 10_000_000, near: 2_000_000, far: 5_000_000 };
        let target = Target { conversion: 0.7, near_share: 3.0 / 7.0 };
        let [near, far] = moved([0.1, 0.2], &target, &seen);
        assert!((near - (0.1 + (0.3f64 / 0.2).ln())).abs() < 1e-6, "{near}");
        assert!((far - (0.2 + (0.4f64 / 0.5).ln())).abs() < 1e-6, "{far}");
    }

    #[test]
    fn a_day_of_a_small_city_comes_to_the_shares_wanted() {
        let mut scenario = Scenario::default();
        scenario.choice.model = ChoiceModel::Logit;
        scenario.choice.sessions_per_day = Some(6000.0);
        scenario.demand.orders_per_day = 1800.0;
        scenario.consumers.count = 2000;
        scenario.city.side_km = 6.0;
        scenario.couriers.count = 40;
        let city = Arc::new(City::build(&scenario).unwrap());
        let targets: Vec<Target> = scenario
            .catalogue
            .categories
            .iter()
            .map(|category| Target { conversion: 0.3, near_share: category.near_intent })
            .collect();
        let pool = crate::study::pool(2).unwrap();
        let found = calibrate(&pool, &scenario, &city, &targets, (2, 8), &mut |_, _| {}).unwrap();
        let sum = |of: fn(&SessionCounts) -> u64| found.counts.iter().map(of).sum::<u64>() as f64;
        let (sessions, near, far) = (sum(|c| c.sessions), sum(|c| c.near), sum(|c| c.far));
        assert!(((near + far) / sessions - 0.3).abs() < 0.01, "conversion {}", (near + far) / sessions);
        assert!((near / (near + far) - 0.296).abs() < 0.015, "near share {}", near / (near + far));
        assert!(found.rounds > 1);
    }
}
