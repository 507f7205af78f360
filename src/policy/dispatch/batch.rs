//! Batch matching: every so often, the best pairs of all waiting orders and all couriers who are or will soon be free.
//!
//! ```text
//!  orders ready soon ───────────────► rows ┐
//!                                          ├─ cheapest pairs of each row ─► least-cost assignment ─► those who must set
//!  couriers idle or soon free ──► columns ┘            ▲                              │              out before the next
//!                                                      └── share a courier where that is cheaper ◄┘  decision
//! ```
//!
//! A pair that need not start yet waits for the next decision, which may find a better one: postponement costs nothing
//! until the courier has to set out. Rows without a courier wait too.

use super::first_there::{Candidate, Free, Search, weighed};
use super::matching::{Candidates, least_cost};
use super::near::Rings;
use super::price::{Load, Price, most_lost, size_reward};
use super::view::{Assignment, CourierView, Stop, View};
use crate::city::space::Spot;
use crate::units::SimDuration;
use std::cmp::Reverse;
use std::ops::Range;

/// What batch matching weighs and allows. A pair costs what its orders lose against the earliest delivery that any
/// courier could achieve, and the weighed terms below, all in minutes. Defaults
/// stand with the keys of `[dispatch]`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BatchParams {
    /// Time between decisions; above 0 (10 to 300 s; published practice is 30 to 60 s).
    pub interval: SimDuration,
    /// Orders ready within this time take part (0 to 60 min; assumption).
    pub horizon: SimDuration,
    /// Couriers free within this time take part (0 to 60 min; assumption).
    pub soon: SimDuration,
    /// Couriers considered for each order: those who would be at its store first (1 to 1,000; assumption).
    pub candidates: usize,
    /// Most orders in one bundle; 1 rules bundles out (1 to 10; 3.2 orders a courier wave are published).
    pub max_bundle: usize,
    /// Most that an order may lose by sharing a trip, by waiting and by detour (0 to 60 min; assumption).
    pub max_bundle_delay: SimDuration,
    /// Longest ride to the store in road metres, seconds for `city.metric = "matrix"` (above 0; assumption).
    pub max_approach: f64,
    /// Orders older than this are fetched from any distance (0 to 120 min; assumption).
    pub far_after: SimDuration,
    /// Orders that cannot be delivered within this time of their placement are not carried (above 0).
    pub max_click_to_door: SimDuration,
    /// Cost of a minute of riding to the store, beside the time that orders lose (0 to 5; assumption).
    pub approach_weight: f64,
    /// Cost of a minute after the promise, for each order, beside the same (0 to 20; assumption).
    pub late_weight: f64,
    /// Minutes taken off the cost for each order beyond the first of a bundle (0 to 60; assumption).
    pub size_reward_min: f64,
    /// Cost of leaving an order out for a minute since its placement: older orders go first when couriers are short
    /// (0 to 5; assumption).
    pub age_weight: f64,
    /// Reward for a minute that the courier has stood idle, up to 60: evens out earnings
    /// (0 to 1; assumption).
    pub idle_reward: f64,
}

/// An order with a candidate is rather carried than left: a cost above all others, far from overflowing.
pub(super) const LEFT_OUT: i64 = 1 << 40;

/// Who sets out for which orders before the next decision.
pub fn batch_match(view: &View, params: &BatchParams) -> Vec<Assignment> {
    let couriers = soon_free(view, params);
    let orders = waiting(view, params);
    if orders.is_empty() || couriers.is_empty() {
        return Vec::new();
    }
    let (choices, rows) = choices(view, params, couriers, &orders);
    let mut plan = choices.plan(rows);
    // A bundle grows by one order a pass.
    for _ in 1..params.max_bundle {
        match choices.with_shared_couriers(&plan) {
            Some(cheaper) => plan = cheaper,
            None => break,
        }
    }
    let pairs = plan.rows.iter().zip(&plan.decision);
    let mut assignments: Vec<Assignment> =
        pairs.filter_map(|(row, column)| commit(view, params, row, choices.couriers[(*column)? as usize])).collect();
    assignments.sort_unstable_by_key(|assignment| assignment.courier);
    assignments
}

/// Orders that wait for a courier and are ready soon, store by store in the sequence in which they are ready.
pub(super) fn waiting(view: &View, params: &BatchParams) -> Vec<u32> {
    let until = view.now + params.horizon;
    let waits = |order: &u32| {
        let order = &view.orders[*order as usize];
        order.ready <= until && order.held_by.is_none()
    };
    let mut waiting: Vec<u32> = (0..view.orders.len() as u32).filter(waits).collect();
    // By place, which is by id, on ties.
    waiting
        .sort_unstable_by_key(|place| (view.orders[*place as usize].store, view.orders[*place as usize].ready, *place));
    waiting
}

