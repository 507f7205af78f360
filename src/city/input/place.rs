//! Room: city. The place columns every file shares: `x_m,y_m` or `lon,lat`, and `place`.

use super::{Known, Problem};
use crate::city::LonLat;
use crate::scenario::Metric;
use crate::table::sheet::{Col, Sheet};

/// Names of the place columns.
pub(super) const PLACE_COLUMNS: [&str; 5] = ["x_m", "y_m", "lon", "lat", "place"];

/// Farther than this from the middle of all places is a slip, not a city.
const CITY_LIMIT_DEGREES: f64 = 5.0;

/// Coordinates as a file gives them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Coordinates {
    /// Metres on a plane.
    Metres {
        /// Metres east.
        x_m: f64,
        /// Metres north.
        y_m: f64,
    },
    /// Degrees on the globe.
    LonLat(LonLat),
}

/// A place as a file gives it: coordinates, a row of the travel-time matrix, or both.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GivenPlace {
    /// Coordinates, where given.
    pub coordinates: Option<Coordinates>,
    /// Row of the travel-time matrix, where given.
    pub matrix_row: Option<u32>,
}

/// The place columns of one file.
pub(super) struct PlaceColumns {
    x_m: Col,
    y_m: Col,
    lon: Col,
    lat: Col,
    place: Col,
    matrix_places: Option<u32>,
    needs_matrix_row: bool,
}

impl PlaceColumns {
    /// Finds the place columns; missing, mixed or unfit ones are problems.
    pub(super) fn of(sheet: &mut Sheet<'_>, known: &Known) -> Self {
        let [x_m, y_m, lon, lat, place] = PLACE_COLUMNS.map(|name| sheet.column(name));
        let columns = PlaceColumns {
            x_m,
            y_m,
            lon,
            lat,
            place,
            matrix_places: known.matrix_places,
            needs_matrix_row: known.metric == Metric::Matrix,
        };
        columns.check(sheet, known.metric);
        columns
    }

    fn check(&self, sheet: &mut Sheet<'_>, metric: Metric) {
        let plane = self.x_m.is_given() || self.y_m.is_given();
        let globe = self.lon.is_given() || self.lat.is_given();
        if plane && globe {
            sheet.file_problem("places in metres (x_m, y_m) and in degrees (lon, lat)", "one of them");
            return;
        }
        for (one, other) in [(self.x_m, self.y_m), (self.y_m, self.x_m), (self.lon, self.lat), (self.lat, self.lon)] {
            if one.is_given() && !other.is_given() {
                sheet.file_problem(&format!("no column {}", other.name), &format!("it beside {}", one.name));
            }
        }
        match metric {
            Metric::Matrix if !self.place.is_given() => sheet.file_problem(
                "no column place",
                "the row of the travel-time matrix, because city.metric is \"matrix\"",
            ),
            Metric::Haversine if !globe => {
                sheet.file_problem("no columns lon, lat", "them, because city.metric is \"haversine\"");
            }
            Metric::Euclid | Metric::Manhattan if !plane && !globe => {
                sheet.file_problem("no place columns", "x_m, y_m (metres) or lon, lat (degrees)");
            }
            _ => {}
        }
    }

    /// The place of a row.
    pub(super) fn read(&self, sheet: &mut Sheet<'_>, row: usize) -> Option<GivenPlace> {
        let metres = |sheet: &mut Sheet<'_>, column| sheet.needed_number(row, column, (-1e8, 1e8), "metres");
        let coordinates = if self.x_m.is_given() {
            // Both cells are read before either is given up, so that both problems are told.
            let (x_m, y_m) = (metres(sheet, self.x_m), metres(sheet, self.y_m));
            Some(Coordinates::Metres { x_m: x_m?, y_m: y_m? })
        } else if self.lon.is_given() {
            Some(Coordinates::LonLat(self.lon_lat(sheet, row)?))
        } else {
            None
        };
        let matrix_row = self.matrix_row(sheet, row);
        let complete = coordinates.is_some() || matrix_row.is_some();
        (complete && (matrix_row.is_some() || !self.needs_matrix_row)).then_some(GivenPlace { coordinates, matrix_row })
    }

