//! Room: cli. What the manifest of an output folder says: reproducible facts, and timing apart from them.

use super::decided;
use super::options::Asked;
use super::screen::peak_memory_mb;
use crate::city::City;
use crate::metrics::{CANDIDATES_SCHEMA_VERSION, EVENTS_SCHEMA_VERSION, ORDERS_SCHEMA_VERSION};
use crate::study::Replication;
use serde_json::{Map, Value, json};
use std::time::Instant;

/// Version of the program.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The git commit it is built from; only release builds from a checkout know it.
pub(super) const COMMIT: Option<&str> = option_env!("NEARFAR_COMMIT");

/// The moment a command begins, for `total_s`.
#[expect(clippy::disallowed_methods, reason = "read for the timing section of the manifest only")]
pub(super) fn start() -> Instant {
    Instant::now()
}

/// The facts about the program.
pub(super) fn program() -> Map<String, Value> {
    object(json!({ "version": VERSION, "commit": COMMIT }))
}

/// The facts about the runs of one scenario.
pub(super) fn facts(asked: &Asked, city: &City, runs: &[Replication]) -> Map<String, Value> {
    let scenario = &asked.scenario;
    let consumers = city.demand.homes.len().max(city.demand.trace.len());
    let mut told = object(json!({
        "scenario": scenario.name,
        "label": scenario.label,
        "scenario_hash": asked.hash,
        "seed": scenario.seed,
        "replications": runs.len(),
        "counts": {
            "orders": runs.iter().map(|run| run.orders).sum::<u64>(),
            "events": runs.iter().map(|run| run.events).sum::<u64>(),
            "stores": city.stores.len(),
            "couriers": city.couriers.len(),
            "consumers": consumers,
        },
        "schema_versions": {
            "scenario": scenario.schema,
            "orders": ORDERS_SCHEMA_VERSION,
            "events": EVENTS_SCHEMA_VERSION,
            "candidates": CANDIDATES_SCHEMA_VERSION,
        },
        "audit_violations": runs.iter().map(|run| run.violations.len()).sum::<usize>(),
    }));
    told.append(&mut decided::facts(runs));
    told
}

/// The figures that differ from run to run: CPU seconds of the simulation and of the audit, summed over replications, orders
/// per second of the simulation, seconds since `started`, threads and megabytes.
pub(super) fn timing<'a>(
    started: Instant,
    threads: usize,
    runs: impl IntoIterator<Item = &'a Replication>,
) -> Map<String, Value> {
    let (mut simulation_s, mut audit_s, mut orders) = (0.0, 0.0, 0.0);
    for run in runs {
        simulation_s += run.cpu.as_secs_f64();
        audit_s += run.audit_cpu.as_secs_f64();
        orders += run.orders as f64;
    }
    let rounded = |value: f64, steps: f64| (value * steps).round() / steps;
    object(json!({
        "simulation_s": rounded(simulation_s, 1e6),
        "audit_s": rounded(audit_s, 1e6),
        "orders_per_s": rounded(orders / simulation_s, 1.0),
        "total_s": rounded(started.elapsed().as_secs_f64(), 1e3),
        "threads": threads,
        "peak_memory_mb": peak_memory_mb(),
    }))
}

/// The object of a JSON value that is one.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
