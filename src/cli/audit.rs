//! `nearfar audit`: repeats the audit of a run from its stored event log.

use super::{Failure, print};
use crate::city::City;
use crate::report::wording::{count, plural};
use crate::results::RunFolder;
use std::path::PathBuf;

/// Repeat the audit of a run from its event log (run --events): orders, couriers, stock and money
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Output folder of a run that kept its event log, such as output/baseline
    run: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let folder = RunFolder::open(&arguments.run)?;
    let (orders, events) = (folder.orders()?, folder.events()?);
    let city = City::build(&folder.scenario()?)?;
    let (mut facts, mut told) = (0, Vec::new());
    for replication in 0..folder.replications() {
        let (violations, records) = folder.audit(&city, &orders, &events, replication)?;
        facts += records;
        let line = |violation: String| match folder.replications() {
            1 => violation,
            _ => format!("replication {replication}: {violation}"),
        };
        told.extend(violations.into_iter().map(line));
    }
    let days = plural(folder.replications() as usize, "replication");
    let what = format!("{}: {days}, {} facts", folder.path().display(), count(facts));
    let Some(first) = told.first() else {
        return print(&format!("{what}: orders, couriers, stock and money are in order\n"));
    };
    print(&format!("{}\n", told.join("\n")))?;
    let found = plural(told.len(), "violation");
    Err(Failure::Other(format!("{what}: the audit found {found} of the model's own rules (first: {first})")))
}
