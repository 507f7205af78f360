//! What KPIs of the fleet are made of: time, kilometres, departures and pay of couriers, read from the tables of one
//! replication.

use super::MetricsError;
use super::rows::{Columns, Rows};
use crate::units::SimTime;
use polars::prelude::DataFrame;

const HOUR_MS: i64 = 3_600_000;

/// The fleet in one replication.
#[derive(Default)]
pub(super) struct Fleet {
    pub on_duty_ms: i64,
    pub riding_ms: i64,
    pub pickup_service_ms: i64,
    pub door_ms: i64,
    pub waiting_ms: i64,
    pub repositioning_ms: i64,
    pub loaded_m: f64,
    pub empty_m: f64,
    pub picked_up: i64,
    pub departures: i64,
    pub delivered: i64,
    pub waves: i64,
    /// Orders per courier-hour in the hour with most deliveries; None if couriers delivered nothing.
    pub peak_orders_per_h: Option<f64>,
    /// Yuan an hour on duty of every paid courier with a shift, ascending.
    pub hourly_pay: Vec<f64>,
    pub below_minimum_pay: usize,
}

impl Fleet {
    /// `orders` and `states` are of the whole run, `couriers` of what comes after the warm-up, which ends at `from`.
    pub(super) fn new(
        orders: &DataFrame,
        couriers: &DataFrame,
        states: &DataFrame,
        from: SimTime,
    ) -> Result<Fleet, MetricsError> {
        let total_ms = |column: &str| couriers.total_thousandths(column);
        // Who brings parcels alone is paid out of the flat rate of the parcel.
        let paid = Rows::all(couriers).flagged("parcels_only", false)?;
        Ok(Fleet {
            on_duty_ms: total_ms("on_duty_s")?,
            riding_ms: total_ms("riding_s")?,
            pickup_service_ms: total_ms("pickup_service_s")?,
            door_ms: total_ms("door_s")?,
            waiting_ms: total_ms("waiting_s")?,
            repositioning_ms: total_ms("repositioning_s")?,
            loaded_m: couriers.sum("loaded_m")?,
            empty_m: couriers.sum("empty_m")?,
            picked_up: couriers.count("picked_up")?,
            departures: couriers.count("departures")?,
            delivered: couriers.count("delivered")?,
            waves: couriers.count("waves")?,
            peak_orders_per_h: peak(orders, states, from)?,
            hourly_pay: hourly_pay(&paid)?,
            below_minimum_pay: paid.flags("below_minimum_pay")?.yes,
        })
    }

    /// Gini coefficient of hourly pay: 0 all earn the same, near 1 one earns all; NaN if nobody is paid.
    pub(super) fn pay_gini(&self) -> f64 {
        let n = self.hourly_pay.len() as f64;
        let total: f64 = self.hourly_pay.iter().sum();
        let ranked: f64 = self.hourly_pay.iter().zip(1..).map(|(pay, rank)| f64::from(rank) * pay).sum();
        2.0 * ranked / (n * total) - (n + 1.0) / n
    }
}

fn hourly_pay(couriers: &Rows) -> Result<Vec<f64>, MetricsError> {
    let on_duty = couriers.thousandths("on_duty_s")?;
    let pay = couriers.of("pay_yuan")?;
    let pay = pay.f64()?;
    let hours = on_duty.iter().map(|&ms| ms as f64 / HOUR_MS as f64);
    let mut hourly: Vec<f64> =
        pay.iter().zip(hours).filter(|(_, h)| *h > 0.0).map(|(yuan, h)| yuan.unwrap_or(0.0) / h).collect();
    hourly.sort_unstable_by(f64::total_cmp);
    Ok(hourly)
}

/// Orders delivered by couriers over couriers on duty, in the hour of the run with most of them that begins after the
/// warm-up, the first if several.
fn peak(orders: &DataFrame, states: &DataFrame, from: SimTime) -> Result<Option<f64>, MetricsError> {
    let by_courier = Rows::all(orders).known("at_door_s")?;
    let starts = states.thousandths("bucket_start_s")?;
    let Some(end) = starts.iter().max() else { return Ok(None) };
    let mut delivered = vec![0u32; (end / HOUR_MS) as usize + 1];
    for at in by_courier.thousandths("delivered_s")? {
        let hour = at / HOUR_MS;
        if let Some(hour) = delivered.get_mut(hour as usize).filter(|_| hour * HOUR_MS >= from.0) {
            *hour += 1;
        }
    }
    let most = delivered.iter().copied().max().filter(|most| *most > 0);
    let Some(hour) = most.and_then(|most| delivered.iter().position(|n| *n == most)) else { return Ok(None) };
    let couriers = states.column("couriers")?.f64()?;
    let here = starts.iter().map(|at| at / HOUR_MS == hour as i64);
    let (mut present, mut buckets) = (0.0, std::collections::BTreeSet::new());
    for ((mean, here), start) in couriers.iter().zip(here).zip(&starts) {
        if here {
            present += mean.unwrap_or(0.0);
            buckets.insert(start);
        }
    }
    Ok(Some(f64::from(delivered[hour]) / (present / buckets.len() as f64)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gini_of_pay_is_that_of_its_definition() {
        let gini = |pay: &[f64]| Fleet { hourly_pay: pay.to_vec(), ..Fleet::default() }.pay_gini();
        assert_eq!(gini(&[20.0, 20.0, 20.0]), 0.0);
        // Differences of all pairs, 2 (10 + 20 + 10), over 2 n² mean.
        assert!((gini(&[10.0, 20.0, 30.0]) - 80.0 / (2.0 * 9.0 * 20.0)).abs() < 1e-12);
        assert!((gini(&[0.0, 0.0, 0.0, 8.0]) - 0.75).abs() < 1e-12);
        assert!(gini(&[]).is_nan() && gini(&[0.0]).is_nan());
    }
}
