//! Room: import. Shanghai parcels (far field) and O2O orders (near field) of one public data set.

use super::folder::MARK;
use super::text::{Csv, clock_s};
use super::{Import, ImportError};
use crate::table::sheet::{Col, Ids, Sheet};
use crate::table::{self, Cut, Problem, Table};
use std::collections::BTreeMap;
use std::path::Path;

/// The rules the data set states.
const START_S: f64 = 8.0 * 3600.0;
const EARTH_RADIUS_KM: f64 = 6378.137;
const KM_PER_MIN: f64 = 0.25;
/// Both windows are hours of the day in which a channel's work is done; they decide how the fleet is split.
const FAR_WINDOW_H: f64 = 14.0;
const LONGEST_SHIFT_H: u32 = 96;

/// Imports the folder of `new_1.csv` to `new_6.csv`.
pub fn cainiao(source: &Path) -> Result<Import, ImportError> {
    let mut problems = Vec::new();
    let mut places = |name: &str, what: &str| {
        let header = ["id", "lng", "lat"];
        let cut = Cut { delimiter: b',', header: Some(&header) };
        keep(table::read_cut(&source.join(name), cut).and_then(|table| places_of(&table, what)), &mut problems)
    };
    let branches = places("new_1.csv", "branch");
    let spots = places("new_2.csv", "spot");
    let shops = places("new_3.csv", "shop");
    let couriers = keep(table::read(&source.join("new_6.csv")).and_then(|table| couriers_of(&table)), &mut problems);
    let (Some(branches), Some(spots), Some(shops)) = (branches, spots, shops) else {
        return Err(ImportError::Problems(problems));
    };
    let read = |name: &str, header: &[&str]| {
        table::read_cut(&source.join(name), Cut { delimiter: b',', header: Some(header) })
    };
    let parcels = read("new_4.csv", &PARCEL_COLUMNS).and_then(|table| parcels_of(&table, &spots, &branches));
    let o2o = read("new_5.csv", &O2O_COLUMNS).and_then(|table| o2o_of(&table, &spots, &shops));
    let (parcels, o2o) = (keep(parcels, &mut problems), keep(o2o, &mut problems));
    match (couriers, parcels, o2o) {
        (Some(couriers), Some(parcels), Some(o2o)) if problems.is_empty() => {
            assemble(source, &branches, &shops, &couriers, &parcels, &o2o)
        }
        _ => Err(ImportError::Problems(problems)),
    }
}

fn keep<T>(outcome: Result<T, Vec<Problem>>, problems: &mut Vec<Problem>) -> Option<T> {
    outcome.map_err(|more| problems.extend(more)).ok()
}

/// A named place, in degrees.
#[derive(Clone, PartialEq, Debug)]
struct Spot {
    id: String,
    lon: f64,
    lat: f64,
}

/// Places by id, which is also their rank.
struct Places {
    list: Vec<Spot>,
    rank: BTreeMap<String, usize>,
}

fn places_of(table: &Table, what: &str) -> Result<Places, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &["id", "lng", "lat"]);
    let [id, lng, lat] = ["id", "lng", "lat"].map(|name| sheet.column(name));
    let (mut list, mut ids) = (Vec::with_capacity(table.len()), Ids::default());
    for row in sheet.rows() {
        let id = ids.take(&mut sheet, row, id);
        let lon = sheet.needed_number(row, lng, (-180.0, 180.0), "degrees east");
        let lat = sheet.needed_number(row, lat, (-90.0, 90.0), "degrees north");
        if let (Some(id), Some(lon), Some(lat)) = (id, lon, lat) {
            list.push(Spot { id: id.into(), lon, lat });
        }
    }
    if table.is_empty() {
        sheet.file_problem("no rows", &format!("at least one {what}"));
    }
    list.sort_by(|a, b| a.id.cmp(&b.id));
    let rank = list.iter().enumerate().map(|(at, place)| (place.id.clone(), at)).collect();
    sheet.finish(Places { list, rank })
}

impl Places {
    fn find(&self, sheet: &mut Sheet<'_>, row: usize, column: Col, what: &str) -> Option<&Spot> {
        let name = sheet.needed_text(row, column, what)?;
        let found = self.rank.get(name).map(|&at| &self.list[at]);
        if found.is_none() {
            sheet.problem(row, column, what);
        }
        found
    }
}

