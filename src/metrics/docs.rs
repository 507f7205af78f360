//! Keeps the generated pages of docs/, and the KPIs of the README, current; `NEARFAR_UPDATE_DOCS=1 cargo test docs` rewrites them.

use super::{candidates_docs, definition, events_docs, kpi_docs, orders_docs};
use std::fmt::Write as _;
use std::path::Path;

/// The KPIs of the README by question, each with what it is divided by.
const MAIN: &[(&str, &[(&str, &str)])] = &[
    (
        "Demand",
        &[
            ("orders", "none"),
            ("gmv", "none"),
            ("near_share_orders", "orders placed"),
            ("near_share_gmv", "value of orders placed"),
            ("near_share_units", "units ordered"),
            ("sessions", "none"),
            ("conversion", "sessions"),
            ("near_availability", "sessions"),
            ("pickup_share", "orders placed"),
            ("split_rate", "orders placed"),
        ],
    ),
    (
        "Service",
        &[
            ("click_to_door_mean_min", "delivered near orders"),
            ("click_to_door_p90_min", "delivered near orders"),
            ("on_time_share", "near orders placed and due"),
            ("lateness_mean_min", "delivered near orders"),
            ("promise_error_mean_min", "delivered near orders"),
            ("far_lead_mean_h", "delivered far orders"),
            ("far_on_time_share", "far orders placed and due"),
            ("far_backlog_max_orders", "none"),
            ("fill_rate_orders", "orders placed"),
            ("fill_rate_lines", "order lines placed"),
            ("censored_orders", "none"),
        ],
    ),
    (
        "Stock",
        &[("near_fallback_share", "near orders and those sent far instead"), ("stock_out_rate", "hours of store-SKUs")],
    ),
    (
        "Couriers",
        &[
            ("orders_per_courier_hour", "shift hours"),
            ("courier_utilisation", "shift time"),
            ("km_per_order", "delivered near orders"),
            ("empty_km_share", "courier km"),
            ("bundle_size_mean", "departures"),
        ],
    ),
    (
        "Money",
        &[
            ("cost_per_order", "delivered orders"),
            ("cost_per_order_near", "delivered near orders"),
            ("cost_per_order_far", "delivered far orders"),
            ("cost_per_order_pickup", "collected pick-up orders"),
            ("cost_per_order_near_constant_volume", "delivered near orders"),
            ("contribution_margin_per_order", "delivered orders"),
            ("subsidy_per_order", "orders placed"),
        ],
    ),
    (
        "Carbon",
        &[
            ("co2e_per_order_near_g", "delivered near orders"),
            ("co2e_per_order_far_g", "delivered far orders"),
            ("co2e_per_100_yuan_g", "100 yuan of delivered goods"),
        ],
    ),
    ("The run itself", &[("audit_violations", "none")]),
];

/// The table between the marks of the README.
fn readme_table() -> String {
    let mut table = String::from("| | KPI | unit | formula | divided by |\n|---|---|---|---|---|\n");
    for (question, rows) in MAIN {
        for (i, (name, base)) in rows.iter().enumerate() {
            let d = definition(name).unwrap_or_else(|| panic!("{name} is no KPI"));
            let question = if i == 0 { question } else { "" };
            let _ = writeln!(table, "| {question} | `{name}` | {} | {} | {base} |", d.unit, d.formula);
        }
    }
    table
}

#[test]
fn the_kpi_table_of_the_readme_is_current() {
    const MARKS: (&str, &str) = ("<!-- kpis, generated -->\n", "<!-- end of kpis -->");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(MARKS.0).expect("the README has a mark before the table of KPIs");
    let (found, after) = rest.split_once(MARKS.1).expect("and one after it");
    let expected = readme_table();
    if std::env::var_os("NEARFAR_UPDATE_DOCS").is_some() {
        std::fs::write(&path, [before, MARKS.0, &expected, MARKS.1, after].concat()).unwrap();
        return;
    }
    assert!(found == expected, "the KPIs of README.md are out of date; run NEARFAR_UPDATE_DOCS=1 cargo test docs");
}

fn assert_current(page: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
    if std::env::var_os("NEARFAR_UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "docs/{page} is out of date; run NEARFAR_UPDATE_DOCS=1 cargo test docs");
}

#[test]
fn the_kpi_page_is_current() {
    assert_current("kpis.md", &kpi_docs());
}

#[test]
fn the_order_schema_page_is_current() {
    assert_current("orders-schema.md", &orders_docs());
}

#[test]
fn the_candidate_schema_page_is_current() {
    assert_current("candidates-schema.md", &candidates_docs());
}

#[test]
fn the_event_schema_page_is_current() {
    assert_current("events-schema.md", &events_docs());
}
