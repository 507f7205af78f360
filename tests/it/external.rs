//! Public data sets and published results that nobody on this project wrote.
//!
//! `NEARFAR_EXTERNAL` names their folder; without it the tests here do nothing and say so once.

use nearfar::city::input::{self, Coordinates, Files, Known, Rows};
use nearfar::import::{self, Import};
use nearfar::scenario::Metric;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Once;

/// The folder of the external cases, or `None` if nobody named one. A folder that is named must be there.
pub(crate) fn external() -> Option<PathBuf> {
    static NOTICE: Once = Once::new();
    match std::env::var_os("NEARFAR_EXTERNAL") {
        Some(folder) => {
            let folder = PathBuf::from(folder);
            assert!(folder.join("mdrp").is_dir(), "NEARFAR_EXTERNAL={}: no such folder of cases", folder.display());
            Some(folder)
        }
        None => {
            // Straight to the process: what the print macros write is kept from whoever runs the tests.
            let notice = "notice: external cases skipped; set NEARFAR_EXTERNAL to their folder to run them\n";
            NOTICE.call_once(|| drop(std::io::stderr().write_all(notice.as_bytes())));
            None
        }
    }
}

/// Reads an import back from disk, as a run would.
pub(crate) fn read_back(import: &Import, metric: Metric) -> Rows {
    let target = tempfile::tempdir().unwrap();
    let folder = target.path().join(&import.name);
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

/// The number behind `label` in the characteristics of an instance; in its tables, that of `column`.
fn characteristic(text: &str, section: &str, label: &str, column: usize) -> f64 {
    let below = &text[text.find(section).unwrap_or_else(|| panic!("no {section:?} in\n{text}")) + section.len()..];
    let line = below.lines().find_map(|line| line.trim_start().strip_prefix(label)).unwrap();
    line.trim_start_matches(':').split_whitespace().nth(column).unwrap().parse().unwrap()
}

fn metres(place: &input::GivenPlace) -> (f64, f64) {
    match place.coordinates {
        Some(Coordinates::Metres { x_m, y_m }) => (x_m, y_m),
        other => panic!("{other:?} is not in metres"),
    }
}

/// Half a unit of the last of `digits` decimals: how far a printed number may be from the exact one.
fn printed(exact: f64, shown: f64, digits: i32, what: &str) {
    let slack = 0.5 * 10_f64.powi(-digits) + 1e-9;
    assert!((exact - shown).abs() <= slack, "{what}: {exact}, published {shown}");
}

fn check_instance(folder: &Path) {
    let text = std::fs::read_to_string(folder.join("instance_characteristics.txt")).unwrap();
    let import = import::mdrp(folder).unwrap();
    let rows = read_back(&import, Metric::Euclid);
    let (orders, stores, couriers) = (rows.orders.unwrap(), rows.stores.unwrap(), rows.couriers.unwrap());
    let name = &import.name;
    assert_eq!(orders.len() as f64, characteristic(&text, "", "number of orders", 0), "{name}");
    assert_eq!(stores.len() as f64, characteristic(&text, "", "number of restaurants", 0), "{name}");
    assert_eq!(couriers.len() as f64, characteristic(&text, "", "number of couriers", 0), "{name}");
    let hours: f64 = couriers.iter().flat_map(|courier| &courier.shifts_s).map(|(on, off)| (off - on) / 3600.0).sum();
    printed(hours, characteristic(&text, "", "total courier hours", 0), 2, name);
    let scenario: toml::Table = import.scenario_toml.parse().unwrap();
    let speed = &scenario["couriers"]["speed_kmh"];
    let metres_per_min = speed.as_float().unwrap_or_else(|| speed.as_integer().unwrap() as f64) * 1000.0 / 60.0;
    let lengths: Vec<f64> = orders
        .iter()
        .map(|order| {
            let ((x, y), (to_x, to_y)) = (metres(&stores[order.store.unwrap()].place), metres(&order.place));
            (to_x - x).hypot(to_y - y)
        })
        .collect();
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / orders.len() as f64;
    let section = "meters from restaurant to delivery location";
    printed(mean(&mut lengths.iter().copied()), characteristic(&text, section, "mean", 0), 2, name);
    let minutes = mean(&mut lengths.iter().map(|length| (length / metres_per_min).ceil()));
    printed(minutes, characteristic(&text, section, "mean", 1), 2, name);
    let preparation = mean(&mut orders.iter().map(|order| (order.ready_s.unwrap() - order.placed_s) / 60.0));
    printed(preparation, characteristic(&text, "preparation", "mean", 0), 2, name);
}

#[test]
fn all_96_mdrp_instances_are_read_as_their_authors_describe_them() {
    let Some(external) = external() else { return };
    let instances = import::mdrp_instances(&external.join("mdrp")).unwrap();
    assert_eq!(instances.len(), 96);
    instances.iter().for_each(|instance| check_instance(instance));
}

#[test]
fn shanghai_is_imported_whole() {
    let Some(external) = external() else { return };
    let import = import::cainiao(&external.join("cainiao")).unwrap();
    let rows = read_back(&import, Metric::Haversine);
    let (orders, stores, couriers) = (rows.orders.unwrap(), rows.stores.unwrap(), rows.couriers.unwrap());
    assert_eq!((stores.len(), couriers.len()), (613 + 124, 1000));
    let near: Vec<_> = orders.iter().filter(|order| order.channel == Some(nearfar::city::Channel::Near)).collect();
    assert_eq!((near.len(), orders.len() - near.len()), (3417, 9214));
    let parcels: u32 =
        orders.iter().map(|order| order.quantity).sum::<u32>() - near.iter().map(|order| order.quantity).sum::<u32>();
    assert_eq!(parcels, 336_927);
    let mut by_hour = [0; 24];
    near.iter().for_each(|order| by_hour[8 + (order.placed_s / 3600.0) as usize] += 1);
    assert_eq!(by_hour[11..19], [501, 854, 425, 252, 221, 299, 555, 310]);
}

#[test]
fn three_rappi_days_are_imported_whole() {
    let Some(external) = external() else { return };
    // Orders, stores and couriers with a shift, counted apart from the program.
    for (day, counts) in [(8, (23_155, 1753, 6752)), (11, (8451, 551, 2994)), (17, (4390, 492, 2313))] {
        let rows = read_back(&import::rappi(&external.join("rappi"), Some(day)).unwrap(), Metric::Haversine);
        let found = (rows.orders.unwrap().len(), rows.stores.unwrap().len(), rows.couriers.unwrap().len());
        assert_eq!(found, counts, "day {day}");
    }
}
