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

pub mod batch;
pub mod earliest_dropoff;
pub mod matching;
mod near;
pub mod rolling_horizon;
#[cfg(test)]
mod testing;
mod trip;
mod view;

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
        DispatchPolicy::GreedyNearest | DispatchPolicy::EarliestDropoff => None,
        DispatchPolicy::BatchMatch => Some(Box::new(nearest_first)),
    }
}

/// Every ready order to the nearest idle courier, in the order of placement.
fn nearest_first(view: &View) -> Vec<Assignment> {
    let mut taken = std::collections::BTreeSet::new();
    let mut assignments = Vec::new();
    for order in view.orders.iter().filter(|o| o.ready <= view.now) {
        let idle = view.couriers.iter().filter(|c| c.idle() && !taken.contains(&c.courier));
        let near = idle.min_by_key(|c| (view.ride(c.spot, order.store_spot, view.now), c.courier));
        if let Some(courier) = near {
            taken.insert(courier.courier);
            let stops = vec![Stop::PickUp(order.order), Stop::DropOff(order.order)];
            assignments.push(Assignment { courier: courier.courier, stops, hold: false });
        }
    }
    assignments
}

/// Why a policy cannot go on.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Halt(pub String);
