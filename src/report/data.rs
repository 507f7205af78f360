//! Room: report. Columns of the frames as plain vectors, first replication only; the one place that reads polars.

use super::look::Pair;
use super::{ReportError, RunView};
use crate::city::Channel;
use polars::prelude::{BooleanChunked, ChunkCompareEq, DataFrame, DataType, NewChunkedArray};

/// The cost columns, in the order of an order's way, with their words.
pub(crate) const COSTS: [(&str, Pair); 7] = [
    ("cost_last_mile_yuan", ("Last mile", "末端配送")),
    ("cost_pick_pack_yuan", ("Pick and pack", "拣货打包")),
    ("cost_line_haul_yuan", ("Line haul", "干线运输")),
    ("cost_packaging_yuan", ("Packaging", "包装")),
    ("cost_site_yuan", ("Site", "场地")),
    ("cost_returns_yuan", ("Returns", "退货")),
    ("cost_late_yuan", ("Late compensation", "超时赔付")),
];

/// The columns of carbon, in the order of [`COSTS`], with their words.
pub(crate) const CARBON: [(&str, Pair); 5] = [
    ("co2e_last_mile_g", ("Last mile", "末端配送")),
    ("co2e_transport_g", ("Transport", "运输")),
    ("co2e_site_g", ("Energy", "能耗")),
    ("co2e_packaging_g", ("Packaging", "包装")),
    ("co2e_returns_g", ("Returns", "退货")),
];

/// Orders of one replication, one entry an order in every vector.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    pub(crate) placed_s: Vec<f64>,
    /// A part of an order beyond the first.
    pub(crate) further_part: Vec<bool>,
    /// None where no channel was decided.
    pub(crate) channel: Vec<Option<Channel>>,
    pub(crate) delivered: Vec<bool>,
    pub(crate) x_m: Vec<f64>,
    pub(crate) y_m: Vec<f64>,
    /// Not a number where not delivered.
    pub(crate) click_to_door_s: Vec<f64>,
    pub(crate) on_time: Vec<Option<bool>>,
    /// One vector for each of [`COSTS`]; nothing counts as 0.
    pub(crate) costs: Vec<Vec<f64>>,
    /// Site cost at constant volume; not a number where not delivered or not planned.
    pub(crate) site_constant: Vec<f64>,
}

/// The parts of click-to-door of a near order that add up to it, with their words.
pub(crate) const PARTS: [(&str, Pair); 7] = [
    ("before_reroute_s", ("At a store it left again", "改派前在原门店")),
    ("queue_s", ("Waiting for a picker", "等待拣货")),
    ("pick_s", ("Picking and packing", "拣货打包")),
    ("courier_wait_s", ("Waiting for a courier", "等待骑手")),
    ("hand_out_s", ("Handing out", "门店交接")),
    ("ride_s", ("Ride and earlier stops", "骑行及途中其他停靠")),
    ("hand_over_s", ("Handing over", "上门交付")),
];

/// The way of the orders of one replication, in the rows of [`Orders`]; what did not happen is not a number.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    /// Given to the warehouse.
    pub(crate) sent_far_s: Vec<f64>,
    /// Packed there.
    pub(crate) packed_s: Vec<f64>,
    /// One vector for each of [`PARTS`].
    pub(crate) parts_s: Vec<Vec<f64>>,
    /// None for orders that did not ask for the near field, or that no store nearby carries.
    pub(crate) nearest_had_stock: Vec<Option<bool>>,
}

impl Ways {
    /// Reads the orders placed `from_s` after the start or later.
    pub(crate) fn read(frame: &DataFrame, from_s: f64) -> Result<Ways, ReportError> {
        let mut frame = Table { name: "orders", frame: first_replication("orders", frame)? };
        if from_s > 0.0 {
            frame.keep_from("placed_s", from_s)?;
        }
        Ok(Ways {
            sent_far_s: frame.numbers("sent_far_s")?,
            packed_s: frame.numbers("packed_s")?,
            parts_s: PARTS.iter().map(|(column, _)| frame.numbers(column)).collect::<Result<_, ReportError>>()?,
            nearest_had_stock: frame.flags("nearest_had_stock")?,
        })
    }
}

/// Courier states of one replication.
#[derive(Debug, Default)]
pub(crate) struct CourierStates {
    pub(crate) start_s: Vec<f64>,
    pub(crate) state: Vec<String>,
    pub(crate) couriers: Vec<f64>,
}

