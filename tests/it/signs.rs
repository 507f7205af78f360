//! The baseline has the shares it was calibrated for, and the shipped what-ifs move it the way the field would expect:
//! each sign is shown by a 95 % interval of paired days that leaves out zero.

use nearfar::city::City;
use nearfar::metrics::Kpi;
use nearfar::scenario::{self, DispatchPolicy, Scenario};
use nearfar::study::{Correction, Judging, Keep, Outcome, judged, paired, pool, replicate, tested};
use std::path::Path;
use std::sync::Arc;

const DAYS: u32 = 6;

fn shipped(file: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(file);
    scenario::load(&path, &[]).unwrap_or_else(|problems| panic!("{problems}")).scenario
}

/// The KPIs of the first days of a scenario.
fn days(scenario: &Scenario, days: u32) -> Vec<Vec<Kpi>> {
    let city = Arc::new(City::build(scenario).unwrap());
    let days = replicate(&pool(2).unwrap(), scenario, &city, days, Keep::default(), None, &|_, _| {}).unwrap();
    days.into_iter().map(|day| day.kpis).collect()
}

/// Each hypothesis of a file is met by these days, corrected for their number.
fn meets_its_hypotheses(file: &str, scenario: &Scenario, base: &[Vec<Kpi>], whatif: &[Vec<Kpi>]) {
    let all = &scenario.hypothesis.0;
    assert!(all.len() >= 2, "{file}: no hypotheses");
    let judging = Judging { correction: Correction::Holm, ..Judging::default() };
    let rows =
        judged(base, &[whatif.to_vec()], &judging, &|_, name| all.iter().any(|expected| expected.metric == name));
    let found = tested(all, &rows.rows[0]);
    assert_eq!(found.len(), all.len(), "{file}");
    for one in found {
        assert_eq!(one.outcome, Outcome::AsExpected, "{file}: {} [{}, {}]", one.row.name, one.row.low, one.row.high);
    }
}

fn mean(days: &[Vec<Kpi>], name: &str) -> f64 {
    let of_day = |kpis: &Vec<Kpi>| kpis.iter().find(|kpi| kpi.name == name).unwrap_or_else(|| panic!("{name}")).value;
    days.iter().map(of_day).sum::<f64>() / days.len() as f64
}

/// What is to rise (+) and to fall (-) in each what-if, as it is shipped.
const SIGNS: [(&str, &str, &str); 5] = [
    (
        "whatif-peak-same-fleet.toml",
        "orders far_backlog_max_orders far_lead_mean_h click_to_door_mean_min courier_utilisation km_per_order co2e_per_order_g",
        "on_time_share near_share_orders near_share_gmv",
    ),
    (
        "whatif-brand-stores-x3.toml",
        "near_availability near_share_gmv near_share_orders",
        "lost_sessions_stock_out ride_mean_min near_fallback_share",
    ),
    ("whatif-dense-warehouses.toml", "cost_per_order_near near_share_orders near_availability", "ride_mean_min"),
    (
        "whatif-protect-one-unit.toml",
        "lost_sessions_stock_out on_time_share co2e_per_order_g",
        "walk_in_lost_share near_availability near_share_orders near_share_gmv orders courier_utilisation \
         orders_per_courier_hour click_to_door_mean_min km_per_order",
    ),
    (
        "whatif-pickup-push.toml",
        "pickup_share orders walk_in_lost_share",
        "near_share_orders courier_utilisation cost_per_order orders_per_courier_hour co2e_per_order_g",
    ),
];

/// The same where both sides match couriers and orders by the minute. The one queue of `greedy_nearest` collapses on days near
/// its edge, which hides what little a what-if does to rides (docs/validation.md).
const SIGNS_MATCHED: [(&str, &str, &str); 3] = [
    (
        "whatif-peak-same-fleet.toml",
        "orders_per_courier_hour courier_utilisation km_per_order click_to_door_mean_min walk_in_lost_share \
         far_backlog_max_orders",
        "near_availability on_time_share near_share_orders near_share_gmv",
    ),
    (
        "whatif-brand-stores-x3.toml",
        "orders_per_courier_hour near_availability near_share_gmv",
        "km_per_order co2e_per_order_g lost_sessions_stock_out",
    ),
    (
        "whatif-dense-warehouses.toml",
        "orders_per_courier_hour cost_per_order_near near_availability near_share_orders",
        "km_per_order click_to_door_mean_min co2e_per_order_g",
    ),
];

