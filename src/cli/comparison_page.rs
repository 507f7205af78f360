//! Room: cli. The page of a comparison: numbers of the study into the view of the report.

use super::comparison::{Comparison, Side};
use super::kpi_table::COMPARED;
use super::manifest;
use crate::metrics::label_in;
use crate::report::wording::{number, percent, signed};
use crate::report::{
    self, Cell, Chart, CompareView, ComparedKpi, Look, PageTable, Replay, ReplayView, ReportError, Tone,
};
use crate::scenario::Language;
use crate::study::{Move, Moves, Outcome, Paired, Replication, Tested, Verdict};

/// report.html of a comparison.
pub(super) fn page(comparison: &Comparison<'_>, charts: &[Chart]) -> Result<String, ReportError> {
    let study = comparison.study();
    let (base, whatif) = (&study.base.asked, &comparison.side().asked);
    let kpis: Vec<ComparedKpi> = comparison.rows().iter().map(|row| kpi(row, &base.look)).collect();
    let mut tables = Vec::new();
    tables.extend(expected(&comparison.tested(), &base.look));
    tables.extend(comparison.moves().map(|moves| moved(moves, &base.look)));
    let replays = both_days(comparison)?;
    let notes: Vec<String> = comparison
        .moves()
        .filter(|moves| moves.others_share > 0.0)
        .map(|moves| {
            let share = percent(moves.others_share);
            base.look.say(
                format!(
                    "{share} of {} are other people in the what-if: moves are by number, not by person.",
                    moves.unit
                ),
                format!("{share} 的编号在假设方案中是另外的人：去向按编号而非按人对应。"),
            )
        })
        .into_iter()
        .collect();
    let runs = || study.base_runs.iter().chain(comparison.runs());
    let origin = [
        (base.look.say("Base", "基准"), format!("{} ({})", base.scenario.label, &base.hash[..8])),
        (base.look.say("What-if", "假设"), format!("{} ({})", whatif.scenario.label, &whatif.hash[..8])),
        (base.look.say("Seed", "随机种子"), base.scenario.seed.to_string()),
        (base.look.say("Pairs of days", "模拟日对数"), comparison.runs().len().to_string()),
        (base.look.say("Program", "程序"), format!("nearfar {}", manifest::VERSION)),
        (base.look.say("Commit", "提交"), manifest::COMMIT.unwrap_or("not known").to_owned()),
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
        rule: &study.drawn_rule(),
        assumptions: &report::assumptions(&whatif.scenario),
        violations: runs().map(|run| run.violations.len()).sum(),
        currency: study.currency(),
        look: &base.look,
        notes: &notes,
        origin: &origin,
    };
    report::compare_page(&view, charts, &replays.iter().collect::<Vec<_>>())
}

