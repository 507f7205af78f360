//! Money and carbon: a fee is raised once, at checkout, by something; an order's bill is the sum of its causes and exists
//! only if it was delivered, and so are its other accounts, what it earned for whom and its grams of carbon.
//!
//! Columns are read where they lie, 64 orders at a glance: whether all of them have a number for those that were delivered
//! and for no others, and whether entries add up. Only where something looks odd is each order looked at.

use super::state::Mark;
use super::{Auditor, Violation};
use crate::event::{Event, EventLog};
use crate::units::{Money, OrderId, SimTime};

/// What orders cost by cause, as a table of them says; one entry an order in every column.
pub struct Bills<'a> {
    /// In yuan.
    pub causes: &'a [Entry<'a>],
    /// What the table gives as their sum, in yuan.
    pub total: Column<'a>,
    /// What else has to add up.
    pub accounts: &'a [Account<'a>],
}

/// An account of every order in a table: signed entries that add up to a balance.
pub struct Account<'a> {
    /// What the balance is called.
    pub name: &'static str,
    /// The smallest amount that can be booked, in the unit of the numbers: 0.01 of yuan, 0.001 of grams.
    pub smallest: f64,
    /// What adds up.
    pub entries: &'a [Entry<'a>],
    /// The balance of the table.
    pub balance: Column<'a>,
}

/// One entry of every order.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// What it is called.
    pub name: &'static str,
    /// 1 or -1.
    pub sign: f64,
    /// How much it is.
    pub column: Column<'a>,
}

/// A column of a table, where it lies.
#[derive(Clone, Copy)]
pub struct Column<'a> {
    /// By order; without meaning where the table is empty.
    pub numbers: &'a [f64],
    /// Which orders have one: a bit each from the lowest of the first byte on, so many bits in; None: all.
    pub known: Option<(&'a [u8], usize)>,
}

/// Orders looked at together.
const BLOCK: usize = 64;

impl Column<'_> {
    /// The number of an order; not a number where the table is empty.
    fn number(&self, i: usize) -> f64 {
        let is_set = |(bits, skip): (&[u8], usize)| bits[(i + skip) / 8] >> ((i + skip) % 8) & 1 == 1;
        let number = self.numbers.get(i).filter(|_| self.known.is_none_or(is_set));
        number.copied().unwrap_or(f64::NAN)
    }
    /// The numbers of a block, if all of it is in the column and exactly these orders have one.
    #[inline]
    fn block(&self, block: usize, of: u64) -> Option<&[f64; BLOCK]> {
        let known = match self.known {
            None => u64::MAX,
            Some((bits, 0)) => {
                let from = block * BLOCK / 8;
                u64::from_le_bytes(bits.get(from..from + BLOCK / 8)?.try_into().ok()?)
            }
            Some(_) => return None,
        };
        self.numbers.get(block * BLOCK..(block + 1) * BLOCK)?.try_into().ok().filter(|_| known == of)
    }
}

impl Auditor<'_> {
    pub(super) fn fee_raised(&mut self, id: OrderId, by_fen: u32) {
        self.offered(id);
        let order = self.order(id);
        self.require(by_fen > 0, || format!("the fee of order {} is raised by nothing", id.0));
        self.require(!order.is(Mark::FeeRaised), || format!("the fee of order {} is raised twice", id.0));
        self.mark(id, Mark::FeeRaised);
    }

    /// Each violation names the order; `delivered` has a bit for each, from the lowest of the first number on.
    pub(super) fn check_bills(&mut self, bills: &Bills<'_>, delivered: &[u64]) {
        let (count, placed) = (bills.total.numbers.len(), self.orders.len());
        let end = self.log.records.last().map_or(SimTime::ZERO, |record| record.at);
        let mut found = Vec::new();
        if count != placed {
            found.push((None, format!("{count} orders have a bill, but {placed} were placed")));
        }
        let look = |i: usize, delivered: bool| Some((Some(i), bills.fault(i, delivered)?));
        odd_orders(bills.causes, &bills.total, FEN, delivered, placed, |i, delivered| found.extend(look(i, delivered)));
        for account in bills.accounts {
            let Account { smallest, entries, balance, .. } = account;
            let look = |i: usize, delivered: bool| Some((Some(i), account.fault(i, delivered)?));
            odd_orders(entries, balance, *smallest, delivered, placed, |i, delivered| found.extend(look(i, delivered)));
        }
        if found.is_empty() {
            return;
        }
        let times = deliveries(self.log);
        let at = |order: Option<usize>| order.and_then(|i| times[i]).unwrap_or(end);
        self.violations.extend(found.into_iter().map(|(order, what)| Violation { at: at(order), what }));
    }
}

