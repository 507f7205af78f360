//! What holds in every city: conservation, order of time, determinism, common random numbers, monotony.

use crate::audit::audit;
use crate::city::City;
use crate::event::{Event, EventLog, FarReason, Placement};
use crate::rng::{Purpose, Streams};
use crate::scenario::{
    AfterDelivery, AfterMaxWait, CourierStart, DeliveredAt, DispatchPolicy, DispatchQueue, LeadDistribution, Metric,
    OpeningStock, OverloadPolicy, PatienceFrom, Placing, Pool, PromisePolicy, ReplenishmentPolicy, RepositionPolicy,
    Rounding, Scenario, SourcingPolicy, Unmet, WarehouseShift, WorkFor,
};
use crate::sim::{Outcome, run};
use crate::units::{OrderId, SimDuration, SimTime, StoreId};
use rand::{Rng, RngExt};
use std::sync::Arc;

const CASES: u64 = 25;

/// Greedy policies, which the rules about promises and patience lean on, as often as the others together.
const POLICIES: [DispatchPolicy; 8] = [
    DispatchPolicy::GreedyNearest,
    DispatchPolicy::EarliestDropoff,
    DispatchPolicy::GreedyNearest,
    DispatchPolicy::BatchMatch,
    DispatchPolicy::RollingHorizon,
    DispatchPolicy::Insertion,
    DispatchPolicy::Pooling,
    DispatchPolicy::Postpone,
];

fn one_of<T: Copy>(rng: &mut impl Rng, choices: &[T]) -> T {
    choices[rng.random_range(0..choices.len())]
}

