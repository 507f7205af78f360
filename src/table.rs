//! Room: table (floor 1). CSV, CSV.gz and Parquet files → a small table of text cells with row numbers.
//! May use nothing else of the crate; csv, flate2 and polars-io (Parquet only) do the reading.
//!
//! Cells stay text whatever the file was: a number of a Parquet column is written in its shortest
//! exact form, so nothing is lost on the way and both kinds of file give the same messages.

pub(crate) mod sheet;

use polars::prelude::{AnyValue, Column, DataFrame};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use std::fmt;
use std::io::{Cursor, Read};
use std::path::Path;

/// One thing wrong in an input file, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Problem {
    /// File as the user named it.
    pub file: String,
    /// Row as a spreadsheet counts it: the header of a CSV file is row 1; the first row of a Parquet file is 1.
    pub row: Option<u64>,
    /// Column by its name in the header.
    pub column: Option<String>,
    /// What stands there.
    pub found: String,
    /// What should stand there; empty if `found` says it all.
    pub expected: String,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// A problem of the whole `file`.
    pub fn of_file(file: &str, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Problem { file: file.into(), found: found.into(), expected: expected.into(), ..Problem::default() }
    }
    /// The same problem with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Problem {
    /// `error: couriers.csv: row 17, column off_s: found "abc", expected seconds since the start of the run`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.file)?;
        let row = self.row.map(|row| format!("row {row}"));
        let column = self.column.as_ref().map(|name| format!("column {name}"));
        let place: Vec<String> = row.into_iter().chain(column).collect();
        if !place.is_empty() {
            write!(f, ": {}", place.join(", "))?;
        }
        match self.expected.is_empty() {
            true => write!(f, ": {}", self.found)?,
            false => write!(f, ": found {}, expected {}", self.found, self.expected)?,
        }
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

/// A table as read: a header and rows of text cells, every row as long as the header.
#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    /// File as the user named it; stands in front of every problem.
    pub file: String,
    /// Column names, in the order of the file, no two alike.
    pub columns: Vec<String>,
    cells: Vec<String>,
    row_numbers: Vec<u64>,
}

/// How the text of a delimited file is cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cut<'a> {
    /// Character between two cells.
    pub delimiter: u8,
    /// Column names of a file without a header row; `None` reads them from the first row.
    pub header: Option<&'a [&'a str]>,
}

/// Cells separated by commas below a header row: our own trace format.
pub const COMMA: Cut<'static> = Cut { delimiter: b',', header: None };
/// Cells separated by tabs below a header row.
pub const TAB: Cut<'static> = Cut { delimiter: b'\t', header: None };

impl Table {
    /// Number of rows, the header not counted.
    pub fn len(&self) -> usize {
        self.row_numbers.len()
    }
    /// Whether there is no row below the header.
    pub fn is_empty(&self) -> bool {
        self.row_numbers.is_empty()
    }
    /// Where the column of this name stands, from 0.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }
    /// The cell in `row` (from 0) and `column` (from 0), without blanks at its ends; empty if there is no value.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        &self.cells[row * self.columns.len() + column]
    }
    /// Number of `row` (from 0) as [`Problem::row`] counts.
    pub fn row_number(&self, row: usize) -> u64 {
        self.row_numbers[row]
    }
}

/// Reads a CSV file with a header, gzipped or not, or a Parquet file; which it is, is seen from its first bytes.
pub fn read(path: &Path) -> Result<Table, Vec<Problem>> {
    read_cut(path, COMMA)
}

/// Like [`read`], for text that is cut differently.
pub fn read_cut(path: &Path, cut: Cut<'_>) -> Result<Table, Vec<Problem>> {
    let file = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| vec![unreadable(path, &file, &error)])?;
    parse(&file, bytes, cut)
}

