//! Stock against results that are known exactly: base stock, reorder points, a newsvendor's day, pooling.
//!
//! One store and one SKU with Poisson demand, 40 an hour: orders that wait (backorders) or walk-ins who do not (lost
//! sales). The rule of agreement is that of `closed_forms`, with a standard error of at most 1 %.

use super::closed_forms::Estimate;
use super::{Town, place};
use crate::event::{Event, EventLog};
use crate::scenario::{LeadDistribution, OpeningStock, ReplenishmentPolicy, Unmet};
use crate::units::{SimDuration, SimTime};

const PER_H: f64 = 40.0;
const WARM_UP_H: f64 = 4.0;

/// A store whose SKU is replenished by a supplier after a lead time in which so many units are asked for.
fn supplied(policy: ReplenishmentPolicy, reorder: u32, then: u32, lead_units: f64) -> Town {
    let mut town = Town::new([]);
    town.couriers.clear();
    town.stores.truncate(1);
    town.stores[0].pickers = 0;
    town.stores[0].pick_base = SimDuration::ZERO;
    town.levels = vec![1];
    let scenario = &mut town.scenario;
    scenario.demand.hourly_profile = [1.0; 24];
    scenario.demand.orders_per_day = 0.0;
    scenario.drain_h = 1.0;
    let keys = &mut scenario.replenishment;
    (keys.policy, keys.reorder_units) = (policy, Some(reorder));
    match policy {
        ReplenishmentPolicy::Batches => keys.batch_units = Some(then),
        _ => keys.level_units = Some(then),
    }
    keys.lead_h = lead_units / PER_H;
    town
}

/// Demand by orders that wait.
fn backorders(mut town: Town, hours: f64) -> Town {
    town.homes = vec![place(0.0, 0.0)];
    town.scenario.stock.unmet = Unmet::Backorder;
    town.scenario.demand.orders_per_day = 24.0 * PER_H;
    town.scenario.demand.extra_items_mean = 0.0;
    town.scenario.horizon_h = hours;
    town
}

/// Demand by walk-ins, who do not wait.
fn lost_sales(mut town: Town, hours: f64) -> Town {
    town.scenario.stores.archetypes[0].walk_in_units_per_category_h = PER_H;
    town.scenario.horizon_h = hours;
    town
}

/// Base stock: every unit that goes is ordered at once.
fn base_stock(level: u32, lead_units: f64) -> Town {
    supplied(ReplenishmentPolicy::MinMax, level - 1, level, lead_units)
}

/// What a replication shows after the warm-up.
struct Shown {
    /// Share of demand met from the shelf.
    fill: f64,
    /// Mean units on the shelf, and owed.
    stock: f64,
    owed: f64,
}

fn shown(log: &EventLog, horizon_h: f64, opening: i64) -> Shown {
    let (from, until) = (SimTime::from_hours(WARM_UP_H), SimTime::from_hours(horizon_h));
    let (mut met, mut all) = (0.0, 0.0);
    let (mut net, mut since, mut stock, mut owed) = (opening, from, 0.0, 0.0);
    for record in &log.records {
        let at = record.at.max(from).min(until);
        let span = (at - since).hours();
        stock += span * net.max(0) as f64;
        owed += span * (-net).max(0) as f64;
        since = at;
        let counts = record.at >= from && record.at < until;
        let (change, demand, unmet) = match record.event {
            Event::OrderPlaced { .. } => (-1, 1.0, 0.0),
            Event::OrderBackordered { .. } => (0, 0.0, 1.0),
            Event::WalkInServed { .. } => (-1, 1.0, 0.0),
            Event::WalkInLost { .. } => (0, 1.0, 1.0),
            Event::StockReceived { units, .. } => (i64::from(units), 0.0, 0.0),
            _ => continue,
        };
        net += change;
        if counts {
            all += demand;
            met += demand - unmet;
        }
    }
    let hours = (until - from).hours();
    Shown { fill: met / all, stock: stock / hours, owed: owed / hours }
}

/// Fill rate, mean stock and mean units owed over replications.
fn estimates(town: &Town, opening: i64) -> [Estimate; 3] {
    let city = town.city();
    let one = |replication| {
        let log = crate::sim::run(&town.scenario, &city, replication, &mut |_| {}).log;
        shown(&log, town.scenario.horizon_h, opening)
    };
    let all: Vec<Shown> = (0..30).map(one).collect();
    let of = |part: fn(&Shown) -> f64| Estimate::of(&all.iter().map(part).collect::<Vec<_>>());
    [of(|s| s.fill), of(|s| s.stock), of(|s| s.owed)]
}

