//! Trips: couriers who follow a sequence of stops that a dispatch policy planned.
//!
//! ```text
//!            set out                reach_stop             take_over            leave_stop
//!  Nothing ─────────► Riding ──┬─► AtStore (waits for) ──► TakingOver ─────────► Nothing → next stop
//!                              │   (orders, decision)
//!                              └─► AtDoor ── hand_over ──► AtDoor ── leave_stop ► Nothing → next stop, or idle
//! ```
//!
//! Neighbouring pick-ups at one store are one visit. Until goods change hands a visit can grow; held open, it waits
//! for the next decision.

use super::calendar::Notice;
use super::delivery::CourierState;
use super::schedule::Desk;
use super::shopping::{NO_COURIER, Phase};
use crate::city::space::Spot;
use crate::event::{Event, Span};
use crate::policy::dispatch::Stop;
use crate::units::{CourierId, OrderId, SimDuration, SimTime, StoreId};
use bevy_ecs::prelude::Component;

/// In place of the time at which the courier reaches the store, while they ride there.
const UNDER_WAY: SimTime = SimTime(SimTime::NEVER.0 - 1);

/// What a courier does at this moment of a trip.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) enum Doing {
    /// Stands where their spot is; between two stops, or idle.
    #[default]
    Nothing,
    /// On the way to a store.
    RidingToStore { store: StoreId, since: SimTime, arrives: SimTime, road: f64 },
    /// At a store; waits for orders to be ready, or for a decision.
    AtStore { store: StoreId, since: SimTime },
    /// The goods of the locked stops change hands; until the service is done.
    TakingOver { store: StoreId, leaves: SimTime },
    /// On the way to a door.
    RidingToDoor { order: OrderId, since: SimTime, arrives: SimTime, road: f64 },
    /// At a door; until the service is done.
    AtDoor { order: OrderId, leaves: SimTime },
    /// On the way to a spot without an order.
    Repositioning { to: Spot, since: SimTime, arrives: SimTime, road: f64 },
}

/// What a courier has to do.
#[derive(Component, Clone, Default, Debug)]
pub(super) struct Route {
    pub(super) doing: Doing,
    /// Stops to come; the ones of a visit stay until its goods change hands.
    pub(super) stops: Vec<Stop>,
    /// How many of the first stops are under way beyond change: goods that are changing hands, or the door ridden to.
    pub(super) locked: usize,
    /// The first visit waits for a decision.
    pub(super) hold: bool,
    pub(super) on_board: u32,
    pub(super) idle_since: SimTime,
}

