//! The order table: one row an order. [`COLUMNS`] is the single home of its columns; the table, its
//! documentation and the tests are made from it.

use super::MetricsError;
use super::carbon::OrderCarbon;
use super::cells::{BLOCK, Cells};
use super::checkouts::Checkout;
use super::cost::OrderCost;
use super::facts::OrderFacts;
use super::money::OrderMoney;
use super::parts::{Part, part};
use super::revenue::OrderRevenue;
use crate::city::{Channel, City};
use crate::event::Placement;
use crate::scenario::Perspective;
use crate::units::{Money, SimDuration, SimTime};
use polars::prelude::*;

/// Version of the columns of the order table; raised when a column changes its name, type or meaning.
pub const ORDERS_SCHEMA_VERSION: u32 = 4;

/// All that a row is made from.
pub(super) struct Row<'a> {
    pub replication: u32,
    pub facts: &'a OrderFacts,
    pub placement: &'a Placement,
    pub cost: &'a OrderCost,
    pub revenue: OrderRevenue,
    pub checkout: Checkout,
    pub money: OrderMoney,
    /// Whose contribution margin the scenario asks for.
    pub perspective: Perspective,
    pub carbon: OrderCarbon,
    pub city: &'a City,
}

/// How a column gets its values from a row.
#[derive(Clone, Copy)]
pub(super) enum Values {
    Count(fn(&Row) -> u32),
    MaybeCount(fn(&Row) -> Option<u32>),
    Number(fn(&Row) -> Option<f64>),
    Text(for<'a> fn(&Row<'a>) -> Option<&'a str>),
    Flag(fn(&Row) -> Option<bool>),
}

/// A column of the order table.
struct OrderColumn {
    name: &'static str,
    values: Values,
    doc: &'static str,
    /// KPIs, audit or fates read it.
    counted: bool,
}

/// A column that neither KPIs nor audit nor [`super::fates()`] read.
const fn told(column: OrderColumn) -> OrderColumn {
    OrderColumn { counted: false, ..column }
}

