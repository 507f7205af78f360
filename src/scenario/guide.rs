//! Room: scenario. The schema as reading matter: the table of keys for the docs and the starter scenario.

use std::fmt::Write as _;

use super::key::{Allowed, Key, Kind, Shape, Tree, Value};
use super::setting::{Section, tree};
use super::{Archetype, Category, Lane, Scenario};

/// Keys the starter scenario sets; all others stand there as comments.
const STARTED: [&str; 3] = ["demand.orders_per_day", "couriers.count", "near.radius_km"];

/// Every key as Markdown tables, one for each section.
pub fn key_table() -> String {
    let mut out = String::from(
        "# Keys of a scenario file\n\n\
         Made by `nearfar schema --markdown` from the schema; do not edit by hand. Sources: `R..` are listed in\n\
         [sources.md](sources.md), `asm` is an assumption of ours. A scenario may leave out every key.\n\n\
         ## How files combine\n\n\
         `extends = \"baseline.toml\"` (relative to the file, or absolute) names a parent; a parent may have a parent.\n\n\
         - Sections merge key by key. A plain value, or a list of numbers, replaces the parent's.\n\
         - `{ scale = 1.2 }` and `{ add = 5 }` change the parent's number, or each number of its list; whole numbers\n\
         \u{20} are rounded to the nearest. Without a parent they change the default.\n\
         - Rows such as `[[stores.archetypes]]`: a file without `extends` states its own list, which replaces the\n\
         \u{20} default rows. In a file with `extends` a row with a known `id` changes that row, one with a new `id` is\n\
         \u{20} added at the end. To take a row out of play, set its count or share to 0.\n\
         - `name`, `label`, `question` and `[hypothesis]` are not inherited: they speak about one file.\n\
         - Paths start at the folder of the file that names them; on the command line, at the current folder.\n\
         - `--set near.radius_km=4` comes last. A bare word is a string; rows are reached by id:\n\
         \u{20} `--set stores.archetypes.brand_store.count=50`.\n",
    );
    let shape = Scenario::shape();
    table(&mut out, "Top of the file", "Keys before the first section.", shape);
    sections(&mut out, "", shape);
    out
}

fn sections(out: &mut String, path: &str, shape: &Shape) {
    for key in &shape.keys {
        let (below, brackets) = match key.kind {
            Kind::Table(below) => (below(), ("[", "]")),
            Kind::List(below) => (below(), ("[[", "]]")),
            _ => continue,
        };
        let name = if path.is_empty() { key.name.to_string() } else { format!("{path}.{}", key.name) };
        table(out, &format!("`{}{name}{}`", brackets.0, brackets.1), below.doc, below);
        sections(out, &name, below);
    }
}

fn table(out: &mut String, title: &str, doc: &str, shape: &Shape) {
    let _ = write!(
        out,
        "\n## {title}\n\n{doc}\n\n| key | default | unit | allowed | meaning | source |\n|---|---|---|---|---|---|\n"
    );
    for key in &shape.keys {
        if matches!(key.kind, Kind::Table(_)) {
            continue;
        }
        let default = key.default.as_ref().map_or_else(|| "not set".into(), |default| format!("`{default}`"));
        let default = if matches!(key.kind, Kind::List(_)) { "rows".into() } else { default };
        let cells =
            [format!("`{}`", key.name), default, key.unit.into(), allowed(key), meaning(key), key.source.into()];
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
}

/// What a key accepts, in a few words.
fn allowed(key: &Key) -> String {
    match key.kind {
        Kind::Choice(words) => words.iter().map(|word| format!("`\"{}\"`", word.word)).collect::<Vec<_>>().join(", "),
        Kind::Flag => "`true`, `false`".into(),
        Kind::Text => "text".into(),
        Kind::File => "a file".into(),
        Kind::Hours => format!("24 numbers {}", key.range_text()),
        Kind::Numbers => format!("numbers {}", key.range_text()),
        Kind::Command => "text, or a list of texts".into(),
        Kind::Integer => format!("whole, {}", key.range_text()),
        Kind::List(below) if below().key("id").is_none() => "one table, or rows".into(),
        Kind::List(_) => "rows with an `id`".into(),
        Kind::Number | Kind::Table(_) => key.range_text(),
    }
}

fn meaning(key: &Key) -> String {
    match key.kind {
        Kind::Choice(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("`\"{}\"`: {}", word.word, word.doc)).collect();
            format!("{} {}", key.doc, words.join(" "))
        }
        _ => key.doc.into(),
    }
}

/// A commented scenario with every key. Lines that start with `#` and no space after it are keys with their defaults.
pub fn starter() -> String {
    let mut out = String::from(
        "# A scenario for nearfar: one day of a city. Run it with `nearfar run scenario.toml`.\n\
         #\n\
         # Every key is here with its default. To change one, delete the # at the start of its line and write your value;\n\
         # what stays commented keeps its default. `nearfar check scenario.toml` tells every mistake with line and advice.\n\
         # For completion and hints in an editor: `nearfar schema > nearfar.schema.json`, then make the first line of this\n\
         # file `#:schema ./nearfar.schema.json` (VS Code: extension Even Better TOML).\n\n\
         label = \"My city\"\n\
         question = \"How many orders do near stores serve, how fast, and at what cost?\"\n",
    );
    write_section(&mut out, "", Scenario::shape(), &tree(&Scenario::default()));
    out
}