#[test]
fn the_baseline_has_its_targets_and_what_ifs_move_it_as_expected() {
    let base = days(&shipped("baseline.toml"), DAYS);
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
        let scenario = shipped(file);
        let whatif = days(&scenario, DAYS);
        meets_its_hypotheses(file, &scenario, &base, &whatif);
        has_signs(file, &base, &whatif, up, down);
    }
}

#[test]
fn what_ifs_move_rides_as_expected_where_couriers_are_matched() {
    let base = days(&matched("baseline.toml"), DAYS);
    for (file, up, down) in SIGNS_MATCHED {
        has_signs(file, &base, &days(&matched(file), DAYS), up, down);
    }
}

#[test]
#[ignore = "half a minute in the release profile: cargo test --release --test it -- --ignored hypotheses"]
fn hypotheses_of_brand_stores_that_take_sixty_days_hold() {
    let (base, whatif) = (days(&matched("baseline.toml"), 60), days(&matched("whatif-brand-stores-x3.toml"), 60));
    has_signs("whatif-brand-stores-x3.toml", &base, &whatif, "walk_in_lost_share", "click_to_door_mean_min");
}

fn matched(file: &str) -> Scenario {
    let mut scenario = shipped(file);
    scenario.dispatch.policy = DispatchPolicy::BatchMatch;
    scenario
}

/// The 95 % interval of each difference leaves out zero on the right side.
fn has_signs(file: &str, base: &[Vec<Kpi>], whatif: &[Vec<Kpi>], up: &str, down: &str) {
    let rows = paired(base, whatif);
    let signs = up.split_whitespace().map(|name| (name, 1.0)).chain(down.split_whitespace().map(|name| (name, -1.0)));
    for (name, sign) in signs {
        let row = rows.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("{name}"));
        let shown = row.low * sign > 0.0 && row.high * sign > 0.0;
        assert!(shown, "{file}: {name} {} [{}, {}]", row.difference, row.low, row.high);
    }
}

/// The days on which neither side collapses: nearly all near orders are on time.
fn calm<'a>(base: &'a [Vec<Kpi>], whatif: &'a [Vec<Kpi>]) -> (Vec<Vec<Kpi>>, Vec<Vec<Kpi>>) {
    let on_time = |day: &Vec<Kpi>| day.iter().any(|kpi| kpi.name == "on_time_share" && kpi.value > 0.95);
    base.iter().zip(whatif).filter(|(a, b)| on_time(a) && on_time(b)).map(|(a, b)| (a.clone(), b.clone())).unzip()
}

#[test]
#[ignore = "about two minutes in the release profile: cargo test --release --test it -- --ignored hypotheses"]
fn hypotheses_of_all_shipped_what_ifs_hold_and_pairs_pay() {
    let base = days(&shipped("baseline.toml"), 20);
    let folder = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")).unwrap();
    let mut files: Vec<String> = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.retain(|file| file.starts_with("whatif-"));
    files.sort();
    assert!(files.len() >= 13);
    for file in files {
        let scenario = shipped(&file);
        let whatif = days(&scenario, 20);
        meets_its_hypotheses(&file, &scenario, &base, &whatif);
        let reduction = |base: &[Vec<Kpi>], whatif: &[Vec<Kpi>], name: &str| {
            paired(base, whatif).into_iter().find(|row| row.name == name).unwrap().variance_reduction
        };
        // The lowest were 4.76 and 3.54, on a peak day.
        for (name, least) in [("orders", 2.0), ("near_share_orders", 1.5)] {
            let found = reduction(&base, &whatif, name);
            assert!(found > least, "{file}: {name} {found}");
        }
        // A collapse is a lottery of its own (docs/compare.md): money is followed on the days without one, if they are most. Where
        // they are few, these are near the edge as well.
        let (base, whatif) = calm(&base, &whatif);
        let found = if base.len() <= 10 { f64::INFINITY } else { reduction(&base, &whatif, "cost_per_order") };
        assert!(found > 2.0, "{file}: cost_per_order {found} on {} calm days", base.len());
    }
}
