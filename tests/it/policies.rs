//! `nearfar policies` from outside: the table of policies by KPI.

use std::fs;

use crate::program::{fine, nearfar, stderr};

fn town(seed: u64, more: &str) -> String {
    format!(
        "label = 'A small town'\nseed = {seed}\nhorizon_h = 6.0\nstart_hour = 10.0\n[city]\nside_km = 6.0\n[demand]\n\
         orders_per_day = 900\n[consumers]\ncount = 300\n[catalogue]\nskus_per_category = 10\n[couriers]\ncount = 12\n{more}"
    )
}

/// The cells of each row of the table, by its first.
fn rows(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    text.lines().filter(|line| line.starts_with('|')).map(cells).collect()
}

#[test]
fn policies_stand_in_a_table_with_intervals_and_marks() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("town.toml"), town(7, "")).unwrap();
    let policies = "dispatch:batch_match,sourcing:far_only";
    let asked =
        ["policies", "town.toml", "--replications", "3", "--policies", policies, "--row", "more: couriers.count=40"];
    let text = fine(folder.path(), &[&asked[..], &["-o", "docs/table.md"]].concat());
    assert_eq!(fs::read_to_string(folder.path().join("docs/table.md")).unwrap(), text);
    let rows = rows(&text);
    let names: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let own = "as given: `greedy_nearest`, `nearest_stocked`";
    assert_eq!(names, ["Policy", "---", own, "dispatch `batch_match`", "sourcing `far_only`", "more"]);
    assert!(rows.iter().all(|row| row.len() == 9), "{text}");
    assert!(rows[2][1..].iter().all(|cell| cell.contains(" ± ") && !cell.contains(['↑', '↓'])), "{text}");
    assert!(rows[4][8].ends_with('↓') && rows[4][1] == "no data", "nothing is near: {text}");
    assert!(rows[5][5].ends_with('↓'), "more couriers have less to do: {text}");
    assert!(text.contains("over 3 policies"), "{text}");
    // The same table from one thread, and none over the file that is there.
    assert_eq!(fine(folder.path(), &[&asked[..], &["--threads", "1"]].concat()), text);
    let again = nearfar(folder.path(), &[&asked[..], &["-o", "docs/table.md"]].concat());
    assert!(again.status.code() == Some(2) && stderr(&again).contains("--force"), "{}", stderr(&again));
}

#[test]
fn many_instances_are_one_case_and_what_cannot_run_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let limit = "[dispatch]\npolicy = 'earliest_dropoff'\nmax_click_to_door_min = 90\n";
    for (name, seed) in [("a", 1), ("b", 2)] {
        fs::create_dir_all(folder.path().join("many").join(name)).unwrap();
        fs::write(folder.path().join("many").join(name).join("scenario.toml"), town(seed, limit)).unwrap();
    }
    let text = fine(folder.path(), &["policies", "many", "--policies", "dispatch:greedy_nearest,dispatch:insertion"]);
    assert!(text.contains("## 2 instances of many") && text.contains("over the instances"), "{text}");
    let rows = rows(&text);
    assert!(rows[3][1..].iter().all(|cell| cell == "—"), "{text}");
    assert!(text.contains("cannot run here; `dispatch.max_click_to_door_min`"), "{text}");
    assert!(rows[4][1].contains(" ± ") && text.contains("over 1 policy"), "{text}");
}

#[test]
fn an_unknown_policy_is_told_the_known_ones() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("town.toml"), town(7, "")).unwrap();
    for wrong in ["dispatch:telepathy", "telepathy"] {
        let output = nearfar(folder.path(), &["policies", "town.toml", "--policies", wrong]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("batch_match"), "{}", stderr(&output));
    }
    let output = nearfar(folder.path(), &["policies", "."]);
    assert!(output.status.code() == Some(2) && stderr(&output).contains("nearfar import"), "{}", stderr(&output));
}
