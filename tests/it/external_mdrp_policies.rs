//! Dispatch policies on the 96 public MDRP instances: what they do is feasible by a checker that reads the instance
//! files itself, and what they achieve stands beside published results.

use crate::external::external;
use nearfar::city::City;
use nearfar::event::{Event, EventLog};
use nearfar::import;
use nearfar::scenario::{self, DispatchPolicy, Scenario};
use nearfar::sim;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

type Point = (f64, f64);

/// An instance as its files say, in metres and minutes.
struct Instance {
    name: String,
    folder: PathBuf,
    metres_per_min: f64,
    orders: BTreeMap<String, Order>,
    couriers: Vec<(Point, f64, f64)>,
}

struct Order {
    placed: f64,
    ready: f64,
    store: Point,
    home: Point,
}

/// Service at a store and at a door; the goods change hands half way through both.
const SERVICE_MIN: f64 = 4.0;
const PAY_PER_ORDER: f64 = 10.0;
const PAY_PER_HOUR: f64 = 15.0;

/// The rows of a tab-separated file, without its header.
fn rows(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(folder.join(name)).unwrap();
    let cells = |line: &str| line.split('\t').map(|cell| cell.trim().to_owned()).collect();
    text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(cells).collect()
}

fn point(row: &[String]) -> Point {
    (row[1].parse().unwrap(), row[2].parse().unwrap())
}

fn instances(external: &Path) -> Vec<Instance> {
    import::mdrp_instances(&external.join("mdrp")).unwrap().into_iter().map(instance).collect()
}

fn instance(folder: PathBuf) -> Instance {
    let number = |cell: &String| cell.parse::<f64>().unwrap();
    let parameters = rows(&folder, "instance_parameters.txt");
    assert_eq!(parameters[0][1..], ["4", "4", "40", "90", "10", "15"], "the constants of this file");
    let stores: BTreeMap<String, Point> =
        rows(&folder, "restaurants.txt").iter().map(|row| (row[0].clone(), point(row))).collect();
    let order = |row: &Vec<String>| {
        let order = Order { placed: number(&row[3]), ready: number(&row[5]), store: stores[&row[4]], home: point(row) };
        (row[0].clone(), order)
    };
    let courier = |row: &Vec<String>| (point(row), number(&row[3]), number(&row[4]));
    Instance {
        name: folder.file_name().unwrap().to_string_lossy().into_owned(),
        metres_per_min: number(&parameters[0][0]),
        orders: rows(&folder, "orders.txt").iter().map(order).collect(),
        couriers: rows(&folder, "couriers.txt").iter().map(courier).collect(),
        folder,
    }
}

impl Instance {
    fn ride(&self, from: Point, to: Point) -> f64 {
        ((from.0 - to.0).hypot(from.1 - to.1) / self.metres_per_min - 1e-9).ceil()
    }

    /// Scenario and city of the import.
    fn town(&self) -> (Scenario, Arc<City>) {
        let target = tempfile::tempdir().unwrap();
        import::mdrp(&self.folder).unwrap().write(target.path(), false).unwrap();
        let scenario = scenario::load(&target.path().join("scenario.toml"), &[]).unwrap().scenario;
        let city = Arc::new(City::build(&scenario).unwrap());
        (scenario, city)
    }
}

/// What one run did for one order, in minutes.
#[derive(Clone, Copy)]
struct Carried {
    courier: usize,
    picked_up: f64,
    delivered: f64,
}

/// The facts about carried orders by name; panics if one is picked up or delivered twice.
fn carried(city: &City, log: &EventLog) -> BTreeMap<String, Carried> {
    let (mut picked_up, mut carried) = (BTreeMap::new(), BTreeMap::new());
    for record in &log.records {
        let minutes = record.at.0 as f64 / 60_000.0;
        match record.event {
            Event::OrderPickedUp { order, courier, .. } => {
                assert!(picked_up.insert(order, (courier, minutes)).is_none(), "{order:?} is picked up twice");
            }
            Event::OrderDelivered { order, courier, .. } => {
                let (by, at) = picked_up[&order];
                assert_eq!(by, courier, "{order:?} changes couriers");
                let one = Carried { courier: courier.index(), picked_up: at, delivered: minutes };
                let before = carried.insert(city.order_names[order.index()].clone(), one);
                assert!(before.is_none(), "{order:?} is delivered twice");
            }
            _ => {}
        }
    }
    assert_eq!(picked_up.len(), carried.len(), "what is picked up is delivered");
    carried
}

