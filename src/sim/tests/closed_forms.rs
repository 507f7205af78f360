//! The simulation against results that are known exactly: queues, nearest stores, a deterministic courier.
//!
//! A mean over at least 30 independent replications must lie within 4.9 standard errors of the known value (one false
//! alarm in a million), and the standard error must be small enough for the test to mean something.

use super::{Town, courier, order, place};
use crate::city::TracedOrder;
use crate::city::nodes::{Candidates, NodeIndex};
use crate::city::space::{Matrix, Space, Spot};
use crate::event::{Event, EventLog};
use crate::rng::{Purpose, Streams};
use crate::scenario::{Metric, WarehouseShift};
use crate::units::{SimDuration, SimTime};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, Poisson};

/// Mean and standard error over replications.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    mean: f64,
    standard_error: f64,
}

impl Estimate {
    pub(super) fn of(values: &[f64]) -> Estimate {
        assert!(values.len() >= 30, "a standard error from {} values", values.len());
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
        Estimate { mean, standard_error: (variance / n).sqrt() }
    }
    pub(super) fn agrees_with(self, known: f64) -> bool {
        (self.mean - known).abs() <= 4.9 * self.standard_error
    }
    /// Agrees, and the standard error is at most `precision` of the value.
    #[track_caller]
    pub(super) fn assert(self, known: f64, precision: f64) {
        assert!(self.standard_error <= precision * known, "too coarse for {known}: {self:?}");
        assert!(self.agrees_with(known), "{known} is known, {self:?}");
    }
}

/// Mean minutes in the queue of one picker: 10 orders an hour, picked in `mean_min` with this coefficient of variation.
fn pick_wait(mean_min: f64, cv: f64, replications: u32) -> Estimate {
    const WARM_UP_H: f64 = 40.0;
    let mut town = Town::new([]);
    town.homes = vec![place(0.0, 0.0)];
    town.couriers.clear();
    town.stores.truncate(1);
    town.stores[0].pick_base = SimDuration::from_minutes(mean_min);
    town.stores[0].pick_cv = cv;
    town.scenario.demand.orders_per_day = 240.0;
    town.scenario.demand.hourly_profile = [1.0; 24];
    town.scenario.demand.extra_items_mean = 0.0;
    town.scenario.horizon_h = 1000.0;
    // Long enough to pick everything; nobody carries it away.
    town.scenario.drain_h = 20.0;
    let city = town.city();
    let one = |replication| {
        let log = crate::sim::run(&town.scenario, &city, replication, &mut |_| {}).log;
        let mut placed = vec![SimTime::ZERO; log.orders()];
        let mut waits = Vec::new();
        for record in &log.records {
            match record.event {
                Event::OrderPlaced { order } => placed[order.index()] = record.at,
                Event::OrderReady { order, picked_for, .. } if placed[order.index()].hours() >= WARM_UP_H => {
                    waits.push((record.at - placed[order.index()] - SimDuration::from(picked_for)).minutes());
                }
                _ => {}
            }
        }
        waits.iter().sum::<f64>() / waits.len() as f64
    };
    Estimate::of(&(0..replications).map(one).collect::<Vec<_>>())
}

/// Pollaczek and Khinchine: arrival rate × E[S²] / 2(1 − load), with a load of 0.75.
#[test]
fn orders_wait_for_one_picker_as_pollaczek_and_khinchine_say() {
    // Squared coefficient of variation of picking, replications, minutes.
    for (squared, replications, known) in [(0.0, 60, 6.75), (0.5, 90, 10.125), (1.0, 120, 13.5), (2.0, 220, 20.25)] {
        pick_wait(4.5, f64::sqrt(squared), replications).assert(known, 0.01);
    }
}

#[test]
fn the_queue_test_would_notice_pickers_two_percent_slower() {
    let slower = pick_wait(4.5 * 1.02, 0.0, 60);
    assert!(!slower.agrees_with(6.75), "{slower:?}");
    // It is the simulation of the slower pickers that is right: 6.75 × 1.02² × 0.25 / 0.235.
    slower.assert(6.75 * 1.0404 * 0.25 / 0.235, 0.01);
}

