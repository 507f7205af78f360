//! Room: sweep. The plan: every point of a sweep with its scenario, checked and fingerprinted before anything runs.

use super::SweepError;
use super::factor::{Factor, Level};
use super::file::{Design, Replications, SweepFile};
use super::points::{self, Chosen};
use crate::metrics::definition;
use crate::scenario::{self, Loaded, Origin, Override, Problem, Problems, Scenario};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// Format version of plan folders; one of another version is refused.
pub(super) const PLAN_SCHEMA: u32 = 1;

/// More would be a mistake: at a second each they take weeks.
const MOST_POINTS: usize = 1_000_000;

/// A scenario that is simulated at every point.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
pub struct PlannedScenario {
    /// Its name, which is also that of its file in the plan folder.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Fingerprint of the scenario without its seed (see [`scenario::hash`]).
    pub hash: String,
}

/// All that a plan fixes beside its points.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
pub struct PlanFacts {
    /// Format version of the folder.
    pub plan_schema: u32,
    /// Version of nearfar whose model this is.
    pub version: String,
    /// Name of the study.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// The question it answers.
    pub question: String,
    /// Root of every random stream; the same at every point.
    pub seed: u64,
    /// How the points were chosen.
    pub design: Design,
    /// Base sample of a sampled design, 0 for others.
    pub samples: u32,
    /// Trajectories of Morris' design, 0 for others.
    pub trajectories: u32,
    /// The scenarios.
    pub scenarios: Vec<PlannedScenario>,
    /// What varies.
    pub factors: Vec<Factor>,
    /// KPIs tabled first.
    pub metrics: Vec<String>,
    /// How often each point is simulated.
    pub replications: Replications,
}

/// One point: a scenario with a level for every factor.
#[derive(Clone, PartialEq, Debug)]
pub struct Point {
    /// Which of the scenarios.
    pub scenario: usize,
    /// What an analysis needs to know of it, such as `A`, `B` or `AB2`; empty where a design has no roles.
    pub role: String,
    /// One level for each factor.
    pub levels: Vec<Level>,
    /// Fingerprint of the resolved scenario and seed, 12 hexadecimal digits; empty if it breaks a rule.
    pub id: String,
    /// Rules of the scenario that it breaks, in words; such a point fails and does not end the sweep.
    pub problem: Option<String>,
}

/// A sweep, ready to be frozen in a folder and run.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// All but the points.
    pub facts: PlanFacts,
    /// The points, in the order of the design, those of the first scenario first.
    pub points: Vec<Point>,
    /// Fingerprint of facts and points, hexadecimal.
    pub hash: String,
}

/// A plan with the scenarios it was made of, and what the user should know.
#[derive(Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// The scenarios, in order, seeds and `[set]` applied.
    pub scenarios: Vec<Scenario>,
    /// Notices, such as a factor that hides what a scenario changes.
    pub notices: Vec<String>,
}

impl Plan {
    /// Makes the plan of a sweep file at `path`; nothing is written.
    pub fn make(path: &Path) -> Result<Planned, SweepError> {
        let file = SweepFile::read(path)?;
        let shown = path.display().to_string();
        let loaded = scenarios(&file, &shown)?;
        let seed = file.seed.unwrap_or_else(|| loaded[0].scenario.seed);
        let bases: Vec<Scenario> = loaded.iter().map(|base| with_seed(&base.scenario, seed)).collect();
        let (factors, chosen) = points::points(&file, seed)?;
        judge_factors(&factors, &chosen, &bases[0], &file, &shown)?;
        let mut notices = notices(&factors, &loaded);
        notices.extend(idle_keys(&factors, &chosen, &loaded, &shown));
        notices.extend(twice(&chosen).filter(|_| !file.design.is_sampled()));
        let count = chosen.len() * bases.len();
        if count == 0 || count > MOST_POINTS {
            let found = format!("{shown}: a design of {count} points");
            return Err(SweepError::Input(found, format!("1 to {MOST_POINTS} points; take fewer levels or a sample")));
        }
        let mut all = Vec::with_capacity(count);
        for (index, base) in bases.iter().enumerate() {
            all.extend(chosen.iter().map(|point| self::point(index, base, &factors, point, &shown)));
        }
        if all.iter().all(|point| point.problem.is_some()) {
            let found = all.first().and_then(|point| point.problem.clone()).unwrap_or_default();
            let help = "every point breaks a rule between keys; the first is told above";
            return Err(SweepError::Input(format!("{shown}: no point can be simulated: {found}"), help.into()));
        }
        let facts = facts(&file, seed, &loaded, &bases, factors);
        let hash = hash(&facts, &all);
        Ok(Planned { plan: Plan { facts, points: all, hash }, scenarios: bases, notices })
    }

