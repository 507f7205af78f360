//! Room: report. One order's story in plain words: what happened when, where the time went, what it cost and why.

mod course;
mod pickup;
mod time;
mod why;

use super::candidates::what_else;
use super::data::{CARBON, COSTS};
use super::wording::{clock_to_second, number, span};
use crate::metrics::{StoredCandidate, StoredEvent, StoredOrder};
use std::fmt::Write;

/// The order to tell of.
#[derive(Clone, Copy)]
pub struct StoryView<'a> {
    /// The order.
    pub order: &'a StoredOrder,
    /// What the event log says of it, if there is one.
    pub events: Option<&'a [StoredEvent]>,
    /// Its other parts, if it is a part of an order.
    pub other_parts: &'a [StoredOrder],
    /// The nodes it could have come from, if the run kept its ledger.
    pub candidates: Option<&'a [StoredCandidate<'a>]>,
    /// Clock hour at the start of the run.
    pub start_hour: f64,
    /// Currency code, such as `CNY`.
    pub currency: &'a str,
    /// The sourcing policy by its name in scenarios.
    pub sourcing: &'a str,
    /// How to get the event log.
    pub events_from: &'a str,
}

/// The story as text, a block for each question, each line ended.
pub fn story(view: &StoryView<'_>) -> String {
    let blocks = [
        outcome(view),
        other_parts(view),
        course::what_happened(view),
        why::this_channel(view),
        what_else(view.candidates.unwrap_or_default(), view.currency),
        time::where_it_went(view),
        money(view),
        carbon(view),
    ];
    let known: Vec<String> = blocks.into_iter().filter(|block| !block.is_empty()).collect();
    known.join("\n")
}

impl StoryView<'_> {
    fn number(&self, column: &str) -> Option<f64> {
        self.order.number(column)
    }
    fn text(&self, column: &str) -> Option<String> {
        self.order.text(column)
    }
    fn is(&self, column: &str, word: &str) -> bool {
        self.text(column).as_deref() == Some(word)
    }
    fn clock(&self, seconds: f64) -> String {
        clock_to_second(seconds, self.start_hour)
    }
    fn money(&self, yuan: f64) -> String {
        format!("{} {}", number(yuan, 2), self.currency)
    }
    /// The store that had it last.
    fn store(&self) -> String {
        format!("store {}", self.text("store").unwrap_or_default())
    }
    fn moved(&self) -> bool {
        self.number("resourced").unwrap_or(0.0) > 0.0
    }
    /// A store had packed it before it was sent far.
    fn was_near(&self) -> bool {
        self.number("converted_s").is_some()
    }
    /// The store it was given to at checkout, and how far away that is, in metres. None where it moved since, and neither
    /// event log nor candidates tell from where.
    fn first_store(&self) -> Option<(String, Option<f64>)> {
        let name = |store: &str| format!("store {store}");
        if !self.moved() && !self.was_near() {
            return self.text("store").map(|store| (name(&store), self.number("walk_m").or(self.number("ride_m"))));
        }
        let given = |event: &&StoredEvent| event.event == "order_sourced";
        if let Some(event) = self.events.unwrap_or_default().iter().find(given) {
            return event.store.as_deref().map(|store| (name(store), event.value));
        }
        let mut chosen = self.candidates.unwrap_or_default().iter().filter(|candidate| candidate.chosen);
        let first = chosen.next().filter(|first| first.distance_m.is_some() && chosen.next().is_none());
        let from = || self.text("converted_from").filter(|_| !self.moved());
        first.map(|first| (name(first.node), first.distance_m)).or_else(|| Some((name(&from()?), None)))
    }
    fn courier(&self) -> String {
        format!("courier {}", self.text("courier").unwrap_or_default())
    }
}

/// One line: the channel, how it ended, the promise.
fn outcome(view: &StoryView<'_>) -> String {
    let channel = match view.text("channel").as_deref() {
        Some("near") => "Near-field",
        Some("pickup") => return pickup::outcome(view),
        _ => "Far-field",
    };
    let placed = view.number("placed_s").unwrap_or(0.0);
    let promised = view.number("promised_s").unwrap_or(placed);
    let said = format!("promised by {}", view.clock(promised));
    let ended = match (view.number("delivered_s"), view.number("cancelled_s")) {
        (Some(delivered), _) => {
            let late = delivered - promised;
            let kept = match late > 0.0 {
                true => format!("promise missed by {}", span(late / 60.0)),
                false => format!("promise kept with {} to spare", span(-late / 60.0)),
            };
            format!("delivered after {}; {said}, {kept}", span((delivered - placed) / 60.0))
        }
        (None, Some(cancelled)) => {
            format!("cancelled after {}; {said}, promise not kept", span((cancelled - placed) / 60.0))
        }
        (None, None) => {
            let due = if view.order.flag("on_time") == Some(false) { "promise not kept" } else { "not yet due" };
            format!("still open when the run ended; {said}, {due}")
        }
    };
    format!("{channel}, {ended}.\n")
}

