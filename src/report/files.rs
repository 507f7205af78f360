//! Room: report. Charts as files of the output folder, drawn side by side.

use super::{Chart, ReportError};
use rayon::prelude::*;

/// The files of the charts: `charts/<slug>.png`, `.svg` (text as outlines) and `.csv`, in the order of the charts.
/// Drawn on the current rayon pool.
pub fn chart_files(charts: &[Chart]) -> Result<Vec<(String, Vec<u8>)>, ReportError> {
    let files = files_of(charts)?;
    Ok(files.into_iter().map(|(name, bytes)| (format!("charts/{name}"), bytes)).collect())
}

/// The same files without a folder: `<slug>.png`, `.svg` and `.csv`.
pub fn files_of(charts: &[Chart]) -> Result<Vec<(String, Vec<u8>)>, ReportError> {
    type Draw = fn(&Chart) -> Result<Vec<u8>, ReportError>;
    let draws: [(&str, Draw); 3] = [
        ("png", |chart| chart.png()),
        ("svg", |chart| chart.outlined_svg().map(String::into_bytes)),
        ("csv", |chart| Ok(chart.csv.clone().into_bytes())),
    ];
    let jobs: Vec<_> = charts.iter().flat_map(|chart| draws.map(|(ending, draw)| (chart, ending, draw))).collect();
    jobs.into_par_iter().map(|(chart, ending, draw)| Ok((format!("{}.{ending}", chart.slug), draw(chart)?))).collect()
}
