//! Room: study. Base against what-if, replication by replication on common random numbers.

use super::holm::Correction;
use super::sequential::{Precision, needed};
use crate::metrics::{Better, KPIS, Kpi, MetricsError, definition, mean_and_half_width_at, parquet_bytes};
use crate::statistics::{Confidence, student};
use polars::prelude::{Column, DataFrame, IntoColumn, NamedFrom, Series};

/// What an interval allows to say about a KPI.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The what-if moves the KPI the right way.
    Better,
    /// The what-if moves the KPI the wrong way.
    Worse,
    /// The KPI rises; neither good nor bad by itself.
    Higher,
    /// The KPI falls; neither good nor bad by itself.
    Lower,
    /// Chance alone may do this. That does not show that both are equal.
    NotShown,
    /// Fewer than two pairs with data: no interval.
    NoInterval,
    /// No pair with data.
    NoData,
}

impl Verdict {
    /// The words in tables.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::Higher => "higher",
            Verdict::Lower => "lower",
            Verdict::NotShown => "no difference shown",
            Verdict::NoInterval => "no interval",
            Verdict::NoData => "no data",
        }
    }
}

/// A KPI of base and what-if over the replications in which both have a value; what is unknown is NaN.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Paired {
    /// Name in tables.
    pub name: &'static str,
    /// Unit of means, difference and their intervals.
    pub unit: &'static str,
    /// Pairs in which both sides have a value.
    pub pairs: usize,
    /// Mean of the base.
    pub base_mean: f64,
    /// Half of its interval.
    pub base_half_width: f64,
    /// Mean of the what-if.
    pub whatif_mean: f64,
    /// Half of its interval.
    pub whatif_half_width: f64,
    /// Mean of what-if minus base.
    pub difference: f64,
    /// Standard deviation of what-if minus base over the pairs.
    pub sd: f64,
    /// Lower end of the interval of the difference, Student's t over the pairs.
    pub low: f64,
    /// Upper end of that interval.
    pub high: f64,
    /// The change as a share of the base with its interval by the delta method; NaN where the base is 0, or without one.
    pub relative: [f64; 3],
    /// Correlation of base and what-if over the replications.
    pub correlation: f64,
    /// Variance of the difference of independent runs divided by that of the pairs; above 1 pairing pays.
    pub variance_reduction: f64,
    /// Chance of a difference this far from 0 if there is none, two-sided, each KPI by itself.
    pub p: f64,
    /// The same corrected for the whole family; NaN outside of it.
    pub p_adjusted: f64,
    /// Whether it belongs to the family that is corrected together.
    pub in_family: bool,
    /// What chance allows to say.
    pub verdict: Verdict,
    /// Where no difference is shown: what it would take to tell more.
    pub hint: Option<Hint>,
}

/// How many replications an interval of this half-width would take, at the spread seen.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hint {
    /// Replications in all; None where a million would not do.
    pub replications: Option<usize>,
    /// The half-width, in the unit of the KPI: that asked for, or the size of the difference seen.
    pub half_width: f64,
}

/// By which rules differences are judged.
#[derive(Clone, PartialEq, Debug)]
pub struct Judging {
    /// Confidence of intervals, between 0 and 1; 1 less this is the level of verdicts.
    pub confidence: f64,
    /// How the family is corrected for being many.
    pub correction: Correction,
    /// Half-widths asked for.
    pub wanted: Vec<Precision>,
}

impl Default for Judging {
    fn default() -> Self {
        Judging { confidence: 0.95, correction: Correction::None, wanted: Vec::new() }
    }
}

impl Judging {
    /// The chance of a false verdict that is accepted.
    pub fn level(&self) -> f64 {
        1.0 - self.confidence
    }

    /// The level of the intervals of a family of this size.
    pub fn interval_level(&self, family: usize) -> f64 {
        match self.correction {
            Correction::Bonferroni => self.level() / family.max(1) as f64,
            _ => self.level(),
        }
    }
}

/// The rows of several what-ifs.
#[derive(Clone, PartialEq, Debug)]
pub struct Judged {
    /// For each what-if every KPI, in table order.
    pub rows: Vec<Vec<Paired>>,
    /// Differences that were corrected together: those of the family with at least two pairs.
    pub family: usize,
}

