//! Room: deck. What a finished folder holds, whichever command wrote it.

use super::DeckError;
use crate::metrics::{KpiSummary, summarise};
use crate::report::Look;
use crate::results::{PROGRAM, ReadError, RunFolder};
use crate::scenario::{self, Scenario};
use crate::table::{self, Table};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// All that slides and sheets are made from.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) label: String,
    pub(super) question: String,
    /// Version, fingerprints, seed and replications; without time and date.
    pub(super) origin: String,
    pub(super) charts: Vec<Chart>,
    /// How many of the charts are of this folder; the others are of comparisons told together with it.
    pub(super) own_charts: usize,
    pub(super) found: Found,
    /// manifest.json or plan.json, without what differs from run to run.
    pub(super) facts: Value,
    /// Text of methods.md; empty if there is none.
    pub(super) methods: String,
    /// Language and theme of the folder's charts.
    pub(super) look: Look,
}

/// What only folders of one kind hold.
#[derive(Debug)]
pub(super) enum Found {
    Run { scenario: Box<Scenario>, kpis: Vec<KpiSummary>, replications: u32, all: Table },
    Compare(Compared),
    Sweep(Swept),
}

/// A comparison.
#[derive(Debug)]
pub(super) struct Compared {
    pub(super) base: Box<Scenario>,
    pub(super) whatif: Box<Scenario>,
    pub(super) kpis: Table,
    pub(super) changes: Table,
    pub(super) hypotheses: Option<Table>,
    /// Further tables, by name.
    pub(super) more: Vec<(String, Table)>,
    /// Confidence of intervals in percent.
    pub(super) percent: String,
}

/// A sweep.
#[derive(Debug)]
pub(super) struct Swept {
    pub(super) scenarios: Vec<(String, Scenario)>,
    pub(super) summary: Table,
    /// The factors: column, label, kind, levels in words.
    pub(super) factors: Vec<[String; 4]>,
    /// KPIs tabled first.
    pub(super) metrics: Vec<String>,
    /// Language and theme.
    pub(super) look: Look,
    /// Tables of `nearfar analyze`, by name.
    pub(super) analysis: BTreeMap<String, Table>,
}

/// A chart as it lies in the folder.
#[derive(Clone, Debug)]
pub(super) struct Chart {
    pub(super) slug: String,
    pub(super) title: String,
    pub(super) subtitle: String,
    pub(super) takeaway: String,
    pub(super) source: String,
    pub(super) alt: String,
    pub(super) picture: Picture,
    pub(super) table: Table,
}

/// The drawing of a chart.
#[derive(Clone, Debug)]
pub(super) enum Picture {
    /// Without its words, text as text: drawn with the bundled faces.
    Body(String),
    /// The whole sheet with text as outlines, of a folder that holds no bodies.
    Sheet(String),
}

impl Picture {
    pub(super) fn svg(&self) -> &str {
        match self {
            Picture::Body(svg) | Picture::Sheet(svg) => svg,
        }
    }
}

/// What is changed in a stored scenario before its look is taken, such as the language.
pub(super) type Change<'a> = dyn Fn(&mut Scenario) + 'a;

