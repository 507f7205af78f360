//! Room: scenario. How each type of key takes a value from a file: checked, relative values worked out,
//! lists patched by id. A wrong value is reported to the [`Desk`] and leaves the key as it was.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::desk::Desk;
use super::key::{Allowed, Key, Kind, Shape, Tree, Value};
use super::problem::closest;

/// A value as it stands in a file, with its place.
pub(crate) type Node<'a, 'i> = &'a Spanned<DeValue<'i>>;

/// A type that a key can have.
pub(crate) trait Setting {
    /// What it holds.
    const KIND: Kind;
    /// Whether it may be unset.
    const OPTIONAL: bool = false;
    /// Takes the value of a file, or reports what is wrong with it.
    fn take(&mut self, node: Node<'_, '_>, key: &Key, desk: &mut Desk);
    /// The value now.
    fn value(&self) -> Value;
}

/// A struct made by `section!`.
pub(crate) trait Section: Default {
    /// Its keys.
    fn shape() -> &'static Shape;
    /// Hands a value to the field called `name`, which must be a key of the shape.
    fn take_key(&mut self, name: &str, node: Node<'_, '_>, key: &Key, desk: &mut Desk);
    /// The values of its keys, in their order.
    fn values(&self) -> Vec<Value>;
}

/// The kind of a key: that of its type, and a text that names a file is a file.
pub(crate) fn kind_of<T: Setting>(_: &T, allowed: &Allowed) -> Kind {
    if *allowed == Allowed::File { Kind::File } else { T::KIND }
}

/// The section with the value of each of its keys.
pub(crate) fn tree<S: Section>(section: &S) -> Tree {
    Tree { entries: S::shape().keys.iter().zip(section.values()).collect() }
}

/// Takes every key of a table, reporting the unknown ones.
pub(crate) fn fill<S: Section>(section: &mut S, table: &DeTable<'_>, desk: &mut Desk) {
    for (name, node) in table {
        match S::shape().key(name.get_ref()) {
            Some(key) => desk.at(key.name, |desk| section.take_key(key.name, node, key, desk)),
            None => desk.unknown_key(name.get_ref(), name.span(), S::shape()),
        }
    }
}

/// Takes a section.
pub(crate) fn take_table<S: Section>(section: &mut S, node: Node<'_, '_>, key: &Key, desk: &mut Desk) {
    match node.get_ref() {
        DeValue::Table(table) => fill(section, table, desk),
        _ => desk.wrong_kind(node, key),
    }
}

impl Setting for f64 {
    const KIND: Kind = Kind::Number;

    fn take(&mut self, node: Node<'_, '_>, key: &Key, desk: &mut Desk) {
        if let Some(number) = desk.number(node, key, Some(*self)) {
            *self = number;
        }
    }

    fn value(&self) -> Value {
        Value::Number(*self)
    }
}

impl Setting for u64 {
    const KIND: Kind = Kind::Integer;

    fn take(&mut self, node: Node<'_, '_>, key: &Key, desk: &mut Desk) {
        if let Some(number) = desk.whole_number(node, key, Some(*self), u64::MAX) {
            *self = number;
        }
    }

    fn value(&self) -> Value {
        Value::Integer(*self)
    }
}

impl Setting for u32 {
    const KIND: Kind = Kind::Integer;

    fn take(&mut self, node: Node<'_, '_>, key: &Key, desk: &mut Desk) {
        let taken = desk.whole_number(node, key, Some(u64::from(*self)), u64::from(u32::MAX));
        if let Some(number) = taken.and_then(|number| u32::try_from(number).ok()) {
            *self = number;
        }
    }

    fn value(&self) -> Value {
        Value::Integer(u64::from(*self))
    }
}

impl Setting for bool {
    const KIND: Kind = Kind::Flag;

