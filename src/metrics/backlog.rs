//! What waits in the warehouse, and which parcels made their wave.

use crate::scenario::Scenario;
use crate::units::{SimDuration, SimTime};

/// Backlogs above this are counted as time.
const LIMIT_MS: i64 = 12 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// The backlog of a run. The warehouse packs first come, first served, so the work before it at a moment lasts until
/// the last order it has then is packed.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub(super) struct Backlog {
    /// Most orders not yet packed.
    pub max_orders: usize,
    /// Most work before it.
    pub max_ms: i64,
    /// Time with more than 12 h of work before it.
    pub over_limit_ms: i64,
    /// From the largest number of orders, the first time it was reached, to none; None if that never came.
    pub clear_ms: Option<i64>,
}

impl Backlog {
    /// Of orders as (given to the warehouse, packed), in any order; what is never packed waits until `end`. Watched from
    /// `from` on, when orders may wait already.
    pub(super) fn new(mut orders: Vec<(i64, Option<i64>)>, from: i64, end: i64) -> Backlog {
        orders.sort_by_key(|(sent, _)| *sent);
        let mut backlog = Backlog { clear_ms: Some(0), ..Backlog::default() };
        let nexts = orders.iter().skip(1).map(|(sent, _)| *sent).chain([i64::MAX]);
        for ((sent, packed), next) in orders.iter().zip(nexts) {
            let done = packed.unwrap_or(end);
            let since = from.max(*sent);
            backlog.max_ms = backlog.max_ms.max(done - since);
            backlog.over_limit_ms += ((done - LIMIT_MS).min(next) - since).max(0);
        }
        backlog.count(&orders, from);
        backlog
    }

    /// Orders come before those packed at the same moment: an order counts even if it takes no time.
    fn count(&mut self, orders: &[(i64, Option<i64>)], from: i64) {
        let mut packed: Vec<i64> = orders.iter().filter_map(|(_, packed)| *packed).collect();
        packed.sort_unstable();
        let mut packed = packed.into_iter().peekable();
        let (mut waiting, mut peak) = (0, None);
        let mut work_off = |until: i64, waiting: &mut usize, peak: &mut Option<i64>, clear: &mut Option<i64>| {
            while let Some(at) = packed.next_if(|at| *at < until) {
                *waiting -= 1;
                if *waiting == 0
                    && let Some(peak) = peak.take()
                {
                    *clear = Some(at - peak);
                }
            }
        };
        let mut moments: Vec<(i64, usize)> = orders.iter().map(|(sent, _)| (*sent, 1)).chain([(from, 0)]).collect();
        moments.sort_unstable();
        for (at, more) in moments {
            work_off(at, &mut waiting, &mut peak, &mut self.clear_ms);
            waiting += more;
            if at >= from && waiting > self.max_orders {
                (self.max_orders, peak, self.clear_ms) = (waiting, Some(at), None);
            }
        }
        work_off(i64::MAX, &mut waiting, &mut peak, &mut self.clear_ms);
    }
}

/// The waves of the day.
pub(super) struct Waves {
    of_day: Vec<i64>,
    start_of_day: i64,
}

impl Waves {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let ms = |hour: f64| SimDuration::from_hours(hour).0.rem_euclid(DAY_MS);
        let of_day = scenario.warehouse.wave_hours.iter().map(|hour| ms(*hour)).collect();
        Waves { of_day, start_of_day: ms(scenario.start_hour) }
    }

    /// Whether no wave went by between the two moments; None without waves, or if either moment is missing.
    pub(super) fn hit(&self, sent: Option<SimTime>, left: Option<SimTime>) -> Option<bool> {
        let (sent, left) = (sent?, left?);
        let of_day = (sent.0 + self.start_of_day).rem_euclid(DAY_MS);
        let wait = self.of_day.iter().map(|wave| (wave - of_day).rem_euclid(DAY_MS)).min()?;
        Some(left.0 <= sent.0 + wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const H: i64 = 3_600_000;

    #[test]
    fn a_peak_builds_up_and_clears_as_the_fluid_says() {
        // 120 orders an hour for 5 h, then 20 an hour; one is packed each minute. The backlog grows by 60 an hour to
        // 300 and takes 300 / (60 - 20) = 7.5 h to clear; it is 5 h of work at most.
        let minute = H / 60;
        let peak = (0..600).map(|i| i * minute / 2);
        let after = (0..300).map(|i| 5 * H + i * 3 * minute);
        let mut free = 0;
        let orders = peak.chain(after).map(|sent| {
            free = free.max(sent) + minute;
            (sent, Some(free))
        });
        let backlog = Backlog::new(orders.collect(), 0, 100 * H);
        assert!(backlog.max_orders.abs_diff(300) <= 2, "{backlog:?}");
        assert!((backlog.max_ms - 5 * H).abs() <= minute, "{backlog:?}");
        assert!((backlog.clear_ms.unwrap() - 15 * H / 2).abs() <= 3 * minute, "{backlog:?}");
        assert_eq!(backlog.over_limit_ms, 0);
    }

    #[test]
    fn work_above_the_limit_counts_by_time_and_overlaps_count_once() {
        // 14 h of work at 0, 16 h at 1 h (until 17 h): above 12 h from 0 to 5 h. At 20 h another 13 h.
        let orders = vec![(0, Some(14 * H)), (H, Some(17 * H)), (20 * H, Some(33 * H))];
        let backlog = Backlog::new(orders.clone(), 0, 40 * H);
        let expected = Backlog { max_orders: 2, max_ms: 16 * H, over_limit_ms: 5 * H + H, clear_ms: Some(17 * H - H) };
        assert_eq!(backlog, expected);
        // Watched from 2 h on: two wait, for 15 h, until 5 h for more than 12; the peak clears 15 h after it is seen.
        let late = Backlog::new(orders, 2 * H, 40 * H);
        assert_eq!(late, Backlog { max_ms: 15 * H, over_limit_ms: 3 * H + H, clear_ms: Some(15 * H), ..expected });
    }

    #[test]
    fn what_is_never_packed_waits_to_the_end_and_never_clears() {
        let backlog = Backlog::new(vec![(H, None), (0, Some(H))], 0, 20 * H);
        assert_eq!(backlog, Backlog { max_orders: 2, max_ms: 19 * H, over_limit_ms: 7 * H, clear_ms: None });
        assert_eq!(Backlog::new(Vec::new(), 0, 0), Backlog { clear_ms: Some(0), ..Backlog::default() });
    }

    #[test]
    fn a_parcel_hits_its_wave_if_none_went_by_while_it_waited() {
        let mut scenario = Scenario { start_hour: 10.0, ..crate::testing::fixed_wishes() };
        let hit = |scenario: &Scenario, sent: i64, left: i64| {
            Waves::new(scenario).hit(Some(SimTime(sent * H)), Some(SimTime(left * H)))
        };
        // Waves at 11, 16 and 23 o'clock are 1, 6 and 13 h into the run.
        assert_eq!(hit(&scenario, 0, 1), Some(true));
        assert_eq!(hit(&scenario, 1, 1), Some(true));
        assert_eq!(hit(&scenario, 0, 6), Some(false));
        assert_eq!(hit(&scenario, 14, 25), Some(true));
        assert_eq!(hit(&scenario, 14, 30), Some(false));
        assert_eq!(Waves::new(&scenario).hit(Some(SimTime(0)), None), None);
        scenario.warehouse.wave_hours.clear();
        assert_eq!(hit(&scenario, 0, 1), None);
    }
}
