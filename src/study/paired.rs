//! Room: study. Base against what-if, replication by replication on common random numbers.

use crate::metrics::{Better, KPIS, Kpi, mean_and_half_width};

/// What an interval allows to say about a KPI.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The what-if moves the KPI the right way.
    Better,
    /// The what-if moves the KPI the wrong way.
    Worse,
    /// The KPI rises; neither good nor bad by itself.
    Higher,
    /// The KPI falls; neither good nor bad by itself.
    Lower,
    /// The interval includes 0. That does not show that both are equal.
    NotShown,
    /// Fewer than two pairs with data: no interval.
    NoInterval,
    /// No pair with data.
    NoData,
}

impl Verdict {
    /// The words in tables.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::Higher => "higher",
            Verdict::Lower => "lower",
            Verdict::NotShown => "no difference shown",
            Verdict::NoInterval => "no interval",
            Verdict::NoData => "no data",
        }
    }
}

/// A KPI of base and what-if over the replications in which both have a value; what is unknown is NaN.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Paired {
    /// Name in tables.
    pub name: &'static str,
    /// Unit of all but the last two numbers.
    pub unit: &'static str,
    /// Pairs in which both sides have a value.
    pub pairs: usize,
    /// Mean of the base.
    pub base_mean: f64,
    /// Half of its 95 % interval.
    pub base_half_width: f64,
    /// Mean of the what-if.
    pub whatif_mean: f64,
    /// Half of its 95 % interval.
    pub whatif_half_width: f64,
    /// Mean of what-if minus base.
    pub difference: f64,
    /// Lower end of its 95 % interval, Student's t over the pairs.
    pub low: f64,
    /// Upper end of that interval.
    pub high: f64,
    /// Correlation of base and what-if over the replications.
    pub correlation: f64,
    /// Variance of the difference of independent runs divided by that of the pairs; above 1 pairing pays.
    pub variance_reduction: f64,
    /// What the interval allows to say.
    pub verdict: Verdict,
}

/// Compares two sets of replications KPI by KPI; replication r of one side is paired with r of the other.
pub fn paired(base: &[Vec<Kpi>], whatif: &[Vec<Kpi>]) -> Vec<Paired> {
    let column = |side: &[Vec<Kpi>], i: usize| -> Vec<f64> {
        side.iter().map(|kpis| kpis.get(i).map_or(f64::NAN, |kpi| kpi.value)).collect()
    };
    KPIS.iter()
        .enumerate()
        .map(|(i, definition)| {
            compare(definition.name, definition.unit, definition.better, &column(base, i), &column(whatif, i))
        })
        .collect()
}

/// The rows as CSV: shortest decimals that read back exactly, `NaN` for what is unknown.
pub fn paired_csv(rows: &[Paired]) -> String {
    let mut csv = String::from(
        "kpi,unit,base_mean,base_half_width,whatif_mean,whatif_half_width,difference,low,high,correlation,\
         variance_reduction,verdict\n",
    );
    for row in rows {
        let numbers = [
            row.base_mean,
            row.base_half_width,
            row.whatif_mean,
            row.whatif_half_width,
            row.difference,
            row.low,
            row.high,
            row.correlation,
            row.variance_reduction,
        ];
        let numbers = numbers.map(|number| number.to_string()).join(",");
        csv += &format!("{},{},{numbers},{}\n", row.name, row.unit, row.verdict.words());
    }
    csv
}

