//! Room: report. Chart 17: which goods go near? Orders and their value at list price by category and channel, side by side.

use super::channels_note;
use crate::city::Channel;
use crate::report::canvas::{Canvas, Pen, Point};
use crate::report::data::{Details, Orders};
use crate::report::layout::{AXIS_PX, BOTTOM, LABEL_PX, LEFT, RIGHT, Words, shortened};
use crate::report::measure::{Interval, inside, wilson};
use crate::report::palette::{FAR, INK, NEAR, PAPER, PICKUP, Rgb};
use crate::report::table::{Table, exact, rounded};
use crate::report::wording::{count, currency, number, percent, plural};
use crate::report::{Chart, RunView};

const SLUG: &str = "17-channel-share-by-category";
/// Channels from the left, with their words and colours.
const CHANNELS: [(Channel, &str, Rgb); 3] = [
    (Channel::Near, "Near-field", NEAR),
    (Channel::Pickup, "Pick-up in store", PICKUP),
    (Channel::Far, "Far-field", FAR),
];
/// More categories than this are drawn as one row.
const MOST_ROWS: usize = 11;

/// Orders of a category by channel, and their value.
#[derive(Clone, Default)]
struct Row {
    name: String,
    orders: [usize; CHANNELS.len()],
    value: [f64; CHANNELS.len()],
}

impl Row {
    fn all_orders(&self) -> usize {
        self.orders.iter().sum()
    }
    fn all_value(&self) -> f64 {
        self.value.iter().sum()
    }
    fn near(&self) -> Interval {
        wilson(self.orders[0], self.all_orders())
    }
    fn near_value(&self) -> f64 {
        self.value[0] / self.all_value()
    }
    fn add(&mut self, other: &Row) {
        for channel in 0..CHANNELS.len() {
            self.orders[channel] += other.orders[channel];
            self.value[channel] += other.value[channel];
        }
    }
}

/// All orders first, then categories by their near share of orders.
fn rows(orders: &Orders, details: &Details) -> Vec<Row> {
    let mut categories: Vec<Row> = Vec::new();
    for order in 0..orders.len() {
        let Some(channel) =
            orders.channel[order].and_then(|channel| CHANNELS.iter().position(|(known, ..)| *known == channel))
        else {
            continue;
        };
        let name = details.category[order].as_deref().unwrap_or("not known");
        let place = categories.iter().position(|row| row.name == name).unwrap_or_else(|| {
            categories.push(Row { name: name.to_owned(), ..Row::default() });
            categories.len() - 1
        });
        // What comes in parts was ordered once.
        categories[place].orders[channel] += usize::from(!orders.further_part[order]);
        categories[place].value[channel] += details.value[order];
    }
    categories.sort_by(|a, b| b.near().mean.total_cmp(&a.near().mean).then_with(|| a.name.cmp(&b.name)));
    let mut all = Row { name: "All".to_owned(), ..Row::default() };
    categories.iter().for_each(|row| all.add(row));
    std::iter::once(all).chain(categories).collect()
}

/// As many rows as a slide holds: of more categories those with fewest orders stand together in the last row.
fn drawn(rows: &[Row]) -> Vec<Row> {
    if rows.len() <= MOST_ROWS {
        return rows.to_vec();
    }
    let mut by_size: Vec<usize> = (1..rows.len()).collect();
    by_size.sort_by_key(|&row| std::cmp::Reverse(rows[row].all_orders()));
    let (kept, rest) = by_size.split_at(MOST_ROWS - 2);
    let mut others = Row { name: plural(rest.len(), "other"), ..Row::default() };
    rest.iter().for_each(|&row| others.add(&rows[row]));
    let kept = (0..rows.len()).filter(|row| *row == 0 || kept.contains(row)).map(|row| rows[row].clone());
    kept.chain([others]).collect()
}

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, orders: &Orders, details: &Details) -> Chart {
    let rows = rows(orders, details);
    let all = &rows[0];
    let subtitle = format!(
        "Share of orders and of their value at list price (GMV) by channel, by category, %{}",
        view.scenario_words()
    );
    let note = format!("{}; whiskers: 95% interval (Wilson)", channels_note(orders));
    let words = |title: String| Words { title, subtitle, source: view.source(all.all_orders(), &note) };
    if all.all_orders() == 0 {
        let why = "Nothing to draw: the run has no orders.";
        return Chart::nothing(SLUG, words("No orders were placed in this run".to_owned()), why, table(&rows));
    }
    let said: Vec<String> = rows[1..]
        .iter()
        .map(|row| format!("{} {} of orders, {} of GMV", row.name, percent(row.near().mean), percent(row.near_value())))
        .collect();
    let alt = format!(
        "Bars. Near-field takes {} of {} and {} of GMV: {}.",
        percent(all.near().mean),
        plural(all.all_orders(), "order"),
        percent(all.near_value()),
        said.join("; ")
    );
    Chart::draw(SLUG, words(title(&rows)), alt, table(&rows), |canvas, top| draw(canvas, top, view, &drawn(&rows)))
}

