//! What became of everybody who came, session by session, so that two runs can be set against each other person by person.

use super::{Frames, MetricsError};
use crate::city::City;
use crate::event::{Event, EventLog, FarReason, LeaveReason};
use crate::units::{Money, SimTime};
use polars::prelude::*;

/// The channels by which goods come, by their words in orders.parquet.
pub const CHANNELS: [&str; 3] = ["near", "far", "pickup"];

/// What somebody who came went home with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fate {
    /// Number of the session; where arrivals are orders, of the order, those in parts counted once.
    pub id: u32,
    /// Who came.
    pub consumer: u32,
    /// The channel that serves them, a place in [`CHANNELS`]; None if they left or the order was cancelled.
    pub channel: Option<u8>,
    /// What stood between them and a store nearby.
    pub barrier: Barrier,
    /// Value of what they get at list price.
    pub gmv: Money,
    /// Contribution of the system, that is of platform and merchant together; 0 unless delivered.
    pub earned: Money,
}

impl Fate {
    /// Takes in another part of the same order: who gets a part is served, by the channel of the first part they get.
    fn join(&mut self, part: Fate) {
        if self.channel.is_none() {
            (self.channel, self.barrier) = (part.channel, part.barrier);
        }
        self.gmv += part.gmv;
        self.earned += part.earned;
    }
}

/// What stood between a consumer and a store nearby.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Barrier {
    /// Nothing: a store served them, or they did not want it to.
    None,
    /// A store was open in reach, but none had, or spared, every line; or what was found there was not worth a ride.
    Stock,
    /// Anything else, such as no store in reach.
    Other,
}

/// Words of reasons (far_reason, cancel_reason and the reason of who left) that say that stock was missing.
const FOR_STOCK: [&str; 5] = ["no_stock", "rationed", "stock_out", "small_basket", "rest"];

impl Barrier {
    fn of(reason: Option<&str>) -> Barrier {
        match reason {
            Some(word) if FOR_STOCK.contains(&word) => Barrier::Stock,
            Some(word) if word != FarReason::Chosen.name() => Barrier::Other,
            _ => Barrier::None,
        }
    }
}

/// Everybody who came in one replication after the warm-up, in the order of their numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fates {
    /// Sessions; false where arrivals are orders.
    pub sessions: bool,
    /// One for each session, or each order.
    pub all: Vec<Fate>,
}

/// Reads them from the order table and the sessions that left.
pub fn fates(city: &City, log: &EventLog, frames: &Frames) -> Result<Fates, MetricsError> {
    let sessions = city.demand.consumers.is_some();
    let mut all = of_orders(&frames.orders, sessions, frames.measured_from)?;
    for record in log.records.iter().filter(|record| record.at >= frames.measured_from) {
        if let Event::SessionLeft { session, consumer, reason, .. } = record.event {
            let why = (reason != LeaveReason::None).then_some(reason.name());
            all.push(Fate {
                id: session.0,
                consumer: consumer.0,
                channel: None,
                barrier: Barrier::of(why),
                gmv: Money::ZERO,
                earned: Money::ZERO,
            });
        }
    }
    all.sort_by_key(|fate| fate.id);
    Ok(Fates { sessions, all })
}

