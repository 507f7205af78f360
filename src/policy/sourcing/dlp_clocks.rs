//! Shares of the transportation plan, carried out by chance: one exponential clock a store for the whole order.
//!
//! Line k of an order wants the store of least E_s / u_ks, with E_s a unit exponential drawn once for the order and
//! u_ks the store's share in the plan for the line's SKU. The first of exponential clocks with rates u_ks is store s
//! with probability u_ks / Σ u_k: every line follows its plan exactly. Since the clocks are shared, lines of one order
//! tend to want the same store. Source of the idea: Jasin and Sinha (2015), Ma (2023).

/// The store, by place in the list, that one line wants: the first clock to ring, the earlier listed one on ties.
/// None if no store has a share.
pub fn wanted(clocks: &[f64], shares: &[f64]) -> Option<usize> {
    let mut first: Option<(usize, f64)> = None;
    for (place, (clock, share)) in clocks.iter().zip(shares).enumerate() {
        if *share > 0.0 && first.is_none_or(|(_, rings)| clock / share < rings) {
            first = Some((place, clock / share));
        }
    }
    first.map(|(place, _)| place)
}

/// The store that each line wants.
pub fn by_line(clocks: &[f64], shares: &[Vec<f64>]) -> Vec<Option<usize>> {
    shares.iter().map(|shares| wanted(clocks, shares)).collect()
}

/// The store for an order that is served whole: the one wanted by most units, the earlier listed one on ties.
pub fn whole_basket(clocks: &[f64], shares: &[Vec<f64>], units: &[u32]) -> Option<usize> {
    let mut votes = vec![0; clocks.len()];
    for (choice, units) in by_line(clocks, shares).into_iter().zip(units) {
        if let Some(place) = choice {
            votes[place] += units;
        }
    }
    let most = votes.iter().copied().max().filter(|most| *most > 0)?;
    votes.iter().position(|units| *units == most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{EntityStream, Purpose, Streams};
    use rand_distr::{Distribution, Exp1};

    const ORDERS: u64 = 60_000;

    fn shares() -> Vec<Vec<f64>> {
        vec![vec![0.5, 0.3, 0.2, 0.0], vec![0.1, 0.3, 0.2, 0.4], vec![0.0, 0.0, 1.5, 0.5]]
    }
    fn clocks(rng: &mut EntityStream) -> Vec<f64> {
        (0..4).map(|_| Exp1.sample(rng)).collect()
    }
    fn stream(order: u64) -> EntityStream {
        Streams::new(8, 0).of(Purpose::Clocks, order)
    }

    #[test]
    fn every_line_follows_its_own_plan() {
        let mut counts = [[0.0; 4]; 3];
        for order in 0..ORDERS {
            for (line, choice) in by_line(&clocks(&mut stream(order)), &shares()).into_iter().enumerate() {
                counts[line][choice.unwrap()] += 1.0;
            }
        }
        for (counts, shares) in counts.iter().zip(shares()) {
            let total: f64 = shares.iter().sum();
            let expected = shares.iter().map(|share| ORDERS as f64 * share / total);
            let mut chi_square = 0.0;
            for (count, expected) in counts.iter().zip(expected) {
                if expected == 0.0 {
                    assert_eq!(*count, 0.0);
                } else {
                    chi_square += (count - expected) * (count - expected) / expected;
                }
            }
            // Three degrees of freedom at most; beyond 24.9 once in 60,000 cases.
            assert!(chi_square < 24.9, "{counts:?}: {chi_square}");
        }
    }

    #[test]
    fn shared_clocks_split_fewer_orders_than_clocks_of_their_own() {
        let shares = &shares()[..2];
        let split = |choices: &[Option<usize>]| choices[0] != choices[1];
        let (mut shared, mut own) = (0, 0);
        for order in 0..ORDERS {
            let mut rng = stream(order);
            let (first, second) = (clocks(&mut rng), clocks(&mut rng));
            shared += i32::from(split(&by_line(&first, shares)));
            own += i32::from(split(&[wanted(&first, &shares[0]), wanted(&second, &shares[1])]));
        }
        // Own clocks agree with Σ u_1s u_2s = .05 + .09 + .04.
        let own = f64::from(own) / ORDERS as f64;
        assert!((own - 0.82).abs() < 0.01, "{own}");
        assert!(f64::from(shared) / (ORDERS as f64) < 0.75 * own, "{shared}");
    }

    #[test]
    fn a_whole_basket_goes_where_most_units_want_to() {
        let clocks = [1.0, 1.0];
        let shares = [vec![1.0, 0.0], vec![0.0, 1.0]];
        assert_eq!(whole_basket(&clocks, &shares, &[1, 2]), Some(1));
        assert_eq!(whole_basket(&clocks, &shares, &[2, 2]), Some(0));
        assert_eq!(whole_basket(&clocks, &[vec![0.0, 0.0]], &[1]), None);
    }
}
