//! What demand a planner of the city expects: near units by catchment and SKU, walk-in units by store and SKU.

use super::City;
use super::build::archetype;
use super::demand::zipf_weights;
use super::space::Spot;
use crate::scenario::{Metric, Pool, Scenario};
use crate::units::{SimDuration, SimTime, SkuId, StoreId};

/// Expected demand. The catchment of a store is where it is the nearest one, open and stocked or not.
///
/// A replayed day is forecast by itself: its totals by catchment, SKU and clock hour, not its single orders.
#[derive(Clone, PartialEq, Debug)]
pub struct Forecast {
    /// Share of near demand that lives in the catchment of each store.
    catchment_share: Vec<f64>,
    /// Mean place of those consumers.
    catchment_spot: Vec<Spot>,
    /// Near units in 24 hours by SKU.
    near_units_per_day: Vec<f64>,
    near_hours: Profile,
    walk_ins: Option<WalkIns>,
    start_of_day: SimDuration,
}

#[derive(Clone, PartialEq, Debug)]
struct WalkIns {
    /// Units in 24 hours of one category, had the store open all day.
    units_per_day: Vec<f64>,
    /// Share of the day's walk-ins by hour, closed hours left out, by store.
    hours: Vec<Profile>,
    /// Share of a category's units by SKU rank.
    popularity: Vec<f64>,
}

/// Cumulative share of a day at each full hour.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Profile([f64; 25]);

impl Profile {
    fn new(weights: [f64; 24], total: f64) -> Self {
        let mut sums = [0.0; 25];
        for hour in 0..24 {
            sums[hour + 1] = sums[hour] + weights[hour] / total.max(1e-300);
        }
        Profile(sums)
    }
    /// Days' worth of demand up to `clock_h` hours after the first midnight.
    fn until(&self, clock_h: f64) -> f64 {
        let (days, of_day) = ((clock_h / 24.0).floor(), clock_h.rem_euclid(24.0));
        let hour = (of_day as usize).min(23);
        let part = self.0[hour] + (self.0[hour + 1] - self.0[hour]) * (of_day - hour as f64);
        days * self.0[24] + part
    }
}

impl Forecast {
    /// The forecast of a city.
    pub fn new(scenario: &Scenario, city: &City) -> Self {
        let near = near_demand(scenario, city);
        let (catchment_share, catchment_spot) = catchments(city, &near.spots);
        Forecast {
            catchment_share,
            catchment_spot,
            near_units_per_day: near.units_per_day,
            near_hours: near.hours,
            // Those who have a pool of their own take nothing from the shelves that sourcing looks at.
            walk_ins: if scenario.stock.pool == Pool::Siloed { None } else { walk_ins(scenario, city) },
            start_of_day: SimDuration::from_hours(scenario.start_hour),
        }
    }

    /// Where the consumers of a store's catchment live on average.
    pub fn catchment_spot(&self, store: StoreId) -> Spot {
        self.catchment_spot[store.index()]
    }
    /// Days' worth of near demand between two instants.
    pub fn near_days(&self, from: SimTime, to: SimTime) -> f64 {
        self.days(&self.near_hours, from, to)
    }
    /// Near units of a SKU that the catchment of a store asks for in one day.
    pub fn near_units_per_day(&self, store: StoreId, sku: SkuId) -> f64 {
        self.catchment_share[store.index()] * self.near_units_per_day[sku.index()]
    }
    /// Units of a SKU that walk-ins ask for at a store between two instants.
    pub fn walk_in_units(&self, store: StoreId, sku: SkuId, from: SimTime, to: SimTime) -> f64 {
        let Some(walk_ins) = &self.walk_ins else { return 0.0 };
        let units = walk_ins.units_per_day[store.index()];
        if units == 0.0 {
            return 0.0;
        }
        let share = walk_ins.popularity[sku.index() % walk_ins.popularity.len()];
        units * share * self.days(&walk_ins.hours[store.index()], from, to)
    }
    /// Whether consumers walk into a store.
    pub fn has_walk_ins(&self, store: StoreId) -> bool {
        self.walk_ins.as_ref().is_some_and(|walk_ins| walk_ins.units_per_day[store.index()] > 0.0)
    }

    fn days(&self, hours: &Profile, from: SimTime, to: SimTime) -> f64 {
        let clock = |at: SimTime| (at + self.start_of_day).hours();
        (hours.until(clock(to)) - hours.until(clock(from))).max(0.0)
    }
}

struct NearDemand {
    /// Where it comes from, each spot alike.
    spots: Vec<Spot>,
    units_per_day: Vec<f64>,
    hours: Profile,
}

fn near_demand(scenario: &Scenario, city: &City) -> NearDemand {
    let profile = scenario.demand.by_clock_hour();
    if city.demand.trace.is_empty() {
        return NearDemand {
            spots: (0..city.demand.homes.len()).map(|home| city.demand.home_spot(home)).collect(),
            units_per_day: super::build::daily_near_units(scenario),
            hours: Profile::new(profile, profile.iter().sum()),
        };
    }
    let near: Vec<_> = city.demand.trace.iter().filter(|order| !order.far).collect();
    let mut units_per_day = vec![0.0; city.demand.prices.len()];
    let mut by_hour = [0.0; 24];
    for order in &near {
        let sku = order.category.unwrap_or_default().0 * city.demand.skus_per_category;
        units_per_day[sku as usize] += f64::from(order.units) * 24.0 / scenario.horizon_h;
        by_hour[city.travel.clock_hour(order.placed)] += 1.0;
    }
    let spots = near.iter().map(|order| city.travel.space().spot(&order.place)).collect();
    NearDemand { spots, units_per_day, hours: Profile::new(by_hour, near.len() as f64 * scenario.horizon_h / 24.0) }
}

