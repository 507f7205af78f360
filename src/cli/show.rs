//! `nearfar show`: prints what a scenario resolves to.

use std::path::PathBuf;

use super::{Failure, print};
use crate::scenario::{Show, show};

/// Print a scenario after parents and --set: what is set, or every key with --resolved
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Scenario file
    file: PathBuf,
    #[command(flatten)]
    changes: super::Changes,
    /// Every key, also those with their default; the output can be run
    #[arg(long)]
    resolved: bool,
    /// Behind each key, where its value comes from
    #[arg(long)]
    origin: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let loaded = super::load(&arguments.file, &arguments.changes.overrides()?)?;
    print(&show(&loaded, Show { resolved: arguments.resolved, origin: arguments.origin }))
}
