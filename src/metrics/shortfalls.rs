//! What pickers did not find, order by order and added up, and how much of what was ordered reached consumers.

use super::MetricsError;
use super::rows::{Columns, Rows};
use crate::units::Money;

/// What the picker of one order did not find, at the store that served it in the end.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(super) struct Shortfall {
    units_missing: u32,
    pub lines_substituted: u32,
    pub units_substituted: u32,
    pub lines_refunded: u32,
    /// Value given back.
    pub refunded: Money,
}

impl Shortfall {
    pub(super) fn missing(&mut self, units: u32) {
        self.units_missing += units;
    }
    pub(super) fn substituted(&mut self, units: u32) {
        self.lines_substituted += 1;
        self.units_substituted += units;
    }
    pub(super) fn refunded(&mut self, by_fen: u32) {
        self.lines_refunded += 1;
        self.refunded += Money(i64::from(by_fen));
    }
    /// Units of lines given back; 0 where the whole order was cancelled instead.
    pub(super) fn units_refunded(&self) -> u32 {
        match self.lines_refunded {
            0 => 0,
            _ => self.units_missing.saturating_sub(self.units_substituted),
        }
    }
}

/// How much of what was ordered reached consumers as it was ordered.
#[derive(Default)]
pub(super) struct Fulfilment {
    pub lines: i64,
    /// Lines delivered as ordered.
    pub lines_whole: i64,
    pub units: i64,
    /// Units delivered as ordered.
    pub units_whole: i64,
    /// Of near orders: all lines, and those not found.
    pub near_lines: i64,
    pub near_substituted: i64,
    pub near_refunded: i64,
    /// Orders whose nearest store that carries every line is known, and those of them that it had none of a line for.
    pub asked: usize,
    pub met_stock_out: usize,
    pub backordered: usize,
    /// Units of orders never delivered, and of lines given back.
    pub units_lost: i64,
    /// Value and units of delivered orders that were sent far for want of a store or its stock.
    pub recaptured_fen: i64,
    pub recaptured_units: i64,
}

impl Fulfilment {
    /// From all orders and the near ones among them.
    pub(super) fn new(orders: &Rows, near: &Rows) -> Result<Fulfilment, MetricsError> {
        let delivered = orders.with("status", "delivered")?;
        let of = |column: &str| delivered.count(column);
        let had = orders.flags("nearest_had_stock")?;
        let wanted_near = delivered.among("far_reason", &["no_store", "no_stock", "rationed"])?;
        Ok(Fulfilment {
            lines: orders.count("lines")?,
            lines_whole: of("lines")? - of("lines_substituted")? - of("lines_refunded")?,
            units: orders.count("units")?,
            units_whole: of("units")? - of("units_substituted")? - of("units_refunded")?,
            near_lines: near.count("lines")?,
            near_substituted: near.count("lines_substituted")?,
            near_refunded: near.count("lines_refunded")?,
            asked: had.yes + had.no,
            met_stock_out: had.no,
            backordered: orders.flags("backordered")?.yes,
            units_lost: orders.count("units")? - of("units")? + of("units_refunded")?,
            recaptured_fen: wanted_near.fen("value_yuan")?,
            recaptured_units: wanted_near.count("units")?,
        })
    }
}
