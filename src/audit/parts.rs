//! Orders in parts: what was ordered is what the parts are together, and they are placed at one instant by one consumer.

use super::Auditor;
use super::state::Mark;
use crate::units::{OrderId, SimTime};

/// A split order whose parts are being placed.
#[derive(Clone, Copy)]
pub(super) struct Splitting {
    head: OrderId,
    at: SimTime,
    /// The part that comes next.
    next: u32,
    /// What the parts so far leave of what was ordered.
    units: i64,
    value_fen: i64,
}

impl Auditor<'_> {
    /// The order is the first part from now on.
    pub(super) fn split(&mut self, id: OrderId, units: u32, value_fen: u32) {
        self.parts_are_complete();
        let order = self.order(id);
        let Some(placement) = self.log.placements.get(id.index()) else { return };
        let at_checkout = order.is_checked_out(self.now) && order.server.is_none() && !order.is(Mark::Cancelled);
        self.require(at_checkout, || format!("order {} is split after its checkout", id.0));
        self.require(placement.part_of.is_none(), || format!("order {} is split, but is a part itself", id.0));
        self.splitting = Some(Splitting {
            head: id,
            at: self.now,
            next: id.0 + 1,
            units: i64::from(units) - self.ordered(id),
            value_fen: i64::from(value_fen) - placement.value.0,
        });
    }

    /// An order is placed that names another as its first part.
    pub(super) fn part_placed(&mut self, id: OrderId, head: OrderId) {
        let (now, units) = (self.now, self.ordered(id));
        let (part, whole) = (&self.log.placements[id.index()], self.log.placements.get(head.index()));
        let same = whole.is_some_and(|whole| {
            (whole.consumer, whole.category, whole.session) == (part.consumer, part.category, part.session)
        });
        self.require(same, || format!("order {} is a part of order {}, which another consumer ordered", id.0, head.0));
        let due = self.splitting.filter(|split| split.head == head && split.next == id.0 && split.at == now);
        match due {
            Some(split) => {
                self.splitting = Some(Splitting {
                    next: split.next + 1,
                    units: split.units - units,
                    value_fen: split.value_fen - part.value.0,
                    ..split
                });
            }
            None => self.report(now, format!("order {} is a part of order {}, which is not being split", id.0, head.0)),
        }
    }

    /// Nothing more comes of the order that was split last.
    pub(super) fn parts_are_complete(&mut self) {
        let Some(Splitting { head, next, units, value_fen, .. }) = self.splitting.take() else { return };
        self.require(next > head.0 + 1, || format!("order {} is split into one part", head.0));
        self.require(units == 0, || format!("the parts of order {} have {units} units less than were ordered", head.0));
        self.require(value_fen == 0, || {
            format!("the parts of order {} are worth {} yuan less than was ordered", head.0, value_fen as f64 / 100.0)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::audit;
    use crate::event::{Event, Record};
    use crate::testing::{Run, at, small_run};
    use crate::units::{ConsumerId, Money};

    /// The small run with order 1 as the second part of order 0.
    fn run() -> Run {
        let mut run = small_run();
        let placed = |order| Event::OrderPlaced { order: OrderId(order) };
        run.log.records.retain(|record| record.event != placed(1));
        let first = run.log.records.iter().position(|record| record.event == placed(0)).unwrap();
        let split = Event::OrderSplit { order: OrderId(0), units: 4, value_fen: 15_000 };
        for event in [placed(1), split] {
            run.log.records.insert(first + 1, Record { at: at(600.0), event });
        }
        run.log.placements[1].part_of = Some(OrderId(0));
        run.log.placements[1].consumer = run.log.placements[0].consumer;
        run
    }

    fn found(change: impl Fn(&mut Run)) -> Vec<String> {
        let mut run = run();
        change(&mut run);
        audit(&run.city, &run.log).iter().map(ToString::to_string).collect()
    }

    fn split_of(run: &mut Run) -> &mut Event {
        let mut events = run.log.records.iter_mut().map(|record| &mut record.event);
        events.find(|event| matches!(event, Event::OrderSplit { .. })).unwrap()
    }

    #[test]
    fn a_sound_split_breaks_no_rule() {
        assert_eq!(found(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn every_fault_of_a_split_is_found_and_named() {
        type Fault = (&'static str, fn(&mut Run));
        let faults: [Fault; 8] = [
            ("the parts of order 0 have 1 units less than were ordered", |run| {
                *split_of(run) = Event::OrderSplit { order: OrderId(0), units: 5, value_fen: 15_000 };
            }),
            ("the parts of order 0 are worth 0.5 yuan less than was ordered", |run| {
                run.log.placements[1].value = Money::from_yuan(49.5);
            }),
            ("the parts of order 0 have -2 units less than were ordered", |run| run.log.lines[0].quantity += 2),
            ("order 0 is split into one part", |run| run.log.placements[1].part_of = None),
            ("order 1 is a part of order 0, which is not being split", |run| {
                run.log.records.retain(|record| !matches!(record.event, Event::OrderSplit { .. }));
            }),
            ("order 2 is a part of order 0, which is not being split", |run| {
                run.log.placements[2].part_of = Some(OrderId(0));
                run.log.placements[2].consumer = run.log.placements[0].consumer;
            }),
            ("order 1 is a part of order 0, which another consumer ordered", |run| {
                run.log.placements[1].consumer = ConsumerId(7);
            }),
            ("order 0 is split after its checkout", |run| {
                let place = run.log.records.partition_point(|record| record.at <= at(600.0));
                let split = Event::OrderSplit { order: OrderId(0), units: 4, value_fen: 15_000 };
                run.log.records.insert(place, Record { at: at(600.0), event: split });
            }),
        ];
        for (said, fault) in faults {
            let found = found(fault);
            assert!(found.iter().any(|what| what.contains(said)), "{said} is not in {found:?}");
        }
    }
}
