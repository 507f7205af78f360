//! City → entities and resources, and back to an outcome.

use super::Outcome;
use super::acceptance::Refusal;
use super::base::Base;
use super::calendar::{Calendar, LONGEST_RUN, Notice};
use super::delivery::{Courier, CourierState, Fleet, Fleets, Plan, Shifts};
use super::dispatching::Dispatching;
use super::foresight::Foresight;
use super::free_spots::FreeSpots;
use super::idle::IdleCouriers;
use super::joint;
use super::ledger::Ledger;
use super::offers::Offers;
use super::picking::PickStation;
use super::pickup::Pickup;
use super::returns::ReturnTimes;
use super::schedule::Clock;
use super::sessions::Sessions;
use super::shopping::{Arrivals, Orders};
use super::shortfalls::Shortfalls;
use super::sourcing::Sourcing;
use super::splitting;
use super::stock::{Replenishment, Shelves};
use super::supply::Supply;
use super::trips::Route;
use super::waiting::Waiting;
use super::walk_ins::WalkIns;
use super::warehouse::Warehouse;
use crate::city::City;
use crate::city::nodes::Candidates;
use crate::city::space::Spot;
use crate::event::{Event, EventLog};
use crate::policy::dispatch::Dispatch;
use crate::policy::sourcing::split;
use crate::rng::{Purpose, PurposeKey, Streams};
use crate::scenario::{AfterDelivery, DeliveredAt, DispatchPolicy, HandoverDistribution, PatienceFrom, Scenario};
use crate::units::{ConsumerId, CourierId, SimDuration, SimTime, SkuId, StoreId};
use bevy_ecs::prelude::{Component, Resource, World};
use std::sync::Arc;
use std::time::Duration;

/// A consumer, by whose id the city tells the home, tier and price sensitivity, which they keep for the whole run.
#[derive(Component, Clone, Copy, Debug)]
#[expect(dead_code, reason = "a session draws its consumer by tier, and the city holds all that it asks in one place")]
pub(super) struct Consumer(ConsumerId);

/// What does not change during a run.
#[derive(Resource, Debug)]
pub(super) struct Ground {
    pub(super) city: Arc<City>,
    pub(super) store_spots: Vec<Spot>,
    /// None when no order ever asks for the nearest store.
    pub(super) candidates: Option<Arc<Candidates>>,
    pub(super) always_open: bool,
    pub(super) start_of_day: SimDuration,
    pub(super) run_end: SimTime,
}

const DAY_MS: i64 = 86_400_000;

impl Ground {
    /// Time of day at an instant.
    #[inline]
    pub(super) fn time_of_day(&self, now: SimTime) -> SimDuration {
        if self.always_open { SimDuration::ZERO } else { SimDuration((now + self.start_of_day).0.rem_euclid(DAY_MS)) }
    }
    /// When a store that is open now closes; NEVER if it does not.
    pub(super) fn closes_after(&self, now: SimTime, store: StoreId) -> SimTime {
        let place = &self.city.stores[store.index()];
        if self.always_open || (place.closes - place.opens).0.rem_euclid(DAY_MS) == 0 {
            return SimTime::NEVER;
        }
        now + SimDuration((place.closes - self.time_of_day(now)).0.rem_euclid(DAY_MS))
    }
    /// Whether a store takes orders at a time of day.
    #[inline]
    pub(super) fn open(&self, store: StoreId, time_of_day: SimDuration) -> bool {
        let store = &self.city.stores[store.index()];
        if store.opens < store.closes {
            store.opens <= time_of_day && time_of_day < store.closes
        } else {
            time_of_day >= store.opens || time_of_day < store.closes
        }
    }
}

/// The rules of the scenario in the units of the simulation.
#[derive(Resource, Debug)]
pub(super) struct Rules {
    pub(super) sourcing: Sourcing,
    /// None where orders are served whole.
    pub(super) split: Option<split::Rule>,
    /// How far apart two stores may be that share a courier for an order in parts; None: they never do.
    pub(super) joint_reach: Option<f64>,
    pub(super) dispatch: DispatchPolicy,
    /// Couriers ride back to their base.
    pub(super) return_to_base: bool,
    /// Orders may join a trip of a store's courier.
    pub(super) join_trips: bool,
    /// Couriers follow planned stops.
    pub(super) trips: bool,
    /// Most orders on board.
    pub(super) capacity: u32,
    pub(super) delivered_at: DeliveredAt,
    pub(super) pickup_service: SimDuration,
    pub(super) handover: Handover,
    pub(super) max_click_to_door: SimDuration,
    pub(super) patience: Patience,
    /// What is assigned within a shift may be picked up after it.
    pub(super) pick_up_after_shift: bool,
    /// None when nobody refuses.
    pub(super) refusal: Option<Refusal>,
    /// None when no order comes back.
    pub(super) returns: Option<ReturnTimes>,
    pub(super) near_return_factor: f64,
    /// None when pickers find every line.
    pub(super) shortfalls: Option<Shortfalls>,
    /// None where pick-up is not offered.
    pub(super) pickup: Option<Pickup>,
    pub(super) streams: OrderStreams,
}

