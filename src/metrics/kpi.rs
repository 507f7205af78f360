//! The KPIs: one named definition each. [`KPIS`] is the single home of name, unit, label, formula and
//! computation; `kpis.csv`, tables and docs/kpis.md follow its order. Names, once shipped, do not change. One file for each
//! topic holds its definitions.

mod baskets;
mod carbon;
mod channels;
mod cost;
mod couriers;
mod far;
mod fleet;
mod fulfilment;
mod leftover;
mod money;
mod orders;
mod parts;
mod pickup;
mod service;
mod sessions;
mod split;
mod stock;
mod transfers;

use super::measures::{Measures, SessionMeasures, Spans};
use super::{Frames, MetricsError, violations};
use crate::city::City;
use crate::event::EventLog;

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
         are parcels from the warehouse or a branch; pick-up orders are fetched from a store. An order in \
         parts (`split.policy`) counts once in `orders`, `delivered`, `cancelled`, `censored_orders` and all that is per order or \
         a share of orders: open while a part is, delivered if a part reached the consumer, else cancelled. What is said of near \
         orders, far orders or couriers alone (times, promises, costs by channel, trips) counts each part as an order of its \
         channel. Money is `cost.*` of the scenario, costs and pay counted in whole fen, times in whole milliseconds. `NaN` means no data (no order to average over). Quantiles interpolate \
         linearly between ranks. With a warm-up (`warm_up_h`) KPIs count orders placed and sessions opened after it, and hours on duty, on shelves and \
         under control from its end to the end of the horizon (docs/model.md section 13); `audit_violations` is of the whole run. This page is generated; `NEARFAR_UPDATE_DOCS=1 cargo test docs` rewrites it.\n\n\
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

