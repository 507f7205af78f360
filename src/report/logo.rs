//! Room: report. The logo of a theme: plain shapes, the same in charts, pages and slides.

use super::fonts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use resvg::usvg::{Group, Indent, Node, Options, Paint, Tree, WriteOptions};
use std::path::Path;

/// A logo as a drawing.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Logo {
    /// The whole document, its text as outlines.
    pub(crate) svg: String,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Logo {
    /// Reads an SVG file; says what is wrong with it.
    pub(crate) fn load(path: &Path) -> Result<Logo, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Logo::parse(&text).map_err(|why| format!("{}: {why}", path.display()))
    }

    fn parse(text: &str) -> Result<Logo, String> {
        let options = Options { fontdb: fonts::database(None), font_family: "Inter".to_owned(), ..Options::default() };
        let tree = Tree::from_str(text, &options).map_err(|error| format!("no SVG: {error}"))?;
        plain(tree.root())?;
        let written = WriteOptions { preserve_text: false, indent: Indent::None, ..WriteOptions::default() };
        let (width, height) = (f64::from(tree.size().width()), f64::from(tree.size().height()));
        Ok(Logo { svg: tree.to_string(&written), width, height })
    }

    /// Width and height at most so high and so wide.
    pub(crate) fn within(&self, wide: f64, high: f64) -> (f64, f64) {
        let scale = (high / self.height).min(wide / self.width);
        (self.width * scale, self.height * scale)
    }

    /// As the address of a picture in a page.
    pub(crate) fn address(&self) -> String {
        format!("data:image/svg+xml;base64,{}", STANDARD.encode(&self.svg))
    }
}

/// What every program draws alike, PDF and slides included: shapes and text in plain colours.
fn plain(group: &Group) -> Result<(), String> {
    if group.mask().is_some() || !group.filters().is_empty() || group.clip_path().is_some() {
        return Err("holds a mask, a clip or a filter".to_owned());
    }
    for node in group.children() {
        let paints = match node {
            Node::Group(inner) => {
                plain(inner)?;
                continue;
            }
            Node::Image(_) => return Err("holds a bitmap".to_owned()),
            Node::Text(_) => continue,
            Node::Path(path) => [path.fill().map(|fill| fill.paint()), path.stroke().map(|stroke| stroke.paint())],
        };
        if paints.into_iter().flatten().any(|paint| !matches!(paint, Paint::Color(_))) {
            return Err("holds a gradient or a pattern".to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_in_plain_colours_are_taken_and_text_becomes_outlines() {
        let text = include_str!("../../assets/themes/harbour.svg");
        let logo = Logo::parse(text).unwrap();
        assert_eq!((logo.width, logo.height), (180.0, 48.0));
        assert!(!logo.svg.contains("<text") && logo.svg.matches("<path").count() >= 3);
        assert_eq!(logo.within(300.0, 24.0), (90.0, 24.0));
        assert_eq!(logo.within(90.0, 48.0), (90.0, 24.0));
    }

    #[test]
    fn what_some_programs_cannot_draw_is_named() {
        let around = |inner: &str| {
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><defs><linearGradient id=\"g\"><stop offset=\"0\" stop-color=\"#f00\"/><stop offset=\"1\"/></linearGradient></defs>{inner}</svg>"
            )
        };
        let gradient = Logo::parse(&around("<rect width=\"9\" height=\"9\" fill=\"url(#g)\"/>"));
        assert_eq!(gradient.unwrap_err(), "holds a gradient or a pattern");
        assert!(Logo::parse("<p>no</p>").unwrap_err().starts_with("no SVG"));
    }
}
