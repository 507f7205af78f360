//! Room: cli. KPIs as aligned text for the terminal.

use crate::metrics::{KpiSummary, definition};
use crate::report::wording::{decimals, number, signed};
use crate::study::{Paired, Validated, Verdict};

/// The KPIs a planner asks first.
const FIRST: [&str; 11] = [
    "orders",
    "near_share_orders",
    "near_share_gmv",
    "click_to_door_mean_min",
    "click_to_door_p90_min",
    "on_time_share",
    "cost_per_order",
    "contribution_margin_per_order",
    "courier_utilisation",
    "orders_per_courier_hour",
    "far_lead_mean_h",
];
/// Those shown of a comparison, on the screen and in its chart.
pub(super) const COMPARED: [&str; 11] = [
    "near_share_orders",
    "near_share_gmv",
    "click_to_door_mean_min",
    "click_to_door_p90_min",
    "on_time_share",
    "courier_utilisation",
    "orders_per_courier_hour",
    "cost_per_order",
    "far_lead_mean_h",
    "cancelled",
    "lost_sales_gmv",
];

/// How the numbers of one KPI are said: all with the same factor and decimals.
struct Said {
    factor: f64,
    places: usize,
    unit: String,
}

impl Said {
    fn new(value: f64, unit: &str, currency: &str) -> Said {
        let (factor, places) = match unit {
            "share" => (100.0, 1),
            "orders" | "violations" => (1.0, if value.fract() == 0.0 || value.abs() >= 100.0 { 0 } else { 1 }),
            unit if unit.starts_with("yuan") => (1.0, if value.abs() >= 1000.0 { 0 } else { 2 }),
            _ => (1.0, decimals(value).clamp(1, 2)),
        };
        let unit = if unit == "share" { "%".to_owned() } else { in_currency(unit, currency) };
        Said { factor, places, unit }
    }

    fn value(&self, value: f64) -> String {
        if value.is_finite() { number(value * self.factor, self.places) } else { "no data".to_owned() }
    }

    /// Half of an interval; finer than the value where it would round to nothing.
    fn half_width(&self, half: f64) -> String {
        if half.is_finite() { format!("± {}", number(half * self.factor, self.fine(half))) } else { String::new() }
    }

    fn signed(&self, value: f64, places: usize) -> String {
        if value.is_finite() { signed(value * self.factor, places) } else { "no data".to_owned() }
    }

    /// Decimals that leave a figure of a small number.
    fn fine(&self, value: f64) -> usize {
        let size = (value * self.factor).abs();
        let enough = |places: &usize| size == 0.0 || size >= 10f64.powi(-(*places as i32));
        (self.places..self.places + 3).find(enough).unwrap_or(self.places + 2)
    }
}

/// A unit with the scenario's currency in place of yuan.
pub(super) fn in_currency(unit: &str, currency: &str) -> String {
    unit.strip_prefix("yuan").map_or_else(|| unit.to_owned(), |rest| format!("{currency}{rest}"))
}

/// The label of a KPI.
pub(super) fn label(name: &str) -> &str {
    definition(name).map_or(name, |definition| definition.label)
}

/// The first KPIs of a run: label, mean, half of the 95 % interval where there is one, unit.
pub(super) fn run_table(summaries: &[KpiSummary], currency: &str) -> String {
    let rows = FIRST.iter().filter_map(|name| summaries.iter().find(|summary| summary.name == *name)).map(|summary| {
        let said = Said::new(summary.mean, summary.unit, currency);
        let unit = if summary.mean.is_finite() { said.unit.clone() } else { String::new() };
        let half_width = said.half_width(summary.half_width);
        [label(summary.name).to_owned(), said.value(summary.mean), half_width, unit]
    });
    aligned(&rows.collect::<Vec<_>>(), [Side::Left, Side::Right, Side::Left, Side::Left])
}

/// The first KPIs of a comparison: both levels, the difference with its interval, the verdict.
pub(super) fn paired_table(rows: &[Paired], currency: &str) -> String {
    let head = ["", "base", "", "what-if", "", "", "difference", "95 % interval", "correlation", ""].map(str::to_owned);
    let rows = COMPARED.iter().filter_map(|name| rows.iter().find(|row| row.name == *name)).map(|row| {
        let said = Said::new(if row.base_mean.is_finite() { row.base_mean } else { 0.0 }, row.unit, currency);
        let places = said.fine(row.difference);
        let interval = match row.low.is_finite() {
            true => format!("[{}, {}]", said.signed(row.low, places), said.signed(row.high, places)),
            false => String::new(),
        };
        let data = row.verdict != Verdict::NoData;
        [
            label(row.name).to_owned(),
            said.value(row.base_mean),
            said.half_width(row.base_half_width),
            said.value(row.whatif_mean),
            said.half_width(row.whatif_half_width),
            if data { said.unit.clone() } else { String::new() },
            if data { said.signed(row.difference, places) } else { String::new() },
            interval,
            if row.correlation.is_finite() { number(row.correlation, 2) } else { String::new() },
            row.verdict.words().to_owned(),
        ]
    });
    use Side::{Left, Right};
    let table: Vec<[String; 10]> = std::iter::once(head).chain(rows).collect();
    aligned(&table, [Left, Right, Left, Right, Left, Left, Right, Left, Right, Left])
}

