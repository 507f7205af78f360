//! Sessions: consumers see what near, far and pick-up offer at this moment, and order through one of them or not at all.
//!
//! Off where orders come by themselves (`choice.model`); else arrivals are sessions, and an order exists only once a consumer chose it.

use super::ledger::{DecidedBy, Verdict};
use super::pickup::Fetch;
use super::schedule::Desk;
use super::shopping::OrderRow;
use super::splitting::SplitPlan;
use crate::city::{City, TracedOrder};
use crate::event::{Event, FarReason, LeaveReason, LoadLevel};
use crate::policy::choice::{self, Choice, Chooser, Noise, Offer, Weights};
use crate::policy::promise;
use crate::policy::sourcing::Plan;
use crate::rng::{Purpose, PurposeKey, Streams};
use crate::scenario::{PromisePolicy, Scenario, SourcingPolicy, SplitPolicy};
use crate::units::{CategoryId, ConsumerId, Money, OrderId, SessionId, SimDuration, SimTime, StoreId};
use bevy_ecs::prelude::Resource;
use rand::RngExt;

/// What sessions are opened from.
#[derive(Resource, Debug)]
pub(super) struct Sessions {
    /// Arrivals are sessions.
    pub(super) on: bool,
    /// Orders have numbers of their own for their draws: they come from sessions, or in parts.
    keyed: bool,
    /// Sessions opened so far; where arrivals are orders, those placed.
    opened: u32,
    /// By order, if they are keyed: see [`Sessions::entity`].
    of_order: Vec<u64>,
    /// Utility lost by each part of a split offer beyond the first.
    annoyance: f64,
    weights: Weights,
    urgent_share: f64,
    /// Constants of near and far by category.
    constants: Vec<[f64; 2]>,
    /// Mean baskets by category (yuan).
    baskets: Vec<f64>,
    near_fee: Money,
    near_free_basket: Money,
    far_fee: Money,
    /// Shares of the value taken off near and far.
    discounts: [f64; 2],
    /// The warehouse is open to consumers.
    far_offered: bool,
    usual_promise: SimDuration,
    noise: PurposeKey,
    urgency: PurposeKey,
}

impl Sessions {
    pub(super) fn new(scenario: &Scenario, city: &City, streams: Streams) -> Self {
        let (keys, price) = (&scenario.choice, &scenario.price);
        let categories = &scenario.catalogue.categories;
        Sessions {
            on: city.demand.consumers.is_some(),
            keyed: city.demand.consumers.is_some() || scenario.split.policy == SplitPolicy::Allow,
            opened: 0,
            of_order: Vec::new(),
            annoyance: scenario.split.annoyance_utility,
            weights: Weights {
                time: keys.time_weight,
                urgent_time: keys.urgent_time_weight,
                fee: keys.fee_weight,
                reference_basket: keys.reference_basket_yuan,
                walk: keys.walk_weight,
            },
            urgent_share: keys.urgent_share,
            constants: categories.iter().map(|category| [category.asc_near, category.asc_far]).collect(),
            baskets: categories.iter().map(|category| category.aov_yuan).collect(),
            near_fee: Money::from_yuan(price.near_fee_yuan),
            near_free_basket: Money::from_yuan(price.near_free_basket_yuan),
            far_fee: Money::from_yuan(price.far_fee_yuan),
            discounts: [price.near_discount_share, price.far_discount_share],
            far_offered: scenario.sourcing.policy != SourcingPolicy::NearOnly,
            usual_promise: SimDuration::from_minutes(scenario.promise.near_min),
            noise: streams.purpose(Purpose::Choice),
            urgency: streams.purpose(Purpose::Urgency),
        }
    }

    /// The number by which the streams of an order are keyed: its session, so that the same session has the same picking
    /// time, hand-over and so on in every scenario, however many others ordered before. Parts of an order beyond the first
    /// differ from it in the upper half.
    #[inline]
    pub(super) fn entity(&self, order: OrderId) -> u64 {
        match self.keyed {
            true => self.of_order[order.index()],
            false => u64::from(order.0),
        }
    }

    /// The number of the checkout that an order is, or is a part of.
    #[inline]
    pub(super) fn checkout_of(&self, order: OrderId) -> u64 {
        self.entity(order) & u64::from(u32::MAX)
    }

