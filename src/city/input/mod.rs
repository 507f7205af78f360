//! Room: city. Rows of the trace format (docs/trace-format.md): stores, couriers, orders, demand points
//! and the travel-time matrix, checked. May use `table` and `scenario`.
//!
//! ```text
//! file ─► Table (text cells) ─► Sheet (columns known) ─► StoreRow, CourierRow, OrderRow, PointRow, Matrix
//! ```
//! Every reader reports all problems of its file at once; [`read`] those of all files together.

mod couriers;
mod matrix;
mod orders;
mod place;
mod points;
mod stores;

pub use crate::table::Problem;
pub use couriers::{CourierRow, couriers};
pub use matrix::matrix;
pub use orders::{OrderRow, orders};
pub use place::{Coordinates, GivenPlace};
pub use points::{PointRow, points};
pub use stores::{StoreRow, stores};

use crate::city::space::Matrix;
use crate::scenario::Metric;
use crate::table;
use std::path::{Path, PathBuf};

/// What the scenario already knows and the files must agree with.
#[derive(Clone, PartialEq, Debug)]
pub struct Known {
    /// How distance is measured; decides which place columns are needed.
    pub metric: Metric,
    /// Ids of store archetypes.
    pub archetypes: Vec<String>,
    /// Ids of product categories.
    pub categories: Vec<String>,
    /// Names of fleets; empty if any name will do.
    pub fleets: Vec<String>,
    /// Ids of stores, for the `store` column of orders.
    pub stores: Vec<String>,
    /// Number of places in the travel-time matrix, where there is one.
    pub matrix_places: Option<u32>,
    /// How many of them, the first ones, times lead to: only there can stores stand.
    pub matrix_nodes: Option<u32>,
}

impl Known {
    /// Nothing but the metric: no archetypes, categories, fleets or stores.
    pub fn only(metric: Metric) -> Self {
        let none = Vec::new;
        Known {
            metric,
            archetypes: none(),
            categories: none(),
            fleets: none(),
            stores: none(),
            matrix_places: None,
            matrix_nodes: None,
        }
    }
}

/// The files a scenario names.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Files {
    /// `stores.file`.
    pub stores: Option<PathBuf>,
    /// `couriers.file`.
    pub couriers: Option<PathBuf>,
    /// `demand.orders_file`.
    pub orders: Option<PathBuf>,
    /// `demand.points_file`.
    pub points: Option<PathBuf>,
    /// `city.matrix_file`.
    pub matrix: Option<PathBuf>,
}

/// What the files hold; `None` where the scenario names no file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Rows {
    /// Stores in file order.
    pub stores: Option<Vec<StoreRow>>,
    /// Couriers in order of their first row.
    pub couriers: Option<Vec<CourierRow>>,
    /// Orders in file order, not yet ranked by time.
    pub orders: Option<Vec<OrderRow>>,
    /// Places where synthetic consumers live, in file order.
    pub points: Option<Vec<PointRow>>,
    /// Travel times.
    pub matrix: Option<Matrix>,
}

/// Reads stores; see docs/trace-format.md for the columns.
pub fn read_stores(path: &Path, known: &Known) -> Result<Vec<StoreRow>, Vec<Problem>> {
    stores(&table::read(path)?, known)
}

/// Reads couriers, one entry each however many shifts they have.
pub fn read_couriers(path: &Path, known: &Known) -> Result<Vec<CourierRow>, Vec<Problem>> {
    couriers(&table::read(path)?, known)
}

/// Reads the orders of a trace, in file order.
pub fn read_orders(path: &Path, known: &Known) -> Result<Vec<OrderRow>, Vec<Problem>> {
    orders(&table::read(path)?, known)
}

/// Reads the places where consumers live.
pub fn read_points(path: &Path, known: &Known) -> Result<Vec<PointRow>, Vec<Problem>> {
    points(&table::read(path)?, known)
}

/// Reads a travel-time matrix.
pub fn read_matrix(path: &Path) -> Result<Matrix, Vec<Problem>> {
    matrix(&table::read(path)?)
}