#[derive(Debug)]
pub(super) struct Handover {
    pub(super) mean: SimDuration,
    /// Of the lognormal factor with mean 1.
    pub(super) sigma: f64,
    pub(super) exponential: bool,
}

#[derive(Debug)]
pub(super) struct Patience {
    pub(super) from: PatienceFrom,
    pub(super) promise: SimDuration,
    pub(super) grace: SimDuration,
    pub(super) hazard_per_min: f64,
}

/// Streams that orders draw from.
#[derive(Debug)]
pub(super) struct OrderStreams {
    pub(super) consumer: PurposeKey,
    pub(super) basket: PurposeKey,
    pub(super) ai_list: PurposeKey,
    pub(super) intent: PurposeKey,
    pub(super) picking: PurposeKey,
    pub(super) handover: PurposeKey,
    pub(super) patience: PurposeKey,
    pub(super) transit: PurposeKey,
    pub(super) returns: PurposeKey,
    pub(super) abroad: PurposeKey,
    pub(super) acceptance: PurposeKey,
    pub(super) raised_fee: PurposeKey,
    pub(super) reposition: PurposeKey,
}

impl OrderStreams {
    fn new(streams: Streams) -> Self {
        OrderStreams {
            consumer: streams.purpose(Purpose::Consumer),
            basket: streams.purpose(Purpose::Basket),
            ai_list: streams.purpose(Purpose::AiList),
            intent: streams.purpose(Purpose::Intent),
            picking: streams.purpose(Purpose::Picking),
            handover: streams.purpose(Purpose::Handover),
            patience: streams.purpose(Purpose::Patience),
            transit: streams.purpose(Purpose::Transit),
            returns: streams.purpose(Purpose::Returns),
            abroad: streams.purpose(Purpose::Abroad),
            acceptance: streams.purpose(Purpose::Acceptance),
            raised_fee: streams.purpose(Purpose::RaisedFee),
            reposition: streams.purpose(Purpose::Reposition),
        }
    }
}

/// The event log as a resource.
#[derive(Resource, Debug)]
pub(super) struct Log(pub(super) EventLog);

/// A world at the start of the run.
pub(super) fn populate(
    scenario: &Scenario,
    city: &Arc<City>,
    streams: Streams,
    policy: Option<Box<dyn Dispatch>>,
) -> World {
    let mut world = World::new();
    let exact = scenario.dispatch.policy == DispatchPolicy::StoreCouriers;
    world.spawn_batch(city.stores.iter().map(|store| PickStation::new(store, exact)).collect::<Vec<_>>());
    let space = city.travel.space();
    let couriers: Vec<_> = city.couriers.iter().map(|courier| off_shift(courier, space.spot(&courier.place))).collect();
    world.spawn_batch(couriers);
    let run_end = SimTime::from_hours(scenario.horizon_h + scenario.drain_h);
    assert!(run_end <= LONGEST_RUN, "the run would last until {run_end}, past the calendar's end");
    let (supply, opening, counter) = Supply::new(scenario, city, streams);
    let shelves = Shelves::new(scenario, city, &opening, counter);
    let mut log = EventLog::default();
    let mut orders = Orders::default();
    make_room(expected_orders(scenario, city), &mut log, &mut orders);
    open_log(city, &shelves, &mut log);
    let trips = policy.is_some();
    let offers = Offers::new(scenario, city);
    world.insert_resource(Dispatching::new(scenario, city.fleets.len(), policy));
    world.insert_resource(fleets(scenario, city));
    let mut calendar = calendar(city, trips, &offers);
    if let Some(transfers) = &supply.transfers {
        transfers.begin(&mut calendar);
    }
    world.insert_resource(offers);
    world.insert_resource(Sessions::new(scenario, city, streams));
    world.insert_resource(WalkIns::new(scenario, city, streams, &mut calendar));
    world.insert_resource(Foresight::new(scenario, city, streams));
    world.insert_resource(calendar);
    world.insert_resource(orders);
    world.insert_resource(Arrivals::new(scenario, city, streams));
    world.insert_resource(Replenishment::new(scenario));
    world.insert_resource(Warehouse::new(scenario));
    world.insert_resource(rules(scenario, streams, trips));
    world.insert_resource(Clock { slice_end: SimTime::ZERO, run_end, over: false });
    world.insert_resource(ground(scenario, city, run_end));
    world.insert_resource(shelves);
    world.insert_resource(supply);
    world.insert_resource(Log(log));
    world.insert_resource(Ledger::default());
    // Last: a resource is an entity too, and to insert one beside ten million others takes 16 ms and more.
    let consumers = 0..city.demand.homes.len() as u32;
    world.spawn_batch(consumers.map(|id| Consumer(ConsumerId(id)))).for_each(drop);
    world
}

