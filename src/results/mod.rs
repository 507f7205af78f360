//! Room: results (floor 6). What a run leaves behind: the output folder. May use `metrics`, `scenario`,
//! `city` and `event`.
//!
//! ```text
//! prepare (before the run: may we write there?)  →  add files to a hidden folder beside  →  commit (rename over)
//! ```
//! [`RunFolder`] reads one back.

mod file;
mod folder;
mod run_folder;
mod shell;

pub use file::OutputFile;
pub use folder::{Committed, OutputFolder, PROGRAM, ResultsError};
pub use run_folder::{ReadError, RunFolder};
pub use shell::{quoted, shell_path};

use crate::metrics::{Frames, Kpi};
use serde_json::{Map, Value};
use std::fmt::Write;

/// What goes into the output folder.
pub struct Results<'a> {
    /// The resolved scenario, runnable by itself.
    pub scenario_toml: &'a str,
    /// Facts of the manifest that the same scenario and seed reproduce: version, hash, seed, counts.
    pub facts: Map<String, Value>,
    /// Figures of the manifest that differ from run to run: seconds, threads, memory.
    pub timing: Map<String, Value>,
    /// KPIs of each replication.
    pub kpis: &'a [Vec<Kpi>],
    /// The tables of all replications.
    pub frames: &'a Frames,
    /// The event log as a Parquet file, if wanted (see `metrics::events_parquet`).
    pub events: Option<Vec<u8>>,
    /// The ledger of candidates as a Parquet file, if wanted (see `metrics::candidates_parquet`).
    pub candidates: Option<Vec<u8>>,
    /// Charts, report and the like, by their path inside the folder.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Writes the results and puts them in place.
pub fn write_results(mut folder: OutputFolder, results: &Results) -> Result<Committed, ResultsError> {
    folder.add("scenario.toml", results.scenario_toml.as_bytes())?;
    folder.add("kpis.csv", kpis_csv(results.kpis).as_bytes())?;
    folder.add("orders.parquet", &results.frames.orders_parquet()?)?;
    folder.add("availability.csv", results.frames.availability_csv()?.as_bytes())?;
    if let Some(events) = &results.events {
        folder.add("events.parquet", events)?;
    }
    if let Some(candidates) = &results.candidates {
        folder.add("candidates.parquet", candidates)?;
    }
    for (name, bytes) in &results.files {
        folder.add(name, bytes)?;
    }
    folder.commit(results.facts.clone(), results.timing.clone())
}

/// The text of kpis.csv: `replication,kpi,value,unit`, shortest decimals that read back exactly, `NaN`
/// for no data.
pub fn kpis_csv(replications: &[Vec<Kpi>]) -> String {
    let mut csv = String::from("replication,kpi,value,unit\n");
    for (replication, kpis) in replications.iter().enumerate() {
        for kpi in kpis {
            writeln!(csv, "{replication},{},{},{}", kpi.name, kpi.value, kpi.unit).expect("strings grow");
        }
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{events_parquet, kpis};
    use crate::testing::small_run;
    use std::fs;

    #[test]
    fn numbers_in_kpis_csv_read_back_exactly() {
        let kpi = |name, value| Kpi { name, value, unit: "min" };
        let csv = kpis_csv(&[vec![kpi("a", 0.1 + 0.2), kpi("b", f64::NAN)], vec![kpi("a", 200_000.0)]]);
        let expected = "replication,kpi,value,unit\n0,a,0.30000000000000004,min\n0,b,NaN,min\n1,a,200000,min\n";
        assert_eq!(csv, expected);
    }

    #[test]
    fn the_folder_of_a_run_holds_everything_and_twice_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let run = small_run();
        let write = |name: &str, total_s: f64| {
            let frames = Frames::from_log(&run.scenario, &run.city, &run.log, 0).unwrap();
            let kpis = [kpis(&run.city, &run.log, &frames).unwrap()];
            let results = Results {
                scenario_toml: "schema = 1\n",
                facts: Map::from_iter([("seed".to_owned(), 7.into())]),
                timing: Map::from_iter([("total_s".to_owned(), total_s.into())]),
                kpis: &kpis,
                frames: &frames,
                events: Some(events_parquet(&[(&run.city, &run.log)]).unwrap()),
                candidates: None,
                files: vec![("charts/one.svg".into(), b"<svg/>".to_vec())],
            };
            let folder = OutputFolder::prepare(&dir.path().join(name), false).unwrap();
            write_results(folder, &results).unwrap().path
        };
        let (a, b) = (write("a", 1.5), write("b", 2.5));
        let names =
            ["scenario.toml", "kpis.csv", "orders.parquet", "availability.csv", "events.parquet", "charts/one.svg"];
        for file in names {
            assert_eq!(fs::read(a.join(file)).unwrap(), fs::read(b.join(file)).unwrap(), "{file}");
        }
        let manifest: Value = serde_json::from_slice(&fs::read(a.join("manifest.json")).unwrap()).unwrap();
        assert_eq!(manifest["program"], "nearfar");
        assert_eq!(manifest["seed"], 7);
        assert_eq!(manifest["timing"]["total_s"], 1.5);
        assert_eq!(manifest["files"].as_array().unwrap().len(), 7);
    }
}
