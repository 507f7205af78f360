//! Room: report. Chart 15: which store serves whom? For each kind of store the cells of the city by the store that serves most
//! of their near orders, joined to it; below how far those orders ride, and how many come from the nearest store.

use super::cell_map::{self, Grid, MapScale, marker_radius, scale_bar, triangle};
use crate::city::Channel;
use crate::report::canvas::{Canvas, Pen, Point};
use crate::report::data::{Details, Orders, Stores};
use crate::report::layout::{AXIS_PX, BOTTOM, LABEL_PX, LEFT, RIGHT, Words, shortened};
use crate::report::palette::{GROUND, INK, NEAR, PAPER, mix};
use crate::report::table::{Table, exact};
use crate::report::wording::{number, percent, plural};
use crate::report::{Chart, RunView};
use std::collections::BTreeMap;

const SLUG: &str = "15-service-areas";
/// More maps than this side by side would be too small.
const MOST_PANELS: usize = 3;

/// The cells of one kind of store.
struct Area {
    archetype: String,
    /// Rows of the stores of this kind.
    stores: Vec<usize>,
    /// Near orders by cell: number by store.
    cells: Vec<BTreeMap<usize, usize>>,
    orders: usize,
    /// Near orders of which the nearest store is known, and those it served.
    known: usize,
    nearest: usize,
    /// Rides of its orders in kilometres, ascending.
    rides_km: Vec<f64>,
}

impl Area {
    /// The store that serves most orders of a cell, the lower row among equals, with its number and that of all.
    fn main(&self, cell: usize) -> Option<(usize, usize, usize)> {
        let served = &self.cells[cell];
        let (store, orders) = served.iter().max_by_key(|&(store, orders)| (*orders, std::cmp::Reverse(*store)))?;
        Some((*store, *orders, served.values().sum()))
    }
    fn ride_km(&self, part: f64) -> f64 {
        let last = self.rides_km.len().saturating_sub(1);
        self.rides_km.get((part * last as f64).round() as usize).copied().unwrap_or(f64::NAN)
    }
}

/// All kinds of near stores, the one with most orders first.
struct Areas {
    grid: Grid,
    areas: Vec<Area>,
    orders: usize,
}

impl Areas {
    fn of(view: &RunView<'_>, orders: &Orders, details: &Details, stores: &Stores) -> Areas {
        let grid = Grid::over(cell_map::extent(view, &orders.x_m, &orders.y_m), view.cell_km);
        let mut areas: Vec<Area> = Vec::new();
        let mut area_of = BTreeMap::new();
        for store in (0..stores.name.len()).filter(|&store| stores.near[store]) {
            let place = areas.iter().position(|area| area.archetype == stores.archetype[store]);
            let place = place.unwrap_or_else(|| {
                areas.push(Area::new(&stores.archetype[store], grid.len()));
                areas.len() - 1
            });
            areas[place].stores.push(store);
            area_of.insert(stores.name[store].as_str(), (place, store));
        }
        let mut served = 0;
        for order in (0..orders.len()).filter(|&order| orders.channel[order] == Some(Channel::Near)) {
            let Some((place, store)) = details.store[order].as_deref().and_then(|name| area_of.get(name)) else {
                continue;
            };
            let area = &mut areas[*place];
            served += 1;
            area.orders += 1;
            area.known += usize::from(details.nearest_store[order].is_some());
            area.nearest += usize::from(details.nearest_store[order] == details.store[order]);
            area.rides_km.extend(Some(details.ride_km[order]).filter(|km| km.is_finite()));
            if let Some(cell) = grid.index(orders.x_m[order], orders.y_m[order]) {
                *area.cells[cell].entry(*store).or_default() += 1;
            }
        }
        areas.iter_mut().for_each(|area| area.rides_km.sort_by(f64::total_cmp));
        areas.sort_by_key(|area| std::cmp::Reverse(area.orders));
        Areas { grid, areas, orders: served }
    }
    fn known(&self) -> usize {
        self.areas.iter().map(|area| area.known).sum()
    }
    fn nearest(&self) -> usize {
        self.areas.iter().map(|area| area.nearest).sum()
    }
}

