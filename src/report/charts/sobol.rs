//! Room: report. Chart 36: which input does the spread come from? Sobol' indices, two bars an input.

use super::influence::{self, MOST_BARS, Rows, by_verdict, key, leading};
use crate::report::canvas::Canvas;
use crate::report::layout::Words;
use crate::report::measure::{Interval, Measure, inside, resampled_source};
use crate::report::table::{Table, exact};
use crate::report::wording::{percent, plural};
use crate::report::{Chart, Look};

const SLUG: &str = "36-sobol";

/// Which share of the variance one input explains.
#[derive(Clone, PartialEq, Debug)]
pub struct SobolBar {
    /// Words for a reader.
    pub input: String,
    /// Between which levels it was varied, with unit.
    pub range: String,
    /// S1: by itself.
    pub first: Interval,
    /// ST: with all that it does together with others.
    pub total: Interval,
    /// How far its ST lies below the largest.
    pub behind: Interval,
    /// Whether it has an effect beyond chance, as far as chance is known.
    pub shown: bool,
    /// How it explains what it explains, in words.
    pub verdict: String,
}

/// All the chart is made from.
#[derive(Clone, Copy, Debug)]
pub struct SobolView<'a> {
    /// What is measured.
    pub measure: &'a Measure,
    /// Inputs in any order; those without numbers are left out.
    pub bars: &'a [SobolBar],
    /// Share of the variance that is the chance of the replications; not a number with one replication.
    pub noise: f64,
    /// Whether that is so much that nothing can be said of any input.
    pub drowned: bool,
    /// Label of the study.
    pub label: &'a str,
    /// The study: version, hash, seed.
    pub source: &'a str,
    /// Replications at each point.
    pub replications: u32,
    /// Language and theme.
    pub look: &'a Look,
}

/// The chart.
pub(crate) fn chart(view: &SobolView<'_>) -> Chart {
    let mut bars: Vec<&SobolBar> = view.bars.iter().filter(|bar| bar.first.known() && bar.total.known()).collect();
    bars.sort_by(|a, b| b.total.mean.total_cmp(&a.total.mean));
    let (look, all, title) = (view.look, bars.len(), view.look.sentence(title(view, &bars)));
    bars.truncate(MOST_BARS);
    let (label, figure) = (view.label.trim(), view.measure.inside());
    let noise = match view.noise.is_finite() {
        true => look.say(
            format!(" ({} of it is chance)", percent(chance(view))),
            format!("（其中 {} 来自随机波动）", percent(chance(view))),
        ),
        false => look
            .say(
                " (one replication: how much of it is chance is not known)",
                "（仅一次重复运行：其中多少来自随机波动未知）",
            )
            .to_owned(),
    };
    let subtitle = look.say(
        format!("{label}: share of the variance of {figure}{noise}"),
        format!("{label}：{figure}方差的占比{noise}"),
    );
    let note = look.say(
        "Sobol' indices after Jansen, whiskers = 95% bootstrap interval; grey figure = not shown",
        "索博尔指数（扬森估计），须线 = 95% 自助区间；灰色数字 = 未显示",
    );
    let words = Words { title, subtitle, source: resampled_source(view.source, view.replications, note, look) };
    if bars.is_empty() {
        let why = look.say("Nothing to draw: no run gave this figure.", "无图可画：没有运行给出这项指标。");
        return Chart::nothing(look, SLUG, words, why, table(&bars));
    }
    let say = |bar: &&SobolBar| {
        let (name, [first, total]) = (bar.input.trim(), [bar.first, bar.total].map(|it| share(it.mean)));
        look.say(format!("{name}: {first} alone, {total} in all"), format!("{name}：单独 {first}，合计 {total}"))
    };
    let each = bars.iter().map(say).collect::<Vec<_>>().join("; ");
    let alt = look.say(format!("Bars of {}. {each}.", plural(all, "input")), format!("{all} 个输入的条形图。{each}。"));
    let takeaway = look.sentence(takeaway(view, &bars));
    Chart::draw(look, SLUG, words, alt, table(&bars), |canvas, top| draw(canvas, top, &bars)).taking(takeaway)
}

/// In whole percent; an estimate may lie below zero.
fn share(value: f64) -> String {
    format!("{}%", crate::report::wording::number(value * 100.0, 0))
}

