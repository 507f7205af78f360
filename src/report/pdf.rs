//! Room: report. Pages as one PDF: drawings stay drawings, text stays text, the faces are inside.
//!
//! Only what our own drawings hold is known: groups, paths in one colour, text. There is no time in the file, so the
//! same pages give the same bytes.

use super::canvas::{HEIGHT, WIDTH};
use super::render::tree;
use super::{Look, ReportError};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use resvg::tiny_skia::{Path, PathSegment, Transform};
use resvg::usvg::fontdb::{Database, ID};
use resvg::usvg::{Fill, FillRule, Group, LineCap, LineJoin, Node, Paint, Stroke, Text};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use ttf_parser::{Face, GlyphId, name_id};

/// PDF points for a design pixel: a page is 13.33 inches wide, as a slide is.
const POINTS: f64 = 0.5;

/// The pages, each a drawing of the whole sheet, as a PDF file.
pub fn pdf(pages: &[String], title: &str, look: &Look) -> Result<Vec<u8>, ReportError> {
    let mut used = Used::default();
    let mut contents = Vec::new();
    for page in pages {
        let tree = tree(page, look.theme.font.as_deref())?;
        let mut content = Content { operators: String::new(), used: &mut used, fonts: tree.fontdb() };
        let _ = writeln!(content.operators, "{POINTS} 0 0 -{POINTS} 0 {} cm", HEIGHT * POINTS);
        content.group(tree.root(), 1.0)?;
        contents.push(content.operators);
    }
    let fonts = super::fonts::database(look.theme.font.as_deref());
    let mut file = File::default();
    let catalog = file.reserve();
    let list = file.reserve();
    let info = file.reserve();
    let mut resources = String::from("<< /Font <<");
    for (number, (id, glyphs)) in used.faces.iter().enumerate() {
        let font = file.font(&fonts, *id, glyphs)?;
        let _ = write!(resources, " /F{number} {font} 0 R");
    }
    resources += " >> /ExtGState <<";
    for (number, percent) in used.opacities.iter().enumerate() {
        let share = *percent as f64 / 100.0;
        let _ = write!(resources, " /G{number} << /CA {share} /ca {share} >>");
    }
    resources += " >> >>";
    let mut kids = String::new();
    for content in contents {
        let stream = file.reserve();
        file.stream(stream, "", content.as_bytes());
        let page = file.reserve();
        let (width, height) = (WIDTH * POINTS, HEIGHT * POINTS);
        let head = format!("/Type /Page /Parent {list} 0 R /MediaBox [0 0 {width} {height}]");
        file.object(page, &format!("<< {head} /Contents {stream} 0 R /Resources {resources} >>"));
        let _ = write!(kids, "{page} 0 R ");
    }
    let language = look.say("en", "zh-CN");
    file.object(catalog, &format!("<< /Type /Catalog /Pages {list} 0 R /Lang ({language}) >>"));
    file.object(list, &format!("<< /Type /Pages /Count {} /Kids [{kids}] >>", pages.len()));
    file.object(info, &format!("<< /Title {} /Producer (nearfar) >>", text_string(title)));
    Ok(file.finish(catalog, info))
}

/// Faces and opacities that the pages need, in the order they are met.
#[derive(Default)]
struct Used {
    /// With what each glyph stands for.
    faces: Vec<(ID, BTreeMap<u16, String>)>,
    /// In percent.
    opacities: Vec<u8>,
}

impl Used {
    fn glyph(&mut self, id: ID, glyph: u16, text: &str) -> usize {
        let found = self.faces.iter().position(|(known, _)| *known == id);
        let place = found.unwrap_or_else(|| {
            self.faces.push((id, BTreeMap::new()));
            self.faces.len() - 1
        });
        let known = self.faces[place].1.entry(glyph).or_default();
        if known.is_empty() {
            text.clone_into(known);
        }
        place
    }

    fn opacity(&mut self, share: f32) -> usize {
        let percent = (share * 100.0).round() as u8;
        self.opacities.iter().position(|known| *known == percent).unwrap_or_else(|| {
            self.opacities.push(percent);
            self.opacities.len() - 1
        })
    }
}

/// The operators of a page while they are written.
struct Content<'a> {
    operators: String,
    used: &'a mut Used,
    fonts: &'a Database,
}

