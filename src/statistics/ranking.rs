//! Room: statistics. Which of several options is best: screening that may stop early (Kim and Nelson 2001), and how to
//! share out runs (Chen et al. 2000).

use super::{Confidence, Direction, StatisticsError, at_least, known, mean, same_length, variance};

/// η = ½ · ((2α / (k - 1))^(-2 / (n0 - 1)) - 1) of k options (2 or more) after n0 first replications (2 or more).
pub fn kn_eta(options: usize, first: usize, confidence: Confidence) -> f64 {
    let share = 2.0 * confidence.alpha() / (options as f64 - 1.0);
    0.5 * (share.powf(-2.0 / (first as f64 - 1.0)) - 1.0)
}

/// h² = 2 · η · (n0 - 1).
pub fn kn_h_squared(options: usize, first: usize, confidence: Confidence) -> f64 {
    2.0 * kn_eta(options, first, confidence) * (first as f64 - 1.0)
}

/// The settings of the procedure of Kim and Nelson.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Screening {
    /// Which values are good.
    pub direction: Direction,
    /// How often the choice is right, if the best is better than the others by the indifference or more.
    pub confidence: Confidence,
    /// δ: a difference not worth detecting, above 0, in the unit of the figure.
    pub indifference: f64,
    /// n0: replications before the first look, at least 2; 10 is usual.
    pub first: usize,
}

/// An option that is out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dropped {
    /// Its place among the options.
    pub option: usize,
    /// The option that beat it.
    pub by: usize,
    /// After how many replications.
    pub after: usize,
}

/// What the replications so far say.
#[derive(Clone, PartialEq, Debug)]
pub struct Screened {
    /// Options still in, in their order.
    pub still_in: Vec<usize>,
    /// Options that are out, in the order they went.
    pub dropped: Vec<Dropped>,
    /// Replications looked at.
    pub replications: usize,
    /// The most replications that can be needed before one option remains.
    pub at_most: usize,
}

impl Screened {
    /// The best option, once it is the only one left.
    pub fn best(&self) -> Option<usize> {
        if let [best] = self.still_in[..] { Some(best) } else { None }
    }
}

/// Plays the procedure over replications so far: `values[option][replication]`, replication r of all options on common
/// random numbers if they share them.
///
/// With S²_il the variance of the differences over the first n0 replications, option i goes after r replications if for an
/// l still in X̄_i(r) > X̄_l(r) + max(0, δ/(2r) · (h² S²_il / δ² - r)), lower being better. Options that are out need no
/// further values. When no interval is left open the best mean stays, of equals the earlier option.
pub fn screen(values: &[Vec<f64>], settings: Screening) -> Result<Screened, StatisticsError> {
    at_least("options to choose from", values.len(), 2)?;
    at_least("replications before the first look", settings.first, 2)?;
    if !(settings.indifference > 0.0 && settings.indifference.is_finite()) {
        let (what, expected) = ("the difference not worth detecting", "above 0");
        return Err(StatisticsError::Setting { what, expected, found: settings.indifference });
    }
    for option in values {
        at_least("replications of an option", option.len(), settings.first)?;
        known("replications of an option", option)?;
    }
    let spread = Spread::of(values, &settings);
    let mut sums: Vec<f64> = values.iter().map(|option| option[..settings.first - 1].iter().sum()).collect();
    let mut screened = Screened {
        still_in: (0..values.len()).collect(),
        dropped: Vec::new(),
        replications: settings.first,
        at_most: spread.at_most(),
    };
    for r in settings.first.. {
        if screened.best().is_some() || screened.still_in.iter().any(|&i| values[i].len() < r) {
            break;
        }
        screened.still_in.iter().for_each(|&i| sums[i] += values[i][r - 1]);
        screened.replications = r;
        let cost = |i: usize| settings.direction.cost(sums[i] / r as f64);
        drop_losers(&mut screened, |i, l| cost(i) > cost(l) + spread.margin(i, l, r));
        if r >= screened.at_most {
            keep_the_best(&mut screened, cost);
        }
    }
    Ok(screened)
}

/// Drops all that lose to one of those in before this look.
fn drop_losers(screened: &mut Screened, loses: impl Fn(usize, usize) -> bool) {
    let before = screened.still_in.clone();
    for &option in &before {
        if let Some(&by) = before.iter().find(|&&other| other != option && loses(option, other)) {
            screened.dropped.push(Dropped { option, by, after: screened.replications });
            screened.still_in.retain(|&i| i != option);
        }
    }
}

