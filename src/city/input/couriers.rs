//! Room: city. Rows of the couriers file: one courier, one or more shifts.

use super::place::{GivenPlace, PLACE_COLUMNS, PlaceColumns};
use super::{Files, Known, Problem, StoreRow};
use crate::table::sheet::{Col, Sheet};
use crate::table::{self, Table};
use std::collections::BTreeMap;
use std::path::Path;

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
    /// Index in `Known::stores` of the one store they work for, where given.
    pub store: Option<usize>,
}

const COLUMNS: [&str; 5] = ["courier_id", "on_s", "off_s", "fleet", "store"];

/// Checks a couriers table.
pub fn couriers(table: &Table, known: &Known) -> Result<Vec<CourierRow>, Vec<Problem>> {
    check(table, known, Some(&known.stores))
}

/// Checks a couriers file when the stores could not be read: any store will do.
pub(super) fn read_without_stores(path: &Path, known: &Known) -> Result<Vec<CourierRow>, Vec<Problem>> {
    check(&table::read(path)?, known, None)
}

fn check(table: &Table, known: &Known, stores: Option<&[String]>) -> Result<Vec<CourierRow>, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &[COLUMNS.as_slice(), &PLACE_COLUMNS].concat());
    let id = sheet.required("courier_id", "the id of the courier");
    let places = PlaceColumns::of(&mut sheet, known);
    let on = sheet.required("on_s", "the second of the run a shift begins");
    let off = sheet.required("off_s", "the second of the run a shift ends");
    let [_, _, _, fleet, store] = COLUMNS.map(|name| sheet.column(name));
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
        let of = Employer { fleet: fleet_text, store: store_of(&mut sheet, row, store, stores) };
        if of.fleet.is_some() && of.store.is_some() {
            sheet.problem(row, fleet, "nothing beside `store`: a courier works for a fleet or for one store");
        }
        let (Some(id_text), Some(place), Some(shift)) = (id_text, place, shift) else {
            continue;
        };
        match seen.get(id_text) {
            Some(&at) => again(&mut sheet, row, &mut rows[at], (id, place), (off, shift), ([fleet, store], of)),
            None => {
                seen.insert(id_text, rows.len());
                let number = sheet.row_number(row);
                rows.push(CourierRow {
                    row: number,
                    id: id_text.into(),
                    place,
                    shifts_s: vec![shift],
                    fleet: of.fleet,
                    store: of.store,
                });
            }
        }
    }
    for courier in &mut rows {
        courier.shifts_s.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    sheet.finish(rows)
}

/// Whom a courier works for.
struct Employer {
    fleet: Option<String>,
    store: Option<usize>,
}

/// The store of a row; stores that could not be read are not held against it.
fn store_of(sheet: &mut Sheet<'_>, row: usize, store: Col, stores: Option<&[String]>) -> Option<usize> {
    match stores {
        Some(stores) => sheet.word(row, store, stores, "a store of the stores file"),
        None => sheet.text(row, store).map(|_| 0),
    }
}

/// Reports couriers of one store who do not start there.
pub(super) fn check_places(files: &Files, stores: &[StoreRow], couriers: &[CourierRow], problems: &mut Vec<Problem>) {
    let file = files.couriers.as_ref().map_or(String::new(), |path| path.display().to_string());
    for courier in couriers {
        let Some(store) = courier.store.and_then(|store| stores.get(store)) else { continue };
        if courier.place != store.place {
            let found = format!("courier \"{}\" elsewhere than their store \"{}\"", courier.id, store.id);
            let problem = Problem::of_file(&file, found, "the place of the store, as the stores file has it");
            problems.push(Problem { row: Some(courier.row), ..problem });
        }
    }
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
    ([fleet, store], of): ([Col; 2], Employer),
) {
    if place != courier.place {
        let first = courier.row;
        let problem = sheet.problem_at(row, id, &format!("the same place as in row {first}"));
        sheet.push(problem.help("couriers begin a later shift where the one before ended; repeat the first place"));
    }
    if of.fleet != courier.fleet {
        sheet.problem(row, fleet, &format!("the same fleet as in row {}", courier.row));
    }
    if of.store != courier.store {
        sheet.problem(row, store, &format!("the same store as in row {}", courier.row));
    }
    match courier.shifts_s.iter().find(|&&(begin, end)| on_s < end && begin < off_s) {
        Some((begin, end)) => {
            sheet.problem(row, off, &format!("a shift clear of the courier's other one, {begin} to {end} s"));
        }
        None => courier.shifts_s.push((on_s, off_s)),
    }
}
