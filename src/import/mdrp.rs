//! Room: import. Instances of the Meal Delivery Routing Problem (Reyes et al. 2018): metres and minutes on a plane.

use super::folder::MARK;
use super::text::{Csv, toml_string};
use super::{Import, ImportError};
use crate::table::sheet::{Ids, Sheet};
use crate::table::{self, Problem, TAB, Table};
use std::path::{Path, PathBuf};

/// Minutes; the latest an instance may name is a fortnight.
const MINUTES: (f64, f64) = (0.0, 20_160.0);
const METRES: (f64, f64) = (-1e8, 1e8);

/// The instance folders in `source`, by name: itself if it is one, else those in it or in its `instances` folder.
pub fn mdrp_instances(source: &Path) -> Result<Vec<PathBuf>, ImportError> {
    if is_instance(source) {
        return Ok(vec![source.to_owned()]);
    }
    let inner = source.join("instances");
    let folder = if inner.is_dir() { inner.as_path() } else { source };
    let entries = std::fs::read_dir(folder).map_err(|error| ImportError::io(folder, error))?;
    let mut instances: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| is_instance(path)).collect();
    instances.sort();
    match instances.is_empty() {
        true => Err(ImportError::NotTheFormat {
            source_folder: source.to_owned(),
            found: "no instance".into(),
            expected: "orders.txt, couriers.txt, restaurants.txt and instance_parameters.txt in it or in folders of it"
                .into(),
        }),
        false => Ok(instances),
    }
}

fn is_instance(folder: &Path) -> bool {
    folder.join("orders.txt").is_file()
}

/// Which restaurant serves an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Restaurants {
    /// The one that the instance names.
    Given,
    /// Any: sourcing decides (the published study of choosing among all restaurants).
    Any,
}

/// Imports one instance folder; each order keeps the restaurant it names.
pub fn mdrp(source: &Path) -> Result<Import, ImportError> {
    read_instance(source, Restaurants::Given)
}

/// Imports one instance folder; any restaurant may serve any order.
pub fn mdrp_any_store(source: &Path) -> Result<Import, ImportError> {
    read_instance(source, Restaurants::Any)
}

fn read_instance(source: &Path, restaurants: Restaurants) -> Result<Import, ImportError> {
    let mut problems = Vec::new();
    let mut read = |name: &str, check: &mut dyn FnMut(&Table) -> Result<(), Vec<Problem>>| {
        let checked = table::read_cut(&source.join(name), TAB).and_then(|table| check(&table));
        problems.extend(checked.err().into_iter().flatten());
    };
    let mut parameters = None;
    read("instance_parameters.txt", &mut |table| parameters_of(table).map(|found| parameters = Some(found)));
    let mut stores = Stores::default();
    read("restaurants.txt", &mut |table| stores_of(table).map(|found| stores = found));
    let mut couriers = Couriers::default();
    read("couriers.txt", &mut |table| couriers_of(table).map(|found| couriers = found));
    let mut orders = Orders::default();
    // A restaurants file that could not be read would make every order wrong.
    let known = (!stores.ids.is_empty()).then(|| stores.ids.clone());
    read("orders.txt", &mut |table| orders_of(table, known.as_deref(), restaurants).map(|found| orders = found));
    match parameters {
        Some(parameters) if problems.is_empty() => {
            Ok(assemble(source, restaurants, &parameters, stores, couriers, orders))
        }
        _ => Err(ImportError::Problems(problems)),
    }
}

/// `instance_parameters.txt`.
struct Parameters {
    metres_per_minute: f64,
    pickup_service_min: f64,
    dropoff_service_min: f64,
    target_click_to_door_min: f64,
    max_click_to_door_min: f64,
    pay_per_order: f64,
    guarantee_per_hour: f64,
}

const PARAMETERS: [&str; 7] = [
    "meters_per_minute",
    "pickup service minutes",
    "dropoff service minutes",
    "target click-to-door",
    "maximum click-to-door",
    "pay per order",
    "guaranteed pay per hour",
];

fn parameters_of(table: &Table) -> Result<Parameters, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &PARAMETERS);
    let columns = PARAMETERS.map(|name| sheet.required(name, "a parameter of the instance"));
    if table.len() != 1 {
        sheet.file_problem(&format!("{} rows of parameters", table.len()), "one");
    }
    let mut values = [f64::NAN; PARAMETERS.len()];
    for row in sheet.rows().take(1) {
        values = columns.map(|column| sheet.needed_number(row, column, (0.0, 1e6), "a number").unwrap_or(f64::NAN));
        if values[0] == 0.0 {
            sheet.problem(row, columns[0], "a speed above 0");
        }
    }
    let [metres_per_minute, pickup_service_min, dropoff_service_min, target, max, pay_per_order, guarantee] = values;
    sheet.finish(Parameters {
        metres_per_minute,
        pickup_service_min,
        dropoff_service_min,
        target_click_to_door_min: target,
        max_click_to_door_min: max,
        pay_per_order,
        guarantee_per_hour: guarantee,
    })
}

