//! Room: sweep. Sobol' indices of Saltelli's design: which share of a KPI's variance comes from which factor.

use super::super::{Design, SweepError};
use super::axes::unit_of;
use super::sheet::Sheet;
use super::study::Study;
use super::{Asked, RESAMPLES, each, picks, refused};
use crate::statistics::sobol_indices::{Index, Outputs, jansen, noise_share};

/// What a factor explains of a KPI.
#[derive(Clone, PartialEq, Debug)]
pub struct Influence {
    /// The KPI.
    pub metric: &'static str,
    /// The scenario.
    pub scenario: String,
    /// Column of the factor.
    pub factor: String,
    /// What people call the factor.
    pub label: String,
    /// 1 for the factor with the largest total index.
    pub rank: usize,
    /// First and total index.
    pub index: Index,
    /// Mean of the KPI over the points.
    pub mean: f64,
    /// Variance of the KPI between the points.
    pub variance: f64,
    /// Share of that variance that is the chance of the replications; NaN with one replication.
    pub noise: f64,
    /// Rows of the design with all their runs.
    pub rows: usize,
}

/// How a factor explains what it explains, as far as the intervals show it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Nothing shown.
    Chance,
    /// By itself.
    Alone,
    /// By itself, and more together with others.
    Both,
    /// Hardly by itself.
    Joint,
    /// Something; the intervals are too wide to say how.
    Unclear,
}

impl Influence {
    /// How it explains what it explains.
    pub fn role(&self) -> Role {
        let (first, total) = (&self.index.first, &self.index.total);
        match (first.is_shown(), total.is_shown(), total.low > first.high) {
            (_, false, _) => Role::Chance,
            (true, true, true) => Role::Both,
            (true, true, false) => Role::Alone,
            (false, true, true) => Role::Joint,
            (false, true, false) => Role::Unclear,
        }
    }

    /// The same in words.
    pub fn words(&self) -> &'static str {
        match self.role() {
            Role::Chance => "not shown beyond chance",
            Role::Alone => "alone",
            Role::Both => "alone and together with others",
            Role::Joint => "only together with others",
            Role::Unclear => "something; more samples tell how",
        }
    }
}

pub(super) fn sobol(study: &Study, asked: &Asked, notes: &mut Vec<String>) -> Result<Vec<Influence>, SweepError> {
    let facts = &study.plan().facts;
    if facts.design != Design::Saltelli {
        let found = format!("sobol needs design = \"saltelli\"; this sweep is a {}", facts.design.word());
        return refused(found, "plan a sweep with design = \"saltelli\", or take --method effects");
    }
    each(asked, notes, |metric, notes| {
        let mut found = Vec::new();
        for scenario in 0..facts.scenarios.len() {
            found.extend(of(study, asked, metric, scenario, notes)?);
        }
        Ok(found)
    })
}

/// What a point of the design is for.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Part {
    A,
    B,
    AB(usize),
}

/// `A.0`, `B.17` or `AB2.5`.
fn role(text: &str) -> Option<(Part, usize)> {
    let (part, row) = text.split_once('.')?;
    let part = match part {
        "A" => Part::A,
        "B" => Part::B,
        _ => Part::AB(part.strip_prefix("AB")?.parse::<usize>().ok()?.checked_sub(1)?),
    };
    Some((part, row.parse().ok()?))
}

fn of(
    study: &Study,
    asked: &Asked,
    metric: &'static str,
    scenario: usize,
    notes: &mut Vec<String>,
) -> Result<Vec<Influence>, SweepError> {
    let facts = &study.plan().facts;
    let (rows, factors) = (facts.samples as usize, facts.factors.len());
    let points = study.of_scenario(scenario);
    let common = study.common(metric, &points);
    let (mut a, mut b, mut ab) = (vec![f64::NAN; rows], vec![f64::NAN; rows], vec![vec![f64::NAN; rows]; factors]);
    let mut spread = Vec::new();
    for point in &common.points {
        let place = role(&study.plan().points[*point].role).filter(|(_, row)| *row < rows);
        let value = study.mean(metric, *point, &common.replications);
        match place {
            Some((Part::A, row)) => a[row] = value,
            Some((Part::B, row)) => b[row] = value,
            Some((Part::AB(factor), row)) if factor < factors => ab[factor][row] = value,
            _ => return refused("the points of this plan have no place in Saltelli's design", "plan the sweep again"),
        }
        if matches!(place, Some((Part::A | Part::B, _))) {
            spread.push(common.replications.iter().map(|r| study.values(metric, *point)[*r]).collect::<Vec<f64>>());
        }
    }
    let outputs = Outputs { a: &a, b: &b, ab: &ab };
    let found = jansen(outputs, RESAMPLES, asked.confidence, &mut picks(study.plan(), metric, scenario))?;
    if found.rows < rows {
        notes.push(format!(
            "{metric}: {} of {rows} rows of the design are left out: a run of them has no value",
            rows - found.rows
        ));
    }
    let noise = if common.replications.len() > 1 { noise_share(&spread, found.variance)? } else { f64::NAN };
    let mut influences: Vec<Influence> = facts
        .factors
        .iter()
        .zip(&found.factors)
        .map(|(factor, index)| Influence {
            metric,
            scenario: facts.scenarios[scenario].name.clone(),
            factor: factor.column(),
            label: factor.label.clone(),
            rank: 0,
            index: *index,
            mean: found.mean,
            variance: found.variance,
            noise,
            rows: found.rows,
        })
        .collect();
    influences.sort_by(|a, b| b.index.total.value.total_cmp(&a.index.total.value));
    influences.iter_mut().zip(1..).for_each(|(row, rank)| row.rank = rank);
    Ok(influences)
}

pub(super) fn sheet(found: &[Influence]) -> Sheet {
    Sheet::of(found)
        .text("metric", |row| row.metric)
        .text("unit", |row| unit_of(row.metric))
        .text("scenario", |row| row.scenario.clone())
        .number("rank", |row| row.rank as f64)
        .text("factor", |row| row.factor.clone())
        .text("label", |row| row.label.clone())
        .number("s1", |row| row.index.first.value)
        .number("s1_low", |row| row.index.first.low)
        .number("s1_high", |row| row.index.first.high)
        .number("st", |row| row.index.total.value)
        .number("st_low", |row| row.index.total.low)
        .number("st_high", |row| row.index.total.high)
        .number("mean", |row| row.mean)
        .number("variance", |row| row.variance)
        .number("noise_share", |row| row.noise)
        .number("n", |row| row.rows as f64)
        .text("verdict", |row| row.words())
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_read_back() {
        assert_eq!(role("A.0"), Some((Part::A, 0)));
        assert_eq!(role("AB12.7"), Some((Part::AB(11), 7)));
        assert_eq!((role(""), role("AB0.1"), role("C.1"), role("T0.1")), (None, None, None, None));
    }
}
