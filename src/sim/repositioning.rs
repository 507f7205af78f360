//! Repositioning: idle couriers ride to where orders are expected.
//!
//! A courier under way is not diverted: policies that choose among idle couriers see them again on arrival, the others
//! plan from where the ride ends.

use super::delivery::CourierState;
use super::load::{Load, WINDOW};
use super::schedule::Desk;
use crate::city::Courier;
use crate::city::space::Spot;
use crate::policy::reposition::{self, IdleCourier, Move, View, ZoneView};
use crate::rng::PurposeKey;
use crate::scenario::Scenario;
use crate::units::{CourierId, SimDuration, SimTime, ZoneId};
use rand::RngExt;

/// The rules of repositioning.
#[derive(Debug)]
pub(super) struct Repositioning {
    pub(super) interval: SimDuration,
    follow_share: f64,
    /// Rounds so far.
    rounds: u64,
    /// By zone: where couriers wait as long as no store is there.
    centres: Vec<Spot>,
}

impl Repositioning {
    pub(super) fn new(scenario: &Scenario, load: &Load) -> Self {
        // A matrix has no places between its rows; with one zone nobody moves.
        let centre = |zone| if load.zones.count() > 1 { load.zones.centre(zone) } else { Spot::default() };
        Repositioning {
            interval: SimDuration::from_minutes(scenario.reposition.interval_min),
            follow_share: scenario.reposition.follow_share,
            rounds: 0,
            centres: (0..load.zones.count() as u32).map(ZoneId).map(centre).collect(),
        }
    }
    /// Whether a courier follows the proposal of this round.
    fn follows(&self, draws: &PurposeKey, courier: &Courier) -> bool {
        draws.within(courier.stream_id()).of(self.rounds).random::<f64>() < self.follow_share
    }
}

impl Desk<'_> {
    /// Proposes moves to the idle couriers of every fleet of the near field.
    pub(super) fn look_at_idle(&mut self, now: SimTime) {
        if self.offers.load.zones.count() > 1 {
            for fleet in
                (0..self.fleets.0.len()).filter(|fleet| self.offers.load.near_fleet[*fleet]).collect::<Vec<_>>()
            {
                for step in self.moves_of(now, fleet) {
                    self.move_idle(now, fleet, step);
                }
            }
        }
        if let Some(repositioning) = &mut self.offers.repositioning {
            repositioning.rounds += 1;
        }
    }

    fn moves_of(&self, now: SimTime, fleet: usize) -> Vec<Move> {
        let load = &self.offers.load;
        let mut zones = self.zone_views(now, fleet);
        let mut idle = Vec::new();
        for &courier in &self.fleets.0[fleet].couriers {
            let state = &self.couriers[courier.index()];
            match state.state {
                CourierState::Idle if self.may_move(now, courier) => {
                    idle.push(IdleCourier { courier, spot: state.spot, zone: load.zones.zone(state.spot) });
                }
                CourierState::Idle | CourierState::Busy if state.on_duty => {
                    zones[load.zones.zone(self.bound_for(courier)).index()].arriving += 1;
                }
                _ => {}
            }
        }
        let (cycle, travel) = (load.fleet.cycle(), &self.ground.city.travel);
        reposition::hot_spot_flow(&View { now, zones: &zones, idle: &idle, cycle, window: WINDOW, travel })
    }

    /// Zones as they are but for couriers.
    fn zone_views(&self, now: SimTime, fleet: usize) -> Vec<ZoneView> {
        let (load, Some(repositioning)) = (&self.offers.load, &self.offers.repositioning) else { return Vec::new() };
        let view = |(zone, centre): (usize, &Spot)| ZoneView {
            meeting_point: *centre,
            expected: load.expected(now, fleet, ZoneId(zone as u32)),
            arriving: 0,
        };
        let mut zones: Vec<ZoneView> = repositioning.centres.iter().enumerate().map(view).collect();
        let mut most = vec![None; zones.len()];
        for (store, zone) in load.zone_of_store.iter().enumerate() {
            let of_fleet = usize::from(self.ground.city.stores[store].fleet) == fleet;
            let orders = Some(load.accepted[store]);
            if of_fleet && load.near_store[store] && orders > most[zone.index()] {
                most[zone.index()] = orders;
                zones[zone.index()].meeting_point = self.ground.store_spots[store];
            }
        }
        zones
    }

    /// Free to ride: without a commitment for a later shift, and on duty for the window to come.
    fn may_move(&self, now: SimTime, courier: CourierId) -> bool {
        let begun = usize::from(self.couriers[courier.index()].shifts_begun);
        let (plan, shifts) = &self.plans[courier.index()];
        plan.0.is_empty() && begun > 0 && shifts.0[begun - 1].1 >= now + WINDOW
    }

    fn move_idle(&mut self, now: SimTime, fleet: usize, Move { courier, to, .. }: Move) {
        let (draws, who) = (&self.rules.streams.reposition, &self.ground.city.couriers[courier.index()]);
        if self.offers.repositioning.as_ref().is_none_or(|r| !r.follows(draws, who)) {
            return;
        }
        let state = &mut *self.couriers[courier.index()];
        if !self.rules.trips {
            self.fleets.0[fleet].idle.remove(courier, state.spot);
        }
        let arrives = now + self.ground.city.travel.time(state.spot, to, now);
        self.set_free(now, courier, arrives, to);
        self.reposition(now, courier, to);
    }
}
