//! Carbon of every delivered order by cause, in whole milligrams of CO2 equivalent.
//!
//! A near order bears the kilometres its courier rode for it, approach included; a parcel that a courier brings from a
//! branch as well, any other the city leg of the factor table. What couriers rode for nobody (to a better place, back to
//! their base, for an order that was cancelled) is kept by courier and told as carbon that no order bears.

use super::facts::{Facts, OrderFacts};
use crate::city::{Channel, City};
use crate::event::FarOrigin;
use crate::scenario::Carbon;

/// Carbon of one order by cause in milligrams; all zero unless delivered.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct OrderCarbon {
    pub last_mile_mg: i64,
    pub transport_mg: i64,
    pub site_mg: i64,
    pub packaging_mg: i64,
    pub returns_mg: i64,
}

impl OrderCarbon {
    pub(super) fn total_mg(&self) -> i64 {
        self.last_mile_mg + self.transport_mg + self.site_mg + self.packaging_mg + self.returns_mg
    }
}

fn mg(grams: f64) -> i64 {
    (grams * 1000.0).round() as i64
}

/// The carbon of one order.
pub(super) fn carbon(factors: &Carbon, order: &OrderFacts) -> OrderCarbon {
    if order.delivered.is_none() {
        return OrderCarbon::default();
    }
    let ridden = mg(factors.courier_g_per_km * order.courier_km());
    match order.channel {
        Channel::Near | Channel::Pickup => OrderCarbon {
            last_mile_mg: if order.is_pickup() { fetched(factors, order) } else { ridden },
            transport_mg: mg(factors.near_inbound_g),
            site_mg: mg(factors.store_energy_g),
            packaging_mg: mg(if order.is_pickup() { factors.pickup_packaging_g } else { factors.near_packaging_g }),
            returns_mg: if order.returned { mg(factors.near_return_g) } else { 0 },
        },
        Channel::Far => OrderCarbon {
            last_mile_mg: if order.courier.is_some() { ridden } else { mg(factors.far_city_leg_g) },
            returns_mg: if order.returned { mg(factors.far_return_g) } else { 0 },
            ..parcel(factors, order)
        },
    }
}

/// The consumer's way to the store and back, for the share of them who drive.
fn fetched(factors: &Carbon, order: &OrderFacts) -> i64 {
    let km = 2.0 * f64::from(order.walk_m.unwrap_or(0.0)) / 1000.0;
    mg(factors.pickup_car_share * factors.car_g_per_km * km)
}

/// What a parcel causes until it is in the city.
fn parcel(factors: &Carbon, order: &OrderFacts) -> OrderCarbon {
    let (transport, site) = match order.far_origin {
        Some(FarOrigin::Store(_)) => (factors.far_transport_g + factors.near_inbound_g, factors.store_energy_g),
        Some(FarOrigin::Hub) => (factors.hub_transport_g, factors.warehouse_energy_g),
        Some(FarOrigin::ForwardNode) => (factors.forward_transport_g, factors.warehouse_energy_g),
        Some(FarOrigin::Warehouse) | None => (factors.far_transport_g, factors.warehouse_energy_g),
    };
    OrderCarbon {
        transport_mg: mg(transport),
        site_mg: mg(site),
        packaging_mg: mg(factors.far_packaging_g),
        ..OrderCarbon::default()
    }
}

/// By courier: metres after the warm-up that no delivered order bears.
pub(super) fn metres_for_no_order(city: &City, facts: &Facts) -> Vec<f64> {
    let mut metres = vec![0.0; city.couriers.len()];
    for &(courier, _, _, leg_m) in facts.empty_rides.iter().filter(|ride| facts.window.counts(ride.2)) {
        metres[courier.index()] += f64::from(leg_m);
    }
    for order in facts.orders.iter().filter(|order| facts.window.counts(order.placed)) {
        if let Some(courier) = order.courier {
            metres[courier.index()] += order.ridden_in_vain_m();
        }
    }
    metres
}

