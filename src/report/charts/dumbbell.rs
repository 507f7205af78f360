//! Room: report. Chart 20: where does each KPI stand in base and what-if? Two dots and their intervals a KPI, an axis a unit.

use crate::metrics::Better;
use crate::report::canvas::{Canvas, Pen};
use crate::report::layout::{self, AXIS_PX, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, Words, shortened};
use crate::report::measure::{Interval, Measure, paired_source, places_of_difference, ticks};
use crate::report::palette::{GREY, GRID, INK, MUTED, THIN};
use crate::report::table::{Table, exact};
use crate::report::wording::{plural, signed};
use crate::report::{Chart, Look};
use crate::scenario::Language;

const SLUG: &str = "20-dumbbell";
/// Rows that fit on a slide.
const MOST_ROWS: usize = 9;
/// Half of the distance between the lines of both sides.
const APART: f64 = 11.0;
/// Rows of at least this height have room for two lines of figures.
const TWO_LINES: f64 = 60.0;
/// Figures of one unit stand on one axis up to this ratio of largest to smallest.
const MOST_RATIO: f64 = 6.0;

/// One KPI on both sides.
#[derive(Clone, PartialEq, Debug)]
pub struct DumbbellRow {
    /// What is measured.
    pub measure: Measure,
    /// In the base.
    pub base: Interval,
    /// In the what-if.
    pub whatif: Interval,
    /// The paired difference, what-if minus base.
    pub difference: Interval,
    /// The difference is shown, after correction for all that are compared.
    pub clear: bool,
}

/// All the chart is made from.
#[derive(Clone, Copy, Debug)]
pub struct DumbbellView<'a> {
    /// KPIs in the order to show; rows without numbers are left out.
    pub rows: &'a [DumbbellRow],
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
    /// The rule by which a difference is shown, and whether intervals follow it, such as `Holm over 11 differences, intervals
    /// each by itself`.
    pub rule: &'a str,
    /// Language and theme.
    pub look: &'a Look,
}

/// What the interval of the difference allows to say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verdict {
    Better,
    Worse,
    /// Clearly another value of what is neither good nor bad by itself.
    Other,
    Unclear,
}

impl DumbbellRow {
    fn verdict(&self) -> Verdict {
        let rises = self.difference.mean > 0.0;
        match (self.clear, self.measure.better) {
            (false, _) => Verdict::Unclear,
            (true, Better::Neither) => Verdict::Other,
            (true, better) if (better == Better::Higher) == rises => Verdict::Better,
            _ => Verdict::Worse,
        }
    }
    /// A share lies between nothing and all, whatever its interval by the normal distribution.
    fn within(&self) -> DumbbellRow {
        let cut = |side: Interval| match side {
            side if self.measure.unit != "share" || !side.judged() => side,
            Interval { mean, lo, hi } => Interval { mean, lo: lo.max(mean.min(0.0)), hi: hi.min(mean.max(1.0)) },
        };
        DumbbellRow { base: cut(self.base), whatif: cut(self.whatif), ..self.clone() }
    }
    fn size(&self) -> f64 {
        self.base.mean.abs().max(self.whatif.mean.abs())
    }
}

/// The chart.
pub(crate) fn chart(view: &DumbbellView<'_>) -> Chart {
    let usable = |row: &&DumbbellRow| row.base.known() && row.whatif.known();
    let rows: Vec<DumbbellRow> = view.rows.iter().filter(usable).take(MOST_ROWS).map(DumbbellRow::within).collect();
    let rows: Vec<&DumbbellRow> = rows.iter().collect();
    let (look, base, whatif) = (view.look, view.base.trim(), view.whatif.trim());
    let subtitle = look.say(
        format!("KPIs in “{base}” and in “{whatif}”, with {}% intervals", view.percent),
        format!("“{base}”与“{whatif}”的各项指标，附 {}% 置信区间", view.percent),
    );
    let note = look.say(
        format!(
            "pairs know the difference better than either side; grey = no difference shown; verdicts: {}",
            view.rule
        ),
        format!("成对比较得到的差异比任一侧的水平更准；灰色 = 未显示差异；判定：{}", view.rule),
    );
    let source = paired_source(view.source, view.replications, &note, look);
    let words = Words { title: title(view, &rows), subtitle, source };
    if rows.is_empty() {
        return Chart::nothing(
            view.look,
            SLUG,
            words,
            look.say("Nothing to draw: no KPI has a value on both sides.", "无图可画：没有任何指标在两侧都有数值。"),
            table(&rows),
        );
    }
    let say = |row: &&DumbbellRow| {
        let [base, whatif] = [row.base, row.whatif].map(|side| row.measure.value(side.mean));
        format!("{}: {base} → {whatif}", row.measure.label)
    };
    let all = rows.iter().map(say).collect::<Vec<_>>().join("; ");
    let alt = look.say(format!("Two dots a KPI. {all}."), format!("每项指标两个点。{all}。"));
    let takeaway = takeaway(&rows, look);
    Chart::draw(view.look, SLUG, words, alt, table(&rows), |canvas, top| draw(canvas, top, view, &rows))
        .taking(takeaway)
}

