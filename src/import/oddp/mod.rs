//! Room: import. Instances of an on-demand delivery simulator for dark stores (ODDP, Dieter 2023): couriers and pickers
//! who belong to one store, and travel times from a matrix.
//!
//! With a trace of orders the scenario replays it; without one it draws days by the rules of that simulator.

mod instance;

use super::folder::MARK;
use super::text::{Csv, toml_string};
use super::{Import, ImportError};
use crate::table::sheet::{Ids, Sheet};
use crate::table::{self, Problem, Table};
use instance::Instance;
use std::path::Path;

/// Mean seconds between orders in each half-hour of the simulator's day.
const GAPS_S: [f64; 13] = [24.0, 25.0, 24.0, 13.0, 14.0, 19.0, 21.0, 15.0, 11.0, 15.0, 18.0, 24.0, 24.0];
/// Hours of that day.
const DAY_H: f64 = 6.5;
/// Hours after the day in which its orders are finished.
const DRAIN_H: f64 = 48.0;
/// Speed of the simulator between clients: 5 m/s.
const SPEED_KMH: f64 = 18.0;

/// Imports one instance file, with the orders of a trace or, without one, with demand to draw days from.
pub fn oddp(instance: &Path, orders: Option<&Path>) -> Result<Import, ImportError> {
    let mut problems = Vec::new();
    let given = instance::read(instance).map_err(|more| problems.extend(more)).ok();
    let clients = given.as_ref().map(|instance| instance.clients.len());
    let places = given.as_ref().map(Places::of);
    let trace = orders.map(|path| table::read(path).and_then(|table| trace_of(&table, clients, places.as_ref())));
    match (given, places, trace) {
        (Some(given), Some(places), None) => Ok(own_days(&given, &places)),
        (Some(given), Some(places), Some(Ok(trace))) => Ok(replay(&given, &places, trace)),
        (_, _, trace) => {
            problems.extend(trace.and_then(Result::err).into_iter().flatten());
            Err(ImportError::Problems(problems))
        }
    }
}

/// Coordinates of warehouses, then clients, in the units of the trace format.
struct Places {
    columns: [&'static str; 2],
    at: Vec<(f64, f64)>,
    warehouses: usize,
}

impl Places {
    fn of(instance: &Instance) -> Places {
        let scale = if instance.globe { 1.0 } else { metres_per_step(instance) };
        let warehouses = instance.warehouses.iter().map(|warehouse| warehouse.at);
        let all = warehouses.chain(instance.clients.iter().copied());
        Places {
            columns: if instance.globe { ["lon", "lat"] } else { ["x_m", "y_m"] },
            at: all.map(|(x, y)| (x * scale, y * scale)).collect(),
            warehouses: instance.warehouses.len(),
        }
    }
    fn client(&self, client: usize) -> usize {
        self.warehouses + client
    }
}

/// Metres of a coordinate step on the plane, by the matrix: its seconds at the riding speed over the steps along streets.
fn metres_per_step(instance: &Instance) -> f64 {
    let steps: f64 = (instance.clients.iter())
        .flat_map(|(x, y)| instance.warehouses.iter().map(move |w| (x - w.at.0).abs() + (y - w.at.1).abs()))
        .sum();
    let metres = instance.seconds.iter().sum::<f64>() * SPEED_KMH / 3.6;
    if steps > 0.0 { metres / steps } else { 1.0 }
}

/// Orders of a trace.
struct Trace {
    count: usize,
    last_placed_s: f64,
    csv: Csv,
}

const TRACE_COLUMNS: [&str; 11] = [
    "order",
    "t_order_s",
    "client",
    "commission_s",
    "service_s",
    "warehouse",
    "picker",
    "courier",
    "t_pick_done_s",
    "t_leave_s",
    "t_arrive_s",
];

/// The first five columns of a trace: what was ordered. What the simulator made of it is not taken over.
fn trace_of(table: &Table, clients: Option<usize>, places: Option<&Places>) -> Result<Trace, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &TRACE_COLUMNS);
    let id = sheet.required("order", "the number of the order");
    let client = sheet.required("client", "the number of a client");
    let [placed, pick, service] =
        ["t_order_s", "commission_s", "service_s"].map(|name| sheet.required(name, "seconds"));
    let columns = places.map_or(["x_m", "y_m"], |places| places.columns);
    let header = ["order_id", "placed_s", columns[0], columns[1], "place", "channel", "pick_s", "service_s"];
    let mut trace = Trace { count: 0, last_placed_s: 0.0, csv: Csv::with_header(&header) };
    let mut ids = Ids::default();
    let last = clients.map_or(u32::MAX - 1, |clients| clients.saturating_sub(1) as u32);
    for row in sheet.rows() {
        let id = ids.take(&mut sheet, row, id);
        let expected = "the number of a client of the instance";
        sheet.needed_text(row, client, expected);
        let client = sheet.whole(row, client, (0, last), expected);
        let placed = sheet.needed_number(row, placed, (0.0, 86_400.0), "seconds since the start of the day");
        let [pick, service] =
            [pick, service].map(|column| sheet.needed_number(row, column, (0.0, 86_400.0), "seconds"));
        let (Some(id), Some(client), Some(placed), Some(pick), Some(service), Some(places)) =
            (id, client, placed, pick, service, places)
        else {
            continue;
        };
        let place = places.client(client as usize);
        let (x, y) = places.at[place];
        trace.csv.row(&[&id, &placed, &x, &y, &place, &"near", &pick, &service]);
        trace.count += 1;
        trace.last_placed_s = trace.last_placed_s.max(placed);
    }
    sheet.finish(trace)
}