/// A what-if on the starter scenario.
pub fn starter_whatif() -> String {
    "# The same city with 20 % more couriers. Compare: `nearfar compare scenario.toml whatif-more-couriers.toml`.\n\
     \n\
     extends = \"scenario.toml\"      # everything this file does not say comes from there\n\
     label = \"20 % more couriers\"\n\
     question = \"What do 20 % more couriers buy in speed, and what do they cost per order?\"\n\
     \n\
     [couriers]\n\
     count = { scale = 1.2 }         # times the parent's value; { add = 10 } adds; a plain number replaces\n"
        .into()
}

fn write_section(out: &mut String, path: &str, shape: &Shape, tree: &Tree) {
    let leaf = |key: &Key| !matches!(key.kind, Kind::Table(_) | Kind::List(_));
    for (key, value) in tree.entries.iter().filter(|(key, _)| leaf(key)) {
        if path.is_empty() && ["label", "question"].contains(&key.name) {
            continue;
        }
        write_doc(out, key);
        write_key(out, path, key, value);
    }
    for (key, value) in &tree.entries {
        let below = if path.is_empty() { key.name.to_string() } else { format!("{path}.{}", key.name) };
        match value {
            Value::Table(table) => {
                let doc = key.kind.below().map_or(shape.doc, |shape| shape.doc);
                let _ = write!(out, "\n# ---- {doc}\n[{below}]\n");
                write_section(out, &below, key.kind.below().unwrap_or(shape), table);
            }
            Value::List(rows) if !rows.is_empty() => write_rows(out, &below, key, rows),
            _ => {}
        }
    }
}

fn write_doc(out: &mut String, key: &Key) {
    let unit = if matches!(key.kind, Kind::File) { "" } else { key.unit };
    let facts: Vec<String> = [unit.to_string(), allowed(key).replace('`', ""), key.source.to_string()]
        .into_iter()
        .filter(|fact| !fact.is_empty())
        .collect();
    let _ = writeln!(out, "\n# {} [{}]", key.doc, facts.join("; "));
    if let Kind::Choice(words) = key.kind {
        for word in words {
            let _ = writeln!(out, "#   \"{}\": {}", word.word, word.doc);
        }
    }
}

fn write_key(out: &mut String, path: &str, key: &Key, value: &Value) {
    let mark = if STARTED.contains(&format!("{path}.{}", key.name).as_str()) { "" } else { "#" };
    let _ = match value.leaf_toml() {
        Some(text) => writeln!(out, "{mark}{} = {text}", key.name),
        None if key.allowed == Allowed::File => writeln!(out, "# {} = \"…\"   (not set by default)", key.name),
        None => writeln!(out, "# {} = …   (not set by default)", key.name),
    };
}

/// The first row with the meaning of every key, the others with what sets them apart.
fn write_rows(out: &mut String, path: &str, key: &Key, rows: &[Tree]) {
    let plain = match path {
        "catalogue.categories" => tree(&Category::default()),
        "stores.archetypes" => tree(&Archetype::default()),
        _ => tree(&Lane::default()),
    };
    let _ = write!(out, "\n# {} Rows you write here replace all of these; give each its own id.\n", key.doc);
    for (index, row) in rows.iter().enumerate() {
        let _ = writeln!(out, "#[[{path}]]");
        for ((key, value), (_, usual)) in row.entries.iter().zip(&plain.entries) {
            if index == 0 {
                write_doc(out, key);
            }
            if index == 0 || value != usual {
                write_key(out, path, key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::from_toml_str;
    use super::*;

    #[test]
    fn the_starter_is_the_default_scenario_commented_or_not() {
        let expected = Scenario::default();
        let uncommented: Vec<String> = starter()
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(key) if !key.starts_with([' ', ':']) => key.to_string(),
                _ => line.to_string(),
            })
            .collect();
        for text in [starter(), uncommented.join("\n")] {
            let scenario = from_toml_str(&text).unwrap_or_else(|problems| panic!("{problems}"));
            let anonymous = Scenario { name: String::new(), label: String::new(), question: String::new(), ..scenario };
            assert_eq!(anonymous, expected);
        }
        assert!(uncommented.len() > 200, "every key has its line");
    }

    #[test]
    fn the_key_table_has_every_section_and_key() {
        let table = key_table();
        for part in ["`[near]`", "`[[stores.archetypes]]`", "| `radius_km` | `3.0` | km | from 0 to 1000 |", "\\|dx\\|"]
        {
            assert!(table.contains(part), "{part} is missing in\n{table}");
        }
    }
}
