//! The reference workload without files: prints time per order of five replications.
#![expect(clippy::disallowed_methods, reason = "prints how long it took")]
#![expect(clippy::field_reassign_with_default, reason = "reads like a scenario file")]

use nearfar::scenario::*;
use nearfar::{city::City, event::Event, sim};
use std::sync::Arc;
fn main() {
    let mut s = Scenario::default();
    s.seed = std::env::args().nth(1).map_or(1, |a| a.parse().unwrap());
    s.city.metric = Metric::Euclid;
    s.city.detour_factor = 1.4;
    s.city.hotspots = 0;
    s.city.uniform_share = 1.0;
    s.couriers.speed_kmh = 15.0;
    s.couriers.count = 3500;
    s.couriers.on_duty_by_hour = [1.0; 24];
    s.couriers.start = CourierStart::Uniform;
    s.couriers.pickup_service_min = 0.0;
    s.couriers.handover_min = 2.0;
    s.couriers.handover_cv = 0.0;
    s.consumers.count = 50_000;
    s.consumers.cancel_hazard_per_min = 0.0;
    s.demand.orders_per_day = 200_000.0;
    s.demand.hourly_profile = [1.0; 24];
    s.demand.extra_items_mean = 0.0;
    s.catalogue.zipf_exponent = 1.0;
    s.catalogue.categories = vec![Category { return_rate: 0.0, ..Category::default() }];
    s.stores.archetypes = vec![Archetype {
        count: 400,
        assortment_share: 0.6,
        pickers: 4,
        pick_base_min: 5.0,
        pick_per_item_min: 0.0,
        pick_cv: 0.5,
        full_level_units: Some(20.0),
        placing: Placing::Uniform,
        radius_km: Some(5.0),
        ..Archetype::default()
    }];
    s.stores.replenish_every_h = 4.0;
    s.stores.replenish_at_h = 4.0;
    s.far.lanes = vec![Lane { base_h: 24.0, transit_h: 1.0, cv: 0.5, ..Lane::default() }];
    s.warehouse.wave_hours = vec![];
    s.warehouse.capacity_per_h = 1e9;
    let t = std::time::Instant::now();
    let city = Arc::new(City::build(&s).unwrap());
    eprintln!("build {:?}", t.elapsed());
    for r in 0..std::env::var("N").map_or(5, |n| n.parse().unwrap()) {
        let t = std::time::Instant::now();
        let out = sim::run(&s, &city, if std::env::args().nth(2).is_some() { r } else { 0 }, &mut |_| {});
        let wall = t.elapsed();
        let n = out.log.orders();
        let (mut near, mut ctd) = (0u32, vec![]);
        let mut placed = vec![0; n];
        for x in &out.log.records {
            match x.event {
                Event::OrderPlaced { order } => placed[order.index()] = x.at.0,
                Event::OrderSourced { .. } => near += 1,
                Event::OrderDelivered { order, .. } => ctd.push((x.at.0 - placed[order.index()]) as f64 / 60000.0),
                _ => {}
            }
        }
        ctd.sort_by(f64::total_cmp);
        println!(
            "orders {n} ns/order {:.0} near {:.4} ctd {:.3} p95 {:.2} records {} wall {:?}",
            out.cpu.as_secs_f64() * 1e9 / n as f64,
            near as f64 / n as f64,
            ctd.iter().sum::<f64>() / ctd.len() as f64,
            ctd[ctd.len() * 95 / 100],
            out.log.records.len(),
            wall
        );
    }
}
