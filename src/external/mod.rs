//! Room: external (floor 4). A dispatch policy that is a program of its own, in any language: asked over pipes, its
//! answers judged, counted and recorded. May use `units`, `scenario`, `city`, `policy`; the only room that starts
//! processes.
//!
//! ```text
//!              question (one line of JSON) ─► stdin ┌─────────┐ stdout ─► answer (one line of JSON)
//!  decide(view) ────────────────────────────────────┤ program ├──────────────────────┐
//!      │                                            └─────────┘                      ▼
//!      └─ or, in a replay: the line of decisions.jsonl ─────────────────────────► settle: legal ─► assignments
//!                                                                                    └─► Decisions (record, counts)
//! ```
//!
//! docs/external-policy.md is the protocol in words. What a program answers may depend on how fast this machine is
//! today; so a run with one is not reproducible, while a replay of its record is.

mod child;
mod protocol;
mod record;

pub use protocol::{Given, PROTOCOL, Visit};
pub use record::{Recording, RecordingError, decisions_jsonl};

use crate::city::City;
use crate::policy::dispatch::{Assignment, Dispatch, Halt, View, check};
use crate::scenario::Scenario;
use crate::units::SimTime;
use child::{Child, Heard};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Most mistakes kept as text for each replication; all are counted.
const MOST_MESSAGES: usize = 10;
/// The program may take its time to start, which has nothing to do with how fast it decides.
const HELLO: Duration = Duration::from_secs(60);

/// Why a program could not be started.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the program of external.command {0}")]
pub struct ExternalError(pub(crate) String);

/// What a program said to one question.
#[derive(Clone, PartialEq, Debug)]
pub enum Reply {
    /// Assignments, legal or not.
    Given(Vec<Given>),
    /// Nothing within `external.timeout_s`.
    Late,
    /// Something that is no answer; why not.
    Malformed(String),
    /// It was no longer there; the run ends.
    Ended(String),
}

/// A question and its answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Answered {
    /// Simulated time of the question.
    pub at: SimTime,
    /// What was answered.
    pub reply: Reply,
}

/// Everything an external policy decided in one replication.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Decisions {
    /// A program decided; false for a replay.
    pub live: bool,
    /// Every question in order, the first being number 1.
    pub answers: Vec<Answered>,
    /// Assignments that broke a rule and were left out.
    pub illegal: u32,
    /// Questions without an answer in time.
    pub late: u32,
    /// Questions whose answer could not be read.
    pub malformed: u32,
    /// The first mistakes in words.
    pub messages: Vec<String>,
}

impl Decisions {
    fn say(&mut self, at: SimTime, why: &str) {
        if self.messages.len() < MOST_MESSAGES {
            self.messages.push(format!("question {} at {at}: {why}", self.answers.len()));
        }
    }

    /// Keeps a reply and turns it into what may be carried out.
    fn settle(&mut self, view: &View, reply: Reply) -> Result<Vec<Assignment>, Halt> {
        let at = view.now;
        self.answers.push(Answered { at, reply: reply.clone() });
        match reply {
            Reply::Given(given) => Ok(self.legal(view, given)),
            Reply::Late => {
                self.late += 1;
                self.say(at, "no answer in time; nothing is decided");
                Ok(Vec::new())
            }
            Reply::Malformed(why) => {
                self.malformed += 1;
                self.say(at, &format!("the answer cannot be read: {why}; nothing is decided"));
                Ok(Vec::new())
            }
            Reply::Ended(why) => Err(Halt(why)),
        }
    }

    fn legal(&mut self, view: &View, given: Vec<Given>) -> Vec<Assignment> {
        let assignments: Vec<Assignment> = given.into_iter().map(Given::into_assignment).collect();
        let results = check(view, &assignments);
        let mut legal = Vec::with_capacity(assignments.len());
        for (assignment, result) in assignments.into_iter().zip(results) {
            match result {
                Ok(()) => legal.push(assignment),
                Err(illegal) => {
                    self.illegal += 1;
                    let courier = assignment.courier.0;
                    self.say(view.now, &format!("the assignment of courier {courier} is refused: {illegal}"));
                }
            }
        }
        legal
    }
}

/// What an external policy decides, to be read when its run is over.
#[derive(Clone, Debug)]
pub struct Ledger(Arc<Mutex<Decisions>>);

