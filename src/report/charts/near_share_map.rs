//! Room: report. Chart 3: where does near-field win? Near share of orders by cell of the city, with the stores on it.

use super::cell_map::{self, Grid, MapScale, marker_radius, patch, scale_bar, triangle};
use super::nothing_ordered;
use crate::city::Channel;
use crate::report::canvas::{Canvas, Point};
use crate::report::data::{Orders, Stores};
use crate::report::layout::{BOTTOM, LABEL_PX, LEFT, RIGHT, Words};
use crate::report::measure::beyond_chance;
use crate::report::palette::{GROUND, INK, PAPER, Rgb, THIN};
use crate::report::table::{Table, exact};
use crate::report::wording::{count, number, percent, plural};
use crate::report::{Chart, Look, RunView, Theme};
use crate::scenario::Language;

const SLUG: &str = "03-near-share-map";
/// Side of the map's room.
pub(super) const MAP_WIDTH: f64 = 1060.0;

#[derive(Clone, Copy, Default)]
pub(super) struct Cell {
    pub(super) orders: usize,
    pub(super) near: usize,
}

impl Cell {
    pub(super) fn share(self) -> f64 {
        self.near as f64 / self.orders as f64
    }
}

/// Orders by cell of the city.
pub(super) struct Cells {
    pub(super) grid: Grid,
    pub(super) cells: Vec<Cell>,
    /// Orders from beyond the city's extent: in no cell, but in the overall share.
    pub(super) beyond: Cell,
    pub(super) enough: usize,
}

impl Cells {
    fn count(view: &RunView<'_>, orders: &Orders) -> Cells {
        let extent = cell_map::extent(view, &orders.x_m, &orders.y_m);
        Cells::over(extent, view.cell_km, view.min_orders_per_cell, orders)
    }

    /// Counts orders over an extent in metres.
    pub(super) fn over(extent: (f64, f64), cell_km: f64, enough: u32, orders: &Orders) -> Cells {
        let grid = Grid::over(extent, cell_km);
        let mut cells = vec![Cell::default(); grid.len()];
        let mut beyond = Cell::default();
        for order in 0..orders.len() {
            let Some(channel) = orders.channel[order].filter(|_| !orders.further_part[order]) else { continue };
            let place = grid.index(orders.x_m[order], orders.y_m[order]);
            let cell = place.map_or(&mut beyond, |index| &mut cells[index]);
            cell.orders += 1;
            cell.near += usize::from(channel == Channel::Near);
        }
        Cells { grid, cells, beyond, enough: enough.max(1) as usize }
    }

    /// Other counts in the same cells.
    pub(super) fn with(&self, cells: Vec<Cell>, beyond: Cell) -> Cells {
        Cells { cells, beyond, ..*self }
    }

    /// Cells with enough orders to compare.
    pub(super) fn judged(&self) -> impl Iterator<Item = Cell> + '_ {
        self.cells.iter().copied().filter(|cell| cell.orders >= self.enough)
    }
}

/// Sums over groups of cells.
pub(super) struct Summary {
    pub(super) all: Cell,
    pub(super) judged: usize,
    pub(super) wins: usize,
    winning: Cell,
    others: Cell,
    /// Near share that a tenth of the cells compared do not reach, and that a tenth exceed.
    tenths: (f64, f64),
    /// The cells differ by more than chance would make them.
    uneven: bool,
}

impl Summary {
    /// One side leads nearly everywhere: who leads where says little, how far cells differ says more.
    fn one_sided(&self) -> bool {
        let mixed = self.all.near > 0 && self.all.near < self.all.orders;
        mixed && self.judged > 0 && (self.wins * 10 < self.judged || self.wins * 10 > self.judged * 9)
    }
}

/// Colours of shares: two-sided around the middle, up to the top of the scale.
#[derive(Clone, Copy)]
pub(super) struct Ramp {
    middle: f64,
    top: f64,
}

