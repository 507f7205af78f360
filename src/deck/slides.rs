//! Room: deck. The order of the slides, and what every slide has: title, source line, number.

use super::model::{Column, Grid, Item, Layout, Role, Slide, Tone, Words};
use super::read::{Chart, Found, Picture, Source};
use super::{answers, appendix};
use crate::report::canvas::{HEIGHT, Pen, WIDTH, area_of};
use crate::report::layout::{Area, LEFT, RIGHT, wrapped};

/// Top of the title.
const TITLE_TOP: f64 = 58.0;
const TITLE_SIZES: [f64; 4] = [50.0, 46.0, 42.0, 38.0];
const SUBTITLE_SIZES: [f64; 4] = [28.0, 26.0, 24.0, 22.0];
const TAKEAWAY_SIZES: [f64; 3] = [28.0, 26.0, 24.0];
const SOURCE_PX: f64 = 18.0;
/// Lowest place of what a slide shows, above the source line.
pub(super) const BOTTOM: f64 = 1006.0;
/// Room for the slide's number at the right of the source line.
const NUMBER_WIDTH: f64 = 90.0;

/// All slides: cover, answers, a slide for each chart, appendix.
pub(super) fn slides(source: &Source) -> Vec<Slide> {
    let mut slides = vec![cover(source)];
    slides.extend(answers::slides(source));
    slides.extend(source.charts.iter().enumerate().map(|(place, chart)| chart_slide(place, chart)));
    slides.extend(appendix::slides(source));
    numbered(&mut slides);
    slides
}

/// Every slide but the cover bears its number.
pub(super) fn numbered(slides: &mut [Slide]) {
    for (place, slide) in slides.iter_mut().enumerate().skip(1) {
        slide.items.push(number(place + 1));
    }
}

pub(super) fn cover(source: &Source) -> Slide {
    let mut title = Words::fitted(Role::Title, &source.label, 380.0, &[80.0, 68.0, 56.0], 2);
    title.area.right = RIGHT;
    let question = Words::fitted(Role::Subtitle, &source.question, title.area.bottom + 28.0, &[36.0, 32.0, 28.0], 3);
    let kind = match &source.found {
        Found::Run { .. } => source.look.say("What a simulated day shows", "一个模拟日说明了什么"),
        Found::Compare(_) => source.look.say("What the what-if changes", "假设方案改变了什么"),
        Found::Sweep(_) => source.look.say("What varying the factors shows", "变动各因素说明了什么"),
    };
    let half = (LEFT + 260.0, 300.0);
    let bar = |left: f64, right: f64, tone| Item::Bar { area: Area { left, top: half.1, right, bottom: 312.0 }, tone };
    let kicker = Area { left: LEFT, top: 226.0, right: RIGHT, bottom: 270.0 };
    let mut items = vec![
        bar(LEFT, half.0, Tone::Near),
        bar(half.0, half.0 + 260.0, Tone::Far),
        Item::Words(Words::free(kicker, kind, 30.0, Tone::Muted)),
        Item::Words(title),
    ];
    if !source.question.trim().is_empty() {
        items.push(Item::Words(question));
    }
    items.push(Item::Words(source_line(
        &source.look.say(format!("Simulated with {}", source.origin), format!("模拟程序：{}", source.origin)),
    )));
    Slide { layout: Layout::Cover, items }
}

/// One chart: finding, picture, what to read in it, where it comes from.
pub(super) fn chart_slide(place: usize, chart: &Chart) -> Slide {
    let (mut items, top) = head(&chart.title, &chart.subtitle);
    let mut bottom = BOTTOM;
    if !chart.takeaway.is_empty() {
        let text = readable(&chart.takeaway);
        let mut takeaway = Words::fitted(Role::Takeaway, &text, 0.0, &TAKEAWAY_SIZES, 2);
        // Beside the bar there is less room than a slide is wide.
        takeaway.area.left += 22.0;
        while takeaway.px > 20.0 && takeaway.lines().len() > 2 {
            takeaway.px -= 1.0;
        }
        let height = takeaway.lines().len() as f64 * takeaway.px * super::model::LINE;
        let source_top = source_line(&chart.source).area.top;
        (takeaway.area.top, takeaway.area.bottom) = (source_top - 14.0 - height, source_top - 14.0);
        let area = Area { left: LEFT, right: LEFT + 6.0, ..takeaway.area };
        bottom = takeaway.area.top - 10.0;
        items.push(Item::Bar { area, tone: Tone::Ink });
        items.push(Item::Words(takeaway));
    }
    let shape = match &chart.picture {
        Picture::Body(svg) => area_of(svg),
        Picture::Sheet(_) => None,
    };
    let shape = shape.unwrap_or(Area { left: 0.0, top: 0.0, right: WIDTH, bottom: HEIGHT });
    let room = Area { left: LEFT, top: top + 6.0, right: RIGHT, bottom };
    items.push(Item::Picture { chart: place, area: within(shape, room) });
    items.push(Item::Words(source_line(&chart.source)));
    Slide { layout: Layout::Chart, items }
}

