//! `nearfar run`: simulates a scenario and leaves charts, tables and a report.

use super::decided;
use super::kpi_table::run_table;
use super::manifest::{self, object};
use super::options::{Asked, Options};
use super::screen::{Screen, shout};
use super::{Failure, print};
use crate::city::City;
use crate::metrics::label_in;
use crate::metrics::{Frames, Kpi, KpiSummary, candidates_parquet, events_parquet, summarise};
use crate::report::wording::number;
use crate::report::{self, Provenance, Replay, ReplayView, RunView};
use crate::results::{Committed, OutputFolder, Results, write_results};
use crate::scenario::{Language, Perspective, Scenario, to_toml};
use crate::study::{self, Keep, Replication};
use crate::sweep::{SweepFolder, parse_run_id};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Simulate a scenario; leaves charts, tables and a report in output/NAME
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Scenario file
    #[arg(required_unless_present = "from")]
    scenario: Option<PathBuf>,
    /// Simulate one run of a sweep again, with everything a single run leaves: the sweep's folder
    #[arg(long, value_name = "DIR", requires = "run_id", conflicts_with_all = ["scenario", "replications", "seed", "set"])]
    from: Option<PathBuf>,
    /// Which run of the sweep, such as p12-r3
    #[arg(long, value_name = "ID", requires = "from")]
    run_id: Option<String>,
    /// Days to simulate, each with its own chance; with two or more, KPIs have 95 % intervals
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    replications: u32,
    /// Leave out charts and report
    #[arg(long)]
    no_report: bool,
    /// Also write the whole event log, events.parquet
    #[arg(long)]
    events: bool,
    /// Also write every node that each order could have had, and why not: candidates.parquet, for `nearfar ledger`
    #[arg(long)]
    ledger: bool,
    /// Take the decisions of an external policy from the decisions.jsonl of an earlier run; no program is started
    #[arg(long, value_name = "FILE")]
    replay_decisions: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// Everything a finished simulation hands to the writers.
struct Finished {
    asked: Asked,
    city: std::sync::Arc<City>,
    runs: Vec<Replication>,
    frames: Frames,
    kpis: Vec<Vec<Kpi>>,
    summaries: Vec<KpiSummary>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let started = manifest::start();
    let options = &arguments.options;
    let screen = Screen::new(options.quiet, options.json);
    let Some(file) = &arguments.scenario else { return again(arguments, started) };
    let asked = options.load(file)?;
    asked.notes.iter().for_each(|note| screen.say(note));
    let recording = arguments.replay_decisions.as_deref();
    let recording = recording.map(|file| decided::recording(file, &asked, arguments.replications)).transpose()?;
    let city = asked.city()?;
    let folder = OutputFolder::prepare(&output_path(options, &asked), options.force)?;
    let pool = study::pool(options.threads())?;
    let finished = {
        let meter = screen.meter(arguments.replications, asked.scenario.horizon_h);
        let observe = |run, progress| meter.observe(run, progress);
        let (replications, recording, keep) = (arguments.replications, recording.as_ref(), arguments.keep());
        let runs = study::replicate(&pool, &asked.scenario, &city, replications, keep, recording, &observe)?;
        measure(asked, city, runs)?
    };
    finish(arguments, folder, &pool, finished, started)
}