impl Ramp {
    /// Around one half where either side leads somewhere, else around the overall share.
    pub(super) fn of(summary: &Summary) -> Ramp {
        if !summary.one_sided() {
            return Ramp { middle: 0.5, top: 1.0 };
        }
        let middle = summary.all.share();
        let top = ((summary.tenths.1 * 10.0).ceil() / 10.0).max(middle + 0.1).min(1.0);
        Ramp { middle, top }
    }
    /// Where a share stands on the scale, 0 to 1 with the middle at one half.
    fn place(self, share: f64) -> f64 {
        let share = share.min(self.top);
        if share <= self.middle {
            0.5 * share / self.middle.max(1e-9)
        } else {
            0.5 + 0.5 * (share - self.middle) / (self.top - self.middle).max(1e-9)
        }
    }
    fn colour(self, share: f64, theme: &Theme) -> Rgb {
        theme.near_share(self.place(share))
    }
    /// Ticks of the colour bar: place on the scale and label.
    fn ticks(self, look: &Look) -> Vec<(f64, String)> {
        if self.middle == 0.5 && self.top == 1.0 {
            return [(0.0, "0"), (0.25, "25"), (0.5, "50"), (0.75, "75"), (1.0, "100%")]
                .map(|(place, label)| (place, label.to_owned()))
                .to_vec();
        }
        let or_more = if self.top < 1.0 { look.say(" or more", " 及以上") } else { "" };
        let middle = percent(self.middle);
        vec![
            (0.0, "0".to_owned()),
            (0.5, look.say(format!("{middle} overall"), format!("整体 {middle}"))),
            (1.0, format!("{}{or_more}", percent(self.top))),
        ]
    }
}

pub(super) fn summary(cells: &Cells) -> Summary {
    fn add(sum: Cell, cell: Cell) -> Cell {
        Cell { orders: sum.orders + cell.orders, near: sum.near + cell.near }
    }
    let sum = |won: bool| cells.judged().filter(|cell| (cell.share() > 0.5) == won).fold(Cell::default(), add);
    let all = cells.cells.iter().copied().fold(cells.beyond, add);
    let mut shares: Vec<f64> = cells.judged().map(Cell::share).collect();
    shares.sort_by(f64::total_cmp);
    let at =
        |part: f64| shares.get((part * shares.len().saturating_sub(1) as f64).round() as usize).copied().unwrap_or(0.0);
    Summary {
        all,
        judged: cells.judged().count(),
        wins: cells.judged().filter(|cell| cell.share() > 0.5).count(),
        winning: sum(true),
        others: sum(false),
        tenths: (at(0.1), at(0.9)),
        uneven: uneven(cells, add),
    }
}

/// Pearson's chi-squared of the cells' near orders against the share of all cells compared lies more than three
/// standard deviations above what equal shares would give.
fn uneven(cells: &Cells, add: fn(Cell, Cell) -> Cell) -> bool {
    let all = cells.judged().fold(Cell::default(), add);
    let share = all.share();
    let variance = share * (1.0 - share);
    let freedom = cells.judged().count() as f64 - 1.0;
    let squared: f64 =
        cells.judged().map(|c| (c.near as f64 - c.orders as f64 * share).powi(2) / c.orders as f64).sum();
    variance > 0.0 && beyond_chance(squared / variance, freedom)
}

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, orders: &Orders, stores: &Stores) -> Chart {
    let cells = Cells::count(view, orders);
    let summary = summary(&cells);
    let side = cells.grid.side_km();
    let (look, label) = (view.look, view.scenario_words());
    let subtitle = match look.language {
        Language::En => format!("Share of orders fulfilled near-field, by {side} km cell, %{label}"),
        Language::Zh => format!("近场履约的订单占比，按边长 {side} 公里的网格，%{label}"),
    };
    let note = note(&cells, &summary, look);
    let words = |title: String| Words { title, subtitle, source: view.source(orders.len(), &note) };
    let (judged, enough) = (look.plural(summary.judged, "cell", "个"), look.plural(cells.enough, "order", "单"));
    let (share, marked) = (percent(summary.all.share()), count(stores.near.len()));
    let alt = match look.language {
        Language::En => format!(
            "Heat map of {judged} with at least {enough}. {share} of all orders go near-field; {marked} stores are marked."
        ),
        Language::Zh => {
            format!("热力图：{judged}网格各有至少 {enough}。全部订单的 {share} 走近场；标出 {marked} 家门店。")
        }
    };
    if summary.all.orders == 0 {
        let (title, why) = nothing_ordered(look);
        return Chart::nothing(look, SLUG, words(title), why, table(&cells));
    }
    let title = match look.language {
        Language::En => title(&summary, cells.enough),
        Language::Zh => title_zh(&summary, cells.enough),
    };
    Chart::draw(look, SLUG, words(title), alt, table(&cells), |canvas, top| {
        draw(canvas, top - 6.0, view, &cells, &summary, stores)
    })
}

