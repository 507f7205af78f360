//! Room: sweep. What a method did, in words and formulas, ready for the appendix of a paper: beside each table its page.

use super::super::points::MORRIS_LEVELS;
use super::best::FIRST;
use super::indices::{MOSTLY_CHANCE, NEXT_TO_NOTHING};
use super::{Analysis, Asked, Best, Curve, Effects, Findings, RESAMPLES, Study};
use crate::metrics::definition;
use crate::statistics::ranking::{kn_eta, kn_h_squared};
use crate::statistics::regression::STRAIGHT_ENOUGH;
use crate::statistics::{Confidence, Direction};

/// The page of an analysis, in Markdown.
pub fn methods(study: &Study, analysis: &Analysis, asked: &Asked) -> String {
    let (facts, word) = (&study.plan().facts, analysis.method.word());
    let mut page = format!("# How {word}.csv was made\n\n");
    page += &format!(
        "Analysis of {} with nearfar {} ({}), plan {}, {} design, seed {}: {} runs.",
        facts.label,
        env!("CARGO_PKG_VERSION"),
        option_env!("NEARFAR_COMMIT").map_or("built outside of a release".to_owned(), |it| format!("commit {it}")),
        study.plan().hash,
        facts.design.word(),
        facts.seed,
        study.runs
    );
    if study.failed > 0 {
        page += &format!(" {} of them failed and are left out.", study.failed);
    }
    if study.missing > 0 {
        page += &format!(" PARTIAL: {} planned runs are missing.", study.missing);
    }
    // A surface is of differences, which its own part names.
    if !matches!(analysis.findings, Findings::BreakEven(_)) {
        let metrics = asked.metrics.iter().map(|name| format!("`{name}` ({})", unit(name)));
        page += &format!(" KPIs: {}.", metrics.collect::<Vec<_>>().join(", "));
    }
    page += &format!(
        " Confidence {} %, α = {}.\n\n{SHARED}",
        tidy(100.0 * asked.confidence.share()),
        tidy(asked.confidence.alpha())
    );
    page += &match &analysis.findings {
        Findings::Effects(found) => effects(found),
        Findings::Morris(_) => morris(facts.trajectories, asked.confidence),
        Findings::Sobol(_) => sobol(facts.samples, asked.confidence),
        Findings::Best(found) => best(found, asked.confidence),
        Findings::Pairs(found) => pairs(found.iter().map(|pair| pair.comparisons).max().unwrap_or(0), asked),
        Findings::Pareto(front) => {
            let aims = front.aims.iter().map(|aim| format!("`{}` {}", aim.metric, low_or_high(aim.direction)));
            PARETO.replace("{aims}", &aims.collect::<Vec<_>>().join(", ")) + STATES
        }
        Findings::BreakEven(found) => {
            let mut names: Vec<String> =
                found.iter().map(|it| format!("`{}` - `{}`", it.contrast.a, it.contrast.b)).collect();
            names.dedup();
            BREAK_EVEN.replace("{differences}", &names.join(", "))
        }
        Findings::Knee(found) => knee(found),
    };
    for note in &analysis.notes {
        page += &format!("\nNote: {note}.\n");
    }
    page + "\ndocs/statistics.md of this version has sources in full and the reference numbers its tests reproduce.\n"
}

/// The page of a warm-up.
pub const WARMUP_METHODS: &str = "# How warmup.csv was made\n\n\
    Times of delivered orders in order of placement, near orders from click to door, far orders from click to delivery; each \
    series is as long as that of the replication with fewest orders, and averaged over replications order by order. MSER-5 \
    (White, Cobb and Spratt 2000): with Z_j the means of 5 successive orders, d* = argmin over d ≤ n/2 of \
    Σ_{j>d} (Z_j - Z̄_d)² / (n - d)²; a minimum at n/2 means that the run is too short to tell. The warm-up is the mean moment at \
    which the first order that stays was placed; the range is that of single replications by the same rule. `smoothed`: \
    Welch's moving average (1983) over a twentieth of the series on each side.\n";

const SHARED: &str = "Replication r is the same day at every point (common random numbers). A KPI is one value of a run; a run without \
    data has none. A replication counts only where all points that are set against each other have it. An interval of a mean is \
    x̄ ± t(1 - α/2, n - 1) · s / √n (Student 1908) over n replications unless said otherwise.\n\n";

const STATES: &str = "A setting is a level of each lever; its value in a replication is the mean over all states of what is \
    uncertain, each counting alike.\n";

fn unit(metric: &str) -> &'static str {
    definition(metric).map_or("", |known| known.unit)
}

