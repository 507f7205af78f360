//! Room: event. The ledger: every node that an order could have come from, and why all but one did not serve it.
//!
//! It stands beside the event log and is empty unless asked for: nothing is decided by it, and no KPI is made of it.

use super::Span;
use crate::units::{CategoryId, Money, OrderId, SessionId, SimTime, StoreId};

/// Who asked what, and what they could have had; in the order of asking.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Ledger {
    /// One for each order that was sourced and each session that left.
    pub inquiries: Vec<Inquiry>,
    /// The candidates of all inquiries, inquiry by inquiry.
    pub candidates: Vec<Candidate>,
}

/// One order being sourced, or one session that ended without an order.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Inquiry {
    /// When.
    pub at: SimTime,
    /// The order; None if the consumer left without one.
    pub order: Option<OrderId>,
    /// The session; None where arrivals are orders.
    pub session: Option<SessionId>,
    /// Category of the basket.
    pub category: CategoryId,
    /// Value of the basket at list price.
    pub value: Money,
    /// Its first candidate in [`Ledger::candidates`].
    pub first_candidate: u32,
}

/// A place that an order may come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Node {
    /// A store.
    Store(StoreId),
    /// The central warehouse: the far field, wherever its parcel comes from in the end.
    Warehouse,
    /// A store from which the consumer fetches the order.
    Pickup(StoreId),
}

impl Node {
    /// The store, if it is one.
    pub fn store(self) -> Option<StoreId> {
        match self {
            Node::Store(store) | Node::Pickup(store) => Some(store),
            Node::Warehouse => None,
        }
    }
}

/// One node as it stood when an order was sourced.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Candidate {
    /// The node.
    pub node: Node,
    /// Its place by distance among the stores that have the consumer within their radius, from 1; then comes the store that
    /// pick-up offers, and last the warehouse.
    pub rank: u32,
    /// Road length to the consumer, detour included (m), walked for pick-up; None for the warehouse.
    pub road_m: Option<f32>,
    /// Order lines it could not fill.
    pub lines_short: u32,
    /// Units it lacked.
    pub units_short: u32,
    /// Whether it took orders at that hour.
    pub open: bool,
    /// Time to the door that the consumer was, or would have been, told; for pick-up, until ready and the walk.
    pub promise: Span,
    /// Time to the door to be expected; for pick-up, until packed and the walk.
    pub eta: Span,
    /// Expected cost to serve.
    pub cost: Money,
    /// Carbon to be expected (mg of CO2 equivalent).
    pub co2e_mg: i64,
    /// Why it does not serve the order; None if it does.
    pub why_not: Option<WhyNot>,
}

impl Candidate {
    /// Whether it could have served the order, or does.
    pub fn feasible(&self) -> bool {
        self.why_not.is_none_or(WhyNot::feasible)
    }
}

/// Why a node does not serve an order; what comes first holds where several do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum WhyNot {
    /// The consumer lives beyond its radius; told of the nearest store only where none is in reach.
    OutOfRadius = 0,
    /// It takes no orders at that hour.
    Closed = 1,
    /// It lacks a line.
    NoStock = 2,
    /// It keeps what is left for consumers who walk in.
    Rationed = 3,
    /// Overload control had paused the near field there.
    Paused = 4,
    /// Overload control had made its radius smaller.
    Shrunk = 5,
    /// Its pickers or couriers had too much to do for it to be offered.
    Overload = 6,
    /// No courier could have brought it within the limits of the policy, or none was on duty.
    NoCourier = 7,
    /// Another store is nearer.
    Farther = 8,
    /// Another store's pickers have less to do.
    Busier = 9,
    /// Another store would be faster.
    Slower = 10,
    /// Another node costs less, by the measure of the policy.
    Dearer = 11,
    /// The policy draws among stores, and another one was drawn.
    Drawn = 12,
    /// The warehouse serves only what no store can.
    Fallback = 13,
    /// The sourcing policy uses no store.
    FarOnly = 14,
    /// The sourcing policy uses no warehouse.
    NearOnly = 15,
    /// The input file says which node served the order.
    Observed = 16,
    /// The consumer did not accept the fee raised by overload control.
    Fee = 17,
    /// The consumer chose another channel.
    ConsumerChoseOtherwise = 18,
    /// The consumer left without an order.
    ConsumerLeft = 19,
}

