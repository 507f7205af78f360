//! Where and when the couriers of a fleet will be free: finds who could deliver first without looking at everybody.

use crate::city::City;
use crate::city::nodes::CellGrid;
use crate::city::space::{Space, Spot};
use crate::policy::dispatch::earliest_dropoff::{CommittedCourier, EarliestDropoff};
use crate::scenario::Metric;
use crate::units::{CourierId, SimTime};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Couriers on a grid, and on top of it ever coarser ones, where four cells make one, that know when the first courier
/// in each cell is free. A look around opens the most promising cells first.
///
/// A change costs *O*(log n); a look around costs what it opens, whether time or distance keeps the others out.
#[derive(Debug)]
pub(super) struct FreeSpots {
    grid: CellGrid,
    /// Couriers by cell.
    cells: Vec<Vec<Free>>,
    /// The finest level first, the last is one cell.
    levels: Vec<Level>,
    /// Metres of one cell side at least, in each direction.
    cell_m: (f64, f64),
    /// Cells to open: no earlier delivery than this, level, cell.
    open: BinaryHeap<Reverse<(SimTime, u32, u32)>>,
}

/// When the first courier in each cell is free.
#[derive(Debug)]
struct Level {
    columns: usize,
    rows: usize,
    first_free: Vec<SimTime>,
}

#[derive(Clone, Copy, Debug)]
struct Free {
    courier: CourierId,
    spot: Spot,
    /// Not before this.
    from: SimTime,
}

impl FreeSpots {
    /// All couriers at the spots where they begin, free from the start.
    pub(super) fn of(city: &City, couriers: &[CourierId]) -> Self {
        let space = city.travel.space();
        let begin = |courier: &CourierId| space.spot(&city.couriers[courier.index()].place);
        let stores = city.stores.iter().map(|store| space.spot(&store.place));
        let (low, high) = stores.chain(couriers.iter().map(begin)).fold(city.spot_box(), |(low, high), spot| {
            let least = Spot { a: low.a.min(spot.a), b: low.b.min(spot.b) };
            (least, Spot { a: high.a.max(spot.a), b: high.b.max(spot.b) })
        });
        let mut spots = FreeSpots::new(space, low, high, couriers.len());
        couriers.iter().for_each(|courier| spots.insert(*courier, begin(courier), SimTime::ZERO));
        spots
    }

    /// A grid over the box from `low` to `high` for a fleet of `couriers`.
    fn new(space: &Space, low: Spot, high: Spot, couriers: usize) -> Self {
        // Travel times have no geometry: one cell.
        let high = if space.metric() == Metric::Matrix { low } else { high };
        // Fewer couriers a cell mean more cells to open, more of them needless looks: 2 and 6 were tried.
        let grid = CellGrid::new(low, high, (couriers / 6).clamp(1, 1 << 20));
        let (side_a, side_b) = grid.sides();
        let (metres_a, metres_b) = space.metres_per_unit(low.b.abs().max(high.b.abs()));
        let (mut columns, mut rows) = (grid.columns(), grid.rows());
        let mut levels = Vec::new();
        loop {
            levels.push(Level { columns, rows, first_free: vec![SimTime::NEVER; columns * rows] });
            if columns * rows == 1 {
                break;
            }
            (columns, rows) = (columns.div_ceil(2), rows.div_ceil(2));
        }
        let (cells, cell_m) = (vec![Vec::new(); grid.cells()], (side_a * metres_a, side_b * metres_b));
        FreeSpots { grid, cells, levels, cell_m, open: BinaryHeap::new() }
    }

    /// Adds a courier who is free at `spot`, not before `from`.
    pub(super) fn insert(&mut self, courier: CourierId, spot: Spot, from: SimTime) {
        let cell = self.grid.cell(spot);
        self.cells[cell].push(Free { courier, spot, from });
        let (mut column, mut row) = self.grid.column_row(spot);
        for level in &mut self.levels {
            let first = &mut level.first_free[row * level.columns + column];
            if *first <= from {
                return;
            }
            *first = from;
            (column, row) = (column / 2, row / 2);
        }
    }

