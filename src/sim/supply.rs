//! Supply: stores order from their supplier, and what they ordered comes after its lead time.
//!
//! Off under `replenishment.policy = "full_level"`, which fills shelves at once (`stock.rs`).

use super::backorders::Backorders;
use super::calendar::{Calendar, Notice};
use super::pools::{Counter, Pool, walk_in_shares};
use super::schedule::Desk;
use super::stock::Shelves;
use super::transfers::Transfers;
use super::warehouse::Lognormal;
use crate::city::City;
use crate::city::build::{DailyUnits, archetype, sku_stream_id};
use crate::event::{Event, EventLog};
use crate::policy::pools;
use crate::policy::replenishment::{Levels, base_stock, newsvendor, units_to_order};
use crate::rng::{EntityStream, Purpose, PurposeKey, Streams};
use crate::scenario::{LeadDistribution, OpeningStock, Replenishment, ReplenishmentPolicy, Scenario, Unmet};
use crate::units::{SimDuration, SimTime, SkuId, StoreId};
use bevy_ecs::prelude::Resource;
use rand_distr::{Distribution, Exp1};

/// What stores have ordered, and by which levels they order. Lists are SKU-major like shelves; with siloed pools that of
/// walk-ins follows that of orders.
#[derive(Resource, Debug)]
pub(super) struct Supply {
    policy: ReplenishmentPolicy,
    /// Positions are looked at whenever they fall.
    pub(super) watches: bool,
    stores: usize,
    /// Places of one pool.
    places: usize,
    levels: Vec<Levels>,
    on_order: Vec<u32>,
    /// Deliveries under way by number, and the numbers that are free.
    deliveries: Vec<Delivery>,
    free: Vec<u32>,
    /// Deliveries so far, by store.
    sent: Vec<u32>,
    lead: Lead,
    /// Lead times, by store.
    draws_of: Vec<PurposeKey>,
    truck_units: u32,
    pub(super) backorders: Backorders,
    /// What stores send each other; None where they do not.
    pub(super) transfers: Option<Transfers>,
}

#[derive(Default, Debug)]
struct Delivery {
    store: StoreId,
    lines: Vec<Load>,
}

/// So many units of a SKU for a pool.
#[derive(Clone, Copy, Debug)]
struct Load {
    pool: Pool,
    sku: SkuId,
    units: u32,
}

#[derive(Debug)]
enum Lead {
    Constant(SimDuration),
    Exponential(f64),
    Lognormal(Lognormal),
}

impl Lead {
    fn new(keys: &Replenishment) -> Lead {
        match keys.lead_distribution {
            LeadDistribution::Constant => Lead::Constant(SimDuration::from_hours(keys.lead_h)),
            LeadDistribution::Exponential => Lead::Exponential(keys.lead_h),
            LeadDistribution::Lognormal => Lead::Lognormal(Lognormal::new(keys.lead_h, keys.lead_cv)),
        }
    }
    fn draw(&self, rng: &mut EntityStream) -> SimDuration {
        match self {
            Lead::Constant(lead) => *lead,
            Lead::Exponential(mean_h) => {
                let factor: f64 = Exp1.sample(rng);
                SimDuration::from_hours(mean_h * factor)
            }
            Lead::Lognormal(lead) => lead.draw(rng),
        }
    }
}

