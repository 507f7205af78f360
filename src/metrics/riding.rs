//! Couriers on the road: kilometres with and without goods, departures from stores, and waves.
//!
//! A *departure* is leaving a store with one or more orders. A *wave* is what a courier does between idle and idle: it
//! ends when they have nothing to do, repositioning included.

use super::facts::Facts;
use super::stints::{Phase, Stint};
use crate::event::{Event, EventLog};
use crate::units::{CourierId, SimTime, StoreId};

/// What one courier rode after the warm-up; legs count by the moment they end.
#[derive(Clone, Default, Debug)]
pub(super) struct Riding {
    /// Metres with goods on board.
    pub loaded_m: f64,
    /// Metres without: to a store with nothing on board, to a better place, back to the base.
    pub empty_m: f64,
    /// Orders taken over at stores, and the departures with them.
    pub picked_up: u32,
    pub departures: u32,
    on_board: u32,
    /// Store of the latest pick-up since which nothing was delivered.
    at: Option<StoreId>,
}

/// What every courier rode, by `CourierId`; ids of the log are known to the facts.
pub(super) fn riding(couriers: usize, log: &EventLog, facts: &Facts) -> Vec<Riding> {
    let mut all = vec![Riding::default(); couriers];
    let mut counting = facts.window.from == SimTime::ZERO;
    for record in &log.records {
        if !counting && facts.window.counts(record.at) {
            counting = true;
            all.iter_mut().for_each(Riding::begin);
        }
        match record.event {
            Event::CourierRode { courier, leg_m, .. } => all[courier.index()].ride(f64::from(leg_m)),
            Event::CourierRepositioned { courier, leg_m, .. } => all[courier.index()].empty_m += f64::from(leg_m),
            Event::CourierFreed { order, courier } => {
                let order = &facts.orders[order.index()];
                // On the way to an order that was cancelled.
                if order.picked_up.is_none() && order.rode_to_store_m.is_none() {
                    all[courier.index()].ride(f64::from(order.approach_m.unwrap_or(0.0)));
                }
            }
            Event::OrderPickedUp { order, courier, .. } => {
                let order = &facts.orders[order.index()];
                // A trip of planned stops logs its legs.
                if order.rode_to_store_m.is_none() {
                    all[courier.index()].ride(f64::from(order.approach_m.unwrap_or(0.0)));
                }
                all[courier.index()].pick_up(order.store);
            }
            Event::OrderDelivered { order, courier, .. } => {
                let order = &facts.orders[order.index()];
                if order.rode_to_door_m.is_none() {
                    all[courier.index()].ride(f64::from(order.ride_m.unwrap_or(0.0)));
                }
                all[courier.index()].deliver();
            }
            _ => {}
        }
    }
    all
}

impl Riding {
    /// Forgets what is counted, not what is on board.
    fn begin(&mut self) {
        *self = Riding { on_board: self.on_board, at: self.at, ..Riding::default() };
    }
    fn ride(&mut self, metres: f64) {
        if self.on_board > 0 { self.loaded_m += metres } else { self.empty_m += metres }
    }
    fn pick_up(&mut self, store: Option<StoreId>) {
        self.departures += u32::from(self.at != store);
        self.at = store;
        self.picked_up += 1;
        self.on_board += 1;
    }
    fn deliver(&mut self) {
        self.on_board = self.on_board.saturating_sub(1);
        self.at = None;
    }
}

/// By courier the number of waves in which they came to a door with an order placed at `from` or later.
pub(super) fn waves(couriers: usize, mut stints: Vec<Stint>, from: SimTime) -> Vec<u32> {
    let mut waves = vec![0; couriers];
    stints.retain(|stint| stint.phase != Phase::Repositioning);
    let mut stints = by_courier(couriers, &stints);
    // Those of one courier are in order already, or nearly.
    stints.chunk_by_mut(|a, b| a.courier == b.courier).for_each(<[Stint]>::sort_unstable);
    // Of the wave at hand: whose it is, until when they are busy, and whether it counts already.
    let mut wave: Option<(CourierId, _, bool)> = None;
    for stint in stints {
        let (until, counted) = match wave {
            Some((courier, until, counted)) if courier == stint.courier && stint.from <= until => (until, counted),
            _ => (stint.until, false),
        };
        let at_a_door = stint.phase == Phase::AtDropoff && stint.placed >= from;
        waves[stint.courier.index()] += u32::from(at_a_door && !counted);
        wave = Some((stint.courier, until.max(stint.until), counted || at_a_door));
    }
    waves
}

