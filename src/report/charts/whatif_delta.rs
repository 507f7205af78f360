//! Room: report. Chart 6: what does the what-if change? Paired differences with intervals, one row a KPI.

use crate::report::canvas::Canvas;
use crate::report::layout::{self, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, Words, shortened};
use crate::report::measure::{Interval, inside, paired_source, places_of_difference, places_of_levels};
use crate::report::palette::{GREY, GRID, INK, MUTED};
use crate::report::table::{Table, exact};
use crate::report::wording::{number, plural, signed};
use crate::report::{Chart, Look};

const SLUG: &str = "06-whatif-delta";
/// Clear changes that the title names.
const TITLED: usize = 2;
/// Rows that fit on a slide.
const MOST_ROWS: usize = 10;

/// One KPI compared in pairs on common random numbers.
#[derive(Clone, PartialEq, Debug)]
pub struct Delta {
    /// Words for a reader.
    pub label: String,
    /// Unit of all numbers: `share` is shown in percent and its differences in points.
    pub unit: String,
    /// Mean of the base.
    pub base_mean: f64,
    /// Mean of the what-if.
    pub whatif_mean: f64,
    /// Mean of the paired differences, what-if minus base.
    pub diff: f64,
    /// Lower end of the interval of the difference.
    pub lo: f64,
    /// Upper end of the interval of the difference.
    pub hi: f64,
    /// The difference as a share of the base, with its own interval by the delta method: the ends of `lo` and `hi` over the
    /// base's mean would forget that the base varies too. Not a number where the base is 0.
    pub relative: Interval,
    /// Whether the difference is more than chance.
    pub clear: bool,
}

/// All the chart is made from.
#[derive(Clone, Copy, Debug)]
pub struct DeltaView<'a> {
    /// KPIs in the order to show; rows without numbers are left out.
    pub rows: &'a [Delta],
    /// Label of the base scenario.
    pub base: &'a str,
    /// Label of the what-if scenario.
    pub whatif: &'a str,
    /// The run: version, both hashes, seed.
    pub source: &'a str,
    /// Pairs of replications.
    pub replications: u32,
    /// Confidence of the intervals in percent, such as `95`.
    pub percent: &'a str,
    /// How verdicts allow for there being many, and whether intervals do, such as `Holm over 12 differences, intervals each
    /// by itself`.
    pub rule: &'a str,
    /// Language and theme.
    pub look: &'a Look,
}

impl Delta {
    fn usable(&self) -> bool {
        [self.base_mean, self.whatif_mean, self.diff, self.lo, self.hi].iter().all(|value| value.is_finite())
    }
    /// The difference in percent of the base; None where the base is 0.
    fn percent(&self) -> Option<Interval> {
        self.relative.judged().then(|| self.relative.times(100.0))
    }
    /// Factor and decimals with which numbers are shown, and their unit.
    fn shown(&self) -> (f64, usize, &str) {
        let places = places_of_levels(&self.unit, [self.base_mean, self.whatif_mean]);
        match self.unit.as_str() {
            "share" => (100.0, places, "%"),
            "count" | "" => (1.0, places, ""),
            unit => (1.0, places, unit),
        }
    }
    fn levels(&self) -> String {
        let (factor, places, unit) = self.shown();
        let level = |value: f64| number(value * factor, places);
        format!("{} → {}{}", level(self.base_mean), level(self.whatif_mean), spaced(unit))
    }
    /// Factor and decimals of differences.
    fn shown_difference(&self) -> (f64, usize) {
        let found = Interval { mean: self.diff, lo: self.lo, hi: self.hi };
        (self.shown().0, places_of_difference(&self.unit, [self.base_mean, self.whatif_mean], &found))
    }
    fn difference(&self, look: &Look) -> String {
        let (factor, places) = self.shown_difference();
        let (_, _, unit) = self.shown();
        let unit = if unit == "%" { look.say("points", "个百分点") } else { unit };
        format!("{}{}", signed(self.diff * factor, places), spaced(unit))
    }
    fn interval(&self, look: &Look) -> String {
        let (factor, places) = self.shown_difference();
        let to = look.say("to", "至");
        format!("{} {to} {}", signed(self.lo * factor, places), signed(self.hi * factor, places))
    }
}

