//! Room: sweep (floor 7). One file of factors → hundreds of runs → one table → what it says. May use `rng`, `scenario`, `city`,
//! `table`, `metrics`, `results`, `study`, `statistics` and `design`; toml, serde, polars and rand.
//!
//! ```text
//! SweepFile ──► Plan ──► freeze ──► SweepFolder ──► run (any shard, any machine) ──► collect ──► Results
//!   file.rs     plan.rs     folder.rs      ▲  extend, while intervals are too wide      │  chunk.rs
//!   factor.rs   points.rs                  └────────────────────────────────────────────┘
//!                                                       Results ──► Study ──► analysis/ ──► tables
//! ```
//!
//! What is planned never depends on how it is run: neither shards nor chunks nor hosts enter the plan's fingerprint or
//! results.parquet. Every file is whole or not there, and every run may be done twice.

pub mod analysis;
mod chunk;
mod collect;
mod engine;
mod factor;
mod file;
mod folder;
mod methods;
mod of_points;
mod plan;
mod points;
mod reader;
mod rows;
mod run;
mod store;

pub use chunk::Row;
pub use collect::{Collected, State, collect, missing, wanted};
pub use engine::{Engine, Script, Submission, script, submit};
pub use factor::{Apply, Factor, FactorKind, Level, Span};
pub use file::{Design, Replications, SWEEP_SCHEMA, StopRule, SweepFile, is_sweep_file};
pub use folder::{Frozen, SweepFolder, freeze, put};
pub use plan::{Plan, PlanFacts, Planned, PlannedScenario, Point, parse_run_id, run_id};
pub use run::{Counts, Heard, Work, Worked, run};

use crate::metrics::MetricsError;
use crate::results::ResultsError;
use crate::scenario::Problems;
use crate::statistics::StatisticsError;
use crate::study::StudyError;
use std::io;
use std::path::{Path, PathBuf};

/// Why a sweep cannot go on.
#[derive(thiserror::Error, Debug)]
pub enum SweepError {
    /// Mistakes in the sweep file, its scenarios or its factors.
    #[error(transparent)]
    Scenario(#[from] Problems),
    /// Mistakes in a table of points.
    #[error("{}", .0.iter().map(|problem| problem.to_string()).collect::<Vec<_>>().join("\n"))]
    Table(Vec<crate::table::Problem>),
    /// Another mistake of the user: what is wrong, and what to do.
    #[error("{0}")]
    Input(String, String),
    /// A file cannot be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A table cannot be made or read.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// Threads cannot be started.
    #[error(transparent)]
    Study(#[from] StudyError),
    /// A method cannot say anything about the results.
    #[error(transparent)]
    Statistics(#[from] StatisticsError),
    /// The results cannot be written.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// Two workers got different results for the same run.
    #[error(
        "run {0} was done twice with different results: these machines do not compute alike; delete the runs folder and use \
         one kind of machine, and report this"
    )]
    Contradiction(String),
    /// So many runs failed that the user wanted to stop.
    #[error("stopped after {0} failed runs")]
    TooManyFailures(u64),
}

impl SweepError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> SweepError + '_ {
        move |source| SweepError::Io { path: path.to_owned(), source }
    }
}

impl From<polars::prelude::PolarsError> for SweepError {
    fn from(error: polars::prelude::PolarsError) -> Self {
        SweepError::Metrics(error.into())
    }
}
