//! Distance: the metric of the city on compact coordinates.

use super::Place;
use crate::scenario::Metric;
use geo::{Distance, HaversineMeasure, Point};

/// A place in the coordinates of the metric: metres for `euclid` and `manhattan`, degrees of longitude
/// and latitude for `haversine`, the matrix row (in `a`) for `matrix`.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Spot {
    /// First coordinate: x, longitude or row.
    pub a: f64,
    /// Second coordinate: y or latitude.
    pub b: f64,
}

/// Seconds between numbered places: from every place to every node, row-major. Nodes are the first places; in a
/// square matrix every place is one.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Matrix {
    nodes: usize,
    seconds: Vec<f64>,
    outside: Outside,
}

/// Times of the pairs a matrix leaves out: the straight way at one speed.
#[derive(Clone, PartialEq, Debug, Default)]
struct Outside {
    /// Coordinates of each place.
    spots: Vec<Spot>,
    globe: bool,
    earth_radius_m: f64,
    seconds_per_metre: f64,
}

impl Matrix {
    /// Travel times in seconds from each place to each of the first `nodes` places, row-major; NaN is a pair left out.
    pub fn new(nodes: usize, seconds: Vec<f64>) -> Self {
        let places = seconds.len().checked_div(nodes).unwrap_or(0);
        assert!(seconds.len() == nodes * places && places >= nodes, "a travel-time matrix has a row for each place");
        Matrix { nodes, seconds, outside: Outside::default() }
    }
    /// Number of places.
    pub fn places(&self) -> usize {
        self.seconds.len().checked_div(self.nodes).unwrap_or(0)
    }
    /// Number of places that times lead to.
    pub fn nodes(&self) -> usize {
        self.nodes
    }
    /// Whether every pair has its time.
    pub fn is_whole(&self) -> bool {
        self.nodes == self.places()
    }
    /// Rides the pairs left out straight at `speed_kmh`; `spots` are the coordinates of the places, degrees if `globe`.
    pub fn ride_outside(&mut self, spots: Vec<Spot>, globe: bool, earth_radius_m: f64, speed_kmh: f64) {
        self.outside = Outside { spots, globe, earth_radius_m, seconds_per_metre: 3.6 / speed_kmh };
        let nodes = self.nodes;
        for cell in 0..nodes * nodes {
            if self.seconds[cell].is_nan() {
                self.seconds[cell] = self.outside.between(cell / nodes, cell % nodes);
            }
        }
    }
    #[inline(never)]
    fn between(&self, from: Spot, to: Spot) -> f64 {
        let (from, to) = (from.a as usize, to.a as usize);
        if to < self.nodes {
            self.seconds[from * self.nodes + to]
        } else if from < self.nodes {
            // The way back takes as long.
            self.seconds[to * self.nodes + from]
        } else {
            self.outside.between(from, to)
        }
    }
}

impl Outside {
    fn between(&self, from: usize, to: usize) -> f64 {
        let (from, to) = (self.spots[from], self.spots[to]);
        let metres = match self.globe {
            true => great_circle(self.earth_radius_m, from, to),
            false => (from.a - to.a).hypot_fast(from.b - to.b),
        };
        metres * self.seconds_per_metre
    }
}

// Kept out of line, so that the distances of planes and matrices are short enough to be inlined.
#[inline(never)]
fn great_circle(earth_radius_m: f64, from: Spot, to: Spot) -> f64 {
    HaversineMeasure::new(earth_radius_m).distance(Point::new(from.a, from.b), Point::new(to.a, to.b))
}

/// The distance of the city, without detour.
#[derive(Clone, PartialEq, Debug)]
pub struct Space {
    metric: Metric,
    earth_radius_m: f64,
    matrix: Matrix,
}

