//! A courier's stops with their times, how far each can be put off, and where another order fits in best.
//!
//! ```text
//!  start ──ride──► visit (half the service, wait until ready, the other half) ──ride──► door (hand-over) ──► …
//!                    │ a wait takes up a delay                                            │ the promise limits it
//!                    └──────────────── slack: the most by which arriving here can be put off ◄──────┘
//! ```
//!
//! Slack and waits are summed up from the end once, so that a pair of positions for another order is tested in *O*(1).

use super::known::Known;
use super::view::{CourierView, OpenOrder, Stop, View};
use crate::city::space::Spot;
use crate::units::{SimDuration, SimTime, StoreId};
use std::borrow::Cow;

/// More than rounding to milliseconds can add up to in a route.
const ROUNDING: SimDuration = SimDuration(50);

/// Where, when and with what a courier turns to a sequence of stops.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Start {
    pub spot: Spot,
    pub at: SimTime,
    /// The first stop is a pick-up here, needs no ride and stays first.
    pub visiting: bool,
    pub on_board: u32,
    /// Most orders on board.
    pub capacity: u32,
    /// Nothing is picked up later.
    pub off: SimTime,
}

impl Start {
    /// At the first store, for anybody who could be there then.
    #[cfg(test)]
    pub(super) fn at_store(spot: Spot, at: SimTime) -> Self {
        Start { spot, at, visiting: true, on_board: 0, capacity: u32::MAX, off: SimTime::NEVER }
    }
    /// After the stop that the courier has under way.
    pub(super) fn of(courier: &CourierView) -> Self {
        let CourierView { spot, at, on_board, capacity, off, .. } = *courier;
        Start { spot, at, visiting: courier.visiting.is_some(), on_board, capacity, off }
    }
}

/// A visit to a store, or a door.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Node<'a> {
    /// None for a door.
    store: Option<StoreId>,
    /// The first that is picked up, or the one that is dropped off.
    order: &'a OpenOrder,
    spot: Spot,
    /// Its first stop.
    first: usize,
    arrive: SimTime,
    leave: SimTime,
    /// From half of the service to the moment when everything is ready.
    wait: SimDuration,
    /// Most by which arriving can be put off for its own sake.
    own: SimDuration,
    /// The same for the sake of all nodes from here on.
    slack: SimDuration,
    /// Sum of the waits from here on.
    waits: SimDuration,
    /// Orders on board on leaving.
    load: u32,
    /// Doors from here on.
    doors: u32,
}

/// Stops and when each of them happens.
#[derive(Clone, Debug)]
pub(super) struct Route<'a> {
    view: &'a View<'a>,
    start: Start,
    stops: Cow<'a, [Stop]>,
    nodes: Vec<Node<'a>>,
    /// Time spent riding.
    riding: SimDuration,
}

/// Places for the two stops of an order in a route, and what they cost.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Insertion {
    /// Stop before which the pick-up, and the drop-off, are put.
    pickup: usize,
    dropoff: usize,
    /// Milliseconds: the time by which the route grows, and, weighed, what its orders are delayed, what the order itself
    /// comes later than with a courier at its store now, and what it is late.
    pub cost: i64,
    /// Time by which the route grows beyond the services at the order's own stops: riding and waiting.
    pub detour: SimDuration,
    /// When the order is delivered.
    pub delivered: SimTime,
}

/// An order that looks for places, and which of them it takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish<'a> {
    pub order: &'a OpenOrder,
    weights: Weights,
    /// When it would be delivered by a courier who is at its store now.
    earliest: SimTime,
    /// It must not be delivered later than this.
    due: SimTime,
}

/// What time counts for beside that of couriers: milliseconds for a millisecond.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Weights {
    /// By which an order is delivered later.
    pub delay: f64,
    /// After the promise.
    pub late: f64,
}

impl<'a> Wish<'a> {
    /// No later than promised or than with a courier of its own, who is at the store at once.
    pub(super) fn new(view: &View, order: &'a OpenOrder, weights: Weights) -> Self {
        let earliest = alone(view, order, view.now);
        Wish { order, weights, earliest, due: order.promised.max(earliest) }
    }

    /// Cost of so much of a courier's time and of delay for others, and of the delivery then.
    pub(super) fn cost(&self, time: SimDuration, delays: SimDuration, delivered: SimTime) -> i64 {
        let late = (delivered - self.order.promised).0.max(0);
        let delays = (delays + (delivered - self.earliest)).0;
        time.0 + (self.weights.delay * delays as f64 + self.weights.late * late as f64) as i64
    }
}