/// What only some charts ask of the orders of one replication, in the rows of [`Orders`].
#[derive(Debug, Default)]
pub(crate) struct Details {
    pub(crate) category: Vec<Option<String>>,
    /// Value at list price, yuan; nothing counts as 0.
    pub(crate) value: Vec<f64>,
    pub(crate) store: Vec<Option<String>>,
    /// None where no store reaches the consumer.
    pub(crate) nearest_store: Vec<Option<String>>,
    /// Not a number where there is no ride.
    pub(crate) ride_km: Vec<f64>,
    /// Ridden for the order, its share of a trip of several; not a number where no courier picked it up.
    pub(crate) ridden_km: Vec<f64>,
    /// Promise given, minutes.
    pub(crate) promise_min: Vec<f64>,
    /// Grams of CO2e; not a number where not delivered.
    pub(crate) co2e_g: Vec<f64>,
}

impl Details {
    /// Reads the orders placed `from_s` after the start or later.
    pub(crate) fn read(frame: &DataFrame, from_s: f64) -> Result<Details, ReportError> {
        let mut frame = Table { name: "orders", frame: first_replication("orders", frame)? };
        if from_s > 0.0 {
            frame.keep_from("placed_s", from_s)?;
        }
        let km = |column: &str| -> Result<Vec<f64>, ReportError> {
            Ok(frame.numbers(column)?.into_iter().map(|m| m / 1000.0).collect())
        };
        let promised = frame.numbers("promised_s")?.into_iter().zip(frame.numbers("placed_s")?);
        Ok(Details {
            category: frame.words("category")?,
            value: frame.numbers("value_yuan")?.into_iter().map(zero_if_nan).collect(),
            store: frame.words("store")?,
            nearest_store: frame.words("nearest_store")?,
            ride_km: km("ride_m")?,
            ridden_km: km("ridden_m")?,
            promise_min: promised.map(|(promised, placed)| (promised - placed) / 60.0).collect(),
            co2e_g: frame.numbers("co2e_g")?,
        })
    }
}

/// Stores on the map.
#[derive(Debug, Default)]
pub(crate) struct Stores {
    pub(crate) name: Vec<String>,
    pub(crate) archetype: Vec<String>,
    /// Largest distance to a consumer it serves.
    pub(crate) radius_m: Vec<f64>,
    pub(crate) x_m: Vec<f64>,
    pub(crate) y_m: Vec<f64>,
    pub(crate) near: Vec<bool>,
}

impl Orders {
    /// Reads the orders placed `from_s` after the start or later.
    pub(crate) fn read(frame: &DataFrame, from_s: f64) -> Result<Orders, ReportError> {
        let mut frame = Table { name: "orders", frame: first_replication("orders", frame)? };
        if from_s > 0.0 {
            frame.keep_from("placed_s", from_s)?;
        }
        let costs = COSTS.iter().map(|(column, _)| Ok(frame.numbers(column)?.into_iter().map(zero_if_nan).collect()));
        let channel = frame.words("channel")?;
        let status = frame.words("status")?;
        let parts = frame.numbers("part_of")?;
        Ok(Orders {
            placed_s: frame.numbers("placed_s")?,
            further_part: parts.iter().map(|head| head.is_finite()).collect(),
            channel: channel.iter().map(|word| word.as_deref().and_then(channel_of)).collect(),
            delivered: status.iter().map(|word| word.as_deref() == Some("delivered")).collect(),
            x_m: frame.numbers("x_m")?,
            y_m: frame.numbers("y_m")?,
            click_to_door_s: frame.numbers("click_to_door_s")?,
            on_time: frame.flags("on_time")?,
            costs: costs.collect::<Result<_, ReportError>>()?,
            site_constant: frame.numbers("cost_site_constant_volume_yuan")?,
        })
    }

    /// Number of orders that consumers fetch.
    pub(crate) fn fetched(&self) -> usize {
        self.channel.iter().filter(|channel| **channel == Some(Channel::Pickup)).count()
    }

    /// Number of orders.
    pub(crate) fn len(&self) -> usize {
        self.placed_s.len()
    }

    /// Indices of the delivered orders of a channel.
    pub(crate) fn delivered_by(&self, channel: Channel) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).filter(move |&order| self.delivered[order] && self.channel[order] == Some(channel))
    }
}

