//! Room: scenario. From a path to layers of keys: reads a file and, through `extends`, its parents,
//! and applies them to a scenario, the oldest parent first.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use toml::de::{DeTable, DeValue};

use super::desk::{Desk, Source, position};
use super::problem::{Problem, closest};
use super::setting::fill;
use super::{Override, Scenario};

/// A scenario file is text written by people; more than this is some other file.
const LARGEST_FILE: u64 = 16 << 20;

/// The files read so far, and whether all parents were found.
#[derive(Default)]
pub(super) struct Chain {
    /// In the order they were opened: the file itself, its parent, the parent's parent.
    pub files: Vec<PathBuf>,
    canonical: Vec<PathBuf>,
    /// A file or parent could not be read, so that values are missing.
    pub broken: bool,
}

/// Applies the file and its parents.
pub(super) fn apply_file(path: &Path, scenario: &mut Scenario, desk: &mut Desk, chain: &mut Chain) {
    match read(path) {
        Ok(text) => {
            chain.files.push(path.to_path_buf());
            chain.canonical.push(path.canonicalize().unwrap_or_else(|_| path.to_path_buf()));
            let base_dir = path.parent().unwrap_or(Path::new("")).to_path_buf();
            apply_text(&path.display().to_string(), &text, base_dir, scenario, desk, chain);
        }
        Err(problem) => {
            desk.report_file(*problem);
            chain.broken = true;
        }
    }
}

/// Applies a text as if it were a file in `base_dir`.
pub(super) fn apply_text(
    name: &str,
    text: &str,
    base_dir: PathBuf,
    scenario: &mut Scenario,
    desk: &mut Desk,
    chain: &mut Chain,
) {
    let text: Rc<str> = text.into();
    let (table, errors) = DeTable::parse_recoverable(&text);
    let mut table = table.into_inner();
    let extends = table.remove("extends");
    let patches = extends.is_some();
    desk.open(Source {
        name: name.into(),
        text: text.clone(),
        base_dir: base_dir.clone(),
        patches,
        command_line: false,
    });
    let source = desk.source_count() - 1;
    report_syntax(&errors, &text, desk);
    if let Some(extends) = extends {
        apply_parent(&extends, &base_dir, scenario, desk, chain);
        desk.turn_to(source);
    }
    chain.broken |= !errors.is_empty();
    if errors.iter().all(|error| stays_on_its_line(error, &text)) {
        desk.mute_misread_lines();
        forget_identity(scenario, desk);
        fill(scenario, &table, desk);
    }
}

/// Name, label, question and hypotheses speak about one file; a child does not inherit them.
fn forget_identity(scenario: &mut Scenario, desk: &mut Desk) {
    scenario.name.clear();
    scenario.label.clear();
    scenario.question.clear();
    scenario.hypothesis.0.clear();
    for key in ["name", "label", "question"] {
        desk.forget(key);
    }
    desk.forget("hypothesis");
    desk.at("hypothesis", |desk| desk.forget_below());
}

fn apply_parent(
    extends: &toml::Spanned<DeValue<'_>>,
    base_dir: &Path,
    scenario: &mut Scenario,
    desk: &mut Desk,
    chain: &mut Chain,
) {
    let span = extends.span();
    let expected = "the path of another scenario file, such as \"baseline.toml\"";
    let parent = match extends.get_ref().as_str() {
        Some(text) if !text.is_empty() => base_dir.join(text),
        _ => {
            let found = super::judge::found(extends);
            chain.broken = true;
            return desk.at("extends", |desk| desk.report(span, found, expected, None));
        }
    };
    if let Some(cycle) = cycle(&parent, chain) {
        chain.broken = true;
        let help = "delete the `extends` line of one of them; a baseline has none";
        return desk.at("extends", |desk| {
            desk.report(span, cycle, "a parent that does not lead back here", Some(help.into()))
        });
    }
    match read(&parent) {
        Ok(_) => apply_file(&parent, scenario, desk, chain),
        Err(problem) => {
            chain.broken = true;
            let found = format!("{}: {}", parent.display(), problem.found);
            let help = problem.help.unwrap_or_else(|| "paths are relative to the file that says `extends`".into());
            desk.at("extends", |desk| desk.report(span, found, expected, Some(help)));
        }
    }
}

fn cycle(parent: &Path, chain: &Chain) -> Option<String> {
    let canonical = parent.canonicalize().ok()?;
    let start = chain.canonical.iter().position(|seen| *seen == canonical)?;
    let mut round: Vec<String> = chain.files[start..].iter().map(|file| file.display().to_string()).collect();
    round.push(chain.files[start].display().to_string());
    Some(format!("the files extend each other in a circle: {}", round.join(" -> ")))
}

/// Applies `--set` arguments.
pub(super) fn apply_override(change: &Override, scenario: &mut Scenario, desk: &mut Desk) {
    let text: Rc<str> = change.text().into();
    let base_dir = PathBuf::new();
    let source = Source { name: change.place(), text: text.clone(), base_dir, patches: true, command_line: true };
    desk.open(source);
    let (table, errors) = DeTable::parse_recoverable(&text);
    let mut table = table.into_inner();
    report_syntax(&errors, &text, desk);
    if table.remove("extends").is_some() {
        let help = "write a small file with `extends = …` and run that";
        desk.at("extends", |desk| {
            desk.report(0..7, "a parent on the command line", "a key of the scenario", Some(help.into()))
        });
    }
    if errors.is_empty() {
        fill(scenario, &table, desk);
    }
}

