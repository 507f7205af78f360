//! `nearfar compare`: base against what-ifs, in pairs on common random numbers.

use super::comparison::{Comparison, Side, Study};
use super::decided;
use super::kpi_table::{COMPARED, across_table};
use super::manifest::{self, object};
use super::options::Options;
use super::screen::{Meter, Screen, shout};
use super::until;
use super::{Failure, print};
use crate::metrics::{Fates, Kpi};
use crate::results::{Committed, OutputFolder};
use crate::study::{
    self, Correction, Judged, Judging, Keep, MoveTally, Precision, Replication, Stopping, judged, settled,
};
use clap::ValueEnum;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Compare what-ifs with a base: what changed, and paired differences with intervals
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Base scenario file
    base: PathBuf,
    /// What-if scenario files
    #[arg(required = true, value_name = "WHATIF")]
    whatifs: Vec<PathBuf>,
    /// Pairs of days to simulate, at least 2 for intervals; with --until those of the first round
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    replications: u32,
    /// Go on until the half-width of the paired difference of a KPI is 1 % of the base's mean, or 0.2 in its unit; may be repeated
    #[arg(long, value_name = "METRIC:1%|METRIC:0.2")]
    until: Vec<String>,
    /// No more pairs of days than this with --until
    #[arg(long, value_name = "N", default_value_t = 200, requires = "until", value_parser = clap::value_parser!(u32).range(2..))]
    max_replications: u32,
    /// How verdicts allow for there being many KPIs and what-ifs
    #[arg(long, value_enum, default_value_t = Correct::Holm)]
    correct: Correct,
    /// Confidence of intervals, and 1 less the chance of a false verdict
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, value_parser = share)]
    confidence: f64,
    #[command(flatten)]
    options: Options,
}

/// The words of `--correct`.
#[derive(Clone, Copy, ValueEnum)]
enum Correct {
    /// Step-down over all KPIs and what-ifs shown; intervals stay as they are
    Holm,
    /// The same chance for each; intervals are widened to hold together
    Bonferroni,
    /// Each by itself
    None,
}

fn share(text: &str) -> Result<f64, String> {
    let value = text.parse::<f64>().map_err(|_| "a share such as 0.95".to_owned())?;
    if (0.5..=0.9999).contains(&value) { Ok(value) } else { Err("a share from 0.5 to 0.9999, such as 0.95".into()) }
}

impl Arguments {
    fn judging(&self) -> Result<Judging, Failure> {
        let wanted = self.until.iter().map(|text| until::precision(text)).collect::<Result<Vec<Precision>, _>>()?;
        let correction = match self.correct {
            Correct::Holm => Correction::Holm,
            Correct::Bonferroni => Correction::Bonferroni,
            Correct::None => Correction::None,
        };
        Ok(Judging { confidence: self.confidence, correction, wanted })
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let started = manifest::start();
    let options = &arguments.options;
    let screen = Screen::new(options.quiet, options.json);
    let judging = arguments.judging()?;
    let base = side(options, &arguments.base, None)?;
    let seed = base.asked.scenario.seed;
    let whatifs =
        arguments.whatifs.iter().map(|file| side(options, file, Some(seed))).collect::<Result<Vec<_>, _>>()?;
    let mut notes: Vec<&String> = Vec::new();
    for note in std::iter::once(&base).chain(&whatifs).flat_map(|side| &side.asked.notes) {
        // What several scenarios share is said once.
        if !notes.contains(&note) {
            notes.push(note);
            screen.say(note);
        }
    }
    let folders = folders(options, &base, &whatifs)?;
    let pool = study::pool(options.threads())?;
    let mut study = Simulated::new(&base, &whatifs);
    let stopping = study.simulate(arguments, &judging, &pool, screen)?;
    let Judged { rows, family } = study.judged(&judging);
    let facts =
        Study { base: &base, base_runs: &study.base_runs, judging: &judging, family, whatifs: whatifs.len(), stopping };
    let parts = whatifs.iter().zip(&study.runs).zip(&study.moves).zip(rows);
    let comparisons: Vec<Comparison<'_>> = parts
        .map(|(((whatif, runs), moves), rows)| {
            Comparison::new(&facts, whatif, runs, moves.moves(judging.confidence), rows)
        })
        .collect();
    let all_runs = || study.base_runs.iter().chain(study.runs.iter().flatten());
    let mut told = Vec::new();
    for (comparison, folder) in comparisons.iter().zip(folders) {
        let files = pool.install(|| comparison.files())?;
        let timing = manifest::timing(started, options.threads(), all_runs());
        let committed = comparison.write(folder, files, timing)?;
        comparison.notices(screen, &committed);
        told.push((comparison, committed));
    }
    if options.json {
        print(&json_text(&facts, &told, manifest::timing(started, options.threads(), all_runs())))?;
    } else if !options.quiet {
        print(&text(&facts, &told))?;
    }
    decided::tell(screen, all_runs());
    let sound = shout(&all_runs().flat_map(|run| run.violations.iter().cloned()).collect::<Vec<_>>());
    decided::whole(all_runs(), "the comparison is of unfinished days")?;
    sound
}

/// Both sides of every comparison, as far as simulated.
struct Simulated<'a> {
    base: &'a Side,
    whatifs: &'a [Side],
    base_runs: Vec<Replication>,
    /// Of each what-if.
    runs: Vec<Vec<Replication>>,
    moves: Vec<MoveTally>,
}