    fn lon_lat(&self, sheet: &mut Sheet<'_>, row: usize) -> Option<LonLat> {
        let lon = sheet.needed_number(row, self.lon, (-180.0, 180.0), "degrees east");
        let text = sheet.needed_text(row, self.lat, "degrees north")?;
        let lat = match text.parse::<f64>() {
            Ok(lat) if (90.0..=180.0).contains(&lat.abs()) && lat.abs() > 90.0 => {
                let problem = sheet.problem_at(row, self.lat, "degrees north, from -90 to 90");
                sheet.push(problem.help("are lon and lat swapped?"));
                None
            }
            _ => sheet.number(row, self.lat, (-90.0, 90.0), "degrees north"),
        };
        Some(LonLat { lon: lon?, lat: lat? })
    }

    /// Reports a place that no time of the matrix leads to.
    pub(super) fn check_node(&self, sheet: &mut Sheet<'_>, row: usize, known: &Known) {
        if let (Some(nodes), true) = (known.matrix_nodes, known.matrix_nodes < known.matrix_places) {
            let expected = format!("a place that times of the matrix lead to, 0 to {}", nodes.saturating_sub(1));
            sheet.whole(row, self.place, (0, nodes.saturating_sub(1)), &expected);
        }
    }

    fn matrix_row(&self, sheet: &mut Sheet<'_>, row: usize) -> Option<u32> {
        let expected = match self.matrix_places {
            Some(places) => format!("a row of the travel-time matrix, 0 to {}", places.saturating_sub(1)),
            None => "a row of the travel-time matrix".into(),
        };
        if self.needs_matrix_row {
            sheet.needed_text(row, self.place, &expected)?;
        }
        let last = self.matrix_places.map_or(u32::MAX - 1, |places| places.saturating_sub(1));
        sheet.whole(row, self.place, (0, last), &expected)
    }
}

/// Checks that the places of all files are given in the same way and lie in one city.
pub(super) fn check_alike(places: &[(String, u64, &GivenPlace)], problems: &mut Vec<Problem>) {
    let is_metres = |place: &GivenPlace| matches!(place.coordinates, Some(Coordinates::Metres { .. }));
    let first_metres = places.iter().find(|(_, _, place)| is_metres(place));
    let first_degrees = places.iter().find(|(_, _, place)| matches!(place.coordinates, Some(Coordinates::LonLat(_))));
    if let (Some((metres, ..)), Some((degrees, ..))) = (first_metres, first_degrees) {
        let problem =
            Problem::of_file(degrees, "places in degrees (lon, lat)", format!("metres (x_m, y_m) as in {metres}"));
        problems.push(problem.help("give all files of a scenario in the same coordinates"));
        return;
    }
    far_off(places, problems);
}

/// Reports places without coordinates: the pairs that a matrix leaves out are ridden straight.
pub(super) fn check_coordinates(places: &[(String, u64, &GivenPlace)], problems: &mut Vec<Problem>) {
    if let Some((file, row, _)) = places.iter().find(|(_, _, place)| place.coordinates.is_none()) {
        let expected = "coordinates too, because the travel-time matrix leaves pairs of places out";
        let problem = Problem::of_file(file, "a place without coordinates", expected);
        let help = "add columns lon, lat or x_m, y_m, or give the matrix a row for every pair";
        problems.push(Problem { row: Some(*row), ..problem }.help(help));
    }
}

/// Reports places in degrees far from the middle of all: a swapped pair, a lost digit, or 0,0 for "unknown".
fn far_off(places: &[(String, u64, &GivenPlace)], problems: &mut Vec<Problem>) {
    let degrees = |place: &GivenPlace| match place.coordinates {
        Some(Coordinates::LonLat(at)) => Some(at),
        _ => None,
    };
    let all: Vec<LonLat> = places.iter().filter_map(|(_, _, place)| degrees(place)).collect();
    let Some((lon, lat)) = median(all.iter().map(|at| at.lon)).zip(median(all.iter().map(|at| at.lat))) else {
        return;
    };
    let off = |at: LonLat| (at.lon - lon).abs() > CITY_LIMIT_DEGREES || (at.lat - lat).abs() > CITY_LIMIT_DEGREES;
    let far = places.iter().filter_map(|(file, row, place)| Some((file, row, degrees(place).filter(|&at| off(at))?)));
    for (file, row, at) in far.take(20) {
        let found = format!("lon {}, lat {}", at.lon, at.lat);
        let expected =
            format!("a place within {CITY_LIMIT_DEGREES} degrees of the middle of all, lon {lon}, lat {lat}");
        let problem = Problem::of_file(file, found, expected).help("remove the row, or correct its place");
        problems.push(Problem { row: Some(*row), ..problem });
    }
}

fn median(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let mut ranked: Vec<f64> = numbers.collect();
    ranked.sort_by(f64::total_cmp);
    ranked.get(ranked.len() / 2).copied()
}
