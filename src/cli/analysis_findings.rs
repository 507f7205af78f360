//! Room: cli. What an analysis found, in sentences for the head of its page.

use super::analysis_tables::Words;
use super::factor_names::lever;
use crate::report::wording::plural;
use crate::report::{self, Chart, Look};
use crate::sweep::analysis::{Analysis, Asked, Best, Curve, Findings, Indifference, Influence, Screened};

/// What was found, in sentences that say no more than the intervals allow; `fewer` warns of a best setting that delivers fewer.
pub(super) fn findings(
    told: &[(Analysis, Asked)],
    charts: &[Chart],
    words: &Words<'_>,
    fewer: impl Fn(&[Best]) -> Vec<String>,
) -> Vec<String> {
    let mut said = Vec::new();
    for (found, asked) in told {
        match &found.findings {
            Findings::Knee(curves) => said.extend(enough(curves, asked, words)),
            Findings::Best(best) => {
                said.extend(decided(best, words));
                said.extend(fewer(best));
            }
            Findings::Morris(found) => {
                let of = |it: &Screened| Matter {
                    metric: it.metric,
                    factor: words.factor_inside(&it.label),
                    shown: it.is_shown(),
                    chance: if it.knows_chance() { Chance::Known } else { Chance::Unknown },
                };
                said.extend(matters(&found.iter().map(of).collect::<Vec<_>>(), words));
            }
            Findings::Sobol(found) => {
                let of = |it: &Influence| Matter {
                    metric: it.metric,
                    factor: words.factor_inside(&it.label),
                    shown: it.is_shown(),
                    chance: match () {
                        () if it.is_drowned() => Chance::Most,
                        () if it.knows_chance() => Chance::Known,
                        () => Chance::Unknown,
                    },
                };
                said.extend(matters(&found.iter().map(of).collect::<Vec<_>>(), words));
            }
            Findings::Pairs(pairs) => {
                let shown = pairs.iter().filter(|pair| pair.shown).count();
                said.push(words.look.say(
                    format!("{shown} of {} differ by more than chance.", plural(pairs.len(), "pair")),
                    format!("{} 对中有 {shown} 对的差异超出随机波动。", pairs.len()),
                ));
            }
            // Their charts say it, by the same intervals.
            Findings::Effects(_) | Findings::Pareto(_) | Findings::BreakEven(_) => {}
        }
    }
    let drawn = charts.iter().filter(|chart| ["32", "33", "34"].iter().any(|number| chart.slug.starts_with(number)));
    said.extend(drawn.map(|chart| format!("{}{}", chart.title, words.look.say(".", "。"))));
    said.into_iter().map(|sentence| words.look.sentence(sentence)).collect()
}

/// How much of each lever is enough for which KPI, and where the range ends too early.
fn enough(curves: &[Curve], asked: &Asked, words: &Words<'_>) -> Vec<String> {
    let mut said = Vec::new();
    let mut levers: Vec<(&str, &str)> = Vec::new();
    for curve in curves.iter().filter(|curve| curve.by.is_none()) {
        let lever = (curve.factor.as_str(), curve.scenario.as_str());
        if !levers.contains(&lever) {
            levers.push(lever);
        }
    }
    let zone = match asked.indifference {
        Indifference::Relative(share) => format!("{}%", report::wording::number(share * 100.0, 0)),
        Indifference::Absolute(_) => words.look.say("the difference that counts", "有意义的差异").to_owned(),
    };
    for (factor, scenario) in &levers {
        let mine: Vec<&Curve> =
            curves.iter().filter(|it| it.by.is_none() && it.factor == *factor && it.scenario == *scenario).collect();
        let Some(first) = mine.first() else { continue };
        let lever = lever(&first.label, first.unit, &first.factor, words.currency, words.look.language);
        let last = first.stops.len() - 1;
        let inside = |place: usize| mine.iter().filter(move |it| it.enough == Some(place));
        let of = |place: usize| {
            let kpis: Vec<String> = inside(place).map(|it| words.inside(it.metric)).collect();
            (!kpis.is_empty()).then(|| {
                let (at, kpis) = (lever.sentence(first.stops[place].x), listed(&kpis, words.look));
                words.look.say(format!("{at} for {kpis}"), format!("{kpis}需 {at}"))
            })
        };
        let parts: Vec<String> = (0..last).filter_map(of).collect();
        let place = if levers.iter().filter(|other| other.0 == *factor).count() > 1 {
            format!(" ({scenario})")
        } else {
            String::new()
        };
        if !parts.is_empty() {
            said.push(words.look.say(
                format!("Enough{place}: {}; more is worth no more than {zone}, beyond chance.", parts.join(", ")),
                format!("足够{place}：{}；排除随机波动后，再多也不会好过 {zone}。", parts.join("，")),
            ));
        }
        let short: Vec<String> = inside(last).map(|it| words.inside(it.metric)).collect();
        if !short.is_empty() {
            let (at, kpis) = (lever.sentence(first.stops[last].x), listed(&short, words.look));
            said.push(words.look.say(
                format!("No level below {at} is shown to be enough for {kpis}{place}: the range ends there."),
                format!("没有低于 {at} 的水平显示对{kpis}{place}已经足够：范围到此为止。"),
            ));
        }
    }
    said
}

