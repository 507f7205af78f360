//! Room: scenario. What a key is: its name, kind, unit, allowed values and source; and the values keys hold.

use std::ops::RangeInclusive;

/// One key of the scenario file, as written down in `schema.rs`.
#[derive(Debug)]
pub struct Key {
    /// Name within its section.
    pub name: &'static str,
    /// Meaning, one or two sentences.
    pub doc: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be left unset altogether.
    pub optional: bool,
    /// Default as TOML; `None` when there is none, or for lists of rows and sections.
    pub default: Option<String>,
    /// Unit in words; empty for texts and choices.
    pub unit: &'static str,
    /// Which values are allowed.
    pub allowed: Allowed,
    /// Where the default comes from; `asm` is an assumption of ours.
    pub source: &'static str,
}

/// A word a choice accepts.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// As written in the file.
    pub word: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// What a key holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A finite number.
    Number,
    /// A whole number, 0 or more.
    Integer,
    /// `true` or `false`.
    Flag,
    /// A string.
    Text,
    /// A path, relative to the file that names it.
    File,
    /// One of a few words.
    Choice(&'static [Word]),
    /// 24 numbers, one for each clock hour.
    Hours,
    /// Any count of numbers.
    Numbers,
    /// A program and its arguments.
    Command,
    /// Rows with an `id`.
    List(fn() -> &'static Shape),
    /// A section.
    Table(fn() -> &'static Shape),
}

impl Kind {
    /// Whether `{ scale = … }` and `{ add = … }` make sense.
    pub fn is_numeric(self) -> bool {
        matches!(self, Kind::Number | Kind::Integer | Kind::Hours | Kind::Numbers)
    }

    /// The keys below, for lists and sections.
    pub fn below(self) -> Option<&'static Shape> {
        match self {
            Kind::List(shape) | Kind::Table(shape) => Some(shape()),
            _ => None,
        }
    }
}

/// Which values a key accepts beyond its kind.
#[derive(Clone, PartialEq, Debug)]
pub enum Allowed {
    /// Anything of the kind.
    Any,
    /// Numbers from .. to, both included.
    Range(f64, f64),
    /// A path to a file that exists.
    File,
}

impl From<RangeInclusive<f64>> for Allowed {
    fn from(range: RangeInclusive<f64>) -> Self {
        Allowed::Range(*range.start(), *range.end())
    }
}

/// Anything of the kind is allowed.
pub(super) fn any() -> Allowed {
    Allowed::Any
}

/// The text is a path to a file.
pub(super) fn file() -> Allowed {
    Allowed::File
}

/// A section or the rows of a list: name, meaning and keys in the order of the file.
#[derive(Debug)]
pub struct Shape {
    /// Name of the type.
    pub name: &'static str,
    /// Meaning, one sentence.
    pub doc: &'static str,
    /// Its keys.
    pub keys: Vec<Key>,
}

impl Shape {
    /// The key of this name.
    pub fn key(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Key {
    /// The allowed range in words, such as `from 0 to 1000`; empty if there is none.
    pub fn range_text(&self) -> String {
        match self.allowed {
            Allowed::Range(low, high) if low == high => format!("exactly {}", short(low)),
            Allowed::Range(low, high) => format!("from {} to {}", short(low), short(high)),
            _ => String::new(),
        }
    }

    /// What the key expects, in words: `a number from 0 to 1000 (km)`.
    pub fn expected(&self) -> String {
        let kind = match self.kind {
            Kind::Number => "a number".into(),
            Kind::Integer => "a whole number".into(),
            Kind::Flag => "true or false".into(),
            Kind::Text => "a string in quotes".into(),
            Kind::File => "the path of a file, in quotes".into(),
            Kind::Choice(words) => format!("one of {}", quoted(words.iter().map(|w| w.word), "\"")),
            Kind::Hours => "24 numbers in brackets, one for each clock hour, each".into(),
            Kind::Numbers => "numbers in brackets, each".into(),
            Kind::Command => "a program and its arguments, in quotes or as a list of strings".into(),
            Kind::List(below) if below().key("id").is_none() => "one section, or rows in double brackets".into(),
            Kind::List(_) => "rows, each with its own id".into(),
            Kind::Table(_) => "a section with keys of its own".into(),
        };
        let range = self.range_text();
        let unit = if self.unit.is_empty() || matches!(self.kind, Kind::File) {
            String::new()
        } else {
            format!("({})", self.unit)
        };
        [kind, range, unit].into_iter().filter(|part: &String| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// What a scenario holds under one key.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// Not set.
    Absent,
    /// A finite number.
    Number(f64),
    /// A whole number.
    Integer(u64),
    /// True or false.
    Flag(bool),
    /// A string, a word or a path.
    Text(String),
    /// Numbers in order.
    Numbers(Vec<f64>),
    /// A program and its arguments.
    Command(Vec<String>),
    /// Rows of a keyed list.
    List(Vec<Tree>),
    /// A section.
    Table(Tree),
}

impl Value {
    /// The value as TOML; `None` if absent, rows or a section.
    pub fn leaf_toml(&self) -> Option<String> {
        Some(match self {
            Value::Number(number) => number_toml(*number),
            Value::Integer(number) => number.to_string(),
            Value::Flag(flag) => flag.to_string(),
            Value::Text(text) => text_toml(text),
            Value::Numbers(numbers) => {
                format!("[{}]", numbers.iter().map(|x| number_toml(*x)).collect::<Vec<_>>().join(", "))
            }
            Value::Command(words) => {
                format!("[{}]", words.iter().map(|word| text_toml(word)).collect::<Vec<_>>().join(", "))
            }
            Value::Absent | Value::List(_) | Value::Table(_) => return None,
        })
    }
}

/// A section with the value of each of its keys.
#[derive(Clone, PartialEq, Debug)]
pub struct Tree {
    /// Key and value, in the order of the schema.
    pub entries: Vec<(&'static Key, Value)>,
}

impl std::cmp::PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Tree {
    /// The `id` of a row, or the KPI of a hypothesis; empty for sections.
    pub fn id(&self) -> &str {
        match self.entries.iter().find(|(key, _)| matches!(key.name, "id" | "metric")) {
            Some((_, Value::Text(id))) => id,
            _ => "",
        }
    }
}

/// A number that reads back as exactly the same number.
pub(super) fn number_toml(number: f64) -> String {
    format!("{number:?}")
}

/// A text as TOML, which reads back as exactly the same text.
pub fn text_toml(text: &str) -> String {
    toml::Value::String(text.into()).to_string()
}

/// A number for people: no `.0`, and powers of ten for large round ones.
pub(super) fn short(number: f64) -> String {
    if number.abs() >= 1e6 { format!("{number:e}") } else { number.to_string() }
}

/// Words in quotation marks, joined by commas.
pub(super) fn quoted<'a>(words: impl Iterator<Item = &'a str>, mark: &str) -> String {
    words.map(|word| format!("{mark}{word}{mark}")).collect::<Vec<_>>().join(", ")
}
