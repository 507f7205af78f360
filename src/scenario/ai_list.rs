//! Room: scenario. Keys of baskets that an AI assistant puts together. Written like schema.rs.

use super::Scenario;
use super::macros::section;

section! {
    /// Shopping lists that an AI assistant writes: whoever orders from one buys more at once.
    AiList {
        /// Share of sessions, or of orders where arrivals are orders, whose basket comes from such a list.
        share: f64 = 0.0; "share", 0.0..=1.0, "asm; no share is published, 0.1 is a moderate what-if";
        /// Units in such a basket beyond the first: Poisson with this mean, instead of `demand.extra_items_mean`; unit prices
        /// stay, so `aov_yuan` is the value of the other baskets.
        extra_items_mean: f64 = 3.0; "units", 0.0..=100.0, "asm";
    }
}

impl Scenario {
    /// Mean units of a basket, over those from lists and the others.
    pub fn units_per_basket(&self) -> f64 {
        let (usual, listed) = (self.demand.extra_items_mean, self.ai_list.extra_items_mean);
        1.0 + usual + self.ai_list.share * (listed - usual)
    }
}