impl Area {
    fn new(archetype: &str, cells: usize) -> Area {
        Area {
            archetype: archetype.to_owned(),
            stores: Vec::new(),
            cells: vec![BTreeMap::new(); cells],
            orders: 0,
            known: 0,
            nearest: 0,
            rides_km: Vec::new(),
        }
    }
}

/// `flash_warehouse` as `Flash warehouse`.
fn archetype_words(id: &str) -> String {
    let words = id.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, orders: &Orders, details: &Details, stores: &Stores) -> Chart {
    let areas = Areas::of(view, orders, details, stores);
    let subtitle = format!(
        "{} km cells joined to the store that serves most of their near orders, by kind of store{}",
        areas.grid.side_km(),
        view.scenario_words()
    );
    let mut note =
        "lines: thicker with more orders; nearest = within its radius, whatever it carries and has; ride with detour"
            .to_owned();
    if areas.areas.len() > MOST_PANELS {
        let more: usize = areas.areas[MOST_PANELS..].iter().map(|area| area.orders).sum();
        let kinds = areas.areas.len() - MOST_PANELS;
        note.push_str(&format!("; {} with {} not drawn", plural(kinds, "further kind"), plural(more, "order")));
    }
    let words = |title: String| Words { title, subtitle, source: view.source(areas.orders, &note) };
    if areas.orders == 0 {
        let why = "Nothing to draw: no near order was given to a store.";
        return Chart::nothing(
            SLUG,
            words("No store serves anybody in this run".to_owned()),
            why,
            table(&areas, stores),
        );
    }
    let said: Vec<String> = areas.areas.iter().map(area_words).collect();
    let alt = format!("A map for each kind of store. {}.", said.join("; "));
    Chart::draw(SLUG, words(title(&areas)), alt, table(&areas, stores), |canvas, top| draw(canvas, top, &areas, stores))
}

fn area_words(area: &Area) -> String {
    format!(
        "{}: {}, {}, {} from the nearest store, nine in ten ride {} km or less",
        archetype_words(&area.archetype),
        plural(area.stores.len(), "store"),
        plural(area.orders, "near order"),
        percent(area.nearest as f64 / area.known as f64),
        number(area.ride_km(0.9), 1)
    )
}

fn title(areas: &Areas) -> String {
    let first = &areas.areas[0];
    let most = format!("of near orders, nine in ten over {} km or less", number(first.ride_km(0.9), 1));
    let share = percent(first.orders as f64 / areas.orders as f64);
    let kind = archetype_words(&first.archetype).to_lowercase();
    let serves = match areas.areas.len() {
        1 => format!("nine in ten ride {} km or less", number(first.ride_km(0.9), 1)),
        _ => format!("{kind}s serve {share} {most}"),
    };
    if areas.known() == 0 {
        return format!("{} served by {}: {serves}", plural(areas.orders, "near order"), stores_words(areas));
    }
    let nearest = percent(areas.nearest() as f64 / areas.known() as f64);
    format!("{nearest} of near orders come from the store nearest to the consumer; {serves}")
}

fn stores_words(areas: &Areas) -> String {
    plural(areas.areas.iter().map(|area| area.stores.len()).sum(), "store")
}

