//! Room: report. Chart 34: where does near-field win? Its difference to far-field over two factors, with the line of no
//! difference and the band in which the interval includes it.

use crate::metrics::Better;
use crate::report::canvas::{Canvas, Point};
use crate::report::layout::{AXIS_PX, Area, BOTTOM, LABEL_PX, LEFT, RIGHT, Taken, Words, wrapped};
use crate::report::measure::{Interval, Lever, Measure, places, source};
use crate::report::palette::{AXIS, GROUND, INK, PAPER};
use crate::report::table::{Table, exact};
use crate::report::wording::{number, plural, signed};
use crate::report::{Chart, Look};
use crate::scenario::Language;

const SLUG: &str = "34-break-even-surface";
/// Cells in which a number can be read.
const MOST_NUMBERS: usize = 140;

/// A line through the plane, in the values of both levers.
pub type LeverLine = Vec<[f64; 2]>;

/// All the chart is made from.
#[derive(Clone, Copy, Debug)]
pub struct SurfaceView<'a> {
    /// The factor to the right.
    pub x: &'a Lever,
    /// The factor upwards.
    pub y: &'a Lever,
    /// Levels to the right, ascending.
    pub xs: &'a [f64],
    /// Levels upwards, ascending.
    pub ys: &'a [f64],
    /// Near minus far at each point, row by row: `differences[iy][ix]`; a mean that is not a number where a run failed.
    pub differences: &'a [Vec<Interval>],
    /// What is compared, such as cost per order; near wins where the difference is on its better side.
    pub measure: &'a Measure,
    /// Where the difference is zero.
    pub lines: &'a [LeverLine],
    /// Where one end of its interval is zero: the edges of the band.
    pub band: &'a [LeverLine],
    /// Label of the scenario.
    pub label: &'a str,
    /// The study: version, hash, seed.
    pub source: &'a str,
    /// Replications at each point.
    pub replications: u32,
    /// Language and theme.
    pub look: &'a Look,
}

/// Who wins at a point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Winner {
    Near,
    Far,
    Unclear,
    NoData,
}

impl Winner {
    fn word(self) -> &'static str {
        match self {
            Winner::Near => "near",
            Winner::Far => "far",
            Winner::Unclear => "unclear",
            Winner::NoData => "no_data",
        }
    }
}

impl SurfaceView<'_> {
    fn difference(&self, ix: usize, iy: usize) -> Interval {
        let none = Interval { mean: f64::NAN, lo: f64::NAN, hi: f64::NAN };
        self.differences.get(iy).and_then(|row| row.get(ix)).copied().unwrap_or(none)
    }
    fn winner(&self, ix: usize, iy: usize) -> Winner {
        let difference = self.difference(ix, iy);
        let good = if self.measure.better == Better::Lower { -difference.mean } else { difference.mean };
        match (difference.known(), difference.clear()) {
            (false, _) => Winner::NoData,
            (_, false) => Winner::Unclear,
            _ if good > 0.0 => Winner::Near,
            _ => Winner::Far,
        }
    }
    /// All points, from the lower left, row by row.
    fn points(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        (0..self.ys.len()).flat_map(|iy| (0..self.xs.len()).map(move |ix| (ix, iy)))
    }
    fn count(&self, winner: Winner) -> usize {
        self.points().filter(|&(ix, iy)| self.winner(ix, iy) == winner).count()
    }
    /// The largest difference that is known.
    fn largest(&self) -> f64 {
        let known = self.points().map(|(ix, iy)| self.difference(ix, iy).mean.abs()).filter(|size| size.is_finite());
        known.fold(0.0, f64::max)
    }
    /// Colour of a difference: one scale, the same on both sides of zero.
    fn place(&self, difference: f64) -> f64 {
        let good = if self.measure.better == Better::Lower { -difference } else { difference };
        let largest = self.largest();
        if largest > 0.0 { 0.5 + 0.5 * (good / largest) * 0.9 } else { 0.5 }
    }
}

