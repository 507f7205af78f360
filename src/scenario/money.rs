//! Room: scenario. Keys of how money is told: whose contribution margin a report shows, and what fixed cost and pay are
//! measured against. Written like schema.rs.

use super::DemandSource;
use super::key::any;
use super::macros::{choice, section};
use super::schema::Scenario;

choice! {
    /// Whose earnings and costs a report counts.
    Perspective {
        /// The platform: delivery fees and commissions, less the way to the consumer and compensation.
        Platform = "platform",
        /// The merchants: the margin on goods, less commissions, stores, picking, packaging and returns.
        Merchant = "merchant",
        /// Both together; what one pays the other cancels out.
        System = "system",
    }
}

section! {
    /// How money is told. None of these keys changes what happens in the city.
    Money {
        /// Whose contribution margin `contribution_margin_yuan` and `contribution_margin_per_order` are.
        perspective: Perspective = Perspective::System; "", any(), "asm";
        /// Near orders a day over which the fixed cost of stores is spread in the view at constant volume; absent:
        /// `demand.orders_per_day` times the categories' `near_intent`, and no such view for traced orders.
        constant_volume_near_orders_per_day: Option<f64> = None; "orders/day", 0.001..=1e9, "asm";
        /// Hourly pay below which a courier counts in `courier_below_minimum_pay_share`.
        minimum_pay_yuan_per_h: f64 = 20.0; "yuan/h", 0.0..=1e4, "asm; put in the legal minimum of your city";
    }
}

impl Scenario {
    /// Near orders a day that plans are made for; None where orders are traced and the scenario names no number.
    pub fn planned_near_orders_per_day(&self) -> Option<f64> {
        if self.money.constant_volume_near_orders_per_day.is_some() {
            return self.money.constant_volume_near_orders_per_day;
        }
        let categories = &self.catalogue.categories;
        let all: f64 = categories.iter().map(|category| category.share).sum();
        let near: f64 = categories.iter().map(|category| category.share * category.near_intent).sum();
        let planned = self.demand.orders_per_day * near / all;
        (self.demand.source == DemandSource::Synthetic && planned > 0.0).then_some(planned)
    }

    /// What consumers pay for speed, by their weights of time and money: yuan for delivery in half an hour instead of 24
    /// hours, at a basket of `choice.reference_basket_yuan`, of those who plan ahead and in urgent sessions; None where
    /// consumers do not choose or do not mind fees.
    pub fn value_of_time_yuan(&self) -> Option<[f64; 2]> {
        let choice = &self.choice;
        let saved = 24.0_f64.ln_1p() - 0.5_f64.ln_1p();
        let known = self.consumers_choose() && choice.fee_weight > 0.0;
        known.then(|| [choice.time_weight, choice.urgent_time_weight].map(|weight| weight * saved / choice.fee_weight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::ChoiceModel;

    #[test]
    fn plans_follow_demand_unless_a_number_is_given() {
        let mut scenario = Scenario::default();
        // .30 and .18 at .5, .08 at .3, .16 at .12, .18 at .05, .10 at .04.
        let share = 0.15 + 0.09 + 0.024 + 0.0192 + 0.009 + 0.004;
        assert!((scenario.planned_near_orders_per_day().unwrap() - 18_000.0 * share).abs() < 1e-9);
        scenario.demand.source = DemandSource::Trace;
        assert_eq!(scenario.planned_near_orders_per_day(), None);
        scenario.money.constant_volume_near_orders_per_day = Some(450.0);
        assert_eq!(scenario.planned_near_orders_per_day(), Some(450.0));
    }

    #[test]
    fn the_value_of_time_is_that_of_the_weights() {
        let mut scenario = Scenario::default();
        scenario.choice.model = ChoiceModel::Intent;
        assert_eq!(scenario.value_of_time_yuan(), None, "nobody chooses");
        scenario.choice.model = ChoiceModel::Logit;
        let [planner, urgent] = scenario.value_of_time_yuan().unwrap();
        // ln(25 / 1.5) = 2.813: 12 yuan to who plans ahead, 84 to who is in a hurry.
        assert!((planner - 12.19).abs() < 0.01 && (urgent - 84.40).abs() < 0.01, "{planner}, {urgent}");
        scenario.choice.fee_weight = 0.0;
        assert_eq!(scenario.value_of_time_yuan(), None);
    }
}
