//! Room: report. Chart 1: who fulfils what, when? Orders placed by channel through the day, stacked.

use super::CHANNELS_NOTE;
use super::through_the_day::{Layer, clock_ticks, key, stack};
use crate::city::Channel;
use crate::report::canvas::{Canvas, Pen};
use crate::report::data::Orders;
use crate::report::layout::{self, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, Words};
use crate::report::palette::{FAR, INK, NEAR};
use crate::report::table::{Table, exact};
use crate::report::wording::{clock, clock_range, count, percent, plural};
use crate::report::{Chart, RunView};

const SLUG: &str = "01-orders-by-channel";

/// Fewer orders than this at the peak say nothing about a share.
const ENOUGH_FOR_SHARE: usize = 20;

/// Orders by bucket of time.
struct Buckets {
    width_s: f64,
    near: Vec<usize>,
    far: Vec<usize>,
}

impl Buckets {
    fn count(orders: &Orders, horizon_s: f64) -> Buckets {
        // Quarters of an hour up to two days; beyond that the curve would be all noise.
        let width_s = if horizon_s <= 48.0 * 3600.0 { 900.0 } else { 3600.0 };
        let buckets = ((horizon_s / width_s) - 1e-9).ceil().max(1.0) as usize;
        let (mut near, mut far) = (vec![0; buckets], vec![0; buckets]);
        for (order, (placed_s, channel)) in orders.placed_s.iter().zip(&orders.channel).enumerate() {
            if orders.further_part[order] {
                continue;
            }
            let bucket = ((placed_s / width_s) as usize).min(buckets - 1);
            match channel {
                Some(Channel::Near) => near[bucket] += 1,
                Some(Channel::Far) => far[bucket] += 1,
                None => {}
            }
        }
        Buckets { width_s, near, far }
    }
    fn total(&self, bucket: usize) -> usize {
        self.near[bucket] + self.far[bucket]
    }
    /// The fullest bucket; the first of equals.
    fn peak(&self) -> usize {
        (0..self.near.len()).rev().max_by_key(|&bucket| self.total(bucket)).unwrap_or(0)
    }
    fn width_words(&self) -> &'static str {
        if self.width_s == 3600.0 { "hour" } else { "15 minutes" }
    }
    fn start_s(&self, bucket: usize) -> f64 {
        bucket as f64 * self.width_s
    }
}

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, orders: &Orders) -> Chart {
    let buckets = Buckets::count(orders, view.horizon_h * 3600.0);
    let near: usize = buckets.near.iter().sum();
    let total = near + buckets.far.iter().sum::<usize>();
    let subtitle = format!("Orders placed per {}, by channel{}", buckets.width_words(), view.scenario_words());
    let words = |title: String| Words { title, subtitle, source: view.source(orders.len(), CHANNELS_NOTE) };
    if total == 0 {
        let title = "No orders were placed in this run".to_owned();
        return Chart::nothing(SLUG, words(title), "Nothing to draw: the run has no orders.", table(&buckets, view));
    }
    let title = title(&buckets, near, total, view);
    let alt = format!(
        "Stacked areas of orders per {}: {} near-field, {} far-field. {}.",
        buckets.width_words(),
        plural(near, "order"),
        plural(total - near, "order"),
        peak_words(&buckets, view)
    );
    Chart::draw(SLUG, words(title), alt, table(&buckets, view), |canvas, top| {
        draw(canvas, top, &buckets, (near, total), view)
    })
}

fn title(buckets: &Buckets, near: usize, total: usize, view: &RunView<'_>) -> String {
    let peak = buckets.peak();
    let at = clock(buckets.start_s(peak), view.start_hour);
    let day = percent(near as f64 / total as f64);
    let then = percent(buckets.near[peak] as f64 / buckets.total(peak) as f64);
    match near {
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

fn peak_words(buckets: &Buckets, view: &RunView<'_>) -> String {
    let peak = buckets.peak();
    format!(
        "Peak {}: {}, {} near-field",
        clock_range(buckets.start_s(peak), buckets.start_s(peak + 1), view.start_hour),
        plural(buckets.total(peak), "order"),
        percent(buckets.near[peak] as f64 / buckets.total(peak) as f64)
    )
}

fn draw(canvas: &mut Canvas<'_>, top: f64, buckets: &Buckets, (near, total): (usize, usize), view: &RunView<'_>) {
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
    let share = |orders: usize| format!("{} of orders ({})", percent(orders as f64 / total as f64), count(orders));
    let values = |counts: &[usize]| counts.iter().map(|&n| n as f64).collect();
    let mut layers = vec![
        Layer { name: "Near-field courier", detail: share(near), colour: NEAR, values: values(&buckets.near) },
        Layer { name: "Far-field parcel", detail: share(total - near), colour: FAR, values: values(&buckets.far) },
    ];
    layers.retain(|layer| layer.values.iter().any(|&value| value > 0.0));
    let middles: Vec<f64> = (0..buckets.near.len()).map(|b| buckets.start_s(b) + buckets.width_s / 2.0).collect();
    stack(canvas, &layers, &middles, x, y);
    layout::axis(canvas, &clock_ticks(view.start_hour, horizon_s / 3600.0), x, BOTTOM, (left, right));
    let at = (x.px(middles[peak]), y.px(highest));
    canvas.line((at.0, at.1 - 6.0), (at.0, top + 16.0), INK, 2.0);
    let pen = Pen::new(LABEL_PX).ink().middle();
    canvas.text_within((at.0, top + 4.0), &peak_words(buckets, view), pen, (left, right));
    key(canvas, &layers, right + 32.0, (top + 44.0, BOTTOM));
}

fn table(buckets: &Buckets, view: &RunView<'_>) -> Table {
    let mut table = Table::new(&["bucket_start_s", "clock", "near_orders", "far_orders", "near_share"]);
    for bucket in 0..buckets.near.len() {
        let start_s = buckets.start_s(bucket);
        let share = buckets.near[bucket] as f64 / buckets.total(bucket) as f64;
        table.push([
            exact(start_s),
            clock(start_s, view.start_hour),
            buckets.near[bucket].to_string(),
            buckets.far[bucket].to_string(),
            exact(share),
        ]);
    }
    table
}