/// Mean minutes for which an order waits before the warehouse packs it: 10 orders an hour by a Poisson process.
fn packing_wait(capacity_per_h: f64) -> Estimate {
    const WARM_UP_H: f64 = 40.0;
    let mut town = Town::new([]);
    town.homes = vec![place(0.0, 0.0)];
    (town.couriers, town.stores) = (Vec::new(), Vec::new());
    town.scenario.demand.orders_per_day = 240.0;
    town.scenario.demand.hourly_profile = [1.0; 24];
    town.scenario.warehouse.capacity_per_h = capacity_per_h;
    town.scenario.horizon_h = 1000.0;
    town.scenario.drain_h = 100.0;
    let city = town.city();
    let one = |replication| {
        let log = crate::sim::run(&town.scenario, &city, replication, &mut |_| {}).log;
        let waits: Vec<f64> = packing_spans(&log)
            .into_iter()
            .filter(|(sent, _)| sent.hours() >= WARM_UP_H)
            .map(|(sent, packed)| (packed - sent).minutes() - 60.0 / capacity_per_h)
            .collect();
        waits.iter().sum::<f64>() / waits.len() as f64
    };
    Estimate::of(&(0..60).map(one).collect::<Vec<_>>())
}

/// When each order was given to the warehouse, and packed.
fn packing_spans(log: &EventLog) -> Vec<(SimTime, SimTime)> {
    let mut spans = vec![(SimTime::NEVER, SimTime::NEVER); log.orders()];
    for record in &log.records {
        match record.event {
            Event::OrderSentFar { order, .. } => spans[order.index()].0 = record.at,
            Event::ParcelPacked { order } => spans[order.index()].1 = record.at,
            _ => {}
        }
    }
    spans
}

/// The packing line is one server of constant speed: load / 2(1 − load) of its service time, 4.5 min at a load of 0.75.
#[test]
fn orders_wait_for_the_packing_line_as_pollaczek_and_khinchine_say() {
    packing_wait(60.0 / 4.5).assert(6.75, 0.01);
}

#[test]
fn the_packing_test_would_notice_a_line_two_percent_slower() {
    let slower = packing_wait(60.0 / 4.5 / 1.02);
    assert!(!slower.agrees_with(6.75), "{slower:?}");
    slower.assert(6.75 * 1.0404 * 0.25 / 0.235, 0.01);
}

/// B(t) = max over u ≤ t of ∫ (λ − μ) from u to t, and the time to clear is the largest B / (μ − λ after the peak).
#[test]
fn the_backlog_of_a_peak_is_the_fluid_one_with_shifts_and_temporary_workers() {
    // 240 orders an hour for 4 h, then 60 an hour for 20 h, in even steps.
    let peak = (0..960).map(|i| f64::from(i) * 15.0);
    let after = (0..1200).map(|i| 4.0 * 3600.0 + f64::from(i) * 60.0);
    let mut town = Town::new(peak.chain(after).map(|at| TracedOrder { far: true, ..order(at, 0.0, 0.0) }));
    let warehouse = &mut town.scenario.warehouse;
    warehouse.capacity_per_h = 0.0;
    warehouse.lines_per_worker_h = 30.0;
    // 60 an hour, 120 from the sixth hour on; four temporary workers from the eighth, half of two hours' ramp.
    let shift = |from_h, to_h| WarehouseShift { from_h, to_h, workers: 2, ..WarehouseShift::default() };
    warehouse.shifts = vec![shift(0.0, 24.0), shift(6.0, 24.0)];
    (warehouse.temp_workers, warehouse.temp_from_h, warehouse.temp_ramp_h) = (4, 8.0, 2.0);
    let spans = packing_spans(&town.play().log);
    let backlog = |at_h: f64| {
        let at = SimTime::from_hours(at_h);
        spans.iter().filter(|(sent, packed)| *sent <= at && *packed > at).count() as f64
    };
    let known = [(1.0, 180.0), (4.0, 720.0), (6.0, 720.0), (8.0, 600.0), (9.0, 510.0), (10.0, 360.0), (11.0, 180.0)];
    for (at_h, orders) in known {
        assert!((backlog(at_h) - orders).abs() <= 2.0, "{} orders at {at_h} h, {orders} by the fluid", backlog(at_h));
    }
    // From ten on 240 an hour are packed and 60 come: 360 / 180 = 2 h to clear.
    assert!(backlog(11.9) > 10.0 && backlog(12.1) <= 1.0);
}

fn plane() -> Space {
    Space::new(Metric::Euclid, super::EARTH_M, Matrix::default())
}

/// Stores of a Poisson field with 0.5 in a square kilometre on a square of this side.
fn poisson_field(rng: &mut impl Rng, side_m: f64) -> Vec<Spot> {
    let expected = 0.5 * side_m * side_m / 1e6;
    let count = Poisson::new(expected).expect("a positive mean").sample(rng) as usize;
    (0..count).map(|_| Spot { a: side_m * rng.random::<f64>(), b: side_m * rng.random::<f64>() }).collect()
}

