//! Room: sweep. Points against points, paired by replication.

use super::super::SweepError;
use super::axes::unit_of;
use super::sheet::Sheet;
use super::study::Study;
use super::{Asked, each, refused};
use crate::statistics::multiple::holm;
use crate::statistics::student::{PairedDifference, paired, replications_needed};
use crate::statistics::{Direction, StatisticsError};

/// Up to so many points each is set against each; with more, each against the first.
const MOST_EACH: usize = 12;

/// Two points on one KPI.
#[derive(Clone, PartialEq, Debug)]
pub struct Pair {
    /// The KPI.
    pub metric: &'static str,
    /// The point set against.
    pub base: usize,
    /// The other point.
    pub other: usize,
    /// The two in words.
    pub words: [String; 2],
    /// Means of the two over the replications they share.
    pub means: [f64; 2],
    /// Other less base. Its interval is Bonferroni's over all comparisons of the KPI.
    pub apart: PairedDifference,
    /// Chance of such a difference without a cause, adjusted by Holm over all comparisons of the KPI.
    pub p_holm: f64,
    /// Comparisons of the KPI.
    pub comparisons: usize,
    /// Replications both have.
    pub replications: usize,
    /// Whether the difference is shown: the adjusted chance is below 1 - confidence.
    pub shown: bool,
    /// Replications that would make the interval half as wide as the difference is large; `None` if it is 0.
    pub needed: Option<usize>,
    /// Which values are good.
    pub direction: Option<Direction>,
}

impl Pair {
    /// In words.
    pub fn words(&self) -> &'static str {
        let lower = self.apart.difference.mean < 0.0;
        match (self.shown, self.direction) {
            (false, _) => "no difference shown",
            (true, None) if lower => "lower",
            (true, None) => "higher",
            (true, Some(direction)) if lower == (direction == Direction::Lower) => "better",
            (true, Some(_)) => "worse",
        }
    }
}

pub(super) fn pairs(study: &Study, asked: &Asked, notes: &mut Vec<String>) -> Result<Vec<Pair>, SweepError> {
    let points = study.plan().points.len();
    if let Some(point) = asked.against.filter(|point| *point >= points) {
        return refused(format!("--against p{point}: no such point"), format!("p0 to p{} are there", points - 1));
    }
    if asked.against.is_none() && points > MOST_EACH {
        notes.push(format!("{points} points: each is set against p0; --against takes another"));
    }
    each(asked, notes, |metric, notes| of(study, asked, metric, notes))
}

fn of(study: &Study, asked: &Asked, metric: &'static str, notes: &mut Vec<String>) -> Result<Vec<Pair>, SweepError> {
    let points = study.plan().points.len();
    let base = asked.against.or((points > MOST_EACH).then_some(0));
    let wanted: Vec<(usize, usize)> = match base {
        Some(base) => (0..points).filter(|other| *other != base).map(|other| (base, other)).collect(),
        None => (0..points).flat_map(|a| (a + 1..points).map(move |b| (a, b))).collect(),
    };
    // Pairs that share two replications; the others say nothing and count as no comparison.
    let shared = |&(a, b): &(usize, usize)| {
        let both = study.values(metric, a).iter().zip(study.values(metric, b));
        let known = both.filter(|(a, b)| a.is_finite() && b.is_finite());
        let (a_values, b_values): (Vec<f64>, Vec<f64>) = known.unzip();
        (a_values.len() > 1).then_some(((a, b), a_values, b_values))
    };
    let usable: Vec<_> = wanted.iter().filter_map(shared).collect();
    if usable.is_empty() {
        let what = "replications that two points share";
        return Err(StatisticsError::TooFew { what, found: 0, needed: 2 }.into());
    }
    if usable.len() < wanted.len() {
        notes.push(format!("{metric}: {} pairs share fewer than two replications", wanted.len() - usable.len()));
    }
    let confidence = asked.confidence.shared_by(usable.len());
    let mut found = Vec::with_capacity(usable.len());
    for ((base, other), base_values, other_values) in usable.iter() {
        let apart = paired(other_values, base_values, confidence)?;
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        found.push(Pair {
            metric,
            base: *base,
            other: *other,
            words: [*base, *other].map(|point| study.plan().words(point)),
            means: [mean(base_values), mean(other_values)],
            p_holm: f64::NAN,
            comparisons: usable.len(),
            replications: base_values.len(),
            shown: false,
            needed: replications_needed(apart.standard_deviation, apart.difference.mean.abs() / 2.0, confidence),
            direction: asked.direction(metric),
            apart,
        });
    }
    let chances: Vec<f64> = found.iter().map(|pair| pair.apart.difference.p).collect();
    for (pair, p) in found.iter_mut().zip(holm(&chances)) {
        (pair.p_holm, pair.shown) = (p, p < asked.confidence.alpha());
    }
    Ok(found)
}

pub(super) fn sheet(found: &[Pair]) -> Sheet {
    Sheet::of(found)
        .text("metric", |row| row.metric)
        .text("unit", |row| unit_of(row.metric))
        .number("base", |row| row.base as f64)
        .number("other", |row| row.other as f64)
        .text("base_words", |row| row.words[0].clone())
        .text("other_words", |row| row.words[1].clone())
        .number("base_mean", |row| row.means[0])
        .number("other_mean", |row| row.means[1])
        .number("difference", |row| row.apart.difference.mean)
        .number("half_width", |row| row.apart.difference.half_width)
        .number("low", |row| row.apart.difference.low())
        .number("high", |row| row.apart.difference.high())
        .number("p", |row| row.apart.difference.p)
        .number("p_holm", |row| row.p_holm)
        .number("comparisons", |row| row.comparisons as f64)
        .number("n", |row| row.replications as f64)
        .number("correlation", |row| row.apart.correlation)
        .number("variance_reduction", |row| row.apart.variance_reduction)
        .number("replications_needed", |row| row.needed.map_or(f64::NAN, |n| n as f64))
        .text("verdict", |row| row.words())
        .done()
}