/// What platform and merchants earned and paid in one replication, yuan.
#[derive(Debug, Default)]
pub(crate) struct Earnings {
    /// Orders placed; parts count one by one, as in the charts.
    pub(crate) placed: usize,
    /// Orders delivered, an order in parts once.
    pub(crate) delivered: usize,
    /// Value at list price of what was delivered.
    pub(crate) value: f64,
    /// Margin on it.
    pub(crate) margin: f64,
    pub(crate) fee: f64,
    pub(crate) commission: f64,
    pub(crate) discount: f64,
    /// For each of [`COSTS`] what the platform and the merchants pay of it.
    pub(crate) paid: Vec<[f64; 2]>,
    /// What no delivered order bears of their costs.
    pub(crate) idle: [f64; 2],
}

impl Earnings {
    /// Reads the orders that KPIs count, stores and couriers.
    pub(crate) fn read(view: &RunView<'_>) -> Result<Earnings, ReportError> {
        let mut orders = Table { name: "orders", frame: first_replication("orders", view.orders)? };
        if view.warm_up_h > 0.0 {
            orders.keep_from("placed_s", view.warm_up_h * 3600.0)?;
        }
        let status = orders.words("status")?;
        let delivered: Vec<bool> = status.iter().map(|word| word.as_deref() == Some("delivered")).collect();
        let sum = |column: &str| {
            let numbers = orders.numbers(column)?.into_iter().map(zero_if_nan);
            Ok::<f64, ReportError>(numbers.zip(&delivered).filter(|(_, delivered)| **delivered).map(|(n, _)| n).sum())
        };
        let (fee, commission) = (sum("fee_yuan")?, sum("commission_yuan")?);
        let costs: Vec<f64> = COSTS.iter().map(|(column, _)| sum(column)).collect::<Result<_, _>>()?;
        let cost = |column: &str| COSTS.iter().position(|(name, _)| *name == column).map_or(0.0, |at| costs[at]);
        // The platform pays the way to the consumer and for being late. What is left of its account is the part of the line
        // haul that is not bringing goods to stores.
        let (ride, late) = (cost("cost_last_mile_yuan"), cost("cost_late_yuan"));
        let hauled = fee + commission - ride - late - sum("contribution_platform_yuan")?;
        let paid = COSTS.iter().zip(&costs).map(|((column, _), cost)| match *column {
            "cost_last_mile_yuan" | "cost_late_yuan" => [*cost, 0.0],
            "cost_line_haul_yuan" => [hauled, cost - hauled],
            _ => [0.0, *cost],
        });
        let idle = |name: &'static str, frame: &DataFrame| {
            let table = Table { name, frame: first_replication(name, frame)? };
            Ok::<f64, ReportError>(table.numbers("unallocated_yuan")?.into_iter().map(zero_if_nan).sum())
        };
        Ok(Earnings {
            placed: status.len(),
            delivered: checkouts_delivered(&orders.numbers("part_of")?, &status),
            value: sum("value_yuan")?,
            margin: sum("margin_yuan")?,
            fee,
            commission,
            discount: sum("discount_yuan")?,
            paid: paid.collect(),
            idle: [idle("couriers", view.couriers)?, idle("stores", view.stores)?],
        })
    }
}

/// Orders of which a part was delivered and none is open; parts stand after the first, which is part of nothing.
fn checkouts_delivered(part_of: &[f64], status: &[Option<String>]) -> usize {
    let (mut all, mut delivered, mut open) = (0, false, false);
    for (head, status) in part_of.iter().zip(status) {
        if !head.is_finite() {
            all += usize::from(delivered && !open);
            (delivered, open) = (false, false);
        }
        match status.as_deref() {
            Some("delivered") => delivered = true,
            Some("open") => open = true,
            _ => {}
        }
    }
    all + usize::from(delivered && !open)
}

impl CourierStates {
    /// Reads the courier states frame.
    pub(crate) fn read(frame: &DataFrame) -> Result<CourierStates, ReportError> {
        let frame = Table { name: "courier_states", frame: first_replication("courier_states", frame)? };
        Ok(CourierStates {
            start_s: frame.numbers("bucket_start_s")?,
            state: frame.words("state")?.into_iter().map(Option::unwrap_or_default).collect(),
            couriers: frame.numbers("couriers")?.into_iter().map(zero_if_nan).collect(),
        })
    }
}

impl Stores {
    /// Reads the stores frame.
    pub(crate) fn read(frame: &DataFrame) -> Result<Stores, ReportError> {
        let frame = Table { name: "stores", frame: first_replication("stores", frame)? };
        let near = frame.words("channel")?.iter().map(|word| word.as_deref() == Some("near")).collect();
        let words = |column: &str| -> Result<Vec<String>, ReportError> {
            Ok(frame.words(column)?.into_iter().map(Option::unwrap_or_default).collect())
        };
        Ok(Stores {
            name: words("store")?,
            archetype: words("archetype")?,
            radius_m: frame.numbers("radius_m")?,
            x_m: frame.numbers("x_m")?,
            y_m: frame.numbers("y_m")?,
            near,
        })
    }
}

