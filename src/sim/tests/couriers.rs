//! Couriers: dispatch by both policies, shifts and fleets.

use super::{Town, at, courier, order};
use crate::city::Courier;
use crate::scenario::DispatchPolicy;
use crate::units::SimTime;

/// On duty between these seconds only.
fn on_duty(courier: Courier, shifts: &[(f64, f64)]) -> Courier {
    Courier { shifts: shifts.iter().map(|(on, off)| (at(*on), at(*off))).collect(), ..courier }
}

/// One store where pickers never queue, and these couriers.
fn town(couriers: Vec<Courier>, orders: &[(f64, f64, f64)]) -> Town {
    let mut town = Town::new(orders.iter().map(|(seconds, x_m, y_m)| order(*seconds, *x_m, *y_m)));
    town.stores.truncate(1);
    town.stores[0].pickers = 0;
    town.couriers = couriers;
    town
}

fn earliest(couriers: Vec<Courier>, orders: &[(f64, f64, f64)]) -> Town {
    let mut town = town(couriers, orders);
    town.scenario.dispatch.policy = DispatchPolicy::EarliestDropoff;
    town
}

#[test]
fn the_nearest_idle_courier_is_sent_and_of_two_at_one_distance_the_lower_id() {
    let couriers = vec![courier(0.0, 500.0), courier(0.0, -300.0), courier(300.0, 0.0)];
    let town = town(couriers, &[(0.0, 0.0, 9.0); 3]);
    let expected = ["300 o0 for c1, 300 m", "300 o1 for c2, 300 m", "300 o2 for c0, 500 m"];
    assert_eq!(town.facts(&["for c"]), expected);
}

#[test]
fn one_courier_takes_waiting_orders_first_come_first_served_not_nearest_first() {
    let mut town = Town::new([order(600.0, 500.0, 0.0), order(610.0, 2000.0, 0.0), order(620.0, 0.0, 100.0)]);
    town.stores[0].pickers = 0;
    town.couriers = vec![courier(0.0, 500.0)];
    let expected = [
        "900 o0 for c0, 500 m",
        "1060 c0 takes o0 after 60",
        "1460 c0 delivers o0 after 240",
        "1460 c0 free of o0",
        // o2 waits 500 m from here, o1 1500 m.
        "1460 o1 for c0, 1500 m",
        "1820 c0 takes o1 after 60",
        "2120 c0 delivers o1 after 240",
        "2120 c0 free of o1",
        "2120 o2 for c0, 2000 m",
        "2580 c0 takes o2 after 60",
        "2900 c0 delivers o2 after 240",
        "2900 c0 free of o2",
    ];
    assert_eq!(town.facts(&["c0,", "c0 takes", "c0 delivers", "c0 free"]), expected);
}

#[test]
fn earliest_dropoff_prefers_a_busy_courier_who_is_sooner_to_an_idle_one() {
    let couriers = || vec![courier(0.0, 0.0), courier(0.0, 5000.0)];
    let town = earliest(couriers(), &[(0.0, 0.0, 100.0); 2]);
    let expected = [
        "0 o0 placed",
        "0 o0 goes to s0, 100 m",
        "0 o0 for c0, 0 m",
        "0 o1 placed",
        "0 o1 goes to s0, 100 m",
        // c0 is free at 620 and can take it at 700; c1 could not before 1060.
        "0 o1 for c0, 100 m",
        "300 o0 ready at s0, picked 300",
        "300 o1 ready at s0, picked 300",
        "300 c0 takes o0 after 300",
        "620 c0 delivers o0 after 240",
        "620 c0 free of o0",
        "620 c0 sets out for o1",
        "700 c0 takes o1 after 60",
        "1020 c0 delivers o1 after 240",
        "1020 c0 free of o1",
    ];
    assert_eq!(town.story(), expected);
    // From 3000 m the idle courier reaches the store at 600: sooner.
    let mut town = town;
    town.couriers[1] = courier(0.0, 3000.0);
    assert_eq!(town.facts(&["for c"]), ["0 o0 for c0, 0 m", "0 o1 for c1, 3000 m"]);
}

