//! Room: external. `decisions.jsonl`: what was answered, to be replayed without the program.
//!
//! The first line names the run, every further line answers one question:
//!
//! ```text
//! {"record":1,"scenario_hash":"…","seed":7,"replications":1}
//! {"replication":0,"n":1,"t_ms":60000,"assignments":[…]}        or "late":true, "malformed":"why", "ended":"why"
//! ```

use super::{Answered, Decisions, Given, Reply};
use crate::scenario::{External, Scenario, hash};
use crate::units::SimTime;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Version of the file format.
const RECORD: u32 = 1;

/// Why a recording cannot be replayed; each message says what to do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}: {found}", path.display())]
pub struct RecordingError {
    path: PathBuf,
    found: String,
}

#[derive(Serialize, Deserialize)]
struct Head {
    record: u32,
    scenario_hash: String,
    seed: u64,
    replications: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    replication: usize,
    n: usize,
    t_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignments: Option<Vec<Given>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    late: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    malformed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
}

impl Row {
    fn reply(self) -> Option<Reply> {
        match (self.assignments, self.late, self.malformed, self.ended) {
            (Some(given), false, None, None) => Some(Reply::Given(given)),
            (None, true, None, None) => Some(Reply::Late),
            (None, false, Some(why), None) => Some(Reply::Malformed(why)),
            (None, false, None, Some(why)) => Some(Reply::Ended(why)),
            _ => None,
        }
    }
}

/// Fingerprint of what the questions depend on: the scenario without the program that answers them.
fn questions_hash(scenario: &Scenario) -> String {
    hash(&Scenario { external: External::default(), ..scenario.clone() })
}

/// The decisions of all replications as the text of decisions.jsonl.
pub fn decisions_jsonl<'a>(scenario: &Scenario, replications: impl ExactSizeIterator<Item = &'a Decisions>) -> String {
    let (scenario_hash, seed) = (questions_hash(scenario), scenario.seed);
    let mut text = line(&Head { record: RECORD, scenario_hash, seed, replications: replications.len() });
    for (replication, decisions) in replications.enumerate() {
        for (place, Answered { at, reply }) in decisions.answers.iter().enumerate() {
            let (n, t_ms) = (place + 1, at.0);
            let mut row = Row { replication, n, t_ms, assignments: None, late: false, malformed: None, ended: None };
            match reply.clone() {
                Reply::Given(given) => row.assignments = Some(given),
                Reply::Late => row.late = true,
                Reply::Malformed(why) => row.malformed = Some(why),
                Reply::Ended(why) => row.ended = Some(why),
            }
            text += &line(&row);
        }
    }
    text
}

fn line(row: &impl Serialize) -> String {
    serde_json::to_string(row).expect("numbers and texts become JSON") + "\n"
}

/// Answers of an earlier run, by replication.
#[derive(Clone, PartialEq, Debug)]
pub struct Recording {
    answers: Vec<Vec<Answered>>,
}

impl Recording {
    /// Reads a file written by a run of this scenario under this seed with at least as many replications.
    pub fn read(path: &Path, scenario: &Scenario, replications: u32) -> Result<Recording, RecordingError> {
        let refuse = |found: String| RecordingError { path: path.to_owned(), found };
        let text = std::fs::read_to_string(path).map_err(|error| refuse(format!("cannot be read: {error}")))?;
        let recording = Recording::parse(&text, scenario).map_err(refuse)?;
        let recorded = recording.answers.len();
        if recorded < replications as usize {
            let ask = format!("ask for --replications {recorded} or fewer, not {replications}");
            return Err(refuse(format!("holds the decisions of {recorded} replications; {ask}")));
        }
        Ok(recording)
    }

    fn parse(text: &str, scenario: &Scenario) -> Result<Recording, String> {
        let mut lines = text.lines().enumerate();
        let first = lines.next().and_then(|(_, line)| serde_json::from_str::<Head>(line).ok());
        let head = first.filter(|head| head.record == RECORD).ok_or(
            "its first line is not that of a recording; name the decisions.jsonl of an output folder".to_owned(),
        )?;
        if head.seed != scenario.seed {
            let (recorded, asked) = (head.seed, scenario.seed);
            return Err(format!(
                "was recorded under seed {recorded}, and this run has seed {asked}; give --seed {recorded}"
            ));
        }
        if head.scenario_hash != questions_hash(scenario) {
            let help = "run the scenario.toml that lies beside the recording";
            return Err(format!("was recorded with another scenario, so its answers fit other questions; {help}"));
        }
        let mut answers = vec![Vec::new(); head.replications];
        for (number, line) in lines {
            let broken = |why: &str| format!("line {}: {why}; the file was changed or cut off", number + 1);
            let row: Row = serde_json::from_str(line).map_err(|error| broken(&error.to_string()))?;
            let of = answers.get_mut(row.replication).ok_or_else(|| broken("no such replication"))?;
            if row.n != of.len() + 1 {
                return Err(broken("a question is missing before it"));
            }
            let at = SimTime(row.t_ms);
            of.push(Answered { at, reply: row.reply().ok_or_else(|| broken("exactly one kind of answer is needed"))? });
        }
        Ok(Recording { answers })
    }

    /// The answers of a replication, the first being that to question 1.
    pub(super) fn answers(&self, replication: u32) -> &[Answered] {
        self.answers.get(replication as usize).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_is_refused_where_it_does_not_belong() {
        let given = serde_json::from_str(r#"[{"courier":2,"stops":[["pick_up",7],["drop_off",7]]}]"#).unwrap();
        let replies =
            [Reply::Given(given), Reply::Late, Reply::Malformed("\"x\"".into()), Reply::Ended("exit 3".into())];
        let at = |place: usize| SimTime(30_000 * (place as i64 + 1));
        let answers: Vec<Answered> =
            replies.into_iter().enumerate().map(|(place, reply)| Answered { at: at(place), reply }).collect();
        let all = [Decisions { answers: answers.clone(), ..Decisions::default() }, Decisions::default()];
        let scenario = Scenario { seed: 7, ..crate::testing::fixed_wishes() };
        let text = decisions_jsonl(&scenario, all.iter());
        assert_eq!(text.lines().count(), 5);
        let read = Recording::parse(&text, &scenario).unwrap();
        assert_eq!((read.answers(0), read.answers(1), read.answers(2)), (&answers[..], &[][..], &[][..]));
        let mut asked = scenario.clone();
        asked.external.command = vec!["other".into()];
        assert!(Recording::parse(&text, &asked).is_ok(), "who answered does not matter to the questions");
        asked.seed = 8;
        assert!(Recording::parse(&text, &asked).unwrap_err().contains("--seed 7"));
        asked = Scenario { horizon_h: 1.0, ..scenario };
        assert!(Recording::parse(&text, &asked).unwrap_err().contains("another scenario"));
    }
}
