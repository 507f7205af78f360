//! Foresight: what sourcing knows of the hours ahead, and when it looks.
//!
//! The forecast stands for the whole run; bid prices and shares are made anew from time to time from the stock of that
//! instant. At one instant the order is: notices, replenishment, this, then what the next slice brings.

use super::schedule::Desk;
use super::stock::Shelves;
use crate::city::City;
use crate::city::forecast::Forecast;
use crate::policy::sourcing::transport::{Scarcity, Transport};
use crate::policy::sourcing::{bid_price, closed_form};
use crate::rng::{Purpose, PurposeKey, Streams};
use crate::scenario::{RationingPolicy, Scenario, SourcingPolicy};
use crate::units::{SimDuration, SimTime, SkuId, StoreId};
use bevy_ecs::prelude::Resource;
use std::collections::BTreeMap;

/// Stores that can serve a catchment, at most.
const REACH: usize = 12;

/// What is foreseen.
#[derive(Resource, Debug)]
pub(super) struct Foresight {
    /// None for policies that live from hand to mouth.
    pub(super) forecast: Option<Forecast>,
    /// The next replenishment; NEVER if there is none.
    pub(super) replenished: SimTime,
    horizon: SimTime,
    solve: Rhythm,
    review: Rhythm,
    pub(super) book: Book,
    /// Clocks of the stores by order and store.
    pub(super) clocks: PurposeKey,
}

/// Something that happens at fixed intervals.
#[derive(Clone, Copy, Debug)]
struct Rhythm {
    next: SimTime,
    every: SimDuration,
}

impl Rhythm {
    const NEVER: Rhythm = Rhythm { next: SimTime::NEVER, every: SimDuration::ZERO };

    /// Whether it is due; if so the next time is set.
    fn due(&mut self, now: SimTime) -> bool {
        let due = self.next <= now;
        if due {
            self.next = now + self.every;
        }
        due
    }
    /// The next time after `now`, also if it is due at `now`.
    fn after(&self, now: SimTime) -> SimTime {
        if self.next <= now { now + self.every } else { self.next }
    }
}

/// Prices and shares of the last solution.
#[derive(Default, Debug)]
pub(super) struct Book {
    /// Stores that reach each catchment with the way there in yuan, cheapest first.
    arcs: Vec<Vec<(u32, f64)>>,
    lost_yuan: f64,
    /// Scarce SKUs only.
    scarce: BTreeMap<SkuId, Scarcity>,
}

impl Foresight {
    pub(super) fn new(scenario: &Scenario, city: &City, streams: Streams) -> Self {
        let policy = scenario.sourcing.policy;
        let solves = matches!(policy, SourcingPolicy::BidPrice | SourcingPolicy::DlpClocks);
        let prices = solves || policy == SourcingPolicy::BidPriceClosed;
        let looks_ahead = prices || scenario.rationing.policy != RationingPolicy::None;
        let forecast = (looks_ahead && !city.stores.is_empty()).then(|| Forecast::new(scenario, city));
        let every = |minutes| SimDuration::from_minutes(minutes);
        let review = scenario.sourcing.re_evaluate_min;
        Foresight {
            book: forecast.as_ref().filter(|_| prices).map_or_else(Book::default, |f| Book::new(scenario, city, f)),
            solve: match solves && forecast.is_some() && !city.full_levels.is_empty() {
                true => Rhythm { next: SimTime::ZERO, every: every(scenario.sourcing.bid_every_min) },
                false => Rhythm::NEVER,
            },
            review: match review > 0.0 {
                true => Rhythm { next: SimTime::ZERO + every(review), every: every(review) },
                false => Rhythm::NEVER,
            },
            forecast,
            replenished: SimTime::NEVER,
            horizon: SimTime::from_hours(scenario.horizon_h),
            clocks: streams.purpose(Purpose::Clocks),
        }
    }

    /// The next look after `now`.
    pub(super) fn next_after(&self, now: SimTime) -> SimTime {
        self.solve.after(now).min(self.review.after(now))
    }
    /// End of the time for which the shelves must last.
    pub(super) fn until(&self) -> SimTime {
        self.replenished.min(self.horizon)
    }

