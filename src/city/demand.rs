//! Demand: where consumers live, when they order and what.

use super::consumers::Consumers;
use super::space::{Space, Spot};
use super::{Place, TracedOrder};
use crate::rng::{Purpose, Streams};
use crate::scenario::{Metric, Scenario};
use crate::units::{Money, SimTime, SkuId};
use rand::{Rng, RngExt};
use rand_distr::weighted::WeightedAliasIndex;
use rand_distr::{Distribution, Exp1, Poisson};

/// Where a consumer lives, kept small: an order reads one at random.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Home {
    /// Metres east of the south-west corner.
    pub x_m: f32,
    /// Metres north of the south-west corner.
    pub y_m: f32,
}

impl Home {
    /// The home at a place.
    pub fn new(place: &Place) -> Self {
        Home { x_m: place.x_m as f32, y_m: place.y_m as f32 }
    }
    /// Its place where coordinates are metres.
    #[inline]
    fn on_plane(self) -> Spot {
        Spot { a: f64::from(self.x_m), b: f64::from(self.y_m) }
    }
}

/// What consumers want of one category.
#[derive(Clone, PartialEq, Debug)]
pub struct CategoryDemand {
    /// Share of orders that ask for near-field delivery.
    pub near_intent: f64,
    /// Share of delivered far orders that come back.
    pub return_rate: f64,
}

/// The demand of a city.
#[derive(Clone, Debug)]
pub struct Demand {
    /// Homes by `ConsumerId`.
    pub homes: Vec<Home>,
    /// The same in the coordinates of the metric where those are not metres; else empty.
    pub home_spots: Vec<Spot>,
    /// Categories by `CategoryId`.
    pub categories: Vec<CategoryDemand>,
    /// List prices by `SkuId`.
    pub prices: Vec<Money>,
    /// SKUs of each category.
    pub skus_per_category: u32,
    /// Who chooses; None where arrivals are orders.
    pub consumers: Option<Consumers>,
    /// Orders to replay, by time of placement; empty unless the demand is a trace.
    pub trace: Vec<TracedOrder>,
    /// The corners of the box around homes and traced orders, in the coordinates of the metric.
    pub(super) spot_box: (Spot, Spot),
    /// Arrivals (orders, or sessions where consumers choose) per hour in each of equal steps of the day.
    pub rate_per_h: Vec<f64>,
    /// Gaps between orders are multiples of this; 0: not rounded.
    pub gap_rounding_s: f64,
    category_share: Alias,
    popularity: Alias,
    extra_items: Option<Poisson<f64>>,
    /// Share of baskets that come from an AI assistant's list.
    list_share: f64,
    list_extra_items: Option<Poisson<f64>>,
}

/// Draws an index in proportion to weights, in constant time.
#[derive(Clone, Debug)]
struct Alias(Option<WeightedAliasIndex<f64>>);

impl Alias {
    /// One positive weight or none needs no table. Weights are checked by the scenario.
    fn new(weights: Vec<f64>) -> Self {
        Alias(if weights.len() > 1 { WeightedAliasIndex::new(weights).ok() } else { None })
    }
    #[inline]
    fn draw(&self, rng: &mut impl Rng) -> usize {
        self.0.as_ref().map_or(0, |table| table.sample(rng))
    }
}

/// Weight of the k-th most popular SKU, k from 1: k^-exponent.
pub(crate) fn zipf_weights(skus: u32, exponent: f64) -> Vec<f64> {
    (1..=skus).map(|k| f64::from(k).powf(-exponent)).collect()
}

/// The corners of the box around some spots; one at the origin if there is none.
fn box_around(spots: impl Iterator<Item = Spot>) -> (Spot, Spot) {
    let start = (Spot { a: f64::MAX, b: f64::MAX }, Spot { a: f64::MIN, b: f64::MIN });
    let (low, high) = spots.fold(start, |(low, high), spot| {
        let least = Spot { a: low.a.min(spot.a), b: low.b.min(spot.b) };
        (least, Spot { a: high.a.max(spot.a), b: high.b.max(spot.b) })
    });
    if low.a > high.a { (Spot::default(), Spot::default()) } else { (low, high) }
}