/// Share of walk-ins who find nothing.
fn lost_share(level: u32, lead_units: f64, distribution: LeadDistribution) -> Estimate {
    let mut town = lost_sales(base_stock(level, lead_units), 400.0);
    town.scenario.replenishment.lead_distribution = distribution;
    town.scenario.replenishment.lead_cv = 0.5;
    let city = town.city();
    let one = |replication| {
        let log = crate::sim::run(&town.scenario, &city, replication, &mut |_| {}).log;
        1.0 - shown(&log, town.scenario.horizon_h, i64::from(level)).fill
    };
    Estimate::of(&(0..30).map(one).collect::<Vec<_>>())
}

/// Demand in the lead time is Poisson with mean 8: fill = P(D ≤ S − 1), and E[B] = Σ (k − S)⁺ P(D = k).
#[test]
fn base_stock_with_backorders_fills_as_poisson_demand_in_the_lead_time_says() {
    let [fill, _, owed] = estimates(&backorders(base_stock(10, 8.0), 420.0), 10);
    fill.assert(0.716_624, 0.01);
    owed.assert(0.425_864, 0.01);
    let [fill, ..] = estimates(&backorders(base_stock(14, 8.0), 100.0), 14);
    fill.assert(0.965_819, 0.01);
}

#[test]
fn the_base_stock_test_would_notice_a_lead_time_two_percent_longer() {
    let [fill, _, owed] = estimates(&backorders(base_stock(10, 8.16), 420.0), 10);
    assert!(!fill.agrees_with(0.716_624) && !owed.agrees_with(0.425_864), "{fill:?} {owed:?}");
}

/// Karush: Erlang's loss formula of S servers under a load of 8, whatever the law of the lead time.
#[test]
fn base_stock_with_lost_sales_loses_by_erlang_b_under_any_law_of_lead_times() {
    lost_share(10, 8.0, LeadDistribution::Constant).assert(0.121_661, 0.01);
    lost_share(10, 8.0, LeadDistribution::Exponential).assert(0.121_661, 0.01);
    lost_share(8, 8.0, LeadDistribution::Lognormal).assert(0.235_57, 0.01);
}

#[test]
fn the_lost_sales_test_would_notice_a_lead_time_two_percent_longer() {
    let longer = lost_share(10, 8.16, LeadDistribution::Constant);
    assert!(!longer.agrees_with(0.121_661), "{longer:?}");
}

/// (r, Q) = (6, 10): the position is uniform on 7 to 16.
#[test]
fn reorder_point_and_batch_with_backorders_fill_as_a_uniform_position_says() {
    let town = |lead| backorders(supplied(ReplenishmentPolicy::Batches, 6, 10, lead), 300.0);
    let [fill, stock, _] = estimates(&town(8.0), 16);
    fill.assert(0.765_6, 0.01);
    stock.assert(3.940_59, 0.01);
    let [fill, stock, _] = estimates(&town(8.16), 16);
    assert!(!fill.agrees_with(0.765_6) && !stock.agrees_with(3.940_59), "{fill:?} {stock:?}");
}

/// (r, Q) = (4, 10), exponential lead times in which 4 units are asked for: the Markov chain of 15 states.
#[test]
fn reorder_point_and_batch_with_lost_sales_lose_as_the_markov_chain_says() {
    let town = |reorder| {
        let mut town = lost_sales(supplied(ReplenishmentPolicy::Batches, reorder, 10, 4.0), 500.0);
        town.scenario.replenishment.lead_distribution = LeadDistribution::Exponential;
        town
    };
    let [fill, stock, _] = estimates(&town(4), 14);
    fill.assert(1.0 - 0.140_775, 0.001_6);
    stock.assert(6.133_49, 0.01);
    // Who orders below the reorder point instead of at it is found.
    let [fill, stock, _] = estimates(&town(3), 13);
    assert!(!fill.agrees_with(1.0 - 0.140_775) && !stock.agrees_with(6.133_49), "{fill:?} {stock:?}");
}

