//! KPIs of stock: how much of what was ordered reached consumers, and what was lost for want of it.

use super::Better::{Higher, Lower, Neither};
use super::{Definition, per, share, yuan};

pub(super) const FILL_RATE_ORDERS: Definition = Definition {
    name: "fill_rate_orders",
    unit: "share",
    better: Higher,
    label: "Order fill rate",
    formula: "Orders delivered with every line, and every part, as ordered (none substituted or refunded) / orders placed, all channels.",
    compute: |m| share(m.checkouts.filled, m.checkouts.placed),
};

pub(super) const FILL_RATE_LINES: Definition = Definition {
    name: "fill_rate_lines",
    unit: "share",
    better: Higher,
    label: "Line fill rate",
    formula: "Order lines delivered as ordered / order lines placed, all channels.",
    compute: |m| per(m.fulfilment.lines_whole as f64, m.fulfilment.lines as f64),
};

pub(super) const FILL_RATE_UNITS: Definition = Definition {
    name: "fill_rate_units",
    unit: "share",
    better: Higher,
    label: "Unit fill rate",
    formula: "Units delivered as ordered / units ordered, all channels.",
    compute: |m| per(m.fulfilment.units_whole as f64, m.fulfilment.units as f64),
};

pub(super) const SUBSTITUTED_LINE_SHARE: Definition = Definition {
    name: "substituted_line_share",
    unit: "share",
    better: Neither,
    label: "Near lines substituted",
    formula: "Lines of near orders for which the consumer took another SKU / lines of near orders.",
    compute: |m| per(m.fulfilment.near_substituted as f64, m.fulfilment.near_lines as f64),
};

pub(super) const REFUNDED_LINE_SHARE: Definition = Definition {
    name: "refunded_line_share",
    unit: "share",
    better: Lower,
    label: "Near lines refunded",
    formula: "Lines of near orders not found and given back / lines of near orders.",
    compute: |m| per(m.fulfilment.near_refunded as f64, m.fulfilment.near_lines as f64),
};

pub(super) const LOST_SALES_GROSS_GMV: Definition = Definition {
    name: "lost_sales_gross_gmv",
    unit: "yuan",
    better: Lower,
    label: "Lost sales before recapture",
    formula: "lost_sales_gmv + value of delivered orders that the warehouse took for want of an open store or of stock, or because what was left is kept for walk-ins; lost_sales_gmv is net of them.",
    compute: |m| yuan(m.near.lost_fen + m.far.lost_fen + m.pickup.lost_fen + m.fulfilment.recaptured_fen),
};

pub(super) const LOST_SALES_UNITS: Definition = Definition {
    name: "lost_sales_units",
    unit: "units",
    better: Lower,
    label: "Lost sales, units",
    formula: "Units of the orders never delivered (cancelled, refused, or open at the end) and of lines refunded.",
    compute: |m| m.fulfilment.units_lost as f64,
};

pub(super) const LOST_SALES_GROSS_UNITS: Definition = Definition {
    name: "lost_sales_gross_units",
    unit: "units",
    better: Lower,
    label: "Lost sales before recapture, units",
    formula: "lost_sales_units + units of delivered orders that the warehouse took for want of a store or its stock, as in lost_sales_gross_gmv.",
    compute: |m| (m.fulfilment.units_lost + m.fulfilment.recaptured_units) as f64,
};

pub(super) const STOCK_OUT_RATE_DEMAND: Definition = Definition {
    name: "stock_out_rate_demand",
    unit: "share",
    better: Lower,
    label: "Stock-outs met by demand",
    formula: "Orders whose nearest open store that carries every line had no unit of one / orders with such a store within its radius; orders that asked for the near field or came from sessions, sessions that left not among them.",
    compute: |m| share(m.fulfilment.met_stock_out, m.fulfilment.asked),
};
pub(super) const BACKORDERED_SHARE: Definition = Definition {
    name: "backordered_share",
    unit: "share",
    better: Lower,
    label: "Near orders that waited for stock",
    formula: "Near orders that waited at their store for units that were not there (stock.unmet = \"backorder\") / near orders placed.",
    compute: |m| share(m.fulfilment.backordered, m.checkouts.near),
};