/// Compares two sets of replications KPI by KPI, each by itself at 95 %; replication r of one side is paired with r of
/// the other.
pub fn paired(base: &[Vec<Kpi>], whatif: &[Vec<Kpi>]) -> Vec<Paired> {
    compare_all(base, whatif, &Judging::default())
}

/// Compares several what-ifs with one base. `in_family` says of a what-if, by its place, and a KPI whether they are
/// corrected together; the others are judged each by itself.
pub fn judged(
    base: &[Vec<Kpi>],
    whatifs: &[Vec<Vec<Kpi>>],
    judging: &Judging,
    in_family: &dyn Fn(usize, &str) -> bool,
) -> Judged {
    let mut rows: Vec<Vec<Paired>> = whatifs.iter().map(|whatif| compare_all(base, whatif, judging)).collect();
    let mut members: Vec<&mut Paired> = Vec::new();
    for (place, rows) in rows.iter_mut().enumerate() {
        members.extend(rows.iter_mut().filter(|row| in_family(place, row.name)));
    }
    let adjusted = judging.correction.adjusted(&members.iter().map(|row| row.p).collect::<Vec<f64>>());
    let family = adjusted.iter().filter(|p| p.is_finite()).count();
    let level = judging.interval_level(family);
    for (row, p) in members.into_iter().zip(adjusted) {
        row.in_family = true;
        row.p_adjusted = p;
        (row.low, row.high) = interval(row, level);
        row.relative = at_level(row, level, judging);
        row.verdict = verdict(row, p, judging.level());
    }
    for row in rows.iter_mut().flatten() {
        row.hint = hint(row, judging, if row.in_family { family } else { 1 });
    }
    Judged { rows, family }
}

fn compare_all(base: &[Vec<Kpi>], whatif: &[Vec<Kpi>], judging: &Judging) -> Vec<Paired> {
    let column = |side: &[Vec<Kpi>], i: usize| -> Vec<f64> {
        side.iter().map(|kpis| kpis.get(i).map_or(f64::NAN, |kpi| kpi.value)).collect()
    };
    let row = |(i, definition): (usize, &crate::metrics::Definition)| {
        compare(definition.name, definition.unit, &column(base, i), &column(whatif, i), judging)
    };
    KPIS.iter().enumerate().map(row).collect()
}

fn compare(name: &'static str, unit: &'static str, base: &[f64], whatif: &[f64], judging: &Judging) -> Paired {
    let (a, b): (Vec<f64>, Vec<f64>) =
        base.iter().zip(whatif).filter(|(a, b)| a.is_finite() && b.is_finite()).map(|(a, b)| (*a, *b)).unzip();
    let (base_mean, base_half_width) = mean_and_half_width_at(&a, judging.confidence);
    let (whatif_mean, whatif_half_width) = mean_and_half_width_at(&b, judging.confidence);
    // None with fewer than two pairs.
    let found = Confidence::new(judging.confidence).and_then(|confidence| student::paired(&b, &a, confidence)).ok();
    let share = relative(&a, &b, judging.confidence);
    let known = |of: &dyn Fn(&student::PairedDifference) -> f64| found.as_ref().map_or(f64::NAN, of);
    let mut row = Paired {
        name,
        unit,
        pairs: a.len(),
        base_mean,
        base_half_width,
        whatif_mean,
        whatif_half_width,
        difference: found.as_ref().map_or(whatif_mean - base_mean, |found| found.difference.mean),
        sd: known(&|found| found.standard_deviation),
        low: known(&|found| found.difference.low()),
        high: known(&|found| found.difference.high()),
        relative: share,
        correlation: known(&|found| found.correlation),
        variance_reduction: known(&|found| found.variance_reduction),
        p: known(&|found| found.difference.p),
        p_adjusted: f64::NAN,
        in_family: false,
        verdict: Verdict::NoData,
        hint: None,
    };
    row.verdict = verdict(&row, row.p, judging.level());
    row
}

/// The interval of the difference, two-sided at `level`.
fn interval(row: &Paired, level: f64) -> (f64, f64) {
    if row.pairs < 2 {
        return (f64::NAN, f64::NAN);
    }
    let half_width =
        student::t_quantile(1.0 - level / 2.0, row.pairs as f64 - 1.0) * row.sd / (row.pairs as f64).sqrt();
    (row.difference - half_width, row.difference + half_width)
}