/// Both shares, and the ends of the list if they differ by more than chance.
fn title(rows: &[Row]) -> String {
    let all = &rows[0];
    let (orders, value) = (all.near().mean, all.near_value());
    if orders == 0.0 {
        return "Near-field takes no order of any category".to_owned();
    }
    let but = if value < orders * 0.8 || value > orders * 1.25 { "but" } else { "and" };
    let both = format!("Near-field takes {} of orders {but} {} of GMV", percent(orders), percent(value));
    let [_, most, .., least] = rows else { return both };
    if !most.near().above(&least.near()) {
        return both;
    }
    let named = |row: &Row| format!("in {} ({} of orders)", inside(&row.name), percent(row.near().mean));
    format!("{both}: most {}, least {}", named(most), named(least))
}

fn draw(canvas: &mut Canvas<'_>, top: f64, view: &RunView<'_>, rows: &[Row]) {
    const NAMES: f64 = 210.0;
    const GAP: f64 = 60.0;
    /// Room for what stands after a bar.
    const AFTER: f64 = 150.0;
    let (left, top, bottom) = (LEFT + NAMES, top + 84.0, BOTTOM + 20.0);
    let width = (RIGHT - left - GAP) / 2.0;
    let step = ((bottom - top) / rows.len() as f64).min(86.0);
    let sign = currency(view.currency);
    legend(canvas, (LEFT, top - 84.0), rows);
    for (panel, name) in ["Orders", "GMV"].into_iter().enumerate() {
        let from = left + panel as f64 * (width + GAP);
        canvas.text((from, top - 22.0), name, Pen::new(LABEL_PX).ink().bold());
        for (place, row) in rows.iter().enumerate() {
            // A little air below the row of all.
            let y = top + step * place as f64 + if place > 0 { 10.0 } else { 0.0 };
            let orders = row.orders.map(|n| n as f64);
            let (amounts, total) = match panel {
                0 => (orders, count(row.all_orders())),
                _ => (row.value, format!("{sign}{}", number(row.all_value(), 0))),
            };
            bar(canvas, (from, y), (width - AFTER, step * 0.66), amounts);
            canvas.text((from + width - AFTER + 14.0, y + step * 0.33 + 8.0), &total, Pen::new(AXIS_PX));
            if panel == 0 {
                whisker(canvas, row.near(), (from, y), (width - AFTER, step * 0.66));
                let pen = Pen::new(LABEL_PX - 1.0).ink();
                let pen = if place == 0 { pen.bold() } else { pen };
                canvas.text((LEFT, y + step * 0.33 + 9.0), &shortened(&row.name, pen, NAMES - 16.0), pen);
            }
        }
    }
}

/// What the colours mean, in one line above the bars.
fn legend(canvas: &mut Canvas<'_>, (left, top): Point, rows: &[Row]) {
    let mut x = left;
    for (channel, (_, name, colour)) in CHANNELS.iter().enumerate() {
        if rows[0].orders[channel] == 0 {
            continue;
        }
        canvas.rect((x, top - 2.0), (x + 22.0, top + 20.0), *colour);
        canvas.text((x + 34.0, top + 17.0), name, Pen::new(AXIS_PX).ink());
        x += 34.0 + Pen::new(AXIS_PX).width(name) + 40.0;
    }
}

