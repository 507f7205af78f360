//! What `nearfar analyze` prints: short tables with intervals, and words for what is not shown.

use super::columns;
use super::sweep_text::{figure as digits, short};
use crate::metrics::definition;
use crate::statistics::Estimate;
use crate::statistics::break_even::Side;
use crate::sweep::Plan;
use crate::sweep::analysis::{
    Analysis, Asked, Best, Curve, Effects, Findings, Front, Influence, Pair, Role, Screened, Settling, Standing,
    Surface,
};
use std::fmt::Write as _;

/// Replications that are advised as a number; more are past what anybody runs, and the bound is a rough one.
pub(super) const MOST_ADVISED: usize = 1000;
/// Rows of a table on the screen; the files have all.
const SHOWN: usize = 12;

/// What a method found. `all` also where a table is long.
pub(super) fn text(analysis: &Analysis, asked: &Asked, plan: &Plan, all: bool) -> String {
    let several = plan.facts.scenarios.len() > 1;
    let mut text = match &analysis.findings {
        Findings::Effects(found) => found.iter().map(|it| effects(it, all)).collect(),
        Findings::Morris(found) => morris(found, several),
        Findings::Sobol(found) => sobol(found, several),
        Findings::Best(found) => found.iter().map(best).collect(),
        Findings::Pairs(found) => pairs(found),
        Findings::Pareto(found) => pareto(found),
        Findings::BreakEven(found) => found.iter().map(|it| break_even(it, several)).collect(),
        Findings::Knee(found) => knee(found, several),
    };
    let percent = 100.0 * asked.confidence.share();
    let _ = writeln!(text, "{}; intervals of {percent} %", about(&analysis.findings));
    text
}

/// How the intervals are made, in a line.
fn about(findings: &Findings) -> &'static str {
    match findings {
        Findings::Effects(_) => "effects: means of levels against each other",
        Findings::Morris(_) => {
            "morris: per whole range of a factor; ↑ ↓ which way, ↕ both; not straight: curved, or it depends\n\
             on other factors; bootstrap over trajectories"
        }
        Findings::Sobol(_) => {
            "sobol: shares of the variance (Jansen); alone, jointly with other factors, both, or somehow:\n\
             too few samples to say; not shown: no more than chance explains; nothing: below 1 %;\n\
             bootstrap over rows of the design"
        }
        Findings::Best(_) => {
            "best: ranking and selection after Kim and Nelson, over replications on common random\nnumbers"
        }
        Findings::Pairs(_) => {
            "pairs: paired by replication; intervals after Bonferroni, words after Holm; not shown (~n): about\n\
             n replications would show a difference of this size"
        }
        Findings::Pareto(_) => "pareto: surely beaten only where no interval leaves a doubt",
        Findings::BreakEven(_) => "break-even: intervals over replications, point by point",
        Findings::Knee(_) => "knee: over replications; a knee depends on the range that was run",
    }
}

/// A value with as many digits as its unit asks for, without a minus before what rounds to 0.
fn figure(metric: &str, value: f64) -> String {
    let text = digits(metric, value);
    let is_zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    if is_zero { text.trim_start_matches('-').to_owned() } else { text }
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

fn titled(metric: &str, scenario: &str, several: bool) -> String {
    let unit = definition(metric).map_or("", |definition| definition.unit);
    let of = if several { format!(", {scenario}") } else { String::new() };
    format!("{metric} ({unit}){of}")
}

/// `12.30 ±0.40`; without replications no interval.
fn around(metric: &str, value: &Estimate) -> String {
    match (value.mean.is_finite(), value.half_width.is_finite()) {
        (false, _) => "no data".into(),
        (true, false) => format!("{} (1 run)", figure(metric, value.mean)),
        (true, true) => format!("{} ±{}", figure(metric, value.mean), figure(metric, value.half_width)),
    }
}

fn interval(metric: &str, low: f64, high: f64) -> String {
    match low.is_finite() && high.is_finite() {
        true => format!("[{}, {}]", figure(metric, low), figure(metric, high)),
        false => "no interval".into(),
    }
}

fn level(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), short)
}

