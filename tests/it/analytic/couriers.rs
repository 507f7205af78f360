//! Couriers of one store as servers: M/M/c where orders wait, Erlang's loss where they go far when nobody is free.

use super::statistics::Estimate;
use super::{Effort, placed, plain, play};
use nearfar::city::City;
use nearfar::city::demand::Home;
use nearfar::event::{Event, EventLog, FarReason};
use nearfar::scenario::{AfterDelivery, CourierStart, DispatchQueue, HandoverDistribution, Scenario};
use nearfar::units::SimTime;
use std::sync::Arc;

const ORDERS_PER_H: f64 = 30.0;
/// A courier is away this long on average (the median from taking an order to delivering it in one Chinese city).
const CYCLE_MIN: f64 = 24.2;
/// Left out at the start, at least.
const WARM_UP_H: f64 = 30.0;

/// Share of orders that find all `couriers` busy and are lost.
fn erlang_b(couriers: u32, offered: f64) -> f64 {
    (1..=couriers).fold(1.0, |lost, c| offered * lost / (f64::from(c) + offered * lost))
}
/// Share of orders that wait.
fn erlang_c(couriers: u32, offered: f64) -> f64 {
    let (lost, c) = (erlang_b(couriers, offered), f64::from(couriers));
    c * lost / (c - offered * (1.0 - lost))
}
fn offered(cycle_min: f64) -> f64 {
    ORDERS_PER_H * cycle_min / 60.0
}

#[test]
fn the_formulas_give_the_published_values() {
    let close = |found: f64, known: f64| assert!((found / known - 1.0).abs() < 1e-5, "{found}, {known} is known");
    for (couriers, waits, lost) in [
        (13, 0.731369, 0.158593),
        (14, 0.502485, 0.120547),
        (15, 0.334651, 0.0886232),
        (16, 0.215661, 0.0628116),
        (18, 0.0806827, 0.0279626),
    ] {
        close(erlang_c(couriers, offered(CYCLE_MIN)), waits);
        close(erlang_b(couriers, offered(CYCLE_MIN)), lost);
    }
    close(wait_min(14, CYCLE_MIN), 6.40007);
    close(waits_over(14, CYCLE_MIN, 5.0), 0.339340);
}

/// Mean wait for a courier.
fn wait_min(couriers: u32, cycle_min: f64) -> f64 {
    let offered = offered(cycle_min);
    erlang_c(couriers, offered) * cycle_min / (f64::from(couriers) - offered)
}
/// Share of orders that wait longer.
fn waits_over(couriers: u32, cycle_min: f64, min: f64) -> f64 {
    let offered = offered(cycle_min);
    erlang_c(couriers, offered) * (-(f64::from(couriers) - offered) * min / cycle_min).exp()
}

/// How long such a queue takes to forget how it began: 1 / (√(c μ) − √λ)².
fn relaxation_h(couriers: u32, cycle_min: f64) -> f64 {
    cycle_min / 60.0 / (f64::from(couriers).sqrt() - offered(cycle_min).sqrt()).powi(2)
}

/// What the time varies like for which a courier is away with an order.
#[derive(Clone, Copy)]
enum Law {
    /// Hand-over at the store's door.
    Exponential,
    /// Ride, hand-over and ride back, all the same every time.
    Deterministic,
    /// The same with a hand-over that varies.
    Lognormal,
}

/// One store with couriers who return to it, for so many hours.
fn scenario(couriers: u32, cycle_min: f64, law: Law, hours: f64) -> Scenario {
    let mut scenario = Scenario { horizon_h: hours, ..plain() };
    scenario.demand.orders_per_day = ORDERS_PER_H * 24.0;
    scenario.dispatch.queue = DispatchQueue::Fifo;
    let keys = &mut scenario.couriers;
    (keys.count, keys.start, keys.after_delivery) = (couriers, CourierStart::Stores, AfterDelivery::Return);
    (keys.handover_min, keys.handover_cv) = match law {
        Law::Exponential => (cycle_min, 0.0),
        Law::Deterministic => (cycle_min - 2.0 * RIDE_MIN, 0.0),
        Law::Lognormal => (cycle_min - 2.0 * RIDE_MIN, 1.0),
    };
    if let Law::Exponential = law {
        keys.handover_distribution = HandoverDistribution::Exponential;
    }
    scenario
}