/// Couriers idle or free soon, by id.
pub(super) fn soon_free<'a>(view: &'a View, params: &BatchParams) -> Vec<&'a CourierView<'a>> {
    let until = view.now + params.soon;
    view.couriers.iter().filter(|courier| courier.free_at <= until && courier.off >= view.now).collect()
}

/// The assignment, if the courier has to set out before the next decision to be at the store in time.
fn commit(view: &View, params: &BatchParams, row: &Row, courier: &CourierView) -> Option<Assignment> {
    let store = view.orders[row.load.first() as usize].store_spot;
    let ride = view.ride(courier.free_spot, store, courier.free_at);
    let in_time = row.price.ready - (ride + view.service.pickup.half());
    let starts = courier.free_at.max(in_time) < view.now + params.interval;
    let ids = || row.load.places().map(|place| view.orders[place as usize].order);
    starts.then(|| {
        let stops = courier.stops.iter().copied().chain(ids().map(Stop::PickUp)).chain(ids().map(Stop::DropOff));
        Assignment { courier: courier.courier, stops: stops.collect(), hold: false }
    })
}

/// Orders for one courier, and the candidates for them: those of their store.
#[derive(Clone)]
struct Row {
    load: Load,
    price: Price,
    near: Range<usize>,
    left_out: i64,
}

/// Rows and their least-cost assignment.
struct Plan {
    rows: Vec<Row>,
    decision: Vec<Option<u32>>,
    /// By row: what the decision costs.
    costs: Vec<i64>,
    cost: i64,
}

/// Who could do what at which cost.
struct Choices<'a> {
    view: &'a View<'a>,
    params: &'a BatchParams,
    couriers: Vec<&'a CourierView<'a>>,
    /// The candidates of all stores with waiting orders.
    near: Vec<Candidate>,
}

/// The candidates of every store, and a row for each order. The orders stand store by store.
fn choices<'a>(
    view: &'a View<'a>,
    params: &'a BatchParams,
    couriers: Vec<&'a CourierView<'a>>,
    orders: &[u32],
) -> (Choices<'a>, Vec<Row>) {
    let free: Vec<(Spot, Free)> = (0..)
        .zip(&couriers)
        .map(|(place, courier)| (courier.free_spot, Free::new(view, params, place, courier)))
        .collect();
    let rings = Rings::new(view.travel, &free);
    let store = |place: &u32| view.orders[*place as usize].store;
    let mut search = Search::new(view, params);
    let mut rows = Vec::with_capacity(orders.len());
    for of_store in orders.chunk_by(|p, q| store(p) == store(q)) {
        let near = search.around(&rings, of_store);
        rows.extend(of_store.iter().map(|place| {
            let order = &view.orders[*place as usize];
            let price = Price::of(view, params, order.ready, std::iter::once(*place));
            // Only matters if there are too few couriers.
            let left_out = LEFT_OUT + weighed(params.age_weight, view.now - order.placed);
            Row { load: Load::one(*place), price, near: near.clone(), left_out }
        }));
    }
    let near = search.near;
    (Choices { view, params, couriers, near }, rows)
}

