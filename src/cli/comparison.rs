//! Room: cli. One what-if against its base: its files, its text for a person and its JSON for a program.

use super::Failure;
use super::decided;
use super::kpi_table::{COMPARED, hypotheses_table, in_currency, paired_table, unit_of};
use super::manifest::{self, object};
use super::moves_table::{moves_json, moves_table};
use super::options::Asked;
use super::screen::Screen;
use super::{comparison_charts, comparison_page};
use crate::city::City;
use crate::metrics::label_in;
use crate::metrics::{KPIS, Kpi};
use crate::report::wording::percent;
use crate::report::{self, Chart, Delta, DeltaView, Interval};
use crate::results::{Committed, OutputFolder};
use crate::scenario::{Hypothesis, Language, differences, to_toml};
use crate::study::{
    self, Correction, Judging, MethodsOf, MethodsSide, Moves, Paired, Replication, Runs, Stopping, Tested, Verdict,
    tested,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// One scenario of a comparison.
pub(super) struct Side {
    pub(super) asked: Asked,
    pub(super) city: Arc<City>,
    /// The seed of its file, where the base's takes its place.
    pub(super) own_seed: Option<u64>,
}

impl Side {
    /// What its author expects of it.
    pub(super) fn expects(&self) -> &[Hypothesis] {
        &self.asked.scenario.hypothesis.0
    }
}

/// What all what-ifs of one call share.
pub(super) struct Study<'a> {
    pub(super) base: &'a Side,
    pub(super) base_runs: &'a [Replication],
    pub(super) judging: &'a Judging,
    /// Differences corrected together.
    pub(super) family: usize,
    /// How many what-ifs there are.
    pub(super) whatifs: usize,
    /// The rounds of `--until`.
    pub(super) stopping: Option<Stopping>,
}

impl Study<'_> {
    /// The currency of the base; the what-ifs' numbers stand in it too.
    pub(super) fn currency(&self) -> &str {
        &self.base.asked.scenario.report.currency
    }

    /// The correction and the size of the family, for the head of a table.
    pub(super) fn rule(&self) -> String {
        match self.judging.correction {
            Correction::None => format!("no correction for {} differences", self.family),
            correction => format!("{} over {} differences", correction.name(), self.family),
        }
    }

    /// The same in the language of charts and page.
    pub(super) fn drawn_rule(&self) -> String {
        let count = self.family;
        match (self.base.asked.look.language, self.judging.correction) {
            (Language::En, _) => self.rule(),
            (Language::Zh, Correction::None) => format!("{count} 项差异未作校正"),
            (Language::Zh, correction) => format!("{} 校正，共 {count} 项差异", correction.name()),
        }
    }

    /// The same for charts, which draw intervals beside verdicts: only Bonferroni's hold together as the verdicts do.
    pub(super) fn chart_rule(&self) -> String {
        let rule = self.drawn_rule();
        let look = &self.base.asked.look;
        match self.judging.correction {
            Correction::None => rule,
            Correction::Bonferroni => look.say(format!("{rule}, intervals too"), format!("{rule}，区间同样校正")),
            Correction::Holm => {
                look.say(format!("{rule}, intervals each by itself"), format!("{rule}，区间各自单独计算"))
            }
        }
    }

    /// `95`, of the confidence.
    pub(super) fn percent(&self) -> String {
        ((self.judging.confidence * 1e6).round() / 1e4).to_string()
    }

    /// How verdicts were reached, for a program.
    pub(super) fn facts(&self) -> Map<String, Value> {
        let until = self.judging.wanted.iter().map(|wanted| match wanted.half_width {
            study::HalfWidth::OfBase(share) => json!({ "kpi": wanted.metric, "share_of_base_mean": share }),
            study::HalfWidth::Absolute(value) => json!({ "kpi": wanted.metric, "half_width": value }),
        });
        let stopping = self.stopping.map(|rule| {
            json!({ "until": until.collect::<Vec<_>>(), "reached": rule.reached, "max_replications": rule.most })
        });
        object(json!({
            "confidence": self.judging.confidence,
            "correction": self.judging.correction.name().to_lowercase(),
            "family": self.family,
            "stopping": stopping,
        }))
    }
}

