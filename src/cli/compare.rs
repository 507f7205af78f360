//! `nearfar compare`: base against what-ifs, in pairs on common random numbers.

use super::decided;
use super::kpi_table::{COMPARED, in_currency, label, paired_table};
use super::manifest::{self, object};
use super::moves_table::{moves_json, moves_table};
use super::options::{Asked, Options};
use super::screen::{Meter, Screen, shout};
use super::{Failure, print};
use crate::city::City;
use crate::metrics::{Fates, KPIS, Kpi};
use crate::report::wording::percent;
use crate::report::{self, Chart, Delta, DeltaView};
use crate::results::{Committed, OutputFolder};
use crate::scenario::{differences, to_toml};
use crate::study::{self, Keep, Moves, Paired, Replication, moves, paired};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Compare what-ifs with a base: what changed, and paired differences with 95 % intervals
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Base scenario file
    base: PathBuf,
    /// What-if scenario files
    #[arg(required = true, value_name = "WHATIF")]
    whatifs: Vec<PathBuf>,
    /// Pairs of days to simulate; at least 2 for intervals
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    replications: u32,
    #[command(flatten)]
    options: Options,
}

/// One scenario of the comparison.
struct Side {
    asked: Asked,
    city: Arc<City>,
    /// The seed of its file, where the base's takes its place.
    own_seed: Option<u64>,
}

/// A what-if set against the base.
struct Comparison<'a> {
    base: &'a Side,
    whatif: &'a Side,
    base_runs: &'a [Replication],
    runs: Vec<Replication>,
    changes: Vec<(String, String, String)>,
    rows: Vec<Paired>,
    /// None if one side's arrivals are sessions and the other's are orders.
    moves: Option<Moves>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let started = manifest::start();
    let options = &arguments.options;
    let screen = Screen::new(options.quiet, options.json);
    let base = side(options, &arguments.base, None)?;
    let seed = base.asked.scenario.seed;
    let whatifs =
        arguments.whatifs.iter().map(|file| side(options, file, Some(seed))).collect::<Result<Vec<_>, _>>()?;
    let folders = folders(options, &base, &whatifs)?;
    let pool = study::pool(options.threads())?;
    let replications = arguments.replications;
    let hours = whatifs.iter().map(|side| side.asked.scenario.horizon_h).fold(base.asked.scenario.horizon_h, f64::max);
    let meter = screen.meter(replications * (1 + whatifs.len() as u32), hours);
    let keep = Keep { fates: true, ..Keep::default() };
    let simulate = |side: &Side, first: usize| {
        let observe = |run, progress| Meter::observe(&meter, first as u32 * replications + run, progress);
        study::replicate(&pool, &side.asked.scenario, &side.city, replications, keep, None, &observe)
    };
    let base_runs = simulate(&base, 0)?;
    let mut comparisons = Vec::new();
    for (place, whatif) in whatifs.iter().enumerate() {
        comparisons.push(Comparison::new(&base, &base_runs, whatif, simulate(whatif, place + 1)?));
    }
    drop(meter);
    let all_runs = || base_runs.iter().chain(comparisons.iter().flat_map(|comparison| &comparison.runs));
    let mut told = Vec::new();
    for (comparison, folder) in comparisons.iter().zip(folders) {
        let files = pool.install(|| comparison.files())?;
        let timing = manifest::timing(started, options.threads(), all_runs());
        let committed = comparison.write(folder, files, timing)?;
        comparison.notices(screen, &committed);
        told.push((comparison, committed));
    }
    if options.json {
        print(&json_text(&told, manifest::timing(started, options.threads(), all_runs())))?;
    } else if !options.quiet {
        print(&told.iter().map(|(comparison, at)| comparison.text(at)).collect::<Vec<_>>().join("\n"))?;
    }
    decided::tell(screen, all_runs());
    let sound = shout(&all_runs().flat_map(|run| run.violations.iter().cloned()).collect::<Vec<_>>());
    decided::whole(all_runs(), "the comparison is of unfinished days")?;
    sound
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