/// For which KPIs one setting is the best, for which it does not matter, and for which that is open.
fn decided(best: &[Best], words: &Words<'_>) -> Vec<String> {
    let mut settled: Vec<(String, Vec<String>)> = Vec::new();
    let (mut level, mut open) = (Vec::new(), Vec::new());
    for it in best {
        let kpi = words.inside(it.metric);
        match it.still_in()[..] {
            _ if it.is_level() => {
                let zone = words.figure(it.metric, it.indifference);
                level.push(words.look.say(format!("{zone} in {kpi}"), format!("{kpi} {zone}")));
            }
            [only] => {
                let setting = words.setting(&it.candidates[only].levers);
                match settled.iter_mut().find(|(other, _)| *other == setting) {
                    Some((_, kpis)) => kpis.push(kpi),
                    None => settled.push((setting, vec![kpi])),
                }
            }
            ref left => open.push(still_open(it, left.len(), words)),
        }
    }
    let mut said: Vec<String> = settled
        .into_iter()
        .map(|(setting, kpis)| {
            let kpis = listed(&kpis, words.look);
            words.look.say(format!("Best by {kpis}: {setting}."), format!("按{kpis}最优：{setting}。"))
        })
        .collect();
    if !level.is_empty() {
        let level = listed(&level, words.look);
        said.push(words.look.say(
            format!("No setting differs from another by {level}: none is best by that."),
            format!("任何两个方案的差异都不到 {level}：据此没有最优方案。"),
        ));
    }
    if !open.is_empty() {
        let open = listed(&open, words.look);
        said.push(
            words.look.say(
                format!("Which setting is best is not decided by {open}."),
                format!("按{open}，最优方案尚未分出。"),
            ),
        );
    }
    said
}

/// A KPI by which several settings are still in, and how many of them are only so by their spread.
fn still_open(it: &Best, left: usize, words: &Words<'_>) -> String {
    let (kpi, all) = (words.inside(it.metric), it.candidates.len());
    let leader = words.setting(&it.candidates[it.leader].levers);
    match left - it.contenders().len() {
        0 => words
            .look
            .say(format!("{kpi} ({left} of {all} are still in)"), format!("{kpi}（{all} 个中还剩 {left} 个）")),
        worse => words.look.say(
            format!("{kpi} ({left} of {all} are still in, {worse} of them shown to be worse than {leader})"),
            format!("{kpi}（{all} 个中还剩 {left} 个，其中 {worse} 个已显示比 {leader} 差）"),
        ),
    }
}

/// What replications tell of the chance in a KPI.
#[derive(Clone, Copy, PartialEq)]
enum Chance {
    /// How much of it is chance.
    Known,
    /// There is one only.
    Unknown,
    /// That most of it is chance.
    Most,
}

/// Whether a factor has an effect on a KPI.
struct Matter {
    metric: &'static str,
    factor: String,
    shown: bool,
    chance: Chance,
}

/// Of each KPI the factors with an effect beyond chance; `all` are in order of rank.
fn matters(all: &[Matter], words: &Words<'_>) -> Vec<String> {
    let mut metrics: Vec<&'static str> = Vec::new();
    for it in all {
        if !metrics.contains(&it.metric) {
            metrics.push(it.metric);
        }
    }
    metrics.into_iter().map(|metric| matter(metric, all, words)).collect()
}

fn matter(metric: &'static str, all: &[Matter], words: &Words<'_>) -> String {
    let mine = || all.iter().filter(|it| it.metric == metric);
    let mut shown: Vec<String> = Vec::new();
    for it in mine().filter(|it| it.shown && it.chance != Chance::Most) {
        if !shown.contains(&it.factor) {
            shown.push(it.factor.clone());
        }
    }
    let (kpi, look) = (words.label(metric), words.look);
    if mine().all(|it| it.chance == Chance::Most) {
        return look.say(
            format!("{kpi}: which factors spread it cannot be said: most of its variance is chance; add replications."),
            format!("{kpi}：无法判断差异来自哪些因素：方差大部分来自随机波动，请增加重复运行。"),
        );
    }
    if mine().any(|it| it.chance == Chance::Unknown) {
        return match shown.first() {
            None => look.say(format!("{kpi}: no factor moves it."), format!("{kpi}：没有因素对其有影响。")),
            Some(first) => look.say(
                format!("{kpi}: {first} moves it most; one replication does not tell how much of that is chance."),
                format!("{kpi}：{first}影响最大；仅一次重复运行，无法得知其中多少是随机波动。"),
            ),
        };
    }
    match shown.len() {
        0 => look.say(
            format!("{kpi}: no factor is shown to have an effect beyond chance."),
            format!("{kpi}：没有因素显示出超出随机波动的影响。"),
        ),
        n if n > 4 => look.say(
            format!("{kpi}: {n} factors have an effect beyond chance, {} before others.", shown[0]),
            format!("{kpi}：{n} 个因素的影响超出随机波动，以{}为首。", shown[0]),
        ),
        1 => look.say(
            format!("{kpi}: only {} is shown to have an effect beyond chance.", shown[0]),
            format!("{kpi}：只有{}显示出超出随机波动的影响。", shown[0]),
        ),
        _ => {
            let shown = listed(&shown, look);
            look.say(
                format!("{kpi}: {shown} have an effect beyond chance."),
                format!("{kpi}：{shown}的影响超出随机波动。"),
            )
        }
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(words: &[String], look: &Look) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => look.say(format!("{} and {last}", first.join(", ")), words.join("、")),
    }
}
