//! Regret: what each order's node cost, and how long it took, against the best it could have had. Read from the stored
//! table of candidates.

use super::candidates::CANDIDATES_SCHEMA_VERSION;
use super::fates::CHANNELS;
use super::stored::table;
use super::{MetricsError, parquet_bytes};
use crate::city::Channel;
use crate::event::WhyNot;
use polars::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The candidates of a run, as stored.
pub struct StoredCandidates(DataFrame);

/// One node that an order could have had (docs/candidates-schema.md).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct StoredCandidate<'a> {
    /// Place by distance, from 1.
    pub rank: u32,
    /// `near`, `far` or `pickup`.
    pub channel: &'a str,
    /// Name of the store, or `warehouse`.
    pub node: &'a str,
    /// From store to consumer (m); None for the warehouse.
    pub distance_m: Option<f64>,
    /// Order lines it could not fill.
    pub lines_short: u32,
    /// Whether it served the order or could have.
    pub feasible: bool,
    /// Time to the door that was, or would have been, told (min).
    pub promise_min: f64,
    /// Time to the door to be expected (min).
    pub eta_min: f64,
    /// Expected cost to serve (yuan).
    pub cost_yuan: f64,
    /// Expected carbon (g of CO2 equivalent).
    pub co2e_g: f64,
    /// Whether it serves the order.
    pub chosen: bool,
    /// Why it does not; None for the chosen one.
    pub why_not: Option<&'a str>,
}

/// How often a reason was given.
#[derive(Clone, PartialEq, Debug)]
pub struct ReasonCount {
    /// The reason, or `chosen`.
    pub why_not: String,
    /// Of how many stores among all candidates.
    pub stores: u64,
    /// Of how many stores that were the nearest candidate of their order.
    pub nearest_store: u64,
    /// How often of the warehouse.
    pub warehouse: u64,
    /// How often of the store that pick-up offered.
    pub pickup: u64,
}

/// One order: the node it came from against the best that it could have had.
#[derive(Clone, PartialEq, Debug)]
pub struct Regret {
    /// Number of the replication.
    pub replication: u32,
    /// Number of the order.
    pub order: u32,
    /// Its category.
    pub category: String,
    /// The channel it counts as.
    pub channel: String,
    /// The node that serves it.
    pub node: String,
    /// Expected cost of that node (yuan).
    pub cost_yuan: f64,
    /// The cheapest node that could have served it; the chosen one on ties, then the nearer one.
    pub cheapest_node: String,
    /// Its channel.
    pub cheapest_channel: String,
    /// Its expected cost (yuan).
    pub cheapest_yuan: f64,
    /// Least expected cost among the nodes of its own channel (yuan).
    pub own_channel_yuan: f64,
    /// Expected time to the door (min).
    pub eta_min: f64,
    /// The fastest node that could have served it; ties as for the cheapest.
    pub fastest_node: String,
    /// Its expected time to the door (min).
    pub fastest_min: f64,
    /// Expected carbon (g of CO2 equivalent).
    pub co2e_g: f64,
    /// The node of least expected carbon that could have served it; ties as for the cheapest.
    pub cleanest_node: String,
    /// Its expected carbon (g of CO2 equivalent).
    pub cleanest_g: f64,
}

impl Regret {
    /// What the chosen node cost beyond the cheapest one (yuan, at least 0).
    pub fn yuan(&self) -> f64 {
        self.cost_yuan - self.cheapest_yuan
    }
    /// What the chosen node cost beyond the cheapest one of its own channel (yuan, at least 0).
    pub fn yuan_in_channel(&self) -> f64 {
        self.cost_yuan - self.own_channel_yuan
    }
    /// What the chosen node took beyond the fastest one (min, at least 0).
    pub fn minutes(&self) -> f64 {
        self.eta_min - self.fastest_min
    }
    /// What the chosen node emits beyond the cleanest one (g of CO2 equivalent, at least 0), in whole milligrams.
    pub fn grams(&self) -> f64 {
        ((self.co2e_g - self.cleanest_g) * 1000.0).round() / 1000.0
    }
    /// Whether another node would have cost less.
    fn had_cheaper(&self) -> bool {
        self.cheapest_yuan < self.cost_yuan
    }
}

