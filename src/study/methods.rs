//! Room: study. The methods of a study in words and formulas, ready for the appendix of a paper.

use super::holm::Correction;
use super::paired::Judging;
use super::sequential::{FEWEST, HalfWidth, LOOK_AHEAD};
use crate::metrics::definition;
use crate::scenario::Hypothesis;
use std::fmt::Write as _;

/// A scenario of a study.
#[derive(Clone, Copy, Debug)]
pub struct MethodsSide<'a> {
    /// Its part, such as `base`.
    pub part: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its label.
    pub label: &'a str,
    /// Fingerprint of everything it simulates.
    pub hash: &'a str,
}

/// The rounds in which replications are simulated, and whether they led to what was wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stopping {
    /// Replications of the first round.
    pub first: u32,
    /// Replications of each further round.
    pub step: u32,
    /// No more than these in all.
    pub most: u32,
    /// Whether every wanted half-width was reached.
    pub reached: bool,
}

/// What a page of methods is made from.
#[derive(Clone, Copy, Debug)]
pub struct MethodsOf<'a> {
    /// Version of the program.
    pub version: &'a str,
    /// Git commit it is built from, if known.
    pub commit: Option<&'a str>,
    /// The scenarios, the base first.
    pub sides: &'a [MethodsSide<'a>],
    /// Root of every random stream.
    pub seed: u64,
    /// Replications of each scenario.
    pub replications: usize,
    /// How differences are judged.
    pub judging: &'a Judging,
    /// Differences corrected together.
    pub family: usize,
    /// What-ifs they come from.
    pub whatifs: usize,
    /// The stopping rule, if there was one.
    pub stopping: Option<Stopping>,
    /// What was expected beforehand.
    pub hypotheses: &'a [Hypothesis],
    /// The KPIs reported first.
    pub metrics: &'a [&'a str],
}

/// The page, in Markdown.
pub fn methods(of: &MethodsOf<'_>) -> String {
    let mut page = String::from("# Methods\n\n");
    page += &program(of);
    page += &sides(of.sides);
    page += PAIRS;
    page += &intervals(of);
    page += &correction(of);
    page += &stopping(of);
    page += &hypotheses(of.hypotheses);
    page += &definitions(of.metrics);
    page += METHODS_LIMITS;
    page
}

fn program(of: &MethodsOf<'_>) -> String {
    let commit = of.commit.map_or_else(|| "built outside of a release".to_owned(), |commit| format!("commit {commit}"));
    format!(
        "Simulated with nearfar {} ({commit}): a discrete-event model of orders, stores, couriers and a warehouse in one \
         city. Seed {}; {} replications of each scenario. A replication is one run over the horizon of the scenario with \
         chance of its own; stores, assortments and homes of the city are those of the seed and the same in every \
         replication. Same version, scenarios, seed and number of replications give the same numbers to the last digit, on \
         any number of threads, unless a program from outside decides (manifest.json says `reproducible`).\n\n",
        of.version, of.seed, of.replications
    )
}

