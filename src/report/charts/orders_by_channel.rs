//! Room: report. Chart 1: who fulfils what, when? Orders placed by channel through the day, stacked.

use super::through_the_day::{Layer, clock_ticks, key, stack};
use super::{channels_note, nothing_ordered};
use crate::city::Channel;
use crate::report::canvas::Canvas;
use crate::report::data::Orders;
use crate::report::layout::{self, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, Words};
use crate::report::palette::INK;
use crate::report::table::{Table, exact};
use crate::report::wording::{clock, count, percent, plural};
use crate::report::{Chart, Look, RunView};
use crate::scenario::Language;

const SLUG: &str = "01-orders-by-channel";

/// Fewer orders than this at the peak say nothing about a share.
const ENOUGH_FOR_SHARE: usize = 20;

/// Orders by bucket of time.
struct Buckets {
    width_s: f64,
    near: Vec<usize>,
    far: Vec<usize>,
    pickup: Vec<usize>,
}

impl Buckets {
    fn count(orders: &Orders, horizon_s: f64) -> Buckets {
        // Quarters of an hour up to two days; beyond that the curve would be all noise.
        let width_s = if horizon_s <= 48.0 * 3600.0 { 900.0 } else { 3600.0 };
        let buckets = ((horizon_s / width_s) - 1e-9).ceil().max(1.0) as usize;
        let (mut near, mut far, mut pickup) = (vec![0; buckets], vec![0; buckets], vec![0; buckets]);
        for (order, (placed_s, channel)) in orders.placed_s.iter().zip(&orders.channel).enumerate() {
            if orders.further_part[order] {
                continue;
            }
            let bucket = ((placed_s / width_s) as usize).min(buckets - 1);
            match channel {
                Some(Channel::Near) => near[bucket] += 1,
                Some(Channel::Far) => far[bucket] += 1,
                Some(Channel::Pickup) => pickup[bucket] += 1,
                None => {}
            }
        }
        Buckets { width_s, near, far, pickup }
    }
    fn total(&self, bucket: usize) -> usize {
        self.near[bucket] + self.far[bucket] + self.pickup[bucket]
    }
    /// Orders near, to be fetched, and in all.
    fn sums(&self) -> Sums {
        let [near, far, pickup] = [&self.near, &self.far, &self.pickup].map(|counts| counts.iter().sum::<usize>());
        Sums { near, pickup, total: near + far + pickup }
    }
    /// The fullest bucket; the first of equals.
    fn peak(&self) -> usize {
        (0..self.near.len()).rev().max_by_key(|&bucket| self.total(bucket)).unwrap_or(0)
    }
    fn width_words(&self, look: &Look) -> &'static str {
        if self.width_s == 3600.0 { look.say("hour", "每小时") } else { look.say("15 minutes", "每 15 分钟") }
    }
    fn start_s(&self, bucket: usize) -> f64 {
        bucket as f64 * self.width_s
    }
}

/// Orders of the run.
#[derive(Clone, Copy)]
struct Sums {
    near: usize,
    pickup: usize,
    total: usize,
}

impl Sums {
    fn far(self) -> usize {
        self.total - self.near - self.pickup
    }
}

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, orders: &Orders) -> Chart {
    let buckets = Buckets::count(orders, view.horizon_h * 3600.0);
    let sums = buckets.sums();
    let look = view.look;
    let per = buckets.width_words(look);
    let subtitle = match look.language {
        Language::En => format!("Orders placed per {per}, by channel{}", view.scenario_words()),
        Language::Zh => format!("{per}下单量（单），按渠道{}", view.scenario_words()),
    };
    let source = view.source(orders.len(), &channels_note(orders, look));
    let words = |title: String| Words { title, subtitle, source };
    if sums.total == 0 {
        let (title, why) = nothing_ordered(look);
        return Chart::nothing(look, SLUG, words(title), why, table(&buckets, view));
    }
    let title = match look.language {
        Language::En => title(&buckets, sums, view),
        Language::Zh => title_zh(&buckets, sums, view),
    };
    let alt = alt(&buckets, sums, view);
    Chart::draw(view.look, SLUG, words(title), alt, table(&buckets, view), |canvas, top| {
        draw(canvas, top, &buckets, sums, view)
    })
}

