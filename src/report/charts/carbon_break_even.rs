//! Room: report. Chart 16: up to which distance does a near order emit less than a parcel? Grams of CO2e of delivered orders
//! by the kilometres ridden for them, with a fitted line, against the mean of far orders.

use crate::city::Channel;
use crate::report::canvas::{Canvas, Point};
use crate::report::data::{Details, Orders};
use crate::report::layout::{self, AXIS_PX, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, Words, round_ticks};
use crate::report::measure::{Interval, Z95, named, ticks};
use crate::report::palette::{GRID, INK, PAPER, mix};
use crate::report::table::{Table, exact};
use crate::report::wording::{count, number, percent};
use crate::report::{Chart, Look, RunView};
use crate::scenario::Language;

const SLUG: &str = "16-carbon-break-even";
/// Fewer orders than this give no mean.
const ENOUGH: usize = 20;
/// More bins than this are made wider.
const MOST_BINS: f64 = 14.0;

/// Near orders of a span of distance.
struct Bin {
    from_km: f64,
    to_km: f64,
    grams: Vec<f64>,
}

/// A straight line through near orders, by least squares.
struct Line {
    at_zero: f64,
    per_km: Interval,
    mean_km: f64,
    /// Variance of orders about it.
    variance: f64,
    orders: f64,
    /// Sum of squares of the distances about their mean.
    spread: f64,
}

impl Line {
    /// None where orders do not tell a slope: too few, or all as far.
    fn through(points: &[(f64, f64)]) -> Option<Line> {
        let orders = points.len() as f64;
        let mean = |of: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / orders;
        let (mean_km, mean_g) = (mean(&|p| p.0), mean(&|p| p.1));
        let spread: f64 = points.iter().map(|p| (p.0 - mean_km).powi(2)).sum();
        if points.len() < ENOUGH || spread <= 1e-9 {
            return None;
        }
        let slope = points.iter().map(|p| (p.0 - mean_km) * (p.1 - mean_g)).sum::<f64>() / spread;
        let at_zero = mean_g - slope * mean_km;
        let squared: f64 = points.iter().map(|p| (p.1 - at_zero - slope * p.0).powi(2)).sum();
        let variance = squared / (orders - 2.0);
        let half = Z95 * (variance / spread).sqrt();
        Some(Line { at_zero, per_km: Interval::new(slope, half), mean_km, variance, orders, spread })
    }
    /// The mean at a distance, with its interval.
    fn at(&self, km: f64) -> Interval {
        let half = Z95 * (self.variance * (1.0 / self.orders + (km - self.mean_km).powi(2) / self.spread)).sqrt();
        Interval::new(self.at_zero + self.per_km.mean * km, half)
    }
    /// Where it meets the mean of far orders, with its interval by the delta method; None if it does not rise.
    fn meets(&self, far: &Interval) -> Option<Interval> {
        if self.per_km.lo <= 0.0 {
            return None;
        }
        let km = (far.mean - self.at_zero) / self.per_km.mean;
        let here = self.at(km);
        Some(Interval::new(km, (here.hi - here.mean).hypot(far.hi - far.mean) / self.per_km.mean))
    }
}

/// What near and far orders emit.
struct Carbon {
    bins: Vec<Bin>,
    near: Interval,
    far: Interval,
    far_orders: usize,
    line: Option<Line>,
    /// Kilometres that one near order in a hundred exceeds: as far as the chart goes.
    reach_km: f64,
    points: Vec<(f64, f64)>,
}

/// What is to be said of the two.
#[derive(Debug, PartialEq)]
enum Verdict {
    TooFew,
    /// Near emits less up to a distance among those ridden.
    Crosses(Interval),
    /// Near emits less, or more, at every distance ridden; they would meet there, if anywhere.
    NearLess(Option<Interval>),
    NearMore,
    /// Neither is clear.
    Alike,
}

