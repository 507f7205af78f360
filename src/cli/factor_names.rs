//! Room: cli. What people call a factor and its levels: words and units in place of keys, in the language of a report.

use super::kpi_table::unit_of;
use crate::report::{Lever, Look};
use crate::scenario::{self, Language};
use crate::sweep::{Factor, Span};

/// Ends of keys that name the unit, and how that unit begins.
const UNITS: [(&str, &str); 8] = [
    ("_kmh", "km/h"),
    ("_km", "km"),
    ("_yuan", "yuan"),
    ("_min", "min"),
    ("_days", "days"),
    ("_h", "h"),
    ("_s", "s"),
    ("_g", "g"),
];

/// Keys that the shipped sweeps vary, the label they give it if they do, and its Chinese name.
const CHINESE: [(&str, &str, &str); 9] = [
    ("catalogue.zipf_exponent", "", "销量集中度（齐普夫指数）"),
    ("cost.courier_per_order_yuan", "courier pay per order", "骑手单均报酬"),
    ("couriers.count", "couriers", "骑手人数"),
    ("couriers.pay_elasticity", "", "骑手报酬弹性"),
    ("couriers.speed_kmh", "", "骑手速度"),
    ("demand.orders_per_day", "demand", "日均单量"),
    ("near.radius_km", "", "配送半径"),
    ("stock.phantom_share", "", "虚库存占比"),
    ("warehouse.capacity_factor", "", "中心仓产能系数"),
];

