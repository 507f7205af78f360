//! `dispatch.policy = "external"` from outside: the shipped example, its replay, and programs that misbehave.
//!
//! The programs are Python; where there is none, these tests say so and pass.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{nearfar, stderr};

const TOWN: &str = "
label = 'A town with a policy of its own'
seed = 7
horizon_h = 3.0
start_hour = 11.0

[city]
side_km = 6.0

[demand]
orders_per_day = 1500

[consumers]
count = 300

[catalogue]
skus_per_category = 10

[couriers]
count = 12

[dispatch]
policy = 'external'
";

/// Reads the first line and answers it; `decide(question)` gives the text of every further answer.
const FRAME: &str = "
import json, os, sys, time
for line in sys.stdin:
    question = json.loads(line)
    n = question['n']
    if question['kind'] == 'hello':
        print(json.dumps({'n': n}), flush=True)
    else:
        print(decide(n, question), flush=True)
";

fn python() -> bool {
    let found = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("!!! NO python3: external policies are NOT tested in this run !!!");
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder with `town.toml`, which asks `policy.py`: `decide` in the frame above.
fn town(decide: &str) -> TempDir {
    town_asking("command = 'python3 policy.py'", &format!("{decide}{FRAME}"))
}

fn town_asking(external: &str, program: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("town.toml"), format!("{TOWN}\n[external]\n{external}\n")).unwrap();
    fs::write(folder.path().join("policy.py"), program).unwrap();
    folder
}

/// A town asking the shipped example, by an absolute path.
fn town_of_the_example() -> TempDir {
    let example = fs::read_to_string(root().join("scenarios/external/nearest.py")).unwrap();
    town_asking("command = ['python3', 'policy.py']", &example)
}

/// Runs into `to`; exit code, what was said, and the manifest if there is one.
fn run(town: &TempDir, to: &str, extra: &[&str]) -> (Option<i32>, String, Option<Value>) {
    let output = nearfar(town.path(), &[&["run", "town.toml", "--no-report", "-o", to], extra].concat());
    let manifest = fs::read(town.path().join(to).join("manifest.json")).ok();
    let manifest = manifest.map(|bytes| serde_json::from_slice(&bytes).unwrap());
    (output.status.code(), stderr(&output), manifest)
}

fn fine(town: &TempDir, to: &str, extra: &[&str]) -> (String, Value) {
    let (code, said, manifest) = run(town, to, extra);
    assert_eq!(code, Some(0), "{said}");
    (said, manifest.unwrap())
}

