//! Room: import (floor 3). Public data sets → scenario folders of the trace format (docs/trace-format.md).
//! May use `table`; its tests read back through `city::input`. Nothing of it runs during a simulation.
//!
//! ```text
//! mdrp, cainiao, rappi folder, oddp file ─► Import { scenario.toml, orders.csv, stores.csv, couriers.csv … } ─► folder
//! ```
//! What a data set does not say is assumed here and named in the scenario file that is written.

mod cainiao;
mod folder;
mod mdrp;
mod oddp;
mod rappi;
mod text;

pub use cainiao::cainiao;
pub use mdrp::{mdrp, mdrp_any_store, mdrp_instances};
pub use oddp::oddp;
pub use rappi::rappi;

use crate::table::Problem;
use std::path::{Path, PathBuf};

/// A scenario folder, not yet written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Import {
    /// Name of the scenario, fit for a folder.
    pub name: String,
    /// Text of `scenario.toml`.
    pub scenario_toml: String,
    /// Names and texts of the files beside it.
    pub files: Vec<(String, String)>,
    /// What was found, left out and assumed; one sentence each.
    pub notes: Vec<String>,
}

/// Why a data set could not be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Cells, rows or files that are not as the format has them.
    #[error("{}", .0.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n"))]
    Problems(Vec<Problem>),
    /// The source does not look like the format.
    #[error("error: {}: found {found}, expected {expected}", source_folder.display())]
    NotTheFormat {
        /// Folder that was looked into.
        source_folder: PathBuf,
        /// What it holds.
        found: String,
        /// What it should hold.
        expected: String,
    },
    /// The target folder holds something that no import wrote.
    #[error(
        "error: {}: this folder holds files that nearfar import did not write\n  help: choose another -o, or add --force to write beside them",
        .0.display()
    )]
    Occupied(PathBuf),
    /// `--day` makes sense for rappi only.
    #[error("error: --day belongs to the format rappi\n  help: leave it out")]
    DayNotAsked,
    /// `--any-store` makes sense for mdrp only.
    #[error("error: --any-store belongs to the format mdrp\n  help: leave it out")]
    AnyStoreNotAsked,
    /// `--orders` makes sense for oddp only.
    #[error("error: --orders belongs to the format oddp\n  help: leave it out")]
    OrdersNotAsked,
    /// The disk said no.
    #[error("error: {}: {error}", path.display())]
    Io {
        /// File or folder concerned.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

impl ImportError {
    /// The system's `error` about `path`.
    pub fn io(path: &Path, error: std::io::Error) -> Self {
        ImportError::Io { path: path.to_owned(), error }
    }
}

impl From<Vec<Problem>> for ImportError {
    fn from(problems: Vec<Problem>) -> Self {
        ImportError::Problems(problems)
    }
}

#[cfg(test)]
mod tests;
