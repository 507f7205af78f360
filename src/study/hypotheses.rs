//! Room: study. What the author of a what-if expected, against what its paired differences show.

use super::paired::{Paired, Verdict};
use crate::scenario::{Direction, Hypothesis};

/// What became of a hypothesis.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The KPI moves that way, beyond chance.
    AsExpected,
    /// The KPI moves the other way, beyond chance.
    Contrary,
    /// Neither is shown. That does not show that the what-if has no effect.
    NotShown,
    /// No interval: fewer than two pairs of days with data.
    NoInterval,
}

impl Outcome {
    /// The words in tables.
    pub fn words(self) -> &'static str {
        match self {
            Outcome::AsExpected => "as expected",
            Outcome::Contrary => "contrary",
            Outcome::NotShown => "no difference shown",
            Outcome::NoInterval => "no interval",
        }
    }
}

/// A hypothesis and the row that speaks about it.
#[derive(Clone, Copy, Debug)]
pub struct Tested<'a> {
    /// What was expected.
    pub hypothesis: &'a Hypothesis,
    /// What was found.
    pub row: &'a Paired,
    /// What that says about it.
    pub outcome: Outcome,
}

/// Each hypothesis with its row and outcome; one about no KPI is left out.
pub fn tested<'a>(hypotheses: &'a [Hypothesis], rows: &'a [Paired]) -> Vec<Tested<'a>> {
    let test = |hypothesis: &'a Hypothesis| {
        let row = rows.iter().find(|row| row.name == hypothesis.metric)?;
        Some(Tested { hypothesis, row, outcome: outcome(hypothesis.direction, row) })
    };
    hypotheses.iter().filter_map(test).collect()
}

fn outcome(direction: Direction, row: &Paired) -> Outcome {
    match row.verdict {
        Verdict::NotShown => Outcome::NotShown,
        Verdict::NoInterval | Verdict::NoData => Outcome::NoInterval,
        _ if (row.difference > 0.0) == (direction == Direction::Up) => Outcome::AsExpected,
        _ => Outcome::Contrary,
    }
}

/// The outcomes as CSV: shortest decimals that read back exactly, `NaN` for what is unknown.
pub fn tested_csv(all: &[Tested<'_>]) -> String {
    let mut csv = String::from("kpi,unit,direction,outcome,difference,low,high,p,p_adjusted,reason\n");
    for Tested { hypothesis, row, outcome } in all {
        let numbers = [row.difference, row.low, row.high, row.p, row.p_adjusted].map(|number| number.to_string());
        let reason = hypothesis.reason.replace('"', "\"\"");
        csv += &format!(
            "{},{},{},{},{},\"{reason}\"\n",
            row.name,
            row.unit,
            hypothesis.direction.word(),
            outcome.words(),
            numbers.join(",")
        );
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{KPIS, Kpi};
    use crate::study::paired;

    #[test]
    fn a_hypothesis_is_met_contradicted_or_left_open() {
        let day = |value: f64| KPIS.iter().map(|d| Kpi { name: d.name, value, unit: d.unit }).collect::<Vec<_>>();
        let [base, above, about] = [[1.0, 2.0, 3.0], [2.0, 3.1, 3.9], [1.5, 1.5, 3.1]].map(|days| days.map(day));
        let expects = |metric: &str, direction| {
            let reason = "more \"slack\", so".to_owned();
            Hypothesis { metric: metric.into(), direction, reason }
        };
        let all =
            [expects("orders", Direction::Up), expects("gmv", Direction::Down), expects("nonsense", Direction::Up)];
        let outcomes = |whatif: &[Vec<Kpi>]| {
            let rows = paired(&base, whatif);
            tested(&all, &rows).iter().map(|tested| tested.outcome).collect::<Vec<_>>()
        };
        assert_eq!(outcomes(&above), [Outcome::AsExpected, Outcome::Contrary]);
        assert_eq!(outcomes(&about), [Outcome::NotShown; 2]);
        assert_eq!(outcomes(&above[..1]), [Outcome::NoInterval; 2]);
        let rows = paired(&base, &above);
        let csv = tested_csv(&tested(&all, &rows));
        assert!(
            csv.contains("\norders,orders,up,as expected,") && csv.contains(",\"more \"\"slack\"\", so\"\n"),
            "{csv}"
        );
    }
}
