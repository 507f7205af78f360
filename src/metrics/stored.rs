//! Tables read back from an output folder: one order of orders.parquet, and what events.parquet says of it.

use super::{EVENTS_SCHEMA_VERSION, MetricsError, ORDERS_SCHEMA_VERSION};
use polars::prelude::*;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use std::collections::BTreeSet;
use std::io::Cursor;

/// The orders of a run, as stored.
pub struct StoredOrders(DataFrame);

/// One order of them.
pub struct StoredOrder(DataFrame);

/// One fact about an order; `None` where it does not apply (docs/events-schema.md).
#[derive(Clone, PartialEq, Debug)]
pub struct StoredEvent {
    /// When, seconds since the start of the run.
    pub at_s: f64,
    /// What, such as `order_refused`.
    pub event: String,
    /// Name of the store.
    pub store: Option<String>,
    /// Name of the courier.
    pub courier: Option<String>,
    /// A quantity whose meaning the event gives.
    pub value: Option<f64>,
}

impl StoredOrders {
    /// Reads the bytes of an orders.parquet of this version.
    pub fn read(bytes: Vec<u8>) -> Result<StoredOrders, MetricsError> {
        Ok(StoredOrders(table(bytes, "nearfar.orders.schema", ORDERS_SCHEMA_VERSION)?))
    }

    /// Numbers of the replications it holds.
    pub fn replications(&self) -> Result<BTreeSet<u32>, MetricsError> {
        Ok(self.0.column("replication")?.u32()?.iter().flatten().collect())
    }

    /// The table of one replication.
    pub(super) fn of_replication(&self, replication: u32) -> Result<DataFrame, MetricsError> {
        Ok(self.0.filter_seq(&self.0.column("replication")?.u32()?.equal(replication))?)
    }

    /// Orders of one replication.
    pub fn count(&self, replication: u32) -> Result<usize, MetricsError> {
        Ok(self.0.column("replication")?.u32()?.equal(replication).num_trues())
    }

    /// The other parts of an order in parts, by number.
    pub fn other_parts(&self, replication: u32, order: &StoredOrder) -> Result<Vec<StoredOrder>, MetricsError> {
        if order.number("parts").is_none_or(|parts| parts < 2.0) {
            return Ok(Vec::new());
        }
        let head = order.number("part_of").map_or(order.id(), |head| head as u32);
        let mine = self.of_replication(replication)?;
        let (ids, heads) = (mine.column("order_id")?.u32()?, mine.column("part_of")?.u32()?);
        let belongs = |(id, part_of): (Option<u32>, Option<u32>)| {
            id != Some(order.id()) && (id == Some(head) || part_of == Some(head))
        };
        let others = BooleanChunked::from_iter_values("others".into(), ids.iter().zip(heads.iter()).map(belongs));
        let others = mine.filter_seq(&others)?;
        Ok((0..others.height()).map(|row| StoredOrder(others.slice(row as i64, 1))).collect())
    }

    /// The order of this name in the input file or else of this number; the name comes first, since it is the user's own.
    pub fn find(&self, replication: u32, order: &str) -> Result<Option<StoredOrder>, MetricsError> {
        let mine = self.of_replication(replication)?;
        let named = mine.column("order_name")?.str()?.equal(order);
        if named.any() {
            return Ok(Some(StoredOrder(mine.filter_seq(&named)?.head(Some(1)))));
        }
        let Ok(number) = order.parse::<u32>() else { return Ok(None) };
        let found = mine.filter_seq(&mine.column("order_id")?.u32()?.equal(number))?;
        Ok((found.height() == 1).then_some(StoredOrder(found)))
    }
}

impl StoredOrder {
    fn value(&self, column: &str) -> AnyValue<'_> {
        self.0.column(column).and_then(|column| column.get(0)).unwrap_or(AnyValue::Null)
    }
    /// A count or other number of the order; `None` where it is null.
    pub fn number(&self, column: &str) -> Option<f64> {
        match self.value(column) {
            AnyValue::Float64(number) => Some(number),
            AnyValue::UInt32(number) => Some(f64::from(number)),
            _ => None,
        }
    }
    /// A whole number of the order; `None` where it is null, or another kind of value.
    pub fn count(&self, column: &str) -> Option<u32> {
        match self.value(column) {
            AnyValue::UInt32(number) => Some(number),
            _ => None,
        }
    }
    /// Names of all its columns, in table order.
    pub fn columns(&self) -> Vec<String> {
        self.0.get_column_names().into_iter().map(|name| name.to_string()).collect()
    }
    /// A word of the order; `None` where it is null.
    pub fn text(&self, column: &str) -> Option<String> {
        match self.value(column) {
            AnyValue::String(text) => Some(text.to_owned()),
            AnyValue::StringOwned(text) => Some(text.to_string()),
            _ => None,
        }
    }
    /// A yes or no of the order; `None` where it is null.
    pub fn flag(&self, column: &str) -> Option<bool> {
        match self.value(column) {
            AnyValue::Boolean(flag) => Some(flag),
            _ => None,
        }
    }
    /// Its number, from 0 in order of placement.
    pub fn id(&self) -> u32 {
        self.number("order_id").map_or(0, |id| id as u32)
    }
}

