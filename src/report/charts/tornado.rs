//! Room: report. Chart 33: which inputs matter? One bar an input, from its low to its high level, the widest on top.

use crate::report::canvas::Canvas;
use crate::report::layout::{self, AXIS_PX, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, Words, shortened};
use crate::report::measure::{Interval, Measure, inside, named, places_of_step, source};
use crate::report::palette::{GRID, INK, MUTED, PAPER, mix};
use crate::report::table::{Table, exact};
use crate::report::wording::{plural, signed};
use crate::report::{Chart, Look};
use crate::scenario::Language;

const SLUG: &str = "33-tornado";
/// Bars that fit on a slide.
const MOST_BARS: usize = 12;

/// One input at a low and at a high level, all else alike.
#[derive(Clone, PartialEq, Debug)]
pub struct TornadoBar {
    /// Words for a reader.
    pub input: String,
    /// Its low level, with unit.
    pub low_level: String,
    /// Its high level, with unit.
    pub high_level: String,
    /// The figure at the low level less its mean over all points.
    pub at_low: Interval,
    /// The figure at the high level less its mean over all points.
    pub at_high: Interval,
}

/// All the chart is made from.
#[derive(Clone, Copy, Debug)]
pub struct TornadoView<'a> {
    /// What is measured.
    pub measure: &'a Measure,
    /// Its mean over all points.
    pub base_mean: f64,
    /// Bars in any order; those without numbers are left out.
    pub bars: &'a [TornadoBar],
    /// Label of the study.
    pub base: &'a str,
    /// The study: version, hash, seed.
    pub source: &'a str,
    /// Replications at each point.
    pub replications: u32,
    /// Language and theme.
    pub look: &'a Look,
}

impl TornadoBar {
    /// From the lowest to the highest of base, low and high.
    fn span(&self) -> f64 {
        let (low, high) = (self.at_low.mean, self.at_high.mean);
        low.max(high).max(0.0) - low.min(high).min(0.0)
    }
    /// The span that is surely there.
    fn least_span(&self) -> f64 {
        let base = Interval::new(0.0, 0.0);
        let points = [self.at_low, self.at_high, base];
        let apart = points.iter().flat_map(|a| points.iter().map(move |b| a.lo - b.hi));
        apart.filter(|gap| gap.is_finite()).fold(0.0, f64::max)
    }
    /// The span that it may have; unknown without intervals.
    fn most_span(&self) -> f64 {
        if !(self.at_low.judged() && self.at_high.judged()) {
            return f64::INFINITY;
        }
        self.at_low.hi.max(self.at_high.hi).max(0.0) - self.at_low.lo.min(self.at_high.lo).min(0.0)
    }
    /// The figure moves beyond the noise.
    fn clear(&self) -> bool {
        self.least_span() > 0.0
    }
    /// Both levels lie on the same side of the base.
    fn one_sided(&self) -> bool {
        self.at_low.mean * self.at_high.mean > 0.0
    }
}