#[test]
fn the_nearest_stores_of_a_poisson_field_are_as_far_as_they_should_be() {
    const SIDE_M: f64 = 9000.0;
    let centre = Spot { a: SIDE_M / 2.0, b: SIDE_M / 2.0 };
    let one = |replication| {
        let mut rng = Streams::new(1, replication).long(Purpose::Layout);
        let mut sums = [0.0; 3];
        for _ in 0..120 {
            let index = NodeIndex::new(&plane(), super::EARTH_M, poisson_field(&mut rng, SIDE_M));
            for (sum, (_, metres)) in sums.iter_mut().zip(index.nearest(centre)) {
                *sum += metres / 1000.0;
            }
        }
        sums.map(|sum| sum / 120.0)
    };
    let replications: Vec<[f64; 3]> = (0..30).map(one).collect();
    // The mean to the k-th nearest is Γ(k + ½) / (Γ(k) √(πλ)): 0.707, 1.061 and 1.326 km.
    for (k, gammas) in [0.5, 0.75, 0.9375].into_iter().enumerate() {
        let known_km = gammas / 0.5_f64.sqrt();
        Estimate::of(&replications.iter().map(|means| means[k]).collect::<Vec<_>>()).assert(known_km, 0.02);
    }
}

/// Share of places without a stocked store within 1.5 km, and the mean distance in km of the others.
fn served(stores: &[Spot], stocked: &[bool], side_m: f64, lists: &Candidates) -> (f64, f64) {
    let (mut far, mut near, mut km) = (0.0, 0.0, 0.0);
    assert_eq!(stores.len(), stocked.len());
    let mut a = 1500.0;
    while a <= side_m - 1500.0 {
        let mut b = 1500.0;
        while b <= side_m - 1500.0 {
            match lists.nearest(Spot { a, b }, |store| stocked[store as usize]) {
                Some(found) => (near, km) = (near + 1.0, km + found.distance / 1000.0),
                None => far += 1.0,
            }
            b += 750.0;
        }
        a += 750.0;
    }
    (far / (far + near), km / near)
}

#[test]
fn stock_thins_the_field_of_stores_and_the_radius_cuts_it_off() {
    const SIDE_M: f64 = 30_000.0;
    let corner = Spot { a: SIDE_M, b: SIDE_M };
    let in_stock = [0.8, 0.4];
    let one = |replication| {
        let mut rng = Streams::new(2, replication).long(Purpose::Layout);
        let stores = poisson_field(&mut rng, SIDE_M);
        let index = NodeIndex::new(&plane(), super::EARTH_M, stores.clone());
        let lists = Candidates::new(index, vec![1500.0; stores.len()], Spot::default(), corner);
        in_stock.map(|share| {
            let stocked: Vec<bool> = stores.iter().map(|_| rng.random::<f64>() < share).collect();
            served(&stores, &stocked, SIDE_M, &lists)
        })
    };
    let replications: Vec<[(f64, f64); 2]> = (0..30).map(one).collect();
    let estimate = |case: usize, pick: fn(&(f64, f64)) -> f64| {
        Estimate::of(&replications.iter().map(|cases| pick(&cases[case])).collect::<Vec<_>>())
    };
    // e^(−πλpR²). Few places are without a store when stock is good, so that share is known less exactly.
    estimate(0, |(far, _)| *far).assert(0.059_164_5, 0.065);
    estimate(1, |(far, _)| *far).assert((-std::f64::consts::PI * 0.2 * 2.25).exp(), 0.03);
    // [erf(√(πλp) R) / 2√(λp) − R e^(−πλpR²)] / (1 − e^(−πλpR²)) for λp = 0.4.
    estimate(0, |(_, km)| *km).assert(0.731_330, 0.02);
}

/// Milliseconds from ready to pick-up, order by order.
fn ready_to_pickup(log: &EventLog) -> Vec<i64> {
    let mut ready = vec![SimTime::NEVER; log.orders()];
    let mut waits = vec![-1; log.orders()];
    for record in &log.records {
        match record.event {
            Event::OrderReady { order, .. } => ready[order.index()] = record.at,
            Event::OrderPickedUp { order, .. } => waits[order.index()] = (record.at - ready[order.index()]).0,
            _ => {}
        }
    }
    waits
}

#[test]
fn one_courier_with_orders_at_even_intervals_waits_or_falls_behind_exactly() {
    // At the store's door a trip takes 2 min of service and 4 of hand-over, half of the service before the pick-up.
    let every = |seconds: f64| {
        let mut town = Town::new((0..50).map(|i| order(f64::from(i) * seconds, 0.0, 0.0)));
        town.stores[0].pickers = 0;
        town.couriers = vec![courier(0.0, 0.0)];
        ready_to_pickup(&town.play().log)
    };
    assert_eq!(every(360.0), vec![60_000; 50]);
    // 300 s apart, every order waits a minute longer than the one before.
    assert_eq!(every(300.0), (0..50).map(|i| 60_000 + 60_000 * i).collect::<Vec<i64>>());
}
