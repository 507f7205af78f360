//! Nearest nodes: an exact R-tree index, and candidate lists per cell precomputed from it.

use super::space::{Space, Spot};
use crate::scenario::Metric;
use rstar::RTree;
use rstar::primitives::GeomWithData;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Spatial index of nodes under any metric of the city; the index of record that faster structures are checked against.
///
/// Build: *O*(n log n). A nearest-first query costs *O*(log n) for each node it yields (*O*(n) once for `matrix`).
#[derive(Clone, Debug)]
pub struct NodeIndex {
    space: Space,
    spots: Vec<Spot>,
    tree: Tree,
}

#[derive(Clone, Debug)]
enum Tree {
    /// Planar metres; the tree's Euclidean distance bounds every planar metric from below.
    Plane(RTree<GeomWithData<[f64; 2], u32>>),
    /// Unit vectors: the chord grows with the great circle, so the order is exact.
    Globe(RTree<GeomWithData<[f64; 3], u32>>, f64),
    /// Travel times have no geometry: every row is looked at.
    Rows,
}

impl NodeIndex {
    /// An index of `spots`; node ids are positions in the list.
    pub fn new(space: &Space, earth_radius_m: f64, spots: Vec<Spot>) -> Self {
        let ids = 0..spots.len() as u32;
        let tree = match space.metric() {
            Metric::Euclid | Metric::Manhattan => Tree::Plane(RTree::bulk_load(
                ids.map(|id| GeomWithData::new([spots[id as usize].a, spots[id as usize].b], id)).collect(),
            )),
            Metric::Haversine => Tree::Globe(
                RTree::bulk_load(ids.map(|id| GeomWithData::new(unit_vector(spots[id as usize]), id)).collect()),
                earth_radius_m,
            ),
            Metric::Matrix => Tree::Rows,
        };
        NodeIndex { space: space.clone(), spots, tree }
    }
    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.spots.len()
    }
    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.spots.is_empty()
    }
    /// All nodes nearest first as (id, distance from there), ties by id.
    pub fn nearest(&self, from: Spot) -> impl Iterator<Item = (u32, f64)> + '_ {
        let source: Box<dyn Iterator<Item = (u32, f64)> + '_> = match &self.tree {
            Tree::Plane(tree) => Box::new(
                tree.nearest_neighbor_iter_with_distance_2([from.a, from.b]).map(|(node, d2)| (node.data, d2.sqrt())),
            ),
            Tree::Globe(tree, radius) => Box::new(
                tree.nearest_neighbor_iter_with_distance_2(unit_vector(from))
                    .map(move |(node, d2)| (node.data, 2.0 * radius * (d2.sqrt() / 2.0).min(1.0).asin())),
            ),
            Tree::Rows => Box::new((0..self.spots.len() as u32).map(|id| (id, 0.0))),
        };
        NearestFirst { index: self, from, source, waiting: BinaryHeap::new(), bound: 0.0 }
    }
    /// Ids of the nodes within `radius`, and of some beyond it, in no order. Of a few nodes it is cheaper to take all than to
    /// ask the tree.
    fn about(&self, from: Spot, radius: f64) -> Box<dyn Iterator<Item = u32> + '_> {
        // The slack covers the rounding of squares, square roots and sines.
        let square = |reach: f64| (reach * (1.0 + 1e-6) + 1e-9).powi(2);
        match &self.tree {
            Tree::Plane(tree) if self.spots.len() > FEW => {
                Box::new(tree.locate_within_distance([from.a, from.b], square(radius)).map(|node| node.data))
            }
            Tree::Globe(tree, earth) if self.spots.len() > FEW && radius < *earth => {
                let chord = 2.0 * (radius / (2.0 * earth)).sin();
                Box::new(tree.locate_within_distance(unit_vector(from), square(chord)).map(|node| node.data))
            }
            _ => Box::new(0..self.spots.len() as u32),
        }
    }
    /// Ids of the nodes within `radius`, nearest first.
    pub fn within(&self, from: Spot, radius: f64) -> Vec<u32> {
        self.nearest(from).take_while(|(_, distance)| *distance <= radius).map(|(id, _)| id).collect()
    }
}

fn unit_vector(spot: Spot) -> [f64; 3] {
    let (lon, lat) = (spot.a.to_radians(), spot.b.to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

/// A node waiting to be yielded; the heap's greatest is the nearest.
#[derive(PartialEq)]
struct Waiting(f64, u32);
impl Eq for Waiting {}
impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.total_cmp(&self.0).then(other.1.cmp(&self.1))
    }
}

