//! Room: scenario. What a report looks like: its language, and the theme file of a brand. Written like schema.rs.
//!
//! Neither changes what is simulated: hashes and lists of changes leave both out.

use super::desk::{Desk, Source};
use super::file;
use super::key::{Allowed, Key, Kind, Value, any};
use super::macros::{choice, section};
use super::problem::{Problem, Problems};
use super::setting::{Node, Setting, fill};
use std::path::Path;

choice! {
    /// The language of charts, report and slides.
    Language {
        /// English.
        En = "en",
        /// Simplified Chinese.
        Zh = "zh",
    }
}

/// English, unless a scenario says otherwise.
impl Default for Language {
    fn default() -> Language {
        Language::En
    }
}

/// A colour as red, green and blue, 0 to 255; `"#D55E00"` in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// Reads `#D55E00`.
    pub fn parse(text: &str) -> Option<Colour> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let part = |from: usize| u8::from_str_radix(&digits[from..from + 2], 16).ok();
        Some(Colour(part(0)?, part(2)?, part(4)?))
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }
}

impl Setting for Colour {
    const KIND: Kind = Kind::Text;

    fn take(&mut self, node: Node<'_, '_>, key: &Key, desk: &mut Desk) {
        let Some(text) = desk.text(node, key) else { return };
        match Colour::parse(&text) {
            Some(colour) => *self = colour,
            None => desk.report(
                node.span(),
                format!("\"{text}\" is no colour"),
                "red, green and blue as six hexadecimal digits, such as \"#D55E00\"",
                None,
            ),
        }
    }

    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

section! {
    /// The look of a brand: what a theme file may set. A key left out keeps the colour of nearfar.
    ThemeFile {
        /// Name of the theme, for messages.
        name: String = "nearfar".into(); "", any(), "";
        /// The near field: couriers from a nearby store.
        near: Colour = Colour(0xD5, 0x5E, 0x00); "colour", any(), "";
        /// The far field: parcels from the warehouse.
        far: Colour = Colour(0x00, 0x72, 0xB2); "colour", any(), "";
        /// Pick-up in a store.
        pickup: Colour = Colour(0x54, 0x27, 0x88); "colour", any(), "";
        /// What a chart points at: a clear difference, a curve with its interval.
        accent: Colour = Colour(0x1F, 0x4E, 0x79); "colour", any(), "";
        /// A logo, SVG of plain shapes, drawn at the top right of charts, pages and slides.
        logo: Option<String> = None; "path", Allowed::File, "";
        /// A font, TTF, regular weight; for what it does not hold the bundled fonts stand in.
        font: Option<String> = None; "path", Allowed::File, "";
        /// Its bold weight; absent: the regular one.
        font_bold: Option<String> = None; "path", Allowed::File, "";
    }
}

impl ThemeFile {
    /// Reads a theme file; every problem at once.
    pub fn load(path: &Path) -> Result<ThemeFile, Problems> {
        let name = path.display().to_string();
        let text = file::read(path).map_err(|problem| {
            let help =
                "a theme file sets colours, logo and font: docs/themes.md; paths start at the file that names them";
            let expected = "a theme file (TOML text)".to_owned();
            Problems(vec![Problem { key: "report.theme".into(), expected, help: Some(help.into()), ..*problem }])
        })?;
        let (table, errors) = toml::de::DeTable::parse_recoverable(&text);
        let (mut theme, mut desk) = (ThemeFile::default(), Desk::default());
        let base_dir = path.parent().unwrap_or(Path::new("")).to_path_buf();
        desk.open(Source { name, text: text.as_str().into(), base_dir, patches: false, command_line: false });
        file::report_syntax(&errors, &text, &mut desk);
        fill(&mut theme, table.get_ref(), &mut desk);
        theme.judge(&mut desk);
        if desk.has_problems() { Err(Problems(desk.into_problems())) } else { Ok(theme) }
    }

    /// The rules between its keys.
    fn judge(&self, desk: &mut Desk) {
        for (key, colour) in self.colours() {
            let contrast = contrast_on_white(colour);
            if contrast < LEAST_CONTRAST {
                desk.report_rule(
                    &[key],
                    format!("{colour} is too pale for white paper: contrast {contrast:.1}"),
                    format!("a contrast of at least {LEAST_CONTRAST} (WCAG 2.2, 1.4.11), which also bold words need"),
                    Some("take a darker shade of it".into()),
                );
            }
        }
        // A bold font alone is one mistake, whether it is there or not.
        let bold = self.font_bold.as_ref().filter(|_| self.font.is_some());
        for (key, path) in [("logo", self.logo.as_ref()), ("font", self.font.as_ref()), ("font_bold", bold)] {
            if let Some(path) = path.filter(|path| !Path::new(path).is_file()) {
                let help = "paths start at the folder of the theme file".to_owned();
                desk.report_rule(&[key], format!("{path}: no such file"), "a file that exists".into(), Some(help));
            }
        }
        if self.font.is_none() && self.font_bold.is_some() {
            let expected = "font for the regular weight beside it".to_owned();
            desk.report_rule(&["font_bold"], "a bold font without a regular one".into(), expected, None);
        }
    }

    /// The colours with their keys.
    pub fn colours(&self) -> [(&'static str, Colour); 4] {
        [("near", self.near), ("far", self.far), ("pickup", self.pickup), ("accent", self.accent)]
    }
}

/// Graphics that carry meaning, and large bold words, need this contrast with their ground.
const LEAST_CONTRAST: f64 = 3.0;

/// Contrast with white by WCAG 2.2, 1 to 21.
pub fn contrast_on_white(colour: Colour) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = 0.2126 * linear(colour.0) + 0.7152 * linear(colour.1) + 0.0722 * linear(colour.2);
    1.05 / (luminance + 0.05)
}
