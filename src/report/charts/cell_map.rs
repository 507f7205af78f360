//! Room: report. What maps by cell share: the grid, the way from metres to the sheet, markers, bars of colour, the scale bar.

use crate::report::RunView;
use crate::report::canvas::{Canvas, Point};
use crate::report::layout::{LABEL_PX, RIGHT};
use crate::report::palette::{AXIS, INK, MUTED, PAPER, Rgb};
use crate::report::table::rounded;
use crate::report::wording::number;

/// More cells than this along a side could not be told apart on a slide.
pub(super) const MOST_CELLS: f64 = 80.0;
/// Fewer cells than this along the longer side make no map.
const LEAST_CELLS: usize = 4;

/// The city cut into square cells, row by row from the south-west.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Grid {
    pub(super) side_m: f64,
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl Grid {
    /// Cells of a side over an extent in metres; the side is doubled while there were too many to see.
    pub(super) fn over((width, height): (f64, f64), cell_km: f64) -> Grid {
        let mut side_m = (cell_km * 1000.0).max(1.0);
        while width.max(height) / side_m > MOST_CELLS {
            side_m *= 2.0;
        }
        Grid::of_side((width, height), side_m)
    }

    fn of_side((width, height): (f64, f64), side_m: f64) -> Grid {
        let along = |length: f64| ((length / side_m) - 1e-9).ceil().max(1.0) as usize;
        Grid { side_m, columns: along(width), rows: along(height) }
    }

    /// The same; the side is doubled as well while four of five places do not lie in cells that hold `enough` of them.
    pub(super) fn fitting(extent: (f64, f64), cell_km: f64, enough: usize, places: &[(f64, f64)]) -> Grid {
        let finest = Grid::over(extent, cell_km);
        let mut grid = finest;
        loop {
            let mut held = vec![0; grid.len()];
            places.iter().filter_map(|&(x_m, y_m)| grid.index(x_m, y_m)).for_each(|cell| held[cell] += 1);
            let compared: usize = held.iter().filter(|n| **n >= enough).sum();
            let wider = Grid::of_side(extent, grid.side_m * 2.0);
            if compared * 5 >= held.iter().sum::<usize>() * 4 {
                return grid;
            }
            if wider.columns.max(wider.rows) < LEAST_CELLS {
                // Where nothing can be compared, wide cells would only hide where it is.
                return if compared > 0 { grid } else { finest };
            }
            grid = wider;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.columns * self.rows
    }

    /// The cell of a place; a place on the outer edge belongs to the last cell, one beyond it to none.
    pub(super) fn index(&self, x_m: f64, y_m: f64) -> Option<usize> {
        self.hold(x_m, y_m).then(|| {
            let column = ((x_m / self.side_m) as usize).min(self.columns - 1);
            let row = ((y_m / self.side_m) as usize).min(self.rows - 1);
            row * self.columns + column
        })
    }

    /// True if a place lies on the map.
    pub(super) fn hold(&self, x_m: f64, y_m: f64) -> bool {
        let (width_m, height_m) = self.extent();
        (0.0..=width_m).contains(&x_m) && (0.0..=height_m).contains(&y_m)
    }

    /// Width and height of the map in metres.
    pub(super) fn extent(&self) -> (f64, f64) {
        (self.columns as f64 * self.side_m, self.rows as f64 * self.side_m)
    }

    /// Where a cell lies, counted from the south-west.
    pub(super) fn column_and_row(&self, index: usize) -> (usize, usize) {
        (index % self.columns, index / self.columns)
    }

    /// South-west corner of a cell in kilometres, for tables.
    pub(super) fn corner_km(&self, index: usize) -> [String; 2] {
        let (column, row) = self.column_and_row(index);
        [column, row].map(|place| rounded(place as f64 * self.side_m / 1000.0, 6))
    }

    /// The middle of a cell in metres.
    pub(super) fn middle(&self, index: usize) -> (f64, f64) {
        let (column, row) = self.column_and_row(index);
        ((column as f64 + 0.5) * self.side_m, (row as f64 + 0.5) * self.side_m)
    }

    /// Side of a cell in kilometres, in words.
    pub(super) fn side_km(&self) -> String {
        number(self.side_m / 1000.0, if self.side_m % 1000.0 == 0.0 { 0 } else { 2 })
    }
}

/// The city's extent in metres; where none is given, that of the places.
pub(super) fn extent(view: &RunView<'_>, x_m: &[f64], y_m: &[f64]) -> (f64, f64) {
    let or_data = |given: f64, places: &[f64]| {
        let reached = places.iter().copied().filter(|place| place.is_finite()).fold(1.0, f64::max);
        if given.is_finite() && given > 0.0 { given } else { reached }
    };
    (or_data(view.width_m, x_m), or_data(view.height_m, y_m))
}

/// From metres in the city to the sheet.
#[derive(Clone, Copy)]
pub(super) struct MapScale {
    pub(super) left: f64,
    pub(super) bottom: f64,
    pub(super) per_m: f64,
}

impl MapScale {
    /// A map as large as a room of some width and height lets it be.
    pub(super) fn within(grid: &Grid, (left, top): Point, (width, height): (f64, f64)) -> MapScale {
        let (width_m, height_m) = grid.extent();
        let per_m = (width / width_m).min(height / height_m);
        MapScale { left, bottom: top + height_m * per_m, per_m }
    }
    pub(super) fn at(&self, x_m: f64, y_m: f64) -> Point {
        (self.left + x_m * self.per_m, self.bottom - y_m * self.per_m)
    }
    /// Paints the whole map.
    pub(super) fn ground(&self, canvas: &mut Canvas<'_>, grid: &Grid, colour: Rgb) {
        let (width_m, height_m) = grid.extent();
        canvas.rect(self.at(0.0, height_m), self.at(width_m, 0.0), colour);
    }
    /// Paints a cell, a hair's breadth off its neighbours.
    pub(super) fn cell(&self, canvas: &mut Canvas<'_>, grid: &Grid, index: usize, colour: Rgb) {
        let gap = (grid.side_m * self.per_m * 0.05).clamp(0.5, 2.0) / 2.0;
        let (column, row) = grid.column_and_row(index);
        let low = self.at(column as f64 * grid.side_m, row as f64 * grid.side_m);
        let high = self.at((column + 1) as f64 * grid.side_m, (row + 1) as f64 * grid.side_m);
        canvas.rect((low.0 + gap, low.1 - gap), (high.0 - gap, high.1 + gap), colour);
    }
}

/// Size of a marker: many are drawn small, so that the cells below stay visible.
pub(super) fn marker_radius(markers: usize) -> f64 {
    match markers {
        0..=200 => 7.5,
        201..=600 => 5.5,
        _ => 3.5,
    }
}

/// A store: a triangle with a white rim.
pub(super) fn triangle(canvas: &mut Canvas<'_>, at: Point, radius: f64, colour: Rgb) {
    let corners = |r: f64| [(at.0, at.1 - r), (at.0 + 0.87 * r, at.1 + 0.5 * r), (at.0 - 0.87 * r, at.1 + 0.5 * r)];
    canvas.polygon(&corners(radius * 1.55), PAPER);
    canvas.polygon(&corners(radius), colour);
}

/// A bar of colours from the bottom (0) to the top (1) with its name, and ticks by their place on it.
pub(super) fn colour_bar(
    canvas: &mut Canvas<'_>,
    (left, top): Point,
    name: &str,
    colour: impl Fn(f64) -> Rgb,
    ticks: &[(f64, String)],
) {
    const STEPS: usize = 100;
    const HIGH: f64 = 400.0;
    canvas.text((left, top + 22.0), name, canvas.pen(LABEL_PX).ink().bold());
    let from = top + 48.0;
    let y = |part: f64| from + HIGH * (1.0 - part);
    for step in (0..STEPS).rev() {
        let upper = (step + 1) as f64 / STEPS as f64;
        // Painted from the top down over each other, so that no seam shows between neighbours.
        canvas.rect((left, y(upper)), (left + 36.0, from + HIGH), colour(upper - 0.5 / STEPS as f64));
    }
    for (part, label) in ticks {
        canvas.line((left + 36.0, y(*part)), (left + 44.0, y(*part)), AXIS, 2.0);
        canvas.text((left + 54.0, y(*part) + 8.0), label, canvas.pen(22.0));
    }
}

/// A line of a key: a patch of colour and its words.
pub(super) fn patch(canvas: &mut Canvas<'_>, (left, y): Point, colour: Rgb, words: &str) {
    canvas.rect((left + 6.0, y - 20.0), (left + 30.0, y + 4.0), colour);
    canvas.text((left + 54.0, y), words, canvas.pen(22.0));
}

/// A bar of a round number of kilometres, about a fifth of the city wide.
pub(super) fn scale_bar(canvas: &mut Canvas<'_>, left: f64, bottom: f64, per_m: f64, width_m: f64) {
    const ROUND_KM: [f64; 9] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0];
    let km = ROUND_KM.into_iter().rfind(|km| km * 1000.0 <= width_m / 4.0).unwrap_or(ROUND_KM[0]);
    let end = left + km * 1000.0 * per_m;
    canvas.line((left, bottom - 8.0), (end, bottom - 8.0), INK, 3.0);
    let label = format!("{} {}", number(km, if km < 1.0 { 1 } else { 0 }), canvas.look().say("km", "公里"));
    canvas.text_within((end + 16.0, bottom), &label, canvas.pen(22.0).colour(MUTED), (left, RIGHT));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_widened_until_they_hold_enough() {
        let places: Vec<(f64, f64)> =
            (0..400).map(|i| (f64::from(i % 20) * 1000.0 + 500.0, f64::from(i / 20) * 1000.0 + 500.0)).collect();
        let side = |enough| Grid::fitting((20_000.0, 20_000.0), 1.0, enough, &places).side_m;
        assert_eq!((side(1), side(4), side(5), side(16)), (1000.0, 2000.0, 4000.0, 4000.0));
        // With too few places to compare any, cells stay as asked for.
        assert_eq!(side(1000), 1000.0);
        assert_eq!(Grid::fitting((20_000.0, 20_000.0), 1.0, 20, &[]).side_m, 1000.0);
    }

    #[test]
    fn a_place_has_its_cell_and_none_beyond_the_map() {
        let grid = Grid::over((20_000.0, 10_000.0), 1.0);
        assert_eq!((grid.columns, grid.rows), (20, 10));
        assert_eq!((grid.index(0.0, 0.0), grid.index(20_000.0, 10_000.0)), (Some(0), Some(199)));
        assert_eq!((grid.index(-1.0, 0.0), grid.index(f64::NAN, 0.0)), (None, None));
        assert_eq!(grid.corner_km(21), ["1", "1"]);
    }
}
