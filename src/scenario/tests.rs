//! Behaviour of loading: a text in, the scenario or its problems out.

use std::path::{Path, PathBuf};

use super::*;

/// A folder with scenario files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Folder(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn load(&self, name: &str) -> Scenario {
        load(&self.path(name), &[]).unwrap_or_else(|problems| panic!("{problems}")).scenario
    }

    fn load_with(&self, name: &str, changes: &[&str]) -> Result<Loaded, Problems> {
        load(&self.path(name), &Override::parse_all(changes)?)
    }

    fn problems(&self, name: &str) -> Vec<Problem> {
        load(&self.path(name), &[]).unwrap_err().0
    }
}

fn problems(text: &str) -> Vec<Problem> {
    from_toml_str(text).map(|_| ()).unwrap_err().0
}

fn only(text: &str) -> Problem {
    let mut found = problems(text);
    assert_eq!(found.len(), 1, "{}", Problems(found));
    found.remove(0)
}

#[test]
fn an_empty_file_is_the_default_scenario_named_after_the_file() {
    let scenario = Folder::with(&[("quiet.toml", "")]).load("quiet.toml");
    let expected = Scenario { name: "quiet".into(), label: "quiet".into(), ..Scenario::default() };
    assert_eq!(scenario, expected);
}

#[test]
fn a_child_merges_tables_replaces_arrays_and_patches_rows() {
    let base = "name = 'base'\nlabel = 'Base'\n[near]\nradius_km = 4\n[warehouse]\nwave_hours = [1, 2]\n\
                [[stores.archetypes]]\nid = 'a'\ncount = 10\npickers = 5\n[[stores.archetypes]]\nid = 'b'\ncount = 20\n";
    let child = "extends = 'base.toml'\n[near]\ndelivered_at = 'arrival'\n[warehouse]\nwave_hours = [3]\n\
                 [[stores.archetypes]]\nid = 'b'\ncount = 21\n[[stores.archetypes]]\nid = 'c'\ncount = 1\n";
    let scenario = Folder::with(&[("base.toml", base), ("child.toml", child)]).load("child.toml");
    assert_eq!((scenario.near.radius_km, scenario.near.delivered_at), (4.0, DeliveredAt::Arrival));
    assert_eq!(scenario.warehouse.wave_hours, [3.0]);
    let rows: Vec<_> = scenario.stores.archetypes.iter().map(|a| (a.id.as_str(), a.count, a.pickers)).collect();
    assert_eq!(rows, [("a", 10, 5), ("b", 21, 2), ("c", 1, 2)]);
    assert_eq!((scenario.name.as_str(), scenario.label.as_str()), ("child", "child"), "names are not inherited");
}

#[test]
fn changes_are_relative_to_the_parent_or_the_default() {
    let base = "[couriers]\ncount = 101\nspeed_kmh = { add = -3 }\n";
    let child = "extends = 'base.toml'\n[couriers]\ncount = { scale = 1.2 }\n[warehouse]\nwave_hours = { add = 0.5 }\n";
    let scenario = Folder::with(&[("base.toml", base), ("child.toml", child)]).load("child.toml");
    assert_eq!(scenario.couriers.count, 121, "121.2 rounds to the nearest");
    assert_eq!(scenario.couriers.speed_kmh, 15.0);
    assert_eq!(scenario.warehouse.wave_hours, [11.5, 16.5, 23.5]);
}

#[test]
fn parents_may_be_absolute_and_have_parents() {
    let folder = Folder::with(&[
        ("a.toml", "[near]\nradius_km = 1\n[city]\nside_km = 7\n"),
        ("b.toml", "extends = 'a.toml'\n[near]\nradius_km = 2\n"),
    ]);
    let child = format!("extends = {:?}\n", folder.path("b.toml").display().to_string());
    std::fs::write(folder.path("c.toml"), child).unwrap();
    let loaded = load(&folder.path("c.toml"), &[]).unwrap();
    assert_eq!((loaded.scenario.near.radius_km, loaded.scenario.city.side_km), (2.0, 7.0));
    assert_eq!(loaded.sources, ["c.toml", "b.toml", "a.toml"].map(|name| folder.path(name)));
    assert_eq!(loaded.origins["near.radius_km"].to_string(), format!("{}:3", folder.path("b.toml").display()));
}

