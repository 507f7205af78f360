//! Stock: units received, returns included, are units handed out, sold to walk-ins, found to be on paper only, sent to
//! other stores or still on the shelf. What comes from another store was sent by it, and what is counted in the end is what
//! is left of all categories beside what open orders have reserved.

use super::Auditor;
use super::state::{Mark, Order, Server};
use crate::units::{OrderId, SimTime, StoreId};

/// What the log has said of a store so far.
#[derive(Clone, Copy, Default)]
pub(super) struct Shelf {
    pub(super) stocked: bool,
    pub(super) received: i64,
    pub(super) taken: i64,
    pub(super) sold: i64,
    /// Units that were on paper only.
    pub(super) shrunk: i64,
    /// Units ordered from the supplier that have not come.
    pub(super) on_order: i64,
    /// Units sent to other stores, and units on their way from them.
    pub(super) sent_on: i64,
    pub(super) coming: i64,
    pub(super) counted: Option<(SimTime, i64)>,
    /// Units that nobody has reserved at the end, over categories; None in logs that do not tell.
    pub(super) left: Option<i64>,
    /// Most units that open orders may have reserved at the end.
    reserved: i64,
}

impl Auditor<'_> {
    pub(super) fn stocked(&mut self, store: StoreId, units: u32) {
        let twice = self.shelves.get(store.index()).is_some_and(|s| s.stocked);
        self.require(!twice, || format!("store {} is stocked twice", store.0));
        self.shelf(store, |s| (s.stocked, s.received) = (true, s.received + i64::from(units)));
    }

    /// Only what was ordered comes.
    pub(super) fn stock_received(&mut self, store: StoreId, units: i64) {
        let on_order = self.shelves.get(store.index()).map_or(0, |shelf| shelf.on_order);
        self.require(units <= on_order, || {
            format!("store {} receives {units} units, but only {on_order} are on order", store.0)
        });
        self.shelf(store, |s| (s.on_order, s.received) = (s.on_order - units, s.received + units));
    }

    /// Units leave for another store.
    pub(super) fn stock_sent_on(&mut self, from: StoreId, to: StoreId, units: i64) {
        self.require(from != to, || format!("store {} sends units to itself", from.0));
        self.shelf(from, |s| s.sent_on += units);
        self.shelf(to, |s| s.coming += units);
    }

    /// Only what another store sent comes.
    pub(super) fn stock_brought_in(&mut self, store: StoreId, units: i64) {
        let coming = self.shelves.get(store.index()).map_or(0, |shelf| shelf.coming);
        self.require(units <= coming, || {
            format!("store {} is brought {units} units, but only {coming} were sent to it", store.0)
        });
        self.shelf(store, |s| (s.coming, s.received) = (s.coming - units, s.received + units));
    }

    /// What is left of a category, told before the store is counted.
    pub(super) fn stock_left(&mut self, store: StoreId, category: u16, units: i64) {
        let known = usize::from(category) < self.city.categories.len();
        self.require(known, || format!("category {category} is not in the city"));
        self.shelf(store, |s| s.left = Some(s.left.unwrap_or(0) + units));
    }

    /// At the end of the log, when orders are gone through in sequence: notes for its store the units of an order that left
    /// it, or are still in it. They may have reserved less: what a picker has yet to miss, and what they wait for.
    #[inline]
    pub(super) fn note_units(&mut self, id: OrderId, order: &Order) {
        let (store, left) = match order.server {
            Some(Server::Store(store)) => (store, order.is(Mark::PickedUp)),
            Some(Server::StoreParcel(store)) => (store, order.is(Mark::Shipped)),
            Some(Server::Pickup(store)) => (store, order.is(Mark::Delivered)),
            _ => return,
        };
        let gone = [Mark::PickedUp, Mark::Shipped, Mark::Delivered, Mark::Cancelled];
        let stays = !gone.into_iter().any(|mark| order.is(mark));
        if left || stays {
            let units = self.units_delivered(id);
            self.shelf(store, |s| if left { s.taken += units } else { s.reserved += units });
        }
    }

    /// Units that an order leaves the store with.
    #[inline]
    pub(super) fn units_delivered(&self, id: OrderId) -> i64 {
        self.ordered(id) - i64::from(self.missing(id))
    }

    /// Units ordered, by its lines; 0 if the log does not know the order.
    #[inline]
    pub(super) fn ordered(&self, id: OrderId) -> i64 {
        match id.index() < self.log.orders() {
            true => self.log.lines_of(id).iter().map(|line| i64::from(line.quantity)).sum(),
            false => 0,
        }
    }

    /// Changes what is known of a store, or reports that the city does not have it.
    #[inline]
    pub(super) fn shelf(&mut self, store: StoreId, change: impl FnOnce(&mut Shelf)) {
        match self.shelves.get_mut(store.index()) {
            Some(shelf) => change(shelf),
            None => self.report(self.now, format!("store {} is not in the city", store.0)),
        }
    }

    /// Units received = units picked up + units sold to walk-ins + units on paper only + units sent to other stores + units on the shelf, store by store. Reserved units of open
    /// orders are still on the shelf. A store never stocked has unlimited shelves and is not checked.
    pub(super) fn check_units(&mut self) {
        for (i, shelf) in self.shelves.clone().into_iter().enumerate().filter(|(_, shelf)| shelf.stocked) {
            let Some((at, counted)) = shelf.counted else {
                self.report(self.now, format!("store {i} is stocked but never counted"));
                continue;
            };
            let Shelf { received, taken, sold, shrunk, sent_on, reserved, .. } = shelf;
            if let Some(left) = shelf.left.filter(|left| !(0..=reserved).contains(&(counted - left))) {
                let what = format!(
                    "store {i} has {counted} units, but {left} of its categories are left and open orders hold {reserved} at most"
                );
                self.report(at, what);
            }
            if received != taken + sold + shrunk + sent_on + counted {
                let on_paper = if shrunk == 0 { String::new() } else { format!(", {shrunk} on paper only") };
                let away = if sent_on == 0 { String::new() } else { format!(", {sent_on} sent to other stores") };
                let what = format!(
                    "store {i} received {received} units, but {taken} were picked up, {sold} sold to walk-ins{on_paper}{away} and {counted} counted"
                );
                self.report(at, what);
            }
        }
    }
}
