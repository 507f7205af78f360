//! Room: sweep. Where near and far break even: the difference of two KPIs over two factors, its zero line and the band around it.

use super::super::SweepError;
use super::axes::{Axis, axes, is_factorial, unit_of};
use super::sheet::Sheet;
use super::study::Study;
use super::{Asked, refused};
use crate::metrics::{Better, definition};
use crate::statistics::break_even::{BreakEven, Line, Surface as Values, break_even as method};
use crate::statistics::{Direction, Estimate};

/// Two KPIs of one unit, one set against the other.
#[derive(Clone, PartialEq, Debug)]
pub struct Contrast {
    /// What the difference is called, such as `margin`.
    pub name: String,
    /// The KPI it is taken of.
    pub a: &'static str,
    /// The KPI taken off.
    pub b: &'static str,
    /// What the first stands for: `near`, or the KPI.
    pub a_word: String,
    /// What the second stands for: `far`, or the KPI.
    pub b_word: String,
}

impl Contrast {
    /// Near against far: margin, cost, carbon and promises kept.
    pub const PRESETS: [(&'static str, &'static str, &'static str); 4] = [
        ("margin", "contribution_margin_per_order_near", "contribution_margin_per_order_far"),
        ("cost", "cost_per_order_near", "cost_per_order_far"),
        ("carbon", "co2e_per_order_near_g", "co2e_per_order_far_g"),
        ("promise", "on_time_share", "far_on_time_share"),
    ];

    /// One of the presets, or `A-B` of two KPIs.
    pub fn parse(text: &str) -> Result<Contrast, SweepError> {
        if let Some((name, a, b)) = Contrast::PRESETS.into_iter().find(|(name, ..)| *name == text) {
            return Ok(Contrast { name: name.into(), a, b, a_word: "near".into(), b_word: "far".into() });
        }
        let known = |name: &str| definition(name.trim()).map(|definition| definition.name);
        let sides = text.split_once('-').and_then(|(a, b)| Some((known(a)?, known(b)?)));
        let Some((a, b)) = sides else {
            let help = "take margin, cost, carbon or promise, or A-B with two KPIs of docs/kpis.md";
            return refused(format!("{text}: no difference of two KPIs"), help);
        };
        if unit_of(a) != unit_of(b) {
            return refused(
                format!("{text}: {a} is in {}, {b} in {}", unit_of(a), unit_of(b)),
                "take KPIs of one unit",
            );
        }
        Ok(Contrast { name: format!("{a}-{b}"), a, b, a_word: a.into(), b_word: b.into() })
    }

    /// Which values of the first KPI are good.
    pub fn direction(&self) -> Option<Direction> {
        match definition(self.a)?.better {
            Better::Higher => Some(Direction::Higher),
            Better::Lower => Some(Direction::Lower),
            Better::Neither => None,
        }
    }

    /// What a difference above or below 0 means: `near better`.
    pub fn words(&self, above: bool) -> String {
        match self.direction() {
            None if above => format!("{} higher", self.a_word),
            None => format!("{} higher", self.b_word),
            Some(direction) if above == (direction == Direction::Higher) => format!("{} better", self.a_word),
            Some(_) => format!("{} better", self.b_word),
        }
    }
}

/// A point of the surface.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Cell {
    /// First factor.
    pub x: f64,
    /// Second factor.
    pub y: f64,
    /// The difference, the mean over all else that varies; its interval is over replications.
    pub difference: Estimate,
}

/// A difference over two factors.
#[derive(Clone, PartialEq, Debug)]
pub struct Surface {
    /// Which difference.
    pub contrast: Contrast,
    /// The scenario.
    pub scenario: String,
    /// The first factor.
    pub x: Axis,
    /// The second factor.
    pub y: Axis,
    /// The points, row by row: `cells[iy][ix]`.
    pub cells: Vec<Vec<Cell>>,
    /// The line of no difference, and the lines where the ends of the interval are 0.
    pub found: BreakEven,
}

