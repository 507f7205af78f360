//! Room: deck. What stands behind the findings: what changed, what was varied, methods, limits, assumptions.

use super::answers::{ROWS, cell};
use super::model::{CELL_MARGIN, Column, Grid, Item, Layout, Slide};
use super::read::{Found, Source};
use super::slides::{BOTTOM, SMALLEST, head, list, list_slide, parts, source_line, table_slide};
use crate::report::canvas::Pen;
use crate::report::layout::{LEFT, RIGHT};
use crate::report::{self, Look};
use crate::scenario::{self, Scenario};
use crate::table::Table;

/// Characters of a section of methods that a slide shows.
const MOST_CHARS: usize = 420;
/// Sections of methods on a slide.
const SECTIONS: usize = 8;
/// Sections that only list what other slides show.
const LISTS: [&str; 4] = ["Scenarios", "Hypotheses", "KPIs", "Factors"];

pub(super) fn slides(source: &Source) -> Vec<Slide> {
    match &source.found {
        Found::Run { scenario, replications, .. } => {
            let limits = report::limits(scenario.horizon_h, scenario.warm_up_h, *replications, &source.look);
            let mut slides = vec![list_slide(
                source.look.say("What the numbers cover, and what not", "数字涵盖什么、不涵盖什么"),
                "",
                limits,
                &source.origin,
            )];
            slides.extend(assumptions(source, source.look.say("Assumptions", "假设"), scenario));
            slides
        }
        Found::Compare(compared) => {
            let mut slides = methods(source);
            slides.extend(assumptions(
                source,
                source.look.say("Assumptions of the base", "基准的假设"),
                &compared.base,
            ));
            slides
        }
        Found::Sweep(swept) => {
            let mut slides = varied(source, &swept.factors);
            for (name, scenario) in &swept.scenarios {
                slides.extend(assumptions(
                    source,
                    &source.look.say(format!("Assumptions of {name}"), format!("{name} 的假设")),
                    scenario,
                ));
            }
            slides
        }
    }
}

/// The keys in which base and what-if differ.
pub(super) fn changes(source: &Source, table: &Table) -> Slide {
    let look = &source.look;
    let mut lines = vec![
        look.say(["Key", "Base", "What-if", "Unit"], ["参数", "基准", "假设", "单位"]).map(str::to_owned).to_vec(),
    ];
    lines.extend((0..table.len()).take(ROWS).map(|row| {
        let key = cell(table, row, "key");
        let unit = scenario::key(key).map_or("", |key| key.unit);
        vec![key.to_owned(), tidy(cell(table, row, "base")), tidy(cell(table, row, "whatif")), unit.to_owned()]
    }));
    let columns = vec![Column::left(850.0).bold(), Column::left(350.0), Column::left(350.0), Column::left(226.0)];
    let title = match table.len() {
        0 => look.say("Nothing changed: both scenarios are the same", "没有改变：两个场景相同").to_owned(),
        1 => {
            let key = cell(table, 0, "key");
            let (base, whatif) = (tidy(cell(table, 0, "base")), tidy(cell(table, 0, "whatif")));
            look.say(
                format!("One key changed: {key} from {base} to {whatif}"),
                format!("改变了一个参数：{key} 从 {base} 到 {whatif}"),
            )
        }
        n => look.say(format!("{n} keys changed"), format!("改变了 {n} 个参数")),
    };
    let more = table.len().saturating_sub(ROWS);
    let subtitle = if more > 0 {
        look.say(format!("{more} more stand in changes.csv"), format!("另有 {more} 项在 changes.csv 中"))
    } else {
        String::new()
    };
    table_slide(&title, &subtitle, columns, lines, &source.origin)
}

/// A value as people write it: sums such as -3.01 + 1.6 carry the noise of binary fractions, words their quotes.
fn tidy(value: &str) -> String {
    match value.parse::<f64>() {
        Ok(number) => ((number * 1e9).round() / 1e9).to_string(),
        Err(_) => value.trim_matches('"').to_owned(),
    }
}

/// What was varied, and below it the first of the methods if there is room.
fn varied(source: &Source, factors: &[[String; 4]]) -> Vec<Slide> {
    let look = &source.look;
    let mut lines = vec![
        look.say(["Factor", "Key", "Kind", "Levels"], ["因素", "参数", "类型", "水平"]).map(str::to_owned).to_vec(),
    ];
    lines.extend(
        factors
            .iter()
            .take(ROWS)
            .map(|[key, label, kind, levels]| vec![label.clone(), key.clone(), kind.clone(), levels.clone()]),
    );
    let columns = vec![Column::left(400.0).bold(), Column::left(560.0), Column::left(220.0), Column::left(596.0)];
    let sections = sections(&source.methods);
    let title = look.say("What was varied", "变动了什么");
    let subtitle = look.say("A lever is ours to choose, an uncertainty is not", "杠杆由我们选择，不确定因素则不然");
    if factors.len() > 5 || sections.is_empty() {
        let table = table_slide(title, subtitle, columns, lines, &source.origin);
        return std::iter::once(table).chain(methods(source)).collect();
    }
    let (mut items, top) = head(look.say("What was varied, and how it was judged", "变动了什么，如何判定"), subtitle);
    let grid = Grid::new((LEFT, top + 28.0), columns, lines, 26.0);
    let below = grid.area.bottom + 36.0;
    items.push(Item::Table(grid));
    items.push(Item::Words(list(below, sections)));
    items.push(Item::Words(source_line(&source.origin)));
    vec![Slide { layout: Layout::Table, items }]
}

