//! Room: scenario. The desk where files meet the schema: it knows which file is being read and at which key,
//! judges single values, and keeps every problem and every origin until the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::key::{Shape, quoted};
use super::problem::{Problem, closest};
use super::setting::Section as _;

/// Where the value of a key comes from.
#[derive(Clone, PartialEq, Debug)]
pub enum Origin {
    /// No file and no argument says anything.
    Default,
    /// A file or the command line says so.
    Set {
        /// `scenarios/baseline.toml:12` or `command line, --set #1`.
        place: String,
        /// What was changed relative to what, such as `scale 1.2 of 170 (default)`.
        change: Option<String>,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::Set { place, change: None } => f.write_str(place),
            Origin::Set { place, change: Some(change) } => write!(f, "{place}, {change}"),
        }
    }
}

/// A text that sets keys.
pub(super) struct Source {
    /// As shown in problems.
    pub name: String,
    /// The whole text.
    pub text: Rc<str>,
    /// Where its relative paths start.
    pub base_dir: PathBuf,
    /// Keyed lists change the list that is there instead of replacing it.
    pub patches: bool,
    /// It is an argument of the command line.
    pub command_line: bool,
}

/// A place in a source: which one, and the bytes.
type Mark = (usize, Range<usize>);

/// See the header of this file.
#[derive(Default)]
pub(crate) struct Desk {
    sources: Vec<Source>,
    path: String,
    fresh_row: Option<Option<String>>,
    problems: Vec<(usize, usize, Problem)>,
    origins: BTreeMap<String, (Mark, Option<String>)>,
    spoiled: BTreeSet<String>,
    current: usize,
    misread: BTreeSet<(usize, usize)>,
    metrics: Vec<&'static str>,
}

impl Desk {
    /// A desk that knows the names of the KPIs; one that does not lets any name pass.
    pub(super) fn knowing(metrics: &[&'static str]) -> Desk {
        Desk { metrics: metrics.to_vec(), ..Desk::default() }
    }

    /// The names of the KPIs, if known.
    pub(super) fn metrics(&self) -> Vec<&'static str> {
        self.metrics.clone()
    }

    /// Turns to a new source; everything until the next call is read from it.
    pub(super) fn open(&mut self, source: Source) {
        self.sources.push(source);
        self.current = self.sources.len() - 1;
    }

    /// How many sources were opened.
    pub(super) fn source_count(&self) -> usize {
        self.sources.len()
    }

    /// Turns back to a source opened earlier.
    pub(super) fn turn_to(&mut self, source: usize) {
        self.current = source;
    }

    /// Whether keyed lists are patched in this source.
    pub(super) fn patches(&self) -> bool {
        self.sources.get(self.current).is_some_and(|source| source.patches)
    }

    /// Whether this source is an argument.
    pub(super) fn on_command_line(&self) -> bool {
        self.sources.get(self.current).is_some_and(|source| source.command_line)
    }

    /// Where relative paths of this source start.
    pub(super) fn base_dir(&self) -> &Path {
        self.sources.get(self.current).map_or(Path::new(""), |source| &source.base_dir)
    }

    /// The dotted key being read.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Does something one key further down.
    pub(super) fn at<R>(&mut self, name: &str, act: impl FnOnce(&mut Desk) -> R) -> R {
        let length = self.path.len();
        if length > 0 && !name.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(name);
        let result = act(self);
        self.path.truncate(length);
        result
    }

    /// Does something in a row; `fresh` says the row is new and which id was perhaps meant.
    pub(super) fn at_row(&mut self, id: &str, fresh: Option<Option<String>>, act: impl FnOnce(&mut Desk)) {
        self.fresh_row = fresh.filter(|_| self.patches());
        self.at(id, act);
        self.fresh_row = None;
    }

    /// In a row the parent does not have: the id that was perhaps meant, if any.
    pub(super) fn fresh_row(&self) -> Option<Option<String>> {
        self.fresh_row.clone()
    }

    /// Keeps where the key being read got its value.
    pub(super) fn settle(&mut self, span: Range<usize>, change: Option<String>) {
        self.origins.insert(self.path.clone(), ((self.current, span), change));
    }

    /// Keeps where a list was stated, so that rules about the list have a place to point to.
    pub(super) fn settle_list(&mut self, span: Range<usize>) {
        self.settle(span, None);
    }

    /// Forgets the origins of everything below the key being read.
    pub(super) fn forget_below(&mut self) {
        let prefix = format!("{}.", self.path);
        self.origins.retain(|key, _| !key.starts_with(&prefix));
    }

    /// Forgets that a key was ever set, for keys a child does not inherit.
    pub(super) fn forget(&mut self, key: &str) {
        self.origins.remove(key);
    }

    /// The origin of a key.
    pub(super) fn origin(&self, key: &str) -> Origin {
        match self.origins.get(key) {
            None => Origin::Default,
            Some((mark, change)) => Origin::Set { place: self.place(mark), change: change.clone() },
        }
    }

    /// The origin of every key that was set.
    pub(super) fn origins(&self) -> BTreeMap<String, Origin> {
        self.origins.keys().map(|key| (key.clone(), self.origin(key))).collect()
    }

    /// The keys that the file itself or the command line sets, parents aside, in the order of their lines.
    pub(super) fn set_here(&self) -> Vec<String> {
        let here = |source: usize| source == 0 || self.sources[source].command_line;
        let mut set: Vec<_> = self.origins.iter().filter(|(_, ((source, _), _))| here(*source)).collect();
        set.sort_by_key(|(_, ((source, span), _))| (*source, span.start));
        set.into_iter().map(|(key, _)| key.clone()).collect()
    }

