//! Room: cli. The page of a comparison: numbers of the study into the view of the report.

use super::comparison::{Comparison, Side};
use super::kpi_table::{COMPARED, label};
use super::manifest;
use crate::report::wording::{number, percent, signed};
use crate::report::{self, Cell, Chart, CompareView, ComparedKpi, PageTable, Replay, ReplayView, ReportError, Tone};
use crate::study::{Moves, Outcome, Paired, Replication, Tested, Verdict};

/// report.html of a comparison.
pub(super) fn page(comparison: &Comparison<'_>, charts: &[Chart]) -> Result<String, ReportError> {
    let study = comparison.study();
    let (base, whatif) = (&study.base.asked, &comparison.side().asked);
    let kpis: Vec<ComparedKpi> = comparison.rows().iter().map(kpi).collect();
    let mut tables = Vec::new();
    tables.extend(expected(&comparison.tested()));
    tables.extend(comparison.moves().map(moved));
    let replays = both_days(comparison)?;
    let notes: Vec<String> = comparison
        .moves()
        .filter(|moves| moves.others_share > 0.0)
        .map(|moves| {
            let share = percent(moves.others_share);
            format!("{share} of {} are other people in the what-if: moves are by number, not by person.", moves.unit)
        })
        .into_iter()
        .collect();
    let runs = || study.base_runs.iter().chain(comparison.runs());
    let origin = [
        ("Base", format!("{} ({})", base.scenario.label, &base.hash[..8])),
        ("What-if", format!("{} ({})", whatif.scenario.label, &whatif.hash[..8])),
        ("Seed", base.scenario.seed.to_string()),
        ("Pairs of days", comparison.runs().len().to_string()),
        ("Program", format!("nearfar {}", manifest::VERSION)),
        ("Commit", manifest::COMMIT.unwrap_or("not known").to_owned()),
    ];
    let view = CompareView {
        base: &base.scenario.label,
        whatif: &whatif.scenario.label,
        question: &whatif.scenario.question,
        kpis: &kpis,
        changes: comparison.changes(),
        tables: &tables,
        replications: comparison.runs().len() as u32,
        percent: &study.percent(),
        rule: &study.rule(),
        assumptions: &report::assumptions(&whatif.scenario),
        violations: runs().map(|run| run.violations.len()).sum(),
        currency: study.currency(),
        look: &base.look,
        notes: &notes,
        origin: &origin,
    };
    report::compare_page(&view, charts, &replays.iter().collect::<Vec<_>>())
}

fn kpi(row: &Paired) -> ComparedKpi {
    ComparedKpi {
        name: row.name.to_owned(),
        label: label(row.name).to_owned(),
        // The label of a count says what is counted.
        unit: if matches!(row.unit, "orders" | "violations") { "count" } else { row.unit }.to_owned(),
        base: row.base_mean,
        whatif: row.whatif_mean,
        difference: row.difference,
        low: row.low,
        high: row.high,
        verdict: row.verdict.words().to_owned(),
        tone: match row.verdict {
            Verdict::Better => Tone::Good,
            Verdict::Worse => Tone::Bad,
            Verdict::Higher | Verdict::Lower => Tone::Plain,
            Verdict::NotShown | Verdict::NoInterval | Verdict::NoData => Tone::Unclear,
        },
        main: row.in_family || COMPARED.contains(&row.name),
    }
}

/// What the author of the what-if expected, and what came of it.
fn expected(all: &[Tested<'_>]) -> Option<PageTable> {
    let row = |tested: &Tested<'_>| {
        let tone = match tested.outcome {
            Outcome::AsExpected => Tone::Good,
            Outcome::Contrary => Tone::Bad,
            Outcome::NotShown | Outcome::NoInterval => Tone::Unclear,
        };
        vec![
            Cell::words(label(tested.row.name)),
            Cell::words(tested.hypothesis.direction.word()),
            Cell::words(tested.outcome.words()).toned(tone),
            Cell::words(tested.hypothesis.reason.trim().replace('\n', " ")),
        ]
    };
    (!all.is_empty()).then(|| PageTable {
        title: "What was expected beforehand".to_owned(),
        lead: String::new(),
        columns: ["KPI", "Expected", "Outcome", "Because"].map(str::to_owned).to_vec(),
        rows: all.iter().map(row).collect(),
    })
}

/// What became of the same people; classes that occur.
fn moved(moves: &Moves) -> PageTable {
    let columns = ["", moves.unit, "Share", "GMV, difference", "Contribution, difference"].map(str::to_owned);
    let with_half = |value: String, half: f64, places: usize| match half.is_finite() {
        true => format!("{value} ± {}", number(half, places)),
        false => value,
    };
    let happens = |row: &&crate::study::MoveRow| row.count.0 > 0.0;
    let row = |row: &crate::study::MoveRow| {
        let places = usize::from(row.count.0 < 100.0 && row.count.0.fract() != 0.0);
        let money = |(mean, half): (f64, f64)| Cell::number(with_half(signed(mean, 0), half, 0), mean);
        vec![
            Cell::words(row.class.name().replace("_to_", " → ").replace('_', " ")),
            Cell::number(with_half(number(row.count.0, places), row.count.1, places), row.count.0),
            Cell::number(percent(row.share.0), row.share.0),
            money(row.gmv_difference),
            money(row.earned_difference),
        ]
    };
    let mut columns = columns.to_vec();
    columns[0] = "What became of them".to_owned();
    PageTable {
        title: format!("What became of the same {}", moves.unit),
        lead: format!("Of {} a day on either side; ± is half of the interval.", number(moves.all, 0)),
        columns,
        rows: moves.rows.iter().filter(happens).map(row).collect(),
    }
}

/// The first replication of both sides, if their days were kept.
fn both_days(comparison: &Comparison<'_>) -> Result<Vec<Replay>, ReportError> {
    let study = comparison.study();
    let first = [(study.base, study.base_runs), (comparison.side(), comparison.runs())];
    let day = |(side, runs): (&Side, &[Replication])| {
        let run = runs.first()?;
        let (log, frames) = (run.log.as_ref()?, run.frames.as_ref()?);
        let view = ReplayView {
            scenario: &side.asked.scenario,
            city: &side.city,
            log,
            orders: &frames.orders,
            look: &study.base.asked.look,
        };
        Some(report::replay(&view))
    };
    let days: Option<Vec<_>> = first.into_iter().map(day).collect();
    days.unwrap_or_default().into_iter().collect()
}
