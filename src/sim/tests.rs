//! Behaviour of the simulation: a tiny town in, the expected log out.
//!
//! [`Town`] is two stores and three couriers on a plane with round numbers: couriers ride 5 m a second, picking takes
//! 5 min, the service at the store 2 min, the hand-over 4 min. A test states only what differs. Every run is audited.

#[cfg(test)]
mod ai_list;
#[cfg(test)]
mod base;
#[cfg(test)]
mod closed_forms;
#[cfg(test)]
mod closed_forms_stock;
mod conversion;
#[cfg(test)]
mod couriers;
#[cfg(test)]
mod decomposition;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod offers;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod parcels;
#[cfg(test)]
mod pickup;
#[cfg(test)]
mod pools;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod repositioning;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod sharing;
#[cfg(test)]
mod shortfalls;
#[cfg(test)]
mod sourcing;
#[cfg(test)]
mod splits;
#[cfg(test)]
mod splits_and_others;
#[cfg(test)]
mod stable_stores;
#[cfg(test)]
mod supply;
#[cfg(test)]
mod transfers;
#[cfg(test)]
mod trips;

use super::{Outcome, run_with};
use crate::audit::audit;
use crate::city::demand::Demand;
use crate::city::nodes::{Candidates, NodeIndex};
use crate::city::space::{Matrix, Space};
use crate::city::travel::Travel;
use crate::city::{Channel, City, Courier, Place, Store, TracedOrder};
use crate::event::{Event, EventLog, FarOrigin, Record};
use crate::policy::dispatch::Dispatch;
use crate::scenario::{Archetype, Category, Lane, Metric, PickDistribution, Scenario};
use crate::units::{Money, SimDuration, SimTime, StoreId};
use std::sync::Arc;

const EARTH_M: f64 = 6_371_008.8;

/// A tiny town, ready to be changed and played.
pub(super) struct Town {
    pub(super) scenario: Scenario,
    pub(super) stores: Vec<Store>,
    pub(super) couriers: Vec<Courier>,
    pub(super) fleets: u16,
    pub(super) orders: Vec<TracedOrder>,
    /// Where consumers live if orders are drawn; then there is no trace.
    pub(super) homes: Vec<Place>,
    /// Full levels, SKU by SKU, store by store; empty: shelves never run empty.
    pub(super) levels: Vec<u16>,
    pub(super) matrix: Matrix,
}

pub(super) fn at(seconds: f64) -> SimTime {
    SimTime::from_seconds(seconds)
}

pub(super) fn place(x_m: f64, y_m: f64) -> Place {
    Place { x_m, y_m, ..Place::default() }
}

/// One unit ordered at `seconds` to (`x_m`, `y_m`).
pub(super) fn order(seconds: f64, x_m: f64, y_m: f64) -> TracedOrder {
    TracedOrder {
        name: String::new(),
        placed: at(seconds),
        place: place(x_m, y_m),
        store: None,
        far: false,
        ready: None,
        pick: None,
        service: None,
        value: None,
        category: None,
        units: 1,
    }
}

pub(super) fn store(x_m: f64, y_m: f64) -> Store {
    Store {
        name: String::new(),
        archetype: "store".into(),
        place: place(x_m, y_m),
        radius_m: 3000.0,
        pickers: 1,
        pick_base: SimDuration::from_minutes(5.0),
        pick_per_item: SimDuration::ZERO,
        pick_distribution: PickDistribution::Lognormal,
        pick_cv: 0.0,
        pick_rounding: SimDuration::ZERO,
        opens: SimDuration::ZERO,
        closes: SimDuration::from_hours(24.0),
        fixed_cost_per_day: Money::ZERO,
        fleet: 0,
        channel: Channel::Near,
    }
}

/// On duty from the start for 100 hours.
pub(super) fn courier(x_m: f64, y_m: f64) -> Courier {
    let shifts = vec![(SimTime::ZERO, SimTime::from_hours(100.0))];
    let place = place(x_m, y_m);
    Courier { name: String::new(), place, shifts, fleet: 0, store: None }
}

/// No chance anywhere: one category, one lane, services that do not vary.
fn plain_scenario() -> Scenario {
    let mut scenario = Scenario { horizon_h: 24.0, drain_h: 24.0, ..crate::testing::fixed_wishes() };
    scenario.city.metric = Metric::Euclid;
    scenario.catalogue.skus_per_category = 1;
    scenario.catalogue.categories = vec![Category { return_rate: 0.0, ..Category::default() }];
    scenario.stores.archetypes = vec![Archetype { id: "store".into(), ..Archetype::default() }];
    scenario.stores.replenish_every_h = 0.0;
    scenario.consumers.cancel_hazard_per_min = 0.0;
    scenario.couriers.handover_cv = 0.0;
    scenario.couriers.refusal_share = 0.0;
    scenario.warehouse.capacity_per_h = 60.0;
    scenario.warehouse.wave_hours = Vec::new();
    scenario.far.lanes = vec![Lane { transit_h: 0.0, cv: 0.0, base_h: 10.0, ..Lane::default() }];
    scenario
}

