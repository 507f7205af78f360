//! The order of everything that happens: the systems of a slice, and the one match from notice to handler.

use super::base::Base;
use super::calendar::{Calendar, Notice};
use super::delivery::{Courier, Fleets, Plan, Shifts};
use super::dispatching::Dispatching;
use super::foresight::Foresight;
use super::ledger::Ledger;
use super::offers::Offers;
use super::picking::PickStation;
use super::sessions::Sessions;
use super::shopping::{Arrivals, Orders};
use super::stock::{Replenishment, Shelves};
use super::supply::Supply;
use super::trips::Route;
use super::walk_ins::WalkIns;
use super::warehouse::Warehouse;
use super::world::{Ground, Log, Rules};
use super::{Progress, stock};
use crate::units::{SimDuration, SimTime};
use bevy_ecs::prelude::{IntoScheduleConfigs, Mut, Query, Res, ResMut, Resource, Schedule, World};
use bevy_ecs::schedule::{LogLevel, ScheduleBuildSettings, SingleThreadedExecutor};

/// The clock of slices.
#[derive(Resource, Debug)]
pub(super) struct Clock {
    /// End of the slice being simulated.
    pub(super) slice_end: SimTime,
    /// No slice goes beyond this.
    pub(super) run_end: SimTime,
    /// Nothing is left to do.
    pub(super) over: bool,
}

/// Longest slice: long enough to make a schedule run free, short enough for a live progress bar.
const SLICE: SimDuration = SimDuration(15 * 60_000);

/// One slice: set its end → handle all notices and arrivals within → replenish what is due at its end.
pub(super) fn build() -> Schedule {
    let mut schedule = Schedule::default();
    schedule.set_executor(SingleThreadedExecutor::new());
    schedule.set_build_settings(ScheduleBuildSettings { ambiguity_detection: LogLevel::Error, ..Default::default() });
    schedule.add_systems((open_slice, advance, stock::replenish, close_slice).chain());
    schedule
}

/// How far the run has come, and whether it is over.
pub(super) fn progress(world: &World) -> (Progress, bool) {
    let clock = world.resource::<Clock>();
    let orders = world.resource::<Orders>().rows.len() as u32;
    (Progress { now: clock.slice_end, orders }, clock.over)
}

/// The slice ends at the next replenishment or look ahead, at its longest, or with the run.
fn open_slice(mut clock: ResMut<Clock>, replenishment: Res<Replenishment>, mut foresight: ResMut<Foresight>) {
    foresight.replenished = replenishment.next;
    let look = foresight.next_after(clock.slice_end);
    clock.slice_end = (clock.slice_end + SLICE).min(replenishment.next).min(look).min(clock.run_end);
}

/// The run is over when no order or walk-in can come, none is open and no courier is at work for one, or when the
/// dispatch policy cannot go on.
fn close_slice(
    mut clock: ResMut<Clock>,
    arrivals: Res<Arrivals>,
    walk_ins: Res<WalkIns>,
    orders: Res<Orders>,
    dispatching: Res<Dispatching>,
) {
    let nobody_comes = arrivals.next.is_none() && walk_ins.expected == 0;
    let done = nobody_comes && orders.open == 0 && orders.loose_ends == 0;
    clock.over = clock.slice_end >= clock.run_end || done || dispatching.halt.is_some();
}

/// Everything a handler may touch, borrowed for one slice.
pub(super) struct Desk<'a> {
    pub(super) calendar: &'a mut Calendar,
    pub(super) orders: &'a mut Orders,
    pub(super) arrivals: &'a mut Arrivals,
    pub(super) shelves: &'a mut Shelves,
    pub(super) supply: &'a mut Supply,
    pub(super) fleets: &'a mut Fleets,
    pub(super) warehouse: &'a mut Warehouse,
    pub(super) dispatching: &'a mut Dispatching,
    pub(super) walk_ins: &'a mut WalkIns,
    pub(super) foresight: &'a mut Foresight,
    pub(super) offers: &'a mut Offers,
    pub(super) sessions: &'a mut Sessions,
    pub(super) log: &'a mut Log,
    pub(super) ledger: &'a mut Ledger,
    pub(super) ground: &'a Ground,
    pub(super) rules: &'a Rules,
    /// Components by store id.
    pub(super) stations: Vec<&'a mut PickStation>,
    /// Components by courier id.
    pub(super) couriers: Vec<&'a mut Courier>,
    /// Components by courier id.
    pub(super) plans: Vec<(&'a mut Plan, &'a Shifts)>,
    /// Components by courier id.
    pub(super) routes: Vec<&'a mut Route>,
    pub(super) bases: Vec<&'a mut Base>,
}

