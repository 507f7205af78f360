//! The KPIs: one named definition each. [`KPIS`] is the single home of name, unit, label, formula and
//! computation; `kpis.csv`, tables and docs/kpis.md follow its order. Names, once shipped, do not change.

mod far;
mod split;

use super::measures::{Measures, SessionMeasures, Spans};
use super::parts::Part;
use super::{Frames, MetricsError, violations};
use crate::city::City;
use crate::event::{EventLog, LeaveReason};
use Better::{Higher, Lower, Neither};

/// One KPI of one replication.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Kpi {
    /// Name in tables.
    pub name: &'static str,
    /// The value in `unit`; NaN where there is no data.
    pub value: f64,
    /// Unit of the value.
    pub unit: &'static str,
}

/// Which direction of a KPI is an improvement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// A description, neither good nor bad by itself.
    Neither,
}

impl Better {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Better::Higher => "higher",
            Better::Lower => "lower",
            Better::Neither => "neither",
        }
    }
}

/// The definition of a KPI.
pub struct Definition {
    /// Name in tables.
    pub name: &'static str,
    /// Unit of the value.
    pub unit: &'static str,
    /// Which direction is an improvement.
    pub better: Better,
    /// What people call it, for charts and tables.
    pub label: &'static str,
    /// How it is computed, in words.
    pub formula: &'static str,
    compute: fn(&Measures) -> f64,
}

/// The KPIs of one replication, in the order of [`KPIS`]; `frames` must hold that replication only.
pub fn kpis(city: &City, log: &EventLog, frames: &Frames) -> Result<Vec<Kpi>, MetricsError> {
    kpis_of(frames, violations(city, log, &frames.orders)?.len())
}

/// The same where the audit has been made and found so many violations.
pub fn kpis_of(frames: &Frames, violations: usize) -> Result<Vec<Kpi>, MetricsError> {
    let measures = Measures::new(frames, violations)?;
    let of = |d: &Definition| Kpi { name: d.name, value: (d.compute)(&measures), unit: d.unit };
    Ok(KPIS.iter().map(of).collect())
}

/// The values of some KPIs, by name; NaN for a name that is none.
pub(super) fn values<const N: usize>(measures: &Measures, names: &[&str; N]) -> [f64; N] {
    names.map(|name| definition(name).map_or(f64::NAN, |d| (d.compute)(measures)))
}

/// The definition of the KPI with this name.
pub fn definition(name: &str) -> Option<&'static Definition> {
    KPIS.iter().find(|d| d.name == name)
}

/// The text of docs/kpis.md.
pub fn kpi_docs() -> String {
    let mut page = String::from(
        "# KPIs\n\n\
         Every KPI of a run, in the order of `kpis.csv`. Near orders are brought by courier from a store; far orders \
         are parcels from the warehouse or a branch. An order in parts (`split.policy`) counts once in `orders`, `delivered`, \
         `cancelled`, `censored_orders` and all that is per order or a share of orders: open while a part is, delivered if \
         a part reached the consumer, else cancelled. What is said of near orders or far orders alone (times, promises, \
         costs by channel) counts each part as an order of its channel. Money is `cost.*` of the scenario, costs and pay counted in whole \
         fen, times in whole milliseconds. `NaN` means no data (no order to average over). Quantiles interpolate \
         linearly between ranks. This page is generated; `NEARFAR_UPDATE_DOCS=1 cargo test docs` rewrites it.\n\n\
         | KPI | Label | Unit | Better | Definition |\n|---|---|---|---|---|\n",
    );
    for d in KPIS {
        page += &format!("| `{}` | {} | {} | {} | {} |\n", d.name, d.label, d.unit, d.better.word(), d.formula);
    }
    page
}

const HOUR_MS: f64 = 3_600_000.0;

/// `amount / base`; no data, rather than infinity, where there is nothing to relate to.
fn per(amount: f64, base: f64) -> f64 {
    if base > 0.0 { amount / base } else { f64::NAN }
}
fn share(part: usize, whole: usize) -> f64 {
    per(part as f64, whole as f64)
}
fn yuan(fen: i64) -> f64 {
    fen as f64 / 100.0
}
fn yuan_per(fen: i64, orders: usize) -> f64 {
    per(yuan(fen), orders as f64)
}
fn mean_min(spans: &Spans) -> f64 {
    spans.mean_ms() / 60_000.0
}
fn quantile_min(spans: &Spans, q: f64) -> f64 {
    spans.quantile_ms(q) / 60_000.0
}

