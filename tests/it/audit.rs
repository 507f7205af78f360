//! `nearfar audit` from outside: a sound run passes, and each of ten bent event logs is caught with a name.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use nearfar::city::City;
use nearfar::event::{Event, EventLog, Record};
use nearfar::metrics::events_parquet;
use nearfar::units::{CourierId, OrderId, SimDuration, SimTime, StoreId};
use nearfar::{scenario, sim};

use crate::program::{nearfar, stderr, stdout};

const TOWN: &str = "
label = 'A small town'
seed = 7
horizon_h = 4.0
start_hour = 10.0
city.side_km = 6.0
demand.orders_per_day = 2000
consumers.count = 300
catalogue.skus_per_category = 10
couriers.count = 20
";

/// A folder with the results of a short day in `out`.
fn played(more: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("town.toml"), TOWN).unwrap();
    let run = ["run", "town.toml", "-o", "out", "--no-report", "--quiet"];
    let output = nearfar(folder.path(), &[&run, more].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    folder
}

#[test]
fn a_sound_run_passes_and_one_without_a_log_is_told_how_to_get_it() {
    let folder = played(&["--events", "--replications", "2"]);
    let audited = nearfar(folder.path(), &["audit", "out"]);
    assert_eq!(audited.status.code(), Some(0), "{}", stderr(&audited));
    let told = stdout(&audited);
    assert!(told.starts_with("out: 2 replications, ") && told.contains(" facts: orders, couriers, stock"), "{told}");
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path().join("out/manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["audit_violations"], 0);
    assert!(manifest["timing"]["audit_s"].as_f64().unwrap() > 0.0);
    fs::remove_file(folder.path().join("out/events.parquet")).unwrap();
    let without = nearfar(folder.path(), &["audit", "out"]);
    assert_eq!((without.status.code(), stdout(&without).as_str()), (Some(2), ""));
    assert!(stderr(&without).contains("out/events.parquet: is not there"), "{}", stderr(&without));
    assert!(stderr(&without).contains("--events"), "{}", stderr(&without));
}

/// Where the first fact of this kind stands.
fn first(log: &EventLog, which: impl Fn(&Event) -> bool) -> usize {
    log.records.iter().position(|record| which(&record.event)).expect("the town has such a fact")
}
/// The first delivery by courier.
fn delivery(log: &EventLog) -> (usize, OrderId, CourierId) {
    let place = first(log, |event| matches!(event, Event::OrderDelivered { .. }));
    let Event::OrderDelivered { order, courier, .. } = log.records[place].event else { unreachable!() };
    (place, order, courier)
}
/// Adds a fact behind the one at `place`, at its time.
fn add(log: &mut EventLog, place: usize, event: Event) {
    let at = log.records[place].at;
    log.records.insert(place + 1, Record { at, event });
}

/// What must be said of a bent log, and how it is bent.
type Bend = (&'static str, fn(&mut EventLog));

const BENDS: [Bend; 11] = [
    ("is delivered twice", |log| {
        let (place, _, _) = delivery(log);
        let again = log.records[place].event;
        add(log, place, again);
    }),
    ("has a placement but is never placed", |log| {
        let place = first(log, |event| matches!(event, Event::OrderPlaced { .. }));
        log.records.remove(place);
    }),
    ("is picked up before it is ready", |log| {
        // Of an order that a courier brings: what is to be fetched is collected, not picked up.
        let (_, brought, _) = delivery(log);
        let place = first(log, |event| matches!(event, Event::OrderReady { order, .. } if *order == brought));
        log.records.remove(place);
    }),
    ("which was not assigned to them", |log| {
        let (place, _, courier) = delivery(log);
        let Event::OrderDelivered { courier: by, .. } = &mut log.records[place].event else { unreachable!() };
        *by = CourierId((courier.0 + 1) % 20);
    }),
    ("is freed from order", |log| {
        let (place, _, _) = delivery(log);
        log.records.remove(place);
    }),
    ("on a ride without an order", |log| {
        let (place, _, courier) = delivery(log);
        let rode_for = SimDuration::from_minutes(3.0).into();
        add(log, place, Event::CourierRepositioned { courier, leg_m: 900.0, rode_for });
    }),
    ("units, but", |log| {
        let place = first(log, |event| matches!(event, Event::StoreStocked { .. }));
        add(log, place, Event::StoreReplenished { store: StoreId(0), units: 3 });
    }),
    ("of its categories are left and open orders hold", |log| {
        let place = first(log, |event| matches!(event, Event::StockLeft { units, .. } if *units > 0));
        log.records.remove(place);
    }),
    ("is given a promise or fee that is not of its checkout", |log| {
        let (place, order, _) = delivery(log);
        add(log, place, Event::FeeRaised { order, by_fen: 100 });
    }),
    ("time runs backwards", |log| log.records[9].at = SimTime::from_hours(90.0)),
    ("arrives as a parcel before it is shipped", |log| {
        let place = first(log, |event| matches!(event, Event::ParcelShipped { .. }));
        log.records.remove(place);
    }),
];

#[test]
fn each_bent_log_is_caught_and_what_is_wrong_is_named() {
    let folder = played(&["--events"]);
    let town = scenario::load(&folder.path().join("out/scenario.toml"), &[]).unwrap().scenario;
    let city = Arc::new(City::build(&town).unwrap());
    let log = sim::run(&town, &city, 0, &mut |_| {}).log;
    for (expected, bend) in BENDS {
        let mut bent = log.clone();
        bend(&mut bent);
        assert_ne!(bent, log, "{expected}");
        let said = audited(folder.path(), &city, &bent);
        assert!(said.contains(expected), "expected '{expected}', found {said}");
        assert!(["order", "courier", "store"].iter().any(|whose| said.contains(whose)), "{said}");
    }
}

/// What the program says of a run with this log; it must say that something is wrong.
fn audited(folder: &Path, city: &City, log: &EventLog) -> String {
    fs::write(folder.join("out/events.parquet"), events_parquet(&[(city, log)]).unwrap()).unwrap();
    let output = nearfar(folder, &["audit", "out"]);
    assert_eq!(output.status.code(), Some(1), "{}{}", stdout(&output), stderr(&output));
    assert!(stderr(&output).contains("the audit found"), "{}", stderr(&output));
    stdout(&output)
}
