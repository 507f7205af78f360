//! Room: sweep. A factor: one key of the scenario that a sweep varies, over levels or between bounds.

use crate::scenario::{Kind, Override, Problems, key, text_toml};
use serde::{Deserialize, Serialize};

/// A value a factor takes.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[serde(untagged)]
pub enum Level {
    /// `true` or `false`.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A word or another text.
    Text(String),
}

impl Level {
    /// As TOML.
    fn toml(&self) -> String {
        match self {
            Level::Flag(flag) => flag.to_string(),
            Level::Number(number) => number.to_string(),
            Level::Text(text) => text_toml(text),
        }
    }

    /// As it stands in tables: texts without quotes.
    pub fn shown(&self) -> String {
        match self {
            Level::Text(text) => text.clone(),
            other => other.toml(),
        }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        if let Level::Number(number) = self { Some(*number) } else { None }
    }
}

/// Who sets a factor.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// We choose it: fleet, radius, promise.
    Lever,
    /// We do not choose it: demand, weather, what consumers like.
    Uncertainty,
}

impl FactorKind {
    /// As in files.
    pub fn word(self) -> &'static str {
        match self {
            FactorKind::Lever => "lever",
            FactorKind::Uncertainty => "uncertainty",
        }
    }
}

/// What becomes of the scenario's value.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Apply {
    /// The level replaces it.
    Set,
    /// The level multiplies it.
    Scale,
    /// The level is added to it.
    Add,
}

/// Which values a factor may take.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// These, in this order.
    Levels(Vec<Level>),
    /// Any between two numbers, all alike.
    Uniform(f64, f64),
    /// Any between two positive numbers, all alike on a logarithmic scale.
    Loguniform(f64, f64),
}

/// One key that a sweep varies.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
pub struct Factor {
    /// Dotted key of the scenario.
    pub key: String,
    /// What charts call it.
    pub label: String,
    /// Who sets it.
    pub kind: FactorKind,
    /// What a level does to the scenario's value.
    pub apply: Apply,
    /// Which values it takes.
    pub span: Span,
    /// Line of the sweep file; 0 for factors of a table of points.
    #[serde(skip)]
    pub line: usize,
}

impl Factor {
    /// Name of its column in tables: the key, or `KEY.scale` and `KEY.add` where levels are relative.
    pub fn column(&self) -> String {
        match self.apply {
            Apply::Set => self.key.clone(),
            Apply::Scale => format!("{}.scale", self.key),
            Apply::Add => format!("{}.add", self.key),
        }
    }

    /// Unit of its levels: the key's, none for multiples.
    pub fn unit(&self) -> &'static str {
        match self.apply {
            Apply::Scale => "ratio",
            _ => key(&self.key).map_or("", |key| key.unit),
        }
    }

    /// The change of the scenario that sets it to this level; `place` is what messages call it.
    pub fn change(&self, level: &Level, place: &str) -> Result<Override, Problems> {
        let value = match self.apply {
            Apply::Set => level.toml(),
            Apply::Scale => format!("{{ scale = {} }}", level.toml()),
            Apply::Add => format!("{{ add = {} }}", level.toml()),
        };
        Ok(Override::parse(&format!("{}={value}", self.key))?.given_in(place))
    }

    /// The value at a place of the unit interval, from 0 to below 1 (1 is the upper bound): levels share it alike, in their
    /// order; a key that takes whole numbers only is rounded to the nearest.
    pub fn at(&self, unit: f64) -> Level {
        let number = match &self.span {
            Span::Levels(levels) => {
                let index = (unit * levels.len() as f64) as usize;
                return levels[index.min(levels.len() - 1)].clone();
            }
            Span::Uniform(low, high) => low + unit * (high - low),
            Span::Loguniform(low, high) => (low.ln() + unit * (high.ln() - low.ln())).exp(),
        };
        let whole = self.apply == Apply::Set && key(&self.key).is_some_and(|key| matches!(key.kind, Kind::Integer));
        Level::Number(if whole { number.round() } else { number })
    }

    /// Its levels, if it has any.
    pub fn levels(&self) -> Option<&[Level]> {
        if let Span::Levels(levels) = &self.span { Some(levels) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(key: &str, apply: Apply, span: Span) -> Factor {
        Factor { key: key.into(), label: key.into(), kind: FactorKind::Lever, apply, span, line: 1 }
    }

    #[test]
    fn bounds_are_reached_and_whole_numbers_stay_whole() {
        let radius = factor("near.radius_km", Apply::Set, Span::Uniform(2.0, 5.0));
        assert_eq!((radius.at(0.0), radius.at(0.5), radius.at(1.0)).1, Level::Number(3.5));
        assert_eq!((radius.at(0.0), radius.at(1.0)), (Level::Number(2.0), Level::Number(5.0)));
        let count = factor("couriers.count", Apply::Set, Span::Uniform(100.0, 201.0));
        assert_eq!(count.at(0.5), Level::Number(151.0));
        let scaled = factor("couriers.count", Apply::Scale, Span::Loguniform(0.5, 2.0));
        assert!((scaled.at(0.5).number().unwrap() - 1.0).abs() < 1e-12, "a multiple is not rounded");
    }

    #[test]
    fn levels_share_the_unit_interval() {
        let levels = ["a", "b", "c"].map(|word| Level::Text(word.into())).to_vec();
        let factor = factor("dispatch.policy", Apply::Set, Span::Levels(levels.clone()));
        let at = |unit| factor.at(unit);
        assert_eq!([at(0.0), at(0.34), at(0.99), at(1.0)], [0, 1, 2, 2].map(|i: usize| levels[i].clone()));
    }

    #[test]
    fn a_level_is_a_change_of_the_scenario() {
        let text = |apply, level: &Level| {
            let factor = factor("couriers.count", apply, Span::Levels(vec![]));
            (factor.change(level, "f.toml:3").unwrap().text().to_owned(), factor.column())
        };
        assert_eq!(text(Apply::Set, &Level::Number(150.0)), ("couriers.count=150".into(), "couriers.count".into()));
        let (change, column) = text(Apply::Scale, &Level::Number(1.25));
        assert_eq!((&*change, &*column), ("couriers.count={ scale = 1.25 }", "couriers.count.scale"));
        assert_eq!(text(Apply::Set, &Level::Text("a\"b".into())).0, "couriers.count='a\"b'");
    }
}
