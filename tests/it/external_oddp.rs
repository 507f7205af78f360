//! The dark-store simulator ODDP against nearfar: its traces row by row, and its means over thousands of days.

use crate::external::external;
use crate::program::{nearfar, stderr};
use nearfar::city::City;
use nearfar::event::{Event, EventLog};
use nearfar::scenario::{self, Override, Scenario};
use nearfar::table::{self, Table};
use nearfar::{import, sim};
use std::path::Path;
use std::sync::Arc;

/// What a trace says of an order after its first five columns.
#[derive(PartialEq, Debug)]
struct Served {
    warehouse: u32,
    picker: u32,
    courier: u32,
    pick_done_s: f64,
    leave_s: f64,
    arrive_s: f64,
}

fn number(table: &Table, row: usize, column: &str) -> f64 {
    let cell = table.cell(row, table.column(column).unwrap());
    cell.parse().unwrap_or_else(|_| panic!("row {row}, {column}: {cell:?}"))
}

fn published(trace: &Path) -> Vec<Served> {
    let table = table::read(trace).unwrap();
    let whole = |row, column| number(&table, row, column) as u32;
    let served = |row| Served {
        warehouse: whole(row, "warehouse"),
        picker: whole(row, "picker"),
        courier: whole(row, "courier"),
        pick_done_s: number(&table, row, "t_pick_done_s"),
        leave_s: number(&table, row, "t_leave_s"),
        arrive_s: number(&table, row, "t_arrive_s"),
    };
    (0..table.len()).map(served).collect()
}

/// The orders as nearfar served them, by their events too: a joined order leaves where the order before was handed over.
/// Our pickers have no names: the first who is free earliest takes the order.
fn ours((orders, left): &(Table, Vec<f64>), pickers_of_a_store: usize) -> Vec<Served> {
    let text = |row, column| orders.cell(row, orders.column(column).unwrap());
    let index = |row, column| text(row, column)[1..].parse::<u32>().unwrap();
    let mut picker_free: Vec<Vec<f64>> = Vec::new();
    let served = |row| {
        let (store, pick_done_s) = (index(row, "store") as usize, number(orders, row, "ready_s"));
        picker_free.resize(picker_free.len().max(store + 1), vec![0.0; pickers_of_a_store]);
        let free = &mut picker_free[store];
        let picker = (0..free.len()).min_by(|a, b| free[*a].total_cmp(&free[*b])).unwrap();
        free[picker] = pick_done_s;
        Served {
            warehouse: store as u32,
            picker: (store * pickers_of_a_store + picker) as u32,
            courier: index(row, "courier"),
            pick_done_s,
            leave_s: left[row],
            arrive_s: number(orders, row, "at_door_s"),
        }
    };
    (0..orders.len()).map(served).collect()
}

/// Replays a trace; `set` are changed keys.
fn replay(instance: &Path, trace: &Path, set: &[&str]) -> (Table, Vec<f64>) {
    let target = tempfile::tempdir().unwrap();
    let folder = target.path().join("city");
    import::oddp(instance, Some(trace)).unwrap().write(&folder, false).unwrap();
    let mut arguments = vec!["run", "scenario.toml", "-o", "out", "--no-report", "--quiet", "--events"];
    set.iter().for_each(|key| arguments.extend(["--set", key]));
    let output = nearfar(&folder, &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let kpis = std::fs::read_to_string(folder.join("out/kpis.csv")).unwrap();
    assert!(kpis.contains("\n0,audit_violations,0,"), "{kpis}");
    let orders = table::read(&folder.join("out/orders.parquet")).unwrap();
    let left = set_out_for_door(&table::read(&folder.join("out/events.parquet")).unwrap(), orders.len());
    (orders, left)
}

/// When the courier set out for the door of each order: the last time they did for it.
fn set_out_for_door(events: &Table, orders: usize) -> Vec<f64> {
    let [kind, order] = ["event", "order"].map(|column| events.column(column).unwrap());
    let mut left = vec![f64::NAN; orders];
    for row in (0..events.len()).filter(|row| events.cell(*row, kind) == "courier_set_out") {
        left[events.cell(row, order).parse::<usize>().unwrap()] = number(events, row, "t_s");
    }
    left
}

const POLICIES: [(&str, &str); 2] =
    [("nearestWarehouse", "sourcing.policy=nearest_stocked"), ("reassignment", "sourcing.policy=reassignment")];

fn check_traces(instance: &str, pickers: usize, suffix: &str, join_trips: &str) {
    let Some(external) = external() else { return };
    let folder = external.join("oddp");
    for (theirs, policy) in POLICIES {
        let trace = folder.join(format!("trace_{instance}_{theirs}_{suffix}.csv"));
        let replayed = replay(&folder.join(format!("{instance}.txt")), &trace, &[policy, join_trips]);
        let (ours, theirs) = (ours(&replayed, pickers), published(&trace));
        assert_eq!((ours.len(), theirs.len()), (1294, 1294), "{}", trace.display());
        for (row, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            assert_eq!(ours, theirs, "{} row {row}", trace.display());
        }
    }
}

#[test]
fn every_row_of_the_four_traces_without_bundling_is_reproduced() {
    check_traces("grid", 4, "nobundle", "dispatch.join_trips=false");
    check_traces("zip", 3, "nobundle", "dispatch.join_trips=false");
}

#[test]
fn every_row_of_the_two_traces_with_bundling_is_reproduced() {
    check_traces("zip", 3, "bundle", "dispatch.join_trips=true");
}

/// What `summary.csv` says of a day on average.
const MEASURES: [&str; 3] = ["mean_click_to_arrival_s", "share_late", "mean_delay_s"];
/// Later than this after placement is late.
const LATE_MS: i64 = 1_800_000;

/// Mean click-to-arrival, share late and mean delay of one day.
fn measures(log: &EventLog) -> [f64; 3] {
    let mut placed = vec![0; log.orders()];
    let [mut sum, mut late, mut delay, mut arrived] = [0_i64; 4];
    for record in &log.records {
        match record.event {
            Event::OrderPlaced { order } => placed[order.index()] = record.at.0,
            Event::OrderDelivered { order, .. } => {
                let span = record.at.0 - placed[order.index()];
                arrived += 1;
                sum += span;
                late += i64::from(span > LATE_MS);
                delay += (span - LATE_MS).max(0);
            }
            _ => {}
        }
    }
    assert_eq!(arrived as usize, log.orders(), "every order of a day arrives");
    [sum as f64 / 1000.0, late as f64, delay as f64 / 1000.0].map(|total| total / arrived as f64)
}

/// Mean and standard error of each measure over days, simulated on two threads.
fn over_days((scenario, city): &(Scenario, Arc<City>), days: u32) -> [(f64, f64); 3] {
    let half = |first: u32| -> Vec<[f64; 3]> {
        let one = |day| measures(&sim::run(scenario, city, day, &mut |_| {}).log);
        (first..days).step_by(2).map(one).collect()
    };
    let all = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        let mut all = half(0);
        all.extend(other.join().unwrap());
        all
    });
    let n = f64::from(days);
    std::array::from_fn(|measure| {
        let mean = all.iter().map(|day| day[measure]).sum::<f64>() / n;
        let square = all.iter().map(|day| (day[measure] - mean).powi(2)).sum::<f64>();
        (mean, (square / (n - 1.0) / n).sqrt())
    })
}

