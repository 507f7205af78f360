//! Ready orders without a courier, and which of them a courier takes who becomes idle.

use super::idle::Grid;
use crate::city::City;
use crate::city::nodes::CellGrid;
use crate::city::space::{Space, Spot};
use crate::scenario::{DispatchQueue, Scenario};
use crate::units::OrderId;
use std::collections::VecDeque;

/// The waiting orders of a fleet, in the order that `dispatch.queue` asks for. Orders cancelled meanwhile come too.
#[derive(Debug)]
pub(super) enum Waiting {
    /// First come, first served, over the whole city: *O*(1).
    Fifo(VecDeque<OrderId>),
    /// The nearest store first: *O*(1) at even density.
    Nearest(Grid<f64>),
    /// First come, first served within a zone; the courier's own zone first, then the nearest with an order.
    Zones(Zones),
}

/// A queue for each zone of a regular grid: *O*(1) while the courier's own zone has orders, else *O*(zones).
#[derive(Debug)]
pub(super) struct Zones {
    grid: CellGrid,
    queues: Vec<VecDeque<OrderId>>,
    waiting: usize,
}

impl Waiting {
    pub(super) fn new(scenario: &Scenario, city: &City) -> Self {
        let (low, high) = city.spot_box();
        let space = city.travel.space();
        match scenario.dispatch.queue {
            DispatchQueue::Fifo => Waiting::Fifo(VecDeque::new()),
            DispatchQueue::Nearest => Waiting::Nearest(Grid::new(space, low, high, 4 * city.stores.len())),
            DispatchQueue::Zone => {
                let (a, b) = space.metres_per_unit(low.b.abs().max(high.b.abs()));
                let side_m = scenario.city.zone_km * 1000.0;
                let zones = ((high.a - low.a) * a / side_m).max(1.0) * ((high.b - low.b) * b / side_m).max(1.0);
                let grid = CellGrid::new(low, high, zones as usize);
                Waiting::Zones(Zones { grid, queues: vec![VecDeque::new(); grid.cells()], waiting: 0 })
            }
        }
    }

    /// Orders that wait, some of which may have been cancelled meanwhile.
    pub(super) fn len(&self) -> usize {
        match self {
            Waiting::Fifo(queue) => queue.len(),
            Waiting::Nearest(grid) => grid.len(),
            Waiting::Zones(zones) => zones.waiting,
        }
    }

    /// An order waits at a store.
    pub(super) fn push(&mut self, order: OrderId, store: Spot) {
        match self {
            Waiting::Fifo(queue) => queue.push_back(order),
            Waiting::Nearest(grid) => grid.insert(order.0, store),
            Waiting::Zones(zones) => {
                zones.queues[zones.grid.cell(store)].push_back(order);
                zones.waiting += 1;
            }
        }
    }

    /// An order that was taken waits on, ahead of those that came later.
    pub(super) fn put_back(&mut self, order: OrderId, store: Spot) {
        match self {
            Waiting::Fifo(queue) => queue.push_front(order),
            Waiting::Nearest(grid) => grid.insert(order.0, store),
            Waiting::Zones(zones) => {
                zones.queues[zones.grid.cell(store)].push_front(order);
                zones.waiting += 1;
            }
        }
    }

    /// All orders that wait, in no order of meaning.
    pub(super) fn orders(&self) -> Vec<OrderId> {
        match self {
            Waiting::Fifo(queue) => queue.iter().copied().collect(),
            Waiting::Nearest(grid) => grid.ids().map(OrderId).collect(),
            Waiting::Zones(zones) => zones.queues.iter().flatten().copied().collect(),
        }
    }

    /// Takes the order for a courier who is idle at `spot`.
    #[inline]
    pub(super) fn take(&mut self, space: &Space, spot: Spot) -> Option<OrderId> {
        match self {
            Waiting::Fifo(queue) => queue.pop_front(),
            Waiting::Nearest(grid) => grid.take_nearest(space, spot).map(|(order, _)| OrderId(order)),
            Waiting::Zones(zones) => zones.take(spot),
        }
    }
}

impl Zones {
    fn take(&mut self, spot: Spot) -> Option<OrderId> {
        if self.waiting == 0 {
            return None;
        }
        let (column, row) = self.grid.column_row(spot);
        // Rings of zones around the courier's own; within a ring the lowest zone number.
        let rings = |zone: &usize| {
            let (c, r) = (zone % self.grid.columns(), zone / self.grid.columns());
            c.abs_diff(column).max(r.abs_diff(row))
        };
        let with_orders = (0..self.queues.len()).filter(|zone| !self.queues[*zone].is_empty());
        let zone = with_orders.min_by_key(|zone| (rings(zone), *zone))?;
        self.waiting -= 1;
        self.queues[zone].pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::space::Matrix;
    use crate::scenario::Metric;

    fn zones() -> Waiting {
        let grid = CellGrid::new(Spot::default(), Spot { a: 4000.0, b: 4000.0 }, 4);
        Waiting::Zones(Zones { grid, queues: vec![VecDeque::new(); grid.cells()], waiting: 0 })
    }

    #[test]
    fn each_queue_hands_out_by_its_own_rule() {
        let space = Space::new(Metric::Euclid, 6_371_008.8, Matrix::default());
        let (low, high) = (Spot::default(), Spot { a: 4000.0, b: 4000.0 });
        let at = |a: f64, b: f64| Spot { a, b };
        // Zones are 2 km wide. Order 0 is far away, 1 and 2 in the courier's zone, 2 nearest.
        let stores = [at(3900.0, 3900.0), at(1900.0, 100.0), at(300.0, 100.0)];
        let cases = [
            (Waiting::Fifo(VecDeque::new()), [0, 1, 2]),
            (Waiting::Nearest(Grid::new(&space, low, high, 12)), [2, 1, 0]),
            (zones(), [1, 2, 0]),
        ];
        for (mut waiting, expected) in cases {
            for (order, store) in stores.iter().enumerate() {
                waiting.push(OrderId(order as u32), *store);
            }
            let mut all = waiting.orders();
            all.sort_unstable();
            assert_eq!(all, [0, 1, 2].map(OrderId), "{waiting:?}");
            let taken: Vec<OrderId> = std::iter::from_fn(|| waiting.take(&space, at(100.0, 100.0))).collect();
            assert_eq!(taken, expected.map(OrderId), "{waiting:?}");
        }
    }
}
