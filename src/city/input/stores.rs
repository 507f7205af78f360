//! Room: city. Rows of the stores file.

use super::place::{GivenPlace, PLACE_COLUMNS, PlaceColumns};
use super::{Known, Problem};
use crate::city::Channel;
use crate::table::Table;
use crate::table::sheet::{Ids, Sheet};

/// One store as given; what is absent comes from its archetype or the scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct StoreRow {
    /// Row of the file.
    pub row: u64,
    /// Name in tables, unique.
    pub id: String,
    /// Where it stands.
    pub place: GivenPlace,
    /// Index of its archetype in `Known::archetypes`, where given.
    pub archetype: Option<usize>,
    /// Largest distance to a consumer it serves, in kilometres without detour.
    pub radius_km: Option<f64>,
    /// Pickers working at the same time; 0 means no limit.
    pub pickers: Option<u32>,
    /// Clock hour it opens, 0 to 24.
    pub open_h: Option<f64>,
    /// Clock hour it closes, 0 to 24; at or before `open_h` means after midnight.
    pub close_h: Option<f64>,
    /// Name of the fleet that serves it.
    pub fleet: Option<String>,
    /// Channel its orders count as.
    pub channel: Option<Channel>,
    /// Rent and fixed wages for 24 hours, in yuan.
    pub fixed_cost_yuan_per_day: Option<f64>,
}

const COLUMNS: [&str; 9] = [
    "store_id",
    "archetype",
    "radius_km",
    "pickers",
    "open_h",
    "close_h",
    "fleet",
    "channel",
    "fixed_cost_yuan_per_day",
];

/// The words of a `channel` column, in the order of [`CHANNELS`].
pub(super) const CHANNEL_WORDS: [&str; 2] = ["near", "far"];
/// The channels of [`CHANNEL_WORDS`].
pub(super) const CHANNELS: [Channel; 2] = [Channel::Near, Channel::Far];

/// Checks a stores table.
pub fn stores(table: &Table, known: &Known) -> Result<Vec<StoreRow>, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &[COLUMNS.as_slice(), &PLACE_COLUMNS].concat());
    let id = sheet.required("store_id", "the id of the store");
    let places = PlaceColumns::of(&mut sheet, known);
    let [_, archetype, radius, pickers, open, close, fleet, channel, fixed] = COLUMNS.map(|name| sheet.column(name));
    let mut ids = Ids::default();
    let mut rows = Vec::with_capacity(table.len());
    for row in sheet.rows() {
        let id = ids.take(&mut sheet, row, id);
        let place = places.read(&mut sheet, row);
        if place.is_some() {
            places.check_node(&mut sheet, row, known);
        }
        let archetype = sheet.word(row, archetype, &known.archetypes, "an archetype of the scenario");
        let radius_km = sheet.number(row, radius, (0.0, 1e5), "kilometres");
        let pickers = sheet.whole(row, pickers, (0, 10_000), "a whole number of pickers");
        let open_h = sheet.number(row, open, (0.0, 24.0), "a clock hour");
        let close_h = sheet.number(row, close, (0.0, 24.0), "a clock hour");
        let fleet = sheet.text(row, fleet).map(str::to_owned);
        let channel = sheet.word(row, channel, &CHANNEL_WORDS, "near or far").map(|word| CHANNELS[word]);
        let fixed_cost_yuan_per_day = sheet.number(row, fixed, (0.0, 1e7), "yuan a day");
        let (Some(id), Some(place)) = (id, place) else { continue };
        rows.push(StoreRow {
            row: sheet.row_number(row),
            id: id.into(),
            place,
            archetype,
            radius_km,
            pickers,
            open_h,
            close_h,
            fleet,
            channel,
            fixed_cost_yuan_per_day,
        });
    }
    sheet.finish(rows)
}
