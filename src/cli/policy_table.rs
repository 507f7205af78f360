//! Room: cli. Policies by KPI as Markdown: levels with intervals, and marks where a difference is more than chance.

use super::kpi_table::{in_currency, label};
use super::manifest;
use crate::metrics::{Kpi, definition, mean_and_half_width};
use crate::report::wording::{count, number};
use crate::study::{Replication, Shift, shifts};

/// The columns: a KPI, or [`UNDELIVERED`].
const COLUMNS: [&str; 8] = [
    "click_to_door_mean_min",
    "on_time_share",
    UNDELIVERED,
    "orders_per_courier_hour",
    "courier_utilisation",
    "km_per_order",
    "cost_per_order_near",
    "near_share_orders",
];
/// Orders not delivered / orders placed.
const UNDELIVERED: &str = "undelivered_share";
/// Chance, in each column, of marking any policy that makes no difference.
const LEVEL: f64 = 0.05;

/// The KPIs of one run, in the order of [`COLUMNS`].
type Values = [f64; COLUMNS.len()];

/// A scenario, or many, under several policies.
pub(super) struct Case {
    pub(super) label: String,
    pub(super) path: String,
    /// Fingerprint of the first scenario under its own policy.
    pub(super) hash: String,
    pub(super) seed: u64,
    pub(super) currency: String,
    /// Whether orders are replayed from a file.
    pub(super) trace: bool,
    /// How many, if the runs are of different scenarios instead of different days.
    pub(super) instances: Option<usize>,
    pub(super) replications: u32,
    /// The scenario's own policy first.
    pub(super) rows: Vec<Row>,
}

/// A policy.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) outcome: Outcome,
}

/// What came of it.
pub(super) enum Outcome {
    /// Each run's KPIs.
    Values(Vec<Values>),
    /// The scenario does not allow it; why.
    CannotRun(String),
}

impl Outcome {
    pub(super) fn new(runs: &[Replication]) -> Outcome {
        Outcome::Values(runs.iter().map(|run| COLUMNS.map(|name| value(&run.kpis, name))).collect())
    }

    /// A column over the runs; empty for a policy that cannot run.
    fn column(&self, column: usize) -> Vec<f64> {
        match self {
            Outcome::Values(values) => values.iter().map(|run| run[column]).collect(),
            Outcome::CannotRun(_) => Vec::new(),
        }
    }
}

fn value(kpis: &[Kpi], name: &str) -> f64 {
    let of = |name: &str| kpis.iter().find(|kpi| kpi.name == name).map_or(f64::NAN, |kpi| kpi.value);
    if name == UNDELIVERED { of("undelivered") / of("orders") } else { of(name) }
}

/// The tables of all cases.
pub(super) fn page(cases: &[Case]) -> String {
    cases.iter().map(Case::markdown).collect::<Vec<_>>().join("\n")
}

impl Case {
    fn markdown(&self) -> String {
        format!("## {}\n\n{}\n\n{}\n{}", self.label, self.caption(), self.table(), self.notes())
    }

    /// What was simulated.
    fn caption(&self) -> String {
        let runs = match (self.instances, self.replications) {
            (Some(n), _) => format!("{} instances, each simulated once", count(n)),
            (None, 1) => "one day".to_owned(),
            (None, n) => format!("{n} days"),
        };
        let hash = if self.instances.is_some() { format!("first {}", self.hash) } else { self.hash.clone() };
        format!("`{}` · {runs}, seed {} · nearfar {} · scenario {hash}", self.path, self.seed, manifest::VERSION)
    }

    fn table(&self) -> String {
        let heads = COLUMNS.map(|name| self.head(name));
        let mut table = format!("| Policy | {} |\n|---|{}\n", heads.join(" | "), "---:|".repeat(COLUMNS.len()));
        let marks: Vec<Vec<Shift>> = (0..COLUMNS.len()).map(|column| self.marks(column)).collect();
        for (place, row) in self.rows.iter().enumerate() {
            let cells: Vec<String> = (0..COLUMNS.len())
                .map(|column| match &row.outcome {
                    Outcome::CannotRun(_) => "—".to_owned(),
                    outcome => cell(COLUMNS[column], &outcome.column(column), marks[column][place]),
                })
                .collect();
            table += &format!("| {} | {} |\n", row.name, cells.join(" | "));
        }
        table
    }

    /// Label and unit of a column.
    fn head(&self, name: &str) -> String {
        let unit = match definition(name).map_or("share", |definition| definition.unit) {
            "share" => "%".to_owned(),
            unit => in_currency(unit, &self.currency),
        };
        let label = if name == UNDELIVERED { "Orders not delivered" } else { label(name) };
        format!("{label} ({unit})")
    }

    /// For each row its shift against the first.
    fn marks(&self, column: usize) -> Vec<Shift> {
        let columns: Vec<Vec<f64>> = self.rows.iter().map(|row| row.outcome.column(column)).collect();
        let Some((own, others)) = columns.split_first() else {
            return Vec::new();
        };
        let others: Vec<&[f64]> = others.iter().map(Vec::as_slice).collect();
        std::iter::once(Shift::NotShown).chain(shifts(own, &others, LEVEL)).collect()
    }