impl Demand {
    /// The demand of a scenario over these homes.
    pub fn new(scenario: &Scenario, homes: Vec<Place>, space: &Space, trace: Vec<TracedOrder>) -> Self {
        let catalogue = &scenario.catalogue;
        let planar = matches!(space.metric(), Metric::Euclid | Metric::Manhattan);
        let extra = scenario.demand.extra_items_mean;
        let profile = scenario.demand.day_profile();
        let logit = scenario.consumers_choose();
        let per_h = scenario.arrivals_per_day() * profile.len() as f64 / 24.0;
        let total: f64 = profile.iter().sum();
        let spots = if planar { Vec::new() } else { homes.iter().map(|place| space.spot(place)).collect() };
        let homes: Vec<Home> = homes.iter().map(Home::new).collect();
        let home_spots = spots.iter().copied().chain(homes.iter().filter(|_| planar).map(|home| home.on_plane()));
        let spot_box = box_around(home_spots.chain(trace.iter().map(|order| space.spot(&order.place))));
        let poisson = |mean: f64| (mean > 0.0).then(|| Poisson::new(mean).ok()).flatten();
        Demand {
            home_spots: spots,
            categories: catalogue
                .categories
                .iter()
                .map(|c| CategoryDemand { near_intent: c.near_intent, return_rate: c.return_rate })
                .collect(),
            consumers: logit.then(|| Consumers::new(scenario, &homes)),
            homes,
            prices: prices(scenario),
            skus_per_category: catalogue.skus_per_category,
            trace,
            spot_box,
            rate_per_h: profile.iter().map(|w| per_h * w / total).collect(),
            gap_rounding_s: scenario.demand.gap_rounding_s,
            category_share: Alias::new(catalogue.categories.iter().map(|c| c.share).collect()),
            popularity: Alias::new(zipf_weights(catalogue.skus_per_category, catalogue.zipf_exponent)),
            extra_items: poisson(extra),
            list_share: scenario.ai_list.share,
            list_extra_items: poisson(scenario.ai_list.extra_items_mean),
        }
    }

    /// The home of a consumer in the coordinates of the metric.
    #[inline]
    pub fn home_spot(&self, consumer: usize) -> Spot {
        if self.home_spots.is_empty() { self.homes[consumer].on_plane() } else { self.home_spots[consumer] }
    }

    /// The same where the home is at hand.
    #[inline]
    pub fn spot_of(&self, consumer: u32, home: Home) -> Spot {
        if self.home_spots.is_empty() { home.on_plane() } else { self.home_spots[consumer as usize] }
    }

    /// Draws the category of a basket.
    #[inline]
    pub fn draw_category(&self, rng: &mut impl Rng) -> usize {
        self.category_share.draw(rng)
    }

    /// Draws what a consumer who walks into a store looks for; categories are alike likely.
    pub fn draw_walk_in(&self, rng: &mut impl Rng) -> SkuId {
        let category = rng.random_range(0..self.categories.len() as u32);
        SkuId(category * self.skus_per_category + self.popularity.draw(rng) as u32)
    }

    /// Draws the units beyond the first of a basket from an AI assistant's list; None if it comes from none.
    #[inline]
    pub fn draw_list<R: Rng>(&self, rng: impl FnOnce() -> R) -> Option<u32> {
        if self.list_share <= 0.0 {
            return None;
        }
        let mut rng = rng();
        let listed = rng.random::<f64>() < self.list_share;
        listed.then(|| self.list_extra_items.as_ref().map_or(0, |more| more.sample(&mut rng) as u32))
    }

    /// Draws the units of a basket one by one; a SKU may come twice. `listed` replaces the number beyond the first; those
    /// that both numbers have are the same.
    #[inline]
    pub fn draw_units(&self, category: usize, listed: Option<u32>, rng: &mut impl Rng, mut unit: impl FnMut(SkuId)) {
        let extra = self.extra_items.as_ref().map_or(0, |more| more.sample(rng) as u32);
        let extra = listed.unwrap_or(extra);
        let first = category as u32 * self.skus_per_category;
        for _ in 0..=extra {
            unit(SkuId(first + self.popularity.draw(rng) as u32));
        }
    }
}

/// List prices such that the expected value of a basket is the category's AOV.
fn prices(scenario: &Scenario) -> Vec<Money> {
    let catalogue = &scenario.catalogue;
    let streams = Streams::new(scenario.seed, 0).purpose(Purpose::Prices);
    let sigma2 = (1.0 + catalogue.price_cv * catalogue.price_cv).ln();
    let weights = zipf_weights(catalogue.skus_per_category, catalogue.zipf_exponent);
    let weight_sum: f64 = weights.iter().sum();
    let mut prices = Vec::new();
    for (c, category) in catalogue.categories.iter().enumerate() {
        let raw: Vec<f64> = (0..catalogue.skus_per_category)
            .map(|k| {
                let sku = c * catalogue.skus_per_category as usize + k as usize;
                let id = super::build::sku_stream_id(scenario, sku);
                let z: f64 = rand_distr::StandardNormal.sample(&mut streams.of(id));
                (sigma2.sqrt() * z).exp()
            })
            .collect();
        let mean = raw.iter().zip(&weights).map(|(p, w)| p * w).sum::<f64>() / weight_sum;
        let unit = category.aov_yuan / (1.0 + scenario.demand.extra_items_mean) / mean;
        prices.extend(raw.iter().map(|p| Money::from_yuan(p * unit)));
    }
    prices
}

