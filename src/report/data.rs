//! Room: report. Columns of the frames as plain vectors, first replication only; the one place that reads polars.

use super::ReportError;
use crate::city::Channel;
use polars::prelude::{ChunkCompareEq, DataFrame, DataType};

/// The cost columns, in the order of an order's way, with their words.
pub(crate) const COSTS: [(&str, &str); 7] = [
    ("cost_last_mile_yuan", "Last mile"),
    ("cost_pick_pack_yuan", "Pick and pack"),
    ("cost_line_haul_yuan", "Line haul"),
    ("cost_packaging_yuan", "Packaging"),
    ("cost_site_yuan", "Site"),
    ("cost_returns_yuan", "Returns"),
    ("cost_late_yuan", "Late compensation"),
];

/// The columns of carbon, in the order of [`COSTS`], with their words.
pub(crate) const CARBON: [(&str, &str); 5] = [
    ("co2e_last_mile_g", "Last mile"),
    ("co2e_transport_g", "Transport"),
    ("co2e_site_g", "Energy"),
    ("co2e_packaging_g", "Packaging"),
    ("co2e_returns_g", "Returns"),
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
pub(crate) const PARTS: [(&str, &str); 7] = [
    ("before_reroute_s", "At a store it left again"),
    ("queue_s", "Waiting for a picker"),
    ("pick_s", "Picking and packing"),
    ("courier_wait_s", "Waiting for a courier"),
    ("hand_out_s", "Handing out"),
    ("ride_s", "Ride and earlier stops"),
    ("hand_over_s", "Handing over"),
];

/// The way of the orders of one replication, in the rows of [`Orders`]; what did not happen is not a number.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    /// Given to the warehouse.
    pub(crate) sent_far_s: Vec<f64>,
    /// Packed there.
    pub(crate) packed_s: Vec<f64>,
    pub(crate) delivered_s: Vec<f64>,
    /// One vector for each of [`PARTS`].
    pub(crate) parts_s: Vec<Vec<f64>>,
    /// None for orders that did not ask for the near field, or that no store nearby carries.
    pub(crate) nearest_had_stock: Vec<Option<bool>>,
}

impl Ways {
    /// Reads the orders frame.
    pub(crate) fn read(frame: &DataFrame) -> Result<Ways, ReportError> {
        let frame = Table { name: "orders", frame: first_replication("orders", frame)? };
        Ok(Ways {
            sent_far_s: frame.numbers("sent_far_s")?,
            packed_s: frame.numbers("packed_s")?,
            delivered_s: frame.numbers("delivered_s")?,
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

/// Stores on the map.
#[derive(Debug, Default)]
pub(crate) struct Stores {
    pub(crate) x_m: Vec<f64>,
    pub(crate) y_m: Vec<f64>,
    pub(crate) near: Vec<bool>,
}

impl Orders {
    /// Reads the orders frame.
    pub(crate) fn read(frame: &DataFrame) -> Result<Orders, ReportError> {
        let frame = Table { name: "orders", frame: first_replication("orders", frame)? };
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
        Ok(Stores { x_m: frame.numbers("x_m")?, y_m: frame.numbers("y_m")?, near })
    }
}

fn channel_of(word: &str) -> Option<Channel> {
    [Channel::Near, Channel::Far, Channel::Pickup].into_iter().find(|channel| channel.word() == word)
}

fn zero_if_nan(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}

/// The rows of the lowest replication, or the whole frame if it has no such column.
fn first_replication(name: &str, frame: &DataFrame) -> Result<DataFrame, ReportError> {
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
struct Table {
    name: &'static str,
    frame: DataFrame,
}

impl Table {
    /// A numeric column; null becomes not a number.
    fn numbers(&self, column: &str) -> Result<Vec<f64>, ReportError> {
        let broken = |error| ReportError::column(self.name, column, error);
        let cast = self.frame.column(column).map_err(broken)?.cast(&DataType::Float64).map_err(broken)?;
        Ok(cast.f64().map_err(broken)?.iter().map(|value| value.unwrap_or(f64::NAN)).collect())
    }
    /// A text column.
    fn words(&self, column: &str) -> Result<Vec<Option<String>>, ReportError> {
        let broken = |error| ReportError::column(self.name, column, error);
        let cast = self.frame.column(column).map_err(broken)?.cast(&DataType::String).map_err(broken)?;
        Ok(cast.str().map_err(broken)?.iter().map(|value| value.map(str::to_owned)).collect())
    }
    /// A yes-or-no column.
    fn flags(&self, column: &str) -> Result<Vec<Option<bool>>, ReportError> {
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
    fn only_the_first_replication_is_read() {
        let city = sample::City { orders: 300, replications: 3, ..sample::City::default() };
        let frames = city.frames();
        assert_eq!(frames.orders.height(), 900);
        let orders = Orders::read(&frames.orders).unwrap();
        assert_eq!(orders.len(), 300);
        assert_eq!(orders.costs.len(), COSTS.len());
        assert!(orders.delivered_by(Channel::Near).all(|order| orders.click_to_door_s[order].is_finite()));
    }

    #[test]
    fn a_missing_column_is_named_with_its_frame() {
        let frames = sample::City::default().frames();
        let broken = frames.orders.drop("placed_s").unwrap();
        let message = Orders::read(&broken).unwrap_err().to_string();
        assert!(message.contains("orders") && message.contains("placed_s"), "{message}");
    }
}
