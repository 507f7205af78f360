//! KPIs of what is in a basket.

use super::Better::Neither;
use super::{Definition, share};

pub(super) const AI_LIST_SHARE: Definition = Definition {
    name: "ai_list_share",
    unit: "share",
    better: Neither,
    label: "Orders from AI lists",
    formula: "Orders whose basket comes from an AI assistant's list / orders, as placed (ai_list.share).",
    compute: |m| share(m.baskets[0].baskets, m.baskets[0].baskets + m.baskets[1].baskets),
};

pub(super) const UNITS_PER_ORDER_AI_LIST: Definition = Definition {
    name: "units_per_order_ai_list",
    unit: "units/order",
    better: Neither,
    label: "Units per order from AI lists",
    formula: "Units / orders, as placed, of orders from an AI assistant's list; parts of an order are one.",
    compute: |m| m.baskets[0].mean_units(),
};

pub(super) const UNITS_PER_ORDER_OTHER: Definition = Definition {
    name: "units_per_order_other",
    unit: "units/order",
    better: Neither,
    label: "Units per other order",
    formula: "Units / orders, as placed, of all other orders.",
    compute: |m| m.baskets[1].mean_units(),
};
