//! Offers: what a near-field consumer is offered at checkout, that is promise, fee, and whether near at all.
//!
//! Promises that are quoted order by order and overload control both look at the fleet from time to time and at the
//! zone of the store (`load.rs`). With a fixed promise, no control, no limits and couriers who stay, all of this is off
//! and costs an order one branch.

use super::limits::limits_of;
use super::load::{FleetLook, Load};
use super::repositioning::Repositioning;
use super::schedule::Desk;
use super::shopping::OrderRow;
use crate::city::{City, TracedOrder};
use crate::event::{Event, FarReason, LoadLevel, Span};
use crate::policy::overload::{self, Thresholds};
use crate::policy::promise::{self, Outlook, Residuals};
use crate::policy::sourcing::Plan;
use crate::scenario::{DispatchPolicy, OverloadPolicy, PromisePolicy, RepositionPolicy, Scenario};
use crate::units::{Money, OrderId, SimDuration, SimTime, StoreId, ZoneId};
use bevy_ecs::prelude::Resource;
use rand::RngExt;
use std::collections::BTreeMap;

/// Reviews of the near field, by number: at one instant the first comes first.
pub(super) const LOOK_AT_LOAD: u32 = 0;
pub(super) const LOOK_AT_IDLE: u32 = 1;

/// What was told to the consumer of an order.
#[derive(Clone, Copy, Debug)]
struct Quote {
    placed: SimTime,
    eta: SimDuration,
    promise: SimDuration,
}

/// Everything that offers are made from.
#[derive(Resource, Debug)]
pub(super) struct Offers {
    /// Offers are made order by order.
    pub(super) on: bool,
    promise: PromisePolicy,
    rule: promise::Rule,
    near_promise: SimDuration,
    pub(super) load: Load,
    pub(super) control: Option<Control>,
    pub(super) repositioning: Option<Repositioning>,
    /// By order; far ones have a quote without meaning.
    quotes: Vec<Quote>,
    /// Residuals by zone and clock hour; None stands for all.
    residuals: BTreeMap<(Option<u32>, Option<u8>), Residuals>,
    /// Orders that wait for or are with the pickers, by store.
    at_pickers: Vec<u32>,
    mean_units: f64,
}

/// Overload control.
#[derive(Debug)]
pub(super) struct Control {
    pub(super) above: Thresholds,
    promise_factor: f64,
    pub(super) radius_factor: f64,
    pub(super) fee: Money,
    far_share: f64,
    pub(super) levels: Vec<LoadLevel>,
}

impl Offers {
    pub(super) fn new(scenario: &Scenario, city: &City) -> Self {
        let on = scenario.promise.policy != PromisePolicy::Fixed
            || scenario.consumers_choose()
            || scenario.overload.policy != OverloadPolicy::None
            || scenario.reposition.policy != RepositionPolicy::Stay
            || limits_of(scenario).is_some();
        let load = Load::new(scenario, city);
        let minutes = SimDuration::from_minutes;
        Offers {
            on,
            promise: scenario.promise.policy,
            rule: promise::Rule {
                floor: minutes(scenario.promise.floor_min),
                quantile: scenario.promise.quantile,
                step: minutes(scenario.promise.step_min),
            },
            near_promise: minutes(scenario.promise.near_min),
            control: (scenario.overload.policy == OverloadPolicy::Staged)
                .then(|| Control::new(scenario, load.zones.count())),
            repositioning: (scenario.reposition.policy == RepositionPolicy::HotSpotFlow)
                .then(|| Repositioning::new(scenario, &load)),
            load,
            quotes: Vec::new(),
            residuals: BTreeMap::new(),
            at_pickers: vec![0; city.stores.len()],
            mean_units: scenario.units_per_basket(),
        }
    }

    /// The numbers of the reviews that take place, see [`Desk::review_near_field`].
    pub(super) fn reviews(&self) -> impl Iterator<Item = u32> + use<> {
        let reposition = self.repositioning.is_some().then_some(LOOK_AT_IDLE);
        self.on.then_some(LOOK_AT_LOAD).into_iter().chain(reposition)
    }

    pub(super) fn promise_policy(&self) -> PromisePolicy {
        self.promise
    }

    /// Orders that wait for or are with the pickers of a store.
    pub(super) fn at_pickers(&self, store: StoreId) -> u32 {
        self.at_pickers[store.index()]
    }

    /// An order is there; what its consumer is told is not known yet.
    pub(super) fn open_quote(&mut self) {
        self.quotes.push(Quote { placed: SimTime::ZERO, eta: SimDuration::ZERO, promise: self.near_promise });
    }

    /// The last order was on trial and does not come.
    pub(super) fn forget_last(&mut self) {
        self.quotes.pop();
    }

    pub(super) fn level(&self, store: StoreId) -> LoadLevel {
        match &self.control {
            Some(control) => control.levels[self.load.zone_of_store[store.index()].index()],
            None => LoadLevel::Normal,
        }
    }

