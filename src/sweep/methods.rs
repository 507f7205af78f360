//! Room: sweep. The methods of a sweep in words and formulas, ready for the appendix of a paper.

use super::collect::Collected;
use super::factor::{Apply, Factor, Span};
use super::file::Design;
use super::folder::SweepFolder;
use super::plan::PlanFacts;
use crate::study::{METHODS_LIMITS, kpi_definitions};
use std::fmt::Write as _;

/// The page, in Markdown.
pub(super) fn methods(folder: &SweepFolder, collected: &Collected) -> String {
    let facts = &folder.plan().facts;
    let mut page = format!("# Methods of {}\n\n", facts.label);
    if !facts.question.is_empty() {
        let _ = writeln!(page, "*{}*\n", facts.question);
    }
    page += &program(folder, collected);
    page += &scenarios(facts);
    page += &design(facts);
    page += SHARED_CHANCE;
    page += &replications(folder);
    page += INTERVALS;
    page += &kpi_definitions(&facts.metrics());
    page += "All KPIs of every run are in results.parquet, with their units in its footer; docs/kpis.md of this version defines \
             them.\n\n";
    page + METHODS_LIMITS
}

fn program(folder: &SweepFolder, collected: &Collected) -> String {
    let facts = &folder.plan().facts;
    let commit =
        option_env!("NEARFAR_COMMIT").map_or("built outside of a release".to_owned(), |it| format!("commit {it}"));
    let mut text = format!(
        "Simulated with nearfar {} ({commit}): a discrete-event model of orders, stores, couriers and a warehouse in one city. \
         {} points, {} runs, seed {}, plan {}. The same build and plan give the same table byte for byte, on any number of \
         threads, shards or machines of one kind of processor (docs/clusters.md of this version tells the limit).",
        facts.version,
        folder.plan().points.len(),
        collected.rows.len(),
        facts.seed,
        folder.plan().hash
    );
    if collected.failed > 0 {
        let _ = write!(
            text,
            " {} runs failed and are left out of every figure; results.parquet says why.",
            collected.failed
        );
    }
    if collected.missing > 0 {
        let _ = write!(text, " PARTIAL: {} planned runs are missing.", collected.missing);
    }
    let _ = match collected.violations {
        0 => write!(text, " Every run was audited; no rule of the model was broken."),
        count => write!(text, " THE AUDIT FOUND {count} VIOLATIONS: these results must not be used."),
    };
    text + "\n\n"
}

