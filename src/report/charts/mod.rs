//! Room: report. One file a chart: what it says, what it draws, what stands in its CSV.

pub(crate) mod click_to_door;
pub(crate) mod orders_by_channel;
mod through_the_day;

/// Words used by every chart that shows channels.
pub(crate) const CHANNELS_NOTE: &str = "near-field = courier from a nearby store, far-field = parcel from the warehouse";

#[cfg(test)]
mod tests {
    use crate::report::{Chart, charts, sample::City};
    use std::fs;

    /// Writes pictures to look at: `cargo test draw_for_review -- --ignored`.
    #[test]
    #[ignore = "writes pictures to output/chart-review for a person to look at"]
    fn draw_for_review() {
        let cases = [
            ("day", City::default()),
            ("none", City { orders: 0, couriers: 0.0, stores: 0, ..City::default() }),
            ("one", City { orders: 1, ..City::default() }),
            ("far", City { near_chance: 0.0, ..City::default() }),
            ("near", City { near_chance: 9.0, stores: 2000, orders: 3000, label: "近场配送 · 全部门店 🚚", ..City::default() }),
            ("short", City { orders: 40, horizon_h: 3.0, replications: 3, warehouse_m: None, ..City::default() }),
        ];
        for (name, city) in cases {
            let frames = city.frames();
            save(name, &charts(&frames.view()).unwrap());
        }
    }

    fn save(case: &str, charts: &[Chart]) {
        let folder = format!("output/chart-review/{case}");
        fs::create_dir_all(&folder).unwrap();
        for chart in charts {
            fs::write(format!("{folder}/{}.png", chart.slug), chart.png().unwrap()).unwrap();
            fs::write(format!("{folder}/{}.svg", chart.slug), chart.outlined_svg().unwrap()).unwrap();
            fs::write(format!("{folder}/{}.csv", chart.slug), &chart.csv).unwrap();
        }
    }
}
