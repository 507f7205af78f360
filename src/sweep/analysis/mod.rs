//! Room: sweep. What a sweep says: the results as a [`Study`], one file for each method, tables as findings.
//!
//! ```text
//! SweepFolder + results.parquet ──► Study ──► analyse(method) ──► Analysis ──► METHOD.csv, METHOD.parquet
//!                                   study.rs   effects.rs, morris.rs, …  sheet.rs
//! ```
//!
//! Methods are those of `statistics`; here is which runs belong together. Nothing of it simulates, and the same results give
//! the same bytes at every call: what resamples draws from a stream of the plan's seed.

mod axes;
mod best;
mod break_even;
mod effects;
mod indices;
mod knee;
mod methods;
mod morris;
mod pairs;
mod pareto;
mod settings;
mod sheet;
mod study;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod warmup;

pub use axes::Axis;
pub use best::{Best, Candidate, Standing};
pub use break_even::{Cell, Contrast, Surface};
pub use effects::{Effects, LevelMean, Slope, Swing};
pub use indices::{Influence, Role};
pub use knee::{Curve, Stop};
pub use methods::{WARMUP_METHODS, methods};
pub use morris::Screened;
pub use pairs::Pair;
pub use pareto::{Aim, Front, Placed};
pub use settings::Lever;
pub use sheet::Sheet;
pub use study::Study;
pub use warmup::{Moment, Settling, warmup, warmup_sheet};

use super::folder::publish;
use super::{Design, Plan, SweepError};
use crate::metrics::{Better, KPIS, definition};
use crate::results::shell_path;
use crate::rng::{Purpose, Streams};
use crate::statistics::{Confidence, Direction};
use rand::RngExt;
use std::path::{Path, PathBuf};

/// A way to look at a sweep.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Method {
    /// Main effects, tornado, straight lines.
    Effects,
    /// Elementary effects of Morris' design.
    Morris,
    /// Sobol' indices of Saltelli's design.
    Sobol,
    /// Ranking and selection over lever settings.
    Best,
    /// Points against points.
    Pairs,
    /// What no other setting beats in everything.
    Pareto,
    /// Where near and far are equal.
    BreakEven,
    /// From where on more of a lever brings little.
    Knee,
    /// How much of the beginning of a run to leave out.
    Warmup,
}

impl Method {
    /// Words of the command line, which are also names of files.
    pub const WORDS: [(&'static str, Method); 9] = [
        ("effects", Method::Effects),
        ("morris", Method::Morris),
        ("sobol", Method::Sobol),
        ("best", Method::Best),
        ("pairs", Method::Pairs),
        ("pareto", Method::Pareto),
        ("break-even", Method::BreakEven),
        ("knee", Method::Knee),
        ("warmup", Method::Warmup),
    ];

    /// As on the command line.
    pub fn word(self) -> &'static str {
        Method::WORDS.iter().find(|(_, method)| *method == self).map_or("", |(word, _)| word)
    }

    /// The methods a design is made for; those after the first only where they apply.
    pub fn of_design(design: Design) -> &'static [Method] {
        match design {
            Design::Saltelli => &[Method::Sobol],
            Design::Morris => &[Method::Morris],
            _ => &[Method::Effects, Method::Best, Method::Knee],
        }
    }
}

/// A difference that is not worth detecting.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Indifference {
    /// As a share of the mean: 0.01 for 1 %.
    Relative(f64),
    /// In the unit of the KPI.
    Absolute(f64),
}

impl Indifference {
    fn of(self, mean: f64) -> f64 {
        match self {
            Indifference::Relative(share) => share * mean.abs(),
            Indifference::Absolute(difference) => difference,
        }
    }
}

/// What is asked of a study.
#[derive(Clone, PartialEq, Debug)]
pub struct Asked {
    /// KPIs looked at.
    pub metrics: Vec<&'static str>,
    /// Which values are good, where it is not as the KPI's definition says.
    pub directions: Vec<(&'static str, Direction)>,
    /// How often an interval contains the true value.
    pub confidence: Confidence,
    /// A difference not worth detecting.
    pub indifference: Indifference,
    /// The point others are set against, instead of all pairs.
    pub against: Option<usize>,
    /// Column of the factor along a curve or the first side of a surface.
    pub x: Option<String>,
    /// Column of the factor on the second side of a surface.
    pub y: Option<String>,
    /// Column of the factor at whose levels curves are drawn one by one.
    pub by: Option<String>,
    /// Differences between two KPIs.
    pub contrasts: Vec<Contrast>,
}

impl Asked {
    /// These KPIs, all else as usual: 95 %, indifferent to 1 %.
    pub fn of(metrics: Vec<&'static str>) -> Asked {
        Asked {
            metrics,
            directions: Vec::new(),
            confidence: Confidence::default(),
            indifference: Indifference::Relative(0.01),
            against: None,
            x: None,
            y: None,
            by: None,
            contrasts: Vec::new(),
        }
    }

