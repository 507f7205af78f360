//! The MDRP greedy rule against its published results: KPIs of all 96 instances, two traces to the minute,
//! the identity that holds for any dispatch, and the published optima as a bound.

use crate::external::{external, read_back};
use nearfar::city::input::{Coordinates, GivenPlace};
use nearfar::import;
use nearfar::scenario::Metric;
use nearfar::table::{self, Table};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// An order as it went.
struct OrderSeen {
    name: String,
    courier: Option<String>,
    placed_min: f64,
    ready_min: Option<f64>,
    /// When the courier set out for the store.
    set_out_min: Option<f64>,
    /// When the courier had half of the service at the store behind them, and the goods with them.
    picked_up_min: Option<f64>,
    delivered_min: Option<f64>,
}

/// What one run leaves: KPIs by name, and its orders.
pub(crate) struct Replay {
    pub(crate) kpis: BTreeMap<String, f64>,
    orders: Vec<OrderSeen>,
}

impl Replay {
    /// The mean over delivered orders.
    fn mean(&self, value: impl Fn(&OrderSeen) -> f64) -> f64 {
        let delivered: Vec<f64> = self.orders.iter().filter(|order| order.delivered_min.is_some()).map(value).collect();
        delivered.iter().sum::<f64>() / delivered.len() as f64
    }
}

fn click_to_door(order: &OrderSeen) -> f64 {
    order.delivered_min.unwrap() - order.placed_min
}

/// Runs the scenario of a folder with the built program and reads what it leaves.
pub(crate) fn simulate(folder: &Path) -> Replay {
    let output = Command::new(env!("CARGO_BIN_EXE_nearfar"))
        .current_dir(folder)
        .args(["run", "scenario.toml", "-o", "out", "--no-report", "--quiet"])
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}: {}", folder.display(), String::from_utf8_lossy(&output.stderr));
    let kpis = table::read(&folder.join("out/kpis.csv")).unwrap();
    let orders = table::read(&folder.join("out/orders.parquet")).unwrap();
    Replay {
        kpis: (0..kpis.len()).map(|row| (kpis.cell(row, 1).to_owned(), number(&kpis, row, "value"))).collect(),
        orders: (0..orders.len()).map(|row| order_seen(&orders, row)).collect(),
    }
}

fn order_seen(orders: &Table, row: usize) -> OrderSeen {
    let text = |name| Some(orders.cell(row, orders.column(name).unwrap()).to_owned()).filter(|cell| !cell.is_empty());
    let minutes = |name| text(name).map(|seconds| seconds.parse::<f64>().unwrap() / 60.0);
    OrderSeen {
        name: text("order_name").unwrap(),
        courier: text("courier"),
        placed_min: minutes("placed_s").unwrap(),
        ready_min: minutes("ready_s"),
        set_out_min: minutes("set_out_s"),
        picked_up_min: minutes("picked_up_s"),
        delivered_min: minutes("delivered_s"),
    }
}

/// Every instance imported, run once, and kept for all tests of this file.
fn replays(external: &Path) -> &'static [(String, PathBuf, Replay)] {
    static REPLAYS: OnceLock<Vec<(String, PathBuf, Replay)>> = OnceLock::new();
    REPLAYS.get_or_init(|| {
        let target = tempfile::tempdir().unwrap();
        let instances = import::mdrp_instances(&external.join("mdrp")).unwrap();
        let run = |instance: PathBuf| {
            let import = import::mdrp(&instance).unwrap();
            let folder = target.path().join(&import.name);
            import.write(&folder, false).unwrap();
            let replay = simulate(&folder);
            (import.name, instance, replay)
        };
        instances.into_iter().map(run).collect()
    })
}

/// Rows of a published table by their first column.
pub(crate) fn published(external: &Path, name: &str) -> (Table, BTreeMap<String, usize>) {
    let table = table::read(&external.join("mdrp/published").join(name)).unwrap();
    let rows = (0..table.len()).map(|row| (table.cell(row, 0).to_owned(), row)).collect();
    (table, rows)
}

pub(crate) fn number(table: &Table, row: usize, column: &str) -> f64 {
    table.cell(row, table.column(column).unwrap()).parse().unwrap()
}