fn couriers_of(table: &Table) -> Result<Vec<String>, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &["Courier_id"]);
    let id = sheet.required("Courier_id", "the id of the courier");
    let mut ids = Ids::default();
    let couriers = sheet.rows().filter_map(|row| ids.take(&mut sheet, row, id).map(str::to_owned)).collect();
    sheet.finish(couriers)
}

/// One parcel delivery or O2O order.
struct Job {
    id: String,
    from: Spot,
    to: Spot,
    /// Seconds since 08:00.
    pickup_s: f64,
    parcels: u32,
}

impl Job {
    /// Service at the door: round(3·√parcels + 5) minutes, halves up.
    fn service_min(&self) -> f64 {
        (3.0 * f64::from(self.parcels).sqrt() + 5.0 + 0.5).floor()
    }
    /// Minutes a courier is bound who brings this order alone and rides back.
    fn work_min(&self) -> f64 {
        2.0 * ride_min(&self.from, &self.to) + self.service_min()
    }
}

/// Whole minutes between two places at 15 km/h along a great circle, halves up.
fn ride_min(from: &Spot, to: &Spot) -> f64 {
    let (lat1, lat2) = (from.lat.to_radians(), to.lat.to_radians());
    let (dlat, dlon) = (lat2 - lat1, (to.lon - from.lon).to_radians());
    let h = (dlat / 2.0).sin().powi(2) + lat1.cos() * lat2.cos() * (dlon / 2.0).sin().powi(2);
    (2.0 * EARTH_RADIUS_KM * h.sqrt().asin() / KM_PER_MIN + 0.5).floor()
}

const PARCEL_COLUMNS: [&str; 4] = ["order", "spot", "site", "parcels"];
const O2O_COLUMNS: [&str; 6] = ["order", "spot", "shop", "pickup", "latest", "parcels"];
const PARCELS: (u32, u32) = (1, 60_000);

fn parcels_of(table: &Table, spots: &Places, branches: &Places) -> Result<Vec<Job>, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &PARCEL_COLUMNS);
    let [id, spot, site, parcels] = PARCEL_COLUMNS.map(|name| sheet.column(name));
    let (mut jobs, mut ids) = (Vec::with_capacity(table.len()), Ids::default());
    for row in sheet.rows() {
        let id = ids.take(&mut sheet, row, id);
        let to = spots.find(&mut sheet, row, spot, "a spot of new_2.csv");
        let from = branches.find(&mut sheet, row, site, "a branch of new_1.csv");
        let parcels = sheet.whole(row, parcels, PARCELS, "a number of parcels");
        if let (Some(id), Some(to), Some(from), Some(parcels)) = (id, to, from, parcels) {
            jobs.push(Job { id: id.into(), from: from.clone(), to: to.clone(), pickup_s: 0.0, parcels });
        }
    }
    sheet.finish(jobs)
}

fn o2o_of(table: &Table, spots: &Places, shops: &Places) -> Result<Vec<Job>, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &O2O_COLUMNS);
    let [id, spot, shop, pickup, latest, parcels] = O2O_COLUMNS.map(|name| sheet.column(name));
    let (mut jobs, mut ids) = (Vec::with_capacity(table.len()), Ids::default());
    for row in sheet.rows() {
        let id = ids.take(&mut sheet, row, id);
        let to = spots.find(&mut sheet, row, spot, "a spot of new_2.csv");
        let from = shops.find(&mut sheet, row, shop, "a shop of new_3.csv");
        let clock = clock_s(&mut sheet, row, pickup);
        if clock.is_some_and(|clock| clock < START_S) {
            sheet.problem(row, pickup, "a pick-up time after 08:00");
        }
        clock_s(&mut sheet, row, latest);
        let parcels = sheet.whole(row, parcels, PARCELS, "a number of parcels");
        let (Some(id), Some(to), Some(from), Some(clock), Some(parcels)) = (id, to, from, clock, parcels) else {
            continue;
        };
        jobs.push(Job { id: id.into(), from: from.clone(), to: to.clone(), pickup_s: clock - START_S, parcels });
    }
    sheet.finish(jobs)
}

/// Who works where: the assumption the data set leaves to us.
struct Fleet {
    near: usize,
    /// Couriers of each branch, by branch id.
    far: BTreeMap<String, usize>,
    shift_h: u32,
    near_work_h: f64,
    far_work_h: f64,
    near_window_h: f64,
}

