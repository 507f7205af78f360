//! KPIs of near-field service: time from click to door, and the promise.

use super::Better::{Higher, Lower, Neither};
use super::{Definition, mean_min, per, quantile_min, share};

pub(super) const CLICK_TO_DOOR_MEAN_MIN: Definition = Definition {
    name: "click_to_door_mean_min",
    unit: "min",
    better: Lower,
    label: "Click-to-door, mean",
    formula: "Mean of delivered - placed over delivered near orders.",
    compute: |m| mean_min(&m.near.click_to_door),
};

pub(super) const CLICK_TO_DOOR_P50_MIN: Definition = Definition {
    name: "click_to_door_p50_min",
    unit: "min",
    better: Lower,
    label: "Click-to-door, median",
    formula: "Median of delivered - placed over delivered near orders.",
    compute: |m| quantile_min(&m.near.click_to_door, 0.5),
};

pub(super) const CLICK_TO_DOOR_P90_MIN: Definition = Definition {
    name: "click_to_door_p90_min",
    unit: "min",
    better: Lower,
    label: "Click-to-door, P90",
    formula: "90th percentile of delivered - placed over delivered near orders.",
    compute: |m| quantile_min(&m.near.click_to_door, 0.9),
};

pub(super) const CLICK_TO_DOOR_P95_MIN: Definition = Definition {
    name: "click_to_door_p95_min",
    unit: "min",
    better: Lower,
    label: "Click-to-door, P95",
    formula: "95th percentile of delivered - placed over delivered near orders.",
    compute: |m| quantile_min(&m.near.click_to_door, 0.95),
};

pub(super) const READY_TO_PICKUP_MEAN_MIN: Definition = Definition {
    name: "ready_to_pickup_mean_min",
    unit: "min",
    better: Lower,
    label: "Ready-to-pickup, mean",
    formula: "Mean of picked up - ready over delivered near orders.",
    compute: |m| mean_min(&m.ready_to_pickup),
};

pub(super) const READY_TO_DOOR_MEAN_MIN: Definition = Definition {
    name: "ready_to_door_mean_min",
    unit: "min",
    better: Lower,
    label: "Ready-to-door, mean",
    formula: "Mean of delivered - ready over delivered near orders.",
    compute: |m| mean_min(&m.ready_to_door),
};

pub(super) const ON_TIME_SHARE: Definition = Definition {
    name: "on_time_share",
    unit: "share",
    better: Higher,
    label: "Near orders on time",
    formula: "Near orders delivered by the promise / near orders placed and due; cancelled orders are due and not on time, open ones once their promise lies within horizon and drain.",
    compute: |m| share(m.near.on_time, m.near.due),
};

pub(super) const CLICK_TO_DOOR_OVER_MEAN_MIN: Definition = Definition {
    name: "click_to_door_over_mean_min",
    unit: "min",
    better: Lower,
    label: "Tardiness of near orders, mean",
    formula: "Mean of max(0, delivered - promised) over delivered near orders.",
    compute: |m| mean_min(&m.near.tardiness),
};

pub(super) const PROMISE_MEAN_MIN: Definition = Definition {
    name: "promise_mean_min",
    unit: "min",
    better: Neither,
    label: "Near promise, mean",
    formula: "Mean of promised - placed over near orders; read on_time_share beside it: a longer promise is easier to keep.",
    compute: |m| per(m.promise_ms as f64 / 60_000.0, m.near.placed as f64),
};

pub(super) const PROMISE_ERROR_MEAN_MIN: Definition = Definition {
    name: "promise_error_mean_min",
    unit: "min",
    better: Neither,
    label: "Promise less click-to-door, mean",
    formula: "Mean of promised - delivered over delivered near orders; positive: promises have slack.",
    compute: |m| per(m.promise_error_ms as f64 / 60_000.0, m.near.delivered as f64),
};

pub(super) const OVERLOAD_TIME_SHARE: Definition = Definition {
    name: "overload_time_share",
    unit: "share",
    better: Lower,
    label: "Time under overload control",
    formula: "Hours of near stores in the horizon with a longer promise, a smaller radius or a pause / hours of near stores in the horizon.",
    compute: |m| per(m.controlled, m.near_stores as f64),
};

pub(super) const CLICK_TO_DOOR_P99_MIN: Definition = Definition {
    name: "click_to_door_p99_min",
    unit: "min",
    better: Lower,
    label: "Click-to-door, P99",
    formula: "99th percentile of delivered - placed over delivered near orders.",
    compute: |m| quantile_min(&m.near.click_to_door, 0.99),
};

pub(super) const LATENESS_MEAN_MIN: Definition = Definition {
    name: "lateness_mean_min",
    unit: "min",
    better: Lower,
    label: "Lateness of near orders, mean",
    formula: "Mean of max(0, delivered - promised) over delivered near orders; the same as click_to_door_over_mean_min.",
    compute: |m| mean_min(&m.near.tardiness),
};