#[test]
fn earliest_dropoff_refuses_what_it_cannot_deliver_in_time_and_frees_picker_and_shelf() {
    let mut town = earliest(vec![courier(0.0, 0.0)], &[(0.0, 0.0, 100.0), (0.0, 0.0, 100.0), (1200.0, 0.0, 100.0)]);
    town.stores[0].pickers = 2;
    town.levels = vec![2];
    // The second order could be there after 1020 s, see above.
    town.scenario.dispatch.max_click_to_door_min = Some(1019.0 / 60.0);
    let facts = town.facts(&["cancelled", "again", "o1", "o2 ready", "delivers"]);
    let expected = [
        "0 o1 placed",
        "0 o1 goes to s0, 100 m",
        "0 o1 cancelled: no_courier",
        "0 s0 has k0 again",
        "620 c0 delivers o0 after 240",
        "1500 o2 ready at s0, picked 300",
        "1820 c0 delivers o2 after 240",
    ];
    assert_eq!(facts, expected);
    town.scenario.dispatch.max_click_to_door_min = Some(1020.0 / 60.0);
    assert_eq!(town.facts(&["cancelled"]), [""; 0]);
}

#[test]
fn a_refused_order_keeps_no_picker() {
    // One picker; the courier is too far for o0's deadline; a second shift of another makes o1 possible.
    let far_away = courier(0.0, 50_000.0);
    let near_later = on_duty(courier(0.0, 0.0), &[(60.0, 9000.0)]);
    let mut town = earliest(vec![far_away, near_later], &[(0.0, 0.0, 5000.0), (10.0, 0.0, 0.0)]);
    town.stores[0].pickers = 1;
    town.stores[0].radius_m = 9000.0;
    // o0: ready 300, left 360, door 1360, done 1600. o1 behind nobody: ready 310, done 610.
    town.scenario.dispatch.max_click_to_door_min = Some(20.0);
    assert_eq!(town.facts(&["cancelled", "ready"]), ["0 o0 cancelled: no_courier", "310 o1 ready at s0, picked 300"]);
}

#[test]
fn the_forecast_of_readiness_is_exact_for_one_picker() {
    // o1 queues behind o0 until 300 and is ready at 600; its courier is there. Delivered 600 + 60 + 240.
    let couriers = vec![courier(0.0, 0.0), courier(0.0, 0.0), courier(0.0, 0.0)];
    for (limit_s, refused) in [(800.0, 0), (799.0, 1)] {
        let mut town = earliest(couriers.clone(), &[(0.0, 0.0, 0.0), (100.0, 0.0, 0.0)]);
        town.stores[0].pickers = 1;
        town.scenario.dispatch.max_click_to_door_min = Some(limit_s / 60.0);
        assert_eq!(town.facts(&["cancelled"]).len(), refused, "{limit_s}");
    }
    // And with the second gone from the queue, the third is not told to wait for it.
    let mut town = earliest(couriers, &[(0.0, 0.0, 0.0), (100.0, 0.0, 2000.0), (200.0, 0.0, 0.0)]);
    town.stores[0].pickers = 1;
    town.scenario.dispatch.max_click_to_door_min = Some(1000.0 / 60.0);
    assert_eq!(
        town.facts(&["cancelled", "o2 ready"]),
        ["100 o1 cancelled: no_courier", "600 o2 ready at s0, picked 300"]
    );
}

#[test]
fn a_courier_not_yet_on_duty_is_a_candidate() {
    let later = on_duty(courier(0.0, 0.0), &[(1000.0, 9000.0)]);
    let town = earliest(vec![courier(0.0, 10_000.0), later], &[(0.0, 0.0, 100.0)]);
    let expected = [
        "0 o0 for c1, 0 m",
        "1000 c1 on duty",
        "1000 c1 sets out for o0",
        "1060 c1 takes o0 after 60",
        "1380 c1 delivers o0 after 240",
        "1380 c1 free of o0",
    ];
    assert_eq!(town.facts(&["c1"]), expected);
}

