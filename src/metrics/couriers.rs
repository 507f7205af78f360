//! The courier tables: states through the day, and one row a courier.

use super::MetricsError;
use super::carbon::{borne_by_no_order, metres_for_no_order};
use super::cost::{Costs, brings_parcels_only};
use super::facts::Facts;
use super::riding::{riding, waves};
use super::stints::{Phase, Stint};
use crate::city::City;
use crate::event::EventLog;
use crate::scenario::{Perspective, Scenario};
use crate::units::{SimDuration, SimTime};
use polars::prelude::*;

/// Width of a bucket of the state table: 15 minutes.
const BUCKET_MS: i64 = 15 * 60 * 1000;
/// The states of a courier on duty, in the order of their stacking.
const STATES: [&str; 6] = ["idle", "to_pickup", "at_pickup", "to_dropoff", "at_dropoff", "repositioning"];

impl Phase {
    fn state(self) -> usize {
        match self {
            Phase::ToPickup => 1,
            Phase::AtPickup => 2,
            Phase::ToDropoff => 3,
            Phase::AtDropoff => 4,
            Phase::Repositioning => 5,
        }
    }
}

/// Time spent in each state, by bucket.
struct Buckets {
    horizon: i64,
    ms: Vec<[i64; 6]>,
}

impl Buckets {
    fn new(horizon: SimTime) -> Self {
        let count = (horizon.0.max(0) + BUCKET_MS - 1) / BUCKET_MS;
        Buckets { horizon: horizon.0, ms: vec![[0; 6]; count as usize] }
    }
    /// Adds the part of a span that lies within the horizon to the buckets it touches.
    fn add(&mut self, state: usize, from: SimTime, to: SimTime) {
        let (mut from, to) = (from.0.max(0), to.0.min(self.horizon));
        while from < to {
            let bucket = from / BUCKET_MS;
            let until = to.min((bucket + 1) * BUCKET_MS);
            self.ms[bucket as usize][state] += until - from;
            from = until;
        }
    }
}

/// Columns: replication, bucket_start_s, state and couriers, the mean number of couriers in that
/// state during the bucket. Idle is on duty by the shifts and without a trip; a courier who ends a trip
/// after the shift still counts in its state.
pub(super) fn states_frame(
    scenario: &Scenario,
    city: &City,
    stints: &[Stint],
    replication: u32,
) -> Result<DataFrame, MetricsError> {
    let mut buckets = Buckets::new(SimTime::from_hours(scenario.horizon_h));
    for &(on, off) in city.couriers.iter().flat_map(|c| &c.shifts) {
        buckets.add(0, on, off);
    }
    for stint in stints {
        buckets.add(stint.phase.state(), stint.from, stint.until);
    }
    let (mut starts, mut states, mut couriers) = (Vec::new(), Vec::new(), Vec::new());
    for (i, ms) in buckets.ms.iter().enumerate() {
        let start = i as i64 * BUCKET_MS;
        let width = BUCKET_MS.min(buckets.horizon - start) as f64;
        let idle = (ms[0] - ms[1..].iter().sum::<i64>()).max(0);
        for (state, spent) in STATES.iter().zip([idle, ms[1], ms[2], ms[3], ms[4], ms[5]]) {
            starts.push(SimTime(start).seconds());
            states.push(*state);
            couriers.push(spent as f64 / width);
        }
    }
    let rows = starts.len();
    let columns = vec![
        Column::new("replication".into(), vec![replication; rows]),
        Column::new("bucket_start_s".into(), starts),
        Column::new("state".into(), states),
        Column::new("couriers".into(), couriers),
    ];
    Ok(DataFrame::new(rows, columns)?)
}

/// Work of one courier on trips begun within the window.
#[derive(Clone, Copy, Default)]
struct Work {
    riding_ms: i64,
    pickup_service_ms: i64,
    waiting_ms: i64,
    door_ms: i64,
    repositioning_ms: i64,
    delivered: u32,
}

