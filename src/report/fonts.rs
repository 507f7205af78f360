//! Room: report. The bundled faces: which face draws a string, how wide it is, what it cannot draw.
//!
//! Only these files are ever used, never the fonts of the machine, so a chart has the same bytes everywhere.

use resvg::usvg::fontdb;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use ttf_parser::Face;

pub(crate) const INTER_WOFF2: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular-latin.woff2");
pub(crate) const INTER_BOLD_WOFF2: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold-latin.woff2");
pub(crate) const NOTO_WOFF2: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Regular-gb1.woff2");
pub(crate) const NOTO_BOLD_WOFF2: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-SemiBold-gb1.woff2");

const INTER: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular-latin.ttf");
const INTER_BOLD: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold-latin.ttf");
const NOTO: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Regular-gb1.ttf");
const NOTO_BOLD: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-SemiBold-gb1.ttf");

/// What stands for a character that no bundled face holds.
pub(crate) const BOX: char = '□';

/// Regular, or SemiBold which the SVG calls bold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

struct Faces {
    inter: [Face<'static>; 2],
    noto: [Face<'static>; 2],
}

fn faces() -> &'static Faces {
    static FACES: OnceLock<Faces> = OnceLock::new();
    let face = |bytes| Face::parse(bytes, 0).expect("the bundled faces are well-formed (tested)");
    FACES.get_or_init(|| Faces { inter: [face(INTER), face(INTER_BOLD)], noto: [face(NOTO), face(NOTO_BOLD)] })
}

/// The faces as a database for the rasteriser: those of a theme's font, or the bundled ones alone.
pub(crate) fn database(font: Option<&Font>) -> Arc<fontdb::Database> {
    font.map_or_else(bundled, |font| font.database.clone())
}

/// The bundled faces as a database, loaded once.
fn bundled() -> Arc<fontdb::Database> {
    static DATABASE: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let load = || {
        let mut database = fontdb::Database::new();
        for bytes in [INTER, INTER_BOLD, NOTO, NOTO_BOLD] {
            database.load_font_data(bytes.to_vec());
        }
        database.set_sans_serif_family("Inter");
        Arc::new(database)
    };
    DATABASE.get_or_init(load).clone()
}

/// True if Inter alone draws the whole string.
fn inter_draws(text: &str) -> bool {
    text.chars().all(|c| faces().inter[0].glyph_index(c).is_some())
}

/// The CSS family list for a string. Chosen for the whole string: the rasteriser's own fallback loses the weight.
pub(crate) fn family<'f>(text: &str, font: Option<&'f Font>) -> &'f str {
    match font.filter(|font| font.draws(text)) {
        Some(font) => &font.families,
        None if inter_draws(text) => "Inter, Noto Sans SC, sans-serif",
        None => "Noto Sans SC, Inter, sans-serif",
    }
}

/// Width of a string in pixels at a font size of `px`, without kerning (which only ever tightens a little).
pub(crate) fn width(text: &str, font: Option<&Font>, px: f64, weight: Weight) -> f64 {
    if let Some(font) = font.filter(|font| font.draws(text)) {
        return text.chars().filter_map(|c| font.advance(c, weight)).sum::<f64>() * px;
    }
    let faces = faces();
    let inter = &faces.inter[weight as usize];
    let noto = &faces.noto[weight as usize];
    let order = if inter_draws(text) { [inter, noto] } else { [noto, inter] };
    text.chars().map(|c| advance(order, c) * px).sum()
}

/// Advance of one character in em.
fn advance(order: [&Face<'static>; 2], c: char) -> f64 {
    let of = |face: &Face<'static>| {
        let glyph = face.glyph_index(c)?;
        Some(face.glyph_hor_advance(glyph)? as f64 / face.units_per_em() as f64)
    };
    of(order[0]).or_else(|| of(order[1])).unwrap_or(1.0)
}

/// The string with white space turned into single spaces and every character no face holds into a box; and these characters.
pub(crate) fn drawable(text: &str) -> (Cow<'_, str>, Vec<char>) {
    drawable_in(text, None)
}

/// The same where a theme has a font of its own beside them.
pub(crate) fn drawable_in<'t>(text: &'t str, font: Option<&Font>) -> (Cow<'t, str>, Vec<char>) {
    let held = |c: char| {
        let faces = faces();
        let bundled = faces.inter[0].glyph_index(c).is_some() || faces.noto[0].glyph_index(c).is_some();
        !c.is_control() && (bundled || font.is_some_and(|font| font.advances.contains_key(&c)))
    };
    if text.chars().all(held) {
        return (Cow::Borrowed(text), Vec::new());
    }
    let mut missing = Vec::new();
    let drawn = text.chars().map(|c| match c {
        c if c.is_whitespace() => ' ',
        c if held(c) => c,
        c => {
            missing.push(c);
            BOX
        }
    });
    let drawn: String = drawn.collect();
    missing.sort_unstable();
    missing.dedup();
    (Cow::Owned(drawn), missing)
}

/// A font of a theme, in two weights.
pub(crate) struct Font {
    /// The family's own name, without quotes.
    pub(crate) name: String,
    /// The CSS family list of strings it draws.
    families: String,
    /// Advances of its characters in em, regular and bold.
    advances: BTreeMap<char, [f32; 2]>,
    /// Its files, regular and bold.
    pub(crate) files: [Vec<u8>; 2],
    database: Arc<fontdb::Database>,
}

