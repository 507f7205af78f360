//! Room: report. Who wanted the near field, and why some of them did not get it.

use super::ReportError;
use super::data::{Table, first_replication};
use polars::prelude::DataFrame;

/// Why somebody who wanted the near field did not get it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cause {
    /// Stores in reach lacked something, or kept what was left.
    Stock = 0,
    /// No open store in reach.
    Reach = 1,
    /// It took so long that the consumer gave up.
    Wait = 2,
    /// No courier, too much work at the stores, or the near field was held back.
    Capacity = 3,
}

impl Cause {
    /// All causes, in the order of their codes.
    pub(crate) const ALL: [Cause; 4] = [Cause::Stock, Cause::Reach, Cause::Wait, Cause::Capacity];
}

/// Why a near order was sent far after all.
const MAX_WAIT: &str = "max_wait";

/// What became of those who did not get it, in the order of [`Wants::fates`].
pub(crate) const FATES: usize = 3;

/// Somebody who wanted the near field, by what they did or by what would have made them order.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Want {
    pub(crate) x_m: f64,
    pub(crate) y_m: f64,
    /// None if it was given.
    pub(crate) missed: Option<Cause>,
}

/// All of them in one replication, after the warm-up.
#[derive(Debug, Default)]
pub(crate) struct Wants {
    pub(crate) all: Vec<Want>,
    /// Of those who did not get it: left without an order, cancelled, were sent a parcel instead.
    pub(crate) fates: [usize; FATES],
    /// Consumers who saw no near offer and took a parcel: whether they would have preferred near is not known.
    pub(crate) undecided: usize,
}

impl Wants {
    /// Reads the orders placed `from_s` after the start or later, and the sessions that the near field lost.
    pub(crate) fn read(orders: &DataFrame, lost: &DataFrame, from_s: f64) -> Result<Wants, ReportError> {
        let mut wants = Wants::default();
        wants.read_orders(orders, from_s)?;
        if lost.width() > 0 {
            wants.read_lost(lost, first_number(orders)?)?;
        }
        Ok(wants)
    }

    fn read_orders(&mut self, orders: &DataFrame, from_s: f64) -> Result<(), ReportError> {
        let mut orders = Table { name: "orders", frame: first_replication("orders", orders)? };
        if from_s > 0.0 {
            orders.keep_from("placed_s", from_s)?;
        }
        let (x_m, y_m) = (orders.numbers("x_m")?, orders.numbers("y_m")?);
        let (session, part_of) = (orders.numbers("session_id")?, orders.numbers("part_of")?);
        let (channel, status) = (orders.words("channel")?, orders.words("status")?);
        let (far, cancelled) = (orders.words("far_reason")?, orders.words("cancel_reason")?);
        let had_stock = orders.flags("nearest_had_stock")?;
        for order in (0..x_m.len()).filter(|&order| !part_of[order].is_finite()) {
            let mut want = |missed| self.all.push(Want { x_m: x_m[order], y_m: y_m[order], missed });
            match channel[order].as_deref() {
                Some("near") if status[order].as_deref() == Some("cancelled") => {
                    want(Some(cause_of_cancelling(cancelled[order].as_deref(), had_stock[order])));
                    self.fates[1] += 1;
                }
                Some("near") => want(None),
                Some("far") => match cause_of_parcel(far[order].as_deref()) {
                    // Who chooses among what is offered is not asked what else they would have taken; whose near order
                    // was sent far had chosen.
                    Some(_) if session[order].is_finite() && far[order].as_deref() != Some(MAX_WAIT) => {
                        self.undecided += 1;
                    }
                    Some(cause) => {
                        want(Some(cause));
                        self.fates[2] += 1;
                    }
                    None => {}
                },
                _ => {}
            }
        }
        Ok(())
    }

    /// Of the replication of that number; it may have lost nobody where others did.
    fn read_lost(&mut self, lost: &DataFrame, replication: f64) -> Result<(), ReportError> {
        let lost = Table { name: "lost_sessions", frame: lost.clone() };
        let (x_m, y_m, reason) = (lost.numbers("x_m")?, lost.numbers("y_m")?, lost.words("reason")?);
        let numbers = lost.numbers("replication")?;
        let rows = x_m.into_iter().zip(y_m).zip(reason).zip(numbers);
        for (((x_m, y_m), reason), _) in rows.filter(|(_, number)| *number == replication) {
            let missed = match reason.as_deref() {
                Some("stock_out") => Cause::Stock,
                Some("no_near") => Cause::Reach,
                _ => Cause::Capacity,
            };
            self.all.push(Want { x_m, y_m, missed: Some(missed) });
            self.fates[0] += 1;
        }
        Ok(())
    }
}

