//! Room: report. Chart 21: what became of the same people? Flows between channels, from base to what-if.

use crate::report::canvas::{Canvas, Pen, Point};
use crate::report::layout::{AXIS_PX, BOTTOM, LABEL_PX, LEFT, RIGHT, Words, declutter, shortened};
use crate::report::measure::{Interval, paired_source};
use crate::report::palette::{GREY, INK, MUTED, PAPER, Rgb, THIN, mix};
use crate::report::table::{Table, exact};
use crate::report::wording::{number, percent, signed};
use crate::report::{Chart, Look, Theme};
use crate::scenario::Language;

const SLUG: &str = "21-session-moves";
/// Moves that are listed beside the flows.
const MOST_LISTED: usize = 7;

/// Where somebody stands in one of the scenarios.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Station {
    /// Brought by courier from a store.
    Near,
    /// Sent as a parcel.
    Far,
    /// Fetched from a store.
    Pickup,
    /// Came and went without.
    Without,
    /// Did not come.
    Absent,
}

/// Those who stand at one station in the base and at one in the what-if.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SessionFlow {
    /// In the base.
    pub from: Station,
    /// In the what-if.
    pub to: Station,
    /// How many a day.
    pub count: Interval,
}

/// All the chart is made from.
#[derive(Clone, Copy, Debug)]
pub struct MovesView<'a> {
    /// Flows; each pair of stations at most once.
    pub flows: &'a [SessionFlow],
    /// `session` or `order`.
    pub unit: &'a str,
    /// How many of those who moved a table of classes counts as rescued from a stock-out, mean number of a run.
    pub rescued: f64,
    /// Label of the base scenario.
    pub base: &'a str,
    /// Label of the what-if scenario.
    pub whatif: &'a str,
    /// The run: version, both hashes, seed.
    pub source: &'a str,
    /// Pairs of replications.
    pub replications: u32,
    /// Confidence of the intervals in percent, such as `95`.
    pub percent: &'a str,
    /// Language and theme.
    pub look: &'a Look,
}

impl Station {
    const ALL: [Station; 5] = [Station::Near, Station::Far, Station::Pickup, Station::Without, Station::Absent];

    fn words(self, look: &Look) -> &'static str {
        match self {
            Station::Near => look.say("Near-field", "近场"),
            Station::Far => look.say("Far-field", "远场"),
            Station::Pickup => look.say("Pick-up", "到店自提"),
            Station::Without => look.say("Went without", "未下单"),
            Station::Absent => look.say("Did not come", "未到访"),
        }
    }
    fn colour(self, theme: &Theme) -> Rgb {
        match self {
            Station::Near => theme.near(),
            Station::Far => theme.far(),
            Station::Pickup => theme.pickup(),
            Station::Without => MUTED,
            Station::Absent => THIN,
        }
    }
}

impl SessionFlow {
    fn moved(&self) -> bool {
        self.from != self.to
    }
    fn words(&self, look: &Look) -> String {
        format!("{} → {}", self.from.words(look), self.to.words(look).to_lowercase())
    }
}

/// The chart.
pub(crate) fn chart(view: &MovesView<'_>) -> Chart {
    let happens = view.flows.iter().filter(|flow| flow.count.mean > 0.0);
    let flows: Vec<SessionFlow> = happens.map(|flow| SessionFlow { count: counted(flow.count), ..*flow }).collect();
    let all: f64 = flows.iter().map(|flow| flow.count.mean).sum();
    let mut moved: Vec<SessionFlow> = flows.iter().filter(|flow| flow.moved()).copied().collect();
    // Stable: equal numbers keep the order of the flows.
    moved.sort_by(|a, b| b.count.mean.total_cmp(&a.count.mean));
    let (look, base, whatif) = (view.look, view.base.trim(), view.whatif.trim());
    let subtitle = look.say(
        format!("The same {}s in “{base}” (left) and “{whatif}” (right), mean number of a run", view.unit),
        format!("同一批{}在“{base}”（左）与“{whatif}”（右）中的去向，每次运行的均值", unit_zh(view)),
    );
    let mut note = look.say(
        format!("the same person with the same basket on both sides; ± = half of the {}% interval", view.percent),
        format!("两侧为同一消费者、同一购物篮；± 为 {}% 置信区间的一半", view.percent),
    );
    if view.rescued > 0.0 {
        let rescued = number(view.rescued, 0);
        note += &look.say(
            format!("; {rescued} of the moves are rescued from a stock-out, which the table counts apart"),
            format!("；其中 {rescued} 为从缺货中挽回，在表中单列"),
        );
    }
    let words = Words {
        title: title(view, &moved, all),
        subtitle,
        source: paired_source(view.source, view.replications, &note, look),
    };
    if flows.is_empty() {
        return Chart::nothing(
            view.look,
            SLUG,
            words,
            look.say("Nothing to draw: nobody came in either scenario.", "无图可画：两个方案都没有消费者到访。"),
            table(&flows, all),
        );
    }
    let say = |flow: &SessionFlow| format!("{} {}", flow.words(look), number(flow.count.mean, 0));
    let all_flows = flows.iter().map(say).collect::<Vec<_>>().join("; ");
    let alt = look.say(format!("Flows: {all_flows}."), format!("流向：{all_flows}。"));
    Chart::draw(view.look, SLUG, words, alt, table(&flows, all), |canvas, top| draw(canvas, top, view, &flows, &moved))
        .taking(takeaway(view, &flows, &moved))
}

