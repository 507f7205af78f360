//! `nearfar validate`: simulated KPIs and hourly profiles against observed ones.

use super::actuals::{Known, actuals};
use super::kpi_table::validation_table;
use super::manifest::{self, object};
use super::screen::Screen;
use super::{Failure, print};
use crate::metrics::{HOURLY, KPIS, Kpi, hours_covered};
use crate::report::{self, Look, ValidationView};
use crate::results::{Committed, OutputFolder, ReadError, RunFolder};
use crate::scenario::{self, Scenario};
use crate::study::{Agreement, Observed, Validated, validation_csv};
use crate::table;
use serde_json::{Map, json};
use std::path::{Path, PathBuf};

/// Set observed KPIs and hourly profiles beside the simulated ones: deviation and verdict
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Output folder of a run, such as output/baseline
    run: PathBuf,
    /// Observed figures: columns kpi, hour, value, unit, tolerance (docs/validation.md)
    #[arg(long, value_name = "FILE")]
    actuals: PathBuf,
    /// Folder to write, instead of validate-NAME beside the run
    #[arg(short = 'o', long = "output", value_name = "DIR")]
    output: Option<PathBuf>,
    /// Write into a folder that holds other things; files of other names stay
    #[arg(long)]
    force: bool,
    /// Print nothing but errors
    #[arg(long)]
    quiet: bool,
    /// Print one JSON object instead of tables
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let started = manifest::start();
    let run = RunFolder::open(&arguments.run)?;
    let scenario = run.scenario()?;
    let known = Known { covered: hours_covered(&scenario), currency: &scenario.report.currency };
    let read = table::read(&arguments.actuals).and_then(|table| actuals(&table, &known));
    let observed = read.map_err(Failure::Files)?;
    let folder = OutputFolder::prepare(&output_path(arguments), arguments.force)?;
    let rows = validated(&run, &scenario, &observed)?;
    let committed = write(folder, &run, &scenario, &rows, started)?;
    if committed.replaced {
        Screen::new(arguments.quiet, arguments.json).say(&format!("replaced {}", committed.path.display()));
    }
    match (arguments.json, arguments.quiet) {
        (true, _) => print(&json_text(&rows, &run, &scenario, &committed)),
        (false, true) => Ok(()),
        (false, false) => print(&text(&rows, &run, &scenario, &committed)),
    }
}

/// The figures for a program.
fn json_text(rows: &[Validated], run: &RunFolder, scenario: &Scenario, committed: &Committed) -> String {
    let row = |row: &Validated| {
        json!({
            "kpi": row.observed.kpi,
            "hour": row.observed.hour,
            "unit": row.unit(),
            "observed": row.observed.value,
            "tolerance": row.observed.tolerance,
            "simulated": row.simulated,
            "low": row.low,
            "high": row.high,
            "deviation": row.deviation(),
            "verdict": row.agreement.word(),
        })
    };
    let told = json!({
        "scenario": scenario.name,
        "seed": scenario.seed,
        "replications": run.replications(),
        "output": committed.path.to_string_lossy(),
        "replaced": committed.replaced,
        "verdicts": verdicts(rows).into_iter().map(|(word, n)| (word.to_owned(), n.into())).collect::<Map<_, _>>(),
        "figures": rows.iter().map(row).collect::<Vec<_>>(),
    });
    format!("{told}\n")
}

/// `-o`, or `validate-NAME` beside the run's folder.
fn output_path(arguments: &Arguments) -> PathBuf {
    let run = std::fs::canonicalize(&arguments.run).unwrap_or_else(|_| arguments.run.clone());
    let name = run.file_name().map_or_else(|| "run".into(), |name| name.to_string_lossy().into_owned());
    let beside = arguments.run.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    arguments.output.clone().unwrap_or_else(|| beside.join(format!("validate-{name}")))
}

/// Sets the values of all replications beside each observed one.
fn validated(run: &RunFolder, scenario: &Scenario, observed: &[Observed]) -> Result<Vec<Validated>, Failure> {
    let kpis = run.kpis()?;
    let hourly = observed.iter().any(|row| row.hour.is_some());
    let profiles = if hourly { profiles(run, scenario)? } else { Vec::new() };
    let of_run = |name: &str| {
        let of = |kpis: &Vec<Kpi>| kpis.iter().find(|kpi| kpi.name == name).map_or(f64::NAN, |kpi| kpi.value);
        kpis.iter().map(of).collect::<Vec<f64>>()
    };
    let of_hour = |name: &str, hour: u32| {
        let column = HOURLY.iter().position(|kpi| *kpi == name);
        let of = |profile: &Profile| column.map_or(f64::NAN, |column| profile[hour as usize][column]);
        profiles.iter().map(of).collect::<Vec<f64>>()
    };
    let row = |&row: &Observed| {
        let simulated = row.hour.map_or_else(|| of_run(row.kpi), |hour| of_hour(row.kpi, hour));
        Validated::new(row, &simulated)
    };
    Ok(observed.iter().map(row).collect())
}

