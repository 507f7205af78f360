//! Room: study. Many differences at once: which are shown, so that the chance of any false one stays at the level.

use crate::metrics::p_of_mean_zero;

/// Which way a what-if moves a KPI, where that is more than chance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shift {
    /// Above the base.
    Up,
    /// Below the base.
    Down,
    /// The interval includes 0, or there are fewer than two pairs. That does not show that both are equal.
    NotShown,
}

/// Where each what-if lies against the base, pair by pair, by Student's t with the step-down of Bonferroni and Holm over
/// the what-ifs: the chance of marking any without a difference is at most `level`. Pairs without a value on a side are
/// left out.
pub fn shifts(base: &[f64], whatifs: &[&[f64]], level: f64) -> Vec<Shift> {
    let differences = |whatif: &&[f64]| -> Vec<f64> {
        base.iter().zip(*whatif).map(|(a, b)| b - a).filter(|difference| difference.is_finite()).collect()
    };
    let differences: Vec<Vec<f64>> = whatifs.iter().map(differences).collect();
    let chances: Vec<f64> = differences.iter().map(|values| p_of_mean_zero(values)).collect();
    let shift = |(values, shown): (&Vec<f64>, bool)| match values.iter().sum::<f64>() {
        sum if shown && sum > 0.0 => Shift::Up,
        sum if shown && sum < 0.0 => Shift::Down,
        _ => Shift::NotShown,
    };
    differences.iter().zip(rejected(&chances, level)).map(shift).collect()
}

/// Which chances are small enough, the smallest against `level` / m, the next against `level` / (m - 1) and so on up to
/// the first that is not; m counts those that are known.
fn rejected(chances: &[f64], level: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..chances.len()).filter(|&i| chances[i].is_finite()).collect();
    order.sort_by(|&a, &b| chances[a].total_cmp(&chances[b]).then(a.cmp(&b)));
    let mut rejected = vec![false; chances.len()];
    for (rank, &i) in order.iter().enumerate() {
        if chances[i] > level / (order.len() - rank) as f64 {
            break;
        }
        rejected[i] = true;
    }
    rejected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_down_until_the_first_that_is_too_likely() {
        // Holm's example: .01 <= .05/4, .005 first; .03 > .05/2 stops, so .04 is not looked at.
        assert_eq!(rejected(&[0.01, 0.04, 0.03, 0.005], 0.05), [true, false, false, true]);
        assert_eq!(rejected(&[0.013, 0.02, 0.03, 0.04], 0.05), [false; 4], ".013 > .05/4");
        assert_eq!(rejected(&[0.013, f64::NAN, 0.03, 0.04], 0.05), [true, false, false, false], "three are known");
    }

    #[test]
    fn a_shift_is_shown_with_its_direction_or_not_at_all() {
        let base = [10.0, 11.0, 12.0, f64::NAN];
        let up = [11.0, 12.1, 12.9, 5.0];
        let down = [5.0, 5.9, 7.1, 5.0];
        let unclear = [9.0, 12.0, 12.5, 5.0];
        let one_pair = [9.0, f64::NAN, f64::NAN, 1.0];
        let found = shifts(&base, &[&up, &down, &unclear, &base, &one_pair], 0.05);
        assert_eq!(found, [Shift::Up, Shift::Down, Shift::NotShown, Shift::NotShown, Shift::NotShown]);
    }
}