impl Town {
    /// Stores at 0 and 2 km east; couriers 500 m north of each and half way between them.
    pub(super) fn new(orders: impl IntoIterator<Item = TracedOrder>) -> Town {
        Town {
            scenario: plain_scenario(),
            stores: vec![store(0.0, 0.0), store(2000.0, 0.0)],
            couriers: vec![courier(0.0, 500.0), courier(2000.0, 500.0), courier(1000.0, 0.0)],
            fleets: 1,
            orders: orders.into_iter().collect(),
            homes: Vec::new(),
            levels: Vec::new(),
            matrix: Matrix::default(),
        }
    }

    pub(super) fn city(&self) -> Arc<City> {
        let scenario = &self.scenario;
        let space = Space::new(scenario.city.metric, EARTH_M, self.matrix.clone());
        let mut city = City {
            metric: scenario.city.metric,
            // Names tell whose draws are whose.
            stores: (0..).zip(&self.stores).map(|(i, s)| Store { name: format!("s{i}"), ..s.clone() }).collect(),
            couriers: (0..).zip(&self.couriers).map(|(i, c)| Courier { name: format!("c{i}"), ..c.clone() }).collect(),
            courier_capacity: scenario.couriers.capacity,
            fleets: (0..self.fleets).map(|fleet| format!("fleet {fleet}")).collect(),
            categories: scenario.catalogue.categories.iter().map(|category| category.id.clone()).collect(),
            full_levels: self.levels.clone(),
            demand: Demand::new(scenario, self.homes.clone(), &space, self.orders.clone()),
            travel: Travel::new(scenario, space.clone()),
            ..City::empty()
        };
        if !city.stores.is_empty() {
            let spots = city.stores.iter().map(|store| space.spot(&store.place)).collect();
            let radius = city.stores.iter().map(|store| store.radius_m).collect();
            let (low, high) = city.spot_box();
            let index = NodeIndex::new(&space, EARTH_M, spots);
            city.candidates = Some(Arc::new(Candidates::new(index, radius, low, high)));
            city.walks = crate::city::walks(&city, scenario);
        }
        Arc::new(city)
    }

    /// Simulates and audits.
    pub(super) fn play(&self) -> Outcome {
        self.play_with(crate::policy::dispatch::policy(&self.scenario))
    }

    /// The same under a dispatch policy of the test's own.
    pub(super) fn play_with(&self, policy: Option<Box<dyn Dispatch>>) -> Outcome {
        let city = self.city();
        let outcome = run_with(&self.scenario, &city, 0, policy, &mut |_| {});
        let violations = audit(&city, &outcome.log);
        assert!(violations.is_empty(), "{}", violations[0]);
        outcome
    }

    /// Every fact of the run in words, as in [`tell`].
    pub(super) fn log(&self) -> Vec<String> {
        self.play().log.records.iter().map(tell).collect()
    }

    /// The facts but the couriers' hours and the first and last page of the log.
    pub(super) fn story(&self) -> Vec<String> {
        story(&self.play().log)
    }

    /// The facts with one of these parts.
    pub(super) fn facts(&self, parts: &[&str]) -> Vec<String> {
        self.log().into_iter().filter(|fact| parts.iter().any(|part| fact.contains(part))).collect()
    }
}

pub(super) fn story(log: &EventLog) -> Vec<String> {
    let aside = |event: &Event| {
        matches!(
            event,
            Event::CourierOnDuty { .. }
                | Event::CourierOffDuty { .. }
                | Event::StoreStocked { .. }
                | Event::StockLeft { .. }
                | Event::StoreCounted { .. }
        )
    };
    log.records.iter().filter(|record| !aside(&record.event)).map(tell).collect()
}