/// What the chart says in words, as far as two lines hold it: whole sentences, else whole parts of one.
fn readable(takeaway: &str) -> String {
    let fits = |text: &str| {
        let smallest = Pen::new(TAKEAWAY_SIZES[TAKEAWAY_SIZES.len() - 1]).bold();
        wrapped(text, smallest, RIGHT - LEFT - 40.0).len() <= 2
    };
    let mut kept = takeaway.trim();
    while !fits(kept) {
        let inner = kept.trim_end_matches(['.', ';', '。', '；']);
        let Some(end) = inner.rfind(". ").max(inner.rfind("; ")).max(inner.rfind('。')).max(inner.rfind('；')) else {
            return takeaway.to_owned();
        };
        kept = &inner[..end];
    }
    let end = if kept.ends_with(['.', '!', '?', '。']) || !kept.is_ascii() { "" } else { "." };
    format!("{kept}{end}")
}

/// The largest area of a shape's proportions within some room, in its middle.
fn within(shape: Area, room: Area) -> Area {
    let (width, height) = (shape.right - shape.left, shape.bottom - shape.top);
    let scale = ((room.right - room.left) / width).min((room.bottom - room.top) / height);
    let left = (room.left + room.right - width * scale) / 2.0;
    let top = (room.top + room.bottom - height * scale) / 2.0;
    Area { left, top, right: left + width * scale, bottom: top + height * scale }
}

/// Mark, title and subtitle, and the place below them.
pub(super) fn head(title: &str, subtitle: &str) -> (Vec<Item>, f64) {
    let mark = Area { left: LEFT, top: 40.0, right: LEFT + 60.0, bottom: 48.0 };
    let title = Words::fitted(Role::Title, title, TITLE_TOP, &TITLE_SIZES, 2);
    let mut bottom = title.area.bottom;
    let mut items = vec![Item::Bar { area: mark, tone: Tone::Ink }, Item::Words(title)];
    if !subtitle.is_empty() {
        let subtitle = Words::fitted(Role::Subtitle, subtitle, bottom + 8.0, &SUBTITLE_SIZES, 1);
        bottom = subtitle.area.bottom;
        items.push(Item::Words(subtitle));
    }
    (items, bottom)
}

/// Font sizes of a table; 20 px are 10 points on paper.
const LARGEST: f64 = 28.0;
pub(super) const SMALLEST: f64 = 20.0;

/// A slide of a table below title and subtitle.
pub(super) fn table_slide(
    title: &str,
    subtitle: &str,
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
    source: &str,
) -> Slide {
    let (mut items, top) = head(title, subtitle);
    items.push(Item::Table(table(top + 28.0, BOTTOM, columns, rows)));
    items.push(Item::Words(source_line(source)));
    Slide { layout: Layout::Table, items }
}

/// A table as large as the room allows: first so that no cell takes two lines, else so that all rows have room.
pub(super) fn table(top: f64, bottom: f64, columns: Vec<Column>, rows: Vec<Vec<String>>) -> Grid {
    let room = bottom - top;
    let height = |px: f64| Grid::heights(&columns, &rows, px).iter().sum::<f64>();
    let sizes = || (0..).map(|step| LARGEST - f64::from(step)).take_while(|px| *px >= SMALLEST);
    let plain = sizes().find(|px| height(*px) <= room && Grid::fits(&columns, &rows, *px)).filter(|px| *px >= 24.0);
    let px = plain.or_else(|| sizes().find(|px| height(*px) <= room)).unwrap_or(SMALLEST);
    let grid = Grid::new((LEFT, top), columns, rows, px);
    // Few rows stand wider apart, so that they do not huddle below the title.
    let times = (room / (grid.area.bottom - grid.area.top)).clamp(1.0, 1.45);
    if grid.area.bottom < top + room * 0.8 { grid.airy(times) } else { grid }
}