/// Every KPI, in table order.
pub const KPIS: &[Definition] = &[
    orders::ORDERS,
    orders::DELIVERED,
    orders::UNDELIVERED,
    orders::NEAR_SHARE_ORDERS,
    orders::NEAR_SHARE_GMV,
    service::CLICK_TO_DOOR_MEAN_MIN,
    service::CLICK_TO_DOOR_P50_MIN,
    service::CLICK_TO_DOOR_P90_MIN,
    service::CLICK_TO_DOOR_P95_MIN,
    service::READY_TO_PICKUP_MEAN_MIN,
    service::READY_TO_DOOR_MEAN_MIN,
    service::ON_TIME_SHARE,
    couriers::COURIER_UTILISATION,
    couriers::ORDERS_PER_COURIER_HOUR,
    couriers::TOTAL_COURIER_PAY,
    cost::COST_PER_ORDER,
    far::FAR_LEAD_MEAN_H,
    stock::STOCK_OUT_RATE,
    orders::LOST_SALES_GMV,
    orders::CENSORED_ORDERS,
    orders::CANCELLED,
    orders::GMV,
    orders::NEAR_FALLBACK_SHARE,
    service::CLICK_TO_DOOR_OVER_MEAN_MIN,
    far::FAR_ON_TIME_SHARE,
    far::FAR_LEAD_P90_H,
    couriers::KM_PER_ORDER,
    cost::COST_PER_ORDER_NEAR,
    cost::COST_PER_ORDER_FAR,
    cost::UNALLOCATED_COST,
    orders::RESOURCED_ORDERS,
    orders::CONVERTED_SHARE,
    stock::WALK_IN_UNITS,
    stock::WALK_IN_LOST_SHARE,
    orders::AUDIT_VIOLATIONS,
    service::PROMISE_MEAN_MIN,
    service::PROMISE_ERROR_MEAN_MIN,
    orders::TURNED_AWAY_SHARE,
    service::OVERLOAD_TIME_SHARE,
    cost::PLATFORM_REVENUE_PER_ORDER,
    cost::REVENUE_LESS_COST_PER_ORDER,
    sessions::SESSIONS,
    sessions::CONVERSION,
    sessions::NEAR_AVAILABILITY,
    sessions::LOST_SESSIONS_PRICE,
    sessions::LOST_SESSIONS_NO_NEAR,
    sessions::LOST_SESSIONS_STOCK_OUT,
    sessions::LOST_SESSIONS_OVERLOAD,
    sessions::LOST_SESSIONS_NONE,
    parts::BEFORE_REROUTE_MEAN_MIN,
    parts::QUEUE_MEAN_MIN,
    parts::PICK_MEAN_MIN,
    parts::COURIER_WAIT_MEAN_MIN,
    parts::HAND_OUT_MEAN_MIN,
    parts::RIDE_MEAN_MIN,
    parts::HAND_OVER_MEAN_MIN,
    parts::COURIER_WAIT_ASSIGNMENT_MEAN_MIN,
    parts::COURIER_WAIT_APPROACH_MEAN_MIN,
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
    // Money, carbon and the fleet.
    orders::NEAR_SHARE_UNITS,
    orders::NEAR_FALLBACK_NO_STORE_SHARE,
    orders::NEAR_FALLBACK_NO_STOCK_SHARE,
    orders::NEAR_FALLBACK_RATIONED_SHARE,
    service::CLICK_TO_DOOR_P99_MIN,
    service::LATENESS_MEAN_MIN,
    money::CONTRIBUTION_MARGIN_YUAN,
    money::CONTRIBUTION_MARGIN_PER_ORDER,
    money::CONTRIBUTION_MARGIN_PER_ORDER_PLATFORM,
    money::CONTRIBUTION_MARGIN_PER_ORDER_MERCHANT,
    money::CONTRIBUTION_MARGIN_PER_ORDER_SYSTEM,
    money::GOODS_MARGIN_PER_ORDER,
    money::SUBSIDY_PER_ORDER,
    money::COST_PER_ORDER_CONSTANT_VOLUME,
    money::COST_PER_ORDER_NEAR_CONSTANT_VOLUME,
    carbon::CO2E_PER_ORDER_NEAR_G,
    carbon::CO2E_PER_ORDER_FAR_G,
    carbon::CO2E_PER_ORDER_G,
    carbon::CO2E_PER_100_YUAN_G,
    carbon::CO2E_BREAK_EVEN_G,
    fleet::COURIER_BUSY_SHARE,
    fleet::COURIER_PRODUCTIVE_SHARE,
    fleet::COURIER_REPOSITIONING_SHARE,
    fleet::ORDERS_PER_COURIER_HOUR_PEAK,
    fleet::EMPTY_KM_SHARE,
    fleet::BUNDLE_SIZE_MEAN,
    fleet::WAVE_SIZE_MEAN,
    fleet::COURIER_PAY_GINI,
    fleet::COURIER_BELOW_MINIMUM_PAY_SHARE,
    // What reached consumers.
    fulfilment::FILL_RATE_ORDERS,
    fulfilment::FILL_RATE_LINES,
    fulfilment::FILL_RATE_UNITS,
    fulfilment::SUBSTITUTED_LINE_SHARE,
    fulfilment::REFUNDED_LINE_SHARE,
    fulfilment::LOST_SALES_GROSS_GMV,
    fulfilment::STOCK_OUT_RATE_DEMAND,
    // Pick-up.
    pickup::PICKUP_SHARE,
    pickup::PICKUP_SHARE_GMV,
    pickup::PICKUP_READY_MEAN_MIN,
    pickup::PICKUP_READY_ON_TIME_SHARE,
    pickup::PICKUP_NO_SHOW_SHARE,
    pickup::PICKUP_WALK_KM_MEAN,
    pickup::COST_PER_ORDER_PICKUP,
    carbon::CO2E_PER_ORDER_PICKUP_G,
    fulfilment::BACKORDERED_SHARE,
    fulfilment::LOST_SALES_UNITS,
    fulfilment::LOST_SALES_GROSS_UNITS,
    sessions::LOST_SALES_SESSIONS_GMV,
    // Orders in parts.
    split::SPLIT_RATE,
    split::PARCELS_PER_ORDER,
    split::PARTLY_DELIVERED,
    transfers::TRANSFERRED_UNITS,
    // What is left in stores.
    leftover::LEFTOVER_VALUE_YUAN,
    leftover::LEFTOVER_MARKDOWN_YUAN,
    leftover::DAYS_OF_COVER,
    leftover::STOCK_SERVICE_LEVEL,
    leftover::CRITICAL_RATIO,
    leftover::CONTRIBUTION_MARGIN_AFTER_MARKDOWN_PER_ORDER,
    // Baskets.
    baskets::AI_LIST_SHARE,
    baskets::UNITS_PER_ORDER_AI_LIST,
    baskets::UNITS_PER_ORDER_OTHER,
    // Near beside far.
    channels::CONTRIBUTION_MARGIN_PER_ORDER_NEAR,
    channels::CONTRIBUTION_MARGIN_PER_ORDER_FAR,
];

#[cfg(test)]
mod tests;
