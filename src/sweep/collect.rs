//! Room: sweep. From chunks to results: one tidy table of runs, a summary of points, and which runs are still missing.

use super::chunk::{self, Done, Row};
use super::folder::{SweepFolder, factor_columns, publish};
use super::store::{text_column, whole_column};
use super::{SweepError, run_id};
use crate::metrics::{KPIS, definition, parquet_bytes};
use crate::results::shell_path;
use crate::statistics::Confidence;
use crate::statistics::sequential::{Progress, StopRule, Target};
use crate::statistics::student::mean_and_half_width;
use polars::prelude::*;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Replications beyond a stop at which the rule must hold as well.
const LOOK_AHEAD: u32 = 5;

/// The collected runs of a sweep.
#[derive(Debug)]
pub struct Collected {
    /// Every run, by point and replication.
    pub rows: Vec<Row>,
    /// Runs that are planned and not done; 0 unless a part was asked for.
    pub missing: u64,
    /// Chunks left out, and why.
    pub ignored: Vec<String>,
    /// Runs that failed.
    pub failed: u64,
    /// Violations of the audit, over all runs.
    pub violations: u64,
}

impl Collected {
    /// Mean of a KPI over the replications of a point, half of its 95 % interval, and how many have a value.
    pub fn at(&self, point: usize, kpi: &str) -> (f64, f64, usize) {
        let values = values_of(&self.rows, point, kpi);
        let (mean, half_width) = mean_and_half_width(&values, Confidence::default());
        (mean, half_width, values.len())
    }
}

/// How many runs are done, failed and missing.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct State {
    /// Planned, extensions included.
    pub planned: u64,
    /// Done without failure.
    pub fine: u64,
    /// Failed.
    pub failed: u64,
}

impl State {
    /// Not done.
    pub fn missing(self) -> u64 {
        self.planned - self.fine - self.failed
    }
}

/// How far the runs of a folder are, and what was left out of the count.
pub fn missing(folder: &SweepFolder) -> Result<(State, Vec<String>), SweepError> {
    let known = chunk::known(folder)?;
    let mut state = State { planned: folder.runs(), ..State::default() };
    for ((point, replication), done) in &known.done {
        if folder.replications().get(*point as usize).is_some_and(|count| replication < count) {
            match done {
                Done::Fine => state.fine += 1,
                Done::Failed => state.failed += 1,
            }
        }
    }
    Ok((state, known.ignored))
}

/// Writes results.parquet, results.csv and summary.csv from the chunks. Unless `partial`, every planned run must be there.
pub fn collect(folder: &SweepFolder, partial: bool) -> Result<Collected, SweepError> {
    let (mut rows, ignored) = chunk::rows(folder)?;
    rows.retain(|row| folder.replications().get(row.point as usize).is_some_and(|count| row.replication < *count));
    let missing = folder.runs() - rows.len() as u64;
    if missing > 0 && !partial {
        let found = format!("{}: {missing} of {} runs are missing", folder.path().display(), folder.runs());
        let help = format!(
            "nearfar sweep run {0} does them; nearfar sweep collect {0} --partial takes what is there",
            shell_path(folder.path())
        );
        return Err(SweepError::Input(found, help));
    }
    let audit = KPIS.iter().position(|kpi| kpi.name == "audit_violations");
    let violations = rows.iter().filter_map(|row| row.values.get(audit?)).map(|count| *count as u64).sum();
    let failed = rows.iter().filter(|row| row.error.is_some()).count() as u64;
    let collected = Collected { rows, missing, ignored, failed, violations };
    let table = table(folder, &collected.rows)?;
    let facts = provenance(folder, &collected);
    let pairs = [
        ("nearfar.sweep", facts.to_string()),
        ("nearfar.units", units(folder).to_string()),
        ("nearfar.plan", folder.plan().hash.clone()),
        ("nearfar.build", chunk::build()),
    ];
    let at = folder.path();
    publish(at, "results.parquet", &parquet_bytes(&table, &pairs)?)?;
    publish(at, "results.csv", results_csv(folder, &collected.rows).as_bytes())?;
    publish(at, "summary.csv", summary_csv(folder, &collected.rows).as_bytes())?;
    publish(at, "methods.md", super::methods::methods(folder, &collected).as_bytes())?;
    publish(at, "provenance.json", format!("{facts:#}\n").as_bytes())?;
    Ok(collected)
}

