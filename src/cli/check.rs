//! `nearfar check`: reads scenario and sweep files and tells every mistake.

use std::path::PathBuf;

use super::looks::notes;
use super::screen::Screen;
use super::{Failure, load, print};
use crate::report::Look;
use crate::scenario::{Kind, Loaded, Problems, key};
use crate::sweep::{Plan, is_sweep_file};

/// Check scenario and sweep files: every mistake with its place and what to do
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Scenario files or sweep files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    changes: super::Changes,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let overrides = arguments.changes.overrides()?;
    let mut problems = Vec::new();
    for file in &arguments.files {
        if is_sweep_file(file) {
            let planned = Plan::make(file)?;
            let plan = planned.plan;
            print(&format!(
                "ok  {}  (a sweep: {} points, {} runs)\n",
                file.display(),
                plan.points.len(),
                plan.least_runs()
            ))?;
            planned.notices.iter().for_each(|notice| Screen::Open.say(&format!("note: {notice}")));
            continue;
        }
        match load(file, &overrides) {
            Ok(loaded) => match Look::of(&loaded.scenario) {
                Ok(look) => {
                    print(&format!("ok  {}  ({})\n", file.display(), summary(&loaded)))?;
                    notes(&loaded, &look).iter().for_each(|note| Screen::Open.say(note));
                }
                Err(Problems(found)) => problems.extend(found),
            },
            Err(Problems(found)) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Problems(problems).into()) }
}

fn summary(loaded: &Loaded) -> String {
    let is_leaf = |path: &&String| !key(path).is_some_and(|key| matches!(key.kind, Kind::List(_)));
    let count = loaded.origins.keys().filter(is_leaf).count();
    let parents: Vec<String> = loaded.sources.iter().skip(1).map(|file| file.display().to_string()).collect();
    let extends = if parents.is_empty() { String::new() } else { format!(", extends {}", parents.join(", ")) };
    format!("{count} key{} set{extends}", if count == 1 { "" } else { "s" })
}
