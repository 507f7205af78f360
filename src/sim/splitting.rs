//! Split orders: what stores nearby have of a basket is gathered, and the parts become orders of their own.
//!
//! Off unless `split.policy = "allow"`; it costs an order one branch then. The part of most value from a store is the order
//! itself, the others are placed at the same instant with the ids after it: each has its own store or parcel, picker,
//! courier, promise and end.

use super::calendar::MAX_IDS;
use super::schedule::Desk;
use super::shopping::Checkout;
use crate::city::Channel;
use crate::city::nodes::Found;
use crate::event::{CancelReason, Event, FarReason, Line, Placement};
use crate::policy::sourcing::split::{Basket, Candidate, Lines, MOST_LINES, Rule, Whole};
use crate::policy::sourcing::{Offer, Plan, Terms};
use crate::scenario::{Scenario, SourcingPolicy, SplitPolicy};
use crate::units::{Money, OrderId, SimTime, StoreId};

/// The rule of a scenario; None where orders stay whole.
pub(super) fn rule(scenario: &Scenario) -> Option<Rule> {
    let keys = &scenario.split;
    (keys.policy == SplitPolicy::Allow).then(|| Rule {
        max_stores: keys.max_stores as usize,
        far_rest: keys.far_rest && scenario.sourcing.policy != SourcingPolicy::NearOnly,
        min_near_value: keys.min_near_value_yuan,
        penalty: keys.penalty_yuan,
        far_wait: keys.far_wait_yuan,
    })
}

/// An order in parts, as decided.
#[derive(Clone, Debug)]
pub(super) struct SplitPlan {
    /// At least one, the most valuable first.
    pub(super) near: Vec<NearPart>,
    /// Place in `near` of the part that comes together with the first.
    joined: Option<usize>,
    /// Lines that come as a parcel.
    far: Lines,
}

/// What one store serves.
#[derive(Clone, Copy, Debug)]
pub(super) struct NearPart {
    pub(super) store: StoreId,
    pub(super) distance: f64,
    lines: Lines,
}

impl SplitPlan {
    /// Whether a parcel brings the rest.
    pub(super) fn far_rest(&self) -> bool {
        self.far != 0
    }

    /// How often somebody comes to the door.
    pub(super) fn deliveries(&self) -> usize {
        self.near.len() + usize::from(self.far != 0) - usize::from(self.joined.is_some())
    }
}

/// The lines of a set, in their order.
fn of_set(lines: &[Line], set: Lines) -> Vec<Line> {
    lines.iter().enumerate().filter(|(place, _)| set >> place & 1 == 1).map(|(_, line)| *line).collect()
}

fn units(lines: &[Line]) -> u32 {
    lines.iter().map(|line| line.quantity).sum()
}