impl Content<'_> {
    fn group(&mut self, group: &Group, opacity: f32) -> Result<(), ReportError> {
        let opacity = opacity * group.opacity().get();
        for node in group.children() {
            match node {
                Node::Group(inner) => self.group(inner, opacity)?,
                Node::Path(path) if path.is_visible() => {
                    self.begin(path.abs_transform());
                    self.paint(path.fill(), path.stroke(), opacity)?;
                    self.outline(path.data());
                    self.operators += match (path.fill(), path.stroke()) {
                        (Some(fill), None) if fill.rule() == FillRule::EvenOdd => "f*\nQ\n",
                        (Some(_), None) => "f\nQ\n",
                        (Some(fill), Some(_)) if fill.rule() == FillRule::EvenOdd => "B*\nQ\n",
                        (Some(_), Some(_)) => "B\nQ\n",
                        (None, Some(_)) => "S\nQ\n",
                        (None, None) => "n\nQ\n",
                    };
                }
                Node::Text(text) => self.text(text, opacity)?,
                Node::Path(_) => {}
                Node::Image(_) => return Err(ReportError::Picture("a page holds a bitmap".to_owned())),
            }
        }
        Ok(())
    }

    fn begin(&mut self, transform: Transform) {
        let _ = writeln!(self.operators, "q {} cm", matrix(transform));
    }

    fn paint(&mut self, fill: Option<&Fill>, stroke: Option<&Stroke>, opacity: f32) -> Result<(), ReportError> {
        let mut share = opacity;
        if let Some(fill) = fill {
            share = opacity * fill.opacity().get();
            let _ = writeln!(self.operators, "{} rg", colour(fill.paint())?);
        }
        if let Some(stroke) = stroke {
            share = if fill.is_some() { share } else { opacity * stroke.opacity().get() };
            let cap = match stroke.linecap() {
                LineCap::Butt => 0,
                LineCap::Round => 1,
                LineCap::Square => 2,
            };
            let join = match stroke.linejoin() {
                LineJoin::Round => 1,
                LineJoin::Bevel => 2,
                LineJoin::Miter | LineJoin::MiterClip => 0,
            };
            let width = shown(stroke.width().get());
            let _ = writeln!(self.operators, "{} RG {width} w {cap} J {join} j", colour(stroke.paint())?);
        }
        if share < 0.995 {
            let _ = writeln!(self.operators, "/G{} gs", self.used.opacity(share));
        }
        Ok(())
    }

    fn outline(&mut self, path: &Path) {
        let out = &mut self.operators;
        let mut at = (0.0, 0.0);
        for segment in path.segments() {
            let _ = match segment {
                PathSegment::MoveTo(p) => writeln!(out, "{} {} m", shown(p.x), shown(p.y)),
                PathSegment::LineTo(p) => writeln!(out, "{} {} l", shown(p.x), shown(p.y)),
                PathSegment::QuadTo(c, p) => {
                    let near = |from: f32, to: f32| shown(from + (to - from) * 2.0 / 3.0);
                    let first = [near(at.0, c.x), near(at.1, c.y)].join(" ");
                    let second = [near(p.x, c.x), near(p.y, c.y)].join(" ");
                    writeln!(out, "{first} {second} {} {} c", shown(p.x), shown(p.y))
                }
                PathSegment::CubicTo(a, b, p) => {
                    let [a, b, c] = [a, b, p].map(|p| format!("{} {}", shown(p.x), shown(p.y)));
                    writeln!(out, "{a} {b} {c} c")
                }
                PathSegment::Close => writeln!(out, "h"),
            };
            at = match segment {
                PathSegment::MoveTo(p) | PathSegment::LineTo(p) => (p.x, p.y),
                PathSegment::QuadTo(_, p) | PathSegment::CubicTo(_, _, p) => (p.x, p.y),
                PathSegment::Close => at,
            };
        }
    }

    fn text(&mut self, text: &Text, opacity: f32) -> Result<(), ReportError> {
        for span in text.layouted().iter().filter(|span| span.visible) {
            self.begin(text.abs_transform());
            self.paint(span.fill.as_ref(), span.stroke.as_ref(), opacity)?;
            self.operators += "BT\n";
            // Fill, or fill and outline: a halo is both.
            self.operators += if span.stroke.is_some() { "2 Tr\n" } else { "0 Tr\n" };
            let mut face = usize::MAX;
            for glyph in &span.positioned_glyphs {
                let place = self.used.glyph(glyph.font, glyph.id.0, &glyph.text);
                if place != face {
                    let _ = writeln!(self.operators, "/F{place} 1 Tf");
                    face = place;
                }
                let em = self.fonts.with_face_data(glyph.font, |data, index| {
                    Face::parse(data, index).map(|face| f32::from(face.units_per_em())).ok()
                });
                let em = em.flatten().ok_or_else(|| ReportError::Picture("a face cannot be read".to_owned()))?;
                let at = glyph.outline_transform().pre_scale(em, em);
                let _ = writeln!(self.operators, "{} Tm <{:04x}> Tj", matrix(at), glyph.id.0);
            }
            self.operators += "ET\nQ\n";
        }
        Ok(())
    }
}

