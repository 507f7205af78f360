//! Routes against plain walks through the stops, insertions against trying all places.

use super::*;
use crate::policy::dispatch::check;
use crate::policy::dispatch::testing::{Moment, minutes};
use crate::policy::dispatch::{Assignment, Stop::*};
use crate::units::OrderId;
use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

const WEIGHTS: Weights = Weights { delay: 0.5, late: 1.0 };
const FOREVER: SimDuration = SimDuration(1 << 40);

fn route<'a>(view: &'a View<'a>, courier: usize) -> Route<'a> {
    let courier = &view.couriers[courier];
    Route::new(&Known::new(view), Start::of(courier), courier.stops.into()).unwrap()
}
fn best(view: &View, route: &Route, order: &OpenOrder, most: SimDuration) -> Option<Insertion> {
    route.best_insertion(&Wish::new(view, order, WEIGHTS), most, i64::MAX)
}
fn up(order: u32) -> Stop {
    PickUp(OrderId(order))
}
fn down(order: u32) -> Stop {
    DropOff(OrderId(order))
}

/// Courier at minute 0 of the line; orders 0 and 1 of the store at 5, for doors at 10 and 14, ready at 10 and 12.
fn bundle() -> Moment {
    let mut moment = Moment::new(0.0);
    moment.order(5.0, 10.0, 10.0);
    moment.order(5.0, 14.0, 12.0);
    moment.courier(0.0);
    moment.with_stops(&[up(0), up(1), down(0), down(1)]);
    moment
}

#[test]
fn orders_of_a_visit_share_ride_wait_and_service() {
    bundle().show(|view| {
        let route = route(view, 0);
        // There at 5, half served at 6, all ready at 12, left at 13, doors at 18 and 20 + 4 with hand-overs of 2.
        assert_eq!(route.last_taken(), Some(minutes(12.0)));
        let delivered: Vec<SimTime> = route.deliveries().map(|(_, at)| at).collect();
        assert_eq!(delivered, [minutes(19.0), minutes(25.0)]);
        assert_eq!((route.end(), route.riding()), (minutes(26.0), SimDuration::from_minutes(14.0)));
        // Promised for 60; the wait of 6 minutes comes on top.
        let slack: Vec<f64> = route.nodes.iter().map(|node| node.slack.minutes()).collect();
        assert_eq!(slack, [41.0, 35.0, 35.0]);
        assert_eq!(route.most_on_board(), 2);
    });
}

#[test]
fn an_order_of_the_same_store_costs_its_way_and_its_door() {
    let mut moment = bundle();
    moment.order(5.0, 12.0, 9.0);
    moment.show(|view| {
        let route = route(view, 0);
        let places = best(view, &route, &view.orders[2], FOREVER).unwrap();
        assert_eq!(route.stops_with(&view.orders[2], &places), [up(2), up(0), up(1), down(0), down(2), down(1)]);
        // Order 1 comes 2 minutes later; with a courier of its own this one would come at 9 + 1 + 7 + 1.
        assert_eq!((places.cost, places.detour), (2 * 60_000 + (2 + 5) * 30_000, SimDuration::ZERO));
        assert_eq!(places.delivered, minutes(23.0));
    });
}

#[test]
fn no_order_goes_where_a_promise_would_break_or_behind_the_last_door() {
    let mut moment = bundle();
    moment.order(10.0, 5.0, 9.0);
    moment.show(|view| assert!(best(view, &route(view, 0), &view.orders[2], FOREVER).is_some()));
    // Both are late already.
    moment.orders[0].promised = minutes(18.0);
    moment.orders[1].promised = minutes(24.0);
    moment.show(|view| assert_eq!(best(view, &route(view, 0), &view.orders[2], FOREVER), None));
}

#[test]
fn a_courier_is_not_kept_at_a_store_by_one_order_after_the_other() {
    let mut moment = bundle();
    moment.order(5.0, 12.0, 12.5);
    let most = SimDuration::from_minutes(6.0);
    // They wait for 6 minutes as it is.
    moment.show(|view| assert_eq!(best(view, &route(view, 0), &view.orders[2], most), None));
    moment.orders[2].ready = minutes(12.0);
    moment.show(|view| assert!(best(view, &route(view, 0), &view.orders[2], most).is_some()));
}

