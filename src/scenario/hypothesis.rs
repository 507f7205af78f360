//! Room: scenario. What the author of a what-if expects of it, written down before it is simulated. Written like schema.rs.
//!
//! Not part of what is simulated: hashes and lists of changes leave it out, and a child does not inherit it.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::desk::Desk;
use super::key::{Key, Kind, Value, any};
use super::macros::{choice, section};
use super::problem::closest;
use super::setting::{Node, Section as _, Setting, fill, tree};

choice! {
    /// Which way a KPI is expected to move.
    Direction {
        /// Above the base.
        Up = "up",
        /// Below the base.
        Down = "down",
    }
}
section! {
    /// What a what-if is expected to do to a KPI, written down before it is simulated; `nearfar compare` says whether it did.
    /// One table, or one for each KPI. It changes nothing that is simulated, and a child does not inherit it.
    Hypothesis {
        /// The KPI, by its name in docs/kpis.md.
        metric: String = String::new(); "", any(), "";
        /// Where it is expected to go, seen from the base.
        direction: Direction = Direction::Up; "", any(), "";
        /// Why: the mechanism, or a source.
        reason: String = String::new(); "", any(), "";
    }
}

/// The hypotheses of a file, each KPI once.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Hypotheses(pub Vec<Hypothesis>);

impl Setting for Hypotheses {
    const KIND: Kind = Kind::List(Hypothesis::shape);

    fn take(&mut self, node: Node<'_, '_>, key: &Key, desk: &mut Desk) {
        if desk.on_command_line() {
            let help = "write it into the file of the what-if";
            return desk.report(node.span(), "a hypothesis on the command line", "a key", Some(help.into()));
        }
        self.0.clear();
        desk.forget_below();
        let rows: Vec<(&Spanned<DeValue<'_>>, &DeTable<'_>)> = match node.get_ref() {
            DeValue::Table(table) => vec![(node, table)],
            DeValue::Array(rows) if rows.iter().all(|row| row.get_ref().as_table().is_some()) => {
                rows.iter().filter_map(|row| Some((row, row.get_ref().as_table()?))).collect()
            }
            _ => return desk.wrong_kind(node, key),
        };
        let mut seen = BTreeSet::new();
        for (place, (row, table)) in rows.into_iter().enumerate() {
            let mut hypothesis = Hypothesis::default();
            let name = table.get("metric").and_then(|metric| metric.get_ref().as_str());
            let name = name.map_or_else(|| format!("[{place}]"), str::to_owned);
            desk.at(&name, |desk| take_one(&mut hypothesis, row, table, &mut seen, desk));
            self.0.push(hypothesis);
        }
    }

    fn value(&self) -> Value {
        Value::List(self.0.iter().map(tree).collect())
    }
}

fn take_one(
    hypothesis: &mut Hypothesis,
    row: &Spanned<DeValue<'_>>,
    table: &DeTable<'_>,
    seen: &mut BTreeSet<String>,
    desk: &mut Desk,
) {
    fill(hypothesis, table, desk);
    for key in &Hypothesis::shape().keys {
        if table.get(key.name).is_none() {
            let help = format!("add a line such as {} = {}", key.name, example(key.name));
            desk.report(row.span(), format!("a hypothesis without `{}`", key.name), key.doc, Some(help));
        }
    }
    let Some(metric) = table.get("metric").filter(|metric| metric.get_ref().as_str().is_some()) else { return };
    let known = desk.metrics();
    let name = hypothesis.metric.as_str();
    if !known.is_empty() && !known.contains(&name) {
        let help = match closest(name, known.iter().copied()) {
            Some(guess) => format!("did you mean \"{guess}\"? docs/kpis.md has all"),
            None => "docs/kpis.md has all".into(),
        };
        desk.at("metric", |desk| {
            desk.report(metric.span(), format!("no KPI is named \"{name}\""), "the name of a KPI", Some(help));
        });
    } else if !seen.insert(hypothesis.metric.clone()) {
        let help = "keep one of them";
        desk.report(row.span(), "two hypotheses about one KPI", "each KPI once", Some(help.into()));
    }
    if table.get("reason").is_some_and(|reason| reason.get_ref().as_str().is_some_and(|text| text.trim().is_empty())) {
        desk.report(row.span(), "a reason without words", "why it is expected", None);
    }
}

