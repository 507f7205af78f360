//! Choosing the store: the published instances in which any restaurant may serve any order.

use crate::external::external;
use crate::external_greedy::{number, published, simulate};
use nearfar::import;

#[test]
fn greedy_with_the_nearest_store_gives_the_last_columns_of_the_published_table() {
    let Some(external) = external() else { return };
    let (table, row_of) = published(&external, "yildiz2018_table12_pdm.csv");
    // The same rule of dispatch with the restaurant that the instance names.
    let (golden, golden_row) = published(&external, "greedy_golden_240.csv");
    let target = tempfile::tempdir().unwrap();
    let (mut wrong, mut gain, mut compared) = (Vec::new(), 0.0, 0.0);
    for instance in import::mdrp_instances(&external.join("mdrp")).unwrap() {
        let name = instance.file_name().unwrap().to_string_lossy().into_owned();
        let Some(&row) = row_of.get(&name) else { continue };
        let folder = target.path().join(&name);
        import::mdrp_any_store(&instance).unwrap().write(&folder, false).unwrap();
        let kpis = simulate(&folder).kpis;
        let columns = [
            ("greedy_nearest_ctd", "click_to_door_mean_min"),
            ("greedy_nearest_rtp", "ready_to_pickup_mean_min"),
            ("greedy_nearest_undelivered", "undelivered"),
        ];
        for (column, kpi) in columns {
            let (ours, theirs) = (kpis[kpi], number(&table, row, column));
            if (ours - theirs).abs() > 0.0005 + 1e-9 {
                wrong.push(format!("{name} {kpi}: {ours}, published {theirs}"));
            }
        }
        gain += 1.0 - kpis["click_to_door_mean_min"] / number(&golden, golden_row[&name], "ctd_mean");
        compared += 1.0;
    }
    assert_eq!(compared, 16.0);
    assert!(wrong.is_empty(), "{} deviations:\n{}", wrong.len(), wrong.join("\n"));
    let gain = gain / compared;
    assert!((0.15..=0.18).contains(&gain), "mean gain {gain}");
}
