//! Room: external. The lines that go to a program and come back, as types; docs/external-policy.md has every field.

use crate::city::City;
use crate::city::space::Spot;
use crate::policy::dispatch::{Assignment, CourierView, OpenOrder, Stop, View};
use crate::scenario::Scenario;
use crate::units::{CourierId, OrderId};
use serde::{Deserialize, Serialize};

/// Version of the protocol; raised when a field changes its meaning or goes.
pub const PROTOCOL: u32 = 1;

#[derive(Serialize)]
struct Hello<'a> {
    n: u32,
    kind: &'static str,
    protocol: u32,
    scenario: &'a str,
    seed: u64,
    replication: u32,
    interval_s: f64,
    decision_s: f64,
    timeout_s: f64,
    travel: TravelRules<'a>,
    fleets: &'a [String],
    stores: Vec<Store<'a>>,
    couriers: Vec<Courier<'a>>,
}

#[derive(Serialize)]
struct TravelRules<'a> {
    metric: &'static str,
    detour_factor: f64,
    speed_kmh: f64,
    speed_factor_by_hour: [f64; 24],
    start_hour: f64,
    rounding: &'static str,
    rounding_s: f64,
    earth_radius_km: f64,
    matrix_file: Option<&'a str>,
}

#[derive(Serialize)]
struct Store<'a> {
    store: u32,
    name: &'a str,
    spot: [f64; 2],
    fleet: u16,
}

#[derive(Serialize)]
struct Courier<'a> {
    courier: u32,
    name: &'a str,
    fleet: u16,
    shifts_s: Vec<[f64; 2]>,
}

/// The first line, number 0: the city.
pub(super) fn hello(scenario: &Scenario, city: &City, replication: u32) -> String {
    let space = city.travel.space();
    line(&Hello {
        n: 0,
        kind: "hello",
        protocol: PROTOCOL,
        scenario: &scenario.name,
        seed: scenario.seed,
        replication,
        interval_s: scenario.dispatch.interval_s,
        decision_s: scenario.dispatch.decision_s,
        timeout_s: scenario.external.timeout_s,
        travel: TravelRules {
            metric: scenario.city.metric.word(),
            detour_factor: scenario.city.detour_factor,
            speed_kmh: scenario.couriers.speed_kmh,
            speed_factor_by_hour: scenario.couriers.speed_factor_by_hour,
            start_hour: scenario.start_hour,
            rounding: scenario.city.rounding.word(),
            rounding_s: scenario.city.rounding_s,
            earth_radius_km: scenario.city.earth_radius_km,
            matrix_file: scenario.city.matrix_file.as_deref(),
        },
        fleets: &city.fleets,
        stores: (city.stores.iter().enumerate())
            .map(|(id, store)| Store {
                store: id as u32,
                name: &store.name,
                spot: at(space.spot(&store.place)),
                fleet: store.fleet,
            })
            .collect(),
        couriers: (city.couriers.iter().enumerate())
            .map(|(id, courier)| Courier {
                courier: id as u32,
                name: &courier.name,
                fleet: courier.fleet,
                shifts_s: courier.shifts.iter().map(|(on, off)| [on.seconds(), off.seconds()]).collect(),
            })
            .collect(),
    })
}

#[derive(Serialize)]
struct Question {
    n: u32,
    kind: &'static str,
    t_s: f64,
    fleet: u16,
    service: ServiceTimes,
    orders: Vec<OrderState>,
    committed: Vec<OrderState>,
    couriers: Vec<CourierState>,
}

#[derive(Serialize)]
struct ServiceTimes {
    pickup_s: f64,
    door_s: f64,
    door_to_delivered_s: f64,
}

#[derive(Serialize)]
struct OrderState {
    order: u32,
    placed_s: f64,
    promised_s: f64,
    ready_s: f64,
    store: u32,
    store_spot: [f64; 2],
    home: [f64; 2],
    ride: f64,
    held_by: Option<u32>,
    refusals: u32,
}

#[derive(Serialize)]
struct CourierState {
    courier: u32,
    spot: [f64; 2],
    at_s: f64,
    visiting: Option<u32>,
    stops: Vec<Visit>,
    on_board: u32,
    free_s: f64,
    free_spot: [f64; 2],
    idle_since_s: Option<f64>,
    off_s: f64,
    capacity: u32,
}

