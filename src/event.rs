//! Room: event (floor 1). The facts a run leaves behind; may use `units` only.
//!
//! The event log is the narrow waist of the program: the simulation only appends to it, metrics and
//! audit only read it. An [`Event`] is a fact in the past tense with the ids of those it concerns;
//! what was known of an order when it was placed stands once, in its [`Placement`].

mod ledger;

pub use ledger::{Candidate, Inquiry, Ledger, Node, WhyNot};

use crate::units::{
    CategoryId, ConsumerId, CourierId, LaneId, Money, OrderId, SessionId, SimDuration, SimTime, SkuId, StoreId, Tier,
    ZoneId,
};

/// One fact and the instant it became true.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Record {
    /// When it happened.
    pub at: SimTime,
    /// What happened.
    pub event: Event,
}

/// Something that happened. Durations inside an event are facts too: they ended at the record's instant.
#[derive(Clone, Copy, PartialEq, Debug)]
#[expect(missing_docs, reason = "the sentence of each event says what its ids and spans are")]
pub enum Event {
    /// A consumer looked at what was on offer and left without an order; `near_offered` if a store could have served them.
    SessionLeft {
        session: SessionId,
        consumer: ConsumerId,
        category: CategoryId,
        near_offered: bool,
        reason: LeaveReason,
    },
    /// A consumer placed an order; its [`Placement`] holds the rest.
    OrderPlaced { order: OrderId },
    /// The order was split at checkout, when `units` worth `value_fen` had been ordered: it is the first part now, and the
    /// orders placed next, which name it in their [`Placement`], are the others.
    OrderSplit { order: OrderId, units: u32, value_fen: u32 },
    /// The order was given to a store and its units were reserved there; `ride_m` is the travel
    /// distance from store to consumer (detour included).
    OrderSourced { order: OrderId, store: StoreId, ride_m: f32 },
    /// The store of the order lacks so many of its units; those that are there are reserved, and the order waits.
    OrderBackordered { order: OrderId, units: u32 },
    /// An order moved to another store, where its units are reserved now: before picking began, or because the picker did not
    /// find all of it.
    OrderResourced { order: OrderId, store: StoreId, ride_m: f32 },
    /// No courier took the packed order in time: its units are on the shelf of its store again, and it is sent far next.
    OrderConverted { order: OrderId },
    /// The consumer of a near order was promised delivery within `promise` of placement, of an order to be fetched that it
    /// is ready by then. Without this fact the promise is `promise.near_min` (near), `promise.far_h` (far) or
    /// `pickup.ready_min`.
    OrderPromised { order: OrderId, promise: Span },
    /// Overload control added `by_fen` to the delivery fee of the order.
    FeeRaised { order: OrderId, by_fen: u32 },
    /// Overload control of the stores in a zone went to another level; every zone begins at [`LoadLevel::Normal`].
    LoadLevelChanged { zone: ZoneId, level: LoadLevel },
    /// The order will come as a parcel from there; a store has reserved its units.
    OrderSentFar { order: OrderId, reason: FarReason, from: FarOrigin },
    /// The picker did not find a line of the order: so many units of `sku`.
    LineMissing { order: OrderId, sku: SkuId, units: u32 },
    /// The consumer takes so many units of `sku` in place of a line that is missing.
    LineSubstituted { order: OrderId, sku: SkuId, units: u32 },
    /// A missing line of `sku` is not delivered; its value is given back.
    LineRefunded { order: OrderId, sku: SkuId, by_fen: u32 },
    /// The order is packed and may leave the store; the picker worked on it for `picked_for`.
    OrderReady { order: OrderId, store: StoreId, picked_for: Span },
    /// The order was given to a courier, who rides `approach_m` (detour included) to the store for it.
    /// The courier sets out at this instant unless a later [`Event::CourierSetOut`] says otherwise.
    CourierAssigned { order: OrderId, courier: CourierId, approach_m: f32 },
    /// A courier who was busy or off duty when the order was assigned set out for the store. On a trip of planned
    /// stops: the courier set out for the next stop of this order, its store or, once picked up, its door.
    CourierSetOut { order: OrderId, courier: CourierId },
    /// On a trip of planned stops the courier reached the next stop of this order, having ridden `leg_m` for it since
    /// the stop before; orders picked up in one visit share its ride equally.
    CourierRode { order: OrderId, courier: CourierId, leg_m: f32 },
    /// The courier ended a ride that no order bears: to a better place to wait, back to a store, or for an order
    /// that was cancelled on the way.
    CourierRepositioned { courier: CourierId, leg_m: f32, rode_for: Span },
    /// The courier was offered the order and refused it.
    OrderRefused { order: OrderId, courier: CourierId },
    /// The courier gave the order back before pick-up; it waits for another.
    OrderReleased { order: OrderId, courier: CourierId },
    /// The courier took the order over at the store, having been there for `at_store_for`
    /// (waiting plus the first half of the pick-up service).
    OrderPickedUp { order: OrderId, courier: CourierId, at_store_for: Span },
    /// The consumer has the goods; the courier had been at the door for `at_door_for`.
    OrderDelivered { order: OrderId, courier: CourierId, at_door_for: Span },
    /// The courier ended the service of this order and is free (also after a cancelled order).
    CourierFreed { courier: CourierId, order: OrderId },
    /// The courier's shift began.
    CourierOnDuty { courier: CourierId },
    /// The courier's shift ended and they carry nothing.
    CourierOffDuty { courier: CourierId },
    /// The warehouse finished picking and packing the parcel.
    ParcelPacked { order: OrderId },
    /// The parcel left: with a wave, on a lane of the country, or from abroad without one.
    ParcelShipped { order: OrderId, lane: Option<LaneId> },
    /// The parcel reached the consumer; it had been out for delivery for `out_for`, 0 where the last mile has no
    /// time of its own.
    ParcelDelivered { order: OrderId, out_for: Span },
    /// The order was given to a store, where its units are reserved and its consumer will fetch it, walking `walk_m`
    /// there (detour included).
    PickupReserved { order: OrderId, store: StoreId, walk_m: f32 },
    /// The consumer fetched the order from its store.
    OrderCollected { order: OrderId },
    /// The order ended without delivery.
    OrderCancelled { order: OrderId, reason: CancelReason },
    /// A delivered order was sent back.
    OrderReturned { order: OrderId },
    /// The goods of an order that was sent back are on hand again: at the store of a near order, else in the warehouse.
    ReturnReceived { order: OrderId, store: Option<StoreId> },
    /// The store's stock at the start of the run: units on the shelf, and the SKUs it carries.
    /// A store with unlimited stock has no such fact.
    StoreStocked { store: StoreId, units: u32, skus: u32 },
    /// A replenishment reached the store.
    StoreReplenished { store: StoreId, units: u32 },
    /// The store ordered units from its supplier.
    StockOrdered { store: StoreId, units: u32 },
    /// Units ordered from the supplier reached the store.
    StockReceived { store: StoreId, units: u32 },
    /// The store sent units of a SKU to another store that had none; they are on their way there.
    StockSentOn { from: StoreId, to: StoreId, sku: SkuId, units: u16 },
    /// Units that another store sent on reached the store.
    StockBroughtIn { store: StoreId, sku: SkuId, units: u32 },
    /// The last available unit of a SKU was reserved or sold; with siloed pools the last that an order could have.
    StockRanOut { store: StoreId, sku: SkuId },
    /// A SKU that had run out is available again, to orders if pools are siloed.
    StockCameBack { store: StoreId, sku: SkuId },
    /// Units that only the store's record knew, since nobody found them on the shelf, leave it.
    StockShrank { store: StoreId, sku: SkuId, units: u32 },
    /// A consumer who walked in bought one unit.
    WalkInServed { store: StoreId, sku: SkuId },
    /// A consumer who walked in found no available unit of a SKU that the store carries.
    WalkInLost { store: StoreId, sku: SkuId },
    /// Units of a category in the store at the end of the run that nobody has reserved, of both pools, and what they are
    /// worth at list price, 42.9 million yuan at most; two bytes for the number of the category keep [`Record`] at 24.
    StockLeft { store: StoreId, category: u16, units: u32, value_fen: u32 },
    /// Units on the shelf, reserved ones included, at the end of the run.
    StoreCounted { store: StoreId, units: u32 },
}

