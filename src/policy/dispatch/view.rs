//! What a dispatch policy may know, what it may decide, and the rules that every decision keeps.

use crate::city::space::Spot;
use crate::city::travel::Travel;
use crate::units::{CourierId, OrderId, SimDuration, SimTime, StoreId};

/// A place where a courier does something for an order.
///
/// Neighbouring pick-ups at one store are one visit: the courier rides there once, waits until all of them are ready
/// and spends the service at the store once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// Take the order over at its store.
    PickUp(OrderId),
    /// Hand the order over at its door.
    DropOff(OrderId),
}

impl Stop {
    /// The order concerned.
    pub fn order(self) -> OrderId {
        match self {
            Stop::PickUp(order) | Stop::DropOff(order) => order,
        }
    }
}

/// An order whose courier can still be chosen, or changed while its commitment is held open.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct OpenOrder {
    /// The order.
    pub order: OrderId,
    /// When it was placed.
    pub placed: SimTime,
    /// Promised time of delivery.
    pub promised: SimTime,
    /// When it is ready, as far as the store knows: exact once it has begun, a forecast while it queues.
    pub ready: SimTime,
    /// The store that serves it.
    pub store: StoreId,
    /// Where the store stands.
    pub store_spot: Spot,
    /// Where it goes.
    pub home: Spot,
    /// Road length from store to home (metres; seconds for `city.metric = "matrix"`).
    pub ride: f64,
    /// Courier who holds it by an open commitment: it stays with them, others may join it.
    pub held_by: Option<CourierId>,
    /// Couriers who have refused it so far.
    pub refusals: u32,
}

/// A courier who can be given work: on duty, in the fleet that is being dispatched.
#[derive(Clone, PartialEq, Debug)]
pub struct CourierView<'a> {
    /// The courier.
    pub courier: CourierId,
    /// Where they are when the stop under way is done (now, if nothing is under way).
    pub spot: Spot,
    /// When that is, as far as can be foreseen; in the past only for a courier who waits at a store since then.
    pub at: SimTime,
    /// Store where they stand or to which they ride for the visit under way; pick-ups there need no ride and, while
    /// the visit is held open, join it.
    pub visiting: Option<StoreId>,
    /// Stops after the one under way, with an open visit's own pick-ups first; empty for an idle courier.
    pub stops: &'a [Stop],
    /// Orders on board when the stop under way is done.
    pub on_board: u32,
    /// When and where all their stops are done, as far as can be foreseen.
    pub free_at: SimTime,
    /// See `free_at`.
    pub free_spot: Spot,
    /// When they became idle; None if they have something to do.
    pub idle_since: Option<SimTime>,
    /// End of the shift; nothing may be picked up later.
    pub off: SimTime,
    /// Most orders on board.
    pub capacity: u32,
}

impl CourierView<'_> {
    /// Whether they have nothing to do.
    pub fn idle(&self) -> bool {
        self.idle_since.is_some()
    }
}

/// Times that every stop takes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Service {
    /// A visit to a store: goods are taken over half way through.
    pub pickup: SimDuration,
    /// A hand-over at a door, on average.
    pub door: SimDuration,
    /// From reaching the door to the moment that counts as delivered, on average.
    pub door_to_delivered: SimDuration,
}

/// What a dispatch policy may know at a decision point: one fleet, its open orders and its couriers on duty.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Simulated time.
    pub now: SimTime,
    /// Orders without a final courier, by id.
    pub orders: &'a [OpenOrder],
    /// Orders that a courier has taken on and not delivered yet, by id; stops of couriers name them.
    pub committed: &'a [OpenOrder],
    /// Couriers on duty, by id.
    pub couriers: &'a [CourierView<'a>],
    /// Road length and time.
    pub travel: &'a Travel,
    /// Times that every stop takes.
    pub service: Service,
}

impl View<'_> {
    /// An open order by id.
    pub fn order(&self, order: OrderId) -> Option<&OpenOrder> {
        self.place_of(order).map(|place| &self.orders[place])
    }
    fn place_of(&self, order: OrderId) -> Option<usize> {
        self.orders.binary_search_by_key(&order, |o| o.order).ok()
    }
    /// An open or committed order by id.
    pub fn any_order(&self, order: OrderId) -> Option<&OpenOrder> {
        self.order(order).or_else(|| {
            self.committed.binary_search_by_key(&order, |o| o.order).ok().map(|place| &self.committed[place])
        })
    }
    /// Where a stop is.
    pub fn spot(&self, stop: Stop) -> Option<Spot> {
        let order = self.any_order(stop.order())?;
        Some(if matches!(stop, Stop::PickUp(_)) { order.store_spot } else { order.home })
    }
    /// A courier by id.
    pub fn courier(&self, courier: CourierId) -> Option<&CourierView<'_>> {
        self.couriers.binary_search_by_key(&courier, |c| c.courier).ok().map(|place| &self.couriers[place])
    }
    /// Time from spot to spot when setting out at `at`.
    pub fn ride(&self, from: Spot, to: Spot, at: SimTime) -> SimDuration {
        self.travel.time(from, to, at)
    }
}

