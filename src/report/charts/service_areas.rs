//! Room: report. Chart 15: which store serves whom? For each kind of store the cells of the city by the store that serves most
//! of their near orders, joined to it; below how far those orders ride, and how many come from the nearest store.

use super::cell_map::{self, Grid, MapScale, marker_radius, scale_bar, triangle};
use crate::city::Channel;
use crate::report::canvas::{Canvas, Point};
use crate::report::data::{Details, Orders, Stores};
use crate::report::known_names::known_name;
use crate::report::layout::{AXIS_PX, BOTTOM, LABEL_PX, LEFT, RIGHT, Words, shortened};
use crate::report::palette::{GROUND, INK, PAPER, Rgb, mix};
use crate::report::table::{Table, exact};
use crate::report::wording::{count, number, percent};
use crate::report::{Chart, Look, RunView};
use crate::scenario::Language;
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

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, orders: &Orders, details: &Details, stores: &Stores) -> Chart {
    let areas = Areas::of(view, orders, details, stores);
    let look = view.look;
    let side = areas.grid.side_km();
    let subtitle = match look.language {
        Language::En => {
            format!("{side} km cells joined to the store that serves most of their near orders, by kind of store")
        }
        Language::Zh => format!("{side} 公里网格与承接其近场订单最多的门店相连，按门店类型"),
    } + &view.scenario_words();
    let source = view.source(areas.orders, &note(&areas, look));
    let words = |title: String| Words { title, subtitle, source };
    if areas.orders == 0 {
        let (title, why) = look.say(
            ("No store serves anybody in this run", "Nothing to draw: no near order was given to a store."),
            ("本次模拟没有门店承接近场订单", "无图可画：没有交给门店的近场订单。"),
        );
        return Chart::nothing(look, SLUG, words(title.to_owned()), why, table(&areas, stores));
    }
    let said: Vec<String> = areas.areas.iter().map(|area| area_words(area, look)).collect();
    let alt = look.say(
        format!("A map for each kind of store. {}.", said.join("; ")),
        format!("每类门店一张地图。{}。", said.join("；")),
    );
    Chart::draw(look, SLUG, words(title(&areas, look)), alt, table(&areas, stores), |canvas, top| {
        draw(canvas, top, &areas, stores)
    })
}

/// How to read the lines, and what is not drawn.
fn note(areas: &Areas, look: &Look) -> String {
    let mut note = look
        .say(
            "lines: thicker with more orders; nearest = within its radius, whatever it carries and has; ride with detour",
            "线越粗订单越多；最近门店 = 配送半径内最近，不论是否有货；骑行距离含绕行",
        )
        .to_owned();
    if let Some(rest) = areas.areas.get(MOST_PANELS..).filter(|rest| !rest.is_empty()) {
        let (kinds, orders) = (rest.len(), count(rest.iter().map(|area| area.orders).sum()));
        note.push_str(&look.say(
            format!("; further kinds of store not drawn: {kinds}, with {orders} orders"),
            format!("；另有 {kinds} 类门店未画出，共 {orders} 单"),
        ));
    }
    note
}

fn area_words(area: &Area, look: &Look) -> String {
    let name = known_name(look, &area.archetype);
    let (stores, orders) = (count(area.stores.len()), count(area.orders));
    let (nearest, km) = (percent(area.nearest as f64 / area.known as f64), number(area.ride_km(0.9), 1));
    look.say(
        format!("{name}: {stores} stores, {orders} near orders, {nearest} from the nearest store, nine in ten ride {km} km or less"),
        format!("{name}：{stores} 家，近场 {orders} 单，{nearest} 由最近门店承接，九成骑行不超过 {km} 公里"),
    )
}

fn title(areas: &Areas, look: &Look) -> String {
    let first = &areas.areas[0];
    let km = number(first.ride_km(0.9), 1);
    let share = percent(first.orders as f64 / areas.orders as f64);
    let serving = areas.areas.iter().filter(|area| area.orders > 0).count();
    let name = known_name(look, &first.archetype);
    let serves = match serving {
        1 => look.say(format!("nine in ten rides are {km} km or less"), format!("九成骑行不超过 {km} 公里")),
        _ => look.say(
            format!("{}s serve {share}, nine in ten within {km} km", name.to_lowercase()),
            format!("{name}承接 {share}，九成在 {km} 公里内"),
        ),
    };
    if areas.known() == 0 {
        let orders = count(areas.orders);
        return look.say(format!("{orders} near orders: {serves}"), format!("近场 {orders} 单：{serves}"));
    }
    let nearest = percent(areas.nearest() as f64 / areas.known() as f64);
    look.say(
        format!("{nearest} of near orders come from the store nearest to the consumer; {serves}"),
        format!("{nearest} 的近场订单由离消费者最近的门店承接；{serves}"),
    )
}

