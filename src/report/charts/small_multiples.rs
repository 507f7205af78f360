//! Room: report. Chart 31: does a lever do the same everywhere? One panel a level of a second factor, the others in grey.

use super::curves::{self, CurvePoint};
use crate::report::canvas::Canvas;
use crate::report::layout::{BOTTOM, LABEL_PX, LEFT, RIGHT, Words, shortened};
use crate::report::measure::{Lever, Measure, inside, source};
use crate::report::palette::THIN;
use crate::report::table::{Table, exact};
use crate::report::wording::plural;
use crate::report::{Chart, Look};
use crate::scenario::Language;

const SLUG: &str = "31-small-multiples";
/// Panels that fit on a slide.
const MOST_PANELS: usize = 9;
/// From the end of a line to its value.
const END_GAP: f64 = 14.0;

/// The curve at one level of the second factor.
#[derive(Clone, PartialEq, Debug)]
pub struct MultiplesPanel {
    /// The level in words, such as `Rain 20%`.
    pub level: String,
    /// The curve; points without numbers are left out.
    pub points: Vec<CurvePoint>,
}

/// All the chart is made from.
#[derive(Clone, Copy, Debug)]
pub struct MultiplesView<'a> {
    /// What is measured.
    pub measure: &'a Measure,
    /// What is varied within a panel.
    pub lever: &'a Lever,
    /// Name of the second factor, in words.
    pub by: &'a str,
    /// Panels in the order to show.
    pub panels: &'a [MultiplesPanel],
    /// Label of the scenario.
    pub label: &'a str,
    /// The study: version, hash, seed.
    pub source: &'a str,
    /// Replications at each point.
    pub replications: u32,
    /// Language and theme.
    pub look: &'a Look,
}

/// The chart.
pub(crate) fn chart(view: &MultiplesView<'_>) -> Chart {
    let usable = |panel: &MultiplesPanel| MultiplesPanel { points: curves::known(&panel.points), ..panel.clone() };
    let all: Vec<MultiplesPanel> = view.panels.iter().map(usable).filter(|panel| !panel.points.is_empty()).collect();
    let panels = &all[..all.len().min(MOST_PANELS)];
    let (look, label) = (view.look, view.label.trim());
    let some = all.len() > MOST_PANELS;
    let subtitle = match look.language {
        Language::En => {
            let left_out = if some { format!(", first {MOST_PANELS} of {}", all.len()) } else { String::new() };
            let (figure, lever) = (view.measure.heading(), inside(&view.lever.heading()));
            format!("{figure} by {lever}, a panel for each {}{left_out}, {label}", inside(view.by))
        }
        Language::Zh => {
            let left_out =
                if some { format!("（{} 个中的前 {MOST_PANELS} 个）", all.len()) } else { String::new() };
            let (figure, lever) = (view.measure.heading(), view.lever.heading());
            format!("{figure}，横轴为{lever}，每个{}一幅{left_out}，{label}", view.by)
        }
    };
    let note = look.say("ribbon = 95% interval; grey = the other panels", "色带 = 95% 置信区间；灰线 = 其他各幅");
    let words =
        Words { title: title(view, panels), subtitle, source: source(view.source, view.replications, note, look) };
    if panels.is_empty() {
        return Chart::nothing(
            view.look,
            SLUG,
            words,
            look.say("Nothing to draw: no run gave this figure.", "无图可画：没有运行给出这项指标。"),
            table(panels),
        );
    }
    let say = |panel: &MultiplesPanel| {
        let [first, last] = ends(panel).map(|point| view.measure.value(point.y.mean));
        format!("{}: {first} → {last}", panel.level)
    };
    let all = panels.iter().map(say).collect::<Vec<_>>().join("; ");
    let alt = look.say(format!("Small panels of one curve each. {all}."), format!("小图，每幅一条曲线。{all}。"));
    Chart::draw(view.look, SLUG, words, alt, table(panels), |canvas, top| draw(canvas, top, view, panels))
}

fn ends(panel: &MultiplesPanel) -> [&CurvePoint; 2] {
    [&panel.points[0], &panel.points[panel.points.len() - 1]]
}