impl Choices<'_> {
    /// The least-cost assignment of these rows.
    fn plan(&self, rows: Vec<Row>) -> Plan {
        let mut candidates = Candidates::new(self.couriers.len());
        for row in &rows {
            let edges = self.near[row.near.clone()].iter();
            candidates.push(edges.filter_map(|near| Some((near.courier, self.cost(&row.price, near)?))), row.left_out);
        }
        let decision = least_cost(&candidates);
        let costs: Vec<i64> = candidates.costs(&decision).expect("the decision takes candidates only");
        Plan { rows, decision, cost: costs.iter().sum(), costs }
    }

    fn cost(&self, price: &Price, near: &Candidate) -> Option<i64> {
        price.with(&self.view.service, self.params, near)
    }

    /// A cheaper plan in which some pairs of rows share a courier, if there is one.
    ///
    /// Looks at the rows of each store by twos and takes the savings greatest first, each row once.
    fn with_shared_couriers(&self, plan: &Plan) -> Option<Plan> {
        let mut savings = Vec::new();
        let mut first = 0;
        for of_store in plan.rows.chunk_by(|p, q| p.near == q.near) {
            for i in first..first + of_store.len() {
                savings.extend((first..first + of_store.len()).filter_map(|j| self.saving(plan, i, j)));
            }
            first += of_store.len();
        }
        if savings.is_empty() {
            return None;
        }
        savings.sort_by_key(|saving| (Reverse(saving.gain), saving.grown, saving.joins));
        let mut rows: Vec<Option<Row>> = plan.rows.iter().cloned().map(Some).collect();
        let mut used = vec![false; rows.len()];
        for saving in savings {
            if !used[saving.grown] && !used[saving.joins] {
                (used[saving.grown], used[saving.joins]) = (true, true);
                rows[saving.grown] = Some(saving.row);
                rows[saving.joins] = None;
            }
        }
        let shared = self.plan(rows.into_iter().flatten().collect());
        (shared.cost < plan.cost).then_some(shared)
    }

    /// What row `grown` and its courier, or that of row `joins`, save by taking the single order of row `joins` along.
    fn saving(&self, plan: &Plan, grown: usize, joins: usize) -> Option<Saving> {
        let (row, other) = (&plan.rows[grown], &plan.rows[joins]);
        let too_many = row.load.len() >= self.params.max_bundle || other.load.len() > 1;
        let apart = other.price.ready.0.abs_diff(row.price.ready.0) as i64;
        let nobody = plan.decision[grown].is_none() && plan.decision[joins].is_none();
        // Two single orders are looked at once, by the earlier row.
        let twice = grown > joins && row.load.len() == 1;
        if grown == joins || twice || too_many || nobody || apart > self.params.max_bundle_delay.0 {
            return None;
        }
        let near = [plan.decision[grown], plan.decision[joins]].map(|column| {
            let column = column?;
            self.near[row.near.clone()].iter().find(|near| near.courier == column)
        });
        let ready = row.price.ready.max(other.price.ready);
        let before = plan.costs[grown] + plan.costs[joins];
        // Whoever is second loses a hand-over at least, and whoever could leave first the wait: most pairs end here.
        let soonest = self.view.now + self.view.service.pickup.half();
        let wait = other.price.ready.max(soonest).0.abs_diff(row.price.ready.max(soonest).0) as i64;
        let least = near.iter().flatten().map(|near| near.cost).min()? + self.view.service.door.0 + wait;
        if row.load.len() == 1 && least - size_reward(self.params, 2) >= before {
            return None;
        }
        let best = (0..=row.load.len())
            .map(|position| row.load.with(other.load.first(), position))
            .filter(|places| most_lost(self.view, ready, places.clone()) <= self.params.max_bundle_delay)
            .filter_map(|places| {
                let price = Price::of(self.view, self.params, ready, places.clone());
                let cost = near.iter().flatten().filter_map(|near| self.cost(&price, near)).min()?;
                Some((cost, places, price))
            })
            .min_by_key(|(cost, ..)| *cost);
        let (cost, places, price) = best.filter(|(cost, ..)| *cost < before)?;
        let row =
            Row { left_out: row.left_out + other.left_out, near: row.near.clone(), price, load: Load::of(places)? };
        Some(Saving { gain: before - cost, grown, joins, row })
    }
}

