//! Observed figures from a file of the user: every problem of it at once (docs/validation.md).

use super::kpi_table::in_currency;
use crate::metrics::{Definition, HOURLY, KPIS};
use crate::study::Observed;
use crate::table::sheet::{Col, Sheet};
use crate::table::{Problem, Table, nearest};
use std::collections::BTreeMap;

/// What the run knows, which the file must agree with.
pub(super) struct Known<'a> {
    /// Hours of the run in each clock hour.
    pub(super) covered: [f64; 24],
    /// Currency code of the scenario.
    pub(super) currency: &'a str,
}

/// The columns of the file.
struct Columns {
    kpi: Col,
    hour: Col,
    value: Col,
    unit: Col,
    tolerance: Col,
}

/// Reads the figures, in the order of the file.
pub(super) fn actuals(table: &Table, known: &Known<'_>) -> Result<Vec<Observed>, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &["kpi", "hour", "value", "unit", "tolerance"]);
    let columns = Columns {
        kpi: sheet.required("kpi", "the name of a KPI (docs/kpis.md)"),
        hour: sheet.column("hour"),
        value: sheet.required("value", "what was observed"),
        unit: sheet.column("unit"),
        tolerance: sheet.column("tolerance"),
    };
    if table.is_empty() {
        sheet.file_problem("no rows", "a row for each observed figure");
    }
    let mut first_seen = BTreeMap::new();
    let mut rows = Vec::new();
    for row in sheet.rows() {
        let kpi = kpi(&mut sheet, row, &columns);
        let hour = hour(&mut sheet, row, &columns, kpi, known);
        let factor = unit(&mut sheet, row, &columns, kpi, known);
        let range = (f64::MIN, f64::MAX);
        let value = sheet.needed_number(row, columns.value, range, "a number, with a decimal point");
        let tolerance = tolerance(&mut sheet, row, &columns, value);
        let (Some(kpi), Some(hour), Some(factor), Some(value), Some(tolerance)) = (kpi, hour, factor, value, tolerance)
        else {
            continue;
        };
        let number = sheet.row_number(row);
        if let Some(first) = first_seen.insert((kpi.name, hour), number) {
            let what = if hour.is_some() { "KPI and hour" } else { "KPI" };
            sheet.problem(row, columns.kpi, &format!("every {what} once; row {first} has it too"));
        }
        let tolerance = tolerance.map(|tolerance| tolerance * factor);
        rows.push(Observed { kpi: kpi.name, hour, value: value * factor, tolerance });
    }
    sheet.finish(rows)
}

fn kpi(sheet: &mut Sheet<'_>, row: usize, columns: &Columns) -> Option<&'static Definition> {
    let name = sheet.needed_text(row, columns.kpi, "the name of a KPI")?;
    let found = KPIS.iter().find(|definition| definition.name == name);
    if found.is_none() {
        let problem = sheet.problem_at(row, columns.kpi, "the name of a KPI (docs/kpis.md)");
        let help = nearest(name, KPIS.iter().map(|d| d.name)).map(|near| format!("did you mean \"{near}\"?"));
        sheet.push(Problem { help, ..problem });
    }
    found
}

/// `Some(None)` for a figure of the whole run; `None` after a problem.
fn hour(
    sheet: &mut Sheet<'_>,
    row: usize,
    columns: &Columns,
    kpi: Option<&Definition>,
    known: &Known<'_>,
) -> Option<Option<u32>> {
    if sheet.text(row, columns.hour).is_none() {
        return Some(None);
    }
    let expected = "a clock hour, 0 to 23, or nothing for the whole run";
    let hour = sheet.whole(row, columns.hour, (0, 23), expected)?;
    if known.covered[hour as usize] <= 0.0 {
        let problem = sheet.problem_at(row, columns.hour, "an hour of the run");
        sheet.push(problem.help("leave the row out, or simulate a longer horizon_h"));
        return None;
    }
    if let Some(kpi) = kpi
        && !HOURLY.contains(&kpi.name)
    {
        let problem = sheet.problem_at(row, columns.hour, &format!("nothing: {} has no profile by hour", kpi.name));
        sheet.push(problem.help(format!("KPIs with a profile: {}", HOURLY.join(", "))));
        return None;
    }
    Some(Some(hour))
}

/// What a value of the file is multiplied with to be in the KPI's unit.
fn unit(
    sheet: &mut Sheet<'_>,
    row: usize,
    columns: &Columns,
    kpi: Option<&Definition>,
    known: &Known<'_>,
) -> Option<f64> {
    let Some(given) = sheet.text(row, columns.unit) else { return Some(1.0) };
    let own = kpi?.unit;
    let others = conversions(own);
    if given == own || given == in_currency(own, known.currency) {
        return Some(1.0);
    }
    if let Some((_, factor)) = others.iter().find(|(unit, _)| *unit == given) {
        return Some(*factor);
    }
    let words: Vec<&str> = std::iter::once(own).chain(others.iter().map(|(unit, _)| *unit)).collect();
    sheet.problem(row, columns.unit, &words.join(" or "));
    None
}

/// Units that people also write, each with its factor.
fn conversions(unit: &str) -> &'static [(&'static str, f64)] {
    match unit {
        "share" => &[("%", 0.01)],
        "min" => &[("s", 1.0 / 60.0), ("h", 60.0)],
        "h" => &[("min", 1.0 / 60.0), ("days", 24.0)],
        _ => &[],
    }
}

