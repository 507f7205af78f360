//! Room: sweep. Elementary effects of Morris' design: which of many factors matter, from few runs.

use super::super::points::MORRIS_LEVELS;
use super::super::{Design, SweepError};
use super::axes::unit_of;
use super::sheet::Sheet;
use super::study::{Common, Study};
use super::{Asked, RESAMPLES, each, picks, refused};
use crate::design::{self, Trajectory};
use crate::statistics::morris::{Effect, Walk};
use crate::statistics::student::t_quantile;
use crate::statistics::{Confidence, Estimate, morris as method};

/// What a factor does to a KPI.
#[derive(Clone, PartialEq, Debug)]
pub struct Screened {
    /// The KPI.
    pub metric: &'static str,
    /// The scenario.
    pub scenario: String,
    /// Column of the factor.
    pub factor: String,
    /// What people call the factor.
    pub label: String,
    /// 1 for the factor with the largest μ*.
    pub rank: usize,
    /// μ, μ* and σ in the unit of the KPI per whole range of the factor.
    pub effect: Effect,
    /// The largest effect that the chance of the replications alone explains; NaN with one replication.
    pub chance: f64,
}

impl Screened {
    /// Whether replications tell what of an effect is chance; one alone does not.
    pub fn knows_chance(&self) -> bool {
        self.chance.is_finite()
    }

    /// Whether there is an effect: μ* is more than chance alone explains, as far as that is known. The interval of μ* does not
    /// count here: it tells how much effects differ from place to place, and no effect comes from looking at other places.
    pub fn is_shown(&self) -> bool {
        let chance = if self.knows_chance() { self.chance } else { 0.0 };
        self.effect.mean_absolute > chance
    }

    /// In words.
    pub fn words(&self) -> &'static str {
        match self {
            it if it.effect.mean_absolute == 0.0 => "no effect",
            it if !it.is_shown() => "not shown beyond chance",
            it if it.effect.standard_deviation > 0.5 * it.effect.mean_absolute => "curved, or depends on others",
            _ => "nearly straight",
        }
    }

    /// Which way the KPI goes when the factor rises: ↑ or ↓ everywhere or nearly so, ↕ here up and there down.
    pub fn way(&self) -> &'static str {
        match self.effect.mean / self.effect.mean_absolute {
            share if share > 0.8 => "↑",
            share if share < -0.8 => "↓",
            share if share.is_finite() => "↕",
            _ => "",
        }
    }
}

pub(super) fn morris(study: &Study, asked: &Asked, notes: &mut Vec<String>) -> Result<Vec<Screened>, SweepError> {
    let facts = &study.plan().facts;
    if facts.design != Design::Morris {
        let found = format!("morris needs design = \"morris\"; this sweep is a {}", facts.design.word());
        return refused(found, "plan a sweep with design = \"morris\", or take --method effects");
    }
    let walks = walks(study)?;
    each(asked, notes, |metric, notes| {
        let mut found = Vec::new();
        for scenario in 0..facts.scenarios.len() {
            found.extend(of(study, asked, metric, scenario, &walks, notes)?);
        }
        Ok(found)
    })
}

/// The trajectories in the unit cube, as they were planned; the plan's levels must be theirs.
fn walks(study: &Study) -> Result<Vec<Trajectory>, SweepError> {
    let (plan, facts) = (study.plan(), &study.plan().facts);
    let drawn = design::morris(facts.trajectories as usize, facts.factors.len(), MORRIS_LEVELS, facts.seed);
    let walks = drawn.map_err(|error| SweepError::Input(error.to_string(), "plan the sweep again".into()))?;
    let units = || walks.iter().flat_map(|walk| &walk.points);
    let fits = |(point, unit): (&usize, &Vec<f64>)| {
        let levels = facts.factors.iter().zip(unit).map(|(factor, place)| factor.at(*place));
        levels.eq(plan.points[*point].levels.iter().cloned())
    };
    let points = study.of_scenario(0);
    if units().count() != points.len() || !points.iter().zip(units()).all(fits) {
        let found = "the points of this plan are not those of Morris' design as this nearfar draws them";
        return refused(found, "plan the sweep again with this version");
    }
    Ok(walks)
}

