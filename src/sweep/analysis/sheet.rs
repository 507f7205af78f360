//! Room: sweep. A tidy table: named columns of numbers or texts, as CSV, Parquet or JSON.

use super::super::SweepError;
use super::super::collect::cell;
use crate::metrics::parquet_bytes;
use polars::prelude::*;
use serde_json::{Map, Value};

/// The cells of a column.
#[derive(Clone, PartialEq, Debug)]
enum Cells {
    /// Numbers; NaN where there is none.
    Numbers(Vec<f64>),
    /// Words.
    Texts(Vec<String>),
}

/// A table of findings.
#[derive(Clone, PartialEq, Debug)]
pub struct Sheet {
    height: usize,
    columns: Vec<(String, Cells)>,
}

impl Sheet {
    /// An empty table over rows to which columns are added.
    pub(super) fn of<R>(rows: &[R]) -> Filling<'_, R> {
        Filling { rows, sheet: Sheet { height: rows.len(), columns: Vec::new() } }
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Names of the columns, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// The numbers of a column, if it has numbers.
    pub fn numbers(&self, name: &str) -> Option<&[f64]> {
        self.columns.iter().find_map(|(found, cells)| match cells {
            Cells::Numbers(numbers) if found == name => Some(numbers.as_slice()),
            _ => None,
        })
    }

    /// The words of a column, if it has words.
    pub fn texts(&self, name: &str) -> Option<&[String]> {
        self.columns.iter().find_map(|(found, cells)| match cells {
            Cells::Texts(texts) if found == name => Some(texts.as_slice()),
            _ => None,
        })
    }

    /// As CSV; an unknown number is an empty cell.
    pub fn csv(&self) -> String {
        let names: Vec<String> = self.names().map(cell).collect();
        let mut csv = names.join(",") + "\n";
        for row in 0..self.height {
            let text = |(_, cells): &(String, Cells)| match cells {
                Cells::Numbers(numbers) if numbers[row].is_finite() => numbers[row].to_string(),
                Cells::Numbers(_) => String::new(),
                Cells::Texts(texts) => cell(&texts[row]),
            };
            csv += &(self.columns.iter().map(text).collect::<Vec<_>>().join(",") + "\n");
        }
        csv
    }

    /// As a Parquet file; an unknown number is null.
    pub fn parquet(&self, pairs: &[(&str, String)]) -> Result<Vec<u8>, SweepError> {
        let column = |(name, cells): &(String, Cells)| match cells {
            Cells::Numbers(numbers) => {
                let known = numbers.iter().map(|number| number.is_finite().then_some(*number));
                Column::new(name.as_str().into(), known.collect::<Vec<_>>())
            }
            Cells::Texts(texts) => Column::new(name.as_str().into(), texts.clone()),
        };
        let table = DataFrame::new(self.height, self.columns.iter().map(column).collect())?;
        Ok(parquet_bytes(&table, pairs)?)
    }

    /// As JSON: an object for each row; an unknown number is null.
    pub fn json(&self) -> Value {
        let row = |row: usize| {
            let value = |(name, cells): &(String, Cells)| {
                let value = match cells {
                    Cells::Numbers(numbers) => Value::from(numbers[row]),
                    Cells::Texts(texts) => Value::from(texts[row].as_str()),
                };
                (name.clone(), value)
            };
            Value::Object(self.columns.iter().map(value).collect::<Map<_, _>>())
        };
        (0..self.height).map(row).collect()
    }
}

/// A table that gets its columns one by one.
pub(super) struct Filling<'a, R> {
    rows: &'a [R],
    sheet: Sheet,
}

impl<R> Filling<'_, R> {
    /// A column of numbers.
    pub(super) fn number(mut self, name: &str, of: impl Fn(&R) -> f64) -> Self {
        self.sheet.columns.push((name.to_owned(), Cells::Numbers(self.rows.iter().map(of).collect())));
        self
    }

    /// A column of words.
    pub(super) fn text<T: Into<String>>(mut self, name: &str, of: impl Fn(&R) -> T) -> Self {
        self.sheet.columns.push((name.to_owned(), Cells::Texts(self.rows.iter().map(|row| of(row).into()).collect())));
        self
    }

    /// The table.
    pub(super) fn done(self) -> Sheet {
        self.sheet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_empty_and_texts_with_commas_are_quoted() {
        let rows = [("a, b", 1.5), ("c", f64::NAN)];
        let sheet = Sheet::of(&rows).text("name", |row| row.0).number("value", |row| row.1).done();
        assert_eq!(sheet.csv(), "name,value\n\"a, b\",1.5\nc,\n");
        assert_eq!(sheet.json().to_string(), r#"[{"name":"a, b","value":1.5},{"name":"c","value":null}]"#);
        assert_eq!(sheet.parquet(&[]).unwrap(), sheet.parquet(&[]).unwrap());
        assert_eq!((sheet.height(), sheet.numbers("name"), sheet.texts("name").unwrap().len()), (2, None, 2));
    }
}
