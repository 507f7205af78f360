//! Acceptance: a courier who is offered an order may refuse it.

use super::schedule::Desk;
use crate::event::Event;
use crate::scenario::Scenario;
use crate::units::{CourierId, OrderId, SimTime};
use rand::RngExt;

/// How the odds of a refusal depend on the offer.
#[derive(Debug)]
pub(super) struct Refusal {
    /// Log odds at the store, without a bonus.
    base: f64,
    per_m: f64,
    /// Taken off for each earlier refusal, through its bonus.
    per_refusal: f64,
}

impl Refusal {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let couriers = &scenario.couriers;
        let share = couriers.refusal_share;
        Refusal {
            base: (share / (1.0 - share)).ln(),
            per_m: couriers.refusal_per_km / 1000.0,
            per_refusal: couriers.refusal_per_yuan * scenario.cost.refusal_bonus_yuan,
        }
    }

    /// Probability that a courier refuses an order `approach` metres of road away that `refusals` others refused.
    ///
    /// A logistic curve, as in models of acceptance by distance and pay.
    fn probability(&self, approach: f64, refusals: u8) -> f64 {
        let log_odds = self.base + self.per_m * approach - self.per_refusal * f64::from(refusals);
        1.0 / (1.0 + (-log_odds).exp())
    }
}

impl Desk<'_> {
    /// Asks the courier; a refusal is noted and raises the bonus for the next.
    #[inline]
    pub(super) fn refuses(&mut self, now: SimTime, order: OrderId, courier: CourierId, approach: f64) -> bool {
        self.rules.refusal.is_some() && self.draw_refusal(now, order, courier, approach)
    }

    fn draw_refusal(&mut self, now: SimTime, order: OrderId, courier: CourierId, approach: f64) -> bool {
        let Some(refusal) = &self.rules.refusal else { return false };
        let row = &mut self.orders.rows[order.index()];
        // A draw of its own for every offer of an order.
        let offer = u64::from(row.refusals) << 32 | self.sessions.entity(order);
        let draw: f64 = self.rules.streams.acceptance.of(offer).random();
        let refused = draw < refusal.probability(approach, row.refusals);
        if refused {
            row.refusals = row.refusals.saturating_add(1);
            self.log.0.record(now, Event::OrderRefused { order, courier });
        }
        refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_raises_the_share_of_refusals_and_a_bonus_lowers_it() {
        let refusal = Refusal::new(&Scenario::default());
        assert!((refusal.probability(0.0, 0) - 0.05).abs() < 1e-12);
        assert!(refusal.probability(3000.0, 0) > 1.5 * refusal.probability(0.0, 0));
        assert!(refusal.probability(0.0, 4) < 0.5 * refusal.probability(0.0, 0));
    }
}