impl<'a> Comparison<'a> {
    fn new(base: &'a Side, base_runs: &'a [Replication], whatif: &'a Side, runs: Vec<Replication>) -> Self {
        let kpis = |runs: &[Replication]| runs.iter().map(|run| run.kpis.clone()).collect::<Vec<Vec<Kpi>>>();
        let changes = differences(&base.asked.scenario, &whatif.asked.scenario);
        let moves = moves_of(base_runs, &runs);
        let rows = paired(&kpis(base_runs), &kpis(&runs));
        Comparison { base, whatif, base_runs, changes, rows, moves, runs }
    }

    /// The currency of the base; the what-if's numbers stand in it too.
    fn currency(&self) -> &str {
        &self.base.asked.scenario.report.currency
    }

    fn chart(&self) -> Chart {
        let (base, whatif) = (&self.base.asked, &self.whatif.asked);
        let rows: Vec<Delta> = COMPARED.iter().filter_map(|name| self.delta(name)).collect();
        let source = format!(
            "nearfar {} · scenarios {} and {} · seed {}",
            manifest::VERSION,
            &base.hash[..8],
            &whatif.hash[..8],
            base.scenario.seed
        );
        report::delta_chart(&DeltaView {
            rows: &rows,
            base: &base.scenario.label,
            whatif: &whatif.scenario.label,
            source: &source,
            replications: self.runs.len() as u32,
        })
    }

    fn delta(&self, name: &str) -> Option<Delta> {
        // What does not happen on either side needs no row.
        let happens = |row: &&Paired| row.base_mean != 0.0 || row.whatif_mean != 0.0;
        let row = self.rows.iter().find(|row| row.name == name).filter(happens)?;
        Some(Delta {
            label: label(name).to_owned(),
            unit: if row.unit == "orders" { "count".to_owned() } else { in_currency(row.unit, self.currency()) },
            base_mean: row.base_mean,
            whatif_mean: row.whatif_mean,
            diff: row.difference,
            lo: row.low,
            hi: row.high,
        })
    }

