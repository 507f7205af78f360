//! Money: a fee is raised once, at checkout, by something; an order's bill is the sum of its causes and exists only if
//! it was delivered.

use super::{Auditor, Violation};
use crate::event::{Event, EventLog};
use crate::units::{Money, OrderId, SimTime};

/// What orders cost by cause, as a table of them says; one entry an order in every list.
pub struct Bills<'a> {
    /// Name and amounts of each cause.
    pub causes: &'a [(&'static str, Vec<Option<Money>>)],
    /// What the table gives as their sum.
    pub total: &'a [Option<Money>],
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
    for (i, (&total, at)) in bills.total.iter().zip(&delivered).enumerate() {
        let causes = || bills.causes.iter().map(|(_, amounts)| amounts.get(i).copied().flatten());
        let what = match (at, total) {
            (Some(_), Some(total)) => {
                let sum: Money = causes().flatten().sum();
                let missing = bills.causes.iter().find(|(_, amounts)| amounts.get(i).copied().flatten().is_none());
                match missing {
                    Some((name, _)) => Some(format!("the bill of order {i} has no {name}")),
                    None if sum != total => {
                        Some(format!("order {i} costs {} yuan, but its causes add up to {}", total.yuan(), sum.yuan()))
                    }
                    None => None,
                }
            }
            (Some(_), None) => Some(format!("order {i} is delivered but has no bill")),
            (None, None) if causes().all(|amount| amount.is_none()) => None,
            (None, _) => Some(format!("order {i} has a bill but is not delivered")),
        };
        violations.extend(what.map(|what| Violation { at: at.unwrap_or(end), what }));
    }
    violations
}

/// When each order was delivered, by the log.
fn deliveries(log: &EventLog) -> Vec<Option<SimTime>> {
    let mut delivered = vec![None; log.orders()];
    for record in &log.records {
        if let Event::OrderDelivered { order, .. } | Event::ParcelDelivered { order, .. } = record.event
            && let Some(at) = delivered.get_mut(order.index())
        {
            *at = Some(record.at);
        }
    }
    delivered
}
