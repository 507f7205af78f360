//! Checkouts: what a consumer ordered at once. Mostly one order; a split one is several rows of the order table.
//!
//! A checkout is open while any of its parts is, delivered if all have ended and at least one reached the consumer, and
//! cancelled if none did.

use super::MetricsError;
use super::rows::{Columns, Rows};
use crate::event::EventLog;
use crate::units::Money;

/// What an order's checkout was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checkout {
    /// Parts in all, 1 for a whole order.
    pub parts: u32,
    /// Value of all parts.
    pub value: Money,
}

/// The checkout of every order, by [`crate::units::OrderId`].
pub(super) fn of_orders(log: &EventLog) -> Vec<Checkout> {
    let whole = log.placements.iter().map(|placement| Checkout { parts: 1, value: placement.value });
    let mut checkouts: Vec<Checkout> = whole.collect();
    for placement in &log.placements {
        if let Some(head) = placement.part_of.and_then(|head| checkouts.get_mut(head.index())) {
            head.parts += 1;
            head.value += placement.value;
        }
    }
    for (order, placement) in log.placements.iter().enumerate() {
        if let Some(head) = placement.part_of.and_then(|head| checkouts.get(head.index()).copied()) {
            checkouts[order] = head;
        }
    }
    checkouts
}

/// Checkouts of a table of orders, counted.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(super) struct Checkouts {
    pub placed: usize,
    pub delivered: usize,
    pub cancelled: usize,
    pub open: usize,
    /// With a near part, or whole and near; far ones are the others.
    pub near: usize,
    /// Near ones, split ones by the share of their value that is near.
    pub near_by_value: f64,
    /// In more than one part.
    pub split: usize,
    /// Delivered without some part.
    pub partly_delivered: usize,
    /// Delivered with every part and every line as ordered.
    pub filled: usize,
    /// Rows of the table.
    pub parts: usize,
}

/// A checkout whose parts are read one after the other.
#[derive(Default)]
struct Reading {
    parts: usize,
    delivered: usize,
    /// Delivered with every line as ordered.
    filled: usize,
    cancelled: usize,
    value: f64,
    near_value: f64,
    near: bool,
}

impl Checkouts {
    /// Parts of one checkout stand in rows that follow each other.
    pub(super) fn new(orders: &Rows) -> Result<Checkouts, MetricsError> {
        let [part_of, status, channel] = [orders.of("part_of")?, orders.of("status")?, orders.of("channel")?];
        let (part_of, status, channel) = (part_of.u32()?, status.str()?, channel.str()?);
        let value = orders.of("value_yuan")?;
        let value = value.f64()?;
        let changed = orders.of("lines_substituted")?.u32()? + orders.of("lines_refunded")?.u32()?;
        let rows = part_of.iter().zip(status.iter()).zip(channel.iter()).zip(value.iter()).zip(changed.iter());
        let mut checkouts = Checkouts::default();
        let mut reading = Reading::default();
        for ((((part_of, status), channel), value), changed) in rows {
            if part_of.is_none() {
                checkouts.add(&std::mem::take(&mut reading));
            }
            reading.parts += 1;
            reading.delivered += usize::from(status == Some("delivered"));
            reading.filled += usize::from(status == Some("delivered") && changed.unwrap_or(0) == 0);
            reading.cancelled += usize::from(status == Some("cancelled"));
            let value = value.unwrap_or(0.0);
            reading.value += value;
            if channel == Some("near") {
                reading.near = true;
                reading.near_value += value;
            }
        }
        checkouts.add(&reading);
        Ok(checkouts)
    }

    fn add(&mut self, checkout: &Reading) {
        if checkout.parts == 0 {
            return;
        }
        self.placed += 1;
        self.parts += checkout.parts;
        self.split += usize::from(checkout.parts > 1);
        self.filled += usize::from(checkout.filled == checkout.parts);
        self.near += usize::from(checkout.near);
        self.near_by_value += match checkout.near {
            true if checkout.near_value < checkout.value => checkout.near_value / checkout.value,
            near => f64::from(u8::from(near)),
        };
        match (checkout.delivered, checkout.parts - checkout.delivered - checkout.cancelled) {
            (_, 1..) => self.open += 1,
            (0, 0) => self.cancelled += 1,
            (delivered, 0) => {
                self.delivered += 1;
                self.partly_delivered += usize::from(delivered < checkout.parts);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::OrderId;
    use polars::prelude::*;

    /// Parent, status, channel and value of each order.
    fn table(rows: &[(Option<u32>, &str, &str, f64)]) -> DataFrame {
        let none = |name: &str| UInt32Chunked::from_vec(name.into(), vec![0; rows.len()]).into_column();
        let columns = vec![
            none("lines_substituted"),
            none("lines_refunded"),
            UInt32Chunked::from_iter_options("part_of".into(), rows.iter().map(|row| row.0)).into_column(),
            StringChunked::from_iter_values("status".into(), rows.iter().map(|row| row.1)).into_column(),
            StringChunked::from_iter_values("channel".into(), rows.iter().map(|row| row.2)).into_column(),
            Float64Chunked::from_vec("value_yuan".into(), rows.iter().map(|row| row.3).collect()).into_column(),
        ];
        DataFrame::new(rows.len(), columns).unwrap()
    }

    #[test]
    fn parts_count_once_and_near_by_their_share_of_the_value() {
        let counted = Checkouts::new(&Rows::all(&table(&[
            (None, "delivered", "near", 60.0),
            (Some(0), "delivered", "far", 20.0),
            (None, "delivered", "far", 10.0),
            (None, "delivered", "near", 10.0),
        ])));
        let expected = Checkouts {
            placed: 3,
            delivered: 3,
            near: 2,
            near_by_value: 1.75,
            split: 1,
            filled: 3,
            parts: 4,
            ..Checkouts::default()
        };
        assert_eq!(counted.unwrap(), expected);
    }

    #[test]
    fn a_checkout_ends_with_its_last_part() {
        let end = |first, second| {
            let table = table(&[(None, first, "near", 1.0), (Some(0), second, "near", 1.0)]);
            let all = Checkouts::new(&Rows::all(&table)).unwrap();
            (all.delivered, all.partly_delivered, all.cancelled, all.open)
        };
        assert_eq!(end("delivered", "delivered"), (1, 0, 0, 0));
        assert_eq!(end("delivered", "cancelled"), (1, 1, 0, 0));
        assert_eq!(end("cancelled", "delivered"), (1, 1, 0, 0));
        assert_eq!(end("cancelled", "cancelled"), (0, 0, 1, 0));
        assert_eq!(end("delivered", "open"), (0, 0, 0, 1));
        assert_eq!(end("open", "cancelled"), (0, 0, 0, 1));
    }

    #[test]
    fn the_log_tells_the_parts_and_the_value_of_each_checkout() {
        let mut log = crate::testing::small_run().log;
        (log.placements[2].part_of, log.placements[3].part_of) = (Some(OrderId(1)), Some(OrderId(1)));
        let checkouts = of_orders(&log);
        let parts: Vec<u32> = checkouts.iter().map(|checkout| checkout.parts).collect();
        assert_eq!(parts, [1, 3, 3, 3, 1, 1, 1]);
        assert_eq!(checkouts[3].value, Money::from_yuan(280.0));
        assert_eq!(checkouts[0].value, Money::from_yuan(100.0));
    }
}
