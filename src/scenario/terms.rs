//! Room: scenario. Keys of what a consumer is promised and charged, and of the rules that keep the near field in
//! balance with its couriers: promise, price, overload control and repositioning.

use super::key::any;
use super::macros::{choice, section};

choice! {
    /// How the near-field promise is made.
    PromisePolicy {
        /// The same for every order: `promise.near_min`.
        Fixed = "fixed",
        /// The estimate of what store and fleet show at placement, plus a quantile of how late such estimates proved.
        Quantile = "quantile",
    }
}
choice! {
    /// What the platform does when an area has more near orders than its couriers can carry.
    OverloadPolicy {
        /// Nothing.
        None = "none",
        /// In stages: a longer promise, then also a smaller radius and a higher fee, then no near orders for a while.
        Staged = "staged",
    }
}
choice! {
    /// What idle couriers do.
    RepositionPolicy {
        /// Wait where the last order ended.
        Stay = "stay",
        /// Ride from zones with couriers to spare to zones short of them, at the least travel.
        HotSpotFlow = "hot_spot_flow",
    }
}

section! {
    /// The promised time.
    Promise {
        /// How the near-field promise is made.
        policy: PromisePolicy = PromisePolicy::Fixed; "", any(), "asm";
        /// Near-field promise from placement to delivery, for `policy = "fixed"`; `"quantile"` gives it until it has seen deliveries.
        near_min: f64 = 45.0; "min", 0.0..=1e5, "asm; R9, R10, R23 give averages near 30";
        /// Far-field promise from placement to delivery.
        far_h: f64 = 72.0; "h", 0.0..=1e4, "R36: share within 72 h is the published measure";
        /// Shortest promise of `policy = "quantile"`.
        floor_min: f64 = 30.0; "min", 0.0..=1e4, "R9, R10, R23; range 15-60";
        /// Share of orders that `policy = "quantile"` means to deliver by the promise.
        quantile: f64 = 0.8; "share", 0.0..=1.0, "asm; .7 is bold, .9 is careful";
        /// Promises are rounded up to multiples of this, those of `policy = "fixed"` only when overload control lengthens them.
        step_min: f64 = 5.0; "min", 0.001..=240.0, "asm";
    }
}
section! {
    /// What the platform earns on a delivered order.
    Price {
        /// Delivery fee of a near order below the free-delivery basket.
        near_fee_yuan: f64 = 3.0; "yuan/order", 0.0..=1e4, "asm, range 0-8";
        /// Delivery fee of a parcel.
        far_fee_yuan: f64 = 0.0; "yuan/order", 0.0..=1e4, "asm, range 0-8";
        /// Basket from which a near order pays no delivery fee. For `near_fee_yuan` above 0.
        near_free_basket_yuan: f64 = 29.0; "yuan", 0.0..=1e9, "asm, range 0-99";
        /// Discount on the goods of a near order, which the merchant bears. Consumers who choose weigh it,
        /// at checkout like a fee with the sign turned; otherwise it costs and brings nobody.
        near_discount_share: f64 = 0.0; "share", 0.0..=0.9, "asm; .05 on a usual day";
        /// The same for a far order.
        far_discount_share: f64 = 0.0; "share", 0.0..=0.9, "asm; .10 on a usual day, .15 in a sale";
        /// Commission on the value of a near order that is not sent back.
        near_commission: f64 = 0.06; "share", 0.0..=1.0, "R24 (.041, meals 2021), asm";
        /// Commission on the value of a far order that is not sent back.
        far_commission: f64 = 0.05; "share", 0.0..=1.0, "asm, range .03-.20";
    }
}
section! {
    /// Overload control: what happens where couriers are short. All keys but `policy` are settings of
    /// `overload.policy = "staged"`; `interval_min` also times what promises and limits of the near field look at.
    Overload {
        /// The policy.
        policy: OverloadPolicy = OverloadPolicy::None; "", any(), "asm";
        /// Time between two looks at the load.
        interval_min: f64 = 5.0; "min", 0.1..=1440.0, "asm";
        /// Load (courier minutes wanted / available in the next 15 min) above which promises are longer.
        longer_above: f64 = 0.85; "ratio", 0.0..=100.0, "asm";
        /// Load above which radius and fee change as well.
        smaller_above: f64 = 0.95; "ratio", 0.0..=100.0, "asm";
        /// Load above which the near field takes no orders.
        pause_above: f64 = 1.1; "ratio", 0.0..=100.0, "asm";
        /// Promise relative to the usual one.
        promise_factor: f64 = 1.2; "ratio", 1.0..=10.0, "asm";
        /// Radius of a store relative to the usual one.
        radius_factor: f64 = 0.7; "ratio", 0.0..=1.0, "asm";
        /// Added to the delivery fee of every near order.
        fee_yuan: f64 = 2.0; "yuan/order", 0.0..=1e4, "asm";
        /// Share of near-field consumers who take the far field instead, for each yuan added to the fee. For orders
        /// that come by intent: consumers who choose
        /// (`choice.model`) weigh the fee by `choice.fee_weight`.
        far_per_yuan: f64 = 0.03; "share/yuan", 0.0..=1.0, "asm, range .01-.08";
    }
}
section! {
    /// What idle couriers do while there is no order for them. All keys but `policy` are settings of
    /// `reposition.policy = "hot_spot_flow"`.
    Reposition {
        /// The policy.
        policy: RepositionPolicy = RepositionPolicy::Stay; "", any(), "asm";
        /// Time between two rounds of moves.
        interval_min: f64 = 5.0; "min", 0.1..=1440.0, "asm";
        /// Share of proposed moves that couriers follow.
        follow_share: f64 = 0.7; "share", 0.0..=1.0, "asm";
    }
}