/// Follows every courier through the day by the rules of the paper (section 2.1); says what is not feasible, and
/// counts the visits to stores.
fn follow_couriers(instance: &Instance, carried: &BTreeMap<String, Carried>) -> (Vec<String>, usize) {
    let mut wrong = Vec::new();
    let mut visits = 0;
    for (number, &(start, on, off)) in instance.couriers.iter().enumerate() {
        // Stops in time: (when the goods change hands, is it a door, order).
        let mut stops: Vec<(f64, bool, &String)> = Vec::new();
        for (name, order) in carried.iter().filter(|(_, order)| order.courier == number) {
            stops.push((order.picked_up, false, name));
            stops.push((order.delivered, true, name));
        }
        stops.sort_by(|p, q| p.partial_cmp(q).unwrap());
        let (mut place, mut free, mut visit) = (start, on, None);
        for &(at, door, name) in &stops {
            let order = &instance.orders[name];
            let mut demand = |fine: bool, what: &str| {
                if !fine {
                    wrong.push(format!("{}: courier {number}, {name} at {at}: {what}", instance.name));
                }
            };
            demand(at.fract() == 0.0, "not a whole minute");
            let to = if door { order.home } else { order.store };
            if !door && visit == Some((at, to)) {
                continue;
            }
            if door {
                demand(at == free + instance.ride(place, to) + SERVICE_MIN / 2.0, "does not ride straight to the door");
            } else {
                // The courier may have set out for any order of the visit; others joined on the way.
                let of_visit = stops.iter().filter(|(when, door, _)| !door && *when == at);
                let placed = of_visit.map(|(.., name)| instance.orders[*name].placed).fold(f64::INFINITY, f64::min);
                let arrival = free.max(placed) + instance.ride(place, to);
                demand(at >= arrival + SERVICE_MIN / 2.0, "picked up before the courier can be there");
                demand(at <= off, "picked up after the shift");
                visits += 1;
            }
            visit = (!door).then_some((at, to));
            (place, free) = (to, at + SERVICE_MIN / 2.0);
        }
    }
    for (name, order) in carried {
        if order.picked_up < instance.orders[name].ready {
            wrong.push(format!("{}: {name} leaves before it is ready", instance.name));
        }
    }
    (wrong, visits)
}

/// What a policy achieves; a mean over instances once divided.
#[derive(Clone, Copy, Default, Debug)]
struct Achieved {
    click_to_door: f64,
    ready_to_pickup: f64,
    /// Least click-to-door of the delivered orders, each carried alone and picked up when ready.
    bound: f64,
    undelivered_pct: f64,
    cost_per_order: f64,
    orders_per_visit: f64,
}

fn achieved(instance: &Instance, carried: &BTreeMap<String, Carried>, visits: usize) -> Achieved {
    let count = carried.len() as f64;
    let mean = |value: &dyn Fn(&Order, &Carried) -> f64| {
        carried.iter().map(|(name, order)| value(&instance.orders[name], order)).sum::<f64>() / count
    };
    let orders_of = |courier| carried.values().filter(|order| order.courier == courier).count() as f64;
    let pay = |(number, (_, on, off)): (usize, &(Point, f64, f64))| {
        (PAY_PER_ORDER * orders_of(number)).max(PAY_PER_HOUR * (off - on) / 60.0)
    };
    Achieved {
        click_to_door: mean(&|order, carried| carried.delivered - order.placed),
        ready_to_pickup: mean(&|order, carried| carried.picked_up - order.ready),
        bound: mean(&|order, _| order.ready - order.placed + SERVICE_MIN + instance.ride(order.store, order.home)),
        undelivered_pct: 100.0 * (1.0 - count / instance.orders.len() as f64),
        cost_per_order: instance.couriers.iter().enumerate().map(pay).sum::<f64>() / count,
        orders_per_visit: count / visits as f64,
    }
}

