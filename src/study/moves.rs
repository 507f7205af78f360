//! Substitution accounting: what became of the same people in base and what-if.
//!
//! Common random numbers make the session of one number the same consumer with the same basket, urgency and taste in both
//! scenarios. So the channels need not be compared as sums: everybody can be asked what changed for them.

use super::flows::{Flow, FlowTally};
use crate::metrics::{Barrier, CHANNELS, Fate, Fates, MetricsError, mean_and_half_width_at, parquet_bytes};
use crate::units::Money;
use polars::prelude::{Column, DataFrame, IntoColumn, NamedFrom, Series};

/// What changed for one of those who came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Move {
    /// Served by the same channel in both, or by none in both.
    Unchanged,
    /// Served by one channel in the base and by another in the what-if: places in [`CHANNELS`].
    Moved {
        /// In the base.
        from: u8,
        /// In the what-if.
        to: u8,
    },
    /// Went without in the base and is served in the what-if.
    Incremental,
    /// Served in the base and goes without in the what-if.
    Lost,
    /// For want of stock nearby went without in the base, or had to take another channel; is served in the what-if, with
    /// nothing in the way of the near field.
    RescuedFromStockOut,
    /// Came in the base only.
    OnlyInBase,
    /// Came in the what-if only.
    OnlyInWhatif,
}

impl Move {
    /// All classes in table order; each of those who came is in one of them.
    pub fn all() -> Vec<Move> {
        let channels = 0..CHANNELS.len() as u8;
        let pairs = channels.clone().flat_map(|to| channels.clone().map(move |from| Move::Moved { from, to }));
        let moved = pairs.filter(|pair| !matches!(pair, Move::Moved { from, to } if from == to));
        let last = [Move::OnlyInBase, Move::OnlyInWhatif];
        let changed = [Move::Incremental, Move::Lost, Move::RescuedFromStockOut];
        [Move::Unchanged].into_iter().chain(moved).chain(changed).chain(last).collect()
    }

    /// The name in tables.
    pub fn name(self) -> String {
        match self {
            Move::Unchanged => "unchanged".into(),
            Move::Moved { from, to } => {
                format!("moved_{}_to_{}", CHANNELS[usize::from(from)], CHANNELS[usize::from(to)])
            }
            Move::Incremental => "incremental".into(),
            Move::Lost => "lost".into(),
            Move::RescuedFromStockOut => "rescued_from_stock_out".into(),
            Move::OnlyInBase => "only_in_base".into(),
            Move::OnlyInWhatif => "only_in_whatif".into(),
        }
    }

    /// What changed from one fate to the other of the same person.
    pub fn of(base: &Fate, whatif: &Fate) -> Move {
        let rescued = base.barrier == Barrier::Stock && whatif.barrier == Barrier::None;
        match (base.channel, whatif.channel) {
            (before, after) if before == after => Move::Unchanged,
            (_, Some(_)) if rescued => Move::RescuedFromStockOut,
            (Some(from), Some(to)) => Move::Moved { from, to },
            (None, Some(_)) => Move::Incremental,
            (Some(_), None) => Move::Lost,
            (None, None) => Move::Unchanged,
        }
    }
}

/// One class of moves over the replications; half-widths are of t-intervals at the confidence asked for, NaN with fewer
/// than two replications.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MoveRow {
    /// The class.
    pub class: Move,
    /// Mean number of those in it, and half-width.
    pub count: (f64, f64),
    /// Mean share of all who came in either, and half-width.
    pub share: (f64, f64),
    /// Mean value of what they get in the base (yuan).
    pub gmv_base: f64,
    /// Mean value of what they get in the what-if (yuan).
    pub gmv_whatif: f64,
    /// Mean difference of both, and half-width.
    pub gmv_difference: (f64, f64),
    /// Mean difference of the contribution of the system (platform and merchant together), and half-width (yuan).
    pub earned_difference: (f64, f64),
}