/// That the order is a part, and what became of the others.
fn other_parts(view: &StoryView<'_>) -> String {
    if view.other_parts.is_empty() {
        return String::new();
    }
    let head = view.number("part_of").unwrap_or(f64::from(view.order.id())) as u32;
    let value = |order: &StoredOrder| order.number("value_yuan").unwrap_or(0.0);
    let all = value(view.order) + view.other_parts.iter().map(value).sum::<f64>();
    let mut block = format!(
        "This is part {} of {} of what the consumer ordered at once, worth {} in all. The others\n",
        view.order.id() - head + 1,
        view.other_parts.len() + 1,
        view.money(all)
    );
    for part in view.other_parts {
        let id = format!("order {}", part.id());
        let _ = writeln!(block, "  {id:<12}{}, worth {}: {}", way(part), view.money(value(part)), ended(part));
    }
    block
}

/// How a part comes.
fn way(part: &StoredOrder) -> String {
    match part.text("store") {
        Some(store) => format!("near-field from store {store}"),
        None => "as a parcel".into(),
    }
}

/// How a part ended.
fn ended(part: &StoredOrder) -> String {
    let placed = part.number("placed_s").unwrap_or(0.0);
    match (part.number("delivered_s"), part.number("cancelled_s")) {
        (Some(delivered), _) => format!("delivered after {}", span((delivered - placed) / 60.0)),
        (None, Some(cancelled)) => format!("cancelled after {}", span((cancelled - placed) / 60.0)),
        (None, None) => "still open when the run ended".into(),
    }
}

fn money(view: &StoryView<'_>) -> String {
    let Some(total) = view.number("cost_yuan") else {
        let value = view.number("value_yuan").unwrap_or(0.0);
        return match view.number("cancelled_s") {
            Some(_) => format!("Money: no cost and no revenue are booked; a sale of {} is lost.\n", view.money(value)),
            None => String::new(),
        };
    };
    let mut block = format!("What it cost to serve, in {}\n", view.currency);
    let causes = COSTS.iter().map(|&(column, name)| (name, view.number(column).unwrap_or(0.0)));
    for (name, yuan) in causes.filter(|(_, yuan)| *yuan != 0.0) {
        let _ = writeln!(block, "  {:<18}{:>9}", name.0.to_lowercase(), number(yuan, 2));
    }
    let _ = writeln!(block, "  {:<18}{:>9}", "in all", number(total, 2));
    let (fee, commission) = (view.number("fee_yuan").unwrap_or(0.0), view.number("commission_yuan").unwrap_or(0.0));
    let earned = fee + commission;
    let _ = writeln!(
        block,
        "Earned on it: {} ({} {}, commission {}), {} {} than it cost.",
        view.money(earned),
        if view.is("channel", "pickup") { "fee" } else { "delivery fee" },
        number(fee, 2),
        number(commission, 2),
        view.money((earned - total).abs()),
        if earned < total { "less" } else { "more" },
    );
    let of = |column: &str| number(view.number(column).unwrap_or(0.0), 2);
    let _ = writeln!(
        block,
        "Contribution margin: {} {} (platform {}, merchant {}), of it margin on goods {}.",
        of("contribution_system_yuan"),
        view.currency,
        of("contribution_platform_yuan"),
        of("contribution_merchant_yuan"),
        of("margin_yuan"),
    );
    block
}

