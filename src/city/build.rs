//! Scenario → city: synthetic layouts and places from files.

use super::demand::{Demand, Density, zipf_weights};
use super::from_files::Given;
use super::nodes::{Candidates, NodeIndex};
use super::space::Space;
use super::travel::Travel;
use super::{Channel, City, Courier, Place, Store};
use crate::rng::{Purpose, Streams};
use crate::scenario::{Archetype, CourierStart, DemandSource, Placing, Scenario, WorkFor};
use crate::units::{Money, SimDuration, SimTime, StoreId};
use rand::RngExt;
use rand_distr::{Distribution, Poisson};
use std::sync::Arc;

/// Units of each SKU on a full shelf, SKU-major: `levels[sku * stores + store]`; 0 is not carried.
pub(super) fn full_levels(scenario: &Scenario, stores: &[Store]) -> Vec<u16> {
    if scenario.stores.unlimited_stock {
        return Vec::new();
    }
    let catalogue = &scenario.catalogue;
    let skus = catalogue.categories.len() * catalogue.skus_per_category as usize;
    let daily = DailyUnits::new(scenario, stores);
    let mut levels = vec![0; skus * stores.len()];
    let draws = Streams::new(scenario.seed, 0).purpose(Purpose::Assortment);
    for (s, store) in stores.iter().enumerate() {
        let Some(kind) = archetype(scenario, &store.archetype) else {
            continue;
        };
        let draws = draws.within(store.stream_id());
        let poisson = kind.full_level_units.and_then(|mean| Poisson::new(mean).ok());
        for sku in 0..skus {
            let mut rng = draws.of(sku_stream_id(scenario, sku));
            let carried = rng.random::<f64>() < kind.assortment_share;
            let level = match &poisson {
                Some(poisson) => poisson.sample(&mut rng),
                None if kind.full_level_units.is_some() => 0.0,
                None => (kind.cover_days * daily.at(kind, sku)).ceil(),
            };
            if carried {
                levels[sku * stores.len() + s] = level.clamp(1.0, f64::from(u16::MAX)) as u16;
            }
        }
    }
    levels
}

/// Whose random numbers a SKU draws: those of its category and rank, so that it keeps them when categories grow.
pub(crate) fn sku_stream_id(scenario: &Scenario, sku: usize) -> u64 {
    let skus = scenario.catalogue.skus_per_category as usize;
    ((sku / skus) as u64) << 32 | (sku % skus) as u64
}

/// What planners expect a store to be asked for in 24 hours.
pub(crate) struct DailyUnits {
    near: Vec<f64>,
    /// Expected number of stores that carry a SKU.
    carriers: f64,
    /// Of a category, by SKU rank.
    walk_in_shares: Vec<f64>,
}

impl DailyUnits {
    pub(crate) fn new(scenario: &Scenario, stores: &[Store]) -> Self {
        let share = |store: &Store| archetype(scenario, &store.archetype).map_or(0.0, |kind| kind.assortment_share);
        DailyUnits {
            near: daily_near_units(scenario),
            carriers: stores.iter().map(share).sum(),
            walk_in_shares: walk_in_shares(scenario),
        }
    }

    /// Units of a SKU that a store of this kind is asked for, by orders and walk-ins, if it carries the SKU.
    pub(crate) fn at(&self, kind: &Archetype, sku: usize) -> f64 {
        self.of_orders(sku) + self.of_walk_ins(kind, sku)
    }

    /// The same by orders alone.
    pub(crate) fn of_orders(&self, sku: usize) -> f64 {
        self.near[sku] / self.carriers.max(1e-9)
    }

    /// The same by walk-ins alone.
    pub(crate) fn of_walk_ins(&self, kind: &Archetype, sku: usize) -> f64 {
        let walk_ins = kind.walk_in_units_per_category_h * hours_open(kind);
        walk_ins * self.walk_in_shares[sku % self.walk_in_shares.len()]
    }
}