fn scenarios(facts: &PlanFacts) -> String {
    let mut text = String::from(
        "## Scenarios\n\n| name | label | fingerprint (SHA-256 of every key and input file) |\n|---|---|---|\n",
    );
    for scenario in &facts.scenarios {
        let _ = writeln!(text, "| {} | {} | `{}` |", cell(&scenario.name), cell(&scenario.label), scenario.hash);
    }
    text + "\nTheir files in the folder `scenarios` hold every key with its value and run by themselves.\n\n"
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn design(facts: &PlanFacts) -> String {
    let mut text = String::from("## Factors\n\n| key | kind | unit | levels | applied |\n|---|---|---|---|---|\n");
    for factor in &facts.factors {
        let unit = if factor.unit().is_empty() { "–" } else { factor.unit() };
        let applied = match factor.apply {
            Apply::Set => "replaces the value",
            Apply::Scale => "multiplies the value",
            Apply::Add => "is added to the value",
        };
        let (key, kind) = (&factor.key, factor.kind.word());
        let _ = writeln!(text, "| `{key}` | {kind} | {unit} | {} | {applied} |", cell(&span(factor)));
    }
    let (samples, walks) = (facts.samples, facts.trajectories);
    let words = match facts.design {
        Design::Grid => "Every combination of all levels (full factorial design, Fisher 1935).".to_owned(),
        Design::Zip => "The levels of all factors side by side, the first with the first and so on.".to_owned(),
        Design::List | Design::Csv => "Points given one by one; results.parquet lists them.".to_owned(),
        Design::Lhs => format!(
            "Latin hypercube sample of {samples} points (McKay, Beckman and Conover 1979), the evenest by maximin of several."
        ),
        Design::Sobol => format!("The first {samples} points of the Sobol' sequence ({SEQUENCE})."),
        Design::Saltelli => format!(
            "Saltelli's design (Saltelli et al. 2010) on {samples} Sobol' points ({SEQUENCE}): matrices A, B and AB of each factor, \
             {samples} × (factors + 2) points."
        ),
        Design::Morris => format!(
            "{walks} trajectories on L = 4 levels with steps of Δ = L / (2(L - 1)) = 2/3 (Morris 1991), {walks} × (factors + 1) \
             points."
        ),
    };
    let drawn = match facts.design {
        Design::Lhs | Design::Morris => " Drawn from a stream of the seed, on which alone it depends.",
        _ => " Nothing of it is drawn.",
    };
    text + &format!("\n**Design.** {words}{drawn}\n\n")
}

/// Which of the sequences called after Sobol'.
const SEQUENCE: &str = "Sobol' 1967; direction numbers of Joe and Kuo 2008, unscrambled, from the zero point";

fn span(factor: &Factor) -> String {
    match &factor.span {
        Span::Levels(levels) if levels.is_empty() => "as listed".to_owned(),
        Span::Levels(levels) => levels.iter().map(|level| level.shown()).collect::<Vec<_>>().join(", "),
        Span::Uniform(low, high) => format!("uniform from {low} to {high}"),
        Span::Loguniform(low, high) => format!("log-uniform from {low} to {high}"),
    }
}

const SHARED_CHANCE: &str = "## Chance\n\n\
    Replication r of all points shares its random numbers (common random numbers). Each random quantity has a stream of its \
    own, keyed by seed, replication, purpose (arrivals, consumer, basket, picking time, hand-over, patience, transit and so on) \
    and the number of the session, order, store or courier it belongs to; the point is not in the key. So differences between \
    points are taken replication by replication. A KPI without data in a run is null and left out.\n\n";

fn replications(folder: &SweepFolder) -> String {
    let rules = &folder.plan().facts.replications;
    let (least, most) = (folder.replications().iter().min(), folder.replications().iter().max());
    let made = match (least, most) {
        (Some(least), Some(most)) if least != most => format!("{least} to {most} were made"),
        (Some(least), _) => format!("{least} were made"),
        _ => String::new(),
    };
    if rules.stop.is_empty() {
        return format!("## Replications\n\nFixed beforehand; {made} at each point.\n\n");
    }
    let wanted = rules.stop.iter().map(|rule| {
        let confidence = rule.confidence * 100.0;
        match rule.relative {
            true => format!("`{}` within {} % of its mean at {confidence} %", rule.metric, rule.half_width * 100.0),
            false => format!("`{}` within {} at {confidence} %", rule.metric, rule.half_width),
        }
    });
    format!(
        "## Replications\n\nSequential at each point, from {} to at most {}: until the half-width is as narrow as wanted for {}, and \
         stays so for five more replications (Hoad, Robinson and Davies 2010); {made}. All are used. Intervals of a sequential \
         procedure hold a little less often than stated.\n\n",
        rules.min,
        rules.max,
        wanted.collect::<Vec<_>>().join("; ")
    )
}

const INTERVALS: &str = "## Intervals\n\n\
    KPIs are computed within each run; n replications of a point give n values of each, quantiles and ratios included. \
    summary.csv: x̄ ± t(.975, n − 1) · s / √n. It is the interval of one point; two points are compared by the interval of \
    their differences, replication by replication. What `nearfar analyze` adds stands beside each of its \
    tables, with formulas and settings: analysis/best.md, analysis/knee.md and so on, one for each method asked for.\n\n";
