//! Room: report. Chart 9: who earns what on an order? From the value of its goods to the contribution margin, as the
//! platform, the merchants and both together see it.

use super::nothing_delivered;
use crate::report::canvas::{Canvas, Pen};
use crate::report::data::{COSTS, Earnings};
use crate::report::layout::{BOTTOM, LEFT, RIGHT, Scale, Words};
use crate::report::look::Pair;
use crate::report::palette::{AXIS, EARNS, GRID, INK, PAYS};
use crate::report::table::{Table, exact};
use crate::report::wording::{count, currency, number, signed};
use crate::report::{Chart, Look, RunView};
use crate::scenario::Language;

const SLUG: &str = "09-margin-bridge";
/// Whose margins stand side by side.
const SEEN_BY: [Pair; 3] = [("Platform", "平台"), ("Merchants", "商家"), ("System (both)", "系统（两者合计）")];
/// What would read ±0.00 explains nothing.
const SHOWN: f64 = 0.005;
/// The row of what no delivered order bears.
const IDLE: Pair = ("Borne by no order", "无订单分摊");

/// How a row is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// As words alone: so large that no cost would be seen beside its bar.
    Words,
    /// A step of the bridge.
    Step,
    /// Where the bridge leads.
    Total,
}

/// One line of the bridge: what it adds for platform, merchants and both, an order.
struct Row {
    name: Pair,
    amounts: [f64; 3],
    kind: Kind,
}

/// The rows to draw, what nobody earns or pays left out.
fn rows(earned: &Earnings) -> Vec<Row> {
    // Adding 0 makes 0 of -0.
    let per = |sum: f64| sum / earned.delivered as f64 + 0.0;
    let row = |name, platform: f64, merchant: f64, kind| Row {
        name,
        amounts: [per(platform), per(merchant), per(platform + merchant)],
        kind,
    };
    let value = |name, amount: f64| row(name, 0.0, amount, Kind::Words);
    let step = |name, platform, merchant| row(name, platform, merchant, Kind::Step);
    let mut rows = vec![
        value(("Goods at list price", "商品标价"), earned.value),
        value(("Cost of goods, refunds", "商品成本与退款"), earned.margin - earned.value),
        step(("Margin on goods", "商品毛利"), 0.0, earned.margin),
        step(("Delivery fee", "配送费"), earned.fee, 0.0),
        step(("Commission", "佣金"), earned.commission, -earned.commission),
        step(("Discounts", "优惠补贴"), 0.0, -earned.discount),
    ];
    for (&(_, name), paid) in COSTS.iter().zip(&earned.paid) {
        rows.push(step(name, -paid[0], -paid[1]));
    }
    rows.push(step(IDLE, -earned.idle[0], -earned.idle[1]));
    let sum = |who: usize| rows.iter().filter(|row| row.kind == Kind::Step).map(|row| row.amounts[who]).sum::<f64>();
    let amounts = [sum(0), sum(1), sum(0) + sum(1)];
    rows.retain(|row| row.amounts.iter().any(|amount| amount.abs() >= SHOWN));
    rows.push(Row { name: ("Contribution margin", "边际贡献"), amounts, kind: Kind::Total });
    rows
}

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, earned: &Earnings) -> Chart {
    let sign = currency(view.currency);
    let look = view.look;
    let (unit, label) = (sign.trim(), view.scenario_words());
    let subtitle = match look.language {
        Language::En => format!("From goods to contribution margin, {unit} per delivered order{label}"),
        Language::Zh => format!("从商品标价到边际贡献，每送达一单，{unit}{label}"),
    };
    let rows = rows(earned);
    let note = match rows.iter().any(|row| row.name == IDLE) {
        true => look.say(
            "; borne by no order: guaranteed pay of couriers and fixed cost of stores that delivered none, goods moved between stores",
            "；无订单分摊：骑手保底薪酬、没有送出订单的门店的固定成本、店间调拨",
        ),
        false => "",
    };
    let delivered = count(earned.delivered);
    let note = look.say(format!("{delivered} delivered{note}"), format!("送达 {delivered} 单{note}"));
    let words = |title: String| Words { title, subtitle, source: view.source(earned.placed, &note) };
    if earned.delivered == 0 {
        let (title, why) = nothing_delivered(look);
        return Chart::nothing(look, SLUG, words(title), why, table(&[]));
    }
    let both = look
        .list(rows.iter().map(|row| format!("{} {}", look.word(row.name).to_lowercase(), signed(row.amounts[2], 2))));
    let [platform, merchants] = [0, 1].map(|who| number(rows[rows.len() - 1].amounts[who], 2));
    let alt = match look.language {
        Language::En => format!(
            "Bridges to a contribution margin of {sign}{platform} for the platform and {sign}{merchants} for merchants; both together: {both}"
        ),
        Language::Zh => {
            format!("边际贡献桥图：平台 {sign}{platform}，商家 {sign}{merchants}；两者合计：{both}")
        }
    };
    let (title, table) = (title(&rows, &sign, look), table(&rows));
    Chart::draw(look, SLUG, words(title), alt, table, |canvas, top| draw(canvas, top, &rows))
}