#[derive(Default)]
struct Stores {
    ids: Vec<String>,
    csv: Option<Csv>,
}

fn stores_of(table: &Table) -> Result<Stores, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &["restaurant", "x", "y"]);
    let id = sheet.required("restaurant", "the id of the restaurant");
    let [x, y] = ["x", "y"].map(|name| sheet.required(name, "metres"));
    let mut csv =
        Csv::with_header(&["store_id", "x_m", "y_m", "channel", "radius_km", "pickers", "fixed_cost_yuan_per_day"]);
    let (mut names, mut ids) = (Vec::new(), Ids::default());
    for row in sheet.rows() {
        let id = ids.take(&mut sheet, row, id);
        let [x, y] = [x, y].map(|column| sheet.needed_number(row, column, METRES, "metres"));
        if let (Some(id), Some(x), Some(y)) = (id, x, y) {
            csv.row(&[&id, &x, &y, &"near", &1000, &0, &0]);
            names.push(id.to_owned());
        }
    }
    sheet.finish(Stores { ids: names, csv: Some(csv) })
}

#[derive(Default)]
struct Couriers {
    count: usize,
    last_off_min: f64,
    csv: Option<Csv>,
}

fn couriers_of(table: &Table) -> Result<Couriers, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &["courier", "x", "y", "on_time", "off_time"]);
    let id = sheet.required("courier", "the id of the courier");
    let [x, y] = ["x", "y"].map(|name| sheet.required(name, "metres"));
    let [on, off] = ["on_time", "off_time"].map(|name| sheet.required(name, "minutes"));
    let mut couriers = Couriers::default();
    let mut csv = Csv::with_header(&["courier_id", "x_m", "y_m", "on_s", "off_s"]);
    let mut ids = Ids::default();
    for row in sheet.rows() {
        let id = ids.take(&mut sheet, row, id);
        let [x, y] = [x, y].map(|column| sheet.needed_number(row, column, METRES, "metres"));
        let on = sheet.needed_number(row, on, MINUTES, "minutes");
        let off_min = sheet.needed_number(row, off, (on.unwrap_or(0.0), MINUTES.1), "minutes");
        if let (Some(id), Some(x), Some(y), Some(on), Some(off)) = (id, x, y, on, off_min) {
            csv.row(&[&id, &x, &y, &(on * 60.0), &(off * 60.0)]);
            couriers.count += 1;
            couriers.last_off_min = couriers.last_off_min.max(off);
        }
    }
    sheet.finish(Couriers { csv: Some(csv), ..couriers })
}

#[derive(Default)]
struct Orders {
    count: usize,
    last_placed_min: f64,
    csv: Option<Csv>,
}

fn orders_of(table: &Table, stores: Option<&[String]>, restaurants: Restaurants) -> Result<Orders, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &["order", "x", "y", "placement_time", "restaurant", "ready_time"]);
    let id = sheet.required("order", "the id of the order");
    let [x, y] = ["x", "y"].map(|name| sheet.required(name, "metres"));
    let [placed, ready] = ["placement_time", "ready_time"].map(|name| sheet.required(name, "minutes"));
    let store = sheet.required("restaurant", "the id of a restaurant");
    let mut orders = Orders::default();
    let mut csv = Csv::with_header(&["order_id", "placed_s", "x_m", "y_m", "store", "channel", "ready_s"]);
    let mut ids = Ids::default();
    for row in sheet.rows() {
        let id = ids.take(&mut sheet, row, id);
        let [x, y] = [x, y].map(|column| sheet.needed_number(row, column, METRES, "metres"));
        let placed = sheet.needed_number(row, placed, MINUTES, "minutes");
        let ready = sheet.needed_number(row, ready, (placed.unwrap_or(0.0), MINUTES.1), "minutes");
        let name = sheet.needed_text(row, store, "the id of a restaurant");
        if let Some(stores) = stores {
            sheet.word(row, store, stores, "the id of a restaurant");
        }
        let (Some(id), Some(x), Some(y), Some(placed), Some(ready), Some(name)) = (id, x, y, placed, ready, name)
        else {
            continue;
        };
        let store = if restaurants == Restaurants::Given { name } else { "" };
        csv.row(&[&id, &(placed * 60.0), &x, &y, &store, &"near", &(ready * 60.0)]);
        orders.count += 1;
        orders.last_placed_min = orders.last_placed_min.max(placed);
    }
    sheet.finish(Orders { csv: Some(csv), ..orders })
}