/// A small scenario, different in everything that a rule of the simulation may hang on.
pub(super) fn scenario(case: u64) -> Scenario {
    let rng = &mut Streams::new(case, 0).long(Purpose::Layout);
    let mut s = Scenario { seed: case, horizon_h: 5.0, drain_h: 30.0, ..crate::testing::fixed_wishes() };
    s.start_hour = one_of(rng, &[0.0, 9.0, 17.5, 22.0]);
    s.city.side_km = rng.random_range(2.0..7.0);
    s.city.metric = one_of(rng, &[Metric::Euclid, Metric::Manhattan]);
    s.city.rounding = one_of(rng, &[Rounding::None, Rounding::Ceil, Rounding::HalfUp]);
    s.city.rounding_s = 60.0;
    s.city.detour_factor = one_of(rng, &[1.0, 1.3]);
    s.demand.orders_per_day = rng.random_range(200.0..900.0);
    s.demand.hourly_profile = [1.0; 24];
    s.consumers.count = 150;
    s.consumers.cancel_hazard_per_min = one_of(rng, &[0.0, 0.04, 0.5]);
    s.consumers.patience_from = one_of(rng, &[PatienceFrom::Placed, PatienceFrom::Promise]);
    s.catalogue.skus_per_category = rng.random_range(1..12);
    for category in &mut s.catalogue.categories {
        category.near_intent = one_of(rng, &[0.3, 1.0]);
        category.return_rate = one_of(rng, &[0.0, 0.2]);
    }
    (s.returns.request_after_h, s.returns.back_after_h) = one_of(rng, &[(72.0, 48.0), (1.0, 0.5), (0.0, 0.0)]);
    s.stores.unlimited_stock = rng.random::<f64>() < 0.3;
    s.stores.replenish_every_h = one_of(rng, &[0.0, 2.0]);
    s.stores.replenish_at_h = (s.start_hour + 1.0) % 24.0;
    for (kind, fleet) in s.stores.archetypes.iter_mut().zip(["near", "near", "own"]) {
        kind.count = rng.random_range(0..4);
        kind.radius_km = Some(rng.random_range(0.5..4.0));
        kind.full_level_units = one_of(rng, &[Some(1.5), None]);
        kind.pickers = rng.random_range(0..3);
        kind.placing = Placing::Uniform;
        kind.fleet = fleet.into();
    }
    s.warehouse.capacity_per_h = one_of(rng, &[5.0, 900.0]);
    if rng.random::<f64>() < 0.3 {
        s.warehouse.capacity_per_h = 0.0;
        s.warehouse.shifts = vec![WarehouseShift { from_h: 8.0, to_h: 20.0, workers: 1, ..WarehouseShift::default() }];
        s.warehouse.temp_workers = one_of(rng, &[0, 2]);
        s.warehouse.temp_from_h = 3.0;
    }
    s.far.ship_from_store_over_h = one_of(rng, &[None, None, Some(0.0), Some(1.0)]);
    if rng.random::<f64>() < 0.3 {
        s.catalogue.categories[0].abroad_share = 0.5;
        s.cross_border.forward_share = 0.5;
    }
    s.warehouse.wave_hours = one_of(rng, &[&[][..], &[11.0, 16.0, 23.0]]).to_vec();
    s.couriers.refusal_share = one_of(rng, &[0.0, 0.3]);
    s.dispatch.queue = one_of(rng, &[DispatchQueue::Fifo, DispatchQueue::Nearest, DispatchQueue::Zone]);
    s.couriers.count = rng.random_range(0..14);
    s.couriers.on_duty_by_hour = std::array::from_fn(|_| one_of(rng, &[0.4, 0.7, 1.0]));
    s.near.delivered_at = one_of(rng, &[DeliveredAt::Arrival, DeliveredAt::MidService, DeliveredAt::EndService]);
    s.dispatch.policy = one_of(rng, &POLICIES);
    s.dispatch.max_bundle = one_of(rng, &[1, 3]);
    s.couriers.capacity = one_of(rng, &[1, 2, 5]);
    s.dispatch.max_click_to_door_min = one_of(rng, &[None, Some(40.0)]);
    s.promise.policy = one_of(rng, &[PromisePolicy::Fixed, PromisePolicy::Quantile]);
    s.overload.policy = one_of(rng, &[OverloadPolicy::None, OverloadPolicy::Staged]);
    s.reposition.policy = one_of(rng, &[RepositionPolicy::Stay, RepositionPolicy::HotSpotFlow]);
    s.couriers.after_delivery = one_of(rng, &[AfterDelivery::Stay, AfterDelivery::Return]);
    if rng.random::<f64>() < 0.3 {
        s.couriers.work_for = WorkFor::Store;
        s.couriers.start = CourierStart::Stores;
    }
    if rng.random::<f64>() < 0.4 {
        s.couriers.after_delivery = AfterDelivery::Return;
        s.dispatch.policy = DispatchPolicy::StoreCouriers;
        s.dispatch.join_trips = rng.random();
        s.couriers.work_for = WorkFor::Store;
        s.sourcing.policy = one_of(rng, &[SourcingPolicy::NearestStocked, SourcingPolicy::Reassignment]);
    }
    if s.couriers.after_delivery == AfterDelivery::Return {
        s.reposition.policy = RepositionPolicy::Stay;
    }
    if rng.random::<f64>() < 0.4 && !s.stores.unlimited_stock {
        s.stock.phantom_share = one_of(rng, &[0.0, 0.1, 0.5]);
        s.stock.sync_latency_s = one_of(rng, &[60.0, 1800.0]);
        s.stock.min_basket_yuan = one_of(rng, &[0.0, 30.0]);
    }
    if rng.random::<f64>() < 0.4 && !s.stores.unlimited_stock {
        s.stock.unmet = one_of(rng, &[Unmet::Lost, Unmet::Backorder]);
        let keys = &mut s.replenishment;
        keys.policy =
            one_of(rng, &[ReplenishmentPolicy::OrderUpTo, ReplenishmentPolicy::MinMax, ReplenishmentPolicy::Batches]);
        keys.lead_h = one_of(rng, &[0.0, 0.5, 2.0]);
        keys.lead_distribution = one_of(rng, &[LeadDistribution::Constant, LeadDistribution::Exponential]);
        keys.opening = one_of(rng, &[OpeningStock::Level, OpeningStock::Newsvendor]);
        keys.forecast_cv = one_of(rng, &[0.0, 0.5]);
    }
    divide_shelves(case, &mut s);
    end_waits(case, &mut s);
    s
}

/// The same.
fn end_waits(case: u64, s: &mut Scenario) {
    let rng = &mut Streams::new(case, 0).long(Purpose::Handover);
    s.dispatch.max_wait_min = one_of(rng, &[None, Some(0.0), Some(5.0), Some(20.0)]);
    s.dispatch.after_max_wait = one_of(rng, &[AfterMaxWait::Far, AfterMaxWait::Far, AfterMaxWait::Cancel]);
}

/// Draws of its own, so that the rest of a case stays what it is.
fn divide_shelves(case: u64, s: &mut Scenario) {
    let rng = &mut Streams::new(case, 0).long(Purpose::WalkIns);
    if rng.random::<f64>() < 0.5 && !s.stores.unlimited_stock {
        for kind in &mut s.stores.archetypes {
            kind.walk_in_units_per_category_h = one_of(rng, &[0.0, 2.0, 10.0]);
        }
        if rng.random() {
            s.stock.transfer_every_h = Some(0.7);
            s.stock.transfer_lead_h = one_of(rng, &[0.0, 0.4, 9.0]);
            s.stock.transfer_keep_days = one_of(rng, &[0.0, 0.1]);
        }
        s.stock.pool = one_of(rng, &[Pool::Siloed, Pool::Siloed, Pool::Shared]);
    }
}