impl Supply {
    /// The supply of a city, what stands on its shelves when the run begins and, with siloed pools, what walk-ins have.
    pub(super) fn new(scenario: &Scenario, city: &City, streams: Streams) -> (Supply, Vec<u16>, Option<Counter>) {
        let keys = &scenario.replenishment;
        let counted = !city.full_levels.is_empty();
        let orders = counted && keys.policy != ReplenishmentPolicy::FullLevel;
        let plan = Plan::new(scenario, city, streams);
        let levels = if orders { plan.levels() } else { Vec::new() };
        let supply = Supply {
            policy: keys.policy,
            watches: orders && keys.policy != ReplenishmentPolicy::OrderUpTo,
            stores: city.stores.len(),
            places: city.full_levels.len(),
            on_order: vec![0; levels.len()],
            levels,
            deliveries: Vec::new(),
            free: Vec::new(),
            sent: vec![0; city.stores.len()],
            lead: Lead::new(keys),
            draws_of: {
                let draws = streams.purpose(Purpose::SupplyLead);
                city.stores.iter().map(|store| draws.within(store.stream_id())).collect()
            },
            truck_units: keys.truck_units.unwrap_or(u32::MAX),
            transfers: Transfers::new(scenario, city, plan.of_orders(scenario)),
            backorders: Backorders::new(counted && scenario.stock.unmet == Unmet::Backorder),
        };
        let (opening, of_walk_ins) = plan.opening(&supply);
        let counter = plan.shares.as_deref().map(|shares| Counter::new(city, shares, of_walk_ins));
        (supply, opening, counter)
    }

    /// Whether stores order from a supplier.
    pub(super) fn orders(&self) -> bool {
        !self.levels.is_empty()
    }

    fn place(&self, pool: Pool, store: StoreId, sku: SkuId) -> usize {
        let first = if pool == Pool::WalkIns { self.places } else { 0 };
        first + sku.index() * self.stores + store.index()
    }

    /// Units that a store should order of a SKU for a pool now. Who waits has ordered.
    fn wanted(&self, shelves: &Shelves, pool: Pool, store: StoreId, sku: SkuId) -> u32 {
        let place = self.place(pool, store, sku);
        let there = i64::from(shelves.units_in(pool, store, sku)) + i64::from(self.on_order[place]);
        let sent_on = match &self.transfers {
            Some(transfers) if pool == Pool::Orders => i64::from(transfers.coming(place)),
            _ => 0,
        };
        let owed = if pool == Pool::Orders { self.backorders.owed(store, sku) } else { 0 };
        units_to_order(self.policy, &self.levels[place], there + sent_on - owed)
    }

    /// A store orders, if there is anything to order.
    fn send(&mut self, now: SimTime, delivery: Delivery, calendar: &mut Calendar, log: &mut EventLog) {
        let store = delivery.store;
        let units: u32 = delivery.lines.iter().map(|load| load.units).sum();
        if units == 0 {
            return;
        }
        for load in &delivery.lines {
            let place = self.place(load.pool, store, load.sku);
            self.on_order[place] += load.units;
        }
        let sent = &mut self.sent[store.index()];
        let mut stream = self.draws_of[store.index()].of(u64::from(*sent));
        *sent += 1;
        log.record(now, Event::StockOrdered { store, units });
        let number = match self.free.pop() {
            Some(number) => number,
            None => {
                self.deliveries.push(Delivery::default());
                self.deliveries.len() as u32 - 1
            }
        };
        self.deliveries[number as usize] = delivery;
        calendar.schedule(now + self.lead.draw(&mut stream), Notice::ReceiveStock(number));
    }

    /// Every store orders what brings its SKUs up to their levels, as far as its truck goes.
    pub(super) fn review_all(&mut self, now: SimTime, shelves: &Shelves, calendar: &mut Calendar, log: &mut EventLog) {
        for store in (0..self.stores as u32).map(StoreId) {
            let skus = (self.places / self.stores) as u32;
            let supply = &*self;
            let of_pool = |pool: Pool| {
                let load = move |sku| Load { pool, sku, units: supply.wanted(shelves, pool, store, sku) };
                (0..skus).map(SkuId).map(load).filter(|load| load.units > 0)
            };
            let mut lines: Vec<Load> = of_pool(Pool::Orders).collect();
            if shelves.counter().is_some() {
                lines.extend(of_pool(Pool::WalkIns));
            }
            let lines = self.loaded(store, lines);
            self.send(now, Delivery { store, lines }, calendar, log);
        }
    }

