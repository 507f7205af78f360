//! Repositioning: which idle couriers ride where before there is an order for them.
//!
//! ```text
//!  need = orders expected × time each keeps a courier / window − idle − arriving          zone by zone
//!  zones with idle couriers to spare ──► minimum-cost flow ──► zones short of couriers ──► moves
//! ```

use super::flow::Network;
use crate::city::space::Spot;
use crate::city::travel::Travel;
use crate::units::{CourierId, SimDuration, SimTime, ZoneId};

/// What repositioning may know of a zone.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ZoneView {
    /// Where couriers who come wait: the store of the zone with most orders.
    pub meeting_point: Spot,
    /// Orders expected in the window.
    pub expected: f64,
    /// Couriers who will be free here within the window, or are on their way here without an order.
    pub arriving: u32,
}

/// An idle courier.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct IdleCourier {
    /// The courier.
    pub courier: CourierId,
    /// Where they stand.
    pub spot: Spot,
    /// The zone of that.
    pub zone: ZoneId,
}

/// What repositioning may know.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Simulated time.
    pub now: SimTime,
    /// Zones by id.
    pub zones: &'a [ZoneView],
    /// Idle couriers of one fleet, by id.
    pub idle: &'a [IdleCourier],
    /// Time a courier is busy with an order.
    pub cycle: SimDuration,
    /// How far orders are foreseen.
    pub window: SimDuration,
    /// Road length and time.
    pub travel: &'a Travel,
}

/// A courier is asked to ride somewhere without an order.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Move {
    /// Who.
    pub courier: CourierId,
    /// The zone that is short of couriers.
    pub zone: ZoneId,
    /// Where to wait.
    pub to: Spot,
}

/// Moves of idle couriers by minimum-cost flow from zones with couriers to spare to zones that need more.
///
/// A zone needs expected orders × cycle / window couriers. The first courier more in a zone with k couriers saves its
/// orders a wait of cycle / (k + 1), at most the window, the second cycle / (k + 2), and so on; a ride costs a third of
/// its time. The flow has the greatest sum of savings less costs, so that no move is made whose saving is below a third of the
/// ride. Of a zone that gives couriers, those nearest to where they go are asked, the lower id on ties.
pub fn hot_spot_flow(view: &View) -> Vec<Move> {
    let standing = standing(view);
    let need: Vec<i64> = view.zones.iter().zip(&standing).map(|(zone, idle)| need(view, zone, *idle)).collect();
    let short: Vec<usize> = (0..need.len()).filter(|zone| need[*zone] > 0).collect();
    let spare: Vec<usize> = (0..need.len()).filter(|zone| need[*zone] < 0 && standing[*zone] > 0).collect();
    if short.is_empty() || spare.is_empty() {
        return Vec::new();
    }
    let (source, sink) = (need.len(), need.len() + 1);
    let mut network = Network::new(need.len() + 2);
    for &zone in &spare {
        network.add(source, zone, (-need[zone]).min(i64::from(standing[zone])), 0);
    }
    for &zone in &short {
        let there = i64::from(standing[zone] + view.zones[zone].arriving);
        for more in 1..=need[zone] {
            network.add(zone, sink, 1, -(view.cycle.0 / (there + more)).min(view.window.0));
        }
    }
    let mut ways = Vec::with_capacity(spare.len() * short.len());
    for &from in &spare {
        for &to in &short {
            let (here, there) = (view.zones[from].meeting_point, view.zones[to].meeting_point);
            let third = view.travel.time(here, there, view.now).0 / 3;
            // A ride that costs more than any wait it could save is no way.
            if third < view.cycle.0.min(view.window.0) {
                ways.push((from, to, network.add(from, to, i64::MAX / 4, third)));
            }
        }
    }
    network.send_while_it_pays(source, sink);
    let flows = ways.into_iter().map(|(from, to, way)| (from, to, network.flow(way)));
    choose_couriers(view, flows.filter(|(_, _, couriers)| *couriers > 0))
}

/// Idle couriers by zone.
fn standing(view: &View) -> Vec<u32> {
    let mut standing = vec![0; view.zones.len()];
    for courier in view.idle {
        standing[courier.zone.index()] += 1;
    }
    standing
}

/// Couriers a zone is short of; negative if it has some to spare.
fn need(view: &View, zone: &ZoneView, idle: u32) -> i64 {
    let wanted = zone.expected * view.cycle.0 as f64 / view.window.0 as f64;
    (wanted - f64::from(idle) - f64::from(zone.arriving)).round() as i64
}

