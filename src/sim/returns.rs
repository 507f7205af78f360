//! Returns: a delivered order may come back some days later, and its units are on hand again.

use super::calendar::{Calendar, Notice};
use super::schedule::Desk;
use super::sessions::Sessions;
use super::shopping::{Orders, Phase};
use super::stock::Shelves;
use super::warehouse::{Lognormal, Origin};
use super::world::{Log, Rules};
use crate::event::Event;
use crate::scenario::Scenario;
use crate::units::{OrderId, SimTime, StoreId};
use bevy_ecs::prelude::{Mut, World};
use rand::RngExt;

/// When goods come back.
#[derive(Debug)]
pub(super) struct ReturnTimes {
    request: Lognormal,
    back: Lognormal,
}

impl ReturnTimes {
    /// None when no order comes back.
    pub(super) fn new(scenario: &Scenario) -> Option<Self> {
        let some = scenario.catalogue.categories.iter().any(|category| category.return_rate > 0.0);
        let keys = &scenario.returns;
        some.then(|| ReturnTimes {
            request: Lognormal::new(keys.request_after_h, keys.request_cv),
            back: Lognormal::new(keys.back_after_h, keys.back_cv),
        })
    }
}

/// What a return touches: also after the run, when there is no desk any more.
pub(super) struct Returning<'a> {
    calendar: &'a mut Calendar,
    orders: &'a mut Orders,
    shelves: &'a mut Shelves,
    log: &'a mut Log,
    rules: &'a Rules,
    sessions: &'a Sessions,
}

impl Desk<'_> {
    /// The consumer may send the order back, with the category's rate × `factor`.
    #[inline]
    pub(super) fn maybe_return(&mut self, now: SimTime, order: OrderId, factor: f64) {
        let Some(times) = &self.rules.returns else { return };
        let category = self.log.0.placements[order.index()].category;
        let rate = self.ground.city.demand.categories[category.index()].return_rate * factor;
        if rate > 0.0 {
            let mut rng = self.rules.streams.returns.of(self.sessions.entity(order));
            if rng.random::<f64>() < rate {
                self.calendar.schedule(now + times.request.draw(&mut rng), Notice::EndTransit(order));
            }
        }
    }

    /// What came back goes to those who wait for it.
    pub(super) fn serve_from_return(&mut self, now: SimTime, order: OrderId) {
        let store = self.orders.rows[order.index()].store;
        if self.supply.backorders.on && store != StoreId(u32::MAX) {
            let skus: Vec<_> = self.log.0.lines_of(order).iter().map(|line| line.sku).collect();
            skus.into_iter().for_each(|sku| self.serve_waiting(now, store, sku));
        }
    }

    pub(super) fn returning(&mut self) -> Returning<'_> {
        Returning {
            calendar: self.calendar,
            orders: self.orders,
            shelves: self.shelves,
            log: self.log,
            rules: self.rules,
            sessions: self.sessions,
        }
    }
}

impl Returning<'_> {
    /// A delivered order is sent back; one that was sent back is received.
    pub(super) fn step(&mut self, now: SimTime, order: OrderId) {
        let Some(times) = &self.rules.returns else { return };
        if self.orders.row(order).phase == Phase::Returning {
            self.receive(now, order);
            return;
        }
        self.orders.row(order).phase = Phase::Returning;
        self.log.0.record(now, Event::OrderReturned { order });
        let mut rng = self.rules.streams.returns.of(self.sessions.entity(order));
        // The draws that decided and timed the request come first in the stream.
        let _: f64 = rng.random();
        times.request.draw(&mut rng);
        self.calendar.schedule(now + times.back.draw(&mut rng), Notice::EndTransit(order));
    }

    /// Goods from a store go back on its shelf, parcels to the warehouse, which never runs out.
    fn receive(&mut self, now: SimTime, order: OrderId) {
        let row = self.orders.row(order);
        row.phase = Phase::Final;
        let from_shelf = row.store != StoreId(u32::MAX) && row.origin != Origin::Store;
        let store = from_shelf.then_some(row.store);
        self.log.0.record(now, Event::ReturnReceived { order, store });
        let Some(store) = store else { return };
        let lines = self.orders.held.remove(&order).unwrap_or_else(|| self.log.0.lines_of(order).to_vec());
        for line in lines {
            if self.shelves.put_back(now, store, line) {
                self.log.0.record(now, Event::StockCameBack { store, sku: line.sku });
            }
        }
    }
}

/// Nothing but returns happens after the run: they come in without anybody deciding or waiting.
pub(super) fn play_out(world: &mut World) {
    world.resource_scope(|world, mut calendar: Mut<Calendar>| {
        world.resource_scope(|world, mut orders: Mut<Orders>| {
            world.resource_scope(|world, mut shelves: Mut<Shelves>| {
                world.resource_scope(|world, mut log: Mut<Log>| {
                    let (rules, sessions) = (world.resource::<Rules>(), world.resource::<Sessions>());
                    while let Some((now, notice)) = calendar.take_due(SimTime::NEVER) {
                        let Notice::EndTransit(order) = notice else { continue };
                        // A parcel that is still on its way, or an order still held, stays an open order.
                        if matches!(orders.row(order).phase, Phase::Far | Phase::Ready) {
                            continue;
                        }
                        let (calendar, orders) = (&mut *calendar, &mut *orders);
                        let (shelves, log) = (&mut *shelves, &mut *log);
                        Returning { calendar, orders, shelves, log, rules, sessions }.step(now, order);
                    }
                });
            });
        });
    });
}
