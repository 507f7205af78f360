//! Sourcing policies in tiny towns, rationing and walk-ins, and what holds of all policies in every city.

use super::properties::scenario;
use super::{Town, at, order, store};
use crate::audit::audit;
use crate::city::City;
use crate::event::{Event, EventLog, FarReason};
use crate::metrics::{Frames, kpis};
use crate::scenario::{Archetype, Category, DispatchPolicy, RationingPolicy, Scenario, SourcingPolicy};
use crate::sim::run;
use crate::units::{SimDuration, SimTime};
use std::sync::Arc;

/// What sourcing decided.
const SOURCED: &[&str] = &["goes to", "far:", "cancelled"];

const POLICIES: [SourcingPolicy; 8] = [
    SourcingPolicy::NearestStocked,
    SourcingPolicy::Cheapest,
    SourcingPolicy::Fastest,
    SourcingPolicy::BidPrice,
    SourcingPolicy::BidPriceClosed,
    SourcingPolicy::DlpClocks,
    SourcingPolicy::NearOnly,
    SourcingPolicy::FarOnly,
];

fn with(policy: SourcingPolicy, mut town: Town) -> Town {
    town.scenario.sourcing.policy = policy;
    town
}

/// Three orders at once, a little nearer to store 0 than to store 1.
fn three_at_once() -> Town {
    Town::new([0.0; 3].map(|seconds| order(seconds, 900.0, 0.0)))
}

/// Almost nobody walks in, so that units are kept for nobody.
fn almost_no_walk_ins(mut town: Town) -> Town {
    town.scenario.stores.archetypes[0].walk_in_units_per_category_h = 1e-9;
    town
}

#[test]
fn without_stock_near_only_refuses_and_the_others_send_far() {
    for policy in POLICIES {
        let mut town = with(policy, three_at_once());
        town.levels = vec![0, 0];
        let expected = match policy {
            SourcingPolicy::NearOnly => "0 o0 cancelled: no_store",
            SourcingPolicy::FarOnly => "0 o0 far: far_only",
            _ => "0 o0 far: no_stock",
        };
        assert_eq!(town.facts(SOURCED)[0], expected, "{policy:?}");
    }
    let mut nowhere = with(SourcingPolicy::NearOnly, three_at_once());
    nowhere.stores = Vec::new();
    assert_eq!(nowhere.facts(SOURCED)[2], "0 o2 cancelled: no_store");
}

#[test]
fn with_stock_near_only_is_the_nearest_store_and_far_only_uses_none() {
    let nearest = three_at_once().log();
    assert_eq!(with(SourcingPolicy::NearOnly, three_at_once()).log(), nearest);
    let far = with(SourcingPolicy::FarOnly, three_at_once()).facts(SOURCED);
    assert_eq!(far, ["0 o0 far: far_only", "0 o1 far: far_only", "0 o2 far: far_only"]);
}

#[test]
fn the_fastest_store_is_the_one_with_the_shorter_queue() {
    let fast = with(SourcingPolicy::Fastest, three_at_once()).facts(SOURCED);
    assert_eq!(fast, ["0 o0 goes to s0, 900 m", "0 o1 goes to s1, 1100 m", "0 o2 goes to s0, 900 m"]);
}

#[test]
fn load_balance_turns_the_nearest_store_into_the_next_one() {
    let mut town = three_at_once();
    town.scenario.sourcing.load_balance_weight = 1.0;
    assert_eq!(town.facts(SOURCED)[1], "0 o1 goes to s0, 900 m", "5 min are within the slack");
    town.scenario.sourcing.load_balance_slack_min = 0.0;
    assert_eq!(town.facts(SOURCED)[1], "0 o1 goes to s1, 1100 m");
}

#[test]
fn the_cheapest_store_weighs_the_picker_against_the_way() {
    // 12 s more of picking cost .083 yuan, 200 m more of riding .12; with 24 s the way is cheaper.
    for (seconds, chosen) in [(312.0, "0 o0 goes to s0, 900 m"), (324.0, "0 o0 goes to s1, 1100 m")] {
        let mut town = with(SourcingPolicy::Cheapest, three_at_once());
        town.stores[0].pick_base = SimDuration::from_seconds(seconds);
        assert_eq!(town.facts(SOURCED)[0], chosen);
    }
}

#[test]
fn the_warehouse_takes_near_orders_for_its_price_only_if_it_may() {
    let mut town = with(SourcingPolicy::Cheapest, three_at_once());
    town.scenario.cost.courier_per_order_yuan = 100.0;
    assert_eq!(town.facts(SOURCED)[0], "0 o0 goes to s0, 900 m");
    town.scenario.sourcing.far_if_cheaper = true;
    assert_eq!(town.facts(SOURCED)[0], "0 o0 far: cheaper");
}

