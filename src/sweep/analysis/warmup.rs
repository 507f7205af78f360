//! Room: sweep. How long a run takes to settle: MSER-5 and Welch's curve over single orders, in order of placement.

use super::super::SweepError;
use super::super::store::{numbers, read_table, texts, wholes};
use super::sheet::Sheet;
use crate::statistics::StatisticsError;
use crate::statistics::warmup::{Truncation, mser5, welch_average};
use std::path::Path;

/// Most points of a curve that are kept; a longer one is thinned.
const MOST_POINTS: usize = 1000;

/// A point of the curve.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Moment {
    /// Place of the order among the delivered ones of its channel, from 0.
    pub order: usize,
    /// When it was placed, hours from the start of the run; mean over replications.
    pub placed_h: f64,
    /// Its time, mean over replications.
    pub value: f64,
    /// The same, smoothed over its neighbours.
    pub smoothed: f64,
}

/// When one channel settles.
#[derive(Clone, PartialEq, Debug)]
pub struct Settling {
    /// `near` or `far`.
    pub channel: &'static str,
    /// The time looked at.
    pub figure: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Replications the series is a mean of.
    pub replications: usize,
    /// Orders of the series: as many as the replication with fewest has.
    pub orders: usize,
    /// What MSER-5 says of the mean series.
    pub truncation: Truncation,
    /// The warm-up: when the first order that stays was placed, hours from the start of the run.
    pub warm_up_h: f64,
    /// Smallest and largest warm-up of a replication by itself, hours.
    pub range_h: [f64; 2],
    /// Mean of the whole series.
    pub mean: f64,
    /// Orders that the smoothed curve looks to on each side.
    pub window: usize,
    /// The curve.
    pub curve: Vec<Moment>,
}

/// Times of the delivered orders of a channel in one replication, in order of placement.
#[derive(Default)]
struct Series {
    placed_h: Vec<f64>,
    values: Vec<f64>,
}

/// Looks at the orders of a run folder, at the channels that have enough of them; the others are notes.
pub fn warmup(folder: &Path, notes: &mut Vec<String>) -> Result<Vec<Settling>, SweepError> {
    let columns = ["replication", "channel", "status", "placed_s", "delivered_s"];
    let path = folder.join("orders.parquet");
    let (table, _) = read_table(&path, Some(columns.map(str::to_owned).to_vec()))?;
    let replications = wholes(&table, "replication")?;
    let (channels, status) = (texts(&table, "channel")?, texts(&table, "status")?);
    let (placed, delivered) = (numbers(&table, "placed_s")?, numbers(&table, "delivered_s")?);
    let count = replications.iter().max().map_or(0, |last| *last as usize + 1);
    let mut found = Vec::new();
    for (channel, figure, unit, seconds) in [("near", "click to door", "min", 60.0), ("far", "lead time", "h", 3600.0)]
    {
        let mut series: Vec<Series> = (0..count).map(|_| Series::default()).collect();
        for row in 0..placed.len() {
            if channels[row].as_deref() == Some(channel) && status[row].as_deref() == Some("delivered") {
                let mine = &mut series[replications[row] as usize];
                mine.placed_h.push(placed[row] / 3600.0);
                mine.values.push((delivered[row] - placed[row]) / seconds);
            }
        }
        match settling(channel, figure, unit, &series) {
            Ok(settling) => found.push(settling),
            Err(error) => notes.push(format!("{channel} orders: {error}")),
        }
    }
    if found.is_empty() {
        let help = "simulate a longer time: nearfar run SCENARIO --set horizon_h=72 --replications 10";
        return super::refused(format!("{}: {}", folder.display(), notes.join("; ")), help);
    }
    Ok(found)
}

fn settling(
    channel: &'static str,
    figure: &'static str,
    unit: &'static str,
    series: &[Series],
) -> Result<Settling, StatisticsError> {
    let orders = series.iter().map(|one| one.values.len()).min().unwrap_or(0);
    let values: Vec<Vec<f64>> = series.iter().map(|one| one.values[..orders].to_vec()).collect();
    let across = |of: &dyn Fn(&Series) -> f64| series.iter().map(of).sum::<f64>() / series.len() as f64;
    let mean: Vec<f64> = (0..orders).map(|i| across(&|one| one.values[i])).collect();
    let truncation = mser5(&mean)?;
    // Before the first placement nothing is to be left out.
    let start = |d: usize, at: &dyn Fn(usize) -> f64| if d == 0 { 0.0 } else { at(d.min(orders - 1)) };
    let alone = |one: &Series| -> Result<f64, StatisticsError> {
        Ok(start(mser5(&one.values)?.observations, &|d| one.placed_h[d]))
    };
    let alone: Vec<f64> = series.iter().map(alone).collect::<Result<_, _>>()?;
    let window = (orders / 20).max(1);
    let smoothed = welch_average(&values, window)?;
    let step = smoothed.len().div_ceil(MOST_POINTS).max(1);
    let moment = |order: usize| Moment {
        order,
        placed_h: across(&|one| one.placed_h[order]),
        value: mean[order],
        smoothed: smoothed[order],
    };
    Ok(Settling {
        channel,
        figure,
        unit,
        replications: series.len(),
        orders,
        warm_up_h: start(truncation.observations, &|d| across(&|one| one.placed_h[d])),
        truncation,
        range_h: [alone.iter().copied().fold(f64::NAN, f64::min), alone.iter().copied().fold(f64::NAN, f64::max)],
        mean: mean.iter().sum::<f64>() / orders as f64,
        window,
        curve: (0..smoothed.len()).step_by(step).map(moment).collect(),
    })
}

/// The curves as one table.
pub fn warmup_sheet(found: &[Settling]) -> Sheet {
    let rows: Vec<(&Settling, &Moment)> =
        found.iter().flat_map(|it| it.curve.iter().map(move |row| (it, row))).collect();
    Sheet::of(&rows)
        .text("channel", |(it, _)| it.channel)
        .text("figure", |(it, _)| it.figure)
        .text("unit", |(it, _)| it.unit)
        .number("order", |(_, row)| row.order as f64)
        .number("placed_h", |(_, row)| row.placed_h)
        .number("value", |(_, row)| row.value)
        .number("smoothed", |(_, row)| row.smoothed)
        .text("part", |(it, row)| if row.order < it.truncation.observations { "warm-up" } else { "settled" })
        .number("warm_up_h", |(it, _)| it.warm_up_h)
        .number("replications", |(it, _)| it.replications as f64)
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_starts_slow_is_cut_where_it_settles() {
        // 100 of 500 orders take 30 min longer; an order every six minutes.
        let one = |shift: usize| Series {
            placed_h: (0..500).map(|i| i as f64 / 10.0).collect(),
            values: (0..500).map(|i| if i < 100 { 60.0 } else { 30.0 } + ((i + shift) % 5) as f64).collect(),
        };
        let found = settling("near", "click to door", "min", &[one(0), one(2)]).unwrap();
        assert_eq!((found.truncation.observations, found.warm_up_h, found.range_h), (100, 10.0, [10.0, 10.0]));
        assert!(found.truncation.settled && (found.mean - 38.0).abs() < 1e-9);
        assert_eq!((found.orders, found.window, found.curve.len()), (500, 25, 475));
        let flat = Series { placed_h: vec![1.0; 40], values: (0..40).map(|i| f64::from(i % 5)).collect() };
        assert_eq!(settling("far", "lead time", "h", &[flat]).unwrap().warm_up_h, 0.0);
        assert!(settling("far", "lead time", "h", &[Series::default()]).is_err());
    }
}