#[test]
fn the_command_line_reaches_every_key_and_rows_by_id() {
    let folder = Folder::with(&[("a.toml", "")]);
    let changes = [
        "near.radius_km=4",
        "dispatch.policy=earliest_dropoff",
        "stores.archetypes.brand_store.count=50",
        "couriers.count={scale=0.5}",
    ];
    let scenario = folder.load_with("a.toml", &changes).unwrap().scenario;
    assert_eq!(scenario.near.radius_km, 4.0);
    assert_eq!(scenario.dispatch.policy, DispatchPolicy::EarliestDropoff);
    assert_eq!(scenario.stores.archetypes[2].count, 50);
    assert_eq!(scenario.couriers.count, 85);
    let wrong = folder
        .load_with("a.toml", &["near.radius_km=4", "stores.archetypes.brandstore.count=5", "near.radius_km=-1"])
        .unwrap_err()
        .0;
    assert_eq!(wrong.len(), 2);
    assert_eq!(wrong[0].file, "command line, --set #2");
    assert_eq!(wrong[0].help.as_deref(), Some("did you mean `brand_store`?"));
    assert_eq!((wrong[1].file.as_str(), wrong[1].key.as_str()), ("command line, --set #3", "near.radius_km"));
}

#[test]
fn a_command_is_split_at_spaces_or_a_list_and_its_files_are_found_from_the_file_that_names_it() {
    let folder = Folder::with(&[
        ("policy.py", "x"),
        ("a.toml", "[dispatch]\npolicy = 'external'\n[external]\ncommand = 'python3  policy.py -v'\n"),
        ("b.toml", "extends = 'a.toml'\n[external]\ncommand = ['./policy.py', 'two words', 'gone.py']\n"),
        ("c.toml", "[dispatch]\npolicy = 'external'\n[external]\ncommand = ['python3', 3]\n"),
    ]);
    let policy = std::path::absolute(folder.path("policy.py")).unwrap().display().to_string();
    assert_eq!(folder.load("a.toml").external.command, ["python3", &policy, "-v"]);
    let listed = folder.load("b.toml");
    assert!(Path::new(&listed.external.command[0]).is_file() && Path::new(&listed.external.command[0]).is_absolute());
    assert_eq!(listed.external.command[1..], ["two words", "gone.py"]);
    assert_eq!(from_toml_str(&to_toml(&listed)).unwrap(), listed);
    let problems = folder.load_with("c.toml", &[]).unwrap_err().0;
    assert_eq!((problems.len(), problems[0].key.as_str()), (1, "external.command"));
    assert!(problems[0].expected.contains("list of strings"), "{}", problems[0]);
}

#[test]
fn paths_start_at_the_file_that_names_them() {
    let folder = Folder::with(&[("stores.csv", "x"), ("base.toml", "[stores]\nfile = 'stores.csv'\n")]);
    std::fs::create_dir(folder.path("sub")).unwrap();
    std::fs::write(folder.path("sub/child.toml"), "extends = '../base.toml'\n").unwrap();
    let file = folder.load("sub/child.toml").stores.file.unwrap();
    assert_eq!(Path::new(&file).canonicalize().unwrap(), folder.path("stores.csv").canonicalize().unwrap());
    assert!(Path::new(&file).is_absolute());
}