fn of_sessions(measures: &Measures, of: impl Fn(&SessionMeasures) -> f64) -> f64 {
    measures.sessions.as_ref().map_or(f64::NAN, of)
}

/// The mean of a part of click-to-door.
const fn part(
    name: &'static str,
    label: &'static str,
    formula: &'static str,
    compute: fn(&Measures) -> f64,
) -> Definition {
    Definition { name, unit: "min", better: Lower, label, formula, compute }
}

/// Every KPI, in table order.
pub const KPIS: &[Definition] = &[
    Definition {
        name: "orders",
        unit: "orders",
        better: Neither,
        label: "Orders placed",
        formula: "Orders placed within the horizon, both channels.",
        compute: |m| m.checkouts.placed as f64,
    },
    Definition {
        name: "delivered",
        unit: "orders",
        better: Higher,
        label: "Orders delivered",
        formula: "Orders that reached the consumer by the end of the drain.",
        compute: |m| m.delivered() as f64,
    },
    Definition {
        name: "undelivered",
        unit: "orders",
        better: Lower,
        label: "Orders not delivered",
        formula: "orders - delivered: cancelled, refused, or open at the end.",
        compute: |m| (m.checkouts.placed - m.delivered()) as f64,
    },
    Definition {
        name: "near_share_orders",
        unit: "share",
        better: Neither,
        label: "Near share of orders",
        formula: "Near orders / orders, both as placed; an order in parts counts by the share of its value that is near.",
        compute: |m| per(m.checkouts.near_by_value, m.checkouts.placed as f64),
    },
    Definition {
        name: "near_share_gmv",
        unit: "share",
        better: Neither,
        label: "Near share of GMV",
        formula: "Value of near orders / value of all orders, as placed.",
        compute: |m| per(m.near.gmv_fen as f64, m.gmv_fen() as f64),
    },
    Definition {
        name: "click_to_door_mean_min",
        unit: "min",
        better: Lower,
        label: "Click-to-door, mean",
        formula: "Mean of delivered - placed over delivered near orders.",
        compute: |m| mean_min(&m.near.click_to_door),
    },
    Definition {
        name: "click_to_door_p50_min",
        unit: "min",
        better: Lower,
        label: "Click-to-door, median",
        formula: "Median of delivered - placed over delivered near orders.",
        compute: |m| quantile_min(&m.near.click_to_door, 0.5),
    },
    Definition {
        name: "click_to_door_p90_min",
        unit: "min",
        better: Lower,
        label: "Click-to-door, P90",
        formula: "90th percentile of delivered - placed over delivered near orders.",
        compute: |m| quantile_min(&m.near.click_to_door, 0.9),
    },
    Definition {
        name: "click_to_door_p95_min",
        unit: "min",
        better: Lower,
        label: "Click-to-door, P95",
        formula: "95th percentile of delivered - placed over delivered near orders.",
        compute: |m| quantile_min(&m.near.click_to_door, 0.95),
    },
    Definition {
        name: "ready_to_pickup_mean_min",
        unit: "min",
        better: Lower,
        label: "Ready-to-pickup, mean",
        formula: "Mean of picked up - ready over delivered near orders.",
        compute: |m| mean_min(&m.ready_to_pickup),
    },
    Definition {
        name: "ready_to_door_mean_min",
        unit: "min",
        better: Lower,
        label: "Ready-to-door, mean",
        formula: "Mean of delivered - ready over delivered near orders.",
        compute: |m| mean_min(&m.ready_to_door),
    },
    Definition {
        name: "on_time_share",
        unit: "share",
        better: Higher,
        label: "Near orders on time",
        formula: "Near orders delivered by the promise / near orders placed and due; cancelled orders are due and not on time, open ones once their promise lies within horizon and drain.",
        compute: |m| share(m.near.on_time, m.near.due),
    },
    Definition {
        name: "courier_utilisation",
        unit: "share",
        better: Neither,
        label: "Courier utilisation",
        formula: "Mean over couriers with a shift in the horizon of (riding + pick-up service + door service) / shift time in the horizon; trips begun within the horizon, waiting at the store left out.",
        compute: |m| m.utilisation(),
    },
    Definition {
        name: "orders_per_courier_hour",
        unit: "orders/h",
        better: Higher,
        label: "Orders per courier-hour",
        formula: "Orders delivered by couriers / shift hours of all couriers in the horizon.",
        compute: |m| per(m.courier_delivered as f64, m.on_duty_h()),
    },
    Definition {
        name: "total_courier_pay",
        unit: "yuan",
        better: Lower,
        label: "Courier pay",
        formula: "Sum over couriers of the larger of the pay of their delivered near orders (per order and per km) and the guarantee for their shift hours in the horizon; fleets that bring parcels only are paid by cost.far_last_mile_yuan and count nothing here.",
        compute: |m| yuan(m.pay_fen),
    },
    Definition {
        name: "cost_per_order",
        unit: "yuan/order",
        better: Lower,
        label: "Cost per order",
        formula: "(Cost of delivered orders + guaranteed pay and fixed cost that no delivered order bears) / delivered.",
        compute: |m| yuan_per(m.near.cost_fen + m.far.cost_fen + m.unallocated_fen, m.delivered()),
    },
    Definition {
        name: "far_lead_mean_h",
        unit: "h",
        better: Lower,
        label: "Far lead time, mean",
        formula: "Mean of delivered - placed over delivered far orders.",
        compute: |m| m.far.click_to_door.mean_ms() / HOUR_MS,
    },
    Definition {
        name: "stock_out_rate",
        unit: "share",
        better: Lower,
        label: "Stock-out rate",
        formula: "Hours in the horizon of store-SKUs without an available unit / hours of store-SKUs carried.",
        compute: |m| per(m.stock_out_h, m.sku_h),
    },
    Definition {
        name: "lost_sales_gmv",
        unit: "yuan",
        better: Lower,
        label: "Lost sales",
        formula: "Value of the orders never delivered: cancelled, refused, or open at the end.",
        compute: |m| yuan(m.near.lost_fen + m.far.lost_fen),
    },
    Definition {
        name: "censored_orders",
        unit: "orders",
        better: Lower,
        label: "Orders open at the end",
        formula: "Orders neither delivered nor cancelled when the drain ended.",
        compute: |m| m.checkouts.open as f64,
    },
    Definition {
        name: "cancelled",
        unit: "orders",
        better: Lower,
        label: "Orders cancelled",
        formula: "Orders that ended without delivery: patience ended, or refused for want of a courier or of a store.",
        compute: |m| m.checkouts.cancelled as f64,
    },
    Definition {
        name: "gmv",
        unit: "yuan",
        better: Higher,
        label: "GMV",
        formula: "Value of all orders as placed, before cancellations.",
        compute: |m| yuan(m.gmv_fen()),
    },
    Definition {
        name: "near_fallback_share",
        unit: "share",
        better: Lower,
        label: "Near demand sent far",
        formula: "Orders sent to the warehouse for want of an open store or of stock, or because what was left is kept for walk-ins / (these + near orders).",
        compute: |m| share(m.fallback, m.fallback + m.checkouts.near),
    },
    Definition {
        name: "click_to_door_over_mean_min",
        unit: "min",
        better: Lower,
        label: "Tardiness of near orders, mean",
        formula: "Mean of max(0, delivered - promised) over delivered near orders.",
        compute: |m| mean_min(&m.near.tardiness),
    },
    Definition {
        name: "far_on_time_share",
        unit: "share",
        better: Higher,
        label: "Far orders on time",
        formula: "As on_time_share, of far orders.",
        compute: |m| share(m.far.on_time, m.far.due),
    },
    Definition {
        name: "far_lead_p90_h",
        unit: "h",
        better: Lower,
        label: "Far lead time, P90",
        formula: "90th percentile of delivered - placed over delivered far orders.",
        compute: |m| m.far.click_to_door.quantile_ms(0.9) / HOUR_MS,
    },
    Definition {
        name: "km_per_order",
        unit: "km/order",
        better: Lower,
        label: "Courier km per order",
        formula: "Mean over delivered near orders of the metres a courier rode for the order: approach and ride, or its share of a trip with several stops.",
        compute: |m| per(m.near_km, m.near.delivered as f64),
    },
    Definition {
        name: "cost_per_order_near",
        unit: "yuan/order",
        better: Lower,
        label: "Cost per near order",
        formula: "(Cost of delivered near orders + guaranteed pay and fixed cost that no delivered order bears) / delivered near orders.",
        compute: |m| yuan_per(m.near.cost_fen + m.unallocated_fen, m.near.delivered),
    },
    Definition {
        name: "cost_per_order_far",
        unit: "yuan/order",
        better: Lower,
        label: "Cost per far order",
        formula: "Cost of delivered far orders / delivered far orders.",
        compute: |m| yuan_per(m.far.cost_fen, m.far.delivered),
    },
    Definition {
        name: "unallocated_cost",
        unit: "yuan",
        better: Lower,
        label: "Cost borne by no order",
        formula: "Guaranteed pay of couriers and fixed cost of stores without a delivered near order.",
        compute: |m| yuan(m.unallocated_fen),
    },
    Definition {
        name: "resourced_orders",
        unit: "orders",
        better: Neither,
        label: "Orders moved to another store",
        formula: "Moves of orders from one store to another before picking began (sourcing.re_evaluate_min).",
        compute: |m| m.resourced as f64,
    },
    Definition {
        name: "walk_in_units",
        unit: "units",
        better: Neither,
        label: "Walk-in demand",
        formula: "Units that consumers who walk in looked for, of SKUs that the store carries.",
        compute: |m| (m.walk_ins_served + m.walk_ins_lost) as f64,
    },
    Definition {
        name: "walk_in_lost_share",
        unit: "share",
        better: Lower,
        label: "Walk-in demand lost",
        formula: "Walk-in units that were not available / walk_in_units.",
        compute: |m| per(m.walk_ins_lost as f64, (m.walk_ins_served + m.walk_ins_lost) as f64),
    },
    Definition {
        name: "audit_violations",
        unit: "violations",
        better: Lower,
        label: "Audit violations",
        formula: "Conservation rules the event log breaks; anything but 0 is a fault of the program.",
        compute: |m| m.violations as f64,
    },
    Definition {
        name: "promise_mean_min",
        unit: "min",
        better: Neither,
        label: "Near promise, mean",
        formula: "Mean of promised - placed over near orders; read on_time_share beside it: a longer promise is easier to keep.",
        compute: |m| per(m.promise_ms as f64 / 60_000.0, m.near.placed as f64),
    },
    Definition {
        name: "promise_error_mean_min",
        unit: "min",
        better: Neither,
        label: "Promise less click-to-door, mean",
        formula: "Mean of promised - delivered over delivered near orders; positive: promises have slack.",
        compute: |m| per(m.promise_error_ms as f64 / 60_000.0, m.near.delivered as f64),
    },
    Definition {
        name: "turned_away_share",
        unit: "share",
        better: Lower,
        label: "Near demand turned away",
        formula: "Orders that overload control sent to the warehouse (near field paused, radius made smaller, raised fee not accepted) / (these + near orders).",
        compute: |m| share(m.turned_away, m.turned_away + m.checkouts.near),
    },
    Definition {
        name: "overload_time_share",
        unit: "share",
        better: Lower,
        label: "Time under overload control",
        formula: "Hours of near stores in the horizon with a longer promise, a smaller radius or a pause / hours of near stores in the horizon.",
        compute: |m| per(m.controlled, m.near_stores as f64),
    },
    Definition {
        name: "platform_revenue_per_order",
        unit: "yuan/order",
        better: Higher,
        label: "Platform revenue per order",
        formula: "Delivery fees and commissions of delivered orders / delivered.",
        compute: |m| yuan_per(m.revenue_fen, m.delivered()),
    },
    Definition {
        name: "revenue_less_cost_per_order",
        unit: "yuan/order",
        better: Higher,
        label: "Revenue less cost, per order",
        formula: "platform_revenue_per_order - cost_per_order: as if the platform paid all cost to serve; the margin on goods, discounts and marketing are in neither.",
        compute: |m| {
            let cost_fen = m.near.cost_fen + m.far.cost_fen + m.unallocated_fen;
            yuan_per(m.revenue_fen - cost_fen, m.delivered())
        },
    },
    Definition {
        name: "sessions",
        unit: "sessions",
        better: Neither,
        label: "Sessions",
        formula: "Consumers who looked at what was on offer within the horizon (choice.model = \"logit\"); no data where arrivals are orders.",
        compute: |m| of_sessions(m, |s| s.all as f64),
    },
    Definition {
        name: "conversion",
        unit: "share",
        better: Higher,
        label: "Conversion",
        formula: "Orders placed / sessions, all channels.",
        compute: |m| of_sessions(m, |s| per(s.ordered as f64, s.all as f64)),
    },
    Definition {
        name: "near_availability",
        unit: "share",
        better: Higher,
        label: "Near availability",
        formula: "Sessions that a store could have served (open, within radius, every line in stock, taking orders) / sessions.",
        compute: |m| of_sessions(m, |s| per(s.near_offered as f64, s.all as f64)),
    },
    Definition {
        name: "lost_sessions_price",
        unit: "sessions",
        better: Lower,
        label: "Sessions lost: fee",
        formula: "Sessions left that had ordered near without the delivery fee.",
        compute: |m| of_sessions(m, |s| s.left[LeaveReason::Price as usize] as f64),
    },
    Definition {
        name: "lost_sessions_no_near",
        unit: "sessions",
        better: Lower,
        label: "Sessions lost: no store",
        formula: "Sessions left that saw no near offer and had ordered near at the usual promise and fee, no open store being within its radius.",
        compute: |m| of_sessions(m, |s| s.left[LeaveReason::NoNear as usize] as f64),
    },
    Definition {
        name: "lost_sessions_stock_out",
        unit: "sessions",
        better: Lower,
        label: "Sessions lost: stock-out",
        formula: "As lost_sessions_no_near, of sessions with open stores within radius that lacked a line or kept it for walk-ins.",
        compute: |m| of_sessions(m, |s| s.left[LeaveReason::StockOut as usize] as f64),
    },
    Definition {
        name: "lost_sessions_overload",
        unit: "sessions",
        better: Lower,
        label: "Sessions lost: overload control",
        formula: "As lost_sessions_no_near, of sessions whose store took no orders, or none from there, by overload control.",
        compute: |m| of_sessions(m, |s| s.left[LeaveReason::Overload as usize] as f64),
    },
    Definition {
        name: "lost_sessions_none",
        unit: "sessions",
        better: Neither,
        label: "Sessions left for no reason of ours",
        formula: "Sessions left that neither a waived fee nor a near offer had kept.",
        compute: |m| of_sessions(m, |s| s.left[LeaveReason::None as usize] as f64),
    },
    part(
        "before_reroute_mean_min",
        "Click-to-door: before a re-route",
        "Mean over delivered near orders of the time from placement to the last move to another store, 0 without a move. The means of this part, queue, pick, courier wait, hand-out, ride and hand-over add up to click_to_door_mean_min.",
        |m| m.part_mean_min(Part::BeforeReroute),
    ),
    part(
        "queue_mean_min",
        "Click-to-door: queue",
        "Mean over delivered near orders of pick start - placed, or - moved; 0 for orders with an observed ready time.",
        |m| m.part_mean_min(Part::Queue),
    ),
    part(
        "pick_mean_min",
        "Click-to-door: pick",
        "Mean over delivered near orders of ready - pick start; for orders with an observed ready time, ready - placed.",
        |m| m.part_mean_min(Part::Pick),
    ),
    part(
        "courier_wait_mean_min",
        "Click-to-door: courier wait",
        "Mean over delivered near orders of max(0, courier at store - ready).",
        |m| m.part_mean_min(Part::CourierWait),
    ),
    part(
        "hand_out_mean_min",
        "Click-to-door: hand-out",
        "Mean over delivered near orders of picked up - the later of ready and courier at store.",
        |m| m.part_mean_min(Part::HandOut),
    ),
    part(
        "ride_mean_min",
        "Click-to-door: ride",
        "Mean over delivered near orders of courier at door - picked up, earlier stops of the trip included.",
        |m| m.part_mean_min(Part::Ride),
    ),
    part(
        "hand_over_mean_min",
        "Click-to-door: hand-over",
        "Mean over delivered near orders of delivered - courier at door.",
        |m| m.part_mean_min(Part::HandOver),
    ),
    part(
        "courier_wait_assignment_mean_min",
        "Courier wait: until one sets out",
        "Mean over delivered near orders of the part of the courier wait before the courier set out for the store.",
        |m| m.part_mean_min(Part::Assignment),
    ),
    part(
        "courier_wait_approach_mean_min",
        "Courier wait: way to the store",
        "courier_wait_mean_min - courier_wait_assignment_mean_min.",
        |m| m.part_mean_min(Part::Approach),
    ),
    far::FAR_LEAD_P50_H,
    far::FAR_BACKLOG_MAX_ORDERS,
    far::FAR_BACKLOG_MAX_H,
    far::FAR_BACKLOG_OVER_12H_H,
    far::FAR_BACKLOG_CLEAR_H,
    far::WAVE_HIT_SHARE,
    far::SHIP_FROM_STORE_SHARE,
    far::CROSS_BORDER_SHARE,
    far::RETURN_SHARE_NEAR,
    far::RETURN_SHARE_FAR,
    split::SPLIT_RATE,
    split::PARCELS_PER_ORDER,
    split::PARTLY_DELIVERED,
];

#[cfg(test)]
mod tests;