/// Regret of a group of orders.
#[derive(Clone, PartialEq, Debug)]
pub struct RegretSummary {
    /// The channel they count as, or `all`.
    pub channel: String,
    /// Their category, or `all`.
    pub category: String,
    /// Number of orders.
    pub orders: usize,
    /// Mean cost beyond the cheapest node (yuan).
    pub regret_mean_yuan: f64,
    /// Its 90 % quantile (yuan).
    pub regret_p90_yuan: f64,
    /// Mean cost beyond the cheapest node of the same channel (yuan): of near orders, beyond the cheapest store.
    pub in_channel_mean_yuan: f64,
    /// Share of orders for which a store would have cost least.
    pub cheaper_near_share: f64,
    /// Share of orders for which a parcel would have cost least.
    pub cheaper_far_share: f64,
    /// Share of orders for which it would have cost least that the consumer fetches them.
    pub cheaper_pickup_share: f64,
    /// Mean time beyond the fastest node (min).
    pub delay_mean_min: f64,
    /// Its 90 % quantile (min).
    pub delay_p90_min: f64,
    /// Mean carbon beyond the cleanest node (g of CO2 equivalent).
    pub co2e_mean_g: f64,
    /// Its 90 % quantile (g of CO2 equivalent).
    pub co2e_p90_g: f64,
}

/// Columns of the table, read row by row.
struct Columns<'a> {
    replication: &'a UInt32Chunked,
    order: &'a UInt32Chunked,
    session: &'a UInt32Chunked,
    category: &'a StringChunked,
    rank: &'a UInt32Chunked,
    channel: &'a StringChunked,
    node: &'a StringChunked,
    distance: &'a Float64Chunked,
    lines_short: &'a UInt32Chunked,
    feasible: &'a BooleanChunked,
    promise: &'a Float64Chunked,
    eta: &'a Float64Chunked,
    cost: &'a Float64Chunked,
    co2e: &'a Float64Chunked,
    why_not: &'a StringChunked,
}

impl<'a> Columns<'a> {
    fn of(table: &'a DataFrame) -> Result<Self, MetricsError> {
        Ok(Columns {
            replication: table.column("replication")?.u32()?,
            order: table.column("order_id")?.u32()?,
            session: table.column("session_id")?.u32()?,
            category: table.column("category")?.str()?,
            rank: table.column("rank")?.u32()?,
            channel: table.column("channel")?.str()?,
            node: table.column("node")?.str()?,
            distance: table.column("distance_m")?.f64()?,
            lines_short: table.column("lines_short")?.u32()?,
            feasible: table.column("feasible")?.bool()?,
            promise: table.column("promise_min")?.f64()?,
            eta: table.column("eta_min")?.f64()?,
            cost: table.column("cost_yuan")?.f64()?,
            co2e: table.column("co2e_g")?.f64()?,
            why_not: table.column("why_not")?.str()?,
        })
    }

    fn candidate(&self, row: usize) -> StoredCandidate<'a> {
        let why_not = self.why_not.get(row);
        StoredCandidate {
            rank: self.rank.get(row).unwrap_or(0),
            channel: self.channel.get(row).unwrap_or_default(),
            node: self.node.get(row).unwrap_or_default(),
            distance_m: self.distance.get(row),
            lines_short: self.lines_short.get(row).unwrap_or(0),
            feasible: self.feasible.get(row).unwrap_or(false),
            promise_min: self.promise.get(row).unwrap_or(f64::NAN),
            eta_min: self.eta.get(row).unwrap_or(f64::NAN),
            cost_yuan: self.cost.get(row).unwrap_or(f64::NAN),
            co2e_g: self.co2e.get(row).unwrap_or(f64::NAN),
            chosen: why_not.is_none(),
            why_not,
        }
    }

    /// Who asked: rows of one inquiry stand together.
    fn asker(&self, row: usize) -> [Option<u32>; 3] {
        [self.replication.get(row), self.order.get(row), self.session.get(row)]
    }
}

