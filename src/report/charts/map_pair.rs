//! Room: report. Chart 22: where does the what-if move near-field? Near share by cell of the city, base and what-if side by
//! side in one colour scale.

use super::cell_map::{MapScale, scale_bar};
use super::near_share_map::{Cell, Cells, Ramp, Summary, colour_bar, draw_cells, summary};
use crate::report::canvas::Canvas;
use crate::report::data::Orders;
use crate::report::layout::{AXIS_PX, BOTTOM, LABEL_PX, LEFT, RIGHT, Words, shortened, wrapped};
use crate::report::palette::{GROUND, THIN};
use crate::report::table::{Table, exact};
use crate::report::wording::{number, percent, plural, signed};
use crate::report::{Chart, Look, ReportError};
use crate::scenario::Language;
use polars::prelude::DataFrame;

const SLUG: &str = "22-map-pair";
/// Two-sided 95 % of the normal distribution.
const Z95: f64 = 1.96;

/// All the chart is made from; orders as in the order table, of which the first replication is shown.
#[derive(Clone, Copy, Debug)]
pub struct MapPairView<'a> {
    /// Orders of the base.
    pub base_orders: &'a DataFrame,
    /// Orders of the what-if.
    pub whatif_orders: &'a DataFrame,
    /// Label of the base scenario.
    pub base: &'a str,
    /// Label of the what-if scenario.
    pub whatif: &'a str,
    /// The run: version, both hashes, seed.
    pub source: &'a str,
    /// Extent of the city eastwards, metres.
    pub width_m: f64,
    /// Extent of the city northwards, metres.
    pub height_m: f64,
    /// Side of a cell, kilometres.
    pub cell_km: f64,
    /// Cells with fewer orders are shown grey.
    pub min_orders_per_cell: u32,
    /// Hours at the start that are left out.
    pub warm_up_h: f64,
    /// Language and theme.
    pub look: &'a Look,
}

/// Both sides, cell by cell.
struct Pair {
    base: Cells,
    whatif: Cells,
    base_summary: Summary,
    whatif_summary: Summary,
    /// Cells compared on both sides in which the near share differs by more than chance would make it.
    up: usize,
    down: usize,
    compared: usize,
}

impl Pair {
    fn of(view: &MapPairView<'_>) -> Result<Pair, ReportError> {
        let count = |frame: &DataFrame| -> Result<Cells, ReportError> {
            let extent = (view.width_m.max(1.0), view.height_m.max(1.0));
            Ok(Cells::over(
                extent,
                view.cell_km,
                view.min_orders_per_cell,
                &Orders::read(frame, view.warm_up_h * 3600.0)?,
            ))
        };
        let (base, whatif) = (count(view.base_orders)?, count(view.whatif_orders)?);
        let enough = base.enough;
        let both = base.cells.iter().zip(&whatif.cells);
        let both: Vec<(&Cell, &Cell)> = both.filter(|(a, b)| a.orders >= enough && b.orders >= enough).collect();
        // So many cells are looked at that one in twenty would differ by chance: the limit is shared among them.
        let limit = Z95.max((2.0 * (both.len().max(1) as f64 / 0.05).ln()).sqrt());
        let score = |&&(a, b): &&(&Cell, &Cell)| apart(*a, *b);
        let (up, down) = (
            both.iter().filter(|pair| score(pair) > limit).count(),
            both.iter().filter(|pair| score(pair) < -limit).count(),
        );
        let (base_summary, whatif_summary) = (summary(&base), summary(&whatif));
        Ok(Pair { compared: both.len(), base, whatif, base_summary, whatif_summary, up, down })
    }
}

/// By how many standard errors the near share of the second lies above that of the first.
fn apart(a: Cell, b: Cell) -> f64 {
    let (m, n) = (a.orders as f64, b.orders as f64);
    let pooled = (a.near + b.near) as f64 / (m + n);
    let error = (pooled * (1.0 - pooled) * (1.0 / m + 1.0 / n)).sqrt();
    if error > 0.0 { (b.share() - a.share()) / error } else { 0.0 }
}