impl WhyNot {
    /// All reasons, in the order of their codes.
    pub const ALL: [WhyNot; 20] = [
        WhyNot::OutOfRadius,
        WhyNot::Closed,
        WhyNot::NoStock,
        WhyNot::Rationed,
        WhyNot::Paused,
        WhyNot::Shrunk,
        WhyNot::Overload,
        WhyNot::NoCourier,
        WhyNot::Farther,
        WhyNot::Busier,
        WhyNot::Slower,
        WhyNot::Dearer,
        WhyNot::Drawn,
        WhyNot::Fallback,
        WhyNot::FarOnly,
        WhyNot::NearOnly,
        WhyNot::Observed,
        WhyNot::Fee,
        WhyNot::ConsumerChoseOtherwise,
        WhyNot::ConsumerLeft,
    ];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            WhyNot::OutOfRadius => "out_of_radius",
            WhyNot::Closed => "closed",
            WhyNot::NoStock => "no_stock",
            WhyNot::Rationed => "rationed",
            WhyNot::Paused => "paused",
            WhyNot::Shrunk => "shrunk",
            WhyNot::Overload => "overload",
            WhyNot::NoCourier => "no_courier",
            WhyNot::Farther => "farther",
            WhyNot::Busier => "busier",
            WhyNot::Slower => "slower",
            WhyNot::Dearer => "dearer",
            WhyNot::Drawn => "drawn",
            WhyNot::Fallback => "fallback",
            WhyNot::FarOnly => "far_only",
            WhyNot::NearOnly => "near_only",
            WhyNot::Observed => "observed",
            WhyNot::Fee => "fee",
            WhyNot::ConsumerChoseOtherwise => "consumer_chose_otherwise",
            WhyNot::ConsumerLeft => "consumer_left",
        }
    }

    /// What it means, in a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            WhyNot::OutOfRadius => {
                "the consumer lives beyond its radius (told of the nearest store, where none is in reach)"
            }
            WhyNot::Closed => "it takes no orders at that hour",
            WhyNot::NoStock => "it lacks a line",
            WhyNot::Rationed => "it keeps what is left for consumers who walk in",
            WhyNot::Paused => "overload control had paused the near field there",
            WhyNot::Shrunk => "overload control had made its radius smaller",
            WhyNot::Overload => {
                "its pickers or couriers had too much to do (near.max_queue_orders, near.max_quote_min)"
            }
            WhyNot::NoCourier => {
                "no courier could have brought it within the limits of the policy, or none was on duty"
            }
            WhyNot::Farther => "another store is nearer",
            WhyNot::Busier => "the pickers of another store have less to do",
            WhyNot::Slower => "another store would be faster",
            WhyNot::Dearer => "another node costs less, by the measure of the policy",
            WhyNot::Drawn => "the policy draws among stores, and drew another",
            WhyNot::Fallback => "the warehouse serves only what no store can",
            WhyNot::FarOnly => "the sourcing policy uses no store",
            WhyNot::NearOnly => "the sourcing policy uses no warehouse",
            WhyNot::Observed => "the input file says which node served the order",
            WhyNot::Fee => "the consumer did not accept the fee that overload control had raised",
            WhyNot::ConsumerChoseOtherwise => "the consumer chose another channel",
            WhyNot::ConsumerLeft => "the consumer left without an order",
        }
    }

    /// Whether the node could have served the order all the same.
    pub fn feasible(self) -> bool {
        self as u8 > WhyNot::NoCourier as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_stand_in_the_order_of_their_codes() {
        for (code, reason) in WhyNot::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, code, "{}", reason.name());
        }
        assert!(!WhyNot::NoCourier.feasible() && WhyNot::Farther.feasible());
    }
}
