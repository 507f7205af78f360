//! Room: report. Chart 13: where is near-field wanted and not had? Share of those who wanted it and left, cancelled or were
//! sent a parcel instead, by cell of the city, and why.

use super::cell_map::{self, Grid, MapScale, colour_bar, marker_radius, patch, scale_bar, triangle};
use super::near_share_map::MAP_WIDTH;
use crate::report::canvas::{Canvas, Point};
use crate::report::data::{Orders, Stores};
use crate::report::layout::{AXIS_PX, BOTTOM, LABEL_PX, LEFT, RIGHT, Words, wrapped};
use crate::report::measure::{Z95, beyond_chance, wilson};
use crate::report::palette::{GROUND, INK, MISSED, THIN, shade};
use crate::report::table::{Table, exact};
use crate::report::wants::{Cause, Want, Wants};
use crate::report::wording::{count, percent, percent_1};
use crate::report::{Chart, Look, RunView};
use crate::scenario::Language;

const SLUG: &str = "13-unmet-demand-map";
/// The causes: words for the list, and for the title, in the order of [`Cause::ALL`].
fn causes(look: &Look) -> [(&'static str, &'static str); Cause::ALL.len()] {
    [
        look.say(
            ("Stock: stores in reach lacked something", "missing stock"),
            ("缺货：可达门店缺少所需商品", "门店缺货"),
        ),
        look.say(
            ("Reach: no open store near enough", "no open store in reach"),
            ("覆盖：附近没有营业门店", "附近无营业门店"),
        ),
        look.say(("Wait: gave up before it came", "too long a wait"), ("等待：超时未达而取消", "等待过久")),
        look.say(
            ("Capacity: couriers or stores too busy", "too little capacity"),
            ("运力：骑手或门店忙不过来", "运力不足"),
        ),
    ]
}

/// Those who wanted near-field in some place, and those of them who did not get it.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
struct Tally {
    wanted: usize,
    missed: [usize; Cause::ALL.len()],
}

impl Tally {
    fn add(&mut self, want: &Want) {
        self.wanted += 1;
        if let Some(cause) = want.missed {
            self.missed[cause as usize] += 1;
        }
    }
    fn all_missed(&self) -> usize {
        self.missed.iter().sum()
    }
    fn share(&self) -> f64 {
        self.all_missed() as f64 / self.wanted as f64
    }
    /// The most frequent cause, if chance alone would not put it first.
    fn main_cause(&self) -> Option<usize> {
        let mut causes: Vec<usize> = (0..self.missed.len()).collect();
        causes.sort_by_key(|&cause| std::cmp::Reverse(self.missed[cause]));
        let (first, second) = (self.missed[causes[0]] as f64, self.missed[causes[1]] as f64);
        (first - second > Z95 * (first + second).sqrt()).then_some(causes[0])
    }
}

/// All of them by cell.
struct Cells {
    grid: Grid,
    cells: Vec<Tally>,
    all: Tally,
    beyond: usize,
    enough: usize,
    /// The cells were made wider than asked for, to hold enough.
    widened: bool,
}

