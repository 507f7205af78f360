//! Room: sweep. The knee of a lever: from where on more of it brings little, and how little of it is enough.

use super::super::{FactorKind, Level, SweepError};
use super::axes::{Axis, axes, is_factorial, unit_of};
use super::settings::Lever;
use super::sheet::Sheet;
use super::study::Study;
use super::{Asked, each, refused};
use crate::statistics::knee::{KneeInterval, knee_interval, moves};
use crate::statistics::{Direction, Estimate, StatisticsError};

/// Levels without which no curve has a knee.
const FEWEST: usize = 4;

/// A KPI at a level of the lever.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Stop {
    /// The level.
    pub x: f64,
    /// The KPI there, the mean over all else that varies; its interval is over replications.
    pub value: Estimate,
    /// How much worse it is than at the highest level, replication by replication; above 0 is worse. NaN for a KPI that is
    /// neither good nor bad.
    pub worse: Estimate,
}

/// A KPI along a lever.
#[derive(Clone, PartialEq, Debug)]
pub struct Curve {
    /// The KPI.
    pub metric: &'static str,
    /// The scenario.
    pub scenario: String,
    /// Column of the lever.
    pub factor: String,
    /// What people call the lever.
    pub label: String,
    /// Unit of its levels.
    pub unit: &'static str,
    /// The level of a second factor that the curve is drawn at; `None` if it is the mean over all others.
    pub by: Option<Lever>,
    /// Its levels, ascending.
    pub stops: Vec<Stop>,
    /// The knee of the mean curve and of each replication.
    pub knee: KneeInterval,
    /// The difference not worth having more of the lever for, in the unit of the KPI.
    pub tolerance: f64,
    /// Place of the lowest level from which on no level is worse than the highest by more than the tolerance, beyond chance;
    /// `None` where the highest level is not shown to be better than the lowest.
    pub enough: Option<usize>,
}

impl Curve {
    /// The interval of the knee over replications, within the levels that were run; nothing lies beyond them. `None` without
    /// a knee or an interval.
    pub fn knee_ends(&self) -> Option<(f64, f64)> {
        let (first, last) = (self.stops.first()?.x, self.stops.last()?.x);
        let estimate = self.knee.of_mean.map(|_| &self.knee.estimate).filter(|it| it.half_width.is_finite())?;
        Some((estimate.low().clamp(first, last), estimate.high().clamp(first, last)))
    }
}

pub(super) fn knee(study: &Study, asked: &Asked, notes: &mut Vec<String>) -> Result<Vec<Curve>, SweepError> {
    each(asked, notes, |metric, notes| {
        let mut found = Vec::new();
        for scenario in 0..study.plan().facts.scenarios.len() {
            found.extend(of(study, asked, metric, scenario, notes)?);
        }
        Ok(found)
    })
}

fn of(
    study: &Study,
    asked: &Asked,
    metric: &'static str,
    scenario: usize,
    notes: &mut Vec<String>,
) -> Result<Vec<Curve>, SweepError> {
    let plan = study.plan();
    let points = study.of_scenario(scenario);
    let axes: Vec<Axis> = axes(plan, &points).into_iter().filter(|axis| axis.factor.is_some()).collect();
    let wanted = |axis: &&Axis| match &asked.x {
        Some(name) => axis.name == *name,
        None => axis.factor.is_some_and(|factor| plan.facts.factors[factor].kind == FactorKind::Lever),
    };
    let fit = |axis: &&Axis| axis.is_numeric() && axis.levels.len() >= FEWEST;
    let levers: Vec<&Axis> = axes.iter().filter(wanted).filter(fit).collect();
    if levers.is_empty() {
        let found = format!("no lever with {FEWEST} or more levels that are numbers");
        return refused(found, "a knee needs such a lever, or --x KEY with another factor");
    }
    if !is_factorial(&axes, points.len()) {
        let found = "the points do not cross all levels of the factors, so that a curve would mix in others";
        return refused(found, "a knee needs design = \"grid\"");
    }
    let mut found = Vec::new();
    for lever in levers {
        for (by, points) in slices(&axes, &points, lever, asked)? {
            let axes = self::axes(plan, &points);
            let Some(axis) = axes.iter().find(|axis| axis.name == lever.name) else { continue };
            let part = Part { scenario: plan.facts.scenarios[scenario].name.clone(), by, points: &points, axis };
            found.push(curve(study, asked, metric, part, notes)?);
        }
    }
    Ok(found)
}

