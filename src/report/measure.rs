//! Room: report. What charts of studies are about: figures with intervals, what is measured, what is varied.

use super::Look;
use super::layout::round_ticks;
use super::wording::{decimals, number, plural, signed};
use crate::metrics::Better;
use crate::scenario::Language;

/// A mean with its 95 % interval; without one, `lo` and `hi` are not numbers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// Lower end of the 95 % interval.
    pub lo: f64,
    /// Upper end of the 95 % interval.
    pub hi: f64,
}

impl Interval {
    /// A figure and half of its interval.
    pub fn new(mean: f64, half_width: f64) -> Interval {
        Interval { mean, lo: mean - half_width, hi: mean + half_width }
    }
    /// True if there is a mean to draw.
    pub(crate) fn known(&self) -> bool {
        self.mean.is_finite()
    }
    /// True if there is an interval.
    pub(crate) fn judged(&self) -> bool {
        self.mean.is_finite() && self.lo.is_finite() && self.hi.is_finite()
    }
    /// True if the interval excludes zero.
    pub(crate) fn clear(&self) -> bool {
        self.judged() && (self.lo > 0.0 || self.hi < 0.0)
    }
    /// True if the whole interval lies above that of another.
    pub(crate) fn above(&self, other: &Interval) -> bool {
        self.judged() && other.judged() && self.lo > other.hi
    }
    /// The figure in another unit.
    pub(crate) fn times(&self, factor: f64) -> Interval {
        Interval { mean: self.mean * factor, lo: self.lo * factor, hi: self.hi * factor }
    }
    /// Mean and ends, without those that are not known.
    pub(crate) fn ends(self) -> impl Iterator<Item = f64> {
        [self.mean, self.lo, self.hi].into_iter().filter(|value| value.is_finite())
    }
}

/// Two-sided 95 % of the normal distribution.
pub(crate) const Z95: f64 = 1.96;

/// The share of `hits` among `n` with Wilson's 95 % interval (1927); not a number without any.
pub(crate) fn wilson(hits: usize, n: usize) -> Interval {
    wilson_at(hits, n, Z95)
}

/// The same for another quantile of the normal distribution.
pub(crate) fn wilson_at(hits: usize, n: usize, z: f64) -> Interval {
    let (n, p) = (n as f64, hits as f64 / n as f64);
    let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    // Rounding must not push an end beyond what was counted.
    Interval { mean: p, lo: (middle - half).clamp(0.0, 1.0).min(p), hi: (middle + half).clamp(0.0, 1.0).max(p) }
}

/// Whether a sum of squares of standard normal numbers lies more than three standard deviations above what chance gives.
pub(crate) fn beyond_chance(squared: f64, freedom: f64) -> bool {
    freedom > 0.0 && squared > freedom + 3.0 * (2.0 * freedom).sqrt()
}

/// A figure that is measured.
#[derive(Clone, PartialEq, Debug)]
pub struct Measure {
    /// Words for a reader, such as `Delivered on time`.
    pub label: String,
    /// Unit: `share` is shown in percent and its differences in points, `count` without a unit, any other as it stands.
    pub unit: String,
    /// Which values are good.
    pub better: Better,
    /// Language of the words.
    pub language: Language,
}

/// A number that is varied.
#[derive(Clone, PartialEq, Debug)]
pub struct Lever {
    /// Words for a reader, in the plural where it counts something, such as `Couriers`.
    pub label: String,
    /// Unit, such as `km`; empty if the label says what is counted, `share` is shown in percent.
    pub unit: String,
    /// Language of the words.
    pub language: Language,
}

impl Measure {
    /// Factor with which numbers are shown.
    pub(crate) fn factor(&self) -> f64 {
        factor(&self.unit)
    }
    /// Name with unit, for a heading.
    pub(crate) fn heading(&self) -> String {
        heading(&self.label, &self.unit, self.language)
    }
    /// A value with its unit, to about three figures.
    pub(crate) fn value(&self, value: f64) -> String {
        value_words(value, &self.unit)
    }
    /// Name with the unit of its differences, which are points where it is a share.
    pub(crate) fn change_heading(&self) -> String {
        let unit = if self.unit == "share" { self.points() } else { &self.unit };
        heading(&self.label, unit, self.language)
    }
    fn points(&self) -> &'static str {
        match self.language {
            Language::En => "points",
            Language::Zh => "个百分点",
        }
    }
    /// The size of a difference with its unit: it has no direction and so no sign.
    pub(crate) fn size(&self, value: f64) -> String {
        self.difference(value).trim_start_matches(['+', '−', '±']).to_owned()
    }
    /// A difference with sign and unit.
    pub(crate) fn difference(&self, value: f64) -> String {
        let shown = value * self.factor();
        let places = if self.unit == "share" && shown.abs() >= 0.1 { places(shown).min(1) } else { places(shown) };
        // Little is not nothing.
        self.difference_to(value, places_of(&Interval::new(shown, 0.0), places))
    }
    /// A difference with sign and unit, to so many decimals.
    pub(crate) fn difference_to(&self, value: f64, places: usize) -> String {
        let unit = if self.unit == "share" { self.points() } else { suffix(&self.unit) };
        let spaced = if unit.starts_with(' ') || unit.is_empty() { "" } else { " " };
        format!("{}{spaced}{unit}", signed(value * self.factor(), places))
    }
    /// The label with a small first letter, to stand inside a sentence.
    pub(crate) fn inside(&self) -> String {
        inside(&self.label)
    }
    /// The same at the beginning of a sentence.
    pub(crate) fn beginning(&self) -> String {
        capital(&self.inside())
    }
}