/// One decision point, as a line.
pub(super) fn question(n: u32, view: &View, city: &City) -> String {
    // Every order of a view is of one fleet's stores, and a fleet without orders is not asked about.
    let store = view.orders.iter().chain(view.committed).next().map(|order| order.store);
    line(&Question {
        n,
        kind: "decide",
        t_s: view.now.seconds(),
        fleet: store.map_or(0, |store| city.stores[store.index()].fleet),
        service: ServiceTimes {
            pickup_s: view.service.pickup.seconds(),
            door_s: view.service.door.seconds(),
            door_to_delivered_s: view.service.door_to_delivered.seconds(),
        },
        orders: view.orders.iter().map(order_state).collect(),
        committed: view.committed.iter().map(order_state).collect(),
        couriers: view.couriers.iter().map(courier_state).collect(),
    })
}

fn order_state(order: &OpenOrder) -> OrderState {
    OrderState {
        order: order.order.0,
        placed_s: order.placed.seconds(),
        promised_s: order.promised.seconds(),
        ready_s: order.ready.seconds(),
        store: order.store.0,
        store_spot: at(order.store_spot),
        home: at(order.home),
        ride: order.ride,
        held_by: order.held_by.map(|courier| courier.0),
        refusals: order.refusals,
    }
}

fn courier_state(courier: &CourierView) -> CourierState {
    CourierState {
        courier: courier.courier.0,
        spot: at(courier.spot),
        at_s: courier.at.seconds(),
        visiting: courier.visiting.map(|store| store.0),
        stops: courier.stops.iter().map(|stop| Visit::from(*stop)).collect(),
        on_board: courier.on_board,
        free_s: courier.free_at.seconds(),
        free_spot: at(courier.free_spot),
        idle_since_s: courier.idle_since.map(|since| since.seconds()),
        off_s: courier.off.seconds(),
        capacity: courier.capacity,
    }
}

fn at(spot: Spot) -> [f64; 2] {
    [spot.a, spot.b]
}

fn line(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("numbers and texts become JSON")
}

/// A stop as it stands in a line: `["pick_up", 17]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Visit(StopKind, u32);

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StopKind {
    PickUp,
    DropOff,
}

impl From<Stop> for Visit {
    fn from(stop: Stop) -> Visit {
        match stop {
            Stop::PickUp(order) => Visit(StopKind::PickUp, order.0),
            Stop::DropOff(order) => Visit(StopKind::DropOff, order.0),
        }
    }
}

impl From<Visit> for Stop {
    fn from(visit: Visit) -> Stop {
        match visit {
            Visit(StopKind::PickUp, order) => Stop::PickUp(OrderId(order)),
            Visit(StopKind::DropOff, order) => Stop::DropOff(OrderId(order)),
        }
    }
}

/// An assignment as it stands in an answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    courier: u32,
    stops: Vec<Visit>,
    #[serde(default)]
    hold: bool,
}

impl Given {
    pub(super) fn into_assignment(self) -> Assignment {
        let stops = self.stops.into_iter().map(Stop::from).collect();
        Assignment { courier: CourierId(self.courier), stops, hold: self.hold }
    }
}

/// An answer: to which question, and what is decided.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    pub(super) n: u32,
    #[serde(default)]
    pub(super) assignments: Vec<Given>,
}

