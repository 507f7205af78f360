//! Room: study. What a change buys for what it costs: yuan returned by a yuan of subsidy, margin and conversion for a minute of
//! promise. Ratios of paired differences, so that both sides of the ratio belong to the same days.

use crate::metrics::Kpi;
use crate::statistics::student::t_quantile;

/// A rate of exchange between two differences.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Exchange {
    /// Name in tables.
    pub name: &'static str,
    /// Unit of the rate.
    pub unit: &'static str,
    /// What it says, in words.
    pub label: &'static str,
    /// The rate.
    pub value: f64,
    /// Half of its 95 % interval, Student's t on the residuals of the ratio (delta method); NaN with fewer than two pairs.
    pub half_width: f64,
    /// Mean difference of what is paid, the lower part of the ratio.
    pub paid: f64,
}

/// A figure of a replication, made of its KPIs by name.
type Figure = fn(&dyn Fn(&str) -> f64) -> f64;

/// How a rate is made of two KPIs of a replication.
struct Rate {
    name: &'static str,
    unit: &'static str,
    label: &'static str,
    bought: Figure,
    paid: Figure,
}

/// Subsidy of a run, in yuan.
fn subsidy(of: &dyn Fn(&str) -> f64) -> f64 {
    of("subsidy_per_order") * of("orders")
}

const RATES: [Rate; 4] = [
    Rate {
        name: "subsidy_roi",
        unit: "yuan/yuan",
        label: "(contribution margin gained + subsidy added) / subsidy added; above 1 the subsidy earns more than itself",
        bought: |of| of("contribution_margin_yuan") + subsidy(of),
        paid: subsidy,
    },
    Rate {
        name: "orders_per_1000_yuan_subsidy",
        unit: "orders/1000 yuan",
        label: "orders gained for each 1,000 yuan of subsidy added",
        bought: |of| 1000.0 * of("orders"),
        paid: subsidy,
    },
    Rate {
        name: "margin_per_promise_min",
        unit: "yuan/min",
        label: "contribution margin of a run gained for each minute added to the near promise",
        bought: |of| of("contribution_margin_yuan"),
        paid: |of| of("promise_mean_min"),
    },
    Rate {
        name: "conversion_per_promise_min",
        unit: "share/min",
        label: "conversion gained for each minute added to the near promise",
        bought: |of| of("conversion"),
        paid: |of| of("promise_mean_min"),
    },
];

/// The rates of a what-if whose price moves: the interval of what is paid must leave out 0, else a rate is noise over noise.
/// Replication r of one side is paired with r of the other.
pub fn exchanges(base: &[Vec<Kpi>], whatif: &[Vec<Kpi>]) -> Vec<Exchange> {
    RATES.iter().filter_map(|rate| exchange(rate, base, whatif)).collect()
}

fn exchange(rate: &Rate, base: &[Vec<Kpi>], whatif: &[Vec<Kpi>]) -> Option<Exchange> {
    let difference = |part: Figure, a: &[Kpi], b: &[Kpi]| {
        let of = |kpis: &[Kpi], name: &str| kpis.iter().find(|kpi| kpi.name == name).map_or(f64::NAN, |kpi| kpi.value);
        part(&|name: &str| of(b, name)) - part(&|name: &str| of(a, name))
    };
    let pairs: Vec<(f64, f64)> = base
        .iter()
        .zip(whatif)
        .map(|(a, b)| (difference(rate.bought, a, b), difference(rate.paid, a, b)))
        .filter(|(bought, paid)| bought.is_finite() && paid.is_finite())
        .collect();
    let n = pairs.len() as f64;
    let mean = |value: fn(&(f64, f64)) -> f64| pairs.iter().map(value).sum::<f64>() / n;
    let (bought, paid) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let half = |values: &dyn Fn(&(f64, f64)) -> f64| {
        let squares: f64 = pairs.iter().map(|pair| values(pair).powi(2)).sum();
        t_quantile(0.975, n - 1.0) * (squares / (n - 1.0) / n).sqrt()
    };
    let moves = match pairs.len() {
        0 => false,
        // One pair has no interval; a price that is set, such as a fixed promise, moves all the same.
        1 => paid != 0.0,
        _ => paid.abs() > half(&|pair| pair.1 - paid),
    };
    let value = bought / paid;
    moves.then(|| Exchange {
        name: rate.name,
        unit: rate.unit,
        label: rate.label,
        value,
        half_width: if pairs.len() < 2 { f64::NAN } else { half(&|pair| pair.0 - value * pair.1) / paid.abs() },
        paid,
    })
}