/// The share of chance; the estimate of a part may exceed that of the whole.
fn chance(view: &SobolView<'_>) -> f64 {
    view.noise.min(1.0)
}

/// Which input the spread comes from, if the intervals tell.
fn title(view: &SobolView<'_>, bars: &[&SobolBar]) -> String {
    let (look, figure) = (view.look, view.measure.inside());
    let shown: Vec<&&SobolBar> = bars.iter().filter(|bar| bar.shown).collect();
    let rival = |bar: &SobolBar| bar.behind.lo.is_nan() || bar.behind.lo <= 0.0;
    let rivals = shown.iter().skip(1).filter(|bar| rival(bar)).count();
    let alone: Vec<&&SobolBar> = shown.iter().copied().filter(|bar| bar.first.lo > 0.0).collect();
    match (shown.as_slice(), alone.as_slice()) {
        _ if bars.is_empty() => look.say(
            format!("Where the spread of {figure} comes from cannot be said: no input has a figure"),
            format!("无法判断{figure}的差异来自何处：没有输入有数值"),
        ),
        _ if view.drowned => {
            let much = percent(chance(view));
            look.say(
                format!(
                    "Where the spread of {figure} comes from cannot be said: {much} of it is chance; add replications"
                ),
                format!("无法判断{figure}的差异来自何处：其中 {much} 来自随机波动，请增加重复运行"),
            )
        }
        ([], _) => look.say(
            format!("None of {} is shown to spread {figure}", plural(bars.len(), "input")),
            format!("{} 个输入中没有一个显示出对{figure}差异的影响", bars.len()),
        ),
        (_, [one]) if rivals > 0 => {
            let (name, much) = (one.input.trim(), share(one.first.mean));
            look.say(
                format!(
                    "Only {} is shown to spread {figure} by itself ({much} of its variance); which input matters most in all \
                     is within the noise",
                    inside(name)
                ),
                format!("只有{name}显示出单独影响{figure}的差异（占方差 {much}），合计孰大在随机波动之内"),
            )
        }
        (all, _) if rivals > 1 && rivals + 1 == bars.len() => look.say(
            format!("All {} inputs spread {figure}: which matters most is within the noise", all.len()),
            format!("全部 {} 个输入都影响{figure}的差异，孰大在随机波动之内", all.len()),
        ),
        (all, _) => {
            let which = leading(look, &all.iter().map(|bar| (bar.input.as_str(), rival(bar))).collect::<Vec<_>>());
            // An index above all of the variance is an estimate from few rows: no figure for a title.
            let much = share(all[0].total.mean);
            let much = match all[0].total.mean <= 1.0 && rivals == 0 {
                true => look.say(format!(" ({much} of its variance in all)"), format!("（合计占方差 {much}）")),
                false => String::new(),
            };
            look.say(format!("The spread of {figure} depends {which}{much}"), format!("{figure}的差异{which}{much}"))
        }
    }
}

