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
    /// Orders to be fetched / orders (0 to 1, with `near_share` at most 1); 0 where pick-up is not offered.
    pub pickup_share: f64,
}

/// What calibration found.
#[derive(Clone, PartialEq, Debug)]
pub struct Calibration {
    /// Constants of near, far and pick-up, by category; those of pick-up as they were where it is not offered.
    pub constants: Vec<[f64; 3]>,
    /// What became of the sessions under these constants, by category.
    pub counts: Vec<SessionCounts>,
    /// Rounds of simulation.
    pub rounds: u32,
    /// By how much another round would have moved a constant at the most.
    pub off_by: f64,
}

impl Calibration {
    /// Whether the rounds ended because nothing moved, and not because there were no more.
    pub fn settled(&self) -> bool {
        self.off_by <= STILL
    }
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
        let now: Vec<[f64; 3]> = categories.iter().map(|c| [c.asc_near, c.asc_far, c.asc_pickup]).collect();
        let mut next: Vec<[f64; 3]> = now.iter().zip(targets).zip(&counts).map(|((c, t), n)| moved(*c, t, n)).collect();
        if !scenario.pickup_offered() {
            next.iter_mut().zip(&now).for_each(|(next, now)| next[2] = now[2]);
        }
        let step = now.iter().flatten().zip(next.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        observe(round, step);
        if step <= STILL || round + 1 >= rounds {
            return Ok(Calibration { constants: now, counts, rounds: round + 1, off_by: step });
        }
        round += 1;
        for (category, [near, far, pickup]) in scenario.catalogue.categories.iter_mut().zip(next) {
            (category.asc_near, category.asc_far, category.asc_pickup) = (near, far, pickup);
        }
    }
}

/// The constants after one round.
fn moved([near, far, pickup]: [f64; 3], target: &Target, seen: &SessionCounts) -> [f64; 3] {
    if seen.sessions == 0 {
        return [near, far, pickup];
    }
    // Half a session more in each keeps the logarithm of nothing away.
    let share = |sessions: u64| (sessions as f64 + 0.5) / (seen.sessions as f64 + 1.5);
    let left = seen.sessions - seen.near - seen.far - seen.pickup;
    let leaving = ((1.0 - target.conversion) / share(left)).ln();
    let step = |constant: f64, wanted: f64, seen: u64| match wanted > 0.0 {
        true => (constant + (wanted / share(seen)).ln() - leaving).clamp(-FARTHEST, FARTHEST),
        false => -FARTHEST,
    };
    [
        step(near, target.conversion * target.near_share, seen.near),
        step(far, target.conversion * (1.0 - target.near_share - target.pickup_share), seen.far),
        step(pickup, target.conversion * target.pickup_share, seen.pickup),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::ChoiceModel;

    #[test]
    fn one_step_is_exact_where_nothing_else_changes() {
        // Shares .2, .4 and .1 of a logit with constants c; wanted .3, .35 and .05.
        let seen = SessionCounts { sessions: 10_000_000, near: 2_000_000, far: 4_000_000, pickup: 1_000_000 };
        let target = Target { conversion: 0.7, near_share: 3.0 / 7.0, pickup_share: 0.5 / 7.0 };
        let [near, far, pickup] = moved([0.1, 0.2, 0.3], &target, &seen);
        assert!((near - (0.1 + (0.3f64 / 0.2).ln())).abs() < 1e-6, "{near}");
        assert!((far - (0.2 + (0.35f64 / 0.4).ln())).abs() < 1e-6, "{far}");
        assert!((pickup - (0.3 + 0.5f64.ln())).abs() < 1e-6, "{pickup}");
    }

    #[test]
    fn a_day_of_a_small_city_comes_to_the_shares_wanted() {
        let mut scenario = Scenario::default();
        scenario.choice.model = ChoiceModel::Logit;
        scenario.choice.sessions_per_day = Some(6000.0);
        scenario.demand.orders_per_day = 1800.0;
        scenario.consumers.count = 2000;
        scenario.city.side_km = 6.0;
        scenario.pickup.enabled = true;
        scenario.couriers.count = 40;
        let city = Arc::new(City::build(&scenario).unwrap());
        let targets: Vec<Target> = scenario
            .catalogue
            .categories
            .iter()
            .map(|category| Target { conversion: 0.3, near_share: category.near_intent, pickup_share: 0.05 })
            .collect();
        let pool = crate::study::pool(2).unwrap();
        let found = calibrate(&pool, &scenario, &city, &targets, (2, 8), &mut |_, _| {}).unwrap();
        let sum = |of: fn(&SessionCounts) -> u64| found.counts.iter().map(of).sum::<u64>() as f64;
        let (sessions, near, far, pickup) = (sum(|c| c.sessions), sum(|c| c.near), sum(|c| c.far), sum(|c| c.pickup));
        let orders = near + far + pickup;
        assert!((orders / sessions - 0.3).abs() < 0.01, "conversion {}", orders / sessions);
        assert!((near / orders - 0.296).abs() < 0.015, "near share {}", near / orders);
        assert!((pickup / orders - 0.05).abs() < 0.01, "pick-up share {}", pickup / orders);
        assert!(found.rounds > 1);
    }
}