/// The one unit of store 1 is asked for first by somebody whom store 0 could serve as well, then by somebody whom only
/// store 1 reaches.
fn last_unit(policy: SourcingPolicy) -> Vec<String> {
    let mut town = Town::new([order(60.0, 1100.0, 0.0), order(7200.0, 2000.0, 2900.0)]);
    town.levels = vec![5, 1];
    with(policy, town).facts(SOURCED)
}

#[test]
fn bid_prices_leave_the_last_unit_to_whom_nobody_else_can_serve() {
    for policy in [SourcingPolicy::NearestStocked, SourcingPolicy::Cheapest] {
        assert_eq!(last_unit(policy), ["60 o0 goes to s1, 900 m", "7200 o1 far: no_stock"], "{policy:?}");
    }
    for policy in [SourcingPolicy::BidPrice, SourcingPolicy::BidPriceClosed] {
        assert_eq!(last_unit(policy), ["60 o0 goes to s0, 1100 m", "7200 o1 goes to s1, 2900 m"], "{policy:?}");
    }
}

#[test]
fn with_plenty_of_stock_bid_prices_are_the_cheapest_store_and_shares_the_nearest() {
    let sourced = |policy, levels: Vec<u16>| {
        let mut town =
            with(policy, Town::new((0..40_i16).map(|i| order(f64::from(i) * 30.0, f64::from(i) * 50.0, 9.0))));
        town.levels = levels;
        town.facts(SOURCED)
    };
    let plenty = || vec![500, 500];
    let cheapest = sourced(SourcingPolicy::Cheapest, plenty());
    assert_eq!(sourced(SourcingPolicy::BidPrice, plenty()), cheapest);
    assert_eq!(sourced(SourcingPolicy::BidPriceClosed, plenty()), cheapest);
    assert_eq!(sourced(SourcingPolicy::DlpClocks, plenty()), sourced(SourcingPolicy::NearestStocked, plenty()));
    // Store 0 has half of what its catchment wants: the plan sends some of them on from the start.
    assert_ne!(
        sourced(SourcingPolicy::DlpClocks, vec![10, 500]),
        sourced(SourcingPolicy::NearestStocked, vec![10, 500])
    );
}

#[test]
fn a_protected_unit_is_not_sold_near() {
    let mut town = almost_no_walk_ins(three_at_once());
    town.levels = vec![2, 0];
    assert_eq!(town.facts(SOURCED)[2], "0 o2 far: no_stock");
    town.scenario.rationing.policy = RationingPolicy::Static;
    let expected = ["0 o0 goes to s0, 900 m", "0 o1 far: rationed", "0 o2 far: rationed"];
    assert_eq!(town.facts(SOURCED), expected);
    town.scenario.rationing.policy = RationingPolicy::Littlewood;
    assert_eq!(town.facts(SOURCED)[1], "0 o1 goes to s0, 900 m", "nobody walks in, nothing is worth keeping");
}

#[test]
fn time_gives_its_units_free_before_the_store_closes() {
    let mut town = almost_no_walk_ins(Town::new([0.0, 10.0, 19.9].map(|hour| order(hour * 3600.0, 0.0, 0.0))));
    town.levels = vec![2, 0];
    town.stores[0].closes = SimDuration::from_hours(20.0);
    town.scenario.rationing.policy = RationingPolicy::Time;
    town.scenario.rationing.protect_units = 2;
    town.scenario.rationing.release_h = 0.5;
    // Two kept until 19:30; six minutes before closing one is still kept.
    let expected = ["0 o0 far: rationed", "36000 o1 far: rationed", "71640 o2 goes to s0, 0 m"];
    assert_eq!(town.facts(SOURCED), expected);
}

#[test]
fn walk_ins_empty_the_shelf_and_then_leave_without() {
    let mut town = Town::new([order(0.0, 0.0, 0.0)]);
    town.stores[0].closes = SimDuration::from_hours(6.0);
    town.levels = vec![3, 0];
    town.scenario.demand.hourly_profile = [1.0; 24];
    town.scenario.stores.archetypes[0].walk_in_units_per_category_h = 2.0;
    let outcome = town.play();
    let count = |matches: fn(&Event) -> bool| outcome.log.records.iter().filter(|r| matches(&r.event)).count();
    assert_eq!(count(|event| matches!(event, Event::WalkInServed { .. })), 2, "one unit is reserved");
    let lost = count(|event| matches!(event, Event::WalkInLost { .. }));
    assert!((3..=20).contains(&lost), "{lost} of 12 expected units");
    let last = outcome.log.records.iter().rfind(|r| matches!(r.event, Event::WalkInLost { .. })).unwrap();
    assert!(last.at < SimTime::from_hours(6.0), "the store is closed");
}