impl Cells {
    fn of(view: &RunView<'_>, wants: &Wants) -> Cells {
        let places: Vec<(f64, f64)> = wants.all.iter().map(|want| (want.x_m, want.y_m)).collect();
        let (x_m, y_m): (Vec<f64>, Vec<f64>) = places.iter().copied().unzip();
        let extent = cell_map::extent(view, &x_m, &y_m);
        let enough = view.min_orders_per_cell.max(1) as usize;
        let grid = Grid::fitting(extent, view.cell_km, enough, &places);
        let (mut cells, mut all, mut beyond) = (vec![Tally::default(); grid.len()], Tally::default(), 0);
        for want in &wants.all {
            all.add(want);
            match grid.index(want.x_m, want.y_m) {
                Some(index) => cells[index].add(want),
                None => beyond += 1,
            }
        }
        let widened = grid != Grid::over(extent, view.cell_km);
        Cells { grid, cells, all, beyond, enough, widened }
    }
    fn judged(&self) -> impl Iterator<Item = &Tally> {
        self.cells.iter().filter(|cell| cell.wanted >= self.enough)
    }
    /// The share that a tenth of the cells compared exceed.
    fn upper_tenth(&self) -> f64 {
        let mut shares: Vec<f64> = self.judged().map(Tally::share).collect();
        shares.sort_by(f64::total_cmp);
        shares.get((0.9 * shares.len().saturating_sub(1) as f64).round() as usize).copied().unwrap_or(0.0)
    }
    /// Whether cells differ by more than chance would make them (Pearson's chi-squared).
    fn uneven(&self) -> bool {
        let (wanted, missed) = self.judged().fold((0, 0), |sum, cell| (sum.0 + cell.wanted, sum.1 + cell.all_missed()));
        let share = missed as f64 / wanted as f64;
        let variance = share * (1.0 - share);
        let off = |cell: &Tally| cell.all_missed() as f64 - cell.wanted as f64 * share;
        let squared: f64 = self.judged().map(|cell| off(cell).powi(2) / cell.wanted as f64).sum();
        variance > 0.0 && beyond_chance(squared / variance, self.judged().count() as f64 - 1.0)
    }
    /// Top of the colour scale: a round share that few cells exceed.
    fn top(&self) -> f64 {
        let upper = self.upper_tenth().max(self.all.share());
        [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75].into_iter().find(|top| upper <= *top).unwrap_or(1.0)
    }
}

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, orders: &Orders, wants: &Wants, stores: &Stores) -> Chart {
    let cells = Cells::of(view, wants);
    let look = view.look;
    let side = cells.grid.side_km();
    let subtitle = match look.language {
        Language::En => format!("Share of those who wanted near-field and did not get it, by {side} km cell, %"),
        Language::Zh => format!("想要近场却未得到服务的占比（%），按 {side} 公里网格"),
    } + &view.scenario_words();
    let source = view.source(orders.len(), &note(&cells, wants, look));
    let words = |title: String| Words { title, subtitle, source };
    if cells.all.wanted == 0 {
        let (title, why) = look.say(
            (
                "Nobody wanted near-field in this run",
                "Nothing to draw: no order asked for near-field, and nobody left for want of it.",
            ),
            ("本次模拟中无人需要近场", "无图可画：没有近场订单，也无人因没有近场而离开。"),
        );
        return Chart::nothing(look, SLUG, words(title.to_owned()), why, table(&cells));
    }
    let alt = alt(&cells.all, look);
    Chart::draw(look, SLUG, words(title(&cells, look)), alt, table(&cells), |canvas, top| {
        draw(canvas, top - 6.0, &cells, wants, stores)
    })
}

/// How many, and for each cause.
fn alt(all: &Tally, look: &Look) -> String {
    let interval = wilson(all.all_missed(), all.wanted);
    let [share, lo, hi] = [interval.mean, interval.lo, interval.hi].map(percent_1);
    let (missed, wanted) = (count(all.all_missed()), count(all.wanted));
    let causes = causes(look).into_iter().zip(all.missed).filter(|(_, n)| *n > 0);
    let causes: Vec<String> = causes.map(|((name, _), n)| format!("{name} {}", count(n))).collect();
    match look.language {
        Language::En => {
            let after = if causes.is_empty() { String::new() } else { format!(" {}.", causes.join("; ")) };
            let who = "who wanted near-field did not get it";
            format!("Heat map. {missed} of {wanted} {who} ({share}, 95% interval {lo} to {hi}).{after}")
        }
        Language::Zh => {
            let after = if causes.is_empty() { String::new() } else { format!("{}。", causes.join("；")) };
            format!(
                "热力图。{wanted} 次近场需求中 {missed} 次未得到服务（{share}，95% 置信区间 {lo} 至 {hi}）。{after}"
            )
        }
    }
}

/// What is counted, and what is not.
fn note(cells: &Cells, wants: &Wants, look: &Look) -> String {
    let mut note = look
        .say(
            "wanted = near orders, and those who left or were sent a parcel for want of a near offer",
            "近场需求指近场订单，以及因没有近场而离开或改发包裹者",
        )
        .to_owned();
    if wants.undecided > 0 {
        let more = count(wants.undecided);
        note.push_str(&look.say(
            format!("; {more} who saw no near offer and took a parcel are not in it"),
            format!("；另有 {more} 人未见近场而选了包裹，不计入"),
        ));
    }
    if cells.widened {
        note.push_str(look.say("; cells wide enough to compare most of them", "；网格已放大，以便多数需求可比"));
    }
    if cells.beyond > 0 {
        let n = count(cells.beyond);
        note.push_str(&look.say(format!("; {n} from beyond the map in no cell"), format!("；{n} 次在地图之外")));
    }
    note
}

