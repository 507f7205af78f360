//! Room: report. Chart 4: why does a near-field order cost more or less than a far-field one? A waterfall by component;
//! what a pick-up order costs stands beside it where there are any.

use crate::city::Channel;
use crate::report::canvas::Canvas;
use crate::report::data::{COSTS, Orders};
use crate::report::layout::{self, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, Words, wrapped};
use crate::report::palette::{AXIS, INK, Rgb};
use crate::report::table::{Table, exact};
use crate::report::wording::{count, currency, number, percent, signed};
use crate::report::{Chart, RunView, Theme};

const SLUG: &str = "04-cost-waterfall";
/// Two-sided 95 % of the normal distribution.
const Z95: f64 = 1.96;

/// Costs of one channel per delivered order.
struct Side {
    delivered: usize,
    /// One for each of [`COSTS`].
    parts: Vec<f64>,
    total: f64,
    /// Standard error of the total.
    error: f64,
    /// What the view at constant volume adds to the total; None where no volume is planned.
    constant: Option<f64>,
}

impl Side {
    /// All costs of a channel, those of undelivered orders included, over its delivered orders.
    fn of(orders: &Orders, channel: Channel) -> Side {
        let members: Vec<usize> = (0..orders.len()).filter(|&order| orders.channel[order] == Some(channel)).collect();
        let delivered = orders.delivered_by(channel).count();
        let per = |sum: f64| {
            if delivered == 0 { f64::NAN } else { sum / delivered as f64 }
        };
        let sum = |costs: &Vec<f64>| per(members.iter().map(|&order| costs[order]).sum::<f64>());
        let parts: Vec<f64> = orders.costs.iter().map(sum).collect();
        let total = parts.iter().sum::<f64>();
        let each = members.iter().map(|&order| orders.costs.iter().map(|costs| costs[order]).sum::<f64>());
        let mean = each.clone().sum::<f64>() / members.len() as f64;
        let squares = each.map(|cost| (cost - mean).powi(2)).sum::<f64>();
        let error = (squares / (members.len() as f64 - 1.0) * members.len() as f64).sqrt() / delivered as f64;
        let site = COSTS.iter().position(|(column, _)| *column == "cost_site_yuan").unwrap_or(0);
        let constant =
            orders.delivered_by(channel).map(|order| orders.site_constant[order] - orders.costs[site][order]);
        let constant = Some(per(constant.sum())).filter(|change| change.is_finite());
        Side { delivered, parts, total, error, constant }
    }
}

/// One step from far to near.
struct Step {
    name: &'static str,
    change: f64,
}

/// Savings first, largest first; then what near adds, smallest first, so that the bars do not zigzag.
fn steps(far: &Side, near: &Side) -> Vec<Step> {
    let changes = COSTS.iter().enumerate().map(|(part, (_, name))| {
        let change = near.parts[part] - far.parts[part];
        // What would read ±0.00 explains nothing.
        (change.abs() >= 0.005).then_some(Step { name, change })
    });
    let mut steps: Vec<Step> = changes.flatten().collect();
    steps.sort_by(|a, b| (a.change >= 0.0).cmp(&(b.change >= 0.0)).then(a.change.total_cmp(&b.change)));
    steps
}

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, orders: &Orders) -> Chart {
    let (far, near) = (Side::of(orders, Channel::Far), Side::of(orders, Channel::Near));
    let pickup = Some(Side::of(orders, Channel::Pickup)).filter(|side| side.delivered > 0);
    let fetched = pickup.as_ref().map_or(String::new(), |side| format!(", {} pick-up", count(side.delivered)));
    let sign = currency(view.currency);
    let subtitle =
        format!("Cost to serve per delivered order, {}, far-field to near-field{}", sign.trim(), view.scenario_words());
    let note = format!(
        "all costs of a channel over its delivered orders ({} far, {} near{fetched}); without cost of goods and marketing{}",
        count(far.delivered),
        count(near.delivered),
        if shown_constant(&near).is_some() {
            "; on the right fixed cost is spread over the near orders planned"
        } else {
            ""
        }
    );
    let words = |title: String| Words { title, subtitle, source: view.source(orders.len(), &note) };
    if far.delivered == 0 || near.delivered == 0 {
        let (title, why) = one_sided(&far, &near, &sign);
        return Chart::nothing(view.look, SLUG, words(title), &why, table(&far, &near, &[], pickup.as_ref()));
    }
    let steps = steps(&far, &near);
    let alt = format!(
        "Waterfall from {sign}{} far-field to {sign}{} near-field: {}{}",
        number(far.total, 2),
        number(near.total, 2),
        steps.iter().map(|step| format!("{} {}", step.name, signed(step.change, 2))).collect::<Vec<_>>().join(", "),
        pickup
            .as_ref()
            .map_or(String::new(), |side| format!(". A pick-up order costs {sign}{}", number(side.total, 2)))
    );
    let title = title(&far, &near, &steps, &sign);
    let bars = bars(&far, &near, &steps, pickup.as_ref(), &view.look.theme);
    let table = table(&far, &near, &steps, pickup.as_ref());
    Chart::draw(view.look, SLUG, words(title), alt, table, |canvas, top| draw(canvas, top, &bars))
}

