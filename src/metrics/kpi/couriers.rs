//! KPIs of couriers: their work, pay and kilometres.

use super::Better::{Higher, Lower, Neither};
use super::{Definition, per, yuan};

pub(super) const COURIER_UTILISATION: Definition = Definition {
    name: "courier_utilisation",
    unit: "share",
    better: Neither,
    label: "Courier utilisation",
    formula: "Mean over couriers with a shift in the horizon of (riding + pick-up service + door service) / shift time in the horizon; trips begun within the horizon, waiting at the store left out.",
    compute: |m| m.utilisation(),
};

pub(super) const ORDERS_PER_COURIER_HOUR: Definition = Definition {
    name: "orders_per_courier_hour",
    unit: "orders/h",
    better: Higher,
    label: "Orders per courier-hour",
    formula: "Orders delivered by couriers / shift hours of all couriers in the horizon.",
    compute: |m| per(m.courier_delivered as f64, m.on_duty_h()),
};

pub(super) const TOTAL_COURIER_PAY: Definition = Definition {
    name: "total_courier_pay",
    unit: "yuan",
    better: Lower,
    label: "Courier pay",
    formula: "Sum over couriers of the larger of their pay (per delivered near order, and per km ridden for near orders, delivered or cancelled) and the guarantee for their shift hours in the horizon; fleets that bring parcels only are paid by cost.far_last_mile_yuan and count nothing here.",
    compute: |m| yuan(m.pay_fen),
};

pub(super) const KM_PER_ORDER: Definition = Definition {
    name: "km_per_order",
    unit: "km/order",
    better: Lower,
    label: "Courier km per order",
    formula: "Km of all couriers who bring near orders / delivered near orders: approaches and rides, those for orders that were cancelled, and rides for no order.",
    compute: |m| per(m.near_km, m.near.delivered as f64),
};
