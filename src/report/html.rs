//! Room: report. The page of a run: answers first, the replay, what each reader needs, KPIs, assumptions, origin.
//!
//! One self-contained file: styles, fonts, drawings and data are inside, nothing is loaded from anywhere.

use super::limits::limits;
use super::page::{Assumed, Card, Cell, Page, PageTable, Tone};
use super::readers::Words;
use super::replay::{Replay, section};
use super::wording::{count, currency, number, percent};
use super::{Chart, Kpi, Look, ReportError, RunView};
use crate::metrics::unit_in;
use crate::scenario::Language;

/// KPIs that answer first: (name in kpis.csv, words, how the number is said).
const ANSWERS: [(&str, Words, Said); 8] = [
    ("orders", ("orders placed", "下单量（单）"), Said::Plain),
    ("on_time_share", ("of near orders on time", "近场订单准时送达"), Said::Plain),
    ("contribution_margin_per_order", ("contribution margin", "边际贡献"), Said::Plain),
    ("near_share_orders", ("of orders go near-field", "订单走近场"), Said::Plain),
    ("click_to_door_p50_min", ("click-to-door, half of near orders", "下单到送达，近场订单的一半"), Said::Span),
    ("click_to_door_p90_min", ("click-to-door, nine in ten", "下单到送达，近场订单的九成"), Said::Span),
    ("cost_per_order", ("cost to serve", "履约成本"), Said::Plain),
    ("courier_utilisation", ("of courier time is busy", "骑手时间在忙"), Said::Plain),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    /// In the KPI's own unit.
    Plain,
    /// Minutes in the unit that suits them.
    Span,
}

/// The report page of a run as one self-contained HTML file, with its replay if there is one.
pub fn html(view: &RunView<'_>, charts: &[Chart], replay: Option<&Replay>) -> Result<String, ReportError> {
    let provenance = view.provenance;
    let title = if provenance.label.trim().is_empty() {
        view.look.say("nearfar report", "nearfar 报告")
    } else {
        provenance.label.trim()
    };
    let several = view.kpis.iter().any(|kpi| kpi.half_width.is_some());
    let look = view.look;
    Page {
        kind: look.say("report", "报告"),
        title: title.to_owned(),
        question: provenance.question.trim().to_owned(),
        headline: headline(view),
        cards: cards(view),
        cards_note: cards_note(provenance.replications, look),
        replay: replay.map(|replay| section(&[replay], view.look)).transpose()?,
        kpis: kpi_table(view, several),
        charts,
        notes: notes(view, charts),
        assumptions: assumed(view.assumptions),
        audit: audit(view.kpis, look),
        origin: origin(view),
        again: look.say(
            "The same scenario, seed and version give the same bytes. scenario.toml beside this page runs again as it is.",
            "同一场景、种子与版本得到逐字节相同的结果。本页旁的 scenario.toml 可原样再次运行。",
        ),
        look: view.look,
        ..Page::default()
    }
    .html()
}

pub(super) fn assumed(assumptions: &[super::Assumption]) -> Vec<Assumed<'_>> {
    assumptions.iter().map(|row| Assumed { key: &row.key, value: &row.value, source: &row.source }).collect()
}

fn found<'a>(view: &'a RunView<'_>, name: &str) -> Option<&'a Kpi> {
    view.kpis.iter().find(|kpi| kpi.name == name && kpi.value.is_finite())
}

/// The answer in a sentence: orders, punctuality, margin.
fn headline(view: &RunView<'_>) -> Vec<String> {
    if view.look.language == Language::Zh {
        return headline_zh(view);
    }
    let said = |name: &str| found(view, name).map(|kpi| in_unit(whole_count(kpi), &kpi.unit, view.currency, view.look));
    let mut sentence = said("orders").map(|orders| format!("{orders} orders")).unwrap_or_default();
    if let Some(share) = said("near_share_orders") {
        sentence += &format!(", {share} of them near-field");
    }
    if let Some(share) = said("on_time_share") {
        sentence += &format!("; {share} of near orders on time");
    }
    if let Some(kpi) = found(view, "contribution_margin_per_order") {
        let margin = in_unit(kpi.value, &kpi.unit, view.currency, view.look);
        let margin = margin.replace(" per order", "");
        let whose = kpi.label.rsplit_once(" (").map_or("", |(_, whose)| whose.trim_end_matches(')'));
        let of = if whose.is_empty() { String::new() } else { format!(" ({whose})") };
        sentence += &format!("; {margin} of contribution margin an order{of}");
    }
    if sentence.is_empty() { Vec::new() } else { vec![format!("{sentence}.")] }
}

