//! Room: cli. Options of every command that draws: language and theme.

use crate::report::{Look, undrawable};
use crate::scenario::{Language, Loaded, Origin, Problems, Scenario};
use std::path::PathBuf;

/// How charts, pages and slides look; results do not depend on it.
#[derive(clap::Args, Clone, Default, Debug)]
pub(super) struct Looks {
    /// Language of charts, pages and slides, instead of the scenario's
    #[arg(long, value_name = "en|zh", value_parser = language, help_heading = "Look")]
    language: Option<Language>,
    /// Theme file of a brand, instead of the scenario's; nearfar is the built-in look
    #[arg(long, value_name = "FILE", help_heading = "Look")]
    theme: Option<PathBuf>,
}

fn language(text: &str) -> Result<Language, String> {
    [Language::En, Language::Zh].into_iter().find(|language| language.word() == text).ok_or("en or zh".to_owned())
}

impl Looks {
    /// Puts what was asked for in place of what a scenario says.
    pub(super) fn apply(&self, scenario: &mut Scenario) {
        if let Some(language) = self.language {
            scenario.report.language = language;
        }
        if let Some(theme) = &self.theme {
            // Stored scenarios are read again from other folders.
            let whole = std::path::absolute(theme).unwrap_or_else(|_| theme.clone());
            let built_in = theme.as_os_str() == "nearfar" && !theme.is_file();
            scenario.report.theme = (!built_in).then(|| whole.to_string_lossy().into_owned());
        }
    }

    /// The look of a stored scenario, with what was asked for.
    pub(super) fn of(&self, scenario: &Scenario) -> Result<Look, Problems> {
        let mut scenario = scenario.clone();
        self.apply(&mut scenario);
        Look::of(&scenario)
    }
}

/// What is not as it was meant, known before anything is simulated: keys that change nothing, characters without a face,
/// colours that look alike to some.
pub(super) fn notes(loaded: &Loaded, look: &Look) -> Vec<String> {
    let file = loaded.sources.first().map_or(String::new(), |file| file.display().to_string());
    let place = |key: &str| {
        let below = format!("{key}.");
        let set = loaded.origins.iter().find(|(known, _)| *known == key || known.starts_with(&below));
        match set {
            Some((_, Origin::Set { place, .. })) => place.clone(),
            _ => file.clone(),
        }
    };
    let boxes = undrawable(&loaded.scenario, look).into_iter().map(|(key, characters)| {
        let spelt: Vec<String> = characters.chars().map(|c| format!("{c} (U+{:04X})", u32::from(c))).collect();
        format!(
            "warning: {}: {key}: no font of the charts holds {}: a box is drawn instead\n  help: write it another way, or name a font that holds it in a theme file (docs/themes.md)",
            place(&key),
            spelt.join(", ")
        )
    });
    let idle = loaded.idle.iter().map(|idle| idle.to_string());
    idle.chain(boxes).chain(look.theme.warnings().iter().map(|warning| format!("warning: {warning}"))).collect()
}
