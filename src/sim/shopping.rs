//! Shopping: orders are placed and sourced.

use super::calendar::{MAX_IDS, Notice};
use super::callers::{Caller, Callers};
use super::joint::Pairs;
use super::ledger::{DecidedBy, Verdict};
use super::picking::NO_ORDER;
use super::pools::Pool;
use super::schedule::Desk;
use super::warehouse::Origin;
use crate::city::demand::{self, Home};
use crate::city::space::Spot;
use crate::city::{City, TracedOrder};
use crate::event::{CancelReason, Event, FarReason, Line, Placement, Visit};
use crate::policy::sourcing;
use crate::rng::{Purpose, Streams};
use crate::scenario::{PatienceFrom, Scenario};
use crate::units::{CategoryId, ConsumerId, Money, OrderId, SessionId, SimDuration, SimTime, SkuId, StoreId};
use bevy_ecs::prelude::Resource;
use rand::RngExt;
use rand_distr::{Distribution, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::collections::BTreeMap;

/// How far an order has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// Waits for a picker, or is being picked, or will be ready at a traced time.
    Preparing,
    /// Packed; waits for a courier, or for its consumer.
    Ready,
    /// With a courier.
    PickedUp,
    /// With the warehouse.
    Far,
    /// Delivered or cancelled.
    Final,
    /// Delivered, and sent back.
    Returning,
    /// Cancelled while a picker or courier still works for it.
    Cancelled,
}

pub(super) const NO_COURIER: u32 = u32::MAX;

/// The state of one order.
#[derive(Clone, Copy, Debug)]
pub(super) struct OrderRow {
    /// Where it goes.
    pub(super) home: Spot,
    /// Road length from store to home, walked if the order is fetched.
    pub(super) ride: f64,
    /// When the courier reaches the store, later the door; NEVER before they set out. Of a parcel with a last mile of its
    /// own: when it goes out for delivery. Of an order to be fetched: when its consumer comes, NEVER if they do not.
    pub(super) courier_there: SimTime,
    pub(super) store: StoreId,
    pub(super) courier: u32,
    /// Next order in the queue of the store's pickers.
    pub(super) next_in_queue: u32,
    /// Picking time in milliseconds.
    pub(super) pick_ms: u32,
    pub(super) units: u32,
    pub(super) phase: Phase,
    /// A picker works on it (false for traced ready times).
    pub(super) picker: bool,
    /// Couriers who refused it.
    pub(super) refusals: u8,
    /// It moved since a picker did not find all of it.
    pub(super) rerouted: bool,
    /// A parcel comes from there, or the order is fetched.
    pub(super) origin: Origin,
}

/// All orders placed so far, by [`OrderId`].
#[derive(Resource, Default, Debug)]
pub(super) struct Orders {
    pub(super) rows: Vec<OrderRow>,
    /// Orders without a final state.
    pub(super) open: u32,
    /// Couriers still at work for an order that is final.
    pub(super) loose_ends: u32,
    /// Parts of orders that come together.
    pub(super) pairs: Pairs,
    /// The lines that an order holds units of, where these are not the lines that were ordered.
    pub(super) held: BTreeMap<OrderId, Vec<Line>>,
}

impl Orders {
    #[inline]
    pub(super) fn row(&mut self, order: OrderId) -> &mut OrderRow {
        &mut self.rows[order.index()]
    }
}

/// When orders come.
#[derive(Resource, Debug)]
pub(super) struct Arrivals {
    /// The next order's instant.
    pub(super) next: Option<SimTime>,
    source: Source,
    callers: Callers,
}

#[derive(Debug)]
enum Source {
    Drawn(Box<demand::Arrivals<Xoshiro256PlusPlus>>),
    /// Position of the next order in the trace, and the end of the horizon.
    Traced(usize, SimTime),
}