fn draw(canvas: &mut Canvas<'_>, top: f64, areas: &Areas, stores: &Stores) {
    const GAP: f64 = 46.0;
    /// Room for the figures below a map.
    const BELOW: f64 = 156.0;
    let shown: Vec<&Area> = areas.areas.iter().filter(|area| area.orders > 0).take(MOST_PANELS).collect();
    let columns = shown.len() as f64;
    let width = (RIGHT - LEFT - GAP * (columns - 1.0)) / columns;
    let (top, bottom) = (top + 36.0, BOTTOM + 42.0);
    for (place, area) in shown.iter().enumerate() {
        let left = LEFT + place as f64 * (width + GAP);
        let map = MapScale::within(&areas.grid, (left, top), (width, bottom - top - BELOW));
        canvas.text((left, top - 16.0), &archetype_words(&area.archetype), Pen::new(LABEL_PX).ink().bold());
        let (width_m, height_m) = areas.grid.extent();
        let (right, _) = map.at(width_m, height_m);
        canvas.text((right, top - 16.0), &plural(area.stores.len(), "store"), Pen::new(AXIS_PX).end());
        panel(canvas, areas, area, map, stores);
        figures(canvas, (left, map.bottom), width, areas, area, stores);
        if place == 0 {
            let bar = Pen::new(AXIS_PX).width("20 km") + width_m / 4.0 * map.per_m;
            scale_bar(canvas, (right - bar - 24.0).max(left), map.bottom + 38.0, map.per_m, width_m);
        }
    }
}

/// Cells, borders between the areas of stores, lines to the stores, and the stores.
fn panel(canvas: &mut Canvas<'_>, areas: &Areas, area: &Area, map: MapScale, stores: &Stores) {
    let grid = &areas.grid;
    map.ground(canvas, grid, GROUND);
    let mains: Vec<Option<(usize, usize, usize)>> = (0..grid.len()).map(|cell| area.main(cell)).collect();
    for (cell, main) in mains.iter().enumerate() {
        let Some((_, orders, all)) = main else { continue };
        // Where others serve half or more, the store's colour is paler.
        let strength = if orders * 2 > *all { 0.26 } else { 0.12 };
        full_cell(canvas, grid, map, cell, mix(PAPER, NEAR, strength));
    }
    borders(canvas, grid, map, &mains);
    let most = mains.iter().flatten().map(|main| main.1).max().unwrap_or(1) as f64;
    for (cell, main) in mains.iter().enumerate() {
        let Some((store, orders, _)) = main else { continue };
        let (x_m, y_m) = grid.middle(cell);
        let width = 1.0 + 4.0 * (*orders as f64 / most).sqrt();
        let from = map.at(x_m, y_m);
        canvas.line(from, map.at(stores.x_m[*store], stores.y_m[*store]), mix(PAPER, NEAR, 0.72), width);
    }
    let radius = marker_radius(area.stores.len() * 2);
    for &store in area.stores.iter().filter(|&&store| grid.hold(stores.x_m[store], stores.y_m[store])) {
        triangle(canvas, map.at(stores.x_m[store], stores.y_m[store]), radius, INK);
    }
}

/// A cell up to its edges, so that those of one store form one area.
fn full_cell(canvas: &mut Canvas<'_>, grid: &Grid, map: MapScale, cell: usize, colour: crate::report::palette::Rgb) {
    let (column, row) = grid.column_and_row(cell);
    let low = map.at(column as f64 * grid.side_m, row as f64 * grid.side_m);
    let high = map.at((column + 1) as f64 * grid.side_m, (row + 1) as f64 * grid.side_m);
    canvas.rect(low, high, colour);
}

/// White lines between neighbours that different stores serve.
fn borders(canvas: &mut Canvas<'_>, grid: &Grid, map: MapScale, mains: &[Option<(usize, usize, usize)>]) {
    let store = |column: usize, row: usize| {
        (column < grid.columns && row < grid.rows)
            .then(|| mains[row * grid.columns + column].map(|main| main.0))
            .flatten()
    };
    let side = grid.side_m;
    let width = (side * map.per_m * 0.12).clamp(1.5, 4.0);
    for cell in 0..grid.len() {
        let (column, row) = grid.column_and_row(cell);
        let (x, y) = ((column + 1) as f64 * side, (row + 1) as f64 * side);
        let here = store(column, row);
        let apart = |other: Option<usize>| here != other && (here.is_some() || other.is_some());
        if column + 1 < grid.columns && apart(store(column + 1, row)) {
            canvas.line(map.at(x, y - side), map.at(x, y), PAPER, width);
        }
        if row + 1 < grid.rows && apart(store(column, row + 1)) {
            canvas.line(map.at(x - side, y), map.at(x, y), PAPER, width);
        }
    }
}

