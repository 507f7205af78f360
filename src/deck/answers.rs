//! Room: deck. The slide that answers first: cards of a run, a table of a comparison, the settings of a sweep.

use super::model::{Column, Grid, Item, Layout, Slide, Tone, Words};
use super::read::{Compared, Found, Source};
use super::slides::{BOTTOM, head, source_line, table_slide};
use super::{appendix, swept};
use crate::metrics::KpiSummary;
use crate::metrics::label_in;
use crate::report::layout::{Area, LEFT, RIGHT};
use crate::report::wording::{currency, plural, signed};
use crate::report::{self, Look, half_width, in_unit, spoken};
use crate::scenario::{Language, Scenario};
use crate::table::Table;

/// KPIs on the cards, in reading order.
const CARDS: [&str; 6] = [
    "orders",
    "near_share_orders",
    "on_time_share",
    "click_to_door_p90_min",
    "cost_per_order",
    "contribution_margin_per_order",
];
/// Rows of a table that a slide holds.
pub(super) const ROWS: usize = 20;

pub(super) fn slides(source: &Source) -> Vec<Slide> {
    match &source.found {
        Found::Run { scenario, kpis, replications, .. } => vec![cards(source, scenario, kpis, *replications)],
        Found::Compare(compared) => {
            let mut slides = vec![differences(source, compared)];
            slides.push(appendix::changes(source, &compared.changes));
            if let Some(table) = &compared.hypotheses {
                let last = slides.len() - 1;
                match expected_below(&slides[last], compared, table, &source.look) {
                    Some(grid) => slides[last].items.extend(grid),
                    None => slides.push(hypotheses(source, compared, table)),
                }
            }
            slides
        }
        Found::Sweep(swept) => {
            let mut slides = swept::found(source, swept);
            slides.push(swept::settings(source, swept));
            slides
        }
    }
}

/// The unit as the report says it.
pub(super) fn said(unit: &str) -> &str {
    if matches!(unit, "orders" | "violations") { "count" } else { unit }
}

fn cards(source: &Source, scenario: &Scenario, kpis: &[KpiSummary], replications: u32) -> Slide {
    let code = &scenario.report.currency;
    let found: Vec<&KpiSummary> =
        CARDS.iter().filter_map(|name| kpis.iter().find(|kpi| kpi.name == *name && kpi.mean.is_finite())).collect();
    let value = |name: &str| {
        found.iter().find(|kpi| kpi.name == name).map(|kpi| in_unit(kpi.mean, said(kpi.unit), code, &source.look))
    };
    let title = match (value("near_share_orders"), value("on_time_share")) {
        (Some(near), Some(on_time)) => source.look.say(
            format!("{near} of orders go near-field, and {on_time} of those arrive on time"),
            format!("{near} 的订单走近场，其中 {on_time} 准时送达"),
        ),
        _ => source.look.say("The day in figures", "一天的数字").to_owned(),
    };
    let subtitle = match replications {
        1 => source
            .look
            .say(
                "One replication, so without intervals: small differences to another run may be chance",
                "单次运行，没有区间：与另一次运行的小差异可能只是随机波动",
            )
            .to_owned(),
        n => source.look.say(
            format!("Means over {n} replications, ± half of the 95% interval"),
            format!("{n} 次重复运行的均值，± 为 95% 置信区间的一半"),
        ),
    };
    let (mut items, top) = head(&title, &subtitle);
    let (gap, columns) = (36.0, 3.0);
    let width = (RIGHT - LEFT - gap * (columns - 1.0)) / columns;
    let height = 320.0;
    for (place, kpi) in found.iter().enumerate() {
        let left = LEFT + (place % 3) as f64 * (width + gap);
        let top = top + 50.0 + (place / 3) as f64 * (height + gap);
        let area = Area { left, top, right: left + width, bottom: top + height };
        items.extend(card(area, kpi, code, scenario, &source.look));
    }
    items.push(Item::Words(source_line(&source.origin)));
    Slide { layout: Layout::Table, items }
}

fn card(area: Area, kpi: &KpiSummary, code: &str, scenario: &Scenario, look: &Look) -> Vec<Item> {
    let Area { left, top, right, bottom } = area;
    let line = |from: f64, height: f64| Area {
        left: left + 34.0,
        top: top + from,
        right: right - 16.0,
        bottom: top + from + height,
    };
    let tone = match kpi.name {
        "orders" | "cost_per_order" | "contribution_margin_per_order" => Tone::Ink,
        _ => Tone::Near,
    };
    let whose = if kpi.name == "contribution_margin_per_order" && look.language == Language::En {
        format!(" ({})", scenario.money.perspective.word())
    } else {
        String::new()
    };
    let row = report::Kpi {
        name: kpi.name.to_owned(),
        label: String::new(),
        value: kpi.mean,
        half_width: None,
        unit: said(kpi.unit).to_owned(),
    };
    let value = spoken(&level(kpi.mean, said(kpi.unit), code), look);
    let interval = match kpi.half_width.is_finite() {
        true => format!("± {}", half_width(kpi.half_width, &row, code, look)),
        false => String::new(),
    };
    let mut items = vec![
        Item::Bar { area, tone: Tone::Ground },
        Item::Bar { area: Area { right: left + 10.0, bottom, ..area }, tone },
        Item::Words(Words::free(
            line(34.0, 44.0),
            &format!("{}{whose}", label_in(kpi.name, look.language)),
            28.0,
            Tone::Muted,
        )),
        Item::Words(Words::free(line(98.0, 110.0), &value, 84.0, Tone::Ink).bold()),
    ];
    if !interval.is_empty() {
        items.push(Item::Words(Words::free(line(226.0, 44.0), &interval, 30.0, Tone::Muted)));
    }
    items
}

