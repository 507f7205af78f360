//! Two pools at one store: each sells from its own, each is brought back to its own level, and one shelf for both loses less.

use super::closed_forms::Estimate;
use super::{Town, order, place};
use crate::event::{Event, EventLog, FarReason};
use crate::scenario::{Pool, ReplenishmentPolicy};

const HOUR: f64 = 3600.0;

/// One store with five units of each of two SKUs. Planners expect three walk-ins for two orders; the orders, all of k0, come
/// at these hours, and walk-ins all day.
fn divided(hours: &[f64]) -> Town {
    let mut town = Town::new(hours.iter().map(|hour| order(hour * HOUR, 0.0, 0.0)));
    town.stores.truncate(1);
    town.stores[0].pickers = 0;
    town.levels = vec![5, 5];
    let scenario = &mut town.scenario;
    scenario.stock.pool = Pool::Siloed;
    scenario.demand.hourly_profile = [1.0; 24];
    (scenario.demand.orders_per_day, scenario.demand.extra_items_mean) = (240.0, 0.0);
    (scenario.catalogue.skus_per_category, scenario.catalogue.zipf_exponent) = (2, 0.0);
    scenario.catalogue.categories[0].near_intent = 1.0;
    let kind = &mut scenario.stores.archetypes[0];
    (kind.assortment_share, kind.walk_in_units_per_category_h) = (1.0, 15.0);
    (kind.open_h, kind.close_h) = (0.0, 24.0);
    town
}

const STOCK: &[&str] = &["begins", "goes to", "far:", "out of", "again", "sells", "ends with"];

/// Sales by SKU.
fn sold(log: &EventLog) -> [usize; 2] {
    [0, 1].map(|k| {
        log.records.iter().filter(|r| matches!(r.event, Event::WalkInServed { sku, .. } if sku.0 == k)).count()
    })
}

#[test]
fn neither_walk_ins_nor_orders_take_a_unit_of_the_other_pool() {
    // Long after walk-ins have bought their three units of each, two are there for orders.
    let town = divided(&[10.0, 10.1, 10.2]);
    let facts = town.facts(STOCK);
    let of_orders = |fact: &&String| !fact.contains("sells");
    let expected = [
        "0 s0 begins with 10 of 2",
        "36000 o0 goes to s0, 0 m",
        // The last unit that an order may have.
        "36360 s0 out of k0",
        "36360 o1 goes to s0, 0 m",
        "36720 o2 far: no_stock",
    ];
    assert_eq!(facts.iter().filter(of_orders).take(5).collect::<Vec<_>>(), expected);
    assert_eq!(sold(&town.play().log), [3, 3]);
    assert!(facts.last().is_some_and(|fact| fact.ends_with("s0 ends with 2")), "{facts:?}");
    // Both pools together: no unit of k0 is left, and what orders could have had of k1.
    let price = town.city().demand.prices[1].0;
    assert_eq!(town.facts(&["keeps"]), [format!("86400 s0 keeps 2 of g0 for {} fen", 2 * price)]);
    // Orders that come first leave walk-ins theirs.
    let early = divided(&[0.0, 0.0, 0.0]);
    assert_eq!(early.facts(&["goes to", "far:"]).len(), 3);
    assert_eq!(sold(&early.play().log), [3, 3]);
    // On one shelf whoever comes first gets all of it.
    let mut shared = divided(&[10.0, 10.1, 10.2]);
    shared.scenario.stock.pool = Pool::Shared;
    assert_eq!(shared.facts(&["goes to"]), [""; 0]);
    assert_eq!(sold(&shared.play().log), [5, 5]);
}

/// Orders served and the most units of a SKU sold between deliveries that come every hour.
fn replenished(policy: ReplenishmentPolicy) -> (usize, [usize; 2]) {
    let mut town = divided(&[0.0, 0.1, 0.2, 23.6, 23.7, 23.8]);
    let scenario = &mut town.scenario;
    (scenario.stores.replenish_every_h, scenario.stores.replenish_at_h) = (1.0, 1.0);
    (scenario.replenishment.policy, scenario.replenishment.level_units) = (policy, Some(5));
    (scenario.replenishment.lead_h, scenario.replenishment.forecast_cv) = (0.5, 0.0);
    let log = town.play().log;
    let (mut most, mut since) = ([0, 0], [0, 0]);
    for record in &log.records {
        match record.event {
            Event::WalkInServed { sku, .. } => since[sku.index()] += 1,
            Event::StoreReplenished { .. } | Event::StockReceived { .. } => since = [0, 0],
            _ => {}
        }
        most = [0, 1].map(|sku| most[sku].max(since[sku]));
    }
    (log.records.iter().filter(|r| matches!(r.event, Event::OrderSourced { .. })).count(), most)
}