/// Observed figures beside simulated ones, with deviation and verdict; `hour` leads where the rows have one.
pub(super) fn validation_table(rows: &[&Validated], currency: &str) -> String {
    let hourly = rows.iter().any(|row| row.observed.hour.is_some());
    let head = [if hourly { "hour" } else { "" }, "observed", "simulated", "", "", "deviation", "", "tolerance", ""];
    let row = |row: &&Validated| {
        let observed = row.observed;
        let said = Said::new(observed.value, row.unit(), currency);
        let data = row.simulated.is_finite();
        let share = row.deviation_share();
        [
            observed.hour.map_or_else(|| label(observed.kpi).to_owned(), |hour| format!("{hour:02}:00")),
            said.value(observed.value),
            said.value(row.simulated),
            said.half_width(row.high - row.simulated),
            if data { said.unit.clone() } else { String::new() },
            if data { said.signed(row.deviation(), said.fine(row.deviation())) } else { String::new() },
            if share.is_finite() { format!("({} %)", signed(share * 100.0, 1)) } else { String::new() },
            observed.tolerance.map_or(String::new(), |tolerance| said.half_width(tolerance)),
            row.agreement.word().to_owned(),
        ]
    };
    use Side::{Left, Right};
    let table: Vec<[String; 9]> = std::iter::once(head.map(str::to_owned)).chain(rows.iter().map(row)).collect();
    aligned(&table, [Left, Right, Right, Left, Left, Right, Right, Left, Left])
}

/// On which side of its column a cell stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// Rows as lines with aligned columns; columns without any content vanish.
pub(super) fn aligned<const N: usize>(rows: &[[String; N]], sides: [Side; N]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |row: &[String; N]| {
        let cells = (0..N).filter(|&column| widths[column] > 0).map(|column| {
            let (cell, width) = (&row[column], widths[column]);
            if sides[column] == Side::Right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        format!("  {}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(name: &'static str, mean: f64, half_width: f64) -> KpiSummary {
        KpiSummary { name, unit: definition(name).unwrap().unit, mean, half_width, n: 3 }
    }

    #[test]
    fn a_run_is_told_in_aligned_columns_with_units() {
        let none = f64::NAN;
        let all = [
            summary("orders", 18_014.0, none),
            summary("near_share_orders", 0.2941, none),
            summary("cost_per_order", 8.406, none),
            summary("far_lead_mean_h", none, none),
        ];
        let expected = concat!(
            "  Orders placed          18,014  orders\n",
            "  Near share of orders     29.4  %\n",
            "  Cost per order           8.41  EUR/order\n",
            "  Far lead time, mean   no data\n",
        );
        assert_eq!(run_table(&all, "EUR"), expected);
        let replicated = run_table(&[summary("near_share_orders", 0.2941, 0.0003)], "CNY");
        assert_eq!(replicated, "  Near share of orders  29.4  ± 0.03  %\n");
    }

    #[test]
    fn a_comparison_tells_difference_interval_and_verdict() {
        let kpi = |value| vec![vec![crate::metrics::Kpi { name: "x", value, unit: "x" }; crate::metrics::KPIS.len()]];
        let side = |values: [f64; 3]| values.into_iter().flat_map(kpi).collect::<Vec<_>>();
        let rows = crate::study::paired(&side([0.5, 0.6, 0.7]), &side([0.55, 0.66, 0.74]));
        let table = paired_table(&rows, "CNY");
        let line = table.lines().find(|line| line.contains("Near orders on time")).unwrap();
        assert!(
            line.contains("60.0") && line.contains("65.0") && line.contains("+5.0") && line.contains("better"),
            "{line}"
        );
        let alone = paired_table(&crate::study::paired(&kpi(0.5), &kpi(0.6)), "CNY");
        assert!(alone.contains("no interval") && !alone.contains('['), "{alone}");
    }
}
