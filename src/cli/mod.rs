//! Room: cli (floor 9). Arguments in, exit code out; may use every room; clap, anstream and indicatif live here.
//!
//! Data goes to stdout, everything else to stderr. Exit codes: 0 fine, 2 bad input, 3 runs of a sweep missing, 4 runs of a
//! sweep failed, 1 anything else.

mod actuals;
mod analysis_charts;
mod analysis_findings;
mod analysis_page;
mod analysis_tables;
mod analysis_text;
mod analyze;
mod audit;
mod calibrate;
mod check;
mod compare;
mod comparison;
mod comparison_charts;
mod comparison_page;
mod decided;
mod deck;
mod explain;
mod factor_names;
mod import;
mod kpi_table;
mod ledger;
mod looks;
mod manifest;
mod moves_table;
mod new;
mod options;
mod policies;
mod policy_table;
mod replay;
mod run;
mod schema;
mod screen;
mod show;
mod sweep;
mod sweep_text;
mod until;
mod validate;

use std::fmt;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::city::CityError;
use crate::external::RecordingError;
use crate::metrics::{KPIS, MetricsError};
use crate::report::ReportError;
use crate::results::{ReadError, ResultsError, shell_path};
use crate::scenario::{self, Loaded, Override, Problem, Problems};
use crate::study::StudyError;
use crate::sweep::{SweepError, is_sweep_file};

/// Simulates flash-commerce order routing: which orders near stores serve, which the far warehouse, and at what cost.
#[derive(Parser)]
#[command(name = "nearfar", version, about, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Arguments),
    Compare(compare::Arguments),
    Sweep(sweep::Arguments),
    Analyze(analyze::Arguments),
    Deck(deck::Arguments),
    Policies(policies::Arguments),
    Calibrate(calibrate::Arguments),
    Explain(explain::Arguments),
    Replay(replay::Arguments),
    Ledger(ledger::Arguments),
    Validate(validate::Arguments),
    Audit(audit::Arguments),
    Check(check::Arguments),
    Import(import::Arguments),
    Show(show::Arguments),
    Schema(schema::Arguments),
    New(new::Arguments),
}

/// Runs the command that the arguments name.
pub fn run() -> Result<(), Failure> {
    match Cli::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Sweep(arguments) => sweep::run(&arguments),
        Command::Analyze(arguments) => analyze::run(&arguments),
        Command::Deck(arguments) => deck::run(&arguments),
        Command::Policies(arguments) => policies::run(&arguments),
        Command::Calibrate(arguments) => calibrate::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Ledger(arguments) => ledger::run(&arguments),
        Command::Validate(arguments) => validate::run(&arguments),
        Command::Audit(arguments) => audit::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Import(arguments) => Ok(import::run(&arguments, &mut std::io::stderr())?),
        Command::Show(arguments) => show::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::New(arguments) => new::run(&arguments),
    }
}

/// Why a command did not succeed; displayed with terminal colours.
#[derive(Debug)]
pub enum Failure {
    /// Mistakes in scenario files or `--set`.
    Scenario(Problems),
    /// Another mistake of the user: what is wrong, and what to do.
    Input(String, String),
    /// Mistakes in files that a scenario names.
    Files(Vec<crate::city::input::Problem>),
    /// An output folder that must not be written; the message says what to do.
    Refused(String),
    /// Runs of a sweep are missing; the message says how to do them.
    Incomplete(String),
    /// Runs of a sweep failed; they are rows of its results.
    RunsFailed(String),
    /// Not the user's mistake.
    Other(String),
}

impl Failure {
    /// 2 for bad input, 3 if runs of a sweep are missing, 4 if some failed, 1 for anything else.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Scenario(_) | Failure::Input(..) | Failure::Files(_) | Failure::Refused(_) => 2,
            Failure::Incomplete(_) => 3,
            Failure::RunsFailed(_) => 4,
            Failure::Other(_) => 1,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (red, blue, off) = ("\x1b[1;31m", "\x1b[1;34m", "\x1b[0m");
        match self {
            Failure::Scenario(Problems(problems)) => {
                for problem in problems {
                    writeln!(f, "{problem:#}")?;
                }
                closing(f, problems.len())
            }
            Failure::Files(problems) => {
                for problem in problems {
                    writeln!(f, "{problem}")?;
                }
                closing(f, problems.len())
            }
            Failure::Input(found, help) => writeln!(f, "{red}error{off}: {found}\n  {blue}help{off}: {help}"),
            Failure::Refused(found) | Failure::Other(found) => writeln!(f, "{red}error{off}: {found}"),
            Failure::Incomplete(found) | Failure::RunsFailed(found) => writeln!(f, "{red}not whole{off}: {found}"),
        }
    }
}

