//! Room: report. One SVG text → PNG and outlined SVG, with the bundled fonts only.

use super::ReportError;
use super::fonts::{self, Font};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Indent, Options, Tree, WriteOptions};

/// Width of a picture in pixels; height follows from 16:9.
pub(crate) const PNG_WIDTH: u32 = 3840;
const PNG_HEIGHT: u32 = PNG_WIDTH / 16 * 9;

pub(super) fn tree(svg: &str, font: Option<&Font>) -> Result<Tree, ReportError> {
    let options = Options { fontdb: fonts::database(font), font_family: "Inter".to_owned(), ..Options::default() };
    Tree::from_str(svg, &options).map_err(|error| ReportError::Picture(error.to_string()))
}

/// The drawing as PNG, 3840 × 2160.
pub(crate) fn png(svg: &str, font: Option<&Font>) -> Result<Vec<u8>, ReportError> {
    rendered(&tree(svg, font)?, PNG_WIDTH, PNG_HEIGHT)
}

/// A drawing of any shape as PNG, so many pixels wide.
pub(crate) fn png_of(svg: &str, font: Option<&Font>, width: u32) -> Result<Vec<u8>, ReportError> {
    let tree = tree(svg, font)?;
    let height = (width as f32 * tree.size().height() / tree.size().width()).round() as u32;
    rendered(&tree, width, height)
}

fn rendered(tree: &Tree, width: u32, height: u32) -> Result<Vec<u8>, ReportError> {
    let mut pixels = Pixmap::new(width.max(1), height.max(1)).expect("the size is above zero");
    let scale = width as f32 / tree.size().width();
    resvg::render(tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| ReportError::Picture(error.to_string()))
}

/// The drawing with its text turned into outlines, so that it looks the same in any program.
pub(crate) fn outlined(svg: &str, font: Option<&Font>) -> Result<String, ReportError> {
    let options = WriteOptions { preserve_text: false, indent: Indent::None, ..WriteOptions::default() };
    Ok(tree(svg, font)?.to_string(&options))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Look;
    use crate::report::canvas::{Pen, paint};

    #[test]
    fn text_reaches_the_pixels_in_both_scripts_and_weights() {
        let ink = |text: &str, pen: Pen| {
            let svg = paint(Look::plain(), "", |canvas| canvas.text((100.0, 500.0), text, pen)).svg;
            let picture = Pixmap::decode_png(&png(&svg, None).unwrap()).unwrap();
            assert_eq!((picture.width(), picture.height()), (3840, 2160));
            picture.pixels().iter().filter(|pixel| pixel.red() < 128).count()
        };
        for text in ["Near-field", "近场配送"] {
            let regular = ink(text, Pen::new(60.0).ink());
            let bold = ink(text, Pen::new(60.0).ink().bold());
            assert!(regular > 1000, "{text}: {regular}");
            assert!(bold > regular + regular / 10, "{text}: {bold} against {regular}");
        }
    }

    #[test]
    fn the_outlined_drawing_holds_no_text() {
        let svg = paint(Look::plain(), "", |canvas| canvas.text((100.0, 500.0), "Near", Pen::new(60.0))).svg;
        let outlined = outlined(&svg, None).unwrap();
        assert!(!outlined.contains("<text") && outlined.contains("<path"));
        assert!(outlined.contains("width=\"1920\""));
    }
}
