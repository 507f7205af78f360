//! Room: report. Chart 30: from where on does more of something bring little more? A curve with its knee, one or two panels.

use super::curves::{self, Axes, CurvePoint};
use crate::report::canvas::{Canvas, Point};
use crate::report::layout::{Area, BOTTOM, LABEL_PX, LEFT, RIGHT, Taken, Words, shortened};
use crate::report::measure::{Interval, Lever, Measure, inside, source};
use crate::report::palette::{BAND, INK};
use crate::report::table::{Table, exact};
use crate::report::wording::plural;
use crate::report::{Chart, Look};
use crate::scenario::Language;

const SLUG: &str = "30-fleet-knee";
/// Panels that fit on a slide.
const MOST_PANELS: usize = 2;

/// One figure against the lever.
#[derive(Clone, PartialEq, Debug)]
pub struct KneePanel {
    /// What is measured.
    pub measure: Measure,
    /// The curve; points without numbers are left out.
    pub points: Vec<CurvePoint>,
    /// Knee of the mean curve and the interval over replications, in the unit of the lever; None if it has none.
    pub knee: Option<Interval>,
}

/// All the chart is made from.
#[derive(Clone, Copy, Debug)]
pub struct KneeView<'a> {
    /// What is varied.
    pub lever: &'a Lever,
    /// The first two are drawn; the first one makes the title.
    pub panels: &'a [KneePanel],
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
pub(crate) fn chart(view: &KneeView<'_>) -> Chart {
    let usable = |panel: &KneePanel| KneePanel { points: curves::known(&panel.points), ..panel.clone() };
    let mut panels: Vec<KneePanel> = view.panels.iter().map(usable).filter(|panel| !panel.points.is_empty()).collect();
    panels.truncate(MOST_PANELS);
    let names: Vec<String> = panels.iter().map(|panel| panel.measure.heading()).collect();
    let (look, label) = (view.look, view.label.trim());
    let against = view.lever.heading();
    let subtitle = match (names.is_empty(), look.language) {
        (true, Language::En) => format!("Nothing measured against {}, {label}", inside(&against)),
        (false, Language::En) => format!("{} against {}, {label}", names.join("; "), inside(&against)),
        (true, Language::Zh) => format!("没有指标可对{against}作图，{label}"),
        (false, Language::Zh) => format!("{}，横轴为{against}，{label}", names.join("；")),
    };
    let note = look.say(
        "ribbon = 95% interval; knee = farthest from the straight line between the ends, its band = 95% interval \
         where wider than the levels are apart",
        "色带 = 95% 置信区间；拐点 = 距两端连线最远处，其竖带 = 宽于水平间距时的 95% 置信区间",
    );
    let words =
        Words { title: title(view, &panels), subtitle, source: source(view.source, view.replications, note, look) };
    if panels.is_empty() {
        let why = look.say("Nothing to draw: no run gave these figures.", "无图可画：没有运行给出这些指标。");
        return Chart::nothing(view.look, SLUG, words, why, table(&panels));
    }
    let alt = panels.iter().map(|panel| {
        let (label, points) = (&panel.measure.label, panel.points.len());
        let knee = panel.knee.map(|knee| knee_words(view.lever, panel, &knee));
        match look.language {
            Language::En => {
                let knee = knee.map_or("no knee".to_owned(), |knee| format!("knee at {knee}"));
                format!("{label} at {}, {knee}", plural(points, "point"))
            }
            Language::Zh => {
                format!("{label}，{points} 个点，{}", knee.map_or("无拐点".to_owned(), |knee| format!("拐点在 {knee}")))
            }
        }
    });
    let alt = alt.collect::<Vec<_>>().join("; ");
    let alt = look.say(format!("Curves with ribbons. {alt}."), format!("带区间的曲线。{alt}。"));
    let takeaway = takeaway(view.lever, &panels, look);
    Chart::draw(view.look, SLUG, words, alt, table(&panels), |canvas, top| draw(canvas, top, view.lever, &panels))
        .taking(takeaway)
}

