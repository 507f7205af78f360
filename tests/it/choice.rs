//! Consumers who choose, from outside: a run of sessions, and `nearfar calibrate`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::program::{nearfar, stderr, stdout};

const TOWN: &str = "label = 'A town of sessions'\nhorizon_h = 8.0\nstart_hour = 10.0\n[city]\nside_km = 6.0\n\
    [choice]\nmodel = 'logit'\nsessions_per_day = 9000\n[demand]\norders_per_day = 2700\n[consumers]\ncount = 1000\n\
    [couriers]\ncount = 40\n";

fn fine(folder: &Path, arguments: &[&str]) -> String {
    let output = nearfar(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

/// The KPIs of a run with one replication.
fn kpis(folder: &Path, run: &str) -> BTreeMap<String, f64> {
    let text = fs::read_to_string(folder.join(run).join("kpis.csv")).unwrap();
    let cells = |line: &str| -> Vec<String> { line.split(',').map(str::to_owned).collect() };
    text.lines().skip(1).map(cells).map(|cells| (cells[1].clone(), cells[2].parse().unwrap())).collect()
}

#[test]
fn calibrated_constants_give_the_shares_asked_for_and_the_file_can_be_run() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("town.toml"), TOWN).unwrap();
    let asked = ["calibrate", "town.toml", "--conversion", "0.4", "--near-share", "0.2", "--rounds", "12"];
    fine(folder.path(), &[&asked[..], &["-o", "calibrated.toml"]].concat());
    let file = fs::read_to_string(folder.path().join("calibrated.toml")).unwrap();
    assert!(file.contains("extends = \"town.toml\"") && file.contains("id = \"fresh\"\nasc_near = "), "{file}");
    // The same from one thread.
    fine(folder.path(), &[&asked[..], &["-o", "again.toml", "--threads", "1"]].concat());
    assert_eq!(fs::read_to_string(folder.path().join("again.toml")).unwrap(), file);

    for (scenario, run) in [("town.toml", "before"), ("calibrated.toml", "after")] {
        fine(folder.path(), &["run", scenario, "--no-report", "--quiet", "-o", run]);
    }
    let told =
        fine(folder.path(), &["run", "town.toml", "--no-report", "-o", "told", "--set", "choice.time_weight=0.2"]);
    assert!(told.contains("is worth 19 CNY to who plans ahead, 84 to who is in a hurry"), "{told}");
    let (before, after) = (kpis(folder.path(), "before"), kpis(folder.path(), "after"));
    assert!((after["conversion"] - 0.4).abs() < 0.02, "{after:?}");
    assert!((after["near_share_orders"] - 0.2).abs() < 0.03, "{after:?}");
    assert!((before["conversion"] - 0.4).abs() > 0.05, "it was not so before: {before:?}");
    assert_eq!(after["sessions"], before["sessions"], "the same sessions choose differently");
    let lost: f64 = after.iter().filter(|(name, _)| name.starts_with("lost_sessions_")).map(|(_, value)| value).sum();
    assert_eq!(after["orders"] + lost, after["sessions"], "every session ends once");
    assert_eq!(after["audit_violations"], 0.0);
    let stories: Vec<String> =
        (0..30).map(|order| fine(folder.path(), &["explain", "after", &order.to_string()])).collect();
    for told in ["chose the parcel", "chose it over the parcel"] {
        assert!(stories.iter().any(|story| story.contains(told)), "{told}");
    }
    assert!(!stories.iter().any(|story| story.contains("did not ask")), "they were asked");
}

#[test]
fn a_calibration_that_ran_out_of_rounds_says_so() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("town.toml"), TOWN).unwrap();
    let asked = ["calibrate", "town.toml", "--near-share", "0.2", "--replications", "1"];
    let output = nearfar(folder.path(), &[&asked[..], &["--rounds", "1", "-o", "short.toml"]].concat());
    assert_eq!(output.status.code(), Some(0));
    let said = stderr(&output);
    assert!(said.contains("not settled: after 1 round another would still move a constant by 0."), "{said}");
    assert!(said.contains("--rounds"), "{said}");
}

#[test]
fn pick_up_is_calibrated_run_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("town.toml"), format!("{TOWN}[pickup]\nenabled = true\ndiscount_yuan = 1.0\n"))
        .unwrap();
    let asked = ["calibrate", "town.toml", "--pickup-share", "0.2", "--rounds", "6", "-o", "calibrated.toml"];
    let said = stderr(&nearfar(folder.path(), &asked));
    assert!(said.contains("asc_pickup") && said.contains("pick-up share %"), "{said}");
    let file = fs::read_to_string(folder.path().join("calibrated.toml")).unwrap();
    assert_eq!(file.matches("asc_pickup = ").count(), 6, "{file}");
    fine(folder.path(), &["run", "calibrated.toml", "--events", "--quiet", "-o", "run"]);
    let kpis = kpis(folder.path(), "run");
    assert!((kpis["pickup_share"] - 0.2).abs() < 0.03, "{kpis:?}");
    assert!((kpis["conversion"] - 0.3).abs() < 0.02, "{kpis:?}");
    assert_eq!(kpis["audit_violations"], 0.0);
    let lost: f64 = kpis.iter().filter(|(name, _)| name.starts_with("lost_sessions_")).map(|(_, value)| value).sum();
    assert_eq!(kpis["orders"] + lost, kpis["sessions"], "every session ends once");
    let shares = kpis["near_share_orders"] + kpis["pickup_share"];
    assert!((0.3..0.7).contains(&shares) && kpis["cost_per_order_pickup"] < kpis["cost_per_order_near"], "{kpis:?}");
    let audited = fine(folder.path(), &["audit", "run"]);
    assert!(audited.contains("stock and money are in order"), "{audited}");
    let stories: Vec<String> =
        (0..12).map(|order| fine(folder.path(), &["explain", "run", &order.to_string()])).collect();
    assert!(stories.iter().any(|story| story.contains("Pick-up in store, collected")));
    let page = fs::read_to_string(folder.path().join("run/report.html")).unwrap();
    assert!(page.contains("Pick-up in store"));
}

#[test]
fn calibration_says_what_it_cannot_do() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("town.toml"), TOWN).unwrap();
    fs::write(folder.path().join("plain.toml"), "horizon_h = 2.0\nchoice.model = 'intent'\n").unwrap();
    for (arguments, expected) in [
        (vec!["plain.toml"], "choice.model = \"logit\""),
        (vec!["town.toml", "--conversion", "1.2"], "between 0 and 1"),
        (vec!["town.toml", "--near-share", "0.9"], "ask for less"),
        (vec!["town.toml", "--set", "pickup.enabled=false", "--pickup-share", "0.1"], "pickup.enabled = true"),
    ] {
        let output = nearfar(folder.path(), &[&["calibrate", "-o", "out.toml"], &arguments[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(expected), "{arguments:?}: {}", stderr(&output));
        assert!(!folder.path().join("out.toml").exists());
    }
    let over = nearfar(folder.path(), &["calibrate", "town.toml", "-o", "plain.toml"]);
    assert!(over.status.code() == Some(2) && stderr(&over).contains("--force"), "{}", stderr(&over));
}