fn channel_of(word: &str) -> Option<Channel> {
    [Channel::Near, Channel::Far, Channel::Pickup].into_iter().find(|channel| channel.word() == word)
}

fn zero_if_nan(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}

/// The rows of the lowest replication, or the whole frame if it has no such column.
pub(crate) fn first_replication(name: &str, frame: &DataFrame) -> Result<DataFrame, ReportError> {
    let Ok(column) = frame.column("replication") else {
        return Ok(frame.clone());
    };
    let broken = |error| ReportError::column(name, "replication", error);
    let numbers = column.cast(&DataType::UInt32).map_err(broken)?;
    let numbers = numbers.u32().map_err(broken)?;
    let Some(first) = numbers.iter().flatten().min() else {
        return Ok(frame.clone());
    };
    frame.filter(&numbers.equal(first)).map_err(broken)
}

/// A frame with its name, for errors.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) frame: DataFrame,
}

impl Table {
    /// A numeric column; null becomes not a number.
    pub(crate) fn numbers(&self, column: &str) -> Result<Vec<f64>, ReportError> {
        let broken = |error| ReportError::column(self.name, column, error);
        let cast = self.frame.column(column).map_err(broken)?.cast(&DataType::Float64).map_err(broken)?;
        Ok(cast.f64().map_err(broken)?.iter().map(|value| value.unwrap_or(f64::NAN)).collect())
    }
    /// Leaves out the rows with less in a column.
    pub(crate) fn keep_from(&mut self, column: &str, least: f64) -> Result<(), ReportError> {
        let broken = |error| ReportError::column(self.name, column, error);
        let numbers = self.frame.column(column).and_then(|column| column.f64()).map_err(broken)?;
        let late = numbers.iter().map(|number| number.is_some_and(|number| number >= least));
        let late = BooleanChunked::from_iter_values("late".into(), late);
        self.frame = self.frame.filter(&late).map_err(broken)?;
        Ok(())
    }
    /// A text column.
    pub(crate) fn words(&self, column: &str) -> Result<Vec<Option<String>>, ReportError> {
        let broken = |error| ReportError::column(self.name, column, error);
        let cast = self.frame.column(column).map_err(broken)?.cast(&DataType::String).map_err(broken)?;
        Ok(cast.str().map_err(broken)?.iter().map(|value| value.map(str::to_owned)).collect())
    }
    /// A yes-or-no column.
    pub(crate) fn flags(&self, column: &str) -> Result<Vec<Option<bool>>, ReportError> {
        let broken = |error| ReportError::column(self.name, column, error);
        let cast = self.frame.column(column).map_err(broken)?.cast(&DataType::Boolean).map_err(broken)?;
        Ok(cast.bool().map_err(broken)?.iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn an_order_in_parts_is_delivered_once_and_when_none_is_open() {
        let word = |text: &str| Some(text.to_owned());
        let status = ["delivered", "delivered", "cancelled", "open", "delivered", "cancelled"].map(word);
        let none = f64::NAN;
        assert_eq!(checkouts_delivered(&[none, 0.0, none, none, 3.0, none], &status), 1);
        assert_eq!(checkouts_delivered(&[none, none, none, none, none, none], &status), 3);
        assert_eq!(checkouts_delivered(&[], &[]), 0);
    }

    #[test]
    fn only_the_first_replication_is_read() {
        let city = sample::City { orders: 300, replications: 3, ..sample::City::default() };
        let frames = city.frames();
        assert_eq!(frames.orders.height(), 900);
        let orders = Orders::read(&frames.orders, 0.0).unwrap();
        assert_eq!(orders.len(), 300);
        assert_eq!(orders.costs.len(), COSTS.len());
        assert!(orders.delivered_by(Channel::Near).all(|order| orders.click_to_door_s[order].is_finite()));
    }

    #[test]
    fn a_missing_column_is_named_with_its_frame() {
        let frames = sample::City::default().frames();
        let broken = frames.orders.drop("placed_s").unwrap();
        let message = Orders::read(&broken, 0.0).unwrap_err().to_string();
        assert!(message.contains("orders") && message.contains("placed_s"), "{message}");
    }
}