/// Makes a table of the bytes of a file.
pub fn parse(file: &str, bytes: Vec<u8>, cut: Cut<'_>) -> Result<Table, Vec<Problem>> {
    if bytes.starts_with(b"PAR1") {
        return parse_parquet(file, bytes);
    }
    match bytes.starts_with(&[0x1f, 0x8b]) {
        true => parse_text(file, &unzip(file, &bytes)?, cut),
        false => parse_text(file, &bytes, cut),
    }
}

fn unreadable(path: &Path, file: &str, error: &std::io::Error) -> Problem {
    let problem = Problem::of_file(file, format!("cannot be read: {error}"), "");
    match error.kind() {
        std::io::ErrorKind::NotFound => match neighbour(path) {
            Some(name) => problem.help(format!("did you mean \"{name}\"?")),
            None => problem
                .help("a path in a scenario is relative to its file, one on the command line to the folder you are in"),
        },
        _ => problem,
    }
}

/// The file in the same folder whose name is most like that of `path`.
fn neighbour(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut names: Vec<String> =
        std::fs::read_dir(folder).ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    nearest(path.file_name()?.to_str()?, names.iter().map(String::as_str)).map(str::to_owned)
}

/// The candidate most like `word`, if one is like it at all; the first of equals.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let (a, b) = (word.to_lowercase(), candidate.to_lowercase());
        let alike = strsim::jaro_winkler(&a, &b);
        // One slip in a short id such as "s2" makes it look little like "s1" by Jaro-Winkler.
        let one_slip = a.chars().count() > 1 && strsim::damerau_levenshtein(&a, &b) <= 1;
        if (alike >= 0.75 || one_slip) && best.is_none_or(|(so_far, _)| alike > so_far) {
            best = Some((alike, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn unzip(file: &str, bytes: &[u8]) -> Result<Vec<u8>, Vec<Problem>> {
    let mut text = Vec::new();
    match flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut text) {
        Ok(_) => Ok(text),
        Err(error) => {
            let problem = Problem::of_file(file, format!("damaged gzip data: {error}"), "");
            Err(vec![problem.help("the file may be cut short; fetch or compress it again")])
        }
    }
}

fn parse_text(file: &str, bytes: &[u8], cut: Cut<'_>) -> Result<Table, Vec<Problem>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Err(error) = std::str::from_utf8(bytes) {
        let row = 1 + count_newlines(&bytes[..error.valid_up_to()]);
        let problem = Problem::of_file(file, "bytes that are not text", "text in UTF-8")
            .help("save the file as \"CSV UTF-8\", or as Parquet");
        return Err(vec![Problem { row: Some(row), ..problem }]);
    }
    let mut reader =
        csv::ReaderBuilder::new().delimiter(cut.delimiter).has_headers(false).flexible(true).from_reader(bytes);
    let mut builder = Builder::new(file, cut);
    let mut record = csv::StringRecord::new();
    let (mut counted, mut row) = (0, 1);
    // Reading UTF-8 from memory can no longer fail: lengths are free and there is no other rule to break.
    while reader.read_record(&mut record).unwrap_or(false) {
        // The reader's own line number counts blank lines and CRLF to the record that follows them.
        let mut start = record.position().map_or(counted, |position| position.byte() as usize);
        while matches!(bytes.get(start), Some(b'\r' | b'\n')) {
            start += 1;
        }
        row += count_newlines(&bytes[counted..start]);
        counted = start;
        builder.record(row, &record);
    }
    builder.finish()
}

fn count_newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| byte == b'\n').count() as u64
}

/// Collects records into a table; the first gives the header unless the caller did.
struct Builder {
    table: Table,
    has_header: bool,
    problems: Vec<Problem>,
}

/// More rows than this with the wrong number of cells are not listed one by one.
const RAGGED_ROWS_SHOWN: usize = 20;

impl Builder {
    fn new(file: &str, cut: Cut<'_>) -> Self {
        let columns = cut.header.unwrap_or_default().iter().map(|name| name.to_string()).collect();
        let table = Table { file: file.into(), columns, cells: Vec::new(), row_numbers: Vec::new() };
        Builder { table, has_header: cut.header.is_some(), problems: Vec::new() }
    }