/// The chart.
pub(crate) fn chart(view: &SurfaceView<'_>) -> Chart {
    let (look, label) = (view.look, view.label.trim());
    let (heading, x, y) = (view.measure.heading(), view.x.inside(), view.y.inside());
    let subtitle = look.say(
        format!("{heading}, near-field minus far-field, by {x} and {y}, {label}"),
        format!("{heading}，近场减远场，按{x}与{y}，{label}"),
    );
    let note = look.say(
        "hatched = 95% interval includes zero; solid line = no difference, dotted = ends of its interval",
        "斜线 = 95% 置信区间包含 0；实线 = 无差异，虚线 = 其区间两端",
    );
    let words = Words { title: title(view), subtitle, source: source(view.source, view.replications, note, look) };
    let known = view.points().count() - view.count(Winner::NoData);
    if known == 0 {
        return Chart::nothing(
            view.look,
            SLUG,
            words,
            look.say("Nothing to draw: no run gave this difference.", "无图可画：没有运行给出这项差异。"),
            table(view),
        );
    }
    let count = |winner| view.count(winner);
    let (near, far, open) = (count(Winner::Near), count(Winner::Far), count(Winner::Unclear));
    let (columns, rows) = (view.xs.len(), view.ys.len());
    let alt = look.say(
        format!(
            "Grid of {} by {}: near-field is better in {near}, far-field in {far}, unclear in {open}.",
            plural(columns, "level"),
            plural(rows, "level")
        ),
        format!("{columns} × {rows} 的网格：近场更好 {near} 格，远场更好 {far} 格，不明确 {open} 格。"),
    );
    Chart::draw(view.look, SLUG, words, alt, table(view), |canvas, top| draw(canvas, top, view)).taking(takeaway(view))
}

/// Where each side leads by most, as far as that is beyond the noise, and how much is open.
fn takeaway(view: &SurfaceView<'_>) -> String {
    let lead = |winner: Winner, name: &str| {
        let mut won: Vec<(usize, usize)> = view.points().filter(|&(ix, iy)| view.winner(ix, iy) == winner).collect();
        // Stable: equal leads keep the order of the points.
        won.sort_by(|a, b| {
            let size = |&(ix, iy): &(usize, usize)| view.difference(ix, iy).mean.abs();
            size(b).total_cmp(&size(a))
        });
        let (most, least) = (*won.first()?, *won.last()?);
        let apart = |&(ix, iy): &(usize, usize)| {
            let (most, other) = (view.difference(most.0, most.1), view.difference(ix, iy));
            most.above(&other) || other.above(&most)
        };
        let alike = won.iter().skip(1).filter(|place| !apart(place)).count();
        let of = |(ix, iy): (usize, usize)| view.measure.difference(view.difference(ix, iy).mean);
        let difference = of(most);
        let (x, y) = (view.x.sentence(view.xs[most.0]), view.y.sentence(view.ys[most.1]));
        Some(match alike {
            0 => view.look.say(
                format!("{name} leads by most at {x} and {y}: {difference}"),
                format!("{name}领先最多：{x}、{y}，{difference}"),
            ),
            n if n + 1 == won.len() => view.look.say(
                format!("{name} leads by {} to {difference}; where by most is within the noise", of(least)),
                format!("{name}领先 {} 至 {difference}；何处最多在随机波动之内", of(least)),
            ),
            n => view.look.say(
                format!("{name} leads by most at {x} and {y}, or at one of {n} within the noise of it: {difference}"),
                format!("{name}领先最多：{x}、{y}，或与之相差在随机波动之内的 {n} 格之一，{difference}"),
            ),
        })
    };
    let leads = [
        lead(Winner::Near, view.look.say("Near-field", "近场")),
        lead(Winner::Far, view.look.say("Far-field", "远场")),
    ]
    .into_iter()
    .flatten();
    let open = match view.count(Winner::Unclear) {
        0 => None,
        n => Some(
            view.look
                .say(format!("In {} the interval includes zero", plural(n, "setting")), format!("{n} 格的区间包含 0")),
        ),
    };
    let said: Vec<String> = leads.chain(open).collect();
    view.look.say(format!("{}.", said.join(". ")), format!("{}。", said.join("；")))
}