/// With a capital first letter.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

impl Lever {
    /// Name with unit, for a heading.
    pub(crate) fn heading(&self) -> String {
        heading(&self.label, &self.unit, self.language)
    }
    /// A value with its unit; whole numbers stay whole.
    pub(crate) fn value(&self, value: f64) -> String {
        format!("{}{}", self.figure(value), spaced(&self.unit))
    }
    /// A value without its unit, a percentage with its sign.
    pub(crate) fn figure(&self, value: f64) -> String {
        let shown = value * factor(&self.unit);
        let places = (0..3).find(|&places| whole(shown, places)).unwrap_or(decimals(shown).min(3) as i32);
        format!("{}{}", number(shown, places as usize), if self.unit == "share" { "%" } else { "" })
    }
    /// The ends of an interval of levels; from 100 on whole numbers are enough, since levels are what was run.
    pub(crate) fn range(&self, (low, high): (f64, f64)) -> String {
        let factor = factor(&self.unit);
        let round = |value: f64| {
            let shown = value * factor;
            (if shown.abs() >= 100.0 { shown.round() } else { (shown * 100.0).round() / 100.0 }) / factor
        };
        format!("{}–{}", self.figure(round(low)), self.figure(round(high)))
    }
    /// A value in the middle of a sentence, followed by what it counts: `320 couriers`, `a radius of 3 km`.
    pub(crate) fn sentence(&self, value: f64) -> String {
        match (self.language, self.unit.is_empty()) {
            (Language::En, true) => format!("{} {}", self.figure(value), self.inside()),
            (Language::En, false) => format!("{} of {}", self.inside(), self.value(value)),
            (Language::Zh, _) => format!("{} {}", self.label.trim(), self.value(value)),
        }
    }
    /// The label with a small first letter.
    pub(crate) fn inside(&self) -> String {
        inside(&self.label)
    }
}

/// The label as it stands inside a sentence: `mean click-to-door` for `Click-to-door, mean`, and with a small first letter
/// unless it begins with an abbreviation.
pub(crate) fn inside(label: &str) -> String {
    if let Some((what, which)) = label.rsplit_once(", ")
        && (matches!(which, "mean" | "median")
            || (which.starts_with('P') && which[1..].bytes().all(|b| b.is_ascii_digit())))
    {
        return format!("{which} {}", inside(what));
    }
    let mut letters = label.chars();
    let first = letters.next();
    match (first, letters.clone().next()) {
        (Some(_), Some(second)) if second.is_uppercase() || second.is_ascii_digit() => label.to_owned(),
        (Some(first), _) => first.to_lowercase().chain(letters).collect(),
        _ => String::new(),
    }
}

fn factor(unit: &str) -> f64 {
    if unit == "share" { 100.0 } else { 1.0 }
}

fn suffix(unit: &str) -> &str {
    match unit {
        "share" => "%",
        "count" => "",
        unit => unit,
    }
}

/// The unit after a number: a space before words, none before a percent sign.
fn spaced(unit: &str) -> String {
    match suffix(unit) {
        "" | "%" => String::new(),
        unit => format!(" {unit}"),
    }
}

fn heading(label: &str, unit: &str, language: Language) -> String {
    match (suffix(unit), language) {
        ("", _) => label.to_owned(),
        (unit, Language::En) => format!("{label}, {unit}"),
        (unit, Language::Zh) => format!("{label}（{unit}）"),
    }
}

fn value_words(value: f64, unit: &str) -> String {
    let shown = value * factor(unit);
    format!("{}{}{}", number(shown, places(shown)), if unit == "share" { "%" } else { "" }, spaced(unit))
}

fn whole(value: f64, places: i32) -> bool {
    let scaled = value * 10f64.powi(places);
    (scaled - scaled.round()).abs() < 1e-6
}

/// Decimals of a value in a sentence: two at most, none for whole numbers and from 100 on.
pub(crate) fn places(value: f64) -> usize {
    if whole(value, 0) { 0 } else { decimals(value).min(2) }
}

/// Decimals of both sides of a comparison, by the larger.
pub(crate) fn places_of_levels(unit: &str, sides: [f64; 2]) -> usize {
    let whole = sides.iter().all(|side| side.fract() == 0.0);
    let most = match unit {
        "share" => return 1,
        "count" | "" if whole => 0,
        "count" | "" => 1,
        _ => 2,
    };
    decimals(sides[0].abs().max(sides[1].abs())).min(most)
}

