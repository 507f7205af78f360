//! Room: cli. The page of a sweep: what the methods found into the view of the report.

use super::analysis_charts::{self, level, lever};
use super::analysis_tables::Words;
use super::kpi_table::label;
use super::{Failure, manifest};
use crate::metrics::KPIS;
use crate::report::wording::plural;
use crate::report::{self, Card, Cell, Chart, Look, PageTable, SweepView, Tone};
use crate::statistics::{Confidence, Estimate};
use crate::sweep::analysis::{Analysis, Asked, Best, Curve, Findings, Indifference, Study};
use crate::sweep::{Factor, Plan, Span, SweepFolder};

/// Points shown in the table of points; summary.csv has all.
const POINTS_SHOWN: usize = 400;
/// KPIs on cards.
const CARDS: usize = 8;
/// Factors with which a point is still said in words instead of by its name.
const SAID: usize = 2;

/// report.html of a sweep.
pub(super) fn page(
    study: &Study,
    told: &[(Analysis, Asked)],
    charts: &[Chart],
    partial: bool,
    look: &Look,
) -> Result<String, Failure> {
    let folder = SweepFolder::open(study.path())?;
    let base = folder.scenario(0).map_err(|problems| Failure::Other(problems.to_string()))?;
    let names: Vec<&'static str> = KPIS.iter().map(|kpi| kpi.name).collect();
    let all = Study::read(folder, &names, partial)?;
    let (plan, currency) = (study.plan(), study.currency());
    let words = Words::new(plan, &currency);
    let everything = Everything { all: &all, words: &words, best: best_of(told) };
    let mut first = Vec::new();
    let mut more = vec![everything.points()];
    for (found, _) in told {
        let tables = words.tables(found);
        first.extend(tables.first);
        more.extend(tables.more);
    }
    let audit = everything.audit();
    let origin = origin(study);
    let view = SweepView {
        title: &plan.facts.label,
        question: &plan.facts.question,
        findings: &findings(told, charts, &words),
        cards: &everything.cards(),
        factors: &factors(plan),
        first: &first,
        kpis: &everything.kpis(),
        tables: &more,
        notes: &notes(study, told),
        assumptions: &report::assumptions(&base),
        audit: Some((&audit.0, audit.1)),
        origin: &origin,
        look,
    };
    Ok(report::sweep_page(&view, charts)?)
}

fn best_of(told: &[(Analysis, Asked)]) -> &[Best] {
    let best = told.iter().find_map(|(found, _)| match &found.findings {
        Findings::Best(best) => Some(best.as_slice()),
        _ => None,
    });
    best.unwrap_or_default()
}

/// What was found, in sentences that say no more than the intervals allow.
fn findings(told: &[(Analysis, Asked)], charts: &[Chart], words: &Words<'_>) -> Vec<String> {
    let mut said = Vec::new();
    for (found, asked) in told {
        match &found.findings {
            Findings::Knee(curves) => said.extend(enough(curves, asked, words)),
            Findings::Best(best) => said.extend(decided(best, words)),
            Findings::Morris(found) => {
                let shown = found.iter().map(|it| (it.metric, it.label.as_str(), it.is_shown()));
                said.extend(matters(&shown.collect::<Vec<_>>(), words));
            }
            Findings::Sobol(found) => {
                let shown = found.iter().map(|it| (it.metric, it.label.as_str(), it.index.total.is_shown()));
                said.extend(matters(&shown.collect::<Vec<_>>(), words));
            }
            Findings::Pairs(pairs) => {
                let shown = pairs.iter().filter(|pair| pair.shown).count();
                said.push(format!("{shown} of {} differ by more than chance.", plural(pairs.len(), "pair")));
            }
            // Their charts say it, by the same intervals.
            Findings::Effects(_) | Findings::Pareto(_) | Findings::BreakEven(_) => {}
        }
    }
    let drawn = charts.iter().filter(|chart| ["32", "33", "34"].iter().any(|number| chart.slug.starts_with(number)));
    said.extend(drawn.map(|chart| format!("{}.", chart.title)));
    said
}