fn draw(canvas: &mut Canvas<'_>, top: f64, areas: &Areas, stores: &Stores) {
    const GAP: f64 = 46.0;
    /// Room for the figures below a map.
    const BELOW: f64 = 156.0;
    let shown: Vec<&Area> = areas.areas.iter().filter(|area| area.orders > 0).take(MOST_PANELS).collect();
    let columns = shown.len() as f64;
    let width = (RIGHT - LEFT - GAP * (columns - 1.0)) / columns;
    let (top, bottom) = (top + 36.0, BOTTOM + 42.0);
    let (width_m, height_m) = areas.grid.extent();
    // A single map has its figures to the right, several have them below.
    let alone = shown.len() == 1;
    let room = if alone { (width - 640.0, bottom - top) } else { (width, bottom - top - BELOW) };
    for (place, area) in shown.iter().enumerate() {
        let left = LEFT + place as f64 * (width + GAP);
        let map = MapScale::within(&areas.grid, (left, top), room);
        let (right, _) = map.at(width_m, height_m);
        let look = canvas.look();
        let name = canvas.pen(LABEL_PX).ink().bold();
        canvas.text((left, top - 16.0), &known_name(look, &area.archetype), name);
        let number = look.plural(area.stores.len(), "store", "家");
        canvas.text((right, top - 16.0), &number, canvas.pen(AXIS_PX).end());
        panel(canvas, areas, area, map, stores);
        let at = if alone { (right + 60.0, top) } else { (left, map.bottom) };
        figures(canvas, at, if alone { 560.0 } else { width }, areas, area, stores);
        if alone {
            scale_bar(canvas, right + 60.0, map.bottom, map.per_m, width_m);
        } else if place == 0 {
            let bar = canvas.pen(AXIS_PX).width("20 km") + width_m / 4.0 * map.per_m;
            scale_bar(canvas, (right - bar - 24.0).max(left), map.bottom + 38.0, map.per_m, width_m);
        }
    }
}

/// Cells, borders between the areas of stores, lines to the stores, and the stores.
fn panel(canvas: &mut Canvas<'_>, areas: &Areas, area: &Area, map: MapScale, stores: &Stores) {
    let (grid, near) = (&areas.grid, canvas.theme().near());
    map.ground(canvas, grid, GROUND);
    let mains: Vec<Option<(usize, usize, usize)>> = (0..grid.len()).map(|cell| area.main(cell)).collect();
    for (cell, main) in mains.iter().enumerate() {
        let Some((_, orders, all)) = main else { continue };
        // Where others serve half or more, the store's colour is paler.
        let strength = if orders * 2 > *all { 0.26 } else { 0.12 };
        full_cell(canvas, grid, map, cell, mix(PAPER, near, strength));
    }
    borders(canvas, grid, map, &mains);
    let most = mains.iter().flatten().map(|main| main.1).max().unwrap_or(1) as f64;
    for (cell, main) in mains.iter().enumerate() {
        let Some((store, orders, _)) = main else { continue };
        let (x_m, y_m) = grid.middle(cell);
        let width = 1.0 + 4.0 * (*orders as f64 / most).sqrt();
        let from = map.at(x_m, y_m);
        canvas.line(from, map.at(stores.x_m[*store], stores.y_m[*store]), mix(PAPER, near, 0.72), width);
    }
    let radius = marker_radius(area.stores.len() * 2);
    for &store in area.stores.iter().filter(|&&store| grid.hold(stores.x_m[store], stores.y_m[store])) {
        triangle(canvas, map.at(stores.x_m[store], stores.y_m[store]), radius, INK);
    }
}

/// A cell up to its edges, so that those of one store form one area.
fn full_cell(canvas: &mut Canvas<'_>, grid: &Grid, map: MapScale, cell: usize, colour: Rgb) {
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

/// What a kind of store serves, from how far, below or beside its map.
fn figures(canvas: &mut Canvas<'_>, (left, top): Point, width: f64, areas: &Areas, area: &Area, stores: &Stores) {
    let look = canvas.look();
    let big = canvas.pen(38.0).colour(canvas.theme().near()).bold();
    let share = percent(area.orders as f64 / areas.orders as f64);
    let y = top + 46.0;
    canvas.text((left, y), &share, big);
    let pen = canvas.pen(AXIS_PX);
    let beside = left + big.width(&share) + 14.0;
    canvas.text((beside, y - 2.0), look.say("of near orders", "的近场订单"), pen);
    let nearest = match area.known {
        0 => look.say("nearest store not known", "最近门店未知").to_owned(),
        known => {
            let share = percent(area.nearest as f64 / known as f64);
            look.say(format!("{share} come from the nearest store"), format!("{share} 由最近门店承接"))
        }
    };
    let (median, ninth) = (number(area.ride_km(0.5), 1), number(area.ride_km(0.9), 1));
    let ride = look.say(
        format!("ride {median} km at the median, nine in ten up to {ninth} km"),
        format!("骑行中位数 {median} 公里，九成不超过 {ninth} 公里"),
    );
    let lines = [nearest, ride, radius_words(area, stores, look)];
    for (place, line) in lines.iter().enumerate() {
        canvas.text((left, y + 34.0 + 30.0 * place as f64), &shortened(line, pen, width), pen);
    }
}

fn radius_words(area: &Area, stores: &Stores, look: &Look) -> String {
    let radii = area.stores.iter().map(|&store| stores.radius_m[store] / 1000.0);
    let (low, high) = radii.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), km| (a.min(km), b.max(km)));
    let km = |km: f64| number(km, if (km * 10.0).round() % 10.0 == 0.0 { 0 } else { 1 });
    let (least, most) = (km(low), km(high));
    if !(low.is_finite() && high.is_finite()) {
        look.say("radius not limited", "配送半径不限").to_owned()
    } else if high - low < 0.05 {
        look.say(format!("radius {most} km"), format!("配送半径 {most} 公里"))
    } else {
        look.say(format!("radius {least} to {most} km"), format!("配送半径 {least} 至 {most} 公里"))
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
}