/// Share of a category's walk-in units by SKU rank.
fn walk_in_shares(scenario: &Scenario) -> Vec<f64> {
    let weights = zipf_weights(scenario.catalogue.skus_per_category, scenario.catalogue.zipf_exponent);
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

/// Hours a day that a store of this kind is open.
fn hours_open(kind: &Archetype) -> f64 {
    if kind.open_h < kind.close_h { kind.close_h - kind.open_h } else { 24.0 - kind.open_h + kind.close_h }
}

/// Expected units of each SKU asked for in the near field in 24 hours.
pub(super) fn daily_near_units(scenario: &Scenario) -> Vec<f64> {
    let catalogue = &scenario.catalogue;
    let total_share: f64 = catalogue.categories.iter().map(|c| c.share).sum();
    let weights = zipf_weights(catalogue.skus_per_category, catalogue.zipf_exponent);
    let weight_sum: f64 = weights.iter().sum();
    let units = scenario.demand.orders_per_day * scenario.units_per_basket();
    let of_category = |c: &crate::scenario::Category| units * c.share / total_share * c.near_intent;
    catalogue.categories.iter().flat_map(|c| weights.iter().map(move |w| of_category(c) * w / weight_sum)).collect()
}

/// The archetype with this id.
pub(crate) fn archetype<'a>(scenario: &'a Scenario, id: &str) -> Option<&'a Archetype> {
    scenario.stores.archetypes.iter().find(|a| a.id == id)
}

/// A store of an archetype at a place.
pub(super) fn store_of(scenario: &Scenario, kind: &Archetype, name: String, place: Place, fleet: u16) -> Store {
    Store {
        name,
        archetype: kind.id.clone(),
        place,
        radius_m: kind.radius_km.unwrap_or(scenario.near.radius_km) * 1000.0,
        pickers: kind.pickers,
        pick_base: SimDuration::from_minutes(kind.pick_base_min),
        pick_per_item: SimDuration::from_minutes(kind.pick_per_item_min),
        pick_distribution: kind.pick_distribution,
        pick_cv: kind.pick_cv,
        pick_rounding: SimDuration::from_seconds(kind.pick_rounding_s),
        opens: SimDuration::from_hours(kind.open_h),
        closes: SimDuration::from_hours(kind.close_h),
        fixed_cost_per_day: Money::from_yuan(kind.fixed_cost_yuan_per_day),
        fleet,
        channel: Channel::Near,
    }
}

/// Index of a fleet's name, added if it is new.
pub(super) fn fleet_index(fleets: &mut Vec<String>, name: &str) -> u16 {
    let index = fleets.iter().position(|f| f == name).unwrap_or_else(|| {
        fleets.push(name.to_owned());
        fleets.len() - 1
    });
    index as u16
}

/// The archetypes' stores, archetype by archetype. A store keeps its place when another count changes.
pub(super) fn synthetic_stores(scenario: &Scenario, density: &Density, fleets: &mut Vec<String>) -> Vec<Store> {
    let streams = Streams::new(scenario.seed, 0).purpose(Purpose::Layout);
    let mut stores = Vec::new();
    for (a, kind) in scenario.stores.archetypes.iter().enumerate() {
        let fleet = fleet_index(fleets, &kind.fleet);
        for i in 0..kind.count {
            let mut rng = streams.of((a as u64) << 32 | u64::from(i));
            let place = match kind.placing {
                Placing::Density => density.draw(&mut rng),
                Placing::Uniform => density.even(&mut rng),
            };
            stores.push(store_of(scenario, kind, format!("{}-{:03}", kind.id, i + 1), place, fleet));
        }
    }
    stores
}

/// Makes every store that has couriers of its own a fleet by itself, named like the store.
pub(super) fn part_bound_couriers(fleets: &mut Vec<String>, stores: &mut [Store], couriers: &mut [Courier]) {
    let mut own: Vec<Option<u16>> = vec![None; stores.len()];
    for courier in couriers {
        let Some(store) = courier.store else { continue };
        courier.fleet = *own[store.index()].get_or_insert_with(|| {
            fleets.push(stores[store.index()].name.clone());
            fleets.len() as u16 - 1
        });
        stores[store.index()].fleet = courier.fleet;
    }
}