/// Who wins how often, and at which end of the factors near does.
fn title(view: &SurfaceView<'_>) -> String {
    let (near, far, unclear) = (view.count(Winner::Near), view.count(Winner::Far), view.count(Winner::Unclear));
    let all = near + far + unclear;
    let figure = view.measure.inside();
    if view.look.language == Language::Zh {
        return match (near, far) {
            _ if all == 0 => format!("近场与远场无法按{figure}比较：没有运行给出数值"),
            (0, 0) => format!("{all} 格中近场与远场的{figure}均无明确差异"),
            (near, _) if near == all => format!("全部 {all} 格中近场的{figure}都更好"),
            (_, far) if far == all => format!("全部 {all} 格中远场的{figure}都更好"),
            (near, 0) => format!("{all} 格中 {near} 格近场的{figure}更好，远场无一明确更好"),
            (0, far) => format!("{all} 格中 {far} 格远场的{figure}更好，近场无一明确更好"),
            (near, far) => {
                let place = where_near_wins(view).map_or(String::new(), |words| format!("（{words}）"));
                format!("{all} 格中 {near} 格近场的{figure}更好{place}，{far} 格远场更好")
            }
        };
    }
    let points = plural(all, "setting");
    match (near, far) {
        _ if all == 0 => format!("Near-field and far-field cannot be compared by {figure}: no run gave it"),
        (0, 0) => format!("No clear difference in {figure} between near-field and far-field in {points}"),
        (near, _) if near == all => format!("Near-field wins on {figure} in every one of {points}"),
        (_, far) if far == all => format!("Far-field wins on {figure} in every one of {points}"),
        (near, 0) => format!("Near-field wins on {figure} in {near} of {points}, far-field in none clearly"),
        (0, far) => format!("Far-field wins on {figure} in {far} of {points}, near-field in none clearly"),
        (near, far) => {
            let where_words = where_near_wins(view).map_or(String::new(), |words| format!(", {words}"));
            format!("Near-field wins on {figure} in {near} of {points}{where_words}; far-field in {far}")
        }
    }
}

/// At which end of the factors the clear wins of near lie, as against those of far; None where neither end stands out.
fn where_near_wins(view: &SurfaceView<'_>) -> Option<String> {
    let mean = |winner: Winner, along_x: bool| {
        let levels = if along_x { view.xs.len() } else { view.ys.len() };
        let places: Vec<f64> = view
            .points()
            .filter(|&(ix, iy)| view.winner(ix, iy) == winner)
            .map(|(ix, iy)| if along_x { ix } else { iy } as f64 / levels.saturating_sub(1).max(1) as f64)
            .collect();
        places.iter().sum::<f64>() / places.len() as f64
    };
    let word = |lever: &Lever, along_x: bool| match mean(Winner::Near, along_x) - mean(Winner::Far, along_x) {
        apart if apart > 0.25 => Some(format!("{}{}", view.look.say("high ", "高"), lever.inside())),
        apart if apart < -0.25 => Some(format!("{}{}", view.look.say("low ", "低"), lever.inside())),
        _ => None,
    };
    let words: Vec<String> = [word(view.x, true), word(view.y, false)].into_iter().flatten().collect();
    (!words.is_empty())
        .then(|| view.look.say(format!("mostly at {}", words.join(" and ")), format!("多在{}处", words.join("、"))))
}

/// The grid on the sheet: every level takes the same room, values between levels lie between their middles.
struct Grid {
    left: f64,
    bottom: f64,
    wide: f64,
    high: f64,
}

