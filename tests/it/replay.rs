//! `nearfar replay` from outside: a page, trips, and what is said where there is nothing to see.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{nearfar, stderr, stdout};

const TOWN: &str = "
label = 'A small town'
seed = 7
horizon_h = 2.0
start_hour = 11.0
city.side_km = 6.0
choice.model = 'intent'
demand.orders_per_day = 900
consumers.count = 300
catalogue.skus_per_category = 10
couriers.count = 12
";

fn played() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("town.toml"), TOWN).unwrap();
    let run = ["run", "town.toml", "-o", "out", "--no-report", "--replications", "2", "--quiet"];
    let output = nearfar(folder.path(), &run);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    folder
}

fn told(folder: &Path, arguments: &[&str]) -> (String, String) {
    let output = nearfar(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    (stdout(&output), stderr(&output))
}

#[test]
fn a_run_is_replayed_as_a_page_and_as_trips() {
    let folder = played();
    let here = folder.path();
    let (said, noted) = told(here, &["replay", "out"]);
    assert!(said.starts_with("Replay   out/replay.html (") && noted.contains("to the last digit"), "{said}{noted}");
    let page = fs::read_to_string(here.join("out/replay.html")).unwrap();
    assert!(page.contains("A small town") && page.contains("class=\"replay-data\""));
    let second = told(here, &["replay", "out", "--replication", "1", "-o", "second.html", "--quiet"]);
    assert_eq!(second, (String::new(), String::new()));
    assert_ne!(page, fs::read_to_string(here.join("second.html")).unwrap(), "another day");

    let (said, noted) = told(here, &["replay", "out", "--geojson"]);
    assert!(said.starts_with("Trips    out/trips.geojson (") && noted.contains("longitude 0"), "{said}{noted}");
    let trips: Value = serde_json::from_slice(&fs::read(here.join("out/trips.geojson")).unwrap()).unwrap();
    let features = trips["features"].as_array().unwrap();
    assert!(features.len() > 20);
    for feature in features {
        let points = feature["geometry"]["coordinates"].as_array().unwrap();
        let last = points.last().unwrap();
        assert!(points.len() >= 2 && last.as_array().unwrap().len() == 4, "{feature}");
        assert!((0.0..0.1).contains(&last[0].as_f64().unwrap()), "a city of 6 km: {feature}");
        assert!(feature["properties"]["courier"].as_str().unwrap().starts_with("courier-"));
    }
}

#[test]
fn a_replay_says_what_it_cannot_do() {
    let folder = played();
    let here = folder.path();
    fs::write(here.join("taken.html"), "mine").unwrap();
    for (arguments, expected) in [
        (vec!["replay", "nowhere"], "nearfar run"),
        (vec!["replay", "out", "--replication", "2"], "from 0 to 1"),
        (vec!["replay", "out", "-o", "taken.html"], "--force"),
        (vec!["replay", "out", "-o", "no/such/folder.html"], "you may write"),
    ] {
        let output = nearfar(here, &arguments);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{arguments:?}");
        assert!(stderr(&output).contains(expected), "{arguments:?}: {}", stderr(&output));
    }
    assert_eq!(fs::read_to_string(here.join("taken.html")).unwrap(), "mine");
}