    fn record(&mut self, row: u64, record: &csv::StringRecord) {
        if !self.has_header {
            self.has_header = true;
            self.table.columns = record.iter().map(|name| name.trim().to_owned()).collect();
            self.problems.extend(header_problems(&self.table));
        } else if record.len() != self.table.columns.len() {
            self.ragged(row, record.len());
        } else {
            self.table.cells.extend(record.iter().map(|cell| cell.trim().to_owned()));
            self.table.row_numbers.push(row);
        }
    }

    fn ragged(&mut self, row: u64, cells: usize) {
        if self.problems.len() >= RAGGED_ROWS_SHOWN {
            return;
        }
        let expected = format!("{} as in the header", self.table.columns.len());
        let problem = Problem::of_file(&self.table.file, format!("{cells} cells"), expected)
            .help("put quotes around a cell that contains a comma");
        self.problems.push(Problem { row: Some(row), ..problem });
    }

    fn finish(self) -> Result<Table, Vec<Problem>> {
        if !self.has_header {
            let problem = Problem::of_file(&self.table.file, "an empty file", "a header row with the names of columns");
            return Err(vec![problem]);
        }
        if self.problems.is_empty() { Ok(self.table) } else { Err(self.problems) }
    }
}

fn header_problems(table: &Table) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, name) in table.columns.iter().enumerate() {
        if table.columns[..at].contains(name) {
            let problem = Problem::of_file(&table.file, "the same name twice in the header", "every column once");
            problems.push(Problem { row: Some(1), column: Some(name.clone()), ..problem });
        }
    }
    if let [only] = table.columns.as_slice()
        && let Some(separator) = only.chars().find(|&c| matches!(c, ';' | '\t' | '|'))
    {
        let problem = Problem::of_file(&table.file, format!("columns separated by {separator:?}"), "commas");
        problems.push(Problem { row: Some(1), ..problem }.help("save the file as comma-separated CSV, or as Parquet"));
    }
    problems
}

fn parse_parquet(file: &str, bytes: Vec<u8>) -> Result<Table, Vec<Problem>> {
    let damaged = |error| vec![Problem::of_file(file, format!("damaged Parquet data: {error}"), "")];
    let frame = ParquetReader::new(Cursor::new(bytes)).finish().map_err(damaged)?;
    let columns = frame.get_column_names().into_iter().map(|name| name.trim().to_owned()).collect();
    let cells = by_row(&frame).map_err(damaged)?;
    let row_numbers = (1..=frame.height() as u64).collect();
    Ok(Table { file: file.into(), columns, cells, row_numbers })
}

/// The cells of a frame as text, row after row.
fn by_row(frame: &DataFrame) -> Result<Vec<String>, polars::error::PolarsError> {
    let columns: Vec<&Column> = frame.columns().iter().collect();
    let mut cells = Vec::with_capacity(frame.height() * columns.len());
    for row in 0..frame.height() {
        for column in &columns {
            cells.push(text_of(&column.get(row)?));
        }
    }
    Ok(cells)
}

