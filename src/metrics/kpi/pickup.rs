//! KPIs of pick-up in store.

use super::Better::{Higher, Lower, Neither};
use super::{Definition, mean_min, per, share, yuan_per};

pub(super) const PICKUP_SHARE: Definition = Definition {
    name: "pickup_share",
    unit: "share",
    better: Neither,
    label: "Pick-up share of orders",
    formula: "Orders that consumers fetch from a store / orders, both as placed.",
    compute: |m| share(m.pickup.placed, m.checkouts.placed),
};

pub(super) const PICKUP_SHARE_GMV: Definition = Definition {
    name: "pickup_share_gmv",
    unit: "share",
    better: Neither,
    label: "Pick-up share of GMV",
    formula: "Value of pick-up orders / value of all orders, as placed.",
    compute: |m| per(m.pickup.gmv_fen as f64, m.gmv_fen() as f64),
};

pub(super) const PICKUP_READY_MEAN_MIN: Definition = Definition {
    name: "pickup_ready_mean_min",
    unit: "min",
    better: Lower,
    label: "Pick-up: until ready, mean",
    formula: "Mean of ready - placed over pick-up orders that were ready.",
    compute: |m| mean_min(&m.fetched.ready),
};

pub(super) const PICKUP_READY_ON_TIME_SHARE: Definition = Definition {
    name: "pickup_ready_on_time_share",
    unit: "share",
    better: Higher,
    label: "Pick-up orders ready on time",
    formula: "Pick-up orders ready by the promise / pick-up orders that were ready or whose promise lies within horizon and drain.",
    compute: |m| share(m.pickup.on_time, m.pickup.due),
};

pub(super) const PICKUP_NO_SHOW_SHARE: Definition = Definition {
    name: "pickup_no_show_share",
    unit: "share",
    better: Lower,
    label: "Pick-up orders not fetched",
    formula: "Pick-up orders that nobody came for while they were held / (these + pick-up orders collected).",
    compute: |m| share(m.fetched.no_shows, m.fetched.no_shows + m.pickup.delivered),
};

pub(super) const PICKUP_WALK_KM_MEAN: Definition = Definition {
    name: "pickup_walk_km_mean",
    unit: "km/order",
    better: Lower,
    label: "Walk to the store, mean",
    formula: "Mean over collected pick-up orders of the way from home to the store, one way, detour included.",
    compute: |m| per(m.fetched.walk_m / 1000.0, m.pickup.delivered as f64),
};

pub(super) const COST_PER_ORDER_PICKUP: Definition = Definition {
    name: "cost_per_order_pickup",
    unit: "yuan/order",
    better: Lower,
    label: "Cost per pick-up order",
    formula: "Cost of collected pick-up orders / collected pick-up orders; their discount is in contribution_margin_per_order, not here.",
    compute: |m| yuan_per(m.pickup.cost_fen, m.pickup.delivered),
};