/// Splits `couriers` between O2O orders and parcels in proportion to work per hour of each one's window, and
/// the parcels' part over the branches so that the longest working day is as short as possible.
fn fleet(couriers: usize, parcels: &[Job], o2o: &[Job]) -> Option<Fleet> {
    let mut by_branch: BTreeMap<String, f64> = BTreeMap::new();
    for job in parcels {
        *by_branch.entry(job.from.id.clone()).or_default() += job.work_min() / 60.0;
    }
    let far_work_h: f64 = by_branch.values().sum();
    let near_work_h: f64 = o2o.iter().map(|job| job.work_min() / 60.0).sum();
    let first_s = o2o.iter().map(|job| job.pickup_s).fold(f64::INFINITY, f64::min);
    let last_s = o2o.iter().map(|job| job.pickup_s).fold(0.0, f64::max);
    let near_window_h = if o2o.is_empty() { 1.0 } else { ((last_s - first_s) / 3600.0).max(1.0) };
    let (near_load, far_load) = (near_work_h / near_window_h, far_work_h / FAR_WINDOW_H);
    let near_share = if near_load + far_load > 0.0 { near_load / (near_load + far_load) } else { 1.0 };
    let by_work = couriers - (couriers as f64 * near_share).round() as usize;
    // Every branch needs somebody, and so do the shops.
    let for_parcels = by_work.max(by_branch.len()).min(couriers.saturating_sub(usize::from(!o2o.is_empty())));
    for shift_h in FAR_WINDOW_H as u32..=LONGEST_SHIFT_H {
        let needed = |work: &f64| (work / f64::from(shift_h)).ceil() as usize;
        let far: BTreeMap<String, usize> = by_branch.iter().map(|(id, work)| (id.clone(), needed(work))).collect();
        let used: usize = far.values().sum();
        if used <= for_parcels {
            return Some(Fleet { near: couriers - used, far, shift_h, near_work_h, far_work_h, near_window_h });
        }
    }
    None
}

fn assemble(
    source: &Path,
    branches: &Places,
    shops: &Places,
    couriers: &[String],
    parcels: &[Job],
    o2o: &[Job],
) -> Result<Import, ImportError> {
    let fleet = fleet(couriers.len(), parcels, o2o).ok_or_else(|| ImportError::NotTheFormat {
        source_folder: source.to_owned(),
        found: format!("{} couriers", couriers.len()),
        expected: format!("enough to bring {} parcel orders within {LONGEST_SHIFT_H} hours", parcels.len()),
    })?;
    let facts = facts(&fleet, branches, shops, couriers, parcels, o2o);
    let last_s = o2o.iter().map(|job| job.pickup_s).fold(0.0, f64::max);
    Ok(Import {
        name: "cainiao-shanghai".into(),
        scenario_toml: scenario((last_s / 3600.0).floor() + 1.0, &facts),
        files: vec![
            orders_csv(parcels, o2o).into_file("orders.csv"),
            stores_csv(branches, shops).into_file("stores.csv"),
            couriers_csv(couriers, &fleet, branches, o2o).into_file("couriers.csv"),
        ],
        notes: facts,
    })
}

fn orders_csv(parcels: &[Job], o2o: &[Job]) -> Csv {
    let header = ["order_id", "placed_s", "lon", "lat", "store", "channel", "ready_s", "service_s", "quantity"];
    let mut csv = Csv::with_header(&header);
    for (jobs, channel) in [(parcels, "far"), (o2o, "near")] {
        for job in jobs {
            let Job { id, from, to, pickup_s, parcels } = job;
            csv.row(&[
                id,
                pickup_s,
                &to.lon,
                &to.lat,
                &from.id,
                &channel,
                pickup_s,
                &(job.service_min() * 60.0),
                parcels,
            ]);
        }
    }
    csv
}

fn stores_csv(branches: &Places, shops: &Places) -> Csv {
    let mut csv = Csv::with_header(&["store_id", "lon", "lat", "channel", "fleet", "pickers"]);
    for shop in &shops.list {
        csv.row(&[&shop.id, &shop.lon, &shop.lat, &"near", &"near", &0]);
    }
    for branch in &branches.list {
        csv.row(&[&branch.id, &branch.lon, &branch.lat, &"far", &branch.id, &0]);
    }
    csv
}

