//! `nearfar calibrate`: solves the constants of consumer choice for the shares wanted, and writes a scenario.

use super::screen::Screen;
use super::{Changes, Failure};
use crate::city::City;
use crate::metrics::SessionCounts;
use crate::report::wording::{number, plural};
use crate::results::OutputFile;
use crate::scenario::{self, DemandSource, Scenario};
use crate::study::{self, Calibration, Target};
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Solve the constants of consumer choice for target shares, and write a scenario with them
///
/// Each category is to have the conversion asked for, its `near_intent` as its near share of orders and, where pick-up is
/// offered, the same pick-up share as all others.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Scenario file in which consumers choose
    scenario: PathBuf,
    /// Share of sessions that should end with an order
    #[arg(long, value_name = "SHARE", default_value_t = 0.30)]
    conversion: f64,
    /// Near share of orders over all categories; those of the categories are scaled to it [default: as they are]
    #[arg(long, value_name = "SHARE")]
    near_share: Option<f64>,
    /// Pick-up share of orders, for a scenario with `pickup.enabled` [default: 0.03]
    #[arg(long, value_name = "SHARE")]
    pickup_share: Option<f64>,
    /// Days simulated in each round
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    replications: u32,
    /// Most rounds
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    #[command(flatten)]
    changes: Changes,
    /// Threads to use; results do not depend on it [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = super::options::threads)]
    threads: Option<NonZeroUsize>,
    /// Scenario file to write; it extends the one given
    #[arg(short = 'o', long = "output", value_name = "FILE.toml")]
    output: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
    /// Print nothing but errors
    #[arg(long)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let screen = Screen::new(arguments.quiet, false);
    let scenario = super::load(&arguments.scenario, &arguments.changes.overrides()?)?.scenario;
    if !scenario.consumers_choose() || scenario.demand.source != DemandSource::Synthetic {
        let found = format!("{}: consumers do not choose here", arguments.scenario.display());
        let help = "set choice.model = \"logit\" and demand.source = \"synthetic\", in the file or by --set";
        return Err(Failure::Input(found, help.into()));
    }
    let targets = targets(arguments, &scenario)?;
    let output = OutputFile::prepare(&arguments.output, arguments.force)?;
    let threads = arguments.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let pool = study::pool(threads)?;
    let city = Arc::new(City::build(&scenario)?);
    let days = (arguments.replications, arguments.rounds);
    let found = study::calibrate(&pool, &scenario, &city, &targets, days, &mut |round, step| {
        screen.say(&format!("round {}: constants off by up to {step:.3}", round + 1));
    })?;
    screen.say(&table(&scenario, &targets, &found));
    if let Some(words) = not_settled(&found) {
        screen.say(&words);
    }
    screen.say(&format!("written: {}", output.commit(text(arguments, &scenario, &found))?.display()));
    Ok(())
}

fn share_of(name: &str, value: f64) -> Result<f64, Failure> {
    if value > 0.0 && value < 1.0 {
        return Ok(value);
    }
    Err(Failure::Input(format!("{name} is {value}"), "a share lies between 0 and 1, such as 0.3".into()))
}

/// What each category should have.
fn targets(arguments: &Arguments, scenario: &Scenario) -> Result<Vec<Target>, Failure> {
    let conversion = share_of("--conversion", arguments.conversion)?;
    let pickup_share = pickup_share(arguments, scenario)?;
    let categories = &scenario.catalogue.categories;
    let all: f64 = categories.iter().map(|category| category.share).sum();
    let mix: f64 = categories.iter().map(|category| category.share * category.near_intent).sum::<f64>() / all;
    let scale = match arguments.near_share {
        None => 1.0,
        Some(share) => share_of("--near-share", share)? / mix,
    };
    let of = |category: &scenario::Category| {
        let near_share = category.near_intent * scale;
        if near_share + pickup_share > 1.0 {
            let beside =
                if pickup_share > 0.0 { format!(" beside {pickup_share:.2} of pick-up") } else { String::new() };
            let found =
                format!("--near-share asks category {:?} for a near share of {near_share:.2}{beside}", category.id);
            return Err(Failure::Input(found, "ask for less, or change the near_intent of the categories".into()));
        }
        Ok(Target { conversion, near_share, pickup_share })
    };
    categories.iter().map(of).collect()
}

