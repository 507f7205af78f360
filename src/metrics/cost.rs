//! Cost of every delivered order by cause, in whole fen.
//!
//! Courier pay is per near order (a fee, the hour's add-on and kilometres), topped up to the hourly guarantee; the
//! top-up is shared equally by the courier's near orders. An order that its consumer fetches bears the picker, its bag
//! and a share of the store, but no courier. Parcels, also those that a courier brings
//! from a branch store, cost their flat rates: couriers of a fleet that serves branches only are
//! paid out of `far_last_mile_yuan` and get no pay of their own here, and the fixed cost of a branch
//! is in `far_site_yuan`. What no delivered order can bear (the guarantee of couriers without one, the fixed cost of stores
//! without one, units that stores send each other, picking and kilometres for orders that were never delivered) is kept as
//! unallocated.

use super::facts::{Conversion, Facts, OrderFacts, equal_parts};
use super::window::Window;
use crate::city::{Channel, City};
use crate::event::FarOrigin;
use crate::scenario::{Cost, Scenario};
use crate::units::{Money, SimDuration, SimTime};

/// Cost of one order by cause; all zero unless delivered.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(super) struct OrderCost {
    pub last_mile: Money,
    pub pick_pack: Money,
    pub line_haul: Money,
    pub packaging: Money,
    pub site: Money,
    pub returns: Money,
    pub late: Money,
}

impl OrderCost {
    pub(super) fn total(&self) -> Money {
        [self.last_mile, self.pick_pack, self.line_haul, self.packaging, self.site, self.returns, self.late]
            .into_iter()
            .sum()
    }
}

/// Pay of one courier.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(super) struct Pay {
    /// Fees and kilometres of delivered near orders.
    pub by_order: Money,
    /// Kilometres for near orders that were never delivered; no fee is paid for those.
    pub in_vain: Money,
    /// Added to reach the guarantee.
    pub top_up: Money,
    /// Part of it that no delivered near order bears.
    pub unallocated: Money,
}

impl Pay {
    pub(super) fn total(&self) -> Money {
        self.by_order + self.in_vain + self.top_up
    }
}

/// All costs of a run.
pub(super) struct Costs {
    /// By `OrderId`.
    pub orders: Vec<OrderCost>,
    /// By `CourierId`.
    pub pay: Vec<Pay>,
    /// Fixed cost of near stores without a delivered order, by `StoreId`.
    pub idle_sites: Vec<Money>,
    /// Cost of units that a store sent to others, which no order bears, by `StoreId`.
    pub transfers: Vec<Money>,
    /// Pickers' wages for orders of the window that were packed and never delivered or fetched, by `StoreId`.
    pub packed_in_vain: Vec<Money>,
}

/// Works out the costs of a run.
pub(super) fn costs(scenario: &Scenario, city: &City, facts: &Facts) -> Costs {
    let mut costs = Costs {
        orders: facts.orders.iter().map(|order| own_cost(scenario, city, order)).collect(),
        pay: vec![Pay::default(); city.couriers.len()],
        idle_sites: vec![Money::ZERO; city.stores.len()],
        transfers: transfers(scenario, facts),
        packed_in_vain: packed_in_vain(scenario, city, facts),
    };
    // Orders of the warm-up bear its guarantees and rents, so that they fall on nobody in the window. What it leaves
    // by courier and store is overwritten by the window's.
    for part in [facts.window.before(), facts.window].iter().filter(|part| part.hours > 0.0) {
        pay_couriers(scenario, city, facts, part, &mut costs);
        share_sites(city, facts, part, &mut costs);
    }
    costs
}

fn transfers(scenario: &Scenario, facts: &Facts) -> Vec<Money> {
    let unit = Money::from_yuan(scenario.cost.transfer_yuan_per_unit);
    facts.stores.iter().map(|store| Money(unit.0 * i64::from(store.sent_on))).collect()
}

fn packed_in_vain(scenario: &Scenario, city: &City, facts: &Facts) -> Vec<Money> {
    let mut wages = vec![Money::ZERO; city.stores.len()];
    let never_came = facts.orders.iter().filter(|o| o.delivered.is_none() && facts.window.counts(o.placed));
    for order in never_came {
        if let Some(Conversion { store, picked_for, .. }) = order.converted {
            wages[store.index()] += wage(&scenario.cost, picked_for);
        }
        if let Some(store) = order.store {
            wages[store.index()] += picking(&scenario.cost, order);
        }
    }
    wages
}

