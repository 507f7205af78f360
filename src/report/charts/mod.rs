//! Room: report. One file a chart: what it says, what it draws, what stands in its CSV.

use crate::report::Look;

pub(crate) mod break_even_surface;
pub(crate) mod carbon_break_even;
pub(crate) mod category_share;
mod cell_map;
pub(crate) mod click_to_door;
pub(crate) mod cost_waterfall;
pub(crate) mod courier_day;
pub(crate) mod curves;
pub(crate) mod dumbbell;
pub(crate) mod far_backlog;
pub(crate) mod fleet_knee;
pub(crate) mod hourly_profiles;
mod influence;
pub(crate) mod lateness_parts;
pub(crate) mod map_pair;
pub(crate) mod margin_bridge;
pub(crate) mod morris;
pub(crate) mod near_share_map;
pub(crate) mod orders_by_channel;
pub(crate) mod pareto;
pub(crate) mod promise_map;
pub(crate) mod service_areas;
pub(crate) mod session_moves;
pub(crate) mod small_multiples;
pub(crate) mod sobol;
pub(crate) mod stock_outs;
mod through_the_day;
pub(crate) mod tornado;
pub(crate) mod unmet_demand_map;
pub(crate) mod validation;
pub(crate) mod whatif_delta;

/// Words used by every chart that shows channels.
const CHANNELS_NOTE: &str = "near-field = courier from a nearby store, far-field = parcel from the warehouse";

/// The same in Chinese.
const CHANNELS_NOTE_ZH: &str = "近场 = 附近门店由骑手送达，远场 = 中心仓发包裹";

/// The same, with pick-up where a consumer fetches an order.
pub(crate) fn channels_note(orders: &crate::report::data::Orders, look: &Look) -> String {
    let pickup = look.say(", pick-up = fetched from a store", "，到店自提 = 消费者到门店取货");
    let note = look.say(CHANNELS_NOTE, CHANNELS_NOTE_ZH);
    if orders.fetched() > 0 { format!("{note}{pickup}") } else { note.to_owned() }
}

/// Title and reason of a chart of orders where there are none.
pub(crate) fn nothing_ordered(look: &Look) -> (String, &'static str) {
    look.say(
        ("No orders were placed in this run".to_owned(), "Nothing to draw: the run has no orders."),
        ("本次模拟没有产生订单".to_owned(), "无图可画：本次模拟没有订单。"),
    )
}

/// Title and reason of a chart of deliveries where there are none.
pub(crate) fn nothing_delivered(look: &Look) -> (String, &'static str) {
    look.say(
        ("No order was delivered in this run".to_owned(), "Nothing to draw: no order was delivered."),
        ("本次模拟没有订单送达".to_owned(), "无图可画：没有订单送达。"),
    )
}

#[cfg(test)]
pub(crate) mod tests {
    use super::whatif_delta::{Delta, DeltaView};
    use crate::report::measure::Interval;
    use crate::report::{Chart, Look, Provenance, RunView, Theme, charts, delta_chart, html, sample::City};
    use crate::scenario::Language;
    use std::fs;

    fn cases() -> Vec<(&'static str, City)> {
        let day = City::default();
        let hanzi = "近场配送 · 全部门店 🚚";
        vec![
            ("day", day),
            ("none", City { orders: 0, couriers: 0.0, stores: 0, ..day }),
            ("one", City { orders: 1, ..day }),
            ("far", City { near_chance: 0.0, orders: 2000, ..day }),
            ("fetched", City { pickup_chance: 0.35, orders: 6000, ..day }),
            ("near", City { near_chance: 9.0, stores: 2000, orders: 3000, label: hanzi, ..day }),
            ("short", City { orders: 40, horizon_h: 3.0, replications: 3, warehouse_m: None, ..day }),
            ("wide", City { height_m: 5_000.0, near_chance: 0.33, ..day }),
            ("week", City { orders: 9000, horizon_h: 168.0, replications: 2, ..day }),
        ]
    }

    fn delta(label: &str, unit: &str, base: f64, diff: f64, half: f64) -> Delta {
        Delta {
            label: label.to_owned(),
            unit: unit.to_owned(),
            base_mean: base,
            whatif_mean: base + diff,
            diff,
            lo: diff - half,
            hi: diff + half,
            relative: if base == 0.0 { Interval::new(f64::NAN, 0.0) } else { Interval::new(diff / base, half / base) },
            clear: diff.abs() > half,
        }
    }

    fn deltas() -> Vec<Delta> {
        vec![
            delta("Near-field share of orders", "share", 0.294, 0.0213, 0.004),
            delta("Delivered on time", "share", 0.931, 0.011, 0.006),
            delta("Click-to-door, median", "min", 1180.0, -46.0, 20.0),
            delta("Click-to-door, 90th percentile", "min", 2390.0, 4.0, 31.0),
            delta("Cost per delivered order", "yuan", 8.41, 0.22, 0.05),
            delta("Courier utilisation", "share", 0.52, -0.061, 0.012),
            delta("Undelivered orders", "count", 0.0, 3.0, 5.0),
            delta("Orders per courier-hour", "orders/h", f64::NAN, 0.0, 0.0),
        ]
    }

