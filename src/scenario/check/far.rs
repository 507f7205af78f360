//! Room: scenario. Rules between keys of the far field.

use crate::scenario::Scenario;
use crate::scenario::desk::Desk;

pub(super) fn lane_shares_are_not_empty(scenario: &Scenario, desk: &mut Desk) {
    if scenario.far.lanes.iter().map(|lane| lane.share).sum::<f64>() <= 0.0 {
        let help = "give at least one lane a share above 0".to_string();
        desk.report_rule(&["far.lanes"], "no lane with a share".into(), "shares with a sum above 0".into(), Some(help));
    }
}

/// Either the output of the line or the workers who make it: never both, never none.
pub(super) fn warehouse_has_one_capacity(scenario: &Scenario, desk: &mut Desk) {
    let warehouse = &scenario.warehouse;
    let workers: f64 = warehouse.shifts.iter().map(|shift| f64::from(shift.workers)).sum();
    let (found, help) = match (warehouse.capacity_per_h > 0.0, workers > 0.0) {
        (true, true) => {
            let found = format!("{} orders an hour as well as {workers} workers", warehouse.capacity_per_h);
            (found, "set warehouse.capacity_per_h = 0 to let the workers decide, or the workers of every shift to 0")
        }
        (false, false) => {
            let help = "set warehouse.capacity_per_h, 900 for example, or add a [[warehouse.shifts]] with workers";
            ("a warehouse that packs nothing".to_string(), help)
        }
        _ => return,
    };
    let expected = "one of the two: an hourly capacity, or workers by shift".to_string();
    desk.report_rule(&["warehouse.capacity_per_h", "warehouse.shifts"], found, expected, Some(help.into()));
}

pub(super) fn temporary_workers_join_others(scenario: &Scenario, desk: &mut Desk) {
    let warehouse = &scenario.warehouse;
    if warehouse.temp_workers > 0 && warehouse.capacity_per_h > 0.0 {
        let found = format!("{} temporary workers beside a given capacity", warehouse.temp_workers);
        let help = "set warehouse.capacity_per_h = 0 and add a [[warehouse.shifts]] with workers".to_string();
        let expected = "a capacity that comes from workers".to_string();
        desk.report_rule(&["warehouse.temp_workers", "warehouse.capacity_per_h"], found, expected, Some(help));
    }
}

pub(super) fn stores_ship_on_a_lane(scenario: &Scenario, desk: &mut Desk) {
    let far = &scenario.far;
    if far.ship_from_store_over_h.is_some() && far.lanes.iter().all(|lane| lane.id != far.ship_from_store_lane) {
        let lanes: Vec<&str> = far.lanes.iter().map(|lane| lane.id.as_str()).collect();
        let help = format!("set far.ship_from_store_lane to one of {}", lanes.join(", "));
        let found = format!("parcels from stores on a lane {:?} that is not there", far.ship_from_store_lane);
        let expected = "the id of a lane".to_string();
        desk.report_rule(&["far.ship_from_store_lane", "far.lanes"], found, expected, Some(help));
    }
}

/// A run that ends while most parcels from abroad are still on their way would say nothing about them.
pub(super) fn parcels_from_abroad_arrive_in_time(scenario: &Scenario, desk: &mut Desk) {
    let keys = &scenario.cross_border;
    let some = scenario.catalogue.categories.iter().any(|category| category.share * category.abroad_share > 0.0);
    let longest_h = match keys.forward_share {
        share if share < 1.0 => keys.hub_every_h + keys.hub_lead_h,
        _ => keys.forward_lead_h,
    };
    if some && scenario.drain_h < longest_h {
        let found = format!("parcels that take {longest_h} h from abroad, and {} h to wait for them", scenario.drain_h);
        let help = format!("set drain_h = {}, a run that has nothing left to do ends before it", 2.0 * longest_h);
        let expected = format!("`drain_h` of at least {longest_h}");
        desk.report_rule(&["drain_h", "catalogue.categories"], found, expected, Some(help));
    }
}