impl Surface {
    /// What a cell says.
    pub fn words(&self, cell: &Cell) -> String {
        let difference = &cell.difference;
        match () {
            () if !difference.mean.is_finite() => "no data".into(),
            () if difference.low() > 0.0 => self.contrast.words(true),
            () if difference.high() < 0.0 => self.contrast.words(false),
            () => "no difference shown".into(),
        }
    }
}

pub(super) fn break_even(study: &Study, asked: &Asked, notes: &mut Vec<String>) -> Result<Vec<Surface>, SweepError> {
    if asked.contrasts.is_empty() {
        let help = "--metric margin, cost, carbon or promise (near less far), or --difference A-B";
        return refused("no difference is named", help);
    }
    let mut found = Vec::new();
    for scenario in 0..study.plan().facts.scenarios.len() {
        let points = study.of_scenario(scenario);
        let axes: Vec<Axis> = axes(study.plan(), &points).into_iter().filter(|axis| axis.factor.is_some()).collect();
        let [x, y] = sides(&axes, asked)?;
        if !is_factorial(&axes, points.len()) {
            let found = "the points do not cross all levels of the factors, so that a surface would mix in others";
            return refused(found, "a surface needs design = \"grid\"");
        }
        for contrast in &asked.contrasts {
            let name = study.plan().facts.scenarios[scenario].name.clone();
            let surface = surface(study, asked, contrast, name, &points, x, y)?;
            let unknown = surface.cells.iter().flatten().filter(|cell| !cell.difference.mean.is_finite()).count();
            if unknown > 0 {
                let all = points.len() / (points.len() / (x.levels.len() * y.levels.len())).max(1);
                notes.push(format!("{}: {unknown} of {all} cells have no data; the line ends there", contrast.name));
            }
            found.push(surface);
        }
    }
    Ok(found)
}

/// The two factors: those asked for, else the only two with numbers.
fn sides<'a>(axes: &'a [Axis], asked: &Asked) -> Result<[&'a Axis; 2], SweepError> {
    let numeric: Vec<&Axis> = axes.iter().filter(|axis| axis.is_numeric() && axis.levels.len() > 1).collect();
    let names = || numeric.iter().map(|axis| axis.name.as_str()).collect::<Vec<_>>().join(", ");
    let named = |name: &Option<String>, not: Option<&str>| match name {
        Some(name) => numeric.iter().find(|axis| axis.name == *name).copied(),
        None => {
            let rest: Vec<&&Axis> = numeric.iter().filter(|axis| Some(axis.name.as_str()) != not).collect();
            if let [only] = rest[..] { Some(*only) } else { None }
        }
    };
    let pair = match (&asked.x, &asked.y, &numeric[..]) {
        (None, None, [x, y]) => Some([*x, *y]),
        (x, y, _) => {
            let x_axis = named(x, y.as_deref());
            let y_axis = named(y, x.as_deref());
            x_axis.zip(y_axis).map(|(x, y)| [x, y])
        }
    };
    match pair.filter(|[x, y]| x.name != y.name) {
        Some(pair) => Ok(pair),
        None => refused(
            "a surface needs two factors with numbers",
            format!(
                "--x KEY --y KEY; factors with numbers here: {}",
                if numeric.is_empty() { "none".into() } else { names() }
            ),
        ),
    }
}

