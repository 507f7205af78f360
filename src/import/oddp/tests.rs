use super::*;
use crate::city::City;
use crate::city::input::{self, Files, Known, Rows};
use crate::scenario::{self, Metric, SourcingPolicy};
use std::fs;
use std::path::PathBuf;

/// Two stores and three clients on a plane of 10 s a step, i.e. 50 m.
const GRID: &str = "NAME : tiny\nNUMBER_CLIENTS : 3\nNUMBER_WAREHOUSES : 2\nMEAN_COMMISSION_TIME : 180\n\
    MEAN_SERVICE_AT_CLIENT_TIME : 120\nWAREHOUSE_SECTION\n0\t0.0\t0.0\t2\t1\n1\t10.0\t0.0\t1\t3\n\
    CLIENT_SECTION\n0\t1\t0\n1\t4\t5\n2\t9\t0\nEDGE_WEIGHT_SECTION\n10\t90\n90\t110\n90\t10\nEOF\n";
const TRACE: &str = "order,t_order_s,client,commission_s,service_s,warehouse,picker,courier,t_pick_done_s,t_leave_s,t_arrive_s\n\
    0,8,2,15,120,1,1,2,23,23,33\n1,24000,1,922,60,0,0,0,1,1,1\n";

/// A folder with these files, and the path of each.
fn source(files: &[(&str, &str)]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let paths = files.iter().map(|(name, _)| folder.path().join(name)).collect();
    files.iter().for_each(|(name, text)| fs::write(folder.path().join(name), text).unwrap());
    (folder, paths)
}

fn imported(trace: Option<&str>) -> Import {
    let (_folder, paths) = source(&[("tiny.txt", GRID), ("trace.csv", trace.unwrap_or_default())]);
    oddp(&paths[0], trace.map(|_| paths[1].as_path())).unwrap()
}

/// Writes the import and loads it as a run would.
fn loaded(import: &Import) -> (scenario::Scenario, City, Rows) {
    let target = tempfile::tempdir().unwrap();
    let folder = target.path().join("city");
    import.write(&folder, false).unwrap();
    let scenario = scenario::load(&folder.join("scenario.toml"), &[]).unwrap().scenario;
    let city = City::build(&scenario).unwrap();
    let path = |name: &str| Some(folder.join(name)).filter(|path| path.exists());
    let files = Files {
        stores: path("stores.csv"),
        couriers: path("couriers.csv"),
        orders: path("orders.csv"),
        points: path("points.csv"),
        matrix: path("matrix.csv"),
    };
    let rows = input::read(&files, Known::only(Metric::Matrix)).unwrap();
    (scenario, city, rows)
}

#[test]
fn an_instance_keeps_its_stores_couriers_and_seconds() {
    let import = imported(Some(TRACE));
    assert_eq!((import.name.as_str(), import.notes.len()), ("oddp-tiny", 1));
    let (scenario, city, rows) = loaded(&import);
    assert_eq!((scenario.horizon_h, scenario.sourcing.policy), (7.0, SourcingPolicy::NearestStocked));
    let pickers: Vec<u32> = city.stores.iter().map(|store| store.pickers).collect();
    let stores: Vec<u32> = city.couriers.iter().map(|courier| courier.store.unwrap().0).collect();
    assert_eq!((pickers, stores), (vec![1, 3], vec![0, 0, 1]));
    let [first, last] = [0, 2].map(|courier: usize| &city.couriers[courier]);
    assert!(first.fleet != last.fleet && last.fleet == city.stores[1].fleet);
    // The last shift ends with the run, 48 h after the last order's half-hour.
    assert_eq!(last.shifts[0].1.hours(), 55.0);
    let space = city.travel.space();
    let [store, client] = [city.stores[0].place, city.demand.trace[1].place].map(|place| space.spot(&place));
    assert_eq!((space.distance(store, client), space.distance(client, store)), (90.0, 90.0));
    let order = &rows.orders.unwrap()[0];
    assert_eq!((order.placed_s, order.pick_s, order.service_s, order.store), (8.0, Some(15.0), Some(120.0), None));
}

#[test]
fn places_on_a_plane_are_put_in_metres_by_the_seconds_between_them() {
    let (_, city, _) = loaded(&imported(Some(TRACE)));
    let east = city.stores[1].place.x_m - city.stores[0].place.x_m;
    assert_eq!(east, 500.0);
}

#[test]
fn without_orders_days_are_drawn_from_clients_who_all_order_alike() {
    let (scenario, city, rows) = loaded(&imported(None));
    assert_eq!((rows.points.unwrap().len(), city.demand.homes.len(), scenario.horizon_h), (3, 3, 6.5));
    let homes: Vec<f64> = city.demand.home_spots.iter().map(|spot| spot.a).collect();
    assert_eq!(homes, [2.0, 3.0, 4.0]);
    let per_h: Vec<f64> = city.demand.rate_per_h[..14].iter().map(|rate| (rate * 1e6).round() / 1e6).collect();
    assert_eq!((per_h[0], per_h[1], per_h[8], per_h[13]), (150.0, 144.0, 327.272727, 0.0));
    assert_eq!(city.stores[0].pick_base.seconds(), 180.0);
}

#[test]
fn every_fault_of_an_instance_and_its_trace_is_told_at_once() {
    let broken = GRID
        .replace("1\t10.0\t0.0\t1\t3", "1\t10.0\tx\t0\t3")
        .replace("2\t9\t0", "7\t9\t0")
        .replace("90\t10\nEOF", "90\nEOF")
        .replace("MEAN_COMMISSION_TIME : 180\n", "");
    let trace = TRACE.replace("24000,1,", "24000,3,");
    let (_folder, paths) = source(&[("tiny.txt", &broken), ("trace.csv", &trace.replace(",922,", ",,"))]);
    let text = oddp(&paths[0], Some(&paths[1])).unwrap_err().to_string();
    for part in [
        "row 7: found \"x\"",
        "row 7: found \"0\"",
        "row 11: found \"7\"",
        "no MEAN_COMMISSION_TIME",
        "column commission_s",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let (_folder, paths) = source(&[("tiny.txt", GRID), ("trace.csv", &trace)]);
    let text = oddp(&paths[0], Some(&paths[1])).unwrap_err().to_string();
    assert!(text.contains("row 3, column client: found \"3\"") && text.contains("at most 2"), "{text}");
    let text = oddp(&paths[0].with_file_name("none.txt"), None).unwrap_err().to_string();
    assert!(text.contains("none.txt: cannot be read"), "{text}");
    let (_folder, paths) = source(&[("tiny.txt", &GRID.replace("NUMBER_CLIENTS : 3", "NUMBER_CLIENTS : 4"))]);
    let text = oddp(&paths[0], None).unwrap_err().to_string();
    assert!(text.contains("3 rows of CLIENT_SECTION, expected 4"), "{text}");
}
