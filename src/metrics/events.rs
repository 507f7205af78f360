//! The event log as a table, for those who want every fact.

use super::{MetricsError, parquet_bytes};
use crate::city::City;
use crate::event::{Event, EventLog, FarOrigin, Record, Span};
use crate::units::{CategoryId, ConsumerId, CourierId, OrderId, SessionId, SimDuration, SkuId, StoreId, ZoneId};
use polars::prelude::*;

/// Version of the columns of the event table.
pub const EVENTS_SCHEMA_VERSION: u32 = 4;

/// Name, type and meaning of every column, in table order.
const COLUMNS: [(&str, &str, &str); 16] = [
    ("replication", "u32", "number of the replication, from 0"),
    ("t_s", "f64", "when it happened, seconds since the start of the run"),
    ("event", "string", "what happened, see below"),
    ("order", "u32", "number of the order"),
    ("store", "string", "name of the store"),
    ("courier", "string", "name of the courier"),
    ("sku", "u32", "number of the SKU"),
    ("zone", "u32", "number of the zone, west to east, row by row from the south"),
    ("session", "u32", "number of the session"),
    ("consumer", "u32", "number of the consumer, of session_left"),
    ("category", "string", "product category: looked for, of session_left; of stock_left"),
    ("value", "f64", "a quantity, see below"),
    (
        "reason",
        "string",
        "why, as in orders.parquet; of a session what would have made the consumer order: none, price, no_near, stock_out, overload",
    ),
    ("for_s", "f64", "seconds that it took, of courier_repositioned; of other events `value` says so"),
    ("units", "u32", "units ordered, of order_split, or left over, of stock_left; of other events `value` says so"),
    ("to_store", "string", "name of the store to which `store` sent units, of stock_sent_on"),
];

