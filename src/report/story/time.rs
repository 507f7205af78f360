//! Where the time from click to door went.

use super::{StoryView, pickup};
use crate::report::wording::{number, span};
use std::fmt::Write;

/// The parts of click-to-door of a near order: column, name, what was waited for.
const PARTS: [(&str, &str, &str); 7] = [
    ("before_reroute_s", "before a re-route", "at the store that gave it up"),
    ("queue_s", "queue", "for a picker"),
    ("pick_s", "pick", "until it was packed"),
    ("courier_wait_s", "courier wait", "for the courier to be at the store"),
    ("hand_out_s", "hand-out", "until the courier had it"),
    ("ride_s", "ride", "to the door"),
    ("hand_over_s", "hand-over", "at the door"),
];

pub(super) fn where_it_went(view: &StoryView<'_>) -> String {
    let near = view.number("hand_over_s").is_some();
    let walked = view.is("channel", "pickup");
    let parts = match (near, walked) {
        (true, _) => near_parts(view),
        (_, true) => pickup::parts(view),
        _ => parcel_parts(view),
    };
    let Some(all) = view.number("click_to_door_s").filter(|_| !parts.is_empty()) else { return String::new() };
    let end = if walked { "collection" } else { "door" };
    let mut block = format!("Where the {} from click to {end} went\n", span(all / 60.0));
    for (name, seconds, note) in parts {
        let took = if near { format!("{} min", number(seconds / 60.0, 1)) } else { span(seconds / 60.0) };
        let _ = writeln!(block, "  {name:<18}{took:>9}  {note}");
    }
    block
}

/// Name, seconds, note; parts of no length are left out.
fn near_parts(view: &StoryView<'_>) -> Vec<(&'static str, f64, String)> {
    let note = |column: &str, plain: &str| match column {
        "courier_wait_s" => {
            let of = |column: &str| span(view.number(column).unwrap_or(0.0) / 60.0);
            let (free, way) = (of("courier_wait_assignment_s"), of("courier_wait_approach_s"));
            format!("{plain}: {free} until one set out, {way} on the way")
        }
        _ => plain.to_owned(),
    };
    let part = |&(column, name, plain): &(&'static str, &'static str, &str)| {
        let seconds = view.number(column).filter(|seconds| *seconds > 0.0)?;
        Some((name, seconds, note(column, plain)))
    };
    PARTS.iter().filter_map(part).collect()
}

/// The way of a parcel from the warehouse, a store or abroad.
fn parcel_parts(view: &StoryView<'_>) -> Vec<(&'static str, f64, String)> {
    let at = |column| view.number(column);
    let (Some(mut placed), Some(shipped), Some(delivered)) = (at("placed_s"), at("shipped_s"), at("delivered_s"))
    else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    if let Some(sent_far) = at("converted_s") {
        parts.push(("at a store", sent_far - placed, "picking, and waiting for a courier in vain"));
        placed = sent_far;
    }
    match (at("packed_s"), at("ready_s")) {
        (Some(packed), _) => {
            parts.push(("pick and pack", packed - placed, "with the backlog of the warehouse"));
            parts.push(("until it left", shipped - packed, "with waiting for a wave"));
        }
        (None, Some(ready)) => {
            parts.push(("pick and pack", ready - placed, "with the queue of the store"));
            parts.push(("until it left", shipped - ready, "with waiting for a wave"));
        }
        (None, None) => parts.push(("until it left", shipped - placed, "with waiting for the others it travels with")),
    }
    match at("out_for_delivery_s") {
        Some(out) => {
            parts.push(("line haul", out - shipped, "to the branch near the consumer"));
            parts.push(("last mile", delivered - out, "from there to the door"));
        }
        None => parts.push(("under way", delivered - shipped, "line haul and last mile")),
    }
    parts.into_iter().map(|(name, seconds, note)| (name, seconds, note.to_owned())).collect()
}