/// The facts about one order in the bytes of an events.parquet of this version, in the order of the log.
pub fn events_of_order(bytes: Vec<u8>, replication: u32, order: u32) -> Result<Vec<StoredEvent>, MetricsError> {
    let all = table(bytes, "nearfar.events.schema", EVENTS_SCHEMA_VERSION)?;
    let mine = all.column("order")?.u32()?.equal(order) & all.column("replication")?.u32()?.equal(replication);
    let mine = all.filter_seq(&mine)?;
    let words = |column: &str| Ok::<_, MetricsError>(mine.column(column)?.str()?.clone());
    let (events, stores, couriers) = (words("event")?, words("store")?, words("courier")?);
    let (at, values) = (mine.column("t_s")?.f64()?, mine.column("value")?.f64()?);
    let told = (0..mine.height()).map(|row| StoredEvent {
        at_s: at.get(row).unwrap_or(f64::NAN),
        event: events.get(row).unwrap_or_default().to_owned(),
        store: stores.get(row).map(str::to_owned),
        courier: couriers.get(row).map(str::to_owned),
        value: values.get(row),
    });
    Ok(told.collect())
}

/// A table from the bytes of its file, which must name the version of its columns.
pub(super) fn table(bytes: Vec<u8>, key: &'static str, version: u32) -> Result<DataFrame, MetricsError> {
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    let metadata = reader.get_metadata()?.key_value_metadata().clone();
    let pairs = metadata.iter().flatten();
    let found = pairs.filter(|pair| pair.key == key).find_map(|pair| pair.value.clone());
    if found.as_deref() != Some(version.to_string().as_str()) {
        let found = found.unwrap_or_else(|| "none".into());
        return Err(MetricsError::Version { key, found, expected: version });
    }
    Ok(reader.finish()?)
}

#[cfg(test)]
mod tests {
    use super::super::{Frames, events_parquet, parquet_bytes};
    use super::*;
    use crate::testing::small_run;

    fn orders() -> StoredOrders {
        let mut run = small_run();
        run.city.order_names = ["a", "b", "c", "4", "e", "f", "g"].map(str::to_owned).to_vec();
        let one = |i| Frames::from_log(&run.scenario, &run.city, &run.log, i).unwrap();
        StoredOrders::read(Frames::concat(vec![one(0), one(1)]).unwrap().orders_parquet().unwrap()).unwrap()
    }

    #[test]
    fn an_order_is_found_by_its_name_before_its_number() {
        let orders = orders();
        assert_eq!(orders.replications().unwrap().into_iter().collect::<Vec<_>>(), [0, 1]);
        assert_eq!(orders.count(1).unwrap(), 7);
        let id = |word: &str| orders.find(1, word).unwrap().map(|order| order.id());
        assert_eq!((id("b"), id("4"), id("5"), id("7"), id("z")), (Some(1), Some(3), Some(5), None, None));
        assert!(orders.find(2, "b").unwrap().is_none());
        let late = orders.find(0, "1").unwrap().unwrap();
        assert_eq!(late.number("queue_s"), Some(60.0));
        assert_eq!(late.text("store").as_deref(), Some("busy"));
        assert_eq!((late.flag("on_time"), late.number("shipped_s")), (Some(false), None));
    }

    #[test]
    fn the_facts_of_an_order_stand_in_the_order_of_the_log() {
        let run = small_run();
        let bytes = events_parquet(&[(&run.city, &run.log), (&run.city, &run.log)]).unwrap();
        let facts = events_of_order(bytes, 1, 2).unwrap();
        let names: Vec<_> = facts.iter().map(|fact| (fact.at_s, fact.event.as_str())).collect();
        let expected = [
            (1200.0, "order_placed"),
            (1200.0, "order_sent_far"),
            (2000.0, "parcel_packed"),
            (3000.0, "parcel_shipped"),
            (8400.0, "parcel_delivered"),
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn a_table_of_another_version_is_refused() {
        let run = small_run();
        let frames = Frames::from_log(&run.scenario, &run.city, &run.log, 0).unwrap();
        let bytes = parquet_bytes(&frames.orders, &[("nearfar.orders.schema", "1".to_owned())]).unwrap();
        let error = StoredOrders::read(bytes).err().unwrap().to_string();
        assert!(error.contains("version 1") && error.contains(&ORDERS_SCHEMA_VERSION.to_string()), "{error}");
        assert!(StoredOrders::read(b"no table".to_vec()).is_err());
    }
}
