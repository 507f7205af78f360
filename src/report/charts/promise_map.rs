//! Room: report. Chart 14: where is near-field fast, and where does it keep its promise? Median click-to-door and on-time share of
//! near orders by cell of the city, side by side.

use super::cell_map::{self, Grid, MapScale, colour_bar, patch, scale_bar};
use crate::city::Channel;
use crate::report::canvas::{Canvas, Pen, Point};
use crate::report::data::{Details, Orders};
use crate::report::layout::{BOTTOM, LABEL_PX, LEFT, RIGHT, Words, wrapped};
use crate::report::measure::{Z95, beyond_chance, wilson, wilson_at};
use crate::report::palette::{GROUND, MISSED, Rgb, SLOW, THIN, shade};
use crate::report::table::{Table, exact};
use crate::report::wording::{count, number, percent, plural, span};
use crate::report::{Chart, RunView};

const SLUG: &str = "14-promise-map";

/// Near orders of one place.
#[derive(Clone, Default)]
struct Cell {
    /// Click-to-door of those delivered, ascending.
    minutes: Vec<f64>,
    promised: f64,
    orders: usize,
    /// Delivered, cancelled, or already due.
    due: usize,
    on_time: usize,
}

impl Cell {
    fn median(&self) -> f64 {
        quantile(&self.minutes, 0.5)
    }
    fn on_time_share(&self) -> f64 {
        self.on_time as f64 / self.due as f64
    }
    fn promise(&self) -> f64 {
        self.promised / self.orders as f64
    }
}

/// The value that a part of ascending values do not exceed, between its neighbours; not a number without any.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = part * last as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

/// Near orders by cell.
struct Cells {
    grid: Grid,
    cells: Vec<Cell>,
    all: Cell,
    beyond: usize,
    enough: usize,
    widened: bool,
}

impl Cells {
    fn of(view: &RunView<'_>, orders: &Orders, details: &Details) -> Cells {
        let near: Vec<usize> =
            (0..orders.len()).filter(|&order| orders.channel[order] == Some(Channel::Near)).collect();
        let places: Vec<(f64, f64)> = near.iter().map(|&order| (orders.x_m[order], orders.y_m[order])).collect();
        let extent = cell_map::extent(view, &orders.x_m, &orders.y_m);
        let enough = view.min_orders_per_cell.max(1) as usize;
        let grid = Grid::fitting(extent, view.cell_km, enough, &places);
        let (mut cells, mut all, mut beyond) = (vec![Cell::default(); grid.len()], Cell::default(), 0);
        for &order in &near {
            let cell = grid.index(orders.x_m[order], orders.y_m[order]);
            beyond += usize::from(cell.is_none());
            for counted in [Some(&mut all), cell.map(|index| &mut cells[index])].into_iter().flatten() {
                counted.orders += 1;
                counted.promised += details.promise_min[order];
                counted.due += usize::from(orders.on_time[order].is_some());
                counted.on_time += usize::from(orders.on_time[order] == Some(true));
                let minutes = orders.click_to_door_s[order] / 60.0;
                counted.minutes.extend(Some(minutes).filter(|minutes| minutes.is_finite()));
            }
        }
        cells.iter_mut().chain([&mut all]).for_each(|cell| cell.minutes.sort_by(f64::total_cmp));
        let widened = grid != Grid::over(extent, view.cell_km);
        Cells { grid, cells, all, beyond, enough, widened }
    }
    fn compared(&self, cell: &Cell) -> bool {
        cell.minutes.len() >= self.enough
    }
    fn judged(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|cell| self.compared(cell))
    }
    /// Medians that a tenth of the cells compared do not reach, and that a tenth exceed.
    fn tenths(&self) -> (f64, f64) {
        let mut medians: Vec<f64> = self.judged().map(Cell::median).collect();
        medians.sort_by(f64::total_cmp);
        (quantile(&medians, 0.1), quantile(&medians, 0.9))
    }
    /// Whether cells differ in their times by more than chance would make them: the squares of their mean logarithms about the
    /// common one, in standard errors.
    fn uneven(&self) -> bool {
        let logs = |cell: &Cell| cell.minutes.iter().map(|minutes| minutes.max(1e-3).ln()).collect::<Vec<_>>();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let cells: Vec<Vec<f64>> = self.judged().map(logs).collect();
        let common = mean(&cells.concat());
        let within: f64 = cells.iter().map(|cell| cell.iter().map(|v| (v - mean(cell)).powi(2)).sum::<f64>()).sum();
        let orders: usize = cells.iter().map(Vec::len).sum();
        let variance = within / orders.saturating_sub(cells.len()).max(1) as f64;
        let squared: f64 = cells.iter().map(|cell| cell.len() as f64 * (mean(cell) - common).powi(2)).sum();
        variance > 0.0 && beyond_chance(squared / variance, cells.len() as f64 - 1.0)
    }
    /// Cells in which fewer come on time than overall, by more than the luck of looking at so many cells.
    fn later(&self) -> usize {
        let cells = self.judged().count().max(1) as f64;
        let z = Z95.max((2.0 * (cells / 0.05).ln()).sqrt());
        self.judged().filter(|cell| wilson_at(cell.on_time, cell.due, z).hi < self.all.on_time_share()).count()
    }
}

