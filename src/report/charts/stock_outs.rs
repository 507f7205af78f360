//! Room: report. Chart 11: when do nearby stores run out, and what becomes of those orders? Share of near-field wishes whose
//! nearest store lacked something, by hour and by what served them in the end.

use super::through_the_day::clock_ticks;
use crate::city::Channel;
use crate::report::canvas::Canvas;
use crate::report::data::{Orders, Ways};
use crate::report::layout::{self, AXIS_PX, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, Words};
use crate::report::measure::{ticks, wilson};
use crate::report::palette::{GREY, INK, Rgb};
use crate::report::table::{Table, exact};
use crate::report::wording::{clock, count, percent};
use crate::report::{Chart, Look, RunView};
use crate::scenario::Language;

const SLUG: &str = "11-stock-outs";
/// Fewer wishes than this in an hour say nothing about a share.
const ENOUGH: usize = 30;
/// What became of an order whose nearest store lacked something, from the axis upwards.
fn fates(look: &Look) -> [(&'static str, Rgb); FATES] {
    let theme = &look.theme;
    [
        (look.say("another store, near-field", "其他门店近场配送"), theme.near()),
        (look.say("parcel, far-field", "远场包裹"), theme.far()),
        (look.say("pick-up", "到店自提"), theme.pickup()),
        (look.say("not delivered", "未送达"), GREY),
    ]
}
/// How many fates there are.
const FATES: usize = 4;

/// Wishes of a bucket of time.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
struct Hour {
    asked: usize,
    /// Those the nearest store could not fill, one for each of [`fates`].
    short: [usize; FATES],
}

impl Hour {
    fn all_short(&self) -> usize {
        self.short.iter().sum()
    }
    fn share(&self) -> f64 {
        self.all_short() as f64 / self.asked as f64
    }
    /// Wilson's 95 % interval of the share.
    fn interval(&self) -> (f64, f64) {
        let share = wilson(self.all_short(), self.asked);
        (share.lo, share.hi)
    }
    fn add(self, other: Hour) -> Hour {
        let short = std::array::from_fn(|fate| self.short[fate] + other.short[fate]);
        Hour { asked: self.asked + other.asked, short }
    }
}

/// Wishes by hour of the run; in a run of more than two days, by six hours.
struct Hours {
    width_s: f64,
    hours: Vec<Hour>,
}

impl Hours {
    fn of(orders: &Orders, ways: &Ways, horizon_s: f64) -> Hours {
        let width_s = if horizon_s <= 48.0 * 3600.0 { 3600.0 } else { 6.0 * 3600.0 };
        let mut hours = vec![Hour::default(); ((horizon_s / width_s) - 1e-9).ceil().max(1.0) as usize];
        let last = hours.len() - 1;
        for order in 0..orders.len() {
            let Some(had) = ways.nearest_had_stock[order].filter(|_| !orders.further_part[order]) else { continue };
            let hour = &mut hours[((orders.placed_s[order] / width_s) as usize).min(last)];
            hour.asked += 1;
            if !had {
                hour.short[fate(orders, order)] += 1;
            }
        }
        Hours { width_s, hours }
    }
    fn all(&self) -> Hour {
        self.hours.iter().fold(Hour::default(), |sum, hour| sum.add(*hour))
    }
    /// The hour with the largest share among those with enough wishes.
    fn worst(&self) -> Option<usize> {
        let judged = (0..self.hours.len()).rev().filter(|&hour| self.hours[hour].asked >= ENOUGH);
        judged.max_by(|&a, &b| self.hours[a].share().total_cmp(&self.hours[b].share()))
    }
}

fn fate(orders: &Orders, order: usize) -> usize {
    match (orders.delivered[order], orders.channel[order]) {
        // A parcel on its way at the end of the run is not lost.
        (_, Some(Channel::Far)) => 1,
        (true, Some(Channel::Near)) => 0,
        (true, Some(Channel::Pickup)) => 2,
        _ => 3,
    }
}

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, orders: &Orders, ways: &Ways) -> Chart {
    let hours = Hours::of(orders, ways, view.horizon_h * 3600.0);
    let all = hours.all();
    let look = view.look;
    let per = if hours.width_s == 3600.0 { look.say("hour", "小时") } else { look.say("six hours", "6 小时") };
    let (label, asked) = (view.scenario_words(), look.plural(all.asked, "order", "单"));
    let subtitle = match look.language {
        Language::En => format!(
            "Share of orders placed that asked for near-field whose nearest store lacked something, by {per}, %{label}"
        ),
        Language::Zh => format!("要求近场的订单中，最近门店缺货的占比，按{per}，%{label}"),
    };
    let note = look.say(
        format!("{asked} asked; whiskers = 95% interval (Wilson); without sessions that left"),
        format!("要求近场的共 {asked}；细线为 95% 置信区间（Wilson 法）；不含未下单就离开的访问"),
    );
    let words = |title: String| Words { title, subtitle, source: view.source(orders.len(), &note) };
    if all.asked == 0 {
        let (title, why) = look.say(
            (
                "Stock-outs were not met in this run: shelves never run empty, or nobody asked",
                "Nothing to draw: no order was asked of a store that could run out.",
            ),
            ("本次模拟没有遇到缺货：货架从不售空，或没有人要求近场", "无图可画：没有订单指向可能缺货的门店。"),
        );
        return Chart::nothing(look, SLUG, words(title.to_owned()), why, table(&hours, view));
    }
    let fates = fates(look).into_iter().zip(all.short).filter(|(_, n)| *n > 0);
    let fates = look.list(fates.map(|((name, _), n)| format!("{name} {}", count(n))));
    let (short, asked) = (count(all.all_short()), count(all.asked));
    let alt = match look.language {
        Language::En => format!("Bars by {per}; {short} of {asked} lacked something: {fates}."),
        Language::Zh => format!("按{per}的柱状图；{asked} 单中有 {short} 单遇到缺货：{fates}。"),
    };
    let title = title(view, &hours, &all);
    Chart::draw(view.look, SLUG, words(title), alt, table(&hours, view), |canvas, top| {
        draw(canvas, top, view, &hours, &all)
    })
}

