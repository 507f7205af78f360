//! The cheapest store when its units are paid for at the price at which they will be missed.
//!
//! A unit that the nearest store gives away now is not there for the next consumer of its catchment. The price of a
//! unit is the dual of the store's row in [`transport`](super::transport), or the formula of
//! [`closed_form`](super::closed_form). Source of the idea: Acimovic and Graves (2015).

use super::{Offer, Terms, cheapest};

/// The measure of an offer: expected cost in yuan plus the price of the units it would take.
pub fn yuan(offer: &Offer, terms: &Terms) -> f64 {
    cheapest::yuan(offer, terms) + offer.bid_yuan
}

/// What it costs to serve a unit of near demand from no store instead of one next door: the parcel and what is lost by
/// it (`lost_yuan`), less what the near order would have cost apart from kilometres.
pub fn shortage_yuan(terms: &Terms, mean_pick_h: f64, lost_yuan: f64) -> f64 {
    (lost_yuan + terms.far_yuan - terms.near_yuan - terms.picker_yuan_per_h * mean_pick_h).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::super::least;
    use super::super::tests::{offer, terms};
    use super::*;

    #[test]
    fn a_scarce_unit_is_left_to_those_who_need_it() {
        let last_unit = |bid_yuan| {
            let offers = [Offer { bid_yuan, ..offer(0) }, Offer { road: 2000.0, ..offer(1) }];
            least(&offers, |o| yuan(o, &terms())).unwrap().0
        };
        // The second store is a kilometre, 1 yuan, further away.
        assert_eq!([0.0, 0.9, 1.1].map(last_unit), [0, 0, 1]);
    }

    #[test]
    fn a_shortage_costs_what_is_lost_and_what_the_parcel_costs_more() {
        assert_eq!(shortage_yuan(&terms(), 0.1, 10.0), 10.0 + 7.0 - 6.0 - 3.0);
        assert_eq!(shortage_yuan(&terms(), 0.1, 0.0), 0.0);
    }
}
