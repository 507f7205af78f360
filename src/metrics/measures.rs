//! The counts and sums that KPIs are made of, read from the tables of one replication.

use super::accounts::Accounts;
use super::backlog::Backlog;
use super::baskets::Baskets;
use super::checkouts::Checkouts;
use super::fleet::Fleet;
use super::parts::Part;
use super::pickup::PickupMeasures;
use super::rows::{Columns, Rows, in_thousandths};
use super::shortfalls::Fulfilment;
use super::stock::StockMeasures;
use super::{Frames, MetricsError};
use crate::event::LeaveReason;
use crate::units::SimTime;
use polars::prelude::*;

/// Spans of time in ascending order, in whole milliseconds.
#[derive(Default)]
pub(super) struct Spans(Vec<i64>);

impl Spans {
    pub(super) fn new(mut ms: Vec<i64>) -> Self {
        ms.sort_unstable();
        Spans(ms)
    }
    /// NaN if there is none.
    pub(super) fn mean_ms(&self) -> f64 {
        self.0.iter().sum::<i64>() as f64 / self.0.len() as f64
    }
    /// The quantile `q` in 0..=1, linear between ranks; NaN if there is none.
    pub(super) fn quantile_ms(&self, q: f64) -> f64 {
        let Some(last) = self.0.len().checked_sub(1) else {
            return f64::NAN;
        };
        let rank = q * last as f64;
        let below = (rank.floor() as usize).min(last);
        let (low, high) = (self.0[below], self.0[(below + 1).min(last)]);
        low as f64 + (high - low) as f64 * (rank - below as f64)
    }
}

/// What is counted in each channel.
#[derive(Default)]
pub(super) struct ChannelMeasures {
    pub placed: usize,
    /// Units ordered.
    pub units: i64,
    pub delivered: usize,
    pub gmv_fen: i64,
    pub lost_fen: i64,
    pub cost_fen: i64,
    pub returned: usize,
    pub due: usize,
    pub on_time: usize,
    pub click_to_door: Spans,
    pub tardiness: Spans,
}

/// Why near demand falls back on the warehouse, by `far_reason`.
const FALLBACK: [&str; 3] = ["no_store", "no_stock", "rationed"];

/// What one courier did, in milliseconds.
struct CourierTime {
    on_duty: i64,
    productive: i64,
}

/// The counts and sums of one replication.
#[derive(Default)]
pub(super) struct Measures {
    /// Orders as their consumers count them; the channels below count parts.
    pub checkouts: Checkouts,
    pub near: ChannelMeasures,
    pub far: ChannelMeasures,
    /// Due and on time when ready, delivered when collected.
    pub pickup: ChannelMeasures,
    pub fetched: PickupMeasures,
    pub ready_to_pickup: Spans,
    pub ready_to_door: Spans,
    /// Sum over delivered near orders of each part of click-to-door, in the order of [`Part::ALL`].
    parts_ms: [i64; Part::ALL.len()],
    /// Ridden for near orders and for none.
    pub near_km: f64,
    pub fallback: usize,
    /// Of these: no store, no stock, kept for walk-ins.
    pub fallback_by: [usize; 3],
    /// Orders sent far by overload control.
    pub turned_away: usize,
    /// Packed near orders that were sent far for want of a courier.
    pub converted: usize,
    /// Sum of promised - placed of near orders.
    pub promise_ms: i64,
    /// Sum of promised - delivered of delivered near orders.
    pub promise_error_ms: i64,
    pub revenue_fen: i64,
    /// Sum over near stores of the share of the window under overload control.
    pub controlled: f64,
    pub near_stores: usize,
    pub courier_delivered: i64,
    pub pay_fen: i64,
    pub unallocated_fen: i64,
    pub stock_out_h: f64,
    pub sku_h: f64,
    pub violations: usize,
    pub backlog: Backlog,
    /// Parcels that left with a wave, and those of them that left with the first they could.
    /// Far orders by where their parcel comes from: a store, or abroad.
    pub from_stores: usize,
    pub from_abroad: usize,
    pub in_waves: usize,
    pub wave_hits: usize,
    pub resourced: i64,
    pub fulfilment: Fulfilment,
    /// From an AI assistant's list, and others.
    pub baskets: [Baskets; 2],
    pub walk_ins_served: i64,
    pub walk_ins_lost: i64,
    /// Units sent between stores.
    pub transferred: i64,
    /// None where arrivals are orders.
    pub sessions: Option<SessionMeasures>,
    pub accounts: Accounts,
    pub stock: StockMeasures,
    pub fleet: Fleet,
    couriers: Vec<CourierTime>,
}

