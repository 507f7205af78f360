//! The span of a run that KPIs count: from the end of the warm-up to the end of the horizon.

use crate::scenario::Scenario;
use crate::units::SimTime;

/// A span of simulated time; what begins in it is counted to its end, however late.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Window {
    /// Where it begins.
    pub from: SimTime,
    /// Where time on duty, on shelves and under control ends.
    pub until: SimTime,
    /// Its length.
    pub hours: f64,
}

impl Window {
    /// What KPIs count.
    pub(super) fn measured(scenario: &Scenario) -> Window {
        let (from, until) = (SimTime::from_hours(scenario.warm_up_h), SimTime::from_hours(scenario.horizon_h));
        Window { from, until, hours: scenario.horizon_h - scenario.warm_up_h }
    }
    /// The warm-up before it.
    pub(super) fn before(&self) -> Window {
        Window { from: SimTime::ZERO, until: self.from, hours: self.from.hours() }
    }
    /// Whether something that began at an instant is counted.
    pub(super) fn counts(&self, at: SimTime) -> bool {
        at >= self.from
    }
    /// The instant, or the end of the window that is nearest to it.
    pub(super) fn clamp(&self, at: SimTime) -> SimTime {
        at.max(self.from).min(self.until)
    }
    /// The part of shifts that lies in it, in milliseconds.
    pub(super) fn on_duty_ms(&self, shifts: &[(SimTime, SimTime)]) -> i64 {
        shifts.iter().map(|&(on, off)| (off.min(self.until) - on.max(self.from)).0.max(0)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Frames, StoredOrders, kpis};
    use crate::city::City;
    use crate::event::{Event, EventLog};
    use crate::scenario::{ChoiceModel, Scenario};
    use crate::testing::{Run, fixed_wishes, small_run};
    use crate::units::SimTime;
    use std::sync::Arc;

    fn values(scenario: &Scenario, city: &City, log: &EventLog) -> impl Fn(&str) -> f64 + use<> {
        let frames = Frames::from_log(scenario, city, log, 0).unwrap();
        let kpis = kpis(city, log, &frames).unwrap();
        move |name| kpis.iter().find(|kpi| kpi.name == name).expect(name).value
    }
    fn small(warm_up_s: f64) -> (Run, impl Fn(&str) -> f64) {
        let mut run = small_run();
        run.scenario.warm_up_h = warm_up_s / 3600.0;
        let values = values(&run.scenario, &run.city, &run.log);
        (run, values)
    }

    #[test]
    fn kpis_of_the_small_run_after_its_first_order_are_as_worked_out_by_hand() {
        let (_, value) = small(900.0);
        let by_hand = [
            ("orders", 6.0),
            ("delivered", 3.0),
            ("gmv", 318.0),
            ("click_to_door_mean_min", 35.0),
            // ann is on duty for 3300 s, bob and cat for 6300 s; ann sets out with the first order after the warm-up.
            ("courier_utilisation", (2080.0 / 3300.0 + 400.0 / 6300.0) / 3.0),
            ("orders_per_courier_hour", 2.0 / ((3300.0 + 2.0 * 6300.0) / 3600.0)),
            ("total_courier_pay", 18.34 + 35.02),
            // Rent of 1.75 h of 24: 17.51 of the busy store, borne by one order, and 8.75 of the quiet one.
            ("cost_per_order_near", 18.34 + 1.67 + 0.6 + 0.8 + 17.51 + 9.0 + 3.0 + 35.02 + 8.75),
            ("unallocated_cost", 35.02 + 8.75),
            ("stock_out_rate", (0.5 + 1.0 / 3.0) / 35.0),
            ("walk_in_units", 4.0),
            ("km_per_order", 4.0),
            ("bundle_size_mean", 1.0),
            ("wave_size_mean", 1.0),
            ("audit_violations", 0.0),
        ];
        for (name, expected) in by_hand {
            assert!((value(name) - expected).abs() < 1e-9, "{name} is {}, by hand {expected}", value(name));
        }
        let (_, value) = small(6300.0);
        // A SKU without stock for the last 15 minutes, of 20; one walk-in served, one not.
        assert_eq!((value("stock_out_rate"), value("walk_in_units"), value("walk_in_lost_share")), (0.05, 2.0, 0.5));
        assert_eq!(value("orders"), 0.0);
        assert!(value("click_to_door_mean_min").is_nan());
    }

    #[test]
    fn the_tables_of_the_run_stay_whole_and_its_bills_add_up() {
        let ((run, _), whole) = (small(900.0), small_run());
        let frames = |run: &Run| Frames::from_log(&run.scenario, &run.city, &run.log, 0).unwrap();
        let (after, all) = (frames(&run), frames(&whole));
        assert_eq!((after.orders.height(), after.measured_orders().unwrap().len()), (7, 6));
        assert!(after.courier_states.equals(&all.courier_states));
        let cost = |order: usize| after.orders.column("cost_yuan").unwrap().f64().unwrap().get(order).unwrap();
        // The order of the warm-up bears 15 minutes of rent, 2.50 yuan, and no more than its own pay of 6.20.
        assert!((cost(0) - (6.2 + 2.08 + 0.6 + 0.8 + 2.5)).abs() < 1e-9, "{}", cost(0));
        let stored = StoredOrders::read(after.orders_parquet().unwrap()).unwrap();
        let profile = stored.profile(&run.scenario, 0).unwrap();
        // Two orders of the first hour come after its first quarter.
        assert_eq!(super::super::hours_covered(&run.scenario)[..2], [0.75, 1.0]);
        let early = |scenario: &Scenario| stored.profile(scenario, 0).unwrap()[0][0];
        assert!((profile[0][0] * 0.75 - (early(&whole.scenario) - 1.0)).abs() < 1e-9);
    }

    /// A town whose consumers choose, from ten in the morning.
    fn town(warm_up_h: f64) -> Scenario {
        let mut town = Scenario { horizon_h: 10.0, start_hour: 10.0, warm_up_h, ..fixed_wishes() };
        town.choice.model = ChoiceModel::Logit;
        town.choice.sessions_per_day = Some(9000.0);
        (town.city.side_km, town.couriers.count, town.cost.courier_guarantee_yuan_per_h) = (6.0, 30, 20.0);
        town
    }

    #[test]
    fn kpis_after_a_warm_up_are_those_of_the_log_from_then_on() {
        let from = SimTime::from_hours(6.0);
        let city = Arc::new(City::build(&town(6.0)).unwrap());
        let log = crate::sim::run(&town(6.0), &city, 0, &mut |_| {}).log;
        assert_eq!(log.records, crate::sim::run(&town(0.0), &city, 0, &mut |_| {}).log.records, "the run is the same");
        let (value, all) = (values(&town(6.0), &city, &log), values(&town(0.0), &city, &log));
        let mut placed = vec![SimTime::ZERO; log.orders()];
        let (mut orders, mut delivered, mut left, mut by_courier) = (0.0, 0.0, 0.0, 0.0);
        let (mut near, mut click_to_door) = (0.0, 0.0);
        for record in &log.records {
            match record.event {
                Event::OrderPlaced { order } => {
                    placed[order.index()] = record.at;
                    orders += f64::from(u8::from(record.at >= from));
                }
                Event::SessionLeft { .. } if record.at >= from => left += 1.0,
                Event::OrderDelivered { order, .. } if placed[order.index()] >= from => {
                    (delivered, near, by_courier) = (delivered + 1.0, near + 1.0, by_courier + 1.0);
                    click_to_door += (record.at - placed[order.index()]).minutes();
                }
                Event::ParcelDelivered { order, .. } if placed[order.index()] >= from => delivered += 1.0,
                _ => {}
            }
        }
        let on_duty_h: f64 = city
            .couriers
            .iter()
            .flat_map(|courier| &courier.shifts)
            .map(|&(on, off)| (off.hours().min(10.0) - on.hours().max(6.0)).max(0.0))
            .sum();
        let expected = [
            ("orders", orders),
            ("delivered", delivered),
            ("sessions", orders + left),
            ("conversion", orders / (orders + left)),
            ("click_to_door_mean_min", click_to_door / near),
            ("orders_per_courier_hour", by_courier / on_duty_h),
        ];
        for (name, expected) in expected {
            let (value, all) = (value(name), all(name));
            assert!((value - expected).abs() < 1e-6, "{name} is {value}, by the log {expected}");
            assert!((value - all).abs() > 1e-3, "{name} does not change, so it tells nothing");
        }
        assert!(on_duty_h > 10.0 && near > 50.0, "{on_duty_h} {near}");
        assert_eq!(value("audit_violations"), 0.0);
        assert!(value("total_courier_pay") >= 20.0 * on_duty_h - 0.01 * 30.0);
        assert!(value("total_courier_pay") < all("total_courier_pay"));
    }
}