/// A span inside an event, in whole milliseconds; four bytes keep [`Record`] at 24.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub struct Span(u32);

impl From<SimDuration> for Span {
    #[inline]
    fn from(span: SimDuration) -> Span {
        Span(u32::try_from(span.0.max(0)).unwrap_or(u32::MAX))
    }
}
impl From<Span> for SimDuration {
    fn from(span: Span) -> SimDuration {
        SimDuration(i64::from(span.0))
    }
}

/// Why an order went to the central warehouse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum FarReason {
    /// The consumer did not ask for near-field delivery.
    Chosen = 0,
    /// No open store within its radius.
    NoStore = 1,
    /// Open stores within radius, none with every line in stock.
    NoStock = 2,
    /// A store had every line, but keeps what is left for consumers who walk in.
    Rationed = 3,
    /// The warehouse costs less than the best store.
    Cheaper = 4,
    /// The sourcing policy uses no store.
    FarOnly = 5,
    /// The store that would have served it took no near orders, by overload control.
    Paused = 6,
    /// The store that would have served it had its radius made smaller, by overload control.
    Shrunk = 7,
    /// The consumer did not accept the fee raised by overload control.
    Fee = 8,
    /// The stores that could have served it had too many orders at their pickers, too long a time to the door, or no
    /// courier on duty.
    Overload = 9,
    /// Stores nearby had a part of the order; this is the rest.
    Rest = 10,
    /// It was packed at a store, and no courier took it within `dispatch.max_wait_min`.
    MaxWait = 11,
}

