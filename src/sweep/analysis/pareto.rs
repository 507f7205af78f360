//! Room: sweep. Several aims at once: lever settings that no other beats in everything.

use super::super::SweepError;
use super::settings::{Lever, Settings};
use super::sheet::Sheet;
use super::study::Study;
use super::{Asked, refused};
use crate::statistics::pareto::{Standing, standings};
use crate::statistics::{Direction, Estimate};

/// A KPI that is to be low or high.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Aim {
    /// The KPI.
    pub metric: &'static str,
    /// Which values are good.
    pub direction: Direction,
}

/// A lever setting among others.
#[derive(Clone, PartialEq, Debug)]
pub struct Placed {
    /// Its number, from 0, in the order of the design.
    pub setting: usize,
    /// In words.
    pub words: String,
    /// Its levels.
    pub levers: Vec<Lever>,
    /// Its value for each aim, the mean over what is uncertain; NaN where runs are missing.
    pub values: Vec<Estimate>,
    /// Where it stands.
    pub standing: Standing,
}

impl Placed {
    /// In words.
    pub fn words_of_standing(&self) -> &'static str {
        match self.standing {
            Standing::Front => "front",
            Standing::Unclear => "beaten by the means, not surely",
            Standing::Dominated => "surely beaten",
            Standing::NoData => "no data",
        }
    }
}

/// All settings and where they stand.
#[derive(Clone, PartialEq, Debug)]
pub struct Front {
    /// What is aimed at.
    pub aims: Vec<Aim>,
    /// The settings, in the order of the design.
    pub settings: Vec<Placed>,
    /// States of what is uncertain that each value is a mean of.
    pub states: usize,
}

pub(super) fn pareto(study: &Study, asked: &Asked, notes: &mut Vec<String>) -> Result<Front, SweepError> {
    let mut aims = Vec::new();
    for metric in &asked.metrics {
        match asked.direction(metric) {
            Some(direction) => aims.push(Aim { metric, direction }),
            None => notes.push(format!("{metric} is no aim: neither good nor bad; --min or --max says what you want")),
        }
    }
    if aims.len() < 2 {
        let found = format!("a front needs two aims, found {}", aims.len());
        return refused(found, "name two or more: --metric cost_per_order --metric on_time_share");
    }
    let settings = Settings::of(study)?;
    let unknown = Estimate { n: 0, mean: f64::NAN, standard_deviation: f64::NAN, half_width: f64::NAN };
    let mut values = vec![vec![unknown; aims.len()]; settings.settings.len()];
    let mut single = false;
    for (i, aim) in aims.iter().enumerate() {
        let compared = settings.compared(study, aim.metric);
        notes.extend(settings.left_out(&compared, aim.metric));
        for (place, of) in compared.places.iter().zip(&compared.values) {
            values[*place][i] = Estimate::of(of, asked.confidence);
            single |= of.len() < 2;
        }
    }
    if single {
        notes.push("one replication: no intervals, so that nothing is surely beaten".into());
    }
    let means: Vec<Vec<f64>> = values.iter().map(|of| of.iter().map(|value| value.mean).collect()).collect();
    // Without an interval a value may lie anywhere, but its mean still says who is on the front.
    let width = |value: &Estimate| if value.n == 1 { f64::MAX } else { value.half_width };
    let half_widths: Vec<Vec<f64>> = values.iter().map(|of| of.iter().map(width).collect()).collect();
    let directions: Vec<Direction> = aims.iter().map(|aim| aim.direction).collect();
    let standings = standings(&means, &half_widths, &directions)?;
    let placed = |(place, (values, standing)): (usize, (Vec<Estimate>, Standing))| Placed {
        setting: place,
        words: settings.settings[place].words(),
        levers: settings.settings[place].levers.clone(),
        values,
        standing,
    };
    Ok(Front {
        aims,
        settings: values.into_iter().zip(standings).enumerate().map(placed).collect(),
        states: settings.states.len(),
    })
}

pub(super) fn sheet(found: &Front) -> Sheet {
    let mut sheet = Sheet::of(&found.settings).number("setting", |row| row.setting as f64);
    let levers = found.settings.first().map_or(&[][..], |row| &row.levers);
    for (i, lever) in levers.iter().enumerate() {
        sheet = match found.settings.iter().all(|row| row.levers[i].level.number().is_some()) {
            true => sheet.number(&lever.name, |row| row.levers[i].level.number().unwrap_or(f64::NAN)),
            false => sheet.text(&lever.name, |row| row.levers[i].level.shown()),
        };
    }
    for (i, aim) in found.aims.iter().enumerate() {
        let name = aim.metric;
        sheet = sheet
            .number(name, |row| row.values[i].mean)
            .number(&format!("{name}_low"), |row| row.values[i].low())
            .number(&format!("{name}_high"), |row| row.values[i].high());
    }
    sheet
        .number("n", |row| row.values.iter().map(|value| value.n).min().unwrap_or(0) as f64)
        .number("states", |_| found.states as f64)
        .text("standing", |row| row.words_of_standing())
        .done()
}