/// An order in hand, after its pick-up and before its drop-off.
struct Carried {
    pickup: usize,
    /// Node that would come next.
    next: usize,
    spot: Spot,
    leave: SimTime,
    /// How much later than planned the node before `next` is left; None straight after a visit that is not planned.
    delay: Option<SimDuration>,
    /// Time that its own stops take.
    services: SimDuration,
}

impl<'a> Route<'a> {
    /// Works out the times. None if a stop names an order that the view does not show.
    pub(super) fn new(known: &Known<'a>, start: Start, stops: Cow<'a, [Stop]>) -> Option<Self> {
        let nodes = Vec::with_capacity(stops.len());
        let mut route = Route { view: known.view, start, stops, nodes, riding: SimDuration::ZERO };
        for place in 0..route.stops.len() {
            let order = known.order(route.stops[place].order())?;
            match route.stops[place] {
                Stop::PickUp(_) => route.pick_up(place, order),
                Stop::DropOff(_) => route.drop_off(place, order),
            }
        }
        let mut beyond = (SimDuration(i64::MAX / 4), SimDuration::ZERO, 0);
        for node in route.nodes.iter_mut().rev() {
            node.slack = node.own.min(node.wait + beyond.0);
            node.waits = node.wait + beyond.1;
            node.doors = beyond.2 + u32::from(node.store.is_none());
            beyond = (node.slack, node.waits, node.doors);
        }
        Some(route)
    }

    /// Where and when the courier is before a node, and with how many orders.
    fn before(&self, node: usize) -> (Spot, SimTime, u32) {
        match node.checked_sub(1).map(|previous| &self.nodes[previous]) {
            Some(previous) => (previous.spot, previous.leave, previous.load),
            None => (self.start.spot, self.start.at, self.start.on_board),
        }
    }

    /// When goods are taken over at a store reached then: half of the service is done and all is ready.
    fn taken(&self, arrive: SimTime, ready: SimTime) -> SimTime {
        (arrive + self.view.service.pickup.half()).max(ready).max(self.view.now)
    }
    fn rest_of_pickup(&self) -> SimDuration {
        self.view.service.pickup - self.view.service.pickup.half()
    }

    fn pick_up(&mut self, first: usize, order: &'a OpenOrder) {
        let rest = self.rest_of_pickup();
        if let Some(last) = self.nodes.last_mut()
            && last.store == Some(order.store)
        {
            let later = (order.ready - (last.leave - rest)).0.max(0);
            last.wait = last.wait + SimDuration(later);
            last.leave += SimDuration(later);
            last.load += 1;
        } else {
            let (spot, time, load) = self.before(self.nodes.len());
            let there = first == 0 && self.start.visiting;
            let ride = if there { SimDuration::ZERO } else { self.view.ride(spot, order.store_spot, time) };
            let arrive = time + ride;
            let taken = self.taken(arrive, order.ready);
            let wait = taken - (arrive + self.view.service.pickup.half());
            self.push(
                Node {
                    store: Some(order.store),
                    spot: order.store_spot,
                    leave: taken + rest,
                    wait,
                    load: load + 1,
                    ..Node::at(order, first, arrive)
                },
                ride,
            );
        }
        let off = self.start.off;
        let half = self.view.service.pickup.half();
        let node = self.nodes.last_mut().expect("just visited");
        node.own = off.max(node.leave - rest) - (node.arrive + half);
    }

    fn drop_off(&mut self, first: usize, order: &'a OpenOrder) {
        let (spot, time, load) = self.before(self.nodes.len());
        let ride = self.view.ride(spot, order.home, time);
        let arrive = time + ride;
        let own = order.promised - (arrive + self.view.service.door_to_delivered);
        let leave = arrive + self.view.service.door;
        // What is late already must not become later.
        let own = own.max(SimDuration::ZERO);
        self.push(
            Node { spot: order.home, leave, own, load: load.saturating_sub(1), ..Node::at(order, first, arrive) },
            ride,
        );
    }

    fn push(&mut self, node: Node<'a>, ride: SimDuration) {
        self.riding = self.riding + ride;
        self.nodes.push(node);
    }