/// Couriers spread by `couriers.start`, in fleets in proportion to the stores of each fleet.
pub(super) fn synthetic_couriers(scenario: &Scenario, density: &Density, stores: &[Store]) -> Vec<Courier> {
    let streams = Streams::new(scenario.seed, 0).purpose(Purpose::Couriers);
    (0..scenario.couriers.count)
        .map(|i| {
            let mut rng = streams.of(u64::from(i));
            let store = (!stores.is_empty()).then(|| &stores[i as usize % stores.len()]);
            let place = match scenario.couriers.start {
                CourierStart::Density => density.draw(&mut rng),
                CourierStart::Uniform => density.even(&mut rng),
                CourierStart::Stores => store.map_or_else(|| density.draw(&mut rng), |s| s.place),
            };
            let bound = store.filter(|_| scenario.couriers.work_for == WorkFor::Store);
            Courier {
                name: format!("courier-{:04}", i + 1),
                place: bound.map_or(place, |store| store.place),
                store: bound.map(|_| StoreId(i % stores.len() as u32)),
                shifts: shifts(scenario, radical_inverse(i)),
                fleet: store.map_or(0, |s| s.fleet),
            }
        })
        .collect()
}

/// The van der Corput sequence: spreads any number of couriers evenly over [0, 1), and a courier's
/// value does not change when the fleet grows.
fn radical_inverse(i: u32) -> f64 {
    f64::from(i.reverse_bits()) / 2f64.powi(32)
}

/// The shifts of the courier at `rank` of the fleet: on duty whenever the share exceeds the rank.
///
/// The plan changes at full hours, and pay, which changes at full hours too, works `pay_lag_min` later.
fn shifts(scenario: &Scenario, rank: f64) -> Vec<(SimTime, SimTime)> {
    let end_h = scenario.horizon_h + scenario.drain_h;
    let lag_h = scenario.couriers.pay_lag_min / 60.0;
    let mut shifts: Vec<(SimTime, SimTime)> = Vec::new();
    let mut add = |from_h: f64, to_h: f64, share: f64| {
        let on = SimTime::from_hours((from_h - scenario.start_hour).max(0.0));
        let off = SimTime::from_hours((to_h - scenario.start_hour).min(end_h));
        if rank >= share || on >= off {
            return;
        }
        match shifts.last_mut() {
            Some(last) if last.1 == on => last.1 = off,
            _ => shifts.push((on, off)),
        }
    };
    let mut hour = scenario.start_hour.floor();
    while hour - scenario.start_hour < end_h {
        let clock_hour = hour as usize % 24;
        let left_by_food = 1.0 - scenario.couriers.food_share_by_hour[clock_hour];
        let plan = scenario.couriers.on_duty_by_hour[clock_hour] * left_by_food;
        // The hour whose pay works at its beginning, and from `change` on the one after.
        let paid = (hour - lag_h).floor();
        let change = paid + 1.0 + lag_h;
        add(hour, change.min(hour + 1.0), share_on_duty(scenario, plan, paid));
        add(change, hour + 1.0, share_on_duty(scenario, plan, paid + 1.0));
        hour += 1.0;
    }
    shifts
}

/// Share of the fleet on duty when `plan` is planned and what is paid in clock hour `paid_h` is known:
/// plan · (1 + elasticity · (pay of the hour / usual pay − 1)), at most everybody.
fn share_on_duty(scenario: &Scenario, plan: f64, paid_h: f64) -> f64 {
    let extra = scenario.cost.courier_extra_yuan_by_hour[paid_h.rem_euclid(24.0) as usize % 24];
    let usual = scenario.cost.courier_per_order_yuan;
    if extra == 0.0 || usual == 0.0 {
        return plan;
    }
    (plan * (1.0 + scenario.couriers.pay_elasticity * extra / usual)).min(1.0)
}

