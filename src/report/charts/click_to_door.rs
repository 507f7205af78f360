//! Room: report. Chart 2: how fast is each channel? Share of delivered orders received within a time.

use super::{channels_note, nothing_delivered};
use crate::city::Channel;
use crate::report::canvas::{Anchor, Canvas, Point};
use crate::report::data::Orders;
use crate::report::layout::{self, Area, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, Taken, Words};
use crate::report::look::Pair;
use crate::report::palette::{AXIS, Rgb};
use crate::report::table::{Table, exact, rounded};
use crate::report::wording::{count, percent};
use crate::report::{Chart, Look, RunView};
use crate::scenario::Language;

const SLUG: &str = "02-click-to-door-ecdf";
/// Fewer deliveries than this say nothing about a 90th percentile.
const ENOUGH_FOR_P90: usize = 20;
/// A curve is drawn through at most this many of its steps.
const STEPS: usize = 400;

/// One channel's delivered orders.
#[derive(Clone)]
struct Curve {
    name: &'static str,
    /// The name inside a sentence.
    inside: &'static str,
    word: &'static str,
    colour: Rgb,
    promise_min: f64,
    /// Minutes from click to door, ascending.
    minutes: Vec<f64>,
    /// Share on time of those that had a promise; not a number if none had.
    on_time: f64,
}

impl Curve {
    fn of(orders: &Orders, channel: Channel, view: &RunView<'_>) -> Curve {
        let theme = &view.look.theme;
        let ([name, inside], colour, promise_min) = match channel {
            Channel::Near => {
                (view.look.say(["Near-field", "near-field"], ["近场"; 2]), theme.near(), view.near_promise_min)
            }
            Channel::Far => (view.look.say(["Far-field", "far-field"], ["远场"; 2]), theme.far(), view.far_promise_min),
            // What is promised is when it is ready, not when it is fetched.
            Channel::Pickup => (view.look.say(["Pick-up", "pick-up"], ["到店自提"; 2]), theme.pickup(), f64::NAN),
        };
        let mut minutes: Vec<f64> =
            orders.delivered_by(channel).map(|order| orders.click_to_door_s[order] / 60.0).collect();
        minutes.retain(|value| value.is_finite());
        minutes.sort_by(f64::total_cmp);
        let promised: Vec<bool> = orders.delivered_by(channel).filter_map(|order| orders.on_time[order]).collect();
        let on_time = promised.iter().filter(|&&kept| kept).count() as f64 / promised.len() as f64;
        Curve { name, inside, word: channel.word(), colour, promise_min, minutes, on_time }
    }

    /// Linear interpolation between order statistics, as in kpis.csv.
    fn quantile(&self, share: f64) -> f64 {
        let place = share * (self.minutes.len() - 1) as f64;
        let (low, high) = (self.minutes[place.floor() as usize], self.minutes[place.ceil() as usize]);
        low + (high - low) * place.fract()
    }

    /// What is drawn: (minutes, share of orders received by then), from the first delivery to the last.
    fn steps(&self) -> Vec<(f64, f64)> {
        let n = self.minutes.len();
        let kept = n.min(STEPS);
        let ranks = (0..kept).map(|step| if kept == 1 { 0 } else { step * (n - 1) / (kept - 1) });
        ranks.map(|rank| (self.minutes[rank], (rank + 1) as f64 / n as f64)).collect()
    }

    /// The share that the title speaks of.
    fn headline(&self) -> (f64, Pair) {
        if self.minutes.len() >= ENOUGH_FOR_P90 { (0.9, ("90%", "90% ")) } else { (0.5, ("Half", "半数")) }
    }
    fn fetched(&self) -> bool {
        self.word == Channel::Pickup.word()
    }
}

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, orders: &Orders) -> Chart {
    let mut curves =
        [Channel::Near, Channel::Far, Channel::Pickup].map(|channel| Curve::of(orders, channel, view)).to_vec();
    curves.retain(|curve| !curve.minutes.is_empty());
    let delivered = curves.iter().map(|curve| curve.minutes.len()).sum::<usize>();
    let look = view.look;
    let drawn = look.say(
        "Share of delivered orders received within a given time, % (log time axis)",
        "在给定时长内收到的订单占已送达订单的比例，%（时间轴为对数刻度）",
    );
    let subtitle = format!("{drawn}{}", view.scenario_words());
    let left_out = orders.len() - delivered;
    let rest = match (left_out, look.language) {
        (0, _) => String::new(),
        (_, Language::En) => format!("; {} not delivered left out", count(left_out)),
        (_, Language::Zh) => format!("；未送达的 {} 单不计入", count(left_out)),
    };
    let base = format!("{}{rest}", channels_note(orders, look));
    let words = |title: String| Words { title, subtitle, source: view.source(orders.len(), &base) };
    if curves.is_empty() {
        let (title, why) = nothing_delivered(look);
        return Chart::nothing(look, SLUG, words(title), why, table(&curves));
    }
    let colon = look.say(": ", "：");
    let said: Vec<String> =
        curves.iter().map(|curve| format!("{}{colon}{}", curve.name, detail(curve, look))).collect();
    let alt = said.join(look.say(". ", "；"));
    let title = title(&curves, look);
    Chart::draw(look, SLUG, words(title), alt, table(&curves), |canvas, top| draw(canvas, top, &curves))
}