/// Orders of a usual run, a tenth added.
fn expected_orders(scenario: &Scenario, city: &City) -> usize {
    if !city.demand.trace.is_empty() {
        return city.demand.trace.len();
    }
    (scenario.demand.orders_per_day * scenario.horizon_h / 24.0 * 1.1) as usize + 1000
}

/// Reserves memory without touching it, so that nothing is copied as the log grows.
fn make_room(orders: usize, log: &mut EventLog, table: &mut Orders) {
    // A near order leaves seven records; stock-outs and shifts come on top.
    log.records.reserve(orders * 9);
    log.placements.reserve(orders);
    log.lines.reserve(orders * 2);
    table.rows.reserve(orders);
}

fn off_shift(courier: &crate::city::Courier, spot: Spot) -> (Courier, Plan, Shifts, Route, Base) {
    let state = Courier {
        state: CourierState::OffShift,
        spot,
        on_duty: false,
        fleet: courier.fleet,
        shifts_begun: 0,
        free_at: SimTime::ZERO,
        free_spot: spot,
    };
    (state, Plan::default(), Shifts(courier.shifts.clone()), Route::default(), Base::at(spot))
}

fn open_log(city: &City, shelves: &Shelves, log: &mut EventLog) {
    if city.full_levels.is_empty() {
        return;
    }
    let stores = city.stores.len();
    for (store, units) in shelves.on_hand().iter().enumerate() {
        let skus = city.full_levels.iter().skip(store).step_by(stores).filter(|level| **level > 0).count() as u32;
        log.record(SimTime::ZERO, Event::StoreStocked { store: StoreId(store as u32), units: *units, skus });
    }
    for (place, _) in city.full_levels.iter().enumerate().filter(|(_, full)| **full > 0) {
        let (store, sku) = (StoreId((place % stores) as u32), SkuId((place / stores) as u32));
        if shelves.units(store, sku) == 0 {
            log.record(SimTime::ZERO, Event::StockRanOut { store, sku });
        }
    }
}

fn calendar(city: &City, trips: bool, offers: &Offers) -> Calendar {
    let mut calendar = Calendar::default();
    offers.reviews().for_each(|review| calendar.schedule(SimTime::ZERO, Notice::Review(review)));
    if trips {
        (0..city.fleets.len() as u32).for_each(|fleet| calendar.schedule(SimTime::ZERO, Notice::Decide(fleet)));
    }
    for (id, courier) in city.couriers.iter().enumerate() {
        if let Some((on, _)) = courier.shifts.first() {
            calendar.schedule(*on, Notice::StartShift(CourierId(id as u32)));
        }
    }
    calendar
}

fn fleets(scenario: &Scenario, city: &City) -> Fleets {
    let (low, high) = city.spot_box();
    let compact = city.spots_fit_f32();
    let fleet = |index: usize| {
        let couriers: Vec<CourierId> = (0..city.couriers.len() as u32)
            .map(CourierId)
            .filter(|courier| usize::from(city.couriers[courier.index()].fleet) == index)
            .collect();
        let idle = IdleCouriers::new(city.travel.space(), low, high, couriers.len(), compact);
        let free_spots =
            (scenario.dispatch.policy == DispatchPolicy::EarliestDropoff).then(|| FreeSpots::of(city, &couriers));
        Fleet { couriers, idle, waiting: Waiting::new(scenario, city), free_spots }
    };
    Fleets((0..city.fleets.len()).map(fleet).collect())
}

