//! Room: deck (floor 8). A finished output folder → slides (PPTX), the same as pages (PDF), the numbers (XLSX). May use
//! `report` for drawing and words, `results` and `table` for reading, `scenario` and `metrics` for meanings; zip and
//! rust_xlsxwriter live here.
//!
//! ```text
//! folder ──read──► Source ──slides──► Slide (words, pictures, tables by place) ──pptx──► editable slides
//!                    │                                      └────────pages + report::pdf──► pages
//!                    └──sheets──► Sheet ──xlsx──► workbook
//! ```
//! Nothing is simulated and nothing is drawn anew but the charts' bodies; the same folder gives the same bytes.

mod answers;
mod appendix;
mod model;
mod package;
mod pages;
mod pptx;
mod read;
mod sheets;
mod slides;
mod swept;
mod together;
mod xlsx;

use crate::report::ReportError;
use crate::results::{ReadError, shell_path};
use crate::scenario::Scenario;
use read::Source;
use std::io;
use std::path::{Path, PathBuf};

/// Why no deck can be made of a folder; `help` says what to do.
#[derive(thiserror::Error, Debug)]
pub enum DeckError {
    /// The folder is not one of ours, or lacks what every folder has.
    #[error(transparent)]
    Folder(#[from] ReadError),
    /// The folder holds no charts.
    #[error("{}: holds no charts", .path.display())]
    NoCharts {
        /// The folder, as given.
        path: PathBuf,
    },
    /// A sweep whose runs were not put into tables.
    #[error("{}: holds a sweep without results (no summary.csv)", .path.display())]
    NotCollected {
        /// The folder, as given.
        path: PathBuf,
    },
    /// Comparisons that do not belong together.
    #[error("{}: holds comparisons against {bases} different bases", .path.display())]
    Mixed {
        /// The folder, as given.
        path: PathBuf,
        /// How many bases there are.
        bases: usize,
    },
    /// The theme that the folder's scenario names cannot be used.
    #[error("{}: its theme cannot be used: {why}", .path.display())]
    Look {
        /// The folder, as given.
        path: PathBuf,
        /// What is wrong with the theme.
        why: String,
    },
    /// A file cannot be read.
    #[error("{}: cannot be read: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not as nearfar writes it.
    #[error("{}: is not as nearfar writes it: {why}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A picture or page cannot be made.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The slides cannot be packed.
    #[error("the slides cannot be packed: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// The workbook cannot be made.
    #[error("the workbook cannot be made: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
}

impl DeckError {
    /// What to do about it; none where it is not the user's to mend.
    pub fn help(&self) -> Option<String> {
        match self {
            DeckError::Folder(_) => Some(
                "name a folder that `nearfar run`, `nearfar compare` or `nearfar sweep` wrote, such as output/baseline"
                    .into(),
            ),
            DeckError::NoCharts { .. } => Some(
                "a run with --no-report draws none: simulate again without it, `nearfar run` on the scenario.toml of the folder"
                    .into(),
            ),
            DeckError::NotCollected { path } => {
                Some(format!("`nearfar sweep collect {}` makes it of the runs that are there", shell_path(path)))
            }
            DeckError::Mixed { .. } => Some("name one comparison, or move those of one base to a folder of their own".into()),
            DeckError::Look { .. } => {
                Some("put the theme file back, or take report.theme out of the scenario in the folder".into())
            }
            DeckError::Io { .. } => Some("see to it that you may read it".into()),
            DeckError::Damaged { .. } => Some("write the folder again with the command that made it".into()),
            DeckError::Report(_) | DeckError::Zip(_) | DeckError::Workbook(_) => None,
        }
    }
}

/// A deck about a finished folder.
#[derive(Debug)]
pub struct Deck {
    source: Source,
    /// Comparisons told together with that of the source.
    others: Vec<Source>,
    slides: Vec<model::Slide>,
}

impl Deck {
    /// Reads the folder and lays out the slides, in the look of its scenario after this change. A folder of several
    /// comparisons gives one deck of all.
    pub fn of(folder: &Path, change: &dyn Fn(&mut Scenario)) -> Result<Deck, DeckError> {
        let several = read::comparisons(folder)?;
        if !several.is_empty() {
            let sources = several.iter().map(|path| read::source(path, change)).collect::<Result<_, _>>()?;
            let (source, others, slides) = together::together(folder, sources)?;
            return Ok(Deck { source, others, slides });
        }
        let source = read::source(folder, change)?;
        let slides = slides::slides(&source);
        Ok(Deck { source, others: Vec::new(), slides })
    }

    /// Number of slides.
    pub fn len(&self) -> usize {
        self.slides.len()
    }

    /// True if there is no slide, which does not happen: there is always a cover.
    pub fn is_empty(&self) -> bool {
        self.slides.is_empty()
    }

    /// Number of charts on the slides.
    pub fn charts(&self) -> usize {
        self.source.charts.len()
    }

    /// The slides for PowerPoint, LibreOffice and Keynote. Pictures are drawn on the current rayon pool.
    pub fn pptx(&self) -> Result<Vec<u8>, DeckError> {
        pptx::pptx(&self.source, &self.slides)
    }

    /// The slides as pages, text selectable.
    pub fn pdf(&self) -> Result<Vec<u8>, DeckError> {
        Ok(crate::report::pdf(&pages::pages(&self.source, &self.slides), &self.source.label, &self.source.look)?)
    }

    /// The numbers: a sheet for each chart, and the tables of the folder.
    pub fn xlsx(&self) -> Result<Vec<u8>, DeckError> {
        xlsx::xlsx(&sheets::sheets(&self.source, &self.others), &self.source.label)
    }
}
