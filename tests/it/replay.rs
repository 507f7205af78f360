//! `nearfar replay` from outside: a page, trips, and what is said where there is nothing to see.

use std::fs;

use serde_json::Value;

use crate::program::{code, fine, folder_with, refused};

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
    let folder = folder_with(&[("town.toml", TOWN)]);
    let run = ["run", "town.toml", "-o", "out", "--no-report", "--replications", "2", "--quiet"];
    fine(&folder, &run);
    folder
}

#[test]
fn a_run_is_replayed_as_a_page_and_as_trips() {
    let folder = played();
    let here = folder.path();
    let (said, noted) = code(0, here, &["replay", "out"]);
    assert!(said.starts_with("Replay   out/replay.html (") && noted.contains("to the last digit"), "{said}{noted}");
    let page = fs::read_to_string(here.join("out/replay.html")).unwrap();
    assert!(page.contains("A small town") && page.contains("class=\"replay-data\""));
    let second = code(0, here, &["replay", "out", "--replication", "1", "-o", "second.html", "--quiet"]);
    assert_eq!(second, (String::new(), String::new()));
    assert_ne!(page, fs::read_to_string(here.join("second.html")).unwrap(), "another day");

    let (said, noted) = code(0, here, &["replay", "out", "--geojson"]);
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
        let why = refused(here, &arguments);
        assert!(why.contains(expected), "{arguments:?}: {why}");
    }
    assert_eq!(fs::read_to_string(here.join("taken.html")).unwrap(), "mine");
}