/// What is grey, what a range spans, what lies beyond the map.
fn note(cells: &Cells, summary: &Summary, look: &Look) -> String {
    let enough = look.plural(cells.enough, "order", "单");
    let mut note = look.say(format!("cells with under {enough} are grey"), format!("少于 {enough}的网格标为灰色"));
    if summary.one_sided() {
        note.push_str(if summary.uneven {
            look.say("; range: tenth to ninetieth percentile of cells", "；区间取网格的第 10 至第 90 百分位")
        } else {
            look.say("; cells differ no more than by chance", "；网格之间的差异不超出偶然")
        });
    }
    if cells.beyond.orders > 0 {
        let beyond = look.plural(cells.beyond.orders, "order", "单");
        note.push_str(
            &look.say(format!("; {beyond} from beyond the map in no cell"), format!("；地图以外的 {beyond}不计入网格")),
        );
    }
    note
}

/// The title in Chinese, case by case as in English.
fn title_zh(summary: &Summary, enough: usize) -> String {
    let (wins, judged, all) = (summary.wins, summary.judged, percent(summary.all.share()));
    let (leads, rest) = (percent(summary.winning.share()), percent(summary.others.share()));
    match (wins, judged) {
        (_, 0) => format!("订单太少，无法比较各处：没有网格达到 {} 单", count(enough)),
        (0, _) if summary.all.near == 0 => "订单全部走远场，近场没有服务任何网格".to_owned(),
        _ if summary.one_sided() && !summary.uneven => format!("近场承接 {all} 的订单，全城各处大致相同"),
        _ if summary.one_sided() => {
            let (low, high) = (percent(summary.tenths.0), percent(summary.tenths.1));
            format!("各处近场占比从 {low} 到 {high} 不等，全城为 {all}")
        }
        _ if summary.all.near == summary.all.orders => "订单全部走近场，每个网格都是如此".to_owned(),
        _ if wins == judged => format!("参与比较的 {} 个网格全部以近场为主，近场占 {leads}", count(judged)),
        _ => {
            format!("{} 个网格中有 {} 个以近场为主：这些网格近场占 {leads}，其余占 {rest}", count(judged), count(wins))
        }
    }
}