/// What became of everybody who came in base or what-if.
#[derive(Clone, PartialEq, Debug)]
pub struct Moves {
    /// `sessions`, or `orders` where arrivals are orders.
    pub unit: &'static str,
    /// Mean number of those who came in either.
    pub all: f64,
    /// Share of those who came in both under the same number and are somebody else there; not 0 only if the scenarios
    /// have other consumers.
    pub others_share: f64,
    /// Every class, in table order; their counts sum to `all`.
    pub rows: Vec<MoveRow>,
    /// The same people by both ends; only flows that occur.
    pub flows: Vec<Flow>,
}

/// Counts and sums of one class in one replication.
#[derive(Clone, Copy, Default)]
struct Tally {
    count: u64,
    gmv: [Money; 2],
    earned: [Money; 2],
}

/// Sets two sets of replications against each other, r with r, with 95 % intervals; None if one has sessions and the
/// other orders.
pub fn moves(base: &[&Fates], whatif: &[&Fates]) -> Option<Moves> {
    let mut tally = MoveTally::default();
    base.iter().zip(whatif).for_each(|(base, whatif)| tally.add(base, whatif));
    tally.moves(0.95)
}

/// Moves counted one replication after the other, so that what became of everybody need not be kept for all.
#[derive(Clone, Default)]
pub struct MoveTally {
    days: Vec<Vec<Tally>>,
    flows: FlowTally,
    others: u64,
    both: u64,
    /// Of the first replication; whether arrivals are sessions.
    sessions: Option<bool>,
    mixed: bool,
}

impl MoveTally {
    /// Counts one replication of both sides.
    pub fn add(&mut self, base: &Fates, whatif: &Fates) {
        let sessions = *self.sessions.get_or_insert(base.sessions);
        self.mixed |= [base, whatif].iter().any(|fates| fates.sessions != sessions);
        if self.mixed {
            return;
        }
        let classes = Move::all();
        let mut tallies = vec![Tally::default(); classes.len()];
        for_each_pair(&base.all, &whatif.all, |base, whatif| {
            let class = match (base, whatif) {
                (Some(base), Some(whatif)) => {
                    self.both += 1;
                    self.others += u64::from(base.consumer != whatif.consumer);
                    Move::of(base, whatif)
                }
                (Some(_), None) => Move::OnlyInBase,
                _ => Move::OnlyInWhatif,
            };
            let place = classes.iter().position(|known| *known == class).expect("every class is in the list");
            let tally = &mut tallies[place];
            tally.count += 1;
            for (side, fate) in [base, whatif].into_iter().enumerate() {
                tally.gmv[side] += fate.map_or(Money::ZERO, |fate| fate.gmv);
                tally.earned[side] += fate.map_or(Money::ZERO, |fate| fate.earned);
            }
        });
        self.days.push(tallies);
        self.flows.add(base, whatif);
    }

    /// The means so far, with intervals at this confidence; None if nothing was counted, or if one side has sessions and
    /// the other orders.
    pub fn moves(&self, confidence: f64) -> Option<Moves> {
        let sessions = self.sessions.filter(|_| !self.mixed)?;
        let interval = |values: &[f64]| mean_and_half_width_at(values, confidence);
        let came = |day: &Vec<Tally>| day.iter().map(|tally| tally.count).sum::<u64>() as f64;
        let all: Vec<f64> = self.days.iter().map(came).collect();
        let row = |(place, class): (usize, &Move)| {
            let of =
                |value: &dyn Fn(&Tally) -> f64| self.days.iter().map(|day| value(&day[place])).collect::<Vec<f64>>();
            let mean = |value: &dyn Fn(&Tally) -> f64| interval(&of(value)).0;
            let count = of(&|tally| tally.count as f64);
            let share = |(n, all): (&f64, &f64)| (*all > 0.0).then(|| n / all);
            let shares: Vec<f64> = count.iter().zip(&all).filter_map(share).collect();
            MoveRow {
                class: *class,
                count: interval(&count),
                share: interval(&shares),
                gmv_base: mean(&|tally| tally.gmv[0].yuan()),
                gmv_whatif: mean(&|tally| tally.gmv[1].yuan()),
                gmv_difference: interval(&of(&|tally| (tally.gmv[1] - tally.gmv[0]).yuan())),
                earned_difference: interval(&of(&|tally| (tally.earned[1] - tally.earned[0]).yuan())),
            }
        };
        Some(Moves {
            unit: if sessions { "sessions" } else { "orders" },
            all: interval(&all).0,
            others_share: if self.both == 0 { 0.0 } else { self.others as f64 / self.both as f64 },
            rows: Move::all().iter().enumerate().map(row).collect(),
            flows: self.flows.flows(confidence),
        })
    }
}

