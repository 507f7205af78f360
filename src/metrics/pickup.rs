//! What is counted of orders that consumers fetch.

use super::MetricsError;
use super::measures::{Spans, sum, thousandths};
use polars::prelude::*;

/// Counts and sums over pick-up orders.
#[derive(Default)]
pub(super) struct PickupMeasures {
    /// Ready - placed of orders that were ready.
    pub ready: Spans,
    /// Metres walked to fetch, one way, over orders collected.
    pub walk_m: f64,
    /// Orders that nobody came for.
    pub no_shows: usize,
}

impl PickupMeasures {
    /// Of all pick-up orders, and of those collected.
    pub(super) fn new(all: &DataFrame, collected: &DataFrame) -> Result<Self, MetricsError> {
        let ready = all.filter_seq(&all.column("ready_s")?.is_not_null())?;
        let spans = thousandths(&ready, "ready_s")?.into_iter().zip(thousandths(&ready, "placed_s")?);
        let reason = all.column("cancel_reason")?.str()?;
        Ok(PickupMeasures {
            ready: Spans::new(spans.map(|(ready, placed)| ready - placed).collect()),
            walk_m: sum(collected, "walk_m")?,
            no_shows: reason.iter().flatten().filter(|why| *why == "no_show").count(),
        })
    }
}
