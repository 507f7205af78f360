//! The replay of a small town, simulated for the purpose.

use super::*;
use crate::metrics::Frames;
use crate::scenario::Metric;
use crate::{sim, testing};

/// A small town with every kind of order.
pub(crate) fn town() -> Scenario {
    let mut scenario = Scenario { horizon_h: 3.0, start_hour: 11.0, ..testing::fixed_wishes() };
    scenario.demand.orders_per_day = 2000.0;
    scenario.catalogue.skus_per_category = 20;
    scenario.couriers.count = 25;
    scenario
}

pub(crate) fn day_of(scenario: &Scenario, most: usize) -> Day {
    match simulated(scenario, most) {
        Replay::Day(day) => *day,
        Replay::WhyNot(why) => panic!("{why}"),
    }
}

fn simulated(scenario: &Scenario, most: usize) -> Replay {
    let city = std::sync::Arc::new(City::build(scenario).unwrap());
    let log = sim::run(scenario, &city, 0, &mut |_| {}).log;
    let orders = Frames::from_log(scenario, &city, &log, 0).unwrap().orders;
    replay_of_most(
        &ReplayView { scenario, city: &city, log: &log, orders: &orders, look: crate::report::Look::plain() },
        most,
    )
    .unwrap()
}

#[test]
fn a_day_has_all_orders_and_couriers_who_never_jump() {
    let day = day_of(&town(), MOST_ORDERS);
    assert!(day.orders.len() > 150 && day.all_orders == day.orders.len() && day.one_in == 1);
    assert!(day.rides.iter().any(|ride| ride.load > 0) && day.rides.iter().any(|ride| ride.load == 0));
    for pair in day.rides.windows(2).filter(|pair| pair[0].courier == pair[1].courier) {
        assert!(pair[0].until_s <= pair[1].from_s + 1e-6, "{pair:?}");
        assert_eq!(pair[0].to, pair[1].from, "a courier goes on from where the last ride ended");
    }
    let near: Vec<&Order> = day.orders.iter().filter(|order| order.channel == Way::Near && !order.cancelled).collect();
    for order in near.iter().filter(|order| order.done_s.is_some()) {
        let courier = order.courier.expect("delivered by somebody");
        let brought =
            |ride: &&Ride| ride.courier == courier && !ride.to_store && ride.load > 0 && near_to(ride.to, order.at);
        let ride = day.rides.iter().find(brought).unwrap_or_else(|| panic!("nobody rides to the door of {order:?}"));
        assert!(ride.until_s <= order.done_s.unwrap() + 1e-6 && ride.from_s >= order.left_s.unwrap() - 1e-6);
    }
    assert!(!near.is_empty());
}

fn near_to(a: Point, b: Point) -> bool {
    (a.0 - b.0).hypot(a.1 - b.1) < 1.0
}

#[test]
fn counters_end_at_the_orders_of_the_run() {
    let day = day_of(&town(), MOST_ORDERS);
    let last = |name: &str| {
        let place = COUNTED.iter().position(|counted| *counted == name).unwrap();
        *day.counts.so_far[place].last().unwrap() as usize
    };
    assert_eq!(last("near") + last("far") + last("pickup"), day.orders.len());
    let delivered = |order: &&Order| order.channel == Way::Near && !order.cancelled && order.done_s.is_some();
    assert_eq!(last("nearDelivered"), day.orders.iter().filter(delivered).count());
    assert!(last("nearLate") <= last("nearDelivered") && last("nearDelivered") <= last("nearDone"));
}

#[test]
fn a_large_run_shows_some_couriers_with_all_their_orders() {
    let (all, some) = (day_of(&town(), MOST_ORDERS), day_of(&town(), 100));
    assert_eq!(some.one_in, all.orders.len().div_ceil(100));
    assert!(some.orders.len() < all.orders.len() && some.all_orders == all.orders.len());
    assert_eq!(some.couriers.len(), all.couriers.len().div_ceil(some.one_in));
    assert_eq!(some.couriers[1].name, all.couriers[some.one_in].name);
    assert_eq!(some.counts, all.counts, "counters are those of the whole run");
    let of = |day: &Day, courier: usize| day.orders.iter().filter(|order| order.courier == Some(courier)).count();
    assert_eq!(of(&some, 1), of(&all, some.one_in));
}

#[test]
fn the_same_scenario_gives_the_same_bytes() {
    let json = |day: &Day| pack::json(day);
    assert_eq!(json(&day_of(&town(), 100)), json(&day_of(&town(), 100)));
}

#[test]
fn planned_trips_and_rides_back_to_base_are_followed() {
    let mut scenario = town();
    scenario.dispatch.policy = crate::scenario::DispatchPolicy::Insertion;
    scenario.reposition.policy = crate::scenario::RepositionPolicy::HotSpotFlow;
    let day = day_of(&scenario, MOST_ORDERS);
    assert!(day.rides.iter().any(|ride| ride.load > 1), "orders ride together");
    let empty = day.rides.iter().filter(|ride| ride.load == 0 && !ride.to_store).count();
    assert!(empty > 0, "couriers who reposition are seen");
    for pair in day.rides.windows(2).filter(|pair| pair[0].courier == pair[1].courier) {
        assert!(pair[0].until_s <= pair[1].from_s + 1e-6 && pair[0].to == pair[1].from, "{pair:?}");
    }
}

#[test]
fn a_city_without_places_says_why_there_is_no_replay() {
    let run = testing::small_run();
    let mut city = run.city.clone();
    city.metric = Metric::Matrix;
    let mut log = run.log.clone();
    log.placements.iter_mut().for_each(|placed| (placed.x_m, placed.y_m) = (0.0, 0.0));
    let orders = Frames::from_log(&run.scenario, &city, &log, 0).unwrap().orders;
    let view = ReplayView {
        scenario: &run.scenario,
        city: &city,
        log: &log,
        orders: &orders,
        look: crate::report::Look::plain(),
    };
    let Replay::WhyNot(why) = replay(&view).unwrap() else { panic!("there is nothing to show") };
    assert!(why.contains("no coordinates (city.metric = \"matrix\")"), "{why}");
}