const RIDE_MIN: f64 = 5.0;

/// All consumers live at the store's door, or a ride away.
fn city(scenario: &Scenario, law: Law) -> Arc<City> {
    let mut city = City::build(scenario).unwrap();
    let end = SimTime::from_hours(scenario.horizon_h + scenario.drain_h);
    let mut door = city.stores[0].place;
    for courier in &mut city.couriers {
        (courier.place, courier.shifts) = (door, vec![(SimTime::ZERO, end)]);
    }
    if !matches!(law, Law::Exponential) {
        let metres = RIDE_MIN * scenario.couriers.speed_kmh * 1000.0 / 60.0;
        door.x_m += if door.x_m < city.width_m / 2.0 { metres } else { -metres };
    }
    city.demand.homes = vec![Home::new(&door)];
    Arc::new(city)
}

/// Mean wait, and the shares of orders that wait at all and longer than 5 min.
fn waits(couriers: u32, cycle_min: f64, effort: Effort) -> [Estimate; 3] {
    let scenario = scenario(couriers, cycle_min, Law::Exponential, effort.length);
    let city = city(&scenario, Law::Exponential);
    let warm_up_h = WARM_UP_H.max(5.0 * relaxation_h(couriers, cycle_min));
    let one = |replication| {
        let log = play(&scenario, &city, replication);
        let placed = placed(&log);
        let (mut count, mut sums) = (0.0, [0.0; 3]);
        for record in &log.records {
            let Event::CourierAssigned { order, .. } = record.event else { continue };
            let wait_min = (record.at - placed[order.index()]).minutes();
            if placed[order.index()].hours() >= warm_up_h {
                count += 1.0;
                sums[0] += wait_min;
                sums[1] += f64::from(u8::from(wait_min > 0.0));
                sums[2] += f64::from(u8::from(wait_min > 5.0));
            }
        }
        sums.map(|sum| sum / count)
    };
    Estimate::each(&(0..effort.replications).map(one).collect::<Vec<_>>())
}

fn check_waits(couriers: u32, effort: Effort) {
    let [mean, share, over] = waits(couriers, CYCLE_MIN, effort);
    mean.assert(&format!("B1 c={couriers} Wq min"), wait_min(couriers, CYCLE_MIN), effort.precision);
    let waits = erlang_c(couriers, offered(CYCLE_MIN));
    share.assert(&format!("B1 c={couriers} P(wait)"), waits, effort.precision);
    over.assert(&format!("B1 c={couriers} P(Wq>5)"), waits_over(couriers, CYCLE_MIN, 5.0), effort.precision);
}

const QUICK: Effort = Effort { replications: 30, length: 330.0, precision: 0.08 };
/// Ten million orders: long waits come in long spells.
const FULL: Effort = Effort { replications: 80, length: 4200.0, precision: 0.01 };

#[test]
fn orders_wait_for_couriers_as_in_a_queue_with_many_servers() {
    check_waits(15, QUICK);
}

#[test]
fn the_waiting_test_notices_a_courier_fewer() {
    let [mean, share, over] = waits(14, CYCLE_MIN, QUICK);
    mean.rejects("B1 with a courier fewer", wait_min(15, CYCLE_MIN));
    share.rejects("B1 with a courier fewer, P(wait)", erlang_c(15, offered(CYCLE_MIN)));
    over.rejects("B1 with a courier fewer, P(Wq>5)", waits_over(15, CYCLE_MIN, 5.0));
}

#[test]
#[ignore = "some minutes in the release profile: cargo test --release --test it -- --ignored analytic"]
fn orders_wait_for_couriers_as_in_a_queue_with_many_servers_in_full() {
    for couriers in [14, 15, 16, 18] {
        check_waits(couriers, FULL);
    }
    waits(15, CYCLE_MIN * 1.02, FULL)[0].rejects("B1 with cycles × 1.02", wait_min(15, CYCLE_MIN));
}

#[test]
#[ignore = "some minutes in the release profile: cargo test --release --test it -- --ignored analytic"]
fn orders_wait_for_couriers_as_in_a_queue_with_many_servers_near_its_limit_in_full() {
    // At a load of .93 spells of waiting are the longest, a day from start to end.
    check_waits(13, Effort { replications: 400, ..FULL });
}