/// The tidy table: a row for each run.
fn table(folder: &SweepFolder, rows: &[Row]) -> Result<DataFrame, SweepError> {
    let plan = folder.plan();
    let points: Vec<usize> = rows.iter().map(|row| row.point as usize).collect();
    let of_point = |text: &dyn Fn(usize) -> String| points.iter().map(|point| text(*point)).collect::<Vec<_>>();
    let mut columns = vec![
        text_column("run_id", rows.iter().map(|row| run_id(row.point as usize, row.replication)).collect()),
        whole_column("point", rows.iter().map(|row| row.point).collect()),
        text_column("point_id", of_point(&|point| plan.points[point].id.clone())),
        text_column("scenario", of_point(&|point| plan.facts.scenarios[plan.points[point].scenario].name.clone())),
        text_column("role", of_point(&|point| plan.points[point].role.clone())),
        whole_column("replication", rows.iter().map(|row| row.replication).collect()),
        Column::new("seed".into(), vec![plan.facts.seed as i64; rows.len()]),
    ];
    columns.extend(factor_columns(plan, &points));
    for (index, definition) in KPIS.iter().enumerate() {
        let values = rows.iter().map(|row| row.values.get(index).copied().filter(|value| value.is_finite()));
        columns.push(Column::new(definition.name.into(), values.collect::<Vec<Option<f64>>>()));
    }
    columns.push(text_column("status", rows.iter().map(|row| status(row).to_owned()).collect()));
    columns.push(Column::new("error".into(), rows.iter().map(|row| row.error.clone()).collect::<Vec<_>>()));
    columns.push(text_column("again", rows.iter().map(again).collect()));
    Ok(DataFrame::new(rows.len(), columns)?)
}

fn status(row: &Row) -> &'static str {
    if row.error.is_some() { "failed" } else { "ok" }
}

/// The command, given in the folder, that does this run again with everything a single run leaves.
fn again(row: &Row) -> String {
    format!("nearfar run --from . --run-id {}", run_id(row.point as usize, row.replication))
}

/// Unit of every factor and KPI.
fn units(folder: &SweepFolder) -> Value {
    let factors = folder.plan().facts.factors.iter().map(|factor| (factor.column(), Value::from(factor.unit())));
    let kpis = KPIS.iter().map(|kpi| (kpi.name.to_owned(), Value::from(kpi.unit)));
    Value::Object(factors.chain(kpis).collect::<Map<_, _>>())
}

/// What the results are made of; the same wherever and however they were made.
fn provenance(folder: &SweepFolder, collected: &Collected) -> Value {
    let plan = folder.plan();
    json!({
        "program": "nearfar",
        "version": env!("CARGO_PKG_VERSION"),
        "commit": option_env!("NEARFAR_COMMIT"),
        "study": plan.facts.name,
        "plan_hash": plan.hash,
        "seed": plan.facts.seed,
        "design": plan.facts.design.word(),
        "scenarios": plan.facts.scenarios.iter().map(|it| (it.name.clone(), Value::from(it.hash.clone()))).collect::<Map<_, _>>(),
        "points": plan.points.len(),
        "runs": collected.rows.len(),
        "runs_failed": collected.failed,
        "runs_missing": collected.missing,
        "partial": collected.missing > 0,
        "audit_violations": collected.violations,
    })
}