/// How much of each lever is enough for which KPI, and where the range ends too early.
fn enough(curves: &[Curve], asked: &Asked, words: &Words<'_>) -> Vec<String> {
    let mut said = Vec::new();
    let mut levers: Vec<(&str, &str)> = Vec::new();
    for curve in curves.iter().filter(|curve| curve.by.is_none()) {
        let lever = (curve.factor.as_str(), curve.scenario.as_str());
        if !levers.contains(&lever) {
            levers.push(lever);
        }
    }
    let zone = match asked.indifference {
        Indifference::Relative(share) => format!("{}%", report::wording::number(share * 100.0, 0)),
        Indifference::Absolute(_) => "the difference that counts".to_owned(),
    };
    for (factor, scenario) in &levers {
        let mine: Vec<&Curve> =
            curves.iter().filter(|it| it.by.is_none() && it.factor == *factor && it.scenario == *scenario).collect();
        let Some(first) = mine.first() else { continue };
        let lever = lever(&first.label, first.unit, &first.factor);
        let last = first.stops.len() - 1;
        let inside = |place: usize| mine.iter().filter(move |it| it.enough == Some(place));
        let of = |place: usize| {
            let kpis: Vec<String> = inside(place).map(|it| words.inside(it.metric)).collect();
            (!kpis.is_empty()).then(|| format!("{} for {}", lever.sentence(first.stops[place].x), listed(&kpis)))
        };
        let parts: Vec<String> = (0..last).filter_map(of).collect();
        let place = if levers.iter().filter(|other| other.0 == *factor).count() > 1 {
            format!(" ({scenario})")
        } else {
            String::new()
        };
        if !parts.is_empty() {
            said.push(format!(
                "Enough{place}: {}; more is worth no more than {zone}, beyond chance.",
                parts.join(", ")
            ));
        }
        let short: Vec<String> = inside(last).map(|it| words.inside(it.metric)).collect();
        if !short.is_empty() {
            said.push(format!(
                "No level below {} is shown to be enough for {}{place}: the range ends there.",
                lever.sentence(first.stops[last].x),
                listed(&short)
            ));
        }
    }
    said
}

/// For which KPIs one setting is the best, and for which that is open.
fn decided(best: &[Best], words: &Words<'_>) -> Vec<String> {
    let mut settled: Vec<(String, Vec<String>)> = Vec::new();
    let mut open = Vec::new();
    for it in best {
        let kpi = words.inside(it.metric);
        match it.still_in()[..] {
            [only] => {
                let setting = words.setting(&it.candidates[only].levers);
                match settled.iter_mut().find(|(other, _)| *other == setting) {
                    Some((_, kpis)) => kpis.push(kpi),
                    None => settled.push((setting, vec![kpi])),
                }
            }
            ref left => open.push(format!("{kpi} ({} of {} are still in)", left.len(), it.candidates.len())),
        }
    }
    let mut said: Vec<String> =
        settled.into_iter().map(|(setting, kpis)| format!("Best by {}: {setting}.", listed(&kpis))).collect();
    if !open.is_empty() {
        said.push(format!("Which setting is best is not decided by {}.", listed(&open)));
    }
    said
}

