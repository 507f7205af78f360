//! Near availability by category and by zone: how many of those who came a store could have served.

use super::MetricsError;
use super::facts::{Facts, OrderFacts};
use super::stock_outs::{asked_near, home_of};
use crate::city::City;
use crate::city::space::Spot;
use crate::city::zones::Zones;
use crate::event::{CancelReason, EventLog, FarReason, Placement};
use crate::scenario::{Metric, Scenario};
use crate::units::{CategoryId, ZoneId};
use polars::prelude::*;
use std::fmt::Write;

/// Those who came, and those of them whom a store could have served.
#[derive(Clone, Copy, Default, Debug)]
struct Served {
    sessions: u32,
    available: u32,
}

impl Served {
    fn add(&mut self, available: bool) {
        self.sessions += 1;
        self.available += u32::from(available);
    }
}

/// One row of the table.
struct Row {
    by: &'static str,
    name: String,
    served: Served,
    middle: Option<Spot>,
}

/// Counts by what the table is made by.
struct Counts {
    all: Served,
    categories: Vec<Served>,
    zones: Vec<Served>,
}

impl Counts {
    fn add(&mut self, category: CategoryId, zone: Option<ZoneId>, available: bool) {
        let category = self.categories.get_mut(category.index());
        let zone = zone.and_then(|zone| self.zones.get_mut(zone.index()));
        [Some(&mut self.all), category, zone].into_iter().flatten().for_each(|served| served.add(available));
    }
}

/// Columns: replication, by (`all`, `category` or `zone`), name (`all`, the category, or the number of the zone, those without
/// anybody left out), sessions, available, and x_m and y_m, the middle of a zone where places are metres.
pub(super) fn availability_frame(
    scenario: &Scenario,
    city: &City,
    facts: &Facts,
    log: &EventLog,
    replication: u32,
) -> Result<DataFrame, MetricsError> {
    let zones = Zones::new(city, scenario.city.zone_km * 1000.0);
    let counts = counts(city, facts, log, &zones);
    let row = |by, name, served| Row { by, name, served, middle: None };
    let categories = city.categories.iter().zip(counts.categories);
    let planar = matches!(city.metric, Metric::Euclid | Metric::Manhattan);
    let of_zone = |(zone, served): (usize, Served)| Row {
        middle: planar.then(|| zones.centre(ZoneId(zone as u32))),
        ..row("zone", zone.to_string(), served)
    };
    let rows: Vec<Row> = std::iter::once(row("all", "all".into(), counts.all))
        .chain(categories.map(|(name, served)| row("category", name.clone(), served)))
        .chain(counts.zones.into_iter().enumerate().filter(|(_, served)| served.sessions > 0).map(of_zone))
        .collect();
    let number = |of: fn(&Served) -> u32| rows.iter().map(|row| of(&row.served)).collect::<Vec<_>>();
    let metres = |name: &str, of: fn(Spot) -> f64| {
        Float64Chunked::from_iter_options(name.into(), rows.iter().map(|row| row.middle.map(of))).into_column()
    };
    let columns = vec![
        Column::new("replication".into(), vec![replication; rows.len()]),
        Column::new("by".into(), rows.iter().map(|row| row.by).collect::<Vec<_>>()),
        Column::new("name".into(), rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>()),
        Column::new("sessions".into(), number(|served| served.sessions)),
        Column::new("available".into(), number(|served| served.available)),
        metres("x_m", |spot| spot.a),
        metres("y_m", |spot| spot.b),
    ];
    Ok(DataFrame::new(rows.len(), columns)?)
}

fn counts(city: &City, facts: &Facts, log: &EventLog, zones: &Zones) -> Counts {
    let nobody = |rows| vec![Served::default(); rows];
    let mut counts =
        Counts { all: Served::default(), categories: nobody(city.categories.len()), zones: nobody(zones.count()) };
    let checkouts = facts.orders.iter().zip(&log.placements).filter(|(_, placed)| placed.part_of.is_none());
    for (order, placement) in checkouts.filter(|(order, _)| facts.window.counts(order.placed)) {
        if let Some(available) = could_be_served(city, order, placement) {
            let zone = home_of(city, log, order.id).map(|home| zones.zone(home));
            counts.add(placement.category, zone, available);
        }
    }
    for left in &facts.sessions_left {
        let consumer = left.consumer.index();
        let zone = (consumer < city.demand.homes.len()).then(|| zones.zone(city.demand.home_spot(consumer)));
        counts.add(left.category, zone, left.near_offered);
    }
    counts
}

/// Whether a store could have served the order when it was placed; None if it did not come in a session and asked for no store,
/// or its store was given.
fn could_be_served(city: &City, order: &OrderFacts, placement: &Placement) -> Option<bool> {
    if let Some(visit) = placement.session {
        return Some(visit.near_offered);
    }
    let offered = match order.far_reason {
        None | Some(FarReason::Fee | FarReason::Cheaper | FarReason::MaxWait) => true,
        Some(_) => false,
    };
    let refused = order.cancel_reason == Some(CancelReason::NoStore);
    asked_near(city, order).then_some(offered && !refused && !order.backordered)
}