/// The unit after a number: a space before words, none before a percent sign.
fn spaced(unit: &str) -> String {
    match unit {
        "" => String::new(),
        "%" => "%".to_owned(),
        unit => format!(" {unit}"),
    }
}

/// The chart.
pub(crate) fn chart(view: &DeltaView<'_>) -> Chart {
    let rows: Vec<&Delta> = view.rows.iter().filter(|row| row.usable()).take(MOST_ROWS).collect();
    let look = view.look;
    let (base, whatif, percent) = (quoted(view.base), quoted(view.whatif), view.percent);
    let subtitle = look.say(
        format!("Change from {base} to {whatif}, % of base, with {percent}% interval"),
        format!("从{base}到{whatif}的变化，占基准的 %，附 {percent}% 置信区间"),
    );
    let grey = look.say(
        format!("grey = no difference shown; verdicts: {}", view.rule),
        format!("灰色 = 未显示差异；判定：{}", view.rule),
    );
    let note = paired_source(view.source, view.replications, &grey, look);
    let words = |title: String| Words { title, subtitle, source: note };
    if rows.is_empty() {
        let why = look.say(
            "Nothing to draw: an interval needs at least two replications with data.",
            "无图可画：区间至少需要两次有数据的重复运行。",
        );
        return Chart::nothing(
            view.look,
            SLUG,
            words(look.say("Base and what-if cannot be compared", "基准与假设方案无法比较").to_owned()),
            why,
            table(&rows),
        );
    }
    let alt = rows.iter().map(|row| format!("{}: {}, {}", row.label, row.levels(), row.difference(look)));
    let alt = look.say(
        format!("Differences with intervals. {}.", alt.clone().collect::<Vec<_>>().join("; ")),
        format!("带区间的差异。{}。", alt.collect::<Vec<_>>().join("；")),
    );
    let chart = Chart::draw(view.look, SLUG, words(title(view, &rows)), alt, table(&rows), |canvas, top| {
        draw(canvas, top, &rows, view.percent)
    });
    chart.taking(takeaway(&rows, look))
}

/// Which KPIs beside those of the title change clearly and how, and which are not shown to.
fn takeaway(rows: &[&Delta], look: &Look) -> String {
    let comma = look.say(", ", "、");
    let change = |row: &&&Delta| format!("{} {}", inside(&row.label), row.difference(look));
    let more: Vec<String> = clear(rows).iter().skip(TITLED).map(change).collect();
    let unclear: Vec<String> = rows.iter().filter(|row| !row.clear).map(|row| inside(&row.label)).collect();
    let shown = match more.is_empty() {
        true => String::new(),
        false => {
            let more = more.join(comma);
            look.say(format!("Beyond chance as well: {more}. "), format!("同样超出随机波动：{more}。"))
        }
    };
    match unclear.is_empty() {
        true => shown.trim_end().to_owned(),
        false => {
            let unclear = unclear.join(comma);
            shown + &look.say(format!("No difference shown in {unclear}."), format!("未显示差异：{unclear}。"))
        }
    }
}

/// The rows with a clear change, the largest in percent of base first; equal sizes keep the order of the rows.
fn clear<'a>(rows: &'a [&'a Delta]) -> Vec<&'a &'a Delta> {
    let mut clear: Vec<&&Delta> = rows.iter().filter(|row| row.clear).collect();
    let size = |row: &Delta| row.percent().map_or(0.0, |share| share.mean.abs());
    clear.sort_by(|a, b| size(b).total_cmp(&size(a)));
    clear
}

fn quoted(label: &str) -> String {
    format!("“{}”", label.trim())
}