fn one_sided(far: &Side, near: &Side, sign: &str) -> (String, String) {
    match (far.delivered, near.delivered) {
        (0, 0) => ("No order was delivered in this run".into(), "Nothing to draw: no order was delivered.".into()),
        (_, 0) => (
            format!(
                "Far-field costs {sign}{} per delivered order; no near-field order was delivered",
                number(far.total, 2)
            ),
            "Nothing to compare: no near-field order was delivered.".into(),
        ),
        _ => (
            format!(
                "Near-field costs {sign}{} per delivered order; no far-field order was delivered",
                number(near.total, 2)
            ),
            "Nothing to compare: no far-field order was delivered.".into(),
        ),
    }
}

fn title(far: &Side, near: &Side, steps: &[Step], sign: &str) -> String {
    let gap = near.total - far.total;
    let width = Z95 * far.error.hypot(near.error);
    // Costs without any spread have no interval: then the difference is exact, not doubtful.
    let known = far.delivered > 1 && near.delivered > 1;
    if far.total == 0.0 && near.total == 0.0 {
        return "No costs are charged in this scenario".to_owned();
    }
    if number(gap.abs(), 2) == "0.00" {
        return format!("Near-field and far-field cost the same: {sign}{} per delivered order", number(near.total, 2));
    }
    let (more, larger) = if gap > 0.0 { ("more", 1.0) } else { ("less", -1.0) };
    let amount = number(gap.abs(), 2);
    if !known || (width.is_finite() && gap.abs() <= width) {
        return format!(
            "Near-field costs {sign}{amount} {more} per order here, too few orders to call it a difference"
        );
    }
    let deciding = steps.iter().max_by(|a, b| (a.change * larger).total_cmp(&(b.change * larger)));
    let share = percent(gap.abs() / far.total);
    let because = deciding
        .map_or(String::new(), |step| format!(": {} decides ({})", step.name.to_lowercase(), signed(step.change, 2)));
    format!("Near-field costs {sign}{amount} ({share}) {more} per delivered order{because}")
}

/// What planned volume changes, unless it would read ±0.00.
fn shown_constant(near: &Side) -> Option<f64> {
    near.constant.filter(|change| change.abs() >= 0.005)
}

/// A bar between two amounts.
struct Bar {
    name: String,
    from: f64,
    to: f64,
    colour: Rgb,
    label: String,
    total: bool,
}

