//! The event log read back from events.parquet, as far as the audit asks: units of an order stand in one line.

use super::stored::table;
use super::{EVENTS_SCHEMA_VERSION, MetricsError, StoredOrders};
use crate::city::City;
use crate::event::{
    CancelReason, Event, EventLog, FarOrigin, FarReason, LeaveReason, Line, LoadLevel, Placement, Span, Visit,
};
use crate::units::{
    CategoryId, ConsumerId, CourierId, LaneId, Money, OrderId, SessionId, SimDuration, SimTime, SkuId, StoreId, Tier,
    ZoneId,
};
use polars::prelude::*;
use std::collections::BTreeMap;

/// The facts of a run, as stored.
pub struct StoredEvents(DataFrame);

impl StoredEvents {
    /// Reads the bytes of an events.parquet of this version.
    pub fn read(bytes: Vec<u8>) -> Result<StoredEvents, MetricsError> {
        Ok(StoredEvents(table(bytes, "nearfar.events.schema", EVENTS_SCHEMA_VERSION)?))
    }

    /// The log of one replication, whose stores and couriers are those of `city`.
    pub fn log(&self, orders: &StoredOrders, city: &City, replication: u32) -> Result<EventLog, MetricsError> {
        let mine = self.0.filter_seq(&self.0.column("replication")?.u32()?.equal(replication))?;
        let mut log = placements(&orders.of_replication(replication)?, city)?;
        let cells = Cells::new(&mine)?;
        let stores: Names = city.stores.iter().enumerate().map(|(i, store)| (store.name.as_str(), i as u32)).collect();
        let couriers: Names = city.couriers.iter().enumerate().map(|(i, one)| (one.name.as_str(), i as u32)).collect();
        let categories: Names = city.categories.iter().enumerate().map(|(i, id)| (id.as_str(), i as u32)).collect();
        for row in 0..mine.height() {
            let broken = |why: String| MetricsError::Row { row: row + 1, why };
            let at = cells.at.get(row).ok_or_else(|| broken("no t_s".into()))?;
            let fact = Fact { cells: &cells, row, stores: &stores, couriers: &couriers, categories: &categories };
            log.record(SimTime::from_seconds(at), fact.event().map_err(broken)?);
        }
        Ok(log)
    }
}

/// Names of the city and their numbers.
type Names<'a> = BTreeMap<&'a str, u32>;

/// What was known of each order at checkout.
fn placements(orders: &DataFrame, city: &City) -> Result<EventLog, MetricsError> {
    let number = |column: &str| Ok::<_, MetricsError>(orders.column(column)?.f64()?);
    let count = |column: &str| Ok::<_, MetricsError>(orders.column(column)?.u32()?);
    let (x, y, value) = (number("x_m")?, number("y_m")?, number("value_yuan")?);
    let (consumer, units) = (count("consumer_id")?, count("units")?);
    let category = orders.column("category")?.str()?;
    let (session, tier) = (count("session_id")?, orders.column("tier")?.str()?);
    let flag = |column: &str| Ok::<_, MetricsError>(orders.column(column)?.bool()?);
    let (urgent, near_offered) = (flag("urgent")?, flag("near_offered")?);
    let (part_of, ai_list) = (count("part_of")?, flag("ai_list")?);
    let visit = |row: usize| {
        let tiers = [Tier::Vip, Tier::Member, Tier::Guest];
        Some(Visit {
            session: SessionId(session.get(row)?),
            tier: tiers.into_iter().find(|one| Some(one.name()) == tier.get(row))?,
            urgent: urgent.get(row)?,
            near_offered: near_offered.get(row)?,
        })
    };
    let mut log = EventLog::default();
    for row in 0..orders.height() {
        let category = city.categories.iter().position(|id| Some(id.as_str()) == category.get(row)).unwrap_or(0);
        log.placements.push(Placement {
            consumer: ConsumerId(consumer.get(row).unwrap_or(0)),
            x_m: x.get(row).unwrap_or(0.0) as f32,
            y_m: y.get(row).unwrap_or(0.0) as f32,
            value: Money::from_yuan(value.get(row).unwrap_or(0.0)),
            category: CategoryId(category as u32),
            first_line: row as u32,
            lines: 1,
            session: visit(row),
            part_of: part_of.get(row).map(OrderId),
            ai_list: ai_list.get(row).unwrap_or(false),
        });
        log.lines.push(Line { sku: SkuId(0), quantity: units.get(row).unwrap_or(0) });
    }
    Ok(log)
}

