//! Room: scenario. Keys of baskets that no single store can serve. Written like schema.rs.

use super::key::any;
use super::macros::{choice, section};

choice! {
    /// Whether one order may come in several parts.
    SplitPolicy {
        /// Never: an order is served whole, by one store or as one parcel.
        Never = "never",
        /// Where no store has every line, or by the cost of the policies that count it: several stores, or a near part with the
        /// rest as a parcel, whichever costs least.
        Allow = "allow",
    }
}
section! {
    /// Orders in several parts. All keys but `policy` are settings of `split.policy = "allow"`.
    Split {
        /// Whether orders are split.
        policy: SplitPolicy = SplitPolicy::Never; "", any(), "asm; \"allow\" is what platforms with baskets of several lines do";
        /// Most stores that share an order; 1: one near part, with the rest as a parcel.
        max_stores: u32 = 2; "stores", 1.0..=8.0, "asm";
        /// What no store of the split has may come as a parcel beside the near parts; false: stores have all of it between them, or the order is not split.
        far_rest: bool = true; "", any(), "asm";
        /// Least value of a part from a store.
        min_near_value_yuan: f64 = 10.0; "yuan", 0.0..=1e6, "asm";
        /// Two stores of one order this close to each other share a courier, who brings both parts at once, under
        /// `dispatch.policy = "greedy_nearest"`; 0: never. For `couriers.capacity` of at least 2.
        join_km: f64 = 0.5; "km", 0.0..=20.0, "asm";
        /// What each delivery beyond the first costs in goodwill, for the decision alone: packaging, picking and couriers are in `cost` anyway.
        penalty_yuan: f64 = 4.0; "yuan/delivery", 0.0..=1e4, "asm";
        /// What it is worth to bring a whole order near instead of far, for the decision alone; goods left to a parcel count by their share of the value.
        far_wait_yuan: f64 = 30.0; "yuan/order", 0.0..=1e4, "R47 (our calculation): half an hour instead of a day at a basket of 60 yuan is worth 12 to who plans ahead and 84 in the urgent quarter";
        /// Utility that a consumer loses by each delivery beyond the first of a split offer, where consumers choose.
        annoyance_utility: f64 = 0.3; "utility/delivery", 0.0..=50.0, "asm";
    }
}
