//! Room: sweep. The plan folder: everything a sweep needs to run anywhere, and everything its runs leave behind.
//!
//! ```text
//! plan.json plan.parquet        frozen: facts and points, with their fingerprint
//! scenarios/NAME.toml inputs/   frozen: the scenarios, runnable by themselves, and the files they read
//! extensions/001.json …         replications added later, round by round
//! runs/chunk-….parquet          what workers publish, whole or not there, named by its contents
//! logs/                         what differs from run to run: hosts, seconds
//! results.parquet …             written by collect
//! ```
//!
//! The folder holds no absolute path, so that it may be copied or moved.

use super::factor::Level;
use super::plan::{PLAN_SCHEMA, Plan, PlanFacts, Planned, Point, hash};
use super::store::{number_column, numbers, read_table, text_column, texts, wholes};
use super::{Row, SweepError};
use crate::metrics::parquet_bytes;
use crate::scenario::{self, Scenario, text_toml, to_toml};
use polars::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Frozen facts of the plan.
const PLAN: &str = "plan.json";
/// Frozen points.
const POINTS: &str = "plan.parquet";

/// What plan.json holds.
#[derive(Serialize, Deserialize)]
struct PlanFile {
    program: String,
    kind: String,
    plan_hash: String,
    facts: PlanFacts,
}

/// Replications of each point after an extension.
#[derive(Serialize, Deserialize)]
struct ExtensionFile {
    plan_hash: String,
    replications: Vec<u32>,
}

/// An opened plan folder.
#[derive(Debug)]
pub struct SweepFolder {
    path: PathBuf,
    plan: Plan,
    bases: Vec<Scenario>,
    /// Replications asked for at each point.
    replications: Vec<u32>,
    extensions: u32,
}

/// What became of a plan that was to be frozen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Frozen {
    /// It was written.
    New,
    /// The folder held this very plan already; its runs count.
    Known,
}

/// Writes a plan into a folder that is empty or holds the same plan.
pub fn freeze(planned: &Planned, path: &Path) -> Result<Frozen, SweepError> {
    let plan = &planned.plan;
    if path.join(PLAN).is_file() {
        let there = SweepFolder::open(path)?;
        if there.plan.hash == plan.hash {
            return Ok(Frozen::Known);
        }
        let found = format!("{}: holds another plan ({})", path.display(), &there.plan.hash[..8]);
        let help = "name another folder with -o; its runs are kept";
        return Err(SweepError::Input(found, help.into()));
    }
    let foreign = fs::read_dir(path).ok().and_then(|mut entries| entries.find_map(Result::ok));
    if let Some(entry) = foreign {
        let found = format!("{}: holds files of something else, such as {:?}", path.display(), entry.file_name());
        return Err(SweepError::Input(found, "name an empty or a new folder with -o".into()));
    }
    for folder in ["scenarios", "inputs", "runs", "logs", "extensions"] {
        fs::create_dir_all(path.join(folder)).map_err(SweepError::io(path))?;
    }
    for (base, named) in planned.scenarios.iter().zip(&plan.facts.scenarios) {
        let text = portable(base, path)?;
        publish(&path.join("scenarios"), &format!("{}.toml", named.name), text.as_bytes())?;
    }
    publish(path, POINTS, &points_parquet(plan)?)?;
    let file = PlanFile {
        program: crate::results::PROGRAM.to_owned(),
        kind: "sweep".to_owned(),
        plan_hash: plan.hash.clone(),
        facts: plan.facts.clone(),
    };
    // The last file makes it a plan: a folder without it is none.
    publish(path, PLAN, format!("{}\n", serde_json::to_string_pretty(&file).unwrap_or_default()).as_bytes())?;
    Ok(Frozen::New)
}

/// The scenario as TOML with the files it reads copied into the folder and named from there.
fn portable(scenario: &Scenario, folder: &Path) -> Result<String, SweepError> {
    let mut text = to_toml(scenario);
    for path in scenario::input_files(scenario) {
        let bytes = fs::read(&path).map_err(SweepError::io(&path))?;
        let digest: String = Sha256::digest(&bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let name = format!("{digest}-{}", path.file_name().unwrap_or_default().to_string_lossy());
        publish(&folder.join("inputs"), &name, &bytes)?;
        let (was, now) = (text_toml(&path.to_string_lossy()), text_toml(&format!("../inputs/{name}")));
        text = text.replace(&was, &now);
    }
    Ok(text)
}

/// Writes a file beside its place, then renames it there, so that it is whole or not there.
pub(super) fn publish(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), SweepError> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    fs::create_dir_all(folder).map_err(SweepError::io(folder))?;
    // Host and process are not always one of a kind: containers may share a name and count their processes alike.
    let (filling, mut file) = loop {
        let filling = folder.join(format!(".tmp-{}-{}-{}", host(), std::process::id(), COUNT.fetch_add(1, Relaxed)));
        match File::create_new(&filling) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => break (filling.clone(), other.map_err(SweepError::io(&filling))?),
        }
    };
    let mut write = || -> io::Result<()> {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&filling, folder.join(name))?;
        File::open(folder)?.sync_all()
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&filling);
        SweepError::io(&folder.join(name))(error)
    })
}