/// A cell of a CSV file.
pub(super) fn cell(text: &str) -> String {
    match text.contains([',', '"', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

fn number(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}

fn results_csv(folder: &SweepFolder, rows: &[Row]) -> String {
    let plan = folder.plan();
    let factors: Vec<String> = plan.facts.factors.iter().map(|factor| cell(&factor.column())).collect();
    let kpis: Vec<&str> = KPIS.iter().map(|kpi| kpi.name).collect();
    let names = ["run_id", "point", "point_id", "scenario", "role", "replication", "seed"].map(str::to_owned);
    let last = ["status", "error", "again"].map(str::to_owned);
    let header = names.into_iter().chain(factors).chain(kpis.into_iter().map(str::to_owned)).chain(last);
    let mut csv = header.collect::<Vec<_>>().join(",") + "\n";
    for row in rows {
        let point = &plan.points[row.point as usize];
        let mut cells = vec![
            run_id(row.point as usize, row.replication),
            row.point.to_string(),
            point.id.clone(),
            cell(&plan.facts.scenarios[point.scenario].name),
            cell(&point.role),
            row.replication.to_string(),
            plan.facts.seed.to_string(),
        ];
        cells.extend(point.levels.iter().map(|level| cell(&level.shown())));
        cells.extend((0..KPIS.len()).map(|kpi| number(row.values.get(kpi).copied().unwrap_or(f64::NAN))));
        cells.extend([status(row).to_owned(), cell(row.error.as_deref().unwrap_or("")), again(row)]);
        csv += &(cells.join(",") + "\n");
    }
    csv
}

/// A row for each point and KPI of the file: mean and 95 % interval over its replications.
fn summary_csv(folder: &SweepFolder, rows: &[Row]) -> String {
    let plan = folder.plan();
    let factors: Vec<String> = plan.facts.factors.iter().map(|factor| cell(&factor.column())).collect();
    let mut csv = format!("point,point_id,scenario,{},kpi,unit,n,mean,half_width,low,high\n", factors.join(","));
    for (index, point) in plan.points.iter().enumerate() {
        let levels: Vec<String> = point.levels.iter().map(|level| cell(&level.shown())).collect();
        for kpi in plan.facts.metrics() {
            let values = values_of(rows, index, kpi);
            let (mean, half_width) = mean_and_half_width(&values, Confidence::default());
            let scenario = cell(&plan.facts.scenarios[point.scenario].name);
            let unit = definition(kpi).map_or("", |definition| definition.unit);
            let ends = [mean, half_width, mean - half_width, mean + half_width].map(number).join(",");
            let _ = writeln!(
                csv,
                "{index},{},{scenario},{},{kpi},{unit},{},{ends}",
                point.id,
                levels.join(","),
                values.len()
            );
        }
    }
    csv
}

/// The values of a KPI at a point, by replication, where there are any. `rows` are in the order of the points.
pub(super) fn values_of(rows: &[Row], point: usize, kpi: &str) -> Vec<f64> {
    let Some(column) = KPIS.iter().position(|definition| definition.name == kpi) else { return Vec::new() };
    let begin = rows.partition_point(|row| (row.point as usize) < point);
    let mine = rows[begin..].iter().take_while(|row| row.point as usize == point);
    mine.filter_map(|row| row.values.get(column).copied()).filter(|value| value.is_finite()).collect()
}

/// Replications that the rules of the plan ask for at each point, given those that are there; `None` if all are content
/// or can have no more.
///
/// A rule is content after n replications, n at least the plan's minimum, if the half-width is small enough at n and at the
/// next five counts. Until then a point gets as many as its present spread suggests, at least five more, at most as many
/// again.
pub fn wanted(folder: &SweepFolder) -> Result<Option<Vec<u32>>, SweepError> {
    let rules = &folder.plan().facts.replications;
    if rules.stop.is_empty() {
        return Ok(None);
    }
    let (rows, _) = chunk::rows(folder)?;
    let mut wanted = folder.replications().to_vec();
    for (point, count) in wanted.iter_mut().enumerate() {
        if folder.plan().points[point].problem.is_some() {
            continue;
        }
        let asks = rules.stop.iter().filter_map(|rule| more(rule, rules.min, &values_of(&rows, point, &rule.metric)));
        if let Some(needed) = asks.max() {
            *count = needed.clamp(*count + LOOK_AHEAD, *count * 2).min(rules.max).max(*count);
        }
    }
    Ok((wanted != folder.replications()).then_some(wanted))
}

/// Replications that a rule asks for at a point, from its present spread; `None` if it is content or can tell nothing.
fn more(rule: &super::StopRule, least: u32, values: &[f64]) -> Option<u32> {
    let target = if rule.relative { Target::Relative(rule.half_width) } else { Target::Absolute(rule.half_width) };
    let stop = StopRule::new(target).ok()?.with_confidence(Confidence::new(rule.confidence).ok()?);
    match stop.with_first(least as usize).ok()?.with_look_ahead(LOOK_AHEAD as usize).judge(values) {
        Progress::NotYet { half_width, wanted, .. } if half_width.is_finite() => {
            let needed = values.len() as f64 * (half_width / wanted).powi(2) + f64::from(LOOK_AHEAD);
            Some(needed.min(f64::from(u32::MAX)) as u32)
        }
        _ => None,
    }
}
