//! `nearfar explain`: one order's story in plain words, from the output folder of a run.

use super::{Failure, print};
use crate::metrics::{MetricsError, StoredOrder, StoredOrders};
use crate::report::{StoryView, story};
use crate::results::{ReadError, RunFolder};
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
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let folder = RunFolder::open(&arguments.run)?;
    let orders = folder.orders()?;
    let scenario = folder.scenario()?;
    let order = find(&folder, &orders, arguments)?;
    let events = folder.events_of_order(arguments.replication, order.id())?;
    let broken = |source: MetricsError| ReadError::Table { path: folder.path().join("orders.parquet"), source };
    let other_parts = orders.other_parts(arguments.replication, &order).map_err(broken)?;
    let of_many = match folder.replications() {
        1 => String::new(),
        n => format!(", replication {} of 0 to {}", arguments.replication, n - 1),
    };
    let named = order.text("order_name").map_or(String::new(), |name| format!(" ({name})"));
    let told = story(&StoryView {
        order: &order,
        events: events.as_deref(),
        other_parts: &other_parts,
        start_hour: scenario.start_hour,
        currency: &scenario.report.currency,
        sourcing: scenario.sourcing.policy.word(),
        events_from: "simulate with --events to see when",
    });
    let (id, label, seed) = (order.id(), &scenario.label, scenario.seed);
    print(&format!("Order {id}{named} of {label}, seed {seed}{of_many}\n\n{told}"))
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