/// In the unit of the value: a number, or a percentage of the value. `Some(None)` where there is none.
fn tolerance(sheet: &mut Sheet<'_>, row: usize, columns: &Columns, value: Option<f64>) -> Option<Option<f64>> {
    let Some(text) = sheet.text(row, columns.tolerance) else { return Some(None) };
    let (digits, percent) = match text.strip_suffix('%') {
        Some(digits) => (digits.trim(), true),
        None => (text, false),
    };
    match digits.parse::<f64>() {
        Ok(number) if number >= 0.0 && number.is_finite() => {
            Some(Some(if percent { number / 100.0 * value?.abs() } else { number }))
        }
        _ => {
            sheet.problem(row, columns.tolerance, "a number of at least 0, in the unit of the value, or such as 5%");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::hours_covered;
    use crate::scenario::Scenario;
    use crate::table::{COMMA, parse, read};
    use std::path::Path;

    fn known(hours: std::ops::Range<usize>) -> Known<'static> {
        Known { covered: std::array::from_fn(|hour| if hours.contains(&hour) { 1.0 } else { 0.0 }), currency: "CNY" }
    }
    fn of(text: &str) -> Result<Vec<Observed>, Vec<Problem>> {
        actuals(&parse("a.csv", text.as_bytes().to_vec(), COMMA).unwrap(), &known(8..20))
    }

    #[test]
    fn values_come_in_the_unit_of_their_kpi() {
        let rows = of("kpi,hour,value,unit,tolerance\n\
                       near_share_orders,,29,%,2\n\
                       click_to_door_mean_min,18,1800,s,10%\n\
                       cost_per_order,,8.2,CNY/order,\n\
                       far_lead_mean_h,,2,days,6 %\n")
        .unwrap();
        let told: Vec<_> = rows.iter().map(|r| (r.kpi, r.hour, r.value, r.tolerance)).collect();
        assert_eq!(told[0], ("near_share_orders", None, 0.29, Some(0.02)));
        assert_eq!(told[1], ("click_to_door_mean_min", Some(18), 30.0, Some(3.0)));
        assert_eq!(told[2], ("cost_per_order", None, 8.2, None));
        assert_eq!((told[3].2, told[3].3), (48.0, Some(0.12 * 24.0)));
        assert_eq!(of("value,kpi\n3,orders\n").unwrap()[0].value, 3.0, "other columns may be absent");
    }

    #[test]
    fn every_problem_is_told_at_once_with_its_row() {
        let problems = of("kpi,hour,value,unit,tolerance\n\
                           near_share_order,,.3,,\n\
                           orders,24,10,,\n\
                           orders,7,10,,\n\
                           cost_per_order,9,10,,\n\
                           orders,9,ten,,\n\
                           orders,10,10,boxes,\n\
                           orders,11,10,,-1\n\
                           orders,12,,,\n\
                           orders,13,1,,\n\
                           orders,13,2,,\n")
        .unwrap_err();
        let told: Vec<String> = problems.iter().map(Problem::to_string).collect();
        let expected = [
            "row 2, column kpi: found \"near_share_order\", expected the name of a KPI (docs/kpis.md)\n  help: did you mean \"near_share_orders\"?",
            "row 3, column hour: found \"24\"",
            "row 4, column hour: found \"7\", expected an hour of the run",
            "row 5, column hour: found \"9\", expected nothing: cost_per_order has no profile by hour",
            "row 6, column value: found \"ten\", expected a number",
            "row 7, column unit: found \"boxes\", expected orders",
            "row 8, column tolerance: found \"-1\", expected a number of at least 0",
            "row 9, column value: found an empty cell",
            "row 11, column kpi: found \"orders\", expected every KPI and hour once; row 10 has it too",
        ];
        assert_eq!(told.len(), expected.len(), "{told:#?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.contains(&format!("a.csv: {expected}")), "{told} has no {expected}");
        }
        let header = of("kpis,value\n").unwrap_err();
        assert_eq!(header.len(), 3, "an unknown column, a missing one, no rows: {header:#?}");
    }

    #[test]
    fn the_example_and_the_page_agree_with_the_program() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        let table = read(&docs.join("actuals-example.csv")).unwrap();
        let day = Known { covered: hours_covered(&Scenario::default()), currency: "CNY" };
        let rows = actuals(&table, &day).unwrap();
        assert!(rows.iter().any(|row| row.hour.is_some()) && rows.iter().any(|row| row.tolerance.is_none()));
        let page = std::fs::read_to_string(docs.join("validation.md")).unwrap();
        assert!(HOURLY.iter().all(|kpi| page.contains(&format!("`{kpi}`"))), "docs/validation.md lists profiles");
    }
}