/// Share of orders that go far since no courier is free.
fn lost(couriers: u32, cycle_min: f64, law: Law, effort: Effort) -> Estimate {
    let mut scenario = scenario(couriers, cycle_min, law, effort.length);
    // The time to the door with a free courier, and a little.
    let ride_min = if let Law::Exponential = law { 0.0 } else { RIDE_MIN };
    scenario.near.max_quote_min = Some(ride_min + scenario.couriers.handover_min + 0.1);
    let city = city(&scenario, law);
    let one = |replication| {
        let log = play(&scenario, &city, replication);
        let late = |at: SimTime| at.hours() >= WARM_UP_H;
        let all = placed(&log).into_iter().filter(|at| late(*at)).count();
        overloaded(&log, late) as f64 / all as f64
    };
    Estimate::of(&(0..effort.replications).map(one).collect::<Vec<_>>())
}

fn overloaded(log: &EventLog, when: impl Fn(SimTime) -> bool) -> usize {
    let too_busy = |event: &Event| match event {
        Event::OrderSentFar { reason, .. } => {
            assert_eq!(*reason, FarReason::Overload);
            true
        }
        _ => false,
    };
    log.records.iter().filter(|record| when(record.at) && too_busy(&record.event)).count()
}

const LAWS: [(Law, &str); 3] =
    [(Law::Exponential, "exponential"), (Law::Deterministic, "deterministic"), (Law::Lognormal, "lognormal")];

fn check_losses(couriers: u32, effort: Effort) {
    for (law, name) in LAWS {
        let known = erlang_b(couriers, offered(CYCLE_MIN));
        lost(couriers, CYCLE_MIN, law, effort).assert(&format!("B2 c={couriers} {name}"), known, effort.precision);
    }
}

const QUICK_LOSS: Effort = Effort { replications: 30, length: 150.0, precision: 0.035 };
const FULL_LOSS: Effort = Effort { replications: 30, length: 2400.0, precision: 0.01 };

#[test]
fn orders_go_far_when_no_courier_is_free_as_erlang_says_whatever_the_law_of_cycles() {
    check_losses(13, QUICK_LOSS);
}

#[test]
fn the_loss_test_notices_a_courier_fewer() {
    let fewer = lost(12, CYCLE_MIN, Law::Lognormal, QUICK_LOSS);
    fewer.rejects("B2 with a courier fewer", erlang_b(13, offered(CYCLE_MIN)));
}

#[test]
#[ignore = "some minutes in the release profile: cargo test --release --test it -- --ignored analytic"]
fn orders_go_far_when_no_courier_is_free_as_erlang_says_in_full() {
    for couriers in [13, 14, 15] {
        check_losses(couriers, FULL_LOSS);
    }
    for (law, name) in LAWS {
        let slower = lost(13, CYCLE_MIN * 1.02, law, FULL_LOSS);
        slower.rejects(&format!("B2 {name} with cycles × 1.02"), erlang_b(13, offered(CYCLE_MIN)));
    }
}

/// The pickers of a store are a loss system as well when it is offered only while one of them is free.
#[test]
fn orders_go_far_when_no_picker_is_free_as_erlang_says() {
    let known = erlang_b(3, 10.0 * 0.25);
    let of = |pickers: u32| {
        let mut scenario = Scenario { horizon_h: 500.0, ..plain() };
        scenario.demand.orders_per_day = 240.0;
        let store = &mut scenario.stores.archetypes[0];
        (store.pickers, store.pick_base_min, store.pick_cv) = (pickers, 15.0, 0.4);
        scenario.near.max_queue_orders = Some(pickers);
        scenario.near.radius_km = 1000.0;
        let city = Arc::new(City::build(&scenario).unwrap());
        let one = |replication| {
            let log = play(&scenario, &city, replication);
            overloaded(&log, |_| true) as f64 / log.orders() as f64
        };
        Estimate::of(&(0..30).map(one).collect::<Vec<_>>())
    };
    of(3).assert("B2 pickers", known, 0.02);
    of(2).rejects("B2 with a picker fewer", known);
}