/// From a value to its place on a colour bar.
struct Bar {
    low: f64,
    high: f64,
}

impl Bar {
    fn part(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
    /// Whole minutes around the medians of most cells.
    fn of_minutes(cells: &Cells) -> Bar {
        let (low, high) = cells.tenths();
        let (low, high) = if low.is_finite() { (low, high) } else { (cells.all.median(), cells.all.median()) };
        let low = low.floor();
        Bar { low, high: high.ceil().max(low + 2.0) }
    }
    /// From the share that few cells miss to all.
    fn of_shares(cells: &Cells) -> Bar {
        let mut shares: Vec<f64> = cells.judged().map(Cell::on_time_share).collect();
        shares.sort_by(f64::total_cmp);
        let least = quantile(&shares, 0.1).min(cells.all.on_time_share());
        let low = [0.98, 0.95, 0.9, 0.8, 0.7, 0.5, 0.25].into_iter().find(|low| least >= *low).unwrap_or(0.0);
        Bar { low, high: 1.0 }
    }
}

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, orders: &Orders, details: &Details) -> Chart {
    let cells = Cells::of(view, orders, details);
    let subtitle = format!(
        "Near orders by {} km cell: median click-to-door in minutes, and share on time, %{}",
        cells.grid.side_km(),
        view.scenario_words()
    );
    let words = |title: String| Words { title, subtitle, source: view.source(cells.all.orders, &note(&cells)) };
    if cells.all.minutes.is_empty() {
        let why = "Nothing to draw: no near order was delivered.";
        let title = "No near-field deliveries in this run".to_owned();
        return Chart::nothing(SLUG, words(title), why, table(&cells));
    }
    let share = wilson(cells.all.on_time, cells.all.due);
    let alt = format!(
        "Two maps of {} compared. Median click-to-door {}, nine in ten within {}, promised {}; {} of near orders on time (95% interval {} to {}).",
        plural(cells.judged().count(), "cell"),
        span(cells.all.median()),
        span(quantile(&cells.all.minutes, 0.9)),
        span(cells.all.promise()),
        percent(share.mean),
        percent(share.lo),
        percent(share.hi)
    );
    Chart::draw(SLUG, words(title(&cells)), alt, table(&cells), |canvas, top| draw(canvas, top, &cells))
}

fn note(cells: &Cells) -> String {
    let enough = plural(cells.enough, "delivered near order");
    let mut note = format!("cells with under {enough} are grey; on time counts cancelled near orders as late");
    if cells.widened {
        note.push_str("; cells wide enough to compare most near orders");
    }
    if cells.beyond > 0 {
        note.push_str(&format!("; {} from beyond the map in no cell", count(cells.beyond)));
    }
    note
}

fn title(cells: &Cells) -> String {
    let median = span(cells.all.median());
    let place = if cells.uneven() {
        let (low, high) = cells.tenths();
        format!(", and in {} to {} by place", number(low, 0), span(high))
    } else {
        String::new()
    };
    let on_time = percent(cells.all.on_time_share());
    let later = match cells.later() {
        0 => String::new(),
        n => format!(", clearly fewer in {n} of {}", plural(cells.judged().count(), "cell")),
    };
    format!("Half of the near orders are there within {median}{place}; {on_time} come on time{later}")
}