fn mean(of: &[Achieved]) -> Achieved {
    let mean = |value: fn(&Achieved) -> f64| of.iter().map(value).sum::<f64>() / of.len() as f64;
    Achieved {
        click_to_door: mean(|a| a.click_to_door),
        ready_to_pickup: mean(|a| a.ready_to_pickup),
        bound: mean(|a| a.bound),
        undelivered_pct: mean(|a| a.undelivered_pct),
        cost_per_order: mean(|a| a.cost_per_order),
        orders_per_visit: mean(|a| a.orders_per_visit),
    }
}

/// Runs one instance under the settings and checks that what happened is feasible.
fn run(instance: &Instance, settings: impl Fn(&mut Scenario)) -> Achieved {
    let (mut scenario, city) = instance.town();
    settings(&mut scenario);
    let outcome = sim::run(&scenario, &city, 0, &mut |_| {});
    assert_eq!(outcome.illegal_decisions, 0, "{}", instance.name);
    let carried = carried(&city, &outcome.log);
    let (wrong, visits) = follow_couriers(instance, &carried);
    assert!(wrong.is_empty(), "{} deviations:\n{}", wrong.len(), wrong.join("\n"));
    achieved(instance, &carried, visits)
}

/// Batch matching as suits rides of half an hour to stores that tell ready times 20 minutes ahead.
fn wide_batch(scenario: &mut Scenario) {
    let dispatch = &mut scenario.dispatch;
    dispatch.policy = DispatchPolicy::BatchMatch;
    dispatch.interval_s = 60.0;
    (dispatch.horizon_min, dispatch.soon_min) = (25.0, 40.0);
    (dispatch.candidates, dispatch.max_approach_km) = (30, None);
    dispatch.max_bundle_delay_min = 60.0;
    (dispatch.approach_weight, dispatch.late_weight) = (0.02, 0.0);
    (dispatch.age_weight, dispatch.idle_reward) = (2.0, 0.1);
}

/// The rolling horizon with settings tuned on these instances, within the ranges that its authors tried or near them.
fn tuned_rolling_horizon(scenario: &mut Scenario) {
    scenario.dispatch.policy = DispatchPolicy::RollingHorizon;
    (scenario.dispatch.interval_s, scenario.dispatch.candidates) = (60.0, 30);
    let keys = &mut scenario.rolling_horizon;
    (keys.horizon_min, keys.pressure_orders_min, keys.pressure_couriers_min) = (20.0, 10.0, 20.0);
    (keys.delay_weight, keys.freshness_weight, keys.throughput_reward) = (2.0, 0.1, 3.0);
    (keys.dropoff_tolerance_min, keys.pickup_tolerance_min) = (25.0, 5.0);
    keys.final_after_min = 25.0;
}

/// The rolling horizon on all instances, by name, run once for all tests of this file.
fn by_rolling_horizon(external: &Path) -> &'static BTreeMap<String, Achieved> {
    static RUNS: OnceLock<BTreeMap<String, Achieved>> = OnceLock::new();
    RUNS.get_or_init(|| {
        let one = |instance: &Instance| (instance.name.clone(), run(instance, tuned_rolling_horizon));
        instances(external).par_iter().map(one).collect()
    })
}

/// Mean click-to-door of greedy, and of the best published algorithm, over the 96 instances.
const GREEDY_MIN: f64 = 33.67;
const BEST_PUBLISHED_MIN: f64 = 31.71;

#[test]
fn the_rolling_horizon_is_feasible_and_as_good_as_published() {
    let Some(external) = external() else { return };
    let runs = by_rolling_horizon(&external);
    assert_eq!(runs.len(), 96);
    let mean = mean(&runs.values().copied().collect::<Vec<_>>());
    println!("rolling_horizon: {mean:.3?}");
    assert!(mean.click_to_door <= 32.9, "{mean:?}");
    assert!(mean.click_to_door <= GREEDY_MIN - 0.6, "{mean:?}");
    assert!(mean.undelivered_pct <= 0.35, "{mean:?}");
    assert!(mean.cost_per_order <= 12.0, "{mean:?}");
}

#[test]
fn a_quarter_more_preparation_time_costs_what_is_published() {
    let Some(external) = external() else { return };
    let runs = by_rolling_horizon(&external);
    let effects: Vec<f64> = runs
        .iter()
        .filter_map(|(name, longer)| {
            Some(longer.click_to_door - runs[&format!("{}p100", name.strip_suffix("p125")?)].click_to_door)
        })
        .collect();
    assert_eq!(effects.len(), 48);
    let mean = effects.iter().sum::<f64>() / 48.0;
    assert!((3.4..=4.4).contains(&mean), "{mean}");
}

