//! Room: report. Trips for maps with a street ground: one line a ride, each point with longitude, latitude, height and time.
//!
//! The format is the one that kepler.gl takes for its trip layer: `LineString`s of `[lon, lat, alt, unix seconds]`.

use super::still::along;
use super::{Day, Point, Replay, Ride};
use crate::city::City;

/// Where the south-west corner of the city is put on the globe.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GlobeAnchor {
    /// Degrees east of the south-west corner.
    pub lon: f64,
    /// Degrees north of the south-west corner.
    pub lat: f64,
    /// Degrees of longitude a metre.
    pub lon_per_m: f64,
    /// Degrees of latitude a metre.
    pub lat_per_m: f64,
    /// The city came from files with longitude and latitude, so places are the real ones.
    pub real: bool,
}

/// Seconds between 1 January 1970 and the first day of a replay, 1 January 2025 at 00:00 UTC.
const FIRST_DAY_S: f64 = 1_735_689_600.0;
/// Made-up cities stand here: open sea in the Gulf of Guinea, where nobody takes their streets for real ones.
const NOWHERE: (f64, f64) = (0.0, 0.0);

impl GlobeAnchor {
    /// From two places given in degrees, or made up where the city has none.
    pub fn of(city: &City) -> GlobeAnchor {
        let per_m = 1.0 / city.earth_radius_m.to_radians();
        let places = city.stores.iter().map(|store| &store.place).chain(city.couriers.iter().map(|one| &one.place));
        let places = places.chain(city.demand.trace.iter().map(|order| &order.place));
        let known: Vec<_> = places.filter_map(|place| Some((place.x_m, place.y_m, place.lon_lat?))).collect();
        let Some(&(x, y, at)) = known.first() else {
            let (lon, lat) = NOWHERE;
            return GlobeAnchor { lon, lat, lon_per_m: per_m, lat_per_m: per_m, real: false };
        };
        let west_east = |a: &&(f64, f64, _), b: &&(f64, f64, _)| a.0.total_cmp(&b.0);
        let lon_per_m = known
            .iter()
            .min_by(west_east)
            .zip(known.iter().max_by(west_east))
            .filter(|(west, east)| east.0 - west.0 > 1.0)
            .map_or(per_m / at.lat.to_radians().cos(), |(west, east)| (east.2.lon - west.2.lon) / (east.0 - west.0));
        GlobeAnchor { lon: at.lon - x * lon_per_m, lat: at.lat - y * per_m, lon_per_m, lat_per_m: per_m, real: true }
    }

    fn degrees(&self, at: Point) -> (f64, f64) {
        (self.lon + at.0 * self.lon_per_m, self.lat + at.1 * self.lat_per_m)
    }
}

/// Every ride of every courier as GeoJSON; nothing where there is no replay.
pub fn geojson(replay: &Replay, anchor: &GlobeAnchor) -> Option<String> {
    let Replay::Day(day) = replay else { return None };
    let features: Vec<String> = day.rides.iter().map(|ride| feature(day, ride, anchor)).collect();
    Some(format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", features.join(",\n")))
}

fn feature(day: &Day, ride: &Ride, anchor: &GlobeAnchor) -> String {
    let bend = ((ride.to.0 - ride.from.0).abs(), (ride.to.1 - ride.from.1).abs());
    // Along streets the line has a corner.
    let corner = (day.along_streets && bend.0 > 0.0 && bend.1 > 0.0).then(|| bend.0 / (bend.0 + bend.1));
    let point = |part: f64| {
        let (lon, lat) = anchor.degrees(along(day.along_streets, ride, part));
        let at = ride.from_s + (ride.until_s - ride.from_s) * part + day.start_hour * 3600.0;
        format!("[{lon:.6},{lat:.6},0,{:.0}]", FIRST_DAY_S + at)
    };
    let points: Vec<String> = [Some(0.0), corner, Some(1.0)].into_iter().flatten().map(point).collect();
    format!(
        "{{\"type\":\"Feature\",\"properties\":{{\"courier\":{:?},\"orders_on_board\":{},\"purpose\":\"{}\"}},\
         \"geometry\":{{\"type\":\"LineString\",\"coordinates\":[{}]}}}}",
        day.couriers[ride.courier].name,
        ride.load,
        match (ride.to_store, ride.load) {
            (true, _) => "to store",
            (false, 0) => "repositioning",
            _ => "to door",
        },
        points.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::{day_of, town};
    use super::*;
    use crate::city::{LonLat, Place};

    #[test]
    fn every_ride_is_a_line_whose_times_rise() {
        let day = day_of(&town(), super::super::MOST_ORDERS);
        let rides = day.rides.len();
        let anchor = GlobeAnchor::of(&City::empty());
        let text = geojson(&Replay::Day(Box::new(day)), &anchor).unwrap();
        assert!(!anchor.real);
        assert_eq!(text.matches("\"LineString\"").count(), rides);
        for line in text.lines().filter(|line| line.contains("LineString")) {
            let points = line.split("\"coordinates\":[").nth(1).unwrap();
            let times: Vec<f64> = points
                .split(']')
                .filter_map(|point| point.rsplit_once(",0,"))
                .map(|(_, time)| time.parse().unwrap())
                .collect();
            assert!(times.len() >= 2 && times.windows(2).all(|pair| pair[0] <= pair[1]), "{line}");
            assert!(times[0] >= FIRST_DAY_S + 11.0 * 3600.0);
        }
        assert_eq!(geojson(&Replay::WhyNot(String::new()), &anchor), None);
    }

    #[test]
    fn real_places_stay_where_they_are() {
        let mut city = City::empty();
        let courier = |x_m: f64, y_m: f64, lon: f64, lat: f64| crate::city::Courier {
            name: String::new(),
            place: Place { x_m, y_m, lon_lat: Some(LonLat { lon, lat }), matrix_row: None },
            shifts: Vec::new(),
            fleet: 0,
            store: None,
        };
        city.couriers = vec![courier(1000.0, 2000.0, 121.40, 31.20), courier(10_500.0, 2000.0, 121.50, 31.20)];
        let anchor = GlobeAnchor::of(&city);
        let (lon, lat) = anchor.degrees((10_500.0, 2000.0));
        assert!(anchor.real && (lon - 121.5).abs() < 1e-9 && (lat - 31.2).abs() < 1e-9, "{lon} {lat}");
    }
}
