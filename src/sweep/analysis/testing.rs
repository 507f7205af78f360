//! Made-up sweeps: a real plan folder, real chunks and a real collect, with values of a function in place of simulations.

use super::super::chunk::{self, Row};
use super::super::{Plan, PlanFacts, Planned, PlannedScenario, Point, SweepFile, SweepFolder, collect, freeze};
use super::super::{plan, points};
use super::Study;
use crate::metrics::KPIS;
use crate::scenario::{self, Scenario};
use std::path::Path;
use tempfile::TempDir;

/// What a run gives: the numbers of its levels and its replication → values of some KPIs; `None` if it fails.
pub(super) type Model<'a> = &'a dyn Fn(&[f64], u32) -> Option<Vec<(&'static str, f64)>>;

/// A folder with collected results of a sweep file (without `scenarios`), each run being the model's.
pub(super) fn made_up(text: &str, model: Model<'_>) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("study");
    let text = format!("scenarios = ['made-up.toml']\n{text}");
    let file = SweepFile::parse("made-up.toml", &text, Path::new(""), "study").unwrap();
    let (factors, chosen) = points::points(&file, 7).unwrap();
    let scenario = Scenario { name: "made-up".into(), label: "Made up".into(), ..Scenario::default() };
    let facts = PlanFacts {
        plan_schema: plan::PLAN_SCHEMA,
        version: "test".into(),
        name: file.name.clone(),
        label: file.label.clone(),
        question: String::new(),
        seed: 7,
        design: file.design,
        samples: file.samples,
        trajectories: file.trajectories,
        scenarios: vec![PlannedScenario {
            name: scenario.name.clone(),
            label: scenario.label.clone(),
            hash: scenario::hash(&scenario),
        }],
        factors,
        metrics: file.metrics.iter().map(|name| (*name).to_owned()).collect(),
        replications: file.replications.clone(),
    };
    let point = |(index, chosen): (usize, points::Chosen)| Point {
        scenario: 0,
        role: chosen.role,
        levels: chosen.levels,
        id: format!("{index:012x}"),
        problem: None,
    };
    let points: Vec<Point> = chosen.into_iter().enumerate().map(point).collect();
    let made = Plan { hash: plan::hash(&facts, &points), facts, points };
    freeze(&Planned { plan: made, scenarios: vec![scenario], notices: Vec::new() }, &folder).unwrap();
    let folder = SweepFolder::open(&folder).unwrap();
    chunk::put(&folder, rows(&folder, model)).unwrap();
    collect(&folder, false).unwrap();
    home
}

fn rows(folder: &SweepFolder, model: Model<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (index, point) in folder.plan().points.iter().enumerate() {
        let numbers: Vec<f64> = point.levels.iter().map(|level| level.number().unwrap_or(f64::NAN)).collect();
        for replication in 0..folder.replications()[index] {
            let mut row = Row { point: index as u32, replication, error: None, values: Vec::new() };
            match model(&numbers, replication) {
                None => row.error = Some("made to fail".into()),
                Some(given) => {
                    row.values = vec![f64::NAN; KPIS.len()];
                    for (name, value) in given {
                        row.values[KPIS.iter().position(|kpi| kpi.name == name).unwrap()] = value;
                    }
                }
            }
            rows.push(row);
        }
    }
    rows
}

/// Opens the results that [`made_up`] left.
pub(super) fn study(home: &TempDir, metrics: &[&'static str]) -> Study {
    Study::read(SweepFolder::open(&home.path().join("study")).unwrap(), metrics, false).unwrap()
}

/// A number that differs from replication to replication and averages to about 0.
pub(super) fn chance(replication: u32) -> f64 {
    f64::from(replication * 7 % 10) - 4.5
}

#[track_caller]
pub(super) fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found}, not {expected} within {tolerance}");
}
