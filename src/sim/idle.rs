//! Idle couriers by place: nearest one, exactly.

use crate::city::nodes::CellGrid;
use crate::city::space::{Space, Spot};
use crate::scenario::Metric;
use crate::units::CourierId;

/// Entries held by one block; with compact coordinates it fills a cache line.
const BLOCK: usize = 4;
const NONE: u32 = u32::MAX;

/// A coordinate as it is kept in a block.
pub(super) trait Coordinate: Copy + Default + std::fmt::Debug {
    fn keep(value: f64) -> Self;
    fn value(self) -> f64;
}
impl Coordinate for f32 {
    #[inline]
    fn keep(value: f64) -> f32 {
        value as f32
    }
    #[inline]
    fn value(self) -> f64 {
        f64::from(self)
    }
}
impl Coordinate for f64 {
    #[inline]
    fn keep(value: f64) -> f64 {
        value
    }
    #[inline]
    fn value(self) -> f64 {
        self
    }
}

/// Couriers of one cell; more of them chain on. Aligned, so that a compact block is one cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Block<C> {
    spots: [(C, C); BLOCK],
    couriers: [u32; BLOCK],
    len: u32,
    next: u32,
}

impl<C: Coordinate> Block<C> {
    fn empty() -> Self {
        Block { spots: [(C::default(), C::default()); BLOCK], couriers: [NONE; BLOCK], len: 0, next: NONE }
    }
}

/// A grid of idle couriers. Insert, remove and nearest cost *O*(1) at even density.
///
/// The nearest query searches ring by ring around the cell of the spot and stops when no cell further out
/// can hold a nearer courier, so it equals brute force; ties go to the lower id.
#[derive(Clone, Debug)]
pub(super) enum IdleCouriers {
    /// Metres that fit an `f32` without loss: half the memory, and so half the cache misses.
    Compact(Grid<f32>),
    /// Any coordinates.
    Exact(Grid<f64>),
}

impl IdleCouriers {
    /// A grid over the box from `low` to `high` for a fleet of `couriers`; `compact` promises that all
    /// coordinates fit an `f32`.
    pub(super) fn new(space: &Space, low: Spot, high: Spot, couriers: usize, compact: bool) -> Self {
        if compact {
            IdleCouriers::Compact(Grid::new(space, low, high, couriers))
        } else {
            IdleCouriers::Exact(Grid::new(space, low, high, couriers))
        }
    }
    /// Adds a courier who became idle at `spot`.
    #[inline]
    pub(super) fn insert(&mut self, courier: CourierId, spot: Spot) {
        match self {
            IdleCouriers::Compact(grid) => grid.insert(courier.0, spot),
            IdleCouriers::Exact(grid) => grid.insert(courier.0, spot),
        }
    }
    /// Takes out a courier who is idle at `spot`; false if they are not.
    pub(super) fn remove(&mut self, courier: CourierId, spot: Spot) -> bool {
        match self {
            IdleCouriers::Compact(grid) => grid.remove(courier.0, spot),
            IdleCouriers::Exact(grid) => grid.remove(courier.0, spot),
        }
    }
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        match self {
            IdleCouriers::Compact(grid) => grid.count,
            IdleCouriers::Exact(grid) => grid.count,
        }
    }
    /// Distance by the metric of the courier nearest to `from`, who stays.
    pub(super) fn nearest_distance(&self, space: &Space, from: Spot) -> Option<f64> {
        match self {
            IdleCouriers::Compact(grid) => grid.nearest_distance(space, from),
            IdleCouriers::Exact(grid) => grid.nearest_distance(space, from),
        }
    }
    /// Takes out the courier nearest to `from` and tells the distance by the metric.
    #[inline]
    pub(super) fn take_nearest(&mut self, space: &Space, from: Spot) -> Option<(CourierId, f64)> {
        let found = match self {
            IdleCouriers::Compact(grid) => grid.take_nearest(space, from),
            IdleCouriers::Exact(grid) => grid.take_nearest(space, from),
        };
        found.map(|(id, distance)| (CourierId(id), distance))
    }
}

/// The grid behind [`IdleCouriers`].
#[derive(Clone, Debug)]
pub(super) struct Grid<C> {
    grid: CellGrid,
    blocks: Vec<Block<C>>,
    spare: Vec<u32>,
    /// Metres of one cell side at least, in each direction.
    cell_m: (f64, f64),
    count: usize,
}

