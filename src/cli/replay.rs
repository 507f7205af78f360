//! `nearfar replay`: a run's day as a page that moves, or as trips for a map.

use super::decided;
use super::looks::Looks;
use super::options::Asked;
use super::screen::Screen;
use super::{Failure, print};
use crate::external::Recording;
use crate::metrics::Kpi;
use crate::report::wording::{count, plural};
use crate::report::{self, GlobeAnchor, Replay, ReplayView};
use crate::results::RunFolder;
use crate::scenario::DispatchPolicy;
use crate::study::{self, Keep, Replication};
use std::path::{Path, PathBuf};

/// Replay a run: a page with every courier and order on the move, or trips for kepler.gl
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Output folder of a run, such as output/baseline
    run: PathBuf,
    /// Write trips as GeoJSON, one line a ride with [lon, lat, alt, unix time], instead of a page
    #[arg(long)]
    geojson: bool,
    #[command(flatten)]
    looks: Looks,
    /// The replication to replay
    #[arg(long, value_name = "N", default_value_t = 0)]
    replication: u32,
    /// File to write [default: replay.html or trips.geojson in the folder of the run]
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
    /// Print nothing but errors
    #[arg(long)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let screen = Screen::new(arguments.quiet, false);
    let folder = RunFolder::open(&arguments.run)?;
    let replication = arguments.replication;
    if replication >= folder.replications() {
        let found = format!("{}: there is no replication {replication}", folder.path().display());
        return Err(Failure::Input(found, format!("replications go from 0 to {}", folder.replications() - 1)));
    }
    let name = if arguments.geojson { "trips.geojson" } else { "replay.html" };
    let target = arguments.output.clone().unwrap_or_else(|| folder.path().join(name));
    if target.exists() && !arguments.force {
        let found = format!("{} is there already", target.display());
        return Err(Failure::Input(found, "name another file with -o, or write over it with --force".into()));
    }
    let stored = folder.kpis()?;
    let asked = Asked::of(folder.scenario()?, &arguments.looks)?;
    let city = asked.city()?;
    let recording = recording(&folder, &asked)?;
    let keep = Keep { frames: true, log: true, ..Keep::default() };
    let run = study::one(&asked.scenario, &city, (replication, replication), keep, recording.as_ref(), &|_, _| {})?;
    let (Some(log), Some(frames)) = (&run.log, &run.frames) else { return Ok(()) };
    let view = ReplayView { scenario: &asked.scenario, city: &city, log, orders: &frames.orders, look: &asked.look };
    let replay = report::replay(&view)?;
    if let Replay::WhyNot(why) = &replay {
        return Err(Failure::Input(format!("{}: {why}", folder.path().display()), "nothing was written".into()));
    }
    let anchor = GlobeAnchor::of(&city);
    let text = match arguments.geojson {
        true => report::geojson(&replay, &anchor).unwrap_or_default(),
        false => report::replay_page(&replay, &asked.look)?,
    };
    write(&target, &text)?;
    screen.say(again(&run, stored.get(replication as usize)));
    if arguments.geojson && !anchor.real {
        screen.say("the city is made up: its south-west corner is put at longitude 0, latitude 0, its first day on 1 January 2025 UTC");
    }
    if arguments.quiet {
        return Ok(());
    }
    let orders = plural(run.orders as usize, "order");
    let rides = count(text.matches("\"LineString\"").count());
    print(&match arguments.geojson {
        true => format!("Trips    {} ({rides} rides, {orders})\n", target.display()),
        false => format!("Replay   {} ({orders})\n", target.display()),
    })
}

/// What an external policy decided in the run, so that its program is not asked again.
fn recording(folder: &RunFolder, asked: &Asked) -> Result<Option<Recording>, Failure> {
    let file = folder.path().join("decisions.jsonl");
    let external = asked.scenario.dispatch.policy == DispatchPolicy::External;
    external.then(|| decided::recording(&file, asked, folder.replications())).transpose()
}

/// A run keeps no movement, so it was simulated again: whether that gave the same.
fn again(run: &Replication, stored: Option<&Vec<Kpi>>) -> &'static str {
    let same = |stored: &Vec<Kpi>| {
        let value = |name: &str| run.kpis.iter().find(|kpi| kpi.name == name).map(|kpi| kpi.value);
        stored.iter().all(|kpi| {
            value(kpi.name).is_some_and(|value| value == kpi.value || (value.is_nan() && kpi.value.is_nan()))
        })
    };
    match stored.is_some_and(same) {
        true => "simulated again from scenario.toml: every KPI is that of the run, to the last digit",
        false => {
            "note: simulated again from scenario.toml, and the KPIs are NOT those of the run: made by another build?"
        }
    }
}

fn write(target: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(target, text).map_err(|error| {
        Failure::Input(format!("{}: {error}", target.display()), "name a file you may write with -o".into())
    })
}