fn effects(found: &Effects, all: bool) -> String {
    let metric = found.metric;
    let mut text = format!("{}: {}\n", titled(metric, "", false), around(metric, &found.mean));
    let mut rows = vec![row(["factor", "from → to", "KPI", "change", "interval"])];
    // A swing tells its ends against the mean over all points.
    let at = |end: &Estimate| figure(metric, found.mean.mean + end.mean);
    for swing in &found.swings {
        let interval = match (swing.span.half_width.is_finite(), swing.is_shown()) {
            (true, false) => "no difference shown".to_owned(),
            _ => interval(metric, swing.span.low(), swing.span.high()),
        };
        rows.push(vec![
            swing.factor.clone(),
            format!("{} → {}", level(&swing.low_level), level(&swing.high_level)),
            format!("{} → {}", at(&swing.low), at(&swing.high)),
            figure(metric, swing.span.mean),
            interval,
        ]);
    }
    text += &columns(&rows);
    if all {
        let mut rows = vec![row(["factor", "level", "mean", "n"])];
        for it in &found.levels {
            rows.push(vec![it.factor.clone(), level(&it.level), around(metric, &it.mean), it.mean.n.to_string()]);
        }
        text += &columns(&rows);
    }
    match (found.slopes.is_empty(), found.is_straight()) {
        (true, _) => {}
        (false, true) => {
            let _ = writeln!(
                text,
                "straight lines explain {:.0} % of what differs between points",
                100.0 * found.r_squared
            );
        }
        (false, false) => {
            let explained = 100.0 * found.r_squared.max(0.0);
            let _ = writeln!(
                text,
                "not linear (R² {explained:.0} %): use Sobol' indices, design = \"saltelli\", before ranking factors"
            );
        }
    }
    text + "\n"
}

/// Rows that belong to one table, each under its title.
fn tables<T>(
    found: &[T],
    title: impl Fn(&T) -> String,
    head: Vec<String>,
    cells: impl Fn(&T) -> Vec<String>,
    last: impl Fn(&T) -> String,
) -> String {
    let mut text = String::new();
    let mut rest = found;
    while let Some(first) = rest.first() {
        let name = title(first);
        let count = rest.iter().take_while(|it| title(it) == name).count();
        let rows: Vec<Vec<String>> = std::iter::once(head.clone()).chain(rest[..count].iter().map(&cells)).collect();
        text += &format!("{name}\n{}{}\n", columns(&rows), last(first));
        rest = &rest[count..];
    }
    text
}

fn morris(found: &[Screened], several: bool) -> String {
    let head = row(["factor", "mu*", "interval", "", ""]);
    let cells = |it: &Screened| {
        let words = match it.words() {
            "curved, or depends on others" => "not straight",
            words => words,
        };
        vec![
            it.factor.clone(),
            figure(it.metric, it.effect.mean_absolute),
            interval(it.metric, it.effect.low, it.effect.high),
            it.way().to_owned(),
            words.to_owned(),
        ]
    };
    tables(found, |it| titled(it.metric, &it.scenario, several), head, cells, |_| String::new())
}

