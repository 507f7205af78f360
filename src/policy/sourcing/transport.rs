//! The transportation problem of one SKU: which catchment is served from which store until the next replenishment.
//!
//! ```text
//! min Σ c_rs x_rs + Σ L x_r0   subject to   Σ_s x_rs + x_r0 = D_r   (regions r, 0 = no store)
//!                                           Σ_r x_rs ≤ A_s          (stores s; the dual λ_s is the bid price)
//! ```
//! A region that gets its cheapest store is content, and a store that can serve all who prefer it has price 0. Only the
//! rows of stores asked for more than they have are written down, and rows that this in turn overloads are added until
//! none is: the optimum of the whole problem at a fraction of its size. A SKU without such a store is not solved.
//!
//! The solver gives no duals, so the dual problem is solved for them.

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};

/// Units below which a store counts as not overloaded.
const SLACK: f64 = 1e-9;

/// One SKU.
#[derive(Clone, Copy, Debug)]
pub struct Transport<'a> {
    /// Units each region will ask for.
    pub demand: &'a [f64],
    /// Units each store has.
    pub supply: &'a [f64],
    /// Stores that reach a region with the cost of a unit in yuan, cheapest first.
    pub arcs: &'a [Vec<(u32, f64)>],
    /// Cost of a unit that no store serves (yuan).
    pub lost_yuan: f64,
}

/// One region of the reduced problem.
struct Row {
    region: usize,
    /// Stores with a row of their own that are cheaper than the way out.
    scarce: Vec<(u32, f64)>,
    /// The cheapest store without a row of its own; None is no store at all.
    out: Option<u32>,
    out_yuan: f64,
}

/// A flow of units from a store to a region.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Flow {
    /// The region.
    pub region: usize,
    /// The store.
    pub store: u32,
    /// Units until the next replenishment.
    pub units: f64,
}

/// What is scarce and how it is best shared.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Scarcity {
    /// Stores asked for more than they have, and the price of a unit there (yuan); every other store's is 0.
    pub prices: Vec<(u32, f64)>,
    /// Flows into the regions concerned; every other region is served from its cheapest store with stock.
    pub flows: Vec<Flow>,
}