/// The share, the worst hour if it is beyond chance, and what most of those orders become.
fn title(view: &RunView<'_>, hours: &Hours, all: &Hour) -> String {
    if all.all_short() == 0 {
        let asked = view.look.plural(all.asked, "order", "单");
        return view.look.say(
            format!("The nearest store had everything for each of {asked}"),
            format!("全部 {asked}在最近门店都有货"),
        );
    }
    let worst = hours.worst().filter(|&hour| hours.hours[hour].interval().0 > all.share()).map(|hour| {
        let from = hour as f64 * hours.width_s;
        let range = view.look.clock_range(from, from + hours.width_s, view.start_hour);
        let share = percent(hours.hours[hour].share());
        view.look.say(format!(", {share} at {range}"), format!("，{range} 达 {share}"))
    });
    let most = (0..FATES).rev().max_by_key(|&fate| all.short[fate]).unwrap_or(0);
    let share = percent(all.short[most] as f64 / all.all_short() as f64);
    let became = match most {
        0 => view.look.say(format!("another store serves {share} of them"), format!("{share} 由其他门店承接")),
        1 => view.look.say(format!("{share} of them go far-field"), format!("{share} 转为远场")),
        2 => view.look.say(format!("{share} of them are picked up"), format!("{share} 改为到店自提")),
        _ => view.look.say(format!("{share} of them are not delivered"), format!("{share} 最终未送达")),
    };
    let (share, worst) = (percent(all.share()), worst.unwrap_or_default());
    view.look.say(
        format!("The nearest store lacks something for {share} of orders{worst}; {became}"),
        format!("{share} 的近场需求遇到最近门店缺货{worst}；其中 {became}"),
    )
}

fn draw(canvas: &mut Canvas<'_>, top: f64, view: &RunView<'_>, hours: &Hours, all: &Hour) {
    let (left, right, top) = (LEFT + 84.0, RIGHT - 400.0, top + 30.0);
    let judged = |hour: &&Hour| hour.asked >= ENOUGH;
    let values = hours.hours.iter().filter(judged).map(|hour| hour.interval().1).chain([0.0, all.share()]);
    let rows = ticks(values.map(|share| share * 100.0), 5, true);
    let y = Scale::linear((0.0, rows[rows.len() - 1].0), (BOTTOM, top));
    layout::rows(canvas, &rows, y, (left, right));
    let slot = (right - left) / hours.hours.len() as f64;
    for (place, hour) in hours.hours.iter().enumerate().filter(|(_, hour)| hour.asked >= ENOUGH) {
        let (from, to) = (left + slot * (place as f64 + 0.14), left + slot * (place as f64 + 0.86));
        let mut below = 0.0;
        for (&n, (_, colour)) in hour.short.iter().zip(fates(canvas.look())) {
            let above = below + n as f64 / hour.asked as f64 * 100.0;
            canvas.rect((from, y.px(above)), (to, y.px(below)), colour);
            below = above;
        }
        let (lo, hi) = hour.interval();
        let middle = (from + to) / 2.0;
        canvas.line((middle, y.px(lo * 100.0)), (middle, y.px(hi * 100.0)), INK, 2.0);
        for end in [lo, hi] {
            canvas.line((middle - 6.0, y.px(end * 100.0)), (middle + 6.0, y.px(end * 100.0)), INK, 2.0);
        }
    }
    let overall = y.px(all.share() * 100.0);
    canvas.dashes((left, overall), (right, overall), INK, 2.0);
    canvas.halo_text(
        (right + 16.0, overall + 8.0),
        &format!("{}{}", canvas.look().say("all: ", "整体 "), percent(all.share())),
        canvas.pen(LABEL_PX - 1.0).ink().bold(),
    );
    let seconds = hours.hours.len() as f64 * hours.width_s;
    let x = Scale::linear((0.0, seconds), (left, right));
    layout::axis(canvas, &clock_ticks(view.look, view.start_hour, seconds / 3600.0), x, BOTTOM, (left, right));
    key(canvas, right + 130.0, top, all);
}

