//! Couriers with a base: the way back after a delivery, and orders committed to the couriers of one store.

use super::delivery::CourierState;
use super::schedule::Desk;
use crate::city::space::Spot;
use crate::event::{CancelReason, Event};
use crate::policy::dispatch::Stop;
use crate::policy::dispatch::earliest_dropoff::PlacedOrder;
use crate::policy::dispatch::store_couriers::{StoreCommitment, StoreCourier, Trip, store_couriers};
use crate::policy::sourcing::Plan;
use crate::policy::sourcing::reassignment::reassignment;
use crate::units::{CourierId, OrderId, SimTime, StoreId};
use bevy_ecs::prelude::Component;
use std::collections::VecDeque;

/// An order committed to a courier for a later shift.
#[derive(Clone, Copy, Debug)]
struct Later {
    order: OrderId,
    shift_start: SimTime,
    joins: bool,
}

/// Where a courier belongs, and what the couriers of a store have promised.
#[derive(Component, Clone, Debug)]
pub(super) struct Base {
    spot: Spot,
    /// Commitments that follow the courier's stops, in order.
    later: VecDeque<Later>,
    /// The plan of the last trip.
    last_trip: Option<Trip>,
}

impl Base {
    pub(super) fn at(spot: Spot) -> Self {
        Base { spot, later: VecDeque::new(), last_trip: None }
    }
}