/// The level of a second factor, if one is asked for, and the points that have it.
type Slice = (Option<Lever>, Vec<usize>);

/// The points of each curve: all, or those of each level of the second factor that is asked for.
fn slices(axes: &[Axis], points: &[usize], lever: &Axis, asked: &Asked) -> Result<Vec<Slice>, SweepError> {
    let Some(name) = &asked.by else { return Ok(vec![(None, points.to_vec())]) };
    let others = || axes.iter().filter(|axis| axis.name != lever.name);
    let Some(by) = others().find(|axis| axis.name == *name) else {
        let names: Vec<&str> = others().map(|axis| axis.name.as_str()).collect();
        let found = format!("--by {name}: no other factor beside {} is called so", lever.name);
        return refused(found, format!("factors here: {}", names.join(", ")));
    };
    let slice = |(place, level): (usize, &Level)| {
        let here = by.places(place).into_iter().map(|place| points[place]).collect();
        (Some(Lever { name: by.name.clone(), level: level.clone() }), here)
    };
    Ok(by.levels.iter().enumerate().map(slice).collect())
}

/// What a curve is drawn through.
struct Part<'a> {
    scenario: String,
    by: Option<Lever>,
    points: &'a [usize],
    axis: &'a Axis,
}

fn curve(
    study: &Study,
    asked: &Asked,
    metric: &'static str,
    part: Part<'_>,
    notes: &mut Vec<String>,
) -> Result<Curve, SweepError> {
    let Part { scenario, by, points, axis } = part;
    let common = study.common(metric, points);
    let at = |level: usize| axis.places(level).into_iter().map(|place| points[place]).collect::<Vec<_>>();
    let whole = |level: &usize| at(*level).iter().all(|point| common.points.binary_search(point).is_ok());
    let levels: Vec<usize> = (0..axis.levels.len()).filter(whole).collect();
    if levels.len() < axis.levels.len() {
        let count = axis.levels.len() - levels.len();
        notes.push(format!(
            "{metric}: {count} levels of {} are left out: not all of their runs have a value",
            axis.name
        ));
    }
    let Some(last) = levels.last() else {
        return Err(StatisticsError::TooFew { what: "levels with a value", found: 0, needed: FEWEST }.into());
    };
    let numbers = axis.numbers();
    let x: Vec<f64> = levels.iter().map(|level| numbers[*level]).collect();
    let by_level: Vec<Vec<f64>> =
        levels.iter().map(|level| study.across(metric, &at(*level), &common.replications)).collect();
    let curves: Vec<Vec<f64>> =
        (0..common.replications.len()).map(|r| by_level.iter().map(|level| level[r]).collect()).collect();
    let highest = study.across(metric, &at(*last), &common.replications);
    let direction = asked.direction(metric);
    let sign = match direction {
        Some(Direction::Lower) => 1.0,
        Some(Direction::Higher) => -1.0,
        None => f64::NAN,
    };
    let together = asked.confidence.shared_by(levels.len() - 1);
    let stop = |(x, values): (&f64, &Vec<f64>)| {
        let worse: Vec<f64> = values.iter().zip(&highest).map(|(here, there)| sign * (here - there)).collect();
        Stop { x: *x, value: Estimate::of(values, asked.confidence), worse: Estimate::of(&worse, together) }
    };
    let stops: Vec<Stop> = x.iter().zip(&by_level).map(stop).collect();
    let tolerance = asked.indifference.of(stops[stops.len() - 1].value.mean);
    let pays = stops[0].worse.low() > 0.0;
    let mut knee = knee_interval(&x, &curves, asked.confidence)?;
    if moves(&curves, asked.confidence) == Some(false) {
        notes.push(format!("{metric}: no level of {} differs from the others by more than chance: no knee", axis.name));
        knee.of_mean = None;
    }
    Ok(Curve {
        metric,
        scenario,
        factor: axis.name.clone(),
        label: axis.label.clone(),
        unit: axis.unit,
        by,
        knee,
        tolerance,
        enough: if pays { enough(&stops, tolerance) } else { None },
        stops,
    })
}