    /// Which values of a KPI are good; `None` if neither is.
    pub fn direction(&self, metric: &str) -> Option<Direction> {
        let asked = self.directions.iter().find(|(name, _)| *name == metric).map(|(_, direction)| *direction);
        asked.or_else(|| match definition(metric)?.better {
            Better::Higher => Some(Direction::Higher),
            Better::Lower => Some(Direction::Lower),
            Better::Neither => None,
        })
    }
}

/// What a method found.
#[derive(Clone, PartialEq, Debug)]
pub enum Findings {
    /// One for each KPI.
    Effects(Vec<Effects>),
    /// One for each KPI, scenario and factor, what matters most first.
    Morris(Vec<Screened>),
    /// One for each KPI, scenario and factor, what matters most first.
    Sobol(Vec<Influence>),
    /// One for each KPI.
    Best(Vec<Best>),
    /// One for each KPI and pair.
    Pairs(Vec<Pair>),
    /// The front.
    Pareto(Front),
    /// One for each difference and scenario.
    BreakEven(Vec<Surface>),
    /// One for each KPI, lever and scenario.
    Knee(Vec<Curve>),
}

/// What a method found, and what a reader should know of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Analysis {
    /// The method.
    pub method: Method,
    /// What it found.
    pub findings: Findings,
    /// Notices, such as a KPI it can say nothing about.
    pub notes: Vec<String>,
}

impl Analysis {
    /// As one tidy table.
    pub fn sheet(&self) -> Sheet {
        match &self.findings {
            Findings::Effects(found) => effects::sheet(found),
            Findings::Morris(found) => morris::sheet(found),
            Findings::Sobol(found) => indices::sheet(found),
            Findings::Best(found) => best::sheet(found),
            Findings::Pairs(found) => pairs::sheet(found),
            Findings::Pareto(found) => pareto::sheet(found),
            Findings::BreakEven(found) => break_even::sheet(found),
            Findings::Knee(found) => knee::sheet(found),
        }
    }
}

/// Looks at a study by one method. A KPI that the method can say nothing about is a note; if that is true of all, an error.
pub fn analyse(study: &Study, method: Method, asked: &Asked) -> Result<Analysis, SweepError> {
    let mut notes = Vec::new();
    let findings = match method {
        Method::Effects => Findings::Effects(effects::effects(study, asked, &mut notes)?),
        Method::Morris => Findings::Morris(morris::morris(study, asked, &mut notes)?),
        Method::Sobol => Findings::Sobol(indices::sobol(study, asked, &mut notes)?),
        Method::Best => Findings::Best(best::best(study, asked, &mut notes)?),
        Method::Pairs => Findings::Pairs(pairs::pairs(study, asked, &mut notes)?),
        Method::Pareto => Findings::Pareto(pareto::pareto(study, asked, &mut notes)?),
        Method::BreakEven => Findings::BreakEven(break_even::break_even(study, asked, &mut notes)?),
        Method::Knee => Findings::Knee(knee::knee(study, asked, &mut notes)?),
        Method::Warmup => {
            let shown = shell_path(study.path());
            return Err(SweepError::Input(
                "warmup looks at single orders, which a sweep does not keep".into(),
                format!(
                    "nearfar run --from {shown} --run-id p0-r0, then nearfar analyze {} --method warmup",
                    shell_path(&study.path().join("again/p0-r0"))
                ),
            ));
        }
    };
    Ok(Analysis { method, findings, notes })
}

/// Writes a table as `NAME.csv` and `NAME.parquet` into the folder's `analysis`; gives their paths.
pub fn write(folder: &Path, name: &str, sheet: &Sheet, pairs: &[(&str, String)]) -> Result<[PathBuf; 2], SweepError> {
    let at = folder.join("analysis");
    let files = [format!("{name}.csv"), format!("{name}.parquet")];
    publish(&at, &files[0], sheet.csv().as_bytes())?;
    publish(&at, &files[1], &sheet.parquet(pairs)?)?;
    Ok(files.map(|file| at.join(file)))
}

/// Resamples of a bootstrap.
const RESAMPLES: usize = 1000;

/// What a bootstrap draws for this KPI, in a stream of its own, so that no other KPI and no earlier call changes it.
fn picks(plan: &Plan, metric: &str, scenario: usize) -> impl FnMut(usize) -> usize + use<> {
    let kpi = KPIS.iter().position(|kpi| kpi.name == metric).unwrap_or(0) as u64;
    let number = kpi | ((scenario as u64) << 32);
    let mut stream = Streams::new(plan.facts.seed, 0).long_of(Purpose::Bootstrap, number);
    move |n| stream.random_range(0..n)
}

/// Asks a method about each KPI; what it can say nothing about becomes a note, or an error if nothing is left.
fn each<T>(
    asked: &Asked,
    notes: &mut Vec<String>,
    mut of: impl FnMut(&'static str, &mut Vec<String>) -> Result<Vec<T>, SweepError>,
) -> Result<Vec<T>, SweepError> {
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    for metric in &asked.metrics {
        match of(metric, notes) {
            Ok(more) => found.extend(more),
            Err(SweepError::Statistics(error)) => refused.push(format!("{metric}: {error}")),
            Err(SweepError::Input(found, _)) if asked.metrics.len() > 1 => refused.push(format!("{metric}: {found}")),
            Err(error) => return Err(error),
        }
    }
    if found.is_empty() && !refused.is_empty() {
        let help = "name other KPIs with --metric, or another --method; docs/analysis.md tells which needs what";
        return Err(SweepError::Input(refused.join("\n  "), help.into()));
    }
    notes.append(&mut refused);
    Ok(found)
}

/// A refusal with what to do.
fn refused<T>(found: impl Into<String>, help: impl Into<String>) -> Result<T, SweepError> {
    Err(SweepError::Input(found.into(), help.into()))
}