    fn delta_of(rows: &[Delta]) -> Chart {
        let source = "nearfar 0.1.0 · scenarios 3f9c1a2b and 81aa02ce · seed 20251111";
        let (base, whatif) = ("Baseline city", "200 more couriers");
        let rule = "Holm over 12 differences";
        delta_chart(&DeltaView {
            look: crate::report::Look::plain(),
            rows,
            base,
            whatif,
            source,
            replications: 10,
            percent: "95",
            rule,
        })
    }

    /// The chart of a what-if's differences, with plausible numbers.
    pub(crate) fn delta_chart_of_a_day() -> Chart {
        delta_of(&deltas())
    }

    fn zh() -> Look {
        Look { language: Language::Zh, ..Look::default() }
    }

    #[test]
    fn every_day_however_odd_gives_its_charts_without_boxes_in_both_languages() {
        for (name, city) in cases() {
            let frames = city.frames();
            let english = charts(&frames.view()).unwrap();
            let chinese = charts(&RunView { look: &zh(), ..frames.view() }).unwrap();
            let slugs: Vec<&str> = english.iter().map(|chart| &*chart.slug).collect();
            assert_eq!(slugs.len(), 14, "{name}");
            assert!(slugs.is_sorted(), "{name}");
            for chart in english.iter().chain(&chinese) {
                assert!(!chart.title.contains("NaN") && !chart.alt.contains("NaN"), "{name}: {}", chart.alt);
                assert!(!chart.title.is_empty() && chart.alt.len() > chart.title.len());
                let lorry = if name == "near" { vec!['🚚'] } else { vec![] };
                assert_eq!(chart.unsupported, lorry, "{name} {}", chart.slug);
                let commas = |line: &str| line.matches(',').count();
                let header = commas(chart.csv.lines().next().unwrap());
                assert!(chart.csv.lines().all(|line| commas(line) == header), "{name} {}", chart.slug);
            }
            for (english, chinese) in english.iter().zip(&chinese) {
                assert_eq!(english.slug, chinese.slug);
                // Columns and cells are names for programs: one table, whatever language it is drawn in.
                assert_eq!(english.csv, chinese.csv, "{name} {}", english.slug);
                for spoken in [&english.title, &english.takeaway] {
                    assert!(!spoken.contains(hanzi) || name == "near", "{name}: {spoken}");
                }
                said_in_chinese(chinese, frames.view().provenance);
            }
        }
    }

    fn hanzi(c: char) -> bool {
        ('\u{4E00}'..='\u{9FFF}').contains(&c)
    }

    /// No Latin word but those a Chinese reader expects: the program, quantiles, a method, an abbreviation.
    fn said_in_chinese(chart: &Chart, provenance: &Provenance) {
        const ALLOWED: [&str; 10] = ["nearfar", "n", "P", "Wilson", "GMV", "CNY", "AI", "x", "CO", "e"];
        let drawn = chart.svg.split("</text>").filter_map(|before| before.rsplit_once('>')).map(|(_, text)| text);
        let alt = [chart.alt.as_str(), chart.takeaway.as_str(), chart.title.as_str()];
        for text in drawn.chain(alt) {
            let own = text.replace(provenance.label.trim(), "").replace(provenance.short_hash(), "");
            let own = own.replace(&provenance.version, "");
            // Lines break anywhere, also inside a label.
            let parts = own.split(|c: char| !c.is_ascii_alphabetic()).filter(|part| !part.is_empty());
            for part in parts.filter(|part| !provenance.label.contains(*part)) {
                assert!(ALLOWED.contains(&part), "{}: {part:?} in {text:?}", chart.slug);
            }
        }
        assert!(chart.title.contains(hanzi), "{}", chart.title);
    }

    #[test]
    fn a_brand_leaves_no_colour_of_ours_on_a_channel() {
        let file = "near = \"#C2410C\"\nfar = \"#1D4ED8\"\npickup = \"#831843\"\naccent = \"#0F766E\"\n";
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("brand.toml");
        fs::write(&path, file).unwrap();
        let look = Look { theme: Theme::load(&path).unwrap(), ..Look::default() };
        let frames = City { orders: 3000, pickup_chance: 0.35, ..City::default() }.frames();
        let all: String =
            charts(&RunView { look: &look, ..frames.view() }).unwrap().iter().map(|chart| chart.svg.as_str()).collect();
        for ours in ["D55E00", "0072B2", "542788", "F0B48A", "8FC1E3", "1F4E79"] {
            assert!(!all.contains(ours), "#{ours}");
        }
        for theirs in ["C2410C", "1D4ED8", "831843", "0F766E"] {
            assert!(all.contains(theirs), "#{theirs}");
        }
    }

