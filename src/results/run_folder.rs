//! The output folder of an earlier run, read back.

use super::folder::{MANIFEST, PROGRAM};
use crate::city::City;
use crate::metrics::{
    Kpi, MetricsError, StoredCandidates, StoredEvent, StoredEvents, StoredOrders, definition, events_of_order,
    stored_violations,
};
use crate::scenario::{self, Problems, Scenario};
use serde_json::Value;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Name of the file of the event log.
const EVENTS: &str = "events.parquet";
/// Name of the file of the ledger.
const CANDIDATES: &str = "candidates.parquet";

/// Why an output folder cannot be read; the message says what is wrong, `help` what to do.
#[derive(thiserror::Error, Debug)]
pub enum ReadError {
    /// No folder of this name.
    #[error("{}: there is no such folder", .path.display())]
    NoFolder {
        /// The folder, as given.
        path: PathBuf,
    },
    /// Nearfar did not write it.
    #[error("{}: is not the output folder of a run (no manifest.json of nearfar in it)", .path.display())]
    NotOurs {
        /// The folder, as given.
        path: PathBuf,
    },
    /// It lacks a file that is needed.
    #[error("{}: is not there", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// How to get it.
        help: &'static str,
    },
    /// A file cannot be read.
    #[error("{}: cannot be read: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A line of kpis.csv is not as nearfar writes it.
    #[error("{}: row {row} is not replication, kpi, value and unit", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The row, the header being row 1.
        row: u64,
    },
    /// A table of another version, or damaged.
    #[error("{}: {source}", .path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: MetricsError,
    },
}

impl ReadError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            ReadError::NoFolder { .. } | ReadError::NotOurs { .. } => {
                "name the folder that `nearfar run` wrote, such as output/baseline"
            }
            ReadError::Missing { help, .. } => help,
            ReadError::Io { .. } => "see to it that you may read it",
            ReadError::Table { .. } | ReadError::Damaged { .. } => {
                "simulate again: `nearfar run` on the scenario.toml of the folder"
            }
        }
    }
}

/// The output folder of a run.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    manifest: Value,
}

impl RunFolder {
    /// Opens the folder that a run left at `path`.
    pub fn open(path: &Path) -> Result<RunFolder, ReadError> {
        let given = || path.to_owned();
        if !path.is_dir() {
            return Err(ReadError::NoFolder { path: given() });
        }
        let text = fs::read(path.join(MANIFEST)).ok();
        let manifest: Option<Value> = text.and_then(|text| serde_json::from_slice(&text).ok());
        match manifest.filter(|manifest| manifest["program"] == PROGRAM) {
            Some(manifest) => Ok(RunFolder { path: given(), manifest }),
            None => Err(ReadError::NotOurs { path: given() }),
        }
    }

    /// The folder, as given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What manifest.json says.
    pub fn manifest(&self) -> &Value {
        &self.manifest
    }

    /// The scenario it was simulated from, with all its defaults.
    pub fn scenario(&self) -> Result<Scenario, Problems> {
        Ok(scenario::load(&self.path.join("scenario.toml"), &[])?.scenario)
    }

    /// Replications simulated.
    pub fn replications(&self) -> u32 {
        self.manifest["replications"].as_u64().map_or(1, |n| n as u32)
    }

    /// The table of orders.
    pub fn orders(&self) -> Result<StoredOrders, ReadError> {
        let help = "name the folder of `nearfar run`; one of `nearfar compare` holds no orders";
        let (path, bytes) = self.file("orders.parquet", help)?;
        StoredOrders::read(bytes).map_err(|source| ReadError::Table { path, source })
    }

    /// The KPIs of each replication, those that this program knows.
    pub fn kpis(&self) -> Result<Vec<Vec<Kpi>>, ReadError> {
        let help = "name the folder of `nearfar run`; one of `nearfar compare` holds no KPIs of one run";
        let (path, bytes) = self.file("kpis.csv", help)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut replications = vec![Vec::new(); self.replications() as usize];
        for (number, line) in text.lines().enumerate().skip(1) {
            let row = number as u64 + 1;
            let (replication, kpi) = kpi(line).ok_or_else(|| ReadError::Damaged { path: path.clone(), row })?;
            let of = replications.get_mut(replication).ok_or_else(|| ReadError::Damaged { path: path.clone(), row })?;
            of.extend(kpi);
        }
        Ok(replications)
    }

    /// The whole event log.
    pub fn events(&self) -> Result<StoredEvents, ReadError> {
        let help =
            "the run kept no event log; simulate again with --events: `nearfar run` on the scenario.toml of the folder";
        let (path, bytes) = self.file(EVENTS, help)?;
        StoredEvents::read(bytes).map_err(|source| ReadError::Table { path, source })
    }

    /// What breaks the rules of the audit in one replication, in words, and how many facts it has.
    pub fn audit(
        &self,
        city: &City,
        orders: &StoredOrders,
        events: &StoredEvents,
        replication: u32,
    ) -> Result<(Vec<String>, usize), ReadError> {
        let broken = |source| ReadError::Table { path: self.path.join(EVENTS), source };
        let log = events.log(orders, city, replication).map_err(broken)?;
        let found = stored_violations(city, &log, orders, replication).map_err(broken)?;
        Ok((found.iter().map(|violation| violation.to_string()).collect(), log.records.len()))
    }

    /// The facts about one order; none if the run kept no event log.
    pub fn events_of_order(&self, replication: u32, order: u32) -> Result<Option<Vec<StoredEvent>>, ReadError> {
        let (path, bytes) = match self.file(EVENTS, "") {
            Ok(found) => found,
            Err(ReadError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        events_of_order(bytes, replication, order).map(Some).map_err(|source| ReadError::Table { path, source })
    }

    /// Every candidate of every order.
    pub fn candidates(&self) -> Result<StoredCandidates, ReadError> {
        let help =
            "the run kept no ledger; simulate again with --ledger: `nearfar run` on the scenario.toml of the folder";
        let (path, bytes) = self.file(CANDIDATES, help)?;
        StoredCandidates::read(bytes).map_err(|source| ReadError::Table { path, source })
    }

    /// The candidates of one order; none if the run kept no ledger.
    pub fn candidates_of_order(&self, replication: u32, order: u32) -> Result<Option<StoredCandidates>, ReadError> {
        let all = match self.candidates() {
            Ok(all) => all,
            Err(ReadError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let broken = |source| ReadError::Table { path: self.path.join(CANDIDATES), source };
        all.of_order(replication, order).map(Some).map_err(broken)
    }

    /// A file of the folder.
    fn file(&self, name: &str, help: &'static str) -> Result<(PathBuf, Vec<u8>), ReadError> {
        let path = self.path.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok((path, bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ReadError::Missing { path, help }),
            Err(source) => Err(ReadError::Io { path, source }),
        }
    }
}

/// A line of kpis.csv: the replication, and its KPI unless this program has none of that name.
fn kpi(line: &str) -> Option<(usize, Option<Kpi>)> {
    let cells: Vec<&str> = line.split(',').collect();
    let &[replication, name, value, _] = cells.as_slice() else { return None };
    let value = value.parse().ok()?;
    let kpi = definition(name).map(|found| Kpi { name: found.name, value, unit: found.unit });
    Some((replication.parse().ok()?, kpi))
}
