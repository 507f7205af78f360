//! Click-to-door taken apart on the critical path: what an order waited for, moment by moment, in whole milliseconds.
//!
//! ```text
//!  placed ─► moved ─► pick start ─► ready ─► courier at store ─► picked up ─► at the door ─► delivered
//!    before re-route  queue     pick     courier wait       hand-out      ride       hand-over
//! ```
//! A courier who is there before the order is ready costs it nothing: the courier wait is 0 and the hand-out begins
//! when the order is ready. So the seven parts always add up to click-to-door.

use super::facts::OrderFacts;
use crate::units::{SimDuration, SimTime};

/// A part of click-to-door, or of the courier wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    /// From placement to the last move to another store.
    BeforeReroute,
    /// Until a picker begins.
    Queue,
    /// Until the order is ready.
    Pick,
    /// From ready until the courier is at the store, if they come later.
    CourierWait,
    /// Until the courier has the goods.
    HandOut,
    /// Until the courier is at the door.
    Ride,
    /// Until the consumer has the goods.
    HandOver,
    /// Of the courier wait: until a courier sets out for the store.
    Assignment,
    /// Of the courier wait: their way to the store.
    Approach,
}

impl Part {
    /// Those that add up to click-to-door, then those that add up to the courier wait.
    pub(super) const ALL: [Part; 9] = [
        Part::BeforeReroute,
        Part::Queue,
        Part::Pick,
        Part::CourierWait,
        Part::HandOut,
        Part::Ride,
        Part::HandOver,
        Part::Assignment,
        Part::Approach,
    ];

    /// Its column in the order table.
    pub(super) const fn column(self) -> &'static str {
        match self {
            Part::BeforeReroute => "before_reroute_s",
            Part::Queue => "queue_s",
            Part::Pick => "pick_s",
            Part::CourierWait => "courier_wait_s",
            Part::HandOut => "hand_out_s",
            Part::Ride => "ride_s",
            Part::HandOver => "hand_over_s",
            Part::Assignment => "courier_wait_assignment_s",
            Part::Approach => "courier_wait_approach_s",
        }
    }
}

/// How long this part took of a near order that was delivered; `None` for any other.
pub(super) fn part(order: &OrderFacts, part: Part) -> Option<SimDuration> {
    if !order.is_near() {
        return None;
    }
    let delivered = order.delivered?;
    let (ready, at_store, picked_up, at_door) = (order.ready?, order.at_store?, order.picked_up?, order.at_door?);
    let taken_in = order.moved.unwrap_or(order.placed);
    let pick_start = pick_start(order, taken_in)?;
    let waited_until = at_store.max(ready);
    let set_out = order.set_out.unwrap_or(ready).clamp(ready, waited_until);
    Some(match part {
        Part::BeforeReroute => taken_in - order.placed,
        Part::Queue => pick_start - taken_in,
        Part::Pick => ready - pick_start,
        Part::CourierWait => waited_until - ready,
        Part::HandOut => picked_up - waited_until,
        Part::Ride => at_door - picked_up,
        Part::HandOver => delivered - at_door,
        Part::Assignment => set_out - ready,
        Part::Approach => waited_until - set_out,
    })
}

/// Of an order with an observed ready time nobody knows when picking began: all of its preparation is picking.
fn pick_start(order: &OrderFacts, taken_in: SimTime) -> Option<SimTime> {
    if order.ready_observed { Some(taken_in) } else { order.pick_start }
}

#[cfg(test)]
mod tests {
    use super::super::facts::Facts;
    use super::*;
    use crate::event::{Event, Record};
    use crate::testing::{Run, at, small_run};
    use crate::units::{OrderId, StoreId};

    /// The parts of an order of a run in seconds, in the order of [`Part::ALL`].
    fn seconds(run: &Run, order: usize) -> Option<[f64; 9]> {
        let facts = Facts::read(&run.scenario, &run.city, &run.log).unwrap();
        let spans = Part::ALL.map(|p| part(&facts.orders[order], p));
        spans[0].is_some().then(|| spans.map(|span| span.unwrap().seconds()))
    }

    #[test]
    fn the_parts_of_the_small_run_are_as_worked_out_by_hand() {
        let run = small_run();
        // Given away when ready; the courier is at the store 120 s of the 240 s until the pick-up.
        assert_eq!(seconds(&run, 0), Some([0.0, 60.0, 300.0, 120.0, 120.0, 420.0, 180.0, 0.0, 120.0]));
        // Ready at 1300, the courier busy until 1800.
        assert_eq!(seconds(&run, 1), Some([0.0, 60.0, 240.0, 740.0, 60.0, 880.0, 120.0, 500.0, 240.0]));
        // Parcels, also from a branch, and orders that nobody delivered have no parts.
        assert!((2..7).all(|order| seconds(&run, order).is_none()));
    }

    #[test]
    fn time_before_a_move_is_a_part_of_its_own() {
        let mut run = small_run();
        let moved = Event::OrderResourced { order: OrderId(1), store: StoreId(1), ride_m: 3000.0 };
        run.log.records.push(Record { at: at(1040.0), event: moved });
        run.log.records.sort_by_key(|record| record.at);
        assert_eq!(seconds(&run, 1).unwrap()[..3], [40.0, 20.0, 240.0]);
    }

    #[test]
    fn a_courier_who_waits_costs_the_order_nothing() {
        let mut run = small_run();
        let early =
            Event::CourierAssigned { order: OrderId(0), courier: crate::units::CourierId(0), approach_m: 500.0 };
        run.log.records.retain(|r| !matches!(r.event, Event::CourierAssigned { order: OrderId(0), .. }));
        run.log.records.push(Record { at: at(700.0), event: early });
        for record in &mut run.log.records {
            if let Event::OrderPickedUp { order: OrderId(0), at_store_for, .. } = &mut record.event {
                *at_store_for = SimDuration::from_seconds(400.0).into();
            }
        }
        run.log.records.sort_by_key(|record| record.at);
        assert_eq!(seconds(&run, 0), Some([0.0, 60.0, 300.0, 0.0, 240.0, 420.0, 180.0, 0.0, 0.0]));
    }
}