/// By courier: milligrams of those kilometres.
pub(super) fn borne_by_no_order(factors: &Carbon, metres: &[f64]) -> Vec<i64> {
    metres.iter().map(|metres| mg(factors.courier_g_per_km * metres / 1000.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Frames;
    use super::*;
    use crate::event::{Event, Span};
    use crate::testing::{Run, at, small_run};
    use crate::units::{CourierId, OrderId, StoreId};

    const CAUSES: [&str; 5] = ["last_mile", "transport", "site", "packaging", "returns"];

    fn grams(run: &Run, order: usize) -> ([Option<f64>; 5], Option<f64>) {
        let orders = Frames::from_log(&run.scenario, &run.city, &run.log, 0).unwrap().orders;
        let of = |name: &str| orders.column(name).unwrap().f64().unwrap().get(order);
        (CAUSES.map(|cause| of(&format!("co2e_{cause}_g"))), of("co2e_g"))
    }

    #[test]
    fn grams_by_cause_are_as_worked_out_by_hand_and_add_up() {
        let run = small_run();
        // 2 and 4 km at 12 g; order 1 is sent back.
        assert_eq!(grams(&run, 0), ([24.0, 40.0, 70.0, 60.0, 0.0].map(Some), Some(194.0)));
        assert_eq!(grams(&run, 1), ([48.0, 40.0, 70.0, 60.0, 35.0].map(Some), Some(253.0)));
        assert_eq!(grams(&run, 2), ([35.0, 270.0, 0.0, 260.0, 0.0].map(Some), Some(565.0)));
        // A courier of the city brings the branch's parcel, over .8 km.
        assert_eq!(grams(&run, 4), ([9.6, 270.0, 0.0, 260.0, 0.0].map(Some), Some(539.6)));
        assert_eq!(grams(&run, 3), ([None; 5], None));
    }

    #[test]
    fn a_parcel_emits_what_its_origin_emits() {
        let from = |from: FarOrigin| {
            let mut run = small_run();
            for record in &mut run.log.records {
                if let Event::OrderSentFar { order: OrderId(2), from: origin, .. } = &mut record.event {
                    *origin = from;
                }
            }
            run.log.record(at(8500.0), Event::OrderReturned { order: OrderId(2) });
            run.log.records.sort_by_key(|record| record.at);
            run.scenario.carbon.warehouse_energy_g = 7.0;
            grams(&run, 2).0.map(Option::unwrap)
        };
        assert_eq!(from(FarOrigin::Warehouse), [35.0, 270.0, 7.0, 260.0, 305.0]);
        assert_eq!(from(FarOrigin::Store(StoreId(0))), [35.0, 310.0, 70.0, 260.0, 305.0]);
        assert_eq!(from(FarOrigin::Hub), [35.0, 4000.0, 7.0, 260.0, 305.0]);
        assert_eq!(from(FarOrigin::ForwardNode), [35.0, 400.0, 7.0, 260.0, 305.0]);
    }

    #[test]
    fn rides_for_nobody_are_carbon_that_no_order_bears() {
        let mut run = small_run();
        let (o3, bob) = (OrderId(3), CourierId(1));
        run.log
            .record(at(6000.0), Event::CourierRepositioned { courier: bob, leg_m: 500.0, rode_for: Span::default() });
        // Bob is on the way to a store when the consumer cancels.
        run.log.record(at(2600.0), Event::CourierAssigned { order: o3, courier: bob, approach_m: 1500.0 });
        run.log.record(at(3000.0), Event::CourierFreed { courier: bob, order: o3 });
        run.log.records.sort_by_key(|record| record.at);
        let couriers = Frames::from_log(&run.scenario, &run.city, &run.log, 0).unwrap().couriers;
        let grams: Vec<_> = couriers.column("co2e_unallocated_g").unwrap().f64().unwrap().iter().flatten().collect();
        assert_eq!(grams, [0.0, 24.0, 0.0]);
    }
}
