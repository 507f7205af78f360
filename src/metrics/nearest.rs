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

#[cfg(test)]
mod tests {
    use super::super::facts::Facts;
    use super::*;
    use crate::city::Place;
    use crate::city::demand::Demand;
    use crate::city::nodes::{Candidates, NodeIndex};
    use crate::city::space::Spot;
    use crate::testing::{Run, small_run};
    use std::sync::Arc;

    #[test]
    fn it_is_the_near_store_closest_to_home_that_reaches_it() {
        let mut run = small_run();
        // Two near stores at 0 and 1,000 m, a parcel branch at 400 m; consumers at 300 m, but one beyond every radius.
        let place = |x_m| Place { x_m, ..Place::default() };
        for (store, x_m) in [0.0, 1000.0, 400.0].into_iter().enumerate() {
            run.city.stores[store].place = place(x_m);
        }
        let space = run.city.travel.space();
        let spots = run.city.stores.iter().map(|store| space.spot(&store.place)).collect();
        let index = NodeIndex::new(space, run.city.earth_radius_m, spots);
        let (low, high) = (Spot { a: 0.0, b: -100.0 }, Spot { a: 9000.0, b: 100.0 });
        let homes = (0..107).map(|consumer| place(if consumer == 106 { 9000.0 } else { 300.0 })).collect();
        let demand = Demand::new(&run.scenario, homes, space, Vec::new());
        run.city.candidates = Some(Arc::new(Candidates::new(index, vec![2000.0; 3], low, high)));
        run.city.demand = demand;
        let nearest = |run: &Run| -> Vec<Option<StoreId>> {
            let mut facts = Facts::read(&run.scenario, &run.city, &run.log).unwrap();
            note_nearest(&run.city, &run.log, &mut facts.orders);
            facts.orders.iter().map(|order| order.nearest).collect()
        };
        assert_eq!(nearest(&run)[..6], [Some(StoreId(0)); 6]);
        assert_eq!(nearest(&run)[6], None);
        run.city.candidates = None;
        assert!(nearest(&run).iter().all(Option::is_none), "not known");
    }
}