/// Sections of a scenario in which several things have the same keys: beside each other in one table.
const FAMILIES: [(&str, (&str, &str), &str); 3] = [
    ("catalogue.categories.", ("categories", "品类"), "catalogue.categories.NAME."),
    ("stores.archetypes.", ("store types", "门店类型"), "stores.archetypes.NAME."),
    ("far.lanes.", ("parcel lanes", "包裹线路"), "far.lanes.NAME."),
];

/// The assumptions: a table for each family of things, then the other keys in two columns.
fn assumptions(source: &Source, title: &str, scenario: &Scenario) -> Vec<Slide> {
    let rows = typed(scenario);
    let subtitle = source.look.say(
        "Sources R… are listed in docs/sources.md; the scenario file has every key",
        "来源 R… 列于 docs/sources.md；场景文件含全部参数",
    );
    let look = &source.look;
    let families = FAMILIES.into_iter().filter_map(|(prefix, words, shown)| {
        let words = look.say(words.0, words.1);
        let family: Vec<&[String; 4]> = rows.iter().filter(|row| row[0].starts_with(prefix)).collect();
        matrix(prefix, shown, &family, look).map(|(columns, lines)| (words, columns, lines))
    });
    let mut slides = stacked(source, title, subtitle, families.collect());
    let others: Vec<Vec<String>> = rows
        .iter()
        .filter(|row| FAMILIES.iter().all(|(prefix, ..)| !row[0].starts_with(prefix)))
        .map(|[key, value, unit, source]| {
            vec![key.clone(), format!("{value} {unit}").trim_end().to_owned(), source.clone()]
        })
        .collect();
    slides.extend(in_two_columns(source, title, subtitle, others));
    slides
}

/// A table with its title: columns and lines.
type Titled<'a> = (&'a str, Vec<Column>, Vec<Vec<String>>);

/// Tables one below the other, as many slides as they need; one that is too long for a slide has several of its own.
fn stacked(source: &Source, title: &str, subtitle: &str, tables: Vec<Titled<'_>>) -> Vec<Slide> {
    let (_, top) = head(title, subtitle);
    let top = top + 28.0;
    let mut pages: Vec<(Vec<&str>, Vec<Grid>)> = Vec::new();
    for (words, columns, lines) in tables {
        for part in parts(&columns, &lines, BOTTOM - top) {
            let at = |top: f64| Grid::new((LEFT, top), columns.clone(), part.clone(), SMALLEST);
            let below = |grids: &[Grid]| grids.last().map_or(top, |grid| grid.area.bottom + 40.0);
            let room = |(_, grids): &&mut (Vec<&str>, Vec<Grid>)| at(below(grids)).area.bottom <= BOTTOM;
            match pages.iter_mut().find(room) {
                Some((names, grids)) => {
                    names.push(words);
                    grids.push(at(below(grids)));
                }
                None => pages.push((vec![words], vec![at(top)])),
            }
        }
    }
    let page = |(names, grids): (Vec<&str>, Vec<Grid>)| {
        let (mut items, _) = head(&format!("{title}: {}", names.join(source.look.say(" and ", "、"))), subtitle);
        items.extend(grids.into_iter().map(Item::Table));
        items.push(Item::Words(source_line(&source.origin)));
        Slide { layout: Layout::Table, items }
    };
    pages.into_iter().map(page).collect()
}