/// Mean and ends of the change as a share of the base's size, so that its sign is that of the difference.
fn relative(base: &[f64], whatif: &[f64], confidence: f64) -> [f64; 3] {
    let found = Confidence::new(confidence).and_then(|confidence| student::relative_change(whatif, base, confidence));
    let Ok(found) = found else { return [f64::NAN; 3] };
    if base.iter().sum::<f64>() < 0.0 {
        [-found.mean, -found.high(), -found.low()]
    } else {
        [found.mean, found.low(), found.high()]
    }
}

/// The same interval two-sided at `level`.
fn at_level(row: &Paired, level: f64, judging: &Judging) -> [f64; 3] {
    let [mean, low, high] = row.relative;
    let quantile = |level: f64| student::t_quantile(1.0 - level / 2.0, row.pairs as f64 - 1.0);
    if low.is_nan() {
        return row.relative;
    }
    let half = (high - low) / 2.0 * quantile(level) / quantile(judging.level());
    [mean, mean - half, mean + half]
}

fn verdict(row: &Paired, p: f64, level: f64) -> Verdict {
    let up = row.difference > 0.0;
    match (row.pairs, definition(row.name).map_or(Better::Neither, |definition| definition.better)) {
        (0, _) => Verdict::NoData,
        (1, _) => Verdict::NoInterval,
        _ if p > level => Verdict::NotShown,
        (_, Better::Neither) if up => Verdict::Higher,
        (_, Better::Neither) => Verdict::Lower,
        (_, Better::Higher) if up => Verdict::Better,
        (_, Better::Lower) if !up => Verdict::Better,
        _ => Verdict::Worse,
    }
}

/// Where no difference is shown: the replications for the half-width asked for, by the rule of the interval; if that is met
/// or none is asked for, for one as wide as the difference seen, at the level at which a family of this size shows it whatever its other members.
fn hint(row: &Paired, judging: &Judging, family: usize) -> Option<Hint> {
    if row.verdict != Verdict::NotShown || row.sd == 0.0 {
        return None;
    }
    // A half-width that is reached already takes no more.
    let unmet = |wanted: &&Precision| (row.high - row.low) / 2.0 > wanted.half_width.in_unit(row.base_mean);
    let wanted = judging.wanted.iter().find(|wanted| wanted.metric == row.name).filter(unmet);
    let (half_width, level) = match (wanted, judging.correction) {
        (Some(wanted), _) => (wanted.half_width.in_unit(row.base_mean), judging.interval_level(family)),
        (None, Correction::None) => (row.difference.abs(), judging.level()),
        (None, _) => (row.difference.abs(), judging.level() / family.max(1) as f64),
    };
    (half_width > 0.0).then(|| Hint { replications: needed(row.sd, half_width, level), half_width })
}

/// A number of a row: its name in tables, and its value.
type Number = (&'static str, fn(&Paired) -> f64);

const NUMBERS: [Number; 9] = [
    ("base_mean", |row| row.base_mean),
    ("base_half_width", |row| row.base_half_width),
    ("whatif_mean", |row| row.whatif_mean),
    ("whatif_half_width", |row| row.whatif_half_width),
    ("difference", |row| row.difference),
    ("low", |row| row.low),
    ("high", |row| row.high),
    ("correlation", |row| row.correlation),
    ("variance_reduction", |row| row.variance_reduction),
];
/// Those after the verdict.
const MORE_NUMBERS: [Number; 6] = [
    ("pairs", |row| row.pairs as f64),
    ("sd_difference", |row| row.sd),
    ("p", |row| row.p),
    ("p_adjusted", |row| row.p_adjusted),
    ("hint_replications", |row| row.hint.and_then(|hint| hint.replications).map_or(f64::NAN, |n| n as f64)),
    ("hint_half_width", |row| row.hint.map_or(f64::NAN, |hint| hint.half_width)),
];

/// The word for whether a row is corrected together with others.
fn family_word(row: &Paired) -> &'static str {
    if row.in_family { "corrected" } else { "by itself" }
}

