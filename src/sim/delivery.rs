//! Delivery: couriers, their shifts, and the way of an order from the store to the door.

use super::calendar::Notice;
use super::free_spots::FreeSpots;
use super::idle::IdleCouriers;
use super::schedule::Desk;
use super::shopping::{NO_COURIER, Phase};
use super::waiting::Waiting;
use crate::city::space::Spot;
use crate::event::{CancelReason, Event, Span};
use crate::policy::dispatch::earliest_dropoff::{self, Commitment, CommittedCourier, EarliestDropoff, PlacedOrder};
use crate::scenario::{DeliveredAt, DispatchPolicy};
use crate::units::{CourierId, OrderId, SimDuration, SimTime};
use bevy_ecs::prelude::{Component, Resource};
use rand_distr::{Distribution, Exp1, StandardNormal};
use std::collections::VecDeque;

/// What a courier is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum CourierState {
    /// Not working.
    OffShift,
    /// Waiting for an order where they stand.
    Idle,
    /// On the way to a store, there, or on the way to a door; ends with the order.
    Busy,
}

/// A courier's state.
#[derive(Component, Clone, Copy, Debug)]
pub(super) struct Courier {
    pub(super) state: CourierState,
    /// Where they stand, or stood when they set out.
    pub(super) spot: Spot,
    pub(super) on_duty: bool,
    pub(super) fleet: u16,
    /// Shifts that have begun.
    pub(super) shifts_begun: u16,
    /// When and where all commitments end.
    pub(super) free_at: SimTime,
    pub(super) free_spot: Spot,
}

/// Orders a courier has committed to and not begun, in order, each with the start of the shift it is meant for.
#[derive(Component, Clone, Default, Debug)]
pub(super) struct Plan(pub(super) VecDeque<(OrderId, SimTime)>);

/// A courier's shifts.
#[derive(Component, Clone, Debug)]
pub(super) struct Shifts(pub(super) Vec<(SimTime, SimTime)>);

/// One group of couriers and stores that work for each other only.
#[derive(Debug)]
pub(super) struct Fleet {
    pub(super) couriers: Vec<CourierId>,
    pub(super) idle: IdleCouriers,
    /// Ready orders without a courier.
    pub(super) waiting: Waiting,
    /// Where commitments end; None for policies that do not ask.
    pub(super) free_spots: Option<FreeSpots>,
}

/// All fleets, by index.
#[derive(Resource, Debug)]
pub(super) struct Fleets(pub(super) Vec<Fleet>);

