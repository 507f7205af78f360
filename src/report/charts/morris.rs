//! Room: report. Chart 35: which of many inputs matter at all? Elementary effects after Morris, one bar an input.

use super::influence::{self, MOST_BARS, Rows, by_verdict, figure, key, leading};
use crate::report::canvas::{Canvas, Point};
use crate::report::layout::Words;
use crate::report::measure::{Interval, Measure, inside, resampled_source};
use crate::report::palette::{INK, PAPER, mix};
use crate::report::table::{Table, exact};
use crate::report::wording::plural;
use crate::report::{Chart, Look};

const SLUG: &str = "35-morris";

/// What one input does over its whole range.
#[derive(Clone, PartialEq, Debug)]
pub struct MorrisBar {
    /// Words for a reader.
    pub input: String,
    /// Between which levels it was varied, with unit.
    pub range: String,
    /// μ* with its interval.
    pub size: Interval,
    /// σ of the elementary effects.
    pub sigma: f64,
    /// The largest effect that chance alone explains; not a number with one replication.
    pub chance: f64,
    /// Whether μ* is more than chance, as far as that is known.
    pub shown: bool,
    /// How far μ* lies below the largest.
    pub behind: Interval,
}

/// All the chart is made from.
#[derive(Clone, Copy, Debug)]
pub struct MorrisView<'a> {
    /// What is measured.
    pub measure: &'a Measure,
    /// Inputs in any order; those without numbers are left out.
    pub bars: &'a [MorrisBar],
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
pub(crate) fn chart(view: &MorrisView<'_>) -> Chart {
    let mut bars: Vec<&MorrisBar> = view.bars.iter().filter(|bar| bar.size.known()).collect();
    bars.sort_by(|a, b| b.size.mean.total_cmp(&a.size.mean));
    let (look, all, title) = (view.look, bars.len(), view.look.sentence(title(view, &bars)));
    bars.truncate(MOST_BARS);
    let (label, heading) = (view.label.trim(), view.measure.change_heading());
    let subtitle = look.say(
        format!("{label}: mean size of the change of {} over the whole range of an input", inside(&heading)),
        format!("{label}：输入变动整个范围时{heading}变化幅度的均值"),
    );
    let note = look.say(
        "Morris, µ* with 95% bootstrap interval; pale = not shown beyond chance; σ large beside µ* = curved, or depends on others",
        "莫里斯法，µ* 附 95% 自助区间；浅色 = 未显示超出随机波动；σ 相对 µ* 较大 = 弯曲或取决于其他因素",
    );
    let words = Words { title, subtitle, source: resampled_source(view.source, view.replications, note, look) };
    if bars.is_empty() {
        let why = look.say("Nothing to draw: no run gave this figure.", "无图可画：没有运行给出这项指标。");
        return Chart::nothing(look, SLUG, words, why, table(&bars));
    }
    let say = |bar: &&MorrisBar| format!("{}: {}", bar.input.trim(), view.measure.size(bar.size.mean));
    let each = bars.iter().map(say).collect::<Vec<_>>().join("; ");
    let alt = look.say(format!("Bars of {}. {each}.", plural(all, "input")), format!("{all} 个输入的条形图。{each}。"));
    let takeaway = look.sentence(takeaway(look, &bars));
    Chart::draw(look, SLUG, words, alt, table(&bars), |canvas, top| draw(canvas, top, view, &bars)).taking(takeaway)
}

