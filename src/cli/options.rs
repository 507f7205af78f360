//! Room: cli. Options that `run` and `compare` share.

use super::looks::{Looks, notes};
use super::{Changes, Failure};
use crate::city::City;
use crate::report::Look;
use crate::scenario::{self, Scenario};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Options of every command that simulates.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct Options {
    /// Root of every random stream, instead of the scenario's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=9_000_000_000_000_000))]
    pub(super) seed: Option<u64>,
    #[command(flatten)]
    pub(super) changes: Changes,
    #[command(flatten)]
    pub(super) looks: Looks,
    /// Threads to use; results do not depend on it [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = threads)]
    threads: Option<NonZeroUsize>,
    /// Folder to write, instead of one in output/
    #[arg(short = 'o', long = "output", value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// Write into a folder that holds other things; files of other names stay
    #[arg(long)]
    pub(super) force: bool,
    /// Print nothing but errors
    #[arg(long)]
    pub(super) quiet: bool,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub(super) json: bool,
}

/// A number of threads or processors.
pub(super) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "a whole number, 1 or more".to_owned())
}

/// A scenario as the command line wants it.
pub(super) struct Asked {
    pub(super) scenario: Scenario,
    /// Whether `--set` or `--seed` made it another run than the file alone would give.
    pub(super) changed: bool,
    /// Fingerprint of the scenario without its seed, hexadecimal.
    pub(super) hash: String,
    /// Fingerprint of scenario and seed, hexadecimal.
    pub(super) run_hash: String,
    /// Language and theme.
    pub(super) look: Look,
    /// What is not as it was meant: keys that change nothing, and what charts will not show.
    pub(super) notes: Vec<String>,
}

impl Options {
    /// Loads a scenario with `--set`, then `--seed`.
    pub(super) fn load(&self, file: &Path) -> Result<Asked, Failure> {
        let overrides = self.changes.overrides()?;
        let mut loaded = super::load(file, &overrides)?;
        self.looks.apply(&mut loaded.scenario);
        let look = Look::of(&loaded.scenario)?;
        let notes = notes(&loaded, &look);
        let mut scenario = loaded.scenario;
        scenario.seed = self.seed.unwrap_or(scenario.seed);
        let run_hash = scenario::run_hash(&scenario);
        let touched = !overrides.is_empty() || self.seed.is_some();
        // A file that is wrong without the changes counts as changed.
        let plain = |file| super::load(file, &[]).map(|plain| scenario::run_hash(&plain.scenario)).ok();
        let changed = touched && plain(file).as_ref() != Some(&run_hash);
        Ok(Asked { changed, hash: scenario::hash(&scenario), run_hash, scenario, look, notes })
    }

    /// Threads to use, at least 1.
    pub(super) fn threads(&self) -> usize {
        self.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
    }
}

impl Asked {
    /// A scenario as it stands, in the look asked for.
    pub(super) fn of(mut scenario: Scenario, looks: &Looks) -> Result<Asked, Failure> {
        looks.apply(&mut scenario);
        let (hash, run_hash) = (scenario::hash(&scenario), scenario::run_hash(&scenario));
        Ok(Asked { changed: false, hash, run_hash, look: Look::of(&scenario)?, notes: Vec::new(), scenario })
    }

    /// The same under another seed, if one is given.
    pub(super) fn with_seed(mut self, seed: Option<u64>) -> Asked {
        if let Some(seed) = seed.filter(|seed| *seed != self.scenario.seed) {
            self.scenario.seed = seed;
            self.run_hash = scenario::run_hash(&self.scenario);
        }
        self
    }

    /// The city of the scenario.
    pub(super) fn city(&self) -> Result<Arc<City>, Failure> {
        Ok(Arc::new(City::build(&self.scenario)?))
    }
}