#[test]
fn an_unknown_key_tells_line_column_and_the_nearest_key() {
    let problem = only("\n[near]\n  radius = 4\n");
    assert_eq!((problem.line, problem.column, problem.key.as_str()), (Some(3), Some(3), "near.radius"));
    assert_eq!(problem.help.as_deref(), Some("did you mean `radius_km`?"));
    let misplaced = only("radius_km = 4\n");
    assert!(misplaced.help.unwrap().contains("`near.radius_km`"));
    assert_eq!(only("[nearr]\nx = 1\n").help.as_deref(), Some("did you mean `near`?"));
}

#[test]
fn every_problem_is_reported_in_the_order_of_the_file() {
    let text = "seed = -1\n[near]\nradius = 4\ndelivered_at = 'never'\n[couriers]\ncount = 2.5\nspeed_kmh = 'fast'\n\
                [far]\nlanes = 3\n[dispatch]\nmax_click_to_door_min = 30\n[demand]\nsource = 'trace'\n";
    let found = problems(text);
    let keys: Vec<_> = found.iter().map(|problem| problem.key.as_str()).collect();
    let expected = [
        "seed",
        "near.radius",
        "near.delivered_at",
        "couriers.count",
        "couriers.speed_kmh",
        "far.lanes",
        "dispatch.max_click_to_door_min",
        "demand.source",
    ];
    assert_eq!(keys, expected);
    assert!(found.iter().all(|problem| problem.line.is_some()));
}

#[test]
fn numbers_are_judged() {
    let cases = [
        ("[near]\nradius_km = nan\n", "nan"),
        ("[near]\nradius_km = -inf\n", "infinite"),
        ("[near]\nradius_km = 1e999\n", "infinite"),
        ("[near]\nradius_km = -1\n", "-1 is out of range"),
        ("[couriers]\ncount = 99999999999999999999\n", "99999999999999999999 is out of range"),
        ("[couriers]\ncount = 99999999999999999999999999999999999999999999\n", "far too large"),
        ("[couriers]\ncount = 5000000000\n", "5000000000 is out of range"),
        ("[couriers]\ncount = 3.0\n", "the number 3.0"),
        ("[couriers]\ncount = { scale = -1 }\n", "-170 (scale -1 of 170) is out of range"),
        ("[couriers]\ncount = { scale = nan }\n", "without a finite number"),
        ("[couriers]\ncount = { times = 2 }\n", "a table with `times`"),
        ("[couriers]\ncount = '3'\n", "the string \"3\""),
        ("[demand]\nhourly_profile = [1, 2]\n", "found 2 numbers"),
        ("[demand]\nhourly_profile = [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]\n", "a profile of zeros"),
        ("[demand]\nprofile = [1, 2, 3, 4, 5, 6, 7]\n", "7 steps"),
        ("[demand]\nprofile = [0, 0]\n", "a profile of zeros"),
        ("[demand]\ngap_rounding_s = 3\n", "gaps of 0.795 s at the peak, rounded to 3 s"),
        ("[warehouse]\nwave_hours = [1, 25]\n", "25 is out of range"),
        ("[near]\ndelivered_at = { scale = 2 }\n", "a table"),
        ("[stores]\nunlimited_stock = 'true'\n", "the string \"true\""),
        ("[dispatch]\nmax_click_to_door_min = { add = 2 }\n", "a change of a value that is not set"),
        ("[near]\nmax_queue_orders = { add = 2 }\n", "a change of a value that is not set"),
        ("schema = 2\n", "2 is out of range"),
    ];
    for (text, found) in cases {
        let problem = only(text);
        assert!(problem.found.contains(found), "{text}: {problem}");
        assert!(problem.help.is_some(), "{text}: {problem}");
        assert!(problem.line.is_some(), "{text}: {problem}");
    }
    assert_eq!(only("[warehouse]\nwave_hours = [1, 25]\n").key, "warehouse.wave_hours[1]");
    assert_eq!(from_toml_str("[near]\nradius_km = 3\n").unwrap().near.radius_km, 3.0, "a whole number will do");
}

