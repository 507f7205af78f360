//! Room: sweep. The rows `[[factor]]` and `[[point]]` of a sweep file: what varies, and between which levels.

use super::factor::{Apply, Factor, FactorKind, Level, Span};
use super::file::Design;
use super::reader::{Node, Section, number, words};
use toml::de::DeValue;

/// The rows `[[factor]]` but those that are switched off, and whether one is broken.
pub(super) fn factors(top: &Section<'_, '_>, design: Design) -> (Vec<Factor>, bool) {
    let (mut found, mut broken) = (Vec::new(), false);
    for row in top.rows("factor") {
        let enabled = row.flag("enabled").unwrap_or(true);
        let factor = factor(&row, design);
        row.close();
        broken |= factor.is_none();
        found.extend(factor.filter(|_| enabled));
    }
    (found, broken)
}

fn factor(row: &Section<'_, '_>, design: Design) -> Option<Factor> {
    let key = row.text("key");
    let line = row.line();
    if key.is_none() {
        row.wrong("key", "a factor without a key", "key = \"couriers.count\"", "docs/keys.md lists all keys");
    }
    if key.as_deref() == Some("seed") {
        row.wrong("key", "the seed as a factor", "a key of the model", "replications vary chance; see [replications]");
    }
    let label = row.text("label");
    let kinds = [("lever", FactorKind::Lever), ("uncertainty", FactorKind::Uncertainty)];
    let kind = row.word("kind", &kinds).unwrap_or(FactorKind::Lever);
    let applies = [("set", Apply::Set), ("scale", Apply::Scale), ("add", Apply::Add)];
    let apply = row.word("apply", &applies).unwrap_or(Apply::Set);
    let span = span(row, design);
    let key = key?;
    Some(Factor { label: label.unwrap_or_else(|| key.clone()), key, kind, apply, span: span?, line })
}

const SPANS: [&str; 6] = ["values", "linspace", "range", "logspace", "uniform", "loguniform"];

fn span(row: &Section<'_, '_>, design: Design) -> Option<Span> {
    if design == Design::List {
        for key in SPANS.iter().filter(|key| row.has(key)) {
            row.wrong(key, "does nothing with design = \"list\"", "levels in the [[point]] rows", "");
        }
        return Some(Span::Levels(Vec::new()));
    }
    let given: Vec<&'static str> = SPANS.into_iter().filter(|key| row.has(key)).collect();
    let &[key] = given.as_slice() else {
        let found = if given.is_empty() { "no values".to_owned() } else { format!("{} at once", given.join(" and ")) };
        let expected = "exactly one of values, linspace, range, logspace, uniform, loguniform";
        row.wrong(given.first().unwrap_or(&"values"), found, expected, "");
        return None;
    };
    let span = match key {
        "values" => Span::Levels(levels(row, design)?),
        "uniform" | "loguniform" => bounds(row, key)?,
        _ => Span::Levels(spaced(row, key)?),
    };
    match (&span, design) {
        (Span::Uniform(..) | Span::Loguniform(..), design) if !design.is_sampled() => {
            let help = "write values or linspace, or take design = \"lhs\", \"sobol\", \"saltelli\" or \"morris\"";
            row.wrong(key, format!("bounds in a {}", design.word()), "levels", help);
            None
        }
        _ => Some(span),
    }
}

fn levels(row: &Section<'_, '_>, design: Design) -> Option<Vec<Level>> {
    let items = row.list("values")?;
    let mut levels = Vec::new();
    for item in &items {
        match level(item) {
            Some(level) => levels.push(level),
            None => row.wrong("values", words(item.get_ref()), "numbers, texts, true or false", ""),
        }
    }
    if items.is_empty() {
        row.wrong("values", "an empty list", "one or more values", "");
    }
    // Side by side with other lists, or drawn in equal shares, a level may stand twice; crossed it is the same point again.
    if let Some(twice) = (1..levels.len()).find(|&i| design == Design::Grid && levels[..i].contains(&levels[i])) {
        let help = "replications simulate a point more than once; see [replications]";
        row.wrong("values", format!("{} twice", levels[twice].shown()), "each level once", help);
    }
    (levels.len() == items.len() && !items.is_empty()).then_some(levels)
}

fn level(node: Node<'_, '_>) -> Option<Level> {
    match node.get_ref() {
        DeValue::String(text) => Some(Level::Text(text.to_string())),
        DeValue::Boolean(flag) => Some(Level::Flag(*flag)),
        value => number(value).map(Level::Number),
    }
}

fn bounds(row: &Section<'_, '_>, key: &'static str) -> Option<Span> {
    let ends: Vec<f64> = row.list(key)?.iter().filter_map(|item| number(item.get_ref())).collect();
    let positive = key == "uniform" || ends.iter().all(|end| *end > 0.0);
    match ends.as_slice() {
        [low, high] if low < high && positive => Some(match key {
            "uniform" => Span::Uniform(*low, *high),
            _ => Span::Loguniform(*low, *high),
        }),
        _ => {
            let expected = if key == "uniform" { "[low, high]" } else { "[low, high], both above 0" };
            row.wrong(key, format!("found {ends:?}"), expected, "");
            None
        }
    }
}

