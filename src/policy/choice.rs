//! Consumer choice: near, far, pick-up in store or not at all, by a multinomial logit model.
//!
//! ```text
//!  utility = constant of category and channel − fee weight · sensitivity · √(reference basket / category's basket) · fee
//!            − time weight · ln(1 + hours until the consumer has it) − walk weight · km to walk
//!            + Gumbel noise                                                       leaving: noise alone
//! ```
//!
//! The noise of each alternative is drawn for the session, not for the choice, so that the same session weighs a better
//! offer in another scenario with the same chance: whoever changes their mind does so because of the offer.
//! Logit with type I extreme value noise: McFadden (1974).

/// What consumers weigh, see the keys of `[choice]`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Weights {
    /// Utility of a unit of ln(1 + h) for those who plan ahead (0 to 100).
    pub time: f64,
    /// The same in urgent sessions.
    pub urgent_time: f64,
    /// Utility of a yuan at the reference basket (0 to 10).
    pub fee: f64,
    /// Basket value to which `fee` refers (yuan, above 0).
    pub reference_basket: f64,
    /// Utility of a kilometre on foot (0 to 100).
    pub walk: f64,
}

/// Who chooses.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Chooser {
    /// Weight of money relative to others (above 0, mean 1 among consumers).
    pub sensitivity: f64,
    /// Whether the goods are wanted at once.
    pub urgent: bool,
    /// Mean basket value of the category (yuan, above 0).
    pub basket: f64,
}

/// What a channel offers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Offer {
    /// What the channel is worth to consumers of this category, time and money aside.
    pub constant: f64,
    /// Fee, a discount taken off (yuan).
    pub fee: f64,
    /// Time until the consumer has it, as quoted (hours).
    pub hours: f64,
    /// Way to walk (km, one way), 0 but for pick-up.
    pub walk_km: f64,
}

/// What became of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// An order for a courier from a store.
    Near,
    /// An order for a parcel.
    Far,
    /// No order.
    Leave,
    /// An order that the consumer fetches from a store.
    Pickup,
}

/// Noise of near, far, leaving and pick-up, in this sequence; pick-up came last, so that whether it is offered changes no
/// other draw.
pub type Noise = [f64; 4];

impl Weights {
    /// Utility of an offer, noise left out.
    pub fn utility(&self, who: &Chooser, offer: &Offer) -> f64 {
        let time = if who.urgent { self.urgent_time } else { self.time };
        let yuan = self.fee * (self.reference_basket / who.basket).sqrt() * who.sensitivity;
        offer.constant - yuan * offer.fee - time * offer.hours.max(0.0).ln_1p() - self.walk * offer.walk_km
    }
}

/// Standard Gumbel noise from a uniform number in [0, 1).
pub fn gumbel(uniform: f64) -> f64 {
    // 1 - u lies in (0, 1], where the logarithm is finite; the outer one must not see 0.
    -(-(1.0 - uniform).ln()).max(f64::MIN_POSITIVE).ln()
}

