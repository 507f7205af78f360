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

/// Seconds between numbered places, row-major.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Matrix {
    side: usize,
    seconds: Vec<f64>,
}

impl Matrix {
    /// A matrix of `side` × `side` travel times, row-major, in seconds.
    pub fn new(side: usize, seconds: Vec<f64>) -> Self {
        assert_eq!(seconds.len(), side * side, "a travel-time matrix is square");
        Matrix { side, seconds }
    }
    /// Number of places.
    pub fn side(&self) -> usize {
        self.side
    }
    fn between(&self, from: Spot, to: Spot) -> f64 {
        self.seconds[from.a as usize * self.side + to.a as usize]
    }
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
        Space {
            metric,
            earth_radius_m,
            matrix,
        }
    }
    /// The metric.
    pub fn metric(&self) -> Metric {
        self.metric
    }
    /// Number of places of the travel-time matrix; 0 for other metrics.
    pub fn matrix_side(&self) -> usize {
        self.matrix.side()
    }
    /// The place in the coordinates of this metric.
    pub fn spot(&self, place: &Place) -> Spot {
        match self.metric {
            Metric::Euclid | Metric::Manhattan => Spot {
                a: place.x_m,
                b: place.y_m,
            },
            Metric::Haversine => place
                .lon_lat
                .map_or_else(Spot::default, |p| Spot { a: p.lon, b: p.lat }),
            Metric::Matrix => Spot {
                a: f64::from(place.matrix_row.unwrap_or(0)),
                b: 0.0,
            },
        }
    }
    /// Distance from one spot to another: metres, or seconds for `matrix`.
    #[inline]
    pub fn distance(&self, from: Spot, to: Spot) -> f64 {
        match self.metric {
            Metric::Euclid => (from.a - to.a).hypot_fast(from.b - to.b),
            Metric::Manhattan => (from.a - to.a).abs() + (from.b - to.b).abs(),
            Metric::Haversine => {
                HaversineMeasure::new(self.earth_radius_m).distance(Point::new(from.a, from.b), Point::new(to.a, to.b))
            }
            Metric::Matrix => self.matrix.between(from, to),
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
