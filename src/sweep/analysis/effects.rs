//! Room: sweep. Main effects, tornado and straight lines: which factor moves a KPI, which way and how much.

use super::super::SweepError;
use super::axes::{Axis, axes, is_factorial, unit_of};
use super::sheet::Sheet;
use super::study::Study;
use super::{Asked, each};
use crate::statistics::regression::{Fit, least_squares};
use crate::statistics::{Confidence, Estimate, StatisticsError};

/// A factor with more levels is cut into [`CLASSES`] parts of its range.
const MOST_LEVELS: usize = 12;
/// Parts of a range.
const CLASSES: usize = 5;

/// The mean of a KPI at a level of a factor, over all others.
#[derive(Clone, PartialEq, Debug)]
pub struct LevelMean {
    /// Column of the factor.
    pub factor: String,
    /// What people call the factor.
    pub label: String,
    /// The level, or the part of the range as `2 to 2.6`.
    pub level: String,
    /// The number of the level, the middle of a part of the range; NaN for words.
    pub at: f64,
    /// Mean and interval.
    pub mean: Estimate,
}

/// A row of a tornado: what a KPI does from the low to the high end of a factor.
#[derive(Clone, PartialEq, Debug)]
pub struct Swing {
    /// Column of the factor.
    pub factor: String,
    /// What people call the factor.
    pub label: String,
    /// The low end; for words the level of the lowest mean.
    pub low_level: String,
    /// The high end; for words the level of the highest mean.
    pub high_level: String,
    /// The KPI at the low end less its mean over all points.
    pub low: Estimate,
    /// The KPI at the high end less its mean over all points.
    pub high: Estimate,
    /// The KPI at the high end less that at the low end.
    pub span: Estimate,
}

impl Swing {
    /// Whether the interval of the span leaves out 0.
    pub fn is_shown(&self) -> bool {
        self.span.low() > 0.0 || self.span.high() < 0.0
    }
}

/// A straight line through the means of the points.
#[derive(Clone, PartialEq, Debug)]
pub struct Slope {
    /// Column of the factor.
    pub factor: String,
    /// What people call the factor.
    pub label: String,
    /// Change of the KPI per unit of the factor.
    pub slope: f64,
    /// Half of its interval.
    pub half_width: f64,
    /// Change in standard deviations of the KPI per standard deviation of the factor.
    pub standardised: f64,
}

/// What moves one KPI.
#[derive(Clone, PartialEq, Debug)]
pub struct Effects {
    /// The KPI.
    pub metric: &'static str,
    /// Mean over all points; its interval is over replications.
    pub mean: Estimate,
    /// Whether all levels are crossed, so that means of levels can be compared replication by replication; otherwise
    /// intervals are over points.
    pub crossed: bool,
    /// Points with values.
    pub points: usize,
    /// Means of levels, by factor.
    pub levels: Vec<LevelMean>,
    /// The tornado, the widest first.
    pub swings: Vec<Swing>,
    /// Straight lines in the factors that are numbers; empty if there are none to draw.
    pub slopes: Vec<Slope>,
    /// Share of the variance between points that the lines explain; NaN without lines.
    pub r_squared: f64,
}

impl Effects {
    /// Whether straight lines explain enough to rank factors by them.
    pub fn is_straight(&self) -> bool {
        self.r_squared >= crate::statistics::regression::STRAIGHT_ENOUGH
    }
}

pub(super) fn effects(study: &Study, asked: &Asked, notes: &mut Vec<String>) -> Result<Vec<Effects>, SweepError> {
    each(asked, notes, |metric, notes| Ok(vec![of(study, asked.confidence, metric, notes)?]))
}

/// The points of a KPI that have values, and their values.
struct Seen<'a> {
    study: &'a Study,
    metric: &'static str,
    points: Vec<usize>,
    replications: Vec<usize>,
    /// Mean of each point.
    means: Vec<f64>,
    crossed: bool,
    confidence: Confidence,
}

fn of(
    study: &Study,
    confidence: Confidence,
    metric: &'static str,
    notes: &mut Vec<String>,
) -> Result<Effects, SweepError> {
    let all: Vec<usize> = (0..study.plan().points.len()).collect();
    let common = study.common(metric, &all);
    if common.points.is_empty() {
        return Err(StatisticsError::TooFew { what: "points with a value", found: 0, needed: 1 }.into());
    }
    if common.points.len() < all.len() {
        let count = all.len() - common.points.len();
        notes.push(format!("{metric}: {count} of {} points have no values and are left out", all.len()));
    }
    let axes = axes(study.plan(), &common.points);
    let means = common.points.iter().map(|point| study.mean(metric, *point, &common.replications)).collect();
    let crossed = is_factorial(&axes, common.points.len());
    let seen =
        Seen { study, metric, points: common.points, replications: common.replications, means, crossed, confidence };
    let fit = lines(&axes, &seen, notes);
    let varying = || axes.iter().filter(|axis| axis.levels.len() > 1);
    let mut swings: Vec<Swing> = varying().filter_map(|axis| swing(axis, &seen, fit.as_ref())).collect();
    swings.sort_by(|a, b| b.span.mean.abs().total_cmp(&a.span.mean.abs()));
    Ok(Effects {
        metric,
        mean: seen.over_replications(&(0..seen.points.len()).collect::<Vec<_>>()),
        crossed,
        points: seen.points.len(),
        levels: varying().flat_map(|axis| level_means(axis, &seen)).collect(),
        swings,
        r_squared: fit.as_ref().map_or(f64::NAN, |(_, fit)| fit.r_squared),
        slopes: fit.map_or(Vec::new(), |(numeric, fit)| slopes(&numeric, &fit)),
    })
}