/// The alternative of greatest utility; near before far before pick-up before leaving on ties. None: not on offer.
pub fn choose(near: Option<f64>, far: Option<f64>, pickup: Option<f64>, noise: &Noise) -> Choice {
    let of = |utility: Option<f64>, noise| utility.map_or(f64::NEG_INFINITY, |utility| utility + noise);
    let (near, far, leave, pickup) = (of(near, noise[0]), of(far, noise[1]), noise[2], of(pickup, noise[3]));
    let best = near.max(far).max(pickup).max(leave);
    if near == best {
        Choice::Near
    } else if far == best {
        Choice::Far
    } else if pickup == best {
        Choice::Pickup
    } else {
        Choice::Leave
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    const WEIGHTS: Weights = Weights { time: 0.13, urgent_time: 0.9, fee: 0.03, reference_basket: 60.0, walk: 0.9 };
    const PLANNER: Chooser = Chooser { sensitivity: 1.0, urgent: false, basket: 60.0 };

    #[test]
    fn shares_are_those_of_the_logit_formula() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let (near, far, pickup): (f64, f64, f64) = (-0.7, 0.4, -1.5);
        let n = 200_000;
        let mut counts = [0.0; 4];
        for _ in 0..n {
            let noise = std::array::from_fn(|_| gumbel(rng.random()));
            counts[choose(Some(near), Some(far), Some(pickup), &noise) as usize] += 1.0;
        }
        let total = near.exp() + far.exp() + pickup.exp() + 1.0;
        for (count, expected) in counts.into_iter().zip([near.exp(), far.exp(), 1.0, pickup.exp()].map(|e| e / total)) {
            let share = count / f64::from(n);
            let standard_error = (expected * (1.0 - expected) / f64::from(n)).sqrt();
            assert!((share - expected).abs() < 4.9 * standard_error, "{share} against {expected}");
        }
    }

    #[test]
    fn time_and_fees_weigh_as_the_formula_says() {
        let base = Offer { constant: 1.0, fee: 0.0, hours: 24.0, walk_km: 0.0 };
        let utility = |who: &Chooser, offer: Offer| WEIGHTS.utility(who, &offer);
        // From 24 to 12 hours: .13 · ln(25 / 13).
        let gain = utility(&PLANNER, Offer { hours: 12.0, ..base }) - utility(&PLANNER, base);
        assert!((gain - 0.13 * (25.0_f64 / 13.0).ln()).abs() < 1e-12);
        let urgent = Chooser { urgent: true, ..PLANNER };
        let gain_urgent = utility(&urgent, Offer { hours: 12.0, ..base }) - utility(&urgent, base);
        assert!((gain_urgent / gain - 0.9 / 0.13).abs() < 1e-9);
        let loss = utility(&PLANNER, base) - utility(&PLANNER, Offer { fee: 3.0, ..base });
        assert!((loss - 0.09).abs() < 1e-12);
        let rich = Chooser { basket: 240.0, sensitivity: 2.0, ..PLANNER };
        let loss = utility(&rich, base) - utility(&rich, Offer { fee: 3.0, ..base });
        assert!((loss - 0.09).abs() < 1e-12, "half the weight at four times the basket, twice the sensitivity");
        let walk = utility(&PLANNER, base) - utility(&PLANNER, Offer { walk_km: 1.5, ..base });
        assert!((walk - 1.35).abs() < 1e-12);
        let discount = utility(&PLANNER, Offer { fee: -3.0, ..base }) - utility(&PLANNER, base);
        assert!((discount - 0.09).abs() < 1e-12);
    }

    #[test]
    fn without_a_near_offer_the_choice_is_far_or_nothing() {
        assert_eq!(choose(None, Some(0.0), None, &[9.0, 0.0, 0.0, 9.0]), Choice::Far);
        assert_eq!(choose(None, Some(-1.0), None, &[9.0, 0.0, 0.0, 9.0]), Choice::Leave);
        assert_eq!(choose(None, None, None, &[9.0, 9.0, -9.0, 9.0]), Choice::Leave);
    }

    #[test]
    fn ties_go_to_near_then_far_then_pick_up() {
        let all = [Some(0.0); 3];
        let choose_of = |[near, far, pickup]: [Option<f64>; 3]| choose(near, far, pickup, &[0.0; 4]);
        assert_eq!(choose_of(all), Choice::Near);
        assert_eq!(choose_of([None, all[1], all[2]]), Choice::Far);
        assert_eq!(choose_of([None, None, all[2]]), Choice::Pickup);
        assert_eq!(choose(Some(0.0), Some(0.1), Some(0.2), &[0.0; 4]), Choice::Pickup);
    }

    #[test]
    fn pick_up_changes_no_choice_but_to_itself() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
        for _ in 0..10_000 {
            let noise: Noise = std::array::from_fn(|_| gumbel(rng.random()));
            let (without, with) =
                (choose(Some(-0.7), Some(0.4), None, &noise), choose(Some(-0.7), Some(0.4), Some(-1.0), &noise));
            assert!(with == without || with == Choice::Pickup, "{without:?} became {with:?}");
        }
    }

    #[test]
    fn noise_is_finite_for_every_uniform_number() {
        for uniform in [0.0, f64::EPSILON / 2.0, 0.5, 1.0 - f64::EPSILON / 2.0] {
            assert!(gumbel(uniform).is_finite(), "{uniform}");
        }
        assert!((gumbel(1.0 - (-1.0f64).exp()) - 0.0).abs() < 1e-12);
    }
}
