//! Room: cli. KPIs as aligned text for the terminal.

use crate::metrics::unit_in;
use crate::metrics::{KpiSummary, definition};
use crate::report::wording::{decimals, number, signed};
use crate::scenario::Language;
use crate::study::{Hint, Paired, Tested, Validated, Verdict};

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
pub(super) const COMPARED: [&str; 12] = [
    "orders",
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

    /// The unit of a difference: that of two shares is told in points, which no relative change can be taken for.
    fn apart(&self, told: String) -> String {
        if self.unit == "%" && !told.is_empty() && told != "no data" { format!("{told} points") } else { told }
    }

    fn value(&self, value: f64) -> String {
        if value.is_finite() { number(value * self.factor, self.places) } else { "no data".to_owned() }
    }

    /// Half of an interval; finer than the value where it would round to nothing.
    fn half_width(&self, half: f64) -> String {
        if half.is_finite() { format!("± {}", number(half * self.factor, self.fine(half))) } else { String::new() }
    }

    fn interval(&self, row: &Paired, places: usize) -> String {
        match row.low.is_finite() {
            true => format!("[{}, {}]", self.signed(row.low, places), self.signed(row.high, places)),
            false => String::new(),
        }
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

/// A unit in the language of a report, with the scenario's currency in place of yuan.
pub(super) fn unit_of(unit: &str, currency: &str, language: Language) -> String {
    match (unit, language) {
        ("orders", _) => "count".to_owned(),
        (unit, Language::Zh) if currency == "CNY" => unit_in(unit, language).to_owned(),
        ("yuan/order", Language::Zh) => format!("{currency}/单"),
        (unit, Language::Zh) if !unit.starts_with("yuan") => unit_in(unit, language).to_owned(),
        (unit, _) => in_currency(unit, currency),
    }
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

/// The first KPIs of a comparison: both levels, the difference with its interval of so many percent, the verdict after
/// what `rule` says.
pub(super) fn paired_table(rows: &[Paired], percent: &str, rule: &str, currency: &str) -> String {
    let interval = format!("{percent} % interval");
    let verdict = format!("verdict ({rule})");
    let head = ["", "base", "", "what-if", "", "", "difference", &interval, "corr", "variance ÷", &verdict];
    let head = head.map(str::to_owned);
    let rows = COMPARED.iter().filter_map(|name| rows.iter().find(|row| row.name == *name)).map(|row| {
        let said = of_row(row, currency);
        let places = said.fine(row.difference);
        let data = row.verdict != Verdict::NoData;
        [
            label(row.name).to_owned(),
            said.value(row.base_mean),
            said.half_width(row.base_half_width),
            said.value(row.whatif_mean),
            said.half_width(row.whatif_half_width),
            if data { said.unit.clone() } else { String::new() },
            if data { said.apart(said.signed(row.difference, places)) } else { String::new() },
            said.interval(row, places),
            if row.correlation.is_finite() { number(row.correlation, 2) } else { String::new() },
            reduction(row),
            format!("{}{}", row.verdict.words(), hint(row, &said)),
        ]
    });
    use Side::{Left, Right};
    let table: Vec<[String; 11]> = std::iter::once(head).chain(rows).collect();
    aligned(&table, [Left, Right, Left, Right, Left, Left, Right, Left, Right, Right, Left])
}

fn of_row(row: &Paired, currency: &str) -> Said {
    Said::new(if row.base_mean.is_finite() { row.base_mean } else { 0.0 }, row.unit, currency)
}

/// Two figures are enough for an estimate.
fn reduction(row: &Paired) -> String {
    match row.variance_reduction {
        value if !value.is_finite() => String::new(),
        value => number(value, usize::from(value < 10.0)),
    }
}

/// How many replications it would take to tell more, at most two figures of them.
fn hint(row: &Paired, said: &Said) -> String {
    let Some(Hint { replications, half_width }) = row.hint else { return String::new() };
    let half_width = figures(half_width * said.factor, 2);
    match replications {
        Some(n) if n <= 10_000 => {
            let step = 10_usize.pow((n.ilog10()).saturating_sub(1));
            format!(" (~{} replications for ±{half_width})", number((n.div_ceil(step) * step) as f64, 0))
        }
        _ => format!(" (over 10,000 replications for ±{half_width})"),
    }
}

/// A positive number with so many figures, none of them before the point lost.
pub(super) fn figures(value: f64, figures: i32) -> String {
    let places = if value > 0.0 { (figures - 1 - value.log10().floor() as i32).clamp(0, 8) } else { 0 };
    number(value, places as usize)
}

/// What was expected beforehand against what is found; nothing where nobody expected anything.
pub(super) fn hypotheses_table(all: &[Tested<'_>], currency: &str) -> String {
    if all.is_empty() {
        return String::new();
    }
    let row = |tested: &Tested<'_>| {
        let row = tested.row;
        let said = of_row(row, currency);
        let places = said.fine(row.difference);
        let data = row.verdict != Verdict::NoData;
        [
            label(row.name).to_owned(),
            tested.hypothesis.direction.word().to_owned(),
            tested.outcome.words().to_owned(),
            if data { said.apart(said.signed(row.difference, places)) } else { String::new() },
            said.interval(row, places),
            if data && said.unit != "%" { said.unit.clone() } else { String::new() },
            tested.hypothesis.reason.trim().replace('\n', " "),
        ]
    };
    let head = ["", "expected", "outcome", "difference", "interval", "", "because"].map(str::to_owned);
    let rows: Vec<[String; 7]> = std::iter::once(head).chain(all.iter().map(row)).collect();
    use Side::{Left, Right};
    let table = aligned(&rows, [Left, Left, Left, Right, Left, Left, Left]);
    format!("\nWhat was expected beforehand\n{table}")
}

/// What-ifs side by side; more than fit a line go below.
pub(super) fn across_table(whatifs: &[&[Paired]], names: &[&str], currency: &str) -> String {
    const ACROSS: usize = 4;
    let place = |start: usize, column: usize| Some(start + column).filter(|place| *place < names.len());
    let block = |start: usize| {
        let head = |column: usize| place(start, column).map_or(String::new(), |place| names[place].to_owned());
        let line = |name: &&str| {
            let cell = |column: usize| {
                let row = place(start, column).and_then(|place| whatifs[place].iter().find(|row| row.name == *name));
                row.map_or(String::new(), |row| shown(row, &of_row(row, currency)))
            };
            let first = whatifs.iter().find_map(|rows| rows.iter().find(|row| row.name == *name));
            let unit = first.map_or(String::new(), |row| of_row(row, currency).unit);
            let unit = if unit == "%" { "points".to_owned() } else { unit };
            [label(name).to_owned(), unit, cell(0), cell(1), cell(2), cell(3)]
        };
        let heads = [String::new(), String::new(), head(0), head(1), head(2), head(3)];
        let rows: Vec<[String; 2 + ACROSS]> = std::iter::once(heads).chain(COMPARED.iter().map(line)).collect();
        use Side::{Left, Right};
        aligned(&rows, [Left, Left, Right, Right, Right, Right])
    };
    (0..names.len()).step_by(ACROSS).map(block).collect::<Vec<_>>().join("\n")
}

/// A difference with its verdict; in brackets where chance alone may do this.
fn shown(row: &Paired, said: &Said) -> String {
    let difference = said.signed(row.difference, said.fine(row.difference));
    match row.verdict {
        Verdict::NotShown | Verdict::NoInterval => format!("({difference})"),
        Verdict::NoData => String::new(),
        verdict => format!("{} {difference}", verdict.words()),
    }
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
            if data { said.apart(said.signed(row.deviation(), said.fine(row.deviation()))) } else { String::new() },
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
        let table = paired_table(&rows, "95", "Holm over 12 differences", "CNY");
        let line = table.lines().find(|line| line.contains("Near orders on time")).unwrap();
        assert!(
            line.contains("60.0") && line.contains("65.0") && line.contains("+5.0 points") && line.contains("better"),
            "{line}"
        );
        let alone = paired_table(&crate::study::paired(&kpi(0.5), &kpi(0.6)), "95", "", "CNY");
        assert!(alone.contains("no interval") && !alone.contains('['), "{alone}");
    }

    #[test]
    fn hints_are_rounded_up_to_two_figures() {
        let row = |replications, half_width| {
            let kpi =
                |value| vec![vec![crate::metrics::Kpi { name: "x", value, unit: "x" }; crate::metrics::KPIS.len()]];
            let row = crate::study::paired(&kpi(34.0), &kpi(33.8)).swap_remove(5);
            Paired { hint: Some(Hint { replications, half_width }), ..row }
        };
        let said = |row: &Paired| hint(row, &of_row(row, "CNY"));
        assert_eq!(said(&row(Some(87), 0.33)), " (~87 replications for ±0.33)");
        assert_eq!(said(&row(Some(1234), 0.33)), " (~1,300 replications for ±0.33)");
        assert_eq!(said(&row(Some(10_001), 0.03)), " (over 10,000 replications for ±0.030)");
        assert_eq!(said(&row(None, 0.03)), " (over 10,000 replications for ±0.030)");
    }

    #[test]
    fn many_what_ifs_stand_side_by_side_and_below() {
        let kpi = |value| vec![vec![crate::metrics::Kpi { name: "x", value, unit: "x" }; crate::metrics::KPIS.len()]];
        let side = |values: [f64; 3]| values.into_iter().flat_map(kpi).collect::<Vec<_>>();
        let better = crate::study::paired(&side([0.5, 0.6, 0.7]), &side([0.55, 0.66, 0.74]));
        let same = crate::study::paired(&side([0.5, 0.6, 0.7]), &side([0.51, 0.57, 0.74]));
        let all: Vec<&[Paired]> = vec![&better, &same, &better, &better, &same];
        let table = across_table(&all, &["a", "b", "c", "d", "e"], "CNY");
        let lines: Vec<&str> = table.lines().filter(|line| line.contains("Near orders on time")).collect();
        assert_eq!(lines.len(), 2, "{table}");
        let cells: Vec<&str> = lines[0].split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        assert_eq!(cells[2..], ["better +5.0", "(+0.7)", "better +5.0", "better +5.0"], "{table}");
        assert_eq!(cells[1], "points", "{table}");
        assert!(lines[1].ends_with(" (+0.7)"), "{table}");
    }
}
