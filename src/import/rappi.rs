//! Room: import. City-days of a Latin-American on-demand platform: restaurants are pick-up coordinates.

use super::folder::MARK;
use super::text::{Csv, DAY_S, clock_s};
use super::{Import, ImportError};
use crate::table::sheet::{Ids, Sheet};
use crate::table::{self, Problem, Table};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const LATITUDE: (f64, f64) = (-90.0, 90.0);
const LONGITUDE: (f64, f64) = (-180.0, 180.0);

/// Imports city-day `day` of the folder `source`; without a day, the only one there.
pub fn rappi(source: &Path, day: Option<u32>) -> Result<Import, ImportError> {
    let day = the_day(source, day)?;
    let mut problems = Vec::new();
    let orders = read(source, &format!("{day}_orders.csv"), orders_of, &mut problems);
    let couriers = read(source, &format!("{day}_couriers.csv"), couriers_of, &mut problems);
    match (orders, couriers) {
        (Some(orders), Some(couriers)) => Ok(assemble(day, orders, couriers)),
        _ => Err(ImportError::Problems(problems)),
    }
}

fn read<T>(
    source: &Path,
    name: &str,
    check: impl Fn(&Table) -> Result<T, Vec<Problem>>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let zipped: PathBuf = source.join(format!("{name}.gz"));
    let path = if zipped.is_file() { zipped } else { source.join(name) };
    match table::read(&path).and_then(|table| check(&table)) {
        Ok(value) => Some(value),
        Err(more) => {
            problems.extend(more);
            None
        }
    }
}

/// The day asked for, if it is there; without one, the only one there.
fn the_day(source: &Path, asked: Option<u32>) -> Result<u32, ImportError> {
    let entries = std::fs::read_dir(source).map_err(|error| ImportError::io(source, error))?;
    let number = |name: String| name.split_once("_orders.csv")?.0.parse::<u32>().ok();
    let mut days: Vec<u32> =
        entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).filter_map(number).collect();
    days.sort_unstable();
    let there = days.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let not = |expected: String| ImportError::NotTheFormat {
        source_folder: source.to_owned(),
        found: if days.is_empty() { "no N_orders.csv.gz".into() } else { format!("days {there}") },
        expected,
    };
    match (asked, days.as_slice()) {
        (Some(day), _) if days.contains(&day) => Ok(day),
        (Some(day), _) => Err(not(format!("{day}_orders.csv.gz and {day}_couriers.csv.gz, or another --day"))),
        (None, &[only]) => Ok(only),
        (None, []) => Err(not("files N_orders.csv.gz and N_couriers.csv.gz".into())),
        (None, _) => Err(not("one of them chosen by --day".into())),
    }
}

/// Orders, the stores found in them, and what was odd.
struct Orders {
    csv: Csv,
    stores: Csv,
    count: usize,
    store_count: usize,
    ready_after_midnight: usize,
    promise_min: f64,
}

const ORDER_COLUMNS: [&str; 9] = [
    "order_id",
    "pick_up_lat",
    "pick_up_lng",
    "drop_off_lat",
    "drop_off_lng",
    "placement_time",
    "preparation_time",
    "ready_time",
    "expected_drop_off_time",
];

fn orders_of(table: &Table) -> Result<Orders, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &ORDER_COLUMNS);
    let [id, store_lat, store_lng, lat, lng, placed, _, ready, expected] =
        ORDER_COLUMNS.map(|name| sheet.required(name, "as the data set has it"));
    let mut csv = Csv::with_header(&["order_id", "placed_s", "lon", "lat", "store", "channel", "ready_s"]);
    let mut stores = StoresFound::new();
    let (mut ids, mut promises, mut ready_after_midnight) = (Ids::default(), Vec::new(), 0);
    for row in sheet.rows() {
        let id = ids.take(&mut sheet, row, id);
        let [store_lat, lat] =
            [store_lat, lat].map(|column| sheet.needed_number(row, column, LATITUDE, "degrees north"));
        let [store_lng, lng] =
            [store_lng, lng].map(|column| sheet.needed_number(row, column, LONGITUDE, "degrees east"));
        let [placed, ready, expected] = [placed, ready, expected].map(|column| clock_s(&mut sheet, row, column));
        let (Some(id), Some(lat), Some(lng), Some(placed)) = (id, lat, lng, placed) else {
            continue;
        };
        let (Some(store_lat), Some(store_lng), Some(ready), Some(expected)) = (store_lat, store_lng, ready, expected)
        else {
            continue;
        };
        ready_after_midnight += usize::from(ready < placed);
        promises.push(after(placed, expected) - placed);
        csv.row(&[&id, &placed, &lng, &lat, &stores.id_at(store_lng, store_lat), &"near", &after(placed, ready)]);
    }
    promises.sort_by(f64::total_cmp);
    let promise_min = promises.get(promises.len() / 2).map_or(30.0, |seconds| (seconds / 60.0).round().max(1.0));
    let count = promises.len();
    let (stores, store_count) = (stores.csv, stores.by_place.len());
    sheet.finish(Orders { csv, stores, count, store_count, ready_after_midnight, promise_min })
}

/// The clock time `then` as seconds of the run, not before `first`: an earlier clock time is that of the next day.
fn after(first: f64, then: f64) -> f64 {
    if then < first { then + DAY_S } else { then }
}

/// Stores by pick-up coordinate, numbered in order of first appearance.
struct StoresFound {
    by_place: BTreeMap<(u64, u64), String>,
    csv: Csv,
}