    /// What the truck takes of an order: SKUs furthest below their level, relative to it, come first, ties by number, orders
    /// before walk-ins.
    fn loaded(&self, store: StoreId, mut lines: Vec<Load>) -> Vec<Load> {
        let mut room = self.truck_units;
        if lines.iter().map(|load| u64::from(load.units)).sum::<u64>() <= u64::from(room) {
            return lines;
        }
        let level = |load: &Load| f64::from(self.levels[self.place(load.pool, store, load.sku)].target);
        let lack = |load: &Load| f64::from(load.units) / level(load);
        // Lines of orders stand first, and the sort keeps the order of what is alike.
        lines.sort_by(|a, b| lack(b).total_cmp(&lack(a)).then(a.sku.cmp(&b.sku)));
        for load in &mut lines {
            load.units = load.units.min(room);
            room -= load.units;
        }
        lines.retain(|load| load.units > 0);
        lines
    }
}

/// What planners expect, store by store and SKU by SKU, and what they make of it.
struct Plan<'a> {
    keys: &'a Replenishment,
    city: &'a City,
    review_days: f64,
    /// Units a day; empty where nobody asks.
    expected: Vec<f64>,
    /// Share of walk-ins in demand by place; None where all take from one shelf.
    shares: Option<Vec<f64>>,
}

impl<'a> Plan<'a> {
    fn new(scenario: &'a Scenario, city: &'a City, streams: Streams) -> Self {
        let keys = &scenario.replenishment;
        let asked = keys.policy != ReplenishmentPolicy::FullLevel || keys.opening == OpeningStock::Newsvendor;
        let review_days = match keys.policy {
            ReplenishmentPolicy::OrderUpTo => scenario.stores.replenish_every_h / 24.0,
            _ => 0.0,
        };
        let mut plan = Plan { keys, city, review_days, expected: Vec::new(), shares: walk_in_shares(scenario, city) };
        if asked {
            plan.expected = plan.forecast(scenario, streams);
        }
        plan
    }

    fn forecast(&self, scenario: &Scenario, streams: Streams) -> Vec<f64> {
        let daily = DailyUnits::new(scenario, &self.city.stores);
        let error = Lognormal::new(1.0, self.keys.forecast_cv);
        let draws = streams.purpose(Purpose::Forecast);
        let stores = self.city.stores.len();
        let draws_of: Vec<_> = self.city.stores.iter().map(|store| draws.within(store.stream_id())).collect();
        let expect = |place: usize| {
            let (sku, store) = (place / stores, place % stores);
            let mean = archetype(scenario, &self.city.stores[store].archetype).map_or(0.0, |kind| daily.at(kind, sku));
            match self.keys.forecast_cv > 0.0 {
                true => mean * error.draw(&mut draws_of[store].of(sku_stream_id(scenario, sku))).hours(),
                false => mean,
            }
        };
        (0..self.city.full_levels.len()).map(expect).collect()
    }

    /// Units a day that planners expect of the shelf from which orders take, by place.
    fn of_orders(&self, scenario: &Scenario) -> impl Fn(usize) -> f64 {
        let daily = DailyUnits::new(scenario, &self.city.stores);
        let stores = self.city.stores.len();
        move |place: usize| {
            let kind = archetype(scenario, &self.city.stores[place % stores].archetype);
            let mean = || kind.map_or(0.0, |kind| daily.at(kind, place / stores));
            let share = self.shares.as_ref().map_or(0.0, |shares| shares[place]);
            self.expected.get(place).copied().unwrap_or_else(mean) * (1.0 - share)
        }
    }

    /// Levels of what is carried, pool by pool; all 0 for the rest.
    fn levels(&self) -> Vec<Levels> {
        let whole = self.whole_levels();
        let Some(shares) = &self.shares else { return whole };
        let parts = whole.iter().zip(shares).map(|(levels, share)| pools::divided(*levels, *share));
        let (mut of_orders, of_walk_ins): (Vec<_>, Vec<_>) = parts.map(|[orders, walk_ins]| (orders, walk_ins)).unzip();
        of_orders.extend(of_walk_ins);
        of_orders
    }