#[test]
fn policies_of_store_couriers_need_each_other() {
    let store = "[couriers]\nwork_for = 'store'\nstart = 'stores'\n";
    let dispatch = "[dispatch]\npolicy = 'store_couriers'\n";
    let cases = [
        ("[couriers]\nwork_for = 'store'\n".to_string(), "start by \"density\""),
        (format!("{store}{dispatch}"), "who stay where they delivered"),
        (format!("[couriers]\nafter_delivery = 'return'\n{dispatch}"), "every store of their fleet"),
        ("[dispatch]\njoin_trips = true\n".to_string(), "policy \"greedy_nearest\" does not join"),
        ("[sourcing]\npolicy = 'reassignment'\n".to_string(), "with dispatch \"greedy_nearest\""),
    ];
    for (text, found) in cases {
        let problem = only(&text);
        assert!(problem.found.contains(found) && problem.help.is_some(), "{text}: {problem}");
    }
    let whole =
        format!("{store}after_delivery = 'return'\n{dispatch}join_trips = true\n[sourcing]\npolicy = 'reassignment'\n");
    assert!(from_toml_str(&whole).is_ok());
}

#[test]
fn rows_need_ids_of_their_own() {
    assert!(only("[[far.lanes]]\nshare = 1\n").found.contains("without `id`"));
    let twice = only("[[far.lanes]]\nid = 'a'\n[[far.lanes]]\nid = 'a'\n");
    assert_eq!((twice.line, twice.key.as_str()), (Some(3), "far.lanes.a"));
    assert!(only("[[far.lanes]]\nid = 'a.b'\n").expected.contains("without dots"));
    assert!(only("[far.lanes]\nshare = 1\n").help.unwrap().contains("double brackets"));
}

#[test]
fn a_change_in_a_row_the_parent_lacks_is_a_mistyped_id() {
    let child = "extends = 'base.toml'\n[[stores.archetypes]]\nid = 'brandstore'\ncount = { scale = 2 }\n";
    let found = Folder::with(&[("base.toml", ""), ("child.toml", child)]).problems("child.toml");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].help.as_deref(), Some("did you mean the id `brand_store`?"));
}

#[test]
fn missing_parents_and_circles_are_told_at_the_extends_line() {
    let folder = Folder::with(&[
        ("baseline.toml", ""),
        ("a.toml", "# first\nextends = 'basline.toml'\n"),
        ("x.toml", "extends = 'y.toml'\n"),
        ("y.toml", "extends = 'x.toml'\n"),
        ("self.toml", "extends = 'self.toml'\n"),
    ]);
    let missing = folder.problems("a.toml").remove(0);
    assert_eq!((missing.line, missing.column), (Some(2), Some(11)));
    assert!(missing.found.contains("no such file") && missing.help.unwrap().contains("baseline.toml"));
    for name in ["x.toml", "self.toml"] {
        let circle = folder.problems(name);
        assert_eq!(circle.len(), 1);
        assert!(circle[0].found.contains("circle"), "{}", circle[0]);
    }
}

#[test]
fn a_parent_keeps_its_own_problems() {
    let folder = Folder::with(&[
        ("base.toml", "[near]\nradius_km = 'x'\n"),
        ("child.toml", "extends = 'base.toml'\n[near]\nradius_km = 4\nfoo = 1\n"),
    ]);
    let found = folder.problems("child.toml");
    assert_eq!(found.len(), 2);
    assert!(found.iter().any(|problem| problem.file.ends_with("base.toml") && problem.line == Some(2)));
}

#[test]
fn files_that_are_no_scenarios_are_told_apart() {
    let folder = Folder::with(&[("baseline.toml", "")]);
    std::fs::write(folder.path("binary.toml"), b"PAR1\0\0\xff").unwrap();
    std::fs::write(folder.path("latin.toml"), b"name = 'caf\xe9'\n").unwrap();
    assert!(folder.problems("binary.toml")[0].found.contains("binary"));
    assert!(folder.problems("latin.toml")[0].found.contains("UTF-8 text (line 1)"));
    assert!(folder.problems("")[0].found.contains("folder"));
    assert!(folder.problems("baselin.toml")[0].help.as_ref().unwrap().contains("baseline.toml"));
}

