//! Room: scenario. Rules between keys, one function each; single values were judged when they were read.

mod ai_list;
mod choice;
mod far;
mod idle;
mod pickup;
mod split;
mod stock;

use std::path::Path;

use super::desk::Desk;
use super::key::{Value, quoted};
pub(super) use idle::all as idle;
pub use idle::no_effect;

use super::setting::tree;
use super::{
    AfterDelivery, CourierStart, DemandSource, DispatchPolicy, Metric, RationingPolicy, RepositionPolicy, Scenario,
    SourcingPolicy, WorkFor,
};

/// More orders than this do not fit into the memory of a desk machine.
const MOST_ORDERS: f64 = 60e6;
/// More shelf places (stores times SKUs) than this do not either.
const MOST_SHELVES: f64 = 400e6;

/// A rule: reports what it finds.
type Rule = fn(&Scenario, &mut Desk);

/// Every rule, in the order of the file's sections.
const RULES: &[Rule] = &[
    name_is_a_folder_name,
    horizon_is_positive,
    something_is_left_to_measure,
    start_hour_is_before_midnight,
    metric_has_its_places,
    matrix_has_its_file,
    somebody_lives_somewhere,
    trace_has_its_orders,
    hourly_profile_is_not_empty,
    profile_cuts_the_day,
    gaps_are_longer_than_their_rounding,
    ai_list::lists_are_not_replayed,
    choice::choosers_are_not_replayed,
    choice::session_shares_leave_room_for_guests,
    pickup::walks_have_a_length,
    orders_fit_into_memory,
    category_shares_are_not_empty,
    shelves_fit_into_memory,
    somebody_is_on_duty,
    far::lane_shares_are_not_empty,
    far::warehouse_has_one_capacity,
    far::temporary_workers_join_others,
    far::stores_ship_on_a_lane,
    far::parcels_from_abroad_arrive_in_time,
    click_to_door_limit_has_its_policy,
    stock::replenishment_has_what_it_needs,
    stock::backorders_have_orders_that_wait,
    stock::siloed_pools_have_two_kinds_of_demand,
    stock::transfers_have_shelves_and_distances,
    rationing_has_walk_ins,
    split::split_orders_are_not_replayed,
    split::split_orders_have_their_sourcing,
    split::split_orders_have_two_parts,
    pickup::pickup_keeps_no_more_than_the_near_field,
    overload_levels_are_in_order,
    external_policy_has_its_command,
    couriers_of_one_store_start_there,
    store_couriers_return,
    store_couriers_have_a_store,
    joined_trips_have_their_dispatch,
    reassignment_has_its_dispatch,
    couriers_ride_back_or_to_hot_spots,
    files_exist,
];

/// Applies every rule.
pub(super) fn all(scenario: &Scenario, desk: &mut Desk) {
    for rule in RULES {
        rule(scenario, desk);
    }
}

fn name_is_a_folder_name(scenario: &Scenario, desk: &mut Desk) {
    let name = &scenario.name;
    let odd = |c: char| c.is_control() || "/\\:*?\"<>|".contains(c);
    if name.contains(odd) || name.starts_with('.') || name.trim() != name || name.len() > 100 {
        let help = "use letters, digits, `-` and `_`; put what people should read into `label`";
        desk.report_rule(
            &["name"],
            format!("the name {name:?}"),
            "a name that can name a folder".into(),
            Some(help.into()),
        );
    }
}

fn horizon_is_positive(scenario: &Scenario, desk: &mut Desk) {
    if scenario.horizon_h <= 0.0 {
        let help = "24 simulates one day".to_string();
        desk.report_rule(&["horizon_h"], "a run without duration".into(), "more than 0 (h)".into(), Some(help));
    }
}

fn something_is_left_to_measure(scenario: &Scenario, desk: &mut Desk) {
    let (warm_up_h, horizon_h) = (scenario.warm_up_h, scenario.horizon_h);
    if horizon_h > 0.0 && warm_up_h >= horizon_h {
        let found = format!("a warm-up of {warm_up_h} h in a horizon of {horizon_h} h");
        let help = format!("set warm_up_h = 0, or horizon_h = {}", warm_up_h + 24.0);
        desk.report_rule(&["warm_up_h", "horizon_h"], found, "a warm-up shorter than the horizon".into(), Some(help));
    }
}

fn start_hour_is_before_midnight(scenario: &Scenario, desk: &mut Desk) {
    if scenario.start_hour >= 24.0 {
        let help = "midnight is 0".to_string();
        desk.report_rule(
            &["start_hour"],
            format!("{} is out of range", scenario.start_hour),
            "less than 24 (clock hour)".into(),
            Some(help),
        );
    }
}

