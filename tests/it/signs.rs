//! The baseline has the shares it was calibrated for, and the shipped what-ifs move it the way the field would expect:
//! each sign is shown by a 95 % interval of paired days that leaves out zero.

use nearfar::city::City;
use nearfar::metrics::Kpi;
use nearfar::scenario;
use nearfar::study::{Keep, paired, pool, replicate};
use std::path::Path;
use std::sync::Arc;

const DAYS: u32 = 6;

/// The KPIs of the first days of a shipped scenario.
fn days(file: &str) -> Vec<Vec<Kpi>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(file);
    let scenario = scenario::load(&path, &[]).unwrap_or_else(|problems| panic!("{problems}")).scenario;
    let city = Arc::new(City::build(&scenario).unwrap());
    let days = replicate(&pool(2).unwrap(), &scenario, &city, DAYS, Keep::default(), None, &|_, _| {}).unwrap();
    days.into_iter().map(|day| day.kpis).collect()
}

fn mean(days: &[Vec<Kpi>], name: &str) -> f64 {
    let of_day = |kpis: &Vec<Kpi>| kpis.iter().find(|kpi| kpi.name == name).unwrap_or_else(|| panic!("{name}")).value;
    days.iter().map(of_day).sum::<f64>() / days.len() as f64
}

/// What is to rise (+) and to fall (-) in each what-if.
const SIGNS: [(&str, &str, &str); 5] = [
    (
        "whatif-peak-same-fleet.toml",
        "orders far_backlog_max_orders far_lead_mean_h click_to_door_mean_min courier_utilisation km_per_order",
        "on_time_share near_share_orders near_share_gmv",
    ),
    (
        "whatif-brand-stores-x3.toml",
        "near_availability near_share_gmv near_share_orders walk_in_units",
        "lost_sessions_stock_out ride_mean_min near_fallback_share",
    ),
    (
        "whatif-dense-warehouses.toml",
        "cost_per_order_near near_share_orders near_availability",
        "km_per_order click_to_door_mean_min ride_mean_min",
    ),
    (
        "whatif-protect-one-unit.toml",
        "lost_sessions_stock_out",
        "walk_in_lost_share near_availability near_share_orders near_share_gmv orders courier_utilisation",
    ),
    ("whatif-pickup-push.toml", "pickup_share orders", "near_share_orders courier_utilisation cost_per_order"),
];

#[test]
fn the_baseline_has_its_targets_and_what_ifs_move_it_as_expected() {
    let base = days("baseline.toml");
    let targets = [
        ("conversion", 0.28, 0.32),
        ("near_share_orders", 0.27, 0.31),
        ("near_share_gmv", 0.08, 0.12),
        ("far_lead_mean_h", 36.0, 55.2),
    ];
    for (name, low, high) in targets {
        let value = mean(&base, name);
        assert!((low..=high).contains(&value), "{name}: {value}");
    }
    let near_orders = mean(&base, "near_share_orders") * mean(&base, "orders");
    let delivery_yuan = mean(&base, "total_courier_pay") / near_orders;
    assert!((4.0..=8.0).contains(&delivery_yuan), "{delivery_yuan} yuan of courier pay a near order");
    for (file, up, down) in SIGNS {
        let rows = paired(&base, &days(file));
        for (name, sign) in up.split(' ').map(|name| (name, 1.0)).chain(down.split(' ').map(|name| (name, -1.0))) {
            let row = rows.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("{name}"));
            assert!(
                row.low * sign > 0.0 && row.high * sign > 0.0,
                "{file}: {name} {} [{}, {}]",
                row.difference,
                row.low,
                row.high
            );
        }
    }
}