impl Desk<'_> {
    /// How to split an order for which this plan was made, or None if it stays whole.
    #[inline]
    pub(super) fn split_plan(&self, now: SimTime, order: OrderId, plan: Plan) -> Option<SplitPlan> {
        let rule = self.rules.split?;
        self.weigh_split(now, order, plan, rule)
    }

    #[inline(never)]
    fn weigh_split(&self, now: SimTime, order: OrderId, plan: Plan, rule: Rule) -> Option<SplitPlan> {
        let lines = self.log.0.lines_of(order);
        if !(2..=MOST_LINES).contains(&lines.len()) {
            return None;
        }
        let sourcing = &self.rules.sourcing;
        let terms = self.terms_at(now, order);
        let whole = match plan {
            Plan::Near { store, distance } if sourcing.counts_yuan() => {
                let offer = self.offer(now, order, Found { store: store.0, distance });
                Whole::Near(sourcing.cost(&offer, &terms))
            }
            Plan::Far(FarReason::NoStock | FarReason::Rationed) => Whole::Far,
            Plan::Refused(CancelReason::NoStore) => Whole::Refused,
            Plan::Near { .. } | Plan::Far(_) | Plan::Refused(_) => return None,
        };
        let (found, candidates) = self.stores_with_some(now, order, lines);
        let offers: Vec<Offer> = found.iter().map(|found| self.offer(now, order, *found)).collect();
        let values: Vec<f64> = lines.iter().map(|line| self.line_value(line).yuan()).collect();
        let near_cost = |place: usize, set: Lines| self.part_cost(now, &offers[place], &of_set(lines, set), &terms);
        let saving = |a: usize, b: usize| self.saving_of_joint_trip(&offers[a], &offers[b], &terms);
        let basket = Basket {
            values: &values,
            candidates: &candidates,
            near_cost,
            saving: &saving,
            far_cost: terms.far_yuan,
            rule,
        };
        let split = basket.split(whole)?;
        let near = split.near.iter().map(|part| {
            let Found { store, distance } = found[part.place];
            NearPart { store: StoreId(store), distance, lines: part.lines }
        });
        Some(SplitPlan { near: near.collect(), joined: split.joined, far: split.far })
    }

    /// The nearest open stores that have, spare and are offered for at least one line, and which lines each has.
    fn stores_with_some(&self, now: SimTime, order: OrderId, lines: &[Line]) -> (Vec<Found>, Vec<Candidate>) {
        let mut found = Vec::new();
        let Some(stores) = &self.ground.candidates else { return (found, Vec::new()) };
        let time_of_day = self.ground.time_of_day(now);
        let has = |store: StoreId| {
            let held =
                |line: &Line| self.shelves.shown(store, *line) && self.spares(now, store, std::slice::from_ref(line));
            lines.iter().enumerate().fold(0, |set: Lines, (place, line)| set | Lines::from(held(line)) << place)
        };
        let fit = |s: u32| {
            let store = StoreId(s);
            self.ground.city.stores[store.index()].channel == Channel::Near
                && (self.ground.always_open || self.ground.open(store, time_of_day))
                && has(store) != 0
        };
        let home = self.orders.rows[order.index()].home;
        stores.k_nearest(home, self.rules.sourcing.candidates, fit, &mut found);
        found.retain(|found| {
            let (store, distance) = (StoreId(found.store), found.distance);
            self.why_not_offered(now, order, store, distance).is_none()
                && self.within_limits(now, order, store, || distance)
        });
        let candidates =
            found.iter().map(|found| Candidate { store: StoreId(found.store), has: has(StoreId(found.store)) });
        let candidates = candidates.collect();
        (found, candidates)
    }

    /// Cost of serving some lines from the store of an offer that was made for all of them.
    fn part_cost(&self, now: SimTime, offer: &Offer, lines: &[Line], terms: &Terms) -> f64 {
        let pick = self.stations[offer.store.index()].mean_pick(f64::from(units(lines)));
        let bid_yuan = self.bid_yuan(now, offer.store, lines);
        self.rules.sourcing.cost(&Offer { pick, bid_yuan, ..*offer }, terms)
    }

    /// Value of a line at list price.
    fn line_value(&self, line: &Line) -> Money {
        Money(self.ground.city.demand.prices[line.sku.index()].0 * i64::from(line.quantity))
    }

    fn value(&self, lines: &[Line]) -> Money {
        lines.iter().map(|line| self.line_value(line)).sum()
    }

    /// The hours until delivery that weigh as much as those of all parts, each by its share of the value: consumers weigh
    /// ln(1 + hours), so it is the mean of that.
    pub(super) fn split_hours(&self, now: SimTime, order: OrderId, split: &SplitPlan) -> f64 {
        let lines = self.log.0.lines_of(order);
        let value = |set| self.value(&of_set(lines, set)).yuan();
        let mut weighed = 0.0;
        let mut hours = Vec::new();
        for part in &split.near {
            let mut row = self.orders.rows[order.index()];
            (row.store, row.ride) = (part.store, self.ground.city.travel.road(part.distance));
            row.units = units(&of_set(lines, part.lines));
            hours.push(self.quoted(now, &row, self.offers.level(part.store), None).hours());
        }
        if let Some(joined) = split.joined {
            // The courier waits for both.
            let both = hours[0].max(hours[joined]);
            (hours[0], hours[joined]) = (both, both);
        }
        for (part, hours) in split.near.iter().zip(hours) {
            weighed += value(part.lines) * hours.ln_1p();
        }
        if split.far != 0 {
            weighed += value(split.far) * self.far_quote(now, order).hours().ln_1p();
        }
        (weighed / self.value(lines).yuan().max(0.01)).exp_m1()
    }

    /// Makes the parts orders of their own and hands each to its node.
    pub(super) fn place_parts(&mut self, now: SimTime, head: OrderId, split: &SplitPlan) {
        let whole = self.log.0.placements[head.index()];
        let (all, value) = (self.log.0.lines_of(head).to_vec(), whole.value);
        self.log.0.record(now, Event::OrderSplit { order: head, units: units(&all), value_fen: value.0 as u32 });
        // The lines of an order stand together, part after part; nothing was placed since.
        self.log.0.lines.truncate(whole.first_line as usize);
        let sets = split.near.iter().map(|part| part.lines).chain((split.far != 0).then_some(split.far));
        for (number, set) in sets.enumerate() {
            self.place_part(now, head, &whole, number as u32, of_set(&all, set));
        }
        if let Some(joined) = split.joined {
            self.join(head, OrderId(head.0 + joined as u32));
        }
        for (number, part) in split.near.iter().enumerate() {
            let plan = Plan::Near { store: part.store, distance: part.distance };
            self.follow_plan(now, OrderId(head.0 + number as u32), plan, None);
        }
        if split.far != 0 {
            self.send_far(now, OrderId(head.0 + split.near.len() as u32), FarReason::Rest);
        }
    }

    /// Part number 0 is the order itself, which is there already.
    fn place_part(&mut self, now: SimTime, head: OrderId, whole: &Placement, number: u32, lines: Vec<Line>) {
        let order = OrderId(head.0 + number);
        let units = units(&lines);
        let placement = Placement {
            value: self.value(&lines),
            first_line: self.log.0.lines.len() as u32,
            lines: lines.len() as u32,
            part_of: (number > 0).then_some(head),
            ..*whole
        };
        if number == 0 {
            self.log.0.placements[head.index()] = placement;
            self.orders.row(head).units = units;
        } else {
            assert!(order.0 < MAX_IDS, "now {now}, more than {MAX_IDS} orders in one run");
            self.log.0.placements.push(placement);
            let home = self.orders.rows[head.index()].home;
            self.put_down(&Checkout { home, sensitivity: 1.0, near: true, lines: lines.len(), units });
            self.sessions.add_part(head, number);
            if self.offers.on {
                self.offers.open_quote();
            }
            self.orders.open += 1;
            self.log.0.record(now, Event::OrderPlaced { order });
        }
        self.log.0.lines.extend(lines);
    }
}