/// The new work of one courier.
#[derive(Clone, PartialEq, Debug)]
pub struct Assignment {
    /// Who.
    pub courier: CourierId,
    /// All stops after the one under way, in sequence: those they had, in any legal sequence, and new ones.
    pub stops: Vec<Stop>,
    /// Keep the first visit open: the courier goes to the store and waits there for the next decision, which may add
    /// to the visit and must close it or hold it again.
    pub hold: bool,
}

/// Why an assignment cannot be carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each is")]
pub enum Illegal {
    #[error("courier {} is not on duty in this fleet", .0.0)]
    UnknownCourier(CourierId),
    #[error("courier {} is given two sequences of stops", .0.0)]
    CourierTwice(CourierId),
    #[error("order {} is neither open nor one of the courier's own", .0.0)]
    UnknownOrder(OrderId),
    #[error("order {} is held by another courier", .0.0)]
    HeldByAnother(OrderId),
    #[error("order {} is given to two couriers", .0.0)]
    OrderTwice(OrderId),
    #[error("the stops do not pick order {} up before dropping it off, once each", .0.0)]
    BadSequence(OrderId),
    #[error("order {} of the courier is left out", .0.0)]
    LeftOut(OrderId),
    #[error("courier {} would carry {on_board} orders, more than their capacity", courier.0)]
    OverCapacity { courier: CourierId, on_board: u32 },
    #[error("only a first visit to a store can be held open")]
    NothingToHold,
    #[error("courier {} is on the way to store {store} and cannot be sent elsewhere first", courier.0, store = store.0)]
    Diverted { courier: CourierId, store: StoreId },
}

/// Checks the decisions of one decision point, in the order given; the first rule that each breaks is reported.
///
/// An assignment is legal if its courier is on duty and named once, it keeps every order the courier already has,
/// takes open orders only and no order twice, picks each up before dropping it off, and never has more on board than
/// the capacity.
pub fn check(view: &View, assignments: &[Assignment]) -> Vec<Result<(), Illegal>> {
    let mut seen = Seen { orders: vec![false; view.orders.len()], couriers: vec![false; view.couriers.len()] };
    let mut results = Vec::with_capacity(assignments.len());
    for assignment in assignments {
        let result = check_one(view, assignment, &seen);
        if let Ok(courier) = result {
            seen.couriers[courier] = true;
            let orders = assignment.stops.iter().filter_map(|stop| view.place_of(stop.order()));
            orders.for_each(|place| seen.orders[place] = true);
        }
        results.push(result.map(|_| ()));
    }
    results
}

/// What earlier assignments of the decision point take, by place in the view. Orders that a courier has already need
/// no mark: nobody else may name them.
struct Seen {
    orders: Vec<bool>,
    couriers: Vec<bool>,
}

/// The courier's place in the view.
fn check_one(view: &View, assignment: &Assignment, seen: &Seen) -> Result<usize, Illegal> {
    let unknown = Illegal::UnknownCourier(assignment.courier);
    let at = view.couriers.binary_search_by_key(&assignment.courier, |c| c.courier).map_err(|_| unknown)?;
    if seen.couriers[at] {
        return Err(Illegal::CourierTwice(assignment.courier));
    }
    let courier = &view.couriers[at];
    let stops = &assignment.stops;
    for stop in courier.stops {
        if !stops.contains(stop) {
            return Err(Illegal::LeftOut(stop.order()));
        }
    }
    let mut on_board = courier.on_board;
    for (place, stop) in stops.iter().enumerate() {
        let order = stop.order();
        let own = courier.stops.iter().any(|s| s.order() == order);
        match view.place_of(order) {
            None if !own => return Err(Illegal::UnknownOrder(order)),
            Some(place) if view.orders[place].held_by.is_some_and(|by| by != assignment.courier) => {
                return Err(Illegal::HeldByAnother(order));
            }
            Some(place) if seen.orders[place] => return Err(Illegal::OrderTwice(order)),
            _ => {}
        }
        let carried = own && !courier.stops.contains(&Stop::PickUp(order));
        let twin = match stop {
            Stop::PickUp(order) => stops[place + 1..].contains(&Stop::DropOff(*order)),
            Stop::DropOff(order) => carried || stops[..place].contains(&Stop::PickUp(*order)),
        };
        if !twin || stops[..place].contains(stop) || (carried && matches!(stop, Stop::PickUp(_))) {
            return Err(Illegal::BadSequence(order));
        }
        match stop {
            Stop::PickUp(_) => on_board += 1,
            Stop::DropOff(_) => on_board = on_board.saturating_sub(1),
        }
        if on_board > courier.capacity {
            return Err(Illegal::OverCapacity { courier: assignment.courier, on_board });
        }
    }
    if let Some(store) = courier.visiting {
        let visit = |stops: &[Stop]| {
            let here = |s: &&Stop| matches!(s, Stop::PickUp(o) if view.any_order(*o).is_some_and(|o| o.store == store));
            stops.iter().take_while(here).count()
        };
        let (before, after) = (&courier.stops[..visit(courier.stops)], &stops[..visit(stops)]);
        if after.is_empty() || !before.iter().all(|stop| after.contains(stop)) {
            return Err(Illegal::Diverted { courier: assignment.courier, store });
        }
    }
    match stops.first() {
        _ if !assignment.hold => Ok(at),
        Some(Stop::PickUp(_)) => Ok(at),
        _ => Err(Illegal::NothingToHold),
    }
}