impl Grid {
    /// Place along an axis in cells.
    fn along(levels: &[f64], value: f64) -> f64 {
        let upper = levels.iter().position(|level| value <= *level).unwrap_or(levels.len() - 1).max(1);
        if levels.len() < 2 {
            return 0.5;
        }
        let (from, to) = (levels[upper - 1], levels[upper]);
        (upper - 1) as f64 + ((value - from) / (to - from)).clamp(0.0, 1.0) + 0.5
    }
    fn at(&self, view: &SurfaceView<'_>, [x, y]: [f64; 2]) -> Point {
        (self.left + Grid::along(view.xs, x) * self.wide, self.bottom - Grid::along(view.ys, y) * self.high)
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, view: &SurfaceView<'_>) {
    let (left, right, bottom) = (LEFT + 110.0, RIGHT - 440.0, BOTTOM - 34.0);
    let top = top + 24.0;
    let grid =
        Grid { left, bottom, wide: (right - left) / view.xs.len() as f64, high: (bottom - top) / view.ys.len() as f64 };
    canvas.text((LEFT, top - 16.0), &view.y.heading(), canvas.pen(LABEL_PX - 1.0).ink());
    canvas.text(((left + right) / 2.0, BOTTOM + 38.0), &view.x.heading(), canvas.pen(LABEL_PX - 1.0).ink().middle());
    for (ix, iy) in view.points() {
        draw_cell(canvas, view, &grid, (ix, iy));
    }
    level_labels(canvas, view, &grid);
    for line in view.lines {
        let line: Vec<Point> = line.iter().map(|point| grid.at(view, *point)).collect();
        canvas.path(&line, PAPER, 9.0);
    }
    for line in view.band {
        let line: Vec<Point> = line.iter().map(|point| grid.at(view, *point)).collect();
        dotted(canvas, &line);
    }
    for line in view.lines {
        let line: Vec<Point> = line.iter().map(|point| grid.at(view, *point)).collect();
        canvas.path(&line, INK, 5.0);
    }
    if view.xs.len() * view.ys.len() <= MOST_NUMBERS {
        let mut taken = Taken::default();
        for line in view.lines.iter().chain(view.band) {
            taken.take_path(&line.iter().map(|point| grid.at(view, *point)).collect::<Vec<_>>(), 5.0);
        }
        view.points().for_each(|place| cell_number(canvas, view, &grid, place, &mut taken));
    }
    beside(canvas, view, (right + 60.0, top), bottom);
}

fn draw_cell(canvas: &mut Canvas<'_>, view: &SurfaceView<'_>, grid: &Grid, (ix, iy): (usize, usize)) {
    let (x, y) = (grid.left + ix as f64 * grid.wide, grid.bottom - iy as f64 * grid.high);
    let (from, to) = ((x + 1.0, y - grid.high + 1.0), (x + grid.wide - 1.0, y - 1.0));
    let winner = view.winner(ix, iy);
    if winner == Winner::NoData {
        canvas.rect(from, to, GROUND);
        return;
    }
    canvas.rect(from, to, canvas.theme().near_share(view.place(view.difference(ix, iy).mean)));
    if winner == Winner::Unclear {
        hatch(canvas, from, to);
    }
}

/// Thin lines from the lower left to the upper right, cut at the edges.
fn hatch(canvas: &mut Canvas<'_>, (left, top): Point, (right, bottom): Point) {
    const STEP: f64 = 16.0;
    let (wide, high) = (right - left, bottom - top);
    let mut offset = STEP / 2.0;
    while offset < wide + high {
        // From the lower or the right edge up to the left or the upper one.
        let start = if offset <= high { (left, top + offset) } else { (left + offset - high, bottom) };
        let end = if offset <= wide { (left + offset, top) } else { (right, top + offset - wide) };
        canvas.line(start, end, AXIS, 1.2);
        offset += STEP;
    }
}

/// Dots along a line, the same distance apart.
fn dotted(canvas: &mut Canvas<'_>, line: &[Point]) {
    const APART: f64 = 11.0;
    let mut since = 0.0;
    for pair in line.windows(2) {
        let (dx, dy) = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
        let length = dx.hypot(dy);
        let mut along = APART - since;
        while along <= length {
            let at = (pair[0].0 + dx * along / length, pair[0].1 + dy * along / length);
            canvas.disc(at, 4.2, PAPER);
            canvas.disc(at, 3.0, INK);
            along += APART;
        }
        since = (since + length) % APART;
    }
}

fn level_labels(canvas: &mut Canvas<'_>, view: &SurfaceView<'_>, grid: &Grid) {
    let pen = canvas.pen(AXIS_PX);
    let widest = view.xs.iter().map(|x| pen.width(&view.x.figure(*x))).fold(0.0, f64::max);
    let every = ((widest + 16.0) / grid.wide).ceil().max(1.0) as usize;
    for (ix, x) in view.xs.iter().enumerate().step_by(every) {
        let middle = grid.left + (ix as f64 + 0.5) * grid.wide;
        canvas.text((middle, grid.bottom + 33.0), &view.x.figure(*x), pen.middle());
    }
    let every = (30.0 / grid.high).ceil().max(1.0) as usize;
    for (iy, y) in view.ys.iter().enumerate().step_by(every) {
        let middle = grid.bottom - (iy as f64 + 0.5) * grid.high;
        canvas.text((grid.left - 14.0, middle + 0.35 * AXIS_PX), &view.y.figure(*y), pen.end());
    }
}

/// The difference in the middle of its cell, or beside the lines that cross it; left out where they leave no room.
fn cell_number(
    canvas: &mut Canvas<'_>,
    view: &SurfaceView<'_>,
    grid: &Grid,
    (ix, iy): (usize, usize),
    taken: &mut Taken,
) {
    let (left, top) = (grid.left + ix as f64 * grid.wide, grid.bottom - (iy as f64 + 1.0) * grid.high);
    let bounds = Area { left, top, right: left + grid.wide, bottom: top + grid.high };
    let difference = view.difference(ix, iy);
    let pen = canvas.pen((grid.high * 0.34).min(grid.wide * 0.24).clamp(15.0, AXIS_PX));
    let shown = difference.mean * view.measure.factor();
    let winner = view.winner(ix, iy);
    let words = match winner {
        Winner::NoData => "–".to_owned(),
        _ => signed(shown, places(view.largest() * view.measure.factor()).clamp(1, 2)),
    };
    let (width, high) = (pen.width(&words), pen.px * 0.8);
    let (spare_x, spare_y) = (grid.wide - width, grid.high - high);
    let corners = [(0.5, 0.5), (0.12, 0.14), (0.88, 0.86), (0.88, 0.14), (0.12, 0.86), (0.5, 0.12), (0.5, 0.88)];
    let areas = corners.map(|(along, down)| {
        let (left, top) = (left + spare_x * along, top + spare_y * down);
        Area { left, top, right: left + width, bottom: top + high }
    });
    let Some(found) = taken.place(&areas, bounds) else { return };
    let at = (areas[found].left, areas[found].bottom);
    let strong = (view.place(difference.mean) - 0.5).abs() > 0.36;
    match winner {
        Winner::Unclear => canvas.halo_text(at, &words, pen),
        Winner::Near if strong => canvas.text(at, &words, pen.colour(PAPER)),
        Winner::NoData => canvas.text(at, &words, pen),
        _ => canvas.text(at, &words, pen.ink()),
    }
}

/// The colour bar with the words of both sides, then what hatching and lines mean.
fn beside(canvas: &mut Canvas<'_>, view: &SurfaceView<'_>, (left, top): Point, bottom: f64) {
    const STEPS: usize = 100;
    let high = ((bottom - top) * 0.52).min(400.0);
    let from = top + 44.0;
    let y = |part: f64| from + high * (1.0 - part);
    for step in (0..STEPS).rev() {
        let upper = (step + 1) as f64 / STEPS as f64;
        // Painted from the top down over each other, so that no seam shows between neighbours.
        let colour = canvas.theme().near_share(0.5 + (upper - 0.5 - 0.5 / STEPS as f64) * 0.9);
        canvas.rect((left, y(upper)), (left + 36.0, from + high), colour);
    }
    let side = canvas.pen(LABEL_PX).bold();
    canvas.text(
        (left, top + 22.0),
        canvas.look().say("Near-field wins", "近场更好"),
        side.colour(canvas.theme().near()),
    );
    canvas.text(
        (left, from + high + 36.0),
        canvas.look().say("Far-field wins", "远场更好"),
        side.colour(canvas.theme().far()),
    );
    let largest = view.largest() * view.measure.factor();
    let up = if view.measure.better == Better::Lower { -1.0 } else { 1.0 };
    let unit = view.measure.difference(0.0);
    let unit = unit.split_once(' ').map_or("", |(_, unit)| unit);
    let decimals = places(largest).clamp(1, 2);
    for (part, value) in [(1.0, up * largest), (0.5, 0.0), (0.0, -up * largest)] {
        canvas.line((left + 36.0, y(part)), (left + 44.0, y(part)), AXIS, 2.0);
        let words = if value == 0.0 { "0".to_owned() } else { format!("{} {unit}", signed(value, decimals)) };
        canvas.text((left + 54.0, y(part) + 8.0), words.trim(), canvas.pen(AXIS_PX));
    }
    let mut at = from + high + 92.0;
    let pen = canvas.pen(AXIS_PX);
    let mut entry = |canvas: &mut Canvas<'_>, mark: &dyn Fn(&mut Canvas<'_>, f64), words: &str| {
        mark(canvas, at - 8.0);
        for line in wrapped(words, pen, RIGHT - left - 60.0) {
            canvas.text((left + 56.0, at), &line, pen);
            at += 28.0;
        }
        at += 14.0;
    };
    let counted = |winner| number(view.count(winner) as f64, 0);
    let box_of = (left, left + 40.0);
    if view.count(Winner::Unclear) > 0 {
        let mark = |canvas: &mut Canvas<'_>, y: f64| {
            canvas.rect((box_of.0, y - 14.0), (box_of.1, y + 14.0), canvas.theme().near_share(0.5));
            hatch(canvas, (box_of.0, y - 14.0), (box_of.1, y + 14.0));
        };
        entry(
            canvas,
            &mark,
            &view.look.say(
                format!("no difference shown ({})", counted(Winner::Unclear)),
                format!("未显示差异（{}）", view.count(Winner::Unclear)),
            ),
        );
    }
    if !view.lines.is_empty() {
        let mark = |canvas: &mut Canvas<'_>, y: f64| canvas.line((box_of.0, y), (box_of.1, y), INK, 5.0);
        entry(canvas, &mark, view.look.say("break-even", "盈亏平衡线"));
    }
    if !view.band.is_empty() {
        let mark = |canvas: &mut Canvas<'_>, y: f64| dotted(canvas, &[(box_of.0 - 8.0, y), (box_of.1, y)]);
        entry(canvas, &mark, view.look.say("ends of its 95% interval", "其 95% 区间两端"));
    }
    if view.count(Winner::NoData) > 0 {
        let mark = |canvas: &mut Canvas<'_>, y: f64| canvas.rect((box_of.0, y - 14.0), (box_of.1, y + 14.0), GROUND);
        entry(
            canvas,
            &mark,
            &view.look.say(
                format!("no result ({})", counted(Winner::NoData)),
                format!("无结果（{}）", view.count(Winner::NoData)),
            ),
        );
    }
}

