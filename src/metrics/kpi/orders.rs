//! KPIs of orders: how many, through which channel, and what became of them.

use super::Better::{Higher, Lower, Neither};
use super::{Definition, per, share, yuan};
use crate::metrics::measures::Measures;

pub(super) const ORDERS: Definition = Definition {
    name: "orders",
    unit: "orders",
    better: Neither,
    label: "Orders placed",
    formula: "Orders placed within the horizon, all channels.",
    compute: |m| m.checkouts.placed as f64,
};

pub(super) const DELIVERED: Definition = Definition {
    name: "delivered",
    unit: "orders",
    better: Higher,
    label: "Orders delivered",
    formula: "Orders that reached the consumer by the end of the drain.",
    compute: |m| m.delivered() as f64,
};

pub(super) const UNDELIVERED: Definition = Definition {
    name: "undelivered",
    unit: "orders",
    better: Lower,
    label: "Orders not delivered",
    formula: "orders - delivered: cancelled, refused, or open at the end.",
    compute: |m| (m.checkouts.placed - m.delivered()) as f64,
};

pub(super) const NEAR_SHARE_ORDERS: Definition = Definition {
    name: "near_share_orders",
    unit: "share",
    better: Neither,
    label: "Near share of orders",
    formula: "Near orders / orders, both as placed; an order in parts counts by the share of its value that is near.",
    compute: |m| per(m.checkouts.near_by_value, m.checkouts.placed as f64),
};

pub(super) const NEAR_SHARE_GMV: Definition = Definition {
    name: "near_share_gmv",
    unit: "share",
    better: Neither,
    label: "Near share of GMV",
    formula: "Value of near orders / value of all orders, as placed.",
    compute: |m| per(m.near.gmv_fen as f64, m.gmv_fen() as f64),
};

pub(super) const LOST_SALES_GMV: Definition = Definition {
    name: "lost_sales_gmv",
    unit: "yuan",
    better: Lower,
    label: "Lost sales",
    formula: "Value of the orders never delivered (cancelled, refused, or open at the end) and of lines refunded.",
    compute: |m| yuan(m.near.lost_fen + m.far.lost_fen + m.pickup.lost_fen),
};

pub(super) const CENSORED_ORDERS: Definition = Definition {
    name: "censored_orders",
    unit: "orders",
    better: Lower,
    label: "Orders open at the end",
    formula: "Orders neither delivered nor cancelled when the drain ended.",
    compute: |m| m.checkouts.open as f64,
};

pub(super) const CANCELLED: Definition = Definition {
    name: "cancelled",
    unit: "orders",
    better: Lower,
    label: "Orders cancelled",
    formula: "Orders that ended without delivery: patience ended, too little of it was found, refused for want of a courier or of a store, or not fetched.",
    compute: |m| m.checkouts.cancelled as f64,
};

pub(super) const GMV: Definition = Definition {
    name: "gmv",
    unit: "yuan",
    better: Higher,
    label: "GMV",
    formula: "Value of all orders as placed, before cancellations.",
    compute: |m| yuan(m.gmv_fen()),
};

pub(super) const NEAR_FALLBACK_SHARE: Definition = Definition {
    name: "near_fallback_share",
    unit: "share",
    better: Lower,
    label: "Near demand sent far",
    formula: "Orders sent to the warehouse for want of an open store or of stock, or because what was left is kept for walk-ins / (these + near orders).",
    compute: |m| share(m.fallback, m.fallback + m.checkouts.near),
};

pub(super) const RESOURCED_ORDERS: Definition = Definition {
    name: "resourced_orders",
    unit: "orders",
    better: Neither,
    label: "Orders moved to another store",
    formula: "Moves of orders from one store to another, before picking began (sourcing.re_evaluate_min) or because the picker did not find all of it (stock.phantom_share, stock.sync_latency_s).",
    compute: |m| m.resourced as f64,
};

pub(super) const AUDIT_VIOLATIONS: Definition = Definition {
    name: "audit_violations",
    unit: "violations",
    better: Lower,
    label: "Audit violations",
    formula: "Conservation rules the event log breaks; anything but 0 is a fault of the program.",
    compute: |m| m.violations as f64,
};

pub(super) const TURNED_AWAY_SHARE: Definition = Definition {
    name: "turned_away_share",
    unit: "share",
    better: Lower,
    label: "Near demand turned away",
    formula: "Orders sent to the warehouse by overload control (near field paused, radius made smaller, raised fee not accepted) or since stores were too busy to be offered / (these + near orders).",
    compute: |m| share(m.turned_away, m.turned_away + m.checkouts.near),
};

pub(super) const CONVERTED_SHARE: Definition = Definition {
    name: "converted_share",
    unit: "share",
    better: Lower,
    label: "Near orders sent far after all",
    formula: "Orders packed at a store and sent far since no courier took them within dispatch.max_wait_min / (these + near orders).",
    compute: |m| share(m.converted, m.converted + m.checkouts.near),
};

pub(super) const NEAR_SHARE_UNITS: Definition = Definition {
    name: "near_share_units",
    unit: "share",
    better: Neither,
    label: "Near share of units",
    formula: "Units of near orders / units of all orders, as placed.",
    compute: |m| per(m.near.units as f64, (m.near.units + m.far.units + m.pickup.units) as f64),
};

/// The share of near demand that went far for one reason, by its place in `FALLBACK`.
fn fell_back(m: &Measures, reason: usize) -> f64 {
    share(m.fallback_by[reason], m.fallback + m.checkouts.near)
}

pub(super) const NEAR_FALLBACK_NO_STORE_SHARE: Definition = Definition {
    name: "near_fallback_no_store_share",
    unit: "share",
    better: Lower,
    label: "Near demand sent far: no store",
    formula: "Orders sent to the warehouse because no open store had the consumer within its radius / (all that near_fallback_share counts + near orders).",
    compute: |m| fell_back(m, 0),
};

pub(super) const NEAR_FALLBACK_NO_STOCK_SHARE: Definition = Definition {
    name: "near_fallback_no_stock_share",
    unit: "share",
    better: Lower,
    label: "Near demand sent far: no stock",
    formula: "The same because no open store within reach had every line.",
    compute: |m| fell_back(m, 1),
};

pub(super) const NEAR_FALLBACK_RATIONED_SHARE: Definition = Definition {
    name: "near_fallback_rationed_share",
    unit: "share",
    better: Lower,
    label: "Near demand sent far: kept for walk-ins",
    formula: "The same because what was left is kept for walk-ins; the three shares add up to near_fallback_share.",
    compute: |m| fell_back(m, 2),
};