/// Shelves that are filled once and asked for so many units in a day, each; what they meet of what is expected, and the
/// share of them that nobody leaves with nothing. A shelf is a SKU of one store: their demands are independent.
fn days(shelves: usize, per_day: f64, prepare: impl Fn(&mut Town)) -> [Estimate; 2] {
    let mut town = Town::new([]);
    town.couriers.clear();
    town.stores.truncate(1);
    town.scenario.catalogue.skus_per_category = shelves as u32;
    town.scenario.catalogue.zipf_exponent = 0.0;
    town.levels = vec![1; shelves];
    town.scenario.demand.orders_per_day = 0.0;
    town.scenario.demand.hourly_profile = [1.0; 24];
    town.scenario.drain_h = 1.0;
    town.scenario.stores.archetypes[0].walk_in_units_per_category_h = per_day * shelves as f64 / 24.0;
    prepare(&mut town);
    let city = town.city();
    let one = |replication| {
        let log = crate::sim::run(&town.scenario, &city, replication, &mut |_| {}).log;
        let mut refused = vec![false; shelves];
        let mut met = 0.0;
        for record in &log.records {
            match record.event {
                Event::WalkInServed { .. } => met += 1.0,
                Event::WalkInLost { sku, .. } => refused[sku.index()] = true,
                _ => {}
            }
        }
        let content = refused.iter().filter(|refused| !**refused).count();
        [met / shelves as f64, content as f64 / shelves as f64]
    };
    let all: Vec<[f64; 2]> = (0..30).map(one).collect();
    [0, 1].map(|part| Estimate::of(&all.iter().map(|shown| shown[part]).collect::<Vec<_>>()))
}

/// A day of Poisson(4): E[min(D, S)] / E[D], and P(D ≤ S).
#[test]
fn a_newsvendor_meets_the_demand_of_a_day_as_known_with_the_stock_of_the_critical_ratio() {
    let with_ratio = |ratio: f64| {
        days(2000, 4.0, |town| {
            let keys = &mut town.scenario.replenishment;
            keys.opening = OpeningStock::Newsvendor;
            keys.forecast_cv = 0.0;
            (keys.short_yuan, keys.over_yuan) = (ratio, 1.0 - ratio);
        })
    };
    // P(D ≤ 3) = .433 and P(D ≤ 5) = .785 are the first that reach these ratios.
    for (ratio, fill, content) in [(0.4, 0.663_001, 0.433_47), (0.7, 0.897_424, 0.785_13)] {
        let [met, never_out] = with_ratio(ratio);
        met.assert(4.0 * fill, 0.01);
        never_out.assert(content, 0.01);
    }
}

#[test]
fn the_newsvendor_test_would_notice_two_percent_more_demand() {
    let [met, never_out] = days(2000, 4.08, |town| town.levels = vec![3; 2000]);
    assert!(!met.agrees_with(4.0 * 0.663_001) && !never_out.agrees_with(0.433_47), "{met:?} {never_out:?}");
}

/// E[min(D, S)] / E[D] for D Poisson.
fn poisson_fill(mean: f64, stock: u32) -> f64 {
    let mut mass = (-mean).exp();
    let (mut sum, mut below) = (0.0, 0.0);
    for k in 0..stock {
        sum += f64::from(k) * mass;
        below += mass;
        mass *= mean / f64::from(k + 1);
    }
    (sum + f64::from(stock) * (1.0 - below)) / mean
}

/// For 98 % of units, 25 stores with Poisson(4) each need 8 units, 200 in all; one store for all of them needs 106.
#[test]
fn one_store_for_all_needs_six_units_of_safety_stock_where_many_need_a_hundred() {
    assert!(poisson_fill(4.0, 7) < 0.98 && poisson_fill(4.0, 8) >= 0.98);
    assert!(poisson_fill(100.0, 105) < 0.98 && poisson_fill(100.0, 106) >= 0.98);
    let fill = |shelves, per_day, level| days(shelves, per_day, |town| town.levels = vec![level; shelves])[0];
    for level in [7, 8] {
        fill(2000, 4.0, level).assert(4.0 * poisson_fill(4.0, u32::from(level)), 0.01);
    }
    for level in [105, 106] {
        fill(80, 100.0, level).assert(100.0 * poisson_fill(100.0, u32::from(level)), 0.01);
    }
    // One unit fewer in each of the stores does not pass for enough.
    assert!(!fill(2000, 4.0, 7).agrees_with(4.0 * poisson_fill(4.0, 8)));
}
