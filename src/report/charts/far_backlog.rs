//! Room: report. Chart 10: how far does the warehouse fall behind? Parcels given to it and not yet packed, through the run.

use super::through_the_day::clock_ticks;
use crate::city::Channel;
use crate::report::canvas::{Canvas, Point};
use crate::report::data::{Orders, Ways};
use crate::report::layout::{self, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, Words};
use crate::report::palette::{INK, PAPER, mix};
use crate::report::table::{Table, exact, rounded};
use crate::report::wording::{clock, count};
use crate::report::{Chart, RunView};
use crate::scenario::Language;

const SLUG: &str = "10-far-backlog";
const BUCKET_S: f64 = 900.0;

/// What waits in the warehouse.
struct Backlog {
    /// Parcels given to it.
    parcels: usize,
    /// Most parcels waiting at a moment.
    most: usize,
    /// The first moment at which they did.
    peak_s: f64,
    /// When the last of them was packed after the peak; None if that never came.
    clear_s: Option<f64>,
    /// Parcels waiting at the end of each quarter of an hour, from the start of the run.
    waiting: Vec<usize>,
}

impl Backlog {
    fn of(orders: &Orders, ways: &Ways, horizon_s: f64) -> Backlog {
        let mine = |order: &usize| orders.channel[*order] == Some(Channel::Far) && ways.sent_far_s[*order].is_finite();
        let parcels: Vec<usize> = (0..orders.len()).filter(mine).collect();
        // A parcel counts even if it is packed at the moment it comes.
        let arrivals = parcels.iter().map(|&order| (ways.sent_far_s[order], 0, 1));
        let packed = parcels.iter().map(|&order| ways.packed_s[order]).filter(|packed| packed.is_finite());
        let mut steps: Vec<(f64, u8, i64)> = arrivals.chain(packed.map(|at| (at, 1, -1))).collect();
        steps.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (mut level, mut most, mut peak_s, mut clear_s) = (0i64, 0i64, 0.0, None);
        let end_s = steps.last().map_or(horizon_s, |last| last.0.max(horizon_s));
        let mut waiting = vec![0; (end_s / BUCKET_S - 1e-9).ceil().max(1.0) as usize];
        let mut bucket = 0;
        for (at, _, step) in steps {
            while bucket < waiting.len() && at > (bucket + 1) as f64 * BUCKET_S {
                waiting[bucket] = level.max(0) as usize;
                bucket += 1;
            }
            level += step;
            if level > most {
                (most, peak_s, clear_s) = (level, at, None);
            }
            if level == 0 && clear_s.is_none() {
                clear_s = Some(at);
            }
        }
        waiting.iter_mut().skip(bucket).for_each(|rest| *rest = level.max(0) as usize);
        Backlog { parcels: parcels.len(), most: most.max(0) as usize, peak_s, clear_s, waiting }
    }
}

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, orders: &Orders, ways: &Ways) -> Chart {
    let backlog = Backlog::of(orders, ways, view.horizon_h * 3600.0);
    let look = view.look;
    let drawn = look.say("Parcels given to the warehouse and not yet packed", "已下发中心仓、尚未打包的包裹，件");
    let subtitle = format!("{drawn}{}", view.scenario_words());
    let all = look.plural(backlog.parcels, "parcel", "件");
    let note = look.say(format!("{all} in all"), format!("包裹共 {all}"));
    let words = |title: String| Words { title, subtitle, source: view.source(orders.len(), &note) };
    if backlog.parcels == 0 {
        let (title, why) = look.say(
            ("No order was given to the warehouse in this run", "Nothing to draw: the warehouse got no order."),
            ("本次模拟没有订单下发到中心仓", "无图可画：中心仓没有收到订单。"),
        );
        return Chart::nothing(look, SLUG, words(title.to_owned()), why, table(&backlog, view));
    }
    let (at, most) = (look.clock(backlog.peak_s, view.start_hour), look.plural(backlog.most, "parcel", "件"));
    let later = backlog.clear_s.map(|clear_s| look.span((clear_s - backlog.peak_s) / 60.0));
    let title = match (look.language, later) {
        (Language::En, Some(later)) => {
            format!("The warehouse backlog peaks with {most} at {at} and is packed {later} later")
        }
        (Language::En, None) => {
            format!("The warehouse backlog peaks with {most} at {at} and is not cleared by the end")
        }
        (Language::Zh, Some(later)) => format!("中心仓积压在 {at} 达到峰值 {most}，{later}后清空"),
        (Language::Zh, None) => format!("中心仓积压在 {at} 达到峰值 {most}，到结束仍未清空"),
    };
    let alt = look.say(
        format!("Area of waiting parcels through the run; most {most} at {at}."),
        format!("待打包包裹数的面积图；最多 {most}（{at}）。"),
    );
    Chart::draw(look, SLUG, words(title), alt, table(&backlog, view), |canvas, top| draw(canvas, top, view, &backlog))
}

