//! The nearest store of an order, to tell whether it was the one that served it.

use super::facts::OrderFacts;
use super::stock_outs::home_of;
use crate::city::{Channel, City};
use crate::event::EventLog;
use crate::units::StoreId;

/// Notes for every order the nearest near-field store that reaches its consumer: open or not, whatever it carries and has.
/// None where no store does, or a city has no near stores.
pub(super) fn note_nearest(city: &City, log: &EventLog, orders: &mut [OrderFacts]) {
    let Some(candidates) = city.candidates.as_deref() else { return };
    for order in orders {
        let near = |store: u32| city.stores[store as usize].channel == Channel::Near;
        let home = home_of(city, log, order.id);
        order.nearest = home.and_then(|home| candidates.nearest(home, near)).map(|found| StoreId(found.store));
    }
}
