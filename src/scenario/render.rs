//! Room: scenario. A scenario back to text: resolved TOML, its hash, and what differs between two of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;

use sha2::{Digest as _, Sha256};

use super::desk::Origin;
use super::key::{Key, Kind, Tree, Value};
use super::setting::tree;
use super::{Loaded, Scenario};

/// Keys that name a scenario, or say how it is shown, without changing what it simulates.
const IDENTITY: [&str; 5] = ["name", "label", "question", "report.language", "report.theme"];

/// Whether a key speaks about the scenario without being part of what it simulates.
pub(crate) fn speaks_only(path: &str) -> bool {
    IDENTITY.contains(&path) || path.starts_with("hypothesis.")
}

/// What the writer puts out and how it comments.
struct Writer<'a> {
    /// Only keys for which this holds.
    wanted: &'a dyn Fn(&str) -> bool,
    /// The comment behind a key, if any.
    comment: &'a dyn Fn(&str, &Key) -> Option<String>,
    out: String,
}

/// The whole scenario as TOML with units as comments; loading it gives the same scenario.
pub fn to_toml(scenario: &Scenario) -> String {
    let comment =
        |_: &str, key: &Key| (!key.unit.is_empty() && !matches!(key.kind, Kind::File)).then(|| key.unit.to_string());
    let mut writer = Writer { wanted: &|_| true, comment: &comment, out: String::new() };
    writer.out.push_str("# A resolved scenario: every key with its value.\n");
    writer.section("", &tree(scenario));
    writer.out
}

/// Which keys [`show`] prints, and with which comments.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Show {
    /// All keys, not only those that a file or an argument set.
    pub resolved: bool,
    /// Behind each key, where its value comes from; else the unit.
    pub origin: bool,
}

/// A loaded scenario as TOML.
pub fn show(loaded: &Loaded, show: Show) -> String {
    let origin = |path: &str| loaded.origins.get(path).cloned().unwrap_or(Origin::Default);
    let is_set = |path: &str| show.resolved || origin(path) != Origin::Default;
    let comment = |path: &str, key: &Key| {
        if show.origin {
            return Some(origin(path).to_string());
        }
        (!key.unit.is_empty() && !matches!(key.kind, Kind::File)).then(|| key.unit.to_string())
    };
    let mut writer = Writer { wanted: &is_set, comment: &comment, out: String::new() };
    if !show.resolved {
        writer.out.push_str("# The keys that a file or --set sets; --resolved shows all.\n");
    }
    writer.section("", &tree(&loaded.scenario));
    writer.out
}

impl Writer<'_> {
    /// Leaves first, then sections and rows, as TOML wants it.
    fn section(&mut self, path: &str, tree: &Tree) {
        for (key, value) in &tree.entries {
            self.leaf(&join(path, key.name), key, value, key.name == "id");
        }
        for (key, value) in &tree.entries {
            let below = join(path, key.name);
            match value {
                Value::Table(table) if self.any_wanted(&below, table) => {
                    let _ = write!(self.out, "\n[{below}]\n");
                    self.section(&below, table);
                }
                Value::List(rows) => self.rows(&below, rows),
                _ => {}
            }
        }
    }

    fn rows(&mut self, path: &str, rows: &[Tree]) {
        for row in rows {
            let below = join(path, row.id());
            if self.any_wanted(&below, row) {
                let _ = write!(self.out, "\n[[{path}]]\n");
                self.section(&below, row);
            }
        }
    }

    fn leaf(&mut self, path: &str, key: &Key, value: &Value, always: bool) {
        if !always && !(self.wanted)(path) {
            return;
        }
        let line = match value {
            Value::Absent => format!("# {} is not set", key.name),
            Value::List(rows) if rows.is_empty() => format!("{} = []", key.name),
            Value::List(_) | Value::Table(_) => return,
            leaf => format!("{} = {}", key.name, leaf.leaf_toml().unwrap_or_default()),
        };
        match (self.comment)(path, key) {
            Some(comment) => {
                let _ = writeln!(self.out, "{line:<36} # {comment}");
            }
            None => self.out.push_str(&(line + "\n")),
        }
    }

    fn any_wanted(&self, path: &str, tree: &Tree) -> bool {
        tree.entries.iter().any(|(key, value)| {
            let below = join(path, key.name);
            match value {
                Value::Table(table) => self.any_wanted(&below, table),
                Value::List(rows) if !rows.is_empty() => {
                    rows.iter().any(|row| self.any_wanted(&join(&below, row.id()), row))
                }
                _ => (self.wanted)(&below),
            }
        })
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.into() } else { format!("{path}.{name}") }
}

/// Every leaf of a scenario: dotted key, and its value as TOML (`not set` for optional keys without one).
pub fn leaves(scenario: &Scenario) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect("", &tree(scenario), &mut found);
    found.into_iter().map(|(path, _, value)| (path, value)).collect()
}

