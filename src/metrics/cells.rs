//! Columns of the order table while they are filled, some rows at a time.

use super::orders::{Row, Values};
use polars::prelude::*;

/// Rows of which all columns are filled at a time: as many as [`Bits`] keep in a number.
pub(super) const BLOCK: usize = u64::BITS as usize;

/// A column that is being filled.
pub(super) struct Cells {
    name: &'static str,
    so_far: SoFar,
}

enum SoFar {
    Count(fn(&Row) -> u32, Vec<u32>),
    MaybeCount(fn(&Row) -> Option<u32>, Vec<u32>, Bits),
    Number(fn(&Row) -> Option<f64>, Vec<f64>, Bits),
    Text(for<'a> fn(&Row<'a>) -> Option<&'a str>, StringChunkedBuilder),
    /// Which say yes, and which say anything.
    Flag(fn(&Row) -> Option<bool>, Bits, Bits),
}

impl Cells {
    /// Of so many rows.
    pub(super) fn new(name: &'static str, values: Values, rows: usize) -> Cells {
        let so_far = match values {
            Values::Count(value) => SoFar::Count(value, Vec::with_capacity(rows)),
            Values::MaybeCount(value) => SoFar::MaybeCount(value, Vec::with_capacity(rows), Bits::default()),
            Values::Number(value) => SoFar::Number(value, Vec::with_capacity(rows), Bits::default()),
            Values::Text(value) => SoFar::Text(value, StringChunkedBuilder::new(name.into(), rows)),
            Values::Flag(value) => SoFar::Flag(value, Bits::default(), Bits::default()),
        };
        Cells { name, so_far }
    }

    /// The next [`BLOCK`] rows; fewer only at the end.
    pub(super) fn push(&mut self, block: &[Row]) {
        match &mut self.so_far {
            SoFar::Count(value, cells) => cells.extend(block.iter().map(*value)),
            SoFar::MaybeCount(value, cells, known) => known.push(block, |row| noted(value(row), cells)),
            SoFar::Number(value, cells, known) => known.push(block, |row| noted(value(row), cells)),
            SoFar::Text(value, cells) => block.iter().for_each(|row| cells.append_option(value(row))),
            SoFar::Flag(value, yes, known) => {
                yes.push(block, |row| value(row) == Some(true));
                known.push(block, |row| value(row).is_some());
            }
        }
    }

    pub(super) fn column(self) -> Column {
        let name = PlSmallStr::from_static(self.name);
        match self.so_far {
            SoFar::Count(_, cells) => UInt32Chunked::from_vec(name, cells).into_column(),
            SoFar::MaybeCount(_, cells, known) => {
                let known = known.unless_all(cells.len()).map(Iterator::collect);
                UInt32Chunked::from_vec_validity(name, cells, known).into_column()
            }
            SoFar::Number(_, cells, known) => {
                let known = known.unless_all(cells.len()).map(Iterator::collect);
                Float64Chunked::from_vec_validity(name, cells, known).into_column()
            }
            SoFar::Text(_, cells) => cells.finish().into_column(),
            SoFar::Flag(_, yes, known) => {
                let flags = yes.iter().zip(known.iter()).map(|(yes, known)| known.then_some(yes));
                BooleanChunked::from_iter_options(name, flags).into_column()
            }
        }
    }
}

/// Adds a value, or what stands where there is none, and says which.
#[inline]
fn noted<T: Default>(value: Option<T>, cells: &mut Vec<T>) -> bool {
    let known = value.is_some();
    cells.push(value.unwrap_or_default());
    known
}

/// A flag a row, [`BLOCK`] in each number from its lowest bit on.
#[derive(Default)]
struct Bits {
    rows: usize,
    words: Vec<u64>,
}

impl Bits {
    /// The next [`BLOCK`] rows; fewer only at the end.
    #[inline]
    fn push(&mut self, block: &[Row], mut of: impl FnMut(&Row) -> bool) {
        self.rows += block.len();
        self.words.push(block.iter().enumerate().fold(0, |word, (i, row)| word | u64::from(of(row)) << i));
    }
    fn iter(&self) -> impl Iterator<Item = bool> {
        (0..self.rows).map(|i| self.words[i / BLOCK] >> (i % BLOCK) & 1 == 1)
    }
    /// Nothing if all rows are set.
    fn unless_all(&self, rows: usize) -> Option<impl Iterator<Item = bool>> {
        let set: u32 = self.words.iter().map(|word| word.count_ones()).sum();
        (set as usize != rows).then(|| self.iter())
    }
}
