//! The packing line of the warehouse: first come, first served, at a given rate or by the workers on shift.

use crate::scenario::{Scenario, Warehouse};
use crate::units::{SimDuration, SimTime};

const HOUR_MS: f64 = 3_600_000.0;
const DAY_MS: f64 = 24.0 * HOUR_MS;

/// The line as a fluid: work flows through it one order after the other, at the rate of the moment.
///
/// With `warehouse.capacity_per_h` an order is one unit of work. By labour its lines are, and the rate changes with
/// the shifts; between two changes an order costs one multiplication.
#[derive(Debug)]
pub(super) struct PackingLine {
    pace: Pace,
    /// None: a pace that never changes.
    labour: Option<Labour>,
}

/// How far the line has come, and how fast it is there.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// When all that came so far is packed, in milliseconds with fractions.
    free_ms: f64,
    /// Time for a unit of work; infinite while nobody is on duty.
    ms_per_unit: f64,
    /// This pace holds until then.
    until_ms: f64,
}

impl PackingLine {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let warehouse = &scenario.warehouse;
        let per_h = warehouse.capacity_per_h * warehouse.capacity_factor;
        let labour = (per_h == 0.0).then(|| Labour::new(warehouse, scenario.start_hour));
        let steady = Pace { free_ms: 0.0, ms_per_unit: HOUR_MS / per_h, until_ms: f64::INFINITY };
        PackingLine { pace: labour.as_ref().map_or(steady, |labour| labour.pace(0.0)), labour }
    }

    /// When an order that arrives now is packed.
    #[inline]
    pub(super) fn pack(&mut self, now: SimTime, order_lines: u32) -> SimTime {
        self.pace = self.after(now, order_lines);
        SimTime(self.pace.free_ms.ceil() as i64)
    }

    /// When it would be.
    #[inline]
    pub(super) fn quote(&self, now: SimTime, order_lines: u32) -> SimTime {
        SimTime(self.after(now, order_lines).free_ms.ceil() as i64)
    }

    /// How long the line has work, shifts as they come.
    pub(super) fn backlog(&self, now: SimTime) -> SimDuration {
        SimDuration((self.pace.free_ms.ceil() as i64 - now.0).max(0))
    }

    #[inline]
    fn after(&self, now: SimTime, order_lines: u32) -> Pace {
        let start = Pace { free_ms: self.pace.free_ms.max(now.0 as f64), ..self.pace };
        let Some(labour) = &self.labour else {
            return Pace { free_ms: start.free_ms + start.ms_per_unit, ..start };
        };
        labour.work_off(start, f64::from(order_lines))
    }
}

/// Who works when, and what a worker gets done.
#[derive(Debug)]
struct Labour {
    start_of_day_ms: f64,
    shifts: Vec<Shift>,
    lines_per_worker_h: f64,
    temps: f64,
    temps_from_ms: f64,
    temps_ramp_h: f64,
}

#[derive(Debug)]
struct Shift {
    /// Milliseconds of the day; `to` at or before `from` is on the next day.
    from: f64,
    to: f64,
    workers: f64,
}

impl Shift {
    fn on_duty(&self, of_day: f64) -> bool {
        if self.from < self.to {
            self.from <= of_day && of_day < self.to
        } else {
            of_day >= self.from || of_day < self.to
        }
    }
}

impl Labour {
    fn new(warehouse: &Warehouse, start_hour: f64) -> Self {
        let of_day = |hour: f64| SimDuration::from_hours(hour).0 as f64 % DAY_MS;
        let shifts = warehouse.shifts.iter().filter(|shift| shift.workers > 0);
        let by_hand = warehouse.lines_per_worker_h * (1.0 - warehouse.automation_share);
        let automated = warehouse.lines_per_worker_automated_h * warehouse.automation_share;
        Labour {
            start_of_day_ms: of_day(start_hour),
            shifts: shifts
                .map(|s| Shift { from: of_day(s.from_h), to: of_day(s.to_h), workers: f64::from(s.workers) })
                .collect(),
            lines_per_worker_h: (by_hand + automated) * warehouse.capacity_factor,
            temps: f64::from(warehouse.temp_workers),
            temps_from_ms: SimDuration::from_hours(warehouse.temp_from_h).0 as f64,
            temps_ramp_h: warehouse.temp_ramp_h,
        }
    }

    /// Lines packed one after the other, through the shifts that the work takes.
    fn work_off(&self, mut pace: Pace, mut lines: f64) -> Pace {
        if pace.free_ms >= pace.until_ms {
            pace = self.pace(pace.free_ms);
        }
        loop {
            let end = pace.free_ms + lines * pace.ms_per_unit;
            if end <= pace.until_ms {
                return Pace { free_ms: end, ..pace };
            }
            lines -= (pace.until_ms - pace.free_ms) / pace.ms_per_unit;
            pace = self.pace(pace.until_ms);
        }
    }

    /// The pace at this moment of the run.
    fn pace(&self, at_ms: f64) -> Pace {
        let of_day = (at_ms + self.start_of_day_ms).rem_euclid(DAY_MS);
        let ahead = |of_day_then: f64| match (of_day_then - of_day).rem_euclid(DAY_MS) {
            0.0 => DAY_MS,
            ms => ms,
        };
        let changes = self.shifts.iter().flat_map(|shift| [ahead(shift.from), ahead(shift.to)]);
        let mut until = at_ms + changes.fold(f64::INFINITY, f64::min);
        // Not `sum`: that of nobody would be -0.0, and the pace a step back in time.
        let mut workers = self.shifts.iter().filter(|s| s.on_duty(of_day)).fold(0.0, |all, s| all + s.workers);
        if self.temps > 0.0 {
            let (skill, skill_until) = self.skill_of_temps(at_ms);
            until = until.min(skill_until);
            if workers > 0.0 {
                workers += self.temps * skill;
            }
        }
        Pace { free_ms: at_ms, ms_per_unit: HOUR_MS / (workers * self.lines_per_worker_h), until_ms: until }
    }