impl Ledger {
    /// Everything decided so far.
    pub fn decisions(&self) -> Decisions {
        self.0.lock().map_or_else(|broken| broken.into_inner().clone(), |decisions| decisions.clone())
    }
}

/// Starts the program of a scenario for one replication and introduces the city to it; or, with a recording, replays
/// that instead. The program ends with the policy.
///
/// # Errors
/// When the program cannot be started or does not answer the first line.
pub fn open(
    scenario: &Scenario,
    city: &Arc<City>,
    replication: u32,
    recording: Option<&Recording>,
) -> Result<(Box<dyn Dispatch>, Ledger), ExternalError> {
    let source = match recording {
        Some(recording) => Source::Recorded(recording.answers(replication).to_vec().into_iter()),
        None => Source::Live(Program::start(scenario, city, replication)?),
    };
    let live = recording.is_none();
    let ledger = Ledger(Arc::new(Mutex::new(Decisions { live, ..Decisions::default() })));
    let policy = External { source, city: Arc::clone(city), asked: 0, ledger: ledger.clone() };
    Ok((Box::new(policy), ledger))
}

/// The policy: asks, or looks up, and keeps the answer.
struct External {
    source: Source,
    city: Arc<City>,
    /// Questions asked.
    asked: u32,
    ledger: Ledger,
}

enum Source {
    Live(Program),
    Recorded(std::vec::IntoIter<Answered>),
}

impl Dispatch for External {
    fn decide(&mut self, view: &View) -> Result<Vec<Assignment>, Halt> {
        self.asked += 1;
        let n = self.asked;
        let reply = match &mut self.source {
            Source::Live(program) => program.ask(n, view.now, &protocol::question(n, view, &self.city)),
            Source::Recorded(answers) => match answers.next() {
                Some(answered) if answered.at == view.now => answered.reply,
                _ => {
                    let why = format!("the recording has no answer to question {n} at {}", view.now);
                    return Err(Halt(format!("{why}: it was made by another version of nearfar, or changed")));
                }
            },
        };
        let mut decisions = self.ledger.0.lock().unwrap_or_else(|broken| broken.into_inner());
        decisions.settle(view, reply)
    }
}

/// A program under questions; at most one is open at any time, so that a slow one is not asked about the past.
struct Program {
    child: Child,
    timeout: Duration,
    /// The question it still owes an answer to.
    owes: Option<u32>,
}

impl Program {
    fn start(scenario: &Scenario, city: &City, replication: u32) -> Result<Program, ExternalError> {
        let child = Child::start(&scenario.external.command).map_err(ExternalError)?;
        let timeout = Duration::from_secs_f64(scenario.external.timeout_s);
        let mut program = Program { child, timeout: HELLO, owes: None };
        let reply = program.ask(0, SimTime::ZERO, &protocol::hello(scenario, city, replication));
        program.timeout = timeout;
        match reply {
            Reply::Given(_) => Ok(program),
            Reply::Late => Err(ExternalError(format!("did not answer the first line within {} s", HELLO.as_secs()))),
            Reply::Malformed(why) => Err(ExternalError(format!("answered the first line with no answer: {why}"))),
            Reply::Ended(_) => Err(ExternalError(format!("ended before it answered ({})", program.child.end()))),
        }
    }

    fn ask(&mut self, n: u32, at: SimTime, question: &str) -> Reply {
        let deadline = child::in_time(self.timeout);
        let mut asked = false;
        loop {
            if !asked && self.owes.is_none() {
                self.child.tell(question);
                (asked, self.owes) = (true, Some(n));
            }
            match self.child.hear(deadline) {
                Heard::Nothing => return Reply::Late,
                Heard::End => {
                    let how = self.child.end();
                    return Reply::Ended(format!(
                        "the program of external.command ended ({how}) at question {n}, {at}"
                    ));
                }
                Heard::Line(line) => match protocol::answer(&line) {
                    Ok(answer) if answer.n == n && asked => {
                        self.owes = None;
                        return Reply::Given(answer.assignments);
                    }
                    // Too late for the question it answers.
                    Ok(answer) if answer.n < n => self.owes = self.owes.filter(|owed| *owed != answer.n),
                    Ok(answer) => {
                        self.owes = None;
                        return Reply::Malformed(format!("\"n\" is {}, but the question is {n}", answer.n));
                    }
                    Err(why) => {
                        self.owes = None;
                        if asked {
                            return Reply::Malformed(why);
                        }
                    }
                },
            }
        }
    }
}
