//! The calendar: what is due, in time order.

use crate::units::{CourierId, OrderId, SimDuration, SimTime, StoreId};
use bevy_ecs::prelude::Resource;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Something due. At one instant notices are handled in the order of this list, then by id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Notice {
    StartShift(CourierId),
    FinishPicking(OrderId),
    PickUp(OrderId),
    Deliver(OrderId),
    FreeCourier(OrderId),
    PackParcel(OrderId),
    ShipParcel(OrderId),
    /// A parcel is at the door, an order to be fetched is collected or held no longer or, after delivery, a return moves on.
    EndTransit(OrderId),
    LosePatience(OrderId),
    EndShift(CourierId),
    ReachStop(CourierId),
    TakeOver(CourierId),
    HandOver(CourierId),
    LeaveStop(CourierId),
    /// A decision point; after all facts of its instant, so that the decision knows them.
    Decide(u32),
    WalkIn(StoreId),
    /// A delivery from the supplier reaches its store.
    ReceiveStock(u32),
    /// Vans of a review reach the stores to which they bring units of others.
    ReceiveTransfer,
    /// Stores look at what they may send each other.
    ReviewTransfers,
    /// Shelves were filled: those who wait for stock get it.
    ServeWaiting,
    /// A look at load or idle couriers.
    Review(u32),
}

/// Reviews share their kind with decisions, and deliveries theirs with walk-ins, which have numbers below this.
const REVIEW: u32 = 1 << 20;
const ID_BITS: u32 = 26;
const KIND_BITS: u32 = 4;
/// The last millisecond a notice can tell.
const LAST_MS: i64 = (1 << (64 - ID_BITS - KIND_BITS)) - 1;
/// Largest number of orders and of couriers in one run.
pub(super) const MAX_IDS: u32 = 1 << ID_BITS;

impl Notice {
    #[inline]
    fn code(self) -> u64 {
        let (kind, id) = match self {
            Notice::StartShift(c) => (0, c.0),
            Notice::FinishPicking(o) => (1, o.0),
            Notice::PickUp(o) => (2, o.0),
            Notice::Deliver(o) => (3, o.0),
            Notice::FreeCourier(o) => (4, o.0),
            Notice::PackParcel(o) => (5, o.0),
            Notice::ShipParcel(o) => (6, o.0),
            Notice::EndTransit(o) => (7, o.0),
            Notice::LosePatience(o) => (8, o.0),
            Notice::EndShift(c) => (9, c.0),
            Notice::ReachStop(c) => (10, c.0),
            Notice::TakeOver(c) => (11, c.0),
            Notice::HandOver(c) => (12, c.0),
            Notice::LeaveStop(c) => (13, c.0),
            Notice::Decide(number) => (14, number),
            Notice::WalkIn(s) => (15, s.0),
            Notice::Review(number) => (14, REVIEW + number),
            Notice::ReceiveStock(number) => (15, REVIEW + number),
            Notice::ReceiveTransfer => (15, MAX_IDS - 3),
            Notice::ReviewTransfers => (15, MAX_IDS - 2),
            Notice::ServeWaiting => (15, MAX_IDS - 1),
        };
        debug_assert!(id < MAX_IDS);
        kind << ID_BITS | u64::from(id)
    }
    #[inline]
    fn decode(code: u64) -> Notice {
        let id = code as u32 & (MAX_IDS - 1);
        match code >> ID_BITS & ((1 << KIND_BITS) - 1) {
            0 => Notice::StartShift(CourierId(id)),
            1 => Notice::FinishPicking(OrderId(id)),
            2 => Notice::PickUp(OrderId(id)),
            3 => Notice::Deliver(OrderId(id)),
            4 => Notice::FreeCourier(OrderId(id)),
            5 => Notice::PackParcel(OrderId(id)),
            6 => Notice::ShipParcel(OrderId(id)),
            7 => Notice::EndTransit(OrderId(id)),
            8 => Notice::LosePatience(OrderId(id)),
            9 => Notice::EndShift(CourierId(id)),
            10 => Notice::ReachStop(CourierId(id)),
            11 => Notice::TakeOver(CourierId(id)),
            12 => Notice::HandOver(CourierId(id)),
            13 => Notice::LeaveStop(CourierId(id)),
            14 if id >= REVIEW => Notice::Review(id - REVIEW),
            14 => Notice::Decide(id),
            _ if id == MAX_IDS - 3 => Notice::ReceiveTransfer,
            _ if id == MAX_IDS - 2 => Notice::ReviewTransfers,
            _ if id == MAX_IDS - 1 => Notice::ServeWaiting,
            _ if id >= REVIEW => Notice::ReceiveStock(id - REVIEW),
            _ => Notice::WalkIn(StoreId(id)),
        }
    }
}