/// 0 where nobody can fetch an order.
fn pickup_share(arguments: &Arguments, scenario: &Scenario) -> Result<f64, Failure> {
    match arguments.pickup_share {
        Some(_) if !scenario.pickup_offered() => Err(Failure::Input(
            format!("--pickup-share, but {} does not offer pick-up", arguments.scenario.display()),
            "set pickup.enabled = true, in the file or by --set".into(),
        )),
        Some(share) => share_of("--pickup-share", share),
        None => Ok(if scenario.pickup_offered() { 0.03 } else { 0.0 }),
    }
}

fn per(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64 * 100.0
}

/// What to do where the rounds were over before the constants stood still.
fn not_settled(found: &Calibration) -> Option<String> {
    let Calibration { rounds, off_by, .. } = found;
    (!found.settled()).then(|| {
        let off_by = number(*off_by, 3);
        format!(
            "not settled: after {} another would still move a constant by {off_by}, which is about how far a share is off in proportion.\n  \
             help: more days make rounds steadier (--replications), more rounds bring them further (--rounds)\n",
            plural(*rounds as usize, "round")
        )
    })
}

/// What was wanted and what was reached.
fn table(scenario: &Scenario, targets: &[Target], found: &Calibration) -> String {
    let offered = scenario.pickup_offered();
    let (shares, constants) = if offered { ("   pick-up share %", " asc_pickup") } else { ("", "") };
    let mut text =
        format!("\n  category        conversion %    near share %{shares}   asc_near    asc_far{constants}\n");
    let mut all = SessionCounts::default();
    for (((category, target), counts), [near, far, pickup]) in
        scenario.catalogue.categories.iter().zip(targets).zip(&found.counts).zip(&found.constants)
    {
        all.add(*counts);
        let orders = counts.near + counts.far + counts.pickup;
        let _ = write!(
            text,
            "  {:<14} {:>5.1} ({:>4.1})   {:>5.1} ({:>4.1})",
            category.id,
            per(orders, counts.sessions),
            target.conversion * 100.0,
            per(counts.near, orders),
            target.near_share * 100.0,
        );
        if offered {
            let _ = write!(text, "      {:>5.1} ({:>4.1})", per(counts.pickup, orders), target.pickup_share * 100.0);
        }
        let _ = write!(text, "   {near:>8.3}   {far:>8.3}");
        let _ = if offered { writeln!(text, "   {pickup:>8.3}") } else { writeln!(text) };
    }
    let orders = all.near + all.far + all.pickup;
    let (conversion, near) = (per(orders, all.sessions), per(all.near, orders));
    let _ = write!(text, "  {:<14} {conversion:>5.1}          {near:>5.1}", "all");
    if offered {
        let _ = write!(text, "             {:>5.1}", per(all.pickup, orders));
    }
    text + "          wanted in brackets\n\n"
}

/// The scenario file with the constants.
fn text(arguments: &Arguments, scenario: &Scenario, found: &Calibration) -> String {
    let parent = std::path::absolute(&arguments.scenario).unwrap_or_else(|_| arguments.scenario.clone());
    let folder = std::path::absolute(&arguments.output).ok().and_then(|file| file.parent().map(Path::to_owned));
    let parent = folder.and_then(|folder| parent.strip_prefix(folder).map(Path::to_owned).ok()).unwrap_or(parent);
    let mut text = format!(
        "# Constants of consumer choice by `nearfar calibrate`: conversion {}, {} rounds of {} days, seed {}.\n\
         extends = {:?}\n",
        arguments.conversion,
        found.rounds,
        arguments.replications,
        scenario.seed,
        parent.display().to_string(),
    );
    for (category, [near, far, pickup]) in scenario.catalogue.categories.iter().zip(&found.constants) {
        let _ = write!(
            text,
            "\n[[catalogue.categories]]\nid = {:?}\nasc_near = {near:.3}\nasc_far = {far:.3}\n",
            category.id
        );
        if scenario.pickup_offered() {
            let _ = writeln!(text, "asc_pickup = {pickup:.3}");
        }
    }
    text
}
