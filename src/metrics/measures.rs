//! The counts and sums that KPIs are made of, read from the tables of one replication.

use super::accounts::Accounts;
use super::backlog::Backlog;
use super::baskets::Baskets;
use super::checkouts::Checkouts;
use super::fleet::Fleet;
use super::parts::Part;
use super::pickup::PickupMeasures;
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
    pub near_km: f64,
    pub fallback: usize,
    /// Of these: no store, no stock, kept for walk-ins.
    pub fallback_by: [usize; 3],
    /// Orders sent far by overload control.
    pub turned_away: usize,
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
            from => backlog(&far(&frames.orders)?, from)?,
        };
        Ok(Measures {
            backlog,
            controlled: sum(stores, "controlled_share")?,
            near_stores: stores.column("channel")?.str()?.equal("near").num_trues(),
            courier_delivered: count(couriers, "delivered")?,
            pay_fen: fen(couriers, "pay_yuan")?,
            unallocated_fen: fen(couriers, "unallocated_yuan")? + fen(stores, "unallocated_yuan")?,
            stock_out_h: sum(stores, "stock_out_hours")?,
            sku_h: sum(stores, "sku_hours")?,
            violations,
            walk_ins_served: count(stores, "walk_ins_served")?,
            walk_ins_lost: count(stores, "walk_ins_lost")?,
            transferred: count(stores, "units_sent_on")?,
            sessions: SessionMeasures::new(&frames.sessions)?,
            stock: StockMeasures::new(&frames.stock)?,
            accounts: Accounts::new(&orders, couriers, stores)?,
            fleet: Fleet::new(&frames.orders, couriers, &frames.courier_states, from)?,
            couriers: courier_times(couriers)?,
            ..of_orders
        })
    }
    /// What orders alone tell; the rest is 0.
    pub(super) fn of_orders(orders: &DataFrame) -> Result<Measures, MetricsError> {
        let channel = orders.column("channel")?.str()?;
        let of = |word: &str| orders.filter_seq(&channel.equal(word));
        let (near, far, pickup) = (of("near")?, of("far")?, of("pickup")?);
        let (near_delivered, collected) = (delivered(&near)?, delivered(&pickup)?);
        let reason = orders.column("far_reason")?.str()?;
        let sent_for = |reasons: &[&str]| reason.iter().flatten().filter(|why| reasons.contains(why)).count();
        let origin = far.column("far_origin")?.str()?;
        let came_from = |origins: &[&str]| origin.iter().flatten().filter(|from| origins.contains(from)).count();
        let wave_hit = far.column("wave_hit")?.bool()?;
        Ok(Measures {
            checkouts: Checkouts::new(orders)?,
            near: ChannelMeasures::new(&near, &near_delivered)?,
            far: ChannelMeasures::new(&far, &delivered(&far)?)?,
            pickup: ChannelMeasures::new(&pickup, &collected)?,
            fetched: PickupMeasures::new(&pickup, &collected)?,
            ready_to_pickup: Spans::new(thousandths(&near_delivered, "ready_to_pickup_s")?),
            ready_to_door: Spans::new(thousandths(&near_delivered, "ready_to_door_s")?),
            parts_ms: parts_ms(&near_delivered)?,
            near_km: sum(&near_delivered, "ridden_m")? / 1000.0,
            fallback: sent_for(&FALLBACK),
            fallback_by: FALLBACK.map(|reason| sent_for(&[reason])),
            turned_away: sent_for(&["paused", "shrunk", "fee", "overload"]),
            promise_ms: total_ms(&near, "promised_s")? - total_ms(&near, "placed_s")?,
            promise_error_ms: -total_ms(&near_delivered, "lateness_s")?,
            revenue_fen: fen(orders, "fee_yuan")? + fen(orders, "commission_yuan")?,
            resourced: count(orders, "resourced")?,
            backlog: backlog(&far, SimTime::ZERO)?,
            fulfilment: Fulfilment::new(orders, &near)?,
            baskets: Baskets::by_list(orders)?,
            from_stores: came_from(&["store"]),
            from_abroad: came_from(&["hub", "forward_node"]),
            in_waves: wave_hit.len() - wave_hit.null_count(),
            wave_hits: wave_hit.num_trues(),
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
}

impl SessionMeasures {
    fn new(sessions: &DataFrame) -> Result<Option<Self>, MetricsError> {
        if sessions.width() == 0 {
            return Ok(None);
        }
        let mut left = [0; LeaveReason::ALL.len()];
        for reason in LeaveReason::ALL {
            left[reason as usize] = count(sessions, &format!("left_{}", reason.name()))?;
        }
        Ok(Some(SessionMeasures {
            all: count(sessions, "sessions")?,
            near_offered: count(sessions, "near_offered")?,
            ordered: count(sessions, "ordered_near")?
                + count(sessions, "ordered_far")?
                + count(sessions, "ordered_pickup")?,
            left,
        }))
    }
}

impl ChannelMeasures {
    fn new(all: &DataFrame, delivered: &DataFrame) -> Result<Self, MetricsError> {
        let units = count(all, "units")?;
        let on_time = all.column("on_time")?.bool()?;
        let gmv_fen = fen(all, "value_yuan")?;
        let late = thousandths(delivered, "lateness_s")?.into_iter().map(|ms| ms.max(0)).collect();
        Ok(ChannelMeasures {
            placed: all.height(),
            units,
            delivered: delivered.height(),
            gmv_fen,
            lost_fen: gmv_fen - fen(delivered, "value_yuan")? + fen(delivered, "value_refunded_yuan")?,
            cost_fen: fen(delivered, "cost_yuan")?,
            returned: delivered.height() - delivered.column("sent_back_s")?.null_count(),
            due: all.height() - on_time.null_count(),
            on_time: on_time.num_trues(),
            click_to_door: Spans::new(thousandths(delivered, "click_to_door_s")?),
            tardiness: Spans::new(late),
        })
    }
}

fn far(orders: &DataFrame) -> PolarsResult<DataFrame> {
    orders.filter_seq(&orders.column("channel")?.str()?.equal("far"))
}

/// What waited in the warehouse, to the last moment known of a far order.
fn backlog(far: &DataFrame, from: SimTime) -> Result<Backlog, MetricsError> {
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
fn moments(table: &DataFrame, column: &str) -> PolarsResult<Vec<Option<i64>>> {
    let seconds = table.column(column)?.f64()?.iter();
    Ok(seconds.map(|s| s.map(|s| (s * 1000.0).round() as i64)).collect())
}

fn delivered(orders: &DataFrame) -> PolarsResult<DataFrame> {
    orders.filter_seq(&orders.column("status")?.str()?.equal("delivered"))
}

fn parts_ms(near_delivered: &DataFrame) -> PolarsResult<[i64; Part::ALL.len()]> {
    let mut sums = [0; Part::ALL.len()];
    for part in Part::ALL {
        sums[part as usize] = total_ms(near_delivered, part.column())?;
    }
    Ok(sums)
}

fn courier_times(couriers: &DataFrame) -> PolarsResult<Vec<CourierTime>> {
    let on_duty = thousandths(couriers, "on_duty_s")?;
    let (riding, service, door) = (
        thousandths(couriers, "riding_s")?,
        thousandths(couriers, "pickup_service_s")?,
        thousandths(couriers, "door_s")?,
    );
    let times = on_duty.iter().enumerate();
    Ok(times.map(|(i, &on_duty)| CourierTime { on_duty, productive: riding[i] + service[i] + door[i] }).collect())
}

/// The sum of a column of counts.
pub(super) fn count(table: &DataFrame, column: &str) -> PolarsResult<i64> {
    Ok(table.column(column)?.u32()?.iter().flatten().map(i64::from).sum())
}
/// Seconds back to whole milliseconds, or grams to milligrams, leaving out nulls.
pub(super) fn thousandths(table: &DataFrame, column: &str) -> PolarsResult<Vec<i64>> {
    Ok(table.column(column)?.f64()?.iter().flatten().map(|s| (s * 1000.0).round() as i64).collect())
}
/// The sum of a column of seconds, in whole milliseconds.
fn total_ms(table: &DataFrame, column: &str) -> PolarsResult<i64> {
    Ok(thousandths(table, column)?.into_iter().sum())
}
/// The sum of a column of yuan, in whole fen.
pub(super) fn fen(table: &DataFrame, column: &str) -> PolarsResult<i64> {
    Ok(table.column(column)?.f64()?.iter().flatten().map(|yuan| (yuan * 100.0).round() as i64).sum())
}
/// The sum of a column, added in row order.
pub(super) fn sum(table: &DataFrame, column: &str) -> PolarsResult<f64> {
    Ok(table.column(column)?.f64()?.iter().flatten().sum())
}