fn assemble(
    source: &Path,
    restaurants: Restaurants,
    parameters: &Parameters,
    stores: Stores,
    couriers: Couriers,
    orders: Orders,
) -> Import {
    let mut name = source
        .canonicalize()
        .ok()
        .and_then(|path| path.file_name().map(|name| name.to_string_lossy().into_owned()))
        .unwrap_or("mdrp".into());
    if restaurants == Restaurants::Any {
        name += "-any-store";
    }
    // Shifts may outlast the last order; utilisation counts them whole, so the horizon holds both.
    let horizon_h = (orders.last_placed_min.max(couriers.last_off_min) / 60.0).floor() + 1.0;
    let note = format!(
        "{name}: {} orders, {} restaurants, {} couriers; times and service as in the instance, no assumption of ours",
        orders.count,
        stores.ids.len(),
        couriers.count
    );
    let files = [(orders.csv, "orders.csv"), (stores.csv, "stores.csv"), (couriers.csv, "couriers.csv")];
    Import {
        scenario_toml: scenario(&name, horizon_h, restaurants, parameters),
        files: files.into_iter().filter_map(|(csv, file)| Some(csv?.into_file(file))).collect(),
        notes: vec![note],
        name,
    }
}

fn scenario(name: &str, horizon_h: f64, restaurants: Restaurants, parameters: &Parameters) -> String {
    let Parameters { pickup_service_min, dropoff_service_min, pay_per_order, guarantee_per_hour, .. } = parameters;
    let (target, max) = (parameters.target_click_to_door_min, parameters.max_click_to_door_min);
    let speed_kmh = parameters.metres_per_minute * 60.0 / 1000.0;
    let (name, label) = (toml_string(name), toml_string(&format!("MDRP {name}, greedy")));
    let (question, radius) = match restaurants {
        Restaurants::Given => {
            ("What does the greedy rule achieve on this published instance?", "the restaurant is given with the order")
        }
        Restaurants::Any => (
            "What does it bring to serve every order from the restaurant nearest to its consumer?",
            "any restaurant may serve any order",
        ),
    };
    format!(
        r#"{MARK} mdrp`: one instance of the Meal Delivery Routing Problem
# (Reyes et al. 2018, section 2.1). Orders, restaurants and couriers are those of the instance; every
# value below comes from its instance_parameters.txt or from the rules of the paper.

schema = 1
name = {name}
label = {label}
question = "{question}"
horizon_h = {horizon_h}         # holds the last placement and the last shift
drain_h = 24
start_hour = 0         # minute 0 of the instance

[city]
metric = "euclid"
detour_factor = 1
rounding = "ceil"      # travel takes whole minutes
rounding_s = 60

[demand]
source = "trace"
orders_file = "orders.csv"

[stores]
file = "stores.csv"
unlimited_stock = true

[consumers]
cancel_hazard_per_min = 0

[couriers]
refusal_share = 0.0
pick_up_after_shift = false
file = "couriers.csv"
speed_kmh = {speed_kmh}       # {metres_per_minute} metres a minute
pickup_service_min = {pickup_service_min}
handover_min = {dropoff_service_min}
handover_cv = 0

[near]
radius_km = 1000       # {radius}
delivered_at = "mid_service"

[sourcing]
policy = "nearest_stocked"

[dispatch]
policy = "earliest_dropoff"
max_click_to_door_min = {max}

[promise]
near_min = {target}          # target click-to-door

[price]                # the data holds no fees and commissions
near_fee_yuan = 0
near_commission = 0
far_commission = 0

[cost]                 # a courier earns the larger of pay per order and guarantee; nothing else is counted
courier_per_order_yuan = {pay_per_order}
courier_per_km_yuan = 0
courier_extra_yuan_by_hour = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
courier_guarantee_yuan_per_h = {guarantee_per_hour}
picker_wage_yuan_per_h = 0
near_packaging_yuan = 0
near_inbound_yuan = 0
far_last_mile_yuan = 0
far_pick_pack_yuan = 0
far_line_haul_yuan = 0
far_packaging_yuan = 0
far_site_yuan = 0
return_yuan = 0
near_return_factor = 0
late_compensation_yuan = 0

[report]
currency = "USD"
"#,
        metres_per_minute = parameters.metres_per_minute,
    )
}
