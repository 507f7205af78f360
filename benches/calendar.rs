//! How fast the calendar is: the hold model, that is, take the first notice and schedule another a random while later,
//! at a steady number of waiting notices.
//!
//! `cargo bench --bench calendar`. Items are holds; the argument is the number of notices waiting.

use divan::Bencher;
use divan::counter::ItemsCount;

const HOLDS: u32 = 100_000;

fn main() {
    divan::main();
}

#[divan::bench(args = [100, 4_000, 100_000], sample_count = 20, sample_size = 1)]
fn hold(bencher: Bencher, waiting: u32) {
    bencher.counter(ItemsCount::new(HOLDS)).bench_local(|| nearfar::sim::hold_calendar(waiting, HOLDS));
}