fn built(scenario: &Scenario) -> Arc<City> {
    Arc::new(City::build(scenario).expect("a synthetic city"))
}
fn play(scenario: &Scenario) -> Outcome {
    run(scenario, &built(scenario), 0, &mut |_| {})
}

/// When something happened to each order, by [`OrderId`].
fn when(log: &EventLog, matches: impl Fn(Event) -> Option<OrderId>) -> Vec<Option<SimTime>> {
    let mut times = vec![None; log.orders()];
    for record in &log.records {
        if let Some(order) = matches(record.event) {
            times[order.index()] = Some(record.at);
        }
    }
    times
}
fn placed(log: &EventLog) -> Vec<SimTime> {
    let times = when(log, |event| if let Event::OrderPlaced { order } = event { Some(order) } else { None });
    times.into_iter().map(|at| at.expect("every order is placed")).collect()
}
fn ready(log: &EventLog) -> Vec<Option<SimTime>> {
    when(log, |event| if let Event::OrderReady { order, .. } = event { Some(order) } else { None })
}
/// The store of each near order.
fn sourced(log: &EventLog) -> Vec<Option<StoreId>> {
    let mut stores = vec![None; log.orders()];
    for record in &log.records {
        if let Event::OrderSourced { order, store, .. } = record.event {
            stores[order.index()] = Some(store);
        }
    }
    stores
}

#[test]
fn every_run_passes_the_audit_and_gives_each_order_one_final_state() {
    let mut seen = [0_usize; 5];
    for case in 0..CASES {
        let scenario = scenario(case);
        let city = built(&scenario);
        let Outcome { log, censored, .. } = run(&scenario, &city, 0, &mut |_| {});
        let violations = audit(&city, &log);
        assert!(violations.is_empty(), "case {case}: {}", violations[0]);
        assert!(log.records.windows(2).all(|pair| pair[0].at <= pair[1].at), "case {case}");
        let mut ends = vec![0; log.orders()];
        for record in &log.records {
            let (kind, order) = match record.event {
                Event::OrderDelivered { order, .. } => (0, order),
                Event::ParcelDelivered { order, .. } => (1, order),
                Event::OrderCancelled { order, .. } => (2, order),
                _ => continue,
            };
            seen[kind] += 1;
            ends[order.index()] += 1;
        }
        assert!(ends.iter().all(|count| *count <= 1), "case {case}");
        let open = ends.iter().filter(|count| **count == 0).count();
        assert_eq!(open, censored as usize, "case {case}");
        seen[3] += open;
        seen[4] += log.orders();
    }
    // The cases are of every kind, so the rules above were put to the test.
    assert!(seen.iter().all(|count| *count > 50), "{seen:?}");
}

#[test]
fn a_log_depends_on_seed_and_replication_and_on_nothing_else() {
    for case in 0..CASES {
        let scenario = scenario(case);
        let city = built(&scenario);
        let log = |scenario: &Scenario, replication| run(scenario, &city, replication, &mut |_| {}).log;
        let first = log(&scenario, 0);
        assert_eq!(first, log(&scenario, 0), "case {case}");
        assert_ne!(first, log(&scenario, 1), "case {case}");
        assert_ne!(first, log(&Scenario { seed: scenario.seed + 1000, ..scenario.clone() }, 0), "case {case}");
    }
}

/// Little's law on the path: the integral of the number of orders in preparation is the sum of their times there.
#[test]
fn the_number_in_preparation_over_time_adds_up_to_the_time_of_each_order() {
    for case in 0..CASES {
        let log = play(&scenario(case)).log;
        let (mut inside, mut integral, mut last) = (0_i64, 0_i64, SimTime::ZERO);
        let mut preparing = vec![false; log.orders()];
        for record in &log.records {
            integral += inside * (record.at - last).0;
            last = record.at;
            match record.event {
                Event::OrderSourced { order, .. } => {
                    preparing[order.index()] = true;
                    inside += 1;
                }
                Event::OrderReady { order, .. } | Event::OrderCancelled { order, .. } if preparing[order.index()] => {
                    preparing[order.index()] = false;
                    inside -= 1;
                }
                _ => {}
            }
            assert!(inside >= 0, "case {case}");
        }
        assert_eq!(inside, 0, "case {case}: preparation begins and ends empty");
        let (start, ready, stores) = (placed(&log), ready(&log), sourced(&log));
        let cancelled =
            when(&log, |event| if let Event::OrderCancelled { order, .. } = event { Some(order) } else { None });
        let times = (0..log.orders()).filter(|order| stores[*order].is_some()).map(|order| {
            let end = ready[order].or(cancelled[order]).expect("a prepared order is ready or cancelled");
            (end - start[order]).0
        });
        assert_eq!(integral, times.sum::<i64>(), "case {case}");
    }
}