impl StoresFound {
    fn new() -> Self {
        let csv = Csv::with_header(&["store_id", "lon", "lat", "channel", "pickers", "fixed_cost_yuan_per_day"]);
        StoresFound { by_place: BTreeMap::new(), csv }
    }

    fn id_at(&mut self, lon: f64, lat: f64) -> String {
        let next = format!("S{:04}", self.by_place.len() + 1);
        // Bit patterns tell equal coordinates apart from nearly equal ones, and can be ranked.
        let id = self.by_place.entry((lon.to_bits(), lat.to_bits())).or_insert_with(|| {
            self.csv.row(&[&next, &lon, &lat, &"near", &0, &0]);
            next
        });
        id.clone()
    }
}

/// Couriers with a shift, and how many had none.
struct Couriers {
    csv: Csv,
    count: usize,
    without_shift: usize,
    vehicles: BTreeMap<String, usize>,
    last_off_s: f64,
}

const COURIER_COLUMNS: [&str; 6] = ["courier_id", "vehicle", "on_lat", "on_lng", "on_time", "off_time"];

fn couriers_of(table: &Table) -> Result<Couriers, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &COURIER_COLUMNS);
    let [id, vehicle, lat, lng, on, off] = COURIER_COLUMNS.map(|name| sheet.required(name, "as the data set has it"));
    let csv = Csv::with_header(&["courier_id", "lon", "lat", "on_s", "off_s"]);
    let mut couriers = Couriers { csv, count: 0, without_shift: 0, vehicles: BTreeMap::new(), last_off_s: 0.0 };
    let mut ids = Ids::default();
    for row in sheet.rows() {
        let id = ids.take(&mut sheet, row, id);
        let lat = sheet.needed_number(row, lat, LATITUDE, "degrees north");
        let lng = sheet.needed_number(row, lng, LONGITUDE, "degrees east");
        let [on, off] = [on, off].map(|column| clock_s(&mut sheet, row, column));
        let vehicle = sheet.text(row, vehicle).unwrap_or("unknown").to_owned();
        let (Some(id), Some(lat), Some(lng), Some(on), Some(off)) = (id, lat, lng, on, off) else {
            continue;
        };
        if on == off {
            couriers.without_shift += 1;
            continue;
        }
        let off = after(on, off);
        couriers.csv.row(&[&id, &lng, &lat, &on, &off]);
        couriers.count += 1;
        *couriers.vehicles.entry(vehicle).or_default() += 1;
        couriers.last_off_s = couriers.last_off_s.max(off);
    }
    sheet.finish(couriers)
}

fn assemble(day: u32, orders: Orders, couriers: Couriers) -> Import {
    let vehicles: Vec<String> = couriers.vehicles.iter().map(|(vehicle, count)| format!("{count} {vehicle}")).collect();
    let facts = vec![
        format!("{} orders from {} stores (distinct pick-up coordinates)", orders.count, orders.store_count),
        format!("{} orders are ready after midnight and end on the next day", orders.ready_after_midnight),
        format!("{} couriers with a shift ({})", couriers.count, vehicles.join(", ")),
        format!("{} couriers come on and go off in the same second and are left out", couriers.without_shift),
    ];
    let horizon_h = (couriers.last_off_s / 3600.0).ceil().max(24.0);
    Import {
        name: format!("rappi-day-{day}"),
        scenario_toml: scenario(day, horizon_h, orders.promise_min, &facts),
        files: vec![
            orders.csv.into_file("orders.csv"),
            orders.stores.into_file("stores.csv"),
            couriers.csv.into_file("couriers.csv"),
        ],
        notes: facts,
    }
}

fn scenario(day: u32, horizon_h: f64, promise_min: f64, facts: &[String]) -> String {
    let facts: String = facts.iter().map(|fact| format!("#   {fact}\n")).collect();
    format!(
        r#"{MARK} rappi --day {day}`: one day of one city, replayed.
# Found in the data:
{facts}# Assumed, because the data does not say it: every key marked "assumed" below.

schema = 1
name = "rappi-day-{day}"
label = "Rappi city-day {day}"
question = "How fast does nearest-courier dispatch serve a real city-day?"
horizon_h = {horizon_h}
drain_h = 24
start_hour = 0         # second 0 of the run is midnight

[city]
metric = "haversine"
detour_factor = 1.3    # assumed: road distance by great-circle distance
rounding = "none"

[demand]
source = "trace"
orders_file = "orders.csv"

[stores]
file = "stores.csv"    # a store is a distinct pick-up coordinate; ready times are those of the data
unlimited_stock = true

[consumers]
cancel_hazard_per_min = 0   # the data holds no cancellations

[couriers]
refusal_share = 0.0
file = "couriers.csv"  # on and off duty as in the data, waiting where they came on
speed_kmh = 20         # assumed: motorcycles in town; the data mixes vehicles, the model has one speed
pickup_service_min = 2 # assumed
handover_min = 4       # assumed
handover_cv = 0.5      # assumed

[near]
radius_km = 1000       # the store is given with the order
delivered_at = "end_service"   # assumed

[dispatch]
policy = "greedy_nearest"      # assumed: how the platform dispatched is not in the data

[promise]
near_min = {promise_min}          # median of expected drop-off less placement

[price]                # the data holds no fees and commissions
near_fee_yuan = 0
near_commission = 0
far_commission = 0

[cost]                 # assumed: the defaults of nearfar in yuan; the data holds no money
courier_extra_yuan_by_hour = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]   # no add-on by the hour
"#
    )
}