fn keep_the_best(screened: &mut Screened, cost: impl Fn(usize) -> f64) {
    // `min_by` keeps the first of equals.
    let Some(best) = screened.still_in.iter().copied().min_by(|&a, &b| cost(a).total_cmp(&cost(b))) else { return };
    let after = screened.replications;
    let rest = screened.still_in.iter().filter(|&&option| option != best);
    screened.dropped.extend(rest.map(|&option| Dropped { option, by: best, after }));
    screened.still_in = vec![best];
}

/// h² S²_il / δ² of each pair, and δ.
struct Spread {
    pairs: Vec<Vec<f64>>,
    indifference: f64,
}

impl Spread {
    fn of(values: &[Vec<f64>], settings: &Screening) -> Self {
        let n0 = settings.first;
        let h_squared = kn_h_squared(values.len(), n0, settings.confidence);
        let pair = |a: &Vec<f64>, b: &Vec<f64>| {
            let differences: Vec<f64> = a[..n0].iter().zip(&b[..n0]).map(|(a, b)| a - b).collect();
            h_squared * variance(&differences) / settings.indifference.powi(2)
        };
        let pairs = values.iter().map(|a| values.iter().map(|b| pair(a, b)).collect()).collect();
        Spread { pairs, indifference: settings.indifference }
    }

    fn margin(&self, i: usize, l: usize, r: usize) -> f64 {
        (self.indifference / (2.0 * r as f64) * (self.pairs[i][l] - r as f64)).max(0.0)
    }

    /// N + 1, where N is the largest of ⌊h² S²_il / δ²⌋: from there on every margin is 0.
    fn at_most(&self) -> usize {
        self.pairs.iter().flatten().fold(0.0f64, |most, pair| most.max(pair.floor())) as usize + 1
    }
}

/// How to share out `total` replications so that the best of independent options is most likely found (optimal computing
/// budget allocation, Chen, Lin, Yücesan and Chick 2000): with Δ_i the distance of mean i to the best b,
/// N_i ∝ (s_i / Δ_i)² and N_b = s_b · √Σ(N_i / s_i)². Not rounded; an option that does not vary gets none.
pub fn ocba(
    means: &[f64],
    standard_deviations: &[f64],
    total: f64,
    direction: Direction,
) -> Result<Vec<f64>, StatisticsError> {
    at_least("options to choose from", means.len(), 2)?;
    same_length("spreads of the options", standard_deviations.len(), means.len())?;
    known("means of the options", means)?;
    known("spreads of the options", standard_deviations)?;
    let cost = |i: usize| direction.cost(means[i]);
    let best = (1..means.len()).fold(0, |best, i| if cost(i) < cost(best) { i } else { best });
    if let Some(tied) = (0..means.len()).find(|&i| i != best && means[i] == means[best]) {
        return Err(StatisticsError::SameMean { first: best + 1, second: tied + 1 });
    }
    let others = || (0..means.len()).filter(|&i| i != best);
    let distance = |i: usize| means[i] - means[best];
    let mut shares = vec![0.0; means.len()];
    for i in others() {
        shares[i] = (standard_deviations[i] / distance(i)).powi(2);
    }
    // N_i / s_i = s_i / Δ_i², also where s_i is 0.
    let squares: f64 = others().map(|i| (standard_deviations[i] / distance(i).powi(2)).powi(2)).sum();
    shares[best] = standard_deviations[best] * squares.sqrt();
    let sum: f64 = shares.iter().sum();
    if sum == 0.0 {
        return Err(StatisticsError::NothingVaries("every option"));
    }
    Ok(shares.into_iter().map(|share| total * share / sum).collect())
}

/// Means and sample standard deviations of options, as [`ocba`] wants them.
pub fn means_and_spreads(values: &[Vec<f64>]) -> (Vec<f64>, Vec<f64>) {
    values.iter().map(|option| (mean(option), variance(option).sqrt())).unzip()
}

#[cfg(test)]
mod tests {
    use super::super::student::normal_quantile;
    use super::super::testing::{close, picker};
    use super::*;

    fn settings(indifference: f64) -> Screening {
        Screening { direction: Direction::Lower, confidence: Confidence::default(), indifference, first: 10 }
    }

    #[test]
    fn the_constants_are_those_of_the_reference() {
        for (options, first, eta, h_squared) in
            [(5, 10, 0.63496727, 11.42941077), (3, 20, 0.18536280, 7.04378652), (10, 10, 0.85908343, 15.46350174)]
        {
            close(kn_eta(options, first, Confidence::default()), eta, 1e-8);
            close(kn_h_squared(options, first, Confidence::default()), h_squared, 1e-8);
        }
    }

