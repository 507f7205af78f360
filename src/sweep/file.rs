//! Room: sweep. The sweep file: which scenarios, which factors, which design, how many replications.

use super::factor::{Factor, Level};
use super::reader::{Reader, Section};
use super::rows::{factors, points};
use crate::metrics::{KPIS, definition};
use crate::scenario::{Problem, Problems, text_toml};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// Format version of sweep files.
pub const SWEEP_SCHEMA: u64 = 1;

/// How points are chosen.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Design {
    /// Every combination of all levels, the last factor fastest.
    Grid,
    /// The first levels together, the second levels together, and so on.
    Zip,
    /// The rows `[[point]]` of the file.
    List,
    /// The rows of a CSV file, one column for each factor.
    Csv,
    /// A Latin hypercube sample: each factor covers its range evenly.
    Lhs,
    /// The Sobol' sequence: covers all ranges together evenly.
    Sobol,
    /// Saltelli's design, for Sobol' indices.
    Saltelli,
    /// Morris' trajectories, for screening many factors.
    Morris,
}

impl Design {
    /// Words of the sweep file.
    pub const WORDS: [(&'static str, Design); 8] = [
        ("grid", Design::Grid),
        ("zip", Design::Zip),
        ("list", Design::List),
        ("csv", Design::Csv),
        ("lhs", Design::Lhs),
        ("sobol", Design::Sobol),
        ("saltelli", Design::Saltelli),
        ("morris", Design::Morris),
    ];

    /// As in files.
    pub fn word(self) -> &'static str {
        Design::WORDS.iter().find(|(_, design)| *design == self).map_or("", |(word, _)| word)
    }

    /// Whether it draws points between bounds.
    pub fn is_sampled(self) -> bool {
        matches!(self, Design::Lhs | Design::Sobol | Design::Saltelli | Design::Morris)
    }
}

/// When enough replications are made.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
pub struct StopRule {
    /// KPI looked at.
    pub metric: String,
    /// Wanted half-width of its interval, relative to the mean, or absolute in the KPI's unit.
    pub half_width: f64,
    /// Whether `half_width` is relative.
    pub relative: bool,
    /// Confidence of the interval.
    pub confidence: f64,
}

/// How often each point is simulated.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
pub struct Replications {
    /// At least so often.
    pub min: u32,
    /// At most so often.
    pub max: u32,
    /// Between the two: until all of these hold.
    pub stop: Vec<StopRule>,
}

/// A sweep file that passed every check of its own.
#[derive(Clone, PartialEq, Debug)]
pub struct SweepFile {
    /// Name of the study and of its folder.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// The question it answers.
    pub question: String,
    /// Scenario files; each is simulated at every point.
    pub scenarios: Vec<PathBuf>,
    /// Keys set alike at every point: key, value, line.
    pub set: Vec<(String, String, usize)>,
    /// Root of every random stream; that of the first scenario if not given.
    pub seed: Option<u64>,
    /// How points are chosen.
    pub design: Design,
    /// Points of a Latin hypercube or Sobol' sample, base sample of Saltelli's design.
    pub samples: u32,
    /// Trajectories of Morris' design.
    pub trajectories: u32,
    /// The CSV file of points.
    pub design_file: Option<PathBuf>,
    /// KPIs to be tabled first.
    pub metrics: Vec<&'static str>,
    /// How often each point is simulated.
    pub replications: Replications,
    /// The keys that vary; those of a CSV file are not known yet.
    pub factors: Vec<Factor>,
    /// The rows of a list: the level of each factor.
    pub points: Vec<Vec<Level>>,
}

/// KPIs tabled where the file names none.
const METRICS: [&str; 8] = [
    "orders",
    "near_share_orders",
    "click_to_door_mean_min",
    "on_time_share",
    "cost_per_order",
    "contribution_margin_per_order",
    "co2e_per_order_g",
    "courier_utilisation",
];

/// Whether a file has a key that only sweep files have at their top.
pub fn is_sweep_file(path: &Path) -> bool {
    let text = fs::read_to_string(path).unwrap_or_default();
    let (table, _) = DeTable::parse_recoverable(&text);
    table.get_ref().contains_key("scenarios") || table.get_ref().contains_key("factor")
}

/// Whether a text has a section that only scenarios have.
fn is_scenario(table: &DeTable<'_>) -> bool {
    let own = |key: &&'static str| table.contains_key(*key);
    !table.contains_key("scenarios") && ["extends", "city", "demand", "couriers", "near"].iter().any(own)
}

