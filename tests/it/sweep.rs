//! `nearfar sweep` from outside: however a plan is run, its results are the same bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{code, folder_with, nearfar, stderr, stdout};

const TOWN: &str = "
label = 'A small town'
seed = 7
horizon_h = 3.0
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

const SWEEP: &str = "
scenarios = ['town.toml']
metrics = ['orders', 'click_to_door_mean_min', 'cost_per_order']
[replications]
min = 4
max = 4
[[factor]]
key = 'couriers.count'
values = [2, 4, 8]
[[factor]]
key = 'near.radius_km'
linspace = { from = 2, to = 3, n = 2 }
kind = 'uncertainty'
";

fn study(sweep: &str) -> TempDir {
    folder_with(&[("town.toml", TOWN), ("fleet.toml", sweep)])
}

fn results(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("results.parquet")).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}

/// The rows of results.csv as cells.
fn rows(folder: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(folder.join("results.csv")).unwrap();
    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn column(rows: &[Vec<String>], name: &str) -> Vec<String> {
    let at = rows[0].iter().position(|cell| cell == name).unwrap_or_else(|| panic!("no column {name}"));
    rows[1..].iter().map(|row| row[at].clone()).collect()
}

/// Plans into a folder of this name and runs it as `n` shards, the last first.
fn in_shards(home: &Path, name: &str, n: u32) -> Vec<u8> {
    code(0, home, &["sweep", "plan", "fleet.toml", "-o", name]);
    for shard in (0..n).rev() {
        code(0, home, &["sweep", "run", name, "--shard", &format!("{shard}/{n}"), "--threads", "1", "--quiet"]);
    }
    code(0, home, &["sweep", "collect", name]);
    results(&home.join(name))
}

#[test]
fn results_are_the_same_at_any_number_of_threads_and_shards() {
    let study = study(SWEEP);
    let home = study.path();
    let (said, _) = code(0, home, &["sweep", "fleet.toml", "--threads", "1"]);
    assert!(said.contains("couriers.count") && said.contains("24 runs"), "{said}");
    let one = results(&home.join("output/fleet"));
    code(0, home, &["sweep", "fleet.toml", "--threads", "2", "-o", "two"]);
    assert!(one == results(&home.join("two")), "1 and 2 threads differ");
    for shards in [2, 7] {
        assert!(one == in_shards(home, &format!("shards-{shards}"), shards), "{shards} shards differ");
    }
    let rows = rows(&home.join("output/fleet"));
    assert_eq!(rows.len(), 25);
    assert_eq!(column(&rows, "run_id")[5], "p1-r1");
    assert_eq!(column(&rows, "couriers.count")[23], "8");
    assert!(column(&rows, "status").iter().all(|status| status == "ok"));
    let orders = column(&rows, "orders");
    assert_eq!(
        orders[0..4].iter().collect::<std::collections::BTreeSet<_>>().len(),
        4,
        "replications differ: {orders:?}"
    );
}

#[test]
fn a_killed_sweep_goes_on_and_gives_the_same_results() {
    let study = study(SWEEP);
    let home = study.path();
    code(0, home, &["sweep", "fleet.toml", "-o", "whole", "--quiet"]);
    // Half of the work is done and published; the other half is killed on the way, sooner where a machine is done with it.
    let killed = [300, 100, 30, 10, 3].into_iter().any(|after_ms| {
        let _ = fs::remove_dir_all(home.join("killed"));
        code(0, home, &["sweep", "plan", "fleet.toml", "-o", "killed"]);
        code(0, home, &["sweep", "run", "killed", "--shard", "0/2", "--quiet"]);
        let mut child = Command::new(env!("CARGO_BIN_EXE_nearfar"))
            .current_dir(home)
            .args(["sweep", "run", "killed", "--threads", "1"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(after_ms));
        child.kill().unwrap();
        child.wait().unwrap();
        nearfar(home, &["sweep", "status", "killed"]).status.code() == Some(3)
    });
    assert!(killed, "the sweep was over before it could be killed");
    // A worker killed while writing leaves a file that nobody counts.
    fs::write(home.join("killed/runs/.tmp-host-1-1"), b"PAR1 half").unwrap();
    fs::write(home.join("killed/runs/chunk-0000000000000000.parquet"), b"PAR1 half").unwrap();
    let (_, said) = code(3, home, &["sweep", "status", "killed"]);
    assert!(said.contains("missing: nearfar sweep run killed"), "{said}");
    let (_, said) = code(0, home, &["sweep", "fleet.toml", "-o", "killed"]);
    assert!(said.contains("cannot be read; its runs are done again"), "{said}");
    assert!(results(&home.join("whole")) == results(&home.join("killed")));
}

#[test]
fn a_plan_may_be_moved_half_way_together_with_the_files_it_reads() {
    let study = study(SWEEP);
    let home = study.path();
    let orders = "order_id,placed_s,x_m,y_m\na,600,1000,1000\nb,1200,2000,2500\nc,2400,3000,1500\n";
    fs::write(home.join("orders.csv"), orders).unwrap();
    let traced = TOWN.replace("orders_per_day = 400", "source = 'trace'\norders_file = 'orders.csv'");
    fs::write(home.join("town.toml"), traced.replace("[consumers]\ncount = 200\n", "")).unwrap();
    code(0, home, &["sweep", "fleet.toml", "-o", "here", "--quiet"]);
    code(0, home, &["sweep", "plan", "fleet.toml", "-o", "there"]);
    code(0, home, &["sweep", "run", "there", "--shard", "1/2", "--quiet"]);
    let away = home.join("far/away");
    fs::create_dir_all(home.join("far")).unwrap();
    fs::rename(home.join("there"), &away).unwrap();
    fs::remove_file(home.join("orders.csv")).unwrap();
    code(0, &away, &["sweep", "run", ".", "--quiet"]);
    code(0, &away, &["sweep", "collect", "."]);
    assert!(results(&home.join("here")) == results(&away));
    let plan = fs::read_to_string(away.join("plan.json")).unwrap();
    let scenario = fs::read_to_string(away.join("scenarios/town.toml")).unwrap();
    let home = home.to_string_lossy().into_owned();
    assert!(!plan.contains(&home) && !scenario.contains(&home), "no absolute path is kept");
}

#[test]
fn points_that_cannot_be_simulated_are_rows_and_end_nothing() {
    let text = SWEEP
        .replace("key = 'near.radius_km'", "key = 'overload.longer_above'")
        .replace("from = 2, to = 3", "from = 0.5, to = 90");
    let study = study(&text);
    let home = study.path();
    let (_, said) = code(4, home, &["sweep", "fleet.toml", "-o", "s"]);
    assert!(said.contains("3 of 6 points break a rule") && said.contains("12 runs failed"), "{said}");
    let rows = rows(&home.join("s"));
    let status = column(&rows, "status");
    assert_eq!(status.iter().filter(|status| *status == "failed").count(), 12);
    assert!(column(&rows, "again")[4].ends_with("--from . --run-id p1-r0"), "{:?}", column(&rows, "again"));
    // Again: they are known to have failed, and are tried once more only if asked.
    code(4, home, &["sweep", "fleet.toml", "-o", "s", "--quiet"]);
    let (_, said) = code(1, home, &["sweep", "run", "s", "--retry-failed", "--max-failures", "2", "--threads", "1"]);
    assert!(said.contains("stopped after 2 failed runs"), "{said}");
}

#[test]
fn any_run_can_be_done_again_alone() {
    let study = study(SWEEP);
    let home = study.path();
    code(0, home, &["sweep", "fleet.toml", "-o", "s", "--quiet"]);
    let (_, said) = code(0, home, &["run", "--from", "s", "--run-id", "p5-r3", "--no-report"]);
    assert!(said.contains("every KPI is that of p5-r3"), "{said}");
    let rows = rows(&home.join("s"));
    let stored = column(&rows, "click_to_door_mean_min")[23].clone();
    let kpis = fs::read_to_string(home.join("s/again/p5-r3/kpis.csv")).unwrap();
    assert!(kpis.contains(&format!("0,click_to_door_mean_min,{stored},min")), "{stored}");
    code(0, home, &["explain", "s/again/p5-r3", "0"]);
    let (_, said) = code(2, home, &["run", "--from", "s", "--run-id", "p9-r0"]);
    assert!(said.contains("p9-r0: no such run") && said.contains("p0-r0 to p5-r"), "{said}");
}

#[test]
fn a_rule_adds_replications_where_intervals_are_wide() {
    let text = SWEEP.replace("min = 4\nmax = 4", "min = 10\nmax = 22\nstop = [{ metric = 'orders', half_width = 9 }]");
    let text = text.replace("values = [2, 4, 8]", "values = [2]");
    let study = study(&text);
    let home = study.path();
    let (_, said) = code(0, home, &["sweep", "fleet.toml", "-o", "s"]);
    let rows_found = rows(&home.join("s")).len() - 1;
    assert!(rows_found > 20 && rows_found <= 44, "{rows_found}: {said}");
    // Step by step gives the same, whoever does the steps.
    code(0, home, &["sweep", "plan", "fleet.toml", "-o", "t"]);
    for _ in 0..10 {
        code(0, home, &["sweep", "run", "t", "--quiet", "--threads", "1"]);
        if code(0, home, &["sweep", "extend", "t"]).0.starts_with("nothing to add") {
            break;
        }
        let (said, _) = code(3, home, &["sweep", "status", "t", "--json"]);
        let told: Value = serde_json::from_str(&said).unwrap();
        assert!(told["missing"].as_u64().unwrap() > 0);
    }
    code(0, home, &["sweep", "collect", "t"]);
    assert!(results(&home.join("s")) == results(&home.join("t")));
    code(0, home, &["sweep", "extend", "t", "--replications", "24"]);
    let (_, said) = code(3, home, &["sweep", "collect", "t"]);
    assert!(said.contains("runs are missing"), "{said}");
    code(0, home, &["sweep", "collect", "t", "--partial"]);
    let provenance: Value = serde_json::from_slice(&fs::read(home.join("t/provenance.json")).unwrap()).unwrap();
    assert_eq!(provenance["partial"], true);
}

#[test]
fn mistakes_are_told_with_their_place_and_nothing_is_written() {
    let text = SWEEP.replace("couriers.count", "courier.count").replace("from = 2", "from = -2");
    let study = study(&text);
    let home = study.path();
    let (_, said) = code(2, home, &["sweep", "fleet.toml"]);
    assert!(said.contains("fleet.toml:7: courier: unknown key"), "{said}");
    assert!(said.contains("fleet.toml:10: near.radius_km: -2 is out of range"), "{said}");
    assert!(!home.join("output").exists());
    let (_, said) = code(2, home, &["sweep", "run", "nowhere"]);
    assert!(said.contains("is no plan folder"), "{said}");
    fs::write(home.join("fleet.toml"), SWEEP).unwrap();
    code(0, home, &["sweep", "plan", "fleet.toml", "-o", "s"]);
    fs::write(home.join("fleet.toml"), SWEEP.replace("[2, 4, 8]", "[2, 4]")).unwrap();
    let (_, said) = code(2, home, &["sweep", "fleet.toml", "-o", "s"]);
    assert!(said.contains("holds another plan"), "{said}");
    let plan: PathBuf = home.join("s/plan.json");
    fs::write(&plan, fs::read_to_string(&plan).unwrap().replace("\"seed\": 7", "\"seed\": 8")).unwrap();
    let (_, said) = code(2, home, &["sweep", "run", "s"]);
    assert!(said.contains("was changed after it was planned"), "{said}");
    let kouriers = fs::read_to_string(&plan).unwrap().replace("couriers.count", "kouriers.count");
    fs::write(&plan, kouriers).unwrap();
    let (_, said) = code(2, home, &["sweep", "run", "s"]);
    assert!(said.contains("was changed after it was planned"), "{said}");
    let careless: [(&[&str], &str); 3] = [
        (&["sweep", "fleet.toml", "--threads", "0"], "1 or more"),
        (&["sweep", "extend", "s", "--replications", "0"], "0 is not in 1..="),
        (&["compare", "a.toml", "b.toml", "--max-replications", "5"], "--until"),
    ];
    for (arguments, words) in careless {
        let (_, said) = code(2, home, arguments);
        assert!(said.contains(words), "{words} in {said}");
    }
}

#[test]
fn a_command_that_is_told_can_be_typed_where_a_folder_has_a_blank() {
    let study = study(SWEEP);
    let (said, _) = code(0, study.path(), &["sweep", "plan", "fleet.toml", "-o", "a b/c"]);
    assert!(said.contains("nearfar sweep run 'a b/c' ") && said.contains("nearfar sweep submit 'a b/c' "), "{said}");
    let (_, said) = code(3, study.path(), &["sweep", "status", "a b/c"]);
    assert!(said.contains("nearfar sweep run 'a b/c'"), "{said}");
}

#[test]
fn an_engine_gets_the_shards_that_have_work() {
    let study = study(SWEEP);
    let home = study.path();
    code(0, home, &["sweep", "plan", "fleet.toml", "-o", "a plan"]);
    let submit = |more: &[&'static str]| -> Vec<&'static str> {
        ["sweep", "submit", "a plan", "--shards", "6", "--threads", "2"].iter().chain(more).copied().collect()
    };
    let (script, _) = code(0, home, &submit(&["--engine", "slurm", "--dry-run", "--at-once", "3"]));
    assert!(script.contains("#SBATCH --array=0-5%3\n") && script.contains("#SBATCH --requeue\n"), "{script}");
    assert!(script.contains("a plan' --shard \"$SLURM_ARRAY_TASK_ID/6\" --threads 2 --quiet\n"), "{script}");
    assert!(!home.join("a plan/engine").exists(), "a dry run writes nothing");
    // An engine of our own that runs one shard of the array and loses the others.
    let bin = home.join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("sbatch"), "#!/bin/sh\nSLURM_ARRAY_TASK_ID=4 sh \"$1\" && echo Submitted batch job 1\n")
        .unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut chmod = Command::new("chmod");
    assert!(chmod.args(["+x"]).arg(bin.join("sbatch")).status().unwrap().success());
    let output = Command::new(env!("CARGO_BIN_EXE_nearfar"))
        .current_dir(home)
        .env("PATH", path)
        .args(submit(&["--engine", "slurm"]))
        .output()
        .unwrap();
    assert!(stdout(&output).contains("Submitted batch job 1\n6 shards handed over"), "{}", stderr(&output));
    let (script, _) = code(0, home, &submit(&["--engine", "hq", "--dry-run"]));
    assert!(script.contains("--array=0-3,5 "), "shard 4 is done: {script}");
    assert!(script.contains("exec hq submit") && script.contains("$HQ_TASK_ID/6"), "{script}");
    // The words survive the shell they pass through.
    assert!(Command::new("sh").arg("-n").arg("-c").arg(&script).status().unwrap().success());
    code(0, home, &["sweep", "run", "a plan", "--quiet"]);
    let (said, _) = code(0, home, &submit(&["--engine", "slurm"]));
    assert!(said.contains("every run is done"), "{said}");
}

/// An `hq` that runs the tasks of an array one after the other, as HyperQueue's workers do.
const HQ: &str = "#!/bin/bash
while [[ $1 != -- ]]; do [[ $1 != --array=* ]] || array=${1#*=}; echo \"$1\" >>\"$(dirname \"$0\")/words\"; shift; done; shift
for part in ${array//,/ }; do
    for task in $(seq \"${part%-*}\" \"${part#*-}\"); do HQ_TASK_ID=$task \"$@\" || exit; done
done
";

#[test]
fn any_folder_name_survives_an_engine() {
    use std::os::unix::fs::PermissionsExt as _;
    let study = study(SWEEP);
    let home = study.path();
    code(0, home, &["sweep", "fleet.toml", "-o", "here", "--quiet"]);
    let name = "Anna's plan, 50% & \"more\" $HOME";
    code(0, home, &["sweep", "plan", "fleet.toml", "-o", name]);
    // Folders that were empty got lost on the way here.
    fs::remove_dir(home.join(name).join("logs")).unwrap();
    fs::remove_dir(home.join(name).join("runs")).unwrap();
    code(3, home, &["sweep", "status", name]);
    let (script, _) = code(0, home, &["sweep", "submit", name, "--engine", "slurm", "--dry-run"]);
    let place = "Anna's plan, 50%% & \\\"more\\\" $HOME/logs/shard-%a.log\"\n";
    assert!(script.contains("#SBATCH --output=\"/") && script.contains(place), "{script}");
    let bin = home.join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("hq"), HQ).unwrap();
    fs::set_permissions(bin.join("hq"), fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_nearfar"))
        .current_dir(home)
        .env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap()))
        .args(["sweep", "submit", name, "--engine", "hq", "--shards", "3", "--time", "1h 30m"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let words = fs::read_to_string(bin.join("words")).unwrap();
    assert!(words.contains("\n1h 30m\n"), "{words}");
    let errors = format!("{}/logs/shard-%{{TASK_ID}}.err:rm-if-finished\n", home.join(name).display());
    assert!(words.contains(&errors) && home.join(name).join("logs").is_dir(), "{words}");
    code(0, home, &["sweep", "collect", name]);
    assert!(results(&home.join("here")) == results(&home.join(name)));
}

#[test]
fn a_list_or_a_table_may_name_the_points() {
    let head = "scenarios = ['town.toml']\n[replications]\nmin = 1\n";
    let list = "design = 'list'\n".to_owned()
        + head
        + "[[factor]]\nkey = 'couriers.count'\n[[factor]]\nkey = 'dispatch.policy'\n"
        + "[[point]]\n'couriers.count' = 3\n'dispatch.policy' = 'greedy_nearest'\n"
        + "[[point]]\n'couriers.count' = 5\n'dispatch.policy' = 'batch_match'\n";
    let study = study(&list);
    let home = study.path();
    code(0, home, &["sweep", "fleet.toml", "-o", "list", "--quiet"]);
    fs::write(home.join("points.csv"), "couriers.count,dispatch.policy\n3,greedy_nearest\n5,batch_match\n").unwrap();
    fs::write(home.join("fleet.toml"), format!("design = 'csv'\ndesign_file = 'points.csv'\n{head}")).unwrap();
    code(0, home, &["sweep", "fleet.toml", "-o", "csv", "--quiet"]);
    let (list, csv) = (rows(&home.join("list")), rows(&home.join("csv")));
    assert_eq!(column(&list, "click_to_door_mean_min"), column(&csv, "click_to_door_mean_min"));
    assert_eq!(column(&list, "dispatch.policy"), ["greedy_nearest", "batch_match"]);
    fs::write(home.join("points.csv"), "couriers.count,dispatch.policy\n3,gready\nx,batch_match\n").unwrap();
    let (_, said) = code(2, home, &["sweep", "fleet.toml", "-o", "wrong"]);
    assert!(said.contains("points.csv, column dispatch.policy") && said.contains("greedy"), "{said}");
    assert!(said.contains("points.csv, column couriers.count"), "{said}");
}
