//! `nearfar validate` from outside: observed figures beside a small town, and files that are wrong.

use std::fs;
use std::path::Path;

use crate::program::{nearfar, stderr, stdout};

const TOWN: &str = "
label = 'A small town'
seed = 7
horizon_h = 4.0
start_hour = 10.0
city.side_km = 6.0
demand.orders_per_day = 2000
consumers.count = 300
catalogue.skus_per_category = 10
couriers.count = 20
";

/// A folder with the results of three short days in `out`.
fn played() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("town.toml"), TOWN).unwrap();
    let output =
        nearfar(folder.path(), &["run", "town.toml", "-o", "out", "--no-report", "--replications", "3", "--quiet"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    folder
}

/// The mean of a KPI over the replications in kpis.csv.
fn mean(folder: &Path, kpi: &str) -> f64 {
    let csv = fs::read_to_string(folder.join("out/kpis.csv")).unwrap();
    let rows = csv.lines().map(|line| line.split(',').collect::<Vec<_>>()).filter(|cells| cells[1] == kpi);
    let values: Vec<f64> = rows.map(|cells| cells[2].parse().unwrap()).collect();
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn observed_figures_stand_beside_simulated_ones_with_a_verdict() {
    let folder = played();
    let here = folder.path();
    let (orders, share) = (mean(here, "orders"), mean(here, "near_share_orders"));
    let actuals = format!(
        "kpi,hour,value,unit,tolerance\norders,,{orders},,1\nnear_share_orders,,{},%,2\n\
         orders,10,1,,50%\norders,13,70,,\ncost_per_order_far,,0.01,CNY/order,1%\n",
        share * 100.0 + 5.0
    );
    fs::write(here.join("actuals.csv"), actuals).unwrap();
    let arguments = ["validate", "out", "--actuals", "actuals.csv"];
    let output = nearfar(here, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = stdout(&output);
    assert!(told.starts_with("A small town: observed figures beside 3 simulated days, seed 7\n"), "{told}");
    assert!(told.contains("Orders placed, by clock hour of orders placed\n"), "{told}");
    let csv = fs::read_to_string(here.join("validate-out/validation.csv")).unwrap();
    let verdict = |start: &str| {
        let line = csv.lines().find(|line| line.starts_with(start)).unwrap();
        line.rsplit(',').next().unwrap().to_owned()
    };
    assert_eq!(verdict("orders,,"), "within");
    assert_eq!(verdict("near_share_orders,,share"), "outside");
    assert_eq!(verdict("orders,10,"), "outside");
    assert_eq!(verdict("cost_per_order_far,,yuan/order"), "outside");
    for name in ["07-simulated-observed", "08-hourly-profiles"] {
        for ending in ["png", "svg", "csv"] {
            assert!(here.join(format!("validate-out/charts/{name}.{ending}")).exists(), "{name}.{ending}");
        }
    }
    // Again, elsewhere: the same bytes.
    let again = nearfar(here, &["validate", "out", "--actuals", "actuals.csv", "-o", "again", "--quiet"]);
    assert_eq!((again.status.code(), stdout(&again).as_str()), (Some(0), ""));
    for name in ["validation.csv", "charts/08-hourly-profiles.png", "charts/07-simulated-observed.svg"] {
        let read = |folder: &str| fs::read(here.join(folder).join(name)).unwrap();
        assert_eq!(read("validate-out"), read("again"), "{name}");
    }
}

#[test]
fn every_problem_is_told_and_nothing_is_written() {
    let folder = played();
    let here = folder.path();
    fs::write(here.join("bad.csv"), "kpi,hour,value\nordres,,1\norders,3,5\norders,11,many\n").unwrap();
    let refused = |arguments: &[&str]| {
        let output = nearfar(here, arguments);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{arguments:?}");
        stderr(&output)
    };
    let said = refused(&["validate", "out", "--actuals", "bad.csv"]);
    for words in
        ["row 2, column kpi", "did you mean \"orders\"", "row 3, column hour", "row 4, column value", "3 problems"]
    {
        assert!(said.contains(words), "{words} is not in {said}");
    }
    assert!(refused(&["validate", "out", "--actuals", "none.csv"]).contains("none.csv: cannot be read"));
    assert!(refused(&["validate", "bad.csv", "--actuals", "bad.csv"]).contains("bad.csv: there is no such folder"));
    assert!(!here.join("validate-out").exists());
}