fn sobol(found: &[Influence], several: bool) -> String {
    let head = row(["factor", "S1", "interval", "ST", "interval", ""]);
    let share = |value: f64| format!("{value:.2}");
    let cells = |it: &Influence| {
        let (first, total) = (&it.index.first, &it.index.total);
        let role = match it.role() {
            Role::Unknown => "not known",
            Role::Nothing => "nothing",
            Role::Chance => "not shown",
            Role::Alone => "alone",
            Role::Both => "both",
            Role::Joint => "jointly",
            Role::Unclear => "somehow",
        };
        vec![
            it.factor.clone(),
            share(first.value),
            format!("[{}, {}]", share(first.low), share(first.high)),
            share(total.value),
            format!("[{}, {}]", share(total.low), share(total.high)),
            role.to_owned(),
        ]
    };
    let last = |it: &Influence| {
        let percent = 100.0 * it.noise;
        let noise = match it.noise {
            _ if it.is_drowned() => {
                "most of the variance between points is the chance of the replications: these indices say \
                                      nothing,\nadd replications"
                    .to_owned()
            }
            noise if noise.is_finite() => {
                format!("chance of the replications is {percent:.1} % of the variance between points")
            }
            _ => "one replication: what of the variance is chance is not known".to_owned(),
        };
        format!("{} rows; {noise}\n", it.rows)
    };
    tables(found, |it| titled(it.metric, &it.scenario, several), head, cells, last)
}

fn best(found: &Best) -> String {
    let metric = found.metric;
    let word = if found.direction == crate::statistics::Direction::Lower { "lower" } else { "higher" };
    let mut text = format!("{}, {word} is better\n", titled(metric, "", false));
    let mut order: Vec<usize> = (0..found.candidates.len()).collect();
    let sign = if found.direction == crate::statistics::Direction::Lower { 1.0 } else { -1.0 };
    order.sort_by(|a, b| {
        let value = |i: &usize| sign * found.candidates[*i].value.mean;
        value(a).total_cmp(&value(b))
    });
    let uncertain = found.states > 1;
    let zone = figure(metric, found.indifference);
    let mut head = row(["setting", "mean", ""]);
    if uncertain {
        head.extend(row(["worst case", "most regret"]));
    }
    let mut rows = vec![head];
    for candidate in order.iter().take(SHOWN).map(|i| &found.candidates[*i]) {
        let standing = match candidate.standing {
            Standing::Best => "best".to_owned(),
            Standing::In if candidate.is_shown_worse() => format!(
                "not ruled out (its spread is large), but worse than {} by {}",
                found.candidates[found.leader].words,
                around(metric, &candidate.behind)
            ),
            Standing::In => "still in".to_owned(),
            Standing::Out(by, after) => {
                let by = &found.candidates[by].words;
                match found.is_as_good(candidate) {
                    true => format!("out after {after}, as good within {zone} as {by}"),
                    false => format!("out after {after}, beaten by {by}"),
                }
            }
        };
        let mut cells = vec![candidate.words.clone(), around(metric, &candidate.value), standing];
        if uncertain {
            cells.extend([figure(metric, candidate.worst), figure(metric, candidate.regret)]);
        }
        rows.push(cells);
    }
    text += &columns(&rows);
    if found.candidates.len() > SHOWN {
        let _ = writeln!(text, "… and {} more settings", found.candidates.len() - SHOWN);
    }
    let (still_in, contenders) = (found.still_in(), found.contenders().len());
    let _ = match still_in[..] {
        _ if found.is_level() => {
            writeln!(text, "no setting differs from another by {zone} or more: take any of them")
        }
        [best] => writeln!(text, "best: {} (or within {zone} of the best)", found.candidates[best].words),
        _ if found.missing == 0 => {
            writeln!(text, "{} settings are left that differ by less than {zone}: take any of them", still_in.len())
        }
        _ => {
            let worse = match still_in.len() - contenders {
                0 => String::new(),
                worse => format!(", {worse} of them shown to be worse than {}", found.candidates[found.leader].words),
            };
            let more =
                if found.missing > MOST_ADVISED { "more than 1000".to_owned() } else { found.missing.to_string() };
            writeln!(
                text,
                "not decided: {} settings are still in after {} replications{worse}; {more} more of each decide for sure, \
                 fewer may do",
                still_in.len(),
                found.replications,
            )
        }
    };
    if uncertain {
        let robust = &found.candidates[found.least_regret()];
        let _ = writeln!(text, "least regret over {} uncertain states: {}", found.states, robust.words);
    }
    text + "\n"
}