/// The same, those of each courier together and in their order.
fn by_courier(couriers: usize, stints: &[Stint]) -> Vec<Stint> {
    let mut place = vec![0; couriers + 1];
    for stint in stints {
        place[stint.courier.index() + 1] += 1;
    }
    for courier in 0..couriers {
        place[courier + 1] += place[courier];
    }
    let mut sorted = stints.to_vec();
    for stint in stints {
        let next = &mut place[stint.courier.index()];
        sorted[*next] = *stint;
        *next += 1;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Record, Span};
    use crate::testing::{Run, at, small_run};
    use crate::units::{OrderId, SimDuration};

    const ANN: CourierId = CourierId(0);

    fn ann(run: &Run) -> (Riding, u32) {
        let facts = Facts::read(&run.scenario, &run.city, &run.log).unwrap();
        let waves = waves(3, facts.stints(SimDuration::from_minutes(2.0)), facts.window.from);
        (riding(3, &run.log, &facts).swap_remove(0), waves[0])
    }
    fn records(run: &mut Run, events: &[(f64, Event)]) {
        run.log.records.extend(events.iter().map(|&(seconds, event)| Record { at: at(seconds), event }));
        run.log.records.sort_by_key(|record| record.at);
    }

    #[test]
    fn one_order_after_the_other_makes_two_departures_of_one_wave() {
        let (riding, waves) = ann(&small_run());
        // .5 and 1 km to the store, 1.5 and 3 km to the doors; freed and off again at 1800 s.
        assert_eq!((riding.empty_m, riding.loaded_m), (1500.0, 4500.0));
        assert_eq!((riding.picked_up, riding.departures, waves), (2, 2, 1));
    }

    #[test]
    fn a_break_between_two_orders_makes_two_waves() {
        let mut run = small_run();
        for record in &mut run.log.records {
            if matches!(record.event, Event::CourierSetOut { order: OrderId(1), .. }) {
                record.at = at(1800.001);
            }
        }
        assert_eq!(ann(&run).1, 2);
    }

    #[test]
    fn orders_taken_together_are_one_departure_and_goods_on_board_count_for_every_leg() {
        let mut run = small_run();
        run.log.records.retain(|r| {
            !matches!(
                r.event,
                Event::CourierAssigned { courier: ANN, .. }
                    | Event::CourierSetOut { courier: ANN, .. }
                    | Event::OrderPickedUp { courier: ANN, .. }
                    | Event::OrderDelivered { courier: ANN, .. }
                    | Event::CourierFreed { courier: ANN, .. }
            )
        });
        let (o0, o1, o2) = (OrderId(0), OrderId(1), OrderId(3));
        let rode = |order, leg_m| Event::CourierRode { order, courier: ANN, leg_m };
        let picked = |order| Event::OrderPickedUp { order, courier: ANN, at_store_for: Span::default() };
        let delivered = |order| Event::OrderDelivered { order, courier: ANN, at_door_for: Span::default() };
        let repositioned = Event::CourierRepositioned { courier: ANN, leg_m: 50.0, rode_for: Span::default() };
        let trip = [
            (1400.0, rode(o0, 200.0)),
            (1400.0, rode(o1, 200.0)),
            (1401.0, picked(o0)),
            (1401.0, picked(o1)),
            (1500.0, rode(o0, 700.0)),
            (1501.0, delivered(o0)),
            // Back to the store with the other still on board.
            (1600.0, rode(o2, 600.0)),
            (1601.0, picked(o2)),
            (1700.0, rode(o1, 900.0)),
            (1701.0, delivered(o1)),
            (1800.0, repositioned),
        ];
        records(&mut run, &trip);
        let (riding, _) = ann(&run);
        assert_eq!((riding.empty_m, riding.loaded_m), (450.0, 2200.0));
        assert_eq!((riding.picked_up, riding.departures), (3, 2));
    }
}