/// The comparisons in a folder that is not itself one of ours, by name; none if it is.
pub(super) fn comparisons(folder: &Path) -> Result<Vec<PathBuf>, DeckError> {
    if !folder.is_dir() || ["manifest.json", "plan.json"].iter().any(|file| folder.join(file).is_file()) {
        return Ok(Vec::new());
    }
    let failed = |source| DeckError::Io { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if RunFolder::open(&path).is_ok_and(|opened| opened.manifest()["base"].is_object()) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Reads a folder.
pub(super) fn source(folder: &Path, change: &Change<'_>) -> Result<Source, DeckError> {
    if !folder.is_dir() {
        return Err(ReadError::NoFolder { path: folder.to_owned() }.into());
    }
    if folder.join("plan.json").is_file() {
        return sweep(folder, change);
    }
    let opened = RunFolder::open(folder)?;
    let mut facts = opened.manifest().clone();
    if let Some(map) = facts.as_object_mut() {
        map.remove("timing");
    }
    let charts = charts(folder)?;
    if charts.is_empty() {
        return Err(DeckError::NoCharts { path: folder.to_owned() });
    }
    if facts["base"].is_object() {
        compare(folder, facts, charts, change)
    } else {
        run(folder, &opened, facts, charts, change)
    }
}

fn run(
    folder: &Path,
    opened: &RunFolder,
    facts: Value,
    charts: Vec<Chart>,
    change: &Change<'_>,
) -> Result<Source, DeckError> {
    let scenario = scenario_of(&folder.join("scenario.toml"))?;
    let replications = opened.replications();
    let origin = format!(
        "nearfar {} · scenario {} · seed {} · {}",
        text(&facts["version"]),
        short(&facts["scenario_hash"]),
        facts["seed"],
        replications_words(replications.into())
    );
    let kpis = summarise(&opened.kpis()?);
    let all = csv(&folder.join("kpis.csv"))?;
    let (label, question) = (scenario.label.clone(), scenario.question.clone());
    let look = look_of(folder, &scenario, change)?;
    let found = Found::Run { scenario, kpis, replications, all };
    Ok(Source { label, question, origin, own_charts: charts.len(), charts, found, facts, methods: String::new(), look })
}

fn compare(folder: &Path, facts: Value, charts: Vec<Chart>, change: &Change<'_>) -> Result<Source, DeckError> {
    let [base, whatif] = [scenario_of(&folder.join("base.toml"))?, scenario_of(&folder.join("whatif.toml"))?];
    let look = look_of(folder, &base, change)?;
    let (one, other) = (&facts["base"], &facts["whatif"]);
    let origin = format!(
        "nearfar {} · scenarios {} and {} · seed {} · {} of days on common random numbers",
        text(&facts["version"]),
        short(&one["scenario_hash"]),
        short(&other["scenario_hash"]),
        one["seed"],
        crate::report::wording::plural(other["replications"].as_u64().unwrap_or(0) as usize, "pair")
    );
    let label = format!("{} → {}", base.label, whatif.label);
    let question = whatif.question.clone();
    let confidence = facts["judging"]["confidence"].as_f64().unwrap_or(0.95);
    let more = ["session_moves"].iter().filter_map(|name| {
        optional_csv(&folder.join(format!("{name}.csv"))).transpose().map(|table| Ok(((*name).to_owned(), table?)))
    });
    let found = Found::Compare(Compared {
        kpis: csv(&folder.join("compare.csv"))?,
        changes: csv(&folder.join("changes.csv"))?,
        hypotheses: optional_csv(&folder.join("hypotheses.csv"))?,
        more: more.collect::<Result<_, DeckError>>()?,
        percent: crate::report::wording::number(confidence * 100.0, if confidence == 0.95 { 0 } else { 2 }),
        base,
        whatif,
    });
    let methods = optional_text(&folder.join("methods.md"))?;
    Ok(Source { label, question, origin, own_charts: charts.len(), charts, found, facts, methods, look })
}

fn sweep(folder: &Path, change: &Change<'_>) -> Result<Source, DeckError> {
    let path = folder.join("plan.json");
    let plan: Value = json(&path)?;
    if plan["program"] != PROGRAM {
        return Err(ReadError::NotOurs { path: folder.to_owned() }.into());
    }
    let facts = plan["facts"].clone();
    let Some(summary) = optional_csv(&folder.join("summary.csv"))? else {
        return Err(DeckError::NotCollected { path: folder.to_owned() });
    };
    let names = facts["scenarios"].as_array().into_iter().flatten().map(|scenario| text(&scenario["name"]));
    let scenarios = names
        .map(|name| Ok((name.clone(), *scenario_of(&folder.join(format!("scenarios/{name}.toml")))?)))
        .collect::<Result<Vec<_>, DeckError>>()?;
    let runs = optional_csv(&folder.join("results.csv"))?.map_or(0, |table| table.len());
    let origin = format!(
        "nearfar {} · plan {} · seed {} · {}",
        text(&facts["version"]),
        short(&plan["plan_hash"]),
        facts["seed"],
        crate::report::wording::plural(runs, "run")
    );
    let mut analysis = BTreeMap::new();
    for path in files(&folder.join("analysis"), "csv")? {
        analysis.insert(stem(&path), csv(&path)?);
    }
    let look = look_of(folder, &scenarios.first().map(|(_, scenario)| scenario.clone()).unwrap_or_default(), change)?;
    let found = Found::Sweep(Swept {
        scenarios,
        summary,
        factors: facts["factors"].as_array().into_iter().flatten().map(factor).collect(),
        metrics: facts["metrics"].as_array().into_iter().flatten().map(text).collect(),
        look: look.clone(),
        analysis,
    });
    let label = Some(text(&facts["label"])).filter(|label| !label.is_empty()).unwrap_or_else(|| text(&facts["name"]));
    let question = text(&facts["question"]);
    let methods = optional_text(&folder.join("methods.md"))?;
    let charts = charts(folder)?;
    Ok(Source { label, question, origin, own_charts: charts.len(), charts, found, facts: plan, methods, look })
}

/// Column, label, kind and levels of a factor of plan.json.
fn factor(facts: &Value) -> [String; 4] {
    let apply = text(&facts["apply"]);
    let key = text(&facts["key"]);
    let column = if matches!(apply.as_str(), "" | "set") { key } else { format!("{key}.{apply}") };
    let label = Some(text(&facts["label"])).filter(|label| !label.is_empty()).unwrap_or_else(|| column.clone());
    let span = facts["span"].as_object().and_then(|span| span.iter().next());
    let levels = span.map_or(String::new(), |(kind, values)| {
        let values: Vec<String> = match values {
            Value::Array(values) => values.iter().map(level).collect(),
            Value::Object(parts) => parts.values().map(level).collect(),
            one => vec![level(one)],
        };
        match kind.as_str() {
            "levels" if values.len() > 8 => {
                format!("{} levels from {} to {}", values.len(), values[0], values[values.len() - 1])
            }
            "levels" => values.join(", "),
            drawn => format!("{drawn} from {}", values.join(" to ")),
        }
    });
    [column, label, text(&facts["kind"]), levels]
}

fn level(value: &Value) -> String {
    match value {
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        Value::Object(map) => map.values().map(level).collect(),
        other => text(other),
    }
}

/// The charts of a folder, by their names.
fn charts(folder: &Path) -> Result<Vec<Chart>, DeckError> {
    let mut found = Vec::new();
    for place in ["charts", "analysis/charts"] {
        let at = folder.join(place);
        for svg in files(&at, "svg")? {
            let table = at.join(format!("{}.csv", stem(&svg)));
            if table.is_file() {
                found.push(chart(&at, &svg, &table)?);
            }
        }
    }
    Ok(found)
}

fn chart(at: &Path, svg: &Path, numbers: &Path) -> Result<Chart, DeckError> {
    let slug = stem(svg);
    let words = at.join(format!("{slug}.json"));
    let body = at.join(format!("body/{slug}.svg"));
    let table = csv(numbers)?;
    if words.is_file() && body.is_file() {
        let picture = read_text(&body)?;
        if crate::report::canvas::area_of(&picture).is_none() {
            return Err(DeckError::Damaged { path: body, why: "no drawing with a viewBox".into() });
        }
        let words = json(&words)?;
        let [title, subtitle, takeaway, source, alt] =
            ["title", "subtitle", "takeaway", "source", "alt"].map(|key| text(&words[key]));
        return Ok(Chart { slug, title, subtitle, takeaway, source, alt, picture: Picture::Body(picture), table });
    }
    // Of an older folder, or another program: the words stand in the picture only.
    let title = slug.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-').replace('-', " ");
    let alt = title.clone();
    let picture = Picture::Sheet(read_text(svg)?);
    let [subtitle, takeaway, source] = [(); 3].map(|()| String::new());
    Ok(Chart { slug, title, subtitle, takeaway, source, alt, picture, table })
}

/// Files of a folder with this ending, by name; none if there is no such folder.
fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, DeckError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed(folder))?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed(folder))?.path();
        if path.is_file() && path.extension().is_some_and(|found| found == ending) {
            files.push(path);
        }
    }
    // By name without the ending, so that `30-knee` stands before `30-knee-2`.
    files.sort_by_key(|path| stem(path));
    Ok(files)
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The look that a scenario of the folder asks for, with what is changed.
fn look_of(folder: &Path, scenario: &Scenario, change: &Change<'_>) -> Result<Look, DeckError> {
    let mut scenario = scenario.clone();
    change(&mut scenario);
    Look::of(&scenario).map_err(|problems| DeckError::Look { path: folder.to_owned(), why: problems.to_string() })
}

