//! KPIs over replications: mean and 95 % interval by Student's t.

use super::Kpi;
use crate::statistics::{Confidence, student};

/// A KPI over replications.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct KpiSummary {
    /// Name in tables.
    pub name: &'static str,
    /// Unit of mean and half-width.
    pub unit: &'static str,
    /// Mean over the replications that have a value; NaN if none has.
    pub mean: f64,
    /// Half of the 95 % t-interval of the mean; NaN with fewer than two values.
    pub half_width: f64,
    /// Replications that have a value.
    pub n: usize,
}

/// Summarises each KPI over replications, which all list the same KPIs in the same order.
pub fn summarise(replications: &[Vec<Kpi>]) -> Vec<KpiSummary> {
    let Some(first) = replications.first() else {
        return Vec::new();
    };
    let of = |i: usize| replications.iter().filter_map(move |kpis| kpis.get(i)).map(|k| k.value);
    let summary = |(i, kpi): (usize, &Kpi)| {
        let values: Vec<f64> = of(i).filter(|v| v.is_finite()).collect();
        let (mean, half_width) = mean_and_half_width(&values);
        KpiSummary { name: kpi.name, unit: kpi.unit, mean, half_width, n: values.len() }
    };
    first.iter().enumerate().map(summary).collect()
}

/// Mean and half-width of its 95 % interval; also for paired differences.
pub fn mean_and_half_width(values: &[f64]) -> (f64, f64) {
    mean_and_half_width_at(values, 0.95)
}

/// Mean and half-width of its interval at this confidence, between 0 and 1; NaN if it is not.
pub fn mean_and_half_width_at(values: &[f64], confidence: f64) -> (f64, f64) {
    match Confidence::new(confidence) {
        Ok(confidence) => student::mean_and_half_width(values, confidence),
        Err(_) => (f64::NAN, f64::NAN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_has_mean_and_half_width_and_skips_missing_values() {
        let run = |value| vec![Kpi { name: "orders", value, unit: "orders" }];
        let all = summarise(&[run(1.0), run(2.0), run(f64::NAN), run(3.0)]);
        assert_eq!((all[0].mean, all[0].n), (2.0, 3));
        // s = 1, n = 3: t(.975, 2) / sqrt(3).
        assert!((all[0].half_width - 4.3026527297 / 3f64.sqrt()).abs() < 1e-8);
        assert!(summarise(&[run(5.0)])[0].half_width.is_nan());
        // t(.995, 2) = 9.9248432009.
        let (_, wide) = mean_and_half_width_at(&[1.0, 2.0, 3.0], 0.99);
        assert!((wide - 9.9248432009 / 3f64.sqrt()).abs() < 1e-8, "{wide}");
        assert!(summarise(&[]).is_empty());
    }
}
