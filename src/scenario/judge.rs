//! Room: scenario. Judging single values at the [`Desk`]: kind, range, and changes relative to the value before.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::desk::Desk;
use super::key::{Allowed, Key, Kind, short};
use super::problem::closest;
use super::setting::Node;

impl Desk {
    /// Reports a value of the wrong kind.
    pub(super) fn wrong_kind(&mut self, node: Node<'_, '_>, key: &Key) {
        let help = kind_help(node.get_ref(), key);
        self.report(node.span(), found(node), key.expected(), help);
    }

    /// A string; paths are made absolute, starting from the folder of the file that names them.
    pub(super) fn text(&mut self, node: Node<'_, '_>, key: &Key) -> Option<String> {
        let DeValue::String(text) = node.get_ref() else {
            self.wrong_kind(node, key);
            return None;
        };
        if key.allowed != Allowed::File {
            self.settle(node.span(), None);
            return Some(text.to_string());
        }
        if text.is_empty() {
            self.report(
                node.span(),
                "an empty path",
                key.expected(),
                Some("leave the line out to have no file".into()),
            );
            return None;
        }
        self.settle(node.span(), None);
        let joined = self.base_dir().join(text.as_ref());
        Some(std::path::absolute(&joined).unwrap_or(joined).to_string_lossy().into_owned())
    }

    /// A program and its arguments: a list, or one string that is split at spaces. A word that names a file below the
    /// folder of the file that says it is made the absolute path of that file.
    pub(super) fn command(&mut self, node: Node<'_, '_>, key: &Key) -> Option<Vec<String>> {
        let words: Option<Vec<&str>> = match node.get_ref() {
            DeValue::String(text) => Some(text.split_whitespace().collect()),
            DeValue::Array(items) => items.iter().map(|item| item.get_ref().as_str()).collect(),
            _ => None,
        };
        let Some(words) = words else {
            self.wrong_kind(node, key);
            return None;
        };
        if words.first().is_some_and(|program| program.is_empty()) {
            self.report(node.span(), "a program without a name", key.expected(), None);
            return None;
        }
        self.settle(node.span(), None);
        let in_folder = |word: &str| {
            let path = self.base_dir().join(word);
            let path = path.is_file().then(|| std::path::absolute(&path).unwrap_or(path));
            path.map_or_else(|| word.to_owned(), |path| path.to_string_lossy().into_owned())
        };
        Some(words.into_iter().map(in_folder).collect())
    }

