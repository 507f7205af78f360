//! Room: report. Numbers as words: shares, counts, clock times, spans and money, the same in every chart.

use crate::scenario::Language;

/// A whole number with thousands separators.
pub(crate) fn count(number: usize) -> String {
    grouped(&number.to_string())
}

/// Chinese with a space on each side of Latin words and numbers, which names of users may be.
pub(crate) fn with_spaces(text: &str) -> String {
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let mut out = String::with_capacity(text.len());
    let mut last = ' ';
    for letter in text.chars() {
        let meet = (is_han(last) && letter.is_ascii_alphanumeric()) || (last.is_ascii_alphanumeric() && is_han(letter));
        if meet {
            out.push(' ');
        }
        out.push(letter);
        last = letter;
    }
    out
}

/// Commas between groups of three digits.
fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with `decimals` places, thousands separators and a true minus sign.
pub(crate) fn number(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, part) = text.split_once('.').map_or((text.as_str(), ""), |(whole, part)| (whole, part));
    let zero = text.chars().all(|c| c == '0' || c == '.');
    let sign = if value < 0.0 && !zero { "−" } else { "" };
    let point = if part.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{part}", grouped(whole))
}

/// A number with its sign always shown; "±0" if it rounds to nothing.
pub(crate) fn signed(value: f64, decimals: usize) -> String {
    let text = number(value, decimals);
    if text.starts_with('−') || text == "–" {
        text
    } else if text.chars().all(|c| c == '0' || c == '.') {
        format!("±{text}")
    } else {
        format!("+{text}")
    }
}

/// A share between 0 and 1 as a percentage; near the ends it never rounds to nothing or all.
pub(crate) fn percent(share: f64) -> String {
    let hundred = share * 100.0;
    match hundred {
        p if !p.is_finite() => "–".to_owned(),
        p if p <= 0.0 || p >= 100.0 => format!("{}%", p.round()),
        p if p < 0.1 => "<0.1%".to_owned(),
        p if p > 99.9 => ">99.9%".to_owned(),
        p if !(1.0..=99.0).contains(&p) => format!("{p:.1}%"),
        p => format!("{p:.0}%"),
    }
}

/// A share as a percentage with one decimal, as the ends of an interval need it.
pub(crate) fn percent_1(share: f64) -> String {
    format!("{}%", number(share * 100.0, 1))
}

/// Decimals with which numbers of this size show about three figures.
pub(crate) fn decimals(value: f64) -> usize {
    match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 0.1 => 2,
        _ => 3,
    }
}

/// The clock at a number of seconds after the start of the run, to the minute: `18:15`, or `day 2 06:00`.
pub(crate) fn clock(seconds: f64, start_hour: f64) -> String {
    clock_in(Language::En, seconds, start_hour)
}

/// The same in a language: `第 2 天 06:00`.
pub(crate) fn clock_in(language: Language, seconds: f64, start_hour: f64) -> String {
    let minutes = (start_hour * 60.0 + seconds / 60.0).round() as i64;
    let (day, rest) = (minutes.div_euclid(1440), minutes.rem_euclid(1440));
    let time = format!("{:02}:{:02}", rest / 60, rest % 60);
    match (day > 0, language) {
        (false, _) => time,
        (true, Language::En) => format!("day {} {time}", day + 1),
        (true, Language::Zh) => format!("第 {} 天 {time}", day + 1),
    }
}

/// The clock to the second: `18:15:07`, or `day 2 06:00:00`.
pub(crate) fn clock_to_second(seconds: f64, start_hour: f64) -> String {
    let all = (start_hour * 3600.0 + seconds).round() as i64;
    let (day, rest) = (all.div_euclid(86_400), all.rem_euclid(86_400));
    let time = format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    if day > 0 { format!("day {} {time}", day + 1) } else { time }
}

/// Two clock times; the day is said once, and midnight at the end is 24:00.
pub(crate) fn clock_range_in(language: Language, from_s: f64, to_s: f64, start_hour: f64) -> String {
    let to = clock_in(language, to_s, start_hour);
    let time = to.rsplit(' ').next().unwrap_or(&to);
    format!("{}–{}", clock_in(language, from_s, start_hour), if time == "00:00" { "24:00" } else { time })
}