/// Of each KPI the factors with an effect beyond chance; `all` are KPI, factor and whether that is shown, in order of rank.
fn matters(all: &[(&'static str, &str, bool)], words: &Words<'_>) -> Vec<String> {
    let mut said = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (metric, ..) in all {
        if seen.contains(metric) {
            continue;
        }
        seen.push(metric);
        let mine: Vec<&(&str, &str, bool)> = all.iter().filter(|(other, ..)| other == metric).collect();
        let mut shown: Vec<String> = Vec::new();
        for (_, factor, _) in mine.iter().filter(|(.., shown)| *shown) {
            let name = words.factor_inside(factor);
            if !shown.contains(&name) {
                shown.push(name);
            }
        }
        let kpi = label(metric);
        said.push(match shown.len() {
            0 => format!("{kpi}: no factor has an effect beyond chance."),
            n if n > 4 => format!("{kpi}: {n} factors have an effect beyond chance, {} before others.", shown[0]),
            1 => format!("{kpi}: only {} has an effect beyond chance.", shown[0]),
            _ => format!("{kpi}: {} have an effect beyond chance.", listed(&shown)),
        });
    }
    said
}

/// `a`, `a and b`, `a, b and c`.
fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Key, kind and levels of every factor.
fn factors(plan: &Plan) -> PageTable {
    let levels = |factor: &Factor| match &factor.span {
        Span::Levels(levels) => {
            let shown: Vec<String> = levels.iter().map(|it| level(&factor.column(), &it.shown())).collect();
            match &shown[..] {
                [first, .., last] if shown.len() > 8 => format!("{} levels, {first} to {last}", shown.len()),
                few => few.join(", "),
            }
        }
        Span::Uniform(low, high) => format!("{low} to {high}, all alike"),
        Span::Loguniform(low, high) => format!("{low} to {high}, all alike on a logarithmic scale"),
    };
    let row = |factor: &Factor| {
        vec![
            Cell::words(analysis_charts::words(&factor.label, &factor.column())),
            Cell::words(levels(factor)),
            Cell::words(factor.unit()),
            Cell::words(factor.kind.word()),
            Cell::code(factor.column()),
        ]
    };
    let facts = &plan.facts;
    let scenarios = match &facts.scenarios[..] {
        [one] => one.label.clone(),
        several => listed(&several.iter().map(|it| it.label.clone()).collect::<Vec<_>>()),
    };
    PageTable {
        title: "What was varied".to_owned(),
        lead: format!(
            "{}: a {} of {}. A lever is ours to choose, an uncertainty is not.",
            scenarios,
            facts.design.word(),
            plural(plan.points.len(), "point")
        ),
        columns: ["Factor", "Levels", "Unit", "Kind", "Key"].map(str::to_owned).to_vec(),
        rows: facts.factors.iter().map(row).collect(),
    }
}

/// What the numbers cover, and what the methods noticed.
fn notes(study: &Study, told: &[(Analysis, Asked)]) -> Vec<String> {
    let percent = told.first().map_or(95.0, |(_, asked)| asked.confidence.share() * 100.0);
    let mut notes = vec![
        "Every point lives through the same days: the same replication of two points shares its random numbers, so that differences between points are known better than either level.".to_owned(),
        format!(
            "Intervals of {}% are over at most {}. They cover chance within the model, not doubt about its assumptions.",
            report::wording::number(percent, if percent.fract() == 0.0 { 0 } else { 1 }),
            plural(study.replications() as usize, "replication")
        ),
        "Lowest and highest means in the table of all KPIs are picked after the fact: that they are apart is not tested there. The analyses test it.".to_owned(),
        "What was found holds for the range that was run, and for the city of the assumptions below; it is not a forecast of a real city that was not calibrated.".to_owned(),
        "methods.md in this folder has design, formulas and definitions for the appendix of a paper.".to_owned(),
    ];
    notes.extend(study.notes());
    for note in told.iter().flat_map(|(found, _)| &found.notes) {
        if !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    notes
}

fn origin(study: &Study) -> Vec<(&'static str, String)> {
    let plan = study.plan();
    let runs = match (study.failed, study.missing) {
        (0, 0) => study.runs.to_string(),
        (failed, missing) => format!("{} ({failed} failed, {missing} missing)", study.runs),
    };
    let scenarios: Vec<String> =
        plan.facts.scenarios.iter().map(|it| format!("{} ({})", it.label, &it.hash[..8])).collect();
    vec![
        ("Scenarios", scenarios.join(", ")),
        ("Plan", plan.hash[..16].to_owned()),
        ("Seed", plan.facts.seed.to_string()),
        ("Runs", runs),
        ("Program", format!("nearfar {}", plan.facts.version)),
        ("Commit", manifest::COMMIT.unwrap_or("not known").to_owned()),
    ]
}

/// Every KPI at every point.
struct Everything<'a> {
    all: &'a Study,
    words: &'a Words<'a>,
    best: &'a [Best],
}

impl Everything<'_> {
    fn mean(&self, metric: &str, point: usize) -> Estimate {
        let values: Vec<f64> =
            self.all.values(metric, point).iter().copied().filter(|value| value.is_finite()).collect();
        Estimate::of(&values, Confidence::default())
    }

    /// Points with the lowest and the highest mean.
    fn ends(&self, metric: &str) -> Option<[(usize, Estimate); 2]> {
        let plain = |point: usize| {
            let known = self.all.values(metric, point).iter().filter(|value| value.is_finite());
            let (sum, n) = known.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
            (point, sum / n)
        };
        let points = 0..self.all.plan().points.len();
        let known = points.map(plain).filter(|(_, mean)| mean.is_finite());
        let mut ends: Option<[(usize, f64); 2]> = None;
        for (point, mean) in known {
            let [low, high] = ends.get_or_insert([(point, mean); 2]);
            if mean < low.1 {
                *low = (point, mean);
            }
            if mean > high.1 {
                *high = (point, mean);
            }
        }
        ends.map(|ends| ends.map(|(point, _)| (point, self.mean(metric, point))))
    }

    /// The best setting's figure where one is best, else the span over all points.
    fn cards(&self) -> Vec<Card> {
        let card = |metric: &'static str| -> Option<Card> {
            let ends = self.ends(metric)?;
            let name = self.words.inside(metric);
            let decided = self.best.iter().find(|it| it.metric == metric && it.still_in().len() == 1);
            if let Some(best) = decided {
                let candidate = &best.candidates[best.still_in()[0]];
                let setting = self.words.setting(&candidate.levers);
                return Some(Card {
                    figure: self.words.figure(metric, candidate.value.mean),
                    words: format!("best {name}: {setting}"),
                    interval: self.words.half(metric, &candidate.value),
                    tone: Tone::Plain,
                });
            }
            let figure = self.words.span(metric, ends.map(|(_, it)| it.mean));
            let open = self.best.iter().find(|it| it.metric == metric);
            let left = open.map_or(String::new(), |it| {
                format!("{} of {} settings may be the best", it.still_in().len(), it.candidates.len())
            });
            Some(Card { figure, words: format!("{name}, lowest to highest point"), interval: left, tone: Tone::Plain })
        };
        self.all.plan().facts.metrics().into_iter().take(CARDS).filter_map(card).collect()
    }

    /// Lowest and highest mean of every KPI, and where.
    fn kpis(&self) -> PageTable {
        let said = self.all.plan().facts.factors.len() <= SAID;
        let at =
            |point: usize| if said { Cell::words(self.words.point(point)) } else { Cell::code(format!("p{point}")) };
        let row = |kpi: &crate::metrics::Definition| {
            let nothing = || Cell { sort: Some(f64::NAN), ..Cell::default() };
            let mut row = vec![Cell::words(kpi.label)];
            match self.ends(kpi.name) {
                None => row.extend([
                    Cell { text: "no data".into(), ..nothing() },
                    Cell::default(),
                    nothing(),
                    Cell::default(),
                ]),
                Some([(_, low), (_, high)]) if low.mean == high.mean => {
                    row.extend([
                        self.words.cell(kpi.name, &low),
                        Cell::words("every point"),
                        nothing(),
                        Cell::default(),
                    ]);
                }
                Some([(lowest, low), (highest, high)]) => {
                    row.extend([
                        self.words.cell(kpi.name, &low),
                        at(lowest),
                        self.words.cell(kpi.name, &high),
                        at(highest),
                    ]);
                }
            }
            row.push(Cell::code(kpi.name));
            row
        };
        PageTable {
            title: "All KPIs".to_owned(),
            lead: "Lowest and highest mean over the points, ± half of the 95% interval. A click on a head sorts."
                .to_owned(),
            columns: ["KPI", "Lowest", "at", "Highest", "at", "Name in results.csv"].map(str::to_owned).to_vec(),
            rows: KPIS.iter().map(row).collect(),
        }
    }

    /// A row a point: its levels, then the KPIs of the sweep file.
    fn points(&self) -> PageTable {
        let plan = self.all.plan();
        let several = plan.facts.scenarios.len() > 1;
        let metrics = plan.facts.metrics();
        let mut columns: Vec<String> = if several { vec!["Scenario".to_owned()] } else { Vec::new() };
        columns.extend(plan.facts.factors.iter().map(|it| analysis_charts::words(&it.label, &it.column())));
        columns.extend(metrics.iter().map(|metric| label(metric).to_owned()));
        columns.push("Point".to_owned());
        let row = |point: usize| {
            let here = &plan.points[point];
            let mut row = Vec::new();
            if several {
                row.push(Cell::words(plan.facts.scenarios[here.scenario].label.clone()));
            }
            for (factor, at) in plan.facts.factors.iter().zip(&here.levels) {
                let shown = level(&factor.column(), &at.shown());
                row.push(Cell { sort: at.number(), ..Cell::words(shown) });
            }
            row.extend(metrics.iter().map(|metric| self.words.cell(metric, &self.mean(metric, point))));
            row.push(Cell::code(format!("p{point}")));
            row
        };
        let count = plan.points.len();
        let rest = match count.saturating_sub(POINTS_SHOWN) {
            0 => String::new(),
            more => format!(" {} more are in summary.csv.", plural(more, "point")),
        };
        PageTable {
            title: "Every point".to_owned(),
            lead: format!("Means over replications, ± half of the 95% interval.{rest}"),
            columns,
            rows: (0..count.min(POINTS_SHOWN)).map(row).collect(),
        }
    }

    fn audit(&self) -> (String, bool) {
        let points = 0..self.all.plan().points.len();
        let found = points.flat_map(|point| self.all.values("audit_violations", point).iter().copied());
        let (words, fine) = report::audit_words(found.filter(|value| value.is_finite()).sum());
        match fine {
            true => {
                let runs = plural((self.all.runs - self.all.failed) as usize, "run");
                (words.replacen("Audited:", &format!("Audited, {runs}:"), 1), true)
            }
            false => (words, false),
        }
    }
}