/// The smallest amount of yuan.
const FEN: f64 = 0.01;

/// Has each order looked at, with whether it was delivered, that a glance does not find sound. All numbers are whole multiples
/// of the smallest amount, so a sum that is off by less than half of it is exact.
fn odd_orders(
    entries: &[Entry<'_>],
    balance: &Column<'_>,
    smallest: f64,
    delivered: &[u64],
    placed: usize,
    mut look: impl FnMut(usize, bool),
) {
    let count = placed.min(balance.numbers.len());
    for (block, &of) in delivered.iter().enumerate().take(count.div_ceil(BLOCK)) {
        if !adds_up(entries, balance, smallest, block, of) {
            for i in block * BLOCK..count.min((block + 1) * BLOCK) {
                look(i, of >> (i % BLOCK) & 1 == 1);
            }
        }
    }
}

/// Whether the numbers of a block of orders add up, and exist for these orders only. Of others the columns may hold anything,
/// 0 as a rule; if that does not add up, they are odd and no more.
#[inline]
fn adds_up(entries: &[Entry<'_>], balance: &Column<'_>, smallest: f64, block: usize, of: u64) -> bool {
    let Some(balance) = balance.block(block, of) else { return false };
    let mut off = balance.map(|number| -number);
    for entry in entries {
        let Some(numbers) = entry.column.block(block, of) else { return false };
        for (off, number) in off.iter_mut().zip(numbers) {
            *off += entry.sign * number;
        }
    }
    // Without a branch for each, and so that something that is not a number is off.
    off.iter().fold(true, |exact, off| exact & (off.abs() < smallest / 2.0))
}

impl Bills<'_> {
    /// What is wrong with the bill of an order, in whole fen.
    #[cold]
    fn fault(&self, i: usize, delivered: bool) -> Option<String> {
        let total = amount(self.total.number(i));
        let causes = || self.causes.iter().map(|cause| (cause.name, amount(cause.column.number(i))));
        let sum = Money(causes().filter_map(|(_, amount)| amount).map(|amount| amount.0).sum());
        let missing = causes().find(|(_, amount)| amount.is_none());
        match (delivered, total, missing) {
            (true, Some(_), Some((name, _))) => Some(format!("the bill of order {i} has no {name}")),
            (true, Some(total), None) if sum != total => {
                Some(format!("order {i} costs {} yuan, but its causes add up to {}", total.yuan(), sum.yuan()))
            }
            (true, None, _) => Some(format!("order {i} is delivered but has no bill")),
            (false, total, _) if total.is_some() || causes().any(|(_, amount)| amount.is_some()) => {
                Some(format!("order {i} has a bill but is not delivered"))
            }
            _ => None,
        }
    }
}

/// Whole fen, if it is a number.
fn amount(yuan: f64) -> Option<Money> {
    (!yuan.is_nan()).then(|| Money((yuan * 100.0).round() as i64))
}

impl Account<'_> {
    /// What is wrong with the account of an order.
    #[cold]
    fn fault(&self, i: usize, delivered: bool) -> Option<String> {
        let (name, balance) = (self.name, self.balance.number(i));
        let numbers = || self.entries.iter().map(|entry| (entry.sign, entry.column.number(i)));
        let sum: f64 = numbers().map(|(sign, number)| sign * number).sum();
        if delivered {
            let exact = (sum - balance).abs() < self.smallest / 2.0;
            return (!exact).then(|| format!("{name} of order {i} is {balance}, but its entries add up to {sum:.3}"));
        }
        let nothing = balance.is_nan() && numbers().all(|(_, number)| number.is_nan());
        (!nothing).then(|| format!("order {i} has {name} but is not delivered"))
    }
}