/// Turns the tree's order into the metric's: a node is yielded once no unseen node can be nearer.
struct NearestFirst<'a> {
    index: &'a NodeIndex,
    from: Spot,
    source: Box<dyn Iterator<Item = (u32, f64)> + 'a>,
    waiting: BinaryHeap<Waiting>,
    bound: f64,
}

impl Iterator for NearestFirst<'_> {
    type Item = (u32, f64);
    fn next(&mut self) -> Option<(u32, f64)> {
        loop {
            // Strictly below the bound: an unseen node at the same distance may have a lower id. The
            // slack covers the rounding of square roots and sines.
            if self.waiting.peek().is_some_and(|near| near.0 < self.bound * (1.0 - 1e-9) - 1e-9) {
                break;
            }
            let Some((id, bound)) = self.source.next() else { break };
            self.bound = self.bound.max(bound);
            let distance = self.index.space.distance(self.index.spots[id as usize], self.from);
            self.waiting.push(Waiting(distance, id));
        }
        self.waiting.pop().map(|near| (near.1, near.0))
    }
}

/// Up to so many nodes, all are measured for each cell.
const FEW: usize = 256;

/// Entries kept per cell; the exact tail is asked of the R-tree when they run out.
const LIST_LENGTH: usize = 48;

/// Distance-ordered candidate stores for each cell of the city, so that an order looks at a handful of
/// availability bits instead of walking a tree.
///
/// Every entry carries a lower bound of the distance from any place in the cell (triangle
/// inequality), which makes the query exact: it equals brute force, ties by store id.
#[derive(Clone, Debug)]
pub struct Candidates {
    index: NodeIndex,
    radius: Vec<f64>,
    widest: f64,
    /// Bound steps in one unit of distance.
    steps_per_unit: f64,
    grid: CellGrid,
    starts: Vec<u32>,
    entries: Vec<Candidate>,
    truncated: Vec<bool>,
}

/// A store and a lower bound of its distance, in four bytes: the lists of a city then stay in the cache.
#[derive(Clone, Copy, Debug)]
struct Candidate(u32);

/// Bits for the store; the rest holds the bound in steps of the widest radius.
const STORE_BITS: u32 = 20;
const BOUND_STEPS: f64 = 4095.0;

impl Candidate {
    /// `bound_steps` is rounded down, so that it stays a bound.
    fn new(store: u32, bound_steps: f64) -> Self {
        Candidate((bound_steps.clamp(0.0, BOUND_STEPS) as u32) << STORE_BITS | store)
    }
    #[inline]
    fn store(self) -> u32 {
        self.0 & ((1 << STORE_BITS) - 1)
    }
    #[inline]
    fn bound_steps(self) -> u32 {
        self.0 >> STORE_BITS
    }
}

/// A regular grid on the coordinates of the metric.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CellGrid {
    low: Spot,
    cells_per_a: f64,
    cells_per_b: f64,
    columns: usize,
    rows: usize,
}

impl CellGrid {
    /// A grid of at least one cell over the box from `low` to `high` with about `cells` cells of equal sides.
    pub(crate) fn new(low: Spot, high: Spot, cells: usize) -> Self {
        let (width, height) = ((high.a - low.a).max(1e-9), (high.b - low.b).max(1e-9));
        let side = (width * height / cells.max(1) as f64).sqrt().max(width.max(height) / 4096.0);
        let columns = (width / side).ceil().max(1.0) as usize;
        let rows = (height / side).ceil().max(1.0) as usize;
        CellGrid { low, cells_per_a: columns as f64 / width, cells_per_b: rows as f64 / height, columns, rows }
    }
    pub(crate) fn cells(&self) -> usize {
        self.columns * self.rows
    }
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }
    /// Column and row of a spot; spots outside the box fall into the border cells.
    #[inline]
    pub(crate) fn column_row(&self, spot: Spot) -> (usize, usize) {
        let column = ((spot.a - self.low.a) * self.cells_per_a) as usize;
        let row = ((spot.b - self.low.b) * self.cells_per_b) as usize;
        (column.min(self.columns - 1), row.min(self.rows - 1))
    }
    /// How much of its cell lies west and south of a spot, 0 to 1 each.
    #[inline]
    pub(crate) fn within(&self, spot: Spot, column: usize, row: usize) -> (f64, f64) {
        let a = (spot.a - self.low.a) * self.cells_per_a - column as f64;
        let b = (spot.b - self.low.b) * self.cells_per_b - row as f64;
        (a.clamp(0.0, 1.0), b.clamp(0.0, 1.0))
    }
    /// Index of the spot's cell.
    #[inline]
    pub(crate) fn cell(&self, spot: Spot) -> usize {
        let (column, row) = self.column_row(spot);
        row * self.columns + column
    }
    /// Cell sides in coordinate units.
    pub(crate) fn sides(&self) -> (f64, f64) {
        (1.0 / self.cells_per_a, 1.0 / self.cells_per_b)
    }
    /// South-west corner of a cell.
    pub(crate) fn corner(&self, column: usize, row: usize) -> Spot {
        Spot { a: self.low.a + column as f64 / self.cells_per_a, b: self.low.b + row as f64 / self.cells_per_b }
    }
    fn contains(&self, spot: Spot) -> bool {
        let (column, row) = ((spot.a - self.low.a) * self.cells_per_a, (spot.b - self.low.b) * self.cells_per_b);
        column >= 0.0 && row >= 0.0 && column <= self.columns as f64 && row <= self.rows as f64
    }
}

