//! When a store takes orders.

use crate::city::Store;
use crate::scenario::Scenario;
use crate::units::{SimDuration, SimTime};

const DAY_MS: i64 = 86_400_000;

/// The hours of a store; those that end where they begin are all day.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct OpenHours {
    opens: i64,
    closes: i64,
    /// Time of day at which the run starts.
    start: i64,
}

impl OpenHours {
    pub(super) fn new(scenario: &Scenario, store: &Store) -> Self {
        let start = SimDuration::from_hours(scenario.start_hour).0;
        OpenHours { opens: store.opens.0, closes: store.closes.0, start }
    }
    /// Whether orders are taken.
    pub(super) fn open(&self, at: SimTime) -> bool {
        let time_of_day = (at.0 + self.start).rem_euclid(DAY_MS);
        match self.opens < self.closes {
            true => (self.opens..self.closes).contains(&time_of_day),
            false => time_of_day >= self.opens || time_of_day < self.closes,
        }
    }
    /// Milliseconds open between the midnight before the run and an instant: what lies between two is the difference.
    pub(super) fn before(&self, at: SimTime) -> i64 {
        let (day, time_of_day) = ((at.0 + self.start).div_euclid(DAY_MS), (at.0 + self.start).rem_euclid(DAY_MS));
        day * self.of_day(DAY_MS) + self.of_day(time_of_day)
    }
    /// Milliseconds open from midnight to a time of day.
    fn of_day(&self, until: i64) -> i64 {
        match self.opens < self.closes {
            true => (until - self.opens).clamp(0, self.closes - self.opens),
            false => until.min(self.closes) + (until - self.opens).max(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_open_is_counted_across_days_and_midnight() {
        let hours = |opens: f64, closes: f64, start: f64| {
            let [opens, closes, start] = [opens, closes, start].map(|hours| SimDuration::from_hours(hours).0);
            OpenHours { opens, closes, start }
        };
        let at = SimTime::from_hours;
        for (opens, closes, start) in
            [(8.0, 22.0, 0.0), (22.0, 6.0, 5.5), (0.0, 0.0, 7.0), (0.0, 24.0, 0.0), (7.0, 7.0, 3.0)]
        {
            let hours = hours(opens, closes, start);
            // Minute by minute, over two and a half days.
            let minutes =
                |from: u32, to: u32| (from..to).filter(|m| hours.open(at(f64::from(*m) / 60.0))).count() as i64;
            for (from, to) in [(0, 3600), (400, 500), (1300, 1700), (2000, 2001)] {
                let between = hours.before(at(f64::from(to) / 60.0)) - hours.before(at(f64::from(from) / 60.0));
                assert_eq!(between, minutes(from, to) * 60_000, "{hours:?}, minutes {from} to {to}");
            }
        }
    }
}
