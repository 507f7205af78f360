//! Room: city (floor 2). Scenario → [`City`]: everything that does not change during a run.
//! May use `units`, `rng`, `scenario`, `table`; geo and rstar live here.

pub(crate) mod build;
pub mod consumers;
pub mod demand;
pub mod forecast;
mod from_files;
pub mod input;
pub mod nodes;
pub mod projection;
pub mod space;
pub mod travel;
pub mod zones;

#[cfg(test)]
pub(crate) use build::walks;

use crate::scenario::{Metric, PickDistribution};
use crate::units::{CategoryId, Money, SimDuration, SimTime, StoreId};

/// Which channel the orders served from a node count as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Channel {
    /// Instant retail from a nearby store.
    Near,
    /// Parcel e-commerce.
    Far,
    /// Fetched by the consumer; no node's channel, near stores serve it too.
    Pickup,
}

impl Channel {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Channel::Near => "near",
            Channel::Far => "far",
            Channel::Pickup => "pickup",
        }
    }
}

/// Longitude and latitude in degrees (WGS 84).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LonLat {
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
}

/// A place in the city.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Place {
    /// Metres east of the south-west corner.
    pub x_m: f64,
    /// Metres north of the south-west corner.
    pub y_m: f64,
    /// The same place on the globe, where it was given as lon/lat.
    pub lon_lat: Option<LonLat>,
    /// Row of the travel-time matrix, for `city.metric = "matrix"`.
    pub matrix_row: Option<u32>,
}

/// A node that serves orders by courier: a store, dark store or parcel branch.
#[derive(Clone, PartialEq, Debug)]
pub struct Store {
    /// Name in tables: the id of the input file, or `flash_warehouse-007` in a synthetic city.
    pub name: String,
    /// Archetype id.
    pub archetype: String,
    /// Where it stands.
    pub place: Place,
    /// Largest distance (without detour) to a consumer it serves.
    pub radius_m: f64,
    /// Pickers working at the same time; 0 means no limit.
    pub pickers: u32,
    /// Fixed part of the mean picking time.
    pub pick_base: SimDuration,
    /// Added to the mean picking time for every unit.
    pub pick_per_item: SimDuration,
    /// How the picking time varies about its mean.
    pub pick_distribution: PickDistribution,
    /// Coefficient of variation of the lognormal picking time.
    pub pick_cv: f64,
    /// Picking times are multiples of this; zero: not rounded.
    pub pick_rounding: SimDuration,
    /// Time of day it opens.
    pub opens: SimDuration,
    /// Time of day it closes; at or before `opens` means after midnight.
    pub closes: SimDuration,
    /// Rent and fixed wages for 24 hours.
    pub fixed_cost_per_day: Money,
    /// Index into [`City::fleets`].
    pub fleet: u16,
    /// Channel its orders count as.
    pub channel: Channel,
}

/// A courier and their shifts.
#[derive(Clone, PartialEq, Debug)]
pub struct Courier {
    /// Name in tables: the id of the input file, or `courier-0007`.
    pub name: String,
    /// Where they wait when their first shift begins and ride back to with `couriers.after_delivery = "return"`.
    pub place: Place,
    /// Shifts, in order, not overlapping: (on duty, off duty).
    pub shifts: Vec<(SimTime, SimTime)>,
    /// Index into [`City::fleets`]; a store with couriers of its own is a fleet by itself.
    pub fleet: u16,
    /// The one store they work for, if they do.
    pub store: Option<StoreId>,
}

/// One order of a trace: what was observed, and only that.
#[derive(Clone, PartialEq, Debug)]
pub struct TracedOrder {
    /// Id in the input file.
    pub name: String,
    /// When it is placed.
    pub placed: SimTime,
    /// Where it goes.
    pub place: Place,
    /// The store that serves it, where given; else sourcing decides.
    pub store: Option<StoreId>,
    /// Given as far-field order without a store: goes to the central warehouse.
    pub far: bool,
    /// When it is ready at the store, where given (no picker is used then).
    pub ready: Option<SimTime>,
    /// Picking time, where given (a picker is used).
    pub pick: Option<SimDuration>,
    /// Service at the door, where given.
    pub service: Option<SimDuration>,
    /// Value at list price, where given.
    pub value: Option<Money>,
    /// Category, where given.
    pub category: Option<CategoryId>,
    /// Units, at least 1.
    pub units: u32,
}

