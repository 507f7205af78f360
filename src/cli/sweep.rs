//! `nearfar sweep`: plans, runs and collects a sweep, in one go on this machine or step by step on many.

use super::screen::Screen;
use super::sweep_text::{broken_points, outline, words, worked_json, worked_words};
use super::{Failure, print};
use crate::results::shell_path;
use crate::sweep::{self, Collected, Engine, Frozen, Heard, Plan, Submission, SweepError, SweepFolder, Work, Worked};
use serde_json::json;
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// Vary keys of a scenario over many runs; without a subcommand: plan, run and collect on this machine
///
/// Run the same command again and it goes on where it stopped.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    step: Option<Step>,
    /// Sweep file
    file: Option<PathBuf>,
    /// Folder of the study [default: output/NAME]
    #[arg(short = 'o', long = "output", value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    how: How,
}

#[derive(clap::Subcommand)]
enum Step {
    /// Check a sweep file and freeze everything it needs in a folder, to be run anywhere
    Plan {
        /// Sweep file
        file: PathBuf,
        /// Folder to write; default output/NAME
        #[arg(short = 'o', long = "output", value_name = "DIR")]
        output: Option<PathBuf>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Do the missing runs of a plan folder, or of one shard of it
    Run {
        /// Plan folder
        folder: PathBuf,
        /// This part of so many, counted from 0: 2/8; auto/8 takes the number from SLURM_ARRAY_TASK_ID or HQ_TASK_ID
        #[arg(long, value_name = "I/N", default_value = "0/1")]
        shard: String,
        #[command(flatten)]
        how: How,
    },
    /// Hand the missing runs to a cluster: writes a script and calls sbatch or hq
    Submit {
        /// Plan folder, on a disk that all machines see under this path
        folder: PathBuf,
        /// The engine that is installed there
        #[arg(long, value_enum)]
        engine: EngineWord,
        /// Shards to cut the plan into [default: 64, or as many as there are runs]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
        shards: Option<u32>,
        /// Processors of each shard
        #[arg(long, value_name = "N", default_value = "1", value_parser = super::options::threads)]
        threads: NonZeroUsize,
        /// Most shards at work at one time (Slurm)
        #[arg(long, value_name = "N")]
        at_once: Option<u32>,
        /// Longest time of a shard, such as 01:00:00 for Slurm, 1h for HyperQueue
        #[arg(long, value_name = "TIME")]
        time: Option<String>,
        /// Another option for sbatch or hq submit, such as --engine-option=--partition=long; may be repeated
        #[arg(long = "engine-option", value_name = "OPTION", allow_hyphen_values = true)]
        options: Vec<String>,
        /// Print the script and do nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Tell how many runs are done, failed and missing
    Status {
        /// Plan folder
        folder: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Ask for more replications: where the rule of the sweep file is not yet content, or everywhere
    Extend {
        /// Plan folder
        folder: PathBuf,
        /// So many at every point, instead of the rule
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
        replications: Option<u32>,
    },
    /// Make one table of all runs: results.parquet, results.csv, summary.csv
    Collect {
        /// Plan folder
        folder: PathBuf,
        /// Also if runs are missing; the results then say so
        #[arg(long)]
        partial: bool,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// Engines by their words.
#[derive(clap::ValueEnum, Clone, Copy)]
enum EngineWord {
    /// Slurm, by sbatch
    Slurm,
    /// HyperQueue, by hq submit
    Hq,
}

/// How to run.
#[derive(clap::Args, Clone, Copy)]
struct How {
    /// Threads to use; results do not depend on it [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = super::options::threads)]
    threads: Option<NonZeroUsize>,
    /// Do failed runs again
    #[arg(long)]
    retry_failed: bool,
    /// Stop when so many runs have failed [default: never; a failed run is a row of the results]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_failures: Option<u64>,
    /// Print nothing but errors
    #[arg(long)]
    quiet: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl How {
    fn work(self, shard: (u32, u32)) -> Work {
        let threads = self.threads.or_else(|| std::thread::available_parallelism().ok());
        Work {
            shard,
            threads: threads.map_or(1, NonZeroUsize::get),
            retry_failed: self.retry_failed,
            max_failures: self.max_failures,
        }
    }
    fn screen(self) -> Screen {
        Screen::new(self.quiet, self.json)
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let how = arguments.how;
    match (&arguments.step, &arguments.file) {
        (Some(Step::Plan { file, output, json }), _) => plan(file, output.as_deref(), *json),
        (Some(Step::Run { folder, shard, how }), _) => work(folder, shard, *how),
        (Some(Step::Submit { folder, engine, shards, threads, at_once, time, options, dry_run }), _) => {
            let folder = SweepFolder::open(folder)?;
            let asked = Submission {
                engine: match engine {
                    EngineWord::Slurm => Engine::Slurm,
                    EngineWord::Hq => Engine::HyperQueue,
                },
                shards: shards.unwrap_or_else(|| folder.runs().clamp(1, 64) as u32),
                threads: threads.get(),
                at_once: *at_once,
                time: time.clone(),
                options: options.clone(),
                program: std::env::current_exe().map_err(|error| Failure::Other(error.to_string()))?,
            };
            submit(&folder, &asked, *dry_run)
        }
        (Some(Step::Status { folder, json }), _) => status(folder, *json),
        (Some(Step::Extend { folder, replications }), _) => extend(folder, *replications),
        (Some(Step::Collect { folder, partial, json }), _) => collect(folder, *partial, *json),
        (None, Some(file)) => whole(file, arguments.output.as_deref(), how),
        (None, None) => Err(Failure::Input(
            "no sweep file named".into(),
            "nearfar sweep FILE.toml, or one of the steps: nearfar sweep --help".into(),
        )),
    }
}

/// The folder of a study, unless the user names one.
fn folder_of(output: Option<&Path>, name: &str) -> PathBuf {
    output.map_or_else(|| Path::new("output").join(name), Path::to_path_buf)
}

fn frozen(file: &Path, output: Option<&Path>, screen: Screen) -> Result<(PathBuf, Frozen), Failure> {
    let planned = Plan::make(file)?;
    let path = folder_of(output, &planned.plan.facts.name);
    screen.say(&outline(&planned.plan));
    for notice in planned.notices.iter().chain(broken_points(&planned.plan).iter()) {
        screen.say(&format!("note: {notice}"));
    }
    let frozen = sweep::freeze(&planned, &path)?;
    Ok((path, frozen))
}

fn plan(file: &Path, output: Option<&Path>, as_json: bool) -> Result<(), Failure> {
    let screen = Screen::new(false, as_json);
    let (path, frozen) = frozen(file, output, screen)?;
    let folder = SweepFolder::open(&path)?;
    let (shown, typed) = (path.display(), shell_path(&path));
    let told = match (as_json, frozen) {
        (true, _) => {
            let plan = folder.plan();
            let known = frozen == Frozen::Known;
            let told = json!({
                "folder": path, "plan_hash": plan.hash, "points": plan.points.len(),
                "runs": folder.runs(), "runs_at_most": plan.most_runs(), "known": known,
            });
            format!("{told}\n")
        }
        (false, Frozen::Known) => format!("{shown} holds this plan already; its runs count\n"),
        (false, Frozen::New) => format!(
            "planned in {shown}; nothing has run yet\n  nearfar sweep run {typed}          here\n  nearfar sweep submit {typed} \
             --engine slurm    on a cluster\n"
        ),
    };
    print(&told)
}

/// `2/8` or `auto/8`.
fn shard(text: &str) -> Result<(u32, u32), Failure> {
    let wrong = |found: String| {
        let help = "write I/N, counted from 0: --shard 0/8 is the first of eight, --shard 7/8 the last";
        Failure::Input(found, help.into())
    };
    let (index, of) = text.split_once('/').ok_or_else(|| wrong(format!("--shard {text}: not I/N")))?;
    let of: u32 = of.parse().map_err(|_| wrong(format!("--shard {text}: {of:?} is no count")))?;
    let index = match index {
        "auto" => {
            let names = ["SLURM_ARRAY_TASK_ID", "HQ_TASK_ID"];
            let found = names.iter().find_map(|name| std::env::var(name).ok());
            found.ok_or_else(|| wrong(format!("--shard {text}: neither {} is set", names.join(" nor "))))?
        }
        index => index.to_owned(),
    };
    let index: u32 = index.parse().map_err(|_| wrong(format!("--shard {text}: {index:?} is no number")))?;
    if index >= of {
        return Err(wrong(format!("--shard {text}: there is no shard {index} of {of}")));
    }
    Ok((index, of))
}

/// Runs with a progress line and failures told at once.
fn at_work(folder: &SweepFolder, work: Work, screen: Screen) -> Result<Worked, SweepError> {
    let meter = screen.runs();
    let hear = |heard: Heard<'_>| match heard {
        Heard::Progress(counts) => meter.at(counts.found + counts.done, counts.all, counts.found, counts.failed),
        Heard::Notice(notice) => meter.say(&format!("note: {notice}")),
        Heard::Failed(run, error) => {
            let path = shell_path(folder.path());
            meter.say(&format!("run {run} failed: {error}\n  again: nearfar run --from {path} --run-id {run}"));
        }
    };
    sweep::run(folder, work, &hear)
}

fn work(path: &Path, text: &str, how: How) -> Result<(), Failure> {
    let folder = SweepFolder::open(path)?;
    let shard = shard(text)?;
    let worked = at_work(&folder, how.work(shard), how.screen())?;
    if how.json {
        print(&format!("{}\n", worked_json(&worked)))?;
    } else if !how.quiet {
        print(&format!("{}\n", worked_words(&worked, shard)))?;
    }
    failed(worked.counts.failed, path)
}

/// Failed runs give an exit code of their own.
fn failed(count: u64, path: &Path) -> Result<(), Failure> {
    match count {
        0 => Ok(()),
        _ => Err(Failure::RunsFailed(format!(
            "{count} run{} failed; they are rows of the results. Try them again with: nearfar sweep run {} --retry-failed",
            if count == 1 { "" } else { "s" },
            shell_path(path)
        ))),
    }
}

fn submit(folder: &SweepFolder, asked: &Submission, dry_run: bool) -> Result<(), Failure> {
    let (shown, typed) = (folder.path().display(), shell_path(folder.path()));
    if asked.at_once.is_some() && asked.engine == Engine::HyperQueue {
        let help = "start as many workers as may work at one time";
        return Err(Failure::Input("--at-once is an option of Slurm".into(), help.into()));
    }
    let Some(script) = sweep::script(folder, asked)? else {
        return print(&format!("every run is done; nearfar sweep collect {typed}\n"));
    };
    if dry_run {
        return print(&script.text);
    }
    let said = sweep::submit(folder, asked.engine, &script)?;
    let follow = match asked.engine {
        Engine::Slurm => "squeue",
        Engine::HyperQueue => "hq job list",
    };
    print(&format!(
        "{said}\n{} shards handed over ({shown}/engine/{}); when {follow} shows them gone:\n  nearfar sweep status {typed}\n  \
         nearfar sweep collect {typed}\nIf runs are missing then, submit again: it does the rest.\n",
        script.shards.len(),
        script.name
    ))
}

fn status(path: &Path, as_json: bool) -> Result<(), Failure> {
    let folder = SweepFolder::open(path)?;
    let (state, ignored) = sweep::missing(&folder)?;
    let plan = folder.plan();
    match as_json {
        true => print(&format!(
            "{}\n",
            json!({
                "plan_hash": plan.hash, "planned": state.planned, "done": state.fine, "failed": state.failed,
                "missing": state.missing(), "extensions": folder.extensions(), "ignored": ignored,
            })
        ))?,
        false => {
            let mut text = outline(plan) + "\n";
            let _ = writeln!(
                text,
                "{} of {} runs done, {} failed, {} missing",
                state.fine,
                state.planned,
                state.failed,
                state.missing()
            );
            ignored.iter().for_each(|notice| text += &format!("note: {notice}\n"));
            print(&text)?;
        }
    }
    match state.missing() {
        0 => Ok(()),
        missing => {
            Err(Failure::Incomplete(format!("{missing} runs are missing: nearfar sweep run {}", shell_path(path))))
        }
    }
}

fn extend(path: &Path, replications: Option<u32>) -> Result<(), Failure> {
    let mut folder = SweepFolder::open(path)?;
    let wanted = match replications {
        Some(count) => {
            let more = folder.replications().iter().map(|before| count.max(*before)).collect::<Vec<_>>();
            (more != folder.replications()).then_some(more)
        }
        None => {
            let (state, _) = sweep::missing(&folder)?;
            if state.missing() > 0 {
                let found = format!("{} runs are missing, so no rule can be looked at", state.missing());
                return Err(Failure::Incomplete(format!("{found}: nearfar sweep run {}", shell_path(path))));
            }
            sweep::wanted(&folder)?
        }
    };
    let Some(wanted) = wanted else {
        return print("nothing to add: every point has as many replications as asked for, or as allowed\n");
    };
    let before = folder.runs();
    folder.extend(wanted)?;
    let added = folder.runs() - before;
    print(&format!("{added} runs added; nearfar sweep run {} does them\n", shell_path(path)))
}

fn collect(path: &Path, partial: bool, as_json: bool) -> Result<(), Failure> {
    let folder = SweepFolder::open(path)?;
    let (state, _) = sweep::missing(&folder)?;
    if state.missing() > 0 && !partial {
        let shown = shell_path(path);
        return Err(Failure::Incomplete(format!(
            "{} of {} runs are missing: nearfar sweep run {shown} does them; --partial takes what is there",
            state.missing(),
            state.planned
        )));
    }
    let collected = sweep::collect(&folder, partial)?;
    tell(&folder, &collected, None, as_json, false)
}

/// Plan, run, extend while a rule asks for it, collect.
fn whole(file: &Path, output: Option<&Path>, how: How) -> Result<(), Failure> {
    let screen = how.screen();
    let (path, _) = frozen(file, output, screen)?;
    let mut folder = SweepFolder::open(&path)?;
    let mut worked = Worked::default();
    loop {
        worked = worked.and(at_work(&folder, how.work((0, 1)), screen)?);
        let Some(wanted) = sweep::wanted(&folder)? else { break };
        let points = wanted.iter().zip(folder.replications()).filter(|(now, before)| now > before).count();
        screen.say(&format!("{points} points need more replications for the intervals asked for"));
        folder.extend(wanted)?;
    }
    let collected = sweep::collect(&folder, false)?;
    tell(&folder, &collected, Some(&worked), how.json, how.quiet)
}

fn tell(
    folder: &SweepFolder,
    collected: &Collected,
    worked: Option<&Worked>,
    as_json: bool,
    quiet: bool,
) -> Result<(), Failure> {
    let path = folder.path();
    let text = match (as_json, quiet) {
        (true, _) => {
            let told = json!({
                "folder": path, "plan_hash": folder.plan().hash, "runs": collected.rows.len(),
                "failed": collected.failed, "missing": collected.missing, "audit_violations": collected.violations,
                "work": worked.map(worked_json),
            });
            format!("{told}\n")
        }
        (false, true) => String::new(),
        (false, false) => words(folder, collected, worked),
    };
    print(&text)?;
    if collected.violations > 0 {
        return Err(Failure::Other(format!(
            "the audit found {} violations of the model's own rules; do not use these results, and report this",
            collected.violations
        )));
    }
    failed(collected.failed, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_counted_from_zero() {
        assert_eq!(shard("2/8").ok(), Some((2, 8)));
        for wrong in ["8/8", "1", "a/3", "1/", "-1/4", "0/0"] {
            let failure = shard(wrong).err().map(|failure| failure.to_string()).unwrap_or_default();
            assert!(failure.contains("--shard 0/8"), "{wrong}: {failure}");
        }
    }
}