fn sides(sides: &[MethodsSide<'_>]) -> String {
    let mut text = String::from(
        "## Scenarios\n\n| part | name | label | fingerprint (SHA-256 of every key and input file) |\n|---|---|---|---|\n",
    );
    for side in sides {
        let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
        let _ = writeln!(text, "| {} | {} | {} | `{}` |", side.part, cell(side.name), cell(side.label), side.hash);
    }
    text + "\nEvery key of both with its value is in base.toml and whatif.toml; changes.csv lists those that differ.\n\n"
}

const PAIRS: &str = "## Pairs\n\n\
    Replication r of the base and replication r of the what-if share their random numbers (common random numbers). Each \
    random quantity has a stream of its own, keyed by seed, replication, purpose (arrivals, consumer, basket, picking time, \
    hand-over, patience, transit and so on) and the number of the session, order, store or courier it belongs to. So session \
    4711 is the same person with the same wish on both sides, whatever happened before, and a draw more on one side shifts \
    nothing on the other. Variance reduction is (s_A² + s_B²) / s_d², the variance of the difference of independent runs over \
    that of the pairs; correlation is that of A_r and B_r. Pairs in which a side has no value are left out.\n\n";

fn intervals(of: &MethodsOf<'_>) -> String {
    let percent = 100.0 * of.judging.confidence;
    let level = match of.judging.correction {
        Correction::Bonferroni => "1 − α/(2c), with c as below",
        _ => "1 − α/2",
    };
    format!(
        "## Intervals\n\n\
         KPIs are computed within each replication; n replications give n values of each, quantiles and ratios included. \
         Level: x̄ ± t(1 − α/2, n − 1) · s / √n. Difference, what-if less base: d_r = B_r − A_r, and \
         d̄ ± t({level}, n − 1) · s_d / √n. As a share of the \
         base (charts): Ā = 0 has none, else R = B̄/Ā − 1 with the interval of the delta method, that of the mean of \
         (B_r − (B̄/Ā) A_r) / Ā, never the ends of d̄ over Ā. Confidence {percent} %, α = {}. Student's t takes d_r for about normal; a KPI with \
         rare collapses (a day on which couriers never catch up) is skewed, and its interval is then too narrow on one side \
         and too wide on the other.\n\n",
        rounded(of.judging.level())
    )
}

fn correction(of: &MethodsOf<'_>) -> String {
    let c = of.family;
    let family = format!(
        "the {c} differences of the main KPIs, and of those with a hypothesis, over {}",
        if of.whatifs == 1 { "the what-if".to_owned() } else { format!("the {} what-ifs of this study", of.whatifs) }
    );
    let rule = match of.judging.correction {
        Correction::Holm => format!(
            "Holm's step-down over {family}: p-values in rising order are multiplied by {c}, {c} − 1, … 1 and kept from \
             falling (`p_adjusted`); a difference is shown where that is at most α. The chance of any false one is then at \
             most α. Intervals are ordinary ones, so an interval may leave out 0 where no difference is shown."
        ),
        Correction::Bonferroni => format!(
            "Bonferroni over {family}: p-values are multiplied by c = {c} (`p_adjusted`), and intervals widened to match, so \
             that all of them hold together with the confidence stated."
        ),
        Correction::None => format!(
            "None, though there are {c} differences: with many, some are shown by chance alone, about one in twenty at \
             α = .05."
        ),
    };
    format!(
        "## Correction for many comparisons\n\n{rule} p is that of the paired t-test, two-sided. KPIs outside of the family are \
         judged each by itself (column `family`): take them as leads, not as findings. \"No difference shown\" is no proof \
         that both are equal; the number of replications beside it is what an interval as wide as the difference seen, or \
         as asked for by --until, would take at the spread seen.\n\n"
    )
}

fn stopping(of: &MethodsOf<'_>) -> String {
    let Some(Stopping { first, step, most, reached }) = of.stopping else {
        return format!("## Replications\n\nFixed beforehand: {}.\n\n", of.replications);
    };
    let wanted: Vec<String> = of
        .judging
        .wanted
        .iter()
        .map(|wanted| match wanted.half_width {
            HalfWidth::OfBase(share) => {
                format!("`{}` within {} % of the mean of the base", wanted.metric, rounded(share * 100.0))
            }
            HalfWidth::Absolute(value) => format!("`{}` within {value} in its unit", wanted.metric),
        })
        .collect();
    let reached = if reached { "Reached" } else { "Not reached for all" };
    format!(
        "## Replications\n\n\
         Sequential: {first} at first, then rounds of {step}, at most {most}, until the half-width of the interval of the paired \
         difference was as narrow as wanted for every what-if: {}. It has to be so after the last replication and after each of \
         the {LOOK_AHEAD} before it, none earlier than replication {FEWEST}: an interval that is narrow by luck does not stay so. \
         All replications simulated are used. {reached} after {}. Intervals of a sequential procedure hold a little less often \
         than stated (about 94 % instead of 95 % in simulations of such rules).\n\n",
        wanted.join(", "),
        of.replications
    )
}

fn hypotheses(all: &[Hypothesis]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "## Hypotheses\n\nWritten down in the scenario file of the what-if; hypotheses.csv has the outcomes.\n\n",
    );
    for hypothesis in all {
        let _ =
            writeln!(text, "- `{}` {}: {}", hypothesis.metric, hypothesis.direction.word(), hypothesis.reason.trim());
    }
    text + "\n"
}

