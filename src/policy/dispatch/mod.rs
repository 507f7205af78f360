//! Dispatch: which courier carries which orders, in which sequence.
//!
//! A policy that decides from time to time is a pure function from a [`View`], what it may know at the decision
//! point, to a list of [`Assignment`]s: the new sequence of stops of each courier it gives work to. Orders that
//! it does not mention wait for the next decision. The simulation [`check`]s every assignment and carries it out.
//!
//! ```text
//!  View: now, open orders, couriers on duty ──► policy ──► Assignments: courier → stops after the one under way
//! ```

pub mod earliest_dropoff;
mod view;

pub use view::{Assignment, CourierView, Illegal, OpenOrder, Service, Stop, View, check};