/// One run of a sweep, alone: the same point, the same replication, the same figures.
fn again(arguments: &Arguments, started: std::time::Instant) -> Result<(), Failure> {
    let options = &arguments.options;
    let screen = Screen::new(options.quiet, options.json);
    let (Some(from), Some(id)) = (&arguments.from, &arguments.run_id) else {
        return Err(Failure::Input("no scenario named".into(), "nearfar run SCENARIO.toml".into()));
    };
    let sweep = SweepFolder::open(from)?;
    let known = || format!("runs are called p0-r0 to p{}-r…", sweep.plan().points.len() - 1);
    let found = parse_run_id(id).filter(|(point, _)| *point < sweep.plan().points.len());
    let (point, replication) = found.ok_or_else(|| Failure::Input(format!("--run-id {id}: no such run"), known()))?;
    let asked = Asked::of(sweep.scenario(point)?, &arguments.options.looks)?;
    let city = asked.city()?;
    let path = options.output.clone().unwrap_or_else(|| from.join("again").join(id));
    let folder = OutputFolder::prepare(&path, options.force)?;
    let pool = study::pool(options.threads())?;
    let meter = screen.meter(1, asked.scenario.horizon_h);
    let observe = |_, progress| meter.observe(0, progress);
    let run = study::one(&asked.scenario, &city, (replication, 0), arguments.keep(), None, &observe)?;
    drop(meter);
    let stored = sweep.run(point, replication)?;
    let same = stored.as_ref().map(|row| row.same_values(&run.kpis));
    let finished = measure(asked, city, vec![run])?;
    finish(arguments, folder, &pool, finished, started)?;
    match same {
        Some(true) => screen.say(&format!("every KPI is that of {id} in the sweep, to the last digit")),
        Some(false) => {
            screen.say(&format!("note: the KPIs are NOT those of {id} in the sweep: made by another build?"))
        }
        None => screen.say(&format!("the sweep has no result of {id} to compare with")),
    }
    Ok(())
}

/// Draws, writes and tells.
fn finish(
    arguments: &Arguments,
    folder: OutputFolder,
    pool: &rayon::ThreadPool,
    finished: Finished,
    started: std::time::Instant,
) -> Result<(), Failure> {
    let options = &arguments.options;
    let screen = Screen::new(options.quiet, options.json);
    let mut files = if arguments.no_report { Vec::new() } else { pool.install(|| pictures(&finished))? };
    files.extend(decided::file("", &finished.asked.scenario, &finished.runs));
    let timing = manifest::timing(started, options.threads(), &finished.runs);
    let committed = write(folder, &finished, files, arguments.events, timing.clone())?;
    if all_equal(&finished.kpis) {
        screen.say("every replication gave the same KPIs: nothing in this scenario is left to chance");
    }
    if committed.replaced {
        screen.say(&format!("replaced {}", committed.path.display()));
    }
    let told = match options.json {
        true => json_text(&finished, &committed, timing, arguments.no_report),
        false if options.quiet => String::new(),
        false => text(&finished, &committed, arguments.no_report),
    };
    print(&told)?;
    decided::tell(screen, &finished.runs);
    let sound = shout(&finished.runs.iter().flat_map(|run| run.violations.iter().cloned()).collect::<Vec<_>>());
    decided::whole(&finished.runs, &format!("what was simulated until then is in {}", committed.path.display()))?;
    sound
}

impl Arguments {
    fn keep(&self) -> Keep {
        let first_day = !self.no_report;
        Keep { frames: true, log: self.events, first_day, ledger: self.ledger, ..Keep::default() }
    }
}

/// `-o`, or `output/NAME`, or with the run's fingerprint where `--set` or `--seed` changed the scenario.
fn output_path(options: &Options, asked: &Asked) -> PathBuf {
    let name = &asked.scenario.name;
    options.output.clone().unwrap_or_else(|| match asked.changed {
        true => Path::new("output").join(format!("{name}-{}", &asked.run_hash[..6])),
        false => Path::new("output").join(name),
    })
}

/// Whether two or more replications have the same KPIs to the last bit.
fn all_equal(replications: &[Vec<Kpi>]) -> bool {
    let bits = |kpis: &[Kpi]| kpis.iter().map(|kpi| kpi.value.to_bits()).collect::<Vec<_>>();
    replications.len() > 1 && replications.windows(2).all(|pair| bits(&pair[0]) == bits(&pair[1]))
}

/// Stacks the tables of all replications and summarises their KPIs.
fn measure(asked: Asked, city: std::sync::Arc<City>, mut runs: Vec<Replication>) -> Result<Finished, Failure> {
    let frames = runs.iter_mut().filter_map(|run| run.frames.take()).collect();
    let kpis: Vec<Vec<Kpi>> = runs.iter().map(|run| run.kpis.clone()).collect();
    let summaries = summarise(&kpis);
    Ok(Finished { asked, city, frames: Frames::concat(frames)?, kpis, summaries, runs })
}