/// What happens when, by simply going through the stops: each pick-up and delivery, and the end.
fn walk(view: &View, start: &Start, stops: &[Stop]) -> (Vec<(Stop, SimTime)>, SimTime) {
    let (half, mut told) = (view.service.pickup.half(), Vec::new());
    let (mut spot, mut time, mut place) = (start.spot, start.at, 0);
    while place < stops.len() {
        let order = view.any_order(stops[place].order()).unwrap();
        if let DropOff(_) = stops[place] {
            time += view.ride(spot, order.home, time);
            told.push((stops[place], time + view.service.door_to_delivered));
            (spot, time, place) = (order.home, time + view.service.door, place + 1);
            continue;
        }
        if place > 0 || !start.visiting {
            time += view.ride(spot, order.store_spot, time);
        }
        let here = |s: &&Stop| matches!(s, PickUp(o) if view.any_order(*o).unwrap().store == order.store);
        let visit: Vec<Stop> = stops[place..].iter().take_while(here).copied().collect();
        let ready = visit.iter().map(|s| view.any_order(s.order()).unwrap().ready).max().unwrap();
        let taken = (time + half).max(ready).max(view.now);
        told.extend(visit.iter().map(|stop| (*stop, taken)));
        (spot, time, place) = (order.store_spot, taken + (view.service.pickup - half), place + visit.len());
    }
    (told, time)
}

/// A courier with up to four orders, some on board, in a random legal sequence, and one more order: the last.
fn random(rng: &mut impl Rng) -> Moment {
    let mut moment = Moment::new(30.0);
    let mut spot = |side: f64| Spot { a: rng.random_range(0.0..side), b: rng.random_range(0.0..side) };
    let stores: Vec<Spot> = (0..3).map(|_| spot(1500.0)).collect();
    let homes: Vec<Spot> = (0..5).map(|_| spot(2500.0)).collect();
    let from = spot(2000.0);
    let count = rng.random_range(2..6);
    for home in &homes[..count] {
        let store = rng.random_range(0..stores.len());
        let order = moment.order(0.0, 0.0, 20.0 + rng.random_range(0.0..25.0));
        (order.store, order.store_spot, order.home) = (StoreId(store as u32), stores[store], *home);
        order.promised = minutes(rng.random_range(60.0..180.0));
        order.ride = (stores[store].a - home.a).hypot(stores[store].b - home.b);
    }
    let mut stops: Vec<Stop> = Vec::new();
    let mut on_board = 0;
    for order in 0..count as u32 - 1 {
        let mut first = 0;
        if rng.random_range(0..4) == 0 {
            on_board += 1;
        } else {
            first = rng.random_range(0..=stops.len());
            stops.insert(first, up(order));
            first += 1;
        }
        stops.insert(rng.random_range(first..=stops.len()), down(order));
    }
    let mut load: u32 = on_board;
    let loads = stops.iter().map(|stop| {
        load = if matches!(stop, PickUp(_)) { load + 1 } else { load - 1 };
        load
    });
    let most = loads.max().unwrap_or(0).max(on_board);
    let visiting = match stops[0] {
        PickUp(order) if rng.random() => Some(moment.orders[order.index()]),
        _ => None,
    };
    let courier = moment.courier(0.0);
    (courier.spot, courier.at, courier.on_board) = (from, minutes(rng.random_range(28.0..40.0)), on_board);
    (courier.visiting, courier.idle_since) = (visiting.map(|order| order.store), None);
    courier.at = if visiting.is_some() { courier.at } else { courier.at.max(minutes(30.0)) };
    courier.spot = visiting.map_or(from, |order| order.store_spot);
    courier.capacity = most + rng.random_range(0..3);
    courier.off = minutes(rng.random_range(40.0..200.0));
    moment.with_stops(&stops);
    moment
}