impl Seen<'_> {
    /// The mean over these places in each replication.
    fn curve(&self, places: &[usize]) -> Vec<f64> {
        let points: Vec<usize> = places.iter().map(|place| self.points[*place]).collect();
        self.study.across(self.metric, &points, &self.replications)
    }

    fn over_replications(&self, places: &[usize]) -> Estimate {
        Estimate::of(&self.curve(places), self.confidence)
    }

    /// The mean at these places: over replications where all is crossed, else over points.
    fn estimate(&self, places: &[usize]) -> Estimate {
        match self.crossed {
            true => self.over_replications(places),
            false => Estimate::of(&places.iter().map(|place| self.means[*place]).collect::<Vec<_>>(), self.confidence),
        }
    }

    /// How far these places lie above those, replication by replication.
    fn above(&self, places: &[usize], those: &[usize]) -> Estimate {
        let apart: Vec<f64> = self.curve(places).iter().zip(self.curve(those)).map(|(a, b)| a - b).collect();
        Estimate::of(&apart, self.confidence)
    }
}

fn level_means(axis: &Axis, seen: &Seen<'_>) -> Vec<LevelMean> {
    let row = |level: String, at: f64, places: &[usize]| LevelMean {
        factor: axis.name.clone(),
        label: axis.label.clone(),
        level,
        at,
        mean: seen.estimate(places),
    };
    if axis.levels.len() <= MOST_LEVELS || !axis.is_numeric() {
        let of = |(index, level): (usize, &super::super::Level)| {
            row(level.shown(), level.number().unwrap_or(f64::NAN), &axis.places(index))
        };
        return axis.levels.iter().enumerate().map(of).collect();
    }
    let numbers = axis.numbers();
    let (low, high) = (numbers[0], numbers[numbers.len() - 1]);
    let edge = |class: usize| low + (high - low) * class as f64 / CLASSES as f64;
    let class =
        |place: &usize| (((axis.number_of(*place) - low) / (high - low) * CLASSES as f64) as usize).min(CLASSES - 1);
    let of = |wanted: usize| {
        let places: Vec<usize> = (0..seen.points.len()).filter(|place| class(place) == wanted).collect();
        let (from, to) = (edge(wanted), edge(wanted + 1));
        (!places.is_empty()).then(|| row(format!("{} to {}", short(from), short(to)), (from + to) / 2.0, &places))
    };
    (0..CLASSES).filter_map(of).collect()
}