/// The instants of a Poisson process with a rate by time of day, by inversion of its cumulative rate:
/// the same unit-rate stream gives the same orders, stretched, under another rate.
#[derive(Clone, Debug)]
pub struct Arrivals<R> {
    rng: R,
    rate_per_h: Vec<f64>,
    step_h: f64,
    gap_rounding_s: f64,
    /// Hours since midnight of the first day, of the last arrival.
    clock_h: f64,
    /// The step of the day it lies in, and the hour at which that step ends.
    step: usize,
    step_end_h: f64,
    start_h: f64,
    end_h: f64,
}

impl<R: Rng> Arrivals<R> {
    /// Arrivals from `start_h` on the clock for `horizon_h` hours, at a rate for each of equal steps of the day. Unless
    /// `gap_rounding_s` is 0, each gap is drawn at the rate of the instant it begins and rounded to a multiple of it.
    pub fn new(rng: R, rate_per_h: Vec<f64>, gap_rounding_s: f64, start_h: f64, horizon_h: f64) -> Self {
        let step_h = 24.0 / rate_per_h.len() as f64;
        let end_h = start_h + horizon_h;
        let (step, step_end_h) = (0, 0.0);
        let mut arrivals =
            Arrivals { rng, rate_per_h, step_h, gap_rounding_s, clock_h: start_h, step, step_end_h, start_h, end_h };
        arrivals.find_step();
        arrivals
    }

    fn find_step(&mut self) {
        let step = (self.clock_h / self.step_h) as u64;
        self.step = step as usize % self.rate_per_h.len();
        self.step_end_h = (step + 1) as f64 * self.step_h;
    }

    /// The next arrival by gaps: drawn at the rate of the instant of the one before, and rounded.
    fn next_by_gap(&mut self) -> Option<SimTime> {
        while self.rate_per_h[self.step] == 0.0 && self.step_end_h < self.end_h {
            self.clock_h = self.step_end_h;
            self.next_step();
        }
        let work: f64 = Exp1.sample(&mut self.rng);
        let gap_s = work / self.rate_per_h[self.step] * 3600.0;
        let units = (gap_s / self.gap_rounding_s + 0.5).floor();
        // From whole milliseconds, so that an order at the end of a step belongs to the next one.
        let at = SimTime::from_seconds((self.clock_h - self.start_h) * 3600.0 + units * self.gap_rounding_s);
        self.clock_h = self.start_h + at.hours();
        if self.clock_h >= self.end_h {
            return None;
        }
        self.find_step();
        Some(at)
    }

    #[inline]
    fn next_step(&mut self) {
        self.step = if self.step + 1 == self.rate_per_h.len() { 0 } else { self.step + 1 };
        self.step_end_h += self.step_h;
    }
}

impl<R: Rng> Iterator for Arrivals<R> {
    type Item = SimTime;

    #[inline]
    fn next(&mut self) -> Option<SimTime> {
        if self.clock_h >= self.end_h {
            return None;
        }
        if self.gap_rounding_s > 0.0 {
            return self.next_by_gap();
        }
        let mut work: f64 = Exp1.sample(&mut self.rng);
        loop {
            let rate = self.rate_per_h[self.step];
            let capacity = rate * (self.step_end_h - self.clock_h);
            if work < capacity {
                self.clock_h += work / rate;
                break;
            }
            work -= capacity;
            self.clock_h = self.step_end_h;
            if self.clock_h >= self.end_h {
                return None;
            }
            self.next_step();
        }
        (self.clock_h < self.end_h).then(|| SimTime::from_seconds((self.clock_h - self.start_h) * 3600.0))
    }
}

/// Where homes and stores stand in a synthetic city: hot spots over an even ground.
#[derive(Clone, Debug)]
pub(crate) struct Density {
    side_m: f64,
    uniform_share: f64,
    sigma_m: f64,
    hotspots: Vec<(f64, f64)>,
    weight: Alias,
}

