//! Room: report. A 1920 × 1080 sheet over plotters' SVG backend: shapes, text by baseline, halos.
//!
//! Plotters takes whole pixels only, so the sheet is drawn four times as large and scaled by its header;
//! text is placed by its baseline because renderers disagree on every other anchor.

use super::fonts::{self, Font, Weight};
use super::layout::Area;
use super::palette::{INK, MUTED, PAPER, Rgb};
use super::{Look, Theme};
use plotters::prelude::{DrawingBackend, RGBColor, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, ShapeStyle, TextStyle};

/// Width of the sheet in design pixels.
pub(crate) const WIDTH: f64 = 1920.0;
/// Height of the sheet in design pixels.
pub(crate) const HEIGHT: f64 = 1080.0;
/// Grid steps per design pixel.
const GRAIN: f64 = 4.0;
/// The backend divides every font size by this before writing it.
const SIZE_FACTOR: f64 = 1.24;
/// The backend's "top" anchor, as a share of the font size above the baseline.
const TOP_TO_BASELINE: f64 = 0.76;
/// The backend knows no outlines of text. A halo is written in white at this opacity, a value nothing else
/// uses, and turned into a white outline when the document is finished.
const HALO_OPACITY: f64 = 0.99;
const HALO_WRITTEN: &str = "opacity=\"0.99\" fill=\"#FFFFFF\"";
const HALO_MEANT: &str = "fill=\"#FFFFFF\" stroke=\"#FFFFFF\" stroke-width=\"30\"";

/// A point in design pixels, from the top left.
pub(crate) type Point = (f64, f64);

/// Which end of a text stands at its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Pen<'f> {
    /// Font size in design pixels.
    pub(crate) px: f64,
    pub(crate) colour: Rgb,
    pub(crate) weight: Weight,
    pub(crate) anchor: Anchor,
    /// The font of the theme, if it has one of its own.
    pub(crate) font: Option<&'f Font>,
}

impl<'f> Pen<'f> {
    /// Regular, muted, from its start, in the bundled fonts.
    pub(crate) fn new(px: f64) -> Pen<'f> {
        Pen { px, colour: MUTED, weight: Weight::Regular, anchor: Anchor::Start, font: None }
    }
    /// In ink colour.
    pub(crate) fn ink(self) -> Pen<'f> {
        self.colour(INK)
    }
    pub(crate) fn colour(self, colour: Rgb) -> Pen<'f> {
        Pen { colour, ..self }
    }
    pub(crate) fn bold(self) -> Pen<'f> {
        Pen { weight: Weight::Bold, ..self }
    }
    /// Centred on its place.
    pub(crate) fn middle(self) -> Pen<'f> {
        Pen { anchor: Anchor::Middle, ..self }
    }
    /// Ending at its place.
    pub(crate) fn end(self) -> Pen<'f> {
        Pen { anchor: Anchor::End, ..self }
    }
    pub(crate) fn anchor(self, anchor: Anchor) -> Pen<'f> {
        Pen { anchor, ..self }
    }
    /// Width of a text in this pen.
    pub(crate) fn width(&self, text: &str) -> f64 {
        fonts::width(&fonts::drawable_in(text, self.font).0, self.font, self.px, self.weight)
    }
}

/// What a drawing left behind.
pub(crate) struct Painted {
    /// The SVG document.
    pub(crate) svg: String,
    /// Characters that no bundled face holds, drawn as boxes.
    pub(crate) missing: Vec<char>,
}

/// The sheet while it is drawn on.
pub(crate) struct Canvas<'a> {
    backend: SVGBackend<'a>,
    missing: Vec<char>,
    look: &'a Look,
    /// The logo where it was put.
    logo: String,
}

