//! Room: sweep. Parquet tables of a sweep: written with the same few kinds of column, read back by name.

use super::SweepError;
use crate::metrics::MetricsError;
use polars::prelude::*;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

pub(super) fn number_column(name: &str, values: Vec<f64>) -> Column {
    Column::new(name.into(), values)
}

pub(super) fn text_column(name: &str, values: Vec<String>) -> Column {
    Column::new(name.into(), values)
}

pub(super) fn whole_column(name: &str, values: Vec<u32>) -> Column {
    Column::new(name.into(), values)
}

/// Reads a Parquet file, all columns or those named, and the key and value pairs of its footer.
pub(super) fn read_table(
    path: &Path,
    columns: Option<Vec<String>>,
) -> Result<(DataFrame, BTreeMap<String, String>), SweepError> {
    let file = File::open(path).map_err(SweepError::io(path))?;
    let mut reader = ParquetReader::new(file).with_columns(columns);
    let pairs = reader.get_metadata().map_err(MetricsError::from)?.key_value_metadata().clone().unwrap_or_default();
    let table = reader.finish().map_err(MetricsError::from)?;
    Ok((table, pairs.into_iter().filter_map(|pair| Some((pair.key, pair.value?))).collect()))
}

/// A column of numbers; NaN where there is none.
pub(super) fn numbers(table: &DataFrame, name: &str) -> Result<Vec<f64>, SweepError> {
    Ok(table.column(name)?.f64()?.iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

/// A column of whole numbers.
pub(super) fn wholes(table: &DataFrame, name: &str) -> Result<Vec<u32>, SweepError> {
    Ok(table.column(name)?.u32()?.iter().map(|value| value.unwrap_or(0)).collect())
}

/// A column of texts.
pub(super) fn texts(table: &DataFrame, name: &str) -> Result<Vec<Option<String>>, SweepError> {
    Ok(table.column(name)?.str()?.iter().map(|text| text.map(str::to_owned)).collect())
}
