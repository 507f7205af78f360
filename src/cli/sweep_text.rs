//! What `nearfar sweep` says: the plan in a line, the work done, the table of points.

use crate::metrics::definition;
use crate::results::shell_path;
use crate::sweep::{Collected, Plan, SweepFolder, Worked};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// What a plan comes to, in a line.
pub(super) fn outline(plan: &Plan) -> String {
    let facts = &plan.facts;
    let (least, most) = (plan.least_runs(), plan.most_runs());
    let runs = if least == most { format!("{least}") } else { format!("{least} to {most}") };
    let replications = &facts.replications;
    let times = match replications.min == replications.max {
        true => format!("{} replications", replications.min),
        false => format!("{} to {} replications", replications.min, replications.max),
    };
    format!(
        "plan {}  {} points ({}, {} scenario{}) × {times} = {runs} runs, seed {}, common random numbers",
        &plan.hash[..8],
        plan.points.len(),
        facts.design.word(),
        facts.scenarios.len(),
        if facts.scenarios.len() == 1 { "" } else { "s" },
        facts.seed
    )
}

/// Points that break a rule are told before anything runs.
pub(super) fn broken_points(plan: &Plan) -> Option<String> {
    let broken: Vec<usize> = (0..plan.points.len()).filter(|point| plan.points[*point].problem.is_some()).collect();
    let first = *broken.first()?;
    let problem = plan.points[first].problem.clone().unwrap_or_default();
    Some(format!(
        "{} of {} points break a rule of the scenario and will be failed rows; the first, {}: {problem}",
        broken.len(),
        plan.points.len(),
        plan.words(first)
    ))
}

pub(super) fn worked_words(worked: &Worked, (index, of): (u32, u32)) -> String {
    let counts = worked.counts;
    let mut text = format!("shard {index}/{of}: {} of {} runs done", counts.found + counts.done, counts.all);
    if counts.found > 0 {
        let _ = write!(text, ", {} of them found done", counts.found);
    }
    if counts.done > 0 {
        let _ = write!(
            text,
            "; {} in {:.1} s on {:.2} processors, {:.1} % of the time beside the runs",
            counts.done,
            worked.elapsed.as_secs_f64(),
            worked.processors(),
            100.0 * worked.overhead()
        );
    }
    text
}

pub(super) fn worked_json(worked: &Worked) -> Value {
    let counts = worked.counts;
    json!({
        "runs": counts.all, "found": counts.found, "done": counts.done, "failed": counts.failed,
        "orders": worked.orders,
        "timing": {
            "runs_cpu_s": worked.runs_cpu.as_secs_f64(),
            "simulation_cpu_s": worked.simulation_cpu.as_secs_f64(),
            "process_cpu_s": worked.process_cpu.as_secs_f64(),
            "elapsed_s": worked.elapsed.as_secs_f64(),
        },
    })
}

/// Points shown on the screen; the table in the folder has all.
const SHOWN: usize = 24;

pub(super) fn words(folder: &SweepFolder, collected: &Collected, worked: Option<&Worked>) -> String {
    let path = folder.path().display();
    let mut text = table(folder, collected);
    let _ = writeln!(text, "{} runs, mean ± half of the 95 % interval over replications", collected.rows.len());
    if collected.missing > 0 {
        let _ = writeln!(text, "PARTIAL: {} runs are missing", collected.missing);
    }
    if let Some(worked) = worked {
        let _ = writeln!(text, "{}", worked_words(worked, (0, 1)));
    }
    let _ = writeln!(text, "\nRuns     {path}/results.parquet (also .csv)\nPoints   {path}/summary.csv");
    let _ = writeln!(text, "Analyse  nearfar analyze {}", shell_path(folder.path()));
    text
}

fn table(folder: &SweepFolder, collected: &Collected) -> String {
    let plan = folder.plan();
    let metrics: Vec<&str> = plan.facts.metrics().into_iter().take(4).collect();
    let mut rows = vec![vec!["point".to_owned()]];
    let several = plan.facts.scenarios.len() > 1;
    if several {
        rows[0].push("scenario".into());
    }
    rows[0].extend(plan.facts.factors.iter().map(|factor| factor.column()));
    rows[0].extend(metrics.iter().map(|name| (*name).to_owned()));
    for (index, point) in plan.points.iter().enumerate().take(SHOWN) {
        let mut row = vec![format!("p{index}")];
        if several {
            row.push(plan.facts.scenarios[point.scenario].name.clone());
        }
        row.extend(point.levels.iter().map(|level| level.number().map_or_else(|| level.shown(), short)));
        for metric in &metrics {
            let (mean, half_width, n) = collected.at(index, metric);
            row.push(match n {
                0 => "no data".to_owned(),
                1 => format!("{} (1 run)", figure(metric, mean)),
                _ => format!("{} ±{}", figure(metric, mean), figure(metric, half_width)),
            });
        }
        rows.push(row);
    }
    let mut text = super::columns(&rows);
    if plan.points.len() > SHOWN {
        let _ = writeln!(text, "… and {} more points", plan.points.len() - SHOWN);
    }
    text + "\n"
}

/// A level with four digits at most.
pub(super) fn short(number: f64) -> String {
    let text = format!("{number:.4}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    text.to_owned()
}

pub(super) fn figure(metric: &str, value: f64) -> String {
    match definition(metric).map(|definition| definition.unit) {
        Some("orders" | "sessions") => format!("{value:.0}"),
        Some("share") => format!("{value:.4}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_short() {
        assert_eq!([short(3.0), short(2.5), short(0.123456)], ["3", "2.5", "0.1235"]);
    }
}