/// In how many panels the ends of the curve are apart beyond their intervals, and in which direction.
fn title(view: &MultiplesView<'_>, panels: &[MultiplesPanel]) -> String {
    let (figure, lever, all) = (&view.measure.label, view.lever, panels.len());
    if panels.is_empty() {
        return view.look.say(
            format!("What {} do cannot be said: no run gave {}", lever.inside(), view.measure.inside()),
            format!("{}的作用无从判断：没有运行给出{figure}", lever.label),
        );
    }
    let moves = |panel: &&MultiplesPanel| {
        let [first, last] = ends(panel);
        i32::from(last.y.above(&first.y)) - i32::from(first.y.above(&last.y))
    };
    let which = |direction: i32| panels.iter().filter(|panel| moves(panel) == direction).collect::<Vec<_>>();
    let (up, down, level) = (which(1), which(-1), which(0));
    let from = panels.iter().map(|panel| ends(panel)[0].x).fold(f64::INFINITY, f64::min);
    let to = panels.iter().map(|panel| ends(panel)[1].x).fold(f64::NEG_INFINITY, f64::max);
    let way = format!("from {} to {}", lever.figure(from), lever.sentence(to));
    if view.look.language == Language::Zh {
        let way = format!("{}从 {} 到 {}", lever.label, lever.figure(from), lever.figure(to));
        return match (up.len(), down.len()) {
            (0, 0) => format!("{way}，{all} 幅中{figure}均无明确变化"),
            (count, 0) => format!("{way}，{figure}在 {all} 幅中的 {count} 幅上升，其余无明确变化"),
            (0, count) => format!("{way}，{figure}在 {all} 幅中的 {count} 幅下降，其余无明确变化"),
            (rises, falls) => format!("{way}，{figure}在 {all} 幅中 {rises} 幅上升，{falls} 幅下降"),
        }
        .replace(&format!("在 {all} 幅中的 {all} 幅"), &format!("在全部 {all} 幅中"))
        .replace(if level.is_empty() { "，其余无明确变化" } else { "\u{0}" }, "");
    }
    let said = |count: usize, verb: &str| match all {
        1 => verb.to_owned(),
        _ if count == all && all == 2 => format!("{verb} in both panels"),
        _ if count == all => format!("{verb} in all {all} panels"),
        _ => format!("{verb} in {count} of {all} panels"),
    };
    let rest = match level.as_slice() {
        [] => range(view, panels),
        [one] => format!("; no clear change at {}", inside(&one.level)),
        some => format!("; no clear change in {}", some.len()),
    };
    match (up.len(), down.len()) {
        (0, 0) => format!("{figure}: no clear change {way} in {}", plural(all, "panel")),
        (count, 0) => format!("{figure}: {} {way}{rest}", said(count, "up")),
        (0, count) => format!("{figure}: {} {way}{rest}", said(count, "down")),
        (rises, falls) => format!("{figure}: up in {rises} of {all} panels {way}, down in {falls}{rest}"),
    }
}