/// The left or the right map with what stands beside it.
struct Panel<'a> {
    name: &'a str,
    bar: &'a str,
    ticks: Vec<(f64, String)>,
    colour: &'a dyn Fn(&Cell) -> Rgb,
    ramp: &'a dyn Fn(f64) -> Rgb,
    figure: String,
    words: String,
}

fn draw(canvas: &mut Canvas<'_>, top: f64, cells: &Cells) {
    const GAP: f64 = 60.0;
    let (minutes, shares) = (Bar::of_minutes(cells), Bar::of_shares(cells));
    let slow = |part: f64| shade(&SLOW, part);
    // All on time is pale: what is missed stands out.
    let missed = |part: f64| shade(&MISSED, 1.0 - part);
    let middle = (minutes.low + minutes.high) / 2.0;
    let minute = |value: f64| number(value, if value.fract() == 0.0 { 0 } else { 1 });
    let low = if shares.low > 0.0 && cells.judged().any(|cell| cell.on_time_share() < shares.low) {
        format!("{} or less", percent(shares.low))
    } else {
        percent(shares.low)
    };
    let over = if cells.judged().any(|cell| cell.median() > minutes.high) { "+" } else { "" };
    let time = Panel {
        name: "Median click-to-door",
        bar: "Minutes",
        ticks: vec![(0.0, minute(minutes.low)), (0.5, minute(middle)), (1.0, minute(minutes.high) + over)],
        colour: &|cell| slow(minutes.part(cell.median())),
        ramp: &slow,
        figure: span(cells.all.median()),
        words: format!(
            "overall; nine in ten within {}, promised {}",
            span(quantile(&cells.all.minutes, 0.9)),
            span(cells.all.promise())
        ),
    };
    let kept = Panel {
        name: "Delivered on time",
        bar: "On time",
        ticks: vec![(0.0, low), (0.5, percent((shares.low + 1.0) / 2.0)), (1.0, "100%".to_owned())],
        colour: &|cell| missed(shares.part(cell.on_time_share())),
        ramp: &missed,
        figure: percent(cells.all.on_time_share()),
        words: format!("overall: {} of {}", count(cells.all.on_time), count(cells.all.due)),
    };
    let width = (RIGHT - LEFT - GAP) / 2.0;
    panel(canvas, (LEFT, top), width, cells, &time);
    panel(canvas, (LEFT + width + GAP, top), width, cells, &kept);
}

/// One map with its bar of colours and its figure.
fn panel(canvas: &mut Canvas<'_>, (left, top): Point, width: f64, cells: &Cells, of: &Panel<'_>) {
    const BESIDE: f64 = 206.0;
    let (top, bottom) = (top + 34.0, BOTTOM + 36.0);
    canvas.text((left, top - 16.0), of.name, Pen::new(LABEL_PX).ink().bold());
    let map = MapScale::within(&cells.grid, (left, top), (width - BESIDE, bottom - top));
    map.ground(canvas, &cells.grid, GROUND);
    for (index, cell) in cells.cells.iter().enumerate().filter(|(_, cell)| cell.orders > 0) {
        let colour = if cells.compared(cell) { (of.colour)(cell) } else { THIN };
        map.cell(canvas, &cells.grid, index, colour);
    }
    let (width_m, height_m) = cells.grid.extent();
    let beside = map.at(width_m, height_m).0 + 30.0;
    colour_bar(canvas, (beside, top - 38.0), of.bar, of.ramp, &of.ticks);
    canvas.text((beside, top + 486.0), &of.figure, Pen::new(46.0).colour((of.ramp)(dark_end(of))).bold());
    let pen = Pen::new(20.0);
    for (place, line) in wrapped(&of.words, pen, left + width - beside).iter().enumerate() {
        canvas.text((beside, top + 520.0 + 26.0 * place as f64), line, pen);
    }
    let below = map.bottom + 38.0;
    scale_bar(canvas, left, below, map.per_m, width_m);
    if cells.cells.iter().any(|cell| cell.orders > 0 && !cells.compared(cell)) {
        let words = format!("Under {}", plural(cells.enough, "order"));
        patch(canvas, (left + 330.0, below), THIN, &words);
    }
}

