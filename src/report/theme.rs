//! Room: report. A theme: the colours of the channels and of what a chart points at, a logo, a font; built in, or from the
//! file of a brand (docs/themes.md).
//!
//! The shades that go with a colour (what near adds, the ramp of the maps, ribbons) follow from it.

use super::fonts::Font;
use super::palette::{self, PAPER, Rgb, mix};
use crate::scenario::{Colour, Problem, Problems, ThemeFile};
use std::path::Path;
use std::sync::Arc;

/// Colours, logo and font.
#[derive(Clone, PartialEq, Debug)]
pub struct Theme {
    near: Rgb,
    far: Rgb,
    pickup: Rgb,
    accent: Rgb,
    pub(crate) font: Option<Arc<Font>>,
}

impl Default for Theme {
    fn default() -> Theme {
        Theme::NEARFAR
    }
}

fn rgb(Colour(red, green, blue): Colour) -> Rgb {
    (red, green, blue)
}

impl Theme {
    /// The built-in theme.
    pub(crate) const NEARFAR: Theme =
        Theme { near: palette::NEAR, far: palette::FAR, pickup: palette::PICKUP, accent: palette::CLEAR, font: None };

    /// Reads a theme file and what it names; every problem at once.
    pub fn load(path: &Path) -> Result<Theme, Problems> {
        let file = ThemeFile::load(path)?;
        let font = match &file.font {
            Some(regular) => {
                let bold = file.font_bold.as_ref().unwrap_or(regular);
                let wrong = |(key, found): (&str, String)| {
                    let expected = "a TrueType font that holds the Latin letters, digits and signs of the charts";
                    let problem = Problem::of_file(path.display().to_string(), found, expected);
                    Problems(vec![Problem { key: key.to_owned(), ..problem }])
                };
                Some(Arc::new(Font::load(Path::new(regular), Path::new(bold)).map_err(wrong)?))
            }
            None => None,
        };
        Ok(Theme { near: rgb(file.near), far: rgb(file.far), pickup: rgb(file.pickup), accent: rgb(file.accent), font })
    }

    /// The near field.
    pub(crate) fn near(&self) -> Rgb {
        self.near
    }
    /// The far field.
    pub(crate) fn far(&self) -> Rgb {
        self.far
    }
    /// Pick-up in a store.
    pub(crate) fn pickup(&self) -> Rgb {
        self.pickup
    }
    /// A difference whose interval excludes zero, and what else a chart points at.
    pub(crate) fn clear(&self) -> Rgb {
        self.accent
    }
    /// Near adds to the cost of far.
    pub(crate) fn near_adds(&self) -> Rgb {
        if self.near == palette::NEAR { palette::NEAR_ADDS } else { mix(self.near, PAPER, 0.54) }
    }
    /// Near saves against the cost of far.
    pub(crate) fn near_saves(&self) -> Rgb {
        if self.far == palette::FAR { palette::NEAR_SAVES } else { mix(self.far, PAPER, 0.56) }
    }
    /// Ribbon of a 95 % interval around a line in [`Theme::clear`].
    pub(crate) fn ribbon(&self) -> Rgb {
        if self.accent == palette::CLEAR { palette::RIBBON } else { mix(self.accent, PAPER, 0.76) }
    }
    /// An input at its low level; the high level is in [`Theme::clear`].
    pub(crate) fn low_level(&self) -> Rgb {
        if self.accent == palette::CLEAR { palette::LOW_LEVEL } else { mix(self.accent, PAPER, 0.62) }
    }
    /// Colour of a near share between 0 and 1; 0.5 is the neutral middle.
    pub(crate) fn near_share(&self, share: f64) -> Rgb {
        if (self.near, self.far) == (palette::NEAR, palette::FAR) {
            return palette::near_share(share);
        }
        palette::on_ramp(&self.ramp(), share)
    }

    /// Far made pale, the neutral middle, near from pale to dark.
    fn ramp(&self) -> [(f64, Rgb); 6] {
        const MIDDLE: Rgb = (0xF5, 0xF1, 0xE8);
        [
            (0.00, mix(self.far, PAPER, 0.50)),
            (0.25, mix(self.far, PAPER, 0.77)),
            (0.50, MIDDLE),
            (0.70, mix(self.near, MIDDLE, 0.52)),
            (0.88, mix(self.near, PAPER, 0.08)),
            (1.00, mix(self.near, (0, 0, 0), 0.38)),
        ]
    }
}