/// The columns of the table.
struct Cells<'a> {
    at: &'a Float64Chunked,
    event: &'a StringChunked,
    order: &'a UInt32Chunked,
    store: &'a StringChunked,
    courier: &'a StringChunked,
    sku: &'a UInt32Chunked,
    zone: &'a UInt32Chunked,
    session: &'a UInt32Chunked,
    consumer: &'a UInt32Chunked,
    category: &'a StringChunked,
    value: &'a Float64Chunked,
    reason: &'a StringChunked,
    took: &'a Float64Chunked,
    units: &'a UInt32Chunked,
    /// Logs of programs that knew no transfers do not have it.
    to: Option<&'a StringChunked>,
}

impl<'a> Cells<'a> {
    fn new(table: &'a DataFrame) -> Result<Cells<'a>, MetricsError> {
        Ok(Cells {
            at: table.column("t_s")?.f64()?,
            event: table.column("event")?.str()?,
            order: table.column("order")?.u32()?,
            store: table.column("store")?.str()?,
            courier: table.column("courier")?.str()?,
            sku: table.column("sku")?.u32()?,
            zone: table.column("zone")?.u32()?,
            session: table.column("session")?.u32()?,
            consumer: table.column("consumer")?.u32()?,
            category: table.column("category")?.str()?,
            value: table.column("value")?.f64()?,
            reason: table.column("reason")?.str()?,
            took: table.column("for_s")?.f64()?,
            units: table.column("units")?.u32()?,
            to: table.column("to_store").ok().map(Column::str).transpose()?,
        })
    }
}

/// One row of the table.
struct Fact<'a> {
    cells: &'a Cells<'a>,
    row: usize,
    stores: &'a Names<'a>,
    couriers: &'a Names<'a>,
    categories: &'a Names<'a>,
}

/// What is in a cell, or what is wrong with it.
type Cell<T> = Result<T, String>;

