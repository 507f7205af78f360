//! Room: deck. Slides as an Open XML presentation: editable text, native tables, pictures with a vector twin.
//!
//! Only what PowerPoint, LibreOffice and Keynote all know is written: a theme, one master, a layout for each kind of
//! slide, text boxes, rectangles, pictures and tables. A design pixel is 6,350 English Metric Units, half a point.

use super::DeckError;
use super::model::{CELL_MARGIN, Grid, Item, Layout, Role, Slide, Tone, Words};
use super::model::{LOGO_HIGH, LOGO_MIDDLE};
use super::package::{Package, escaped};
use super::read::{Picture, Source};
use crate::report::layout::{Area, LEFT, RIGHT};
use crate::report::palette::{self, Rgb};
use crate::report::{ReportError, Theme, outlined, png_of};
use rayon::prelude::*;
use std::fmt::Write as _;

const THEME: &str = include_str!("../../assets/deck/theme.xml");
const MASTER: &str = include_str!("../../assets/deck/master.xml");
const LAYOUT: &str = include_str!("../../assets/deck/layout.xml");

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const NAMES: &str = "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
     xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
     xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\"";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
/// Width of the pictures; the slide shows them about three quarters of a 4K screen wide.
const PICTURE_WIDTH: u32 = 2880;

/// Width of the logo's picture.
const LOGO_WIDTH: u32 = 960;

/// The file.
pub(super) fn pptx(source: &Source, slides: &[Slide]) -> Result<Vec<u8>, DeckError> {
    let mut package = Package::default();
    package.add("[Content_Types].xml", content_types(slides.len()));
    package.add("_rels/.rels", package_relations());
    package.add("docProps/core.xml", core(&source.label));
    package.add("docProps/app.xml", app(slides.len()));
    package.add("ppt/presentation.xml", presentation(slides.len()));
    package.add("ppt/_rels/presentation.xml.rels", presentation_relations(slides.len()));
    package.add("ppt/tableStyles.xml", table_styles());
    package.add("ppt/theme/theme1.xml", theme(&source.look.theme));
    package.add("ppt/slideMasters/slideMaster1.xml", master(&source.look.theme));
    package.add("ppt/slideMasters/_rels/slideMaster1.xml.rels", master_relations(&source.look.theme));
    for layout in Layout::ALL {
        let number = layout.number();
        package.add(format!("ppt/slideLayouts/slideLayout{number}.xml"), layout_part(layout));
        let master = relations(&[("slideMaster", "../slideMasters/slideMaster1.xml".to_owned())]);
        package.add(format!("ppt/slideLayouts/_rels/slideLayout{number}.xml.rels"), master);
    }
    for (place, slide) in slides.iter().enumerate() {
        let (xml, relations) = slide_part(source, slide);
        package.add(format!("ppt/slides/slide{}.xml", place + 1), xml);
        package.add(format!("ppt/slides/_rels/slide{}.xml.rels", place + 1), relations);
    }
    if let Some(logo) = &source.look.theme.logo {
        package.add("ppt/media/logo.png", png_of(&logo.svg, None, LOGO_WIDTH)?);
    }
    for (name, bytes) in media(source)? {
        package.add(name, bytes);
    }
    package.finish()
}

/// A picture and its vector twin for each chart.
fn media(source: &Source) -> Result<Vec<(String, Vec<u8>)>, DeckError> {
    let font = source.look.theme.font.as_deref();
    let draw = |(place, chart): (usize, &super::read::Chart)| -> Result<[(String, Vec<u8>); 2], ReportError> {
        let svg = chart.picture.svg();
        let twin = match &chart.picture {
            Picture::Body(svg) => outlined(svg, font)?,
            Picture::Sheet(svg) => svg.clone(),
        };
        let name = |ending: &str| format!("ppt/media/chart{}.{ending}", place + 1);
        Ok([(name("png"), png_of(svg, font, PICTURE_WIDTH)?), (name("svg"), twin.into_bytes())])
    };
    let drawn: Result<Vec<_>, ReportError> = source.charts.par_iter().enumerate().map(draw).collect();
    Ok(drawn?.into_iter().flatten().collect())
}