/// What the areas show, with the numbers.
fn alt(buckets: &Buckets, sums: Sums, view: &RunView<'_>) -> String {
    let (per, peak) = (buckets.width_words(view.look), peak_words(buckets, view));
    let orders = |number| view.look.plural(number, "order", "单");
    let [near, far, pickup] = [sums.near, sums.far(), sums.pickup].map(orders);
    match view.look.language {
        Language::En => {
            let fetched = if sums.pickup > 0 { format!(", {pickup} for pick-up") } else { String::new() };
            format!("Stacked areas of orders per {per}: {near} near-field, {far} far-field{fetched}. {peak}.")
        }
        Language::Zh => {
            let fetched = if sums.pickup > 0 { format!("，到店自提 {pickup}") } else { String::new() };
            format!("{per}下单量的堆叠面积图：近场 {near}，远场 {far}{fetched}。{peak}。")
        }
    }
}

fn title(buckets: &Buckets, sums: Sums, view: &RunView<'_>) -> String {
    let Sums { near, pickup, total } = sums;
    let peak = buckets.peak();
    let at = clock(buckets.start_s(peak), view.start_hour);
    let day = percent(near as f64 / total as f64);
    let then = percent(buckets.near[peak] as f64 / buckets.total(peak) as f64);
    // Pick-up has its share said with near's.
    let fetched = match pickup {
        0 => String::new(),
        _ => format!(", pick-up {}", percent(pickup as f64 / total as f64)),
    };
    match near {
        0 if pickup == total => format!("All {} are fetched from a store", plural(total, "order")),
        // The same share at the peak, or one of a handful of orders, is no finding.
        _ if pickup > 0 && (day == then || buckets.total(peak) < ENOUGH_FOR_SHARE) => {
            format!("Near-field takes {day} of orders{fetched}")
        }
        _ if pickup > 0 => format!("Near-field takes {day} of orders{fetched}; near-field {then} at the {at} peak"),
        0 if total == 1 => "The only order of the run goes far-field".to_owned(),
        1 if total == 1 => "The only order of the run goes near-field".to_owned(),
        0 => format!("All {} go far-field; near-field takes none", plural(total, "order")),
        n if n == total => format!("All {} go near-field; far-field takes none", plural(total, "order")),
        // A share of a handful of orders is no finding.
        _ if buckets.total(peak) < ENOUGH_FOR_SHARE => {
            format!("Near-field takes {day} of orders; the {at} peak has only {}", plural(buckets.total(peak), "order"))
        }
        _ if day == then => format!("Near-field takes {day} of orders over the day, and {then} at the {at} peak"),
        _ => format!("Near-field takes {day} of orders, {then} at the {at} peak"),
    }
}

/// The title in Chinese, case by case as in English.
fn title_zh(buckets: &Buckets, sums: Sums, view: &RunView<'_>) -> String {
    let Sums { near, pickup, total } = sums;
    let peak = buckets.peak();
    let at = view.look.clock(buckets.start_s(peak), view.start_hour);
    let day = percent(near as f64 / total as f64);
    let then = percent(buckets.near[peak] as f64 / buckets.total(peak) as f64);
    let few = buckets.total(peak) < ENOUGH_FOR_SHARE;
    let fetched = if pickup > 0 {
        format!("，到店自提占 {}", percent(pickup as f64 / total as f64))
    } else {
        String::new()
    };
    match near {
        0 if pickup == total => format!("{} 单全部到店自提", count(total)),
        _ if pickup > 0 && (day == then || few) => format!("近场承接 {day} 的订单{fetched}"),
        _ if pickup > 0 => format!("近场承接 {day} 的订单{fetched}；{at} 高峰时近场占 {then}"),
        0 if total == 1 => "全程仅有的 1 单走远场".to_owned(),
        1 if total == 1 => "全程仅有的 1 单走近场".to_owned(),
        0 => format!("{} 单全部走远场，近场没有承接订单", count(total)),
        n if n == total => format!("{} 单全部走近场，远场没有承接订单", count(total)),
        _ if few => format!("近场承接 {day} 的订单；{at} 的高峰只有 {} 单", count(buckets.total(peak))),
        _ if day == then => format!("近场承接全天 {day} 的订单，{at} 高峰时同样为 {then}"),
        _ => format!("近场承接 {day} 的订单，{at} 高峰时为 {then}"),
    }
}