/// A name for people: the label, or the last part of the key without its unit, with a capital.
pub(super) fn name(label: &str, column: &str, language: Language) -> String {
    let key = column.trim_end_matches(".scale").trim_end_matches(".add");
    let unnamed = label == column || label == key;
    let shipped = CHINESE.iter().find(|(known, given, _)| *known == key && (unnamed || label == *given));
    if let (Some((_, _, chinese)), Language::Zh) = (shipped, language) {
        return (*chinese).to_owned();
    }
    let plain = if unnamed { of_key(key) } else { label.to_owned() };
    let mut letters = plain.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// `near.radius_km` is a radius; `couriers.count` counts couriers.
fn of_key(key: &str) -> String {
    let unit = scenario::key(key).map_or("", |it| it.unit);
    let counted = key.trim_end_matches(".count");
    let last = counted.rsplit('.').next().unwrap_or(counted);
    let bare = UNITS.iter().find_map(|(end, begins)| {
        let bare = last.strip_suffix(end)?;
        // `capacity_per_h` is so much per hour.
        (unit.starts_with(begins) && !bare.ends_with("_per")).then_some(bare)
    });
    bare.unwrap_or(last).replace('_', " ")
}

/// A lever as charts and tables call it.
pub(super) fn lever(label: &str, unit: &str, column: &str, currency: &str, language: Language) -> Lever {
    // A key whose unit is what it counts, such as couriers, says it in its name.
    let counts = matches!(unit, "couriers" | "stores" | "orders" | "SKUs" | "consumers" | "orders/day");
    let unit = if counts {
        String::new()
    } else if unit == "ratio" {
        "×".to_owned()
    } else {
        unit_of(unit, currency, language)
    };
    Lever { label: name(label, column, language), unit, language }
}

/// A level as people read it: multiples as ×1.2, amounts added with their sign.
pub(super) fn level(column: &str, shown: &str) -> String {
    match shown.parse::<f64>() {
        Ok(_) if column.ends_with(".scale") => format!("×{shown}"),
        Ok(number) if column.ends_with(".add") && number >= 0.0 => format!("+{shown}"),
        _ => shown.to_owned(),
    }
}

/// The same with its unit: `3 km`, `×1.2`, `20%`.
pub(super) fn level_in_unit(factor: &Factor, shown: &str, currency: &str, look: &Look) -> String {
    let column = factor.column();
    let Ok(value) = shown.parse::<f64>() else { return shown.to_owned() };
    let lever = lever(&factor.label, factor.unit(), &column, currency, look.language);
    match lever.unit.as_str() {
        _ if column.ends_with(".scale") => format!("×{}", lever.figure(value)),
        // A ratio is a plain number; it need not multiply anything.
        "×" => lever.figure(value),
        _ if column.ends_with(".add") && value >= 0.0 => format!("+{}", lever.value(value)),
        _ => lever.value(value),
    }
}

/// Between which levels a factor was varied: `120–220`, `2–5 km`, `×0.8–×1.2`; words as they stand.
pub(super) fn range(factor: &Factor, currency: &str, look: &Look) -> String {
    let ends = match &factor.span {
        Span::Uniform(low, high) | Span::Loguniform(low, high) => Some((*low, *high)),
        Span::Levels(levels) => {
            let numbers: Option<Vec<f64>> = levels.iter().map(|level| level.number()).collect();
            numbers.map(|numbers| {
                numbers.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(*it), high.max(*it)))
            })
        }
    };
    let Some(ends) = ends else {
        let words: Vec<String> = factor.levels().unwrap_or_default().iter().map(|level| level.shown()).collect();
        return words.join(look.say(", ", "、"));
    };
    let [low, high] = [ends.0, ends.1].map(|end| level_in_unit(factor, &end.to_string(), currency, look));
    // The unit is said once, but that of a multiple stands before it.
    let unit = high.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '−' | '-' | '.' | ',' | '×'));
    let low = if low == high { return low } else { low.strip_suffix(unit).unwrap_or(&low).to_owned() };
    let to = if ends.0 < 0.0 { look.say(" to ", " 至 ") } else { "–" };
    format!("{low}{to}{high}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::{Apply, FactorKind};

    fn factor(key: &str, apply: Apply, span: Span) -> Factor {
        Factor { key: key.into(), label: key.into(), kind: FactorKind::Lever, apply, span, line: 1 }
    }

    #[test]
    fn a_name_leaves_its_unit_to_the_levels() {
        let english = |key: &str| name(key, key, Language::En);
        assert_eq!(english("near.radius_km"), "Radius");
        assert_eq!(english("couriers.speed_kmh"), "Speed");
        assert_eq!(english("couriers.count"), "Couriers");
        assert_eq!(english("warehouse.capacity_per_h"), "Capacity per h");
        assert_eq!(english("stock.phantom_share"), "Phantom share");
        assert_eq!(name("our radius", "near.radius_km", Language::En), "Our radius");
    }

    #[test]
    fn what_the_shipped_sweeps_vary_has_a_chinese_name() {
        for file in ["break-even", "fleet", "screening", "sensitivity"] {
            let text = std::fs::read_to_string(format!("scenarios/sweeps/{file}.toml")).unwrap();
            for factor in text.split("[[factor]]").skip(1) {
                let of = |name: &str| {
                    let line = factor.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_prefix('='));
                    line.map(|value| value.trim().trim_matches('"'))
                };
                let key = of("key").unwrap();
                let chinese = name(of("label").unwrap_or(key), key, Language::Zh);
                assert!(!chinese.is_ascii(), "{key} is {chinese}");
            }
        }
        assert!(CHINESE.iter().all(|(key, ..)| scenario::key(key).is_some()));
        assert_eq!(name("our radius", "near.radius_km", Language::Zh), "Our radius", "a user's own label stays");
    }

    #[test]
    fn ranges_are_said_with_their_unit_once() {
        let said =
            |key: &str, apply, low, high| range(&factor(key, apply, Span::Uniform(low, high)), "CNY", Look::plain());
        assert_eq!(said("couriers.count", Apply::Set, 120.0, 220.0), "120–220");
        assert_eq!(said("near.radius_km", Apply::Set, 2.0, 5.0), "2–5 km");
        assert_eq!(said("near.radius_km", Apply::Add, -1.0, 2.0), "−1 to +2 km");
        assert_eq!(said("stock.phantom_share", Apply::Set, 0.0, 0.05), "0–5%");
        assert_eq!(said("demand.orders_per_day", Apply::Scale, 0.8, 1.25), "×0.8–×1.25");
        assert_eq!(said("couriers.pay_elasticity", Apply::Set, 0.0, 1.5), "0–1.5");
        let words = ["a", "b"].map(|word| crate::sweep::Level::Text(word.into())).to_vec();
        assert_eq!(range(&factor("dispatch.policy", Apply::Set, Span::Levels(words)), "CNY", Look::plain()), "a, b");
    }
}
