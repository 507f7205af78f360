//! `nearfar analyze`: what a sweep says, by the method its design is made for or by those asked for.

use super::looks::Looks;
use super::screen::Screen;
use super::{Failure, analysis_charts, analysis_page, analysis_text, print};
use crate::metrics::{KPIS, definition};
use crate::report::{Chart, Look};
use crate::results::RunFolder;
use crate::scenario::{Scenario, closest};
use crate::statistics::{Confidence, Direction, StatisticsError};
use crate::sweep::analysis::{
    Analysis, Asked, Contrast, Findings, Indifference, Method, Settling, Study, WARMUP_METHODS, analyse,
    methods as methods_of, warmup, warmup_sheet, write,
};
use crate::sweep::{Design, Plan, SweepError, SweepFolder, put};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Say what a sweep found: what matters, which setting is best, where near and far break even
///
/// Reads what `nearfar sweep` left, writes one table for each method into DIR/analysis, charts into DIR/charts and DIR/report.html.
/// docs/analysis.md tells which question takes which method.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Folder of a sweep; for --method warmup that of a run
    folder: PathBuf,
    #[command(flatten)]
    looks: Looks,
    /// How to look at it; may be repeated [default: what the design is made for]
    #[arg(long = "method", value_name = "METHOD", value_parser = method_word)]
    methods: Vec<Method>,
    /// KPI to look at; may be repeated. For break-even: margin, cost, carbon or promise [default: those of the sweep file]
    #[arg(long = "metric", value_name = "KPI")]
    metrics: Vec<String>,
    /// KPI that is to be low, whatever its definition says; may be repeated
    #[arg(long = "min", value_name = "KPI")]
    low: Vec<String>,
    /// KPI that is to be high; may be repeated
    #[arg(long = "max", value_name = "KPI")]
    high: Vec<String>,
    /// How often an interval contains the true value
    #[arg(long, value_name = "SHARE", default_value_t = 0.95)]
    confidence: f64,
    /// Difference not worth detecting: 0.5 in the unit of the KPI, or 2% of its mean
    #[arg(long, value_name = "X", default_value = "1%", value_parser = indifference)]
    indifference: Indifference,
    /// For pairs: set every point against this one
    #[arg(long, value_name = "POINT", value_parser = point)]
    against: Option<usize>,
    /// Factor along a curve (knee) or a surface (break-even)
    #[arg(long, value_name = "KEY")]
    x: Option<String>,
    /// Second factor of a surface
    #[arg(long, value_name = "KEY")]
    y: Option<String>,
    /// For knee: a curve at each level of this factor
    #[arg(long, value_name = "KEY")]
    by: Option<String>,
    /// For break-even: a difference of two KPIs of one unit; may be repeated
    #[arg(long = "difference", value_name = "A-B")]
    differences: Vec<String>,
    /// Also if runs are missing; the tables then say so
    #[arg(long)]
    partial: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Leave out the charts and report.html
    #[arg(long)]
    no_charts: bool,
    /// Write tables, charts and report.html and print nothing
    #[arg(long)]
    quiet: bool,
}

fn method_word(text: &str) -> Result<Method, String> {
    let found = Method::WORDS.iter().find(|(word, _)| *word == text).map(|(_, method)| *method);
    found.ok_or_else(|| {
        let words: Vec<&str> = Method::WORDS.iter().map(|(word, _)| *word).collect();
        let guess =
            closest(text, words.iter().copied()).map_or(String::new(), |guess| format!("; did you mean {guess}?"));
        format!("one of {}{guess}", words.join(", "))
    })
}

fn indifference(text: &str) -> Result<Indifference, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| *number > 0.0 && number.is_finite());
    let found = match text.strip_suffix('%') {
        Some(share) => number(share).map(|share| Indifference::Relative(share / 100.0)),
        None => number(text).map(Indifference::Absolute),
    };
    found.ok_or_else(|| "a number above 0 in the unit of the KPI, or a share such as 2%".to_owned())
}

