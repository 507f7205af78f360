//! Room: report. Chart 17: which goods go near? Orders and their value at list price by category and channel, side by side.

use super::{channels_note, nothing_ordered};
use crate::city::Channel;
use crate::report::canvas::{Canvas, Point};
use crate::report::data::{Details, Orders};
use crate::report::known_names::known_name;
use crate::report::layout::{AXIS_PX, BOTTOM, LABEL_PX, LEFT, RIGHT, Words, shortened};
use crate::report::measure::{Interval, inside, wilson};
use crate::report::palette::{INK, PAPER, Rgb};
use crate::report::table::{Table, exact, rounded};
use crate::report::wording::{count, currency, number, percent};
use crate::report::{Chart, Look, RunView};
use crate::scenario::Language;

const SLUG: &str = "17-channel-share-by-category";
/// Channels from the left.
const CHANNELS: [Channel; 3] = [Channel::Near, Channel::Pickup, Channel::Far];
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
            orders.channel[order].and_then(|channel| CHANNELS.iter().position(|known| *known == channel))
        else {
            continue;
        };
        let name = details.category[order].as_deref().unwrap_or("not_known");
        let place = categories.iter().position(|row| row.name == name).unwrap_or_else(|| {
            categories.push(Row { name: name.to_owned(), ..Row::default() });
            categories.len() - 1
        });
        // What comes in parts was ordered once.
        categories[place].orders[channel] += usize::from(!orders.further_part[order]);
        categories[place].value[channel] += details.value[order];
    }
    categories.sort_by(|a, b| b.near().mean.total_cmp(&a.near().mean).then_with(|| a.name.cmp(&b.name)));
    let mut all = Row { name: "all".to_owned(), ..Row::default() };
    categories.iter().for_each(|row| all.add(row));
    std::iter::once(all).chain(categories).collect()
}

/// As many rows as a slide holds: of more categories those with fewest orders stand together in the last row.
fn drawn(rows: &[Row], look: &Look) -> Vec<Row> {
    if rows.len() <= MOST_ROWS {
        return rows.to_vec();
    }
    let mut by_size: Vec<usize> = (1..rows.len()).collect();
    by_size.sort_by_key(|&row| std::cmp::Reverse(rows[row].all_orders()));
    let (kept, rest) = by_size.split_at(MOST_ROWS - 2);
    let mut others = Row { name: look.plural(rest.len(), "other", "个其他"), ..Row::default() };
    rest.iter().for_each(|&row| others.add(&rows[row]));
    let kept = (0..rows.len()).filter(|row| *row == 0 || kept.contains(row)).map(|row| rows[row].clone());
    kept.chain([others]).collect()
}

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, orders: &Orders, details: &Details) -> Chart {
    let look = view.look;
    let rows = rows(orders, details);
    let all = &rows[0];
    let subtitle = look.say(
        "Share of orders and of their value at list price (GMV) by channel, by category, %",
        "各品类按渠道的订单占比与按标价的 GMV 占比（%）",
    );
    let subtitle = format!("{subtitle}{}", view.scenario_words());
    let whiskers = look.say("; lines below bars: 95% interval (Wilson)", "；条下横线为 95% 置信区间（Wilson）");
    let source = view.source(all.all_orders(), &format!("{}{whiskers}", channels_note(orders, look)));
    let words = |title: String| Words { title, subtitle, source };
    if all.all_orders() == 0 {
        let (title, why) = nothing_ordered(look);
        return Chart::nothing(look, SLUG, words(title), why, table(&rows));
    }
    let alt = alt(&rows, look);
    Chart::draw(look, SLUG, words(title(&rows, look)), alt, table(&rows), |canvas, top| {
        draw(canvas, top, view, &drawn(&rows, look))
    })
}

/// Both shares of all, then of each category.
fn alt(rows: &[Row], look: &Look) -> String {
    let said = |row: &Row| {
        let (name, orders, gmv) = (known_name(look, &row.name), percent(row.near().mean), percent(row.near_value()));
        look.say(format!("{name} {orders} of orders, {gmv} of GMV"), format!("{name}订单 {orders}、GMV {gmv}"))
    };
    let categories: Vec<String> = rows[1..].iter().map(said).collect();
    let all = &rows[0];
    let (orders, gmv, n) = (percent(all.near().mean), percent(all.near_value()), count(all.all_orders()));
    match look.language {
        Language::En => {
            format!("Bars. Near-field takes {orders} of {n} orders and {gmv} of GMV: {}.", categories.join("; "))
        }
        Language::Zh => format!("条形图。{n} 单中近场占 {orders}，占 GMV {gmv}：{}。", categories.join("；")),
    }
}

/// Both shares, and the ends of the list if they differ by more than chance.
fn title(rows: &[Row], look: &Look) -> String {
    let all = &rows[0];
    let (orders, value) = (all.near().mean, all.near_value());
    if orders == 0.0 {
        return look.say("Near-field takes no order of any category", "近场在所有品类中都没有订单").to_owned();
    }
    let but = if value < orders * 0.8 || value > orders * 1.25 { "but" } else { "and" };
    let (share, gmv) = (percent(orders), percent(value));
    let both = look.say(
        format!("Near-field takes {share} of orders {but} {gmv} of GMV"),
        format!("近场占订单 {share}、占 GMV {gmv}"),
    );
    let [_, most, .., least] = rows else { return both };
    if !most.near().above(&least.near()) {
        return both;
    }
    let named = |row: &Row| (known_name(look, &row.name), percent(row.near().mean));
    let ((most, high), (least, low)) = (named(most), named(least));
    look.say(
        format!("{both}: most in {} ({high} of orders), least in {} ({low} of orders)", inside(&most), inside(&least)),
        format!("{both}；{most}最高（订单 {high}），{least}最低（{low}）"),
    )
}

