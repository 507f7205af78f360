//! How large baskets are, from an AI assistant's list and others.

use super::MetricsError;
use super::rows::{Columns, Rows};

/// Baskets of one kind: checkouts and their units, as placed.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub(super) struct Baskets {
    pub baskets: usize,
    pub units: i64,
}

impl Baskets {
    /// Of the orders of a table from a list, and of the others; parts of an order are one basket.
    pub(super) fn by_list(orders: &Rows) -> Result<[Baskets; 2], MetricsError> {
        let of = |listed: bool| {
            let kind = orders.flagged("ai_list", listed)?;
            let parts = kind.known("part_of")?.len();
            Ok::<_, MetricsError>(Baskets { baskets: kind.len() - parts, units: kind.count("units")? })
        };
        Ok([of(true)?, of(false)?])
    }
    /// Units of a basket; NaN if there is none.
    pub(super) fn mean_units(&self) -> f64 {
        if self.baskets == 0 { f64::NAN } else { self.units as f64 / self.baskets as f64 }
    }
}
