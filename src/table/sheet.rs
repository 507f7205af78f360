//! Room: table. A table whose columns are known: typed cells, and problems collected on the way.

use super::{Problem, Table, nearest};

/// Problems of one file listed one by one; how many more there are is told in one line.
const PROBLEMS_SHOWN: usize = 50;

/// A column by the name its format gives it, and where it stands in this file, if it is there.
#[derive(Clone, Copy)]
pub(crate) struct Col {
    pub(crate) name: &'static str,
    at: Option<usize>,
}

impl Col {
    pub(crate) fn is_given(self) -> bool {
        self.at.is_some()
    }
}

/// One table being read.
pub(crate) struct Sheet<'t> {
    table: &'t Table,
    known: Vec<&'static str>,
    problems: Vec<Problem>,
    hidden: usize,
}

impl<'t> Sheet<'t> {
    /// Opens a table with `columns` that may be asked for; any other column is a problem.
    pub(crate) fn open(table: &'t Table, columns: &[&'static str]) -> Self {
        let mut sheet = Sheet { table, known: columns.to_vec(), problems: Vec::new(), hidden: 0 };
        for name in &table.columns {
            if !columns.contains(&name.as_str()) {
                sheet.unknown_column(name);
            }
        }
        sheet
    }

    fn unknown_column(&mut self, name: &str) {
        let taken = |column: &&&str| self.table.column(column).is_none();
        // "placed" is nearer to "place" by letters, but a forgotten unit is the likelier slip.
        let without_unit = |column: &&&str| column.rsplit_once('_').is_some_and(|(stem, _)| stem == name);
        let free = || self.known.iter().filter(taken);
        let meant = free().find(without_unit).copied().or_else(|| nearest(name, free().copied()));
        let help = match meant {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => format!("known columns: {}", self.known.join(", ")),
        };
        let problem = Problem::of_file(&self.table.file, "an unknown column", "");
        self.push(Problem { column: Some(name.into()), ..problem }.help(help));
    }

    /// A column that may be absent.
    pub(crate) fn column(&self, name: &'static str) -> Col {
        debug_assert!(self.known.contains(&name), "{name} is not among the columns the sheet was opened with");
        Col { name, at: self.table.column(name) }
    }

    /// A column that must be there.
    pub(crate) fn required(&mut self, name: &'static str, meaning: &str) -> Col {
        let column = self.column(name);
        if !column.is_given() {
            let found = format!("no column {name}");
            self.push(Problem::of_file(&self.table.file, found, format!("{meaning} in a column of that name")));
        }
        column
    }

    pub(crate) fn rows(&self) -> std::ops::Range<usize> {
        0..self.table.len()
    }

    pub(crate) fn row_number(&self, row: usize) -> u64 {
        self.table.row_number(row)
    }

    /// The cell as text; `None` if the column is absent or the cell empty.
    pub(crate) fn text(&self, row: usize, column: Col) -> Option<&'t str> {
        column.at.map(|at| self.table.cell(row, at)).filter(|cell| !cell.is_empty())
    }

    /// The cell as text; an empty cell is a problem.
    pub(crate) fn needed_text(&mut self, row: usize, column: Col, expected: &str) -> Option<&'t str> {
        let text = self.text(row, column);
        if text.is_none() && column.is_given() {
            self.problem(row, column, expected);
        }
        text
    }

    /// The cell as a number from `low` to `high`; a cell that is anything else is a problem, an empty one is not.
    pub(crate) fn number(&mut self, row: usize, column: Col, (low, high): (f64, f64), expected: &str) -> Option<f64> {
        let text = self.text(row, column)?;
        match text.parse::<f64>() {
            Ok(number) if number >= low && number <= high => Some(number),
            Ok(number) if number.is_finite() => {
                let bound = if number < low { format!("at least {low}") } else { format!("at most {high}") };
                self.problem(row, column, &format!("{expected}, {bound}"));
                None
            }
            _ => {
                self.problem(row, column, expected);
                None
            }
        }
    }

    /// Like [`Sheet::number`], where an empty cell is a problem too.
    pub(crate) fn needed_number(&mut self, row: usize, column: Col, range: (f64, f64), expected: &str) -> Option<f64> {
        self.needed_text(row, column, expected)?;
        self.number(row, column, range, expected)
    }

    /// The cell as a whole number from `low` to `high`.
    pub(crate) fn whole(&mut self, row: usize, column: Col, (low, high): (u32, u32), expected: &str) -> Option<u32> {
        let number = self.number(row, column, (f64::from(low), f64::from(high)), expected)?;
        if number.fract() != 0.0 {
            self.problem(row, column, expected);
            return None;
        }
        Some(number as u32)
    }

    /// The cell as one of `words`, given back as its index.
    pub(crate) fn word<W: AsRef<str>>(
        &mut self,
        row: usize,
        column: Col,
        words: &[W],
        expected: &str,
    ) -> Option<usize> {
        let text = self.text(row, column)?;
        let found = words.iter().position(|word| word.as_ref() == text);
        if found.is_none() {
            let help = nearest(text, words.iter().map(AsRef::as_ref)).map(|word| format!("nearest: \"{word}\""));
            let problem = self.problem_at(row, column, expected);
            self.push(Problem { help, ..problem });
        }
        found
    }

    /// Notes that the cell is not what was expected.
    pub(crate) fn problem(&mut self, row: usize, column: Col, expected: &str) {
        let problem = self.problem_at(row, column, expected);
        self.push(problem);
    }

    /// The problem that the cell is not what was expected, not yet noted.
    pub(crate) fn problem_at(&self, row: usize, column: Col, expected: &str) -> Problem {
        let found = self.text(row, column).map_or("an empty cell".into(), |text| format!("\"{text}\""));
        Problem {
            row: Some(self.row_number(row)),
            column: Some(column.name.into()),
            ..Problem::of_file(&self.table.file, found, expected)
        }
    }

    /// A problem of the whole file.
    pub(crate) fn file_problem(&mut self, found: &str, expected: &str) {
        self.push(Problem::of_file(&self.table.file, found, expected));
    }

    pub(crate) fn push(&mut self, problem: Problem) {
        match self.problems.len() < PROBLEMS_SHOWN {
            true => self.problems.push(problem),
            false => self.hidden += 1,
        }
    }

    /// The rows read, if there was no problem.
    pub(crate) fn finish<T>(mut self, rows: T) -> Result<T, Vec<Problem>> {
        if self.hidden > 0 {
            let more = format!("and {} more problems in this file", self.hidden);
            self.problems.push(Problem::of_file(&self.table.file, more, ""));
        }
        if self.problems.is_empty() { Ok(rows) } else { Err(self.problems) }
    }
}

/// Where each id was first seen; a second time is a problem.
#[derive(Default)]
pub(crate) struct Ids<'t> {
    seen: std::collections::BTreeMap<&'t str, u64>,
}

impl<'t> Ids<'t> {
    /// Takes the id of a row, which must be new.
    pub(crate) fn take(&mut self, sheet: &mut Sheet<'t>, row: usize, column: Col) -> Option<&'t str> {
        let id = sheet.needed_text(row, column, "an id")?;
        if let Some(first) = self.seen.get(id) {
            sheet.problem(row, column, &format!("an id of its own; row {first} has this one"));
            return None;
        }
        self.seen.insert(id, sheet.row_number(row));
        Some(id)
    }
}
