//! Room: report. The page of a comparison: what changed and what that does, beyond chance; then as the page of a run.

use super::html::{assumed, audit_words, in_unit, spoken};
use super::measure::inside;
use super::page::{Card, Cell, Page, PageTable, Tone};
use super::replay::{Replay, section};
use super::wording::{currency, decimals, number, signed};
use super::{Assumption, Chart, Look, ReportError};
use crate::scenario::Language;

/// A KPI on both sides, in pairs; what is unknown is not a number.
#[derive(Clone, PartialEq, Debug)]
pub struct ComparedKpi {
    /// Name in compare.csv.
    pub name: String,
    /// Words for a reader.
    pub label: String,
    /// Unit, such as `min`, `yuan/order`, `share`, `count`.
    pub unit: String,
    /// Mean of the base.
    pub base: f64,
    /// Mean of the what-if.
    pub whatif: f64,
    /// Mean of what-if minus base.
    pub difference: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end of its interval.
    pub high: f64,
    /// What chance allows to say, in words.
    pub verdict: String,
    /// The same as a tone.
    pub tone: Tone,
    /// Whether it belongs to the KPIs that are judged together.
    pub main: bool,
}

/// All the page of a comparison is made from.
#[derive(Clone, Copy, Debug)]
pub struct CompareView<'a> {
    /// Label of the base.
    pub base: &'a str,
    /// Label of the what-if.
    pub whatif: &'a str,
    /// The question of the what-if; may be empty.
    pub question: &'a str,
    /// KPIs in the order of the table.
    pub kpis: &'a [ComparedKpi],
    /// Scenario key, value in the base, value in the what-if.
    pub changes: &'a [(String, String, String)],
    /// What was expected and what came of it, who moved, what it buys: each a table of its own.
    pub tables: &'a [PageTable],
    /// Pairs of replications.
    pub replications: u32,
    /// Confidence of the intervals in percent, such as `95`.
    pub percent: &'a str,
    /// How verdicts allow for there being many, such as `Holm over 12 differences`.
    pub rule: &'a str,
    /// Assumptions of the what-if.
    pub assumptions: &'a [Assumption],
    /// Violations of the audit on both sides.
    pub violations: usize,
    /// Currency code.
    pub currency: &'a str,
    /// Further sentences on what the numbers cover.
    pub notes: &'a [String],
    /// Where it comes from: name and value.
    pub origin: &'a [(&'static str, String)],
    /// Language and theme.
    pub look: &'a Look,
}

/// KPIs that answer a comparison first.
const ANSWERS: [&str; 8] = [
    "orders",
    "on_time_share",
    "contribution_margin_per_order",
    "near_share_orders",
    "click_to_door_mean_min",
    "click_to_door_p90_min",
    "cost_per_order",
    "courier_utilisation",
];

/// The page of a comparison as one self-contained HTML file; `replays` are base and what-if, or none.
pub fn compare_page(view: &CompareView<'_>, charts: &[Chart], replays: &[&Replay]) -> Result<String, ReportError> {
    let look = view.look;
    let pairs =
        super::wording::plural(view.replications as usize, "pair of days").replace("pair of dayss", "pairs of days");
    Page {
        kind: look.say("comparison", "对比"),
        title: format!("{} → {}", view.base, view.whatif),
        question: view.question.trim().to_owned(),
        headline: headline(view),
        cards: answers(view).map(|kpi| card(kpi, view)).collect(),
        cards_note: look.say(
            format!(
                "Figures are what-if minus base, means over {pairs} with {}% intervals. Verdicts: {}. Grey: chance alone may do this, which does not show that both are equal.",
                view.percent, view.rule
            ),
            format!(
                "数字为假设方案减基准，{} 对模拟日的均值，附 {}% 置信区间。判定：{}。灰色：可能只是随机波动，并不说明两者相等。",
                view.replications, view.percent, view.rule
            ),
        ) + cards_alone(view),
        first: std::iter::once(changes(view)).chain(view.tables.iter().cloned()).collect(),
        replay: if replays.is_empty() { None } else { Some(section(replays, view.look)?) },
        kpis: kpi_table(view),
        charts,
        notes: notes(view),
        assumptions: assumed(view.assumptions),
        audit: Some(audit_words(view.violations as f64, look)),
        origin: view.origin.to_vec(),
        again: look.say(
            "base.toml and whatif.toml beside this page run again as they are; methods.md says how the numbers were made.",
            "本页旁的 base.toml 与 whatif.toml 可原样再次运行；methods.md 说明数字如何得出。",
        ),
        look: view.look,
        ..Page::default()
    }
    .html()
}

