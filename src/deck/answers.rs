//! Room: deck. The slide that answers first: cards of a run, a table of a comparison, the settings of a sweep.

use super::appendix;
use super::model::{Column, Grid, Item, Layout, Slide, Tone, Words};
use super::read::{Compared, Found, Source, Swept};
use super::slides::{BOTTOM, head, source_line, table_slide};
use crate::metrics::{KpiSummary, definition};
use crate::report::layout::{Area, LEFT, RIGHT};
use crate::report::wording::{currency, plural, signed};
use crate::report::{self, half_width, in_unit};
use crate::scenario::Scenario;
use crate::table::Table;

/// KPIs on the cards, in reading order.
const CARDS: [&str; 6] = [
    "orders",
    "near_share_orders",
    "on_time_share",
    "click_to_door_p90_min",
    "cost_per_order",
    "contribution_margin_per_order",
];
/// Rows of a table that a slide holds.
pub(super) const ROWS: usize = 20;
/// KPIs of a sweep that fit beside the factors.
const SWEPT: usize = 4;

pub(super) fn slides(source: &Source) -> Vec<Slide> {
    match &source.found {
        Found::Run { scenario, kpis, replications, .. } => vec![cards(source, scenario, kpis, *replications)],
        Found::Compare(compared) => {
            let mut slides = vec![differences(source, compared)];
            slides.push(appendix::changes(source, &compared.changes));
            if let Some(table) = &compared.hypotheses {
                let last = slides.len() - 1;
                match expected_below(&slides[last], compared, table) {
                    Some(grid) => slides[last].items.extend(grid),
                    None => slides.push(hypotheses(source, compared, table)),
                }
            }
            slides
        }
        Found::Sweep(swept) => {
            let mut slides: Vec<Slide> = best(source, swept).into_iter().chain(knee(source, swept)).collect();
            slides.push(settings(source, swept));
            slides
        }
    }
}

/// The label of a KPI.
fn label(name: &str) -> &str {
    definition(name).map_or(name, |definition| definition.label)
}

/// The unit as the report says it.
fn said(unit: &str) -> &str {
    if matches!(unit, "orders" | "violations") { "count" } else { unit }
}

fn cards(source: &Source, scenario: &Scenario, kpis: &[KpiSummary], replications: u32) -> Slide {
    let code = &scenario.report.currency;
    let found: Vec<&KpiSummary> =
        CARDS.iter().filter_map(|name| kpis.iter().find(|kpi| kpi.name == *name && kpi.mean.is_finite())).collect();
    let value =
        |name: &str| found.iter().find(|kpi| kpi.name == name).map(|kpi| in_unit(kpi.mean, said(kpi.unit), code));
    let title = match (value("near_share_orders"), value("on_time_share")) {
        (Some(near), Some(on_time)) => {
            format!("{near} of orders go near-field, and {on_time} of those arrive on time")
        }
        _ => "The day in figures".to_owned(),
    };
    let subtitle = match replications {
        1 => "One replication, so without intervals: small differences to another run may be chance".to_owned(),
        n => format!("Means over {n} replications, ± half of the 95% interval"),
    };
    let (mut items, top) = head(&title, &subtitle);
    let (gap, columns) = (36.0, 3.0);
    let width = (RIGHT - LEFT - gap * (columns - 1.0)) / columns;
    let height = 320.0;
    for (place, kpi) in found.iter().enumerate() {
        let left = LEFT + (place % 3) as f64 * (width + gap);
        let top = top + 50.0 + (place / 3) as f64 * (height + gap);
        let area = Area { left, top, right: left + width, bottom: top + height };
        items.extend(card(area, kpi, code, scenario));
    }
    items.push(Item::Words(source_line(&source.origin)));
    Slide { layout: Layout::Table, items }
}

