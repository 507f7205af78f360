//! nearfar simulates flash-commerce order routing: which orders a near store should serve by courier within the
//! hour, which the far warehouse by parcel, and at what cost, promise and service.
//!
//! # The map
//!
//! Every room is a module. One value crosses each wall; arrows point the way it flows.
//!
//! ```text
//!  scenario file                                             output/<name>/
//!       │ TOML                                  report.html, charts, kpis.csv, orders.parquet
//!       ▼                                                        ▲
//!  ┌─────────┐ Scenario ┌──────┐ City ┌─────┐ EventLog ┌─────────┴──────────┐
//!  │scenario ├─────────►│ city ├─────►│ sim ├─────────►│ metrics ─► report  │
//!  └─────────┘          └──▲───┘      └──▲──┘    │     │ Frames, Kpis results│
//!                 table ───┘    policy ──┤       │     └────────────────────┘
//!            (CSV, Parquet)  (pure decisions)    └────► audit (is the log possible at all?)
//!                             external ──┘
//!                     (decisions of a program of yours)
//!
//!  below all: units, rng, event        above all: cli        aside: import (public data → scenario folder)
//!  mathematics of studies: design (which points to try), statistics (what the results allow to say)
//! ```
//!
//! # The life of a run
//!
//! 1. [`scenario::load`] reads a file, its parents and the `--set`s and checks every key; all mistakes come at once.
//! 2. [`city::City::build`] lays out what never changes during a run: stores, couriers, homes, prices, full shelves,
//!    nearest-store lists.
//! 3. [`sim::run`] plays one replication: consumers order, [`policy`] decides, stores pick, couriers ride, parcels
//!    travel. It appends facts to an [`event::EventLog`] and computes no figure.
//! 4. [`audit::audit`] checks the log against rules no city can break. It shares no code with the simulation.
//! 5. [`metrics::Frames::from_log`] turns the log into tables, [`metrics::kpis()`] the tables into named figures.
//! 6. [`mod@report`] draws charts and one page; [`results`] writes the folder so that it is whole or not there; [`mod@deck`] turns
//!    a finished folder into slides.
//!
//! # Where to start
//!
//! Read a file in `scenarios/`, then [`event`], `sim/schedule.rs`, [`policy::sourcing`] and [`metrics::KPIS`].
//! ARCHITECTURE.md says which files to touch to add a policy, a KPI, a chart or a key; `tests/it/architecture.rs`
//! holds the table of who may use whom.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! let toml = "horizon_h = 2.0\nstart_hour = 11.0\n[demand]\norders_per_day = 500";
//! let scenario = nearfar::scenario::from_toml_str(toml)?;
//! let city = Arc::new(nearfar::city::City::build(&scenario)?);
//! let outcome = nearfar::sim::run(&scenario, &city, 0, &mut |_| {});
//! let frames = nearfar::metrics::Frames::from_log(&scenario, &city, &outcome.log, 0)?;
//! let kpis = nearfar::metrics::kpis(&city, &outcome.log, &frames)?;
//! let orders = kpis.iter().find(|kpi| kpi.name == "orders").expect("every run counts its orders");
//! assert_eq!(orders.value, outcome.log.orders() as f64);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// Floors 0 and 1: what everything speaks.
pub mod design;
pub mod event;
pub mod rng;
pub mod statistics;
pub mod units;

// The flow, in reading order.
pub mod scenario;

pub mod table;

pub mod city;

pub mod policy;

pub mod external;

pub mod sim;

pub mod audit;

pub mod metrics;

pub mod results;

pub mod report;

pub mod deck;

pub mod study;

pub mod sweep;

// Aside and above.
pub mod import;

pub mod cli;

#[cfg(test)]
mod testing;
