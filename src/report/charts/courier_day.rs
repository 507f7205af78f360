//! Room: report. Chart 5: what do couriers do through the day? Couriers on duty by state, stacked.

use super::through_the_day::{Layer, clock_ticks, key, stack};
use crate::report::canvas::Canvas;
use crate::report::data::CourierStates;
use crate::report::layout::{self, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, Words};
use crate::report::look::Pair;
use crate::report::palette::{AT_DROPOFF, AT_PICKUP, IDLE, INK, REPOSITIONING, Rgb, TO_DROPOFF, TO_PICKUP};
use crate::report::table::{Table, exact, rounded};
use crate::report::wording::{clock, count, number, percent};
use crate::report::{Chart, RunView};
use crate::scenario::Language;

const SLUG: &str = "05-courier-day";
const BUCKET_S: f64 = 900.0;
const BUCKETS_PER_HOUR: usize = 4;

/// States from the axis upwards: (word in the frame, words for a reader, colour). Busy are those before [`EMPTY_STATE`]: a ride without an order serves nobody.
const STATES: [(&str, Pair, Rgb); 6] = [
    ("to_dropoff", ("Riding to the door", "送货途中"), TO_DROPOFF),
    ("at_dropoff", ("At the door", "上门交付"), AT_DROPOFF),
    ("to_pickup", ("Riding to the store", "前往门店"), TO_PICKUP),
    ("at_pickup", ("Waiting at the store", "在店等候"), AT_PICKUP),
    ("repositioning", ("Riding without an order", "空驶"), REPOSITIONING),
    ("idle", ("Idle", "空闲"), IDLE),
];
const EMPTY_STATE: usize = STATES.len() - 2;

/// Mean number of couriers by state (as in [`STATES`]) and bucket.
struct Day {
    couriers: [Vec<f64>; STATES.len()],
}

impl Day {
    fn of(states: &CourierStates, horizon_s: f64) -> Day {
        let used = states.start_s.iter().zip(&states.couriers).filter(|(_, couriers)| **couriers > 0.0);
        let last_s = used.map(|(start_s, _)| start_s + BUCKET_S).fold(horizon_s, f64::max);
        let buckets = ((last_s / BUCKET_S) - 1e-9).ceil().max(1.0) as usize;
        let mut couriers: [Vec<f64>; STATES.len()] = std::array::from_fn(|_| vec![0.0; buckets]);
        for row in 0..states.start_s.len() {
            let state = STATES.iter().position(|(word, _, _)| *word == states.state[row]);
            let bucket = (states.start_s[row] / BUCKET_S).round();
            if let (Some(state), true) = (state, (0.0..buckets as f64).contains(&bucket)) {
                couriers[state][bucket as usize] += states.couriers[row];
            }
        }
        Day { couriers }
    }
    fn buckets(&self) -> usize {
        self.couriers[0].len()
    }
    fn busy(&self, bucket: usize) -> f64 {
        (0..EMPTY_STATE).map(|state| self.couriers[state][bucket]).sum()
    }
    fn on_duty(&self, bucket: usize) -> f64 {
        self.couriers.iter().map(|couriers| couriers[bucket]).sum()
    }
    fn sum(&self, buckets: std::ops::Range<usize>, what: impl Fn(&Day, usize) -> f64) -> f64 {
        buckets.map(|bucket| what(self, bucket)).sum()
    }
    /// First bucket of the hour with most busy courier time; the first of equals.
    fn busiest_hour(&self) -> std::ops::Range<usize> {
        let hour = |first: usize| first..(first + BUCKETS_PER_HOUR).min(self.buckets());
        let starts = 0..=self.buckets().saturating_sub(BUCKETS_PER_HOUR);
        let best = starts.rev().max_by(|&a, &b| self.sum(hour(a), Day::busy).total_cmp(&self.sum(hour(b), Day::busy)));
        hour(best.unwrap_or(0))
    }
    fn busy_share(&self, buckets: std::ops::Range<usize>) -> f64 {
        self.sum(buckets.clone(), Day::busy) / self.sum(buckets, Day::on_duty)
    }
}

/// The chart.
pub(crate) fn chart(view: &RunView<'_>, states: &CourierStates, orders: usize) -> Chart {
    let day = Day::of(states, view.horizon_h * 3600.0);
    let all = 0..day.buckets();
    let look = view.look;
    let drawn =
        look.say("Couriers on duty by state, mean number per 15 minutes", "各状态的在岗骑手人数，每 15 分钟均值");
    let subtitle = format!("{drawn}{}", view.scenario_words());
    let note = look.say(
        "busy = on the way for an order, or at a store or door; share of courier time on duty",
        "忙碌 = 为订单在途、在店或在门口；占比以骑手在岗时间计",
    );
    let words = |title: String| Words { title, subtitle, source: view.source(orders, note) };
    if day.sum(all.clone(), Day::on_duty) <= 0.0 {
        let (title, why) = look.say(
            ("No courier was on duty in this run", "Nothing to draw: no courier was on duty."),
            ("本次模拟没有骑手在岗", "无图可画：没有骑手在岗。"),
        );
        return Chart::nothing(look, SLUG, words(title.to_owned()), why, table(&day, view));
    }
    let hour = day.busiest_hour();
    let between = hours_words(&hour, view);
    let whole = percent(day.busy_share(all));
    let then = percent(day.busy_share(hour.clone()));
    let idle = day.sum(0..day.buckets(), Day::busy) <= 0.0;
    let title = match look.language {
        Language::En if idle => "Couriers are idle all day: none carries an order".to_owned(),
        Language::En if whole == then => {
            format!("Couriers are busy {whole} of their time, no more in the busiest hour, {between}")
        }
        Language::En => format!("Couriers are busy {whole} of their time, {then} in the busiest hour, {between}"),
        Language::Zh if idle => "骑手全天空闲：没有人承接订单".to_owned(),
        Language::Zh if whole == then => format!("骑手有 {whole} 的在岗时间在忙，最忙的 {between} 也不更高"),
        Language::Zh => format!("骑手有 {whole} 的在岗时间在忙，最忙的 {between} 达到 {then}"),
    };
    let busiest = busiest_words(&day, &hour, view);
    let alt = match look.language {
        Language::En => format!("Stacked areas of couriers by state. Busiest hour {between}: {busiest}."),
        Language::Zh => format!("各状态骑手人数的堆叠面积图。最忙的一小时 {between}：{busiest}。"),
    };
    Chart::draw(look, SLUG, words(title), alt, table(&day, view), |canvas, top| draw(canvas, top, &day, &hour, view))
}

