//! Room: cli (floor 8). Arguments in, exit code out; may use every room; clap and anstream live here.
//!
//! Data goes to stdout, everything else to stderr. Exit codes: 0 fine, 2 bad input, 1 anything else.

mod check;
mod import;
mod new;
mod schema;
mod show;

use std::fmt;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::scenario::{Override, Problems};

/// Simulates flash-commerce order routing: which orders near stores serve, which the far warehouse, and at what cost.
#[derive(Parser)]
#[command(name = "nearfar", version, about, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Import(import::Arguments),
    Show(show::Arguments),
    Schema(schema::Arguments),
    New(new::Arguments),
}

/// Runs the command that the arguments name.
pub fn run() -> Result<(), Failure> {
    match Cli::parse().command {
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
    /// Not the user's mistake.
    Other(String),
}

impl Failure {
    /// 2 for bad input, 1 for anything else.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Scenario(_) | Failure::Input(..) => 2,
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
                let count = problems.len();
                writeln!(f, "{count} problem{}; nothing was written", if count == 1 { "" } else { "s" })
            }
            Failure::Input(found, help) => writeln!(f, "{red}error{off}: {found}\n  {blue}help{off}: {help}"),
            Failure::Other(found) => writeln!(f, "{red}error{off}: {found}"),
        }
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

/// Writes data to stdout; a reader that stops early (`| head`) is no failure.
fn print(text: &str) -> Result<(), Failure> {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Other(format!("cannot write: {error}"))),
        _ => Ok(()),
    }
}