/// One bar of shares with their numbers where there is room.
fn bar(canvas: &mut Canvas<'_>, (left, top): Point, (width, height): (f64, f64), amounts: [f64; CHANNELS.len()]) {
    let all: f64 = amounts.iter().sum();
    if all <= 0.0 {
        return;
    }
    let pen = Pen::new(AXIS_PX).colour(PAPER).bold();
    let mut from = left;
    for (amount, (_, _, colour)) in amounts.iter().zip(CHANNELS) {
        let to = from + width * amount / all;
        canvas.rect((from, top), (to, top + height), colour);
        if from > left && to > from {
            canvas.line((from, top), (from, top + height), PAPER, 2.0);
        }
        let words = percent(amount / all);
        if to - from > pen.width(&words) + 20.0 {
            canvas.text((from + 10.0, top + height / 2.0 + 8.0), &words, pen);
        }
        from = to;
    }
}

/// The interval of the near share.
fn whisker(canvas: &mut Canvas<'_>, near: Interval, (left, top): Point, (width, height): (f64, f64)) {
    let (lo, hi) = (left + width * near.lo, left + width * near.hi);
    let y = top + height - 9.0;
    canvas.line((lo, y), (hi, y), PAPER, 5.0);
    canvas.line((lo, y), (hi, y), INK, 2.5);
    for end in [lo, hi] {
        canvas.line((end, y - 6.0), (end, y + 6.0), INK, 2.5);
    }
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(&[
        "category",
        "near_orders",
        "pickup_orders",
        "far_orders",
        "near_share_orders",
        "lo95",
        "hi95",
        "near_gmv_yuan",
        "pickup_gmv_yuan",
        "far_gmv_yuan",
        "near_share_gmv",
    ]);
    for row in rows.iter().filter(|row| row.all_orders() > 0) {
        let near = row.near();
        let orders = row.orders.map(|n| n.to_string());
        let shares = [near.mean, near.lo, near.hi].map(exact);
        let values = row.value.map(|yuan| rounded(yuan, 2));
        let cells = orders.into_iter().chain(shares).chain(values).chain([exact(row.near_value())]);
        table.push([row.name.clone()].into_iter().chain(cells));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::City;

    fn row(name: &str, near: usize, far: usize) -> Row {
        Row { name: name.into(), orders: [near, 0, far], value: [near as f64 * 40.0, 0.0, far as f64 * 100.0] }
    }

    fn with_all(categories: &[Row]) -> Vec<Row> {
        let mut all = Row { name: "All".into(), ..Row::default() };
        categories.iter().for_each(|row| all.add(row));
        std::iter::once(all).chain(categories.iter().cloned()).collect()
    }

    #[test]
    fn ends_of_the_list_are_named_only_where_their_intervals_part() {
        let clear = with_all(&[row("Fresh", 400, 600), row("apparel", 20, 980)]);
        assert_eq!(
            title(&clear),
            "Near-field takes 21% of orders but 10% of GMV: most in fresh (40% of orders), least in apparel (2% of orders)"
        );
        let alike = with_all(&[row("fresh", 11, 20), row("apparel", 10, 20)]);
        assert!(!title(&alike).contains("most in"), "{}", title(&alike));
        assert!(title(&with_all(&[row("fresh", 0, 20)])).starts_with("Near-field takes no order"));
    }

    #[test]
    fn small_categories_stand_together_and_nothing_is_lost() {
        let many: Vec<Row> = (1..=20).map(|n| row(&format!("c{n}"), n, n * 3)).collect();
        let rows = with_all(&many);
        let drawn = drawn(&rows);
        assert_eq!((drawn.len(), drawn[10].name.as_str()), (MOST_ROWS, "11 others"));
        let sum: usize = drawn[1..].iter().map(Row::all_orders).sum();
        assert_eq!(sum, rows[0].all_orders());
    }

    #[test]
    fn its_rows_add_up_to_its_first() {
        let chart = City { pickup_chance: 0.3, orders: 3000, ..City::default() }.chart(SLUG);
        let rows: Vec<Vec<f64>> = chart
            .csv
            .lines()
            .skip(1)
            .map(|line| line.split(',').skip(1).map(|cell| cell.parse().unwrap()).collect())
            .collect();
        for column in [0, 1, 2] {
            assert_eq!(rows[0][column], rows[1..].iter().map(|row| row[column]).sum::<f64>());
        }
        assert_eq!(rows[0][..3].iter().sum::<f64>(), 3000.0);
    }
}
