//! `nearfar compare` from outside: stopping rule, correction, hypotheses, and files from which a notebook can redo it.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

use crate::program::{fine, refused, text_of};

const TINY: &str = "label = 'A small town'\nseed = 7\nhorizon_h = 6.0\nstart_hour = 10.0\n[city]\nside_km = 5.0\n\
    [demand]\norders_per_day = 700\n[consumers]\ncount = 300\n[catalogue]\nskus_per_category = 10\n\
    [couriers]\ncount = 14\n";
const FASTER: &str = "extends = 'tiny.toml'\nlabel = 'Faster'\n[couriers]\nspeed_kmh = { scale = 1.2 }\n\
    [[hypothesis]]\nmetric = 'click_to_door_mean_min'\ndirection = 'down'\nreason = 'shorter rides'\n\
    [[hypothesis]]\nmetric = 'ride_mean_min'\ndirection = 'up'\nreason = 'wrong on purpose'\n\
    [[hypothesis]]\nmetric = 'audit_violations'\ndirection = 'up'\nreason = 'wrong on purpose, too'\n";

/// A folder with a base and two what-ifs, one the child of the other.
fn town() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let hours = (0..24).map(|hour| if hour == 12 { "3.0" } else { "1.0" }).collect::<Vec<_>>().join(", ");
    let child = format!("extends = 'faster.toml'\nlabel = 'Faster lunch'\n[demand]\nhourly_profile = [{hours}]\n");
    for (name, text) in [("tiny", TINY), ("faster", FASTER), ("lunch", &child)] {
        fs::write(folder.path().join(format!("{name}.toml")), text).unwrap();
    }
    folder
}

fn json(folder: &TempDir, arguments: &[&str]) -> Value {
    crate::program::json(folder, &[arguments, &["--json"]].concat())
}

fn read(folder: &Path, name: &str) -> String {
    text_of(folder.join(name))
}

/// Rows of a CSV file without commas in its cells, by column.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| names.iter().map(|name| name.to_string()).zip(line.split(',').map(str::to_owned)).collect())
        .collect()
}

#[test]
fn hypotheses_are_told_and_what_changed_is_worked_out_through_parents() {
    let town = town();
    let compare = ["compare", "tiny.toml", "faster.toml", "lunch.toml", "--replications", "6", "-o", "all"];
    let told = fine(&town, &compare);
    let line = |words: &[&str]| {
        let found = told.lines().any(|line| words.iter().all(|word| line.contains(word)));
        assert!(found, "no line with {words:?} in\n{told}");
    };
    line(&["verdict (Holm over 2", "95 % interval", "variance ÷"]);
    line(&["Click-to-door, mean", "down", "as expected", "shorter rides"]);
    line(&["up", "contrary", "wrong on purpose"]);
    line(&["up", "no difference shown", "wrong on purpose, too"]);
    line(&["All what-ifs, difference from the base"]);
    line(&["demand.hourly_profile: [", "24 in all] → [1.0, 1.0, 1.0, 1.0, … 24 in all]"]);
    let folder = town.path().join("all/compare-tiny-faster");
    let csv = read(&folder, "hypotheses.csv");
    assert!(
        csv.contains("\nclick_to_door_mean_min,min,down,as expected,") && csv.ends_with(",\"wrong on purpose, too\"\n")
    );
    assert_eq!(read(&folder, "changes.csv"), "key,base,whatif\ncouriers.speed_kmh,18.0,21.599999999999998\n");
    assert!(read(&folder, "methods.md").contains("- `ride_mean_min` up: wrong on purpose"));
    assert!(read(&folder, "whatif.toml").contains("[[hypothesis]]\nmetric = \"click_to_door_mean_min\""));
    // A child has the parent's changes and not its hypotheses.
    let child = town.path().join("all/compare-tiny-lunch");
    let changes = read(&child, "changes.csv");
    assert!(changes.contains("\ncouriers.speed_kmh,") && changes.contains("\ndemand.hourly_profile,\"["), "{changes}");
    assert!(!child.join("hypotheses.csv").exists());
    let told = json(&town, &[&compare[..], &["--force"]].concat());
    let outcomes = |place: usize| told["comparisons"][place]["hypotheses"].as_array().unwrap().len();
    assert_eq!((outcomes(0), outcomes(1)), (3, 0));
    assert_eq!(told["comparisons"][0]["hypotheses"][1]["outcome"], "contrary");
    let wrong = FASTER.replace("ride_mean_min", "ride_mean");
    fs::write(town.path().join("wrong.toml"), wrong).unwrap();
    for command in [vec!["check", "wrong.toml"], vec!["compare", "tiny.toml", "wrong.toml"]] {
        let told = refused(&town, &command);
        assert!(told.contains("did you mean \"ride_mean_min\"?") && told.contains("wrong.toml:10:"), "{told}");
    }
}

