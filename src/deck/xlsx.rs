//! Room: deck. Sheets as a workbook: numbers as numbers in the format of their unit, the header frozen, a filter on it.

use super::DeckError;
use super::sheets::Sheet;
use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, FormatBorder, Workbook, Worksheet};

/// Widest column, in characters.
const WIDEST: usize = 60;

/// The file. It carries a fixed date, so that the same folder gives the same bytes.
pub(super) fn xlsx(sheets: &[Sheet], title: &str) -> Result<Vec<u8>, DeckError> {
    let mut workbook = Workbook::new();
    let date = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_title(title).set_author("nearfar").set_creation_datetime(&date));
    for sheet in sheets {
        fill(workbook.add_worksheet(), sheet)?;
    }
    Ok(workbook.save_to_buffer()?)
}

fn fill(page: &mut Worksheet, sheet: &Sheet) -> Result<(), DeckError> {
    page.set_name(&sheet.name)?;
    let head =
        Format::new().set_bold().set_border_bottom(FormatBorder::Thin).set_background_color(Color::RGB(0xF4F5F7));
    let unit = sheet.columns.iter().position(|column| column == "unit");
    for (column, name) in sheet.columns.iter().enumerate() {
        let at = column as u16;
        page.write_string_with_format(0, at, name, &head)?;
        let numeric = is_numeric(sheet, column);
        for (place, cells) in sheet.rows.iter().enumerate() {
            let (row, cell) = (place as u32 + 1, cells[column].as_str());
            match (number(cell), numeric || own_kind(sheet, column)) {
                // What is not a number is no data: an empty cell.
                (Some(value), true) if value.is_finite() => {
                    let unit = unit.map_or("", |unit| cells[unit].as_str());
                    page.write_number_with_format(
                        row,
                        at,
                        value,
                        &Format::new().set_num_format(format(value, unit, name)),
                    )?;
                }
                (Some(_), true) => {}
                _ if cell.is_empty() => {}
                _ => {
                    page.write_string(row, at, cell)?;
                }
            }
        }
        let longest = sheet.rows.iter().map(|cells| shown_width(&cells[column], numeric)).max().unwrap_or(0);
        page.set_column_width(at, longest.max(name.chars().count() + 3).min(WIDEST) as f64 + 1.0)?;
    }
    page.set_freeze_panes(1, 0)?;
    if !sheet.columns.is_empty() {
        page.autofilter(0, 0, sheet.rows.len() as u32, sheet.columns.len() as u16 - 1)?;
    }
    Ok(())
}

/// A cell as a number, if it is written as one: fingerprints and words such as `1e5` or `007` stay text.
fn number(cell: &str) -> Option<f64> {
    if cell == "NaN" {
        return Some(f64::NAN);
    }
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let plain = digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let padded = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    if !plain || padded || digits.len() > 17 + usize::from(digits.contains('.')) * 10 {
        None
    } else {
        cell.parse().ok()
    }
}

/// Whether a column holds numbers only.
fn is_numeric(sheet: &Sheet, column: usize) -> bool {
    sheet.rows.iter().all(|cells| cells[column].is_empty() || number(&cells[column]).is_some())
}

/// Columns whose cells are each of their own kind: values of keys and facts.
fn own_kind(sheet: &Sheet, column: usize) -> bool {
    matches!(sheet.columns[column].as_str(), "value" | "base" | "whatif")
}

/// The format of a number by its unit, else by the name of its column.
fn format(value: f64, unit: &str, column: &str) -> &'static str {
    let whole = value.fract() == 0.0;
    let counts_only = matches!(
        column,
        "n" | "pairs" | "replication" | "point" | "p" | "p_adjusted" | "correlation" | "variance_reduction"
    );
    let share = unit == "share" || (unit.is_empty() && (column.ends_with("share") || column.contains("share_")));
    let money = unit.starts_with("yuan") || (unit.is_empty() && column.contains("yuan"));
    match () {
        () if counts_only && whole => "0",
        () if counts_only => "0.0000",
        () if share => "0.0%",
        () if money => "#,##0.00",
        () if whole => "#,##0",
        () if value.abs() >= 100.0 => "#,##0.0",
        () => "0.00##",
    }
}

/// Characters a cell takes; long fractions are shown rounded.
fn shown_width(cell: &str, numeric: bool) -> usize {
    let count = cell.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    if numeric { count.min(14) } else { count }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_what_looks_like_them() {
        assert_eq!(["12", "-0.5", "0", "18.25"].map(number), [Some(12.0), Some(-0.5), Some(0.0), Some(18.25)]);
        assert!(["", "007", "1e5", "18:15", "1210163da931", "inf", "-"].iter().all(|cell| number(cell).is_none()));
        assert!(number("NaN").is_some_and(f64::is_nan));
        assert_eq!(number("0.30000000000000004"), Some(0.1 + 0.2));
    }

    #[test]
    fn formats_follow_unit_and_column() {
        assert_eq!(format(0.25, "share", "value"), "0.0%");
        assert_eq!(format(8.4, "yuan/order", "base_mean"), "#,##0.00");
        assert_eq!(format(0.25, "", "near_share"), "0.0%");
        assert_eq!(format(18_000.0, "orders", "value"), "#,##0");
        assert_eq!(format(0.04, "share", "p_adjusted"), "0.0000");
    }

    #[test]
    fn the_same_sheets_give_the_same_bytes() {
        let sheet = || Sheet {
            name: "One".into(),
            columns: vec!["kpi".into(), "value".into()],
            rows: vec![vec!["a".into(), "1.5".into()], vec!["b".into(), "NaN".into()]],
        };
        assert_eq!(xlsx(&[sheet()], "t").unwrap(), xlsx(&[sheet()], "t").unwrap());
    }
}
