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
/// No run lasts longer.
pub(super) const LONGEST_RUN: SimTime = SimTime(LAST_MS);
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

/// Length of a slot in powers of two of milliseconds: 65.5 s.
const SLOT_BITS: u32 = 16;
/// Slots kept one by one: three days. A power of two.
const SLOTS: usize = 4096;

/// A priority queue of notices: what lies ahead is thrown into slots of a minute, and sorted when its minute comes.
///
/// ```text
///  schedule ──► this slot: heap of what came up during it ─┐
///          ├──► one of the slots ahead ──► sorted at once ─┴─► the earlier of both
///          └──► beyond the slots: heap ──► its slot
/// ```
/// A heap of all notices takes a fifth of the run of a large city, whose parcels are on their way for days: each step down
/// it is a far read. Here a notice is written once, and sorted among its neighbours in the cache; to schedule is *O*(1).
///
/// Time (34 bits of milliseconds, 198 days), kind and id share one 64-bit key: the order is total and
/// a comparison is one instruction.
#[derive(Resource, Debug)]
pub(super) struct Calendar {
    /// Number of the slot that is open.
    open: u64,
    /// What was due in it when it was opened, latest first.
    sorted: Vec<u64>,
    /// What was scheduled for it, or for before it, since then.
    heap: BinaryHeap<Reverse<u64>>,
    /// By slot number modulo their count: what is due in the slots after the open one.
    ahead: Vec<Vec<u64>>,
    /// Notices in `ahead`.
    waiting: usize,
    /// What is due after the last slot.
    beyond: BinaryHeap<Reverse<u64>>,
    now: SimTime,
}

impl Default for Calendar {
    fn default() -> Self {
        Calendar {
            open: 0,
            sorted: Vec::new(),
            heap: BinaryHeap::new(),
            ahead: vec![Vec::new(); SLOTS],
            waiting: 0,
            beyond: BinaryHeap::new(),
            now: SimTime::ZERO,
        }
    }
}

/// Number of the slot in which a notice is due.
#[inline]
fn slot_of(key: u64) -> u64 {
    key >> (ID_BITS + KIND_BITS + SLOT_BITS)
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
        let key = at << (ID_BITS + KIND_BITS) | notice.code();
        let slot = slot_of(key);
        if slot <= self.open {
            self.heap.push(Reverse(key));
        } else if slot - self.open < SLOTS as u64 {
            self.ahead[slot as usize % SLOTS].push(key);
            self.waiting += 1;
        } else {
            self.beyond.push(Reverse(key));
        }
    }

    /// Takes the first notice due at or before `limit`.
    #[inline]
    pub(super) fn take_due(&mut self, limit: SimTime) -> Option<(SimTime, Notice)> {
        // The first key after the limit's instant.
        let end = (limit.0.clamp(-1, LAST_MS) as u64).wrapping_add(1) << (ID_BITS + KIND_BITS);
        let end = if limit.0 >= LAST_MS { u64::MAX } else { end };
        loop {
            let sorted = self.sorted.last().copied().unwrap_or(u64::MAX);
            let scheduled = self.heap.peek().map_or(u64::MAX, |key| key.0);
            let key = sorted.min(scheduled);
            if key < end {
                if key == sorted {
                    self.sorted.pop();
                } else {
                    self.heap.pop();
                }
                self.now = SimTime((key >> (ID_BITS + KIND_BITS)) as i64);
                return Some((self.now, Notice::decode(key & ((1 << (ID_BITS + KIND_BITS)) - 1))));
            }
            // Nothing of a later slot comes before what is left of this one.
            if key < u64::MAX || !self.open_next(slot_of(end - 1)) {
                return None;
            }
        }
    }

    /// Opens the next slot that holds a notice, up to slot `last`; false if there is none.
    fn open_next(&mut self, last: u64) -> bool {
        let due_beyond = self.beyond.peek().map_or(u64::MAX, |key| slot_of(key.0));
        while self.open < last {
            if self.waiting == 0 && due_beyond > last {
                return false;
            }
            self.open += 1;
            let slot = &mut self.ahead[self.open as usize % SLOTS];
            if slot.is_empty() && due_beyond != self.open {
                continue;
            }
            self.waiting -= slot.len();
            self.sorted = std::mem::take(slot);
            while let Some(Reverse(key)) = self.beyond.peek().filter(|key| slot_of(key.0) == self.open) {
                self.sorted.push(*key);
                self.beyond.pop();
            }
            self.sorted.sort_unstable_by(|a, b| b.cmp(a));
            return true;
        }
        false
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
    fn slots_give_what_one_heap_would_give() {
        let mut draw = 7_u64;
        let mut random = |below: u64| {
            draw = draw.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
            (draw >> 33) % below
        };
        let (mut calendar, mut all) = (Calendar::default(), BinaryHeap::new());
        // Within a slot, a day, and beyond all slots.
        let spans = [3, 50_000, 86_400_000, 5 * 86_400_000];
        let (mut now, mut id) = (0, 0);
        for round in 0..20_000_u64 {
            for _ in 0..random(4) {
                let span = spans[random(4) as usize];
                let at = now + random(span);
                calendar.schedule(SimTime(at as i64), Notice::Deliver(OrderId(id)));
                all.push(Reverse((at, id)));
                id += 1;
            }
            let limit = now + random(if round % 2000 == 0 { 400_000_000 } else { 40_000 });
            while let Some((at, notice)) = calendar.take_due(SimTime(limit as i64)) {
                let Reverse((expected, order)) = all.pop().unwrap();
                assert_eq!((at.0 as u64, notice), (expected, Notice::Deliver(OrderId(order))));
                now = expected;
            }
            assert!(all.peek().is_none_or(|Reverse((at, _))| *at > limit), "at {limit}");
            now = now.max(limit);
            calendar.advance_to(SimTime(now as i64));
        }
        assert!(id > 20_000);
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
