//! What is counted of orders that consumers fetch.

use super::MetricsError;
use super::measures::Spans;
use super::rows::{Columns, Rows};

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
    pub(super) fn new(all: &Rows, collected: &Rows) -> Result<Self, MetricsError> {
        let ready = all.known("ready_s")?;
        let spans = ready.thousandths("ready_s")?.into_iter().zip(ready.thousandths("placed_s")?);
        Ok(PickupMeasures {
            ready: Spans::new(spans.map(|(ready, placed)| ready - placed).collect()),
            walk_m: collected.sum("walk_m")?,
            no_shows: all.with("cancel_reason", "no_show")?.len(),
        })
    }
}
