//! Sourcing: what the policy may know of the stores is gathered, and its choice taken to the order.

use super::limits::limits_of;
use super::picking::PickStation;
use super::schedule::Desk;
use super::shopping::Checkout;
use super::stock::Shelves;
use super::world::Ground;
use crate::city::Channel;
use crate::city::nodes::{Candidates, Found};
use crate::city::space::Spot;
use crate::event::{CancelReason, FarReason, Line};
use crate::policy::sourcing::limits::Limits;
use crate::policy::sourcing::rationing::{Prospect, Rule};
use crate::policy::sourcing::{
    Offer, Plan, StoreView, Terms, bid_price, cheapest, dlp_clocks, fastest, least, nearest_stocked,
};
use crate::scenario::{DeliveredAt, HandoverDistribution, RationingPolicy, Scenario, SourcingPolicy};
use crate::units::{OrderId, SimDuration, SimTime, StoreId};
use rand_distr::{Distribution, Exp1};

/// The sourcing rules of a scenario.
#[derive(Debug)]
pub(super) struct Sourcing {
    pub(super) policy: SourcingPolicy,
    /// Nothing but distance matters: the nearest-store lists answer without looking at offers.
    plain: bool,
    pub(super) candidates: usize,
    pub(super) far_if_cheaper: bool,
    /// Least saving for which a waiting order moves to another store.
    pub(super) least_saving_yuan: f64,
    rationing: Rule,
    /// None where stores are offered however busy they are.
    pub(super) limits: Option<Limits>,
    terms: Terms,
    /// What couriers get on top for an order, by clock hour (yuan).
    extra_yuan: [f64; 24],
    /// Expected return of an order by category as a share, far orders.
    return_rates: Vec<f64>,
    near_return_factor: f64,
    return_yuan: f64,
}

impl Sourcing {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let (rules, rationing) = (&scenario.sourcing, &scenario.rationing);
        let limits = limits_of(scenario);
        let by_distance = rules.policy == SourcingPolicy::NearestStocked && rules.load_balance_weight == 0.0;
        Sourcing {
            policy: rules.policy,
            plain: by_distance && rationing.policy == RationingPolicy::None && limits.is_none(),
            candidates: rules.candidates as usize,
            far_if_cheaper: rules.far_if_cheaper,
            least_saving_yuan: rules.re_evaluate_saving_yuan,
            rationing: Rule {
                policy: rationing.policy,
                protect_units: rationing.protect_units,
                margin_ratio: rationing.near_margin_yuan / rationing.walk_in_margin_yuan,
                release_h: rationing.release_h,
            },
            limits,
            terms: terms(scenario),
            extra_yuan: scenario.cost.courier_extra_yuan_by_hour,
            return_rates: scenario.catalogue.categories.iter().map(|category| category.return_rate).collect(),
            near_return_factor: scenario.cost.near_return_factor,
            return_yuan: scenario.cost.return_yuan,
        }
    }

    /// What the policy compares stores by: minutes or yuan, as its name says.
    fn measure(&self, offer: &Offer, terms: &Terms) -> f64 {
        match self.policy {
            SourcingPolicy::NearestStocked | SourcingPolicy::NearOnly | SourcingPolicy::FarOnly => {
                nearest_stocked::minutes(offer, terms)
            }
            // Reassignment compares stores by their couriers, not by offers; orders given to a courier do not move.
            SourcingPolicy::Fastest | SourcingPolicy::Reassignment => fastest::minutes(offer, terms),
            SourcingPolicy::Cheapest | SourcingPolicy::DlpClocks => cheapest::yuan(offer, terms),
            SourcingPolicy::BidPrice | SourcingPolicy::BidPriceClosed => bid_price::yuan(offer, terms),
        }
    }

    pub(super) fn counts_yuan(&self) -> bool {
        matches!(self.policy, SourcingPolicy::Cheapest | SourcingPolicy::BidPrice | SourcingPolicy::BidPriceClosed)
    }

    /// The measure in yuan; a minute counts as the courier's pay for riding it. Policies by chance go by cost.
    pub(super) fn in_yuan(&self, offer: &Offer, terms: &Terms) -> f64 {
        let measure = self.measure(offer, terms);
        match self.policy {
            SourcingPolicy::NearestStocked | SourcingPolicy::NearOnly | SourcingPolicy::Fastest => {
                measure * terms.minute_yuan
            }
            _ => measure,
        }
    }

    /// What an offer costs in yuan, also under policies that do not ask.
    pub(super) fn cost(&self, offer: &Offer, terms: &Terms) -> f64 {
        if self.counts_yuan() { self.measure(offer, terms) } else { cheapest::yuan(offer, terms) }
    }

    /// The terms of an order of this category at a clock hour: its expected return is part of what each channel costs, what
    /// couriers get on top at that hour of what a store does.
    fn terms_of(&self, category: usize, clock_hour: usize) -> Terms {
        let returns = self.return_yuan * self.return_rates.get(category).copied().unwrap_or(0.0);
        Terms {
            near_yuan: self.terms.near_yuan + returns * self.near_return_factor,
            extra_yuan: self.extra_yuan[clock_hour],
            far_yuan: self.terms.far_yuan + returns,
            ..self.terms
        }
    }
}