#[test]
fn walk_ins_come_by_their_rate_whatever_sourcing_does() {
    let looked_for = |policy| {
        let mut town = with(policy, three_at_once());
        town.levels = vec![1000, 1000];
        town.scenario.stores.archetypes[0].walk_in_units_per_category_h = 20.0;
        let log = town.play().log;
        log.records.into_iter().filter(|r| matches!(r.event, Event::WalkInServed { .. })).collect::<Vec<_>>()
    };
    let nearest = looked_for(SourcingPolicy::NearestStocked);
    // Two stores for a day: 960 expected.
    assert!((nearest.len() as f64 - 960.0).abs() < 4.9 * 960.0_f64.sqrt(), "{}", nearest.len());
    assert_eq!(looked_for(SourcingPolicy::FarOnly), nearest);
}

#[test]
fn an_order_in_the_queue_moves_to_a_store_that_opens() {
    let mut town = with(SourcingPolicy::Fastest, three_at_once());
    town.stores[1].opens = SimDuration::from_seconds(60.0);
    town.levels = vec![3, 3];
    town.scenario.sourcing.re_evaluate_saving_yuan = 0.1;
    assert_eq!(town.facts(&["moves"]), [""; 0]);
    town.scenario.sourcing.re_evaluate_min = 2.0;
    let expected = [
        "0 o0 goes to s0, 900 m",
        "0 o1 goes to s0, 900 m",
        "0 o2 goes to s0, 900 m",
        // 3 min of queue and 3 of riding against 3.7 of riding; with o1 gone the third order is next at store 0.
        "120 o1 moves to s1, 1100 m",
        "300 o0 ready at s0, picked 300",
        "420 o1 ready at s1, picked 300",
        "600 o2 ready at s0, picked 300",
    ];
    assert_eq!(town.facts(&["goes to", "moves", "ready"]), expected);
    town.scenario.sourcing.re_evaluate_saving_yuan = 10.0;
    assert_eq!(town.facts(&["moves"]), [""; 0]);
}

/// Everything that sourcing may do, in one of the random cities.
fn varied(case: u64) -> Scenario {
    let mut scenario = scenario(case);
    scenario.sourcing.policy = POLICIES[case as usize % POLICIES.len()];
    scenario.sourcing.candidates = [1, 3, 8][case as usize % 3];
    scenario.sourcing.load_balance_weight = [0.0, 1.0][case as usize / 8 % 2];
    scenario.sourcing.re_evaluate_min = [0.0, 1.0, 7.0][case as usize % 3];
    scenario.sourcing.re_evaluate_saving_yuan = 0.05;
    scenario.sourcing.far_if_cheaper = case.is_multiple_of(5);
    // Queues, and a promise that they break: reasons to move.
    scenario.sourcing.load_balance_slack_min = 0.0;
    scenario.promise.near_min = 25.0;
    scenario.dispatch.policy =
        [DispatchPolicy::GreedyNearest, DispatchPolicy::EarliestDropoff][usize::from(case.is_multiple_of(7))];
    for kind in &mut scenario.stores.archetypes {
        (kind.count, kind.pickers, kind.pick_base_min) = (kind.count + 1, 1, 15.0);
    }
    if !scenario.stores.unlimited_stock {
        scenario.stores.archetypes[1].walk_in_units_per_category_h = 1.5;
        let policies =
            [RationingPolicy::None, RationingPolicy::Static, RationingPolicy::Littlewood, RationingPolicy::Time];
        scenario.rationing.policy = policies[case as usize / 4 % 4];
    }
    scenario
}

#[test]
fn every_policy_keeps_the_books_in_every_city_and_gives_the_same_log_again() {
    let mut moved = 0;
    let mut reasons = [0; FarReason::ALL.len()];
    for case in 0..48 {
        let scenario = varied(case);
        let city = Arc::new(City::build(&scenario).unwrap());
        let log = run(&scenario, &city, 0, &mut |_| {}).log;
        let violations = audit(&city, &log);
        assert!(violations.is_empty(), "case {case}: {}", violations[0]);
        assert_eq!(run(&scenario, &city, 0, &mut |_| {}).log, log, "case {case}");
        for record in &log.records {
            match record.event {
                Event::OrderResourced { .. } => moved += 1,
                Event::OrderSentFar { reason, .. } => reasons[reason as usize] += 1,
                _ => {}
            }
        }
    }
    assert!(moved > 5 && reasons[..6].iter().all(|count| *count > 0), "{moved} moved, {reasons:?}");
}

fn near(log: &EventLog) -> usize {
    log.records.iter().filter(|r| matches!(r.event, Event::OrderSourced { .. })).count()
}

