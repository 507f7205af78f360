//! Hand-made views for the tests of the policies.

use super::view::{CourierView, OpenOrder, Service, Stop, View};
use crate::city::space::{Matrix, Space, Spot};
use crate::city::travel::Travel;
use crate::scenario::{Metric, Scenario};
use crate::units::{CourierId, OrderId, SimDuration, SimTime, StoreId};

/// Straight lines at 100 metres a minute.
pub(super) fn plane() -> Travel {
    let mut scenario = Scenario::default();
    scenario.city.detour_factor = 1.0;
    scenario.couriers.speed_kmh = 6.0;
    Travel::new(&scenario, Space::new(Metric::Euclid, 0.0, Matrix::default()))
}

pub(super) fn minutes(minutes: f64) -> SimTime {
    SimTime::ZERO + SimDuration::from_minutes(minutes)
}

/// A spot on the line on which most tests take place, in minutes of riding.
pub(super) fn at(minutes: f64) -> Spot {
    Spot { a: 100.0 * minutes, b: 0.0 }
}

/// A moment with 2 minutes of service at the store and 2 at the door; everybody on duty for long.
pub(super) struct Moment {
    travel: Travel,
    pub(super) now: SimTime,
    pub(super) orders: Vec<OpenOrder>,
    pub(super) committed: Vec<OpenOrder>,
    couriers: Vec<CourierView<'static>>,
    stops: Vec<Vec<Stop>>,
}

impl Moment {
    pub(super) fn new(now_min: f64) -> Self {
        let (orders, committed, couriers, stops) = Default::default();
        Moment { travel: plane(), now: minutes(now_min), orders, committed, couriers, stops }
    }
    /// An order placed at minute 0 and promised for minute 60, at a store named by its spot.
    pub(super) fn order(&mut self, store_at: f64, home_at: f64, ready_min: f64) -> &mut OpenOrder {
        let order = OpenOrder {
            order: OrderId((self.orders.len() + self.committed.len()) as u32),
            placed: SimTime::ZERO,
            promised: minutes(60.0),
            ready: minutes(ready_min),
            store: StoreId(store_at.abs() as u32),
            store_spot: at(store_at),
            home: at(home_at),
            ride: 100.0 * (store_at - home_at).abs(),
            held_by: None,
            refusals: 0,
        };
        self.orders.push(order);
        self.orders.last_mut().unwrap()
    }
    /// An idle courier.
    pub(super) fn courier(&mut self, spot_at: f64) -> &mut CourierView<'static> {
        let (now, spot) = (self.now, at(spot_at));
        self.couriers.push(CourierView {
            courier: CourierId(self.couriers.len() as u32),
            spot,
            at: now,
            visiting: None,
            stops: &[],
            on_board: 0,
            free_at: now,
            free_spot: spot,
            idle_since: Some(now),
            off: minutes(10_000.0),
            capacity: 5,
        });
        self.stops.push(Vec::new());
        self.couriers.last_mut().unwrap()
    }
    /// A courier added before.
    pub(super) fn courier_mut(&mut self, number: usize) -> &mut CourierView<'static> {
        &mut self.couriers[number]
    }
    /// Gives the courier added last these stops to come.
    pub(super) fn with_stops(&mut self, stops: &[Stop]) {
        *self.stops.last_mut().unwrap() = stops.to_vec();
    }
    /// Shows the moment to a policy.
    pub(super) fn show<T>(&self, policy: impl FnOnce(&View) -> T) -> T {
        let with_stops = |(courier, stops): (&CourierView<'static>, _)| CourierView { stops, ..courier.clone() };
        let couriers: Vec<CourierView> =
            self.couriers.iter().zip(self.stops.iter().map(Vec::as_slice)).map(with_stops).collect();
        let service = Service {
            pickup: SimDuration::from_minutes(2.0),
            door: SimDuration::from_minutes(2.0),
            door_to_delivered: SimDuration::from_minutes(1.0),
        };
        policy(&View {
            now: self.now,
            orders: &self.orders,
            committed: &self.committed,
            couriers: &couriers,
            travel: &self.travel,
            service,
        })
    }
}
