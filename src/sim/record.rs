//! The record of the shelves as routing sees it, where that is older than the shelves (`stock.sync_latency_s`).

use super::units_there::UnitsThere;
use crate::units::{SimDuration, SimTime};
use std::collections::VecDeque;

/// Available units as they were some time ago.
#[derive(Debug)]
pub(super) struct Record {
    age: SimDuration,
    /// By place on the shelves.
    available: UnitsThere,
    /// What has changed since: when, where, to how many.
    changes: VecDeque<(SimTime, u32, u16)>,
}

impl Record {
    /// The record of shelves as they stand; None when routing sees the shelves themselves.
    pub(super) fn new(age: SimDuration, available: &[u16]) -> Option<Record> {
        let kept = age > SimDuration::ZERO && !available.is_empty();
        kept.then(|| Record { age, available: UnitsThere::new(available), changes: VecDeque::new() })
    }

    /// Notes a change on the shelves.
    pub(super) fn note(&mut self, now: SimTime, place: usize, units: u16) {
        self.changes.push_back((now, place as u32, units));
    }

    /// Enters every change that is old enough by now.
    pub(super) fn catch_up(&mut self, now: SimTime) {
        while let Some((_, place, units)) = self.changes.pop_front_if(|(at, ..)| *at + self.age <= now) {
            self.available.set(place as usize, units);
        }
    }

    /// Available units, by place on the shelves.
    #[inline]
    pub(super) fn available(&self) -> &UnitsThere {
        &self.available
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_when_it_is_old_enough() {
        let mut record = Record::new(SimDuration(60), &[5, 5]).unwrap();
        record.note(SimTime(100), 1, 4);
        record.note(SimTime(130), 1, 0);
        let seen = [159, 160, 189, 190].map(|now| {
            record.catch_up(SimTime(now));
            record.available().units(1)
        });
        assert_eq!(seen, [5, 4, 4, 0]);
        assert!(Record::new(SimDuration::ZERO, &[5]).is_none() && Record::new(SimDuration(60), &[]).is_none());
    }
}