fn card(area: Area, kpi: &KpiSummary, code: &str, scenario: &Scenario) -> Vec<Item> {
    let Area { left, top, right, bottom } = area;
    let line = |from: f64, height: f64| Area {
        left: left + 34.0,
        top: top + from,
        right: right - 16.0,
        bottom: top + from + height,
    };
    let tone = match kpi.name {
        "orders" | "cost_per_order" | "contribution_margin_per_order" => Tone::Ink,
        _ => Tone::Near,
    };
    let whose = if kpi.name == "contribution_margin_per_order" {
        format!(" ({})", scenario.money.perspective.word())
    } else {
        String::new()
    };
    let row = report::Kpi {
        name: kpi.name.to_owned(),
        label: String::new(),
        value: kpi.mean,
        half_width: None,
        unit: said(kpi.unit).to_owned(),
    };
    let value = level(kpi.mean, said(kpi.unit), code);
    let interval = match kpi.half_width.is_finite() {
        true => format!("± {}", half_width(kpi.half_width, &row, code)),
        false => String::new(),
    };
    let mut items = vec![
        Item::Bar { area, tone: Tone::Ground },
        Item::Bar { area: Area { right: left + 10.0, bottom, ..area }, tone },
        Item::Words(Words::free(line(34.0, 44.0), &format!("{}{whose}", label(kpi.name)), 28.0, Tone::Muted)),
        Item::Words(Words::free(line(98.0, 110.0), &value, 84.0, Tone::Ink).bold()),
    ];
    if !interval.is_empty() {
        items.push(Item::Words(Words::free(line(226.0, 44.0), &interval, 30.0, Tone::Muted)));
    }
    items
}

/// A cell by the name of its column; empty if there is none.
pub(super) fn cell<'a>(table: &'a Table, row: usize, name: &str) -> &'a str {
    table.column(name).map_or("", |column| table.cell(row, column))
}

fn number(table: &Table, row: usize, name: &str) -> f64 {
    cell(table, row, name).parse().unwrap_or(f64::NAN)
}

fn differences(source: &Source, compared: &Compared) -> Slide {
    let table = &compared.kpis;
    let code = &compared.whatif.report.currency;
    let family: Vec<usize> = (0..table.len()).filter(|&row| cell(table, row, "family") == "corrected").collect();
    let rows: Vec<usize> = if family.is_empty() { (0..table.len()).collect() } else { family };
    let data: Vec<usize> =
        rows.into_iter().filter(|&row| cell(table, row, "verdict") != "no data").take(ROWS - 4).collect();
    let shown = |row: &&usize| !matches!(cell(table, **row, "verdict"), "no difference shown" | "no interval");
    let clear = data.iter().filter(shown).count();
    let title = match clear {
        0 => format!("No difference is shown in {}", plural(data.len(), "main figure")),
        1 => format!("One of {} main figures differs by more than chance", data.len()),
        n => format!("{n} of {} main figures differ by more than chance", data.len()),
    };
    let subtitle = format!("Base: {}. What-if: {}", compared.base.label, compared.whatif.label);
    let mut lines = vec![
        ["", "Base", "What-if", "Difference", &format!("{}% interval", compared.percent), "Verdict"]
            .map(str::to_owned)
            .to_vec(),
    ];
    lines.extend(data.iter().map(|&row| difference(table, row, code)));
    let columns = vec![
        Column::left(480.0).bold(),
        Column::right(210.0),
        Column::right(210.0),
        Column::right(250.0).bold(),
        Column::right(296.0),
        Column::left(330.0),
    ];
    let note = format!(
        "{} · “no difference shown”: chance alone may do this, which does not show that both are equal",
        source.origin
    );
    table_slide(&title, &subtitle, columns, lines, &note)
}

/// A table row: levels, difference, interval and verdict of a KPI.
fn difference(table: &Table, row: usize, code: &str) -> Vec<String> {
    let unit = said(cell(table, row, "unit"));
    let of = |name: &str| level(number(table, row, name), unit, code);
    let (low, high) = (number(table, row, "low"), number(table, row, "high"));
    let change = number(table, row, "difference");
    let places = places(change, unit);
    let interval = match low.is_finite() && high.is_finite() {
        true => format!("{} to {}", less(low, unit, places, "").0, less(high, unit, places, "").0),
        false => "–".to_owned(),
    };
    let (amount, after) = less(change, unit, places, code);
    vec![
        label(cell(table, row, "kpi")).to_owned(),
        of("base_mean"),
        of("whatif_mean"),
        amount + &after,
        interval,
        cell(table, row, "verdict").to_owned(),
    ]
}

/// Decimals that leave two figures of a small difference.
fn places(change: f64, unit: &str) -> usize {
    let size = change.abs() * if unit == "share" { 100.0 } else { 1.0 };
    match size {
        size if !size.is_finite() || size == 0.0 || size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 0.1 => 2,
        _ => 3,
    }
}