    /// The number of the checkout that begins now and will be this order.
    #[inline]
    pub(super) fn begin_checkout(&mut self, order: OrderId) -> SessionId {
        if !self.keyed {
            return SessionId(order.0);
        }
        let id = SessionId(self.opened);
        self.opened += 1;
        self.of_order.push(u64::from(id.0));
        id
    }

    /// The next order is part number `part`, from 1, of the one begun last.
    pub(super) fn add_part(&mut self, head: OrderId, part: u32) {
        self.of_order.push(self.entity(head) | u64::from(part) << 32);
    }
}

/// A session whose basket is known.
struct Session {
    id: SessionId,
    consumer: ConsumerId,
    category: usize,
    value: Money,
    who: Chooser,
    noise: Noise,
}

impl Desk<'_> {
    /// The next consumer opens a session.
    #[inline(never)]
    pub(super) fn open_session(&mut self, now: SimTime, order: OrderId) {
        let id = self.sessions.begin_checkout(order);
        self.shelves.catch_up(now);
        let urgent = self.sessions.urgency.of(u64::from(id.0)).random::<f64>() < self.sessions.urgent_share;
        let checkout = self.draw_checkout(id, urgent);
        let session = self.session(order, id, urgent, checkout.sensitivity);
        // The order exists on trial, so that sourcing sees it as any other.
        self.put_down(&checkout);
        let sought = self.choose_node(now, order, &checkout);
        let plan = self.offer_near(now, order, sought);
        let split = self.split_plan(now, order, plan);
        let near = match (&split, plan) {
            (Some(split), _) => Some(self.split_offer(now, order, &session, split)),
            (None, Plan::Near { store, distance }) => Some(self.near_offer(now, order, &session, (store, distance))),
            (None, Plan::Far(_) | Plan::Refused(_)) => None,
        };
        if let (Some(_), Some(visit)) = (near, &mut self.log.0.placements[order.index()].session) {
            visit.near_offered = true;
        }
        let far = self.sessions.far_offered.then(|| Offer {
            constant: self.sessions.constants[session.category][1],
            fee: self.sessions.far_fee.yuan() - self.sessions.discounts[1] * session.value.yuan(),
            hours: self.far_quote(now, order).hours(),
            walk_km: 0.0,
        });
        let fetch = self.pickup_offer(now, order, session.category);
        let utility = |offer: &Offer| self.sessions.weights.utility(&session.who, offer);
        let pickup = fetch.as_ref().map(|fetch| utility(&fetch.offer));
        let choice = choice::choose(near.as_ref().map(utility), far.as_ref().map(utility), pickup, &session.noise);
        if self.ledger.on {
            let by = DecidedBy::Consumer(choice);
            self.note_candidates(now, order, &Verdict { sought, plan, split: split.as_ref(), by, fetch });
        }
        match choice {
            Choice::Leave => {
                let reason = self.why_left(&session, near.as_ref(), plan, fetch.as_ref());
                self.leave(now, &session, near.is_some(), reason);
            }
            Choice::Far => {
                self.log.0.record(now, Event::OrderPlaced { order });
                self.orders.open += 1;
                let reason = match plan {
                    Plan::Far(reason) if near.is_none() => reason,
                    _ => FarReason::Chosen,
                };
                self.send_far(now, order, reason);
            }
            Choice::Near => {
                self.log.0.record(now, Event::OrderPlaced { order });
                self.orders.open += 1;
                match split {
                    Some(split) => self.place_parts(now, order, &split),
                    None => self.follow_plan(now, order, plan, None),
                }
            }
            Choice::Pickup => {
                self.log.0.record(now, Event::OrderPlaced { order });
                self.orders.open += 1;
                if let Some(fetch) = &fetch {
                    self.reserve_for_pickup(now, order, fetch);
                }
            }
        }
    }

    fn session(&self, order: OrderId, id: SessionId, urgent: bool, sensitivity: f32) -> Session {
        let placement = &self.log.0.placements[order.index()];
        let category = placement.category.index();
        let mut noise = self.sessions.noise.of(u64::from(id.0));
        Session {
            id,
            consumer: placement.consumer,
            category,
            value: placement.value,
            who: Chooser { sensitivity: f64::from(sensitivity), urgent, basket: self.sessions.baskets[category] },
            noise: std::array::from_fn(|alternative| match alternative {
                3 if self.rules.pickup.is_none() => 0.0,
                _ => choice::gumbel(noise.random()),
            }),
        }
    }

    /// What the store that sourcing found offers: its fee, and the time to the door as pickers and couriers stand now.
    fn near_offer(&self, now: SimTime, order: OrderId, session: &Session, (store, distance): (StoreId, f64)) -> Offer {
        let mut row = self.orders.rows[order.index()];
        (row.store, row.ride) = (store, self.ground.city.travel.road(distance));
        let level = self.offers.level(store);
        let raised = self.offers.control.as_ref().filter(|_| level >= LoadLevel::Smaller).map(|control| control.fee);
        Offer {
            constant: self.sessions.constants[session.category][0],
            fee: (self.near_fee(session.value) + raised.unwrap_or(Money::ZERO)).yuan() - self.near_discount(session),
            hours: self.quoted(now, &row, level, None).hours(),
            walk_km: 0.0,
        }
    }

    /// What an order in parts offers: one fee, the time that weighs as much as those of its parts together, and the
    /// annoyance of more than one delivery.
    fn split_offer(&self, now: SimTime, order: OrderId, session: &Session, split: &SplitPlan) -> Offer {
        let first = &split.near[0];
        let offer = self.near_offer(now, order, session, (first.store, first.distance));
        let annoyance = self.sessions.annoyance * (split.deliveries() - 1) as f64;
        Offer { constant: offer.constant - annoyance, hours: self.split_hours(now, order, split), ..offer }
    }

    fn near_fee(&self, value: Money) -> Money {
        if value < self.sessions.near_free_basket { self.sessions.near_fee } else { Money::ZERO }
    }

    /// Yuan taken off the goods of a near order.
    fn near_discount(&self, session: &Session) -> f64 {
        self.sessions.discounts[0] * session.value.yuan()
    }

    /// Why a consumer left: what would have made them order. Asked in this sequence: a near offer with the usual promise,
    /// where there was none; no fee, near or for pick-up.
    fn why_left(&self, session: &Session, near: Option<&Offer>, plan: Plan, fetch: Option<&Fetch>) -> LeaveReason {
        let [near_noise, _, leave, pickup_noise] = session.noise;
        let utility = |offer: &Offer| self.sessions.weights.utility(&session.who, offer);
        let with = |offer: &Offer| utility(offer) + near_noise >= leave;
        let fetched_free = fetch.and_then(|fetch| fetch.without_fee.as_ref());
        let usual = Offer {
            constant: self.sessions.constants[session.category][0],
            fee: self.near_fee(session.value).yuan() - self.near_discount(session),
            hours: self.sessions.usual_promise.hours(),
            walk_km: 0.0,
        };
        match (near, plan) {
            (None, Plan::Far(FarReason::NoStock | FarReason::Rationed)) if with(&usual) => LeaveReason::StockOut,
            (None, Plan::Far(FarReason::Paused | FarReason::Shrunk | FarReason::Overload)) if with(&usual) => {
                LeaveReason::Overload
            }
            (None, _) if with(&usual) => LeaveReason::NoNear,
            (Some(near), _) if with(&Offer { fee: -self.near_discount(session), ..*near }) => LeaveReason::Price,
            _ if fetched_free.is_some_and(|offer| utility(offer) + pickup_noise >= leave) => LeaveReason::Price,
            _ => LeaveReason::None,
        }
    }

    /// The session ends without an order: what stood there on trial goes.
    fn leave(&mut self, now: SimTime, session: &Session, near_offered: bool, reason: LeaveReason) {
        self.orders.rows.pop();
        self.sessions.of_order.pop();
        self.offers.forget_last();
        let log = &mut self.log.0;
        if let Some(placement) = log.placements.pop() {
            log.lines.truncate(placement.first_line as usize);
        }
        let (consumer, category) = (session.consumer, CategoryId(session.category as u32));
        log.record(now, Event::SessionLeft { session: session.id, consumer, category, near_offered, reason });
    }

    /// The time to the door that a consumer is shown: the promise where it is made from how things stand, else the estimate.
    pub(super) fn quoted(
        &self,
        now: SimTime,
        row: &OrderRow,
        level: LoadLevel,
        traced: Option<&TracedOrder>,
    ) -> SimDuration {
        self.shown(now, row.store, level, promise::eta(&self.outlook(now, row, traced)))
    }

    /// The same for an estimate.
    pub(super) fn shown(&self, now: SimTime, store: StoreId, level: LoadLevel, eta: SimDuration) -> SimDuration {
        match self.offers.promise_policy() {
            PromisePolicy::Quantile => self.quote(now, store, level, eta),
            PromisePolicy::Fixed => eta,
        }
    }
}