/// Homes of synthetic consumers.
pub(super) fn synthetic_homes(scenario: &Scenario, density: &Density) -> Vec<Place> {
    let streams = Streams::new(scenario.seed, 0).purpose(Purpose::Homes);
    (0..u64::from(scenario.consumers.count)).map(|i| density.draw(&mut streams.of(i))).collect()
}

/// Nearest-store lists, unless every order names its store.
fn candidates(city: &City, scenario: &Scenario) -> Option<Arc<Candidates>> {
    // Far orders ask for a store too if stores may send parcels.
    let traced = scenario.demand.source == DemandSource::Trace && scenario.far.ship_from_store_over_h.is_none();
    if city.stores.is_empty() || (traced && city.demand.trace.iter().all(|order| order.store.is_some() || order.far)) {
        return None;
    }
    Some(Arc::new(nearest_lists(city, city.stores.iter().map(|store| store.radius_m).collect())))
}

fn nearest_lists(city: &City, radius: Vec<f64>) -> Candidates {
    let space = city.travel.space();
    let spots = city.stores.iter().map(|store| space.spot(&store.place)).collect();
    let (low, high) = city.spot_box();
    Candidates::new(NodeIndex::new(space, city.earth_radius_m, spots), radius, low, high)
}

/// Nearest-store lists for consumers who walk. Parcel branches are out of their reach.
pub(crate) fn walks(city: &City, scenario: &Scenario) -> Option<Arc<Candidates>> {
    if !scenario.pickup_offered() || city.stores.is_empty() {
        return None;
    }
    // No distance is below 0, so that a branch is within no walk.
    let reach = |store: &Store| if store.channel == Channel::Near { scenario.pickup.radius_km * 1000.0 } else { -1.0 };
    Some(Arc::new(nearest_lists(city, city.stores.iter().map(reach).collect())))
}