/// Levels at equal steps or equal ratios.
fn spaced(row: &Section<'_, '_>, key: &'static str) -> Option<Vec<Level>> {
    let section = row.section(key)?;
    let (from, to) = (section.number("from"), section.number("to"));
    let count = if key == "range" { None } else { section.whole("n", 2..=100_000) };
    let step = if key == "range" { section.number("step") } else { None };
    section.close();
    let numbers = match (key, from, to, count, step) {
        ("linspace", Some(from), Some(to), Some(n), _) => {
            (0..n).map(|i| from + (to - from) * i as f64 / (n - 1) as f64).collect()
        }
        ("logspace", Some(from), Some(to), Some(n), _) if from > 0.0 && to > 0.0 => {
            (0..n).map(|i| (from.ln() + (to.ln() - from.ln()) * i as f64 / (n - 1) as f64).exp()).collect()
        }
        ("range", Some(from), Some(to), _, Some(step)) if step > 0.0 && to >= from && (to - from) / step < 1e5 => {
            // A tolerance of a millionth of a step, so that 0.1 steps reach their end.
            (0..=((to - from) / step + 1e-6) as u64).map(|i| from + step * i as f64).collect::<Vec<f64>>()
        }
        _ => {
            let expected = match key {
                "range" => "{ from = 2, to = 5, step = 0.5 }",
                "logspace" => "{ from = 1, to = 100, n = 5 }, both ends above 0",
                _ => "{ from = 2, to = 5, n = 4 }",
            };
            row.wrong(key, "incomplete or impossible", expected, "");
            return None;
        }
    };
    Some(numbers.into_iter().map(|number| Level::Number(tidy(number))).collect())
}

/// Without the last digits that arithmetic leaves: 0.30000000000000004 is 0.3.
fn tidy(number: f64) -> f64 {
    format!("{number:.12e}").parse().unwrap_or(number)
}

/// The rows `[[point]]`: a level for each factor.
pub(super) fn points(top: &Section<'_, '_>, factors: &[Factor], design: Design) -> Vec<Vec<Level>> {
    let rows = top.rows("point");
    if design == Design::List && rows.is_empty() {
        top.wrong("point", "no point", "rows [[point]], each with a level for every factor", "");
    }
    let mut points = Vec::new();
    for row in rows {
        let entries = row.entries();
        for (key, _) in entries.iter().filter(|(key, _)| factors.iter().all(|factor| factor.key != *key)) {
            let help = format!("add [[factor]] key = \"{key}\", or write the key in quotes: \"section.key\" = value");
            row.wrong("", format!("{key} is no factor"), "a level for each factor", &help);
        }
        let level_of = |factor: &Factor| {
            let node = entries.iter().find(|(key, _)| *key == factor.key).map(|(_, node)| *node);
            let level = node.and_then(level);
            if level.is_none() {
                row.wrong("", format!("no level for {}", factor.key), "a level for each factor", "");
            }
            level
        };
        points.extend(factors.iter().map(level_of).collect::<Option<Vec<_>>>());
    }
    points
}

#[cfg(test)]
mod tests {
    use super::super::SweepFile;
    use super::*;
    use std::path::Path;

    fn parse(text: &str) -> Result<SweepFile, String> {
        SweepFile::parse("s.toml", text, Path::new("scenarios"), "s").map_err(|problems| problems.to_string())
    }

    #[test]
    fn ranges_reach_their_end_without_stray_digits() {
        let text = "
scenarios = [\"baseline.toml\"]
[[factor]]
key = \"near.radius_km\"
range = { from = 0.1, to = 0.5, step = 0.1 }
";
        let levels = [0.1, 0.2, 0.3, 0.4, 0.5].map(Level::Number);
        assert_eq!(parse(text).unwrap().factors[0].levels(), Some(&levels[..]));
    }

    #[test]
    fn a_list_has_a_level_for_every_factor() {
        let text = "
scenarios = [\"a.toml\"]
design = \"list\"
[[factor]]
key = \"couriers.count\"
[[factor]]
key = \"dispatch.policy\"
[[point]]
\"couriers.count\" = 150
\"dispatch.policy\" = \"batch_match\"
";
        let file = parse(text).unwrap();
        assert_eq!(file.points, [vec![Level::Number(150.0), Level::Text("batch_match".into())]]);
        let missing = parse(&text.replace("\"couriers.count\" = 150", "\"couriers.cont\" = 150")).unwrap_err();
        assert!(missing.contains("couriers.cont is no factor") && missing.contains("no level for couriers.count"));
        let twice = |values: &str| {
            let row = format!("[[factor]]\nkey = \"couriers.count\"\nvalues = {values}");
            parse(&format!("scenarios = [\"a.toml\"]\n{row}")).unwrap_err()
        };
        assert!(twice("[5, 6, 5]").contains("5 twice"), "{}", twice("[5, 6, 5]"));
        assert!(!twice("[]").contains("no factor"), "a broken factor is a factor: {}", twice("[]"));
        let sampled = text.replace("design = \"list\"", "design = \"sobol\"\nsamples = 12");
        assert!(parse(&sampled).unwrap_err().contains("samples = 16, or 8"));
    }
}