/// What each figure is at both ends and at its knee.
fn takeaway(lever: &Lever, panels: &[KneePanel], look: &Look) -> String {
    let say = |panel: &KneePanel| {
        let at = |point: &CurvePoint| {
            let (value, x) = (panel.measure.value(point.y.mean), lever.figure(point.x));
            look.say(format!("{value} at {x}"), format!("{x} 时 {value}"))
        };
        let (first, last) = (&panel.points[0], &panel.points[panel.points.len() - 1]);
        let bend = panel.knee.map(|knee| nearest(panel, knee.mean)).filter(|it| it.x != first.x && it.x != last.x);
        let stops: Vec<String> = std::iter::once(first).chain(bend).chain([last]).map(at).collect();
        let name = panel.measure.beginning();
        look.say(format!("{name}: {}", stops.join(", ")), format!("{name}：{}", stops.join("，")))
    };
    let said: Vec<String> = panels.iter().map(say).collect();
    look.say(format!("{}.", said.join(". ")), format!("{}。", said.join("；")))
}

/// The point next to a value of the lever.
fn nearest(panel: &KneePanel, x: f64) -> &CurvePoint {
    let apart = |point: &CurvePoint| (point.x - x).abs();
    let last = &panel.points[panel.points.len() - 1];
    panel.points.iter().min_by(|a, b| apart(a).total_cmp(&apart(b))).unwrap_or(last)
}

/// The levels next to the ends of the knee's interval; None where that is finer than the levels are apart, which says nothing
/// of what lies between them.
fn range(panel: &KneePanel, knee: &Interval) -> Option<(f64, f64)> {
    let ends = [knee.lo, knee.hi].map(|end| nearest(panel, end).x);
    (knee.judged() && ends[0] < ends[1]).then_some((ends[0], ends[1]))
}

/// `320 (280–360)`: the knee and its interval in levels that were run.
fn knee_words(lever: &Lever, panel: &KneePanel, knee: &Interval) -> String {
    let value = lever.value(knee.mean);
    range(panel, knee).map_or(value.clone(), |ends| format!("{value} ({})", lever.range(ends)))
}

/// What the first curve does up to its knee and after it; what lies within the intervals is not called a gain.
fn title(view: &KneeView<'_>, panels: &[KneePanel]) -> String {
    if view.look.language == Language::Zh {
        return title_zh(view, panels);
    }
    let Some(panel) = panels.first() else {
        return format!("What {} do cannot be said: no run gave a figure", view.lever.inside());
    };
    let (lever, figure) = (view.lever, panel.measure.inside());
    let (first, last) = (panel.points[0], panel.points[panel.points.len() - 1]);
    let moved = |from: &Interval, to: &Interval| to.above(from) || from.above(to);
    if panel.points.len() < 2 {
        return format!("{} was run only at {}", panel.measure.label, lever.sentence(first.x));
    }
    let Some(knee) = panel.knee else {
        let more = if last.y.mean > first.y.mean { "up" } else { "down" };
        return match moved(&first.y, &last.y) {
            false => {
                format!("No clear change of {figure} from {} to {}", lever.figure(first.x), lever.sentence(last.x))
            }
            true => format!(
                "{}: {more} from {} to {} at {}, without a knee",
                panel.measure.label,
                panel.measure.value(first.y.mean),
                panel.measure.value(last.y.mean),
                lever.sentence(last.x)
            ),
        };
    };
    let at = nearest(panel, knee.mean).y;
    let within = range(panel, &knee).map_or(String::new(), |ends| format!(" ({})", lever.range(ends)));
    let by = |from: &Interval, to: &Interval| {
        let change = panel.measure.difference(to.mean - from.mean);
        let verb = if to.mean > from.mean { "rises" } else { "falls" };
        (verb, change.trim_start_matches(['+', '−']).to_owned())
    };
    let bend = format!("{}{within}", lever.sentence(knee.mean));
    let name = panel.measure.beginning();
    match (moved(&first.y, &at), moved(&at, &last.y)) {
        (true, true) => {
            let ((before, size), (after, rest)) = (by(&first.y, &at), by(&at, &last.y));
            let again = if before == after { String::new() } else { format!("{after} ") };
            format!("{name} {before} by {size} up to {bend} and {again}by {rest} beyond")
        }
        (true, false) => {
            let (before, size) = by(&first.y, &at);
            format!("{name} {before} by {size} up to {bend} and does not clearly change beyond")
        }
        (false, true) => {
            let (after, rest) = by(&at, &last.y);
            format!("{name} does not clearly change up to {bend} and {after} by {rest} beyond")
        }
        (false, false) => format!("{name} bends at {bend}, with no clear change before or beyond"),
    }
}

