//! Every row of the table: told where its switch is off, silent where it is on.

use super::*;
use crate::scenario::{Override, file, load};

/// What is told of the default scenario with these changes.
fn told(changes: &[&str]) -> Vec<Idle> {
    let (mut scenario, mut desk) = (Scenario::default(), Desk::default());
    // The source of the file itself, which says nothing.
    file::apply_text("text", "", "".into(), &mut scenario, &mut desk, &mut file::Chain::default());
    for change in Override::parse_all(changes).unwrap() {
        file::apply_override(&change, &mut scenario, &mut desk);
    }
    assert!(!desk.has_problems(), "{changes:?}: {:?}", desk.into_problems());
    all(&scenario, &desk)
}

/// A setting, what turns it off and what turns it on; nothing is what the default scenario says.
const CASES: &[(&str, &[&str], &[&str])] = &[
    ("city.rounding_s=60", &[], &["city.rounding=ceil"]),
    ("city.side_km=30", &["demand.source=trace", "stores.file=s.csv", "couriers.file=c.csv"], &[]),
    ("city.hotspots=5", &["demand.points_file=p.csv", "stores.file=s.csv", "couriers.file=c.csv"], &[]),
    ("city.hotspot_sigma_km=2", &["city.uniform_share=1"], &[]),
    ("city.earth_radius_km=6400", &[], &["city.metric=haversine"]),
    ("city.matrix_file=m.csv", &[], &["city.metric=matrix"]),
    ("demand.orders_file=o.csv", &[], &["demand.source=trace"]),
    ("consumers.count=5", &["demand.source=trace"], &[]),
    ("demand.points_file=p.csv", &["demand.source=trace"], &[]),
    ("demand.hourly_profile={scale=2}", &["demand.profile=[1,2]"], &[]),
    ("consumers.patience_grace_min=5", &["consumers.cancel_hazard_per_min=0"], &[]),
    ("ai_list.extra_items_mean=4", &[], &["ai_list.share=0.1"]),
    ("choice.fee_weight=0.05", &["choice.model=intent"], &[]),
    ("catalogue.categories.fresh.asc_near=1", &["demand.source=trace"], &["choice.model=logit"]),
    ("choice.time_weight=0.2", &["choice.urgent_share=1"], &[]),
    ("choice.urgent_time_weight=0.2", &["choice.urgent_share=0"], &[]),
    ("choice.vip_rate_factor=2", &["choice.vip_session_share=0"], &[]),
    ("choice.member_rate_factor=3", &["choice.member_session_share=0"], &[]),
    ("pickup.radius_km=1", &["choice.model=intent"], &[]),
    ("choice.walk_weight=1", &["pickup.enabled=false"], &[]),
    ("carbon.car_g_per_km=100", &[], &["carbon.pickup_car_share=0.1"]),
    ("cross_border.lead_cv=0.5", &[], &["catalogue.categories.fresh.abroad_share=0.1"]),
    (
        "cross_border.hub_lead_h=100",
        &["catalogue.categories.fresh.abroad_share=0.1", "cross_border.forward_share=1"],
        &["catalogue.categories.fresh.abroad_share=0.1"],
    ),
    (
        "cross_border.forward_lead_h=10",
        &["catalogue.categories.fresh.abroad_share=0.1"],
        &["catalogue.categories.fresh.abroad_share=0.1", "cross_border.forward_share=0.5"],
    ),
    ("returns.request_cv=1", NO_RETURNS, &[]),
    ("cost.return_yuan=5", NO_RETURNS, &[]),
    ("stores.archetypes.supermarket.count=5", &["stores.file=s.csv"], &[]),
    ("stores.archetypes.supermarket.full_level_units=5", &["stores.unlimited_stock=true"], &[]),
    ("stores.archetypes.supermarket.cover_days=2", &["stores.archetypes.supermarket.full_level_units=5"], &[]),
    (
        "stores.archetypes.supermarket.pick_cv=1",
        &["stores.archetypes.supermarket.pick_distribution=exponential"],
        &["stores.archetypes.brand_store.pick_distribution=exponential"],
    ),
    ("stores.replenish_every_h=12", &["replenishment.policy=s_S"], &["replenishment.policy=order_up_to"]),
    ("stores.replenish_at_h=2", &["stores.replenish_every_h=0"], &[]),
    ("stock.phantom_share=0.05", &["stores.unlimited_stock=true"], &[]),
    ("stock.sync_latency_s=5", &["stores.unlimited_stock=true"], &[]),
    ("stock.substitution_accept=0.5", &["stock.phantom_share=0", "stock.sync_latency_s=0"], &["stock.phantom_share=0"]),
    ("stock.transfer_lead_h=3", &[], &["stock.transfer_every_h=4"]),
    ("replenishment.lead_h=5", &[], &["replenishment.policy=s_S"]),
    (
        "replenishment.lead_cv=0.5",
        &["replenishment.policy=s_S"],
        &["replenishment.policy=s_S", "replenishment.lead_distribution=lognormal"],
    ),
    ("replenishment.level_units=5", &["replenishment.policy=r_Q"], &["replenishment.policy=order_up_to"]),
    ("replenishment.reorder_units=5", &["replenishment.policy=order_up_to"], &["replenishment.policy=r_Q"]),
    (
        "replenishment.batch_units=5",
        &["replenishment.policy=s_S", "replenishment.level_units=9"],
        &["replenishment.policy=s_S"],
    ),
    (
        "replenishment.batch_days=2",
        &["replenishment.policy=r_Q", "replenishment.batch_units=9"],
        &["replenishment.policy=r_Q"],
    ),
    (
        "replenishment.safety_z=2",
        &["replenishment.policy=r_Q", "replenishment.reorder_units=9"],
        &["replenishment.policy=order_up_to"],
    ),
    ("replenishment.forecast_cv=0.5", &[], &["replenishment.opening=newsvendor"]),
    ("replenishment.short_yuan=5", &[], &["replenishment.opening=newsvendor"]),
    ("warehouse.automation_share=0.5", &[], &["warehouse.capacity_per_h=0"]),
    (
        "warehouse.lines_per_worker_h=90",
        &["warehouse.capacity_per_h=0", "warehouse.automation_share=1"],
        &["warehouse.capacity_per_h=0"],
    ),
    (
        "warehouse.lines_per_worker_automated_h=90",
        &["warehouse.capacity_per_h=0"],
        &["warehouse.capacity_per_h=0", "warehouse.automation_share=0.5"],
    ),
    ("warehouse.temp_ramp_h=4", &[], &["warehouse.temp_workers=2"]),
    ("couriers.start=uniform", &["couriers.file=c.csv"], &[]),
    ("couriers.pay_elasticity=1", &["cost.courier_extra_yuan_by_hour={scale=0}"], &[]),
    ("couriers.pay_lag_min=5", &["couriers.pay_elasticity=0"], &[]),
    ("couriers.handover_cv=1", &["couriers.handover_distribution=exponential"], &[]),
    ("dispatch.queue=zone", &["dispatch.policy=batch_match"], &[]),
    ("couriers.capacity=3", &[], &["split.policy=allow"]),
    ("couriers.refusal_share=0.1", &["dispatch.policy=earliest_dropoff"], &["dispatch.policy=batch_match"]),
    ("couriers.refusal_per_km=0.3", &["couriers.refusal_share=0"], &[]),
    ("couriers.refusal_per_yuan=1", &["cost.refusal_bonus_yuan=0"], &[]),
    ("far.last_mile_cv=1", &[], &["far.last_mile_h=5"]),
    ("far.ship_from_store_lane=region", &[], &["far.ship_from_store_over_h=5"]),
    ("sourcing.re_evaluate_min=5", &["sourcing.policy=far_only"], &[]),
    ("sourcing.load_balance_slack_min=2", &[], &["sourcing.load_balance_weight=1"]),
    ("sourcing.far_if_cheaper=true", &["sourcing.policy=fastest"], &["sourcing.policy=cheapest"]),
    ("sourcing.near_lost_yuan=5", &["sourcing.policy=cheapest"], &["sourcing.policy=bid_price"]),
    ("sourcing.bid_every_min=30", &["sourcing.policy=bid_price_closed"], &["sourcing.policy=dlp_clocks"]),
    ("sourcing.re_evaluate_saving_yuan=2", &[], &["sourcing.re_evaluate_min=5"]),
    ("split.max_stores=3", &[], &["split.policy=allow"]),
    ("split.join_km=1", &["split.policy=allow", "dispatch.policy=batch_match"], &["split.policy=allow"]),
    ("split.far_rest=false", &["split.policy=allow", "sourcing.policy=near_only"], &["split.policy=allow"]),
    ("split.annoyance_utility=1", &["split.policy=allow", "choice.model=intent"], &["split.policy=allow"]),
    ("rationing.protect_units=2", &["rationing.policy=littlewood"], &["rationing.policy=time"]),
    ("rationing.near_margin_yuan=2", &[], &["rationing.policy=littlewood"]),
    ("rationing.release_h=2", &["rationing.policy=static"], &["rationing.policy=time"]),
    ("dispatch.max_wait_min=30", &["dispatch.policy=earliest_dropoff"], &["dispatch.policy=batch_match"]),
    ("dispatch.after_max_wait=cancel", &[], &["dispatch.max_wait_min=30"]),
    (
        "dispatch.after_max_wait=cancel",
        &["dispatch.max_wait_min=30", "dispatch.policy=store_couriers"],
        &["dispatch.max_wait_min=30"],
    ),
    (
        "cost.conversion_compensation_yuan=5",
        &["dispatch.max_wait_min=30", "dispatch.after_max_wait=cancel"],
        &["dispatch.max_wait_min=30"],
    ),
    ("dispatch.interval_s=30", &["dispatch.policy=store_couriers"], &["dispatch.policy=external"]),
    ("dispatch.late_weight=2", &["dispatch.policy=rolling_horizon"], &["dispatch.policy=insertion"]),
    ("dispatch.candidates=5", &[], &["dispatch.policy=rolling_horizon"]),
    ("dispatch.max_bundle=2", &["dispatch.policy=insertion"], &["dispatch.policy=postpone"]),
    ("dispatch.max_bundle_delay_min=2", &["dispatch.policy=pooling"], &["dispatch.policy=batch_match"]),
    ("dispatch.detour_min=2", &["dispatch.policy=batch_match"], &["dispatch.policy=insertion"]),
    ("dispatch.postpone_buffer_min=2", &["dispatch.policy=pooling"], &["dispatch.policy=postpone"]),
    ("rolling_horizon.delay_weight=1", &[], &["dispatch.policy=rolling_horizon"]),
    ("external.timeout_s=1", &[], &["dispatch.policy=external"]),
    ("promise.quantile=0.9", &[], &["promise.policy=quantile"]),
    ("promise.floor_min=20", &[], &["promise.policy=quantile"]),
    ("promise.step_min=1", &[], &["overload.policy=staged"]),
    ("overload.interval_min=1", &["choice.model=intent"], &["choice.model=intent", "promise.policy=quantile"]),
    ("overload.fee_yuan=1", &[], &["overload.policy=staged"]),
    ("overload.far_per_yuan=0.05", &["overload.policy=staged"], &["overload.policy=staged", "choice.model=intent"]),
    (
        "overload.far_per_yuan=0.06",
        &["overload.policy=staged", "choice.model=intent", "overload.fee_yuan=0"],
        &["overload.policy=staged", "choice.model=intent"],
    ),
    ("reposition.follow_share=1", &[], &["reposition.policy=hot_spot_flow"]),
    ("price.near_free_basket_yuan=39", &["price.near_fee_yuan=0"], &[]),
];