impl<C: Coordinate> Grid<C> {
    pub(super) fn new(space: &Space, low: Spot, high: Spot, couriers: usize) -> Self {
        // Travel times have no geometry: one cell, every courier looked at.
        let cells = if space.metric() == Metric::Matrix { 1 } else { (couriers / 4).clamp(1, 1 << 20) };
        let grid = CellGrid::new(low, high, cells);
        let (side_a, side_b) = grid.sides();
        let (metres_a, metres_b) = space.metres_per_unit(low.b.abs().max(high.b.abs()));
        Grid {
            blocks: vec![Block::empty(); grid.cells()],
            grid,
            spare: Vec::new(),
            cell_m: (side_a * metres_a, side_b * metres_b),
            count: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    #[inline]
    pub(super) fn insert(&mut self, id: u32, spot: Spot) {
        self.count += 1;
        let cell = self.grid.cell(spot);
        if self.blocks[cell].len as usize == BLOCK {
            // A full head block moves to the back, so that the head always has room.
            let moved = self.blocks[cell];
            let slot = self.spare.pop().unwrap_or_else(|| {
                self.blocks.push(Block::empty());
                self.blocks.len() as u32 - 1
            });
            self.blocks[slot as usize] = moved;
            self.blocks[cell] = Block { next: slot, ..Block::empty() };
        }
        let block = &mut self.blocks[cell];
        block.spots[block.len as usize] = (C::keep(spot.a), C::keep(spot.b));
        block.couriers[block.len as usize] = id;
        block.len += 1;
    }

    fn remove(&mut self, id: u32, spot: Spot) -> bool {
        let cell = self.grid.cell(spot);
        let mut block = cell as u32;
        while block != NONE {
            let held = &self.blocks[block as usize];
            if let Some(entry) = held.couriers[..held.len as usize].iter().position(|c| *c == id) {
                self.take(cell, block, entry);
                return true;
            }
            block = held.next;
        }
        false
    }

    /// As [`Self::take_nearest`], but the courier stays.
    fn nearest_distance(&self, space: &Space, from: Spot) -> Option<f64> {
        match space.metric() {
            Metric::Euclid => {
                let squared = |to: Spot| {
                    let (a, b) = (from.a - to.a, from.b - to.b);
                    a * a + b * b
                };
                self.find(from, squared, |bound| bound * bound).map(|best| best.distance.sqrt())
            }
            _ => self.find(from, |to| space.distance(to, from), |bound| bound).map(|best| best.distance),
        }
    }

    /// The metric is chosen once, outside the search. Euclidean distances are compared squared.
    #[inline]
    pub(super) fn take_nearest(&mut self, space: &Space, from: Spot) -> Option<(u32, f64)> {
        match space.metric() {
            Metric::Euclid => {
                let squared = |to: Spot| {
                    let (a, b) = (from.a - to.a, from.b - to.b);
                    a * a + b * b
                };
                self.search(from, squared, |bound| bound * bound).map(|(id, squared)| (id, squared.sqrt()))
            }
            Metric::Manhattan => self.search(from, |to| (from.a - to.a).abs() + (from.b - to.b).abs(), |bound| bound),
            // Travel times may differ by direction: couriers ride to the store.
            _ => self.search(from, |to| space.distance(to, from), |bound| bound),
        }
    }

    /// All ids, cell by cell.
    pub(super) fn ids(&self) -> impl Iterator<Item = u32> + '_ {
        let block = |index: u32| (index != NONE).then(|| &self.blocks[index as usize]);
        let chain = move |cell| std::iter::successors(block(cell as u32), move |held| block(held.next));
        (0..self.grid.cells()).flat_map(chain).flat_map(|held| held.couriers[..held.len as usize].iter().copied())
    }

    /// Takes out the courier of least `rank`, which grows with distance as `rank_of` says.
    #[inline]
    fn search(&mut self, from: Spot, rank: impl Fn(Spot) -> f64, rank_of: impl Fn(f64) -> f64) -> Option<(u32, f64)> {
        let best = self.find(from, rank, rank_of)?;
        self.take(best.cell, best.block, best.entry);
        Some((best.courier, best.distance))
    }

    /// Where the courier of least `rank` is kept.
    #[inline]
    fn find(&self, from: Spot, rank: impl Fn(Spot) -> f64, rank_of: impl Fn(f64) -> f64) -> Option<Best> {
        if self.count == 0 {
            return None;
        }
        let (column, row) = self.grid.column_row(from);
        let within = self.grid.within(from, column, row);
        let mut best = Best { distance: f64::INFINITY, courier: NONE, cell: 0, block: 0, entry: 0 };
        let (columns, rows) = (self.grid.columns(), self.grid.rows());
        let rings = column.max(columns - 1 - column).max(row).max(rows - 1 - row);
        self.look(&rank, row * columns + column, &mut best);
        for ring in 1..=rings {
            // Metres to the near side of this ring in the four directions; behind the city's border there is no ring.
            let west = if column >= ring { gap(ring, within.0, self.cell_m.0) } else { f64::INFINITY };
            let east = if column + ring < columns { gap(ring, 1.0 - within.0, self.cell_m.0) } else { f64::INFINITY };
            let south = if row >= ring { gap(ring, within.1, self.cell_m.1) } else { f64::INFINITY };
            let north = if row + ring < rows { gap(ring, 1.0 - within.1, self.cell_m.1) } else { f64::INFINITY };
            if rank_of(west.min(east).min(south).min(north)) > best.distance {
                break;
            }
            let (low_row, high_row) = (row.saturating_sub(ring), (row + ring).min(rows - 1));
            let (low_column, high_column) = (column.saturating_sub(ring), (column + ring).min(columns - 1));
            // A side that is too far away is left out: it costs a comparison instead of its cells' cache misses.
            if rank_of(south) <= best.distance && row >= ring {
                for c in low_column..=high_column {
                    self.look(&rank, (row - ring) * columns + c, &mut best);
                }
            }
            if rank_of(north) <= best.distance && row + ring < rows {
                for c in low_column..=high_column {
                    self.look(&rank, (row + ring) * columns + c, &mut best);
                }
            }
            let (first, last) = (low_row.max((row + 1).saturating_sub(ring)), high_row.min(row + ring - 1));
            if rank_of(west) <= best.distance && column >= ring {
                for r in first..=last {
                    self.look(&rank, r * columns + column - ring, &mut best);
                }
            }
            if rank_of(east) <= best.distance && column + ring < columns {
                for r in first..=last {
                    self.look(&rank, r * columns + column + ring, &mut best);
                }
            }
        }
        (best.courier != NONE).then_some(best)
    }

    #[inline]
    fn look(&self, rank: &impl Fn(Spot) -> f64, cell: usize, best: &mut Best) {
        let mut block = cell as u32;
        while block != NONE {
            let held = &self.blocks[block as usize];
            for entry in 0..held.len as usize {
                let (a, b) = held.spots[entry];
                let distance = rank(Spot { a: a.value(), b: b.value() });
                let courier = held.couriers[entry];
                if distance < best.distance || (distance == best.distance && courier < best.courier) {
                    *best = Best { distance, courier, cell, block, entry };
                }
            }
            block = held.next;
        }
    }

    /// Takes an entry out, filling its gap with the last of the head block.
    fn take(&mut self, cell: usize, block: u32, entry: usize) {
        self.count -= 1;
        let last = self.blocks[cell].len as usize - 1;
        let (spot, courier) = (self.blocks[cell].spots[last], self.blocks[cell].couriers[last]);
        let hole = &mut self.blocks[block as usize];
        hole.spots[entry] = spot;
        hole.couriers[entry] = courier;
        self.blocks[cell].len -= 1;
        let next = self.blocks[cell].next;
        if self.blocks[cell].len == 0 && next != NONE {
            self.blocks[cell] = self.blocks[next as usize];
            self.spare.push(next);
        }
    }
}

/// Metres from a spot to the cells `ring` further on, when `part` of its own cell lies between.
/// Spots outside the box count as on its border: projecting onto a box never lengthens distances.
#[inline]
fn gap(ring: usize, part: f64, cell_m: f64) -> f64 {
    ((ring - 1) as f64 + part) * cell_m
}

#[derive(Clone, Copy)]
struct Best {
    distance: f64,
    courier: u32,
    cell: usize,
    block: u32,
    entry: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::space::Matrix;
    use crate::rng::{Purpose, Streams};
    use rand::RngExt;

