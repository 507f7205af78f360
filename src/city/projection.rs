//! Room: city. Places as files give them → metres east and north of the city's south-west corner.
//!
//! Degrees are projected equirectangularly about the middle of the data: exact along the meridian,
//! and along a parallel wrong by the change of cos(latitude) between it and the middle, 0.1 % some
//! 10 km north or south of it at 31 degrees. With `city.metric = "haversine"` distances are not taken from the
//! plane, only maps and searches are.

use super::input::{Coordinates, GivenPlace};
use super::{LonLat, Place};
use geo::{BoundingRect, Coord, MultiPoint, Point, Rect};

/// Empty border around projected places, in metres.
const MARGIN_M: f64 = 500.0;

/// The plane of one city: where its south-west corner lies and how far it reaches.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Frame {
    /// Extent east of the south-west corner, in metres.
    pub width_m: f64,
    /// Extent north of the south-west corner, in metres.
    pub height_m: f64,
    corner: Corner,
}

/// The south-west corner in the coordinates of the files.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Corner {
    /// In the plane of the files.
    Plane { x_m: f64, y_m: f64 },
    /// On the globe, with metres per degree in both directions.
    Globe { lon: f64, lat: f64, east_m: f64, north_m: f64 },
}

impl Frame {
    /// The frame that holds all `places`, which are given in the same way; `None` if none has coordinates.
    ///
    /// Degrees get a margin of 500 m on every side. Metres stay as they are if they start near zero
    /// (from 0 to the extent of the data); else they are shifted to leave the same margin.
    pub fn around<'a>(places: impl Iterator<Item = &'a GivenPlace>, earth_radius_m: f64) -> Option<Frame> {
        let (mut plane, mut globe) = (Vec::new(), Vec::new());
        for place in places {
            match place.coordinates {
                Some(Coordinates::Metres { x_m, y_m }) => plane.push(Point::new(x_m, y_m)),
                Some(Coordinates::LonLat(at)) => globe.push(Point::new(at.lon, at.lat)),
                None => {}
            }
        }
        match MultiPoint::new(globe).bounding_rect() {
            Some(degrees) => Some(Frame::on_globe(degrees, earth_radius_m)),
            None => MultiPoint::new(plane).bounding_rect().map(Frame::on_plane),
        }
    }

    fn on_globe(degrees: Rect<f64>, earth_radius_m: f64) -> Frame {
        let north_m = earth_radius_m.to_radians();
        let east_m = north_m * degrees.center().y.to_radians().cos();
        let Coord { x: lon, y: lat } = degrees.min();
        Frame {
            width_m: degrees.width() * east_m + 2.0 * MARGIN_M,
            height_m: degrees.height() * north_m + 2.0 * MARGIN_M,
            corner: Corner::Globe { lon: lon - MARGIN_M / east_m, lat: lat - MARGIN_M / north_m, east_m, north_m },
        }
    }

    fn on_plane(metres: Rect<f64>) -> Frame {
        let (x_m, width_m) = anchor(metres.min().x, metres.max().x);
        let (y_m, height_m) = anchor(metres.min().y, metres.max().y);
        Frame { width_m, height_m, corner: Corner::Plane { x_m, y_m } }
    }

    /// The place in this frame; one without coordinates stands at the corner.
    pub fn place(&self, given: &GivenPlace) -> Place {
        let matrix_row = given.matrix_row;
        match (given.coordinates, self.corner) {
            (Some(Coordinates::Metres { x_m, y_m }), Corner::Plane { x_m: west, y_m: south }) => {
                Place { x_m: x_m - west, y_m: y_m - south, lon_lat: None, matrix_row }
            }
            (Some(Coordinates::LonLat(at)), Corner::Globe { lon, lat, east_m, north_m }) => {
                Place { x_m: (at.lon - lon) * east_m, y_m: (at.lat - lat) * north_m, lon_lat: Some(at), matrix_row }
            }
            _ => Place { matrix_row, ..Place::default() },
        }
    }

    /// The place so many metres east and north of the corner, with its degrees if the frame lies on the globe.
    pub fn at(&self, x_m: f64, y_m: f64) -> Place {
        let lon_lat = match self.corner {
            Corner::Globe { lon, lat, east_m, north_m } => {
                Some(LonLat { lon: lon + x_m / east_m, lat: lat + y_m / north_m })
            }
            Corner::Plane { .. } => None,
        };
        Place { x_m, y_m, lon_lat, matrix_row: None }
    }
}