fn kpi(row: &Paired, look: &Look) -> ComparedKpi {
    ComparedKpi {
        name: row.name.to_owned(),
        label: label_in(row.name, look.language).to_owned(),
        // The label of a count says what is counted.
        unit: if matches!(row.unit, "orders" | "violations") { "count" } else { row.unit }.to_owned(),
        base: row.base_mean,
        whatif: row.whatif_mean,
        difference: row.difference,
        low: row.low,
        high: row.high,
        verdict: verdict(row.verdict, look).to_owned(),
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
fn expected(all: &[Tested<'_>], look: &Look) -> Option<PageTable> {
    let row = |tested: &Tested<'_>| {
        let tone = match tested.outcome {
            Outcome::AsExpected => Tone::Good,
            Outcome::Contrary => Tone::Bad,
            Outcome::NotShown | Outcome::NoInterval => Tone::Unclear,
        };
        vec![
            Cell::words(label_in(tested.row.name, look.language)),
            Cell::words(match tested.hypothesis.direction.word() {
                "up" => look.say("up", "上升"),
                "down" => look.say("down", "下降"),
                other => other,
            }),
            Cell::words(match tested.outcome {
                Outcome::AsExpected => look.say("as expected", "符合预期"),
                Outcome::Contrary => look.say("contrary", "与预期相反"),
                Outcome::NotShown | Outcome::NoInterval => look.say(tested.outcome.words(), "未显示差异"),
            })
            .toned(tone),
            Cell::words(tested.hypothesis.reason.trim().replace('\n', " ")),
        ]
    };
    (!all.is_empty()).then(|| PageTable {
        title: look.say("What was expected beforehand", "事先的预期").to_owned(),
        lead: String::new(),
        columns: [
            look.say("KPI", "指标"),
            look.say("Expected", "预期"),
            look.say("Outcome", "结果"),
            look.say("Because", "理由"),
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: all.iter().map(row).collect(),
    })
}

/// What became of the same people; classes that occur.
fn moved(moves: &Moves, look: &Look) -> PageTable {
    let unit = look.say(moves.unit, if moves.unit == "sessions" { "访问" } else { "订单" });
    let columns = [
        look.say("What became of them", "去向"),
        unit,
        look.say("Share", "占比"),
        look.say("GMV, difference", "成交额差异"),
        look.say("Contribution, difference", "边际贡献差异"),
    ]
    .map(str::to_owned);
    let with_half = |value: String, half: f64, places: usize| match half.is_finite() {
        true => format!("{value} ± {}", number(half, places)),
        false => value,
    };
    let happens = |row: &&crate::study::MoveRow| row.count.0 > 0.0;
    let row = |row: &crate::study::MoveRow| {
        let places = usize::from(row.count.0 < 100.0 && row.count.0.fract() != 0.0);
        let money = |(mean, half): (f64, f64)| Cell::number(with_half(signed(mean, 0), half, 0), mean);
        vec![
            Cell::words(class_words(&row.class.name(), look)),
            Cell::number(with_half(number(row.count.0, places), row.count.1, places), row.count.0),
            Cell::number(percent(row.share.0), row.share.0),
            money(row.gmv_difference),
            money(row.earned_difference),
        ]
    };
    PageTable {
        title: look.say(format!("What became of the same {}", moves.unit), format!("同一批{unit}的去向")),
        lead: look.say(
            format!("Of {} a day on either side; ± is half of the interval.", number(moves.all, 0)),
            format!("两侧每天各 {}；± 为区间的一半。", number(moves.all, 0)),
        ) + rescued(moves, look),
        columns: columns.to_vec(),
        rows: moves.rows.iter().filter(happens).map(row).collect(),
    }
}

/// Why fewer move from channel to channel here than in the chart of the same moves; nothing where nobody was rescued.
fn rescued(moves: &Moves, look: &Look) -> &'static str {
    match moves.rows.iter().any(|row| row.class == Move::RescuedFromStockOut && row.count.0 > 0.0) {
        false => "",
        true => look.say(
            " Whoever had no store in stock in the base and is served now counts as rescued from stock-out, not as moved or \
             incremental; the chart of the moves counts them by channel.",
            "基准中因附近门店缺货受阻、现在得到服务的，算作从缺货中挽回，不算转移或新增；去向图则按渠道计入。",
        ),
    }
}

/// The verdict on a difference in the language of the page.
fn verdict(verdict: Verdict, look: &Look) -> &'static str {
    let chinese = match verdict {
        Verdict::Better => "改善",
        Verdict::Worse => "变差",
        Verdict::Higher => "更高",
        Verdict::Lower => "更低",
        Verdict::NotShown => "未显示差异",
        Verdict::NoInterval => "无区间",
        Verdict::NoData => "无数据",
    };
    look.say(verdict.words(), chinese)
}

/// A class of moves in words.
fn class_words(name: &str, look: &Look) -> String {
    let words = name.replace("_to_", " → ").replace('_', " ");
    match (look.language, name) {
        (Language::En, _) => words,
        (Language::Zh, "unchanged") => "不变".to_owned(),
        (Language::Zh, "incremental") => "新增".to_owned(),
        (Language::Zh, "lost") => "流失".to_owned(),
        (Language::Zh, "rescued_from_stock_out") => "从缺货中挽回".to_owned(),
        (Language::Zh, "only_in_base") => "只在基准中".to_owned(),
        (Language::Zh, "only_in_whatif") => "只在假设方案中".to_owned(),
        (Language::Zh, _) => [("moved ", ""), ("near", "近场"), ("far", "远场"), ("pickup", "到店自提")]
            .iter()
            .fold(words, |text, (english, chinese)| text.replace(english, chinese)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::MoveRow;

    #[test]
    fn the_table_of_moves_says_where_those_rescued_from_a_stock_out_stand() {
        let row = |class, count| MoveRow {
            class,
            count,
            share: (0.1, 0.0),
            gmv_base: 0.0,
            gmv_whatif: 0.0,
            gmv_difference: (0.0, 0.0),
            earned_difference: (0.0, 0.0),
        };
        let lead = |rescued: f64| {
            let rows =
                vec![row(Move::Moved { from: 1, to: 0 }, (10.2, 3.9)), row(Move::RescuedFromStockOut, (rescued, 1.0))];
            let moves = Moves { unit: "sessions", all: 1000.0, others_share: 0.0, rows, flows: Vec::new() };
            moved(&moves, Look::plain()).lead
        };
        assert!(lead(227.0).contains("counts as rescued from stock-out, not as moved"), "{}", lead(227.0));
        assert!(!lead(0.0).contains("rescued"), "{}", lead(0.0));
    }
}