    /// An order that waited for the pickers of one store goes to those of another.
    pub(super) fn changes_pickers(&mut self, from: StoreId, to: StoreId) {
        if self.on {
            self.at_pickers[from.index()] -= 1;
            self.at_pickers[to.index()] += 1;
        }
    }

    /// The pickers of a store get an order that no courier carries: a parcel, or one to be fetched.
    pub(super) fn joins_pickers(&mut self, store: StoreId) {
        if self.on {
            self.at_pickers[store.index()] += 1;
        }
    }

    /// An order is packed or cancelled.
    pub(super) fn leaves_pickers(&mut self, row: &OrderRow) {
        if row.picker {
            self.at_pickers[row.store.index()] -= 1;
        }
    }
}

impl Control {
    fn new(scenario: &Scenario, zones: usize) -> Self {
        let keys = &scenario.overload;
        Control {
            above: Thresholds { longer: keys.longer_above, smaller: keys.smaller_above, pause: keys.pause_above },
            promise_factor: keys.promise_factor,
            radius_factor: keys.radius_factor,
            fee: Money::from_yuan(keys.fee_yuan),
            far_share: keys.far_per_yuan * keys.fee_yuan,
            levels: vec![LoadLevel::Normal; zones],
        }
    }
}

impl Desk<'_> {
    /// What the consumer of a near order was promised.
    pub(super) fn promised(&self, order: OrderId) -> SimDuration {
        match self.offers.on {
            true => self.offers.quotes[order.index()].promise,
            false => self.rules.patience.promise,
        }
    }

    /// Whether the store that sourcing chose is offered; overload control of its zone may send the order far instead.
    pub(super) fn offer_near(&mut self, now: SimTime, order: OrderId, plan: Plan) -> Plan {
        self.offers.open_quote();
        self.still_offered(now, order, plan)
    }

    /// What overload control and the shifts of couriers leave of a plan.
    pub(super) fn still_offered(&self, now: SimTime, order: OrderId, plan: Plan) -> Plan {
        let Plan::Near { store, distance, .. } = plan else { return plan };
        self.why_not_offered(now, order, store, distance).map_or(plan, Plan::Far)
    }

    /// Why a store is not offered to the consumer of an order, if overload control or the shifts of couriers forbid it.
    pub(super) fn why_not_offered(
        &self,
        now: SimTime,
        order: OrderId,
        store: StoreId,
        distance: f64,
    ) -> Option<FarReason> {
        let offers = &*self.offers;
        // Whoever chooses is not shown what nobody would bring in time.
        if self.sessions.on && self.without_couriers(now, store) {
            return Some(FarReason::Overload);
        }
        let level = offers.level(store);
        let control = offers.control.as_ref()?;
        if level < LoadLevel::Smaller || !offers.load.near_store[store.index()] {
            return None;
        }
        if level == LoadLevel::Paused {
            return Some(FarReason::Paused);
        }
        let radius = self.ground.city.stores[store.index()].radius_m;
        if !overload::in_reach(level, distance, radius, control.radius_factor) {
            return Some(FarReason::Shrunk);
        }
        // Whoever chooses weighs the fee with all else.
        let weighs = self.sessions.on;
        let draw = || self.rules.streams.raised_fee.of(self.sessions.checkout_of(order)).random::<f64>();
        (!weighs && draw() < control.far_share).then_some(FarReason::Fee)
    }

    /// No courier of a store is on duty, or comes within the usual promise.
    pub(super) fn without_couriers(&self, now: SimTime, store: StoreId) -> bool {
        let fleet = usize::from(self.ground.city.stores[store.index()].fleet);
        let promise = self.offers.near_promise;
        self.offers.load.near_store[store.index()] && self.offers.load.is_off(fleet, now, promise)
    }

    /// Tells the consumer of a near order promise and fee; the order counts to the demand of its zone.
    pub(super) fn make_offer(&mut self, now: SimTime, order: OrderId, traced: Option<&TracedOrder>) {
        let row = self.orders.rows[order.index()];
        let store = row.store;
        let picked = traced.is_none_or(|traced| traced.ready.is_none());
        if !self.offers.load.near_store[store.index()] {
            self.offers.at_pickers[store.index()] += u32::from(picked);
            return;
        }
        self.offers.load.accept(usize::from(self.ground.city.stores[store.index()].fleet), store);
        let level = self.offers.level(store);
        if let Some(control) = &self.offers.control
            && level >= LoadLevel::Smaller
            && control.fee > Money::ZERO
            && self.log.0.placements[order.index()].part_of.is_none()
        {
            self.log.0.record(now, Event::FeeRaised { order, by_fen: control.fee.0 as u32 });
        }
        let quantile = self.offers.promise == PromisePolicy::Quantile;
        let eta = if quantile { promise::eta(&self.outlook(now, &row, traced)) } else { SimDuration::ZERO };
        self.offers.at_pickers[store.index()] += u32::from(picked);
        let promise = self.quote(now, store, level, eta);
        if quantile || promise != self.offers.near_promise {
            self.log.0.record(now, Event::OrderPromised { order, promise: Span::from(promise) });
        }
        self.offers.quotes[order.index()] = Quote { placed: now, eta, promise };
    }

    /// Estimated time until an order of so many units is packed at a store, by the queue of its pickers.
    pub(super) fn packed_in(&self, store: StoreId, units: u32) -> SimDuration {
        let station = &self.stations[store.index()];
        let pickers = self.ground.city.stores[store.index()].pickers;
        let each = station.mean_pick(self.offers.mean_units);
        promise::ready(self.offers.at_pickers[store.index()], pickers, each, station.mean_pick(f64::from(units)))
    }

    /// What store and fleet show of an order that is being placed.
    pub(super) fn outlook(&self, now: SimTime, row: &OrderRow, traced: Option<&TracedOrder>) -> Outlook {
        let store = row.store.index();
        let fleet =
            self.look_at_fleet(usize::from(self.ground.city.stores[store].fleet), self.ground.store_spots[store]);
        self.outlook_given(now, row, traced, &fleet)
    }

    /// The same where the fleet has been looked at.
    pub(super) fn outlook_given(
        &self,
        now: SimTime,
        row: &OrderRow,
        traced: Option<&TracedOrder>,
        fleet: &FleetLook,
    ) -> Outlook {
        let travel = &self.ground.city.travel;
        let station = &self.stations[row.store.index()];
        let stated = traced.and_then(|traced| traced.ready);
        let store = &self.ground.city.stores[row.store.index()];
        let picture = &self.offers.load.fleet;
        let nobody = fleet.idle == 0 && picture.on_duty[usize::from(store.fleet)] == 0;
        Outlook {
            ahead: self.offers.at_pickers[row.store.index()],
            pickers: if stated.is_some() { 0 } else { store.pickers },
            pick_each: station.mean_pick(self.offers.mean_units),
            pick: stated.map_or_else(|| station.mean_pick(f64::from(row.units)), |ready| ready.max(now) - now),
            idle: fleet.idle,
            busy: picture.on_duty[usize::from(store.fleet)].saturating_sub(fleet.idle),
            waiting: fleet.waiting,
            relief: nobody.then(|| self.offers.load.relief(usize::from(store.fleet), now)).flatten(),
            cycle: picture.cycle(),
            approach: fleet.nearest.map_or(picture.usual_approach, |m| travel.time_of_road(travel.road(m), now)),
            sent_when_packed: self.rules.dispatch == DispatchPolicy::GreedyNearest,
            pickup_service: self.rules.pickup_service,
            ride: travel.time_of_road(row.ride, now),
            door_to_delivered: self.until_delivered(self.rules.handover.mean),
        }
    }

    /// The promise for an estimate. Residuals of the zone and hour come first, then of the hour, the zone and the city;
    /// before any of them is known the promise is the fixed one.
    pub(super) fn quote(&self, now: SimTime, store: StoreId, level: LoadLevel, eta: SimDuration) -> SimDuration {
        let offers = &*self.offers;
        let usual = match offers.promise {
            PromisePolicy::Fixed => offers.near_promise,
            PromisePolicy::Quantile => {
                let keys =
                    residual_keys(offers.load.zone_of_store[store.index()], self.ground.city.travel.clock_hour(now));
                let seen = keys.map(|key| offers.residuals.get(&key));
                promise::quantile(&offers.rule, eta, seen).unwrap_or(offers.near_promise)
            }
        };
        match &offers.control {
            Some(control) if level >= LoadLevel::Longer => {
                let longer = SimDuration((usual.0 as f64 * control.promise_factor) as i64);
                promise::up_to_step(longer, offers.rule.step)
            }
            _ => usual,
        }
    }

    /// A near order was delivered: its residual is known from now on.
    pub(super) fn learn_from_delivery(&mut self, now: SimTime, order: OrderId) {
        let store = self.orders.rows[order.index()].store;
        let offers = &mut *self.offers;
        if !offers.load.near_store[store.index()] {
            return;
        }
        offers.load.fleet.delivered += 1;
        if offers.promise == PromisePolicy::Fixed {
            return;
        }
        let quote = offers.quotes[order.index()];
        let residual = now - quote.placed - quote.eta;
        let hour = self.ground.city.travel.clock_hour(quote.placed);
        for key in residual_keys(offers.load.zone_of_store[store.index()], hour) {
            offers.residuals.entry(key).or_default().add(residual);
        }
    }
}

/// From the most specific to the most general.
fn residual_keys(zone: ZoneId, hour: usize) -> [(Option<u32>, Option<u8>); 4] {
    let (zone, hour) = (Some(zone.0), Some(hour as u8));
    [(zone, hour), (None, hour), (zone, None), (None, None)]
}
