//! Room: report. The page of a comparison: what changed and what that does, beyond chance; then as the page of a run.

use super::html::{assumed, audit_words, in_unit};
use super::page::{Card, Cell, Page, PageTable, Tone};
use super::replay::{Replay, section};
use super::wording::{currency, decimals, number, signed};
use super::{Assumption, Chart, Look, ReportError};

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
    Page {
        kind: "comparison",
        title: format!("{} → {}", view.base, view.whatif),
        question: view.question.trim().to_owned(),
        headline: headline(view),
        cards: ANSWERS.iter().filter_map(|name| view.kpis.iter().find(|kpi| kpi.name == *name)).map(|kpi| card(kpi, view)).collect(),
        cards_note: format!(
            "Figures are what-if minus base, means over {} with {}% intervals. Verdicts: {}. Grey: chance alone may do this, which does not show that both are equal.",
            super::wording::plural(view.replications as usize, "pair of days").replace("pair of dayss", "pairs of days"),
            view.percent,
            view.rule
        ),
        first: std::iter::once(changes(view)).chain(view.tables.iter().cloned()).collect(),
        replay: if replays.is_empty() { None } else { Some(section(replays, view.look)?) },
        kpis: kpi_table(view),
        charts,
        notes: notes(view),
        assumptions: assumed(view.assumptions),
        audit: Some(audit_words(view.violations as f64)),
        origin: view.origin.to_vec(),
        again: "base.toml and whatif.toml beside this page run again as they are; methods.md says how the numbers were made.",
        look: view.look,
        ..Page::default()
    }
    .html()
}

/// What is more than chance among the first answers, in a sentence; and what is not.
fn headline(view: &CompareView<'_>) -> Vec<String> {
    let answer = |kpi: &&ComparedKpi| ANSWERS.contains(&kpi.name.as_str());
    let first = || ANSWERS.iter().filter_map(|name| view.kpis.iter().find(|kpi| kpi.name == *name));
    let others = view.kpis.iter().filter(|kpi| kpi.main && !answer(kpi));
    let clear: Vec<String> = first()
        .chain(others)
        .filter(|kpi| kpi.tone != Tone::Unclear)
        .map(|kpi| format!("{} {}", lowered(&kpi.label), difference(kpi, view.currency)))
        .collect();
    let unclear: Vec<String> = first().filter(|kpi| kpi.tone == Tone::Unclear).map(|kpi| lowered(&kpi.label)).collect();
    let mut said = Vec::new();
    said.push(match clear.is_empty() {
        true => "No difference is shown in any of the main KPIs.".to_owned(),
        false => format!("{}: {}.", view.whatif, clear.join("; ")),
    });
    if !clear.is_empty() && !unclear.is_empty() {
        said.push(format!("No difference shown: {}.", unclear.join(", ")));
    }
    said
}

/// A label inside a sentence; abbreviations stay as they are.
fn lowered(label: &str) -> String {
    let mut rest = label.chars();
    match (rest.next(), rest.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(rest).collect(),
        _ => label.to_owned(),
    }
}

fn card(kpi: &ComparedKpi, view: &CompareView<'_>) -> Card {
    let whole = |value: f64| if kpi.unit == "count" && value.abs() >= 100.0 { value.round() } else { value };
    let level = |value: f64| in_unit(whole(value), &kpi.unit, view.currency).replace(" per order", "");
    let from_to = format!("{} → {}", level(kpi.base), level(kpi.whatif));
    let interval = match kpi.low.is_finite() {
        true => format!("{} to {}\n{from_to}", plain(kpi, kpi.low), plain(kpi, kpi.high)),
        false => from_to,
    };
    Card { figure: difference(kpi, view.currency), words: kpi.label.clone(), interval, tone: kpi.tone }
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
fn difference(kpi: &ComparedKpi, code: &str) -> String {
    if !kpi.difference.is_finite() {
        return "no data".to_owned();
    }
    match kpi.unit.as_str() {
        "share" => format!("{} points", plain(kpi, kpi.difference)),
        "count" => plain(kpi, kpi.difference),
        unit if unit.starts_with("yuan") => {
            let sign = if kpi.difference < 0.0 { "−" } else { "+" };
            format!("{sign}{}{}", currency(code), number(kpi.difference.abs(), places(kpi)))
        }
        unit => format!("{} {unit}", plain(kpi, kpi.difference)),
    }
}

fn changes(view: &CompareView<'_>) -> PageTable {
    let row =
        |(key, base, whatif): &(String, String, String)| vec![Cell::code(key), Cell::words(base), Cell::words(whatif)];
    PageTable {
        title: "What changed".to_owned(),
        lead: if view.changes.is_empty() { "Nothing: both scenarios are the same.".to_owned() } else { String::new() },
        columns: ["Scenario key", "Base", "What-if"].map(str::to_owned).to_vec(),
        rows: view.changes.iter().map(row).collect(),
    }
}

fn kpi_table(view: &CompareView<'_>) -> PageTable {
    let interval = format!("{}% interval", view.percent);
    let columns =
        ["KPI", "Base", "What-if", "Difference", &interval, "Verdict", "Name in compare.csv"].map(str::to_owned);
    let row = |kpi: &ComparedKpi| {
        let level = |value: f64| Cell::number(in_unit(value, &kpi.unit, view.currency), value);
        let interval = match kpi.low.is_finite() {
            true => Cell::number(format!("{} to {}", plain(kpi, kpi.low), plain(kpi, kpi.high)), kpi.high - kpi.low),
            false => Cell { sort: Some(f64::NAN), ..Cell::default() },
        };
        let verdict = if kpi.main { kpi.verdict.clone() } else { format!("{} (by itself)", kpi.verdict) };
        vec![
            Cell::words(&kpi.label),
            level(kpi.base),
            level(kpi.whatif),
            Cell::number(difference(kpi, view.currency), kpi.difference).toned(kpi.tone),
            interval,
            Cell::words(verdict).toned(kpi.tone),
            Cell::code(&kpi.name),
        ]
    };
    PageTable {
        title: "All KPIs".to_owned(),
        lead: format!(
            "A click on a head sorts. Verdicts allow for {}; those \"by itself\" do not: leads, not findings.",
            view.rule
        ),
        columns: columns.to_vec(),
        rows: view.kpis.iter().map(row).collect(),
    }
}

fn notes(view: &CompareView<'_>) -> Vec<String> {
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
    fn labels_inside_sentences_keep_their_abbreviations() {
        assert_eq!(["Click-to-door, P90", "CO2e per order"].map(lowered), ["click-to-door, P90", "CO2e per order"]);
    }

    #[test]
    fn nothing_shown_is_said_as_such() {
        let page = page(&[kpi("orders", "count", [100.0, 101.0, 1.0, -3.0, 5.0], Tone::Unclear)]);
        assert!(page.contains("No difference is shown in any of the main KPIs."));
    }
}