/// Draws on an empty white sheet; `label` is what a screen reader says of it.
pub(crate) fn paint(look: &Look, label: &str, draw: impl FnOnce(&mut Canvas<'_>)) -> Painted {
    let mut svg = String::new();
    let (wide, high) = (grid(WIDTH) as u32, grid(HEIGHT) as u32);
    let mut canvas = Canvas {
        backend: SVGBackend::with_string(&mut svg, (wide, high)),
        missing: Vec::new(),
        look,
        logo: String::new(),
    };
    canvas.rect((0.0, 0.0), (WIDTH, HEIGHT), PAPER);
    draw(&mut canvas);
    drawn(canvas.backend.present());
    let (mut missing, logo) = (std::mem::take(&mut canvas.missing), std::mem::take(&mut canvas.logo));
    drop(canvas);
    // Above the paper, which is drawn first, and below all else, so that a drawing begins with its frame.
    if let Some(end) = svg.find("<rect").and_then(|start| Some(start + svg[start..].find("/>")? + 2)) {
        svg.insert_str(end, &logo);
    }
    missing.sort_unstable();
    missing.dedup();
    Painted { svg: with_header(&svg, label), missing }
}

/// A drawing without what `frame` drew first, cut to an area of the sheet.
pub(crate) fn without(svg: &str, frame: &str, label: &str, area: Area) -> String {
    let shared = frame.trim_end().strip_suffix("</svg>").unwrap_or_default();
    let rest = svg.strip_prefix(shared).expect("the same words are drawn the same way");
    format!("{}\n{rest}", header(area, label))
}

/// The shapes of a document, without its header and end.
pub(crate) fn shapes(svg: &str) -> &str {
    let inner = svg.split_once('>').map_or(svg, |(_, inner)| inner);
    inner.trim_end().strip_suffix("</svg>").unwrap_or(inner)
}

/// The area that a document of ours shows, read back from its header.
pub(crate) fn area_of(svg: &str) -> Option<Area> {
    let numbers = svg.split_once("viewBox=\"")?.1.split_once('"')?.0;
    let numbers: Vec<f64> = numbers.split(' ').filter_map(|number| number.parse().ok()).collect();
    let &[left, top, width, height] = numbers.as_slice() else { return None };
    let [left, top, width, height] = [left, top, width, height].map(|steps| steps / GRAIN);
    (width > 0.0 && height > 0.0).then_some(Area { left, top, right: left + width, bottom: top + height })
}

/// The width that a document's header states.
pub(crate) fn width_of(svg: &str) -> Option<f64> {
    svg.split_once(" width=\"")?.1.split_once('"')?.0.parse().ok()
}

/// A document with further shapes, moved and scaled from one area of the grid to another.
pub(crate) fn with_shapes(svg: &str, shapes: &str, from: Area, to: (Point, f64)) -> String {
    let ((x, y), scale) = to;
    let (dx, dy) = (GRAIN * (x - from.left * scale), GRAIN * (y - from.top * scale));
    let before = svg.trim_end().strip_suffix("</svg>").unwrap_or(svg);
    format!("{before}<g transform=\"translate({dx} {dy}) scale({scale})\">{shapes}</g>\n</svg>\n")
}

/// The document under a header of its own: scaled to the design size, named for screen readers, round joins.
fn with_header(svg: &str, label: &str) -> String {
    let body = svg.split_once('>').map_or(svg, |(_, body)| body).replace(HALO_WRITTEN, HALO_MEANT);
    let sheet = Area { left: 0.0, top: 0.0, right: WIDTH, bottom: HEIGHT };
    format!("{}{body}", header(sheet, label))
}

/// The first tag of a document that shows an area of the sheet.
fn header(area: Area, label: &str) -> String {
    let (width, height) = (area.right - area.left, area.bottom - area.top);
    format!(
        "<svg width=\"{width}\" height=\"{height}\" viewBox=\"{} {} {} {}\" xmlns=\"http://www.w3.org/2000/svg\" \
         role=\"img\" aria-label=\"{}\" stroke-linejoin=\"round\">",
        grid(area.left),
        grid(area.top),
        grid(width),
        grid(height),
        escaped(label)
    )
}

/// The text as an XML attribute value.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in fonts::drawable(text).0.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// Writing to a string has no way to fail; the backend's signature is made for files.
fn drawn<E: std::fmt::Display>(result: Result<(), E>) {
    if let Err(error) = result {
        unreachable!("drawing into a string failed: {error}");
    }
}

/// Design pixels as steps of the backend's grid; what is not a number lands at the origin.
fn grid(px: f64) -> i32 {
    (px * GRAIN).round() as i32
}

fn at(point: Point) -> (i32, i32) {
    (grid(point.0), grid(point.1))
}

fn filled(colour: Rgb) -> ShapeStyle {
    RGBColor(colour.0, colour.1, colour.2).filled()
}

impl<'a> Canvas<'a> {
    /// Language and theme.
    pub(crate) fn look(&self) -> &'a Look {
        self.look
    }

    /// Colours, logo and font.
    pub(crate) fn theme(&self) -> &'a Theme {
        &self.look.theme
    }

    /// A regular, muted pen in the font of the theme, from its start.
    pub(crate) fn pen(&self, px: f64) -> Pen<'a> {
        self.look.pen(px)
    }

    /// A filled rectangle between two corners.
    pub(crate) fn rect(&mut self, from: Point, to: Point, colour: Rgb) {
        let (a, b) = (at(from), at(to));
        let (low, high) = ((a.0.min(b.0), a.1.min(b.1)), (a.0.max(b.0), a.1.max(b.1)));
        drawn(self.backend.draw_rect(low, high, &filled(colour), true));
    }

    /// A filled polygon.
    pub(crate) fn polygon(&mut self, corners: &[Point], colour: Rgb) {
        drawn(self.backend.fill_polygon(corners.iter().map(|&p| at(p)), &filled(colour)));
    }

    /// A line through points.
    pub(crate) fn path(&mut self, points: &[Point], colour: Rgb, width: f64) {
        let style = RGBColor(colour.0, colour.1, colour.2).stroke_width(grid(width).max(1) as u32);
        drawn(self.backend.draw_path(points.iter().map(|&p| at(p)), &style));
    }

    /// A straight line.
    pub(crate) fn line(&mut self, from: Point, to: Point, colour: Rgb, width: f64) {
        self.path(&[from, to], colour, width);
    }

    /// A straight dashed line, 8 pixels on and 6 off.
    pub(crate) fn dashes(&mut self, from: Point, to: Point, colour: Rgb, width: f64) {
        const ON: f64 = 8.0;
        const STEP: f64 = 14.0;
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy);
        let along = |px: f64| (from.0 + dx * px / length, from.1 + dy * px / length);
        let mut start = 0.0;
        while start < length {
            self.line(along(start), along((start + ON).min(length)), colour, width);
            start += STEP;
        }
    }

    /// A filled disc.
    pub(crate) fn disc(&mut self, centre: Point, radius: f64, colour: Rgb) {
        drawn(self.backend.draw_circle(at(centre), grid(radius).max(1) as u32, &filled(colour), true));
    }

    /// A disc with a white rim, to stand out from what it lies on.
    pub(crate) fn dot(&mut self, centre: Point, radius: f64, colour: Rgb) {
        self.disc(centre, radius + 3.0, PAPER);
        self.disc(centre, radius, colour);
    }

    /// The logo of the theme, if it has one, ending at the right and centred on a height; on a plate that stays white where
    /// paper is dark.
    pub(crate) fn logo(&mut self, right: f64, middle: f64, high: f64) {
        const WIDEST: f64 = 320.0;
        let Some(logo) = &self.look.theme.logo else { return };
        let (width, height) = logo.within(WIDEST, high);
        let (x, y, scale) = (GRAIN * (right - width), GRAIN * (middle - height / 2.0), GRAIN * width / logo.width);
        let (margin, plate) = (GRAIN * 6.0, [width, height].map(|side| GRAIN * (side + 12.0)));
        self.logo = format!(
            "\n<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"#FEFEFE\"/><g transform=\"translate({x} {y}) scale({scale})\">{}</g>",
            x - margin,
            y - margin,
            plate[0],
            plate[1],
            shapes(&logo.svg)
        );
    }

    /// A text whose baseline starts, is centred or ends at a place.
    pub(crate) fn text(&mut self, place: Point, text: &str, pen: Pen<'_>) {
        self.write(place, text, pen, 1.0);
    }

    fn write(&mut self, place: Point, text: &str, pen: Pen<'_>, opacity: f64) {
        let (text, missing) = fonts::drawable_in(text, pen.font);
        self.missing.extend(missing);
        let weight = if pen.weight == Weight::Bold { FontStyle::Bold } else { FontStyle::Normal };
        let family = FontFamily::Name(fonts::family(&text, pen.font));
        let h_pos = match pen.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let style = TextStyle {
            font: FontDesc::new(family, pen.px * GRAIN * SIZE_FACTOR, weight),
            color: RGBColor(pen.colour.0, pen.colour.1, pen.colour.2).mix(opacity).to_backend_color(),
            pos: Pos::new(h_pos, VPos::Top),
        };
        let top = at((place.0, place.1 - TOP_TO_BASELINE * pen.px));
        drawn(self.backend.draw_text(&text, &style, top));
    }

    /// A text on a white halo, for labels over lines.
    pub(crate) fn halo_text(&mut self, place: Point, text: &str, pen: Pen<'_>) {
        self.write(place, text, pen.colour(PAPER), HALO_OPACITY);
        self.text(place, text, pen);
    }

    /// A text moved sideways, if need be, so that it stays between `low` and `high`.
    pub(crate) fn text_within(&mut self, place: Point, text: &str, pen: Pen<'_>, (low, high): (f64, f64)) {
        let width = pen.width(text);
        let start = match pen.anchor {
            Anchor::Start => place.0,
            Anchor::Middle => place.0 - width / 2.0,
            Anchor::End => place.0 - width,
        };
        let start = start.min(high - width).max(low);
        self.halo_text((start, place.1), text, pen.anchor(Anchor::Start));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_the_drawing_without_its_frame() {
        let words = |canvas: &mut Canvas<'_>| canvas.text((10.0, 20.0), "Title", Pen::new(26.0));
        let frame = paint(Look::plain(), "a", words).svg;
        let whole = paint(Look::plain(), "a", |canvas| {
            words(canvas);
            canvas.dot((5.0, 5.0), 3.0, INK);
        });
        let area = Area { left: 40.0, top: 100.25, right: 1880.0, bottom: 1000.0 };
        let body = without(&whole.svg, &frame, "a", area);
        assert!(!body.contains("Title") && body.matches("<circle").count() == 2);
        assert!(body.trim_end().ends_with("</svg>"));
        assert_eq!(area_of(&body), Some(area));
        assert_eq!(shapes(&body).matches('<').count(), 2);
        let moved = with_shapes(&frame, shapes(&body), area, ((80.0, 200.5), 2.0));
        assert!(moved.contains("<g transform=\"translate(0 0) scale(2)\">"), "{moved}");
    }

    #[test]
    fn the_header_scales_the_grid_down_and_escapes_its_label() {
        let painted = paint(Look::plain(), "a < b & \"c\"", |canvas| canvas.line((0.0, 0.0), (10.0, 10.0), INK, 1.0));
        assert!(painted.svg.starts_with("<svg width=\"1920\" height=\"1080\" viewBox=\"0 0 7680 4320\""));
        assert!(painted.svg.contains("aria-label=\"a &lt; b &amp; &quot;c&quot;\""));
        assert!(painted.svg.trim_end().ends_with("</svg>"));
        assert!(painted.svg.contains("points=\"0,0 40,40 \""));
    }

    #[test]
    fn text_states_its_family_its_size_and_its_weight() {
        let painted = paint(Look::plain(), "", |canvas| canvas.text((10.0, 20.0), "近场 🚚", Pen::new(26.0).bold()));
        assert!(painted.svg.contains("font-family=\"Noto Sans SC, Inter, sans-serif\""));
        assert!(painted.svg.contains("font-size=\"104"));
        assert!(painted.svg.contains("font-weight=\"bold\""));
        assert_eq!(painted.missing, vec!['🚚']);
    }

    #[test]
    fn a_halo_is_one_white_outline_below_its_text() {
        let svg = paint(Look::plain(), "", |canvas| canvas.halo_text((10.0, 20.0), "Peak", Pen::new(26.0))).svg;
        assert_eq!(svg.matches("<text").count(), 2);
        assert_eq!(svg.matches("stroke-width=\"30\"").count(), 1);
        assert!(!svg.contains("0.99"));
    }

    #[test]
    fn dashes_stop_at_the_end_and_no_length_draws_nothing() {
        let count =
            |to| paint(Look::plain(), "", |c| c.dashes((0.0, 0.0), to, INK, 1.0)).svg.matches("<polyline").count();
        assert_eq!(count((28.0, 0.0)), 2);
        assert_eq!(count((0.0, 0.0)), 0);
    }
}
