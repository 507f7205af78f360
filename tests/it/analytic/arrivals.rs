//! Orders as a Poisson process: by the hour of the day, and split by category, SKU and store.

use super::statistics::{disperse_like_poisson, fit, follow, independent};
use super::{placed, plain, play};
use nearfar::city::City;
use nearfar::city::demand::Home;
use nearfar::event::{Event, EventLog};
use nearfar::scenario::{Category, Scenario};
use std::sync::Arc;

/// Orders an hour on a day with two peaks.
const DAY: [f64; 24] =
    [2., 1., 1., 1., 1., 2., 5., 10., 15., 20., 40., 90., 100., 60., 30., 25., 30., 60., 90., 70., 45., 25., 12., 5.];
const ORDERS_A_DAY: f64 = 740.0;
/// A hundred thousand orders.
const DAYS: u32 = 140;

/// Instants of all orders, in hours, day by day; everything comes from the warehouse.
fn days(profile: [f64; 24], orders_per_day: f64) -> Vec<Vec<f64>> {
    let mut scenario = Scenario { horizon_h: 24.0, ..plain() };
    scenario.stores.archetypes[0].count = 0;
    (scenario.demand.hourly_profile, scenario.demand.orders_per_day) = (profile, orders_per_day);
    let city = Arc::new(City::build(&scenario).unwrap());
    let hours = |log: EventLog| placed(&log).into_iter().map(|at| at.hours()).collect();
    (0..DAYS).map(|day| hours(play(&scenario, &city, day))).collect()
}

/// Orders expected from midnight to an hour of the two-peak day.
fn expected_until(hour: f64) -> f64 {
    let whole = hour as usize;
    let begun = DAY.get(whole).map_or(0.0, |rate| rate * (hour - whole as f64));
    DAY[..whole.min(24)].iter().sum::<f64>() + begun
}