/// Puts a file of a study into a folder of it: whole or not there.
pub fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), SweepError> {
    match name.rsplit_once('/') {
        Some((below, name)) => publish(&folder.join(below), name, bytes),
        None => publish(folder, name, bytes),
    }
}

/// The name of this machine; for names of temporary files and logs only.
pub(super) fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| std::env::var("HOSTNAME").ok());
    let name = name.unwrap_or_default();
    let tame: String = name.trim().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    if tame.is_empty() { "host".to_owned() } else { tame }
}

impl SweepFolder {
    /// Opens a plan folder and checks that it is whole.
    pub fn open(path: &Path) -> Result<SweepFolder, SweepError> {
        let text = fs::read_to_string(path.join(PLAN)).map_err(|_| {
            let found = format!("{}: is no plan folder (no plan.json in it)", path.display());
            SweepError::Input(found, "make one: nearfar sweep plan FILE.toml -o DIR".into())
        })?;
        let damaged = |what: &str| {
            let found = format!("{}: {what}", path.join(PLAN).display());
            SweepError::Input(found, "plan again into another folder: nearfar sweep plan FILE.toml -o DIR".into())
        };
        let file: PlanFile =
            serde_json::from_str(&text).map_err(|error| damaged(&format!("cannot be read: {error}")))?;
        if file.facts.plan_schema != PLAN_SCHEMA {
            return Err(damaged("is of another version of plan folders"));
        }
        let points = read_points(&path.join(POINTS), &file.facts).map_err(|error| match error {
            // A column that the facts name is not there, or half a file.
            SweepError::Metrics(error) => {
                damaged(&format!("this or plan.parquet was changed after it was planned: {error}"))
            }
            other => other,
        })?;
        let plan = Plan { hash: hash(&file.facts, &points), points, facts: file.facts };
        if plan.hash != file.plan_hash {
            return Err(damaged("was changed after it was planned; its fingerprint no longer fits"));
        }
        let mut bases = Vec::new();
        for named in &plan.facts.scenarios {
            let loaded = scenario::load(&path.join(format!("scenarios/{}.toml", named.name)), &[])?;
            if scenario::hash(&loaded.scenario) != named.hash {
                return Err(damaged(&format!(
                    "scenarios/{}.toml or a file it reads was changed, or this build of nearfar has other keys",
                    named.name
                )));
            }
            bases.push(loaded.scenario);
        }
        let least = vec![plan.facts.replications.min; plan.points.len()];
        let mut folder = SweepFolder { path: path.to_owned(), plan, bases, replications: least, extensions: 0 };
        folder.read_extensions()?;
        Ok(folder)
    }

    fn read_extensions(&mut self) -> Result<(), SweepError> {
        loop {
            let path = self.extension(self.extensions + 1);
            let Ok(text) = fs::read_to_string(&path) else { return Ok(()) };
            let file: Option<ExtensionFile> = serde_json::from_str(&text).ok();
            let fits = |file: &ExtensionFile| {
                file.plan_hash == self.plan.hash && file.replications.len() == self.plan.points.len()
            };
            let Some(file) = file.filter(fits) else {
                let found = format!("{}: does not belong to this plan", path.display());
                return Err(SweepError::Input(found, "move it away".into()));
            };
            for (count, more) in self.replications.iter_mut().zip(file.replications) {
                *count = more.max(*count);
            }
            self.extensions += 1;
        }
    }

    fn extension(&self, number: u32) -> PathBuf {
        self.path.join(format!("extensions/{number:03}.json"))
    }

    /// Asks for these replications of each point, in a round of its own.
    pub fn extend(&mut self, replications: Vec<u32>) -> Result<(), SweepError> {
        let file = ExtensionFile { plan_hash: self.plan.hash.clone(), replications };
        let text = serde_json::to_string(&file).unwrap_or_default() + "\n";
        publish(&self.path.join("extensions"), &format!("{:03}.json", self.extensions + 1), text.as_bytes())?;
        self.read_extensions()
    }

    /// The folder, as given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The currency of its scenarios, as the first one says.
    pub fn currency(&self) -> String {
        self.bases.first().map_or_else(String::new, |base| base.report.currency.clone())
    }

    /// The first of its scenarios, which says how its charts look; None of an empty plan.
    pub fn first_scenario(&self) -> Option<&Scenario> {
        self.bases.first()
    }

    /// Replications asked for at each point so far.
    pub fn replications(&self) -> &[u32] {
        &self.replications
    }

    /// Rounds of replications added after the first.
    pub fn extensions(&self) -> u32 {
        self.extensions
    }

    /// Runs asked for so far.
    pub fn runs(&self) -> u64 {
        self.replications.iter().map(|count| u64::from(*count)).sum()
    }

