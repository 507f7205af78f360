//! Flows of the same people between channels, from base to what-if: [`super::moves`] by both ends.

use super::moves::for_each_pair;
use crate::metrics::{CHANNELS, Fate, Fates, mean_and_half_width_at};

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

/// Those who stand in one place in the base and in one in the what-if; half-widths are NaN with fewer than two
/// replications.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Flow {
    /// In the base.
    pub from: Stand,
    /// In the what-if.
    pub to: Stand,
    /// Mean number, and half-width.
    pub count: (f64, f64),
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

/// Flows counted one replication after the other.
#[derive(Clone, Default)]
pub(super) struct FlowTally {
    days: Vec<Vec<f64>>,
}

impl FlowTally {
    /// Counts one replication of both sides.
    pub(super) fn add(&mut self, base: &Fates, whatif: &Fates) {
        self.days.push(counts(base, whatif, &ends()));
    }

    /// The flows that occur, by place in the base and then in the what-if, with intervals at this confidence.
    pub(super) fn flows(&self, confidence: f64) -> Vec<Flow> {
        let interval = |values: &[f64]| mean_and_half_width_at(values, confidence);
        let flow = |(place, &(from, to)): (usize, &(Stand, Stand))| {
            let count: Vec<f64> = self.days.iter().map(|day| day[place]).collect();
            let occurs = count.iter().any(|count| *count > 0.0);
            occurs.then(|| Flow { from, to, count: interval(&count) })
        };
        ends().iter().enumerate().filter_map(flow).collect()
    }
}

fn ends() -> Vec<(Stand, Stand)> {
    Stand::all().flat_map(|from| Stand::all().map(move |to| (from, to))).collect()
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

    fn fates(channels: &[(u32, Option<u8>)]) -> Fates {
        let fate = |&(id, channel): &(u32, Option<u8>)| Fate {
            id,
            consumer: id,
            channel,
            barrier: Barrier::None,
            gmv: Money::ZERO,
            earned: Money::ZERO,
        };
        Fates { sessions: true, all: channels.iter().map(fate).collect() }
    }

    #[test]
    fn everybody_who_came_in_either_stands_in_one_flow() {
        let base = fates(&[(0, Some(0)), (1, Some(1)), (2, None), (4, Some(1))]);
        let whatif = fates(&[(0, Some(0)), (1, Some(0)), (2, Some(2)), (3, None)]);
        let mut tally = FlowTally::default();
        tally.add(&base, &whatif);
        assert!(tally.flows(0.95)[0].count.1.is_nan());
        tally.add(&base, &whatif);
        let found = tally.flows(0.95);
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
        assert!(found.iter().all(|flow| flow.count == (1.0, 0.0)));
    }
}
