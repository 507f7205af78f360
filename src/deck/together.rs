//! Room: deck. Several comparisons against one base as one deck: side by side first, then each by itself.

use super::answers::{self, ROWS, cell, difference};
use super::model::{Column, Item, Slide};
use super::read::{Compared, Found, Source};
use super::slides::{chart_slide, cover, numbered, table_slide};
use super::{DeckError, appendix};
use crate::report::layout::{LEFT, RIGHT};
use crate::results::ReadError;
use std::collections::BTreeSet;
use std::path::Path;

/// Most what-ifs whose differences have a column each.
const COLUMNS: usize = 5;

/// One source and its slides, made of all; each of `sources` is a comparison.
pub(super) fn together(folder: &Path, sources: Vec<Source>) -> Result<(Source, Vec<Source>, Vec<Slide>), DeckError> {
    let bases: BTreeSet<String> =
        sources.iter().map(|source| source.facts["base"]["scenario_hash"].to_string()).collect();
    if bases.len() > 1 {
        return Err(DeckError::Mixed { path: folder.to_owned(), bases: bases.len() });
    }
    let mut sources = sources.into_iter();
    let Some(mut first) = sources.next() else {
        return Err(ReadError::NotOurs { path: folder.to_owned() }.into());
    };
    let others: Vec<Source> = sources.collect();
    let all: Vec<&Source> = std::iter::once(&first).chain(&others).collect();
    let mut slides = vec![side_by_side(&all)];
    let mut charts = 0;
    for source in &all {
        slides.extend(answers::slides(source));
        slides.extend(source.charts.iter().enumerate().map(|(place, chart)| chart_slide(charts + place, chart)));
        charts += source.charts.len();
    }
    slides.extend(appendix::slides(&first));
    let (label, question) = (label(&all), questions(&all));
    let drawn: Vec<_> = others.iter().flat_map(|source| source.charts.iter().cloned()).collect();
    first.own_charts = first.charts.len();
    first.charts.extend(drawn);
    (first.label, first.question) = (label, question);
    slides.insert(0, cover(&first));
    numbered(&mut slides);
    debug_assert!(slides.iter().flat_map(|slide| &slide.items).all(|item| match item {
        Item::Picture { chart, .. } => *chart < charts,
        _ => true,
    }));
    Ok((first, others, slides))
}

fn compared(source: &Source) -> Option<&Compared> {
    match &source.found {
        Found::Compare(compared) => Some(compared),
        Found::Run { .. } | Found::Sweep(_) => None,
    }
}

/// The base, and how many what-ifs.
fn label(all: &[&Source]) -> String {
    let base = compared(all[0]).map_or("", |compared| &compared.base.label);
    all[0].look.say(format!("{base} → {} what-ifs", all.len()), format!("{base} → {} 个假设方案", all.len()))
}

/// What the what-ifs are called.
fn questions(all: &[&Source]) -> String {
    let names: Vec<&str> = all.iter().filter_map(|source| compared(source)).map(|c| c.whatif.label.as_str()).collect();
    names.join(" · ")
}

/// Differences of the main figures, a column for each what-if; in brackets where none is shown.
fn side_by_side(all: &[&Source]) -> Slide {
    let look = &all[0].look;
    let shown: Vec<&Compared> = all.iter().filter_map(|source| compared(source)).take(COLUMNS).collect();
    let mut head = vec![String::new(), look.say("Base", "基准").to_owned()];
    head.extend(shown.iter().map(|compared| compared.whatif.label.clone()));
    let mut lines = vec![head];
    let first = &shown[0].kpis;
    let main: Vec<usize> = (0..first.len()).filter(|&row| cell(first, row, "family") == "corrected").collect();
    let mut clear = vec![0; shown.len()];
    for row in main.into_iter().filter(|&row| cell(first, row, "verdict") != "no data").take(ROWS - 4) {
        let kpi = cell(first, row, "kpi");
        let mut line: Vec<String> = Vec::new();
        for (place, compared) in shown.iter().enumerate() {
            let table = &compared.kpis;
            let Some(row) = (0..table.len()).find(|&row| cell(table, row, "kpi") == kpi) else {
                line.push("–".to_owned());
                continue;
            };
            let cells = difference(table, row, &compared.whatif.report.currency, look);
            if line.is_empty() {
                line.extend([cells[0].clone(), cells[1].clone()]);
            }
            let unclear = matches!(cell(table, row, "verdict"), "no difference shown" | "no interval" | "no data");
            clear[place] += usize::from(!unclear);
            line.push(if unclear { format!("({})", cells[3]) } else { cells[3].clone() });
        }
        lines.push(line);
    }
    let figures = lines.len() - 1;
    let moved = shown.iter().zip(&clear).map(|(compared, n)| (&compared.whatif.label, n));
    let english = moved.clone().enumerate().map(|(place, (label, n))| match place {
        0 => format!("{label} moves {n} of {figures} main figures beyond chance"),
        _ => format!("{label} {n}"),
    });
    let chinese = moved.map(|(label, n)| format!("{label} {n} 项"));
    let (english, chinese): (Vec<String>, Vec<String>) = (english.collect(), chinese.collect());
    let title = look.say(english.join(", "), format!("{figures} 项主要指标中超出随机波动的：{}", chinese.join("，")));
    let subtitle = look.say("What-if minus base; in brackets: no difference shown", "假设减基准；括号内：未显示差异");
    let width = (RIGHT - LEFT - 420.0 - 190.0) / shown.len() as f64;
    let mut columns = vec![Column::left(420.0).bold(), Column::right(190.0)];
    columns.extend(shown.iter().map(|_| Column::right(width)));
    let more = all.len() - shown.len();
    let note = match more {
        0 => all[0].origin.clone(),
        more => look.say(
            format!("{} · {more} further what-ifs on the slides that follow", all[0].origin),
            format!("{} · 另有 {more} 个假设方案见后页", all[0].origin),
        ),
    };
    table_slide(&title, subtitle, columns, lines, &note)
}
