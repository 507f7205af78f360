//! Room: report. The replay: a day that moves, as data a page carries with it.
//!
//! ```text
//! EventLog ──trips──► rides of couriers ─┐
//! orders.parquet frame ──────────────────┼─► Day ──pack──► columns of u16 in base64 ──► canvas of the page
//! City ──────────────────────────────────┘     ├──still──► SVG, for readers without JavaScript
//!                                              └──geojson──► trips for kepler.gl
//! ```
//! Charts come from frames; movement needs the order of facts, so this reads the log of one replication as well.

mod geojson;
mod pack;
mod page;
mod read;
mod still;
mod trips;

pub use geojson::{GlobeAnchor, geojson};
pub use page::replay_page;
pub(crate) use page::{STYLE, section};

use super::{Look, ReportError};
use crate::city::City;
use crate::event::EventLog;
use crate::scenario::Scenario;
use polars::prelude::DataFrame;

/// Orders that a page carries; of a run with more, every second, third … courier with its orders is shown.
pub(crate) const MOST_ORDERS: usize = 40_000;

/// What a replay is made from: one replication.
#[derive(Clone, Copy, Debug)]
pub struct ReplayView<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its city.
    pub city: &'a City,
    /// The facts of the replication.
    pub log: &'a EventLog,
    /// The orders of the replication; of a table of several the lowest.
    pub orders: &'a DataFrame,
    /// Language and theme.
    pub look: &'a Look,
}

/// A day to be replayed, or the reason why there is none.
#[derive(Clone, PartialEq, Debug)]
pub enum Replay {
    /// Everything that moves.
    Day(Box<Day>),
    /// Why nothing can be shown, as a sentence.
    WhyNot(String),
}

/// A place on the map, metres from the south-west corner.
pub(crate) type Point = (f64, f64);

/// Everything that moves in one replication; times in seconds after the start.
#[derive(Clone, PartialEq, Debug)]
pub struct Day {
    pub(crate) label: String,
    pub(crate) currency: String,
    pub(crate) seed: u64,
    pub(crate) start_hour: f64,
    /// Length of the replay.
    pub(crate) span_s: f64,
    /// South-west and north-east corner of the map.
    pub(crate) low: Point,
    pub(crate) high: Point,
    /// Couriers ride along streets: first east or west, then north or south.
    pub(crate) along_streets: bool,
    pub(crate) stores: Vec<Store>,
    pub(crate) warehouse: Option<Point>,
    pub(crate) couriers: Vec<Courier>,
    /// By courier, then time.
    pub(crate) rides: Vec<Ride>,
    /// By time of placement.
    pub(crate) orders: Vec<Order>,
    pub(crate) counts: Counts,
    /// One courier in so many is shown, with its orders; 1 shows all.
    pub(crate) one_in: usize,
    /// Orders of the run, shown or not.
    pub(crate) all_orders: usize,
}

/// A store on the map.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Store {
    pub(crate) name: String,
    pub(crate) at: Point,
    /// A branch of the parcel network rather than a store nearby.
    pub(crate) far: bool,
}

/// A courier and when they are on duty.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Courier {
    pub(crate) name: String,
    /// Where they begin.
    pub(crate) at: Point,
    pub(crate) shifts: Vec<(f64, f64)>,
}

/// A ride of a courier and the stay at its end.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Ride {
    /// Which of [`Day::couriers`].
    pub(crate) courier: usize,
    pub(crate) from_s: f64,
    pub(crate) until_s: f64,
    /// When the work at its end is done; the courier may be off before.
    pub(crate) busy_until_s: f64,
    pub(crate) from: Point,
    pub(crate) to: Point,
    /// Orders on board.
    pub(crate) load: u8,
    /// It ends at a store to pick something up.
    pub(crate) to_store: bool,
}

/// The way of an order.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Order {
    /// Number, as `nearfar explain` wants it.
    pub(crate) id: u32,
    pub(crate) at: Point,
    pub(crate) channel: Way,
    pub(crate) cancelled: bool,
    /// Came, or became ready to be fetched, after its promise; or was cancelled.
    pub(crate) late: bool,
    pub(crate) placed_s: f64,
    /// Packed at its store or in the warehouse.
    pub(crate) ready_s: Option<f64>,
    /// Picked up by its courier; of a parcel: it left the warehouse.
    pub(crate) left_s: Option<f64>,
    /// Delivered, fetched or cancelled.
    pub(crate) done_s: Option<f64>,
    pub(crate) promised_s: Option<f64>,
    pub(crate) cost_yuan: Option<f64>,
    /// Which of [`Day::stores`].
    pub(crate) store: Option<usize>,
    /// Which of [`Day::couriers`].
    pub(crate) courier: Option<usize>,
}