fn peak_words(buckets: &Buckets, view: &RunView<'_>) -> String {
    let peak = buckets.peak();
    let when = view.look.clock_range(buckets.start_s(peak), buckets.start_s(peak + 1), view.start_hour);
    let orders = view.look.plural(buckets.total(peak), "order", "单");
    let share = percent(buckets.near[peak] as f64 / buckets.total(peak) as f64);
    match view.look.language {
        Language::En => format!("Peak {when}: {orders}, {share} near-field"),
        Language::Zh => format!("高峰 {when}：{orders}，近场占 {share}"),
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, buckets: &Buckets, sums: Sums, view: &RunView<'_>) {
    let (left, right) = (LEFT + 74.0, RIGHT - 330.0);
    let peak = buckets.peak();
    let highest = buckets.total(peak) as f64;
    let ticks = layout::round_ticks(0.0, highest, 4, 1.0);
    // The call-out stands above the peak, inside the plot.
    let y = Scale::linear((0.0, ticks.last().copied().unwrap_or(1.0).max(highest * 1.12)), (BOTTOM, top + 34.0));
    let horizon_s = buckets.near.len() as f64 * buckets.width_s;
    let x = Scale::linear((0.0, horizon_s), (left, right));
    let named: Vec<(f64, String)> = ticks.iter().map(|&tick| (tick, count(tick as usize))).collect();
    layout::rows(canvas, &named, y, (left, right));
    let look = view.look;
    let share = |orders: usize| {
        let (part, orders) = (percent(orders as f64 / sums.total as f64), count(orders));
        look.say(format!("{part} of orders ({orders})"), format!("占订单 {part}（{orders} 单）"))
    };
    let values = |counts: &[usize]| counts.iter().map(|&n| n as f64).collect();
    let mut layers = vec![
        Layer {
            name: look.say("Near-field courier", "近场骑手配送"),
            detail: share(sums.near),
            colour: canvas.theme().near(),
            values: values(&buckets.near),
        },
        Layer {
            name: look.say("Pick-up in store", "到店自提"),
            detail: share(sums.pickup),
            colour: canvas.theme().pickup(),
            values: values(&buckets.pickup),
        },
        Layer {
            name: look.say("Far-field parcel", "远场包裹"),
            detail: share(sums.far()),
            colour: canvas.theme().far(),
            values: values(&buckets.far),
        },
    ];
    layers.retain(|layer| layer.values.iter().any(|&value| value > 0.0));
    let middles: Vec<f64> = (0..buckets.near.len()).map(|b| buckets.start_s(b) + buckets.width_s / 2.0).collect();
    stack(canvas, &layers, &middles, x, y);
    layout::axis(canvas, &clock_ticks(look, view.start_hour, horizon_s / 3600.0), x, BOTTOM, (left, right));
    let at = (x.px(middles[peak]), y.px(highest));
    canvas.line((at.0, at.1 - 6.0), (at.0, top + 16.0), INK, 2.0);
    let pen = canvas.pen(LABEL_PX).ink().middle();
    canvas.text_within((at.0, top + 4.0), &peak_words(buckets, view), pen, (left, right));
    key(canvas, &layers, right + 32.0, (top + 44.0, BOTTOM));
}

/// The orders of each bucket; those for pick-up stand last, and only where there are any.
fn table(buckets: &Buckets, view: &RunView<'_>) -> Table {
    let fetched = buckets.pickup.iter().any(|&orders| orders > 0);
    let columns = ["bucket_start_s", "clock", "near_orders", "far_orders", "near_share", "pickup_orders"];
    let shown = if fetched { columns.len() } else { columns.len() - 1 };
    let mut table = Table::new(&columns[..shown]);
    for bucket in 0..buckets.near.len() {
        let start_s = buckets.start_s(bucket);
        let share = buckets.near[bucket] as f64 / buckets.total(bucket) as f64;
        let row = [
            exact(start_s),
            clock(start_s, view.start_hour),
            buckets.near[bucket].to_string(),
            buckets.far[bucket].to_string(),
            exact(share),
            buckets.pickup[bucket].to_string(),
        ];
        table.push(row.into_iter().take(shown));
    }
    table
}