impl Carbon {
    fn of(orders: &Orders, details: &Details) -> Carbon {
        let grams = |channel| orders.delivered_by(channel).map(|order| (order, details.co2e_g[order]));
        let known = |points: &(usize, f64)| points.1.is_finite();
        let far: Vec<f64> = grams(Channel::Far).filter(known).map(|point| point.1).collect();
        let near = grams(Channel::Near).filter(known).map(|(order, grams)| (details.ridden_km[order], grams));
        let mut points: Vec<(f64, f64)> = near.filter(|point| point.0.is_finite()).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let last = points.len().saturating_sub(1);
        let reach_km = points.get((0.99 * last as f64).round() as usize).map_or(0.0, |point| point.0);
        let bins = bins(&points, reach_km);
        let all: Vec<f64> = points.iter().map(|point| point.1).collect();
        let (near, far_orders) = (mean_of(&all), far.len());
        Carbon { bins, near, far: mean_of(&far), far_orders, line: Line::through(&points), reach_km, points }
    }
    fn meets(&self) -> Option<Interval> {
        self.line.as_ref()?.meets(&self.far)
    }
    fn verdict(&self) -> Verdict {
        if self.points.len() < ENOUGH || self.far_orders < ENOUGH {
            return Verdict::TooFew;
        }
        let ends = match &self.line {
            Some(line) => [line.at(self.points[0].0), line.at(self.reach_km)],
            None => [self.near, self.near],
        };
        let meets = self.meets();
        let inside = meets.filter(|km| (self.points[0].0..=self.reach_km).contains(&km.mean));
        match inside {
            Some(km) => Verdict::Crosses(km),
            None if ends.iter().all(|end| end.hi < self.far.lo) => Verdict::NearLess(meets),
            None if ends.iter().all(|end| end.lo > self.far.hi) => Verdict::NearMore,
            None => Verdict::Alike,
        }
    }
    /// Share of near orders ridden at most so far.
    fn within(&self, km: f64) -> f64 {
        self.points.iter().filter(|point| point.0 <= km).count() as f64 / self.points.len() as f64
    }
}

/// Mean with its 95 % interval over orders; without two of them no interval.
fn mean_of(values: &[f64]) -> Interval {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    Interval::new(mean, Z95 * (variance / n).sqrt())
}

/// Near orders by distance, in steps of a round number of kilometres; the last holds all that rode further.
fn bins(points: &[(f64, f64)], reach_km: f64) -> Vec<Bin> {
    const STEPS_KM: [f64; 8] = [0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 25.0];
    let step = STEPS_KM.into_iter().find(|step| reach_km / step <= MOST_BINS).unwrap_or(reach_km / MOST_BINS);
    let number = (reach_km / step).ceil().max(1.0) as usize;
    let bin = |place: usize| Bin { from_km: place as f64 * step, to_km: (place + 1) as f64 * step, grams: Vec::new() };
    let mut bins: Vec<Bin> = (0..number).map(bin).collect();
    // The one in a hundred that rode further stays in the line, and out of the bins.
    for (km, grams) in points.iter().filter(|point| point.0 <= number as f64 * step) {
        bins[((km / step) as usize).min(number - 1)].grams.push(*grams);
    }
    bins
}

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, orders: &Orders, details: &Details) -> Chart {
    let carbon = Carbon::of(orders, details);
    let look = view.look;
    let subtitle = look.say(
        "Mean grams of CO2e of a delivered order, by kilometres ridden by courier for it",
        "每单送达订单的平均碳排放（克 CO2e），按骑手为其骑行的公里数",
    );
    let subtitle = format!("{subtitle}{}", view.scenario_words());
    let note = look.say(
        "ribbon, whiskers and band: 95% intervals over orders; an order bears its share of a trip, but no empty rides; \
         factors: [carbon] of the scenario",
        "色带与须线为订单层面的 95% 置信区间；订单分摊所在趟次，不含空驶；系数见场景假设",
    );
    let source = view.source(carbon.points.len() + carbon.far_orders, note);
    let words = |title: String| Words { title, subtitle, source };
    let verdict = carbon.verdict();
    if verdict == Verdict::TooFew {
        let (near, far) = (count(carbon.points.len()), count(carbon.far_orders));
        let (title, why) = look.say(
            (
                format!("Too few orders to compare carbon: {near} near and {far} far were delivered"),
                format!("Nothing to draw: a comparison takes {ENOUGH} delivered orders on either side."),
            ),
            (
                format!("订单太少，无法比较碳排放：近场送达 {near} 单，远场 {far} 单"),
                format!("无图可画：两侧各需 {ENOUGH} 单送达订单。"),
            ),
        );
        return Chart::nothing(look, SLUG, words(title), &why, table(&carbon));
    }
    let title = title(&carbon, &verdict, look);
    Chart::draw(look, SLUG, words(title), alt(&carbon, look), table(&carbon), |canvas, top| draw(canvas, top, &carbon))
}