    /// The word of a choice.
    pub(super) fn word(&mut self, node: Node<'_, '_>, key: &Key) -> Option<&'static str> {
        let Kind::Choice(words) = key.kind else { return None };
        let DeValue::String(text) = node.get_ref() else {
            self.wrong_kind(node, key);
            return None;
        };
        if let Some(known) = words.iter().find(|known| known.word == text.as_ref()) {
            self.settle(node.span(), None);
            return Some(known.word);
        }
        let help =
            closest(text, words.iter().map(|known| known.word)).map(|guess| format!("did you mean \"{guess}\"?"));
        self.report(node.span(), format!("unknown word {}", found_text(text)), key.expected(), help);
        None
    }

    /// A number within the key's range; `before` is what a relative value refers to.
    pub(super) fn number(&mut self, node: Node<'_, '_>, key: &Key, before: Option<f64>) -> Option<f64> {
        if let DeValue::Table(table) = node.get_ref() {
            let change = self.change(node, table, key)?;
            let before = self.set(node, key, before)?;
            let after = change.apply(before);
            self.in_range(node, key, after, &format!("{} ({change} of {})", short(after), short(before)))?;
            self.settle_change(node.span(), &format!("{change} of {}", short(before)));
            return Some(after);
        }
        let number = self.plain_number(node, key)?;
        self.settle(node.span(), None);
        Some(number)
    }

    /// The value that is to change, if there is one.
    fn set<T>(&mut self, node: Node<'_, '_>, key: &Key, before: Option<T>) -> Option<T> {
        if before.is_none() {
            let help = Some("write the value itself".into());
            self.report(node.span(), "a change of a value that is not set", key.expected(), help);
        }
        before
    }

    /// A whole number within the key's range; relative values are rounded to the nearest.
    pub(super) fn whole_number(
        &mut self,
        node: Node<'_, '_>,
        key: &Key,
        before: Option<u64>,
        most: u64,
    ) -> Option<u64> {
        let (number, change) = match node.get_ref() {
            DeValue::Integer(digits) => (integer(digits), None),
            DeValue::Float(_) => {
                self.fraction(node, key);
                return None;
            }
            DeValue::Table(table) => {
                let change = self.change(node, table, key)?;
                let before = self.set(node, key, before)?;
                (Some(change.apply(before as f64).round() as i128), Some(format!("{change} of {before}")))
            }
            _ => {
                self.wrong_kind(node, key);
                return None;
            }
        };
        let shown = match (&number, &change) {
            (Some(number), Some(change)) => format!("{number} ({change})"),
            (Some(number), None) => number.to_string(),
            (None, _) => "a number far too large".into(),
        };
        self.in_range(node, key, number.map_or(f64::INFINITY, |n| n as f64), &shown)?;
        let taken = number.and_then(|number| u64::try_from(number).ok()).filter(|number| *number <= most);
        match (taken, change) {
            (None, _) => self.report(node.span(), shown, key.expected(), None),
            (Some(_), Some(change)) => self.settle_change(node.span(), &change),
            (Some(_), None) => self.settle(node.span(), None),
        }
        taken
    }

    /// Numbers in brackets, of the given length if any; or a change of every number there is.
    pub(super) fn numbers(
        &mut self,
        node: Node<'_, '_>,
        key: &Key,
        before: &[f64],
        length: Option<usize>,
    ) -> Option<Vec<f64>> {
        match node.get_ref() {
            DeValue::Table(table) => {
                let change = self.change(node, table, key)?;
                let after: Vec<f64> = before.iter().map(|number| change.apply(*number)).collect();
                for (number, old) in after.iter().zip(before) {
                    self.in_range(node, key, *number, &format!("{} ({change} of {})", short(*number), short(*old)))?;
                }
                self.settle_change(node.span(), &format!("{change} of every number"));
                Some(after)
            }
            DeValue::Array(items) => {
                let numbers: Vec<Option<f64>> = items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| self.at(&format!("[{index}]"), |desk| desk.plain_number(item, key)))
                    .collect();
                if let Some(length) = length.filter(|length| *length != items.len()) {
                    let help = "hour 0 to 1 comes first; `{ scale = 1.2 }` changes all of them";
                    self.report(
                        node.span(),
                        format!("found {} numbers", items.len()),
                        format!("{length} numbers, one for each clock hour"),
                        Some(help.into()),
                    );
                    return None;
                }
                let numbers = numbers.into_iter().collect::<Option<Vec<f64>>>()?;
                self.settle(node.span(), None);
                Some(numbers)
            }
            _ => {
                self.wrong_kind(node, key);
                None
            }
        }
    }

    fn plain_number(&mut self, node: Node<'_, '_>, key: &Key) -> Option<f64> {
        let number = match node.get_ref() {
            DeValue::Integer(digits) => integer(digits).map_or(f64::INFINITY, |number| number as f64),
            DeValue::Float(digits) => digits.as_str().parse().unwrap_or(f64::NAN),
            _ => {
                let is_item = self.path().ends_with(']');
                let expected = if is_item { "a number".to_string() } else { key.expected() };
                let help = if is_item {
                    "write numbers without quotes: [1, 2.5]".to_string().into()
                } else {
                    kind_help(node.get_ref(), key)
                };
                self.report(node.span(), found(node), expected, help);
                return None;
            }
        };
        let shown = short(number);
        self.in_range(node, key, number, &shown)
    }

    /// Refuses NaN, infinities and numbers out of the key's range.
    fn in_range(&mut self, node: Node<'_, '_>, key: &Key, number: f64, shown: &str) -> Option<f64> {
        let unit = if key.unit.is_empty() { String::new() } else { format!(" ({})", key.unit) };
        let (low, high) = match key.allowed {
            Allowed::Range(low, high) => (low, high),
            _ => (f64::NEG_INFINITY, f64::INFINITY),
        };
        if number.is_nan() {
            self.report(
                node.span(),
                "nan, which is not a number",
                format!("a number {}{unit}", key.range_text()),
                Some(nan_help(key)),
            );
            return None;
        }
        if number.is_finite() && (low..=high).contains(&number) {
            return Some(number);
        }
        let nearest = if number < low { low } else { high };
        let help = if key.name == "schema" {
            "this version of nearfar reads format 1".to_string()
        } else if number < low {
            format!("the least allowed value is {}", short(nearest))
        } else {
            format!("the largest allowed value is {}", short(nearest))
        };
        let shown = if number.is_infinite() && shown.contains("inf") {
            "an infinite or far too large number".into()
        } else {
            shown.to_string()
        };
        self.report(
            node.span(),
            format!("{shown} is out of range"),
            format!("a number {}{unit}", key.range_text()),
            Some(help),
        );
        None
    }

    fn fraction(&mut self, node: Node<'_, '_>, key: &Key) {
        let DeValue::Float(digits) = node.get_ref() else { return };
        let help = match digits.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() && number.fract() == 0.0 => {
                format!("write {} without a decimal point", short(number))
            }
            Ok(number) if number.is_finite() => format!("round it, for example {}", short(number.round())),
            _ => nan_help(key),
        };
        self.report(node.span(), found(node), key.expected(), Some(help));
    }

    /// Reads `{ scale = … }` or `{ add = … }`.
    fn change(&mut self, node: Node<'_, '_>, table: &DeTable<'_>, key: &Key) -> Option<Change> {
        const FORM: &str = "`{ scale = 1.2 }` or `{ add = 5 }`";
        let mut entries = table.iter();
        let (Some((word, amount)), None) = (entries.next(), entries.next()) else {
            self.report(node.span(), "found a table", format!("{}, or {FORM}", key.expected()), Some(nan_help(key)));
            return None;
        };
        let amount = match amount.get_ref() {
            DeValue::Integer(digits) => integer(digits).map(|number| number as f64),
            DeValue::Float(digits) => digits.as_str().parse::<f64>().ok().filter(|number| number.is_finite()),
            _ => None,
        };
        let change = match (word.get_ref().as_ref(), amount) {
            ("scale", Some(amount)) => Change::Scale(amount),
            ("add", Some(amount)) => Change::Add(amount),
            ("scale" | "add", None) => {
                let help = "the number is a factor or an amount to add, not text, nan or infinity";
                self.report(node.span(), "a change without a finite number", FORM, Some(help.into()));
                return None;
            }
            (other, _) => {
                let help = closest(other, ["scale", "add"]).map(|guess| format!("did you mean `{guess}`?"));
                let help = help.or_else(|| Some(nan_help(key)));
                self.report(
                    node.span(),
                    format!("found a table with `{other}`"),
                    format!("{}, or {FORM}", key.expected()),
                    help,
                );
                return None;
            }
        };
        if let Some(guess) = self.fresh_row() {
            let help = guess.map(|guess| format!("did you mean the id `{guess}`?"));
            self.report(
                node.span(),
                "a change in a row the parent does not have",
                "the id of a row of the parent, or the value itself",
                help,
            );
            return None;
        }
        Some(change)
    }

    fn settle_change(&mut self, span: Range<usize>, change: &str) {
        let before = self.origin(self.path());
        self.settle(span, Some(format!("{change} ({before})")));
    }
}