/// Where a parcel comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FarOrigin {
    /// The central warehouse.
    Warehouse,
    /// A store that had all units, since the warehouse had too much work.
    Store(StoreId),
    /// Abroad, by direct mail through a consolidation hub.
    Hub,
    /// Abroad, from stock sent ahead to a node near the city.
    ForwardNode,
}

impl FarOrigin {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            FarOrigin::Warehouse => "warehouse",
            FarOrigin::Store(_) => "store",
            FarOrigin::Hub => "hub",
            FarOrigin::ForwardNode => "forward_node",
        }
    }
}

/// How far overload control goes in a zone; each level includes those below.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
#[repr(u8)]
pub enum LoadLevel {
    /// No control.
    #[default]
    Normal = 0,
    /// Longer promises.
    Longer = 1,
    /// Smaller radius and a higher fee.
    Smaller = 2,
    /// No near orders.
    Paused = 3,
}

/// Why an order ended without delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CancelReason {
    /// The consumer's patience ended before pick-up.
    Patience = 0,
    /// No courier could have delivered it within the limits of the dispatch policy, or none took it in time.
    NoCourier = 1,
    /// No store could serve it, and the sourcing policy uses no warehouse.
    NoStore = 2,
    /// What the picker found was worth too little to be delivered.
    SmallBasket = 3,
    /// Nobody fetched it while it was held.
    NoShow = 4,
}

/// What would have made a consumer order who left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum LeaveReason {
    /// Nothing that the platform varies.
    None = 0,
    /// No delivery fee, or none of pick-up.
    Price = 1,
    /// An open store within its radius.
    NoNear = 2,
    /// A store with every line in stock.
    StockOut = 3,
    /// A near field that takes orders: overload control had paused it or made radii smaller, or its stores were beyond
    /// the limits within which they are offered, or had no courier on duty.
    Overload = 4,
}

