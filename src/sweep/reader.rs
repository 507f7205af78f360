//! Room: sweep. Reading a TOML table key by key; every mistake is kept with its line, so that all can be told at once.

use crate::scenario::Problem;
use std::cell::RefCell;
use std::collections::BTreeSet;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A file being read, and what is wrong with it so far.
pub(super) struct Reader<'t> {
    file: &'t str,
    text: &'t str,
    problems: RefCell<Vec<Problem>>,
}

/// One table of it; knows which keys were asked for.
pub(super) struct Section<'r, 't> {
    reader: &'r Reader<'t>,
    /// How messages call it; empty for the top of the file.
    path: String,
    /// Where it begins, in bytes.
    at: usize,
    table: &'r DeTable<'t>,
    asked: RefCell<BTreeSet<&'static str>>,
}

/// A value and where it stands.
pub(super) type Node<'r, 't> = &'r Spanned<DeValue<'t>>;

impl<'t> Reader<'t> {
    pub(super) fn new(file: &'t str, text: &'t str) -> Self {
        Reader { file, text, problems: RefCell::default() }
    }

    /// Everything wrong, in the order of the file.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| problem.line);
        problems
    }

    /// The whole file.
    pub(super) fn top<'r>(&'r self, table: &'r DeTable<'t>) -> Section<'r, 't> {
        Section { reader: self, path: String::new(), at: 0, table, asked: RefCell::default() }
    }

    /// Line from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.text[..at.min(self.text.len())].matches('\n').count() + 1
    }

    /// Keeps a mistake that stands at a byte of the file.
    pub(super) fn report(&self, at: usize, key: &str, found: impl Into<String>, expected: &str, help: &str) {
        let line = self.line(at);
        let start = self.text[..at.min(self.text.len())].rfind('\n').map_or(0, |end| end + 1);
        let excerpt = self.text.lines().nth(line - 1).unwrap_or("").to_owned();
        let column = self.text[start..at.min(self.text.len())].chars().count() + 1;
        let width = excerpt.chars().count().saturating_sub(column - 1).clamp(1, 40);
        let problem = Problem::of_file(self.file, found, expected);
        let problem = Problem {
            line: Some(line),
            column: Some(column),
            key: key.to_owned(),
            excerpt: Some((excerpt, width)),
            ..problem
        };
        self.problems.borrow_mut().push(if help.is_empty() { problem } else { problem.help(help) });
    }
}

impl<'r, 't> Section<'r, 't> {
    /// The value of a key, if it is given.
    pub(super) fn get(&self, key: &'static str) -> Option<Node<'r, 't>> {
        self.asked.borrow_mut().insert(key);
        self.table.get(key)
    }

    /// Whether a key is given; it counts as known.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    /// Line of the section, from 1.
    pub(super) fn line(&self) -> usize {
        self.reader.line(self.at)
    }

    /// Where a key stands, or the section if it is not given.
    pub(super) fn place(&self, key: &str) -> usize {
        self.table.get(key).map_or(self.at, |node| node.span().start)
    }

    /// Keeps a mistake about a key.
    pub(super) fn wrong(&self, key: &str, found: impl Into<String>, expected: &str, help: &str) {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        self.reader.report(self.place(key), path.trim_end_matches('.'), found, expected, help);
    }

    fn mismatch(&self, key: &'static str, node: Node<'_, '_>, expected: &str) {
        self.wrong(key, words(node.get_ref()), expected, "");
    }

