//! Bid prices by formula: what a unit will be missed for, without solving anything.

use super::rationing::poisson_at_least;

/// The last units of a SKU at a store, as its own catchment sees them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Shelf {
    /// Units available.
    pub available: u32,
    /// Units that walk-ins and the consumers nearest to this store are expected to ask for until the next
    /// replenishment.
    pub expected_units: f64,
    /// Way to the catchment from this store (yuan).
    pub own_yuan: f64,
    /// Way from the next store that has the SKU, or the cost of having none (yuan).
    pub next_yuan: f64,
}

/// The price of a unit: P(Poisson(expected) ≥ available) × max(0, next − own).
pub fn unit_yuan(shelf: &Shelf) -> f64 {
    poisson_at_least(shelf.expected_units, shelf.available) * (shelf.next_yuan - shelf.own_yuan).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_costs_what_its_later_buyer_would_lose_times_the_chance_that_there_is_one() {
        let shelf = Shelf { available: 1, expected_units: 2.0, own_yuan: 0.5, next_yuan: 2.0 };
        assert!((unit_yuan(&shelf) - 1.5 * (1.0 - (-2.0_f64).exp())).abs() < 1e-12);
        let plenty = Shelf { available: 50, ..shelf };
        assert!(unit_yuan(&plenty) < 1e-12);
        let near_by = Shelf { next_yuan: 0.4, ..shelf };
        assert_eq!(unit_yuan(&near_by), 0.0);
    }
}
