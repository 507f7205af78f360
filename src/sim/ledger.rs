//! The ledger: which nodes an order could have come from, noted at the moment its node is chosen.
//!
//! Nothing is decided here and nothing is drawn but from streams that anybody may open again, so that a run with the
//! ledger is the run without it.

use super::load::{FleetLook, Glance};
use super::pickup::Fetch;
use super::rates::Rates;
use super::schedule::Desk;
use super::sourcing::NodeView;
use super::splitting::SplitPlan;
use crate::city::Channel;
use crate::city::nodes::Found;
use crate::event::{self, CancelReason, Candidate, FarReason, Inquiry, LoadLevel, Node, Span, WhyNot};
use crate::policy::choice::Choice;
use crate::policy::overload;
use crate::policy::promise;
use crate::policy::sourcing::{Plan, StoreView, Terms, cheapest, fastest};
use crate::scenario::{Scenario, SourcingPolicy};
use crate::units::{Money, OrderId, SimDuration, SimTime, StoreId};
use bevy_ecs::prelude::Resource;

/// The ledger of a run; empty unless it is on.
#[derive(Resource, Default, Debug)]
pub(super) struct Ledger {
    pub(super) on: bool,
    pub(super) kept: event::Ledger,
    /// What a parcel is promised within where nobody is told otherwise.
    far_promise: SimDuration,
    rates: Rates,
}

impl Ledger {
    /// One that is kept.
    pub(super) fn kept(scenario: &Scenario) -> Self {
        let far_promise = SimDuration::from_hours(scenario.promise.far_h);
        Ledger { on: true, kept: event::Ledger::default(), far_promise, rates: Rates::new(scenario) }
    }
}

/// Who had the last word on the node of an order.
#[derive(Clone, Copy, Debug)]
pub(super) enum DecidedBy {
    /// Sourcing, and overload control after it.
    Sourcing,
    /// The input file.
    Trace,
    /// The consumer, who saw what sourcing had found.
    Consumer(Choice),
}

/// What was decided on an order.
#[derive(Debug)]
pub(super) struct Verdict<'a> {
    /// What sourcing found.
    pub(super) sought: Plan,
    /// What overload control left of it.
    pub(super) plan: Plan,
    /// How it would come in parts instead.
    pub(super) split: Option<&'a SplitPlan>,
    pub(super) by: DecidedBy,
    /// What pick-up offered.
    pub(super) fetch: Option<Fetch>,
}

impl Verdict<'_> {
    /// The parts in which the order comes, if it does.
    fn parts(&self) -> Option<&SplitPlan> {
        match self.by {
            DecidedBy::Consumer(Choice::Leave | Choice::Far | Choice::Pickup) | DecidedBy::Trace => None,
            DecidedBy::Consumer(Choice::Near) | DecidedBy::Sourcing => self.split,
        }
    }

    /// Whether the node serves the order, or a part of it.
    fn serves(&self, node: Node) -> bool {
        match (self.parts(), node) {
            (Some(parts), Node::Store(store)) => parts.near.iter().any(|part| part.store == store),
            (Some(parts), Node::Warehouse) => parts.far_rest(),
            (Some(_), Node::Pickup(_)) => false,
            (None, _) => self.node() == Some(node),
        }
    }

    /// The stores that are noted however far they are: the one that was found, and those of parts.
    fn sought_stores(&self) -> Vec<Found> {
        let sought = store_of(self.sought).map(|(store, distance)| Found { store: store.0, distance });
        let parts = self.parts().into_iter().flat_map(|parts| &parts.near);
        let parts = parts.map(|part| Found { store: part.store.0, distance: part.distance });
        let mut stores: Vec<Found> = sought.into_iter().chain(parts).collect();
        stores.sort_by(|a, b| a.distance.total_cmp(&b.distance).then(a.store.cmp(&b.store)));
        stores.dedup_by_key(|found| found.store);
        stores
    }

    /// The node that serves the whole order; None if nobody does.
    fn node(&self) -> Option<Node> {
        match (self.by, self.plan) {
            (DecidedBy::Consumer(Choice::Leave), _) => None,
            (DecidedBy::Consumer(Choice::Pickup), _) => self.fetch.map(|fetch| Node::Pickup(fetch.store)),
            (DecidedBy::Consumer(Choice::Far), _) | (_, Plan::Far(_)) => Some(Node::Warehouse),
            (_, Plan::Near { store, .. }) => Some(Node::Store(store)),
            (_, Plan::Refused(_)) => None,
        }
    }
}