#[test]
fn each_pool_is_brought_back_to_its_own_level() {
    // Two orders before the first delivery and two before the last; three walk-ins in an hour in which seven come.
    assert_eq!(replenished(ReplenishmentPolicy::FullLevel), (4, [3, 3]));
    assert_eq!(replenished(ReplenishmentPolicy::OrderUpTo), (4, [3, 3]));
}

#[test]
fn a_reorder_point_and_batches_are_those_of_each_pool() {
    for policy in [ReplenishmentPolicy::MinMax, ReplenishmentPolicy::Batches] {
        let mut town = divided(&[0.0, 0.1, 0.2, 20.0, 20.1]);
        let keys = &mut town.scenario.replenishment;
        (keys.policy, keys.lead_h, keys.forecast_cv) = (policy, 0.25, 0.0);
        (keys.reorder_units, keys.level_units, keys.batch_units) = (Some(2), Some(5), Some(3));
        // Of orders two units, a reorder point of one, and one in a batch.
        let facts = town.facts(&["goes to", "far:", "ends with"]);
        assert_eq!(facts[..2], ["0 o0 goes to s0, 0 m", "360 o1 goes to s0, 0 m"], "{policy:?}");
        assert!(sold(&town.play().log).iter().all(|units| *units > 30), "{policy:?}");
        assert!(facts.iter().any(|fact| fact.starts_with("72000 o3 goes to")), "{policy:?} {facts:?}");
    }
}

/// Lost units of walk-ins and of orders, a SKU, with eight units of each for four walk-ins and four orders a day.
fn lost(pool: Pool, replication: u32) -> [f64; 2] {
    const SKUS: usize = 500;
    let mut town = divided(&[]);
    town.couriers.clear();
    town.homes = vec![place(0.0, 0.0)];
    town.levels = vec![8; SKUS];
    let scenario = &mut town.scenario;
    (scenario.stock.pool, scenario.drain_h) = (pool, 1.0);
    (scenario.catalogue.skus_per_category, scenario.demand.orders_per_day) = (SKUS as u32, 4.0 * SKUS as f64);
    scenario.stores.archetypes[0].walk_in_units_per_category_h = 4.0 * SKUS as f64 / 24.0;
    let log = crate::sim::run(&town.scenario, &town.city(), replication, &mut |_| {}).log;
    let count = |event: fn(&Event) -> bool| log.records.iter().filter(|r| event(&r.event)).count() as f64 / SKUS as f64;
    let far = |event: &Event| matches!(event, Event::OrderSentFar { reason: FarReason::NoStock, .. });
    [count(|event| matches!(event, Event::WalkInLost { .. })), count(far)]
}

/// E[(D − S)⁺] of D Poisson: .781467 for a mean of 4 and 4 units, 1.116692 for a mean of 8 and 8 units.
#[test]
fn one_shelf_for_both_loses_less_than_two_with_the_same_units() {
    let of = |pool| (0..30).map(|replication| lost(pool, replication)).collect::<Vec<_>>();
    let (siloed, shared) = (of(Pool::Siloed), of(Pool::Shared));
    let estimate =
        |lost: &[[f64; 2]], part: fn(&[f64; 2]) -> f64| Estimate::of(&lost.iter().map(part).collect::<Vec<_>>());
    estimate(&siloed, |lost| lost[0]).assert(0.781_467, 0.02);
    estimate(&siloed, |lost| lost[1]).assert(0.781_467, 0.02);
    estimate(&shared, |lost| lost[0] + lost[1]).assert(1.116_692, 0.02);
    for (replication, (two, one)) in siloed.iter().zip(&shared).enumerate() {
        // The same people come, unit for unit.
        assert!(two[0] + two[1] > one[0] + one[1] + 0.2, "{replication}: {two:?} {one:?}");
    }
}
