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

#[cfg(test)]
mod tests {
    use super::super::facts::SessionLeft;
    use super::*;
    use crate::city::Place;
    use crate::city::demand::Demand;
    use crate::testing::small_run;
    use crate::units::{CategoryId, ConsumerId};

    #[test]
    fn who_left_for_want_of_a_near_offer_is_told_with_home_and_reason() {
        let mut run = small_run();
        let homes = (0..4u8).map(|i| Place { x_m: 100.0 * f64::from(i), y_m: 7.0, ..Place::default() }).collect();
        run.city.demand = Demand::new(&run.scenario, homes, run.city.travel.space(), Vec::new());
        let mut facts = Facts::read(&run.scenario, &run.city, &run.log).unwrap();
        let left = |consumer, reason| SessionLeft {
            consumer: ConsumerId(consumer),
            category: CategoryId(0),
            near_offered: false,
            reason,
        };
        let reasons = [LeaveReason::None, LeaveReason::StockOut, LeaveReason::Price, LeaveReason::Overload];
        facts.sessions_left = reasons.into_iter().zip(0..).map(|(reason, consumer)| left(consumer, reason)).collect();
        let frame = lost_sessions_frame(&run.city, &facts, 2).unwrap();
        let reasons: Vec<&str> = frame.column("reason").unwrap().str().unwrap().iter().flatten().collect();
        let east: Vec<f64> = frame.column("x_m").unwrap().f64().unwrap().iter().flatten().collect();
        assert_eq!((reasons, east), (vec!["stock_out", "overload"], vec![100.0, 300.0]));
        facts.sessions_left = vec![left(99, LeaveReason::NoNear)];
        assert!(lost_sessions_frame(&run.city, &facts, 2).is_err(), "nobody lives there");
    }
}
