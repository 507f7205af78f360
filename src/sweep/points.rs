//! Room: sweep. From factors and a design to points: the level of every factor, and what the point is for.

use super::SweepError;
use super::factor::{Apply, Factor, FactorKind, Level, Span};
use super::file::{Design, SweepFile};
use crate::design::{self, DesignError, Role};
use crate::table;
use std::path::Path;

/// A point of the design before it meets a scenario.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Chosen {
    /// What an analysis needs to know of it, such as `A`, `B` or `AB2`; empty where a design has no roles.
    pub(super) role: String,
    /// One level for each factor.
    pub(super) levels: Vec<Level>,
}

fn plain(levels: Vec<Level>) -> Chosen {
    Chosen { role: String::new(), levels }
}

/// The points of a sweep file, and its factors (a CSV file of points brings its own).
pub(super) fn points(file: &SweepFile, seed: u64) -> Result<(Vec<Factor>, Vec<Chosen>), SweepError> {
    let factors = file.factors.clone();
    let levels = |factor: &Factor| factor.levels().map(<[Level]>::to_vec).unwrap_or_default();
    let points = match file.design {
        Design::Grid => wanted(design::grid(&factors.iter().map(levels).collect::<Vec<_>>()))?,
        Design::Zip => wanted(design::zip(&factors.iter().map(levels).collect::<Vec<_>>()))?,
        Design::List => file.points.iter().cloned().map(plain).collect(),
        Design::Csv => return csv(file),
        _ => sample(file, &factors, seed).map_err(refused)?,
    };
    Ok((factors, points))
}

fn refused(error: DesignError) -> SweepError {
    SweepError::Input(error.to_string(), "docs/sweeps.md tells what each design needs".into())
}

fn wanted(points: Result<Vec<Vec<Level>>, DesignError>) -> Result<Vec<Chosen>, SweepError> {
    Ok(points.map_err(refused)?.into_iter().map(plain).collect())
}

/// The rows of a table of points: one column for each factor, named by its key, `KEY.scale` or `KEY.add`.
fn csv(file: &SweepFile) -> Result<(Vec<Factor>, Vec<Chosen>), SweepError> {
    let path = file.design_file.as_deref().unwrap_or(Path::new(""));
    let table = table::read(path).map_err(SweepError::Table)?;
    if table.is_empty() {
        let problem = table::Problem::of_file(&table.file, "no row below the header", "");
        return Err(SweepError::Table(vec![problem.help("write one row for each point")]));
    }
    let level = |cell: &str| match (cell, cell.parse::<f64>()) {
        ("true", _) => Level::Flag(true),
        ("false", _) => Level::Flag(false),
        (_, Ok(number)) if number.is_finite() => Level::Number(number),
        _ => Level::Text(cell.to_owned()),
    };
    let row = |row| plain((0..table.columns.len()).map(|column| level(table.cell(row, column))).collect());
    Ok((table.columns.iter().map(|name| column(name)).collect(), (0..table.len()).map(row).collect()))
}

/// The factor that a column of a table of points stands for.
fn column(name: &str) -> Factor {
    let (key, apply) = match name.rsplit_once('.') {
        Some((key, "scale")) => (key, Apply::Scale),
        Some((key, "add")) => (key, Apply::Add),
        _ => (name, Apply::Set),
    };
    let span = Span::Levels(Vec::new());
    Factor { key: key.to_owned(), label: key.to_owned(), kind: FactorKind::Lever, apply, span, line: 1 }
}

/// Points between bounds, with what an analysis needs to know of each.
fn sample(file: &SweepFile, factors: &[Factor], seed: u64) -> Result<Vec<Chosen>, DesignError> {
    let chosen = |role: String, unit: &[f64]| Chosen {
        role,
        levels: factors.iter().zip(unit).map(|(factor, place)| factor.at(*place)).collect(),
    };
    let (samples, count) = (file.samples as usize, factors.len());
    Ok(match file.design {
        Design::Lhs => {
            let points = design::lhs(samples, count, lhs_tries(samples), seed)?;
            points.iter().map(|unit| chosen(String::new(), unit)).collect()
        }
        Design::Sobol => design::sobol(samples, count)?.iter().map(|unit| chosen(String::new(), unit)).collect(),
        Design::Saltelli => {
            let role = |role| match role {
                Role::A => "A".to_owned(),
                Role::B => "B".to_owned(),
                Role::AB(factor) => format!("AB{}", factor + 1),
            };
            let points = design::saltelli(samples, count)?;
            points.iter().map(|point| chosen(format!("{}.{}", role(point.role), point.row), &point.values)).collect()
        }
        _ => {
            let walks = design::morris(file.trajectories as usize, count, MORRIS_LEVELS, seed)?;
            let mut points = Vec::new();
            for (number, walk) in walks.iter().enumerate() {
                let steps = walk.points.iter().enumerate();
                points.extend(steps.map(|(step, unit)| chosen(format!("T{number}.{step}"), unit)));
            }
            points
        }
    })
}

/// Levels of Morris' design, as its author took them.
pub(super) const MORRIS_LEVELS: usize = 4;

/// Latin hypercubes tried for the evenest; comparing all pairs of a large one costs more than it gains.
fn lhs_tries(samples: usize) -> usize {
    if samples <= 500 { 20 } else { 1 }
}
