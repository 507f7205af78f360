//! Room: metrics (floor 5). `EventLog` → [`Frames`] → [`Kpi`]s; may use `units`, `statistics`, `event`,
//! `scenario`, `city`, `audit`, and polars.
//!
//! 1. `facts` reads the log once and writes down what became of every order.
//! 2. `parts` takes click-to-door apart; `cost` gives every delivered order its cost by cause, `revenue` its fee and
//!    commission, `money` what platform and merchants earn on it, `carbon` its grams by cause. `riding` follows couriers on the road.
//! 3. `frames` turns both into polars tables; `orders` holds the columns of the order table.
//!    `stock` tells what stores had left, `availability` whom they could have served.
//! 4. `kpi` reads the tables, by `rows` and only the columns it needs: one named definition each; `summary` adds intervals over replications.
//!
//! `window` is the span that KPIs count. `books` has a run audited. `candidates` turns the ledger into a table, `regret` reads it back. `stored` reads tables back from an output folder; `hourly` makes profiles by clock hour of them.
//!
//! Every sum here runs over whole milliseconds or whole fen, or row by row in table order, never by a
//! parallel reduction: results do not depend on the number of threads.

mod accounts;
mod availability;
mod backlog;
mod baskets;
mod books;
mod candidates;
mod carbon;
mod cells;
mod checkouts;
mod cost;
mod couriers;
#[cfg(test)]
mod docs;
mod events;
mod facts;
mod fates;
mod fleet;
mod frames;
#[cfg(test)]
mod golden;
mod hourly;
mod kpi;
mod labels;
mod lost_sessions;
mod measures;
mod money;
mod nearest;
mod open_hours;
mod orders;
mod parquet;
mod parts;
mod pickup;
mod regret;
mod revenue;
mod riding;
mod rows;
mod sessions;
mod shortfalls;
mod stints;
mod stock;
mod stock_outs;
mod stored;
mod stored_log;
mod stores;
mod summary;
mod window;

pub use books::{stored_violations, violations};
pub use candidates::{CANDIDATES_SCHEMA_VERSION, candidates_docs, candidates_parquet};
pub use events::{EVENTS_SCHEMA_VERSION, events_docs, events_frame, events_parquet};
pub use fates::{Barrier, CHANNELS, Fate, Fates, fates};
pub use frames::Frames;
pub use hourly::{HOURLY, hours_covered};
pub use kpi::{Better, Definition, KPIS, Kpi, definition, kpi_docs, kpis, kpis_of};
pub use labels::{label_in, unit_in};
pub use orders::{ORDERS_SCHEMA_VERSION, orders_docs};
pub use parquet::parquet_bytes;
pub use regret::{
    ReasonCount, Regret, RegretSummary, StoredCandidate, StoredCandidates, regret_csv, regret_parquet, regret_summaries,
};
pub use sessions::SessionCounts;
pub use stored::{StoredEvent, StoredOrder, StoredOrders, events_of_order};
pub use stored_log::StoredEvents;
pub use summary::{KpiSummary, mean_and_half_width, mean_and_half_width_at, summarise};

/// Why tables could not be made from an event log.
#[derive(thiserror::Error, Debug)]
pub enum MetricsError {
    /// The log names something the city does not have: log and city belong to different runs.
    #[error("the event log names {kind} {id}, which the city does not have; log and city must come from the same run")]
    UnknownId {
        /// What kind of thing: "order", "store", "courier" or "category".
        kind: &'static str,
        /// Its id.
        id: u32,
    },
    /// A stored table was written by another version of the program.
    #[error("its columns are those of version {found} (`{key}`), not of version {expected}, which this nearfar reads")]
    Version {
        /// The key in the metadata of the file.
        key: &'static str,
        /// The version found, or `none`.
        found: String,
        /// The version of this program.
        expected: u32,
    },
    /// A row of a stored event log makes no fact of this run.
    #[error("row {row}: {why}")]
    Row {
        /// The row, from 1.
        row: usize,
        /// What is wrong with it.
        why: String,
    },
    /// Polars refused an operation on a table.
    #[error("table: {0}")]
    Table(#[from] polars::error::PolarsError),
}
