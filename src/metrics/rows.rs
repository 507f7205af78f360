//! Some rows of a table, read column by column: the table of orders has more than a hundred columns, and what is counted of a
//! channel needs a few of them, so that a copy of the rows costs ten times what is read of them.

use polars::prelude::*;

/// Whatever has columns of numbers.
pub(super) trait Columns {
    /// The column with this name.
    fn of(&self, name: &str) -> PolarsResult<Column>;

    /// The sum of a column of counts.
    fn count(&self, name: &str) -> PolarsResult<i64> {
        Ok(self.of(name)?.u32()?.iter().flatten().map(i64::from).sum())
    }
    /// Seconds back to whole milliseconds, or grams to milligrams, leaving out nulls.
    fn thousandths(&self, name: &str) -> PolarsResult<Vec<i64>> {
        let column = self.of(name)?;
        let column = column.f64()?;
        let mut all = Vec::with_capacity(column.len() - column.null_count());
        each(column, |amount| all.push(in_thousandths(amount)));
        Ok(all)
    }
    /// The sum of a column of seconds or grams, in whole milliseconds or milligrams.
    fn total_thousandths(&self, name: &str) -> PolarsResult<i64> {
        let mut sum = 0;
        each(self.of(name)?.f64()?, |amount| sum += in_thousandths(amount));
        Ok(sum)
    }
    /// The sum of a column of yuan, in whole fen.
    fn fen(&self, name: &str) -> PolarsResult<i64> {
        let mut sum = 0;
        each(self.of(name)?.f64()?, |yuan| sum += rounded(yuan * 100.0));
        Ok(sum)
    }
    /// The sum of a column, added in row order.
    fn sum(&self, name: &str) -> PolarsResult<f64> {
        let mut sum = 0.0;
        each(self.of(name)?.f64()?, |number| sum += number);
        Ok(sum)
    }
    /// Rows of a column of flags that say yes, no, or nothing.
    fn flags(&self, name: &str) -> PolarsResult<Flags> {
        let column = self.of(name)?;
        let flags = column.bool()?;
        let (yes, unknown) = (flags.num_trues(), flags.null_count());
        Ok(Flags { yes, no: flags.len() - yes - unknown, unknown })
    }
}

/// Every number of a column in row order, nulls left out.
#[inline]
fn each(column: &Float64Chunked, mut see: impl FnMut(f64)) {
    for array in column.downcast_iter() {
        match array.validity() {
            None => array.values().iter().for_each(|number| see(*number)),
            Some(known) => {
                array.values().iter().zip(known).filter(|(_, known)| *known).for_each(|(number, _)| see(*number));
            }
        }
    }
}

/// Seconds in whole milliseconds.
#[inline]
pub(super) fn in_thousandths(amount: f64) -> i64 {
    rounded(amount * 1000.0)
}

/// The nearest whole number. Amounts are whole but for the last bits, so that how halves are rounded does not matter;
/// `f64::round` is a call to the C library where the processor is not known.
#[inline]
fn rounded(amount: f64) -> i64 {
    (amount + 0.5_f64.copysign(amount)) as i64
}

/// How often a column of flags says what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Flags {
    pub yes: usize,
    pub no: usize,
    pub unknown: usize,
}

impl Columns for DataFrame {
    fn of(&self, name: &str) -> PolarsResult<Column> {
        self.column(name).cloned()
    }
}

/// Rows of a table, in its order.
#[derive(Clone)]
pub(super) struct Rows<'a> {
    table: &'a DataFrame,
    /// None: all of them.
    chosen: Option<BooleanChunked>,
}

impl Columns for Rows<'_> {
    fn of(&self, name: &str) -> PolarsResult<Column> {
        let column = self.table.column(name)?;
        match &self.chosen {
            Some(chosen) => column.filter(chosen),
            None => Ok(column.clone()),
        }
    }
}

