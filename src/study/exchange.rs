//! Room: study. What a change buys for what it costs: yuan returned by a yuan of subsidy, margin and conversion for a minute of
//! promise. Ratios of paired differences, so that both sides of the ratio belong to the same days.

use crate::metrics::Kpi;
use crate::scenario::{Scenario, differences};
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
    /// Mean difference of what is paid, what-if less base, the lower part of the ratio.
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
    /// What is paid is subsidy, which moves with orders and waits as well: a rate only where it is a lever that moves it.
    of_subsidy: bool,
}

/// The keys by which the subsidy of `subsidy_per_order` is given: discounts, the basket from which the fee is waived, and
/// compensation. Not the fees: what is waived of a higher fee is no gift, and a lower one is a gift that no subsidy shows.
const GIFTS: [&str; 6] = [
    "price.near_discount_share",
    "price.far_discount_share",
    "price.near_free_basket_yuan",
    "pickup.discount_yuan",
    "cost.late_compensation_yuan",
    "cost.late_free_after_min",
];

/// Whether two scenarios differ in a key by which money is given away.
pub fn gives(base: &Scenario, whatif: &Scenario) -> bool {
    differences(base, whatif).iter().any(|(key, ..)| GIFTS.contains(&key.as_str()))
}

/// Subsidy of a run, in yuan.
fn subsidy(of: &dyn Fn(&str) -> f64) -> f64 {
    of("subsidy_per_order") * of("orders")
}

const RATES: [Rate; 4] = [
    Rate {
        name: "subsidy_roi",
        unit: "yuan/yuan",
        label: "(contribution margin gained + subsidy added) / subsidy added, from the side that gives less to the one that gives more; above 1 the subsidy earns more than itself",
        bought: |of| of("contribution_margin_yuan") + subsidy(of),
        paid: subsidy,
        of_subsidy: true,
    },
    Rate {
        name: "orders_per_1000_yuan_subsidy",
        unit: "orders/1000 yuan",
        label: "orders gained for each 1,000 yuan of subsidy added, from the side that gives less to the one that gives more",
        bought: |of| 1000.0 * of("orders"),
        paid: subsidy,
        of_subsidy: true,
    },
    Rate {
        name: "margin_per_promise_min",
        unit: "yuan/min",
        label: "contribution margin of a run gained for each minute added to the near promise",
        bought: |of| of("contribution_margin_yuan"),
        paid: |of| of("promise_mean_min"),
        of_subsidy: false,
    },
    Rate {
        name: "conversion_per_promise_min",
        unit: "share/min",
        label: "conversion gained for each minute added to the near promise",
        bought: |of| of("conversion"),
        paid: |of| of("promise_mean_min"),
        of_subsidy: false,
    },
];

/// The rates of a what-if whose price moves: the interval of what is paid must leave out 0, else a rate is noise over noise.
/// Replication r of one side is paired with r of the other. `gives` says whether the change is one of [`gives`]; without it
/// there are no rates of subsidy.
///
/// Which side gives more makes no difference to a rate: both differences change their sign.
pub fn exchanges(base: &[Vec<Kpi>], whatif: &[Vec<Kpi>], gives: bool) -> Vec<Exchange> {
    RATES.iter().filter(|rate| gives || !rate.of_subsidy).filter_map(|rate| exchange(rate, base, whatif)).collect()
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
    use crate::scenario::{Override, changed};

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
        let found = exchanges(&base, &more, true);
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
        assert!(exchanges(&base, &base, true).is_empty());
        let noise = [day(101.0, 1001.0, 60.0, 45.0), day(111.0, 1101.0, 49.0, 45.0)];
        assert!(exchanges(&base, &noise, true).is_empty(), "subsidy rises one day and falls the other");
        let slower = [day(99.0, 1010.0, 50.0, 55.0), day(108.0, 1120.0, 60.0, 55.0)];
        let found = exchanges(&base, &slower, true);
        assert_eq!(found[0].name, "margin_per_promise_min");
        assert!((found[0].value - 1.5).abs() < 1e-9);
        assert!(exchanges(&base[..1], &slower[..1], true)[0].half_width.is_nan());
    }

    #[test]
    fn subsidy_that_only_moves_along_has_no_rate() {
        let base = [day(100.0, 1000.0, 50.0, 45.0), day(110.0, 1100.0, 60.0, 45.0)];
        // Fewer orders, and less waived and compensated with them.
        let fewer = [day(90.0, 900.0, 40.0, 45.0), day(100.0, 1000.0, 50.0, 45.0)];
        assert_eq!(exchanges(&base, &fewer, false), []);
        let slower = [day(90.0, 900.0, 40.0, 55.0), day(100.0, 1000.0, 50.0, 55.0)];
        let names: Vec<_> = exchanges(&base, &slower, false).iter().map(|it| it.name).collect();
        assert_eq!(names, ["margin_per_promise_min", "conversion_per_promise_min"]);
    }

    #[test]
    fn the_side_that_gives_more_is_the_one_that_subsidises() {
        let less = [day(100.0, 1000.0, 50.0, 45.0), day(110.0, 1100.0, 50.0, 45.0)];
        let more = [day(110.0, 950.0, 150.0, 45.0), day(122.0, 1060.0, 150.0, 45.0)];
        for (raised, cut) in exchanges(&less, &more, true).iter().zip(exchanges(&more, &less, true)) {
            assert_eq!((raised.value, raised.half_width), (cut.value, cut.half_width));
            assert_eq!(raised.paid, -cut.paid);
        }
        assert!((exchanges(&more, &less, true)[0].value - 0.55).abs() < 1e-9);
    }

    #[test]
    fn discounts_waivers_and_compensation_give_and_fees_and_stock_do_not() {
        let base = Scenario::default();
        let with = |set: &str| changed(&base, &[Override::parse(set).unwrap()]).unwrap();
        for set in ["price.near_discount_share=0.1", "price.near_free_basket_yuan=0", "pickup.discount_yuan=3"] {
            assert!(gives(&base, &with(set)), "{set}");
        }
        assert!(gives(&base, &with("cost.late_free_after_min=20")));
        for set in ["rationing.policy=static", "price.near_fee_yuan=4", "couriers.count=200"] {
            assert!(!gives(&base, &with(set)), "{set}");
        }
        assert!(GIFTS.iter().all(|gift| crate::scenario::key(gift).is_some()));
    }
}
