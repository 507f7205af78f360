//! Units by place, and beside them one bit a place that tells whether any unit is there.

/// Units by place. Most questions are whether a place has one unit at least: the bits of a large city stay in the cache
/// where its units do not.
#[derive(Debug)]
pub(super) struct UnitsThere {
    units: Vec<u16>,
    some: Vec<u64>,
}

impl UnitsThere {
    pub(super) fn new(units: &[u16]) -> Self {
        let mut there = UnitsThere { units: units.to_vec(), some: vec![0; units.len().div_ceil(64)] };
        for (place, _) in units.iter().enumerate().filter(|(_, units)| **units > 0) {
            there.some[place / 64] |= 1 << (place % 64);
        }
        there
    }

    /// No place is counted.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// Whether a place holds so many units, at least 1.
    #[inline]
    pub(super) fn hold(&self, place: usize, quantity: u32) -> bool {
        self.some[place / 64] >> (place % 64) & 1 == 1 && (quantity == 1 || self.units(place) >= quantity)
    }

    #[inline]
    pub(super) fn units(&self, place: usize) -> u32 {
        u32::from(self.units[place])
    }

    /// Units by place.
    pub(super) fn all(&self) -> &[u16] {
        &self.units
    }

    #[inline]
    pub(super) fn set(&mut self, place: usize, units: u16) {
        self.units[place] = units;
        let bit = 1 << (place % 64);
        let word = &mut self.some[place / 64];
        *word = if units > 0 { *word | bit } else { *word & !bit };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_follow_units() {
        let mut there = UnitsThere::new(&[0; 130]);
        assert!(!there.hold(128, 1) && !there.is_empty() && UnitsThere::new(&[]).is_empty());
        there.set(128, 3);
        assert!(there.hold(128, 1) && there.hold(128, 3) && !there.hold(128, 4) && !there.hold(127, 1));
        there.set(128, 0);
        assert!(!there.hold(128, 1));
        let opened = UnitsThere::new(&[0, 2, 0, 1]);
        assert_eq!([0, 1, 2, 3].map(|place| opened.hold(place, 1)), [false, true, false, true]);
        assert_eq!(opened.all(), [0, 2, 0, 1]);
    }
}
