//! Dispatching: the decision points of policies that decide for many orders at once. Fills their view, asks, checks
//! and carries out.

use super::calendar::Notice;
use super::conversion::MaxWait;
use super::delivery::CourierState;
use super::schedule::Desk;
use super::shopping::{NO_COURIER, Phase};
use super::trips::Doing;
use crate::city::space::Spot;
use crate::policy::dispatch::{self, Assignment, CourierView, Dispatch, OpenOrder, Service, Stop, View};
use crate::scenario::Scenario;
use crate::units::{CourierId, OrderId, SimDuration, SimTime};
use bevy_ecs::prelude::Resource;
use std::sync::Mutex;

/// The policy, and the near orders of each fleet that it may know.
#[derive(Resource, Default)]
pub(super) struct Dispatching {
    /// None for policies that decide order by order. Never shared: the lock only tells the world that it could be.
    pub(super) policy: Option<Mutex<Box<dyn Dispatch>>>,
    pub(super) interval: SimDuration,
    /// From a decision point to the moment its decisions are carried out.
    pub(super) decision: SimDuration,
    /// None where packed orders wait for a courier for as long as their consumers do.
    pub(super) max_wait: Option<MaxWait>,
    fleets: Vec<Known>,
    /// Decided and not yet carried out: fleet and assignments.
    pending: Vec<(u16, Vec<Assignment>)>,
    /// Assignments that broke a rule.
    pub(super) illegal: u32,
    /// Why the policy could not go on.
    pub(super) halt: Option<String>,
}

/// Near orders of a fleet that are placed and not delivered; those that ended stay until the next decision point.
#[derive(Clone, Default)]
struct Known {
    /// Without a final courier, by id.
    open: Vec<OpenOrder>,
    /// Taken on by a courier, by id. An order changes the list at a decision point.
    committed: Vec<OpenOrder>,
}

impl Known {
    fn all(&self) -> impl Iterator<Item = &OpenOrder> {
        self.open.iter().chain(&self.committed)
    }

    fn ready(&self, order: OrderId) -> Option<SimTime> {
        let find =
            |list: &[OpenOrder]| list.binary_search_by_key(&order, |o| o.order).map(|place| list[place].ready).ok();
        find(&self.committed).or_else(|| find(&self.open))
    }

    fn find(&mut self, order: OrderId) -> Option<&mut OpenOrder> {
        let place = |list: &[OpenOrder]| list.binary_search_by_key(&order, |known| known.order).ok();
        match (place(&self.open), place(&self.committed)) {
            (Some(place), _) => Some(&mut self.open[place]),
            (_, Some(place)) => Some(&mut self.committed[place]),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Dispatching {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatching").field("interval", &self.interval).finish_non_exhaustive()
    }
}

impl Dispatching {
    pub(super) fn new(scenario: &Scenario, fleets: usize, policy: Option<Box<dyn Dispatch>>) -> Self {
        Dispatching {
            policy: policy.map(Mutex::new),
            interval: SimDuration::from_seconds(scenario.dispatch.interval_s),
            decision: SimDuration::from_seconds(scenario.dispatch.decision_s),
            max_wait: MaxWait::new(scenario),
            fleets: vec![Known::default(); fleets],
            ..Dispatching::default()
        }
    }
}

/// Adds orders by id to a list of orders by id.
fn merge(list: &mut Vec<OpenOrder>, mut more: Vec<OpenOrder>) {
    if !more.is_empty() {
        list.append(&mut more);
        // Two sorted runs: the stable sort merges them.
        list.sort_by_key(|known| known.order);
    }
}

/// Adds one, which mostly comes last; an order that had to wait for stock has a lower number than others.
fn enter(list: &mut Vec<OpenOrder>, open: OpenOrder) {
    let place = list.partition_point(|known| known.order < open.order);
    list.insert(place, open);
}

/// What the number of a [`Notice::Decide`] means: the decision point of a fleet, or the end of its decision time.
const CARRY_OUT: u32 = 1 << 16;

impl Dispatching {
    /// Near orders of a fleet that are placed and not delivered, and some that have just ended.
    pub(super) fn open_orders(&self, fleet: usize) -> impl Iterator<Item = OrderId> + '_ {
        self.fleets[fleet].all().map(|known| known.order)
    }
}

impl Desk<'_> {
    /// A near order can be dispatched from now on.
    pub(super) fn open_for_dispatch(&mut self, now: SimTime, order: OrderId, ready: SimTime) {
        let row = &self.orders.rows[order.index()];
        let open = OpenOrder {
            order,
            placed: now,
            promised: now + self.promised(order),
            ready,
            store: row.store,
            store_spot: self.ground.store_spots[row.store.index()],
            home: row.home,
            ride: row.ride,
            held_by: None,
            refusals: 0,
        };
        let fleet = self.ground.city.stores[row.store.index()].fleet as usize;
        enter(&mut self.dispatching.fleets[fleet].open, open);
    }