fn content_types(slides: usize) -> String {
    let part = |name: &str, kind: &str| {
        format!("<Override PartName=\"/{name}\" ContentType=\"application/vnd.openxmlformats-{kind}+xml\"/>")
    };
    let presentation = |name: &str, kind: &str| part(name, &format!("officedocument.presentationml.{kind}"));
    let mut out = format!(
        "{HEAD}<Types xmlns=\"{PACKAGE}/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Default Extension=\"png\" ContentType=\"image/png\"/>\
         <Default Extension=\"svg\" ContentType=\"image/svg+xml\"/>"
    );
    out += &part("docProps/core.xml", "package.core-properties");
    out += &part("docProps/app.xml", "officedocument.extended-properties");
    out += &part("ppt/theme/theme1.xml", "officedocument.theme");
    out += &presentation("ppt/presentation.xml", "presentation.main");
    out += &presentation("ppt/tableStyles.xml", "tableStyles");
    out += &presentation("ppt/slideMasters/slideMaster1.xml", "slideMaster");
    for layout in Layout::ALL {
        out += &presentation(&format!("ppt/slideLayouts/slideLayout{}.xml", layout.number()), "slideLayout");
    }
    for number in 1..=slides {
        out += &presentation(&format!("ppt/slides/slide{number}.xml"), "slide");
    }
    out + "</Types>"
}

/// A relationships part: rId1, rId2, … in this order.
fn relations(targets: &[(&str, String)]) -> String {
    let mut out = format!("{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\">");
    for (place, (kind, target)) in targets.iter().enumerate() {
        let _ = write!(out, "<Relationship Id=\"rId{}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>", place + 1);
    }
    out + "</Relationships>"
}

fn package_relations() -> String {
    format!(
        "{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\">\
         <Relationship Id=\"rId1\" Type=\"{RELATIONS}/officeDocument\" Target=\"ppt/presentation.xml\"/>\
         <Relationship Id=\"rId2\" Type=\"{PACKAGE}/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>\
         <Relationship Id=\"rId3\" Type=\"{RELATIONS}/extended-properties\" Target=\"docProps/app.xml\"/></Relationships>"
    )
}

/// Without dates: the same folder gives the same bytes.
fn core(title: &str) -> String {
    format!(
        "{HEAD}<cp:coreProperties xmlns:cp=\"{PACKAGE}/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{}</dc:title><dc:creator>nearfar</dc:creator>\
         </cp:coreProperties>",
        escaped(title)
    )
}

fn app(slides: usize) -> String {
    format!(
        "{HEAD}<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\">\
         <Application>nearfar</Application><Slides>{slides}</Slides></Properties>"
    )
}

fn presentation(slides: usize) -> String {
    // rId1 is the master, rId2 the theme, rId3 the table styles.
    let ids: String =
        (0..slides).map(|place| format!("<p:sldId id=\"{}\" r:id=\"rId{}\"/>", 256 + place, 4 + place)).collect();
    format!(
        "{HEAD}<p:presentation {NAMES} saveSubsetFonts=\"1\"><p:sldMasterIdLst><p:sldMasterId id=\"2147483648\" r:id=\"rId1\"/>\
         </p:sldMasterIdLst><p:sldIdLst>{ids}</p:sldIdLst><p:sldSz cx=\"12192000\" cy=\"6858000\"/>\
         <p:notesSz cx=\"6858000\" cy=\"9144000\"/></p:presentation>"
    )
}

fn presentation_relations(slides: usize) -> String {
    let mut targets = vec![
        ("slideMaster", "slideMasters/slideMaster1.xml".to_owned()),
        ("theme", "theme/theme1.xml".to_owned()),
        ("tableStyles", "tableStyles.xml".to_owned()),
    ];
    targets.extend((1..=slides).map(|number| ("slide", format!("slides/slide{number}.xml"))));
    relations(&targets)
}

fn table_styles() -> String {
    format!(
        "{HEAD}<a:tblStyleLst xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
         def=\"{{5C22544A-7EE6-4342-B048-85BDC9FD1C3A}}\"/>"
    )
}

fn hex((red, green, blue): Rgb) -> String {
    format!("{red:02X}{green:02X}{blue:02X}")
}