fn definitions(metrics: &[&str]) -> String {
    kpi_definitions(metrics)
        + "All KPIs are in compare.csv, and by replication in replications.csv; docs/kpis.md of this version defines them.\n\n"
}

/// A section with name, unit and formula of these KPIs.
pub fn kpi_definitions(metrics: &[&str]) -> String {
    let mut text = String::from("## KPIs\n\n| KPI | unit | definition |\n|---|---|---|\n");
    for known in metrics.iter().filter_map(|name| definition(name)) {
        let _ = writeln!(text, "| `{}` ({}) | {} | {} |", known.name, known.label, known.unit, known.formula);
    }
    text + "\n"
}

/// What intervals cover and what not.
pub const METHODS_LIMITS: &str = "## Limits\n\n\
    Intervals cover the chance of the model, not errors of its assumptions: more replications do not make a wrong travel \
    speed right. Nor do they cover the choice of the city, which is one draw of the seed. Try other values of the \
    assumptions that matter, and other seeds, before a difference is called a finding.\n";

/// A number without the noise of binary fractions.
fn rounded(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Direction;
    use crate::study::Precision;

    fn page(change: impl FnOnce(&mut MethodsOf<'_>, &mut Judging)) -> String {
        let sides = [("base", "city"), ("what-if", "a|b")].map(|(part, name)| MethodsSide {
            part,
            name,
            label: "A label",
            hash: "abc123",
        });
        let mut judging = Judging { correction: Correction::Holm, ..Judging::default() };
        let plain = Judging::default();
        let mut of = MethodsOf {
            version: "1.2.3",
            commit: Some("deadbeef"),
            sides: &sides,
            seed: 42,
            replications: 30,
            judging: &plain,
            family: 12,
            whatifs: 1,
            stopping: None,
            hypotheses: &[],
            metrics: &["cost_per_order"],
        };
        change(&mut of, &mut judging);
        methods(&MethodsOf { judging: &judging, ..of })
    }

    #[test]
    fn a_page_says_what_was_done() {
        let told = page(|_, _| {});
        for part in [
            "nearfar 1.2.3 (commit deadbeef)",
            "Seed 42; 30 replications",
            "| what-if | a\\|b | A label | `abc123` |",
            "common random numbers",
            "d̄ ± t(1 − α/2, n − 1)",
            "Confidence 95 %, α = 0.05.",
            "Holm's step-down over the 12 differences",
            "Fixed beforehand: 30.",
            definition("cost_per_order").unwrap().formula,
            "not errors of its assumptions",
        ] {
            assert!(told.contains(part), "{part} is missing in\n{told}");
        }
        assert!(!told.contains("Hypotheses"), "{told}");
    }

    #[test]
    fn correction_rule_and_hypotheses_are_those_of_the_study() {
        let bonferroni = page(|_, judging| judging.correction = Correction::Bonferroni);
        assert!(bonferroni.contains("t(1 − α/(2c), with c as below, n − 1)") && bonferroni.contains("c = 12"));
        let expected = [Hypothesis { metric: "orders".into(), direction: Direction::Up, reason: "more shops".into() }];
        let told = page(|of, judging| {
            of.stopping = Some(Stopping { first: 15, step: 10, most: 200, reached: false });
            judging.wanted = vec![Precision { metric: "cost_per_order", half_width: HalfWidth::OfBase(0.01) }];
        });
        assert!(told.contains("`cost_per_order` within 1 % of the mean of the base"), "{told}");
        assert!(told.contains("15 at first, then rounds of 10, at most 200") && told.contains("Not reached"), "{told}");
        assert!(hypotheses(&expected).contains("- `orders` up: more shops\n"));
    }
}
