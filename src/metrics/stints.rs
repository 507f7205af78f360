//! What couriers did on duty, stint by stint.

use super::facts::{Facts, OrderFacts};
use crate::units::{CourierId, SimDuration, SimTime};

/// What a courier does on duty apart from waiting idle, in the order it happens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Phase {
    ToPickup,
    AtPickup,
    ToDropoff,
    AtDropoff,
    /// On a ride without an order.
    Repositioning,
}

/// A courier in one phase.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Stint {
    pub courier: CourierId,
    pub from: SimTime,
    pub until: SimTime,
    pub phase: Phase,
    /// When the courier set out for the order concerned, or for the ride.
    pub begun: SimTime,
    /// When that order was placed; when the ride without one began.
    pub placed: SimTime,
}

impl Facts {
    /// What every courier did, by courier and time; orders that share a ride or a visit count it once. A stint
    /// unfinished at the end runs to the end of the log.
    pub(super) fn stints(&self, pickup_service: SimDuration) -> Vec<Stint> {
        let mut stints = Vec::new();
        let mut planned = Vec::new();
        for order in &self.orders {
            if let (Some(courier), Some(begun)) = (order.courier, order.set_out) {
                let list = if order.planned() { &mut planned } else { &mut stints };
                let phases = phases(order, pickup_service, self.end);
                let placed = order.placed;
                let stint = |(phase, from, until)| Stint { courier, from, until, phase, begun, placed };
                list.extend(phases.into_iter().flatten().map(stint));
            }
        }
        let empty = self.empty_rides.iter();
        let phase = Phase::Repositioning;
        let stint = |&(courier, from, until, _)| Stint { courier, from, until, phase, begun: from, placed: from };
        planned.extend(empty.map(stint));
        planned.sort_unstable();
        stints.extend(without_overlap(planned));
        stints
    }
}

/// What begins while its courier is still in an earlier stint begins when that ends.
fn without_overlap(sorted: Vec<Stint>) -> impl Iterator<Item = Stint> {
    let mut busy: Option<(CourierId, SimTime)> = None;
    sorted.into_iter().filter_map(move |mut stint| {
        if let Some((courier, until)) = busy
            && courier == stint.courier
        {
            stint.from = stint.from.max(until);
        }
        if stint.from >= stint.until {
            return None;
        }
        busy = Some((stint.courier, stint.until));
        Some(stint)
    })
}

/// The phases of an order for which a courier set out as (phase, from, until). Of a single order cancelled before
/// pick-up the log does not say when the courier reached the store: all of it is `ToPickup`.
fn phases(order: &OrderFacts, service: SimDuration, end: SimTime) -> [Option<(Phase, SimTime, SimTime)>; 4] {
    let leaves = order.picked_up.map(|at| at + (service - service.half()));
    if order.planned() {
        // Between leaving the store and setting out for this door the courier is at the stops of other orders.
        let end = order.cancelled.unwrap_or(end);
        let span = |phase, from: Option<SimTime>, until: Option<SimTime>| {
            from.map(|from| (phase, from, until.unwrap_or(end).max(from)))
        };
        return [
            span(Phase::ToPickup, order.set_out, order.at_store),
            span(Phase::AtPickup, order.at_store, leaves),
            span(Phase::ToDropoff, order.left, order.at_door),
            span(Phase::AtDropoff, order.at_door, order.freed),
        ];
    }
    let end = order.freed.unwrap_or(end);
    let starts = [
        (Phase::ToPickup, order.set_out),
        (Phase::AtPickup, order.at_store),
        (Phase::ToDropoff, leaves),
        (Phase::AtDropoff, order.at_door),
    ];
    std::array::from_fn(|i| {
        let (phase, from) = (starts[i].0, starts[i].1?);
        let until = starts[i + 1..].iter().find_map(|s| s.1).unwrap_or(end).min(end);
        Some((phase, from.min(until), until))
    })
}
