//! Room: deck. What a sweep answers: how much is enough, which setting is best, and the settings with their KPIs.

use super::answers::{ROWS, cell, level, number, said};
use super::model::{Column, Slide};
use super::read::{Source, Swept};
use super::slides::table_slide;
use crate::metrics::label_in;
use crate::report::layout::{LEFT, RIGHT};
use crate::report::wording::plural;
use crate::report::{self, Look, half_width, inside, spoken};
use crate::scenario::{self, Language};
use crate::table::Table;

/// KPIs of a sweep that fit beside the factors.
const SWEPT: usize = 4;

/// What `nearfar analyze` found: on one slide where there is one lever, else a slide for each method.
pub(super) fn found(source: &Source, swept: &Swept) -> Vec<Slide> {
    let curves = swept.analysis.get("knee").map(curves).unwrap_or_default();
    let one = curves.first().filter(|first| curves.iter().all(|it| it.kind() == first.kind()));
    match one {
        Some(first) => vec![together(source, swept, &curves, first)],
        None => best(source, swept).into_iter().chain(knee(source, swept, &curves)).collect(),
    }
}

/// A KPI along a lever, as knee.csv has it.
struct Curve<'a> {
    table: &'a Table,
    metric: &'a str,
    factor: &'a str,
    scenario: &'a str,
    by: String,
    /// Rows of its levels, ascending.
    levels: Vec<usize>,
    knee: Option<usize>,
    enough: Option<usize>,
}

impl Curve<'_> {
    /// What tells curves over one axis from others.
    fn kind(&self) -> (&str, &str, &str) {
        (self.factor, self.scenario, &self.by)
    }

    /// The level of the lever in a row.
    fn at(&self, row: usize) -> String {
        plain(cell(self.table, row, "x"))
    }

    fn knee_words(&self) -> String {
        let Some(row) = self.knee else { return "no bend".to_owned() };
        let half = number(self.table, row, "half_width");
        let wide = if half.is_finite() { format!(" ± {}", plain(&format!("{half:.1}"))) } else { String::new() };
        format!("{}{wide}", self.at(row))
    }

    fn enough_words(&self) -> String {
        let judged = self.levels.iter().any(|&row| number(self.table, row, "worse_than_highest").is_finite());
        match self.enough {
            Some(row) => self.at(row),
            None if judged => "more not shown to help".to_owned(),
            None => "neither good nor bad".to_owned(),
        }
    }

    fn value(&self, row: usize, code: &str) -> String {
        let unit = said(cell(self.table, row, "unit"));
        with_half(number(self.table, row, "value"), number(self.table, row, "half_width"), unit, code)
    }
}

fn curves(table: &Table) -> Vec<Curve<'_>> {
    let mut curves: Vec<Curve<'_>> = Vec::new();
    for row in 0..table.len() {
        let by = [cell(table, row, "by"), cell(table, row, "by_level")].join(" ").trim().to_owned();
        let (metric, factor, scenario) =
            (cell(table, row, "metric"), cell(table, row, "factor"), cell(table, row, "scenario"));
        let same = |it: &&mut Curve<'_>| it.metric == metric && it.kind() == (factor, scenario, &by);
        let curve = match curves.iter_mut().position(|mut it| same(&mut it)) {
            Some(place) => &mut curves[place],
            None => {
                let (levels, knee, enough) = (Vec::new(), None, None);
                curves.push(Curve { table, metric, factor, scenario, by, levels, knee, enough });
                curves.last_mut().expect("one was just added")
            }
        };
        match cell(table, row, "row") {
            "level" => curve.levels.push(row),
            "knee" => curve.knee = Some(row),
            "enough" => curve.enough = Some(row),
            _ => {}
        }
    }
    curves
}