impl Measures {
    pub(super) fn new(frames: &Frames, violations: usize) -> Result<Measures, MetricsError> {
        let (couriers, stores) = (&frames.couriers, &frames.stores);
        let (orders, from) = (frames.measured_orders()?, frames.measured_from);
        let of_orders = Measures::of_orders(&orders)?;
        let backlog = match from {
            SimTime::ZERO => of_orders.backlog,
            // Orders of the warm-up may still wait.
            from => backlog(&Rows::all(&frames.orders).with("channel", "far")?, from)?,
        };
        Ok(Measures {
            backlog,
            controlled: stores.sum("controlled_share")?,
            near_stores: Rows::all(stores).with("channel", "near")?.len(),
            courier_delivered: couriers.count("delivered")?,
            pay_fen: couriers.fen("pay_yuan")?,
            unallocated_fen: couriers.fen("unallocated_yuan")? + stores.fen("unallocated_yuan")?,
            stock_out_h: stores.sum("stock_out_hours")?,
            sku_h: stores.sum("sku_hours")?,
            violations,
            walk_ins_served: stores.count("walk_ins_served")?,
            walk_ins_lost: stores.count("walk_ins_lost")?,
            transferred: stores.count("units_sent_on")?,
            sessions: SessionMeasures::new(&frames.sessions)?,
            stock: StockMeasures::new(&frames.stock)?,
            accounts: Accounts::new(&orders, couriers, stores)?,
            fleet: Fleet::new(&frames.orders, couriers, &frames.courier_states, from)?,
            couriers: courier_times(couriers)?,
            near_km: of_orders.near_km
                + Rows::all(couriers).flagged("parcels_only", false)?.sum("unallocated_m")? / 1000.0,
            ..of_orders
        })
    }
    /// What orders alone tell; the rest is 0.
    pub(super) fn of_orders(orders: &Rows) -> Result<Measures, MetricsError> {
        let of = |word: &str| orders.with("channel", word);
        let (near, far, pickup) = (of("near")?, of("far")?, of("pickup")?);
        let (near_delivered, collected) = (near.with("status", "delivered")?, pickup.with("status", "delivered")?);
        let reason = orders.of("far_reason")?;
        let reason = reason.str()?;
        let sent_for = |reasons: &[&str]| reason.iter().flatten().filter(|why| reasons.contains(why)).count();
        let origin = far.of("far_origin")?;
        let origin = origin.str()?;
        let came_from = |origins: &[&str]| origin.iter().flatten().filter(|from| origins.contains(from)).count();
        let wave_hit = far.flags("wave_hit")?;
        Ok(Measures {
            checkouts: Checkouts::new(orders)?,
            near: ChannelMeasures::new(&near, &near_delivered)?,
            far: ChannelMeasures::new(&far, &far.with("status", "delivered")?)?,
            pickup: ChannelMeasures::new(&pickup, &collected)?,
            fetched: PickupMeasures::new(&pickup, &collected)?,
            ready_to_pickup: Spans::new(near_delivered.thousandths("ready_to_pickup_s")?),
            ready_to_door: Spans::new(near_delivered.thousandths("ready_to_door_s")?),
            parts_ms: parts_ms(&near_delivered)?,
            near_km: near_delivered.sum("ridden_m")? / 1000.0,
            fallback: sent_for(&FALLBACK),
            fallback_by: FALLBACK.map(|reason| sent_for(&[reason])),
            turned_away: sent_for(&["paused", "shrunk", "fee", "overload"]),
            converted: sent_for(&["max_wait"]),
            promise_ms: near.total_thousandths("promised_s")? - near.total_thousandths("placed_s")?,
            promise_error_ms: -near_delivered.total_thousandths("lateness_s")?,
            revenue_fen: orders.fen("fee_yuan")? + orders.fen("commission_yuan")?,
            resourced: orders.count("resourced")?,
            backlog: backlog(&far, SimTime::ZERO)?,
            fulfilment: Fulfilment::new(orders, &near)?,
            baskets: Baskets::by_list(orders)?,
            from_stores: came_from(&["store"]),
            from_abroad: came_from(&["hub", "forward_node"]),
            in_waves: wave_hit.yes + wave_hit.no,
            wave_hits: wave_hit.yes,
            ..Measures::default()
        })
    }
    pub(super) fn delivered(&self) -> usize {
        self.checkouts.delivered
    }
    /// Mean of a part of click-to-door over delivered near orders; NaN if there is none.
    pub(super) fn part_mean_min(&self, part: Part) -> f64 {
        self.parts_ms[part as usize] as f64 / self.near.delivered as f64 / 60_000.0
    }
    pub(super) fn gmv_fen(&self) -> i64 {
        self.near.gmv_fen + self.far.gmv_fen + self.pickup.gmv_fen
    }
    /// Cost of delivered orders, and what no delivered order bears.
    pub(super) fn cost_fen(&self) -> i64 {
        self.near.cost_fen + self.far.cost_fen + self.pickup.cost_fen + self.unallocated_fen
    }
    pub(super) fn on_duty_h(&self) -> f64 {
        self.couriers.iter().map(|c| c.on_duty).sum::<i64>() as f64 / 3_600_000.0
    }
    /// Mean over couriers with a shift, not pooled: a courier on duty for two hours counts as much as
    /// one on duty for eight.
    pub(super) fn utilisation(&self) -> f64 {
        let with_shift: Vec<_> = self.couriers.iter().filter(|c| c.on_duty > 0).collect();
        let shares = with_shift.iter().map(|c| c.productive as f64 / c.on_duty as f64);
        shares.sum::<f64>() / with_shift.len() as f64
    }
}