#[test]
fn a_store_never_has_more_orders_in_hand_than_pickers_and_picks_in_order_of_placement() {
    for case in 0..CASES {
        let scenario = scenario(case);
        let city = built(&scenario);
        let log = run(&scenario, &city, 0, &mut |_| {}).log;
        for (id, store) in city.stores.iter().enumerate().filter(|(_, store)| store.pickers > 0) {
            let mut picks: Vec<(SimTime, SimTime, OrderId)> = Vec::new();
            for record in &log.records {
                if let Event::OrderReady { order, store, picked_for } = record.event
                    && store.index() == id
                {
                    picks.push((record.at - SimDuration::from(picked_for), record.at, order));
                }
            }
            picks.sort_unstable_by_key(|(_, _, order)| *order);
            assert!(picks.windows(2).all(|pair| pair[0].0 <= pair[1].0), "case {case}, store {id}: not in order");
            for (begin, _, _) in &picks {
                let in_hand = picks.iter().filter(|(other, end, _)| other <= begin && begin < end).count();
                assert!(in_hand <= store.pickers as usize, "case {case}, store {id}: {in_hand} at {begin}");
            }
        }
    }
}

/// What consumers do, whatever the city then does with it.
fn wishes(log: &EventLog) -> (Vec<SimTime>, &[Placement], Vec<u32>) {
    let chosen = log.records.iter().filter_map(|record| match record.event {
        Event::OrderSentFar { order, reason: FarReason::Chosen, .. } => Some(order.0),
        _ => None,
    });
    (placed(log), &log.placements, chosen.collect())
}

#[test]
fn another_policy_or_fleet_leaves_consumers_baskets_intents_and_picking_times_as_they_are() {
    for case in 0..CASES {
        let base = scenario(case);
        let mut other = base.clone();
        other.couriers.count += 7;
        other.sourcing.policy = SourcingPolicy::NearestStocked;
        other.dispatch.policy = match base.dispatch.policy {
            DispatchPolicy::GreedyNearest => DispatchPolicy::EarliestDropoff,
            DispatchPolicy::EarliestDropoff => DispatchPolicy::BatchMatch,
            DispatchPolicy::BatchMatch => DispatchPolicy::Insertion,
            DispatchPolicy::Insertion => DispatchPolicy::Pooling,
            DispatchPolicy::Pooling => DispatchPolicy::Postpone,
            _ => DispatchPolicy::GreedyNearest,
        };
        let (a, b) = (play(&base).log, play(&other).log);
        assert_eq!(wishes(&a), wishes(&b), "case {case}");
        assert_eq!(a.lines, b.lines, "case {case}");
        let picked = |log: &EventLog| {
            let mut times = vec![None; log.orders()];
            for record in &log.records {
                if let Event::OrderReady { order, picked_for, store } = record.event {
                    times[order.index()] = Some((store, picked_for));
                }
            }
            times
        };
        for (order, pair) in picked(&a).into_iter().zip(picked(&b)).enumerate() {
            // Stock may send an order elsewhere, where picking takes its own time.
            if let (Some((here, span)), Some((there, other))) = pair
                && here == there
            {
                assert_eq!(span, other, "case {case}, order {order}");
            }
        }
    }
}

/// Nothing runs out, nobody cancels, nothing is throttled: stores are chosen by distance and hours alone.
fn plentiful(case: u64) -> Scenario {
    let mut scenario = scenario(case);
    scenario.stores.unlimited_stock = true;
    scenario.consumers.cancel_hazard_per_min = 0.0;
    scenario.dispatch.policy = DispatchPolicy::GreedyNearest;
    scenario.overload.policy = OverloadPolicy::None;
    scenario.sourcing.policy = SourcingPolicy::NearestStocked;
    scenario
}

