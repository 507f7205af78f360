//! Room: statistics. Many comparisons at once: chances adjusted so that any false alarm at all stays rare.
//!
//! A chance that is not a number (too few pairs) stays so and does not count as a comparison.

/// Adjusted by Bonferroni (1936; Dunn 1961): min(1, c · p) over c comparisons.
pub fn bonferroni(chances: &[f64]) -> Vec<f64> {
    let comparisons = chances.iter().filter(|p| p.is_finite()).count() as f64;
    chances.iter().map(|p| if p.is_finite() { (p * comparisons).min(1.0) } else { f64::NAN }).collect()
}

/// Adjusted step by step by Holm (1979): the smallest times c, the next times c - 1 and so on, never below the one before.
/// It holds whenever Bonferroni does, and shows at least as much.
pub fn holm(chances: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..chances.len()).filter(|&i| chances[i].is_finite()).collect();
    order.sort_by(|&a, &b| chances[a].total_cmp(&chances[b]).then(a.cmp(&b)));
    let mut adjusted = vec![f64::NAN; chances.len()];
    let mut highest = 0.0f64;
    for (rank, &i) in order.iter().enumerate() {
        highest = highest.max((order.len() - rank) as f64 * chances[i]).min(1.0);
        adjusted[i] = highest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::super::testing::{close, picker};
    use super::*;

    #[test]
    fn holm_adjusts_as_the_reference_does() {
        for (found, expected) in holm(&[0.001, 0.012, 0.03, 0.04, 0.2]).into_iter().zip([0.005, 0.048, 0.09, 0.09, 0.2])
        {
            close(found, expected, 1e-12);
        }
    }

    #[test]
    fn unknown_chances_do_not_count() {
        let found = holm(&[f64::NAN, 0.04, 0.01]);
        assert!(found[0].is_nan());
        close(found[1], 0.04, 1e-12);
        close(found[2], 0.02, 1e-12);
        let found = bonferroni(&[f64::NAN, 0.6, 0.01]);
        assert!(found[0].is_nan() && found[1] == 1.0);
        close(found[2], 0.02, 1e-12);
        assert!(holm(&[]).is_empty());
    }

    #[test]
    fn holm_keeps_the_order_and_lies_between_the_chance_and_bonferroni() {
        let mut pick = picker(7);
        for _ in 0..200 {
            let chances: Vec<f64> = (0..1 + pick(8)).map(|_| pick(1000) as f64 / 999.0).collect();
            let (adjusted, bound) = (holm(&chances), bonferroni(&chances));
            for i in 0..chances.len() {
                assert!(chances[i] <= adjusted[i] && adjusted[i] <= bound[i] + 1e-12);
                for j in 0..chances.len() {
                    assert!(chances[i] > chances[j] || adjusted[i] <= adjusted[j], "{chances:?} {adjusted:?}");
                }
            }
        }
    }
}
