//! Room: report. A theme: the colours of the channels and of what a chart points at, a logo, a font; built in, or from the
//! file of a brand (docs/themes.md).
//!
//! The shades that go with a colour (what near adds, the ramp of the maps, ribbons) follow from it.

use super::colour_sight::least_difference;
use super::fonts::Font;
use super::logo::Logo;
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
    pub(crate) logo: Option<Arc<Logo>>,
    /// What is not wrong, but should be known.
    warnings: Vec<String>,
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
    pub(crate) const NEARFAR: Theme = Theme {
        near: palette::NEAR,
        far: palette::FAR,
        pickup: palette::PICKUP,
        accent: palette::CLEAR,
        font: None,
        logo: None,
        warnings: Vec::new(),
    };

    /// Reads a theme file and what it names; every problem at once.
    pub fn load(path: &Path) -> Result<Theme, Problems> {
        let file = ThemeFile::load(path)?;
        let mut problems = Vec::new();
        let mut wrong = |key: &str, found: String, expected: &str| {
            let problem = Problem::of_file(path.display().to_string(), found, expected);
            problems.push(Problem { key: key.to_owned(), ..problem });
        };
        let font = file.font.as_ref().and_then(|regular| {
            let bold = file.font_bold.as_ref().unwrap_or(regular);
            let expected = "a TrueType font that holds the Latin letters, digits and signs of the charts";
            let read = Font::load(Path::new(regular), Path::new(bold));
            read.map_err(|(key, found)| wrong(key, found, expected)).ok().map(Arc::new)
        });
        let logo = file.logo.as_ref().and_then(|logo| {
            let expected = "an SVG of shapes and text in plain colours, which every program draws alike";
            Logo::load(Path::new(logo)).map_err(|found| wrong("logo", found, expected)).ok().map(Arc::new)
        });
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        let (near, far) = (rgb(file.near), rgb(file.far));
        let (pickup, accent, warnings) = (rgb(file.pickup), rgb(file.accent), Vec::new());
        let mut theme = Theme { near, far, pickup, accent, font, logo, warnings };
        theme.warnings = theme.alike().map(|warning| format!("{}: {warning}", path.display())).collect();
        Ok(theme)
    }

    /// What is not wrong, but should be known, such as colours that look alike to some.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Pairs of channels that look alike to some people. Names stand beside colours in every chart, so this is no mistake.
    fn alike(&self) -> impl Iterator<Item = String> {
        // Near and far stand against each other on every map; the others are told apart by their order as well.
        let pairs = [
            ("near", self.near, "far", self.far, 25.0),
            ("near", self.near, "pickup", self.pickup, 15.0),
            ("far", self.far, "pickup", self.pickup, 15.0),
        ];
        pairs.into_iter().filter_map(|(one, a, other, b, wanted)| {
            let (least, whom) = least_difference(a, b);
            (least < wanted).then(|| {
                format!(
                    "{one} and {other} look alike to {whom} (difference {least:.0}, at least {wanted} wanted): make one darker, or take another hue"
                )
            })
        })
    }

    /// Styles that a page needs beside its own: the font, and the colours a theme changed on dark ground. Empty for ours.
    pub(crate) fn styles(&self) -> String {
        let mut styles = String::new();
        if let Some(font) = &self.font {
            styles +=
                &format!("body,button,select,input{{font-family:\"{}\",Inter,\"Noto Sans SC\",sans-serif}}", font.name);
        }
        if !self.ours() {
            let hex = |(red, green, blue): Rgb| format!("#{red:02X}{green:02X}{blue:02X}");
            for colour in [self.near, self.far, self.pickup, self.accent] {
                let (dark, pale) = (hex(colour), hex(mix(colour, PAPER, 0.4)));
                for part in ["fill", "stroke"] {
                    styles += &format!(".sheet [{part}=\"{dark}\"]{{{part}:light-dark({dark},{pale})}}");
                }
            }
            // A replay has a dark ground in any light.
            let [near, far, pickup] = [self.near, self.far, self.pickup].map(|colour| hex(mix(colour, PAPER, 0.4)));
            styles += &format!(".player{{--near:{near};--far:{far};--pickup:{pickup}}}");
        }
        styles
    }

    /// True if every colour is the built-in one.
    fn ours(&self) -> bool {
        (self.near, self.far, self.pickup, self.accent)
            == (palette::NEAR, palette::FAR, palette::PICKUP, palette::CLEAR)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn loaded(text: &str) -> Result<Theme, Problems> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("brand.toml");
        fs::write(&path, text).unwrap();
        Theme::load(&path)
    }

    fn assets(name: &str) -> String {
        format!("{}/assets/{name}", env!("CARGO_MANIFEST_DIR"))
    }

    #[test]
    fn the_shipped_themes_load_without_a_warning_and_the_default_is_ours() {
        let ours = Theme::load(Path::new(&assets("themes/nearfar.toml"))).unwrap();
        assert_eq!(ours, Theme::default());
        let harbour = Theme::load(Path::new(&assets("themes/harbour.toml"))).unwrap();
        assert!(harbour.warnings().is_empty(), "{:?}", harbour.warnings());
        assert!(harbour.logo.is_some() && harbour.near() != ours.near());
    }

    #[test]
    fn every_mistake_of_a_theme_is_told_at_once_with_its_place() {
        let text = "near = \"#FFE0C0\"\nfar = \"blue\"\nfarr = 1\nlogo = \"none.svg\"\nfont_bold = \"b.ttf\"\n";
        let Problems(problems) = loaded(text).unwrap_err();
        let keys: Vec<(&str, Option<usize>)> = problems.iter().map(|it| (it.key.as_str(), it.line)).collect();
        assert_eq!(
            keys,
            [("near", Some(1)), ("far", Some(2)), ("farr", Some(3)), ("logo", Some(4)), ("font_bold", Some(5))]
        );
        let said = Problems(problems).to_string();
        for words in ["too pale for white paper: contrast 1.3", "\"blue\" is no colour", "no such file", "did you mean"]
        {
            assert!(said.contains(words), "{words}: {said}");
        }
        let broken = Theme::load(Path::new("/nowhere/brand.toml")).unwrap_err().to_string();
        assert!(broken.contains("report.theme") && broken.contains("docs/themes.md"), "{broken}");
    }

    #[test]
    fn colours_that_look_alike_to_some_are_a_warning() {
        let theme = loaded("near = \"#B4232A\"\nfar = \"#1B7F4B\"").unwrap();
        let [warning] = theme.warnings() else { panic!("{:?}", theme.warnings()) };
        assert!(warning.contains("near and far look alike to people who see no red"), "{warning}");
    }

    #[test]
    fn a_font_is_measured_drawn_and_checked() {
        use crate::report::Look;
        use crate::report::canvas::paint;
        let (regular, bold) = (assets("fonts/NotoSansSC-Regular-gb1.ttf"), assets("fonts/NotoSansSC-SemiBold-gb1.ttf"));
        let theme = loaded(&format!("font = \"{regular}\"\nfont_bold = \"{bold}\"")).unwrap();
        let (own, plain) = (Look { theme, ..Look::default() }, Look::plain());
        let width = |look: &Look| look.pen(40.0).width("Near-field");
        assert!((width(&own) - width(plain)).abs() > 2.0, "{} {}", width(&own), width(plain));
        let svg = paint(&own, "", |canvas| canvas.text((0.0, 99.0), "Near-field", canvas.pen(40.0))).svg;
        assert!(svg.contains("&apos;Noto Sans SC&apos;, Inter"), "{svg}");
        let kinds: Vec<String> = crate::report::page::faces(&own, false).iter().map(|face| face.to_string()).collect();
        assert!(kinds.len() == 4 && kinds[0].contains("woff2") && kinds[2].contains("truetype"));
        let Problems(problems) = loaded(&format!("font = \"{}\"", assets("themes/harbour.svg"))).unwrap_err();
        assert_eq!(problems[0].key, "font");
        assert!(problems[0].found.contains("no font"), "{}", problems[0].found);
    }

    #[test]
    fn a_logo_stands_on_the_chart_and_is_no_part_of_its_body() {
        use crate::report::sample::City;
        use crate::report::{Look, RunView, charts};
        let theme = Theme::load(Path::new(&assets("themes/harbour.toml"))).unwrap();
        let look = Look { theme, ..Look::default() };
        let frames = City { orders: 300, ..City::default() }.frames();
        let chart = &charts(&RunView { look: &look, ..frames.view() }).unwrap()[0];
        assert!(chart.svg.contains("#FEFEFE") && !chart.body_svg.contains("#FEFEFE"));
        assert!(chart.png().is_ok() && chart.outlined_svg().is_ok());
    }
}