#[test]
fn more_protection_never_raises_what_the_near_field_gets() {
    let mut by_level = Vec::new();
    for units in [0, 1, 2, 4] {
        let mut sum = 0;
        for case in 0..6 {
            let mut scenario = Scenario { seed: case, horizon_h: 12.0, ..crate::testing::fixed_wishes() };
            scenario.city.side_km = 6.0;
            scenario.demand.orders_per_day = 1500.0;
            scenario.catalogue.skus_per_category = 20;
            for kind in &mut scenario.stores.archetypes {
                (kind.count, kind.walk_in_units_per_category_h) = (2, 1.0);
            }
            scenario.rationing.policy = RationingPolicy::Static;
            scenario.rationing.protect_units = units;
            let city = Arc::new(City::build(&scenario).unwrap());
            let log = run(&scenario, &city, 0, &mut |_| {}).log;
            let rationed =
                |r: &crate::event::Record| matches!(r.event, Event::OrderSentFar { reason: FarReason::Rationed, .. });
            assert_eq!(log.records.iter().any(rationed), units > 0);
            sum += near(&log);
        }
        by_level.push(sum);
    }
    assert!(by_level.windows(2).all(|pair| pair[0] > pair[1]), "{by_level:?}");
}

/// Sixteen dark stores whose shelves hold four fifths of a day.
fn scarce(seed: u64, cover_days: f64) -> Scenario {
    let mut scenario = Scenario { seed, ..crate::testing::fixed_wishes() };
    scenario.city.side_km = 8.0;
    scenario.demand.orders_per_day = 3000.0;
    scenario.consumers.count = 4000;
    scenario.catalogue.skus_per_category = 10;
    scenario.catalogue.categories = vec![Category { return_rate: 0.0, ..Category::default() }];
    scenario.couriers.count = 120;
    scenario.sourcing.near_lost_yuan = 20.0;
    let kind = Archetype { id: "dark".into(), count: 16, pickers: 0, ..Archetype::default() };
    scenario.stores.archetypes = vec![Archetype { cover_days, assortment_share: 0.7, ..kind }];
    scenario
}

/// What bid prices are to bring down: cost, and what is lost where near demand is sent far, in yuan an order placed.
fn yuan_per_order(scenario: &Scenario, policy: SourcingPolicy) -> f64 {
    let mut scenario = scenario.clone();
    scenario.sourcing.policy = policy;
    let city = Arc::new(City::build(&scenario).unwrap());
    let log = run(&scenario, &city, 0, &mut |_| {}).log;
    let frames = Frames::from_log(&scenario, &city, &log, 0).unwrap();
    let kpis = kpis(&city, &log, &frames).unwrap();
    let value = |name: &str| kpis.iter().find(|kpi| kpi.name == name).unwrap().value;
    let fallback = value("near_fallback_share") * value("orders");
    let lost = scenario.sourcing.near_lost_yuan * fallback;
    (value("cost_per_order") * value("delivered") + lost) / value("orders")
}

#[test]
fn under_scarcity_bid_prices_beat_the_cheapest_store_and_that_one_is_no_dearer_than_the_nearest() {
    let mut gain = [0.0; 4];
    for seed in 1..=4 {
        let scenario = scarce(seed, 0.8);
        let of = |policy| yuan_per_order(&scenario, policy);
        let cheapest = of(SourcingPolicy::Cheapest);
        let others = [
            SourcingPolicy::NearestStocked,
            SourcingPolicy::BidPrice,
            SourcingPolicy::BidPriceClosed,
            SourcingPolicy::DlpClocks,
        ];
        others.into_iter().enumerate().for_each(|(i, policy)| gain[i] += (cheapest - of(policy)) / 4.0);
    }
    let [nearest, exact, closed, clocks] = gain;
    assert!(nearest < 0.005, "the nearest store is cheaper by {nearest}");
    assert!(exact > 0.2 && closed > 0.1 && clocks > 0.05, "{exact} {closed} {clocks}");
    assert!(exact > closed, "{exact} {closed}");
}

#[test]
fn with_plenty_for_all_bid_prices_change_nothing() {
    let scenario = scarce(1, 60.0);
    let cheapest = yuan_per_order(&scenario, SourcingPolicy::Cheapest);
    for policy in [SourcingPolicy::BidPrice, SourcingPolicy::BidPriceClosed] {
        assert_eq!(yuan_per_order(&scenario, policy), cheapest, "{policy:?}");
    }
}

#[test]
fn no_instant_is_needed_between_looks_ahead() {
    // An order at the very instant of a look: the look comes first.
    let mut town = with(SourcingPolicy::BidPrice, Town::new([order(3600.0, 900.0, 0.0)]));
    town.levels = vec![1, 1];
    town.stores.push(store(900.0, 10.0));
    town.levels = vec![1, 1, 0];
    assert_eq!(town.facts(SOURCED), ["3600 o0 goes to s0, 900 m"]);
    assert!(town.play().log.records[0].at <= at(0.0));
}