fn title(curves: &[Curve], look: &Look) -> String {
    match curves {
        [near, far, rest @ ..] if near.headline() == far.headline() && far.word == Channel::Far.word() => {
            let (share, part) = near.headline();
            let part = look.word(part);
            let span = |curve: &Curve| look.span(curve.quantile(share));
            let (a, b) = (span(near), span(far));
            match look.language {
                Language::En => {
                    let fetched: String = rest.iter().map(|curve| format!(", pick-up {}", span(curve))).collect();
                    format!("{part} of near-field orders arrive within {a}; far-field needs {b}{fetched}")
                }
                Language::Zh => {
                    let fetched: String = rest.iter().map(|curve| format!("，到店自提要 {}", span(curve))).collect();
                    format!("{part}的近场订单在 {a}内送达；远场要 {b}{fetched}")
                }
            }
        }
        curves => curves.iter().map(|curve| alone(curve, look)).collect::<Vec<_>>().join(look.say("; ", "；")),
    }
}

fn alone(curve: &Curve, look: &Look) -> String {
    let (share, part) = curve.headline();
    let (part, within, inside) = (look.word(part), look.span(curve.quantile(share)), curve.inside);
    let one = curve.minutes.len() == 1;
    match look.language {
        Language::En if one => format!("The one delivered {inside} order took {within}"),
        Language::En if curve.fetched() => format!("{part} of {inside} orders are fetched within {within}"),
        Language::En => format!("{part} of {inside} orders arrive within {within}"),
        Language::Zh if one => format!("唯一完成的{inside}订单用时 {within}"),
        Language::Zh if curve.fetched() => format!("{part}的{inside}订单在 {within}内取走"),
        Language::Zh => format!("{part}的{inside}订单在 {within}内送达"),
    }
}

/// The share of promises kept: of delivery, or of being ready.
fn kept(curve: &Curve, look: &Look) -> String {
    let share = percent(curve.on_time);
    match (look.language, curve.fetched()) {
        (Language::En, false) => format!("{share} on time"),
        (Language::En, true) => format!("{share} ready on time"),
        (Language::Zh, false) => format!("准时率 {share}"),
        (Language::Zh, true) => format!("按时备好 {share}"),
    }
}

fn detail(curve: &Curve, look: &Look) -> String {
    let n = count(curve.minutes.len());
    let on_time =
        if curve.on_time.is_finite() { kept(curve, look) } else { look.say("no promise", "无承诺时效").into() };
    let (median, p90) = (look.span(curve.quantile(0.5)), look.span(curve.quantile(0.9)));
    match look.language {
        Language::En => format!("median {median}, P90 {p90}, {n} delivered, {on_time}"),
        Language::Zh => format!("中位数 {median}，P90 {p90}，完成 {n} 单，{on_time}"),
    }
}

/// Times worth a tick, in minutes, with their labels; true for those that give way last.
const LADDER: [(f64, &str, bool); 22] = [
    (0.1, "6 s", true),
    (0.5, "30 s", false),
    (1.0, "1 min", true),
    (2.0, "2", false),
    (5.0, "5 min", true),
    (10.0, "10 min", true),
    (15.0, "15", false),
    (20.0, "20", false),
    (30.0, "30 min", true),
    (45.0, "45", false),
    (60.0, "1 h", true),
    (120.0, "2 h", false),
    (180.0, "3 h", true),
    (360.0, "6 h", true),
    (720.0, "12 h", true),
    (1440.0, "1 day", true),
    (2880.0, "2 days", true),
    (4320.0, "3 days", false),
    (7200.0, "5 days", true),
    (14400.0, "10 days", true),
    (43200.0, "30 days", true),
    (144000.0, "100 days", true),
];