/// The same in Chinese.
fn title_zh(view: &KneeView<'_>, panels: &[KneePanel]) -> String {
    let lever = view.lever;
    let Some(panel) = panels.first() else {
        return format!("{}的作用无从判断：没有运行给出指标", lever.label);
    };
    let (first, last) = (panel.points[0], panel.points[panel.points.len() - 1]);
    let moved = |from: &Interval, to: &Interval| to.above(from) || from.above(to);
    let name = &panel.measure.label;
    if panel.points.len() < 2 {
        return format!("{name}只在{}运行过", lever.sentence(first.x));
    }
    let by = |from: &Interval, to: &Interval| {
        let change = panel.measure.difference(to.mean - from.mean);
        let verb = if to.mean > from.mean { "上升" } else { "下降" };
        format!("{verb} {}", change.trim_start_matches(['+', '−']))
    };
    let Some(knee) = panel.knee else {
        let span = format!("从 {} 到 {}", lever.figure(first.x), lever.figure(last.x));
        return match moved(&first.y, &last.y) {
            false => format!("{}{span}，{name}无明确变化", lever.label),
            true => format!("{}{span}，{name}{}，没有拐点", lever.label, by(&first.y, &last.y)),
        };
    };
    let at = nearest(panel, knee.mean).y;
    let within = range(panel, &knee).map_or(String::new(), |ends| format!("（{}）", lever.range(ends)));
    let bend = format!("{}{within}", lever.sentence(knee.mean));
    match (moved(&first.y, &at), moved(&at, &last.y)) {
        (true, true) => format!("到 {bend} 为止，{name}{}，此后{}", by(&first.y, &at), by(&at, &last.y)),
        (true, false) => format!("到 {bend} 为止，{name}{}，此后无明确变化", by(&first.y, &at)),
        (false, true) => format!("到 {bend} 为止，{name}无明确变化，此后{}", by(&at, &last.y)),
        (false, false) => format!("{name}在 {bend} 处弯折，前后均无明确变化"),
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, lever: &Lever, panels: &[KneePanel]) {
    let gap = 90.0;
    let wide = (RIGHT - LEFT + gap) / panels.len() as f64;
    for (place, panel) in panels.iter().enumerate() {
        let left = LEFT + wide * place as f64;
        draw_panel(canvas, panel, lever, (left, top), left + wide - gap);
    }
}

fn draw_panel(canvas: &mut Canvas<'_>, panel: &KneePanel, lever: &Lever, (left, top): Point, right: f64) {
    let name = canvas.pen(LABEL_PX).ink().bold();
    canvas.text((left, top + 8.0), &shortened(&panel.measure.heading(), name, right - left), name);
    let (from, above, bottom) = (left + 84.0, top + 90.0, BOTTOM - 34.0);
    let points = &panel.points;
    if let Some((low, high)) = panel.knee.and_then(|knee| range(panel, &knee)) {
        // The band lies below the grid; the axes are measured once without ink to know where.
        let ends = (points[0].x, points[points.len() - 1].x);
        let place = |x: f64| from + (x.clamp(ends.0, ends.1) - ends.0) / (ends.1 - ends.0) * (right - from);
        if ends.1 > ends.0 {
            canvas.rect((place(low), above), (place(high), bottom), BAND);
        }
    }
    let axes = curves::axes(canvas, points.iter(), &panel.measure, lever, (from, above), (right, bottom), 5);
    canvas.text(((from + right) / 2.0, BOTTOM + 38.0), &lever.heading(), canvas.pen(LABEL_PX - 1.0).ink().middle());
    curves::ribbon(canvas, points, axes, canvas.theme().ribbon());
    curves::line(canvas, points, axes, canvas.theme().clear(), 5.0);
    for point in points {
        canvas.dot(axes.at(point.x, point.y.mean), 7.0, canvas.theme().clear());
    }
    let mut taken = Taken::default();
    taken.take_path(&points.iter().map(|point| axes.at(point.x, point.y.mean)).collect::<Vec<_>>(), 12.0);
    let bounds = Area { left: from, top: above - 4.0, right, bottom };
    if let Some(knee) = &panel.knee {
        draw_knee(canvas, panel, lever, knee, axes, (above, bottom));
        let x = axes.x.px_within(knee.mean);
        taken.take(Area { left: x - 8.0, top: above, right: x + 8.0, bottom });
    }
    for point in [points.first(), points.last()].into_iter().flatten() {
        value_label(canvas, panel, point, axes, &mut taken, bounds);
    }
}

fn draw_knee(
    canvas: &mut Canvas<'_>,
    panel: &KneePanel,
    lever: &Lever,
    knee: &Interval,
    axes: Axes,
    (top, bottom): (f64, f64),
) {
    let x = axes.x.px_within(knee.mean);
    canvas.dashes((x, top), (x, bottom), INK, 2.5);
    let bounds = (axes.x.px(axes.x.low()), axes.x.px(axes.x.high()));
    let words = knee_words(lever, panel, knee);
    let words = canvas.look().say(format!("Knee: {words}"), format!("拐点：{words}"));
    canvas.text_within((x, top - 18.0), &words, canvas.pen(LABEL_PX).ink().bold().middle(), bounds);
    let nearest = panel.points.iter().min_by(|a, b| (a.x - knee.mean).abs().total_cmp(&(b.x - knee.mean).abs()));
    if let Some(point) = nearest {
        let (px, py) = axes.at(point.x, point.y.mean);
        canvas.dot((px, py), 12.0, INK);
        let words = panel.measure.value(point.y.mean);
        let pen = canvas.pen(LABEL_PX).ink().bold();
        // Beside the curve, on the side it bends away from.
        let rises = panel.points[panel.points.len() - 1].y.mean > panel.points[0].y.mean;
        let below = if rises { py + 46.0 } else { py - 28.0 };
        canvas.text_within((px + 18.0, below), &words, pen, bounds);
    }
}

/// The value at an end of the curve, where there is room.
fn value_label(
    canvas: &mut Canvas<'_>,
    panel: &KneePanel,
    point: &CurvePoint,
    axes: Axes,
    taken: &mut Taken,
    bounds: Area,
) {
    let pen = canvas.pen(LABEL_PX).colour(canvas.theme().clear()).bold();
    let words = panel.measure.value(point.y.mean);
    let (width, (x, y)) = (pen.width(&words), axes.at(point.x, point.y.mean));
    let left = (x - width / 2.0).clamp(bounds.left + 4.0, bounds.right - width);
    let lefts = [left, left + 26.0, left - 26.0, left + 70.0, left - 70.0];
    let tops = [y - 54.0, y + 24.0, y - 84.0, y + 54.0];
    let areas: Vec<Area> = lefts
        .into_iter()
        .flat_map(|left| tops.map(|top| Area { left, top, right: left + width, bottom: top + 30.0 }))
        .collect();
    if let Some(found) = taken.place(&areas, bounds) {
        canvas.halo_text((areas[found].left, areas[found].bottom - 5.0), &words, pen);
    }
}

fn table(panels: &[KneePanel]) -> Table {
    let mut table = Table::new(&["figure", "unit", "lever", "mean", "lo95", "hi95", "knee", "knee_lo95", "knee_hi95"]);
    for panel in panels {
        let none = Interval { mean: f64::NAN, lo: f64::NAN, hi: f64::NAN };
        let knee = panel.knee.unwrap_or(none);
        for point in &panel.points {
            let numbers = [point.x, point.y.mean, point.y.lo, point.y.hi, knee.mean, knee.lo, knee.hi].map(exact);
            table.push([panel.measure.label.clone(), panel.measure.unit.clone()].into_iter().chain(numbers));
        }
    }
    table
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::metrics::Better;

    pub(crate) fn lever() -> Lever {
        Lever { label: "Couriers".into(), unit: String::new(), language: crate::scenario::Language::En }
    }
    pub(crate) fn on_time() -> Measure {
        Measure {
            label: "Near orders on time".into(),
            unit: "share".into(),
            better: Better::Higher,
            language: crate::scenario::Language::En,
        }
    }
    pub(crate) fn curve(top: f64, drop: f64, half: f64) -> Vec<CurvePoint> {
        let point = |n: u32| {
            let x = 200.0 + 100.0 * f64::from(n);
            let y = top - drop * (-(x - 200.0) / 220.0).exp();
            CurvePoint { x, y: Interval::new(y, half * (1.6 - f64::from(n) / 12.0)) }
        };
        (0..12).map(point).collect()
    }
    pub(crate) fn panels() -> Vec<KneePanel> {
        let minutes = Measure {
            label: "Near click-to-door, mean".into(),
            unit: "min".into(),
            better: Better::Lower,
            language: crate::scenario::Language::En,
        };
        let knee = |mean, lo, hi| Some(Interval { mean, lo, hi });
        vec![
            KneePanel { measure: on_time(), points: curve(0.955, 0.46, 0.014), knee: knee(600.0, 541.3, 658.7) },
            KneePanel { measure: minutes, points: curve(27.4, -24.0, 0.6), knee: knee(500.0, 462.0, 538.0) },
        ]
    }
    pub(crate) fn chart_of(panels: &[KneePanel]) -> Chart {
        let lever = lever();
        let source = "nearfar 0.1.0 · sweep fleet · scenario 3f9c1a2b · seed 20251111";
        chart(&KneeView {
            look: Look::plain(),
            lever: &lever,
            panels,
            label: "Baseline city",
            source,
            replications: 20,
        })
    }

    #[test]
    fn the_title_says_what_comes_before_and_after_the_knee() {
        let chart = chart_of(&panels());
        assert_eq!(
            chart.title,
            "Near orders on time rises by 38.5 points up to 600 couriers (500–700) and by 7.2 points beyond"
        );
        assert_eq!(chart.csv.lines().count(), 25);
        assert!(chart.unsupported.is_empty());
    }

    #[test]
    fn an_interval_finer_than_the_levels_is_not_told() {
        let mut panel = panels().remove(0);
        panel.knee = Some(Interval { mean: 600.0, lo: 597.0, hi: 603.0 });
        let chart = chart_of(&[panel.clone()]);
        assert!(chart.title.contains("up to 600 couriers and by"), "{}", chart.title);
        assert!(chart.svg.contains("Knee: 600") && !chart.svg.contains("597"));
        assert!(chart.csv.contains("597"), "{}", chart.csv);
        assert_eq!(range(&panel, &Interval { mean: 600.0, lo: 560.0, hi: 690.0 }), Some((600.0, 700.0)));
    }

    #[test]
    fn gains_within_the_intervals_are_not_claimed() {
        let mut panel = panels().remove(0);
        panel.points.iter_mut().for_each(|point| point.y = Interval::new(point.y.mean, 0.09));
        assert!(chart_of(&[panel.clone()]).title.ends_with("does not clearly change beyond"));
        panel.knee = None;
        panel.points.iter_mut().for_each(|point| point.y = Interval::new(point.y.mean, 0.9));
        assert!(chart_of(&[panel.clone()]).title.starts_with("No clear change of near orders on time from 200 to"));
        panel.points.iter_mut().for_each(|point| point.y = Interval::new(point.y.mean, f64::NAN));
        let chart = chart_of(&[panel]);
        assert!(chart.title.starts_with("No clear change") && !chart.svg.contains("NaN"), "{}", chart.title);
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        assert!(chart_of(&[]).title.contains("cannot be said"));
        let mut one = panels().remove(0);
        one.points.truncate(1);
        one.knee = None;
        assert!(chart_of(&[one]).title.contains("was run only at 200 couriers"));
    }
}