/// The store that sourcing found, and how far it is.
fn store_of(plan: Plan) -> Option<(StoreId, f64)> {
    match plan {
        Plan::Near { store, distance } => Some((store, distance)),
        Plan::Far(_) | Plan::Refused(_) => None,
    }
}

/// What a candidate is judged by, the same for all of an order.
struct Asked {
    now: SimTime,
    order: OrderId,
    terms: Terms,
    /// One look at each fleet of the stores that are noted.
    fleets: Vec<Glance>,
}

impl Desk<'_> {
    /// Notes every candidate of an order whose node has just been decided; nothing of it is reserved yet.
    #[inline(never)]
    pub(super) fn note_candidates(&mut self, now: SimTime, order: OrderId, verdict: &Verdict) {
        let placement = self.log.0.placements[order.index()];
        // Balance is a way to choose, not a cost.
        let terms = Terms { balance_weight: 0.0, ..self.terms_at(now, order) };
        let stores = self.stores_to_note(order, verdict);
        let asked = Asked { now, order, terms, fleets: self.glances(&stores) };
        let mut candidates: Vec<Candidate> =
            stores.iter().map(|(rank, found)| self.store_candidate(&asked, *rank, *found, verdict)).collect();
        let last = candidates.last().map_or(0, |candidate| candidate.rank);
        candidates.extend(verdict.fetch.map(|fetch| self.pickup_candidate(&asked, last + 1, &fetch, verdict)));
        let last = last + u32::from(verdict.fetch.is_some());
        candidates.push(self.warehouse_candidate(&asked, last + 1, verdict));
        let left = matches!(verdict.by, DecidedBy::Consumer(Choice::Leave));
        let kept = &mut self.ledger.kept;
        kept.inquiries.push(Inquiry {
            at: now,
            order: (!left).then_some(order),
            session: placement.session.map(|visit| visit.session),
            category: placement.category,
            value: placement.value,
            first_candidate: kept.candidates.len() as u32,
        });
        kept.candidates.extend(candidates);
    }

    /// The nearest stores in whose radius the consumer lives, as many as sourcing compares, with their rank; the one that
    /// was found is among them, however far. Where none is in reach the nearest of all stands for them.
    fn stores_to_note(&self, order: OrderId, verdict: &Verdict) -> Vec<(u32, Found)> {
        let home = self.orders.rows[order.index()].home;
        let sought = verdict.sought_stores();
        let Some(candidates) = &self.ground.candidates else { return (1..).zip(sought).collect() };
        let missing = |found: &[Found]| sought.iter().any(|store| !found.iter().any(|f| f.store == store.store));
        let mut found = Vec::new();
        let most = self.rules.sourcing.candidates;
        candidates.k_nearest(home, most, |_| true, &mut found);
        if missing(&found) {
            candidates.k_nearest(home, self.stations.len(), |_| true, &mut found);
        }
        if found.is_empty() && sought.is_empty() {
            found.extend(candidates.nearest_of_all(home));
        }
        let wanted = |(rank, f): &(u32, Found)| *rank as usize <= most || sought.iter().any(|s| s.store == f.store);
        let beyond = sought.iter().filter(|store| !found.iter().any(|f| f.store == store.store));
        let beyond = (found.len() as u32 + 1..).zip(beyond.copied());
        (1..).zip(found.iter().copied()).filter(wanted).chain(beyond).collect()
    }

    /// One look at each of their fleets.
    fn glances(&self, stores: &[(u32, Found)]) -> Vec<Glance> {
        let mut seen: Vec<Glance> = Vec::with_capacity(1);
        for (_, found) in stores {
            let fleet = usize::from(self.ground.city.stores[found.store as usize].fleet);
            if seen.iter().all(|glance| glance.fleet != fleet) {
                seen.push(self.glance(fleet));
            }
        }
        seen
    }

    fn store_candidate(&self, asked: &Asked, rank: u32, found: Found, verdict: &Verdict) -> Candidate {
        let (now, store) = (asked.now, StoreId(found.store));
        let fleet = usize::from(self.ground.city.stores[store.index()].fleet);
        let glance = asked.fleets.iter().find(|glance| glance.fleet == fleet).expect("its fleet was looked at");
        let (idle, on_duty, look) = self.look_around(glance, self.ground.store_spots[store.index()]);
        let offer = self.offer_given(now, asked.order, found, idle, on_duty);
        let lines = self.log.0.lines_of(asked.order);
        let short = |line: &event::Line| line.quantity.saturating_sub(self.shelves.units_shown(store, line.sku));
        let node = Node::Store(store);
        let near = self.ground.city.stores[store.index()].channel == Channel::Near;
        Candidate {
            node,
            rank,
            road_m: Some(offer.road as f32),
            lines_short: lines.iter().filter(|line| !self.shelves.shown(store, **line)).count() as u32,
            units_short: lines.iter().map(short).sum(),
            open: self.ground.always_open || self.ground.open(store, self.ground.time_of_day(now)),
            promise: if near { self.told(asked, store, offer.road, &look) } else { self.ledger.far_promise }.into(),
            eta: fastest::expected(&offer, &asked.terms).into(),
            cost: Money::from_yuan(if near { cheapest::yuan(&offer, &asked.terms) } else { asked.terms.far_yuan }),
            co2e_mg: if near { self.ledger.rates.near_mg(offer.road) } else { self.ledger.rates.branch_mg(offer.road) },
            why_not: match verdict.serves(node) {
                true => None,
                false => Some(
                    self.obstacle(asked, store, found.distance)
                        .unwrap_or_else(|| self.passed_over(store, found.distance, verdict)),
                ),
            },
        }
    }

    /// What the consumer would be told of a store's time to the door.
    fn told(&self, asked: &Asked, store: StoreId, road: f64, fleet: &FleetLook) -> SimDuration {
        if !self.offers.on {
            return self.rules.patience.promise;
        }
        let mut row = self.orders.rows[asked.order.index()];
        (row.store, row.ride) = (store, road);
        let level = self.offers.level(store);
        let traced = self.ground.city.demand.trace.get(asked.order.index()).filter(|_| !self.sessions.on);
        let eta = promise::eta(&self.outlook_given(asked.now, &row, traced, fleet));
        match self.sessions.on {
            true => self.shown(asked.now, store, level, eta),
            false => self.quote(asked.now, store, level, eta),
        }
    }

    /// What keeps a store from serving the order, whatever the policy.
    fn obstacle(&self, asked: &Asked, store: StoreId, distance: f64) -> Option<WhyNot> {
        let lines = self.log.0.lines_of(asked.order);
        let time_of_day = self.ground.time_of_day(asked.now);
        let view = NodeView { shelves: self.shelves, ground: self.ground, lines, time_of_day };
        let radius = self.ground.city.stores[store.index()].radius_m;
        let level = match self.offers.load.near_store[store.index()] {
            true => self.offers.level(store),
            false => LoadLevel::Normal,
        };
        let factor = self.offers.control.as_ref().map_or(1.0, |control| control.radius_factor);
        let checks = [
            (distance > radius, WhyNot::OutOfRadius),
            (!view.open(store), WhyNot::Closed),
            (!view.stocked(store), WhyNot::NoStock),
            (!self.spares(asked.now, store, lines), WhyNot::Rationed),
            (level == LoadLevel::Paused, WhyNot::Paused),
            (level >= LoadLevel::Smaller && !overload::in_reach(level, distance, radius, factor), WhyNot::Shrunk),
            (self.sessions.on && self.without_couriers(asked.now, store), WhyNot::NoCourier),
            (!self.within_limits(asked.now, asked.order, store, || distance), WhyNot::Overload),
        ];
        checks.into_iter().find(|(holds, _)| *holds).map(|(_, why)| why)
    }

    /// Why a store that could serve the order does not.
    fn passed_over(&self, store: StoreId, distance: f64, verdict: &Verdict) -> WhyNot {
        let sought = store_of(verdict.sought);
        let found = sought.is_some_and(|(sought, _)| sought == store);
        match (verdict.by, verdict.plan) {
            (DecidedBy::Trace, _) => WhyNot::Observed,
            // Parts cost less than any node that has it all.
            _ if verdict.parts().is_some() => WhyNot::Dearer,
            (DecidedBy::Consumer(Choice::Leave), _) if found => WhyNot::ConsumerLeft,
            (DecidedBy::Consumer(Choice::Pickup), Plan::Near { .. }) => WhyNot::ConsumerChoseOtherwise,
            (DecidedBy::Consumer(_), _) if found => WhyNot::ConsumerChoseOtherwise,
            (_, Plan::Far(FarReason::Chosen)) => WhyNot::ConsumerChoseOtherwise,
            (_, Plan::Far(FarReason::Cheaper)) => WhyNot::Dearer,
            (_, Plan::Far(FarReason::FarOnly)) => WhyNot::FarOnly,
            (_, Plan::Far(FarReason::Fee)) if found => WhyNot::Fee,
            (_, Plan::Refused(CancelReason::NoCourier)) => WhyNot::NoCourier,
            _ => self.rules.sourcing.lost_by(sought.is_some_and(|(_, nearest)| distance < nearest)),
        }
    }

    fn pickup_candidate(&self, asked: &Asked, rank: u32, fetch: &Fetch, verdict: &Verdict) -> Candidate {
        let Fetch { store, walk_m, walk, ready_in, .. } = *fetch;
        let station = &self.stations[store.index()];
        let pick = station.mean_pick(f64::from(self.orders.rows[asked.order.index()].units));
        Candidate {
            node: Node::Pickup(store),
            rank,
            road_m: Some(walk_m as f32),
            lines_short: 0,
            units_short: 0,
            open: true,
            promise: Span::from(ready_in + walk),
            eta: Span::from(station.expected_wait(asked.now) + pick + walk),
            cost: self.ledger.rates.pickup_cost(&asked.terms, pick),
            co2e_mg: self.ledger.rates.pickup_mg(walk_m),
            why_not: match verdict.by {
                DecidedBy::Consumer(Choice::Pickup) => None,
                DecidedBy::Consumer(Choice::Leave) => Some(WhyNot::ConsumerLeft),
                _ => Some(WhyNot::ConsumerChoseOtherwise),
            },
        }
    }

    fn warehouse_candidate(&self, asked: &Asked, rank: u32, verdict: &Verdict) -> Candidate {
        let quote = self.far_quote(asked.now, asked.order);
        let rules = &self.rules.sourcing;
        let why_not = match verdict.by {
            _ if verdict.serves(Node::Warehouse) => None,
            DecidedBy::Trace => Some(WhyNot::Observed),
            _ if !rules.uses_warehouse() => Some(WhyNot::NearOnly),
            DecidedBy::Consumer(Choice::Leave) => Some(WhyNot::ConsumerLeft),
            DecidedBy::Consumer(_) => Some(WhyNot::ConsumerChoseOtherwise),
            DecidedBy::Sourcing if rules.weighs_warehouse() || verdict.parts().is_some() => Some(WhyNot::Dearer),
            DecidedBy::Sourcing => Some(WhyNot::Fallback),
        };
        Candidate {
            node: Node::Warehouse,
            rank,
            road_m: None,
            lines_short: 0,
            units_short: 0,
            open: true,
            promise: Span::from(if self.sessions.on { quote } else { self.ledger.far_promise }),
            eta: quote.into(),
            cost: Money::from_yuan(asked.terms.far_yuan),
            co2e_mg: self.ledger.rates.parcel_mg(),
            why_not,
        }
    }
}

impl super::sourcing::Sourcing {
    /// Why a store lost against the one that sourcing found.
    fn lost_by(&self, nearer: bool) -> WhyNot {
        match self.policy {
            SourcingPolicy::NearestStocked | SourcingPolicy::NearOnly if nearer => WhyNot::Busier,
            SourcingPolicy::NearestStocked | SourcingPolicy::NearOnly => WhyNot::Farther,
            SourcingPolicy::Fastest | SourcingPolicy::Reassignment => WhyNot::Slower,
            SourcingPolicy::Cheapest | SourcingPolicy::BidPrice | SourcingPolicy::BidPriceClosed => WhyNot::Dearer,
            SourcingPolicy::DlpClocks => WhyNot::Drawn,
            SourcingPolicy::FarOnly => WhyNot::FarOnly,
        }
    }

    /// Whether orders that no store serves go to the warehouse.
    fn uses_warehouse(&self) -> bool {
        self.policy != SourcingPolicy::NearOnly
    }

    /// Whether the warehouse is compared with stores, not kept for what no store can serve.
    fn weighs_warehouse(&self) -> bool {
        self.far_if_cheaper && self.counts_yuan()
    }
}