impl StoredCandidates {
    /// Reads the bytes of a candidates.parquet of this version.
    pub fn read(bytes: Vec<u8>) -> Result<StoredCandidates, MetricsError> {
        Ok(StoredCandidates(table(bytes, "nearfar.candidates.schema", CANDIDATES_SCHEMA_VERSION)?))
    }

    /// The same, of one order alone.
    pub fn of_order(&self, replication: u32, order: u32) -> Result<StoredCandidates, MetricsError> {
        let mine =
            self.0.column("order_id")?.u32()?.equal(order) & self.0.column("replication")?.u32()?.equal(replication);
        Ok(StoredCandidates(self.0.filter_seq(&mine)?))
    }

    /// Every candidate, in the order of asking.
    pub fn rows(&self) -> Result<Vec<StoredCandidate<'_>>, MetricsError> {
        let columns = Columns::of(&self.0)?;
        Ok((0..self.0.height()).map(|row| columns.candidate(row)).collect())
    }

    /// Orders, and sessions that left.
    pub fn asked(&self) -> Result<(usize, usize), MetricsError> {
        let columns = Columns::of(&self.0)?;
        let begins = |row: &usize| *row == 0 || columns.asker(row - 1) != columns.asker(*row);
        let orders = (0..self.0.height()).filter(begins).map(|row| columns.order.get(row).is_some());
        let (mut asked, mut left) = (0, 0);
        orders.for_each(|order| if order { asked += 1 } else { left += 1 });
        Ok((asked, left))
    }

    /// How often each reason was given, those that were, `chosen` first; each column sums to its candidates.
    pub fn reasons(&self) -> Result<Vec<ReasonCount>, MetricsError> {
        let mut counts: BTreeMap<&str, [u64; 4]> = BTreeMap::new();
        let rows = self.rows()?;
        for row in &rows {
            let count = counts.entry(row.why_not.unwrap_or("chosen")).or_default();
            match row.distance_m {
                None => count[2] += 1,
                Some(_) if row.channel == Channel::Pickup.word() => count[3] += 1,
                Some(_) => {
                    count[0] += 1;
                    count[1] += u64::from(row.rank == 1);
                }
            }
        }
        let words = ["chosen"].into_iter().chain(WhyNot::ALL.iter().map(|why| why.name()));
        let known = words.filter_map(|word| counts.get(word).map(|count| (word, *count)));
        let row = |(word, [stores, nearest_store, warehouse, pickup]): (&str, [u64; 4])| ReasonCount {
            why_not: word.to_owned(),
            stores,
            nearest_store,
            warehouse,
            pickup,
        };
        Ok(known.map(row).collect())
    }

    /// Every order that a node serves against the best it could have had, in the order of asking.
    pub fn regrets(&self) -> Result<Vec<Regret>, MetricsError> {
        let columns = Columns::of(&self.0)?;
        let (mut found, mut first) = (Vec::new(), 0);
        for row in 1..=self.0.height() {
            if row < self.0.height() && columns.asker(row) == columns.asker(first) {
                continue;
            }
            let candidates: Vec<StoredCandidate> = (first..row).map(|row| columns.candidate(row)).collect();
            let [replication, order, _] = columns.asker(first);
            let category = columns.category.get(first).unwrap_or_default();
            if let Some(order) = order {
                found.extend(regret(replication.unwrap_or(0), order, category, &candidates));
            }
            first = row;
        }
        Ok(found)
    }
}

