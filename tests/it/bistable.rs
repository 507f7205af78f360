//! Nearest-idle dispatch with one city-wide queue is bistable: a fleet that would do is drawn into a collapse, in which
//! couriers ride across the city for the order that has waited longest. Queues that look at distance are not.

use nearfar::city::City;
use nearfar::metrics::{Frames, kpis};
use nearfar::scenario::{Couriers, DispatchPolicy, DispatchQueue, Scenario, load};
use nearfar::sim::run;
use std::path::Path;
use std::sync::Arc;

/// The reference city with fewer couriers than it needs under `queue`, for a third of a day.
fn scarce(queue: DispatchQueue) -> Scenario {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/reference.toml");
    let mut scenario = load(&file, &[]).unwrap_or_else(|problems| panic!("{problems}")).scenario;
    scenario.couriers.count = 2000;
    scenario.horizon_h = 8.0;
    scenario.dispatch.queue = queue;
    scenario
}

/// Click-to-door mean in minutes, near share, and courier kilometres an order.
fn outcome(scenario: &Scenario) -> [f64; 3] {
    let city = Arc::new(City::build(scenario).unwrap());
    let outcome = run(scenario, &city, 0, &mut |_| {});
    let frames = Frames::from_log(scenario, &city, &outcome.log, 0).unwrap();
    let kpis = kpis(&city, &outcome.log, &frames).unwrap();
    ["click_to_door_mean_min", "near_share_orders", "km_per_order"]
        .map(|name| kpis.iter().find(|kpi| kpi.name == name).unwrap().value)
}

#[test]
fn one_queue_for_the_city_collapses_where_queues_that_know_distance_hold() {
    let [fifo, nearest, zone] =
        [DispatchQueue::Fifo, DispatchQueue::Nearest, DispatchQueue::Zone].map(|queue| outcome(&scarce(queue)));
    for (queue, [click_to_door, near_share, km]) in [("nearest", nearest), ("zone", zone)] {
        assert!(fifo[0] > 5.0 * click_to_door, "{queue}: {click_to_door} min, one queue {}", fifo[0]);
        assert!(fifo[2] > 2.0 * km, "{queue}: {km} km an order, one queue {}", fifo[2]);
        // The collapse is the fleet's alone: which store serves an order does not depend on it.
        assert_eq!(near_share, fifo[1], "{queue}");
    }
    // With couriers enough the same queue is as good as any.
    let enough = Scenario {
        couriers: Couriers { count: 3500, ..scarce(DispatchQueue::Fifo).couriers },
        ..scarce(DispatchQueue::Fifo)
    };
    assert!(outcome(&enough)[0] < nearest[0], "{:?}", outcome(&enough));
}

#[test]
fn batch_matching_with_a_tenth_fewer_couriers_has_more_on_time_near_the_knee_of_greedy() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baseline.toml");
    let on_time = |policy, couriers| {
        let mut scenario = load(&file, &[]).unwrap_or_else(|problems| panic!("{problems}")).scenario;
        (scenario.dispatch.policy, scenario.couriers.count) = (policy, couriers);
        let city = Arc::new(City::build(&scenario).unwrap());
        let log = run(&scenario, &city, 0, &mut |_| {}).log;
        let frames = Frames::from_log(&scenario, &city, &log, 0).unwrap();
        kpis(&city, &log, &frames).unwrap().iter().find(|kpi| kpi.name == "on_time_share").unwrap().value
    };
    let (greedy, batch) = (on_time(DispatchPolicy::GreedyNearest, 150), on_time(DispatchPolicy::BatchMatch, 135));
    let far_below = on_time(DispatchPolicy::GreedyNearest, 135);
    assert!(batch > 0.99 && batch >= greedy, "batch at 135 couriers {batch}, greedy at 150 {greedy}");
    assert!(far_below < 0.9, "135 couriers are too few for greedy, or this test shows nothing: {far_below}");
}