fn table(view: &SurfaceView<'_>) -> Table {
    let mut table = Table::new(&["x", "y", "difference", "lo95", "hi95", "winner"]);
    for (ix, iy) in view.points() {
        let difference = view.difference(ix, iy);
        let numbers = [view.xs[ix], view.ys[iy], difference.mean, difference.lo, difference.hi].map(exact);
        table.push(numbers.into_iter().chain([view.winner(ix, iy).word().to_owned()]));
    }
    table
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Levels and differences of a made-up study: near wins where orders are many and roads short.
    pub(crate) struct Study {
        xs: Vec<f64>,
        ys: Vec<f64>,
        differences: Vec<Vec<Interval>>,
        lines: Vec<LeverLine>,
        band: Vec<LeverLine>,
    }

    fn value(x: f64, y: f64) -> f64 {
        2.6 - x / 20.0 + (y - 1.0) * 0.9
    }

    pub(crate) fn study(shift: f64) -> Study {
        let xs: Vec<f64> = (1..=10).map(|n| 10.0 * f64::from(n)).collect();
        let ys: Vec<f64> = vec![1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0];
        let half = 0.34;
        let row = |y: &f64| xs.iter().map(|x| Interval::new(value(*x, *y) + shift, half)).collect();
        let differences = ys.iter().map(row).collect();
        // x where the difference is `level`, for each y within the levels.
        let line = |level: f64| -> LeverLine {
            let points = ys.iter().map(|y| [20.0 * (2.6 + (y - 1.0) * 0.9 + shift - level), *y]);
            points.filter(|point| (10.0..=100.0).contains(&point[0])).collect()
        };
        let lines = vec![line(0.0)];
        let band = vec![line(half), line(-half)];
        Study { xs, ys, differences, lines, band }
    }

    pub(crate) fn chart_of(study: &Study) -> Chart {
        let x = Lever {
            label: "Orders per store and day".into(),
            unit: String::new(),
            language: crate::scenario::Language::En,
        };
        let y = Lever { label: "Near-field radius".into(), unit: "km".into(), language: crate::scenario::Language::En };
        let measure = Measure {
            label: "Cost per delivered order".into(),
            unit: "CNY".into(),
            better: Better::Lower,
            language: crate::scenario::Language::En,
        };
        let view = SurfaceView {
            look: Look::plain(),
            x: &x,
            y: &y,
            xs: &study.xs,
            ys: &study.ys,
            differences: &study.differences,
            measure: &measure,
            lines: &study.lines,
            band: &study.band,
            label: "Baseline city",
            source: "nearfar 0.1.0 · sweep density · scenario 3f9c1a2b · seed 20251111",
            replications: 10,
        };
        chart(&view)
    }

    #[test]
    fn the_title_says_who_wins_where_and_counts_only_clear_points() {
        let study_of = study(0.0);
        let chart = chart_of(&study_of);
        let count = |winner: &str| chart.csv.lines().filter(|line| line.ends_with(&format!(",{winner}"))).count();
        let expected = format!(
            "Near-field wins on cost per delivered order in {} of 70 settings, mostly at high orders per store and day \
             and low near-field radius; far-field in {}",
            count("near"),
            count("far")
        );
        assert_eq!(chart.title, expected);
        assert!(count("unclear") > 0 && count("near") + count("far") + count("unclear") == 70);
    }

    #[test]
    fn where_a_side_leads_by_most_is_said_only_beyond_the_noise() {
        let with_half = |half: f64| {
            let mut study = study(-20.0);
            study.differences.iter_mut().flatten().for_each(|cell| *cell = Interval::new(cell.mean, half));
            chart_of(&study).takeaway
        };
        assert!(with_half(0.01).starts_with("Near-field leads by most at 100 orders per store and day and"));
        assert!(!with_half(0.01).contains("noise") && with_half(0.6).contains("within the noise of it"));
        assert!(with_half(9.0).contains("where by most is within the noise"), "{}", with_half(9.0));
    }

    #[test]
    fn one_sided_and_doubtful_surfaces_say_so() {
        assert!(chart_of(&study(-20.0)).title.starts_with("Near-field wins on cost per delivered order in every one"));
        assert!(chart_of(&study(20.0)).title.starts_with("Far-field wins"));
        let mut doubtful = study(0.0);
        doubtful.differences.iter_mut().flatten().for_each(|cell| *cell = Interval::new(cell.mean, 90.0));
        assert!(chart_of(&doubtful).title.starts_with("No clear difference"));
        doubtful.differences.iter_mut().flatten().for_each(|cell| *cell = Interval::new(f64::NAN, 0.0));
        assert!(chart_of(&doubtful).title.contains("cannot be compared"));
        let empty = Study { xs: vec![], ys: vec![], differences: vec![], lines: vec![], band: vec![] };
        assert!(chart_of(&empty).title.contains("cannot be compared"));
    }

    #[test]
    fn lines_between_levels_lie_between_the_middles_of_cells() {
        assert_eq!(Grid::along(&[1.0, 2.0, 4.0], 1.0), 0.5);
        assert_eq!(Grid::along(&[1.0, 2.0, 4.0], 3.0), 2.0);
        assert_eq!(Grid::along(&[1.0, 2.0, 4.0], 9.0), 2.5);
        assert_eq!(Grid::along(&[1.0], 1.0), 0.5);
    }
}
