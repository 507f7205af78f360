//! Optimal assignment of rows to columns on a sparse bipartite graph with whole-number costs.
//!
//! ```text
//!  rows (bundles) ──cost──► columns (couriers)      each row takes at most one column, each column at most one row;
//!       └──────cost of staying unmatched            the sum of all costs is the least possible
//! ```

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The candidates of every row, and what it costs to leave the row out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidates {
    columns: usize,
    starts: Vec<usize>,
    edges: Vec<(u32, i64)>,
    unmatched: Vec<i64>,
}

impl Candidates {
    /// No rows yet, over columns `0..columns`.
    pub fn new(columns: usize) -> Self {
        Candidates { columns, starts: vec![0], edges: Vec::new(), unmatched: Vec::new() }
    }
    /// Adds a row: the columns it may take with their costs, each at most once, and its cost of staying unmatched.
    /// Costs may be negative; sums must stay within 62 bits.
    pub fn push(&mut self, edges: impl IntoIterator<Item = (u32, i64)>, unmatched: i64) {
        self.edges.extend(edges);
        let added = &self.edges[self.starts[self.rows()]..];
        assert!(
            added.iter().all(|(column, _)| (*column as usize) < self.columns),
            "a column outside 0..{}",
            self.columns
        );
        self.starts.push(self.edges.len());
        self.unmatched.push(unmatched);
    }
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.unmatched.len()
    }
    fn row(&self, row: usize) -> &[(u32, i64)] {
        &self.edges[self.starts[row]..self.starts[row + 1]]
    }
    /// Cost of a complete decision, the column of each row or none; None if a row takes what it may not.
    pub fn cost(&self, decision: &[Option<u32>]) -> Option<i64> {
        self.costs(decision).map(|costs| costs.iter().sum())
    }

    /// The same row by row.
    pub(super) fn costs(&self, decision: &[Option<u32>]) -> Option<Vec<i64>> {
        let cost_of = |(row, column): (usize, &Option<u32>)| match column {
            None => Some(self.unmatched[row]),
            Some(column) => self.row(row).iter().find(|edge| edge.0 == *column).map(|edge| edge.1),
        };
        decision.iter().enumerate().map(cost_of).collect()
    }
}

/// The column of each row in an assignment of least total cost.
///
/// Successive shortest augmenting paths with potentials: rows enter in order, each search touches only the columns it
/// reaches. Without contention a row costs its own candidates; a contended one *O*(m log m) in the edges m of its
/// connected component. At equal cost a row is matched rather than not, takes
/// the lowest column, and earlier rows go before later ones.
pub fn least_cost(candidates: &Candidates) -> Vec<Option<u32>> {
    let mut search = Search::new(candidates);
    for row in 0..candidates.rows() {
        search.insert(row);
    }
    search.decision
}

const NOBODY: u32 = u32::MAX;

/// The assignment of the rows inserted so far, optimal among them, with the potentials that prove it.
struct Search<'a> {
    candidates: &'a Candidates,
    decision: Vec<Option<u32>>,
    taken_by: Vec<u32>,
    /// At most 0; 0 while a column is free.
    column_potential: Vec<i64>,
    row_potential: Vec<i64>,
    /// Distance and previous row on the shortest path to a column, valid if the mark is that of the search.
    reached: Vec<Reached>,
    /// The nearest free column reached: its distance and number.
    nearest_free: (i64, u32),
    /// Columns whose row is part of the tree.
    tree: Vec<u32>,
    /// Taken columns reached, by distance, as far as they are nearer than the nearest free one.
    heap: BinaryHeap<Reverse<(i64, u32)>>,
}

#[derive(Clone, Copy)]
struct Reached {
    mark: u32,
    settled: bool,
    from: u32,
    distance: i64,
}

impl<'a> Search<'a> {
    fn new(candidates: &'a Candidates) -> Self {
        let columns = candidates.columns;
        Search {
            candidates,
            decision: vec![None; candidates.rows()],
            taken_by: vec![NOBODY; columns],
            column_potential: vec![0; columns],
            row_potential: vec![0; candidates.rows()],
            reached: vec![Reached { mark: NOBODY, settled: false, from: NOBODY, distance: 0 }; columns],
            nearest_free: (i64::MAX, NOBODY),
            tree: Vec::new(),
            heap: BinaryHeap::new(),
        }
    }

