//! Baskets from an AI assistant's list: larger, and nobody else's draws change.

use crate::audit::audit;
use crate::city::City;
use crate::event::{EventLog, Line};
use crate::metrics::{Frames, kpis};
use crate::scenario::{ChoiceModel, Scenario};
use crate::sim::run;
use crate::testing::fixed_wishes;
use crate::units::OrderId;
use std::collections::BTreeMap;
use std::sync::Arc;

fn town(share: f64) -> Scenario {
    let mut town = fixed_wishes();
    town.city.side_km = 6.0;
    (town.demand.orders_per_day, town.couriers.count) = (4000.0, 60);
    town.stores.unlimited_stock = true;
    town.ai_list.share = share;
    town
}

fn play(scenario: &Scenario) -> (Arc<City>, EventLog) {
    let city = Arc::new(City::build(scenario).expect("a synthetic city"));
    let log = run(scenario, &city, 0, &mut |_| {}).log;
    let violations = audit(&city, &log);
    assert!(violations.is_empty(), "{}", violations[0]);
    (city, log)
}

fn units(lines: &[Line]) -> u32 {
    lines.iter().map(|line| line.quantity).sum()
}
fn contains(larger: &[Line], smaller: &[Line]) -> bool {
    let holds = |line: &Line| larger.iter().any(|other| other.sku == line.sku && other.quantity >= line.quantity);
    smaller.iter().all(holds)
}

#[test]
fn lists_make_larger_baskets_of_the_same_orders_and_leave_the_others_as_they_are() {
    let ((_, none), (city, some)) = (play(&town(0.0)), play(&town(0.3)));
    assert_eq!(none.orders(), some.orders());
    assert!(none.placements.iter().all(|placement| !placement.ai_list));
    let (mut listed, mut listed_units) = (0, 0);
    for order in (0..none.orders() as u32).map(OrderId) {
        let (before, after) = (&none.placements[order.index()], &some.placements[order.index()]);
        let (was, is) = (none.lines_of(order), some.lines_of(order));
        assert_eq!((before.consumer, before.category), (after.consumer, after.category));
        if after.ai_list {
            listed += 1;
            listed_units += units(is);
            assert!(if units(is) >= units(was) { contains(is, was) } else { contains(was, is) }, "{order:?}");
        } else {
            assert_eq!((was, before.value), (is, after.value), "{order:?}");
        }
    }
    // 1,200 draws of .3 and of 1 + Poisson(3): four standard errors.
    let orders = none.orders() as f64;
    let (share, mean) = (f64::from(listed) / orders, f64::from(listed_units) / f64::from(listed));
    assert!((share - 0.3).abs() < 4.0 * (0.21 / orders).sqrt(), "{share}");
    assert!((mean - 4.0).abs() < 4.0 * (3.0 / f64::from(listed)).sqrt(), "{mean}");
    let frames = Frames::from_log(&town(0.3), &city, &some, 0).unwrap();
    let found = kpis(&city, &some, &frames).unwrap();
    let value = |name: &str| found.iter().find(|kpi| kpi.name == name).unwrap().value;
    assert_eq!((value("ai_list_share"), value("units_per_order_ai_list")), (share, mean));
    assert!((value("units_per_order_other") - 2.2).abs() < 0.1);
}

#[test]
fn a_share_of_sessions_is_the_same_sessions_whatever_the_others_do() {
    let sessions = |share: f64, near_fee: f64| {
        let mut town = town(share);
        town.choice.model = ChoiceModel::Logit;
        town.price.near_fee_yuan = near_fee;
        let log = play(&town).1;
        let visits = log.placements.iter().map(|placement| (placement.session.unwrap().session, placement.ai_list));
        visits.collect::<BTreeMap<_, _>>()
    };
    let (free, dear, more) = (sessions(0.2, 0.0), sessions(0.2, 9.0), sessions(0.5, 0.0));
    assert!(free.values().any(|listed| *listed) && free != dear);
    let both = free.iter().filter_map(|(session, listed)| Some((listed, dear.get(session)?)));
    assert!(both.clone().count() > 1000 && both.into_iter().all(|(one, other)| one == other));
    // A larger share holds the smaller one.
    assert!(free.iter().filter(|(_, listed)| **listed).all(|(session, _)| more.get(session) != Some(&false)));
}
