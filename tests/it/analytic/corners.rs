//! Corner cases in which the answer is exact.

use super::{placed, plain, play};
use nearfar::city::City;
use nearfar::city::demand::Home;
use nearfar::event::{Event, EventLog, FarReason};
use nearfar::metrics::{Frames, kpis};
use nearfar::scenario::{AfterDelivery, CourierStart, DispatchQueue, Scenario};
use nearfar::units::{SimDuration, SimTime};
use std::sync::Arc;

/// Couriers of one store who ride 5 min to the door, hand over for 2 and ride back: a cycle of 12.
fn one_store(couriers: u32, orders_per_h: f64, horizon_h: f64) -> (Scenario, Arc<City>) {
    let mut scenario = Scenario { horizon_h, drain_h: 0.0, ..plain() };
    scenario.demand.orders_per_day = 24.0 * orders_per_h;
    scenario.dispatch.queue = DispatchQueue::Fifo;
    let keys = &mut scenario.couriers;
    (keys.count, keys.start, keys.after_delivery) = (couriers, CourierStart::Stores, AfterDelivery::Return);
    (keys.speed_kmh, keys.handover_min) = (18.0, 2.0);
    let mut city = City::build(&scenario).unwrap();
    let mut door = city.stores[0].place;
    for courier in &mut city.couriers {
        (courier.place, courier.shifts) = (door, vec![(SimTime::ZERO, SimTime::from_hours(horizon_h))]);
    }
    door.x_m += if door.x_m < city.width_m / 2.0 { 1500.0 } else { -1500.0 };
    city.demand.homes = vec![Home::new(&door)];
    (scenario, Arc::new(city))
}

/// The same with an order every so many seconds.
fn at_even_intervals(couriers: u32, seconds: f64, horizon_h: f64) -> (Scenario, Arc<City>) {
    // Gaps rounded to multiples of far more than they last would all be zero; a trace says when orders come.
    let (scenario, mut city) = one_store(couriers, 1.0, horizon_h);
    let door = city.demand.homes[0];
    let one = nearfar::city::TracedOrder {
        name: String::new(),
        placed: SimTime::ZERO,
        place: nearfar::city::Place { x_m: f64::from(door.x_m), y_m: f64::from(door.y_m), ..city.stores[0].place },
        store: None,
        far: false,
        ready: None,
        pick: None,
        service: None,
        value: None,
        category: None,
        units: 1,
    };
    let count = (horizon_h * 3600.0 / seconds) as u32;
    let orders = (0..count).map(|i| (f64::from(i) + 0.5) * seconds);
    let orders = orders.map(|at| nearfar::city::TracedOrder { placed: SimTime::from_seconds(at), ..one.clone() });
    Arc::make_mut(&mut city).demand.trace = orders.collect();
    (scenario, city)
}

/// Time from placement to the courier's start, of the orders that were assigned.
fn waits(log: &EventLog) -> Vec<SimDuration> {
    let placed = placed(log);
    let wait = |record: &nearfar::event::Record| match record.event {
        Event::CourierAssigned { order, .. } => Some(record.at - placed[order.index()]),
        _ => None,
    };
    log.records.iter().filter_map(wait).collect()
}

#[test]
fn one_courier_keeps_up_with_orders_at_even_intervals_up_to_the_cycle_and_falls_behind_beyond() {
    let of = |seconds| {
        let (scenario, city) = at_even_intervals(1, seconds, 20.0);
        waits(&play(&scenario, &city, 0))
    };
    assert!(of(720.0).iter().all(|wait| wait.0 == 0), "a cycle of 12 min and an order every 12 min");
    let behind = of(660.0);
    assert!(behind.len() > 90);
    for (i, wait) in behind.iter().enumerate() {
        assert_eq!(wait.0, 60_000 * i as i64, "a minute more for every order before");
    }
}

#[test]
fn without_orders_nothing_happens_and_every_kpi_is_computed() {
    let (scenario, city) = one_store(3, 0.0, 24.0);
    let log = play(&scenario, &city, 0);
    assert_eq!(log.orders(), 0);
    let none = |record: &nearfar::event::Record| {
        matches!(
            record.event,
            Event::CourierOnDuty { .. }
                | Event::CourierOffDuty { .. }
                | Event::StockLeft { .. }
                | Event::StoreCounted { .. }
        )
    };
    assert!(log.records.iter().all(none), "{:?}", log.records);
    let frames = Frames::from_log(&scenario, &city, &log, 0).unwrap();
    let kpis = kpis(&city, &log, &frames).unwrap();
    let value = |name: &str| kpis.iter().find(|kpi| kpi.name == name).unwrap().value;
    assert_eq!((value("orders"), value("audit_violations")), (0.0, 0.0));
}