const NO_RETURNS: &[&str] = &[
    "catalogue.categories.convenience.return_rate=0",
    "catalogue.categories.fresh.return_rate=0",
    "catalogue.categories.health.return_rate=0",
    "catalogue.categories.beauty.return_rate=0",
    "catalogue.categories.apparel.return_rate=0",
    "catalogue.categories.electronics.return_rate=0",
];

#[test]
fn a_key_is_told_where_its_switch_is_off_and_not_where_it_is_on() {
    for (setting, off, on) in CASES {
        let key = setting.split('=').next().unwrap();
        let found = |switch: &[&str]| {
            let changes: Vec<&str> = switch.iter().chain([setting]).copied().collect();
            told(&changes).into_iter().filter(|idle| idle.key == key).collect::<Vec<_>>()
        };
        let idle = found(off);
        assert_eq!(idle.len(), 1, "{setting} with {off:?}");
        let shown = idle[0].to_string();
        assert!(shown.starts_with("warning: command line") && shown.contains(" changes nothing while "), "{shown}");
        assert_eq!(found(on), [], "{setting} with {on:?}");
    }
}

#[test]
fn every_row_of_the_table_has_a_case_and_names_keys_there_are() {
    let mut hit = vec![false; TABLE.len()];
    for (setting, off, _) in CASES {
        let mut scenario = Scenario::default();
        for change in Override::parse_all(off).unwrap().iter().chain(&Override::parse_all(&[setting]).unwrap()) {
            file::apply_override(change, &mut scenario, &mut Desk::default());
        }
        let (needs, _) = reason(&scenario, setting.split('=').next().unwrap()).unwrap_or_else(|| panic!("{setting}"));
        hit[TABLE.iter().position(|row| std::ptr::eq(row, needs)).unwrap()] = true;
    }
    for (needs, hit) in TABLE.iter().zip(hit) {
        // Rows without defaults are tried below.
        assert!(hit || needs.keys[0].starts_with("warehouse.shifts."), "no case for {:?}", needs.keys);
        for pattern in needs.keys {
            let named = pattern.strip_suffix(".*").unwrap_or(pattern).replace('*', "row");
            assert!(key(&named).is_some(), "{pattern}");
        }
        for off in needs.while_ {
            assert!(off.contains(' ') || key(&off.replace('*', "row")).is_some(), "{off}");
        }
    }
}