/// The rows as CSV: shortest decimals that read back exactly, `NaN` for what is unknown.
pub fn paired_csv(rows: &[Paired]) -> String {
    let names = |numbers: &[Number]| numbers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
    let mut csv = format!("kpi,unit,{},verdict,{},family\n", names(&NUMBERS), names(&MORE_NUMBERS));
    for row in rows {
        let values =
            |numbers: &[Number]| numbers.iter().map(|(_, of)| of(row).to_string()).collect::<Vec<_>>().join(",");
        csv += &format!("{},{},{},", row.name, row.unit, values(&NUMBERS));
        csv += &format!("{},{},{}\n", row.verdict.words(), values(&MORE_NUMBERS), family_word(row));
    }
    csv
}

/// The same as a Parquet file with this metadata.
pub fn paired_parquet(rows: &[Paired], metadata: &[(&str, String)]) -> Result<Vec<u8>, MetricsError> {
    let words = |name: &str, of: &dyn Fn(&Paired) -> &'static str| {
        Column::new(name.into(), rows.iter().map(of).collect::<Vec<&str>>())
    };
    let number =
        |(name, of): &Number| Series::new((*name).into(), rows.iter().map(of).collect::<Vec<f64>>()).into_column();
    let mut columns = vec![words("kpi", &|row| row.name), words("unit", &|row| row.unit)];
    columns.extend(NUMBERS.iter().map(number));
    columns.push(words("verdict", &|row| row.verdict.words()));
    columns.extend(MORE_NUMBERS.iter().map(number));
    columns.push(words("family", &family_word));
    parquet_bytes(&DataFrame::new(rows.len(), columns)?, metadata)
}

#[cfg(test)]
mod tests {
    use super::*;