/// TOML's own message, with what people usually got wrong; one for each line, and one for each bracket that is open.
pub(super) fn report_syntax(errors: &[toml::de::Error], text: &str, desk: &mut Desk) {
    let mut last_line = 0;
    for error in errors {
        let span = span(error, text);
        let line = position(text, span.start).0;
        let message = error.message().replace('\n', ", ");
        if line != last_line {
            let content = text.lines().nth(line - 1).unwrap_or("");
            let open_list = errors.iter().any(|error| error.message().contains("array"));
            let help = if open_list {
                "a list needs a closing bracket ], here or above"
            } else {
                syntax_help(&message, content)
            };
            desk.report(span, format!("not TOML: {message}"), "", Some(help.into()));
            if open_list {
                // The lines below are taken for parts of the list; complaints about them would mislead.
                return;
            }
        }
        last_line = line;
    }
}

fn span(error: &toml::de::Error, text: &str) -> std::ops::Range<usize> {
    error.span().unwrap_or(text.len()..text.len())
}

/// Whether the error is within the value of one key, so that the other lines are read as they were meant.
fn stays_on_its_line(error: &toml::de::Error, text: &str) -> bool {
    let spreads = ["array", "inline", "multi-line"].iter().any(|word| error.message().contains(word));
    let line = text.lines().nth(position(text, span(error, text).start).0 - 1).unwrap_or("");
    !spreads && line.contains('=') && !line.trim_start().starts_with('[')
}

fn syntax_help(message: &str, line: &str) -> &'static str {
    let value = line.split_once('=').map_or("", |(_, value)| value.trim());
    if message.contains("duplicate key") {
        "the key or section stands twice in this file; delete one of them"
    } else if value.starts_with(|c: char| c.is_alphabetic() || c == '/' || c == '.') {
        "put words and paths in quotes: name = \"value\""
    } else if value.matches('"').count() % 2 == 1 {
        "a quotation mark is missing on this line"
    } else if value.is_empty() && line.contains('=') {
        "write a value after the equals sign, or delete the line for the default"
    } else if line.trim_start().starts_with('[') {
        "a section is written [section], a row of a list [[section.list]]"
    } else if !line.contains('=') && !line.trim().is_empty() {
        "every line is `key = value`, `[section]`, or a comment after `#`"
    } else {
        "numbers have no units and no thousands separators; lists are [1, 2, 3]; texts are in quotes"
    }
}

/// Reads a text file, or says why it is none.
pub(super) fn read(path: &Path) -> Result<String, Box<Problem>> {
    let name = path.display().to_string();
    let fail =
        |found: &str, help: String| Box::new(Problem::of_file(&name, found, "a scenario file (TOML text)").help(help));
    if path.is_dir() {
        let inside = path.join("scenario.toml");
        let help =
            if inside.is_file() { format!("did you mean {}?", inside.display()) } else { "name a file in it".into() };
        return Err(fail("is a folder", help));
    }
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(path).and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes));
    match opened {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(fail("no such file", missing_help(path))),
        Err(error) => Err(fail(&format!("cannot be read: {error}"), "check the permissions of the file".into())),
        Ok(size) if size as u64 > LARGEST_FILE => Err(fail(
            "is larger than 16 MB",
            "orders and stores belong in files of their own (`demand.orders_file`, `stores.file`)".into(),
        )),
        Ok(_) => text_of(bytes).map_err(|found| fail(&found, binary_help(path))),
    }
}

fn text_of(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.contains(&0) {
        return Err("is a binary file, not text".into());
    }
    String::from_utf8(bytes).map_err(|error| {
        let bytes = error.as_bytes();
        let line = bytes[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("is not UTF-8 text (line {line})")
    })
}

fn binary_help(path: &Path) -> String {
    let table = ["parquet", "csv", "xlsx", "xls", "gz", "zip"];
    match path.extension().and_then(|extension| extension.to_str()) {
        Some(extension) if table.contains(&extension) => {
            "tables go into `stores.file`, `couriers.file` or `demand.orders_file` of a scenario file".into()
        }
        _ => "open it in an editor and save it as plain text in UTF-8".into(),
    }
}

fn missing_help(path: &Path) -> String {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let wanted = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return format!("the folder {} does not exist either", folder.display());
    };
    let mut names = BTreeSet::new();
    for entry in entries.flatten() {
        names.insert(entry.file_name().to_string_lossy().into_owned());
    }
    let toml = || names.iter().map(String::as_str).filter(|name| name.ends_with(".toml"));
    let stem =
        |name: &str| Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let stems: Vec<String> = toml().map(stem).collect();
    match closest(&stem(&wanted), stems.iter().map(String::as_str)) {
        Some(guess) => format!("did you mean {}.toml?", path.with_file_name(guess).display()),
        None if toml().next().is_some() => {
            format!("the scenarios in {} are {}", folder.display(), toml().take(8).collect::<Vec<_>>().join(", "))
        }
        None => format!("there is no scenario file in {}", folder.display()),
    }
}