fn carbon(view: &StoryView<'_>) -> String {
    let Some(total) = view.number("co2e_g") else { return String::new() };
    let mut block = String::from("What it emitted, in grams of CO2e\n");
    let causes = CARBON.iter().map(|&(column, name)| (name, view.number(column).unwrap_or(0.0)));
    for (name, grams) in causes.filter(|(_, grams)| *grams != 0.0) {
        let _ = writeln!(block, "  {:<18}{:>9}", name.0.to_lowercase(), number(grams, 1));
    }
    let _ = writeln!(block, "  {:<18}{:>9}", "in all", number(total, 1));
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, FarOrigin, FarReason, Record, Span};
    use crate::metrics::{Frames, StoredOrders, events_of_order, events_parquet};
    use crate::testing::{Run, at, small_run};
    use crate::units::{CourierId, LaneId, OrderId, StoreId};

    pub(super) fn told(run: &Run, order: u32, log: bool) -> String {
        let frames = Frames::from_log(&run.scenario, &run.city, &run.log, 0).unwrap();
        let orders = StoredOrders::read(frames.orders_parquet().unwrap()).unwrap();
        let order = orders.find(0, &order.to_string()).unwrap().unwrap();
        let bytes = events_parquet(&[(&run.city, &run.log)]).unwrap();
        let events = log.then(|| events_of_order(bytes, 0, order.id()).unwrap());
        let other_parts = orders.other_parts(0, &order).unwrap();
        story(&StoryView {
            order: &order,
            events: events.as_deref(),
            other_parts: &other_parts,
            candidates: None,
            start_hour: 10.0,
            currency: "CNY",
            sourcing: "nearest_stocked",
            events_from: "ask for the log",
        })
    }

    #[test]
    fn a_late_near_order_is_told_with_parts_and_money() {
        let expected = "\
Near-field, delivered after 35 min; promised by 10:46:40, promise missed by 5.0 min.

What happened
  10:16:40  placed by consumer 101: 1 unit in 1 line of fresh, worth 50.00 CNY
  10:16:40  given to store busy, 3.00 km away
  10:17:40  a picker began
  10:21:40  packed at store busy
  10:21:40  given to courier ann
  10:30:00  courier ann set out for the store, 1.00 km away
  10:34:00  courier ann reached the store
  10:35:00  courier ann took it over
  10:49:40  courier ann reached the door
  10:51:40  the consumer has it
  11:23:20  sent back by the consumer

Why near-field: store busy could deliver all of it, and sourcing.policy = \"nearest_stocked\" chose it.

Where the 35 min from click to door went
  queue               1.0 min  for a picker
  pick                4.0 min  until it was packed
  courier wait       12.3 min  for the courier to be at the store: 8.3 min until one set out, 4.0 min on the way
  hand-out            1.0 min  until the courier had it
  ride               14.7 min  to the door
  hand-over           2.0 min  at the door

What it cost to serve, in CNY
  last mile             10.60
  pick and pack          1.67
  line haul              0.60
  packaging              0.80
  site                  10.00
  returns                9.00
  late compensation      3.00
  in all                35.67
Earned on it: 0.00 CNY (delivery fee 0.00, commission 0.00), 35.67 CNY less than it cost.
Contribution margin: −35.67 CNY (platform −13.60, merchant −22.07), of it margin on goods 0.00.

What it emitted, in grams of CO2e
  last mile              48.0
  transport              40.0
  energy                 70.0
  packaging              60.0
  returns                35.0
  in all                253.0
";
        assert_eq!(told(&small_run(), 1, true), expected);
    }

    #[test]
    fn a_parcel_is_told_by_its_way_and_its_reason() {
        let story = told(&small_run(), 2, false);
        for words in [
            "Far-field, delivered after 2.0 h; promised by 11:50:00, promise missed by 30 min.",
            "  10:33:20  packed at the warehouse\n  10:50:00  left the warehouse on lane nation\n",
            "Why far-field: no open store within reach had every line in stock.",
            "  pick and pack        13 min  with the backlog of the warehouse\n",
            "  line haul            60 min  to the branch near the consumer\n",
            "  last mile            30 min  from there to the door\n",
            "Earned on it: 10.00 CNY (delivery fee 0.00, commission 10.00), 2.00 CNY more than it cost.",
        ] {
            assert!(story.contains(words), "{words} is not in\n{story}");
        }
        let branch = told(&small_run(), 4, false);
        assert!(branch.contains("Why far-field: store branch is a parcel branch"), "{branch}");
        assert!(branch.contains("promise kept with 73 min to spare") && !branch.contains("Where the"), "{branch}");
    }

    #[test]
    fn orders_without_delivery_are_told_too() {
        let run = small_run();
        let given_up = told(&run, 3, false);
        assert!(given_up.starts_with("Near-field, cancelled after 17 min; promised by 11:03:20"), "{given_up}");
        assert!(given_up.contains("cancelled: the consumer's patience ended before pick-up"), "{given_up}");
        assert!(given_up.contains("a sale of 30.00 CNY is lost"), "{given_up}");
        let open = told(&run, 5, false);
        assert!(open.starts_with("Far-field, still open when the run ended"), "{open}");
        assert!(open.contains("Why far-field: the consumer did not ask for near-field delivery."), "{open}");
        let refused = told(&run, 6, false);
        assert!(refused.contains("cancelled: no courier could have delivered it in time"), "{refused}");
        assert!(!refused.contains("Why"), "{refused}");
    }

    #[test]
    fn a_part_tells_of_the_others() {
        let mut run = small_run();
        run.log.placements[2].part_of = Some(OrderId(1));
        run.log.placements[3].part_of = Some(OrderId(1));
        for record in &mut run.log.records {
            if let Event::OrderSentFar { order: OrderId(2), reason, .. } = &mut record.event {
                *reason = FarReason::Rest;
            }
        }
        let rest = told(&run, 2, false);
        let expected = "\
This is part 2 of 3 of what the consumer ordered at once, worth 280.00 CNY in all. The others
  order 1     near-field from store busy, worth 50.00 CNY: delivered after 35 min
  order 3     near-field from store busy, worth 30.00 CNY: cancelled after 17 min
";
        assert!(rest.contains(expected), "{rest}");
        assert!(rest.contains("Why far-field: it is what the stores of the other parts did not have."), "{rest}");
        let first = told(&run, 1, false);
        assert!(first.contains("part 1 of 3") && first.contains("  order 2     as a parcel, worth 200.00"), "{first}");
        assert!(first.contains("Why near-field: store busy had this part of it"), "{first}");
        assert!(!told(&run, 0, false).contains("part"), "a whole order has no parts");
    }

    #[test]
    fn an_order_that_no_courier_took_tells_of_the_store_it_left() {
        let mut run = small_run();
        let o3 = OrderId(3);
        run.log.records.retain(|r| !matches!(r.event, Event::OrderCancelled { order, .. } if order == o3));
        for (seconds, event) in [
            (3000.0, Event::OrderConverted { order: o3 }),
            (3000.0, Event::OrderSentFar { order: o3, reason: FarReason::MaxWait, from: FarOrigin::Warehouse }),
            (3100.0, Event::ParcelPacked { order: o3 }),
            (3600.0, Event::ParcelShipped { order: o3, lane: Some(LaneId(2)) }),
            (9200.0, Event::ParcelDelivered { order: o3, out_for: Span::default() }),
        ] {
            run.log.record(at(seconds), event);
        }
        run.log.records.sort_by_key(|record| record.at);
        let with = told(&run, 3, true);
        for words in [
            "  10:33:20  given to store busy, 0.10 km away\n  10:41:40  packed at store busy\n",
            "  10:50:00  no courier had taken it: on the shelf of store busy again, and sent far\n",
            "Why far-field: a store had packed it, but no courier took it in time (dispatch.max_wait_min), so it was sent far instead.\n",
            "  at a store           17 min  picking, and waiting for a courier in vain\n  pick and pack       1.7 min  with",
            "  late compensation      3.00\n",
        ] {
            assert!(with.contains(words), "{words} is not in\n{with}");
        }
        let without = told(&run, 3, false);
        assert!(without.contains("  10:33:20  given to store busy\n  10:50:00  no courier had taken it"), "{without}");
    }

    #[test]
    fn moves_and_refusals_are_dated_by_the_log_and_counted_without_it() {
        let mut run = small_run();
        run.log.record(at(1020.0), Event::OrderResourced { order: OrderId(1), store: StoreId(1), ride_m: 2500.0 });
        run.log.record(at(1100.0), Event::OrderRefused { order: OrderId(1), courier: CourierId(1) });
        run.log.records.sort_by_key(|record| record.at);
        let with = told(&run, 1, true);
        assert!(with.contains("  10:17:00  moved to store quiet, 2.50 km away\n"), "{with}");
        assert!(with.contains("  10:18:20  courier bob was asked and refused\n"), "{with}");
        assert!(with.contains("before a re-route") && !with.contains("ask for the log"), "{with}");
        // Who was asked first is told, not who delivered in the end.
        assert!(with.contains("  10:16:40  given to store busy, 3.00 km away\n"), "{with}");
        let why = "store busy could deliver all of it, and sourcing.policy = \"nearest_stocked\" chose it. It moved to store quiet";
        assert!(with.contains(why), "{with}");
        let without = told(&run, 1, false);
        assert!(
            without.contains("moved to another store 1 time and refused by 1 courier; ask for the log"),
            "{without}"
        );
        assert!(without.contains("served in the end by store quiet"), "{without}");
        assert!(without.contains("a store could deliver all of it"), "{without}");
    }

    #[test]
    fn what_happened_at_one_instant_is_told_as_the_log_has_it() {
        let mut run = small_run();
        // Between being packed and given to ann, who was asked second.
        let assigned = |record: &Record| matches!(record.event, Event::CourierAssigned { order: OrderId(1), .. });
        let place = run.log.records.iter().position(assigned).unwrap();
        let refused = Event::OrderRefused { order: OrderId(1), courier: CourierId(1) };
        run.log.records.insert(place, Record { at: at(1300.0), event: refused });
        let story = told(&run, 1, true);
        let lines =
            "packed at store busy\n  10:21:40  courier bob was asked and refused\n  10:21:40  given to courier ann\n";
        assert!(story.contains(lines), "{story}");
    }

    #[test]
    fn every_reason_has_words_of_its_own() {
        for reason in FarReason::ALL {
            assert_ne!(why::far(reason.name(), "fastest"), reason.name());
        }
        assert_eq!(why::far("some_day", "fastest"), "some_day");
    }
}