/// The chart.
pub(crate) fn chart(view: &MapPairView<'_>) -> Result<Chart, ReportError> {
    let pair = Pair::of(view)?;
    let side = pair.base.grid.side_km();
    let look = view.look;
    let enough = look.plural(pair.base.enough, "order", "单");
    let subtitle = look.say(
        format!("Share of orders fulfilled near-field, by {side} km cell, %, one colour scale"),
        format!("各 {side} 公里网格的近场单量占比（%），两图同一色阶"),
    );
    let note = look.say(
        format!("{} · first replication of each · cells with under {enough} are grey", view.source),
        format!("{} · 各取第一次重复运行 · 不足 {enough}的网格为灰色", view.source),
    );
    let words = Words { title: title(view, &pair), subtitle, source: note };
    if pair.base_summary.all.orders == 0 || pair.whatif_summary.all.orders == 0 {
        let why = look.say("Nothing to draw: one of the sides has no orders.", "无图可画：其中一侧没有订单。");
        return Ok(Chart::nothing(view.look, SLUG, words, why, table(&pair)));
    }
    let cells = look.plural(pair.compared, "cell", "个网格");
    let [before, now] = [&pair.base_summary, &pair.whatif_summary].map(|side| tenths(side.all.share()));
    let (up, down) = (pair.up, pair.down);
    let alt = look.say(
        format!(
            "Two maps. Near share {before} in the base, {now} in the what-if; of {cells} compared, {up} clearly higher, {down} clearly lower."
        ),
        format!("两幅地图。近场占比：基准 {before}，假设 {now}；比较的 {cells}中 {up} 个明确更高，{down} 个明确更低。"),
    );
    let takeaway = look.say(
        format!(
            "Of {cells} with at least {enough} on both sides, near-field takes clearly more in {up} and clearly less in {down}; \
             one day of each side, so small changes of a cell do not show."
        ),
        format!("两侧都至少有 {enough}的 {cells}中，近场明确更多的 {up} 个，明确更少的 {down} 个；每侧只有一天，单个网格的小变化显示不出来。"),
    );
    Ok(Chart::draw(view.look, SLUG, words, alt, table(&pair), |canvas, top| draw(canvas, top, view, &pair))
        .taking(takeaway))
}

/// A share in percent with one decimal, so that a small change shows.
fn tenths(share: f64) -> String {
    if share.is_finite() { format!("{}%", number(share * 100.0, 1)) } else { percent(share) }
}

/// From one share to another in points, as the tenths that are shown of both say it.
fn points_between(before: f64, now: f64) -> f64 {
    let tenths = |share: f64| (share * 1000.0).round();
    (tenths(now) - tenths(before)) / 10.0
}