    /// The same for one shelf.
    fn whole_levels(&self) -> Vec<Levels> {
        let keys = self.keys;
        let of_place = |(full, per_day): (&u16, &f64)| {
            if *full == 0 {
                return Levels::default();
            }
            let stock = |days: f64| base_stock(*per_day, days, keys.safety_z);
            let lead = keys.lead_h / 24.0;
            let reorder = keys.reorder_units.unwrap_or_else(|| stock(lead));
            let batch = keys.batch_units.unwrap_or_else(|| base_stock(*per_day, keys.batch_days, 0.0)).max(1);
            let target = keys.level_units.unwrap_or_else(|| match keys.policy {
                ReplenishmentPolicy::OrderUpTo => stock(self.review_days + lead),
                _ => reorder + batch,
            });
            Levels { reorder, target: target.max(1), batch }
        };
        self.city.full_levels.iter().zip(&self.expected).map(of_place).collect()
    }

    /// What stands on the shelves in the beginning, and what walk-ins have for themselves.
    fn opening(&self, supply: &Supply) -> (Vec<u16>, Vec<u16>) {
        let mut opening = self.whole_opening(supply);
        let Some(shares) = &self.shares else { return (opening, Vec::new()) };
        if opening.len() > supply.places {
            // Each pool opens at its own level.
            let of_walk_ins = opening.split_off(supply.places);
            return (opening, of_walk_ins);
        }
        let part = |(whole, share): (&u16, &f64)| pools::walk_in_units(u32::from(*whole), *share) as u16;
        let of_walk_ins: Vec<u16> = opening.iter().zip(shares).map(part).collect();
        opening.iter_mut().zip(&of_walk_ins).for_each(|(units, part)| *units -= part);
        (opening, of_walk_ins)
    }

    fn whole_opening(&self, supply: &Supply) -> Vec<u16> {
        let keys = self.keys;
        let full = &self.city.full_levels;
        let units = |units: u32| units.min(u32::from(u16::MAX)) as u16;
        match keys.opening {
            OpeningStock::Level if !supply.orders() => full.clone(),
            OpeningStock::Level => supply.levels.iter().map(|levels| units(levels.full(keys.policy))).collect(),
            OpeningStock::Newsvendor => {
                let best = |per_day: &f64| newsvendor(per_day * keys.opening_days, keys.short_yuan, keys.over_yuan);
                let carried = |(full, per_day): (&u16, &f64)| if *full > 0 { units(best(per_day)) } else { 0 };
                full.iter().zip(&self.expected).map(carried).collect()
            }
        }
    }
}

impl Desk<'_> {
    /// The position of a SKU fell in a pool: is it time to order?
    #[inline]
    pub(super) fn watch(&mut self, now: SimTime, store: StoreId, sku: SkuId, pool: Pool) {
        if self.supply.watches {
            let units = self.supply.wanted(self.shelves, pool, store, sku);
            if units > 0 {
                let delivery = Delivery { store, lines: vec![Load { pool, sku, units }] };
                self.supply.send(now, delivery, self.calendar, &mut self.log.0);
            }
        }
    }

    /// A delivery reaches its store; waiting orders come before anybody else.
    pub(super) fn receive_stock(&mut self, now: SimTime, number: u32) {
        let Delivery { store, lines } = std::mem::take(&mut self.supply.deliveries[number as usize]);
        self.supply.free.push(number);
        let mut received = 0;
        for Load { pool, sku, units } in &lines {
            let place = self.supply.place(*pool, store, *sku);
            self.supply.on_order[place] -= units;
            received += units;
            if *pool == Pool::WalkIns {
                self.shelves.put_by(store, *sku, *units);
            } else if self.shelves.put_back(now, store, crate::event::Line { sku: *sku, quantity: *units }) {
                self.log.0.record(now, Event::StockCameBack { store, sku: *sku });
            }
        }
        self.log.0.record(now, Event::StockReceived { store, units: received });
        for load in lines.iter().filter(|load| load.pool == Pool::Orders) {
            self.serve_waiting(now, store, load.sku);
        }
    }
}