    #[test]
    fn the_nearest_idle_courier_is_the_one_brute_force_finds() {
        let cases = [
            (Metric::Euclid, Spot { a: 0.0, b: 0.0 }, 100.0),
            (Metric::Manhattan, Spot { a: 0.0, b: 0.0 }, 100.0),
            (Metric::Haversine, Spot { a: 121.3, b: 31.0 }, 0.001),
        ];
        for (metric, low, step) in cases {
            let space = Space::new(metric, 6_371_008.8, Matrix::default());
            let high = Spot { a: low.a + 60.0 * step, b: low.b + 40.0 * step };
            let mut rng = Streams::new(11, 0).long(Purpose::Couriers);
            // Whole steps make ties; some spots lie outside the box.
            let mut spot = || Spot {
                a: low.a + step * rng.random_range(-4..66) as f64,
                b: low.b + step * rng.random_range(-4..44) as f64,
            };
            let mut idle = IdleCouriers::new(&space, low, high, 60, metric != Metric::Haversine);
            let mut listed: Vec<(u32, Spot)> = Vec::new();
            for round in 0..3000_u32 {
                if round % 7 < 4 || listed.is_empty() {
                    let at = spot();
                    idle.insert(CourierId(round), at);
                    listed.push((round, at));
                } else if round % 7 == 4 {
                    let (courier, at) = listed.swap_remove(listed.len() / 2);
                    assert!(idle.remove(CourierId(courier), at));
                } else {
                    let from = spot();
                    let (place, distance) = listed
                        .iter()
                        .enumerate()
                        .map(|(i, (_, at))| (i, space.distance(from, *at)))
                        .min_by(|x, y| x.1.total_cmp(&y.1).then(listed[x.0].0.cmp(&listed[y.0].0)))
                        .expect("somebody is idle");
                    let (courier, _) = listed.swap_remove(place);
                    assert_eq!(idle.nearest_distance(&space, from), Some(distance), "{metric:?}");
                    assert_eq!(idle.take_nearest(&space, from), Some((CourierId(courier), distance)), "{metric:?}");
                }
            }
        }
    }
}
