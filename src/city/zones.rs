//! Zones: equal squares over the city, by which load, promises and idle couriers are looked at.

use super::City;
use super::space::Spot;
use crate::scenario::Metric;
use crate::units::ZoneId;

/// Zones in one direction at most; a larger city gets larger zones.
const MOST: usize = 512;

/// A regular grid of zones over all stores, couriers and consumers. With `city.metric = "matrix"`, whose places have no
/// coordinates, the whole city is one zone.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Zones {
    low: Spot,
    per_a: f64,
    per_b: f64,
    columns: usize,
    rows: usize,
}

impl Zones {
    /// Zones of `side_m` by `side_m`.
    pub fn new(city: &City, side_m: f64) -> Zones {
        let space = city.travel.space();
        if space.metric() == Metric::Matrix {
            return Zones { low: Spot::default(), per_a: 0.0, per_b: 0.0, columns: 1, rows: 1 };
        }
        let (low, high) = surrounding_box(city);
        let (metres_a, metres_b) = space.metres_per_unit(low.b.abs().max(high.b.abs()));
        let count = |width: f64, metres: f64| ((width * metres / side_m).floor() as usize + 1).min(MOST);
        let (columns, rows) = (count(high.a - low.a, metres_a), count(high.b - low.b, metres_b));
        // Where the limit bites, zones grow so that they still cover the city.
        let per = |width: f64, metres: f64, zones: usize| match zones {
            MOST => MOST as f64 / width.max(1e-9),
            _ => metres / side_m,
        };
        Zones {
            low,
            per_a: per(high.a - low.a, metres_a, columns),
            per_b: per(high.b - low.b, metres_b, rows),
            columns,
            rows,
        }
    }
    /// Number of zones.
    pub fn count(&self) -> usize {
        self.columns * self.rows
    }
    /// The zone of a spot; spots outside the city count to the zone at the border.
    pub fn zone(&self, spot: Spot) -> ZoneId {
        let column = (((spot.a - self.low.a) * self.per_a) as usize).min(self.columns - 1);
        let row = (((spot.b - self.low.b) * self.per_b) as usize).min(self.rows - 1);
        ZoneId((row * self.columns + column) as u32)
    }
    /// The middle of a zone.
    pub fn centre(&self, zone: ZoneId) -> Spot {
        let (column, row) = (zone.index() % self.columns, zone.index() / self.columns);
        let middle = |low: f64, place: usize, per: f64| low + (place as f64 + 0.5) / per;
        Spot { a: middle(self.low.a, column, self.per_a), b: middle(self.low.b, row, self.per_b) }
    }
    /// The zone and the up to eight zones that touch it, by id.
    pub fn block(&self, zone: ZoneId) -> impl Iterator<Item = ZoneId> + use<> {
        let (column, row) = (zone.index() % self.columns, zone.index() / self.columns);
        let (columns, rows) = (self.columns, self.rows);
        (row.saturating_sub(1)..(row + 2).min(rows)).flat_map(move |r| {
            (column.saturating_sub(1)..(column + 2).min(columns)).map(move |c| ZoneId((r * columns + c) as u32))
        })
    }
}

/// The box around everything, in the coordinates of the metric.
fn surrounding_box(city: &City) -> (Spot, Spot) {
    let space = city.travel.space();
    let anybody = !city.demand.homes.is_empty() || !city.demand.trace.is_empty();
    let (low, high) = city.spot_box();
    let consumers = anybody.then_some([low, high]).into_iter().flatten();
    let nodes = city.stores.iter().map(|store| space.spot(&store.place));
    let couriers = city.couriers.iter().map(|courier| space.spot(&courier.place));
    let mut spots = consumers.chain(nodes).chain(couriers);
    let Some(first) = spots.next() else { return (Spot::default(), Spot::default()) };
    spots.fold((first, first), |(low, high), spot| {
        let least = Spot { a: low.a.min(spot.a), b: low.b.min(spot.b) };
        (least, Spot { a: high.a.max(spot.a), b: high.b.max(spot.b) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::{Courier, Place};

    fn city(corners: &[(f64, f64)]) -> City {
        let courier = |(x_m, y_m): &(f64, f64)| Courier {
            name: String::new(),
            place: Place { x_m: *x_m, y_m: *y_m, ..Place::default() },
            shifts: Vec::new(),
            store: None,
            fleet: 0,
        };
        City { couriers: corners.iter().map(courier).collect(), ..City::empty() }
    }

    #[test]
    fn zones_cover_the_city_and_what_lies_outside_counts_to_the_border() {
        let zones = Zones::new(&city(&[(1000.0, 0.0), (6000.0, 3000.0)]), 2000.0);
        assert_eq!(zones.count(), 3 * 2);
        let at = |a, b| zones.zone(Spot { a, b }).0;
        assert_eq!([at(1000.0, 0.0), at(2999.0, 1999.0), at(3000.0, 2000.0), at(6000.0, 3000.0)], [0, 0, 4, 5]);
        assert_eq!([at(-9e9, -9e9), at(9e9, 9e9)], [0, 5]);
    }

    #[test]
    fn the_centre_of_a_zone_lies_in_it() {
        let zones = Zones::new(&city(&[(500.0, 0.0), (7000.0, 7000.0)]), 2000.0);
        assert_eq!(zones.centre(ZoneId(0)), Spot { a: 1500.0, b: 1000.0 });
        for zone in (0..zones.count() as u32).map(ZoneId) {
            assert_eq!(zones.zone(zones.centre(zone)), zone);
        }
    }

    #[test]
    fn a_block_is_the_zone_and_its_neighbours() {
        let zones = Zones::new(&city(&[(0.0, 0.0), (7000.0, 7000.0)]), 2000.0);
        let block = |zone| zones.block(ZoneId(zone)).map(|z| z.0).collect::<Vec<_>>();
        assert_eq!(block(0), [0, 1, 4, 5]);
        assert_eq!(block(5), [0, 1, 2, 4, 5, 6, 8, 9, 10]);
        assert_eq!(block(15), [10, 11, 14, 15]);
    }

    #[test]
    fn a_city_too_large_for_its_zones_gets_larger_ones() {
        let zones = Zones::new(&city(&[(0.0, 0.0), (1e7, 100.0)]), 100.0);
        assert_eq!(zones.count(), MOST * 2);
        assert_eq!(zones.zone(Spot { a: 1e7, b: 0.0 }).0 as usize, MOST - 1);
        assert_eq!(zones.zone(Spot { a: 5e6, b: 0.0 }).0 as usize, MOST / 2);
    }

    #[test]
    fn an_empty_city_is_one_zone() {
        assert_eq!(Zones::new(&city(&[]), 2000.0).count(), 1);
    }
}