/// The first level from which on all are surely within the tolerance of the highest.
fn enough(stops: &[Stop], tolerance: f64) -> Option<usize> {
    let short = |stop: &Stop| stop.worse.high() > tolerance;
    let first = stops.iter().rposition(short).map_or(0, |place| place + 1);
    (first < stops.len()).then_some(first)
}

/// A row of the table.
struct Row<'a> {
    curve: &'a Curve,
    row: &'static str,
    x: f64,
    value: f64,
    half_width: f64,
    n: usize,
    worse: Option<&'a Estimate>,
}

impl Row<'_> {
    fn ends(&self) -> (f64, f64) {
        let ends = (self.value - self.half_width, self.value + self.half_width);
        if self.row == "knee" { self.curve.knee_ends().unwrap_or(ends) } else { ends }
    }
}

pub(super) fn sheet(found: &[Curve]) -> Sheet {
    let rows: Vec<Row<'_>> = found.iter().flat_map(rows).collect();
    let worse = |of: fn(&Estimate) -> f64| move |row: &Row<'_>| row.worse.map_or(f64::NAN, of);
    Sheet::of(&rows)
        .text("metric", |row| row.curve.metric)
        .text("unit", |row| unit_of(row.curve.metric))
        .text("scenario", |row| row.curve.scenario.clone())
        .text("factor", |row| row.curve.factor.clone())
        .text("by", |row| row.curve.by.as_ref().map_or(String::new(), |by| by.name.clone()))
        .text("by_level", |row| row.curve.by.as_ref().map_or(String::new(), |by| by.level.shown()))
        .text("row", |row| row.row)
        .number("x", |row| row.x)
        .number("value", |row| row.value)
        .number("half_width", |row| row.half_width)
        .number("low", |row| row.ends().0)
        .number("high", |row| row.ends().1)
        .number("n", |row| row.n as f64)
        .number("worse_than_highest", worse(|it| it.mean))
        .number("worse_low", worse(Estimate::low))
        .number("worse_high", worse(Estimate::high))
        .number("tolerance", |row| row.curve.tolerance)
        .done()
}

/// The curve; then `knee`, whose value is a level of the lever with its interval over replications, and `enough`.
fn rows(curve: &Curve) -> Vec<Row<'_>> {
    let stop = |stop: &'_ Stop| (stop.x, stop.value);
    let mut rows: Vec<Row<'_>> = Vec::new();
    for it in &curve.stops {
        let (x, value) = stop(it);
        let (value, half_width, n) = (value.mean, value.half_width, value.n);
        rows.push(Row { curve, row: "level", x, value, half_width, n, worse: Some(&it.worse) });
    }
    if let Some(knee) = curve.knee.of_mean {
        let half_width = curve.knee.estimate.half_width;
        let n = curve.knee.estimate.n;
        rows.push(Row { curve, row: "knee", x: knee.x, value: knee.x, half_width, n, worse: None });
    }
    if let Some(place) = curve.enough {
        let x = curve.stops[place].x;
        let n = curve.stops[place].value.n;
        rows.push(Row { curve, row: "enough", x, value: x, half_width: f64::NAN, n, worse: None });
    }
    rows
}
