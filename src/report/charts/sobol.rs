//! Room: report. Chart 36: which input does the spread come from? Sobol' indices, two bars an input.

use super::influence::{self, MOST_BARS, Rows, key, leading};
use crate::report::canvas::Canvas;
use crate::report::layout::Words;
use crate::report::measure::{Interval, Measure, source};
use crate::report::table::{Table, exact};
use crate::report::wording::{percent, plural};
use crate::report::{Chart, Look};

const SLUG: &str = "36-sobol";

/// Which share of the variance one input explains.
#[derive(Clone, PartialEq, Debug)]
pub struct SobolBar {
    /// Words for a reader.
    pub input: String,
    /// S1: by itself.
    pub first: Interval,
    /// ST: with all that it does together with others.
    pub total: Interval,
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
    /// Label of the study.
    pub label: &'a str,
    /// The study: version, hash, seed.
    pub source: &'a str,
    /// Replications at each point.
    pub replications: u32,
    /// Language and theme.
    pub look: &'a Look,
}

impl SobolBar {
    fn shown(&self) -> bool {
        self.total.lo > 0.0
    }
}

/// The chart.
pub(crate) fn chart(view: &SobolView<'_>) -> Chart {
    let mut bars: Vec<&SobolBar> = view.bars.iter().filter(|bar| bar.first.known() && bar.total.known()).collect();
    bars.sort_by(|a, b| b.total.mean.total_cmp(&a.total.mean));
    let (look, all, title) = (view.look, bars.len(), title(view, &bars));
    bars.truncate(MOST_BARS);
    let (label, figure) = (view.label.trim(), view.measure.inside());
    let noise = match view.noise.is_finite() {
        true => look.say(
            format!(" ({} of it is chance)", percent(view.noise)),
            format!("（其中 {} 来自随机波动）", percent(view.noise)),
        ),
        false => String::new(),
    };
    let subtitle = look.say(
        format!("{label}: share of the variance of {figure}{noise}"),
        format!("{label}：{figure}方差的占比{noise}"),
    );
    let note = look.say(
        "Sobol' indices after Jansen, whiskers = 95% bootstrap interval; grey figure = interval includes zero",
        "索博尔指数（扬森估计），须线 = 95% 自助区间；灰色数字 = 区间包含 0",
    );
    let words = Words { title, subtitle, source: source(view.source, view.replications, note, look) };
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
    let takeaway = takeaway(look, &bars);
    Chart::draw(look, SLUG, words, alt, table(&bars), |canvas, top| draw(canvas, top, &bars)).taking(takeaway)
}

/// In whole percent; an estimate may lie below zero.
fn share(value: f64) -> String {
    format!("{}%", crate::report::wording::number(value * 100.0, 0))
}

/// Which input the spread comes from, if the intervals tell.
fn title(view: &SobolView<'_>, bars: &[&SobolBar]) -> String {
    let (look, figure) = (view.look, view.measure.inside());
    let shown: Vec<(&str, Interval)> =
        bars.iter().filter(|bar| bar.shown()).map(|bar| (bar.input.as_str(), bar.total)).collect();
    match (bars.len(), shown.as_slice()) {
        (0, _) => look.say(
            format!("Where the spread of {figure} comes from cannot be said: no input has a figure"),
            format!("无法判断{figure}的差异来自何处：没有输入有数值"),
        ),
        (n, []) => look.say(
            format!("None of {} is shown to spread {figure}", plural(n, "input")),
            format!("{n} 个输入中没有一个显示出对{figure}差异的影响"),
        ),
        (_, [first, ..]) => {
            let which = leading(look, &shown);
            // An index above all of the variance is an estimate from few rows: no figure for a title.
            let sure = first.1.mean <= 1.0 && shown[1..].iter().all(|(_, other)| first.1.above(other));
            let much = share(first.1.mean);
            let much = match sure {
                true => look.say(format!(" ({much} of its variance in all)"), format!("（合计占方差 {much}）")),
                false => String::new(),
            };
            look.say(format!("The spread of {figure} depends {which}{much}"), format!("{figure}的差异{which}{much}"))
        }
    }
}

