//! Who may use whom: a table of rooms, and a reading of the sources against it.
//!
//! The rooms stand in the order of the flow. A room names only rooms above it, so no ring can form, and each
//! third-party crate has the home, or the few homes, that the table gives it. Tests inside a room may use more.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder or file of `src/`, and what it may use.
struct Room {
    name: &'static str,
    rooms: &'static [&'static str],
    crates: &'static [&'static str],
}

const fn room(name: &'static str, rooms: &'static [&'static str], crates: &'static [&'static str]) -> Room {
    Room { name, rooms, crates }
}

/// The walls. To move one, change this table and say why in the commit.
const ROOMS: &[Room] = &[
    room("units", &[], &["serde"]),
    room("rng", &["units"], &["rand_xoshiro"]),
    room("design", &["rng"], &["sobol", "rand", "thiserror"]),
    room("statistics", &[], &["statrs", "thiserror"]),
    room("event", &["units"], &[]),
    room("scenario", &["units"], &["toml", "serde", "serde_json", "strsim", "sha2", "thiserror"]),
    room("table", &[], &["csv", "flate2", "polars", "polars_io", "strsim"]),
    room("city", &["units", "rng", "scenario", "table"], &["geo", "rstar", "rand", "rand_distr", "thiserror"]),
    room("import", &["table"], &["toml", "tempfile", "thiserror"]),
    room("policy", &["units", "event", "scenario", "city"], &["microlp", "thiserror"]),
    room("external", &["units", "scenario", "city", "policy"], &["serde", "serde_json", "thiserror"]),
    room(
        "sim",
        &["units", "rng", "event", "scenario", "city", "policy"],
        &["bevy_ecs", "cpu_time", "rand", "rand_distr", "rand_xoshiro"],
    ),
    room("audit", &["units", "event", "city"], &[]),
    room(
        "metrics",
        &["units", "statistics", "event", "scenario", "city", "audit"],
        &["polars", "polars_io", "thiserror"],
    ),
    // `city` because a stored event log names its stores and couriers.
    room("results", &["event", "scenario", "city", "metrics"], &["serde_json", "thiserror"]),
    room(
        "study",
        &["units", "rng", "design", "statistics", "event", "scenario", "city", "external", "sim", "audit", "metrics"],
        // `cpu_time` to tell what the audit takes beside the simulation.
        &["cpu_time", "polars", "rayon", "thiserror"],
    ),
    room(
        "sweep",
        // `rng` and `rand` for what a bootstrap draws again.
        &["rng", "statistics", "design", "scenario", "city", "table", "metrics", "results", "study"],
        &["toml", "serde", "serde_json", "sha2", "polars", "polars_io", "rand", "rayon", "cpu_time", "thiserror"],
    ),
    room(
        "report",
        // `event` for the reasons that an order's story puts into words.
        &["units", "event", "scenario", "city", "metrics", "study"],
        // `flate2` packs the streams of a PDF.
        &[
            "plotters",
            "resvg",
            "usvg",
            "ttf_parser",
            "minijinja",
            "base64",
            "flate2",
            "serde_json",
            "polars",
            "rayon",
            "thiserror",
        ],
    ),
    room(
        "deck",
        &["scenario", "table", "metrics", "results", "report"],
        &["zip", "rust_xlsxwriter", "serde_json", "rayon", "thiserror"],
    ),
    room(
        "cli",
        &[
            "units",
            "rng",
            "statistics",
            "event",
            "scenario",
            "table",
            "city",
            "import",
            "policy",
            "external",
            "sim",
            "audit",
            "metrics",
            "results",
            "study",
            "sweep",
            "report",
            "deck",
        ],
        &["clap", "anstream", "indicatif", "serde_json", "rayon", "thiserror"],
    ),
    // The map and the door.
    room("lib", &[], &[]),
    room("main", &[], &["anstream"]),
];

/// Every third-party crate that has a home.
fn third_party() -> BTreeSet<&'static str> {
    ROOMS.iter().flat_map(|room| room.crates).copied().collect()
}

/// What the code of one file reaches for that its room may not, as `file:line: room may not …`.
fn violations(room: &Room, file: &str, code: &str) -> Vec<String> {
    let crates = third_party();
    let mut found = Vec::new();
    for (number, line) in own_code(code) {
        for name in rooms_named(line) {
            let known = ROOMS.iter().any(|other| other.name == name);
            if known && name != room.name && !room.rooms.contains(&name) {
                found.push(format!("{file}:{number}: {} may not use {name}", room.name));
            }
        }
        if line.trim_end().ends_with("crate::{") {
            found
                .push(format!("{file}:{number}: name the rooms on the line of crate::, where this test can read them"));
        }
        for name in crates.iter().filter(|name| names_crate(line, name)) {
            if !room.crates.contains(name) {
                found.push(format!("{file}:{number}: {} may not name {name}", room.name));
            }
        }
    }
    found
}

/// The numbered lines of a file up to its test module, without comments.
fn own_code(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let tests = ["#[cfg(test)]\nmod tests {", "#[cfg(test)]\npub(crate) mod tests {"];
    let end = tests.iter().filter_map(|head| code.find(head)).min().unwrap_or(code.len());
    let without_comment = |line| if str::trim_start(line).starts_with("//") { "" } else { line };
    code[..end].lines().enumerate().map(move |(i, line)| (i + 1, without_comment(line)))
}

/// Rooms after `crate::`, also inside `crate::{…}` on one line.
fn rooms_named(line: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for (at, path) in line.match_indices("crate::") {
        let rest = &line[at + path.len()..];
        let parts = match rest.strip_prefix('{') {
            Some(list) => list.split(',').collect::<Vec<_>>(),
            None => vec![rest],
        };
        let word =
            |part: &'_ str| part.len() - part.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').len();
        names.extend(parts.into_iter().map(str::trim).map(|part| &part[..word(part)]));
    }
    names
}

