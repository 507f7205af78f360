//! Broken scenario files: each is refused with exit code 2, its place, and what to do about it.

use std::fs;

use crate::program::{nearfar, stderr, stdout};

/// Checks `broken.toml` with this content; every part must be said on stderr.
fn refused(content: &[u8], parts: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("baseline.toml"), "[near]\nradius_km = 3\n").unwrap();
    fs::write(folder.path().join("other.toml"), "extends = \"broken.toml\"\n").unwrap();
    fs::write(folder.path().join("broken.toml"), content).unwrap();
    let output = nearfar(folder.path(), &["check", "broken.toml"]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(stdout(&output), "", "nothing on stdout");
    assert!(!said.contains("panicked"), "{said}");
    for part in parts {
        assert!(said.contains(part), "{part:?} is missing in\n{said}");
    }
}

#[test]
fn a_typo_in_a_key() {
    let said =
        ["broken.toml:2:1: near.radius: unknown key", "2 | radius = 4\n  | ^^^^^^\n", "did you mean `radius_km`?"];
    refused(b"[near]\nradius = 4\n", &said);
}

#[test]
fn a_missing_parent() {
    refused(
        b"extends = \"basline.toml\"\n",
        &["broken.toml:1:11: extends", "no such file", "did you mean baseline.toml?"],
    );
}

#[test]
fn a_circle_of_parents() {
    let said = ["other.toml:1:11: extends", "broken.toml -> other.toml -> broken.toml", "delete the `extends` line"];
    refused(b"extends = \"other.toml\"\n", &said);
}

#[test]
fn a_syntax_error() {
    refused(b"[near]\nradius_km = 4 km\n", &["broken.toml:2:", "not TOML", "help: numbers have no units"]);
}

#[test]
fn a_negative_number() {
    let said = ["broken.toml:2:9: couriers.count: -5 is out of range", "from 0 to 1e7", "the least allowed value is 0"];
    refused(b"[couriers]\ncount = -5\n", &said);
}

#[test]
fn pick_up_that_keeps_more_than_the_near_field() {
    let said = ["pickup.protect_units", "2 units kept from pick-up, 0 from the near field", "rationing.policy"];
    refused(b"[pickup]\nenabled = true\nprotect_units = 2\n", &said);
    let said = ["pickup.enabled", "whose times are those of couriers", "a metric with distances"];
    refused(b"[city]\nmetric = \"matrix\"\n[pickup]\nenabled = true\n", &said);
}

#[test]
fn two_pools_with_nothing_to_divide() {
    let walk_ins = ["stock.pool", "a pool for walk-ins where nobody walks in", "walk_in_units_per_category_h"];
    refused(b"[stock]\npool = \"siloed\"\n[[stores.archetypes]]\nid = \"shop\"\n", &walk_ins);
    let unlimited = ["two pools of shelves that never run empty", "shelves that are counted"];
    refused(b"[stock]\npool = \"siloed\"\n[stores]\nunlimited_stock = true\n", &unlimited);
    let rationed = ["units kept for walk-ins, who have a pool of their own", "one pool to ration, or no rationing"];
    refused(b"[stock]\npool = \"siloed\"\n[rationing]\npolicy = \"static\"\n", &rationed);
}

#[test]
fn transfers_of_units_that_nobody_counts() {
    let said = ["transfers between shelves that never run empty", "stock.transfer_every_h"];
    refused(b"[stock]\ntransfer_every_h = 4.0\n[stores]\nunlimited_stock = true\n", &said);
}

#[test]
fn rationing_for_nobody() {
    let said =
        ["rationing.policy", "policy \"static\" without anybody to keep units for", "an archetype with walk-ins"];
    refused(b"[rationing]\npolicy = \"static\"\n[[stores.archetypes]]\nid = \"shop\"\n", &said);
}

#[test]
fn a_wrong_type() {
    let said = [
        "broken.toml:2:13: near.radius_km: found the string \"4 km\"",
        "a number from 0 to 1000 (km)",
        "radius_km = 4\n",
    ];
    refused(b"[near]\nradius_km = \"4 km\"\n", &said);
}

#[test]
fn not_a_number() {
    refused(
        b"[near]\nradius_km = nan\n",
        &["broken.toml:2:13: near.radius_km: nan", "leave the line out for the default 3.0"],
    );
}

#[test]
fn an_overflow() {
    let said = ["broken.toml:1:8: seed: 99999999999999999999 is out of range", "the largest allowed value is 9e15"];
    refused(b"seed = 99999999999999999999\n", &said);
}

#[test]
fn a_binary_file() {
    refused(b"PAR1\x15\x04\x00\xff\xfe", &["error: broken.toml: is a binary file", "save it as plain text"]);
}

#[test]
fn an_unknown_policy() {
    let said = [
        "dispatch.policy: unknown word \"nearest\"",
        "\"greedy_nearest\", \"earliest_dropoff\", \"store_couriers\", \"batch_match\"",
        "did you mean \"greedy_nearest\"?",
    ];
    refused(b"[dispatch]\npolicy = \"nearest\"\n", &said);
}

#[test]
fn several_mistakes_come_out_together() {
    let said = ["broken.toml:1:1", "broken.toml:3:13", "broken.toml:5:9", "3 problems"];
    refused(b"sed = 1\n[near]\nradius_km = -1\n[couriers]\ncount = 1.5\n", &said);
}

#[test]
fn the_command_line_is_checked_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.toml"), "").unwrap();
    let output = nearfar(folder.path(), &["show", "a.toml", "--set", "near.radius=4", "--set", "couriers.count=many"]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("command line, --set #1: near.radius: unknown key"), "{said}");
    assert!(said.contains("command line, --set #2: couriers.count: found the string \"many\""), "{said}");
    let missing = nearfar(folder.path(), &["check", "b.toml", "a.toml"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("error: b.toml: no such file"));
    assert!(stdout(&missing).starts_with("ok  a.toml"), "one broken file does not hide the others");
}

#[test]
fn records_suppliers_and_waiting_orders_without_shelves() {
    let said =
        ["replenishment or opening stock of shelves that never run empty", "backorders where shelves never run empty"];
    refused(
        b"[stores]\nunlimited_stock = true\n[choice]\nmodel = \"intent\"\n[stock]\nunmet = \"backorder\"\n[replenishment]\npolicy = \"r_Q\"\n",
        &said,
    );
}

#[test]
fn replenishment_that_never_reviews_or_whose_truck_nobody_loads() {
    let said = ["policy \"order_up_to\" without reviews", "a time between reviews"];
    refused(b"[stores]\nreplenish_every_h = 0\n[replenishment]\npolicy = \"order_up_to\"\n", &said);
    let said = ["a limit to what one review brings under policy \"s_S\"", "leave replenishment.truck_units out"];
    refused(b"[replenishment]\npolicy = \"s_S\"\ntruck_units = 40\n", &said);
    let said = ["a newsvendor to whom nothing costs anything"];
    refused(b"[replenishment]\nopening = \"newsvendor\"\nshort_yuan = 0\nover_yuan = 0\n", &said);
    // A number that is not set cannot be changed relatively.
    let said = ["a change of a value that is not set", "write the value itself"];
    refused(b"[replenishment]\nlevel_units = { scale = 2 }\n", &said);
}

#[test]
fn backorders_of_those_who_see_no_offer() {
    let said = ["backorders of consumers who see no offer where stock is lacking", "stock.unmet = \"lost\""];
    refused(b"[choice]\nmodel = \"logit\"\n[stock]\nunmet = \"backorder\"\n", &said);
}
