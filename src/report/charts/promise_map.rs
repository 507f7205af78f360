//! Room: report. Chart 14: where is near-field fast, and where does it keep its promise? Median click-to-door and on-time share of
//! near orders by cell of the city, side by side.

use super::cell_map::{self, Grid, MapScale, colour_bar, patch, scale_bar};
use crate::city::Channel;
use crate::report::canvas::{Canvas, Point};
use crate::report::data::{Details, Orders};
use crate::report::layout::{BOTTOM, LABEL_PX, LEFT, RIGHT, Words, wrapped};
use crate::report::measure::{Z95, beyond_chance, wilson, wilson_at};
use crate::report::palette::{GROUND, MISSED, Rgb, SLOW, THIN, shade};
use crate::report::table::{Table, exact};
use crate::report::wording::{count, number, percent, percent_1};
use crate::report::{Chart, Look, RunView};
use crate::scenario::Language;

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
    let look = view.look;
    let side = cells.grid.side_km();
    let subtitle = match look.language {
        Language::En => format!("Near orders by {side} km cell: median click-to-door in minutes, and share on time, %"),
        Language::Zh => format!("近场订单，按 {side} 公里网格：下单到送达时长中位数（分钟）与准时率（%）"),
    } + &view.scenario_words();
    let source = view.source(cells.all.orders, &note(&cells, look));
    let words = |title: String| Words { title, subtitle, source };
    if cells.all.minutes.is_empty() {
        let (title, why) = look.say(
            ("No near-field deliveries in this run", "Nothing to draw: no near order was delivered."),
            ("本次模拟没有近场送达", "无图可画：没有送达的近场订单。"),
        );
        return Chart::nothing(look, SLUG, words(title.to_owned()), why, table(&cells));
    }
    let alt = alt(&cells, look);
    Chart::draw(look, SLUG, words(title(&cells, look)), alt, table(&cells), |canvas, top| draw(canvas, top, &cells))
}

/// Times and shares over all cells.
fn alt(cells: &Cells, look: &Look) -> String {
    let all = &cells.all;
    let share = wilson(all.on_time, all.due);
    let [share, lo, hi] = [share.mean, share.lo, share.hi].map(percent_1);
    let [median, ninth, promise] = [all.median(), quantile(&all.minutes, 0.9), all.promise()].map(|m| look.span(m));
    let compared = count(cells.judged().count());
    match look.language {
        Language::En => format!(
            "Two maps with {compared} cells compared. Median click-to-door {median}, nine in ten within {ninth}, promised {promise}; \
             {share} of near orders on time (95% interval {lo} to {hi})."
        ),
        Language::Zh => format!(
            "两张地图，{compared} 个网格可比。下单到送达时长中位数 {median}，九成在 {ninth}内，承诺 {promise}；\
             近场准时率 {share}（95% 置信区间 {lo} 至 {hi}）。"
        ),
    }
}

fn note(cells: &Cells, look: &Look) -> String {
    let n = count(cells.enough);
    let mut note = look.say(
        format!("cells with under {n} delivered near orders are grey; on time counts cancelled near orders as late"),
        format!("送达不足 {n} 单的网格为灰色；取消的近场订单计为未准时"),
    );
    if cells.widened {
        note.push_str(look.say("; cells wide enough to compare most near orders", "；网格已放大，以便多数订单可比"));
    }
    if cells.beyond > 0 {
        let n = count(cells.beyond);
        note.push_str(&look.say(format!("; {n} from beyond the map in no cell"), format!("；{n} 单在地图之外")));
    }
    note
}

