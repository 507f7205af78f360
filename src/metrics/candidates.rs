//! The table of candidates: one row for each node that an order, or a session that left, could have had.
//! [`COLUMNS`] is the single home of its columns; the table, its documentation and the tests are made from it.

use super::{MetricsError, parquet_bytes};
use crate::city::{Channel, City};
use crate::event::{Candidate, Inquiry, Ledger, Node, WhyNot};
use crate::units::SimDuration;
use polars::prelude::*;

/// Version of the columns of the table of candidates; raised when a column changes its name, type or meaning.
pub const CANDIDATES_SCHEMA_VERSION: u32 = 2;

/// What the warehouse is called among nodes.
const WAREHOUSE: &str = "warehouse";

/// All that a row is made from.
struct Row<'a> {
    replication: u32,
    inquiry: &'a Inquiry,
    candidate: &'a Candidate,
    city: &'a City,
}

/// How a column gets its values from a row.
enum Values {
    Count(fn(&Row) -> u32),
    MaybeCount(fn(&Row) -> Option<u32>),
    Number(fn(&Row) -> Option<f64>),
    Text(for<'a> fn(&Row<'a>) -> Option<&'a str>),
    Flag(fn(&Row) -> bool),
}
use Values::{Count, Flag, MaybeCount, Number, Text};

/// Name, values and meaning of every column, in table order.
const COLUMNS: &[(&str, Values, &str)] = &[
    ("replication", Count(|r| r.replication), "number of the replication, from 0"),
    (
        "order_id",
        MaybeCount(|r| r.inquiry.order.map(|order| order.0)),
        "number of the order, as in orders.parquet; null if the consumer left without one",
    ),
    (
        "session_id",
        MaybeCount(|r| r.inquiry.session.map(|session| session.0)),
        "number of the session; null where arrivals are orders",
    ),
    (
        "asked_s",
        Number(|r| Some(r.inquiry.at.seconds())),
        "when the node was chosen, seconds since the start of the run",
    ),
    (
        "category",
        Text(|r| r.city.categories.get(r.inquiry.category.index()).map(String::as_str)),
        "product category of the basket",
    ),
    ("value_yuan", Number(|r| Some(r.inquiry.value.yuan())), "value of the basket at list price"),
    (
        "rank",
        Count(|r| r.candidate.rank),
        "place by distance among the stores that have the consumer within their radius, from 1; then comes the store that pick-up offers, and last the warehouse",
    ),
    (
        "channel",
        Text(|r| Some(channel(r).word())),
        "near, far or pickup: the channel that an order from there counts as; pickup stands for the store from which the consumer could fetch the order, beside its row as a near store",
    ),
    ("node", Text(node), "name of the store, or warehouse"),
    (
        "distance_m",
        Number(|r| r.candidate.road_m.map(f64::from)),
        "from store to consumer, detour included, walked where the channel is pickup (seconds where city.metric = \"matrix\"); null for the warehouse",
    ),
    ("lines_short", Count(|r| r.candidate.lines_short), "order lines that the store could not fill"),
    ("units_short", Count(|r| r.candidate.units_short), "units that the store lacked"),
    ("open", Flag(|r| r.candidate.open), "whether the node took orders at that hour"),
    (
        "feasible",
        Flag(|r| r.candidate.feasible()),
        "whether the node served the order, or could have: nothing above `farther` in the list of reasons stood against it",
    ),
    (
        "promise_min",
        Number(|r| minutes(r.candidate.promise.into())),
        "time to the door that the consumer was, or would have been, told: the quote of the moment where consumers choose or promises follow the queue, else promise.near_min or promise.far_h; of pick-up until ready, and the walk",
    ),
    (
        "eta_min",
        Number(|r| minutes(r.candidate.eta.into())),
        "time to the door to be expected as queues, couriers and warehouse stood then, the measure of sourcing policy fastest; of pick-up until packed, and the walk, not how long the consumer takes to set out",
    ),
    (
        "cost_yuan",
        Number(|r| Some(r.candidate.cost.yuan())),
        "expected cost to serve, the measure of sourcing policy cheapest without load balance: courier, picker, packaging, inbound, expected returns, and late compensation times the chance of being late; of the warehouse its flat rates and expected returns; of pick-up picker, bag, inbound and expected returns",
    ),
    (
        "co2e_g",
        Number(|r| Some(r.candidate.co2e_mg as f64 / 1000.0)),
        "expected carbon in grams of CO2 equivalent, by the factors of [carbon]: of a store inbound, energy, packaging and the courier's ride to the door (not the way to the store); of pick-up inbound, energy, bag and the way of those who drive; of a parcel transport, energy, packaging and city leg; returns left out",
    ),
    (
        "chosen",
        Flag(|r| r.candidate.why_not.is_none()),
        "whether the node serves the order, whatever became of it later; of an order in parts each node that serves a part",
    ),
    (
        "why_not",
        Text(|r| r.candidate.why_not.map(WhyNot::name)),
        "why the node does not, see below; null for the chosen one",
    ),
];

