//! Room: report. What charts of screening share: one row an input from zero to the right, its axis, what leads.

use crate::report::Look;
use crate::report::canvas::{Canvas, Point};
use crate::report::layout::{self, AXIS_PX, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, shortened};
use crate::report::measure::{Interval, capital, inside, named};
use crate::report::palette::{GRID, INK, MUTED, PAPER, Rgb};
use crate::report::wording::number;

/// Inputs that fit on a slide.
pub(super) const MOST_BARS: usize = 12;
/// Where the names end and the bars begin.
const ZERO: f64 = LEFT + 620.0;
/// Where the ranges of the inputs begin.
const RANGE: f64 = LEFT + 372.0;

/// Rows over an axis that begins at zero.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub(super) x: Scale,
    pub(super) top: f64,
    pub(super) slot: f64,
}

impl Rows {
    /// Grid, axis, names and ranges; `most` is the largest value to show and `least` the smallest, if it is below zero.
    pub(super) fn draw(
        canvas: &mut Canvas<'_>,
        top: f64,
        names: &[(&str, &str)],
        (least, most): (f64, f64),
        percent: bool,
    ) -> Rows {
        let (top, right) = (top + 34.0, RIGHT - 110.0);
        let ticks = layout::round_ticks(least.min(0.0), if most > 0.0 { most } else { 1.0 }, 6, 0.0);
        let x = Scale::linear((ticks[0], ticks[ticks.len() - 1]), (ZERO, right));
        for (tick, label) in named(&ticks, percent) {
            canvas.line((x.px(tick), top), (x.px(tick), BOTTOM), GRID, 1.5);
            canvas.text((x.px(tick), BOTTOM + 34.0), &label, canvas.pen(AXIS_PX).middle());
        }
        let slot = ((BOTTOM - top) / names.len() as f64).min(96.0);
        let rows = Rows { x, top, slot };
        canvas.text((LEFT, top - 18.0), canvas.look().say("Input, its range", "输入及其范围"), canvas.pen(AXIS_PX));
        for (place, (name, range)) in names.iter().enumerate() {
            let (pen, y) = (canvas.pen(LABEL_PX).ink().bold(), rows.middle(place));
            canvas.text((LEFT, y + 8.0), &shortened(name.trim(), pen, RANGE - LEFT - 14.0), pen);
            let pen = canvas.pen(AXIS_PX);
            canvas.text((RANGE, y + 8.0), &shortened(range, pen, ZERO - RANGE - 30.0), pen);
            canvas.line((LEFT, y + slot / 2.0), (ZERO - 20.0, y + slot / 2.0), GRID, 1.0);
        }
        canvas.line((x.px(0.0), top), (x.px(0.0), BOTTOM), INK, 3.0);
        rows
    }

    pub(super) fn middle(&self, place: usize) -> f64 {
        self.top + self.slot * (place as f64 + 0.5)
    }

    /// A bar from zero with its interval and its figure, which is muted where it is no more than chance.
    pub(super) fn bar(
        &self,
        canvas: &mut Canvas<'_>,
        value: Interval,
        (upper, lower): (f64, f64),
        (colour, shown): (Rgb, bool),
        words: &str,
        beyond: f64,
    ) {
        let (middle, tip) = ((upper + lower) / 2.0, self.x.px(value.mean));
        canvas.rect((self.x.px(0.0).min(tip), upper), (self.x.px(0.0).max(tip), lower), colour);
        let mut outer = tip.max(self.x.px(0.0)).max(beyond);
        if value.judged() {
            let ends = [self.x.px(value.lo), self.x.px(value.hi)];
            // Seen also on a dark bar.
            canvas.line((ends[0], middle), (ends[1], middle), PAPER, 5.0);
            canvas.line((ends[0], middle), (ends[1], middle), INK, 2.0);
            for end in ends {
                canvas.line((end, middle - 6.0), (end, middle + 6.0), INK, 2.0);
            }
            outer = outer.max(ends[1]);
        }
        let pen = canvas.pen(if lower - upper < 30.0 { 20.0 } else { AXIS_PX }).colour(if shown { INK } else { MUTED });
        canvas.halo_text((outer + 12.0, middle + 0.35 * pen.px), words, pen);
    }
}

/// Draws a mark around a point.
pub(super) type Sign<'a> = &'a dyn Fn(&mut Canvas<'_>, Point);

/// What marks mean, from the right end of the line above the rows; each draws its sign around the point it is given.
pub(super) fn key(canvas: &mut Canvas<'_>, top: f64, signs: &[(&str, Sign<'_>)]) {
    let (y, mut end) = (top + 16.0, RIGHT - 110.0);
    for (words, sign) in signs {
        let pen = canvas.pen(AXIS_PX).ink();
        let start = end - pen.width(words);
        canvas.text((start, y), words, pen);
        sign(canvas, (start - 23.0, y - 7.0));
        end = start - 66.0;
    }
}

/// A square of a colour for the key.
pub(super) fn square(canvas: &mut Canvas<'_>, (x, y): Point, colour: Rgb) {
    canvas.rect((x - 11.0, y - 10.0), (x + 11.0, y + 10.0), colour);
}

/// Which of the inputs shown leads: words after the figure. Each comes with whether it cannot be told from the first, judged by
/// the interval of their difference: two intervals that overlap do not yet hide a difference.
pub(super) fn leading(look: &Look, shown: &[(&str, bool)]) -> String {
    let Some(((first, _), others)) = shown.split_first() else { return String::new() };
    let rivals: Vec<&str> = others.iter().filter(|(_, rival)| *rival).map(|(name, _)| name.trim()).collect();
    let first = first.trim();
    match rivals.as_slice() {
        [] => look.say(format!("most on {}", inside(first)), format!("最取决于{first}")),
        [one] => look.say(
            format!("most on {} or {}: which is within the noise", inside(first), inside(one)),
            format!("最取决于{first}或{one}，两者孰大在随机波动之内"),
        ),
        more => look.say(
            format!("most on {} or {} others: which is within the noise", inside(first), more.len()),
            format!("最取决于{first}或另外 {} 个，孰大在随机波动之内", more.len()),
        ),
    }
}

/// Inputs by what is said of them, in the order in which it is first said: `Alone: Radius. Next to nothing: Rain, Pay.`
pub(super) fn by_verdict<'a>(look: &Look, inputs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut said: Vec<(&str, Vec<&str>)> = Vec::new();
    for (verdict, input) in inputs {
        match said.iter_mut().find(|(known, _)| *known == verdict) {
            Some((_, names)) => names.push(input.trim()),
            None => said.push((verdict, vec![input.trim()])),
        }
    }
    let sentence = |(verdict, names): &(&str, Vec<&str>)| {
        let (what, names) = (capital(verdict), names.join(look.say(", ", "、")));
        look.say(format!("{what}: {names}."), format!("{what}：{names}。"))
    };
    said.iter().map(sentence).collect::<Vec<_>>().join(look.say(" ", ""))
}

/// A figure from zero, to about three digits.
pub(super) fn figure(value: f64) -> String {
    number(value, crate::report::measure::places_of(&Interval::new(value, 0.0), crate::report::measure::places(value)))
}