fn colour(paint: &Paint) -> Result<String, ReportError> {
    let Paint::Color(colour) = paint else {
        return Err(ReportError::Picture("a page holds a gradient or pattern".to_owned()));
    };
    let part = |value: u8| shown(f32::from(value) / 255.0);
    Ok([part(colour.red), part(colour.green), part(colour.blue)].join(" "))
}

fn matrix(t: Transform) -> String {
    [t.sx, t.ky, t.kx, t.sy, t.tx, t.ty].map(shown).join(" ")
}

/// A number in decimals, never with an exponent.
fn shown(value: f32) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" || text.is_empty() { "0".to_owned() } else { text.to_owned() }
}

/// Any text as a PDF string.
fn text_string(text: &str) -> String {
    format!("<feff{}>", utf16(text))
}

fn utf16(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("{unit:04x}")).collect()
}

/// The objects of the file while they are gathered, the first of them number 1.
#[derive(Default)]
struct File {
    objects: Vec<Vec<u8>>,
}

impl File {
    fn reserve(&mut self) -> usize {
        self.objects.push(Vec::new());
        self.objects.len()
    }

    fn object(&mut self, number: usize, body: &str) {
        self.objects[number - 1] = body.as_bytes().to_vec();
    }

    fn stream(&mut self, number: usize, entries: &str, bytes: &[u8]) {
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
        let packed = packer.write_all(bytes).and_then(|()| packer.finish()).expect("memory takes all that is written");
        let length = packed.len();
        let mut body = format!("<< /Length {length} /Filter /FlateDecode{entries} >>\nstream\n").into_bytes();
        body.extend(packed);
        body.extend(b"\nendstream");
        self.objects[number - 1] = body;
    }

    /// A bundled face with the widths and meanings of the glyphs used.
    fn font(&mut self, fonts: &Database, id: ID, glyphs: &BTreeMap<u16, String>) -> Result<usize, ReportError> {
        let broken = || ReportError::Picture("a face cannot be read".to_owned());
        let data = fonts.with_face_data(id, |data, _| data.to_vec()).ok_or_else(broken)?;
        let face = Face::parse(&data, 0).map_err(|_| broken())?;
        let thousand = |value: i32| value * 1000 / i32::from(face.units_per_em());
        let name = face.names().into_iter().find(|name| name.name_id == name_id::POST_SCRIPT_NAME);
        let name = name.and_then(|name| name.to_string()).unwrap_or_else(|| "Face".to_owned());
        let [font, cid, descriptor, program, meaning] = [(); 5].map(|()| self.reserve());
        let file = format!(" /Length1 {}", data.len());
        self.stream(program, &file, &data);
        self.stream(meaning, "", meanings(glyphs).as_bytes());
        let [ascent, descent] = [face.ascender(), face.descender()].map(|value| thousand(value.into()));
        let capital = face.capital_height().map_or(ascent, |value| thousand(value.into()));
        let bounds = face.global_bounding_box();
        let bounds = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(|v| thousand(v.into()).to_string());
        self.object(
            descriptor,
            &format!(
                "<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{}] /ItalicAngle 0 /Ascent {ascent} \
                 /Descent {descent} /CapHeight {capital} /StemV 80 /FontFile2 {program} 0 R >>",
                bounds.join(" ")
            ),
        );
        let width = |glyph: &u16| thousand(face.glyph_hor_advance(GlyphId(*glyph)).unwrap_or(0).into());
        let widths: String = glyphs.keys().map(|glyph| format!("{glyph} [{}] ", width(glyph))).collect();
        self.object(
            cid,
            &format!(
                "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDToGIDMap /Identity /DW 1000 /W [{widths}] \
                 /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor {descriptor} 0 R >>"
            ),
        );
        self.object(
            font,
            &format!(
                "<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H /DescendantFonts [{cid} 0 R] \
                 /ToUnicode {meaning} 0 R >>"
            ),
        );
        Ok(font)
    }