fn theme(theme: &Theme) -> String {
    let colours = [
        ("{ink}", palette::INK),
        ("{paper}", palette::PAPER),
        ("{muted}", palette::MUTED),
        ("{ground}", palette::GROUND),
        ("{near}", theme.near()),
        ("{far}", theme.far()),
        ("{pickup}", theme.pickup()),
        ("{earns}", palette::EARNS),
        ("{grey}", palette::GREY),
        ("{clear}", theme.clear()),
    ];
    colours.iter().fold(THEME.to_owned(), |xml, (name, colour)| xml.replace(name, &hex(*colour)))
}

/// The master, with the logo of the theme if it has one.
fn master(theme: &Theme) -> String {
    let Some(logo) = &theme.logo else { return MASTER.to_owned() };
    let (width, height) = logo.within(320.0, LOGO_HIGH);
    let [left, top, width, height] =
        [RIGHT - width, LOGO_MIDDLE - height / 2.0, width, height].map(|px| (px * 6350.0).round() as i64);
    let picture = format!(
        "<p:pic><p:nvPicPr><p:cNvPr id=\"90\" name=\"Logo\" descr=\"Logo\"/><p:cNvPicPr><a:picLocks noChangeAspect=\"1\"/></p:cNvPicPr>\
         <p:nvPr userDrawn=\"1\"/></p:nvPicPr><p:blipFill><a:blip r:embed=\"rId{}\"/><a:stretch><a:fillRect/></a:stretch></p:blipFill>\
         <p:spPr><a:xfrm><a:off x=\"{left}\" y=\"{top}\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></a:xfrm>\
         <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></p:spPr></p:pic>",
        Layout::ALL.len() + 2
    );
    MASTER.replacen("</p:spTree>", &format!("{picture}</p:spTree>"), 1)
}

fn master_relations(theme: &Theme) -> String {
    let mut targets: Vec<(&str, String)> = Layout::ALL
        .iter()
        .map(|layout| ("slideLayout", format!("../slideLayouts/slideLayout{}.xml", layout.number())))
        .collect();
    targets.push(("theme", "../theme/theme1.xml".to_owned()));
    if theme.logo.is_some() {
        targets.push(("image", "../media/logo.png".to_owned()));
    }
    relations(&targets)
}

/// A layout: its placeholders where slides of this kind usually have them.
fn layout_part(layout: Layout) -> String {
    let area = |top: f64, bottom: f64| Area { left: LEFT, top, right: RIGHT, bottom };
    let (name, title, places) = match layout {
        Layout::Cover => (
            "Cover",
            area(380.0, 480.0),
            vec![(Role::Subtitle, area(508.0, 600.0)), (Role::Source, area(1010.0, 1058.0))],
        ),
        Layout::Chart => (
            "Chart",
            area(58.0, 178.0),
            vec![
                (Role::Subtitle, area(186.0, 220.0)),
                (Role::Takeaway, area(920.0, 990.0)),
                (Role::Source, area(1010.0, 1058.0)),
            ],
        ),
        Layout::Table => (
            "Table",
            area(58.0, 178.0),
            vec![(Role::Subtitle, area(186.0, 220.0)), (Role::Source, area(1010.0, 1058.0))],
        ),
    };
    let prompt = |role: Role, area: Area| {
        let (px, text) = match role {
            Role::Title => (50.0, "The finding"),
            Role::Subtitle => (28.0, "What is shown, in which unit"),
            Role::Takeaway => (28.0, "What to take away"),
            _ => (18.0, "Where it comes from"),
        };
        let (tone, bold) = match role {
            Role::Title | Role::Takeaway => (Tone::Ink, true),
            _ => (Tone::Muted, false),
        };
        Words { role, area, paragraphs: vec![text.to_owned()], px, tone, bold, bullets: false, right: false }
    };
    let all = std::iter::once((Role::Title, title)).chain(places);
    let shapes: String =
        all.enumerate().map(|(place, (role, area))| words_shape(place + 2, &prompt(role, area))).collect();
    LAYOUT.replace("{name}", name).replace("{shapes}", &shapes)
}