/// Where the frame begins and how far it reaches along one axis of planar data.
fn anchor(low: f64, high: f64) -> (f64, f64) {
    let extent = high - low;
    match low >= 0.0 && low <= extent.max(2.0 * MARGIN_M) {
        true => (0.0, high + MARGIN_M),
        false => (low - MARGIN_M, extent + 2.0 * MARGIN_M),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Distance, HaversineMeasure};

    const EARTH_M: f64 = 6_371_008.8;

    fn degrees(lon: f64, lat: f64) -> GivenPlace {
        GivenPlace { coordinates: Some(Coordinates::LonLat(LonLat { lon, lat })), matrix_row: None }
    }
    fn metres(x_m: f64, y_m: f64) -> GivenPlace {
        GivenPlace { coordinates: Some(Coordinates::Metres { x_m, y_m }), matrix_row: None }
    }

    #[test]
    fn projected_distances_agree_with_haversine_within_a_thousandth_in_a_city_of_20_km() {
        for (lon, lat) in [(121.47, 31.23), (-75.57, 6.24), (13.4, 52.5), (-74.8, 11.0)] {
            // Above 45 degrees the parallels shorten faster; there the bound holds for 4 km around the middle.
            let reach = if f64::abs(lat) > 45.0 { 0.04 } else { 0.09 };
            let steps = [-1.0, -0.5, 0.0, 0.5, 1.0].map(|step| step * reach);
            let places: Vec<GivenPlace> =
                steps.iter().flat_map(|&dx| steps.iter().map(move |&dy| degrees(lon + dx, lat + dy))).collect();
            let frame = Frame::around(places.iter(), EARTH_M).unwrap();
            let globe = HaversineMeasure::new(EARTH_M);
            for a in places.iter().map(|place| frame.place(place)) {
                for b in places.iter().map(|place| frame.place(place)) {
                    let point = |place: Place| place.lon_lat.map(|at| Point::new(at.lon, at.lat)).unwrap();
                    let exact = globe.distance(point(a), point(b));
                    let plane = (a.x_m - b.x_m).hypot(a.y_m - b.y_m);
                    assert!((plane - exact).abs() <= 1e-3 * exact, "{plane} against {exact} at {lat}");
                }
            }
        }
    }

    #[test]
    fn degrees_leave_a_margin_and_keep_their_source() {
        let frame = Frame::around([degrees(121.0, 31.0), degrees(121.2, 31.1)].iter(), EARTH_M).unwrap();
        let corner = frame.place(&degrees(121.0, 31.0));
        assert!((corner.x_m - 500.0).abs() < 1e-6 && (corner.y_m - 500.0).abs() < 1e-6, "{corner:?}");
        let far = frame.place(&degrees(121.2, 31.1));
        assert!((frame.width_m - far.x_m - 500.0).abs() < 1e-6 && (frame.height_m - far.y_m - 500.0).abs() < 1e-6);
        let back = frame.at(far.x_m, far.y_m).lon_lat.unwrap();
        assert!((back.lon - 121.2).abs() < 1e-12 && (back.lat - 31.1).abs() < 1e-12);
        assert_eq!(far.lon_lat, Some(LonLat { lon: 121.2, lat: 31.1 }));
    }

    #[test]
    fn metres_near_zero_stay_and_national_grids_are_shifted() {
        let near = Frame::around([metres(120.0, 0.0), metres(9000.0, 8000.0)].iter(), EARTH_M).unwrap();
        let place = near.place(&metres(120.0, 0.0));
        assert_eq!((place.x_m, place.y_m, near.width_m), (120.0, 0.0, 9500.0));
        let grid = Frame::around([metres(500_000.0, -10.0), metres(509_000.0, 90.0)].iter(), EARTH_M).unwrap();
        let place = grid.place(&metres(500_000.0, -10.0));
        assert_eq!((place.x_m, place.y_m, grid.width_m, grid.height_m), (500.0, 500.0, 10_000.0, 1_100.0));
    }

    #[test]
    fn places_known_only_by_matrix_row_have_no_frame() {
        let place = GivenPlace { coordinates: None, matrix_row: Some(3) };
        assert_eq!(Frame::around([place].iter(), EARTH_M), None);
    }
}
