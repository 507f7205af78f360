//! KPIs of click-to-door taken apart.

use super::Better::Lower;
use super::Definition;
use crate::metrics::measures::Measures;
use crate::metrics::parts::Part;

/// The mean of a part of click-to-door.
const fn part(
    name: &'static str,
    label: &'static str,
    formula: &'static str,
    compute: fn(&Measures) -> f64,
) -> Definition {
    Definition { name, unit: "min", better: Lower, label, formula, compute }
}

pub(super) const BEFORE_REROUTE_MEAN_MIN: Definition = part(
    "before_reroute_mean_min",
    "Click-to-door: before a re-route",
    "Mean over delivered near orders of the time from placement to the last move to another store, 0 without a move. The means of this part, queue, pick, courier wait, hand-out, ride and hand-over add up to click_to_door_mean_min.",
    |m| m.part_mean_min(Part::BeforeReroute),
);

pub(super) const QUEUE_MEAN_MIN: Definition = part(
    "queue_mean_min",
    "Click-to-door: queue",
    "Mean over delivered near orders of pick start - placed, or - moved; 0 for orders with an observed ready time.",
    |m| m.part_mean_min(Part::Queue),
);

pub(super) const PICK_MEAN_MIN: Definition = part(
    "pick_mean_min",
    "Click-to-door: pick",
    "Mean over delivered near orders of ready - pick start; for orders with an observed ready time, ready - placed.",
    |m| m.part_mean_min(Part::Pick),
);

pub(super) const COURIER_WAIT_MEAN_MIN: Definition = part(
    "courier_wait_mean_min",
    "Click-to-door: courier wait",
    "Mean over delivered near orders of max(0, courier at store - ready).",
    |m| m.part_mean_min(Part::CourierWait),
);

pub(super) const HAND_OUT_MEAN_MIN: Definition = part(
    "hand_out_mean_min",
    "Click-to-door: hand-out",
    "Mean over delivered near orders of picked up - the later of ready and courier at store.",
    |m| m.part_mean_min(Part::HandOut),
);

pub(super) const RIDE_MEAN_MIN: Definition = part(
    "ride_mean_min",
    "Click-to-door: ride",
    "Mean over delivered near orders of courier at door - picked up, earlier stops of the trip included.",
    |m| m.part_mean_min(Part::Ride),
);

pub(super) const HAND_OVER_MEAN_MIN: Definition = part(
    "hand_over_mean_min",
    "Click-to-door: hand-over",
    "Mean over delivered near orders of delivered - courier at door.",
    |m| m.part_mean_min(Part::HandOver),
);

pub(super) const COURIER_WAIT_ASSIGNMENT_MEAN_MIN: Definition = part(
    "courier_wait_assignment_mean_min",
    "Courier wait: until one sets out",
    "Mean over delivered near orders of the part of the courier wait before the courier set out for the store.",
    |m| m.part_mean_min(Part::Assignment),
);

pub(super) const COURIER_WAIT_APPROACH_MEAN_MIN: Definition = part(
    "courier_wait_approach_mean_min",
    "Courier wait: way to the store",
    "courier_wait_mean_min - courier_wait_assignment_mean_min.",
    |m| m.part_mean_min(Part::Approach),
);
