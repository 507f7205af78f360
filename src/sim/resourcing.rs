//! Second thoughts: orders that still wait for a picker may move to a store that has become better.

use super::picking::NO_ORDER;
use super::schedule::Desk;
use super::shopping::{NO_COURIER, Phase};
use super::warehouse::Origin;
use crate::city::nodes::Found;
use crate::event::Event;
use crate::policy::sourcing::{Offer, least};
use crate::units::{OrderId, SimDuration, SimTime, StoreId};

impl Desk<'_> {
    /// Looks at every order in the picking queues, store by store and first come, first served.
    pub(super) fn re_evaluate(&mut self, now: SimTime) {
        let mut waiting: Vec<OrderId> = Vec::new();
        for store in 0..self.stations.len() {
            waiting.extend(self.queued(StoreId(store as u32)));
        }
        for order in waiting {
            if let Some(offer) = self.better_store(now, order) {
                self.move_order(now, order, &offer);
            }
        }
    }

    /// Orders in a store's picking queue that are still wanted, have no courier and are to get one.
    fn queued(&self, store: StoreId) -> Vec<OrderId> {
        let chain = std::iter::successors(self.stations[store.index()].first_in_queue(), |order| {
            let next = self.orders.rows[order.index()].next_in_queue;
            (next != NO_ORDER).then_some(OrderId(next))
        });
        let free = |order: &OrderId| {
            let row = &self.orders.rows[order.index()];
            let alone = self.orders.pairs.partner(*order).is_none();
            row.phase == Phase::Preparing && row.courier == NO_COURIER && row.origin == Origin::Warehouse && alone
        };
        chain.filter(free).collect()
    }

    /// The best other store, if it beats the order's own by the saving asked for.
    fn better_store(&self, now: SimTime, order: OrderId) -> Option<Offer> {
        let row = self.orders.rows[order.index()];
        // An observed order stays where it was observed.
        if self.ground.city.demand.trace.get(order.index()).is_some_and(|traced| traced.store.is_some()) {
            return None;
        }
        let space = self.ground.city.travel.space();
        let distance = space.distance(self.ground.store_spots[row.store.index()], row.home);
        let own = self.offer(now, order, Found { store: row.store.0, distance });
        let own = Offer { queue: self.wait_in_queue(now, order), ..own };
        let others: Vec<Offer> = self.offers(now, order).into_iter().filter(|offer| offer.store != row.store).collect();
        let terms = self.terms_at(now, order);
        let yuan = |offer: &Offer| self.rules.sourcing.in_yuan(offer, &terms);
        let (place, best) = least(&others, yuan)?;
        (yuan(&own) - best > self.rules.sourcing.least_saving_yuan).then(|| others[place])
    }

    /// Until a picker begins this order: those who are busy and the queue ahead of it.
    fn wait_in_queue(&self, now: SimTime, order: OrderId) -> SimDuration {
        let station = &*self.stations[self.orders.rows[order.index()].store.index()];
        let mut behind = 0;
        let mut next = order.0;
        while next != NO_ORDER {
            let row = &self.orders.rows[next as usize];
            behind += i64::from(row.pick_ms);
            next = row.next_in_queue;
        }
        station.wait_before(now, behind)
    }

    /// Takes an order out of one store's queue and shelf and into another's.
    fn move_order(&mut self, now: SimTime, order: OrderId, to: &Offer) {
        self.leave_queue(order, self.orders.rows[order.index()].store);
        self.change_store(now, order, to);
    }

    /// Gives an order that is in no queue to another store's shelf and pickers.
    pub(super) fn change_store(&mut self, now: SimTime, order: OrderId, to: &Offer) {
        let from = self.orders.rows[order.index()].store;
        self.offers.changes_pickers(from, to.store);
        self.release_stock(now, order, from);
        self.reserve_lines(now, order, to.store);
        let row = self.orders.row(order);
        (row.store, row.ride, row.next_in_queue) = (to.store, to.road, NO_ORDER);
        self.log.0.record(now, Event::OrderResourced { order, store: to.store, ride_m: to.road as f32 });
        let ground = self.ground;
        let ready = self.prepare(now, order, to.store, ground.city.demand.trace.get(order.index()));
        if self.rules.trips {
            self.move_for_dispatch(order, ready);
        }
        self.leave_pair(now, order);
    }

    fn leave_queue(&mut self, order: OrderId, store: StoreId) {
        let row = self.orders.rows[order.index()];
        let station = &mut *self.stations[store.index()];
        let mut before = None;
        let mut at = station.first_in_queue();
        while let Some(queued) = at.filter(|queued| *queued != order) {
            before = Some(queued);
            let next = self.orders.rows[queued.index()].next_in_queue;
            at = (next != NO_ORDER).then_some(OrderId(next));
        }
        if let Some(before) = before {
            self.orders.rows[before.index()].next_in_queue = row.next_in_queue;
        }
        station.unlink(order, before, row.next_in_queue, row.pick_ms);
    }
}