/// None if no node serves the order, or several serve parts of it.
fn regret(replication: u32, order: u32, category: &str, candidates: &[StoredCandidate]) -> Option<Regret> {
    let mut serving = candidates.iter().filter(|candidate| candidate.chosen);
    let (Some(chosen), None) = (serving.next(), serving.next()) else { return None };
    let own = |candidate: &&StoredCandidate| candidate.channel == chosen.channel;
    let least = |measure: fn(&StoredCandidate) -> f64, of: &dyn Fn(&&StoredCandidate) -> bool| {
        let others = candidates.iter().filter(|candidate| candidate.feasible && of(candidate));
        others.fold(chosen, |best, next| if measure(next) < measure(best) { next } else { best })
    };
    let any = |_: &&StoredCandidate| true;
    let (cheapest, fastest) = (least(|c| c.cost_yuan, &any), least(|c| c.eta_min, &any));
    let cleanest = least(|c| c.co2e_g, &any);
    Some(Regret {
        replication,
        order,
        category: category.to_owned(),
        channel: chosen.channel.to_owned(),
        node: chosen.node.to_owned(),
        cost_yuan: chosen.cost_yuan,
        cheapest_node: cheapest.node.to_owned(),
        cheapest_channel: cheapest.channel.to_owned(),
        cheapest_yuan: cheapest.cost_yuan,
        own_channel_yuan: least(|c| c.cost_yuan, &own).cost_yuan,
        eta_min: chosen.eta_min,
        fastest_node: fastest.node.to_owned(),
        fastest_min: fastest.eta_min,
        co2e_g: chosen.co2e_g,
        cleanest_node: cleanest.node.to_owned(),
        cleanest_g: cleanest.co2e_g,
    })
}

/// What stands for every channel and category.
const ALL: &str = "all";

/// Regret of all orders, of each channel, and of each category in each channel, those that occur.
pub fn regret_summaries(regrets: &[Regret]) -> Vec<RegretSummary> {
    let mut groups: BTreeMap<(usize, &str, usize, &str), Vec<&Regret>> = BTreeMap::new();
    // `all` comes first, then channels as elsewhere, then categories by name.
    let place = |channel: &str| CHANNELS.iter().position(|known| *known == channel).unwrap_or(CHANNELS.len()) + 1;
    for regret in regrets {
        let (channel, category) = (regret.channel.as_str(), regret.category.as_str());
        groups.entry((0, ALL, 0, ALL)).or_default().push(regret);
        groups.entry((place(channel), channel, 0, ALL)).or_default().push(regret);
        groups.entry((place(channel), channel, 1, category)).or_default().push(regret);
    }
    groups.into_iter().map(|((_, channel, _, category), group)| summary(channel, category, &group)).collect()
}

fn summary(channel: &str, category: &str, group: &[&Regret]) -> RegretSummary {
    let orders = group.len();
    let mean = |of: fn(&Regret) -> f64| group.iter().map(|regret| of(regret)).sum::<f64>() / orders as f64;
    let share =
        |holds: &dyn Fn(&Regret) -> bool| group.iter().filter(|regret| holds(regret)).count() as f64 / orders as f64;
    let p90 = |of: fn(&Regret) -> f64| {
        let mut values: Vec<f64> = group.iter().map(|regret| of(regret)).collect();
        values.sort_by(f64::total_cmp);
        quantile(&values, 0.9)
    };
    let cheaper = |by: Channel| share(&|regret| regret.had_cheaper() && regret.cheapest_channel == by.word());
    RegretSummary {
        channel: channel.to_owned(),
        category: category.to_owned(),
        orders,
        regret_mean_yuan: mean(Regret::yuan),
        regret_p90_yuan: p90(Regret::yuan),
        in_channel_mean_yuan: mean(Regret::yuan_in_channel),
        cheaper_near_share: cheaper(Channel::Near),
        cheaper_far_share: cheaper(Channel::Far),
        cheaper_pickup_share: cheaper(Channel::Pickup),
        delay_mean_min: mean(Regret::minutes),
        delay_p90_min: p90(Regret::minutes),
        co2e_mean_g: mean(Regret::grams),
        co2e_p90_g: p90(Regret::grams),
    }
}

