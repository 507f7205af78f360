//! What is told of an order that its consumer fetches.

use super::StoryView;
use crate::report::wording::span;

/// One line: how it ended, and whether it was ready by the promise.
pub(super) fn outcome(view: &StoryView<'_>) -> String {
    let placed = view.number("placed_s").unwrap_or(0.0);
    let promised = view.number("promised_s").unwrap_or(placed);
    let after = |at: f64| span((at - placed) / 60.0);
    let ended = match (view.number("delivered_s"), view.number("cancelled_s")) {
        (Some(collected), _) => format!("collected after {}", after(collected)),
        (None, Some(given_up)) => format!("not fetched and given up after {}", after(given_up)),
        (None, None) => "not fetched yet when the run ended".into(),
    };
    let kept = match view.number("ready_s") {
        Some(ready) if ready > promised => format!("ready {} after that", span((ready - promised) / 60.0)),
        Some(ready) => format!("ready with {} to spare", span((promised - ready) / 60.0)),
        None => "never ready".into(),
    };
    format!("Pick-up in store, {ended}; promised to be ready by {}, {kept}.\n", view.clock(promised))
}

/// Name, seconds, note; parts of no length are left out.
pub(super) fn parts(view: &StoryView<'_>) -> Vec<(&'static str, f64, String)> {
    let at = |column| view.number(column);
    let (Some(placed), Some(start), Some(ready), Some(collected)) =
        (at("placed_s"), at("pick_start_s"), at("ready_s"), at("delivered_s"))
    else {
        return Vec::new();
    };
    let parts = [
        ("queue", start - placed, "for a picker"),
        ("pick", ready - start, "until it was ready"),
        ("on the shelf", collected - ready, "until the consumer had come, the walk included"),
    ];
    let parts = parts.into_iter().filter(|(_, seconds, _)| *seconds > 0.0);
    parts.map(|(name, seconds, note)| (name, seconds, note.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::told;
    use crate::event::{CancelReason, Event};
    use crate::testing::small_run;
    use crate::units::{OrderId, SimDuration};

    #[test]
    fn an_order_that_is_fetched_is_told_with_its_walk() {
        let mut run = small_run();
        let order = OrderId(3);
        for record in &mut run.log.records {
            record.event = match record.event {
                Event::OrderSourced { order: OrderId(3), store, .. } => {
                    Event::PickupReserved { order, store, walk_m: 840.0 }
                }
                Event::OrderCancelled { order: OrderId(3), .. } => Event::OrderCollected { order },
                Event::OrderReady { order: OrderId(3), store, .. } => {
                    Event::OrderReady { order, store, picked_for: SimDuration(240_000).into() }
                }
                other => other,
            };
        }
        run.scenario.pickup.discount_yuan = 3.0;
        let expected = "\
Pick-up in store, collected after 17 min; promised to be ready by 10:53:20, ready with 12 min to spare.

What happened
  10:33:20  placed by consumer 103: 1 unit in 1 line of fresh, worth 30.00 CNY
  10:33:20  to be fetched from store busy, 0.84 km away
  10:37:40  a picker began
  10:41:40  packed at store busy
  10:50:00  collected by the consumer, who walked 0.84 km

Why pick-up: store busy was the nearest open one within a walk that had all of it, and the consumer chose to fetch it there.

Where the 17 min from click to collection went
  queue               4.3 min  for a picker
  pick                4.0 min  until it was ready
  on the shelf        8.3 min  until the consumer had come, the walk included

What it cost to serve, in CNY
  pick and pack          1.67
  line haul              0.60
  packaging              0.50
  site                   6.67
  in all                 9.44
Earned on it: 1.80 CNY (fee 0.00, commission 1.80), 7.64 CNY less than it cost.
Contribution margin: −5.24 CNY (platform 1.80, merchant −7.04), of it margin on goods 7.20.

What it emitted, in grams of CO2e
  transport              40.0
  energy                 70.0
  packaging              20.0
  in all                130.0
";
        assert_eq!(told(&run, 3, true), expected);
        let collected = run.log.records.iter().position(|r| r.event == Event::OrderCollected { order }).unwrap();
        run.log.records[collected].event = Event::OrderCancelled { order, reason: CancelReason::NoShow };
        let given_up = told(&run, 3, false);
        assert!(given_up.starts_with("Pick-up in store, not fetched and given up after 17 min"), "{given_up}");
        assert!(given_up.contains("nobody came for it while it was held"), "{given_up}");
    }
}