/// A priority queue of notices: *O*(log n) to schedule and to take.
///
/// Time (34 bits of milliseconds, 198 days), kind and id share one 64-bit key: the order is total and
/// a comparison is one instruction.
#[derive(Resource, Default, Debug)]
pub(super) struct Calendar {
    heap: BinaryHeap<Reverse<u64>>,
    now: SimTime,
}

impl Calendar {
    /// Puts a notice down.
    ///
    /// # Panics
    /// When the notice lies in the past: a mistake of the model.
    #[inline]
    pub(super) fn schedule(&mut self, at: SimTime, notice: Notice) {
        assert!(at >= self.now, "now {}, cannot schedule {notice:?} for {at}", self.now);
        // No run lasts 198 days (horizon and drain have 125 at most): what is due later is never due.
        let at = at.0.min(LAST_MS) as u64;
        self.heap.push(Reverse(at << (ID_BITS + KIND_BITS) | notice.code()));
    }
    /// Takes the first notice due at or before `limit`.
    #[inline]
    pub(super) fn take_due(&mut self, limit: SimTime) -> Option<(SimTime, Notice)> {
        let Reverse(key) = *self.heap.peek()?;
        let at = SimTime((key >> (ID_BITS + KIND_BITS)) as i64);
        if at > limit {
            return None;
        }
        self.heap.pop();
        self.now = at;
        Some((at, Notice::decode(key & ((1 << (ID_BITS + KIND_BITS)) - 1))))
    }
    /// The last instant handled.
    pub(super) fn now(&self) -> SimTime {
        self.now
    }
    /// Moves the clock on to an instant that is not in the calendar.
    #[inline]
    pub(super) fn advance_to(&mut self, now: SimTime) {
        self.now = self.now.max(now);
    }
}

/// The hold model, for the bench: with `waiting` notices in the calendar, takes the first and schedules another up to
/// two hours later, `holds` times. Gives back the last instant, so that nothing is optimised away.
#[doc(hidden)]
pub fn hold_calendar(waiting: u32, holds: u32) -> SimTime {
    let mut calendar = Calendar::default();
    let mut draw = 1_u64;
    let mut while_ms = || {
        // A multiplicative generator: the bench shall measure the heap, not the draw.
        draw = draw.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
        SimDuration(((draw >> 40) as i64 * 7_200_000) >> 24)
    };
    for id in 0..waiting {
        calendar.schedule(SimTime::ZERO + while_ms(), Notice::Deliver(OrderId(id)));
    }
    for _ in 0..holds {
        let Some((now, notice)) = calendar.take_due(SimTime::NEVER) else { break };
        calendar.schedule(now + while_ms(), notice);
    }
    calendar.now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_come_by_time_then_kind_then_id() {
        let mut calendar = Calendar::default();
        let (early, late) = (SimTime(10), SimTime(20));
        let expected = [
            (early, Notice::StartShift(CourierId(9))),
            (early, Notice::Deliver(OrderId(3))),
            (early, Notice::Deliver(OrderId(MAX_IDS - 1))),
            (early, Notice::EndShift(CourierId(0))),
            (early, Notice::Review(1)),
            (early, Notice::WalkIn(StoreId(REVIEW - 1))),
            (early, Notice::ReceiveStock(0)),
            (early, Notice::ServeWaiting),
            (late, Notice::FinishPicking(OrderId(1))),
        ];
        for (at, notice) in expected.iter().rev() {
            calendar.schedule(*at, *notice);
        }
        let taken: Vec<_> = std::iter::from_fn(|| calendar.take_due(SimTime(20))).collect();
        assert_eq!(taken, expected);
    }

    #[test]
    fn what_lies_beyond_every_run_is_kept_and_never_due_within_one() {
        let mut calendar = Calendar::default();
        calendar.schedule(SimTime::NEVER, Notice::PackParcel(OrderId(1)));
        calendar.schedule(SimTime(5), Notice::PackParcel(OrderId(2)));
        let longest_run = SimTime::from_hours(3000.0);
        assert_eq!(calendar.take_due(longest_run), Some((SimTime(5), Notice::PackParcel(OrderId(2)))));
        assert_eq!(calendar.take_due(longest_run), None);
    }

    #[test]
    #[should_panic(expected = "cannot schedule PickUp(OrderId(1)) for 00:00:01")]
    fn the_past_cannot_be_scheduled() {
        let mut calendar = Calendar::default();
        calendar.advance_to(SimTime(2000));
        calendar.schedule(SimTime(1000), Notice::PickUp(OrderId(1)));
    }
}