fn collect(path: &str, tree: &Tree, found: &mut Vec<(String, Kind, String)>) {
    for (key, value) in &tree.entries {
        let below = join(path, key.name);
        match value {
            Value::Table(table) => collect(&below, table, found),
            Value::List(rows) => rows.iter().for_each(|row| collect(&join(&below, row.id()), row, found)),
            leaf => found.push((below, key.kind, leaf.leaf_toml().unwrap_or_else(|| "not set".into()))),
        }
    }
}

/// Fingerprint of what a run depends on: SHA-256, in hexadecimal, of every key and value and, in place of the paths
/// of input files, of their contents. `name`, `label`, `question`, the look of the report, hypotheses and `seed` are left out, so that runs of one
/// scenario under several seeds share it.
pub fn hash(scenario: &Scenario) -> String {
    let mut found = Vec::new();
    collect("", &tree(scenario), &mut found);
    let mut digest = Sha256::new();
    for (path, kind, value) in found {
        if speaks_only(&path) || path == "seed" {
            continue;
        }
        let value = match kind {
            Kind::File if value != "not set" => file_hash(&path, scenario),
            Kind::Command => command_hash(&scenario.external.command),
            _ => value,
        };
        digest.update(format!("{path} = {value}\n").as_bytes());
    }
    hexadecimal(digest)
}

/// Fingerprint of a scenario together with its seed: what one run's results depend on. It names output folders.
pub fn run_hash(scenario: &Scenario) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("{} seed {}", hash(scenario), scenario.seed).as_bytes());
    hexadecimal(digest)
}

/// The words of a command, with the contents of files in place of their absolute paths.
fn command_hash(words: &[String]) -> String {
    let word = |word: &String| match std::path::Path::new(word).is_absolute() {
        true => content_hash(word),
        false => word.clone(),
    };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn file_hash(key: &str, scenario: &Scenario) -> String {
    let files = super::check::files(scenario);
    content_hash(&files.into_iter().find(|(name, _)| name == key).map(|(_, path)| path).unwrap_or_default())
}

fn content_hash(path: &str) -> String {
    let (mut digest, mut chunk) = (Sha256::new(), vec![0; 1 << 16]);
    let Ok(mut file) = std::fs::File::open(path) else {
        return "unreadable".into();
    };
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return hexadecimal(digest),
            Ok(size) => digest.update(&chunk[..size]),
            Err(_) => return "unreadable".into(),
        }
    }
}

