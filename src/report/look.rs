//! Room: report. How a chart, a page or a slide looks and speaks: language and theme, carried by every view.

use super::canvas::Pen;
use super::theme::Theme;
use super::wording;
use crate::scenario::{Language, Problems, Scenario};
use std::path::Path;

/// Fixed words: English and Chinese.
pub(crate) type Pair = (&'static str, &'static str);

/// Language and theme of everything that is drawn.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Look {
    /// The language.
    pub language: Language,
    /// Colours, logo and font.
    pub theme: Theme,
}

/// English in the colours of nearfar.
static PLAIN: Look = Look { language: Language::En, theme: Theme::NEARFAR };

impl Look {
    /// English in the colours of nearfar.
    pub fn plain() -> &'static Look {
        &PLAIN
    }

    /// The look that a scenario asks for; problems if its theme file cannot be used.
    pub fn of(scenario: &Scenario) -> Result<Look, Problems> {
        let theme = match &scenario.report.theme {
            Some(path) => Theme::load(Path::new(path))?,
            None => Theme::default(),
        };
        Ok(Look { language: scenario.report.language, theme })
    }

    /// One of two ways to say the same.
    pub fn say<T>(&self, english: T, chinese: T) -> T {
        match self.language {
            Language::En => english,
            Language::Zh => chinese,
        }
    }

    /// A sentence with names of users in it: in Chinese, Latin words stand apart.
    pub(crate) fn sentence(&self, text: String) -> String {
        match self.language {
            Language::En => text,
            Language::Zh => wording::with_spaces(&text),
        }
    }

    /// The words of a pair, English and Chinese.
    pub(crate) fn word(&self, (english, chinese): Pair) -> &'static str {
        self.say(english, chinese)
    }

    /// A list in a sentence: `a, b`, `a，b`.
    pub(crate) fn list(&self, parts: impl Iterator<Item = String>) -> String {
        parts.collect::<Vec<_>>().join(self.say(", ", "，"))
    }

    /// A regular, muted pen in the font of the theme, from its start.
    pub(crate) fn pen(&self, px: f64) -> Pen<'_> {
        Pen { font: self.theme.font.as_deref(), ..Pen::new(px) }
    }

    /// A span in the unit that suits it: `24 min`, `24 分钟`.
    pub(crate) fn span(&self, minutes: f64) -> String {
        wording::span_in(self.language, minutes)
    }

    /// The clock at a number of seconds after the start of the run: `day 2 06:00`, `第 2 天 06:00`.
    pub(crate) fn clock(&self, seconds: f64, start_hour: f64) -> String {
        wording::clock_in(self.language, seconds, start_hour)
    }

    /// Two clock times; the day is said once, and midnight at the end is 24:00.
    pub(crate) fn clock_range(&self, from_s: f64, to_s: f64, start_hour: f64) -> String {
        wording::clock_range_in(self.language, from_s, to_s, start_hour)
    }

    /// A number of things: `2 orders`, `2 单`. The Chinese word is a measure word, with its noun if need be.
    pub(crate) fn plural(&self, number: usize, noun: &str, measure: &str) -> String {
        match self.language {
            Language::En => wording::plural(number, noun),
            Language::Zh => format!("{} {measure}", wording::count(number)),
        }
    }
}

impl Default for &Look {
    fn default() -> Self {
        &PLAIN
    }
}
