//! Keys of consumer choice: who opens sessions, and what they weigh. Written like schema.rs.

use super::key::any;
use super::macros::{choice, section};

choice! {
    /// How it is settled whether a consumer orders, and through which channel.
    ChoiceModel {
        /// Orders come as `demand.orders_per_day` says; a fixed share of each category (`near_intent`) asks for the near field.
        Intent = "intent",
        /// Sessions come as `choice.sessions_per_day` says; each sees what near and far offer at that moment, and pick-up
        /// if there is one (`[pickup]`), and orders near, far, for pick-up or not at all (multinomial logit).
        Logit = "logit",
    }
}
section! {
    /// Consumer choice. All keys but `model` are settings of `choice.model = "logit"`.
    Choice {
        /// The model.
        model: ChoiceModel = ChoiceModel::Intent; "", any(), "asm";
        /// Expected sessions in 24 hours, spread over the day like `demand.hourly_profile`.
        sessions_per_day: f64 = 60000.0; "sessions/day", 0.0..=5e8, "asm, range 5,000 to 2 million";
        /// Share of sessions in which the goods are wanted at once.
        urgent_share: f64 = 0.25; "share", 0.0..=1.0, "R47 (our calculation), asm";
        /// Utility lost for each unit of ln(1 + hours until delivery), by consumers who plan ahead.
        time_weight: f64 = 0.13; "1/ln(h)", 0.0..=100.0, "R47 (our calculation)";
        /// The same in urgent sessions.
        urgent_time_weight: f64 = 0.9; "1/ln(h)", 0.0..=100.0, "asm";
        /// Utility lost for a yuan of fee at a basket of `reference_basket_yuan`; falls with the root of the category's basket value.
        fee_weight: f64 = 0.03; "1/yuan", 0.0..=10.0, "asm, R50, range .01-.08";
        /// Utility lost for each kilometre to walk to a store, one way, for pick-up.
        walk_weight: f64 = 0.9; "1/km", 0.0..=100.0, "R45, range .3-2";
        /// Basket value at which a yuan weighs `fee_weight`.
        reference_basket_yuan: f64 = 60.0; "yuan", 0.01..=1e6, "asm";
        /// Standard deviation of the logarithm of price sensitivity among consumers (lognormal with mean 1).
        sensitivity_sigma: f64 = 0.6; "", 0.0..=3.0, "asm, range .2-1";
        /// Share of sessions opened by 88VIP members.
        vip_session_share: f64 = 0.34; "share", 0.0..=1.0, "S0 (our calculation), range .05-.55";
        /// Sessions of an 88VIP member for each of a guest.
        vip_rate_factor: f64 = 9.0; "ratio", 0.01..=1000.0, "S0: spends nine times as much";
        /// Share of sessions opened by other members; the rest is opened by guests.
        member_session_share: f64 = 0.46; "share", 0.0..=1.0, "asm";
        /// Sessions of a member for each of a guest.
        member_rate_factor: f64 = 2.0; "ratio", 0.01..=1000.0, "asm";
    }
}