#[test]
fn without_stock_everything_goes_far() {
    let mut scenario = Scenario { horizon_h: 24.0, drain_h: 0.0, ..plain() };
    scenario.stores.archetypes[0].count = 30;
    scenario.stores.unlimited_stock = false;
    scenario.demand.orders_per_day = 2000.0;
    scenario.consumers.count = 500;
    let mut city = City::build(&scenario).unwrap();
    city.full_levels.fill(0);
    scenario.stores.replenish_every_h = 0.0;
    let log = play(&scenario, &Arc::new(city), 0);
    let far = |record: &&nearfar::event::Record| match record.event {
        Event::OrderSentFar { reason, .. } => {
            assert!(matches!(reason, FarReason::NoStock | FarReason::NoStore));
            true
        }
        _ => false,
    };
    assert!(log.orders() > 1800);
    assert_eq!(log.records.iter().filter(far).count(), log.orders());
}

/// Orders without a courier at an instant.
fn queue(log: &EventLog, at: SimTime) -> f64 {
    let before = log.records.iter().take_while(|record| record.at <= at);
    before.fold(0.0, |queue, record| match record.event {
        Event::OrderPlaced { .. } => queue + 1.0,
        Event::CourierAssigned { .. } => queue - 1.0,
        _ => queue,
    })
}

#[test]
fn an_overloaded_fleet_falls_behind_by_what_it_cannot_carry() {
    // Three couriers carry 15 an hour.
    let (scenario, city) = at_even_intervals(3, 180.0, 50.0);
    let log = play(&scenario, &city, 0);
    for hours in [10.0, 20.0, 40.0] {
        let behind = queue(&log, SimTime::from_hours(hours));
        assert!((behind - 5.0 * hours).abs() <= 3.0, "{behind} orders wait after {hours} h, 20 an hour come");
    }
    // And by chance: all that comes but what three busy couriers carry.
    let (scenario, city) = one_store(3, 30.0, 200.0);
    let log = play(&scenario, &city, 0);
    let came = log.records.iter().filter(|r| matches!(r.event, Event::OrderPlaced { .. })).count() as f64;
    let behind = queue(&log, SimTime::from_hours(200.0));
    assert!((behind - (came - 15.0 * 200.0)).abs() <= 5.0, "{behind} of {came} orders wait");
}

#[test]
fn with_couriers_without_end_click_to_door_less_the_wait_at_the_store_is_its_lower_bound() {
    let (mut scenario, mut city) = one_store(400, 60.0, 10.0);
    (scenario.couriers.pickup_service_min, scenario.drain_h) = (3.0, 1.0);
    let parts = Arc::make_mut(&mut city);
    parts.stores[0].pick_base = SimDuration::from_minutes(4.0);
    parts.couriers.iter_mut().for_each(|courier| courier.shifts[0].1 = SimTime::from_hours(11.0));
    let log = play(&scenario, &city, 0);
    let placed = placed(&log);
    let (mut ready, mut to_pick_up) = (vec![SimTime::NEVER; log.orders()], vec![SimDuration::ZERO; log.orders()]);
    let mut delivered = 0;
    for record in &log.records {
        match record.event {
            Event::OrderReady { order, .. } => ready[order.index()] = record.at,
            Event::OrderPickedUp { order, .. } => to_pick_up[order.index()] = record.at - ready[order.index()],
            Event::OrderDelivered { order, .. } => {
                delivered += 1;
                let i = order.index();
                assert_eq!(to_pick_up[i], SimDuration::from_minutes(1.5), "nobody waits for a courier");
                // Pick 4, second half of the service 1.5, ride 5, hand-over 2.
                assert_eq!(record.at - placed[i] - to_pick_up[i], SimDuration::from_minutes(12.5), "order {i}");
            }
            _ => {}
        }
    }
    assert!(delivered > 500 && delivered == log.orders());
}
