//! Prices: what a courier and the orders of one visit cost together in batch matching.
//!
//! A price is asked for some ten couriers for each waiting order at each decision, so that all that does not depend on
//! the courier is worked out once, and single orders, which are most, need no memory of their own.

use super::batch::BatchParams;
use super::first_there::{Candidate, weighed};
use super::view::{OpenOrder, Service, View};
use crate::units::{SimDuration, SimTime};

/// Orders of one store for one courier, by their places in `view.orders`, in the sequence of their drop-offs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Load {
    first: u32,
    others: Vec<u32>,
}

impl Load {
    /// A single order.
    pub(super) fn one(place: u32) -> Self {
        Load { first: place, others: Vec::new() }
    }
    /// At least one order.
    pub(super) fn of(mut places: impl Iterator<Item = u32>) -> Option<Self> {
        Some(Load { first: places.next()?, others: places.collect() })
    }
    pub(super) fn len(&self) -> usize {
        1 + self.others.len()
    }
    pub(super) fn first(&self) -> u32 {
        self.first
    }
    pub(super) fn places(&self) -> impl Iterator<Item = u32> + Clone {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }
    /// The same with another order dropped off at `position`.
    pub(super) fn with(&self, place: u32, position: usize) -> impl Iterator<Item = u32> + Clone {
        let (before, after) = (self.places().take(position), self.places().skip(position));
        before.chain(std::iter::once(place)).chain(after)
    }
}

/// A drop-off of a load.
struct DropOff<'v> {
    order: &'v OpenOrder,
    /// When the courier sets out to it.
    from: SimTime,
    /// From leaving the store to its delivery.
    delivery: SimDuration,
}

/// The drop-offs of orders one after the other.
fn drop_offs<'v>(
    view: &'v View,
    leave: SimTime,
    places: impl Iterator<Item = u32>,
) -> impl Iterator<Item = DropOff<'v>> {
    places.map(|place| &view.orders[place as usize]).scan((leave, None), move |(at, previous), order| {
        let from = *at;
        let ride = match previous {
            None => view.travel.time_of_road(order.ride, from),
            Some(home) => view.ride(*home, order.home, from),
        };
        let delivery = from + ride + view.service.door_to_delivered - leave;
        (*at, *previous) = (from + ride + view.service.door, Some(order.home));
        Some(DropOff { order, from, delivery })
    })
}

/// The most that one order loses by waiting for the others until `ready` and by their detours.
pub(super) fn most_lost(view: &View, ready: SimTime, places: impl Iterator<Item = u32>) -> SimDuration {
    let leave = ready.max(view.now);
    let lost = |drop: DropOff| {
        let alone = view.travel.time_of_road(drop.order.ride, leave) + view.service.door_to_delivered;
        (leave - drop.order.ready.max(view.now)) + drop.delivery - alone
    };
    drop_offs(view, leave, places).map(lost).max().unwrap_or_default()
}

/// What is taken off the cost of so many orders for sharing a trip.
pub(super) fn size_reward(params: &BatchParams, orders: u32) -> i64 {
    (f64::from(orders.saturating_sub(1)) * params.size_reward_min * 60_000.0) as i64
}

/// What of a load does not depend on the courier, so that its cost with one is a few sums.
#[derive(Clone, Debug)]
pub(super) struct Price {
    /// When the last of the orders is ready.
    pub(super) ready: SimTime,
    /// How far a courier may come from (metres of road).
    reach: f64,
    orders: u32,
    /// Leaving the store later than this brings an order too late to be carried at all.
    latest_leave: SimTime,
    /// Leaving later than this breaks the promise of the first order, and of each of the others.
    due: SimTime,
    other_dues: Vec<SimTime>,
    /// Sum of what the orders lose against the earliest delivery that any courier could achieve, each alone, if the
    /// courier leaves at time 0; less the reward for sharing a trip.
    loss: i64,
    /// Sum over the orders of how late they would be at that earliest delivery.
    late_anyway: SimDuration,
}

impl Price {
    /// The price of orders of one store that are all ready at `ready`.
    pub(super) fn of(view: &View, params: &BatchParams, ready: SimTime, places: impl Iterator<Item = u32>) -> Self {
        let half = view.service.pickup.half();
        let mut price = Price {
            ready,
            reach: params.max_approach,
            orders: 0,
            latest_leave: SimTime(i64::MAX),
            due: SimTime::ZERO,
            other_dues: Vec::new(),
            loss: 0,
            late_anyway: SimDuration::ZERO,
        };
        for DropOff { order, from, delivery } in drop_offs(view, ready.max(view.now), places) {
            let alone = view.travel.time_of_road(order.ride, from) + view.service.door_to_delivered;
            let earliest = order.ready.max(view.now + half) + (view.service.pickup - half) + alone;
            price.loss += delivery.0 - earliest.0;
            price.late_anyway = price.late_anyway + SimDuration((earliest - order.promised).0.max(0));
            price.latest_leave = price.latest_leave.min(order.placed + params.max_click_to_door - delivery);
            match price.orders {
                0 => price.due = order.promised - delivery,
                _ => price.other_dues.push(order.promised - delivery),
            }
            price.orders += 1;
            if view.now - order.placed > params.far_after {
                price.reach = f64::INFINITY;
            }
        }
        price.loss -= size_reward(params, price.orders);
        price
    }

