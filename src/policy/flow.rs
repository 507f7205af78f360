//! Minimum-cost flow by successive shortest paths, for the small networks of policies.

/// An arc; its twin backwards stands next to it (index ^ 1).
#[derive(Clone, Copy, Debug)]
struct Arc {
    to: usize,
    room: i64,
    cost: i64,
}

/// A network of nodes 0 to n - 1 with whole capacities and costs. Costs may be negative, a cycle of negative cost not.
#[derive(Clone, Debug)]
pub(super) struct Network {
    arcs: Vec<Arc>,
    /// Arcs that leave each node, in the order they were added.
    leaving: Vec<Vec<usize>>,
}

impl Network {
    /// A network without arcs.
    pub(super) fn new(nodes: usize) -> Network {
        Network { arcs: Vec::new(), leaving: vec![Vec::new(); nodes] }
    }
    /// Adds an arc and gives its number, by which [`Network::flow`] knows it.
    pub(super) fn add(&mut self, from: usize, to: usize, room: i64, cost: i64) -> usize {
        let arc = self.arcs.len();
        self.arcs.extend([Arc { to, room, cost }, Arc { to: from, room: 0, cost: -cost }]);
        self.leaving[from].push(arc);
        self.leaving[to].push(arc + 1);
        arc
    }
    /// What flows over an arc.
    pub(super) fn flow(&self, arc: usize) -> i64 {
        self.arcs[arc ^ 1].room
    }
    /// Sends flow from `source` to `sink` for as long as a further unit has a cost below 0; gives the cost of all. That
    /// is the cheapest flow of any size. A step costs *O*(nodes × arcs) at worst and a few passes over the arcs here.
    pub(super) fn send_while_it_pays(&mut self, source: usize, sink: usize) -> i64 {
        let mut total = 0;
        loop {
            let (cost, entered_by) = self.cheapest_paths(source);
            match cost[sink] {
                Some(of_sink) if of_sink < 0 => total += of_sink * self.push(source, sink, &entered_by),
                _ => return total,
            }
        }
    }
    /// The cost of the cheapest path to each node and the arc by which it enters; the arc found first on ties.
    fn cheapest_paths(&self, source: usize) -> (Vec<Option<i64>>, Vec<usize>) {
        let mut cost: Vec<Option<i64>> = vec![None; self.leaving.len()];
        let mut entered_by = vec![usize::MAX; self.leaving.len()];
        let mut waits = vec![false; self.leaving.len()];
        let mut queue = std::collections::VecDeque::from([source]);
        cost[source] = Some(0);
        while let Some(node) = queue.pop_front() {
            waits[node] = false;
            let Some(here) = cost[node] else { continue };
            for &arc in &self.leaving[node] {
                let Arc { to, room, cost: step } = self.arcs[arc];
                if room > 0 && cost[to].is_none_or(|known| here + step < known) {
                    cost[to] = Some(here + step);
                    entered_by[to] = arc;
                    if !std::mem::replace(&mut waits[to], true) {
                        queue.push_back(to);
                    }
                }
            }
        }
        (cost, entered_by)
    }
    /// Sends as much as the path has room for; gives the amount.
    fn push(&mut self, source: usize, sink: usize, entered_by: &[usize]) -> i64 {
        let path: Vec<usize> = std::iter::successors(Some(entered_by[sink]), |arc| {
            let from = self.arcs[arc ^ 1].to;
            (from != source).then(|| entered_by[from])
        })
        .collect();
        let amount = path.iter().map(|arc| self.arcs[*arc].room).min().unwrap_or(0);
        for arc in path {
            self.arcs[arc].room -= amount;
            self.arcs[arc ^ 1].room += amount;
        }
        amount
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Streams};
    use rand::RngExt;

    #[test]
    fn a_later_unit_may_send_an_earlier_one_another_way() {
        // 1 → 3 costs 1, 1 → 4 costs 2, 2 → 3 costs 2, 2 → 4 costs 9: the second unit moves the first from 3 to 4.
        let mut network = Network::new(6);
        network.add(0, 1, 1, 0);
        network.add(0, 2, 1, 0);
        let ways = [(1, 3, 1), (1, 4, 2), (2, 3, 2), (2, 4, 9)].map(|(from, to, cost)| network.add(from, to, 1, cost));
        network.add(3, 5, 1, -10);
        network.add(4, 5, 1, -10);
        assert_eq!(network.send_while_it_pays(0, 5), 4 - 20);
        assert_eq!(ways.map(|way| network.flow(way)), [0, 1, 1, 0]);
    }

    #[test]
    fn what_does_not_pay_is_not_sent() {
        let mut network = Network::new(2);
        let arcs = [-3, 0, 5].map(|cost| network.add(0, 1, 7, cost));
        assert_eq!(network.send_while_it_pays(0, 1), -21);
        assert_eq!(arcs.map(|arc| network.flow(arc)), [7, 0, 0]);
    }

    /// The least cost of giving each of `left` at most one of `right`, each of those taken once, or nothing.
    fn brute_force(cost: &[Vec<i64>], row: usize, taken: &mut Vec<bool>) -> i64 {
        let Some(costs) = cost.get(row) else { return 0 };
        let mut best = brute_force(cost, row + 1, taken);
        for column in 0..costs.len() {
            if !taken[column] {
                taken[column] = true;
                best = best.min(costs[column] + brute_force(cost, row + 1, taken));
                taken[column] = false;
            }
        }
        best
    }

    #[test]
    fn the_cost_is_that_of_brute_force() {
        for case in 0..300 {
            let rng = &mut Streams::new(case, 0).long(Purpose::Layout);
            let (rows, columns) = (rng.random_range(1..6_usize), rng.random_range(1..6_usize));
            let cost: Vec<Vec<i64>> =
                (0..rows).map(|_| (0..columns).map(|_| rng.random_range(-9..6)).collect()).collect();
            let mut network = Network::new(rows + columns + 2);
            let (source, sink) = (rows + columns, rows + columns + 1);
            for row in 0..rows {
                network.add(source, row, 1, 0);
            }
            for column in 0..columns {
                network.add(rows + column, sink, 1, 0);
            }
            for (row, costs) in cost.iter().enumerate() {
                for (column, cost) in costs.iter().enumerate() {
                    network.add(row, rows + column, 1, *cost);
                }
            }
            let least = brute_force(&cost, 0, &mut vec![false; columns]);
            assert_eq!(network.send_while_it_pays(source, sink), least, "case {case}: {cost:?}");
        }
    }
}