/// When each order was delivered, by another look through the log.
fn deliveries(log: &EventLog) -> Vec<Option<SimTime>> {
    let mut delivered = vec![None; log.orders()];
    for record in &log.records {
        if let Event::OrderDelivered { order, .. }
        | Event::ParcelDelivered { order, .. }
        | Event::OrderCollected { order } = record.event
            && let Some(at) = delivered.get_mut(order.index())
        {
            *at = Some(record.at);
        }
    }
    delivered
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two entries and their balance for 150 orders; every third is not delivered.
    struct Books {
        entries: [Vec<f64>; 2],
        balance: Vec<f64>,
        known: [Vec<u8>; 3],
    }

    const PLACED: usize = 150;

    fn books() -> Books {
        let numbers = |factor: f64| (0..PLACED).map(|i| if i % 3 == 0 { 0.0 } else { i as f64 * factor }).collect();
        let known: Vec<u8> = bits().iter().flat_map(|word| word.to_le_bytes()).collect();
        Books {
            entries: [numbers(0.25), numbers(0.5)],
            balance: numbers(-0.25),
            known: [(); 3].map(|()| known.clone()),
        }
    }
    fn bits() -> Vec<u64> {
        let mut bits = vec![0; PLACED.div_ceil(BLOCK)];
        (0..PLACED).filter(|i| i % 3 != 0).for_each(|i| bits[i / BLOCK] |= 1 << (i % BLOCK));
        bits
    }

    impl Books {
        /// Orders looked at, and what is found wrong with them.
        fn looked_at(&self) -> (Vec<usize>, Vec<String>) {
            let column = |i: usize, numbers| Column { numbers, known: Some((&self.known[i], 0)) };
            let entry = |i: usize, sign| Entry { name: "entry", sign, column: column(i, &self.entries[i]) };
            let (entries, balance) = ([entry(0, 1.0), entry(1, -1.0)], column(2, &self.balance));
            let account = Account { name: "balance", smallest: FEN, entries: &entries, balance };
            let (mut looked_at, mut faults) = (Vec::new(), Vec::new());
            odd_orders(&entries, &balance, FEN, &bits(), PLACED, |i, delivered| {
                looked_at.push(i);
                faults.extend(account.fault(i, delivered));
            });
            (looked_at, faults)
        }
    }

    #[test]
    fn whole_blocks_that_are_sound_are_not_looked_at_again() {
        // The last block is not a whole one.
        assert_eq!(books().looked_at(), ((128..150).collect(), vec![]));
    }

    #[test]
    fn a_fault_within_a_whole_block_is_found() {
        type Bent = fn(&mut Books);
        let faults: [(&str, Bent); 6] = [
            ("balance of order 70 is -17.5, but its entries add up to -17.490", |books| books.entries[0][70] += 0.01),
            ("balance of order 127 is -31.76, but its entries add up to -31.750", |books| books.balance[127] -= 0.01),
            ("balance of order 1 is -0.25, but its entries add up to NaN", |books| books.entries[1][1] = f64::NAN),
            ("balance of order 1 is -0.25, but its entries add up to NaN", |books| books.known[1][0] &= !2),
            ("order 3 has balance but is not delivered", |books| books.known[0][0] |= 8),
            ("balance of order 125 is NaN, but its entries add up to -31.250", |books| books.known[2][15] &= !(1 << 5)),
        ];
        for (said, bend) in faults {
            let mut books = books();
            bend(&mut books);
            let (_, found) = books.looked_at();
            assert!(found.len() == 1 && found[0].starts_with(said), "expected '{said}', found {found:?}");
        }
    }

    #[test]
    fn what_a_column_holds_where_it_is_empty_does_not_matter() {
        let mut books = books();
        (books.entries[0][3], books.balance[66]) = (7.0, f64::NAN);
        assert_eq!(books.looked_at(), ((0..150).collect(), vec![]));
    }

    #[test]
    fn bits_that_do_not_begin_with_the_first_order_are_read_one_by_one() {
        let column = Column { numbers: &[5.0, 6.0, 7.0], known: Some((&[0b1010_0000, 0b1], 5)) };
        assert_eq!(
            [0, 1, 2].map(|i| amount(column.number(i))),
            [500, 0, 700].map(|fen| (fen > 0).then_some(Money(fen)))
        );
        assert!(column.number(3).is_nan());
    }
}
