use super::*;
use crate::city::input::{self, Files, Known, Rows};
use crate::scenario::Metric;
use std::fs;

fn folder_of(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Writes the import and reads it back as a run would.
fn read_back(import: &Import, metric: Metric) -> Rows {
    let target = tempfile::tempdir().unwrap();
    let folder = target.path().join("city");
    import.write(&folder, false).unwrap();
    let path = |name: &str| Some(folder.join(name));
    let files = Files {
        stores: path("stores.csv"),
        couriers: path("couriers.csv"),
        orders: path("orders.csv"),
        ..Files::default()
    };
    input::read(&files, Known::only(metric)).unwrap()
}

fn scenario_of(import: &Import) -> toml::Table {
    import.scenario_toml.parse().unwrap()
}

const MDRP: [(&str, &str); 4] = [
    (
        "orders.txt",
        "order\tx\ty\tplacement_time\trestaurant\tready_time\no1\t3\t4\t10\tr2\t15\no2\t0\t0\t130\tr1\t131\n",
    ),
    ("restaurants.txt", "restaurant\tx\ty\nr1\t0\t0\nr2\t100\t0\n"),
    ("couriers.txt", "courier\tx\ty\ton_time\toff_time\nc1\t5\t5\t0\t90\n"),
    (
        "instance_parameters.txt",
        "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door\tmaximum click-to-door\tpay per order\tguaranteed pay per hour\n427\t4\t4\t40\t90\t10\t15\n",
    ),
];

#[test]
fn an_mdrp_instance_keeps_its_minutes_and_parameters() {
    let source = folder_of(&MDRP);
    let import = mdrp(source.path()).unwrap();
    let rows = read_back(&import, Metric::Euclid);
    let order = &rows.orders.unwrap()[0];
    assert_eq!((order.placed_s, order.ready_s, order.store), (600.0, Some(900.0), Some(1)));
    assert_eq!(rows.couriers.unwrap()[0].shifts_s, [(0.0, 5400.0)]);
    let scenario = scenario_of(&import);
    assert_eq!(scenario["couriers"]["speed_kmh"].as_float(), Some(25.62));
    assert_eq!(scenario["dispatch"]["max_click_to_door_min"].as_integer(), Some(90));
    assert_eq!(scenario["horizon_h"].as_integer(), Some(3));
}

#[test]
fn every_fault_of_an_mdrp_instance_is_told_at_once() {
    let mut files = MDRP;
    files[0].1 = "order\tx\ty\tplacement_time\trestaurant\tready_time\no1\tq\t4\t10\tr9\t5\n";
    files[2].1 = "courier\tx\ty\ton_time\toff_time\nc1\t5\t5\t90\t0\n";
    files[3].1 = "meters_per_minute\n0\n";
    let text = mdrp(folder_of(&files).path()).unwrap_err().to_string();
    for part in [
        "row 2, column x",
        "column restaurant: found \"r9\"",
        "column ready_time",
        "column off_time",
        "no column pay per order",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn a_folder_of_instances_lists_them_by_name_and_an_empty_one_is_refused() {
    let source = tempfile::tempdir().unwrap();
    assert!(matches!(mdrp_instances(source.path()), Err(ImportError::NotTheFormat { .. })));
    for name in ["b", "a"] {
        fs::create_dir_all(source.path().join("instances").join(name)).unwrap();
        fs::write(source.path().join("instances").join(name).join("orders.txt"), "").unwrap();
    }
    let names: Vec<_> =
        mdrp_instances(source.path()).unwrap().iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["a", "b"]);
}

const RAPPI_ORDERS: &str = "order_id,pick_up_lat,pick_up_lng,drop_off_lat,drop_off_lng,placement_time,preparation_time,ready_time,expected_drop_off_time\n\
    1,6.1,-75.5,6.2,-75.6,00:00:54,00:01:53,00:18:53,00:30:54\n\
    2,6.1,-75.5,6.2,-75.6,23:50:00,23:51:00,00:05:00,00:20:00\n\
    3,6.1000001,-75.5,6.2,-75.6,12:00:00,12:01:00,12:20:00,12:31:00\n";
const RAPPI_COURIERS: &str = "courier_id,vehicle,on_lat,on_lng,on_time,off_time\n\
    1,motorcycle,6.2,-75.5,22:00:00,02:00:00\n2,bicycle,6.2,-75.5,07:00:00,07:00:00\n3,bicycle,6.2,-75.5,07:00:00,08:00:00\n";

#[test]
fn a_rappi_day_finds_its_stores_and_passes_midnight() {
    let source = folder_of(&[("8_orders.csv", RAPPI_ORDERS), ("8_couriers.csv", RAPPI_COURIERS)]);
    let import = rappi(source.path(), None).unwrap();
    let rows = read_back(&import, Metric::Haversine);
    let orders = rows.orders.unwrap();
    assert_eq!(rows.stores.unwrap().len(), 2);
    assert_eq!((orders[0].store, orders[1].store, orders[2].store), (Some(0), Some(0), Some(1)));
    assert_eq!((orders[1].placed_s, orders[1].ready_s), (85_800.0, Some(86_700.0)));
    let couriers = rows.couriers.unwrap();
    assert_eq!((couriers.len(), couriers[0].shifts_s[0]), (2, (79_200.0, 93_600.0)));
    let scenario = scenario_of(&import);
    assert_eq!(
        (scenario["promise"]["near_min"].as_integer(), scenario["horizon_h"].as_integer()),
        (Some(30), Some(26))
    );
    assert!(import.notes.iter().any(|note| note.starts_with("1 couriers come on and go off")), "{:?}", import.notes);
}

#[test]
fn a_rappi_day_must_be_chosen_among_several_and_exist() {
    let source = folder_of(&[("8_orders.csv", RAPPI_ORDERS), ("11_orders.csv", RAPPI_ORDERS)]);
    assert!(
        rappi(source.path(), None)
            .unwrap_err()
            .to_string()
            .contains("days 8, 11, expected one of them chosen by --day")
    );
    assert!(rappi(source.path(), Some(9)).unwrap_err().to_string().contains("another --day"));
    assert!(rappi(source.path(), Some(8)).unwrap_err().to_string().contains("8_couriers.csv: cannot be read"));
}

const CAINIAO: [(&str, &str); 6] = [
    ("new_1.csv", "A002,121.5,31.2\nA001,121.4,31.2\n"),
    ("new_2.csv", "B1,121.5,31.21\nB2,121.4,31.21\n"),
    ("new_3.csv", "S1,121.45,31.2\n"),
    ("new_4.csv", "F1,B1,A002,90\nF2,B2,A001,1\n"),
    ("new_5.csv", "E1,B2,S1,16:39,18:09,2\nE2,B1,S1,11:39,13:09,1\n"),
    ("new_6.csv", "Courier_id\nD1\nD2\nD3\nD4\n"),
];

#[test]
fn cainiao_parcels_wait_at_eight_and_shop_orders_at_their_pick_up_time() {
    let import = cainiao(folder_of(&CAINIAO).path()).unwrap();
    let rows = read_back(&import, Metric::Haversine);
    let (orders, stores) = (rows.orders.unwrap(), rows.stores.unwrap());
    let seen: Vec<_> = orders.iter().map(|order| (order.placed_s, order.service_s, order.quantity)).collect();
    // round(3·√90 + 5) = 33, √1: 8, √2: 9.24 → 9 minutes
    assert_eq!(seen[..3], [(0.0, Some(1980.0), 90), (0.0, Some(480.0), 1), (31_140.0, Some(540.0), 2)]);
    assert_eq!(stores[orders[0].store.unwrap()].id, "A002");
    let fleets: Vec<_> = rows.couriers.unwrap().iter().map(|courier| courier.fleet.clone().unwrap()).collect();
    assert_eq!(fleets, ["A001", "A002", "near", "near"]);
}

#[test]
fn cainiao_orders_of_unknown_places_are_told() {
    let mut files = CAINIAO;
    files[3].1 = "F1,B9,A002,90\n";
    files[4].1 = "E1,B2,S1,25:00,18:09,2\n";
    let text = cainiao(folder_of(&files).path()).unwrap_err().to_string();
    assert!(text.contains("new_4.csv: row 1, column spot: found \"B9\""), "{text}");
    assert!(text.contains("new_5.csv: row 1, column pickup: found \"25:00\""), "{text}");
}

fn small() -> Import {
    Import {
        name: "small".into(),
        scenario_toml: format!("{} test`\n", folder::MARK),
        files: vec![("orders.csv".into(), "a\n".into())],
        notes: Vec::new(),
    }
}

#[test]
fn an_import_is_replaced_and_what_a_user_added_stays() {
    let target = tempfile::tempdir().unwrap();
    let folder = target.path().join("deep/city");
    small().write(&folder, false).unwrap();
    fs::write(folder.join("whatif.toml"), "mine").unwrap();
    let again = Import { files: vec![("orders.csv".into(), "b\n".into())], ..small() };
    again.write(&folder, false).unwrap();
    assert_eq!(fs::read_to_string(folder.join("orders.csv")).unwrap(), "b\n");
    assert_eq!(fs::read_to_string(folder.join("whatif.toml")).unwrap(), "mine");
    let names = fs::read_dir(target.path().join("deep")).unwrap().count();
    assert_eq!(names, 1, "a draft was left behind");
}

#[test]
fn a_foreign_folder_is_refused_unless_forced() {
    let target = folder_of(&[("thesis.txt", "mine")]);
    let refused = small().write(target.path(), false).unwrap_err();
    assert!(matches!(refused, ImportError::Occupied(_)) && !target.path().join("orders.csv").exists());
    small().write(target.path(), true).unwrap();
    assert!(target.path().join("thesis.txt").exists() && target.path().join("scenario.toml").exists());
}