    /// The stored result of a run, if there is one.
    pub fn run(&self, point: usize, replication: u32) -> Result<Option<Row>, SweepError> {
        let (rows, _) = super::chunk::rows(self)?;
        Ok(rows.into_iter().find(|row| (row.point as usize, row.replication) == (point, replication)))
    }

    /// The resolved scenario of a point.
    pub fn scenario(&self, point: usize) -> Result<Scenario, scenario::Problems> {
        self.plan.scenario(&self.bases, point)
    }

    /// A message without the place of this folder, so that results are the same wherever it lies.
    pub(super) fn without_place(&self, text: &str) -> String {
        let absolute = std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone());
        let mut text = text.to_owned();
        for place in [absolute, self.path.clone()] {
            text = text.replace(&format!("{}/", place.display()), "");
        }
        text.replace("scenarios/../", "")
    }
}

fn points_parquet(plan: &Plan) -> Result<Vec<u8>, SweepError> {
    let points = &plan.points;
    let name = |point: &Point| plan.facts.scenarios[point.scenario].name.clone();
    let mut columns = vec![
        Column::new("point".into(), (0..points.len() as u32).collect::<Vec<_>>()),
        Column::new("point_id".into(), points.iter().map(|point| point.id.clone()).collect::<Vec<_>>()),
        Column::new("scenario".into(), points.iter().map(name).collect::<Vec<_>>()),
        Column::new("role".into(), points.iter().map(|point| point.role.clone()).collect::<Vec<_>>()),
        Column::new("problem".into(), points.iter().map(|point| point.problem.clone()).collect::<Vec<_>>()),
    ];
    columns.extend(factor_columns(plan, &(0..points.len()).collect::<Vec<_>>()));
    let table = DataFrame::new(points.len(), columns)?;
    Ok(parquet_bytes(&table, &[("nearfar.plan", plan.hash.clone())])?)
}

/// The level of each factor in each of these points: numbers where all levels are numbers, else texts.
pub(super) fn factor_columns(plan: &Plan, points: &[usize]) -> Vec<Column> {
    let column = |(index, factor): (usize, &super::Factor)| {
        let levels = points.iter().map(|point| &plan.points[*point].levels[index]);
        let numeric = plan.points.iter().all(|point| point.levels[index].number().is_some());
        match numeric {
            true => number_column(&factor.column(), levels.map(|level| level.number().unwrap_or(f64::NAN)).collect()),
            false => text_column(&factor.column(), levels.map(Level::shown).collect()),
        }
    };
    plan.facts.factors.iter().enumerate().map(column).collect()
}

fn read_points(path: &Path, facts: &PlanFacts) -> Result<Vec<Point>, SweepError> {
    let (table, _) = read_table(path, None)?;
    let scenarios = texts(&table, "scenario")?;
    let (ids, roles, problems) = (texts(&table, "point_id")?, texts(&table, "role")?, texts(&table, "problem")?);
    let mut levels: Vec<Vec<Level>> = Vec::new();
    for factor in &facts.factors {
        levels.push(match numbers(&table, &factor.column()) {
            Ok(numbers) => numbers.into_iter().map(Level::Number).collect(),
            Err(_) => texts(&table, &factor.column())?.into_iter().map(|text| word(text, factor)).collect(),
        });
    }
    let numbered = wholes(&table, "point")?;
    let point = |row: usize| {
        let name = &scenarios[row];
        let scenario = facts.scenarios.iter().position(|scenario| Some(&scenario.name) == name.as_ref());
        Point {
            scenario: scenario.unwrap_or(usize::MAX),
            role: roles[row].clone().unwrap_or_default(),
            levels: levels.iter().map(|column| column[row].clone()).collect(),
            id: ids[row].clone().unwrap_or_default(),
            problem: problems[row].clone(),
        }
    };
    Ok((0..numbered.len()).map(point).collect())
}

/// A level that a column of texts holds: a flag or number among words is one again.
fn word(text: Option<String>, factor: &super::Factor) -> Level {
    let text = text.unwrap_or_default();
    let same = |level: &&Level| level.shown() == text;
    if let Some(level) = factor.levels().and_then(|levels| levels.iter().find(same)) {
        return level.clone();
    }
    match (text.as_str(), text.parse::<f64>()) {
        ("true", _) => Level::Flag(true),
        ("false", _) => Level::Flag(false),
        (_, Ok(number)) => Level::Number(number),
        _ => Level::Text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_of_one_name_never_write_into_each_others_files() {
        let home = tempfile::tempdir().unwrap();
        let theirs = |number: u32| home.path().join(format!(".tmp-{}-{}-{number}", host(), std::process::id()));
        for number in 0..1000 {
            fs::write(theirs(number), "theirs").unwrap();
        }
        publish(home.path(), "mine", b"whole").unwrap();
        assert_eq!(fs::read(home.path().join("mine")).unwrap(), b"whole");
        assert!((0..1000).all(|number| fs::read(theirs(number)).unwrap() == b"theirs"));
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1001);
    }
}
