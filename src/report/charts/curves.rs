//! Room: report. Curves of one figure against one lever, with the ribbon of their 95% intervals, in one panel of a sheet.

use crate::report::canvas::{Canvas, Pen, Point};
use crate::report::layout::{self, Scale};
use crate::report::measure::{Interval, Lever, Measure, ticks};
use crate::report::palette::Rgb;

/// One point of a curve.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CurvePoint {
    /// The lever.
    pub x: f64,
    /// The figure there.
    pub y: Interval,
}

/// Scales of a panel.
#[derive(Clone, Copy)]
pub(super) struct Axes {
    pub(super) x: Scale,
    pub(super) y: Scale,
    factor: f64,
}

impl Axes {
    /// Where a value of the figure lies at a value of the lever.
    pub(super) fn at(&self, x: f64, y: f64) -> Point {
        (self.x.px(x), self.y.px_within(y * self.factor))
    }
}

/// Points with numbers, by the lever.
pub(super) fn known(points: &[CurvePoint]) -> Vec<CurvePoint> {
    let mut known: Vec<CurvePoint> = points.iter().filter(|p| p.x.is_finite() && p.y.known()).copied().collect();
    known.sort_by(|a, b| a.x.total_cmp(&b.x));
    known
}

/// Draws grid and axes of a panel over all the points it shall show; `levels` are values of the lever that may have a label.
pub(super) fn axes<'a>(
    canvas: &mut Canvas<'_>,
    points: impl Iterator<Item = &'a CurvePoint> + Clone,
    measure: &Measure,
    lever: &Lever,
    (left, top): Point,
    (right, bottom): Point,
    wanted: usize,
) -> Axes {
    let factor = measure.factor();
    let percent = measure.unit == "share";
    // A share is never above all, whatever an interval says.
    let most = if percent { 100.0 } else { f64::INFINITY };
    let values = points.clone().flat_map(|point| point.y.ends()).map(|value| (value * factor).min(most));
    let rows = ticks(values, wanted, percent);
    let y = Scale::linear((rows[0].0, rows[rows.len() - 1].0), (bottom, top));
    layout::rows(canvas, &rows, y, (left, right));
    let ends = points.clone().map(|p| p.x).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
    let ends = if ends.0 < ends.1 { ends } else { (ends.0 - 0.5, ends.0 + 0.5) };
    let x = Scale::linear(ends, (left, right));
    layout::axis(
        canvas,
        &level_labels(points.map(|p| p.x), lever, x, canvas.pen(layout::AXIS_PX)),
        x,
        bottom,
        (left, right),
    );
    Axes { x, y, factor }
}

/// Labels of the levels that were run: all, or every second, third, ... where there is no room.
fn level_labels(levels: impl Iterator<Item = f64>, lever: &Lever, x: Scale, pen: Pen<'_>) -> Vec<(f64, String)> {
    let mut levels: Vec<f64> = levels.collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let labels: Vec<(f64, String)> = levels.into_iter().map(|level| (level, lever.figure(level))).collect();
    let room = |a: &(f64, String), b: &(f64, String)| {
        x.px(b.0) - x.px(a.0) >= (pen.width(&a.1) + pen.width(&b.1)) / 2.0 + 18.0
    };
    let every = |step: usize| labels.iter().step_by(step).collect::<Vec<_>>();
    let fits = |step: &usize| every(*step).windows(2).all(|pair| room(pair[0], pair[1]));
    let step = (1..=labels.len()).find(fits).unwrap_or(1);
    every(step).into_iter().cloned().collect()
}

/// The ribbon through the points that have an interval.
pub(super) fn ribbon(canvas: &mut Canvas<'_>, points: &[CurvePoint], axes: Axes, colour: Rgb) {
    for run in points.split(|point| !point.y.judged()).filter(|run| run.len() > 1) {
        let upper = run.iter().map(|point| axes.at(point.x, point.y.hi));
        let lower = run.iter().rev().map(|point| axes.at(point.x, point.y.lo));
        canvas.polygon(&upper.chain(lower).collect::<Vec<_>>(), colour);
    }
}

/// The line through the means.
pub(super) fn line(canvas: &mut Canvas<'_>, points: &[CurvePoint], axes: Axes, colour: Rgb, width: f64) {
    let line: Vec<Point> = points.iter().map(|point| axes.at(point.x, point.y.mean)).collect();
    if line.len() > 1 {
        canvas.path(&line, colour, width);
    }
}