fn short(number: f64) -> String {
    format!("{number:.4}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

type Lines<'a> = (Vec<&'a Axis>, Fit);

/// Straight lines in the factors that are numbers and change.
fn lines<'a>(axes: &'a [Axis], seen: &Seen<'_>, notes: &mut Vec<String>) -> Option<Lines<'a>> {
    let numeric: Vec<&Axis> = axes.iter().filter(|axis| axis.is_numeric() && axis.levels.len() > 1).collect();
    let column = |axis: &&Axis| (0..seen.points.len()).map(|place| axis.number_of(place)).collect::<Vec<_>>();
    let columns: Vec<Vec<f64>> = numeric.iter().map(column).collect();
    if columns.is_empty() {
        return None;
    }
    match least_squares(&columns, &seen.means, seen.confidence) {
        Ok(fit) => Some((numeric, fit)),
        Err(StatisticsError::Inseparable { factor }) => {
            let name = &numeric[factor - 1].name;
            notes.push(format!("{}: no straight lines: {name} only changes together with others", seen.metric));
            None
        }
        Err(error) => {
            notes.push(format!("{}: no straight lines: {error}", seen.metric));
            None
        }
    }
}

fn slopes(numeric: &[&Axis], fit: &Fit) -> Vec<Slope> {
    let slope = |(axis, slope): (&&Axis, &crate::statistics::regression::Slope)| Slope {
        factor: axis.name.clone(),
        label: axis.label.clone(),
        slope: slope.coefficient,
        half_width: slope.half_width,
        standardised: slope.standardised,
    };
    numeric.iter().zip(&fit.slopes).map(slope).collect()
}

/// From end to end of a factor: by the means of its levels where all is crossed, else along the straight line.
fn swing(axis: &Axis, seen: &Seen<'_>, fit: Option<&Lines<'_>>) -> Option<Swing> {
    let row = |ends: [usize; 2], low: Estimate, high: Estimate, span: Estimate| Swing {
        factor: axis.name.clone(),
        label: axis.label.clone(),
        low_level: axis.levels[ends[0]].shown(),
        high_level: axis.levels[ends[1]].shown(),
        low,
        high,
        span,
    };
    let last = axis.levels.len() - 1;
    if seen.crossed {
        let ends = if axis.is_numeric() { [0, last] } else { extremes(axis, seen) };
        let [low, high] = ends.map(|level| axis.places(level));
        let all: Vec<usize> = (0..seen.points.len()).collect();
        return Some(row(ends, seen.above(&low, &all), seen.above(&high, &all), seen.above(&high, &low)));
    }
    let (numeric, fit) = fit?;
    let slope = &fit.slopes[numeric.iter().position(|other| other.name == axis.name)?];
    let numbers = axis.numbers();
    let middle = (0..seen.points.len()).map(|place| axis.number_of(place)).sum::<f64>() / seen.points.len() as f64;
    let along = |distance: f64| Estimate {
        n: seen.points.len(),
        mean: slope.coefficient * distance,
        standard_deviation: f64::NAN,
        half_width: slope.half_width * distance.abs(),
    };
    let (low, high) = (numbers[0], numbers[last]);
    Some(row([0, last], along(low - middle), along(high - middle), along(high - low)))
}

/// Levels of the lowest and the highest mean, the earlier of equals.
fn extremes(axis: &Axis, seen: &Seen<'_>) -> [usize; 2] {
    let means: Vec<f64> = (0..axis.levels.len()).map(|level| seen.estimate(&axis.places(level)).mean).collect();
    let best = |better: fn(f64, f64) -> bool| {
        (1..means.len()).fold(0, |best, i| if better(means[i], means[best]) { i } else { best })
    };
    [best(|a, b| a < b), best(|a, b| a > b)]
}

/// A row of the table, whatever it tells.
struct Row {
    metric: &'static str,
    row: &'static str,
    factor: String,
    label: String,
    level: String,
    at: f64,
    value: f64,
    half_width: f64,
    n: usize,
    over: &'static str,
}

pub(super) fn sheet(found: &[Effects]) -> Sheet {
    let rows: Vec<Row> = found.iter().flat_map(rows).collect();
    Sheet::of(&rows)
        .text("metric", |row| row.metric)
        .text("unit", |row| {
            if row.row == "standardised_slope" || row.row == "r_squared" { "ratio" } else { unit_of(row.metric) }
        })
        .text("row", |row| row.row)
        .text("factor", |row| row.factor.clone())
        .text("label", |row| row.label.clone())
        .text("level", |row| row.level.clone())
        .number("at", |row| row.at)
        .number("value", |row| row.value)
        .number("half_width", |row| row.half_width)
        .number("low", |row| row.value - row.half_width)
        .number("high", |row| row.value + row.half_width)
        .number("n", |row| row.n as f64)
        .text("over", |row| row.over)
        .done()
}

fn rows(found: &Effects) -> Vec<Row> {
    let over = if found.crossed { "replications" } else { "points" };
    let of = |row, factor: &str, label: &str, level: String, at, estimate: &Estimate, over| Row {
        metric: found.metric,
        row,
        factor: factor.to_owned(),
        label: label.to_owned(),
        level,
        at,
        value: estimate.mean,
        half_width: estimate.half_width,
        n: estimate.n,
        over,
    };
    let mut rows = vec![of("mean", "", "", String::new(), f64::NAN, &found.mean, "replications")];
    rows.extend(
        found.levels.iter().map(|it| of("level", &it.factor, &it.label, it.level.clone(), it.at, &it.mean, over)),
    );
    for it in &found.swings {
        let number = |level: &str| level.parse().unwrap_or(f64::NAN);
        let end = |name, level: &String, estimate| {
            of(name, &it.factor, &it.label, level.clone(), number(level), estimate, over)
        };
        rows.push(end("low_effect", &it.low_level, &it.low));
        rows.push(end("high_effect", &it.high_level, &it.high));
        rows.push(of(
            "span",
            &it.factor,
            &it.label,
            format!("{} to {}", it.low_level, it.high_level),
            f64::NAN,
            &it.span,
            over,
        ));
    }
    let plain = |value, half_width| Estimate { n: found.points, mean: value, standard_deviation: f64::NAN, half_width };
    for it in &found.slopes {
        let slope = plain(it.slope, it.half_width);
        rows.push(of("slope", &it.factor, &it.label, String::new(), f64::NAN, &slope, "points"));
        let standardised = plain(it.standardised, f64::NAN);
        rows.push(of("standardised_slope", &it.factor, &it.label, String::new(), f64::NAN, &standardised, "points"));
    }
    if !found.slopes.is_empty() {
        rows.push(of("r_squared", "", "", String::new(), f64::NAN, &plain(found.r_squared, f64::NAN), "points"));
    }
    rows
}