/// The dark end of a ramp, on which a figure can be read.
fn dark_end(of: &Panel<'_>) -> f64 {
    let ink = |part: f64| {
        let (r, g, b) = (of.ramp)(part);
        u32::from(r) + u32::from(g) + u32::from(b)
    };
    if ink(0.0) < ink(1.0) { 0.2 } else { 0.8 }
}

fn table(cells: &Cells) -> Table {
    let mut table = Table::new(&[
        "cell_x_km",
        "cell_y_km",
        "cell_km",
        "near_orders",
        "delivered",
        "promise_min",
        "click_to_door_p50_min",
        "click_to_door_p90_min",
        "due",
        "on_time",
        "on_time_share",
        "lo95",
        "hi95",
        "compared",
    ]);
    for (index, cell) in cells.cells.iter().enumerate().filter(|(_, cell)| cell.orders > 0) {
        let share = wilson(cell.on_time, cell.due);
        let place = cells.grid.corner_km(index).into_iter().chain([exact(cells.grid.side_m / 1000.0)]);
        let orders = [cell.orders, cell.minutes.len()].map(|n| n.to_string());
        let times = [cell.promise(), cell.median(), quantile(&cell.minutes, 0.9)].map(exact);
        let kept = [cell.due, cell.on_time].map(|n| n.to_string());
        let shares = [share.mean, share.lo, share.hi].map(exact);
        let compared = cells.compared(cell).to_string();
        table.push(place.chain(orders).chain(times).chain(kept).chain(shares).chain([compared]));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::City;

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.5), 2.0);
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert!(quantile(&[], 0.5).is_nan());
    }

    fn cells(medians: &[f64], on_time: &[usize]) -> Cells {
        // Fifty orders a cell, spread evenly within a tenth of the median.
        let cell = |(median, on_time): (&f64, &usize)| Cell {
            minutes: (0..50).map(|i| median * (0.9 + 0.2 * f64::from(i) / 49.0)).collect(),
            promised: 50.0 * 45.0,
            orders: 50,
            due: 50,
            on_time: *on_time,
        };
        let cells: Vec<Cell> = medians.iter().zip(on_time).map(cell).collect();
        let mut minutes: Vec<f64> = cells.iter().flat_map(|cell| cell.minutes.clone()).collect();
        minutes.sort_by(f64::total_cmp);
        let (orders, on_time) = (minutes.len(), on_time.iter().sum());
        let all = Cell { minutes, promised: 45.0 * orders as f64, orders, due: orders, on_time };
        let grid = Grid { side_m: 1000.0, columns: medians.len(), rows: 1 };
        Cells { grid, cells, all, beyond: 0, enough: 20, widened: false }
    }

    #[test]
    fn places_are_told_apart_only_beyond_chance() {
        let even = cells(&[20.0; 8], &[48; 8]);
        assert_eq!(title(&even), "Half of the near orders are there within 20 min; 96% come on time");
        let uneven = cells(&[16.0, 17.0, 18.0, 20.0, 22.0, 24.0, 26.0, 28.0], &[50, 50, 50, 50, 50, 50, 50, 25]);
        let said = title(&uneven);
        assert!(
            said.contains("and in 17 to 27 min by place") && said.ends_with("clearly fewer in 1 of 8 cells"),
            "{said}"
        );
    }

    #[test]
    fn every_near_order_stands_in_a_cell_and_keeps_its_promise_or_not() {
        let chart = City { cancel_chance: 0.2, ..City::default() }.chart(SLUG);
        let rows: Vec<Vec<f64>> = chart
            .csv
            .lines()
            .skip(1)
            .map(|line| line.split(',').take(10).map(|cell| cell.parse().unwrap()).collect())
            .collect();
        let sum = |column: usize| rows.iter().map(|row| row[column]).sum::<f64>();
        assert!(sum(4) < 0.9 * sum(3) && sum(4) <= sum(8) && sum(8) <= sum(3) && sum(9) <= sum(8));
        assert!(rows.iter().all(|row| row[5] == 45.0));
        let none = City { near_chance: 0.0, orders: 500, ..City::default() }.chart(SLUG);
        assert!(none.title.starts_with("No near-field deliveries"), "{}", none.title);
    }
}