fn title(summary: &Summary, enough: usize) -> String {
    let (wins, judged) = (summary.wins, summary.judged);
    match (wins, judged) {
        (_, 0) => format!("Too few orders to compare places: no cell has {}", plural(enough, "order")),
        (0, _) if summary.all.near == 0 => "Every order goes far-field; near-field serves no cell".to_owned(),
        _ if summary.one_sided() && !summary.uneven => {
            format!("Near-field takes {} of orders, about alike all over the city", percent(summary.all.share()))
        }
        _ if summary.one_sided() => format!(
            "Near-field share ranges from {} to {} across the city, {} overall",
            percent(summary.tenths.0),
            percent(summary.tenths.1),
            percent(summary.all.share())
        ),
        _ if summary.all.near == summary.all.orders => "Every order goes near-field, in every cell".to_owned(),
        _ if wins == judged => format!(
            "Near-field takes most orders in every cell compared: {} of orders in {}",
            percent(summary.winning.share()),
            plural(judged, "cell")
        ),
        _ => format!(
            "Near-field takes most orders in {} of {}: {} there, {} in the rest",
            count(wins),
            plural(judged, "cell"),
            percent(summary.winning.share()),
            percent(summary.others.share())
        ),
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, view: &RunView<'_>, cells: &Cells, summary: &Summary, stores: &Stores) {
    let bottom = BOTTOM + 36.0;
    let (width_m, height_m) = cells.grid.extent();
    let map = MapScale::within(&cells.grid, (LEFT, top), (MAP_WIDTH, bottom - top));
    let (right, _) = map.at(width_m, height_m);
    // A tall map leaves its room half empty: everything beside it moves in.
    let beside = right + 72.0;
    map.ground(canvas, &cells.grid, GROUND);
    let ramp = Ramp::of(summary);
    draw_cells(canvas, cells, map, ramp);
    let radius = marker_radius(stores.near.len());
    for store in 0..stores.near.len() {
        let at = map.at(stores.x_m[store], stores.y_m[store]);
        if cells.grid.hold(stores.x_m[store], stores.y_m[store]) {
            triangle(canvas, at, radius, if stores.near[store] { INK } else { canvas.theme().far() });
        }
    }
    if let Some(warehouse) = view.warehouse_m {
        draw_warehouse(canvas, map, warehouse, (width_m, height_m));
    }
    let figures = beside + ((RIGHT - beside) * 0.42).clamp(190.0, 420.0);
    colour_bar(canvas, beside, top, ramp);
    draw_figures(canvas, figures, top, summary);
    key(canvas, beside, top + 520.0, view, cells, stores);
    scale_bar(canvas, beside, bottom, map.per_m, width_m);
}

pub(super) fn draw_cells(canvas: &mut Canvas<'_>, cells: &Cells, map: MapScale, ramp: Ramp) {
    for (index, cell) in cells.cells.iter().enumerate().filter(|(_, cell)| cell.orders > 0) {
        let colour = if cell.orders < cells.enough { THIN } else { ramp.colour(cell.share(), canvas.theme()) };
        map.cell(canvas, &cells.grid, index, colour);
    }
}

fn square(canvas: &mut Canvas<'_>, at: Point) {
    canvas.rect((at.0 - 14.0, at.1 - 14.0), (at.0 + 14.0, at.1 + 14.0), PAPER);
    canvas.rect((at.0 - 10.0, at.1 - 10.0), (at.0 + 10.0, at.1 + 10.0), INK);
}

/// The warehouse; one outside the map stands at the nearest edge; the key says how far off it is.
fn draw_warehouse(canvas: &mut Canvas<'_>, map: MapScale, (x_m, y_m): (f64, f64), (width_m, height_m): (f64, f64)) {
    if !(x_m.is_finite() && y_m.is_finite()) {
        return;
    }
    let margin = 14.0 / map.per_m;
    let inside = |place: f64, length: f64| place.clamp(margin, (length - margin).max(margin));
    square(canvas, map.at(inside(x_m, width_m), inside(y_m, height_m)));
}

fn warehouse_words((x_m, y_m): (f64, f64), (width_m, height_m): (f64, f64), look: &Look) -> String {
    let off_m = (x_m - x_m.clamp(0.0, width_m)).hypot(y_m - y_m.clamp(0.0, height_m));
    if off_m > 0.0 {
        let off = number(off_m / 1000.0, 1);
        look.say(format!("Warehouse, {off} km beyond this edge"), format!("中心仓，在此边缘外 {off} 公里"))
    } else {
        look.say("Warehouse", "中心仓").to_owned()
    }
}

pub(super) fn colour_bar(canvas: &mut Canvas<'_>, left: f64, top: f64, ramp: Ramp) {
    let look = canvas.look();
    let (name, theme) = (look.say("Near-field share", "近场占比"), &look.theme);
    cell_map::colour_bar(canvas, (left, top), name, |part| theme.near_share(part), &ramp.ticks(look));
}

fn draw_figures(canvas: &mut Canvas<'_>, left: f64, top: f64, summary: &Summary) {
    let look = canvas.look();
    let mut figures =
        vec![(percent(summary.all.share()), look.say("of all orders go near-field", "的订单走近场").to_owned())];
    let mixed = summary.all.near > 0 && summary.all.near < summary.all.orders;
    if summary.one_sided() {
        figures.push((
            percent(summary.tenths.0),
            look.say("or less in a tenth of the cells", "或更低，占网格的十分之一").to_owned(),
        ));
        figures.push((
            percent(summary.tenths.1),
            look.say("or more in a tenth of the cells", "或更高，占网格的十分之一").to_owned(),
        ));
    } else if mixed && summary.wins > 0 {
        let wins = look.plural(summary.wins, "cell", "个网格");
        let leads = look.say(format!("in the {wins} it leads"), format!("在近场领先的 {wins}"));
        figures.push((percent(summary.winning.share()), leads));
        let rest = look.plural(summary.judged - summary.wins, "other cell", "个网格");
        let compared = look.say(format!("in the {rest} compared"), format!("在其余参与比较的 {rest}"));
        figures.push((percent(summary.others.share()), compared));
    }
    let mut baseline = top + 96.0;
    for (figure, words) in figures {
        canvas.text((left, baseline), &figure, canvas.pen(64.0).colour(canvas.theme().near()).bold());
        canvas.text((left, baseline + 44.0), &words, canvas.pen(LABEL_PX + 1.0));
        baseline += 172.0;
    }
}

fn key(canvas: &mut Canvas<'_>, left: f64, top: f64, view: &RunView<'_>, cells: &Cells, stores: &Stores) {
    let (width_m, height_m) = cells.grid.extent();
    let shown = |near: bool| {
        let places = stores.x_m.iter().zip(&stores.y_m).zip(&stores.near);
        places.filter(|((x_m, y_m), is)| **is == near && cells.grid.hold(**x_m, **y_m)).count()
    };
    let (near, far) = (shown(true), shown(false));
    let look = view.look;
    let mut y = top;
    let mut line = |canvas: &mut Canvas<'_>, mark: &dyn Fn(&mut Canvas<'_>, Point), words: &str| {
        mark(canvas, (left + 18.0, y - 8.0));
        canvas.text((left + 54.0, y), words, canvas.pen(22.0));
        y += 38.0;
    };
    if near > 0 {
        line(
            canvas,
            &|canvas, at| triangle(canvas, at, 7.5, INK),
            &look.plural(near, "near-field store", "家近场门店"),
        );
    }
    if far > 0 {
        line(
            canvas,
            &|canvas, at| triangle(canvas, at, 7.5, canvas.theme().far()),
            &look.plural(far, "far-field node", "个远场网点"),
        );
    }
    if let Some(warehouse) = view.warehouse_m {
        line(canvas, &square, &warehouse_words(warehouse, (width_m, height_m), look));
    }
    let mut colour = |canvas: &mut Canvas<'_>, colour: Rgb, words: &str| {
        patch(canvas, (left, y), colour, words);
        y += 38.0;
    };
    if cells.cells.iter().any(|cell| (1..cells.enough).contains(&cell.orders)) {
        let enough = look.plural(cells.enough, "order", "单");
        let words = look.say(format!("Under {enough}: not compared"), format!("少于 {enough}：不参与比较"));
        colour(canvas, THIN, &words);
    }
    if cells.cells.iter().any(|cell| cell.orders == 0) {
        colour(canvas, GROUND, look.say("No orders", "没有订单"));
    }
}