fn pairs(found: &[Pair]) -> String {
    let head = row(["base", "other", "base mean", "difference", "interval", "p (Holm)", ""]);
    let mut shown = Vec::new();
    let mut more = 0;
    for (place, pair) in found.iter().enumerate() {
        let earlier = found[..place].iter().rev().take_while(|it| it.metric == pair.metric).count();
        if earlier < SHOWN { shown.push(pair) } else { more += 1 }
    }
    let cells = |it: &&Pair| {
        let apart = &it.apart.difference;
        let words = match (it.shown, it.needed) {
            (false, Some(needed)) if needed > it.replications => {
                format!("not shown (~{needed})")
            }
            _ => it.words().to_owned(),
        };
        vec![
            format!("p{}", it.base),
            format!("p{}", it.other),
            figure(it.metric, it.means[0]),
            figure(it.metric, apart.mean),
            interval(it.metric, apart.low(), apart.high()),
            format!("{:.4}", it.p_holm),
            words,
        ]
    };
    let title = |it: &&Pair| titled(it.metric, "", false);
    let last = |it: &&Pair| format!("{} comparisons over {} replications\n", it.comparisons, it.replications);
    let mut text = tables(&shown, title, head, cells, last);
    if more > 0 {
        let _ = writeln!(text, "… and {more} more pairs");
    }
    text
}

fn pareto(found: &Front) -> String {
    let mut head = row(["setting"]);
    for aim in &found.aims {
        let word = if aim.direction == crate::statistics::Direction::Lower { "lower" } else { "higher" };
        head.push(format!("{} ({word})", aim.metric));
    }
    head.push(String::new());
    let rank =
        |words: &str| ["front", "beaten by the means, not surely", "surely beaten"].iter().position(|w| *w == words);
    let mut order: Vec<usize> = (0..found.settings.len()).collect();
    order.sort_by_key(|i| rank(found.settings[*i].words_of_standing()).unwrap_or(3));
    let mut rows = vec![head];
    for placed in order.iter().take(2 * SHOWN).map(|i| &found.settings[*i]) {
        let mut cells = vec![placed.words.clone()];
        cells.extend(found.aims.iter().zip(&placed.values).map(|(aim, value)| around(aim.metric, value)));
        cells.push(placed.words_of_standing().to_owned());
        rows.push(cells);
    }
    let mut text = columns(&rows);
    if found.settings.len() > 2 * SHOWN {
        let _ = writeln!(text, "… and {} more settings", found.settings.len() - 2 * SHOWN);
    }
    let on = found.settings.iter().filter(|it| it.words_of_standing() == "front").count();
    let _ = writeln!(text, "{on} of {} settings are on the front", found.settings.len());
    text
}

fn break_even(found: &Surface, several: bool) -> String {
    let contrast = &found.contrast;
    let unit = definition(contrast.a).map_or("", |definition| definition.unit);
    let of = if several { format!(", {}", found.scenario) } else { String::new() };
    let mut text = format!("{}: {} less {} ({unit}){of}\n", contrast.name, contrast.a_word, contrast.b_word);
    let mut rows = vec![vec![format!("{} \\ {}", found.y.name, found.x.name)]];
    rows[0].extend(found.x.numbers().into_iter().map(short));
    for (y, cells) in found.y.numbers().into_iter().zip(&found.cells) {
        let mut line = vec![short(y)];
        line.extend(cells.iter().map(|cell| around(contrast.a, &cell.difference)));
        rows.push(line);
    }
    text += &columns(&rows);
    let _ = match found.found.side {
        Side::Both => writeln!(
            text,
            "a line of no difference: {}; {:.0} % of the points show no difference",
            crossings(found),
            100.0 * found.found.unclear_share
        ),
        Side::Above => writeln!(text, "no line: {} everywhere by the means", contrast.words(true)),
        Side::Below => writeln!(text, "no line: {} everywhere by the means", contrast.words(false)),
        Side::Zero => writeln!(text, "no line: no difference anywhere"),
        Side::NoData => writeln!(text, "no data: one of the two is missing in every run"),
    };
    text + "\n"
}