/// A slide and its relationships.
fn slide_part(source: &Source, slide: &Slide) -> (String, String) {
    let layout = format!("../slideLayouts/slideLayout{}.xml", slide.layout.number());
    let mut targets = vec![("slideLayout", layout)];
    let mut shapes = String::new();
    for (place, item) in slide.items.iter().enumerate() {
        let id = place + 2;
        shapes += &match item {
            Item::Words(words) => words_shape(id, words),
            Item::Bar { area, tone } => bar_shape(id, *area, *tone),
            Item::Table(grid) => table_shape(id, grid),
            Item::Picture { chart, area } => {
                let drawn = &source.charts[*chart];
                targets.push(("image", format!("../media/chart{}.png", chart + 1)));
                targets.push(("image", format!("../media/chart{}.svg", chart + 1)));
                let [png, svg] = [targets.len() - 1, targets.len()];
                picture_shape(id, &drawn.slug, &drawn.alt, *area, (png, svg))
            }
        };
    }
    let xml = format!(
        "{HEAD}<p:sld {NAMES}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/>\
         </p:nvGrpSpPr><p:grpSpPr/>{shapes}</p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sld>"
    );
    (xml, relations(&targets))
}

/// English Metric Units of a length in design pixels.
fn emu(px: f64) -> i64 {
    (px * 6350.0).round() as i64
}

fn place(tag: &str, area: Area) -> String {
    let (width, height) = (emu(area.right - area.left).max(0), emu(area.bottom - area.top).max(0));
    format!(
        "<{tag}><a:off x=\"{}\" y=\"{}\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></{tag}>",
        emu(area.left),
        emu(area.top)
    )
}

fn fill(tone: Tone) -> String {
    let scheme = match tone {
        Tone::Ink => "tx1",
        Tone::Muted => "tx2",
        Tone::Ground => "bg2",
        Tone::Near => "accent1",
        Tone::Far => "accent2",
        Tone::Line => return format!("<a:solidFill><a:srgbClr val=\"{}\"/></a:solidFill>", hex(palette::GRID)),
    };
    format!("<a:solidFill><a:schemeClr val=\"{scheme}\"/></a:solidFill>")
}

/// The placeholder of a role: its kind and number.
fn placeholder(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Title => ("Title", "<p:ph type=\"title\"/>"),
        Role::Subtitle => ("Subtitle", "<p:ph type=\"body\" sz=\"quarter\" idx=\"10\"/>"),
        Role::Takeaway => ("Takeaway", "<p:ph type=\"body\" sz=\"quarter\" idx=\"11\"/>"),
        Role::Source => ("Source", "<p:ph type=\"body\" sz=\"quarter\" idx=\"12\"/>"),
        Role::Free => ("Text", ""),
    }
}

fn words_shape(id: usize, words: &Words) -> String {
    let (name, kind) = placeholder(words.role);
    let text_box = if words.role == Role::Free { " txBox=\"1\"" } else { "" };
    let indent = emu(words.indent());
    let bullet = match words.bullets {
        true => format!(
            " marL=\"{indent}\" indent=\"-{indent}\"><a:spcAft><a:spcPts val=\"{}\"/></a:spcAft>\
             <a:buFont typeface=\"Arial\"/><a:buChar char=\"•\"/>",
            (words.gap() * 50.0).round()
        ),
        false => " marL=\"0\" indent=\"0\"><a:spcBef><a:spcPts val=\"0\"/></a:spcBef><a:buNone/>".to_owned(),
    };
    let side = if words.right { " algn=\"r\"" } else { " algn=\"l\"" };
    let paragraphs: String = words
        .paragraphs
        .iter()
        .map(|text| format!("<a:p><a:pPr{side}{bullet}</a:pPr>{}</a:p>", run(text, words.px, words.tone, words.bold)))
        .collect();
    format!(
        "<p:sp><p:nvSpPr><p:cNvPr id=\"{id}\" name=\"{name} {id}\"/><p:cNvSpPr{text_box}/><p:nvPr>{kind}</p:nvPr></p:nvSpPr>\
         <p:spPr>{}<a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></p:spPr><p:txBody><a:bodyPr wrap=\"square\" lIns=\"0\" \
         tIns=\"0\" rIns=\"0\" bIns=\"0\" anchor=\"t\"><a:normAutofit/></a:bodyPr><a:lstStyle/>{paragraphs}</p:txBody></p:sp>",
        place("a:xfrm", words.area)
    )
}