/// Great-circle distances need lon/lat and matrix times need numbered places; drawn cities have neither.
fn metric_has_its_places(scenario: &Scenario, desk: &mut Desk) {
    let metric = scenario.city.metric;
    if !matches!(metric, Metric::Haversine | Metric::Matrix) {
        return;
    }
    let drawn_stores = scenario.stores.file.is_none() && scenario.stores.archetypes.iter().any(|kind| kind.count > 0);
    let drawn_couriers = scenario.couriers.file.is_none()
        && scenario.couriers.count > 0
        && scenario.couriers.start != CourierStart::Stores;
    let from_points = scenario.demand.points_file.is_some();
    let drawn_orders = scenario.demand.source == DemandSource::Synthetic && !from_points;
    let places = [
        (drawn_stores, "stores.file", "stores come from `stores.file`"),
        (drawn_couriers, "couriers.file", "couriers come from `couriers.file`, or couriers.start = \"stores\""),
        (
            drawn_orders,
            "demand.source",
            "orders come from `demand.orders_file` with demand.source = \"trace\", or consumers from `demand.points_file`",
        ),
    ];
    for (drawn, key, needed) in places {
        if drawn {
            let found = format!("metric \"{}\" with places drawn on a plane", metric.word());
            let help = "or use metric = \"euclid\" or \"manhattan\"".to_string();
            desk.report_rule(&["city.metric", key], found, format!("that {needed}"), Some(help));
        }
    }
}

fn matrix_has_its_file(scenario: &Scenario, desk: &mut Desk) {
    if scenario.city.metric == Metric::Matrix && scenario.city.matrix_file.is_none() {
        let help = "add city.matrix_file = \"travel-times.csv\"".to_string();
        desk.report_rule(
            &["city.metric", "city.matrix_file"],
            "metric \"matrix\" without a matrix".into(),
            "`city.matrix_file`".into(),
            Some(help),
        );
    }
}

fn somebody_lives_somewhere(scenario: &Scenario, desk: &mut Desk) {
    if scenario.city.hotspots == 0 && scenario.city.uniform_share < 1.0 && scenario.demand.points_file.is_none() {
        let found = format!("no hot spots, but only {} of the homes elsewhere", scenario.city.uniform_share);
        let help = "set city.uniform_share = 1 for an even city".to_string();
        desk.report_rule(
            &["city.hotspots", "city.uniform_share"],
            found,
            "hot spots, or `city.uniform_share` of 1".into(),
            Some(help),
        );
    }
}

fn trace_has_its_orders(scenario: &Scenario, desk: &mut Desk) {
    if scenario.demand.source == DemandSource::Trace && scenario.demand.orders_file.is_none() {
        let help = "add demand.orders_file = \"orders.csv\"".to_string();
        desk.report_rule(
            &["demand.source", "demand.orders_file"],
            "source \"trace\" without orders to replay".into(),
            "`demand.orders_file`".into(),
            Some(help),
        );
    }
}

fn hourly_profile_is_not_empty(scenario: &Scenario, desk: &mut Desk) {
    if scenario.demand.hourly_profile.iter().sum::<f64>() <= 0.0 {
        let expected = "a number above 0 for at least one hour".to_string();
        let help = "demand.orders_per_day = 0 is the way to say no demand".to_string();
        desk.report_rule(&["demand.hourly_profile"], "a profile of zeros".into(), expected, Some(help));
    }
}

fn profile_cuts_the_day(scenario: &Scenario, desk: &mut Desk) {
    let profile = &scenario.demand.profile;
    if !profile.is_empty() && 1440 % profile.len() != 0 {
        let found = format!("{} steps, which do not cut a day of 1440 minutes evenly", profile.len());
        let help = "48 numbers are half-hours, 96 quarters".to_string();
        desk.report_rule(&["demand.profile"], found, "a number of steps that divides 1440".into(), Some(help));
    }
    if !profile.is_empty() && profile.iter().sum::<f64>() <= 0.0 {
        let expected = "a number above 0 for at least one step".to_string();
        let help = "demand.orders_per_day = 0 is the way to say no demand".to_string();
        desk.report_rule(&["demand.profile"], "a profile of zeros".into(), expected, Some(help));
    }
}