impl Arrivals {
    pub(super) fn new(scenario: &Scenario, city: &City, streams: Streams) -> Self {
        let horizon = SimTime::from_hours(scenario.horizon_h);
        let mut arrivals = Arrivals { next: None, source: Source::Traced(0, horizon), callers: Callers::default() };
        if city.demand.trace.is_empty() && !city.demand.homes.is_empty() {
            let rng = streams.long(Purpose::Arrivals);
            let demand = &city.demand;
            let (rate, gap) = (demand.rate_per_h.clone(), demand.gap_rounding_s);
            let drawn = demand::Arrivals::new(rng, rate, gap, scenario.start_hour, scenario.horizon_h);
            arrivals.source = Source::Drawn(Box::new(drawn));
        }
        arrivals.step(&city.demand.trace);
        arrivals
    }

    #[inline]
    fn step(&mut self, trace: &[TracedOrder]) {
        self.next = match &mut self.source {
            Source::Drawn(draw) => draw.next(),
            Source::Traced(position, horizon) => {
                let at = trace.get(*position).map(|order| order.placed).filter(|at| at <= horizon);
                *position += 1;
                at
            }
        };
    }
}

/// An order as it is placed, before it is sourced.
pub(super) struct Checkout {
    pub(super) home: Spot,
    /// The weight of money of its consumer, if they choose.
    pub(super) sensitivity: f32,
    pub(super) near: bool,
    pub(super) lines: usize,
    pub(super) units: u32,
}