    /// An order that nobody has taken on yet goes to another store, which may be of another fleet.
    pub(super) fn move_for_dispatch(&mut self, order: OrderId, ready: SimTime) {
        let row = &self.orders.rows[order.index()];
        let (store, ride) = (row.store, row.ride);
        let store_spot = self.ground.store_spots[store.index()];
        let fleet = self.ground.city.stores[store.index()].fleet as usize;
        let fleets = &mut self.dispatching.fleets;
        let Some(from) = fleets.iter_mut().position(|known| known.find(order).is_some()) else { return };
        if let Some(open) = fleets[from].find(order) {
            (open.store, open.store_spot, open.ride, open.ready) = (store, store_spot, ride, ready);
        }
        let open = &mut fleets[from].open;
        if from != fleet
            && let Ok(place) = open.binary_search_by_key(&order, |known| known.order)
        {
            let moved = open.remove(place);
            enter(&mut fleets[fleet].open, moved);
        }
    }

    /// A decision point, or the moment when what was decided is carried out.
    pub(super) fn decide(&mut self, now: SimTime, number: u32) {
        let fleet = (number % CARRY_OUT) as u16;
        if number >= CARRY_OUT {
            let place = self.dispatching.pending.iter().position(|(of, _)| *of == fleet);
            if let Some(place) = place {
                let (_, assignments) = self.dispatching.pending.remove(place);
                self.carry_out(now, fleet, &assignments);
            }
            return;
        }
        if self.dispatching.halt.is_some() {
            return;
        }
        self.calendar.schedule(now + self.dispatching.interval, Notice::Decide(number));
        self.review(now, fleet);
        if self.dispatching.fleets[fleet as usize].all().next().is_none() {
            return;
        }
        let Some(mut policy) = self.dispatching.policy.take() else { return };
        let at_once = self.dispatching.decision.0 == 0;
        // The view that was decided on is the one to check against: filling it is a good part of a decision's cost.
        let decided = self.with_view(now, fleet, |view| {
            let assignments = policy.get_mut().expect("nobody shares it").decide(view)?;
            let legal = if at_once { dispatch::check(view, &assignments) } else { Vec::new() };
            Ok::<_, dispatch::Halt>((assignments, legal))
        });
        self.dispatching.policy = Some(policy);
        match decided {
            Err(halt) => self.dispatching.halt = Some(halt.to_string()),
            Ok((assignments, _)) if assignments.is_empty() => {}
            Ok((assignments, legal)) if at_once => self.follow_all(now, &assignments, legal),
            Ok((assignments, _)) => {
                self.calendar.schedule(now + self.dispatching.decision, Notice::Decide(CARRY_OUT + number));
                self.dispatching.pending.push((fleet, assignments));
            }
        }
    }

    /// Drops orders that are no longer open from the lists of a fleet, and brings what is known of the others up to date.
    fn review(&mut self, now: SimTime, fleet: u16) {
        let (orders, routes) = (&self.orders.rows, &self.routes);
        let Known { open, committed } = &mut self.dispatching.fleets[fleet as usize];
        // Whether the order is still known, and then whether it is open.
        let update = |known: &mut OpenOrder| {
            let row = &orders[known.order.index()];
            known.ready = match row.phase {
                Phase::Preparing => known.ready.max(now),
                Phase::Ready => known.ready.min(now),
                Phase::PickedUp => known.ready,
                Phase::Far | Phase::Final | Phase::Returning | Phase::Cancelled => return None,
            };
            known.refusals = u32::from(row.refusals);
            known.held_by = None;
            if row.courier != NO_COURIER && routes[row.courier as usize].hold {
                known.held_by = Some(CourierId(row.courier));
            }
            Some(known.held_by.is_some() || row.courier == NO_COURIER)
        };
        let (mut taken, mut released) = (Vec::new(), Vec::new());
        open.retain_mut(|known| {
            update(known).inspect(|open| {
                if !open {
                    taken.push(*known)
                }
            }) == Some(true)
        });
        committed.retain_mut(|known| {
            update(known).inspect(|open| {
                if *open {
                    released.push(*known)
                }
            }) == Some(false)
        });
        merge(committed, taken);
        merge(open, released);
    }

    /// Shows a fleet as it is to `ask`.
    fn with_view<T>(&mut self, now: SimTime, fleet: u16, ask: impl FnOnce(&View) -> T) -> T {
        let known = std::mem::take(&mut self.dispatching.fleets[fleet as usize]);
        let of_fleet = &self.fleets.0[fleet as usize].couriers;
        let mut couriers = Vec::with_capacity(of_fleet.len());
        for courier in of_fleet.iter().filter(|courier| self.couriers[courier.index()].on_duty) {
            couriers.push(self.view_of(now, *courier, &known));
        }
        let service = Service {
            pickup: self.rules.pickup_service,
            door: self.rules.handover.mean,
            door_to_delivered: self.until_delivered(self.rules.handover.mean),
        };
        let travel = &self.ground.city.travel;
        let (orders, committed) = (&*known.open, &*known.committed);
        let view = View { now, orders, committed, couriers: &couriers, travel, service };
        let answer = ask(&view);
        drop(couriers);
        self.dispatching.fleets[fleet as usize] = known;
        answer
    }

