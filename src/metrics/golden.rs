//! KPIs against published figures: the greedy traces of two Grubhub instances, told as an event log,
//! must give the row of golden figures that came with them. The simulation has no part in this.

use super::{Frames, kpis};
use crate::city::{Channel, City, Courier, Place, Store};
use crate::event::{Event, EventLog, Line, Placement, Span};
use crate::scenario::{Metric, Scenario};
use crate::units::{CategoryId, ConsumerId, CourierId, Money, OrderId, SimDuration, SimTime, SkuId, StoreId};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder of external cases; without it the test says that it was skipped.
fn external() -> Option<PathBuf> {
    let folder = std::env::var_os("NEARFAR_EXTERNAL").map(PathBuf::from);
    if folder.is_none() {
        let notice = "skipped: KPIs against published figures; set NEARFAR_EXTERNAL to the folder of external cases\n";
        std::io::stderr().write_all(notice.as_bytes()).unwrap();
    }
    folder
}

/// The rows of a table with a heading, as text.
fn table(path: &Path, separator: char) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut lines = text.lines().map(|line| line.split(separator).map(str::to_owned).collect::<Vec<_>>());
    let heading = lines.next().unwrap();
    lines.map(|row| heading.iter().cloned().zip(row).collect()).collect()
}
fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}
fn minute(row: &BTreeMap<String, String>, column: &str) -> SimTime {
    SimTime::from_seconds(60.0 * number(row, column))
}
fn place(row: &BTreeMap<String, String>) -> Place {
    Place { x_m: number(row, "x"), y_m: number(row, "y"), ..Place::default() }
}
/// Whole minutes at 320 m a minute.
fn ride(from: &Place, to: &Place) -> SimDuration {
    SimDuration::from_minutes(((from.x_m - to.x_m).hypot(from.y_m - to.y_m) / 320.0).ceil())
}
/// `o17` → 16.
fn index(name: &str) -> usize {
    name[1..].parse::<usize>().unwrap() - 1
}

fn city(folder: &Path) -> City {
    let store = |row: &BTreeMap<String, String>| Store {
        name: row["restaurant"].clone(),
        archetype: "restaurant".into(),
        place: place(row),
        radius_m: 0.0,
        pickers: 0,
        pick_base: SimDuration::ZERO,
        pick_per_item: SimDuration::ZERO,
        pick_distribution: crate::scenario::PickDistribution::Lognormal,
        pick_cv: 0.0,
        pick_rounding: SimDuration::ZERO,
        opens: SimDuration::ZERO,
        closes: SimDuration::ZERO,
        fixed_cost_per_day: Money::ZERO,
        fleet: 0,
        channel: Channel::Near,
    };
    let courier = |row: &BTreeMap<String, String>| Courier {
        name: row["courier"].clone(),
        place: place(row),
        store: None,
        shifts: vec![(minute(row, "on_time"), minute(row, "off_time"))],
        fleet: 0,
    };
    City {
        width_m: 0.0,
        height_m: 0.0,
        metric: Metric::Euclid,
        stores: table(&folder.join("restaurants.txt"), '\t').iter().map(store).collect(),
        couriers: table(&folder.join("couriers.txt"), '\t').iter().map(courier).collect(),
        fleets: vec!["all".into()],
        warehouse: Place::default(),
        categories: vec!["meal".into()],
        ..City::empty()
    }
}

fn scenario() -> Scenario {
    let mut scenario = Scenario { horizon_h: 48.0, ..crate::testing::fixed_wishes() };
    scenario.promise.near_min = 40.0;
    scenario.couriers.pickup_service_min = 4.0;
    let cost = &mut scenario.cost;
    (cost.courier_per_order_yuan, cost.courier_per_km_yuan, cost.courier_guarantee_yuan_per_h) = (10.0, 0.0, 15.0);
    cost.courier_extra_yuan_by_hour = [0.0; 24];
    (cost.near_packaging_yuan, cost.near_inbound_yuan, cost.late_compensation_yuan) = (0.0, 0.0, 0.0);
    scenario
}

