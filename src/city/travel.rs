//! Travel: road distance and time.
//!
//! Couriers ride the metric's distance × detour factor at the speed of the hour in which they set
//! out; queueing at lights is folded into the speed.

use super::space::{Space, Spot};
use crate::scenario::{Metric, Rounding, Scenario};
use crate::units::{SimDuration, SimTime};

const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

/// How long it takes to get from one spot to another.
#[derive(Clone, PartialEq, Debug)]
pub struct Travel {
    space: Space,
    detour: f64,
    /// Milliseconds per road metre by clock hour (per second of matrix time for `matrix`).
    ms_per_unit: [f64; 24],
    same_all_day: bool,
    least_ms_per_unit: f64,
    /// The most that rounding takes off.
    rounded_off_ms: f64,
    rounding: Rounding,
    rounding_ms: f64,
    start_of_day: SimDuration,
}

impl Travel {
    /// The travel of a scenario over this space.
    pub fn new(scenario: &Scenario, space: Space) -> Self {
        let speed = scenario.couriers.speed_kmh;
        let factor = &scenario.couriers.speed_factor_by_hour;
        let base = if space.metric() == Metric::Matrix { 1000.0 } else { 3600.0 / speed };
        let ms_per_unit = factor.map(|f| base / f);
        let rounding_ms = scenario.city.rounding_s * 1000.0;
        Travel {
            space,
            detour: scenario.city.detour_factor,
            ms_per_unit,
            least_ms_per_unit: ms_per_unit.iter().copied().fold(f64::INFINITY, f64::min),
            rounded_off_ms: if scenario.city.rounding == Rounding::None { 0.5 } else { rounding_ms },
            same_all_day: factor.iter().all(|f| *f == factor[0]),
            rounding: scenario.city.rounding,
            rounding_ms,
            start_of_day: SimDuration::from_hours(scenario.start_hour),
        }
    }
    /// The space travelled.
    #[inline]
    pub fn space(&self) -> &Space {
        &self.space
    }
    /// Road length of a distance of the metric: metres (seconds for `matrix`).
    #[inline]
    pub fn road(&self, distance: f64) -> f64 {
        distance * self.detour
    }
    /// Clock hour (0 to 23) at an instant.
    #[inline]
    pub fn clock_hour(&self, at: SimTime) -> usize {
        ((at.0 + self.start_of_day.0).rem_euclid(DAY_MS) / HOUR_MS) as usize
    }
    /// Time to ride a road length when setting out at `at`.
    #[inline]
    pub fn time_of_road(&self, road: f64, at: SimTime) -> SimDuration {
        let hour = if self.same_all_day { 0 } else { self.clock_hour(at) };
        self.rounded(road * self.ms_per_unit[hour])
    }
    /// Time to ride a road length in the fastest hour of the day: never more than when setting out at any time.
    #[inline]
    pub fn least_time_of_road(&self, road: f64) -> SimDuration {
        self.rounded(road * self.least_ms_per_unit)
    }
    #[inline]
    fn rounded(&self, ms: f64) -> SimDuration {
        match self.rounding {
            Rounding::None => SimDuration((ms + 0.5) as i64),
            rounding => SimDuration(round_to(ms, self.rounding_ms, rounding)),
        }
    }
    /// A lower bound of the milliseconds to ride a road length, whenever one sets out; below 0 for short ones where
    /// times are rounded.
    #[inline]
    pub fn least_ms(&self, road: f64) -> f64 {
        road * self.least_ms_per_unit - self.rounded_off_ms
    }
    /// Whether no way round takes less time than the straight way, at whatever time each leg begins, but for half a
    /// millisecond a leg: speeds are the same all day, rounding does not shorten legs and times come from no matrix.
    pub fn straight_is_fastest(&self) -> bool {
        let lengthens = matches!(self.rounding, Rounding::None | Rounding::Ceil);
        self.same_all_day && lengthens && self.space.metric() != Metric::Matrix
    }
    /// Time from spot to spot when setting out at `at`.
    #[inline]
    pub fn time(&self, from: Spot, to: Spot, at: SimTime) -> SimDuration {
        self.time_of_road(self.road(self.space.distance(from, to)), at)
    }
}

