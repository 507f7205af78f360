//! Room: sweep. Running a plan, or a shard of it: any number of workers, on any machines, in any order.
//!
//! A worker looks which runs are done, does the missing ones of its shard and publishes them from time to time. Whoever is
//! killed loses a few seconds of work; whatever is done twice is the same.

use super::chunk::{self, Done, Row};
use super::folder::{SweepFolder, host};
use super::of_points::OfPoints;
use super::{SweepError, run_id};
use crate::city::City;
use crate::study::{self, Keep};
use cpu_time::{ProcessTime, ThreadTime};
use rayon::prelude::*;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Replications of one point that are done one after the other.
const BLOCK: u32 = 8;
/// Rows are published at least so often.
const PUBLISH_EVERY: Duration = Duration::from_secs(10);
/// Or when there are so many.
const PUBLISH_ROWS: usize = 512;

/// Which part of a plan to run, and how.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// This shard, from 0, of so many.
    pub shard: (u32, u32),
    /// Threads to use; results do not depend on it.
    pub threads: usize,
    /// Do failed runs again.
    pub retry_failed: bool,
    /// Stop when so many runs have failed.
    pub max_failures: Option<u64>,
}

/// What a worker tells while it works.
pub enum Heard<'a> {
    /// How far it is.
    Progress(Counts),
    /// A run failed: its name and why.
    Failed(&'a str, &'a str),
    /// Something worth knowing.
    Notice(&'a str),
}

/// Runs of a shard.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// All of the shard.
    pub all: u64,
    /// Done before this worker began.
    pub found: u64,
    /// Done by this worker, failed ones included.
    pub done: u64,
    /// Failed, of those done by this worker.
    pub failed: u64,
}

/// What a worker did.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Worked {
    /// Runs.
    pub counts: Counts,
    /// Orders simulated.
    pub orders: u64,
    /// CPU time of the runs: city, simulation, audit and KPIs.
    pub runs_cpu: Duration,
    /// CPU time of the simulations alone.
    pub simulation_cpu: Duration,
    /// CPU time of the whole process since the work began.
    pub process_cpu: Duration,
    /// Time that passed.
    pub elapsed: Duration,
}

impl Worked {
    /// Share of the process's CPU time that is not spent on runs.
    pub fn overhead(&self) -> f64 {
        1.0 - self.runs_cpu.as_secs_f64() / self.process_cpu.as_secs_f64().max(1e-9)
    }
    /// Processors kept busy.
    pub fn processors(&self) -> f64 {
        self.process_cpu.as_secs_f64() / self.elapsed.as_secs_f64().max(1e-9)
    }
    /// The same of both together.
    pub fn and(self, other: Worked) -> Worked {
        Worked {
            counts: Counts {
                all: other.counts.all,
                found: self.counts.found,
                done: self.counts.done + other.counts.done,
                failed: self.counts.failed + other.counts.failed,
            },
            orders: self.orders + other.orders,
            runs_cpu: self.runs_cpu + other.runs_cpu,
            simulation_cpu: self.simulation_cpu + other.simulation_cpu,
            process_cpu: self.process_cpu + other.process_cpu,
            elapsed: self.elapsed + other.elapsed,
        }
    }
}

/// Neighbouring replications of one point.
struct Block {
    point: u32,
    replications: Vec<u32>,
}

/// Rows waiting to be published, and what has been done.
struct Desk {
    rows: Vec<Row>,
    published: Instant,
    worked: Worked,
}

struct Worker<'a> {
    folder: &'a SweepFolder,
    /// So that a city is built once, however its replications are spread over threads.
    scenes: OfPoints<Result<Scene, String>>,
    desk: Mutex<Desk>,
    /// Someone decided that it is enough.
    halted: AtomicBool,
    max_failures: Option<u64>,
    hear: &'a (dyn Fn(Heard<'_>) + Sync),
}

