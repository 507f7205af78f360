//! Profiles by clock hour: KPIs of the orders placed in each hour, by the same definitions as those of a whole run.

use super::frames::placed_from;
use super::kpi::values;
use super::measures::Measures;
use super::window::Window;
use super::{MetricsError, StoredOrders};
use crate::scenario::Scenario;
use crate::units::SimTime;
use polars::prelude::*;

const HOUR_MS: i64 = 3_600_000;

/// KPIs with a profile: those that orders alone make up.
pub const HOURLY: [&str; 14] = [
    "orders",
    "delivered",
    "cancelled",
    "gmv",
    "near_share_orders",
    "near_share_gmv",
    "click_to_door_mean_min",
    "click_to_door_p90_min",
    "on_time_share",
    "far_lead_mean_h",
    "queue_mean_min",
    "pick_mean_min",
    "courier_wait_mean_min",
    "ride_mean_min",
];
/// Those that are sums: their profile is a rate, by hour of simulated time.
const SUMS: [&str; 4] = ["orders", "delivered", "cancelled", "gmv"];

/// Hours of the horizon after the warm-up that fall into each clock hour, from midnight.
pub fn hours_covered(scenario: &Scenario) -> [f64; 24] {
    let start = SimTime::from_hours(scenario.start_hour).0;
    let window = Window::measured(scenario);
    let (from, to) = (start + window.from.0, start + window.until.0);
    let mut covered = [0; 24];
    let mut at = from;
    while at < to {
        let next = ((at.div_euclid(HOUR_MS) + 1) * HOUR_MS).min(to);
        covered[clock_hour(at)] += next - at;
        at = next;
    }
    covered.map(|ms| ms as f64 / HOUR_MS as f64)
}

fn clock_hour(ms: i64) -> usize {
    (ms.div_euclid(HOUR_MS).rem_euclid(24)) as usize
}

impl StoredOrders {
    /// For each clock hour the values of [`HOURLY`] over the orders of one replication that were placed in it after the warm-up; NaN where
    /// there is no data, or the run has no such hour.
    pub fn profile(&self, scenario: &Scenario, replication: u32) -> Result<[[f64; HOURLY.len()]; 24], MetricsError> {
        let covered = hours_covered(scenario);
        let start = SimTime::from_hours(scenario.start_hour).0;
        let orders = self.of_replication(replication)?;
        let mine = placed_from(&orders, Window::measured(scenario).from)?;
        let placed = orders.column("placed_s")?.f64()?;
        let hours: Vec<usize> =
            placed.iter().map(|s| clock_hour(start + SimTime::from_seconds(s.unwrap_or(0.0)).0)).collect();
        let mut profile = [[f64::NAN; HOURLY.len()]; 24];
        for (hour, row) in profile.iter_mut().enumerate().filter(|(hour, _)| covered[*hour] > 0.0) {
            let here = BooleanChunked::from_iter_values("here".into(), hours.iter().map(|h| *h == hour));
            *row = values(&Measures::of_orders(&mine.only(&here))?, &HOURLY);
            for (value, name) in row.iter_mut().zip(HOURLY) {
                if SUMS.contains(&name) {
                    *value /= covered[hour];
                }
            }
        }
        Ok(profile)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Frames, definition};
    use super::*;
    use crate::testing::small_run;

    #[test]
    fn a_profile_counts_orders_in_the_hour_they_were_placed() {
        let mut run = small_run();
        run.scenario.start_hour = 23.5;
        let frames = Frames::from_log(&run.scenario, &run.city, &run.log, 0).unwrap();
        let orders = StoredOrders::read(frames.orders_parquet().unwrap()).unwrap();
        let profile = orders.profile(&run.scenario, 0).unwrap();
        let at = |hour: usize, name: &str| profile[hour][HOURLY.iter().position(|n| *n == name).unwrap()];
        // Placed at 600, 1000, 1200 s in the half hour before midnight, four more in the hour after it.
        assert_eq!((at(23, "orders"), at(0, "orders")), (6.0, 4.0));
        assert_eq!((at(23, "gmv"), at(23, "near_share_orders")), (700.0, 2.0 / 3.0));
        assert_eq!(at(23, "click_to_door_mean_min"), 27.5);
        assert!(at(0, "click_to_door_mean_min").is_nan() && at(1, "orders") == 0.0);
        assert!(at(12, "orders").is_nan(), "the run has no such hour");
    }

    #[test]
    fn hours_of_a_long_run_add_up() {
        let scenario = Scenario { start_hour: 22.5, horizon_h: 27.0, ..crate::testing::fixed_wishes() };
        let covered = hours_covered(&scenario);
        assert_eq!((covered[21], covered[22], covered[23], covered[0], covered[1]), (1.0, 1.5, 2.0, 2.0, 1.5));
        assert_eq!(covered.iter().sum::<f64>(), 27.0);
    }

    #[test]
    fn every_profile_is_a_kpi() {
        assert!(HOURLY.iter().all(|name| definition(name).is_some()));
        assert!(SUMS.iter().all(|name| HOURLY.contains(name)));
    }
}
