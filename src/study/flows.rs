//! Flows of the same people between channels, from base to what-if: [`super::moves`] by both ends.

use super::moves::for_each_pair;
use crate::metrics::{CHANNELS, Fate, Fates, mean_and_half_width};

/// Where somebody stands in one of two scenarios.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stand {
    /// Served by a channel, a place in [`CHANNELS`].
    Channel(u8),
    /// Came and went without.
    Without,
    /// Did not come.
    Absent,
}

/// Those who stand in one place in the base and in one in the what-if; half-widths are of 95 % intervals, NaN with fewer
/// than two replications.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Flow {
    /// In the base.
    pub from: Stand,
    /// In the what-if.
    pub to: Stand,
    /// Mean number, and half-width.
    pub count: (f64, f64),
    /// Mean share of all who came in either, and half-width.
    pub share: (f64, f64),
}

impl Stand {
    fn of(fate: Option<&Fate>) -> Stand {
        match fate.map(|fate| fate.channel) {
            None => Stand::Absent,
            Some(None) => Stand::Without,
            Some(Some(channel)) => Stand::Channel(channel),
        }
    }
    fn all() -> impl Iterator<Item = Stand> {
        (0..CHANNELS.len() as u8).map(Stand::Channel).chain([Stand::Without, Stand::Absent])
    }
}

/// The flows that occur, by place in the base and then in the what-if, over two sets of replications, r with r; None if
/// one has sessions and the other orders.
pub fn flows(base: &[&Fates], whatif: &[&Fates]) -> Option<Vec<Flow>> {
    let first = base.first()?;
    if base.iter().chain(whatif).any(|fates| fates.sessions != first.sessions) {
        return None;
    }
    let ends: Vec<(Stand, Stand)> = Stand::all().flat_map(|from| Stand::all().map(move |to| (from, to))).collect();
    let days: Vec<Vec<f64>> = base.iter().zip(whatif).map(|(base, whatif)| counts(base, whatif, &ends)).collect();
    let flow = |(place, &(from, to)): (usize, &(Stand, Stand))| {
        let count: Vec<f64> = days.iter().map(|day| day[place]).collect();
        let came = |day: &Vec<f64>| day.iter().sum::<f64>();
        let shares = days.iter().filter(|day| came(day) > 0.0).map(|day| day[place] / came(day));
        let share = mean_and_half_width(&shares.collect::<Vec<f64>>());
        let occurs = count.iter().any(|count| *count > 0.0);
        occurs.then(|| Flow { from, to, count: mean_and_half_width(&count), share })
    };
    Some(ends.iter().enumerate().filter_map(flow).collect())
}

/// How many stand at each pair of ends on one day.
fn counts(base: &Fates, whatif: &Fates, ends: &[(Stand, Stand)]) -> Vec<f64> {
    let mut counts = vec![0.0; ends.len()];
    for_each_pair(&base.all, &whatif.all, |base, whatif| {
        let pair = (Stand::of(base), Stand::of(whatif));
        let place = ends.iter().position(|known| *known == pair).expect("every pair of ends is in the list");
        counts[place] += 1.0;
    });
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Barrier;
    use crate::units::Money;

    fn fates(sessions: bool, channels: &[(u32, Option<u8>)]) -> Fates {
        let fate = |&(id, channel): &(u32, Option<u8>)| Fate {
            id,
            consumer: id,
            channel,
            barrier: Barrier::None,
            gmv: Money::ZERO,
            earned: Money::ZERO,
        };
        Fates { sessions, all: channels.iter().map(fate).collect() }
    }

    #[test]
    fn everybody_who_came_in_either_stands_in_one_flow() {
        let base = fates(true, &[(0, Some(0)), (1, Some(1)), (2, None), (4, Some(1))]);
        let whatif = fates(true, &[(0, Some(0)), (1, Some(0)), (2, Some(2)), (3, None)]);
        let found = flows(&[&base, &base], &[&whatif, &whatif]).unwrap();
        let ends: Vec<(Stand, Stand)> = found.iter().map(|flow| (flow.from, flow.to)).collect();
        use Stand::{Absent, Channel, Without};
        let expected = [
            (Channel(0), Channel(0)),
            (Channel(1), Channel(0)),
            (Channel(1), Absent),
            (Without, Channel(2)),
            (Absent, Without),
        ];
        assert_eq!(ends, expected);
        assert!(found.iter().all(|flow| flow.count == (1.0, 0.0) && flow.share.0 == 0.2));
        assert!(flows(&[&base], &[&whatif]).unwrap()[0].count.1.is_nan());
        assert_eq!(flows(&[&base], &[&fates(false, &[])]), None);
    }
}