/// Reads a line of the program; the error quotes it.
pub(super) fn answer(line: &str) -> Result<Answer, String> {
    // The reader of structs would take bare lists as well.
    let found = match line.trim_start().starts_with('{') {
        true => serde_json::from_str(line).map_err(|error| error.to_string()),
        false => Err("not an object in braces".to_owned()),
    };
    found.map_err(|why| {
        let start: String = line.chars().take(60).collect();
        let more = if start.len() < line.len() { "…" } else { "" };
        format!("{why}, in {:?}", start + more)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::dispatch::Service;
    use crate::units::{SimDuration, SimTime, StoreId};
    use serde_json::Value;

    fn city() -> (Scenario, City) {
        let scenario = Scenario { horizon_h: 1.0, ..crate::testing::fixed_wishes() };
        let city = City::build(&scenario).unwrap();
        (scenario, city)
    }

    fn asked(city: &City) -> Value {
        let order = OpenOrder {
            order: OrderId(17),
            placed: SimTime(4_200),
            promised: SimTime(2_704_200),
            ready: SimTime(21_000),
            store: StoreId(3),
            store_spot: Spot { a: 1.5, b: 2.5 },
            home: Spot { a: 4100.5, b: 2300.0 },
            ride: 1929.5,
            held_by: Some(CourierId(3)),
            refusals: 1,
        };
        let stops = [Stop::PickUp(OrderId(17)), Stop::DropOff(OrderId(17))];
        let courier = CourierView {
            courier: CourierId(3),
            spot: Spot::default(),
            at: SimTime(30_000),
            visiting: Some(StoreId(3)),
            stops: &stops,
            on_board: 1,
            free_at: SimTime(90_000),
            free_spot: Spot::default(),
            idle_since: None,
            off: SimTime(21_600_000),
            capacity: 5,
        };
        let service = Service {
            pickup: SimDuration(120_000),
            door: SimDuration(240_000),
            door_to_delivered: SimDuration(240_000),
        };
        let (orders, couriers) = ([order], [courier]);
        let view = View {
            now: SimTime(30_000),
            orders: &orders,
            committed: &orders,
            couriers: &couriers,
            travel: &city.travel,
            service,
        };
        let text = question(1, &view, city);
        assert!(!text.contains('\n'));
        serde_json::from_str(&text).unwrap()
    }

    /// Names of all fields, at any depth.
    fn fields(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                for (name, below) in map {
                    found.push(name.clone());
                    fields(below, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| fields(item, found)),
            _ => {}
        }
    }

    #[test]
    fn a_question_holds_ids_seconds_spots_and_stops() {
        let (_, city) = city();
        let asked = asked(&city);
        assert_eq!((&asked["n"], &asked["t_s"], &asked["fleet"]), (&1.into(), &30.0.into(), &0.into()));
        let (order, courier) = (&asked["orders"][0], &asked["couriers"][0]);
        assert_eq!((&order["promised_s"], &order["home"]), (&2704.2.into(), &serde_json::json!([4100.5, 2300.0])));
        assert_eq!(courier["stops"], serde_json::json!([["pick_up", 17], ["drop_off", 17]]));
        assert!(courier["idle_since_s"].is_null() && asked["service"]["pickup_s"] == 120.0);
    }

    #[test]
    fn the_page_on_the_protocol_has_every_field() {
        let (scenario, city) = city();
        let mut names = Vec::new();
        fields(&serde_json::from_str(&hello(&scenario, &city, 0)).unwrap(), &mut names);
        fields(&asked(&city), &mut names);
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/external-policy.md");
        let page = std::fs::read_to_string(path).unwrap();
        let missing = |name: &&String| {
            let ways = [format!("`{name}`"), format!(".{name}`"), format!("`{name}[]`"), format!("`{name}.")];
            !ways.iter().any(|way| page.contains(way))
        };
        assert_eq!(names.iter().filter(missing).collect::<Vec<_>>(), Vec::<&String>::new());
        assert!(names.len() > 60 && page.contains(&format!("| `protocol` | | {PROTOCOL};")));
    }

    #[test]
    fn an_answer_is_read_strictly_and_a_wrong_one_is_quoted() {
        let read = answer(r#"{"n":4,"assignments":[{"courier":2,"stops":[["pick_up",7],["drop_off",7]]}]}"#).unwrap();
        let given = read.assignments[0].clone().into_assignment();
        assert_eq!((read.n, given.courier, given.hold), (4, CourierId(2), false));
        assert_eq!(given.stops, [Stop::PickUp(OrderId(7)), Stop::DropOff(OrderId(7))]);
        for wrong in ["", "{}", "[4]", r#"{"n":-1}"#, r#"{"n":4,"x":1}"#, r#"{"n":4,"assignments":[{"courier":2}]}"#] {
            assert!(answer(wrong).unwrap_err().contains(&format!("{wrong:?}")), "{wrong}");
        }
    }
}
