//! KPIs of money: contribution margin by perspective, subsidy, and cost at constant volume.

use super::Better::{Higher, Lower};
use super::{Definition, yuan, yuan_per};

pub(super) const CONTRIBUTION_MARGIN_YUAN: Definition = Definition {
    name: "contribution_margin_yuan",
    unit: "yuan",
    better: Higher,
    label: "Contribution margin",
    formula: "Sum of contribution_yuan of delivered orders - cost of couriers (borne by the platform) and of stores (by the merchants) that no delivered order bears; of platform, merchant or system as money.perspective says. System: margin on goods + delivery fees - discounts - cost.",
    compute: |m| yuan(m.accounts.contribution_fen),
};

pub(super) const CONTRIBUTION_MARGIN_PER_ORDER: Definition = Definition {
    name: "contribution_margin_per_order",
    unit: "yuan/order",
    better: Higher,
    label: "Contribution margin per order",
    formula: "contribution_margin_yuan / delivered.",
    compute: |m| yuan_per(m.accounts.contribution_fen, m.delivered()),
};

pub(super) const CONTRIBUTION_MARGIN_PER_ORDER_PLATFORM: Definition = Definition {
    name: "contribution_margin_per_order_platform",
    unit: "yuan/order",
    better: Higher,
    label: "Contribution margin per order, platform",
    formula: "(Delivery fees + commissions - last mile - line haul of parcels - late compensation, of delivered orders, - cost of couriers that no delivered order bears) / delivered.",
    compute: |m| yuan_per(m.accounts.platform_fen, m.delivered()),
};

pub(super) const CONTRIBUTION_MARGIN_PER_ORDER_MERCHANT: Definition = Definition {
    name: "contribution_margin_per_order_merchant",
    unit: "yuan/order",
    better: Higher,
    label: "Contribution margin per order, merchants",
    formula: "(Margin on goods kept - discounts - commissions - bringing goods to stores, picking, packaging, site and returns, of delivered orders, - fixed cost that no delivered order bears) / delivered.",
    compute: |m| yuan_per(m.accounts.merchant_fen, m.delivered()),
};

pub(super) const CONTRIBUTION_MARGIN_PER_ORDER_SYSTEM: Definition = Definition {
    name: "contribution_margin_per_order_system",
    unit: "yuan/order",
    better: Higher,
    label: "Contribution margin per order, system",
    formula: "contribution_margin_per_order_platform + contribution_margin_per_order_merchant.",
    compute: |m| yuan_per(m.accounts.system_fen(), m.delivered()),
};

pub(super) const GOODS_MARGIN_PER_ORDER: Definition = Definition {
    name: "goods_margin_per_order",
    unit: "yuan/order",
    better: Higher,
    label: "Margin on goods per order",
    formula: "Sum over delivered orders that are kept of value x gross_margin_share of the category / delivered.",
    compute: |m| yuan_per(m.accounts.margin_fen, m.delivered()),
};

pub(super) const SUBSIDY_PER_ORDER: Definition = Definition {
    name: "subsidy_per_order",
    unit: "yuan/order",
    better: Lower,
    label: "Subsidy per order",
    formula: "(Discounts + delivery fees waived for large baskets + late compensation, of delivered orders) / orders. A waived fee is revenue not earned, so it is in no cost; there are no coupons.",
    compute: |m| yuan_per(m.accounts.subsidy_fen, m.checkouts.placed),
};

pub(super) const COST_PER_ORDER_CONSTANT_VOLUME: Definition = Definition {
    name: "cost_per_order_constant_volume",
    unit: "yuan/order",
    better: Lower,
    label: "Cost per order at constant volume",
    formula: "As cost_per_order, but a near order bears the fixed cost of all near stores / the near orders planned (money.constant_volume_near_orders_per_day) instead of its share by the day's orders.",
    compute: |m| {
        let (accounts, delivered) = (&m.accounts, m.delivered());
        let cost = accounts.all.constant_cost_fen();
        cost.map_or(f64::NAN, |fen| yuan_per(fen + accounts.unallocated_variable_fen, delivered))
    },
};

pub(super) const COST_PER_ORDER_NEAR_CONSTANT_VOLUME: Definition = Definition {
    name: "cost_per_order_near_constant_volume",
    unit: "yuan/order",
    better: Lower,
    label: "Cost per near order at constant volume",
    formula: "As cost_per_order_near, with fixed cost as in cost_per_order_constant_volume.",
    compute: |m| {
        let (accounts, delivered) = (&m.accounts, m.near.delivered);
        let cost = accounts.near.constant_cost_fen();
        cost.map_or(f64::NAN, |fen| yuan_per(fen + accounts.unallocated_variable_fen, delivered))
    },
};