/// What people call the lever, and the unit of its levels; none where the name says what is counted.
fn lever<'a>(swept: &'a Swept, column: &'a str) -> (&'a str, &'a str) {
    let label = swept.factors.iter().find(|known| known[0] == column).map_or(column, |known| known[1].as_str());
    let unit = scenario::key(column).map_or("", |key| key.unit);
    let counts = matches!(unit, "couriers" | "stores" | "orders" | "SKUs" | "consumers" | "orders/day");
    (label, if counts { "" } else { unit })
}

/// A level with what it counts: `190 couriers`, `radius 3 km`.
fn at_level(swept: &Swept, column: &str, value: &str) -> String {
    match lever(swept, column) {
        (label, "") if scenario::key(column).is_some() => format!("{value} {label}"),
        (label, unit) => format!("{label} {value} {unit}").trim_end().to_owned(),
    }
}

/// Ends, knee, what is enough and what may be best for each KPI along the one lever.
fn together(source: &Source, swept: &Swept, curves: &[Curve<'_>], first: &Curve<'_>) -> Slide {
    let code = currency_of(swept);
    let rankings = swept.analysis.get("best").map(rankings).unwrap_or_default();
    let ends = [first.levels.first(), first.levels.last()].map(|row| row.copied().unwrap_or(0));
    let [low, high] = ends.map(|row| at_level(swept, first.factor, &first.at(row)));
    let at = |level: &str| swept.look.say(format!("At {level}"), format!("{level} 时"));
    let heads = ["", &at(&low), &at(&high), "Bends most at", "Enough from", "May be the best"];
    let mut lines = vec![heads.map(|head| said_in(head, &swept.look)).to_vec()];
    for curve in curves.iter().take(ROWS) {
        let ends = [curve.levels.first(), curve.levels.last()].map(|row| row.copied().unwrap_or(0));
        let ranking = rankings.iter().find(|it| it.metric == curve.metric);
        let best = ranking.map_or("–".to_owned(), |it| match it.left.as_slice() {
            _ if it.level => said_in("any", &swept.look),
            few @ ([_] | [_, _] | [_, _, _] | [_, _, _, _]) => {
                few.iter().map(|&row| plain(cell(it.table, row, first.factor))).collect::<Vec<_>>().join(", ")
            }
            many => format!("{} of {}", many.len(), it.all),
        });
        lines.push(vec![
            label_in(curve.metric, swept.look.language).to_owned(),
            spoken(&curve.value(ends[0], code), &swept.look),
            spoken(&curve.value(ends[1], code), &swept.look),
            said_in(&curve.knee_words(), &swept.look),
            said_in(&curve.enough_words(), &swept.look),
            best,
        ]);
    }
    let columns = vec![
        Column::left(430.0).bold(),
        Column::right(270.0),
        Column::right(270.0),
        Column::right(220.0),
        Column::right(316.0).bold(),
        Column::right(270.0),
    ];
    let subtitle = swept.look.say(
        "Each KPI at both ends of the range, ± half of the 95% interval, and what the analysis found",
        "各指标在范围两端的数值（± 为 95% 置信区间的一半）与分析结论",
    );
    let words = swept.look.say(
        "enough from = no level from there on is worse than the highest by more than the difference that counts, beyond \
         chance · may be the best = not beaten beyond chance",
        "足够起点 = 从此水平起，排除随机波动后没有水平比最高水平差得超过有意义的差异 · 可能最优 = 未被超出随机波动地超过",
    );
    let note = format!("{} · {words}", source.origin);
    table_slide(&enough_title(swept, curves, first), subtitle, columns, lines, &note)
}

/// How much of the lever is enough for which KPI.
fn enough_title(swept: &Swept, curves: &[Curve<'_>], first: &Curve<'_>) -> String {
    let mut parts: Vec<(f64, String, Vec<String>)> = Vec::new();
    for curve in curves {
        let Some(row) = curve.enough else { continue };
        let (x, kpi) = (number(curve.table, row, "x"), inside(label_in(curve.metric, swept.look.language)));
        match parts.iter_mut().find(|(other, ..)| *other == x) {
            Some((.., kpis)) => kpis.push(kpi),
            None => parts.push((x, curve.at(row), vec![kpi])),
        }
    }
    parts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let Some((_, at, kpis)) = parts.first() else {
        let name = lever(swept, first.factor).0;
        return swept.look.say(
            format!("More {name} is not shown to improve any of {}", plural(curves.len(), "KPI")),
            format!("未显示增加 {name} 能改善 {} 项指标中的任何一项", curves.len()),
        );
    };
    if swept.look.language == Language::Zh {
        let part = |(_, at, kpis): &(f64, String, Vec<String>)| {
            format!("{}：{}", kpis.join("、"), at_level(swept, first.factor, at))
        };
        return format!("足够的水平——{}", parts.iter().map(part).collect::<Vec<_>>().join("，"));
    }
    let rest = parts.iter().skip(1).map(|(_, at, kpis)| format!(", {at} for {}", kpis.join(" and ")));
    let verb = if lever(swept, first.factor).1.is_empty() { "are" } else { "is" };
    format!(
        "{} {verb} enough for {}{}",
        at_level(swept, first.factor, at),
        kpis.join(" and "),
        rest.collect::<String>()
    )
}

/// A head or a standing word in the language of the slides.
fn said_in(word: &str, look: &Look) -> String {
    let chinese = match word {
        "KPI" => "指标",
        "Better" => "方向",
        "May be the best" => "可能最优",
        "Its mean" => "均值",
        "More replications" => "还需重复运行",
        "any" => "任意",
        "any: no difference that counts" => "任意：没有有意义的差异",
        "Lever" => "杠杆",
        "At its lowest" => "最低水平时",
        "At its highest" => "最高水平时",
        "Bends most at" => "拐点",
        "Enough from" => "足够起点",
        "no bend" => "无拐点",
        "more not shown to help" => "未显示增加有益",
        "neither good nor bad" => "无优劣之分",
        other => other,
    };
    look.say(word, chinese).to_owned()
}

/// Replications that are advised as a number.
const MOST_ADVISED: f64 = 1000.0;

/// The settings left for a KPI, as best.csv has them.
struct Ranking<'a> {
    table: &'a Table,
    metric: &'a str,
    lower: bool,
    all: usize,
    /// Rows of those that may be the best: still in, and not shown to be worse than the leader.
    left: Vec<usize>,
    /// The ranking and selection has left one.
    decided: bool,
    /// It is settled that all means lie within the difference that counts.
    level: bool,
}

impl Ranking<'_> {
    /// The row with the best mean among those left.
    fn first(&self) -> Option<usize> {
        let mean = |row: usize| number(self.table, row, "mean") * if self.lower { 1.0 } else { -1.0 };
        self.left.iter().copied().min_by(|a, b| mean(*a).total_cmp(&mean(*b)))
    }
}