#[test]
fn batch_matching_is_feasible_and_near_the_best_published() {
    let Some(external) = external() else { return };
    let runs: Vec<Achieved> = instances(&external).par_iter().map(|instance| run(instance, wide_batch)).collect();
    let mean = mean(&runs);
    println!("batch_match: {mean:.3?}");
    assert!(mean.click_to_door <= BEST_PUBLISHED_MIN + 0.1, "{mean:?}");
    assert!(mean.undelivered_pct <= 0.22, "{mean:?}");
    assert!(mean.cost_per_order <= 11.49, "{mean:?}");
}

#[test]
fn unbundled_click_to_door_less_ready_to_pickup_is_the_lower_bound() {
    let Some(external) = external() else { return };
    let greedy = |scenario: &mut Scenario| {
        scenario.dispatch.policy = DispatchPolicy::GreedyNearest;
        scenario.dispatch.max_click_to_door_min = None;
    };
    let single_orders = |scenario: &mut Scenario| {
        wide_batch(scenario);
        (scenario.dispatch.max_bundle, scenario.dispatch.interval_s) = (1, 300.0);
    };
    let on_placement = |scenario: &mut Scenario| scenario.dispatch.policy = DispatchPolicy::EarliestDropoff;
    instances(&external).par_iter().for_each(|instance| {
        let runs = [
            ("greedy", run(instance, greedy)),
            ("earliest drop-off", run(instance, on_placement)),
            ("batch", run(instance, single_orders)),
        ];
        for (name, achieved) in runs {
            let difference = achieved.click_to_door - achieved.ready_to_pickup;
            let what = format!("{name} on {}: {difference} against {}", instance.name, achieved.bound);
            assert!((difference - achieved.bound).abs() <= 1e-9 * achieved.bound, "{what}");
        }
    });
}

#[test]
fn policies_that_share_trips_are_feasible_on_all_96_instances() {
    let Some(external) = external() else { return };
    for policy in [DispatchPolicy::Insertion, DispatchPolicy::Pooling, DispatchPolicy::Postpone] {
        let settings = |scenario: &mut Scenario| {
            wide_batch(scenario);
            scenario.dispatch.policy = policy;
        };
        let runs: Vec<Achieved> = instances(&external).par_iter().map(|instance| run(instance, settings)).collect();
        println!("{}: {:.3?}", policy.word(), mean(&runs));
        assert!(mean(&runs).undelivered_pct < 5.0, "{}: {:?}", policy.word(), mean(&runs));
    }
}

#[test]
fn the_checker_sees_what_is_not_feasible() {
    let order = |placed, ready, store, home| Order { placed, ready, store: (store, 0.0), home: (home, 0.0) };
    let instance = Instance {
        name: "line".into(),
        folder: PathBuf::new(),
        metres_per_min: 100.0,
        orders: [("a".into(), order(0.0, 5.0, 0.0, 1_000.0)), ("b".into(), order(0.0, 30.0, 2_000.0, 1_000.0))].into(),
        couriers: vec![((1_000.0, 0.0), 0.0, 37.0)],
    };
    let carried = |a: (f64, f64), b: (f64, f64)| {
        let one = |(picked_up, delivered)| Carried { courier: 0, picked_up, delivered };
        BTreeMap::from([("a".to_owned(), one(a)), ("b".to_owned(), one(b))])
    };
    let wrong = |a, b| follow_couriers(&instance, &carried(a, b)).0.len();
    // 10 minutes to store a, 2 of service; 2 and 10 minutes to its door, 2 of service; likewise for b.
    assert_eq!(wrong((12.0, 26.0), (40.0, 54.0)), 1, "the shift is over at 37");
    assert_eq!(wrong((11.0, 25.0), (37.0, 51.0)), 2, "minute 11 is too early at a; so is 37 at b, by the same minute");
    assert_eq!(wrong((12.0, 27.0), (41.0, 55.0)), 2, "rides are as long as they are, and the shift is over");
    assert_eq!(wrong((12.0, 26.0), (29.0, 54.0)), 3, "nobody is in two places, and b is not ready");
}
