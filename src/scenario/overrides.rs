//! Room: scenario. `--set key=value`: one key of the scenario, changed on the command line.

use toml::de::DeTable;

use super::problem::{Problem, Problems};

/// One `--set` argument.
#[derive(Clone, PartialEq, Debug)]
pub struct Override {
    text: String,
    number: usize,
    /// How messages call it, where it does not come from the command line.
    given_in: Option<String>,
}

impl Override {
    /// Reads `near.radius_km=4`. The value is TOML; a bare word is a string, so that
    /// `dispatch.policy=earliest_dropoff` needs no quotes. Rows of keyed lists are reached by id:
    /// `stores.archetypes.brand_store.count=50`.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        let help = "write --set section.key=value, for example --set near.radius_km=4";
        let fail = |found: &str| {
            let found = format!("{found}: {text:?}");
            Err(Problems(vec![Problem::of_file("command line, --set", found, "key=value").help(help)]))
        };
        let Some((key, value)) = text.split_once('=') else {
            return fail("no equals sign");
        };
        let (key, value) = (key.trim(), value.trim());
        if key.is_empty() || text.contains(['\n', '\r']) {
            return fail("no key");
        }
        if value.is_empty() {
            return fail("no value");
        }
        let plain = format!("{key}={value}");
        let is_toml = DeTable::parse(&plain).is_ok();
        let text =
            if !is_toml && is_bare_word(value) { format!("{key}={}", super::key::text_toml(value)) } else { plain };
        Ok(Override { text, number: 1, given_in: None })
    }

    /// Reads several, numbered from 1 in messages.
    pub fn parse_all<S: AsRef<str>>(texts: &[S]) -> Result<Vec<Self>, Problems> {
        let (mut changes, mut problems) = (Vec::new(), Vec::new());
        for (index, text) in texts.iter().enumerate() {
            match Override::parse(text.as_ref()) {
                Ok(change) => changes.push(Override { number: index + 1, ..change }),
                Err(Problems(found)) => {
                    let numbered =
                        |problem: Problem| Problem { file: format!("{} #{}", problem.file, index + 1), ..problem };
                    problems.extend(found.into_iter().map(numbered));
                }
            }
        }
        if problems.is_empty() { Ok(changes) } else { Err(Problems(problems)) }
    }

    /// The argument as TOML.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How messages call it: `command line, --set #1`.
    pub fn place(&self) -> String {
        self.given_in.clone().unwrap_or_else(|| format!("command line, --set #{}", self.number))
    }

    /// The same, called `place` in messages, such as a line of a file of factors.
    pub fn given_in(self, place: &str) -> Self {
        Override { given_in: Some(place.to_owned()), ..self }
    }

    pub(super) fn numbered(&self, number: usize) -> Self {
        Override { number, ..self.clone() }
    }
}

/// Words and paths may stand without quotes; what starts like a number, list or table may not.
fn is_bare_word(value: &str) -> bool {
    let starts_well = value.starts_with(|c: char| c.is_alphabetic() || "_./~".contains(c));
    starts_well && !value.contains(['"', '\'', '[', ']', '{', '}', '#'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_word_becomes_a_string_and_toml_stays() {
        assert_eq!(Override::parse("near.radius_km=4").unwrap().text(), "near.radius_km=4");
        assert_eq!(Override::parse("a = greedy_nearest").unwrap().text(), "a=\"greedy_nearest\"");
        assert_eq!(Override::parse("stores.file=data/stores.csv").unwrap().text(), "stores.file=\"data/stores.csv\"");
        assert_eq!(Override::parse("a={ scale = 2 }").unwrap().text(), "a={ scale = 2 }");
        assert_eq!(Override::parse("a=true").unwrap().text(), "a=true");
    }

    #[test]
    fn what_is_no_assignment_is_refused_with_its_number() {
        let problems = Override::parse_all(&["near.radius_km=4", "near.radius_km", "=3", "a="]).unwrap_err();
        assert_eq!(problems.0.len(), 3);
        assert_eq!(problems.0[0].file, "command line, --set #2");
    }
}
