//! Room: rng (floor 0). Named random streams; may use `units` only.
//!
//! Every random number comes from a stream keyed by (seed, replication, purpose, entity id). Two
//! scenarios that share a seed therefore give the same order the same consumer, basket and picking
//! time, whatever their policies do: common random numbers. A stream costs a few nanoseconds to
//! open, so each entity opens its own instead of sharing one.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rand_xoshiro::rand_core::TryRng;
use std::convert::Infallible;

/// What a stream is drawn for. The discriminant is part of the key: never renumber, only append.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u64)]
pub enum Purpose {
    /// Times of order placement (one stream for the whole run).
    Arrivals = 1,
    /// Who places the order and, where homes are not fixed, from where.
    Consumer = 2,
    /// What is in the basket.
    Basket = 3,
    /// Whether the consumer asks for near-field delivery.
    Intent = 4,
    /// How long the picker needs.
    Picking = 5,
    /// How long the hand-over at the door takes.
    Handover = 6,
    /// How long the consumer waits before cancelling.
    Patience = 7,
    /// Which lane a parcel takes and how long its transit lasts.
    Transit = 8,
    /// Where hot spots, stores and the warehouse stand.
    Layout = 9,
    /// Whether a store carries a SKU and its full level.
    Assortment = 10,
    /// Where couriers start and which shift they work.
    Couriers = 11,
    /// Where consumers live.
    Homes = 12,
    /// Prices of SKUs.
    Prices = 13,
    /// Whether a delivered order comes back.
    Returns = 14,
    /// Whether a courier accepts an order.
    Acceptance = 15,
    /// When consumers walk into a store.
    WalkIns = 20,
    /// Clocks of the stores for one order (`dlp_clocks`).
    Clocks = 21,
    /// What consumers who walk in look for.
    WalkInWishes = 22,
    /// Whether a consumer accepts a fee raised by overload control.
    RaisedFee = 16,
    /// Tier and price sensitivity of a consumer.
    Tier = 23,
    /// Whether a session is urgent.
    Urgency = 24,
    /// What a session likes about each channel beside time and money.
    Choice = 25,
    /// Whether the goods of a far order come from abroad, and how long they take.
    Abroad = 30,
    /// Whether an idle courier follows a proposal to ride elsewhere.
    Reposition = 17,
    /// Whether a picker finds a line, and whether the consumer takes something else instead.
    Shortfall = 40,
    /// Whether a consumer comes for an order to be fetched, and when.
    Collection = 41,
    /// How long a delivery from the supplier takes.
    SupplyLead = 42,
    /// How wrong planners are about the demand for a SKU at a store.
    Forecast = 43,
    /// Whether a basket comes from an AI assistant's list, and how much more is in it.
    AiList = 44,
    /// Where the points of a designed experiment lie (`design`).
    Design = 60,
    /// Which results a bootstrap interval draws again (`statistics`).
    Bootstrap = 61,
}

/// The streams of one replication of one seed.
#[derive(Clone, Copy, Debug)]
pub struct Streams {
    seed: u64,
    replication: u64,
}

/// Finaliser of SplitMix64 (Steele, Lea, Flood 2014): spreads every input bit over all output bits.
#[inline]
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Streams {
    /// The streams of replication number `replication` (from 0) under `seed`.
    pub fn new(seed: u64, replication: u32) -> Self {
        Streams { seed, replication: u64::from(replication) }
    }

    /// The key shared by all entities of one purpose; open streams from it in hot loops.
    #[inline]
    pub fn purpose(self, purpose: Purpose) -> PurposeKey {
        let seed = mix(self.seed.wrapping_add(GOLDEN));
        let run = mix(seed ^ self.replication.wrapping_mul(0xd6e8_feb8_6659_fd93));
        PurposeKey(mix(run ^ (purpose as u64).wrapping_mul(0xa076_1d64_78bd_642f)))
    }

    /// A short stream for one entity.
    #[inline]
    pub fn of(self, purpose: Purpose, id: u64) -> EntityStream {
        self.purpose(purpose).of(id)
    }

    /// One long stream for a purpose that is drawn from in sequence throughout the run.
    pub fn long(self, purpose: Purpose) -> Xoshiro256PlusPlus {
        Xoshiro256PlusPlus::seed_from_u64(self.purpose(purpose).0)
    }

    /// One long stream for an entity that draws throughout the run.
    pub fn long_of(self, purpose: Purpose, id: u64) -> Xoshiro256PlusPlus {
        let EntityStream(state) = self.of(purpose, id);
        Xoshiro256PlusPlus::seed_from_u64(state)
    }
}