fn hexadecimal(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every key in which two scenarios differ, with both values as TOML (`no such row` where a row is missing on one
/// side), in the order of the schema; names, looks and hypotheses are left out, and so are files of other paths with the same
/// contents.
pub fn differences(a: &Scenario, b: &Scenario) -> Vec<(String, String, String)> {
    let all = |scenario: &Scenario| {
        let mut found = Vec::new();
        collect("", &tree(scenario), &mut found);
        found
    };
    let (left, right) = (all(a), all(b));
    let map = |found: &[(String, Kind, String)]| -> BTreeMap<String, String> {
        found.iter().map(|(key, _, value)| (key.clone(), value.clone())).collect()
    };
    let (left_map, right_map) = (map(&left), map(&right));
    let only_right = right.iter().filter(|(key, ..)| !left_map.contains_key(key));
    let value =
        |map: &BTreeMap<String, String>, key: &str| map.get(key).cloned().unwrap_or_else(|| "no such row".into());
    let same_file = |key: &str, kind: Kind, before: &str, after: &str| {
        matches!(kind, Kind::File)
            && before != "not set"
            && after != "not set"
            && file_hash(key, a) == file_hash(key, b)
    };
    left.iter()
        .chain(only_right)
        .filter(|(key, ..)| !speaks_only(key))
        .map(|(key, kind, _)| (key, *kind, value(&left_map, key), value(&right_map, key)))
        .filter(|(key, kind, before, after)| before != after && !same_file(key, *kind, before, after))
        .map(|(key, _, before, after)| (key.clone(), before, after))
        .collect()
}

/// The schema's entry for a dotted key, such as `stores.archetypes.supermarket.count`.
pub fn key(path: &str) -> Option<&'static Key> {
    let mut shape = <Scenario as super::setting::Section>::shape();
    let mut parts = path.split('.');
    loop {
        let key = shape.key(parts.next()?)?;
        if matches!(key.kind, Kind::List(_)) && parts.next().is_none() {
            return Some(key);
        }
        match (key.kind.below(), parts.clone().next()) {
            (_, None) => return Some(key),
            (Some(below), Some(_)) => shape = below,
            (None, Some(_)) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{from_toml_str, load};
    use super::*;

    #[test]
    fn the_default_scenario_survives_a_round_trip() {
        let scenario = Scenario { name: "a".into(), label: "A \"b\" \\ 北京".into(), ..Scenario::default() };
        let text = to_toml(&scenario);
        assert_eq!(from_toml_str(&text).unwrap(), scenario, "{text}");
    }

    #[test]
    fn odd_values_survive_a_round_trip() {
        let mut scenario = Scenario {
            name: "a".into(),
            label: "b".into(),
            question: "tab\t and\nnewline".into(),
            ..Scenario::default()
        };
        scenario.near.radius_km = 0.1 + 0.2;
        scenario.consumers.patience_grace_min = 1e-7;
        scenario.warehouse.capacity_per_h = 1e9;
        scenario.stores.archetypes.clear();
        scenario.warehouse.wave_hours.clear();
        scenario.catalogue.categories.truncate(1);
        scenario.seed = 9_000_000_000_000_000;
        let text = to_toml(&scenario);
        assert_eq!(from_toml_str(&text).unwrap(), scenario, "{text}");
    }

    #[test]
    fn the_hash_ignores_names_and_seed_and_sees_everything_else() {
        let base = Scenario::default();
        let named = Scenario { name: "x".into(), label: "y".into(), question: "z".into(), seed: 1, ..base.clone() };
        assert_eq!(hash(&base), hash(&named));
        let mut changed = base.clone();
        changed.stores.archetypes[2].count += 1;
        assert_ne!(hash(&base), hash(&changed));
        assert_eq!(hash(&base).len(), 64);
        assert_ne!(run_hash(&base), run_hash(&named), "a run also depends on the seed");
    }

    #[test]
    fn the_hash_follows_the_contents_of_files_and_not_their_path() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            Scenario {
                stores: super::super::Stores { file: Some(path.display().to_string()), ..Default::default() },
                ..Default::default()
            }
        };
        let (a, same, other) = (write("a.csv", "x\n"), write("b.csv", "x\n"), write("c.csv", "y\n"));
        assert_eq!(hash(&a), hash(&same));
        assert_ne!(hash(&a), hash(&other));
        assert_ne!(hash(&a), hash(&Scenario::default()));
        assert!(differences(&a, &same).is_empty(), "another path to the same stores changes nothing");
        let found = differences(&a, &other);
        assert!(found.len() == 1 && found[0].0 == "stores.file" && found[0].2.contains("c.csv"), "{found:?}");
        let from_none = differences(&Scenario::default(), &a);
        assert!(from_none.iter().any(|(key, before, _)| key == "stores.file" && before == "not set"), "{from_none:?}");
    }

    #[test]
    fn the_hash_follows_the_program_of_a_command_and_not_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let mut scenario = Scenario::default();
        let mut command = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            scenario.external.command = vec!["python3".into(), path.display().to_string()];
            hash(&scenario)
        };
        let (a, same, other) = (command("a.py", "x\n"), command("b.py", "x\n"), command("c.py", "y\n"));
        assert_eq!(a, same);
        assert_ne!(a, other);
    }

    #[test]
    fn differences_name_keys_and_rows() {
        let a = Scenario::default();
        let mut b = a.clone();
        b.name = "other".into();
        b.couriers.count = 200;
        b.far.lanes.pop();
        b.stores.archetypes[0].radius_km = Some(2.0);
        let found = differences(&a, &b);
        let triple = |a: &str, b: &str, c: &str| (a.to_string(), b.to_string(), c.to_string());
        assert_eq!(found[0], triple("stores.archetypes.flash_warehouse.radius_km", "not set", "2.0"));
        assert_eq!(found[1], triple("couriers.count", "170", "200"));
        assert_eq!(found[2], triple("far.lanes.nation.id", "\"nation\"", "no such row"));
        assert!(differences(&a, &a).is_empty());
    }

    #[test]
    fn keys_are_found_by_their_path() {
        assert_eq!(key("near.radius_km").unwrap().unit, "km");
        assert_eq!(key("stores.archetypes.any_id.count").unwrap().unit, "stores");
        assert_eq!(key("stores.archetypes").unwrap().name, "archetypes");
        assert_eq!(key("seed").unwrap().name, "seed");
        assert!(key("near.radius").is_none());
        assert!(key("near.radius_km.more").is_none());
    }

    #[test]
    fn show_prints_what_is_set_and_where() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        std::fs::write(&path, "[near]\nradius_km = 4\n").unwrap();
        let change = super::super::Override::parse("couriers.count={scale=2}").unwrap();
        let loaded = load(&path, &[change]).unwrap();
        let text = show(&loaded, Show { resolved: false, origin: true });
        assert!(text.contains("a.toml:2\n") && text.contains("[near]\nradius_km = 4.0"), "{text}");
        assert!(text.contains("# command line, --set #1, scale 2 of 170 (default)"), "{text}");
        assert!(!text.contains("[city]"), "{text}");
        let all = show(&loaded, Show { resolved: true, origin: false });
        assert_eq!(from_toml_str(&all).unwrap(), loaded.scenario);
    }
}
