//! Room: sweep. From factors and a design to points: the level of every factor, and what the point is for.

use super::SweepError;
use super::factor::{Apply, Factor, FactorKind, Level, Span};
use super::file::{Design, SweepFile};
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
        Design::Grid => grid(&factors.iter().map(levels).collect::<Vec<_>>()),
        Design::Zip => {
            let count = factors.first().map_or(0, |factor| levels(factor).len());
            (0..count).map(|row| plain(factors.iter().map(|factor| levels(factor)[row].clone()).collect())).collect()
        }
        Design::List => file.points.iter().cloned().map(plain).collect(),
        Design::Csv => return csv(file),
        sampled => sample(sampled, file, seed),
    };
    Ok((factors, points))
}

/// Every combination, the last factor fastest.
fn grid(levels: &[Vec<Level>]) -> Vec<Chosen> {
    let mut points = vec![Vec::new()];
    for factor in levels {
        points = points
            .iter()
            .flat_map(|point: &Vec<Level>| {
                factor.iter().map(move |level| point.iter().cloned().chain([level.clone()]).collect())
            })
            .collect();
    }
    points.into_iter().map(plain).collect()
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

fn sample(_: Design, _: &SweepFile, _: u64) -> Vec<Chosen> {
    Vec::new()
}
