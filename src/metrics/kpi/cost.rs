//! KPIs of cost to serve and of what the platform earns.

use super::Better::{Higher, Lower};
use super::{Definition, yuan, yuan_per};

pub(super) const COST_PER_ORDER: Definition = Definition {
    name: "cost_per_order",
    unit: "yuan/order",
    better: Lower,
    label: "Cost per order",
    formula: "(Cost of delivered orders + cost that no delivered order bears) / delivered.",
    compute: |m| yuan_per(m.cost_fen(), m.delivered()),
};

pub(super) const COST_PER_ORDER_NEAR: Definition = Definition {
    name: "cost_per_order_near",
    unit: "yuan/order",
    better: Lower,
    label: "Cost per near order",
    formula: "(Cost of delivered near orders + cost that no delivered order bears) / delivered near orders.",
    compute: |m| yuan_per(m.near.cost_fen + m.unallocated_fen, m.near.delivered),
};

pub(super) const COST_PER_ORDER_FAR: Definition = Definition {
    name: "cost_per_order_far",
    unit: "yuan/order",
    better: Lower,
    label: "Cost per far order",
    formula: "Cost of delivered far orders / delivered far orders.",
    compute: |m| yuan_per(m.far.cost_fen, m.far.delivered),
};

pub(super) const UNALLOCATED_COST: Definition = Definition {
    name: "unallocated_cost",
    unit: "yuan",
    better: Lower,
    label: "Cost borne by no order",
    formula: "Guaranteed pay of couriers and fixed cost of stores without a delivered near or pick-up order, picking and courier km for orders that were never delivered or fetched, and units sent between stores.",
    compute: |m| yuan(m.unallocated_fen),
};

pub(super) const PLATFORM_REVENUE_PER_ORDER: Definition = Definition {
    name: "platform_revenue_per_order",
    unit: "yuan/order",
    better: Higher,
    label: "Platform revenue per order",
    formula: "Fees and commissions of delivered orders / delivered.",
    compute: |m| yuan_per(m.revenue_fen, m.delivered()),
};

pub(super) const REVENUE_LESS_COST_PER_ORDER: Definition = Definition {
    name: "revenue_less_cost_per_order",
    unit: "yuan/order",
    better: Higher,
    label: "Revenue less cost, per order",
    formula: "platform_revenue_per_order - cost_per_order: as if the platform paid all cost to serve; the margin on goods, discounts and marketing are in neither.",
    compute: |m| yuan_per(m.revenue_fen - m.cost_fen(), m.delivered()),
};