fn bars(far: &Side, near: &Side, steps: &[Step], pickup: Option<&Side>, theme: &Theme) -> Vec<Bar> {
    let total = |name: &str, to: f64, colour| Bar {
        name: name.to_owned(),
        from: 0.0,
        to,
        colour,
        label: number(to, 2),
        total: true,
    };
    let mut bars = vec![total("Far-field total", far.total, theme.far())];
    let mut level = far.total;
    for step in steps {
        let colour = if step.change < 0.0 { theme.near_saves() } else { theme.near_adds() };
        let to = level + step.change;
        bars.push(Bar {
            // The longest name does not fit under a bar where there are many.
            name: step.name.replace("Late compensation", "Lateness"),
            from: level,
            to,
            colour,
            label: signed(step.change, 2),
            total: false,
        });
        level = to;
    }
    bars.push(total("Near-field total", near.total, theme.near()));
    if let Some(change) = shown_constant(near) {
        let (from, to) = (near.total, near.total + change);
        let colour = if change < 0.0 { theme.near_saves() } else { theme.near_adds() };
        let name = "Planned volume".to_owned();
        bars.push(Bar { name, from, to, colour, label: signed(change, 2), total: false });
        bars.push(total("Near-field planned", to, theme.near()));
    }
    bars.extend(pickup.map(|side| total("Pick-up total", side.total, theme.pickup())));
    bars
}

fn draw(canvas: &mut Canvas<'_>, top: f64, bars: &[Bar]) {
    let (left, right) = (LEFT + 60.0, RIGHT);
    let bottom = BOTTOM - 22.0;
    let highest = bars.iter().map(|bar| bar.from.max(bar.to)).fold(0.0, f64::max);
    let lowest = bars.iter().map(|bar| bar.from.min(bar.to)).fold(0.0, f64::min);
    let ticks = layout::round_ticks(lowest, highest, 6, 0.0);
    let ends = (ticks[0], ticks[ticks.len() - 1].max(highest + (highest - lowest) * 0.06));
    let y = Scale::linear(ends, (bottom, top + 20.0));
    let step = ticks[1] - ticks[0];
    let decimals = (0..3).find(|&places| (step * 10f64.powi(places)).fract() < 1e-9).unwrap_or(3) as usize;
    let named: Vec<(f64, String)> = ticks.iter().map(|&tick| (tick, number(tick, decimals))).collect();
    layout::rows(canvas, &named, y, (left, right));
    canvas.line((left, y.px(0.0)), (right, y.px(0.0)), AXIS, 2.0);
    let slot = (right - left) / bars.len() as f64;
    // The longest word must fit.
    let size = if bars.len() > 9 { 20.0 } else { 23.0 };
    for (place, bar) in bars.iter().enumerate() {
        let middle = left + slot * (place as f64 + 0.5);
        let half = slot.min(220.0) * 0.34;
        let (high, low) = (y.px(bar.from.max(bar.to)), y.px(bar.from.min(bar.to)));
        // A step of almost nothing still shows as a line.
        canvas.rect((middle - half, high), (middle + half, low.max(high + 2.0)), bar.colour);
        // Pick-up is no step from near: no line leads to it.
        if bars.get(place + 1).is_some_and(|next| next.colour != canvas.theme().pickup()) {
            let next = left + slot * (place as f64 + 1.5);
            canvas.line((middle + half, y.px(bar.to)), (next - half, y.px(bar.to)), AXIS, 2.0);
        }
        canvas.halo_text((middle, high - 14.0), &bar.label, canvas.pen(LABEL_PX + 2.0).colour(INK).bold().middle());
        let pen = canvas.pen(size).ink().middle();
        let pen = if bar.total { pen.bold() } else { pen };
        for (line, text) in wrapped(&bar.name, pen, slot - 10.0).iter().enumerate() {
            canvas.text((middle, bottom + 36.0 + 28.0 * line as f64), text, pen);
        }
    }
}

fn table(far: &Side, near: &Side, steps: &[Step], pickup: Option<&Side>) -> Table {
    let mut table = Table::new(&["component", "yuan_per_order", "order"]);
    let mut push = |name: &str, value: f64| {
        let place = table.rows.len().to_string();
        table.push([name.to_owned(), exact(value), place]);
    };
    push("far_total", far.total);
    for step in steps {
        push(step.name, step.change);
    }
    push("near_total", near.total);
    if let Some(change) = near.constant {
        push("site_constant_volume", change);
        push("near_total_constant_volume", near.total + change);
    }
    if let Some(side) = pickup {
        push("pickup_total", side.total);
    }
    table
}