impl<'a> Simulated<'a> {
    fn new(base: &'a Side, whatifs: &'a [Side]) -> Self {
        let (runs, moves) = (vec![Vec::new(); whatifs.len()], vec![MoveTally::default(); whatifs.len()]);
        Simulated { base, whatifs, base_runs: Vec::new(), runs, moves }
    }

    /// The replications asked for, or rounds until the half-widths are.
    fn simulate(
        &mut self,
        arguments: &Arguments,
        judging: &Judging,
        pool: &rayon::ThreadPool,
        screen: Screen,
    ) -> Result<Option<Stopping>, Failure> {
        if judging.wanted.is_empty() {
            self.round(arguments.replications, pool, screen)?;
            return Ok(None);
        }
        let mut rule = until::rounds(arguments.replications, arguments.max_replications);
        loop {
            match until::more(rule, self.base_runs.len() as u32) {
                0 => return Ok(Some(rule)),
                more => self.round(more, pool, screen)?,
            }
            rule.reached = self.settled(judging);
            if rule.reached {
                return Ok(Some(rule));
            }
        }
    }

    /// Simulates further replications of all sides. What became of everybody is counted and let go.
    fn round(&mut self, replications: u32, pool: &rayon::ThreadPool, screen: Screen) -> Result<(), Failure> {
        let done = self.base_runs.len() as u32;
        let sides = || std::iter::once(self.base).chain(self.whatifs);
        let hours = sides().map(|side| side.asked.scenario.horizon_h).fold(0.0, f64::max);
        let meter = screen.meter(replications * (1 + self.whatifs.len() as u32), hours);
        let keep = Keep { fates: true, first_day: true, ..Keep::default() };
        let simulate = |side: &Side, place: usize| {
            let observe =
                |run: u32, progress| Meter::observe(&meter, place as u32 * replications + run - done, progress);
            let range = done..done + replications;
            study::replicate_some(pool, &side.asked.scenario, &side.city, range, keep, None, &observe)
        };
        let mut base = simulate(self.base, 0)?;
        let base_fates = take_fates(&mut base);
        for (place, whatif) in self.whatifs.iter().enumerate() {
            let mut runs = simulate(whatif, place + 1)?;
            for (base, whatif) in base_fates.iter().zip(take_fates(&mut runs)) {
                self.moves[place].add(base, &whatif);
            }
            self.runs[place].extend(runs);
        }
        self.base_runs.extend(base);
        Ok(())
    }

    /// Whether every what-if has every half-width asked for, by the intervals that are shown.
    fn settled(&self, judging: &Judging) -> bool {
        let corrected = judging.interval_level(self.judged(judging).family);
        let values = |runs: &[Replication], metric: &str| -> Vec<f64> {
            let of =
                |run: &Replication| run.kpis.iter().find(|kpi| kpi.name == metric).map_or(f64::NAN, |kpi| kpi.value);
            runs.iter().map(of).collect()
        };
        judging.wanted.iter().all(|wanted| {
            let base = values(&self.base_runs, wanted.metric);
            self.runs.iter().enumerate().all(|(place, runs)| {
                let level = if self.in_family(place, wanted.metric) { corrected } else { judging.level() };
                settled(&base, &values(runs, wanted.metric), wanted.half_width, level)
            })
        })
    }