    /// Cost of the load with this courier; None if they may not or cannot carry it.
    pub(super) fn with(&self, service: &Service, params: &BatchParams, near: &Candidate) -> Option<i64> {
        let half = service.pickup.half();
        let pickup = (near.arrival + half).max(self.ready);
        let leave = pickup + (service.pickup - half);
        let allowed = near.approach <= self.reach
            && pickup <= near.off
            && self.orders <= near.capacity
            && leave <= self.latest_leave;
        allowed.then(|| {
            let late = |due: &SimTime| (leave - *due).0.max(0);
            let late = SimDuration(late(&self.due) + self.other_dues.iter().map(late).sum::<i64>());
            let late = late - self.late_anyway;
            let late = if late == SimDuration::ZERO { 0 } else { weighed(params.late_weight, late) };
            near.cost + i64::from(self.orders) * leave.0 + self.loss + late
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Moment, minutes};
    use super::*;
    use crate::scenario::Scenario;

    /// A store at minute 3, a courier there at 12 who cost nothing yet; service of 2 minutes each.
    fn candidate() -> Candidate {
        let off = minutes(600.0);
        Candidate { courier: 0, capacity: 5, off, arrival: minutes(12.0), approach: 300.0, cost: 0 }
    }
    fn params() -> BatchParams {
        BatchParams { late_weight: 2.0, ..BatchParams::of(&Scenario::default()) }
    }
    fn price_of(moment: &Moment, places: &[u32], near: &Candidate) -> Option<f64> {
        moment.show(|view| {
            let ready = places.iter().map(|place| view.orders[*place as usize].ready).max().unwrap();
            let price = Price::of(view, &params(), ready, places.iter().copied());
            price.with(&view.service, &params(), near).map(|cost| SimDuration(cost).minutes())
        })
    }

    #[test]
    fn an_order_costs_what_it_loses_and_how_much_later_it_comes_than_promised() {
        // Earliest: ready 10, left at 11, delivered 5 + 2 later; a courier there at 12 takes it over at 13.
        let mut moment = Moment::new(5.0);
        moment.order(3.0, 8.0, 10.0);
        let door = moment.show(|view| view.service.door_to_delivered.minutes());
        assert_eq!(price_of(&moment, &[0], &candidate()), Some(3.0));
        moment.orders[0].promised = minutes(17.0 + door);
        assert_eq!(price_of(&moment, &[0], &candidate()), Some(3.0 + 2.0 * 2.0), "2 of the 3 minutes are late");
        moment.orders[0].promised = minutes(15.0 + door);
        assert_eq!(price_of(&moment, &[0], &candidate()), Some(3.0 + 2.0 * 3.0), "1 minute is late anyway");
    }

    #[test]
    fn a_load_costs_the_losses_of_all_its_orders() {
        let mut moment = Moment::new(5.0);
        moment.order(3.0, 8.0, 10.0);
        moment.order(3.0, 9.0, 11.0);
        // Left at 14: the first loses 3; the second comes 5 + 2 + 1 after leaving instead of 6 after 12.
        assert_eq!(price_of(&moment, &[0, 1], &candidate()), Some(3.0 + 4.0));
        moment.orders[1].promised = minutes(14.0);
        let late = price_of(&moment, &[0, 1], &candidate()).unwrap();
        assert_eq!(late, 7.0 + 2.0 * 4.0, "what the second loses is late");
    }

    #[test]
    fn nobody_carries_what_they_may_not() {
        let mut moment = Moment::new(5.0);
        moment.order(3.0, 8.0, 10.0);
        let may = |change: &dyn Fn(&mut Candidate)| {
            let mut near = candidate();
            change(&mut near);
            price_of(&moment, &[0], &near).is_some()
        };
        assert!(may(&|_| {}));
        assert!(!may(&|near| near.capacity = 0));
        assert!(!may(&|near| near.off = minutes(12.9)));
        assert!(!may(&|near| near.approach = params().max_approach + 1.0));
        assert!(!may(&|near| near.arrival = minutes(1e4)));
    }

    #[test]
    fn an_order_may_be_put_anywhere_among_the_others() {
        let load = Load::of([4, 7].into_iter()).unwrap();
        let with = |position| load.with(9, position).collect::<Vec<u32>>();
        assert_eq!([with(0), with(1), with(2)], [[9, 4, 7], [4, 9, 7], [4, 7, 9]]);
        assert_eq!((load.len(), Load::one(3).len()), (2, 1));
    }
}