/// Columns: replication, courier, fleet, on_duty_s (shifts within the window, which is the horizon after the warm-up), riding_s,
/// pickup_service_s, waiting_s (at the store) and door_s of trips begun within the window,
/// repositioning_s (rides without an order begun within the window), delivered (orders placed after the warm-up), order_pay_yuan (of delivered orders), in_vain_pay_yuan (kilometres for orders never
/// delivered), top_up_yuan, pay_yuan and unallocated_yuan (what no delivered order bears), contribution_yuan (what that takes off the contribution margin of `money.perspective`), below_minimum_pay
/// (by `money.minimum_pay_yuan_per_h`; null without a shift), parcels_only (of a fleet that serves branches alone), loaded_m and
/// empty_m (ridden with and without goods after the warm-up), picked_up and departures (orders, and times they left a store with some), waves
/// (between idle and idle, with a delivery), unallocated_m and co2e_unallocated_g (of what was ridden for no delivered order).
pub(super) fn couriers_frame(
    scenario: &Scenario,
    city: &City,
    log: &EventLog,
    facts: &Facts,
    costs: &Costs,
    stints: Vec<Stint>,
    replication: u32,
) -> Result<DataFrame, MetricsError> {
    let window = facts.window;
    let couriers = &city.couriers;
    let work = work(scenario, city, facts, &stints);
    let waves = waves(couriers.len(), stints, window.from);
    let riding = riding(couriers.len(), log, facts);
    let metres = |of: fn(&super::riding::Riding) -> f64| riding.iter().map(of).collect::<Vec<_>>();
    let platform_pays = scenario.money.perspective != Perspective::Merchant;
    let contribution = |pay: &super::cost::Pay| if platform_pays { -pay.unallocated.0 as f64 / 100.0 } else { 0.0 };
    let minimum = scenario.money.minimum_pay_yuan_per_h;
    let below_minimum = couriers.iter().zip(&costs.pay).map(|(courier, pay)| {
        let hours = SimTime(window.on_duty_ms(&courier.shifts)).hours();
        (hours > 0.0).then(|| pay.total().yuan() < minimum * hours)
    });
    let idle_m = metres_for_no_order(city, facts);
    let grams = borne_by_no_order(&scenario.carbon, &idle_m).into_iter().map(|mg| mg as f64 / 1000.0);
    let seconds = |of: fn(&Work) -> i64| work.iter().map(|w| of(w) as f64 / 1000.0).collect::<Vec<_>>();
    let yuan = |of: fn(&super::cost::Pay) -> i64| costs.pay.iter().map(|p| of(p) as f64 / 100.0).collect::<Vec<_>>();
    let parcels_only: Vec<bool> = (0..city.fleets.len()).map(|i| brings_parcels_only(city, i as u16)).collect();
    let fleet = |i: u16| city.fleets.get(usize::from(i)).map_or("", String::as_str);
    let columns = vec![
        Column::new("replication".into(), vec![replication; couriers.len()]),
        Column::new("courier".into(), couriers.iter().map(|c| c.name.as_str()).collect::<Vec<_>>()),
        Column::new("fleet".into(), couriers.iter().map(|c| fleet(c.fleet)).collect::<Vec<_>>()),
        Column::new(
            "on_duty_s".into(),
            couriers.iter().map(|c| window.on_duty_ms(&c.shifts) as f64 / 1000.0).collect::<Vec<_>>(),
        ),
        Column::new("riding_s".into(), seconds(|w| w.riding_ms)),
        Column::new("pickup_service_s".into(), seconds(|w| w.pickup_service_ms)),
        Column::new("waiting_s".into(), seconds(|w| w.waiting_ms)),
        Column::new("door_s".into(), seconds(|w| w.door_ms)),
        Column::new("repositioning_s".into(), seconds(|w| w.repositioning_ms)),
        Column::new("delivered".into(), work.iter().map(|w| w.delivered).collect::<Vec<_>>()),
        Column::new("order_pay_yuan".into(), yuan(|p| p.by_order.0)),
        Column::new("top_up_yuan".into(), yuan(|p| p.top_up.0)),
        Column::new("in_vain_pay_yuan".into(), yuan(|p| p.in_vain.0)),
        Column::new("pay_yuan".into(), yuan(|p| p.total().0)),
        Column::new("unallocated_yuan".into(), yuan(|p| p.unallocated.0)),
        Column::new("contribution_yuan".into(), costs.pay.iter().map(contribution).collect::<Vec<_>>()),
        BooleanChunked::from_iter_options("below_minimum_pay".into(), below_minimum).into_column(),
        Column::new(
            "parcels_only".into(),
            couriers.iter().map(|c| parcels_only.get(usize::from(c.fleet)) == Some(&true)).collect::<Vec<_>>(),
        ),
        Column::new("loaded_m".into(), metres(|r| r.loaded_m)),
        Column::new("empty_m".into(), metres(|r| r.empty_m)),
        Column::new("picked_up".into(), riding.iter().map(|r| r.picked_up).collect::<Vec<_>>()),
        Column::new("departures".into(), riding.iter().map(|r| r.departures).collect::<Vec<_>>()),
        Column::new("waves".into(), waves),
        Column::new("co2e_unallocated_g".into(), grams.collect::<Vec<_>>()),
        Column::new("unallocated_m".into(), idle_m),
    ];
    Ok(DataFrame::new(couriers.len(), columns)?)
}

fn work(scenario: &Scenario, city: &City, facts: &Facts, stints: &[Stint]) -> Vec<Work> {
    let window = facts.window;
    let service = SimDuration::from_minutes(scenario.couriers.pickup_service_min);
    let mut work = vec![Work::default(); city.couriers.len()];
    let delivered = facts.orders.iter().filter(|order| order.delivered.is_some() && window.counts(order.placed));
    for courier in delivered.filter_map(|order| order.courier) {
        work[courier.index()].delivered += 1;
    }
    for stint in stints.iter().filter(|stint| window.counts(stint.begun) && stint.begun < window.until) {
        let work = &mut work[stint.courier.index()];
        let span = (stint.until - stint.from).0;
        match stint.phase {
            Phase::ToPickup | Phase::ToDropoff => work.riding_ms += span,
            Phase::AtDropoff => work.door_ms += span,
            Phase::AtPickup => {
                let serving = span.min(service.0);
                work.pickup_service_ms += serving;
                work.waiting_ms += span - serving;
            }
            Phase::Repositioning => work.repositioning_ms += span,
        }
    }
    work
}