/// The change overall, and in how many cells it is beyond chance.
fn title(view: &MapPairView<'_>, pair: &Pair) -> String {
    let whatif = view.whatif.trim();
    let (base, now) = (pair.base_summary.all, pair.whatif_summary.all);
    if base.orders == 0 || now.orders == 0 {
        let why = "Maps cannot be compared: one of the sides has no orders";
        return view.look.say(why, "地图无法比较：其中一侧没有订单").to_owned();
    }
    if view.look.language == Language::Zh {
        let sides = format!("近场单量占比 {} → {}", tenths(base.share()), tenths(now.share()));
        let cells = pair.compared;
        return match (pair.up, pair.down) {
            (0, 0) if apart(base, now).abs() <= Z95 => format!("{whatif}：{sides}（一天），各处均未超出随机波动"),
            (0, 0) => format!("{whatif}：{sides}，{cells} 个网格中无一单独超出随机波动"),
            (up, 0) => format!("{whatif}：{sides}，{cells} 个网格中 {up} 个明确更高，无一明确更低"),
            (0, down) => format!("{whatif}：{sides}，{cells} 个网格中 {down} 个明确更低，无一明确更高"),
            (up, down) => format!("{whatif}：{sides}，{cells} 个网格中 {up} 个明确更高，{down} 个明确更低"),
        };
    }
    let sides = format!("{} → {} of orders", tenths(base.share()), tenths(now.share()));
    let cells = plural(pair.compared, "cell");
    match (pair.up, pair.down) {
        _ if apart(base, now).abs() <= Z95 && pair.up + pair.down == 0 => {
            format!("{whatif}: near-field {sides} on one day, nowhere beyond chance")
        }
        (0, 0) => format!("{whatif}: near-field {sides}, in no single cell of {} beyond chance", pair.compared),
        (up, 0) => format!("{whatif}: near-field {sides}, clearly more in {up} of {cells} and clearly less in none"),
        (0, down) => {
            format!("{whatif}: near-field {sides}, clearly less in {down} of {cells} and clearly more in none")
        }
        (up, down) => format!("{whatif}: near-field {sides}, clearly more in {up} of {cells}, clearly less in {down}"),
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, view: &MapPairView<'_>, pair: &Pair) {
    const GAP: f64 = 48.0;
    const BESIDE: f64 = 300.0;
    let (top, bottom) = (top + 34.0, BOTTOM + 36.0);
    let (width_m, height_m) = pair.base.grid.extent();
    let room = (RIGHT - LEFT - BESIDE - GAP * 2.0) / 2.0;
    let per_m = (room / width_m).min((bottom - top) / height_m);
    // One scale for both: around the share of both sides together, up to the higher of both tops.
    let ramp = Ramp::of(&together(pair));
    let name = canvas.pen(LABEL_PX).ink().bold();
    for (cells, label, left) in
        [(&pair.base, view.base, LEFT), (&pair.whatif, view.whatif, LEFT + width_m * per_m + GAP)]
    {
        let map = MapScale { left, bottom: top + height_m * per_m, per_m };
        canvas.text((left, top - 14.0), &shortened(label.trim(), name, width_m * per_m), name);
        canvas.rect((left, top), (left + width_m * per_m, map.bottom), GROUND);
        draw_cells(canvas, cells, map, ramp);
    }
    let beside = LEFT + 2.0 * width_m * per_m + 2.0 * GAP;
    colour_bar(canvas, beside, top - 36.0, ramp);
    let (before, now) = (pair.base_summary.all.share(), pair.whatif_summary.all.share());
    let figure = signed(points_between(before, now), 1);
    canvas.text((beside, top + 490.0), &figure, canvas.pen(56.0).colour(canvas.theme().near()).bold());
    let pen = canvas.pen(AXIS_PX);
    let mut lines = wrapped(view.look.say("points of near share", "个百分点（近场占比）"), pen, RIGHT - beside);
    // On a line of its own: an arrow that begins a line points from nothing.
    lines.push(format!("{} → {}", tenths(before), tenths(now)));
    for (place, line) in lines.iter().enumerate() {
        canvas.text((beside, top + 526.0 + 28.0 * place as f64), line, pen);
    }
    if pair.base.cells.iter().chain(&pair.whatif.cells).any(|cell| (1..pair.base.enough).contains(&cell.orders)) {
        canvas.rect((beside, bottom - 76.0), (beside + 24.0, bottom - 52.0), THIN);
        canvas.text(
            (beside + 36.0, bottom - 57.0),
            &view
                .look
                .say(format!("Under {}", plural(pair.base.enough, "order")), format!("不足 {} 单", pair.base.enough)),
            pen,
        );
    }
    scale_bar(canvas, beside, bottom, per_m, width_m);
}

/// Both sides as one, for the colour scale.
fn together(pair: &Pair) -> Summary {
    let add = |a: &Cell, b: &Cell| Cell { orders: a.orders + b.orders, near: a.near + b.near };
    let cells = pair.base.cells.iter().zip(&pair.whatif.cells).map(|(a, b)| add(a, b)).collect();
    summary(&pair.base.with(cells, add(&pair.base.beyond, &pair.whatif.beyond)))
}

fn table(pair: &Pair) -> Table {
    let mut table =
        Table::new(&["cell_x_km", "cell_y_km", "base_orders", "base_near_share", "whatif_orders", "whatif_near_share"]);
    for (index, (base, whatif)) in pair.base.cells.iter().zip(&pair.whatif.cells).enumerate() {
        if base.orders + whatif.orders == 0 {
            continue;
        }
        let of = |cell: &Cell| [cell.orders.to_string(), exact(cell.share())];
        table.push(pair.base.grid.corner_km(index).into_iter().chain(of(base)).chain(of(whatif)));
    }
    table
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::report::sample::City;

    pub(crate) fn chart_of(base: &City, whatif: &City) -> Chart {
        let (base, whatif) = (base.frames(), whatif.frames());
        let view = base.view();
        let pair = MapPairView {
            look: Look::plain(),
            base_orders: &base.orders,
            whatif_orders: &whatif.orders,
            base: "Baseline city",
            whatif: "200 more couriers",
            source: "nearfar 0.1.0 · scenarios 3f9c1a2b and 81aa02ce · seed 20251111",
            width_m: view.width_m,
            height_m: view.height_m,
            cell_km: 1.0,
            min_orders_per_cell: 20,
            warm_up_h: 0.0,
        };
        chart(&pair).unwrap()
    }

    #[test]
    fn the_change_is_the_difference_of_the_figures_beside_it() {
        let (before, now) = (0.2896, 0.2971);
        assert_eq!([tenths(before), tenths(now), signed(points_between(before, now), 1)], ["29.0%", "29.7%", "+0.7"]);
    }

    #[test]
    fn changes_of_cells_are_counted_only_beyond_chance() {
        let base = City { orders: 9_000, ..City::default() };
        let same = chart_of(&base, &base);
        assert!(same.title.ends_with("nowhere beyond chance"), "{}", same.title);
        let more = chart_of(&base, &City { near_chance: 0.95, ..base });
        assert!(
            more.title.contains("clearly more in") && more.title.ends_with("clearly less in none"),
            "{}",
            more.title
        );
        assert!(more.csv.starts_with("cell_x_km,cell_y_km,base_orders,base_near_share,"));
        let none = chart_of(&base, &City { orders: 0, ..base });
        assert!(none.title.contains("cannot be compared") && !none.svg.contains("NaN"), "{}", none.title);
    }
}