#[test]
fn a_key_is_told_once_with_its_line_by_the_file_that_sets_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let base = write("base.toml", "[promise]\nquantile = 0.9\nfloor_min = 30\n");
    let child = write("child.toml", "extends = 'base.toml'\n[split]\nmax_stores = 3\n");
    let found = load(&base, &[]).unwrap().idle;
    assert_eq!(found.len(), 1, "the default value needs no telling: {found:?}");
    assert_eq!(
        found[0].to_string(),
        format!(
            "warning: {}:2: promise.quantile: 0.9 changes nothing while promise.policy = \"fixed\"\n  \
             help: set promise.policy = \"quantile\", or delete the line",
            base.display()
        )
    );
    let found = load(&child, &[]).unwrap().idle;
    assert_eq!(found.iter().map(|idle| idle.key.as_str()).collect::<Vec<_>>(), ["split.max_stores"]);
    let shifts = "[warehouse]\ncapacity_per_h = 0\n[[warehouse.shifts]]\nid = 'day'\nworkers = 5\nto_h = 20\n\
                  [[warehouse.shifts]]\nid = 'night'\nfrom_h = 20\n";
    let found = load(&write("shifts.toml", shifts), &[]).unwrap().idle;
    assert_eq!(found.iter().map(|idle| idle.key.as_str()).collect::<Vec<_>>(), ["warehouse.shifts.night.from_h"]);
}
