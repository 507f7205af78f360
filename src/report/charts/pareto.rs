//! Room: report. Chart 32: what is the best trade? Settings by two figures with both intervals, and the front of those
//! that no other beats.

use crate::metrics::Better;
use crate::report::canvas::{Canvas, Point};
use crate::report::layout::{self, AXIS_PX, Area, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, Taken, Words, shortened};
use crate::report::measure::{Interval, Measure, source, ticks};
use crate::report::palette::{GREY, INK, MUTED, PAPER, Rgb, THIN};
use crate::report::table::{Table, exact};
use crate::report::wording::plural;
use crate::report::{Chart, Look};
use crate::scenario::Language;

const SLUG: &str = "32-pareto";
/// Settings on the front that are named; more could not be told apart on a slide.
const MOST_NAMES: usize = 8;
/// A name farther from its point than this has a line to it.
const LEADERLESS: f64 = 26.0;

/// Where a setting stands among the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TradeStanding {
    /// No other beats it by the means.
    Front,
    /// Another beats it by the means, but some intervals overlap.
    Unclear,
    /// Another surely beats it.
    Dominated,
}

/// One setting by both figures.
#[derive(Clone, PartialEq, Debug)]
pub struct TradePoint {
    /// Words for a reader.
    pub label: String,
    /// The figure to the right.
    pub x: Interval,
    /// The figure upwards.
    pub y: Interval,
    /// Where it stands.
    pub standing: TradeStanding,
    /// The setting of today, marked by a ring.
    pub base: bool,
}

/// All the chart is made from.
#[derive(Clone, Copy, Debug)]
pub struct ParetoView<'a> {
    /// The figure to the right.
    pub x: &'a Measure,
    /// The figure upwards.
    pub y: &'a Measure,
    /// Settings; those without numbers are left out.
    pub points: &'a [TradePoint],
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
pub(crate) fn chart(view: &ParetoView<'_>) -> Chart {
    let points: Vec<&TradePoint> = view.points.iter().filter(|point| point.x.known() && point.y.known()).collect();
    let (look, label) = (view.look, view.label.trim());
    let (up, across) = (view.y.heading(), view.x.inside());
    let settings = look.plural(points.len(), "setting", "个方案");
    let subtitle = look.say(
        format!("{up} (upwards) against {across} (to the right), {settings}, {label}"),
        format!("纵轴{up}，横轴{across}，{settings}，{label}"),
    );
    let note = look.say(
        "crosses = 95% intervals; dark = on the front by the means, light = beaten, but intervals overlap, \
         grey = surely beaten on both",
        "十字 = 95% 置信区间；深色 = 按均值在前沿上，浅色 = 被超过但区间重叠，灰色 = 两项都确定被超过",
    );
    let words =
        Words { title: title(&points, look), subtitle, source: source(view.source, view.replications, note, look) };
    if points.is_empty() {
        let why = look.say("Nothing to draw: no setting has both figures.", "无图可画：没有方案同时有两项指标。");
        return Chart::nothing(view.look, SLUG, words, why, table(&points));
    }
    let front = points
        .iter()
        .filter(|point| point.standing == TradeStanding::Front)
        .map(|point| format!("{} ({}, {})", point.label, view.x.value(point.x.mean), view.y.value(point.y.mean)));
    let front = front.collect::<Vec<_>>().join("; ");
    let said = look.say(format!("On the front: {front}."), format!("前沿上：{front}。"));
    let alt = look.say(format!("Scatter of settings. {said}"), format!("方案的散点图。{said}"));
    Chart::draw(view.look, SLUG, words, alt, table(&points), |canvas, top| draw(canvas, top, view, &points))
        .taking(said)
}

