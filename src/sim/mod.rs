//! Room: sim (floor 4). City + policies + seed → [`EventLog`]; the only room that knows bevy_ecs.
//! May use `units`, `rng`, `scenario`, `city`, `policy`, `event`.
//!
//! Consumers, stores and couriers are entities. Open orders are rows of a table by [`OrderId`]. A
//! calendar of notices drives them: one schedule run covers a slice of simulated time, inside which
//! `schedule::advance` handles every notice and arrival in exact order.
//!
//! [`OrderId`]: crate::units::OrderId

mod acceptance;
mod backorders;
mod base;
mod calendar;
mod callers;
mod conversion;
mod delivery;
mod dispatching;
mod foresight;
mod free_spots;
mod idle;
mod joint;
mod labour;
mod ledger;
mod limits;
mod load;
mod offers;
mod picking;
mod pickup;
mod pools;
mod rates;
mod record;
mod repositioning;
mod resourcing;
mod returns;
mod schedule;
mod sessions;
mod shopping;
mod shortfalls;
mod sourcing;
mod splitting;
mod stock;
mod supply;
mod transfers;
mod trips;
mod units_there;
mod waiting;
mod walk_ins;
mod warehouse;
mod world;

#[cfg(test)]
mod tests;

use crate::city::City;
use crate::event::{EventLog, Ledger};
use crate::policy::dispatch::{self, Dispatch};
use crate::rng::Streams;
use crate::scenario::Scenario;
use crate::units::SimTime;
use bevy_ecs::prelude::World;
use std::sync::Arc;
use std::time::Duration;

#[doc(hidden)]
pub use calendar::hold_calendar;

/// What a run left behind.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Every fact, in the order it happened.
    pub log: EventLog,
    /// Every candidate of every order; empty unless it was asked for, see [`run_with_ledger`].
    pub ledger: Ledger,
    /// CPU time of the simulation: setting up the world and all notices. A result never depends on it.
    pub cpu: Duration,
    /// Orders still open when the drain time was over.
    pub censored: u32,
    /// Decisions of the dispatch policy that broke a rule and were left out.
    pub illegal_decisions: u32,
    /// Why the run ended before its time: the dispatch policy could not go on.
    pub halted: Option<String>,
}

/// How far a run has come; handed to the observer at the end of each slice.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Progress {
    /// Simulated time.
    pub now: SimTime,
    /// Orders placed so far.
    pub orders: u32,
}

/// Simulates one replication (counted from 0) of a scenario in its city.
///
/// # Panics
/// Only on a mistake of the model, with the times and ids concerned, and on a horizon and drain of more than 198 days:
/// [`Scenario`]s from files have at most 125.
pub fn run(scenario: &Scenario, city: &Arc<City>, replication: u32, observe: &mut dyn FnMut(Progress)) -> Outcome {
    run_with(scenario, city, replication, dispatch::policy(scenario), observe)
}

/// The same with a dispatch policy of your own, which decides every `dispatch.interval_s`; None decides order by order,
/// as `dispatch.policy` says.
///
/// # Panics
/// As [`run`] does.
pub fn run_with(
    scenario: &Scenario,
    city: &Arc<City>,
    replication: u32,
    policy: Option<Box<dyn Dispatch>>,
    observe: &mut dyn FnMut(Progress),
) -> Outcome {
    timed(|| play(world::populate(scenario, city, Streams::new(scenario.seed, replication), policy), observe))
}

/// The same, noting every node that each order could have come from ([`Outcome::ledger`]); all else comes out as without
/// it. Without a policy of your own the scenario's decides.
///
/// # Panics
/// As [`run`] does.
pub fn run_with_ledger(
    scenario: &Scenario,
    city: &Arc<City>,
    replication: u32,
    own: Option<Box<dyn Dispatch>>,
    observe: &mut dyn FnMut(Progress),
) -> Outcome {
    let policy = own.or_else(|| dispatch::policy(scenario));
    timed(|| {
        let mut world = world::populate(scenario, city, Streams::new(scenario.seed, replication), policy);
        *world.resource_mut() = ledger::Ledger::kept(scenario);
        play(world, observe)
    })
}

fn timed(simulate: impl FnOnce() -> Outcome) -> Outcome {
    let start = cpu_time::ThreadTime::now();
    let outcome = simulate();
    Outcome { cpu: start.elapsed(), ..outcome }
}

fn play(mut world: World, observe: &mut dyn FnMut(Progress)) -> Outcome {
    let mut schedule = schedule::build();
    schedule.initialize(&mut world).expect("the systems of a slice are in a total order, see the test in schedule.rs");
    loop {
        schedule.run(&mut world);
        let (progress, over) = schedule::progress(&world);
        observe(progress);
        if over {
            break;
        }
    }
    returns::play_out(&mut world);
    world::take_outcome(&mut world)
}
