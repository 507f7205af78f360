//! Sessions that the near field lost: who left because no store could serve them, and where they live.

use super::MetricsError;
use super::facts::Facts;
use crate::city::City;
use crate::event::LeaveReason;
use polars::prelude::*;

/// Of sessions after the warm-up, one row each. Columns: replication, consumer_id, category, reason (`no_near`, `stock_out` or
/// `overload`: what kept the near field from offering what they would have ordered), and x_m and y_m, where they live. No rows
/// where arrivals are orders. Those who left for the fee, or whatever was offered, are not in it.
pub(super) fn lost_sessions_frame(city: &City, facts: &Facts, replication: u32) -> Result<DataFrame, MetricsError> {
    let mut rows = Vec::new();
    for left in &facts.sessions_left {
        if matches!(left.reason, LeaveReason::None | LeaveReason::Price) {
            continue;
        }
        let (consumer, category) = (left.consumer, left.category);
        let home = city.demand.homes.get(consumer.index());
        let home = *home.ok_or(MetricsError::UnknownId { kind: "consumer", id: consumer.0 })?;
        let name = city.categories.get(category.index());
        let name = name.ok_or(MetricsError::UnknownId { kind: "category", id: category.0 })?;
        rows.push((consumer.0, name.as_str(), left.reason.name(), home));
    }
    let columns = vec![
        Column::new("replication".into(), vec![replication; rows.len()]),
        Column::new("consumer_id".into(), rows.iter().map(|row| row.0).collect::<Vec<_>>()),
        Column::new("category".into(), rows.iter().map(|row| row.1).collect::<Vec<_>>()),
        Column::new("reason".into(), rows.iter().map(|row| row.2).collect::<Vec<_>>()),
        Column::new("x_m".into(), rows.iter().map(|row| f64::from(row.3.x_m)).collect::<Vec<_>>()),
        Column::new("y_m".into(), rows.iter().map(|row| f64::from(row.3.y_m)).collect::<Vec<_>>()),
    ];
    Ok(DataFrame::new(rows.len(), columns)?)
}