/// A run of text; sizes are hundredths of a point.
fn run(text: &str, px: f64, tone: Tone, bold: bool) -> String {
    let size = (px * 50.0).round();
    // Programs choose the East Asian face of the theme, and line breaks, by the language.
    let hanzi = text.chars().any(|c| ('\u{2E80}'..='\u{9FFF}').contains(&c) || ('\u{FF00}'..='\u{FFEF}').contains(&c));
    let lang = if hanzi { "zh-CN" } else { "en-US" };
    let properties =
        |tag: &str| format!("<a:{tag} lang=\"{lang}\" sz=\"{size}\" b=\"{}\">{}</a:{tag}>", u8::from(bold), fill(tone));
    match text.is_empty() {
        true => properties("endParaRPr"),
        false => format!("<a:r>{}<a:t>{}</a:t></a:r>", properties("rPr"), escaped(text)),
    }
}

fn bar_shape(id: usize, area: Area, tone: Tone) -> String {
    format!(
        "<p:sp><p:nvSpPr><p:cNvPr id=\"{id}\" name=\"Bar {id}\"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr>{}\
         <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom>{}<a:ln><a:noFill/></a:ln></p:spPr><p:txBody><a:bodyPr/>\
         <a:lstStyle/><a:p><a:endParaRPr lang=\"en-US\"/></a:p></p:txBody></p:sp>",
        place("a:xfrm", area),
        fill(tone)
    )
}

fn picture_shape(id: usize, name: &str, alt: &str, area: Area, (png, svg): (usize, usize)) -> String {
    format!(
        "<p:pic><p:nvPicPr><p:cNvPr id=\"{id}\" name=\"{}\" descr=\"{}\"/><p:cNvPicPr><a:picLocks noChangeAspect=\"1\"/>\
         </p:cNvPicPr><p:nvPr/></p:nvPicPr><p:blipFill><a:blip r:embed=\"rId{png}\"><a:extLst>\
         <a:ext uri=\"{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}\"><asvg:svgBlip \
         xmlns:asvg=\"http://schemas.microsoft.com/office/drawing/2016/SVG/main\" r:embed=\"rId{svg}\"/></a:ext></a:extLst>\
         </a:blip><a:stretch><a:fillRect/></a:stretch></p:blipFill><p:spPr>{}<a:prstGeom prst=\"rect\"><a:avLst/>\
         </a:prstGeom></p:spPr></p:pic>",
        escaped(name),
        escaped(alt),
        place("a:xfrm", area)
    )
}

fn table_shape(id: usize, grid: &Grid) -> String {
    let columns: String =
        grid.columns.iter().map(|column| format!("<a:gridCol w=\"{}\"/>", emu(column.width))).collect();
    let mut rows = String::new();
    for (place, cells) in grid.rows.iter().enumerate() {
        let _ = write!(rows, "<a:tr h=\"{}\">", emu(grid.heights[place]));
        for (cell, column) in cells.iter().zip(&grid.columns) {
            let head = place == 0;
            let tone = if head { Tone::Muted } else { Tone::Ink };
            let side = if column.right { "r" } else { "l" };
            let text = run(cell, grid.px, tone, column.bold && !head);
            let (line, width) = if head { (Tone::Ink, 12700) } else { (Tone::Line, 6350) };
            let none = |edge: &str| format!("<a:{edge} w=\"0\"><a:noFill/></a:{edge}>");
            let margin = emu(CELL_MARGIN);
            let _ = write!(
                rows,
                "<a:tc><a:txBody><a:bodyPr/><a:lstStyle/><a:p><a:pPr algn=\"{side}\"/>{text}</a:p></a:txBody>\
                 <a:tcPr marL=\"{margin}\" marR=\"{margin}\" marT=\"0\" marB=\"0\" anchor=\"ctr\">{}{}{}\
                 <a:lnB w=\"{width}\">{}</a:lnB><a:noFill/></a:tcPr></a:tc>",
                none("lnL"),
                none("lnR"),
                none("lnT"),
                fill(line)
            );
        }
        rows += "</a:tr>";
    }
    format!(
        "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id=\"{id}\" name=\"Table {id}\"/><p:cNvGraphicFramePr>\
         <a:graphicFrameLocks noGrp=\"1\"/></p:cNvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr>{}<a:graphic><a:graphicData \
         uri=\"http://schemas.openxmlformats.org/drawingml/2006/table\"><a:tbl><a:tblPr firstRow=\"1\"/><a:tblGrid>{columns}\
         </a:tblGrid>{rows}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>",
        place("p:xfrm", grid.area)
    )
}