/// Name, meaning and the meaning of `value`, event by event.
const EVENTS: &[(&str, &str, &str)] = &[
    (
        "session_left",
        "a consumer looked at what was on offer and left without an order, for `reason`",
        "1 if a store could have served the consumer, else 0",
    ),
    ("order_placed", "a consumer placed an order", ""),
    (
        "order_split",
        "the order was split: it is the first part now, the orders placed next are the others (`part_of` in orders.parquet)",
        "value of all parts, yuan",
    ),
    (
        "order_sourced",
        "the order was given to a store, its units reserved",
        "metres from store to consumer, detour included",
    ),
    (
        "order_resourced",
        "the order moved to another store, its units reserved there: before picking, or because a line was missing",
        "metres from the new store to the consumer, detour included",
    ),
    (
        "order_converted",
        "no courier took the packed order in time: its units are on the shelf again, and it is sent far next",
        "",
    ),
    (
        "order_promised",
        "the consumer was promised a time of delivery, or a time to fetch it from",
        "seconds from placement",
    ),
    ("fee_raised", "overload control added to the delivery fee", "yuan"),
    (
        "load_level_changed",
        "overload control of the stores in a zone went to another level",
        "level: 0 none, 1 longer promise, 2 smaller radius and higher fee, 3 paused",
    ),
    (
        "order_sent_far",
        "the order will come as a parcel, for `reason`; `store` sends it if not the warehouse",
        "from: 0 warehouse, 1 store, 2 consolidation hub, 3 forward stock node",
    ),
    ("order_backordered", "the store of the order lacks units of it; it waits there for them", "units"),
    ("line_missing", "the picker did not find a line of the order, of `sku`", "units"),
    ("line_substituted", "the consumer takes units of `sku` in place of a missing line", "units"),
    ("line_refunded", "a missing line of `sku` is not delivered, its value given back", "yuan"),
    ("order_ready", "the order is packed at the store", "seconds of picking"),
    ("courier_assigned", "the order was given to a courier", "metres from courier to store, detour included"),
    (
        "courier_set_out",
        "a courier who was busy or off duty when assigned set out for the store; on a trip of several stops: for the order's store or, once picked up, its door",
        "",
    ),
    (
        "courier_rode",
        "on a trip of several stops the courier reached the order's store or door",
        "metres ridden for the order since the stop before; orders picked up in one visit share them",
    ),
    ("courier_repositioned", "the courier ended a ride that no order bears", "metres ridden, detour included"),
    ("order_refused", "the courier was offered the order and refused it", ""),
    ("order_released", "the courier gave the order back before pick-up", ""),
    ("order_picked_up", "the courier took the order over", "seconds at the store until then"),
    ("order_delivered", "the courier delivered the order", "seconds at the door until then"),
    ("courier_freed", "the courier is done with the order", ""),
    ("courier_on_duty", "a shift began", ""),
    ("courier_off_duty", "a shift ended and the courier carries nothing", ""),
    ("parcel_packed", "the warehouse finished the parcel", ""),
    ("parcel_shipped", "the parcel left with a wave", "number of its lane, from 0; null from abroad"),
    ("parcel_delivered", "the parcel reached the consumer", "seconds out for delivery until then"),
    (
        "pickup_reserved",
        "the order was given to a store, its units reserved until the consumer fetches them",
        "metres to walk there, detour included",
    ),
    ("order_collected", "the consumer fetched the order from its store", ""),
    ("order_cancelled", "the order ended without delivery, for `reason`", ""),
    ("order_returned", "a delivered order was sent back", ""),
    ("return_received", "what was sent back is on hand again, at `store` or in the warehouse", ""),
    ("store_stocked", "stock at the start of the run", "units"),
    ("store_replenished", "a replenishment arrived", "units"),
    ("stock_ordered", "the store ordered from its supplier", "units"),
    ("stock_received", "what was ordered from the supplier arrived", "units"),
    ("stock_sent_on", "the store sent units of a SKU to `to_store`, which had none", "units"),
    ("stock_brought_in", "what another store had sent arrived", "units"),
    ("stock_ran_out", "the last available unit of a SKU was reserved", ""),
    ("stock_came_back", "a SKU that had run out is available again", ""),
    ("stock_shrank", "units that only the record knew, and nobody found on the shelf, leave it", "units"),
    ("walk_in_served", "a consumer who walked in bought one unit", ""),
    ("walk_in_lost", "a consumer who walked in found no available unit", ""),
    (
        "stock_left",
        "units of `category` that nobody has reserved at the end of the run, as `units`",
        "what they are worth at list price, yuan",
    ),
    ("store_counted", "stock at the end of the run, reserved units included", "units"),
];

/// The text of docs/events-schema.md.
pub fn events_docs() -> String {
    let mut page = format!(
        "# events.parquet, schema version {EVENTS_SCHEMA_VERSION}\n\n\
         The whole event log, written with `--events`: one row a fact, in the order of the log. A column that does not \
         apply is null. The version stands in the file's metadata under `nearfar.events.schema`. This page is generated; \
         `NEARFAR_UPDATE_DOCS=1 cargo test docs` rewrites it.\n\n| Column | Type | Meaning |\n|---|---|---|\n"
    );
    for (name, kind, meaning) in COLUMNS {
        page += &format!("| `{name}` | {kind} | {meaning} |\n");
    }
    page += "\n| Event | What happened | Value |\n|---|---|---|\n";
    for (name, meaning, value) in EVENTS {
        page += &format!("| `{name}` | {meaning} | {value} |\n");
    }
    page
}

/// The Parquet file of the events of all replications, each with its city.
pub fn events_parquet(replications: &[(&City, &EventLog)]) -> Result<Vec<u8>, MetricsError> {
    let mut all: Option<DataFrame> = None;
    for (i, (city, log)) in replications.iter().enumerate() {
        let events = events_frame(city, log, i as u32)?;
        match &mut all {
            Some(all) => drop(all.vstack_mut(&events)?),
            None => all = Some(events),
        }
    }
    let all = all.unwrap_or_else(DataFrame::empty);
    parquet_bytes(&all, &[("nearfar.events.schema", EVENTS_SCHEMA_VERSION.to_string())])
}

