//! Room: report. The nodes that an order could have come from, in plain words.

use super::wording::{number, plural, span};
use crate::city::Channel;
use crate::event::WhyNot;
use crate::metrics::StoredCandidate;
use std::fmt::Write;

/// What the costs of stores leave out is told with them: docs/ledger.md.
const HEADER: &str = "What else it could have come from, as things stood when it was placed (rent, and the courier's way to a store, left out of costs)";

/// A line for each candidate but the chosen one, nearest first; nothing if there is no other.
pub(super) fn what_else(candidates: &[StoredCandidate], currency: &str) -> String {
    let mut serving = candidates.iter().filter(|candidate| candidate.chosen);
    // Nodes that serve parts are nothing to compare a whole order with.
    let chosen = serving.next().filter(|_| serving.next().is_none());
    let mut block = String::new();
    for candidate in candidates.iter().filter(|candidate| !candidate.chosen) {
        let _ = writeln!(block, "  {}", line(candidate, chosen, currency));
    }
    match block.is_empty() {
        true => block,
        false => format!("{HEADER}\n{block}"),
    }
}

fn line(candidate: &StoredCandidate, chosen: Option<&StoredCandidate>, currency: &str) -> String {
    let who = match candidate.distance_m {
        Some(metres) if fetched(candidate) => {
            format!("fetched from store {}, {} on foot, it", candidate.node, distance(metres))
        }
        Some(metres) => format!("store {}, {} away,", candidate.node, distance(metres)),
        None => "the warehouse".to_owned(),
    };
    let why = why_not(candidate);
    if !candidate.feasible {
        return format!("{who} {why}");
    }
    let what = match (chosen, candidate.distance_m) {
        (Some(chosen), Some(_)) if !fetched(candidate) => {
            format!("had everything {}", against(candidate, chosen, currency))
        }
        (Some(chosen), _) => against(candidate, chosen, currency).trim_start_matches("and ").to_owned(),
        (None, _) if fetched(candidate) => format!("could have been had in {}", span(candidate.eta_min)),
        (None, _) => format!("could have served it in {}", span(candidate.eta_min)),
    };
    format!("{who} {what}: {why}")
}

fn fetched(candidate: &StoredCandidate) -> bool {
    candidate.channel == Channel::Pickup.word()
}

/// Time and money beside those of the chosen node.
fn against(candidate: &StoredCandidate, chosen: &StoredCandidate, currency: &str) -> String {
    let (minutes, yuan) = (candidate.eta_min - chosen.eta_min, candidate.cost_yuan - chosen.cost_yuan);
    let time = match minutes {
        m if m.abs() < 0.05 => "would have taken as long".to_owned(),
        m if m > 0.0 => format!("would have taken {} longer", span(m)),
        m => format!("would have been {} faster", span(-m)),
    };
    let money = match yuan {
        y if y.abs() < 0.005 => "cost the same".to_owned(),
        y => format!("cost {} {currency} {}", number(y.abs(), 2), if y > 0.0 { "more" } else { "less" }),
    };
    // A store with everything at hand is let down by what took longer.
    let joint = if minutes > 0.05 { "but" } else { "and" };
    match joint {
        "but" if candidate.distance_m.is_some() && !fetched(candidate) => format!("but {time} and {money}"),
        _ => format!("and {time} and {money}"),
    }
}

/// The reason in words; one this program does not know stands as it is.
fn why_not(candidate: &StoredCandidate) -> String {
    let reason = candidate.why_not.unwrap_or_default();
    let Some(known) = WhyNot::ALL.into_iter().find(|why| why.name() == reason) else { return reason.to_owned() };
    match known {
        WhyNot::OutOfRadius => "was too far to deliver here".into(),
        WhyNot::Closed => "took no orders at that hour".into(),
        WhyNot::NoStock => format!("lacked {}", plural(candidate.lines_short as usize, "line")),
        WhyNot::Rationed => "kept what was left for consumers who walk in".into(),
        WhyNot::Paused => "took no near orders: overload control had paused the near field there".into(),
        WhyNot::Shrunk => "was out of reach: overload control had made its radius smaller".into(),
        WhyNot::NoCourier => "had no courier who could have brought it in time".into(),
        known => known.meaning().into(),
    }
}

fn distance(metres: f64) -> String {
    if metres < 995.0 { format!("{} m", number(metres, 0)) } else { format!("{} km", number(metres / 1000.0, 2)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHOSEN: StoredCandidate = StoredCandidate {
        rank: 1,
        channel: "near",
        node: "7",
        distance_m: Some(400.0),
        lines_short: 0,
        feasible: true,
        promise_min: 30.0,
        eta_min: 20.0,
        cost_yuan: 9.0,
        co2e_g: 180.0,
        chosen: true,
        why_not: None,
    };

    fn other(node: &'static str, distance_m: Option<f64>, why_not: WhyNot) -> StoredCandidate<'static> {
        let feasible = why_not.feasible();
        StoredCandidate { node, distance_m, chosen: false, feasible, why_not: Some(why_not.name()), ..CHOSEN }
    }

    #[test]
    fn candidates_are_told_with_what_speaks_against_them() {
        let slower = StoredCandidate { eta_min: 29.0, cost_yuan: 9.5, ..other("12", Some(640.0), WhyNot::Slower) };
        let empty = StoredCandidate { lines_short: 2, ..other("3", Some(1200.0), WhyNot::NoStock) };
        let far = StoredCandidate { eta_min: 2900.0, cost_yuan: 8.0, ..other("warehouse", None, WhyNot::Fallback) };
        let quick = StoredCandidate { eta_min: 15.0, cost_yuan: 9.0, ..other("4", Some(1300.0), WhyNot::Farther) };
        let walk = StoredCandidate {
            channel: "pickup",
            eta_min: 18.0,
            cost_yuan: 3.5,
            ..other("7", Some(400.0), WhyNot::ConsumerChoseOtherwise)
        };
        let expected = "\
What else it could have come from, as things stood when it was placed (rent, and the courier's way to a store, left out of costs)
  store 12, 640 m away, had everything but would have taken 9.0 min longer and cost 0.50 CNY more: another store would be faster
  store 3, 1.20 km away, lacked 2 lines
  store 4, 1.30 km away, had everything and would have been 5.0 min faster and cost the same: another store is nearer
  fetched from store 7, 400 m on foot, it would have been 2.0 min faster and cost 5.50 CNY less: the consumer chose another channel
  the warehouse would have taken 48 h longer and cost 1.00 CNY less: the warehouse serves only what no store can
";
        assert_eq!(what_else(&[CHOSEN, slower, empty, quick, walk, far], "CNY"), expected);
        assert_eq!(what_else(&[CHOSEN], "CNY"), "");
        let nobody = what_else(&[StoredCandidate { chosen: false, why_not: Some("some_day"), ..CHOSEN }], "CNY");
        assert!(nobody.ends_with("store 7, 400 m away, could have served it in 20 min: some_day\n"), "{nobody}");
    }
}
