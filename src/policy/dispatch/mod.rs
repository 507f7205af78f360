//! Dispatch: which courier carries which orders, in which sequence.
//!
//! A policy that decides from time to time is a pure function from a [`View`], what it may know at the decision
//! point, to a list of [`Assignment`]s: the new sequence of stops of each courier it gives work to. Orders that
//! it does not mention wait for the next decision. The simulation [`check`]s every assignment and carries it out.
//!
//! ```text
//!  View: now, open orders, couriers on duty ──► policy ──► Assignments: courier → stops after the one under way
//! ```

use crate::scenario::{DispatchPolicy, Scenario};
use crate::units::SimDuration;
use batch::BatchParams;
use insertion::InsertionParams;
use rolling_horizon::RollingHorizonParams;

pub mod batch;
mod bundling;
pub mod earliest_dropoff;
mod first_there;
pub mod insertion;
mod known;
pub mod matching;
mod most_valuable;
mod near;
mod offer;
pub mod pooling;
mod price;
pub mod rolling_horizon;
mod route;
pub mod store_couriers;
#[cfg(test)]
mod testing;
mod trip;
mod view;
mod walk;

pub use view::{Assignment, CourierView, Illegal, OpenOrder, Service, Stop, View, check};

/// A policy that decides from time to time, every `dispatch.interval_s`.
///
/// A closure from a view to assignments is one; so a policy of your own needs no type.
pub trait Dispatch: Send {
    /// Decides at one decision point. An assignment that breaks a rule of [`check`] is left out and counted.
    ///
    /// # Errors
    /// When no more decisions can be had; the run ends there.
    fn decide(&mut self, view: &View) -> Result<Vec<Assignment>, Halt>;
}

impl<F: FnMut(&View) -> Vec<Assignment> + Send> Dispatch for F {
    fn decide(&mut self, view: &View) -> Result<Vec<Assignment>, Halt> {
        Ok(self(view))
    }
}

/// The policy that a scenario names; None for those that decide order by order.
pub fn policy(scenario: &Scenario) -> Option<Box<dyn Dispatch>> {
    match scenario.dispatch.policy {
        DispatchPolicy::GreedyNearest | DispatchPolicy::EarliestDropoff | DispatchPolicy::StoreCouriers => None,
        DispatchPolicy::BatchMatch => {
            let params = BatchParams::of(scenario);
            Some(Box::new(move |view: &View| batch::batch_match(view, &params)))
        }
        DispatchPolicy::Insertion => {
            let params = InsertionParams::of(scenario);
            Some(Box::new(move |view: &View| insertion::insertion(view, &params)))
        }
        DispatchPolicy::Pooling => {
            let params = BatchParams::of(scenario);
            Some(Box::new(move |view: &View| pooling::pooling(view, &params)))
        }
        DispatchPolicy::Postpone => {
            let params = BatchParams::of(scenario);
            let buffer = SimDuration::from_minutes(scenario.dispatch.postpone_buffer_min);
            Some(Box::new(move |view: &View| pooling::postpone(view, &params, buffer)))
        }
        DispatchPolicy::RollingHorizon => {
            let params = RollingHorizonParams::of(scenario);
            Some(Box::new(move |view: &View| rolling_horizon::rolling_horizon(view, &params)))
        }
        DispatchPolicy::External => Some(Box::new(Unanswered)),
    }
}

/// Stands where the program of `external.command` belongs: nobody in this room can ask one.
struct Unanswered;

impl Dispatch for Unanswered {
    fn decide(&mut self, _: &View) -> Result<Vec<Assignment>, Halt> {
        let way_out = "simulate it with study::replicate, or hand a policy of your own to sim::run_with";
        Err(Halt(format!("dispatch.policy = \"external\" asks a program: {way_out}")))
    }
}

/// An optional limit in minutes; what is absent lies beyond every run.
fn limit_min(minutes: Option<f64>) -> SimDuration {
    minutes.map_or(SimDuration::from_hours(10_000.0), SimDuration::from_minutes)
}

impl BatchParams {
    /// The settings of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let dispatch = &scenario.dispatch;
        BatchParams {
            interval: SimDuration::from_seconds(dispatch.interval_s),
            horizon: SimDuration::from_minutes(dispatch.horizon_min),
            soon: SimDuration::from_minutes(dispatch.soon_min),
            candidates: dispatch.candidates as usize,
            max_bundle: dispatch.max_bundle as usize,
            max_bundle_delay: SimDuration::from_minutes(dispatch.max_bundle_delay_min),
            max_approach: dispatch.max_approach_km.map_or(f64::INFINITY, |km| km * 1000.0),
            far_after: SimDuration::from_minutes(dispatch.far_after_min),
            max_click_to_door: limit_min(dispatch.max_click_to_door_min),
            approach_weight: dispatch.approach_weight,
            late_weight: dispatch.late_weight,
            size_reward_min: dispatch.size_reward_min,
            age_weight: dispatch.age_weight,
            idle_reward: dispatch.idle_reward,
        }
    }
}

impl InsertionParams {
    /// The settings of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        InsertionParams {
            batch: BatchParams::of(scenario),
            delay_weight: scenario.dispatch.delay_weight,
            detour_share: scenario.dispatch.detour_share,
            detour: SimDuration::from_minutes(scenario.dispatch.detour_min),
        }
    }
}

impl RollingHorizonParams {
    /// The settings of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let (dispatch, keys) = (&scenario.dispatch, &scenario.rolling_horizon);
        let minutes = SimDuration::from_minutes;
        RollingHorizonParams {
            interval: SimDuration::from_seconds(dispatch.interval_s),
            horizon: minutes(keys.horizon_min),
            pressure_orders: minutes(keys.pressure_orders_min),
            pressure_couriers: minutes(keys.pressure_couriers_min),
            max_bundle: dispatch.max_bundle as usize,
            candidates: dispatch.candidates as usize,
            delay_weight: keys.delay_weight,
            freshness_weight: keys.freshness_weight,
            throughput_reward: keys.throughput_reward,
            dropoff_tolerance: minutes(keys.dropoff_tolerance_min),
            pickup_tolerance: minutes(keys.pickup_tolerance_min),
            final_after: minutes(keys.final_after_min),
            max_click_to_door: limit_min(dispatch.max_click_to_door_min),
        }
    }
}

/// Why a policy cannot go on.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Halt(pub String);