impl<'a> Rows<'a> {
    pub(super) fn all(table: &'a DataFrame) -> Self {
        Rows { table, chosen: None }
    }
    pub(super) fn len(&self) -> usize {
        self.chosen.as_ref().map_or(self.table.height(), |chosen| chosen.num_trues())
    }
    /// Those of them that are `true` in a list for the whole table.
    pub(super) fn only(&self, those: &BooleanChunked) -> Rows<'a> {
        let chosen = self.chosen.as_ref().map_or_else(|| those.clone(), |chosen| chosen & those);
        Rows { table: self.table, chosen: Some(chosen) }
    }
    /// None of them.
    pub(super) fn none(&self) -> Rows<'a> {
        self.only(&BooleanChunked::full("none".into(), false, self.table.height()))
    }
    /// Those with this word in a column.
    pub(super) fn with(&self, name: &str, word: &str) -> PolarsResult<Rows<'a>> {
        Ok(self.only(&self.table.column(name)?.str()?.equal(word)))
    }
    /// Those with anything in a column.
    pub(super) fn known(&self, name: &str) -> PolarsResult<Rows<'a>> {
        Ok(self.only(&self.table.column(name)?.is_not_null()))
    }
    /// Those for which a column of the whole table, by row, says so; null does not.
    pub(super) fn flagged(&self, name: &str, flag: bool) -> PolarsResult<Rows<'a>> {
        let column = self.table.column(name)?.bool()?;
        Ok(if flag { self.only(column) } else { self.only(&!column) })
    }
    /// Those whose word in a column is one of these.
    pub(super) fn among(&self, name: &str, words: &[&str]) -> PolarsResult<Rows<'a>> {
        let column = self.table.column(name)?.str()?;
        let among = column.iter().map(|word| word.is_some_and(|word| words.contains(&word)));
        Ok(self.only(&BooleanChunked::from_iter_values(name.into(), among)))
    }
    /// Those with at least so many seconds in a column.
    pub(super) fn not_before(&self, name: &str, ms: i64) -> PolarsResult<Rows<'a>> {
        let column = self.table.column(name)?.f64()?;
        let late = column.iter().map(|at| at.is_some_and(|at| in_thousandths(at) >= ms));
        Ok(self.only(&BooleanChunked::from_iter_values(name.into(), late)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_those_of_a_filtered_table() {
        let words = [Some("near"), Some("far"), None, Some("near"), Some("pickup")];
        let numbers = [Some(1.25), None, Some(3.0), Some(-4.0), Some(5.0)];
        let flags = [Some(true), Some(false), None, None, Some(true)];
        let table = DataFrame::new(
            5,
            vec![
                StringChunked::from_iter_options("channel".into(), words.into_iter()).into_column(),
                Float64Chunked::from_iter_options("s".into(), numbers.into_iter()).into_column(),
                BooleanChunked::from_iter_options("flag".into(), flags.into_iter()).into_column(),
            ],
        )
        .unwrap();
        let all = Rows::all(&table);
        let numbers = |rows: &Rows| rows.of("s").unwrap().f64().unwrap().iter().collect::<Vec<_>>();
        assert_eq!((all.len(), numbers(&all).len()), (5, 5));
        let near = all.with("channel", "near").unwrap();
        assert_eq!((near.len(), numbers(&near)), (2, vec![Some(1.25), Some(-4.0)]));
        assert_eq!(numbers(&near.flagged("flag", true).unwrap()), [Some(1.25)]);
        assert_eq!(numbers(&all.flagged("flag", false).unwrap()), [None]);
        assert_eq!(numbers(&all.known("s").unwrap().known("channel").unwrap()), [Some(1.25), Some(-4.0), Some(5.0)]);
        assert_eq!(numbers(&all.among("channel", &["far", "pickup"]).unwrap()), [None, Some(5.0)]);
        assert_eq!(numbers(&all.not_before("s", 3000).unwrap()), [Some(3.0), Some(5.0)]);
        assert_eq!(near.fen("s").unwrap(), -275);
        assert_eq!(near.thousandths("s").unwrap(), [1250, -4000]);
        assert_eq!(all.flags("flag").unwrap(), Flags { yes: 2, no: 1, unknown: 2 });
        assert!(near.of("nothing").is_err());
    }
}