/// What a nearest-store query found.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Found {
    /// The store's id.
    pub store: u32,
    /// Distance from the store by the metric, without detour.
    pub distance: f64,
}

impl Candidates {
    /// Lists for all places in the box from `low` to `high` (rows 0.. of the matrix for `matrix`).
    /// `radius[store]` limits whom a store serves.
    pub fn new(index: NodeIndex, radius: Vec<f64>, low: Spot, high: Spot) -> Self {
        let space = index.space.clone();
        let grid = match space.metric() {
            // One cell a row of the matrix, so that bounds are exact.
            Metric::Matrix => {
                let side = space.matrix_side().max(1);
                CellGrid { low: Spot::default(), cells_per_a: 1.0, cells_per_b: 1.0, columns: side, rows: 1 }
            }
            _ => CellGrid::new(low, high, (8 * index.len()).clamp(1, 250_000)),
        };
        let widest = radius.iter().copied().fold(0.0, f64::max);
        let steps_per_unit = BOUND_STEPS / widest.max(1e-9);
        let mut lists = Candidates {
            index,
            radius,
            widest,
            steps_per_unit,
            grid,
            starts: vec![0],
            entries: Vec::new(),
            truncated: Vec::new(),
        };
        assert!(lists.index.len() < 1 << STORE_BITS, "at most a million stores in one city");
        let mut near = Vec::new();
        for cell in 0..grid.cells() {
            lists.push_cell(&space, cell, &mut near);
        }
        lists
    }

