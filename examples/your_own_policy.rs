//! A dispatch policy of your own against a built-in one, on the identical day. docs/your-own-policy.md goes through it.
//!
//! `cargo run --release --example your_own_policy`

use nearfar::city::City;
use nearfar::metrics::{Frames, Kpi, kpis};
use nearfar::policy::dispatch::{Assignment, Dispatch, Stop, View, policy};
use nearfar::scenario::{self, Override, Scenario};
use nearfar::units::SimDuration;
use std::{collections::BTreeSet, error::Error, path::Path, sync::Arc};

/// Whose promise ends first goes first, with the courier who can be at the store first.
fn most_urgent_first(view: &View) -> Vec<Assignment> {
    let soon = view.now + SimDuration::from_minutes(5.0);
    let mut waiting: Vec<_> = view.orders.iter().filter(|order| order.ready <= soon).collect();
    waiting.sort_by_key(|order| (order.promised, order.order));
    let mut taken = BTreeSet::new();
    let mut assignments = Vec::new();
    for order in waiting {
        let free =
            view.couriers.iter().filter(|c| c.free_at <= soon && c.free_at < c.off && !taken.contains(&c.courier));
        let there = |at, from| at + view.ride(from, order.store_spot, at);
        let Some(first) = free.min_by_key(|c| (there(c.free_at, c.free_spot), c.courier)) else { break };
        let mut stops = first.stops.to_vec(); // what they have to do already stays
        stops.extend([Stop::PickUp(order.order), Stop::DropOff(order.order)]);
        assignments.push(Assignment { courier: first.courier, stops, hold: false });
        taken.insert(first.courier);
    }
    assignments
}

/// One day, as figures.
fn day(scenario: &Scenario, city: &Arc<City>, policy: Option<Box<dyn Dispatch>>) -> Result<Vec<Kpi>, Box<dyn Error>> {
    let outcome = nearfar::sim::run_with(scenario, city, 0, policy, &mut |_| {});
    assert_eq!(outcome.illegal_decisions, 0, "every assignment kept the rules");
    let frames = Frames::from_log(scenario, city, &outcome.log, 0)?;
    Ok(kpis(city, &outcome.log, &frames)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baseline.toml");
    let changes = Override::parse_all(&["dispatch.policy=batch_match", "dispatch.interval_s=30"])?;
    let scenario = scenario::load(&file, &changes)?.scenario;
    let city = Arc::new(City::build(&scenario)?);
    let built_in = day(&scenario, &city, policy(&scenario))?;
    let own = day(&scenario, &city, Some(Box::new(most_urgent_first)))?;
    println!("{:<26} {:>12} {:>12}", "", "batch_match", "your own");
    for name in ["orders", "click_to_door_mean_min", "on_time_share", "km_per_order", "cost_per_order"] {
        let of = |kpis: &[Kpi]| kpis.iter().find(|kpi| kpi.name == name).map_or(f64::NAN, |kpi| kpi.value);
        println!("{name:<26} {:>12.3} {:>12.3}", of(&built_in), of(&own));
    }
    Ok(())
}
