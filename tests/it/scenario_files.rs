//! The shipped scenarios, the starter, the schema and the docs made from it.

use std::path::Path;

use nearfar::scenario::{self, Scenario};

use crate::program::{nearfar, stderr, stdout};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn shipped(name: &str) -> Scenario {
    let path = root().join("scenarios").join(name);
    scenario::load(&path, &[]).unwrap_or_else(|problems| panic!("{problems}")).scenario
}

#[test]
fn every_shipped_scenario_is_clean_and_opens_with_a_comment() {
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("scenarios")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let output = nearfar(root(), &["check", path.to_str().unwrap()]);
            assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
            assert!(stdout(&output).starts_with("ok  "));
            assert_eq!(stderr(&output), "", "nothing idle, no warning: {}", path.display());
            assert!(std::fs::read_to_string(&path).unwrap().starts_with("# "), "{}", path.display());
            count += 1;
        }
    }
    assert!(count >= 5);
}

#[test]
fn a_key_that_changes_nothing_is_a_warning_and_no_error() {
    let baseline = root().join("scenarios/baseline.toml");
    let output = nearfar(root(), &["check", baseline.to_str().unwrap(), "--set", "overload.far_per_yuan=0.05"]);
    assert_eq!(output.status.code(), Some(0));
    let told =
        "warning: command line, --set #1: overload.far_per_yuan: 0.05 changes nothing while overload.policy = \"none\"";
    assert!(stderr(&output).contains(told), "{}", stderr(&output));
}

#[test]
fn the_baseline_is_the_default_scenario() {
    let baseline = shipped("baseline.toml");
    let expected = Scenario {
        name: "baseline".into(),
        label: baseline.label.clone(),
        question: baseline.question.clone(),
        ..Scenario::default()
    };
    assert_eq!(baseline, expected);
}

#[test]
fn each_what_if_changes_one_thing() {
    let baseline = shipped("baseline.toml");
    let cases = [
        ("whatif-more-couriers.toml", ("couriers.count", "170", "204")),
        ("whatif-radius-4km.toml", ("near.radius_km", "3.0", "4.0")),
        ("whatif-peak-same-fleet.toml", ("choice.sessions_per_day", "not set", "96000.0")),
        ("whatif-brand-stores-x3.toml", ("stores.archetypes.brand_store.count", "25", "75")),
        ("whatif-more-demand.toml", ("demand.orders_per_day", "18000.0", "22500.0")),
        ("whatif-quantile-promise.toml", ("promise.policy", "\"fixed\"", "\"quantile\"")),
        ("whatif-overload-control.toml", ("overload.policy", "\"none\"", "\"staged\"")),
        ("whatif-split-orders.toml", ("split.policy", "\"never\"", "\"allow\"")),
    ];
    for (name, (key, before, after)) in cases {
        let expected = (key.to_string(), before.to_string(), after.to_string());
        assert_eq!(scenario::differences(&baseline, &shipped(name)), [expected]);
    }
}

#[test]
fn the_sourcing_what_ifs_differ_in_sourcing_and_shelves_only() {
    let baseline = shipped("baseline.toml");
    for (name, sections) in [
        ("whatif-avoid-queues.toml", &["sourcing."][..]),
        ("whatif-shared-shelf.toml", &["sourcing.", "rationing.", "stores.archetypes"]),
    ] {
        let differences = scenario::differences(&baseline, &shipped(name));
        assert!(differences.len() >= 2, "{name}: {differences:?}");
        let foreign = differences.iter().find(|(key, ..)| !sections.iter().any(|section| key.starts_with(section)));
        assert_eq!(foreign, None, "{name}");
    }
}

#[test]
fn the_push_of_pick_up_differs_in_pick_up_only() {
    let offered = shipped("baseline.toml");
    let pushed = scenario::differences(&offered, &shipped("whatif-pickup-push.toml"));
    assert_eq!(pushed.len(), 1 + offered.catalogue.categories.len(), "{pushed:?}");
    assert!(pushed.iter().all(|(key, ..)| key == "pickup.discount_yuan" || key.ends_with(".asc_pickup")), "{pushed:?}");
}

#[test]
fn a_resolved_scenario_is_the_same_scenario() {
    for name in ["baseline.toml", "reference.toml", "whatif-more-couriers.toml"] {
        let scenario = shipped(name);
        let again = scenario::from_toml_str(&scenario::to_toml(&scenario)).unwrap();
        assert_eq!(again, scenario, "{name}");
        assert_eq!(scenario::hash(&again), scenario::hash(&scenario));
    }
}

#[test]
fn the_table_of_keys_in_the_docs_is_current() {
    let made = stdout(&nearfar(root(), &["schema", "--markdown"]));
    let committed = std::fs::read_to_string(root().join("docs/keys.md")).unwrap();
    assert!(made == committed, "docs/keys.md is not current: nearfar schema --markdown > docs/keys.md");
}

#[test]
fn the_schema_is_json_and_names_every_section() {
    let output = nearfar(root(), &["schema"]);
    let schema: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(schema["properties"]["near"]["properties"]["delivered_at"]["enum"][2], "end_service");
}

#[test]
fn show_tells_where_values_come_from() {
    let arguments =
        ["show", "scenarios/whatif-more-couriers.toml", "--resolved", "--origin", "--set", "near.radius_km=2"];
    let output = nearfar(root(), &arguments);
    let shown = stdout(&output);
    let line =
        |key: &str| shown.lines().find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("{key} in\n{shown}"));
    assert!(line("count = 204").contains("# scenarios/whatif-more-couriers.toml:"), "{}", line("count = 204"));
    assert!(line("count = 204").contains("scale 1.2 of 170 (scenarios/baseline.toml:"));
    assert!(line("radius_km = 2.0").ends_with("# command line, --set #1"));
    assert!(line("cell_km").ends_with("# default"));
    let quiet = stdout(&nearfar(root(), &["show", "scenarios/whatif-radius-4km.toml"]));
    assert!(quiet.contains("radius_km = 4.0") && !quiet.contains("cell_km"), "{quiet}");
}

#[test]
fn new_makes_a_folder_that_checks_clean_and_refuses_a_used_one() {
    let folder = tempfile::tempdir().unwrap();
    let made = nearfar(folder.path(), &["new", "city"]);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let checked = nearfar(folder.path(), &["check", "city/scenario.toml", "city/whatif-more-couriers.toml"]);
    assert_eq!(checked.status.code(), Some(0), "{}", stderr(&checked));
    assert!(stdout(&checked).contains("extends city/scenario.toml"), "{}", stdout(&checked));
    let again = nearfar(folder.path(), &["new", "city"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("is not empty"));
}