impl Desk<'_> {
    /// The next consumer checks out; the order is sourced at once.
    pub(super) fn place_order(&mut self, now: SimTime) {
        let order = OrderId(self.orders.rows.len() as u32);
        assert!(order.0 < MAX_IDS, "now {now}, more than {MAX_IDS} orders in one run");
        let trace = &self.ground.city.demand.trace;
        self.arrivals.step(trace);
        if self.sessions.on {
            return self.open_session(now, order);
        }
        self.orders.open += 1;
        match trace.get(order.index()) {
            Some(traced) => self.replay(now, order, traced),
            None => {
                let number = self.sessions.begin_checkout(order);
                let checkout = self.draw_checkout(number, false);
                self.log.0.record(now, Event::OrderPlaced { order });
                self.source(now, order, &checkout, None);
            }
        }
    }

    /// Draws who orders what; every draw comes from a stream of this order.
    #[inline]
    pub(super) fn draw_checkout(&mut self, session: SessionId, urgent: bool) -> Checkout {
        let demand = &self.ground.city.demand;
        let id = u64::from(session.0);
        let lists = self.ground.candidates.iter().chain(&self.ground.city.walks).map(|lists| &**lists);
        let caller = self.arrivals.callers.of(id, self.rules.streams.consumer, demand, lists);
        let Caller { consumer, home, .. } = caller;
        let visit = caller.tier.map(|tier| Visit { session, tier, urgent, near_offered: false });
        let mut basket = self.rules.streams.basket.of(id);
        let category = demand.draw_category(&mut basket);
        let log = &mut self.log.0;
        let first_line = log.lines.len();
        let mut value = Money::ZERO;
        let mut units = 0;
        let listed = demand.draw_list(|| self.rules.streams.ai_list.of(id));
        demand.draw_units(category, listed, &mut basket, |sku| {
            value += demand.prices[sku.index()];
            units += 1;
            match log.lines[first_line..].iter_mut().find(|line| line.sku == sku) {
                Some(line) => line.quantity += 1,
                None => log.lines.push(Line { sku, quantity: 1 }),
            }
        });
        let lines = log.lines.len() - first_line;
        log.placements.push(Placement {
            consumer: ConsumerId(consumer),
            x_m: home.x_m,
            y_m: home.y_m,
            value,
            category: CategoryId(category as u32),
            first_line: first_line as u32,
            lines: lines as u32,
            session: visit,
            part_of: None,
            ai_list: listed.is_some(),
        });
        let intent = demand.categories[category].near_intent;
        let near = visit.is_some() || intent >= 1.0 || self.rules.streams.intent.of(id).random::<f64>() < intent;
        Checkout { home: demand.spot_of(consumer, home), sensitivity: caller.sensitivity, near, lines, units }
    }

    /// Puts a traced order down as it was observed.
    fn replay(&mut self, now: SimTime, order: OrderId, traced: &TracedOrder) {
        let demand = &self.ground.city.demand;
        let category = traced.category.unwrap_or_default();
        let sku = SkuId(category.0 * demand.skus_per_category);
        let log = &mut self.log.0;
        let home = Home::new(&traced.place);
        let value = traced.value.unwrap_or_else(|| Money(demand.prices[sku.index()].0 * i64::from(traced.units)));
        let first_line = log.lines.len() as u32;
        log.lines.push(Line { sku, quantity: traced.units });
        log.placements.push(Placement {
            consumer: ConsumerId(order.0),
            x_m: home.x_m,
            y_m: home.y_m,
            value,
            category,
            first_line,
            lines: 1,
            session: None,
            part_of: None,
            ai_list: false,
        });
        log.record(now, Event::OrderPlaced { order });
        let spot = self.ground.city.travel.space().spot(&traced.place);
        let checkout = Checkout { home: spot, sensitivity: 1.0, near: !traced.far, lines: 1, units: traced.units };
        self.source(now, order, &checkout, Some(traced));
    }

    /// Decides which node serves the order and hands it over.
    #[inline]
    fn source(&mut self, now: SimTime, order: OrderId, checkout: &Checkout, traced: Option<&TracedOrder>) {
        self.shelves.catch_up(now);
        self.put_down(checkout);
        let observed = traced.and_then(|t| t.store);
        let sought = match observed {
            Some(store) => {
                let distance =
                    self.ground.city.travel.space().distance(self.ground.store_spots[store.index()], checkout.home);
                sourcing::Plan::Near { store, distance }
            }
            None if !checkout.near => sourcing::Plan::Far(FarReason::Chosen),
            None => self.choose_node(now, order, checkout),
        };
        let offered = if self.offers.on { self.offer_near(now, order, sought) } else { sought };
        let split = self.split_plan(now, order, offered);
        // Who can have the order in parts does not wait for the whole of it.
        let wait = if split.is_none() { self.store_to_wait_at(now, order, sought) } else { None };
        let sought = wait.unwrap_or(sought);
        let plan = match wait {
            Some(near) if self.offers.on => self.still_offered(now, order, near),
            Some(near) => near,
            None => offered,
        };
        if self.ledger.on {
            let by = if observed.is_some() { DecidedBy::Trace } else { DecidedBy::Sourcing };
            self.note_candidates(now, order, &Verdict { sought, plan, split: split.as_ref(), by, fetch: None });
        }
        match (split, plan) {
            (Some(split), _) => self.place_parts(now, order, &split),
            (None, sourcing::Plan::Near { store, distance }) if wait.is_some() => {
                self.wait_for_stock(now, order, store, self.ground.city.travel.road(distance));
            }
            (None, _) => self.follow_plan(now, order, plan, traced),
        }
    }

    /// The order is there; no node serves it yet.
    #[inline]
    pub(super) fn put_down(&mut self, checkout: &Checkout) {
        self.orders.rows.push(OrderRow {
            home: checkout.home,
            ride: 0.0,
            courier_there: SimTime::NEVER,
            store: StoreId(u32::MAX),
            courier: NO_COURIER,
            next_in_queue: NO_ORDER,
            pick_ms: 0,
            units: checkout.units,
            phase: Phase::Preparing,
            picker: true,
            refusals: 0,
            rerouted: false,
            origin: Origin::Warehouse,
        });
    }

    /// Hands the order to the node of the plan.
    #[inline]
    pub(super) fn follow_plan(
        &mut self,
        now: SimTime,
        order: OrderId,
        plan: sourcing::Plan,
        traced: Option<&TracedOrder>,
    ) {
        match plan {
            sourcing::Plan::Near { store, distance } => self.allocate(now, order, store, distance, traced),
            sourcing::Plan::Far(reason) => self.send_far(now, order, reason),
            sourcing::Plan::Refused(reason) => self.refuse(now, order, reason),
        }
    }

    /// Ends an order that no node serves.
    fn refuse(&mut self, now: SimTime, order: OrderId, reason: CancelReason) {
        self.orders.row(order).phase = Phase::Final;
        self.orders.open -= 1;
        self.log.0.record(now, Event::OrderCancelled { order, reason });
    }

    /// Reserves the units at the store and starts preparation.
    #[inline]
    fn allocate(&mut self, now: SimTime, order: OrderId, store: StoreId, distance: f64, traced: Option<&TracedOrder>) {
        let ride = self.ground.city.travel.road(distance);
        if traced.is_some_and(|traced| traced.store.is_some()) {
            self.bring_missing(now, order, store);
            self.reserve_all(now, order, store);
        } else {
            self.reserve_lines(now, order, store);
        }
        let row = self.orders.row(order);
        row.store = store;
        row.ride = ride;
        self.log.0.record(now, Event::OrderSourced { order, store, ride_m: ride as f32 });
        if self.offers.on {
            self.make_offer(now, order, traced);
        }
        self.start_preparing(now, order, store, traced);
    }

    /// A waiting order has everything.
    pub(super) fn begin_preparing(&mut self, now: SimTime, order: OrderId, store: StoreId) {
        let ground = self.ground;
        self.start_preparing(now, order, store, ground.city.demand.trace.get(order.index()));
    }

    #[inline]
    fn start_preparing(&mut self, now: SimTime, order: OrderId, store: StoreId, traced: Option<&TracedOrder>) {
        let ready = self.prepare(now, order, store, traced);
        if self.rules.patience.hazard_per_min > 0.0 {
            self.start_patience(now, order);
        }
        self.commit_on_placement(now, order, ready);
    }

    /// A trace may name a store without enough units on our shelves. The order was observed, so the goods were there.
    fn bring_missing(&mut self, now: SimTime, order: OrderId, store: StoreId) {
        let units = self.log.0.lines_of(order).iter().map(|line| self.shelves.bring_missing(store, *line)).sum();
        if units > 0 {
            self.log.0.record(now, Event::StoreReplenished { store, units });
        }
    }

    /// Takes the order's units off the available ones of a store.
    #[inline]
    pub(super) fn reserve_lines(&mut self, now: SimTime, order: OrderId, store: StoreId) {
        if self.shelves.seen_late() {
            return self.reserve_what_is_there(now, order, store);
        }
        self.reserve_all(now, order, store);
    }

    /// Reserves all lines, which are there.
    #[inline]
    fn reserve_all(&mut self, now: SimTime, order: OrderId, store: StoreId) {
        let placement = self.log.0.placements[order.index()];
        let first = placement.first_line as usize;
        for line in first..first + placement.lines as usize {
            let line = self.log.0.lines[line];
            self.reserve_line(now, store, line);
        }
    }

    /// Reserves one line that is available.
    pub(super) fn reserve_line(&mut self, now: SimTime, store: StoreId, line: Line) {
        if self.shelves.reserve(now, store, line) {
            self.log.0.record(now, Event::StockRanOut { store, sku: line.sku });
        }
        self.watch(now, store, line.sku, Pool::Orders);
    }

    /// The consumer will cancel when patience ends, unless the goods are on their way by then.
    fn start_patience(&mut self, now: SimTime, order: OrderId) {
        let patience = &self.rules.patience;
        // Whoever waits for an order in parts has one patience.
        let wait: f64 = Exp1.sample(&mut self.rules.streams.patience.of(self.sessions.checkout_of(order)));
        let from = match patience.from {
            PatienceFrom::Placed => SimDuration::ZERO,
            PatienceFrom::Promise => self.promised(order),
        };
        let end = now + from + patience.grace + SimDuration::from_minutes(wait / patience.hazard_per_min);
        if end < self.ground.run_end {
            self.calendar.schedule(end, Notice::LosePatience(order));
        }
    }
}
