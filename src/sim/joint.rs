//! Joint trips: two parts of an order from stores close to each other, brought by one courier at once.
//!
//! Under `dispatch.policy = "greedy_nearest"` only. Both parts are packed before a courier is asked; the courier takes the
//! one further from the door first, then the other, and hands both over in one service. Other dispatch policies see the
//! parts as two orders and pool them if that is their way.

use super::delivery::CourierState;
use super::schedule::Desk;
use super::shopping::Phase;
use crate::policy::dispatch::Stop;
use crate::policy::sourcing::{Offer, Terms};
use crate::scenario::{DispatchPolicy, Scenario};
use crate::units::{CourierId, OrderId, SimTime};
use std::collections::BTreeMap;

/// Pairs of parts that come together.
#[derive(Default, Debug)]
pub(super) struct Pairs {
    /// The other part, of parts that no courier has yet.
    partner: BTreeMap<OrderId, OrderId>,
    /// Parts on a joint trip that are handed over in the service of the other, and which that is.
    second: BTreeMap<OrderId, OrderId>,
}

impl Pairs {
    /// The part with which an order waits for a courier.
    #[inline]
    pub(super) fn partner(&self, order: OrderId) -> Option<OrderId> {
        if self.partner.is_empty() { None } else { self.partner.get(&order).copied() }
    }

    /// The part in whose service an order is handed over, unless it was cancelled.
    #[inline]
    pub(super) fn handed_over_with(&self, order: OrderId) -> Option<OrderId> {
        if self.second.is_empty() { None } else { self.second.get(&order).copied() }
    }

    /// An order was delivered, or ended.
    pub(super) fn forget(&mut self, order: OrderId) {
        if !self.second.is_empty() {
            self.second.remove(&order);
        }
    }

    /// Ends the pair of an order; gives its partner.
    pub(super) fn part(&mut self, order: OrderId) -> Option<OrderId> {
        let partner = self.partner.remove(&order)?;
        self.partner.remove(&partner);
        Some(partner)
    }
}

/// How far apart stores may be that share a courier (metres of the metric); None: never.
pub(super) fn reach(scenario: &Scenario) -> Option<f64> {
    let greedy = scenario.dispatch.policy == DispatchPolicy::GreedyNearest;
    let metres = scenario.split.join_km * 1000.0;
    (greedy && scenario.couriers.capacity >= 2 && metres > 0.0).then_some(metres)
}

impl Desk<'_> {
    /// What one courier for two stores saves in pay by the kilometre, beside what the longer of their ways costs.
    pub(super) fn saving_of_joint_trip(&self, one: &Offer, other: &Offer, terms: &Terms) -> Option<f64> {
        let reach = self.rules.joint_reach?;
        let spot = |offer: &Offer| self.ground.store_spots[offer.store.index()];
        let fleet = |offer: &Offer| self.ground.city.stores[offer.store.index()].fleet;
        let travel = &self.ground.city.travel;
        let between = travel.space().distance(spot(one), spot(other));
        let near = between <= reach && fleet(one) == fleet(other);
        near.then(|| terms.km_yuan * (one.road.max(other.road) - travel.road(between)) / 1000.0)
    }

    /// Two parts that are being placed will come together.
    pub(super) fn join(&mut self, one: OrderId, other: OrderId) {
        let pairs = &mut self.orders.pairs;
        pairs.partner.extend([(one, other), (other, one)]);
    }

    /// An order that ends, or goes to another store, waits for a courier together with no other any more. Its partner, if
    /// packed already, asks for a courier of its own.
    pub(super) fn leave_pair(&mut self, now: SimTime, order: OrderId) {
        self.orders.pairs.forget(order);
        if let Some(partner) = self.orders.pairs.part(order)
            && self.orders.rows[partner.index()].phase == Phase::Ready
        {
            self.order_is_ready(now, partner);
        }
    }

    /// The order by which a packed part asks for its courier: of a pair the one taken first, and nobody before both are
    /// packed.
    pub(super) fn asks_for_courier(&self, order: OrderId) -> Option<OrderId> {
        let Some(partner) = self.orders.pairs.partner(order) else { return Some(order) };
        let row = |order: OrderId| &self.orders.rows[order.index()];
        let further = row(partner).ride > row(order).ride || (row(partner).ride == row(order).ride && partner < order);
        (row(partner).phase == Phase::Ready).then_some(if further { partner } else { order })
    }

    /// A courier who is not in the list of idle ones any more begins the trip of a pair.
    pub(super) fn begin_joint_trip(&mut self, now: SimTime, first: OrderId, second: OrderId, courier: CourierId) {
        self.orders.pairs.part(first);
        self.orders.pairs.second.insert(second, first);
        let state = &mut *self.couriers[courier.index()];
        state.state = CourierState::Busy;
        let (from, free_at) = (state.spot, state.free_at);
        if self.offers.on {
            let home = self.orders.rows[first.index()].home;
            self.set_free(now, courier, free_at, home);
        }
        let between = self.ground.store_spots[self.orders.rows[first.index()].store.index()];
        self.take_on(now, courier, first, from);
        self.take_on(now, courier, second, between);
        self.routes[courier.index()].stops =
            vec![Stop::PickUp(first), Stop::PickUp(second), Stop::DropOff(first), Stop::DropOff(second)];
        self.proceed(now, courier);
    }
}