    /// Takes out a courier who was to be free at `spot`.
    pub(super) fn remove(&mut self, courier: CourierId, spot: Spot) {
        let cell = self.grid.cell(spot);
        let Some(place) = self.cells[cell].iter().position(|free| free.courier == courier) else { return };
        let gone = self.cells[cell].swap_remove(place);
        let (mut column, mut row) = self.grid.column_row(spot);
        let mut first = self.cells[cell].iter().map(|free| free.from).min().unwrap_or(SimTime::NEVER);
        for number in 0..self.levels.len() {
            if number > 0 {
                first = self.levels[number].children(column, row, &self.levels[number - 1]);
            }
            let level = &mut self.levels[number];
            let known = &mut level.first_free[row * level.columns + column];
            if *known < gone.from || *known == first {
                return;
            }
            *known = first;
            (column, row) = (column / 2, row / 2);
        }
    }

    /// Shows `search` the couriers around a store who could deliver first, `show` telling all about each.
    pub(super) fn around<'c>(
        &mut self,
        space: &Space,
        store: Spot,
        search: &mut EarliestDropoff,
        show: impl Fn(CourierId) -> CommittedCourier<'c>,
    ) {
        let (column, row) = self.grid.column_row(store);
        let (west, south) = self.grid.within(store, column, row);
        let at = (column as f64 + west, row as f64 + south);
        self.open.clear();
        self.open.push(Reverse((SimTime::ZERO, self.levels.len() as u32 - 1, 0)));
        while let Some(Reverse((bound, level, cell))) = self.open.pop() {
            if !search.counts(bound) {
                return;
            }
            if level == 0 {
                for free in &self.cells[cell as usize] {
                    let bound = search.bound(free.from, short(space.distance(free.spot, store)));
                    if search.counts_for(bound, free.courier) {
                        search.meet(&show(free.courier));
                    }
                }
                continue;
            }
            let (parent, level) = (&self.levels[level as usize], level as usize - 1);
            let child = &self.levels[level];
            let (column, row) = (cell as usize % parent.columns * 2, cell as usize / parent.columns * 2);
            for (column, row) in [(column, row), (column + 1, row), (column, row + 1), (column + 1, row + 1)] {
                if column >= child.columns || row >= child.rows {
                    continue;
                }
                let cell = row * child.columns + column;
                let from = child.first_free[cell];
                if from == SimTime::NEVER {
                    continue;
                }
                let (gap_a, gap_b) = (gap(at.0, column, level), gap(at.1, row, level));
                let distance = space.least_distance(gap_a * self.cell_m.0, gap_b * self.cell_m.1);
                let bound = search.bound(from, short(distance));
                if search.counts(bound) {
                    self.open.push(Reverse((bound, level as u32, cell as u32)));
                }
            }
        }
    }
}

impl Level {
    /// When the first courier is free in the cells below this one.
    fn children(&self, column: usize, row: usize, below: &Level) -> SimTime {
        let columns = 2 * column..(2 * column + 2).min(below.columns);
        let rows = 2 * row..(2 * row + 2).min(below.rows);
        let first =
            rows.flat_map(|row| columns.clone().map(move |column| below.first_free[row * below.columns + column]));
        first.min().unwrap_or(SimTime::NEVER)
    }
}

/// Cells of the grid between a place on it and the nearer side of a cell of a level, along one coordinate.
fn gap(at: f64, cell: usize, level: usize) -> f64 {
    let (from, to) = ((cell << level) as f64, ((cell + 1) << level) as f64);
    (from - at).max(at - to).max(0.0)
}

