//! The store table: one row a store.

use super::MetricsError;
use super::cost::Costs;
use super::facts::Facts;
use crate::city::City;
use crate::scenario::{Perspective, Scenario};
use crate::units::Money;
use polars::prelude::*;

/// Of the window, which is the horizon after the warm-up. Columns: replication, store, archetype, channel, x_m, y_m, orders and units (delivered),
/// stock_out_hours and sku_hours (SKUs × hours, without stock while open, and carried),
/// controlled_share (share of the time under overload control), unallocated_yuan (what no delivered order
/// bears: fixed cost, transfers, picking of orders that were never delivered), unallocated_variable_yuan (the same without fixed cost), walk_ins_served and walk_ins_lost (units), contribution_yuan (what unallocated_yuan takes off the
/// contribution margin of `money.perspective`), units_sent_on (to other stores), radius_m (largest distance to a consumer it serves,
/// without detour).
pub(super) fn stores_frame(
    scenario: &Scenario,
    city: &City,
    facts: &Facts,
    costs: &Costs,
    replication: u32,
) -> Result<DataFrame, MetricsError> {
    let stores = &city.stores;
    let mut orders = vec![0u32; stores.len()];
    let mut units = vec![0u32; stores.len()];
    for order in facts.orders.iter().filter(|o| o.delivered.is_some() && facts.window.counts(o.placed)) {
        if let Some(store) = order.store {
            orders[store.index()] += 1;
            units[store.index()] += order.units;
        }
    }
    let text = |of: fn(&crate::city::Store) -> &str| stores.iter().map(of).collect::<Vec<_>>();
    let merchant_pays = scenario.money.perspective != Perspective::Platform;
    let contribution = |unborne: Money| if merchant_pays { -unborne.0 as f64 / 100.0 } else { 0.0 };
    let hours = |ms: i64| ms as f64 / 3_600_000.0;
    let columns = vec![
        Column::new("replication".into(), vec![replication; stores.len()]),
        Column::new("store".into(), text(|s| &s.name)),
        Column::new("archetype".into(), text(|s| &s.archetype)),
        Column::new("channel".into(), text(|s| s.channel.word())),
        Column::new("x_m".into(), stores.iter().map(|s| s.place.x_m).collect::<Vec<_>>()),
        Column::new("y_m".into(), stores.iter().map(|s| s.place.y_m).collect::<Vec<_>>()),
        Column::new("orders".into(), orders),
        Column::new("units".into(), units),
        Column::new("stock_out_hours".into(), facts.stores.iter().map(|s| hours(s.stock_out_ms)).collect::<Vec<_>>()),
        Column::new(
            "sku_hours".into(),
            facts.stores.iter().map(|s| f64::from(s.skus) * facts.window.hours).collect::<Vec<_>>(),
        ),
        Column::new(
            "controlled_share".into(),
            facts.stores.iter().map(|s| hours(s.controlled_ms) / facts.window.hours).collect::<Vec<_>>(),
        ),
        Column::new("unallocated_yuan".into(), costs.stores_unallocated().map(|m| m.yuan()).collect::<Vec<_>>()),
        Column::new(
            "unallocated_variable_yuan".into(),
            costs.stores_unallocated_variable().map(|m| m.yuan()).collect::<Vec<_>>(),
        ),
        Column::new("walk_ins_served".into(), facts.stores.iter().map(|s| s.walk_ins_served).collect::<Vec<_>>()),
        Column::new("walk_ins_lost".into(), facts.stores.iter().map(|s| s.walk_ins_lost).collect::<Vec<_>>()),
        Column::new("contribution_yuan".into(), costs.stores_unallocated().map(contribution).collect::<Vec<_>>()),
        Column::new("units_sent_on".into(), facts.stores.iter().map(|s| s.sent_on).collect::<Vec<_>>()),
        Column::new("radius_m".into(), stores.iter().map(|s| s.radius_m).collect::<Vec<_>>()),
    ];
    Ok(DataFrame::new(stores.len(), columns)?)
}