    /// Adds a row to the optimal assignment.
    ///
    /// A row that was left out stays out: more rows only make columns dearer. So a path ends at a free column or at a
    /// row that gives its column up.
    fn insert(&mut self, row: usize) {
        let unmatched = self.candidates.unmatched[row];
        let cheapest =
            self.candidates.row(row).iter().map(|&(c, cost)| (cost - self.column_potential[c as usize], c)).min();
        let Some((least, column)) = cheapest.filter(|(cost, _)| *cost <= unmatched) else {
            self.row_potential[row] = unmatched;
            return;
        };
        self.row_potential[row] = least;
        if self.taken_by[column as usize] == NOBODY {
            self.take(row as u32, column);
        } else {
            self.augment(row as u32, unmatched - least);
        }
    }

    fn take(&mut self, row: u32, column: u32) {
        self.taken_by[column as usize] = row;
        self.decision[row as usize] = Some(column);
    }

    /// Shortest path in reduced costs from `row` to a free column or to a row that becomes unmatched.
    fn augment(&mut self, row: u32, to_stay_out: i64) {
        self.tree.clear();
        self.heap.clear();
        self.nearest_free = (i64::MAX, NOBODY);
        self.relax(row, row, 0);
        let mut exit = (to_stay_out, row);
        let (length, end) = loop {
            let free = self.nearest_free;
            let (distance, column) = self.heap.pop().map_or(free, |Reverse(taken)| taken.min(free));
            if distance > exit.0 {
                break (exit.0, None);
            }
            if column == free.1 {
                break (distance, Some(column));
            }
            let reached = &mut self.reached[column as usize];
            if std::mem::replace(&mut reached.settled, true) {
                continue;
            }
            let owner = self.taken_by[column as usize];
            self.tree.push(column);
            let leave = self.candidates.unmatched[owner as usize] - self.row_potential[owner as usize];
            if distance + leave < exit.0 {
                exit = (distance + leave, owner);
            }
            self.relax(owner, row, distance);
        };
        self.raise_potentials(row, length);
        match end {
            Some(column) => self.shift_along(column, row),
            None if exit.1 == row => {}
            None => {
                let given_up = self.decision[exit.1 as usize].take().expect("a row of the tree holds its column");
                self.shift_along(given_up, row);
            }
        }
    }

    /// Offers every candidate of `from`, itself `distance` away from the row being inserted (which is the mark).
    fn relax(&mut self, from: u32, mark: u32, distance: i64) {
        let base = distance - self.row_potential[from as usize];
        for &(column, cost) in self.candidates.row(from as usize) {
            let to = base + cost - self.column_potential[column as usize];
            let known = &mut self.reached[column as usize];
            if known.mark != mark || (!known.settled && to < known.distance) {
                *known = Reached { mark, settled: false, from, distance: to };
                if self.taken_by[column as usize] == NOBODY {
                    self.nearest_free = self.nearest_free.min((to, column));
                } else if (to, column) < self.nearest_free {
                    self.heap.push(Reverse((to, column)));
                }
            }
        }
    }

    /// Keeps reduced costs at or above 0 everywhere and at 0 along the path of this length.
    fn raise_potentials(&mut self, row: u32, length: i64) {
        self.row_potential[row as usize] += length;
        for &column in &self.tree {
            let gain = length - self.reached[column as usize].distance;
            self.column_potential[column as usize] -= gain;
            self.row_potential[self.taken_by[column as usize] as usize] += gain;
        }
    }

