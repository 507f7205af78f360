//! What became of every order, courier trip and shelf: one pass over the event log.

use super::MetricsError;
use super::backlog::Waves;
use super::open_hours::OpenHours;
use super::shortfalls::Shortfall;
use super::stock_outs::note_stock_outs;
use super::window::Window;
use crate::city::zones::Zones;
use crate::city::{Channel, City, Store};
use crate::event::{CancelReason, Event, EventLog, FarOrigin, FarReason, LeaveReason, LoadLevel, Record};
use crate::scenario::{OverloadPolicy, Scenario};
use crate::units::{CategoryId, ConsumerId, CourierId, LaneId, Money, OrderId, SimDuration, SimTime, StoreId};

/// How an order ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Status {
    Delivered,
    Cancelled,
    Open,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Status::Delivered => "delivered",
            Status::Cancelled => "cancelled",
            Status::Open => "open",
        }
    }
}

/// The history of one order; `None` where it did not happen.
#[derive(Clone, Debug)]
pub(super) struct OrderFacts {
    pub id: OrderId,
    pub channel: Channel,
    pub units: u32,
    pub returned: bool,
    /// Times it moved to another store.
    pub resourced: u32,
    /// When it moved last.
    pub moved: Option<SimTime>,
    /// Its time as a near order, if no courier took it.
    pub converted: Option<Conversion>,
    pub far_reason: Option<FarReason>,
    /// Where the parcel comes from; None also if a courier brings it from a branch.
    pub far_origin: Option<FarOrigin>,
    pub cancel_reason: Option<CancelReason>,
    pub store: Option<StoreId>,
    pub courier: Option<CourierId>,
    pub ride_m: Option<f32>,
    /// Of an order to be fetched: the way to the store.
    pub walk_m: Option<f32>,
    pub approach_m: Option<f32>,
    pub placed: SimTime,
    pub promised: SimTime,
    /// The promise as given, where it was given order by order.
    pub promise: Option<SimDuration>,
    /// Added to the delivery fee by overload control.
    pub fee_raised: Money,
    /// Value at list price.
    pub value: Money,
    pub pick_start: Option<SimTime>,
    pub ready: Option<SimTime>,
    /// Whether the ready time comes from a trace: nobody picked, `pick_start` is `ready`.
    pub ready_observed: bool,
    pub assigned: Option<SimTime>,
    pub set_out: Option<SimTime>,
    pub at_store: Option<SimTime>,
    pub picked_up: Option<SimTime>,
    pub at_door: Option<SimTime>,
    pub delivered: Option<SimTime>,
    pub freed: Option<SimTime>,
    /// When it was given to the warehouse.
    pub sent_far: Option<SimTime>,
    pub packed: Option<SimTime>,
    pub shipped: Option<SimTime>,
    pub lane: Option<LaneId>,
    /// None where the last mile has no time of its own.
    pub out_for_delivery: Option<SimTime>,
    pub cancelled: Option<SimTime>,
    pub sent_back: Option<SimTime>,
    pub received_back: Option<SimTime>,
    /// Left with the first wave after it was given to the warehouse; None if it did not leave, or not with a wave.
    pub wave_hit: Option<bool>,
    pub on_time: Option<bool>,
    /// On a trip of planned stops: metres ridden for the order before its pick-up, its share of joint rides.
    pub rode_to_store_m: Option<f32>,
    /// The same from pick-up to door: the last leg, earlier stops of the trip left out.
    pub rode_to_door_m: Option<f32>,
    /// When the courier set out for the door, on a trip of planned stops.
    pub left: Option<SimTime>,
    /// Couriers who refused it.
    pub refusals: u32,
    /// What the picker did not find.
    pub shortfall: Shortfall,
    /// Whether the nearest store that carries all of it had some of each line; None if nobody asked or none carries it.
    pub nearest_had_stock: Option<bool>,
    /// Lines of which that store had none, and lines of the whole checkout.
    pub nearest_lacked: Option<u32>,
    pub lines_asked: u32,
    /// It waited at its store for units.
    pub backordered: bool,
    /// The nearest near-field store within whose radius its consumer lives.
    pub nearest: Option<StoreId>,
}

