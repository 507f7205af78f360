//! KPIs of the far field: the warehouse's backlog, waves, where parcels come from and what comes back.

use super::Better::{Higher, Lower, Neither};
use super::{Definition, HOUR_MS, share};

pub(super) const FAR_LEAD_MEAN_H: Definition = Definition {
    name: "far_lead_mean_h",
    unit: "h",
    better: Lower,
    label: "Far lead time, mean",
    formula: "Mean of delivered - placed over delivered far orders.",
    compute: |m| m.far.click_to_door.mean_ms() / HOUR_MS,
};

pub(super) const FAR_ON_TIME_SHARE: Definition = Definition {
    name: "far_on_time_share",
    unit: "share",
    better: Higher,
    label: "Far orders on time",
    formula: "As on_time_share, of far orders.",
    compute: |m| share(m.far.on_time, m.far.due),
};

pub(super) const FAR_LEAD_P90_H: Definition = Definition {
    name: "far_lead_p90_h",
    unit: "h",
    better: Lower,
    label: "Far lead time, P90",
    formula: "90th percentile of delivered - placed over delivered far orders.",
    compute: |m| m.far.click_to_door.quantile_ms(0.9) / HOUR_MS,
};

pub(super) const FAR_LEAD_P50_H: Definition = Definition {
    name: "far_lead_p50_h",
    unit: "h",
    better: Lower,
    label: "Far lead time, median",
    formula: "Median of delivered - placed over delivered far orders.",
    compute: |m| m.far.click_to_door.quantile_ms(0.5) / HOUR_MS,
};

pub(super) const FAR_BACKLOG_MAX_ORDERS: Definition = Definition {
    name: "far_backlog_max_orders",
    unit: "orders",
    better: Lower,
    label: "Warehouse backlog, largest",
    formula: "Most orders that were given to the warehouse and not yet packed at one moment.",
    compute: |m| m.backlog.max_orders as f64,
};

pub(super) const FAR_BACKLOG_MAX_H: Definition = Definition {
    name: "far_backlog_max_h",
    unit: "h",
    better: Lower,
    label: "Warehouse backlog, most hours of work",
    formula: "Longest time the warehouse needed, shifts as they came, to pack all that it had at one moment; orders never packed count to the last moment known of a far order.",
    compute: |m| m.backlog.max_ms as f64 / HOUR_MS,
};

pub(super) const FAR_BACKLOG_OVER_12H_H: Definition = Definition {
    name: "far_backlog_over_12h_h",
    unit: "h",
    better: Lower,
    label: "Time with a backlog above 12 h",
    formula: "Hours of the run in which the warehouse had more than 12 h of packing before it.",
    compute: |m| m.backlog.over_limit_ms as f64 / HOUR_MS,
};

pub(super) const FAR_BACKLOG_CLEAR_H: Definition = Definition {
    name: "far_backlog_clear_h",
    unit: "h",
    better: Lower,
    label: "Time to clear the backlog",
    formula: "From the moment of far_backlog_max_orders to the next at which all orders were packed; NaN if that never came.",
    compute: |m| m.backlog.clear_ms.map_or(f64::NAN, |ms| ms as f64 / HOUR_MS),
};

pub(super) const WAVE_HIT_SHARE: Definition = Definition {
    name: "wave_hit_share",
    unit: "share",
    better: Higher,
    label: "Parcels that made the first wave",
    formula: "Parcels that left with the first wave after they were given to the warehouse / parcels that left with a wave.",
    compute: |m| share(m.wave_hits, m.in_waves),
};

pub(super) const SHIP_FROM_STORE_SHARE: Definition = Definition {
    name: "ship_from_store_share",
    unit: "share",
    better: Neither,
    label: "Far orders sent from a store",
    formula: "Far orders picked in a store because of the warehouse's backlog / far orders, both as placed.",
    compute: |m| share(m.from_stores, m.far.placed),
};

pub(super) const CROSS_BORDER_SHARE: Definition = Definition {
    name: "cross_border_share",
    unit: "share",
    better: Neither,
    label: "Far orders from abroad",
    formula: "Far orders through the consolidation hub or from the forward stock node / far orders, both as placed.",
    compute: |m| share(m.from_abroad, m.far.placed),
};

pub(super) const RETURN_SHARE_NEAR: Definition = Definition {
    name: "return_share_near",
    unit: "share",
    better: Lower,
    label: "Near orders sent back",
    formula: "Near orders sent back / near orders delivered.",
    compute: |m| share(m.near.returned, m.near.delivered),
};

pub(super) const RETURN_SHARE_FAR: Definition = Definition {
    name: "return_share_far",
    unit: "share",
    better: Lower,
    label: "Far orders sent back",
    formula: "Far orders sent back / far orders delivered.",
    compute: |m| share(m.far.returned, m.far.delivered),
};