/// Reads every file a scenario names and checks them against each other; all problems of all files in one go.
///
/// `known.stores` and the sizes of the matrix are filled in from the files, and the fleets of the stores
/// are added to `known.fleets`.
pub fn read(files: &Files, mut known: Known) -> Result<Rows, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut rows = Rows { matrix: keep(files.matrix.as_deref().map(read_matrix), &mut problems), ..Rows::default() };
    known.matrix_nodes = rows.matrix.as_ref().map(|matrix| matrix.nodes() as u32);
    known.matrix_places = rows.matrix.as_ref().map(|matrix| matrix.places() as u32);
    rows.stores = keep(files.stores.as_deref().map(|path| read_stores(path, &known)), &mut problems);
    // Without stores that could be read, names of stores and fleets are not held against the other files.
    let stores_lost = files.stores.is_some() && rows.stores.is_none();
    if let Some(stores) = &rows.stores {
        known.stores = stores.iter().map(|store| store.id.clone()).collect();
        known.fleets.extend(stores.iter().filter_map(|store| store.fleet.clone()));
    }
    if stores_lost {
        known.fleets.clear();
    }
    let couriers = |path| match stores_lost {
        true => couriers::read_without_stores(path, &known),
        false => read_couriers(path, &known),
    };
    rows.couriers = keep(files.couriers.as_deref().map(couriers), &mut problems);
    rows.orders = match (&files.orders, stores_lost) {
        (Some(path), true) => keep(Some(orders::read_without_stores(path, &known)), &mut problems),
        (Some(path), false) => keep(Some(read_orders(path, &known)), &mut problems),
        (None, _) => None,
    };
    if let (Some(stores), Some(couriers)) = (&rows.stores, &rows.couriers) {
        couriers::check_places(files, stores, couriers, &mut problems);
    }
    rows.points = keep(files.points.as_deref().map(|path| read_points(path, &known)), &mut problems);
    if problems.is_empty() {
        let places = rows.all_places(files);
        place::check_alike(&places, &mut problems);
        if rows.matrix.as_ref().is_some_and(|matrix| !matrix.is_whole()) {
            place::check_coordinates(&places, &mut problems);
        }
    }
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}

fn keep<T>(outcome: Option<Result<T, Vec<Problem>>>, problems: &mut Vec<Problem>) -> Option<T> {
    match outcome? {
        Ok(value) => Some(value),
        Err(more) => {
            problems.extend(more);
            None
        }
    }
}

impl Rows {
    /// Every place of every file, with the file and row that gives it.
    fn all_places<'a>(&'a self, files: &Files) -> Vec<(String, u64, &'a GivenPlace)> {
        let name = |path: &Option<PathBuf>| path.as_ref().map_or(String::new(), |path| path.display().to_string());
        let (stores, couriers) = (name(&files.stores), name(&files.couriers));
        let (orders, points) = (name(&files.orders), name(&files.points));
        let mut places = Vec::new();
        places.extend(self.stores.iter().flatten().map(|row| (stores.clone(), row.row, &row.place)));
        places.extend(self.couriers.iter().flatten().map(|row| (couriers.clone(), row.row, &row.place)));
        places.extend(self.orders.iter().flatten().map(|row| (orders.clone(), row.row, &row.place)));
        places.extend(self.points.iter().flatten().map(|row| (points.clone(), row.row, &row.place)));
        places
    }

    /// Places of all files, stores first, for [`crate::city::projection::Frame::around`].
    pub fn places(&self) -> impl Iterator<Item = &GivenPlace> {
        let stores = self.stores.iter().flatten().map(|row| &row.place);
        let couriers = self.couriers.iter().flatten().map(|row| &row.place);
        let orders = self.orders.iter().flatten().map(|row| &row.place);
        let points = self.points.iter().flatten().map(|row| &row.place);
        stores.chain(couriers).chain(orders).chain(points)
    }
}

#[cfg(test)]
mod tests;
