//! What stores have left, and whom they could have served: the log, the KPIs and the table say the same.

use nearfar::city::City;
use nearfar::event::{Event, EventLog};
use nearfar::metrics::{Frames, kpis};
use nearfar::scenario::{self, Scenario};
use nearfar::sim;
use std::sync::Arc;

/// A day that ends with open orders in the stores, some of them parcels from a store.
const TOWN: &str = "
seed = 7
horizon_h = 6.0
drain_h = 0.0
start_hour = 10.0

[city]
side_km = 6.0

[demand]
orders_per_day = 1500

[consumers]
count = 400

[catalogue]
skus_per_category = 10

[couriers]
count = 5
";

fn simulate(more: &[&str]) -> (Scenario, Arc<City>, EventLog) {
    let town = scenario::from_toml_str(&format!("{TOWN}{}", more.join("\n"))).unwrap();
    let city = Arc::new(City::build(&town).unwrap());
    let log = sim::run(&town, &city, 0, &mut |_| {}).log;
    (town, city, log)
}

/// Units left and units counted.
fn units(log: &EventLog) -> (u32, u32) {
    let (mut left, mut counted) = (0, 0);
    for record in &log.records {
        match record.event {
            Event::StockLeft { units, .. } => left += units,
            Event::StoreCounted { units, .. } => counted += units,
            _ => {}
        }
    }
    (left, counted)
}

fn kpi(town: &Scenario, city: &City, log: &EventLog, name: &str) -> f64 {
    let frames = Frames::from_log(town, city, log, 0).unwrap();
    kpis(city, log, &frames).unwrap().iter().find(|kpi| kpi.name == name).unwrap().value
}

#[test]
fn what_is_left_is_what_is_counted_less_what_open_orders_hold() {
    for more in
        [&[][..], &["[stock]", "pool = \"siloed\""], &["[stock]", "phantom_share = 0.3", "sync_latency_s = 900"]]
    {
        let (town, city, log) = simulate(more);
        let (left, counted) = units(&log);
        assert!(0 < left && left < counted, "{left} of {counted} with {more:?}");
        assert_eq!(kpi(&town, &city, &log, "audit_violations"), 0.0, "{more:?}");
        assert!(kpi(&town, &city, &log, "leftover_value_yuan") > 0.0);
    }
    let (_, _, log) = simulate(&["[stores]", "unlimited_stock = true"]);
    assert_eq!(units(&log), (0, 0), "shelves that never run empty are not counted");
}

#[test]
fn the_table_of_availability_adds_up_to_the_kpi() {
    let (town, city, log) = simulate(&[]);
    let csv = Frames::from_log(&town, &city, &log, 0).unwrap().availability_csv().unwrap();
    let of = |by: &str| {
        let rows = csv.lines().map(|line| line.split(',').collect::<Vec<_>>()).filter(|cells| cells[1] == by);
        let number = |cell: &str| cell.parse::<u32>().unwrap();
        rows.fold((0, 0), |(sessions, served), cells| (sessions + number(cells[3]), served + number(cells[4])))
    };
    let all = of("all");
    assert_eq!(all, of("category"));
    assert_eq!(all, of("zone"));
    let share = f64::from(all.1) / f64::from(all.0);
    assert!((share - kpi(&town, &city, &log, "near_availability")).abs() < 1e-12 && share < 1.0, "{share}");
}
