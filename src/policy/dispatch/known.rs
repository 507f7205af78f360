//! The orders of a view by id, in one step.

use super::view::{OpenOrder, Stop, View};
use crate::city::space::Spot;
use crate::units::OrderId;

/// Ids for each order up to which a table of places is worth its memory.
const IDS_PER_ORDER: usize = 64;
const NOWHERE: u32 = u32::MAX;

/// Finds the open and committed orders of a view. Build: *O*(n), as ids lie close together; where they do not, orders
/// are looked up one by one.
pub(super) struct Known<'a> {
    pub(super) view: &'a View<'a>,
    first: u32,
    /// By id after the first: place among the open orders, then among the committed ones.
    places: Vec<u32>,
}

impl<'a> Known<'a> {
    pub(super) fn new(view: &'a View<'a>) -> Self {
        let ends = [view.orders, view.committed].map(|list| Some((list.first()?.order.0, list.last()?.order.0)));
        let span = ends.into_iter().flatten().reduce(|p, q| (p.0.min(q.0), p.1.max(q.1)));
        let (first, last) = span.unwrap_or((1, 0));
        let ids = (last + 1).saturating_sub(first) as usize;
        let orders = view.orders.len() + view.committed.len();
        let mut places = Vec::new();
        if ids <= IDS_PER_ORDER * orders {
            places = vec![NOWHERE; ids];
            for (place, order) in (0..).zip(view.orders.iter().chain(view.committed)) {
                places[(order.order.0 - first) as usize] = place;
            }
        }
        Known { view, first, places }
    }

    /// An open or committed order.
    pub(super) fn order(&self, order: OrderId) -> Option<&'a OpenOrder> {
        let view = self.view;
        if self.places.is_empty() {
            return view.any_order(order);
        }
        let place = *self.places.get(order.0.checked_sub(self.first)? as usize)? as usize;
        view.orders.get(place).or_else(|| view.committed.get(place - view.orders.len()))
    }

    /// Where a stop is.
    pub(super) fn spot(&self, stop: Stop) -> Option<Spot> {
        let order = self.order(stop.order())?;
        Some(if matches!(stop, Stop::PickUp(_)) { order.store_spot } else { order.home })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Moment;
    use super::*;

    #[test]
    fn orders_are_found_whether_their_ids_lie_close_or_not() {
        for apart in [1, 3, 10_000] {
            let mut moment = Moment::new(20.0);
            for id in [7, 8, 9, 4, 11] {
                moment.order(0.0, 1.0, 20.0).order = OrderId(id * apart);
            }
            moment.committed = moment.orders.split_off(3);
            moment.show(|view| {
                let known = Known::new(view);
                for id in (0..=12 * apart).map(OrderId) {
                    assert_eq!(known.order(id), view.any_order(id));
                }
                assert_eq!(known.places.is_empty(), apart == 10_000);
            });
        }
        Moment::new(20.0).show(|view| assert_eq!(Known::new(view).order(OrderId(0)), None));
    }
}
