//! Room: sweep. Handing shards to an engine that is there already: Slurm or HyperQueue. Only a script is written here; queues,
//! retries and machines are the engine's. What it does twice or never is seen from the plan folder, not from exit codes.

use super::folder::{SweepFolder, publish};
use super::run::shards_with_work;
use super::{SweepError, chunk};
use crate::results::quoted;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An engine that runs shards on many machines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// Slurm: one job array, `sbatch`.
    Slurm,
    /// HyperQueue: one task array, `hq submit`.
    HyperQueue,
}

/// What to ask of the engine.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Which engine.
    pub engine: Engine,
    /// Shards the plan is cut into.
    pub shards: u32,
    /// Processors of each shard.
    pub threads: usize,
    /// Shards at work at one time, if there is a limit; Slurm only.
    pub at_once: Option<u32>,
    /// Longest time a shard may take, as the engine writes it.
    pub time: Option<String>,
    /// Further options of `sbatch` or `hq submit`, as they stand on its command line.
    pub options: Vec<String>,
    /// The program that workers call; an absolute path.
    pub program: PathBuf,
}

/// A script, ready to be handed over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Script {
    /// Its text.
    pub text: String,
    /// Its name in the folder's `engine/`.
    pub name: &'static str,
    /// Shards it asks for: those with runs to do.
    pub shards: Vec<u32>,
}

impl Engine {
    /// The command that takes the script.
    pub fn command(self) -> &'static str {
        match self {
            Engine::Slurm => "sbatch",
            Engine::HyperQueue => "sh",
        }
    }
}

/// The script for the shards that have runs to do; none if all runs are done.
pub fn script(folder: &SweepFolder, asked: &Submission) -> Result<Option<Script>, SweepError> {
    let known = chunk::known(folder)?;
    let needed = |point: u32, replication: u32| !known.done.contains_key(&(point, replication));
    let shards = shards_with_work(folder, asked.shards, &needed);
    if shards.is_empty() {
        return Ok(None);
    }
    let place = std::path::absolute(folder.path()).map_err(SweepError::io(folder.path()))?;
    if place.to_string_lossy().contains(char::is_control) {
        let found = format!("{place:?}: a script cannot hold this name");
        return Err(SweepError::Input(found, "move the plan folder to a place without line breaks in its name".into()));
    }
    let (text, name) = match asked.engine {
        Engine::Slurm => (slurm(folder, asked, &shards, &place), "slurm.sh"),
        Engine::HyperQueue => (hyperqueue(folder, asked, &shards, &place), "hq.sh"),
    };
    Ok(Some(Script { text, name, shards }))
}

/// Writes the script into the folder and hands it to the engine; what the engine says.
pub fn submit(folder: &SweepFolder, engine: Engine, script: &Script) -> Result<String, SweepError> {
    let home = folder.path().join("engine");
    // Engines do not make the folder of their logs: a task whose log has no place fails at once.
    let logs = folder.path().join("logs");
    std::fs::create_dir_all(&logs).map_err(SweepError::io(&logs))?;
    publish(&home, script.name, script.text.as_bytes())?;
    let path = std::path::absolute(home.join(script.name)).map_err(SweepError::io(&home))?;
    let output = Command::new(engine.command()).arg(&path).output().map_err(|error| {
        let found = format!("{} cannot be started: {error}", engine.command());
        let help = format!("run this where the engine is installed, or hand {} over yourself", path.display());
        SweepError::Input(found, help)
    })?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        return Ok(said(&output.stdout));
    }
    let found = format!("{} refused the job: {}", engine.command(), said(&output.stderr));
    let help = format!("the script is {}; site options go behind --engine-option", path.display());
    Err(SweepError::Input(found, help))
}

/// Numbers as `0-3,7`.
fn array(shards: &[u32]) -> String {
    let mut text = String::new();
    let mut rest = shards;
    while let [first, ..] = rest {
        let run = rest.iter().zip(*first..).take_while(|(a, b)| **a == *b).count();
        let comma = if text.is_empty() { "" } else { "," };
        let _ = match run {
            1 => write!(text, "{comma}{first}"),
            _ => write!(text, "{comma}{first}-{}", rest[run - 1]),
        };
        rest = &rest[run..];
    }
    text
}

/// A file in a line of `#SBATCH`: Slurm reads quotes and backslashes there, and takes `%` in the folder for a word of its own.
fn slurm_file(folder: &Path, name: &str) -> String {
    let folder = folder.to_string_lossy().replace('%', "%%");
    let escaped = folder.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}/{name}\"")
}

/// A name that engines accept.
fn job_name(folder: &SweepFolder) -> String {
    let tame = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
    format!("nearfar-{}", folder.plan().facts.name.chars().map(tame).collect::<String>())
}

fn slurm(folder: &SweepFolder, asked: &Submission, shards: &[u32], place: &Path) -> String {
    let limit = asked.at_once.map_or(String::new(), |most| format!("%{most}"));
    let mut options = vec![
        format!("--job-name={}", job_name(folder)),
        format!("--array={}{limit}", array(shards)),
        "--requeue".to_owned(),
        format!("--cpus-per-task={}", asked.threads),
        format!("--output={}", slurm_file(&place.join("logs"), "shard-%a.log")),
        "--open-mode=append".to_owned(),
    ];
    options.extend(asked.time.iter().map(|time| format!("--time={time}")));
    options.extend(asked.options.iter().cloned());
    let lines: String = options.iter().map(|option| format!("#SBATCH {option}\n")).collect();
    format!(
        "#!/bin/sh\n{lines}# exec, so that signals reach nearfar. A shard may be done twice or begun anew: results are the same.\n\
         exec {} sweep run {} --shard \"$SLURM_ARRAY_TASK_ID/{}\" --threads {} --quiet\n",
        quoted(&asked.program.to_string_lossy()),
        quoted(&place.to_string_lossy()),
        asked.shards,
        asked.threads
    )
}

fn hyperqueue(folder: &SweepFolder, asked: &Submission, shards: &[u32], place: &Path) -> String {
    let program = quoted(&asked.program.to_string_lossy());
    let plan = quoted(&place.to_string_lossy());
    let task = format!(
        "exec {program} sweep run {plan} --shard \"$HQ_TASK_ID/{}\" --threads {} --quiet",
        asked.shards, asked.threads
    );
    let mut words = vec![
        "hq submit".to_owned(),
        format!("--name {}", job_name(folder)),
        format!("--array={}", array(shards)),
        format!("--cpus {}", asked.threads),
        // A worker lost is no fault of the task: on machines that come and go five times are soon over.
        "--crash-limit 20".to_owned(),
        "--stdout none".to_owned(),
        format!("--stderr {}", quoted(&format!("{}/logs/shard-%{{TASK_ID}}.err:rm-if-finished", place.display()))),
    ];
    words.extend(asked.time.iter().map(|time| format!("--time-limit {}", quoted(time))));
    words.extend(asked.options.iter().cloned());
    format!("#!/bin/sh\nexec {} \\\n  -- sh -c {}\n", words.join(" \\\n  "), quoted(&task))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_written_as_ranges() {
        assert_eq!(array(&[0, 1, 2, 3, 7, 9, 10]), "0-3,7,9-10");
        assert_eq!(array(&[5]), "5");
    }

    #[test]
    fn slurm_reads_the_place_of_its_logs() {
        assert_eq!(slurm_file(Path::new("/a b/50%"), "shard-%a.log"), r#""/a b/50%%/shard-%a.log""#);
        assert_eq!(slurm_file(Path::new(r#"/a"b\c"#), "x"), r#""/a\"b\\c/x""#);
    }
}
