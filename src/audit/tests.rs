//! Faults seeded into a sound log: each is found and named. Three dozen of them, by what is conserved.

use super::*;
use crate::event::Span;
use crate::event::{CancelReason, FarOrigin, FarReason, LeaveReason, Placement, Visit};
use crate::testing::{Run, at, small_run};
use crate::units::{CategoryId, ConsumerId, CourierId, Money, OrderId, SessionId, SkuId, StoreId, Tier};

fn found(run: &Run) -> Vec<String> {
    audit(&run.city, &run.log).iter().map(Violation::to_string).collect()
}
fn position(run: &Run, which: impl Fn(&Event) -> bool) -> usize {
    run.log.records.iter().position(|r| which(&r.event)).expect("the small run has such a fact")
}
/// Adds a fact where the log is at `seconds`, after the others of that instant.
fn insert(run: &mut Run, seconds: f64, event: Event) {
    let place = run.log.records.partition_point(|r| r.at <= at(seconds));
    run.log.records.insert(place, Record { at: at(seconds), event });
}
fn remove(run: &mut Run, which: impl Fn(&Event) -> bool) {
    let place = position(run, which);
    run.log.records.remove(place);
}

const ANN: CourierId = CourierId(0);
const BOB: CourierId = CourierId(1);
const CAT: CourierId = CourierId(2);
const BUSY: StoreId = StoreId(0);

#[test]
fn a_sound_log_breaks_no_rule() {
    assert_eq!(found(&small_run()), Vec::<String>::new());
}