/// Rows in parts that have room in the smallest size, about as high as each other, each with the head.
pub(super) fn parts(columns: &[Column], rows: &[Vec<String>], room: f64) -> Vec<Vec<Vec<String>>> {
    let heights = Grid::heights(columns, rows, SMALLEST);
    let (Some(head), Some(head_height)) = (rows.first(), heights.first()) else { return Vec::new() };
    let room = room - head_height;
    let count = (heights[1..].iter().sum::<f64>() / room).ceil().max(1.0);
    // As even as can be, but no part beyond its room.
    let aim = (heights[1..].iter().sum::<f64>() / count + 2.0 * SMALLEST).min(room);
    let mut parts = vec![vec![head.clone()]];
    let mut filled = 0.0;
    for (row, height) in rows[1..].iter().zip(&heights[1..]) {
        if filled > 0.0 && filled + height > aim {
            parts.push(vec![head.clone()]);
            filled = 0.0;
        }
        filled += height;
        parts.last_mut().expect("there is always a last part").push(row.clone());
    }
    parts
}

/// A slide of a list below a title.
pub(super) fn list_slide(title: &str, subtitle: &str, paragraphs: Vec<String>, source: &str) -> Slide {
    let (mut items, top) = head(title, subtitle);
    items.push(Item::Words(list(top + 30.0, paragraphs)));
    items.push(Item::Words(source_line(source)));
    Slide { layout: Layout::Table, items }
}

/// A list as large as the room below this place allows.
pub(super) fn list(top: f64, paragraphs: Vec<String>) -> Words {
    let area = Area { left: LEFT, top, right: RIGHT, bottom: BOTTOM - 10.0 };
    let mut list = Words { paragraphs, bullets: true, ..Words::free(area, "", 30.0, Tone::Ink) };
    let height = |list: &Words| {
        list.lines().len() as f64 * list.px * super::model::LINE + list.paragraphs.len() as f64 * list.gap()
    };
    while list.px > SMALLEST && height(&list) > area.bottom - area.top {
        list.px -= 1.0;
    }
    list
}

/// The small line at the foot of a slide, of at most two lines.
pub(super) fn source_line(text: &str) -> Words {
    let mut words = Words::fitted(Role::Source, text, 0.0, &[SOURCE_PX, 17.0, 16.0], 2);
    words.area.right = RIGHT - NUMBER_WIDTH;
    let height = words.lines().len() as f64 * words.px * super::model::LINE;
    let bottom = HEIGHT - 22.0;
    (words.area.top, words.area.bottom) = (bottom - height, bottom);
    words
}

fn number(number: usize) -> Item {
    let area = Area { left: RIGHT - NUMBER_WIDTH + 10.0, top: HEIGHT - 44.0, right: RIGHT, bottom: HEIGHT - 22.0 };
    Item::Words(Words { right: true, ..Words::free(area, &number.to_string(), SOURCE_PX, Tone::Muted) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_takeaway_is_cut_between_sentences() {
        assert_eq!(readable("One thing. Another thing"), "One thing. Another thing.");
        let long = format!("First part of it. {}", "second part; ".repeat(60));
        let kept = readable(&long);
        assert!(kept.starts_with("First part of it. second part") && kept.ends_with("part."), "{kept}");
        let word = "word ".repeat(200);
        assert_eq!(readable(&word), word);
    }

    #[test]
    fn a_picture_keeps_its_proportions_and_its_room() {
        let shape = Area { left: 0.0, top: 0.0, right: 200.0, bottom: 100.0 };
        let room = Area { left: 100.0, top: 100.0, right: 1100.0, bottom: 400.0 };
        let found = within(shape, room);
        assert_eq!(found, Area { left: 300.0, top: 100.0, right: 900.0, bottom: 400.0 });
    }

    #[test]
    fn the_source_line_never_meets_the_number() {
        let words = source_line(&"source ".repeat(200));
        assert!(words.area.right < RIGHT - NUMBER_WIDTH + 10.0);
        assert!(words.lines().len() <= 3 && words.area.top > 990.0, "{:?}", words.area);
    }
}