/// A what-if set against the base.
pub(super) struct Comparison<'a> {
    study: &'a Study<'a>,
    whatif: &'a Side,
    runs: &'a [Replication],
    changes: Vec<(String, String, String)>,
    rows: Vec<Paired>,
    /// None if one side's arrivals are sessions and the other's are orders.
    moves: Option<Moves>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(
        study: &'a Study<'a>,
        whatif: &'a Side,
        runs: &'a [Replication],
        moves: Option<Moves>,
        rows: Vec<Paired>,
    ) -> Self {
        let changes = differences(&study.base.asked.scenario, &whatif.asked.scenario);
        Comparison { study, whatif, runs, changes, rows, moves }
    }

    /// The name of the what-if.
    pub(super) fn name(&self) -> &str {
        &self.whatif.asked.scenario.name
    }

    /// Every KPI, in table order.
    pub(super) fn rows(&self) -> &[Paired] {
        &self.rows
    }

    /// What all what-ifs of the call share.
    pub(super) fn study(&self) -> &'a Study<'a> {
        self.study
    }

    /// The what-if.
    pub(super) fn side(&self) -> &'a Side {
        self.whatif
    }

    /// The replications of the what-if.
    pub(super) fn runs(&self) -> &'a [Replication] {
        self.runs
    }

    /// Scenario keys that differ: key, base, what-if.
    pub(super) fn changes(&self) -> &[(String, String, String)] {
        &self.changes
    }

    /// What became of the same people, if they can be followed.
    pub(super) fn moves(&self) -> Option<&Moves> {
        self.moves.as_ref()
    }

    /// What was expected of the what-if, and what came of it.
    pub(super) fn tested(&self) -> Vec<Tested<'_>> {
        tested(self.whatif.expects(), &self.rows)
    }

    /// Where the charts come from.
    fn source(&self) -> String {
        let (base, whatif) = (&self.study.base.asked, &self.whatif.asked);
        format!(
            "nearfar {} · scenarios {} and {} · seed {}",
            manifest::VERSION,
            &base.hash[..8],
            &whatif.hash[..8],
            base.scenario.seed
        )
    }

    /// Differences, both sides of each KPI, what became of the same people, and where.
    fn charts(&self) -> Result<Vec<Chart>, Failure> {
        let (source, percent, rule) = (self.source(), self.study.percent(), self.study.chart_rule());
        let labels = [&self.study.base.asked, &self.whatif.asked].map(|asked| asked.scenario.label.as_str());
        let sides = comparison_charts::Sides {
            base: labels[0],
            whatif: labels[1],
            source: &source,
            replications: self.runs.len() as u32,
            percent: &percent,
            rule: &rule,
            look: &self.study.base.asked.look,
        };
        let shown = COMPARED.iter().filter(|name| self.delta(name).is_some());
        let rows: Vec<&Paired> = shown.filter_map(|name| self.rows.iter().find(|row| row.name == *name)).collect();
        let moves = self.moves.iter().map(|moves| comparison_charts::moves(moves, &sides));
        let mut charts = vec![self.chart(), comparison_charts::dumbbell(&rows, self.study.currency(), &sides)];
        charts.extend(moves);
        let day = |runs: &'a [Replication]| runs.first()?.frames.as_ref();
        if let (Some(base), Some(whatif)) = (day(self.study.base_runs), day(self.runs)) {
            charts.push(comparison_charts::maps(self.study.base, [base, whatif], &sides)?);
        }
        Ok(charts)
    }

    fn chart(&self) -> Chart {
        let (base, whatif) = (&self.study.base.asked, &self.whatif.asked);
        let rows: Vec<Delta> = COMPARED.iter().filter_map(|name| self.delta(name)).collect();
        let source = self.source();
        report::delta_chart(&DeltaView {
            rows: &rows,
            base: &base.scenario.label,
            whatif: &whatif.scenario.label,
            source: &source,
            replications: self.runs.len() as u32,
            percent: &self.study.percent(),
            rule: &self.study.chart_rule(),
            look: &base.look,
        })
    }

    fn delta(&self, name: &str) -> Option<Delta> {
        // What does not happen on either side needs no row.
        let happens = |row: &&Paired| row.base_mean != 0.0 || row.whatif_mean != 0.0;
        let row = self.rows.iter().find(|row| row.name == name).filter(happens)?;
        let (currency, language) = (self.study.currency(), self.study.base.asked.look.language);
        Some(Delta {
            label: label_in(name, language).to_owned(),
            unit: unit_of(row.unit, currency, language),
            base_mean: row.base_mean,
            whatif_mean: row.whatif_mean,
            diff: row.difference,
            lo: row.low,
            hi: row.high,
            relative: Interval { mean: row.relative[0], lo: row.relative[1], hi: row.relative[2] },
            clear: !matches!(row.verdict, Verdict::NotShown | Verdict::NoInterval | Verdict::NoData),
        })
    }

    pub(super) fn files(&self) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let base = &self.study.base.asked;
        let (base_kpis, kpis) = (kpis(self.study.base_runs), kpis(self.runs));
        let runs = [
            Runs { side: "base", scenario: &base.scenario.name, seed: base.scenario.seed, kpis: &base_kpis },
            Runs { side: "whatif", scenario: self.name(), seed: base.scenario.seed, kpis: &kpis },
        ];
        let (about_rows, about_runs) = (self.metadata("compare", false), self.metadata("replications", true));
        let mut files = vec![
            ("compare.csv".to_owned(), study::paired_csv(&self.rows).into_bytes()),
            ("compare.parquet".to_owned(), study::paired_parquet(&self.rows, &about_rows)?),
            ("replications.csv".to_owned(), study::runs_csv(&runs).into_bytes()),
            ("replications.parquet".to_owned(), study::runs_parquet(&runs, &about_runs)?),
            ("methods.md".to_owned(), self.methods().into_bytes()),
            ("changes.csv".to_owned(), changes_csv(&self.changes).into_bytes()),
            ("base.toml".to_owned(), to_toml(&base.scenario).into_bytes()),
            ("whatif.toml".to_owned(), to_toml(&self.whatif.asked.scenario).into_bytes()),
        ];
        if !self.whatif.expects().is_empty() {
            files.push(("hypotheses.csv".to_owned(), study::tested_csv(&self.tested()).into_bytes()));
        }
        let sides = [("base", self.study.base, self.study.base_runs), ("whatif", self.whatif, self.runs)];
        let exchanges = self.exchanges();
        if !exchanges.is_empty() {
            files.push(("exchange.csv".to_owned(), study::exchanges_csv(&exchanges).into_bytes()));
        }
        for (name, side, runs) in sides {
            files.extend(decided::file(&format!("{name}-"), &side.asked.scenario, runs));
        }
        if let Some(moves) = &self.moves {
            files.push(("session_moves.csv".to_owned(), moves.csv().into_bytes()));
            files.push(("session_moves.parquet".to_owned(), moves.parquet()?));
        }
        let charts = self.charts()?;
        files.extend(report::chart_files(&charts)?);
        files.push(("report.html".to_owned(), comparison_page::page(self, &charts)?.into_bytes()));
        Ok(files)
    }

    /// What a Parquet file says about itself: where it comes from, and the units of its KPIs.
    fn metadata(&self, table: &str, one_column_each: bool) -> Vec<(&'static str, String)> {
        let base = &self.study.base.asked;
        let mut about = vec![
            ("nearfar.table", table.to_owned()),
            ("nearfar.version", manifest::VERSION.to_owned()),
            ("nearfar.commit", manifest::COMMIT.unwrap_or("unknown").to_owned()),
            ("nearfar.base", base.scenario.name.clone()),
            ("nearfar.base_hash", base.hash.clone()),
            ("nearfar.whatif", self.name().to_owned()),
            ("nearfar.whatif_hash", self.whatif.asked.hash.clone()),
            ("nearfar.seed", base.scenario.seed.to_string()),
            ("nearfar.replications", self.runs.len().to_string()),
            ("nearfar.judging", Value::Object(self.study.facts()).to_string()),
        ];
        if one_column_each {
            let units: Map<String, Value> = KPIS.iter().map(|kpi| (kpi.name.to_owned(), kpi.unit.into())).collect();
            about.push(("nearfar.units", Value::Object(units).to_string()));
        }
        about
    }

    fn methods(&self) -> String {
        let side = |part, side: &'a Side| MethodsSide {
            part,
            name: &side.asked.scenario.name,
            label: &side.asked.scenario.label,
            hash: &side.asked.hash,
        };
        let expected = self.whatif.expects();
        let mut metrics: Vec<&str> = COMPARED.to_vec();
        metrics.extend(expected.iter().map(|it| it.metric.as_str()).filter(|name| !COMPARED.contains(name)));
        study::methods(&MethodsOf {
            version: manifest::VERSION,
            commit: manifest::COMMIT,
            sides: &[side("base", self.study.base), side("what-if", self.whatif)],
            seed: self.study.base.asked.scenario.seed,
            replications: self.runs.len(),
            judging: self.study.judging,
            family: self.study.family,
            whatifs: self.study.whatifs,
            stopping: self.study.stopping,
            hypotheses: expected,
            metrics: &metrics,
        })
    }

    pub(super) fn write(
        &self,
        mut folder: OutputFolder,
        files: Vec<(String, Vec<u8>)>,
        timing: Map<String, Value>,
    ) -> Result<Committed, Failure> {
        for (name, bytes) in &files {
            folder.add(name, bytes)?;
        }
        let mut facts = manifest::program();
        let of = |side: &Side, runs| Value::Object(manifest::facts(&side.asked, &side.city, runs));
        facts.insert("base".into(), of(self.study.base, self.study.base_runs));
        facts.insert("whatif".into(), of(self.whatif, self.runs));
        facts.insert("judging".into(), Value::Object(self.study.facts()));
        Ok(folder.commit(facts, timing)?)
    }

    pub(super) fn notices(&self, screen: Screen, committed: &Committed) {
        let name = self.name();
        if let Some(own) = self.whatif.own_seed {
            let seed = self.study.base.asked.scenario.seed;
            screen
                .say(&format!("seed {own} of {name} is replaced by {seed} of the base: both sides share their chance"));
        }
        if self.runs.len() == 1 {
            screen.say("one pair only: no intervals; use --replications 10 or more");
        }
        match &self.moves {
            None => screen.say("one side's arrivals are sessions and the other's are orders: nobody can be followed"),
            Some(moves) if moves.others_share > 0.0 => screen.say(&format!(
                "{} of {} are other people in {name}: moves are by number, not by person (consumers.* or demand.* differ)",
                percent(moves.others_share),
                moves.unit
            )),
            Some(_) => {}
        }
        if committed.replaced {
            screen.say(&format!("replaced {}", committed.path.display()));
        }
    }

    fn exchanges(&self) -> Vec<study::Exchange> {
        let gives = study::gives(&self.study.base.asked.scenario, &self.whatif.asked.scenario);
        study::exchanges(&kpis(self.study.base_runs), &kpis(self.runs), gives)
    }

    /// What the change buys for what it costs, where a price moves.
    fn exchange_lines(&self) -> String {
        let lines = self.exchanges().into_iter().map(|it| {
            let unit = in_currency(it.unit, self.study.currency());
            format!("  {}: {:.3} ± {:.3} {unit}: {}\n", it.name, it.value, it.half_width, it.label)
        });
        let lines: String = lines.collect();
        if lines.is_empty() { lines } else { format!("What it buys\n{lines}") }
    }

    /// What changed, the table, and where to look next.
    pub(super) fn text(&self, committed: &Committed) -> String {
        let (base, whatif) = (&self.study.base.asked.scenario, &self.whatif.asked.scenario);
        let currency = self.study.currency();
        let mut text = format!("{} → {}\n\n", base.label, whatif.label);
        for (key, before, after) in &self.changes {
            text += &format!("  {key}: {} → {}\n", shortened(before), shortened(after));
        }
        if self.changes.is_empty() {
            text += "  nothing changed: both scenarios are the same\n";
        }
        let pairs = match self.runs.len() {
            1 => "one pair of days, so no intervals".to_owned(),
            n => format!("{n} pairs of days, intervals of Student's t over the paired differences"),
        };
        text += &format!("\n{}\n", paired_table(&self.rows, &self.study.percent(), &self.study.rule(), currency));
        text += &format!("{pairs}; common random numbers, seed {}\n", base.seed);
        text += "variance ÷: so many times more independent days than pairs would take the same interval\n";
        text += &hypotheses_table(&self.tested(), currency);
        text += &self.moves.as_ref().map_or(String::new(), |moves| moves_table(moves, currency));
        text += &self.exchange_lines();
        text += "\"no difference shown\": chance alone may do this; that does not show that both are equal\n\n";
        let chart = committed.path.join("charts/06-whatif-delta.png");
        let (table, methods) = (committed.path.join("compare.csv"), committed.path.join("methods.md"));
        text += &format!("Chart    {}\nAll {:<4} {}\n", chart.display(), KPIS.len(), table.display());
        text += &format!("Methods  {}\n", methods.display());
        text + &format!("Report   {}\n", committed.path.join("report.html").display())
    }

    pub(super) fn json(&self, committed: &Committed) -> Value {
        let change =
            |(key, base, whatif): &(String, String, String)| json!({ "key": key, "base": base, "whatif": whatif });
        let row = |row: &Paired| {
            let hint = row.hint.map(|hint| json!({ "replications": hint.replications, "half_width": hint.half_width }));
            let value = json!({
                "unit": row.unit,
                "base": { "mean": row.base_mean, "half_width": row.base_half_width },
                "whatif": { "mean": row.whatif_mean, "half_width": row.whatif_half_width },
                "difference": { "mean": row.difference, "low": row.low, "high": row.high },
                "correlation": row.correlation,
                "variance_reduction": row.variance_reduction,
                "p": row.p,
                "p_adjusted": row.p_adjusted,
                "verdict": row.verdict.words(),
                "hint": hint,
            });
            (row.name.to_owned(), value)
        };
        let exchange = |it: study::Exchange| json!({ "rate": it.name, "unit": it.unit, "value": it.value, "half_width": it.half_width, "paid": it.paid });
        let hypothesis = |tested: &Tested<'_>| {
            json!({
                "kpi": tested.row.name,
                "direction": tested.hypothesis.direction.word(),
                "reason": tested.hypothesis.reason,
                "outcome": tested.outcome.words(),
                "difference": { "mean": tested.row.difference, "low": tested.row.low, "high": tested.row.high },
            })
        };
        json!({
            "whatif": self.name(),
            "output": committed.path.to_string_lossy(),
            "replaced": committed.replaced,
            "changes": self.changes.iter().map(change).collect::<Vec<_>>(),
            "kpis": self.rows.iter().map(row).collect::<Map<_, _>>(),
            "exchange": self.exchanges().into_iter().map(exchange).collect::<Vec<_>>(),
            "hypotheses": self.tested().iter().map(hypothesis).collect::<Vec<_>>(),
            "moves": self.moves.as_ref().map(moves_json),
        })
    }
}