impl Desk<'_> {
    /// Gives a courier a new sequence of stops, to follow when what is under way is done. Legal by
    /// [`crate::policy::dispatch::check`].
    pub(super) fn follow(&mut self, now: SimTime, courier: CourierId, stops: &[Stop], hold: bool) {
        let busy = self.couriers[courier.index()].state == CourierState::Busy;
        let from = self.next_spot(courier);
        if self.rules.refusal.is_some() && self.refuses_any(now, courier, stops, from) {
            return;
        }
        let route = &mut *self.routes[courier.index()];
        route.stops.truncate(route.locked);
        route.stops.extend_from_slice(stops);
        route.hold = hold;
        let waits = matches!(route.doing, Doing::AtStore { .. });
        for stop in stops {
            if let Stop::PickUp(order) = *stop
                && self.orders.rows[order.index()].courier == NO_COURIER
            {
                self.take_on(now, courier, order, from);
            }
        }
        self.join_visit(now, courier);
        if !busy {
            self.set_to_work(courier);
            self.proceed(now, courier);
        } else if waits {
            self.try_take_over(now, courier);
        }
    }

    /// Offers the new orders among the stops; one refusal is enough to leave everything as it was.
    fn refuses_any(&mut self, now: SimTime, courier: CourierId, stops: &[Stop], from: Spot) -> bool {
        let mut refused = false;
        for stop in stops {
            let Stop::PickUp(order) = *stop else { continue };
            let row = &self.orders.rows[order.index()];
            if row.courier == NO_COURIER {
                let travel = &self.ground.city.travel;
                let store = self.ground.store_spots[row.store.index()];
                let approach = travel.road(travel.space().distance(from, store));
                refused |= self.refuses(now, order, courier, approach);
            }
        }
        refused
    }

    pub(super) fn take_on(&mut self, now: SimTime, courier: CourierId, order: OrderId, from: Spot) {
        let row = self.orders.row(order);
        row.courier = courier.0;
        let store = self.ground.store_spots[row.store.index()];
        let approach = self.ground.city.travel.road(self.ground.city.travel.space().distance(from, store));
        self.log.0.record(now, Event::CourierAssigned { order, courier, approach_m: approach as f32 });
    }

    /// An idle courier is idle no more.
    fn set_to_work(&mut self, courier: CourierId) {
        let state = &mut *self.couriers[courier.index()];
        state.state = CourierState::Busy;
        self.fleets.0[usize::from(state.fleet)].idle.remove(courier, state.spot);
    }

    /// Where a courier is when what they do now is done.
    pub(super) fn next_spot(&self, courier: CourierId) -> Spot {
        match self.routes[courier.index()].doing {
            Doing::Nothing => self.couriers[courier.index()].spot,
            Doing::RidingToStore { store, .. } | Doing::AtStore { store, .. } | Doing::TakingOver { store, .. } => {
                self.ground.store_spots[store.index()]
            }
            Doing::RidingToDoor { order, .. } | Doing::AtDoor { order, .. } => self.orders.rows[order.index()].home,
            Doing::Repositioning { to, .. } => to,
        }
    }

    /// Orders that are new to the visit their courier rides to or waits in set out, and arrive, with the others.
    fn join_visit(&mut self, now: SimTime, courier: CourierId) {
        let (store, waits) = match self.routes[courier.index()].doing {
            Doing::RidingToStore { store, .. } => (store, false),
            Doing::AtStore { store, .. } => (store, true),
            _ => return,
        };
        for place in 0..self.visit_length(courier, store) {
            let order = self.routes[courier.index()].stops[place].order();
            let row = &mut self.orders.rows[order.index()];
            if row.courier_there != SimTime::NEVER {
                continue;
            }
            row.courier_there = if waits { now } else { UNDER_WAY };
            self.log.0.record(now, Event::CourierSetOut { order, courier });
            if waits {
                self.log.0.record(now, Event::CourierRode { order, courier, leg_m: 0.0 });
            }
        }
    }

    /// The courier turns to the next stop, or is idle.
    pub(super) fn proceed(&mut self, now: SimTime, courier: CourierId) {
        let spot = self.couriers[courier.index()].spot;
        let route = &mut *self.routes[courier.index()];
        route.doing = Doing::Nothing;
        let Some(first) = route.stops.first().copied() else {
            route.hold = false;
            self.go_on(now, courier, spot);
            return;
        };
        let row = &self.orders.rows[first.order().index()];
        let (store, to) = match first {
            Stop::PickUp(_) => (Some(row.store), self.ground.store_spots[row.store.index()]),
            Stop::DropOff(_) => (None, row.home),
        };
        let road = self.ground.city.travel.road(self.ground.city.travel.space().distance(spot, to));
        let arrives = now + self.ground.city.travel.time_of_road(road, now);
        self.ride_until(arrives, courier);
        match store {
            Some(store) => {
                self.routes[courier.index()].doing = Doing::RidingToStore { store, since: now, arrives, road };
                self.join_visit(now, courier);
            }
            None => {
                let order = first.order();
                self.log.0.record(now, Event::CourierSetOut { order, courier });
                let route = &mut *self.routes[courier.index()];
                route.locked = 1;
                route.doing = Doing::RidingToDoor { order, since: now, arrives, road };
            }
        }
    }

    /// How many of the first stops are pick-ups at this store.
    fn visit_length(&self, courier: CourierId, store: StoreId) -> usize {
        let stops = &self.routes[courier.index()].stops;
        let at_store =
            |stop: &&Stop| matches!(stop, Stop::PickUp(order) if self.orders.rows[order.index()].store == store);
        stops.iter().take_while(at_store).count()
    }

    /// A run does not end while somebody rides: the orders may be gone by the time they arrive.
    fn ride_until(&mut self, arrives: SimTime, courier: CourierId) {
        self.orders.loose_ends += 1;
        self.calendar.schedule(arrives, Notice::ReachStop(courier));
    }

    pub(super) fn reach_stop(&mut self, now: SimTime, courier: CourierId) {
        self.orders.loose_ends -= 1;
        let state = &mut *self.couriers[courier.index()];
        match self.routes[courier.index()].doing {
            Doing::RidingToStore { store, since, road, .. } => {
                state.spot = self.ground.store_spots[store.index()];
                self.reach_store(now, courier, store, since, road);
            }
            Doing::RidingToDoor { order, road, .. } => {
                state.spot = self.orders.rows[order.index()].home;
                self.reach_door(now, courier, order, road);
            }
            Doing::Repositioning { to, since, road, .. } => {
                state.spot = to;
                self.log_empty_ride(now, courier, since, road);
                self.proceed(now, courier);
            }
            doing => unreachable!("now {now}, courier {} reaches a stop while {doing:?}", courier.0),
        }
    }

    fn log_empty_ride(&mut self, now: SimTime, courier: CourierId, since: SimTime, road: f64) {
        let event = Event::CourierRepositioned { courier, leg_m: road as f32, rode_for: Span::from(now - since) };
        self.log.0.record(now, event);
    }

    fn reach_store(&mut self, now: SimTime, courier: CourierId, store: StoreId, since: SimTime, road: f64) {
        let visit = self.visit_length(courier, store);
        if visit == 0 {
            // Every order of the visit was cancelled on the way.
            self.log_empty_ride(now, courier, since, road);
            self.proceed(now, courier);
            return;
        }
        let leg_m = (road / visit as f64) as f32;
        for place in 0..visit {
            let order = self.routes[courier.index()].stops[place].order();
            self.orders.row(order).courier_there = now;
            self.log.0.record(now, Event::CourierRode { order, courier, leg_m });
        }
        self.routes[courier.index()].doing = Doing::AtStore { store, since: now };
        self.try_take_over(now, courier);
    }

    /// The goods change hands when all orders of the visit are ready, half of the service is done and nothing is held.
    pub(super) fn try_take_over(&mut self, now: SimTime, courier: CourierId) {
        let Doing::AtStore { store, since } = self.routes[courier.index()].doing else { return };
        let visit = self.visit_length(courier, store);
        if visit == 0 {
            self.proceed(now, courier);
            return;
        }
        let route = &*self.routes[courier.index()];
        let ready = |stop: &Stop| self.orders.rows[stop.order().index()].phase == Phase::Ready;
        if route.hold || !route.stops[..visit].iter().all(ready) {
            return;
        }
        let half = self.rules.pickup_service.half();
        let taken = (since + half).max(now);
        let leaves = taken + (self.rules.pickup_service - half);
        let route = &mut *self.routes[courier.index()];
        (route.doing, route.locked) = (Doing::TakingOver { store, leaves }, visit);
        self.calendar.schedule(taken, Notice::TakeOver(courier));
    }

    /// The courier has the goods of the visit.
    pub(super) fn take_over(&mut self, now: SimTime, courier: CourierId) {
        let Doing::TakingOver { store, leaves } = self.routes[courier.index()].doing else {
            unreachable!("now {now}, courier {} takes goods over outside a visit", courier.0)
        };
        let taken = std::mem::take(&mut self.routes[courier.index()].locked);
        for place in 0..taken {
            let order = self.routes[courier.index()].stops[place].order();
            let row = &mut self.orders.rows[order.index()];
            row.phase = Phase::PickedUp;
            let (at_store_for, units) = (Span::from(now - row.courier_there), row.units);
            self.log.0.record(now, Event::OrderPickedUp { order, courier, at_store_for });
            self.shelves.hand_out(store, units);
        }
        let route = &mut *self.routes[courier.index()];
        route.stops.drain(..taken);
        route.on_board += taken as u32;
        self.leave_at(now, courier, leaves);
    }

    fn leave_at(&mut self, now: SimTime, courier: CourierId, leaves: SimTime) {
        if leaves <= now {
            self.leave_stop(now, courier);
        } else {
            self.orders.loose_ends += 1;
            self.calendar.schedule(leaves, Notice::LeaveStop(courier));
        }
    }

    /// The service at a store or door is over.
    pub(super) fn end_stop(&mut self, now: SimTime, courier: CourierId) {
        self.orders.loose_ends -= 1;
        self.leave_stop(now, courier);
    }

    fn leave_stop(&mut self, now: SimTime, courier: CourierId) {
        if let Doing::AtDoor { order, .. } = self.routes[courier.index()].doing {
            self.log.0.record(now, Event::CourierFreed { courier, order });
        }
        self.proceed(now, courier);
    }

    fn reach_door(&mut self, now: SimTime, courier: CourierId, order: OrderId, road: f64) {
        let service = self.door_service(order);
        let until_delivered = self.until_delivered(service);
        self.orders.row(order).courier_there = now;
        self.log.0.record(now, Event::CourierRode { order, courier, leg_m: road as f32 });
        self.routes[courier.index()].doing = Doing::AtDoor { order, leaves: now + service };
        self.calendar.schedule(now + until_delivered, Notice::HandOver(courier));
    }

    /// The consumer has the goods.
    pub(super) fn hand_over(&mut self, now: SimTime, courier: CourierId) {
        let Doing::AtDoor { order, leaves } = self.routes[courier.index()].doing else {
            unreachable!("now {now}, courier {} hands over away from a door", courier.0)
        };
        let row = &mut self.orders.rows[order.index()];
        row.phase = Phase::Final;
        let at_door_for = Span::from(now - row.courier_there);
        self.orders.open -= 1;
        let route = &mut *self.routes[courier.index()];
        route.stops.remove(0);
        route.locked = 0;
        route.on_board -= 1;
        self.orders.pairs.forget(order);
        self.log.0.record(now, Event::OrderDelivered { order, courier, at_door_for });
        if self.offers.on {
            self.learn_from_delivery(now, order);
        }
        self.maybe_return(now, order, self.rules.near_return_factor);
        self.leave_at(now, courier, leaves);
    }

    /// A packed order may be what its courier waits for.
    pub(super) fn trip_order_is_ready(&mut self, now: SimTime, order: OrderId) {
        let courier = self.orders.rows[order.index()].courier;
        if courier != NO_COURIER {
            self.try_take_over(now, CourierId(courier));
        }
    }

    /// Takes an order that is not picked up out of its courier's stops.
    pub(super) fn leave_out(&mut self, now: SimTime, order: OrderId, courier: CourierId) {
        let route = &mut *self.routes[courier.index()];
        let locked = route.stops[..route.locked].iter().filter(|stop| stop.order() == order).count();
        route.locked -= locked;
        route.stops.retain(|stop| stop.order() != order);
        self.join_visit(now, courier);
        self.try_take_over(now, courier);
    }

    /// At the end of a shift an open visit is given up: nothing may be picked up later.
    pub(super) fn release_held(&mut self, now: SimTime, courier: CourierId) {
        if !self.routes[courier.index()].hold {
            return;
        }
        let route = &mut *self.routes[courier.index()];
        route.hold = false;
        let held: Vec<OrderId> = route
            .stops
            .iter()
            .filter_map(|stop| if let Stop::PickUp(order) = stop { Some(*order) } else { None })
            .collect();
        route.stops.retain(|stop| !held.contains(&stop.order()));
        for order in held {
            let row = self.orders.row(order);
            row.courier = NO_COURIER;
            row.courier_there = SimTime::NEVER;
            self.log.0.record(now, Event::OrderReleased { order, courier });
            self.begin_wait(now, order);
        }
        if matches!(self.routes[courier.index()].doing, Doing::AtStore { .. }) {
            self.proceed(now, courier);
        }
    }

    /// A courier with nothing to do rides to a spot without an order.
    pub(super) fn reposition(&mut self, now: SimTime, courier: CourierId, to: Spot) {
        let from = self.couriers[courier.index()].spot;
        let road = self.ground.city.travel.road(self.ground.city.travel.space().distance(from, to));
        let ride: SimDuration = self.ground.city.travel.time_of_road(road, now);
        self.set_to_work(courier);
        self.routes[courier.index()].doing = Doing::Repositioning { to, since: now, arrives: now + ride, road };
        self.ride_until(now + ride, courier);
    }
}