const fn count(name: &'static str, values: fn(&Row) -> u32, doc: &'static str) -> OrderColumn {
    OrderColumn { name, values: Values::Count(values), doc, counted: true }
}
const fn maybe_count(name: &'static str, values: fn(&Row) -> Option<u32>, doc: &'static str) -> OrderColumn {
    OrderColumn { name, values: Values::MaybeCount(values), doc, counted: true }
}
const fn number(name: &'static str, values: fn(&Row) -> Option<f64>, doc: &'static str) -> OrderColumn {
    OrderColumn { name, values: Values::Number(values), doc, counted: true }
}
const fn text(name: &'static str, values: for<'a> fn(&Row<'a>) -> Option<&'a str>, doc: &'static str) -> OrderColumn {
    OrderColumn { name, values: Values::Text(values), doc, counted: true }
}
const fn flag(name: &'static str, values: fn(&Row) -> Option<bool>, doc: &'static str) -> OrderColumn {
    OrderColumn { name, values: Values::Flag(values), doc, counted: true }
}

fn seconds(at: Option<SimTime>) -> Option<f64> {
    at.map(SimTime::seconds)
}
fn between(from: Option<SimTime>, to: Option<SimTime>) -> Option<f64> {
    Some((to? - from?).seconds())
}
fn yuan(row: &Row, amount: fn(&OrderCost) -> Money) -> Option<f64> {
    row.facts.delivered.map(|_| amount(row.cost).yuan())
}
fn earned(row: &Row, amount: impl Fn(&OrderMoney) -> Money) -> Option<f64> {
    row.facts.delivered.map(|_| amount(&row.money).yuan())
}
fn grams(row: &Row, amount: fn(&OrderCarbon) -> i64) -> Option<f64> {
    row.facts.delivered.map(|_| amount(&row.carbon) as f64 / 1000.0)
}

const fn part_of(of: Part, values: fn(&Row) -> Option<f64>, doc: &'static str) -> OrderColumn {
    OrderColumn { name: of.column(), values: Values::Number(values), doc, counted: true }
}
fn part_s(row: &Row, of: Part) -> Option<f64> {
    part(row.facts, of).map(SimDuration::seconds)
}

/// Every column, in table order.
const COLUMNS: &[OrderColumn] = &[
    told(count("order_id", |r| r.facts.id.0, "number of the order, from 0 in order of placement")),
    told(text(
        "order_name",
        |r| r.city.order_names.get(r.facts.id.index()).map(String::as_str),
        "id in the input file; null in a synthetic city",
    )),
    told(count("replication", |r| r.replication, "number of the replication, from 0")),
    count("consumer_id", |r| r.placement.consumer.0, "who ordered"),
    maybe_count(
        "session_id",
        |r| r.placement.session.map(|visit| visit.session.0),
        "session in which it was placed, from 0 in order of opening; null where arrivals are orders",
    ),
    told(text(
        "tier",
        |r| r.placement.session.map(|visit| visit.tier.name()),
        "who opened the session: vip, member, guest; null where arrivals are orders",
    )),
    told(flag(
        "urgent",
        |r| r.placement.session.map(|visit| visit.urgent),
        "the goods were wanted at once; null where arrivals are orders",
    )),
    told(flag(
        "near_offered",
        |r| r.placement.session.map(|visit| visit.near_offered),
        "a store could have served it; null where arrivals are orders",
    )),
    told(text(
        "category",
        |r| r.city.categories.get(r.placement.category.index()).map(String::as_str),
        "product category of the basket",
    )),
    text(
        "channel",
        |r| Some(r.facts.channel.word()),
        "near: a store nearby, brought by courier (also if refused at once); far: a parcel, from the warehouse or a branch; pickup: fetched from a store by the consumer",
    ),
    text("status", |r| Some(r.facts.status().word()), "delivered, cancelled, or open at the end of the run"),
    text(
        "far_reason",
        |r| r.facts.far_reason.map(|why| why.name()),
        "why it came as a parcel: chosen, no_store, no_stock, rationed, cheaper, far_only, overload (stores beyond near.max_queue_orders or near.max_quote_min), or by overload control paused, shrunk (radius), fee; rest: what stores nearby did not have of a split order; max_wait: packed at a store, but no courier took it within dispatch.max_wait_min; null for other orders",
    ),
    text(
        "far_origin",
        |r| match (r.facts.far_origin, r.facts.channel) {
            (Some(from), _) => Some(from.name()),
            (None, channel) => (channel == Channel::Far).then_some("branch"),
        },
        "where the parcel comes from: warehouse, store (picked there, see far.ship_from_store_over_h), hub or forward_node (see cross_border), branch (brought by courier); null for other orders",
    ),
    text(
        "cancel_reason",
        |r| r.facts.cancel_reason.map(|why| why.name()),
        "why it was not delivered: patience, no_courier, no_store, small_basket (what was found was worth less than stock.min_basket_yuan), no_show (not fetched while it was held); null for other orders",
    ),
    told(text(
        "store",
        |r| r.facts.store.map(|s| r.city.stores[s.index()].name.as_str()),
        "store or branch that served it",
    )),
    told(text(
        "courier",
        |r| r.facts.courier.map(|c| r.city.couriers[c.index()].name.as_str()),
        "courier it was given to",
    )),
    told(number("x_m", |r| Some(f64::from(r.placement.x_m)), "consumer, metres east of the city's south-west corner")),
    told(number("y_m", |r| Some(f64::from(r.placement.y_m)), "consumer, metres north of the city's south-west corner")),
    count(
        "resourced",
        |r| r.facts.resourced,
        "times it moved to another store, before picking began or because the picker did not find all of it",
    ),
    count("units", |r| r.facts.units, "units ordered"),
    count("lines", |r| r.placement.lines, "order lines"),
    number("value_yuan", |r| Some(r.placement.value.yuan()), "value at list price (GMV)"),
    number("placed_s", |r| seconds(Some(r.facts.placed)), "placed by the consumer"),
    told(number("pick_start_s", |r| seconds(r.facts.pick_start), "a picker began")),
    number("ready_s", |r| seconds(r.facts.ready), "packed, may leave the store"),
    told(number("assigned_s", |r| seconds(r.facts.assigned), "given to a courier")),
    told(number("set_out_s", |r| seconds(r.facts.set_out), "the courier set out for the store")),
    told(number("at_store_s", |r| seconds(r.facts.at_store), "the courier reached the store")),
    told(number("picked_up_s", |r| seconds(r.facts.picked_up), "taken over, half way through the pick-up service")),
    number("at_door_s", |r| seconds(r.facts.at_door), "the courier reached the door"),
    number(
        "delivered_s",
        |r| seconds(r.facts.delivered),
        "the consumer has the goods; of a pick-up order: fetched them",
    ),
    told(number("freed_s", |r| seconds(r.facts.freed), "the courier is free again")),
    told(text(
        "converted_from",
        |r| r.facts.converted.map(|near| r.city.stores[near.store.index()].name.as_str()),
        "store that had packed it before it was sent far, since no courier took it within dispatch.max_wait_min; null for others, as is converted_s",
    )),
    told(number(
        "converted_s",
        |r| seconds(r.facts.converted.map(|near| near.at)),
        "it was put back on the shelf there, and sent far",
    )),
    number("sent_far_s", |r| seconds(r.facts.sent_far), "given to the warehouse"),
    number("packed_s", |r| seconds(r.facts.packed), "the warehouse finished the parcel"),
    told(number("shipped_s", |r| seconds(r.facts.shipped), "the parcel left with a wave")),
    told(text(
        "lane",
        |r| r.facts.lane.and_then(|lane| r.city.lanes.get(lane.index())).map(String::as_str),
        "lane on which it left",
    )),
    told(number(
        "out_for_delivery_s",
        |r| seconds(r.facts.out_for_delivery),
        "the parcel left the branch for the door; null where far.last_mile_h is 0",
    )),
    flag(
        "wave_hit",
        |r| r.facts.wave_hit,
        "left with the first wave after it was given to the warehouse; null if it did not leave, or not with a wave",
    ),
    told(number("cancelled_s", |r| seconds(r.facts.cancelled), "ended without delivery")),
    number("sent_back_s", |r| seconds(r.facts.sent_back), "sent back by the consumer after delivery"),
    told(number(
        "received_back_s",
        |r| seconds(r.facts.received_back),
        "what was sent back is on hand again, at the store of a near or pick-up order or in the warehouse",
    )),
    number(
        "promised_s",
        |r| seconds(Some(r.facts.promised)),
        "promised time: placed + the promise given, see promise.policy and overload.promise_factor; far: promise.far_h; pick-up: to be ready by then, placed + pickup.ready_min or longer where pickers have a queue",
    ),
    number(
        "click_to_door_s",
        |r| between(Some(r.facts.placed), r.facts.delivered),
        "delivered - placed; of a pick-up order most of it is the consumer's own time",
    ),
    part_of(
        Part::BeforeReroute,
        |r| part_s(r, Part::BeforeReroute),
        "first of the seven parts that add up to click_to_door_s of a delivered near order (null for others): last move to another store - placed; 0 if it never moved",
    ),
    part_of(
        Part::Queue,
        |r| part_s(r, Part::Queue),
        "second part: a picker began - placed, or - moved; 0 if the ready time is observed",
    ),
    part_of(
        Part::Pick,
        |r| part_s(r, Part::Pick),
        "third part: ready - a picker began; if the ready time is observed all of the preparation, ready - placed",
    ),
    part_of(
        Part::CourierWait,
        |r| part_s(r, Part::CourierWait),
        "fourth part: the courier reached the store - ready; 0 if the courier was there first",
    ),
    part_of(
        Part::HandOut,
        |r| part_s(r, Part::HandOut),
        "fifth part: picked up - ready or the courier's arrival, whichever is later; with waiting for other orders of the visit",
    ),
    part_of(
        Part::Ride,
        |r| part_s(r, Part::Ride),
        "sixth part: the courier reached the door - picked up; with the second half of the pick-up service and earlier stops of the trip",
    ),
    part_of(Part::HandOver, |r| part_s(r, Part::HandOver), "last part: delivered - the courier reached the door"),
    part_of(
        Part::Assignment,
        |r| part_s(r, Part::Assignment),
        "of courier_wait_s, until a courier set out for the store: nobody was free, or was decided on",
    ),
    part_of(Part::Approach, |r| part_s(r, Part::Approach), "of courier_wait_s, the courier's way to the store"),
    number("ready_to_pickup_s", |r| between(r.facts.ready, r.facts.picked_up), "picked up - ready"),
    number("ready_to_door_s", |r| between(r.facts.ready, r.facts.delivered), "delivered - ready"),
    number(
        "lateness_s",
        |r| between(Some(r.facts.promised), r.facts.delivered.and(r.facts.kept())),
        "delivered - promised, of a pick-up order ready - promised; negative if early",
    ),
    flag(
        "on_time",
        |r| r.facts.on_time,
        "delivered by the promise, of a pick-up order ready by it; false for cancelled orders and for open ones already due; null for open ones not yet due",
    ),
    told(number("approach_m", |r| r.facts.approach_m.map(f64::from), "courier to store, detour included")),
    told(number("ride_m", |r| r.facts.ride_m.map(f64::from), "store to consumer, detour included")),
    number(
        "ridden_m",
        |r| r.facts.picked_up.map(|_| r.facts.courier_km() * 1000.0),
        "metres a courier rode for the order: approach and ride, or its share of a trip with several stops",
    ),
    told(count("refusals", |r| r.facts.refusals, "couriers who refused it")),
    number(
        "cost_last_mile_yuan",
        |r| yuan(r, |c| c.last_mile),
        "near: courier pay with the hour's add-on and its share of the top-up to the hourly guarantee; far: cost.far_last_mile_yuan",
    ),
    number(
        "cost_pick_pack_yuan",
        |r| yuan(r, |c| c.pick_pack),
        "near, pick-up, and parcels from stores: picker wage for the picking time; far: cost.far_pick_pack_yuan, and that wage if a store had packed it before it was sent far",
    ),
    number(
        "cost_line_haul_yuan",
        |r| yuan(r, |c| c.line_haul),
        "near and pick-up: cost.near_inbound_yuan; far: cost.far_line_haul_yuan times the lane's line_haul_factor, with cost.near_inbound_yuan if it comes from a store; from abroad cross_border.hub_line_haul_yuan or forward_line_haul_yuan",
    ),
    number(
        "cost_packaging_yuan",
        |r| yuan(r, |c| c.packaging),
        "cost.near_packaging_yuan, cost.far_packaging_yuan or pickup.packaging_yuan",
    ),
    number(
        "cost_site_yuan",
        |r| yuan(r, |c| c.site),
        "near and pick-up: equal share of the store's fixed cost over the horizon; far: cost.far_site_yuan, but 0 for parcels from stores",
    ),
    number("cost_returns_yuan", |r| yuan(r, |c| c.returns), "cost.return_yuan if the order was sent back"),
    number(
        "cost_late_yuan",
        |r| yuan(r, |c| c.late),
        "cost.late_compensation_yuan if a near order came after its promise, its value if later than cost.late_free_after_min; far: cost.conversion_compensation_yuan if a store had packed it before it was sent far",
    ),
    number("cost_yuan", |r| yuan(r, OrderCost::total), "sum of the causes; null unless delivered, like each of them"),
    number(
        "fee_yuan",
        |r| r.facts.delivered.map(|_| r.revenue.fee.yuan()),
        "delivery fee, with what overload control added; fee of a pick-up order; null unless delivered",
    ),
    number(
        "commission_yuan",
        |r| r.facts.delivered.map(|_| r.revenue.commission.yuan()),
        "commission on the value less value_refunded_yuan, 0 if sent back; null unless delivered",
    ),
    count(
        "lines_substituted",
        |r| r.facts.shortfall.lines_substituted,
        "lines not found for which the consumer took another SKU",
    ),
    count("units_substituted", |r| r.facts.shortfall.units_substituted, "their units"),
    count("lines_refunded", |r| r.facts.shortfall.lines_refunded, "lines not found and not delivered"),
    count("units_refunded", |r| r.facts.shortfall.units_refunded(), "their units"),
    number(
        "value_refunded_yuan",
        |r| Some(r.facts.shortfall.refunded.yuan()),
        "value given back for lines not delivered, part of value_yuan",
    ),
    flag(
        "nearest_had_stock",
        |r| r.facts.nearest_had_stock,
        "the nearest open store that carries every line had units of each; null for orders that did not ask for the near field or name a store, and where no store within its radius carries them",
    ),
    number(
        "fee_waived_yuan",
        |r| earned(r, |m| m.fee_waived),
        "delivery fee not asked for because the basket reached price.near_free_basket_yuan; null unless delivered",
    ),
    number(
        "margin_yuan",
        |r| earned(r, |m| m.margin),
        "margin on the goods: value times gross_margin_share of the category, 0 if sent back; null unless delivered",
    ),
    number(
        "discount_yuan",
        |r| earned(r, |m| m.discount),
        "price.near_discount_share or far_discount_share of the value, of a pick-up order pickup.discount_yuan; 0 if the goods came back or were so late that they are free; null unless delivered",
    ),
    number(
        "contribution_platform_yuan",
        |r| earned(r, |m| m.platform),
        "contribution margin of the platform: fee + commission - way to the consumer (near: last mile; far: last mile and line haul without bringing goods to a store) - late compensation; null unless delivered",
    ),
    number(
        "contribution_merchant_yuan",
        |r| earned(r, |m| m.merchant),
        "contribution margin of the merchant: margin - discount - commission - all other causes of cost; null unless delivered",
    ),
    number(
        "contribution_system_yuan",
        |r| earned(r, OrderMoney::system),
        "contribution_platform_yuan + contribution_merchant_yuan = margin_yuan + fee_yuan - discount_yuan - cost_yuan; null unless delivered",
    ),
    number(
        "contribution_yuan",
        |r| earned(r, |m| m.of(r.perspective)),
        "the one of the three that money.perspective names; null unless delivered",
    ),
    number(
        "cost_site_constant_volume_yuan",
        |r| r.facts.delivered.and(r.money.site_constant).map(Money::yuan),
        "what stands for cost_site_yuan in the view at constant volume, not part of cost_yuan: near: fixed cost of all near stores over the near orders planned, see money.constant_volume_near_orders_per_day; far: cost_site_yuan; null unless delivered, and for near orders without a plan",
    ),
    number(
        "co2e_last_mile_g",
        |r| grams(r, |c| c.last_mile_mg),
        "grams of CO2e, brought by courier: ridden_m at carbon.courier_g_per_km; else carbon.far_city_leg_g; null unless delivered",
    ),
    number(
        "co2e_transport_g",
        |r| grams(r, |c| c.transport_mg),
        "near: carbon.near_inbound_g; far: carbon.far_transport_g, and carbon.near_inbound_g if it comes from a store; from abroad carbon.hub_transport_g or forward_transport_g; null unless delivered",
    ),
    number(
        "co2e_site_g",
        |r| grams(r, |c| c.site_mg),
        "near, and parcels from stores: carbon.store_energy_g; far: carbon.warehouse_energy_g; null unless delivered",
    ),
    number(
        "co2e_packaging_g",
        |r| grams(r, |c| c.packaging_mg),
        "carbon.near_packaging_g or carbon.far_packaging_g; null unless delivered",
    ),
    number(
        "co2e_returns_g",
        |r| grams(r, |c| c.returns_mg),
        "carbon.near_return_g or carbon.far_return_g if the order was sent back; null unless delivered",
    ),
    number("co2e_g", |r| grams(r, OrderCarbon::total_mg), "sum of the five causes; null unless delivered"),
    number(
        "walk_m",
        |r| r.facts.walk_m.map(f64::from),
        "way to the store that fetching it takes, one way, detour included; null but for pick-up orders",
    ),
    flag(
        "backordered",
        |r| Some(r.facts.backordered),
        "it waited at its store for units that were not there (stock.unmet = \"backorder\"); the wait is in queue_s",
    ),
    maybe_count(
        "part_of",
        |r| r.placement.part_of.map(|head| head.0),
        "of a split order, for all parts but the first: number of the first part, whose row stands before; null for whole orders and first parts. Units, lines, value, times and costs are those of the part; the delivery fee is in the first",
    ),
    told(count(
        "parts",
        |r| r.checkout.parts,
        "parts in which the order comes, this one included; 1 for a whole order",
    )),
    flag("ai_list", |r| Some(r.placement.ai_list), "its basket comes from an AI assistant's list (ai_list.share)"),
    told(text(
        "nearest_store",
        |r| r.facts.nearest.map(|s| r.city.stores[s.index()].name.as_str()),
        "nearest near-field store within whose radius the consumer lives, open or not and whatever it carries; null where there is none",
    )),
];

/// Which columns of the order table to make.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wanted {
    All,
    /// What KPIs, audit and fates read.
    Counted,
}

