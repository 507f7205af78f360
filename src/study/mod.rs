//! Room: study (floor 6). Many runs: [`replicate`] one scenario, [`paired`] comparison of two, their [`moves`], [`shifts`] of many against
//! one, [`Validated`] against observed figures. May use `scenario`, `city`, `external`, `sim`, `metrics`, `event`; rayon, cpu-time for the audit's
//! share.
//!
//! Replications run side by side, yet results stand in the order of the replications and do not depend on the number
//! of threads: each draws from its own streams and is turned into KPIs on its own.

mod calibrate;
mod exchange;
mod flows;
mod holm;
mod hypotheses;
mod methods;
mod moves;
mod paired;
mod per_replication;
mod sequential;
mod validation;

pub use calibrate::{Calibration, Target, calibrate};
pub use exchange::{Exchange, exchanges, exchanges_csv, gives};
pub use flows::{Flow, Stand};
pub use holm::{Correction, Shift, shifts};
pub use hypotheses::{Outcome, Tested, tested, tested_csv};
pub use methods::{METHODS_LIMITS, MethodsOf, MethodsSide, Stopping, kpi_definitions, methods};
pub use moves::{Move, MoveRow, MoveTally, Moves, moves};
pub use paired::{Hint, Judged, Judging, Paired, Verdict, judged, paired, paired_csv, paired_parquet};
pub use per_replication::{Runs, runs_csv, runs_parquet};
pub use sequential::{FEWEST, HalfWidth, LOOK_AHEAD, Precision, needed, settled};
pub use validation::{Agreement, Observed, Validated, validation_csv};

use crate::city::City;
use crate::event::{EventLog, Ledger};
use crate::external::{self, Decisions, ExternalError, Recording};
use crate::metrics::{Fates, Frames, Kpi, MetricsError, fates, kpis_of, violations};
use crate::scenario::{DispatchPolicy, Scenario};
use crate::sim::{self, Progress};
use cpu_time::ThreadTime;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Why a study could not be done.
#[derive(thiserror::Error, Debug)]
pub enum StudyError {
    /// The threads could not be started.
    #[error("the threads could not be started: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// The tables of a replication could not be made.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The program of an external policy could not be started.
    #[error(transparent)]
    External(#[from] ExternalError),
}

/// What is kept of a replication beside its KPIs; event logs are the largest part of a run's memory.
/// The default keeps nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Keep {
    /// The tables.
    pub frames: bool,
    /// The event log.
    pub log: bool,
    /// The tables and the event log of the first replication, for its replay.
    pub first_day: bool,
    /// The ledger of candidates, see [`sim::run_with_ledger`].
    pub ledger: bool,
    /// What became of each session, for [`moves`].
    pub fates: bool,
}

/// One replication, simulated and measured.
#[derive(Clone, Debug)]
pub struct Replication {
    /// KPIs in table order.
    pub kpis: Vec<Kpi>,
    /// The tables, if kept.
    pub frames: Option<Frames>,
    /// The event log, if kept.
    pub log: Option<EventLog>,
    /// Every candidate of every order, if kept.
    pub ledger: Option<Ledger>,
    /// What became of everybody who came, if kept.
    pub fates: Option<Fates>,
    /// CPU time of the simulation alone.
    pub cpu: Duration,
    /// CPU time of the audit.
    pub audit_cpu: Duration,
    /// Orders placed.
    pub orders: u64,
    /// Facts in the event log.
    pub events: u64,
    /// Rules the log breaks, in words; empty unless the model is wrong.
    pub violations: Vec<String>,
    /// Decisions of the dispatch policy that could not be carried out when they were due.
    pub illegal_decisions: u32,
    /// Why it ended before its time, if it did.
    pub halted: Option<String>,
    /// What an external policy decided.
    pub decisions: Option<Decisions>,
}

/// A pool of its own with this many threads, at least 1.
pub fn pool(threads: usize) -> Result<rayon::ThreadPool, StudyError> {
    Ok(rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build()?)
}

/// Simulates and measures replications 0, 1, … of a scenario on this pool; `observe` hears how far each has come.
/// An external policy has one program for each replication, or none where a recording stands in for it.
pub fn replicate(
    pool: &rayon::ThreadPool,
    scenario: &Scenario,
    city: &Arc<City>,
    replications: u32,
    keep: Keep,
    recording: Option<&Recording>,
    observe: &(dyn Fn(u32, Progress) + Sync),
) -> Result<Vec<Replication>, StudyError> {
    replicate_some(pool, scenario, city, 0..replications, keep, recording, observe)
}

/// The same for some replications only, such as those that go on from earlier ones.
pub fn replicate_some(
    pool: &rayon::ThreadPool,
    scenario: &Scenario,
    city: &Arc<City>,
    replications: Range<u32>,
    keep: Keep,
    recording: Option<&Recording>,
    observe: &(dyn Fn(u32, Progress) + Sync),
) -> Result<Vec<Replication>, StudyError> {
    let one = |replication| one(scenario, city, (replication, replication), keep, recording, observe);
    pool.install(|| replications.into_par_iter().map(one).collect())
}