/// The chart.
pub(crate) fn chart(view: &TornadoView<'_>) -> Chart {
    let usable = |bar: &&TornadoBar| bar.at_low.known() && bar.at_high.known();
    let mut bars: Vec<&TornadoBar> = view.bars.iter().filter(usable).collect();
    // Stable: equal spans keep their order.
    bars.sort_by(|a, b| b.span().total_cmp(&a.span()));
    let all = bars.len();
    let title = view.look.sentence(title(view, &bars));
    bars.truncate(MOST_BARS);
    let (look, base) = (view.look, view.base.trim());
    let (heading, mean) = (inside(&view.measure.heading()), view.measure.value(view.base_mean));
    let subtitle = match look.language {
        Language::En => {
            let shown = if all > MOST_BARS { format!("; widest {MOST_BARS} of {all} inputs") } else { String::new() };
            format!("{base}: {heading} when one input moves alone, against the mean over all points ({mean}){shown}")
        }
        Language::Zh => {
            let shown =
                if all > MOST_BARS { format!("；{all} 个输入中最宽的 {MOST_BARS} 个") } else { String::new() };
            format!("{base}：单个输入变动时的{heading}，与全部点的均值（{mean}）相比{shown}")
        }
    };
    let note =
        look.say("whiskers = 95% interval; pale = interval includes zero", "须线 = 95% 置信区间；浅色 = 区间包含 0");
    let words = Words { title, subtitle, source: source(view.source, view.replications, note, look) };
    if bars.is_empty() {
        let why = look.say(
            "Nothing to draw: no input was moved, or no run gave this figure.",
            "无图可画：没有变动任何输入，或没有运行给出这项指标。",
        );
        return Chart::nothing(view.look, SLUG, words, why, table(&bars));
    }
    let say = |bar: &&TornadoBar| {
        let change = |interval: Interval| view.measure.difference(interval.mean);
        format!("{} {} → {}: {}, {}", bar.input, bar.low_level, bar.high_level, change(bar.at_low), change(bar.at_high))
    };
    let each = bars.iter().map(say).collect::<Vec<_>>().join("; ");
    let alt =
        look.say(format!("Tornado of {}. {each}.", plural(all, "input")), format!("{all} 个输入的龙卷风图。{each}。"));
    let takeaway = look.sentence(takeaway(view, &bars));
    Chart::draw(view.look, SLUG, words, alt, table(&bars), |canvas, top| draw(canvas, top, view, &bars))
        .taking(takeaway)
}

/// What the inputs do beside the widest, and which do nothing clearly.
fn takeaway(view: &TornadoView<'_>, bars: &[&TornadoBar]) -> String {
    let change = |interval: Interval| view.measure.difference(interval.mean);
    let say = |bar: &&&TornadoBar| {
        let (name, low, high) = (bar.input.trim(), change(bar.at_low), change(bar.at_high));
        view.look.say(
            format!("{name} {low} at {}, {high} at {}", bar.low_level, bar.high_level),
            format!("{name} 为 {} 时 {low}，为 {} 时 {high}", bar.low_level, bar.high_level),
        )
    };
    let clear: Vec<String> = bars.iter().filter(|bar| bar.clear()).skip(1).take(3).map(|bar| say(&bar)).collect();
    let unclear: Vec<&str> = bars.iter().filter(|bar| !bar.clear()).map(|bar| bar.input.trim()).collect();
    let next = match clear.is_empty() {
        true => String::new(),
        false => view.look.say(format!("Next: {}. ", clear.join("; ")), format!("其次：{}。", clear.join("；"))),
    };
    match unclear.is_empty() {
        true => next.trim_end().to_owned(),
        false => view.look.say(
            format!("{next}No clear change by {}.", unclear.join(", ")),
            format!("{next}无明确影响：{}。", unclear.join("、")),
        ),
    }
}

