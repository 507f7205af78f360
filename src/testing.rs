//! Room: testing (tests only). May use `units`, `event`, `scenario`, `city`.
//!
//! A run small enough to work out by hand: seven orders, three stores, three couriers, two hours.

use crate::city::{Channel, City, Courier, Place, Store};
use crate::event::{CancelReason, Event, EventLog, FarOrigin, FarReason, Line, Placement, Span};
use crate::scenario::{ChoiceModel, Metric, PickDistribution, Scenario};
use crate::units::{CategoryId, ConsumerId, CourierId, LaneId, Money, OrderId, SimDuration, SimTime, SkuId, StoreId};

pub(crate) struct Run {
    pub scenario: Scenario,
    pub city: City,
    pub log: EventLog,
}

pub(crate) fn at(seconds: f64) -> SimTime {
    SimTime::from_seconds(seconds)
}
fn span(seconds: f64) -> Span {
    Span::from(SimDuration::from_seconds(seconds))
}

/// The default scenario with orders that come by themselves, a fixed share of which asks for near, nobody who walks in and
/// records of shelves that are true: what tests of anything but choice and shelves build on. The same as scenarios/fixed-wishes.toml.
pub(crate) fn fixed_wishes() -> Scenario {
    let mut scenario = Scenario::default();
    scenario.choice.model = ChoiceModel::Intent;
    scenario.consumers.count = 20_000;
    scenario.stores.archetypes.iter_mut().for_each(|kind| kind.walk_in_units_per_category_h = 0.0);
    (scenario.stock.phantom_share, scenario.stock.sync_latency_s) = (0.0, 0.0);
    scenario.pickup.enabled = false;
    scenario.replenishment.forecast_cv = 0.0;
    scenario
}

fn scenario() -> Scenario {
    let mut scenario = Scenario { horizon_h: 2.0, drain_h: 10.0, ..fixed_wishes() };
    scenario.promise.near_min = 30.0;
    scenario.promise.far_h = 1.5;
    scenario.couriers.pickup_service_min = 2.0;
    scenario.cost.courier_per_order_yuan = 5.0;
    scenario.cost.courier_per_km_yuan = 0.6;
    scenario.cost.courier_guarantee_yuan_per_h = 20.01;
    scenario.cost.courier_extra_yuan_by_hour = [0.0; 24];
    scenario
}

fn store(name: &str, channel: Channel, fleet: u16, fixed_yuan: f64) -> Store {
    Store {
        name: name.into(),
        archetype: "test".into(),
        place: Place::default(),
        radius_m: 3000.0,
        pickers: 1,
        pick_base: SimDuration::ZERO,
        pick_per_item: SimDuration::ZERO,
        pick_distribution: PickDistribution::Lognormal,
        pick_cv: 0.0,
        pick_rounding: SimDuration::ZERO,
        opens: SimDuration::ZERO,
        closes: SimDuration::ZERO,
        fixed_cost_per_day: Money::from_yuan(fixed_yuan),
        fleet,
        channel,
    }
}

fn courier(name: &str, fleet: u16, on_s: f64, off_s: f64) -> Courier {
    let place = Place::default();
    Courier { name: name.into(), place, shifts: vec![(at(on_s), at(off_s))], fleet, store: None }
}

fn city() -> City {
    City {
        width_m: 10_000.0,
        height_m: 10_000.0,
        metric: Metric::Euclid,
        stores: vec![
            store("busy", Channel::Near, 0, 240.12),
            store("quiet", Channel::Near, 0, 120.0),
            store("branch", Channel::Far, 1, 999.0),
        ],
        couriers: vec![
            courier("ann", 0, 600.0, 4200.0),
            courier("bob", 0, 0.0, 7200.0),
            courier("cat", 1, 0.0, 9000.0),
        ],
        fleets: vec!["near".into(), "parcel".into()],
        warehouse: Place::default(),
        categories: vec!["fresh".into()],
        lanes: ["same_city", "region", "nation"].map(String::from).to_vec(),
        ..City::empty()
    }
}

fn place(log: &mut EventLog, seconds: f64, yuan: f64, quantities: &[u32]) {
    let order = OrderId(log.placements.len() as u32);
    log.placements.push(Placement {
        consumer: ConsumerId(order.0 + 100),
        x_m: 250.0,
        y_m: 750.0,
        value: Money::from_yuan(yuan),
        category: CategoryId(0),
        first_line: log.lines.len() as u32,
        lines: quantities.len() as u32,
        session: None,
        part_of: None,
        ai_list: false,
    });
    log.lines.extend(quantities.iter().map(|&quantity| Line { sku: SkuId(0), quantity }));
    log.record(at(seconds), Event::OrderPlaced { order });
}