fn of_orders(orders: &DataFrame, sessions: bool, from: SimTime) -> Result<Vec<Fate>, MetricsError> {
    let placed = orders.column("placed_s")?.f64()?;
    let (visits, part_of) = (orders.column("session_id")?.u32()?, orders.column("part_of")?.u32()?);
    let consumers = orders.column("consumer_id")?.u32()?;
    let words = |column: &str| Ok::<_, MetricsError>(orders.column(column)?.str()?);
    let (channels, statuses) = (words("channel")?, words("status")?);
    let (far_reasons, cancel_reasons) = (words("far_reason")?, words("cancel_reason")?);
    let money = |column: &str| Ok::<_, MetricsError>(orders.column(column)?.f64()?);
    let (values, contributions) = (money("value_yuan")?, money("contribution_system_yuan")?);
    let fate = |row: usize, id: u32| {
        let yuan = |column: &Float64Chunked| column.get(row).map_or(Money::ZERO, Money::from_yuan);
        let word = channels.get(row).unwrap_or_default();
        let place = CHANNELS.iter().position(|channel| *channel == word);
        let why = || format!("its channel {word:?} is none of {CHANNELS:?}");
        let place = place.ok_or_else(|| MetricsError::Row { row: row + 1, why: why() })?;
        let served = statuses.get(row) != Some("cancelled");
        let reason = if served { far_reasons.get(row) } else { cancel_reasons.get(row) };
        Ok::<_, MetricsError>(Fate {
            id,
            consumer: consumers.get(row).unwrap_or_default(),
            channel: served.then_some(place as u8),
            barrier: Barrier::of(reason),
            gmv: if served { yuan(values) } else { Money::ZERO },
            earned: yuan(contributions),
        })
    };
    let mut all: Vec<Fate> = Vec::with_capacity(orders.height());
    // In the order of placement, so those of the warm-up come first.
    let mut before = 0;
    for row in 0..orders.height() {
        // An order in parts shifts the numbers of those after it, but not their place in the row of consumers.
        let next = if sessions { visits.get(row).unwrap_or_default() } else { all.len() as u32 };
        match all.last_mut().filter(|_| part_of.get(row).is_some()) {
            Some(first) => first.join(fate(row, first.id)?),
            None => {
                before += usize::from(placed.get(row).is_some_and(|at| SimTime::from_seconds(at) < from));
                all.push(fate(row, next)?);
            }
        }
    }
    all.drain(..before);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::CancelReason;
    use crate::testing::small_run;
    use crate::units::{OrderId, StoreId};

    #[test]
    fn everybody_who_came_has_a_fate() {
        let run = small_run();
        let frames = Frames::from_log(&run.scenario, &run.city, &run.log, 0).unwrap();
        let found = fates(&run.city, &run.log, &frames).unwrap();
        assert!(!found.sessions);
        let told: Vec<_> = found.all.iter().map(|fate| (fate.id, fate.channel, fate.barrier)).collect();
        let expected = [
            (0, Some(0), Barrier::None),
            (1, Some(0), Barrier::None),
            (2, Some(1), Barrier::Stock),
            (3, None, Barrier::Other),
            (4, Some(1), Barrier::None),
            (5, Some(1), Barrier::None),
            (6, None, Barrier::Other),
        ];
        assert_eq!(told, expected);
        // Orders 3, which is cancelled, and 4 are one; whoever gets a part is served, once.
        let mut run = small_run();
        run.log.placements[4].part_of = Some(OrderId(3));
        let frames = Frames::from_log(&run.scenario, &run.city, &run.log, 0).unwrap();
        let joined = fates(&run.city, &run.log, &frames).unwrap().all;
        let ids: Vec<u32> = joined.iter().map(|fate| fate.id).collect();
        assert_eq!(ids, [0, 1, 2, 3, 4, 5]);
        assert_eq!((joined[3].channel, joined[3].gmv), (Some(1), found.all[4].gmv));
        // A parcel of 200 yuan at a margin of .24 costs 8; a cancelled order is worth nothing.
        assert_eq!((found.all[2].gmv, found.all[2].earned), (Money::from_yuan(200.0), Money::from_yuan(40.0)));
        assert_eq!((found.all[3].gmv, found.all[3].earned), (Money::ZERO, Money::ZERO));
    }
    #[test]
    fn whoever_fetched_an_order_was_served_and_a_basket_too_small_is_for_want_of_stock() {
        let mut run = small_run();
        let (fetched, small) = (OrderId(0), OrderId(3));
        for record in &mut run.log.records {
            match &mut record.event {
                Event::OrderCancelled { order, reason } if *order == small => *reason = CancelReason::SmallBasket,
                event @ Event::OrderSourced { .. }
                    if matches!(event, Event::OrderSourced { order: OrderId(0), .. }) =>
                {
                    *event = Event::PickupReserved { order: fetched, store: StoreId(0), walk_m: 500.0 };
                }
                _ => {}
            }
        }
        let frames = Frames::from_log(&run.scenario, &run.city, &run.log, 0).unwrap();
        let found = fates(&run.city, &run.log, &frames).unwrap();
        assert_eq!((found.all[0].channel, found.all[0].barrier), (Some(2), Barrier::None));
        assert_eq!((found.all[3].channel, found.all[3].barrier), (None, Barrier::Stock));
    }
}
