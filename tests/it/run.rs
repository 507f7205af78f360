//! `nearfar run` and `nearfar compare` from outside, on a scenario of a few hundred orders.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{nearfar, stderr, stdout};

const TINY: &str = "
label = 'A small town'
seed = 7
horizon_h = 12.0
start_hour = 8.0

[city]
side_km = 6.0

[demand]
orders_per_day = 500

[consumers]
count = 300

[catalogue]
skus_per_category = 10

[couriers]
count = 12
";

/// A folder with `tiny.toml`.
fn town() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tiny.toml"), TINY).unwrap();
    folder
}

/// Runs and expects success.
fn fine(folder: &Path, arguments: &[&str]) -> Output {
    let output = nearfar(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    output
}

/// Runs and expects it to be refused as bad input; what it says.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = nearfar(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
    assert_eq!(stdout(&output), "");
    stderr(&output)
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// Every file below a folder, by its path inside it.
fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match path.is_dir() {
            true => found.extend(files(&path).into_iter().map(|below| format!("{name}/{below}"))),
            false => drop(found.insert(name)),
        }
    }
    found
}

#[test]
fn a_run_leaves_charts_tables_and_a_report_and_says_so() {
    let town = town();
    let output = fine(town.path(), &["run", "tiny.toml", "--events"]);
    let folder = town.path().join("output/tiny");
    let found = files(&folder);
    let charts = [
        "01-orders-by-channel",
        "02-click-to-door-ecdf",
        "03-near-share-map",
        "04-cost-waterfall",
        "05-courier-day",
        "10-far-backlog",
        "11-stock-outs",
        "12-lateness-parts",
        "09-margin-bridge",
        "13-unmet-demand-map",
        "14-promise-map",
        "15-service-areas",
        "16-carbon-break-even",
        "17-channel-share-by-category",
    ];
    for chart in charts {
        for ending in ["png", "svg", "csv"] {
            assert!(found.contains(&format!("charts/{chart}.{ending}")), "{chart}.{ending} in {found:?}");
        }
    }
    let manifest = json(&read(&folder, "manifest.json"));
    let listed: BTreeSet<String> =
        manifest["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap().to_owned()).collect();
    assert_eq!(listed, found, "the manifest lists exactly what is there");
    for name in ["scenario.toml", "kpis.csv", "orders.parquet", "events.parquet", "report.html"] {
        assert!(found.contains(name), "{name}");
    }
    assert_eq!((&manifest["seed"], &manifest["audit_violations"]), (&7.into(), &0.into()));
    let orders = manifest["counts"]["orders"].as_u64().unwrap();
    assert!((100..1000).contains(&orders) && manifest["counts"]["events"].as_u64().unwrap() > orders);
    for key in ["simulation_s", "orders_per_s", "total_s", "threads", "peak_memory_mb"] {
        assert!(manifest["timing"].get(key).is_some(), "{key}");
    }
    let told = stdout(&output);
    assert!(told.starts_with("A small town: one replication, seed 7\n"), "{told}");
    assert!(told.contains("Click-to-door, mean") && told.ends_with("Report   output/tiny/report.html\n"), "{told}");
    assert!(told.contains("Contribution margin is that of the system"), "{told}");
    assert!(!told.contains('\x1b') && stderr(&output).is_empty(), "piped: no colours, no bar: {}", stderr(&output));
    let page = String::from_utf8(read(&folder, "report.html")).unwrap();
    assert!(
        page.contains("A small town")
            && page.contains("near.radius_km")
            && page.contains("Contribution margin (system)")
            && page.contains("class=\"replay-data\"")
    );
}

#[test]
fn kpis_are_numbers_or_nan_and_stand_once_for_each_replication() {
    let town = town();
    fine(town.path(), &["run", "tiny.toml", "--no-report", "--replications", "2", "--set", "couriers.count=0"]);
    let name = fs::read_dir(town.path().join("output")).unwrap().next().unwrap().unwrap().path();
    let csv = String::from_utf8(read(&name, "kpis.csv")).unwrap();
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("replication,kpi,value,unit"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert!(rows.iter().all(|row| row.len() == 4 && row[2].parse::<f64>().is_ok() && !row[2].is_empty()));
    let of = |replication: &str| rows.iter().filter(|row| row[0] == replication).map(|row| row[1]).collect::<Vec<_>>();
    assert_eq!(of("0"), of("1"));
    let value = |kpi: &str| rows.iter().find(|row| row[1] == kpi).unwrap()[2];
    assert_eq!(value("courier_utilisation"), "NaN", "nobody to average over");
    assert_ne!(value("orders"), "0");
    assert!(!name.join("report.html").exists() && !name.join("charts").exists(), "--no-report");
}

/// Bytes of everything but the manifest, whose timing differs.
fn results(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let names = files(folder).into_iter().filter(|name| name != "manifest.json");
    names.map(|name| (name.clone(), read(folder, &name))).collect()
}

fn same(a: &Path, b: &Path) {
    let (a, b) = (results(a), results(b));
    assert_eq!(a.len(), b.len());
    for ((name, a), (_, b)) in a.iter().zip(&b) {
        assert!(a == b, "{name} differs");
    }
}

#[test]
fn results_are_byte_equal_at_any_number_of_threads_and_differ_under_another_seed() {
    let town = town();
    let run = |threads: &str, to: &str| {
        let arguments = ["run", "tiny.toml", "--replications", "3", "--events", "--threads", threads, "-o", to];
        let mut command = Command::new(env!("CARGO_BIN_EXE_nearfar"));
        let output = command.current_dir(town.path()).args(arguments).env("POLARS_MAX_THREADS", threads).output();
        assert!(output.unwrap().status.success());
    };
    run("1", "one");
    run("2", "two");
    same(&town.path().join("one"), &town.path().join("two"));
    fine(town.path(), &["run", "tiny.toml", "--no-report", "--seed", "8", "-o", "other"]);
    fine(town.path(), &["run", "tiny.toml", "--no-report", "-o", "again"]);
    for name in ["orders.parquet", "kpis.csv"] {
        assert!(read(&town.path().join("other"), name) != read(&town.path().join("again"), name), "{name}");
    }
}

#[test]
fn the_resolved_scenario_gives_the_same_results() {
    let town = town();
    let changed = ["run", "tiny.toml", "--no-report", "--set", "near.radius_km=2", "--seed", "11", "-o", "first"];
    fine(town.path(), &changed);
    fine(town.path(), &["run", "first/scenario.toml", "--no-report", "-o", "second"]);
    same(&town.path().join("first"), &town.path().join("second"));
}

#[test]
fn a_changed_scenario_gets_a_folder_of_its_own() {
    let town = town();
    let output_of = |extra: &[&str]| {
        let arguments = [&["run", "tiny.toml", "--no-report", "--json"], extra].concat();
        json(stdout(&fine(town.path(), &arguments)).as_bytes())["output"].as_str().unwrap().to_owned()
    };
    let plain = output_of(&[]);
    assert_eq!(plain, "output/tiny");
    assert_eq!(output_of(&["--seed", "7"]), plain, "the seed it has anyway");
    let (seed, set) = (output_of(&["--seed", "8"]), output_of(&["--set", "near.radius_km=2"]));
    for changed in [&seed, &set] {
        let digits = changed.strip_prefix("output/tiny-").unwrap();
        assert!(digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit()), "{changed}");
    }
    assert_ne!(seed, set);
    assert_eq!(output_of(&["--seed", "8"]), seed, "the same run, the same folder");
}

#[test]
fn a_folder_of_ours_is_replaced_and_others_are_refused_unless_forced() {
    let town = town();
    let run = ["run", "tiny.toml", "--no-report"];
    assert!(!stderr(&fine(town.path(), &run)).contains("replaced"));
    assert!(stderr(&fine(town.path(), &run)).contains("replaced output/tiny"));
    assert_eq!(stderr(&fine(town.path(), &[&run[..], &["--quiet"]].concat())), "");
    let foreign = town.path().join("mine");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("notes.txt"), "keep me").unwrap();
    let into = [&run[..], &["-o", "mine"]].concat();
    let message = refused(town.path(), &into);
    assert!(message.contains("notes.txt") && message.contains("--force"), "{message}");
    assert_eq!(files(&foreign).len(), 1);
    fine(town.path(), &[&into[..], &["--force"]].concat());
    assert!(foreign.join("kpis.csv").exists());
    assert_eq!(read(&foreign, "notes.txt"), b"keep me");
}

