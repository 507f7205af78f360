//! Room: report. Chart 12: why do near orders come late? Minutes of each part of the way, orders on time against late ones.

use crate::city::Channel;
use crate::report::canvas::Canvas;
use crate::report::data::{Orders, PARTS, Ways};
use crate::report::layout::{self, AXIS_PX, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, Words};
use crate::report::look::Pair;
use crate::report::measure::{Interval, inside, ticks};
use crate::report::palette::{GRID, INK, MUTED, PAPER, mix};
use crate::report::table::{Table, exact};
use crate::report::wording::{count, number, percent, signed};
use crate::report::{Chart, Look, RunView};
use crate::scenario::Language;

const SLUG: &str = "12-lateness-parts";
/// Two-sided 95 % of the normal distribution.
const Z95: f64 = 1.96;
/// Fewer orders than this on a side say nothing about a mean.
const ENOUGH: usize = 20;

/// Mean minutes of a part on both sides.
struct Row {
    name: Pair,
    on_time: f64,
    late: f64,
    /// Late minus on time.
    difference: Interval,
}

/// Both sides.
struct Parts {
    on_time: usize,
    late: usize,
    rows: Vec<Row>,
}

impl Parts {
    fn of(orders: &Orders, ways: &Ways) -> Parts {
        let near: Vec<usize> = orders.delivered_by(Channel::Near).collect();
        let side = |on_time: bool| -> Vec<usize> {
            let known = |order: &usize| ways.parts_s.iter().all(|part| part[*order].is_finite());
            near.iter().copied().filter(|&order| orders.on_time[order] == Some(on_time)).filter(known).collect()
        };
        let (on_time, late) = (side(true), side(false));
        let rows = PARTS.iter().zip(&ways.parts_s).map(|(&(_, name), seconds)| {
            let (a, b) = (moments(&on_time, seconds), moments(&late, seconds));
            let half = Z95 * (a.1 + b.1).sqrt();
            Row { name, on_time: a.0, late: b.0, difference: Interval::new(b.0 - a.0, half) }
        });
        // What no order knows is not shown.
        let rows = rows.filter(|row| row.on_time > 0.0 || row.late > 0.0).collect();
        Parts { on_time: on_time.len(), late: late.len(), rows }
    }
    fn totals(&self) -> (f64, f64) {
        (self.rows.iter().map(|row| row.on_time).sum(), self.rows.iter().map(|row| row.late).sum())
    }
}

/// Mean in minutes, and the squared standard error of it.
fn moments(orders: &[usize], seconds: &[f64]) -> (f64, f64) {
    let n = orders.len() as f64;
    let mean = orders.iter().map(|&order| seconds[order] / 60.0).sum::<f64>() / n;
    let squares = orders.iter().map(|&order| (seconds[order] / 60.0 - mean).powi(2)).sum::<f64>();
    (mean, squares / (n - 1.0) / n)
}

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, orders: &Orders, ways: &Ways) -> Chart {
    let parts = Parts::of(orders, ways);
    let look = view.look;
    let (on_time, late, label) = (count(parts.on_time), count(parts.late), view.scenario_words());
    let subtitle = match look.language {
        Language::En => {
            format!("Mean minutes of each part of a delivered near order, on time ({on_time}) and late ({late}){label}")
        }
        Language::Zh => {
            format!("已送达近场订单各环节的平均分钟数，准时（{on_time} 单）与超时（{late} 单）{label}")
        }
    };
    let note = look.say(
        "parts add up to click-to-door; difference with 95% interval over orders of one run",
        "各环节相加即下单到送达时长；差值附 95% 置信区间，以一次模拟内的订单计",
    );
    let words = |title: String| Words { title, subtitle, source: view.source(orders.len(), note) };
    if parts.late < ENOUGH || parts.on_time < ENOUGH {
        let near = look.plural(parts.on_time + parts.late, "near order", "单");
        let title = match (parts.on_time, parts.late) {
            (0, 0) => look.say("No near order was delivered in this run", "本次模拟没有近场订单送达").to_owned(),
            (_, 0) => look.say(format!("None of {near} came late"), format!("{near}近场订单无一超时")),
            _ => look.say(
                format!("{late} of {near} came late: too few of a kind to compare"),
                format!("{near}近场订单中 {late} 单超时：某一类太少，无法比较"),
            ),
        };
        let why = look.say(
            format!("Nothing to compare: both sides need at least {ENOUGH} orders."),
            format!("无可比较：准时与超时都至少需要 {ENOUGH} 单。"),
        );
        return Chart::nothing(look, SLUG, words(title), &why, Table::new(&COLUMNS));
    }
    let title = title(&parts, look);
    let min = look.say("min", "分钟");
    let say = |row: &Row| format!("{} {} → {} {min}", look.word(row.name), number(row.on_time, 1), number(row.late, 1));
    let said = parts.rows.iter().map(say).collect::<Vec<_>>().join(look.say("; ", "；"));
    let alt = look.say(format!("Bars by part. {said}."), format!("各环节的条形图。{said}。"));
    let table = table(&parts);
    Chart::draw(look, SLUG, words(title), alt, table, |canvas, top| draw(canvas, top, &parts))
}

