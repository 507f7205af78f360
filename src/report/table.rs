//! Room: report. The numbers behind a chart as a small table of words.

/// Named columns and rows of cells.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Table {
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub(crate) fn new(columns: &[&'static str]) -> Table {
        Table { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, row: impl IntoIterator<Item = String>) {
        self.rows.push(row.into_iter().collect());
    }

    /// The table as CSV with a header line.
    pub(crate) fn csv(&self) -> String {
        let mut out = self.columns.join(",");
        out.push('\n');
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
            out.push_str(&cells.join(","));
            out.push('\n');
        }
        out
    }
}

/// A cell in quotes if it holds a comma, quote or line break.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// A number in the shortest form that reads back the same; no data is `NaN`.
pub(crate) fn exact(value: f64) -> String {
    format!("{value}")
}

/// A number rounded to `decimals`, without trailing zeros.
pub(crate) fn rounded(value: f64, decimals: i32) -> String {
    let factor = 10f64.powi(decimals);
    let value = (value * factor).round() / factor;
    // No minus sign before nothing.
    exact(if value == 0.0 { 0.0 } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_only_where_they_must() {
        let mut table = Table::new(&["a", "b"]);
        table.push(["x,\"y\"".to_owned(), "plain".to_owned()]);
        assert_eq!(table.csv(), "a,b\n\"x,\"\"y\"\"\",plain\n");
        assert_eq!(rounded(-0.0001, 2), "0");
        assert_eq!(rounded(f64::NAN, 2), "NaN");
    }
}
