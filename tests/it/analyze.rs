//! `nearfar analyze` from outside: tables, words and refusals on a tiny sweep.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{code, folder_with};

const TOWN: &str = "
label = 'A small town'
seed = 7
horizon_h = 2.0
start_hour = 11.0
[city]
side_km = 5.0
[demand]
orders_per_day = 400
[consumers]
count = 200
[catalogue]
skus_per_category = 8
[couriers]
count = 6
";

const GRID: &str = "
scenarios = ['town.toml']
metrics = ['orders', 'click_to_door_mean_min', 'cost_per_order']
[replications]
min = 3
[[factor]]
key = 'couriers.count'
values = [1, 3, 5, 9]
[[factor]]
key = 'near.radius_km'
values = [1, 2]
kind = 'uncertainty'
";

fn swept(sweep: &str) -> TempDir {
    let folder = folder_with(&[("town.toml", TOWN), ("fleet.toml", sweep)]);
    code(0, folder.path(), &["sweep", "fleet.toml", "-o", "s", "--quiet"]);
    folder
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    crate::program::json(folder, &[&["analyze", "s", "--json"], arguments].concat())
}

fn read(home: &Path, name: &str) -> Vec<u8> {
    fs::read(home.join("s/analysis").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn a_grid_tells_effects_best_and_knee_and_writes_the_same_tables_again() {
    let study = swept(GRID);
    let home = study.path();
    let (said, _) = code(0, home, &["analyze", "s"]);
    for words in
        ["couriers.count", "still in", "least regret over 2", "knee", "s/analysis/effects.csv", "intervals of 95 %"]
    {
        assert!(said.contains(words), "{words} in {said}");
    }
    assert!(!said.contains("orders is neither"), "nobody asked to rank orders: {said}");
    let names = [
        "effects.csv",
        "effects.parquet",
        "effects.md",
        "best.csv",
        "best.parquet",
        "best.md",
        "knee.csv",
        "knee.parquet",
        "knee.md",
    ];
    let plan = fs::read_to_string(home.join("s/methods.md")).unwrap();
    assert!(plan.contains("Nothing of it is drawn.") && plan.contains("one kind of processor"), "{plan}");
    let appendix = String::from_utf8(read(home, "best.md")).unwrap();
    for words in ["Kim and Nelson", "η = ½", "| KPI | aim | k | n0 | δ |", "Confidence 95 %"] {
        assert!(appendix.contains(words), "{words} in {appendix}");
    }
    let before = names.map(|name| read(home, name));
    code(0, home, &["analyze", "s", "--quiet"]);
    assert!(said.contains("s/report.html"));
    assert!(names.map(|name| read(home, name)) == before, "the same results give the same bytes");
    let page = fs::read_to_string(home.join("s/report.html")).unwrap();
    for words in [
        "Which setting is best",
        "How much is enough",
        "What was varied",
        "Every point",
        "Lowest",
        "id=\"brand\"",
        "Audited, 24 runs",
        "9 couriers",
        "<code>p7</code>",
        "not decided by",
    ] {
        assert!(page.contains(words), "{words} is on the page");
    }
    assert!(page.matches("<svg").count() >= 2 && !page.contains("NaN"));
    let found = json(home, &["--method", "effects", "--metric", "click_to_door_mean_min"]);
    let rows = found["analyses"][0]["rows"].as_array().unwrap();
    let change = rows.iter().find(|row| row["row"] == "span" && row["factor"] == "couriers.count").unwrap();
    assert!(change["high"].as_f64().unwrap() < 0.0, "nine couriers are faster than one: {change}");
    assert_eq!((found["runs"].as_u64(), found["failed"].as_u64()), (Some(24), Some(0)));
}

#[test]
fn pairs_front_and_surface_are_made_on_request() {
    let study = swept(GRID);
    let home = study.path();
    let (said, _) =
        code(0, home, &["analyze", "s", "--method", "pairs", "--metric", "click_to_door_mean_min", "--against", "p0"]);
    assert!(said.contains("better") && said.contains("7 comparisons over 3 replications"), "{said}");
    let front = ["--method", "pareto", "--metric", "cost_per_order", "--metric", "click_to_door_mean_min"];
    let (said, _) = code(0, home, &[&["analyze", "s"], &front[..]].concat());
    assert!(said.contains("of 4 settings are on the front") && said.contains("cost_per_order (lower)"), "{said}");
    // Charts of the last analysis are those of its report; other files stay.
    let charts = home.join("s/charts");
    fs::write(charts.join("notes.csv"), "mine").unwrap();
    assert!(charts.join("32-pareto.png").is_file() && charts.join("body/32-pareto.svg").is_file());
    let found = json(home, &["--method", "break-even", "--metric", "carbon", "--metric", "margin"]);
    assert!(!charts.join("32-pareto.png").exists() && !charts.join("body/32-pareto.svg").exists());
    assert!(charts.join("34-break-even-surface-carbon-town.png").is_file() && charts.join("notes.csv").is_file());
    let rows = found["analyses"][0]["rows"].as_array().unwrap();
    assert_eq!(rows.iter().filter(|row| row["row"] == "point").count(), 16);
    assert_eq!(rows[0]["difference"], "carbon");
}

#[test]
fn what_does_not_fit_is_refused_with_what_to_do() {
    let study = swept(&GRID.replace("[1, 3, 5, 9]", "[1, 3]"));
    let home = study.path();
    let refused = |arguments: &[&str]| code(2, home, &[&["analyze", "s"], arguments].concat()).1;
    assert!(refused(&["--method", "sobol"]).contains("sobol needs design = \"saltelli\"; this sweep is a grid"));
    assert!(refused(&["--method", "warmup"]).contains("nearfar run --from s --run-id p0-r0"));
    assert!(refused(&["--metric", "cost_per_ordr"]).contains("did you mean cost_per_order?"));
    assert!(refused(&["--metric", "margin"]).contains("--method break-even --metric margin"));
    assert!(refused(&["--method", "best", "--metric", "orders"]).contains("--min orders or --max orders"));
    assert!(refused(&["--method", "knee"]).contains("4 or more levels"));
    assert!(refused(&["--method", "pareto", "--metric", "cost_per_order"]).contains("two aims, found 1"));
    assert!(refused(&["--min", "orders", "--max", "orders"]).contains("orders is to be low and to be high"));
    assert!(refused(&["--method", "knees"]).contains("did you mean knee?"));
    code(0, home, &["sweep", "extend", "s", "--replications", "4"]);
    assert!(refused(&[]).contains("4 of 16 runs are not in the results"));
    let (said, notes) =
        code(0, home, &["analyze", "s", "--partial", "--method", "best", "--max", "orders", "--metric", "orders"]);
    assert!(notes.contains("PARTIAL: 4 runs are missing") && said.contains("orders"), "{notes}{said}");
    fs::remove_file(home.join("s/results.parquet")).unwrap();
    assert!(refused(&[]).contains("nearfar sweep collect s"));
    code(2, home, &["analyze", "nowhere"]);
}

#[test]
fn a_run_tells_how_long_it_takes_to_settle() {
    let study = swept(&GRID.replace("[1, 3, 5, 9]", "[1]"));
    let home = study.path();
    code(
        0,
        home,
        &["run", "town.toml", "--set", "demand.orders_per_day=2000", "--replications", "3", "-o", "run", "--no-report"],
    );
    let (said, _) = code(0, home, &["analyze", "run", "--method", "warmup"]);
    assert!(said.contains("click to door") && said.contains("rhythm of the day"), "{said}");
    assert!(!said.contains("set warm_up_h") && home.join("run/analysis/warmup.md").is_file(), "one day: {said}");
    let curve = fs::read_to_string(home.join("run/analysis/warmup.csv")).unwrap();
    assert!(curve.starts_with("channel,figure,unit,order,placed_h,value,smoothed,part") && curve.lines().count() > 20);
    let (said, _) = code(0, home, &["analyze", "run", "--method", "warmup", "--json"]);
    let found: Value = serde_json::from_str(&said).unwrap();
    assert!(found["channels"][0]["warm_up_h"].as_f64().unwrap() >= 0.0);
    assert!(code(2, home, &["analyze", "run"]).1.contains("is no plan folder"));
}

#[test]
fn screening_and_indices_speak_chinese_throughout() {
    let factors = "
[replications]
min = 2
[[factor]]
key = 'couriers.count'
uniform = [3, 9]
[[factor]]
key = 'near.radius_km'
uniform = [1, 2]
";
    let head = "scenarios = ['town.toml']\nmetrics = ['near_share_orders', 'click_to_door_mean_min']\n";
    let english = ["Couriers", "Radius", "shown", "alone", "straight", "next to nothing", " to "];
    for (design, said) in
        [("design = 'morris'\ntrajectories = 3", "莫里斯设计"), ("design = 'saltelli'\nsamples = 4", "萨尔泰利设计")]
    {
        let study = swept(&format!("{head}{design}{factors}"));
        code(0, study.path(), &["analyze", "s", "--language", "zh"]);
        let page = fs::read_to_string(study.path().join("s/report.html")).unwrap();
        for words in [said, "骑手人数", "配送半径", "计划"] {
            assert!(page.contains(words), "{words} in the page of {design}");
        }
        let charts = fs::read_dir(study.path().join("s/charts")).unwrap().map(|it| it.unwrap().path());
        for chart in charts.filter(|path| path.extension().is_some_and(|it| it == "csv")) {
            let table = fs::read_to_string(&chart).unwrap();
            let rows = table.split_once('\n').unwrap().1;
            assert!(rows.contains("配送半径") && rows.contains("1–2 公里"), "{table}");
            assert!(!english.iter().any(|words| rows.contains(words)), "{table}");
        }
        for table in ["哪些因素重要", "不确定性来自哪里"] {
            let Some((_, rest)) = page.split_once(table) else { continue };
            let rows = rest.split_once("</table>").unwrap().0;
            assert!(!english.iter().any(|words| rows.contains(words)), "{rows}");
        }
    }
}

#[test]
fn one_replication_says_nothing_of_chance() {
    let factors = "
[replications]
min = 1
[[factor]]
key = 'couriers.count'
uniform = [3, 9]
[[factor]]
key = 'near.radius_km'
uniform = [1, 2]
";
    let head = "scenarios = ['town.toml']\nmetrics = ['click_to_door_mean_min']\n";
    for design in ["design = 'morris'\ntrajectories = 3", "design = 'saltelli'\nsamples = 4"] {
        let study = swept(&format!("{head}{design}{factors}"));
        code(0, study.path(), &["analyze", "s"]);
        let page = fs::read_to_string(study.path().join("s/report.html")).unwrap();
        let (answer, _) = page.split_once("<figure").unwrap();
        assert!(answer.contains("one replication does not tell how much of that is chance"), "{answer}");
        assert!(!answer.contains("beyond chance") && !page.contains("no intervals"), "{design}");
    }
}
