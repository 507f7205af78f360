//! Room: sweep. The factors of a study as axes: which levels each has, and which of them every point has.

use super::super::{Level, Plan};
use crate::metrics::definition;

/// A factor, or the scenario where there are several, with its levels in order.
#[derive(Clone, PartialEq, Debug)]
pub struct Axis {
    /// Column in tables: the key, `KEY.scale`, `KEY.add` or `scenario`.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Unit of its levels.
    pub unit: &'static str,
    /// Its place among the factors; `None` for the scenario.
    pub factor: Option<usize>,
    /// Every level that occurs, each once: numbers ascending, others in the order of the sweep file.
    pub levels: Vec<Level>,
    /// The level of each point handed in, as its place in `levels`.
    pub of_point: Vec<usize>,
}

impl Axis {
    /// Whether all levels are numbers.
    pub fn is_numeric(&self) -> bool {
        self.levels.iter().all(|level| level.number().is_some())
    }

    /// The numbers of the levels; NaN for others.
    pub fn numbers(&self) -> Vec<f64> {
        self.levels.iter().map(|level| level.number().unwrap_or(f64::NAN)).collect()
    }

    /// The number that the point at this place has.
    pub(super) fn number_of(&self, place: usize) -> f64 {
        self.levels[self.of_point[place]].number().unwrap_or(f64::NAN)
    }

    /// The places, among the points handed in, of those with this level.
    pub(super) fn places(&self, level: usize) -> Vec<usize> {
        (0..self.of_point.len()).filter(|place| self.of_point[*place] == level).collect()
    }
}

/// The axes of these points: the scenario if there are several, then the factors.
pub(super) fn axes(plan: &Plan, points: &[usize]) -> Vec<Axis> {
    let mut axes = Vec::new();
    if plan.facts.scenarios.len() > 1 {
        let named = |point: &usize| Level::Text(plan.facts.scenarios[plan.points[*point].scenario].name.clone());
        let order = plan.facts.scenarios.iter().map(|scenario| Level::Text(scenario.name.clone())).collect();
        let (levels, of_point) = placed(points.iter().map(named).collect(), order);
        axes.push(Axis { name: "scenario".into(), label: "Scenario".into(), unit: "", factor: None, levels, of_point });
    }
    for (index, factor) in plan.facts.factors.iter().enumerate() {
        let found: Vec<Level> = points.iter().map(|point| plan.points[*point].levels[index].clone()).collect();
        let (levels, of_point) = placed(found, factor.levels().map(<[Level]>::to_vec).unwrap_or_default());
        axes.push(Axis {
            name: factor.column(),
            label: factor.label.clone(),
            unit: factor.unit(),
            factor: Some(index),
            levels,
            of_point,
        });
    }
    axes
}

/// Distinct levels, and the place of each one found among them.
fn placed(found: Vec<Level>, order: Vec<Level>) -> (Vec<Level>, Vec<usize>) {
    let numbers: Option<Vec<f64>> = found.iter().map(Level::number).collect();
    if let Some(numbers) = numbers {
        let mut levels = numbers.clone();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        let place = |number: &f64| levels.partition_point(|level| level < number);
        let of_point = numbers.iter().map(place).collect();
        return (levels.into_iter().map(Level::Number).collect(), of_point);
    }
    let mut levels: Vec<Level> = order.into_iter().filter(|level| found.contains(level)).collect();
    for level in &found {
        if !levels.contains(level) {
            levels.push(level.clone());
        }
    }
    let of_point = found.iter().map(|level| levels.iter().position(|other| other == level).unwrap_or(0)).collect();
    (levels, of_point)
}

/// Whether these axes cross completely: every combination of their levels is there, each once.
pub(super) fn is_factorial(axes: &[Axis], points: usize) -> bool {
    let size = axes.iter().try_fold(1usize, |size, axis| size.checked_mul(axis.levels.len()));
    if points == 0 || size != Some(points) {
        return false;
    }
    let mut there = vec![false; points];
    for place in 0..points {
        there[axes.iter().fold(0, |at, axis| at * axis.levels.len() + axis.of_point[place])] = true;
    }
    there.into_iter().all(|there| there)
}

/// The unit of a KPI.
pub(super) fn unit_of(metric: &str) -> &'static str {
    definition(metric).map_or("", |definition| definition.unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend_and_words_keep_their_order() {
        let numbers = [3.0, 1.0, 3.0].map(Level::Number).to_vec();
        assert_eq!(placed(numbers, Vec::new()), ([1.0, 3.0].map(Level::Number).to_vec(), vec![1, 0, 1]));
        let word = |text: &str| Level::Text(text.into());
        let (levels, of_point) = placed(vec![word("b"), word("a")], vec![word("a"), word("c"), word("b")]);
        assert_eq!((levels, of_point), (vec![word("a"), word("b")], vec![1, 0]));
    }
}
