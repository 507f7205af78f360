//! Room: sweep. The best lever setting: ranking and selection over replications, worst case and regret over what is uncertain.

use super::super::SweepError;
use super::axes::unit_of;
use super::settings::{Compared, Lever, Settings};
use super::sheet::Sheet;
use super::study::Study;
use super::{Asked, each, refused};
use crate::statistics::ranking::{Screening, kn_h_squared, screen};
use crate::statistics::{Confidence, Direction, Estimate};

/// Replications before the first look, if there are as many.
pub(super) const FIRST: usize = 10;

/// Settings that can be set against each other; of more, most would be settled by looking at what matters first.
const MOST_SETTINGS: usize = 1000;

/// Whether a setting may still be the best.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It is the only one left.
    Best,
    /// It may be.
    In,
    /// Another setting put it out: its place among the candidates, and after how many replications. It need not be worse by
    /// more than chance: see [`Best::is_as_good`].
    Out(usize, usize),
}

/// A lever setting.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate {
    /// Its number, from 0, in the order of the design.
    pub setting: usize,
    /// In words.
    pub words: String,
    /// Its levels.
    pub levers: Vec<Lever>,
    /// Its points, one for each state of what is uncertain.
    pub points: Vec<usize>,
    /// Its value: the mean over what is uncertain, with its interval over replications.
    pub value: Estimate,
    /// Whether it may still be the best.
    pub standing: Standing,
    /// What it is worse by than the leader, replication by replication; the intervals of all settings hold together
    /// (Bonferroni). Zero for the leader.
    pub behind: Estimate,
    /// Its value in the state that is worst for it.
    pub worst: f64,
    /// That state in words; empty if nothing is uncertain.
    pub worst_state: String,
    /// Regret: what it is worse by than the best setting of a state, in the state where that is most.
    pub regret: f64,
    /// That state in words.
    pub regret_state: String,
}

/// The ranking on one KPI.
#[derive(Clone, PartialEq, Debug)]
pub struct Best {
    /// The KPI.
    pub metric: &'static str,
    /// Which values are good.
    pub direction: Direction,
    /// δ: the difference not worth detecting, in the unit of the KPI.
    pub indifference: f64,
    /// The settings, in the order of the design.
    pub candidates: Vec<Candidate>,
    /// Place of the one with the best mean among those that may still be the best.
    pub leader: usize,
    /// States of what is uncertain that each value is a mean of.
    pub states: usize,
    /// Replications looked at.
    pub replications: usize,
    /// More replications that decide in any case; 0 if one setting is left, or several that differ by less than δ.
    pub missing: usize,
}

impl Candidate {
    /// Whether it is still in and yet worse than the leader beyond chance.
    pub fn is_shown_worse(&self) -> bool {
        !matches!(self.standing, Standing::Out(..)) && self.behind.low() > 0.0
    }
}

impl Best {
    /// Places of the candidates that may still be the best.
    pub fn still_in(&self) -> Vec<usize> {
        let is_in = |i: &usize| !matches!(self.candidates[*i].standing, Standing::Out(..));
        (0..self.candidates.len()).filter(is_in).collect()
    }

    /// Places of the candidates that neither the procedure nor the paired interval with the leader has put behind. The procedure
    /// asks how far two settings vary against each other, so that one with a large spread stays in long after its mean is
    /// surely worse.
    pub fn contenders(&self) -> Vec<usize> {
        self.still_in().into_iter().filter(|i| !self.candidates[*i].is_shown_worse()).collect()
    }

    /// Whether it is settled that no setting's mean is away from another's by δ: which of them is left says nothing.
    pub fn is_level(&self) -> bool {
        let means = || self.candidates.iter().map(|it| it.value.mean);
        let wide = means().fold(f64::NEG_INFINITY, f64::max) - means().fold(f64::INFINITY, f64::min);
        self.missing == 0 && wide < self.indifference
    }

    /// What a candidate's mean is worse by than that of the one that put it out; NaN for one that may still be the best.
    pub fn worse_by(&self, candidate: &Candidate) -> f64 {
        let Standing::Out(by, _) = candidate.standing else { return f64::NAN };
        let more = candidate.value.mean - self.candidates[by].value.mean;
        if self.direction == Direction::Lower { more } else { -more }
    }

