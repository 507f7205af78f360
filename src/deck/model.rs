//! Room: deck. A slide as what stands where, in pixels of a 1920 × 1080 sheet; both writers draw from it.

use crate::report::Theme;
use crate::report::canvas::Pen;
use crate::report::layout::{Area, LEFT, RIGHT, shortened, wrapped};
use crate::report::palette::{self, Rgb};

/// Where the logo stands: the strip above the title.
pub(super) const LOGO_MIDDLE: f64 = 32.0;
/// Its height.
pub(super) const LOGO_HIGH: f64 = 34.0;

/// A slide.
#[derive(Debug)]
pub(super) struct Slide {
    pub(super) layout: Layout,
    pub(super) items: Vec<Item>,
}

/// The kinds of slides, each with a layout of its own in the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Layout {
    Cover,
    Chart,
    Table,
}

impl Layout {
    /// In the order of their numbers in the file.
    pub(super) const ALL: [Layout; 3] = [Layout::Cover, Layout::Chart, Layout::Table];

    pub(super) fn number(self) -> usize {
        self as usize + 1
    }
}

/// Something on a slide.
#[derive(Debug)]
pub(super) enum Item {
    Words(Words),
    Bar {
        area: Area,
        tone: Tone,
    },
    /// A chart by its place in the source.
    Picture {
        chart: usize,
        area: Area,
    },
    Table(Grid),
}

/// What a text is for; each but `Free` is a placeholder of the layouts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Title,
    Subtitle,
    Takeaway,
    Source,
    Free,
}

/// A colour by its meaning, so that a theme can change it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tone {
    Ink,
    Muted,
    Ground,
    Near,
    Far,
    Line,
}

impl Tone {
    pub(super) fn rgb(self, theme: &Theme) -> Rgb {
        match self {
            Tone::Ink => palette::INK,
            Tone::Muted => palette::MUTED,
            Tone::Ground => palette::GROUND,
            Tone::Near => theme.near(),
            Tone::Far => theme.far(),
            Tone::Line => palette::GRID,
        }
    }
}

/// A text box.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) role: Role,
    pub(super) area: Area,
    pub(super) paragraphs: Vec<String>,
    /// Font size.
    pub(super) px: f64,
    pub(super) tone: Tone,
    pub(super) bold: bool,
    pub(super) bullets: bool,
    pub(super) right: bool,
}

/// A table; the first row is its head. Cells that are too long for their column take several lines.
#[derive(Debug)]
pub(super) struct Grid {
    pub(super) area: Area,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<String>>,
    pub(super) px: f64,
    /// Height of each row.
    pub(super) heights: Vec<f64>,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) width: f64,
    /// Numbers stand right.
    pub(super) right: bool,
    pub(super) bold: bool,
}

impl Column {
    pub(super) fn left(width: f64) -> Column {
        Column { width, right: false, bold: false }
    }
    pub(super) fn right(width: f64) -> Column {
        Column { width, right: true, bold: false }
    }
    pub(super) fn bold(self) -> Column {
        Column { bold: true, ..self }
    }
}

/// Room left and right of a cell's text.
pub(super) const CELL_MARGIN: f64 = 10.0;
/// Height of a row of one line for its font size.
pub(super) const ROW: f64 = 1.72;

impl Grid {
    /// Whether every cell has room on one line of its column at this font size.
    pub(super) fn fits(columns: &[Column], rows: &[Vec<String>], px: f64) -> bool {
        rows.iter().all(|cells| cells.iter().zip(columns).all(|(cell, column)| lines(cell, column, px).len() < 2))
    }

    /// Height of each row at this font size.
    pub(super) fn heights(columns: &[Column], rows: &[Vec<String>], px: f64) -> Vec<f64> {
        let most = |cells: &Vec<String>| {
            let counts = cells.iter().zip(columns).map(|(cell, column)| lines(cell, column, px).len());
            counts.max().unwrap_or(1).max(1)
        };
        rows.iter().map(|cells| (px * (ROW + LINE * (most(cells) - 1) as f64)).round()).collect()
    }

    /// A table as wide as its columns.
    pub(super) fn new((left, top): (f64, f64), columns: Vec<Column>, rows: Vec<Vec<String>>, px: f64) -> Grid {
        let heights = Grid::heights(&columns, &rows, px);
        let width: f64 = columns.iter().map(|column| column.width).sum();
        let area = Area { left, top, right: left + width, bottom: top + heights.iter().sum::<f64>() };
        Grid { area, columns, rows, px, heights }
    }

    /// The same with rows of this many times their height, for a table that would look lost.
    pub(super) fn airy(mut self, times: f64) -> Grid {
        self.heights.iter_mut().for_each(|height| *height = (*height * times).round());
        self.area.bottom = self.area.top + self.heights.iter().sum::<f64>();
        self
    }
}