    fn place(&self, (source, span): &Mark) -> String {
        let source = &self.sources[*source];
        if source.command_line {
            source.name.clone()
        } else {
            format!("{}:{}", source.name, position(&source.text, span.start).0)
        }
    }

    /// Whether any problem was reported.
    pub(super) fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    /// All problems, in the order of the sources and of their lines.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|(source, offset, _)| (*source, *offset));
        self.problems.into_iter().map(|(_, _, problem)| problem).collect()
    }

    /// Reports a problem without a line.
    pub(super) fn report_file(&mut self, problem: Problem) {
        self.problems.push((self.sources.len(), 0, problem));
    }

    /// Reports a problem at the key being read.
    pub(super) fn report(
        &mut self,
        span: Range<usize>,
        found: impl Into<String>,
        expected: impl Into<String>,
        help: Option<String>,
    ) {
        self.spoiled.insert(self.path.clone());
        let key = self.path.clone();
        let mark = (self.current, span);
        self.report_at(&mark, key, found.into(), expected.into(), help);
    }

    /// Reports that values which are fine one by one do not go together; `keys` are those involved.
    /// Silent if one of them was reported already, since its value is not what the user meant.
    pub(super) fn report_rule(&mut self, keys: &[&str], found: String, expected: String, help: Option<String>) {
        let related = |spoiled: &str, key: &str| spoiled.starts_with(key) || key.starts_with(&format!("{spoiled}."));
        if keys.iter().any(|key| self.spoiled.iter().any(|spoiled| related(spoiled, key))) {
            return;
        }
        let key = keys[0].to_string();
        match keys.iter().find_map(|key| self.origins.get(*key)) {
            Some((mark, _)) => self.report_at(&mark.clone(), key, found, expected, help),
            None => {
                let file = self.sources.last().map_or_else(String::new, |source| source.name.clone());
                self.report_file(Problem { key, help, ..Problem::of_file(file, found, expected) });
            }
        }
    }

    /// From now on silent about the lines (source, line) whose syntax was reported: their values are not what was meant.
    pub(super) fn mute_misread_lines(&mut self) {
        let current = self.current;
        let lines =
            self.problems.iter().filter(|(source, _, _)| *source == current).filter_map(|(_, _, problem)| problem.line);
        self.misread.extend(lines.map(|line| (current, line)));
    }

    fn report_at(&mut self, mark: &Mark, key: String, found: String, expected: String, help: Option<String>) {
        let problem = match self.sources.get(mark.0) {
            Some(source) => {
                let (line, column) = position(&source.text, mark.1.start);
                if self.misread.contains(&(mark.0, line)) {
                    return;
                }
                let (line, column) =
                    if source.command_line { (None, Some(column)) } else { (Some(line), Some(column)) };
                let excerpt = excerpt(&source.text, &mark.1, column.unwrap_or(1));
                Problem { file: source.name.clone(), line, column, key, found, expected, help, excerpt }
            }
            None => Problem { key, help, ..Problem::of_file("", found, expected) },
        };
        self.problems.push((mark.0, mark.1.start, problem));
    }

    /// Reports a key the section does not have.
    pub(super) fn unknown_key(&mut self, name: &str, span: Range<usize>, shape: &Shape) {
        let names = || shape.keys.iter().map(|key| key.name);
        let guess = closest(name, names());
        let help = match (guess, elsewhere(name)) {
            (Some(guess), _) => {
                // A rule about the key that was meant would only repeat the complaint.
                let meant = self.at(guess, |desk| desk.path.clone());
                self.spoiled.insert(meant);
                Some(format!("did you mean `{guess}`?"))
            }
            (None, Some(other)) => Some(format!("did you mean `{other}`? It belongs to another section")),
            (None, None) => None,
        };
        let section = if self.path.is_empty() { "the top level".to_string() } else { format!("`{}`", self.path) };
        let expected = format!("one of the keys of {section}: {}", quoted(names(), "`"));
        self.at(name, |desk| desk.report(span, "unknown key", expected, help));
    }

    /// Reports an id the list does not have.
    pub(super) fn unknown_id(&mut self, id: &str, span: Range<usize>, ids: &[String]) {
        let help = closest(id, ids.iter().map(String::as_str)).map(|guess| format!("did you mean `{guess}`?"));
        let expected = format!("one of the ids: {}", quoted(ids.iter().map(String::as_str), "`"));
        self.at(id, |desk| desk.report(span, "no row has this id", expected, help));
    }
}

/// The full key of this name in another section.
fn elsewhere(name: &str) -> Option<String> {
    let sections =
        || super::Scenario::shape().keys.iter().filter_map(|key| key.kind.below().map(|shape| (key.name, shape)));
    let exact = sections().find(|(_, shape)| shape.key(name).is_some()).map(|(section, _)| format!("{section}.{name}"));
    let top = super::Scenario::shape().key(name).map(|key| key.name.to_string());
    top.or(exact)
}

/// Line and column, both from 1, of a byte of a text.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    (line, String::from_utf8_lossy(&before[line_start..]).chars().count() + 1)
}

/// The line a span starts in and how much of it to underline; `None` if the place is far out in a long line.
fn excerpt(text: &str, span: &Range<usize>, column: usize) -> Option<(String, usize)> {
    let line = text.lines().nth(position(text, span.start).0 - 1)?;
    let spanned = text.get(span.clone()).map_or(1, |part| part.lines().next().unwrap_or("").chars().count());
    let width = spanned.min(line.chars().count().saturating_sub(column - 1)).max(1);
    let shown: String = line.chars().take(160).map(|c| if c.is_control() { ' ' } else { c }).collect();
    (column <= 160).then(|| (shown, width.min(161 - column)))
}