#[test]
fn with_couriers_to_spare_at_every_store_an_order_takes_the_least_time_it_can() {
    let mut delivered = 0;
    for case in 0..8 {
        let mut scenario = plentiful(case);
        scenario.stores.archetypes[0].count += 1;
        scenario.near.delivered_at = DeliveredAt::EndService;
        scenario.couriers.start = crate::scenario::CourierStart::Stores;
        scenario.couriers.on_duty_by_hour = [1.0; 24];
        scenario.couriers.handover_cv = 0.0;
        scenario.couriers.count = 2000;
        let city = built(&scenario);
        let log = run(&scenario, &city, 0, &mut |_| {}).log;
        let (ready, start) = (ready(&log), placed(&log));
        let picked_up =
            when(&log, |event| if let Event::OrderPickedUp { order, .. } = event { Some(order) } else { None });
        let mut ride = vec![0.0; log.orders()];
        for record in &log.records {
            match record.event {
                Event::OrderSourced { order, ride_m, .. } => ride[order.index()] = f64::from(ride_m),
                Event::CourierAssigned { order, approach_m, .. } => {
                    assert_eq!(approach_m, 0.0, "case {case}, order {}", order.0);
                }
                Event::OrderDelivered { order, .. } => {
                    delivered += 1;
                    let (ready, taken) = (ready[order.index()].unwrap(), picked_up[order.index()].unwrap());
                    let waited = taken - ready;
                    assert_eq!(waited, SimDuration::from_minutes(1.0), "half of the service, nothing else");
                    let leave = taken + SimDuration::from_minutes(1.0);
                    let least = (ready - start[order.index()])
                        + SimDuration::from_minutes(1.0)
                        + city.travel.time_of_road(ride[order.index()], leave)
                        + SimDuration::from_minutes(4.0);
                    let click_to_door = record.at - start[order.index()];
                    // The log keeps metres in 32 bits: at most a millisecond of rounding.
                    let beyond = (click_to_door - waited).0 - least.0;
                    assert!(beyond.abs() <= 1, "case {case}, order {}: {beyond} ms", order.0);
                }
                _ => {}
            }
        }
    }
    assert!(delivered > 100, "{delivered}");
}

#[test]
fn unlimited_stock_never_sends_an_order_far_for_want_of_it_and_takes_none_from_the_near_field() {
    let mut gained = 0;
    for case in 0..CASES {
        let mut scarce = plentiful(case);
        scarce.stores.unlimited_stock = false;
        let (scarce, plenty) = (play(&scarce).log, play(&plentiful(case)).log);
        let no_stock = |log: &EventLog| {
            let wanting = |event| matches!(event, Event::OrderSentFar { reason: FarReason::NoStock, .. });
            log.records.iter().filter(|record| wanting(record.event)).count()
        };
        assert_eq!(no_stock(&plenty), 0, "case {case}");
        gained += no_stock(&scarce);
        for (order, pair) in sourced(&scarce).into_iter().zip(sourced(&plenty)).enumerate() {
            assert!(
                pair.0.is_none() || pair.1.is_some(),
                "case {case}: order {order} was near only when stock was scarce"
            );
        }
    }
    assert!(gained > 50, "{gained}");
}

#[test]
fn a_wider_radius_takes_no_order_from_the_near_field() {
    let mut gained = 0;
    for case in 0..CASES {
        let mut wider = plentiful(case);
        for kind in &mut wider.stores.archetypes {
            kind.radius_km = kind.radius_km.map(|km| km * 1.5);
        }
        let (narrow, wide) = (sourced(&play(&plentiful(case)).log), sourced(&play(&wider).log));
        for (order, pair) in narrow.into_iter().zip(wide).enumerate() {
            assert!(pair.0.is_none() || pair.1.is_some(), "case {case}, order {order}");
            gained += usize::from(pair.0 != pair.1);
        }
    }
    assert!(gained > 50, "{gained}");
}

#[test]
fn one_more_picker_makes_no_order_ready_later() {
    let mut sooner = 0;
    for case in 0..CASES {
        let (mut few, mut more) = (plentiful(case), plentiful(case));
        for (few, more) in few.stores.archetypes.iter_mut().zip(&mut more.stores.archetypes) {
            (few.pickers, more.pickers) = (1, 2);
        }
        let (few, more) = (ready(&play(&few).log), ready(&play(&more).log));
        for (order, pair) in few.into_iter().zip(more).enumerate() {
            assert_eq!(pair.0.is_some(), pair.1.is_some(), "case {case}, order {order}");
            assert!(pair.1 <= pair.0, "case {case}, order {order}");
            sooner += usize::from(pair.1 < pair.0);
        }
    }
    assert!(sooner > 20, "{sooner}");
}
