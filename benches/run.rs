//! How fast a day is simulated: the reference workload at a tenth of its size and in full, and the baseline.
//!
//! `cargo bench --bench run`. Building the city is not part of the figure; drawing arrivals, baskets and service times
//! and writing the event log are. Items are orders.

use divan::Bencher;
use divan::counter::ItemsCount;
use nearfar::city::City;
use nearfar::scenario::{self, Override, Scenario};
use std::path::Path;
use std::sync::Arc;

fn main() {
    divan::main();
}

fn shipped(name: &str, changes: &[&str]) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    let changes: Vec<String> = changes.iter().map(|change| (*change).to_owned()).collect();
    let overrides = Override::parse_all(&changes).expect("the changes of a bench are well formed");
    scenario::load(&path, &overrides).expect("shipped scenarios are clean").scenario
}

fn simulate(bencher: Bencher, scenario: &Scenario) {
    let city = Arc::new(City::build(scenario).expect("shipped scenarios build"));
    let run = || nearfar::sim::run(scenario, &city, 0, &mut |_| {});
    let orders = run().log.orders();
    bencher.counter(ItemsCount::new(orders)).bench_local(run);
}

/// 20,000 orders: everything scaled that grows with the city, so that the density stays.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn reference_tenth(bencher: Bencher) {
    let tenth = [
        "city.side_km=6.325",
        "demand.orders_per_day=20000",
        "consumers.count=20000",
        "stores.archetypes.store.count=40",
        "couriers.count=350",
    ];
    simulate(bencher, &shipped("reference.toml", &tenth));
}

/// 200,000 orders, 400 stores, 3,500 couriers.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn reference(bencher: Bencher) {
    simulate(bencher, &shipped("reference.toml", &[]));
}

/// 18,000 orders with baskets, opening hours, shifts, waves and patience.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn baseline(bencher: Bencher) {
    simulate(bencher, &shipped("baseline.toml", &[]));
}
