//! Room: study. Many differences at once: which are shown, so that the chance of any false one stays at the level.

use crate::statistics::multiple;
use crate::statistics::student::p_of_mean_zero;

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

/// How chances are corrected for being many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Correction {
    /// Step-down of Bonferroni and Holm: decides by adjusted chances, intervals stay as they are.
    Holm,
    /// Each at the level divided by their number: intervals hold together.
    Bonferroni,
    /// Each by itself.
    None,
}

impl Correction {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Correction::Holm => "Holm",
            Correction::Bonferroni => "Bonferroni",
            Correction::None => "no",
        }
    }

    /// The chances adjusted for being many, in their order: a difference is shown where its adjusted chance is at most the
    /// level. What is unknown stays so and does not count.
    pub fn adjusted(self, chances: &[f64]) -> Vec<f64> {
        match self {
            Correction::Holm => multiple::holm(chances),
            Correction::Bonferroni => multiple::bonferroni(chances),
            Correction::None => chances.to_vec(),
        }
    }
}

/// Which chances are small enough after the correction of Holm.
fn rejected(chances: &[f64], level: f64) -> Vec<bool> {
    Correction::Holm.adjusted(chances).into_iter().map(|chance| chance <= level).collect()
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
    fn adjusted_chances_are_those_of_the_worked_example() {
        let chances = [0.001, 0.012, 0.03, f64::NAN, 0.04, 0.2];
        let close = |found: Vec<f64>, expected: [f64; 5]| {
            assert!(found[3].is_nan(), "what is unknown stays so");
            let known: Vec<f64> = found.into_iter().filter(|p| p.is_finite()).collect();
            assert!(known.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{known:?}");
        };
        close(Correction::Holm.adjusted(&chances), [0.005, 0.048, 0.09, 0.09, 0.2]);
        close(Correction::Bonferroni.adjusted(&chances), [0.005, 0.06, 0.15, 0.2, 1.0]);
        close(Correction::None.adjusted(&chances), [0.001, 0.012, 0.03, 0.04, 0.2]);
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