/// Tells the trace as events, the orders numbered in order of placement.
fn log(city: &City, folder: &Path, trace: &Path) -> EventLog {
    let mut orders = table(&folder.join("orders.txt"), '\t');
    orders.sort_by_key(|row| (minute(row, "placement_time"), index(&row["order"])));
    let mut log = EventLog::default();
    let mut ids = BTreeMap::new();
    for (i, row) in orders.iter().enumerate() {
        let (id, at) = (OrderId(i as u32), minute(row, "placement_time"));
        ids.insert(row["order"].clone(), id);
        log.lines.push(Line { sku: SkuId(0), quantity: 1 });
        log.placements.push(Placement {
            consumer: ConsumerId(id.0),
            x_m: place(row).x_m as f32,
            y_m: place(row).y_m as f32,
            value: Money::ZERO,
            category: CategoryId(0),
            first_line: id.0,
            lines: 1,
            session: None,
            part_of: None,
            ai_list: false,
        });
        let store = StoreId(index(&row["restaurant"]) as u32);
        log.record(at, Event::OrderPlaced { order: id });
        log.record(at, Event::OrderSourced { order: id, store, ride_m: 0.0 });
        log.record(minute(row, "ready_time"), Event::OrderReady { order: id, store, picked_for: Span::default() });
    }
    let two_min = SimDuration::from_minutes(2.0);
    let mut stands: Vec<Place> = city.couriers.iter().map(|c| c.place).collect();
    let mut trips = table(trace, ',');
    trips.sort_by_key(|row| minute(row, "assign_depart_min"));
    for row in &trips {
        let (order, courier) = (ids[&row["order"]], CourierId(index(&row["courier"]) as u32));
        let (out, taken, door) =
            (minute(row, "assign_depart_min"), minute(row, "pickup_min"), minute(row, "dropoff_min"));
        let source = &orders[order.index()];
        let store = city.stores[index(&source["restaurant"])].place;
        let reached = out + ride(&stands[courier.index()], &store);
        stands[courier.index()] = place(source);
        let placed = minute(source, "placement_time");
        log.record(placed, Event::CourierAssigned { order, courier, approach_m: 0.0 });
        log.record(out, Event::CourierSetOut { order, courier });
        log.record(taken, Event::OrderPickedUp { order, courier, at_store_for: (taken - reached).into() });
        log.record(door, Event::OrderDelivered { order, courier, at_door_for: two_min.into() });
        log.record(door + two_min, Event::CourierFreed { courier, order });
    }
    log.records.sort_by_key(|r| r.at);
    log
}

#[test]
fn published_greedy_traces_give_the_published_kpis() {
    let Some(external) = external() else { return };
    let published = external.join("mdrp/published");
    let golden = table(&published.join("greedy_golden_240.csv"), ',');
    for name in ["0o100t100s1p100", "0o50t100s1p100"] {
        let folder = external.join("mdrp/instances").join(name);
        let city = city(&folder);
        let log = log(&city, &folder, &published.join(format!("greedy_trace_{name}.csv")));
        let frames = Frames::from_log(&scenario(), &city, &log, 0).unwrap();
        let ours = kpis(&city, &log, &frames).unwrap();
        let row = golden.iter().find(|row| row["instance"] == name).unwrap();
        for (kpi, column) in [
            ("orders", "orders"),
            ("undelivered", "undelivered"),
            ("click_to_door_mean_min", "ctd_mean"),
            ("click_to_door_p90_min", "ctd_p90"),
            ("click_to_door_over_mean_min", "ctd_over"),
            ("ready_to_door_mean_min", "rtd_mean"),
            ("ready_to_pickup_mean_min", "rtp_mean"),
            ("courier_utilisation", "util_mean"),
            ("total_courier_pay", "total_pay"),
            ("cost_per_order", "cost_per_order"),
        ] {
            let value = ours.iter().find(|k| k.name == kpi).unwrap().value;
            let known = number(row, column);
            assert!((value - known).abs() <= 5.1e-5, "{name}: {kpi} is {value}, published {known}");
        }
        let violations = crate::audit::audit(&city, &log);
        assert!(violations.is_empty(), "{name}: {}", violations[0]);
    }
}