fn title(cells: &Cells, look: &Look) -> String {
    let all = &cells.all;
    if all.all_missed() == 0 {
        let n = count(all.wanted);
        return look.say(
            format!("Everyone who wanted near-field got it: {n} of {n}"),
            format!("近场需求全部得到服务：{n} / {n}"),
        );
    }
    let share = percent(all.share());
    let cause = all.main_cause().map(|cause| {
        let (part, name) = (percent(all.missed[cause] as f64 / all.all_missed() as f64), causes(look)[cause].1);
        look.say(format!(", {part} of them for {name}"), format!("，其中 {part} 因{name}"))
    });
    let range = cells.uneven().then(|| {
        let upper = percent(cells.upper_tenth());
        look.say(
            format!("; in a tenth of the cells {upper} or more go without"),
            format!("；十分之一的网格达到 {upper} 或以上"),
        )
    });
    let all = look
        .say(format!("{share} of those who wanted near-field did not get it"), format!("{share} 的近场需求未得到服务"));
    format!("{all}{}{}", cause.unwrap_or_default(), range.unwrap_or_default())
}

fn draw(canvas: &mut Canvas<'_>, top: f64, cells: &Cells, wants: &Wants, stores: &Stores) {
    let bottom = BOTTOM + 36.0;
    let (width_m, height_m) = cells.grid.extent();
    let map = MapScale::within(&cells.grid, (LEFT, top), (MAP_WIDTH, bottom - top));
    map.ground(canvas, &cells.grid, GROUND);
    let scale_top = cells.top();
    for (index, cell) in cells.cells.iter().enumerate().filter(|(_, cell)| cell.wanted > 0) {
        let colour = if cell.wanted < cells.enough { THIN } else { shade(&MISSED, cell.share() / scale_top) };
        map.cell(canvas, &cells.grid, index, colour);
    }
    let near: Vec<Point> = (0..stores.near.len())
        .filter(|&store| stores.near[store] && cells.grid.hold(stores.x_m[store], stores.y_m[store]))
        .map(|store| map.at(stores.x_m[store], stores.y_m[store]))
        .collect();
    near.iter().for_each(|&at| triangle(canvas, at, marker_radius(near.len()), INK));
    let beside = map.at(width_m, height_m).0 + 72.0;
    let over = cells.judged().any(|cell| cell.share() > scale_top);
    let ticks = [
        (0.0, "0".to_owned()),
        (0.5, percent(scale_top / 2.0)),
        (1.0, percent(scale_top) + or_more(over, canvas.look())),
    ];
    let name = canvas.look().say("Not served", "未服务占比");
    colour_bar(canvas, (beside, top), name, |part| shade(&MISSED, part), &ticks);
    key(canvas, (beside, top + 520.0), cells, near.len());
    scale_bar(canvas, beside, bottom, map.per_m, width_m);
    figures(canvas, (beside + ((RIGHT - beside) * 0.36).clamp(210.0, 330.0), top), &cells.all, wants);
}

fn or_more(over: bool, look: &Look) -> &'static str {
    if over { look.say(" or more", " 及以上") } else { "" }
}

/// The share with its interval, a bar for each cause, and what became of them.
fn figures(canvas: &mut Canvas<'_>, (left, top): Point, all: &Tally, wants: &Wants) {
    let look = canvas.look();
    let interval = wilson(all.all_missed(), all.wanted);
    let dark = shade(&MISSED, 0.75);
    canvas.text((left, top + 76.0), &percent(all.share()), canvas.pen(64.0).colour(dark).bold());
    let (missed, wanted) = (count(all.all_missed()), count(all.wanted));
    let of = look.say(format!("{missed} of {wanted} did not get it"), format!("{wanted} 次需求中 {missed} 次未服务"));
    canvas.text((left, top + 120.0), &of, canvas.pen(LABEL_PX));
    let [lo, hi] = [interval.lo, interval.hi].map(percent_1);
    let range = look.say(format!("95% interval {lo} to {hi}"), format!("95% 置信区间 {lo} 至 {hi}"));
    canvas.text((left, top + 152.0), &range, canvas.pen(AXIS_PX));
    let most = all.missed.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return;
    }
    let room = RIGHT - left - 190.0;
    let mut y = top + 222.0;
    for ((name, _), n) in causes(look).into_iter().zip(all.missed) {
        canvas.text((left, y), name, canvas.pen(AXIS_PX).ink());
        let long = room * n as f64 / most as f64;
        canvas.rect((left, y + 12.0), (left + long.max(2.0), y + 38.0), dark);
        let share = percent(n as f64 / all.all_missed() as f64);
        let words = if n == 0 { "0".to_owned() } else { format!("{} ({share})", count(n)) };
        canvas.text((left + long.max(2.0) + 12.0, y + 33.0), &words, canvas.pen(AXIS_PX).ink().bold());
        y += 84.0;
    }
    let [left_without, cancelled, parcel] = wants.fates;
    let fates = [
        (left_without, look.say("left without an order", "次离开未下单")),
        (cancelled, look.say("cancelled", "单取消")),
        (parcel, look.say("were sent a parcel instead", "单改发包裹")),
    ];
    let fates: Vec<String> =
        fates.iter().filter(|(n, _)| *n > 0).map(|(n, words)| format!("{} {words}", count(*n))).collect();
    let fates = fates.join(look.say(", ", "，"));
    for (place, line) in wrapped(&fates, canvas.pen(AXIS_PX), RIGHT - left).iter().enumerate() {
        canvas.text((left, y + 14.0 + 30.0 * place as f64), line, canvas.pen(AXIS_PX));
    }
}