/// What served them in the end, with shares of all that the nearest store could not fill.
fn key(canvas: &mut Canvas<'_>, left: f64, top: f64, all: &Hour) {
    canvas.text((left, top + 10.0), canvas.look().say("Served in the end by", "最终由谁承接"), canvas.pen(AXIS_PX));
    let mut y = top + 60.0;
    for (fate, (name, colour)) in fates(canvas.look()).iter().enumerate().rev().filter(|(fate, _)| all.short[*fate] > 0)
    {
        canvas.rect((left, y - 22.0), (left + 10.0, y + 38.0), *colour);
        canvas.text((left + 24.0, y), name, canvas.pen(AXIS_PX).ink().bold());
        let (n, share) = (count(all.short[fate]), percent(all.short[fate] as f64 / all.all_short() as f64));
        canvas.text(
            (left + 24.0, y + 30.0),
            &canvas.look().say(format!("{share} ({n})"), format!("{share}（{n} 单）")),
            canvas.pen(AXIS_PX),
        );
        y += 88.0;
    }
}

fn table(hours: &Hours, view: &RunView<'_>) -> Table {
    let mut table = Table::new(&[
        "start_s",
        "clock",
        "asked",
        "near_other_store",
        "far",
        "pickup",
        "not_delivered",
        "short_share",
        "lo95",
        "hi95",
    ]);
    for (place, hour) in hours.hours.iter().enumerate().filter(|(_, hour)| hour.asked >= ENOUGH) {
        let start = place as f64 * hours.width_s;
        let counts = [hour.asked].into_iter().chain(hour.short).map(|n| n.to_string());
        let (lo, hi) = hour.interval();
        let words = [exact(start), clock(start, view.start_hour)];
        table.push(words.into_iter().chain(counts).chain([hour.share(), lo, hi].map(exact)));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::City;

    #[test]
    fn the_interval_is_wilsons() {
        // 10 of 100: 5.52 to 17.44 % (Wilson 1927).
        let (lo, hi) = Hour { asked: 100, short: [10, 0, 0, 0] }.interval();
        assert!((lo - 0.0552).abs() < 5e-4 && (hi - 0.1744).abs() < 5e-4, "{lo} {hi}");
    }

    #[test]
    fn the_worst_hour_is_named_only_beyond_chance() {
        let frames = City { orders: 10, ..City::default() }.frames();
        let view = frames.view();
        let hour = |asked, short| Hour { asked, short: [short, 0, 0, 0] };
        let even = Hours { width_s: 3600.0, hours: vec![hour(200, 20), hour(200, 24), hour(10, 9)] };
        let said = |hours: &Hours| title(&view, hours, &hours.all());
        assert_eq!(
            said(&even),
            "The nearest store lacks something for 13% of orders; another store serves 100% of them"
        );
        let uneven = Hours { width_s: 3600.0, hours: vec![hour(200, 5), hour(200, 60)] };
        assert!(said(&uneven).contains(", 30% at 01:00–02:00;"), "{}", said(&uneven));
        let full = Hours { width_s: 3600.0, hours: vec![hour(200, 0)] };
        assert!(said(&full).contains("had everything for each of 200 orders"));
    }

    #[test]
    fn no_stock_to_run_out_of_is_said() {
        let chart = City { orders: 0, stores: 0, ..City::default() }.chart(SLUG);
        assert!(chart.title.starts_with("Stock-outs were not met"), "{}", chart.title);
    }
}
