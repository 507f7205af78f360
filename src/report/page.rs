//! Room: report. One page for a run, a comparison and a sweep: answers first, then what changed, the replay, a section for
//! each reader, everything for the analyst, what the numbers cover, assumptions with their sources, origin.

use super::readers::{READERS, Reader, reader_of};
use super::{Chart, Look, ReportError, fonts};
use crate::scenario::Language;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::{Environment, Value, context};

const PAGE: &str = include_str!("../../assets/report/report.html");
const STYLE: &str = include_str!("../../assets/report/report.css");
const SCRIPT: &str = include_str!("../../assets/report/report.js");
/// Rows of a data table shown on the page; the whole table is in the CSV.
const ROWS_SHOWN: usize = 120;

/// How a figure should be taken.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Tone {
    /// As it is.
    #[default]
    Plain,
    /// More than chance, and the right way.
    Good,
    /// More than chance, and the wrong way.
    Bad,
    /// Chance alone may do it.
    Unclear,
}

impl Tone {
    fn word(self) -> &'static str {
        match self {
            Tone::Plain => "plain",
            Tone::Good => "good",
            Tone::Bad => "bad",
            Tone::Unclear => "unclear",
        }
    }
}

/// A figure that answers first.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Card {
    /// The figure with its unit.
    pub figure: String,
    /// What it is.
    pub words: String,
    /// Its interval, or what else must be known; may be empty.
    pub interval: String,
    /// How to take it.
    pub tone: Tone,
}

/// A cell of a table.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Cell {
    /// What is shown.
    pub text: String,
    /// What it sorts by; by its text if None.
    pub sort: Option<f64>,
    /// How to take it.
    pub tone: Tone,
    /// A name in files rather than words.
    pub code: bool,
}

impl Cell {
    /// Words.
    pub fn words(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), ..Cell::default() }
    }
    /// A name as it stands in files.
    pub fn code(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), code: true, ..Cell::default() }
    }
    /// A number with its words.
    pub fn number(text: impl Into<String>, sort: f64) -> Cell {
        Cell { text: text.into(), sort: Some(sort), ..Cell::default() }
    }
    /// The same cell, to be taken so.
    pub fn toned(self, tone: Tone) -> Cell {
        Cell { tone, ..self }
    }
}

/// A table that a reader can sort; a column is one of numbers if its cells are.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct PageTable {
    /// Heading.
    pub title: String,
    /// A sentence or two before it; may be empty.
    pub lead: String,
    /// Heads of its columns.
    pub columns: Vec<String>,
    /// Its rows; the first cell names the row.
    pub rows: Vec<Vec<Cell>>,
}

/// An assumption and where it comes from.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Assumed<'a> {
    pub(crate) key: &'a str,
    pub(crate) value: &'a str,
    pub(crate) source: &'a str,
}

/// All of a page.
#[derive(Default)]
pub(crate) struct Page<'a> {
    /// What kind of page it is, in two words.
    pub(crate) kind: &'static str,
    pub(crate) title: String,
    pub(crate) question: String,
    /// The answer in sentences.
    pub(crate) headline: Vec<String>,
    pub(crate) cards: Vec<Card>,
    /// What the intervals of the cards are, in a sentence.
    pub(crate) cards_note: String,
    /// Tables that belong to the answers: what changed, hypotheses.
    pub(crate) first: Vec<PageTable>,
    pub(crate) replay: Option<String>,
    /// The KPIs of the page by name; readers' sections take theirs from it.
    pub(crate) kpis: PageTable,
    pub(crate) charts: &'a [Chart],
    /// Tables for the analyst.
    pub(crate) more: Vec<PageTable>,
    pub(crate) notes: Vec<String>,
    pub(crate) assumptions: Vec<Assumed<'a>>,
    /// What the audit found, and whether all is well.
    pub(crate) audit: Option<(String, bool)>,
    pub(crate) origin: Vec<(&'static str, String)>,
    /// The last sentence: how to get it again.
    pub(crate) again: &'static str,
    /// Language and theme.
    pub(crate) look: &'a Look,
}

