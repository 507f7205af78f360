//! Room: report. What charts over the hours of a run share: time buckets, clock ticks, stacked areas, their key.

use crate::report::Look;
use crate::report::canvas::{Canvas, Point};
use crate::report::layout::{LABEL_PX, Scale, declutter};
use crate::report::palette::{PAPER, Rgb};

/// One layer of a stack: its words, its colour, and a value a bucket.
pub(crate) struct Layer {
    pub(crate) name: &'static str,
    /// Second line of the key.
    pub(crate) detail: String,
    pub(crate) colour: Rgb,
    pub(crate) values: Vec<f64>,
}

/// Clock labels for a span of hours, on round hours of the clock.
pub(crate) fn clock_ticks(look: &Look, start_hour: f64, hours: f64) -> Vec<(f64, String)> {
    const STEPS_H: [f64; 9] = [0.25, 0.5, 1.0, 2.0, 4.0, 6.0, 12.0, 24.0, 48.0];
    let step = STEPS_H.into_iter().find(|step| hours / step <= 7.0).unwrap_or((hours / 7.0 / 24.0).ceil() * 24.0);
    let first = (start_hour / step - 1e-9).ceil() as i64;
    let last = ((start_hour + hours) / step + 1e-9).floor() as i64;
    let whole_days = hours > 36.0;
    (first..=last)
        .map(|tick| tick as f64 * step)
        .map(|hour| ((hour - start_hour) * 3600.0, tick_label(look, hour, start_hour, hours, whole_days)))
        .collect()
}

fn tick_label(look: &Look, hour: f64, start_hour: f64, hours: f64, whole_days: bool) -> String {
    let midnight_at_end = (hour - start_hour - hours).abs() < 1e-6 && (hour - 24.0).abs() < 1e-6;
    if midnight_at_end {
        return "24:00".to_owned();
    }
    let label = look.clock(hour * 3600.0, 0.0);
    // The day stands before the time, with a space between.
    match label.rsplit_once(' ') {
        Some((day, "00:00")) if whole_days => day.to_owned(),
        Some(_) if whole_days => label,
        Some((_, time)) => time.to_owned(),
        None if whole_days && label == "00:00" => look.say("day 1", "第 1 天").to_owned(),
        None => label,
    }
}

/// Draws layers on each other from the first upwards; values stand at the middle of their bucket.
pub(crate) fn stack(canvas: &mut Canvas<'_>, layers: &[Layer], middles_s: &[f64], x: Scale, y: Scale) {
    let mut below: Vec<f64> = vec![0.0; middles_s.len()];
    let mut seams: Vec<Vec<Point>> = Vec::new();
    for layer in layers {
        let above: Vec<f64> = below.iter().zip(&layer.values).map(|(low, value)| low + value).collect();
        let top = edge(&above, middles_s, x, y);
        let mut corners = top.clone();
        corners.extend(edge(&below, middles_s, x, y).into_iter().rev());
        canvas.polygon(&corners, layer.colour);
        seams.push(top);
        below = above;
    }
    seams.pop();
    for seam in seams {
        canvas.path(&seam, PAPER, 2.0);
    }
}

/// A boundary from edge to edge of the plot: flat over the outer halves of the first and last bucket.
fn edge(values: &[f64], middles_s: &[f64], x: Scale, y: Scale) -> Vec<Point> {
    let mut points: Vec<Point> = middles_s.iter().zip(values).map(|(&s, &v)| (x.px(s), y.px(v))).collect();
    if let (Some(&(_, first)), Some(&(_, last))) = (points.first(), points.last()) {
        points.insert(0, (x.px(x.low()), first));
        points.push((x.px(x.high()), last));
    }
    points
}

/// Names the layers to the right of the plot, top layer first, as near to their height as they fit.
pub(crate) fn key(canvas: &mut Canvas<'_>, layers: &[Layer], left: f64, (top, bottom): (f64, f64)) {
    const GAP: f64 = 92.0;
    let step = ((bottom - top) / layers.len() as f64).clamp(GAP, 130.0);
    let middle = (top + bottom) / 2.0;
    let wanted: Vec<f64> =
        (0..layers.len()).map(|place| middle + (place as f64 - (layers.len() as f64 - 1.0) / 2.0) * step).collect();
    let places = declutter(&wanted, GAP, (top + 36.0, bottom - 36.0));
    for (layer, y) in layers.iter().rev().zip(places) {
        canvas.rect((left, y - 34.0), (left + 10.0, y + 34.0), layer.colour);
        canvas.text((left + 26.0, y - 5.0), layer.name, canvas.pen(LABEL_PX).ink().bold());
        canvas.text((left + 26.0, y + 27.0), &layer.detail, canvas.pen(22.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(start_hour: f64, hours: f64) -> Vec<String> {
        clock_ticks(Look::plain(), start_hour, hours).into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_stand_on_round_hours_whatever_the_start() {
        assert_eq!(labels(0.0, 24.0), ["00:00", "04:00", "08:00", "12:00", "16:00", "20:00", "24:00"]);
        assert_eq!(labels(9.5, 3.0), ["09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "12:30"]);
        assert_eq!(labels(18.0, 10.0), ["18:00", "20:00", "22:00", "00:00", "02:00", "04:00"]);
        assert_eq!(labels(0.0, 72.0), ["day 1", "12:00", "day 2", "day 2 12:00", "day 3", "day 3 12:00", "day 4"]);
        assert!(labels(0.0, 1000.0).len() <= 9);
    }
}