/// What each station gains or loses in all, by the means, and how the largest flows of both ways add up to it.
fn takeaway(view: &MovesView<'_>, flows: &[SessionFlow], moved: &[SessionFlow]) -> String {
    let look = view.look;
    let sum = |end: fn(&SessionFlow) -> Station, station: Station| {
        flows.iter().filter(|flow| end(flow) == station).map(|flow| flow.count.mean).sum::<f64>()
    };
    let net = |station: Station| sum(|flow| flow.to, station) - sum(|flow| flow.from, station);
    let changed = |station: &Station| net(*station).abs() >= 0.5;
    let nets: Vec<String> = Station::ALL
        .into_iter()
        .filter(changed)
        .map(|station| format!("{} {}", station.words(look).to_lowercase(), signed(net(station), 0)))
        .collect();
    match nets.is_empty() {
        true => look.say(
            format!("No channel gains or loses {}s by the means.", view.unit),
            "按均值计，没有渠道净增或净减。".to_owned(),
        ),
        false => {
            let all = number(moved.iter().map(|flow| flow.count.mean).sum(), 0);
            look.say(
                format!("Net, by the means: {} {}s; {all} change sides in all.", nets.join(", "), view.unit),
                format!("按均值计的净变化（{}）：{}；共有 {all} 改变去向。", unit_zh(view), nets.join("，")),
            )
        }
    }
}

