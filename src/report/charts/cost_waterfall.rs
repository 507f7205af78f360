//! Room: report. Chart 4: why does a near-field order cost more or less than a far-field one? A waterfall by component;
//! what a pick-up order costs stands beside it where there are any.

use super::nothing_delivered;
use crate::city::Channel;
use crate::report::canvas::Canvas;
use crate::report::data::{COSTS, Orders};
use crate::report::layout::{self, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, Words, wrapped};
use crate::report::look::Pair;
use crate::report::palette::{AXIS, INK, Rgb};
use crate::report::table::{Table, exact};
use crate::report::wording::{count, currency, number, percent, signed};
use crate::report::{Chart, Look, RunView};
use crate::scenario::Language;

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
    name: Pair,
    change: f64,
}

/// Savings first, largest first; then what near adds, smallest first, so that the bars do not zigzag.
fn steps(far: &Side, near: &Side) -> Vec<Step> {
    let changes = COSTS.iter().enumerate().map(|(part, &(_, name))| {
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
    let look = view.look;
    let sign = currency(view.currency);
    let (unit, label) = (sign.trim(), view.scenario_words());
    let subtitle = match look.language {
        Language::En => format!("Cost to serve per delivered order, {unit}, far-field to near-field{label}"),
        Language::Zh => format!("每送达一单的履约成本，{unit}，从远场到近场{label}"),
    };
    let note = note(&far, &near, pickup.as_ref(), look);
    let words = |title: String| Words { title, subtitle, source: view.source(orders.len(), &note) };
    if far.delivered == 0 || near.delivered == 0 {
        let (title, why) = one_sided(&far, &near, &sign, look);
        return Chart::nothing(look, SLUG, words(title), why, table(&far, &near, &[], pickup.as_ref()));
    }
    let steps = steps(&far, &near);
    let alt = alt(&far, &near, &steps, pickup.as_ref(), &sign, look);
    let title = title(&far, &near, &steps, &sign, look);
    let bars = bars(&far, &near, &steps, pickup.as_ref(), look);
    let table = table(&far, &near, &steps, pickup.as_ref());
    Chart::draw(view.look, SLUG, words(title), alt, table, |canvas, top| draw(canvas, top, &bars))
}

/// What is counted over what.
fn note(far: &Side, near: &Side, pickup: Option<&Side>, look: &Look) -> String {
    let (from, to) = (count(far.delivered), count(near.delivered));
    let fetched = pickup.map(|side| count(side.delivered));
    let planned = shown_constant(near).is_some();
    match look.language {
        Language::En => {
            let fetched = fetched.map_or(String::new(), |orders| format!(", {orders} pick-up"));
            let planned = if planned { "; on the right fixed cost is spread over the near orders planned" } else { "" };
            format!(
                "all costs of a channel over its delivered orders ({from} far, {to} near{fetched}); without cost of goods and marketing{planned}"
            )
        }
        Language::Zh => {
            let fetched = fetched.map_or(String::new(), |orders| format!("，自提 {orders}"));
            let planned = if planned { "；右侧为固定成本按计划近场单量分摊" } else { "" };
            format!(
                "渠道全部成本除以该渠道送达单量（远场 {from}，近场 {to}{fetched}）；不含商品成本与营销费用{planned}"
            )
        }
    }
}

fn alt(far: &Side, near: &Side, steps: &[Step], pickup: Option<&Side>, sign: &str, look: &Look) -> String {
    let (from, to) = (number(far.total, 2), number(near.total, 2));
    let steps = look.list(steps.iter().map(|step| format!("{} {}", look.word(step.name), signed(step.change, 2))));
    let fetched = pickup.map(|side| number(side.total, 2));
    match look.language {
        Language::En => {
            let fetched = fetched.map_or(String::new(), |cost| format!(". A pick-up order costs {sign}{cost}"));
            format!("Waterfall from {sign}{from} far-field to {sign}{to} near-field: {steps}{fetched}")
        }
        Language::Zh => {
            let fetched = fetched.map_or(String::new(), |cost| format!("。自提每单成本 {sign}{cost}"));
            format!("瀑布图：从远场 {sign}{from} 到近场 {sign}{to}：{steps}{fetched}")
        }
    }
}

fn one_sided(far: &Side, near: &Side, sign: &str, look: &Look) -> (String, &'static str) {
    match (far.delivered, near.delivered) {
        (0, 0) => nothing_delivered(look),
        (_, 0) => {
            let cost = number(far.total, 2);
            look.say(
                (
                    format!("Far-field costs {sign}{cost} per delivered order; no near-field order was delivered"),
                    "Nothing to compare: no near-field order was delivered.",
                ),
                (format!("远场单均成本为 {sign}{cost}；没有近场订单送达"), "无可比较：没有近场订单送达。"),
            )
        }
        _ => {
            let cost = number(near.total, 2);
            look.say(
                (
                    format!("Near-field costs {sign}{cost} per delivered order; no far-field order was delivered"),
                    "Nothing to compare: no far-field order was delivered.",
                ),
                (format!("近场单均成本为 {sign}{cost}；没有远场订单送达"), "无可比较：没有远场订单送达。"),
            )
        }
    }
}

fn title(far: &Side, near: &Side, steps: &[Step], sign: &str, look: &Look) -> String {
    let gap = near.total - far.total;
    let width = Z95 * far.error.hypot(near.error);
    // Costs without any spread have no interval: then the difference is exact, not doubtful.
    let known = far.delivered > 1 && near.delivered > 1;
    if far.total == 0.0 && near.total == 0.0 {
        return look.say("No costs are charged in this scenario", "本场景不计任何成本").to_owned();
    }
    if number(gap.abs(), 2) == "0.00" {
        let cost = number(near.total, 2);
        return look.say(
            format!("Near-field and far-field cost the same: {sign}{cost} per delivered order"),
            format!("近场与远场单均成本相同：{sign}{cost}"),
        );
    }
    let (more, larger) = if gap > 0.0 { (look.say("more", "高"), 1.0) } else { (look.say("less", "低"), -1.0) };
    let amount = number(gap.abs(), 2);
    if !known || (width.is_finite() && gap.abs() <= width) {
        return look.say(
            format!("Near-field costs {sign}{amount} {more} per order here, too few orders to call it a difference"),
            format!("近场单均成本在这里{more} {sign}{amount}，但单量太少，不足以认定有差异"),
        );
    }
    let deciding = steps.iter().max_by(|a, b| (a.change * larger).total_cmp(&(b.change * larger)));
    let share = percent(gap.abs() / far.total);
    let deciding = deciding.map(|step| (look.word(step.name), signed(step.change, 2)));
    match look.language {
        Language::En => {
            let because = deciding
                .map_or(String::new(), |(name, change)| format!(": {} decides ({change})", name.to_lowercase()));
            format!("Near-field costs {sign}{amount} ({share}) {more} per delivered order{because}")
        }
        Language::Zh => {
            let because = deciding.map_or(String::new(), |(name, change)| format!("，{name}是决定因素（{change}）"));
            format!("近场单均成本比远场{more} {sign}{amount}（{share}）{because}")
        }
    }
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

fn bars(far: &Side, near: &Side, steps: &[Step], pickup: Option<&Side>, look: &Look) -> Vec<Bar> {
    let theme = &look.theme;
    let total = |name: &str, to: f64, colour| Bar {
        name: name.to_owned(),
        from: 0.0,
        to,
        colour,
        label: number(to, 2),
        total: true,
    };
    let mut bars = vec![total(look.say("Far-field total", "远场合计"), far.total, theme.far())];
    let mut level = far.total;
    for step in steps {
        let colour = if step.change < 0.0 { theme.near_saves() } else { theme.near_adds() };
        let to = level + step.change;
        bars.push(Bar {
            // The longest name does not fit under a bar where there are many.
            name: look.word(step.name).replace("Late compensation", "Lateness"),
            from: level,
            to,
            colour,
            label: signed(step.change, 2),
            total: false,
        });
        level = to;
    }
    bars.push(total(look.say("Near-field total", "近场合计"), near.total, theme.near()));
    if let Some(change) = shown_constant(near) {
        let (from, to) = (near.total, near.total + change);
        let colour = if change < 0.0 { theme.near_saves() } else { theme.near_adds() };
        let name = look.say("Planned volume", "按计划单量").to_owned();
        bars.push(Bar { name, from, to, colour, label: signed(change, 2), total: false });
        bars.push(total(look.say("Near-field planned", "近场（计划）"), to, theme.near()));
    }
    bars.extend(pickup.map(|side| total(look.say("Pick-up total", "自提合计"), side.total, theme.pickup())));
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
        push(step.name.0, step.change);
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