/// One record as a row; `None` is null.
#[derive(Default)]
struct Row {
    event: &'static str,
    order: Option<OrderId>,
    store: Option<StoreId>,
    courier: Option<CourierId>,
    sku: Option<SkuId>,
    zone: Option<ZoneId>,
    session: Option<SessionId>,
    consumer: Option<ConsumerId>,
    category: Option<CategoryId>,
    value: Option<f64>,
    reason: Option<&'static str>,
    took: Option<f64>,
    units: Option<u32>,
    to: Option<StoreId>,
}

/// The event log as a table, one row a fact, in log order (docs/events-schema.md).
pub fn events_frame(city: &City, log: &EventLog, replication: u32) -> Result<DataFrame, MetricsError> {
    let rows: Vec<Row> = log.records.iter().map(|r: &Record| row(r.event)).collect();
    let store = |id: StoreId| city.stores.get(id.index()).map(|s| s.name.as_str());
    let category = |id: CategoryId| city.categories.get(id.index()).map(String::as_str);
    let courier = |id: CourierId| city.couriers.get(id.index()).map(|c| c.name.as_str());
    let columns = vec![
        Column::new("replication".into(), vec![replication; rows.len()]),
        Column::new("t_s".into(), log.records.iter().map(|r| r.at.seconds()).collect::<Vec<_>>()),
        StringChunked::from_iter_values("event".into(), rows.iter().map(|r| r.event)).into_column(),
        UInt32Chunked::from_iter_options("order".into(), rows.iter().map(|r| r.order.map(|o| o.0))).into_column(),
        StringChunked::from_iter_options("store".into(), rows.iter().map(|r| r.store.and_then(store))).into_column(),
        StringChunked::from_iter_options("courier".into(), rows.iter().map(|r| r.courier.and_then(courier)))
            .into_column(),
        UInt32Chunked::from_iter_options("sku".into(), rows.iter().map(|r| r.sku.map(|s| s.0))).into_column(),
        UInt32Chunked::from_iter_options("zone".into(), rows.iter().map(|r| r.zone.map(|z| z.0))).into_column(),
        UInt32Chunked::from_iter_options("session".into(), rows.iter().map(|r| r.session.map(|s| s.0))).into_column(),
        UInt32Chunked::from_iter_options("consumer".into(), rows.iter().map(|r| r.consumer.map(|c| c.0))).into_column(),
        StringChunked::from_iter_options("category".into(), rows.iter().map(|r| r.category.and_then(category)))
            .into_column(),
        Float64Chunked::from_iter_options("value".into(), rows.iter().map(|r| r.value)).into_column(),
        StringChunked::from_iter_options("reason".into(), rows.iter().map(|r| r.reason)).into_column(),
        Float64Chunked::from_iter_options("for_s".into(), rows.iter().map(|r| r.took)).into_column(),
        UInt32Chunked::from_iter_options("units".into(), rows.iter().map(|r| r.units)).into_column(),
        StringChunked::from_iter_options("to_store".into(), rows.iter().map(|r| r.to.and_then(store))).into_column(),
    ];
    Ok(DataFrame::new(rows.len(), columns)?)
}

fn seconds(span: Span) -> Option<f64> {
    Some(SimDuration::from(span).seconds())
}