/// Simulates and measures one replication on this thread; its tables call it `shown`.
pub fn one(
    scenario: &Scenario,
    city: &Arc<City>,
    (replication, shown): (u32, u32),
    keep: Keep,
    recording: Option<&Recording>,
    observe: &(dyn Fn(u32, Progress) + Sync),
) -> Result<Replication, StudyError> {
    let observe = &mut |progress| observe(replication, progress);
    let (outcome, decisions) = match scenario.dispatch.policy {
        DispatchPolicy::External => {
            let (policy, asked) = external::open(scenario, city, replication, recording)?;
            let outcome = match keep.ledger {
                true => sim::run_with_ledger(scenario, city, replication, Some(policy), observe),
                false => sim::run_with(scenario, city, replication, Some(policy), observe),
            };
            (outcome, Some(asked.decisions()))
        }
        _ if keep.ledger => (sim::run_with_ledger(scenario, city, replication, None, observe), None),
        _ => (sim::run(scenario, city, replication, observe), None),
    };
    let log = outcome.log;
    let first_day = keep.first_day && shown == 0;
    let frames = match keep.frames || first_day {
        true => Frames::from_log(scenario, city, &log, shown)?,
        false => Frames::for_kpis(scenario, city, &log, shown)?,
    };
    let begun = ThreadTime::now();
    let violations: Vec<String> =
        violations(city, &log, &frames.orders)?.iter().map(|found| found.to_string()).collect();
    let audit_cpu = begun.elapsed();
    Ok(Replication {
        kpis: kpis_of(&frames, violations.len())?,
        cpu: outcome.cpu,
        audit_cpu,
        orders: log.placements.iter().filter(|placement| placement.part_of.is_none()).count() as u64,
        events: log.records.len() as u64,
        violations,
        illegal_decisions: outcome.illegal_decisions,
        halted: outcome.halted,
        decisions,
        fates: keep.fates.then(|| fates(city, &log, &frames)).transpose()?,
        frames: (keep.frames || first_day).then_some(frames),
        log: (keep.log || first_day).then_some(log),
        ledger: keep.ledger.then_some(outcome.ledger),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiny() -> Scenario {
        let mut scenario = Scenario { horizon_h: 4.0, start_hour: 10.0, ..crate::testing::fixed_wishes() };
        scenario.demand.orders_per_day = 1200.0;
        scenario.catalogue.skus_per_category = 20;
        scenario.couriers.count = 20;
        scenario
    }
    fn replications(threads: usize, keep: Keep) -> Vec<Replication> {
        let scenario = tiny();
        let city = Arc::new(City::build(&scenario).unwrap());
        replicate(&pool(threads).unwrap(), &scenario, &city, 3, keep, None, &|_, _| {}).unwrap()
    }

    #[test]
    fn replications_stand_in_order_whatever_the_threads() {
        let keep = Keep { frames: true, log: true, ledger: true, fates: true, ..Keep::default() };
        let (one, three) = (replications(1, keep), replications(3, keep));
        for (i, (a, b)) in one.iter().zip(&three).enumerate() {
            assert_eq!((&a.log, &a.ledger), (&b.log, &b.ledger));
            let (a, b) = (a.frames.as_ref().unwrap(), b.frames.as_ref().unwrap());
            assert!(a.orders.equals_missing(&b.orders));
            let replication = b.orders.column("replication").unwrap().u32().unwrap().get(0);
            assert_eq!(replication, Some(i as u32));
        }
        assert_ne!(one[0].log, one[1].log, "replications differ");
        assert!(one[0].orders > 50 && one[0].violations.is_empty());
    }

    #[test]
    fn the_first_day_alone_can_be_kept() {
        let kept = replications(2, Keep { first_day: true, ..Keep::default() });
        assert_eq!(
            kept.iter().map(|run| run.log.is_some() && run.frames.is_some()).collect::<Vec<_>>(),
            [true, false, false]
        );
    }

    #[test]
    fn only_what_is_asked_for_is_kept() {
        let of = |keep| {
            let first = replications(1, keep).swap_remove(0);
            [first.frames.is_some(), first.log.is_some(), first.ledger.is_some(), first.fates.is_some()]
        };
        let nothing = Keep::default();
        assert_eq!(of(nothing), [false; 4]);
        assert_eq!(of(Keep { frames: true, ..nothing }), [true, false, false, false]);
        assert_eq!(of(Keep { log: true, ..nothing }), [false, true, false, false]);
        assert_eq!(of(Keep { ledger: true, ..nothing }), [false, false, true, false]);
        assert_eq!(of(Keep { fates: true, ..nothing }), [false, false, false, true]);
    }
}