    /// Runs it asks for before any rule adds more.
    pub fn least_runs(&self) -> u64 {
        self.points.len() as u64 * u64::from(self.facts.replications.min)
    }

    /// Runs it may come to ask for.
    pub fn most_runs(&self) -> u64 {
        self.points.len() as u64 * u64::from(self.facts.replications.max)
    }

    /// The resolved scenario of a point, made from the frozen `bases`.
    pub fn scenario(&self, bases: &[Scenario], point: usize) -> Result<Scenario, Problems> {
        let Point { scenario, levels, .. } = &self.points[point];
        let mut changed = with_levels(&bases[*scenario], &self.facts.factors, levels, "plan")?;
        changed.name = format!("{}-p{point}", self.facts.name);
        changed.label = self.words(point);
        changed.question.clone_from(&self.facts.question);
        Ok(changed)
    }

    /// A point in words: `Base city: couriers.count 150, near.radius_km 3`.
    pub fn words(&self, point: usize) -> String {
        let Point { scenario, levels, .. } = &self.points[point];
        let pairs = self.facts.factors.iter().zip(levels);
        let pairs: Vec<String> = pairs.map(|(factor, level)| format!("{} {}", factor.label, level.shown())).collect();
        format!("{}: {}", self.facts.scenarios[*scenario].label, pairs.join(", "))
    }
}

/// Name of a run in tables and on the command line: `p12-r3` is replication 3 of point 12.
pub fn run_id(point: usize, replication: u32) -> String {
    format!("p{point}-r{replication}")
}

/// Point and replication of a run's name.
pub fn parse_run_id(text: &str) -> Option<(usize, u32)> {
    let (point, replication) = text.strip_prefix('p')?.split_once("-r")?;
    Some((point.parse().ok()?, replication.parse().ok()?))
}