fn key(canvas: &mut Canvas<'_>, (left, top): Point, cells: &Cells, stores: usize) {
    let (look, mut y) = (canvas.look(), top);
    if stores > 0 {
        triangle(canvas, (left + 18.0, y - 8.0), 7.5, INK);
        canvas.text((left + 54.0, y), &look.plural(stores, "near-field store", "家近场门店"), canvas.pen(22.0));
        y += 38.0;
    }
    if cells.cells.iter().any(|cell| (1..cells.enough).contains(&cell.wanted)) {
        let n = count(cells.enough);
        let thin = look.say(format!("Under {n} who wanted"), format!("需求不足 {n} 次"));
        patch(canvas, (left, y), THIN, &thin);
        y += 38.0;
    }
    if cells.cells.iter().any(|cell| cell.wanted == 0) {
        patch(canvas, (left, y), GROUND, look.say("Nobody wanted it", "无需求"));
    }
}

fn table(cells: &Cells) -> Table {
    let mut table = Table::new(&[
        "cell_x_km",
        "cell_y_km",
        "cell_km",
        "wanted",
        "missed_stock",
        "missed_reach",
        "missed_wait",
        "missed_capacity",
        "missed_share",
        "lo95",
        "hi95",
        "compared",
    ]);
    for (index, cell) in cells.cells.iter().enumerate().filter(|(_, cell)| cell.wanted > 0) {
        let share = wilson(cell.all_missed(), cell.wanted);
        let counts = [cell.wanted].into_iter().chain(cell.missed).map(|n| n.to_string());
        let shares = [share.mean, share.lo, share.hi].map(exact);
        let place = cells.grid.corner_km(index).into_iter().chain([exact(cells.grid.side_m / 1000.0)]);
        let compared = (cell.wanted >= cells.enough).to_string();
        table.push(place.chain(counts).chain(shares).chain([compared]));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::City;

    #[test]
    fn the_main_cause_is_named_only_beyond_chance() {
        let tally = |missed| Tally { wanted: 1000, missed };
        assert_eq!(tally([30, 25, 0, 0]).main_cause(), None);
        assert_eq!(tally([10, 60, 0, 3]).main_cause(), Some(1));
        assert_eq!(tally([0; 4]).main_cause(), None);
    }

    #[test]
    fn everybody_is_counted_once_and_the_title_says_how_many_missed_it() {
        let chart = City::default().chart(SLUG);
        let rows: Vec<Vec<&str>> = chart.csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
        let sum = |columns: std::ops::Range<usize>| -> usize {
            rows.iter().flat_map(|row| row[columns.clone()].iter().map(|cell| cell.parse::<usize>().unwrap())).sum()
        };
        let (wanted, missed) = (sum(3..4), sum(4..8));
        let said = format!("{} of {} who wanted near-field did not get it", count(missed), count(wanted));
        assert!(missed > 100 && chart.alt.contains(&said), "{said}: {}", chart.alt);
        let share = percent(missed as f64 / wanted as f64);
        assert!(chart.title.starts_with(&format!("{share} of those who wanted near-field")), "{}", chart.title);
    }

    #[test]
    fn nobody_who_wanted_it_is_said() {
        let chart = City { orders: 0, lost: 0, ..City::default() }.chart(SLUG);
        assert!(chart.title.starts_with("Nobody wanted near-field"), "{}", chart.title);
        let served = City { orders: 500, lost: 0, cancel_chance: 0.0, ..City::default() }.chart(SLUG);
        assert!(served.title.starts_with("Everyone who wanted near-field got it"), "{}", served.title);
    }
}