/// How many inputs matter, and which leads.
fn title(view: &MorrisView<'_>, bars: &[&MorrisBar]) -> String {
    let (look, figure, kpi) = (view.look, view.measure.inside(), view.measure.beginning());
    let rival = |bar: &MorrisBar| bar.behind.lo.is_nan() || bar.behind.lo <= 0.0;
    let shown: Vec<(&str, bool)> =
        bars.iter().filter(|bar| bar.shown).map(|bar| (bar.input.as_str(), rival(bar))).collect();
    let all = plural(bars.len(), "input");
    match (bars.len(), shown.len()) {
        (0, _) => look.say(
            format!("What moves {figure} cannot be said: no input has a figure"),
            format!("无法判断什么影响{figure}：没有输入有数值"),
        ),
        (n, 0) => look.say(
            format!("{all} screened: none is shown to move {figure} beyond chance"),
            format!("筛选了 {n} 个输入：没有一个显示出对{figure}有超出随机波动的影响"),
        ),
        (n, _) if bars.iter().all(|bar| !bar.chance.is_finite()) => look.say(
            format!(
                "Of {all}, {figure} depends {}; one replication does not tell what is chance",
                leading(look, &shown)
            ),
            format!("{n} 个输入中，{figure}{}；仅一次重复运行，无法得知何为随机波动", leading(look, &shown)),
        ),
        // To name one of them and the number of the others would say no more.
        (n, some) if some > 2 && shown[1..].iter().all(|(_, rival)| *rival) => look.say(
            format!("{kpi} depends on {some} of {all} beyond chance; on which of them most is within the noise"),
            format!("{n} 个输入中 {some} 个对{figure}的影响超出随机波动，孰大在随机波动之内"),
        ),
        (n, some) => look.say(
            format!("{kpi} depends on {some} of {all} beyond chance, {}", leading(look, &shown)),
            format!("{n} 个输入中 {some} 个对{figure}的影响超出随机波动，{}", leading(look, &shown)),
        ),
    }
}