/// 2^64 divided by the golden ratio, the step of SplitMix64.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The short stream of one entity: SplitMix64 (Steele, Lea, Flood 2014).
///
/// Ours rather than rand_xoshiro's because that one is opened through a call that is not inlined: an order opens three
/// streams, and the calls alone were 5 % of its instructions. A test holds the two equal.
#[derive(Clone, Debug)]
pub struct EntityStream(u64);

impl TryRng for EntityStream {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.try_next_u64()? >> 32) as u32)
    }
    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(GOLDEN);
        Ok(mix(self.0))
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

/// The key of all streams of one purpose within one replication.
#[derive(Clone, Copy, Debug)]
pub struct PurposeKey(u64);

impl PurposeKey {
    /// A short stream for entity `id`. Streams of neighbouring ids are unrelated.
    #[inline]
    pub fn of(self, id: u64) -> EntityStream {
        EntityStream(self.within(id).0)
    }

    /// The key of what belongs to entity `id`: `within(store).of(sku)` is a stream for a SKU at a store.
    #[inline]
    pub fn within(self, id: u64) -> PurposeKey {
        PurposeKey(mix(self.0 ^ mix(id.wrapping_add(GOLDEN))))
    }
}

/// The id of whatever is known by a name: its FNV-1a hash (Fowler, Noll, Vo 1991).
///
/// Places in a list change when a scenario has more of what stands before; names do not. Of 1,000 names two share an id
/// once in 4 · 10¹³ lists, of a million once in 4 · 10⁷; these two would draw the same numbers, and nothing breaks.
pub fn id_of(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    #[test]
    fn a_stream_depends_on_each_part_of_its_key_and_on_nothing_else() {
        let draw = |seed, replication, purpose, id| -> u64 { Streams::new(seed, replication).of(purpose, id).random() };
        let base = draw(1, 0, Purpose::Basket, 7);
        assert_eq!(base, draw(1, 0, Purpose::Basket, 7));
        assert_ne!(base, draw(2, 0, Purpose::Basket, 7));
        assert_ne!(base, draw(1, 1, Purpose::Basket, 7));
        assert_ne!(base, draw(1, 0, Purpose::Picking, 7));
        assert_ne!(base, draw(1, 0, Purpose::Basket, 8));
    }

    #[test]
    fn the_id_of_a_name_is_the_published_hash_and_numbered_names_share_none() {
        let published = [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)];
        for (name, id) in published {
            assert_eq!(id_of(name), id, "{name}");
        }
        let kinds = ["flash_warehouse", "supermarket", "brand_store", "courier"];
        let names = kinds.iter().flat_map(|kind| (1..50_000).map(move |i| format!("{kind}-{i:03}")));
        let mut ids: Vec<u64> = names.map(|name| id_of(&name)).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }

    #[test]
    fn parts_of_an_entity_have_streams_of_their_own() {
        let key = Streams::new(1, 0).purpose(Purpose::Assortment);
        let draw = |store, sku| -> u64 { key.within(store).of(sku).random() };
        let mut draws: Vec<u64> = (0..100).flat_map(|store| (0..100).map(move |sku| draw(store, sku))).collect();
        draws.sort_unstable();
        draws.dedup();
        assert_eq!(draws.len(), 10_000);
    }

    #[test]
    fn an_entity_stream_is_the_published_generator() {
        use rand_xoshiro::SplitMix64;
        let mut published = SplitMix64::seed_from_u64(1_477_776_061_723_855_037);
        let mut ours = EntityStream(1_477_776_061_723_855_037);
        for _ in 0..1000 {
            assert_eq!(ours.random::<u64>(), published.random::<u64>());
        }
        assert_eq!(EntityStream(1_477_776_061_723_855_037).random::<u64>(), 1_985_237_415_132_408_290);
    }

    #[test]
    fn first_draws_of_neighbouring_ids_are_uniform_and_uncorrelated() {
        let streams = Streams::new(20_261_111, 3).purpose(Purpose::Consumer);
        let n = 100_000;
        let draws: Vec<f64> = (0..n).map(|id| streams.of(id).random::<f64>()).collect();
        let mean = draws.iter().sum::<f64>() / n as f64;
        let lag = draws.windows(2).map(|w| (w[0] - 0.5) * (w[1] - 0.5)).sum::<f64>() / n as f64 * 12.0;
        let se = 1.0 / (12.0 * n as f64).sqrt();
        assert!((mean - 0.5).abs() < 4.9 * se, "mean {mean}");
        assert!(lag.abs() < 4.9 / (n as f64).sqrt(), "lag-1 correlation {lag}");
    }
}