fn kpis(runs: &[Replication]) -> Vec<Vec<Kpi>> {
    runs.iter().map(|run| run.kpis.clone()).collect()
}

/// A value for the screen, long lists cut off; changes.csv has all of it.
fn shortened(value: &str) -> String {
    let inner = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match inner.map(|inner| inner.split(", ").collect::<Vec<_>>()) {
        Some(numbers) if numbers.len() > 8 => format!("[{}, … {} in all]", numbers[..4].join(", "), numbers.len()),
        Some(_) => value.to_owned(),
        // Sums such as -3.01 + 1.6 carry the noise of binary fractions.
        None if value.contains('.') => match value.parse::<f64>() {
            Ok(number) => format!("{:?}", (number * 1e9).round() / 1e9),
            Err(_) => value.to_owned(),
        },
        None => value.to_owned(),
    }
}

/// `key,base,whatif`: values as they stand in a scenario file.
fn changes_csv(changes: &[(String, String, String)]) -> String {
    let quoted = |text: &str| match text.contains([',', '"', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    let line = |(key, base, whatif): &(String, String, String)| {
        format!("{},{},{}\n", quoted(key), quoted(base), quoted(whatif))
    };
    std::iter::once("key,base,whatif\n".to_owned()).chain(changes.iter().map(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_with_commas_and_quotes_stay_one_cell() {
        let change = ("sourcing.policy".to_owned(), "\"a\"".to_owned(), "[1, 2]".to_owned());
        assert_eq!(changes_csv(&[change]), "key,base,whatif\nsourcing.policy,\"\"\"a\"\"\",\"[1, 2]\"\n");
    }

    #[test]
    fn long_lists_are_shortened_on_the_screen() {
        assert_eq!(shortened("[1.0, 2.0]"), "[1.0, 2.0]");
        let hours = format!("[{}]", ["0.5"; 24].join(", "));
        assert_eq!(shortened(&hours), "[0.5, 0.5, 0.5, 0.5, … 24 in all]");
        assert_eq!(["-1.4099999999999997", "36.0", "7", "\"a.b\""].map(shortened), ["-1.41", "36.0", "7", "\"a.b\""]);
    }
}
