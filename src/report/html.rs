//! Room: report. The page: answers first, then charts, KPIs, what they cover, assumptions, origin.
//!
//! One self-contained file: styles, fonts, drawings and data are inside, nothing is loaded from anywhere.

use super::fonts;
use super::limits::limits;
use super::wording::{count, currency, number, percent, span};
use super::{Assumption, Chart, Kpi, ReportError, RunView};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::{Environment, Value, context};

const PAGE: &str = include_str!("../../assets/report/report.html");
const STYLE: &str = include_str!("../../assets/report/report.css");
/// Rows of a data table shown on the page; the whole table is in the CSV.
const ROWS_SHOWN: usize = 120;

/// KPIs that answer first: (name in kpis.csv, words, how the number is said).
const ANSWERS: [(&str, &str, Said); 7] = [
    ("orders", "orders placed", Said::Plain),
    ("near_share_orders", "of orders go near-field", Said::Plain),
    ("near_share_gmv", "of GMV goes near-field", Said::Plain),
    ("on_time_share", "delivered on time", Said::Plain),
    ("click_to_door_p50_min", "median click-to-door", Said::Span),
    ("click_to_door_p90_min", "click-to-door, 90th percentile", Said::Span),
    ("cost_per_order", "cost per order", Said::Plain),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    /// In the KPI's own unit.
    Plain,
    /// Minutes in the unit that suits them.
    Span,
}

/// The report page of a run as one self-contained HTML file.
pub fn html(view: &RunView<'_>, charts: &[Chart]) -> Result<String, ReportError> {
    let mut environment = Environment::new();
    environment.add_template("report.html", PAGE)?;
    let provenance = view.provenance;
    let title = if provenance.label.trim().is_empty() { "nearfar report" } else { provenance.label.trim() };
    let assumption = |row: &Assumption| context! { key => &row.key, value => &row.value, source => &row.source };
    let assumptions: Vec<Value> = view.assumptions.iter().map(assumption).collect();
    let page = environment.get_template("report.html")?.render(context! {
        title,
        question => provenance.question.trim(),
        answers => answers(view),
        kpis => view.kpis.iter().map(|kpi| kpi_row(kpi, view.currency)).collect::<Vec<_>>(),
        intervals => view.kpis.iter().any(|kpi| kpi.half_width.is_some()),
        figures => charts.iter().map(figure).collect::<Vec<_>>(),
        notes => notes(view, charts),
        assumptions,
        origin => origin(view),
        style => STYLE,
        faces => faces(view, charts),
    })?;
    Ok(page)
}

fn answers(view: &RunView<'_>) -> Vec<Value> {
    let answer = |&(name, words, said): &(&str, &'static str, Said)| {
        let kpi = view.kpis.iter().find(|kpi| kpi.name == name && kpi.value.is_finite())?;
        let say = |value: f64, half: bool| match said {
            Said::Span => span(value),
            Said::Plain if half => half_width(value, kpi, view.currency),
            Said::Plain => in_unit(kpi.value, &kpi.unit, view.currency),
        };
        let interval = kpi.half_width.map_or(String::new(), |half| format!("± {}", say(half, true)));
        Some(context! { figure => say(kpi.value, false), words, interval })
    };
    ANSWERS.iter().filter_map(answer).collect()
}

fn kpi_row(kpi: &Kpi, currency: &str) -> Value {
    let half = kpi.half_width.filter(|_| kpi.value.is_finite());
    let interval = half.map_or(String::new(), |half| format!("± {}", half_width(half, kpi, currency)));
    context! { name => &kpi.name, label => &kpi.label, value => in_unit(kpi.value, &kpi.unit, currency), interval }
}

/// A KPI's value with its unit; "no data" where there is none.
pub(crate) fn in_unit(value: f64, unit: &str, code: &str) -> String {
    if !value.is_finite() {
        return "no data".to_owned();
    }
    match unit {
        "share" if (0.01..=0.99).contains(&value) => format!("{}%", number(value * 100.0, 1)),
        "share" => percent(value),
        "count" => count_of(value),
        unit if unit.starts_with("yuan") => {
            let places = if value.abs() >= 1000.0 { 0 } else { 2 };
            let per = unit.trim_start_matches("yuan").replace('/', " per ");
            format!("{}{}{per}", currency(code), number(value, places))
        }
        unit => format!("{} {unit}", number(value, places(value))).trim_end().to_owned(),
    }
}