/// What is better, worse or other beyond chance, from where to where.
fn takeaway(rows: &[&DumbbellRow], look: &Look) -> String {
    let say = |row: &&&DumbbellRow| {
        let [base, whatif] = [row.base, row.whatif].map(|side| row.measure.value(side.mean));
        format!("{} {base} → {whatif}", row.measure.inside())
    };
    let kinds = [
        (Verdict::Better, look.say("Better", "改善")),
        (Verdict::Worse, look.say("Worse", "变差")),
        (Verdict::Other, look.say("Otherwise clear", "其他明确变化")),
    ];
    let said: Vec<String> = kinds
        .iter()
        .filter_map(|(verdict, word)| {
            let mine: Vec<String> = rows.iter().filter(|row| row.verdict() == *verdict).map(|row| say(&row)).collect();
            (!mine.is_empty())
                .then(|| look.say(format!("{word}: {}.", mine.join(", ")), format!("{word}：{}。", mine.join("，"))))
        })
        .collect();
    match said.is_empty() {
        true => look.say("Chance alone may do all of these differences.", "这些差异都可能只是随机波动。").to_owned(),
        false => said.join(look.say(" ", "")),
    }
}

/// The title in Chinese.
fn title_zh(whatif: &str, all: usize, [better, worse, other, unclear]: [usize; 4]) -> String {
    let (moved, none) = (format!("，{other} 项变动但无所谓优劣"), format!("，{unclear} 项未显示差异"));
    let rest = [(other, moved), (unclear, none)];
    let rest: String = rest.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words).collect();
    match (better, worse) {
        _ if all == 0 => "基准与假设方案无法比较".to_owned(),
        (0, 0) if other > 0 => format!("{whatif}：图中 {all} 项指标无一改善或变差{rest}"),
        (0, 0) => format!("{whatif}：图中 {all} 项指标均未显示差异"),
        (n, 0) => format!("{whatif}：图中 {all} 项指标有 {n} 项改善，无一变差{rest}"),
        (0, n) => format!("{whatif}：图中 {all} 项指标有 {n} 项变差，无一改善{rest}"),
        (n, m) => format!("{whatif}：图中 {all} 项指标有 {n} 项改善，{m} 项变差{rest}"),
    }
}

/// How many KPIs are better, worse, or neither beyond the noise.
fn title(view: &DumbbellView<'_>, rows: &[&DumbbellRow]) -> String {
    let whatif = view.whatif.trim();
    let of = |verdict| rows.iter().filter(|row| row.verdict() == verdict).collect::<Vec<_>>();
    let (better, worse) = (of(Verdict::Better), of(Verdict::Worse));
    let (other, unclear) = (of(Verdict::Other).len(), of(Verdict::Unclear).len());
    let name = |rows: &[&&DumbbellRow]| match rows {
        [one] => format!(" ({})", one.measure.inside()),
        [one, two] => format!(" ({}, {})", one.measure.inside(), two.measure.inside()),
        _ => String::new(),
    };
    if view.look.language == Language::Zh {
        return title_zh(whatif, rows.len(), [better.len(), worse.len(), other, unclear]);
    }
    let all = plural(rows.len(), "KPI");
    // Every KPI is in one of the counts.
    let moved = format!(", {other} neither but moved");
    let rest = [(other, moved), (unclear, format!(", no difference shown in {unclear}"))];
    let rest: String = rest.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words).collect();
    match (better.len(), worse.len()) {
        _ if rows.is_empty() => "Base and what-if cannot be compared".to_owned(),
        (0, 0) if other > 0 => format!("{whatif}: none of the {all} drawn better or worse{rest}"),
        (0, 0) => format!("{whatif}: no difference shown in the {all} drawn"),
        (n, 0) => format!("{whatif}: {n} of the {all} drawn better, none worse{rest}"),
        (0, n) => format!("{whatif}: {n} of the {all} drawn worse, none better{rest}"),
        (n, m) => format!("{whatif}: {n} of the {all} drawn better, {m} worse{}{rest}", name(&worse)),
    }
}