fn closing(f: &mut fmt::Formatter<'_>, count: usize) -> fmt::Result {
    writeln!(f, "{count} problem{}; nothing was written", if count == 1 { "" } else { "s" })
}

impl From<CityError> for Failure {
    fn from(CityError::Input(problems): CityError) -> Self {
        Failure::Files(problems)
    }
}

impl From<ResultsError> for Failure {
    fn from(error: ResultsError) -> Self {
        use ResultsError::{Denied, Enclosing, Exists, Foreign, NotAFolder};
        match error {
            NotAFolder { .. } | Foreign { .. } | Enclosing { .. } | Denied { .. } | Exists { .. } => {
                Failure::Refused(error.to_string())
            }
            other => Failure::Other(other.to_string()),
        }
    }
}

impl From<StudyError> for Failure {
    fn from(error: StudyError) -> Self {
        match error {
            StudyError::External(found) => {
                let help = "nothing was written; try the program by itself, docs/external-policy.md tells how";
                Failure::Input(found.to_string(), help.into())
            }
            other => Failure::Other(other.to_string()),
        }
    }
}

impl From<SweepError> for Failure {
    fn from(error: SweepError) -> Self {
        match error {
            SweepError::Scenario(problems) => Failure::Scenario(problems),
            SweepError::Table(problems) => Failure::Files(problems),
            SweepError::Input(found, help) => Failure::Input(found, help),
            SweepError::Study(error) => error.into(),
            SweepError::Results(error) => error.into(),
            SweepError::Statistics(error) => error.into(),
            other => Failure::Other(other.to_string()),
        }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Failure::Input(error.to_string(), error.help().into())
    }
}

impl From<RecordingError> for Failure {
    fn from(error: RecordingError) -> Self {
        Failure::Input(error.to_string(), "nothing was written; docs/external-policy.md tells how to replay".into())
    }
}

impl From<MetricsError> for Failure {
    fn from(error: MetricsError) -> Self {
        Failure::Other(error.to_string())
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        Failure::Other(error.to_string())
    }
}

impl From<crate::import::ImportError> for Failure {
    fn from(error: crate::import::ImportError) -> Self {
        Failure::Input(error.to_string(), "nothing was written; mend the source or the folder and import again".into())
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Failure::Scenario(problems)
    }
}

/// Changes of the scenario on the command line, for every command that loads one.
#[derive(Args, Clone, Debug)]
pub(crate) struct Changes {
    /// Change one key, such as near.radius_km=4 or 'couriers.count={scale=1.2}'; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl Changes {
    /// Reads them.
    pub(crate) fn overrides(&self) -> Result<Vec<Override>, Problems> {
        Override::parse_all(&self.set)
    }
}

/// Rows of cells as a table: the columns are as wide as their widest cell, numbers stand right.
fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |row: &Vec<String>, i: usize| row.get(i).cloned().unwrap_or_default();
    let width = |i| rows.iter().map(|row| cell(row, i).chars().count()).max().unwrap_or(0);
    let right = |i| rows.iter().skip(1).all(|row| cell(row, i).starts_with(|c: char| c.is_ascii_digit() || c == '-'));
    let widths: Vec<(usize, bool)> = (0..count).map(|i| (width(i), right(i))).collect();
    let mut text = String::new();
    for row in rows {
        let padded = widths.iter().enumerate().map(|(i, (width, right))| match right {
            true => format!("{:>width$}", cell(row, i)),
            false => format!("{:<width$}", cell(row, i)),
        });
        text += padded.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

/// Loads a scenario; the names in its hypotheses are those of KPIs.
fn load(file: &Path, overrides: &[Override]) -> Result<Loaded, Problems> {
    let metrics: Vec<&'static str> = KPIS.iter().map(|definition| definition.name).collect();
    scenario::load_knowing(file, overrides, &metrics).map_err(|problems| match is_sweep_file(file) {
        true => {
            let help = format!("nearfar sweep {0}, or check {0}", shell_path(file));
            Problems(vec![
                Problem::of_file(file.display().to_string(), "is a sweep file, not a scenario", "").help(help),
            ])
        }
        false => problems,
    })
}

/// Writes data to stdout; a reader that stops early (`| head`) is no failure.
fn print(text: &str) -> Result<(), Failure> {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Other(format!("cannot write: {error}"))),
        _ => Ok(()),
    }
}
