//! Keys of consumer choice: who opens sessions, and what they weigh. Written like schema.rs.

use super::key::any;
use super::macros::{choice, section};
use super::schema::{DemandSource, Scenario};

choice! {
    /// How it is settled whether a consumer orders, and through which channel.
    ChoiceModel {
        /// `logit` for demand that is drawn, `intent` for orders that are replayed: those were chosen already.
        Auto = "auto",
        /// Orders come as `demand.orders_per_day` says; a fixed share of each category (`near_intent`) asks for the near field.
        Intent = "intent",
        /// Sessions come, `choice.sessions_per_day` of them; each sees what near and far offer at that moment, and pick-up
        /// if there is one (`[pickup]`), and orders near, far, for pick-up or not at all (multinomial logit).
        Logit = "logit",
    }
}
section! {
    /// Consumer choice. All keys but `model` are settings of the logit model.
    Choice {
        /// The model.
        model: ChoiceModel = ChoiceModel::Auto; "", any(), "asm";
        /// Share of the sessions that planners expect to end with an order; what `nearfar calibrate` aims at.
        planned_conversion: f64 = 0.3; "share", 0.01..=0.99, "asm, range .05-.5";
        /// Expected sessions in 24 hours, spread over the day like `demand.hourly_profile`; absent: `demand.orders_per_day`
        /// by `planned_conversion`. More than planners expect makes a surge: shelves are filled for `demand.orders_per_day`.
        sessions_per_day: Option<f64> = None; "sessions/day", 0.0..=5e8, "asm: 60,000 by default, range 5,000 to 2 million";
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

impl Scenario {
    /// Whether arrivals are sessions of consumers who choose, rather than orders.
    pub fn consumers_choose(&self) -> bool {
        match self.choice.model {
            ChoiceModel::Auto => self.demand.source == DemandSource::Synthetic,
            ChoiceModel::Intent => false,
            ChoiceModel::Logit => true,
        }
    }

    /// Orders expected in 24 hours, or sessions where consumers choose.
    pub fn arrivals_per_day(&self) -> f64 {
        let orders = self.demand.orders_per_day;
        match self.consumers_choose() {
            false => orders,
            true => self.choice.sessions_per_day.unwrap_or(orders / self.choice.planned_conversion),
        }
    }
}