/// The number of the first replication in the order table; 0 if it has no rows.
fn first_number(orders: &DataFrame) -> Result<f64, ReportError> {
    let first = Table { name: "orders", frame: first_replication("orders", orders)? };
    Ok(first.numbers("replication")?.first().copied().unwrap_or(0.0))
}

/// Why a near order was cancelled; `had_stock` tells of the nearest store that carries it, if any does.
fn cause_of_cancelling(reason: Option<&str>, had_stock: Option<bool>) -> Cause {
    match (reason, had_stock) {
        (Some("small_basket"), _) | (Some("no_store"), Some(false)) => Cause::Stock,
        (Some("no_store"), None) => Cause::Reach,
        (Some("patience"), _) => Cause::Wait,
        _ => Cause::Capacity,
    }
}

/// Why an order that asked for the near field came as a parcel; None if it did not ask.
fn cause_of_parcel(reason: Option<&str>) -> Option<Cause> {
    match reason? {
        "no_stock" | "rationed" => Some(Cause::Stock),
        "no_store" => Some(Cause::Reach),
        "paused" | "shrunk" | "fee" | "overload" | MAX_WAIT => Some(Cause::Capacity),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{CancelReason, FarReason, LeaveReason};
    use crate::report::sample::City;
    use polars::prelude::Column;

    #[test]
    fn another_replication_lost_them() {
        let mut frames = City { orders: 200, replications: 2, ..City::default() }.frames();
        let lost = |frames: &crate::report::sample::Frames| {
            Wants::read(&frames.orders, &frames.lost_sessions, 0.0).unwrap().fates[0]
        };
        assert_eq!(lost(&frames), 9);
        let second = Column::new("replication".into(), vec![1u32; 9]);
        frames.lost_sessions.with_column(second).unwrap();
        assert_eq!(lost(&frames), 0);
    }

    #[test]
    fn who_chose_near_and_was_sent_a_parcel_went_without() {
        let frames = City { orders: 200, ..City::default() }.frames();
        let read =
            |frames: &crate::report::sample::Frames| Wants::read(&frames.orders, &frames.lost_sessions, 0.0).unwrap();
        let before = read(&frames);
        let mut orders = frames.orders.clone();
        let reasons = orders.column("far_reason").unwrap().str().unwrap().clone();
        let first = reasons.iter().position(|reason| reason.is_some_and(|reason| reason != "chosen")).unwrap();
        let reasons: Vec<Option<&str>> =
            (0..reasons.len()).map(|row| if row == first { Some(MAX_WAIT) } else { reasons.get(row) }).collect();
        orders.with_column(Column::new("far_reason".into(), reasons)).unwrap();
        let after = Wants::read(&orders, &frames.lost_sessions, 0.0).unwrap();
        assert_eq!((after.fates[2], after.undecided), (before.fates[2] + 1, before.undecided - 1));
        assert_eq!(MAX_WAIT, FarReason::MaxWait.name());
    }

    #[test]
    fn every_reason_of_the_log_has_its_cause() {
        let parcels: Vec<Option<Cause>> =
            FarReason::ALL.iter().map(|reason| cause_of_parcel(Some(reason.name()))).collect();
        let (stock, reach, busy) = (Some(Cause::Stock), Some(Cause::Reach), Some(Cause::Capacity));
        assert_eq!(parcels, [None, reach, stock, stock, None, None, busy, busy, busy, busy, None, busy]);
        let cancelled = |reason: CancelReason, had| cause_of_cancelling(Some(reason.name()), had);
        assert_eq!(cancelled(CancelReason::Patience, None), Cause::Wait);
        assert_eq!(cancelled(CancelReason::NoCourier, Some(true)), Cause::Capacity);
        assert_eq!(cancelled(CancelReason::NoStore, Some(false)), Cause::Stock);
        assert_eq!(cancelled(CancelReason::NoStore, None), Cause::Reach);
        assert_eq!(cancelled(CancelReason::SmallBasket, Some(true)), Cause::Stock);
        // The names that `read_lost` matches.
        assert_eq!(LeaveReason::StockOut.name(), "stock_out");
        assert_eq!(LeaveReason::NoNear.name(), "no_near");
        assert_eq!(LeaveReason::Overload.name(), "overload");
    }
}