fn rules(scenario: &Scenario, streams: Streams, from_time_to_time: bool) -> Rules {
    let cv = scenario.couriers.handover_cv;
    Rules {
        sourcing: Sourcing::new(scenario),
        split: splitting::rule(scenario),
        joint_reach: joint::reach(scenario),
        // Whoever decides from time to time is told of open orders, under any name.
        dispatch: if from_time_to_time { DispatchPolicy::External } else { scenario.dispatch.policy },
        trips: from_time_to_time || scenario.dispatch.policy == DispatchPolicy::StoreCouriers,
        return_to_base: scenario.couriers.after_delivery == AfterDelivery::Return
            || scenario.dispatch.policy == DispatchPolicy::StoreCouriers,
        join_trips: scenario.dispatch.join_trips,
        capacity: scenario.couriers.capacity,
        delivered_at: scenario.near.delivered_at,
        pickup_service: SimDuration::from_minutes(scenario.couriers.pickup_service_min),
        handover: Handover {
            mean: SimDuration::from_minutes(scenario.couriers.handover_min),
            sigma: (1.0 + cv * cv).ln().sqrt(),
            exponential: scenario.couriers.handover_distribution == HandoverDistribution::Exponential,
        },
        max_click_to_door: scenario
            .dispatch
            .max_click_to_door_min
            .map_or(SimDuration(SimTime::NEVER.0), SimDuration::from_minutes),
        patience: Patience {
            from: scenario.consumers.patience_from,
            promise: SimDuration::from_minutes(scenario.promise.near_min),
            grace: SimDuration::from_minutes(scenario.consumers.patience_grace_min),
            hazard_per_min: scenario.consumers.cancel_hazard_per_min,
        },
        pick_up_after_shift: scenario.couriers.pick_up_after_shift,
        refusal: (scenario.couriers.refusal_share > 0.0).then(|| Refusal::new(scenario)),
        returns: ReturnTimes::new(scenario),
        near_return_factor: scenario.cost.near_return_factor,
        shortfalls: Shortfalls::new(scenario, streams),
        pickup: Pickup::new(scenario, streams),
        streams: OrderStreams::new(streams),
    }
}

fn ground(scenario: &Scenario, city: &Arc<City>, run_end: SimTime) -> Ground {
    let space = city.travel.space();
    let store_spots: Vec<Spot> = city.stores.iter().map(|store| space.spot(&store.place)).collect();
    let whole_day = |store: &crate::city::Store| store.opens.0 == 0 && store.closes.0 >= DAY_MS;
    Ground {
        candidates: city.candidates.clone(),
        store_spots,
        always_open: city.stores.iter().all(whole_day),
        start_of_day: SimDuration::from_hours(scenario.start_hour),
        run_end,
        city: Arc::clone(city),
    }
}

/// Closes the log and takes it out of the world; its CPU time is for who timed it to say.
pub(super) fn take_outcome(world: &mut World) -> Outcome {
    let end = world.resource::<Clock>().slice_end;
    let censored = world.resource::<Orders>().open;
    let shelves = world.resource::<Shelves>();
    let counted = shelves.counted().to_vec();
    let left = shelves.left(&world.resource::<Ground>().city.demand);
    let categories = left.len().checked_div(counted.len()).unwrap_or(0);
    let mut log = world.remove_resource::<Log>().expect("the log was put there at the start").0;
    let now = log.records.last().map_or(end, |last| last.at.max(end));
    for (store, units) in counted.into_iter().enumerate() {
        let store = StoreId(store as u32);
        for (category, left) in left[store.index() * categories..][..categories].iter().enumerate() {
            let value_fen = u32::try_from(left.value.0).unwrap_or(u32::MAX);
            log.record(now, Event::StockLeft { store, category: category as u16, units: left.units, value_fen });
        }
        log.record(now, Event::StoreCounted { store, units });
    }
    let dispatching = world.resource::<Dispatching>();
    let (illegal_decisions, halted) = (dispatching.illegal, dispatching.halt.clone());
    let ledger = std::mem::take(&mut world.resource_mut::<Ledger>().kept);
    Outcome { log, ledger, cpu: Duration::ZERO, censored, illegal_decisions, halted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_and_couriers_are_listed_in_the_order_of_their_ids() {
        let mut scenario = crate::testing::fixed_wishes();
        scenario.couriers.count = 300;
        let city = Arc::new(City::build(&scenario).expect("the default city has no files"));
        let mut world = populate(&scenario, &city, Streams::new(scenario.seed, 0), None);
        let mut schedule = super::super::schedule::build();
        for _ in 0..40 {
            schedule.run(&mut world);
        }
        let mut shifts = world.query::<(&Courier, &Shifts)>();
        let listed: Vec<_> = shifts.iter(&world).map(|(_, shifts)| shifts.0.clone()).collect();
        let expected: Vec<_> = city.couriers.iter().map(|courier| courier.shifts.clone()).collect();
        assert_eq!(listed, expected);
        let mut stations = world.query::<&PickStation>();
        let pickers: Vec<u32> = stations.iter(&world).map(PickStation::pickers).collect();
        assert_eq!(pickers, city.stores.iter().map(|store| store.pickers).collect::<Vec<_>>());
    }
    #[test]
    #[should_panic(expected = "past the calendar's end")]
    fn no_run_is_longer_than_the_calendar() {
        let scenario = Scenario { horizon_h: 5000.0, ..crate::testing::fixed_wishes() };
        let city = Arc::new(City::build(&scenario).expect("the default city has no files"));
        populate(&scenario, &city, Streams::new(scenario.seed, 0), None);
    }
}