#[test]
fn syntax_errors_have_their_line_and_a_hint() {
    for (text, line) in [
        ("[near]\nradius_km = \n", 2),
        ("[near\nradius_km = 3\n", 1),
        ("name = abc\n", 1),
        ("name = \"a\nseed = 3\n", 1),
        ("seed = 1\nseed = 2\n", 2),
        ("hello\n", 1),
    ] {
        let found = problems(text);
        assert_eq!(found[0].line, Some(line), "{text}: {}", found[0]);
        assert!(found[0].help.is_some() && found[0].found.starts_with("not TOML: "), "{}", found[0]);
    }
}

#[test]
fn a_syntax_error_within_a_line_does_not_hide_the_other_lines() {
    let found = problems("[near]\nradius_km = 4 km\n[couriers]\ncount = 2.5\nspeed_kmh = \n");
    let lines: Vec<_> = found.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [Some(2), Some(4), Some(5)], "{}", Problems(found));
}

#[test]
fn an_open_bracket_is_told_once() {
    let problem = only("[demand]\nhourly_profile = [1, 2,\nextra_items_mean = 3\n[near]\nradius_km = 2\n");
    assert!(problem.help.as_ref().unwrap().contains("closing bracket"), "{problem}");
}

#[test]
fn endless_nesting_is_refused() {
    assert!(from_toml_str(&format!("seed = {}", "[".repeat(100_000))).is_err());
    assert!(from_toml_str(&format!("seed = {}", "{a=".repeat(100_000))).is_err());
}

#[test]
fn a_warehouse_has_an_hourly_capacity_or_workers() {
    let both = only("[warehouse]\ncapacity_per_h = 900\n[[warehouse.shifts]]\nid = 'day'\nworkers = 5\n");
    assert!(both.found.contains("900 orders an hour as well as 5 workers"), "{both:?}");
    assert!(both.help.unwrap().contains("capacity_per_h = 0"));
    let text = "[warehouse]\ncapacity_per_h = 0\ntemp_workers = 2\n[[warehouse.shifts]]\nid = 'day'\nworkers = 5\n";
    assert_eq!(from_toml_str(text).unwrap().warehouse.shifts[0].workers, 5);
}

#[test]
fn rules_between_keys_are_told_where_the_key_stands() {
    let cases = [
        ("[city]\nmetric = 'haversine'\n", 3),
        ("[city]\nmetric = 'matrix'\n", 5),
        ("[demand]\nsource = 'trace'\n", 1),
        ("start_hour = 24\n", 1),
        ("horizon_h = 0\n", 1),
        ("warm_up_h = 24\n", 1),
        ("horizon_h = 48\nwarm_up_h = 50\n", 1),
        ("[demand]\norders_per_day = 100000000\n", 1),
        ("[choice]\nmodel = 'logit'\nsessions_per_day = 100000000\n", 1),
        ("[choice]\nvip_session_share = 0.6\nmember_session_share = 0.5\n", 1),
        // And there are no orders to replay.
        ("[ai_list]\nshare = 0.1\n[demand]\nsource = 'trace'\n", 2),
        ("[choice]\nmodel = 'logit'\n[demand]\nsource = 'trace'\n", 2),
        ("[split]\npolicy = 'allow'\n[sourcing]\npolicy = 'far_only'\n", 1),
        ("[split]\npolicy = 'allow'\nmax_stores = 1\nfar_rest = false\n", 1),
        ("[split]\npolicy = 'allow'\nmax_stores = 1\n[sourcing]\npolicy = 'near_only'\n", 1),
        ("[split]\npolicy = 'allow'\n[demand]\nsource = 'trace'\n", 2),
        ("[far]\nlanes = []\n", 1),
        ("[catalogue]\ncategories = []\n", 1),
        ("[stores]\nfile = 'nowhere.csv'\n", 1),
        ("[city]\nhotspots = 0\n", 1),
        ("[catalogue]\nskus_per_category = 20000\n[[stores.archetypes]]\nid = 'a'\ncount = 100000\n", 1),
        ("[couriers]\non_duty_by_hour = { scale = 0 }\n", 1),
        ("name = 'a/b'\n", 1),
        ("[far]\nship_from_store_over_h = 12\nship_from_store_lane = 'moon'\n", 1),
        ("drain_h = 100\n[[catalogue.categories]]\nid = 'a'\nabroad_share = 0.1\n", 1),
        ("[warehouse]\ncapacity_per_h = 0\n", 1),
        ("[warehouse]\ntemp_workers = 5\n", 1),
        ("[[warehouse.shifts]]\nid = 'day'\nworkers = 5\n", 1),
    ];
    for (text, count) in cases {
        let found = problems(text);
        assert_eq!(found.len(), count, "{text}: {}", Problems(found));
        assert!(found.iter().all(|problem| problem.line.is_some() && problem.help.is_some()), "{}", Problems(found));
    }
}