fn replay(instance: &Instance, places: &Places, trace: Trace) -> Import {
    // A whole number of half-hours, at least the simulator's day.
    let horizon_h = ((trace.last_placed_s / 1800.0).ceil() / 2.0).max(DAY_H);
    let demand = "[demand]\nsource = \"trace\"\norders_file = \"orders.csv\"   # picking and hand-over times too\n\n\
         [consumers]\ncancel_hazard_per_min = 0\n";
    let orders = trace.csv.into_file("orders.csv");
    let found = format!("{} orders", trace.count);
    import(instance, places, horizon_h, &found, demand.into(), orders)
}

fn own_days(instance: &Instance, places: &Places) -> Import {
    let mut csv = Csv::with_header(&[places.columns[0], places.columns[1], "place"]);
    for client in 0..instance.clients.len() {
        let place = places.client(client);
        let (x, y) = places.at[place];
        csv.row(&[&x, &y, &place]);
    }
    import(instance, places, DAY_H, "days to be drawn", drawn_demand(instance), csv.into_file("points.csv"))
}

/// Demand by the simulator's rules: the keys of a day that is drawn.
fn drawn_demand(instance: &Instance) -> String {
    let by_half_hour = GAPS_S.map(|gap| 1800.0 / gap);
    let rest = [0.0; 48 - GAPS_S.len()];
    let profile: Vec<String> = by_half_hour.iter().chain(&rest).map(f64::to_string).collect();
    format!(
        "[demand]
orders_per_day = {orders}
# Orders expected in each half-hour; the mean seconds between them are 24, 25, 24, 13, 14, 19, 21, 15, 11, 15, 18, 24, 24.
profile = [{profile}]
gap_rounding_s = 1
extra_items_mean = 0
points_file = \"points.csv\"

[consumers]
count = {clients}          # one at each client's place, each as likely to order
cancel_hazard_per_min = 0

[[stores.archetypes]]
id = \"dark_store\"
pick_base_min = {pick_min}
pick_per_item_min = 0
pick_distribution = \"exponential\"
pick_rounding_s = 1

[choice]
model = \"intent\"

[[catalogue.categories]]
id = \"order\"
near_intent = 1
return_rate = 0
",
        orders = by_half_hour.iter().sum::<f64>(),
        profile = profile.join(", "),
        clients = instance.clients.len(),
        pick_min = instance.pick_mean_s / 60.0,
    )
}

fn import(
    instance: &Instance,
    places: &Places,
    horizon_h: f64,
    found: &str,
    demand: String,
    demand_file: (String, String),
) -> Import {
    let fleet: u32 = instance.warehouses.iter().map(|warehouse| warehouse.couriers).sum();
    let (name, warehouses) = (&instance.name, instance.warehouses.len());
    let clients = instance.clients.len();
    let note = format!("{name}: {warehouses} dark stores, {fleet} couriers, {clients} clients, {found}");
    Import {
        name: format!("oddp-{name}"),
        scenario_toml: scenario(instance, horizon_h, &demand),
        files: vec![stores(instance, places), couriers(instance, places, horizon_h), matrix(instance), demand_file],
        notes: vec![note],
    }
}