impl OrderFacts {
    fn new(id: OrderId) -> Self {
        OrderFacts {
            id,
            channel: Channel::Near,
            units: 0,
            returned: false,
            resourced: 0,
            moved: None,
            converted: None,
            far_reason: None,
            far_origin: None,
            cancel_reason: None,
            store: None,
            courier: None,
            ride_m: None,
            walk_m: None,
            approach_m: None,
            placed: SimTime::ZERO,
            promised: SimTime::ZERO,
            promise: None,
            fee_raised: Money::ZERO,
            value: Money::ZERO,
            pick_start: None,
            ready: None,
            ready_observed: false,
            assigned: None,
            set_out: None,
            at_store: None,
            picked_up: None,
            at_door: None,
            delivered: None,
            freed: None,
            sent_far: None,
            packed: None,
            shipped: None,
            lane: None,
            out_for_delivery: None,
            cancelled: None,
            sent_back: None,
            received_back: None,
            wave_hit: None,
            on_time: None,
            rode_to_store_m: None,
            rode_to_door_m: None,
            left: None,
            refusals: 0,
            shortfall: Shortfall::default(),
            nearest_had_stock: None,
            nearest_lacked: None,
            lines_asked: 0,
            backordered: false,
            nearest: None,
        }
    }
    /// Nothing stays of its time as a near order but that a picker worked for it in vain.
    fn convert(&mut self, at: SimTime) {
        let picked_for = self.ready.zip(self.pick_start).map_or(SimDuration::ZERO, |(ready, start)| ready - start);
        *self = OrderFacts {
            converted: self.store.map(|store| Conversion { at, store, picked_for }),
            placed: self.placed,
            resourced: self.resourced,
            refusals: self.refusals,
            backordered: self.backordered,
            ..OrderFacts::new(self.id)
        };
    }
    pub(super) fn status(&self) -> Status {
        match (self.delivered, self.cancelled) {
            (Some(_), _) => Status::Delivered,
            (None, Some(_)) => Status::Cancelled,
            (None, None) => Status::Open,
        }
    }
    /// Value of what the consumer got, at list price.
    pub(super) fn value_kept(&self) -> Money {
        self.value - self.shortfall.refunded
    }
    pub(super) fn is_near(&self) -> bool {
        self.channel == Channel::Near
    }
    /// What the promise is about: the goods at the door, or ready to be fetched.
    pub(super) fn kept(&self) -> Option<SimTime> {
        if self.is_pickup() { self.ready } else { self.delivered }
    }
    /// Whether its consumer fetches it.
    pub(super) fn is_pickup(&self) -> bool {
        self.channel == Channel::Pickup
    }
    /// Kilometres the courier rides for the order, from setting out to the door; of a trip with several orders its
    /// share: the legs to its own stops, so that the orders of a trip add up to the trip.
    pub(super) fn courier_km(&self) -> f64 {
        let to_store = self.rode_to_store_m.or(self.approach_m).unwrap_or(0.0);
        let to_door = self.rode_to_door_m.or(self.ride_m).unwrap_or(0.0);
        (f64::from(to_store) + f64::from(to_door)) / 1000.0
    }
    /// Metres a courier rode for it if it was never delivered, else 0. On a trip of planned stops a ride to a cancelled order
    /// is an empty ride of its own, or the ride of the others of the visit.
    pub(super) fn ridden_in_vain_m(&self) -> f64 {
        if self.delivered.is_some() || self.set_out.is_none() {
            return 0.0;
        }
        let joint = self.cancelled.is_some() && self.freed.is_none();
        let to_store = self.rode_to_store_m.or(self.approach_m.filter(|_| !joint));
        let to_door = self.picked_up.and(self.rode_to_door_m.or(self.ride_m));
        f64::from(to_store.unwrap_or(0.0)) + f64::from(to_door.unwrap_or(0.0))
    }
    /// Whether it was carried on a trip of planned stops.
    pub(super) fn planned(&self) -> bool {
        self.rode_to_store_m.is_some() || (self.cancelled.is_some() && self.freed.is_none())
    }
}

/// A store had packed an order, and it was sent far since no courier took it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conversion {
    pub at: SimTime,
    pub store: StoreId,
    pub picked_for: SimDuration,
}

/// What happened on the shelves of one store.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct StoreFacts {
    /// SKUs carried.
    pub skus: u32,
    /// SKU-milliseconds without available stock, while open and inside the window.
    pub stock_out_ms: i64,
    /// Walk-ins after the warm-up who bought their unit.
    pub walk_ins_served: u32,
    /// Walk-ins who found none.
    pub walk_ins_lost: u32,
    /// Units sent to other stores after the warm-up.
    pub sent_on: u32,
    hours: OpenHours,
    /// Milliseconds inside the window under overload control.
    pub controlled_ms: i64,
    /// SKUs without available stock at the end of the log.
    out_now: i64,
}