/// A pair of rows that had better share a courier.
struct Saving {
    gain: i64,
    grown: usize,
    joins: usize,
    row: Row,
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Moment, minutes};
    use super::*;
    use crate::policy::dispatch::{Stop, check};
    use crate::scenario::Scenario;
    use crate::units::OrderId;

    /// Courier and orders of each assignment, which must be legal.
    fn decide(moment: &Moment, params: &BatchParams) -> Vec<(u32, Vec<u32>)> {
        moment.show(|view| {
            let decisions = batch_match(view, params);
            assert!(check(view, &decisions).iter().all(Result::is_ok), "{decisions:?}");
            let drops = |stop: &Stop| if let Stop::DropOff(order) = stop { Some(order.0) } else { None };
            decisions.iter().map(|a| (a.courier.0, a.stops.iter().filter_map(drops).collect())).collect()
        })
    }
    fn usual() -> BatchParams {
        BatchParams::of(&Scenario::default())
    }
    fn alone() -> BatchParams {
        BatchParams { max_bundle: 1, ..usual() }
    }

    #[test]
    fn the_sum_of_rides_counts_and_not_who_comes_first() {
        // Order 0 is nearest to courier 0, but order 1 has nobody else within reach of its time.
        let mut moment = Moment::new(10.0);
        moment.order(5.0, 8.0, 10.0);
        moment.order(9.0, 12.0, 10.0);
        moment.courier(6.0);
        moment.courier(0.0);
        assert_eq!(decide(&moment, &alone()), [(0, vec![1]), (1, vec![0])]);
    }

    #[test]
    fn a_courier_sets_out_only_when_waiting_would_make_the_pick_up_late() {
        // Ride 3 min, goods taken over half way through 2 min: due at 10 - 3 - 1 = 6, before the decision of minute 7.
        for (now, expected) in [(4.0, 0), (5.0, 0), (5.5, 1), (6.0, 1)] {
            let mut moment = Moment::new(now);
            moment.order(3.0, 8.0, 10.0);
            moment.courier(0.0);
            assert_eq!(decide(&moment, &alone()).len(), expected, "minute {now}");
        }
    }

    #[test]
    fn a_courier_who_is_soon_free_nearby_is_awaited_rather_than_a_far_one_sent() {
        let mut moment = Moment::new(10.0);
        moment.order(20.0, 25.0, 10.0);
        moment.courier(0.0);
        let busy = moment.courier(20.0);
        (busy.free_at, busy.at) = (minutes(12.0), minutes(12.0));
        moment.with_stops(&[Stop::DropOff(OrderId(7))]);
        assert_eq!(decide(&moment, &alone()), [], "nobody sets out yet");
        let params = BatchParams { soon: SimDuration::ZERO, ..alone() };
        assert_eq!(decide(&moment, &params), [(0, vec![0])]);
    }

    #[test]
    fn nobody_is_sent_beyond_the_longest_approach_until_the_order_is_old() {
        for (now, expected) in [(7.0, 0), (9.0, 1)] {
            let mut moment = Moment::new(now);
            moment.order(31.0, 35.0, 0.0);
            moment.courier(0.0);
            assert_eq!(decide(&moment, &alone()).len(), expected, "minute {now}");
        }
    }

    #[test]
    fn nobody_picks_up_after_the_shift_or_beyond_capacity() {
        let mut moment = Moment::new(10.0);
        moment.order(3.0, 8.0, 10.0);
        moment.order(3.0, 8.1, 10.0);
        moment.courier(0.0).off = minutes(13.9);
        moment.courier(0.0).capacity = 1;
        for params in [usual(), alone()] {
            assert_eq!(decide(&moment, &params), [(1, vec![0])]);
        }
    }

    #[test]
    fn nobody_carries_what_would_come_after_the_latest_click_to_door() {
        // Delivered at 3 + 1 + 1 + 5 + 1 = 11 minutes after minute 10.
        for (latest, expected) in [(20.9, 0), (21.0, 1)] {
            let mut moment = Moment::new(10.0);
            moment.order(3.0, 8.0, 5.0);
            moment.courier(0.0);
            let params = BatchParams { max_click_to_door: SimDuration::from_minutes(latest), ..alone() };
            assert_eq!(decide(&moment, &params).len(), expected, "at most {latest} minutes");
        }
    }

    #[test]
    fn a_courier_takes_two_orders_along_when_nobody_else_is_there() {
        let mut moment = Moment::new(10.0);
        moment.order(3.0, 8.0, 10.0);
        moment.order(3.0, 7.0, 9.0);
        moment.courier(0.0);
        assert_eq!(decide(&moment, &usual()), [(0, vec![1, 0])]);
        moment.courier(0.5);
        assert_eq!(decide(&moment, &usual()), [(0, vec![0]), (1, vec![1])]);
    }

    #[test]
    fn orders_of_one_store_share_a_courier_if_nobody_loses_much() {
        let mut moment = Moment::new(10.0);
        moment.order(3.0, 8.0, 10.0);
        moment.order(3.0, 7.0, 9.0);
        moment.order(3.0, -9.0, 10.0);
        (0..3).for_each(|_| _ = moment.courier(0.0));
        let short = BatchParams { size_reward_min: 20.0, ..usual() };
        assert_eq!(decide(&moment, &short), [(0, vec![1, 0]), (1, vec![2])]);
        moment.orders[0].ready = minutes(16.5);
        let apart = decide(&moment, &usual());
        assert_eq!(apart, [(0, vec![1]), (1, vec![2])], "6.5 min of waiting for each other are too many");
    }

    #[test]
    fn the_older_order_gets_the_only_courier() {
        let mut moment = Moment::new(30.0);
        moment.order(3.0, 8.0, 10.0).placed = minutes(10.0);
        moment.order(4.0, 8.0, 10.0);
        moment.courier(0.0);
        assert_eq!(decide(&moment, &alone()), [(0, vec![1])]);
    }

    #[test]
    fn no_orders_or_no_couriers_mean_no_decision() {
        let mut moment = Moment::new(10.0);
        assert_eq!(decide(&moment, &usual()), []);
        moment.order(3.0, 8.0, 10.0);
        assert_eq!(decide(&moment, &usual()), []);
        moment.courier(1.0);
        assert_eq!(decide(&moment, &usual()), [(0, vec![0])]);
    }
}
