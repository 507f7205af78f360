//! `section!` and `choice!`: a section of the scenario file as a struct that knows its own keys.

/// A section: a struct whose fields are keys with default, unit, allowed values and source.
///
/// One line of a section reads `name: type = default; unit, allowed, source of the default;`.
macro_rules! section {
    ($(#[doc = $about:literal])* $name:ident { $($(#[doc = $doc:literal])* $field:ident : $ty:ty = $default:expr; $unit:literal, $allowed:expr, $source:literal;)* }) => {
        $(#[doc = $about])*
        #[derive(Clone, PartialEq, Debug)]
        pub struct $name { $($(#[doc = $doc])* pub $field: $ty,)* }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl $crate::scenario::setting::Section for $name {
            fn shape() -> &'static $crate::scenario::key::Shape {
                static SHAPE: std::sync::OnceLock<$crate::scenario::key::Shape> = std::sync::OnceLock::new();
                SHAPE.get_or_init(|| $crate::scenario::key::Shape {
                    name: stringify!($name),
                    doc: concat!($($about),*).trim(),
                    keys: vec![$({
                        let default: $ty = $default;
                        $crate::scenario::key::Key {
                            name: stringify!($field),
                            doc: concat!($($doc),*).trim(),
                            kind: $crate::scenario::setting::kind_of(&default, &$crate::scenario::key::Allowed::from($allowed)),
                            optional: <$ty as $crate::scenario::setting::Setting>::OPTIONAL,
                            default: $crate::scenario::setting::Setting::value(&default).leaf_toml(),
                            unit: $unit,
                            allowed: $crate::scenario::key::Allowed::from($allowed),
                            source: $source,
                        }
                    }),*],
                })
            }

            fn take_key(&mut self, name: &str, node: $crate::scenario::setting::Node<'_, '_>, key: &$crate::scenario::key::Key, desk: &mut $crate::scenario::desk::Desk) {
                match name {
                    $(stringify!($field) => $crate::scenario::setting::Setting::take(&mut self.$field, node, key, desk),)*
                    _ => unreachable!("the shape of {} names its own fields", stringify!($name)),
                }
            }

            fn values(&self) -> Vec<$crate::scenario::key::Value> {
                vec![$($crate::scenario::setting::Setting::value(&self.$field)),*]
            }
        }

        impl $crate::scenario::setting::Setting for $name {
            const KIND: $crate::scenario::key::Kind =
                $crate::scenario::key::Kind::Table(<$name as $crate::scenario::setting::Section>::shape);

            fn take(&mut self, node: $crate::scenario::setting::Node<'_, '_>, key: &$crate::scenario::key::Key, desk: &mut $crate::scenario::desk::Desk) {
                $crate::scenario::setting::take_table(self, node, key, desk);
            }

            fn value(&self) -> $crate::scenario::key::Value {
                $crate::scenario::key::Value::Table($crate::scenario::setting::tree(self))
            }
        }
    };
}

/// A key that takes one of a few words.
macro_rules! choice {
    ($(#[doc = $about:literal])* $name:ident { $($(#[doc = $doc:literal])* $variant:ident = $word:literal,)* }) => {
        $(#[doc = $about])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum $name { $($(#[doc = $doc])* $variant,)* }

        impl $name {
            /// The word in scenario files.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }

        impl $crate::scenario::setting::Setting for $name {
            const KIND: $crate::scenario::key::Kind = $crate::scenario::key::Kind::Choice(&[
                $($crate::scenario::key::Word { word: $word, doc: concat!($($doc),*).trim_ascii() },)*
            ]);

            fn take(&mut self, node: $crate::scenario::setting::Node<'_, '_>, key: &$crate::scenario::key::Key, desk: &mut $crate::scenario::desk::Desk) {
                match desk.word(node, key) {
                    $(Some($word) => *self = $name::$variant,)*
                    _ => {}
                }
            }

            fn value(&self) -> $crate::scenario::key::Value {
                $crate::scenario::key::Value::Text(self.word().into())
            }
        }
    };
}

pub(super) use {choice, section};
