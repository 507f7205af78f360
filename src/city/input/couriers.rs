//! Room: city. Rows of the couriers file: one courier, one or more shifts.

use super::place::{GivenPlace, PLACE_COLUMNS, PlaceColumns};
use super::{Known, Problem};
use crate::table::Table;
use crate::table::sheet::{Col, Sheet};
use std::collections::BTreeMap;

/// Latest second of the run a file may name: about 31 years.
pub(super) const LAST_SECOND: f64 = 1e9;

/// One courier as given.
#[derive(Clone, PartialEq, Debug)]
pub struct CourierRow {
    /// First row of the courier in the file.
    pub row: u64,
    /// Name in tables, unique.
    pub id: String,
    /// Where they wait when their first shift begins.
    pub place: GivenPlace,
    /// Shifts as (on duty, off duty) in seconds since the start of the run, in order, not overlapping.
    pub shifts_s: Vec<(f64, f64)>,
    /// Name of the fleet they belong to.
    pub fleet: Option<String>,
}

const COLUMNS: [&str; 4] = ["courier_id", "on_s", "off_s", "fleet"];

/// Checks a couriers table.
pub fn couriers(table: &Table, known: &Known) -> Result<Vec<CourierRow>, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &[COLUMNS.as_slice(), &PLACE_COLUMNS].concat());
    let id = sheet.required("courier_id", "the id of the courier");
    let places = PlaceColumns::of(&mut sheet, known);
    let on = sheet.required("on_s", "the second of the run a shift begins");
    let off = sheet.required("off_s", "the second of the run a shift ends");
    let fleet = sheet.column("fleet");
    let mut rows: Vec<CourierRow> = Vec::with_capacity(table.len());
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for row in sheet.rows() {
        let id_text = sheet.needed_text(row, id, "an id");
        let place = places.read(&mut sheet, row);
        let shift = shift(&mut sheet, row, on, off);
        if !known.fleets.is_empty() {
            sheet.word(row, fleet, &known.fleets, "a fleet that serves a store");
        }
        let fleet_text = sheet.text(row, fleet).map(str::to_owned);
        let (Some(id_text), Some(place), Some(shift)) = (id_text, place, shift) else {
            continue;
        };
        match seen.get(id_text) {
            Some(&at) => again(&mut sheet, row, &mut rows[at], (id, place), (off, shift), (fleet, fleet_text)),
            None => {
                seen.insert(id_text, rows.len());
                let number = sheet.row_number(row);
                rows.push(CourierRow {
                    row: number,
                    id: id_text.into(),
                    place,
                    shifts_s: vec![shift],
                    fleet: fleet_text,
                });
            }
        }
    }
    for courier in &mut rows {
        courier.shifts_s.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    sheet.finish(rows)
}

fn shift(sheet: &mut Sheet<'_>, row: usize, on: Col, off: Col) -> Option<(f64, f64)> {
    let on_s = sheet.needed_number(row, on, (0.0, LAST_SECOND), "seconds since the start of the run");
    let off_s = sheet.needed_number(row, off, (0.0, LAST_SECOND), "seconds since the start of the run");
    let (on_s, off_s) = (on_s?, off_s?);
    if off_s < on_s {
        let problem = sheet.problem_at(row, off, &format!("a second at or after on_s, {on_s}"));
        sheet.push(problem.help("add 86400 to a shift that ends after midnight"));
        return None;
    }
    Some((on_s, off_s))
}

/// Adds the shift of a repeated row to its courier; the rest of the row must say the same as before.
fn again(
    sheet: &mut Sheet<'_>,
    row: usize,
    courier: &mut CourierRow,
    (id, place): (Col, GivenPlace),
    (off, (on_s, off_s)): (Col, (f64, f64)),
    (fleet, fleet_text): (Col, Option<String>),
) {
    if place != courier.place {
        let first = courier.row;
        let problem = sheet.problem_at(row, id, &format!("the same place as in row {first}"));
        sheet.push(problem.help("couriers begin a later shift where the one before ended; repeat the first place"));
    }
    if fleet_text != courier.fleet {
        sheet.problem(row, fleet, &format!("the same fleet as in row {}", courier.row));
    }
    match courier.shifts_s.iter().find(|&&(begin, end)| on_s < end && begin < off_s) {
        Some((begin, end)) => {
            sheet.problem(row, off, &format!("a shift clear of the courier's other one, {begin} to {end} s"));
        }
        None => courier.shifts_s.push((on_s, off_s)),
    }
}