impl Costs {
    /// What a store costs that no delivered order bears, by `StoreId`.
    pub(super) fn stores_unallocated(&self) -> impl Iterator<Item = Money> + '_ {
        self.idle_sites.iter().zip(self.stores_unallocated_variable()).map(|(site, variable)| *site + variable)
    }
    /// The same without fixed cost.
    pub(super) fn stores_unallocated_variable(&self) -> impl Iterator<Item = Money> + '_ {
        self.transfers.iter().zip(&self.packed_in_vain).map(|(transfers, wages)| *transfers + *wages)
    }
}

/// What the order causes by itself.
fn own_cost(scenario: &Scenario, city: &City, order: &OrderFacts) -> OrderCost {
    let cost = &scenario.cost;
    if order.delivered.is_none() {
        return OrderCost::default();
    }
    let returns = if order.returned { Money::from_yuan(cost.return_yuan) } else { Money::ZERO };
    match order.channel {
        Channel::Near => OrderCost {
            last_mile: order_pay(cost, city, order),
            pick_pack: picking(cost, order),
            line_haul: Money::from_yuan(cost.near_inbound_yuan),
            packaging: Money::from_yuan(cost.near_packaging_yuan),
            site: Money::ZERO,
            returns,
            late: compensation(cost, order),
        },
        Channel::Far => OrderCost {
            last_mile: Money::from_yuan(cost.far_last_mile_yuan),
            line_haul: line_haul(scenario, order),
            packaging: Money::from_yuan(cost.far_packaging_yuan),
            returns,
            late: order.converted.map_or(Money::ZERO, |_| Money::from_yuan(cost.conversion_compensation_yuan)),
            ..warehouse_work(cost, order)
        },
        Channel::Pickup => OrderCost {
            pick_pack: picking(cost, order),
            line_haul: Money::from_yuan(cost.near_inbound_yuan),
            packaging: Money::from_yuan(scenario.pickup.packaging_yuan),
            returns,
            ..OrderCost::default()
        },
    }
}

/// Picking and place of a parcel. A store that sends it is paid for its picker; its rent is borne by its near orders. So is
/// one that had packed it before it was sent far.
fn warehouse_work(cost: &Cost, order: &OrderFacts) -> OrderCost {
    let in_vain = order.converted.map_or(Money::ZERO, |near| wage(cost, near.picked_for));
    match order.far_origin {
        Some(FarOrigin::Store(_)) => OrderCost { pick_pack: in_vain + picking(cost, order), ..OrderCost::default() },
        _ => OrderCost {
            pick_pack: in_vain + Money::from_yuan(cost.far_pick_pack_yuan),
            site: Money::from_yuan(cost.far_site_yuan),
            ..OrderCost::default()
        },
    }
}

/// By the lane of the parcel; one that a courier brings from a branch has none. Goods of a store were brought there first.
fn line_haul(scenario: &Scenario, order: &OrderFacts) -> Money {
    let (cost, abroad) = (&scenario.cost, &scenario.cross_border);
    let lane = order.lane.map_or(cost.far_line_haul_yuan, |lane| scenario.line_haul_yuan(lane.index()));
    Money::from_yuan(match order.far_origin {
        Some(FarOrigin::Hub) => abroad.hub_line_haul_yuan,
        Some(FarOrigin::ForwardNode) => abroad.forward_line_haul_yuan,
        Some(FarOrigin::Store(_)) => lane + cost.near_inbound_yuan,
        Some(FarOrigin::Warehouse) | None => lane,
    })
}

/// Fee, add-on of the hour in which the courier got the order, kilometres, and the bonus for earlier refusals.
fn order_pay(cost: &Cost, city: &City, order: &OrderFacts) -> Money {
    let extra = order.assigned.map_or(0.0, |at| cost.courier_extra_yuan_by_hour[city.travel.clock_hour(at)]);
    let bonus = cost.refusal_bonus_yuan * f64::from(order.refusals);
    Money::from_yuan(cost.courier_per_order_yuan + extra + cost.courier_per_km_yuan * order.courier_km() + bonus)
}

/// What a consumer gets for a near order after its promise: the compensation or, if it was very late, the value of what came.
fn compensation(cost: &Cost, order: &OrderFacts) -> Money {
    let Some(delivered) = order.delivered.filter(|_| order.on_time == Some(false)) else { return Money::ZERO };
    match cost.late_free_after_min {
        Some(minutes) if delivered - order.promised > SimDuration::from_minutes(minutes) => order.value_kept(),
        _ => Money::from_yuan(cost.late_compensation_yuan),
    }
}

