//! The tables of a run.

use super::availability::{availability_csv, availability_frame};
use super::carbon::carbon;
use super::checkouts;
use super::cost::costs;
use super::couriers::{couriers_frame, states_frame};
use super::facts::Facts;
use super::lost_sessions::lost_sessions_frame;
use super::money::Ledger;
use super::nearest::note_nearest;
use super::orders::{Row, Wanted, orders_frame};
use super::parquet_bytes;
use super::revenue::revenue;
use super::rows::Rows;
use super::sessions::{SessionCounts, by_category, sessions_frame};
use super::stock::stock_frame;
use super::stores::stores_frame;
use super::{MetricsError, ORDERS_SCHEMA_VERSION};
use crate::city::City;
use crate::event::EventLog;
use crate::scenario::Scenario;
use crate::units::{SimDuration, SimTime};
use polars::prelude::*;

/// The tables of one or more replications; every table has a column `replication`. `orders` and `courier_states` hold the
/// whole run, the others what comes after the warm-up.
#[derive(Clone, Debug)]
pub struct Frames {
    /// One row an order (docs/orders-schema.md).
    pub orders: DataFrame,
    /// Mean number of couriers in each state, by 15-minute bucket: replication, bucket_start_s, state, couriers.
    pub courier_states: DataFrame,
    /// One row a courier: shifts, work and pay.
    pub couriers: DataFrame,
    /// One row a store: deliveries and stock-outs.
    pub stores: DataFrame,
    /// What became of sessions, one row for each category and tier; empty where arrivals are orders.
    pub sessions: DataFrame,
    /// One row a category: what stores had left, what they sold and the demand that found it.
    pub stock: DataFrame,
    /// How many sessions, or orders where arrivals are orders, a store could have served: all, by category and by zone.
    pub availability: DataFrame,
    /// Sessions that left because no store could serve them, one row each; empty where arrivals are orders.
    pub lost_sessions: DataFrame,
    /// The end of the warm-up: KPIs count orders placed then or later.
    pub measured_from: SimTime,
}

impl Frames {
    /// Makes the tables of one replication from its event log.
    pub fn from_log(
        scenario: &Scenario,
        city: &City,
        log: &EventLog,
        replication: u32,
    ) -> Result<Frames, MetricsError> {
        Frames::made(scenario, city, log, replication, Wanted::All)
    }

    /// The same with no more than [`kpis_of`](super::kpis_of), [`violations`](super::violations) and
    /// [`fates`](super::fates()) read, for runs of which no table is kept: the table of orders lacks a third of its columns,
    /// `availability` and `lost_sessions` are empty.
    pub fn for_kpis(
        scenario: &Scenario,
        city: &City,
        log: &EventLog,
        replication: u32,
    ) -> Result<Frames, MetricsError> {
        Frames::made(scenario, city, log, replication, Wanted::Counted)
    }

    fn made(
        scenario: &Scenario,
        city: &City,
        log: &EventLog,
        replication: u32,
        wanted: Wanted,
    ) -> Result<Frames, MetricsError> {
        for placement in &log.placements {
            if placement.category.index() >= city.categories.len() {
                return Err(MetricsError::UnknownId { kind: "category", id: placement.category.0 });
            }
        }
        let mut facts = Facts::read(scenario, city, log)?;
        if wanted == Wanted::All {
            note_nearest(city, log, &mut facts.orders);
        }
        let costs = costs(scenario, city, &facts);
        let ledger = Ledger::new(scenario, city);
        let checkouts = checkouts::of_orders(log);
        let rows = (0..facts.orders.len()).map(|i| {
            let (facts, placement, checkout) = (&facts.orders[i], &log.placements[i], checkouts[i]);
            let cost = &costs.orders[i];
            // One fee a checkout, by the value of all of it.
            let fee_basis = placement.part_of.is_none().then_some(checkout.value);
            let revenue = revenue(scenario, facts, fee_basis);
            let money = ledger.of(facts, placement, cost, revenue, fee_basis);
            let carbon = carbon(&scenario.carbon, facts);
            let perspective = scenario.money.perspective;
            Row { replication, facts, placement, cost, revenue, checkout, money, perspective, carbon, city }
        });
        let stints = facts.stints(SimDuration::from_minutes(scenario.couriers.pickup_service_min));
        let [availability, lost_sessions] = match wanted {
            Wanted::All => [
                availability_frame(scenario, city, &facts, log, replication)?,
                lost_sessions_frame(city, &facts, replication)?,
            ],
            Wanted::Counted => [DataFrame::empty(), DataFrame::empty()],
        };
        Ok(Frames {
            orders: orders_frame(rows, wanted)?,
            courier_states: states_frame(scenario, city, &stints, replication)?,
            couriers: couriers_frame(scenario, city, log, &facts, &costs, stints, replication)?,
            stores: stores_frame(scenario, city, &facts, &costs, replication)?,
            sessions: sessions_frame(scenario, city, &facts, log, replication)?,
            stock: stock_frame(scenario, city, &facts, log, replication)?,
            availability,
            lost_sessions,
            measured_from: facts.window.from,
        })
    }