/// Everything the tables need from one log.
pub(super) struct Facts {
    pub orders: Vec<OrderFacts>,
    pub stores: Vec<StoreFacts>,
    /// Rides without an order: courier, from, until and metres.
    pub empty_rides: Vec<(CourierId, SimTime, SimTime, f32)>,
    /// Sessions after the warm-up without an order.
    pub sessions_left: Vec<SessionLeft>,
    /// Instant of the last fact, returns after the drain left out.
    pub end: SimTime,
    /// What KPIs count.
    pub window: Window,
}

/// A consumer who left without an order.
pub(super) struct SessionLeft {
    pub consumer: ConsumerId,
    pub category: CategoryId,
    pub near_offered: bool,
    pub reason: LeaveReason,
}

impl Facts {
    /// Reads the log once.
    pub(super) fn read(scenario: &Scenario, city: &City, log: &EventLog) -> Result<Facts, MetricsError> {
        let cap = SimTime::from_hours(scenario.horizon_h + scenario.drain_h);
        let mut facts = Facts {
            orders: (0..log.orders()).map(|i| OrderFacts::new(OrderId(i as u32))).collect(),
            stores: city.stores.iter().map(|store| StoreFacts::new(scenario, store)).collect(),
            empty_rides: Vec::new(),
            sessions_left: Vec::new(),
            end: log.records.last().map_or(SimTime::ZERO, |r| r.at).min(cap),
            window: Window::measured(scenario),
        };
        for record in &log.records {
            facts.note(city, record)?;
        }
        for store in &mut facts.stores {
            store.stock_out_ms += store.out_now * store.hours.before(facts.window.until);
        }
        if scenario.overload.policy != OverloadPolicy::None {
            facts.note_control(scenario, city, log);
        }
        note_stock_outs(scenario, city, log, &mut facts.orders);
        let waves = Waves::new(scenario);
        for order in &mut facts.orders {
            order.value = log.placements[order.id.index()].value;
            order.units = log.lines_of(order.id).iter().map(|line| line.quantity).sum();
            finish(order, scenario, cap);
            order.wave_hit = waves.hit(order.sent_far, order.shipped);
        }
        Ok(facts)
    }

    fn order(&mut self, id: OrderId) -> Result<&mut OrderFacts, MetricsError> {
        self.orders.get_mut(id.index()).ok_or(MetricsError::UnknownId { kind: "order", id: id.0 })
    }
    fn store(&mut self, id: StoreId) -> Result<&mut StoreFacts, MetricsError> {
        self.stores.get_mut(id.index()).ok_or(MetricsError::UnknownId { kind: "store", id: id.0 })
    }

    /// Adds up for each near store how long its zone was under overload control.
    fn note_control(&mut self, scenario: &Scenario, city: &City, log: &EventLog) {
        let window = self.window;
        let zones = Zones::new(city, scenario.city.zone_km * 1000.0);
        let mut since: Vec<Option<SimTime>> = vec![None; zones.count()];
        let mut controlled_ms = vec![0; zones.count()];
        for record in &log.records {
            let Event::LoadLevelChanged { zone, level } = record.event else { continue };
            let at = window.clamp(record.at);
            let Some(since) = since.get_mut(zone.index()) else { continue };
            match (*since, level) {
                (None, LoadLevel::Normal) | (Some(_), LoadLevel::Longer | LoadLevel::Smaller | LoadLevel::Paused) => {}
                (None, _) => *since = Some(at),
                (Some(from), LoadLevel::Normal) => {
                    controlled_ms[zone.index()] += (at - from).0;
                    *since = None;
                }
            }
        }
        for (zone, since) in since.into_iter().enumerate() {
            controlled_ms[zone] += since.map_or(0, |from| (window.until - from).0);
        }
        for (facts, store) in self.stores.iter_mut().zip(&city.stores).filter(|(_, s)| s.channel == Channel::Near) {
            facts.controlled_ms = controlled_ms[zones.zone(city.travel.space().spot(&store.place)).index()];
        }
    }