/// A cell by the name of its column; empty if there is none.
pub(super) fn cell<'a>(table: &'a Table, row: usize, name: &str) -> &'a str {
    table.column(name).map_or("", |column| table.cell(row, column))
}

pub(super) fn number(table: &Table, row: usize, name: &str) -> f64 {
    cell(table, row, name).parse().unwrap_or(f64::NAN)
}

fn differences(source: &Source, compared: &Compared) -> Slide {
    let table = &compared.kpis;
    let code = &compared.whatif.report.currency;
    let family: Vec<usize> = (0..table.len()).filter(|&row| cell(table, row, "family") == "corrected").collect();
    let rows: Vec<usize> = if family.is_empty() { (0..table.len()).collect() } else { family };
    let data: Vec<usize> =
        rows.into_iter().filter(|&row| cell(table, row, "verdict") != "no data").take(ROWS - 4).collect();
    let look = &source.look;
    let title = counted(&data.iter().map(|&row| cell(table, row, "verdict")).collect::<Vec<_>>(), look);
    let (base, whatif) = (&compared.base.label, &compared.whatif.label);
    let subtitle = look.say(format!("Base: {base}. What-if: {whatif}"), format!("基准：{base}。假设：{whatif}"));
    let mut lines = vec![
        [
            "",
            look.say("Base", "基准"),
            look.say("What-if", "假设"),
            look.say("Difference", "差异"),
            &format!("{}% {}", compared.percent, look.say("interval", "区间")),
            look.say("Verdict", "判定"),
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    lines.extend(data.iter().map(|&row| difference(table, row, code, look)));
    let columns = vec![
        Column::left(480.0).bold(),
        Column::right(210.0),
        Column::right(210.0),
        Column::right(250.0).bold(),
        Column::right(296.0),
        Column::left(330.0),
    ];
    let note = format!(
        "{} · {}",
        source.origin,
        look.say(
            "“no difference shown”: chance alone may do this, which does not show that both are equal",
            "“未显示差异”：可能只是随机波动，并不说明两者相等",
        )
    );
    table_slide(&title, &subtitle, columns, lines, &note)
}

/// How many figures are better, worse or other beyond chance, and of how many that is not shown.
fn counted(verdicts: &[&str], look: &Look) -> String {
    let of = |words: &[&str]| verdicts.iter().filter(|verdict| words.contains(verdict)).count();
    let (better, worse, other) = (of(&["better"]), of(&["worse"]), of(&["higher", "lower"]));
    let all = plural(verdicts.len(), "main figure");
    if better + worse + other == 0 {
        return look
            .say(format!("No difference is shown in {all}"), format!("{} 项主要指标均未显示差异", verdicts.len()));
    }
    let parts = [
        (better, look.say("better", "项改善")),
        (worse, look.say("worse", "项变差")),
        (other, look.say("higher or lower", "项升或降")),
    ];
    let parts: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let rest = match verdicts.len() - better - worse - other {
        0 => String::new(),
        n => look.say(format!("; no difference shown in {n}"), format!("，{n} 项未显示差异")),
    };
    look.say(
        format!("Of {all}, {} beyond chance{rest}", parts.join(", ")),
        format!("{} 项主要指标中，{}（超出随机波动）{rest}", verdicts.len(), parts.join("，")),
    )
}

/// A table row: levels, difference, interval and verdict of a KPI.
pub(super) fn difference(table: &Table, row: usize, code: &str, look: &Look) -> Vec<String> {
    let unit = said(cell(table, row, "unit"));
    let of = |name: &str| spoken(&level(number(table, row, name), unit, code), look);
    let (low, high) = (number(table, row, "low"), number(table, row, "high"));
    let change = number(table, row, "difference");
    let places = places(change, unit);
    let interval = match low.is_finite() && high.is_finite() {
        true => {
            let to = look.say("to", "至");
            format!("{} {to} {}", less(low, unit, places, "").0, less(high, unit, places, "").0)
        }
        false => "–".to_owned(),
    };
    let (amount, after) = less(change, unit, places, code);
    vec![
        label_in(cell(table, row, "kpi"), look.language).to_owned(),
        of("base_mean"),
        of("whatif_mean"),
        spoken(&(amount + &after), look),
        interval,
        verdict(cell(table, row, "verdict"), look).to_owned(),
    ]
}

/// A verdict or outcome of a table in the language of the slides.
fn verdict<'a>(word: &'a str, look: &Look) -> &'a str {
    if look.language == Language::En {
        return word;
    }
    match word {
        "better" => "改善",
        "worse" => "变差",
        "higher" => "更高",
        "lower" => "更低",
        "no difference shown" => "未显示差异",
        "no interval" => "无区间",
        "as expected" => "符合预期",
        "contrary" => "与预期相反",
        "up" => "上升",
        "down" => "下降",
        other => other,
    }
}

