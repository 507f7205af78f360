//! Room: import. Small pieces of text every import reads or writes: clock times, CSV, quoted TOML.

use crate::table::sheet::{Col, Sheet};

/// Seconds in a day.
pub(super) const DAY_S: f64 = 86_400.0;

/// The clock time `hh:mm` or `hh:mm:ss` of a cell as seconds after midnight; anything else is a problem.
pub(super) fn clock_s(sheet: &mut Sheet<'_>, row: usize, column: Col) -> Option<f64> {
    let expected = "a clock time hh:mm or hh:mm:ss";
    let text = sheet.needed_text(row, column, expected)?;
    let seconds = parse_clock(text);
    if seconds.is_none() {
        sheet.problem(row, column, expected);
    }
    seconds
}

fn parse_clock(text: &str) -> Option<f64> {
    let parts = text.split(':').map(|part| part.parse::<u8>().ok()).collect::<Option<Vec<_>>>()?;
    let (hour, minute, second) = match *parts.as_slice() {
        [hour, minute] => (hour, minute, 0),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    let valid = hour < 24 && minute < 60 && second < 60;
    valid.then(|| f64::from(hour) * 3600.0 + f64::from(minute) * 60.0 + f64::from(second))
}

/// A CSV file being written; cells that need quotes get them.
pub(super) struct Csv {
    text: String,
}

impl Csv {
    pub(super) fn with_header(columns: &[&str]) -> Self {
        Csv { text: columns.join(",") + "\n" }
    }

    pub(super) fn row(&mut self, cells: &[&dyn std::fmt::Display]) {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            self.text.push_str(&quoted(cell.to_string()));
        }
        self.text.push('\n');
    }

    /// The file as `Import::files` keeps it.
    pub(super) fn into_file(self, name: &str) -> (String, String) {
        (name.into(), self.text)
    }
}

fn quoted(cell: String) -> String {
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}

/// A TOML string.
pub(super) fn toml_string(text: &str) -> String {
    toml::Value::String(text.into()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_times_of_both_lengths_are_read_and_others_refused() {
        assert_eq!(parse_clock("16:39"), Some(59_940.0));
        assert_eq!(parse_clock("00:00:54"), Some(54.0));
        for wrong in ["24:00", "12:60", "7", "12:00:60", "ab:cd", "", "1:2:3:4", "-1:00"] {
            assert_eq!(parse_clock(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn cells_with_commas_and_quotes_survive_a_round_trip() {
        let mut csv = Csv::with_header(&["id", "x"]);
        csv.row(&[&"a, \"b\"", &0.1]);
        let (_, text) = csv.into_file("t.csv");
        let table = crate::table::parse("t.csv", text.into_bytes(), crate::table::COMMA).unwrap();
        assert_eq!((table.cell(0, 0), table.cell(0, 1)), ("a, \"b\"", "0.1"));
    }
}