/// The city of one replication, without anything that changes during a run.
#[derive(Clone, Debug)]
pub struct City {
    /// Extent east of the south-west corner.
    pub width_m: f64,
    /// Extent north of the south-west corner.
    pub height_m: f64,
    /// How distance is measured.
    pub metric: Metric,
    /// Stores by [`StoreId`].
    pub stores: Vec<Store>,
    /// Couriers by `CourierId`.
    pub couriers: Vec<Courier>,
    /// Most orders that a courier has on board.
    pub courier_capacity: u32,
    /// Names of fleets; a courier serves the stores of their own fleet only.
    pub fleets: Vec<String>,
    /// The central warehouse.
    pub warehouse: Place,
    /// Names of categories by `CategoryId`.
    pub categories: Vec<String>,
    /// Names of lanes by `LaneId`.
    pub lanes: Vec<String>,
    /// Names of traced orders by `OrderId`; empty in a synthetic city.
    pub order_names: Vec<String>,
    /// Units of each SKU on a full shelf, SKU-major (`sku * stores + store`); 0 is not carried; empty
    /// when shelves never run empty.
    pub full_levels: Vec<u16>,
    /// Nearest-store lists; None when every traced order names its store.
    pub candidates: Option<std::sync::Arc<nodes::Candidates>>,
    /// The same lists for consumers who fetch their orders, within `pickup.radius_km`; None where nobody does.
    pub walks: Option<std::sync::Arc<nodes::Candidates>>,
    /// Radius of the earth.
    pub earth_radius_m: f64,
    /// Where consumers live, when they order and what.
    pub demand: demand::Demand,
    /// Road distance and time.
    pub travel: travel::Travel,
}

impl Store {
    /// Whose random numbers it draws: those of its name, so that it keeps them when stores before it come or go.
    pub fn stream_id(&self) -> u64 {
        crate::rng::id_of(&self.name)
    }
}

impl Courier {
    /// Whose random numbers they draw: those of their name, as stores do.
    pub fn stream_id(&self) -> u64 {
        crate::rng::id_of(&self.name)
    }
}

impl City {
    /// Whether every place fits a pair of `f32` without loss in the coordinates of the metric.
    pub fn spots_fit_f32(&self) -> bool {
        let space = self.travel.space();
        let stores = self.stores.iter().map(|store| &store.place);
        let couriers = self.couriers.iter().map(|courier| &courier.place);
        let orders = self.demand.trace.iter().map(|order| &order.place);
        let fits = |value: f64| f64::from(value as f32) == value;
        let mut spots = stores.chain(couriers).chain(orders).map(|place| space.spot(place));
        self.demand.home_spots.is_empty() && spots.all(|spot| fits(spot.a) && fits(spot.b))
    }

    /// The box around all consumers, in the coordinates of the metric.
    pub fn spot_box(&self) -> (space::Spot, space::Spot) {
        self.demand.spot_box
    }
}

/// Why a city could not be built.
#[derive(Debug, thiserror::Error)]
pub enum CityError {
    /// Mistakes in input files, all of them.
    #[error("{} in input files", .0.len())]
    Input(Vec<input::Problem>),
}

#[cfg(test)]
impl City {
    /// A city without anything, for tests that need a few parts only.
    pub(crate) fn empty() -> City {
        let scenario = crate::testing::fixed_wishes();
        let space = space::Space::new(Metric::Euclid, 6_371_008.8, space::Matrix::default());
        City {
            width_m: 0.0,
            height_m: 0.0,
            metric: Metric::Euclid,
            stores: Vec::new(),
            couriers: Vec::new(),
            courier_capacity: 5,
            fleets: Vec::new(),
            warehouse: Place::default(),
            categories: Vec::new(),
            lanes: Vec::new(),
            order_names: Vec::new(),
            full_levels: Vec::new(),
            candidates: None,
            walks: None,
            earth_radius_m: 6_371_008.8,
            demand: demand::Demand::new(&scenario, Vec::new(), &space, Vec::new()),
            travel: travel::Travel::new(&scenario, space),
        }
    }
}