impl Space {
    /// A space with this metric; `earth_radius_m` matters to `haversine`, `matrix` to `matrix` only.
    pub fn new(metric: Metric, earth_radius_m: f64, matrix: Matrix) -> Self {
        Space { metric, earth_radius_m, matrix }
    }
    /// The metric.
    pub fn metric(&self) -> Metric {
        self.metric
    }
    /// Number of places of the travel-time matrix; 0 for other metrics.
    pub fn matrix_side(&self) -> usize {
        self.matrix.places()
    }
    /// The place in the coordinates of this metric.
    pub fn spot(&self, place: &Place) -> Spot {
        match self.metric {
            Metric::Euclid | Metric::Manhattan => Spot { a: place.x_m, b: place.y_m },
            Metric::Haversine => place.lon_lat.map_or_else(Spot::default, |p| Spot { a: p.lon, b: p.lat }),
            Metric::Matrix => Spot { a: f64::from(place.matrix_row.unwrap_or(0)), b: 0.0 },
        }
    }
    /// Distance from one spot to another: metres, or seconds for `matrix`.
    #[inline(always)]
    pub fn distance(&self, from: Spot, to: Spot) -> f64 {
        match self.metric {
            Metric::Euclid => (from.a - to.a).hypot_fast(from.b - to.b),
            Metric::Manhattan => (from.a - to.a).abs() + (from.b - to.b).abs(),
            Metric::Haversine => great_circle(self.earth_radius_m, from, to),
            Metric::Matrix => self.matrix.between(from, to),
        }
    }
    /// At most the distance of two spots that lie this many metres apart along each coordinate; see `metres_per_unit`.
    #[inline]
    pub fn least_distance(&self, metres_a: f64, metres_b: f64) -> f64 {
        match self.metric {
            Metric::Euclid => metres_a.hypot_fast(metres_b),
            Metric::Manhattan => metres_a + metres_b,
            Metric::Haversine => metres_a.max(metres_b),
            Metric::Matrix => 0.0,
        }
    }
    /// Metres (or less, never more) per unit of each coordinate within `|b| <= max_abs_b`: lets a grid
    /// on coordinates bound the distance from below.
    pub fn metres_per_unit(&self, max_abs_b: f64) -> (f64, f64) {
        match self.metric {
            Metric::Haversine => {
                let per_degree = self.earth_radius_m.to_radians();
                // A city spans a few degrees at most; the chord shortens arcs by far less than 0.1 %.
                (per_degree * max_abs_b.to_radians().cos() * 0.999, per_degree * 0.999)
            }
            _ => (1.0, 1.0),
        }
    }
}

/// Euclidean norm without the overflow care of `f64::hypot`, which costs a library call.
trait HypotFast {
    fn hypot_fast(self, other: f64) -> f64;
}
impl HypotFast for f64 {
    #[inline]
    fn hypot_fast(self, other: f64) -> f64 {
        (self * self + other * other).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(row: f64) -> Spot {
        Spot { a: row, b: 0.0 }
    }

    #[test]
    fn a_block_serves_both_ways_and_the_pairs_left_out_are_ridden_straight() {
        // Places 0 and 1 are nodes, 2 and 3 are not; the way between the nodes is left out.
        let nan = f64::NAN;
        let mut matrix = Matrix::new(2, vec![0.0, nan, nan, 0.0, 10.0, 20.0, 30.0, 40.0]);
        assert_eq!((matrix.places(), matrix.is_whole()), (4, false));
        let at = |a, b| Spot { a, b };
        matrix.ride_outside(vec![at(0.0, 0.0), at(0.0, 50.0), at(0.0, 0.0), at(30.0, 40.0)], false, 1.0, 18.0);
        let space = Space::new(Metric::Matrix, 1.0, matrix);
        assert_eq!(space.distance(place(3.0), place(1.0)), 40.0);
        assert_eq!(space.distance(place(1.0), place(3.0)), 40.0);
        assert_eq!(space.distance(place(2.0), place(3.0)), 10.0);
        assert_eq!(space.distance(place(0.0), place(1.0)), 10.0);
    }

    #[test]
    fn a_whole_matrix_may_differ_by_direction() {
        let space = Space::new(Metric::Matrix, 1.0, Matrix::new(2, vec![0.0, 5.0, 7.0, 0.0]));
        assert_eq!((space.distance(place(0.0), place(1.0)), space.distance(place(1.0), place(0.0))), (5.0, 7.0));
    }
}