/// Does the missing runs of a shard.
pub fn run(folder: &SweepFolder, work: Work, hear: &(dyn Fn(Heard<'_>) + Sync)) -> Result<Worked, SweepError> {
    let known = chunk::known(folder)?;
    for notice in &known.ignored {
        hear(Heard::Notice(notice));
    }
    let needed = |point: u32, replication: u32| match known.done.get(&(point, replication)) {
        Some(Done::Fine) => false,
        Some(Done::Failed) => work.retry_failed,
        None => true,
    };
    let (blocks, all) = blocks(folder, work.shard, &needed);
    let missing: u64 = blocks.iter().map(|block| block.replications.len() as u64).sum();
    let counts = Counts { all, found: all - missing, ..Counts::default() };
    let (begun, process) = (now(), ProcessTime::now());
    let worker = Worker {
        folder,
        scenes: OfPoints::new(folder.plan().points.len(), blocks.iter().map(|block| block.point)),
        desk: Mutex::new(Desk { rows: Vec::new(), published: begun, worked: Worked { counts, ..Worked::default() } }),
        halted: AtomicBool::new(false),
        max_failures: work.max_failures,
        hear,
    };
    hear(Heard::Progress(counts));
    let pool = study::pool(work.threads)?;
    pool.install(|| blocks.par_iter().with_max_len(1).try_for_each(|block| worker.block(block)))?;
    let mut desk = worker.desk.into_inner().unwrap_or_else(PoisonError::into_inner);
    publish(folder, &mut desk)?;
    desk.worked.process_cpu = process.elapsed();
    desk.worked.elapsed = begun.elapsed();
    log(folder, work, &desk.worked)?;
    match worker.halted.into_inner() {
        true => Err(SweepError::TooManyFailures(desk.worked.counts.failed)),
        false => Ok(desk.worked),
    }
}

#[expect(clippy::disallowed_methods, reason = "when to publish, and how long it took; neither is in a result")]
fn now() -> Instant {
    Instant::now()
}

/// The runs of a shard that are needed, and how many it has in all. Whole blocks belong to a shard, so that few of them build
/// the same city; where there are few blocks, single runs do.
fn blocks(folder: &SweepFolder, (shard, of): (u32, u32), needed: &dyn Fn(u32, u32) -> bool) -> (Vec<Block>, u64) {
    let most = folder.replications().iter().copied().max().unwrap_or(0);
    let block = if folder.plan().points.len() as u32 * most.div_ceil(BLOCK) >= 4 * of.max(2) { BLOCK } else { 1 };
    let (mut blocks, mut all) = (Vec::new(), 0);
    for (point, count) in folder.replications().iter().enumerate() {
        for first in (0..*count).step_by(block as usize) {
            let number = point as u64 * u64::from(most.div_ceil(block)) + u64::from(first / block);
            if number % u64::from(of) != u64::from(shard) {
                continue;
            }
            let range = first..(first + block).min(*count);
            all += u64::from(range.end - range.start);
            let point = point as u32;
            let replications: Vec<u32> = range.filter(|replication| needed(point, *replication)).collect();
            if !replications.is_empty() {
                blocks.push(Block { point, replications });
            }
        }
    }
    (blocks, all)
}

/// Shards, of so many, that have a run to do.
pub(super) fn shards_with_work(folder: &SweepFolder, of: u32, needed: &dyn Fn(u32, u32) -> bool) -> Vec<u32> {
    (0..of).filter(|shard| !blocks(folder, (*shard, of), needed).0.is_empty()).collect()
}

impl Worker<'_> {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn block(&self, block: &Block) -> Result<(), SweepError> {
        let cpu = ThreadTime::now();
        let mut spent = Duration::ZERO;
        let scene = self.scenes.open(block.point, || Scene::of(self.folder, block.point as usize));
        for replication in &block.replications {
            if self.halted.load(Relaxed) {
                return Ok(());
            }
            let ran = match &*scene {
                Ok(scene) => scene.run(*replication),
                Err(error) => Ran::failed(error.clone()),
            };
            let until = cpu.elapsed();
            self.keep(block.point, *replication, ran, until - spent)?;
            spent = until;
        }
        self.scenes.close(block.point);
        Ok(())
    }

    fn keep(&self, point: u32, replication: u32, ran: Ran, cpu: Duration) -> Result<(), SweepError> {
        let error = ran.error.map(|error| self.folder.without_place(&error));
        let mut desk = self.desk();
        let worked = &mut desk.worked;
        worked.counts.done += 1;
        worked.orders += ran.orders;
        worked.runs_cpu += cpu;
        worked.simulation_cpu += ran.cpu;
        if let Some(error) = &error {
            worked.counts.failed += 1;
            (self.hear)(Heard::Failed(&run_id(point as usize, replication), error));
            if self.max_failures.is_some_and(|most| worked.counts.failed >= most) {
                self.halted.store(true, Relaxed);
            }
        }
        (self.hear)(Heard::Progress(worked.counts));
        desk.rows.push(Row { point, replication, error, values: ran.values });
        if desk.published.elapsed() >= PUBLISH_EVERY || desk.rows.len() >= PUBLISH_ROWS {
            publish(self.folder, &mut desk)?;
        }
        Ok(())
    }
}