#[test]
fn an_order_committed_to_a_later_shift_waits_for_it() {
    // Idle now, but the shift ends before the order is ready.
    let couriers = vec![on_duty(courier(0.0, 0.0), &[(0.0, 200.0), (1000.0, 9000.0)])];
    let town = earliest(couriers, &[(0.0, 0.0, 100.0)]);
    let expected = [
        "0 c0 on duty",
        "0 o0 for c0, 0 m",
        "200 c0 off duty",
        "1000 c0 on duty",
        "1000 c0 sets out for o0",
        "1060 c0 takes o0 after 60",
        "1380 c0 delivers o0 after 240",
        "1380 c0 free of o0",
    ];
    assert_eq!(town.facts(&["c0"]), expected);
    // A later order queues behind the commitment, although the courier is idle; a quicker courier is not held up.
    let couriers = vec![on_duty(courier(0.0, 0.0), &[(0.0, 400.0), (1000.0, 9000.0)])];
    let mut town = earliest(couriers, &[(101.0, 0.0, 100.0), (102.0, 0.0, 100.0)]);
    town.orders[1].ready = Some(at(102.0));
    assert_eq!(town.facts(&["sets out"]), ["1000 c0 sets out for o0", "1380 c0 sets out for o1"]);
}

#[test]
fn a_shift_ends_when_the_order_in_hand_is_delivered_and_the_next_begins_with_what_waits() {
    let couriers = vec![on_duty(courier(0.0, 0.0), &[(0.0, 1000.0), (5000.0, 9000.0)])];
    let town = town(couriers, &[(600.0, 0.0, 100.0), (1100.0, 0.0, 0.0)]);
    let expected = [
        "0 c0 on duty",
        "900 o0 for c0, 0 m",
        "960 c0 takes o0 after 60",
        "1280 c0 delivers o0 after 240",
        "1280 c0 free of o0",
        "1280 c0 off duty",
        "5000 c0 on duty",
        "5000 o1 for c0, 100 m",
        "5080 c0 takes o1 after 60",
        "5380 c0 delivers o1 after 240",
        "5380 c0 free of o1",
    ];
    assert_eq!(town.facts(&["c0"]), expected);
}

#[test]
fn a_courier_busy_across_the_gap_between_two_shifts_stays_on_duty() {
    let couriers = vec![on_duty(courier(0.0, 0.0), &[(0.0, 1000.0), (1200.0, 2000.0)])];
    let town = town(couriers, &[(600.0, 0.0, 100.0)]);
    let duty = town.facts(&["duty", "free"]);
    assert_eq!(duty, ["0 c0 on duty", "1280 c0 free of o0"]);
}

#[test]
fn an_idle_courier_goes_off_duty_at_the_end_of_the_shift_and_is_sent_nowhere() {
    let couriers = vec![on_duty(courier(0.0, 0.0), &[(0.0, 299.0)]), courier(0.0, 2000.0)];
    let mut town = town(couriers, &[(0.0, 0.0, 0.0)]);
    assert_eq!(town.facts(&["off duty", "for c"]), ["299 c0 off duty", "300 o0 for c1, 2000 m"]);
    // To the last instant of the shift they are.
    town.couriers[0].shifts[0].1 = SimTime(300_000);
    assert_eq!(town.facts(&["for c"]), ["300 o0 for c0, 0 m"]);
}

#[test]
fn fleets_do_not_mix() {
    for policy in [DispatchPolicy::GreedyNearest, DispatchPolicy::EarliestDropoff] {
        let mut town = Town::new([order(0.0, 0.0, 0.0), order(1.0, 0.0, 0.0), order(2.0, 2000.0, 0.0)]);
        town.fleets = 2;
        town.stores[0].pickers = 0;
        town.stores[1].fleet = 1;
        town.couriers = vec![courier(0.0, 0.0), courier(0.0, 500.0)];
        town.couriers[0].fleet = 1;
        town.scenario.dispatch.policy = policy;
        let carried = town.facts(&["delivers"]);
        let who: Vec<&str> = carried.iter().map(|fact| fact.split(' ').nth(1).unwrap()).collect();
        let what: Vec<&str> = carried.iter().map(|fact| fact.split(' ').nth(3).unwrap()).collect();
        let mut pairs: Vec<_> = what.into_iter().zip(who).collect();
        pairs.sort_unstable();
        assert_eq!(pairs, [("o0", "c1"), ("o1", "c1"), ("o2", "c0")], "{policy:?}");
    }
}