    /// `near` is room to work in.
    fn push_cell(&mut self, space: &Space, cell: usize, near: &mut Vec<(f64, u32)>) {
        let (column, row) = (cell % self.grid.columns, cell / self.grid.columns);
        let (centre, reach) = if space.metric() == Metric::Matrix {
            (Spot { a: column as f64, b: 0.0 }, 0.0)
        } else {
            let (low, high) = (self.grid.corner(column, row), self.grid.corner(column + 1, row + 1));
            let centre = Spot { a: (low.a + high.a) / 2.0, b: (low.b + high.b) / 2.0 };
            let corners = [low, high, Spot { a: low.a, b: high.b }, Spot { a: high.a, b: low.b }];
            let reach = corners.map(|corner| space.distance(centre, corner)).into_iter().fold(0.0, f64::max);
            // A millimetre and a millionth of slack for floating point and the curvature of the globe.
            (centre, reach * (1.0 + 1e-6) + 1e-3)
        };
        // Whom it reaches from anywhere in the cell: nearest to its centre first, ties by id.
        near.clear();
        for store in self.index.about(centre, self.widest + reach) {
            let distance = space.distance(self.index.spots[store as usize], centre);
            if distance - reach <= self.radius[store as usize] {
                near.push((distance, store));
            }
        }
        let nearer = |x: &(f64, u32), y: &(f64, u32)| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1));
        if near.len() > LIST_LENGTH {
            near.select_nth_unstable_by(LIST_LENGTH, nearer);
            near.truncate(LIST_LENGTH + 1);
        }
        near.sort_unstable_by(nearer);
        let kept = near.iter().take(LIST_LENGTH);
        self.entries
            .extend(kept.map(|(distance, store)| Candidate::new(*store, (distance - reach) * self.steps_per_unit)));
        self.starts.push(self.entries.len() as u32);
        self.truncated.push(near.len() > LIST_LENGTH);
    }

    /// Where the list of a place's cell begins.
    #[inline]
    pub(crate) fn start_of(&self, from: Spot) -> u32 {
        self.starts[self.grid.cell(from)]
    }
    /// A word of the lists; reading the first of one brings it into the cache.
    #[inline]
    pub(crate) fn entry_at(&self, place: u32) -> u32 {
        self.entries.get(place as usize).map_or(0, |entry| entry.0)
    }

    /// The nearest store that is `fit`, within its own radius; ties by store id. Equal to brute force.
    #[inline]
    pub fn nearest(&self, from: Spot, mut fit: impl FnMut(u32) -> bool) -> Option<Found> {
        let cell = self.grid.cell(from);
        let entries = &self.entries[self.starts[cell] as usize..self.starts[cell + 1] as usize];
        let mut best: Option<Found> = None;
        let mut limit = f64::INFINITY;
        let mut limit_steps = u32::MAX;
        let inside = self.grid.contains(from);
        let entries = if inside { entries } else { &[] };
        for candidate in entries {
            if candidate.bound_steps() > limit_steps {
                return best;
            }
            let id = candidate.store();
            if !fit(id) {
                continue;
            }
            let distance = self.index.space.distance(self.index.spots[id as usize], from);
            let nearer = distance < limit || (distance == limit && best.is_some_and(|b| id < b.store));
            if nearer && distance <= self.radius[id as usize] {
                best = Some(Found { store: id, distance });
                limit = distance;
                // The next whole step: a bound beyond it is beyond the distance.
                limit_steps = (distance * self.steps_per_unit) as u32 + 1;
            }
        }
        if self.truncated[cell] || !inside { self.walk(from, fit) } else { best }
    }

    /// Fills `found` with the `k` nearest stores that are `fit`, each within its own radius: nearest first, ties by
    /// store id. Equal to brute force.
    pub fn k_nearest(&self, from: Spot, k: usize, mut fit: impl FnMut(u32) -> bool, found: &mut Vec<Found>) {
        found.clear();
        let cell = self.grid.cell(from);
        let entries = &self.entries[self.starts[cell] as usize..self.starts[cell + 1] as usize];
        let inside = self.grid.contains(from);
        let mut limit_steps = u32::MAX;
        for candidate in if inside { entries } else { &[] } {
            if candidate.bound_steps() > limit_steps {
                return;
            }
            let store = candidate.store();
            if !fit(store) {
                continue;
            }
            let distance = self.index.space.distance(self.index.spots[store as usize], from);
            if distance > self.radius[store as usize] {
                continue;
            }
            let place = found.partition_point(|f| (f.distance, f.store) < (distance, store));
            if place < k {
                found.truncate(k - 1);
                found.insert(place, Found { store, distance });
            }
            if found.len() == k {
                // The next whole step beyond the last one kept, as in `nearest`.
                limit_steps = (found[k - 1].distance * self.steps_per_unit) as u32 + 1;
            }
        }
        if self.truncated[cell] || !inside {
            found.clear();
            let near = self.index.nearest(from).take_while(|(_, distance)| *distance <= self.widest);
            let near = near.filter(|(store, distance)| *distance <= self.radius[*store as usize] && fit(*store));
            found.extend(near.take(k).map(|(store, distance)| Found { store, distance }));
        }
    }

    /// The nearest store of all, in reach or not; ties by store id.
    pub fn nearest_of_all(&self, from: Spot) -> Option<Found> {
        self.index.nearest(from).next().map(|(store, distance)| Found { store, distance })
    }

    /// The same query on the R-tree.
    fn walk(&self, from: Spot, mut fit: impl FnMut(u32) -> bool) -> Option<Found> {
        self.index
            .nearest(from)
            .take_while(|(_, distance)| *distance <= self.widest)
            .find(|(store, distance)| *distance <= self.radius[*store as usize] && fit(*store))
            .map(|(store, distance)| Found { store, distance })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::space::Matrix;
    use crate::rng::{Purpose, Streams};
    use rand::RngExt;

    const EARTH_M: f64 = 6_371_008.8;

    fn brute_force(
        space: &Space,
        stores: &[Spot],
        radius: &[f64],
        from: Spot,
        fit: impl Fn(u32) -> bool,
    ) -> Option<Found> {
        all_within(space, stores, radius, from, fit).first().copied()
    }

    fn all_within(space: &Space, stores: &[Spot], radius: &[f64], from: Spot, fit: impl Fn(u32) -> bool) -> Vec<Found> {
        let mut found: Vec<Found> = (0..stores.len() as u32)
            .filter(|s| fit(*s))
            .map(|s| Found { store: s, distance: space.distance(stores[s as usize], from) })
            .filter(|f| f.distance <= radius[f.store as usize])
            .collect();
        found.sort_by(|f, g| f.distance.total_cmp(&g.distance).then(f.store.cmp(&g.store)));
        found
    }

    /// Stores and consumers at whole multiples of a step, so that ties are common.
    fn scattered(n: usize, seed: u64, low: Spot, step: f64) -> Vec<Spot> {
        let mut rng = Streams::new(seed, 0).long(Purpose::Layout);
        (0..n)
            .map(|_| Spot {
                a: low.a + step * rng.random_range(0..60) as f64,
                b: low.b + step * rng.random_range(0..60) as f64,
            })
            .collect()
    }

    #[test]
    fn the_nearest_stocked_store_is_the_one_brute_force_finds_even_when_stock_is_scarce() {
        let plane = Spot { a: 0.0, b: 0.0 };
        let cases = [
            (Metric::Euclid, plane, 100.0),
            (Metric::Manhattan, plane, 100.0),
            (Metric::Haversine, Spot { a: 121.3, b: 31.0 }, 0.001),
        ];
        // As few stores as are measured for each cell, and as many as are asked of the tree.
        for ((metric, low, step), n) in cases.into_iter().flat_map(|case| [(case, 150), (case, FEW + 50)]) {
            let space = Space::new(metric, EARTH_M, Matrix::default());
            let stores = scattered(n, 1, low, step);
            let consumers = scattered(400, 2, Spot { a: low.a - 5.0 * step, b: low.b - 5.0 * step }, step * 1.17);
            let radius: Vec<f64> = (0..stores.len()).map(|s| if s % 3 == 0 { 900.0 } else { 2500.0 }).collect();
            let index = NodeIndex::new(&space, EARTH_M, stores.clone());
            let high = Spot { a: low.a + 60.0 * step, b: low.b + 60.0 * step };
            let lists = Candidates::new(index, radius.clone(), low, high);
            for stocked_share in [1.0, 0.3, 0.02, 0.0] {
                let mut rng = Streams::new(3, 0).long(Purpose::Assortment);
                let stocked: Vec<bool> = stores.iter().map(|_| rng.random::<f64>() < stocked_share).collect();
                for from in &consumers {
                    let fit = |s: u32| stocked[s as usize];
                    assert_eq!(
                        lists.nearest(*from, fit),
                        brute_force(&space, &stores, &radius, *from, fit),
                        "{metric:?} {stocked_share} {from:?}"
                    );
                    for k in [1, 3, 60] {
                        let mut found = Vec::new();
                        lists.k_nearest(*from, k, fit, &mut found);
                        let mut expected = all_within(&space, &stores, &radius, *from, fit);
                        expected.truncate(k);
                        assert_eq!(found, expected, "{metric:?} {stocked_share} {from:?} {k}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_matrix_city_finds_the_store_with_the_least_travel_time() {
        let side = 30;
        let mut rng = Streams::new(4, 0).long(Purpose::Layout);
        let seconds = (0..side * side).map(|_| f64::from(rng.random_range(1..50_u32))).collect();
        let space = Space::new(Metric::Matrix, EARTH_M, Matrix::new(side, seconds));
        let row = |r: usize| Spot { a: r as f64, b: 0.0 };
        let stores: Vec<Spot> = (0..12).map(row).collect();
        let radius = vec![40.0; 12];
        let lists =
            Candidates::new(NodeIndex::new(&space, EARTH_M, stores.clone()), radius.clone(), row(0), row(side - 1));
        for from in (0..side).map(row) {
            let fit = |s: u32| s % 3 != 1;
            assert_eq!(lists.nearest(from, fit), brute_force(&space, &stores, &radius, from, fit));
        }
    }

    #[test]
    fn nodes_come_nearest_first_with_ties_by_id() {
        let space = Space::new(Metric::Manhattan, EARTH_M, Matrix::default());
        let stores = scattered(200, 5, Spot::default(), 50.0);
        let index = NodeIndex::new(&space, EARTH_M, stores.clone());
        let from = Spot { a: 1500.0, b: 1500.0 };
        let mut expected: Vec<(u32, f64)> = (0..200).map(|s| (s, space.distance(from, stores[s as usize]))).collect();
        expected.sort_by(|x, y| x.1.total_cmp(&y.1).then(x.0.cmp(&y.0)));
        assert_eq!(index.nearest(from).collect::<Vec<_>>(), expected);
    }
}
