//! How fast the nearest stocked store is found: the candidate lists of the simulation against the R-tree they are
//! made from, with shelves full and almost bare.
//!
//! `cargo bench --bench nearest`. Items are queries; the argument is the percentage of stores that are stocked.

use divan::Bencher;
use divan::counter::ItemsCount;
use nearfar::city::nodes::{Candidates, NodeIndex};
use nearfar::city::space::{Matrix, Space, Spot};
use nearfar::rng::{Purpose, Streams};
use nearfar::scenario::Metric;
use rand::RngExt;

const SIDE_M: f64 = 20_000.0;
const RADIUS_M: f64 = 5_000.0;
const EARTH_M: f64 = 6_371_008.8;
const QUERIES: u64 = 10_000;
const STOCKED_PERCENT: [u32; 3] = [100, 60, 5];

fn main() {
    divan::main();
}

struct Case {
    lists: Candidates,
    index: NodeIndex,
    stocked: Vec<bool>,
    homes: Vec<Spot>,
}

/// 400 stores and 10,000 homes, spread evenly.
fn case(stocked_percent: u32) -> Case {
    let streams = Streams::new(1, 0);
    let spot = |id| {
        let mut rng = streams.of(Purpose::Layout, id);
        Spot { a: SIDE_M * rng.random::<f64>(), b: SIDE_M * rng.random::<f64>() }
    };
    let stores: Vec<Spot> = (0..400).map(spot).collect();
    let homes = (1000..1000 + QUERIES).map(spot).collect();
    let is_stocked = |id| streams.of(Purpose::Assortment, id).random::<f64>() * 100.0 < f64::from(stocked_percent);
    let index = NodeIndex::new(&Space::new(Metric::Euclid, EARTH_M, Matrix::default()), EARTH_M, stores);
    let (low, high) = (Spot::default(), Spot { a: SIDE_M, b: SIDE_M });
    let lists = Candidates::new(index.clone(), vec![RADIUS_M; 400], low, high);
    Case { lists, index, stocked: (0..400).map(is_stocked).collect(), homes }
}

#[divan::bench(args = STOCKED_PERCENT)]
fn candidate_lists(bencher: Bencher, stocked_percent: u32) {
    let case = case(stocked_percent);
    bencher.counter(ItemsCount::new(QUERIES)).bench_local(|| {
        let found = |home: &&Spot| case.lists.nearest(**home, |store| case.stocked[store as usize]).is_some();
        case.homes.iter().filter(found).count()
    });
}

#[divan::bench(args = STOCKED_PERCENT)]
fn r_tree(bencher: Bencher, stocked_percent: u32) {
    let case = case(stocked_percent);
    bencher.counter(ItemsCount::new(QUERIES)).bench_local(|| {
        let found = |home: &&Spot| {
            let within = case.index.nearest(**home).take_while(|(_, distance)| *distance <= RADIUS_M);
            within.map(|(store, _)| store).any(|store| case.stocked[store as usize])
        };
        case.homes.iter().filter(found).count()
    });
}

/// Making the lists, once a city.
#[divan::bench(sample_count = 20)]
fn build_lists(bencher: Bencher) {
    let index = case(100).index;
    let (low, high) = (Spot::default(), Spot { a: SIDE_M, b: SIDE_M });
    bencher.bench_local(|| Candidates::new(index.clone(), vec![RADIUS_M; 400], low, high));
}
