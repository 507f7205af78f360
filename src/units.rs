//! Room: units (floor 0). Quantities and ids; may use nothing else of the crate.
//!
//! Time is counted in whole milliseconds and money in whole fen (1/100 yuan), so that ordering is
//! total and sums are exact. Lengths are plain `f64` metres with an `_m` suffix.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// Milliseconds in one second, minute and hour.
const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// An instant of simulated time, in whole milliseconds since the start of the run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
pub struct SimTime(pub i64);

/// A span of simulated time, in whole milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
pub struct SimDuration(pub i64);

impl SimTime {
    /// The start of the run.
    pub const ZERO: SimTime = SimTime(0);
    /// An instant after every instant of any run; stands for "never".
    pub const NEVER: SimTime = SimTime(i64::MAX / 4);

    /// The instant `hours` after the start, rounded to the nearest millisecond.
    pub fn from_hours(hours: f64) -> Self {
        SimTime((hours * HOUR_MS as f64).round() as i64)
    }
    /// The instant `seconds` after the start, rounded to the nearest millisecond.
    #[inline]
    pub fn from_seconds(seconds: f64) -> Self {
        SimTime((seconds * SECOND_MS as f64).round() as i64)
    }
    /// Seconds since the start.
    #[inline]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / SECOND_MS as f64
    }
    /// Hours since the start.
    pub fn hours(self) -> f64 {
        self.0 as f64 / HOUR_MS as f64
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: SimDuration = SimDuration(0);

    /// A span of `hours`, rounded to the nearest millisecond.
    pub fn from_hours(hours: f64) -> Self {
        SimDuration((hours * HOUR_MS as f64).round() as i64)
    }
    /// A span of `minutes`, rounded to the nearest millisecond.
    #[inline]
    pub fn from_minutes(minutes: f64) -> Self {
        SimDuration((minutes * MINUTE_MS as f64).round() as i64)
    }
    /// A span of `seconds`, rounded to the nearest millisecond.
    #[inline]
    pub fn from_seconds(seconds: f64) -> Self {
        // Adding a half and truncating is the rounding of non-negative spans; it compiles to one
        // instruction where `round` is a call. Spans are never negative.
        SimDuration((seconds * SECOND_MS as f64 + 0.5) as i64)
    }
    /// The span in seconds.
    #[inline]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / SECOND_MS as f64
    }
    /// The span in minutes.
    pub fn minutes(self) -> f64 {
        self.0 as f64 / MINUTE_MS as f64
    }
    /// The span in hours.
    pub fn hours(self) -> f64 {
        self.0 as f64 / HOUR_MS as f64
    }
    /// The first half of the span, rounded down; the second half is `self - self.half()`.
    #[inline]
    pub fn half(self) -> Self {
        SimDuration(self.0 / 2)
    }
}

impl Add<SimDuration> for SimTime {
    type Output = SimTime;
    #[inline]
    fn add(self, span: SimDuration) -> SimTime {
        SimTime(self.0 + span.0)
    }
}
impl AddAssign<SimDuration> for SimTime {
    fn add_assign(&mut self, span: SimDuration) {
        self.0 += span.0;
    }
}
impl Sub for SimTime {
    type Output = SimDuration;
    #[inline]
    fn sub(self, earlier: SimTime) -> SimDuration {
        SimDuration(self.0 - earlier.0)
    }
}
impl Sub<SimDuration> for SimTime {
    type Output = SimTime;
    #[inline]
    fn sub(self, span: SimDuration) -> SimTime {
        SimTime(self.0 - span.0)
    }
}
impl Add for SimDuration {
    type Output = SimDuration;
    #[inline]
    fn add(self, other: SimDuration) -> SimDuration {
        SimDuration(self.0 + other.0)
    }
}
impl Sub for SimDuration {
    type Output = SimDuration;
    #[inline]
    fn sub(self, other: SimDuration) -> SimDuration {
        SimDuration(self.0 - other.0)
    }
}

impl fmt::Display for SimTime {
    /// `d1 10:05:00` for times after the first day, `10:05:00` before.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(SECOND_MS);
        let (day, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        if day != 0 {
            write!(f, "d{day} ")?;
        }
        write!(f, "{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60)
    }
}

/// An amount of money in whole fen (1/100 yuan, or 1/100 of `report.currency`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
pub struct Money(pub i64);

impl Money {
    /// No money.
    pub const ZERO: Money = Money(0);

    /// An amount in yuan, rounded to the nearest fen.
    pub fn from_yuan(yuan: f64) -> Self {
        Money((yuan * 100.0).round() as i64)
    }
    /// The amount in yuan.
    pub fn yuan(self) -> f64 {
        self.0 as f64 / 100.0
    }
}
impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}
impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        self.0 += other.0;
    }
}
impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0 - other.0)
    }
}
impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::ZERO, Add::add)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
        pub struct $name(pub u32);
        impl $name {
            /// The id as an index into arrays kept in id order.
            #[inline]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

/// What a consumer is to the platform.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
#[repr(u8)]
pub enum Tier {
    /// Pays for membership (88VIP).
    Vip = 0,
    /// Registered.
    Member = 1,
    /// Everybody else.
    #[default]
    Guest = 2,
}

impl Tier {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Tier::Vip => "vip",
            Tier::Member => "member",
            Tier::Guest => "guest",
        }
    }
}

ids! {
    /// An order: one checkout by one consumer at one instant; counted from 0 in order of placement.
    OrderId,
    /// A node that can fulfil near-field orders: a store, dark store or branch; counted from 0 in the order of the city.
    StoreId,
    /// A courier; counted from 0 in the order of the city.
    CourierId,
    /// A consumer; counted from 0 in the order of the city.
    ConsumerId,
    /// One stockable article; counted from 0, category by category, most popular first.
    SkuId,
    /// A product category; counted from 0 in the order of the scenario.
    CategoryId,
    /// A lane from the warehouse to the city; counted from 0 in the order of the scenario.
    LaneId,
    /// A session: one consumer who looks at what is on offer; counted from 0 in order of opening.
    SessionId,
    /// A zone of the city; counted from 0 west to east, row by row from the south.
    ZoneId,
}