    /// Whether a candidate is out but behind by less than δ: the procedure may drop either of two such.
    pub fn is_as_good(&self, candidate: &Candidate) -> bool {
        self.worse_by(candidate) < self.indifference
    }

    /// Place of the candidate with the least regret; the one with the best value among equals.
    pub fn least_regret(&self) -> usize {
        let less = |a: usize, b: usize| self.candidates[a].regret < self.candidates[b].regret;
        (1..self.candidates.len()).fold(0, |best, i| if less(i, best) { i } else { best })
    }
}

pub(super) fn best(study: &Study, asked: &Asked, notes: &mut Vec<String>) -> Result<Vec<Best>, SweepError> {
    let settings = Settings::of(study)?;
    let count = settings.settings.len();
    if count > MOST_SETTINGS {
        let help = "take --method effects or pareto first and sweep the few settings that are left";
        return refused(format!("{count} settings are too many to rank, {MOST_SETTINGS} at most"), help);
    }
    each(asked, notes, |metric, notes| Ok(vec![of(study, asked, metric, &settings, notes)?]))
}

fn of(
    study: &Study,
    asked: &Asked,
    metric: &'static str,
    settings: &Settings,
    notes: &mut Vec<String>,
) -> Result<Best, SweepError> {
    let Some(direction) = asked.direction(metric) else {
        return refused(
            format!("{metric} is neither good nor bad by itself"),
            format!("say which you want: --min {metric} or --max {metric}"),
        );
    };
    let compared = settings.compared(study, metric);
    notes.extend(settings.left_out(&compared, metric));
    let values = &compared.values;
    let replications = values.first().map_or(0, Vec::len);
    let estimates: Vec<Estimate> = values.iter().map(|value| Estimate::of(value, asked.confidence)).collect();
    let mean = estimates.iter().map(|value| value.mean).sum::<f64>() / estimates.len() as f64;
    let indifference = asked.indifference.of(mean);
    let first = FIRST.min(replications);
    let screening = Screening { direction, confidence: asked.confidence, indifference, first };
    let screened = screen(values, screening)?;
    if first < FIRST {
        notes.push(format!("{metric}: {first} replications; with 10 or more far fewer are needed in all to decide"));
    }
    let mut standings = vec![Standing::In; values.len()];
    for gone in &screened.dropped {
        standings[gone.option] = Standing::Out(gone.by, gone.after);
    }
    screened.best().into_iter().for_each(|best| standings[best] = Standing::Best);
    let missing = match screened.best() {
        Some(_) => 0,
        None => needed(values, &screened.still_in, screening).saturating_sub(screened.replications),
    };
    let sign = if direction == Direction::Lower { 1.0 } else { -1.0 };
    let cost = |place: usize| sign * estimates[place].mean;
    let ahead = |a: usize, b: usize| if cost(b) < cost(a) { b } else { a };
    let leader = screened.still_in.iter().copied().reduce(ahead).unwrap_or(0);
    let together = asked.confidence.shared_by(values.len() - 1);
    let behind = |place: usize| {
        let both = values[place].iter().zip(&values[leader]);
        let worse: Vec<f64> = both.map(|(mine, best)| sign * (mine - best)).collect();
        Estimate::of(&worse, together)
    };
    let candidate = |place: usize| {
        let candidate = candidate(place, settings, &compared, direction, estimates[place], standings[place]);
        Candidate { behind: behind(place), ..candidate }
    };
    Ok(Best {
        metric,
        direction,
        indifference,
        candidates: (0..values.len()).map(candidate).collect(),
        leader,
        states: settings.states.len(),
        replications: screened.replications,
        missing,
    })
}

/// Replications after which no two of those left can stay apart: one more than the largest ⌊h² S² / δ²⌋.
fn needed(values: &[Vec<f64>], left: &[usize], screening: Screening) -> usize {
    let h_squared = kn_h_squared(values.len(), screening.first, screening.confidence);
    let pairs = left.iter().flat_map(|a| left.iter().filter(move |b| a < b).map(move |b| (*a, *b)));
    let look = |(a, b): (usize, usize)| {
        let both = values[a][..screening.first].iter().zip(&values[b][..screening.first]);
        let apart: Vec<f64> = both.map(|(a, b)| a - b).collect();
        let spread = Estimate::of(&apart, screening.confidence).standard_deviation / screening.indifference;
        (h_squared * spread * spread).floor() as usize + 1
    };
    pairs.map(look).max().unwrap_or(0)
}