/// What acts together with others, and what is not shown to matter.
fn takeaway(look: &Look, bars: &[&SobolBar]) -> String {
    let names = |keep: &dyn Fn(&SobolBar) -> bool| {
        let names: Vec<&str> = bars.iter().filter(|bar| keep(bar)).map(|bar| bar.input.trim()).collect();
        names.join(look.say(", ", "、"))
    };
    let said = [
        (
            look.say("More together with others than alone", "与其他输入共同作用"),
            names(&|bar| bar.total.above(&bar.first)),
        ),
        (look.say("Not shown to matter", "未显示影响"), names(&|bar| !bar.shown())),
    ];
    let said = said.iter().filter(|(_, names)| !names.is_empty());
    let said = said.map(|(what, names)| look.say(format!("{what}: {names}."), format!("{what}：{names}。")));
    let said = said.collect::<Vec<_>>().join(look.say(" ", ""));
    if said.is_empty() {
        look.say("No input is shown to act only together with others.", "没有输入显示出共同作用。").to_owned()
    } else {
        said
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, bars: &[&SobolBar]) {
    let ends = bars.iter().flat_map(|bar| bar.first.ends().chain(bar.total.ends())).map(|end| end * 100.0);
    let ends = ends.fold((0.0f64, 0.0f64), |(low, high), end| (low.min(end), high.max(end)));
    let names: Vec<&str> = bars.iter().map(|bar| bar.input.as_str()).collect();
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
        let sides = [(bar.first, alone, (y - half, y - 1.0)), (bar.total, all, (y + 1.0, y + half))];
        for (value, colour, sides) in sides {
            rows.bar(canvas, value.times(100.0), sides, (colour, value.lo > 0.0), &share(value.mean), 0.0);
        }
    }
}

fn table(bars: &[&SobolBar]) -> Table {
    let mut table = Table::new(&["input", "s1", "s1_lo95", "s1_hi95", "st", "st_lo95", "st_hi95"]);
    for bar in bars {
        let numbers = [bar.first, bar.total].into_iter().flat_map(|it| [it.mean, it.lo, it.hi]).map(exact);
        table.push([bar.input.clone()].into_iter().chain(numbers));
    }
    table
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::tornado::tests::measure;
    use super::*;

    pub(crate) fn bars() -> Vec<SobolBar> {
        let bar = |input: &str, first: f64, total: f64, half: f64| SobolBar {
            input: input.into(),
            first: Interval::new(first, half),
            total: Interval::new(total, half),
        };
        vec![
            bar("Couriers", 0.06, 0.19, 0.05),
            bar("Orders per day", 0.52, 0.66, 0.09),
            bar("Courier speed", 0.17, 0.21, 0.06),
            bar("Radius", -0.01, 0.02, 0.03),
        ]
    }

    pub(crate) fn chart_of(bars: &[SobolBar]) -> Chart {
        let measure = measure();
        let source = "nearfar 0.1.0 · sweep sensitivity · scenario 3f9c1a2b · seed 20251111";
        let (label, look) = ("What the spread comes from", Look::plain());
        chart(&SobolView { measure: &measure, bars, noise: 0.04, label, source, replications: 2, look })
    }

    #[test]
    fn what_leads_is_named_as_far_as_intervals_tell() {
        let chart = chart_of(&bars());
        let expected =
            "The spread of cost per delivered order depends most on orders per day (66% of its variance in all)";
        assert_eq!(chart.title, expected);
        assert_eq!(chart.takeaway, "More together with others than alone: Couriers. Not shown to matter: Radius.");
        assert!(chart_of(&[bars()[0].clone(), bars()[2].clone()]).title.contains("courier speed or couriers: which"));
        assert!(chart_of(&bars()[3..]).title.starts_with("None of 1 input"));
        assert!(chart_of(&[]).title.contains("cannot be said"));
    }
}
