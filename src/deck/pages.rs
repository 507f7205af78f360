//! Room: deck. Slides as drawings of whole sheets, for the PDF.

use super::model::{CELL_MARGIN, Grid, Item, LINE, Slide, Tone, Words, lines};
use super::model::{LOGO_HIGH, LOGO_MIDDLE};
use super::read::{Picture, Source};
use crate::report::canvas::{Canvas, HEIGHT, Pen, WIDTH, area_of, paint, shapes, with_shapes};
use crate::report::layout::{Area, RIGHT};

/// From the top of a line to its baseline, as a share of the font size.
const BASELINE: f64 = 0.95;

/// Each slide as SVG.
pub(super) fn pages(source: &Source, slides: &[Slide]) -> Vec<String> {
    slides.iter().map(|slide| page(source, slide)).collect()
}

fn page(source: &Source, slide: &Slide) -> String {
    let mut svg = paint(&source.look, "", |canvas| {
        canvas.logo(RIGHT, LOGO_MIDDLE, LOGO_HIGH);
        for item in &slide.items {
            match item {
                Item::Words(words) => write(canvas, words),
                Item::Bar { area, tone } => {
                    canvas.rect((area.left, area.top), (area.right, area.bottom), tone.rgb(canvas.theme()));
                }
                Item::Table(grid) => table(canvas, grid),
                Item::Picture { .. } => {}
            }
        }
    })
    .svg;
    for item in &slide.items {
        if let Item::Picture { chart, area } = item {
            let picture = &source.charts[*chart].picture;
            let drawn = area_of(picture.svg()).unwrap_or(Area { left: 0.0, top: 0.0, right: WIDTH, bottom: HEIGHT });
            let scale = (area.right - area.left) / (drawn.right - drawn.left);
            svg = match picture {
                Picture::Body(body) => with_shapes(&svg, shapes(body), drawn, ((area.left, area.top), scale)),
                // Outlines are in design pixels already, not in steps of the grid.
                Picture::Sheet(sheet) => {
                    let width = crate::report::canvas::width_of(sheet).unwrap_or(WIDTH);
                    let zoom = (area.right - area.left) / width;
                    let own = Area { left: 0.0, top: 0.0, right: 0.0, bottom: 0.0 };
                    let inner = format!("<g transform=\"scale({})\">{}</g>", 4.0 * zoom, shapes(sheet));
                    with_shapes(&svg, &inner, own, ((area.left, area.top), 1.0))
                }
            };
        }
    }
    svg
}

fn pen<'f>(canvas: &Canvas<'f>, words: &Words) -> Pen<'f> {
    let pen = canvas.pen(words.px).colour(words.tone.rgb(canvas.theme()));
    let pen = if words.bold { pen.bold() } else { pen };
    if words.right { pen.end() } else { pen }
}

fn write(canvas: &mut Canvas<'_>, words: &Words) {
    let left = words.area.left + if words.bullets { words.indent() } else { 0.0 };
    let x = if words.right { words.area.right } else { left };
    let mut top = words.area.top;
    for (place, (line, first)) in words.lines().into_iter().enumerate() {
        if first && place > 0 {
            top += words.gap();
        }
        let baseline = top + BASELINE * words.px;
        if first && words.bullets {
            canvas.text((words.area.left, baseline), "•", canvas.pen(words.px));
        }
        canvas.text((x, baseline), &line, pen(canvas, words));
        top += LINE * words.px;
    }
}

fn table(canvas: &mut Canvas<'_>, grid: &Grid) {
    let mut top = grid.area.top;
    for (place, (cells, height)) in grid.rows.iter().zip(&grid.heights).enumerate() {
        let mut left = grid.area.left;
        for (cell, column) in cells.iter().zip(&grid.columns) {
            let tone = if place == 0 { Tone::Muted } else { Tone::Ink };
            let pen = canvas.pen(grid.px).colour(tone.rgb(canvas.theme()));
            let pen = if column.bold && place > 0 { pen.bold() } else { pen };
            let lines = lines(cell, column, grid.px);
            let first = top + height / 2.0 + 0.36 * grid.px - LINE * grid.px * (lines.len() - 1) as f64 / 2.0;
            for (line, text) in lines.iter().enumerate() {
                let baseline = first + LINE * grid.px * line as f64;
                match column.right {
                    true => canvas.text((left + column.width - CELL_MARGIN, baseline), text, pen.end()),
                    false => canvas.text((left + CELL_MARGIN, baseline), text, pen),
                }
            }
            left += column.width;
        }
        top += height;
        let (tone, width) = if place == 0 { (Tone::Ink, 2.0) } else { (Tone::Line, 1.0) };
        canvas.line((grid.area.left, top), (grid.area.right, top), tone.rgb(canvas.theme()), width);
    }
}