/// Sessions in all, and how they ended.
pub(super) struct SessionMeasures {
    pub all: i64,
    pub near_offered: i64,
    pub ordered: i64,
    /// By [`LeaveReason`].
    pub left: [i64; LeaveReason::ALL.len()],
    /// What those whom the near field lost would have bought on average.
    pub lost_fen: i64,
}

impl SessionMeasures {
    fn new(sessions: &DataFrame) -> Result<Option<Self>, MetricsError> {
        if sessions.width() == 0 {
            return Ok(None);
        }
        let mut left = [0; LeaveReason::ALL.len()];
        for reason in LeaveReason::ALL {
            left[reason as usize] = sessions.count(&format!("left_{}", reason.name()))?;
        }
        Ok(Some(SessionMeasures {
            all: sessions.count("sessions")?,
            near_offered: sessions.count("near_offered")?,
            ordered: sessions.count("ordered_near")?
                + sessions.count("ordered_far")?
                + sessions.count("ordered_pickup")?,
            left,
            lost_fen: lost_fen(sessions)?,
        }))
    }
}

/// Sessions left for want of a near offer times the mean basket of their category.
fn lost_fen(sessions: &DataFrame) -> Result<i64, MetricsError> {
    let baskets = sessions.column("basket_yuan")?.f64()?;
    let mut yuan = 0.0;
    for reason in [LeaveReason::NoNear, LeaveReason::StockOut, LeaveReason::Overload] {
        let left = sessions.column(&format!("left_{}", reason.name()))?.u32()?;
        yuan += left
            .iter()
            .zip(baskets.iter())
            .map(|(n, basket)| f64::from(n.unwrap_or(0)) * basket.unwrap_or(0.0))
            .sum::<f64>();
    }
    Ok((yuan * 100.0).round() as i64)
}

impl ChannelMeasures {
    fn new(all: &Rows, delivered: &Rows) -> Result<Self, MetricsError> {
        let units = all.count("units")?;
        let on_time = all.flags("on_time")?;
        let gmv_fen = all.fen("value_yuan")?;
        let late = delivered.thousandths("lateness_s")?.into_iter().map(|ms| ms.max(0)).collect();
        Ok(ChannelMeasures {
            placed: all.len(),
            units,
            delivered: delivered.len(),
            gmv_fen,
            lost_fen: gmv_fen - delivered.fen("value_yuan")? + delivered.fen("value_refunded_yuan")?,
            cost_fen: delivered.fen("cost_yuan")?,
            returned: delivered.known("sent_back_s")?.len(),
            due: on_time.yes + on_time.no,
            on_time: on_time.yes,
            click_to_door: Spans::new(delivered.thousandths("click_to_door_s")?),
            tardiness: Spans::new(late),
        })
    }
}

/// What waited in the warehouse, to the last moment known of a far order.
fn backlog(far: &Rows, from: SimTime) -> Result<Backlog, MetricsError> {
    let [sent, packed, delivered] = ["sent_far_s", "packed_s", "delivered_s"].map(|column| moments(far, column));
    let (sent, packed) = (sent?, packed?);
    let end = sent.iter().chain(&packed).chain(&delivered?).flatten().copied().max().unwrap_or(0);
    Ok(Backlog::new(
        sent.into_iter().zip(packed).filter_map(|(sent, packed)| Some((sent?, packed))).collect(),
        from.0,
        end,
    ))
}

/// A column of seconds in whole milliseconds.
fn moments(orders: &Rows, column: &str) -> PolarsResult<Vec<Option<i64>>> {
    Ok(orders.of(column)?.f64()?.iter().map(|s| s.map(in_thousandths)).collect())
}

fn parts_ms(near_delivered: &Rows) -> PolarsResult<[i64; Part::ALL.len()]> {
    let mut sums = [0; Part::ALL.len()];
    for part in Part::ALL {
        sums[part as usize] = near_delivered.total_thousandths(part.column())?;
    }
    Ok(sums)
}

fn courier_times(couriers: &DataFrame) -> PolarsResult<Vec<CourierTime>> {
    let on_duty = couriers.thousandths("on_duty_s")?;
    let (riding, service, door) =
        (couriers.thousandths("riding_s")?, couriers.thousandths("pickup_service_s")?, couriers.thousandths("door_s")?);
    let times = on_duty.iter().enumerate();
    Ok(times.map(|(i, &on_duty)| CourierTime { on_duty, productive: riding[i] + service[i] + door[i] }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_session_is_worth_the_mean_basket_of_its_category() {
        let columns = [
            ("left_no_near", [1_u32, 0]),
            ("left_stock_out", [2, 0]),
            ("left_overload", [0, 3]),
            ("left_price", [9, 9]),
        ];
        let mut columns: Vec<Column> = columns.map(|(name, counts)| Column::new(name.into(), counts.to_vec())).into();
        columns.push(Column::new("basket_yuan".into(), vec![10.5, 100.0]));
        assert_eq!(lost_fen(&DataFrame::new(2, columns).unwrap()).unwrap(), 3 * 1050 + 3 * 10_000);
    }
}