fn channel(row: &Row) -> Channel {
    match row.candidate.node {
        Node::Store(store) => row.city.stores[store.index()].channel,
        Node::Warehouse => Channel::Far,
        Node::Pickup(_) => Channel::Pickup,
    }
}

fn node<'a>(row: &Row<'a>) -> Option<&'a str> {
    let store = row.candidate.node.store();
    Some(store.map_or(WAREHOUSE, |store| row.city.stores[store.index()].name.as_str()))
}

fn minutes(span: SimDuration) -> Option<f64> {
    Some(span.minutes())
}

/// The candidates of one replication, in the order of asking (docs/candidates-schema.md).
pub(super) fn candidates_frame(city: &City, ledger: &Ledger, replication: u32) -> Result<DataFrame, MetricsError> {
    let ends = ledger.inquiries.iter().skip(1).map(|next| next.first_candidate as usize);
    let ends = ends.chain([ledger.candidates.len()]);
    let mut rows = Vec::with_capacity(ledger.candidates.len());
    for (inquiry, end) in ledger.inquiries.iter().zip(ends) {
        for candidate in &ledger.candidates[inquiry.first_candidate as usize..end] {
            if let Some(store) = candidate.node.store()
                && store.index() >= city.stores.len()
            {
                return Err(MetricsError::UnknownId { kind: "store", id: store.0 });
            }
            rows.push(Row { replication, inquiry, candidate, city });
        }
    }
    let columns = COLUMNS.iter().map(|(name, values, _)| fill(name, values, &rows)).collect();
    Ok(DataFrame::new(rows.len(), columns)?)
}

fn fill(name: &'static str, values: &Values, rows: &[Row]) -> Column {
    let name = PlSmallStr::from_static(name);
    match values {
        Count(value) => UInt32Chunked::from_vec(name, rows.iter().map(value).collect()).into_column(),
        MaybeCount(value) => UInt32Chunked::from_iter_options(name, rows.iter().map(value)).into_column(),
        Number(value) => Float64Chunked::from_iter_options(name, rows.iter().map(value)).into_column(),
        Text(value) => StringChunked::from_iter_options(name, rows.iter().map(value)).into_column(),
        Flag(value) => BooleanChunked::from_iter_values(name, rows.iter().map(value)).into_column(),
    }
}

/// The Parquet file of the candidates of all replications, each with its city.
pub fn candidates_parquet(replications: &[(&City, &Ledger)]) -> Result<Vec<u8>, MetricsError> {
    let mut all: Option<DataFrame> = None;
    for (i, (city, ledger)) in replications.iter().enumerate() {
        let candidates = candidates_frame(city, ledger, i as u32)?;
        match &mut all {
            Some(all) => drop(all.vstack_mut(&candidates)?),
            None => all = Some(candidates),
        }
    }
    let all = all.unwrap_or_else(DataFrame::empty);
    parquet_bytes(&all, &[("nearfar.candidates.schema", CANDIDATES_SCHEMA_VERSION.to_string())])
}

