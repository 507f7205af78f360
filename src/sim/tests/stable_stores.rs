//! Stores keep what is drawn for them when others come or go.

use super::tell;
use crate::city::City;
use crate::scenario::{Archetype, LeadDistribution, ReplenishmentPolicy, Scenario};
use crate::sim::run;
use std::sync::Arc;

/// The baseline's stores on a day without orders, all of whose draws show: true shelves, wrong forecasts, chancy suppliers.
fn without_orders() -> Scenario {
    let mut scenario = Scenario::default();
    scenario.demand.orders_per_day = 1e-6;
    scenario.consumers.count = 50;
    scenario.couriers.count = 1;
    scenario.catalogue.skus_per_category = 40;
    scenario.replenishment.policy = ReplenishmentPolicy::MinMax;
    scenario.replenishment.forecast_cv = 0.5;
    scenario.replenishment.lead_h = 3.0;
    scenario.replenishment.lead_distribution = LeadDistribution::Exponential;
    scenario
}

fn kind<'a>(scenario: &'a mut Scenario, id: &str) -> &'a mut Archetype {
    scenario.stores.archetypes.iter_mut().find(|kind| kind.id == id).expect("an archetype of the baseline")
}

/// The facts of all stores but the flash warehouses, under the stores' names.
fn facts(scenario: &Scenario, city: &Arc<City>) -> Vec<String> {
    let told = run(scenario, city, 0, &mut |_| {}).log.records.iter().map(tell).collect::<Vec<_>>();
    let named = told.iter().filter_map(|fact| {
        let mut words = fact.splitn(3, ' ');
        let (at, who, what) = (words.next()?, words.next()?, words.next()?);
        let store = &city.stores[who.strip_prefix('s')?.parse::<usize>().ok()?];
        (store.archetype != "flash_warehouse").then(|| format!("{} {at} {what}", store.name))
    });
    let mut named: Vec<String> = named.collect();
    named.sort_unstable();
    named
}

/// Full levels by name of store.
fn shelves(city: &City) -> Vec<(String, Vec<u16>)> {
    let stores = city.stores.len();
    let shelf = |s: usize| city.full_levels.iter().skip(s).step_by(stores).copied().collect();
    let others = (0..stores).filter(|s| city.stores[*s].archetype != "flash_warehouse");
    others.map(|s| (city.stores[s].name.clone(), shelf(s))).collect()
}

#[test]
fn twice_the_warehouses_change_nothing_that_other_stores_draw() {
    let base = without_orders();
    let mut dense = base.clone();
    kind(&mut dense, "flash_warehouse").count *= 2;
    let cities = [&base, &dense].map(|scenario| Arc::new(City::build(scenario).unwrap()));
    assert_eq!(cities[1].stores.len(), cities[0].stores.len() + 60);
    // Who walks in, what they look for and get, what planners expect, orders to the supplier and how long they take.
    let [before, after] = [facts(&base, &cities[0]), facts(&dense, &cities[1])];
    for word in ["begins with", "sells", "lacks", "orders", "gets", "ends with"] {
        assert!(before.iter().any(|fact| fact.contains(word)), "nothing {word}");
    }
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after);
    }
    assert_eq!(shelves(&cities[0]), shelves(&cities[1]));
    let place = |city: &City, name: &str| city.stores.iter().find(|store| store.name == name).map(|store| store.place);
    for store in &cities[0].stores {
        assert_eq!(Some(store.place), place(&cities[1], &store.name), "{}", store.name);
    }
}

#[test]
fn with_orders_shelves_hold_the_same_articles_of_which_planners_send_fewer() {
    let base = Scenario::default();
    let mut dense = base.clone();
    kind(&mut dense, "flash_warehouse").count *= 2;
    let [before, after] = [&base, &dense].map(|scenario| shelves(&City::build(scenario).unwrap()));
    let mut fewer = 0;
    for ((name, before), (_, after)) in before.iter().zip(&after) {
        let kept = before.iter().zip(after).all(|(before, after)| (*before > 0) == (*after > 0) && after <= before);
        assert!(kept, "{name}");
        fewer += usize::from(before != after);
    }
    assert!(fewer > 0);
    // Levels that are drawn do not depend on who else is there.
    let drawn = |scenario: &Scenario| {
        let mut scenario = scenario.clone();
        scenario.stores.archetypes.iter_mut().for_each(|kind| kind.full_level_units = Some(6.0));
        shelves(&City::build(&scenario).unwrap())
    };
    assert_eq!(drawn(&base), drawn(&dense));
}

#[test]
fn ten_more_couriers_leave_the_others_where_they_were() {
    let base = Scenario::default();
    let mut more = base.clone();
    more.couriers.count += 10;
    let [before, after] = [&base, &more].map(|scenario| City::build(scenario).unwrap().couriers);
    assert_eq!(before[..], after[..before.len()]);
    assert_eq!(after.len(), before.len() + 10);
}