/// A fact in words: seconds, then who and what; `o` is an order, `c` a courier, `s` a store, `k` a SKU.
fn tell(record: &Record) -> String {
    let seconds = |span| SimDuration::from(span).seconds();
    let fact = match record.event {
        Event::SessionLeft { session, reason, .. } => format!("s{} left: {}", session.0, reason.name()),
        Event::OrderPlaced { order } => format!("o{} placed", order.0),
        Event::OrderSplit { order, units, value_fen } => format!("o{} split: {units} for {value_fen} fen", order.0),
        Event::OrderSourced { order, store, ride_m } => format!("o{} goes to s{}, {ride_m} m", order.0, store.0),
        Event::OrderResourced { order, store, ride_m } => format!("o{} moves to s{}, {ride_m} m", order.0, store.0),
        Event::OrderPromised { order, promise } => format!("o{} promised in {}", order.0, seconds(promise)),
        Event::FeeRaised { order, by_fen } => format!("o{} pays {by_fen} fen more", order.0),
        Event::LoadLevelChanged { zone, level } => format!("z{} at level {}", zone.0, level as u8),
        Event::OrderSentFar { order, reason, from: FarOrigin::Warehouse } => {
            format!("o{} far: {}", order.0, reason.name())
        }
        Event::OrderSentFar { order, reason, from: FarOrigin::Store(store) } => {
            format!("o{} far: {}, from s{}", order.0, reason.name(), store.0)
        }
        Event::OrderSentFar { order, reason, from } => {
            format!("o{} far: {}, from {}", order.0, reason.name(), from.name())
        }
        Event::OrderBackordered { order, units } => format!("o{} waits for {units}", order.0),
        Event::LineMissing { order, sku, units } => format!("o{} misses {units} of k{}", order.0, sku.0),
        Event::LineSubstituted { order, sku, units } => format!("o{} takes {units} of k{}", order.0, sku.0),
        Event::LineRefunded { order, sku, by_fen } => format!("o{} gets {by_fen} fen back for k{}", order.0, sku.0),
        Event::OrderReady { order, store, picked_for } => {
            format!("o{} ready at s{}, picked {}", order.0, store.0, seconds(picked_for))
        }
        Event::CourierAssigned { order, courier, approach_m } => {
            format!("o{} for c{}, {approach_m} m", order.0, courier.0)
        }
        Event::CourierSetOut { order, courier } => format!("c{} sets out for o{}", courier.0, order.0),
        Event::CourierRode { order, courier, leg_m } => format!("c{} rode {leg_m} m for o{}", courier.0, order.0),
        Event::CourierRepositioned { courier, leg_m, rode_for } => {
            format!("c{} rode {leg_m} m for nobody in {}", courier.0, seconds(rode_for))
        }
        Event::OrderRefused { order, courier } => format!("c{} refuses o{}", courier.0, order.0),
        Event::OrderConverted { order } => format!("o{} not taken", order.0),
        Event::OrderReleased { order, courier } => format!("c{} gives o{} back", courier.0, order.0),
        Event::OrderPickedUp { order, courier, at_store_for } => {
            format!("c{} takes o{} after {}", courier.0, order.0, seconds(at_store_for))
        }
        Event::OrderDelivered { order, courier, at_door_for } => {
            format!("c{} delivers o{} after {}", courier.0, order.0, seconds(at_door_for))
        }
        Event::CourierFreed { courier, order } => format!("c{} free of o{}", courier.0, order.0),
        Event::CourierOnDuty { courier } => format!("c{} on duty", courier.0),
        Event::CourierOffDuty { courier } => format!("c{} off duty", courier.0),
        Event::ParcelPacked { order } => format!("o{} packed", order.0),
        Event::ParcelShipped { order, .. } => format!("o{} shipped", order.0),
        Event::ParcelDelivered { order, .. } => format!("o{} arrives", order.0),
        Event::PickupReserved { order, store, walk_m } => {
            format!("o{} to be fetched at s{}, {walk_m} m", order.0, store.0)
        }
        Event::OrderCollected { order } => format!("o{} collected", order.0),
        Event::OrderCancelled { order, reason } => format!("o{} cancelled: {}", order.0, reason.name()),
        Event::OrderReturned { order } => format!("o{} sent back", order.0),
        Event::ReturnReceived { order, store: None } => format!("o{} back in the warehouse", order.0),
        Event::ReturnReceived { order, store: Some(store) } => format!("o{} back at s{}", order.0, store.0),
        Event::StoreStocked { store, units, skus } => format!("s{} begins with {units} of {skus}", store.0),
        Event::StoreReplenished { store, units } => format!("s{} receives {units}", store.0),
        Event::StockOrdered { store, units } => format!("s{} orders {units}", store.0),
        Event::StockReceived { store, units } => format!("s{} gets {units}", store.0),
        Event::StockSentOn { from, to, sku, units } => format!("s{} sends s{} {units} of k{}", from.0, to.0, sku.0),
        Event::StockBroughtIn { store, sku, units } => format!("s{} is brought {units} of k{}", store.0, sku.0),
        Event::StockRanOut { store, sku } => format!("s{} out of k{}", store.0, sku.0),
        Event::StockCameBack { store, sku } => format!("s{} has k{} again", store.0, sku.0),
        Event::StockShrank { store, sku, units } => format!("s{} has {units} of k{} on paper only", store.0, sku.0),
        Event::WalkInServed { store, sku } => format!("s{} sells k{}", store.0, sku.0),
        Event::WalkInLost { store, sku } => format!("s{} lacks k{}", store.0, sku.0),
        Event::StockLeft { store, category, units, value_fen } => {
            format!("s{} keeps {units} of g{category} for {value_fen} fen", store.0)
        }
        Event::StoreCounted { store, units } => format!("s{} ends with {units}", store.0),
    };
    format!("{} {fact}", record.at.seconds())
}

/// An order that names its store.
pub(super) fn at_store(order: TracedOrder, store: u32) -> TracedOrder {
    TracedOrder { store: Some(StoreId(store)), ..order }
}