fn compare(name: &'static str, unit: &'static str, better: Better, base: &[f64], whatif: &[f64]) -> Paired {
    let (a, b): (Vec<f64>, Vec<f64>) =
        base.iter().zip(whatif).filter(|(a, b)| a.is_finite() && b.is_finite()).map(|(a, b)| (*a, *b)).unzip();
    let differences: Vec<f64> = a.iter().zip(&b).map(|(a, b)| b - a).collect();
    let (base_mean, base_half_width) = mean_and_half_width(&a);
    let (whatif_mean, whatif_half_width) = mean_and_half_width(&b);
    let (difference, half_width) = mean_and_half_width(&differences);
    let (low, high) = (difference - half_width, difference + half_width);
    let (var_a, var_b, var_d) = (covariance(&a, &a), covariance(&b, &b), covariance(&differences, &differences));
    Paired {
        name,
        unit,
        pairs: a.len(),
        base_mean,
        base_half_width,
        whatif_mean,
        whatif_half_width,
        difference,
        low,
        high,
        correlation: ratio(covariance(&a, &b), (var_a * var_b).sqrt()),
        variance_reduction: ratio(var_a + var_b, var_d),
        verdict: verdict(better, a.len(), low, high),
    }
}

fn verdict(better: Better, pairs: usize, low: f64, high: f64) -> Verdict {
    match (pairs, better) {
        (0, _) => Verdict::NoData,
        (1, _) => Verdict::NoInterval,
        _ if low <= 0.0 && high >= 0.0 => Verdict::NotShown,
        (_, Better::Neither) if low > 0.0 => Verdict::Higher,
        (_, Better::Neither) => Verdict::Lower,
        (_, Better::Higher) if low > 0.0 => Verdict::Better,
        (_, Better::Lower) if high < 0.0 => Verdict::Better,
        _ => Verdict::Worse,
    }
}

/// Sample covariance; NaN with fewer than two values.
fn covariance(a: &[f64], b: &[f64]) -> f64 {
    if a.len() < 2 {
        return f64::NAN;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum::<f64>() / (a.len() - 1) as f64
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;

    // A published worked example: ten pairs, difference A - B.
    const A: [f64; 10] = [30.2, 28.7, 33.1, 31.5, 29.9, 32.4, 30.8, 31.1, 29.4, 32.0];
    const B: [f64; 10] = [28.9, 27.9, 31.2, 30.6, 28.8, 31.9, 29.1, 30.3, 28.6, 30.7];

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
    }

    #[test]
    fn the_paired_interval_is_that_of_the_worked_example() {
        let row = compare("k", "min", Better::Lower, &B, &A);
        close(row.difference, 1.11);
        close(row.low, 0.7946473941);
        close(row.high, 1.4253526059);
        close(row.correlation, 0.948077);
        close(row.variance_reduction, 18.7015437393);
        assert_eq!(row.verdict, Verdict::Worse);
        assert_eq!(compare("k", "min", Better::Higher, &B, &A).verdict, Verdict::Better);
        assert_eq!(compare("k", "min", Better::Neither, &B, &A).verdict, Verdict::Higher);
        assert_eq!(compare("k", "min", Better::Lower, &A, &B).verdict, Verdict::Better);
        assert_eq!(compare("k", "min", Better::Neither, &A, &B).verdict, Verdict::Lower);
    }

    #[test]
    fn an_interval_with_zero_shows_no_difference() {
        let row = compare("k", "min", Better::Lower, &[1.0, 2.0, 3.0], &[2.0, 1.0, 3.5]);
        assert!(row.low < 0.0 && row.high > 0.0);
        assert_eq!(row.verdict, Verdict::NotShown);
        let same = compare("k", "min", Better::Lower, &A, &A);
        assert_eq!((same.difference, same.low, same.high), (0.0, 0.0, 0.0));
        assert_eq!(same.verdict, Verdict::NotShown);
        assert!(same.variance_reduction.is_nan());
    }

    #[test]
    fn pairs_without_data_on_a_side_are_left_out() {
        let row = compare("k", "h", Better::Lower, &[1.0, f64::NAN, 3.0], &[2.0, 5.0, f64::NAN]);
        assert_eq!((row.pairs, row.base_mean, row.whatif_mean, row.difference), (1, 1.0, 2.0, 1.0));
        assert!(row.low.is_nan() && row.correlation.is_nan());
        assert_eq!(row.verdict, Verdict::NoInterval);
        let none = compare("k", "h", Better::Lower, &[f64::NAN], &[2.0]);
        assert!(none.difference.is_nan());
        assert_eq!(none.verdict, Verdict::NoData);
    }
}