    fn view_of(&self, now: SimTime, courier: CourierId, known: &Known) -> CourierView<'_> {
        let state = &*self.couriers[courier.index()];
        let route = &*self.routes[courier.index()];
        let (_, shifts) = &self.plans[courier.index()];
        let off = shifts.0[usize::from(state.shifts_begun) - 1].1;
        let capacity = self.rules.capacity;
        if let (Doing::Nothing, []) = (&route.doing, &*route.stops) {
            // Most couriers of a quiet hour: nothing to foresee.
            let (spot, idle_since) = (state.spot, (state.state == CourierState::Idle).then_some(route.idle_since));
            let (free_at, free_spot) = (now, spot);
            let (visiting, stops, on_board) = (None, &[][..], route.on_board);
            return CourierView {
                courier,
                spot,
                at: now,
                visiting,
                stops,
                on_board,
                free_at,
                free_spot,
                idle_since,
                off,
                capacity,
            };
        }
        let spot = self.next_spot(courier);
        let (at, visiting) = match route.doing {
            Doing::Nothing => (now, None),
            Doing::RidingToStore { store, arrives, .. } => (arrives, Some(store)),
            Doing::AtStore { store, since } => (since, Some(store)),
            Doing::TakingOver { leaves, .. } | Doing::AtDoor { leaves, .. } => (leaves.max(now), None),
            Doing::RidingToDoor { arrives, .. } => (arrives + self.rules.handover.mean, None),
            Doing::Repositioning { arrives, .. } => (arrives, None),
        };
        let on_board = match route.doing {
            Doing::TakingOver { .. } => route.on_board + route.locked as u32,
            _ => route.on_board - route.locked as u32,
        };
        let stops = &route.stops[route.locked..];
        // When all orders of a visit were cancelled on the way there is none any more, only a ride to its store.
        let there =
            |store| matches!(stops.first(), Some(Stop::PickUp(o)) if self.orders.rows[o.index()].store == store);
        let visiting = visiting.filter(|store| there(*store));
        let (free_at, free_spot) = self.foresee(now, (spot, at), visiting.is_some(), stops, known);
        CourierView {
            courier,
            spot,
            at,
            visiting,
            stops,
            on_board,
            free_at: free_at.max(now),
            free_spot,
            idle_since: (state.state == CourierState::Idle).then_some(route.idle_since),
            off,
            capacity,
        }
    }

    /// When and where a courier will have done all stops.
    fn foresee(
        &self,
        now: SimTime,
        (spot, at): (Spot, SimTime),
        there: bool,
        stops: &[Stop],
        known: &Known,
    ) -> (SimTime, Spot) {
        let (mut time, mut place) = (at, spot);
        let half = self.rules.pickup_service.half();
        let mut visit = None;
        for (number, stop) in stops.iter().enumerate() {
            let row = &self.orders.rows[stop.order().index()];
            match stop {
                Stop::PickUp(order) => {
                    if visit != Some(row.store) {
                        let store = self.ground.store_spots[row.store.index()];
                        if number > 0 || !there {
                            time += self.ground.city.travel.time(place, store, time);
                        }
                        (place, visit) = (store, Some(row.store));
                        time += half;
                    } else {
                        time = SimTime(time.0 - (self.rules.pickup_service - half).0);
                    }
                    time = time.max(known.ready(*order).unwrap_or(time)).max(now) + (self.rules.pickup_service - half);
                }
                Stop::DropOff(_) => {
                    time += self.ground.city.travel.time(place, row.home, time) + self.rules.handover.mean;
                    (place, visit) = (row.home, None);
                }
            }
        }
        (time, place)
    }

    /// Carries out what is legal now; the rest is counted. What was decided for orders that ended meanwhile is void.
    fn carry_out(&mut self, now: SimTime, fleet: u16, assignments: &[Assignment]) {
        self.review(now, fleet);
        let legal = self.with_view(now, fleet, |view| dispatch::check(view, assignments));
        self.follow_all(now, assignments, legal);
    }

    fn follow_all(&mut self, now: SimTime, assignments: &[Assignment], legal: Vec<Result<(), dispatch::Illegal>>) {
        for (assignment, legal) in assignments.iter().zip(legal) {
            match legal {
                Ok(()) => self.follow(now, assignment.courier, &assignment.stops, assignment.hold),
                Err(_) => self.dispatching.illegal += 1,
            }
        }
    }
}