/// What is to be said of a fault, and the fault.
type Fault = (&'static str, fn(&mut Run));

/// Of orders: placed, served and ended at most once, in this order.
const ORDERS: &[Fault] = &[
    ("time runs backwards", |run| run.log.records.swap(3, 30)),
    ("order 0 is placed twice", |run| insert(run, 700.0, Event::OrderPlaced { order: OrderId(0) })),
    ("order 7 has a placement but is never placed", |run| {
        let copy: Placement = run.log.placements[0];
        run.log.placements.push(copy);
    }),
    ("order 99 has no placement", |run| insert(run, 5.0, Event::OrderPlaced { order: OrderId(99) })),
    ("order 5 is neither sourced nor sent far nor cancelled", |run| {
        remove(run, |e| matches!(e, Event::OrderSentFar { order: OrderId(5), .. }));
    }),
    ("order 0 is sourced twice", |run| {
        insert(run, 700.0, Event::OrderSourced { order: OrderId(0), store: BUSY, ride_m: 1.0 });
    }),
    ("order 2 is ready at store 0, which does not serve it", |run| {
        let event = Event::OrderReady { order: OrderId(2), store: BUSY, picked_for: Span::default() };
        insert(run, 1500.0, event);
    }),
    ("order 3 is delivered after its cancellation", |run| {
        let event = Event::OrderDelivered { order: OrderId(3), courier: BOB, at_door_for: Span::default() };
        insert(run, 3500.0, event);
    }),
    ("order 0 is delivered twice", |run| {
        let event = Event::OrderDelivered { order: OrderId(0), courier: ANN, at_door_for: Span::default() };
        insert(run, 1900.0, event);
    }),
    ("order 1 is cancelled after its pick-up", |run| {
        insert(run, 2200.0, Event::OrderCancelled { order: OrderId(1), reason: CancelReason::Patience });
    }),
    ("order 0 is picked up before it is ready", |run| {
        remove(run, |e| matches!(e, Event::OrderReady { order: OrderId(0), .. }));
    }),
    ("order 2 is packed after one that was given to the warehouse later", |run| {
        remove(run, |e| matches!(e, Event::ParcelPacked { order: OrderId(2) }));
        insert(run, 4100.0, Event::ParcelPacked { order: OrderId(5) });
        insert(run, 4200.0, Event::ParcelPacked { order: OrderId(2) });
    }),
    ("order 2 is packed by the warehouse, which does not serve it", |run| {
        let place = position(run, |e| matches!(e, Event::OrderSentFar { order: OrderId(2), .. }));
        let (reason, from) = (FarReason::NoStock, FarOrigin::Store(BUSY));
        run.log.records[place].event = Event::OrderSentFar { order: OrderId(2), reason, from };
    }),
    ("order 2 goes out for delivery at 00:46:40, before it is shipped", |run| {
        let place = position(run, |e| matches!(e, Event::ParcelDelivered { .. }));
        let out_for = Span::from(SimDuration::from_seconds(5600.0));
        run.log.records[place].event = Event::ParcelDelivered { order: OrderId(2), out_for };
    }),
    ("order 1 comes back to where it did not come from", |run| {
        insert(run, 6000.0, Event::ReturnReceived { order: OrderId(1), store: None });
    }),
    ("order 1 is received back twice", |run| {
        insert(run, 6000.0, Event::ReturnReceived { order: OrderId(1), store: Some(BUSY) });
        insert(run, 6000.0, Event::ReturnReceived { order: OrderId(1), store: Some(BUSY) });
    }),
    ("order 1 is received back before it is sent back", |run| {
        insert(run, 4900.0, Event::ReturnReceived { order: OrderId(1), store: Some(BUSY) });
    }),
    ("order 2 is shipped before it is packed", |run| {
        remove(run, |e| matches!(e, Event::ParcelPacked { order: OrderId(2) }));
    }),
    ("order 2 arrives as a parcel before it is shipped", |run| {
        remove(run, |e| matches!(e, Event::ParcelShipped { order: OrderId(2), .. }));
    }),
    ("order 2 is given a promise or fee that is not of its checkout", |run| {
        insert(run, 1200.0, Event::OrderPromised { order: OrderId(2), promise: Span::default() });
    }),
    ("order 0 is given a promise or fee that is not of its checkout", |run| {
        insert(run, 700.0, Event::FeeRaised { order: OrderId(0), by_fen: 200 });
    }),
    ("order 5 is sent back before its delivery", |run| {
        insert(run, 5000.0, Event::OrderReturned { order: OrderId(5) });
    }),
    ("order 0 moves to store 0 from no other store", |run| {
        insert(run, 650.0, Event::OrderResourced { order: OrderId(0), store: BUSY, ride_m: 1.0 });
    }),
    ("order 0 moves after it was packed", |run| {
        insert(run, 970.0, Event::OrderResourced { order: OrderId(0), store: StoreId(1), ride_m: 1.0 });
    }),
    ("picking of order 0 began at 00:11:00, before the store had it", |run| {
        insert(run, 700.0, Event::OrderResourced { order: OrderId(0), store: StoreId(1), ride_m: 1.0 });
    }),
    ("order 2 is sent far from no store that had packed it", |run| {
        insert(run, 1900.0, Event::OrderConverted { order: OrderId(2) });
    }),
    ("order 3 is sent far from no store that had packed it", |run| {
        insert(run, 2400.0, Event::OrderConverted { order: OrderId(3) });
    }),
    ("order 1 is sent far though a courier had it or it was cancelled", |run| {
        insert(run, 1900.0, Event::OrderConverted { order: OrderId(1) });
    }),
    ("order 3 is neither sourced nor sent far nor cancelled", |run| {
        remove(run, |e| matches!(e, Event::OrderCancelled { order: OrderId(3), .. }));
        insert(run, 2900.0, Event::OrderConverted { order: OrderId(3) });
    }),
    ("order 4 is cancelled after its delivery", |run| {
        insert(run, 4050.0, Event::OrderCancelled { order: OrderId(4), reason: CancelReason::Patience });
    }),
    ("order 1 is sent back twice", |run| insert(run, 5001.0, Event::OrderReturned { order: OrderId(1) })),
];

/// Of couriers: one place, one fleet, on duty, within capacity.
const COURIERS: &[Fault] = &[
    ("courier 1 acts on order 0", |run| {
        let place = position(run, |e| matches!(e, Event::OrderPickedUp { order: OrderId(0), .. }));
        let event = Event::OrderPickedUp { order: OrderId(0), courier: BOB, at_store_for: Span::default() };
        run.log.records[place].event = event;
    }),
    ("courier 2 is given order 3 of a node outside their fleet", |run| {
        insert(run, 2600.0, Event::CourierAssigned { order: OrderId(3), courier: CAT, approach_m: 0.0 });
    }),
    ("courier 0 is on order 1 while on order 0 until 00:30:00", |run| {
        let place = position(run, |e| matches!(e, Event::CourierSetOut { order: OrderId(1), .. }));
        let mut record = run.log.records.remove(place);
        record.at = at(1790.0);
        let place = run.log.records.partition_point(|r| r.at <= record.at);
        run.log.records.insert(place, record);
    }),
    ("courier 0 sets out for order 0 off duty", |run| run.city.couriers[0].shifts[0].0 = at(961.0)),
    ("courier 0 is freed from order 0, which has not ended", |run| {
        remove(run, |e| matches!(e, Event::OrderDelivered { order: OrderId(0), .. }));
    }),
    ("courier 0 carries 1 orders, more than their capacity", |run| run.city.courier_capacity = 0),
    ("courier 0 is at the store of order 0 before setting out", |run| {
        let place = position(run, |e| matches!(e, Event::OrderPickedUp { order: OrderId(0), .. }));
        let at_store_for = Span::from(SimDuration::from_seconds(300.0));
        run.log.records[place].event = Event::OrderPickedUp { order: OrderId(0), courier: ANN, at_store_for };
    }),
    ("courier 9 is not in the city", |run| insert(run, 10.0, Event::CourierOnDuty { courier: CourierId(9) })),
    ("courier 1 is on a ride without an order while on order 3", |run| {
        let (order, courier) = (OrderId(3), BOB);
        insert(run, 2500.0, Event::CourierAssigned { order, courier, approach_m: 9.0 });
        insert(run, 3000.0, Event::CourierFreed { order, courier });
        let rode_for = Span::from(SimDuration::from_seconds(200.0));
        insert(run, 2900.0, Event::CourierRepositioned { courier, leg_m: 9.0, rode_for });
    }),
    ("order 0 is given back after its pick-up", |run| {
        insert(run, 1300.0, Event::OrderReleased { order: OrderId(0), courier: ANN });
    }),
];

/// Of units on shelves.
const STOCK: &[Fault] = &[
    ("store 0 received 100 units, but 4 were picked up, 0 sold to walk-ins and 95 counted", |run| {
        let place = position(run, |e| matches!(e, Event::StoreCounted { store: BUSY, .. }));
        run.log.records[place].event = Event::StoreCounted { store: BUSY, units: 95 };
    }),
    ("store 0 received 100 units, but 4 were picked up, 1 sold to walk-ins and 96 counted", |run| {
        insert(run, 100.0, Event::WalkInServed { store: BUSY, sku: SkuId(0) });
    }),
    ("store 0 received 101 units, but 4 were picked up, 0 sold to walk-ins and 96 counted", |run| {
        insert(run, 6000.0, Event::ReturnReceived { order: OrderId(1), store: Some(BUSY) });
    }),
    ("store 0 is stocked but never counted", |run| {
        remove(run, |e| matches!(e, Event::StoreCounted { store: BUSY, .. }));
    }),
    ("store 0 is stocked twice", |run| {
        insert(run, 0.0, Event::StoreStocked { store: BUSY, units: 0, skus: 10 });
    }),
    ("store 0 received 107 units", |run| insert(run, 50.0, Event::StoreReplenished { store: BUSY, units: 7 })),
    ("store 7 is not in the city", |run| insert(run, 50.0, Event::StoreReplenished { store: StoreId(7), units: 7 })),
    ("store 0 has 96 units, but 95 of its categories are left and open orders hold 0 at most", |run| left(run, 0, 95)),
    ("store 0 has 96 units, but 97 of its categories are left and open orders hold 0 at most", |run| {
        left(run, 0, 90);
        left(run, 0, 7);
    }),
    ("category 1 is not in the city", |run| left(run, 1, 96)),
];

/// Tells what store 0 has left of a category.
fn left(run: &mut Run, category: u16, units: u32) {
    insert(run, 43_200.0, Event::StockLeft { store: BUSY, category, units, value_fen: 1 });
}

#[test]
fn what_is_left_may_lack_what_an_open_order_has_reserved() {
    for units in [96, 95] {
        let mut run = small_run();
        // Order 3, of one unit, stays packed in the store.
        remove(&mut run, |e| matches!(e, Event::OrderCancelled { order: OrderId(3), .. }));
        left(&mut run, 0, units);
        assert_eq!(found(&run), Vec::<String>::new());
    }
}

/// Of lines that were not found.
const SHORTFALLS: &[Fault] = &[
    ("order 0 misses more units than were ordered", |run| {
        insert(run, 700.0, Event::LineMissing { order: OrderId(0), sku: SkuId(0), units: 4 });
    }),
    ("order 2 misses a line while no store picks it", |run| {
        insert(run, 1300.0, Event::LineMissing { order: OrderId(2), sku: SkuId(0), units: 1 });
    }),
    ("order 0 is packed with a line missing and nothing given back", |run| {
        insert(run, 700.0, Event::LineMissing { order: OrderId(0), sku: SkuId(0), units: 1 });
    }),
    ("order 0 gets 2 units instead of 1", |run| {
        insert(run, 700.0, Event::LineMissing { order: OrderId(0), sku: SkuId(0), units: 1 });
        insert(run, 700.0, Event::LineSubstituted { order: OrderId(0), sku: SkuId(1), units: 2 });
    }),
    ("order 0 gets money back for a line that is not missing", |run| {
        insert(run, 700.0, Event::LineRefunded { order: OrderId(0), sku: SkuId(0), by_fen: 1 });
    }),
    ("order 0 gets more money back than it was worth", |run| {
        insert(run, 700.0, Event::LineMissing { order: OrderId(0), sku: SkuId(0), units: 1 });
        insert(run, 700.0, Event::LineRefunded { order: OrderId(0), sku: SkuId(0), by_fen: 10_001 });
    }),
    ("store 0 received 100 units, but 4 were picked up, 0 sold to walk-ins, 2 on paper only and 96 counted", |run| {
        insert(run, 700.0, Event::StockShrank { store: BUSY, sku: SkuId(0), units: 2 });
    }),
    ("order 2 waits for stock at a store that it was not given to", |run| {
        insert(run, 1200.0, Event::OrderBackordered { order: OrderId(2), units: 1 });
    }),
    ("store 0 receives 7 units, but only 5 are on order", |run| {
        insert(run, 50.0, Event::StockOrdered { store: BUSY, units: 5 });
        insert(run, 60.0, Event::StockReceived { store: BUSY, units: 7 });
    }),
    ("store 1 is brought 7 units, but only 5 were sent to it", |run| {
        insert(run, 50.0, Event::StockSentOn { from: BUSY, to: StoreId(1), sku: SkuId(0), units: 5 });
        insert(run, 60.0, Event::StockBroughtIn { store: StoreId(1), sku: SkuId(0), units: 7 });
    }),
    (
        "store 0 received 100 units, but 4 were picked up, 0 sold to walk-ins, 5 sent to other stores and 96 counted",
        |run| insert(run, 50.0, Event::StockSentOn { from: BUSY, to: StoreId(1), sku: SkuId(0), units: 5 }),
    ),
    // What is refunded stays: two units of order 0 leave the store instead of three.
    ("store 0 received 100 units, but 3 were picked up, 0 sold to walk-ins and 96 counted", |run| {
        insert(run, 700.0, Event::LineMissing { order: OrderId(0), sku: SkuId(0), units: 1 });
        insert(run, 700.0, Event::LineRefunded { order: OrderId(0), sku: SkuId(0), by_fen: 3_000 });
    }),
];

/// Order 3 of the small run as one to be fetched: ready at 2500, collected at 3000.
fn fetch(run: &mut Run) {
    let order = OrderId(3);
    let place = position(run, |e| matches!(e, Event::OrderSourced { order: OrderId(3), .. }));
    run.log.records[place].event = Event::PickupReserved { order, store: BUSY, walk_m: 100.0 };
    let place = position(run, |e| matches!(e, Event::OrderCancelled { order: OrderId(3), .. }));
    run.log.records[place].event = Event::OrderCollected { order };
    let place = position(run, |e| matches!(e, Event::StoreCounted { store: BUSY, .. }));
    run.log.records[place].event = Event::StoreCounted { store: BUSY, units: 95 };
}

#[test]
fn an_order_that_is_fetched_breaks_no_rule_and_may_be_given_up() {
    let mut run = small_run();
    fetch(&mut run);
    assert_eq!(found(&run), Vec::<String>::new());
    let place = position(&run, |e| matches!(e, Event::OrderCollected { .. }));
    run.log.records[place].event = Event::OrderCancelled { order: OrderId(3), reason: CancelReason::NoShow };
    let place = position(&run, |e| matches!(e, Event::StoreCounted { store: BUSY, .. }));
    run.log.records[place].event = Event::StoreCounted { store: BUSY, units: 96 };
    assert_eq!(found(&run), Vec::<String>::new());
}

/// Of orders to be fetched; order 3 is one.
const PICKUP: &[Fault] = &[
    ("order 3 is collected before it is ready", |run| {
        remove(run, |e| matches!(e, Event::OrderReady { order: OrderId(3), .. }));
    }),
    ("order 3 is delivered twice", |run| insert(run, 3001.0, Event::OrderCollected { order: OrderId(3) })),
    ("order 0 is collected, but its consumer does not fetch it", |run| {
        insert(run, 1000.0, Event::OrderCollected { order: OrderId(0) });
    }),
    ("courier 1 is given order 3 of a node outside their fleet", |run| {
        insert(run, 2600.0, Event::CourierAssigned { order: OrderId(3), courier: BOB, approach_m: 0.0 });
    }),
    ("order 3 is cancelled after its delivery", |run| {
        insert(run, 3001.0, Event::OrderCancelled { order: OrderId(3), reason: CancelReason::NoShow });
    }),
    ("order 3 is to be fetched, but is cancelled for patience", |run| {
        insert(run, 2600.0, Event::OrderCancelled { order: OrderId(3), reason: CancelReason::Patience });
    }),
    ("order 6 is not to be fetched, but is cancelled for no_show", |run| {
        let place = position(run, |e| matches!(e, Event::OrderCancelled { order: OrderId(6), .. }));
        run.log.records[place].event = Event::OrderCancelled { order: OrderId(6), reason: CancelReason::NoShow };
    }),
    ("order 3 is given up as a no-show before it is ready", |run| {
        insert(run, 2400.0, Event::OrderCancelled { order: OrderId(3), reason: CancelReason::NoShow });
    }),
    ("store 0 received 100 units, but 5 were picked up, 0 sold to walk-ins and 96 counted", |run| {
        let place = position(run, |e| matches!(e, Event::StoreCounted { store: BUSY, .. }));
        run.log.records[place].event = Event::StoreCounted { store: BUSY, units: 96 };
    }),
];

#[test]
fn every_fault_of_pick_up_is_found_and_named() {
    for (expected, fault) in PICKUP {
        let mut run = small_run();
        fetch(&mut run);
        fault(&mut run);
        let found = found(&run);
        assert!(found.iter().any(|v| v.contains(expected)), "expected '{expected}', found {found:#?}");
    }
}

/// Of what consumers are charged.
const MONEY: &[Fault] = &[
    ("the fee of order 0 is raised twice", |run| {
        insert(run, 600.0, Event::FeeRaised { order: OrderId(0), by_fen: 200 });
        insert(run, 600.0, Event::FeeRaised { order: OrderId(0), by_fen: 200 });
    }),
    ("the fee of order 0 is raised by nothing", |run| {
        insert(run, 600.0, Event::FeeRaised { order: OrderId(0), by_fen: 0 });
    }),
];

#[test]
fn every_seeded_fault_is_found_and_named() {
    for (expected, fault) in [ORDERS, COURIERS, STOCK, SHORTFALLS, MONEY].into_iter().flatten() {
        let mut run = small_run();
        fault(&mut run);
        let found = found(&run);
        assert!(found.iter().any(|v| v.contains(expected)), "expected '{expected}', found {found:#?}");
    }
}

/// Name and amounts of each cause.
type Causes = Vec<(&'static str, Vec<Option<Money>>)>;

/// The bills of the small run: two causes for each of orders 0, 1, 2 and 4, which are delivered.
fn bills() -> (Causes, Vec<Option<Money>>) {
    let delivered = |fen: i64| (0..7).map(move |order| matches!(order, 0 | 1 | 2 | 4).then_some(Money(fen))).collect();
    (vec![("last mile", delivered(500)), ("site", delivered(20))], delivered(520))
}

/// A column of a table; what it holds where it is empty must not matter.
struct Table {
    numbers: Vec<f64>,
    known: Vec<u8>,
}

impl Table {
    fn new(amounts: &[Option<Money>]) -> Table {
        let mut table = Table { numbers: Vec::new(), known: vec![0; amounts.len() / 8 + 2] };
        for (i, amount) in amounts.iter().enumerate() {
            table.numbers.push(amount.map_or(77.0, |amount| amount.yuan()));
            // Two bits of something else come first.
            table.known[(i + 2) / 8] |= u8::from(amount.is_some()) << ((i + 2) % 8);
        }
        table
    }
    fn column(&self) -> Column<'_> {
        Column { numbers: &self.numbers, known: Some((&self.known, 2)) }
    }
}

#[test]
fn every_fault_of_a_bill_is_found_and_named() {
    let run = small_run();
    type Bent = fn(&mut Causes, &mut Vec<Option<Money>>);
    let faults: &[(&str, Bent)] = &[
        ("order 1 costs 5.21 yuan, but its causes add up to 5.2", |_, total| total[1] = Some(Money(521))),
        ("order 0 costs 5.2 yuan, but its causes add up to 5.19", |causes, _| causes[1].1[0] = Some(Money(19))),
        ("the bill of order 4 has no site", |causes, _| causes[1].1[4] = None),
        ("order 2 is delivered but has no bill", |_, total| total[2] = None),
        ("order 3 has a bill but is not delivered", |_, total| total[3] = Some(Money(0))),
        ("order 5 has a bill but is not delivered", |causes, _| causes[0].1[5] = Some(Money(1))),
        ("8 orders have a bill, but 7 were placed", |_, total| total.push(None)),
    ];
    let said = |causes: &Causes, total: &[Option<Money>]| {
        let tables: Vec<_> = causes.iter().map(|(name, amounts)| (*name, Table::new(amounts))).collect();
        let causes: Vec<_> =
            tables.iter().map(|(name, table)| Entry { name, sign: 1.0, column: table.column() }).collect();
        let total = Table::new(total);
        let bills = Bills { causes: &causes, total: total.column(), accounts: &[] };
        let found = audit_with_bills(&run.city, &run.log, &bills);
        found.iter().map(Violation::to_string).collect::<Vec<_>>()
    };
    let (causes, total) = bills();
    assert_eq!(said(&causes, &total), Vec::<String>::new());
    for (expected, fault) in faults {
        let (mut causes, mut total) = bills();
        fault(&mut causes, &mut total);
        let found = said(&causes, &total);
        assert!(found.len() == 1 && found[0].contains(expected), "expected '{expected}', found {found:#?}");
    }
}

#[test]
fn every_session_ends_once_in_the_order_of_opening() {
    let visit = |session| Visit { session: SessionId(session), tier: Tier::Guest, urgent: false, near_offered: true };
    let left = |session| Event::SessionLeft {
        session: SessionId(session),
        consumer: ConsumerId(0),
        category: CategoryId(0),
        near_offered: true,
        reason: LeaveReason::Price,
    };
    let of_sessions = || {
        let mut run = small_run();
        for (id, placement) in (0..).zip(&mut run.log.placements) {
            placement.session = Some(visit(id));
        }
        let orders = run.log.orders() as u32;
        run.log.records.push(Record { at: run.log.records.last().unwrap().at, event: left(orders) });
        run
    };
    assert_eq!(found(&of_sessions()), Vec::<String>::new());
    let says = |run: &Run, what: &str| assert!(found(run).iter().any(|rule| rule.contains(what)), "{:?}", found(run));
    let mut run = of_sessions();
    remove(&mut run, |event| matches!(event, Event::SessionLeft { .. }));
    run.log.records.push(Record { at: run.log.records.last().unwrap().at, event: left(9) });
    says(&run, "session 9 ends, the next to end is 7");
    let mut run = of_sessions();
    run.log.placements[3].session = Some(visit(2));
    says(&run, "session 2 ends, the next to end is 3");
    let mut run = of_sessions();
    run.log.placements[3].session = None;
    says(&run, "order 3 comes from no session, others do");
}