/// A little less: floating point must not make a bound of what is none.
fn short(distance: f64) -> f64 {
    distance * (1.0 - 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::space::Matrix;
    use crate::city::travel::Travel;
    use crate::policy::dispatch::earliest_dropoff::{PlacedOrder, earliest_dropoff};
    use crate::rng::{Purpose, Streams};
    use crate::units::SimDuration;
    use rand::RngExt;

    /// Committed couriers on duty from minute 60 to 200; everybody moves between questions, some wait for their shift.
    #[test]
    fn the_first_to_deliver_is_the_one_of_looking_at_everybody() {
        let shift = [(SimTime(3_600_000), SimTime(12_000_000))];
        let corners = [(Metric::Euclid, 0.0, 0.0, 80.0), (Metric::Manhattan, 0.0, 0.0, 80.0)];
        let mut opened = 0;
        for (metric, low_a, low_b, step) in corners.into_iter().chain([(Metric::Haversine, 121.3, 31.0, 0.0008)]) {
            let mut scenario = crate::testing::fixed_wishes();
            scenario.couriers.speed_factor_by_hour[1] = 0.6;
            let travel = Travel::new(&scenario, Space::new(metric, 6_371_008.8, Matrix::default()));
            let low = Spot { a: low_a, b: low_b };
            let high = Spot { a: low_a + 90.0 * step, b: low_b + 60.0 * step };
            let mut rng = Streams::new(12, 0).long(Purpose::Couriers);
            // Whole steps make ties; some spots lie outside the box.
            let mut draw = |past: f64| Spot {
                a: low_a + step * (rng.random_range(-past..90.0 + past)).round(),
                b: low_b + step * (rng.random_range(-past..60.0 + past)).round(),
            };
            let mut times = Streams::new(13, 0).long(Purpose::Couriers);
            let mut spots = FreeSpots::new(travel.space(), low, high, 300);
            let mut known: Vec<(SimTime, Spot)> = (0..300).map(|_| (SimTime::ZERO, draw(5.0))).collect();
            for (id, (_, spot)) in known.iter().enumerate() {
                spots.insert(CourierId(id as u32), *spot, SimTime::ZERO);
            }
            let at = |spot: (SimTime, Spot), courier: CourierId| CommittedCourier {
                courier,
                free_at: spot.0,
                free_spot: spot.1,
                shifts: &shift,
            };
            for round in 0..3000 {
                let now = SimTime(3_000_000 + round * 3_100);
                let order = PlacedOrder {
                    placed: now,
                    ready: now + SimDuration(times.random_range(0..900_000)),
                    store: draw(2.0),
                    home: Spot::default(),
                    ride: times.random_range(0.0..3_000.0),
                    pickup_service: SimDuration(90_000),
                    door_service: SimDuration(120_000),
                    door_to_delivered: SimDuration(60_000),
                    deadline: now + SimDuration([2_000_000, 10_000_000][round as usize % 2]),
                };
                let all = (0..).map(CourierId).zip(&known).map(|(courier, spot)| at(*spot, courier));
                let expected = earliest_dropoff(&order, all, &travel);
                let mut search = EarliestDropoff::new(&order, &travel);
                let met = std::cell::Cell::new(0);
                spots.around(travel.space(), order.store, &mut search, |courier| {
                    met.set(met.get() + 1);
                    at(known[courier.index()], courier)
                });
                assert_eq!(search.best, expected, "{metric:?} {round}");
                opened += met.get();
                // The one chosen is busy longer and longer, another one is free sooner than foreseen.
                let other = CourierId(times.random_range(0..300));
                let other_free = (SimTime::ZERO, known[other.index()].1);
                let chosen = search.best.map(|best| (best.courier, (best.free_at, draw(5.0))));
                for (courier, (free_at, spot)) in chosen.into_iter().chain([(other, other_free)]) {
                    spots.remove(courier, known[courier.index()].1);
                    spots.insert(courier, spot, free_at.max(shift[0].0));
                    known[courier.index()] = (free_at, spot);
                }
            }
        }
        assert!(opened < 9000 * 75, "{opened} couriers met");
    }
}