    fn judged(&self, judging: &Judging) -> Judged {
        let kpis = |runs: &[Replication]| runs.iter().map(|run| run.kpis.clone()).collect::<Vec<Vec<Kpi>>>();
        let whatifs: Vec<Vec<Vec<Kpi>>> = self.runs.iter().map(|runs| kpis(runs)).collect();
        judged(&kpis(&self.base_runs), &whatifs, judging, &|place, name| self.in_family(place, name))
    }

    /// The KPIs shown, and those a what-if has a hypothesis about.
    fn in_family(&self, whatif: usize, name: &str) -> bool {
        COMPARED.contains(&name) || self.whatifs[whatif].expects().iter().any(|expected| expected.metric == name)
    }
}

fn take_fates(runs: &mut [Replication]) -> Vec<Fates> {
    runs.iter_mut().filter_map(|run| run.fates.take()).collect()
}

/// Loads a scenario and builds its city; with `seed` that of the base, which both sides share.
fn side(options: &Options, file: &Path, seed: Option<u64>) -> Result<Side, Failure> {
    let own = options.load(file)?;
    let own_seed = seed.and_then(|seed| (own.scenario.seed != seed).then_some(own.scenario.seed));
    let asked = own.with_seed(seed);
    Ok(Side { city: asked.city()?, asked, own_seed })
}

/// The output folders, all prepared before anything is simulated.
fn folders(options: &Options, base: &Side, whatifs: &[Side]) -> Result<Vec<OutputFolder>, Failure> {
    let mut names = BTreeSet::new();
    if let Some(twice) = whatifs.iter().find(|side| !names.insert(&side.asked.scenario.name)) {
        let found = format!("two what-ifs are named {:?}", twice.asked.scenario.name);
        return Err(Failure::Input(found, "give each its own `name`; it names the output folder".into()));
    }
    let path = |whatif: &Side| {
        let mut name = format!("compare-{}-{}", base.asked.scenario.name, whatif.asked.scenario.name);
        if base.asked.changed || whatif.asked.changed {
            let both = [&base.asked.run_hash[..3], &whatif.asked.run_hash[..3]].concat();
            name = format!("{name}-{both}");
        }
        match &options.output {
            Some(output) if whatifs.len() == 1 => output.clone(),
            Some(output) => output.join(name),
            None => Path::new("output").join(name),
        }
    };
    whatifs.iter().map(|whatif| Ok(OutputFolder::prepare(&path(whatif), options.force)?)).collect()
}

/// Every what-if by itself, then all beside each other.
fn text(study: &Study<'_>, told: &[(&Comparison<'_>, Committed)]) -> String {
    let mut text = told.iter().map(|(comparison, at)| comparison.text(at)).collect::<Vec<_>>().join("\n");
    let names: Vec<&str> = told.iter().map(|(comparison, _)| comparison.name()).collect();
    let rows: Vec<&[study::Paired]> = told.iter().map(|(comparison, _)| comparison.rows()).collect();
    if told.len() > 1 {
        text += &format!("\nAll what-ifs, difference from the base ({})\n\n", study.rule());
        text += &across_table(&rows, &names, study.currency());
        text += "In brackets: no difference shown\n";
    }
    if let Some(rule) = study.stopping {
        text += &format!("\n{}", until::told(rule, study.judging, &rows, &names, study.currency()));
    }
    text
}

fn json_text(study: &Study<'_>, told: &[(&Comparison<'_>, Committed)], timing: Map<String, Value>) -> String {
    let mut out = object(json!({ "comparisons": told.iter().map(|(it, at)| it.json(at)).collect::<Vec<_>>() }));
    let base = &study.base.asked.scenario;
    out.insert("base".into(), base.name.as_str().into());
    out.insert("seed".into(), base.seed.into());
    out.insert("replications".into(), study.base_runs.len().into());
    out.append(&mut study.facts());
    out.insert("timing".into(), Value::Object(timing));
    format!("{}\n", Value::Object(out))
}