fn text_of(value: &AnyValue<'_>) -> String {
    match value {
        AnyValue::Null => String::new(),
        AnyValue::String(text) => text.trim().to_owned(),
        AnyValue::StringOwned(text) => text.trim().to_owned(),
        AnyValue::Float32(number) => number.to_string(),
        AnyValue::Float64(number) => number.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::{IntoColumn, NamedFrom, Series};
    use std::io::Write;

    fn csv(text: &str) -> Result<Table, Vec<Problem>> {
        parse("t.csv", text.as_bytes().to_vec(), COMMA)
    }

    #[test]
    fn quotes_crlf_bom_and_blank_lines_are_understood() {
        let table = csv("\u{feff}id,note\r\n1,\"a, \"\"b\"\"\"\r\n\r\n 2 , c \r\n").unwrap();
        assert_eq!(table.columns, ["id", "note"]);
        assert_eq!((table.cell(0, 1), table.cell(1, 0), table.cell(1, 1)), ("a, \"b\"", "2", "c"));
        assert_eq!((table.row_number(0), table.row_number(1)), (2, 4));
    }

    #[test]
    fn a_row_after_a_cell_with_a_line_break_is_numbered_by_its_line() {
        let table = csv("id,note\n1,\"two\nlines\"\n2,x").unwrap();
        assert_eq!((table.row_number(0), table.row_number(1), table.len()), (2, 4, 2));
    }

    #[test]
    fn header_only_is_a_table_without_rows() {
        assert!(csv("a,b\n").unwrap().is_empty());
        assert!(csv("a,b").unwrap().is_empty());
    }

    #[test]
    fn every_short_or_long_row_is_a_problem_with_its_number() {
        let problems = csv("a,b\n1\n1,2\n1,2,3\n").unwrap_err();
        let rows: Vec<_> = problems.iter().map(|problem| problem.row).collect();
        assert_eq!(rows, [Some(2), Some(4)]);
        let text = problems[1].to_string();
        assert!(text.starts_with("error: t.csv: row 4: found 3 cells, expected 2 as in the header"), "{text}");
    }

    #[test]
    fn an_empty_file_asks_for_a_header() {
        assert!(csv("").unwrap_err()[0].to_string().contains("header row"));
    }

    #[test]
    fn semicolons_twins_and_binary_are_named() {
        assert!(csv("a;b\n1;2\n").unwrap_err()[0].expected.contains("commas"));
        assert_eq!(csv("a,b,a\n").unwrap_err()[0].column.as_deref(), Some("a"));
        let binary = parse("t.csv", b"a,b\n1,\xff\xfe\n".to_vec(), COMMA).unwrap_err();
        assert_eq!((binary[0].row, binary[0].expected.as_str()), (Some(2), "text in UTF-8"));
    }

    #[test]
    fn gzip_is_seen_from_the_bytes_and_damage_is_told() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(b"a,b\n1,2\n").unwrap();
        let zipped = encoder.finish().unwrap();
        assert_eq!(parse("t", zipped.clone(), COMMA).unwrap().cell(0, 1), "2");
        assert!(parse("t", zipped[..12].to_vec(), COMMA).unwrap_err()[0].found.contains("damaged gzip"));
    }

    #[test]
    fn parquet_gives_the_cells_of_the_same_csv() {
        let id = Series::new("id".into(), ["a", "b"]).into_column();
        let x = Series::new("x_m".into(), [Some(0.1_f64), None]).into_column();
        let n = Series::new("quantity".into(), [3_i64, 4]).into_column();
        let mut frame = DataFrame::new(2, vec![id, x, n]).unwrap();
        let mut bytes = Vec::new();
        polars_io::parquet::write::ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
        let table = parse("t.parquet", bytes.clone(), COMMA).unwrap();
        let text = csv("id,x_m,quantity\na,0.1,3\nb,,4\n").unwrap();
        assert_eq!((&table.columns, &table.cells), (&text.columns, &text.cells));
        assert_eq!(table.row_number(0), 1);
        bytes.truncate(bytes.len() / 2);
        assert!(parse("t.parquet", bytes, COMMA).unwrap_err()[0].found.contains("damaged Parquet"));
    }

    #[test]
    fn files_without_header_take_the_given_names_and_delimiter() {
        let cut = Cut { delimiter: b'\t', header: Some(&["site", "lng"]) };
        let table = parse("t", b"A1\t121.5\n".to_vec(), cut).unwrap();
        assert_eq!((table.column("lng"), table.cell(0, 1), table.row_number(0)), (Some(1), "121.5", 1));
    }

    #[test]
    fn a_missing_file_names_its_neighbour() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("couriers.csv"), "a\n").unwrap();
        let problems = read(&folder.path().join("courier.csv")).unwrap_err();
        assert_eq!(problems[0].help.as_deref(), Some("did you mean \"couriers.csv\"?"));
    }
}