    /// Hands `column` to its predecessor on the path, that one's old column to its predecessor, back to `row`.
    fn shift_along(&mut self, mut column: u32, row: u32) {
        loop {
            let from = self.reached[column as usize].from;
            let previous = self.decision[from as usize];
            self.take(from, column);
            if from == row {
                return;
            }
            column = previous.expect("only the inserted row has no column yet");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    fn random(rng: &mut impl Rng, rows: usize, columns: usize, chance: f64, costs: std::ops::Range<i64>) -> Candidates {
        let mut candidates = Candidates::new(columns);
        for _ in 0..rows {
            let taken: Vec<u32> = (0..columns as u32).filter(|_| rng.random::<f64>() < chance).collect();
            let edges: Vec<(u32, i64)> =
                taken.into_iter().map(|column| (column, rng.random_range(costs.clone()))).collect();
            candidates.push(edges, rng.random_range(costs.clone()));
        }
        candidates
    }

    /// Every decision there is.
    fn brute_force(candidates: &Candidates, row: usize, taken: &mut [bool]) -> i64 {
        if row == candidates.rows() {
            return 0;
        }
        let mut best = candidates.unmatched[row] + brute_force(candidates, row + 1, taken);
        for &(column, cost) in candidates.row(row) {
            if !std::mem::replace(&mut taken[column as usize], true) {
                best = best.min(cost + brute_force(candidates, row + 1, taken));
                taken[column as usize] = false;
            }
        }
        best
    }

    /// Cheapest edges first, as long as both ends are free and the row gains.
    fn greedy(candidates: &Candidates) -> Vec<Option<u32>> {
        let mut edges: Vec<(i64, usize, u32)> = (0..candidates.rows())
            .flat_map(|row| candidates.row(row).iter().map(move |&(column, cost)| (cost, row, column)))
            .filter(|&(cost, row, _)| cost <= candidates.unmatched[row])
            .collect();
        edges.sort_unstable();
        let (mut decision, mut taken) = (vec![None; candidates.rows()], vec![false; candidates.columns]);
        for (_, row, column) in edges {
            if decision[row].is_none() && !taken[column as usize] {
                taken[column as usize] = true;
                decision[row] = Some(column);
            }
        }
        decision
    }

    fn cost_of(candidates: &Candidates) -> i64 {
        let decision = least_cost(candidates);
        let mut columns: Vec<u32> = decision.iter().flatten().copied().collect();
        columns.sort_unstable();
        assert!(columns.windows(2).all(|pair| pair[0] < pair[1]), "a column taken twice: {decision:?}");
        candidates.cost(&decision).expect("every row takes one of its candidates")
    }

    #[test]
    fn the_cost_is_the_least_of_all_decisions() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        for case in 0..20_000 {
            let (rows, columns) = (rng.random_range(0..=7), rng.random_range(1..=7));
            let chance = rng.random_range(0.1..1.0);
            // Small ranges make ties, ranges below 0 rewards.
            let costs = [0..3, -4..4, 0..1000, -1000..0][case % 4].clone();
            let candidates = random(&mut rng, rows, columns, chance, costs);
            let best = brute_force(&candidates, 0, &mut vec![false; columns]);
            assert_eq!(cost_of(&candidates), best, "case {case}: {candidates:?}");
        }
    }

    #[test]
    fn the_cost_is_at_most_that_of_taking_the_cheapest_edge_first() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
        let mut better = 0;
        for _ in 0..200 {
            let candidates = random(&mut rng, 60, 50, 0.15, 0..500);
            let (optimal, greedy) = (cost_of(&candidates), candidates.cost(&greedy(&candidates)).unwrap());
            assert!(optimal <= greedy);
            better += usize::from(optimal < greedy);
        }
        assert!(better > 100, "contention makes greedy worse, only {better} of 200 show it");
    }

    #[test]
    fn ties_are_matched_and_go_to_the_lowest_column() {
        let mut candidates = Candidates::new(4);
        candidates.push([(3, 5), (1, 5), (2, 5)], 5);
        candidates.push([(2, 7), (1, 7)], 100);
        candidates.push([], 3);
        assert_eq!(least_cost(&candidates), [Some(1), Some(2), None]);
        assert!(least_cost(&Candidates::new(0)).is_empty());
    }

    #[test]
    fn a_row_gives_its_column_up_when_that_is_cheaper_for_both() {
        let mut candidates = Candidates::new(1);
        candidates.push([(0, 10)], 20);
        candidates.push([(0, 10)], 21);
        assert_eq!(least_cost(&candidates), [None, Some(0)]);
    }

    #[test]
    fn far_away_rows_do_not_touch_each_other() {
        // Rows in clusters of 5 with 4 columns: the work of a cluster must not grow with their number.
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let clusters = 2_000;
        let mut candidates = Candidates::new(clusters * 4);
        for row in 0..clusters * 5 {
            let first = (row / 5 * 4) as u32;
            candidates.push((first..first + 4).map(|column| (column, rng.random_range(0..100))), 1_000);
        }
        let mut search = Search::new(&candidates);
        let mut most = 0;
        for row in 0..candidates.rows() {
            search.insert(row);
            most = most.max(search.tree.len());
        }
        assert_eq!(most, 4, "a search reaches every column of its own cluster and no other");
        assert_eq!(search.decision.iter().flatten().count(), clusters * 4);
    }
}