/// The text of docs/candidates-schema.md.
pub fn candidates_docs() -> String {
    let mut page = format!(
        "# candidates.parquet, schema version {CANDIDATES_SCHEMA_VERSION}\n\n\
         The ledger, written with `--ledger`: for each order, and for each session that left, one row a node it could \
         have had, as things stood when its node was chosen. These are the nearest stores that have the consumer within \
         their radius, as many as `sourcing.candidates` says, whatever their stock; the store that served it, however \
         far; the nearest store of all where none is in reach; the store \
         from which the consumer could fetch it, where pick-up is offered; and the warehouse, which stands for the far field \
         wherever the parcel comes from in the end. What happens later (a move to another store, a cancellation) does not \
         change it. The version stands in the file's metadata under `nearfar.candidates.schema`; [ledger.md](ledger.md) \
         tells how to read it. This page is generated; `NEARFAR_UPDATE_DOCS=1 cargo test docs` rewrites it.\n\n\
         | Column | Type | Meaning |\n|---|---|---|\n"
    );
    for (name, values, meaning) in COLUMNS {
        let kind = match values {
            Count(_) | MaybeCount(_) => "u32",
            Number(_) => "f64",
            Text(_) => "string",
            Flag(_) => "bool",
        };
        page += &format!("| `{name}` | {kind} | {meaning} |\n");
    }
    page += "\nReasons, in the order in which they are asked; a node that several speak against has the first. It could \
             have served the order (`feasible`) where only the ones from `farther` on do.\n\n| `why_not` | Meaning |\n|---|---|\n";
    for reason in WhyNot::ALL {
        page += &format!("| `{}` | {} |\n", reason.name(), reason.meaning());
    }
    page
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::event::Span;
    use crate::testing::{at, small_run};
    use crate::units::{CategoryId, Money, OrderId, SessionId, StoreId};

    fn candidate(node: Node, rank: u32, eta_min: f64, yuan: f64, why_not: Option<WhyNot>) -> Candidate {
        let eta = Span::from(SimDuration::from_minutes(eta_min));
        let lines_short = u32::from(why_not == Some(WhyNot::NoStock));
        Candidate {
            node,
            rank,
            road_m: (node != Node::Warehouse).then_some(500.0 * rank as f32),
            lines_short,
            units_short: 2 * lines_short,
            open: why_not != Some(WhyNot::Closed),
            promise: Span::from(SimDuration::from_minutes(30.0)),
            eta,
            cost: Money::from_yuan(yuan),
            co2e_mg: match node {
                Node::Store(_) => 200_000,
                Node::Pickup(_) => 130_000,
                Node::Warehouse => 565_000,
            },
            why_not,
        }
    }

    /// Order 0 from store busy, which is dearer than quiet; order 2 a parcel, since busy lacks a line and the branch is
    /// closed; a session that left; order 4 fetched from busy, though a courier would have brought it sooner.
    pub(crate) fn small_ledger() -> Ledger {
        let [busy, quiet, branch] = [0, 1, 2].map(|store| Node::Store(StoreId(store)));
        let asked = [
            (
                Some(0),
                vec![
                    candidate(busy, 1, 30.0, 12.0, None),
                    candidate(quiet, 2, 24.0, 10.5, Some(WhyNot::Farther)),
                    candidate(Node::Warehouse, 3, 2400.0, 8.0, Some(WhyNot::Fallback)),
                ],
            ),
            (
                Some(2),
                vec![
                    candidate(busy, 1, 20.0, 2.0, Some(WhyNot::NoStock)),
                    candidate(branch, 2, 90.0, 8.0, Some(WhyNot::Closed)),
                    candidate(Node::Warehouse, 3, 2400.0, 8.0, None),
                ],
            ),
            (
                None,
                vec![
                    candidate(quiet, 1, 26.0, 11.0, Some(WhyNot::ConsumerLeft)),
                    candidate(Node::Warehouse, 2, 2400.0, 8.0, Some(WhyNot::ConsumerLeft)),
                ],
            ),
            (
                Some(4),
                vec![
                    candidate(busy, 1, 28.0, 12.0, Some(WhyNot::ConsumerChoseOtherwise)),
                    candidate(Node::Pickup(StoreId(0)), 2, 31.0, 3.0, None),
                    candidate(Node::Warehouse, 3, 2400.0, 8.0, Some(WhyNot::ConsumerChoseOtherwise)),
                ],
            ),
        ];
        let mut ledger = Ledger::default();
        for (number, (order, candidates)) in asked.into_iter().enumerate() {
            ledger.inquiries.push(Inquiry {
                at: at(600.0 * number as f64),
                order: order.map(OrderId),
                session: order.is_none().then_some(SessionId(7)),
                category: CategoryId(0),
                value: Money::from_yuan(100.0),
                first_candidate: ledger.candidates.len() as u32,
            });
            ledger.candidates.extend(candidates);
        }
        ledger
    }

    #[test]
    fn every_candidate_is_a_row_with_its_reason() {
        let run = small_run();
        let table = candidates_frame(&run.city, &small_ledger(), 1).unwrap();
        assert_eq!((table.height(), table.width()), (11, COLUMNS.len()));
        let words = |column: &str| -> Vec<Option<String>> {
            table.column(column).unwrap().str().unwrap().iter().map(|word| word.map(str::to_owned)).collect()
        };
        let nodes: Vec<String> = words("node").into_iter().flatten().collect();
        assert_eq!(
            nodes,
            [
                "busy",
                "quiet",
                "warehouse",
                "busy",
                "branch",
                "warehouse",
                "quiet",
                "warehouse",
                "busy",
                "busy",
                "warehouse",
            ]
        );
        assert_eq!(
            words("why_not")[..4],
            [None, Some("farther"), Some("fallback"), Some("no_stock")].map(|w| w.map(str::to_owned))
        );
        assert_eq!(words("channel")[4].as_deref(), Some("far"), "a branch");
        assert_eq!([8, 9].map(|row| words("channel")[row].clone()), ["near", "pickup"].map(|w| Some(w.to_owned())));
        let grams: Vec<f64> = table.column("co2e_g").unwrap().f64().unwrap().iter().flatten().collect();
        assert_eq!(grams[8..], [200.0, 130.0, 565.0]);
        let feasible: Vec<bool> = table.column("feasible").unwrap().bool().unwrap().iter().flatten().collect();
        assert_eq!(feasible, [true, true, true, false, false, true, true, true, true, true, true]);
        let orders: Vec<Option<u32>> = table.column("order_id").unwrap().u32().unwrap().iter().collect();
        assert_eq!(orders[2..7], [Some(0), Some(2), Some(2), Some(2), None]);
        let distance: Vec<Option<f64>> = table.column("distance_m").unwrap().f64().unwrap().iter().collect();
        assert_eq!(distance[..3], [Some(500.0), Some(1000.0), None]);
    }

    #[test]
    fn a_store_the_city_does_not_have_is_an_error() {
        let run = small_run();
        let mut ledger = small_ledger();
        ledger.candidates[0].node = Node::Store(StoreId(9));
        assert!(candidates_parquet(&[(&run.city, &ledger)]).unwrap_err().to_string().contains("store 9"));
    }
}