fn rankings(table: &Table) -> Vec<Ranking<'_>> {
    let mut found: Vec<Ranking<'_>> = Vec::new();
    for row in 0..table.len() {
        let metric = cell(table, row, "metric");
        if found.iter().all(|it| it.metric != metric) {
            let all: Vec<usize> = (0..table.len()).filter(|&row| cell(table, row, "metric") == metric).collect();
            // In a table of an earlier version without the column it is not a number, and nothing is shown.
            let worse = |row: usize| number(table, row, "behind_low") > 0.0;
            let is_left = |row: &usize| cell(table, *row, "standing") != "out" && !worse(*row);
            let means = || all.iter().map(|&row| number(table, row, "mean"));
            let wide = means().fold(f64::NEG_INFINITY, f64::max) - means().fold(f64::INFINITY, f64::min);
            let settled = number(table, row, "missing_replications") == 0.0;
            found.push(Ranking {
                table,
                metric,
                lower: cell(table, row, "better") == "lower",
                all: all.len(),
                left: all.iter().copied().filter(is_left).collect(),
                decided: all.iter().any(|&row| cell(table, row, "standing") == "best"),
                level: settled && wide < number(table, row, "indifference"),
            });
        }
    }
    found
}

/// What `nearfar analyze` found to be the best setting, for each KPI.
fn best(source: &Source, swept: &Swept) -> Option<Slide> {
    let (table, look) = (swept.analysis.get("best")?, &swept.look);
    let factors: Vec<&[String; 4]> = swept.factors.iter().filter(|factor| table.column(&factor[0]).is_some()).collect();
    let heads = ["KPI", "Better", "May be the best", "Its mean", "More replications"];
    let mut lines = vec![heads.map(|head| said_in(head, &swept.look)).to_vec()];
    let mut settled: Vec<String> = Vec::new();
    let mut alike = 0;
    for it in rankings(table).iter().take(ROWS) {
        let Some(first) = it.first() else { continue };
        alike += usize::from(it.level);
        let words = |row: usize| {
            let at = factors.iter().map(|factor| at_level(swept, &factor[0], &plain(cell(table, row, &factor[0]))));
            at.collect::<Vec<_>>().join(", ")
        };
        if it.decided && !it.level {
            let (kpi, at) = (inside(label_in(it.metric, look.language)), words(first));
            settled.push(look.say(format!("{kpi} is best at {at}"), format!("{kpi}最优：{at}")));
        }
        let missing = number(table, first, "missing_replications");
        lines.push(vec![
            label_in(it.metric, swept.look.language).to_owned(),
            if it.lower { look.say("lower", "越低越好") } else { look.say("higher", "越高越好") }.to_owned(),
            match it.left.len() {
                _ if it.level => said_in("any: no difference that counts", look),
                1 if !it.decided => look.say(format!("{} leads", words(first)), format!("{} 领先", words(first))),
                1 => words(first),
                n => look.say(
                    format!("{n} of {}, by the mean {}", it.all, words(first)),
                    format!("{} 个中 {n} 个，均值最优 {}", it.all, words(first)),
                ),
            },
            spoken(&with_half_width(table, first, currency_of(swept)), look),
            match missing {
                more if more > MOST_ADVISED => look.say("more than 1,000", "超过 1,000").to_owned(),
                more if more > 0.0 => {
                    let more = report::wording::number(more, 0);
                    look.say(format!("{more} at most"), format!("至多 {more}"))
                }
                _ => look.say("none", "无需").to_owned(),
            },
        ]);
    }
    let open = lines.len() - 1 - settled.len() - alike;
    let mut title = match (settled.first(), open) {
        (None, 0) => {
            look.say("No setting differs from another by what counts", "各方案之间没有有意义的差异").to_owned()
        }
        (None, n) => look.say(
            format!("No single best setting yet in {}: more replications decide", plural(n, "KPI")),
            format!("{n} 项指标尚无唯一最优方案：需更多重复运行"),
        ),
        (Some(one), 0) => one.clone(),
        (Some(one), n) => {
            look.say(format!("{one}; not settled for {}", plural(n, "KPI")), format!("{one}；另有 {n} 项指标未定"))
        }
    };
    if let Some(first) = title.get(..1).map(str::to_uppercase) {
        title.replace_range(..1, &first);
    }
    let columns = vec![
        Column::left(450.0).bold(),
        Column::left(130.0),
        Column::left(630.0),
        Column::right(290.0).bold(),
        Column::right(276.0),
    ];
    let subtitle = look.say(
        "Ranking and selection, and paired intervals: a setting is out once another is better by more than chance",
        "排序与选择及成对区间：一旦另一方案的优势超出随机波动，该方案即出局",
    );
    Some(table_slide(&title, subtitle, columns, lines, &source.origin))
}

