//! Room: study. The KPIs of every replication as one tidy table, from which a notebook can redo the comparison.

use crate::metrics::{KPIS, Kpi, MetricsError, parquet_bytes};
use polars::prelude::{Column, DataFrame, IntoColumn, NamedFrom, Series};

/// The replications of one scenario.
#[derive(Clone, Copy, Debug)]
pub struct Runs<'a> {
    /// Its part in the study, such as `base`.
    pub side: &'a str,
    /// Its name.
    pub scenario: &'a str,
    /// The seed of its streams; replication r of two scenarios of one seed makes a pair.
    pub seed: u64,
    /// The KPIs of replication 0, 1, …
    pub kpis: &'a [Vec<Kpi>],
}

impl Runs<'_> {
    fn value(&self, replication: usize, kpi: usize) -> f64 {
        self.kpis[replication].get(kpi).map_or(f64::NAN, |kpi| kpi.value)
    }
}

/// `side,scenario,replication,seed` and a column for each KPI; shortest decimals that read back exactly, `NaN` for what is
/// unknown.
pub fn runs_csv(all: &[Runs<'_>]) -> String {
    let names: Vec<&str> = KPIS.iter().map(|definition| definition.name).collect();
    let mut csv = format!("side,scenario,replication,seed,{}\n", names.join(","));
    for runs in all {
        for replication in 0..runs.kpis.len() {
            let values: Vec<String> = (0..KPIS.len()).map(|kpi| runs.value(replication, kpi).to_string()).collect();
            let scenario = runs.scenario.replace('"', "\"\"");
            csv += &format!("{},\"{scenario}\",{replication},{},{}\n", runs.side, runs.seed, values.join(","));
        }
    }
    csv
}

/// The same as a Parquet file with this metadata.
pub fn runs_parquet(all: &[Runs<'_>], metadata: &[(&str, String)]) -> Result<Vec<u8>, MetricsError> {
    let rows = || all.iter().flat_map(|runs| (0..runs.kpis.len()).map(move |replication| (runs, replication)));
    let mut columns = vec![
        Column::new("side".into(), rows().map(|(runs, _)| runs.side).collect::<Vec<_>>()),
        Column::new("scenario".into(), rows().map(|(runs, _)| runs.scenario).collect::<Vec<_>>()),
        Column::new("replication".into(), rows().map(|(_, replication)| replication as u32).collect::<Vec<_>>()),
        Column::new("seed".into(), rows().map(|(runs, _)| runs.seed).collect::<Vec<_>>()),
    ];
    for (kpi, definition) in KPIS.iter().enumerate() {
        let values: Vec<f64> = rows().map(|(runs, replication)| runs.value(replication, kpi)).collect();
        columns.push(Series::new(definition.name.into(), values).into_column());
    }
    parquet_bytes(&DataFrame::new(rows().count(), columns)?, metadata)
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars_io::prelude::{ParquetReader, SerReader};

    #[test]
    fn each_replication_of_each_side_has_its_row() {
        let day = |value: f64| KPIS.iter().map(|d| Kpi { name: d.name, value, unit: d.unit }).collect::<Vec<_>>();
        let (base, whatif) = ([day(1.0), day(2.0)], [day(3.0), day(f64::NAN)]);
        let all = [
            Runs { side: "base", scenario: "a", seed: 7, kpis: &base },
            Runs { side: "whatif", scenario: "b, \"c\"", seed: 7, kpis: &whatif },
        ];
        let csv = runs_csv(&all);
        let lines: Vec<&str> = csv.lines().collect();
        assert!(lines[0].starts_with("side,scenario,replication,seed,orders,"), "{}", lines[0]);
        assert!(lines[2].starts_with("base,\"a\",1,7,2,2,"), "{}", lines[2]);
        assert!(lines[4].starts_with("whatif,\"b, \"\"c\"\"\",1,7,NaN,"), "{}", lines[4]);
        let bytes = runs_parquet(&all, &[("nearfar.units", "{}".into())]).unwrap();
        let read = ParquetReader::new(std::io::Cursor::new(&bytes)).finish().unwrap();
        assert_eq!((read.height(), read.width()), (4, 4 + KPIS.len()));
        assert_eq!(read.column("orders").unwrap().f64().unwrap().get(2), Some(3.0));
        assert!(bytes.windows(13).any(|window| window == b"nearfar.units"));
    }
}
