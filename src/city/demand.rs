//! Demand: where consumers live, when they order and what.

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
    /// Orders to replay, by time of placement; empty unless the demand is a trace.
    pub trace: Vec<TracedOrder>,
    /// Orders per hour by clock hour.
    pub rate_per_h: [f64; 24],
    category_share: Alias,
    popularity: Alias,
    extra_items: Option<Poisson<f64>>,
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

impl Demand {
    /// The demand of a scenario over these homes.
    pub fn new(scenario: &Scenario, homes: Vec<Place>, space: &Space, trace: Vec<TracedOrder>) -> Self {
        let catalogue = &scenario.catalogue;
        let planar = matches!(space.metric(), Metric::Euclid | Metric::Manhattan);
        let extra = scenario.demand.extra_items_mean;
        let total: f64 = scenario.demand.hourly_profile.iter().sum();
        Demand {
            home_spots: if planar { Vec::new() } else { homes.iter().map(|place| space.spot(place)).collect() },
            homes: homes.iter().map(Home::new).collect(),
            categories: catalogue
                .categories
                .iter()
                .map(|c| CategoryDemand { near_intent: c.near_intent, return_rate: c.return_rate })
                .collect(),
            prices: prices(scenario),
            skus_per_category: catalogue.skus_per_category,
            trace,
            rate_per_h: scenario.demand.hourly_profile.map(|w| scenario.demand.orders_per_day * w / total),
            category_share: Alias::new(catalogue.categories.iter().map(|c| c.share).collect()),
            popularity: Alias::new(zipf_weights(catalogue.skus_per_category, catalogue.zipf_exponent)),
            extra_items: (extra > 0.0).then(|| Poisson::new(extra).ok()).flatten(),
        }
    }

    /// The home of a consumer in the coordinates of the metric.
    #[inline]
    pub fn home_spot(&self, consumer: usize) -> Spot {
        if self.home_spots.is_empty() {
            let home = self.homes[consumer];
            Spot { a: f64::from(home.x_m), b: f64::from(home.y_m) }
        } else {
            self.home_spots[consumer]
        }
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

    /// Draws the units of a basket one by one; a SKU may come twice.
    #[inline]
    pub fn draw_units(&self, category: usize, rng: &mut impl Rng, mut unit: impl FnMut(SkuId)) {
        let extra = self.extra_items.as_ref().map_or(0, |more| more.sample(rng) as u32);
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
                let id = (c as u64) << 32 | u64::from(k);
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

/// The instants of a Poisson process with a rate by clock hour, by inversion of its cumulative rate:
/// the same unit-rate stream gives the same orders, stretched, under another rate.
#[derive(Clone, Debug)]
pub struct Arrivals<R> {
    rng: R,
    rate_per_h: [f64; 24],
    /// Hours since midnight of the first day, of the last arrival.
    clock_h: f64,
    start_h: f64,
    end_h: f64,
}

impl<R: Rng> Arrivals<R> {
    /// Arrivals from `start_h` on the clock for `horizon_h` hours.
    pub fn new(rng: R, rate_per_h: [f64; 24], start_h: f64, horizon_h: f64) -> Self {
        Arrivals { rng, rate_per_h, clock_h: start_h, start_h, end_h: start_h + horizon_h }
    }
}

impl<R: Rng> Iterator for Arrivals<R> {
    type Item = SimTime;

    #[inline]
    fn next(&mut self) -> Option<SimTime> {
        if self.clock_h >= self.end_h {
            return None;
        }
        let mut work: f64 = Exp1.sample(&mut self.rng);
        loop {
            let hour = self.clock_h as u64;
            let rate = self.rate_per_h[(hour % 24) as usize];
            let hour_end = (hour + 1) as f64;
            let capacity = rate * (hour_end - self.clock_h);
            if work < capacity {
                self.clock_h += work / rate;
                break;
            }
            work -= capacity;
            self.clock_h = hour_end;
            if hour_end >= self.end_h {
                return None;
            }
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
        let arrivals = Arrivals::new(Streams::new(7, 0).long(Purpose::Arrivals), rate, 0.0, 24.0 * days);
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
        let mut arrivals = Arrivals::new(Streams::new(7, 0).long(Purpose::Arrivals), rate, 8.5, 24.0);
        let first = arrivals.next().expect("an order in the ninth hour");
        let last = arrivals.last().expect("more than one");
        assert!(first.hours() >= 0.5 && last.hours() < 1.5, "{first} to {last}");
    }
}