/// From which level on more brings little, for each KPI.
fn knee(source: &Source, swept: &Swept, curves: &[Curve<'_>]) -> Option<Slide> {
    if curves.is_empty() {
        return None;
    }
    let (code, look) = (currency_of(swept), &swept.look);
    let heads = ["KPI", "Lever", "At its lowest", "At its highest", "Bends most at", "Enough from"];
    let mut lines = vec![heads.map(|head| said_in(head, &swept.look)).to_vec()];
    for curve in curves.iter().take(ROWS) {
        let several = swept.scenarios.len() > 1;
        let at = [Some(curve.by.as_str()), several.then_some(curve.scenario)];
        let at: Vec<&str> = at.into_iter().flatten().filter(|words| !words.is_empty()).collect();
        let kpi = label_in(curve.metric, swept.look.language);
        let end = |row: Option<&usize>| {
            row.map_or(String::new(), |&row| format!("{} ({})", spoken(&curve.value(row, code), look), curve.at(row)))
        };
        lines.push(vec![
            if at.is_empty() { kpi.to_owned() } else { format!("{kpi} ({})", at.join(", ")) },
            lever(swept, curve.factor).0.to_owned(),
            end(curve.levels.first()),
            end(curve.levels.last()),
            said_in(&curve.knee_words(), look),
            said_in(&curve.enough_words(), look),
        ]);
    }
    let columns = vec![
        Column::left(430.0).bold(),
        Column::left(220.0),
        Column::right(310.0),
        Column::right(310.0),
        Column::right(210.0),
        Column::right(296.0).bold(),
    ];
    let told = curves.iter().filter(|curve| curve.enough.is_some()).count();
    let title = match told {
        0 => look.say("More of no lever is shown to help", "未显示增加任何杠杆有益").to_owned(),
        n => look.say(
            format!("What is enough is shown for {n} of {}", plural(curves.len(), "curve")),
            format!("{} 条曲线中 {n} 条显示了足够的水平", curves.len()),
        ),
    };
    let subtitle = look.say(
        "Enough: from here on no level is worse than the highest by more than the difference that counts, beyond chance",
        "足够：从此水平起，排除随机波动后没有水平比最高水平差得超过有意义的差异",
    );
    Some(table_slide(&title, subtitle, columns, lines, &source.origin))
}

fn currency_of(swept: &Swept) -> &str {
    swept.scenarios.first().map_or("CNY", |(_, scenario)| &scenario.report.currency)
}

/// A level as people write it.
fn plain(text: &str) -> String {
    text.strip_suffix(".0").unwrap_or(text).to_owned()
}

/// The settings with their first KPIs, from summary.csv.
pub(super) fn settings(source: &Source, swept: &Swept) -> Slide {
    let (table, look) = (&swept.summary, &swept.look);
    let shown: Vec<&String> = swept.metrics.iter().take(SWEPT).collect();
    let factors: Vec<&[String; 4]> =
        swept.factors.iter().filter(|factor| table.column(&factor[0]).is_some()).take(3).collect();
    let scenarios = swept.scenarios.len() > 1;
    let mut points: Vec<&str> = Vec::new();
    for row in 0..table.len() {
        let point = cell(table, row, "point");
        if points.last() != Some(&point) {
            points.push(point);
        }
    }
    let mut head: Vec<String> = factors.iter().map(|factor| factor[1].clone()).collect();
    if scenarios {
        head.insert(0, look.say("Scenario", "场景").into());
    }
    head.extend(shown.iter().map(|kpi| label_in(kpi, swept.look.language).to_owned()));
    let mut lines = vec![head];
    for point in points.iter().take(ROWS - 2) {
        let rows: Vec<usize> = (0..table.len()).filter(|&row| cell(table, row, "point") == *point).collect();
        let first = rows[0];
        let mut line: Vec<String> = factors.iter().map(|factor| plain(cell(table, first, &factor[0]))).collect();
        if scenarios {
            line.insert(0, cell(table, first, "scenario").to_owned());
        }
        line.extend(shown.iter().map(|kpi| {
            let row = rows.iter().find(|&&row| cell(table, row, "kpi") == kpi.as_str());
            row.map_or(String::new(), |&row| spoken(&with_half_width(table, row, currency_of(swept)), look))
        }));
        lines.push(line);
    }
    let left = factors.len() + usize::from(scenarios);
    let total = RIGHT - LEFT;
    let narrow = (total * 0.4 / left.max(1) as f64).min(180.0);
    let wide = (total - narrow * left as f64) / shown.len().max(1) as f64;
    let mut columns = vec![Column::left(narrow).bold(); left];
    columns.extend(vec![Column::right(wide); shown.len()]);
    let title = range(swept, &points).unwrap_or_else(|| {
        look.say(
            format!("{} were simulated", plural(points.len(), "setting")),
            format!("模拟了 {} 个方案", points.len()),
        )
    });
    let more = points.len().saturating_sub(ROWS - 2);
    let rest = match more {
        0 => String::new(),
        more => look.say(format!("; {more} more stand in summary.csv"), format!("；另有 {more} 个在 summary.csv 中")),
    };
    let subtitle = look.say(
        format!("Means over replications, ± half of the 95% interval{rest}"),
        format!("重复运行的均值，± 为 95% 置信区间的一半{rest}"),
    );
    table_slide(&title, &subtitle, columns, lines, &source.origin)
}

/// The first KPI over all settings, from its lowest mean to its highest.
fn range(swept: &Swept, points: &[&str]) -> Option<String> {
    let (table, kpi) = (&swept.summary, swept.metrics.first()?);
    let rows: Vec<usize> = (0..table.len())
        .filter(|&row| cell(table, row, "kpi") == kpi.as_str() && number(table, row, "mean").is_finite())
        .collect();
    let means = rows.iter().map(|&row| number(table, row, "mean"));
    let (low, high) =
        means.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), mean| (low.min(mean), high.max(mean)));
    let unit = said(cell(table, *rows.first()?, "unit"));
    let [low, high] = [low, high].map(|value| spoken(&level(value, unit, currency_of(swept)), &swept.look));
    let settings = plural(points.len(), "setting");
    let name = inside(label_in(kpi, swept.look.language));
    let english = format!("Over {settings} {name} goes from {low} to {high}");
    Some(swept.look.say(english, format!("{} 个方案中{name}从 {low} 到 {high}", points.len())))
}