/// The run: 0 near on time · 1 near late, second on ann's list, sent back · 2 warehouse, late ·
/// 3 near, cancelled · 4 parcel from the branch · 5 warehouse, open · 6 near, refused.
pub(crate) fn small_run() -> Run {
    let mut log = EventLog::default();
    for (seconds, yuan, quantities) in [
        (600.0, 100.0, &[1, 2][..]),
        (1000.0, 50.0, &[1]),
        (1200.0, 200.0, &[1]),
        (2000.0, 30.0, &[1]),
        (3000.0, 20.0, &[1]),
        (4000.0, 7.0, &[1]),
        (4100.0, 11.0, &[1]),
    ] {
        place(&mut log, seconds, yuan, quantities);
    }
    let [o0, o1, o2, o3, o4, o5, o6] = std::array::from_fn(|i| OrderId(i as u32));
    let (busy, quiet, branch) = (StoreId(0), StoreId(1), StoreId(2));
    let (ann, cat) = (CourierId(0), CourierId(2));
    let facts = [
        (0.0, Event::StoreStocked { store: busy, units: 90, skus: 10 }),
        (0.0, Event::StoreStocked { store: quiet, units: 10, skus: 10 }),
        (600.0, Event::OrderSourced { order: o0, store: busy, ride_m: 1500.0 }),
        (960.0, Event::OrderReady { order: o0, store: busy, picked_for: span(300.0) }),
        (960.0, Event::CourierAssigned { order: o0, courier: ann, approach_m: 500.0 }),
        (1000.0, Event::OrderSourced { order: o1, store: busy, ride_m: 3000.0 }),
        (1200.0, Event::OrderPickedUp { order: o0, courier: ann, at_store_for: span(120.0) }),
        (1200.0, Event::OrderSentFar { order: o2, reason: FarReason::NoStock, from: FarOrigin::Warehouse }),
        (1300.0, Event::OrderReady { order: o1, store: busy, picked_for: span(240.0) }),
        (1300.0, Event::CourierAssigned { order: o1, courier: ann, approach_m: 1000.0 }),
        (1800.0, Event::OrderDelivered { order: o0, courier: ann, at_door_for: span(180.0) }),
        (1800.0, Event::CourierFreed { courier: ann, order: o0 }),
        (1800.0, Event::CourierSetOut { order: o1, courier: ann }),
        (2000.0, Event::OrderSourced { order: o3, store: busy, ride_m: 100.0 }),
        (2000.0, Event::ParcelPacked { order: o2 }),
        (2100.0, Event::OrderPickedUp { order: o1, courier: ann, at_store_for: span(60.0) }),
        (2500.0, Event::OrderReady { order: o3, store: busy, picked_for: span(0.0) }),
        (3000.0, Event::OrderCancelled { order: o3, reason: CancelReason::Patience }),
        (3000.0, Event::ParcelShipped { order: o2, lane: Some(LaneId(2)) }),
        (3000.0, Event::OrderSourced { order: o4, store: branch, ride_m: 800.0 }),
        (3100.0, Event::OrderDelivered { order: o1, courier: ann, at_door_for: span(120.0) }),
        (3100.0, Event::CourierFreed { courier: ann, order: o1 }),
        (3600.0, Event::OrderReady { order: o4, store: branch, picked_for: span(0.0) }),
        (3600.0, Event::CourierAssigned { order: o4, courier: cat, approach_m: 0.0 }),
        (3600.0, Event::StockRanOut { store: busy, sku: SkuId(1) }),
        (3660.0, Event::OrderPickedUp { order: o4, courier: cat, at_store_for: span(60.0) }),
        (4000.0, Event::OrderDelivered { order: o4, courier: cat, at_door_for: span(100.0) }),
        (4000.0, Event::CourierFreed { courier: cat, order: o4 }),
        (4000.0, Event::OrderSentFar { order: o5, reason: FarReason::Chosen, from: FarOrigin::Warehouse }),
        (4100.0, Event::OrderCancelled { order: o6, reason: CancelReason::NoCourier }),
        (5000.0, Event::OrderReturned { order: o1 }),
        (5400.0, Event::StockCameBack { store: busy, sku: SkuId(1) }),
        (5400.0, Event::StoreReplenished { store: busy, units: 10 }),
        (6000.0, Event::StockRanOut { store: busy, sku: SkuId(2) }),
        (6100.0, Event::WalkInServed { store: quiet, sku: SkuId(0) }),
        (6200.0, Event::WalkInServed { store: quiet, sku: SkuId(0) }),
        (6300.0, Event::WalkInServed { store: quiet, sku: SkuId(3) }),
        (6400.0, Event::WalkInLost { store: quiet, sku: SkuId(4) }),
        (8400.0, Event::ParcelDelivered { order: o2, out_for: span(1800.0) }),
        (43_200.0, Event::StoreCounted { store: busy, units: 96 }),
        (43_200.0, Event::StoreCounted { store: quiet, units: 7 }),
    ];
    for (seconds, event) in facts {
        log.record(at(seconds), event);
    }
    log.records.sort_by_key(|record| record.at);
    Run { scenario: scenario(), city: city(), log }
}
