//! Room: city. Rows of the demand points file: where synthetic consumers live.

use super::place::{GivenPlace, PLACE_COLUMNS, PlaceColumns};
use super::{Known, Problem};
use crate::table::Table;
use crate::table::sheet::Sheet;

/// One place where consumers live.
#[derive(Clone, PartialEq, Debug)]
pub struct PointRow {
    /// Row of the file.
    pub row: u64,
    /// Where it is.
    pub place: GivenPlace,
    /// Share of consumers living there, relative to the other points.
    pub weight: f64,
}

/// Checks a demand points table.
pub fn points(table: &Table, known: &Known) -> Result<Vec<PointRow>, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &[["weight"].as_slice(), &PLACE_COLUMNS].concat());
    let places = PlaceColumns::of(&mut sheet, known);
    let weight = sheet.column("weight");
    let mut rows = Vec::with_capacity(table.len());
    for row in sheet.rows() {
        let place = places.read(&mut sheet, row);
        let given = match weight.is_given() {
            true => sheet.needed_number(row, weight, (0.0, 1e12), "a weight"),
            false => Some(1.0),
        };
        let (Some(place), Some(weight)) = (place, given) else {
            continue;
        };
        rows.push(PointRow { row: sheet.row_number(row), place, weight });
    }
    if !table.is_empty() && rows.iter().all(|point| point.weight == 0.0) && rows.len() == table.len() {
        sheet.file_problem("only weights of 0", "at least one point where somebody lives");
    }
    if table.is_empty() {
        sheet.file_problem("no points", "at least one point where somebody lives");
    }
    sheet.finish(rows)
}