/// The rates as CSV; `NaN` for no interval.
pub fn exchanges_csv(all: &[Exchange]) -> String {
    let line = |it: &Exchange| {
        format!(
            "{},{},{},{},{},{},{}\n",
            it.name,
            it.unit,
            it.value,
            it.half_width,
            it.value - it.half_width,
            it.value + it.half_width,
            it.paid
        )
    };
    std::iter::once("rate,unit,value,half_width,low,high,paid\n".to_owned()).chain(all.iter().map(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(orders: f64, margin: f64, subsidy: f64, promise: f64) -> Vec<Kpi> {
        let kpi = |name, value| Kpi { name, value, unit: "" };
        vec![
            kpi("orders", orders),
            kpi("contribution_margin_yuan", margin),
            kpi("subsidy_per_order", subsidy / orders),
            kpi("promise_mean_min", promise),
            kpi("conversion", orders / 1000.0),
        ]
    }

    #[test]
    fn a_yuan_of_subsidy_is_told_by_what_it_returns() {
        let base = [day(100.0, 1000.0, 50.0, 45.0), day(110.0, 1100.0, 50.0, 45.0), day(90.0, 900.0, 50.0, 45.0)];
        // 100 yuan more subsidy brings 8, 10 and 12 orders and costs 60, 50 and 40 yuan of margin.
        let more = [day(108.0, 940.0, 150.0, 45.0), day(120.0, 1050.0, 150.0, 45.0), day(102.0, 860.0, 150.0, 45.0)];
        let found = exchanges(&base, &more);
        assert_eq!(found.iter().map(|it| it.name).collect::<Vec<_>>(), ["subsidy_roi", "orders_per_1000_yuan_subsidy"]);
        assert!((found[0].value - 0.5).abs() < 1e-9 && (found[0].paid - 100.0).abs() < 1e-9);
        assert!((found[1].value - 100.0).abs() < 1e-9);
        // Residuals -10, 0, 10 on 100 yuan: t(.975, 2) · 10 / sqrt(3) / 100.
        assert!((found[0].half_width - 4.3026527297 * 10.0 / 3f64.sqrt() / 100.0).abs() < 1e-8);
        assert!(exchanges_csv(&found).contains("\nsubsidy_roi,yuan/yuan,0.5"), "{}", exchanges_csv(&found));
    }

    #[test]
    fn what_does_not_move_has_no_rate() {
        let base = [day(100.0, 1000.0, 50.0, 45.0), day(110.0, 1100.0, 60.0, 45.0)];
        assert!(exchanges(&base, &base).is_empty());
        let noise = [day(101.0, 1001.0, 60.0, 45.0), day(111.0, 1101.0, 49.0, 45.0)];
        assert!(exchanges(&base, &noise).is_empty(), "subsidy rises one day and falls the other");
        let slower = [day(99.0, 1010.0, 50.0, 55.0), day(108.0, 1120.0, 60.0, 55.0)];
        let found = exchanges(&base, &slower);
        assert_eq!(found[0].name, "margin_per_promise_min");
        assert!((found[0].value - 1.5).abs() < 1e-9);
        assert!(exchanges(&base[..1], &slower[..1])[0].half_width.is_nan());
    }
}