/// What could be any value, and what does not act the same everywhere.
fn takeaway(look: &Look, bars: &[&MorrisBar]) -> String {
    let of = |keep: &dyn Fn(&MorrisBar) -> bool, words| {
        let inputs = bars.iter().filter(|bar| keep(bar)).map(|bar| (words, bar.input.as_str()));
        by_verdict(look, inputs)
    };
    let said = [
        of(&|bar| !bar.shown, look.say("not shown beyond chance", "未显示超出随机波动")),
        of(
            &|bar| bar.shown && bar.sigma > 0.5 * bar.size.mean,
            look.say("curved, or depends on others", "弯曲或取决于其他因素"),
        ),
    ];
    match said.iter().all(String::is_empty) {
        true => look.say("All move it, and about evenly.", "全部都有影响，且大致均匀。").to_owned(),
        false => said.join(look.say(" ", "")).trim().to_owned(),
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, view: &MorrisView<'_>, bars: &[&MorrisBar]) {
    let factor = view.measure.factor();
    let ends = bars.iter().flat_map(|bar| bar.size.ends().chain([bar.sigma, bar.chance]).map(|end| end * factor));
    let most = ends.filter(|end| end.is_finite()).fold(0.0, f64::max);
    let names: Vec<(&str, &str)> = bars.iter().map(|bar| (bar.input.as_str(), bar.range.as_str())).collect();
    let rows = Rows::draw(canvas, top, &names, (0.0, most), false);
    let (look, colour) = (canvas.look(), canvas.theme().clear());
    let signs: [(&str, influence::Sign<'_>); 3] = [
        (look.say("chance reaches up to here", "随机波动的上限"), &|canvas, at| limit(canvas, at, 11.0)),
        (look.say("σ, how unevenly", "σ，不均匀程度"), &diamond),
        (look.say("µ*, how much", "µ*，影响大小"), &|canvas, at| influence::square(canvas, at, colour)),
    ];
    // One replication has no chance to draw.
    let known = bars.iter().any(|bar| bar.chance.is_finite());
    key(canvas, top, if known { &signs } else { &signs[1..] });
    for (place, bar) in bars.iter().enumerate() {
        let (y, half) = (rows.middle(place), rows.slot * 0.31);
        let marks = [bar.sigma, bar.chance].map(|mark| mark * factor);
        let beyond =
            marks.iter().filter(|mark| mark.is_finite()).map(|mark| rows.x.px(*mark) + 10.0).fold(0.0, f64::max);
        let size = bar.size.times(factor);
        let colour = if bar.shown { colour } else { mix(colour, PAPER, 0.55) };
        rows.bar(canvas, size, (y - half, y + half), (colour, bar.shown), &figure(size.mean), beyond);
        if marks[1].is_finite() {
            limit(canvas, (rows.x.px(marks[1]), y), half + 6.0);
        }
        if marks[0].is_finite() {
            diamond(canvas, (rows.x.px(marks[0]), y));
        }
    }
}

fn limit(canvas: &mut Canvas<'_>, (x, y): Point, half: f64) {
    canvas.line((x, y - half), (x, y + half), PAPER, 6.0);
    canvas.dashes((x, y - half), (x, y + half), INK, 3.0);
}

fn diamond(canvas: &mut Canvas<'_>, (x, y): Point) {
    for (reach, colour) in [(13.0, PAPER), (11.0, INK), (6.5, PAPER)] {
        canvas.polygon(&[(x - reach, y), (x, y - reach), (x + reach, y), (x, y + reach)], colour);
    }
}

fn table(bars: &[&MorrisBar]) -> Table {
    let mut table =
        Table::new(&["input", "mu_star", "mu_star_lo95", "mu_star_hi95", "sigma", "chance_up_to", "shown", "range"]);
    for bar in bars {
        let numbers = [bar.size.mean, bar.size.lo, bar.size.hi, bar.sigma, bar.chance].map(exact);
        table.push([bar.input.clone()].into_iter().chain(numbers).chain([bar.shown.to_string(), bar.range.clone()]));
    }
    table
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::tornado::tests::measure;
    use super::*;

    pub(crate) fn bars() -> Vec<MorrisBar> {
        let bar = |input: &str, range: &str, size: f64, half: f64, sigma: f64| MorrisBar {
            input: input.into(),
            range: range.into(),
            size: Interval::new(size, half),
            sigma,
            chance: 0.06,
            shown: size > 0.06,
            behind: Interval::new(1.48 - size, if size == 1.48 { 0.0 } else { 0.2 }),
        };
        vec![
            bar("Pick speed", "20–60 s/line", 0.05, 0.02, 0.03),
            bar("Courier pay per order", "4–7 CNY", 1.48, 0.16, 0.22),
            bar("Orders per day", "9,000–27,000", 0.83, 0.21, 0.71),
            bar("Share of rain", "0–20%", 0.31, 0.09, 0.12),
            bar("Detour factor of streets", "1.2–1.6", 0.47, 0.08, 0.11),
            bar("Promise", "30–60 min", 0.03, 0.02, 0.02),
        ]
    }

    pub(crate) fn chart_of(bars: &[MorrisBar]) -> Chart {
        let measure = measure();
        let source = "nearfar 0.1.0 · sweep screening · scenario 3f9c1a2b · seed 20251111";
        let (label, look) = ("Which assumptions matter", Look::plain());
        chart(&MorrisView { measure: &measure, bars, label, source, replications: 2, look })
    }

    #[test]
    fn only_what_is_more_than_chance_is_counted() {
        let title = |bars: &[MorrisBar]| chart_of(bars).title;
        let expected = "Cost per delivered order depends on 4 of 6 inputs beyond chance, most on courier pay per order";
        assert_eq!(title(&bars()), expected);
        assert!(chart_of(&bars()).takeaway.starts_with("Not shown beyond chance: Pick speed, Promise. Curved"));
        let mut close = bars();
        close[2].behind = Interval::new(0.1, 0.2);
        assert!(title(&close).ends_with("courier pay per order or orders per day: which is within the noise"));
        close.iter_mut().for_each(|bar| bar.behind = Interval::new(0.1, 0.2));
        assert!(title(&close).ends_with("4 of 6 inputs beyond chance; on which of them most is within the noise"));
        assert!(title(&bars()[5..]).contains("none is shown to move") && title(&[]).contains("cannot be said"));
        close[0].chance = f64::NAN;
        assert!(!chart_of(&close).svg.contains("NaN"));
        // One replication.
        close.iter_mut().for_each(|bar| (bar.chance, bar.shown) = (f64::NAN, true));
        let unknown = chart_of(&close);
        assert!(unknown.title.ends_with("one replication does not tell what is chance"), "{}", unknown.title);
        assert!(!unknown.takeaway.contains("chance"), "{}", unknown.takeaway);
        assert!(!unknown.svg.contains("chance reaches") && chart_of(&bars()).svg.contains("chance reaches"));
    }
}
