//! Room: report. Charts as files of the output folder, drawn side by side.

use super::{Chart, ReportError};
use rayon::prelude::*;

/// The files of the charts: `charts/<slug>.png`, `.svg` (text as outlines), `.csv` and `.json` (the words), and
/// `charts/body/<slug>.svg` (without the words, text as text), in the order of the charts. Drawn on the current rayon pool.
pub fn chart_files(charts: &[Chart]) -> Result<Vec<(String, Vec<u8>)>, ReportError> {
    let files = files_of(charts)?;
    Ok(files.into_iter().map(|(name, bytes)| (format!("charts/{name}"), bytes)).collect())
}

/// The same files without the folder `charts/`.
pub fn files_of(charts: &[Chart]) -> Result<Vec<(String, Vec<u8>)>, ReportError> {
    type Draw = fn(&Chart) -> Result<Vec<u8>, ReportError>;
    let draws: [(&str, &str, Draw); 5] = [
        ("", "png", |chart| chart.png()),
        ("", "svg", |chart| chart.outlined_svg().map(String::into_bytes)),
        ("", "csv", |chart| Ok(chart.csv.clone().into_bytes())),
        ("", "json", |chart| Ok(words(chart).into_bytes())),
        ("body/", "svg", |chart| Ok(chart.body_svg.clone().into_bytes())),
    ];
    let jobs: Vec<_> = charts.iter().flat_map(|chart| draws.map(|draw| (chart, draw))).collect();
    jobs.into_par_iter()
        .map(|(chart, (at, ending, draw))| Ok((format!("{at}{}.{ending}", chart.slug), draw(chart)?)))
        .collect()
}

/// The words of a chart, for programs that set them themselves.
fn words(chart: &Chart) -> String {
    let words = serde_json::json!({
        "slug": chart.slug,
        "title": chart.title,
        "subtitle": chart.subtitle,
        "takeaway": chart.takeaway,
        "source": chart.source,
        "alt": chart.alt,
    });
    format!("{words:#}\n")
}

/// A description without first sentences that say only what kind of drawing it is.
pub(super) fn with_numbers(description: &str) -> &str {
    let mut rest = description.trim();
    while let Some((first, after)) =
        rest.split_once(". ").or_else(|| rest.split_once('。')).filter(|(_, rest)| !rest.is_empty())
    {
        if first.contains(|c: char| c.is_ascii_digit()) {
            break;
        }
        rest = after;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{canvas, charts, sample::City};

    #[test]
    fn each_chart_has_its_five_files_and_its_words() {
        let frames = City { orders: 300, ..City::default() }.frames();
        let charts = charts(&frames.view()).unwrap();
        let files = chart_files(&charts[..1]).unwrap();
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        let expected = ["png", "svg", "csv", "json"].map(|ending| format!("charts/01-orders-by-channel.{ending}"));
        assert_eq!(names[..4], expected);
        assert_eq!(names[4], "charts/body/01-orders-by-channel.svg");
        let words: serde_json::Value = serde_json::from_slice(&files[3].1).unwrap();
        assert_eq!(words["title"], charts[0].title);
        assert_eq!(words["source"], charts[0].source);
        let body = String::from_utf8(files[4].1.clone()).unwrap();
        let (whole, body) = (canvas::shapes(&charts[0].svg), canvas::shapes(&body));
        assert!(whole.contains(&charts[0].title) && !body.contains(&charts[0].title));
        assert!(body.len() * 2 > whole.len() && whole.contains(body.trim()));
    }

    #[test]
    fn a_takeaway_begins_with_the_first_number() {
        assert_eq!(with_numbers("Differences with intervals. Orders: 3; late: 4."), "Orders: 3; late: 4.");
        assert_eq!(with_numbers("Stacked areas: 3 near. More."), "Stacked areas: 3 near. More.");
        assert_eq!(with_numbers("Nothing to draw"), "Nothing to draw");
    }
}