/// Pay, prices and times of a scenario, returns left out.
pub(super) fn terms(scenario: &Scenario) -> Terms {
    let (cost, couriers) = (&scenario.cost, &scenario.couriers);
    let half = match scenario.near.delivered_at {
        DeliveredAt::Arrival => 0.0,
        DeliveredAt::MidService => 0.5,
        DeliveredAt::EndService => 1.0,
    };
    let door = couriers.handover_min * half;
    let handover_cv = match couriers.handover_distribution {
        HandoverDistribution::Lognormal => couriers.handover_cv,
        HandoverDistribution::Exponential => 1.0,
    };
    Terms {
        near_yuan: cost.courier_per_order_yuan + cost.near_packaging_yuan + cost.near_inbound_yuan,
        extra_yuan: 0.0,
        far_yuan: cost.far_last_mile_yuan
            + cost.far_pick_pack_yuan
            + scenario.mean_line_haul_yuan()
            + cost.far_packaging_yuan
            + cost.far_site_yuan,
        km_yuan: cost.courier_per_km_yuan,
        picker_yuan_per_h: cost.picker_wage_yuan_per_h,
        late_yuan: cost.late_compensation_yuan,
        promise: SimDuration::from_minutes(scenario.promise.near_min),
        pickup_service: SimDuration::from_minutes(couriers.pickup_service_min),
        door: SimDuration::from_minutes(door),
        door_sd: SimDuration::from_minutes(door * handover_cv),
        balance_weight: scenario.sourcing.load_balance_weight,
        balance_slack: SimDuration::from_minutes(scenario.sourcing.load_balance_slack_min),
        minute_yuan: cost.courier_per_km_yuan * couriers.speed_kmh / 60.0,
    }
}