fn with_half_width(table: &Table, row: usize, code: &str) -> String {
    let unit = said(cell(table, row, "unit"));
    with_half(number(table, row, "mean"), number(table, row, "half_width"), unit, code)
}

fn with_half(mean: f64, half: f64, unit: &str, code: &str) -> String {
    let kpi =
        report::Kpi { name: String::new(), label: String::new(), value: mean, half_width: None, unit: unit.to_owned() };
    let value = level(mean, unit, code);
    match half.is_finite() {
        // The unit is said once.
        true => {
            let (figure, unit) = value.split_once(' ').map_or((value.as_str(), ""), |(figure, unit)| (figure, unit));
            let half = half_width(half, &kpi, code, Look::plain()).replace(" points", "");
            let half = half.strip_suffix(unit).unwrap_or(&half).trim_end();
            format!("{figure} ± {half} {unit}").trim_end().to_owned()
        }
        false => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_settings_not_shown_to_be_worse_may_be_the_best() {
        let table = |rows: &str| {
            let head = "metric,better,mean,standing,indifference,missing_replications,behind_low";
            crate::table::parse("best.csv", format!("{head}\n{rows}").into_bytes(), crate::table::COMMA).unwrap()
        };
        let open = table("wait,lower,20,still in,0.3,14458,0\nwait,lower,54,still in,0.3,14458,25\n");
        let it = &rankings(&open)[0];
        assert_eq!((it.left.as_slice(), it.decided, it.level), (&[0][..], false, false));
        let same = table("cost,lower,8,best,0.1,0,0\ncost,lower,8.01,out,0.1,0,0\n");
        assert!(rankings(&same)[0].level);
    }
}