fn title(rows: &[Row], sign: &str, look: &Look) -> String {
    let [platform, merchants, system] = rows[rows.len() - 1].amounts;
    if rows.len() == 1 {
        return look.say("Nobody earns or pays anything in this scenario", "本场景没有任何收支").to_owned();
    }
    let amount = number(system.abs(), 2);
    let all = match look.language {
        Language::En if amount == "0.00" => "Platform and merchants together break even".to_owned(),
        Language::En if system > 0.0 => {
            format!("Platform and merchants together earn {sign}{amount} per delivered order")
        }
        Language::En => format!("Platform and merchants together lose {sign}{amount} per delivered order"),
        Language::Zh if amount == "0.00" => "平台与商家合计不赚不亏".to_owned(),
        Language::Zh if system > 0.0 => format!("平台与商家合计每送达一单赚 {sign}{amount}"),
        Language::Zh => format!("平台与商家合计每送达一单亏 {sign}{amount}"),
    };
    let steps = rows.iter().filter(|row| row.kind == Kind::Step && row.amounts[2] <= -SHOWN);
    let dearest = steps.min_by(|a, b| a.amounts[2].total_cmp(&b.amounts[2]));
    let most = dearest.map_or(String::new(), |row| {
        let amount = number(row.amounts[2], 2);
        match look.language {
            Language::En if row.name == IDLE => {
                format!("; the largest cost beside goods is what no order bears ({amount})")
            }
            Language::En => format!("; the largest cost beside goods is {} ({amount})", row.name.0.to_lowercase()),
            Language::Zh => format!("；商品之外最大的成本是{}（{amount}）", row.name.1),
        }
    });
    let (platform, merchants) = (signed(platform, 2), signed(merchants, 2));
    look.say(
        format!("{all}: platform {platform}, merchants {merchants}{most}"),
        format!("{all}：平台 {platform}，商家 {merchants}{most}"),
    )
}

/// Room for the names at the left, and between the bridges.
const NAMES: f64 = 285.0;
const GAP: f64 = 26.0;

/// Room for the widest number beside a bar.
fn number_width(rows: &[Row], pen: Pen<'_>) -> f64 {
    let widths = rows.iter().flat_map(|row| row.amounts).map(|amount| pen.width(&signed(amount, 2)));
    widths.fold(0.0, f64::max) + 12.0
}