/// Ends of the axis in minutes: round times that span the data, with room around data that hardly spread.
fn axis_ends(low: f64, high: f64) -> (f64, f64) {
    const LEAST_FACTOR: f64 = 8.0;
    let widen = (LEAST_FACTOR / (high / low)).max(1.0).sqrt();
    let (low, high) = (low / widen, high * widen);
    let from = LADDER.iter().rev().find(|tick| tick.0 <= low).unwrap_or(&LADDER[0]).0;
    let to = LADDER.iter().find(|tick| tick.0 >= high).map_or(high, |tick| tick.0);
    (from, to)
}

/// Ticks with their labels: the important ones first, then those that still fit between them.
fn time_ticks(x: Scale, look: &Look) -> Vec<(f64, String)> {
    // Units are wider in Chinese.
    let apart = look.say(84.0, 104.0);
    let mut kept: Vec<(f64, &str)> = Vec::new();
    for wanted in [true, false] {
        for &(minutes, label, _) in LADDER.iter().filter(|tick| tick.2 == wanted) {
            let on_axis = (x.low()..=x.high()).contains(&minutes);
            if on_axis && kept.iter().all(|tick| (x.px(tick.0) - x.px(minutes)).abs() >= apart) {
                kept.push((minutes, label));
            }
        }
    }
    kept.sort_by(|a, b| a.0.total_cmp(&b.0));
    kept.into_iter().map(|(minutes, label)| (minutes, time_label(label, look))).collect()
}

/// A label of the ladder in the language of the look.
fn time_label(label: &str, look: &Look) -> String {
    match (look.language, label.split_once(' ')) {
        (Language::Zh, Some((number, unit))) => {
            let unit = match unit {
                "s" => "秒",
                "min" => "分钟",
                "h" => "小时",
                _ => "天",
            };
            format!("{number} {unit}")
        }
        _ => label.to_owned(),
    }
}

/// The times the axis has to hold: every delivery, and the promises that are not far away from them.
fn range(curves: &[Curve]) -> (f64, f64) {
    let low = curves.iter().map(|curve| curve.minutes[0]).fold(f64::INFINITY, f64::min).max(0.1);
    let high = curves.iter().map(|curve| curve.minutes[curve.minutes.len() - 1]).fold(0.0, f64::max);
    let near_by = |promise: &f64| (low / 4.0..=high * 4.0).contains(promise);
    let promises = || curves.iter().map(|curve| curve.promise_min).filter(near_by);
    (promises().fold(low, f64::min), promises().fold(high, f64::max))
}

fn draw(canvas: &mut Canvas<'_>, top: f64, curves: &[Curve]) {
    let (left, right) = (LEFT + 74.0, RIGHT - 40.0);
    let top = top + 34.0;
    let (low, high) = range(curves);
    let x = Scale::log(axis_ends(low, high), (left, right));
    let y = Scale::linear((0.0, 1.0), (BOTTOM, top));
    let rows: Vec<(f64, String)> = [0.0, 0.25, 0.5, 0.75, 0.9, 1.0]
        .into_iter()
        .map(|share| (share, if share == 1.0 { "100%".to_owned() } else { format!("{:.0}", share * 100.0) }))
        .collect();
    layout::rows(canvas, &rows, y, (left, right));
    layout::axis(canvas, &time_ticks(x, canvas.look()), x, BOTTOM, (left, right));
    let mut taken = Taken::default();
    promises(canvas, curves, x, (top, BOTTOM), &mut taken);
    let lines: Vec<Vec<Point>> = curves.iter().map(|curve| line(curve, x, y)).collect();
    for (curve, points) in curves.iter().zip(&lines) {
        canvas.path(points, curve.colour, 5.0);
        taken.take_path(points, 7.0);
    }
    let bounds = Area { left: left + 4.0, top: top + 4.0, right: right + 40.0, bottom: BOTTOM - 6.0 };
    for curve in curves {
        dots(canvas, curve, (x, y), &mut taken, bounds);
    }
    for curve in curves {
        name(canvas, curve, (x, y), &mut taken, bounds);
    }
}

fn line(curve: &Curve, x: Scale, y: Scale) -> Vec<Point> {
    let mut points = vec![(x.px_within(curve.minutes[0]), y.px(0.0))];
    points.extend(curve.steps().into_iter().map(|(minutes, share)| (x.px_within(minutes), y.px(share))));
    points
}

