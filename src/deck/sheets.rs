//! Room: deck. The tables of a folder as sheets of a workbook: what is drawn, the KPIs, what changed, assumptions, facts.

use super::appendix::typed;
use super::read::{Found, Source};
use crate::scenario::Scenario;
use crate::table::Table;
use serde_json::Value;

/// A sheet: its name, its columns and rows of cells as text.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// The sheets, what is asked for first in front; those of comparisons told together bear their number.
pub(super) fn sheets(source: &Source, others: &[Source]) -> Vec<Sheet> {
    let mut sheets = of_source(source);
    if !others.is_empty() {
        sheets.iter_mut().for_each(|sheet| sheet.name = format!("1 {}", sheet.name));
    }
    for (place, other) in others.iter().enumerate() {
        let more = of_source(other).into_iter().filter(|sheet| sheet.name != BASE);
        sheets.extend(more.map(|sheet| Sheet { name: format!("{} {}", place + 2, sheet.name), ..sheet }));
    }
    for place in 0..sheets.len() {
        sheets[place].name = free(&sheets[place].name, &sheets[..place]);
    }
    sheets
}

/// Told once, for all comparisons against it.
const BASE: &str = "Assumptions base";

fn of_source(source: &Source) -> Vec<Sheet> {
    let mut sheets = match &source.found {
        Found::Run { all, .. } => vec![of("KPIs", all)],
        Found::Compare(compared) => {
            let mut sheets = vec![of("KPIs", &compared.kpis), of("What changed", &compared.changes)];
            sheets.extend(compared.hypotheses.as_ref().map(|table| of("Hypotheses", table)));
            sheets.extend(compared.more.iter().map(|(name, table)| of(&name.replace('_', " "), table)));
            sheets
        }
        Found::Sweep(swept) => {
            let mut sheets = vec![of("Summary", &swept.summary)];
            sheets.extend(swept.analysis.iter().map(|(name, table)| of(&format!("analysis {name}"), table)));
            sheets
        }
    };
    sheets.extend(source.charts[..source.own_charts].iter().map(|chart| of(&chart.slug, &chart.table)));
    match &source.found {
        Found::Run { scenario, .. } => sheets.push(assumptions("Assumptions", scenario)),
        Found::Compare(compared) => {
            sheets.push(assumptions(BASE, &compared.base));
            sheets.push(assumptions("Assumptions what-if", &compared.whatif));
        }
        Found::Sweep(swept) => sheets.extend(
            swept.scenarios.iter().map(|(name, scenario)| assumptions(&format!("Assumptions {name}"), scenario)),
        ),
    }
    sheets.push(manifest(source));
    sheets
}

fn of(name: &str, table: &Table) -> Sheet {
    let row = |row: usize| (0..table.columns.len()).map(|column| table.cell(row, column).to_owned()).collect();
    Sheet { name: name.to_owned(), columns: table.columns.clone(), rows: (0..table.len()).map(row).collect() }
}

fn assumptions(name: &str, scenario: &Scenario) -> Sheet {
    let columns = ["key", "value", "unit", "source"].map(str::to_owned).to_vec();
    Sheet { name: name.to_owned(), columns, rows: typed(scenario).into_iter().map(Vec::from).collect() }
}

/// The facts of the folder, one a row.
fn manifest(source: &Source) -> Sheet {
    let mut rows = vec![
        vec!["label".to_owned(), source.label.clone()],
        vec!["question".to_owned(), source.question.clone()],
        vec!["origin".to_owned(), source.origin.clone()],
    ];
    flatten("", &source.facts, &mut rows);
    Sheet { name: "Manifest".to_owned(), columns: ["fact", "value"].map(str::to_owned).to_vec(), rows }
}

fn flatten(path: &str, value: &Value, rows: &mut Vec<Vec<String>>) {
    let below = |part: &str| if path.is_empty() { part.to_owned() } else { format!("{path}.{part}") };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| flatten(&below(key), value, rows)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(place, value)| flatten(&below(&place.to_string()), value, rows));
        }
        Value::String(text) => rows.push(vec![path.to_owned(), text.clone()]),
        Value::Null => {}
        other => rows.push(vec![path.to_owned(), other.to_string()]),
    }
}

/// A name that Excel takes (31 characters, none of `[]:*?/\`) and no earlier sheet has.
fn free(name: &str, earlier: &[Sheet]) -> String {
    let kept: String = name.chars().map(|c| if "[]:*?/\\'".contains(c) { ' ' } else { c }).collect();
    let cut = |most: usize| kept.chars().take(most).collect::<String>().trim().to_owned();
    let taken = |name: &str| earlier.iter().any(|sheet| sheet.name.eq_ignore_ascii_case(name));
    let plain = cut(31);
    if !taken(&plain) {
        return plain;
    }
    let numbered = (2..).map(|number| format!("{} {number}", cut(27)));
    numbered.into_iter().find(|name| !taken(name)).expect("there are more numbers than sheets")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheet_names_are_short_plain_and_unlike() {
        let mut sheets: Vec<Sheet> = Vec::new();
        for name in ["a/b: c", "A B  C", &"x".repeat(40), &"x".repeat(50)] {
            let name = free(name, &sheets);
            sheets.push(Sheet { name, columns: Vec::new(), rows: Vec::new() });
        }
        let names: Vec<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        assert_eq!(names, ["a b  c", "A B  C 2", &"x".repeat(31), &format!("{} 2", "x".repeat(27))]);
    }

    #[test]
    fn facts_are_listed_by_their_path() {
        let mut rows = Vec::new();
        flatten("", &serde_json::json!({ "a": { "b": [1, "x"] }, "c": null }), &mut rows);
        assert_eq!(rows, [vec!["a.b.0", "1"], vec!["a.b.1", "x"]]);
    }
}