fn draw(canvas: &mut Canvas<'_>, top: f64, rows: &[Row]) {
    let head = top + 34.0;
    let bottom = BOTTOM + 20.0;
    let height = ((bottom - head) / rows.len() as f64).min(64.0);
    let (low, high) = ends(rows);
    let number = number_width(rows, canvas.pen(23.0).bold());
    let width = (RIGHT - LEFT - NAMES) / SEEN_BY.len() as f64;
    for (place, row) in rows.iter().enumerate() {
        let y = head + height * place as f64;
        canvas.line((LEFT, y), (RIGHT, y), if row.kind == Kind::Total { AXIS } else { GRID }, 2.0);
        let pen = canvas.pen(23.0).ink();
        let pen = if row.kind == Kind::Total { pen.bold() } else { pen };
        canvas.text((LEFT, y + height / 2.0 + 8.0), canvas.look().word(row.name), pen);
    }
    for (who, name) in SEEN_BY.iter().enumerate() {
        let left = LEFT + NAMES + width * who as f64 + GAP;
        let right = left + width - GAP;
        // A number stands to the right of its bar, also of the longest.
        let x = Scale::linear((low, high), (left, right - number));
        canvas.text((left, head - 14.0), canvas.look().word(*name), canvas.pen(26.0).ink().bold());
        canvas.line((x.px(0.0), head), (x.px(0.0), head + height * rows.len() as f64), AXIS, 2.0);
        bridge(canvas, rows, who, x, (head, height));
    }
}

/// The least and the largest sum that any of the bridges comes to.
fn ends(rows: &[Row]) -> (f64, f64) {
    let (mut low, mut high) = (0.0f64, 0.0f64);
    for who in 0..SEEN_BY.len() {
        let mut level = 0.0;
        for row in rows.iter().filter(|row| row.kind == Kind::Step) {
            level += row.amounts[who];
            (low, high) = (low.min(level), high.max(level));
        }
    }
    if high - low < SHOWN { (0.0, 1.0) } else { (low, high) }
}

fn bridge(canvas: &mut Canvas<'_>, rows: &[Row], who: usize, x: Scale, (head, height): (f64, f64)) {
    let mut level = 0.0;
    for (place, row) in rows.iter().enumerate() {
        let (y, amount) = (head + height * place as f64, row.amounts[who]);
        let baseline = y + height / 2.0 + 8.0;
        if row.kind != Kind::Total && amount.abs() < SHOWN {
            if row.kind == Kind::Step && level != 0.0 {
                canvas.line((x.px(level), y), (x.px(level), y + height * 1.18), AXIS, 1.5);
            }
            continue;
        }
        if row.kind == Kind::Words {
            let label = if amount < 0.0 { signed(amount, 2) } else { number(amount, 2) };
            canvas.text((x.px(0.0) + 10.0, baseline), &label, canvas.pen(23.0));
            continue;
        }
        let (from, to) = if row.kind == Kind::Total { (0.0, amount) } else { (level, level + amount) };
        let colour = match row.kind {
            Kind::Total => canvas.theme().clear(),
            _ if amount < 0.0 => PAYS,
            _ => EARNS,
        };
        let (start, end) = (x.px(from.min(to)), x.px(from.max(to)));
        canvas.rect((start, y + height * 0.18), (end.max(start + 2.0), y + height * 0.82), colour);
        if row.kind == Kind::Step {
            canvas.line((x.px(to), y + height * 0.82), (x.px(to), y + height * 1.18), AXIS, 1.5);
            level = to;
        }
        let pen = canvas.pen(23.0).colour(INK);
        let pen = if row.kind == Kind::Total { pen.bold() } else { pen };
        let label = signed(amount, 2);
        // Beside the axis rather than across it.
        let across = end < x.px(0.0) && end + 9.0 + pen.width(&label) > x.px(0.0);
        let beside = if across { x.px(0.0) } else { end };
        canvas.halo_text((beside + 9.0, baseline), &label, pen);
    }
}

fn table(rows: &[Row]) -> Table {
    let mut table =
        Table::new(&["item", "platform_yuan_per_order", "merchant_yuan_per_order", "system_yuan_per_order", "order"]);
    for row in rows {
        let [platform, merchant, system] = row.amounts.map(exact);
        // A name with a comma would be two cells.
        let place = table.rows.len().to_string();
        table.push([row.name.0.replace(',', " and"), platform, merchant, system, place]);
    }
    table
}