/// Gaps that all round to 0 would never let time go on.
fn gaps_are_longer_than_their_rounding(scenario: &Scenario, desk: &mut Desk) {
    let profile = scenario.demand.day_profile();
    let share = profile.iter().copied().fold(0.0, f64::max) / profile.iter().sum::<f64>();
    let shortest_s = 86_400.0 / profile.len() as f64 / (scenario.arrivals_per_day() * share);
    if scenario.demand.gap_rounding_s > shortest_s {
        let found = format!("gaps of {shortest_s:.3} s at the peak, rounded to {} s", scenario.demand.gap_rounding_s);
        let help = "0 keeps them to the millisecond".to_string();
        let expected = "a rounding no longer than the mean time between orders".to_string();
        desk.report_rule(&["demand.gap_rounding_s", arrivals_key(scenario)], found, expected, Some(help));
    }
}

/// The key that says how many come.
fn arrivals_key(scenario: &Scenario) -> &'static str {
    match scenario.choice.sessions_per_day {
        Some(_) if scenario.consumers_choose() => "choice.sessions_per_day",
        _ => "demand.orders_per_day",
    }
}

/// Orders, or sessions, expected between the start and the end of the horizon.
fn expected_arrivals(scenario: &Scenario) -> f64 {
    let profile = scenario.demand.day_profile();
    let total: f64 = profile.iter().sum();
    let step_h = 24.0 / profile.len() as f64;
    let (start, end) = (scenario.start_hour, scenario.start_hour + scenario.horizon_h);
    let mut share = 0.0;
    let mut step = (start / step_h).floor();
    while step * step_h < end && total > 0.0 {
        let span = ((step + 1.0) * step_h).min(end) - (step * step_h).max(start);
        share += span / step_h * profile[step as usize % profile.len()] / total;
        step += 1.0;
    }
    share * scenario.arrivals_per_day()
}

fn orders_fit_into_memory(scenario: &Scenario, desk: &mut Desk) {
    let arrivals = expected_arrivals(scenario);
    if scenario.demand.source == DemandSource::Synthetic && arrivals > MOST_ORDERS {
        let what = if scenario.consumers_choose() { "sessions" } else { "orders" };
        let found = format!("{:.0} million {what} in a run", arrivals / 1e6);
        let help = "simulate fewer hours (`horizon_h`) or a part of the city, and use --replications".to_string();
        desk.report_rule(&[arrivals_key(scenario), "horizon_h"], found, "at most 60 million".into(), Some(help));
    }
}

fn category_shares_are_not_empty(scenario: &Scenario, desk: &mut Desk) {
    if scenario.catalogue.categories.iter().map(|category| category.share).sum::<f64>() <= 0.0 {
        let help = "give at least one category a share above 0".to_string();
        desk.report_rule(
            &["catalogue.categories"],
            "no category with a share".into(),
            "shares with a sum above 0".into(),
            Some(help),
        );
    }
}

fn shelves_fit_into_memory(scenario: &Scenario, desk: &mut Desk) {
    let stores: f64 = scenario.stores.archetypes.iter().map(|kind| f64::from(kind.count)).sum();
    let skus = f64::from(scenario.catalogue.skus_per_category) * scenario.catalogue.categories.len() as f64;
    if scenario.stores.file.is_none() && stores * skus > MOST_SHELVES {
        let found = format!("{stores} stores with up to {skus} SKUs each");
        let help = "fewer SKUs keep the effect: `catalogue.skus_per_category` of some hundreds".to_string();
        desk.report_rule(
            &["catalogue.skus_per_category", "stores.archetypes"],
            found,
            "at most 400 million shelf places".into(),
            Some(help),
        );
    }
}

fn somebody_is_on_duty(scenario: &Scenario, desk: &mut Desk) {
    let couriers = &scenario.couriers;
    let mut hours = couriers.on_duty_by_hour.iter().zip(&couriers.food_share_by_hour);
    if couriers.file.is_none() && couriers.count > 0 && hours.all(|(share, food)| *share == 0.0 || *food == 1.0) {
        let help = "couriers.count = 0 is the way to say no couriers".to_string();
        desk.report_rule(
            &["couriers.on_duty_by_hour", "couriers.food_share_by_hour"],
            "nobody on duty at any hour".into(),
            "a share above 0 in at least one hour".into(),
            Some(help),
        );
    }
}

fn click_to_door_limit_has_its_policy(scenario: &Scenario, desk: &mut Desk) {
    let policy = scenario.dispatch.policy;
    if scenario.dispatch.max_click_to_door_min.is_some()
        && matches!(policy, DispatchPolicy::GreedyNearest | DispatchPolicy::External)
    {
        let found = format!("a limit that policy \"{}\" does not know", policy.word());
        let help = "set dispatch.policy = \"earliest_dropoff\" or \"batch_match\", or delete the line".to_string();
        let expected = "a policy that foresees the delivery".to_string();
        desk.report_rule(&["dispatch.max_click_to_door_min", "dispatch.policy"], found, expected, Some(help));
    }
}

