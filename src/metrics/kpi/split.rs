//! KPIs of orders in parts.

use super::Better::{Lower, Neither};
use super::{Definition, per, share};

pub(super) const SPLIT_RATE: Definition = Definition {
    name: "split_rate",
    unit: "share",
    better: Neither,
    label: "Orders in parts",
    formula: "Orders in more than one part / orders, as placed (split.policy).",
    compute: |m| share(m.checkouts.split, m.checkouts.placed),
};

pub(super) const PARCELS_PER_ORDER: Definition = Definition {
    name: "parcels_per_order",
    unit: "parts/order",
    better: Lower,
    label: "Parts per order",
    formula: "Parts / orders, as placed; a whole order is one part, brought by courier or sent as a parcel.",
    compute: |m| per(m.checkouts.parts as f64, m.checkouts.placed as f64),
};

pub(super) const PARTLY_DELIVERED: Definition = Definition {
    name: "partly_delivered",
    unit: "orders",
    better: Lower,
    label: "Orders delivered in part",
    formula: "Delivered orders of which a part was cancelled; the value of that part is in lost_sales_gmv.",
    compute: |m| m.checkouts.partly_delivered as f64,
};
