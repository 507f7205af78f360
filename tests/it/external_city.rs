//! Shanghai: nearest sites and shops, and travel times of a stranger's plan, from the public data set.

use crate::external::external;
use nearfar::city::nodes::NodeIndex;
use nearfar::city::space::{Matrix, Space, Spot};
use nearfar::city::travel::Travel;
use nearfar::scenario::{Metric, Rounding, Scenario};
use nearfar::table::{self, Cut, Table};
use nearfar::units::SimTime;
use std::collections::BTreeMap;
use std::path::Path;

const EARTH_RADIUS_M: f64 = 6_378_137.0;

fn space() -> Space {
    Space::new(Metric::Haversine, EARTH_RADIUS_M, Matrix::default())
}

fn rows_of(folder: &Path, name: &str, header: &[&str]) -> Table {
    table::read_cut(&folder.join(name), Cut { delimiter: b',', header: Some(header) }).unwrap()
}

/// Names and spots of a file of places, by name, so that ties go to the lower name.
fn places(folder: &Path, name: &str) -> (Vec<String>, Vec<Spot>) {
    let table = rows_of(folder, name, &["id", "lng", "lat"]);
    let number = |row, column| table.cell(row, column).parse::<f64>().unwrap();
    let mut places: Vec<_> = (0..table.len())
        .map(|row| (table.cell(row, 0).to_owned(), Spot { a: number(row, 1), b: number(row, 2) }))
        .collect();
    places.sort_by(|a, b| a.0.cmp(&b.0));
    places.into_iter().unzip()
}

/// Requires the two nearest of `names` to `from` to be those of the golden row, in both names and kilometres.
fn check_nearest(index: &NodeIndex, names: &[String], from: Spot, golden: &Table, row: usize, first: usize) {
    for (rank, (node, metres)) in index.nearest(from).take(2).enumerate() {
        let column = first + 2 * rank;
        let spot = golden.cell(row, 0);
        assert_eq!(names[node as usize], golden.cell(row, column), "number {rank} from {spot}");
        let km: f64 = golden.cell(row, column + 1).parse().unwrap();
        assert!((metres / 1000.0 - km).abs() <= 1e-6, "{spot}: {} km, golden {km}", metres / 1000.0);
    }
}

#[test]
fn nearest_sites_and_shops_of_all_shanghai_spots_are_the_golden_ones() {
    let Some(external) = external() else { return };
    let folder = external.join("cainiao");
    let (site_names, sites) = places(&folder, "new_1.csv");
    let (shop_names, shops) = places(&folder, "new_3.csv");
    let (spot_names, spots) = places(&folder, "new_2.csv");
    let spot_of: BTreeMap<&str, Spot> = spot_names.iter().map(String::as_str).zip(spots).collect();
    let golden = table::read(&folder.join("nn_golden.csv")).unwrap();
    assert_eq!(golden.len(), 9214);
    let sites = NodeIndex::new(&space(), EARTH_RADIUS_M, sites);
    let shops = NodeIndex::new(&space(), EARTH_RADIUS_M, shops);
    let mut with_shop = 0;
    for row in 0..golden.len() {
        let from = spot_of[golden.cell(row, 0)];
        check_nearest(&sites, &site_names, from, &golden, row, 1);
        check_nearest(&shops, &shop_names, from, &golden, row, 5);
        let near = shops.within(from, 3000.0).len();
        assert_eq!(near, golden.cell(row, 9).parse::<usize>().unwrap(), "shops within 3 km of {}", golden.cell(row, 0));
        with_shop += usize::from(near > 0);
    }
    let share = with_shop as f64 / golden.len() as f64;
    assert!((share - 0.50054).abs() <= 5e-6, "share with a shop within 3 km: {share}");
}

/// The travel the data set prescribes: 15 km/h along great circles, whole minutes, halves up.
fn travel() -> Travel {
    let mut scenario = Scenario::default();
    scenario.city.metric = Metric::Haversine;
    scenario.city.detour_factor = 1.0;
    scenario.city.rounding = Rounding::HalfUp;
    scenario.city.rounding_s = 60.0;
    scenario.couriers.speed_kmh = 15.0;
    Travel::new(&scenario, space())
}

/// Pick-up times of O2O orders in minutes since 08:00.
fn pick_up_minutes(folder: &Path) -> BTreeMap<String, i64> {
    let orders = rows_of(folder, "new_5.csv", &["order", "spot", "shop", "pickup", "latest", "parcels"]);
    let minutes = |text: &str| {
        let (hour, minute) = text.split_once(':').unwrap();
        hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap() - 480
    };
    (0..orders.len()).map(|row| (orders.cell(row, 0).to_owned(), minutes(orders.cell(row, 3)))).collect()
}

#[test]
fn a_strangers_plan_for_100_couriers_replays_to_the_minute() {
    let Some(external) = external() else { return };
    let folder = external.join("cainiao");
    let mut spot_of = BTreeMap::new();
    for name in ["new_1.csv", "new_2.csv", "new_3.csv"] {
        let (names, spots) = places(&folder, name);
        spot_of.extend(names.into_iter().zip(spots));
    }
    let pick_up = pick_up_minutes(&folder);
    let header = ["courier", "place", "arrive", "depart", "parcels", "order", "end"];
    let plan = rows_of(&folder, "courier_solution_D0001-D0100.csv", &header);
    let travel = travel();
    let minutes = |row, column: usize| plan.cell(row, column).parse::<i64>().unwrap();
    let mut before: Option<(&str, &str, i64)> = None;
    for row in 0..plan.len() {
        let (courier, place, order) = (plan.cell(row, 0), plan.cell(row, 1), plan.cell(row, 5));
        let arrive = match before.filter(|(same, ..)| *same == courier) {
            Some((_, last, left)) => {
                let ride = travel.time(spot_of[last], spot_of[place], SimTime::from_hours(left as f64 / 60.0));
                assert_eq!(ride.0 % 60_000, 0, "a ride of whole minutes");
                left + ride.0 / 60_000
            }
            None => 0,
        };
        let depart = match place.as_bytes()[0] {
            b'A' => arrive,
            b'S' => arrive.max(pick_up[order]),
            _ => arrive + (3.0 * (-minutes(row, 4) as f64).sqrt() + 5.0).round() as i64,
        };
        assert_eq!((arrive, depart), (minutes(row, 2), minutes(row, 3)), "row {}: {courier} at {place}", row + 1);
        before = Some((courier, place, depart));
    }
    assert_eq!(plan.len(), 3626);
}