/// A fact as a row: a flat list, one arm an event.
fn row(event: Event) -> Row {
    let of_order = |event, order| Row { event, order: Some(order), ..Row::default() };
    let of_trip = |event, order, courier| Row { courier: Some(courier), ..of_order(event, order) };
    let of_courier = |event, courier| Row { event, courier: Some(courier), ..Row::default() };
    let of_line = |event, order, sku, value| Row { sku: Some(sku), value: Some(value), ..of_order(event, order) };
    let of_shelf = |event, store, sku| Row { event, store: Some(store), sku: Some(sku), ..Row::default() };
    let of_stock =
        |event, store, units| Row { event, store: Some(store), value: Some(f64::from(units)), ..Row::default() };
    match event {
        Event::SessionLeft { session, consumer, category, reason, near_offered } => Row {
            event: "session_left",
            session: Some(session),
            consumer: Some(consumer),
            category: Some(category),
            value: Some(f64::from(u8::from(near_offered))),
            reason: Some(reason.name()),
            ..Row::default()
        },
        Event::OrderPlaced { order } => of_order("order_placed", order),
        Event::OrderSourced { order, store, ride_m } => {
            Row { store: Some(store), value: Some(f64::from(ride_m)), ..of_order("order_sourced", order) }
        }
        Event::OrderResourced { order, store, ride_m } => {
            Row { store: Some(store), value: Some(f64::from(ride_m)), ..of_order("order_resourced", order) }
        }
        Event::OrderConverted { order } => of_order("order_converted", order),
        Event::OrderPromised { order, promise } => Row { value: seconds(promise), ..of_order("order_promised", order) },
        Event::OrderSplit { order, units, value_fen } => {
            Row { value: Some(f64::from(value_fen) / 100.0), units: Some(units), ..of_order("order_split", order) }
        }
        Event::FeeRaised { order, by_fen } => {
            Row { value: Some(f64::from(by_fen) / 100.0), ..of_order("fee_raised", order) }
        }
        Event::LoadLevelChanged { zone, level } => {
            Row { zone: Some(zone), value: Some(f64::from(level as u8)), event: "load_level_changed", ..Row::default() }
        }
        Event::OrderSentFar { order, reason, from } => {
            let (store, code) = match from {
                FarOrigin::Warehouse => (None, 0.0),
                FarOrigin::Store(store) => (Some(store), 1.0),
                FarOrigin::Hub => (None, 2.0),
                FarOrigin::ForwardNode => (None, 3.0),
            };
            Row { reason: Some(reason.name()), store, value: Some(code), ..of_order("order_sent_far", order) }
        }
        Event::OrderBackordered { order, units } => {
            Row { value: Some(f64::from(units)), ..of_order("order_backordered", order) }
        }
        Event::LineMissing { order, sku, units } => of_line("line_missing", order, sku, f64::from(units)),
        Event::LineSubstituted { order, sku, units } => of_line("line_substituted", order, sku, f64::from(units)),
        Event::LineRefunded { order, sku, by_fen } => of_line("line_refunded", order, sku, f64::from(by_fen) / 100.0),
        Event::OrderReady { order, store, picked_for } => {
            Row { store: Some(store), value: seconds(picked_for), ..of_order("order_ready", order) }
        }
        Event::CourierAssigned { order, courier, approach_m } => {
            Row { value: Some(f64::from(approach_m)), ..of_trip("courier_assigned", order, courier) }
        }
        Event::CourierSetOut { order, courier } => of_trip("courier_set_out", order, courier),
        Event::CourierRode { order, courier, leg_m } => {
            Row { value: Some(f64::from(leg_m)), ..of_trip("courier_rode", order, courier) }
        }
        Event::CourierRepositioned { courier, leg_m, rode_for } => Row {
            value: Some(f64::from(leg_m)),
            took: seconds(rode_for),
            ..of_courier("courier_repositioned", courier)
        },
        Event::OrderRefused { order, courier } => of_trip("order_refused", order, courier),
        Event::OrderReleased { order, courier } => of_trip("order_released", order, courier),
        Event::OrderPickedUp { order, courier, at_store_for } => {
            Row { value: seconds(at_store_for), ..of_trip("order_picked_up", order, courier) }
        }
        Event::OrderDelivered { order, courier, at_door_for } => {
            Row { value: seconds(at_door_for), ..of_trip("order_delivered", order, courier) }
        }
        Event::CourierFreed { courier, order } => of_trip("courier_freed", order, courier),
        Event::CourierOnDuty { courier } => of_courier("courier_on_duty", courier),
        Event::CourierOffDuty { courier } => of_courier("courier_off_duty", courier),
        Event::ParcelPacked { order } => of_order("parcel_packed", order),
        Event::ParcelShipped { order, lane } => {
            Row { value: lane.map(|lane| f64::from(lane.0)), ..of_order("parcel_shipped", order) }
        }
        Event::ParcelDelivered { order, out_for } => {
            Row { value: seconds(out_for), ..of_order("parcel_delivered", order) }
        }
        Event::PickupReserved { order, store, walk_m } => {
            Row { store: Some(store), value: Some(f64::from(walk_m)), ..of_order("pickup_reserved", order) }
        }
        Event::OrderCollected { order } => of_order("order_collected", order),
        Event::OrderCancelled { order, reason } => {
            Row { reason: Some(reason.name()), ..of_order("order_cancelled", order) }
        }
        Event::OrderReturned { order } => of_order("order_returned", order),
        Event::ReturnReceived { order, store } => Row { store, ..of_order("return_received", order) },
        Event::StoreStocked { store, units, .. } => of_stock("store_stocked", store, units),
        Event::StoreReplenished { store, units } => of_stock("store_replenished", store, units),
        Event::StockOrdered { store, units } => of_stock("stock_ordered", store, units),
        Event::StockReceived { store, units } => of_stock("stock_received", store, units),
        Event::StockSentOn { from, to, sku, units } => {
            Row { value: Some(f64::from(units)), to: Some(to), ..of_shelf("stock_sent_on", from, sku) }
        }
        Event::StockBroughtIn { store, sku, units } => {
            Row { value: Some(f64::from(units)), ..of_shelf("stock_brought_in", store, sku) }
        }
        Event::StockRanOut { store, sku } => of_shelf("stock_ran_out", store, sku),
        Event::StockCameBack { store, sku } => of_shelf("stock_came_back", store, sku),
        Event::StockShrank { store, sku, units } => {
            Row { value: Some(f64::from(units)), ..of_shelf("stock_shrank", store, sku) }
        }
        Event::WalkInServed { store, sku } => of_shelf("walk_in_served", store, sku),
        Event::WalkInLost { store, sku } => of_shelf("walk_in_lost", store, sku),
        Event::StockLeft { store, category, units, value_fen } => Row {
            event: "stock_left",
            store: Some(store),
            category: Some(CategoryId(u32::from(category))),
            units: Some(units),
            value: Some(f64::from(value_fen) / 100.0),
            ..Row::default()
        },
        Event::StoreCounted { store, units } => of_stock("store_counted", store, units),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::small_run;

    #[test]
    fn every_fact_is_a_row_with_the_names_of_those_it_concerns() {
        let run = small_run();
        let table = events_frame(&run.city, &run.log, 0).unwrap();
        assert_eq!(table.height(), run.log.records.len());
        let text = |column: &str, row| table.column(column).unwrap().str().unwrap().get(row).map(str::to_owned);
        let pickup = run.log.records.iter().position(|r| matches!(r.event, Event::OrderPickedUp { .. })).unwrap();
        assert_eq!(text("event", pickup).as_deref(), Some("order_picked_up"));
        assert_eq!(text("courier", pickup).as_deref(), Some("ann"));
        assert_eq!(text("store", pickup), None);
        assert_eq!(table.column("value").unwrap().f64().unwrap().get(pickup), Some(120.0));
        assert_eq!(table.column("t_s").unwrap().f64().unwrap().get(pickup), Some(1200.0));
        let far = run.log.records.iter().position(|r| matches!(r.event, Event::OrderSentFar { .. })).unwrap();
        assert_eq!(text("reason", far).as_deref(), Some("no_stock"));
    }
}
