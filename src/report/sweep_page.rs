//! Room: report. The page of a sweep: what was found, its charts, every point; then as the page of a run.

use super::html::assumed;
use super::page::{Card, Page, PageTable};
use super::{Assumption, Chart, Look, ReportError};

/// All the page of a sweep is made from.
#[derive(Clone, Copy, Debug)]
pub struct SweepView<'a> {
    /// Name of the sweep.
    pub title: &'a str,
    /// What it asks; may be empty.
    pub question: &'a str,
    /// What was found, a sentence each: knee, best point, which inputs matter.
    pub findings: &'a [String],
    /// Figures that answer first, such as the best point with its KPIs.
    pub cards: &'a [Card],
    /// Which factors were varied, and over what.
    pub factors: &'a PageTable,
    /// Tables that belong to the answers: what is enough, what is best.
    pub first: &'a [PageTable],
    /// A row a KPI, its name in files last: readers find theirs in it.
    pub kpis: &'a PageTable,
    /// Further tables: every point, effects, rankings.
    pub tables: &'a [PageTable],
    /// What the numbers and intervals cover, a sentence each.
    pub notes: &'a [String],
    /// Assumptions of the scenario that was varied.
    pub assumptions: &'a [Assumption],
    /// What the audit says, and whether all is well; None if nobody asked.
    pub audit: Option<(&'a str, bool)>,
    /// Where it comes from: name and value.
    pub origin: &'a [(&'static str, String)],
    /// Language and theme.
    pub look: &'a Look,
}

/// The page of a sweep as one self-contained HTML file.
pub fn sweep_page(view: &SweepView<'_>, charts: &[Chart]) -> Result<String, ReportError> {
    Page {
        kind: view.look.say("sweep", "扫描"),
        title: view.title.to_owned(),
        question: view.question.trim().to_owned(),
        headline: view.findings.to_vec(),
        cards: view.cards.to_vec(),
        first: std::iter::once(view.factors).chain(view.first).cloned().collect(),
        kpis: view.kpis.clone(),
        charts,
        more: view.tables.to_vec(),
        notes: view.notes.to_vec(),
        assumptions: assumed(view.assumptions),
        audit: view.audit.map(|(words, fine)| (words.to_owned(), fine)),
        origin: view.origin.to_vec(),
        again: view.look.say(
            "The plan folder beside this page simulates any of its runs again: nearfar run --from FOLDER --run-id p12-r3.",
            "本页旁的计划文件夹可再次模拟其中任一次运行：nearfar run --from FOLDER --run-id p12-r3。",
        ),
        look: view.look,
        ..Page::default()
    }
    .html()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Cell;

    #[test]
    fn a_sweep_tells_findings_factors_and_every_point() {
        let table = |title: &str, rows: &[(&str, f64)]| PageTable {
            title: title.to_owned(),
            columns: vec!["Couriers".to_owned(), "On time".to_owned()],
            rows: rows
                .iter()
                .map(|(name, value)| vec![Cell::words(*name), Cell::number(format!("{value}%"), *value)])
                .collect(),
            ..PageTable::default()
        };
        let (factors, points) = (table("Factors", &[]), table("Points", &[("100", 80.5), ("200", 97.0)]));
        let kpis = PageTable {
            title: "All KPIs".to_owned(),
            columns: ["KPI", "Lowest", "Name"].map(str::to_owned).to_vec(),
            rows: vec![vec![Cell::words("Stock-outs"), Cell::number("4%", 0.04), Cell::code("stock_out_rate")]],
            ..PageTable::default()
        };
        let findings = ["Past 180 couriers the gain is inside the noise.".to_owned()];
        let view = SweepView {
            look: Look::plain(),
            title: "Fleet",
            question: "How many couriers?",
            findings: &findings,
            cards: &[],
            factors: &factors,
            first: &[],
            kpis: &kpis,
            tables: &[points],
            notes: &[],
            assumptions: &[],
            audit: Some(("Audited: 0 violations in 20 runs.", true)),
            origin: &[],
        };
        let page = sweep_page(&view, &[]).unwrap();
        let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is on the page"));
        assert!(place("inside the noise") < place("Factors</h2>") && place("Factors</h2>") < place("Points</h3>"));
        assert!(page.contains("data-sort=\"80.5\"") && page.contains("0 violations in 20 runs"));
        assert!(page.contains("<th scope=\"col\" class=\"number\"><button type=\"button\">On time"));
        assert!(place("id=\"brand\"") < place("id=\"analyst\""), "brands find their KPI");
        assert!(!page.contains("id=\"logistics\""), "a reader without KPIs and charts has no section");
    }
}
