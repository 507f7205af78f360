//! Limits: how busy a store may be and still be offered.

use crate::units::SimDuration;

/// Within which limits a store is offered; None: without that limit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Limits {
    /// Orders at its pickers, waiting or in hand, from which on it is not.
    pub queue: Option<u32>,
    /// The longest time to the door.
    pub quote: Option<SimDuration>,
}

impl Limits {
    /// Whether a store with so many orders at its pickers is offered; the time to the door is asked for only where it matters.
    pub fn offer(&self, queue: u32, quote: impl FnOnce() -> SimDuration) -> bool {
        self.queue.is_none_or(|most| queue < most) && self.quote.is_none_or(|longest| quote() <= longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_offered_below_the_queue_and_up_to_the_time() {
        let minutes = SimDuration::from_minutes;
        let limits = Limits { queue: Some(3), quote: Some(minutes(40.0)) };
        assert!(limits.offer(2, || minutes(40.0)));
        assert!(!limits.offer(3, || minutes(1.0)));
        assert!(!limits.offer(0, || minutes(40.1)));
        let no_queue = Limits { queue: None, ..limits };
        assert!(no_queue.offer(1000, || minutes(1.0)));
        let no_quote = Limits { quote: None, ..limits };
        assert!(no_quote.offer(2, || unreachable!("nobody asks for the time")));
    }
}
