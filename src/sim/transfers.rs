//! Transfers: stores that have none of a SKU receive some from another store (`stock.transfer_every_h`).
//!
//! Who sends what is decided in `policy/transfer.rs`. Units leave at the review and arrive with a van after
//! `stock.transfer_lead_h`; of siloed pools only that of orders takes part. Off, nothing of it exists.

use super::calendar::{Calendar, Notice};
use super::schedule::Desk;
use crate::city::{Channel, City};
use crate::event::{Event, Line};
use crate::policy::transfer::{Holding, kept, moves};
use crate::scenario::Scenario;
use crate::units::{SimDuration, SimTime, SkuId, StoreId};
use std::collections::VecDeque;

/// What stores may send each other, and what is on its way.
#[derive(Debug)]
pub(super) struct Transfers {
    every: SimDuration,
    lead: SimDuration,
    /// Nobody reviews after the last arrival.
    last: SimTime,
    /// Units that a store keeps, SKU-major; 0 where it does not carry the SKU.
    kept: Vec<u32>,
    /// Units on their way, SKU-major.
    coming: Vec<u32>,
    /// By store: those that it may receive from, nearest first.
    reach: Vec<Vec<u32>>,
    /// Vans by the review that sent them. All take the same time, so that the first arrives first.
    under_way: VecDeque<Vec<(StoreId, Line)>>,
}

impl Transfers {
    /// None where stores keep what they have; `per_day` is the demand expected, place by place.
    pub(super) fn new(scenario: &Scenario, city: &City, per_day: impl Fn(usize) -> f64) -> Option<Transfers> {
        let every_h = scenario.stock.transfer_every_h.filter(|_| !city.full_levels.is_empty())?;
        let keys = &scenario.stock;
        let keep = |(place, full): (usize, &u16)| match *full {
            0 => 0,
            _ => kept(per_day(place), keys.transfer_keep_days),
        };
        Some(Transfers {
            every: SimDuration::from_hours(every_h),
            lead: SimDuration::from_hours(keys.transfer_lead_h),
            last: SimTime::from_hours(scenario.horizon_h),
            kept: city.full_levels.iter().enumerate().map(keep).collect(),
            coming: vec![0; city.full_levels.len()],
            reach: reach(city, keys.transfer_max_km * 1000.0),
            under_way: VecDeque::new(),
        })
    }

    /// The first review, one interval after the start: shelves have just been stocked.
    pub(super) fn begin(&self, calendar: &mut Calendar) {
        self.review_after(SimTime::ZERO, calendar);
    }

    fn review_after(&self, now: SimTime, calendar: &mut Calendar) {
        if now + self.every <= self.last {
            calendar.schedule(now + self.every, Notice::ReviewTransfers);
        }
    }

    /// Units on their way to a place.
    pub(super) fn coming(&self, place: usize) -> u32 {
        self.coming[place]
    }
}

/// By store, the near stores within so many metres on the road, nearest first, ties to the lower number.
fn reach(city: &City, metres: f64) -> Vec<Vec<u32>> {
    let space = city.travel.space();
    let near = |store: usize| city.stores[store].channel == Channel::Near;
    let of_store = |store: usize| {
        let spot = space.spot(&city.stores[store].place);
        let road = |other: usize| city.travel.road(space.distance(space.spot(&city.stores[other].place), spot));
        let others = (0..city.stores.len()).filter(|other| near(store) && *other != store && near(*other));
        let mut within: Vec<(f64, u32)> =
            others.map(|other| (road(other), other as u32)).filter(|(way, _)| *way <= metres).collect();
        within.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        within.into_iter().map(|(_, other)| other).collect()
    };
    (0..city.stores.len()).map(of_store).collect()
}

impl Desk<'_> {
    /// Stores that have none of a SKU are sent some.
    pub(super) fn review_transfers(&mut self, now: SimTime) {
        let Some(mut transfers) = self.supply.transfers.take() else { return };
        let stores = transfers.reach.len();
        let mut sent = Vec::new();
        let mut holdings = vec![Holding::default(); stores];
        for sku in (0..(transfers.kept.len() / stores.max(1)) as u32).map(SkuId) {
            for (store, holding) in holdings.iter_mut().enumerate() {
                let place = sku.index() * stores + store;
                *holding = Holding {
                    units: self.shelves.units(StoreId(store as u32), sku),
                    coming: transfers.coming[place],
                    kept: transfers.kept[place],
                };
            }
            if holdings.iter().any(|holding| holding.units == 0 && holding.kept > 0) {
                let moves = moves(&mut holdings, &transfers.reach);
                sent.extend(moves.into_iter().map(|part| (StoreId(part.from), StoreId(part.to), sku, part.units)));
            }
        }
        for (_, to, sku, units) in &sent {
            transfers.coming[sku.index() * stores + to.index()] += units;
        }
        transfers.review_after(now, self.calendar);
        if !sent.is_empty() {
            let on_board = sent.iter().map(|(_, to, sku, units)| (*to, Line { sku: *sku, quantity: *units }));
            transfers.under_way.push_back(on_board.collect());
            self.calendar.schedule(now + transfers.lead, Notice::ReceiveTransfer);
        }
        self.supply.transfers = Some(transfers);
        for (from, to, sku, units) in sent {
            self.reserve_line(now, from, Line { sku, quantity: units });
            self.shelves.hand_out(from, units);
            self.log.0.record(now, Event::StockSentOn { from, to, sku, units: units as u16 });
        }
    }

    /// The vans of one review arrive; waiting orders come before anybody else.
    pub(super) fn receive_transfer(&mut self, now: SimTime) {
        let Some(transfers) = &mut self.supply.transfers else { return };
        let stores = transfers.reach.len();
        let arrived = transfers.under_way.pop_front().unwrap_or_default();
        for (store, line) in &arrived {
            transfers.coming[line.sku.index() * stores + store.index()] -= line.quantity;
        }
        for (store, line) in arrived {
            let (sku, units) = (line.sku, line.quantity);
            self.log.0.record(now, Event::StockBroughtIn { store, sku, units });
            if self.shelves.put_back(now, store, line) {
                self.log.0.record(now, Event::StockCameBack { store, sku });
            }
            self.serve_waiting(now, store, sku);
        }
    }
}
