//! Room: report. One order's story in plain words: what happened when, where the time went, what it cost and why.

mod pickup;
mod time;
mod why;

use super::candidates::what_else;
use super::data::{CARBON, COSTS};
use super::wording::{clock_to_second, number, plural, span};
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
        what_happened(view),
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
    fn store(&self) -> String {
        format!("store {}", self.text("store").unwrap_or_default())
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

/// Every known moment, by time; moments of one instant stand in the order of the way.
fn what_happened(view: &StoryView<'_>) -> String {
    let mut lines = moments(view);
    for event in view.events.unwrap_or_default() {
        lines.extend(told_by_log_only(view, event).map(|words| (event.at_s, words)));
    }
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    let clocks: Vec<String> = lines.iter().map(|(at, _)| view.clock(*at)).collect();
    let width = clocks.iter().map(String::len).max().unwrap_or(0);
    let mut block = String::from("What happened\n");
    for ((_, words), clock) in lines.iter().zip(&clocks) {
        let _ = writeln!(block, "  {clock:>width$}  {words}");
    }
    block + &left_out(view)
}

/// What the order table knows of each moment.
fn moments(view: &StoryView<'_>) -> Vec<(f64, String)> {
    let mut lines = Vec::new();
    let mut tell = |column: &str, words: String| lines.extend(view.number(column).map(|at| (at, words)));
    let units = plural(view.number("units").unwrap_or(0.0) as usize, "unit");
    let rows = plural(view.number("lines").unwrap_or(0.0) as usize, "line");
    let (category, value) = (view.text("category").unwrap_or_default(), view.number("value_yuan").unwrap_or(0.0));
    let consumer = view.number("consumer_id").unwrap_or(0.0);
    tell(
        "placed_s",
        format!("placed by consumer {consumer}: {units} in {rows} of {category}, worth {}", view.money(value)),
    );
    let far = |metres: Option<f64>| metres.map_or(String::new(), |m| format!(", {} km away", number(m / 1000.0, 2)));
    if view.text("store").is_some() {
        let moved = view.number("resourced").unwrap_or(0.0) > 0.0;
        let walk = view.number("walk_m");
        let whose = match walk {
            Some(_) => "to be fetched from",
            None if moved => "served in the end by",
            None => "given to",
        };
        tell("placed_s", format!("{whose} {}{}", view.store(), far(walk.or(view.number("ride_m")))));
    }
    tell("pick_start_s", "a picker began".into());
    tell("ready_s", format!("packed at {}", view.store()));
    tell("assigned_s", format!("given to {}", view.courier()));
    tell("set_out_s", format!("{} set out for the store{}", view.courier(), far(view.number("approach_m"))));
    tell("at_store_s", format!("{} reached the store", view.courier()));
    tell("picked_up_s", format!("{} took it over", view.courier()));
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
    use crate::event::{Event, FarReason};
    use crate::metrics::{Frames, StoredOrders, events_of_order, events_parquet};
    use crate::testing::{Run, at, small_run};
    use crate::units::{CourierId, OrderId, StoreId};

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
    fn moves_and_refusals_are_dated_by_the_log_and_counted_without_it() {
        let mut run = small_run();
        run.log.record(at(1020.0), Event::OrderResourced { order: OrderId(1), store: StoreId(1), ride_m: 2500.0 });
        run.log.record(at(1100.0), Event::OrderRefused { order: OrderId(1), courier: CourierId(1) });
        run.log.records.sort_by_key(|record| record.at);
        let with = told(&run, 1, true);
        assert!(with.contains("  10:17:00  moved to store quiet, 2.50 km away\n"), "{with}");
        assert!(with.contains("  10:18:20  courier bob was asked and refused\n"), "{with}");
        assert!(with.contains("before a re-route") && !with.contains("ask for the log"), "{with}");
        let without = told(&run, 1, false);
        assert!(
            without.contains("moved to another store 1 time and refused by 1 courier; ask for the log"),
            "{without}"
        );
        assert!(without.contains("served in the end by store quiet"), "{without}");
    }

    #[test]
    fn every_reason_has_words_of_its_own() {
        for reason in FarReason::ALL {
            assert_ne!(why::far(reason.name(), "fastest"), reason.name());
        }
        assert_eq!(why::far("some_day", "fastest"), "some_day");
    }
}