    fn note(&mut self, city: &City, record: &Record) -> Result<(), MetricsError> {
        let (at, window) = (record.at, self.window);
        let counts = window.counts(at);
        match record.event {
            Event::SessionLeft { consumer, category, near_offered, reason, .. } if counts => {
                self.sessions_left.push(SessionLeft { consumer, category, near_offered, reason });
            }
            Event::OrderPlaced { order } => self.order(order)?.placed = at,
            Event::OrderSplit { order, .. } => {
                self.order(order)?;
            }
            Event::OrderSourced { order, store, ride_m } => {
                let node = city.stores.get(store.index());
                let node = node.ok_or(MetricsError::UnknownId { kind: "store", id: store.0 })?;
                let order = self.order(order)?;
                order.channel = node.channel;
                (order.store, order.ride_m) = (Some(store), Some(ride_m));
            }
            Event::OrderResourced { order, store, ride_m } => {
                if store.index() >= city.stores.len() {
                    return Err(MetricsError::UnknownId { kind: "store", id: store.0 });
                }
                let order = self.order(order)?;
                (order.store, order.ride_m) = (Some(store), Some(ride_m));
                order.resourced += 1;
                order.moved = Some(at);
                // The other store has all of it.
                order.shortfall = Shortfall::default();
            }
            Event::OrderSentFar { order, reason, from } => {
                if let FarOrigin::Store(store) = from {
                    self.store(store)?;
                }
                let order = self.order(order)?;
                (order.channel, order.far_reason, order.far_origin) = (Channel::Far, Some(reason), Some(from));
                match from {
                    FarOrigin::Warehouse => order.sent_far = Some(at),
                    FarOrigin::Store(store) => order.store = Some(store),
                    FarOrigin::Hub | FarOrigin::ForwardNode => {}
                }
            }
            Event::OrderConverted { order } => self.order(order)?.convert(at),
            Event::OrderPromised { order, promise } => self.order(order)?.promise = Some(promise.into()),
            Event::FeeRaised { order, by_fen } => self.order(order)?.fee_raised = Money(i64::from(by_fen)),
            Event::OrderBackordered { order, .. } => self.order(order)?.backordered = true,
            Event::LineMissing { order, units, .. } => self.order(order)?.shortfall.missing(units),
            Event::LineSubstituted { order, units, .. } => self.order(order)?.shortfall.substituted(units),
            Event::LineRefunded { order, by_fen, .. } => self.order(order)?.shortfall.refunded(by_fen),
            Event::OrderReady { order, picked_for, .. } => {
                let traced = city.demand.trace.get(order.index());
                let order = self.order(order)?;
                order.ready = Some(at);
                order.ready_observed = traced.is_some_and(|traced| traced.ready.is_some());
                order.pick_start = Some(at - SimDuration::from(picked_for));
            }
            Event::CourierAssigned { order, courier, approach_m } => {
                if courier.index() >= city.couriers.len() {
                    return Err(MetricsError::UnknownId { kind: "courier", id: courier.0 });
                }
                let order = self.order(order)?;
                order.assigned = Some(at);
                (order.courier, order.approach_m) = (Some(courier), Some(approach_m));
            }
            Event::CourierSetOut { order, .. } => {
                let order = self.order(order)?;
                if order.picked_up.is_some() { order.left = Some(at) } else { order.set_out = Some(at) }
            }
            Event::CourierRode { order, leg_m, .. } => {
                let order = self.order(order)?;
                if order.picked_up.is_some() {
                    (order.rode_to_door_m, order.at_door) = (Some(leg_m), Some(at));
                } else {
                    (order.rode_to_store_m, order.at_store) = (Some(leg_m), Some(at));
                }
            }
            Event::CourierRepositioned { courier, leg_m, rode_for } => {
                self.empty_rides.push((courier, at - SimDuration::from(rode_for), at, leg_m));
            }
            Event::OrderRefused { order, .. } => self.order(order)?.refusals += 1,
            Event::OrderReleased { order, .. } => {
                let order = self.order(order)?;
                (order.courier, order.assigned, order.approach_m) = (None, None, None);
                (order.set_out, order.at_store, order.rode_to_store_m) = (None, None, None);
            }
            Event::OrderPickedUp { order, at_store_for, .. } => {
                let order = self.order(order)?;
                order.picked_up = Some(at);
                order.at_store = Some(at - SimDuration::from(at_store_for));
            }
            Event::OrderDelivered { order, at_door_for, .. } => {
                let order = self.order(order)?;
                order.delivered = Some(at);
                order.at_door = Some(at - SimDuration::from(at_door_for));
            }
            Event::CourierFreed { order, .. } => self.order(order)?.freed = Some(at),
            Event::ParcelPacked { order } => self.order(order)?.packed = Some(at),
            Event::ParcelShipped { order, lane } => {
                let order = self.order(order)?;
                (order.shipped, order.lane) = (Some(at), lane);
            }
            Event::ParcelDelivered { order, out_for } => {
                let order = self.order(order)?;
                order.delivered = Some(at);
                let out_for = SimDuration::from(out_for);
                order.out_for_delivery = (out_for > SimDuration::ZERO).then_some(at - out_for);
            }
            Event::PickupReserved { order, store, walk_m } => {
                self.store(store)?;
                let order = self.order(order)?;
                (order.channel, order.store, order.walk_m) = (Channel::Pickup, Some(store), Some(walk_m));
            }
            Event::OrderCollected { order } => self.order(order)?.delivered = Some(at),
            Event::OrderCancelled { order, reason } => {
                let order = self.order(order)?;
                (order.cancelled, order.cancel_reason) = (Some(at), Some(reason));
            }
            Event::OrderReturned { order } => {
                let order = self.order(order)?;
                (order.returned, order.sent_back) = (true, Some(at));
            }
            Event::ReturnReceived { order, .. } => self.order(order)?.received_back = Some(at),
            Event::StoreStocked { store, skus, .. } => self.store(store)?.skus = skus,
            // A SKU runs out and comes back in turn, so its hours without stock are the sum of all
            // returns less the sum of all departures; which SKU it was does not matter.
            Event::StockRanOut { store, .. } => self.store(store)?.run_out(window.clamp(at)),
            Event::StockCameBack { store, .. } => self.store(store)?.come_back(window.clamp(at)),
            Event::WalkInServed { store, .. } => self.store(store)?.walk_ins_served += u32::from(counts),
            Event::WalkInLost { store, .. } => self.store(store)?.walk_ins_lost += u32::from(counts),
            Event::StockSentOn { from, units, .. } => {
                self.store(from)?.sent_on += if counts { u32::from(units) } else { 0 };
            }
            Event::SessionLeft { .. }
            | Event::LoadLevelChanged { .. }
            | Event::CourierOnDuty { .. }
            | Event::CourierOffDuty { .. }
            | Event::StoreReplenished { .. }
            | Event::StockShrank { .. }
            | Event::StockOrdered { .. }
            | Event::StockReceived { .. }
            | Event::StockBroughtIn { .. }
            | Event::StockLeft { .. }
            | Event::StoreCounted { .. } => {}
        }
        Ok(())
    }
}