/// Between which values the curves end, if the lowest and the highest are apart.
fn range(view: &MultiplesView<'_>, panels: &[MultiplesPanel]) -> String {
    let last = |panel: &&MultiplesPanel| ends(panel)[1].y.mean;
    let lowest = panels.iter().min_by(|a, b| last(a).total_cmp(&last(b)));
    let highest = panels.iter().max_by(|a, b| last(a).total_cmp(&last(b)));
    match (lowest, highest) {
        (Some(low), Some(high)) if ends(high)[1].y.above(&ends(low)[1].y) => {
            let say =
                |panel: &MultiplesPanel| format!("{} ({})", view.measure.value(last(&panel)), inside(&panel.level));
            format!(", to between {} and {}", say(low), say(high))
        }
        _ => String::new(),
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, view: &MultiplesView<'_>, panels: &[MultiplesPanel]) {
    let columns = match panels.len() {
        1 => 1,
        2..=4 => 2,
        _ => 3,
    };
    let rows = panels.len().div_ceil(columns);
    let gap = 60.0;
    let (wide, high) = ((RIGHT - LEFT + gap) / columns as f64, (BOTTOM + 62.0 - top) / rows as f64);
    let all = panels.iter().flat_map(|panel| &panel.points);
    // The unit stands in the subtitle; a percentage keeps its sign.
    let figure = |panel: &MultiplesPanel| {
        let value = view.measure.value(ends(panel)[1].y.mean);
        value.split(' ').next().unwrap_or(&value).to_owned()
    };
    // Room for the value at the end of the line, the same in all panels.
    let pen = canvas.pen(LABEL_PX - 2.0).bold();
    let room = panels.iter().map(|panel| pen.width(&figure(panel))).fold(0.0, f64::max) + END_GAP + 6.0;
    for (place, panel) in panels.iter().enumerate() {
        let (left, above) = (LEFT + wide * (place % columns) as f64, top + high * (place / columns) as f64);
        let right = left + wide - gap;
        let name = canvas.pen(LABEL_PX).ink().bold();
        let pen = canvas.pen(LABEL_PX - 2.0).colour(canvas.theme().clear()).bold();
        let from = left + 74.0;
        canvas.text((from, above + 4.0), &shortened(&panel.level, name, right - from), name);
        let (corner, end) = ((from, above + 30.0), (right - room, above + high - 80.0));
        let wanted = if rows > 2 { 2 } else { 4 };
        let axes = curves::axes(canvas, all.clone(), view.measure, view.lever, corner, end, wanted);
        for other in panels.iter().filter(|other| *other != panel) {
            curves::line(canvas, &other.points, axes, THIN, 2.5);
        }
        curves::ribbon(canvas, &panel.points, axes, canvas.theme().ribbon());
        curves::line(canvas, &panel.points, axes, canvas.theme().clear(), 4.5);
        let last = ends(panel)[1];
        let at = axes.at(last.x, last.y.mean);
        canvas.dot(at, 7.5, canvas.theme().clear());
        canvas.halo_text((at.0 + END_GAP, at.1 + 8.0), &figure(panel), pen);
    }
}

fn table(panels: &[MultiplesPanel]) -> Table {
    let mut table = Table::new(&["panel", "lever", "mean", "lo95", "hi95"]);
    for panel in panels {
        for point in &panel.points {
            let numbers = [point.x, point.y.mean, point.y.lo, point.y.hi].map(exact);
            table.push([panel.level.clone()].into_iter().chain(numbers));
        }
    }
    table
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::fleet_knee::tests::{curve, lever, on_time};
    use super::*;
    use crate::report::measure::Interval;

    pub(crate) fn panels(count: usize) -> Vec<MultiplesPanel> {
        let levels = ["No rain", "Rain 5%", "Rain 10%", "Rain 20%", "Rain 40%", "Rain all day", "Storm", "Snow", "Fog"];
        let panel = |n: usize| MultiplesPanel {
            level: levels[n].to_owned(),
            points: curve(0.96 - 0.06 * n as f64, 0.46 - 0.03 * n as f64, 0.03),
        };
        (0..count).map(panel).collect()
    }

    pub(crate) fn chart_of(panels: &[MultiplesPanel]) -> Chart {
        let (measure, lever) = (on_time(), lever());
        let source = "nearfar 0.1.0 · sweep fleet · scenario 3f9c1a2b · seed 20251111";
        let view = MultiplesView {
            look: Look::plain(),
            measure: &measure,
            lever: &lever,
            by: "Share of rain",
            panels,
            label: "Baseline city",
            source,
            replications: 20,
        };
        chart(&view)
    }

    #[test]
    fn the_title_counts_the_panels_that_change_beyond_their_intervals() {
        let mut six = panels(6);
        assert_eq!(
            chart_of(&six).title,
            "Near orders on time: up in all 6 panels from 200 to 1,300 couriers, to between 65.8% (rain all day) and 95.7% \
             (no rain)"
        );
        six[5].points.iter_mut().for_each(|point| point.y = Interval::new(0.6, 0.02));
        let title = chart_of(&six).title;
        assert_eq!(
            title,
            "Near orders on time: up in 5 of 6 panels from 200 to 1,300 couriers; no clear change at rain all day"
        );
        assert_eq!(chart_of(&six).csv.lines().count(), 73);
        assert!(chart_of(&six[5..]).title.contains("no clear change from 200 to"));
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        assert!(chart_of(&[]).title.contains("cannot be said"));
        let empty = MultiplesPanel { level: "Rain".into(), points: Vec::new() };
        assert!(chart_of(&[empty]).title.contains("cannot be said"));
    }
}
