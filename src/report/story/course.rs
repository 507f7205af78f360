//! What happened to the order, moment by moment.

use super::{StoryView, why};
use crate::metrics::StoredEvent;
use crate::report::wording::{number, plural};
use std::fmt::Write;

/// The events of the log that a moment of the order table is.
const LOGGED: [(&str, &[&str]); 13] = [
    ("ready_s", &["order_ready"]),
    ("assigned_s", &["courier_assigned"]),
    ("set_out_s", &["courier_set_out"]),
    ("picked_up_s", &["order_picked_up"]),
    ("converted_s", &["order_converted"]),
    ("packed_s", &["parcel_packed"]),
    ("shipped_s", &["parcel_shipped"]),
    ("delivered_s", &["order_delivered", "order_collected", "parcel_delivered"]),
    ("cancelled_s", &["order_cancelled"]),
    ("sent_back_s", &["order_returned"]),
    ("received_back_s", &["return_received"]),
    ("placed_s", &["order_placed"]),
    ("at_store_s", &["courier_rode"]),
];

/// Every known moment, by time; those of one instant as the log has them, or else in the order of the way.
pub(super) fn what_happened(view: &StoryView<'_>) -> String {
    let mut lines = moments(view);
    for (place, event) in view.events.unwrap_or_default().iter().enumerate() {
        lines.extend(told_by_log_only(view, event).map(|words| (event.at_s, place, words)));
    }
    lines.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let clocks: Vec<String> = lines.iter().map(|(at, ..)| view.clock(*at)).collect();
    let width = clocks.iter().map(String::len).max().unwrap_or(0);
    let mut block = String::from("What happened\n");
    for ((.., words), clock) in lines.iter().zip(&clocks) {
        let _ = writeln!(block, "  {clock:>width$}  {words}");
    }
    block + &left_out(view)
}

/// Where the log has a moment, if it has it.
fn place_in_log(view: &StoryView<'_>, column: &str, at: f64) -> Option<usize> {
    let (_, names) = LOGGED.iter().find(|(logged, _)| *logged == column)?;
    // The last one: a courier who gave the order back was assigned as well.
    view.events?.iter().rposition(|event| event.at_s == at && names.contains(&event.event.as_str()))
}

/// What the order table knows of each moment: when, its place in the log, words. What the log does not have follows on
/// what stands before it.
fn moments(view: &StoryView<'_>) -> Vec<(f64, usize, String)> {
    let mut lines = Vec::new();
    let mut place = 0;
    let mut tell = |column: &str, words: String| {
        if let Some(at) = view.number(column) {
            place = place_in_log(view, column, at).unwrap_or(place);
            lines.push((at, place, words));
        }
    };
    let units = plural(view.number("units").unwrap_or(0.0) as usize, "unit");
    let rows = plural(view.number("lines").unwrap_or(0.0) as usize, "line");
    let (category, value) = (view.text("category").unwrap_or_default(), view.number("value_yuan").unwrap_or(0.0));
    let consumer = view.number("consumer_id").unwrap_or(0.0);
    tell(
        "placed_s",
        format!("placed by consumer {consumer}: {units} in {rows} of {category}, worth {}", view.money(value)),
    );
    let far = |metres: Option<f64>| metres.map_or(String::new(), |m| format!(", {} km away", number(m / 1000.0, 2)));
    if view.number("walk_m").is_some() {
        tell("placed_s", format!("to be fetched from {}{}", view.store(), far(view.number("walk_m"))));
    } else if let Some((store, distance)) = view.first_store() {
        tell("placed_s", format!("given to {store}{}", far(distance)));
    } else if view.text("store").is_some() {
        tell("placed_s", format!("served in the end by {}{}", view.store(), far(view.number("ride_m"))));
    }
    tell("pick_start_s", "a picker began".into());
    tell("ready_s", format!("packed at {}", view.store()));
    tell("assigned_s", format!("given to {}", view.courier()));
    tell("set_out_s", format!("{} set out for the store{}", view.courier(), far(view.number("approach_m"))));
    tell("at_store_s", format!("{} reached the store", view.courier()));
    tell("picked_up_s", format!("{} took it over", view.courier()));
    let gave_up = view.text("converted_from").unwrap_or_default();
    tell("converted_s", format!("no courier had taken it: on the shelf of store {gave_up} again, and sent far"));
    tell("packed_s", "packed at the warehouse".into());
    tell("shipped_s", left(view));
    tell("out_for_delivery_s", "left the branch for the door".into());
    tell("at_door_s", format!("{} reached the door", view.courier()));
    let walked = view.number("walk_m").map(|metres| number(metres / 1000.0, 2));
    tell(
        "delivered_s",
        walked.map_or("the consumer has it".into(), |km| format!("collected by the consumer, who walked {km} km")),
    );
    tell("cancelled_s", format!("cancelled: {}", why::cancelled(&view.text("cancel_reason").unwrap_or_default())));
    tell("sent_back_s", "sent back by the consumer".into());
    tell("received_back_s", "what was sent back is on hand again".into());
    lines
}

/// What only the event log knows.
fn told_by_log_only(view: &StoryView<'_>, event: &StoredEvent) -> Option<String> {
    let store = event.store.as_deref().unwrap_or_default();
    let courier = event.courier.as_deref().unwrap_or_default();
    let value = event.value.unwrap_or(0.0);
    match event.event.as_str() {
        "order_resourced" => Some(format!("moved to store {store}, {} km away", number(value / 1000.0, 2))),
        "order_ready" if view.was_near() => Some(format!("packed at store {store}")),
        "line_missing" => Some(format!("{} of it not found on the shelf", plural(value as usize, "unit"))),
        "line_substituted" => {
            Some(format!("the consumer takes {} of something else instead", plural(value as usize, "unit")))
        }
        "line_refunded" => Some(format!("a missing line given back: {}", view.money(value))),
        "order_refused" => Some(format!("courier {courier} was asked and refused")),
        "order_released" => Some(format!("courier {courier} gave it back")),
        "fee_raised" => Some(format!("delivery fee raised by {}, the near field being short", view.money(value))),
        _ => None,
    }
}

/// What the table counts but cannot date.
fn left_out(view: &StoryView<'_>) -> String {
    if view.events.is_some() {
        return String::new();
    }
    let times = |column: &str| view.number(column).unwrap_or(0.0) as usize;
    let mut known = Vec::new();
    if times("resourced") > 0 {
        known.push(format!("moved to another store {}", plural(times("resourced"), "time")));
    }
    if times("refusals") > 0 {
        known.push(format!("refused by {}", plural(times("refusals"), "courier")));
    }
    if times("lines_substituted") > 0 {
        known.push(format!("delivered with {} substituted", plural(times("lines_substituted"), "line")));
    }
    if times("lines_refunded") > 0 {
        known.push(format!("delivered without {}", plural(times("lines_refunded"), "line")));
    }
    match known.is_empty() {
        true => String::new(),
        false => format!("  It was {}; {}.\n", known.join(" and "), view.events_from),
    }
}

/// Where a parcel left.
fn left(view: &StoryView<'_>) -> String {
    let from = match view.text("far_origin").as_deref() {
        Some("store") => view.store(),
        Some("hub") => "the consolidation hub abroad".into(),
        Some("forward_node") => "the forward stock node".into(),
        _ => "the warehouse".into(),
    };
    match view.text("lane") {
        Some(lane) => format!("left {from} on lane {lane}"),
        None => format!("left {from}"),
    }
}