impl StoreFacts {
    fn new(scenario: &Scenario, store: &Store) -> Self {
        StoreFacts { hours: OpenHours::new(scenario, store), ..StoreFacts::default() }
    }
    fn run_out(&mut self, at: SimTime) {
        self.out_now += 1;
        self.stock_out_ms -= self.hours.before(at);
    }
    fn come_back(&mut self, at: SimTime) {
        self.out_now -= 1;
        self.stock_out_ms += self.hours.before(at);
    }
}

/// Derives what needs the whole history of the order.
fn finish(order: &mut OrderFacts, scenario: &Scenario, cap: SimTime) {
    let promise = match order.channel {
        Channel::Near => SimDuration::from_minutes(scenario.promise.near_min),
        Channel::Far => SimDuration::from_hours(scenario.promise.far_h),
        Channel::Pickup => SimDuration::from_minutes(scenario.pickup.ready_min),
    };
    order.promised = order.placed + order.promise.unwrap_or(promise);
    // An order still open at the end of the drain is late if its promise fell due by then.
    order.on_time = match order.kept() {
        Some(kept) => Some(kept <= order.promised),
        None if order.cancelled.is_some() || order.promised <= cap => Some(false),
        None => None,
    };
    if order.set_out.is_none() && set_out_when_assigned(order) {
        order.set_out = order.assigned;
    }
}

/// Whether the courier rode for this order without a set-out fact of its own. An order cancelled
/// while its courier was still busy with an earlier one leaves an assignment but no trip; an order
/// open at the end was under way if it was given away ready.
fn set_out_when_assigned(order: &OrderFacts) -> bool {
    let known_trip = order.freed.is_some() || order.picked_up.is_some();
    let under_way = order.status() == Status::Open && order.ready.is_some() && order.ready <= order.assigned;
    known_trip || under_way
}

/// `total` in equal parts that sum exactly to it; the first parts take the odd fen.
pub(super) fn equal_parts(total: Money, parts: usize) -> impl Iterator<Item = Money> {
    let parts = parts as i64;
    let (each, odd) = if parts == 0 { (0, 0) } else { (total.0.div_euclid(parts), total.0.rem_euclid(parts)) };
    (0..parts).map(move |i| Money(each + i64::from(i < odd)))
}