fn couriers_csv(couriers: &[String], fleet: &Fleet, branches: &Places, o2o: &[Job]) -> Csv {
    let mut csv = Csv::with_header(&["courier_id", "lon", "lat", "on_s", "off_s", "fleet"]);
    let off_s = f64::from(fleet.shift_h) * 3600.0;
    let mut names = couriers.iter();
    for (branch, &count) in &fleet.far {
        let place = &branches.list[branches.rank[branch]];
        for name in names.by_ref().take(count) {
            csv.row(&[name, &place.lon, &place.lat, &0, &off_s, branch]);
        }
    }
    for (at, name) in names.enumerate() {
        // Evenly along the list of O2O orders, so that busy shops have more couriers about them.
        let place = match o2o.is_empty() {
            true => &branches.list[at % branches.list.len()],
            false => &o2o[(2 * at + 1) * o2o.len() / (2 * fleet.near)].from,
        };
        csv.row(&[name, &place.lon, &place.lat, &0, &off_s, &"near"]);
    }
    csv
}

fn facts(
    fleet: &Fleet,
    branches: &Places,
    shops: &Places,
    couriers: &[String],
    parcels: &[Job],
    o2o: &[Job],
) -> Vec<String> {
    let total: u64 = parcels.iter().map(|job| u64::from(job.parcels)).sum();
    let for_parcels: usize = fleet.far.values().sum();
    vec![
        format!("found: {} O2O orders from {} shops (near field)", o2o.len(), shops.list.len()),
        format!("found: {total} parcels in {} drops from {} branches (far field)", parcels.len(), branches.list.len()),
        "assumed: an O2O order is placed at its pick-up time, because the data has no placement time".into(),
        "assumed: all parcels lie at their branch at 08:00".into(),
        "assumed: a courier brings one order a trip; the data's capacity of 140 parcels is not used yet".into(),
        format!(
            "assumed: of {} couriers (the data gives ids only) {} serve the shops as one fleet",
            couriers.len(),
            fleet.near
        ),
        format!("  and {for_parcels} the branches, each branch its own fleet; split by work with the ride back"),
        format!("  ({:.0} h within {:.1} h against {:.0} h", fleet.near_work_h, fleet.near_window_h, fleet.far_work_h),
        format!("  within {FAR_WINDOW_H:.0} h), a branch's number by its work"),
        "assumed: branch couriers start at their branch, shop couriers at shops in proportion to orders".into(),
        format!("assumed: one shift of {} h from 08:00, the shortest that brings all parcels", fleet.shift_h),
    ]
}

fn scenario(horizon_h: f64, facts: &[String]) -> String {
    let facts: String = facts.iter().map(|fact| format!("#   {fact}\n")).collect();
    format!(
        r#"{MARK} cainiao`: one day of Shanghai, near and far field, replayed.
{facts}
schema = 1
name = "cainiao-shanghai"
label = "Shanghai, Cainiao data"
question = "How do one city's O2O orders and its parcels compare when each order is a trip of its own?"
horizon_h = {horizon_h}         # the last O2O pick-up is earlier
drain_h = 96
start_hour = 8         # minute 0 of the data is 08:00

[city]
metric = "haversine"
earth_radius_km = {EARTH_RADIUS_KM}
detour_factor = 1
rounding = "half_up"   # travel takes whole minutes
rounding_s = 60

[demand]
source = "trace"
orders_file = "orders.csv"   # service at the door is round(3 sqrt(parcels) + 5) minutes

[stores]
file = "stores.csv"    # shops serve the near field, branches the far field
unlimited_stock = true

[consumers]
cancel_hazard_per_min = 0

[couriers]
refusal_share = 0.0
file = "couriers.csv"
speed_kmh = 15
pickup_service_min = 0

[near]
radius_km = 1000       # the shop is given with the order
delivered_at = "end_service"   # assumed

[dispatch]
policy = "greedy_nearest"      # assumed: the data set poses the plan as the task

[promise]
near_min = 90          # latest delivery is 90 minutes after the pick-up time
far_h = 24             # assumed: the data wants all parcels on the same day

[price]                # the data holds no fees and commissions
near_fee_yuan = 0
near_commission = 0
far_commission = 0

[cost]                 # assumed: the defaults of nearfar; the data holds no money
courier_extra_yuan_by_hour = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]   # no add-on by the hour
"#
    )
}
