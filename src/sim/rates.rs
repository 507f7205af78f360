//! Rates: what an order from a node is expected to cost and emit, as far as the ledger tells and sourcing does not ask.

use crate::policy::sourcing::Terms;
use crate::scenario::Scenario;
use crate::units::{Money, SimDuration};

/// Yuan and grams of an order by the way it goes.
#[derive(Default, Debug)]
pub(super) struct Rates {
    /// What an order fetched costs beyond one that a courier brings, pay by distance aside (yuan).
    pickup_beyond_near_yuan: f64,
    km_g: f64,
    near_g: f64,
    pickup_g: f64,
    /// A metre between store and consumer, for the consumers who drive there and back.
    walk_g_per_m: f64,
    /// A parcel as far as the branch.
    to_branch_g: f64,
    city_leg_g: f64,
}

fn mg(grams: f64) -> i64 {
    (grams * 1000.0).round() as i64
}

impl Rates {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let (cost, carbon) = (&scenario.cost, &scenario.carbon);
        let store_g = carbon.near_inbound_g + carbon.store_energy_g;
        Rates {
            pickup_beyond_near_yuan: scenario.pickup.packaging_yuan
                - cost.near_packaging_yuan
                - cost.courier_per_order_yuan,
            km_g: carbon.courier_g_per_km,
            near_g: store_g + carbon.near_packaging_g,
            pickup_g: store_g + carbon.pickup_packaging_g,
            walk_g_per_m: 2.0 * carbon.pickup_car_share * carbon.car_g_per_km / 1000.0,
            to_branch_g: carbon.far_transport_g + carbon.warehouse_energy_g + carbon.far_packaging_g,
            city_leg_g: carbon.far_city_leg_g,
        }
    }

    /// Picker, packaging, inbound and expected return of an order that is fetched.
    pub(super) fn pickup_cost(&self, terms: &Terms, pick: SimDuration) -> Money {
        Money::from_yuan(terms.near_yuan + self.pickup_beyond_near_yuan + terms.picker_yuan_per_h * pick.hours())
    }

    /// An order that a courier rides so many metres from a store.
    pub(super) fn near_mg(&self, ride_m: f64) -> i64 {
        mg(self.near_g + self.km_g * ride_m / 1000.0)
    }

    /// An order fetched from a store so many metres away.
    pub(super) fn pickup_mg(&self, walk_m: f64) -> i64 {
        mg(self.pickup_g + self.walk_g_per_m * walk_m)
    }

    /// A parcel that a courier of the city rides so many metres from its branch.
    pub(super) fn branch_mg(&self, ride_m: f64) -> i64 {
        mg(self.to_branch_g + self.km_g * ride_m / 1000.0)
    }

    /// A parcel with a last mile of its own.
    pub(super) fn parcel_mg(&self) -> i64 {
        mg(self.to_branch_g + self.city_leg_g)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grams_are_those_of_the_factor_table() {
        let rates = Rates::new(&Scenario::default());
        // 40 + 70 g at the store, 60 g of packaging, 12 g a km; a bag of 20 g; 270 + 260 g of a parcel, 35 g in the city.
        assert_eq!([rates.near_mg(0.0), rates.near_mg(2000.0)], [170_000, 194_000]);
        assert_eq!(rates.pickup_mg(700.0), 130_000);
        assert_eq!([rates.branch_mg(500.0), rates.parcel_mg()], [536_000, 565_000]);
    }
}