/// What a kind of store serves, from how far, below its map.
fn figures(
    canvas: &mut Canvas<'_>,
    (left, map_bottom): Point,
    width: f64,
    areas: &Areas,
    area: &Area,
    stores: &Stores,
) {
    let big = Pen::new(38.0).colour(NEAR).bold();
    let share = percent(area.orders as f64 / areas.orders as f64);
    let y = map_bottom + 46.0;
    canvas.text((left, y), &share, big);
    let pen = Pen::new(AXIS_PX);
    let beside = left + big.width(&share) + 14.0;
    canvas.text((beside, y - 2.0), "of near orders", pen);
    let nearest = match area.known {
        0 => "nearest store not known".to_owned(),
        known => format!("{} come from the nearest store", percent(area.nearest as f64 / known as f64)),
    };
    let ride = format!(
        "ride {} km at the median, nine in ten up to {} km",
        number(area.ride_km(0.5), 1),
        number(area.ride_km(0.9), 1)
    );
    let lines = [nearest, ride, radius_words(area, stores)];
    for (place, line) in lines.iter().enumerate() {
        canvas.text((left, y + 34.0 + 30.0 * place as f64), &shortened(line, pen, width), pen);
    }
}

fn radius_words(area: &Area, stores: &Stores) -> String {
    let radii = area.stores.iter().map(|&store| stores.radius_m[store] / 1000.0);
    let (low, high) = radii.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), km| (a.min(km), b.max(km)));
    let km = |km: f64| number(km, if (km * 10.0).round() % 10.0 == 0.0 { 0 } else { 1 });
    if !(low.is_finite() && high.is_finite()) {
        "radius not limited".to_owned()
    } else if high - low < 0.05 {
        format!("radius {} km", km(low))
    } else {
        format!("radius {} to {} km", km(low), km(high))
    }
}

fn table(areas: &Areas, stores: &Stores) -> Table {
    let mut table =
        Table::new(&["archetype", "cell_x_km", "cell_y_km", "near_orders", "main_store", "main_store_orders"]);
    for area in areas.areas.iter().take(MOST_PANELS) {
        for cell in 0..areas.grid.len() {
            let Some((store, orders, all)) = area.main(cell) else { continue };
            let [x, y] = areas.grid.corner_km(cell);
            let name = stores.name[store].clone();
            table.push([area.archetype.clone(), x, y, exact(all as f64), name, exact(orders as f64)]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::City;

    #[test]
    fn a_cell_belongs_to_the_store_that_serves_most_of_it() {
        let mut area = Area::new("shop", 2);
        area.cells[0] = BTreeMap::from([(3, 2), (5, 4), (9, 4)]);
        assert_eq!(area.main(0), Some((5, 4, 10)));
        assert_eq!(area.main(1), None);
    }

    #[test]
    fn the_title_counts_who_is_served_from_nearest() {
        let chart = City::default().chart(SLUG);
        assert!(chart.title.contains("of near orders come from the store nearest to the consumer"), "{}", chart.title);
        let rows: Vec<&str> = chart.csv.lines().skip(1).collect();
        assert!(rows.len() > 100 && rows[0].starts_with("flash_warehouse,"), "{:?}", rows.first());
        let none = City { near_chance: 0.0, orders: 300, ..City::default() }.chart(SLUG);
        assert!(none.title.starts_with("No store serves anybody"), "{}", none.title);
    }

    #[test]
    fn kinds_are_said_as_words() {
        assert_eq!(archetype_words("flash_warehouse"), "Flash warehouse");
        assert_eq!(archetype_words(""), "");
    }
}
