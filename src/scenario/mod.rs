//! Room: scenario (floor 1). File → checked [`Scenario`]; may use `units` and `rng`; toml, strsim, sha2 and serde_json.
//!
//! ```text
//! schema.rs, decisions.rs, terms.rs, far.rs, …   every key: name, type, default, unit, range, source   (section! and choice! of macros.rs)
//!     │
//! file.rs    FILE ─ extends ─▶ parent ─▶ …      overrides.rs  --set key=value
//!     │      defaults ◀─ oldest parent ◀─ … ◀─ FILE ◀─ --set            each layer changes what is there
//!     ▼
//! setting.rs, desk.rs, judge.rs   one value at a time: kind, range, { scale }, { add }, rows by id
//!     ▼
//! check.rs   rules between keys; check/idle.rs   keys that change nothing      problem.rs  what is shown when something is wrong
//!     ▼
//! Loaded { scenario, origins, … }                render.rs   back to TOML, hash, differences
//! ```
//!
//! How layers combine:
//!
//! - Sections merge key by key; a plain value or a list of numbers replaces the one before.
//! - `{ scale = 1.2 }` and `{ add = 5 }` change the number before, or every number of a list; whole numbers are
//!   rounded to the nearest.
//! - Rows of keyed lists (`[[stores.archetypes]]` and so on): a file without `extends` states its own list, which
//!   replaces the default one; in a file with `extends` a row with a known `id` changes that row and a row with a new
//!   `id` is added at the end. A row is taken out of play by setting its count or share to 0.
//! - `name`, `label`, `question` and `[hypothesis]` are not inherited: they speak about one file.
//! - Paths start at the folder of the file that names them (on the command line: at the current folder).

mod ai_list;
mod carbon;
mod check;
mod choice;
mod decisions;
pub(crate) mod desk;
mod far;
mod file;
mod guide;
mod hypothesis;
mod json_schema;
mod judge;
mod key;
mod look;
mod macros;
mod money;
mod near;
mod overrides;
mod pickup;
mod problem;
mod render;
mod replenishment;
mod schema;
pub(crate) mod setting;
mod split;
mod stock;
mod terms;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use ai_list::*;
pub use carbon::*;
pub use check::no_effect;
pub use choice::*;
pub use decisions::*;
pub use desk::Origin;
pub use far::*;
pub use guide::{key_table, starter, starter_whatif};
pub use hypothesis::*;
pub use json_schema::json_schema;
pub use key::{Allowed, Key, Kind, Shape, Value, text_toml};
pub use look::*;
pub use money::*;
pub use near::*;
pub use overrides::Override;
pub use pickup::*;
pub use problem::{Idle, Problem, Problems, closest};
pub(crate) use render::speaks_only;
pub use render::{Show, differences, hash, key, leaves, run_hash, show, to_toml};
pub use replenishment::*;
pub use schema::*;
pub use split::*;
pub use stock::*;
pub use terms::*;

/// A scenario that passed every check, and where it comes from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The resolved scenario; paths in it are absolute.
    pub scenario: Scenario,
    /// Where each key that was set got its value; every other key has its default.
    pub origins: BTreeMap<String, Origin>,
    /// Keys of the file and of the overrides that change nothing.
    pub idle: Vec<Idle>,
    /// The scenario files read: the file itself, its parent, the parent's parent.
    pub sources: Vec<PathBuf>,
    /// The folder of the file.
    pub base_dir: PathBuf,
}

/// Reads a scenario file with its parents, applies the overrides in order and checks the result.
pub fn load(path: &Path, overrides: &[Override]) -> Result<Loaded, Problems> {
    load_knowing(path, overrides, &[])
}

/// The same where the names of the KPIs are known, so that those of its hypotheses are checked as well.
pub fn load_knowing(path: &Path, overrides: &[Override], metrics: &[&'static str]) -> Result<Loaded, Problems> {
    let (mut scenario, mut desk) = (Scenario::default(), desk::Desk::knowing(metrics));
    let mut chain = file::Chain::default();
    file::apply_file(path, &mut scenario, &mut desk, &mut chain);
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let base_dir = path.parent().unwrap_or(Path::new("")).to_path_buf();
    finish(scenario, desk, chain, overrides, &stem, base_dir)
}

/// A checked scenario with some keys changed, and checked again: what `--set` does, without reading a file.
pub fn changed(scenario: &Scenario, overrides: &[Override]) -> Result<Scenario, Problems> {
    let (mut scenario, mut desk) = (scenario.clone(), desk::Desk::default());
    for change in overrides {
        file::apply_override(change, &mut scenario, &mut desk);
    }
    check::all(&scenario, &mut desk);
    if desk.has_problems() { Err(Problems(desk.into_problems())) } else { Ok(scenario) }
}

/// Whether one change fits a scenario: its key exists and takes that value. Rules between keys are not looked at.
pub fn valid(scenario: &Scenario, change: &Override) -> Result<(), Problems> {
    let (mut scenario, mut desk) = (scenario.clone(), desk::Desk::default());
    file::apply_override(change, &mut scenario, &mut desk);
    if desk.has_problems() { Err(Problems(desk.into_problems())) } else { Ok(()) }
}

/// The files a scenario reads: input tables and the files among the words of an external command, as absolute paths,
/// each once.
pub fn input_files(scenario: &Scenario) -> Vec<PathBuf> {
    let tables = check::files(scenario).into_iter().map(|(_, path)| PathBuf::from(path));
    let words = scenario.external.command.iter().map(PathBuf::from);
    let mut found: Vec<PathBuf> = Vec::new();
    for path in tables.chain(words.filter(|word| word.is_absolute() && word.is_file())) {
        if !found.contains(&path) {
            found.push(path);
        }
    }
    found
}

/// Reads a scenario from a text, as if it were a file in the current folder.
pub fn from_toml_str(text: &str) -> Result<Scenario, Problems> {
    let (mut scenario, mut desk, mut chain) = (Scenario::default(), desk::Desk::default(), file::Chain::default());
    file::apply_text("text", text, PathBuf::new(), &mut scenario, &mut desk, &mut chain);
    finish(scenario, desk, chain, &[], "scenario", PathBuf::new()).map(|loaded| loaded.scenario)
}

fn finish(
    mut scenario: Scenario,
    mut desk: desk::Desk,
    chain: file::Chain,
    overrides: &[Override],
    stem: &str,
    base_dir: PathBuf,
) -> Result<Loaded, Problems> {
    if !chain.broken {
        for (index, change) in overrides.iter().enumerate() {
            file::apply_override(&change.numbered(index + 1), &mut scenario, &mut desk);
        }
        check::all(&scenario, &mut desk);
    }
    if desk.has_problems() {
        return Err(Problems(desk.into_problems()));
    }
    if scenario.name.is_empty() {
        scenario.name = stem.into();
    }
    if scenario.label.is_empty() {
        scenario.label = scenario.name.clone();
    }
    let idle = check::idle(&scenario, &desk);
    Ok(Loaded { scenario, origins: desk.origins(), idle, sources: chain.files, base_dir })
}

#[cfg(test)]
mod tests;