fn candidate(
    place: usize,
    settings: &Settings,
    compared: &Compared,
    direction: Direction,
    value: Estimate,
    standing: Standing,
) -> Candidate {
    let cost = |value: f64| if direction == Direction::Lower { value } else { -value };
    let mine = &compared.by_state[place];
    let most = |of: &dyn Fn(usize) -> f64| {
        (1..mine.len()).fold(0, |most, state| if of(state) > of(most) { state } else { most })
    };
    let worst = most(&|state| cost(mine[state]));
    let least = |state: usize| compared.by_state.iter().map(|other| cost(other[state])).fold(f64::INFINITY, f64::min);
    let regret = |state: usize| cost(mine[state]) - least(state);
    let regretted = most(&regret);
    let setting = compared.places[place];
    Candidate {
        setting,
        words: settings.settings[setting].words(),
        levers: settings.settings[setting].levers.clone(),
        points: settings.settings[setting].points.clone(),
        value,
        standing,
        behind: Estimate::of(&[], Confidence::default()),
        worst: mine[worst],
        worst_state: settings.states[worst].clone(),
        regret: regret(regretted),
        regret_state: settings.states[regretted].clone(),
    }
}

pub(super) fn sheet(found: &[Best]) -> Sheet {
    let rows: Vec<(&Best, &Candidate)> =
        found.iter().flat_map(|it| it.candidates.iter().map(move |row| (it, row))).collect();
    let named = |best: &Best, place: usize| best.candidates[place].words.clone();
    let mut sheet = Sheet::of(&rows)
        .text("metric", |(it, _)| it.metric)
        .text("unit", |(it, _)| unit_of(it.metric))
        .text("better", |(it, _)| if it.direction == Direction::Lower { "lower" } else { "higher" })
        .number("setting", |(_, row)| row.setting as f64);
    let levers = rows.first().map_or(&[][..], |(_, row)| &row.levers);
    for (i, lever) in levers.iter().enumerate() {
        sheet = match rows.iter().all(|(_, row)| row.levers[i].level.number().is_some()) {
            true => sheet.number(&lever.name, |(_, row)| row.levers[i].level.number().unwrap_or(f64::NAN)),
            false => sheet.text(&lever.name, |(_, row)| row.levers[i].level.shown()),
        };
    }
    sheet
        .number("mean", |(_, row)| row.value.mean)
        .number("half_width", |(_, row)| row.value.half_width)
        .number("low", |(_, row)| row.value.low())
        .number("high", |(_, row)| row.value.high())
        .number("n", |(_, row)| row.value.n as f64)
        .number("states", |(it, _)| it.states as f64)
        .text("standing", |(_, row)| match row.standing {
            Standing::Best => "best",
            Standing::In => "still in",
            Standing::Out(..) => "out",
        })
        .text("out_by", |(it, row)| match row.standing {
            Standing::Out(by, _) => named(it, by),
            _ => String::new(),
        })
        .number(
            "out_after",
            |(_, row)| if let Standing::Out(_, after) = row.standing { after as f64 } else { f64::NAN },
        )
        .number("worse_by", |(it, row)| it.worse_by(row))
        .number("worst", |(_, row)| row.worst)
        .text("worst_state", |(_, row)| row.worst_state.clone())
        .number("regret", |(_, row)| row.regret)
        .text("regret_state", |(_, row)| row.regret_state.clone())
        .number("indifference", |(it, _)| it.indifference)
        .number("missing_replications", |(it, _)| it.missing as f64)
        .text("leader", |(it, _)| named(it, it.leader))
        .number("behind_leader", |(_, row)| row.behind.mean)
        .number("behind_low", |(_, row)| row.behind.low())
        .number("behind_high", |(_, row)| row.behind.high())
        .done()
}