fn grams(value: f64, look: &Look) -> String {
    format!("{} {}", number(value, 0), look.say("g", "克"))
}

/// A distance with its interval, as numbers.
fn kms(km: &Interval) -> [String; 3] {
    let places = if km.mean < 10.0 { 1 } else { 0 };
    [km.mean, km.lo.max(0.0), km.hi].map(|value| number(value, places))
}

fn interval_km(km: &Interval, look: &Look) -> String {
    let [mean, lo, hi] = kms(km);
    look.say(format!("{mean} km (95% interval {lo} to {hi})"), format!("{mean} 公里（95% 置信区间 {lo} 至 {hi}）"))
}

fn alt(carbon: &Carbon, look: &Look) -> String {
    let slope = carbon.line.as_ref().map(|line| number(line.per_km.mean, 1));
    let slope = slope.map(|g| look.say(format!("; each kilometre adds {g} g"), format!("；每公里增加 {g} 克")));
    let meets = match carbon.meets().map(|km| (km.mean, interval_km(&km, look))) {
        Some((km, words)) if km > carbon.reach_km => look.say(
            format!(" The line would meet the far mean at {words}, beyond the distances ridden."),
            format!("近场直线要到 {words} 才与远场均值相交，超出实际骑行距离。"),
        ),
        Some((km, words)) if km > 0.0 => {
            look.say(format!(" The line meets the far mean at {words}."), format!("近场直线与远场均值相交于 {words}。"))
        }
        _ => look.say(" The lines do not cross.", "两线不相交。").to_owned(),
    };
    let ([near, far], slope) = ([carbon.near.mean, carbon.far.mean].map(|g| grams(g, look)), slope.unwrap_or_default());
    let (n, m) = (count(carbon.points.len()), count(carbon.far_orders));
    match look.language {
        Language::En => format!("Curves. Near {near} an order over {n} deliveries{slope}; far {far} over {m}.{meets}"),
        Language::Zh => format!("曲线图。近场每单 {near}（{n} 单送达）{slope}；远场 {far}（{m} 单）。{meets}"),
    }
}