impl City {
    /// Builds the city of a scenario. The city depends on the seed but not on the replication: an
    /// interval over replications speaks of days, not of cities.
    ///
    /// # Errors
    /// When a file it names cannot be read or holds mistakes; all of them are listed.
    pub fn build(scenario: &Scenario) -> Result<City, super::CityError> {
        let mut given = Given::read(scenario)?;
        let density = Density::new(scenario);
        let mut fleets = Vec::new();
        let earth_radius_m = scenario.city.earth_radius_km * 1000.0;
        let space = Space::new(scenario.city.metric, earth_radius_m, given.take_matrix(scenario));
        let mut stores =
            given.stores(scenario, &mut fleets).unwrap_or_else(|| synthetic_stores(scenario, &density, &mut fleets));
        if fleets.is_empty() {
            fleets.push("near".to_owned());
        }
        let mut couriers =
            given.couriers(&mut fleets).unwrap_or_else(|| synthetic_couriers(scenario, &density, &stores));
        part_bound_couriers(&mut fleets, &mut stores, &mut couriers);
        let trace = given.trace();
        let homes = match scenario.demand.source {
            DemandSource::Trace => Vec::new(),
            DemandSource::Synthetic => given.homes(scenario).unwrap_or_else(|| synthetic_homes(scenario, &density)),
        };
        // The synthetic square counts only where something synthetic stands in it.
        let from_files = scenario.stores.file.is_some() && (homes.is_empty() || scenario.demand.points_file.is_some());
        let side_m = if from_files { 0.0 } else { scenario.city.side_km * 1000.0 };
        let (width_m, height_m) = given.extent();
        let mut city = City {
            width_m: width_m.max(side_m),
            height_m: height_m.max(side_m),
            metric: scenario.city.metric,
            couriers,
            courier_capacity: scenario.couriers.capacity,
            fleets,
            warehouse: given.place_at(scenario.warehouse.x_km * 1000.0, scenario.warehouse.y_km * 1000.0),
            categories: scenario.catalogue.categories.iter().map(|c| c.id.clone()).collect(),
            lanes: scenario.far.lanes.iter().map(|lane| lane.id.clone()).collect(),
            order_names: trace.iter().map(|order| order.name.clone()).collect(),
            full_levels: full_levels(scenario, &stores),
            earth_radius_m,
            demand: Demand::new(scenario, homes, &space, trace),
            travel: Travel::new(scenario, space),
            candidates: None,
            walks: None,
            stores,
        };
        city.candidates = candidates(&city, scenario);
        city.walks = walks(&city, scenario);
        Ok(city)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Couriers on duty at a clock hour, of a fleet of 1,000.
    fn on_duty(scenario: &Scenario, hour: f64) -> usize {
        let at = SimTime::from_hours(hour - scenario.start_hour);
        let on = |i| shifts(scenario, radical_inverse(i)).iter().any(|(on, off)| *on <= at && at < *off);
        (0..1000).filter(|i| on(*i)).count()
    }

    fn paid_at_night(extra: f64) -> Scenario {
        let mut scenario = Scenario { drain_h: 1.0, ..crate::testing::fixed_wishes() };
        scenario.couriers.on_duty_by_hour = [0.5; 24];
        scenario.couriers.pay_elasticity = 0.5;
        scenario.couriers.pay_lag_min = 20.0;
        scenario.cost.courier_per_order_yuan = 5.0;
        scenario.cost.courier_extra_yuan_by_hour = [0.0; 24];
        scenario.cost.courier_extra_yuan_by_hour[22..].fill(extra);
        scenario
    }

    #[test]
    fn more_pay_brings_couriers_in_proportion_after_the_lag_and_never_more_than_there_are() {
        let scenario = paid_at_night(1.0);
        // A fifth more pay, half of that in couriers: 500 become 550.
        let expected = [(21.9, 500), (22.3, 500), (22.4, 550), (23.9, 550), (24.3, 550), (24.4, 500)];
        for (hour, couriers) in expected {
            assert!(on_duty(&scenario, hour).abs_diff(couriers) <= 5, "{hour} h: {}", on_duty(&scenario, hour));
        }
        assert_eq!(on_duty(&paid_at_night(100.0), 23.0), 1000);
    }

    #[test]
    fn restaurant_food_takes_its_share_of_those_on_duty_in_its_hours_only() {
        let mut scenario = paid_at_night(0.0);
        scenario.couriers.food_share_by_hour[11..13].fill(0.4);
        for (hour, couriers) in [(10.9, 500), (11.1, 300), (12.9, 300), (13.1, 500)] {
            assert!(on_duty(&scenario, hour).abs_diff(couriers) <= 5, "{hour} h: {}", on_duty(&scenario, hour));
        }
    }

    #[test]
    fn a_lag_of_hours_and_a_start_within_one_keep_the_clock() {
        let mut scenario = paid_at_night(1.0);
        scenario.couriers.pay_lag_min = 90.0;
        scenario.start_hour = 22.75;
        for (hour, couriers) in [(22.8, 500), (23.4, 500), (23.6, 550), (25.4, 550), (25.6, 500)] {
            assert!(on_duty(&scenario, hour).abs_diff(couriers) <= 5, "{hour} h: {}", on_duty(&scenario, hour));
        }
    }

    #[test]
    fn without_a_night_pay_or_elasticity_shifts_are_those_of_the_plan() {
        let plain = paid_at_night(0.0);
        let mut deaf = paid_at_night(3.0);
        deaf.couriers.pay_elasticity = 0.0;
        for rank in [0.1, 0.49, 0.51] {
            let whole_run = vec![(SimTime::ZERO, SimTime::from_hours(25.0))];
            let expected = if rank < 0.5 { whole_run } else { Vec::new() };
            assert_eq!(shifts(&plain, rank), expected);
            assert_eq!(shifts(&deaf, rank), expected);
        }
    }
}