fn has_walk_ins(scenario: &Scenario) -> bool {
    scenario.stores.archetypes.iter().any(|kind| kind.walk_in_units_per_category_h > 0.0)
}

fn rationing_has_walk_ins(scenario: &Scenario, desk: &mut Desk) {
    let policy = scenario.rationing.policy;
    if policy != RationingPolicy::None && !has_walk_ins(scenario) {
        let found = format!("policy \"{}\" without anybody to keep units for", policy.word());
        let help = "set walk_in_units_per_category_h of an archetype, 1.2 for example".to_string();
        let expected = "an archetype with walk-ins".to_string();
        desk.report_rule(&["rationing.policy", "stores.archetypes"], found, expected, Some(help));
    }
}

/// Each stage of overload control begins at a higher load than the one before.
fn overload_levels_are_in_order(scenario: &Scenario, desk: &mut Desk) {
    let keys = &scenario.overload;
    let stages = [
        ("overload.longer_above", keys.longer_above),
        ("overload.smaller_above", keys.smaller_above),
        ("overload.pause_above", keys.pause_above),
    ];
    for pair in stages.windows(2) {
        let ((first, low), (second, high)) = (pair[0], pair[1]);
        if low > high {
            let help = "a stage beyond every load (such as 99) is the way to leave it out".to_string();
            let expected = format!("`{first}` at most `{second}`");
            desk.report_rule(&[first, second], format!("{low} before {high}"), expected, Some(help));
        }
    }
}

fn external_policy_has_its_command(scenario: &Scenario, desk: &mut Desk) {
    let (policy, has_command) = (scenario.dispatch.policy, !scenario.external.command.is_empty());
    if policy == DispatchPolicy::External && !has_command {
        let help =
            "add external.command = [\"python3\", \"policy.py\"]; docs/external-policy.md tells what it is asked";
        desk.report_rule(
            &["dispatch.policy", "external.command"],
            "policy \"external\" without a program".into(),
            "`external.command`".into(),
            Some(help.into()),
        );
    }
    if policy != DispatchPolicy::External && has_command {
        let found = format!("a program that policy \"{}\" does not ask", policy.word());
        let help = "set dispatch.policy = \"external\", or delete the line".to_string();
        desk.report_rule(&["external.command", "dispatch.policy"], found, "policy \"external\"".into(), Some(help));
    }
}

fn couriers_of_one_store_start_there(scenario: &Scenario, desk: &mut Desk) {
    let couriers = &scenario.couriers;
    if couriers.file.is_none() && couriers.work_for == WorkFor::Store && couriers.start != CourierStart::Stores {
        let found = format!("couriers of one store who start by \"{}\"", couriers.start.word());
        let help = "add couriers.start = \"stores\"".to_string();
        desk.report_rule(&["couriers.work_for", "couriers.start"], found, "start \"stores\"".into(), Some(help));
    }
}

fn store_couriers_return(scenario: &Scenario, desk: &mut Desk) {
    let returns = scenario.couriers.after_delivery == AfterDelivery::Return;
    if scenario.dispatch.policy == DispatchPolicy::StoreCouriers && !returns {
        let found = "policy \"store_couriers\" with couriers who stay where they delivered".to_string();
        let help = "set couriers.after_delivery = \"return\", or dispatch.policy = \"earliest_dropoff\"".to_string();
        let expected = "couriers who return".to_string();
        desk.report_rule(&["dispatch.policy", "couriers.after_delivery"], found, expected, Some(help));
    }
}

fn store_couriers_have_a_store(scenario: &Scenario, desk: &mut Desk) {
    let couriers = &scenario.couriers;
    let drawn = couriers.file.is_none() && couriers.work_for != WorkFor::Store;
    if scenario.dispatch.policy == DispatchPolicy::StoreCouriers && drawn {
        let found = "policy \"store_couriers\" with couriers who work for every store of their fleet".to_string();
        let help = "set couriers.work_for = \"store\" and couriers.start = \"stores\"".to_string();
        let expected = "couriers who work for one store".to_string();
        desk.report_rule(&["dispatch.policy", "couriers.work_for"], found, expected, Some(help));
    }
}