#[test]
fn replications_go_on_until_every_interval_is_narrow_enough_whatever_the_threads() {
    let town = town();
    let run = |threads: &str, to: &str| {
        let until = ["--until", "click_to_door_mean_min:2%", "--until", "orders:0.5", "--replications", "10"];
        let rest = ["--max-replications", "60", "--threads", threads, "-o", to];
        json(&town, &[&["compare", "tiny.toml", "faster.toml"][..], &until, &rest].concat())
    };
    let (one, two) = (run("1", "one"), run("2", "two"));
    let n = one["replications"].as_u64().unwrap();
    assert!((15..60).contains(&n) && n % 10 == 5, "{n}");
    assert_eq!(one["stopping"]["reached"], true);
    assert_eq!(two["replications"], n);
    let row = &one["comparisons"][0]["kpis"]["click_to_door_mean_min"];
    let number = |path: [&str; 2]| row[path[0]][path[1]].as_f64().unwrap();
    let half = (number(["difference", "high"]) - number(["difference", "low"])) / 2.0;
    assert!(half <= 0.02 * number(["base", "mean"]), "{row}");
    for file in
        ["compare.csv", "compare.parquet", "replications.parquet", "methods.md", "session_moves.csv", "report.html"]
    {
        let bytes = |folder: &str| fs::read(town.path().join(folder).join(file)).unwrap();
        assert!(bytes("one") == bytes("two"), "{file}");
    }
    // The same days as those of a fixed number of replications.
    json(&town, &["compare", "tiny.toml", "faster.toml", "--replications", &n.to_string(), "-o", "fixed"]);
    assert_eq!(
        read(&town.path().join("fixed"), "replications.csv"),
        read(&town.path().join("one"), "replications.csv")
    );
    let page = read(&town.path().join("one"), "report.html");
    assert!(
        page.contains("What changed") && page.matches("class=\"replay-data\"").count() == 2,
        "both days on one clock"
    );
    let methods = read(&town.path().join("one"), "methods.md");
    assert!(methods.contains("`orders` within 0.5 in its unit") && methods.contains("Reached after"), "{methods}");

    let hard = ["compare", "tiny.toml", "faster.toml", "--until", "cost_per_order:0.0001%", "--max-replications", "16"];
    let told = fine(&town, &hard);
    assert!(told.contains("Cost per order of faster: ± ") && told.contains("--max-replications 16"), "{told}");
    assert!(told.contains("16 pairs of days"), "{told}");
    let told = refused(&town, &["compare", "tiny.toml", "faster.toml", "--until", "cost:1%"]);
    assert!(told.contains("did you mean cost_per_order"), "{told}");
}

