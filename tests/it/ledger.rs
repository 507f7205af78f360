//! The ledger from outside: `nearfar run --ledger`, `nearfar ledger`, `nearfar explain`, and the moves of `nearfar compare`.

use std::fs;

use crate::program::{fine, folder_with, json, nearfar, stderr};

const TOWN: &str = "label = 'A town of sessions'\nhorizon_h = 4.0\nstart_hour = 10.0\n[city]\nside_km = 6.0\n\
    [choice]\nmodel = 'logit'\nsessions_per_day = 4000\n[consumers]\ncount = 1000\n[couriers]\ncount = 30\n\
    [catalogue]\nskus_per_category = 20\n";

fn town() -> tempfile::TempDir {
    folder_with(&[("town.toml", TOWN)])
}

#[test]
fn the_ledger_adds_a_table_and_changes_no_other_file() {
    let folder = town();
    let here = folder.path();
    let run = ["run", "town.toml", "--no-report", "--quiet", "--events", "--replications", "2"];
    fine(here, &[&run[..], &["-o", "plain"]].concat());
    fine(here, &[&run[..], &["-o", "noted", "--ledger"]].concat());
    for file in ["scenario.toml", "kpis.csv", "orders.parquet", "events.parquet"] {
        let read = |run: &str| fs::read(here.join(run).join(file)).unwrap();
        assert!(read("plain") == read("noted"), "{file}");
    }
    assert!(!here.join("plain/candidates.parquet").exists());

    let told = fine(here, &["ledger", "noted"]);
    for words in ["Why nodes did not serve", "nearest store", "chosen", "consumer left", "all orders", "far", "  fresh"]
    {
        assert!(told.contains(words), "{words} is not in\n{told}");
    }
    let facts = json(here, &["ledger", "noted", "--json", "-o", "tables"]);
    let sum =
        |column: &str| facts["reasons"].as_array().unwrap().iter().map(|r| r[column].as_u64().unwrap()).sum::<u64>();
    let asked = facts["orders"].as_u64().unwrap() + facts["sessions_left"].as_u64().unwrap();
    assert_eq!(sum("warehouse"), asked, "the warehouse is a candidate of everybody");
    assert!(sum("nearest_store") <= asked && sum("stores") > 2 * asked);
    let orders = facts["regret"][0]["orders"].as_u64().unwrap();
    assert_eq!(orders, facts["orders"].as_u64().unwrap());
    let rows = fs::read_to_string(here.join("tables/regret.csv")).unwrap().lines().count() as u64 - 1;
    assert_eq!(rows, orders);
    for file in ["regret.parquet", "regret_summary.csv", "reasons.csv", "manifest.json"] {
        assert!(here.join("tables").join(file).exists(), "{file}");
    }

    let output = nearfar(here, &["ledger", "plain"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("candidates.parquet") && stderr(&output).contains("--ledger"));
}

#[test]
fn stories_tell_what_else_there_was_and_speak_to_programs() {
    let folder = town();
    let here = folder.path();
    fine(here, &["run", "town.toml", "--no-report", "--quiet", "--ledger", "-o", "out"]);
    let stories: Vec<String> = (0..30).map(|order| fine(here, &["explain", "out", &order.to_string()])).collect();
    assert!(stories.iter().all(|story| story.contains("What else it could have come from")), "{}", stories[0]);
    for words in ["had everything", "the warehouse would have taken", "CNY less", "longer"] {
        assert!(stories.iter().any(|story| story.contains(words)), "{words}");
    }
    let told = json(here, &["explain", "out", "3", "--json"]);
    assert_eq!((told["order"].as_u64(), told["row"]["order_id"].as_u64()), (Some(3), Some(3)));
    assert!(told["events"].is_null() && told["row"]["value_yuan"].as_f64().unwrap() > 0.0);
    let candidates = told["candidates"].as_array().unwrap();
    assert_eq!(candidates.iter().filter(|candidate| candidate["chosen"] == true).count(), 1);
    assert_eq!(candidates.last().unwrap()["node"], "warehouse");
}

#[test]
fn a_comparison_tells_what_became_of_the_same_sessions() {
    let folder = town();
    let here = folder.path();
    let scarce = "extends = 'town.toml'\nlabel = 'No near field'\n[sourcing]\npolicy = 'far_only'\n";
    fs::write(here.join("far.toml"), scarce).unwrap();
    fs::write(here.join("same.toml"), "extends = 'town.toml'\nlabel = 'The same'\n").unwrap();
    fs::write(here.join("orders.toml"), "extends = 'town.toml'\n[choice]\nmodel = 'intent'\n").unwrap();
    let compare = |whatif: &str| {
        let file = format!("{whatif}.toml");
        json(here, &["compare", "town.toml", &file, "--replications", "2", "--json", "-o", whatif])
    };
    let far = &compare("far")["comparisons"][0]["moves"];
    let mean = |class: &str| far["classes"][class]["mean"].as_f64().expect(class);
    let sum: f64 = far["classes"].as_object().unwrap().values().map(|class| class["mean"].as_f64().unwrap()).sum();
    assert_eq!((sum, far["unit"].as_str()), (far["mean"].as_f64().unwrap(), Some("sessions")));
    assert!(mean("moved_near_to_far") > 0.0 && mean("lost") > 0.0, "{far}");
    assert_eq!(mean("moved_far_to_near") + mean("rescued_from_stock_out") + mean("only_in_base"), 0.0, "{far}");
    let csv = fs::read_to_string(here.join("far/session_moves.csv")).unwrap();
    assert!(csv.lines().count() == 13 && csv.contains("\nmoved_near_to_far,sessions,"), "{csv}");
    assert!(here.join("far/session_moves.parquet").exists());

    let doors = "extends = 'town.toml'\nlabel = 'Nobody fetches'\n[pickup]\nenabled = false\n";
    fs::write(here.join("doors.toml"), doors).unwrap();
    let fetched = &compare("doors")["comparisons"][0]["moves"]["classes"];
    assert!(fetched["moved_pickup_to_near"]["mean"].as_f64().unwrap() > 0.0, "{fetched}");
    assert!(fetched["lost"]["contribution_difference_yuan"].as_f64().unwrap() != 0.0, "{fetched}");

    let same = &compare("same")["comparisons"][0]["moves"];
    assert_eq!(same["classes"]["unchanged"]["share_mean"], 1.0, "{same}");
    let output = nearfar(here, &["compare", "town.toml", "orders.toml", "--replications", "1", "-o", "mixed"]);
    assert!(stderr(&output).contains("nobody can be followed"), "{}", stderr(&output));
    assert!(!here.join("mixed/session_moves.csv").exists());
    let text = fine(here, &["compare", "town.toml", "far.toml", "--replications", "2", "--force", "-o", "far"]);
    assert!(text.contains("What became of the same") && text.contains("moved near → far"), "{text}");
}