impl Desk<'_> {
    #[inline]
    pub(super) fn choose_node(&self, now: SimTime, order: OrderId, checkout: &Checkout) -> Plan {
        let Some(candidates) = &self.ground.candidates else { return self.without_stores() };
        if self.rules.sourcing.plain {
            let lines = &self.log.0.lines[self.log.0.lines.len() - checkout.lines..];
            let time_of_day = self.ground.time_of_day(now);
            let stores = NodeView { shelves: self.shelves, ground: self.ground, lines, time_of_day };
            return nearest_stocked(candidates, checkout.home, &stores);
        }
        self.weigh_nodes(now, order, checkout, candidates)
    }

    /// What becomes of an order in a city without stores.
    fn without_stores(&self) -> Plan {
        match self.rules.sourcing.policy {
            SourcingPolicy::NearOnly => Plan::Refused(CancelReason::NoStore),
            SourcingPolicy::FarOnly => Plan::Far(FarReason::FarOnly),
            _ => Plan::Far(FarReason::NoStore),
        }
    }

    /// The terms of an order whose courier is paid as at this moment.
    pub(super) fn terms_at(&self, now: SimTime, order: OrderId) -> Terms {
        let category = self.log.0.placements[order.index()].category.index();
        self.rules.sourcing.terms_of(category, self.ground.city.travel.clock_hour(now))
    }

    /// Every policy but the plain nearest stocked store.
    #[inline(never)]
    fn weigh_nodes(&self, now: SimTime, order: OrderId, checkout: &Checkout, candidates: &Candidates) -> Plan {
        let rules = &self.rules.sourcing;
        if rules.policy == SourcingPolicy::FarOnly {
            return Plan::Far(FarReason::FarOnly);
        }
        if rules.policy == SourcingPolicy::Reassignment {
            return self.best_courier(now, order, candidates);
        }
        let offers = self.offers(now, order);
        let terms = self.terms_at(now, order);
        let best = match rules.policy {
            SourcingPolicy::DlpClocks => self.by_clocks(order, checkout.home, &offers, &terms),
            _ => least(&offers, |offer| rules.measure(offer, &terms)),
        };
        match best {
            Some((_, yuan)) if rules.far_if_cheaper && rules.counts_yuan() && yuan > terms.far_yuan => {
                Plan::Far(FarReason::Cheaper)
            }
            Some((place, _)) => Plan::Near { store: offers[place].store, distance: offers[place].distance },
            None if rules.policy == SourcingPolicy::NearOnly => Plan::Refused(CancelReason::NoStore),
            None => self.why_no_store(now, order, candidates),
        }
    }

    /// The store whose courier would be at the door first; an order that no courier can bring is refused.
    fn best_courier(&self, now: SimTime, order: OrderId, candidates: &Candidates) -> Plan {
        let time_of_day = self.ground.time_of_day(now);
        let lines = self.log.0.lines_of(order);
        let stores = NodeView { shelves: self.shelves, ground: self.ground, lines, time_of_day };
        let (space, home) = (self.ground.city.travel.space(), self.orders.rows[order.index()].home);
        let fit = |store: StoreId| {
            let distance = || space.distance(self.ground.store_spots[store.index()], home);
            let spares = stores.stocked(store) && stores.open(store) && self.spares(now, store, lines);
            spares && self.within_limits(now, order, store, distance)
        };
        self.reassign(now, order, fit).unwrap_or_else(|| match self.why_no_store(now, order, candidates) {
            Plan::Far(FarReason::Rationed | FarReason::Overload)
                if (0..self.stations.len() as u32).any(|s| fit(StoreId(s))) =>
            {
                Plan::Refused(CancelReason::NoCourier)
            }
            reason => reason,
        })
    }

    /// No store makes an offer: the plain rule tells why, unless there is one that keeps its units or is too busy.
    fn why_no_store(&self, now: SimTime, order: OrderId, candidates: &Candidates) -> Plan {
        let home = self.orders.rows[order.index()].home;
        let time_of_day = self.ground.time_of_day(now);
        let lines = self.log.0.lines_of(order);
        let stores = NodeView { shelves: self.shelves, ground: self.ground, lines, time_of_day };
        let spares = |store| stores.stocked(store) && stores.open(store) && self.spares(now, store, lines);
        match nearest_stocked(candidates, home, &stores) {
            Plan::Near { .. } if self.too_busy(candidates, home, spares) => Plan::Far(FarReason::Overload),
            Plan::Near { .. } => Plan::Far(FarReason::Rationed),
            far => far,
        }
    }

    /// The nearest stores that can serve the order, nearest first with ties by id, and what each would make of it.
    pub(super) fn offers(&self, now: SimTime, order: OrderId) -> Vec<Offer> {
        let Some(candidates) = &self.ground.candidates else { return Vec::new() };
        let time_of_day = self.ground.time_of_day(now);
        let lines = self.log.0.lines_of(order);
        let stores = NodeView { shelves: self.shelves, ground: self.ground, lines, time_of_day };
        let fit = |s| {
            let store = StoreId(s);
            stores.stocked(store) && stores.open(store) && self.spares(now, store, lines)
        };
        let mut found = Vec::new();
        let home = self.orders.rows[order.index()].home;
        candidates.k_nearest(home, self.rules.sourcing.candidates, fit, &mut found);
        found.retain(|found| self.within_limits(now, order, StoreId(found.store), || found.distance));
        found.iter().map(|found| self.offer(now, order, *found)).collect()
    }

    /// The nearest open store in whose radius the consumer lives that has every line, and spares it, for a parcel.
    pub(super) fn store_for_parcel(&self, now: SimTime, order: OrderId) -> Option<StoreId> {
        let candidates = self.ground.candidates.as_ref()?;
        let time_of_day = self.ground.time_of_day(now);
        let lines = self.log.0.lines_of(order);
        let stores = NodeView { shelves: self.shelves, ground: self.ground, lines, time_of_day };
        let Plan::Near { store, .. } = nearest_stocked(candidates, self.orders.rows[order.index()].home, &stores)
        else {
            return None;
        };
        let near = self.ground.city.stores[store.index()].channel == Channel::Near;
        (near && self.spares(now, store, lines)).then_some(store)
    }

    /// The nearest open near store within a walk that has every line beyond what it keeps from pick-up.
    pub(super) fn store_for_pickup(&self, now: SimTime, order: OrderId, keep_at_most: u32) -> Option<Found> {
        let walks = self.ground.city.walks.as_ref()?;
        let time_of_day = self.ground.time_of_day(now);
        let lines = self.log.0.lines_of(order);
        let stores = NodeView { shelves: self.shelves, ground: self.ground, lines, time_of_day };
        let fit = |s| {
            let store = StoreId(s);
            stores.stocked(store) && stores.open(store) && self.spares_beyond(now, store, lines, keep_at_most)
        };
        walks.nearest(self.orders.rows[order.index()].home, fit)
    }

    /// Whether the store has the lines beyond what it keeps for walk-ins.
    pub(super) fn spares(&self, now: SimTime, store: StoreId, lines: &[Line]) -> bool {
        self.spares_beyond(now, store, lines, u32::MAX)
    }

    /// The same where it keeps `at_most` so many units of a SKU.
    fn spares_beyond(&self, now: SimTime, store: StoreId, lines: &[Line], at_most: u32) -> bool {
        let rule = &self.rules.sourcing.rationing;
        let Some(forecast) = self.foresight.forecast.as_ref().filter(|_| rule.policy != RationingPolicy::None) else {
            return true;
        };
        if !forecast.has_walk_ins(store) {
            return true;
        }
        let end = self.foresight.until().min(self.ground.closes_after(now, store));
        lines.iter().all(|line| {
            let walk_in_units = forecast.walk_in_units(store, line.sku, now, end);
            let prospect = Prospect { walk_in_units, hours_left: (end - now).hours().max(0.0) };
            let kept = rule.protected(&prospect).min(at_most);
            self.shelves.units_shown(store, line.sku) >= line.quantity + kept
        })
    }

    /// The store that most units fall on by the clocks of this order. Offers of busy stores ring later by the load
    /// balance. A line that the plan serves from none of the offers wants the nearest one.
    fn by_clocks(&self, order: OrderId, home: Spot, offers: &[Offer], terms: &Terms) -> Option<(usize, f64)> {
        let candidates = self.ground.candidates.as_ref()?;
        let catchment = candidates.nearest(home, |_| true).map(|found| StoreId(found.store))?;
        let clocks = self.foresight.clocks.within(self.sessions.entity(order));
        let clock = |offer: &Offer| {
            let store = self.ground.city.stores[offer.store.index()].stream_id();
            let rings: f64 = Exp1.sample(&mut clocks.of(store));
            rings * (1.0 + terms.balance_min(offer.queue))
        };
        let clocks: Vec<f64> = offers.iter().map(clock).collect();
        let lines = self.log.0.lines_of(order);
        let of_line = |line: &Line| {
            let share = |offer: &Offer| self.foresight.book.share(catchment, offer.store, line.sku).unwrap_or(0.0);
            let mut shares: Vec<f64> = offers.iter().map(share).collect();
            if let Some(nearest) = shares.first().copied().filter(|_| shares.iter().all(|share| *share == 0.0)) {
                shares[0] = nearest + 1.0;
            }
            shares
        };
        let shares: Vec<Vec<f64>> = lines.iter().map(of_line).collect();
        let units: Vec<u32> = lines.iter().map(|line| line.quantity).collect();
        dlp_clocks::whole_basket(&clocks, &shares, &units).map(|place| (place, 0.0))
    }

    /// What a store would make of the order now.
    pub(super) fn offer(&self, now: SimTime, order: OrderId, found: Found) -> Offer {
        let store = found.store as usize;
        let fleet = usize::from(self.ground.city.stores[store].fleet);
        let (space, spot) = (self.ground.city.travel.space(), self.ground.store_spots[store]);
        let nearest_idle = self.fleets.0[fleet].idle.nearest_distance(space, spot);
        let on_duty = if nearest_idle.is_some() { 0 } else { self.on_duty(fleet) };
        self.offer_given(now, order, found, nearest_idle, on_duty)
    }

    /// The same where the distance of the nearest idle courier is known; without one, how many are on duty.
    pub(super) fn offer_given(
        &self,
        now: SimTime,
        order: OrderId,
        found: Found,
        nearest_idle: Option<f64>,
        on_duty: u32,
    ) -> Offer {
        let travel = &self.ground.city.travel;
        let store = StoreId(found.store);
        let road = travel.road(found.distance);
        let ride = travel.time_of_road(road, now);
        let station: &PickStation = self.stations[store.index()];
        let units = self.orders.rows[order.index()].units;
        let (queue, pick) = (station.expected_wait(now), station.mean_pick(f64::from(units)));
        let fleet = &self.fleets.0[usize::from(self.ground.city.stores[store.index()].fleet)];
        let view = fastest::Fleet {
            nearest_idle: nearest_idle.map(|distance| travel.time_of_road(travel.road(distance), now)),
            waiting: fleet.waiting.len() as u32,
            on_duty,
        };
        let service = self.rules.pickup_service + self.rules.handover.mean;
        let [courier, courier_queue] = fastest::courier_wait(&view, queue + pick, service + ride + ride, ride);
        Offer {
            store,
            distance: found.distance,
            road,
            ride,
            queue,
            pick,
            pick_cv: station.cv(),
            courier,
            courier_queue,
            bid_yuan: self.bid_yuan(now, store, self.log.0.lines_of(order)),
        }
    }

    /// Price of the units that the order would take, by the policy.
    pub(super) fn bid_yuan(&self, now: SimTime, store: StoreId, lines: &[Line]) -> f64 {
        let price = |line: &Line| match self.rules.sourcing.policy {
            SourcingPolicy::BidPrice => self.foresight.book.price(store, line.sku),
            SourcingPolicy::BidPriceClosed => self.closed_form_price(now, store, line.sku),
            _ => 0.0,
        };
        lines.iter().map(|line| f64::from(line.quantity) * price(line)).sum()
    }
}

/// The stores as one order sees them.
pub(super) struct NodeView<'a> {
    pub(super) shelves: &'a Shelves,
    pub(super) ground: &'a Ground,
    pub(super) lines: &'a [Line],
    pub(super) time_of_day: SimDuration,
}

impl StoreView for NodeView<'_> {
    #[inline]
    fn open(&self, store: StoreId) -> bool {
        self.ground.always_open || self.ground.open(store, self.time_of_day)
    }
    #[inline]
    fn stocked(&self, store: StoreId) -> bool {
        self.lines.iter().all(|line| self.shelves.shown(store, *line))
    }
}