/// The same in Chinese.
fn headline_zh(view: &RunView<'_>) -> Vec<String> {
    let said = |name: &str| found(view, name).map(|kpi| in_unit(whole_count(kpi), &kpi.unit, view.currency, view.look));
    let parts: Vec<String> = [
        said("orders").map(|orders| format!("{orders} 单")),
        said("near_share_orders").map(|share| format!("其中 {share} 走近场")),
        said("on_time_share").map(|share| format!("近场准时率 {share}")),
        said("contribution_margin_per_order").map(|margin| format!("单均边际贡献 {}", margin.replace("/单", ""))),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() { Vec::new() } else { vec![format!("{}。", parts.join("，"))] }
}

fn cards(view: &RunView<'_>) -> Vec<Card> {
    let card = |&(name, words, said): &(&str, Words, Said)| {
        let words = view.look.say(words.0, words.1);
        let kpi = found(view, name)?;
        let say = |value: f64, half: bool| match said {
            Said::Span => view.look.span(value),
            Said::Plain if half => half_width(value, kpi, view.currency, view.look),
            Said::Plain => in_unit(whole_count(kpi), &kpi.unit, view.currency, view.look),
        };
        let shown = say(kpi.value, false);
        let (figure, words) =
            match shown.split_once(" per ").or_else(|| shown.split_once("/单").map(|(it, _)| (it, ""))) {
                Some((figure, "")) => (figure.to_owned(), format!("单均{words}")),
                Some((figure, per)) => (figure.to_owned(), format!("{words} per {per}")),
                None => (say(kpi.value, false), words.to_owned()),
            };
        let interval = kpi.half_width.map_or(String::new(), |half| format!("± {}", say(half, true)));
        Some(Card {
            figure, words, interval: interval.replace(" per order", "").replace("/单", ""), tone: Tone::Plain
        })
    };
    ANSWERS.iter().filter_map(card).collect()
}

/// The value, a large count without the fraction that means of counts have.
fn whole_count(kpi: &Kpi) -> f64 {
    if kpi.unit == "count" && kpi.value.abs() >= 100.0 { kpi.value.round() } else { kpi.value }
}

fn cards_note(replications: u32, look: &Look) -> String {
    match replications {
        0 | 1 => look
            .say(
                "One simulated day, so without intervals: --replications 10 gives them.",
                "只模拟了一天，没有区间：--replications 10 可以得到。",
            )
            .to_owned(),
        n => look.say(
            format!("Means over {n} simulated days; ± is half of the 95% interval of the mean."),
            format!("{n} 个模拟日的均值；± 为均值 95% 置信区间的一半。"),
        ),
    }
}

/// What the audit says, if there was one.
fn audit(kpis: &[Kpi], look: &Look) -> Option<(String, bool)> {
    let found = kpis.iter().find(|kpi| kpi.name == "audit_violations" && kpi.value.is_finite())?;
    Some(audit_words(found.value, look))
}

/// The sentence about violations of the audit.
pub(crate) fn audit_words(violations: f64, look: &Look) -> (String, bool) {
    if look.language == Language::Zh {
        return match violations {
            0.0 => {
                ("已审计：没有订单被重复履约，没有骑手同时身处两地，件数与金额都对得上。0 项违规。".to_owned(), true)
            }
            _ => ("审计发现违反模型自身规则之处：请勿使用这些数字，并反馈问题。".to_owned(), false),
        };
    }
    match violations {
        0.0 => (
            "Audited: no order served twice, no courier in two places, units and money add up. 0 violations."
                .to_owned(),
            true,
        ),
        _ => (
            "The audit found violations of the model's own rules: do not use these figures, and report it.".to_owned(),
            false,
        ),
    }
}

fn kpi_table(view: &RunView<'_>, several: bool) -> PageTable {
    let look = view.look;
    let heads = [
        look.say("KPI", "指标"),
        look.say("Value", "数值"),
        look.say("95% interval, ±", "95% 区间，±"),
        look.say("Name in kpis.csv", "kpis.csv 中的名称"),
    ];
    let columns = heads.iter().filter(|head| several || !head.starts_with("95%")).map(|head| (*head).to_owned());
    let row = |kpi: &Kpi| {
        let half = kpi.half_width.filter(|_| kpi.value.is_finite());
        let interval =
            half.map_or(String::new(), |half| format!("± {}", half_width(half, kpi, view.currency, view.look)));
        let mut row = vec![
            Cell::words(&kpi.label),
            Cell::number(in_unit(kpi.value, &kpi.unit, view.currency, view.look), kpi.value),
        ];
        if several {
            row.push(Cell { sort: half, ..Cell::words(interval) });
        }
        row.push(Cell::code(&kpi.name));
        row
    };
    PageTable {
        title: look.say("All KPIs", "全部指标").to_owned(),
        lead: look
            .say(
                "A click on a head sorts. docs/kpis.md says what each one means.",
                "点击表头排序。各指标含义见 docs/kpis.md。",
            )
            .to_owned(),
        columns: columns.collect(),
        rows: view.kpis.iter().map(row).collect(),
    }
}

/// Words for a figure's unit in the language of a look; the figure stays as it is.
pub(crate) fn spoken(text: &str, look: &Look) -> String {
    if look.language == Language::En {
        return text.to_owned();
    }
    if text == "no data" {
        return "无数据".to_owned();
    }
    for (english, chinese) in [(" per order", "/单"), (" per 100 yuan", "/百元"), (" points", " 个百分点")] {
        if let Some(figure) = text.strip_suffix(english) {
            return format!("{figure}{chinese}");
        }
    }
    let known = text.match_indices(' ').map(|(place, _)| (&text[..place], &text[place + 1..]));
    let words = known.map(|(figure, unit)| (figure, unit, unit_in(unit, look.language)));
    words
        .into_iter()
        .find(|(_, unit, words)| unit != words)
        .map_or(text.to_owned(), |(figure, _, words)| format!("{figure} {words}").trim_end().to_owned())
}

/// A KPI's value with its unit; "no data" where there is none.
pub(crate) fn in_unit(value: f64, unit: &str, code: &str, look: &Look) -> String {
    spoken(&in_english(value, unit, code), look)
}

fn in_english(value: f64, unit: &str, code: &str) -> String {
    if !value.is_finite() {
        return "no data".to_owned();
    }
    match unit {
        "share" if (0.01..=0.99).contains(&value) => format!("{}%", number(value * 100.0, 1)),
        "share" => percent(value),
        "count" => count_of(value),
        unit if unit.starts_with("yuan") => {
            let places = if value.abs() >= 1000.0 { 0 } else { 2 };
            let per = unit.trim_start_matches("yuan").replace('/', " per ");
            format!("{}{}{per}", currency(code), number(value, places))
        }
        unit => format!("{} {unit}", number(value, places(value))).trim_end().to_owned(),
    }
}

/// Half of an interval in the KPI's unit, as fine as the KPI itself or finer; shares in points.
pub(crate) fn half_width(half: f64, kpi: &Kpi, code: &str, look: &Look) -> String {
    let english = match kpi.unit.as_str() {
        _ if !half.is_finite() => "no data".to_owned(),
        "share" => format!("{} points", number(half * 100.0, 2)),
        "count" => number(half, if half >= 10.0 { 0 } else { 1 }),
        unit if unit.starts_with("yuan") => {
            format!("{}{}", currency(code), number(half, if half >= 1000.0 { 0 } else { 2 }))
        }
        unit => format!("{} {unit}", number(half, places(kpi.value).max(1))).trim_end().to_owned(),
    };
    spoken(&english, look)
}

fn count_of(value: f64) -> String {
    // Means of counts over replications need not be whole.
    if value.fract() == 0.0 && value >= 0.0 { count(value as usize) } else { number(value, 1) }
}

fn places(value: f64) -> usize {
    if value.abs() >= 100.0 { 0 } else { 1 }
}

/// What the numbers cover and what they do not.
fn notes(view: &RunView<'_>, charts: &[Chart]) -> Vec<String> {
    let mut notes = limits(view.horizon_h, view.warm_up_h, view.provenance.replications, view.look);
    let boxed: Vec<char> = charts.iter().flat_map(|chart| chart.unsupported.iter().copied()).collect();
    if !boxed.is_empty() {
        notes.push(
            view.look
                .say(
                    "Some characters of the labels are in none of the bundled fonts and appear as boxes (□) in the charts.",
                    "标签中有些字符不在内置字体里，图中显示为方框。",
                )
                .to_owned(),
        );
    }
    notes
}

fn origin(view: &RunView<'_>) -> Vec<(&'static str, String)> {
    let p = view.provenance;
    let mut rows = vec![
        (view.look.say("Scenario", "场景"), p.label.clone()),
        (view.look.say("Scenario hash", "场景哈希"), p.scenario_hash.clone()),
        (view.look.say("Seed", "随机种子"), p.seed.to_string()),
        (view.look.say("Replications", "重复运行次数"), p.replications.to_string()),
        (view.look.say("Program", "程序"), format!("nearfar {}", p.version)),
    ];
    if let Some(commit) = &p.commit {
        rows.push((view.look.say("Commit", "提交"), commit.clone()));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{charts, sample::City};

    fn page(city: City) -> String {
        let frames = city.frames();
        let view = frames.view();
        html(&view, &charts(&view).unwrap(), None).unwrap()
    }

    #[test]
    fn the_page_loads_nothing_and_answers_first() {
        let page = page(City { orders: 500, ..City::default() });
        for outside in ["src=\"http", "url(http", "@import", "<script src", "<link", "fetch("] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert_eq!(page.matches("<svg").count(), 14);
        let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is on the page"));
        assert!(place("of near orders on time") < place("<svg"));
        assert!(place("<svg") < place("promise.near_min"));
        assert!(
            place("id=\"platform\"") < place("id=\"brand\"") && place("id=\"logistics\"") < place("id=\"analyst\"")
        );
        assert!(page.contains("single replication") && !page.contains("95% interval, ±"));
        assert!(page.contains("no data"));
    }

    #[test]
    fn what_users_write_is_escaped() {
        let page = page(City { orders: 5, label: "<b>A & B</b>", ..City::default() });
        assert!(!page.contains("<b>A"));
        assert!(page.contains("&lt;b&gt;A &amp; B"));
    }

    #[test]
    fn intervals_stand_beside_the_kpis_when_there_are_replications() {
        let page = page(City { orders: 50, replications: 2, ..City::default() });
        assert!(page.contains("± 0.40 points") && page.contains("± ¥0.03"));
        // The sample's courier utilisation has no data, so no interval either.
        assert!(!page.contains("± 0.00"));
    }

    #[test]
    fn hanzi_bring_their_font_along() {
        let plain = page(City { orders: 5, ..City::default() });
        let hanzi = page(City { orders: 5, label: "近场基线", ..City::default() });
        assert!(!plain.contains("font-family:\"Noto Sans SC\";"));
        assert!(hanzi.contains("font-family:\"Noto Sans SC\";"));
        assert!(plain.len() < 600_000 && hanzi.len() > 1_400_000);
    }

    #[test]
    fn the_page_speaks_chinese_where_it_is_asked_to() {
        let frames = City { orders: 500, ..City::default() }.frames();
        let look = Look { language: Language::Zh, ..Look::default() };
        let view = RunView { look: &look, ..frames.view() };
        let charts = charts(&view).unwrap();
        let page = html(&view, &charts, None).unwrap();
        for words in
            ["lang=\"zh-CN\"", "先看结论", "分析师视角", "全部指标", "font-family:\"Noto Sans SC\";", "近场准时率"]
        {
            assert!(page.contains(words), "{words}");
        }
        for words in ["The answers first", "For the analyst", "Save as CSV", ">Assumptions<"] {
            assert!(!page.contains(words), "{words}");
        }
        assert!(charts.iter().all(|chart| chart.unsupported.is_empty()));
        let said = |text: &str| spoken(text, &look);
        assert_eq!(
            ["¥8.41 per order", "21 min", "+0.5 points", "no data", "17,991"].map(said),
            ["¥8.41/单", "21 分钟", "+0.5 个百分点", "无数据", "17,991"]
        );
    }

    #[test]
    fn values_are_said_in_their_unit() {
        assert_eq!(in_unit(0.294, "share", "CNY", Look::plain()), "29.4%");
        assert_eq!(in_unit(8.406, "yuan", "CNY", Look::plain()), "¥8.41");
        assert_eq!(in_unit(8.406, "yuan/order", "EUR", Look::plain()), "€8.41 per order");
        assert_eq!(in_unit(18_000.0, "count", "CNY", Look::plain()), "18,000");
        assert_eq!(in_unit(18_000.5, "count", "CNY", Look::plain()), "18,000.5");
        assert_eq!(in_unit(f64::NAN, "min", "CNY", Look::plain()), "no data");
        assert_eq!(in_unit(2.44, "", "CNY", Look::plain()), "2.4");
    }
}
