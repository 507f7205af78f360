//! Couriers near a store, found ring by ring on a grid.

use crate::city::nodes::CellGrid;
use crate::city::space::Spot;
use crate::city::travel::Travel;

/// Things at spots, sorted into the cells of a grid, a few to a cell. Build: *O*(n); a ring costs what it holds.
///
/// Things are kept by value, cell by cell, so that looking around reads memory in sequence.
///
/// Travel-time matrices have no geometry: there everything lies in one cell and every bound is 0.
pub(super) struct Rings<T> {
    grid: CellGrid,
    starts: Vec<u32>,
    things: Vec<(Spot, T)>,
    /// Sides of a cell in road length, or a little less.
    sides: (f64, f64),
}

/// Where couriers leave homes for stores, few are left around a store, so that small cells there are mostly empty.
const THINGS_IN_A_CELL: usize = 1;

impl<T: Copy> Rings<T> {
    /// A grid over these things.
    pub(super) fn new(travel: &Travel, things: &[(Spot, T)]) -> Self {
        let mut spots = things.iter().map(|(spot, _)| *spot);
        let mut low = spots.next().unwrap_or_default();
        let mut high = low;
        for spot in spots {
            // Comparisons by hand: minima of floats that may be NaN cost several times as much.
            low.a = if spot.a < low.a { spot.a } else { low.a };
            low.b = if spot.b < low.b { spot.b } else { low.b };
            high.a = if spot.a > high.a { spot.a } else { high.a };
            high.b = if spot.b > high.b { spot.b } else { high.b };
        }
        let geometric = travel.space().matrix_side() == 0;
        let grid = CellGrid::new(low, high, if geometric { things.len() / THINGS_IN_A_CELL } else { 1 });
        let (metres_a, metres_b) = travel.space().metres_per_unit(low.b.abs().max(high.b.abs()));
        let sides = match geometric {
            true => (travel.road(grid.sides().0 * metres_a), travel.road(grid.sides().1 * metres_b)),
            false => (0.0, 0.0),
        };
        let cell = |thing: &(Spot, T)| if geometric { grid.cell(thing.0) as u32 } else { 0 };
        let cells: Vec<u32> = things.iter().map(cell).collect();
        let mut starts = vec![0u32; grid.cells() + 1];
        for cell in &cells {
            starts[*cell as usize + 1] += 1;
        }
        let mut before = 0;
        for start in &mut starts {
            before += *start;
            *start = before;
        }
        let mut next = starts.clone();
        let mut sorted = vec![0u32; things.len()];
        for (place, cell) in (0..).zip(cells) {
            let slot = &mut next[cell as usize];
            sorted[*slot as usize] = place;
            *slot += 1;
        }
        let things = sorted.iter().map(|place| things[*place as usize]).collect();
        Rings { grid, starts, things, sides }
    }

    /// Shows the things around `from` ring by ring, within a ring in no meaningful order. Before each ring, `go_on` is
    /// asked with a lower bound of the road length to all things not shown yet.
    pub(super) fn around(&self, from: Spot, near: &mut impl Near<T>) {
        let (column, row) = self.grid.column_row(from);
        let (west, south) = self.grid.within(from, column, row);
        let to_side =
            [west * self.sides.0, (1.0 - west) * self.sides.0, south * self.sides.1, (1.0 - south) * self.sides.1];
        let (columns, rows) = (self.grid.columns() as isize, self.grid.rows() as isize);
        let (column, row) = (column as isize, row as isize);
        let last = column.max(columns - 1 - column).max(row).max(rows - 1 - row);
        for ring in 0..=last {
            let beyond = (ring - 1) as f64;
            let steps = [self.sides.0, self.sides.0, self.sides.1, self.sides.1];
            let bound = (0..4).map(|side| to_side[side] + beyond * steps[side]).fold(f64::INFINITY, f64::min);
            if !near.go_on(if ring == 0 { 0.0 } else { bound.max(0.0) }) {
                return;
            }
            let (first, past) = ((column - ring).max(0), (column + ring).min(columns - 1) + 1);
            for r in (row - ring).max(0)..=(row + ring).min(rows - 1) {
                if (r - row).abs() == ring {
                    self.show(r * columns + first, r * columns + past, near);
                    continue;
                }
                for c in [column - ring, column + ring] {
                    if (0..columns).contains(&c) {
                        self.show(r * columns + c, r * columns + c + 1, near);
                    }
                }
            }
        }
    }

    fn show(&self, first_cell: isize, past_cell: isize, near: &mut impl Near<T>) {
        let (first, past) = (self.starts[first_cell as usize], self.starts[past_cell as usize]);
        for (spot, thing) in &self.things[first as usize..past as usize] {
            near.meet(*spot, thing);
        }
    }
}

/// Someone who looks around with [`Rings::around`].
pub(super) trait Near<T> {
    /// Whether things at this road length or farther still matter.
    fn go_on(&mut self, road: f64) -> bool;
    /// A thing.
    fn meet(&mut self, spot: Spot, thing: &T);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::dispatch::testing::plane;
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    /// Keeps the nearest `wanted` and stops when no other can be nearer.
    struct Nearest<'a> {
        travel: &'a Travel,
        from: Spot,
        wanted: usize,
        found: Vec<(f64, u32)>,
        met: usize,
    }

    impl Near<u32> for Nearest<'_> {
        fn go_on(&mut self, road: f64) -> bool {
            self.found.len() < self.wanted || self.found[self.wanted - 1].0 >= road
        }
        fn meet(&mut self, spot: Spot, place: &u32) {
            self.met += 1;
            self.found.push((self.travel.space().distance(spot, self.from), *place));
            self.found.sort_by(|p, q| p.partial_cmp(q).unwrap());
            self.found.truncate(self.wanted);
        }
    }

    #[test]
    fn the_nearest_are_those_of_looking_at_all_and_few_are_met() {
        let travel = plane();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
        let mut met = 0;
        for case in 0..300 {
            let side = [1.0, 100.0, 10_000.0][case % 3];
            let mut spot = || Spot { a: rng.random::<f64>() * side, b: rng.random::<f64>() * 3.0 * side };
            let spots: Vec<(Spot, u32)> = (0..400).map(|place| (spot(), place)).collect();
            let from = Spot { a: spot().a * 1.4 - 0.2 * side, b: spot().b };
            let mut all: Vec<(f64, u32)> =
                spots.iter().map(|(spot, place)| (travel.space().distance(*spot, from), *place)).collect();
            all.sort_by(|p, q| p.partial_cmp(q).unwrap());
            let mut nearest = Nearest { travel: &travel, from, wanted: 10, found: Vec::new(), met: 0 };
            Rings::new(&travel, &spots).around(from, &mut nearest);
            assert_eq!(nearest.found, all[..10]);
            met += nearest.met;
        }
        assert!(met < 300 * 120, "{met}");
    }

    #[test]
    fn no_spots_and_one_spot_are_fine() {
        let travel = plane();
        for spots in [vec![], vec![(Spot { a: 7.0, b: -3.0 }, 0)]] {
            let mut nearest = Nearest { travel: &travel, from: Spot::default(), wanted: 3, found: Vec::new(), met: 0 };
            Rings::new(&travel, &spots).around(Spot::default(), &mut nearest);
            assert_eq!(nearest.met, spots.len());
        }
    }
}
