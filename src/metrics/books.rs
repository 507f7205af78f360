//! The audit of a run: its event log, the bills of its orders in whole fen, what they earned for whom, and their grams.

use super::{MetricsError, StoredOrders};
use crate::audit::{Account, Bills, Violation, audit, audit_bills};
use crate::city::City;
use crate::event::EventLog;
use crate::units::Money;
use polars::prelude::*;

/// The causes that add up to `cost_yuan`.
const CAUSES: [&str; 7] = [
    "cost_last_mile_yuan",
    "cost_pick_pack_yuan",
    "cost_line_haul_yuan",
    "cost_packaging_yuan",
    "cost_site_yuan",
    "cost_returns_yuan",
    "cost_late_yuan",
];

/// Smallest amount, balance, and the entries that add up to it, each with its sign.
type Balance = (f64, &'static str, &'static [(&'static str, f64)]);

/// What must add up beside the bill. The commission is paid by the merchant to the platform, so it is in neither sum.
const BALANCES: [Balance; 3] = [
    (
        0.01,
        "contribution_system_yuan",
        &[("margin_yuan", 1.0), ("fee_yuan", 1.0), ("discount_yuan", -1.0), ("cost_yuan", -1.0)],
    ),
    (0.01, "contribution_system_yuan", &[("contribution_platform_yuan", 1.0), ("contribution_merchant_yuan", 1.0)]),
    (
        0.001,
        "co2e_g",
        &[
            ("co2e_last_mile_g", 1.0),
            ("co2e_transport_g", 1.0),
            ("co2e_site_g", 1.0),
            ("co2e_packaging_g", 1.0),
            ("co2e_returns_g", 1.0),
        ],
    ),
];

/// Every rule that a replication breaks; `orders` is its table of orders.
pub fn violations(city: &City, log: &EventLog, orders: &DataFrame) -> Result<Vec<Violation>, MetricsError> {
    let causes = CAUSES.map(|name| Ok((name, amounts(orders, name)?)));
    let causes = causes.into_iter().collect::<Result<Vec<_>, MetricsError>>()?;
    let total = amounts(orders, "cost_yuan")?;
    let balances = BALANCES.iter().map(|balance| Columns::read(orders, balance));
    let balances = balances.collect::<Result<Vec<_>, MetricsError>>()?;
    let entries: Vec<Vec<_>> = balances.iter().map(Columns::entries).collect();
    let accounts: Vec<_> = balances.iter().zip(&entries).map(|(columns, entries)| columns.account(entries)).collect();
    let mut found = audit(city, log);
    found.extend(audit_bills(log, &Bills { causes: &causes, total: &total, accounts: &accounts }));
    Ok(found)
}

/// The columns of a balance.
struct Columns {
    of: &'static Balance,
    balance: Vec<f64>,
    entries: Vec<Vec<f64>>,
}

impl Columns {
    fn read(orders: &DataFrame, of: &'static Balance) -> Result<Columns, MetricsError> {
        let entries = of.2.iter().map(|(name, _)| numbers(orders, name)).collect::<Result<_, MetricsError>>()?;
        Ok(Columns { of, balance: numbers(orders, of.1)?, entries })
    }
    fn entries(&self) -> Vec<(&'static str, f64, &[f64])> {
        self.of.2.iter().zip(&self.entries).map(|(&(name, sign), list)| (name, sign, list.as_slice())).collect()
    }
    fn account<'a>(&'a self, entries: &'a [(&'static str, f64, &'a [f64])]) -> Account<'a> {
        Account { name: self.of.1, smallest: self.of.0, entries, balance: &self.balance }
    }
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

/// A column, not a number where it is null.
fn numbers(orders: &DataFrame, column: &str) -> Result<Vec<f64>, MetricsError> {
    let mut all = Vec::with_capacity(orders.height());
    for chunk in orders.column(column)?.f64()?.downcast_iter() {
        let from = all.len();
        all.extend_from_slice(chunk.values());
        // Most orders are delivered: copying all and then blotting out a few is far cheaper than asking each.
        if let Some(known) = chunk.validity().filter(|known| known.unset_bits() > 0) {
            (!known).true_idx_iter().for_each(|i| all[from + i] = f64::NAN);
        }
    }
    Ok(all)
}

fn amounts(orders: &DataFrame, column: &str) -> Result<Vec<Option<Money>>, MetricsError> {
    // Adding a half and cutting off rounds in one instruction where `round` is a call.
    let fen = |yuan: f64| Money((yuan * 100.0 + 0.5f64.copysign(yuan)) as i64);
    Ok(numbers(orders, column)?.into_iter().map(|yuan| (!yuan.is_nan()).then(|| fen(yuan))).collect())
}

#[cfg(test)]
mod tests {
    use super::super::Frames;
    use super::*;
    use crate::testing::small_run;

    /// What the audit says of the small run if a number of its order table is another one.
    fn found_if(column: &str, order: usize, change: fn(Option<f64>) -> Option<f64>) -> Vec<String> {
        let run = small_run();
        let mut orders = Frames::from_log(&run.scenario, &run.city, &run.log, 0).unwrap().orders;
        let numbers = orders.column(column).unwrap().f64().unwrap();
        let bent = numbers.iter().enumerate().map(|(i, number)| if i == order { change(number) } else { number });
        let bent = Float64Chunked::from_iter_options(column.into(), bent);
        orders.replace(column, bent.into_column()).unwrap();
        violations(&run.city, &run.log, &orders).unwrap().into_iter().map(|violation| violation.what).collect()
    }

    #[test]
    fn a_balance_that_is_off_by_its_smallest_amount_is_found() {
        let fen = |yuan: Option<f64>| yuan.map(|yuan| yuan + 0.01);
        assert_eq!(
            found_if("margin_yuan", 0, fen),
            ["contribution_system_yuan of order 0 is 1.1, but its entries add up to 1.110"]
        );
        assert_eq!(found_if("contribution_merchant_yuan", 2, fen).len(), 1);
        // In both sums, and in the bill.
        assert_eq!(found_if("contribution_system_yuan", 1, fen).len(), 2);
        assert_eq!(found_if("cost_yuan", 1, fen).len(), 2);
        let milligram = |grams: Option<f64>| grams.map(|grams| grams - 0.001);
        assert_eq!(
            found_if("co2e_packaging_g", 4, milligram),
            ["co2e_g of order 4 is 539.6, but its entries add up to 539.599"]
        );
    }

    #[test]
    fn a_missing_entry_and_one_of_an_undelivered_order_are_found() {
        assert_eq!(found_if("co2e_site_g", 1, |_| None), ["co2e_g of order 1 is 253, but its entries add up to NaN"]);
        assert_eq!(found_if("co2e_site_g", 3, |_| Some(1.0)), ["order 3 has co2e_g but is not delivered"]);
        assert_eq!(found_if("co2e_g", 0, |_| None).len(), 1);
    }

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