/// Fingerprint of a plan: everything that decides a result, nothing of how the work is cut.
pub(super) fn hash(facts: &PlanFacts, points: &[Point]) -> String {
    let mut digest = Sha256::new();
    digest.update(serde_json::to_string(facts).unwrap_or_default());
    for point in points {
        let levels: Vec<String> = point.levels.iter().map(Level::shown).collect();
        digest.update(format!("\n{} {} {} {}", point.scenario, point.id, point.role, levels.join(",")));
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn scenarios(file: &SweepFile, shown: &str) -> Result<Vec<Loaded>, SweepError> {
    let mut changes = Vec::new();
    for (key, value, line) in &file.set {
        changes.push(Override::parse(&format!("{key}={value}"))?.given_in(&format!("{shown}:{line}")));
    }
    let (mut loaded, mut problems) = (Vec::new(), Vec::new());
    for path in &file.scenarios {
        match scenario::load(path, &changes) {
            Ok(found) => loaded.push(found),
            Err(Problems(found)) => problems.extend(found),
        }
    }
    let names: Vec<&str> = loaded.iter().map(|found| found.scenario.name.as_str()).collect();
    for (index, name) in names.iter().enumerate().filter(|(index, name)| names[..*index].contains(name)) {
        let found = format!("two scenarios are called {name:?}");
        let help = "give one of them another `name`, or list it once";
        problems.push(Problem::of_file(file.scenarios[index].display().to_string(), found, "").help(help));
    }
    if problems.is_empty() { Ok(loaded) } else { Err(Problems(problems).into()) }
}

fn with_seed(scenario: &Scenario, seed: u64) -> Scenario {
    Scenario { seed, ..scenario.clone() }
}

fn with_levels(base: &Scenario, factors: &[Factor], levels: &[Level], place: &str) -> Result<Scenario, Problems> {
    let changes = factors.iter().zip(levels).map(|(factor, level)| factor.change(level, place));
    scenario::changed(base, &changes.collect::<Result<Vec<_>, _>>()?)
}

/// Every level must be a value its key may have; only rules between keys may break later, at single points.
fn judge_factors(
    factors: &[Factor],
    points: &[Chosen],
    base: &Scenario,
    file: &SweepFile,
    shown: &str,
) -> Result<(), SweepError> {
    let mut problems: Vec<Problem> = Vec::new();
    for (index, factor) in factors.iter().enumerate() {
        let place = match &file.design_file {
            Some(path) => format!("{}, column {}", path.display(), factor.column()),
            None => format!("{shown}:{}", factor.line),
        };
        let mut seen: Vec<&Level> = Vec::new();
        for level in points.iter().map(|point| &point.levels[index]) {
            // Sampled levels are all different; the bounds of a range tell as much as its inside.
            if seen.contains(&level) || seen.len() >= 200 {
                continue;
            }
            seen.push(level);
            let found = factor.change(level, &place).and_then(|change| scenario::valid(base, &change));
            for problem in found.err().map(|Problems(found)| found).unwrap_or_default() {
                let problem = Problem { line: None, column: None, excerpt: None, ..problem };
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Problems(problems).into()) }
}

fn point(scenario: usize, base: &Scenario, factors: &[Factor], chosen: &Chosen, place: &str) -> Point {
    let resolved = with_levels(base, factors, &chosen.levels, place);
    let (id, problem) = match resolved {
        Ok(resolved) => (scenario::run_hash(&resolved)[..12].to_owned(), None),
        Err(Problems(found)) => {
            let told = |problem: &Problem| format!("{}: {}", problem.key, problem.found);
            (String::new(), Some(found.iter().map(told).collect::<Vec<_>>().join("; ")))
        }
    };
    Point { scenario, role: chosen.role.clone(), levels: chosen.levels.clone(), id, problem }
}

/// A factor sets its key in every scenario, also in one whose point it is to change that very key.
fn notices(factors: &[Factor], loaded: &[Loaded]) -> Vec<String> {
    let mut told = Vec::new();
    for factor in factors.iter().filter(|factor| factor.apply == super::factor::Apply::Set) {
        for base in loaded.iter().skip(1) {
            let leaf = |scenario: &Scenario| {
                scenario::leaves(scenario).into_iter().find(|(key, _)| *key == factor.key).map(|(_, value)| value)
            };
            let set = base.origins.get(&factor.key).is_some_and(|origin| *origin != Origin::Default);
            if set && leaf(&base.scenario) != leaf(&loaded[0].scenario) {
                told.push(format!(
                    "{} sets {} to its own value, which the factor replaces: the scenarios do not differ in it here",
                    base.scenario.name, factor.key
                ));
            }
        }
    }
    told
}

/// Keys of factors and scenarios that change nothing at any point; a switch that is a factor too may be on at some.
fn idle_keys(factors: &[Factor], chosen: &[Chosen], loaded: &[Loaded], shown: &str) -> Vec<String> {
    let nowhere = |base: &Loaded, key: &str| {
        let mut points = chosen.iter().filter_map(|at| with_levels(&base.scenario, factors, &at.levels, shown).ok());
        points.all(|at| scenario::no_effect(&at, key).is_some())
    };
    let mut told = Vec::new();
    for base in loaded {
        let idle = base.idle.iter().filter(|idle| nowhere(base, &idle.key));
        told.extend(idle.map(|it| format!("{}: {}: {}\n  help: {}", it.origin, it.key, it.found, it.help)));
    }
    for factor in factors.iter().filter(|factor| loaded.iter().all(|base| nowhere(base, &factor.key))) {
        if let Some((because, help)) = scenario::no_effect(&loaded[0].scenario, &factor.key) {
            let Factor { line, key, .. } = factor;
            told.push(format!(
                "{shown}:{line}: {key}: a factor that changes nothing at any point while {because}\n  help: {help}"
            ));
        }
    }
    told
}

/// A point that is listed twice adds nothing: it simulates the same days.
fn twice(chosen: &[Chosen]) -> Option<String> {
    let mut seen = BTreeMap::new();
    chosen.iter().enumerate().find_map(|(place, point)| {
        let levels: Vec<String> = point.levels.iter().map(Level::shown).collect();
        let before = seen.insert(levels, place)?;
        Some(format!("p{place} is p{before} again: it simulates the same days twice"))
    })
}

fn facts(file: &SweepFile, seed: u64, loaded: &[Loaded], bases: &[Scenario], factors: Vec<Factor>) -> PlanFacts {
    let planned = |(base, scenario): (&Loaded, &Scenario)| PlannedScenario {
        name: base.scenario.name.clone(),
        label: base.scenario.label.clone(),
        hash: scenario::hash(scenario),
    };
    let sampled = file.design.is_sampled();
    let morris = file.design == Design::Morris;
    PlanFacts {
        plan_schema: PLAN_SCHEMA,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        name: file.name.clone(),
        label: file.label.clone(),
        question: file.question.clone(),
        seed,
        design: file.design,
        samples: if sampled && !morris { file.samples } else { 0 },
        trajectories: if morris { file.trajectories } else { 0 },
        scenarios: loaded.iter().zip(bases).map(planned).collect(),
        factors,
        metrics: file.metrics.iter().map(|name| (*name).to_owned()).collect(),
        replications: file.replications.clone(),
    }
}

impl PlanFacts {
    /// The KPIs tabled first, those that this program knows.
    pub fn metrics(&self) -> Vec<&'static str> {
        self.metrics.iter().filter_map(|name| definition(name)).map(|definition| definition.name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_or_key_that_changes_nothing_at_any_point_is_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.toml"), "[split]\nmax_stores = 3\n[promise]\nfloor_min = 20\n").unwrap();
        let notices = |factors: &str| {
            let path = folder.path().join("sweep.toml");
            std::fs::write(&path, format!("scenarios = ['a.toml']\ndesign = 'grid'\n{factors}")).unwrap();
            Plan::make(&path).unwrap().notices
        };
        let quantile = "[[factor]]\nkey = 'promise.quantile'\nvalues = [0.7, 0.9]\n";
        let found = notices(quantile);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].contains("a.toml:2: split.max_stores: 3 changes nothing while"), "{found:?}");
        assert!(
            found[2].contains("sweep.toml:3: promise.quantile: a factor that changes nothing at any point"),
            "{found:?}"
        );
        let policy = "[[factor]]\nkey = 'promise.policy'\nvalues = ['fixed', 'quantile']\n";
        let found = notices(&format!("{quantile}{policy}"));
        assert_eq!(found.len(), 1, "the policy is on at some points: {found:?}");
    }

    #[test]
    fn run_ids_read_back() {
        assert_eq!(parse_run_id(&run_id(12, 3)), Some((12, 3)));
        assert_eq!((parse_run_id("12-3"), parse_run_id("p1-rx"), parse_run_id("")), (None, None, None));
    }
}