/// Drains the calendar and the arrivals up to the end of the slice, in exact order.
///
/// Stores and couriers are listed once a slice: rows of a table that never lose or gain a component stay in the order
/// in which they were spawned, which is the order of the domain ids (tested in world.rs). A handler then reaches a
/// component by index, in two reads instead of the five of a look-up by entity.
#[expect(clippy::too_many_arguments, reason = "a bevy system names each thing it touches once")]
fn advance(
    clock: Res<Clock>,
    ground: Res<Ground>,
    rules: Res<Rules>,
    calendar: ResMut<Calendar>,
    orders: ResMut<Orders>,
    arrivals: ResMut<Arrivals>,
    (shelves, supply): (ResMut<Shelves>, ResMut<Supply>),
    fleets: ResMut<Fleets>,
    warehouse: ResMut<Warehouse>,
    (dispatching, offers, sessions): (ResMut<Dispatching>, ResMut<Offers>, ResMut<Sessions>),
    (walk_ins, foresight): (ResMut<WalkIns>, ResMut<Foresight>),
    (log, ledger): (ResMut<Log>, ResMut<Ledger>),
    mut stations: Query<&'static mut PickStation>,
    mut couriers: Query<&'static mut Courier>,
    (mut plans, mut routes, mut bases): (
        Query<(&'static mut Plan, &'static Shifts)>,
        Query<&'static mut Route>,
        Query<&'static mut Base>,
    ),
) {
    let mut desk = Desk {
        calendar: calendar.into_inner(),
        orders: orders.into_inner(),
        arrivals: arrivals.into_inner(),
        shelves: shelves.into_inner(),
        supply: supply.into_inner(),
        fleets: fleets.into_inner(),
        warehouse: warehouse.into_inner(),
        dispatching: dispatching.into_inner(),
        walk_ins: walk_ins.into_inner(),
        foresight: foresight.into_inner(),
        offers: offers.into_inner(),
        sessions: sessions.into_inner(),
        log: log.into_inner(),
        ledger: ledger.into_inner(),
        ground: &ground,
        rules: &rules,
        stations: stations.iter_mut().map(Mut::into_inner).collect(),
        couriers: couriers.iter_mut().map(Mut::into_inner).collect(),
        plans: plans.iter_mut().map(|(plan, shifts)| (plan.into_inner(), shifts)).collect(),
        routes: routes.iter_mut().map(Mut::into_inner).collect(),
        bases: bases.iter_mut().map(Mut::into_inner).collect(),
    };
    desk.advance(clock.slice_end);
}

impl Desk<'_> {
    /// Notices due at an arrival's instant come before it, but for decisions, which come after it; an arrival or
    /// decision at the slice's end waits for the next slice, until what is due at the end (replenishment) has happened.
    /// Bid prices and second thoughts come first: at the end of the slice before, after its replenishment.
    fn advance(&mut self, slice_end: SimTime) {
        self.look_ahead();
        let mut late = Vec::new();
        'next: loop {
            let arrival = self.arrivals.next.filter(|at| *at < slice_end);
            let limit = arrival.unwrap_or(slice_end);
            while let Some((now, notice)) = self.calendar.take_due(limit) {
                match notice {
                    Notice::Decide(number) if now == slice_end => late.push(number),
                    Notice::Decide(number) => {
                        while self.arrivals.next == Some(now) {
                            self.place_order(now);
                        }
                        self.decide(now, number);
                        continue 'next;
                    }
                    _ => self.handle(now, notice),
                }
            }
            let Some(now) = arrival else { break };
            self.calendar.advance_to(now);
            self.place_order(now);
        }
        self.calendar.advance_to(slice_end);
        for number in late {
            self.calendar.schedule(slice_end, Notice::Decide(number));
        }
    }

    #[inline]
    fn handle(&mut self, now: SimTime, notice: Notice) {
        match notice {
            Notice::StartShift(courier) => self.start_shift(now, courier),
            Notice::FinishPicking(order) => self.finish_picking(now, order),
            Notice::PickUp(order) => self.pick_up(now, order),
            Notice::Deliver(order) => self.deliver(now, order),
            Notice::FreeCourier(order) => self.end_service(now, order),
            Notice::PackParcel(order) => self.pack_parcel(now, order),
            Notice::ShipParcel(order) => self.ship_parcel(now, order),
            Notice::EndTransit(order) => self.end_transit(now, order),
            Notice::LosePatience(order) => self.lose_patience(now, order),
            Notice::EndShift(courier) => self.end_shift(now, courier),
            Notice::ReachStop(courier) => self.reach_stop(now, courier),
            Notice::TakeOver(courier) => self.take_over(now, courier),
            Notice::HandOver(courier) => self.hand_over(now, courier),
            Notice::LeaveStop(courier) => self.end_stop(now, courier),
            Notice::Decide(number) => self.decide(now, number),
            Notice::WalkIn(store) => self.walk_in(now, store),
            Notice::ReceiveStock(number) => self.receive_stock(now, number),
            Notice::ReceiveTransfer => self.receive_transfer(now),
            Notice::ReviewTransfers => self.review_transfers(now),
            Notice::ServeWaiting => self.serve_all_waiting(now),
            Notice::Review(number) => self.review_near_field(now, number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_of_a_slice_are_in_a_total_order() {
        let mut world = World::new();
        assert!(build().initialize(&mut world).is_ok());
    }
}