fn title(carbon: &Carbon, verdict: &Verdict, look: &Look) -> String {
    let [near, far] = [carbon.near.mean, carbon.far.mean].map(|g| grams(g, look));
    let both = look.say(format!("{near} against {far} an order"), format!("每单 {near}，远场 {far}"));
    match verdict {
        Verdict::TooFew => String::new(),
        Verdict::Crosses(km) => {
            let ([mean, lo, hi], share) = (kms(km), percent(carbon.within(km.mean)));
            look.say(
                format!(
                    "Near-field emits less CO2e up to {mean} km ridden an order ({lo} to {hi} km): {share} of near orders stay below"
                ),
                format!("每单骑行不超过 {mean} 公里（{lo} 至 {hi} 公里）时近场碳排放更低：{share} 的近场订单在此之内"),
            )
        }
        Verdict::NearLess(meets) => {
            let beyond = meets.filter(|km| km.mean > carbon.reach_km).map(|km| number(km.lo.max(carbon.reach_km), 0));
            let before = beyond.map(|km| look.say(format!(" before {km} km"), format!("在 {km} 公里以内")));
            let before = before.unwrap_or_default();
            look.say(
                format!("Near-field emits less CO2e at every distance ridden, {both}; the lines do not cross{before}"),
                format!("近场在各骑行距离上碳排放都更低，{both}；两线{before}不相交"),
            )
        }
        Verdict::NearMore => look.say(
            format!("Near-field emits more CO2e at every distance ridden, {both}; the lines do not cross"),
            format!("近场在各骑行距离上碳排放都更高，{both}；两线不相交"),
        ),
        Verdict::Alike => look.say(
            format!("No clear break-even of CO2e over the distances ridden: {both}"),
            format!("在实际骑行距离内没有明确的碳排放平衡点：近场{both}"),
        ),
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, carbon: &Carbon) {
    let (left, right, top) = (LEFT + 96.0, RIGHT - 360.0, top + 30.0);
    let reach = carbon.bins.last().map_or(1.0, |bin| bin.to_km);
    let line_top = carbon.line.as_ref().map_or(0.0, |line| line.at(reach).hi);
    let values = carbon.bins.iter().filter(|bin| bin.grams.len() >= ENOUGH).flat_map(|bin| mean_of(&bin.grams).ends());
    let most_g = values.chain([carbon.far.hi, line_top]).fold(1.0, f64::max) * 1.05;
    let mut rows = ticks([0.0, most_g].into_iter(), 6, false);
    rows.retain(|tick| tick.0 <= most_g);
    let y = Scale::linear((0.0, most_g), (BOTTOM, top));
    let x = Scale::linear((0.0, reach), (left, right));
    layout::rows(canvas, &rows, y, (left, right));
    let most = carbon.bins.iter().map(|bin| bin.grams.len()).max().unwrap_or(1).max(1) as f64;
    for bin in &carbon.bins {
        let high = 110.0 * bin.grams.len() as f64 / most;
        canvas.rect((x.px(bin.from_km) + 2.0, BOTTOM - high), (x.px(bin.to_km) - 2.0, BOTTOM), GRID);
    }

    far(canvas, carbon, y, (left, right));
    near(canvas, carbon, (x, y));
    let kms = round_ticks(0.0, reach, 8, 0.0).into_iter().filter(|km| *km <= reach + 1e-9).collect::<Vec<_>>();
    let mut labels = named(&kms, false);
    if let Some(last) = labels.last_mut() {
        last.1.push_str(canvas.look().say(" km", " 公里"));
    }
    layout::axis(canvas, &labels, x, BOTTOM, (left, right));
    match carbon.verdict() {
        Verdict::Crosses(km) => crossing(canvas, &km, (x, y), top, carbon.far.mean),
        Verdict::NearLess(_) | Verdict::NearMore => gap(canvas, carbon, (x, y)),
        _ => {}
    }
    let key = (right + 24.0, BOTTOM - 8.0);
    canvas.rect((key.0, key.1 - 18.0), (key.0 + 22.0, key.1 + 4.0), GRID);
    let words = canvas.look().say("near orders by distance", "近场订单按距离分布");
    canvas.text((key.0 + 34.0, key.1), words, canvas.pen(AXIS_PX));
    names(canvas, carbon, y, right + 24.0, reach);
}

/// The mean of far orders and the band of its interval.
fn far(canvas: &mut Canvas<'_>, carbon: &Carbon, y: Scale, (left, right): (f64, f64)) {
    let colour = canvas.theme().far();
    let (lo, hi) = (y.px_within(carbon.far.lo), y.px_within(carbon.far.hi));
    canvas.rect((left, lo), (right, hi), mix(PAPER, colour, 0.22));
    let mean = y.px_within(carbon.far.mean);
    canvas.line((left, mean), (right, mean), colour, 4.0);
}

/// The line of near orders with its ribbon, and their means by distance.
fn near(canvas: &mut Canvas<'_>, carbon: &Carbon, (x, y): (Scale, Scale)) {
    let colour = canvas.theme().near();
    if let Some(line) = &carbon.line {
        let steps: Vec<f64> = (0..=40).map(|step| x.low() + (x.high() - x.low()) * f64::from(step) / 40.0).collect();
        let upper = steps.iter().map(|&km| (x.px(km), y.px_within(line.at(km).hi)));
        let lower = steps.iter().rev().map(|&km| (x.px(km), y.px_within(line.at(km).lo)));
        canvas.polygon(&upper.chain(lower).collect::<Vec<Point>>(), mix(PAPER, colour, 0.3));
        let ends = [x.low(), x.high()].map(|km| (x.px(km), y.px_within(line.at(km).mean)));
        canvas.path(&ends, colour, 4.0);
    }
    for bin in carbon.bins.iter().filter(|bin| bin.grams.len() >= ENOUGH) {
        let mean = mean_of(&bin.grams);
        let middle = x.px((bin.from_km + bin.to_km) / 2.0);
        let (lo, hi) = (y.px_within(mean.lo), y.px_within(mean.hi));
        canvas.line((middle, lo), (middle, hi), colour, 2.5);
        for end in [lo, hi] {
            canvas.line((middle - 7.0, end), (middle + 7.0, end), colour, 2.5);
        }
        canvas.dot((middle, y.px_within(mean.mean)), 6.0, colour);
    }
}

/// The break-even distance and the band of its interval.
fn crossing(canvas: &mut Canvas<'_>, km: &Interval, (x, y): (Scale, Scale), top: f64, far: f64) {
    let (lo, hi) = (x.px_within(km.lo), x.px_within(km.hi));
    for end in [lo, hi] {
        canvas.dashes((end, top), (end, BOTTOM), INK, 1.5);
    }
    let at = (x.px_within(km.mean), y.px_within(far));
    canvas.line((at.0, at.1), (at.0, BOTTOM), INK, 2.0);
    canvas.dot(at, 9.0, INK);
    let words = interval_km(km, canvas.look());
    let label = canvas.look().say(format!("break-even {words}"), format!("平衡点 {words}"));
    canvas.text_within(
        (hi + 14.0, top + 24.0),
        &label,
        canvas.pen(LABEL_PX - 1.0).ink().bold(),
        (x.px(x.low()), RIGHT),
    );
}

/// By how much the means lie apart, at the mean distance.
fn gap(canvas: &mut Canvas<'_>, carbon: &Carbon, (x, y): (Scale, Scale)) {
    let km = carbon.points.iter().map(|point| point.0).sum::<f64>() / carbon.points.len() as f64;
    let (at, far) = (x.px_within(km), y.px_within(carbon.far.mean));
    let near = carbon.line.as_ref().map_or(carbon.near.mean, |line| line.at(km).mean);
    let near = y.px_within(near);
    let toward = if near > far { 1.0 } else { -1.0 };
    canvas.line((at, far + toward * 8.0), (at, near - toward * 12.0), INK, 2.0);
    for (end, inwards) in [(far + toward * 8.0, toward), (near - toward * 12.0, -toward)] {
        canvas.path(&[(at - 7.0, end + inwards * 10.0), (at, end), (at + 7.0, end + inwards * 10.0)], INK, 2.0);
    }
    let look = canvas.look();
    let apart = carbon.near.mean - carbon.far.mean;
    let g = number(apart.abs(), 0);
    let words = match apart < 0.0 {
        true => look.say(format!("{g} g less at the mean distance"), format!("平均距离处少 {g} 克")),
        false => look.say(format!("{g} g more at the mean distance"), format!("平均距离处多 {g} 克")),
    };
    canvas.halo_text((at + 16.0, (near + far) / 2.0 + 8.0), &words, canvas.pen(LABEL_PX - 1.0).ink().bold());
}

/// What the lines are, to their right.
fn names(canvas: &mut Canvas<'_>, carbon: &Carbon, y: Scale, left: f64, reach: f64) {
    let look = canvas.look();
    let end = carbon.line.as_ref().map_or(carbon.near.mean, |line| line.at(reach).mean);
    let mut wanted = [(y.px_within(carbon.far.mean), true), (y.px_within(end), false)];
    wanted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let places = layout::declutter(&wanted.map(|name| name.0), 112.0, (y.px(y.high()) + 40.0, BOTTOM - 60.0));
    let said = |mean: &Interval, n: usize| {
        let (g, n) = (grams(mean.mean, look), count(n));
        look.say(format!("{g} an order (mean of {n})"), format!("每单 {g}（{n} 单均值）"))
    };
    for ((_, is_far), y) in wanted.iter().zip(places) {
        let (name, colour, mean, n) = if *is_far {
            (look.say("Far-field", "远场"), canvas.theme().far(), carbon.far, carbon.far_orders)
        } else {
            (look.say("Near-field", "近场"), canvas.theme().near(), carbon.near, carbon.points.len())
        };
        canvas.text((left, y), name, canvas.pen(LABEL_PX).colour(colour).bold());
        canvas.text((left, y + 32.0), &said(&mean, n), canvas.pen(AXIS_PX));
        if let (false, Some(line)) = (is_far, &carbon.line) {
            let (fixed, per_km) = (number(line.at_zero, 0), number(line.per_km.mean, 1));
            let words =
                look.say(format!("{fixed} g, and {per_km} g a km"), format!("固定 {fixed} 克，每公里 {per_km} 克"));
            canvas.text((left, y + 62.0), &words, canvas.pen(AXIS_PX));
        }
    }
}

fn table(carbon: &Carbon) -> Table {
    let mut table = Table::new(&["what", "from_km", "to_km", "orders", "mean_g", "lo95_g", "hi95_g"]);
    let mut row = |what: &str, km: [f64; 2], orders: usize, value: Interval| {
        let cells = [km[0], km[1]].map(exact).into_iter().chain([orders.to_string()]);
        let shown = [value.mean, value.lo, value.hi].map(exact);
        table.push([what.to_owned()].into_iter().chain(cells).chain(shown));
    };
    for bin in carbon.bins.iter().filter(|bin| bin.grams.len() >= ENOUGH) {
        row("near", [bin.from_km, bin.to_km], bin.grams.len(), mean_of(&bin.grams));
    }
    if let Some(line) = &carbon.line {
        for bin in &carbon.bins {
            row("near_line", [bin.to_km; 2], carbon.points.len(), line.at(bin.to_km));
        }
    }
    if carbon.far_orders > 0 {
        row("far", [f64::NAN; 2], carbon.far_orders, carbon.far);
    }
    if let Some(km) = carbon.meets() {
        row("break_even_lo95", [km.lo; 2], carbon.points.len(), carbon.far);
        row("break_even", [km.mean; 2], carbon.points.len(), carbon.far);
        row("break_even_hi95", [km.hi; 2], carbon.points.len(), carbon.far);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::City;

    /// Near orders of 100 g and 20 g a km over 0 to 10 km, far orders of some grams, both 5 g up or down in turn.
    fn carbon(far_g: f64) -> Carbon {
        let wobble = |i: usize| if i.is_multiple_of(2) { 5.0 } else { -5.0 };
        let points: Vec<(f64, f64)> = (0..1000)
            .map(|i| i as f64 / 100.0)
            .enumerate()
            .map(|(i, km)| (km, 100.0 + 20.0 * km + wobble(i)))
            .collect();
        let far: Vec<f64> = (0..400).map(|i| far_g + wobble(i)).collect();
        let near: Vec<f64> = points.iter().map(|point| point.1).collect();
        Carbon {
            bins: bins(&points, 9.9),
            near: mean_of(&near),
            far: mean_of(&far),
            far_orders: far.len(),
            line: Line::through(&points),
            reach_km: 9.9,
            points,
        }
    }

    #[test]
    fn the_crossing_is_where_the_lines_meet_and_is_claimed_only_among_the_distances_ridden() {
        let Verdict::Crosses(km) = carbon(180.0).verdict() else { panic!("{:?}", carbon(180.0).verdict()) };
        assert!((km.mean - 4.0).abs() < 0.05 && km.lo < 4.0 && 4.0 < km.hi && km.hi - km.lo < 0.2, "{km:?}");
        let said = title(&carbon(180.0), &carbon(180.0).verdict(), Look::plain());
        assert!(said.starts_with("Near-field emits less CO2e up to 4.0 km"), "{said}");
        let beyond = carbon(500.0);
        let said = title(&beyond, &beyond.verdict(), Look::plain());
        assert!(said.ends_with("the lines do not cross before 20 km"), "{said}");
        assert!(matches!(beyond.verdict(), Verdict::NearLess(Some(_))));
        assert_eq!(carbon(50.0).verdict(), Verdict::NearMore);
    }

    #[test]
    fn the_line_is_that_of_least_squares() {
        let line =
            Line::through(&(0..50).map(|i| (f64::from(i), 3.0 + 2.0 * f64::from(i))).collect::<Vec<_>>()).unwrap();
        assert!((line.at_zero - 3.0).abs() < 1e-9 && (line.per_km.mean - 2.0).abs() < 1e-9);
        assert!(Line::through(&[(1.0, 5.0); 50]).is_none(), "all as far");
        assert!(Line::through(&[(1.0, 5.0), (2.0, 6.0)]).is_none(), "too few");
    }

    #[test]
    fn a_run_without_one_side_is_said() {
        let none = City { near_chance: 0.0, orders: 300, ..City::default() }.chart(SLUG);
        assert!(none.title.starts_with("Too few orders to compare carbon: 0 near and"), "{}", none.title);
        let day = City::default().chart(SLUG);
        assert!(day.title.contains("at every distance ridden"), "{}", day.title);
        assert!(day.csv.contains("\nfar,NaN,NaN,"), "{}", day.csv);
    }
}