/// Cost of the new sequence by walking through it; None if a rule forbids it.
fn judged(view: &View, stops: &[Stop], most: SimDuration) -> Option<i64> {
    let courier = &view.couriers[0];
    let start = Start::of(courier);
    let order = view.orders.last().unwrap();
    let assignment = Assignment { courier: courier.courier, stops: stops.to_vec(), hold: false };
    if check(view, &[assignment])[0].is_err() {
        return None;
    }
    let store = |stop: &Stop| matches!(stop, PickUp(_)).then(|| view.any_order(stop.order()).unwrap().store);
    let visit = |stops: &[Stop], place: usize| {
        let runs = (1..=place).filter(|p| store(&stops[*p]).is_none() || store(&stops[*p]) != store(&stops[p - 1]));
        runs.count()
    };
    let place = |stop: Stop| stops.iter().position(|s| *s == stop).unwrap();
    let split = courier.stops.windows(2).any(|pair| {
        store(&pair[0]).is_some()
            && store(&pair[0]) == store(&pair[1])
            && visit(stops, place(pair[0])) != visit(stops, place(pair[1]))
    });
    let (pickup, dropoff) = (place(PickUp(order.order)), place(DropOff(order.order)));
    // There and back between two visits of one store; a trip of its own at the end.
    let twice = dropoff == pickup + 1 && stops.get(dropoff + 1).and_then(store) == Some(order.store);
    if split || twice || pickup == stops.len() - 2 {
        return None;
    }
    let ((before, end_before), (after, end)) = (walk(view, &start, courier.stops), walk(view, &start, stops));
    let time = |told: &[(Stop, SimTime)], stop: Stop| told.iter().find(|(s, _)| *s == stop).map(|(_, at)| *at);
    for (stop, at) in &after {
        let known = view.any_order(stop.order()).unwrap();
        let limit = match (stop, time(&before, *stop)) {
            (PickUp(_), was) => was.map_or(start.off, |was| was.max(start.off)),
            (DropOff(_), Some(was)) => was.max(known.promised),
            (DropOff(_), None) => known.promised.max(alone(view, known, view.now)),
        };
        if *at > limit {
            return None;
        }
    }
    let growth = (end - end_before).max(SimDuration::ZERO);
    let company = |s: &&Stop| **s != stops[pickup] && visit(stops, place(**s)) == visit(stops, pickup);
    let companion = courier.stops.iter().find(company);
    let services = view.service.door + if companion.is_some() { SimDuration::ZERO } else { view.service.pickup };
    if let Some(companion) = companion {
        let (was, is) = (time(&before, *companion).unwrap(), time(&after, *companion).unwrap());
        let first = after.iter().find(|(s, _)| visit(stops, place(*s)) == visit(stops, pickup)).unwrap().0;
        let begins = walk(view, &start, &stops[..place(first)]);
        let ride =
            view.ride(begins.0.last().map_or(start.spot, |(s, _)| view.spot(*s).unwrap()), order.store_spot, begins.1);
        let ride = if place(first) == 0 && start.visiting { SimDuration::ZERO } else { ride };
        if is > was && is - (begins.1 + ride + view.service.pickup.half()) > most {
            return None;
        }
    }
    let delivered = time(&after, stops[dropoff]).unwrap();
    let delay = |(stop, was): &(Stop, SimTime)| match stop {
        PickUp(_) => 0,
        DropOff(_) => (time(&after, *stop).unwrap() - *was).0.max(0),
    };
    let delays = before.iter().map(delay).sum::<i64>() + (delivered - alone(view, order, view.now)).0;
    let late = (delivered - order.promised).0.max(0);
    (growth - services <= most).then_some(growth.0 + delays / 2 + late)
}

#[test]
fn the_best_places_are_those_of_trying_all() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
    let (mut found, mut none) = (0, 0);
    for case in 0..4000 {
        let moment = random(&mut rng);
        let most = SimDuration::from_minutes(rng.random_range(0.0..40.0));
        moment.show(|view| {
            let route = route(view, 0);
            let (told, end) = walk(view, &route.start, route.stops());
            let delivered: Vec<(Stop, SimTime)> =
                route.deliveries().map(|(order, at)| (DropOff(order.order), at)).collect();
            let drops: Vec<_> = told.into_iter().filter(|(stop, _)| matches!(stop, DropOff(_))).collect();
            assert_eq!((delivered, route.end()), (drops, end), "case {case}");

            let order = view.orders.last().unwrap();
            let own = view.couriers[0].stops;
            let mut least: Option<i64> = None;
            for pickup in 0..=own.len() {
                for dropoff in pickup..=own.len() {
                    let mut stops = own.to_vec();
                    stops.insert(pickup, PickUp(order.order));
                    stops.insert(dropoff + 1, DropOff(order.order));
                    if let Some(cost) = judged(view, &stops, most) {
                        least = Some(least.map_or(cost, |least| least.min(cost)));
                    }
                }
            }
            let places = best(view, &route, order, most);
            let Some(places) = places else {
                assert_eq!(least, None, "case {case}: {own:?}");
                none += 1;
                return;
            };
            let stops = route.stops_with(order, &places);
            // Rides are whole milliseconds.
            let exact = judged(view, &stops, most + SimDuration(5)).expect("allowed");
            assert!((places.cost - exact).abs() <= 5, "case {case}: {} and {exact}", places.cost);
            assert!(least.is_some_and(|least| (places.cost - least).abs() <= 5), "case {case}: {places:?}, {least:?}");
            let limited = |dearest| route.best_insertion(&Wish::new(view, order, WEIGHTS), most, dearest);
            assert_eq!((limited(places.cost), limited(places.cost - 1)), (Some(places), None), "case {case}");
            found += 1;
        });
    }
    assert!(found > 800 && none > 800, "{found}, {none}");
}
