//! Room: report. The words of a scenario against the faces: what a chart could not draw is known before anything is simulated.

use super::{Look, fonts};
use crate::scenario::{self, Kind, Scenario};

/// Keys whose words hold characters that no face of the look has, with these characters; a row is named by its id. A chart
/// draws a box in their place.
pub fn undrawable(scenario: &Scenario, look: &Look) -> Vec<(String, String)> {
    let font = look.theme.font.as_deref();
    let mut found: Vec<(String, String)> = Vec::new();
    let mut add = |key: &str, text: &str| {
        let missing: String = fonts::drawable_in(text, font).1.into_iter().collect();
        let told = |known: &str| key == known || key == format!("{known}.id");
        if !missing.is_empty() && !found.iter().any(|(known, _)| told(known)) {
            found.push((key.to_owned(), missing));
        }
    };
    for (key, value) in scenario::leaves(scenario) {
        if key.starts_with("hypothesis") || key.starts_with("external") {
            continue;
        }
        // The id of a row is a part of the key.
        let ends = key.match_indices('.').map(|(end, _)| end).chain([key.len()]);
        if let Some(end) = ends.into_iter().find(|end| !fonts::drawable_in(&key[..*end], font).1.is_empty()) {
            add(&key[..end], &key[..end]);
        }
        if scenario::key(&key).is_some_and(|known| matches!(known.kind, Kind::Text)) {
            add(&key, &value);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_rows_are_named_with_what_cannot_be_drawn() {
        let mut scenario =
            Scenario { label: "夜市 🚚".into(), question: "近场够快吗？".into(), ..Scenario::default() };
        scenario.stores.archetypes[0].id = "龘店".into();
        scenario.city.matrix_file = Some("/x/🚚.csv".into());
        let found = undrawable(&scenario, Look::plain());
        assert_eq!(found, [("label".into(), "🚚".to_owned()), ("stores.archetypes.龘店".into(), "龘".into())]);
        assert!(undrawable(&Scenario::default(), Look::plain()).is_empty());
    }
}