fn stores(instance: &Instance, places: &Places) -> (String, String) {
    let [x, y] = places.columns;
    let mut csv = Csv::with_header(&["store_id", x, y, "place", "pickers", "radius_km", "fixed_cost_yuan_per_day"]);
    for (place, warehouse) in instance.warehouses.iter().enumerate() {
        let (x, y) = places.at[place];
        csv.row(&[&format!("w{place}"), &x, &y, &place, &warehouse.pickers, &1000, &0]);
    }
    csv.into_file("stores.csv")
}

/// Couriers, counted through from the first store to the last, on duty to the end of the run.
fn couriers(instance: &Instance, places: &Places, horizon_h: f64) -> (String, String) {
    let [x, y] = places.columns;
    let mut csv = Csv::with_header(&["courier_id", x, y, "place", "on_s", "off_s", "store"]);
    let off_s = (horizon_h + DRAIN_H) * 3600.0;
    let mut number = 0;
    for (place, warehouse) in instance.warehouses.iter().enumerate() {
        let (x, y) = places.at[place];
        for _ in 0..warehouse.couriers {
            csv.row(&[&format!("c{number}"), &x, &y, &place, &0, &off_s, &format!("w{place}")]);
            number += 1;
        }
    }
    csv.into_file("couriers.csv")
}

/// The way from each client to each warehouse; the way back takes as long.
fn matrix(instance: &Instance) -> (String, String) {
    let warehouses = instance.warehouses.len();
    let mut csv = Csv::with_header(&["from", "to", "seconds"]);
    for (cell, seconds) in instance.seconds.iter().enumerate() {
        csv.row(&[&(warehouses + cell / warehouses), &(cell % warehouses), seconds]);
    }
    csv.into_file("matrix.csv")
}

fn scenario(instance: &Instance, horizon_h: f64, demand: &str) -> String {
    let (name, label) =
        (toml_string(&format!("oddp-{}", instance.name)), toml_string(&format!("ODDP {}", instance.name)));
    let handover_min = instance.service_s / 60.0;
    format!(
        r#"{MARK} oddp`: one instance of an on-demand delivery simulator for dark stores
# (ODDP, Dieter 2023). Stores, couriers, pickers, clients and travel times are those of the instance; the rules are the
# simulator's. Its two policies: sourcing.policy "nearest_stocked" (its nearestWarehouse) and "reassignment"; with
# dispatch.join_trips = true an order may join a trip that has not left.

schema = 1
name = {name}
label = {label}
question = "How soon do orders arrive when every store has couriers of its own?"
horizon_h = {horizon_h}        # orders are placed; then all are delivered
drain_h = {DRAIN_H}
start_hour = 0

[city]
metric = "matrix"
matrix_file = "matrix.csv"
rounding = "floor"     # whole seconds, as in the simulator
rounding_s = 1
earth_radius_km = 6371 # between clients: great circle at couriers.speed_kmh

{demand}
[stores]
file = "stores.csv"
unlimited_stock = true

[couriers]
refusal_share = 0
file = "couriers.csv"
speed_kmh = {SPEED_KMH}
pickup_service_min = 0
handover_min = {handover_min}
handover_cv = 0
after_delivery = "return"
capacity = 1000        # no limit, where orders join trips

[near]
radius_km = 1000       # any store may serve any client
delivered_at = "arrival"

[sourcing]
policy = "nearest_stocked"

[dispatch]
policy = "store_couriers"

[promise]
near_min = 30          # an order is late after this

[cost]                 # the simulator counts no money
courier_per_order_yuan = 0
courier_per_km_yuan = 0
courier_extra_yuan_by_hour = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
picker_wage_yuan_per_h = 0
near_packaging_yuan = 0
near_inbound_yuan = 0
near_return_factor = 0
late_compensation_yuan = 0
"#
    )
}

#[cfg(test)]
mod tests;