/// A row a key and a column a thing; None if there are no such keys, or too many things for a slide.
fn matrix(prefix: &str, shown: &str, family: &[&[String; 4]], look: &Look) -> Option<(Vec<Column>, Vec<Vec<String>>)> {
    let split = |row: &'_ [String; 4]| -> Option<(String, String)> {
        row[0].strip_prefix(prefix)?.split_once('.').map(|(name, key)| (name.to_owned(), key.to_owned()))
    };
    let (mut names, mut keys): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for (name, key) in family.iter().filter_map(|row| split(row)) {
        if !names.contains(&name) {
            names.push(name);
        }
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    if names.is_empty() {
        return None;
    }
    let mut head = vec![shown.to_owned()];
    head.extend(names.iter().map(|name| name.replace('_', " ")));
    head.extend(look.say(["Unit", "Source"], ["单位", "来源"]).map(str::to_owned));
    let mut lines = vec![head];
    for key in &keys {
        let of = |name: &String| family.iter().find(|row| row[0] == format!("{prefix}{name}.{key}"));
        let mut sources: Vec<&str> = Vec::new();
        for row in names.iter().filter_map(of) {
            if !sources.contains(&row[3].as_str()) {
                sources.push(&row[3]);
            }
        }
        let unit = names.iter().filter_map(of).map(|row| row[2].clone()).find(|unit| !unit.is_empty());
        let mut line = vec![key.clone()];
        line.extend(names.iter().map(|name| of(name).map_or("–".to_owned(), |row| row[1].clone())));
        line.extend([unit.unwrap_or_default(), sources.join("; ")]);
        lines.push(line);
    }
    // Names and values need room before sources do.
    let widest = |place: usize| {
        let pen = Pen::new(SMALLEST).bold();
        let words = |line: &Vec<String>| line[place].split(' ').map(|word| pen.width(word)).fold(0.0, f64::max);
        lines.iter().map(words).fold(60.0, f64::max) + 2.0 * CELL_MARGIN + 6.0
    };
    let mut columns = vec![Column::left(widest(0).min(420.0))];
    columns.extend((1..=names.len()).map(|place| Column::right(widest(place).min(240.0)).bold()));
    columns.push(Column::left(130.0));
    let used: f64 = columns.iter().map(|column| column.width).sum();
    columns.push(Column::left((RIGHT - LEFT - used).max(200.0)));
    Some((columns, lines))
}

/// Keys with value and source in two columns, as many slides as they need.
fn in_two_columns(source: &Source, title: &str, subtitle: &str, rows: Vec<Vec<String>>) -> Vec<Slide> {
    let columns = vec![Column::left(350.0), Column::right(170.0).bold(), Column::left(350.0)];
    let mut lines =
        vec![source.look.say(["Key", "Value", "Source"], ["参数", "取值", "来源"]).map(str::to_owned).to_vec()];
    lines.extend(rows);
    let (_, top) = head(title, subtitle);
    let halves = parts(&columns, &lines, BOTTOM - top - 24.0);
    let pages: Vec<&[Vec<Vec<String>>]> = halves.chunks(2).collect();
    let count = pages.len();
    let page = |(place, halves): (usize, &&[Vec<Vec<String>>])| {
        let title = if count > 1 {
            source.look.say(format!("{title}, {} of {count}", place + 1), format!("{title}（{}/{count}）", place + 1))
        } else {
            title.to_owned()
        };
        let (mut items, top) = head(&title, subtitle);
        for (side, lines) in halves.iter().enumerate() {
            let left = LEFT + side as f64 * 906.0;
            items.push(Item::Table(Grid::new((left, top + 24.0), columns.clone(), lines.clone(), SMALLEST)));
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
        [row.key, summed_up(value.trim_end()), unit.to_owned(), row.source]
    };
    report::assumptions(scenario).into_iter().map(row).collect()
}

/// A value; a long list of numbers as its length and its ends.
fn summed_up(value: &str) -> String {
    let inner = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or_default();
    let numbers: Result<Vec<f64>, _> = inner.split(", ").map(str::parse).collect();
    match numbers {
        Ok(numbers) if numbers.len() > 8 => {
            let ends = numbers.iter().fold((f64::MAX, f64::MIN), |(low, high), it| (low.min(*it), high.max(*it)));
            format!("{} values, {} to {}", numbers.len(), ends.0, ends.1)
        }
        _ => value.to_owned(),
    }
}

/// The sections of methods.md, each with its beginning, as many slides as they need.
fn methods(source: &Source) -> Vec<Slide> {
    let sections = sections(&source.methods);
    let pages: Vec<&[String]> = sections.chunks(SECTIONS).collect();
    let slide = |page: &&[String]| {
        list_slide(
            source.look.say("Methods and limits", "方法与局限（英文）"),
            source.look.say("The whole text stands in methods.md of the folder", "全文见文件夹中的 methods.md"),
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
            found.push(format!("{}: {}", heading.trim(), beginning(&drawn(&text))));
        }
    }
    // What everybody should read stands first.
    found.sort_by_key(|section| !section.starts_with("Limits"));
    found
}

/// Signs of formulas that the faces of slides do not have, in words.
fn drawn(text: &str) -> String {
    let words = [
        ("x\u{304}", "mean"),
        ("d\u{304}", "mean difference"),
        ("√n", "square root of n"),
        ("√", "root of "),
        ("α", "alpha"),
    ];
    words.iter().fold(text.to_owned(), |text, (sign, word)| text.replace(sign, word))
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
        let hours = format!("[{}]", ["1.0"; 24].join(", "));
        assert_eq!([summed_up(&hours), summed_up("[1, 2]")], ["24 values, 1 to 1", "[1, 2]"]);
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