/// Decimals of a paired difference and its interval, the same in every chart: a small one of a large number keeps two figures.
pub(crate) fn places_of_difference(unit: &str, sides: [f64; 2], difference: &Interval) -> usize {
    let shown = difference.times(factor(unit));
    let places = places_of_levels(unit, sides);
    let small = shown.mean.abs() < 1.0 && difference.mean.fract() != 0.0;
    places_of(&shown, if small { places.max(2) } else { places })
}

/// Decimals, at least so many, at which the ends of an interval differ, and neither its mean nor an end seems to be 0.
pub(crate) fn places_of(interval: &Interval, least: usize) -> usize {
    let wide = interval.hi - interval.lo;
    let told = |places: &usize| {
        let unit = 10f64.powi(-(*places as i32));
        let seen = |value: f64| value == 0.0 || !value.is_finite() || value.abs() >= unit / 2.0;
        (wide <= 0.0 || !wide.is_finite() || wide >= 1.5 * unit) && interval.ends().all(seen)
    };
    (least..least + 3).find(told).unwrap_or(least + 3)
}

/// Round ticks over values, with as many decimals as their step needs; a percentage has its sign on the last.
pub(crate) fn ticks(values: impl Iterator<Item = f64>, wanted: usize, percent: bool) -> Vec<(f64, String)> {
    let ends = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    let (low, high) = if ends.0 <= ends.1 { ends } else { (0.0, 1.0) };
    let mut ticks = round_ticks(low, high, wanted, 0.0);
    if percent && high <= 100.0 {
        ticks.retain(|tick| *tick <= 100.0 + 1e-9);
    }
    named(&ticks, percent)
}

/// Decimals that a step between ticks needs, four at most.
pub(crate) fn places_of_step(step: f64) -> usize {
    (0..4).find(|&places| whole(step, places)).unwrap_or(4) as usize
}

/// Ticks with their labels.
pub(crate) fn named(ticks: &[f64], percent: bool) -> Vec<(f64, String)> {
    let step = ticks.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
    let places = places_of_step(step);
    let last = ticks.len().saturating_sub(1);
    let label = |(place, tick): (usize, &f64)| {
        let sign = if percent && place == last { "%" } else { "" };
        (*tick, format!("{}{sign}", number(*tick, places)))
    };
    ticks.iter().enumerate().map(label).collect()
}

/// The source line of a chart of a study: where it comes from, days a point, the chart's own note.
pub(crate) fn source(source: &str, replications: u32, note: &str, look: &Look) -> String {
    let days = match replications {
        0 => String::new(),
        1 => look.say(" · 1 replication a point: no intervals", " · 每点 1 次重复运行，没有区间").to_owned(),
        n => look.say(format!(" · {n} replications a point"), format!(" · 每点重复运行 {n} 次")),
    };
    if note.is_empty() { format!("{source}{days}") } else { format!("{source}{days} · {note}") }
}

/// The same where intervals come from resampling the points, for which one replication is enough.
pub(crate) fn resampled_source(source: &str, replications: u32, note: &str, look: &Look) -> String {
    let days = look.plural(replications as usize, "replication", "次");
    let days = look.say(format!(" · {days} a point"), format!(" · 每点重复运行 {days}"));
    format!("{source}{days} · {note}")
}

/// The source line of a chart of a comparison.
pub(crate) fn paired_source(source: &str, replications: u32, note: &str, look: &Look) -> String {
    let pairs = look.say(
        format!("{} on common random numbers", plural(replications as usize, "pair")),
        format!("{replications} 对重复运行（共用随机数）"),
    );
    format!("{source} · {pairs} · {note}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_said_with_their_units() {
        let measure = |unit: &str| Measure {
            label: "Cost".into(),
            unit: unit.into(),
            better: Better::Lower,
            language: Language::En,
        };
        assert_eq!(measure("share").value(0.9312), "93.1%");
        assert_eq!(measure("share").difference(-0.061), "−6.1 points");
        assert_eq!(measure("CNY").difference(0.25), "+0.25 CNY");
        assert_eq!(
            (measure("share").size(0.061), measure("CNY").size(-0.25)),
            ("6.1 points".into(), "0.25 CNY".into())
        );
        assert_eq!(measure("share").change_heading(), "Cost, points");
        assert_eq!(measure("count").heading(), "Cost");
        assert_eq!(measure("min").heading(), "Cost, min");
        let lever = |label: &str, unit: &str| Lever { label: label.into(), unit: unit.into(), language: Language::En };
        assert_eq!(lever("Couriers", "").sentence(1320.0), "1,320 couriers");
        assert_eq!(lever("Radius", "km").sentence(2.5), "radius of 2.5 km");
        assert_eq!(lever("Stock-outs", "share").value(0.09), "9%");
        assert_eq!(inside("P90 of minutes"), "P90 of minutes");
        assert_eq!(inside("GMV"), "GMV");
    }

    #[test]
    fn ticks_of_shares_end_at_all() {
        let labels: Vec<String> = ticks([40.0, 99.0].into_iter(), 4, true).into_iter().map(|tick| tick.1).collect();
        assert_eq!(labels, ["40", "60", "80", "100%"]);
        assert_eq!(ticks(std::iter::empty(), 4, false).len(), 5);
    }
}