/// Charts and report as files of the output folder.
fn pictures(finished: &Finished) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let Finished { asked, city, frames, .. } = finished;
    let scenario = &asked.scenario;
    let kpis = report_kpis(finished);
    let assumptions = report::assumptions(scenario);
    let provenance = provenance(asked, finished.runs.len() as u32);
    let view = RunView {
        orders: &frames.orders,
        courier_states: &frames.courier_states,
        stores: &frames.stores,
        couriers: &frames.couriers,
        lost_sessions: &frames.lost_sessions,
        kpis: &kpis,
        assumptions: &assumptions,
        provenance: &provenance,
        width_m: city.width_m,
        height_m: city.height_m,
        warehouse_m: warehouse(finished),
        start_hour: scenario.start_hour,
        horizon_h: scenario.horizon_h,
        warm_up_h: scenario.warm_up_h,
        near_promise_min: mean_promise_min(finished),
        far_promise_min: scenario.promise.far_h * 60.0,
        currency: &scenario.report.currency,
        cell_km: scenario.report.cell_km,
        min_orders_per_cell: scenario.report.min_orders_per_cell,
        look: &asked.look,
    };
    let charts = report::charts(&view)?;
    let replay = replay(finished)?;
    let (files, page) = rayon::join(|| report::chart_files(&charts), || report::html(&view, &charts, replay.as_ref()));
    let mut files = files?;
    files.push(("report.html".to_owned(), page?.into_bytes()));
    Ok(files)
}

/// The first replication as a replay; None of a run whose log was not kept.
fn replay(finished: &Finished) -> Result<Option<Replay>, Failure> {
    let Finished { asked, city, frames, runs, .. } = finished;
    let Some(log) = runs.first().and_then(|run| run.log.as_ref()) else { return Ok(None) };
    Ok(Some(report::replay(&ReplayView {
        scenario: &asked.scenario,
        city,
        log,
        orders: &frames.orders,
        look: &asked.look,
    })?))
}

/// The near-field promise, or its mean where it differs from order to order.
fn mean_promise_min(finished: &Finished) -> f64 {
    let mean = finished.summaries.iter().find(|kpi| kpi.name == "promise_mean_min").map(|kpi| kpi.mean);
    mean.filter(|minutes| minutes.is_finite()).unwrap_or(finished.asked.scenario.promise.near_min)
}

/// The warehouse stands on the map if anything came from it.
fn warehouse(finished: &Finished) -> Option<(f64, f64)> {
    let sent_far = finished.frames.orders.column("far_reason").ok()?;
    let place = finished.city.warehouse;
    (sent_far.null_count() < sent_far.len()).then_some((place.x_m, place.y_m))
}

pub(super) fn provenance(asked: &Asked, replications: u32) -> Provenance {
    let Scenario { label, question, seed, .. } = &asked.scenario;
    Provenance {
        label: label.clone(),
        question: question.clone(),
        scenario_hash: asked.hash.clone(),
        seed: *seed,
        replications,
        version: manifest::VERSION.to_owned(),
        commit: manifest::COMMIT.map(str::to_owned),
    }
}

fn report_kpis(finished: &Finished) -> Vec<report::Kpi> {
    let kpi = |summary: &KpiSummary| report::Kpi {
        name: summary.name.to_owned(),
        label: owned_label(summary.name, finished.asked.scenario.money.perspective, finished.asked.look.language),
        value: summary.mean,
        half_width: (finished.runs.len() > 1).then_some(summary.half_width),
        // The label of a count says what is counted.
        unit: if matches!(summary.unit, "orders" | "violations") { "count" } else { summary.unit }.to_owned(),
    };
    finished.summaries.iter().map(kpi).collect()
}