/// Rows that share an axis: the same unit and about the same size.
fn groups<'a>(rows: &[&'a DumbbellRow]) -> Vec<Vec<&'a DumbbellRow>> {
    let mut groups: Vec<Vec<&DumbbellRow>> = Vec::new();
    for &row in rows {
        let fits = |group: &&mut Vec<&DumbbellRow>| {
            let ratio = |other: &&DumbbellRow| {
                let (small, large) = (other.size().min(row.size()), other.size().max(row.size()));
                row.measure.unit == "share" || large <= small * MOST_RATIO
            };
            group[0].measure.unit == row.measure.unit && group.iter().all(ratio)
        };
        match groups.iter_mut().find(fits) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

fn draw(canvas: &mut Canvas<'_>, top: f64, view: &DumbbellView<'_>, rows: &[&DumbbellRow]) {
    const AXIS_ROOM: f64 = 56.0;
    let (left, right) = (LEFT + 480.0, RIGHT - 520.0);
    key(canvas, view, top + 4.0, (left, right));
    canvas.text(
        (right + 90.0, top + 4.0),
        &view.look.say(format!("Difference, {}% interval", view.percent), format!("差异，{}% 区间", view.percent)),
        canvas.pen(21.0),
    );
    let top = top + 22.0;
    let groups = groups(rows);
    let room = BOTTOM + 44.0 - top - AXIS_ROOM * groups.len() as f64;
    let slot = (room / rows.len() as f64).min(96.0);
    let mut y = top;
    for group in &groups {
        let bottom = y + slot * group.len() as f64;
        draw_group(canvas, group, (y, bottom), slot, (left, right));
        y = bottom + AXIS_ROOM;
    }
}

/// Which dot is which.
fn key(canvas: &mut Canvas<'_>, view: &DumbbellView<'_>, y: f64, (left, right): (f64, f64)) {
    let half = (right - left) / 2.0 - 30.0;
    let (plain, bold) = (canvas.pen(AXIS_PX), canvas.pen(AXIS_PX).colour(canvas.theme().clear()).bold());
    canvas.dot((left + 10.0, y - 7.0), 10.0, GREY);
    let base = shortened(view.base.trim(), plain, half);
    canvas.text((left + 30.0, y), &base, plain);
    let next = left + 30.0 + plain.width(&base) + 40.0;
    canvas.dot((next + 10.0, y - 7.0), 10.0, canvas.theme().clear());
    canvas.text((next + 30.0, y), &shortened(view.whatif.trim(), bold, right + 70.0 - next - 30.0), bold);
}

fn draw_group(
    canvas: &mut Canvas<'_>,
    group: &[&DumbbellRow],
    (top, bottom): (f64, f64),
    slot: f64,
    (left, right): (f64, f64),
) {
    let measure = &group[0].measure;
    let (factor, percent) = (measure.factor(), measure.unit == "share");
    let ends = group.iter().flat_map(|row| row.base.ends().chain(row.whatif.ends()));
    let marks = ticks(ends.map(|value| value * factor), 6, percent);
    let x = Scale::linear((marks[0].0, marks[marks.len() - 1].0), (left, right));
    for (mark, _) in &marks {
        canvas.line((x.px(*mark), top + 6.0), (x.px(*mark), bottom), GRID, 1.5);
    }
    layout::axis(canvas, &marks, x, bottom, (left, right));
    if !percent {
        let unit = measure.heading();
        let unit = unit.strip_prefix(&measure.label).unwrap_or("").trim_start_matches(", ");
        let unit = unit.trim_start_matches('（').trim_end_matches('）');
        canvas.text((right + 40.0, bottom + 33.0), unit, canvas.pen(AXIS_PX));
    }
    for (place, row) in group.iter().enumerate() {
        draw_row(canvas, row, (top + slot * (place as f64 + 0.5), slot), x, right);
    }
}

fn draw_row(canvas: &mut Canvas<'_>, row: &DumbbellRow, (y, slot): (f64, f64), x: Scale, right: f64) {
    let name = canvas.pen(LABEL_PX).ink().bold();
    canvas.text((LEFT, y + 9.0), &shortened(&row.measure.label, name, 470.0), name);
    let factor = row.measure.factor();
    let (base, whatif) = (row.base.times(factor), row.whatif.times(factor));
    // Each side on a line of its own, so that neither hides the other's interval or figure.
    let (lines, accent) = ([y - APART, y + APART], canvas.theme().clear());
    let dots = [base, whatif].map(|side| x.px_within(side.mean));
    canvas.line((dots[0], lines[0]), (dots[1], lines[1]), THIN, 5.0);
    let plain = canvas.pen(20.0).colour(MUTED);
    let sides =
        [(row.base, base, GREY, plain, lines[0]), (row.whatif, whatif, accent, plain.colour(accent).bold(), lines[1])];
    for (place, (side, shown, colour, pen, y)) in sides.into_iter().enumerate() {
        let (dot, other) = (dots[place], dots[1 - place]);
        let (mut low, mut high) = (dot - 9.0, dot + 9.0);
        if shown.judged() {
            let (lo, hi) = (x.px_within(shown.lo), x.px_within(shown.hi));
            canvas.line((lo, y), (hi, y), colour, 3.0);
            for end in [lo, hi] {
                canvas.line((end, y - 7.0), (end, y + 7.0), colour, 2.5);
            }
            (low, high) = (low.min(lo), high.max(hi));
        }
        canvas.dot((dot, y), 8.0, colour);
        let value = row.measure.value(side.mean);
        // The unit stands on the axis; a percentage keeps its sign.
        let figure = value.split(' ').next().unwrap_or(&value);
        figure_beside(canvas, figure, pen, y, ((low, high), other), (x.px(x.low()), right));
    }
    draw_difference(canvas, row, (y, slot), right);
}

/// A figure on the side of its interval that the line to the other dot does not leave by; else beyond that dot.
fn figure_beside(
    canvas: &mut Canvas<'_>,
    figure: &str,
    pen: Pen<'_>,
    y: f64,
    ((low, high), other): ((f64, f64), f64),
    (left, right): (f64, f64),
) {
    const GAP: f64 = 12.0;
    let wide = pen.width(figure);
    let (fits_left, fits_right) = (low - GAP - wide >= left, high + GAP + wide <= right + 70.0);
    let goes_left = if other > high { fits_left } else { !fits_right };
    let (at, pen) = match goes_left {
        true if other > high => (low - GAP, pen.end()),
        true => (low.min(other - 9.0) - GAP, pen.end()),
        false => (if other > high { other + 9.0 } else { high } + GAP, pen),
    };
    canvas.halo_text((at, y + 7.0), figure, pen);
}

/// The difference, its interval and the verdict: on two lines where rows are high enough for that.
fn draw_difference(canvas: &mut Canvas<'_>, row: &DumbbellRow, (y, slot): (f64, f64), right: f64) {
    let look = canvas.look();
    let (colour, words) = match row.verdict() {
        Verdict::Better => (canvas.theme().clear(), look.say("better", "改善")),
        Verdict::Worse => (INK, look.say("worse", "变差")),
        Verdict::Other => (INK, look.say("clear", "明确")),
        Verdict::Unclear => (MUTED, ""),
    };
    let (left, pen, small) = (right + 90.0, canvas.pen(AXIS_PX).colour(colour).bold(), canvas.pen(18.0));
    let places = places_of_difference(&row.measure.unit, [row.base.mean, row.whatif.mean], &row.difference);
    let end = |value: f64| signed(value * row.measure.factor(), places);
    let interval = match row.difference.judged() {
        true => format!("{} {} {}", end(row.difference.lo), look.say("to", "至"), end(row.difference.hi)),
        false => look.say("no interval", "无区间").to_owned(),
    };
    let difference = row.measure.difference_to(row.difference.mean, places);
    let said = if words.is_empty() { interval } else { format!("{interval}, {words}") };
    let (at, wide) = match slot < TWO_LINES {
        true => ((left + pen.width(&difference) + 16.0, y + 7.0), RIGHT - left - pen.width(&difference) - 16.0),
        false => ((left, y + 19.0), RIGHT - left),
    };
    canvas.text((left, if slot < TWO_LINES { y + 7.0 } else { y - 4.0 }), &difference, pen);
    canvas.text(at, &shortened(&said, small, wide), small);
}

fn table(rows: &[&DumbbellRow]) -> Table {
    let mut table = Table::new(&[
        "kpi",
        "unit",
        "base_mean",
        "base_lo",
        "base_hi",
        "whatif_mean",
        "whatif_lo",
        "whatif_hi",
        "diff",
        "diff_lo",
        "diff_hi",
        "verdict",
    ]);
    for row in rows {
        let sides = [row.base, row.whatif, row.difference];
        let numbers = sides.into_iter().flat_map(|side| [side.mean, side.lo, side.hi]).map(exact);
        let verdict = match row.verdict() {
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::Other => "other",
            Verdict::Unclear => "unclear",
        };
        let words = [row.measure.label.clone(), row.measure.unit.clone()];
        table.push(words.into_iter().chain(numbers).chain([verdict.to_owned()]));
    }
    table
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn row(label: &str, unit: &str, better: Better, base: f64, difference: (f64, f64)) -> DumbbellRow {
        let side = |mean: f64| Interval::new(mean, mean.abs() * 0.012);
        DumbbellRow {
            measure: Measure {
                label: label.into(),
                unit: unit.into(),
                better,
                language: crate::scenario::Language::En,
            },
            base: side(base),
            whatif: side(base + difference.0),
            difference: Interval::new(difference.0, difference.1),
            clear: difference.0.abs() > difference.1,
        }
    }

    pub(crate) fn rows() -> Vec<DumbbellRow> {
        use Better::{Higher, Lower, Neither};
        vec![
            row("Near-field share of orders", "share", Neither, 0.294, (0.041, 0.004)),
            row("Near orders on time", "share", Higher, 0.871, (0.058, 0.006)),
            row("Courier utilisation", "share", Higher, 0.62, (-0.087, 0.012)),
            row("Near click-to-door, mean", "min", Lower, 27.4, (-3.6, 0.5)),
            row("Near click-to-door, 90th percentile", "min", Lower, 44.8, (-7.9, 1.1)),
            row("Cost per delivered order", "CNY", Lower, 8.41, (0.22, 0.05)),
            row("Contribution per order", "CNY", Higher, 6.35, (0.04, 0.09)),
            row("Far lead, mean", "h", Lower, 26.2, (0.1, 0.6)),
        ]
    }

    pub(crate) fn chart_of(rows: &[DumbbellRow]) -> Chart {
        let source = "nearfar 0.1.0 · scenarios 3f9c1a2b and 81aa02ce · seed 20251111";
        let (base, whatif) = ("Baseline city", "200 more couriers");
        let (percent, rule) = ("95", "Holm over 11 differences, intervals each by itself");
        chart(&DumbbellView { look: Look::plain(), rows, base, whatif, source, replications: 10, percent, rule })
    }

    #[test]
    fn only_clear_changes_are_called_better_or_worse() {
        let chart = chart_of(&rows());
        assert_eq!(
            chart.title,
            "200 more couriers: 3 of the 8 KPIs drawn better, 2 worse (courier utilisation, cost per delivered order), 1 neither \
             but moved, no difference shown in 2"
        );
        assert_eq!(chart.csv.lines().count(), 9);
        assert!(chart_of(&rows()[6..]).title.contains("no difference shown in the 2 KPIs drawn"));
        let mut single = rows();
        single.iter_mut().for_each(|row| {
            row.difference = Interval::new(row.difference.mean, f64::NAN);
            row.clear = false;
        });
        let chart = chart_of(&single);
        assert!(
            chart.title.contains("no difference shown in the 8 KPIs drawn") && !chart.svg.contains("NaN"),
            "{}",
            chart.title
        );
        assert!(chart_of(&[]).title.contains("cannot be compared"));
    }

    #[test]
    fn what_is_said_of_a_difference_holds_together() {
        // Beyond 0 by itself, and yet not shown among many; a share whose interval would leave 100 %.
        let mut cost = row("Cost per order", "CNY/order", Better::Lower, 9.12, (0.504, 0.283));
        cost.clear = false;
        let mut on_time = row("Near orders on time", "share", Better::Higher, 0.95, (-0.046, 0.129));
        on_time.base = Interval::new(0.95, 0.129);
        let chart = chart_of(&[cost, on_time]);
        assert!(chart.source.contains("intervals each by itself"), "{}", chart.source);
        assert!(chart.svg.contains("+0.22 to +0.79") && !chart.svg.contains("no difference shown, +0.22"));
        let line = chart.csv.lines().nth(2).unwrap();
        assert!(line.contains(",0.95,0.821,1,"), "{line}");
    }

    #[test]
    fn units_and_sizes_that_do_not_fit_one_axis_get_their_own() {
        let rows = rows();
        let all: Vec<&DumbbellRow> = rows.iter().collect();
        let sizes: Vec<usize> = groups(&all).iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 2, 2, 1]);
        let far = row("Far click-to-door", "min", Better::Lower, 2_390.0, (0.0, 1.0));
        let near = row("Near click-to-door", "min", Better::Lower, 24.0, (0.0, 1.0));
        assert_eq!(groups(&[&far, &near]).len(), 2);
    }
}