    /// The orders that KPIs count.
    pub(super) fn measured_orders(&self) -> Result<Rows<'_>, MetricsError> {
        placed_from(&self.orders, self.measured_from)
    }

    /// The Parquet file of the order table, its schema version in the metadata.
    pub fn orders_parquet(&self) -> Result<Vec<u8>, MetricsError> {
        parquet_bytes(&self.orders, &[("nearfar.orders.schema", ORDERS_SCHEMA_VERSION.to_string())])
    }

    /// The text of availability.csv: `replication,by,name,sessions,available,share,x_m,y_m`, `NaN` for no data.
    pub fn availability_csv(&self) -> Result<String, MetricsError> {
        availability_csv(&self.availability)
    }

    /// Sessions of each category, by `CategoryId`; all 0 where arrivals are orders.
    pub fn session_counts(&self, categories: usize) -> Result<Vec<SessionCounts>, MetricsError> {
        by_category(&self.sessions, categories)
    }

    /// Stacks replications in the order given; without any, all tables are empty.
    pub fn concat(replications: Vec<Frames>) -> Result<Frames, MetricsError> {
        let mut replications = replications.into_iter();
        let Some(mut all) = replications.next() else {
            return Ok(Frames {
                orders: DataFrame::empty(),
                courier_states: DataFrame::empty(),
                couriers: DataFrame::empty(),
                stores: DataFrame::empty(),
                sessions: DataFrame::empty(),
                stock: DataFrame::empty(),
                availability: DataFrame::empty(),
                lost_sessions: DataFrame::empty(),
                measured_from: SimTime::ZERO,
            });
        };
        for next in replications {
            all.orders.vstack_mut(&next.orders)?;
            all.courier_states.vstack_mut(&next.courier_states)?;
            all.couriers.vstack_mut(&next.couriers)?;
            all.stores.vstack_mut(&next.stores)?;
            all.sessions.vstack_mut(&next.sessions)?;
            all.stock.vstack_mut(&next.stock)?;
            all.availability.vstack_mut(&next.availability)?;
            all.lost_sessions.vstack_mut(&next.lost_sessions)?;
        }
        Ok(all)
    }
}

/// The orders placed at an instant or later.
pub(super) fn placed_from(orders: &DataFrame, from: SimTime) -> Result<Rows<'_>, MetricsError> {
    let all = Rows::all(orders);
    Ok(if from == SimTime::ZERO { all } else { all.not_before("placed_s", from.0)? })
}

#[cfg(test)]
mod tests {
    use super::super::{fates, kpis_of, violations};
    use super::*;
    use crate::event::{Event, FarOrigin};
    use crate::testing::{Run, small_run};
    use crate::units::{CategoryId, CourierId, OrderId, StoreId};