fn publish(folder: &SweepFolder, desk: &mut Desk) -> Result<(), SweepError> {
    let rows = std::mem::take(&mut desk.rows);
    desk.published = now();
    if rows.is_empty() { Ok(()) } else { chunk::put(folder, rows) }
}

/// A point with its city, or why there is none.
struct Scene {
    scenario: crate::scenario::Scenario,
    city: Arc<City>,
}

/// A run, or why there is none.
struct Ran {
    error: Option<String>,
    values: Vec<f64>,
    orders: u64,
    cpu: Duration,
}

impl Ran {
    fn failed(error: String) -> Ran {
        Ran { error: Some(error), values: Vec::new(), orders: 0, cpu: Duration::ZERO }
    }
}

impl Scene {
    fn of(folder: &SweepFolder, point: usize) -> Result<Scene, String> {
        if let Some(problem) = &folder.plan().points[point].problem {
            return Err(problem.clone());
        }
        caught(|| {
            let scenario = folder.scenario(point).map_err(|problems| one_line(&problems.to_string()))?;
            let city = City::build(&scenario).map_err(|error| one_line(&error.to_string()))?;
            Ok(Scene { scenario, city: Arc::new(city) })
        })
    }

    fn run(&self, replication: u32) -> Ran {
        let run = caught(|| {
            let run = study::one(&self.scenario, &self.city, (replication, 0), Keep::default(), None, &|_, _| {});
            run.map_err(|error| one_line(&error.to_string()))
        });
        match run {
            Ok(run) => match run.halted {
                Some(why) => Ran::failed(one_line(&why)),
                None => Ran {
                    error: None,
                    values: run.kpis.iter().map(|kpi| kpi.value).collect(),
                    orders: run.orders,
                    cpu: run.cpu,
                },
            },
            Err(error) => Ran::failed(error),
        }
    }
}

/// A mistake of the model in one run must not end a sweep of thousands.
fn caught<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
        Err(format!("a mistake of the model: {}", one_line(&words.unwrap_or_else(|| "no words".into()))))
    })
}

/// Messages are cells of a table.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What differs from run to run goes to a log of its own.
fn log(folder: &SweepFolder, work: Work, worked: &Worked) -> Result<(), SweepError> {
    if worked.counts.done == 0 {
        return Ok(());
    }
    let logs = folder.path().join("logs");
    std::fs::create_dir_all(&logs).map_err(SweepError::io(&logs))?;
    let path = logs.join(format!("timing-{}-{}.jsonl", host(), std::process::id()));
    let line = serde_json::json!({
        "host": host(),
        "shard": format!("{}/{}", work.shard.0, work.shard.1),
        "threads": work.threads,
        "runs": worked.counts.done,
        "failed": worked.counts.failed,
        "orders": worked.orders,
        "runs_cpu_s": worked.runs_cpu.as_secs_f64(),
        "simulation_cpu_s": worked.simulation_cpu.as_secs_f64(),
        "process_cpu_s": worked.process_cpu.as_secs_f64(),
        "elapsed_s": worked.elapsed.as_secs_f64(),
        "build": chunk::build(),
        "compiler": option_env!("NEARFAR_RUSTC"),
        "processor": processor(),
    });
    let file = OpenOptions::new().create(true).append(true).open(&path);
    // In one piece, should another process have the same name.
    file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes())).map_err(SweepError::io(&path))
}

/// The processor's name, where the system tells it.
fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
