//! Room: cli. `--until METRIC:1%`: what it asks for, and the rounds of replications that lead there.

use super::Failure;
use super::kpi_table::{figures, in_currency, label};
use crate::metrics::{KPIS, definition};
use crate::scenario::closest;
use crate::study::{FEWEST, HalfWidth, Judging, LOOK_AHEAD, Paired, Precision, Stopping};

/// Replications of each round after the first; a round is finished before anybody looks at it, so that the number of
/// threads decides nothing.
const ROUND: u32 = 10;

/// Reads `METRIC:1%` or `METRIC:0.2`.
pub(super) fn precision(text: &str) -> Result<Precision, Failure> {
    let help =
        "write --until cost_per_order:1% (of the mean of the base) or --until click_to_door_mean_min:0.2 (minutes)";
    let wrong = |found: String| Failure::Input(format!("--until {text}: {found}"), help.into());
    let (name, wanted) = text.split_once(':').ok_or_else(|| wrong("no half-width".into()))?;
    let Some(known) = definition(name.trim()) else {
        let guess = closest(name.trim(), KPIS.iter().map(|definition| definition.name));
        let found = format!("--until {text}: no KPI is named {:?}", name.trim());
        let help = guess.map_or_else(|| "docs/kpis.md has all".into(), |guess| format!("did you mean {guess}?"));
        return Err(Failure::Input(found, help));
    };
    let number = |digits: &str| digits.trim().parse::<f64>().ok().filter(|value| *value > 0.0 && value.is_finite());
    let half_width = match wanted.trim().strip_suffix('%') {
        Some(percent) => number(percent).map(|percent| HalfWidth::OfBase(percent / 100.0)),
        None => number(wanted).map(HalfWidth::Absolute),
    };
    let half_width = half_width.ok_or_else(|| wrong(format!("{:?} is no half-width", wanted.trim())))?;
    Ok(Precision { metric: known.name, half_width })
}

/// The rounds: `start` replications, or so many that the first look can be one, then more, at most `most`.
pub(super) fn rounds(start: u32, most: u32) -> Stopping {
    let first = start.max((FEWEST + LOOK_AHEAD) as u32).min(most);
    Stopping { first, step: ROUND, most, reached: false }
}

/// How many replications to add to `done`; none at the limit.
pub(super) fn more(rule: Stopping, done: u32) -> u32 {
    if done == 0 { rule.first } else { rule.step.min(rule.most - done) }
}

/// One line for each half-width asked for that is not reached, or one that all are.
pub(super) fn told(rule: Stopping, judging: &Judging, rows: &[&[Paired]], names: &[&str], currency: &str) -> String {
    if rule.reached {
        return "stopped when every half-width asked for by --until was reached\n".to_owned();
    }
    let mut text = String::new();
    for wanted in &judging.wanted {
        for (rows, name) in rows.iter().zip(names) {
            let Some(row) = rows.iter().find(|row| row.name == wanted.metric) else { continue };
            let (half, aim) = ((row.high - row.low) / 2.0, wanted.half_width.in_unit(row.base_mean));
            if half.is_nan() || half > aim {
                let unit = in_currency(row.unit, currency);
                let label = label(row.name);
                let half =
                    if half.is_nan() { "without an interval".into() } else { format!("± {}", figures(half, 3)) };
                text += &format!("{label} of {name}: {half}, not ± {} {unit}\n", figures(aim, 3));
            }
        }
    }
    let why = "not narrow enough for long enough";
    let tail = format!("stopped at --max-replications {}; give more to go on\n", rule.most);
    if text.is_empty() { format!("{why}: {tail}") } else { text + &tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wants_are_read_in_percent_and_in_units() {
        let read = |text| precision(text).unwrap();
        assert_eq!(read("orders:1%"), Precision { metric: "orders", half_width: HalfWidth::OfBase(0.01) });
        assert_eq!(read("gmv: 0.2").half_width, HalfWidth::Absolute(0.2));
        for (text, part) in [
            ("order:1%", "did you mean orders?"),
            ("orders", "no half-width"),
            ("orders:x", "\"x\" is no half-width"),
            ("orders:-1", "no half-width"),
            ("orders:0%", "no half-width"),
            ("zzz:1", "docs/kpis.md"),
        ] {
            let told = precision(text).unwrap_err().to_string();
            assert!(told.contains(part), "{part} is missing in {told}");
        }
    }

    #[test]
    fn rounds_start_where_a_look_is_possible_and_end_at_the_limit() {
        let rule = rounds(10, 200);
        assert_eq!((rule.first, more(rule, 0), more(rule, 15), more(rule, 195), more(rule, 200)), (15, 15, 10, 5, 0));
        assert_eq!(rounds(40, 200).first, 40);
        assert_eq!(rounds(40, 20).first, 20);
        assert_eq!([figures(0.0123456, 3), figures(1234.6, 3), figures(0.0, 3)], ["0.0123", "1,235", "0"]);
    }
}