/// How each input explains what it explains, in the words of the table.
fn takeaway(view: &SobolView<'_>, bars: &[&SobolBar]) -> String {
    match view.drowned {
        true => view
            .look
            .say(
                "These indices say nothing: most of the variance is chance.",
                "这些指数不说明问题：方差大部分来自随机波动。",
            )
            .to_owned(),
        false => by_verdict(view.look, bars.iter().map(|bar| (bar.verdict.as_str(), bar.input.as_str()))),
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, bars: &[&SobolBar]) {
    let ends = bars.iter().flat_map(|bar| bar.first.ends().chain(bar.total.ends())).map(|end| end * 100.0);
    let ends = ends.fold((0.0f64, 0.0f64), |(low, high), end| (low.min(end), high.max(end)));
    let names: Vec<(&str, &str)> = bars.iter().map(|bar| (bar.input.as_str(), bar.range.as_str())).collect();
    let rows = Rows::draw(canvas, top, &names, ends, true);
    let (look, alone, all) = (canvas.look(), canvas.theme().clear(), canvas.theme().low_level());
    key(
        canvas,
        top,
        &[
            (look.say("ST, with others as well", "ST，含共同作用"), &|canvas, at| {
                influence::square(canvas, at, all)
            }),
            (look.say("S1, alone", "S1，单独"), &|canvas, at| influence::square(canvas, at, alone)),
        ],
    );
    for (place, bar) in bars.iter().enumerate() {
        let (y, half) = (rows.middle(place), rows.slot * 0.34);
        let alone_shown = bar.shown && bar.first.lo > 0.0;
        let sides = [
            (bar.first, (alone, alone_shown), (y - half, y - 1.0)),
            (bar.total, (all, bar.shown), (y + 1.0, y + half)),
        ];
        for (value, colour, sides) in sides {
            rows.bar(canvas, value.times(100.0), sides, colour, &share(value.mean), 0.0);
        }
    }
}

fn table(bars: &[&SobolBar]) -> Table {
    let mut table = Table::new(&["input", "s1", "s1_lo95", "s1_hi95", "st", "st_lo95", "st_hi95", "verdict", "range"]);
    for bar in bars {
        let numbers = [bar.first, bar.total].into_iter().flat_map(|it| [it.mean, it.lo, it.hi]).map(exact);
        table.push([bar.input.clone()].into_iter().chain(numbers).chain([bar.verdict.clone(), bar.range.clone()]));
    }
    table
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::tornado::tests::measure;
    use super::*;

    pub(crate) fn bars() -> Vec<SobolBar> {
        let bar = |input: &str, range: &str, first: f64, total: f64, half: f64, verdict: &str| SobolBar {
            input: input.into(),
            range: range.into(),
            first: Interval::new(first, half),
            total: Interval::new(total, half),
            behind: Interval::new(0.66 - total, if total == 0.66 { 0.0 } else { 0.1 }),
            shown: verdict != "not shown beyond chance",
            verdict: verdict.into(),
        };
        vec![
            bar("Couriers", "800–1,600", 0.06, 0.19, 0.05, "alone and together with others"),
            bar("Orders per day", "9,000–27,000", 0.52, 0.66, 0.09, "alone"),
            bar("Courier speed", "14–22 km/h", 0.17, 0.21, 0.06, "alone"),
            bar("Radius", "2–5 km", -0.01, 0.02, 0.03, "not shown beyond chance"),
        ]
    }

    pub(crate) fn chart_of(bars: &[SobolBar]) -> Chart {
        chart_with(bars, 0.04, false)
    }

    fn chart_with(bars: &[SobolBar], noise: f64, drowned: bool) -> Chart {
        let measure = measure();
        let source = "nearfar 0.1.0 · sweep sensitivity · scenario 3f9c1a2b · seed 20251111";
        let (label, look) = ("What the spread comes from", Look::plain());
        chart(&SobolView { measure: &measure, bars, noise, drowned, label, source, replications: 2, look })
    }

    #[test]
    fn what_leads_is_named_as_far_as_intervals_tell() {
        let chart = chart_of(&bars());
        let expected =
            "The spread of cost per delivered order depends most on orders per day (66% of its variance in all)";
        assert_eq!(chart.title, expected);
        assert_eq!(
            chart.takeaway,
            "Alone: Orders per day, Courier speed. Alone and together with others: Couriers. Not shown beyond chance: Radius."
        );
        let mut close = bars()[..3].to_vec();
        close.iter_mut().for_each(|bar| bar.behind = Interval::new(0.0, 0.1));
        assert!(chart_of(&close[1..]).title.ends_with("orders per day or courier speed: which is within the noise"));
        let all = "All 3 inputs spread cost per delivered order: which matters most is within the noise";
        assert_eq!(chart_of(&close).title, all);
        for bar in &mut close[1..] {
            bar.first = Interval::new(0.2, 0.3);
        }
        let only = chart_of(&close).title;
        assert!(
            only.starts_with("Only couriers is shown to spread cost per delivered order by itself (6% of its"),
            "{only}"
        );
        assert!(chart_of(&bars()[3..]).title.starts_with("None of 1 input"));
        assert!(chart_of(&[]).title.contains("cannot be said"));
    }

    #[test]
    fn where_most_is_chance_nothing_is_said_of_any_input() {
        let chart = chart_with(&bars(), 1.83, true);
        assert!(chart.title.ends_with("cannot be said: 100% of it is chance; add replications"), "{}", chart.title);
        assert!(chart.subtitle.ends_with("(100% of it is chance)") && !chart.takeaway.contains("Couriers"));
        assert!(chart_with(&bars(), f64::NAN, false).subtitle.contains("one replication"));
    }
}