fn table(cells: &Cells) -> Table {
    let mut table = Table::new(&["cell_x_km", "cell_y_km", "orders", "near_orders", "near_share", "compared"]);
    for (index, cell) in cells.cells.iter().enumerate() {
        if cell.orders == 0 {
            continue;
        }
        let [x, y] = cells.grid.corner_km(index);
        table.push([
            x,
            y,
            cell.orders.to_string(),
            cell.near.to_string(),
            exact(cell.share()),
            (cell.orders >= cells.enough).to_string(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::City;

    #[test]
    fn orders_beyond_the_map_are_in_no_cell_but_in_the_overall_share() {
        let frames = City { orders: 3_000, height_m: 5_000.0, ..City::default() }.frames();
        let orders = Orders::read(&frames.orders, 0.0).unwrap();
        let cells = Cells::count(&frames.view(), &orders);
        let inside = orders.y_m.iter().filter(|&&y_m| y_m <= 5_000.0).count();
        assert!(inside < 3_000);
        assert_eq!(cells.cells.iter().map(|cell| cell.orders).sum::<usize>(), inside);
        assert_eq!(summary(&cells).all.orders, 3_000);
    }

    #[test]
    fn cells_never_outnumber_what_a_slide_can_show() {
        let frames = City { orders: 10, ..City::default() }.frames();
        let view = RunView { cell_km: 0.01, ..frames.view() };
        let cells = Cells::count(&view, &Orders::read(view.orders, 0.0).unwrap());
        assert!(cells.grid.columns as f64 <= cell_map::MOST_CELLS && cells.grid.columns > 30);
    }
}