impl Fact<'_> {
    fn order(&self) -> Cell<OrderId> {
        self.cells.order.get(self.row).map(OrderId).ok_or_else(|| "no order".into())
    }
    fn store(&self) -> Cell<StoreId> {
        named("store", self.cells.store.get(self.row), self.stores).map(StoreId)
    }
    fn courier(&self) -> Cell<CourierId> {
        named("courier", self.cells.courier.get(self.row), self.couriers).map(CourierId)
    }
    fn sku(&self) -> Cell<SkuId> {
        self.cells.sku.get(self.row).map(SkuId).ok_or_else(|| "no sku".into())
    }
    fn value(&self) -> Cell<f64> {
        self.cells.value.get(self.row).filter(|value| value.is_finite()).ok_or_else(|| "no value".into())
    }
    fn metres(&self) -> Cell<f32> {
        Ok(self.value()? as f32)
    }
    fn units(&self) -> Cell<u32> {
        Ok(self.value()? as u32)
    }
    /// Units of an event whose value is another quantity.
    fn units_beside(&self) -> Cell<u32> {
        self.cells.units.get(self.row).ok_or_else(|| "no units".into())
    }
    fn category(&self) -> Cell<CategoryId> {
        named("category", self.cells.category.get(self.row), self.categories).map(CategoryId)
    }
    fn fen(&self) -> Cell<u32> {
        Ok((self.value()? * 100.0).round() as u32)
    }
    fn span(&self) -> Cell<Span> {
        Ok(SimDuration::from_seconds(self.value()?).into())
    }
    fn took(&self) -> Cell<Span> {
        let seconds = self.cells.took.get(self.row).ok_or_else(|| "no for_s".to_owned())?;
        Ok(SimDuration::from_seconds(seconds).into())
    }
    fn reason(&self) -> &str {
        self.cells.reason.get(self.row).unwrap_or_default()
    }
    fn far_reason(&self) -> Cell<FarReason> {
        let found = FarReason::ALL.into_iter().find(|why| why.name() == self.reason());
        found.ok_or_else(|| format!("{:?} is no reason to go far", self.reason()))
    }
    fn far_origin(&self) -> Cell<FarOrigin> {
        Ok(match self.value()? {
            0.0 => FarOrigin::Warehouse,
            1.0 => FarOrigin::Store(self.store()?),
            2.0 => FarOrigin::Hub,
            3.0 => FarOrigin::ForwardNode,
            other => return Err(format!("{other} is no origin of a parcel")),
        })
    }
    fn cancel_reason(&self) -> Cell<CancelReason> {
        let found = CancelReason::ALL.into_iter().find(|why| why.name() == self.reason());
        found.ok_or_else(|| format!("{:?} is no reason to cancel", self.reason()))
    }
    fn level(&self) -> Cell<LoadLevel> {
        let levels = [LoadLevel::Normal, LoadLevel::Longer, LoadLevel::Smaller, LoadLevel::Paused];
        let value = self.value()?;
        let found = levels.into_iter().find(|level| f64::from(*level as u8) == value);
        found.ok_or_else(|| format!("{value} is no level of overload control"))
    }
    fn zone(&self) -> Cell<ZoneId> {
        let zone = self.cells.zone.get(self.row).ok_or_else(|| "no zone".to_owned())?;
        Ok(ZoneId(zone as _))
    }

    fn session_left(&self) -> Cell<Event> {
        let found = LeaveReason::ALL.into_iter().find(|why| why.name() == self.reason());
        Ok(Event::SessionLeft {
            session: self.cells.session.get(self.row).map(SessionId).ok_or("no session")?,
            consumer: self.cells.consumer.get(self.row).map(ConsumerId).ok_or("no consumer")?,
            category: self.category()?,
            near_offered: self.value()? != 0.0,
            reason: found.ok_or_else(|| format!("{:?} is no reason to leave", self.reason()))?,
        })
    }

    /// The fact: a flat list, one arm an event.
    fn event(&self) -> Cell<Event> {
        Ok(match self.cells.event.get(self.row).unwrap_or_default() {
            "session_left" => self.session_left()?,
            "order_placed" => Event::OrderPlaced { order: self.order()? },
            "order_split" => {
                Event::OrderSplit { order: self.order()?, units: self.units_beside()?, value_fen: self.fen()? }
            }
            "order_sourced" => {
                Event::OrderSourced { order: self.order()?, store: self.store()?, ride_m: self.metres()? }
            }
            "order_backordered" => Event::OrderBackordered { order: self.order()?, units: self.units()? },
            "stock_ordered" => Event::StockOrdered { store: self.store()?, units: self.units()? },
            "stock_received" => Event::StockReceived { store: self.store()?, units: self.units()? },
            "order_resourced" => {
                Event::OrderResourced { order: self.order()?, store: self.store()?, ride_m: self.metres()? }
            }
            "order_converted" => Event::OrderConverted { order: self.order()? },
            "order_promised" => Event::OrderPromised { order: self.order()?, promise: self.span()? },
            "fee_raised" => Event::FeeRaised { order: self.order()?, by_fen: self.fen()? },
            "load_level_changed" => Event::LoadLevelChanged { zone: self.zone()?, level: self.level()? },
            "order_sent_far" => {
                Event::OrderSentFar { order: self.order()?, reason: self.far_reason()?, from: self.far_origin()? }
            }
            "line_missing" => Event::LineMissing { order: self.order()?, sku: self.sku()?, units: self.units()? },
            "line_substituted" => {
                Event::LineSubstituted { order: self.order()?, sku: self.sku()?, units: self.units()? }
            }
            "line_refunded" => Event::LineRefunded { order: self.order()?, sku: self.sku()?, by_fen: self.fen()? },
            "order_ready" => Event::OrderReady { order: self.order()?, store: self.store()?, picked_for: self.span()? },
            "courier_assigned" => {
                Event::CourierAssigned { order: self.order()?, courier: self.courier()?, approach_m: self.metres()? }
            }
            "courier_set_out" => Event::CourierSetOut { order: self.order()?, courier: self.courier()? },
            "courier_rode" => {
                Event::CourierRode { order: self.order()?, courier: self.courier()?, leg_m: self.metres()? }
            }
            "courier_repositioned" => {
                Event::CourierRepositioned { courier: self.courier()?, leg_m: self.metres()?, rode_for: self.took()? }
            }
            "order_refused" => Event::OrderRefused { order: self.order()?, courier: self.courier()? },
            "order_released" => Event::OrderReleased { order: self.order()?, courier: self.courier()? },
            "order_picked_up" => {
                Event::OrderPickedUp { order: self.order()?, courier: self.courier()?, at_store_for: self.span()? }
            }
            "order_delivered" => {
                Event::OrderDelivered { order: self.order()?, courier: self.courier()?, at_door_for: self.span()? }
            }
            "courier_freed" => Event::CourierFreed { order: self.order()?, courier: self.courier()? },
            "courier_on_duty" => Event::CourierOnDuty { courier: self.courier()? },
            "courier_off_duty" => Event::CourierOffDuty { courier: self.courier()? },
            "parcel_packed" => Event::ParcelPacked { order: self.order()? },
            "parcel_shipped" => {
                let lane = self.cells.value.get(self.row).map(|lane| LaneId(lane as u32));
                Event::ParcelShipped { order: self.order()?, lane }
            }
            "parcel_delivered" => Event::ParcelDelivered { order: self.order()?, out_for: self.span()? },
            "pickup_reserved" => {
                Event::PickupReserved { order: self.order()?, store: self.store()?, walk_m: self.metres()? }
            }
            "order_collected" => Event::OrderCollected { order: self.order()? },
            "order_cancelled" => Event::OrderCancelled { order: self.order()?, reason: self.cancel_reason()? },
            "order_returned" => Event::OrderReturned { order: self.order()? },
            "return_received" => {
                let store = self.cells.store.get(self.row).map(|_| self.store()).transpose()?;
                Event::ReturnReceived { order: self.order()?, store }
            }
            // How many SKUs a store carries is not in the table, and no rule of the audit asks.
            "store_stocked" => Event::StoreStocked { store: self.store()?, units: self.units()?, skus: 0 },
            "store_replenished" => Event::StoreReplenished { store: self.store()?, units: self.units()? },
            "stock_sent_on" => Event::StockSentOn {
                from: self.store()?,
                to: named("store", self.cells.to.and_then(|to| to.get(self.row)), self.stores).map(StoreId)?,
                sku: self.sku()?,
                units: self.units()? as u16,
            },
            "stock_brought_in" => {
                Event::StockBroughtIn { store: self.store()?, sku: self.sku()?, units: self.units()? }
            }
            "stock_ran_out" => Event::StockRanOut { store: self.store()?, sku: self.sku()? },
            "stock_came_back" => Event::StockCameBack { store: self.store()?, sku: self.sku()? },
            "stock_shrank" => Event::StockShrank { store: self.store()?, sku: self.sku()?, units: self.units()? },
            "walk_in_served" => Event::WalkInServed { store: self.store()?, sku: self.sku()? },
            "walk_in_lost" => Event::WalkInLost { store: self.store()?, sku: self.sku()? },
            "stock_left" => Event::StockLeft {
                store: self.store()?,
                category: self.category()?.0 as u16,
                units: self.units_beside()?,
                value_fen: self.fen()?,
            },
            "store_counted" => Event::StoreCounted { store: self.store()?, units: self.units()? },
            other => return Err(format!("{other:?} is no event that this program knows")),
        })
    }
}