impl Desk<'_> {
    fn fleet_of(&self, order: OrderId) -> u16 {
        self.ground.city.stores[self.orders.rows[order.index()].store.index()].fleet
    }

    /// Policies that choose the courier at placement do so now.
    #[inline]
    pub(super) fn commit_on_placement(&mut self, now: SimTime, order: OrderId, ready: SimTime) {
        match self.rules.dispatch {
            DispatchPolicy::GreedyNearest => {}
            DispatchPolicy::EarliestDropoff => self.commit_earliest_dropoff(now, order, ready),
            DispatchPolicy::StoreCouriers => self.commit_store_courier(now, order, ready),
            _ => self.open_for_dispatch(now, order, ready),
        }
    }

    fn commit_earliest_dropoff(&mut self, now: SimTime, order: OrderId, ready: SimTime) {
        let row = self.orders.rows[order.index()];
        let view = self.placed_order(now, order, row.store, ready, row.ride);
        match self.first_to_deliver(self.fleet_of(order) as usize, &view) {
            Some(commitment) => self.commit(now, order, row.home, commitment),
            None => {
                self.cancel(now, order, CancelReason::NoCourier);
                self.give_picker_back(order, ready);
            }
        }
    }

    /// The courier of a fleet who would deliver first.
    fn first_to_deliver(&mut self, fleet: usize, order: &PlacedOrder) -> Option<Commitment> {
        let (couriers, plans) = (&self.couriers, &self.plans);
        let show = |courier: CourierId| {
            let state = &*couriers[courier.index()];
            let shifts = &plans[courier.index()].1.0;
            CommittedCourier { courier, free_at: state.free_at, free_spot: state.free_spot, shifts }
        };
        let fleet = &mut self.fleets.0[fleet];
        let travel = &self.ground.city.travel;
        let mut search = EarliestDropoff::new(order, travel);
        let free_spots = fleet.free_spots.as_mut().expect("this policy keeps them");
        free_spots.around(travel.space(), order.store, &mut search, show);
        let by_looking_at_all =
            || earliest_dropoff::earliest_dropoff(order, fleet.couriers.iter().map(|courier| show(*courier)), travel);
        debug_assert_eq!(search.best, by_looking_at_all());
        search.best
    }

    /// Notes when and where the commitments of a courier end.
    pub(super) fn set_free(&mut self, now: SimTime, courier: CourierId, free_at: SimTime, free_spot: Spot) {
        let state = &mut *self.couriers[courier.index()];
        let left = std::mem::replace(&mut state.free_spot, free_spot);
        state.free_at = free_at;
        if let Some(free_spots) = &mut self.fleets.0[usize::from(state.fleet)].free_spots {
            // Between shifts nobody sets out.
            let earliest = free_at.max(now);
            let shifts = &self.plans[courier.index()].1.0;
            let on = shifts.iter().find(|(_, off)| *off >= earliest).map_or(SimTime::NEVER, |(on, _)| *on);
            free_spots.remove(courier, left);
            free_spots.insert(courier, free_spot, free_at.max(on));
        }
    }

    /// Enters a commitment; an idle courier on duty sets out at once, unless it is for a later shift.
    fn commit(&mut self, now: SimTime, order: OrderId, home: Spot, commitment: Commitment) {
        let Commitment { courier, approach, shift_start, free_at, .. } = commitment;
        let (free_at, free_spot) = match self.rules.return_to_base {
            true => self.back_at_base(courier, home, free_at),
            false => (free_at, home),
        };
        self.orders.row(order).courier = courier.0;
        self.log.0.record(now, Event::CourierAssigned { order, courier, approach_m: approach as f32 });
        self.set_free(now, courier, free_at, free_spot);
        let state = &mut *self.couriers[courier.index()];
        if state.state == CourierState::Idle && shift_start <= now {
            let spot = state.spot;
            let fleet = state.fleet as usize;
            state.state = CourierState::Busy;
            self.fleets.0[fleet].idle.remove(courier, spot);
            self.set_out(now, order, spot);
        } else {
            let plan = &mut *self.plans[courier.index()].0;
            plan.0.push_back((order, shift_start));
        }
    }

    /// A packed order asks for its courier.
    #[inline]
    pub(super) fn order_is_ready(&mut self, now: SimTime, order: OrderId) {
        if self.rules.trips {
            self.trip_order_is_ready(now, order);
            return;
        }
        let Some(order) = self.asks_for_courier(order) else { return };
        let row = self.orders.rows[order.index()];
        if row.courier != NO_COURIER {
            // The courier has set out already, or will; in the second case setting out looks again.
            if row.courier_there != SimTime::NEVER {
                self.expect_pick_up(now, order);
            }
            return;
        }
        let fleet = &mut self.fleets.0[self.ground.city.stores[row.store.index()].fleet as usize];
        let store = self.ground.store_spots[row.store.index()];
        match fleet.idle.take_nearest(self.ground.city.travel.space(), store) {
            Some((courier, distance)) if self.rules.refusal.is_none() && self.rules.pick_up_after_shift => {
                self.assign_idle(now, order, courier, distance);
            }
            Some(nearest) => self.offer_around(now, order, nearest),
            None => fleet.waiting.push(order, store),
        }
    }

    /// Whether the courier can pick a ready order up this far away and keep to the rule on the end of shifts.
    #[inline]
    fn in_shift(&self, now: SimTime, courier: CourierId, road: f64) -> bool {
        if self.rules.pick_up_after_shift {
            return true;
        }
        let (_, shifts) = &self.plans[courier.index()];
        let off = shifts.0[usize::from(self.couriers[courier.index()].shifts_begun) - 1].1;
        now + self.ground.city.travel.time_of_road(road, now) + self.rules.pickup_service.half() <= off
    }

    /// Offers a ready order to idle couriers, nearest first, until one accepts; else it waits.
    fn offer_around(&mut self, now: SimTime, order: OrderId, nearest: (CourierId, f64)) {
        let store_id = self.orders.rows[order.index()].store;
        let (store, fleet) = (self.ground.store_spots[store_id.index()], self.fleet_of(order) as usize);
        let mut refusers = Vec::new();
        let mut next = Some(nearest);
        while let Some((courier, distance)) = next {
            let road = self.ground.city.travel.road(distance);
            if self.in_shift(now, courier, road) && !self.refuses(now, order, courier, road) {
                self.assign_idle(now, order, courier, distance);
                break;
            }
            refusers.push(courier);
            next = self.fleets.0[fleet].idle.take_nearest(self.ground.city.travel.space(), store);
        }
        if next.is_none() {
            self.fleets.0[fleet].waiting.push(order, store);
        }
        for courier in refusers {
            self.fleets.0[fleet].idle.insert(courier, self.couriers[courier.index()].spot);
        }
    }

    /// An idle courier sets out for a ready order.
    #[inline]
    fn assign_idle(&mut self, now: SimTime, order: OrderId, courier: CourierId, distance: f64) {
        if let Some(partner) = self.orders.pairs.partner(order) {
            self.begin_joint_trip(now, order, partner, courier);
            return;
        }
        let road = self.ground.city.travel.road(distance);
        self.log.0.record(now, Event::CourierAssigned { order, courier, approach_m: road as f32 });
        let state = &mut *self.couriers[courier.index()];
        state.state = CourierState::Busy;
        let row = self.orders.row(order);
        row.courier = courier.0;
        row.courier_there = now + self.ground.city.travel.time_of_road(road, now);
        if self.offers.on {
            let (free_at, home) = (state.free_at, row.home);
            self.set_free(now, courier, free_at, home);
        }
        self.expect_pick_up(now, order);
    }

    /// A courier leaves `from` for the store of an order.
    fn set_out(&mut self, now: SimTime, order: OrderId, from: Spot) {
        let row = &mut self.orders.rows[order.index()];
        let store = self.ground.store_spots[row.store.index()];
        row.courier_there = now + self.ground.city.travel.time(from, store, now);
        if row.phase == Phase::Ready {
            self.expect_pick_up(now, order);
        }
    }

    /// The order is ready and its courier under way: the goods change hands when half the service at the store is done.
    #[inline]
    fn expect_pick_up(&mut self, now: SimTime, order: OrderId) {
        let there = self.orders.row(order).courier_there;
        self.calendar.schedule((there + self.rules.pickup_service.half()).max(now), Notice::PickUp(order));
    }

    /// The courier has the goods and rides to the door.
    #[inline]
    pub(super) fn pick_up(&mut self, now: SimTime, order: OrderId) {
        let service = self.door_service(order);
        let until_delivered = self.until_delivered(service);
        let row = &mut self.orders.rows[order.index()];
        if row.phase != Phase::Ready {
            return;
        }
        row.phase = Phase::PickedUp;
        let courier = CourierId(row.courier);
        let at_store_for = Span::from(now - row.courier_there);
        let leave = now + (self.rules.pickup_service - self.rules.pickup_service.half());
        row.courier_there = leave + self.ground.city.travel.time_of_road(row.ride, leave);
        let (store, units) = (row.store, row.units);
        self.calendar.schedule(row.courier_there + until_delivered, Notice::Deliver(order));
        self.log.0.record(now, Event::OrderPickedUp { order, courier, at_store_for });
        self.shelves.hand_out(store, units);
    }

    /// The consumer has the goods.
    #[inline]
    pub(super) fn deliver(&mut self, now: SimTime, order: OrderId) {
        let row = &mut self.orders.rows[order.index()];
        row.phase = Phase::Final;
        let (courier, door) = (CourierId(row.courier), row.courier_there);
        self.orders.open -= 1;
        self.log.0.record(now, Event::OrderDelivered { order, courier, at_door_for: Span::from(now - door) });
        if self.offers.on {
            self.learn_from_delivery(now, order);
        }
        self.maybe_return(now, order, self.rules.near_return_factor);
        let end = door + self.door_service(order);
        if end <= now { self.free_courier(now, order) } else { self.expect_end_of_service(end, order) }
    }

    fn expect_end_of_service(&mut self, end: SimTime, order: OrderId) {
        self.orders.loose_ends += 1;
        self.calendar.schedule(end, Notice::FreeCourier(order));
    }

    /// A courier at work for a final order is done with it.
    pub(super) fn end_service(&mut self, now: SimTime, order: OrderId) {
        self.orders.loose_ends -= 1;
        self.free_courier(now, order);
    }

    /// The courier ends the service of an order, at its door or, if it was cancelled, at its store.
    #[inline]
    fn free_courier(&mut self, now: SimTime, order: OrderId) {
        let row = self.orders.rows[order.index()];
        let courier = CourierId(row.courier);
        let spot = if row.phase == Phase::Cancelled { self.ground.store_spots[row.store.index()] } else { row.home };
        self.log.0.record(now, Event::CourierFreed { courier, order });
        self.go_on(now, courier, spot);
    }

    /// What a courier does who has nothing in hand: keep a commitment, go off duty, take a waiting order, or wait.
    #[inline]
    pub(super) fn next_task(&mut self, now: SimTime, courier: CourierId, spot: Spot) {
        let state = &mut *self.couriers[courier.index()];
        state.spot = spot;
        let fleet = state.fleet as usize;
        if !state.on_duty {
            if state.state != CourierState::OffShift {
                state.state = CourierState::OffShift;
                self.log.0.record(now, Event::CourierOffDuty { courier });
            }
            return;
        }
        if self.rules.trips {
            state.state = CourierState::Idle;
            self.routes[courier.index()].idle_since = now;
            self.fleets.0[fleet].idle.insert(courier, spot);
            if self.rules.dispatch == DispatchPolicy::StoreCouriers {
                self.begin_shift_work(now, courier);
            }
            return;
        }
        state.state = CourierState::Busy;
        let mut committed = false;
        if self.rules.dispatch == DispatchPolicy::EarliestDropoff {
            let plan = &mut *self.plans[courier.index()].0;
            plan.0.retain(|(order, _)| self.orders.rows[order.index()].phase != Phase::Cancelled);
            if let Some((order, _)) = plan.0.pop_front_if(|(_, shift_start)| *shift_start <= now) {
                self.log.0.record(now, Event::CourierSetOut { order, courier });
                self.set_out(now, order, spot);
                return;
            }
            committed = !plan.0.is_empty();
        }
        if self.take_waiting(now, courier, fleet, spot) {
            return;
        }
        self.couriers[courier.index()].state = CourierState::Idle;
        // Without a commitment for a later shift an idle courier can be sent from here and now.
        if !committed {
            self.set_free(now, courier, SimTime::ZERO, spot);
        }
        self.fleets.0[fleet].idle.insert(courier, spot);
    }

    /// A courier who became idle takes a waiting order, unless they refuse all there are.
    #[inline]
    fn take_waiting(&mut self, now: SimTime, courier: CourierId, fleet: usize, spot: Spot) -> bool {
        let mut refused = Vec::new();
        let mut taken = false;
        while let Some(order) = self.fleets.0[fleet].waiting.take(self.ground.city.travel.space(), spot) {
            let row = &self.orders.rows[order.index()];
            if row.phase != Phase::Ready {
                continue;
            }
            let store = self.ground.store_spots[row.store.index()];
            let distance = self.ground.city.travel.space().distance(spot, store);
            let road = self.ground.city.travel.road(distance);
            if !self.in_shift(now, courier, road) || self.refuses(now, order, courier, road) {
                refused.push((order, store));
                continue;
            }
            self.assign_idle(now, order, courier, distance);
            taken = true;
            break;
        }
        for (order, store) in refused.into_iter().rev() {
            self.fleets.0[fleet].waiting.put_back(order, store);
        }
        taken
    }

    pub(super) fn start_shift(&mut self, now: SimTime, courier: CourierId) {
        let state = &mut *self.couriers[courier.index()];
        let (_, shifts) = &self.plans[courier.index()];
        let end = shifts.0[state.shifts_begun as usize].1;
        state.shifts_begun += 1;
        state.on_duty = true;
        let (spot, busy) = (state.spot, state.state == CourierState::Busy);
        self.calendar.schedule(end.max(now), Notice::EndShift(courier));
        if !busy {
            self.log.0.record(now, Event::CourierOnDuty { courier });
            self.next_task(now, courier, spot);
        }
    }

    /// A busy courier finishes the order in hand first.
    pub(super) fn end_shift(&mut self, now: SimTime, courier: CourierId) {
        let state = &mut *self.couriers[courier.index()];
        let (_, shifts) = &self.plans[courier.index()];
        state.on_duty = false;
        if let Some(next) = shifts.0.get(state.shifts_begun as usize) {
            self.calendar.schedule(next.0.max(now), Notice::StartShift(courier));
        }
        if state.state == CourierState::Idle {
            state.state = CourierState::OffShift;
            let (spot, fleet) = (state.spot, state.fleet as usize);
            self.fleets.0[fleet].idle.remove(courier, spot);
            self.log.0.record(now, Event::CourierOffDuty { courier });
        } else if self.rules.trips {
            self.release_held(now, courier);
        }
    }

    /// The consumer cancels if the goods are not on their way yet.
    pub(super) fn lose_patience(&mut self, now: SimTime, order: OrderId) {
        if matches!(self.orders.rows[order.index()].phase, Phase::Preparing | Phase::Ready) {
            // Who waits for two parts together gives both up together.
            let partner = self.orders.pairs.part(order);
            self.cancel(now, order, CancelReason::Patience);
            if let Some(partner) = partner {
                self.cancel(now, partner, CancelReason::Patience);
            }
        }
    }

    /// Ends an order before pick-up: its units go back on the shelf, a courier under way is free at the store.
    pub(super) fn cancel(&mut self, now: SimTime, order: OrderId, reason: CancelReason) {
        self.take_back(now, order, reason);
        self.leave_pair(now, order);
    }

    fn take_back(&mut self, now: SimTime, order: OrderId, reason: CancelReason) {
        let row = self.orders.row(order);
        if self.offers.on && row.phase == Phase::Preparing {
            self.offers.leaves_pickers(row);
        }
        row.phase = Phase::Cancelled;
        let (store, there, courier) = (row.store, row.courier_there, row.courier);
        self.orders.open -= 1;
        self.log.0.record(now, Event::OrderCancelled { order, reason });
        self.release_stock(now, order, store);
        let on_trip = courier != NO_COURIER && !self.routes[courier as usize].stops.is_empty();
        if self.rules.trips || on_trip {
            if courier != NO_COURIER {
                self.forget(order, CourierId(courier));
                self.leave_out(now, order, CourierId(courier));
            }
            return;
        }
        if courier != NO_COURIER && there != SimTime::NEVER {
            self.expect_end_of_service(there.max(now), order);
        }
    }

    /// Time the hand-over takes: as observed in a trace, else drawn for this order.
    #[inline]
    pub(super) fn door_service(&self, order: OrderId) -> SimDuration {
        if let Some(first) = self.orders.pairs.handed_over_with(order)
            && self.orders.rows[first.index()].phase != Phase::Cancelled
        {
            return SimDuration::ZERO;
        }
        if let Some(observed) = self.ground.city.demand.trace.get(order.index()).and_then(|t| t.service) {
            return observed;
        }
        let handover = &self.rules.handover;
        if handover.sigma == 0.0 && !handover.exponential {
            return handover.mean;
        }
        let mut stream = self.rules.streams.handover.of(self.sessions.entity(order));
        let factor: f64 = if handover.exponential {
            Exp1.sample(&mut stream)
        } else {
            let z: f64 = StandardNormal.sample(&mut stream);
            (handover.sigma * z - 0.5 * handover.sigma * handover.sigma).exp()
        };
        SimDuration((handover.mean.0 as f64 * factor + 0.5) as i64)
    }

    /// From reaching the door to the moment that counts as delivered.
    #[inline]
    pub(super) fn until_delivered(&self, service: SimDuration) -> SimDuration {
        match self.rules.delivered_at {
            DeliveredAt::Arrival => SimDuration::ZERO,
            DeliveredAt::MidService => service.half(),
            DeliveredAt::EndService => service,
        }
    }
}