    /// A string.
    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        let node = self.get(key)?;
        match node.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => {
                self.mismatch(key, node, "a text in quotes");
                None
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        let node = self.get(key)?;
        if node.get_ref().as_bool().is_none() {
            self.mismatch(key, node, "true or false");
        }
        node.get_ref().as_bool()
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&self, key: &'static str, known: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = known.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let words = known.iter().map(|(word, _)| *word).collect::<Vec<_>>();
            let help = closest(&text, &words).map_or(String::new(), |guess| format!("did you mean \"{guess}\"?"));
            self.wrong(key, format!("found {text:?}"), &format!("one of {}", words.join(", ")), &help);
        }
        found
    }

    /// A finite number.
    pub(super) fn number(&self, key: &'static str) -> Option<f64> {
        let node = self.get(key)?;
        let number = number(node.get_ref());
        if number.is_none() {
            self.mismatch(key, node, "a number, without quotes");
        }
        number
    }

    /// A whole number within bounds.
    pub(super) fn whole(&self, key: &'static str, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
        let number = self.number(key)?;
        let whole = (number.fract() == 0.0 && number >= 0.0).then_some(number as u64);
        let whole = whole.filter(|whole| range.contains(whole));
        if whole.is_none() {
            let expected = format!("a whole number from {} to {}", range.start(), range.end());
            self.wrong(key, format!("found {number}"), &expected, "");
        }
        whole
    }

    /// A list of values.
    pub(super) fn list(&self, key: &'static str) -> Option<Vec<Node<'r, 't>>> {
        let node = self.get(key)?;
        match node.get_ref() {
            DeValue::Array(items) => Some(items.iter().collect()),
            _ => {
                self.mismatch(key, node, "a list in square brackets");
                None
            }
        }
    }

    /// A list of texts.
    pub(super) fn texts(&self, key: &'static str) -> Option<Vec<(String, usize)>> {
        let items = self.list(key)?;
        let mut texts = Vec::new();
        for item in items {
            match item.get_ref().as_str() {
                Some(text) => texts.push((text.to_owned(), item.span().start)),
                None => self.mismatch(key, item, "texts in quotes"),
            }
        }
        Some(texts)
    }

    /// A table below.
    pub(super) fn section(&self, key: &'static str) -> Option<Section<'r, 't>> {
        let node = self.get(key)?;
        match node.get_ref() {
            DeValue::Table(table) => Some(self.below(key.to_owned(), node, table)),
            _ => {
                self.mismatch(key, node, &format!("a section, [{key}]"));
                None
            }
        }
    }

    /// Rows of `[[key]]`; none if there are none.
    pub(super) fn rows(&self, key: &'static str) -> Vec<Section<'r, 't>> {
        let Some(node) = self.get(key) else { return Vec::new() };
        let DeValue::Array(items) = node.get_ref() else {
            self.mismatch(key, node, &format!("rows, each beginning with [[{key}]]"));
            return Vec::new();
        };
        let mut rows = Vec::new();
        for (number, item) in items.iter().enumerate() {
            match item.get_ref() {
                DeValue::Table(table) => rows.push(self.below(format!("{key}[{number}]"), item, table)),
                _ => self.mismatch(key, item, &format!("rows, each beginning with [[{key}]]")),
            }
        }
        rows
    }

    fn below(&self, name: String, node: Node<'r, 't>, table: &'r DeTable<'t>) -> Section<'r, 't> {
        let path = if self.path.is_empty() { name } else { format!("{}.{name}", self.path) };
        Section { reader: self.reader, path, at: node.span().start, table, asked: RefCell::default() }
    }

    /// Every key with its value, for tables whose keys are the user's own.
    pub(super) fn entries(&self) -> Vec<(String, Node<'r, 't>)> {
        self.table.iter().map(|(key, node)| (key.get_ref().to_string(), node)).collect()
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn close(self) {
        let asked = self.asked.borrow();
        for (key, _) in self.table.iter() {
            let name = key.get_ref().as_ref();
            if asked.contains(name) {
                continue;
            }
            let known: Vec<&str> = asked.iter().copied().collect();
            let help = closest(name, &known).map_or(String::new(), |guess| format!("did you mean `{guess}`?"));
            let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
            let expected = format!("one of {}", known.join(", "));
            self.reader.report(key.span().start, &path, "unknown key", &expected, &help);
        }
    }
}

/// A finite number, whole or not.
pub(super) fn number(value: &DeValue<'_>) -> Option<f64> {
    let number = match value {
        DeValue::Integer(digits) => i128::from_str_radix(digits.as_str(), digits.radix()).ok()? as f64,
        DeValue::Float(digits) => digits.as_str().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// What was found, in words.
pub(super) fn words(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("found the text {text:?}"),
        DeValue::Integer(digits) => format!("found the number {digits}"),
        DeValue::Float(digits) => format!("found the number {digits}"),
        DeValue::Boolean(flag) => format!("found {flag}"),
        DeValue::Datetime(time) => format!("found the date or time {time}"),
        DeValue::Array(items) => format!("found a list of {}", items.len()),
        DeValue::Table(_) => "found a table".into(),
    }
}

/// The known word most like this one, if any is.
pub(super) fn closest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    crate::scenario::closest(word, known.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str, read: impl Fn(&Section<'_, '_>)) -> Vec<String> {
        let reader = Reader::new("f.toml", text);
        let table = DeTable::parse(text).unwrap();
        let section = reader.top(table.get_ref());
        read(&section);
        section.close();
        reader.into_problems().iter().map(|problem| problem.to_string()).collect()
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        let found = problems("a = 1\nb = \"x\"\nc = 2.5\nlamda = 3\n", |section| {
            assert_eq!(section.text("a"), None);
            assert_eq!(section.number("b"), None);
            assert_eq!(section.whole("c", 1..=9), None);
            assert!(!section.has("lambda"));
        });
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[0].starts_with("error: f.toml:1:5: a: found the number 1\n"), "{}", found[0]);
        assert!(found[2].contains("a whole number from 1 to 9"), "{}", found[2]);
        assert!(found[3].contains("f.toml:4:1: lamda: unknown key") && found[3].contains("`lambda`"), "{}", found[3]);
    }

    #[test]
    fn words_rows_and_sections_are_read() {
        let found = problems("w = \"gird\"\n[[row]]\nk = 1\n[s]\nf = true\n", |section| {
            assert_eq!(section.word("w", &[("grid", 1), ("zip", 2)]), None);
            let rows = section.rows("row");
            assert_eq!((rows.len(), rows[0].number("k"), rows[0].line()), (1, Some(1.0), 2));
            assert_eq!(section.section("s").unwrap().flag("f"), Some(true));
        });
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("did you mean \"grid\"?"), "{}", found[0]);
    }
}