/// The order table of `rows`.
pub(super) fn orders_frame<'a>(
    mut rows: impl ExactSizeIterator<Item = Row<'a>>,
    wanted: Wanted,
) -> Result<DataFrame, MetricsError> {
    let count = rows.len();
    let columns = COLUMNS.iter().filter(|column| wanted == Wanted::All || column.counted);
    let mut columns: Vec<Cells> = columns.map(|column| Cells::new(column.name, column.values, count)).collect();
    // Some rows at a time, so that what they are made from is fetched once, not once for each column.
    let mut block = Vec::with_capacity(BLOCK);
    while rows.len() > 0 {
        block.clear();
        block.extend(rows.by_ref().take(BLOCK));
        columns.iter_mut().for_each(|cells| cells.push(&block));
    }
    Ok(DataFrame::new(count, columns.into_iter().map(Cells::column).collect())?)
}

impl OrderColumn {
    fn type_word(&self) -> &'static str {
        match self.values {
            Values::Count(_) | Values::MaybeCount(_) => "u32",
            Values::Number(_) => "f64",
            Values::Text(_) => "string",
            Values::Flag(_) => "bool",
        }
    }
}

/// The text of docs/orders-schema.md.
pub fn orders_docs() -> String {
    let mut page = format!(
        "# orders.parquet, schema version {ORDERS_SCHEMA_VERSION}\n\n\
         One row an order and replication. Times (`_s` after a moment) are seconds since the start of the run; \
         a moment, distance or cost is null where it did not happen or is not known. The version stands in the \
         file's metadata under `nearfar.orders.schema`. This page is generated; `NEARFAR_UPDATE_DOCS=1 cargo test docs` \
         rewrites it.\n\n| Column | Type | Meaning |\n|---|---|---|\n"
    );
    for column in COLUMNS {
        page += &format!("| `{}` | {} | {} |\n", column.name, column.type_word(), column.doc);
    }
    page
}
