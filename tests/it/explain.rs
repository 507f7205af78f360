//! `nearfar explain` from outside: stories of a small town, and what is said where there is none.

use std::fs;

use crate::program::{fine, folder_with, refused};

const TOWN: &str = "
label = 'A small town'
seed = 7
horizon_h = 3.0
start_hour = 10.0
city.side_km = 6.0
choice.model = 'intent'
demand.orders_per_day = 500
consumers.count = 300
catalogue.skus_per_category = 10
couriers.count = 12
";

/// A folder with the results of two short days in `out`.
fn played() -> tempfile::TempDir {
    let folder = folder_with(&[("town.toml", TOWN)]);
    let run = ["run", "town.toml", "-o", "out", "--no-report", "--events", "--replications", "2", "--quiet"];
    fine(&folder, &run);
    folder
}

#[test]
fn every_order_of_a_day_has_a_story() {
    let folder = played();
    let here = folder.path();
    let stories: Vec<String> =
        (0..20).map(|order| fine(here, &["explain", "out", &order.to_string(), "--replication", "1"])).collect();
    for (order, story) in stories.iter().enumerate() {
        let head = format!("Order {order} of A small town, seed 7, replication 1 of 0 to 1\n\n");
        assert!(story.starts_with(&head) && story.contains("What happened\n"), "{story}");
        assert!(story.contains("Why near-field: store") || story.contains("Why far-field:"), "{story}");
    }
    assert!(stories.iter().any(|story| story.contains("\n  hand-over ")), "{stories:#?}");
    assert_ne!(fine(here, &["explain", "out", "0"]), fine(here, &["explain", "out", "0", "--replication", "1"]));
    // The log only adds to the story.
    fs::remove_file(here.join("out/events.parquet")).unwrap();
    assert!(fine(here, &["explain", "out", "3"]).contains("placed by consumer"));
}

#[test]
fn what_is_not_there_is_said_with_what_is() {
    let folder = played();
    let here = folder.path();
    let cases: [(&[&str], &[&str]); 6] = [
        (&["explain", "nowhere", "1"], &["nowhere: there is no such folder", "output/baseline"]),
        (&["explain", ".", "1"], &[".: is not the output folder of a run", "nearfar run"]),
        (
            &["explain", "out", "99999"],
            &["orders.parquet: there is no order \"99999\" in replication 0", "orders go from 0 to"],
        ),
        (&["explain", "out", "A-1"], &["there is no order \"A-1\"", "name in the input file"]),
        (&["explain", "out", "1", "--replication", "2"], &["there is no replication 2", "replications go from 0 to 1"]),
        (&["explain", "out/orders.parquet", "1"], &["orders.parquet: there is no such folder"]),
    ];
    for (arguments, expected) in cases {
        let said = refused(here, arguments);
        assert!(expected.iter().all(|words| said.contains(words)), "{arguments:?}: {said}");
    }
    fs::remove_file(here.join("out/orders.parquet")).unwrap();
    assert!(refused(here, &["explain", "out", "1"]).contains("orders.parquet: is not there"));
    fs::write(here.join("out/orders.parquet"), "not a table").unwrap();
    assert!(refused(here, &["explain", "out", "1"]).contains("simulate again"));
}
