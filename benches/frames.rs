//! How fast a run becomes figures: event log → tables → KPIs and the order file, for a day of the baseline.
//!
//! `cargo bench --bench frames`. Items are orders.

use divan::Bencher;
use divan::counter::ItemsCount;
use nearfar::city::City;
use nearfar::event::EventLog;
use nearfar::metrics::{Frames, kpis};
use nearfar::scenario::Scenario;
use std::sync::Arc;

fn main() {
    divan::main();
}

/// The baseline's day; the default scenario is the baseline.
fn day() -> (Scenario, Arc<City>, EventLog) {
    let scenario = Scenario::default();
    let city = Arc::new(City::build(&scenario).expect("the default scenario builds"));
    let log = nearfar::sim::run(&scenario, &city, 0, &mut |_| {}).log;
    (scenario, city, log)
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn frames_from_log(bencher: Bencher) {
    let (scenario, city, log) = day();
    let frames = || Frames::from_log(&scenario, &city, &log, 0).expect("log and city belong together");
    bencher.counter(ItemsCount::new(log.orders())).bench_local(frames);
}

/// What a run of a sweep makes, of which no table is kept.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn frames_for_kpis(bencher: Bencher) {
    let (scenario, city, log) = day();
    let frames = || Frames::for_kpis(&scenario, &city, &log, 0).expect("log and city belong together");
    bencher.counter(ItemsCount::new(log.orders())).bench_local(frames);
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn kpis_from_frames(bencher: Bencher) {
    let (scenario, city, log) = day();
    let frames = Frames::from_log(&scenario, &city, &log, 0).expect("log and city belong together");
    let figures = || kpis(&city, &log, &frames).expect("the tables of a run are complete");
    bencher.counter(ItemsCount::new(log.orders())).bench_local(figures);
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn orders_parquet(bencher: Bencher) {
    let (scenario, city, log) = day();
    let frames = Frames::from_log(&scenario, &city, &log, 0).expect("log and city belong together");
    bencher.counter(ItemsCount::new(log.orders())).bench_local(|| frames.orders_parquet().expect("tables are written"));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn audit(bencher: Bencher) {
    let (_, city, log) = day();
    bencher.counter(ItemsCount::new(log.orders())).bench_local(|| nearfar::audit::audit(&city, &log).len());
}