impl SweepFile {
    /// Reads a sweep file and finds everything wrong with it.
    pub fn read(path: &Path) -> Result<SweepFile, Problems> {
        let shown = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| {
            let found = if path.is_dir() { "is a folder".to_owned() } else { format!("cannot be read: {error}") };
            let help = "a sweep file names scenarios and factors; docs/sweeps.md has an example";
            Problems(vec![Problem::of_file(&shown, found, "a sweep file (TOML text)").help(help)])
        })?;
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        SweepFile::parse(&shown, &text, path.parent().unwrap_or(Path::new("")), &stem)
    }

    /// Reads the text of a sweep file called `file` in messages; its paths start at `folder`.
    pub fn parse(file: &str, text: &str, folder: &Path, stem: &str) -> Result<SweepFile, Problems> {
        let reader = Reader::new(file, text);
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let at = error.span().map_or(text.len(), |span| span.start);
            reader.report(at, "", format!("not TOML: {}", error.message().replace('\n', ", ")), "", "");
        }
        if is_scenario(table.get_ref()) {
            let help = "name it in a sweep file, scenarios = [\"…\"]; docs/sweeps.md has an example";
            return Err(Problems(vec![Problem::of_file(file, "is a scenario, not a sweep file", "").help(help)]));
        }
        let read = errors.is_empty().then(|| {
            let top = reader.top(table.get_ref());
            let file = read(&top, folder, stem, &reader);
            top.close();
            file
        });
        let problems = reader.into_problems();
        match read {
            Some(file) if problems.is_empty() => Ok(file),
            _ => Err(Problems(problems)),
        }
    }
}

fn read(top: &Section<'_, '_>, folder: &Path, stem: &str, reader: &Reader<'_>) -> SweepFile {
    if top.whole("schema", 1..=u64::MAX).is_some_and(|schema| schema != SWEEP_SCHEMA) {
        top.wrong("schema", "a sweep file of another version", "schema = 1", "update nearfar, or the file");
    }
    let name = top.text("name").unwrap_or_else(|| stem.to_owned());
    if name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.') {
        top.wrong("name", format!("found {name:?}"), "a name that can be a folder's", "");
    }
    let design = top.word("design", &Design::WORDS).unwrap_or(Design::Grid);
    let (factors, broken) = factors(top, design);
    let file = SweepFile {
        label: top.text("label").unwrap_or_else(|| name.clone()),
        question: top.text("question").unwrap_or_default(),
        scenarios: scenarios(top, folder),
        set: set(top, reader),
        seed: top.whole("seed", 0..=9_000_000_000_000_000),
        samples: top.whole("samples", 2..=1 << 20).unwrap_or(64) as u32,
        trajectories: top.whole("trajectories", 2..=10_000).unwrap_or(20) as u32,
        design_file: top.text("design_file").map(|path| folder.join(path)),
        metrics: metrics(top),
        replications: replications(top),
        points: points(top, &factors, design),
        factors,
        name,
        design,
    };
    needs(top, &file, broken);
    file
}

/// What a design needs, and what does nothing in it; a broken factor is told where it stands.
fn needs(top: &Section<'_, '_>, file: &SweepFile, broken: bool) {
    let design = file.design;
    let word = design.word();
    if file.factors.is_empty() && !broken && !matches!(design, Design::Csv) {
        top.wrong(
            "factor",
            "no factor",
            "rows [[factor]], each with `key` and `values`",
            "docs/sweeps.md has examples",
        );
    }
    if design == Design::Csv && file.design_file.is_none() {
        top.wrong("design_file", "design = \"csv\" without a file", "the path of a CSV file, one column a factor", "");
    }
    if design == Design::Csv && !file.factors.is_empty() {
        top.wrong(
            "factor",
            "factors beside design = \"csv\"",
            "the columns of the file alone",
            "delete the [[factor]] rows",
        );
    }
    let unused = [
        ("design_file", design == Design::Csv, "csv"),
        ("point", design == Design::List, "list"),
        ("samples", matches!(design, Design::Lhs | Design::Sobol | Design::Saltelli), "lhs, sobol or saltelli"),
        ("trajectories", design == Design::Morris, "morris"),
    ];
    for (key, used, with) in unused {
        if top.has(key) && !used {
            top.wrong(
                key,
                format!("does nothing with design = \"{word}\""),
                &format!("it with design {with} only"),
                "",
            );
        }
    }
    let power_of_two = matches!(design, Design::Sobol | Design::Saltelli);
    if power_of_two && !file.samples.is_power_of_two() {
        let near = file.samples.next_power_of_two();
        let help = format!("write samples = {near}, or {}", near / 2);
        top.wrong(
            "samples",
            format!("found {}", file.samples),
            "a power of two: the sequence is even only there",
            &help,
        );
    }
    if design == Design::Zip {
        let lengths: Vec<usize> = file.factors.iter().filter_map(|f| Some(f.levels()?.len())).collect();
        if lengths.windows(2).any(|pair| pair[0] != pair[1]) {
            let found = format!("factors of {lengths:?} levels");
            top.wrong("design", found, "as many levels in each factor", "zip goes through all lists side by side");
        }
    }
    for (index, factor) in file.factors.iter().enumerate() {
        if file.factors[..index].iter().any(|earlier| earlier.key == factor.key) {
            top.wrong("factor", format!("{} is varied twice", factor.key), "each key once", "");
        }
    }
}

