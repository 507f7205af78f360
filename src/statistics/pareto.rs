//! Room: statistics. Options that no other beats in everything (Pareto 1896).

use super::{Direction, StatisticsError, same_length};

/// Where an option stands among the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// No other is at least as good in everything and better in something.
    Front,
    /// Another is so by the means, but some intervals overlap: more replications may bring it back.
    Unclear,
    /// Another is surely so: at its worst it is no worse than this one at its best, in everything.
    Dominated,
    /// A figure is unknown; it is compared with none.
    NoData,
}

/// The front of options by their means, `means[option][objective]`: true for those on it. Equals all stay; options with an
/// unknown figure are not on it.
pub fn front(means: &[Vec<f64>], directions: &[Direction]) -> Result<Vec<bool>, StatisticsError> {
    let exact = vec![vec![0.0; directions.len()]; means.len()];
    Ok(standings(means, &exact, directions)?.into_iter().map(|standing| standing == Standing::Front).collect())
}

/// Where each option stands, given the half-widths of the intervals of its means. *O*(options² · objectives).
pub fn standings(
    means: &[Vec<f64>],
    half_widths: &[Vec<f64>],
    directions: &[Direction],
) -> Result<Vec<Standing>, StatisticsError> {
    same_length("half-widths of the options", half_widths.len(), means.len())?;
    for option in means.iter().chain(half_widths) {
        same_length("objectives of an option", option.len(), directions.len())?;
    }
    // Best and worst end of each figure, turned so that lower is better.
    let ends = |(means, half_widths): (&Vec<f64>, &Vec<f64>)| -> Option<Vec<Ends>> {
        let all = means.iter().chain(half_widths).all(|value| value.is_finite());
        let end = |i: usize| Ends { mean: directions[i].cost(means[i]), half_width: half_widths[i].abs() };
        all.then(|| (0..directions.len()).map(end).collect())
    };
    let options: Vec<Option<Vec<Ends>>> = means.iter().zip(half_widths).map(ends).collect();
    let others = || options.iter().flatten();
    let standing = |option: &Option<Vec<Ends>>| match option {
        None => Standing::NoData,
        Some(option) if others().any(|other| surely_beats(other, option)) => Standing::Dominated,
        Some(option) if others().any(|other| beats(other, option)) => Standing::Unclear,
        Some(_) => Standing::Front,
    };
    Ok(options.iter().map(standing).collect())
}

#[derive(Clone, Copy)]
struct Ends {
    mean: f64,
    half_width: f64,
}

fn beats(one: &[Ends], other: &[Ends]) -> bool {
    one.iter().zip(other).all(|(a, b)| a.mean <= b.mean) && one.iter().zip(other).any(|(a, b)| a.mean < b.mean)
}

fn surely_beats(one: &[Ends], other: &[Ends]) -> bool {
    let apart = |(a, b): (&Ends, &Ends)| a.mean + a.half_width <= b.mean - b.half_width;
    beats(one, other) && one.iter().zip(other).all(apart)
}

#[cfg(test)]
mod tests {
    use super::super::testing::picker;
    use super::*;
    use Direction::{Higher, Lower};

    #[test]
    fn the_front_is_what_none_beats_and_equals_stay() {
        // Cost and share on time.
        let means = [[10.0, 0.90], [12.0, 0.95], [12.0, 0.93], [10.0, 0.90], [15.0, 0.95], [9.0, 0.50]].map(Vec::from);
        assert_eq!(front(&means, &[Lower, Higher]).unwrap(), [true, true, false, true, false, true]);
        assert_eq!(front(&means, &[Higher, Lower]).unwrap(), [true, false, true, true, true, true]);
        assert!(front(&[], &[Lower]).unwrap().is_empty());
        assert!(front(&means, &[Lower]).is_err());
    }

    #[test]
    fn overlapping_intervals_leave_it_open() {
        let means = [[10.0, 5.0], [12.0, 6.0], [20.0, 9.0], [f64::NAN, 1.0]].map(Vec::from);
        let half_widths = [[1.0, 0.5], [1.5, 0.5], [1.0, 0.5], [0.0, 0.0]].map(Vec::from);
        let found = standings(&means, &half_widths, &[Lower, Lower]).unwrap();
        assert_eq!(found, [Standing::Front, Standing::Unclear, Standing::Dominated, Standing::NoData]);
    }

    #[test]
    fn whatever_is_off_the_front_is_beaten_by_something_on_it() {
        let mut pick = picker(8);
        let means: Vec<Vec<f64>> = (0..200).map(|_| (0..3).map(|_| pick(20) as f64).collect()).collect();
        let on = front(&means, &[Lower, Higher, Lower]).unwrap();
        let at_least = |a: &[f64], b: &[f64]| a[0] <= b[0] && a[1] >= b[1] && a[2] <= b[2];
        for (i, option) in means.iter().enumerate() {
            let beaten = (0..200).any(|j| on[j] && at_least(&means[j], option) && means[j] != *option);
            assert_eq!(beaten, !on[i], "{option:?}");
        }
    }
}