fn joined_trips_have_their_dispatch(scenario: &Scenario, desk: &mut Desk) {
    let policy = scenario.dispatch.policy;
    if scenario.dispatch.join_trips && policy != DispatchPolicy::StoreCouriers {
        let found = format!("trips that policy \"{}\" does not join", policy.word());
        let help = "set dispatch.policy = \"store_couriers\", or delete the line".to_string();
        let expected = "policy \"store_couriers\"".to_string();
        desk.report_rule(&["dispatch.join_trips", "dispatch.policy"], found, expected, Some(help));
    }
}

fn reassignment_has_its_dispatch(scenario: &Scenario, desk: &mut Desk) {
    let policy = scenario.dispatch.policy;
    if scenario.sourcing.policy == SourcingPolicy::Reassignment && policy != DispatchPolicy::StoreCouriers {
        let found = format!("sourcing by the best courier, with dispatch \"{}\"", policy.word());
        let help = "set dispatch.policy = \"store_couriers\"".to_string();
        let expected = "policy \"store_couriers\", which chooses the courier when the order is placed".to_string();
        desk.report_rule(&["sourcing.policy", "dispatch.policy"], found, expected, Some(help));
    }
}

fn couriers_ride_back_or_to_hot_spots(scenario: &Scenario, desk: &mut Desk) {
    let policy = scenario.reposition.policy;
    if scenario.couriers.after_delivery == AfterDelivery::Return && policy != RepositionPolicy::Stay {
        let found = format!("couriers who ride back to their base and reposition by \"{}\"", policy.word());
        let help = "set couriers.after_delivery = \"stay\", or reposition.policy = \"stay\"".to_string();
        let expected = "one of the two".to_string();
        desk.report_rule(&["couriers.after_delivery", "reposition.policy"], found, expected, Some(help));
    }
}

fn files_exist(scenario: &Scenario, desk: &mut Desk) {
    for (key, path) in files(scenario) {
        let path = Path::new(&path);
        if path.is_file() {
            continue;
        }
        let found = if path.is_dir() { "is a folder" } else { "no such file" };
        let help = sibling(path).unwrap_or_else(|| "paths start at the folder of the file that names them".into());
        desk.report_rule(&[&key], format!("{}: {found}", path.display()), "a file that exists".into(), Some(help));
    }
}

fn sibling(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_string_lossy().into_owned();
    let mut names: Vec<String> = std::fs::read_dir(path.parent()?)
        .ok()?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let guess = super::problem::closest(&wanted, names.iter().map(String::as_str));
    guess.map(|guess| format!("did you mean {}?", quoted([guess].into_iter(), "\"")))
}

/// The input files a scenario names: key and path.
pub(super) fn files(scenario: &Scenario) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (section, value) in tree(scenario).entries {
        let Value::Table(table) = value else { continue };
        for (key, value) in table.entries {
            if let (super::Kind::File, Value::Text(path)) = (key.kind, value) {
                let name = format!("{}.{}", section.name, key.name);
                // A theme is no input: who draws reads it, and a shard of a sweep does without.
                if !super::speaks_only(&name) {
                    found.push((name, path));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::ChoiceModel;

    #[test]
    fn expected_arrivals_follow_the_profile_and_the_horizon() {
        let mut scenario = Scenario::default();
        scenario.choice.model = ChoiceModel::Intent;
        scenario.demand.orders_per_day = 2400.0;
        assert!((expected_arrivals(&scenario) - 2400.0).abs() < 1e-6);
        scenario.demand.hourly_profile = [1.0; 24];
        (scenario.start_hour, scenario.horizon_h) = (23.5, 2.0);
        assert!((expected_arrivals(&scenario) - 200.0).abs() < 1e-6);
        scenario.choice.model = ChoiceModel::Auto;
        assert!((expected_arrivals(&scenario) - 200.0 / 0.3).abs() < 1e-6);
        scenario.choice.sessions_per_day = Some(24.0e6);
        assert!((expected_arrivals(&scenario) - 2e6).abs() < 1e-3);
    }

    #[test]
    fn a_profile_of_half_hours_or_of_two_hours_adds_up_by_the_clock() {
        let mut demand = Scenario::default().demand;
        demand.profile = (0..48).map(f64::from).collect();
        assert_eq!(demand.by_clock_hour()[..3], [1.0, 5.0, 9.0]);
        demand.profile = (0..12).map(f64::from).collect();
        assert_eq!(demand.by_clock_hour()[..5], [0.0, 0.0, 0.5, 0.5, 1.0]);
    }

    #[test]
    fn only_set_file_keys_are_listed() {
        let mut scenario = Scenario::default();
        assert!(files(&scenario).is_empty());
        scenario.stores.file = Some("/x/stores.csv".into());
        assert_eq!(files(&scenario), [("stores.file".to_string(), "/x/stores.csv".to_string())]);
    }
}