fn low_or_high(direction: Direction) -> &'static str {
    if direction == Direction::Lower { "to be low" } else { "to be high" }
}

/// Without the digits that binary fractions leave.
fn tidy(number: f64) -> f64 {
    format!("{number:.6e}").parse().unwrap_or(number)
}

fn effects(found: &[Effects]) -> String {
    let straight = STRAIGHT_ENOUGH;
    let crossed = found.iter().all(|it| it.crossed);
    let ends = match crossed {
        true => {
            "All levels are crossed: the mean of a level is that over all points that have it, replication by replication, and \
             the change from the low to the high end d̄ ± t(1 - α/2, n - 1) · s_d / √n over the paired differences."
        }
        false => {
            "Levels are not crossed: the change from the low to the high end follows the least-squares line, slope × range, with \
             its t-interval over points."
        }
    };
    format!(
        "**Main effects and tornado.** {ends} A change is shown if its interval leaves out 0; no correction for the number of \
         factors and KPIs. A factor of more than twelve levels is tabled in fifths of its range. Ends of a row `low` and `high` are deviations from the mean over all points.\n\n**Straight lines.** \
         Least squares over the means of the points, by Householder's triangulation on centred columns; standardised slope \
         b_j s_xj / s_y. Below R² = {straight} the lines do not rank factors.\n"
    )
}

fn morris(trajectories: u32, confidence: Confidence) -> String {
    let levels = MORRIS_LEVELS;
    format!(
        "**Elementary effects** (Morris 1991) of r = {trajectories} trajectories on L = {levels} levels: \
         EE = (f(x + Δ e_i) - f(x)) / Δ with Δ = L / (2(L - 1)), per whole range of the factor, f the mean over replications; μ = mean EE, \
         μ* = mean |EE| (Campolongo, Cariboni and Saltelli 2007), σ their standard deviation. Interval of μ*: percentiles of \
         {RESAMPLES} bootstrap resamples (Efron 1979) of whole trajectories at {} %, drawn from a stream of the seed of its own for \
         each KPI; so is that of `behind`, how far μ* lies below the largest, where one resample moves both.\n\n**Chance.** `chance_up_to` = t(1 - α/2, m(n - 1)) · √(mean of s_d² / n over the m steps of the factor), s_d the \
         standard deviation over n replications of the difference along a step, per whole range. An effect is shown if μ* lies \
         above it; otherwise it is \"not shown beyond chance\", which does not say that it is nothing. The interval of μ* is not asked \
         for as well: it tells how effects differ between trajectories, which makes no effect where there is none. Nor is the t-interval \
         of μ over trajectories, which share their days and so their chance. With one replication nothing is said of chance. \"Curved, or depends on others\": σ > μ*/2. No correction for the number of factors and KPIs.\n",
        tidy(100.0 * confidence.share())
    )
}

fn sobol(samples: u32, confidence: Confidence) -> String {
    format!(
        "**Sobol' indices** (1993) after Jansen (1999) of N = {samples} rows: S_i = 1 - Σ(f_B - f_ABi)² / (2NV), \
         ST_i = Σ(f_A - f_ABi)² / (2NV), V the variance over A and B together, f the mean over replications. The rows are Sobol' \
         points, unscrambled, from the zero point (Joe and Kuo 2008). Intervals: percentiles of {RESAMPLES} bootstrap resamples (Efron 1979) of \
         whole rows at {} %, drawn from a stream of the seed of its own for each KPI; so are those of ST - S, `st_less_s1`, and of how \
         far ST lies below the largest, `st_behind`, where one resample moves both indices.\n\n**Chance.** ST is a sum of squares: its \
         interval lies above 0 whatever the factor does. `st_chance_up_to` = t(1 - α/2, N(n - 1))² · (mean of s_d² / n over the rows) / \
         (2V), s_d the standard deviation over n replications of f_A - f_ABi. A factor is shown if its ST lies above that and is not \
         \"next to nothing\", which is an ST whose whole interval lies below {} %. It acts alone if the interval of S lies above 0, and together \
         with others if that of ST - S lies above what chance adds to ST on average, `st_chance_up_to` / t². With one replication what \
         is chance is not known, and nothing is said of it. No correction for the number of factors and KPIs.\n\n**Noise share**: the \
         variance of the mean over replications that replications alone make, averaged over the points of A and B, as a share of V; \
         what a replication does to all of these points alike is no part of V and left out. From {} % on nothing is said of any factor.\n",
        tidy(100.0 * confidence.share()),
        tidy(100.0 * NEXT_TO_NOTHING),
        tidy(100.0 * MOSTLY_CHANCE)
    )
}