impl Transport<'_> {
    /// Solves the problem. Without scarcity, and should the solver give up, nothing is scarce.
    pub fn solve(&self) -> Scarcity {
        let mut load = vec![0.0; self.supply.len()];
        for region in 0..self.demand.len() {
            if let Some((store, _)) = self.content(region) {
                load[store as usize] += self.demand[region];
            }
        }
        let mut scarce: Vec<bool> = load.iter().zip(self.supply).map(|(load, units)| *load > units + SLACK).collect();
        if !scarce.contains(&true) {
            return Scarcity::default();
        }
        loop {
            let rows = self.rows(&scarce);
            let Some(flows) = self.primal(&rows, &scarce) else { return Scarcity::default() };
            if !self.overload(&rows, &flows, &load, &mut scarce) {
                let prices = self.dual(&rows, &scarce).unwrap_or_default();
                return Scarcity { prices, flows };
            }
        }
    }

    /// The cheapest store with stock, if it beats none.
    fn content(&self, region: usize) -> Option<(u32, f64)> {
        let stocked = self.arcs[region].iter().find(|(store, _)| self.supply[*store as usize] > 0.0);
        stocked.copied().filter(|(_, yuan)| *yuan < self.lost_yuan)
    }

    /// The regions that prefer a scarce store.
    fn rows(&self, scarce: &[bool]) -> Vec<Row> {
        let concerned = |region: &usize| {
            self.demand[*region] > 0.0 && self.content(*region).is_some_and(|(store, _)| scarce[store as usize])
        };
        (0..self.demand.len()).filter(concerned).map(|region| self.row(region, scarce)).collect()
    }

    fn row(&self, region: usize, scarce: &[bool]) -> Row {
        let mut row = Row { region, scarce: Vec::new(), out: None, out_yuan: self.lost_yuan };
        for (store, yuan) in &self.arcs[region] {
            if *yuan >= self.lost_yuan || self.supply[*store as usize] <= 0.0 {
                continue;
            }
            if !scarce[*store as usize] {
                (row.out, row.out_yuan) = (Some(*store), *yuan);
                break;
            }
            row.scarce.push((*store, *yuan));
        }
        row
    }

    /// Marks stores that the flows overload; false if there is none.
    fn overload(&self, rows: &[Row], flows: &[Flow], load: &[f64], scarce: &mut [bool]) -> bool {
        let mut load = load.to_vec();
        for flow in flows {
            load[flow.store as usize] += flow.units;
        }
        // Their own demand was counted at the stores they prefer, which are scarce; those rows are in the problem.
        let concerned = rows.iter().flat_map(|row| row.out).map(|store| store as usize);
        let over: Vec<usize> =
            concerned.filter(|s| !scarce[*s] && load[*s] > self.supply[*s] + SLACK.max(1e-7 * load[*s])).collect();
        over.iter().for_each(|store| scarce[*store] = true);
        !over.is_empty()
    }

    /// The flows of least cost.
    fn primal(&self, rows: &[Row], scarce: &[bool]) -> Option<Vec<Flow>> {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let mut stores: Vec<LinearExpr> = scarce.iter().map(|_| LinearExpr::empty()).collect();
        let mut variables: Vec<(usize, Option<u32>, Variable)> = Vec::new();
        for row in rows {
            let mut served = LinearExpr::empty();
            for (store, yuan) in &row.scarce {
                let units = problem.add_var(*yuan, (0.0, f64::INFINITY));
                served.add(units, 1.0);
                stores[*store as usize].add(units, 1.0);
                variables.push((row.region, Some(*store), units));
            }
            let out = problem.add_var(row.out_yuan, (0.0, f64::INFINITY));
            served.add(out, 1.0);
            variables.push((row.region, row.out, out));
            problem.add_constraint(served, ComparisonOp::Eq, self.demand[row.region]);
        }
        for (store, taken) in stores.into_iter().enumerate().filter(|(store, _)| scarce[*store]) {
            problem.add_constraint(taken, ComparisonOp::Le, self.supply[store]);
        }
        let solution = problem.solve().ok()?.into_solution().ok()?;
        let flow = |(region, store, units): (usize, Option<u32>, Variable)| {
            let units = solution.var_value(units);
            store.filter(|_| units > SLACK).map(|store| Flow { region, store, units })
        };
        Some(variables.into_iter().filter_map(flow).collect())
    }

    /// The prices of the scarce stores: max Σ D_r u_r − Σ A_s λ_s with u_r ≤ c_rs + λ_s and u_r ≤ the way out.
    fn dual(&self, rows: &[Row], scarce: &[bool]) -> Option<Vec<(u32, f64)>> {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let price: Vec<Option<Variable>> = scarce
            .iter()
            .zip(self.supply)
            .map(|(scarce, units)| scarce.then(|| problem.add_var(-units, (0.0, self.lost_yuan))))
            .collect();
        for row in rows {
            let served = problem.add_var(self.demand[row.region], (0.0, row.out_yuan));
            for (store, yuan) in &row.scarce {
                if let Some(price) = price[*store as usize] {
                    problem.add_constraint([(served, 1.0), (price, -1.0)], ComparisonOp::Le, *yuan);
                }
            }
        }
        let solution = problem.solve().ok()?.into_solution().ok()?;
        let of = |(store, price): (usize, Option<Variable>)| {
            price.map(|price| (store as u32, solution.var_value(price).max(0.0)))
        };
        Some(price.into_iter().enumerate().filter_map(of).collect())
    }

    /// The cost of the best plan (yuan): flows of the scarce part, and every other region from its cheapest store.
    pub fn cost(&self, scarcity: &Scarcity) -> f64 {
        let scarce = |store: u32| scarcity.prices.iter().any(|(other, _)| *other == store);
        let mut total = 0.0;
        for (region, demand) in self.demand.iter().enumerate() {
            total += match self.content(region) {
                Some((store, yuan)) if !scarce(store) => demand * yuan,
                Some(_) => self.shared_cost(region, *demand, scarcity),
                None => demand * self.lost_yuan,
            };
        }
        total
    }

    fn shared_cost(&self, region: usize, demand: f64, scarcity: &Scarcity) -> f64 {
        let mut lost = demand;
        let mut total = 0.0;
        for flow in scarcity.flows.iter().filter(|flow| flow.region == region) {
            let yuan = self.arcs[region].iter().find(|(store, _)| *store == flow.store).map_or(0.0, |arc| arc.1);
            lost -= flow.units;
            total += flow.units * yuan;
        }
        total + lost.max(0.0) * self.lost_yuan
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Streams};
    use rand::RngExt;

    /// Stores and regions at random places of a line, with demand and stock that make some stores scarce.
    struct Case {
        demand: Vec<f64>,
        supply: Vec<f64>,
        arcs: Vec<Vec<(u32, f64)>>,
    }

    impl Case {
        fn drawn(case: u64, size: usize) -> Case {
            let rng = &mut Streams::new(case, 0).long(Purpose::Layout);
            let places: Vec<f64> = (0..size).map(|_| rng.random_range(0.0..4.0)).collect();
            let arcs = (0..size)
                .map(|_| {
                    let home = rng.random_range(0.0..4.0);
                    let mut arcs: Vec<(u32, f64)> = places
                        .iter()
                        .enumerate()
                        .map(|(store, place)| (store as u32, f64::abs(place - home)))
                        .collect();
                    arcs.sort_by(|x, y| x.1.total_cmp(&y.1));
                    arcs.truncate(4);
                    arcs
                })
                .collect();
            Case {
                demand: (0..size).map(|_| rng.random_range(0.0..3.0)).collect(),
                supply: (0..size).map(|_| f64::from(rng.random_range(0..4_u32))).collect(),
                arcs,
            }
        }
        fn transport(&self) -> Transport<'_> {
            Transport { demand: &self.demand, supply: &self.supply, arcs: &self.arcs, lost_yuan: 3.0 }
        }
        /// The whole problem, every row of it.
        fn whole(&self) -> f64 {
            let mut problem = Problem::new(OptimizationDirection::Minimize);
            let mut stores: Vec<LinearExpr> = self.supply.iter().map(|_| LinearExpr::empty()).collect();
            for (demand, arcs) in self.demand.iter().zip(&self.arcs) {
                let mut served = LinearExpr::empty();
                for (store, yuan) in arcs {
                    let units = problem.add_var(*yuan, (0.0, f64::INFINITY));
                    served.add(units, 1.0);
                    stores[*store as usize].add(units, 1.0);
                }
                served.add(problem.add_var(3.0, (0.0, f64::INFINITY)), 1.0);
                problem.add_constraint(served, ComparisonOp::Eq, *demand);
            }
            for (taken, units) in stores.into_iter().zip(&self.supply) {
                problem.add_constraint(taken, ComparisonOp::Le, *units);
            }
            problem.solve().unwrap().into_solution().unwrap().objective()
        }
    }

    #[test]
    fn the_reduced_problem_costs_what_the_whole_one_does() {
        let mut scarce = 0;
        for case in 0..60 {
            let case = Case::drawn(case, 12);
            let transport = case.transport();
            let scarcity = transport.solve();
            scarce += usize::from(!scarcity.prices.is_empty());
            let (ours, whole) = (transport.cost(&scarcity), case.whole());
            assert!((ours - whole).abs() < 1e-6 * whole.max(1.0), "{ours} against {whole}");
        }
        assert!(scarce > 50, "{scarce}");
    }

    #[test]
    fn prices_are_what_one_unit_more_or_less_changes() {
        let mut positive = 0;
        for number in 0..40 {
            let mut case = Case::drawn(number, 10);
            let scarcity = case.transport().solve();
            for store in 0..10 {
                let units = case.supply[store];
                if units == 0.0 {
                    continue;
                }
                let price = scarcity.prices.iter().find(|(s, _)| *s as usize == store).map_or(0.0, |(_, yuan)| *yuan);
                let mut cost_with = |change: f64| {
                    case.supply[store] = units + change;
                    let cost = case.whole();
                    case.supply[store] = units;
                    cost
                };
                let (less, here, more) = (cost_with(-1e-3), cost_with(0.0), cost_with(1e-3));
                let (above, below) = ((here - more) / 1e-3, (less - here) / 1e-3);
                // Where the slope changes, any price between the two sides is a dual.
                assert!(price > above - 1e-4 && price < below + 1e-4, "{number} {store}: {above} {price} {below}");
                positive += usize::from(price > 0.01);
            }
        }
        assert!(positive > 50, "{positive}");
    }

    #[test]
    fn enough_for_everybody_means_no_prices_and_no_solving() {
        let case = Case { supply: vec![40.0; 12], ..Case::drawn(1, 12) };
        assert_eq!(case.transport().solve(), Scarcity::default());
    }

    #[test]
    fn two_regions_that_share_one_unit_pay_the_worse_off_ones_way() {
        // The unit saves region 0 the way to the second store, 2 − .5, or region 1 the loss, 3 − 1.
        let arcs = [vec![(0, 0.5), (1, 2.0)], vec![(0, 1.0)]];
        let transport = Transport { demand: &[1.0, 1.0], supply: &[1.0, 9.0], arcs: &arcs, lost_yuan: 3.0 };
        let scarcity = transport.solve();
        let price = scarcity.prices[0].1;
        assert!((1.5 - 1e-9..=2.0 + 1e-9).contains(&price), "{price}");
        assert_eq!(scarcity.flows.iter().map(|f| (f.region, f.store)).collect::<Vec<_>>(), [(0, 1), (1, 0)]);
    }
}
