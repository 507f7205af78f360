//! Room: sweep. Chunks: what workers publish. A chunk holds whole runs and nothing that differs from machine to machine; how
//! runs are shared out over chunks means nothing.

use super::SweepError;
use super::folder::{SweepFolder, publish};
use super::store::{numbers, read_table, text_column, texts, whole_column, wholes};
use crate::metrics::{KPIS, Kpi, parquet_bytes};
use polars::prelude::*;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// One run of a sweep.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// Its point.
    pub point: u32,
    /// Its replication.
    pub replication: u32,
    /// Why it failed; `None` if it did not.
    pub error: Option<String>,
    /// Every KPI in the order of [`KPIS`], NaN for no data; empty if it failed.
    pub values: Vec<f64>,
}

impl Row {
    /// Whether it has exactly these KPIs; a failed run has none.
    pub fn same_values(&self, kpis: &[Kpi]) -> bool {
        let mine = self.values.iter().map(|value| value.to_bits());
        self.error.is_none() && mine.eq(kpis.iter().map(|kpi| kpi.value.to_bits()))
    }
}

/// What is known of a run without reading its KPIs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Done {
    Fine,
    Failed,
}

/// The build a chunk is made by: results of different builds are never mixed. The fingerprint of the sources tells edited
/// trees of one commit apart, and development builds, which know no commit.
pub(super) fn build() -> String {
    let commit = option_env!("NEARFAR_COMMIT").unwrap_or("unknown commit");
    format!("{} {commit}, sources {}", env!("CARGO_PKG_VERSION"), env!("NEARFAR_SOURCES"))
}

/// Puts rows into the folder as a file named by its contents, so that the same runs done twice are one file.
pub(super) fn put(folder: &SweepFolder, mut rows: Vec<Row>) -> Result<(), SweepError> {
    rows.sort_by_key(|row| (row.point, row.replication));
    let mut columns = vec![
        whole_column("point", rows.iter().map(|row| row.point).collect()),
        whole_column("replication", rows.iter().map(|row| row.replication).collect()),
        text_column("error", rows.iter().map(|row| row.error.clone().unwrap_or_default()).collect()),
    ];
    for (index, definition) in KPIS.iter().enumerate() {
        let values: Vec<f64> = rows.iter().map(|row| row.values.get(index).copied().unwrap_or(f64::NAN)).collect();
        columns.push(Column::new(definition.name.into(), values));
    }
    let table = DataFrame::new(rows.len(), columns)?;
    let pairs = [("nearfar.plan", folder.plan().hash.clone()), ("nearfar.build", build())];
    let bytes = parquet_bytes(&table, &pairs)?;
    let digest: String = Sha256::digest(&bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    publish(&folder.path().join("runs"), &format!("chunk-{digest}.parquet"), &bytes)
}

/// The chunk files of a folder, in the order of their names.
fn files(folder: &SweepFolder) -> Result<Vec<PathBuf>, SweepError> {
    let path = folder.path().join("runs");
    let mut found = Vec::new();
    // Some ways of copying a folder leave empty ones behind.
    if !path.exists() {
        return Ok(found);
    }
    for entry in fs::read_dir(&path).map_err(SweepError::io(&path))? {
        let file = entry.map_err(SweepError::io(&path))?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("chunk-") && name.ends_with(".parquet") {
            found.push(file);
        }
    }
    found.sort();
    Ok(found)
}

/// What the chunks of a folder say.
#[derive(Default, Debug)]
pub(super) struct Known {
    /// Which runs are done.
    pub(super) done: BTreeMap<(u32, u32), Done>,
    /// Chunks that cannot be read, such as half a file copied by hand, or that belong to another plan; their runs count
    /// as not done.
    pub(super) ignored: Vec<String>,
}

/// Which runs of the plan are done.
pub(super) fn known(folder: &SweepFolder) -> Result<Known, SweepError> {
    let mut known = Known::default();
    let columns = ["point", "replication", "error"].map(str::to_owned).to_vec();
    for file in files(folder)? {
        let Some(table) = own_table(folder, &file, Some(columns.clone()), &mut known.ignored)? else { continue };
        let (points, replications) = (wholes(&table, "point")?, wholes(&table, "replication")?);
        for ((point, replication), error) in points.into_iter().zip(replications).zip(texts(&table, "error")?) {
            let done = if error.unwrap_or_default().is_empty() { Done::Fine } else { Done::Failed };
            // A run that failed once and went well later is well.
            let entry = known.done.entry((point, replication)).or_insert(done);
            if done == Done::Fine {
                *entry = done;
            }
        }
    }
    Ok(known)
}

/// The table of a chunk of this plan; a notice if it is damaged or of another one.
fn own_table(
    folder: &SweepFolder,
    file: &std::path::Path,
    columns: Option<Vec<String>>,
    ignored: &mut Vec<String>,
) -> Result<Option<DataFrame>, SweepError> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Ok((table, pairs)) = read_table(file, columns) else {
        ignored.push(format!("runs/{name} cannot be read; its runs are done again"));
        return Ok(None);
    };
    if pairs.get("nearfar.plan") != Some(&folder.plan().hash) {
        ignored.push(format!("runs/{name} belongs to another plan"));
        return Ok(None);
    }
    let theirs = pairs.get("nearfar.build").cloned().unwrap_or_default();
    if theirs != build() {
        let found = format!("{}: made by nearfar {theirs}, this is {}", file.display(), build());
        let help = "results of different builds are not mixed: use that build, or delete the runs folder to begin anew";
        return Err(SweepError::Input(found, help.into()));
    }
    Ok(Some(table))
}

/// Every run of the plan's chunks, by point and replication, each once.
pub(super) fn rows(folder: &SweepFolder) -> Result<(Vec<Row>, Vec<String>), SweepError> {
    let (mut found, mut ignored) = (BTreeMap::<(u32, u32), Row>::new(), Vec::new());
    for file in files(folder)? {
        let Some(table) = own_table(folder, &file, None, &mut ignored)? else { continue };
        for row in rows_of(&table)? {
            let place = (row.point, row.replication);
            match found.get(&place) {
                Some(before) if before.error.is_none() && row.error.is_some() => {}
                Some(before) if before.error.is_none() && !same(before, &row) => {
                    let run = super::run_id(row.point as usize, row.replication);
                    return Err(SweepError::Contradiction(run));
                }
                _ => {
                    found.insert(place, row);
                }
            }
        }
    }
    Ok((found.into_values().collect(), ignored))
}

fn same(a: &Row, b: &Row) -> bool {
    let bits = |row: &Row| row.values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    bits(a) == bits(b)
}

fn rows_of(table: &DataFrame) -> Result<Vec<Row>, SweepError> {
    let (points, replications) = (wholes(table, "point")?, wholes(table, "replication")?);
    let errors = texts(table, "error")?;
    let mut columns = Vec::with_capacity(KPIS.len());
    for definition in KPIS {
        columns.push(numbers(table, definition.name)?);
    }
    let row = |index: usize| {
        let error = errors[index].clone().filter(|error| !error.is_empty());
        let values = match error {
            Some(_) => Vec::new(),
            None => columns.iter().map(|column| column[index]).collect(),
        };
        Row { point: points[index], replication: replications[index], error, values }
    };
    Ok((0..table.height()).map(row).collect())
}
