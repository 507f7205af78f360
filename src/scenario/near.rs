//! Room: scenario. Keys of the near field: which stores may be offered, and what counts as delivered.

use super::key::any;
use super::macros::{choice, section};

choice! {
    /// Which moment of the hand-over counts as delivered.
    DeliveredAt {
        /// The courier reaches the door.
        Arrival = "arrival",
        /// Half of the hand-over is done.
        MidService = "mid_service",
        /// The hand-over is done.
        EndService = "end_service",
    }
}
choice! {
    /// How hand-over times vary about their mean.
    HandoverDistribution {
        /// Lognormal with coefficient of variation `handover_cv`.
        Lognormal = "lognormal",
        /// Exponential.
        Exponential = "exponential",
    }
}

section! {
    /// The near field.
    Near {
        /// Largest distance from store to consumer, by `city.metric` without detour, for archetypes without their own.
        radius_km: f64 = 3.0; "km", 0.0..=1000.0, "R16, R20, R27";
        /// Which moment counts as delivered; the courier is busy to the end of the hand-over.
        delivered_at: DeliveredAt = DeliveredAt::EndService; "", any(), "asm";
        /// Orders that wait for or are with the pickers of a store from which on the store is not offered; absent: no limit.
        max_queue_orders: Option<u32> = None; "orders", 1.0..=1e6, "asm, 12 where it is used";
        /// Longest time to the door at which a store is offered, as consumers would be shown it: the promise of
        /// `promise.policy = "quantile"`, else the estimate of the moment; absent: no limit.
        max_quote_min: Option<f64> = None; "min", 1.0..=1e4, "asm, 60 where it is used";
    }
}
