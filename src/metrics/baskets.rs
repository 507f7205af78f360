//! How large baskets are, from an AI assistant's list and others.

use super::MetricsError;
use super::measures::count;
use polars::prelude::*;

/// Baskets of one kind: checkouts and their units, as placed.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub(super) struct Baskets {
    pub baskets: usize,
    pub units: i64,
}

impl Baskets {
    /// Of the orders of a table from a list, and of the others; parts of an order are one basket.
    pub(super) fn by_list(orders: &DataFrame) -> Result<[Baskets; 2], MetricsError> {
        let listed = orders.column("ai_list")?.bool()?;
        let of = |kind: &BooleanChunked| {
            let table = orders.filter_seq(kind)?;
            Ok::<_, MetricsError>(Baskets {
                baskets: table.column("part_of")?.null_count(),
                units: count(&table, "units")?,
            })
        };
        Ok([of(listed)?, of(&!listed)?])
    }
    /// Units of a basket; NaN if there is none.
    pub(super) fn mean_units(&self) -> f64 {
        if self.baskets == 0 { f64::NAN } else { self.units as f64 / self.baskets as f64 }
    }
}