    // A published worked example: ten pairs, difference A - B.
    const A: [f64; 10] = [30.2, 28.7, 33.1, 31.5, 29.9, 32.4, 30.8, 31.1, 29.4, 32.0];
    const B: [f64; 10] = [28.9, 27.9, 31.2, 30.6, 28.8, 31.9, 29.1, 30.3, 28.6, 30.7];

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
    }

    const NEITHER: &str = "orders";
    const HIGHER: &str = "on_time_share";
    const LOWER: &str = "cost_per_order";

    fn row(name: &'static str, base: &[f64], whatif: &[f64]) -> Paired {
        compare(name, "x", base, whatif, &Judging::default())
    }

    #[test]
    fn the_paired_interval_is_that_of_the_worked_example() {
        let found = row(LOWER, &B, &A);
        close(found.difference, 1.11);
        close(found.sd, 0.4408325457);
        close(found.low, 0.7946473941);
        close(found.high, 1.4253526059);
        close(found.p * 1e5, 2.298111);
        close(found.correlation, 0.948077);
        close(found.variance_reduction, 18.7015437393);
        assert_eq!(found.verdict, Verdict::Worse);
        assert_eq!(row(HIGHER, &B, &A).verdict, Verdict::Better);
        assert_eq!(row(NEITHER, &B, &A).verdict, Verdict::Higher);
        assert_eq!(row(LOWER, &A, &B).verdict, Verdict::Better);
        assert_eq!(row(NEITHER, &A, &B).verdict, Verdict::Lower);
    }

    #[test]
    fn an_interval_with_zero_shows_no_difference() {
        let found = row(LOWER, &[1.0, 2.0, 3.0], &[2.0, 1.0, 3.5]);
        assert!(found.low < 0.0 && found.high > 0.0);
        assert_eq!(found.verdict, Verdict::NotShown);
        let same = row(LOWER, &A, &A);
        assert_eq!((same.difference, same.low, same.high), (0.0, 0.0, 0.0));
        assert_eq!(same.verdict, Verdict::NotShown);
        assert!(same.variance_reduction.is_nan());
    }

    #[test]
    fn pairs_without_data_on_a_side_are_left_out() {
        let found = row(LOWER, &[1.0, f64::NAN, 3.0], &[2.0, 5.0, f64::NAN]);
        assert_eq!((found.pairs, found.base_mean, found.whatif_mean, found.difference), (1, 1.0, 2.0, 1.0));
        assert!(found.low.is_nan() && found.correlation.is_nan());
        assert_eq!(found.verdict, Verdict::NoInterval);
        let none = row(LOWER, &[f64::NAN], &[2.0]);
        assert!(none.difference.is_nan());
        assert_eq!(none.verdict, Verdict::NoData);
    }

    /// Days on which every KPI has the value of the day.
    fn days(values: &[f64]) -> Vec<Vec<Kpi>> {
        values.iter().map(|&value| KPIS.iter().map(|d| Kpi { name: d.name, value, unit: d.unit }).collect()).collect()
    }
    fn judge(correction: Correction, wanted: Vec<Precision>) -> Judged {
        // The first what-if is the worked example, p 2.3e-5; the second has t = 2.383 at 9 degrees of freedom, p .041.
        let unclear: Vec<f64> = B.iter().enumerate().map(|(i, b)| b + [1.17, -0.33, 0.97, 0.27][i % 4]).collect();
        let judging = Judging { correction, wanted, ..Judging::default() };
        judged(&days(&B), &[days(&A), days(&unclear)], &judging, &|_, name| [LOWER, HIGHER].contains(&name))
    }
    fn of<'a>(judged: &'a Judged, whatif: usize, name: &str) -> &'a Paired {
        judged.rows[whatif].iter().find(|row| row.name == name).unwrap()
    }

    #[test]
    fn the_correction_decides_over_the_family_and_nothing_else() {
        let (none, holm) = (judge(Correction::None, vec![]), judge(Correction::Holm, vec![]));
        let bonferroni = judge(Correction::Bonferroni, vec![]);
        assert_eq!([none.family, holm.family, bonferroni.family], [4; 3]);
        assert_eq!(of(&none, 1, LOWER).verdict, Verdict::Worse);
        let unclear = of(&holm, 1, LOWER);
        assert_eq!((unclear.verdict, unclear.p_adjusted), (Verdict::NotShown, 2.0 * unclear.p));
        assert!(unclear.low > 0.0, "the interval stays as it is, the adjusted chance decides");
        let wider = of(&bonferroni, 1, LOWER);
        assert!(wider.low < 0.0 && wider.verdict == Verdict::NotShown && wider.p_adjusted == 4.0 * wider.p);
        // Worked example: t(1 - .05 / 8, 9) = 3.1109.
        let known = of(&bonferroni, 0, LOWER);
        assert!((known.high - 1.11 - 3.1109 * 0.4408325457 / 10f64.sqrt()).abs() < 1e-4, "{}", known.high);
        let outside = of(&bonferroni, 1, NEITHER);
        assert!(outside.verdict == Verdict::Higher && outside.p_adjusted.is_nan() && !outside.in_family);
    }

    #[test]
    fn a_hint_tells_what_it_would_take() {
        let holm = judge(Correction::Holm, vec![]);
        let unclear = of(&holm, 1, LOWER);
        let hint = unclear.hint.unwrap();
        assert_eq!(hint.half_width, unclear.difference);
        assert!(hint.replications.unwrap() > unclear.pairs, "{hint:?}");
        assert_eq!(of(&holm, 0, LOWER).hint, None, "a shown difference needs none");
        let wanted = vec![Precision { metric: LOWER, half_width: super::super::HalfWidth::OfBase(0.001) }];
        let hint = of(&judge(Correction::Holm, wanted), 1, LOWER).hint.unwrap();
        assert!((hint.half_width - 0.001 * unclear.base_mean).abs() < 1e-12 && hint.replications > Some(100));
        let met = vec![Precision { metric: LOWER, half_width: super::super::HalfWidth::OfBase(0.5) }];
        let hint = of(&judge(Correction::Holm, met), 1, LOWER).hint.unwrap();
        assert_eq!(hint.half_width, unclear.difference, "what is reached is no aim");
        assert_eq!(row(LOWER, &A, &A).hint, None);
    }

    #[test]
    fn the_files_have_the_same_rows() {
        use polars_io::prelude::{ParquetReader, SerReader};
        let rows = &judge(Correction::Holm, vec![]).rows[0];
        let csv = paired_csv(rows);
        let bytes = paired_parquet(rows, &[("nearfar.seed", "7".into())]).unwrap();
        let read = ParquetReader::new(std::io::Cursor::new(&bytes)).finish().unwrap();
        let names: Vec<String> = read.get_column_names().iter().map(|name| name.to_string()).collect();
        assert_eq!(csv.lines().next(), Some(names.join(",").as_str()));
        assert_eq!((read.height(), csv.lines().count()), (KPIS.len(), KPIS.len() + 1));
    }
}