/// Names up to two clear changes, the largest in percent of base; never one that may be chance.
fn title(view: &DeltaView<'_>, rows: &[&Delta]) -> String {
    let look = view.look;
    let change = |row: &Delta| format!("{} {}", inside(&row.label), row.difference(look));
    let whatif = view.whatif.trim();
    match clear(rows).as_slice() {
        [] => look.say(
            format!("{whatif}: no difference shown in the {} drawn", plural(rows.len(), "KPI")),
            format!("{whatif}：图中 {} 项指标均未显示差异", rows.len()),
        ),
        [one] => look.say(
            format!(
                "{whatif}: {}; no other difference shown among the {} drawn",
                change(one),
                plural(rows.len(), "KPI")
            ),
            format!("{whatif}：{}，图中 {} 项指标的其余项未显示差异", change(one), rows.len()),
        ),
        [first, second, ..] => look.say(
            format!("{whatif}: {}, {}", change(first), change(second)),
            format!("{whatif}：{}，{}", change(first), change(second)),
        ),
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, rows: &[&Delta], percent: &str) {
    let (left, right) = (LEFT + 540.0, RIGHT - 330.0);
    let top = top + 40.0;
    let ends = rows.iter().flat_map(|row| row.percent()).flat_map(Interval::ends);
    let (low, high) = ends.fold((0.0f64, 0.0f64), |(low, high), end| (low.min(end), high.max(end)));
    let ticks = layout::round_ticks(low, high, 5, 0.1);
    let x = Scale::linear((ticks[0], ticks[ticks.len() - 1]), (left, right));
    let places = if ticks[1] - ticks[0] < 1.0 { 1 } else { 0 };
    for &tick in &ticks {
        let zero = tick == 0.0;
        canvas.line(
            (x.px(tick), top),
            (x.px(tick), BOTTOM),
            if zero { INK } else { GRID },
            if zero { 3.0 } else { 1.5 },
        );
        let label = if zero { "0".to_owned() } else { format!("{}%", signed(tick, places)) };
        canvas.text((x.px(tick), BOTTOM + 34.0), &label, canvas.pen(layout::AXIS_PX).middle());
    }
    canvas.text((LEFT, top - 12.0), canvas.look().say("KPI, base → what-if", "指标，基准 → 假设"), canvas.pen(21.0));
    canvas.text(
        (right + 28.0, top - 12.0),
        &canvas.look().say(format!("Difference, {percent}% interval"), format!("差异，{percent}% 区间")),
        canvas.pen(21.0),
    );
    let slot = ((BOTTOM - top) / rows.len() as f64).min(110.0);
    for (place, row) in rows.iter().enumerate() {
        draw_row(canvas, row, top + slot * (place as f64 + 0.5), x, (left, right));
    }
}

fn draw_row(canvas: &mut Canvas<'_>, row: &Delta, y: f64, x: Scale, (left, right): (f64, f64)) {
    let colour = if row.clear { canvas.theme().clear() } else { GREY };
    let name = canvas.pen(LABEL_PX).ink().bold();
    canvas.text((LEFT, y - 4.0), &shortened(&row.label, name, left - LEFT - 30.0), name);
    canvas.text((LEFT, y + 26.0), &row.levels(), canvas.pen(22.0));
    if let Some(Interval { mean: diff, lo, hi }) = row.percent() {
        canvas.line((x.px(lo), y), (x.px(hi), y), colour, 6.0);
        for end in [lo, hi] {
            canvas.line((x.px(end), y - 10.0), (x.px(end), y + 10.0), colour, 3.0);
        }
        canvas.dot((x.px(diff), y), 11.0, colour);
    } else {
        let (pen, words, zero) =
            (canvas.pen(21.0), canvas.look().say("base is 0: no percentage", "基准为 0，无百分比"), x.px(0.0));
        let fits = zero + 20.0 + pen.width(words) <= right;
        let (place, pen) = if fits { (zero + 20.0, pen) } else { (zero - 20.0, pen.end()) };
        canvas.halo_text((place, y + 9.0), words, pen);
    }
    let value = canvas.pen(LABEL_PX).colour(if row.clear { canvas.theme().clear() } else { MUTED }).bold();
    canvas.text(
        (right + 28.0, y - 4.0),
        &shortened(&row.difference(canvas.look()), value, RIGHT - right - 28.0),
        value,
    );
    canvas.text((right + 28.0, y + 26.0), &row.interval(canvas.look()), canvas.pen(22.0));
}

fn table(rows: &[&Delta]) -> Table {
    let names =
        ["kpi", "unit", "base_mean", "whatif_mean", "diff", "low", "high", "relative", "relative_low", "relative_high"];
    let mut table = Table::new(&names.into_iter().chain(["clear"]).collect::<Vec<_>>());
    for row in rows {
        let share = [row.relative.mean, row.relative.lo, row.relative.hi];
        let numbers = [row.base_mean, row.whatif_mean, row.diff, row.lo, row.hi].into_iter().chain(share).map(exact);
        let words = [row.label.clone(), row.unit.clone()];
        table.push(words.into_iter().chain(numbers).chain([row.clear.to_string()]));
    }
    table
}