/// The name and the colour of a channel, by its place in [`CHANNELS`].
fn channel(look: &Look, place: usize) -> (&'static str, Rgb) {
    match CHANNELS[place] {
        Channel::Near => (look.say("Near-field", "近场"), look.theme.near()),
        Channel::Pickup => (look.say("Pick-up in store", "到店自提"), look.theme.pickup()),
        Channel::Far => (look.say("Far-field", "远场"), look.theme.far()),
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, view: &RunView<'_>, rows: &[Row]) {
    const NAMES: f64 = 250.0;
    const GAP: f64 = 60.0;
    /// Room for what stands after a bar.
    const AFTER: f64 = 150.0;
    let (left, top, bottom) = (LEFT + NAMES, top + 84.0, BOTTOM + 20.0);
    let width = (RIGHT - left - GAP) / 2.0;
    let step = ((bottom - top) / rows.len() as f64).min(104.0);
    let sign = currency(view.currency);
    legend(canvas, (LEFT, top - 84.0), rows);
    let look = canvas.look();
    for (panel, name) in [look.say("Orders", "订单"), "GMV"].into_iter().enumerate() {
        let from = left + panel as f64 * (width + GAP);
        canvas.text((from, top - 22.0), name, canvas.pen(LABEL_PX).ink().bold());
        for (place, row) in rows.iter().enumerate() {
            // A little air below the row of all.
            let y = top + step * place as f64 + if place > 0 { 10.0 } else { 0.0 };
            let orders = row.orders.map(|n| n as f64);
            let (amounts, total) = match panel {
                0 => (orders, count(row.all_orders())),
                _ => (row.value, format!("{sign}{}", number(row.all_value(), 0))),
            };
            bar(canvas, (from, y), (width - AFTER, step * 0.62), amounts);
            canvas.text((from + width - AFTER + 14.0, y + step * 0.31 + 8.0), &total, canvas.pen(AXIS_PX));
            if panel == 0 {
                whisker(canvas, row.near(), (from, y + step * 0.62), width - AFTER);
                let pen = canvas.pen(LABEL_PX - 1.0).ink();
                let pen = if place == 0 { pen.bold() } else { pen };
                canvas.text(
                    (LEFT, y + step * 0.31 + 9.0),
                    &shortened(&known_name(look, &row.name), pen, NAMES - 76.0),
                    pen,
                );
            }
        }
    }
}

/// What the colours mean, in one line above the bars.
fn legend(canvas: &mut Canvas<'_>, (left, top): Point, rows: &[Row]) {
    let mut x = left;
    for place in (0..CHANNELS.len()).filter(|&place| rows[0].orders[place] > 0) {
        let (name, colour) = channel(canvas.look(), place);
        canvas.rect((x, top - 2.0), (x + 22.0, top + 20.0), colour);
        canvas.text((x + 34.0, top + 17.0), name, canvas.pen(AXIS_PX).ink());
        x += 34.0 + canvas.pen(AXIS_PX).width(name) + 40.0;
    }
}

/// One bar of shares with their numbers where there is room.
fn bar(canvas: &mut Canvas<'_>, (left, top): Point, (width, height): (f64, f64), amounts: [f64; CHANNELS.len()]) {
    let all: f64 = amounts.iter().sum();
    if all <= 0.0 {
        return;
    }
    let pen = canvas.pen(AXIS_PX).colour(PAPER).bold();
    let mut from = left;
    let near = percent(amounts[0] / all);
    if amounts[0] > 0.0 && width * amounts[0] / all <= pen.width(&near) + 20.0 {
        // Too narrow to hold its number.
        let beside = pen.colour(channel(canvas.look(), 0).1).end();
        canvas.text((left - 10.0, top + height / 2.0 + 8.0), &near, beside);
    }
    for (place, amount) in amounts.iter().enumerate() {
        let colour = channel(canvas.look(), place).1;
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

/// The interval of the near share, as a line below the bar.
fn whisker(canvas: &mut Canvas<'_>, near: Interval, (left, bottom): Point, width: f64) {
    let (lo, hi) = (left + width * near.lo, left + width * near.hi);
    canvas.rect((lo, bottom + 5.0), (hi.max(lo + 2.0), bottom + 9.0), INK);
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
            title(&clear, Look::plain()),
            "Near-field takes 21% of orders but 10% of GMV: most in fresh (40% of orders), least in apparel (2% of orders)"
        );
        let alike = with_all(&[row("fresh", 11, 20), row("apparel", 10, 20)]);
        assert!(!title(&alike, Look::plain()).contains("most in"));
        assert!(title(&with_all(&[row("fresh", 0, 20)]), Look::plain()).starts_with("Near-field takes no order"));
    }

    #[test]
    fn small_categories_stand_together_and_nothing_is_lost() {
        let many: Vec<Row> = (1..=20).map(|n| row(&format!("c{n}"), n, n * 3)).collect();
        let rows = with_all(&many);
        let drawn = drawn(&rows, Look::plain());
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