/// An instance as days to be drawn, with changed keys.
fn own_days(external: &Path, instance: &str, set: &[&str]) -> (Scenario, Arc<City>) {
    let target = tempfile::tempdir().unwrap();
    let folder = target.path().join("city");
    let import = import::oddp(&external.join("oddp").join(format!("{instance}.txt")), None).unwrap();
    import.write(&folder, false).unwrap();
    let overrides = Override::parse_all(set).unwrap();
    let scenario = scenario::load(&folder.join("scenario.toml"), &overrides).unwrap().scenario;
    let city = City::build(&scenario).unwrap();
    (scenario, Arc::new(city))
}

/// The published mean and standard error of a measure.
fn published_mean(summary: &Table, config: &str, measure: &str) -> (f64, f64) {
    let row = (0..summary.len()).find(|row| summary.cell(*row, 0) == config).unwrap();
    (number(summary, row, measure), number(summary, row, &format!("{measure}_ci95")) / 1.96)
}

/// By how many combined standard errors the measures of our days differ from the published ones.
fn differences(external: &Path, config: &str, ours: &[(f64, f64); 3]) -> [f64; 3] {
    let summary = table::read(&external.join("oddp/summary.csv")).unwrap();
    std::array::from_fn(|i| {
        let ((mean, error), (theirs, their_error)) = (ours[i], published_mean(&summary, config, MEASURES[i]));
        println!("{config} {}: {mean:.4} ± {error:.4}, published {theirs} ± {their_error:.4}", MEASURES[i]);
        (mean - theirs) / error.hypot(their_error)
    })
}

/// The configurations of summary.csv: its name, the instance and the changed keys.
const CONFIGS: [(&str, &str, &[&str]); 6] = [
    ("grid_nearestWarehouse_nobundle", "grid", &["sourcing.policy=nearest_stocked"]),
    ("grid_reassignment_nobundle", "grid", &["sourcing.policy=reassignment"]),
    ("zip_nearestWarehouse_nobundle", "zip", &["sourcing.policy=nearest_stocked"]),
    ("zip_reassignment_nobundle", "zip", &["sourcing.policy=reassignment"]),
    ("zip_nearestWarehouse_bundle", "zip", &["sourcing.policy=nearest_stocked", "dispatch.join_trips=true"]),
    ("zip_reassignment_bundle", "zip", &["sourcing.policy=reassignment", "dispatch.join_trips=true"]),
];

fn check_own_days(days: u32) {
    let Some(external) = external() else { return };
    for (config, instance, set) in CONFIGS {
        let ours = over_days(&own_days(&external, instance, set), days);
        for (measure, z) in MEASURES.iter().zip(differences(&external, config, &ours)) {
            assert!(z.abs() <= 4.9, "{config} {measure}: {z:.2} standard errors from the published mean");
        }
    }
}

#[test]
fn own_days_have_the_published_means() {
    check_own_days(200);
}

#[test]
fn a_courier_fewer_is_noticed() {
    let Some(external) = external() else { return };
    let (scenario, mut city) = own_days(&external, "grid", &[]);
    Arc::make_mut(&mut city).couriers.pop();
    let ours = over_days(&(scenario, city), 200);
    let z = differences(&external, CONFIGS[0].0, &ours);
    assert!(z.iter().all(|z| *z > 4.9), "{z:?}");
}

#[test]
#[ignore = "half a minute in the release profile: cargo test --release --test it -- --ignored own_days"]
fn two_percent_more_service_is_noticed_in_five_thousand_own_days() {
    let Some(external) = external() else { return };
    let ours = over_days(&own_days(&external, "grid", &["couriers.handover_min=2.04"]), 5000);
    let z = differences(&external, CONFIGS[0].0, &ours);
    assert!(z[0] > 4.9, "{z:?}");
}

#[test]
#[ignore = "some minutes in the release profile: cargo test --release --test it -- --ignored own_days"]
fn five_thousand_own_days_have_the_published_means() {
    check_own_days(5000);
}