/// The table with the share, as text.
pub(super) fn availability_csv(table: &DataFrame) -> Result<String, MetricsError> {
    let mut csv = String::from("replication,by,name,sessions,available,share,x_m,y_m\n");
    if table.width() == 0 {
        return Ok(csv);
    }
    let count = |column: &str| Ok::<_, MetricsError>(table.column(column)?.u32()?);
    let (replication, sessions, available) = (count("replication")?, count("sessions")?, count("available")?);
    let (by, name) = (table.column("by")?.str()?, table.column("name")?.str()?);
    let (x, y) = (table.column("x_m")?.f64()?, table.column("y_m")?.f64()?);
    let metres = |of: Option<f64>| of.map_or_else(String::new, |metres| format!("{metres:.0}"));
    for row in 0..table.height() {
        let [replication, sessions, available] =
            [replication, sessions, available].map(|column| column.get(row).unwrap_or_default());
        let [by, name] = [by, name].map(|column| quoted(column.get(row).unwrap_or_default()));
        let share = f64::from(available) / f64::from(sessions);
        let (x, y) = (metres(x.get(row)), metres(y.get(row)));
        writeln!(csv, "{replication},{by},{name},{sessions},{available},{share},{x},{y}").expect("strings grow");
    }
    Ok(csv)
}

fn quoted(cell: &str) -> String {
    match cell.contains([',', '"', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Frames;
    use super::*;
    use crate::city::Place;
    use crate::city::demand::Demand;
    use crate::event::{Event, LeaveReason, Visit};
    use crate::testing::{Run, small_run};
    use crate::units::{ConsumerId, OrderId, SessionId, Tier};

    /// The small run, all of whose consumers live in the corner but who placed order 6, 3 km east of it.
    fn run_with_homes() -> Run {
        let mut run = small_run();
        let home = |consumer| Place { x_m: if consumer == 106 { 3000.0 } else { 0.0 }, ..Place::default() };
        let homes = (0..107).map(home).collect();
        run.city.demand = Demand::new(&run.scenario, homes, run.city.travel.space(), Vec::new());
        run.city.categories = vec!["fresh, cool".into()];
        run.scenario.city.zone_km = 2.0;
        run
    }

    fn csv(run: &Run) -> Vec<String> {
        let frames = Frames::from_log(&run.scenario, &run.city, &run.log, 3).unwrap();
        frames.availability_csv().unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn orders_that_asked_for_the_near_field_count_by_category_and_zone() {
        // Order 2 found no stock, order 5 asked for a parcel.
        let expected = [
            "replication,by,name,sessions,available,share,x_m,y_m",
            "3,all,all,6,5,0.8333333333333334,,",
            "3,category,\"fresh, cool\",6,5,0.8333333333333334,,",
            "3,zone,0,5,4,0.8,1000,1000",
            "3,zone,1,1,1,1,3000,1000",
        ];
        assert_eq!(csv(&run_with_homes()), expected);
    }

    #[test]
    fn nobody_of_the_warm_up_counts() {
        let mut run = run_with_homes();
        run.scenario.warm_up_h = 0.5;
        let counted = run.log.placements.iter().enumerate().filter(|(order, _)| {
            let placed =
                |record: &&crate::event::Record| record.event == Event::OrderPlaced { order: OrderId(*order as u32) };
            run.log.records.iter().find(placed).is_some_and(|record| record.at.hours() >= 0.5)
        });
        // All but order 5, which asked for a parcel; order 2, which found no stock, came before.
        let near = counted.filter(|(order, _)| *order != 5).count();
        assert!(near > 0 && near < 6);
        assert_eq!(csv(&run)[1], format!("3,all,all,{near},{near},1,,"));
    }

    #[test]
    fn sessions_say_themselves_whether_a_store_could_have_served_them() {
        let mut run = run_with_homes();
        let visit =
            |near_offered| Some(Visit { session: SessionId(0), tier: Tier::Guest, urgent: false, near_offered });
        // Who wanted a parcel could have had it near; order 0 no longer.
        (run.log.placements[0].session, run.log.placements[5].session) = (visit(false), visit(true));
        let left = Event::SessionLeft {
            session: SessionId(1),
            consumer: ConsumerId(106),
            category: CategoryId(0),
            near_offered: false,
            reason: LeaveReason::StockOut,
        };
        run.log.record(run.log.records.last().unwrap().at, left);
        assert_eq!(csv(&run)[1], "3,all,all,8,5,0.625,,");
        assert_eq!(csv(&run)[3..], ["3,zone,0,6,4,0.6666666666666666,1000,1000", "3,zone,1,2,1,0.5,3000,1000"]);
    }

    #[test]
    fn parts_of_an_order_and_orders_that_wait_are_not_available_ones() {
        let mut run = run_with_homes();
        run.log.placements[1].part_of = Some(crate::units::OrderId(0));
        let end = run.log.records.last().unwrap().at;
        run.log.record(end, Event::OrderBackordered { order: crate::units::OrderId(3), units: 1 });
        assert_eq!(csv(&run)[1], "3,all,all,5,3,0.6,,");
    }
}
