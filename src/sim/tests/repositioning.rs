//! Repositioning: idle couriers who ride to where orders are expected.

use super::{Town, at, courier, order};
use crate::city::City;
use crate::event::{Event, EventLog};
use crate::scenario::{CourierStart, DispatchPolicy, RepositionPolicy, Scenario};
use crate::sim::run;
use std::sync::Arc;

/// Orders at the eastern store only, two couriers 5 km west of it; the third brings the first order 1.5 km north.
fn lopsided() -> Town {
    let mut town = Town::new([order(10.0, 5000.0, 1500.0), order(1400.0, 5000.0, 0.0)]);
    town.stores[1].place.x_m = 5000.0;
    town.couriers = vec![courier(0.0, 0.0), courier(-100.0, 0.0), courier(5000.0, 100.0)];
    town.scenario.reposition.policy = RepositionPolicy::HotSpotFlow;
    town.scenario.reposition.follow_share = 1.0;
    town
}

#[test]
fn an_idle_courier_rides_to_the_store_where_orders_came_and_waits_there_for_the_next() {
    // At 300 one order in 5 min makes three in the next 15, each for 16 min: 3.2 couriers, of whom one is there. The
    // first more saves 8 min, the second 5.3; a third of the ride is 5.6 min.
    let expected = ["310 o0 for c2, 100 m", "1300 c0 rode 5000 m for nobody in 1000", "1700 o1 for c0, 0 m"];
    for policy in [DispatchPolicy::GreedyNearest, DispatchPolicy::EarliestDropoff] {
        let mut town = lopsided();
        town.scenario.dispatch.policy = policy;
        let facts = town.facts(&["for nobody", "for c"]);
        match policy {
            DispatchPolicy::GreedyNearest => assert_eq!(facts, expected),
            // Couriers are chosen at placement.
            _ => assert_eq!(
                facts,
                ["10 o0 for c2, 100 m", "1300 c0 rode 5000 m for nobody in 1000", "1400 o1 for c0, 0 m"]
            ),
        }
    }
}

#[test]
fn a_courier_who_does_not_follow_stays() {
    let mut town = lopsided();
    town.scenario.reposition.follow_share = 0.0;
    assert_eq!(town.facts(&["for nobody"]), Vec::<String>::new());
}

#[test]
fn nobody_is_sent_who_goes_off_duty_before_long() {
    let mut town = lopsided();
    town.couriers[0].shifts[0].1 = at(1000.0);
    let facts = town.facts(&["for nobody"]);
    assert_eq!(facts, ["1320 c1 rode 5100 m for nobody in 1020"]);
}

#[test]
fn a_courier_on_the_way_gets_an_order_on_arrival_only() {
    let mut town = lopsided();
    town.orders[1].placed = at(400.0);
    town.couriers.truncate(2);
    // Both set out at 300, to a zone without couriers. The orders are ready at 310 and 700.
    let expected = [
        "1300 c0 rode 5000 m for nobody in 1000",
        "1300 o0 for c0, 0 m",
        "1320 c1 rode 5100 m for nobody in 1020",
        "1320 o1 for c1, 0 m",
    ];
    assert_eq!(town.facts(&["for nobody", "for c"])[..4], expected);
}

#[test]
fn in_a_lopsided_city_couriers_come_from_less_far_away() {
    let mut scenario = Scenario { horizon_h: 12.0, ..crate::testing::fixed_wishes() };
    scenario.city.side_km = 10.0;
    (scenario.city.hotspots, scenario.city.uniform_share) = (1, 0.2);
    scenario.demand.orders_per_day = 4800.0;
    scenario.demand.hourly_profile = [1.0; 24];
    scenario.stores.unlimited_stock = true;
    for (kind, count) in scenario.stores.archetypes.iter_mut().zip([10, 5, 3]) {
        (kind.count, kind.open_h, kind.close_h) = (count, 0.0, 24.0);
    }
    scenario.couriers.count = 40;
    scenario.couriers.on_duty_by_hour = [1.0; 24];
    scenario.couriers.start = CourierStart::Uniform;
    let mut flow = scenario.clone();
    flow.reposition.policy = RepositionPolicy::HotSpotFlow;
    let (stay, flow) = (mean_approach_m(&play(&scenario)), mean_approach_m(&play(&flow)));
    assert!(flow < 0.9 * stay, "{flow} m against {stay} m");
}

fn play(scenario: &Scenario) -> EventLog {
    let city = Arc::new(City::build(scenario).expect("a synthetic city"));
    run(scenario, &city, 0, &mut |_| {}).log
}

fn mean_approach_m(log: &EventLog) -> f64 {
    let approach = |event| if let Event::CourierAssigned { approach_m, .. } = event { Some(approach_m) } else { None };
    let all: Vec<f32> = log.records.iter().filter_map(|record| approach(record.event)).collect();
    all.iter().map(|m| f64::from(*m)).sum::<f64>() / all.len() as f64
}
