//! Promise: what a consumer is told at checkout.
//!
//! ```text
//!  store: orders ahead, pickers ─┐
//!  fleet: idle, busy, waiting  ──┼─► eta ──► + quantile of past residuals (actual − eta) ──► at least the floor,
//!  way to the door, hand-over  ──┘                                                          up to the next step
//! ```

use crate::units::SimDuration;

/// What store and fleet show of an order when it is placed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Outlook {
    /// Orders at the store that are not packed yet, this one left out.
    pub ahead: u32,
    /// Pickers of the store; 0 means no limit.
    pub pickers: u32,
    /// Mean picking time of an order at this store.
    pub pick_each: SimDuration,
    /// Expected picking time of this order, or what is left until the time at which the store says it is ready.
    pub pick: SimDuration,
    /// Idle couriers.
    pub idle: u32,
    /// Couriers at work for an order.
    pub busy: u32,
    /// Packed orders that wait for a courier.
    pub waiting: u32,
    /// The next to come on duty, where nobody is.
    pub relief: Option<Relief>,
    /// Time a courier is busy with an order.
    pub cycle: SimDuration,
    /// Ride to the store of the courier who would come.
    pub approach: SimDuration,
    /// Couriers are sent when the order is packed, not before.
    pub sent_when_packed: bool,
    /// Service at the store from the courier's arrival to leaving.
    pub pickup_service: SimDuration,
    /// Ride to the door.
    pub ride: SimDuration,
    /// From reaching the door to the moment that counts as delivered, on average.
    pub door_to_delivered: SimDuration,
}

/// Couriers whose shift begins next.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Relief {
    /// Until it begins.
    pub after: SimDuration,
    /// How many, at least 1.
    pub couriers: u32,
}

/// Estimated time from placement to delivery: picker queue + pick + max(courier's arrival − ready, 0) + ride + hand-over.
///
/// Queues are judged by how many stand in them and how long one takes on average: with `n` orders ahead and `c` pickers
/// the order begins when `n − c + 1` have ended, and one ends every `pick_each / c`; the same for couriers. Where nobody is
/// on duty, all wait for those who come next.
pub fn eta(outlook: &Outlook) -> SimDuration {
    let o = outlook;
    let ready = ready(o.ahead, o.pickers, o.pick_each, o.pick);
    // Idle couriers come at once; when none is left, those ahead in the queue are served first.
    let couriers = o.idle + o.busy;
    let free = match o.relief {
        _ if couriers > 0 => turn(o.waiting + o.busy, couriers, o.cycle),
        Some(relief) => relief.after + turn(o.waiting, relief.couriers, o.cycle),
        None => o.cycle,
    };
    let sets_out = if o.sent_when_packed { free.max(ready) } else { free };
    let at_store = sets_out + o.approach;
    let leaves = (at_store + o.pickup_service.half()).max(ready) + (o.pickup_service - o.pickup_service.half());
    leaves + o.ride + o.door_to_delivered
}

/// Estimated time until an order is packed that takes `pick`, behind `ahead` orders that take `pick_each` on average;
/// 0 pickers means no limit.
pub fn ready(ahead: u32, pickers: u32, pick_each: SimDuration, pick: SimDuration) -> SimDuration {
    if pickers == 0 { pick } else { turn(ahead, pickers, pick_each) + pick }
}

/// Time until somebody who queues behind `ahead` is served by one of `servers`, each of whom takes `each`.
fn turn(ahead: u32, servers: u32, each: SimDuration) -> SimDuration {
    let before = i64::from((ahead + 1).saturating_sub(servers));
    SimDuration(each.0 * before / i64::from(servers))
}

/// The least and the greatest residual told apart, in minutes.
const LEAST_MIN: i64 = -60;
const GREATEST_MIN: i64 = 180;
const BINS: usize = (GREATEST_MIN - LEAST_MIN) as usize;
const MINUTE_MS: i64 = 60_000;

/// Counts of residuals (actual − estimated time to delivery) by the minute.
#[derive(Clone, Debug)]
pub struct Residuals {
    counts: Vec<u32>,
    total: u32,
}

impl Default for Residuals {
    fn default() -> Self {
        Residuals { counts: vec![0; BINS], total: 0 }
    }
}

impl Residuals {
    /// Adds one; those beyond -60 or 180 min count there.
    pub fn add(&mut self, residual: SimDuration) {
        let bin = (residual.0.div_euclid(MINUTE_MS) - LEAST_MIN).clamp(0, BINS as i64 - 1);
        self.counts[bin as usize] += 1;
        self.total += 1;
    }
    /// How many there are.
    pub fn total(&self) -> u32 {
        self.total
    }
    /// The least whole minute that at least a share `q` of the residuals do not exceed.
    pub fn quantile(&self, q: f64) -> SimDuration {
        let wanted = q * f64::from(self.total);
        let mut below = 0;
        for (bin, count) in self.counts.iter().enumerate() {
            below += count;
            if below > 0 && f64::from(below) >= wanted {
                return SimDuration((bin as i64 + 1 + LEAST_MIN) * MINUTE_MS);
            }
        }
        SimDuration(GREATEST_MIN * MINUTE_MS)
    }
}

/// How promises are made of estimates.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rule {
    /// Shortest promise.
    pub floor: SimDuration,
    /// Share of residuals that the promise covers.
    pub quantile: f64,
    /// Promises are multiples of this.
    pub step: SimDuration,
}

/// Residuals needed before their quantile is trusted.
const ENOUGH: u32 = 30;

