//! Couriers with a base: the way back, trips of one store's couriers, and the store chosen by its best courier.

use super::{Town, at, courier, order};
use crate::city::Courier;
use crate::scenario::{AfterDelivery, DispatchPolicy, PatienceFrom, SourcingPolicy};
use crate::units::StoreId;

/// The store at 0 with unlimited pickers, and these couriers who ride back after a delivery.
fn returning(couriers: Vec<Courier>, orders: &[(f64, f64, f64)]) -> Town {
    let mut town = Town::new(orders.iter().map(|(seconds, x_m, y_m)| order(*seconds, *x_m, *y_m)));
    town.stores.truncate(1);
    town.stores[0].pickers = 0;
    town.couriers = couriers;
    town.scenario.couriers.after_delivery = AfterDelivery::Return;
    town
}

fn of_store(store: u32, x_m: f64) -> Courier {
    Courier { store: Some(StoreId(store)), fleet: store as u16, ..courier(x_m, 0.0) }
}

/// One courier of the store, whose trips may be joined.
fn joining(orders: &[(f64, f64, f64)]) -> Town {
    let mut town = returning(vec![of_store(0, 0.0)], orders);
    town.scenario.dispatch.policy = DispatchPolicy::StoreCouriers;
    town.scenario.dispatch.join_trips = true;
    town
}

#[test]
fn a_courier_rides_back_before_taking_the_next_order() {
    let town = returning(vec![courier(0.0, 0.0)], &[(0.0, 0.0, 500.0), (500.0, 0.0, 0.0)]);
    let expected = [
        "300 o0 for c0, 0 m",
        "360 c0 takes o0 after 60",
        "760 c0 delivers o0 after 240",
        "760 c0 free of o0",
        "860 c0 rode 500 m for nobody in 100",
        // Ready since 800.
        "860 o1 for c0, 0 m",
        "920 c0 takes o1 after 60",
        "1220 c0 delivers o1 after 240",
        "1220 c0 free of o1",
    ];
    assert_eq!(town.facts(&["for c0", "takes", "delivers", "free", "nobody"]), expected);
}

#[test]
fn a_courier_of_earliest_dropoff_rides_back_too() {
    let mut town = returning(vec![courier(0.0, -100.0)], &[(0.0, 0.0, 500.0)]);
    town.scenario.dispatch.policy = DispatchPolicy::EarliestDropoff;
    town.orders.push(order(1.0, 0.0, 500.0));
    town.couriers.push(courier(0.0, 4100.0));
    // The first is back at 820 and at the store at 840; straight from the door, 800. The second is there at 821.
    assert_eq!(town.facts(&["o1 for"]), ["1 o1 for c1, 4100 m"]);
    town.orders.pop();
    town.couriers.pop();
    assert_eq!(town.facts(&["free", "nobody"]), ["700 c0 free of o0", "820 c0 rode 600 m for nobody in 120"]);
}

#[test]
fn an_order_ready_before_the_last_trip_leaves_joins_it() {
    let mut town = joining(&[(0.0, 0.0, 500.0), (30.0, 0.0, 600.0)]);
    town.orders[1].ready = Some(at(200.0));
    let expected = [
        "0 o0 for c0, 0 m",
        "30 o1 for c0, 0 m",
        "300 c0 takes o0 after 300",
        "300 c0 takes o1 after 270",
        "700 c0 delivers o0 after 240",
        "700 c0 free of o0",
        "960 c0 delivers o1 after 240",
        "960 c0 free of o1",
        "1080 c0 rode 600 m for nobody in 120",
    ];
    assert_eq!(town.facts(&["for c0", "takes", "delivers", "free", "nobody"]), expected);
    // Ready at the instant the trip leaves is too late: a trip of its own, when the courier is back at 800.
    town.orders[1].ready = Some(at(300.0));
    assert_eq!(town.facts(&["takes"]), ["300 c0 takes o0 after 300", "860 c0 takes o1 after 60"]);
    // Nor does it join a courier who can carry one.
    town.orders[1].ready = Some(at(200.0));
    town.scenario.couriers.capacity = 1;
    assert_eq!(town.facts(&["takes"]), ["300 c0 takes o0 after 300", "860 c0 takes o1 after 60"]);
}

#[test]
fn a_third_order_joins_the_trip_that_waits_for_the_courier_to_come_back() {
    let mut town = joining(&[(0.0, 0.0, 500.0), (400.0, 0.0, 500.0), (450.0, 0.0, 0.0)]);
    town.orders[2].ready = Some(at(799.0));
    let taken = ["300 c0 takes o0 after 300", "860 c0 takes o1 after 60", "860 c0 takes o2 after 60"];
    assert_eq!(town.facts(&["takes"]), taken);
}

#[test]
fn when_the_first_of_a_trip_is_cancelled_the_others_go() {
    let mut town = joining(&[(0.0, 0.0, 500.0), (30.0, 0.0, 600.0)]);
    town.orders[1].ready = Some(at(31.0));
    town.scenario.consumers.patience_from = PatienceFrom::Placed;
    town.scenario.consumers.patience_grace_min = 1.1;
    town.scenario.consumers.cancel_hazard_per_min = 60.0;
    let ends = town.facts(&["cancelled", "delivers", "nobody"]);
    assert!(ends[0].ends_with("o0 cancelled: patience") && ends[1].contains("c0 delivers o1"), "{ends:?}");
    assert!(ends[2].ends_with("c0 rode 600 m for nobody in 120") && ends.len() == 3, "{ends:?}");
}

#[test]
fn the_store_whose_courier_is_sooner_at_the_door_takes_the_order() {
    let mut town = Town::new([order(0.0, 900.0, 0.0), order(1.0, 900.0, 0.0)]);
    town.fleets = 2;
    town.stores[1].fleet = 1;
    town.stores.iter_mut().for_each(|store| store.pickers = 0);
    town.couriers = vec![of_store(0, 0.0), of_store(1, 2000.0)];
    town.scenario.couriers.after_delivery = AfterDelivery::Return;
    town.scenario.dispatch.policy = DispatchPolicy::StoreCouriers;
    assert_eq!(town.facts(&["goes to"]), ["0 o0 goes to s0, 900 m", "1 o1 goes to s0, 900 m"]);
    town.scenario.sourcing.policy = SourcingPolicy::Reassignment;
    assert_eq!(town.facts(&["goes to"]), ["0 o0 goes to s0, 900 m", "1 o1 goes to s1, 1100 m"]);
}

#[test]
fn the_forecast_of_readiness_is_exact_for_two_pickers() {
    // Pickers end at 300 and 400; o2 is ready at 600 and with the consumer at 900.
    for (limit_s, refused) in [(750.0, 0), (749.0, 1)] {
        let mut town = joining(&[(0.0, 0.0, 0.0), (100.0, 0.0, 0.0), (150.0, 0.0, 0.0)]);
        town.stores[0].pickers = 2;
        town.couriers = vec![of_store(0, 0.0); 3];
        town.scenario.dispatch.join_trips = false;
        town.scenario.dispatch.max_click_to_door_min = Some(limit_s / 60.0);
        assert_eq!(town.facts(&["cancelled"]).len(), refused, "{limit_s}");
    }
}
