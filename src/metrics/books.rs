//! The audit of a run: its event log, the bills of its orders in whole fen, what they earned for whom, and their grams.

use super::{MetricsError, StoredOrders};
use crate::audit::{self, Account, Bills, Entry, Violation, audit_with_bills};
use crate::city::City;
use crate::event::EventLog;
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
    let costs: Vec<_> = CAUSES.iter().map(|&name| (name, 1.0)).collect();
    let bill = Book::read(orders, "cost_yuan", &costs)?;
    let books = BALANCES.iter().map(|(_, balance, entries)| Book::read(orders, balance, entries));
    let books = books.collect::<Result<Vec<_>, MetricsError>>()?;
    let entries: Vec<_> = books.iter().map(Book::entries).collect();
    let accounts: Vec<_> = books
        .iter()
        .zip(&entries)
        .zip(&BALANCES)
        .map(|((book, entries), &(smallest, name, _))| Account {
            name,
            smallest,
            entries,
            balance: column(&book.balance),
        })
        .collect();
    let bills = Bills { causes: &bill.entries(), total: column(&bill.balance), accounts: &accounts };
    Ok(audit_with_bills(city, log, &bills))
}

/// A column and what adds up to it: name, sign and column of each. They share the memory of the table.
struct Book {
    balance: Float64Chunked,
    entries: Vec<(&'static str, f64, Float64Chunked)>,
}

impl Book {
    fn read(orders: &DataFrame, balance: &str, entries: &[(&'static str, f64)]) -> Result<Book, MetricsError> {
        let entries = entries.iter().map(|&(name, sign)| Ok((name, sign, whole(orders, name)?)));
        Ok(Book { balance: whole(orders, balance)?, entries: entries.collect::<Result<_, MetricsError>>()? })
    }
    fn entries(&self) -> Vec<Entry<'_>> {
        self.entries.iter().map(|(name, sign, of)| Entry { name, sign: *sign, column: column(of) }).collect()
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

/// A column in one piece, copied only if it is in several.
fn whole(orders: &DataFrame, column: &str) -> Result<Float64Chunked, MetricsError> {
    Ok(orders.column(column)?.f64()?.rechunk().into_owned())
}

fn column(whole: &Float64Chunked) -> audit::Column<'_> {
    let array = whole.downcast_as_array();
    let known = array.validity().map(|known| {
        let (bytes, skip, _) = known.as_slice();
        (bytes, skip)
    });
    audit::Column { numbers: array.values().as_slice(), known }
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