/// The ends of the lines in words.
fn crossings(found: &Surface) -> String {
    let end = |[x, y]: [f64; 2]| format!("({}, {})", short(x), short(y));
    let line = |line: &Vec<[f64; 2]>| match (line.first(), line.last()) {
        (Some(first), Some(last)) => format!("from {} to {}", end(*first), end(*last)),
        _ => String::new(),
    };
    found.found.lines.iter().map(line).collect::<Vec<_>>().join(", ")
}

fn knee(found: &[Curve], several: bool) -> String {
    let lever = |it: &Curve| {
        let of = if several { format!(", {}", it.scenario) } else { String::new() };
        let at = it.by.as_ref().map_or(String::new(), |by| format!(" at {} {}", by.name, level(&by.level.shown())));
        let (first, last) = (&it.stops[0], &it.stops[it.stops.len() - 1]);
        format!("{} from {} to {}{of}{at}", it.factor, short(first.x), short(last.x))
    };
    let head = row(["KPI", "ends", "knee", "over replications", "enough"]);
    let cells = |it: &&Curve| {
        let (first, last) = (&it.stops[0], &it.stops[it.stops.len() - 1]);
        let estimate = &it.knee.estimate;
        let over = match estimate.n {
            _ if it.knee.of_mean.is_none() => "none".into(),
            n if estimate.half_width.is_finite() => {
                let [mean, half] = with_error(estimate.mean, estimate.half_width);
                format!("{mean} ±{half} ({n} of {})", it.knee.replications)
            }
            n => format!("{} ({n} of {})", short(estimate.mean), it.knee.replications),
        };
        vec![
            it.metric.to_owned(),
            format!("{} → {}", figure(it.metric, first.value.mean), figure(it.metric, last.value.mean)),
            it.knee.of_mean.map_or("none".into(), |knee| short(knee.x)),
            over,
            it.enough.map_or("not told".into(), |place| short(it.stops[place].x)),
        ]
    };
    // Curves of one lever stand under it, in the order of the KPIs.
    let mut curves: Vec<&Curve> = found.iter().collect();
    let titles: Vec<String> = found.iter().map(&lever).collect();
    curves.sort_by_key(|it| titles.iter().position(|title| *title == lever(it)));
    let mut text = tables(&curves, |it| lever(it), head, cells, |_| String::new());
    let least = |it: &Curve| format!("{} by {}", it.metric, figure(it.metric, it.tolerance));
    let told: Vec<String> = found.iter().filter(|it| it.enough.is_some()).map(least).collect();
    if !told.is_empty() {
        let _ = writeln!(text, "enough: no more than this worse than the highest level:\n  {}", told.join("\n  "));
    }
    text + "\n"
}

/// A mean and half of its interval, both to the second digit of the half: 162.0 ±3.0, 1.37 ±0.24.
fn with_error(mean: f64, half: f64) -> [String; 2] {
    let places = if half > 0.0 { (1.0 - half.log10().floor()).clamp(0.0, 6.0) as usize } else { 0 };
    [mean, half].map(|value| format!("{value:.places$}"))
}