/// Linear between ranks, as for KPIs; NaN of nothing.
fn quantile(ascending: &[f64], q: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else { return f64::NAN };
    let rank = q * last as f64;
    let below = rank.floor() as usize;
    let (low, high) = (ascending[below], ascending[(below + 1).min(last)]);
    low + (high - low) * (rank - below as f64)
}

/// Costs are whole fen; a difference of two is rounded back to them.
fn in_fen(yuan: f64) -> f64 {
    (yuan * 100.0).round() / 100.0
}

/// Order by order as CSV: shortest decimals that read back exactly.
pub fn regret_csv(regrets: &[Regret]) -> String {
    let quoted = |text: &str| match text.contains([',', '"', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    let mut csv = String::from(
        "replication,order_id,category,channel,node,cost_yuan,cheapest_node,cheapest_yuan,regret_yuan,in_channel_yuan,eta_min,\
         fastest_node,fastest_min,delay_min,co2e_g,cleanest_node,cleanest_g,co2e_regret_g\n",
    );
    for row in regrets {
        let [category, node] = [&row.category, &row.node].map(|text| quoted(text));
        let others = [&row.cheapest_node, &row.fastest_node, &row.cleanest_node];
        let [cheapest, fastest, cleanest] = others.map(|text| quoted(text));
        let (regret, own) = (in_fen(row.yuan()), in_fen(row.yuan_in_channel()));
        let _ = writeln!(
            csv,
            "{},{},{category},{},{node},{},{cheapest},{},{regret},{own},{},{fastest},{},{},{},{cleanest},{},{}",
            row.replication,
            row.order,
            row.channel,
            row.cost_yuan,
            row.cheapest_yuan,
            row.eta_min,
            row.fastest_min,
            row.minutes(),
            row.co2e_g,
            row.cleanest_g,
            row.grams(),
        );
    }
    csv
}

/// The same as a Parquet file.
pub fn regret_parquet(regrets: &[Regret]) -> Result<Vec<u8>, MetricsError> {
    let words = |name: &'static str, of: fn(&Regret) -> &str| {
        StringChunked::from_iter_values(name.into(), regrets.iter().map(of)).into_column()
    };
    let numbers = |name: &'static str, of: fn(&Regret) -> f64| {
        Float64Chunked::from_vec(name.into(), regrets.iter().map(of).collect()).into_column()
    };
    let ids = |name: &'static str, of: fn(&Regret) -> u32| {
        UInt32Chunked::from_vec(name.into(), regrets.iter().map(of).collect()).into_column()
    };
    let columns = vec![
        ids("replication", |row| row.replication),
        ids("order_id", |row| row.order),
        words("category", |row| &row.category),
        words("channel", |row| &row.channel),
        words("node", |row| &row.node),
        numbers("cost_yuan", |row| row.cost_yuan),
        words("cheapest_node", |row| &row.cheapest_node),
        numbers("cheapest_yuan", |row| row.cheapest_yuan),
        numbers("regret_yuan", |row| in_fen(row.yuan())),
        numbers("in_channel_yuan", |row| in_fen(row.yuan_in_channel())),
        numbers("eta_min", |row| row.eta_min),
        words("fastest_node", |row| &row.fastest_node),
        numbers("fastest_min", |row| row.fastest_min),
        numbers("delay_min", Regret::minutes),
        numbers("co2e_g", |row| row.co2e_g),
        words("cleanest_node", |row| &row.cleanest_node),
        numbers("cleanest_g", |row| row.cleanest_g),
        numbers("co2e_regret_g", Regret::grams),
    ];
    parquet_bytes(&DataFrame::new(regrets.len(), columns)?, &[])
}

