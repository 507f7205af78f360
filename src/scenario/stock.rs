//! Keys of stock beyond full levels: what is true of the record, and what happens when it is not. Written like schema.rs.

use super::key::any;
use super::macros::{choice, section};

choice! {
    /// Who takes from what a store holds.
    Pool {
        /// Walk-ins and orders take from one shelf; `rationing.policy` may keep units for walk-ins.
        Shared = "shared",
        /// Two shelves with levels of their own, divided by the demand that planners expect of walk-ins and of orders.
        Siloed = "siloed",
    }
}
choice! {
    /// What becomes of a near order that nothing but stock keeps from being served.
    Unmet {
        /// The warehouse serves it or, with `sourcing.policy = "near_only"`, nobody.
        Lost = "lost",
        /// It waits at the nearest open store that carries all of it, first come, first served.
        Backorder = "backorder",
    }
}

section! {
    /// How true the record of the shelves is, and what becomes of an order whose picker does not find a line. Such an order
    /// moves to the nearest other store that has all of it by the record, once, unless a courier has it already; else the
    /// consumer takes a substitute, or the line is refunded.
    Stock {
        /// Probability that the units of an order line, available by the record, are not on the shelf; the picker finds out.
        /// Shelves that never run empty have no record that could be wrong.
        phantom_share: f64 = 0.02; "share", 0.0..=1.0, "R11 (3 %), asm, range 0-.08";
        /// Age of what routing sees of the shelves; a line whose last units went in the meantime is not found.
        sync_latency_s: f64 = 60.0; "s", 0.0..=86400.0, "asm, range 0-1800";
        /// Probability that the consumer takes, for a missing line, the SKU of the category nearest in price that
        /// the store has. For `phantom_share` or `sync_latency_s` above 0.
        substitution_accept: f64 = 0.45; "share", 0.0..=1.0, "asm, range .2-.8";
        /// An order is cancelled if what was found is worth less than this, or nothing was found. For the same.
        min_basket_yuan: f64 = 0.0; "yuan", 0.0..=1e5, "asm, 15 where it is used";
        /// What becomes of a near order that nothing but stock keeps from being served; not where consumers choose (`choice.model`),
        /// where consumers see no offer then.
        unmet: Unmet = Unmet::Lost; "", any(), "asm";
        /// Who takes from what a store holds: whoever comes, or walk-ins and orders each from units of their own.
        pool: Pool = Pool::Shared; "", any(), "asm; siloed where the store's till and the platform keep books of their own";
        /// Hours between reviews at which stores that have none of a SKU are sent some by another store; absent: stores send
        /// each other nothing.
        transfer_every_h: Option<f64> = None; "h", 0.1..=1000.0, "asm, 4 where it is used";
        /// Longest way on the road between two stores of which one sends units to the other. This and the two that
        /// follow are for `transfer_every_h`.
        transfer_max_km: f64 = 5.0; "km", 0.0..=1000.0, "asm";
        /// Time from the review until the van has brought the units.
        transfer_lead_h: f64 = 2.0; "h", 0.0..=1000.0, "asm";
        /// Days of expected demand that a store keeps when it gives, and is brought when it has none; one unit at least.
        transfer_keep_days: f64 = 1.0; "days", 0.0..=365.0, "asm, as cover_days";
    }
}
