//! Room: sweep. Lever settings: what we choose, averaged over what we do not choose.

use super::super::{FactorKind, Level, SweepError};
use super::axes::{Axis, axes};
use super::study::Study;
use std::collections::BTreeMap;

/// A level of a lever, or the scenario, that a setting has.
#[derive(Clone, PartialEq, Debug)]
pub struct Lever {
    /// Column in tables.
    pub name: String,
    /// Its level.
    pub level: Level,
}

/// One choice: a level of every lever in one scenario.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Setting {
    /// The scenario, if there are several, and the levers.
    pub(super) levers: Vec<Lever>,
    /// Its points, one for each state of what is uncertain, in the order of the states.
    pub(super) points: Vec<usize>,
}

impl Setting {
    /// In words: `couriers.count 150, near.radius_km 3`.
    pub(super) fn words(&self) -> String {
        let words = self.levers.iter().map(|lever| format!("{} {}", lever.name, lever.level.shown()));
        words.collect::<Vec<_>>().join(", ")
    }
}

/// The choices of a study and the states of the world each was tried in.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Settings {
    /// The choices, in the order of the design.
    pub(super) settings: Vec<Setting>,
    /// The states in words; one without words if nothing is uncertain.
    pub(super) states: Vec<String>,
}

impl Settings {
    /// The choices of a study. Each must have been tried in the same states.
    pub(super) fn of(study: &Study) -> Result<Settings, SweepError> {
        let plan = study.plan();
        let points: Vec<usize> = (0..plan.points.len()).collect();
        let axes = axes(plan, &points);
        let is_lever =
            |axis: &&Axis| axis.factor.is_none_or(|factor| plan.facts.factors[factor].kind == FactorKind::Lever);
        let (levers, uncertain): (Vec<&Axis>, Vec<&Axis>) = axes.iter().partition(is_lever);
        if levers.iter().all(|axis| axis.levels.len() < 2) {
            let found = "there is nothing to choose from: no lever has two levels, and there is one scenario";
            return super::refused(found, "give a factor kind = \"lever\", or list several scenarios");
        }
        let key = |axes: &[&Axis], point: usize| axes.iter().map(|axis| axis.of_point[point]).collect::<Vec<_>>();
        let (mut states, mut known) = (Vec::new(), BTreeMap::new());
        let (mut settings, mut places) = (Vec::<Setting>::new(), BTreeMap::new());
        let mut cells: Vec<Vec<Option<usize>>> = Vec::new();
        for point in points {
            let state = *known.entry(key(&uncertain, point)).or_insert_with(|| {
                let word = |axis: &&Axis| format!("{} {}", axis.name, axis.levels[axis.of_point[point]].shown());
                states.push(uncertain.iter().map(word).collect::<Vec<_>>().join(", "));
                states.len() - 1
            });
            let place = *places.entry(key(&levers, point)).or_insert_with(|| {
                let lever =
                    |axis: &&Axis| Lever { name: axis.name.clone(), level: axis.levels[axis.of_point[point]].clone() };
                settings.push(Setting { levers: levers.iter().map(lever).collect(), points: Vec::new() });
                cells.push(Vec::new());
                settings.len() - 1
            });
            let cell = &mut cells[place];
            cell.resize(cell.len().max(state + 1), None);
            if cell[state].replace(point).is_some() {
                return super::refused("two points of the design are the same", "list each point once");
            }
        }
        for (setting, cell) in settings.iter_mut().zip(cells) {
            setting.points = cell.into_iter().flatten().collect();
            if setting.points.len() != states.len() {
                let found = "the settings of the levers were not tried in the same states of what is uncertain";
                return super::refused(found, "cross levers and uncertainties: design = \"grid\"");
            }
        }
        Ok(Settings { settings, states })
    }
}

/// The values of the settings that can be compared on a KPI.
pub(super) struct Compared {
    /// Their places among the settings.
    pub(super) places: Vec<usize>,
    /// For each of them the mean over the states in each replication.
    pub(super) values: Vec<Vec<f64>>,
    /// For each of them the mean over the replications in each state.
    pub(super) by_state: Vec<Vec<f64>>,
}

impl Settings {
    /// The settings that have values in all of their states, over the replications that all of them have.
    pub(super) fn compared(&self, study: &Study, metric: &str) -> Compared {
        let known = |point: &usize| study.values(metric, *point).iter().any(|value| value.is_finite());
        let whole = |place: &usize| self.settings[*place].points.iter().all(known);
        let places: Vec<usize> = (0..self.settings.len()).filter(whole).collect();
        let points: Vec<usize> = places.iter().flat_map(|place| self.settings[*place].points.clone()).collect();
        let common = study.common(metric, &points);
        let there = sorted(common.points);
        let has_all = |place: &usize| self.settings[*place].points.iter().all(|p| there.binary_search(p).is_ok());
        let places: Vec<usize> = places.into_iter().filter(has_all).collect();
        let values =
            places.iter().map(|place| study.across(metric, &self.settings[*place].points, &common.replications));
        let states = |place: &usize| -> Vec<f64> {
            self.settings[*place].points.iter().map(|point| study.mean(metric, *point, &common.replications)).collect()
        };
        let values = values.collect();
        Compared { by_state: places.iter().map(states).collect(), values, places }
    }

    /// A note on settings left out, if any are.
    pub(super) fn left_out(&self, compared: &Compared, metric: &str) -> Option<String> {
        let count = self.settings.len() - compared.places.len();
        (count > 0).then(|| {
            format!(
                "{metric}: {count} of {} settings are left out: not all of their runs have a value",
                self.settings.len()
            )
        })
    }
}

fn sorted(mut points: Vec<usize>) -> Vec<usize> {
    points.sort_unstable();
    points
}