    /// The stops.
    pub(super) fn stops(&self) -> &[Stop] {
        &self.stops
    }
    /// Time spent riding.
    pub(super) fn riding(&self) -> SimDuration {
        self.riding
    }
    /// When all is done.
    pub(super) fn end(&self) -> SimTime {
        self.before(self.nodes.len()).1
    }
    /// Most orders on board at any time.
    #[cfg(test)]
    pub(super) fn most_on_board(&self) -> u32 {
        self.nodes.iter().map(|node| node.load).max().unwrap_or(0).max(self.start.on_board)
    }
    /// When the last goods are taken over.
    pub(super) fn last_taken(&self) -> Option<SimTime> {
        let visit = self.nodes.iter().rev().find(|node| node.store.is_some());
        visit.map(|node| node.leave - self.rest_of_pickup())
    }
    /// Orders with the times at which they are delivered, in sequence.
    pub(super) fn deliveries(&self) -> impl Iterator<Item = (&'a OpenOrder, SimTime)> {
        let doors = self.nodes.iter().filter(|node| node.store.is_none());
        doors.map(|node| (node.order, node.arrive + self.view.service.door_to_delivered))
    }

    /// The stops with those of another order.
    pub(super) fn stops_with(&self, order: &OpenOrder, places: &Insertion) -> Vec<Stop> {
        let mut stops = Vec::with_capacity(self.stops.len() + 2);
        stops.extend_from_slice(&self.stops[..places.pickup]);
        stops.push(Stop::PickUp(order.order));
        stops.extend_from_slice(&self.stops[places.pickup..places.dropoff]);
        stops.push(Stop::DropOff(order.order));
        stops.extend_from_slice(&self.stops[places.dropoff..]);
        stops
    }

    /// The places of least cost for another order, with a detour of `most` and a cost of `dearest` at most; the first on
    /// ties.
    ///
    /// Within capacity and shift, no order becomes later than promised, and none that is late on the route, or would be
    /// late with a courier of its own, later than that. The pick-up comes before the last door: what comes after it is a
    /// trip of its own. A visit is not split in two. Riding times are those of the route's own hours.
    pub(super) fn best_insertion(&self, wish: &Wish, most: SimDuration, dearest: i64) -> Option<Insertion> {
        let order = wish.order;
        let mut best: Option<Insertion> = None;
        let at_its_store = |node: usize| self.nodes.get(node).is_some_and(|node| node.store == Some(order.store));
        for gap in 0..self.nodes.len() {
            let bound = best.map_or(dearest, |best| best.cost - 1);
            let carried = if at_its_store(gap) {
                self.joined(gap, order, most)
            } else if (gap == 0 && self.start.visiting) || (gap > 0 && at_its_store(gap - 1)) {
                None
            } else {
                self.visited(gap, wish, most, bound)
            };
            let Some(carried) = carried else { continue };
            self.doors(wish, carried, |mut places, growth, delays| {
                places.cost = wish.cost(growth, delays, places.delivered);
                if places.detour <= most && places.cost <= best.map_or(dearest, |best| best.cost - 1) {
                    best = Some(places);
                }
            });
        }
        best
    }

    /// The order joins a planned visit to its store.
    fn joined(&self, node: usize, order: &OpenOrder, most: SimDuration) -> Option<Carried> {
        let visit = &self.nodes[node];
        let planned = visit.leave - self.rest_of_pickup();
        let taken = planned.max(order.ready);
        // One after the other would keep the courier there for ever: the wait for all of them counts.
        let waits = taken - planned + visit.wait;
        let allowed =
            visit.load < self.start.capacity && taken <= self.start.off && (taken == planned || waits <= most);
        allowed.then(|| Carried {
            pickup: visit.first,
            next: node + 1,
            spot: visit.spot,
            leave: taken + self.rest_of_pickup(),
            delay: Some(taken - planned),
            services: self.view.service.door,
        })
    }

    /// The order is picked up by a visit of its own before a node, unless the detour or the cost would exceed the most
    /// allowed wherever it is dropped off.
    fn visited(&self, gap: usize, wish: &Wish, most: SimDuration, dearest: i64) -> Option<Carried> {
        let order = wish.order;
        let (spot, time, load) = self.before(gap);
        if load >= self.start.capacity {
            return None;
        }
        let services = self.view.service.pickup + self.view.service.door;
        let next = &self.nodes[gap];
        let rest = self.rest_of_pickup();
        // Wherever the drop-off comes, what follows is put off by this at least, but for what its waits take up.
        let hopeless = |leave: SimTime| {
            let put_off = leave - next.arrive - ROUNDING;
            let growth = (put_off - next.waits).0;
            let delayed = growth.max(0) as f64 * f64::from(next.doors);
            put_off > next.own
                || growth > (most + services).0
                || growth + (wish.weights.delay * delayed) as i64 > dearest
        };
        let bounded = self.view.travel.straight_is_fastest();
        if bounded && hopeless(self.taken(time, order.ready) + rest) {
            return None;
        }
        let taken = self.taken(time + self.view.ride(spot, order.store_spot, time), order.ready);
        let leave = taken + rest;
        if taken > self.start.off || bounded && hopeless(leave + self.view.ride(order.store_spot, next.spot, leave)) {
            return None;
        }
        Some(Carried { pickup: self.first_stop(gap), next: gap, spot: order.store_spot, leave, delay: None, services })
    }