#[test]
fn bad_input_is_refused_and_leaves_nothing() {
    let town = town();
    let cases: [(&[&str], &str); 6] = [
        (&["--set", "near.radius=4"], "radius_km"),
        (&["--set", "near.radius_km=-4"], "from 0"),
        (&["--set", "near.radius_km"], "key=value"),
        (&["--seed=-1"], "--seed"),
        (&["--replications", "0"], "--replications"),
        (&["--threads", "0"], "--threads"),
    ];
    for (extra, expected) in cases {
        let message = refused(town.path(), &[&["run", "tiny.toml"], extra].concat());
        assert!(message.contains(expected), "{extra:?}: {message}");
    }
    fs::write(town.path().join("broken.csv"), "courier,x_m\na,b\n").unwrap();
    let message = refused(town.path(), &["run", "tiny.toml", "--set", "couriers.file=broken.csv"]);
    assert!(message.contains("broken.csv") && message.contains("nothing was written"), "{message}");
    assert_eq!(files(town.path()), BTreeSet::from(["broken.csv".to_owned(), "tiny.toml".to_owned()]));
    assert!(!town.path().join("output").exists());
}

#[test]
fn a_pipe_gets_no_colours_even_without_no_color() {
    let town = town();
    for extra in [["--set", "near.radius=4"], ["--set", "near.radius_km=4"]] {
        let arguments = [&["run", "tiny.toml", "--no-report"], &extra[..]].concat();
        let mut command = Command::new(env!("CARGO_BIN_EXE_nearfar"));
        command.current_dir(town.path()).args(arguments).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        let output = command.output().unwrap();
        assert!(!(stdout(&output) + &stderr(&output)).contains('\x1b'));
    }
}

