//! Keys of replenishment from a supplier, with lead times. Written like schema.rs.

use super::key::any;
use super::macros::{choice, section};

choice! {
    /// When a store orders from its supplier, and how much. Its position is what is available, less what waiting orders
    /// lack, plus what is on order.
    ReplenishmentPolicy {
        /// Every SKU is brought back to its full level at once, every `stores.replenish_every_h`.
        FullLevel = "full_level",
        /// Every `stores.replenish_every_h` the position of every SKU is brought up to its level (base stock).
        OrderUpTo = "order_up_to",
        /// As soon as the position of a SKU is at its reorder point or below, it is brought up to its level.
        MinMax = "s_S",
        /// As soon as the position of a SKU is at its reorder point or below, whole batches are ordered that bring it above.
        Batches = "r_Q",
    }
}
choice! {
    /// How lead times vary about their mean.
    LeadDistribution {
        /// Not at all.
        Constant = "constant",
        /// Exponential.
        Exponential = "exponential",
        /// Lognormal with coefficient of variation `lead_cv`.
        Lognormal = "lognormal",
    }
}
choice! {
    /// What stands on the shelves when the run begins.
    OpeningStock {
        /// The full level or, under other policies, the level to which a SKU is ordered (`r_Q`: reorder point and one batch).
        Level = "level",
        /// Newsvendor: the least q with P(demand of `opening_days` ≤ q) ≥ short / (short + over), demand being Poisson.
        Newsvendor = "newsvendor",
    }
}
section! {
    /// Replenishment from a supplier. Levels that are not given in units are made from the demand that planners expect at the
    /// store, orders and walk-ins, μ a day: over T days μT + z √(μT).
    Replenishment {
        /// The policy.
        policy: ReplenishmentPolicy = ReplenishmentPolicy::FullLevel; "", any(), "asm";
        /// Mean time from order to receipt, under every policy but `full_level`.
        lead_h: f64 = 8.0; "h", 0.0..=1000.0, "asm";
        /// How it varies.
        lead_distribution: LeadDistribution = LeadDistribution::Constant; "", any(), "asm";
        /// Coefficient of variation of lognormal lead times. For `lead_distribution = "lognormal"`.
        lead_cv: f64 = 0.25; "ratio", 0.0..=5.0, "asm";
        /// Level to which every SKU carried is ordered, for `order_up_to` and `s_S`; absent: T is the time between reviews and
        /// the lead time (`order_up_to`), or the reorder point and `batch_days` of demand (`s_S`).
        level_units: Option<u32> = None; "units", 1.0..=30000.0, "asm";
        /// Reorder point of every SKU carried, for `s_S` and `r_Q`; absent: T is the lead time.
        reorder_units: Option<u32> = None; "units", 0.0..=30000.0, "asm";
        /// Units in a batch, for `r_Q`; absent: `batch_days` of demand. For `s_S` without `level_units` too, whose
        /// level is the reorder point and a batch.
        batch_units: Option<u32> = None; "units", 1.0..=30000.0, "asm";
        /// Days of expected demand in a batch. For the same, without `batch_units`.
        batch_days: f64 = 1.2; "days", 0.0..=365.0, "asm, as cover_days";
        /// Standard deviations of demand kept as safety stock (z). For levels and reorder points that are not given.
        safety_z: f64 = 1.28; "", -5.0..=5.0, "asm: nine times in ten enough";
        /// Coefficient of variation of planners' error: the demand they expect at a store of a SKU is that of the model times a
        /// lognormal factor with mean 1, drawn once a run; not for `full_level` unless `opening = "newsvendor"`.
        forecast_cv: f64 = 0.25; "ratio", 0.0..=5.0, "asm: .25 normal, .35 with a good forecast of a promotion, .5 without";
        /// Most units that one store receives from one review, for `order_up_to`; SKUs furthest below their level come first;
        /// absent: no limit.
        truck_units: Option<u32> = None; "units", 1.0..=1e6, "asm";
        /// What stands on the shelves when the run begins.
        opening: OpeningStock = OpeningStock::Level; "", any(), "asm";
        /// Days that the newsvendor's opening stock must last. This and the two that follow are for `opening =
        /// "newsvendor"`.
        opening_days: f64 = 1.0; "days", 0.0..=365.0, "asm";
        /// What a unit too few costs the newsvendor: the margin of a near sale less what the far field keeps of it.
        short_yuan: f64 = 8.0; "yuan/unit", 0.0..=1e6, "asm";
        /// What a unit left over costs: holding, markdown, return haul.
        over_yuan: f64 = 2.0; "yuan/unit", 0.0..=1e6, "asm; markdown of 8 % of cost, 25 % for fresh R15";
    }
}