#[test]
fn greedy_gives_the_golden_kpis_of_all_96_instances() {
    let Some(external) = external() else { return };
    let (golden, row_of) = published(&external, "greedy_golden_240.csv");
    let names = [
        ("ctd_mean", "click_to_door_mean_min"),
        ("ctd_p90", "click_to_door_p90_min"),
        ("ctd_over", "click_to_door_over_mean_min"),
        ("rtd_mean", "ready_to_door_mean_min"),
        ("rtp_mean", "ready_to_pickup_mean_min"),
        ("util_mean", "courier_utilisation"),
        ("total_pay", "total_courier_pay"),
    ];
    let replays = replays(&external);
    assert_eq!(replays.len(), 96);
    let mut wrong = Vec::new();
    for (name, _, replay) in replays {
        let row = row_of[name];
        for (column, kpi) in names {
            let (ours, theirs) = (replay.kpis[kpi], number(&golden, row, column));
            if (ours - theirs).abs() > 5e-5 {
                wrong.push(format!("{name} {kpi}: {ours}, golden {theirs}"));
            }
        }
        if replay.kpis["undelivered"] != number(&golden, row, "undelivered") {
            wrong.push(format!("{name} undelivered: {}", replay.kpis["undelivered"]));
        }
    }
    assert!(wrong.is_empty(), "{} deviations:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn greedy_follows_both_published_traces_to_the_minute() {
    let Some(external) = external() else { return };
    for name in ["0o100t100s1p100", "0o50t100s1p100"] {
        let (trace, row_of) = published(&external, &format!("greedy_trace_{name}.csv"));
        let (_, _, replay) = replays(&external).iter().find(|(instance, ..)| instance == name).unwrap();
        assert_eq!(replay.orders.len(), trace.len(), "{name}");
        for order in &replay.orders {
            let row = row_of[&order.name];
            let what = format!("{name} {}", order.name);
            assert_eq!(order.courier.as_deref(), Some(trace.cell(row, 1)), "{what}");
            let golden =
                ["assign_depart_min", "pickup_min", "dropoff_min"].map(|column| Some(number(&trace, row, column)));
            assert_eq!([order.set_out_min, order.picked_up_min, order.delivered_min], golden, "{what}");
        }
    }
}

fn metres(place: &GivenPlace) -> (f64, f64) {
    match place.coordinates {
        Some(Coordinates::Metres { x_m, y_m }) => (x_m, y_m),
        other => panic!("{other:?} is not in metres"),
    }
}

/// The least click-to-door an order can have: preparation, both services' halves and the ride, in minutes.
fn lower_bounds(instance: &Path) -> BTreeMap<String, f64> {
    let parameters = table::read_cut(&instance.join("instance_parameters.txt"), table::TAB).unwrap();
    let value = |name| number(&parameters, 0, name);
    let (metres_per_min, pickup, dropoff) =
        (value("meters_per_minute"), value("pickup service minutes"), value("dropoff service minutes"));
    let rows = read_back(&import::mdrp(instance).unwrap(), Metric::Euclid);
    let (orders, stores) = (rows.orders.unwrap(), rows.stores.unwrap());
    let bound = |order: &nearfar::city::input::OrderRow| {
        let ((x, y), (to_x, to_y)) = (metres(&stores[order.store.unwrap()].place), metres(&order.place));
        let ride = ((to_x - x).hypot(to_y - y) / metres_per_min).ceil();
        (order.ready_s.unwrap() - order.placed_s) / 60.0 + pickup / 2.0 + ride + dropoff / 2.0
    };
    orders.iter().map(|order| (order.id.clone(), bound(order))).collect()
}

#[test]
fn click_to_door_less_ready_to_pickup_is_the_lower_bound_on_all_96_instances() {
    let Some(external) = external() else { return };
    for (name, instance, replay) in replays(&external) {
        let bounds = lower_bounds(instance);
        let bound = replay.mean(|order| bounds[&order.name]);
        let click_to_door = replay.mean(click_to_door);
        let ready_to_pickup = replay.mean(|order| order.picked_up_min.unwrap() - order.ready_min.unwrap());
        let difference = click_to_door - ready_to_pickup;
        assert!((difference - bound).abs() <= 1e-9 * bound, "{name}: {difference} against {bound}");
    }
}

#[test]
fn greedy_does_not_beat_the_published_optima() {
    let Some(external) = external() else { return };
    let (optima, row_of) = published(&external, "yildiz2018_table9_ctd_exact.csv");
    let mut compared = 0;
    for (name, _, replay) in replays(&external) {
        let Some(&row) = row_of.get(name) else { continue };
        if replay.kpis["undelivered"] > 0.0 {
            continue;
        }
        // The optimum is printed to a hundredth.
        let least = (number(&optima, row, "ctd_mean") - 0.005) * (1.0 - number(&optima, row, "gap"));
        let ours = replay.kpis["click_to_door_mean_min"];
        assert!(ours >= least, "{name}: {ours}, optimum {least}");
        compared += 1;
    }
    assert_eq!(compared, 22, "instances of the table with nothing undelivered");
}