fn hours_words(hour: &std::ops::Range<usize>, view: &RunView<'_>) -> String {
    view.look.clock_range(hour.start as f64 * BUCKET_S, hour.end as f64 * BUCKET_S, view.start_hour)
}

fn busiest_words(day: &Day, hour: &std::ops::Range<usize>, view: &RunView<'_>) -> String {
    let mean = |what: fn(&Day, usize) -> f64| day.sum(hour.clone(), what) / hour.len() as f64;
    let couriers = |value: f64| number(value, if value < 9.95 { 1 } else { 0 });
    let (busy, on_duty) = (couriers(mean(Day::busy)), couriers(mean(Day::on_duty)));
    view.look.say(format!("{busy} of {on_duty} couriers busy"), format!("在岗 {on_duty} 人，忙碌 {busy} 人"))
}

fn draw(canvas: &mut Canvas<'_>, top: f64, day: &Day, hour: &std::ops::Range<usize>, view: &RunView<'_>) {
    let (left, right) = (LEFT + 74.0, RIGHT - 330.0);
    let top = top + 44.0;
    let all = 0..day.buckets();
    let highest = all.clone().map(|bucket| day.on_duty(bucket)).fold(0.0, f64::max);
    let ticks = layout::round_ticks(0.0, highest, 4, 1.0);
    let y = Scale::linear((0.0, ticks[ticks.len() - 1]), (BOTTOM, top));
    let seconds = day.buckets() as f64 * BUCKET_S;
    let x = Scale::linear((0.0, seconds), (left, right));
    let named: Vec<(f64, String)> = ticks.iter().map(|&tick| (tick, count(tick as usize))).collect();
    layout::rows(canvas, &named, y, (left, right));
    let on_duty = day.sum(all.clone(), Day::on_duty);
    let layers: Vec<Layer> = (0..STATES.len())
        .map(|state| Layer {
            name: view.look.word(STATES[state].1),
            detail: {
                let share = percent(day.couriers[state].iter().sum::<f64>() / on_duty);
                view.look.say(format!("{share} of time on duty"), format!("占在岗时间 {share}"))
            },
            colour: STATES[state].2,
            values: day.couriers[state].clone(),
        })
        .filter(|layer| layer.values.iter().any(|&couriers| couriers > 0.0))
        .collect();
    let middles: Vec<f64> = all.map(|bucket| (bucket as f64 + 0.5) * BUCKET_S).collect();
    stack(canvas, &layers, &middles, x, y);
    layout::axis(canvas, &clock_ticks(view.look, view.start_hour, seconds / 3600.0), x, BOTTOM, (left, right));
    let (from, to) = (x.px(hour.start as f64 * BUCKET_S), x.px(hour.end as f64 * BUCKET_S));
    bracket(canvas, (from, to), top - 16.0);
    let (between, busiest) = (hours_words(hour, view), busiest_words(day, hour, view));
    let words = view.look.say(format!("Busiest hour {between}: {busiest}"), format!("最忙一小时 {between}：{busiest}"));
    canvas.text_within(((from + to) / 2.0, top - 32.0), &words, canvas.pen(LABEL_PX).ink().middle(), (left, right));
    key(canvas, &layers, right + 32.0, (top, BOTTOM));
}

/// A bracket above the hours called out, with thin lines down through them.
fn bracket(canvas: &mut Canvas<'_>, (from, to): (f64, f64), y: f64) {
    canvas.path(&[(from, y + 10.0), (from, y), (to, y), (to, y + 10.0)], INK, 2.0);
    for x in [from, to] {
        canvas.dashes((x, y + 10.0), (x, BOTTOM), INK, 1.5);
    }
}

fn table(day: &Day, view: &RunView<'_>) -> Table {
    let mut table = Table::new(&[
        "bucket_start_s",
        "clock",
        "to_dropoff",
        "at_dropoff",
        "to_pickup",
        "at_pickup",
        "repositioning",
        "idle",
    ]);
    for bucket in 0..day.buckets() {
        let start_s = bucket as f64 * BUCKET_S;
        let mut row = vec![exact(start_s), clock(start_s, view.start_hour)];
        row.extend(day.couriers.iter().map(|couriers| rounded(couriers[bucket], 6)));
        table.push(row);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ride_without_an_order_is_on_duty_but_not_busy() {
        let states = CourierStates {
            start_s: vec![0.0; 3],
            state: ["to_pickup", "repositioning", "idle"].map(String::from).to_vec(),
            couriers: vec![1.0, 2.0, 5.0],
        };
        let day = Day::of(&states, 900.0);
        assert_eq!((day.busy(0), day.on_duty(0)), (1.0, 8.0));
    }
}