/// Gaps in units of expected orders, those across midnight left out with the first order of a day.
fn rescaled_gaps(days: &[Vec<f64>]) -> Vec<f64> {
    // The days are independent, so they follow each other as one long day.
    let on_one_line = days
        .iter()
        .zip(0..)
        .flat_map(|(day, i)| day.iter().map(move |hour| f64::from(i) * ORDERS_A_DAY + expected_until(*hour)));
    let line: Vec<f64> = std::iter::once(0.0).chain(on_one_line).collect();
    line.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// Orders of all days in each hour.
fn by_hour(days: &[Vec<f64>]) -> Vec<f64> {
    let mut counts = vec![0.0; 24];
    days.iter().flatten().for_each(|hour| counts[*hour as usize] += 1.0);
    counts
}

/// Whether gaps, hours and days are those of the two-peak Poisson process.
fn are_two_peak_days(days: &[Vec<f64>]) -> bool {
    let expected: Vec<f64> = DAY.iter().map(|rate| rate * f64::from(DAYS)).collect();
    let mut gaps = rescaled_gaps(days);
    let totals: Vec<f64> = days.iter().map(|day| day.len() as f64).collect();
    follow(&mut gaps, |gap| 1.0 - (-gap).exp()) & fit(&by_hour(days), &expected) & disperse_like_poisson(&totals)
}

#[test]
fn orders_of_a_day_with_two_peaks_are_a_poisson_process_with_its_rate() {
    let days = days(DAY, ORDERS_A_DAY);
    let all: f64 = days.iter().map(|day| day.len() as f64).sum();
    assert!(all >= 100_000.0, "{all} orders");
    assert!(are_two_peak_days(&days));
    // Two noon hours have .256757 of the day; a process at the rate of the peak, thinned, would keep .308333.
    let counts = by_hour(&days);
    let sigma = |share: f64| 4.9 * (share * (1.0 - share) / all).sqrt();
    let noon = (counts[11] + counts[12]) / all;
    assert!((noon - 0.256_757).abs() <= sigma(0.256_757), "{noon}");
    let kept = all / f64::from(DAYS) / 24.0 / 100.0;
    assert!((kept - 0.308_333).abs() <= 4.9 * kept / all.sqrt(), "{kept}");
    let peak = counts[12] / all * 24.0;
    assert!((peak - 3.243_24).abs() <= 24.0 * sigma(100.0 / 740.0), "{peak}");
}

#[test]
fn the_arrival_test_notices_a_few_percent_more_orders_and_a_shifted_peak() {
    assert!(!are_two_peak_days(&days(DAY, ORDERS_A_DAY * 1.04)), "4 % more orders go unnoticed");
    let mut later = DAY;
    later.swap(17, 20);
    assert!(!are_two_peak_days(&days(later, ORDERS_A_DAY)), "a later peak goes unnoticed");
}

/// Shares of categories, and of homes, each with a store beside it.
const CATEGORIES: [f64; 3] = [0.5, 0.3, 0.2];
const HOMES: [f64; 3] = [0.5, 0.25, 0.25];
const HOURS: usize = 2000;

/// Orders hour by hour for every mark: three categories, three SKUs of the first category, three stores.
fn marked(gap_rounding_s: f64) -> Vec<Vec<f64>> {
    let mut scenario = Scenario { horizon_h: HOURS as f64, ..plain() };
    scenario.demand.orders_per_day = 24.0 * 40.0;
    scenario.demand.gap_rounding_s = gap_rounding_s;
    scenario.catalogue.skus_per_category = 3;
    scenario.catalogue.zipf_exponent = 1.0;
    let template = scenario.catalogue.categories[0].clone();
    let category = |(i, share): (usize, f64)| Category { id: format!("c{i}"), share, ..template.clone() };
    scenario.catalogue.categories = CATEGORIES.into_iter().enumerate().map(category).collect();
    scenario.stores.archetypes[0].count = 3;
    let mut city = City::build(&scenario).unwrap();
    for (i, store) in city.stores.iter_mut().enumerate() {
        store.place.x_m = 1000.0 * i as f64;
        store.place.y_m = 0.0;
    }
    let beside = |store: usize| Home::new(&city.stores[store].place);
    city.demand.homes = [0, 0, 1, 2].map(beside).to_vec();
    city = rebuilt(&scenario, city);
    let log = play(&scenario, &Arc::new(city), 0);
    count_marks(&log)
}

/// The nearest-store lists again, for stores that were moved.
fn rebuilt(scenario: &Scenario, city: City) -> City {
    use nearfar::city::nodes::{Candidates, NodeIndex};
    let space = city.travel.space();
    let spots = city.stores.iter().map(|store| space.spot(&store.place)).collect();
    let index = NodeIndex::new(space, city.earth_radius_m, spots);
    let (low, high) = city.spot_box();
    let radius = vec![scenario.near.radius_km * 1000.0; city.stores.len()];
    let candidates = Some(Arc::new(Candidates::new(index, radius, low, high)));
    City { candidates, ..city }
}

fn count_marks(log: &EventLog) -> Vec<Vec<f64>> {
    let mut counts = vec![vec![0.0; HOURS]; 9];
    for record in &log.records {
        let Event::OrderSourced { order, store, .. } = record.event else { continue };
        let hour = record.at.hours() as usize;
        let category = log.placements[order.index()].category.index();
        counts[category][hour] += 1.0;
        if category == 0 {
            counts[3 + log.lines_of(order)[0].sku.index()][hour] += 1.0;
        }
        counts[6 + store.index()][hour] += 1.0;
    }
    counts
}

/// Whether each mark is a Poisson process with its share, and those of one kind have nothing to do with each other.
fn are_split_by_chance(counts: &[Vec<f64>]) -> bool {
    let skus = [1.0, 1.0 / 2.0, 1.0 / 3.0].map(|weight| CATEGORIES[0] * weight / (11.0 / 6.0));
    let shares: Vec<f64> = [CATEGORIES, skus, HOMES].concat();
    let mut fits = true;
    for kind in 0..3 {
        let of_kind = kind * 3..kind * 3 + 3;
        let totals: Vec<f64> = counts[of_kind.clone()].iter().map(|hours| hours.iter().sum()).collect();
        let expected: Vec<f64> = shares[of_kind.clone()].iter().map(|share| share * 40.0 * HOURS as f64).collect();
        fits &= fit(&totals, &expected);
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            fits &= independent(&counts[kind * 3 + i], &counts[kind * 3 + j]);
        }
        fits &= of_kind.into_iter().all(|mark| disperse_like_poisson(&counts[mark]));
    }
    fits
}

#[test]
fn orders_split_by_category_sku_and_store_are_independent_poisson_processes() {
    assert!(are_split_by_chance(&marked(0.0)));
}

#[test]
fn the_splitting_test_notices_gaps_that_are_not_exponential_and_marks_that_take_turns() {
    // Gaps in steps of three minutes: orders come in heaps.
    assert!(!are_split_by_chance(&marked(180.0)), "rounded gaps go unnoticed");
    let mut turns = marked(0.0);
    let all: Vec<f64> = (0..HOURS).map(|hour| (6..9).map(|store| turns[store][hour]).sum()).collect();
    for (store, share) in HOMES.into_iter().enumerate() {
        turns[6 + store] = all.iter().map(|count| (count * share).round()).collect();
    }
    assert!(!are_split_by_chance(&turns), "stores that take turns go unnoticed");
}
