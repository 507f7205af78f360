//! KPIs of the fleet: where its time goes, how full it rides, and how evenly it is paid.

use super::Better::{Higher, Lower, Neither};
use super::{Definition, per, share};

pub(super) const COURIER_BUSY_SHARE: Definition = Definition {
    name: "courier_busy_share",
    unit: "share",
    better: Neither,
    label: "Courier time on orders",
    formula: "(Riding + waiting at the store + pick-up service + door service) / shift time in the horizon, of all couriers together; trips begun within the horizon.",
    compute: |m| {
        let f = &m.fleet;
        per((f.riding_ms + f.waiting_ms + f.pickup_service_ms + f.door_ms) as f64, f.on_duty_ms as f64)
    },
};

pub(super) const COURIER_PRODUCTIVE_SHARE: Definition = Definition {
    name: "courier_productive_share",
    unit: "share",
    better: Neither,
    label: "Courier time on orders, waiting left out",
    formula: "(Riding + pick-up service + door service) / shift time in the horizon, of all couriers together; courier_utilisation is the mean over couriers.",
    compute: |m| {
        let f = &m.fleet;
        per((f.riding_ms + f.pickup_service_ms + f.door_ms) as f64, f.on_duty_ms as f64)
    },
};

pub(super) const COURIER_REPOSITIONING_SHARE: Definition = Definition {
    name: "courier_repositioning_share",
    unit: "share",
    better: Lower,
    label: "Courier time on rides without an order",
    formula: "Rides to a better place or back to the base / shift time in the horizon, of all couriers together; in neither of the two shares before.",
    compute: |m| per(m.fleet.repositioning_ms as f64, m.fleet.on_duty_ms as f64),
};

pub(super) const ORDERS_PER_COURIER_HOUR_PEAK: Definition = Definition {
    name: "orders_per_courier_hour_peak",
    unit: "orders/h",
    better: Higher,
    label: "Orders per courier-hour, peak hour",
    formula: "Orders delivered by couriers in the hour of the run with most of them / courier-hours on duty in that hour, work after a shift included.",
    compute: |m| m.fleet.peak_orders_per_h.unwrap_or(f64::NAN),
};

pub(super) const EMPTY_KM_SHARE: Definition = Definition {
    name: "empty_km_share",
    unit: "share",
    better: Lower,
    label: "Courier km without goods",
    formula: "Km with no order on board (to a store, to a better place, back to the base) / all courier km of the run.",
    compute: |m| per(m.fleet.empty_m, m.fleet.empty_m + m.fleet.loaded_m),
};

pub(super) const BUNDLE_SIZE_MEAN: Definition = Definition {
    name: "bundle_size_mean",
    unit: "orders",
    better: Neither,
    label: "Orders per departure",
    formula: "Orders picked up by couriers / departures from a store with at least one order taken over there.",
    compute: |m| per(m.fleet.picked_up as f64, m.fleet.departures as f64),
};

pub(super) const WAVE_SIZE_MEAN: Definition = Definition {
    name: "wave_size_mean",
    unit: "orders",
    better: Neither,
    label: "Orders between idle and idle",
    formula: "Orders delivered by couriers / times a courier was busy without a break and delivered something.",
    compute: |m| per(m.fleet.delivered as f64, m.fleet.waves as f64),
};

pub(super) const COURIER_PAY_GINI: Definition = Definition {
    name: "courier_pay_gini",
    unit: "ratio",
    better: Lower,
    label: "Courier pay, inequality",
    formula: "Gini coefficient of pay / shift hours in the horizon over couriers with a shift, fleets that bring parcels only left out: 0 all earn the same an hour, 1 one earns all.",
    compute: |m| m.fleet.pay_gini(),
};

pub(super) const COURIER_BELOW_MINIMUM_PAY_SHARE: Definition = Definition {
    name: "courier_below_minimum_pay_share",
    unit: "share",
    better: Lower,
    label: "Couriers below the minimum pay",
    formula: "Couriers whose pay / shift hours in the horizon is below money.minimum_pay_yuan_per_h / couriers with a shift, fleets that bring parcels only left out.",
    compute: |m| share(m.fleet.below_minimum_pay, m.fleet.hourly_pay.len()),
};
