//! Room: scenario. Keys of pick-up: consumers fetch the order from a store on foot. Written like schema.rs.

use super::key::any;
use super::macros::section;
use super::schema::Scenario;

section! {
    /// Pick-up in store, a channel beside near and far that is offered where consumers choose (`choice.model`).
    /// What it is worth to them is `asc_pickup` of the category and `choice.walk_weight`.
    Pickup {
        /// Whether pick-up is offered.
        enabled: bool = true; "", any(), "asm";
        /// Largest distance to a store that is offered, by `city.metric` without detour, whatever the radius of its couriers.
        radius_km: f64 = 2.0; "km", 0.0..=1000.0, "R45, range .3-2";
        /// Fee of an order fetched.
        fee_yuan: f64 = 0.0; "yuan/order", 0.0..=1e4, "asm";
        /// Taken off the price of an order fetched; a cost of the order, given back with the goods if they come back.
        discount_yuan: f64 = 0.0; "yuan/order", 0.0..=1e4, "asm; 3 in a push";
        /// Shortest time promised from placement until the order is ready; longer where pickers have a queue.
        ready_min: f64 = 20.0; "min", 0.0..=1e4, "asm";
        /// Mean time from ready until the consumer sets out (lognormal).
        collect_after_min: f64 = 60.0; "min", 0.0..=1e5, "asm";
        /// Coefficient of variation of that time.
        collect_cv: f64 = 1.0; "ratio", 0.0..=5.0, "asm";
        /// Walking speed.
        walk_kmh: f64 = 4.8; "km/h", 0.1..=50.0, "asm";
        /// Share of orders whose consumer never comes.
        no_show_share: f64 = 0.03; "share", 0.0..=1.0, "asm, range 0-.1";
        /// How long a ready order is held; then its units go back on the shelf.
        hold_h: f64 = 24.0; "h", 0.01..=1000.0, "asm";
        /// Units of each SKU kept from pick-up for walk-ins, never more than `rationing.policy` keeps from the near field.
        protect_units: u32 = 0; "units", 0.0..=60000.0, "asm; at most what the near field is kept from";
        /// Packaging of an order fetched.
        packaging_yuan: f64 = 0.5; "yuan/order", 0.0..=1e4, "asm; a bag, .8 with the cover for a ride";
    }
}

impl Scenario {
    /// Whether consumers can choose to fetch an order.
    pub fn pickup_offered(&self) -> bool {
        self.pickup.enabled && self.consumers_choose()
    }
}