#[test]
fn json_is_one_object_and_all_of_stdout() {
    let town = town();
    let output = fine(town.path(), &["run", "tiny.toml", "--no-report", "--json", "--replications", "2"]);
    let told = json(&output.stdout);
    let kpi = &told["kpis"]["click_to_door_mean_min"];
    assert!(kpi["mean"].as_f64().unwrap() > 5.0 && kpi["half_width"].as_f64().unwrap() > 0.0);
    assert_eq!(kpi["unit"], "min");
    assert_eq!((&told["output"], &told["replications"]), (&"output/tiny".into(), &2.into()));
    assert!(told["timing"]["simulation_s"].as_f64().unwrap() > 0.0 && told["report"].is_null());
    assert!(stdout(&fine(town.path(), &["run", "tiny.toml", "--no-report", "--quiet"])).is_empty());
    let one = json(&fine(town.path(), &["run", "tiny.toml", "--no-report", "--json", "--quiet"]).stdout);
    assert!(one["kpis"]["orders"]["half_width"].is_null(), "one replication has no interval");
}

#[test]
fn a_town_without_orders_stores_or_couriers_runs_and_says_no_data() {
    let town = town();
    let no_stores: Vec<String> =
        ["flash_warehouse", "supermarket", "brand_store"].map(|id| format!("stores.archetypes.{id}.count=0")).into();
    let cases: [Vec<&str>; 3] =
        [vec!["demand.orders_per_day=0"], vec!["couriers.count=0"], no_stores.iter().map(String::as_str).collect()];
    for (place, case) in cases.iter().enumerate() {
        let to = format!("none-{place}");
        let mut arguments = vec!["run", "tiny.toml", "-o", &to];
        case.iter().for_each(|set| arguments.extend(["--set", set]));
        let output = fine(town.path(), &arguments);
        assert!(stdout(&output).contains("no data"), "{case:?}: {}", stdout(&output));
        let manifest = json(&read(&town.path().join(&to), "manifest.json"));
        assert_eq!(manifest["audit_violations"], 0, "{case:?}");
        assert!(town.path().join(&to).join("charts/03-near-share-map.png").exists());
    }
}

