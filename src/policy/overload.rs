//! Overload control: how far the near field is throttled where couriers are short.
//!
//! ```text
//!  load = courier minutes wanted / available in the next 15 min
//!  ──────────┬───────────────┬──────────────────────────┬──────────────►
//!   Normal   │ Longer        │ Smaller                  │ Paused
//!            │ promise × 1.2 │ + radius × 0.7, fee + 2  │ no near orders
//!           .85             .95                        1.1
//! ```

use crate::event::LoadLevel;
use crate::units::SimDuration;

/// What overload control may know of the surroundings of a zone.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct ZoneView {
    /// Near orders expected to be accepted in the window.
    pub expected: f64,
    /// Packed orders that wait for a courier.
    pub waiting: u32,
    /// Time a courier is busy with an order.
    pub cycle: SimDuration,
    /// Courier time on duty in the window to come.
    pub available: SimDuration,
}

impl ZoneView {
    fn wanted_ms(&self) -> f64 {
        self.cycle.0 as f64 * (self.expected + f64::from(self.waiting))
    }
}

/// Courier time wanted / available in the window to come; infinite if somebody waits and nobody is there.
pub fn load(view: &ZoneView) -> f64 {
    let wanted = view.wanted_ms();
    if wanted == 0.0 { 0.0 } else { wanted / view.available.0 as f64 }
}

/// Courier time that stands for the rest of the city: eight couriers for a quarter of an hour.
const FROM_ELSEWHERE_MS: f64 = 8.0 * 15.0 * 60_000.0;

/// The load of a zone in a city of load `of_city`, as if eight couriers with the city's load stood by: where few couriers
/// are on duty, one order more or less says little, and help comes from further away.
pub fn load_of_zone(view: &ZoneView, of_city: f64) -> f64 {
    let wanted = view.wanted_ms();
    if of_city == f64::INFINITY {
        return of_city;
    }
    (wanted + of_city * FROM_ELSEWHERE_MS) / (view.available.0 as f64 + FROM_ELSEWHERE_MS)
}

/// Loads above which each level begins.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Thresholds {
    /// Longer promises.
    pub longer: f64,
    /// Smaller radius, higher fee.
    pub smaller: f64,
    /// No near orders.
    pub pause: f64,
}

/// The level for a load.
pub fn level(load: f64, above: &Thresholds) -> LoadLevel {
    match load {
        load if load > above.pause => LoadLevel::Paused,
        load if load > above.smaller => LoadLevel::Smaller,
        load if load > above.longer => LoadLevel::Longer,
        _ => LoadLevel::Normal,
    }
}

/// Whether a store at this level is offered to a consumer at this distance.
pub fn in_reach(level: LoadLevel, distance: f64, radius: f64, radius_factor: f64) -> bool {
    level < LoadLevel::Smaller || distance <= radius * radius_factor
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOVE: Thresholds = Thresholds { longer: 0.85, smaller: 0.95, pause: 1.1 };

    #[test]
    fn load_is_the_courier_time_wanted_over_that_available() {
        let minutes = SimDuration::from_minutes;
        let view = ZoneView { expected: 6.0, waiting: 3, cycle: minutes(20.0), available: minutes(150.0) };
        assert!((load(&view) - 1.2).abs() < 1e-12);
        assert_eq!(load(&ZoneView { available: minutes(0.0), ..view }), f64::INFINITY);
        assert_eq!(load(&ZoneView { expected: 0.0, waiting: 0, available: minutes(0.0), ..view }), 0.0);
    }

    #[test]
    fn a_sparse_zone_is_judged_mostly_by_the_city_and_a_dense_one_by_itself() {
        let minutes = SimDuration::from_minutes;
        let view = |scale: f64| ZoneView {
            expected: 2.0 * scale,
            waiting: 0,
            cycle: minutes(15.0),
            available: minutes(15.0 * scale),
        };
        assert_eq!(load(&view(1.0)), 2.0);
        let (sparse, dense) = (load_of_zone(&view(1.0), 0.3), load_of_zone(&view(100.0), 0.3));
        assert!((sparse - (30.0 + 36.0) / 135.0).abs() < 1e-12, "{sparse}");
        assert!(dense > 1.8, "{dense}");
        assert!((load_of_zone(&view(1.0), 2.0) - 2.0).abs() < 1e-12, "a zone like its city");
        assert_eq!(load_of_zone(&view(0.0), f64::INFINITY), f64::INFINITY);
    }

    #[test]
    fn levels_begin_above_their_thresholds_and_include_those_below() {
        let levels = [0.0, 0.85, 0.86, 0.95, 0.96, 1.1, 1.11, f64::INFINITY].map(|load| level(load, &ABOVE));
        use LoadLevel::{Longer, Normal, Paused, Smaller};
        assert_eq!(levels, [Normal, Normal, Longer, Longer, Smaller, Smaller, Paused, Paused]);
        assert!(levels.is_sorted());
    }

    #[test]
    fn the_radius_is_smaller_from_the_second_level_on() {
        assert!(in_reach(LoadLevel::Longer, 3000.0, 3000.0, 0.7));
        assert!(in_reach(LoadLevel::Smaller, 2100.0, 3000.0, 0.7));
        assert!(!in_reach(LoadLevel::Smaller, 2101.0, 3000.0, 0.7));
    }
}