/// A span in the unit that suits it: `24 min`, `3.4 h`, `37 h`, `5.2 days`.
pub(crate) fn span(minutes: f64) -> String {
    span_in(Language::En, minutes)
}

/// The same in a language: `24 分钟`, `3.4 小时`, `5.2 天`.
pub(crate) fn span_in(language: Language, minutes: f64) -> String {
    let (min, h, days) = match language {
        Language::En => ("min", "h", "days"),
        Language::Zh => ("分钟", "小时", "天"),
    };
    match minutes {
        m if !m.is_finite() => "–".to_owned(),
        m if m < 9.95 => format!("{m:.1} {min}"),
        m if m < 119.5 => format!("{m:.0} {min}"),
        m if m < 597.0 => format!("{:.1} {h}", m / 60.0),
        m if m < 72.0 * 60.0 => format!("{:.0} {h}", m / 60.0),
        m => format!("{} {days}", format!("{:.1}", m / 1440.0).trim_end_matches(".0")),
    }
}

/// The sign of a currency, or its code and a space.
pub(crate) fn currency(code: &str) -> String {
    match code {
        "CNY" | "RMB" | "yuan" => "¥".to_owned(),
        "EUR" => "€".to_owned(),
        "GBP" => "£".to_owned(),
        "USD" => "$".to_owned(),
        other => format!("{other} "),
    }
}

/// `1 order`, `2 orders`.
pub(crate) fn plural(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_words_stand_apart_from_chinese_ones() {
        assert_eq!(with_spaces("成本最取决于Radius或Couriers，两者"), "成本最取决于 Radius 或 Couriers，两者");
        assert_eq!(with_spaces("8 个输入（占 45%）"), "8 个输入（占 45%）");
    }

    #[test]
    fn numbers_are_grouped_signed_and_rounded() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(12), "12");
        assert_eq!(number(-1234.56, 1), "−1,234.6");
        assert_eq!(number(-0.001, 2), "0.00");
        assert_eq!(signed(0.004, 2), "±0.00");
        assert_eq!(signed(2.345, 1), "+2.3");
        assert_eq!(signed(f64::NAN, 1), "–");
    }

    #[test]
    fn shares_do_not_round_to_none_or_all() {
        let words: Vec<String> = [0.0, 0.0004, 0.004, 0.294, 0.995, 0.9996, 1.0].into_iter().map(percent).collect();
        assert_eq!(words, ["0%", "<0.1%", "0.4%", "29%", "99.5%", ">99.9%", "100%"]);
    }

    #[test]
    fn clocks_run_from_the_start_hour_and_over_midnight() {
        assert_eq!(clock(900.0, 18.0), "18:15");
        assert_eq!(clock(7200.0, 23.0), "day 2 01:00");
        assert_eq!(clock(0.0, 0.0), "00:00");
        assert_eq!(clock_to_second(906.6, 18.0), "18:15:07");
        assert_eq!(clock_to_second(86_399.9, 0.0), "day 2 00:00:00");
        assert_eq!(clock_range_in(Language::En, 900.0, 1800.0, 18.0), "18:15–18:30");
        assert_eq!(clock_range_in(Language::En, 85_500.0, 86_400.0, 0.0), "23:45–24:00");
        assert_eq!(clock_range_in(Language::En, 90_000.0, 93_600.0, 0.0), "day 2 01:00–02:00");
    }

    #[test]
    fn chinese_says_days_and_units_in_its_own_words() {
        assert_eq!(clock_in(Language::Zh, 7200.0, 23.0), "第 2 天 01:00");
        assert_eq!(clock_range_in(Language::Zh, 90_000.0, 93_600.0, 0.0), "第 2 天 01:00–02:00");
        let words: Vec<String> = [24.0, 204.0, 7488.0].into_iter().map(|m| span_in(Language::Zh, m)).collect();
        assert_eq!(words, ["24 分钟", "3.4 小时", "5.2 天"]);
    }

    #[test]
    fn spans_choose_their_unit() {
        let words: Vec<String> = [4.25, 24.0, 119.0, 204.0, 2220.0, 4320.0, 7488.0].into_iter().map(span).collect();
        assert_eq!(words, ["4.2 min", "24 min", "119 min", "3.4 h", "37 h", "3 days", "5.2 days"]);
    }
}
