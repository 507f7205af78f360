//! Who comes next: the consumers of the arrivals ahead, drawn a few at a time.
//!
//! A consumer and the stores around the home are far reads in a large city. Drawn one by one, each arrival waits for its
//! own; drawn in a block, the reads do not depend on each other and wait together. A draw depends on its arrival's number
//! alone, so the result is the same.

use crate::city::consumers::Shopper;
use crate::city::demand::{Demand, Home};
use crate::city::nodes::Candidates;
use crate::rng::PurposeKey;
use crate::units::Tier;
use rand::RngExt;

/// Arrivals drawn at once: enough to wait together, few enough that nothing is out of the cache again by their turn.
const BLOCK: u64 = 16;

/// Who places an order, or opens a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    pub(super) consumer: u32,
    pub(super) home: Home,
    /// Weight of money; 1 where nobody chooses.
    pub(super) sensitivity: f32,
    /// None where nobody chooses.
    pub(super) tier: Option<Tier>,
}

/// The callers of the block of arrivals that is at hand.
#[derive(Default, Debug)]
pub(super) struct Callers {
    first: u64,
    block: Vec<Caller>,
}

impl Callers {
    /// Who comes with an arrival. `lists` are the candidate lists that will be asked for it.
    #[inline]
    pub(super) fn of<'a>(
        &mut self,
        arrival: u64,
        key: PurposeKey,
        demand: &Demand,
        lists: impl Iterator<Item = &'a Candidates>,
    ) -> Caller {
        let place = arrival.wrapping_sub(self.first);
        match self.block.get(place as usize) {
            Some(caller) => *caller,
            None => self.draw(arrival, key, demand, lists),
        }
    }

    #[inline(never)]
    fn draw<'a>(
        &mut self,
        arrival: u64,
        key: PurposeKey,
        demand: &Demand,
        lists: impl Iterator<Item = &'a Candidates>,
    ) -> Caller {
        self.first = arrival;
        self.block.clear();
        self.block.extend((arrival..arrival + BLOCK).map(|arrival| draw(key, arrival, demand)));
        for lists in lists {
            // First where each list begins, then its beginning: two rounds of reads instead of sixteen times two.
            let starts: [u32; BLOCK as usize] = std::array::from_fn(|place| {
                lists.start_of(demand.spot_of(self.block[place].consumer, self.block[place].home))
            });
            std::hint::black_box(starts.map(|start| lists.entry_at(start)));
        }
        self.block[0]
    }
}

#[inline]
fn draw(key: PurposeKey, arrival: u64, demand: &Demand) -> Caller {
    match &demand.consumers {
        None => {
            let consumer = key.of(arrival).random_range(0..demand.homes.len() as u32);
            Caller { consumer, home: demand.homes[consumer as usize], sensitivity: 1.0, tier: None }
        }
        Some(consumers) => {
            let (Shopper { consumer, home, sensitivity }, tier) = consumers.draw(&mut key.of(arrival));
            Caller { consumer, home, sensitivity, tier: Some(tier) }
        }
    }
}