fn named(kind: &str, name: Option<&str>, names: &Names<'_>) -> Cell<u32> {
    let name = name.ok_or_else(|| format!("no {kind}"))?;
    names.get(name).copied().ok_or_else(|| format!("{kind} {name:?} is not in the city of the scenario"))
}

#[cfg(test)]
mod tests {
    use super::super::{Frames, events_parquet};
    use super::*;
    use crate::testing::{Run, at, small_run};

    fn back(run: &Run) -> Result<EventLog, MetricsError> {
        let one = |i| Frames::from_log(&run.scenario, &run.city, &run.log, i).unwrap();
        let orders = Frames::concat(vec![one(0), one(1)]).unwrap().orders_parquet().unwrap();
        let events = events_parquet(&[(&run.city, &run.log), (&run.city, &run.log)]).unwrap();
        StoredEvents::read(events)?.log(&StoredOrders::read(orders).unwrap(), &run.city, 1)
    }

    #[test]
    fn every_fact_comes_back_as_it_was() {
        let mut run = small_run();
        let (order, courier, zone) = (OrderId(1), CourierId(1), ZoneId(3));
        for event in [
            Event::OrderResourced { order, store: StoreId(1), ride_m: 1234.567 },
            Event::OrderConverted { order },
            Event::OrderPromised { order, promise: SimDuration(2_345_678).into() },
            Event::FeeRaised { order, by_fen: 257 },
            Event::OrderSplit { order, units: 7, value_fen: 12_345 },
            Event::LoadLevelChanged { zone, level: LoadLevel::Smaller },
            Event::CourierRode { order, courier, leg_m: 77.7 },
            Event::CourierRepositioned { courier, leg_m: 0.1, rode_for: SimDuration(1).into() },
            Event::OrderRefused { order, courier },
            Event::OrderReleased { order, courier },
            Event::OrderSentFar { order, reason: FarReason::Fee, from: FarOrigin::Store(StoreId(1)) },
            Event::OrderSentFar { order, reason: FarReason::Fee, from: FarOrigin::Hub },
            Event::OrderSentFar { order, reason: FarReason::Fee, from: FarOrigin::ForwardNode },
            Event::ParcelShipped { order, lane: None },
            Event::ReturnReceived { order, store: None },
            Event::ReturnReceived { order, store: Some(StoreId(0)) },
            Event::PickupReserved { order, store: StoreId(1), walk_m: 765.4 },
            Event::OrderCollected { order },
            Event::OrderCancelled { order, reason: CancelReason::NoShow },
            Event::CourierOnDuty { courier },
            Event::CourierOffDuty { courier },
            Event::LineMissing { order, sku: SkuId(3), units: 2 },
            Event::OrderBackordered { order, units: 3 },
            Event::StockOrdered { store: StoreId(1), units: 40 },
            Event::StockReceived { store: StoreId(1), units: 40 },
            Event::StockSentOn { from: StoreId(1), to: StoreId(0), sku: SkuId(3), units: 7 },
            Event::StockBroughtIn { store: StoreId(0), sku: SkuId(3), units: 7 },
            Event::LineSubstituted { order, sku: SkuId(5), units: 2 },
            Event::LineRefunded { order, sku: SkuId(3), by_fen: 1999 },
            Event::StockShrank { store: StoreId(1), sku: SkuId(3), units: 2 },
            Event::StockLeft { store: StoreId(1), category: 0, units: 7, value_fen: 12_345 },
            Event::OrderCancelled { order, reason: CancelReason::SmallBasket },
            Event::SessionLeft {
                session: SessionId(7),
                consumer: ConsumerId(3),
                category: CategoryId(0),
                near_offered: true,
                reason: LeaveReason::Price,
            },
        ] {
            run.log.record(at(50_000.001), event);
        }
        let mut expected = run.log.records.clone();
        for record in &mut expected {
            if let Event::StoreStocked { skus, .. } = &mut record.event {
                *skus = 0;
            }
        }
        let log = back(&run).unwrap();
        assert_eq!(log.records, expected);
        assert_eq!(log.orders(), run.log.orders());
        let units = |log: &EventLog, i| log.lines_of(OrderId(i)).iter().map(|line| line.quantity).sum::<u32>();
        assert!((0..7).all(|i| units(&log, i) == units(&run.log, i)));
    }

    #[test]
    fn a_city_that_is_not_the_runs_is_told_by_row_and_name() {
        let run = small_run();
        let events = StoredEvents::read(events_parquet(&[(&run.city, &run.log)]).unwrap()).unwrap();
        let frames = Frames::from_log(&run.scenario, &run.city, &run.log, 0).unwrap();
        let orders = StoredOrders::read(frames.orders_parquet().unwrap()).unwrap();
        let mut other = run.city.clone();
        other.stores[0].name = "renamed".into();
        let error = events.log(&orders, &other, 0).unwrap_err().to_string();
        assert_eq!(error, "row 1: store \"busy\" is not in the city of the scenario");
    }
}