#[test]
fn the_correction_stands_in_the_header_and_decides() {
    let town = town();
    let compare = ["compare", "tiny.toml", "faster.toml", "--replications", "4", "--force", "-o", "to"];
    let told = |more: &[&str]| fine(&town, &[&compare[..], more].concat());
    assert!(told(&["--correct", "none", "--confidence", "0.9"]).contains("verdict (no correction for "));
    let plain = rows(&read(&town.path().join("to"), "compare.csv"));
    let text = told(&["--correct", "bonferroni", "--confidence", "0.9"]);
    assert!(text.contains("verdict (Bonferroni over ") && text.contains("90 % interval"), "{text}");
    let strict = rows(&read(&town.path().join("to"), "compare.csv"));
    let number = |row: &BTreeMap<String, String>, name: &str| row[name].parse::<f64>().unwrap();
    let mut family = 0;
    for (plain, strict) in plain.iter().zip(&strict) {
        let width = |row| number(row, "high") - number(row, "low");
        if strict["family"] == "corrected" && number(strict, "sd_difference") > 0.0 {
            family += 1;
            assert!(width(strict) > 1.5 * width(plain), "{strict:?}");
            assert!(number(strict, "p_adjusted") >= number(strict, "p"));
            let shown = strict["verdict"] != "no difference shown";
            assert_eq!(shown, number(strict, "p_adjusted") <= 0.1 + 1e-12, "{strict:?}");
            assert_eq!(shown, number(strict, "low") > 0.0 || number(strict, "high") < 0.0, "{strict:?}");
        } else if strict["family"] == "by itself" {
            assert_eq!(strict["low"], plain["low"]);
        }
    }
    assert!(family >= 5, "{family}");
    let methods = read(&town.path().join("to"), "methods.md");
    assert!(methods.contains("Bonferroni over the") && methods.contains("Confidence 90 %, α = 0.1."), "{methods}");
    let wrong = refused(&town, &["compare", "tiny.toml", "faster.toml", "--confidence", "95"]);
    assert!(wrong.contains("from 0.5 to 0.9999"), "{wrong}");
}

#[test]
fn a_notebook_can_redo_the_comparison_and_pairs_are_worth_more_than_twice_the_days() {
    let town = town();
    fine(&town, &["compare", "tiny.toml", "faster.toml", "--replications", "8", "-o", "to"]);
    let to = town.path().join("to");
    let days = rows(&read(&to, "replications.csv"));
    assert_eq!(days.len(), 16);
    let found = rows(&read(&to, "compare.csv"));
    for name in ["orders", "near_share_orders", "click_to_door_mean_min", "cost_per_order"] {
        let side = |side: &str| -> Vec<f64> {
            days.iter().filter(|row| row["side"] == side).map(|row| row[name].parse().unwrap()).collect()
        };
        let (base, whatif) = (side("base"), side("whatif"));
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let variance = |values: &[f64]| {
            values.iter().map(|value| (value - mean(values)).powi(2)).sum::<f64>() / (values.len() - 1) as f64
        };
        let differences: Vec<f64> = base.iter().zip(&whatif).map(|(a, b)| b - a).collect();
        let row = found.iter().find(|row| row["kpi"] == name).unwrap();
        let told = |column: &str| row[column].parse::<f64>().unwrap();
        assert!((told("difference") - mean(&differences)).abs() < 1e-9, "{name}");
        // t(.975, 7) = 2.3646242510.
        let half = 2.3646242510 * (variance(&differences) / 8.0).sqrt();
        assert!((told("high") - told("low") - 2.0 * half).abs() < 1e-8, "{name}");
        if variance(&differences) > 0.0 {
            let reduction = (variance(&base) + variance(&whatif)) / variance(&differences);
            assert!((told("variance_reduction") - reduction).abs() < 1e-6 * reduction, "{name}");
            assert!(reduction > 2.0, "{name}: {reduction}");
        }
    }
    let bytes = fs::read(to.join("replications.parquet")).unwrap();
    for part in ["nearfar.units", "\"cost_per_order\":\"yuan/order\"", "nearfar.whatif_hash", "nearfar.seed"] {
        assert!(bytes.windows(part.len()).any(|window| window == part.as_bytes()), "{part}");
    }
}
