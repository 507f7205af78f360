//! What the platform earns on every delivered order, in whole fen: its fee and a commission on its value.
//!
//! An order that is never delivered earns nothing; lines given back earn no commission, and the fee stays what it was at
//! checkout. A returned one keeps its fee and gives the commission back. An order in parts pays one fee, with its first
//! part; a part that is cancelled gives its commission back, the first its fee as well.

use super::facts::OrderFacts;
use crate::city::Channel;
use crate::scenario::Scenario;
use crate::units::Money;

/// Revenue from one order; zero unless delivered.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(super) struct OrderRevenue {
    pub fee: Money,
    pub commission: Money,
}

/// The revenue from one order, its fee by the value of all that was ordered at once; None: another part pays the fee.
pub(super) fn revenue(scenario: &Scenario, order: &OrderFacts, fee_basis: Option<Money>) -> OrderRevenue {
    let price = &scenario.price;
    if order.delivered.is_none() {
        return OrderRevenue::default();
    }
    let (fee, commission) = match order.channel {
        Channel::Near if fee_basis.is_some_and(|value| value >= Money::from_yuan(price.near_free_basket_yuan)) => {
            (0.0, price.near_commission)
        }
        Channel::Near => (price.near_fee_yuan, price.near_commission),
        Channel::Far => (price.far_fee_yuan, price.far_commission),
        // The goods are sold by the same store as near.
        Channel::Pickup => (scenario.pickup.fee_yuan, price.near_commission),
    };
    let fee = if fee_basis.is_some() { fee } else { 0.0 };
    let kept = if order.returned { 0.0 } else { commission };
    OrderRevenue {
        fee: Money::from_yuan(fee) + order.fee_raised,
        commission: Money::from_yuan(order.value_kept().yuan() * kept),
    }
}