    fn first_stop(&self, node: usize) -> usize {
        self.nodes.get(node).map_or(self.stops.len(), |node| node.first)
    }

    /// Shows every allowed place for the drop-off, with the time by which the route grows and the sum of the delays of
    /// its orders.
    fn doors(&self, wish: &Wish, carried: Carried, mut show: impl FnMut(Insertion, SimDuration, SimDuration)) {
        let mut delays = SimDuration::ZERO;
        let Carried { pickup, next, mut spot, mut leave, mut delay, services } = carried;
        let order = wish.order;
        for next in next..=self.nodes.len() {
            let door = leave + self.view.ride(spot, order.home, leave);
            let delivered = door + self.view.service.door_to_delivered;
            let left = door + self.view.service.door;
            let growth = match self.nodes.get(next) {
                _ if delivered > wish.due => None,
                None => Some((left - self.end(), delays)),
                Some(node) => {
                    let put_off = left + self.view.ride(order.home, node.spot, left) - node.arrive;
                    let on_time = put_off <= node.slack;
                    on_time.then(|| (beyond(put_off, node.waits), delays + self.delays(next, put_off)))
                }
            };
            if let Some((growth, delays)) = growth {
                let (dropoff, detour) = (self.first_stop(next), growth - services);
                show(Insertion { pickup, dropoff, cost: 0, detour, delivered }, growth, delays);
            }
            // On through the next node with the order on board.
            let Some(node) = self.nodes.get(next) else { return };
            let put_off = delay.unwrap_or_else(|| {
                (leave + self.view.ride(spot, node.spot, leave) - node.arrive).max(SimDuration::ZERO)
            });
            if put_off > node.own || (node.store.is_some() && node.load >= self.start.capacity) {
                return;
            }
            let passed_on = beyond(put_off, node.wait);
            delays = if node.store.is_none() { delays + put_off } else { delays };
            (spot, leave, delay) = (node.spot, node.leave + passed_on, Some(passed_on));
        }
    }

    /// Sum of the delays of all orders from a node on that is put off by so much.
    fn delays(&self, node: usize, put_off: SimDuration) -> SimDuration {
        let (mut sum, mut delay) = (SimDuration::ZERO, put_off.max(SimDuration::ZERO));
        for node in &self.nodes[node..] {
            sum = if node.store.is_none() { sum + delay } else { sum };
            delay = beyond(delay, node.wait);
        }
        sum
    }

    /// Whether in `other`, which has one order more, every order of this route is on time or no later than it was, and
    /// nothing new happens after the shift. Exact where speeds change by the hour.
    pub(super) fn keeps_its_promises_in(&self, other: &Route) -> bool {
        let before = |order: &OpenOrder| self.deliveries().find(|(own, _)| own.order == order.order);
        let kept = |(order, delivered): (&OpenOrder, SimTime)| {
            before(order).is_none_or(|(_, was)| delivered <= was.max(order.promised))
        };
        let off = self.last_taken().map_or(self.start.off, |taken| taken.max(self.start.off));
        other.deliveries().all(kept) && other.last_taken().is_none_or(|taken| taken <= off)
    }
}

/// What remains of a delay after a wait.
fn beyond(delay: SimDuration, wait: SimDuration) -> SimDuration {
    (delay - wait).max(SimDuration::ZERO)
}

impl<'a> Node<'a> {
    fn at(order: &'a OpenOrder, first: usize, arrive: SimTime) -> Self {
        let zero = SimDuration::ZERO;
        let spot = Spot::default();
        Node {
            store: None,
            order,
            spot,
            first,
            arrive,
            leave: arrive,
            wait: zero,
            own: zero,
            slack: zero,
            waits: zero,
            load: 0,
            doors: 0,
        }
    }
}

/// When an order is delivered by a courier who is at its store then and carries nothing else.
pub(super) fn alone(view: &View, order: &OpenOrder, arrival: SimTime) -> SimTime {
    let half = view.service.pickup.half();
    let leave = order.ready.max(arrival + half) + (view.service.pickup - half);
    leave + view.travel.time_of_road(order.ride, leave) + view.service.door_to_delivered
}

#[cfg(test)]
mod tests;