    /// Solves every SKU that is scarce somewhere.
    fn solve(&mut self, now: SimTime, shelves: &Shelves) {
        let Some(forecast) = &self.forecast else { return };
        let until = self.replenished.min(self.horizon);
        let days = forecast.near_days(now, until);
        let stores = self.book.arcs.len();
        self.book.scarce.clear();
        let (mut demand, mut supply) = (vec![0.0; stores], vec![0.0; stores]);
        for sku in (0..).map(SkuId) {
            let row = shelves.row_shown(sku);
            if row.is_empty() {
                break;
            }
            for store in 0..stores {
                let id = StoreId(store as u32);
                demand[store] = days * forecast.near_units_per_day(id, sku);
                // Walk-ins are at the shelf first.
                supply[store] = (f64::from(row[store]) - forecast.walk_in_units(id, sku, now, until)).max(0.0);
            }
            let lost_yuan = self.book.lost_yuan;
            let transport = Transport { demand: &demand, supply: &supply, arcs: &self.book.arcs, lost_yuan };
            let scarcity = transport.solve();
            if !scarcity.prices.is_empty() {
                self.book.scarce.insert(sku, scarcity);
            }
        }
    }
}

impl Book {
    fn new(scenario: &Scenario, city: &City, forecast: &Forecast) -> Self {
        let terms = super::sourcing::terms(scenario);
        let arcs = (0..city.stores.len() as u32).map(|catchment| {
            let mut found = Vec::new();
            let spot = forecast.catchment_spot(StoreId(catchment));
            if let Some(candidates) = &city.candidates {
                candidates.k_nearest(spot, REACH, |_| true, &mut found);
            }
            found.iter().map(|f| (f.store, terms.km_yuan * city.travel.road(f.distance) / 1000.0)).collect()
        });
        let mean_units = scenario.units_per_basket();
        let pick = |store: &crate::city::Store| store.pick_base.hours() + store.pick_per_item.hours() * mean_units;
        let mean_pick_h = city.stores.iter().map(pick).sum::<f64>() / city.stores.len().max(1) as f64;
        Book {
            arcs: arcs.collect(),
            lost_yuan: bid_price::shortage_yuan(&terms, mean_pick_h, scenario.sourcing.near_lost_yuan),
            scarce: BTreeMap::new(),
        }
    }

    /// Price of a unit by the last solution (yuan).
    pub(super) fn price(&self, store: StoreId, sku: SkuId) -> f64 {
        let scarcity = self.scarce.get(&sku);
        let entry = scarcity.and_then(|s| s.prices.iter().find(|(priced, _)| *priced == store.0));
        entry.map_or(0.0, |(_, yuan)| *yuan)
    }

    /// Share of the catchment's demand for the SKU that the plan serves from a store; None if the SKU is not scarce
    /// there, so that the plan is the nearest store.
    pub(super) fn share(&self, catchment: StoreId, store: StoreId, sku: SkuId) -> Option<f64> {
        let flows = self.scarce.get(&sku)?.flows.iter().filter(|flow| flow.region == catchment.index());
        let (mut own, mut all) = (0.0, 0.0);
        for flow in flows {
            all += flow.units;
            own += if flow.store == store.0 { flow.units } else { 0.0 };
        }
        (all > 0.0).then(|| own / all)
    }
}

impl Desk<'_> {
    /// Does what is due now.
    #[inline]
    pub(super) fn look_ahead(&mut self) {
        let now = self.calendar.now();
        self.shelves.catch_up(now);
        if self.foresight.solve.due(now) && now < self.foresight.horizon {
            self.foresight.solve(now, self.shelves);
        }
        if self.foresight.review.due(now) {
            self.re_evaluate(now);
        }
    }

    /// Price of a unit by the closed form (yuan).
    pub(super) fn closed_form_price(&self, now: SimTime, store: StoreId, sku: SkuId) -> f64 {
        let foresight = &*self.foresight;
        let Some(forecast) = &foresight.forecast else { return 0.0 };
        let until = foresight.until();
        let arcs = &foresight.book.arcs[store.index()];
        let lost = foresight.book.lost_yuan;
        let has = |other: u32| other != store.0 && self.shelves.units_shown(StoreId(other), sku) > 0;
        closed_form::unit_yuan(&closed_form::Shelf {
            available: self.shelves.units_shown(store, sku),
            expected_units: forecast.near_days(now, until) * forecast.near_units_per_day(store, sku)
                + forecast.walk_in_units(store, sku, now, until),
            own_yuan: arcs.iter().find(|(other, _)| *other == store.0).map_or(0.0, |(_, yuan)| *yuan),
            next_yuan: arcs.iter().find(|(other, _)| has(*other)).map_or(lost, |(_, yuan)| yuan.min(lost)),
        })
    }
}
