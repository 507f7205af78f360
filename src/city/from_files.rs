//! Rows of input files → places, stores, couriers and orders of the city.

use super::build::{fleet_index, store_of};
use super::input::{CourierRow, Files, GivenPlace, Known, OrderRow, PointRow, Rows, StoreRow};
use super::projection::Frame;
use super::space::{Matrix, Spot};
use super::{Channel, CityError, Courier, Place, Store, TracedOrder, input};
use crate::rng::{Purpose, Streams};
use crate::scenario::{Archetype, DemandSource, DispatchPolicy, Metric, Scenario};
use crate::units::{CategoryId, Money, SimDuration, SimTime, StoreId};
use rand_distr::Distribution;
use rand_distr::weighted::WeightedAliasIndex;
use std::path::PathBuf;

/// Everything the scenario's files say, and the frame that turns their places into city metres.
#[derive(Default)]
pub(super) struct Given {
    rows: Rows,
    frame: Option<Frame>,
    planar: bool,
}

impl Given {
    /// Reads all files of a scenario; all problems of all files at once.
    pub(super) fn read(scenario: &Scenario) -> Result<Given, CityError> {
        let path = |name: &Option<String>| name.as_ref().map(PathBuf::from);
        let traced = scenario.demand.source == DemandSource::Trace;
        let files = Files {
            stores: path(&scenario.stores.file),
            couriers: path(&scenario.couriers.file),
            orders: path(&scenario.demand.orders_file).filter(|_| traced),
            points: path(&scenario.demand.points_file).filter(|_| !traced),
            matrix: path(&scenario.city.matrix_file).filter(|_| scenario.city.metric == Metric::Matrix),
        };
        let known = Known {
            archetypes: scenario.stores.archetypes.iter().map(|a| a.id.clone()).collect(),
            categories: scenario.catalogue.categories.iter().map(|c| c.id.clone()).collect(),
            ..Known::only(scenario.city.metric)
        };
        let rows = input::read(&files, known).map_err(CityError::Input)?;
        if scenario.dispatch.policy == DispatchPolicy::StoreCouriers {
            couriers_have_a_store(&files, &rows)?;
        }
        let frame = Frame::around(rows.places(), scenario.city.earth_radius_km * 1000.0);
        Ok(Given { rows, frame, planar: scenario.city.metric != Metric::Haversine })
    }

    /// The travel-time matrix, taken out; pairs that it leaves out are ridden straight at the couriers' speed.
    pub(super) fn take_matrix(&mut self, scenario: &Scenario) -> Matrix {
        let mut matrix = self.rows.matrix.take().unwrap_or_default();
        if !matrix.is_whole() {
            let mut spots = vec![Spot::default(); matrix.places()];
            let mut globe = false;
            for given in self.rows.places() {
                let Some(row) = given.matrix_row else { continue };
                let place = self.place(given);
                globe |= place.lon_lat.is_some();
                spots[row as usize] =
                    place.lon_lat.map_or(Spot { a: place.x_m, b: place.y_m }, |at| Spot { a: at.lon, b: at.lat });
            }
            matrix.ride_outside(spots, globe, scenario.city.earth_radius_km * 1000.0, scenario.couriers.speed_kmh);
        }
        matrix
    }

    /// Extent of the given places east and north, zero without any.
    pub(super) fn extent(&self) -> (f64, f64) {
        self.frame.as_ref().map_or((0.0, 0.0), |frame| (frame.width_m, frame.height_m))
    }

    /// A city place on the globe too, where the files are.
    pub(super) fn place_at(&self, x_m: f64, y_m: f64) -> Place {
        self.frame.as_ref().map_or(Place { x_m, y_m, ..Place::default() }, |frame| frame.at(x_m, y_m))
    }

    fn place(&self, given: &GivenPlace) -> Place {
        let place = self
            .frame
            .as_ref()
            .map_or_else(|| Place { matrix_row: given.matrix_row, ..Place::default() }, |frame| frame.place(given));
        // Metres to the precision of an f32 (2 mm at 20 km), as everywhere in a planar city.
        match self.planar {
            true => Place { x_m: f64::from(place.x_m as f32), y_m: f64::from(place.y_m as f32), ..place },
            false => place,
        }
    }

    /// The stores of the file, if the scenario names one.
    pub(super) fn stores(&self, scenario: &Scenario, fleets: &mut Vec<String>) -> Option<Vec<Store>> {
        let rows = self.rows.stores.as_ref()?;
        Some(rows.iter().map(|row| self.store(scenario, row, fleets)).collect())
    }

