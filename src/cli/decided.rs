//! Room: cli. What is told and kept of the decisions of an external policy.

use super::Failure;
use super::manifest::object;
use super::options::Asked;
use super::screen::Screen;
use crate::external::{Decisions, Recording, decisions_jsonl};
use crate::scenario::{DispatchPolicy, Scenario};
use crate::study::Replication;
use serde_json::{Map, Value, json};
use std::path::Path;

/// Mistakes told on stderr and in the manifest; all are counted.
const TOLD: usize = 10;

/// The recording to replay instead of asking the program.
pub(super) fn recording(file: &Path, asked: &Asked, replications: u32) -> Result<Recording, Failure> {
    let policy = asked.scenario.dispatch.policy;
    if policy != DispatchPolicy::External {
        let found = format!("--replay-decisions, but dispatch.policy is \"{}\"", policy.word());
        let help = "only decisions of dispatch.policy = \"external\" are recorded; leave the option out".to_owned();
        return Err(Failure::Input(found, help));
    }
    Ok(Recording::read(file, &asked.scenario, replications)?)
}

/// `decisions.jsonl` with a prefix to its name, if an external policy decided.
pub(super) fn file(prefix: &str, scenario: &Scenario, runs: &[Replication]) -> Option<(String, Vec<u8>)> {
    let all: Vec<&Decisions> = runs.iter().filter_map(|run| run.decisions.as_ref()).collect();
    let name = format!("{prefix}decisions.jsonl");
    (!all.is_empty()).then(|| (name, decisions_jsonl(scenario, all.into_iter()).into_bytes()))
}

/// What the manifest says: whether the same scenario and seed give the same results, and what was refused.
pub(super) fn facts(runs: &[Replication]) -> Map<String, Value> {
    let all = || runs.iter().filter_map(|run| run.decisions.as_ref());
    let mut told = object(json!({ "reproducible": !all().any(|decisions| decisions.live) }));
    if all().next().is_some() {
        let sum = |count: fn(&Decisions) -> u32| all().map(count).sum::<u32>();
        let counts = json!({
            "questions": sum(|decisions| decisions.answers.len() as u32),
            "illegal": sum(|decisions| decisions.illegal),
            "late": sum(|decisions| decisions.late),
            "malformed": sum(|decisions| decisions.malformed),
            "overtaken": runs.iter().map(|run| run.illegal_decisions).sum::<u32>(),
            "mistakes": mistakes(runs).take(TOLD).collect::<Vec<_>>(),
        });
        told.insert("external".into(), counts);
    }
    let halted: Vec<String> = halted(runs).collect();
    if !halted.is_empty() {
        told.insert("halted".into(), halted.into());
    }
    told
}

fn mistakes<'a>(runs: impl IntoIterator<Item = &'a Replication>) -> impl Iterator<Item = String> {
    runs.into_iter().enumerate().flat_map(|(replication, run)| {
        let messages = run.decisions.iter().flat_map(|decisions| &decisions.messages);
        messages.map(move |message| format!("replication {replication}, {message}"))
    })
}

fn halted<'a>(runs: impl IntoIterator<Item = &'a Replication>) -> impl Iterator<Item = String> {
    let why = |(replication, run): (usize, &Replication)| {
        run.halted.as_ref().map(|why| format!("replication {replication}: {why}"))
    };
    runs.into_iter().enumerate().filter_map(why)
}

/// Tells the first mistakes, and how many there are.
pub(super) fn tell<'a>(screen: Screen, runs: impl IntoIterator<Item = &'a Replication> + Clone) {
    for mistake in mistakes(runs.clone()).take(TOLD) {
        screen.say(&format!("external policy: {mistake}"));
    }
    let all = || runs.clone().into_iter().filter_map(|run| run.decisions.as_ref());
    let sum = |count: fn(&Decisions) -> u32| all().map(count).sum::<u32>();
    let [illegal, late, malformed] = [sum(|told| told.illegal), sum(|told| told.late), sum(|told| told.malformed)];
    if illegal + late + malformed > 0 {
        let questions = sum(|told| told.answers.len() as u32);
        screen.say(&format!(
            "external policy: of {questions} questions {late} were answered late and {malformed} illegibly; \
             {illegal} assignments were refused"
        ));
    }
}

/// A failure if a run ended before its time.
pub(super) fn whole<'a>(runs: impl IntoIterator<Item = &'a Replication>, what_is_left: &str) -> Result<(), Failure> {
    let halted: Vec<String> = halted(runs).collect();
    match halted.is_empty() {
        true => Ok(()),
        false => Err(Failure::Other(format!("{}; {what_is_left}", halted.join("; ")))),
    }
}
