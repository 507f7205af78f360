//! Room: report. KPIs and units in words of either language, as charts say them.

use super::Look;
use crate::metrics::{label_in, unit_in};
use crate::scenario::Language;
use std::borrow::Cow;

/// What people call a KPI: its label in the language of the look, or its name if it is no KPI of ours.
pub fn kpi_label<'a>(look: &Look, name: &'a str) -> &'a str {
    label_in(name, look.language)
}

/// A unit of KPIs in words: `min`, `分钟`; `share`, `count` and codes of currencies stay as they are.
pub fn unit_words<'a>(look: &Look, unit: &'a str) -> Cow<'a, str> {
    if look.language == Language::En {
        return Cow::Borrowed(unit);
    }
    let known = match unit {
        "s" => "秒",
        "g" => "克",
        "order" => "单",
        "parcels" => "件",
        "session" => "次",
        "points" => "个百分点",
        "ratio" => "比值",
        unit => unit_in(unit, look.language),
    };
    let known = if known == unit { "" } else { known };
    match (known, unit.split_once('/')) {
        ("", Some((money, "order"))) => Cow::Owned(format!("{}/单", unit_words(look, money))),
        ("", Some((amount, per))) => match per.strip_prefix("100 ") {
            Some(money) => Cow::Owned(format!("{}/100 {}", unit_words(look, amount), unit_words(look, money))),
            None => Cow::Owned(format!("{}/{}", unit_words(look, amount), unit_words(look, per))),
        },
        ("", None) => Cow::Borrowed(unit),
        (known, _) => Cow::Owned(known.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::KPIS;
    use crate::report::{Theme, fonts};

    fn zh() -> Look {
        Look { language: Language::Zh, theme: Theme::default() }
    }

    #[test]
    fn the_words_of_every_kpi_can_be_drawn() {
        for kpi in KPIS {
            let label = kpi_label(&zh(), kpi.name);
            assert_eq!(fonts::drawable(label).1, [], "{label}");
            assert_eq!(kpi_label(Look::plain(), kpi.name), kpi.label);
        }
    }

    #[test]
    fn units_are_said_in_chinese() {
        let said = ["min", "yuan/order", "CNY/order", "g/100 yuan", "share", "CNY", "units/order", "km"]
            .map(|unit| unit_words(&zh(), unit).into_owned());
        assert_eq!(said, ["分钟", "元/单", "CNY/单", "克/百元", "share", "CNY", "件/单", "公里"]);
        assert_eq!(unit_words(Look::plain(), "min"), "min");
    }
}