impl Page<'_> {
    /// The page as one self-contained HTML file.
    pub(crate) fn html(&self) -> Result<String, ReportError> {
        let mut environment = Environment::new();
        environment.add_template("report.html", PAGE)?;
        speak(&mut environment, self.look);
        let (lead, placed): (Vec<&Chart>, Vec<&Chart>) =
            self.charts.iter().partition(|chart| reader_of(&chart.slug).is_none());
        let sources = super::sources::cited(self.assumptions.iter().map(|row| row.source), self.look);
        let assumption = |row: &Assumed<'_>| {
            let source = super::sources::linked(row.source);
            context! { key => row.key, value => row.value, source }
        };
        Ok(environment.get_template("report.html")?.render(context! {
            kind => self.kind,
            title => &self.title,
            question => &self.question,
            headline => &self.headline,
            cards => self.cards.iter().map(card).collect::<Vec<_>>(),
            cards_note => &self.cards_note,
            first => self.first.iter().map(table).collect::<Vec<_>>(),
            figures => lead.iter().map(|chart| figure(chart, self.look)).collect::<Vec<_>>(),
            replay => &self.replay,
            readers => READERS.iter().filter_map(|reader| self.reader(reader, &placed)).collect::<Vec<_>>(),
            kpis => table(&self.kpis),
            more => self.more.iter().map(table).collect::<Vec<_>>(),
            notes => &self.notes,
            assumptions => self.assumptions.iter().map(assumption).collect::<Vec<_>>(),
            sources,
            audit => self.audit.as_ref().map(|(words, fine)| context! { words, fine }),
            origin => &self.origin,
            again => self.again,
            lang => lang(self.look),
            style => [STYLE, super::replay::STYLE].concat(),
            script => SCRIPT,
            faces => self.faces(),
            logo => self.look.theme.logo.as_ref().map(|logo| logo.address()),
            theme_styles => self.look.theme.styles(),
        })?)
    }

    /// The part of one reader: KPIs of interest and charts that show why; none if there are neither. Everything else follows
    /// the part of the analyst.
    fn reader(&self, reader: &Reader, charts: &[&Chart]) -> Option<Value> {
        let name_of = |row: &Vec<Cell>| row.last().map(|cell| cell.text.clone()).unwrap_or_default();
        let wanted = |name: &&str| self.kpis.rows.iter().find(|row| name_of(row) == **name);
        let rows: Vec<Vec<Cell>> = reader.kpis.iter().filter_map(wanted).cloned().collect();
        let mine: Vec<&&Chart> = charts.iter().filter(|chart| reader_of(&chart.slug) == Some(reader.id)).collect();
        if rows.is_empty() && mine.is_empty() && reader.id != "analyst" {
            return None;
        }
        let words = |(english, chinese): (&'static str, &'static str)| self.look.say(english, chinese);
        Some(context! {
            id => reader.id,
            name => words(reader.name),
            title => words(reader.title),
            lead => words(reader.lead),
            kpis => table(&PageTable { rows, title: words(reader.title).to_owned(), ..self.kpis.clone() }),
            figures => mine.into_iter().map(|chart| figure(chart, self.look)).collect::<Vec<_>>(),
        })
    }

    /// Inter always; Noto Sans SC only if some text needs it, because it is thirty times as large.
    fn faces(&self) -> Vec<Value> {
        let mut texts: Vec<&str> = vec![&self.title, &self.question];
        texts.extend(self.headline.iter().map(String::as_str));
        texts.extend(self.charts.iter().map(|chart| chart.alt.as_str()));
        texts.extend(self.assumptions.iter().flat_map(|row| [row.key, row.value, row.source]));
        for table in self.first.iter().chain(&self.more).chain([&self.kpis]) {
            texts.extend(table.rows.iter().flatten().map(|cell| cell.text.as_str()));
            texts.extend(table.columns.iter().map(String::as_str));
        }
        let drawn_in_noto = self.charts.iter().any(|chart| chart.svg.contains("\"Noto Sans SC, Inter"));
        let hanzi = |text: &&str| fonts::family(&fonts::drawable(text).0, None).starts_with("Noto");
        faces(self.look, drawn_in_noto || texts.iter().any(hanzi))
    }
}

/// The faces a page embeds: Inter, Noto Sans SC where there are hanzi, and the font of the theme.
pub(crate) fn faces(look: &Look, hanzi: bool) -> Vec<Value> {
    let face = |family: &str, weights: &str, bytes: &[u8]| {
        let kind = if bytes.starts_with(b"wOF2") { "woff2" } else { "truetype" };
        context! { family, weights, kind, base64 => STANDARD.encode(bytes) }
    };
    let mut faces = vec![face("Inter", "400", fonts::INTER_WOFF2), face("Inter", "500 700", fonts::INTER_BOLD_WOFF2)];
    if hanzi || look.language == Language::Zh {
        faces.push(face("Noto Sans SC", "400", fonts::NOTO_WOFF2));
        faces.push(face("Noto Sans SC", "500 700", fonts::NOTO_BOLD_WOFF2));
    }
    if let Some(font) = &look.theme.font {
        faces.push(face(&font.name, "400", &font.files[0]));
        faces.push(face(&font.name, "500 700", &font.files[1]));
    }
    faces
}

fn card(card: &Card) -> Value {
    let Card { figure, words, interval, tone } = card;
    context! { figure, words, interval, tone => tone.word() }
}

fn table(table: &PageTable) -> Value {
    let numeric = |column: usize| {
        let mut cells = table.rows.iter().filter_map(|row| row.get(column)).peekable();
        column > 0 && cells.peek().is_some() && cells.all(|cell| cell.sort.is_some() || cell.text.is_empty())
    };
    let numbers: Vec<bool> = (0..table.columns.len()).map(numeric).collect();
    let columns = table.columns.iter().zip(&numbers).map(|(label, number)| context! { label, number });
    let cell = |(column, cell): (usize, &Cell)| {
        let sort = cell.sort.filter(|value| value.is_finite()).map_or(String::new(), |value| format!("{value}"));
        let number = numbers.get(column).copied().unwrap_or(false);
        context! { text => &cell.text, sort, number, code => cell.code, tone => cell.tone.word() }
    };
    let rows = table.rows.iter().map(|row| row.iter().enumerate().map(cell).collect::<Vec<_>>());
    context! {
        title => &table.title,
        lead => &table.lead,
        columns => columns.collect::<Vec<_>>(),
        rows => rows.collect::<Vec<_>>(),
    }
}

/// Gives templates `t("English", "中文")`.
pub(crate) fn speak(environment: &mut Environment<'_>, look: &Look) {
    let language = look.language;
    environment.add_function("t", move |english: String, chinese: String| match language {
        Language::En => english,
        Language::Zh => chinese,
    });
}

/// The language of a page as browsers call it.
pub(crate) fn lang(look: &Look) -> &'static str {
    look.say("en", "zh-CN")
}

fn figure(chart: &Chart, look: &Look) -> Value {
    let rows =
        chart.table.rows.iter().take(ROWS_SHOWN).map(|row| row.iter().map(|cell| readable(cell)).collect::<Vec<_>>());
    context! {
        slug => chart.slug.to_string(),
        question => super::readers::question(&chart.slug, look),
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