/// Names the widest bar as such only if its least span exceeds what any other may have.
fn title(view: &TornadoView<'_>, bars: &[&TornadoBar]) -> String {
    let (figure, kpi, zh) = (view.measure.inside(), view.measure.beginning(), view.look.language == Language::Zh);
    let clear: Vec<&&TornadoBar> = bars.iter().filter(|bar| bar.clear()).collect();
    let Some(first) = clear.first() else {
        return match bars.len() {
            0 if zh => format!("无法判断什么影响{figure}：没有比较任何输入"),
            n if zh => format!("比较了 {n} 个输入：没有一个对{figure}的影响超出随机波动"),
            0 => format!("What moves {figure} cannot be said: no input was compared"),
            n => format!("{} compared: none moves {figure} beyond the noise", plural(n, "input")),
        };
    };
    let rivals: Vec<&&&TornadoBar> =
        clear.iter().skip(1).filter(|other| other.most_span() >= first.least_span()).collect();
    let name = |bar: &TornadoBar| bar.input.trim().to_owned();
    let moves = |bar: &TornadoBar| {
        let [low, high] = [bar.at_low, bar.at_high].map(|end| view.measure.difference(end.mean));
        let (from, to) = (&bar.low_level, &bar.high_level);
        view.look.say(format!("{low} at {from}, {high} at {to}"), format!("{from} 时 {low}，{to} 时 {high}"))
    };
    if zh {
        return match (clear.len(), rivals.as_slice()) {
            (1, _) => format!("只有{}对{figure}的影响超出随机波动：{}", name(first), moves(first)),
            (_, []) => format!("{figure}最取决于{}：{}", name(first), moves(first)),
            (_, [other]) => format!("{figure}最取决于{}和{}，两者孰大在随机波动之内", name(first), name(other)),
            (n, others) => format!(
                "{} 个输入中 {n} 个明确影响{figure}；{}与另外 {} 个孰大在随机波动之内",
                bars.len(),
                name(first),
                others.len()
            ),
        };
    }
    match (clear.len(), rivals.as_slice()) {
        (1, _) => format!("{kpi} depends on {} alone beyond the noise: {}", inside(&name(first)), moves(first)),
        (_, []) => format!("{kpi} depends most on {}: {}", inside(&name(first)), moves(first)),
        (_, [other]) => format!(
            "{kpi} depends most on {} and {}; on which of them more is within the noise",
            inside(&name(first)),
            inside(&name(other))
        ),
        (n, others) => format!(
            "{kpi} clearly depends on {n} of {}; on which most is within the noise between {} and {}",
            plural(bars.len(), "input"),
            inside(&name(first)),
            plural(others.len(), "other")
        ),
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, view: &TornadoView<'_>, bars: &[&TornadoBar]) {
    let (left, right) = (LEFT + 670.0, RIGHT - 110.0);
    let top = top + 34.0;
    let factor = view.measure.factor();
    let ends = bars.iter().flat_map(|bar| bar.at_low.ends().chain(bar.at_high.ends())).map(|end| end * factor);
    let (low, high) = ends.fold((0.0f64, 0.0f64), |(low, high), end| (low.min(end), high.max(end)));
    // Room for the numbers beside the bars.
    let room = (high - low) * 0.09;
    let ticks = layout::round_ticks(low - if low < 0.0 { room } else { 0.0 }, high + room, 6, 0.0);
    let x = Scale::linear((ticks[0], ticks[ticks.len() - 1]), (left, right));
    let places = places_beside(&ticks);
    for (tick, label) in named(&ticks, false) {
        let label = if tick > 0.0 { format!("+{label}") } else { label };
        canvas.line((x.px(tick), top), (x.px(tick), BOTTOM), GRID, 1.5);
        canvas.text((x.px(tick), BOTTOM + 34.0), &label, canvas.pen(AXIS_PX).middle());
    }
    key(canvas, top - 18.0, right);
    canvas.text(
        (LEFT, top - 18.0),
        canvas.look().say("Input, low → high level", "输入，低 → 高水平"),
        canvas.pen(AXIS_PX),
    );
    let slot = ((BOTTOM - top) / bars.len() as f64).min(96.0);
    for (place, bar) in bars.iter().enumerate() {
        draw_bar(canvas, bar, (top + slot * (place as f64 + 0.5), slot), x, (factor, places));
    }
    canvas.line((x.px(0.0), top), (x.px(0.0), BOTTOM), INK, 3.0);
    let base = format!("{} {}", view.look.say("mean", "均值"), view.measure.value(view.base_mean));
    canvas.text_within((x.px(0.0), BOTTOM + 66.0), &base, canvas.pen(AXIS_PX).ink().bold().middle(), (left, RIGHT));
}

/// Decimals of the figures beside an axis: one more than its ticks need, so that nobody reads what the axis cannot show.
fn places_beside(ticks: &[f64]) -> usize {
    let step = ticks[1] - ticks[0];
    if step >= 100.0 { 0 } else { places_of_step(step) + 1 }
}

/// A difference to so many decimals; what rounds to nothing has no sign.
fn figure(value: f64, places: usize) -> String {
    let least = 0.5 * 10f64.powi(-(places as i32));
    if value.abs() < least { "0".to_owned() } else { signed(value, places) }
}

/// What the two colours mean, to the right above the bars.
fn key(canvas: &mut Canvas<'_>, y: f64, right: f64) {
    let pen = canvas.pen(AXIS_PX).ink();
    let mut end = right;
    for (words, colour) in [
        (canvas.look().say("input at its high level", "输入取高水平"), canvas.theme().clear()),
        (canvas.look().say("input at its low level", "输入取低水平"), canvas.theme().low_level()),
    ] {
        let start = end - pen.width(words);
        canvas.text((start, y), words, pen);
        canvas.rect((start - 34.0, y - 17.0), (start - 12.0, y + 3.0), colour);
        end = start - 66.0;
    }
}

fn draw_bar(
    canvas: &mut Canvas<'_>,
    bar: &TornadoBar,
    (y, slot): (f64, f64),
    x: Scale,
    (factor, places): (f64, usize),
) {
    let name = canvas.pen(LABEL_PX).ink().bold();
    let levels = format!("{} → {}", bar.low_level, bar.high_level);
    let (level_pen, room) = (canvas.pen(AXIS_PX), 270.0);
    canvas.text((LEFT, y + 8.0), &shortened(&bar.input, name, 350.0), name);
    canvas.text((LEFT + 362.0, y + 8.0), &shortened(&levels, level_pen, room), level_pen);
    let half = slot * 0.31;
    // On one side of the base the bars would hide each other: each takes half of the height.
    let rows = if bar.one_sided() { [(y - half, y - 1.0), (y + 1.0, y + half)] } else { [(y - half, y + half); 2] };
    for ((end, colour), (upper, lower)) in
        [(bar.at_low, canvas.theme().low_level()), (bar.at_high, canvas.theme().clear())].into_iter().zip(rows)
    {
        let colour = if end.judged() && !end.clear() { mix(colour, PAPER, 0.55) } else { colour };
        let shown = end.times(factor);
        let (zero, tip, middle) = (x.px(0.0), x.px(shown.mean), (upper + lower) / 2.0);
        canvas.rect((zero, upper), (tip, lower), colour);
        let mut outer = tip;
        if end.judged() {
            let (lo, hi) = (x.px(shown.lo), x.px(shown.hi));
            canvas.line((lo, middle), (hi, middle), INK, 2.0);
            for place in [lo, hi] {
                canvas.line((place, middle - 6.0), (place, middle + 6.0), INK, 2.0);
            }
            outer = if shown.mean < 0.0 { lo.min(tip) } else { hi.max(tip) };
        }
        let pen =
            canvas.pen(if bar.one_sided() { 20.0 } else { AXIS_PX }).colour(if end.clear() { INK } else { MUTED });
        let (at, pen) = if shown.mean < 0.0 { (outer - 10.0, pen.end()) } else { (outer + 10.0, pen) };
        canvas.halo_text((at, middle + 0.35 * pen.px), &figure(shown.mean, places), pen);
    }
    canvas.line((LEFT, y + slot / 2.0), (LEFT + 632.0, y + slot / 2.0), GRID, 1.0);
}

fn table(bars: &[&TornadoBar]) -> Table {
    let mut table = Table::new(&[
        "input",
        "low_level",
        "high_level",
        "diff_low",
        "diff_low_lo95",
        "diff_low_hi95",
        "diff_high",
        "diff_high_lo95",
        "diff_high_hi95",
        "span",
    ]);
    for bar in bars {
        let numbers = [bar.at_low, bar.at_high].into_iter().flat_map(|end| [end.mean, end.lo, end.hi]).map(exact);
        let words = [bar.input.clone(), bar.low_level.clone(), bar.high_level.clone()];
        table.push(words.into_iter().chain(numbers).chain([exact(bar.span())]));
    }
    table
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::metrics::Better;

    pub(crate) fn measure() -> Measure {
        Measure {
            label: "Cost per delivered order".into(),
            unit: "CNY".into(),
            better: Better::Lower,
            language: crate::scenario::Language::En,
        }
    }

    fn bar(input: &str, levels: (&str, &str), low: f64, high: f64, half: f64) -> TornadoBar {
        TornadoBar {
            input: input.into(),
            low_level: levels.0.into(),
            high_level: levels.1.into(),
            at_low: Interval::new(low, half),
            at_high: Interval::new(high, half),
        }
    }

    pub(crate) fn bars() -> Vec<TornadoBar> {
        vec![
            bar("Share of rain", ("0%", "20%"), -0.02, 0.11, 0.03),
            bar("Courier pay per order", ("4 yuan", "7 yuan"), -0.61, 0.94, 0.04),
            bar("Orders per day", ("9,000", "27,000"), 0.48, -0.31, 0.05),
            bar("Detour factor of streets", ("1.2", "1.6"), -0.22, 0.26, 0.03),
            bar("Bundling limit", ("1 order", "3 orders"), 0.35, -0.19, 0.04),
            bar("Couriers", ("800", "1,600"), 0.06, 0.21, 0.03),
            bar("Pick speed", ("60 s/line", "20 s/line"), 0.05, -0.03, 0.03),
            bar("Promise", ("30 min", "60 min"), 0.012, -0.018, 0.03),
        ]
    }

    pub(crate) fn chart_of(bars: &[TornadoBar]) -> Chart {
        let measure = measure();
        let source = "nearfar 0.1.0 · sweep one-at-a-time · scenario 3f9c1a2b · seed 20251111";
        chart(&TornadoView {
            look: Look::plain(),
            measure: &measure,
            base_mean: 8.41,
            bars,
            base: "Baseline city",
            source,
            replications: 10,
        })
    }

    #[test]
    fn figures_have_the_digits_that_their_axis_can_show() {
        let chart = chart_of(&[
            bar("Couriers", ("100", "200"), -0.021, 0.018, 0.004),
            bar("Pick speed", ("1", "2"), 0.00001, 0.00003, 0.00001),
        ]);
        let drawn: String = chart.svg.split_whitespace().collect();
        assert!(drawn.contains(">−0.021<") && !drawn.contains(">+0.000"), "what rounds to nothing has no sign");
        assert!(chart.csv.contains("0.00003"), "{}", chart.csv);
        assert_eq!([0.01, 0.5, 10.0, 200.0].map(|step| places_beside(&[0.0, step])), [3, 2, 1, 0]);
    }

    #[test]
    fn the_widest_input_is_named_only_if_no_other_may_be_wider() {
        let title = |bars: &[TornadoBar]| chart_of(bars).title;
        let all = title(&bars());
        assert!(
            all.starts_with("Cost per delivered order depends most on courier pay per order: −0.61 CNY at 4 yuan"),
            "{all}"
        );
        let close = [bar("A", ("1", "2"), -0.5, 0.5, 0.1), bar("B", ("1", "2"), -0.45, 0.5, 0.1)];
        assert!(title(&close).contains("which of them more is within the noise"), "{}", title(&close));
        let noise = [bar("A", ("1", "2"), -0.05, 0.05, 0.1)];
        assert!(title(&noise).contains("none moves"), "{}", title(&noise));
        let one = [bar("A", ("1", "2"), -0.5, 0.5, 0.1), noise[0].clone()];
        assert!(title(&one).to_lowercase().contains("depends on a alone beyond the noise"), "{}", title(&one));
    }

    #[test]
    fn without_intervals_nothing_is_called_clear() {
        let bars = [bar("A", ("1", "2"), -0.5, 0.5, f64::NAN)];
        let chart = chart_of(&bars);
        assert!(chart.title.contains("none moves"), "{}", chart.title);
        assert!(chart.csv.contains("NaN") && !chart.svg.contains("NaN"));
    }

    #[test]
    fn bars_are_sorted_by_span_and_the_table_is_what_is_drawn() {
        let chart = chart_of(&bars());
        let inputs: Vec<&str> = chart.csv.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(inputs[..3], ["Courier pay per order", "Orders per day", "Bundling limit"]);
        assert_eq!(inputs.len(), 8);
        let many: Vec<TornadoBar> = (0..20).map(|n| bar("A", ("1", "2"), -0.1 * f64::from(n), 0.2, 0.01)).collect();
        assert_eq!(chart_of(&many).csv.lines().count(), MOST_BARS + 1);
        let unknown = [bar("A", ("1", "2"), f64::NAN, 0.2, 0.01)];
        assert!(chart_of(&unknown).title.contains("cannot be said"));
    }
}