fn scenario_of(path: &Path) -> Result<Box<Scenario>, DeckError> {
    let loaded = scenario::load(path, &[]).map_err(|problems| damaged(path, problems.to_string()))?;
    Ok(Box::new(loaded.scenario))
}

fn csv(path: &Path) -> Result<Table, DeckError> {
    table::read(path).map_err(|problems| {
        let found: Vec<String> = problems.iter().map(|problem| problem.found.clone()).collect();
        damaged(path, found.join("; "))
    })
}

fn optional_csv(path: &Path) -> Result<Option<Table>, DeckError> {
    if path.is_file() { csv(path).map(Some) } else { Ok(None) }
}

fn optional_text(path: &Path) -> Result<String, DeckError> {
    if path.is_file() { read_text(path) } else { Ok(String::new()) }
}

fn read_text(path: &Path) -> Result<String, DeckError> {
    fs::read_to_string(path).map_err(failed(path))
}

fn json(path: &Path) -> Result<Value, DeckError> {
    serde_json::from_str(&read_text(path)?).map_err(|error| damaged(path, error.to_string()))
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> DeckError + '_ {
    move |source| DeckError::Io { path: path.to_owned(), source }
}

fn damaged(path: &Path, why: String) -> DeckError {
    DeckError::Damaged { path: path.to_owned(), why }
}

/// The text of a JSON value; empty if it is none.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The first eight digits of a fingerprint.
fn short(value: &Value) -> String {
    text(value).chars().take(8).collect()
}

fn replications_words(n: u64) -> String {
    if n == 1 { "one replication".to_owned() } else { format!("{n} replications") }
}