    #[test]
    fn the_same_day_gives_the_same_bytes() {
        let city = City { orders: 400, ..City::default() };
        let (a, b) = (city.frames(), city.frames());
        let (a, b) = (charts(&a.view()).unwrap(), charts(&b.view()).unwrap());
        assert_eq!(a, b);
        assert_eq!(a[0].png().unwrap(), b[0].png().unwrap());
    }

    #[test]
    fn the_first_title_says_both_shares_as_counted_from_its_own_table() {
        let frames = City { orders: 4000, ..City::default() }.frames();
        let chart = &charts(&frames.view()).unwrap()[0];
        let counts: Vec<(f64, f64)> = chart
            .csv
            .lines()
            .skip(1)
            .map(|line| line.split(',').collect::<Vec<_>>())
            .map(|cells| (cells[2].parse().unwrap(), cells[3].parse().unwrap()))
            .collect();
        let (near, far) = counts.iter().fold((0.0, 0.0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
        assert_eq!(near + far, 4000.0);
        let peak = counts.iter().map(|row| row.0 + row.1).fold(0.0, f64::max);
        let at_peak = counts.iter().find(|row| row.0 + row.1 == peak).unwrap();
        assert!(
            chart.title.contains(&format!("takes {:.0}% of orders", near / (near + far) * 100.0)),
            "{}",
            chart.title
        );
        let share = format!("{:.0}%", at_peak.0 / peak * 100.0);
        assert!(chart.alt.contains(&format!("{peak:.0} orders, {share} near-field")), "{}", chart.alt);
    }

    #[test]
    fn pick_up_is_shown_where_there_is_any() {
        let frames = City { orders: 3000, pickup_chance: 0.35, ..City::default() }.frames();
        let charts = charts(&frames.view()).unwrap();
        assert!(charts[0].title.contains("of orders, pick-up "), "{}", charts[0].title);
        assert!(charts[0].csv.starts_with("bucket_start_s,clock,near_orders,far_orders,near_share,pickup_orders\n"));
        assert!(charts[0].svg.contains("Pick-up in store") && charts[1].csv.contains("pickup,"), "{}", charts[1].title);
        assert!(charts[1].alt.contains("ready on time"), "{}", charts[1].alt);
        let last = charts[3].csv.lines().last().unwrap();
        assert!(last.starts_with("pickup_total,") && charts[3].alt.contains("A pick-up order costs ¥"), "{last}");
        let without = City { orders: 3000, ..City::default() }.frames();
        for chart in crate::report::charts(&without.view()).unwrap() {
            assert!(!chart.svg.contains("ick-up in store") && !chart.csv.contains("pickup_total"), "{}", chart.slug);
        }
    }

    #[test]
    fn the_waterfall_adds_up_and_names_the_larger_side() {
        let frames = City { orders: 3000, ..City::default() }.frames();
        let chart = &charts(&frames.view()).unwrap()[3];
        let rows: Vec<Vec<&str>> = chart.csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
        let amounts: Vec<f64> = rows.iter().map(|row| row[1].parse().unwrap()).collect();
        let near = rows.iter().position(|row| row[0] == "near_total").unwrap();
        assert!((amounts[..near].iter().sum::<f64>() - amounts[near]).abs() < 1e-9);
        // Then the same at planned volume: a site of .9 instead of 1.1 yuan.
        assert_eq!(rows[near + 2][0], "near_total_constant_volume");
        assert!((amounts[near + 1] + 0.2).abs() < 1e-9);
        assert!((amounts[near] + amounts[near + 1] - amounts[near + 2]).abs() < 1e-9);
        assert!(chart.title.contains("more per delivered order: last mile decides"), "{}", chart.title);
    }

    #[test]
    fn the_bridges_add_up_and_to_each_other() {
        let frames = City { orders: 3000, ..City::default() }.frames();
        let chart = &charts(&frames.view()).unwrap()[5];
        let rows: Vec<Vec<&str>> = chart.csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
        let amount = |row: &[&str], who: usize| row[1 + who].parse::<f64>().unwrap();
        let (total, items) = rows.split_last().unwrap();
        assert_eq!((total[0], items[0][0]), ("Contribution margin", "Goods at list price"));
        let names: Vec<&str> = items.iter().map(|row| row[0]).collect();
        for name in ["Commission", "Last mile", "Line haul", "Site", "Borne by no order"] {
            assert!(names.contains(&name), "{names:?}");
        }
        // The margin on goods is their value less their cost; the steps begin with it.
        assert!((amount(&items[0], 2) + amount(&items[1], 2) - amount(&items[2], 2)).abs() < 1e-9);
        for who in 0..3 {
            let sum: f64 = items[2..].iter().map(|row| amount(row, who)).sum();
            assert!((sum - amount(total, who)).abs() < 1e-9, "{who}");
        }
        for row in &rows {
            assert!((amount(row, 0) + amount(row, 1) - amount(row, 2)).abs() < 1e-9, "{row:?}");
        }
        // What platform and merchants pay of the line haul: all of a parcel's, and none of what is brought to stores.
        let line_haul = items.iter().find(|row| row[0] == "Line haul").unwrap();
        assert!(amount(line_haul, 0) < 0.0 && amount(line_haul, 1) < 0.0);
        assert!(chart.title.contains("per delivered order: platform "), "{}", chart.title);
    }

    #[test]
    fn a_difference_whose_interval_includes_zero_is_never_claimed() {
        let clear = delta_of(&deltas());
        assert_eq!(
            clear.title,
            "200 more couriers: courier utilisation −6.1 points, near-field share of orders +2.1 points"
        );
        let doubtful = [delta("Cost per order", "yuan", 8.0, 0.1, 0.2)];
        assert_eq!(delta_of(&doubtful).title, "200 more couriers: no difference shown in the 1 KPI drawn");
        assert!(delta_of(&[]).title.contains("cannot be compared"));
        assert!(delta_of(&deltas()[7..]).title.contains("cannot be compared"));
    }

    /// Writes pictures to look at: `cargo test draw_for_review -- --ignored`.
    #[test]
    #[ignore = "writes pictures to output/chart-review for a person to look at"]
    fn draw_for_review() {
        for (name, city) in cases() {
            let frames = city.frames();
            let view = frames.view();
            let mut drawn = charts(&view).unwrap();
            if name == "day" {
                drawn.push(delta_of(&deltas()));
            }
            if name == "none" {
                drawn.push(delta_of(&[]));
            }
            save(name, &drawn);
            save(&format!("{name}-zh"), &charts(&RunView { look: &zh(), ..view }).unwrap());
            let page = html(&view, &drawn, None).unwrap();
            fs::write(format!("output/chart-review/{name}/report.html"), page).unwrap();
        }
    }

    /// The charts of comparisons and sweeps, with plausible numbers.
    pub(crate) fn studies() -> Vec<Chart> {
        use super::{
            break_even_surface, dumbbell, fleet_knee, map_pair, morris, pareto, session_moves, small_multiples, sobol,
            tornado,
        };
        let base = City { orders: 12_000, ..City::default() };
        vec![
            dumbbell::tests::chart_of(&dumbbell::tests::rows()),
            session_moves::tests::chart_of(&session_moves::tests::flows()),
            map_pair::tests::chart_of(&base, &City { near_chance: 0.85, ..base }),
            fleet_knee::tests::chart_of(&fleet_knee::tests::panels()),
            small_multiples::tests::chart_of(&small_multiples::tests::panels(6)),
            pareto::tests::chart_of(&pareto::tests::points()),
            tornado::tests::chart_of(&tornado::tests::bars()),
            break_even_surface::tests::chart_of(&break_even_surface::tests::study(0.0)),
            morris::tests::chart_of(&morris::tests::bars()),
            sobol::tests::chart_of(&sobol::tests::bars()),
        ]
    }

    #[test]
    fn charts_of_studies_hold_no_boxes_and_no_unknown_numbers() {
        let charts = studies();
        for chart in &charts {
            assert!(chart.unsupported.is_empty(), "{}: {:?}", chart.slug, chart.unsupported);
            assert!(!chart.svg.contains("NaN") && chart.alt.starts_with(&chart.title), "{}", chart.slug);
        }
        assert_eq!(charts, studies(), "the same numbers give the same bytes");
    }

    /// Writes pictures to look at: `cargo test draw_studies -- --ignored`.
    #[test]
    #[ignore = "writes pictures to output/chart-review for a person to look at"]
    fn draw_studies() {
        save("studies", &studies());
    }

    /// Says how long pictures take: `cargo test time_the_pictures -- --ignored --nocapture`.
    #[test]
    #[ignore = "measures, asserts nothing a machine's load could not break"]
    #[allow(clippy::disallowed_methods, reason = "a measurement needs a clock")]
    fn time_the_pictures() {
        let frames = City::default().frames();
        let start = std::time::Instant::now();
        let drawn = charts(&frames.view()).unwrap();
        let svg = start.elapsed();
        drawn.iter().for_each(|chart| drop(chart.png().unwrap()));
        let png = start.elapsed() - svg;
        drawn.iter().for_each(|chart| drop(chart.outlined_svg().unwrap()));
        eprintln!("charts of a run: SVG {svg:?}, PNG {png:?}, outlined {:?}", start.elapsed() - svg - png);
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