/// `ms` as a multiple of `unit_ms` by the rule. A relative 1e-9 is taken off before rounding, so that
/// an exact multiple spoilt by floating point does not jump to the next one.
fn round_to(ms: f64, unit_ms: f64, rounding: Rounding) -> i64 {
    let units = ms / unit_ms;
    let whole = match rounding {
        Rounding::None => return (ms + 0.5) as i64,
        Rounding::Ceil => (units - 1e-9 * units.max(1.0)).ceil(),
        Rounding::Floor => (units + 1e-9 * units.max(1.0)).floor(),
        Rounding::HalfUp => (units + 0.5 + 1e-9 * units.max(1.0)).floor(),
    };
    (whole.max(0.0) * unit_ms).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::space::Matrix;
    use crate::rng::{Purpose, Streams};
    use rand::RngExt;

    #[test]
    fn where_the_straight_way_is_fastest_no_way_round_is_shorter() {
        let rng = &mut Streams::new(7, 0).long(Purpose::Layout);
        let travel = |rounding, factor| {
            let mut scenario = Scenario::default();
            scenario.city.rounding = rounding;
            scenario.couriers.speed_factor_by_hour[3] = factor;
            Travel::new(&scenario, Space::new(Metric::Euclid, 0.0, Matrix::default()))
        };
        let steady = [(Rounding::None, 1.0), (Rounding::Ceil, 1.0)].map(|(rounding, factor)| travel(rounding, factor));
        for _ in 0..3000 {
            let mut spot = || Spot { a: rng.random_range(0.0..900.0), b: rng.random_range(0.0..900.0) };
            let (from, by, to) = (spot(), spot(), spot());
            let at = SimTime(rng.random_range(0..DAY_MS));
            for travel in &steady {
                assert!(travel.straight_is_fastest());
                let round = travel.time(from, by, at) + travel.time(by, to, at);
                assert!(round.0 + 1 >= travel.time(from, to, at).0);
            }
        }
        for (rounding, factor) in [(Rounding::None, 1.25), (Rounding::HalfUp, 1.0), (Rounding::Floor, 1.0)] {
            assert!(!travel(rounding, factor).straight_is_fastest());
        }
    }

    #[test]
    fn no_ride_takes_less_than_the_least() {
        for rounding in [Rounding::None, Rounding::Ceil, Rounding::Floor, Rounding::HalfUp] {
            let mut scenario = Scenario::default();
            (scenario.city.rounding, scenario.city.rounding_s) = (rounding, 60.0);
            scenario.couriers.speed_factor_by_hour[17] = 1.7;
            let travel = Travel::new(&scenario, Space::new(Metric::Euclid, 0.0, Default::default()));
            for step in 0..400 {
                let road = f64::from(step) * 13.7;
                let least = (0..24).map(|hour| travel.time_of_road(road, SimTime::from_hours(f64::from(hour)))).min();
                assert!(least.unwrap().0 as f64 >= travel.least_ms(road), "{road} m, {rounding:?}");
                assert!(least.unwrap().0 as f64 <= travel.least_ms(road) + 120_000.0, "the bound is near");
            }
        }
    }

    #[test]
    fn rounding_rules_keep_exact_multiples_and_move_others_their_way() {
        let minute = 60_000.0;
        for (ms, ceil, floor, half_up) in [
            (60_000.0, 1, 1, 1),
            (60_000.0 * (1.0 + 1e-12), 1, 1, 1),
            (89_999.0, 2, 1, 1),
            (90_000.0, 2, 1, 2),
            (0.0, 0, 0, 0),
        ] {
            assert_eq!(round_to(ms, minute, Rounding::Ceil), ceil * 60_000, "{ms} up");
            assert_eq!(round_to(ms, minute, Rounding::Floor), floor * 60_000, "{ms} down");
            assert_eq!(round_to(ms, minute, Rounding::HalfUp), half_up * 60_000, "{ms} nearest");
        }
    }
}