/// What is followed, in Chinese.
fn unit_zh(view: &MovesView<'_>) -> &'static str {
    if view.unit == "session" { "访问" } else { "订单" }
}

/// A count is never below zero, whatever its interval by the normal distribution.
fn counted(count: Interval) -> Interval {
    // A comparison, since `max` would make a number of an end that is not known.
    Interval { lo: if count.lo < 0.0 { 0.0 } else { count.lo }, ..count }
}

/// How many moved and which move is the largest, if it surely is; of moves that chance alone may make none is named.
fn title(view: &MovesView<'_>, moved: &[SessionFlow], all: f64) -> String {
    let look = view.look;
    let whatif = view.whatif.trim();
    let sum: f64 = moved.iter().map(|flow| flow.count.mean).sum();
    let Some(first) = moved.first() else {
        return match all > 0.0 {
            true => look.say(
                format!("{whatif}: every {} ends as in the base", view.unit),
                format!("{whatif}：每次{}的去向都与基准相同", unit_zh(view)),
            ),
            false => look.say(
                format!("{whatif}: nothing to compare, nobody came"),
                format!("{whatif}：没有消费者到访，无法比较"),
            ),
        };
    };
    // One that varies much may be the largest by its mean and yet be chance.
    let named = moved.iter().find(|flow| flow.count.clear());
    let largest = named.map_or(String::new(), |flow| {
        let (count, share) = (number(flow.count.mean, 0), percent(flow.count.mean / all));
        format!("{}, {count} ({share})", flow.words(look).to_lowercase())
    });
    let surely = first.count.clear() && moved.get(1).is_none_or(|second| first.count.above(&second.count));
    if look.language == Language::Zh {
        let (share, unit) = (percent(sum / all), unit_zh(view));
        return match (first.count.judged(), named.is_some()) {
            (false, _) => format!("{whatif}：在一对重复运行中 {share} 的{unit}去向改变"),
            (_, false) => format!("{whatif}：渠道之间没有超出随机波动的转移"),
            _ if surely => format!("{whatif}：{share} 的{unit}去向改变，最大的转移是{largest}"),
            _ => format!("{whatif}：{share} 的{unit}去向改变，其中{largest}"),
        };
    }
    match (first.count.judged(), named.is_some()) {
        (false, _) => format!("{whatif}: {} of {}s end otherwise in one pair of runs", percent(sum / all), view.unit),
        (_, false) => format!("{whatif}: no move between channels beyond chance"),
        _ if surely => {
            format!("{whatif}: {} of {}s end otherwise; the largest move is {largest}", percent(sum / all), view.unit)
        }
        _ => format!("{whatif}: {} of {}s end otherwise, among them {largest}", percent(sum / all), view.unit),
    }
}

/// One side: each station's top and bottom on the sheet.
struct Side {
    places: Vec<(Station, f64, f64, f64)>,
}

impl Side {
    fn of(flows: &[SessionFlow], end: fn(&SessionFlow) -> Station, (top, bottom): (f64, f64)) -> Side {
        const GAP: f64 = 26.0;
        let sum = |station: Station| {
            flows.iter().filter(|flow| end(flow) == station).map(|flow| flow.count.mean).sum::<f64>()
        };
        let used: Vec<(Station, f64)> =
            Station::ALL.into_iter().map(|station| (station, sum(station))).filter(|(_, sum)| *sum > 0.0).collect();
        let all: f64 = used.iter().map(|(_, sum)| sum).sum();
        // The same height an order on both sides, whatever the number of gaps.
        let per = (bottom - top - GAP * (Station::ALL.len() as f64 - 1.0)) / all;
        let mut y = top;
        let places = used.into_iter().map(|(station, sum)| {
            let place = (station, y, y + sum * per, sum);
            y = place.2 + GAP;
            place
        });
        Side { places: places.collect() }
    }
    fn place(&self, station: Station) -> (f64, f64, f64) {
        let found = self.places.iter().find(|place| place.0 == station);
        found.map_or((0.0, 0.0, 1.0), |&(_, top, bottom, sum)| (top, bottom, sum))
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, view: &MovesView<'_>, flows: &[SessionFlow], moved: &[SessionFlow]) {
    let look = view.look;
    const WIDE: f64 = 26.0;
    let (left, right) = (LEFT + 270.0, RIGHT - 830.0);
    let (top, bottom) = (top + 44.0, BOTTOM + 40.0);
    let from = Side::of(flows, |flow| flow.from, (top, bottom));
    let to = Side::of(flows, |flow| flow.to, (top, bottom));
    let heading = canvas.pen(AXIS_PX).ink().bold();
    let listed = RIGHT - 500.0;
    let base = shortened(view.base.trim(), heading, left + WIDE - LEFT);
    canvas.text((left + WIDE, top - 20.0), &base, heading.end());
    let whatif = shortened(view.whatif.trim(), heading, listed - 24.0 - right);
    canvas.text((right, top - 20.0), &whatif, heading);
    // What stays lies below what moves; each takes its piece of both bars in the order of the stations.
    for pass in [false, true] {
        let (mut out, mut into) = ([0.0; 5], [0.0; 5]);
        for flow in ordered(flows) {
            let ((a_top, a_bottom, a_sum), (b_top, b_bottom, b_sum)) = (from.place(flow.from), to.place(flow.to));
            let (a, b) = (index(flow.from), index(flow.to));
            let start = a_top + (a_bottom - a_top) * out[a] / a_sum;
            let end = b_top + (b_bottom - b_top) * into[b] / b_sum;
            let high = (a_bottom - a_top) * flow.count.mean / a_sum;
            out[a] += flow.count.mean;
            into[b] += flow.count.mean;
            if flow.moved() == pass {
                ribbon(canvas, (left + WIDE, start), (right, end), high.max(1.5), colour(&flow, canvas.theme()));
            }
        }
    }
    for (side, x, at_left) in [(&from, left, true), (&to, right, false)] {
        let all: f64 = side.places.iter().map(|place| place.3).sum();
        let wanted: Vec<f64> = side.places.iter().map(|place| (place.1 + place.2) / 2.0).collect();
        let labels = declutter(&wanted, 62.0, (top + 20.0, bottom - 20.0));
        for (&(station, above, below, sum), y) in side.places.iter().zip(labels) {
            canvas.rect((x, above), (x + WIDE, below.max(above + 2.0)), station.colour(canvas.theme()));
            let (at, pen) =
                if at_left { (x - 18.0, canvas.pen(LABEL_PX).end()) } else { (x + WIDE + 18.0, canvas.pen(LABEL_PX)) };
            canvas.text(
                (at, y - 3.0),
                station.words(look),
                pen.colour(if station == Station::Absent { MUTED } else { station.colour(canvas.theme()) }).bold(),
            );
            let words = format!("{} ({})", number(sum, 0), percent(sum / all));
            canvas.text((at, y + 25.0), &words, Pen { px: AXIS_PX, ..pen });
        }
    }
    let all: f64 = flows.iter().map(|flow| flow.count.mean).sum();
    list(canvas, (listed, top), moved, all);
}

fn index(station: Station) -> usize {
    Station::ALL.iter().position(|known| *known == station).unwrap_or(0)
}

/// By station on both sides, so that ribbons cross as little as they can.
fn ordered(flows: &[SessionFlow]) -> Vec<SessionFlow> {
    let mut flows = flows.to_vec();
    flows.sort_by_key(|flow| (index(flow.from), index(flow.to)));
    flows
}

fn colour(flow: &SessionFlow, theme: &Theme) -> Rgb {
    match (flow.moved(), flow.to) {
        (false, station) => mix(station.colour(theme), PAPER, 0.82),
        (true, Station::Without | Station::Absent) => GREY,
        (true, station) => mix(station.colour(theme), PAPER, 0.25),
    }
}

/// A band of one height that swings from one place to another.
fn ribbon(canvas: &mut Canvas<'_>, from: Point, to: Point, high: f64, colour: Rgb) {
    const STEPS: usize = 32;
    let at = |step: usize, down: f64| {
        let part = step as f64 / STEPS as f64;
        let swing = part * part * (3.0 - 2.0 * part);
        (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * swing + down)
    };
    let upper = (0..=STEPS).map(|step| at(step, 0.0));
    let lower = (0..=STEPS).rev().map(|step| at(step, high));
    canvas.polygon(&upper.chain(lower).collect::<Vec<_>>(), colour);
}

/// The largest moves with their numbers.
fn list(canvas: &mut Canvas<'_>, (left, top): Point, moved: &[SessionFlow], all: f64) {
    let look = canvas.look();
    canvas.text((left, top - 20.0), look.say("What changed", "变化的去向"), canvas.pen(AXIS_PX).ink().bold());
    let mut y = top + 30.0;
    for flow in moved.iter().take(MOST_LISTED) {
        canvas.rect((left, y - 24.0), (left + 10.0, y + 40.0), colour(flow, canvas.theme()));
        let name = canvas.pen(LABEL_PX).ink().bold();
        canvas.text((left + 26.0, y), &shortened(&flow.words(look), name, RIGHT - left - 26.0), name);
        let half = match flow.count {
            count if !count.judged() => String::new(),
            count if count.clear() => format!(" ± {}", number(count.hi - count.mean, 0)),
            count => look.say(
                format!(" ({} to {})", number(count.lo, 0), number(count.hi, 0)),
                format!("（{} 至 {}）", number(count.lo, 0), number(count.hi, 0)),
            ),
        };
        let (count, share) = (number(flow.count.mean, 0), percent(flow.count.mean / all));
        let words = look.say(format!("{count}{half}, {share} of all"), format!("{count}{half}，占 {share}"));
        canvas.text((left + 26.0, y + 32.0), &words, canvas.pen(AXIS_PX));
        y += 92.0;
    }
    if moved.is_empty() {
        canvas.text((left, y), look.say("nothing", "无"), canvas.pen(LABEL_PX).colour(INK));
    } else if moved.len() > MOST_LISTED {
        let rest: f64 = moved.iter().skip(MOST_LISTED).map(|flow| flow.count.mean).sum();
        let more = look.plural(moved.len() - MOST_LISTED, "further move", "种其他转移");
        let words = format!("{more}: {}", number(rest, 0));
        canvas.text((left + 26.0, y), &words, canvas.pen(AXIS_PX));
    }
}

fn table(flows: &[SessionFlow], all: f64) -> Table {
    let mut table = Table::new(&["base", "whatif", "mean", "lo", "hi", "share"]);
    for flow in flows {
        let numbers = [flow.count.mean, flow.count.lo, flow.count.hi, flow.count.mean / all].map(exact);
        let words = [flow.from, flow.to].map(|station| station.words(Look::plain()).to_lowercase());
        table.push(words.into_iter().chain(numbers));
    }
    table
}

#[cfg(test)]
pub(crate) mod tests {
    use super::Station::{Absent, Far, Near, Pickup, Without};
    use super::*;

    pub(crate) fn flows() -> Vec<SessionFlow> {
        let flow = |from, to, mean, half| SessionFlow { from, to, count: Interval::new(mean, half) };
        vec![
            flow(Near, Near, 4_912.0, 60.0),
            flow(Near, Far, 84.0, 11.0),
            flow(Near, Without, 41.0, 9.0),
            flow(Far, Near, 1_206.0, 31.0),
            flow(Far, Far, 9_840.0, 90.0),
            flow(Far, Pickup, 61.0, 8.0),
            flow(Pickup, Near, 133.0, 14.0),
            flow(Pickup, Pickup, 720.0, 25.0),
            flow(Without, Near, 388.0, 20.0),
            flow(Without, Far, 52.0, 9.0),
            flow(Without, Without, 3_105.0, 66.0),
        ]
    }

    pub(crate) fn chart_of(flows: &[SessionFlow]) -> Chart {
        let source = "nearfar 0.1.0 · scenarios 3f9c1a2b and 81aa02ce · seed 20251111";
        let (base, whatif) = ("Baseline city", "200 more couriers");
        chart(&MovesView {
            look: Look::plain(),
            flows,
            unit: "session",
            rescued: 0.0,
            base,
            whatif,
            source,
            replications: 10,
            percent: "95",
        })
    }

    #[test]
    fn the_title_names_the_largest_move_only_if_it_surely_is() {
        let chart = chart_of(&flows());
        assert_eq!(
            chart.title,
            "200 more couriers: 10% of sessions end otherwise; the largest move is far-field → near-field, 1,206 (6%)"
        );
        assert_eq!(chart.csv.lines().count(), 12);
        let close = [
            SessionFlow { from: Far, to: Near, count: Interval::new(100.0, 30.0) },
            SessionFlow { from: Far, to: Pickup, count: Interval::new(90.0, 30.0) },
        ];
        assert!(chart_of(&close).title.contains("among them"), "{}", chart_of(&close).title);
        let doubtful = [SessionFlow { from: Far, to: Near, count: Interval::new(1.0, 3.0) }];
        assert!(chart_of(&doubtful).title.ends_with("no move between channels beyond chance"));
        let single = [SessionFlow { from: Far, to: Near, count: Interval::new(1.0, f64::NAN) }];
        assert!(chart_of(&single).title.ends_with("in one pair of runs"));
    }

    #[test]
    fn a_clear_move_is_named_though_one_of_chance_is_larger_by_its_mean() {
        let chart = chart_of(&[
            SessionFlow { from: Near, to: Without, count: Interval::new(240.0, 441.3) },
            SessionFlow { from: Without, to: Near, count: Interval::new(221.0, 35.0) },
            SessionFlow { from: Far, to: Near, count: Interval::new(47.0, 9.0) },
        ]);
        assert!(chart.title.ends_with("among them went without → near-field, 221 (44%)"), "{}", chart.title);
        assert!(chart.csv.contains("near-field,went without,240,0,681.3,"), "{}", chart.csv);
    }

    #[test]
    fn those_rescued_from_a_stock_out_are_said_to_stand_apart_in_the_table() {
        let flows = flows();
        let view = |rescued| MovesView {
            look: Look::plain(),
            flows: &flows,
            unit: "session",
            rescued,
            base: "Baseline city",
            whatif: "200 more couriers",
            source: "nearfar 0.1.0",
            replications: 10,
            percent: "95",
        };
        assert!(
            chart(&view(37.4))
                .source
                .ends_with("37 of the moves are rescued from a stock-out, which the table counts apart")
        );
        assert!(!chart(&view(0.0)).source.contains("rescued"));
    }

    #[test]
    fn nothing_and_no_change_are_said() {
        assert!(chart_of(&[]).title.contains("nobody came"));
        let same = [SessionFlow { from: Absent, to: Absent, count: Interval::new(5.0, 1.0) }];
        assert!(chart_of(&same).title.ends_with("every session ends as in the base"));
    }
}
