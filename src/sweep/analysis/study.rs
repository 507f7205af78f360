//! Room: sweep. The results of a sweep, opened for analysis: only the columns asked for, and only results of this plan.

use super::super::store::{numbers, read_table, texts, wholes};
use super::super::{Plan, SweepError, SweepFolder};
use crate::results::shell_path;
use crate::scenario::Scenario;
use std::path::Path;

/// The results of a sweep: the values of some KPIs at every point, by replication.
#[derive(Debug)]
pub struct Study {
    folder: SweepFolder,
    metrics: Vec<&'static str>,
    /// Where the replications of each point begin in a column, and the end.
    starts: Vec<usize>,
    /// The values of each KPI, NaN where a run failed, is missing or had no data.
    columns: Vec<Vec<f64>>,
    /// Runs with results.
    pub runs: u64,
    /// Runs that failed; they are left out.
    pub failed: u64,
    /// Runs that are not in the results.
    pub missing: u64,
}

/// Replications that can be set side by side at several points.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Common {
    /// Their numbers.
    pub(super) replications: Vec<usize>,
    /// The points that have them all, in the order asked.
    pub(super) points: Vec<usize>,
}

impl Study {
    /// Reads the collected results of a plan folder: these KPIs. Runs may only be missing if `partial`.
    pub fn read(folder: SweepFolder, metrics: &[&'static str], partial: bool) -> Result<Study, SweepError> {
        let path = folder.path().join("results.parquet");
        let shown = folder.path().display();
        let typed = shell_path(folder.path());
        let again = format!("nearfar sweep collect {typed}");
        if !path.is_file() {
            return Err(SweepError::Input(format!("{shown}: no results.parquet in it"), again));
        }
        let fixed = ["point", "replication", "status"];
        let wanted = fixed.iter().chain(metrics).map(|name| (*name).to_owned()).collect();
        let (table, pairs) = match read_table(&path, Some(wanted)) {
            Ok(read) => read,
            Err(error) => return Err(SweepError::Input(error.to_string(), format!("collect again: {again}"))),
        };
        if pairs.get("nearfar.plan") != Some(&folder.plan().hash) {
            let found = format!("{}: holds results of another plan than that of the folder", path.display());
            return Err(SweepError::Input(found, format!("collect again: {again}")));
        }
        let mut starts = vec![0];
        for count in folder.replications() {
            starts.push(starts[starts.len() - 1] + *count as usize);
        }
        let (points, replications) = (wholes(&table, "point")?, wholes(&table, "replication")?);
        let mut places = Vec::with_capacity(points.len());
        for (point, replication) in points.iter().zip(&replications) {
            let place = folder.replications().get(*point as usize).filter(|count| replication < count);
            if place.is_none() {
                let found = format!("{}: holds runs that the plan does not ask for", path.display());
                return Err(SweepError::Input(found, format!("collect again: {again}")));
            }
            places.push(starts[*point as usize] + *replication as usize);
        }
        let missing = folder.runs() - places.len() as u64;
        if missing > 0 && !partial {
            let found = format!("{shown}: {missing} of {} runs are not in the results", folder.runs());
            let help = format!("nearfar sweep run {typed} and {again} do them; --partial takes what is there");
            return Err(SweepError::Input(found, help));
        }
        let ok = texts(&table, "status")?.iter().filter(|status| status.as_deref() == Some("ok")).count() as u64;
        let mut columns = Vec::with_capacity(metrics.len());
        for name in metrics {
            // A failed run has no values.
            let mut column = vec![f64::NAN; starts[starts.len() - 1]];
            numbers(&table, name)?.iter().zip(&places).for_each(|(value, place)| column[*place] = *value);
            columns.push(column);
        }
        let failed = places.len() as u64 - ok;
        Ok(Study { folder, metrics: metrics.to_vec(), starts, columns, runs: places.len() as u64, failed, missing })
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        self.folder.plan()
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The values of a KPI at a point, by replication; NaN where there is none, nothing for a KPI that was not read.
    pub fn values(&self, metric: &str, point: usize) -> &[f64] {
        match self.metrics.iter().position(|name| *name == metric) {
            Some(at) => &self.columns[at][self.starts[point]..self.starts[point + 1]],
            None => &[],
        }
    }

    /// The currency of its scenarios, as the first one says.
    pub fn currency(&self) -> String {
        self.folder.currency()
    }

    /// The first of its scenarios, which says how its charts look.
    pub fn first_scenario(&self) -> Option<&Scenario> {
        self.folder.first_scenario()
    }

    /// Most replications that a point has.
    pub fn replications(&self) -> u32 {
        self.folder.replications().iter().copied().max().unwrap_or(0)
    }

    /// Points of one of the scenarios, in the order of the design.
    pub(super) fn of_scenario(&self, scenario: usize) -> Vec<usize> {
        (0..self.plan().points.len()).filter(|point| self.plan().points[*point].scenario == scenario).collect()
    }

    /// The replications in which every one of these points that has any value has one. Where there is no such replication,
    /// those that most points have, and the points that have them.
    pub(super) fn common(&self, metric: &str, points: &[usize]) -> Common {
        let any = |point: &&usize| self.values(metric, **point).iter().any(|value| value.is_finite());
        let usable: Vec<usize> = points.iter().filter(any).copied().collect();
        let most = usable.iter().map(|point| self.values(metric, *point).len()).max().unwrap_or(0);
        let mut counts = vec![0; most];
        for point in &usable {
            let values = self.values(metric, *point).iter().zip(&mut counts);
            values.filter(|(value, _)| value.is_finite()).for_each(|(_, count)| *count += 1);
        }
        let enough = counts.iter().copied().max().unwrap_or(0);
        let replications: Vec<usize> = (0..most).filter(|r| enough > 0 && counts[*r] == enough).collect();
        let all = |point: &usize| {
            let values = self.values(metric, *point);
            replications.iter().all(|r| values.get(*r).is_some_and(|value| value.is_finite()))
        };
        Common { points: usable.into_iter().filter(all).collect(), replications }
    }

    /// The mean over these points in each of these replications.
    pub(super) fn across(&self, metric: &str, points: &[usize], replications: &[usize]) -> Vec<f64> {
        let mut sums = vec![0.0; replications.len()];
        for point in points {
            let values = self.values(metric, *point);
            let here = replications.iter().map(|r| values.get(*r).copied().unwrap_or(f64::NAN));
            sums.iter_mut().zip(here).for_each(|(sum, value)| *sum += value);
        }
        sums.into_iter().map(|sum| sum / points.len() as f64).collect()
    }

    /// The mean of a point over these replications.
    pub(super) fn mean(&self, metric: &str, point: usize, replications: &[usize]) -> f64 {
        let values = self.values(metric, point);
        let sum: f64 = replications.iter().map(|r| values.get(*r).copied().unwrap_or(f64::NAN)).sum();
        sum / replications.len() as f64
    }

    /// What a user should know of the results as a whole.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.missing > 0 {
            notes.push(format!("PARTIAL: {} runs are missing", self.missing));
        }
        if self.failed > 0 {
            notes.push(format!("{} failed runs are left out", self.failed));
        }
        let alike = |column: &Vec<f64>| {
            let several =
                self.starts.windows(2).map(|ends| &column[ends[0]..ends[1]]).filter(|values| values.len() > 1);
            let mut several = several.peekable();
            several.peek().is_some() && several.all(|values| values.windows(2).all(|pair| pair[0] == pair[1]))
        };
        for (name, _) in self.metrics.iter().zip(&self.columns).filter(|(_, column)| alike(column)) {
            notes.push(format!("{name} is the same in all replications: its intervals have no width"));
        }
        notes
    }
}