fn write(
    folder: OutputFolder,
    finished: &Finished,
    files: Vec<(String, Vec<u8>)>,
    events: bool,
    timing: Map<String, Value>,
) -> Result<Committed, Failure> {
    let mut facts = manifest::program();
    facts.extend(manifest::facts(&finished.asked, &finished.city, &finished.runs));
    let ledgers: Vec<_> =
        finished.runs.iter().filter_map(|run| Some((&*finished.city, run.ledger.as_ref()?))).collect();
    let logs: Vec<_> = finished.runs.iter().filter_map(|run| Some((&*finished.city, run.log.as_ref()?))).collect();
    let results = Results {
        scenario_toml: &to_toml(&finished.asked.scenario),
        facts,
        timing,
        kpis: &finished.kpis,
        frames: &finished.frames,
        events: (events && !logs.is_empty()).then(|| events_parquet(&logs)).transpose()?,
        candidates: (!ledgers.is_empty()).then(|| candidates_parquet(&ledgers)).transpose()?,
        files,
    };
    Ok(write_results(folder, &results)?)
}

/// The table for a person, and where to look next.
fn text(finished: &Finished, committed: &Committed, no_report: bool) -> String {
    let scenario = &finished.asked.scenario;
    let n = finished.runs.len();
    let days = match n {
        1 => "one replication".to_owned(),
        n => format!("mean ± half of the 95 % interval over {n} replications"),
    };
    let table = run_table(&finished.summaries, &scenario.report.currency);
    let next = match no_report {
        true => format!("Results  {}", committed.path.display()),
        false => format!("Report   {}", committed.path.join("report.html").display()),
    };
    let margin = format!("\n  Contribution margin is that of the {}\n", whose(scenario.money.perspective));
    let time = value_of_time(scenario);
    format!("{}: {days}, seed {}\n\n{table}{margin}{time}\n{next}\n", scenario.label, scenario.seed)
}

/// A margin means nothing without its owner.
fn whose(perspective: Perspective) -> &'static str {
    match perspective {
        Perspective::Platform => "platform",
        Perspective::Merchant => "merchants",
        Perspective::System => "system, platform and merchants together",
    }
}

/// The label of a KPI, with the owner of the contribution margin.
fn owned_label(name: &str, perspective: Perspective, language: Language) -> String {
    let label = label_in(name, language);
    match (name, language) {
        (
            "contribution_margin_yuan"
            | "contribution_margin_per_order"
            | "contribution_margin_after_markdown_per_order",
            Language::En,
        ) => format!("{label} ({})", perspective.word()),
        _ => label.to_owned(),
    }
}

/// What consumers pay for speed by the weights of the scenario, for a reader to judge; nothing where nobody chooses.
fn value_of_time(scenario: &Scenario) -> String {
    let Some([planner, urgent]) = scenario.value_of_time_yuan() else { return String::new() };
    let (planner, urgent) = (number(planner, 0), number(urgent, 0));
    let currency = &scenario.report.currency;
    format!(
        "  Value of time: half an hour instead of 24 h is worth {planner} {currency} to who plans ahead, {urgent} to who is in a hurry\n"
    )
}

/// The same for a program.
fn json_text(finished: &Finished, committed: &Committed, timing: Map<String, Value>, no_report: bool) -> String {
    let kpi = |summary: &KpiSummary| {
        let value = json!({ "mean": summary.mean, "half_width": summary.half_width, "unit": summary.unit });
        (summary.name.to_owned(), value)
    };
    let mut told = object(json!({
        "output": committed.path.to_string_lossy(),
        "report": (!no_report).then(|| committed.path.join("report.html").to_string_lossy().into_owned()),
        "replaced": committed.replaced,
    }));
    told.extend(manifest::facts(&finished.asked, &finished.city, &finished.runs));
    told.insert("kpis".into(), Value::Object(finished.summaries.iter().map(kpi).collect()));
    told.insert("timing".into(), Value::Object(timing));
    format!("{}\n", Value::Object(told))
}