/// The picker's wage for the time it took to pack the order; nothing unless it was packed.
fn picking(cost: &Cost, order: &OrderFacts) -> Money {
    match (order.pick_start, order.ready) {
        (Some(start), Some(ready)) => wage(cost, ready - start),
        _ => Money::ZERO,
    }
}

fn wage(cost: &Cost, worked: SimDuration) -> Money {
    Money::from_yuan(cost.picker_wage_yuan_per_h * worked.hours())
}

/// Whether a delivered order bears courier, if it has one, and store.
fn bears_store(order: &OrderFacts) -> bool {
    (order.is_near() || order.is_pickup()) && order.delivered.is_some()
}

fn pay_couriers(scenario: &Scenario, city: &City, facts: &Facts, part: &Window, costs: &mut Costs) {
    let by_courier = grouped(city.couriers.len(), facts, part, |o| o.courier.map(|c| c.index()));
    let metres = metres_in_vain(city.couriers.len(), facts, part);
    let guarantee = scenario.cost.courier_guarantee_yuan_per_h;
    for (i, courier) in city.couriers.iter().enumerate() {
        let orders = &by_courier[i];
        let pay = &mut costs.pay[i];
        pay.by_order = orders.iter().map(|&o| costs.orders[o].last_mile).sum();
        if brings_parcels_only(city, courier.fleet) {
            continue;
        }
        pay.in_vain = Money::from_yuan(scenario.cost.courier_per_km_yuan * metres[i] / 1000.0);
        let hours = SimTime(part.on_duty_ms(&courier.shifts)).hours();
        pay.top_up = Money((Money::from_yuan(guarantee * hours) - pay.by_order - pay.in_vain).0.max(0));
        for (&o, share) in orders.iter().zip(equal_parts(pay.top_up, orders.len())) {
            costs.orders[o].last_mile += share;
        }
        pay.unallocated = pay.in_vain + if orders.is_empty() { pay.top_up } else { Money::ZERO };
    }
}

/// By courier the metres ridden for near orders, placed in a part of the run, that were never delivered.
fn metres_in_vain(couriers: usize, facts: &Facts, part: &Window) -> Vec<f64> {
    let mut metres = vec![0.0; couriers];
    let measured = part.from == facts.window.from;
    for order in facts.orders.iter().filter(|order| order.is_near() && facts.window.counts(order.placed) == measured) {
        if let Some(courier) = order.courier {
            metres[courier.index()] += order.ridden_in_vain_m();
        }
    }
    metres
}

/// Whether every store of the fleet is a parcel branch.
pub(super) fn brings_parcels_only(city: &City, fleet: u16) -> bool {
    let mut stores = city.stores.iter().filter(|s| s.fleet == fleet).peekable();
    stores.peek().is_some() && stores.all(|s| s.channel == Channel::Far)
}

fn share_sites(city: &City, facts: &Facts, part: &Window, costs: &mut Costs) {
    let by_store = grouped(city.stores.len(), facts, part, |o| o.store.map(|s| s.index()));
    let days = part.hours / 24.0;
    for (i, store) in city.stores.iter().enumerate().filter(|(_, s)| s.channel == Channel::Near) {
        let fixed = Money::from_yuan(store.fixed_cost_per_day.yuan() * days);
        let orders = &by_store[i];
        for (&o, share) in orders.iter().zip(equal_parts(fixed, orders.len())) {
            costs.orders[o].site = share;
        }
        costs.idle_sites[i] = if orders.is_empty() { fixed } else { Money::ZERO };
    }
}

/// Delivered near and pick-up orders placed in a part of the run by the thing `key` names, each list by order id.
fn grouped(len: usize, facts: &Facts, part: &Window, key: impl Fn(&OrderFacts) -> Option<usize>) -> Vec<Vec<usize>> {
    let mut groups = vec![Vec::new(); len];
    let measured = part.from == facts.window.from;
    let here = |order: &OrderFacts| bears_store(order) && facts.window.counts(order.placed) == measured;
    for (i, order) in facts.orders.iter().enumerate().filter(|(_, order)| here(order)) {
        if let Some(group) = key(order).and_then(|k| groups.get_mut(k)) {
            group.push(i);
        }
    }
    groups
}
