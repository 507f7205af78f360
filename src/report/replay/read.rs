//! Room: report. Orders, stores and couriers of a replay, from the frame and the city.

use super::{COUNTED, Counts, Courier, Order, Store, Way};
use crate::city::{self, Channel, City};
use crate::report::ReportError;
use crate::report::data::{Table, first_replication};
use polars::prelude::DataFrame;
use std::collections::BTreeMap;

/// Steps of the counters in a replay at most; a minute each in a day.
const STEPS: f64 = 1620.0;

pub(super) fn store(store: &city::Store) -> Store {
    let at = (store.place.x_m, store.place.y_m);
    Store { name: store.name.clone(), at, far: store.channel == Channel::Far }
}

pub(super) fn courier(courier: &city::Courier) -> Courier {
    let shifts = courier.shifts.iter().map(|(on, off)| (on.seconds(), off.seconds())).collect();
    Courier { name: courier.name.clone(), at: (courier.place.x_m, courier.place.y_m), shifts }
}

/// The columns of the orders of one replication; not a number where something did not happen.
pub(super) struct Rows {
    id: Vec<f64>,
    x_m: Vec<f64>,
    y_m: Vec<f64>,
    channel: Vec<Option<String>>,
    on_time: Vec<Option<bool>>,
    placed: Vec<f64>,
    ready: Vec<f64>,
    picked_up: Vec<f64>,
    packed: Vec<f64>,
    shipped: Vec<f64>,
    delivered: Vec<f64>,
    cancelled: Vec<f64>,
    promised: Vec<f64>,
    cost: Vec<f64>,
    store: Vec<Option<String>>,
    courier: Vec<Option<String>>,
}

impl Rows {
    pub(super) fn read(orders: &DataFrame) -> Result<Rows, ReportError> {
        let table = Table { name: "orders", frame: first_replication("orders", orders)? };
        Ok(Rows {
            id: table.numbers("order_id")?,
            x_m: table.numbers("x_m")?,
            y_m: table.numbers("y_m")?,
            channel: table.words("channel")?,
            on_time: table.flags("on_time")?,
            placed: table.numbers("placed_s")?,
            ready: table.numbers("ready_s")?,
            picked_up: table.numbers("picked_up_s")?,
            packed: table.numbers("packed_s")?,
            shipped: table.numbers("shipped_s")?,
            delivered: table.numbers("delivered_s")?,
            cancelled: table.numbers("cancelled_s")?,
            promised: table.numbers("promised_s")?,
            cost: table.numbers("cost_yuan")?,
            store: table.words("store")?,
            courier: table.words("courier")?,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.id.len()
    }

    fn way(&self, row: usize) -> Way {
        match self.channel[row].as_deref() {
            Some("far") => Way::Far,
            Some("pickup") => Way::Pickup,
            _ => Way::Near,
        }
    }

    /// Every order whose courier is shown, and of those without one every `one_in`th.
    pub(super) fn orders(&self, city: &City, one_in: usize) -> Vec<Order> {
        let stores: BTreeMap<&str, usize> = numbered(city.stores.iter().map(|store| store.name.as_str()));
        let couriers: BTreeMap<&str, usize> = numbered(city.couriers.iter().map(|courier| courier.name.as_str()));
        let of = |names: &BTreeMap<&str, usize>, name: &Option<String>| names.get(name.as_deref()?).copied();
        let mut orders: Vec<Order> = (0..self.len())
            .filter_map(|row| {
                let courier = of(&couriers, &self.courier[row]);
                let id = self.id[row] as u32;
                let shown = courier.unwrap_or(id as usize) % one_in == 0;
                shown.then(|| self.order(row, of(&stores, &self.store[row]), courier.map(|courier| courier / one_in)))
            })
            .collect();
        orders.sort_by(|a, b| a.placed_s.total_cmp(&b.placed_s).then(a.id.cmp(&b.id)));
        orders
    }

    fn order(&self, row: usize, store: Option<usize>, courier: Option<usize>) -> Order {
        let known = |column: &[f64]| Some(column[row]).filter(|value| value.is_finite());
        let channel = self.way(row);
        // A parcel of a branch is picked and brought like a near order.
        let parcel = channel == Way::Far && known(&self.ready).is_none();
        let (ready, left) = if parcel { (&self.packed, &self.shipped) } else { (&self.ready, &self.picked_up) };
        Order {
            id: self.id[row] as u32,
            at: (self.x_m[row], self.y_m[row]),
            channel,
            cancelled: known(&self.cancelled).is_some(),
            late: self.on_time[row] == Some(false),
            placed_s: self.placed[row],
            ready_s: known(ready),
            left_s: known(left),
            done_s: known(&self.delivered).or(known(&self.cancelled)),
            promised_s: known(&self.promised),
            cost_yuan: known(&self.cost),
            store,
            courier,
        }
    }

    /// Running totals of the whole run.
    pub(super) fn counts(&self, span_s: f64) -> Counts {
        let step_s = (span_s / STEPS).max(60.0);
        let steps = (span_s / step_s).ceil() as usize + 1;
        let mut so_far = vec![vec![0u32; steps]; COUNTED.len()];
        let mut count = |what: usize, at: f64| {
            let step = (at / step_s).floor();
            if step.is_finite() && (step as usize) < steps {
                so_far[what][step.max(0.0) as usize] += 1;
            }
        };
        for row in 0..self.len() {
            let way = self.way(row);
            count(way as usize, self.placed[row]);
            let delivered = self.delivered[row];
            match way {
                Way::Near => {
                    count(3, if delivered.is_finite() { delivered } else { self.cancelled[row] });
                    count(4, delivered);
                    if self.on_time[row] == Some(false) {
                        count(5, delivered);
                    }
                }
                Way::Far => count(6, self.shipped[row]),
                Way::Pickup => count(7, delivered),
            }
        }
        for series in &mut so_far {
            let mut total = 0;
            series.iter_mut().for_each(|number| {
                total += *number;
                *number = total;
            });
        }
        Counts { step_s, so_far }
    }
}

fn numbered<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    names.enumerate().map(|(number, name)| (name, number)).collect()
}
