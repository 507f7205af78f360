//! `nearfar deck`: a finished output folder as slides to hand over, with pages and a workbook beside them.

use super::looks::Looks;
use super::{Failure, print};
use crate::deck::{Deck, DeckError};
use crate::results::OutputFile;
use crate::study;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// Turn the folder of a run, comparison or sweep into slides (PPTX) with editable text, and into PDF and XLSX
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Output folder of `nearfar run`, `compare` or `sweep`, or a folder of several comparisons against one base
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Slides to write [default: the folder's name with .pptx, beside the folder]
    #[arg(short = 'o', long = "output", value_name = "DECK.pptx")]
    output: Option<PathBuf>,
    /// The slides as PDF too, beside them
    #[arg(long)]
    pdf: bool,
    /// The numbers as an Excel workbook too, beside them
    #[arg(long)]
    xlsx: bool,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
    /// Threads that draw; the files do not depend on it [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = super::options::threads)]
    threads: Option<NonZeroUsize>,
    /// Print nothing but errors
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    looks: Looks,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let path = output(arguments)?;
    let deck = Deck::of(&arguments.folder, &|scenario| arguments.looks.apply(scenario))?;
    let prepare = |ending: &str| OutputFile::prepare(&path.with_extension(ending), arguments.force);
    let slides = prepare("pptx")?;
    let pages = arguments.pdf.then(|| prepare("pdf")).transpose()?;
    let workbook = arguments.xlsx.then(|| prepare("xlsx")).transpose()?;
    let threads = arguments.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    // All are made before any is written, so that a failure leaves nothing behind.
    let made = study::pool(threads)?.install(|| -> Result<_, DeckError> {
        let pdf = pages.map(|file| Ok::<_, DeckError>((file, deck.pdf()?))).transpose()?;
        let xlsx = workbook.map(|file| Ok::<_, DeckError>((file, deck.xlsx()?))).transpose()?;
        Ok(std::iter::once((slides, deck.pptx()?)).chain(pdf).chain(xlsx).collect::<Vec<_>>())
    })?;
    let mut text = String::new();
    for (place, (file, bytes)) in made.into_iter().enumerate() {
        let size = bytes.len() as f64 / 1e6;
        let at = file.commit(bytes)?;
        let what = match place {
            0 => format!("{} slides, {} charts, ", deck.len(), deck.charts()),
            _ => String::new(),
        };
        text += &format!("{}  ({what}{size:.1} MB)\n", at.display());
    }
    if arguments.quiet { Ok(()) } else { print(&text) }
}

/// Where the slides go.
fn output(arguments: &Arguments) -> Result<PathBuf, Failure> {
    let Some(path) = &arguments.output else { return Ok(beside(&arguments.folder)) };
    match path.extension().map(|ending| ending.to_ascii_lowercase()) {
        Some(ending) if ending == "pptx" => Ok(path.clone()),
        None if path.file_name().is_some() => Ok(path.with_extension("pptx")),
        _ => Err(Failure::Input(
            format!("{}: slides are a .pptx file", path.display()),
            "-o deck.pptx; --pdf and --xlsx write deck.pdf and deck.xlsx beside it".into(),
        )),
    }
}

/// `output/baseline.pptx` for `output/baseline`.
fn beside(folder: &Path) -> PathBuf {
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let mut name = whole.file_name().map_or_else(|| OsString::from("deck"), OsString::from);
    name.push(".pptx");
    match folder.file_name() {
        Some(_) => folder.with_file_name(name),
        None => whole.with_file_name(name),
    }
}

impl From<DeckError> for Failure {
    fn from(error: DeckError) -> Self {
        match error.help() {
            Some(help) => Failure::Input(error.to_string(), help),
            None => Failure::Other(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deck_stands_beside_the_folder_under_its_name() {
        assert_eq!(beside(Path::new("output/rush.v2")), Path::new("output/rush.v2.pptx"));
        assert_eq!(beside(Path::new("output/rush/")), Path::new("output/rush.pptx"));
        let here = std::env::current_dir().unwrap();
        let name = format!("{}.pptx", here.file_name().unwrap().to_string_lossy());
        assert_eq!(beside(Path::new(".")), here.with_file_name(name));
    }
}
