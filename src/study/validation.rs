//! Validation: simulated KPIs and hourly profiles against observed ones.

use crate::metrics::{definition, mean_and_half_width};
use std::fmt::Write;

/// A figure that was observed, in the unit of its KPI.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Observed {
    /// Name of the KPI.
    pub kpi: &'static str,
    /// Clock hour, 0 to 23, of orders placed; `None` for the whole run.
    pub hour: Option<u32>,
    /// The observed value.
    pub value: f64,
    /// How far the simulation may be off, at least 0.
    pub tolerance: Option<f64>,
}

/// Whether the simulation agrees with an observed figure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Agreement {
    /// Off by no more than the tolerance; without one, inside the interval of simulated days.
    Within,
    /// Off by more.
    Outside,
    /// Neither a tolerance nor two replications to judge by.
    NotJudged,
    /// The simulation has no value.
    NoData,
}

impl Agreement {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Agreement::Within => "within",
            Agreement::Outside => "outside",
            Agreement::NotJudged => "not judged",
            Agreement::NoData => "no data",
        }
    }
}

/// An observed figure beside the simulated ones.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Validated {
    /// What was observed.
    pub observed: Observed,
    /// Mean over replications; NaN if none has a value.
    pub simulated: f64,
    /// Lower end of the interval in which 95 % of simulated days lie; NaN with fewer than two replications.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Whether they agree.
    pub agreement: Agreement,
}

impl Validated {
    /// Sets the values of the replications beside an observed one.
    pub fn new(observed: Observed, replications: &[f64]) -> Validated {
        let known: Vec<f64> = replications.iter().copied().filter(|value| value.is_finite()).collect();
        let (simulated, half_width) = mean_and_half_width(&known);
        // From the interval of the mean to that of one more day.
        let half_width = half_width * (known.len() as f64 + 1.0).sqrt();
        let off = (simulated - observed.value).abs();
        let within = match observed.tolerance {
            _ if known.is_empty() => None,
            // A rounding error of the conversion of units does not decide.
            Some(tolerance) => Some(off <= tolerance + 1e-9 * observed.value.abs()),
            None => half_width.is_finite().then_some(off <= half_width + 1e-9 * observed.value.abs()),
        };
        let agreement = match within {
            Some(true) => Agreement::Within,
            Some(false) => Agreement::Outside,
            None if known.is_empty() => Agreement::NoData,
            None => Agreement::NotJudged,
        };
        Validated { observed, simulated, low: simulated - half_width, high: simulated + half_width, agreement }
    }

    /// Simulated less observed.
    pub fn deviation(&self) -> f64 {
        self.simulated - self.observed.value
    }
    /// The deviation as a share of the observed value; NaN where that is 0.
    pub fn deviation_share(&self) -> f64 {
        if self.observed.value == 0.0 { f64::NAN } else { self.deviation() / self.observed.value.abs() }
    }
    /// Unit of all its numbers.
    pub fn unit(&self) -> &'static str {
        definition(self.observed.kpi).map_or("", |definition| definition.unit)
    }
}

/// The table as CSV: shortest decimals that read back exactly, empty where there is none.
pub fn validation_csv(rows: &[Validated]) -> String {
    let mut csv = String::from(
        "kpi,hour,unit,observed,tolerance,simulated,simulated_low95,simulated_high95,deviation,deviation_share,verdict\n",
    );
    let number = |value: f64| if value.is_finite() { value.to_string() } else { String::new() };
    for row in rows {
        let Observed { kpi, hour, value, tolerance } = row.observed;
        let hour = hour.map_or(String::new(), |hour| hour.to_string());
        let numbers = [
            value,
            tolerance.unwrap_or(f64::NAN),
            row.simulated,
            row.low,
            row.high,
            row.deviation(),
            row.deviation_share(),
        ];
        let numbers = numbers.map(number).join(",");
        writeln!(csv, "{kpi},{hour},{},{numbers},{}", row.unit(), row.agreement.word()).expect("strings grow");
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(value: f64, tolerance: Option<f64>, replications: &[f64]) -> Validated {
        Validated::new(Observed { kpi: "orders", hour: None, value, tolerance }, replications)
    }

    #[test]
    fn a_tolerance_decides_and_without_one_the_interval_of_days() {
        use Agreement::{NoData, NotJudged, Outside, Within};
        assert_eq!(judged(10.0, Some(2.0), &[12.0]).agreement, Within);
        assert_eq!(judged(10.0, Some(2.0), &[12.1]).agreement, Outside);
        assert_eq!(judged(10.0, Some(0.0), &[10.0]).agreement, Within);
        assert_eq!(judged(10.0, None, &[10.0]).agreement, NotJudged);
        assert_eq!(judged(10.0, Some(2.0), &[f64::NAN]).agreement, NoData);
        assert_eq!(judged(10.0, None, &[]).agreement, NoData);
        // Mean 11, s = 1, n = 3: a day lies within 4.3027 * sqrt(4 / 3) = 4.968.
        let days = [10.0, 11.0, 12.0];
        let row = judged(15.9, None, &days);
        assert!((row.high - 15.9683).abs() < 1e-3 && row.agreement == Within);
        assert_eq!(judged(16.0, None, &days).agreement, Outside);
        assert_eq!(judged(16.0, Some(6.0), &days).agreement, Within, "the tolerance comes first");
    }

    #[test]
    fn the_table_has_a_row_for_each_figure_and_no_number_where_there_is_none() {
        let hour = Observed { kpi: "near_share_orders", hour: Some(9), value: 0.5, tolerance: Some(0.125) };
        let csv = validation_csv(&[Validated::new(hour, &[0.75]), judged(0.0, None, &[f64::NAN])]);
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines[1], "near_share_orders,9,share,0.5,0.125,0.75,,,0.25,0.5,outside");
        assert_eq!(lines[2], "orders,,orders,0,,,,,,,no data");
    }
}
