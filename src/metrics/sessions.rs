//! The session table: what became of the consumers who looked at what was on offer.

use super::MetricsError;
use super::facts::Facts;
use crate::city::{Channel, City};
use crate::event::{EventLog, LeaveReason};
use crate::scenario::Scenario;
use crate::units::{CategoryId, Tier};
use polars::prelude::*;

/// Sessions of one category and tier.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct SessionFacts {
    /// A store could have served the consumer.
    pub near_offered: u32,
    pub ordered_near: u32,
    pub ordered_far: u32,
    pub ordered_pickup: u32,
    /// By [`LeaveReason`].
    pub left: [u32; LeaveReason::ALL.len()],
}

impl SessionFacts {
    fn sessions(&self) -> u32 {
        self.ordered_near + self.ordered_far + self.ordered_pickup + self.left.iter().sum::<u32>()
    }
}

/// Sessions of one category, and how many of them ended with an order.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct SessionCounts {
    /// Sessions opened.
    pub sessions: u64,
    /// Sessions with a near order.
    pub near: u64,
    /// Sessions with a far order.
    pub far: u64,
    /// Sessions with an order to be fetched.
    pub pickup: u64,
}

impl SessionCounts {
    /// Adds those of another day.
    pub fn add(&mut self, other: SessionCounts) {
        self.sessions += other.sessions;
        self.near += other.near;
        self.far += other.far;
        self.pickup += other.pickup;
    }
}

/// Sessions by category, out of the session table.
pub(super) fn by_category(sessions: &DataFrame, categories: usize) -> Result<Vec<SessionCounts>, MetricsError> {
    let mut counts = vec![SessionCounts::default(); categories];
    if sessions.width() == 0 {
        return Ok(counts);
    }
    let column = |name: &str| Ok::<_, MetricsError>(sessions.column(name)?.u32()?.clone());
    let names = ["sessions", "ordered_near", "ordered_far", "ordered_pickup"];
    let [all, near, far, pickup] = names.map(column);
    let (all, near, far, pickup) = (all?, near?, far?, pickup?);
    for row in 0..sessions.height() {
        let number = |column: &UInt32Chunked| u64::from(column.get(row).unwrap_or_default());
        let (sessions, near, far, pickup) = (number(&all), number(&near), number(&far), number(&pickup));
        let day = SessionCounts { sessions, near, far, pickup };
        counts[row / TIERS.len() % categories].add(day);
    }
    Ok(counts)
}

const TIERS: [Tier; 3] = [Tier::Vip, Tier::Member, Tier::Guest];

/// Of sessions after the warm-up. Columns: replication, category, tier, sessions, near_offered (a store could have served them), ordered_near,
/// ordered_far, left_ and the reason for each reason of leaving, ordered_pickup, and basket_yuan (mean value of an order of the
/// category). One row for each category and tier; none where
/// arrivals are orders.
pub(super) fn sessions_frame(
    scenario: &Scenario,
    city: &City,
    facts: &Facts,
    log: &EventLog,
    replication: u32,
) -> Result<DataFrame, MetricsError> {
    let Some(consumers) = &city.demand.consumers else { return Ok(DataFrame::empty()) };
    let mut rows = vec![SessionFacts::default(); city.categories.len() * TIERS.len()];
    let place = |category: CategoryId, tier: Tier| category.index() * TIERS.len() + tier as usize;
    for (order, placement) in facts.orders.iter().zip(&log.placements) {
        // Of an order in parts the first is near, and its session ends with it.
        let counts = placement.part_of.is_none() && facts.window.counts(order.placed);
        let Some(visit) = placement.session.filter(|_| counts) else { continue };
        let row = &mut rows[place(placement.category, visit.tier)];
        row.near_offered += u32::from(visit.near_offered);
        match order.channel {
            Channel::Near => row.ordered_near += 1,
            Channel::Far => row.ordered_far += 1,
            Channel::Pickup => row.ordered_pickup += 1,
        }
    }
    for left in &facts.sessions_left {
        let tier = consumers.tiers.get(left.consumer.index());
        let tier = *tier.ok_or(MetricsError::UnknownId { kind: "consumer", id: left.consumer.0 })?;
        let unknown = MetricsError::UnknownId { kind: "category", id: left.category.0 };
        let row = rows.get_mut(place(left.category, tier)).ok_or(unknown)?;
        row.near_offered += u32::from(left.near_offered);
        row.left[left.reason as usize] += 1;
    }
    let baskets: Vec<f64> = scenario.catalogue.categories.iter().map(|category| category.aov_yuan).collect();
    frame(city, &baskets, &rows, replication)
}

fn frame(city: &City, baskets: &[f64], rows: &[SessionFacts], replication: u32) -> Result<DataFrame, MetricsError> {
    let numbers = |of: &dyn Fn(&SessionFacts) -> u32| rows.iter().map(of).collect::<Vec<_>>();
    let categories: Vec<&str> = (0..rows.len()).map(|row| city.categories[row / TIERS.len()].as_str()).collect();
    let tiers: Vec<&str> = (0..rows.len()).map(|row| TIERS[row % TIERS.len()].name()).collect();
    let mut columns = vec![
        Column::new("replication".into(), vec![replication; rows.len()]),
        Column::new("category".into(), categories),
        Column::new("tier".into(), tiers),
        Column::new("sessions".into(), numbers(&SessionFacts::sessions)),
        Column::new("near_offered".into(), numbers(&|row| row.near_offered)),
        Column::new("ordered_near".into(), numbers(&|row| row.ordered_near)),
        Column::new("ordered_far".into(), numbers(&|row| row.ordered_far)),
    ];
    for reason in LeaveReason::ALL {
        let name = format!("left_{}", reason.name());
        columns.push(Column::new(name.into(), numbers(&|row| row.left[reason as usize])));
    }
    columns.push(Column::new("ordered_pickup".into(), numbers(&|row| row.ordered_pickup)));
    let baskets: Vec<f64> = (0..rows.len()).map(|row| baskets[row / TIERS.len()]).collect();
    columns.push(Column::new("basket_yuan".into(), baskets));
    Ok(DataFrame::new(rows.len(), columns)?)
}