/// KPIs with a profile, by clock hour.
type Profile = [[f64; HOURLY.len()]; 24];

fn profiles(run: &RunFolder, scenario: &Scenario) -> Result<Vec<Profile>, Failure> {
    let orders = run.orders()?;
    let path = run.path().join("orders.parquet");
    let profile = |replication| {
        let broken = |source| ReadError::Table { path: path.clone(), source };
        Ok(orders.profile(scenario, replication).map_err(broken)?)
    };
    (0..run.replications()).map(profile).collect()
}

fn write(
    mut folder: OutputFolder,
    run: &RunFolder,
    scenario: &Scenario,
    rows: &[Validated],
    started: std::time::Instant,
) -> Result<Committed, Failure> {
    let hash = scenario::hash(scenario);
    let look = Look::of(scenario)?;
    let (word, seed) = look.say(("scenario", "seed"), ("场景", "随机种子"));
    let source = format!("nearfar {} · {word} {} · {seed} {}", manifest::VERSION, &hash[..8], scenario.seed);
    let view = ValidationView {
        rows,
        label: &scenario.label,
        currency: &scenario.report.currency,
        source: &source,
        replications: run.replications(),
        look: &look,
    };
    folder.add("validation.csv", validation_csv(rows).as_bytes())?;
    for (name, bytes) in report::chart_files(&report::validation_charts(&view))? {
        folder.add(&name, &bytes)?;
    }
    let mut facts = manifest::program();
    facts.extend(object(json!({
        "scenario": scenario.name,
        "scenario_hash": hash,
        "seed": scenario.seed,
        "replications": run.replications(),
        "verdicts": verdicts(rows).into_iter().map(|(word, n)| (word.to_owned(), n.into())).collect::<Map<_, _>>(),
    })));
    let timing = object(json!({ "total_s": (started.elapsed().as_secs_f64() * 1e3).round() / 1e3 }));
    Ok(folder.commit(facts, timing)?)
}

/// How many figures have each verdict, those that occur.
fn verdicts(rows: &[Validated]) -> Vec<(&'static str, usize)> {
    let all = [Agreement::Within, Agreement::Outside, Agreement::NotJudged, Agreement::NoData];
    let count = |verdict: Agreement| rows.iter().filter(|row| row.agreement == verdict).count();
    all.into_iter().map(|verdict| (verdict.word(), count(verdict))).filter(|(_, n)| *n > 0).collect()
}

/// The tables for a person, and where to look next.
fn text(rows: &[Validated], run: &RunFolder, scenario: &Scenario, committed: &Committed) -> String {
    let currency = &scenario.report.currency;
    let whole: Vec<&Validated> = rows.iter().filter(|row| row.observed.hour.is_none()).collect();
    let mut tables = Vec::new();
    if !whole.is_empty() {
        tables.push(validation_table(&whole, currency));
    }
    for definition in KPIS {
        let mut hours: Vec<&Validated> =
            rows.iter().filter(|row| row.observed.hour.is_some() && row.observed.kpi == definition.name).collect();
        hours.sort_by_key(|row| row.observed.hour);
        if !hours.is_empty() {
            tables.push(format!(
                "{}, by clock hour of orders placed\n{}",
                definition.label,
                validation_table(&hours, currency)
            ));
        }
    }
    let counts: Vec<String> = verdicts(rows).iter().map(|(word, n)| format!("{n} {word}")).collect();
    let n = run.replications();
    let days = if n == 1 { "one simulated day".to_owned() } else { format!("{n} simulated days") };
    let rule = match rows.iter().any(|row| row.observed.tolerance.is_none()) && n > 1 {
        true => "\"within\": off by no more than the tolerance; without one, where 95 % of simulated days lie\n",
        false => "\"within\": off by no more than the tolerance\n",
    };
    let hint = match rows.iter().any(|row| row.agreement == Agreement::NotJudged) {
        true => "\"not judged\": give a tolerance, or simulate with --replications 10\n",
        false => "",
    };
    let head = format!("{}: observed figures beside {days}, seed {}", scenario.label, scenario.seed);
    let table = committed.path.join("validation.csv");
    let charts = committed.path.join("charts");
    format!(
        "{head}\n\n{}\n{}\n{rule}{hint}\nTable    {}\nCharts   {}\n",
        tables.join("\n"),
        counts.join(", "),
        table.display(),
        charts.display()
    )
}