    #[test]
    fn the_budget_is_shared_as_the_reference_does() {
        let found = ocba(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0; 5], 1000.0, Direction::Lower).unwrap();
        for (found, expected) in found.iter().zip([421.82, 406.13, 101.53, 45.13, 25.38]) {
            close(*found, expected, 0.005);
        }
        let turned = ocba(&[-1.0, -2.0, -3.0, -4.0, -5.0], &[2.0; 5], 1000.0, Direction::Higher).unwrap();
        assert_eq!(found, turned);
        let tied = ocba(&[1.0, 2.0, 1.0], &[1.0; 3], 100.0, Direction::Lower);
        assert_eq!(tied, Err(StatisticsError::SameMean { first: 1, second: 3 }));
        assert!(ocba(&[1.0, 2.0], &[0.0; 2], 100.0, Direction::Lower).is_err());
        let still = ocba(&[1.0, 2.0, 3.0], &[1.0, 0.0, 1.0], 100.0, Direction::Lower).unwrap();
        assert_eq!(still[1], 0.0);
        close(still.iter().sum::<f64>(), 100.0, 1e-9);
    }

    /// Options with these means, each value off by the same noise in all (common random numbers) and a little of its own.
    fn options(means: &[f64], replications: usize, seed: u64) -> Vec<Vec<f64>> {
        let mut pick = picker(seed);
        let mut noise = || normal_quantile((pick(100_000) as f64 + 0.5) / 1e5);
        let mut values = vec![Vec::new(); means.len()];
        for _ in 0..replications {
            let shared = 5.0 * noise();
            values.iter_mut().zip(means).for_each(|(option, mean)| option.push(mean + shared + noise()));
        }
        values
    }

    #[test]
    fn the_best_stays_and_what_is_far_worse_goes_at_the_first_look() {
        let values = options(&[10.0, 10.0 + 1.0, 30.0], 200, 1);
        let found = screen(&values, settings(0.5)).unwrap();
        assert_eq!(found.best(), Some(0));
        assert!(found.dropped.contains(&Dropped { option: 2, by: 0, after: 10 }), "{:?}", found.dropped);
        let turned: Vec<Vec<f64>> = values.iter().map(|option| option.iter().map(|v| -v).collect()).collect();
        assert_eq!(screen(&turned, Screening { direction: Direction::Higher, ..settings(0.5) }).unwrap(), found);
    }

    #[test]
    fn more_replications_never_bring_an_option_back() {
        let values = options(&[10.0, 10.5, 11.0, 13.0], 60, 3);
        let upto = |n: usize| values.iter().map(|option| option[..n].to_vec()).collect::<Vec<_>>();
        let looks: Vec<Screened> = (10..=60).map(|n| screen(&upto(n), settings(0.4)).unwrap()).collect();
        for pair in looks.windows(2) {
            assert!(pair[1].still_in.iter().all(|option| pair[0].still_in.contains(option)));
            assert_eq!(pair[1].dropped[..pair[0].dropped.len()], pair[0].dropped);
        }
        // An option that is out needs no further values.
        let gone = looks[20].dropped[0].option;
        let mut ragged = upto(60);
        ragged[gone].truncate(looks[20].replications);
        assert_eq!(screen(&ragged, settings(0.4)).unwrap(), looks[50]);
    }

    #[test]
    fn equals_end_with_the_earlier_once_the_difference_is_not_worth_more_runs() {
        let values = vec![vec![1.0, 2.0, 3.0, 4.0, 5.0, 1.0, 2.0, 3.0, 4.0, 5.0]; 3];
        let found = screen(&values, settings(0.1)).unwrap();
        assert_eq!((found.best(), found.at_most), (Some(0), 1));
        assert!(screen(&values[..1], settings(0.1)).is_err());
        assert!(screen(&values, settings(0.0)).is_err());
        assert!(screen(&values, Screening { first: 11, ..settings(0.1) }).is_err());
    }

    #[test]
    fn the_choice_is_right_as_often_as_it_says() {
        let right = (0..60).filter(|&seed| {
            let found = screen(&options(&[10.0, 10.5, 10.5], 150, 100 + seed), settings(0.5)).unwrap();
            found.best() == Some(0)
        });
        assert!(right.count() >= 54, "95 % of 60 less three standard deviations is 52");
    }
}