/// The KPIs that answer first, as far as there are any.
fn answers<'a>(view: &CompareView<'a>) -> impl Iterator<Item = &'a ComparedKpi> {
    let kpis = view.kpis;
    ANSWERS.iter().filter_map(move |name| kpis.iter().find(|kpi| kpi.name == *name))
}

/// What grey means for a tile whose verdict does not allow for there being many.
fn cards_alone(view: &CompareView<'_>) -> &'static str {
    match answers(view).all(|kpi| kpi.main) {
        true => "",
        false => view.look.say(
            " \"By itself\": not among the differences judged together, a lead and not a finding.",
            "“单独判定”：不在一并判定的差异之中，只是线索，不是结论。",
        ),
    }
}

/// What is more than chance among the KPIs judged together, the first answers before others; what is not; and the first
/// answers that are judged by themselves, as leads.
fn headline(view: &CompareView<'_>) -> Vec<String> {
    let look = view.look;
    let answer = |kpi: &&ComparedKpi| ANSWERS.contains(&kpi.name.as_str());
    let others = view.kpis.iter().filter(|kpi| kpi.main && !answer(kpi));
    let shown = |kpi: &&ComparedKpi| kpi.tone != Tone::Unclear;
    let change = |kpi: &ComparedKpi| format!("{} {}", inside(&kpi.label), difference(kpi, view.currency, look));
    let clear: Vec<String> = answers(view).filter(|kpi| kpi.main).chain(others).filter(shown).map(change).collect();
    let leads: Vec<String> = answers(view).filter(|kpi| !kpi.main).filter(shown).map(change).collect();
    let unclear: Vec<String> =
        answers(view).filter(|kpi| kpi.tone == Tone::Unclear).map(|kpi| inside(&kpi.label)).collect();
    let mut said = Vec::new();
    said.push(match clear.is_empty() {
        true => look.say("No difference is shown in any of the main KPIs.", "主要指标均未显示差异。").to_owned(),
        false => look
            .say(format!("{}: {}.", view.whatif, clear.join("; ")), format!("{}：{}。", view.whatif, clear.join("；"))),
    });
    if !clear.is_empty() && !unclear.is_empty() {
        said.push(look.say(
            format!("No difference shown: {}.", unclear.join(", ")),
            format!("未显示差异：{}。", unclear.join("、")),
        ));
    }
    if !leads.is_empty() {
        said.push(look.say(
            format!("By itself, a lead and not a finding: {}.", leads.join("; ")),
            format!("单独判定，只是线索，不是结论：{}。", leads.join("；")),
        ));
    }
    said
}

fn card(kpi: &ComparedKpi, view: &CompareView<'_>) -> Card {
    let whole = |value: f64| if kpi.unit == "count" && value.abs() >= 100.0 { value.round() } else { value };
    let level = |value: f64| {
        in_unit(whole(value), &kpi.unit, view.currency, view.look).replace(" per order", "").replace("/单", "")
    };
    let to = view.look.say("to", "至");
    let from_to = format!("{} → {}", level(kpi.base), level(kpi.whatif));
    let interval = match kpi.low.is_finite() {
        true => format!("{} {to} {}\n{from_to}", plain(kpi, kpi.low), plain(kpi, kpi.high)),
        false => from_to,
    };
    // The colours of a verdict are for those that are judged together.
    let (words, tone) = match kpi.main {
        true => (kpi.label.clone(), kpi.tone),
        false => (format!("{}{}", kpi.label, view.look.say(" (by itself)", "（单独判定）")), Tone::Unclear),
    };
    Card { figure: difference(kpi, view.currency, view.look), words, interval, tone }
}

fn places(kpi: &ComparedKpi) -> usize {
    let size = if kpi.unit == "share" { kpi.difference * 100.0 } else { kpi.difference };
    if kpi.unit == "count" && size.abs() >= 10.0 { 0 } else { decimals(size).min(2) }
}

/// A difference or an end of its interval as a bare number; of shares in points.
fn plain(kpi: &ComparedKpi, value: f64) -> String {
    let value = if kpi.unit == "share" { value * 100.0 } else { value };
    signed(value, places(kpi))
}

/// A difference with its sign and unit.
fn difference(kpi: &ComparedKpi, code: &str, look: &Look) -> String {
    if !kpi.difference.is_finite() {
        return spoken("no data", look);
    }
    let english = match kpi.unit.as_str() {
        "share" => format!("{} points", plain(kpi, kpi.difference)),
        "count" => plain(kpi, kpi.difference),
        unit if unit.starts_with("yuan") => {
            let sign = if kpi.difference < 0.0 { "−" } else { "+" };
            format!("{sign}{}{}", currency(code), number(kpi.difference.abs(), places(kpi)))
        }
        unit => format!("{} {unit}", plain(kpi, kpi.difference)),
    };
    spoken(&english, look)
}

fn changes(view: &CompareView<'_>) -> PageTable {
    let look = view.look;
    let row =
        |(key, base, whatif): &(String, String, String)| vec![Cell::code(key), Cell::words(base), Cell::words(whatif)];
    PageTable {
        title: look.say("What changed", "改变了什么").to_owned(),
        lead: match view.changes.is_empty() {
            true => look.say("Nothing: both scenarios are the same.", "没有：两个场景相同。").to_owned(),
            false => String::new(),
        },
        columns: [look.say("Scenario key", "场景参数"), look.say("Base", "基准"), look.say("What-if", "假设")]
            .map(str::to_owned)
            .to_vec(),
        rows: view.changes.iter().map(row).collect(),
    }
}

fn kpi_table(view: &CompareView<'_>) -> PageTable {
    let look = view.look;
    let to = look.say("to", "至");
    let interval = format!("{}% {}", view.percent, look.say("interval", "区间"));
    let columns = [
        look.say("KPI", "指标"),
        look.say("Base", "基准"),
        look.say("What-if", "假设"),
        look.say("Difference", "差异"),
        &interval,
        look.say("Verdict", "判定"),
        look.say("Name in compare.csv", "compare.csv 中的名称"),
    ]
    .map(str::to_owned);
    let row = |kpi: &ComparedKpi| {
        let level = |value: f64| Cell::number(in_unit(value, &kpi.unit, view.currency, view.look), value);
        let interval = match kpi.low.is_finite() {
            true => Cell::number(format!("{} {to} {}", plain(kpi, kpi.low), plain(kpi, kpi.high)), kpi.high - kpi.low),
            false => Cell { sort: Some(f64::NAN), ..Cell::default() },
        };
        let verdict = if kpi.main {
            kpi.verdict.clone()
        } else {
            format!("{} {}", kpi.verdict, look.say("(by itself)", "（单独判定）"))
        };
        vec![
            Cell::words(&kpi.label),
            level(kpi.base),
            level(kpi.whatif),
            Cell::number(difference(kpi, view.currency, view.look), kpi.difference).toned(kpi.tone),
            interval,
            Cell::words(verdict).toned(kpi.tone),
            Cell::code(&kpi.name),
        ]
    };
    PageTable {
        title: look.say("All KPIs", "全部指标").to_owned(),
        lead: look.say(
            format!(
                "A click on a head sorts. Verdicts allow for {}; those \"by itself\" do not: leads, not findings.",
                view.rule
            ),
            format!("点击表头排序。判定已考虑{}；“单独判定”的未作此考虑：只是线索，不是结论。", view.rule),
        ),
        columns: columns.to_vec(),
        rows: view.kpis.iter().map(row).collect(),
    }
}

fn notes(view: &CompareView<'_>) -> Vec<String> {
    if view.look.language == Language::Zh {
        return notes_zh(view);
    }
    let mut notes = vec![
        "Both sides live through the same days: every random quantity has its own stream, so differences are the what-if's.".to_owned(),
        format!("Intervals of {}% are Student's t over the paired differences. They cover chance within the model, not doubt about its assumptions.", view.percent),
        "\"No difference shown\" says that chance alone may do this. It does not show that both are equal.".to_owned(),
        "Every number comes from a model fed with the assumptions below; it is not a forecast of a real city that was not calibrated.".to_owned(),
    ];
    if view.replications < 2 {
        notes.push("A single pair of days gives no intervals; use --replications 10 or more.".to_owned());
    }
    notes.extend(view.notes.iter().cloned());
    notes
}

/// The same in Chinese.
fn notes_zh(view: &CompareView<'_>) -> Vec<String> {
    let mut notes = vec![
        "两侧经历同样的日子：每个随机量都有自己的随机流，因此差异来自假设方案。".to_owned(),
        format!("{}% 区间为成对差异的学生 t 区间，只反映模型内的随机波动，不反映对假设的疑问。", view.percent),
        "“未显示差异”表示可能只是随机波动，并不说明两者相等。".to_owned(),
        "所有数字都来自以下列假设为输入的模型；未经校准时不是对真实城市的预测。".to_owned(),
    ];
    if view.replications < 2 {
        notes.push("只有一对模拟日，没有区间；请用 --replications 10 或更多。".to_owned());
    }
    notes.extend(view.notes.iter().cloned());
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kpi(name: &str, unit: &str, figures: [f64; 5], tone: Tone) -> ComparedKpi {
        let [base, whatif, difference, low, high] = figures;
        let label = crate::metrics::definition(name).map_or(name, |kpi| kpi.label).to_owned();
        let verdict = if tone == Tone::Unclear { "no difference shown" } else { "better" }.to_owned();
        ComparedKpi {
            name: name.into(),
            label,
            unit: unit.into(),
            base,
            whatif,
            difference,
            low,
            high,
            verdict,
            tone,
            main: true,
        }
    }

    fn page(kpis: &[ComparedKpi]) -> String {
        let changes = [("couriers.count".to_owned(), "170".to_owned(), "<b>220</b>".to_owned())];
        let view = CompareView {
            look: Look::plain(),
            base: "Baseline",
            whatif: "More couriers",
            question: "Is it worth it?",
            kpis,
            changes: &changes,
            tables: &[],
            replications: 10,
            percent: "95",
            rule: "Holm over 12 differences",
            assumptions: &[],
            violations: 0,
            currency: "CNY",
            notes: &[],
            origin: &[("Seed", "7".to_owned())],
        };
        compare_page(&view, &[], &[]).unwrap()
    }

    #[test]
    fn the_page_says_what_is_more_than_chance_and_what_is_not() {
        let page = page(&[
            kpi("on_time_share", "share", [0.90, 0.95, 0.05, 0.04, 0.06], Tone::Good),
            kpi("cost_per_order", "yuan/order", [9.0, 9.1, 0.1, -0.1, 0.3], Tone::Unclear),
        ]);
        assert!(page.contains("More couriers: near orders on time +5.00 points."), "{page}");
        assert!(page.contains("No difference shown: cost per order."));
        assert!(page.contains("&lt;b&gt;220") && !page.contains("<b>220"));
        assert!(page.contains("90.0% → 95.0%") && page.contains("Holm over 12 differences"));
        assert!(page.find("What changed").unwrap() < page.find("All KPIs</h3>").unwrap());
    }

    #[test]
    fn a_kpi_judged_by_itself_is_a_lead_and_no_finding() {
        let mut margin = kpi("contribution_margin_per_order", "yuan/order", [5.0, 4.4, -0.6, -0.9, -0.3], Tone::Bad);
        margin.main = false;
        let orders = kpi("orders", "count", [100.0, 110.0, 10.0, 8.0, 12.0], Tone::Plain);
        let both = page(&[orders, margin.clone()]);
        assert!(both.contains("More couriers: orders placed +10."), "{both}");
        assert!(both.contains("By itself, a lead and not a finding: contribution margin per order −¥0.60."), "{both}");
        assert!(both.contains("Contribution margin per order (by itself)") && both.contains("judged together"));
        let alone = page(&[margin]);
        assert!(alone.contains("No difference is shown in any of the main KPIs."), "{alone}");
        assert!(!page(&[]).contains("judged together"));
    }

    #[test]
    fn labels_inside_sentences_keep_their_abbreviations() {
        assert_eq!(["Click-to-door, P90", "CO2e per order"].map(inside), ["P90 click-to-door", "CO2e per order"]);
    }

    #[test]
    fn nothing_shown_is_said_as_such() {
        let page = page(&[kpi("orders", "count", [100.0, 101.0, 1.0, -3.0, 5.0], Tone::Unclear)]);
        assert!(page.contains("No difference is shown in any of the main KPIs."));
    }
}