/// The lines of a cell. Names in files are broken after a dot or underscore, where they have no spaces.
pub(super) fn lines(cell: &str, column: &Column, px: f64) -> Vec<String> {
    // Bold is the wider face, and a head is set in the plain one.
    let pen = Pen::new(px).bold();
    let width = column.width - 2.0 * CELL_MARGIN;
    if pen.width(cell) <= width {
        return vec![cell.to_owned()];
    }
    if cell.contains(' ') || !cell.contains(['.', '_']) {
        return wrapped(cell, pen, width);
    }
    let mut lines = vec![String::new()];
    for piece in cell.split_inclusive(['.', '_']) {
        let line = lines.last_mut().expect("there is always a last line");
        let longer = format!("{line}{piece}");
        if line.is_empty() || pen.width(&longer) <= width {
            *line = longer;
        } else {
            lines.push(piece.to_owned());
        }
    }
    lines
}

/// Height of a line for its font size.
pub(super) const LINE: f64 = 1.2;

impl Words {
    /// A text of one paragraph in the largest of some sizes in which it takes no more than `most` lines; cut in the smallest
    /// if it must be. It begins at the top left and is as wide as the sheet's margins leave.
    pub(super) fn fitted(role: Role, text: &str, top: f64, sizes: &[f64], most: usize) -> Words {
        let bold = matches!(role, Role::Title | Role::Takeaway);
        let pen = |px: f64| if bold { Pen::new(px).bold() } else { Pen::new(px) };
        let width = RIGHT - LEFT;
        let fits = |px: &&f64| wrapped(text, pen(**px), width).len() <= most;
        let px = *sizes.iter().find(fits).unwrap_or(&sizes[sizes.len() - 1]);
        let lines = wrapped(text, pen(px), width);
        let text = match lines.len() <= most {
            true => text.to_owned(),
            false => {
                let kept = lines[..most - 1].join(" ");
                let last = shortened(&lines[most - 1..].join(" "), pen(px), width);
                format!("{kept} {last}").trim_start().to_owned()
            }
        };
        let bottom = top + px * LINE * lines.len().min(most) as f64;
        let area = Area { left: LEFT, top, right: RIGHT, bottom };
        let tone = if bold { Tone::Ink } else { Tone::Muted };
        Words { role, area, paragraphs: vec![text], px, tone, bold, bullets: false, right: false }
    }

    /// A text box by itself.
    pub(super) fn free(area: Area, text: &str, px: f64, tone: Tone) -> Words {
        let paragraphs = vec![text.to_owned()];
        Words { role: Role::Free, area, paragraphs, px, tone, bold: false, bullets: false, right: false }
    }

    pub(super) fn bold(self) -> Words {
        Words { bold: true, ..self }
    }

    /// The lines as they are drawn, with the paragraph each begins.
    pub(super) fn lines(&self) -> Vec<(String, bool)> {
        let pen = if self.bold { Pen::new(self.px).bold() } else { Pen::new(self.px) };
        let width = self.area.right - self.area.left - if self.bullets { self.indent() } else { 0.0 };
        let broken = |paragraph: &String| {
            let lines = wrapped(paragraph, pen, width);
            lines.into_iter().enumerate().map(|(place, line)| (line, place == 0)).collect::<Vec<_>>()
        };
        self.paragraphs.iter().flat_map(broken).collect()
    }

    /// How far bulleted text stands in.
    pub(super) fn indent(&self) -> f64 {
        self.px * 1.1
    }

    /// Room after a paragraph of a list.
    pub(super) fn gap(&self) -> f64 {
        if self.bullets { self.px * 0.45 } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_titles_shrink_and_then_are_cut() {
        let fitted = |text: &str| Words::fitted(Role::Title, text, 50.0, &[50.0, 44.0, 40.0], 2);
        assert_eq!(fitted("short").px, 50.0);
        let shrunk = fitted(&"word ".repeat(28));
        assert!(shrunk.px < 50.0 && !shrunk.paragraphs[0].ends_with('…'), "{shrunk:?}");
        let cut = fitted(&"word ".repeat(200));
        assert!(cut.px == 40.0 && cut.paragraphs[0].ends_with('…') && cut.lines().len() == 2);
    }

    #[test]
    fn cells_never_run_over_their_column() {
        let columns = vec![Column::left(200.0), Column::right(100.0)];
        let rows = vec![vec!["a key that is far too long".to_owned(), "1".to_owned()]];
        assert!(!Grid::fits(&columns, &rows, 20.0) && Grid::fits(&columns, &rows, 10.0));
        let grid = Grid::new((0.0, 0.0), columns, rows, 20.0);
        let broken = lines(&grid.rows[0][0], &grid.columns[0], 20.0);
        assert!(broken.len() == 2 && broken.join(" ") == grid.rows[0][0], "{broken:?}");
        assert_eq!((grid.area.right, grid.area.bottom), (300.0, (20.0 * (ROW + LINE)).round()));
        let key = "stores.archetypes.flash_warehouse";
        let broken = lines(key, &grid.columns[0], 20.0);
        assert!(broken.len() > 1 && broken.concat() == key && broken[0].ends_with('.'), "{broken:?}");
    }
}