    fn files(&self) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let mut files = vec![
            ("compare.csv".to_owned(), study::paired_csv(&self.rows).into_bytes()),
            ("changes.csv".to_owned(), changes_csv(&self.changes).into_bytes()),
            ("base.toml".to_owned(), to_toml(&self.base.asked.scenario).into_bytes()),
            ("whatif.toml".to_owned(), to_toml(&self.whatif.asked.scenario).into_bytes()),
        ];
        let sides = [("base", self.base, self.base_runs), ("whatif", self.whatif, &self.runs[..])];
        for (name, side, runs) in sides {
            files.extend(decided::file(&format!("{name}-"), &side.asked.scenario, runs));
        }
        if let Some(moves) = &self.moves {
            files.push(("session_moves.csv".to_owned(), moves.csv().into_bytes()));
            files.push(("session_moves.parquet".to_owned(), moves.parquet()?));
        }
        files.extend(report::chart_files(&[self.chart()])?);
        Ok(files)
    }

    fn write(
        &self,
        mut folder: OutputFolder,
        files: Vec<(String, Vec<u8>)>,
        timing: Map<String, Value>,
    ) -> Result<Committed, Failure> {
        for (name, bytes) in &files {
            folder.add(name, bytes)?;
        }
        let mut facts = manifest::program();
        let of = |side: &Side, runs| Value::Object(manifest::facts(&side.asked, &side.city, runs));
        facts.insert("base".into(), of(self.base, self.base_runs));
        facts.insert("whatif".into(), of(self.whatif, &self.runs));
        Ok(folder.commit(facts, timing)?)
    }

    fn notices(&self, screen: Screen, committed: &Committed) {
        let name = &self.whatif.asked.scenario.name;
        if let Some(own) = self.whatif.own_seed {
            let seed = self.base.asked.scenario.seed;
            screen
                .say(&format!("seed {own} of {name} is replaced by {seed} of the base: both sides share their chance"));
        }
        if self.runs.len() == 1 {
            screen.say("one pair only: no intervals; use --replications 10 or more");
        }
        match &self.moves {
            None => screen.say("one side's arrivals are sessions and the other's are orders: nobody can be followed"),
            Some(moves) if moves.others_share > 0.0 => screen.say(&format!(
                "{} of {} are other people in {name}: moves are by number, not by person (consumers.* or demand.* differ)",
                percent(moves.others_share),
                moves.unit
            )),
            Some(_) => {}
        }
        if committed.replaced {
            screen.say(&format!("replaced {}", committed.path.display()));
        }
    }

    /// What changed, the table, and where to look next.
    fn text(&self, committed: &Committed) -> String {
        let (base, whatif) = (&self.base.asked.scenario, &self.whatif.asked.scenario);
        let mut text = format!("{} → {}\n\n", base.label, whatif.label);
        for (key, before, after) in &self.changes {
            text += &format!("  {key}: {before} → {after}\n");
        }
        if self.changes.is_empty() {
            text += "  nothing changed: both scenarios are the same\n";
        }
        let pairs = match self.runs.len() {
            1 => "one pair of days, so no intervals".to_owned(),
            n => format!("{n} pairs of days, intervals of Student's t over the paired differences"),
        };
        text += &format!("\n{}\n", paired_table(&self.rows, self.currency()));
        text += &format!("{pairs}; common random numbers, seed {}\n", base.seed);
        text += &self.moves.as_ref().map_or(String::new(), |moves| moves_table(moves, self.currency()));
        text += "\"no difference shown\": the interval includes 0; that does not show that both are equal\n\n";
        let chart = committed.path.join("charts/06-whatif-delta.png");
        let table = committed.path.join("compare.csv");
        text + &format!("Chart    {}\nAll {:<4} {}\n", chart.display(), KPIS.len(), table.display())
    }

    fn json(&self, committed: &Committed) -> Value {
        let change =
            |(key, base, whatif): &(String, String, String)| json!({ "key": key, "base": base, "whatif": whatif });
        let row = |row: &Paired| {
            let value = json!({
                "unit": row.unit,
                "base": { "mean": row.base_mean, "half_width": row.base_half_width },
                "whatif": { "mean": row.whatif_mean, "half_width": row.whatif_half_width },
                "difference": { "mean": row.difference, "low": row.low, "high": row.high },
                "correlation": row.correlation,
                "variance_reduction": row.variance_reduction,
                "verdict": row.verdict.words(),
            });
            (row.name.to_owned(), value)
        };
        json!({
            "whatif": self.whatif.asked.scenario.name,
            "output": committed.path.to_string_lossy(),
            "replaced": committed.replaced,
            "changes": self.changes.iter().map(change).collect::<Vec<_>>(),
            "kpis": self.rows.iter().map(row).collect::<Map<_, _>>(),
            "moves": self.moves.as_ref().map(moves_json),
        })
    }
}

/// What became of the same people in both sets of runs.
fn moves_of(base: &[Replication], whatif: &[Replication]) -> Option<Moves> {
    fn fates(runs: &[Replication]) -> Vec<&Fates> {
        runs.iter().filter_map(|run| run.fates.as_ref()).collect()
    }
    moves(&fates(base), &fates(whatif))
}

fn json_text(told: &[(&Comparison<'_>, Committed)], timing: Map<String, Value>) -> String {
    let mut out = object(json!({ "comparisons": told.iter().map(|(it, at)| it.json(at)).collect::<Vec<_>>() }));
    if let Some((first, _)) = told.first() {
        let base = &first.base.asked.scenario;
        out.insert("base".into(), base.name.as_str().into());
        out.insert("seed".into(), base.seed.into());
        out.insert("replications".into(), first.runs.len().into());
    }
    out.insert("timing".into(), Value::Object(timing));
    format!("{}\n", Value::Object(out))
}

/// `key,base,whatif`: values as they stand in a scenario file.
fn changes_csv(changes: &[(String, String, String)]) -> String {
    let quoted = |text: &str| match text.contains([',', '"', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    let line = |(key, base, whatif): &(String, String, String)| {
        format!("{},{},{}\n", quoted(key), quoted(base), quoted(whatif))
    };
    std::iter::once("key,base,whatif\n".to_owned()).chain(changes.iter().map(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_with_commas_and_quotes_stay_one_cell() {
        let change = ("sourcing.policy".to_owned(), "\"a\"".to_owned(), "[1, 2]".to_owned());
        assert_eq!(changes_csv(&[change]), "key,base,whatif\nsourcing.policy,\"\"\"a\"\"\",\"[1, 2]\"\n");
    }
}