/// How many lead, how many cannot be told from them, and how the base stands.
fn title(points: &[&TradePoint], look: &Look) -> String {
    let count = |standing| points.iter().filter(|point| point.standing == standing).count();
    let (front, unclear) = (count(TradeStanding::Front), count(TradeStanding::Unclear));
    if look.language == Language::Zh {
        let base = points.iter().find(|point| point.base).map(|point| match point.standing {
            TradeStanding::Front => "；现行方案在其中",
            TradeStanding::Unclear => "；现行方案按均值被超过，但不确定",
            TradeStanding::Dominated => "；现行方案两项都确定被超过",
        });
        let (base, all) = (base.unwrap_or_default(), points.len());
        return match (front, unclear, all) {
            (_, _, 0) => "方案无法比较：没有方案同时有两项指标".to_owned(),
            (_, _, 1) => "只有一个方案：谈不上取舍".to_owned(),
            (1, 0, _) => format!("{all} 个方案中有一个在两项指标上都最好{base}"),
            (_, 0, _) => format!("{all} 个方案中 {front} 个值得讨论，其余确定被超过{base}"),
            _ => format!("{all} 个方案中 {front} 个值得讨论，另有 {unclear} 个不能排除{base}"),
        };
    }
    let base = points.iter().find(|point| point.base).map(|point| match point.standing {
        TradeStanding::Front => "the current one is among them",
        TradeStanding::Unclear => "the current one is beaten by the means, not surely",
        TradeStanding::Dominated => "the current one is surely beaten on both",
    });
    let base = base.map_or(String::new(), |words| format!("; {words}"));
    let all = plural(points.len(), "setting");
    match (front, unclear, points.len()) {
        (_, _, 0) => "Settings cannot be compared: none has both figures".to_owned(),
        (_, _, 1) => "Only one setting: there is no trade to make".to_owned(),
        (1, 0, _) => format!("One of {all} beats every other on both figures{base}").replace("among them", "that one"),
        (_, 0, _) => format!("{front} of {all} are worth debating, every other is surely beaten{base}"),
        _ => format!("{front} of {all} are worth debating, {unclear} more cannot be ruled out{base}"),
    }
}

/// Scales from the values of both figures.
#[derive(Clone, Copy)]
struct Plane {
    x: Scale,
    y: Scale,
    factors: (f64, f64),
}

