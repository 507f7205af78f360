//! Room: city. Rows of the orders file: a trace of what was ordered and what was observed about it.

use super::couriers::LAST_SECOND;
use super::place::{GivenPlace, PLACE_COLUMNS, PlaceColumns};
use super::stores::{CHANNEL_WORDS, CHANNELS};
use super::{Known, Problem};
use crate::city::Channel;
use crate::table::sheet::{Col, Ids, Sheet};
use crate::table::{self, Table};
use std::path::Path;

/// One order as given.
#[derive(Clone, PartialEq, Debug)]
pub struct OrderRow {
    /// Row of the file.
    pub row: u64,
    /// Name in tables, unique.
    pub id: String,
    /// When it is placed, in seconds since the start of the run.
    pub placed_s: f64,
    /// Where it goes.
    pub place: GivenPlace,
    /// Index of the store in `Known::stores`, where given; sourcing is not asked then.
    pub store: Option<usize>,
    /// Channel the consumer asked for, where given; far without a store is served by the warehouse.
    pub channel: Option<Channel>,
    /// When it is ready at the store, in seconds since the start of the run; no picker is used.
    pub ready_s: Option<f64>,
    /// Picking time in seconds; a picker is used.
    pub pick_s: Option<f64>,
    /// Service at the door in seconds.
    pub service_s: Option<f64>,
    /// Index of the category in `Known::categories`, where given.
    pub category: Option<usize>,
    /// Value at list price, in yuan.
    pub value_yuan: Option<f64>,
    /// Units, at least 1.
    pub quantity: u32,
}

const COLUMNS: [&str; 10] = [
    "order_id",
    "placed_s",
    "store",
    "channel",
    "ready_s",
    "pick_s",
    "service_s",
    "category",
    "value_yuan",
    "quantity",
];

/// Longest picking or service time a file may name: a week.
const LONGEST_SPAN_S: f64 = 604_800.0;

/// Checks an orders table.
pub fn orders(table: &Table, known: &Known) -> Result<Vec<OrderRow>, Vec<Problem>> {
    check(table, known, Some(&known.stores))
}

/// Checks an orders file when the stores could not be read: any store will do.
pub(super) fn read_without_stores(path: &Path, known: &Known) -> Result<Vec<OrderRow>, Vec<Problem>> {
    check(&table::read(path)?, known, None)
}

fn check(table: &Table, known: &Known, stores: Option<&[String]>) -> Result<Vec<OrderRow>, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &[COLUMNS.as_slice(), &PLACE_COLUMNS].concat());
    let id = sheet.required("order_id", "the id of the order");
    let placed = sheet.required("placed_s", "the second of the run it is placed");
    let places = PlaceColumns::of(&mut sheet, known);
    let [_, _, store, channel, ready, pick, service, category, value, quantity] =
        COLUMNS.map(|name| sheet.column(name));
    let stores = stores.map(StoreNames::new);
    let mut ids = Ids::default();
    let mut rows = Vec::with_capacity(table.len());
    for row in sheet.rows() {
        let id = ids.take(&mut sheet, row, id);
        let placed_s = sheet.needed_number(row, placed, (0.0, LAST_SECOND), "seconds since the start of the run");
        let place = places.read(&mut sheet, row);
        let store = stores.as_ref().and_then(|names| names.find(&mut sheet, row, store));
        let channel = sheet.word(row, channel, &CHANNEL_WORDS, "near or far").map(|word| CHANNELS[word]);
        let ready_s = ready_time(&mut sheet, row, ready, placed_s);
        let pick_s = sheet.number(row, pick, (0.0, LONGEST_SPAN_S), "seconds of picking");
        if pick_s.is_some() && ready_s.is_some() {
            sheet.problem(row, pick, "an empty cell, because ready_s is given and no picker is used then");
        }
        let service_s = sheet.number(row, service, (0.0, LONGEST_SPAN_S), "seconds of service at the door");
        let category = sheet.word(row, category, &known.categories, "a category of the scenario");
        let value_yuan = sheet.number(row, value, (0.0, 1e9), "yuan");
        let quantity = sheet.whole(row, quantity, (1, 60_000), "a whole number of units").unwrap_or(1);
        let (Some(id), Some(placed_s), Some(place)) = (id, placed_s, place) else {
            continue;
        };
        rows.push(OrderRow {
            row: sheet.row_number(row),
            id: id.into(),
            placed_s,
            place,
            store,
            channel,
            ready_s,
            pick_s,
            service_s,
            category,
            value_yuan,
            quantity,
        });
    }
    sheet.finish(rows)
}

fn ready_time(sheet: &mut Sheet<'_>, row: usize, ready: Col, placed_s: Option<f64>) -> Option<f64> {
    let ready_s = sheet.number(row, ready, (0.0, LAST_SECOND), "seconds since the start of the run")?;
    match placed_s {
        Some(placed_s) if ready_s < placed_s => {
            sheet.problem(row, ready, &format!("a second at or after placed_s, {placed_s}"));
            None
        }
        _ => Some(ready_s),
    }
}

/// Store ids, ranked so that a trace of many orders finds its store in *O*(log n).
struct StoreNames<'k> {
    names: &'k [String],
    ranked: Vec<usize>,
}

impl<'k> StoreNames<'k> {
    fn new(names: &'k [String]) -> Self {
        let mut ranked: Vec<usize> = (0..names.len()).collect();
        ranked.sort_by_key(|&at| &names[at]);
        StoreNames { names, ranked }
    }

    fn find(&self, sheet: &mut Sheet<'_>, row: usize, column: Col) -> Option<usize> {
        let text = sheet.text(row, column)?;
        match self.ranked.binary_search_by(|&at| self.names[at].as_str().cmp(text)) {
            Ok(at) => Some(self.ranked[at]),
            // Not found: asking again by the slow way phrases the problem and finds the nearest name.
            Err(_) => sheet.word(row, column, self.names, "the store_id of a store"),
        }
    }
}
