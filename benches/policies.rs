//! What policies cost: orders a second under each, and the cost of an order as the city grows.
//!
//! `cargo bench --bench policies`. Items are orders, the city is built beforehand; the ratio of a row to
//! `greedy_nearest`, or to `nearest_stocked`, carries over from one machine to another, the row itself does not.
//!
//! Left out: `external`, whose cost is that of the program asked, and `store_couriers` with the sourcing policy
//! `reassignment`, which need stores with couriers of their own and a matrix of travel times.

use divan::Bencher;
use divan::counter::ItemsCount;
use nearfar::city::City;
use nearfar::scenario::{self, Override, Scenario};
use std::path::Path;
use std::sync::Arc;

const DISPATCH: [&str; 7] =
    ["greedy_nearest", "earliest_dropoff", "batch_match", "rolling_horizon", "insertion", "pooling", "postpone"];
const SOURCING: [&str; 8] =
    ["nearest_stocked", "cheapest", "fastest", "near_only", "bid_price", "bid_price_closed", "dlp_clocks", "far_only"];
/// Times the area of a city of 2 by 2 km with 4 stores, 35 couriers and 2,000 orders a day.
const AREAS: [u32; 3] = [1, 10, 100];

fn main() {
    divan::main();
}

/// The reference workload on so many times 4 km², with the density as it is.
fn reference(area: u32, policy: &str) -> Scenario {
    let side_km = 2.0 * f64::from(area).sqrt();
    let changes = [
        policy.to_owned(),
        format!("city.side_km={side_km}"),
        format!("demand.orders_per_day={}", 2_000 * area),
        format!("consumers.count={}", 200 * area),
        format!("stores.archetypes.store.count={}", 4 * area),
        format!("couriers.count={}", 35 * area),
    ];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/reference.toml");
    let overrides = Override::parse_all(&changes).expect("the changes of a bench are well formed");
    scenario::load(&path, &overrides).expect("shipped scenarios are clean").scenario
}

fn simulate(bencher: Bencher, scenario: &Scenario) {
    let city = Arc::new(City::build(scenario).expect("shipped scenarios build"));
    let run = || nearfar::sim::run(scenario, &city, 0, &mut |_| {});
    let orders = run().log.orders();
    bencher.counter(ItemsCount::new(orders)).bench_local(run);
}

/// A day of 20,000 orders, a tenth of the reference workload.
#[divan::bench(args = DISPATCH, sample_count = 5, sample_size = 1)]
fn dispatch(bencher: Bencher, policy: &str) {
    simulate(bencher, &reference(10, &format!("dispatch.policy={policy}")));
}

/// The same day with greedy dispatch.
#[divan::bench(args = SOURCING, sample_count = 5, sample_size = 1)]
fn sourcing(bencher: Bencher, policy: &str) {
    simulate(bencher, &reference(10, &format!("sourcing.policy={policy}")));
}

/// Days of 2,000, 20,000 and 200,000 orders: equal items a second means a cost that grows as the city does.
#[divan::bench(args = AREAS, sample_count = 3, sample_size = 1)]
fn area_under_greedy_nearest(bencher: Bencher, area: u32) {
    simulate(bencher, &reference(area, "dispatch.policy=greedy_nearest"));
}

/// The same with the optimal matching of each minute's orders and couriers.
#[divan::bench(args = AREAS, sample_count = 3, sample_size = 1)]
fn area_under_batch_match(bencher: Bencher, area: u32) {
    simulate(bencher, &reference(area, "dispatch.policy=batch_match"));
}