impl Desk<'_> {
    /// A courier who has nothing in hand rides back, if that is the rule, before anything else.
    #[inline]
    pub(super) fn go_on(&mut self, now: SimTime, courier: CourierId, spot: Spot) {
        if !self.rules.return_to_base || self.bases[courier.index()].spot == spot {
            self.next_task(now, courier, spot);
            return;
        }
        self.couriers[courier.index()].spot = spot;
        self.reposition(now, courier, self.bases[courier.index()].spot);
    }

    /// When and where a courier is back who is free at `spot` at an instant.
    pub(super) fn back_at_base(&self, courier: CourierId, spot: Spot, free_at: SimTime) -> (SimTime, Spot) {
        let base = self.bases[courier.index()].spot;
        (free_at + self.ground.city.travel.time(spot, base, free_at), base)
    }

    /// An order as its dispatch sees it at a store where it would be ready at `ready`.
    pub(super) fn placed_order(
        &self,
        now: SimTime,
        order: OrderId,
        store: StoreId,
        ready: SimTime,
        ride: f64,
    ) -> PlacedOrder {
        let service = self.door_service(order);
        PlacedOrder {
            placed: now,
            ready,
            store: self.ground.store_spots[store.index()],
            home: self.orders.rows[order.index()].home,
            ride,
            pickup_service: self.rules.pickup_service,
            door_service: service,
            door_to_delivered: self.until_delivered(service),
            deadline: now + self.rules.max_click_to_door,
        }
    }

    /// Whether an order can join the last trip of a courier: its goods have not begun to change hands.
    fn may_join(&self, courier: CourierId) -> bool {
        let route = &*self.routes[courier.index()];
        let waits = |stop: &Stop| matches!(stop, Stop::PickUp(_));
        !self.bases[courier.index()].later.is_empty() || route.stops[route.locked..].iter().any(waits)
    }

    /// The plan of the best courier of a store.
    fn best_of_store(&self, order: &PlacedOrder, store: StoreId) -> Option<StoreCommitment> {
        let fleet = &self.fleets.0[self.ground.city.stores[store.index()].fleet as usize];
        let couriers = fleet.couriers.iter().map(|courier| {
            let joinable =
                |trip: &Trip| self.rules.join_trips && trip.orders < self.rules.capacity && self.may_join(*courier);
            StoreCourier {
                courier: *courier,
                free_at: self.couriers[courier.index()].free_at,
                last_trip: self.bases[courier.index()].last_trip.filter(joinable),
                shifts: &self.plans[courier.index()].1.0,
            }
        });
        store_couriers(order, couriers, &self.ground.city.travel)
    }

    /// Of these stores, the one within its radius whose couriers would be at the door first. None if no store can deliver.
    pub(super) fn reassign(&self, now: SimTime, order: OrderId, fit: impl Fn(StoreId) -> bool) -> Option<Plan> {
        let city = &self.ground.city;
        let (home, units) = (self.orders.rows[order.index()].home, self.orders.rows[order.index()].units);
        let traced = city.demand.trace.get(order.index());
        let distance = |store: StoreId| city.travel.space().distance(self.ground.store_spots[store.index()], home);
        let fit = |store: &StoreId| fit(*store) && distance(*store) <= city.stores[store.index()].radius_m;
        let options = (0..city.stores.len() as u32).map(StoreId).filter(fit).map(|store| {
            let ready = self.ready_forecast(now, order, store, units, traced);
            let view = self.placed_order(now, order, store, ready, city.travel.road(distance(store)));
            (store, self.best_of_store(&view, store))
        });
        reassignment(options).map(|(store, _)| Plan::Near { store, distance: distance(store) })
    }

    /// Gives a placed order to the courier of its store who would be at the door first.
    pub(super) fn commit_store_courier(&mut self, now: SimTime, order: OrderId, ready: SimTime) {
        let row = self.orders.rows[order.index()];
        let view = self.placed_order(now, order, row.store, ready, row.ride);
        let Some(best) = self.best_of_store(&view, row.store) else {
            self.cancel(now, order, CancelReason::NoCourier);
            self.give_picker_back(order, ready);
            return;
        };
        let StoreCommitment { courier, free_at, trip, joins, .. } = best;
        let state = &mut *self.couriers[courier.index()];
        state.free_at = free_at;
        let in_this_shift = state.state != CourierState::OffShift && trip.shift_start <= now;
        // Given at once and for good: a courier of a store is not asked.
        self.orders.row(order).courier = courier.0;
        self.log.0.record(now, Event::CourierAssigned { order, courier, approach_m: 0.0 });
        let base = &mut *self.bases[courier.index()];
        base.last_trip = Some(trip);
        if in_this_shift && base.later.is_empty() {
            self.add_stops(now, courier, order, joins);
        } else {
            base.later.push_back(Later { order, shift_start: trip.shift_start, joins });
        }
    }

    /// An order that joins comes last of its trip at the store and at the doors; another one begins a trip.
    fn add_stops(&mut self, now: SimTime, courier: CourierId, order: OrderId, joins: bool) {
        let route = &*self.routes[courier.index()];
        let mut stops = route.stops[route.locked..].to_vec();
        let last_pick_up = stops.iter().rposition(|stop| matches!(stop, Stop::PickUp(_)));
        let place = last_pick_up.filter(|_| joins).map_or(stops.len(), |last| last + 1);
        stops.insert(place, Stop::PickUp(order));
        stops.push(Stop::DropOff(order));
        self.follow(now, courier, &stops, false);
    }

    /// An idle courier on duty begins what was committed for this shift; what is left is for a later one.
    pub(super) fn begin_shift_work(&mut self, now: SimTime, courier: CourierId) {
        let due = |later: &mut Later| later.shift_start <= now;
        while let Some(next) = self.bases[courier.index()].later.pop_front_if(due) {
            self.add_stops(now, courier, next.order, next.joins);
        }
        // Without a commitment they can leave now, whatever was planned before an order was cancelled.
        let state = &mut *self.couriers[courier.index()];
        if state.state == CourierState::Idle && self.bases[courier.index()].later.is_empty() {
            state.free_at = SimTime::ZERO;
        }
    }

    /// A cancelled order is no longer committed; the plan of the last trip is void, so that none joins it.
    pub(super) fn forget(&mut self, order: OrderId, courier: CourierId) {
        let base = &mut *self.bases[courier.index()];
        base.last_trip = None;
        base.later.retain(|later| later.order != order);
    }
}
