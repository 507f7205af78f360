//! The KPIs of one small town, to the last digit: whoever changes a result sees it here, and so does the reviewer.

use nearfar::city::City;
use nearfar::metrics::{Frames, kpis};
use nearfar::results::kpis_csv;
use nearfar::{scenario, sim};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Scarce stock, too few couriers at the peaks, patience, waves and returns: every process has something to do.
const TOWN: &str = "
seed = 20261122
horizon_h = 14.0
start_hour = 8.0

[city]
side_km = 6.0
detour_factor = 1.3

[demand]
orders_per_day = 900

[consumers]
count = 400

[catalogue]
skus_per_category = 20

[couriers]
count = 5

[promise]
near_min = 25
";

#[test]
fn the_kpis_of_a_small_town_are_as_they_were() {
    let town = scenario::from_toml_str(TOWN).unwrap();
    let city = Arc::new(City::build(&town).unwrap());
    let replications = [0, 1].map(|replication| {
        let log = sim::run(&town, &city, replication, &mut |_| {}).log;
        let frames = Frames::from_log(&town, &city, &log, replication).unwrap();
        kpis(&city, &log, &frames).unwrap()
    });
    let ours = kpis_csv(&replications);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/kpis.csv");
    if std::env::var_os("NEARFAR_UPDATE_GOLDEN").is_some() {
        fs::write(&file, &ours).unwrap();
        return;
    }
    let known = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let changed: Vec<String> = known
        .lines()
        .zip(ours.lines())
        .filter(|(known, ours)| known != ours)
        .map(|(known, ours)| format!("  was {known}\n  is  {ours}"))
        .collect();
    assert!(
        known == ours,
        "results changed for the same seed:\n{}\nIf that is wanted, say so in CHANGELOG.md and renew \
         tests/golden/kpis.csv with NEARFAR_UPDATE_GOLDEN=1 cargo test golden",
        changed.join("\n")
    );
}
