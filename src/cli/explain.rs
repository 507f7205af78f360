//! `nearfar explain`: one order's story in plain words, from the output folder of a run.

use super::{Failure, print};
use crate::metrics::{MetricsError, StoredCandidate, StoredEvent, StoredOrder, StoredOrders};
use crate::report::{StoryView, story};
use crate::results::{ReadError, RunFolder};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Tell one order's story: when, where the time went, what it cost, and why this channel
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Output folder of a run, such as output/baseline
    run: PathBuf,
    /// The order: its name in the input file, or its number, from 0 in order of placement
    order: String,
    /// The replication it belongs to
    #[arg(long, value_name = "N", default_value_t = 0)]
    replication: u32,
    /// Print one JSON object instead of text: the order's row, its facts, its candidates and the story
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let folder = RunFolder::open(&arguments.run)?;
    let orders = folder.orders()?;
    let scenario = folder.scenario()?;
    let order = find(&folder, &orders, arguments)?;
    let events = folder.events_of_order(arguments.replication, order.id())?;
    let broken = |source| ReadError::Table { path: folder.path().join("orders.parquet"), source };
    let other_parts = orders.other_parts(arguments.replication, &order).map_err(broken)?;
    // Nodes were looked at for the whole of an order, which is kept with its first part.
    let asked_as = order.count("part_of").unwrap_or(order.id());
    let stored = folder.candidates_of_order(arguments.replication, asked_as)?;
    let table = folder.path().join("candidates.parquet");
    let broken = |source| ReadError::Table { path: table.clone(), source };
    let candidates = stored.as_ref().map(|stored| stored.rows().map_err(broken)).transpose()?;
    let of_many = match folder.replications() {
        1 => String::new(),
        n => format!(", replication {} of 0 to {}", arguments.replication, n - 1),
    };
    let named = order.text("order_name").map_or(String::new(), |name| format!(" ({name})"));
    let told = story(&StoryView {
        order: &order,
        events: events.as_deref(),
        other_parts: &other_parts,
        candidates: candidates.as_deref(),
        start_hour: scenario.start_hour,
        currency: &scenario.report.currency,
        sourcing: scenario.sourcing.policy.word(),
        events_from: "simulate with --events to see when",
    });
    if arguments.json {
        let object = json_of(&order, arguments.replication, events.as_deref(), candidates.as_deref(), &told);
        return print(&format!("{object}\n"));
    }
    let (id, label, seed) = (order.id(), &scenario.label, scenario.seed);
    print(&format!("Order {id}{named} of {label}, seed {seed}{of_many}\n\n{told}"))
}

/// All that is known of the order, for a program; what the run did not keep is null.
fn json_of(
    order: &StoredOrder,
    replication: u32,
    events: Option<&[StoredEvent]>,
    candidates: Option<&[StoredCandidate]>,
    story: &str,
) -> Value {
    let cell = |column: String| {
        let text = order.text(&column).map(Value::from);
        let value = text.or_else(|| order.flag(&column).map(Value::from));
        let value = value.or_else(|| order.count(&column).map(Value::from));
        let value = value.or_else(|| order.number(&column).map(Value::from));
        (column, value.unwrap_or(Value::Null))
    };
    let event = |event: &StoredEvent| {
        let StoredEvent { at_s, event, store, courier, value } = event;
        json!({ "t_s": at_s, "event": event, "store": store, "courier": courier, "value": value })
    };
    let candidate = |candidate: &StoredCandidate| {
        json!({
            "rank": candidate.rank,
            "channel": candidate.channel,
            "node": candidate.node,
            "distance_m": candidate.distance_m,
            "lines_short": candidate.lines_short,
            "feasible": candidate.feasible,
            "promise_min": candidate.promise_min,
            "eta_min": candidate.eta_min,
            "cost_yuan": candidate.cost_yuan,
            "co2e_g": candidate.co2e_g,
            "chosen": candidate.chosen,
            "why_not": candidate.why_not,
        })
    };
    json!({
        "order": order.id(),
        "replication": replication,
        "row": order.columns().into_iter().map(cell).collect::<Map<_, _>>(),
        "events": events.map(|events| events.iter().map(event).collect::<Vec<_>>()),
        "candidates": candidates.map(|candidates| candidates.iter().map(candidate).collect::<Vec<_>>()),
        "story": story,
    })
}

/// The order asked for, or what there is instead.
fn find(folder: &RunFolder, orders: &StoredOrders, arguments: &Arguments) -> Result<StoredOrder, Failure> {
    let path = folder.path().join("orders.parquet");
    let broken = |source: MetricsError| ReadError::Table { path: path.clone(), source };
    let Arguments { order, replication, .. } = arguments;
    if let Some(found) = orders.find(*replication, order).map_err(broken)? {
        return Ok(found);
    }
    let known = orders.replications().map_err(broken)?;
    if !known.contains(replication) {
        let last = known.last().copied().unwrap_or(0);
        let found = format!("{}: there is no replication {replication}", path.display());
        return Err(Failure::Input(found, format!("replications go from 0 to {last}")));
    }
    let last = orders.count(*replication).map_err(broken)?.saturating_sub(1);
    let found = format!("{}: there is no order {order:?} in replication {replication}", path.display());
    Err(Failure::Input(
        found,
        format!("orders go from 0 to {last}; traced ones also have their name in the input file"),
    ))
}