fn read(town: &TempDir, path: &str) -> Vec<u8> {
    let path: PathBuf = town.path().join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Results of a live run and of its replay are equal to the last byte, and no program is started for the latter.
fn replays(town: &TempDir, live: &str, extra: &[&str], code: i32) -> Value {
    let policy = town.path().join("policy.py");
    let hidden = town.path().join("hidden.py");
    fs::rename(&policy, &hidden).unwrap();
    let record = format!("{live}/decisions.jsonl");
    let (found, said, manifest) = run(town, "replayed", &[extra, &["--replay-decisions", &record]].concat());
    assert_eq!(found, Some(code), "{said}");
    for name in ["orders.parquet", "kpis.csv", "decisions.jsonl"] {
        assert!(read(town, &format!("{live}/{name}")) == read(town, &format!("replayed/{name}")), "{name} differs");
    }
    fs::rename(&hidden, &policy).unwrap();
    manifest.unwrap()
}

/// The text of a value in kpis.csv for the first replication.
fn kpi(town: &TempDir, folder: &str, name: &str) -> f64 {
    let csv = String::from_utf8(read(town, &format!("{folder}/kpis.csv"))).unwrap();
    let line = csv.lines().find(|line| line.starts_with(&format!("0,{name},"))).unwrap();
    line.split(',').nth(2).unwrap().parse().unwrap()
}

#[test]
fn the_example_delivers_and_its_replay_is_equal_to_the_last_byte() {
    if !python() {
        return;
    }
    let town = town_of_the_example();
    let two = ["--replications", "2", "--threads", "2"];
    let (said, manifest) = fine(&town, "live", &two);
    assert_eq!(said, "", "nothing to complain about");
    assert_eq!(manifest["reproducible"], false);
    let counts = &manifest["external"];
    assert!(counts["questions"].as_u64().unwrap() > 200, "{counts}");
    for count in ["illegal", "late", "malformed", "overtaken"] {
        assert_eq!(counts[count], 0, "{count}");
    }
    assert!(kpi(&town, "live", "on_time_share") > 0.8 && kpi(&town, "live", "near_share_orders") > 0.1);
    assert_eq!(kpi(&town, "live", "audit_violations"), 0.0);
    let replayed = replays(&town, "live", &two, 0);
    assert_eq!(replayed["reproducible"], true);
    assert_eq!(&replayed["external"], counts);
    let built_in = ["--set", "dispatch.policy=batch_match", "--set", "external.command=[]"];
    let (_, manifest) = fine(&town, "built-in", &built_in);
    assert_eq!(manifest["reproducible"], true);
    assert!(manifest.get("external").is_none() && !town.path().join("built-in/decisions.jsonl").exists());
}

#[test]
fn a_recording_of_another_run_is_refused_with_the_reason() {
    if !python() {
        return;
    }
    let town = town("def decide(n, question): return json.dumps({'n': n})\n");
    fine(&town, "live", &[]);
    let refused = |extra: &[&str], expected: &str| {
        let extra = [&["--replay-decisions", "live/decisions.jsonl"], extra].concat();
        let (code, said, manifest) = run(&town, "no", &extra);
        assert_eq!((code, manifest), (Some(2), None), "{said}");
        assert!(said.contains(expected), "{extra:?}: {said}");
    };
    refused(&["--seed", "8"], "recorded under seed 7");
    refused(&["--set", "couriers.count=13"], "another scenario");
    refused(&["--replications", "2"], "1 replications");
    refused(&["--set", "dispatch.policy=batch_match", "--set", "external.command=[]"], "batch_match");
    let record = String::from_utf8(read(&town, "live/decisions.jsonl")).unwrap();
    for (broken, expected) in [
        (record.replacen("\"n\":2,", "\"n\":9,", 1), "line 3"),
        (record.replacen("\"assignments\":[]", "\"late\":false", 1), "line 2"),
        ("nonsense".to_owned(), "first line"),
    ] {
        fs::write(town.path().join("live/decisions.jsonl"), broken).unwrap();
        refused(&[], expected);
    }
    fs::remove_file(town.path().join("live/decisions.jsonl")).unwrap();
    refused(&[], "cannot be read");
    // A recording that ends too soon ends the run there.
    let first_hour: String = record.split_inclusive('\n').take(50).collect();
    fs::write(town.path().join("live/decisions.jsonl"), first_hour).unwrap();
    let (code, said, manifest) = run(&town, "short", &["--replay-decisions", "live/decisions.jsonl"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("no answer to question 50") && manifest.is_some(), "{said}");
}

#[test]
fn a_program_that_dies_half_way_ends_the_run_and_what_was_simulated_is_kept() {
    if !python() {
        return;
    }
    let town = town("def decide(n, question):\n    if n == 60: os._exit(3)\n    return json.dumps({'n': n})\n");
    let (code, said, manifest) = run(&town, "live", &["--events"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("ended (exit status: 3) at question 60") && said.contains("is in live"), "{said}");
    let manifest = manifest.unwrap();
    assert!(manifest["halted"][0].as_str().unwrap().contains("exit status: 3"), "{manifest}");
    assert!(manifest["counts"]["orders"].as_u64().unwrap() > 10);
    assert_eq!(manifest["audit_violations"], 0);
    assert!(town.path().join("live/events.parquet").exists());
    let replayed = replays(&town, "live", &[], 1);
    assert_eq!(replayed["halted"], manifest["halted"]);
    let other = ["compare", "town.toml", "town.toml", "--replications", "2", "-o", "both"];
    let output = nearfar(town.path(), &other);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("unfinished days"), "{}", stderr(&output));
}

#[test]
fn garbage_and_illegal_answers_are_refused_told_and_counted() {
    if !python() {
        return;
    }
    let town = town(
        "def decide(n, question):
    orders = [o['order'] for o in question['orders']]
    stops = [['pick_up', 123456], ['drop_off', 123456]]
    answers = ['no json', '[]', '{}', json.dumps({'n': n + 5}), json.dumps({'n': n, 'asignments': []}), '\\xff\\u0000',
        json.dumps({'n': n, 'assignments': [{'courier': -1, 'stops': []}]}),
        json.dumps({'n': n, 'assignments': [{'courier': 99, 'stops': []}, {'courier': 0, 'stops': stops}]}),
        json.dumps({'n': n, 'assignments': [{'courier': 0, 'stops': [['drop_off', o]]} for o in orders[:1]]})]
    return answers[n % 9]
",
    );
    let (said, manifest) = fine(&town, "live", &[]);
    let counts = &manifest["external"];
    let (questions, malformed) = (counts["questions"].as_u64().unwrap(), counts["malformed"].as_u64().unwrap());
    assert!(questions > 90 && malformed.abs_diff(questions * 7 / 9) < 9, "{counts}");
    assert!(counts["illegal"].as_u64().unwrap() > questions / 5, "{counts}");
    assert_eq!(counts["mistakes"].as_array().unwrap().len(), 10);
    for part in ["cannot be read", "no json", "unknown field `asignments`", "courier 99 is not on duty", "were refused"]
    {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert_eq!(kpi(&town, "live", "audit_violations"), 0.0);
    assert_eq!(&replays(&town, "live", &[], 0)["external"], counts);
}

#[test]
fn late_answers_are_discarded_and_counted_and_the_next_question_is_answered_again() {
    if !python() {
        return;
    }
    let decide = "
def decide(n, question):
    if n in (3, 40): time.sleep(1.0)
    return json.dumps({'n': n})
";
    let town = town(decide);
    let (said, manifest) = fine(&town, "live", &["--set", "external.timeout_s=0.4"]);
    let counts = &manifest["external"];
    let late = counts["late"].as_u64().unwrap();
    assert!((2..20).contains(&late) && counts["malformed"] == 0, "{counts}");
    assert!(said.contains("question 3 at") && said.contains("no answer in time"), "{said}");
    assert_eq!(&replays(&town, "live", &[], 0)["external"], counts);
}

#[test]
fn a_program_that_hangs_or_ignores_its_end_is_not_left_behind() {
    if !python() {
        return;
    }
    let decide = "
import signal
open('pid', 'w').write(str(os.getpid()))
def decide(n, question):
    if n == 150: print(json.dumps({'n': n}), flush=True); time.sleep(1000)
    return json.dumps({'n': n})
"
    .replace("import signal", "import os, signal");
    let town = town(&decide);
    let (_, manifest) = fine(&town, "live", &["--set", "external.timeout_s=0.05"]);
    assert!(manifest["external"]["late"].as_u64().unwrap() > 0, "{manifest}");
    let pid = String::from_utf8(read(&town, "pid")).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    assert!(!Path::new("/proc").join(pid.trim()).join("stat").exists(), "process {pid} is still there");
}

#[test]
fn a_program_that_cannot_start_or_greet_stops_everything_before_it_begins() {
    if !python() {
        return;
    }
    for (external, program, expected) in [
        ("command = 'no-such-program-here'", "", "cannot be started: no-such-program-here"),
        ("command = 'python3 policy.py'", "import sys; sys.exit(4)", "ended before it answered (exit status: 4)"),
        ("command = 'python3 policy.py'", "print('hello')", "answered the first line with no answer"),
    ] {
        let town = town_asking(external, program);
        let (code, said, manifest) = run(&town, "live", &[]);
        assert_eq!((code, manifest), (Some(2), None), "{said}");
        assert!(said.contains(expected) && said.contains("nothing was written"), "{said}");
    }
}

#[test]
fn policy_and_command_need_each_other() {
    for (text, expected) in [
        ("[dispatch]\npolicy = 'external'\n", "without a program"),
        ("[external]\ncommand = 'python3 x.py'\n", "does not ask"),
        ("[dispatch]\npolicy = 'external'\n[external]\ncommand = 3\n", "a program and its arguments"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.toml"), text).unwrap();
        let output = nearfar(folder.path(), &["check", "a.toml"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
}