/// max(floor, estimate + quantile of the residuals, up to the next step), by the first of `seen` (from the most specific
/// to the most general) that holds 30 residuals. None while none does.
pub fn quantile<'a>(
    rule: &Rule,
    eta: SimDuration,
    seen: impl IntoIterator<Item = Option<&'a Residuals>>,
) -> Option<SimDuration> {
    let residuals = seen.into_iter().flatten().find(|residuals| residuals.total() >= ENOUGH)?;
    Some(up_to_step(eta + residuals.quantile(rule.quantile), rule.step).max(rule.floor))
}

/// The next multiple of `step` at or above.
pub fn up_to_step(span: SimDuration, step: SimDuration) -> SimDuration {
    let step = step.0.max(1);
    SimDuration(span.0.div_euclid(step) * step + if span.0.rem_euclid(step) > 0 { step } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn min(minutes: f64) -> SimDuration {
        SimDuration((minutes * MINUTE_MS as f64) as i64)
    }

    /// A quiet moment: 5 min of picking, 2 at the store, 6 on the way, 4 at the door, a courier 3 min away.
    fn quiet() -> Outlook {
        Outlook {
            ahead: 0,
            pickers: 2,
            pick_each: min(4.0),
            pick: min(5.0),
            idle: 3,
            busy: 5,
            waiting: 0,
            relief: None,
            cycle: min(16.0),
            approach: min(3.0),
            sent_when_packed: true,
            pickup_service: min(2.0),
            ride: min(6.0),
            door_to_delivered: min(4.0),
        }
    }

    #[test]
    fn the_estimate_adds_up_what_lies_ahead_of_the_order() {
        assert_eq!(eta(&quiet()), min(5.0 + 3.0 + 2.0 + 6.0 + 4.0));
        // Sent at once, the courier is there after 3 min and waits: taken at 5, half the service is left.
        assert_eq!(eta(&Outlook { sent_when_packed: false, ..quiet() }), min(5.0 + 1.0 + 6.0 + 4.0));
    }

    #[test]
    fn queues_at_the_store_and_for_couriers_count_only_once_everybody_is_busy() {
        let slower = |outlook: Outlook| (eta(&outlook).0 - eta(&quiet()).0) as f64 / MINUTE_MS as f64;
        assert_eq!(slower(Outlook { ahead: 1, ..quiet() }), 0.0);
        // Three ahead at two pickers: two must end, one every 2 min.
        assert_eq!(slower(Outlook { ahead: 3, ..quiet() }), 4.0);
        assert_eq!(slower(Outlook { ahead: 30, pickers: 0, ..quiet() }), 0.0);
        // Nobody idle of 8, three waiting: four must end, one every 2 min; picking hides 5 of these 8 min.
        assert_eq!(slower(Outlook { idle: 0, busy: 8, waiting: 3, ..quiet() }), 3.0);
        assert!(slower(Outlook { idle: 0, busy: 0, ..quiet() }) > 10.0);
    }

    #[test]
    fn where_nobody_is_on_duty_the_estimate_waits_for_the_next_shift() {
        let relief = Some(Relief { after: min(180.0), couriers: 2 });
        let night = Outlook { idle: 0, busy: 0, relief, ..quiet() };
        // Packed long before: 180 min, then to the store, the service there, the ride and the door.
        assert_eq!(eta(&night), min(180.0 + 3.0 + 2.0 + 6.0 + 4.0));
        // Two take the first two of three that wait; this one's turn comes with the second of them to be free again.
        assert_eq!(eta(&Outlook { waiting: 3, ..night }), eta(&night) + min(16.0));
        assert_eq!(eta(&Outlook { relief, ..quiet() }), eta(&quiet()), "who is on duty comes");
    }

    #[test]
    fn a_promise_covers_the_asked_share_of_residuals() {
        let mut residuals = Residuals::default();
        let rule = Rule { floor: min(10.0), quantile: 0.8, step: min(5.0) };
        for late in 0..29 {
            residuals.add(min(f64::from(late) + 0.5));
        }
        assert_eq!(quantile(&rule, min(20.0), [None, Some(&residuals)]), None, "29 are not enough");
        residuals.add(min(29.5));
        // 24 of 30 are below 24 min: 44 min, up to the next five.
        assert_eq!(quantile(&rule, min(20.0), [None, Some(&residuals)]), Some(min(45.0)));
        let floor = Rule { floor: min(60.0), ..rule };
        assert_eq!(quantile(&floor, min(20.0), [Some(&residuals)]), Some(min(60.0)));
        // The more specific one comes first once it knows enough.
        let mut early = Residuals::default();
        (0..30).for_each(|_| early.add(min(-5.5)));
        assert_eq!(quantile(&rule, min(20.0), [Some(&early), Some(&residuals)]), Some(min(15.0)));
    }

    #[test]
    fn quantiles_are_whole_minutes_at_or_above_and_keep_within_the_bins() {
        let mut residuals = Residuals::default();
        residuals.add(min(-200.0));
        assert_eq!(residuals.quantile(0.0), min(LEAST_MIN as f64 + 1.0));
        residuals.add(min(1000.0));
        assert_eq!((residuals.quantile(0.5), residuals.quantile(1.0)), (min(-59.0), min(180.0)));
    }

    #[test]
    fn multiples_of_the_step_stay() {
        assert_eq!(up_to_step(min(45.0), min(5.0)), min(45.0));
        assert_eq!(up_to_step(min(45.001), min(5.0)), min(50.0));
        assert_eq!(up_to_step(min(-3.0), min(5.0)), min(0.0));
    }
}