/// Half of an interval in the KPI's unit, as fine as the KPI itself or finer; shares in points.
pub(crate) fn half_width(half: f64, kpi: &Kpi, code: &str) -> String {
    match kpi.unit.as_str() {
        _ if !half.is_finite() => "no data".to_owned(),
        "share" => format!("{} points", number(half * 100.0, 2)),
        "count" => number(half, if half >= 10.0 { 0 } else { 1 }),
        unit if unit.starts_with("yuan") => format!("{}{}", currency(code), number(half, 2)),
        unit => format!("{} {unit}", number(half, places(kpi.value).max(1))).trim_end().to_owned(),
    }
}

fn count_of(value: f64) -> String {
    // Means of counts over replications need not be whole.
    if value.fract() == 0.0 && value >= 0.0 { count(value as usize) } else { number(value, 1) }
}

fn places(value: f64) -> usize {
    if value.abs() >= 100.0 { 0 } else { 1 }
}

fn figure(chart: &Chart) -> Value {
    let question = match chart.slug.get(..2) {
        Some("01") => "Who fulfils what, when?",
        Some("02") => "How fast is each channel?",
        Some("03") => "Where does near-field win?",
        Some("04") => "Why does an order cost more or less?",
        Some("05") => "What do couriers do through the day?",
        Some("06") => "What does the what-if change?",
        Some("09") => "Who earns what on an order?",
        Some("10") => "How far does the warehouse fall behind?",
        Some("11") => "When do nearby stores run out?",
        Some("12") => "Why do near orders come late?",
        Some("20") => "Where does each KPI stand?",
        Some("21") => "What became of the same people?",
        Some("22") => "Where does the what-if move near-field?",
        Some("30") => "From where on does more bring little more?",
        Some("31") => "Does it do the same everywhere?",
        Some("32") => "What is the best trade?",
        Some("33") => "Which inputs matter?",
        Some("34") => "Where do near and far break even?",
        _ => "What else is there to see?",
    };
    let rows =
        chart.table.rows.iter().take(ROWS_SHOWN).map(|row| row.iter().map(|cell| readable(cell)).collect::<Vec<_>>());
    context! {
        slug => &*chart.slug,
        question,
        title => &chart.title,
        svg => &chart.svg,
        csv_base64 => STANDARD.encode(&chart.csv),
        columns => &chart.table.columns,
        rows => rows.collect::<Vec<_>>(),
        left_out => chart.table.rows.len().saturating_sub(ROWS_SHOWN),
    }
}

/// A cell for the eye: long fractions cut to four places, no data as a dash.
fn readable(cell: &str) -> String {
    match cell.parse::<f64>() {
        Ok(value) if !value.is_finite() => "–".to_owned(),
        Ok(value) if cell.split_once('.').is_some_and(|(_, part)| part.len() > 4) => super::table::rounded(value, 4),
        _ => cell.to_owned(),
    }
}

/// What the numbers cover and what they do not.
fn notes(view: &RunView<'_>, charts: &[Chart]) -> Vec<String> {
    let mut notes = limits(view.horizon_h, view.warm_up_h, view.provenance.replications);
    let boxed: Vec<char> = charts.iter().flat_map(|chart| chart.unsupported.iter().copied()).collect();
    if !boxed.is_empty() {
        notes.push(
            "Some characters of the labels are in none of the bundled fonts and appear as boxes (□) in the charts."
                .to_owned(),
        );
    }
    notes
}

fn origin(view: &RunView<'_>) -> Vec<(&'static str, String)> {
    let p = view.provenance;
    let mut rows = vec![
        ("Scenario", p.label.clone()),
        ("Scenario hash", p.scenario_hash.clone()),
        ("Seed", p.seed.to_string()),
        ("Replications", p.replications.to_string()),
        ("Program", format!("nearfar {}", p.version)),
    ];
    if let Some(commit) = &p.commit {
        rows.push(("Commit", commit.clone()));
    }
    rows
}

