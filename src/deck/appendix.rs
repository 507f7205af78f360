//! Room: deck. What stands behind the findings: what changed, what was varied, methods, limits, assumptions.

use super::answers::{ROWS, cell};
use super::model::{Column, Grid, Item, Layout, Slide};
use super::read::{Found, Source};
use super::slides::{head, list_slide, source_line, table_slide};
use crate::report;
use crate::report::layout::LEFT;
use crate::scenario::{self, Scenario};
use crate::table::Table;

/// Rows of assumptions in each of two columns.
const ASSUMED: usize = 27;
/// Characters of a section of methods that a slide shows.
const MOST_CHARS: usize = 420;
/// Sections of methods on a slide.
const SECTIONS: usize = 8;
/// Sections that only list what other slides show.
const LISTS: [&str; 4] = ["Scenarios", "Hypotheses", "KPIs", "Factors"];

pub(super) fn slides(source: &Source) -> Vec<Slide> {
    match &source.found {
        Found::Run { scenario, replications, .. } => {
            let limits = report::limits(scenario.horizon_h, scenario.warm_up_h, *replications);
            let mut slides = vec![list_slide("What the numbers cover, and what not", "", limits, &source.origin)];
            slides.extend(assumptions(source, "Assumptions", scenario));
            slides
        }
        Found::Compare(compared) => {
            let mut slides = methods(source);
            slides.extend(assumptions(source, "Assumptions of the base", &compared.base));
            slides
        }
        Found::Sweep(swept) => {
            let mut slides = vec![factors(source, &swept.factors)];
            slides.extend(methods(source));
            for (name, scenario) in &swept.scenarios {
                slides.extend(assumptions(source, &format!("Assumptions of {name}"), scenario));
            }
            slides
        }
    }
}

/// The keys in which base and what-if differ.
pub(super) fn changes(source: &Source, table: &Table) -> Slide {
    let mut lines = vec![["Key", "Base", "What-if", "Unit"].map(str::to_owned).to_vec()];
    lines.extend((0..table.len()).take(ROWS).map(|row| {
        let key = cell(table, row, "key");
        let unit = scenario::key(key).map_or("", |key| key.unit);
        vec![key.to_owned(), tidy(cell(table, row, "base")), tidy(cell(table, row, "whatif")), unit.to_owned()]
    }));
    let columns = vec![Column::left(850.0).bold(), Column::left(350.0), Column::left(350.0), Column::left(226.0)];
    let title = match table.len() {
        0 => "Nothing changed: both scenarios are the same".to_owned(),
        1 => "What changed: one key".to_owned(),
        n => format!("What changed: {n} keys"),
    };
    let more = table.len().saturating_sub(ROWS);
    let subtitle = if more > 0 { format!("{more} more stand in changes.csv") } else { String::new() };
    table_slide(&title, &subtitle, columns, lines, &source.origin)
}

/// A value as people write it: sums such as -3.01 + 1.6 carry the noise of binary fractions, words their quotes.
fn tidy(value: &str) -> String {
    match value.parse::<f64>() {
        Ok(number) => ((number * 1e9).round() / 1e9).to_string(),
        Err(_) => value.trim_matches('"').to_owned(),
    }
}

fn factors(source: &Source, factors: &[[String; 4]]) -> Slide {
    let mut lines = vec![["Factor", "Key", "Kind", "Levels"].map(str::to_owned).to_vec()];
    lines.extend(
        factors
            .iter()
            .take(ROWS)
            .map(|[key, label, kind, levels]| vec![label.clone(), key.clone(), kind.clone(), levels.clone()]),
    );
    let columns = vec![Column::left(400.0).bold(), Column::left(560.0), Column::left(220.0), Column::left(596.0)];
    let subtitle = "Lever: we choose it. Uncertainty: we do not";
    table_slide("What was varied", subtitle, columns, lines, &source.origin)
}

