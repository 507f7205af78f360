//! Room: report. The assumptions a page lists: the keys that decide most, and every key off its default.

use super::Assumption;
use crate::scenario::{self, Scenario};
use std::collections::BTreeMap;

/// Keys that decide most, by their beginning; lists of hours and file names are left to scenario.toml.
const MAIN: [&str; 22] = [
    "horizon_h",
    "city.side_km",
    "city.metric",
    "city.detour_factor",
    "demand.source",
    "demand.orders_per_day",
    "consumers.cancel_hazard_per_min",
    "catalogue.categories.",
    "stores.replenish_every_h",
    "stores.archetypes.",
    "warehouse.capacity_per_h",
    "couriers.count",
    "couriers.speed_kmh",
    "couriers.pickup_service_min",
    "couriers.handover_min",
    "near.",
    "far.lanes.",
    "sourcing.",
    "promise.",
    "cost.",
    "money.perspective",
    "carbon.",
];

/// The assumptions of a scenario in the order of its sections, each with value, unit and source.
pub fn assumptions(scenario: &Scenario) -> Vec<Assumption> {
    let defaults: BTreeMap<String, String> = scenario::leaves(&Scenario::default()).into_iter().collect();
    let mut rows = Vec::new();
    for (path, value) in scenario::leaves(scenario) {
        let changed = defaults.get(&path) != Some(&value);
        let main = MAIN.iter().any(|main| path == *main || (main.ends_with('.') && path.starts_with(main)));
        let Some(key) = scenario::key(&path) else {
            continue;
        };
        if is_name(&path) || value == "not set" || replaced_by_file(scenario, &path) || !(changed || main) {
            continue;
        }
        let file = matches!(key.kind, scenario::Kind::File);
        let value = match key.unit {
            "" => value.trim_matches('"').to_owned(),
            _ if file => file_name(&value),
            unit => format!("{} {unit}", value.strip_suffix(".0").unwrap_or(&value)),
        };
        let source = if changed { "this scenario".to_owned() } else { source_words(key.source) };
        rows.push(Assumption { key: path, value, source });
    }
    rows
}

/// Names of things are no assumptions, and the origin of the page names the scenario and the seed.
fn is_name(path: &str) -> bool {
    scenario::speaks_only(path) || matches!(path, "schema" | "seed") || path.ends_with(".id")
}

/// Keys that a trace or a file of places puts out of force.
fn replaced_by_file(scenario: &Scenario, path: &str) -> bool {
    let traced = scenario.demand.source == scenario::DemandSource::Trace;
    (traced && path.starts_with("demand.") && !matches!(path, "demand.source" | "demand.orders_file"))
        || (scenario.couriers.file.is_some() && path == "couriers.count")
        || (scenario.stores.file.is_some() && path.starts_with("stores.archetypes.") && path.ends_with(".count"))
}

/// The file's own name: the folder is that of one machine.
fn file_name(quoted: &str) -> String {
    quoted.trim_matches(['"', '\'']).rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}

fn source_words(source: &str) -> String {
    if source.is_empty() { "default".to_owned() } else { source.replace("asm", "assumption") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(rows: &'a [Assumption], key: &str) -> Option<&'a Assumption> {
        rows.iter().find(|row| row.key == key)
    }

    #[test]
    fn main_keys_stand_with_unit_and_source_and_changed_keys_join_them() {
        let mut scenario = Scenario::default();
        let rows = assumptions(&scenario);
        let radius = row(&rows, "near.radius_km").unwrap();
        assert_eq!((radius.value.as_str(), radius.source.as_str()), ("3 km", "R16, R20, R27"));
        assert_eq!(row(&rows, "promise.near_min").unwrap().source, "assumption; R9, R10, R23 give averages near 30");
        assert!(row(&rows, "consumers.count").is_none() && row(&rows, "seed").is_none());
        scenario.consumers.count = 7;
        scenario.near.radius_km = 4.5;
        let rows = assumptions(&scenario);
        assert_eq!(row(&rows, "consumers.count").unwrap().value, "7 consumers");
        assert_eq!(row(&rows, "near.radius_km").unwrap().source, "this scenario");
    }

    #[test]
    fn what_a_file_replaces_is_left_out_and_the_file_is_named_without_its_folder() {
        let mut scenario = Scenario::default();
        scenario.couriers.file = Some("/some/folder/couriers.csv".into());
        let rows = assumptions(&scenario);
        assert!(row(&rows, "couriers.count").is_none());
        assert_eq!(row(&rows, "couriers.file").unwrap().value, "couriers.csv");
    }
}