    fn take(&mut self, node: Node<'_, '_>, key: &Key, desk: &mut Desk) {
        match node.get_ref() {
            DeValue::Boolean(flag) => {
                *self = *flag;
                desk.settle(node.span(), None);
            }
            _ => desk.wrong_kind(node, key),
        }
    }

    fn value(&self) -> Value {
        Value::Flag(*self)
    }
}

impl Setting for String {
    const KIND: Kind = Kind::Text;

    fn take(&mut self, node: Node<'_, '_>, key: &Key, desk: &mut Desk) {
        if let Some(text) = desk.text(node, key) {
            *self = text;
        }
    }

    fn value(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl Setting for Option<String> {
    const KIND: Kind = Kind::Text;
    const OPTIONAL: bool = true;

    fn take(&mut self, node: Node<'_, '_>, key: &Key, desk: &mut Desk) {
        if let Some(text) = desk.text(node, key) {
            *self = Some(text);
        }
    }

    fn value(&self) -> Value {
        self.clone().map_or(Value::Absent, Value::Text)
    }
}

impl Setting for Option<f64> {
    const KIND: Kind = Kind::Number;
    const OPTIONAL: bool = true;

    fn take(&mut self, node: Node<'_, '_>, key: &Key, desk: &mut Desk) {
        if let Some(number) = desk.number(node, key, *self) {
            *self = Some(number);
        }
    }

    fn value(&self) -> Value {
        self.map_or(Value::Absent, Value::Number)
    }
}

impl Setting for Option<u32> {
    const KIND: Kind = Kind::Integer;
    const OPTIONAL: bool = true;

    fn take(&mut self, node: Node<'_, '_>, key: &Key, desk: &mut Desk) {
        let taken = desk.whole_number(node, key, self.map(u64::from), u64::from(u32::MAX));
        if let Some(number) = taken.and_then(|number| u32::try_from(number).ok()) {
            *self = Some(number);
        }
    }

    fn value(&self) -> Value {
        self.map_or(Value::Absent, |number| Value::Integer(u64::from(number)))
    }
}

impl Setting for [f64; 24] {
    const KIND: Kind = Kind::Hours;

    fn take(&mut self, node: Node<'_, '_>, key: &Key, desk: &mut Desk) {
        if let Some(numbers) = desk.numbers(node, key, self, Some(24)).and_then(|list| list.try_into().ok()) {
            *self = numbers;
        }
    }

    fn value(&self) -> Value {
        Value::Numbers(self.to_vec())
    }
}

impl Setting for Vec<f64> {
    const KIND: Kind = Kind::Numbers;

    fn take(&mut self, node: Node<'_, '_>, key: &Key, desk: &mut Desk) {
        if let Some(numbers) = desk.numbers(node, key, self, None) {
            *self = numbers;
        }
    }

    fn value(&self) -> Value {
        Value::Numbers(self.clone())
    }
}

impl Setting for Vec<String> {
    const KIND: Kind = Kind::Command;

    fn take(&mut self, node: Node<'_, '_>, key: &Key, desk: &mut Desk) {
        if let Some(words) = desk.command(node, key) {
            *self = words;
        }
    }

    fn value(&self) -> Value {
        Value::Command(self.clone())
    }
}

impl<S: Section> Setting for Vec<S> {
    const KIND: Kind = Kind::List(S::shape);

    fn take(&mut self, node: Node<'_, '_>, key: &Key, desk: &mut Desk) {
        match node.get_ref() {
            DeValue::Array(rows) => take_rows(self, node, rows, desk),
            DeValue::Table(rows) if desk.on_command_line() => take_by_id(self, rows, desk),
            _ => desk.wrong_kind(node, key),
        }
    }

    fn value(&self) -> Value {
        Value::List(self.iter().map(tree).collect())
    }
}

/// Rows of a file: a file without a parent states its own list, a file with one patches by id.
fn take_rows<S: Section>(list: &mut Vec<S>, node: Node<'_, '_>, rows: &[Spanned<DeValue<'_>>], desk: &mut Desk) {
    if desk.patches() && rows.is_empty() {
        let help = "leave the line out, or set the count or share of the rows that are to go to 0";
        desk.report(
            node.span(),
            "an empty list, which leaves the rows there are",
            "rows to change or add",
            Some(help.into()),
        );
        return;
    }
    if !desk.patches() {
        list.clear();
        desk.forget_below();
    }
    desk.settle_list(node.span());
    let mut seen = BTreeSet::new();
    for (index, row) in rows.iter().enumerate() {
        let Some((id, table)) = row_id(row, index, desk) else {
            continue;
        };
        if !seen.insert(id.clone()) {
            let help = "give each row an id of its own, or put the keys into one row";
            desk.at(&id, |desk| {
                desk.report(row.span(), "this id stands twice in the list", "every id once", Some(help.into()))
            });
            continue;
        }
        let known = position(list, &id);
        let fresh = known.is_none().then(|| closest(&id, ids(list).iter().map(String::as_str)).map(String::from));
        let at = known.unwrap_or_else(|| {
            list.push(named(&id));
            list.len() - 1
        });
        desk.at_row(&id, fresh, |desk| fill(&mut list[at], table, desk));
    }
}

/// Rows of the command line, `stores.archetypes.ID.count=5`: only ids that exist.
fn take_by_id<S: Section>(list: &mut [S], rows: &DeTable<'_>, desk: &mut Desk) {
    for (id, row) in rows {
        let Some(at) = position(list, id.get_ref()) else {
            desk.unknown_id(id.get_ref(), id.span(), &ids(list));
            continue;
        };
        desk.at(id.get_ref(), |desk| match row.get_ref() {
            DeValue::Table(table) => fill(&mut list[at], table, desk),
            _ => {
                let help = format!("name a key of the row, such as `{}.{}`", desk.path(), S::shape().keys[1].name);
                desk.report(row.span(), "a value for a whole row", "a key of the row", Some(help));
            }
        });
    }
}

fn row_id<'a, 'i>(row: Node<'a, 'i>, index: usize, desk: &mut Desk) -> Option<(String, &'a DeTable<'i>)> {
    let place = format!("[{index}]");
    let DeValue::Table(table) = row.get_ref() else {
        let found = super::judge::found(row);
        desk.at(&place, |desk| desk.report(row.span(), found, "a row: a table with an `id`", None));
        return None;
    };
    let Some(id) = table.get("id") else {
        let help = "add a line such as `id = \"my_row\"`; a row with the id of an existing row changes that row";
        desk.at(&place, |desk| {
            desk.report(row.span(), "a row without `id`", "an `id` in every row", Some(help.into()))
        });
        return None;
    };
    match id.get_ref().as_str() {
        Some(text)
            if text.chars().any(|c| c == '.' || c == '[' || c.is_whitespace() || c.is_control()) || text.is_empty() =>
        {
            let help = "write it with letters, digits, `_` or `-`";
            let found = format!("the id {}", super::key::text_toml(text));
            desk.at(&place, |desk| {
                desk.report(id.span(), found, "an id without dots, brackets and spaces", Some(help.into()))
            });
            None
        }
        Some(text) => Some((text.to_string(), table)),
        None => {
            let found = super::judge::found(id);
            desk.at(&place, |desk| desk.report(id.span(), found, "an id: a string in quotes", None));
            None
        }
    }
}

fn position<S: Section>(list: &[S], id: &str) -> Option<usize> {
    list.iter().position(|row| tree(row).id() == id)
}

fn ids<S: Section>(list: &[S]) -> Vec<String> {
    list.iter().map(|row| tree(row).id().to_string()).collect()
}

/// A row of defaults under this id.
fn named<S: Section>(id: &str) -> S {
    let mut row = S::default();
    let value = Spanned::new(0..0, DeValue::String(id.to_string().into()));
    if let Some(key) = S::shape().key("id") {
        row.take_key("id", &value, key, &mut Desk::default());
    }
    row
}
