//! Room: scenario. A mistake in a scenario: where it is, what was found, what was expected, what to do.

use std::fmt;

use super::desk::Origin;

/// One mistake, ready to be shown.
#[derive(Clone, PartialEq, Debug)]
pub struct Problem {
    /// File as the user named it, or `command line, --set #1`.
    pub file: String,
    /// Line from 1, if the mistake has a place in a file.
    pub line: Option<usize>,
    /// Column from 1, in characters.
    pub column: Option<usize>,
    /// Dotted key, such as `stores.archetypes.supermarket.count`; empty for the file as a whole.
    pub key: String,
    /// What was found there.
    pub found: String,
    /// What would be right; may be empty.
    pub expected: String,
    /// How to put it right.
    pub help: Option<String>,
    /// The line itself and how many characters of it to underline.
    pub excerpt: Option<(String, usize)>,
}

impl Problem {
    /// A mistake of a whole file (or argument), without a line.
    pub fn of_file(file: impl Into<String>, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Problem {
            file: file.into(),
            line: None,
            column: None,
            key: String::new(),
            found: found.into(),
            expected: expected.into(),
            help: None,
            excerpt: None,
        }
    }

    /// The same with advice.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn place(&self) -> String {
        match (self.line, self.column) {
            (Some(line), Some(column)) => format!("{}:{line}:{column}", self.file),
            _ => self.file.clone(),
        }
    }
}

/// Plain with `{}`, with terminal colours with `{:#}`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paint = |code: &'static str| if f.alternate() { code } else { "" };
        let (red, bold, blue, off) = (paint("\x1b[1;31m"), paint("\x1b[1m"), paint("\x1b[1;34m"), paint("\x1b[0m"));
        write!(f, "{red}error{off}{bold}: {}: ", self.place())?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        writeln!(f, "{}{off}", self.found)?;
        if let Some((text, width)) = &self.excerpt {
            let number = self.line.map(|line| line.to_string()).unwrap_or_default();
            let gutter = " ".repeat(number.len());
            let indent = " ".repeat(self.column.unwrap_or(1).saturating_sub(1));
            writeln!(f, "{blue}{number} |{off} {text}")?;
            writeln!(f, "{blue}{gutter} |{off} {indent}{red}{}{off}", "^".repeat(*width))?;
        }
        if !self.expected.is_empty() {
            writeln!(f, "  expected {}", self.expected)?;
        }
        if let Some(help) = &self.help {
            writeln!(f, "  {blue}help{off}: {help}")?;
        }
        Ok(())
    }
}

/// A key that is set and changes nothing, because what it is a setting of is off: a warning.
#[derive(Clone, PartialEq, Debug)]
pub struct Idle {
    /// File and line, or which argument.
    pub origin: Origin,
    /// The full key.
    pub key: String,
    /// Its value, and why it has no effect.
    pub found: String,
    /// What to do.
    pub help: String,
}

impl fmt::Display for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "warning: {}: {}: {}\n  help: {}", self.origin, self.key, self.found, self.help)
    }
}

/// Every mistake found in one go, in the order of the files.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[error("{}", .0.iter().map(|problem| problem.to_string()).collect::<Vec<_>>().join("\n"))]
pub struct Problems(pub Vec<Problem>);

/// The option most like `word`, if any is like it.
pub fn closest<'a>(word: &str, options: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    options
        .into_iter()
        .map(|option| (likeness(&word, option), option))
        .filter(|(score, _)| *score > 0.78)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, option)| option)
}

fn likeness(word: &str, option: &str) -> f64 {
    let option = option.to_lowercase();
    let contained = word.len() > 2 && (option.contains(word) || (option.len() > 2 && word.contains(&option)));
    strsim::jaro_winkler(word, &option).max(if contained { 0.8 } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_word_is_offered_and_a_far_one_is_not() {
        assert_eq!(closest("radius", ["delivered_at", "radius_km"]), Some("radius_km"));
        assert_eq!(closest("nearest", ["nearest_stocked"]), Some("nearest_stocked"));
        assert_eq!(closest("zzz", ["near", "far"]), None);
    }

    #[test]
    fn a_problem_shows_place_line_and_advice() {
        let problem = Problem {
            line: Some(12),
            column: Some(3),
            key: "near.radius".into(),
            excerpt: Some(("  radius = 4".into(), 6)),
            ..Problem::of_file("rush.toml", "unknown key", "`radius_km`").help("did you mean `radius_km`?")
        };
        let shown = problem.to_string();
        assert!(shown.starts_with("error: rush.toml:12:3: near.radius: unknown key\n"), "{shown}");
        assert!(shown.contains("12 |   radius = 4\n   |   ^^^^^^\n"), "{shown}");
        assert!(shown.ends_with("  help: did you mean `radius_km`?\n"), "{shown}");
    }
}
