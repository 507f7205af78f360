//! Keeps the generated pages of docs/ current; `NEARFAR_UPDATE_DOCS=1 cargo test docs` rewrites them.

use super::{candidates_docs, events_docs, kpi_docs, orders_docs};
use std::path::Path;

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