    fn finish(self, catalog: usize, info: usize) -> Vec<u8> {
        let mut out = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
        let mut places = Vec::new();
        for (place, body) in self.objects.iter().enumerate() {
            places.push(out.len());
            out.extend(format!("{} 0 obj\n", place + 1).into_bytes());
            out.extend(body);
            out.extend(b"\nendobj\n");
        }
        let table = out.len();
        let count = places.len() + 1;
        let rows: String = places.iter().map(|place| format!("{place:010} 00000 n \n")).collect();
        let end = format!("<< /Size {count} /Root {catalog} 0 R /Info {info} 0 R >>\nstartxref\n{table}\n%%EOF\n");
        out.extend(format!("xref\n0 {count}\n0000000000 65535 f \n{rows}trailer\n{end}").into_bytes());
        out
    }
}

/// The table by which a reader copies text: glyph → characters.
fn meanings(glyphs: &BTreeMap<u16, String>) -> String {
    let mut out = String::from(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
         1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n",
    );
    let known: Vec<(&u16, &String)> = glyphs.iter().filter(|(_, text)| !text.is_empty()).collect();
    for part in known.chunks(100) {
        let _ = writeln!(out, "{} beginbfchar", part.len());
        for (glyph, text) in part {
            let _ = writeln!(out, "<{glyph:04x}> <{}>", utf16(text));
        }
        out += "endbfchar\n";
    }
    out + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canvas::{Pen, paint};
    use crate::report::palette::INK;

    fn page(text: &str) -> String {
        paint(Look::plain(), "", |canvas| {
            canvas.halo_text((100.0, 500.0), text, Pen::new(60.0).ink());
            canvas.disc((300.0, 300.0), 40.0, INK);
        })
        .svg
    }

    #[test]
    fn every_object_stands_where_the_table_says() {
        let bytes = pdf(&[page("Near"), page("近场")], "Two pages", Look::plain()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("/Count 2") && text.trim_end().ends_with("%%EOF"));
        let start = bytes.windows(9).rposition(|part| part == b"startxref").unwrap();
        let tail = String::from_utf8_lossy(&bytes[start..]).into_owned();
        let table: usize = tail.lines().nth(1).unwrap().parse().unwrap();
        let rows = String::from_utf8(bytes[table..].to_vec()).unwrap();
        for (number, row) in rows.lines().skip(3).take_while(|row| row.ends_with("n ")).enumerate() {
            let place: usize = row[..10].parse().unwrap();
            assert!(bytes[place..].starts_with(format!("{} 0 obj", number + 1).as_bytes()), "{row}");
        }
    }

    #[test]
    fn the_same_pages_give_the_same_bytes_and_only_used_faces_are_inside() {
        let latin = pdf(&[page("Near")], "a", Look::plain()).unwrap();
        assert_eq!(latin, pdf(&[page("Near")], "a", Look::plain()).unwrap());
        assert!(latin.len() < 60_000, "{}", latin.len());
        assert!(pdf(&[page("近场")], "a", Look::plain()).unwrap().len() > 500_000);
    }

    #[test]
    fn numbers_have_no_exponent() {
        assert_eq!([0.5f32, -0.0, 1e-9, 4320.0, -12.34567].map(shown), ["0.5", "0", "0", "4320", "-12.3457"]);
    }

    #[test]
    fn glyphs_say_what_they_stand_for() {
        let table = meanings(&BTreeMap::from([(7, "é".to_owned()), (9, String::new()), (12, "🚚".to_owned())]));
        assert!(table.contains("2 beginbfchar\n<0007> <00e9>\n<000c> <d83dde9a>\n"), "{table}");
    }
}
