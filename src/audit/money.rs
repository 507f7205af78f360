//! Money and carbon: a fee is raised once, at checkout, by something; an order's bill is the sum of its causes and exists
//! only if it was delivered, and so are its other accounts, what it earned for whom and its grams of carbon.

use super::{Auditor, Violation};
use crate::event::{Event, EventLog};
use crate::units::{Money, OrderId, SimTime};

/// What orders cost by cause, as a table of them says; one entry an order in every list.
pub struct Bills<'a> {
    /// Name and amounts of each cause.
    pub causes: &'a [(&'static str, Vec<Option<Money>>)],
    /// What the table gives as their sum.
    pub total: &'a [Option<Money>],
    /// What else has to add up.
    pub accounts: &'a [Account<'a>],
}

impl Auditor<'_> {
    pub(super) fn fee_raised(&mut self, id: OrderId, by_fen: u32) {
        self.offered(id);
        let order = self.order(id);
        self.require(by_fen > 0, || format!("the fee of order {} is raised by nothing", id.0));
        self.require(!order.fee_raised, || format!("the fee of order {} is raised twice", id.0));
        self.set(id, |o| o.fee_raised = true);
    }
}

/// Checks the bills of all orders of a log; each violation names the order.
pub fn audit_bills(log: &EventLog, bills: &Bills<'_>) -> Vec<Violation> {
    let delivered = deliveries(log);
    let end = log.records.last().map_or(SimTime::ZERO, |record| record.at);
    let mut violations = Vec::new();
    let count = bills.total.len();
    if count != delivered.len() {
        let what = format!("{count} orders have a bill, but {} were placed", delivered.len());
        violations.push(Violation { at: end, what });
    }
    let sums = Sums::new(bills);
    for (i, (&total, at)) in bills.total.iter().zip(&delivered).enumerate() {
        let (sum, known) = (sums.amount[i], sums.known[i]);
        let what = match (at, total) {
            (Some(_), Some(_)) if known < bills.causes.len() => {
                let missing = bills.causes.iter().find(|(_, amounts)| amounts.get(i).copied().flatten().is_none());
                format!("the bill of order {i} has no {}", missing.map_or("cause", |(name, _)| name))
            }
            (Some(_), Some(total)) if sum != total => {
                format!("order {i} costs {} yuan, but its causes add up to {}", total.yuan(), sum.yuan())
            }
            (Some(_), None) => format!("order {i} is delivered but has no bill"),
            (None, total) if total.is_some() || known > 0 => format!("order {i} has a bill but is not delivered"),
            _ => continue,
        };
        violations.push(Violation { at: at.unwrap_or(end), what });
    }
    for account in bills.accounts {
        check_account(account, &delivered, end, &mut violations);
    }
    violations
}

/// An account of every order in a table: signed entries that add up to a balance; one number an order in every list, not a
/// number where the table is empty.
pub struct Account<'a> {
    /// What the balance is called.
    pub name: &'static str,
    /// The smallest amount that can be booked, in the unit of the numbers: 0.01 of yuan, 0.001 of grams.
    pub smallest: f64,
    /// Name, sign and numbers of each entry.
    pub entries: &'a [(&'static str, f64, &'a [f64])],
    /// The balance of the table.
    pub balance: &'a [f64],
}

/// Checks an account of all orders. Every number is a whole multiple of the smallest amount, so a balance that is off by less
/// than half of it is exact.
fn check_account(account: &Account<'_>, delivered: &[Option<SimTime>], end: SimTime, violations: &mut Vec<Violation>) {
    let (name, entries) = (account.name, account.entries);
    let mut sums = vec![0.0; delivered.len()];
    for (_, sign, numbers) in entries {
        sums.iter_mut().zip(*numbers).for_each(|(sum, number)| *sum += sign * number);
    }
    for (i, ((&sum, &balance), at)) in sums.iter().zip(account.balance).zip(delivered).enumerate() {
        let exact = (sum - balance).abs() < account.smallest / 2.0;
        let nothing = || balance.is_nan() && entries.iter().all(|(_, _, list)| list.get(i).is_none_or(|n| n.is_nan()));
        let what = match at {
            Some(_) if exact => continue,
            None if nothing() => continue,
            Some(_) => format!("{name} of order {i} is {balance}, but its entries add up to {sum:.3}"),
            None => format!("order {i} has {name} but is not delivered"),
        };
        violations.push(Violation { at: at.unwrap_or(end), what });
    }
}

/// What the causes of each order add up to, and how many of them there are.
struct Sums {
    amount: Vec<Money>,
    known: Vec<usize>,
}

impl Sums {
    fn new(bills: &Bills<'_>) -> Sums {
        let count = bills.total.len();
        let mut sums = Sums { amount: vec![Money::ZERO; count], known: vec![0; count] };
        for (_, amounts) in bills.causes {
            for (i, amount) in amounts.iter().take(count).enumerate() {
                if let Some(amount) = amount {
                    sums.amount[i] += *amount;
                    sums.known[i] += 1;
                }
            }
        }
        sums
    }
}

/// When each order was delivered, by the log.
fn deliveries(log: &EventLog) -> Vec<Option<SimTime>> {
    let mut delivered = vec![None; log.orders()];
    for record in &log.records {
        if let Event::OrderDelivered { order, .. }
        | Event::ParcelDelivered { order, .. }
        | Event::OrderCollected { order } = record.event
            && let Some(at) = delivered.get_mut(order.index())
        {
            *at = Some(record.at);
        }
    }
    delivered
}