#[test]
fn an_empty_list_that_would_change_nothing_is_refused() {
    let folder = Folder::with(&[
        ("base.toml", "[stores]\narchetypes = []\n"),
        ("child.toml", "extends = 'base.toml'\n[far]\nlanes = []\n[stores]\narchetypes = []\n"),
    ]);
    assert!(folder.load("base.toml").stores.archetypes.is_empty(), "a city without stores");
    let found = folder.problems("child.toml");
    assert_eq!(found.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), ["far.lanes", "stores.archetypes"]);
    assert!(found[0].found.contains("leaves the rows there are") && found[0].help.is_some(), "{}", found[0]);
    assert!(folder.load_with("base.toml", &["far.lanes=[]"]).is_err());
}

#[test]
fn a_rule_is_silent_about_a_key_that_was_misread() {
    assert_eq!(only("[demand]\nsource = 'trace'\norder_file = 'x.csv'\n").key, "demand.order_file");
    assert_eq!(only("[dispatch]\npolicy = 'earliest_drop'\nmax_click_to_door_min = 30\n").key, "dispatch.policy");
}

/// A small deterministic generator, so that the mutations below are the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

#[test]
fn three_hundred_mutations_are_answered_without_a_panic() {
    let base = to_toml(&Scenario { name: "base".into(), label: "Base 城".into(), ..Scenario::default() });
    let scraps = [
        "nan",
        "-",
        "=",
        "[",
        "]]",
        "{ scale = 1e300 }",
        "\"",
        "1e400",
        "99999999999999999999",
        "id",
        "\u{feff}",
        "#",
        "é",
        "[[far.lanes]]\n",
        "extends = 3\n",
        "\r",
        "{",
        "0x",
        "'''",
    ];
    let mut dice = Dice(7);
    let mut refused = 0;
    for _ in 0..300 {
        let mut letters: Vec<char> = base.chars().collect();
        for _ in 0..=dice.below(3) {
            let at = dice.below(letters.len());
            match dice.below(3) {
                0 => drop(letters.drain(at..(at + 1 + dice.below(30)).min(letters.len()))),
                1 => drop(letters.splice(at..at, scraps[dice.below(scraps.len())].chars())),
                _ => letters[at] = char::from(32 + dice.below(95) as u8),
            }
        }
        let text: String = letters.into_iter().collect();
        if let Err(problems) = from_toml_str(&text) {
            refused += 1;
            assert!(!problems.to_string().is_empty());
            assert!(!format!("{:#}", problems.0[0]).is_empty());
        }
    }
    assert!(refused > 100, "most mutations break something, {refused} did");
}