fn of(
    study: &Study,
    asked: &Asked,
    metric: &'static str,
    scenario: usize,
    walks: &[Trajectory],
    notes: &mut Vec<String>,
) -> Result<Vec<Screened>, SweepError> {
    let facts = &study.plan().facts;
    let points = study.of_scenario(scenario);
    let common = study.common(metric, &points);
    if common.points.len() < points.len() {
        let count = points.len() - common.points.len();
        notes.push(format!("{metric}: {count} of {} points have no value; their steps are left out", points.len()));
    }
    let there = |point: &usize| common.points.binary_search(point).is_ok();
    let output = |point: &usize| if there(point) { study.mean(metric, *point, &common.replications) } else { f64::NAN };
    let outputs: Vec<f64> = points.iter().map(output).collect();
    let length = facts.factors.len() + 1;
    let pieces = walks.iter().zip(outputs.chunks(length));
    let pieces: Vec<Walk<'_>> = pieces.map(|(walk, outputs)| Walk { points: &walk.points, outputs }).collect();
    let mut pick = picks(study.plan(), metric, scenario);
    let effects = method::morris(&pieces, facts.factors.len(), RESAMPLES, asked.confidence, &mut pick)?;
    let chance = chance(study, metric, walks, &points, &common, asked.confidence);
    let mut found: Vec<Screened> = facts
        .factors
        .iter()
        .zip(effects.into_iter().zip(chance))
        .map(|(factor, (effect, chance))| Screened {
            metric,
            scenario: facts.scenarios[scenario].name.clone(),
            factor: factor.column(),
            label: factor.label.clone(),
            rank: 0,
            effect,
            chance,
        })
        .collect();
    found.sort_by(|a, b| b.effect.mean_absolute.total_cmp(&a.effect.mean_absolute));
    found.iter_mut().zip(1..).for_each(|(row, rank)| row.rank = rank);
    Ok(found)
}

/// The largest effect of each factor that chance alone explains: t times the standard error of a step's difference over its
/// replications, pooled over the steps. It holds also where all steps share their chance, as on common random numbers.
fn chance(
    study: &Study,
    metric: &str,
    walks: &[Trajectory],
    points: &[usize],
    common: &Common,
    confidence: Confidence,
) -> Vec<f64> {
    let factors = study.plan().facts.factors.len();
    let (mut squares, mut counts) = (vec![0.0; factors], vec![0.0; factors]);
    let there = |point: usize| common.points.binary_search(&point).is_ok();
    for (walk, places) in walks.iter().zip(points.chunks(factors + 1)) {
        for (step, factor) in walk.moved.iter().enumerate() {
            let (from, to) = (places[step], places[step + 1]);
            if !there(from) || !there(to) {
                continue;
            }
            let moved = (walk.points[step + 1][*factor] - walk.points[step][*factor]).abs();
            let at = |point: usize, r: &usize| study.values(metric, point)[*r];
            let apart: Vec<f64> = common.replications.iter().map(|r| (at(to, r) - at(from, r)) / moved).collect();
            squares[*factor] += Estimate::of(&apart, confidence).standard_deviation.powi(2) / apart.len() as f64;
            counts[*factor] += 1.0;
        }
    }
    let upper = (1.0 + confidence.share()) / 2.0;
    let freedom = |count: f64| count * (common.replications.len() as f64 - 1.0);
    let largest = |(square, count): (&f64, f64)| t_quantile(upper, freedom(count)) * (square / count).sqrt();
    squares.iter().zip(counts).map(largest).collect()
}

pub(super) fn sheet(found: &[Screened]) -> Sheet {
    Sheet::of(found)
        .text("metric", |row| row.metric)
        .text("unit", |row| unit_of(row.metric))
        .text("scenario", |row| row.scenario.clone())
        .number("rank", |row| row.rank as f64)
        .text("factor", |row| row.factor.clone())
        .text("label", |row| row.label.clone())
        .number("mu", |row| row.effect.mean)
        .number("mu_star", |row| row.effect.mean_absolute)
        .number("mu_star_low", |row| row.effect.low)
        .number("mu_star_high", |row| row.effect.high)
        .number("sigma", |row| row.effect.standard_deviation)
        .number("chance_up_to", |row| row.chance)
        .number("n", |row| row.effect.effects as f64)
        .text("verdict", |row| row.words())
        .number("behind", |row| row.effect.behind)
        .number("behind_low", |row| row.effect.behind_low)
        .number("behind_high", |row| row.effect.behind_high)
        .done()
}
