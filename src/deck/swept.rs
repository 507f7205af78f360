//! Room: deck. What a sweep answers: how much is enough, which setting is best, and the settings with their KPIs.

use super::answers::{ROWS, cell, label, level, number, said};
use super::model::{Column, Slide};
use super::read::{Source, Swept};
use super::slides::table_slide;
use crate::report::layout::{LEFT, RIGHT};
use crate::report::wording::plural;
use crate::report::{self, half_width, inside};
use crate::scenario;
use crate::table::Table;

/// KPIs of a sweep that fit beside the factors.
const SWEPT: usize = 4;

/// What `nearfar analyze` found: on one slide where there is one lever, else a slide for each method.
pub(super) fn found(source: &Source, swept: &Swept) -> Vec<Slide> {
    let curves = swept.analysis.get("knee").map(|table| curves(table)).unwrap_or_default();
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
    let rankings = swept.analysis.get("best").map(|table| rankings(table)).unwrap_or_default();
    let ends = [first.levels.first(), first.levels.last()].map(|row| row.copied().unwrap_or(0));
    let [low, high] = ends.map(|row| at_level(swept, first.factor, &first.at(row)));
    let heads = ["", &format!("At {low}"), &format!("At {high}"), "Bends most at", "Enough from", "May be the best"];
    let mut lines = vec![heads.map(str::to_owned).to_vec()];
    for curve in curves.iter().take(ROWS) {
        let ends = [curve.levels.first(), curve.levels.last()].map(|row| row.copied().unwrap_or(0));
        let ranking = rankings.iter().find(|it| it.metric == curve.metric);
        let best = ranking.map_or("–".to_owned(), |it| match it.left.as_slice() {
            few @ ([_] | [_, _] | [_, _, _] | [_, _, _, _]) => {
                few.iter().map(|&row| plain(cell(it.table, row, first.factor))).collect::<Vec<_>>().join(", ")
            }
            many => format!("{} of {}", many.len(), it.all),
        });
        lines.push(vec![
            label(curve.metric).to_owned(),
            curve.value(ends[0], code),
            curve.value(ends[1], code),
            curve.knee_words(),
            curve.enough_words(),
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
    let subtitle = "Each KPI at both ends of the range, ± half of the 95% interval, and what the analysis found";
    let note = format!(
        "{} · enough from = no level from there on is worse than the highest by more than the difference that counts, beyond \
         chance · may be the best = not beaten beyond chance",
        source.origin
    );
    table_slide(&enough_title(swept, curves, first), subtitle, columns, lines, &note)
}

/// How much of the lever is enough for which KPI.
fn enough_title(swept: &Swept, curves: &[Curve<'_>], first: &Curve<'_>) -> String {
    let mut parts: Vec<(f64, String, Vec<String>)> = Vec::new();
    for curve in curves {
        let Some(row) = curve.enough else { continue };
        let (x, kpi) = (number(curve.table, row, "x"), inside(label(curve.metric)));
        match parts.iter_mut().find(|(other, ..)| *other == x) {
            Some((.., kpis)) => kpis.push(kpi),
            None => parts.push((x, curve.at(row), vec![kpi])),
        }
    }
    parts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let Some((_, at, kpis)) = parts.first() else {
        return format!(
            "More {} is not shown to improve any of {}",
            lever(swept, first.factor).0,
            plural(curves.len(), "KPI")
        );
    };
    let rest = parts.iter().skip(1).map(|(_, at, kpis)| format!(", {at} for {}", kpis.join(" and ")));
    let verb = if lever(swept, first.factor).1.is_empty() { "are" } else { "is" };
    format!(
        "{} {verb} enough for {}{}",
        at_level(swept, first.factor, at),
        kpis.join(" and "),
        rest.collect::<String>()
    )
}

/// The settings left for a KPI, as best.csv has them.
struct Ranking<'a> {
    table: &'a Table,
    metric: &'a str,
    lower: bool,
    all: usize,
    /// Rows of those that may be the best.
    left: Vec<usize>,
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
            let left = all.iter().copied().filter(|&row| cell(table, row, "standing") != "out").collect();
            found.push(Ranking { table, metric, lower: cell(table, row, "better") == "lower", all: all.len(), left });
        }
    }
    found
}

/// What `nearfar analyze` found to be the best setting, for each KPI.
fn best(source: &Source, swept: &Swept) -> Option<Slide> {
    let table = swept.analysis.get("best")?;
    let factors: Vec<&[String; 4]> = swept.factors.iter().filter(|factor| table.column(&factor[0]).is_some()).collect();
    let heads = ["KPI", "Better", "May be the best", "Its mean", "More replications"];
    let mut lines = vec![heads.map(str::to_owned).to_vec()];
    let mut settled: Vec<String> = Vec::new();
    for it in rankings(table).iter().take(ROWS) {
        let Some(first) = it.first() else { continue };
        let words = |row: usize| {
            let at = factors.iter().map(|factor| at_level(swept, &factor[0], &plain(cell(table, row, &factor[0]))));
            at.collect::<Vec<_>>().join(", ")
        };
        if it.left.len() == 1 {
            settled.push(format!("{} is best at {}", inside(label(it.metric)), words(first)));
        }
        let missing = number(table, first, "missing_replications");
        lines.push(vec![
            label(it.metric).to_owned(),
            if it.lower { "lower" } else { "higher" }.to_owned(),
            match it.left.len() {
                1 => words(first),
                n => format!("{n} of {}, by the mean {}", it.all, words(first)),
            },
            with_half(
                number(table, first, "mean"),
                number(table, first, "half_width"),
                said(cell(table, first, "unit")),
                currency_of(swept),
            ),
            if missing > 0.0 { format!("{} at most", report::wording::number(missing, 0)) } else { "none".to_owned() },
        ]);
    }
    let open = lines.len() - 1 - settled.len();
    let mut title = match (settled.first(), open) {
        (None, n) => format!("No single best setting yet in {}: more replications decide", plural(n, "KPI")),
        (Some(one), 0) => one.clone(),
        (Some(one), n) => format!("{one}; not settled for {}", plural(n, "KPI")),
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
    let subtitle = "Ranking and selection: a setting is out once another is better by more than chance";
    Some(table_slide(&title, subtitle, columns, lines, &source.origin))
}

/// From which level on more brings little, for each KPI.
fn knee(source: &Source, swept: &Swept, curves: &[Curve<'_>]) -> Option<Slide> {
    if curves.is_empty() {
        return None;
    }
    let code = currency_of(swept);
    let heads = ["KPI", "Lever", "At its lowest", "At its highest", "Bends most at", "Enough from"];
    let mut lines = vec![heads.map(str::to_owned).to_vec()];
    for curve in curves.iter().take(ROWS) {
        let several = swept.scenarios.len() > 1;
        let at = [Some(curve.by.as_str()), several.then_some(curve.scenario)];
        let at: Vec<&str> = at.into_iter().flatten().filter(|words| !words.is_empty()).collect();
        let kpi = label(curve.metric);
        let end = |row: Option<&usize>| {
            row.map_or(String::new(), |&row| format!("{} ({})", curve.value(row, code), curve.at(row)))
        };
        lines.push(vec![
            if at.is_empty() { kpi.to_owned() } else { format!("{kpi} ({})", at.join(", ")) },
            lever(swept, curve.factor).0.to_owned(),
            end(curve.levels.first()),
            end(curve.levels.last()),
            curve.knee_words(),
            curve.enough_words(),
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
        0 => "More of no lever is shown to help".to_owned(),
        n => format!("What is enough is shown for {n} of {}", plural(curves.len(), "curve")),
    };
    let subtitle = "Enough: from here on no level is worse than the highest by more than the difference that counts, beyond chance";
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
    let table = &swept.summary;
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
        head.insert(0, "Scenario".into());
    }
    head.extend(shown.iter().map(|kpi| label(kpi).to_owned()));
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
            row.map_or(String::new(), |&row| with_half_width(table, row, currency_of(swept)))
        }));
        lines.push(line);
    }
    let left = factors.len() + usize::from(scenarios);
    let total = RIGHT - LEFT;
    let narrow = (total * 0.4 / left.max(1) as f64).min(180.0);
    let wide = (total - narrow * left as f64) / shown.len().max(1) as f64;
    let mut columns = vec![Column::left(narrow).bold(); left];
    columns.extend(vec![Column::right(wide); shown.len()]);
    let title = range(swept, &points).unwrap_or_else(|| format!("{} were simulated", plural(points.len(), "setting")));
    let more = points.len().saturating_sub(ROWS - 2);
    let rest = if more > 0 { format!("; {more} more stand in summary.csv") } else { String::new() };
    let subtitle = format!("Means over replications, ± half of the 95% interval{rest}");
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
    let [low, high] = [low, high].map(|value| level(value, unit, currency_of(swept)));
    let settings = plural(points.len(), "setting");
    Some(format!("{} goes from {low} to {high} over {settings}", label(kpi)))
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
            let half = half_width(half, &kpi, code).replace(" points", "");
            let half = half.strip_suffix(unit).unwrap_or(&half).trim_end();
            format!("{figure} ± {half} {unit}").trim_end().to_owned()
        }
        false => value,
    }
}
