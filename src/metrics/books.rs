//! The audit of a run: its event log, and the bills of its orders in whole fen.

use super::{MetricsError, StoredOrders};
use crate::audit::{Bills, Violation, audit, audit_bills};
use crate::city::City;
use crate::event::EventLog;
use crate::units::Money;
use polars::prelude::*;

/// The causes that add up to `cost_yuan`.
const CAUSES: [&str; 8] = [
    "cost_last_mile_yuan",
    "cost_pick_pack_yuan",
    "cost_line_haul_yuan",
    "cost_packaging_yuan",
    "cost_site_yuan",
    "cost_returns_yuan",
    "cost_late_yuan",
    "cost_discount_yuan",
];

/// Every rule that a replication breaks; `orders` is its table of orders.
pub fn violations(city: &City, log: &EventLog, orders: &DataFrame) -> Result<Vec<Violation>, MetricsError> {
    let causes = CAUSES.map(|name| Ok((name, amounts(orders, name)?)));
    let causes = causes.into_iter().collect::<Result<Vec<_>, MetricsError>>()?;
    let total = amounts(orders, "cost_yuan")?;
    let mut found = audit(city, log);
    found.extend(audit_bills(log, &Bills { causes: &causes, total: &total }));
    Ok(found)
}

/// The same for orders and log as stored.
pub fn stored_violations(
    city: &City,
    log: &EventLog,
    orders: &StoredOrders,
    replication: u32,
) -> Result<Vec<Violation>, MetricsError> {
    violations(city, log, &orders.of_replication(replication)?)
}

fn amounts(orders: &DataFrame, column: &str) -> Result<Vec<Option<Money>>, MetricsError> {
    // Adding a half and cutting off rounds in one instruction where `round` is a call.
    let fen = |yuan: f64| Money((yuan * 100.0 + 0.5f64.copysign(yuan)) as i64);
    Ok(orders.column(column)?.f64()?.iter().map(|yuan| yuan.map(fen)).collect())
}

#[cfg(test)]
mod tests {
    use super::super::Frames;
    use super::*;
    use crate::testing::small_run;

    #[test]
    fn a_cause_that_is_off_by_a_fen_is_found() {
        let run = small_run();
        let mut orders = Frames::from_log(&run.scenario, &run.city, &run.log, 0).unwrap().orders;
        assert!(violations(&run.city, &run.log, &orders).unwrap().is_empty());
        let costs = orders.column("cost_site_yuan").unwrap().f64().unwrap();
        let bent = costs.iter().enumerate().map(|(i, yuan)| yuan.map(|yuan| if i == 1 { yuan + 0.01 } else { yuan }));
        let bent = Float64Chunked::from_iter_options("cost_site_yuan".into(), bent);
        orders.replace("cost_site_yuan", bent.into_column()).unwrap();
        let found = violations(&run.city, &run.log, &orders).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].what, "order 1 costs 35.67 yuan, but its causes add up to 35.68");
    }
}