fn surface(
    study: &Study,
    asked: &Asked,
    contrast: &Contrast,
    scenario: String,
    points: &[usize],
    x: &Axis,
    y: &Axis,
) -> Result<Surface, SweepError> {
    let (xs, ys) = (x.numbers(), y.numbers());
    let cell = |iy: usize, ix: usize| {
        let here = (0..points.len()).filter(|place| x.of_point[*place] == ix && y.of_point[*place] == iy);
        let here: Vec<usize> = here.map(|place| points[place]).collect();
        let most = here.iter().map(|point| study.values(contrast.a, *point).len()).max().unwrap_or(0);
        let all: Vec<usize> = (0..most).collect();
        let sides = study.across(contrast.a, &here, &all).into_iter().zip(study.across(contrast.b, &here, &all));
        let apart: Vec<f64> = sides.map(|(a, b)| a - b).filter(|apart| apart.is_finite()).collect();
        Cell { x: xs[ix], y: ys[iy], difference: Estimate::of(&apart, asked.confidence) }
    };
    let cells: Vec<Vec<Cell>> = (0..ys.len()).map(|iy| (0..xs.len()).map(|ix| cell(iy, ix)).collect()).collect();
    let table =
        |of: &dyn Fn(&Cell) -> f64| cells.iter().map(|row| row.iter().map(of).collect()).collect::<Vec<Vec<f64>>>();
    let (values, half_widths) = (table(&|cell| cell.difference.mean), table(&|cell| cell.difference.half_width));
    let found = method(Values { x: &xs, y: &ys, values: &values }, &half_widths)?;
    Ok(Surface { contrast: contrast.clone(), scenario, x: x.clone(), y: y.clone(), cells, found })
}

/// A row of the table: a point of the surface, or a point of one of its lines.
struct Row<'a> {
    surface: &'a Surface,
    row: &'static str,
    line: f64,
    x: f64,
    y: f64,
    difference: Option<Estimate>,
    verdict: String,
}

pub(super) fn sheet(found: &[Surface]) -> Sheet {
    let mut rows = Vec::new();
    for surface in found {
        for cell in surface.cells.iter().flatten() {
            let (difference, verdict) = (Some(cell.difference), surface.words(cell));
            rows.push(Row { surface, row: "point", line: f64::NAN, x: cell.x, y: cell.y, difference, verdict });
        }
        let all = [
            ("line", &surface.found.lines),
            ("low_line", &surface.found.low_lines),
            ("high_line", &surface.found.high_lines),
        ];
        for (name, lines) in all {
            rows.extend(lines.iter().enumerate().flat_map(|(i, line)| line_rows(surface, name, i, line)));
        }
    }
    let number = |of: fn(&Estimate) -> f64| move |row: &Row<'_>| row.difference.as_ref().map_or(f64::NAN, of);
    Sheet::of(&rows)
        .text("difference", |row| row.surface.contrast.name.clone())
        .text("unit", |row| unit_of(row.surface.contrast.a))
        .text("scenario", |row| row.surface.scenario.clone())
        .text("row", |row| row.row)
        .number("line", |row| row.line)
        .text("x_factor", |row| row.surface.x.name.clone())
        .text("y_factor", |row| row.surface.y.name.clone())
        .number("x", |row| row.x)
        .number("y", |row| row.y)
        .number("value", number(|it| it.mean))
        .number("half_width", number(|it| it.half_width))
        .number("low", number(Estimate::low))
        .number("high", number(Estimate::high))
        .number("n", number(|it| it.n as f64))
        .text("verdict", |row| row.verdict.clone())
        .done()
}

fn line_rows<'a>(
    surface: &'a Surface,
    row: &'static str,
    number: usize,
    line: &'a Line,
) -> impl Iterator<Item = Row<'a>> {
    line.iter().map(move |[x, y]| Row {
        surface,
        row,
        line: number as f64,
        x: *x,
        y: *y,
        difference: None,
        verdict: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_a_preset_or_two_kpis_of_one_unit() {
        let margin = Contrast::parse("margin").unwrap();
        assert_eq!((margin.words(true), margin.words(false)), ("near better".into(), "far better".into()));
        let cost = Contrast::parse("cost").unwrap();
        assert_eq!(cost.words(true), "far better");
        for (name, a, b) in Contrast::PRESETS {
            assert!(definition(a).is_some() && unit_of(a) == unit_of(b), "{name}");
        }
        let own = Contrast::parse("pick_mean_min-ride_mean_min").unwrap();
        assert_eq!(own.words(true), "ride_mean_min better");
        assert!(Contrast::parse("cost_per_order-orders").unwrap_err().to_string().contains("yuan/order"));
        assert!(Contrast::parse("nothing").is_err());
    }
}