/// Decimals that leave two figures of a small difference.
fn places(change: f64, unit: &str) -> usize {
    let size = change.abs() * if unit == "share" { 100.0 } else { 1.0 };
    match size {
        size if !size.is_finite() || size == 0.0 || size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 0.1 => 2,
        _ => 3,
    }
}

/// A difference with its sign, and the words after it; money with its currency unless the code is empty.
fn less(value: f64, unit: &str, places: usize, code: &str) -> (String, String) {
    match unit {
        "share" => (signed(value * 100.0, places), " points".to_owned()),
        "count" => (signed(value, places), String::new()),
        unit if unit.starts_with("yuan") => {
            let amount = signed(value, places);
            let sign = amount.chars().next().filter(|c| !c.is_ascii_digit() && !code.is_empty());
            match sign {
                Some(sign) => (format!("{sign}{}{}", currency(code), &amount[sign.len_utf8()..]), String::new()),
                None => (amount, String::new()),
            }
        }
        unit => (signed(value, places), format!(" {unit}").trim_end().to_owned()),
    }
}

/// A level; counts of thousands are whole, though means need not be, and labels say what is per order.
pub(super) fn level(value: f64, unit: &str, code: &str) -> String {
    let value = if unit == "count" && value.abs() >= 1000.0 { value.round() } else { value };
    in_unit(value, unit, code, Look::plain()).replace(" per order", "")
}

/// Expectations in words: how many came as expected.
fn met(table: &Table, look: &Look) -> String {
    let met = (0..table.len()).filter(|&row| cell(table, row, "outcome") == "as expected").count();
    match table.len() {
        1 if met == 1 => look.say("What was expected came", "结果符合预期").to_owned(),
        1 => look.say("What was expected is not shown", "预期的结果未显示").to_owned(),
        n => look.say(format!("{met} of {n} expectations came as expected"), format!("{n} 项预期中 {met} 项符合")),
    }
}

const EXPECTED: (&str, &str) = ("Written into the what-if before it was simulated", "模拟之前写入假设方案");

fn hypotheses(source: &Source, compared: &Compared, table: &Table) -> Slide {
    let (columns, lines) = expected(compared, table, &source.look);
    let subtitle = source.look.say(EXPECTED.0, EXPECTED.1);
    table_slide(&met(table, &source.look), subtitle, columns, lines, &source.origin)
}

/// The expectations below the table of a slide, if there is room.
fn expected_below(slide: &Slide, compared: &Compared, table: &Table, look: &Look) -> Option<Vec<Item>> {
    let bottom = slide.items.iter().find_map(|item| match item {
        Item::Table(grid) => Some(grid.area.bottom),
        _ => None,
    })?;
    let (columns, lines) = expected(compared, table, look);
    let heading = Area { left: LEFT, top: bottom + 60.0, right: RIGHT, bottom: bottom + 100.0 };
    let grid = Grid::new((LEFT, bottom + 116.0), columns, lines, 26.0).airy(1.3);
    let words =
        look.say(format!("{}. {}", met(table, look), EXPECTED.0), format!("{}（{}）", met(table, look), EXPECTED.1));
    (grid.area.bottom <= BOTTOM - 20.0)
        .then(|| vec![Item::Words(Words::free(heading, &words, 30.0, Tone::Ink).bold()), Item::Table(grid)])
}

fn expected(compared: &Compared, table: &Table, look: &Look) -> (Vec<Column>, Vec<Vec<String>>) {
    let mut lines = vec![
        look.say(
            ["Expected beforehand", "", "Outcome", "Difference", "Why it was expected"],
            ["事先预期", "", "结果", "差异", "预期理由"],
        )
        .map(str::to_owned)
        .to_vec(),
    ];
    let code = &compared.whatif.report.currency;
    lines.extend((0..table.len()).take(ROWS).map(|row| {
        let unit = said(cell(table, row, "unit"));
        let change = number(table, row, "difference");
        let (amount, after) = less(change, unit, places(change, unit), code);
        vec![
            label_in(cell(table, row, "kpi"), look.language).to_owned(),
            verdict(cell(table, row, "direction"), look).to_owned(),
            verdict(cell(table, row, "outcome"), look).to_owned(),
            spoken(&(amount + &after), look),
            cell(table, row, "reason").to_owned(),
        ]
    }));
    let columns = vec![
        Column::left(450.0).bold(),
        Column::left(110.0),
        Column::left(320.0).bold(),
        Column::right(240.0),
        Column::left(656.0),
    ];
    (columns, lines)
}