/// Share of demand and mean place by catchment. Demand that no store reaches belongs to none.
fn catchments(city: &City, spots: &[Spot]) -> (Vec<f64>, Vec<Spot>) {
    let space = city.travel.space();
    let mut count = vec![0.0; city.stores.len()];
    let mut sum = vec![Spot::default(); city.stores.len()];
    for spot in spots {
        let nearest = city.candidates.as_ref().and_then(|lists| lists.nearest(*spot, |_| true));
        if let Some(found) = nearest {
            let store = found.store as usize;
            count[store] += 1.0;
            sum[store].a += spot.a;
            sum[store].b += spot.b;
        }
    }
    // Rows of a matrix have no mean, and a catchment without consumers none either: the store's own place.
    let mean = |store: usize| match count[store] > 0.0 && space.metric() != Metric::Matrix {
        true => Spot { a: sum[store].a / count[store], b: sum[store].b / count[store] },
        false => space.spot(&city.stores[store].place),
    };
    let spots_of = (0..city.stores.len()).map(mean).collect();
    (count.iter().map(|count| count / spots.len().max(1) as f64).collect(), spots_of)
}

fn walk_ins(scenario: &Scenario, city: &City) -> Option<WalkIns> {
    let per_h = |name: &str| archetype(scenario, name).map_or(0.0, |archetype| archetype.walk_in_units_per_category_h);
    let units_per_day: Vec<f64> = city.stores.iter().map(|store| 24.0 * per_h(&store.archetype)).collect();
    if units_per_day.iter().all(|units| *units == 0.0) {
        return None;
    }
    let profile = scenario.demand.by_clock_hour();
    let hours = city.stores.iter().map(|store| {
        let open = std::array::from_fn(|hour| profile[hour] * open_share(store.opens, store.closes, hour));
        Profile::new(open, profile.iter().sum())
    });
    let weights = zipf_weights(scenario.catalogue.skus_per_category, scenario.catalogue.zipf_exponent);
    let total: f64 = weights.iter().sum();
    Some(WalkIns {
        units_per_day,
        hours: hours.collect(),
        popularity: weights.iter().map(|weight| weight / total).collect(),
    })
}

/// Part of a clock hour in which a store is open; closing at or before opening is after midnight.
pub(super) fn open_share(opens: SimDuration, closes: SimDuration, hour: usize) -> f64 {
    let overlap = |from: f64, to: f64| (to.min(hour as f64 + 1.0) - from.max(hour as f64)).max(0.0);
    match opens < closes {
        true => overlap(opens.hours(), closes.hours()),
        false => overlap(opens.hours(), 24.0) + overlap(0.0, closes.hours()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(hours: f64) -> SimTime {
        SimTime::from_hours(hours)
    }

    #[test]
    fn the_expected_near_units_of_the_default_city_are_those_of_its_demand() {
        let scenario = crate::testing::fixed_wishes();
        let city = City::build(&scenario).unwrap();
        let forecast = Forecast::new(&scenario, &city);
        let reached: f64 = forecast.catchment_share.iter().sum();
        assert!((0.9..=1.0).contains(&reached), "{reached}");
        let all: f64 = forecast.near_units_per_day.iter().sum();
        let intent: f64 = scenario.catalogue.categories.iter().map(|c| c.share * c.near_intent).sum();
        let exact = 18_000.0 * 2.2 * intent;
        assert!((all - exact).abs() < 1e-6 * exact, "{all} {exact}");
        assert!((forecast.near_days(hours(0.0), hours(24.0)) - 1.0).abs() < 1e-12);
        let profile = scenario.demand.by_clock_hour();
        let evening = (profile[23] + profile[0] * 0.5) / profile.iter().sum::<f64>();
        assert!((forecast.near_days(hours(23.0), hours(24.5)) - evening).abs() < 1e-12);
        assert_eq!(forecast.walk_in_units(StoreId(0), SkuId(0), hours(0.0), hours(24.0)), 0.0);
    }

    #[test]
    fn walk_ins_come_while_the_store_is_open() {
        let mut scenario = crate::testing::fixed_wishes();
        scenario.demand.hourly_profile = [1.0; 24];
        scenario.catalogue.skus_per_category = 1;
        let shop = &mut scenario.stores.archetypes[2];
        (shop.walk_in_units_per_category_h, shop.open_h, shop.close_h) = (2.0, 22.5, 6.0);
        let city = City::build(&scenario).unwrap();
        let forecast = Forecast::new(&scenario, &city);
        let brand_store = StoreId(90);
        assert!(forecast.has_walk_ins(brand_store) && !forecast.has_walk_ins(StoreId(0)));
        let units = |from, to| forecast.walk_in_units(brand_store, SkuId(3), hours(from), hours(to));
        assert!((units(0.0, 24.0) - 15.0).abs() < 1e-9, "{}", units(0.0, 24.0));
        assert!((units(6.0, 22.0) - 0.0).abs() < 1e-9);
    }
}
