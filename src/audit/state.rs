//! What the auditor knows of an order.

use super::Auditor;
use crate::units::{CourierId, OrderId, SimTime, StoreId};

/// Who serves an order.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Server {
    Store(StoreId),
    /// With the place in the sequence in which orders were given to it, from 1.
    Warehouse(u32),
    /// A store, by a parcel.
    StoreParcel(StoreId),
    Abroad,
    /// A store, from which the consumer fetches it.
    Pickup(StoreId),
}

/// An instant, or none yet. Half the size of `Option<SimTime>`.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Moment(SimTime);

impl Default for Moment {
    fn default() -> Self {
        Moment::NONE
    }
}
impl From<SimTime> for Moment {
    fn from(at: SimTime) -> Self {
        Moment(at)
    }
}
impl Moment {
    pub(super) const NONE: Moment = Moment(SimTime::NEVER);

    #[inline]
    pub(super) fn get(self) -> Option<SimTime> {
        self.is_some().then_some(self.0)
    }
    #[inline]
    pub(super) fn is_some(self) -> bool {
        self.0 != SimTime::NEVER
    }
    #[inline]
    pub(super) fn is_none(self) -> bool {
        !self.is_some()
    }
}

/// Something that the log has said of an order.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(super) enum Mark {
    Placed = 1,
    FeeRaised = 1 << 1,
    Ready = 1 << 2,
    /// Its courier was on duty when they got it.
    GivenOnDuty = 1 << 3,
    /// Its courier set out for its store later than they got it, and was on duty then.
    SetOut = 1 << 4,
    SetOutOnDuty = 1 << 5,
    PickedUp = 1 << 6,
    Freed = 1 << 7,
    Packed = 1 << 8,
    Shipped = 1 << 9,
    Delivered = 1 << 10,
    Cancelled = 1 << 11,
    Returned = 1 << 12,
    ReceivedBack = 1 << 13,
    /// Money was given back for lines that were not delivered.
    Refunded = 1 << 14,
    /// It moved to another store.
    Moved = 1 << 15,
    /// Units of it were not found and not replaced.
    Missing = 1 << 16,
}

/// What the log has said of an order so far. It is kept small and within one line of the cache, since reaching for memory is
/// much of what an audit costs: an instant stays only as long as a rule may ask for it, and what few orders have stands in
/// [`Rare`].
#[derive(Clone, Copy)]
#[repr(align(32))]
pub(super) struct Order {
    /// Since when its store has it: when it was placed, or moved there; once it left, when it was picked up or shipped.
    pub(super) since: Moment,
    /// When its courier got it; once they set out for it later, when they did.
    pub(super) began: Moment,
    pub(super) server: Option<Server>,
    /// Or [`NO_COURIER`].
    pub(super) courier: u32,
    marks: u32,
}

pub(super) const NO_COURIER: u32 = u32::MAX;

impl Default for Order {
    fn default() -> Self {
        Order { since: Moment::NONE, began: Moment::NONE, server: None, courier: NO_COURIER, marks: 0 }
    }
}

impl Order {
    #[inline]
    pub(super) fn is(&self, mark: Mark) -> bool {
        self.marks & mark as u32 != 0
    }
    #[inline]
    pub(super) fn mark(&mut self, mark: Mark) {
        self.marks |= mark as u32;
    }
    #[inline]
    pub(super) fn set(&mut self, mark: Mark, is: bool) {
        self.marks = if is { self.marks | mark as u32 } else { self.marks & !(mark as u32) };
    }
    #[inline]
    pub(super) fn courier(&self) -> Option<CourierId> {
        (self.courier != NO_COURIER).then_some(CourierId(self.courier))
    }
    /// Whether it was placed at this instant, and nothing has moved it since.
    #[inline]
    pub(super) fn is_checked_out(&self, now: SimTime) -> bool {
        let left = [Mark::Moved, Mark::PickedUp, Mark::Shipped].into_iter().any(|mark| self.is(mark));
        self.since.get() == Some(now) && !left
    }
    /// The store that its goods are from.
    #[inline]
    pub(super) fn store(&self) -> Option<StoreId> {
        match self.server {
            Some(Server::Store(store) | Server::StoreParcel(store) | Server::Pickup(store)) => Some(store),
            _ => None,
        }
    }
}

/// What the log says of few orders, or of none at all.
#[derive(Clone, Copy, Default)]
pub(super) struct Rare {
    /// On a trip of planned stops: when the courier reached the store.
    pub(super) at_store: Moment,
    /// On a trip of planned stops: when the courier set out for the door, and reached it.
    pub(super) left: Moment,
    pub(super) at_door: Moment,
    /// Fen given back for lines that were not delivered.
    pub(super) refunded: u32,
    /// Units of lines that were not found and not replaced.
    pub(super) missing: u32,
}

impl Auditor<'_> {
    /// The order, if the log knows it; else reports. Inlined, so that only what a rule asks for is copied.
    #[inline(always)]
    pub(super) fn order(&mut self, id: OrderId) -> Order {
        match self.orders.get(id.index()) {
            Some(order) => *order,
            // Nothing is handed back through memory, so that an order stays in registers.
            None => {
                self.unknown(id);
                Order::default()
            }
        }
    }
    #[cold]
    #[inline(never)]
    fn unknown(&mut self, id: OrderId) {
        self.report(self.now, format!("order {} has no placement", id.0));
    }
    /// Changes what is known of the order.
    #[inline]
    pub(super) fn set(&mut self, id: OrderId, change: impl FnOnce(&mut Order)) {
        if let Some(order) = self.orders.get_mut(id.index()) {
            change(order);
        }
    }
    #[inline]
    pub(super) fn mark(&mut self, id: OrderId, mark: Mark) {
        self.set(id, |order| order.mark(mark));
    }
    #[inline]
    pub(super) fn rare(&self, id: OrderId) -> Rare {
        self.rare.get(id.index()).copied().unwrap_or_default()
    }
    pub(super) fn set_rare(&mut self, id: OrderId, change: impl FnOnce(&mut Rare)) {
        if self.rare.is_empty() {
            self.rare = vec![Rare::default(); self.orders.len()];
        }
        if let Some(rare) = self.rare.get_mut(id.index()) {
            change(rare);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_an_order_fits_half_a_line_of_the_cache() {
        assert_eq!(size_of::<Order>(), 32);
    }
}
