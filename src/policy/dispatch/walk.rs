//! A bundle of new orders, gone through from its first store.

use super::view::{OpenOrder, Stop, View};
use crate::city::space::Spot;
use crate::units::SimTime;

/// A stop of a bundle and the way to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leg<'a> {
    pub(super) order: &'a OpenOrder,
    /// Whether the order is picked up here.
    pub(super) pickup: bool,
    /// Road length from the stop before; 0 for the first.
    pub(super) road: f64,
}

impl Leg<'_> {
    /// Where the stop is.
    pub(super) fn spot(&self) -> Spot {
        if self.pickup { self.order.store_spot } else { self.order.home }
    }
    /// The stop.
    pub(super) fn stop(&self) -> Stop {
        if self.pickup { Stop::PickUp(self.order.order) } else { Stop::DropOff(self.order.order) }
    }
}

/// Goes through the stops from the moment the courier is at the first store, and tells when each order is delivered.
/// Gives the time when the last goods are taken over.
pub(super) fn walk<'a>(
    view: &View,
    legs: &[Leg<'a>],
    arrival: SimTime,
    mut delivered: impl FnMut(&'a OpenOrder, SimTime),
) -> SimTime {
    let half = view.service.pickup.half();
    let rest = view.service.pickup - half;
    let (mut time, mut taken, mut visit) = (arrival, arrival, None);
    for (place, leg) in legs.iter().enumerate() {
        let order = leg.order;
        if leg.pickup && visit == Some(order.store) {
            taken = taken.max(order.ready);
            time = taken + rest;
            continue;
        }
        if place > 0 {
            time += view.travel.time_of_road(leg.road, time);
        }
        if leg.pickup {
            taken = (time + half).max(order.ready).max(view.now);
            (time, visit) = (taken + rest, Some(order.store));
        } else {
            delivered(order, time + view.service.door_to_delivered);
            (time, visit) = (time + view.service.door, None);
        }
    }
    taken
}

/// Most orders on board at any time.
pub(super) fn most_on_board(legs: &[Leg]) -> u32 {
    let (mut load, mut most) = (0_u32, 0);
    for leg in legs {
        load = if leg.pickup { load + 1 } else { load.saturating_sub(1) };
        most = most.max(load);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::super::known::Known;
    use super::super::route::{Route, Start};
    use super::super::testing::{Moment, at, minutes};
    use super::*;
    use crate::units::StoreId;
    use rand::seq::SliceRandom;
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    #[test]
    fn times_are_those_of_a_route() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(4);
        for _ in 0..500 {
            let mut moment = Moment::new(20.0);
            for _ in 0..3 {
                let store = rng.random_range(0..2);
                let order = moment.order(0.0, rng.random_range(-9.0..9.0), rng.random_range(15.0..30.0));
                (order.store, order.store_spot) = (StoreId(store), at(4.0 * f64::from(store)));
            }
            moment.show(|view| {
                let mut sequence = [0, 0, 1, 1, 2, 2];
                sequence.shuffle(&mut rng);
                let mut legs: Vec<Leg> = Vec::new();
                for order in sequence.map(|place: usize| &view.orders[place]) {
                    let pickup = legs.iter().all(|leg| leg.order.order != order.order);
                    let mut leg = Leg { order, pickup, road: 0.0 };
                    let road = |before: &Leg| view.travel.road(view.travel.space().distance(before.spot(), leg.spot()));
                    leg.road = legs.last().map_or(0.0, road);
                    legs.push(leg);
                }
                let (first, arrival) = (legs[0].spot(), minutes(rng.random_range(18.0..25.0)));
                let start = Start { capacity: u32::MAX, off: SimTime::NEVER, ..Start::at_store(first, arrival) };
                let known = Known::new(view);
                let stops = legs.iter().map(Leg::stop).collect();
                let route = Route::new(&known, start, stops).expect("known orders");
                let mut told = Vec::new();
                let taken = walk(view, &legs, arrival, |order, at| told.push((order, at)));
                assert_eq!(told, route.deliveries().collect::<Vec<_>>());
                assert_eq!((Some(taken), most_on_board(&legs)), (route.last_taken(), route.most_on_board()));
            });
        }
    }
}