fn point(text: &str) -> Result<usize, String> {
    text.strip_prefix('p').unwrap_or(text).parse().map_err(|_| "a point such as p3".to_owned())
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.methods.contains(&Method::Warmup) && !arguments.folder.join("plan.json").is_file() {
        return settle(arguments);
    }
    let folder = SweepFolder::open(&arguments.folder)?;
    let methods = methods(arguments, folder.plan().facts.design);
    let asked = asked(arguments, folder.plan(), &methods)?;
    let mut wanted = asked.metrics.clone();
    wanted.extend(asked.contrasts.iter().flat_map(|contrast| [contrast.a, contrast.b]));
    wanted.sort_unstable();
    wanted.dedup();
    let study = Study::read(folder, &wanted, arguments.partial)?;
    let mut told = Vec::new();
    for (method, must) in methods {
        let asked = asked_of(method, &asked, arguments);
        match analyse(&study, method, &asked) {
            Ok(found) => told.push((found, asked)),
            Err(error) if must => return Err(error.into()),
            // A method that was not asked for, and that this sweep is not made for.
            Err(SweepError::Input(..) | SweepError::Statistics(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    tell(arguments, &study, &told)
}

/// Methods and whether they must work: those asked for, or the first of the design.
fn methods(arguments: &Arguments, design: Design) -> Vec<(Method, bool)> {
    if arguments.methods.is_empty() {
        return Method::of_design(design).iter().enumerate().map(|(i, method)| (*method, i == 0)).collect();
    }
    let mut found: Vec<(Method, bool)> = Vec::new();
    for method in &arguments.methods {
        if found.iter().all(|(other, _)| other != method) {
            found.push((*method, true));
        }
    }
    found
}

/// Where nobody named KPIs, only those that can be good or bad are ranked.
fn asked_of(method: Method, asked: &Asked, arguments: &Arguments) -> Asked {
    let mut asked = asked.clone();
    if matches!(method, Method::Best | Method::Pareto) && arguments.metrics.is_empty() {
        let judged: Vec<&str> = asked.metrics.iter().copied().filter(|name| asked.direction(name).is_some()).collect();
        asked.metrics = judged;
    }
    asked
}

fn kpi(name: &str) -> Result<&'static str, Failure> {
    if let Some(found) = definition(name) {
        return Ok(found.name);
    }
    let guess = closest(name, KPIS.iter().map(|kpi| kpi.name));
    let help = guess.map_or("docs/kpis.md lists them".to_owned(), |guess| format!("did you mean {guess}?"));
    Err(Failure::Input(format!("no KPI is called {name:?}"), help))
}

fn asked(arguments: &Arguments, plan: &Plan, methods: &[(Method, bool)]) -> Result<Asked, Failure> {
    let confidence = Confidence::new(arguments.confidence)
        .map_err(|error| Failure::Input(error.to_string(), "--confidence 0.95".into()))?;
    let (presets, names): (Vec<&String>, Vec<&String>) =
        arguments.metrics.iter().partition(|name| Contrast::PRESETS.iter().any(|(preset, ..)| preset == *name));
    let surface = methods.iter().any(|(method, _)| *method == Method::BreakEven);
    if let Some(name) = presets.first().filter(|_| !surface) {
        let help = format!("--method break-even --metric {name}, or a KPI of docs/kpis.md");
        return Err(Failure::Input(format!("{name} is a difference of near and far, not a KPI"), help));
    }
    let mut metrics = Vec::new();
    for name in names.into_iter().chain(&arguments.low).chain(&arguments.high) {
        let name = kpi(name)?;
        if !metrics.contains(&name) {
            metrics.push(name);
        }
    }
    if arguments.metrics.is_empty() {
        let of_plan: Vec<&'static str> = plan.facts.metrics();
        metrics.extend(of_plan.into_iter().filter(|name| !metrics.contains(name)).collect::<Vec<_>>());
    }
    let mut directions = Vec::new();
    for (names, direction) in [(&arguments.low, Direction::Lower), (&arguments.high, Direction::Higher)] {
        for name in names {
            directions.push((kpi(name)?, direction));
        }
    }
    if let Some(name) = arguments.low.iter().find(|name| arguments.high.contains(name)) {
        return Err(Failure::Input(format!("{name} is to be low and to be high"), "--min or --max, not both".into()));
    }
    let mut contrasts = Vec::new();
    for text in presets.into_iter().chain(&arguments.differences) {
        contrasts.push(Contrast::parse(text)?);
    }
    if surface && contrasts.is_empty() {
        for name in ["margin", "carbon", "promise"] {
            contrasts.push(Contrast::parse(name)?);
        }
    }
    Ok(Asked {
        metrics,
        directions,
        confidence,
        indifference: arguments.indifference,
        against: arguments.against,
        x: arguments.x.clone(),
        y: arguments.y.clone(),
        by: arguments.by.clone(),
        contrasts,
    })
}

fn tell(arguments: &Arguments, study: &Study, told: &[(Analysis, Asked)]) -> Result<(), Failure> {
    let screen = Screen::new(arguments.quiet, arguments.json);
    study.notes().iter().for_each(|note| screen.say(&format!("note: {note}")));
    let (mut text, mut shown) = (String::new(), Vec::new());
    for (found, asked) in told {
        let word = found.method.word();
        let sheet = found.sheet();
        let facts = json!({
            "method": word, "confidence": asked.confidence.share(), "version": env!("CARGO_PKG_VERSION"),
            "runs": study.runs, "failed": study.failed, "missing": study.missing,
        });
        let pairs = [("nearfar.plan", study.plan().hash.clone()), ("nearfar.analysis", facts.to_string())];
        let files = write(study.path(), word, &sheet, &pairs)?;
        put(study.path(), &format!("analysis/{word}.md"), methods_of(study, found, asked).as_bytes())?;
        text += &analysis_text::text(found, asked, study.plan(), !arguments.metrics.is_empty());
        found.notes.iter().for_each(|note| text += &format!("note: {note}\n"));
        text += &format!("Table    {} (also .parquet; .md says how it was made)\n\n", files[0].display());
        shown.push(json!({ "method": word, "files": files, "notes": found.notes, "rows": sheet.json() }));
    }
    let (mut pictures, mut report) = (Vec::new(), None);
    if !arguments.no_charts {
        let look = arguments.looks.of(study.first_scenario().unwrap_or(&Scenario::default()))?;
        let charts = charts(study, told, &look);
        pictures = analysis_charts::keep(study, &charts)?;
        let page = analysis_page::page(study, told, &charts, arguments.partial, &look)?;
        put(study.path(), "report.html", page.as_bytes())?;
        // Last, so that a report never misses a chart that it shows.
        analysis_charts::drop_others(study, &charts)?;
        report = Some(study.path().join("report.html"));
    }
    pictures.iter().for_each(|chart| text += &format!("Chart    {}\n", chart.display()));
    report.iter().for_each(|page| text += &format!("Report   {}\n", page.display()));
    let object = json!({
        "charts": pictures, "report": report,
        "folder": study.path(), "plan_hash": study.plan().hash, "runs": study.runs, "failed": study.failed,
        "missing": study.missing, "confidence": arguments.confidence, "analyses": shown,
    });
    say(arguments, &object, &text)
}

/// The charts of what was found; where curves were looked at and a second factor of few levels crosses the lever, also one
/// for each of its levels.
fn charts(study: &Study, told: &[(Analysis, Asked)], look: &Look) -> Vec<Chart> {
    let mut found: Vec<Analysis> = told.iter().map(|(found, _)| found.clone()).collect();
    for (analysis, asked) in told.iter().filter(|(analysis, _)| analysis.method == Method::Knee) {
        let factors = &study.plan().facts.factors;
        let Findings::Knee(curves) = &analysis.findings else { continue };
        let second =
            factors.iter().map(|factor| factor.column()).find(|name| curves.iter().all(|it| it.factor != *name));
        if let (Some(by), None) = (second, &asked.by) {
            let first =
                Asked { by: Some(by), metrics: asked.metrics.iter().take(1).copied().collect(), ..asked.clone() };
            // A second factor of many levels, or one that does not cross the lever, has no such chart.
            found.extend(analyse(study, Method::Knee, &first).ok().filter(few_panels));
        }
    }
    let currency = study.currency();
    analysis_charts::draw(study, &found.iter().collect::<Vec<_>>(), &currency, look)
}

/// Whether the panels fit on a slide.
fn few_panels(analysis: &Analysis) -> bool {
    matches!(&analysis.findings, Findings::Knee(curves) if curves.len() <= 6)
}

fn say(arguments: &Arguments, object: &Value, text: &str) -> Result<(), Failure> {
    match (arguments.json, arguments.quiet) {
        (true, _) => print(&format!("{object}\n")),
        (false, true) => Ok(()),
        (false, false) => print(text),
    }
}

/// The warm-up of a run folder.
fn settle(arguments: &Arguments) -> Result<(), Failure> {
    if let Some(other) = arguments.methods.iter().find(|method| **method != Method::Warmup) {
        let found = format!("{} looks at a sweep, warmup at a run", other.word());
        return Err(Failure::Input(found, "ask for them one after the other".into()));
    }
    let run = RunFolder::open(&arguments.folder)?;
    let mut notes = Vec::new();
    if !run.path().join("orders.parquet").is_file() {
        let help = "name the folder of `nearfar run`; one of `nearfar compare` holds no orders";
        return Err(Failure::Input(format!("{}: no orders.parquet in it", run.path().display()), help.into()));
    }
    let found = warmup(run.path(), &mut notes)?;
    let sheet = warmup_sheet(&found);
    let facts = json!({ "method": "warmup", "version": env!("CARGO_PKG_VERSION") });
    let files = write(run.path(), "warmup", &sheet, &[("nearfar.analysis", facts.to_string())])?;
    put(run.path(), "analysis/warmup.md", WARMUP_METHODS.as_bytes())?;
    let shown: Vec<Value> = found.iter().map(settling_json).collect();
    let object = json!({ "folder": run.path(), "method": "warmup", "files": files, "notes": notes, "channels": shown });
    let mut text = analysis_text::warmup(&found);
    notes.iter().for_each(|note| text += &format!("note: {note}\n"));
    text += &curve_line(&files[0]);
    say(arguments, &object, &text)
}

fn curve_line(path: &Path) -> String {
    format!("Curve    {} (also .parquet; .md says how it was made)\n", path.display())
}

fn settling_json(found: &Settling) -> Value {
    json!({
        "channel": found.channel, "figure": found.figure, "unit": found.unit, "replications": found.replications,
        "orders": found.orders, "warm_up_h": found.warm_up_h, "warm_up_lowest_h": found.range_h[0],
        "warm_up_highest_h": found.range_h[1], "settled": found.truncation.settled,
        "mean": found.mean, "mean_settled": found.truncation.mean,
    })
}

impl From<StatisticsError> for Failure {
    fn from(error: StatisticsError) -> Self {
        Failure::Input(error.to_string(), "docs/analysis.md tells what each method needs".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_differences_are_read() {
        assert_eq!(method_word("break-even"), Ok(Method::BreakEven));
        assert!(method_word("efects").unwrap_err().contains("did you mean effects?"));
        assert_eq!(indifference("2%"), Ok(Indifference::Relative(0.02)));
        assert_eq!(indifference("0.5"), Ok(Indifference::Absolute(0.5)));
        for wrong in ["0", "-1%", "x", ""] {
            assert!(indifference(wrong).is_err(), "{wrong}");
        }
        assert_eq!((point("p3"), point("4")), (Ok(3), Ok(4)));
        assert!(point("x").is_err());
    }
}
