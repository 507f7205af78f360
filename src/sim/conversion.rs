//! The end of an order's wait for a courier: who was to get it near gets it by parcel, or not at all.

use super::calendar::Notice;
use super::schedule::Desk;
use super::shopping::{NO_COURIER, OrderRow, Phase};
use crate::city::Channel;
use crate::event::{CancelReason, Event, FarReason};
use crate::scenario::{AfterMaxWait, DispatchPolicy, Scenario};
use crate::units::{OrderId, SimDuration, SimTime, StoreId};
use std::collections::BTreeSet;

/// How long packed orders wait for a courier.
#[derive(Debug)]
pub(super) struct MaxWait {
    span: SimDuration,
    after: AfterMaxWait,
    /// Orders with a notice of the end of their time: one at most each, and none that was sent far, whose notices of
    /// this kind are those of the warehouse.
    timed: BTreeSet<OrderId>,
}

impl MaxWait {
    /// None where orders wait for as long as their consumers do, or have a courier from the start.
    pub(super) fn new(scenario: &Scenario) -> Option<MaxWait> {
        let committed =
            matches!(scenario.dispatch.policy, DispatchPolicy::EarliestDropoff | DispatchPolicy::StoreCouriers);
        let span = SimDuration::from_minutes(scenario.dispatch.max_wait_min.filter(|_| !committed)?);
        Some(MaxWait { span, after: scenario.dispatch.after_max_wait, timed: BTreeSet::new() })
    }
}

impl Desk<'_> {
    /// A packed order without a courier waits from now on: it has just been packed, or given back.
    #[inline]
    pub(super) fn begin_wait(&mut self, now: SimTime, order: OrderId) {
        let Some(rule) = &mut self.dispatching.max_wait else { return };
        let OrderRow { phase, courier, store, .. } = self.orders.rows[order.index()];
        // Couriers of a branch bring parcels, which come when they come.
        let near = self.ground.city.stores[store.index()].channel == Channel::Near;
        if near && phase == Phase::Ready && courier == NO_COURIER && rule.timed.insert(order) {
            self.calendar.schedule(now + rule.span, Notice::PackParcel(order));
        }
    }

    /// The time of an order is up. If a courier has it, it can begin again.
    pub(super) fn end_wait(&mut self, now: SimTime, order: OrderId) {
        let Some(rule) = &mut self.dispatching.max_wait else { return };
        rule.timed.remove(&order);
        let OrderRow { phase, courier, .. } = self.orders.rows[order.index()];
        if phase != Phase::Ready || courier != NO_COURIER {
            return;
        }
        match rule.after {
            AfterMaxWait::Far => self.convert(now, order),
            AfterMaxWait::Cancel => self.cancel(now, order, CancelReason::NoCourier),
        }
    }

    /// A packed order goes back on the shelf, and all that was ordered comes as a parcel.
    fn convert(&mut self, now: SimTime, order: OrderId) {
        let store = self.orders.rows[order.index()].store;
        let units = self.log.0.lines_of(order).iter().map(|line| line.quantity).sum();
        let row = self.orders.row(order);
        // As an order that no store ever had.
        (row.phase, row.store, row.ride, row.units) = (Phase::Far, StoreId(u32::MAX), 0.0, units);
        self.log.0.record(now, Event::OrderConverted { order });
        self.release_stock(now, order, store);
        self.leave_pair(now, order);
        self.send_far(now, order, FarReason::MaxWait);
    }
}