/// How an order reaches its consumer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    Near = 0,
    Far = 1,
    Pickup = 2,
}

/// How many so far, at the end of each step of time, over all orders of the run.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) step_s: f64,
    /// For each of [`COUNTED`] one number a step.
    pub(crate) so_far: Vec<Vec<u32>>,
}

/// What [`Counts`] counts, by the names of the page.
pub(crate) const COUNTED: [&str; 8] =
    ["near", "far", "pickup", "nearDone", "nearDelivered", "nearLate", "shipped", "fetched"];

/// Makes the replay of one replication.
pub fn replay(view: &ReplayView<'_>) -> Result<Replay, ReportError> {
    replay_of_most(view, MOST_ORDERS)
}

/// The same with another number of orders a page carries.
pub(crate) fn replay_of_most(view: &ReplayView<'_>, most: usize) -> Result<Replay, ReportError> {
    if let Some(why) = why_not(view) {
        return Ok(Replay::WhyNot(why));
    }
    let rows = read::Rows::read(view.orders)?;
    let one_in = rows.len().div_ceil(most).max(1);
    let horizon_s = view.scenario.horizon_h * 3600.0;
    let mut rides = trips::rides(view);
    rides.retain(|ride| ride.courier % one_in == 0);
    let last = rides.iter().map(|ride| ride.busy_until_s).fold(horizon_s, f64::max);
    let span_s = last.min(horizon_s + AFTER_S).max(600.0);
    rides.retain(|ride| ride.from_s < span_s);
    rides.iter_mut().for_each(|ride| ride.courier /= one_in);
    let stores: Vec<Store> = view.city.stores.iter().map(read::store).collect();
    let couriers: Vec<Courier> = view.city.couriers.iter().step_by(one_in).map(read::courier).collect();
    let orders = rows.orders(view.city, one_in);
    let any_parcel = orders.iter().any(|order| order.channel == Way::Far && order.store.is_none());
    let warehouse = any_parcel.then_some((view.city.warehouse.x_m, view.city.warehouse.y_m));
    let placed = |store: &Store| store.at;
    let spots = stores.iter().map(placed).chain(couriers.iter().map(|one| one.at)).chain(orders.iter().map(|o| o.at));
    let (low, high) = corners(view.city, spots);
    Ok(Replay::Day(Box::new(Day {
        label: view.scenario.label.clone(),
        currency: view.scenario.report.currency.clone(),
        seed: view.scenario.seed,
        start_hour: view.scenario.start_hour,
        span_s,
        low,
        high,
        along_streets: view.city.metric == crate::scenario::Metric::Manhattan,
        stores,
        warehouse,
        couriers,
        rides,
        counts: rows.counts(span_s),
        all_orders: rows.len(),
        orders,
        one_in,
    })))
}

/// The replay goes on after the last order could be placed, for couriers to finish, but no longer than this: parcels
/// take days.
const AFTER_S: f64 = 3.0 * 3600.0;

/// Why there is nothing to see.
fn why_not(view: &ReplayView<'_>) -> Option<String> {
    let places = view.log.placements.iter().map(|placed| (placed.x_m, placed.y_m));
    let mut places =
        places.chain(view.city.stores.iter().map(|store| (store.place.x_m as f32, store.place.y_m as f32)));
    let Some(first) = places.next().filter(|_| !view.log.placements.is_empty()) else {
        return Some("There is no replay: nobody ordered.".to_owned());
    };
    let metric = view.city.metric.word();
    places.all(|place| place == first).then(|| {
        format!("There is no replay: the places of this scenario have no coordinates (city.metric = \"{metric}\").")
    })
}

/// The corners of a map that holds the city and all these places.
fn corners(city: &City, spots: impl Iterator<Item = Point>) -> (Point, Point) {
    let start = ((0.0, 0.0), (city.width_m.max(1.0), city.height_m.max(1.0)));
    spots.fold(start, |(low, high), (x, y)| ((low.0.min(x), low.1.min(y)), (high.0.max(x), high.1.max(y))))
}

#[cfg(test)]
pub(crate) mod tests;