fn example(key: &str) -> &'static str {
    match key {
        "metric" => "\"click_to_door_mean_min\"",
        "direction" => "\"down\"",
        _ => "\"more couriers, shorter waits\"",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Scenario, differences, from_toml_str, hash, load, load_knowing, run_hash, to_toml};
    use super::*;

    const METRICS: [&str; 2] = ["on_time_share", "cost_per_order"];

    fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> std::path::PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn one_table_or_several_are_read_and_written_back() {
        let one = from_toml_str("[hypothesis]\nmetric = 'a'\ndirection = 'down'\nreason = 'why'\n").unwrap();
        let expected = Hypothesis { metric: "a".into(), direction: Direction::Down, reason: "why".into() };
        assert_eq!(one.hypothesis.0, [expected]);
        let two = "[[hypothesis]]\nmetric='a'\ndirection='up'\nreason='r'\n\
                   [[hypothesis]]\nmetric='b'\ndirection='down'\nreason='s'\n";
        let two = from_toml_str(two).unwrap();
        assert_eq!(two.hypothesis.0.len(), 2);
        for scenario in [one, two] {
            assert_eq!(from_toml_str(&to_toml(&scenario)).unwrap(), scenario, "{}", to_toml(&scenario));
        }
    }

    #[test]
    fn it_changes_neither_hash_nor_differences_and_is_not_inherited() {
        let folder = tempfile::tempdir().unwrap();
        let text = "[hypothesis]\nmetric = 'on_time_share'\ndirection = 'up'\nreason = 'why'\n";
        let parent = file(&folder, "parent.toml", text);
        let child = file(&folder, "child.toml", "extends = 'parent.toml'\n");
        let (parent, plain) = (load(&parent, &[]).unwrap().scenario, Scenario::default());
        assert_eq!((hash(&parent), run_hash(&parent)), (hash(&plain), run_hash(&plain)));
        assert!(differences(&plain, &parent).is_empty());
        let child = load(&child, &[]).unwrap();
        assert!(child.scenario.hypothesis.0.is_empty());
        assert!(!child.origins.keys().any(|key| key.starts_with("hypothesis")), "{:?}", child.origins);
    }

    #[test]
    fn every_mistake_is_told_with_advice() {
        let folder = tempfile::tempdir().unwrap();
        let row = |text: &str| format!("[[hypothesis]]\n{text}\n");
        let text = [
            row("metric = 'on_time'\ndirection = 'upward'\nreason = 'r'"),
            row("metric = 'cost_per_order'\ndirection = 'up'"),
            row("metric = 'cost_per_order'\ndirection = 'up'\nreason = ' '\nbecause = 1"),
        ];
        let path = file(&folder, "a.toml", &text.concat());
        let told = load_knowing(&path, &[], &METRICS).unwrap_err().to_string();
        for part in [
            "a.toml:2:10: hypothesis.on_time.metric: no KPI is named \"on_time\"",
            "did you mean \"on_time_share\"?",
            "did you mean \"up\"?",
            "a hypothesis without `reason`",
            "two hypotheses about one KPI",
            "a reason without words",
            "unknown key",
        ] {
            assert!(told.contains(part), "{part} is missing in\n{told}");
        }
        let wrong = file(&folder, "b.toml", "hypothesis = 5\n");
        assert!(load(&wrong, &[]).unwrap_err().to_string().contains("hypothesis"));
        let set = super::super::Override::parse("hypothesis.metric=orders").unwrap();
        let plain = file(&folder, "c.toml", "");
        assert!(load(&plain, &[set]).unwrap_err().to_string().contains("command line"));
    }
}