fn scenarios(top: &Section<'_, '_>, folder: &Path) -> Vec<PathBuf> {
    let given = top.texts("scenarios");
    if given.as_ref().is_none_or(Vec::is_empty) {
        let help = "write scenarios = [\"baseline.toml\"]; paths start at the folder of this file";
        top.wrong("scenarios", "no scenario", "one or more scenario files", help);
    }
    given.unwrap_or_default().into_iter().map(|(path, _)| folder.join(path)).collect()
}

/// `[set]`: keys that are the same at every point.
fn set(top: &Section<'_, '_>, reader: &Reader<'_>) -> Vec<(String, String, usize)> {
    let Some(section) = top.section("set") else { return Vec::new() };
    let mut found = Vec::new();
    for (key, node) in section.entries() {
        let at = node.span().start;
        match node.get_ref() {
            DeValue::Table(_) if !key.contains('.') => {
                let help = format!("write \"{key}.…\" = value, with the whole key in quotes");
                reader.report(at, &format!("set.{key}"), "found a table", "a value", &help);
            }
            value => found.push((key, toml_of(value), reader.line(at))),
        }
    }
    found
}

/// A value as TOML again.
fn toml_of(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text_toml(text),
        DeValue::Integer(digits) => digits.to_string(),
        DeValue::Float(digits) => digits.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(items) => {
            format!("[{}]", items.iter().map(|item| toml_of(item.get_ref())).collect::<Vec<_>>().join(", "))
        }
        DeValue::Table(table) => {
            let pair = |(key, node): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
                let key: &std::borrow::Cow<'_, str> = key.get_ref();
                format!("{key} = {}", toml_of(node.get_ref()))
            };
            format!("{{ {} }}", table.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
    }
}

fn metrics(top: &Section<'_, '_>) -> Vec<&'static str> {
    let Some(names) = top.texts("metrics") else { return METRICS.to_vec() };
    let mut found = Vec::new();
    for (name, _) in names {
        match definition(&name) {
            Some(definition) => found.push(definition.name),
            None => unknown_metric(top, "metrics", &name),
        }
    }
    found
}

fn unknown_metric(section: &Section<'_, '_>, key: &str, name: &str) {
    let known: Vec<&str> = KPIS.iter().map(|kpi| kpi.name).collect();
    let help = super::reader::closest(name, &known).map(|guess| format!("did you mean \"{guess}\"?"));
    let help = help.unwrap_or_else(|| "docs/kpis.md lists them".into());
    section.wrong(key, format!("no KPI is called {name:?}"), "the name of a KPI", &help);
}

fn replications(top: &Section<'_, '_>) -> Replications {
    let Some(section) = top.section("replications") else {
        return Replications { min: 10, max: 10, stop: Vec::new() };
    };
    let min = section.whole("min", 1..=100_000).unwrap_or(10) as u32;
    let max = section.whole("max", 1..=100_000).unwrap_or(u64::from(min)) as u32;
    let mut stop = Vec::new();
    for rule in section.rows("stop") {
        stop.extend(stop_rule(&rule));
        rule.close();
    }
    if max < min {
        section.wrong("max", format!("found {max}"), &format!("min ({min}) or more"), "");
    }
    if max > min && stop.is_empty() {
        let help = "add stop = [{ metric = \"cost_per_order\", rel_half_width = 0.01 }], or leave max out";
        section.wrong("max", "max above min without a rule when to stop", "rows `stop`", help);
    }
    if max == min && !stop.is_empty() {
        section.wrong("stop", "a rule when to stop, but min = max", "max above min", "raise max");
    }
    if !stop.is_empty() && min < 10 && max > min {
        let help = "with fewer the interval looks narrow by luck too often; min = max below 10 is allowed";
        section.wrong("min", format!("found {min}"), "10 or more where a rule decides when to stop", help);
    }
    section.close();
    Replications { min, max, stop }
}

