//! `nearfar policies`: every policy on the same days of the same city, as a Markdown table.

use super::policy_table::{Case, Outcome, Row, page};
use super::screen::{Meter, Screen, shout};
use super::{Changes, Failure, print};
use crate::city::City;
use crate::results::OutputFile;
use crate::scenario::{self, DemandSource, Kind, Override, Problems, Scenario};
use crate::study::{self, Keep, Replication};
use rayon::prelude::*;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Set every policy against a scenario's own on the same days: a Markdown table of KPIs with 95 % intervals
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Scenario files, or folders of many instances (DIR/*/scenario.toml), whose intervals are over the instances
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,
    /// Days to simulate with each policy; an instance of many is simulated once
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    replications: u32,
    /// Policies to set against the scenario's own, such as dispatch:batch_match,sourcing:cheapest [default: all]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    policies: Vec<String>,
    /// One more row, with several keys changed: 'NAME: dispatch.policy=batch_match; dispatch.interval_s=30'; may be repeated
    #[arg(long = "row", value_name = "NAME: KEY=VALUE; ...")]
    rows: Vec<String>,
    /// Root of every random stream, instead of the scenario's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=9_000_000_000_000_000))]
    seed: Option<u64>,
    #[command(flatten)]
    changes: Changes,
    /// Threads to use; results do not depend on it [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = super::options::threads)]
    threads: Option<NonZeroUsize>,
    /// File to write the tables to as well
    #[arg(short = 'o', long = "output", value_name = "FILE.md")]
    output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
    /// Print nothing but errors
    #[arg(long)]
    quiet: bool,
}

/// Sections whose `policy` is tried word by word.
const SECTIONS: [&str; 2] = ["dispatch", "sourcing"];
/// Policies that need more than their word; they come in by `--row`.
const NEED_MORE: [&str; 1] = ["external"];

/// A row of the table before it is simulated.
#[derive(Clone)]
struct Arm {
    name: String,
    changes: Vec<Override>,
    /// `dispatch.policy` and its word, if that is all that changes.
    word: Option<(&'static str, String)>,
}

/// One scenario with one policy.
struct Job {
    scenario: Scenario,
    replications: u32,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let screen = Screen::new(arguments.quiet, false);
    let arms = arms(arguments)?;
    let files = arguments.scenarios.iter().map(|path| instances(path)).collect::<Result<Vec<_>, _>>()?;
    let plans: Vec<Plan> = arguments
        .scenarios
        .iter()
        .zip(files)
        .map(|(path, files)| Plan::new(arguments, path, &files, &arms))
        .collect::<Result<_, _>>()?;
    let output = arguments.output.as_ref().map(|path| OutputFile::prepare(path, arguments.force)).transpose()?;
    let threads = arguments.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let pool = study::pool(threads)?;
    let mut violations = Vec::new();
    let mut cases = Vec::new();
    for plan in plans {
        cases.push(plan.simulate(&pool, screen, &mut violations)?);
    }
    let text = page(&cases);
    if !arguments.quiet {
        print(&text)?;
    }
    if let Some(output) = output {
        screen.say(&format!("written: {}", output.commit(&text)?.display()));
    }
    shout(&violations)
}

/// The scenario files that an argument stands for: itself, that in the folder, or one in each folder below, by name.
fn instances(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let own = path.join("scenario.toml");
    if own.is_file() {
        return Ok(vec![own]);
    }
    let entries = fs::read_dir(path).map_err(|error| Failure::Other(format!("{}: {error}", path.display())))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path().join("scenario.toml")).collect();
    files.retain(|file| file.is_file());
    files.sort();
    if files.is_empty() {
        let found = format!("{}: a folder without a scenario.toml in it or in the folders below", path.display());
        return Err(Failure::Input(found, "name a scenario file, or a folder that `nearfar import` wrote".into()));
    }
    Ok(files)
}

/// The policies asked for, without the scenario's own.
fn arms(arguments: &Arguments) -> Result<Vec<Arm>, Failure> {
    let mut arms = Vec::new();
    if arguments.policies.is_empty() {
        for section in SECTIONS {
            let words = words(section).into_iter().filter(|word| !NEED_MORE.contains(word));
            arms.extend(words.map(|word| arm(section, word)).collect::<Result<Vec<_>, _>>()?);
        }
    }
    for asked in &arguments.policies {
        let known = asked.trim().split_once(':').and_then(|(section, word)| {
            let section = SECTIONS.into_iter().find(|known| *known == section)?;
            words(section).into_iter().find(|known| *known == word).map(|word| arm(section, word))
        });
        let all = || SECTIONS.map(|section| format!("{section}: {}", words(section).join(", "))).join("; ");
        let unknown =
            || Failure::Input(format!("--policies: no policy {asked:?}"), format!("write SECTION:WORD of {}", all()));
        arms.push(known.ok_or_else(unknown)??);
    }
    for row in &arguments.rows {
        let help = "write --row 'NAME: dispatch.policy=batch_match; dispatch.interval_s=30'";
        let (name, keys) =
            row.split_once(':').ok_or_else(|| Failure::Input(format!("--row without a name: {row:?}"), help.into()))?;
        let changes = keys.split(';').filter(|change| !change.trim().is_empty()).collect::<Vec<_>>();
        arms.push(Arm { name: name.trim().to_owned(), changes: Override::parse_all(&changes)?, word: None });
    }
    Ok(arms)
}

fn words(section: &str) -> Vec<&'static str> {
    match scenario::key(&format!("{section}.policy")).map(|key| key.kind) {
        Some(Kind::Choice(words)) => words.iter().map(|word| word.word).collect(),
        _ => Vec::new(),
    }
}

fn arm(section: &'static str, word: &str) -> Result<Arm, Problems> {
    let changes = vec![Override::parse(&format!("{section}.policy={word}"))?];
    Ok(Arm { name: format!("{section} `{word}`"), changes, word: Some((section, word.to_owned())) })
}

/// The word of a section in a scenario.
fn own_word(scenario: &Scenario, section: &str) -> &'static str {
    match section {
        "dispatch" => scenario.dispatch.policy.word(),
        _ => scenario.sourcing.policy.word(),
    }
}

/// A case with all it takes to simulate it.
struct Plan {
    case: Case,
    /// For each row the runs, or why it cannot be run.
    rows: Vec<(String, Result<Vec<Job>, String>)>,
}

impl Plan {
    fn new(arguments: &Arguments, path: &Path, files: &[PathBuf], arms: &[Arm]) -> Result<Plan, Failure> {
        let common = arguments.changes.overrides()?;
        let many = files.len() > 1;
        let replications = if many { 1 } else { arguments.replications };
        let jobs = |changes: &[Override]| -> Result<Vec<Job>, Problems> {
            let all: Vec<Override> = common.iter().chain(changes).cloned().collect();
            let job = |file: &PathBuf| {
                let mut scenario = super::load(file, &all)?.scenario;
                scenario.seed = arguments.seed.unwrap_or(scenario.seed);
                Ok(Job { scenario, replications })
            };
            files.iter().map(job).collect()
        };
        let own = jobs(&[])?;
        let Some(first) = own.first().map(|job| job.scenario.clone()) else {
            return Err(Failure::Input(format!("{}: no scenario", path.display()), "name a scenario file".into()));
        };
        let is_own = |arm: &&Arm| match &arm.word {
            Some((section, word)) => own.iter().all(|job| own_word(&job.scenario, section) == word),
            None => false,
        };
        let others: Vec<_> = arms.iter().filter(|arm| !is_own(arm)).collect();
        let case = Case {
            label: if many { format!("{} instances of {}", files.len(), path.display()) } else { first.label.clone() },
            path: path.display().to_string(),
            hash: scenario::hash(&first)[..8].to_owned(),
            seed: first.seed,
            currency: first.report.currency.clone(),
            trace: first.demand.source == DemandSource::Trace,
            instances: many.then_some(files.len()),
            replications,
            rows: Vec::new(),
        };
        let policies = SECTIONS.map(|section| format!("`{}`", own_word(&first, section))).join(", ");
        let mut rows = vec![(format!("as given: {policies}"), Ok(own))];
        rows.extend(
            others.into_iter().map(|arm| (arm.name.clone(), jobs(&arm.changes).map_err(|found| reason(&found)))),
        );
        Ok(Plan { case, rows })
    }

    fn simulate(self, pool: &rayon::ThreadPool, screen: Screen, violations: &mut Vec<String>) -> Result<Case, Failure> {
        let jobs: Vec<&Job> = self.rows.iter().filter_map(|(_, jobs)| jobs.as_ref().ok()).flatten().collect();
        let hours = jobs.iter().map(|job| job.scenario.horizon_h).fold(0.0, f64::max);
        let meter = screen.meter(jobs.iter().map(|job| job.replications).sum(), hours);
        let simulate = |(place, job): (usize, &&Job)| simulate(pool, job, place, &meter);
        let runs: Vec<Vec<Replication>> =
            pool.install(|| jobs.par_iter().enumerate().map(simulate).collect::<Result<_, Failure>>())?;
        drop(meter);
        violations.extend(runs.iter().flatten().flat_map(|run| run.violations.iter().cloned()));
        let mut runs = runs.into_iter();
        let row = |(name, jobs): &(String, Result<Vec<Job>, String>)| {
            let outcome = match jobs {
                Ok(jobs) => Outcome::new(&runs.by_ref().take(jobs.len()).flatten().collect::<Vec<_>>()),
                Err(reason) => Outcome::CannotRun(reason.clone()),
            };
            Row { name: name.clone(), outcome }
        };
        let rows = self.rows.iter().map(row).collect();
        Ok(Case { rows, ..self.case })
    }
}

/// The runs of one job, on days that are the same for every policy: the seed is.
fn simulate(pool: &rayon::ThreadPool, job: &Job, place: usize, meter: &Meter) -> Result<Vec<Replication>, Failure> {
    let city = Arc::new(City::build(&job.scenario)?);
    let observe = |run, progress| meter.observe(place as u32 * job.replications + run, progress);
    Ok(study::replicate(pool, &job.scenario, &city, job.replications, Keep::default(), None, &observe)?)
}

/// Why a scenario cannot run a policy, in one line.
fn reason(problems: &Problems) -> String {
    let Some(first) = problems.0.first() else {
        return String::new();
    };
    let expected = if first.expected.is_empty() { String::new() } else { format!("; expected {}", first.expected) };
    format!("`{}`: {}{expected}", first.key, first.found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_both_sections_is_a_policy_to_try() {
        assert!(words("dispatch").contains(&"greedy_nearest") && words("sourcing").contains(&"cheapest"));
        let own = Scenario::default();
        for section in SECTIONS {
            assert!(words(section).contains(&own_word(&own, section)));
            assert!(words(section).iter().all(|word| arm(section, word).is_ok()));
        }
    }
}