#[test]
fn a_scenario_compared_with_itself_shows_no_difference() {
    let town = town();
    let arguments = ["compare", "tiny.toml", "tiny.toml", "--replications", "3"];
    let told = stdout(&fine(town.path(), &arguments));
    assert!(told.contains("nothing changed") && told.contains("no difference shown"), "{told}");
    let folder = town.path().join("output/compare-tiny-tiny");
    let csv = String::from_utf8(read(&folder, "compare.csv")).unwrap();
    let mut lines = csv.lines();
    let head = "kpi,unit,base_mean,base_half_width,whatif_mean,whatif_half_width,difference,low,high,correlation,\
                variance_reduction,verdict,pairs,sd_difference,p,p_adjusted,hint_replications,hint_half_width,family";
    assert_eq!(lines.next(), Some(head));
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        assert!(cells[6] == "0" && cells[11] == "no difference shown" || cells[11] == "no data", "{line}");
    }
    let expected = ["base.toml", "changes.csv", "charts/06-whatif-delta.csv", "charts/06-whatif-delta.png"];
    let expected = expected.into_iter().chain([
        "charts/06-whatif-delta.json",
        "charts/06-whatif-delta.svg",
        "charts/body/06-whatif-delta.svg",
        "charts/20-dumbbell.json",
        "charts/body/20-dumbbell.svg",
        "charts/21-session-moves.json",
        "charts/body/21-session-moves.svg",
        "charts/body/22-map-pair.svg",
        "charts/20-dumbbell.csv",
        "charts/20-dumbbell.png",
        "charts/20-dumbbell.svg",
        "charts/21-session-moves.csv",
        "charts/22-map-pair.csv",
        "charts/22-map-pair.json",
        "charts/22-map-pair.png",
        "charts/22-map-pair.svg",
        "charts/21-session-moves.png",
        "charts/21-session-moves.svg",
        "compare.csv",
        "compare.parquet",
        "methods.md",
        "replications.csv",
        "replications.parquet",
        "report.html",
        "session_moves.csv",
        "session_moves.parquet",
        "manifest.json",
        "whatif.toml",
    ]);
    assert_eq!(files(&folder), expected.map(str::to_owned).collect());
}

#[test]
fn a_what_if_is_compared_under_the_seed_of_the_base() {
    let town = town();
    let whatif = "extends = 'tiny.toml'\nlabel = 'Faster'\nseed = 99\n[couriers]\nspeed_kmh = { scale = 2 }\n";
    fs::write(town.path().join("faster.toml"), whatif).unwrap();
    fs::write(town.path().join("far.toml"), "extends = 'tiny.toml'\n[promise]\nfar_h = 48\n").unwrap();
    let base = ["compare", "tiny.toml", "faster.toml", "far.toml", "--replications", "4"];
    let output = fine(town.path(), &base);
    assert!(stderr(&output).contains("seed 99 of faster is replaced by 7"), "{}", stderr(&output));
    let told = stdout(&output);
    assert!(told.contains("A small town → Faster") && told.contains("couriers.speed_kmh: 18.0 → 36.0"), "{told}");
    assert!(!told.contains("seed: 7"), "the seed is no change: {told}");
    let row = told.lines().find(|line| line.contains("Click-to-door, mean")).unwrap();
    assert!(row.trim_end().ends_with("better"), "{row}");
    let changes = String::from_utf8(read(&town.path().join("output/compare-tiny-faster"), "changes.csv")).unwrap();
    assert_eq!(changes, "key,base,whatif\ncouriers.speed_kmh,18.0,36.0\n");
    assert!(town.path().join("output/compare-tiny-far/compare.csv").exists());
    let again = fine(town.path(), &[&base[..], &["--json"]].concat());
    let told = json(&again.stdout);
    let difference = &told["comparisons"][0]["kpis"]["click_to_door_mean_min"];
    assert_eq!(difference["verdict"], "better");
    assert!(difference["difference"]["high"].as_f64().unwrap() < 0.0);
    let alone = fine(town.path(), &["compare", "tiny.toml", "faster.toml", "--replications", "1"]);
    assert!(stderr(&alone).contains("no intervals") && stdout(&alone).contains("no interval"), "{}", stderr(&alone));
    let threads = |threads: &str, to: &str| {
        fine(town.path(), &["compare", "tiny.toml", "faster.toml", "--threads", threads, "-o", to]);
    };
    threads("1", "one");
    threads("2", "two");
    same(&town.path().join("one"), &town.path().join("two"));
}