/// Walks two lists in the order of their numbers; who is in both comes once.
pub(super) fn for_each_pair(base: &[Fate], whatif: &[Fate], mut see: impl FnMut(Option<&Fate>, Option<&Fate>)) {
    let (mut base, mut whatif) = (base.iter().peekable(), whatif.iter().peekable());
    loop {
        match (base.peek().map(|fate| fate.id), whatif.peek().map(|fate| fate.id)) {
            (None, None) => return,
            (Some(a), Some(b)) if a == b => see(base.next(), whatif.next()),
            (Some(a), b) if b.is_none_or(|b| a < b) => see(base.next(), None),
            _ => see(None, whatif.next()),
        }
    }
}

/// A number of a row: its name in tables, and its value.
type Number = (&'static str, fn(&MoveRow) -> f64);

/// Every number of a row, in table order.
const NUMBERS: [Number; 10] = [
    ("mean", |row| row.count.0),
    ("half_width", |row| row.count.1),
    ("share_mean", |row| row.share.0),
    ("share_half_width", |row| row.share.1),
    ("gmv_base_yuan", |row| row.gmv_base),
    ("gmv_whatif_yuan", |row| row.gmv_whatif),
    ("gmv_difference_yuan", |row| row.gmv_difference.0),
    ("gmv_difference_half_width", |row| row.gmv_difference.1),
    ("contribution_difference_yuan", |row| row.earned_difference.0),
    ("contribution_difference_half_width", |row| row.earned_difference.1),
];

impl MoveRow {
    /// Name and value of each of its numbers.
    pub fn numbers(&self) -> impl Iterator<Item = (&'static str, f64)> {
        NUMBERS.iter().map(|(name, value)| (*name, value(self)))
    }
}

impl Moves {
    /// The rows as CSV: shortest decimals that read back exactly, `NaN` for what is unknown.
    pub fn csv(&self) -> String {
        let names = NUMBERS.map(|(name, _)| name).join(",");
        let mut csv = format!("class,unit,{names}\n");
        for row in &self.rows {
            let numbers = NUMBERS.map(|(_, value)| value(row).to_string()).join(",");
            csv += &format!("{},{},{numbers}\n", row.class.name(), self.unit);
        }
        csv
    }

    /// The same as a Parquet file.
    pub fn parquet(&self) -> Result<Vec<u8>, MetricsError> {
        let classes: Vec<String> = self.rows.iter().map(|row| row.class.name()).collect();
        let mut columns =
            vec![Column::new("class".into(), classes), Column::new("unit".into(), vec![self.unit; self.rows.len()])];
        for (name, value) in NUMBERS {
            let numbers: Vec<f64> = self.rows.iter().map(value).collect();
            columns.push(Series::new(name.into(), numbers).into_column());
        }
        parquet_bytes(&DataFrame::new(self.rows.len(), columns)?, &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::City;
    use crate::scenario::{ChoiceModel, Scenario};
    use crate::study::{Keep, Replication, pool, replicate};
    use std::sync::Arc;

    const NEAR: Option<u8> = Some(0);
    const FAR: Option<u8> = Some(1);
    const PICKUP: Option<u8> = Some(2);

    fn fate(id: u32, channel: Option<u8>, barrier: Barrier) -> Fate {
        let yuan = if channel.is_some() { 100.0 } else { 0.0 };
        Fate { id, consumer: id, channel, barrier, gmv: Money::from_yuan(yuan), earned: Money::from_yuan(yuan / 100.0) }
    }
    fn fates(all: Vec<Fate>) -> Fates {
        Fates { sessions: true, all }
    }
    fn count(moves: &Moves, class: &str) -> f64 {
        moves.rows.iter().find(|row| row.class.name() == class).map(|row| row.count.0).expect(class)
    }

    #[test]
    fn each_session_is_in_the_class_of_what_changed_for_it() {
        use Barrier::{None as Free, Other, Stock};
        let cases = [
            ((NEAR, Free), (NEAR, Free), "unchanged"),
            ((None, Stock), (None, Free), "unchanged"),
            ((FAR, Stock), (FAR, Free), "unchanged"),
            ((FAR, Free), (NEAR, Free), "moved_far_to_near"),
            ((FAR, Other), (NEAR, Free), "moved_far_to_near"),
            ((NEAR, Free), (FAR, Stock), "moved_near_to_far"),
            ((None, Free), (NEAR, Free), "incremental"),
            ((None, Stock), (FAR, Other), "incremental"),
            ((FAR, Free), (None, Free), "lost"),
            ((NEAR, Free), (None, Stock), "lost"),
            ((None, Stock), (NEAR, Free), "rescued_from_stock_out"),
            ((None, Stock), (FAR, Free), "rescued_from_stock_out"),
            ((FAR, Stock), (NEAR, Free), "rescued_from_stock_out"),
            ((NEAR, Free), (PICKUP, Free), "moved_near_to_pickup"),
            ((PICKUP, Free), (FAR, Other), "moved_pickup_to_far"),
            ((None, Free), (PICKUP, Free), "incremental"),
        ];
        for ((from, before), (to, after), class) in cases {
            assert_eq!(Move::of(&fate(0, from, before), &fate(0, to, after)).name(), class, "{before:?} {after:?}");
        }
        let names: Vec<String> = Move::all().into_iter().map(Move::name).collect();
        assert_eq!(names[..4], ["unchanged", "moved_far_to_near", "moved_pickup_to_near", "moved_near_to_far"]);
        let page = include_str!("../../docs/ledger.md");
        assert!(names.iter().all(|name| page.contains(&format!("`{name}`"))), "docs/ledger.md lacks one of {names:?}");
        assert_eq!(names.len(), 1 + CHANNELS.len() * (CHANNELS.len() - 1) + 5);
    }

    #[test]
    fn classes_sum_to_all_sessions_also_of_one_side_alone() {
        let free = Barrier::None;
        let base = fates(vec![fate(0, NEAR, free), fate(1, FAR, free), fate(2, None, free), fate(4, FAR, free)]);
        let whatif = fates(vec![fate(0, NEAR, free), fate(1, NEAR, free), fate(3, FAR, free), fate(4, None, free)]);
        let found = moves(&[&base, &base], &[&whatif, &whatif]).unwrap();
        assert_eq!((found.all, found.unit, found.others_share), (5.0, "sessions", 0.0));
        for class in ["unchanged", "moved_far_to_near", "lost", "only_in_base", "only_in_whatif"] {
            assert_eq!(count(&found, class), 1.0, "{class}");
        }
        assert_eq!(found.rows.iter().map(|row| row.count.0).sum::<f64>(), found.all);
        let lost = found.rows.iter().find(|row| row.class == Move::Lost).unwrap();
        assert_eq!((lost.share, lost.gmv_difference, lost.earned_difference), ((0.2, 0.0), (-100.0, 0.0), (-1.0, 0.0)));
        let csv = found.csv();
        assert!(csv.starts_with("class,unit,mean,half_width,share_mean,"), "{csv}");
        assert!(csv.contains("\nlost,sessions,1,0,0.2,0,100,0,-100,0,-1,0\n"), "{csv}");
        assert!(found.parquet().is_ok());
        let orders = Fates { sessions: false, ..whatif.clone() };
        assert_eq!(moves(&[&base], &[&orders]), None);
    }

    fn town() -> Scenario {
        let mut scenario = Scenario { horizon_h: 6.0, start_hour: 10.0, ..crate::testing::fixed_wishes() };
        scenario.choice.model = ChoiceModel::Logit;
        scenario.choice.sessions_per_day = Some(6000.0);
        scenario.city.side_km = 6.0;
        scenario.couriers.count = 30;
        scenario
    }
    fn play(scenario: &Scenario) -> Vec<Replication> {
        let city = Arc::new(City::build(scenario).unwrap());
        let keep = Keep { fates: true, ..Keep::default() };
        replicate(&pool(2).unwrap(), scenario, &city, 2, keep, None, &|_, _| {}).unwrap()
    }
    fn compared(base: &[Replication], whatif: &[Replication]) -> Moves {
        let of = |runs: &[Replication]| runs.iter().map(|run| run.fates.clone().unwrap()).collect::<Vec<_>>();
        let (base, whatif) = (of(base), of(whatif));
        moves(&base.iter().collect::<Vec<_>>(), &whatif.iter().collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn without_a_near_field_all_near_orders_become_parcels_or_are_lost() {
        let mut without = town();
        without.sourcing.policy = crate::scenario::SourcingPolicy::FarOnly;
        let (base, whatif) = (play(&town()), play(&without));
        let found = compared(&base, &whatif);
        let near = |runs: &[Replication]| {
            let served = |run: &Replication| {
                run.fates.as_ref().unwrap().all.iter().filter(|fate| fate.channel == NEAR).count() as f64
            };
            runs.iter().map(served).sum::<f64>() / runs.len() as f64
        };
        assert!(near(&base) > 50.0 && near(&whatif) == 0.0);
        for class in ["moved_far_to_near", "rescued_from_stock_out", "only_in_base", "only_in_whatif"] {
            assert_eq!(count(&found, class), 0.0, "{class}");
        }
        let (moved, lost) = (count(&found, "moved_near_to_far"), count(&found, "lost"));
        assert!(moved > 0.0 && lost > 0.0 && moved + lost >= near(&base), "{found:?}");
        // Some parcels may be lost too, the warehouse having more to do: no more than that.
        assert!(moved + lost <= near(&base) * 1.05, "{moved} {lost} {}", near(&base));
        assert_eq!(found.rows.iter().map(|row| row.count.0).sum::<f64>(), found.all);
        assert_eq!(found.others_share, 0.0);
        let same = compared(&base, &base);
        assert_eq!(count(&same, "unchanged"), same.all);
    }

    #[test]
    fn pick_up_takes_orders_from_couriers_and_from_who_left() {
        let mut with = town();
        with.pickup.enabled = true;
        let found = compared(&play(&town()), &play(&with));
        assert!(count(&found, "moved_near_to_pickup") > 0.0 && count(&found, "incremental") > 0.0, "{found:?}");
        for class in ["moved_pickup_to_near", "moved_pickup_to_far"] {
            assert_eq!(count(&found, class), 0.0, "{class}");
        }
        assert_eq!(found.rows.iter().map(|row| row.count.0).sum::<f64>(), found.all);
    }

    #[test]
    fn other_consumers_under_the_same_numbers_are_noticed() {
        let mut other = town();
        other.consumers.count /= 2;
        assert!(compared(&play(&town()), &play(&other)).others_share > 0.5);
    }
}