impl Density {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let side_m = scenario.city.side_km * 1000.0;
        let streams = Streams::new(scenario.seed, 0).purpose(Purpose::Layout);
        let mut weights = Vec::new();
        let hotspots = (0..u64::from(scenario.city.hotspots))
            .map(|k| {
                let mut rng = streams.of(HOTSPOT_IDS + k);
                // Centres keep off the border and differ in size by up to three times.
                weights.push(0.5 + rng.random::<f64>());
                (side_m * rng.random_range(0.12..0.88), side_m * rng.random_range(0.12..0.88))
            })
            .collect::<Vec<_>>();
        let uniform_share = if hotspots.is_empty() { 1.0 } else { scenario.city.uniform_share };
        Density {
            side_m,
            uniform_share,
            sigma_m: scenario.city.hotspot_sigma_km * 1000.0,
            hotspots,
            weight: Alias::new(weights),
        }
    }

    /// A place drawn from the surface.
    pub(crate) fn draw(&self, rng: &mut impl Rng) -> Place {
        if rng.random::<f64>() < self.uniform_share {
            return self.even(rng);
        }
        let (x, y) = self.hotspots[self.weight.draw(rng)];
        // Places beyond the border are drawn again; a hot spot keeps its centre inside, so this ends.
        for _ in 0..1000 {
            let (dx, dy): (f64, f64) = (rand_distr::StandardNormal.sample(rng), rand_distr::StandardNormal.sample(rng));
            let place = rounded(x + dx * self.sigma_m, y + dy * self.sigma_m);
            if (0.0..self.side_m).contains(&place.x_m) && (0.0..self.side_m).contains(&place.y_m) {
                return place;
            }
        }
        self.even(rng)
    }

    /// A place drawn evenly.
    pub(crate) fn even(&self, rng: &mut impl Rng) -> Place {
        rounded(self.side_m * rng.random::<f64>(), self.side_m * rng.random::<f64>())
    }
}

/// A place whose coordinates fit an `f32` without loss (2 mm at 20 km), so that compact copies are exact.
pub(crate) fn rounded(x_m: f64, y_m: f64) -> Place {
    Place { x_m: f64::from(x_m as f32), y_m: f64::from(y_m as f32), ..Place::default() }
}

/// Stream ids of hot spots start here; stores use lower ones.
const HOTSPOT_IDS: u64 = 1 << 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_follow_the_hourly_profile() {
        // Two-peak day: total 740, 11-13 h share .256757.
        let rate = [
            2., 1., 1., 1., 1., 2., 5., 10., 15., 20., 40., 90., 100., 60., 30., 25., 30., 60., 90., 70., 45., 25.,
            12., 5.,
        ];
        let days = 200.0;
        let arrivals = Arrivals::new(Streams::new(7, 0).long(Purpose::Arrivals), rate.to_vec(), 0.0, 0.0, 24.0 * days);
        let mut by_hour = [0.0; 24];
        let mut last = SimTime::ZERO;
        for at in arrivals {
            assert!(at >= last);
            last = at;
            by_hour[(at.hours() as usize) % 24] += 1.0;
        }
        for (hour, (count, rate)) in by_hour.iter().zip(rate).enumerate() {
            let expected = rate * days;
            assert!((count - expected).abs() < 4.9 * expected.sqrt(), "hour {hour}: {count} against {expected}");
        }
    }

    #[test]
    fn a_start_in_the_middle_of_an_hour_keeps_the_clock() {
        let mut rate = [0.0; 24];
        rate[9] = 1000.0;
        let mut arrivals = Arrivals::new(Streams::new(7, 0).long(Purpose::Arrivals), rate.to_vec(), 0.0, 8.5, 24.0);
        let first = arrivals.next().expect("an order in the ninth hour");
        let last = arrivals.last().expect("more than one");
        assert!(first.hours() >= 0.5 && last.hours() < 1.5, "{first} to {last}");
    }

    #[test]
    fn half_hours_have_their_own_rates_and_gaps_are_whole_seconds() {
        let mut rate = vec![0.0; 48];
        (rate[2], rate[3]) = (400.0, 100.0);
        let days = 400;
        let stream = Streams::new(7, 0).long(Purpose::Arrivals);
        let arrivals = Arrivals::new(stream, rate, 1.0, 0.0, 24.0 * f64::from(days));
        let mut by_step = [0.0; 48];
        for at in arrivals {
            assert_eq!(at.0 % 1000, 0, "{at}");
            by_step[(at.hours() * 2.0) as usize % 48] += 1.0;
        }
        // The gap that leads out of a step still has its mean: three quarters of an order more in the second, and one
        // in the step after it, where none would come.
        for (step, per_day) in [(2, 200.0), (3, 50.75)] {
            let expected = per_day * f64::from(days);
            assert!((by_step[step] - expected).abs() < 4.9 * expected.sqrt(), "{step}: {by_step:?}");
        }
        assert_eq!(by_step[4], f64::from(days));
        assert_eq!(by_step.iter().sum::<f64>(), by_step[2..5].iter().sum::<f64>(), "{by_step:?}");
    }
}