    fn frames(run: &Run) -> Frames {
        Frames::from_log(&run.scenario, &run.city, &run.log, 3).unwrap()
    }
    fn numbers(table: &DataFrame, column: &str) -> Vec<Option<f64>> {
        table.column(column).unwrap().f64().unwrap().iter().collect()
    }
    fn words<'a>(table: &'a DataFrame, column: &str) -> Vec<Option<&'a str>> {
        table.column(column).unwrap().str().unwrap().iter().collect()
    }

    #[test]
    fn tables_for_kpis_hold_what_kpis_audit_and_fates_read_and_no_more() {
        let run = small_run();
        let (all, few) = (frames(&run), Frames::for_kpis(&run.scenario, &run.city, &run.log, 3).unwrap());
        let told = |frames: &Frames| {
            let found = violations(&run.city, &run.log, &frames.orders)?;
            let kpis = kpis_of(frames, found.len())?;
            fates(&run.city, &run.log, frames)?;
            Ok::<_, MetricsError>(kpis.iter().map(|kpi| (kpi.name, kpi.value.to_bits())).collect::<Vec<_>>())
        };
        assert_eq!(told(&all).unwrap(), told(&few).unwrap());
        assert!(few.orders.width() < all.orders.width() && few.orders.width() > 50);
        for column in few.orders.get_column_names() {
            let without = Frames { orders: few.orders.drop(column).unwrap(), ..few.clone() };
            assert!(told(&without).is_err(), "nobody reads {column}");
        }
    }

    #[test]
    fn the_order_table_tells_the_history_of_each_order() {
        let orders = frames(&small_run()).orders;
        assert_eq!(
            words(&orders, "channel").into_iter().flatten().collect::<Vec<_>>(),
            ["near", "near", "far", "near", "far", "far", "near"]
        );
        assert_eq!(
            words(&orders, "status").into_iter().flatten().collect::<Vec<_>>(),
            ["delivered", "delivered", "delivered", "cancelled", "delivered", "open", "cancelled"]
        );
        assert_eq!(words(&orders, "far_reason")[2..6], [Some("no_stock"), None, None, Some("chosen")]);
        assert_eq!(words(&orders, "store")[4], Some("branch"));
        let late = [
            ("placed_s", 1000.0),
            ("pick_start_s", 1060.0),
            ("ready_s", 1300.0),
            ("assigned_s", 1300.0),
            ("set_out_s", 1800.0),
            ("at_store_s", 2040.0),
            ("picked_up_s", 2100.0),
            ("at_door_s", 2980.0),
            ("delivered_s", 3100.0),
            ("freed_s", 3100.0),
            ("promised_s", 2800.0),
            ("lateness_s", 300.0),
        ];
        for (column, expected) in late {
            assert_eq!(numbers(&orders, column)[1], Some(expected), "{column}");
        }
        assert_eq!(numbers(&orders, "set_out_s")[0], Some(960.0), "sets out when assigned");
        assert_eq!(numbers(&orders, "cancelled_s")[3], Some(3000.0));
        assert_eq!(numbers(&orders, "delivered_s")[3], None);
    }

    #[test]
    fn costs_of_an_order_are_as_worked_out_by_hand_and_sum_to_its_total() {
        let orders = frames(&small_run()).orders;
        let causes = [
            ("cost_last_mile_yuan", [9.41, 10.60]),
            ("cost_pick_pack_yuan", [2.08, 1.67]),
            ("cost_line_haul_yuan", [0.6, 0.6]),
            ("cost_packaging_yuan", [0.8, 0.8]),
            ("cost_site_yuan", [10.01, 10.0]),
            ("cost_returns_yuan", [0.0, 9.0]),
            ("cost_late_yuan", [0.0, 3.0]),
            ("cost_yuan", [22.90, 35.67]),
        ];
        for (column, expected) in causes {
            assert_eq!(numbers(&orders, column)[..2], expected.map(Some), "{column}");
        }
        assert_eq!(numbers(&orders, "cost_yuan")[2..], [Some(8.0), None, Some(7.0), None, None]);
    }

    #[test]
    fn a_parcel_costs_what_its_origin_costs_by_cause() {
        let from = |from: FarOrigin| {
            let mut run = small_run();
            for record in &mut run.log.records {
                if let Event::OrderSentFar { order: OrderId(2), from: origin, .. } = &mut record.event {
                    *origin = from;
                }
                if record.event == (Event::ParcelPacked { order: OrderId(2) }) {
                    let picked_for = crate::event::Span::from(crate::units::SimDuration::from_seconds(288.0));
                    record.event = Event::OrderReady { order: OrderId(2), store: StoreId(0), picked_for };
                }
            }
            let orders = frames(&run).orders;
            let causes = ["last_mile", "pick_pack", "line_haul", "packaging", "site"];
            let parts = causes.map(|cause| numbers(&orders, &format!("cost_{cause}_yuan"))[2].unwrap());
            (words(&orders, "far_origin")[2].unwrap().to_owned(), parts, numbers(&orders, "cost_yuan")[2].unwrap())
        };
        // The long lane costs 1.5 x 2 yuan; a store has its goods brought for 0.6 and pays 0.08 h of picking.
        assert_eq!(from(FarOrigin::Warehouse), ("warehouse".into(), [1.5, 2.0, 3.0, 1.0, 0.5], 8.0));
        assert_eq!(from(FarOrigin::Store(StoreId(0))), ("store".into(), [1.5, 2.0, 3.6, 1.0, 0.0], 8.1));
        assert_eq!(from(FarOrigin::Hub), ("hub".into(), [1.5, 2.0, 25.0, 1.0, 0.5], 30.0));
        assert_eq!(from(FarOrigin::ForwardNode), ("forward_node".into(), [1.5, 2.0, 8.0, 1.0, 0.5], 13.0));
    }

    #[test]
    fn courier_states_add_up_to_the_couriers_on_duty() {
        let states = frames(&small_run()).courier_states;
        let couriers = numbers(&states, "couriers");
        let bucket = |i: usize| couriers[6 * i..6 * i + 6].iter().flatten().map(|c| c * 900.0).collect::<Vec<_>>();
        assert_eq!(couriers.len(), 8 * 6);
        let close = |ours: Vec<f64>, expected: [f64; 6]| {
            assert!(ours.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{ours:?} is not {expected:?}");
        };
        close(bucket(0), [2100.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        close(bucket(1), [2700.0 - 840.0, 120.0, 180.0, 360.0, 180.0, 0.0]);
        close(bucket(7), [1800.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn an_order_cancelled_while_its_courier_is_busy_makes_no_trip() {
        let mut run = small_run();
        let assigned = Event::CourierAssigned { order: OrderId(3), courier: CourierId(0), approach_m: 9.0 };
        run.log.record(run.log.records[0].at, assigned);
        let orders = frames(&run).orders;
        assert_eq!(numbers(&orders, "assigned_s")[3], Some(0.0));
        assert_eq!(numbers(&orders, "set_out_s")[3], None);
    }

    #[test]
    fn an_order_open_at_the_end_is_under_way_if_it_was_given_away_ready() {
        for (assigned_s, under_way) in [(2600.0, Some(2600.0)), (2100.0, None)] {
            let mut run = small_run();
            run.log.records.retain(|r| !matches!(r.event, Event::OrderCancelled { order: OrderId(3), .. }));
            let assigned = Event::CourierAssigned { order: OrderId(3), courier: CourierId(1), approach_m: 9.0 };
            run.log.records.push(crate::event::Record { at: crate::testing::at(assigned_s), event: assigned });
            run.log.records.sort_by_key(|r| r.at);
            let frames = frames(&run);
            assert_eq!(words(&frames.orders, "status")[3], Some("open"));
            assert_eq!(numbers(&frames.orders, "set_out_s")[3], under_way);
            let to_pickup_at_the_end = numbers(&frames.courier_states, "couriers")[6 * 7 + 1];
            assert_eq!(to_pickup_at_the_end, Some(if under_way.is_some() { 1.0 } else { 0.0 }));
        }
    }

    #[test]
    fn the_last_bucket_of_states_may_be_short() {
        let mut run = small_run();
        run.scenario.horizon_h = 1.1;
        let states = frames(&run).courier_states;
        // 60 minutes make four buckets, 6 more the fifth, in which all three are on duty.
        assert_eq!(states.height(), 5 * 6);
        let last: f64 = numbers(&states, "couriers")[24..].iter().flatten().sum();
        assert!((last - 3.0).abs() < 1e-9, "{last}");
    }

    #[test]
    fn replications_stack_in_order() {
        let run = small_run();
        let one = |i| Frames::from_log(&run.scenario, &run.city, &run.log, i).unwrap();
        let all = Frames::concat(vec![one(0), one(1)]).unwrap();
        assert_eq!(all.orders.height(), 14);
        assert_eq!(all.orders.column("replication").unwrap().u32().unwrap().get(7), Some(1));
        assert_eq!(Frames::concat(Vec::new()).unwrap().orders.height(), 0);
    }

    #[test]
    fn ids_the_city_does_not_have_are_an_error() {
        let mut run = small_run();
        run.log.record(run.log.records[0].at, Event::CourierFreed { order: OrderId(99), courier: CourierId(0) });
        let error = Frames::from_log(&run.scenario, &run.city, &run.log, 0).unwrap_err();
        assert!(error.to_string().contains("order 99"), "{error}");
        let mut run = small_run();
        run.log.placements[0].category = CategoryId(5);
        assert!(Frames::from_log(&run.scenario, &run.city, &run.log, 0).is_err());
    }
}