/// The assumptions in two columns, as many slides as they need.
fn assumptions(source: &Source, title: &str, scenario: &Scenario) -> Vec<Slide> {
    let rows: Vec<Vec<String>> = typed(scenario).into_iter().map(Vec::from).collect();
    let pages: Vec<&[Vec<String>]> = rows.chunks(2 * ASSUMED).collect();
    let count = pages.len();
    let page = |(place, rows): (usize, &&[Vec<String>])| {
        let title = if count > 1 { format!("{title}, {} of {count}", place + 1) } else { title.to_owned() };
        let subtitle =
            "Sources R… are listed in docs/sources.md. The workbook and the scenario file have all of every line";
        let (mut items, top) = head(&title, subtitle);
        for (side, rows) in rows.chunks(ASSUMED).enumerate() {
            let mut lines = vec![["Key", "Value", "Unit", "Source"].map(str::to_owned).to_vec()];
            lines.extend(rows.iter().cloned());
            let columns =
                vec![Column::left(420.0), Column::right(120.0).bold(), Column::left(110.0), Column::left(220.0)];
            let left = LEFT + side as f64 * 906.0;
            items.push(Item::Table(Grid::new((left, top + 20.0), columns, lines, 17.0)));
        }
        items.push(Item::Words(source_line(&source.origin)));
        Slide { layout: Layout::Table, items }
    };
    pages.iter().enumerate().map(page).collect()
}

/// Key, value, unit and source of each assumption.
pub(super) fn typed(scenario: &Scenario) -> Vec<[String; 4]> {
    let row = |row: report::Assumption| {
        let unit = scenario::key(&row.key).map_or("", |key| key.unit);
        let value = row.value.strip_suffix(unit).filter(|_| !unit.is_empty()).unwrap_or(&row.value);
        let unit = if value.len() < row.value.len() { unit } else { "" };
        [row.key, value.trim_end().to_owned(), unit.to_owned(), row.source]
    };
    report::assumptions(scenario).into_iter().map(row).collect()
}

/// The sections of methods.md, each with its beginning, as many slides as they need.
fn methods(source: &Source) -> Vec<Slide> {
    let sections = sections(&source.methods);
    let pages: Vec<&[String]> = sections.chunks(SECTIONS).collect();
    let slide = |page: &&[String]| {
        list_slide(
            "Methods and limits",
            "The whole text stands in methods.md of the folder",
            page.to_vec(),
            &source.origin,
        )
    };
    pages.iter().map(slide).collect()
}

/// `Heading: first sentences` of each section that has any; tables and lists are left to the file.
fn sections(markdown: &str) -> Vec<String> {
    let mut found = Vec::new();
    for section in markdown.split("\n## ").skip(1) {
        let (heading, body) = section.split_once('\n').unwrap_or((section, ""));
        let line = |line: &&str| !line.is_empty() && !line.starts_with(['|', '-', '#', '`']);
        let text = body.lines().map(str::trim).filter(line).collect::<Vec<_>>().join(" ").replace(['`', '*'], "");
        if !text.is_empty() && !LISTS.contains(&heading.trim()) {
            found.push(format!("{}: {}", heading.trim(), beginning(&text)));
        }
    }
    // What everybody should read stands first.
    found.sort_by_key(|section| !section.starts_with("Limits"));
    found
}

/// Whole sentences up to about so many characters, at least one.
fn beginning(text: &str) -> String {
    let mut end = 0;
    for (place, _) in text.match_indices(". ") {
        if end > 0 && text[..place].chars().count() > MOST_CHARS {
            break;
        }
        end = place + 1;
    }
    if end == 0 || text.chars().count() <= MOST_CHARS { text.to_owned() } else { text[..end].to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_said_as_people_write_them() {
        assert_eq!(
            ["-1.4099999999999997", "36.0", "\"fixed\"", "[1, 2]"].map(tidy),
            ["-1.41", "36", "fixed", "[1, 2]"]
        );
    }

    #[test]
    fn values_are_split_from_their_units() {
        let rows = typed(&Scenario::default());
        let of = |key: &str| rows.iter().find(|row| row[0] == key).unwrap();
        assert_eq!(of("near.radius_km")[1..3], ["3".to_owned(), "km".to_owned()]);
        assert!(rows.iter().all(|row| !row[1].is_empty()));
    }

    #[test]
    fn sections_keep_their_first_sentences_and_leave_tables_out() {
        let text =
            "# Methods\n\nIntro.\n\n## Pairs\n\nOne `a`. Two.\n\n| x |\n\n## KPIs\n\nAll.\n\n## Limits\n\nOf it.\n";
        assert_eq!(sections(text), ["Limits: Of it.", "Pairs: One a. Two."]);
        let long = format!("First sentence. {} Last.", "Middle sentence is here. ".repeat(40));
        let kept = beginning(&long);
        assert!(kept.ends_with("here.") && kept.chars().count() <= MOST_CHARS + 2, "{kept}");
    }
}