/// The warm-up of a run, in words.
pub(super) fn warmup(found: &[Settling]) -> String {
    let mut rows =
        vec![row(["channel", "figure", "mean", "mean settled", "warm-up", "single replications", "orders", "n", ""])];
    for it in found {
        let verdict = match (it.truncation.settled, it.truncation.batches) {
            (false, _) => "too short to tell: simulate a longer time",
            (true, 0) => "no warm-up shown",
            (true, _) => "",
        };
        rows.push(vec![
            it.channel.to_owned(),
            it.figure.to_owned(),
            format!("{:.2} {}", it.mean, it.unit),
            format!("{:.2} {}", it.truncation.mean, it.unit),
            format!("{:.2} h", it.warm_up_h),
            format!("{:.2} to {:.2} h", it.range_h[0], it.range_h[1]),
            it.orders.to_string(),
            it.replications.to_string(),
            verdict.to_owned(),
        ]);
    }
    let mut text = columns(&rows);
    let settled = found.iter().filter(|it| it.truncation.settled).map(|it| it.warm_up_h);
    let hours = settled.fold(f64::NAN, f64::max);
    // A series that ends within a day is that of a day which starts empty and ends, as the days do that it stands for.
    let one_day = found.iter().all(|it| it.curve.iter().all(|moment| moment.placed_h < 24.0));
    let _ = match hours {
        hours if hours > 0.0 && one_day => writeln!(
            text,
            "one day, which starts empty at midnight: leave nothing out. For a parcel flow around the clock simulate\n\
             three days or more: nearfar run SCENARIO --set horizon_h=72 --replications 10"
        ),
        hours if hours > 0.0 => {
            writeln!(text, "set warm_up_h = {:.1} to leave the beginning out of the KPIs", (hours * 10.0).ceil() / 10.0)
        }
        _ => writeln!(text, "nothing to leave out"),
    };
    text + "MSER-5 on the orders in order of placement: the rhythm of the day looks like a warm-up too; look at the curve\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::analysis::Candidate;

    /// Settings with their mean, how much they are behind the first, half of that interval, and their standing.
    fn ranked(settings: &[(f64, f64, Standing)]) -> Best {
        let estimate = |mean, half_width| Estimate { n: 10, mean, standard_deviation: 1.0, half_width };
        let first = settings[0].0;
        let candidate = |(place, &(mean, half, standing)): (usize, &(f64, f64, Standing))| Candidate {
            setting: place,
            words: format!("couriers.count {}", 230 - 10 * place),
            levers: Vec::new(),
            points: vec![place],
            value: estimate(mean, 0.1),
            standing,
            behind: estimate(mean - first, half),
            worst: mean,
            worst_state: String::new(),
            regret: mean - first,
            regret_state: String::new(),
        };
        Best {
            metric: "click_to_door_mean_min",
            direction: crate::statistics::Direction::Lower,
            indifference: 0.34,
            candidates: settings.iter().enumerate().map(candidate).collect(),
            leader: 0,
            states: 1,
            replications: 10,
            missing: 0,
        }
    }

    #[test]
    fn a_setting_that_its_spread_keeps_in_is_not_called_a_candidate_for_the_best() {
        let found = ranked(&[(20.43, 0.0, Standing::In), (54.61, 9.1, Standing::In), (20.9, 1.2, Standing::In)]);
        let text = best(&Best { missing: 14_458, ..found });
        assert!(text.contains("worse than couriers.count 230 by 34.18"), "{text}");
        assert!(text.contains("1 of them shown to be worse") && text.contains("more than 1000 more"), "{text}");
        assert!(!text.contains("14458"), "{text}");
    }

    #[test]
    fn nothing_is_best_among_settings_that_do_not_differ() {
        let text = best(&ranked(&[(20.43, 0.0, Standing::Best), (20.5, 0.1, Standing::Out(0, 10))]));
        assert!(text.contains("no setting differs from another by 0.34 or more") && !text.contains("best:"), "{text}");
    }

    #[test]
    fn what_rounds_to_zero_has_no_sign() {
        let cost = |value| figure("cost_per_order", value);
        assert_eq!([cost(-0.001), cost(-0.04), cost(10.0)], ["0.00", "-0.04", "10.00"]);
        assert_eq!(figure("orders", -0.2), "0");
    }
}