fn stop_rule(rule: &Section<'_, '_>) -> Option<StopRule> {
    let name = rule.text("metric");
    let metric = name.as_deref().and_then(definition);
    match (&name, metric) {
        (None, _) => rule.wrong("metric", "no KPI named", "metric = \"cost_per_order\"", ""),
        (Some(name), None) => unknown_metric(rule, "metric", name),
        _ => {}
    }
    let (relative, absolute) = (rule.number("rel_half_width"), rule.number("half_width"));
    let confidence = rule.number("confidence").unwrap_or(0.95);
    if !(0.5..1.0).contains(&confidence) {
        rule.wrong("confidence", format!("found {confidence}"), "a share from 0.5 to below 1", "");
    }
    let half_width = match (relative, absolute) {
        (Some(width), None) | (None, Some(width)) if width > 0.0 => width,
        (Some(_), None) | (None, Some(_)) => {
            rule.wrong("rel_half_width", "not above 0", "a positive number, such as 0.01 for 1 %", "");
            return None;
        }
        _ => {
            let expected = "either rel_half_width (a share of the mean) or half_width (in the KPI's unit)";
            rule.wrong("rel_half_width", "not exactly one width", expected, "");
            return None;
        }
    };
    Some(StopRule { metric: metric?.name.to_owned(), half_width, relative: relative.is_some(), confidence })
}

#[cfg(test)]
mod tests {
    use super::super::factor::FactorKind;
    use super::*;

    fn parse(text: &str) -> Result<SweepFile, String> {
        SweepFile::parse("s.toml", text, Path::new("scenarios"), "s").map_err(|problems| problems.to_string())
    }

    const GRID: &str = "
schema = 1
scenarios = [\"baseline.toml\"]
metrics = [\"orders\", \"on_time_share\"]
[replications]
min = 10
max = 40
stop = [{ metric = \"on_time_share\", half_width = 0.01 }]
[[factor]]
key = \"couriers.count\"
values = [130, 150]
[[factor]]
key = \"near.radius_km\"
linspace = { from = 2, to = 3, n = 3 }
kind = \"uncertainty\"
[set]
horizon_h = 4
";

    #[test]
    fn a_grid_is_read() {
        let file = parse(GRID).unwrap();
        assert_eq!((file.name.as_str(), file.design, file.metrics.len()), ("s", Design::Grid, 2));
        assert_eq!(file.scenarios, [Path::new("scenarios/baseline.toml")]);
        assert_eq!((file.replications.min, file.replications.max), (10, 40));
        assert!(!file.replications.stop[0].relative);
        assert_eq!(file.set, [("horizon_h".to_owned(), "4".to_owned(), 17)]);
        let levels = [2.0, 2.5, 3.0].map(Level::Number);
        assert_eq!(file.factors[1].levels(), Some(&levels[..]));
        assert_eq!((file.factors[0].line, file.factors[1].kind), (9, FactorKind::Uncertainty));
    }

    #[test]
    fn a_scenario_is_no_sweep_file() {
        let found = parse("[city]\nside_km = 5\n").unwrap_err();
        assert!(found.contains("is a scenario, not a sweep file"), "{found}");
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let text = "
scenarios = []
design = \"gird\"
metrics = [\"on_time\"]
seeed = 3
[replications]
min = 5
max = 3
[[factor]]
key = \"couriers.count\"
values = [1]
uniform = [1, 2]
[[factor]]
values = []
";
        let found = parse(text).unwrap_err();
        let wanted = [
            "s.toml:2:",
            "did you mean \"grid\"",
            "no KPI is called \"on_time\"",
            "`seed`",
            "min (5) or more",
            "values and uniform at once",
            "a factor without a key",
            "an empty list",
        ];
        for words in wanted {
            assert!(found.contains(words), "{words} in {found}");
        }
    }

    #[test]
    fn what_does_nothing_is_refused() {
        let of = |extra: &str| parse(&GRID.replace("schema = 1", extra)).unwrap_err();
        assert!(of("samples = 8").contains("does nothing with design = \"grid\""));
        assert!(of("trajectories = 8").contains("does nothing"));
        let bounds = GRID.replace("values = [130, 150]", "uniform = [130, 150]");
        assert!(parse(&bounds).unwrap_err().contains("bounds in a grid"));
        let zip = GRID.replace("schema = 1", "design = \"zip\"");
        assert!(parse(&zip).unwrap_err().contains("[2, 3] levels"));
        assert!(parse(&GRID.replace("min = 10", "min = 3")).unwrap_err().contains("10 or more"));
    }
}
