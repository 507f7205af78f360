//! Whether the nearest store that carries an order's lines had them: stock-outs as demand meets them.

use super::facts::OrderFacts;
use super::open_hours::OpenHours;
use crate::city::City;
use crate::city::nodes::Candidates;
use crate::city::space::Spot;
use crate::event::{Event, EventLog, FarReason, Line};
use crate::scenario::Scenario;
use crate::units::{OrderId, SimTime, SkuId, StoreId};

/// Shelves as the log tells them, in bits.
struct Shelves<'a> {
    city: &'a City,
    candidates: &'a Candidates,
    hours: Vec<OpenHours>,
    out: Vec<bool>,
}

/// Notes for every order that asked for the near field whether the nearest open store within its radius that carries all of
/// its lines had some of each. None where shelves never run empty, or no store carries it all.
pub(super) fn note_stock_outs(scenario: &Scenario, city: &City, log: &EventLog, orders: &mut [OrderFacts]) {
    let Some(candidates) = city.candidates.as_deref().filter(|_| !city.full_levels.is_empty()) else { return };
    let hours = city.stores.iter().map(|store| OpenHours::new(scenario, store)).collect();
    let mut shelves = Shelves { city, candidates, hours, out: vec![false; city.full_levels.len()] };
    for record in &log.records {
        match record.event {
            Event::StockRanOut { store, sku } => shelves.set(store, sku, true),
            Event::StockCameBack { store, sku } => shelves.set(store, sku, false),
            Event::OrderPlaced { order } => {
                let Some(placement) = log.placements.get(order.index()).filter(|p| p.part_of.is_none()) else {
                    continue;
                };
                let session = placement.session.is_some();
                if let Some(facts) = orders.get_mut(order.index()).filter(|facts| session || asked_near(city, facts)) {
                    let lines = lines_of_checkout(log, order);
                    facts.nearest_lacked =
                        home_of(city, log, order).and_then(|home| shelves.nearest_lacked(home, record.at, lines));
                    facts.lines_asked = lines.len() as u32;
                    facts.nearest_had_stock = facts.nearest_lacked.map(|lacked| lacked == 0);
                }
            }
            _ => {}
        }
    }
}

/// What was ordered at once: the lines of parts stand after those of the first.
fn lines_of_checkout(log: &EventLog, first: OrderId) -> &[Line] {
    let parts = log.placements[first.index() + 1..].iter().take_while(|placement| placement.part_of == Some(first));
    let lines: usize = parts.map(|part| part.lines as usize).sum();
    let begin = log.placements[first.index()].first_line as usize;
    &log.lines[begin..begin + log.lines_of(first).len() + lines]
}

/// Where an order goes, in the coordinates of the metric.
pub(super) fn home_of(city: &City, log: &EventLog, order: OrderId) -> Option<Spot> {
    let demand = &city.demand;
    match demand.trace.get(order.index()) {
        Some(traced) => Some(city.travel.space().spot(&traced.place)),
        None => {
            let consumer = log.placements[order.index()].consumer.index();
            (consumer < demand.homes.len()).then(|| demand.home_spot(consumer))
        }
    }
}

/// Whether the order asked for the near field and its store was not given.
pub(super) fn asked_near(city: &City, order: &OrderFacts) -> bool {
    let observed = city.demand.trace.get(order.id.index()).is_some_and(|traced| traced.store.is_some());
    !observed && !matches!(order.far_reason, Some(FarReason::Chosen | FarReason::FarOnly))
}

impl Shelves<'_> {
    fn place(&self, store: u32, sku: SkuId) -> usize {
        sku.index() * self.city.stores.len() + store as usize
    }
    fn set(&mut self, store: StoreId, sku: SkuId, out: bool) {
        let place = self.place(store.0, sku);
        if let Some(known) = self.out.get_mut(place) {
            *known = out;
        }
    }
    /// Lines of which the nearest store that carries them all had no unit.
    fn nearest_lacked(&self, home: Spot, now: SimTime, lines: &[Line]) -> Option<u32> {
        let carries = |store: u32| {
            let level =
                |line: &Line| self.city.full_levels.get(self.place(store, line.sku)).is_some_and(|level| *level > 0);
            lines.iter().all(level) && self.hours[store as usize].open(now)
        };
        let nearest = self.candidates.nearest(home, carries)?;
        Some(lines.iter().filter(|line| self.out[self.place(nearest.store, line.sku)]).count() as u32)
    }
}