/// A difference with its sign, and the words after it; money with its currency unless the code is empty.
fn less(value: f64, unit: &str, places: usize, code: &str) -> (String, String) {
    match unit {
        "share" => (signed(value * 100.0, places), " points".to_owned()),
        "count" => (signed(value, places), String::new()),
        unit if unit.starts_with("yuan") => {
            let amount = signed(value, places);
            let sign = amount.chars().next().filter(|c| !c.is_ascii_digit() && !code.is_empty());
            match sign {
                Some(sign) => (format!("{sign}{}{}", currency(code), &amount[sign.len_utf8()..]), String::new()),
                None => (amount, String::new()),
            }
        }
        unit => (signed(value, places), format!(" {unit}").trim_end().to_owned()),
    }
}

/// A level; counts of thousands are whole, though means need not be, and labels say what is per order.
fn level(value: f64, unit: &str, code: &str) -> String {
    let value = if unit == "count" && value.abs() >= 1000.0 { value.round() } else { value };
    in_unit(value, unit, code).replace(" per order", "")
}

/// Expectations in words: how many came as expected.
fn met(table: &Table) -> String {
    let met = (0..table.len()).filter(|&row| cell(table, row, "outcome") == "as expected").count();
    match table.len() {
        1 if met == 1 => "What was expected came".to_owned(),
        1 => "What was expected is not shown".to_owned(),
        n => format!("{met} of {n} expectations came as expected"),
    }
}

const EXPECTED: &str = "Written into the what-if before it was simulated";

fn hypotheses(source: &Source, compared: &Compared, table: &Table) -> Slide {
    let (columns, lines) = expected(compared, table);
    table_slide(&met(table), EXPECTED, columns, lines, &source.origin)
}

/// The expectations below the table of a slide, if there is room.
fn expected_below(slide: &Slide, compared: &Compared, table: &Table) -> Option<Vec<Item>> {
    let bottom = slide.items.iter().find_map(|item| match item {
        Item::Table(grid) => Some(grid.area.bottom),
        _ => None,
    })?;
    let (columns, lines) = expected(compared, table);
    let heading = Area { left: LEFT, top: bottom + 60.0, right: RIGHT, bottom: bottom + 100.0 };
    let grid = Grid::new((LEFT, bottom + 116.0), columns, lines, 26.0);
    let words = format!("{}. {EXPECTED}", met(table));
    (grid.area.bottom <= BOTTOM - 20.0)
        .then(|| vec![Item::Words(Words::free(heading, &words, 30.0, Tone::Ink).bold()), Item::Table(grid)])
}

fn expected(compared: &Compared, table: &Table) -> (Vec<Column>, Vec<Vec<String>>) {
    let mut lines =
        vec![["Expected beforehand", "", "Outcome", "Difference", "Why it was expected"].map(str::to_owned).to_vec()];
    let code = &compared.whatif.report.currency;
    lines.extend((0..table.len()).take(ROWS).map(|row| {
        let unit = said(cell(table, row, "unit"));
        let change = number(table, row, "difference");
        let (amount, after) = less(change, unit, places(change, unit), code);
        vec![
            label(cell(table, row, "kpi")).to_owned(),
            cell(table, row, "direction").to_owned(),
            cell(table, row, "outcome").to_owned(),
            amount + &after,
            cell(table, row, "reason").to_owned(),
        ]
    }));
    let columns = vec![
        Column::left(450.0).bold(),
        Column::left(110.0),
        Column::left(320.0).bold(),
        Column::right(240.0),
        Column::left(656.0),
    ];
    (columns, lines)
}

