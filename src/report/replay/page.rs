//! Room: report. The replay as a part of a page, and as a page of its own.

use super::still::{busiest_s, still};
use super::{Day, Replay, pack};
use crate::report::page::{faces, lang, speak};
use crate::report::{Look, ReportError, fonts};
use crate::scenario::Language;
use minijinja::{Environment, Value, context};

const PART: &str = include_str!("../../../assets/report/replay.html");
const PAGE: &str = include_str!("../../../assets/report/replay-page.html");
pub(crate) const STYLE: &str = include_str!("../../../assets/report/replay.css");
const SCRIPT: &str = include_str!("../../../assets/report/replay.js");

/// The replay as a section of a page: one day, or several side by side on one clock.
pub(crate) fn section(replays: &[&Replay], look: &Look) -> Result<String, ReportError> {
    let mut environment = Environment::new();
    environment.add_template("replay.html", PART)?;
    speak(&mut environment, look);
    let days: Vec<&Day> = replays.iter().filter_map(|replay| day(replay)).collect();
    let why_not = replays.iter().find_map(|replay| match replay {
        Replay::WhyNot(why) => Some(why.as_str()),
        Replay::Day(_) => None,
    });
    // Two sides are compared or not at all.
    let days = if why_not.is_some() { Vec::new() } else { days };
    Ok(environment.get_template("replay.html")?.render(context! {
        why_not,
        zh => look.language == Language::Zh,
        several => days.len() > 1,
        sides => days.iter().map(|day| side(day)).collect::<Vec<_>>(),
        start_s => days.first().map_or(0.0, |day| busiest_s(day)).round(),
        script => SCRIPT,
    })?)
}

fn day(replay: &Replay) -> Option<&Day> {
    match replay {
        Replay::Day(day) => Some(day),
        Replay::WhyNot(_) => None,
    }
}

fn side(day: &Day) -> Value {
    let (picture, said) = still(day);
    context! { label => &day.label, one_in => day.one_in, picture, said, data => pack::json(day) }
}

/// The replay as one self-contained page.
pub fn replay_page(replay: &Replay, look: &Look) -> Result<String, ReportError> {
    let mut environment = Environment::new();
    environment.add_template("page.html", PAGE)?;
    speak(&mut environment, look);
    let label = day(replay).map_or("", |day| day.label.as_str());
    let hanzi = fonts::family(&fonts::drawable(label).0, None).starts_with("Noto");
    Ok(environment.get_template("page.html")?.render(context! {
        lang => lang(look),
        title => label,
        style => [STYLE, &look.theme.styles()].concat(),
        faces => faces(look, hanzi),
        replay => section(&[replay], look)?,
    })?)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{day_of, town};
    use super::*;

    fn town_day() -> Replay {
        Replay::Day(Box::new(day_of(&town(), super::super::MOST_ORDERS)))
    }

    #[test]
    fn the_page_is_whole_and_has_a_picture_without_script() {
        let page = replay_page(&town_day(), Look::plain()).unwrap();
        for outside in ["src=\"http", "href=\"http", "url(http", "@import", "<link", "import("] {
            assert!(!page.contains(outside), "{outside}");
        }
        let noscript = &page[page.find("<noscript>").unwrap()..page.find("</noscript>").unwrap()];
        assert!(noscript.contains("<svg") && noscript.contains("near-field order"));
        assert_eq!(page.matches("class=\"replay-data\"").count(), 1);
        assert!(page.contains("aria-label=\"Time of day\"") && page.contains("prefers-reduced-motion"));
    }

    #[test]
    fn two_days_share_one_clock_and_one_script() {
        let (a, b) = (town_day(), town_day());
        let part = section(&[&a, &b], Look::plain()).unwrap();
        assert_eq!(part.matches("class=\"replay-data\"").count(), 2);
        assert_eq!(part.matches("class=\"seek\"").count(), 1);
        assert_eq!(part.matches("<script>").count(), 1);
    }

    #[test]
    fn without_a_day_the_section_says_why_and_carries_no_script() {
        let part = section(&[&Replay::WhyNot("There is no replay: <nothing>.".to_owned())], Look::plain()).unwrap();
        assert!(part.contains("There is no replay: &lt;nothing&gt;.") && !part.contains("<script"), "{part}");
    }

    #[test]
    fn the_script_stays_small() {
        assert!(SCRIPT.len() < 24_000, "{} bytes of script", SCRIPT.len());
    }
}