impl Plane {
    fn at(&self, x: f64, y: f64) -> Point {
        (self.x.px_within(x * self.factors.0), self.y.px_within(y * self.factors.1))
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, view: &ParetoView<'_>, points: &[&TradePoint]) {
    let (left, right, top, bottom) = (LEFT + 84.0, RIGHT - 40.0, top + 10.0, BOTTOM - 34.0);
    let plane = plane(canvas, view, points, (left, top), (right, bottom));
    canvas.text(((left + right) / 2.0, BOTTOM + 38.0), &view.x.heading(), canvas.pen(LABEL_PX - 1.0).ink().middle());
    // Behind what leads stands what is beaten.
    let rank = |standing| move |point: &&&TradePoint| point.standing == standing;
    for (standing, colour, radius) in
        [(TradeStanding::Dominated, THIN, 5.0), (TradeStanding::Unclear, canvas.theme().ribbon(), 8.0)]
    {
        let cross_colour = if standing == TradeStanding::Dominated { THIN } else { canvas.theme().ribbon() };
        points.iter().filter(rank(standing)).for_each(|point| cross(canvas, point, plane, cross_colour));
        let rim = if standing == TradeStanding::Dominated { GREY } else { canvas.theme().clear() };
        for point in points.iter().filter(rank(standing)) {
            let place = plane.at(point.x.mean, point.y.mean);
            canvas.disc(place, radius + 2.0, rim);
            canvas.disc(place, radius, colour);
        }
    }
    let mut front: Vec<&TradePoint> = points.iter().filter(rank(TradeStanding::Front)).copied().collect();
    front.sort_by(|a, b| a.x.mean.total_cmp(&b.x.mean).then(a.y.mean.total_cmp(&b.y.mean)));
    let steps = staircase(&front, view, plane);
    if steps.len() > 1 {
        canvas.path(&steps, canvas.theme().clear(), 3.5);
    }
    front.iter().for_each(|point| cross(canvas, point, plane, canvas.theme().clear()));
    front.iter().for_each(|point| canvas.disc(plane.at(point.x.mean, point.y.mean), 9.0, canvas.theme().clear()));
    for point in points.iter().filter(|point| point.base) {
        ring(canvas, plane.at(point.x.mean, point.y.mean), point.standing);
    }
    let bounds = Area { left: left + 4.0, top: top - 30.0, right: right + 40.0, bottom };
    let mut taken = Taken::default();
    better_arrow(canvas, view, bounds, &mut taken);
    labels(canvas, view, points, &front, plane, &steps, bounds, &mut taken);
}

fn plane(
    canvas: &mut Canvas<'_>,
    view: &ParetoView<'_>,
    points: &[&TradePoint],
    (left, top): Point,
    (right, bottom): Point,
) -> Plane {
    let factors = (view.x.factor(), view.y.factor());
    let along = |measure: &Measure, factor: f64, of: fn(&TradePoint) -> Interval, wanted: usize| {
        let percent = measure.unit == "share";
        let most = if percent { 100.0 } else { f64::INFINITY };
        ticks(points.iter().flat_map(|point| of(point).ends()).map(|value| (value * factor).min(most)), wanted, percent)
    };
    let rows = along(view.y, factors.1, |point| point.y, 5);
    let columns = along(view.x, factors.0, |point| point.x, 7);
    let y = Scale::linear((rows[0].0, rows[rows.len() - 1].0), (bottom, top));
    let x = Scale::linear((columns[0].0, columns[columns.len() - 1].0), (left, right));
    layout::rows(canvas, &rows, y, (left, right));
    layout::axis(canvas, &columns, x, bottom, (left, right));
    Plane { x, y, factors }
}

/// Both intervals of a point.
fn cross(canvas: &mut Canvas<'_>, point: &TradePoint, plane: Plane, colour: Rgb) {
    if point.x.judged() {
        canvas.line(plane.at(point.x.lo, point.y.mean), plane.at(point.x.hi, point.y.mean), colour, 2.5);
    }
    if point.y.judged() {
        canvas.line(plane.at(point.x.mean, point.y.lo), plane.at(point.x.mean, point.y.hi), colour, 2.5);
    }
}

/// The setting of today.
fn ring(canvas: &mut Canvas<'_>, at: Point, standing: TradeStanding) {
    canvas.disc(at, 19.0, PAPER);
    canvas.disc(at, 17.0, INK);
    canvas.disc(at, 13.0, PAPER);
    canvas.disc(at, 9.0, if standing == TradeStanding::Front { canvas.theme().clear() } else { GREY });
}

/// From one point of the front to the next; the corner is what both points reach, never what neither does.
fn staircase(front: &[&TradePoint], view: &ParetoView<'_>, plane: Plane) -> Vec<Point> {
    let mut steps: Vec<Point> = Vec::new();
    for point in front {
        let (x, y) = plane.at(point.x.mean, point.y.mean);
        if let Some(&(last_x, last_y)) = steps.last() {
            // With lower better to the right, the worse corner keeps the height of the point before.
            steps.push(if view.x.better == Better::Lower { (x, last_y) } else { (last_x, y) });
        }
        steps.push((x, y));
    }
    steps
}

/// Which corner is good.
fn better_arrow(canvas: &mut Canvas<'_>, view: &ParetoView<'_>, bounds: Area, taken: &mut Taken) {
    let word = view.look.say("better", "更好");
    let rightwards = view.x.better == Better::Higher;
    let upwards = view.y.better == Better::Higher;
    let x = if rightwards { bounds.right - 70.0 } else { bounds.left + 26.0 };
    let y = if upwards { bounds.top + 58.0 } else { bounds.bottom - 26.0 };
    let (dx, dy) = (if rightwards { 1.0 } else { -1.0 }, if upwards { -1.0 } else { 1.0 });
    let (tip, tail) = ((x, y), (x - dx * 40.0, y - dy * 40.0));
    canvas.line(tail, (x - dx * 6.0, y - dy * 6.0), MUTED, 3.0);
    canvas.polygon(&[tip, (x - dx * 22.0, y - dy * 6.0), (x - dx * 6.0, y - dy * 22.0)], MUTED);
    let pen = canvas.pen(AXIS_PX);
    let (at, pen) = if rightwards { (tail.0 - 12.0, pen.end()) } else { (tail.0 + 12.0, pen) };
    canvas.halo_text((at, tail.1 + 6.0), word, pen);
    let reach = 40.0 + 24.0 + pen.width(word);
    let (from, to) = if rightwards { (x - reach, x) } else { (x, x + reach) };
    taken.take(Area { left: from - 4.0, top: y.min(tail.1) - 16.0, right: to + 4.0, bottom: y.max(tail.1) + 16.0 });
}

/// Names of the front and of the base, where there is room.
#[expect(clippy::too_many_arguments, reason = "one place for all that a label must avoid")]
fn labels(
    canvas: &mut Canvas<'_>,
    view: &ParetoView<'_>,
    points: &[&TradePoint],
    front: &[&TradePoint],
    plane: Plane,
    steps: &[Point],
    bounds: Area,
    taken: &mut Taken,
) {
    for point in points {
        let (x, y) = plane.at(point.x.mean, point.y.mean);
        let reach = if point.base { 20.0 } else { 12.0 };
        taken.take(Area { left: x - reach, top: y - reach, right: x + reach, bottom: y + reach });
        if point.standing == TradeStanding::Front && point.x.judged() && point.y.judged() {
            taken.take_path(&[plane.at(point.x.lo, point.y.mean), plane.at(point.x.hi, point.y.mean)], 4.0);
            taken.take_path(&[plane.at(point.x.mean, point.y.lo), plane.at(point.x.mean, point.y.hi)], 4.0);
        }
    }
    taken.take_path(steps, 5.0);
    // With many on the front, its ends and every few between are named.
    let every = front.len().div_ceil(MOST_NAMES).max(1);
    let last = front.len().saturating_sub(1);
    let named = front.iter().enumerate().filter(|(place, _)| place % every == 0 || *place == last).map(|(_, p)| *p);
    let base = points.iter().filter(|point| point.base && !front.contains(point)).copied();
    for point in base.chain(named) {
        let colour = if point.standing == TradeStanding::Front { canvas.theme().clear() } else { INK };
        let pen = canvas.pen(AXIS_PX).colour(colour).bold();
        let name = if point.base {
            format!("{}: {}", canvas.look().say("Current", "现行"), point.label)
        } else {
            point.label.clone()
        };
        let name = shortened(&name, pen, 420.0);
        let figures = format!("{}, {}", view.x.value(point.x.mean), view.y.value(point.y.mean));
        let small = canvas.pen(19.0);
        let width = pen.width(&name).max(small.width(&figures));
        let (x, y) = plane.at(point.x.mean, point.y.mean);
        let lefts = [x + 18.0, x - 18.0 - width, x - width / 2.0, x + 60.0, x - 60.0 - width];
        let tops = [y - 24.0, y + 16.0, y - 66.0, y - 96.0, y + 46.0, y + 76.0, y - 140.0, y + 110.0];
        let areas = tops
            .into_iter()
            .flat_map(|top| lefts.map(|left| Area { left, top, right: left + width, bottom: top + 50.0 }));
        let others: Vec<Point> = points
            .iter()
            .filter(|other| !std::ptr::eq(**other, point))
            .map(|other| plane.at(other.x.mean, other.y.mean))
            .collect();
        // A name nearer to another point would be read as that one's: it stands farther off, on a line that meets no other.
        let own = |area: &Area| others.iter().all(|other| apart((x, y), area) < 0.8 * apart(*other, area));
        let led = |area: &Area| {
            let (end_x, end_y) = nearest((x, y), area);
            let on_line = |step: u32| {
                let part = f64::from(step) / 20.0;
                (x + (end_x - x) * part, y + (end_y - y) * part)
            };
            let free = |other: &Point| (5..=20).map(on_line).all(|at| (at.0 - other.0).hypot(at.1 - other.1) > 16.0);
            apart((x, y), area) > LEADERLESS && others.iter().all(free)
        };
        let (near, far): (Vec<Area>, Vec<Area>) = areas.partition(own);
        let areas: Vec<Area> = near.into_iter().chain(far.into_iter().filter(led)).collect();
        if let Some(found) = taken.place(&areas, bounds) {
            let area = areas[found];
            if apart((x, y), &area) > LEADERLESS {
                canvas.line((x, y), nearest((x, y), &area), colour, 1.5);
            }
            canvas.halo_text((area.left, area.top + 20.0), &name, pen);
            canvas.halo_text((area.left, area.top + 44.0), &figures, small);
        }
    }
}

/// The place of an area that is nearest to a point.
fn nearest((x, y): Point, area: &Area) -> Point {
    (x.clamp(area.left, area.right), y.clamp(area.top, area.bottom))
}

/// How far an area lies from a point.
fn apart(at: Point, area: &Area) -> f64 {
    let (x, y) = nearest(at, area);
    (x - at.0).hypot(y - at.1)
}

fn table(points: &[&TradePoint]) -> Table {
    let mut table =
        Table::new(&["setting", "x_mean", "x_lo95", "x_hi95", "y_mean", "y_lo95", "y_hi95", "standing", "current"]);
    for point in points {
        let numbers = [point.x, point.y].into_iter().flat_map(|value| [value.mean, value.lo, value.hi]).map(exact);
        let standing = match point.standing {
            TradeStanding::Front => "front",
            TradeStanding::Unclear => "unclear",
            TradeStanding::Dominated => "dominated",
        };
        let end = [standing.to_owned(), point.base.to_string()];
        table.push([point.label.clone()].into_iter().chain(numbers).chain(end));
    }
    table
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn point(label: &str, x: f64, y: f64, standing: TradeStanding) -> TradePoint {
        let (x, y) = (Interval::new(x, 0.09), Interval::new(y, 0.008));
        TradePoint { label: label.into(), x, y, standing, base: false }
    }

    pub(crate) fn points() -> Vec<TradePoint> {
        use TradeStanding::{Dominated, Front, Unclear};
        let mut points = vec![
            point("500 couriers, bundles of 3", 7.1, 0.81, Front),
            point("600 couriers, bundles of 3", 7.46, 0.874, Front),
            point("600 couriers, bundles of 2", 7.83, 0.905, Front),
            point("700 couriers, bundles of 2", 8.16, 0.938, Front),
            point("800 couriers, bundles of 2", 8.62, 0.954, Front),
            point("900 couriers, single drop", 9.55, 0.962, Front),
            point("700 couriers, bundles of 3", 7.9, 0.902, Unclear),
            point("800 couriers, bundles of 3", 8.2, 0.934, Unclear),
        ];
        for n in 0..18 {
            let x = 8.5 + 0.15 * f64::from(n * 7 % 18);
            points.push(point("beaten", x, 0.93 - 0.012 * f64::from(n * 5 % 11) - 0.002 * f64::from(n), Dominated));
        }
        points[10].base = true;
        points[10].label = "500 couriers, single drop".into();
        points
    }

    pub(crate) fn chart_of(points: &[TradePoint]) -> Chart {
        let x = Measure {
            label: "Cost per delivered order".into(),
            unit: "CNY".into(),
            better: Better::Lower,
            language: crate::scenario::Language::En,
        };
        let y = Measure {
            label: "Near orders on time".into(),
            unit: "share".into(),
            better: Better::Higher,
            language: crate::scenario::Language::En,
        };
        let source = "nearfar 0.1.0 · sweep fleet · scenario 3f9c1a2b · seed 20251111";
        chart(&ParetoView {
            look: Look::plain(),
            x: &x,
            y: &y,
            points,
            label: "Baseline city",
            source,
            replications: 20,
        })
    }

    #[test]
    fn the_title_counts_what_leads_and_what_cannot_be_ruled_out() {
        let chart = chart_of(&points());
        assert_eq!(
            chart.title,
            "6 of 26 settings are worth debating, 2 more cannot be ruled out; the current one is surely beaten on both"
        );
        assert_eq!(chart.csv.lines().count(), 27);
        let sure: Vec<TradePoint> =
            points().into_iter().filter(|point| point.standing != TradeStanding::Unclear && !point.base).collect();
        assert!(chart_of(&sure).title.ends_with("every other is surely beaten"));
        assert!(chart_of(&sure[..1]).title.starts_with("Only one setting"));
    }

    #[test]
    fn what_has_no_figures_is_left_out_and_nothing_says_so() {
        let mut none = point("failed", f64::NAN, 0.9, TradeStanding::Unclear);
        assert!(chart_of(&[none.clone()]).title.contains("cannot be compared"));
        none.x = Interval { mean: 8.0, lo: f64::NAN, hi: f64::NAN };
        let chart = chart_of(&[none, points().remove(0)]);
        assert!(!chart.svg.contains("NaN") && chart.csv.contains("NaN"));
    }

    #[test]
    fn the_front_never_promises_what_no_setting_reaches() {
        let points = points();
        let front: Vec<&TradePoint> = points[..2].iter().collect();
        let x = Measure {
            label: "x".into(),
            unit: String::new(),
            better: Better::Lower,
            language: crate::scenario::Language::En,
        };
        let y = Measure { better: Better::Higher, ..x.clone() };
        let plane = Plane {
            x: Scale::linear((7.0, 8.0), (0.0, 100.0)),
            y: Scale::linear((0.8, 0.9), (100.0, 0.0)),
            factors: (1.0, 1.0),
        };
        let view =
            ParetoView { look: Look::plain(), x: &x, y: &y, points: &points, label: "", source: "", replications: 2 };
        let steps = staircase(&front, &view, plane);
        // Up to the cost of the second, the share of the first is all that can be had.
        assert_eq!(steps[1], (steps[2].0, steps[0].1));
    }
}