/// Names the couriers who make the flow from zone to zone.
fn choose_couriers(view: &View, flows: impl Iterator<Item = (usize, usize, i64)>) -> Vec<Move> {
    let mut asked = vec![false; view.idle.len()];
    let mut moves = Vec::new();
    for (from, zone, couriers) in flows {
        let to = view.zones[zone].meeting_point;
        let distance = |i: &usize| view.travel.space().distance(view.idle[*i].spot, to);
        let mut here: Vec<usize> =
            (0..asked.len()).filter(|i| !asked[*i] && view.idle[*i].zone.index() == from).collect();
        here.sort_by(|a, b| distance(a).total_cmp(&distance(b)).then(a.cmp(b)));
        for i in here.into_iter().take(couriers as usize) {
            asked[i] = true;
            moves.push(Move { courier: view.idle[i].courier, zone: ZoneId(zone as u32), to });
        }
    }
    moves
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::space::{Matrix, Space};
    use crate::scenario::{Metric, Scenario};

    const MINUTES: fn(f64) -> SimDuration = SimDuration::from_minutes;

    /// Zones 1.5 km apart on a line, 5 min by courier; `zones` has orders expected and couriers arriving.
    fn moves(zones: &[(f64, u32)], idle: &[(u32, u32)]) -> Vec<(u32, u32)> {
        let travel = Travel::new(&Scenario::default(), Space::new(Metric::Euclid, 6.4e6, Matrix::default()));
        let spot = |zone: u32| Spot { a: 1500.0 * f64::from(zone), b: 0.0 };
        let zones: Vec<ZoneView> = zones
            .iter()
            .enumerate()
            .map(|(zone, (expected, arriving))| ZoneView {
                meeting_point: spot(zone as u32),
                expected: *expected,
                arriving: *arriving,
            })
            .collect();
        let idle: Vec<IdleCourier> = idle
            .iter()
            .map(|(courier, zone)| IdleCourier {
                courier: CourierId(*courier),
                // The higher the id the further east within the zone.
                spot: Spot { a: spot(*zone).a + f64::from(*courier), b: 0.0 },
                zone: ZoneId(*zone),
            })
            .collect();
        let (now, cycle, window) = (SimTime::ZERO, MINUTES(15.0), MINUTES(15.0));
        let view = View { now, zones: &zones, idle: &idle, cycle, window, travel: &travel };
        hot_spot_flow(&view).into_iter().map(|m| (m.courier.0, m.zone.0)).collect()
    }

    #[test]
    fn spare_couriers_go_where_orders_are_expected_the_nearest_of_the_zone_first() {
        assert_eq!(moves(&[(0.0, 0), (1.0, 0)], &[(0, 0), (1, 0), (2, 0)]), [(2, 1)]);
        assert_eq!(moves(&[(1.0, 0), (0.0, 0)], &[(0, 1), (1, 1), (2, 1)]), [(0, 0)]);
    }

    #[test]
    fn couriers_who_are_wanted_where_they_are_stay() {
        assert_eq!(moves(&[(2.0, 0), (9.0, 0)], &[(0, 0), (1, 0)]), []);
        assert_eq!(moves(&[(0.0, 0), (1.0, 1)], &[(0, 0), (1, 0)]), [], "one is arriving already");
    }

    #[test]
    fn rides_are_as_short_as_they_can_be_in_all() {
        // Zones 1 and 2 are each one short; 0 and 4 give one: no ride may cross the other.
        assert_eq!(moves(&[(0.0, 0), (1.0, 0), (1.0, 0), (0.0, 0), (0.0, 0)], &[(0, 0), (1, 4)]), [(0, 1), (1, 2)]);
    }

    #[test]
    fn nobody_rides_when_the_wait_saved_is_below_a_third_of_the_ride() {
        // Six couriers are there and one more is wanted: 15 / 7 min against a third of 5 min, of 10 and so on.
        let scene = |zones: &[(f64, u32)]| moves(zones, &[(0, 0)]);
        assert_eq!(scene(&[(0.0, 0), (7.0, 6)]), [(0, 1)], "2.1 min against 1.7");
        assert_eq!(scene(&[(0.0, 0), (0.0, 0), (7.0, 6)]), [], "2.1 min against 3.3");
        assert_eq!(scene(&[(0.0, 0), (0.0, 0), (1.0, 0)]), [(0, 2)], "15 min against 3.3");
    }
}