/// Inter always; Noto Sans SC only if some text needs it, because it is thirty times as large.
fn faces(view: &RunView<'_>, charts: &[Chart]) -> Vec<Value> {
    let face = |family: &str, weights: &str, bytes: &[u8]| {
        context! { family, weights, base64 => STANDARD.encode(bytes) }
    };
    let mut faces = vec![face("Inter", "400", fonts::INTER_WOFF2), face("Inter", "500 700", fonts::INTER_BOLD_WOFF2)];
    let p = view.provenance;
    let mut texts = [&p.label, &p.question].into_iter().map(String::as_str).collect::<Vec<_>>();
    texts.extend(charts.iter().map(|chart| chart.alt.as_str()));
    texts.extend(view.kpis.iter().map(|kpi| kpi.label.as_str()));
    texts.extend(view.assumptions.iter().flat_map(|row| [row.key.as_str(), &row.value, &row.source]));
    let drawn_in_noto = charts.iter().any(|chart| chart.svg.contains("\"Noto Sans SC, Inter"));
    if drawn_in_noto || texts.iter().any(|text| fonts::family(&fonts::drawable(text).0).starts_with("Noto")) {
        faces.push(face("Noto Sans SC", "400", fonts::NOTO_WOFF2));
        faces.push(face("Noto Sans SC", "500 700", fonts::NOTO_BOLD_WOFF2));
    }
    faces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{charts, sample::City};

    fn page(city: City) -> String {
        let frames = city.frames();
        let view = frames.view();
        html(&view, &charts(&view).unwrap()).unwrap()
    }

    #[test]
    fn the_page_loads_nothing_and_answers_first() {
        let page = page(City { orders: 500, ..City::default() });
        for outside in ["src=\"http", "href=\"http", "url(http", "@import", "<script", "<link"] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert_eq!(page.matches("<svg").count(), 9);
        let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is on the page"));
        assert!(place("delivered on time") < place("<svg"));
        assert!(place("<svg") < place("promise.near_min"));
        assert!(page.contains("single replication") && !page.contains("95% interval</th>"));
        assert!(page.contains("no data"));
    }

    #[test]
    fn what_users_write_is_escaped() {
        let page = page(City { orders: 5, label: "<b>A & B</b>", ..City::default() });
        assert!(!page.contains("<b>A"));
        assert!(page.contains("&lt;b&gt;A &amp; B"));
    }

    #[test]
    fn intervals_stand_beside_the_kpis_when_there_are_replications() {
        let page = page(City { orders: 50, replications: 2, ..City::default() });
        assert!(page.contains("± 0.40 points") && page.contains("± ¥0.03"));
        // The sample's courier utilisation has no data, so no interval either.
        assert!(!page.contains("± 0.00"));
    }

    #[test]
    fn hanzi_bring_their_font_along() {
        let plain = page(City { orders: 5, ..City::default() });
        let hanzi = page(City { orders: 5, label: "近场基线", ..City::default() });
        assert!(!plain.contains("font-family:\"Noto Sans SC\";"));
        assert!(hanzi.contains("font-family:\"Noto Sans SC\";"));
        assert!(plain.len() < 600_000 && hanzi.len() > 1_400_000);
    }

    #[test]
    fn values_are_said_in_their_unit() {
        assert_eq!(in_unit(0.294, "share", "CNY"), "29.4%");
        assert_eq!(in_unit(8.406, "yuan", "CNY"), "¥8.41");
        assert_eq!(in_unit(8.406, "yuan/order", "EUR"), "€8.41 per order");
        assert_eq!(in_unit(18_000.0, "count", "CNY"), "18,000");
        assert_eq!(in_unit(18_000.5, "count", "CNY"), "18,000.5");
        assert_eq!(in_unit(f64::NAN, "min", "CNY"), "no data");
        assert_eq!(in_unit(2.44, "", "CNY"), "2.4");
    }
}