impl LeaveReason {
    /// All reasons, in the order of their codes.
    pub const ALL: [LeaveReason; 5] =
        [LeaveReason::None, LeaveReason::Price, LeaveReason::NoNear, LeaveReason::StockOut, LeaveReason::Overload];
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            LeaveReason::None => "none",
            LeaveReason::Price => "price",
            LeaveReason::NoNear => "no_near",
            LeaveReason::StockOut => "stock_out",
            LeaveReason::Overload => "overload",
        }
    }
}

impl FarReason {
    /// All reasons, in the order of their codes.
    pub const ALL: [FarReason; 12] = [
        FarReason::Chosen,
        FarReason::NoStore,
        FarReason::NoStock,
        FarReason::Rationed,
        FarReason::Cheaper,
        FarReason::FarOnly,
        FarReason::Paused,
        FarReason::Shrunk,
        FarReason::Fee,
        FarReason::Overload,
        FarReason::Rest,
        FarReason::MaxWait,
    ];
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            FarReason::Chosen => "chosen",
            FarReason::NoStore => "no_store",
            FarReason::NoStock => "no_stock",
            FarReason::Rationed => "rationed",
            FarReason::Cheaper => "cheaper",
            FarReason::FarOnly => "far_only",
            FarReason::Paused => "paused",
            FarReason::Shrunk => "shrunk",
            FarReason::Fee => "fee",
            FarReason::Overload => "overload",
            FarReason::Rest => "rest",
            FarReason::MaxWait => "max_wait",
        }
    }
}
impl CancelReason {
    /// All reasons, in the order of their codes.
    pub const ALL: [CancelReason; 5] = [
        CancelReason::Patience,
        CancelReason::NoCourier,
        CancelReason::NoStore,
        CancelReason::SmallBasket,
        CancelReason::NoShow,
    ];
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            CancelReason::Patience => "patience",
            CancelReason::NoCourier => "no_courier",
            CancelReason::NoStore => "no_store",
            CancelReason::SmallBasket => "small_basket",
            CancelReason::NoShow => "no_show",
        }
    }
}

/// One SKU and quantity within an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    /// The article.
    pub sku: SkuId,
    /// Units ordered, at least 1.
    pub quantity: u32,
}

/// What was known of an order at checkout.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Placement {
    /// Who ordered.
    pub consumer: ConsumerId,
    /// Where the order goes, in city metres east and north of the south-west corner.
    pub x_m: f32,
    /// See `x_m`.
    pub y_m: f32,
    /// Value at list price.
    pub value: Money,
    /// Category of the basket.
    pub category: CategoryId,
    /// First line in [`EventLog::lines`].
    pub first_line: u32,
    /// Number of lines, at least 1.
    pub lines: u32,
    /// The session in which it was placed; None where arrivals are orders.
    pub session: Option<Visit>,
    /// Of a split order, for all parts but the first: the first. Lines and value are those of the part.
    pub part_of: Option<OrderId>,
    /// Its basket comes from an AI assistant's list.
    pub ai_list: bool,
}

/// The session of an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Visit {
    /// Which.
    pub session: SessionId,
    /// Who opened it.
    pub tier: Tier,
    /// The goods were wanted at once.
    pub urgent: bool,
    /// A store could have served it.
    pub near_offered: bool,
}

/// All facts of one replication, in the order they happened.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct EventLog {
    /// The facts, by time; facts of one instant stand in the order they were established.
    pub records: Vec<Record>,
    /// What was known of each order at checkout, by [`OrderId`].
    pub placements: Vec<Placement>,
    /// The lines of all orders, order by order.
    pub lines: Vec<Line>,
}

impl EventLog {
    /// Appends a fact.
    #[inline]
    pub fn record(&mut self, at: SimTime, event: Event) {
        self.records.push(Record { at, event });
    }
    /// The lines of one order.
    pub fn lines_of(&self, order: OrderId) -> &[Line] {
        let placement = &self.placements[order.index()];
        let first = placement.first_line as usize;
        &self.lines[first..first + placement.lines as usize]
    }
    /// Number of orders placed.
    pub fn orders(&self) -> usize {
        self.placements.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_stays_small() {
        assert_eq!(size_of::<Record>(), 24);
    }
}