/// How many come late, by how much longer they take, and the part that adds most if it surely does.
fn title(parts: &Parts, look: &Look) -> String {
    let (on_time, late) = parts.totals();
    let share = percent(parts.late as f64 / (parts.late + parts.on_time) as f64);
    let mut rows: Vec<&Row> = parts.rows.iter().collect();
    rows.sort_by(|a, b| b.difference.mean.total_cmp(&a.difference.mean));
    let more = number(late - on_time, 1);
    let longer = look.say(
        format!("{share} of near orders come late, after {more} more min"),
        format!("{share} 的近场订单超时，平均多用 {more} 分钟"),
    );
    match rows.as_slice() {
        [first, second, ..] if first.difference.above(&second.difference) => {
            let minutes = number(first.difference.mean, 1);
            look.say(
                format!("{longer}: {minutes} of them {}", inside(first.name.0)),
                format!("{longer}，其中{}占 {minutes} 分钟", first.name.1),
            )
        }
        [first, second, ..] if first.difference.clear() && second.difference.clear() => look.say(
            format!("{longer}; {} and {} take clearly longer", inside(first.name.0), inside(second.name.0)),
            format!("{longer}；{}和{}明显更久", first.name.1, second.name.1),
        ),
        _ => longer,
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, parts: &Parts) {
    let (left, right, top) = (LEFT + 400.0, RIGHT - 360.0, top + 40.0);
    let values = parts.rows.iter().flat_map(|row| [row.on_time, row.late]).chain([0.0]);
    let marks = ticks(values, 6, false);
    let x = Scale::linear((0.0, marks[marks.len() - 1].0), (left, right));
    for (mark, _) in &marks {
        canvas.line((x.px(*mark), top), (x.px(*mark), BOTTOM), GRID, 1.5);
    }
    layout::axis(canvas, &marks, x, BOTTOM, (left, right));
    let look = canvas.look();
    let min = look.say("min", "分钟");
    canvas.text((right + 18.0, BOTTOM + 33.0), min, canvas.pen(AXIS_PX));
    let pen = canvas.pen(AXIS_PX).ink();
    let pale = mix(canvas.theme().near(), PAPER, 0.62);
    for (place, (words, colour)) in
        [(look.say("on time", "准时"), pale), (look.say("late", "超时"), canvas.theme().near())].into_iter().enumerate()
    {
        let at = left + 150.0 * place as f64;
        canvas.rect((at, top - 35.0), (at + 22.0, top - 13.0), colour);
        canvas.text((at + 32.0, top - 17.0), words, pen);
    }
    canvas.text((right + 90.0, top - 17.0), look.say("Late orders take", "超时订单多用"), canvas.pen(AXIS_PX));
    let slot = ((BOTTOM - top) / (parts.rows.len() + 1) as f64).min(100.0);
    let (on_time, late) = parts.totals();
    for (place, row) in parts.rows.iter().enumerate() {
        let y = top + slot * (place as f64 + 0.5);
        canvas.text((LEFT, y + 9.0), look.word(row.name), canvas.pen(LABEL_PX).ink().bold());
        let half = slot * 0.34;
        for (minutes, colour, from, to) in
            [(row.on_time, pale, y - half, y - 1.0), (row.late, canvas.theme().near(), y + 1.0, y + half)]
        {
            canvas.rect((left, from), (x.px(minutes).max(left + 2.0), to), colour);
            let pen = canvas.pen(20.0).ink();
            canvas.halo_text((x.px(minutes) + 10.0, (from + to) / 2.0 + 7.0), &number(minutes, 1), pen);
        }
        let clear = row.difference.clear();
        let pen = canvas.pen(LABEL_PX).colour(if clear { INK } else { MUTED }).bold();
        canvas.text((right + 90.0, y - 2.0), &format!("{} {min}", signed(row.difference.mean, 1)), pen);
        let (lo, hi) = (signed(row.difference.lo, 1), signed(row.difference.hi, 1));
        let interval = look.say(format!("{lo} to {hi}"), format!("{lo} 至 {hi}"));
        canvas.text((right + 90.0, y + 26.0), &interval, canvas.pen(20.0));
    }
    let y = top + slot * (parts.rows.len() as f64 + 0.5);
    canvas.line((LEFT, y - slot * 0.45), (RIGHT, y - slot * 0.45), GRID, 2.0);
    let pen = canvas.pen(LABEL_PX).ink().bold();
    canvas.text((LEFT, y + 9.0), look.say("Click-to-door", "下单到送达时长"), pen);
    let (a, b) = (number(on_time, 1), number(late, 1));
    let words = look.say(format!("{a} min on time, {b} min late"), format!("准时 {a} 分钟，超时 {b} 分钟"));
    canvas.halo_text((left, y + 9.0), &words, pen);
    canvas.text((right + 90.0, y + 9.0), &format!("{} {min}", signed(late - on_time, 1)), pen);
}

const COLUMNS: [&str; 6] = ["part", "on_time_mean_min", "late_mean_min", "difference_min", "lo95", "hi95"];

fn table(parts: &Parts) -> Table {
    let mut table = Table::new(&COLUMNS);
    for row in &parts.rows {
        let numbers = [row.on_time, row.late, row.difference.mean, row.difference.lo, row.difference.hi].map(exact);
        table.push([row.name.0.to_owned()].into_iter().chain(numbers));
    }
    let (on_time, late) = parts.totals();
    table.push(
        ["Click-to-door".to_owned()]
            .into_iter()
            .chain([on_time, late, late - on_time].map(exact))
            .chain([exact(f64::NAN), exact(f64::NAN)]),
    );
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::City;

    fn parts(differences: &[(f64, f64)]) -> Parts {
        let row = |(place, &(mean, half)): (usize, &(f64, f64))| Row {
            name: PARTS[place].1,
            on_time: 5.0,
            late: 5.0 + mean,
            difference: Interval::new(mean, half),
        };
        Parts { on_time: 90, late: 10, rows: differences.iter().enumerate().map(row).collect() }
    }

    #[test]
    fn the_part_that_adds_most_is_named_only_if_it_surely_does() {
        let sure = title(&parts(&[(1.0, 0.5), (2.0, 0.5), (9.0, 2.0)]), Look::plain());
        assert_eq!(sure, "10% of near orders come late, after 12.0 more min: 9.0 of them picking and packing");
        let close = title(&parts(&[(4.0, 1.0), (5.0, 1.0)]), Look::plain());
        assert!(
            close.ends_with("more min; waiting for a picker and at a store it left again take clearly longer"),
            "{close}"
        );
        assert!(title(&parts(&[(4.0, 9.0), (5.0, 9.0)]), Look::plain()).ends_with("more min"));
    }

    #[test]
    fn parts_add_up_and_few_orders_say_so() {
        let chart = City { orders: 9_000, ..City::default() }.chart(SLUG);
        assert!(chart.title.contains("waiting for a courier"), "{}", chart.title);
        assert_eq!(chart.csv.lines().count(), PARTS.len() + 1, "no order left a store again; header and sum");
        let few = City { orders: 30, ..City::default() }.chart(SLUG);
        assert!(few.alt.contains("Nothing to compare"));
    }
}