fn draw(canvas: &mut Canvas<'_>, top: f64, view: &RunView<'_>, backlog: &Backlog) {
    let (left, right, top) = (LEFT + 96.0, RIGHT - 40.0, top + 60.0);
    let ticks = layout::round_ticks(0.0, backlog.most as f64, 4, 1.0);
    let y = Scale::linear((0.0, ticks[ticks.len() - 1]), (BOTTOM, top));
    let seconds = backlog.waiting.len() as f64 * BUCKET_S;
    let x = Scale::linear((0.0, seconds), (left, right));
    let named: Vec<(f64, String)> = ticks.iter().map(|&tick| (tick, count(tick as usize))).collect();
    layout::rows(canvas, &named, y, (left, right));
    // The peak itself, which lies between two quarters of an hour, is part of the line.
    let ends = backlog.waiting.iter().enumerate().map(|(bucket, &n)| ((bucket + 1) as f64 * BUCKET_S, n as f64));
    let mut points: Vec<(f64, f64)> = [(0.0, 0.0)].into_iter().chain(ends).collect();
    points.push((backlog.peak_s, backlog.most as f64));
    points.extend(backlog.clear_s.map(|clear_s| (clear_s, 0.0)));
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let line: Vec<Point> = points.iter().map(|&(s, n)| (x.px(s), y.px(n))).collect();
    let floor = [(x.px(seconds), y.px(0.0)), (x.px(0.0), y.px(0.0))];
    canvas.polygon(&line.iter().copied().chain(floor).collect::<Vec<_>>(), mix(canvas.theme().far(), PAPER, 0.75));
    canvas.path(&line, canvas.theme().far(), 4.5);
    layout::axis(canvas, &clock_ticks(view.look, view.start_hour, seconds / 3600.0), x, BOTTOM, (left, right));
    let peak = (x.px(backlog.peak_s), y.px(backlog.most as f64));
    canvas.dot(peak, 9.0, canvas.theme().far());
    let look = view.look;
    let (at, most) = (look.clock(backlog.peak_s, view.start_hour), look.plural(backlog.most, "parcel", "件"));
    let words = look.say(format!("{at}: {most}"), format!("{at}：{most}"));
    let pen = canvas.pen(LABEL_PX).ink().bold().middle();
    // Words that would lie across the line of the end stand left of it.
    let end = backlog.clear_s.map(|clear_s| x.px(clear_s) - 14.0);
    let room = end.filter(|end| peak.0 + pen.width(&words) / 2.0 > *end && *end > left + pen.width(&words));
    canvas.text_within((peak.0, peak.1 - 24.0), &words, pen, (left, room.unwrap_or(RIGHT)));
    if let Some(clear_s) = backlog.clear_s {
        let at = x.px(clear_s);
        canvas.dashes((at, y.px(0.0)), (at, top - 14.0), INK, 2.0);
        let clock = look.clock(clear_s, view.start_hour);
        let words = look.say(format!("{clock}: all packed"), format!("{clock}：全部打包"));
        let pen = canvas.pen(LABEL_PX).ink().middle();
        // A backlog packed at once: its words stand above those of the peak.
        let close = (at - peak.0).abs() < pen.width(&words) + 60.0 && peak.1 - top < 40.0;
        canvas.text_within((at, top - if close { 60.0 } else { 26.0 }), &words, pen, (left, RIGHT));
    }
}

fn table(backlog: &Backlog, view: &RunView<'_>) -> Table {
    let mut table = Table::new(&["at_s", "clock", "parcels_waiting"]);
    let ends = backlog.waiting.iter().enumerate().map(|(bucket, &n)| ((bucket + 1) as f64 * BUCKET_S, n));
    let mut rows: Vec<(f64, usize)> = ends.collect();
    if backlog.parcels > 0 {
        rows.push((backlog.peak_s, backlog.most));
        rows.extend(backlog.clear_s.map(|clear_s| (clear_s, 0)));
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    for (at_s, waiting) in rows {
        table.push([rounded(at_s, 3), clock(at_s, view.start_hour), exact(waiting as f64)]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::City;

    fn backlog(times: &[(f64, f64)]) -> Backlog {
        let orders = Orders {
            placed_s: vec![0.0; times.len()],
            channel: vec![Some(Channel::Far); times.len()],
            ..Orders::default()
        };
        let ways = Ways {
            sent_far_s: times.iter().map(|time| time.0).collect(),
            packed_s: times.iter().map(|time| time.1).collect(),
            ..Ways::default()
        };
        Backlog::of(&orders, &ways, 3600.0)
    }

    #[test]
    fn parcels_wait_from_when_they_come_until_they_are_packed() {
        let found = backlog(&[(0.0, 1000.0), (100.0, 2000.0), (1000.0, 2500.0)]);
        // The third comes as the first is packed: it counts.
        assert_eq!((found.most, found.peak_s, found.clear_s), (3, 1000.0, Some(2500.0)));
        assert_eq!(found.waiting, [2, 2, 0, 0]);
        let never = backlog(&[(0.0, f64::NAN), (10.0, 20.0)]);
        assert_eq!((never.most, never.clear_s, never.waiting[3]), (2, None, 1));
    }

    #[test]
    fn the_title_says_peak_and_clearing() {
        let chart = City { orders: 4_000, ..City::default() }.chart(SLUG);
        assert!(chart.title.starts_with("The warehouse backlog peaks with ") && chart.title.ends_with(" later"));
        let near = City { orders: 50, near_chance: 99.0, stores: 4000, ..City::default() };
        let none = near.chart(SLUG);
        assert!(none.title.contains("backlog") || none.title.starts_with("No order was given"), "{}", none.title);
    }
}
