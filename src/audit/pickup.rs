//! Pick-up: fetched from the store that packed it, or given up by nobody before it was ready.

use super::Auditor;
use super::state::{Mark, Order, Server};
use crate::event::CancelReason;
use crate::units::OrderId;

impl Auditor<'_> {
    pub(super) fn collected(&mut self, id: OrderId) {
        let order = self.order(id);
        self.require(order.is(Mark::Ready), || format!("order {} is collected before it is ready", id.0));
        let fetched = matches!(order.server, Some(Server::Pickup(_)));
        self.require(fetched, || format!("order {} is collected, but its consumer does not fetch it", id.0));
        self.end_delivered(id, &order);
    }

    /// An order to be fetched ends by a no-show once it is ready, or since too little of it was found; any other order in any
    /// way but a no-show.
    pub(super) fn given_up(&mut self, id: OrderId, order: &Order, reason: CancelReason) {
        let fetched = matches!(order.server, Some(Server::Pickup(_)));
        let no_show = reason == CancelReason::NoShow;
        let found_short = reason == CancelReason::SmallBasket;
        self.require(fetched == no_show || (fetched && found_short), || {
            let how = if fetched { "is to be fetched" } else { "is not to be fetched" };
            format!("order {} {how}, but is cancelled for {}", id.0, reason.name())
        });
        self.require(!no_show || order.is(Mark::Ready), || {
            format!("order {} is given up as a no-show before it is ready", id.0)
        });
    }
}