/// Dashed lines at the promises that lie on the axis, named above the plot.
fn promises(canvas: &mut Canvas<'_>, curves: &[Curve], x: Scale, (top, bottom): (f64, f64), taken: &mut Taken) {
    for curve in curves {
        if !(x.low()..=x.high()).contains(&curve.promise_min) {
            continue;
        }
        let place = x.px(curve.promise_min);
        canvas.dashes((place, top), (place, bottom), AXIS, 2.0);
        taken.take_path(&[(place, top), (place, bottom)], 12.0);
        let (name, promise) = (curve.name, canvas.look().span(curve.promise_min));
        let label = canvas.look().say(format!("{name} promise {promise}"), format!("{name}承诺时效 {promise}"));
        canvas.text_within((place, top - 14.0), &label, canvas.pen(21.0).middle(), (LEFT, RIGHT));
    }
}

/// Dots at the median and the 90th percentile, each with its time beside it.
fn dots(canvas: &mut Canvas<'_>, curve: &Curve, (x, y): (Scale, Scale), taken: &mut Taken, bounds: Area) {
    let shares: &[(f64, &str)] =
        if curve.minutes.len() >= ENOUGH_FOR_P90 { &[(0.5, "P50"), (0.9, "P90")] } else { &[(0.5, "P50")] };
    for &(share, word) in shares {
        let at = (x.px_within(curve.quantile(share)), y.px(share));
        canvas.dot(at, 9.0, curve.colour);
        let pen = canvas.pen(LABEL_PX).colour(curve.colour).bold();
        let text = format!("{word} {}", canvas.look().span(curve.quantile(share)));
        let width = pen.width(&text);
        let beside =
            |left: f64, middle: f64| Area { left, right: left + width, top: middle - 16.0, bottom: middle + 16.0 };
        let candidates = [
            beside(at.0 + 20.0, at.1 + 18.0),
            beside(at.0 + 28.0, at.1),
            beside(at.0 - 20.0 - width, at.1 - 18.0),
            beside(at.0 - 28.0 - width, at.1),
            beside(at.0 + 34.0, at.1 + 34.0),
            beside(at.0 - 34.0 - width, at.1 - 34.0),
        ];
        if let Some(found) = taken.place(&candidates, bounds) {
            let area = candidates[found];
            canvas.halo_text((area.left, area.bottom - 7.0), &text, pen);
        }
    }
}

/// The channel's name with what else is worth knowing, beside its curve.
fn name(canvas: &mut Canvas<'_>, curve: &Curve, (x, y): (Scale, Scale), taken: &mut Taken, bounds: Area) {
    let look = canvas.look();
    let on_time = if curve.on_time.is_finite() { kept(curve, look) } else { String::new() };
    let word = if curve.fetched() { look.say("fetched", "已取走") } else { look.say("delivered", "已送达") };
    let orders = look.plural(curve.minutes.len(), "order", "单");
    let second = look.say(format!("{orders} {word}"), format!("{word} {orders}"));
    let (bold, plain) = (canvas.pen(28.0).colour(curve.colour).bold(), canvas.pen(23.0));
    let width = bold.width(curve.name).max(plain.width(&second)).max(plain.width(&on_time));
    let high = if on_time.is_empty() { 72.0 } else { 102.0 };
    let mut candidates = Vec::new();
    for share in [0.28, 0.2, 0.36, 0.12, 0.65, 0.72, 0.6, 0.8] {
        let (at, middle) = (x.px_within(curve.quantile(share)), y.px(share));
        let area =
            |left: f64| Area { left, right: left + width, top: middle - high / 2.0, bottom: middle + high / 2.0 };
        for gap in [34.0, 70.0] {
            candidates.extend([area(at + gap), area(at - gap - width)]);
        }
    }
    let Some(found) = taken.place(&candidates, bounds) else {
        return;
    };
    let area = candidates[found];
    let left_of_curve = found % 2 == 1;
    let (place, anchor) = if left_of_curve { (area.right, Anchor::End) } else { (area.left, Anchor::Start) };
    canvas.halo_text((place, area.top + 26.0), curve.name, bold.anchor(anchor));
    canvas.halo_text((place, area.top + 60.0), &second, plain.anchor(anchor));
    canvas.halo_text((place, area.top + 90.0), &on_time, plain.anchor(anchor));
}

fn table(curves: &[Curve]) -> Table {
    let mut table = Table::new(&["channel", "minutes", "cum_share"]);
    for curve in curves {
        for (minutes, share) in curve.steps() {
            table.push([curve.word.to_owned(), exact(minutes), rounded(share, 6)]);
        }
    }
    table
}
