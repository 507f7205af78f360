//! Sourcing: what the policy may know of the stores is gathered, and its choice taken to the order.

use super::picking::PickStation;
use super::schedule::Desk;
use super::shopping::Checkout;
use super::stock::Shelves;
use super::world::Ground;
use crate::city::nodes::{Candidates, Found};
use crate::event::{CancelReason, FarReason, Line};
use crate::policy::sourcing::{Offer, Plan, StoreView, Terms, cheapest, fastest, least, nearest_stocked};
use crate::scenario::{DeliveredAt, Scenario, SourcingPolicy};
use crate::units::{OrderId, SimDuration, SimTime, StoreId};

/// The sourcing rules of a scenario.
#[derive(Debug)]
pub(super) struct Sourcing {
    policy: SourcingPolicy,
    /// Nothing but distance matters: the nearest-store lists answer without looking at offers.
    plain: bool,
    candidates: usize,
    far_if_cheaper: bool,
    terms: Terms,
    /// Expected return of an order by category as a share, far orders.
    return_rates: Vec<f64>,
    near_return_factor: f64,
    return_yuan: f64,
}

impl Sourcing {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let rules = &scenario.sourcing;
        Sourcing {
            policy: rules.policy,
            plain: rules.policy == SourcingPolicy::NearestStocked && rules.load_balance_weight == 0.0,
            candidates: rules.candidates as usize,
            far_if_cheaper: rules.far_if_cheaper,
            terms: terms(scenario),
            return_rates: scenario.catalogue.categories.iter().map(|category| category.return_rate).collect(),
            near_return_factor: scenario.cost.near_return_factor,
            return_yuan: scenario.cost.return_yuan,
        }
    }

    /// The terms of an order of this category: its expected return is part of what each channel costs.
    fn terms_of(&self, category: usize) -> Terms {
        let returns = self.return_yuan * self.return_rates.get(category).copied().unwrap_or(0.0);
        Terms {
            near_yuan: self.terms.near_yuan + returns * self.near_return_factor,
            far_yuan: self.terms.far_yuan + returns,
            ..self.terms
        }
    }
}

fn terms(scenario: &Scenario) -> Terms {
    let (cost, couriers) = (&scenario.cost, &scenario.couriers);
    let half = match scenario.near.delivered_at {
        DeliveredAt::Arrival => 0.0,
        DeliveredAt::MidService => 0.5,
        DeliveredAt::EndService => 1.0,
    };
    let door = couriers.handover_min * half;
    Terms {
        near_yuan: cost.courier_per_order_yuan + cost.near_packaging_yuan + cost.near_inbound_yuan,
        far_yuan: cost.far_last_mile_yuan
            + cost.far_pick_pack_yuan
            + cost.far_line_haul_yuan
            + cost.far_packaging_yuan
            + cost.far_site_yuan,
        km_yuan: cost.courier_per_km_yuan,
        picker_yuan_per_h: cost.picker_wage_yuan_per_h,
        late_yuan: cost.late_compensation_yuan,
        promise: SimDuration::from_minutes(scenario.promise.near_min),
        pickup_service: SimDuration::from_minutes(couriers.pickup_service_min),
        door: SimDuration::from_minutes(door),
        door_sd: SimDuration::from_minutes(door * couriers.handover_cv),
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

    /// Every policy but the plain nearest stocked store.
    #[inline(never)]
    fn weigh_nodes(&self, now: SimTime, order: OrderId, checkout: &Checkout, candidates: &Candidates) -> Plan {
        let rules = &self.rules.sourcing;
        if rules.policy == SourcingPolicy::FarOnly {
            return Plan::Far(FarReason::FarOnly);
        }
        let time_of_day = self.ground.time_of_day(now);
        let lines = self.log.0.lines_of(order);
        let stores = NodeView { shelves: self.shelves, ground: self.ground, lines, time_of_day };
        let mut found = Vec::with_capacity(rules.candidates);
        let fit = |s| stores.stocked(StoreId(s)) && stores.open(StoreId(s));
        candidates.k_nearest(checkout.home, rules.candidates, fit, &mut found);
        let offers: Vec<Offer> = found.iter().map(|found| self.offer(now, checkout, *found)).collect();
        let terms = rules.terms_of(self.log.0.placements[order.index()].category.index());
        match self.best(&offers, &terms) {
            Some((_, yuan)) if rules.far_if_cheaper && yuan > terms.far_yuan => Plan::Far(FarReason::Cheaper),
            Some((place, _)) => Plan::Near { store: offers[place].store, distance: offers[place].distance },
            None if rules.policy == SourcingPolicy::NearOnly => Plan::Refused(CancelReason::NoStore),
            // No store is stocked; the plain rule tells why.
            None => nearest_stocked(candidates, checkout.home, &stores),
        }
    }

    /// The best offer by the policy, and its cost in yuan where the policy counts in yuan (else 0).
    fn best(&self, offers: &[Offer], terms: &Terms) -> Option<(usize, f64)> {
        match self.rules.sourcing.policy {
            SourcingPolicy::NearestStocked | SourcingPolicy::NearOnly | SourcingPolicy::FarOnly => {
                least(offers, |offer| nearest_stocked::minutes(offer, terms)).map(|(place, _)| (place, 0.0))
            }
            SourcingPolicy::Fastest => {
                least(offers, |offer| fastest::minutes(offer, terms)).map(|(place, _)| (place, 0.0))
            }
            SourcingPolicy::Cheapest => least(offers, |offer| cheapest::yuan(offer, terms)),
        }
    }

    /// What a store would make of the order now.
    fn offer(&self, now: SimTime, checkout: &Checkout, found: Found) -> Offer {
        let travel = &self.ground.city.travel;
        let store = StoreId(found.store);
        let road = travel.road(found.distance);
        let ride = travel.time_of_road(road, now);
        let station: &PickStation = self.stations[store.index()];
        let (queue, pick) = (station.expected_wait(now), station.mean_pick(checkout.units));
        let spot = self.ground.store_spots[store.index()];
        let fleet = &self.fleets.0[usize::from(self.ground.city.stores[store.index()].fleet)];
        let idle = fleet.idle.nearest(travel.space(), spot).map(|(_, distance)| travel.road(distance));
        let view = fastest::Fleet {
            nearest_idle: idle.map(|road| travel.time_of_road(road, now)),
            waiting: fleet.waiting.len() as u32,
            on_duty: match idle {
                Some(_) => 0,
                None => fleet.couriers.iter().filter(|c| self.couriers[c.index()].on_duty).count() as u32,
            },
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
            approach: idle.unwrap_or(road),
            bid_yuan: 0.0,
        }
    }
}

/// The stores as one order sees them.
struct NodeView<'a> {
    shelves: &'a Shelves,
    ground: &'a Ground,
    lines: &'a [Line],
    time_of_day: SimDuration,
}

impl StoreView for NodeView<'_> {
    #[inline]
    fn open(&self, store: StoreId) -> bool {
        self.ground.always_open || self.ground.open(store, self.time_of_day)
    }
    #[inline]
    fn stocked(&self, store: StoreId) -> bool {
        self.lines.iter().all(|line| self.shelves.available(store, *line))
    }
}