/// What charts draw in any language beside letters and digits.
const SIGNS: &str = " .,:;!?%()[]+-−–±×·→≤≥<>=/'\"&#…’“”°¥€$²";

impl Font {
    /// Reads both weights; says which key is wrong, and how.
    pub(crate) fn load(regular: &Path, bold: &Path) -> Result<Font, (&'static str, String)> {
        let named = [("font", regular), ("font_bold", bold)];
        let mut files = Vec::new();
        for (key, path) in named {
            files.push(std::fs::read(path).map_err(|error| (key, format!("{}: {error}", path.display())))?);
        }
        let mut tables = Vec::new();
        for ((key, path), bytes) in named.iter().zip(&files) {
            let wrong = |what: String| (*key, format!("{}: {what}", path.display()));
            let face = Face::parse(bytes, 0).map_err(|error| wrong(format!("no font: {error}")))?;
            let held = advances(&face);
            let letters = ('0'..='9').chain('A'..='Z').chain('a'..='z').chain(SIGNS.chars());
            let lacking: String = letters.filter(|c| !held.contains_key(c)).collect();
            if !lacking.is_empty() {
                return Err(wrong(format!("lacks characters that charts need: {lacking}")));
            }
            tables.push(held);
        }
        let mut database = (*bundled()).clone();
        let before = database.len();
        files.iter().for_each(|bytes| database.load_font_data(bytes.clone()));
        let name = database.faces().nth(before).and_then(|face| face.families.first()).map(|(name, _)| name.clone());
        let name = name.ok_or(("font", format!("{}: a font without a family name", regular.display())))?;
        let (light, heavy) = (tables.remove(0), tables.remove(0));
        let both = light.into_iter().filter_map(|(c, advance)| Some((c, [advance, *heavy.get(&c)?]))).collect();
        let files = [files.remove(0), files.remove(0)];
        let families = format!("'{name}', Inter, Noto Sans SC, sans-serif");
        Ok(Font { name, families, advances: both, files, database: Arc::new(database) })
    }

    /// True if it draws the whole string.
    fn draws(&self, text: &str) -> bool {
        text.chars().all(|c| self.advances.contains_key(&c))
    }

    fn advance(&self, c: char, weight: Weight) -> Option<f64> {
        self.advances.get(&c).map(|advances| f64::from(advances[weight as usize]))
    }
}

impl PartialEq for Font {
    fn eq(&self, other: &Font) -> bool {
        self.files == other.files
    }
}

impl std::fmt::Debug for Font {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Font({})", self.name)
    }
}

/// The advance of every character a face holds, in em.
fn advances(face: &Face<'_>) -> BTreeMap<char, f32> {
    let mut held = BTreeMap::new();
    for table in face.tables().cmap.iter().flat_map(|cmap| cmap.subtables).filter(|table| table.is_unicode()) {
        table.codepoints(|code| {
            let advance = char::from_u32(code).and_then(|c| Some((c, face.glyph_hor_advance(face.glyph_index(c)?)?)));
            if let Some((c, advance)) = advance {
                held.insert(c, f32::from(advance) / f32::from(face.units_per_em()));
            }
        });
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_knows_both_families_in_both_weights() {
        for family in ["Inter", "Noto Sans SC"] {
            for weight in [400, 600] {
                let held = database(None)
                    .faces()
                    .any(|face| face.weight.0 == weight && face.families.iter().any(|(name, _)| name == family));
                assert!(held, "{family} {weight}");
            }
        }
    }

    #[test]
    fn both_weights_hold_the_same_characters() {
        let faces = faces();
        for code in 0x20..0xFFFF_u32 {
            let Some(c) = char::from_u32(code) else { continue };
            for pair in [&faces.inter, &faces.noto] {
                assert_eq!(pair[0].glyph_index(c).is_some(), pair[1].glyph_index(c).is_some(), "U+{code:04X}");
            }
        }
        assert!(inter_draws("□"));
    }

    #[test]
    fn a_string_with_hanzi_is_set_in_noto_as_a_whole() {
        assert!(family("Orders per 15 min", None).starts_with("Inter"));
        assert!(family("近场 orders", None).starts_with("Noto"));
        assert!((width("近场", None, 20.0, Weight::Regular) - 40.0).abs() < 0.5);
    }

    #[test]
    fn width_grows_with_length_size_and_weight() {
        let short = width("near", None, 20.0, Weight::Regular);
        assert!(width("nearfar", None, 20.0, Weight::Regular) > short);
        assert!((width("near", None, 40.0, Weight::Regular) - 2.0 * short).abs() < 1e-9);
        assert!(width("near", None, 20.0, Weight::Bold) > short);
    }

    #[test]
    fn what_no_face_holds_becomes_a_box_and_is_named() {
        let (text, missing) = drawable("a\n🚚b\u{7}");
        assert_eq!(text, "a □b□");
        assert_eq!(missing, vec!['\u{7}', '🚚']);
        assert!(drawable("¥12.5 · 近场 −3%").1.is_empty());
    }
}
