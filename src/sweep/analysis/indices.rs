//! Room: sweep. Sobol' indices of Saltelli's design: which share of a KPI's variance comes from which factor.

use super::super::{Design, SweepError};
use super::axes::unit_of;
use super::sheet::Sheet;
use super::study::Study;
use super::{Asked, RESAMPLES, each, picks, refused};
use crate::statistics::sobol_indices::{Index, Outputs, inflation, jansen, noise_share, without_the_common};
use crate::statistics::student::t_quantile;

/// Above this share of chance in the variance between points the indices are those of chance.
pub(super) const MOSTLY_CHANCE: f64 = 0.5;
/// A total index that surely lies below this is next to nothing, whether or not chance explains it.
pub(super) const NEXT_TO_NOTHING: f64 = 0.01;

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
    /// What the chance of the replications adds to the total index on average; NaN with one replication.
    pub inflation: f64,
    /// The largest total index that this chance alone explains; NaN with one replication.
    pub chance: f64,
    /// Rows of the design with all their runs.
    pub rows: usize,
}

/// How a factor explains what it explains, as far as the intervals show it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Most of the variance is chance: nothing can be said.
    Unknown,
    /// Less than 1 %, whatever it comes from.
    Nothing,
    /// No more than chance may explain.
    Chance,
    /// By itself.
    Alone,
    /// By itself, and more together with others.
    Both,
    /// Together with others; by itself nothing is shown.
    Joint,
    /// Something; the intervals are too wide to say how.
    Unclear,
}

impl Influence {
    /// Whether most of the variance between the points is chance, so that no index says anything of a factor.
    pub fn is_drowned(&self) -> bool {
        self.noise >= MOSTLY_CHANCE
    }

    /// Whether replications tell what of an index is chance; one alone does not.
    pub fn knows_chance(&self) -> bool {
        self.noise.is_finite()
    }

    /// Whether the factor has an effect: more than chance may explain, as far as that is known, and more than next to nothing.
    pub fn is_shown(&self) -> bool {
        !matches!(self.role(), Role::Unknown | Role::Nothing | Role::Chance)
    }

    /// How it explains what it explains.
    pub fn role(&self) -> Role {
        let (first, total) = (&self.index.first, &self.index.total);
        let known = |share: f64| if share.is_finite() { share } else { 0.0 };
        let alone = first.is_above_zero();
        // Chance inflates ST and leaves S as it is.
        let together = self.index.together.low > known(self.inflation);
        match () {
            () if self.is_drowned() => Role::Unknown,
            () if total.high < NEXT_TO_NOTHING => Role::Nothing,
            () if total.value <= known(self.chance) => Role::Chance,
            () if alone && together => Role::Both,
            () if alone => Role::Alone,
            () if together => Role::Joint,
            () => Role::Unclear,
        }
    }

    /// The same in words.
    pub fn words(&self) -> &'static str {
        match self.role() {
            Role::Unknown => "not known: add replications",
            Role::Nothing => "next to nothing",
            Role::Chance => "not shown beyond chance",
            Role::Alone => "alone",
            Role::Both => "alone and together with others",
            Role::Joint => "together with others; not shown alone",
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
    let runs =
        |point: usize| -> Vec<f64> { common.replications.iter().map(|r| study.values(metric, point)[*r]).collect() };
    let mut at_a = vec![None; rows];
    let mut spread = Vec::new();
    for point in &common.points {
        let place = role(&study.plan().points[*point].role).filter(|(_, row)| *row < rows);
        let value = study.mean(metric, *point, &common.replications);
        match place {
            Some((Part::A, row)) => (a[row], at_a[row]) = (value, Some(*point)),
            Some((Part::B, row)) => b[row] = value,
            Some((Part::AB(factor), row)) if factor < factors => ab[factor][row] = value,
            _ => return refused("the points of this plan have no place in Saltelli's design", "plan the sweep again"),
        }
        if matches!(place, Some((Part::A | Part::B, _))) {
            spread.push(runs(*point));
        }
    }
    // Of each factor what its steps from A do, replication by replication.
    let mut steps = vec![Vec::new(); factors];
    for point in &common.points {
        if let Some((Part::AB(factor), row)) = role(&study.plan().points[*point].role)
            && let Some(from) = at_a[row]
        {
            steps[factor].push(runs(from).iter().zip(runs(*point)).map(|(a, ab)| a - ab).collect::<Vec<f64>>());
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
    let several = common.replications.len() > 1;
    let noise = if several { noise_share(&without_the_common(&spread), found.variance)? } else { f64::NAN };
    let added = |steps: &Vec<Vec<f64>>| if several { inflation(steps, found.variance) } else { Ok(f64::NAN) };
    let added = steps.iter().map(added).collect::<Result<Vec<f64>, _>>()?;
    // As for elementary effects: this holds also where the steps share their chance, as on common random numbers.
    let upper = (1.0 + asked.confidence.share()) / 2.0;
    let freedom = |factor: usize| steps[factor].len() as f64 * (common.replications.len() as f64 - 1.0);
    let largest = |factor: usize| match several {
        true => t_quantile(upper, freedom(factor)).powi(2) * added[factor],
        false => f64::NAN,
    };
    let mut influences: Vec<Influence> = facts
        .factors
        .iter()
        .zip(&found.factors)
        .enumerate()
        .map(|(place, (factor, index))| Influence {
            metric,
            scenario: facts.scenarios[scenario].name.clone(),
            factor: factor.column(),
            label: factor.label.clone(),
            rank: 0,
            index: *index,
            mean: found.mean,
            variance: found.variance,
            noise,
            inflation: added[place],
            chance: largest(place),
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
        .number("st_chance_up_to", |row| row.chance)
        .number("st_less_s1", |row| row.index.together.value)
        .number("st_less_s1_low", |row| row.index.together.low)
        .number("st_less_s1_high", |row| row.index.together.high)
        .number("st_behind", |row| row.index.behind.value)
        .number("st_behind_low", |row| row.index.behind.low)
        .number("st_behind_high", |row| row.index.behind.high)
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
