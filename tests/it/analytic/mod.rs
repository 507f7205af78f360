//! The simulation against closed forms, from outside: whole runs of cities in which theory knows the answer.
//!
//! `distances` (nearest stores of a Poisson field), `couriers` (queues and losses), `arrivals` (Poisson processes),
//! `corners` (what holds exactly). Every case has formulas for any parameters, so that a seeded fault is a changed
//! parameter: the same check then has to fail.
//!
//! A mean over at least 30 independent replications must lie within 4.9 standard errors of the known value, and the
//! standard error must be small. In full that is 1 % of the value, and distributions are compared on 100,000 samples
//! (`cargo test --release --test it -- --ignored analytic`, which `.ci/run` does); the quick tests of `cargo test` play less
//! of the same and say how coarse they are. docs/verification.md has the table.

mod arrivals;
mod corners;
mod couriers;
mod distances;
mod statistics;

use nearfar::audit::audit;
use nearfar::city::City;
use nearfar::event::EventLog;
use nearfar::scenario::{Archetype, Category, ChoiceModel, Metric, Placing, Scenario};
use nearfar::sim;
use nearfar::units::SimTime;
use std::sync::Arc;

/// How much of a case is played.
#[derive(Clone, Copy)]
struct Effort {
    /// Independent runs.
    replications: u32,
    /// Hours of each, or orders per consumer, as the case says.
    length: f64,
    /// Largest standard error of a mean, as a share of the known value.
    precision: f64,
}

/// Nothing happens that a case does not ask for: one category of one SKU, stores that pick at once and never run out,
/// couriers without services, nobody who refuses or cancels.
fn plain() -> Scenario {
    let mut scenario = Scenario { drain_h: 0.0, ..Scenario::default() };
    scenario.choice.model = ChoiceModel::Intent;
    (scenario.city.metric, scenario.city.detour_factor, scenario.city.hotspots) = (Metric::Euclid, 1.0, 0);
    scenario.catalogue.skus_per_category = 1;
    scenario.catalogue.categories = vec![Category { near_intent: 1.0, return_rate: 0.0, ..Category::default() }];
    scenario.stores.archetypes = vec![Archetype {
        count: 1,
        assortment_share: 1.0,
        pickers: 0,
        pick_base_min: 0.0,
        pick_per_item_min: 0.0,
        pick_cv: 0.0,
        placing: Placing::Uniform,
        ..Archetype::default()
    }];
    scenario.stores.unlimited_stock = true;
    scenario.demand.hourly_profile = [1.0; 24];
    scenario.demand.extra_items_mean = 0.0;
    scenario.consumers.count = 1;
    scenario.consumers.cancel_hazard_per_min = 0.0;
    let couriers = &mut scenario.couriers;
    (couriers.count, couriers.refusal_share, couriers.pickup_service_min) = (0, 0.0, 0.0);
    (couriers.handover_min, couriers.handover_cv) = (0.0, 0.0);
    scenario
}

/// One replication; the first is audited.
fn play(scenario: &Scenario, city: &Arc<City>, replication: u32) -> EventLog {
    let log = sim::run(scenario, city, replication, &mut |_| {}).log;
    if replication == 0 {
        let violations = audit(city, &log);
        assert!(violations.is_empty(), "{}", violations[0]);
    }
    log
}

/// When each order was placed.
fn placed(log: &EventLog) -> Vec<SimTime> {
    let mut placed = vec![SimTime::NEVER; log.orders()];
    for record in &log.records {
        if let nearfar::event::Event::OrderPlaced { order } = record.event {
            placed[order.index()] = record.at;
        }
    }
    placed
}