/// A value relative to the one before.
#[derive(Clone, Copy)]
enum Change {
    Scale(f64),
    Add(f64),
}

impl Change {
    fn apply(self, before: f64) -> f64 {
        match self {
            Change::Scale(factor) => before * factor,
            Change::Add(amount) => before + amount,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Scale(factor) => write!(f, "scale {}", short(*factor)),
            Change::Add(amount) => write!(f, "add {}", short(*amount)),
        }
    }
}

/// What stands in the file, in words.
pub(super) fn found(node: &Spanned<DeValue<'_>>) -> String {
    match node.get_ref() {
        DeValue::String(text) => format!("found the string {}", found_text(text)),
        DeValue::Integer(number) => format!("found the whole number {number}"),
        DeValue::Float(number) => format!("found the number {number}"),
        DeValue::Boolean(flag) => format!("found {flag}"),
        DeValue::Datetime(time) => format!("found the date or time {time}"),
        DeValue::Array(items) => format!("found a list of {}", items.len()),
        DeValue::Table(_) => "found a table".into(),
    }
}

fn found_text(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("{:?}", short + more)
}

fn kind_help(value: &DeValue<'_>, key: &Key) -> Option<String> {
    let name = key.name;
    match (value, key.kind) {
        (DeValue::String(text), Kind::Number | Kind::Integer | Kind::Hours | Kind::Numbers) => {
            let digits: String = text.trim().chars().take_while(|c| c.is_ascii_digit() || ".+-".contains(*c)).collect();
            Some(match digits.parse::<f64>() {
                Ok(_) => format!("write it without quotes and without a unit: {name} = {digits}"),
                Err(_) => format!("write a number, such as {name} = {}", key.default.as_deref().unwrap_or("1")),
            })
        }
        (DeValue::String(text), Kind::Flag) if text == "true" || text == "false" => {
            Some(format!("write it without quotes: {name} = {text}"))
        }
        (DeValue::Table(table), Kind::Text | Kind::File | Kind::Choice(_) | Kind::Flag) if is_change(table) => {
            Some("`scale` and `add` work on numbers only; write the value itself".into())
        }
        (DeValue::Table(_), Kind::List(_)) => {
            Some(format!("write [[…{name}]] with double brackets, and `id = …` below"))
        }
        (DeValue::Array(_), Kind::Table(_)) => Some(format!("write [{name}] with single brackets")),
        (_, Kind::Table(_)) => Some(format!("write [{name}] on a line of its own and its keys below")),
        (DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_), Kind::Text | Kind::File) => {
            Some("put it in quotes".into())
        }
        (_, Kind::Flag) => Some(format!("write {name} = true or {name} = false")),
        (DeValue::Datetime(_), Kind::Number | Kind::Integer) if key.unit == "clock hour" => {
            Some("write half past seven as 7.5".into())
        }
        _ => None,
    }
}

fn is_change(table: &DeTable<'_>) -> bool {
    table.iter().any(|(name, _)| matches!(name.get_ref().as_ref(), "scale" | "add"))
}

fn nan_help(key: &Key) -> String {
    match &key.default {
        Some(default) if default.len() < 20 => {
            format!("write a number, or leave the line out for the default {default}")
        }
        Some(_) => "write a number, or leave the line out for the default".into(),
        None => "write a number, or leave the line out".into(),
    }
}

fn integer(digits: &DeInteger<'_>) -> Option<i128> {
    i128::from_str_radix(digits.as_str(), digits.radix()).ok()
}