#[cfg(test)]
mod tests {
    use super::super::candidates::candidates_parquet;
    use super::super::candidates::tests::small_ledger;
    use super::*;
    use crate::testing::small_run;

    fn stored() -> StoredCandidates {
        let (run, ledger) = (small_run(), small_ledger());
        StoredCandidates::read(candidates_parquet(&[(&run.city, &ledger), (&run.city, &ledger)]).unwrap()).unwrap()
    }

    #[test]
    fn regret_is_the_cost_beyond_the_cheapest_node_that_could_serve() {
        let regrets = stored().regrets().unwrap();
        assert_eq!(regrets.len(), 6, "three orders in each of two replications; who left regrets nothing");
        let near = &regrets[0];
        assert_eq!((near.node.as_str(), near.cheapest_node.as_str(), near.yuan()), ("busy", "warehouse", 4.0));
        assert_eq!(near.yuan_in_channel(), 1.5, "quiet is a store as well");
        assert_eq!((near.fastest_node.as_str(), near.minutes()), ("quiet", 6.0));
        let far = &regrets[1];
        assert_eq!((far.node.as_str(), far.yuan(), far.minutes()), ("warehouse", 0.0, 0.0), "busy lacked a line");
        let fetched = &regrets[2];
        assert_eq!((fetched.channel.as_str(), fetched.yuan(), fetched.minutes()), ("pickup", 0.0, 3.0));
        assert_eq!((near.grams(), far.grams(), fetched.grams()), (0.0, 0.0, 0.0), "near is cleaner than a parcel");
        assert_eq!(regrets[3].replication, 1);
        let csv = regret_csv(&regrets[..1]);
        assert!(csv.ends_with("\n0,0,fresh,near,busy,12,warehouse,8,4,1.5,30,quiet,24,6,200,busy,200,0\n"), "{csv}");
    }

    #[test]
    fn summaries_tell_near_from_far_and_who_was_cheaper() {
        let summaries = regret_summaries(&stored().regrets().unwrap());
        let told: Vec<_> = summaries.iter().map(|s| (s.channel.as_str(), s.category.as_str(), s.orders)).collect();
        let expected =
            ["all", "near", "far", "pickup"].map(|channel| (channel, "all", if channel == "all" { 6 } else { 2 }));
        let told: Vec<_> = told.into_iter().filter(|(_, category, _)| *category == "all").collect();
        assert_eq!(told, expected);
        let all = &summaries[0];
        assert_eq!((all.regret_mean_yuan, all.cheaper_near_share, all.cheaper_far_share), (4.0 / 3.0, 0.0, 1.0 / 3.0));
        assert_eq!((all.delay_mean_min, all.delay_p90_min), (3.0, 6.0));
        assert_eq!((all.co2e_mean_g, summaries.len()), (0.0, 7), "each channel has one category");
        assert!(regret_summaries(&[]).is_empty());
    }

    #[test]
    fn reasons_sum_to_all_candidates() {
        let stored = stored();
        let reasons = stored.reasons().unwrap();
        let sum = |of: fn(&ReasonCount) -> u64| reasons.iter().map(of).sum::<u64>();
        assert_eq!((sum(|r| r.stores), sum(|r| r.nearest_store), sum(|r| r.warehouse)), (12, 8, 8));
        assert_eq!(
            reasons[0],
            ReasonCount { why_not: "chosen".into(), stores: 2, nearest_store: 2, warehouse: 2, pickup: 2 }
        );
        assert_eq!(stored.asked().unwrap(), (6, 2));
        assert_eq!(stored.of_order(1, 2).unwrap().rows().unwrap().len(), 3);
        assert_eq!(stored.of_order(0, 1).unwrap().rows().unwrap(), []);
    }

    #[test]
    fn the_quantile_is_linear_between_ranks() {
        assert_eq!(quantile(&[0.0, 10.0], 0.9), 9.0);
        assert!(quantile(&[], 0.9).is_nan());
    }
}