    /// What a temporary worker gets done relative to the others, and until when. A straight line over the ramp, in
    /// steps of an hour at the height of its middle, so that a ramp of whole hours costs exactly half its work.
    fn skill_of_temps(&self, at_ms: f64) -> (f64, f64) {
        if at_ms < self.temps_from_ms {
            return (0.0, self.temps_from_ms);
        }
        let hours = ((at_ms - self.temps_from_ms) / HOUR_MS).floor();
        let skill = (hours + 0.5) / self.temps_ramp_h;
        if skill >= 1.0 { (1.0, f64::INFINITY) } else { (skill, self.temps_from_ms + (hours + 1.0) * HOUR_MS) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::WarehouseShift;

    fn shift(from_h: f64, to_h: f64, workers: u32) -> WarehouseShift {
        WarehouseShift { from_h, to_h, workers, ..WarehouseShift::default() }
    }
    /// One worker by hand does one line a minute.
    fn labour(shifts: Vec<WarehouseShift>, change: impl FnOnce(&mut Scenario)) -> PackingLine {
        let mut scenario = crate::testing::fixed_wishes();
        scenario.warehouse.capacity_per_h = 0.0;
        scenario.warehouse.lines_per_worker_h = 60.0;
        scenario.warehouse.shifts = shifts;
        change(&mut scenario);
        PackingLine::new(&scenario)
    }
    fn hours(line: &mut PackingLine, at_h: f64, order_lines: u32) -> f64 {
        line.pack(SimTime::from_hours(at_h), order_lines).hours()
    }

    #[test]
    fn work_stops_between_shifts_and_goes_on_with_the_next() {
        let mut line = labour(vec![shift(8.0, 12.0, 2), shift(13.0, 17.0, 1)], |_| {});
        // Nobody is there at six; two workers do 120 lines an hour from eight.
        assert_eq!(hours(&mut line, 6.0, 120), 9.0);
        // 360 lines until noon, the other 60 by one worker after the break.
        assert_eq!(hours(&mut line, 9.0, 420), 14.0);
        // 180 lines until five, one line the next morning.
        assert_eq!(hours(&mut line, 9.0, 240), 24.0 + 8.5);
        assert_eq!(hours(&mut line, 100.0, 1), 24.0 * 4.0 + 8.0 + 1.0 / 120.0);
    }

    #[test]
    fn a_night_shift_runs_past_midnight_and_overlapping_shifts_add_up() {
        let mut line = labour(vec![shift(22.0, 6.0, 1), shift(23.0, 0.0, 1)], |s| s.start_hour = 20.0);
        // One worker from ten, two from eleven to midnight, one until six: 60, 120, 360 lines.
        assert_eq!(hours(&mut line, 0.0, 60), 3.0);
        assert_eq!(hours(&mut line, 0.0, 120), 4.0);
        assert_eq!(hours(&mut line, 0.0, 360), 10.0);
        assert_eq!(hours(&mut line, 0.0, 1), 26.0 + 1.0 / 60.0);
    }

    #[test]
    fn automation_and_the_factor_speed_the_workers_up() {
        let whole_day = vec![shift(0.0, 24.0, 4)];
        let mut line = labour(whole_day, |s| {
            s.warehouse.lines_per_worker_automated_h = 140.0;
            s.warehouse.automation_share = 0.25;
            s.warehouse.capacity_factor = 1.25;
        });
        // 4 × (0.75 × 60 + 0.25 × 140) × 1.25 = 400 lines an hour.
        assert_eq!(hours(&mut line, 1.0, 1000), 3.5);
        let mut scenario = crate::testing::fixed_wishes();
        (scenario.warehouse.capacity_per_h, scenario.warehouse.capacity_factor) = (100.0, 1.2);
        // A given capacity counts orders, whatever their lines.
        let mut line = PackingLine::new(&scenario);
        assert_eq!((0..120).map(|_| hours(&mut line, 0.0, 7)).last(), Some(1.0));
    }

    #[test]
    fn temporary_workers_learn_in_hourly_steps_and_keep_to_the_shifts() {
        let with = |ramp_h: f64| {
            labour(vec![shift(0.0, 12.0, 1)], |s| {
                s.warehouse.temp_workers = 2;
                s.warehouse.temp_from_h = 2.0;
                s.warehouse.temp_ramp_h = ramp_h;
            })
        };
        // Two hours alone: 120 lines; the ramp of 4 h adds half of 2 × 240; then 180 an hour for six hours.
        assert_eq!(hours(&mut with(4.0), 0.0, 120 + 240 + 240), 6.0);
        assert_eq!(hours(&mut with(4.0), 0.0, 120 + 240 + 240 + 1080), 12.0);
        assert_eq!(hours(&mut with(4.0), 0.0, 120 + 240 + 240 + 1080 + 180), 25.0);
        // A quarter of the way through the first step: (60 + 2 × 60/8) lines an hour.
        assert_eq!(hours(&mut with(4.0), 2.0, 75), 3.0);
        assert_eq!(hours(&mut with(0.0), 2.0, 180), 3.0);
    }
}