/// Whether a path on this line begins with the crate's name.
fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let begins = line[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
        begins && line[at + name.len()..].starts_with("::")
    })
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All Rust files below a folder, in order.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Files that exist for tests only: `#[cfg(test)] mod name;` somewhere, or such a room.
fn test_files(files: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut test_only = BTreeSet::new();
    for file in files {
        let code = fs::read_to_string(file).unwrap();
        for part in code.split("#[cfg(test)]\n").skip(1) {
            let line = part.lines().next().unwrap_or_default().trim_start_matches("pub(crate) ");
            if let Some(name) = line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) {
                test_only.insert(file.with_file_name(format!("{name}.rs")));
                // The tests of `key.rs` stand in `key/name.rs`.
                test_only.insert(file.with_extension("").join(format!("{name}.rs")));
            }
        }
    }
    test_only
}

/// The room a file belongs to: the first part of its path below `src/`.
fn room_of(file: &Path) -> String {
    let inside = file.strip_prefix(src()).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn no_room_reaches_over_its_walls() {
    let files = rust_files(&src());
    let tests = test_files(&files);
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !tests.contains(*file)) {
        let name = room_of(file);
        let Some(room) = ROOMS.iter().find(|room| room.name == name) else {
            panic!("{} belongs to no room: give it a row in the table", file.display());
        };
        let shown = file.strip_prefix(src()).unwrap().display().to_string();
        found.extend(violations(room, &shown, &fs::read_to_string(file).unwrap()));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn rooms_use_only_rooms_above_them_in_the_table() {
    for (i, room) in ROOMS.iter().enumerate() {
        for used in room.rooms {
            let above = ROOMS[..i].iter().any(|other| other.name == *used);
            assert!(above, "{} uses {used}, which does not stand above it", room.name);
        }
    }
}

#[test]
fn every_dependency_has_a_home() {
    let manifest = fs::read_to_string(src().with_file_name("Cargo.toml")).unwrap();
    let section = manifest.split("\n[dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let names = section.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name.replace('-', "_"));
    let homeless: Vec<String> = names.filter(|name| !third_party().contains(name.as_str())).collect();
    assert!(homeless.is_empty(), "{homeless:?}: give each a home in the table, or remove it");
}

#[test]
fn the_checker_finds_what_it_should_and_nothing_else() {
    let metrics = ROOMS.iter().find(|room| room.name == "metrics").unwrap();
    let code = "//! See crate::sim and bevy_ecs::World.\n\
                use crate::sim::Outcome;\n\
                use crate::{event::EventLog, report::html};\n\
                use polars::prelude::*;\n\
                fn f() { let w = bevy_ecs::world::World::new(); my_geo::g(); table::csv::h(); }\n\
                use crate::{\n    sim::run,\n};\n\
                #[cfg(test)]\nmod tests {\n    use crate::sim::run;\n}\n";
    let expected = [
        "metrics/x.rs:2: metrics may not use sim",
        "metrics/x.rs:3: metrics may not use report",
        "metrics/x.rs:5: metrics may not name bevy_ecs",
        "metrics/x.rs:6: name the rooms on the line of crate::, where this test can read them",
    ];
    assert_eq!(violations(metrics, "metrics/x.rs", code), expected);
}