fn title(cells: &Cells, look: &Look) -> String {
    let median = look.span(cells.all.median());
    let place = cells.uneven().then(|| {
        let (low, high) = cells.tenths();
        let (low, high) = (number(low, 0), look.span(high));
        look.say(format!(", {low} to {high} by place"), format!("，各地 {low} 至 {high}"))
    });
    let on_time = percent(cells.all.on_time_share());
    let later = Some(cells.later()).filter(|n| *n > 0).map(|n| {
        let all = cells.judged().count();
        look.say(format!(", clearly fewer in {n} of {all} cells"), format!("，{all} 个网格中有 {n} 个明显偏低"))
    });
    let (place, later) = (place.unwrap_or_default(), later.unwrap_or_default());
    look.say(
        format!("Near orders take {median} at the median{place}; {on_time} come on time{later}"),
        format!("近场送达时长中位数 {median}{place}；准时率 {on_time}{later}"),
    )
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
    let look = canvas.look();
    let low = percent(shares.low);
    let low = match shares.low > 0.0 && cells.judged().any(|cell| cell.on_time_share() < shares.low) {
        true => look.say(format!("{low} or less"), format!("{low} 及以下")),
        false => low,
    };
    let over = if cells.judged().any(|cell| cell.median() > minutes.high) { "+" } else { "" };
    let [ninth, promise] = [quantile(&cells.all.minutes, 0.9), cells.all.promise()].map(|m| look.span(m));
    let (kept, due) = (count(cells.all.on_time), count(cells.all.due));
    let time = Panel {
        name: look.say("Median click-to-door", "下单到送达时长中位数"),
        bar: look.say("Minutes", "分钟"),
        ticks: vec![(0.0, minute(minutes.low)), (0.5, minute(middle)), (1.0, minute(minutes.high) + over)],
        colour: &|cell| slow(minutes.part(cell.median())),
        ramp: &slow,
        figure: look.span(cells.all.median()),
        words: look.say(
            format!("overall; nine in ten within {ninth}, promised {promise}"),
            format!("整体；九成在 {ninth}内，承诺 {promise}"),
        ),
    };
    let kept = Panel {
        name: look.say("Delivered on time", "准时送达"),
        bar: look.say("On time", "准时率"),
        ticks: vec![(0.0, low), (0.5, percent((shares.low + 1.0) / 2.0)), (1.0, "100%".to_owned())],
        colour: &|cell| missed(shares.part(cell.on_time_share())),
        ramp: &missed,
        figure: percent(cells.all.on_time_share()),
        words: look.say(format!("overall: {kept} of {due}"), format!("整体：{due} 单中 {kept} 单")),
    };
    let width = (RIGHT - LEFT - GAP) / 2.0;
    panel(canvas, (LEFT, top), width, cells, &time);
    panel(canvas, (LEFT + width + GAP, top), width, cells, &kept);
}

/// One map with its bar of colours and its figure.
fn panel(canvas: &mut Canvas<'_>, (left, top): Point, width: f64, cells: &Cells, of: &Panel<'_>) {
    const BESIDE: f64 = 206.0;
    let (top, bottom) = (top + 34.0, BOTTOM + 8.0);
    canvas.text((left, top - 16.0), of.name, canvas.pen(LABEL_PX).ink().bold());
    let map = MapScale::within(&cells.grid, (left, top), (width - BESIDE, bottom - top));
    map.ground(canvas, &cells.grid, GROUND);
    for (index, cell) in cells.cells.iter().enumerate().filter(|(_, cell)| cell.orders > 0) {
        let colour = if cells.compared(cell) { (of.colour)(cell) } else { THIN };
        map.cell(canvas, &cells.grid, index, colour);
    }
    let (width_m, height_m) = cells.grid.extent();
    let beside = map.at(width_m, height_m).0 + 30.0;
    colour_bar(canvas, (beside, top - 38.0), of.bar, of.ramp, &of.ticks);
    canvas.text((beside, top + 486.0), &of.figure, canvas.pen(46.0).colour((of.ramp)(dark_end(of))).bold());
    let pen = canvas.pen(20.0);
    for (place, line) in wrapped(&of.words, pen, left + width - beside).iter().enumerate() {
        canvas.text((beside, top + 520.0 + 26.0 * place as f64), line, pen);
    }
    let below = map.bottom + 38.0;
    scale_bar(canvas, left, below, map.per_m, width_m);
    if cells.cells.iter().any(|cell| cell.orders > 0 && !cells.compared(cell)) {
        let n = count(cells.enough);
        let words = canvas.look().say(format!("Under {n} orders"), format!("不足 {n} 单"));
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
        assert_eq!(title(&even, Look::plain()), "Near orders take 20 min at the median; 96% come on time");
        let uneven = cells(&[16.0, 17.0, 18.0, 20.0, 22.0, 24.0, 26.0, 28.0], &[50, 50, 50, 50, 50, 50, 50, 25]);
        let said = title(&uneven, Look::plain());
        assert!(said.contains(", 17 to 27 min by place") && said.ends_with("clearly fewer in 1 of 8 cells"), "{said}");
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
        assert!(rows.iter().all(|row| (row[5] - 45.0).abs() < 1e-6));
        let none = City { near_chance: 0.0, orders: 500, ..City::default() }.chart(SLUG);
        assert!(none.title.starts_with("No near-field deliveries"), "{}", none.title);
    }
}