    fn store(&self, scenario: &Scenario, row: &StoreRow, fleets: &mut Vec<String>) -> Store {
        let kinds = &scenario.stores.archetypes;
        let fallback = Archetype::default();
        let kind = row.archetype.and_then(|a| kinds.get(a)).or(kinds.first()).unwrap_or(&fallback);
        let fleet = fleet_index(fleets, row.fleet.as_deref().unwrap_or(&kind.fleet));
        let mut store = store_of(scenario, kind, row.id.clone(), self.place(&row.place), fleet);
        store.radius_m = row.radius_km.map_or(store.radius_m, |km| km * 1000.0);
        store.pickers = row.pickers.unwrap_or(store.pickers);
        store.opens = row.open_h.map_or(store.opens, SimDuration::from_hours);
        store.closes = row.close_h.map_or(store.closes, SimDuration::from_hours);
        store.channel = row.channel.unwrap_or(Channel::Near);
        store.fixed_cost_per_day = row.fixed_cost_yuan_per_day.map_or(store.fixed_cost_per_day, Money::from_yuan);
        store
    }

    /// The couriers of the file, if the scenario names one. Without a fleet they serve the first one.
    pub(super) fn couriers(&self, fleets: &mut Vec<String>) -> Option<Vec<Courier>> {
        let rows = self.rows.couriers.as_ref()?;
        Some(rows.iter().map(|row| self.courier(row, fleets)).collect())
    }

    fn courier(&self, row: &CourierRow, fleets: &mut Vec<String>) -> Courier {
        Courier {
            name: row.id.clone(),
            place: self.place(&row.place),
            store: row.store.map(|store| StoreId(store as u32)),
            shifts: row
                .shifts_s
                .iter()
                .map(|(on, off)| (SimTime::from_seconds(*on), SimTime::from_seconds(*off)))
                .collect(),
            fleet: row.fleet.as_ref().map_or(0, |fleet| fleet_index(fleets, fleet)),
        }
    }

    /// The orders of the file by time of placement (file order at equal times), if the scenario names one.
    pub(super) fn trace(&self) -> Vec<TracedOrder> {
        let mut orders: Vec<TracedOrder> = self.rows.orders.iter().flatten().map(|row| self.order(row)).collect();
        orders.sort_by_key(|order| order.placed);
        orders
    }

    fn order(&self, row: &OrderRow) -> TracedOrder {
        let store = row.store.map(|store| StoreId(store as u32));
        TracedOrder {
            name: row.id.clone(),
            placed: SimTime::from_seconds(row.placed_s),
            place: self.place(&row.place),
            store,
            far: store.is_none() && row.channel == Some(Channel::Far),
            ready: row.ready_s.map(SimTime::from_seconds),
            pick: row.pick_s.map(SimDuration::from_seconds),
            service: row.service_s.map(SimDuration::from_seconds),
            value: row.value_yuan.map(Money::from_yuan),
            category: row.category.map(|category| CategoryId(category as u32)),
            units: row.quantity,
        }
    }

    /// Homes drawn from the demand points in proportion to their weights, if the scenario names a file. As many
    /// consumers as points of one weight live one at each.
    pub(super) fn homes(&self, scenario: &Scenario) -> Option<Vec<Place>> {
        let points: &Vec<PointRow> = self.rows.points.as_ref()?;
        let even = points.iter().all(|point| point.weight == points[0].weight);
        if even && points.len() == scenario.consumers.count as usize {
            return Some(points.iter().map(|point| self.place(&point.place)).collect());
        }
        let table = WeightedAliasIndex::new(points.iter().map(|point| point.weight).collect()).ok();
        let streams = Streams::new(scenario.seed, 0).purpose(Purpose::Homes);
        let home = |consumer: u64| {
            let point = table.as_ref().map_or(0, |table| table.sample(&mut streams.of(consumer)));
            self.place(&points[point].place)
        };
        if points.is_empty() {
            return Some(Vec::new());
        }
        Some((0..u64::from(scenario.consumers.count)).map(home).collect())
    }
}

fn couriers_have_a_store(files: &Files, rows: &Rows) -> Result<(), CityError> {
    let Some(free) = rows.couriers.iter().flatten().find(|courier| courier.store.is_none()) else { return Ok(()) };
    let file = files.couriers.as_ref().map_or(String::new(), |path| path.display().to_string());
    let found = format!("courier \"{}\" without a store", free.id);
    let expected = "a store in column `store` for every courier, because dispatch.policy is \"store_couriers\"";
    let problem = input::Problem { row: Some(free.row), ..input::Problem::of_file(&file, found, expected) };
    Err(CityError::Input(vec![problem]))
}
