//! Room: scenario. Rules between keys of stock.

use crate::scenario::Scenario;
use crate::scenario::desk::Desk;

/// Shelves that never run empty have no record that could be wrong.
pub(super) fn records_are_of_counted_shelves(scenario: &Scenario, desk: &mut Desk) {
    let stock = &scenario.stock;
    let wrong = [("stock.phantom_share", stock.phantom_share), ("stock.sync_latency_s", stock.sync_latency_s)];
    for (key, _) in wrong.iter().filter(|(_, value)| *value > 0.0 && scenario.stores.unlimited_stock) {
        let found = format!("{key} above 0 where shelves never run empty");
        let help = format!("set stores.unlimited_stock = false, or {key} = 0");
        let expected = "shelves that are counted".to_string();
        desk.report_rule(&[key, "stores.unlimited_stock"], found, expected, Some(help));
    }
}