    /// How to read it, and why some rows are empty.
    fn notes(&self) -> String {
        let compared = self.rows.iter().skip(1).filter(|row| matches!(row.outcome, Outcome::Values(_))).count();
        let (over, pairs) = match (self.instances, self.replications) {
            (Some(n), _) => ("instances", n),
            (None, n) => ("days", n as usize),
        };
        let mut notes = match pairs {
            1 => "One day: no intervals and no marks.".to_owned(),
            _ => format!(
                "Mean ± half of the 95 % interval over the {over}. ↑ and ↓: above or below the first row by more than \
                 chance (Student's t over {pairs} pairs of {over} with common random numbers, 5 % in each column, \
                 Bonferroni-Holm over {compared} {}).",
                if compared == 1 { "policy" } else { "policies" }
            ),
        };
        if self.instances.is_none() && self.trace && pairs > 1 {
            notes += " The orders are those of the file on every day: intervals tell the chance in how they are \
                      served, not how days differ.";
        }
        if self.nothing_left_to_chance() {
            notes += " Nothing in this scenario is left to chance: every day gives the same figures, so each \
                      difference is marked, however small.";
        }
        for row in &self.rows {
            if let Outcome::CannotRun(reason) = &row.outcome {
                notes += &format!("\n\n— {}: cannot run here; {reason}.", row.name);
            }
        }
        notes + "\n"
    }

    /// Whether two or more days have the same KPIs to the last bit.
    fn nothing_left_to_chance(&self) -> bool {
        let bits = |run: &Values| run.map(f64::to_bits);
        match self.rows.first().map(|row| &row.outcome) {
            Some(Outcome::Values(runs)) if self.instances.is_none() && runs.len() > 1 => {
                runs.windows(2).all(|pair| bits(&pair[0]) == bits(&pair[1]))
            }
            _ => false,
        }
    }
}

/// Mean, half of its interval and mark.
fn cell(name: &str, values: &[f64], shift: Shift) -> String {
    let factor = if definition(name).is_none_or(|definition| definition.unit == "share") { 100.0 } else { 1.0 };
    let places = if name == "courier_utilisation" { 1 } else { 2 };
    let known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let (mean, half_width) = mean_and_half_width(&known);
    if !mean.is_finite() {
        return "no data".to_owned();
    }
    let mut text = number(mean * factor, places);
    if half_width.is_finite() {
        text += &format!(" ± {}", number(half_width * factor, places));
    }
    text + match shift {
        Shift::Up => " ↑",
        Shift::Down => " ↓",
        Shift::NotShown => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, minutes: &[f64]) -> Row {
        let run = |minutes: &f64| [*minutes, 0.5, 0.0, 2.0, 0.4, 1.0, 9.0, f64::NAN];
        Row { name: name.into(), outcome: Outcome::Values(minutes.iter().map(run).collect()) }
    }

    fn case(rows: Vec<Row>) -> Case {
        let (label, path, hash) = ("Town".to_owned(), "town.toml".to_owned(), "abc".to_owned());
        let currency = "EUR".to_owned();
        Case { label, path, hash, seed: 7, currency, trace: false, instances: None, replications: 3, rows }
    }

    #[test]
    fn a_row_has_levels_intervals_and_marks() {
        let refused = Row { name: "broken".into(), outcome: Outcome::CannotRun("`a.b`: not so".into()) };
        let rows = vec![row("own", &[30.0, 31.0, 32.0]), row("fast", &[20.0, 21.0, 22.1]), refused];
        let text = case(rows).markdown();
        let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
        assert!(line("| own").starts_with("| own | 31.00 ± 2.48 | 50.00 ± 0.00 |"), "{text}");
        assert!(line("| fast").starts_with("| fast | 21.03 ± 2.61 ↓ | 50.00 ± 0.00 |"), "{text}");
        assert!(line("| fast").ends_with("| no data |"), "{text}");
        assert_eq!(line("| broken").matches('—').count(), COLUMNS.len());
        assert!(text.contains("— broken: cannot run here; `a.b`: not so."), "{text}");
        assert!(text.contains("(EUR/order)") && text.contains("over 1 policy)"), "{text}");
    }

    #[test]
    fn what_intervals_do_not_tell_is_said() {
        let same = case(vec![row("own", &[30.0; 3])]);
        assert!(same.notes().contains("Nothing in this scenario is left to chance"));
        let replayed = Case { trace: true, ..case(vec![row("own", &[30.0, 31.0, 32.0])]) };
        assert!(replayed.notes().contains("orders are those of the file") && !replayed.notes().contains("Nothing"));
        let many = Case { instances: Some(3), trace: true, ..case(vec![row("own", &[30.0; 3])]) };
        assert!(many.notes().contains("over the instances") && !many.notes().contains("those of the file"));
        let one = Case { replications: 1, ..case(vec![row("own", &[30.0])]) };
        assert!(one.notes().starts_with("One day"));
    }

    #[test]
    fn every_column_is_a_kpi_or_the_share_not_delivered() {
        assert!(COLUMNS.iter().all(|name| *name == UNDELIVERED || definition(name).is_some()));
        let kpi = |name, value| Kpi { name, value, unit: "orders" };
        assert_eq!(value(&[kpi("orders", 8.0), kpi("undelivered", 2.0)], UNDELIVERED), 0.25);
    }
}
