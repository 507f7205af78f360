//! Why the order went the way it did, and why it ended without delivery.

use super::StoryView;
use crate::event::{CancelReason, FarReason};

pub(super) fn this_channel(view: &StoryView<'_>) -> String {
    let policy = format!("sourcing.policy = \"{}\"", view.sourcing);
    // Who chose saw a near offer, or there was none to see and the reason says why.
    let chose = view.text("tier").is_some();
    let first = view.first_store().map_or_else(|| "a store".to_owned(), |(store, _)| store);
    let moved = if view.moved() { format!(" It moved to {} afterwards.", view.store()) } else { String::new() };
    let why = match (view.text("far_reason"), view.text("store")) {
        (Some(reason), _) if reason == FarReason::Rest.name() => {
            format!("Why far-field: {}.", far(&reason, view.sourcing))
        }
        (Some(reason), _) if reason == FarReason::MaxWait.name() => {
            format!("Why far-field: {}.", far(&reason, view.sourcing))
        }
        (Some(reason), _) if chose && reason == FarReason::Chosen.name() => {
            "Why far-field: the consumer saw what a near store offered, and chose the parcel.".into()
        }
        (Some(reason), _) if chose => {
            format!("Why far-field: {}, and the consumer chose the parcel.", far(&reason, view.sourcing))
        }
        (None, Some(_)) if !view.other_parts.is_empty() => {
            format!(
                "Why near-field: {} had this part of it, and split.policy = \"allow\" made parts of it.",
                view.store()
            )
        }
        (None, Some(_)) if view.is("channel", "pickup") => format!(
            "Why pick-up: {} was the nearest open one within a walk that had all of it, and the consumer chose to fetch it there.",
            view.store()
        ),
        (None, Some(_)) if chose => format!(
            "Why near-field: the consumer chose it over the parcel; {first} could deliver all of it, and {policy} offered it.{moved}"
        ),
        (Some(reason), _) => format!("Why far-field: {}.", far(&reason, view.sourcing)),
        (None, Some(_)) if view.is("channel", "far") => {
            format!("Why far-field: {} is a parcel branch, which {policy} or the input file chose.", view.store())
        }
        (None, Some(_)) => {
            format!("Why near-field: {first} could deliver all of it, and {policy} chose it.{moved}")
        }
        (None, None) => return String::new(),
    };
    format!("{why}\n")
}

/// A reason to go far, in words; a reason this program does not know stands as it is.
pub(super) fn far(reason: &str, sourcing: &str) -> String {
    let Some(known) = FarReason::ALL.iter().find(|why| why.name() == reason) else { return reason.to_owned() };
    match known {
        FarReason::Chosen => "the consumer did not ask for near-field delivery".into(),
        FarReason::NoStore => "no open store had the consumer within its radius".into(),
        FarReason::NoStock => "no open store within reach had every line in stock".into(),
        FarReason::Rationed => "a store had every line, but keeps what is left for consumers who walk in".into(),
        FarReason::Cheaper => format!("the warehouse cost less than the best store (sourcing.policy = \"{sourcing}\")"),
        FarReason::FarOnly => format!("sourcing.policy = \"{sourcing}\" uses no store"),
        FarReason::Paused => "couriers were so short that overload control had paused the near field there".into(),
        FarReason::Shrunk => "couriers were short and overload control had made the radius smaller".into(),
        FarReason::Fee => "the consumer did not accept the fee that overload control had raised".into(),
        FarReason::Overload => {
            "the stores that had every line were too busy to be offered (near.max_queue_orders, near.max_quote_min), or had no courier on duty"
                .into()
        }
        FarReason::MaxWait => {
            "a store had packed it, but no courier took it in time (dispatch.max_wait_min), so it was sent far instead".into()
        }
        FarReason::Rest => "it is what the stores of the other parts did not have".into(),
    }
}

pub(super) fn cancelled(reason: &str) -> String {
    let Some(known) = CancelReason::ALL.iter().find(|why| why.name() == reason) else { return reason.to_owned() };
    match known {
        CancelReason::Patience => "the consumer's patience ended before pick-up",
        CancelReason::NoCourier => "no courier could have delivered it in time, or none took it",
        CancelReason::NoStore => "no store could serve it, and no warehouse is used",
        CancelReason::SmallBasket => "what the picker found was worth too little to be delivered",
        CancelReason::NoShow => "nobody came for it while it was held, and its units are on the shelf again",
    }
    .into()
}