/// What `nearfar analyze` found to be the best setting, for each KPI.
fn best(source: &Source, swept: &Swept) -> Option<Slide> {
    let table = swept.analysis.get("best")?;
    let factors: Vec<&[String; 4]> = swept.factors.iter().filter(|factor| table.column(&factor[0]).is_some()).collect();
    let mut metrics: Vec<&str> = Vec::new();
    for row in 0..table.len() {
        let metric = cell(table, row, "metric");
        if !metrics.contains(&metric) {
            metrics.push(metric);
        }
    }
    let heads = ["KPI", "Better", "May be the best", "Best mean", "More replications"];
    let mut lines = vec![heads.map(str::to_owned).to_vec()];
    let mut settled: Vec<String> = Vec::new();
    for metric in metrics.iter().take(ROWS) {
        let all: Vec<usize> = (0..table.len()).filter(|&row| cell(table, row, "metric") == *metric).collect();
        let left: Vec<usize> = all.iter().copied().filter(|&row| cell(table, row, "standing") != "out").collect();
        let mean = |row: &usize| number(table, *row, "mean");
        let by_mean = |a: &usize, b: &usize| mean(a).total_cmp(&mean(b));
        let lower = all.first().is_some_and(|&row| cell(table, row, "better") == "lower");
        let first =
            if lower { left.iter().min_by(|a, b| by_mean(a, b)) } else { left.iter().max_by(|a, b| by_mean(a, b)) };
        let Some(&first) = first else { continue };
        let levels = factors.iter().map(|factor| format!("{} {}", factor[1], plain(cell(table, first, &factor[0]))));
        let words = levels.collect::<Vec<_>>().join(" · ");
        if left.len() == 1 {
            settled.push(format!("{}: {words}", label(metric)));
        }
        let missing = number(table, first, "missing_replications");
        lines.push(vec![
            label(metric).to_owned(),
            cell(table, first, "better").to_owned(),
            if left.len() == 1 { words } else { format!("{} of {} settings still in", left.len(), all.len()) },
            level(number(table, first, "mean"), said(cell(table, first, "unit")), currency_of(swept)),
            if missing > 0.0 { crate::report::wording::number(missing, 0) } else { String::new() },
        ]);
    }
    let open = lines.len() - 1 - settled.len();
    let title = match (settled.first(), open) {
        (None, n) => format!("No single best setting yet in {}: more replications decide", plural(n, "KPI")),
        (Some(one), 0) => format!("Best by {one}"),
        (Some(one), n) => format!("Best by {one}; not settled for {}", plural(n, "KPI")),
    };
    let columns = vec![
        Column::left(530.0).bold(),
        Column::left(130.0),
        Column::left(560.0),
        Column::right(240.0).bold(),
        Column::right(316.0),
    ];
    Some(table_slide(&title, "Ranking and selection: settings not surely beaten", columns, lines, &source.origin))
}

/// From which level on more brings little, for each KPI.
fn knee(source: &Source, swept: &Swept) -> Option<Slide> {
    let table = swept.analysis.get("knee")?;
    let mut lines = vec![["KPI", "Lever", "Enough from", "Bends most at"].map(str::to_owned).to_vec()];
    let mut seen: Vec<(&str, &str, String)> = Vec::new();
    for row in 0..table.len() {
        let by = [cell(table, row, "by"), cell(table, row, "by_level")].join(" ");
        let key = (cell(table, row, "metric"), cell(table, row, "factor"), by.trim().to_owned());
        if !seen.contains(&key) {
            seen.push(key);
        }
    }
    for (metric, factor, by) in seen.iter().take(ROWS) {
        let of = |word: &str| {
            (0..table.len()).find(|&row| {
                let here = [cell(table, row, "by"), cell(table, row, "by_level")].join(" ");
                (cell(table, row, "metric"), cell(table, row, "factor"), here.trim()) == (metric, factor, by.as_str())
                    && cell(table, row, "row") == word
            })
        };
        let lever = swept.factors.iter().find(|known| known[0] == *factor).map_or(*factor, |known| known[1].as_str());
        let knee = of("knee").map_or("–".to_owned(), |row| {
            let half = number(table, row, "half_width");
            let wide = if half.is_finite() { format!(" ± {}", plain(&format!("{half:.1}"))) } else { String::new() };
            format!("{}{wide}", plain(cell(table, row, "x")))
        });
        let enough = of("enough").map_or("not shown".to_owned(), |row| plain(cell(table, row, "x")));
        let metric = if by.is_empty() { label(metric).to_owned() } else { format!("{} ({by})", label(metric)) };
        lines.push(vec![metric, lever.to_owned(), enough, knee]);
    }
    if lines.len() == 1 {
        return None;
    }
    let columns =
        vec![Column::left(700.0).bold(), Column::left(400.0), Column::right(300.0).bold(), Column::right(376.0)];
    let subtitle = "Enough: the lowest level not surely worse than the highest by more than the indifference";
    Some(table_slide("From where on more brings little", subtitle, columns, lines, &source.origin))
}

fn currency_of(swept: &Swept) -> &str {
    swept.scenarios.first().map_or("CNY", |(_, scenario)| &scenario.report.currency)
}

/// A level as people write it.
fn plain(text: &str) -> String {
    text.strip_suffix(".0").unwrap_or(text).to_owned()
}

/// The settings with their first KPIs, from summary.csv.
fn settings(source: &Source, swept: &Swept) -> Slide {
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
    let (mean, half) = (number(table, row, "mean"), number(table, row, "half_width"));
    let kpi =
        report::Kpi { name: String::new(), label: String::new(), value: mean, half_width: None, unit: unit.to_owned() };
    let value = level(mean, unit, code);
    match half.is_finite() {
        true => format!("{value} ± {}", half_width(half, &kpi, code).replace(" points", "")),
        false => value,
    }
}