fn best(found: &[Best], confidence: Confidence) -> String {
    let mut text = String::from(
        "**Ranking and selection** (KN, Kim and Nelson 2001), played over the replications in their order, common random numbers \
         allowed: η = ½ [(2α/(k - 1))^(-2/(n0 - 1)) - 1], h² = 2η(n0 - 1), S²_il the variance of the paired differences of the first n0 \
         replications. Of k settings, i goes after r replications if for some l still in X̄_i > X̄_l + max(0, δ/(2r) · (h² S²_il/δ² - r)), \
         figures to be low (those to be high with the sign changed). With the confidence the one that is left is the best if it leads \
         by δ or more, else one within δ of it; that a setting which went out is worse is not guaranteed one by one. The guarantee is \
         for each KPI by itself. `leader` is the best mean among those still in, `behind_leader` how far a setting lies behind it, \
         with the paired t-interval over the replications (Bonferroni over the k - 1 others): above 0 it is worse, even while KN has not \
         ruled it out. ",
    );
    text += STATES;
    text += "`worst` is the value in the state worst for the setting, `regret` the most it is worse by than the best setting of a state.\n\n\
             | KPI | aim | k | n0 | δ | η | h² | replications looked at |\n|---|---|---|---|---|---|---|---|\n";
    for it in found {
        let (k, first) = (it.candidates.len(), FIRST.min(it.candidates.first().map_or(0, |one| one.value.n)));
        text += &format!(
            "| `{}` | {} | {k} | {first} | {} {} | {} | {} | {} |\n",
            it.metric,
            low_or_high(it.direction),
            tidy(it.indifference),
            unit(it.metric),
            tidy(kn_eta(k, first, confidence)),
            tidy(kn_h_squared(k, first, confidence)),
            it.replications
        );
    }
    text
}

fn pairs(comparisons: usize, asked: &Asked) -> String {
    let alpha = tidy(asked.confidence.alpha());
    format!(
        "**Paired differences.** d_r = other - base, d̄ ± t(1 - α/(2c), n - 1) · s_d / √n over c = {comparisons} comparisons of a KPI \
         (Bonferroni 1936): the intervals of a KPI hold together. p from t = d̄ √n / s_d, two-sided, adjusted after Holm (1979) over \
         the same c comparisons; a difference is shown if the adjusted p is below {alpha}. KPIs are not corrected for each other. \
         `correlation` is that of both points over replications, `variance_reduction` (s_A² + s_B²) / s_d². `replications_needed`: the \
         smallest n whose corrected half-width is half the difference seen, at the spread seen.\n"
    )
}

const PARETO: &str = "**Pareto front** over {aims}. A setting is beaten by the means if another is at least as good in every mean \
    and better in one. It is surely beaten only if another at the unlucky end of each interval is no worse than it at the lucky \
    end, in every aim. Intervals are those of single values, not corrected for the number of settings and aims. ";

const BREAK_EVEN: &str = "**Break-even** of {differences} over two factors, at each of their points the mean over all else that \
    varies, replication by replication. The line is where the mean difference is 0: marching squares with linear interpolation on \
    the edges of the grid, a saddle resolved by the mean of its corners. `low_line` and `high_line` are the lines of the lower and \
    the upper end of the interval of the difference; between them no difference is shown. Intervals hold point by point, not \
    for the line as a whole.\n";

fn knee(found: &[Curve]) -> String {
    let mut text = String::from(
        "**Knee** (Kneedle, Satopää, Albrecht, Irwin and Raghavan 2011) without smoothing, sensitivity 1: both axes scaled to [0, 1], a \
         falling curve turned over, the knee where the curve is farthest above the diagonal; none of fewer than 4 levels, or where \
         the curve bends no more than the mean step. The interval is the t-interval of the knees of single replications. A knee \
         depends on the range that was run.\n\n**Enough**: the lowest level from which on none is worse than the highest by more \
         than the indifference at the upper end of the interval of the paired difference, intervals at 1 - α/c over the c other \
         levels (Bonferroni 1936); told only if the lowest level is shown to be worse than the highest.\n\n\
         | KPI | factor | from | to | levels | indifference |\n|---|---|---|---|---|---|\n",
    );
    for it in found {
        let [first, .., last] = &it.stops[..] else { continue };
        text += &format!(
            "| `{}` | `{}` | {} | {} | {} | {} {} |\n",
            it.metric,
            it.factor,
            tidy(first.x),
            tidy(last.x),
            it.stops.len(),
            tidy(it.tolerance),
            unit(it.metric)
        );
    }
    text
}
