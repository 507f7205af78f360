//! Room: report (floor 7). Frames → charts and one HTML page; one order → its story. May use `metrics`, `scenario`,
//! `city`, `study`, `event` for its reasons, and polars as a reader; plotters, resvg, minijinja and base64 live here,
//! rayon draws the pictures.
//!
//! ```text
//! RunView ──charts()──► Chart (SVG text, CSV, alt text) ──png()──► 3840 × 2160
//!    │                    │                        └────outlined_svg()──► SVG without fonts
//!    └───────html()◄──────┘ ──► report.html, self-contained
//! ReplayView ──replay()──► Replay ──┘ └──► replay.html, trips for kepler.gl
//! ```
//! Every output is derived from the one SVG text, and the same view gives the same bytes.

mod assumptions;
mod candidates;
pub(crate) mod canvas;
mod charts;
mod colour_sight;
mod compare_page;
mod data;
mod files;
pub(crate) mod fonts;
#[cfg(test)]
mod goldens;
mod html;
mod known_names;
mod kpi_words;
pub(crate) mod layout;
mod limits;
mod logo;
mod look;
mod measure;
mod page;
pub(crate) mod palette;
mod pdf;
mod readers;
mod render;
mod replay;
#[cfg(test)]
mod sample;
mod sources;
mod story;
mod sweep_page;
mod table;
mod texts;
mod theme;
mod wants;
pub(crate) mod wording;

pub use assumptions::assumptions;
pub use charts::break_even_surface::{LeverLine, SurfaceView};
pub use charts::curves::CurvePoint;
pub use charts::dumbbell::{DumbbellRow, DumbbellView};
pub use charts::fleet_knee::{KneePanel, KneeView};
pub use charts::map_pair::MapPairView;
pub use charts::morris::{MorrisBar, MorrisView};
pub use charts::pareto::{ParetoView, TradePoint, TradeStanding};
pub use charts::session_moves::{MovesView, SessionFlow, Station};
pub use charts::small_multiples::{MultiplesPanel, MultiplesView};
pub use charts::sobol::{SobolBar, SobolView};
pub use charts::tornado::{TornadoBar, TornadoView};
pub use charts::validation::ValidationView;
pub use charts::whatif_delta::{Delta, DeltaView};
pub use compare_page::{CompareView, ComparedKpi, compare_page};
pub use files::{chart_files, files_of};
pub use html::html;
pub(crate) use html::{audit_words, half_width, in_unit, spoken};
pub use kpi_words::{kpi_label, unit_words};
pub use limits::limits;
pub use look::Look;
pub(crate) use measure::inside;
pub use measure::{Interval, Lever, Measure};
pub use page::{Card, Cell, PageTable, Tone};
pub use pdf::pdf;
pub(crate) use render::{outlined, png_of};
pub use replay::{Day, GlobeAnchor, Replay, ReplayView, geojson, replay, replay_page};
pub use story::{StoryView, story};
pub use sweep_page::{SweepView, sweep_page};
pub use texts::undrawable;
pub use theme::Theme;

use crate::scenario::Language;
use layout::Words;
use polars::prelude::{DataFrame, PolarsError};
use std::borrow::Cow;
use std::sync::Arc;
use table::Table;

/// Why a chart or the page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A frame lacks a column or holds it in an unusable type.
    #[error("column {column} of the {frame} frame cannot be read: {why}")]
    Column {
        /// The frame.
        frame: String,
        /// The column.
        column: String,
        /// What polars says.
        why: PolarsError,
    },
    /// A drawing could not be turned into a picture.
    #[error("a chart could not be turned into a picture: {0}")]
    Picture(String),
    /// The page template could not be filled.
    #[error("the report page could not be filled: {0}")]
    Page(#[from] minijinja::Error),
}

impl ReportError {
    fn column(frame: &str, column: &str, why: PolarsError) -> ReportError {
        ReportError::Column { frame: frame.to_owned(), column: column.to_owned(), why }
    }
}

/// Where a result comes from; printed on every chart and page.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Provenance {
    /// The scenario's label.
    pub label: String,
    /// The what-if question it answers; may be empty.
    pub question: String,
    /// Hash of the resolved scenario, hexadecimal.
    pub scenario_hash: String,
    /// Root of every random stream.
    pub seed: u64,
    /// Number of replications, at least 1.
    pub replications: u32,
    /// Version of the program.
    pub version: String,
    /// Commit the program was built from, if known.
    pub commit: Option<String>,
}

/// One KPI as the page shows it.
#[derive(Clone, PartialEq, Debug)]
pub struct Kpi {
    /// Name in kpis.csv, such as `cost_per_order`.
    pub name: String,
    /// Words for a reader.
    pub label: String,
    /// Mean over replications; not a number if there is no data.
    pub value: f64,
    /// Half of the 95 % confidence interval, with two or more replications.
    pub half_width: Option<f64>,
    /// Unit, such as `min`, `yuan`, `share`, `count`.
    pub unit: String,
}

/// One assumption of the scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct Assumption {
    /// Scenario key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Where the value comes from.
    pub source: String,
}

/// All that charts and page are made from.
#[derive(Clone, Copy, Debug)]
pub struct RunView<'a> {
    /// One row an order.
    pub orders: &'a DataFrame,
    /// Couriers by state and quarter of an hour.
    pub courier_states: &'a DataFrame,
    /// One row a store.
    pub stores: &'a DataFrame,
    /// One row a courier.
    pub couriers: &'a DataFrame,
    /// Sessions that left because no store could serve them; empty where arrivals are orders.
    pub lost_sessions: &'a DataFrame,
    /// KPIs in the order of the page.
    pub kpis: &'a [Kpi],
    /// Assumptions in the order of the page.
    pub assumptions: &'a [Assumption],
    /// Where the results come from.
    pub provenance: &'a Provenance,
    /// Extent of the city eastwards, metres.
    pub width_m: f64,
    /// Extent of the city northwards, metres.
    pub height_m: f64,
    /// Place of the warehouse, metres from the south-west corner; None if the scenario has none.
    pub warehouse_m: Option<(f64, f64)>,
    /// Clock hour at the start of the run.
    pub start_hour: f64,
    /// Hours during which orders are placed.
    pub horizon_h: f64,
    /// Hours at the start that KPIs, and charts that are not by time of day, leave out.
    pub warm_up_h: f64,
    /// Near-field promise, minutes; the mean where it differs from order to order.
    pub near_promise_min: f64,
    /// Far-field promise, minutes.
    pub far_promise_min: f64,
    /// Currency code, such as `CNY`.
    pub currency: &'a str,
    /// Side of a heat-map cell, kilometres.
    pub cell_km: f64,
    /// Cells with fewer orders are shown grey.
    pub min_orders_per_cell: u32,
    /// Language and theme.
    pub look: &'a Look,
}

/// A finished chart.
#[derive(Clone, PartialEq, Debug)]
pub struct Chart {
    /// File name without extension, such as `01-orders-by-channel`.
    pub slug: Cow<'static, str>,
    /// The finding.
    pub title: String,
    /// What is drawn and in which unit.
    pub subtitle: String,
    /// Run, sample size, definitions.
    pub source: String,
    /// What to read in it, in a sentence or two with the numbers; for slides.
    pub takeaway: String,
    /// The drawing, with text as text; for pages that embed the fonts.
    pub svg: String,
    /// The drawing without title, subtitle and source, for slides on which these are text.
    pub body_svg: String,
    /// Exactly what is drawn, as CSV.
    pub csv: String,
    /// What the chart shows, in words.
    pub alt: String,
    /// Characters that no bundled font holds; each is drawn as a box.
    pub unsupported: Vec<char>,
    pub(crate) table: Table,
    /// The font of the theme, if it has one of its own.
    font: Option<Arc<fonts::Font>>,
}

impl Chart {
    /// Draws the words and the body on a sheet; `body` gets the top of the room left below the title.
    fn draw(
        look: &Look,
        slug: &'static str,
        words: Words,
        alt: String,
        table: Table,
        body: impl FnOnce(&mut canvas::Canvas<'_>, f64),
    ) -> Chart {
        let takeaway = files::with_numbers(&alt).to_owned();
        let alt = format!("{}. {alt}", words.title);
        let mut top = 0.0;
        let frame = canvas::paint(look, &alt, |canvas| top = layout::frame(canvas, &words));
        let painted = canvas::paint(look, &alt, |canvas| {
            let top = layout::frame(canvas, &words);
            body(canvas, top);
        });
        let body_svg = canvas::without(&painted.svg, &frame.svg, &alt, layout::body(top));
        let csv = table.csv();
        let Words { title, subtitle, source } = words;
        Chart {
            slug: Cow::Borrowed(slug),
            title,
            subtitle,
            source,
            takeaway,
            svg: painted.svg,
            body_svg,
            csv,
            alt,
            unsupported: painted.missing,
            font: look.theme.font.clone(),
            table,
        }
    }

    /// A chart that says why there is nothing to draw.
    fn nothing(look: &Look, slug: &'static str, words: Words, why: &str, table: Table) -> Chart {
        Chart::draw(look, slug, words, why.to_owned(), table, |canvas, top| {
            let middle = (canvas::WIDTH / 2.0, (top + layout::BOTTOM) / 2.0);
            canvas.rect((layout::LEFT, top), (layout::RIGHT, layout::BOTTOM), palette::GROUND);
            canvas.text(middle, why, canvas.pen(30.0).middle());
        })
    }

    /// The same chart with this to say on a slide, instead of its description.
    fn taking(self, takeaway: String) -> Chart {
        Chart { takeaway, ..self }
    }

    /// The same chart under a longer file name, for more than one of its kind in a folder: `33-tornado-cost-per-order`.
    pub fn named(mut self, suffix: &str) -> Chart {
        let kept = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        self.slug = Cow::Owned(format!("{}-{}", self.slug, suffix.chars().map(kept).collect::<String>()));
        self
    }

    /// The picture as PNG, 3840 × 2160 pixels.
    pub fn png(&self) -> Result<Vec<u8>, ReportError> {
        render::png(&self.svg, self.font.as_deref())
    }

    /// The drawing with its text as outlines: looks the same in any program, without the fonts.
    pub fn outlined_svg(&self) -> Result<String, ReportError> {
        render::outlined(&self.svg, self.font.as_deref())
    }
}

/// The charts of a run, in the order of the page.
///
/// With several replications they show the first one and say so.
pub fn charts(view: &RunView<'_>) -> Result<Vec<Chart>, ReportError> {
    let orders = data::Orders::read(view.orders, 0.0)?;
    let measured = data::Orders::read(view.orders, view.warm_up_h * 3600.0)?;
    let all_ways = data::Ways::read(view.orders, 0.0)?;
    let ways = data::Ways::read(view.orders, view.warm_up_h * 3600.0)?;
    // The course of a day is shown from its beginning.
    let all_day = RunView { warm_up_h: 0.0, ..*view };
    let states = data::CourierStates::read(view.courier_states)?;
    let stores = data::Stores::read(view.stores)?;
    let earned = data::Earnings::read(view)?;
    let details = data::Details::read(view.orders, view.warm_up_h * 3600.0)?;
    let wants = wants::Wants::read(view.orders, view.lost_sessions, view.warm_up_h * 3600.0)?;
    Ok(vec![
        charts::orders_by_channel::chart(&all_day, &orders),
        charts::click_to_door::chart(view, &measured),
        charts::near_share_map::chart(view, &measured, &stores),
        charts::cost_waterfall::chart(view, &measured),
        charts::courier_day::chart(&all_day, &states, orders.len()),
        charts::margin_bridge::chart(view, &earned),
        charts::far_backlog::chart(&all_day, &orders, &all_ways),
        charts::stock_outs::chart(&all_day, &orders, &all_ways),
        charts::lateness_parts::chart(view, &measured, &ways),
        charts::unmet_demand_map::chart(view, &measured, &wants, &stores),
        charts::promise_map::chart(view, &measured, &details),
        charts::service_areas::chart(view, &measured, &details, &stores),
        charts::carbon_break_even::chart(view, &measured, &details),
        charts::category_share::chart(view, &measured, &details),
    ])
}

/// The chart of a what-if against its base.
pub fn delta_chart(view: &DeltaView<'_>) -> Chart {
    charts::whatif_delta::chart(view)
}

/// The chart of KPIs on both sides of a comparison.
pub fn dumbbell_chart(view: &DumbbellView<'_>) -> Chart {
    charts::dumbbell::chart(view)
}

/// The chart of what became of the same people.
pub fn moves_chart(view: &MovesView<'_>) -> Chart {
    charts::session_moves::chart(view)
}

/// The maps of both sides of a comparison.
pub fn map_pair_chart(view: &MapPairView<'_>) -> Result<Chart, ReportError> {
    charts::map_pair::chart(view)
}

/// A sweep's chart of one or two figures against a lever, with the knee.
pub fn knee_chart(view: &KneeView<'_>) -> Chart {
    charts::fleet_knee::chart(view)
}

/// A sweep's chart of one figure against a lever, a panel for each level of a second factor.
pub fn multiples_chart(view: &MultiplesView<'_>) -> Chart {
    charts::small_multiples::chart(view)
}

/// A sweep's chart of the trade between two figures.
pub fn pareto_chart(view: &ParetoView<'_>) -> Chart {
    charts::pareto::chart(view)
}

/// A sweep's chart of what each input does alone.
pub fn tornado_chart(view: &TornadoView<'_>) -> Chart {
    charts::tornado::chart(view)
}

/// A sweep's chart of which inputs matter at all.
pub fn morris_chart(view: &MorrisView<'_>) -> Chart {
    charts::morris::chart(view)
}

/// A sweep's chart of which inputs the spread comes from.
pub fn sobol_chart(view: &SobolView<'_>) -> Chart {
    charts::sobol::chart(view)
}

/// A sweep's chart of near against far over two factors.
pub fn surface_chart(view: &SurfaceView<'_>) -> Chart {
    charts::break_even_surface::chart(view)
}

/// The charts of simulated against observed figures: the whole run and, if any was observed, profiles by hour.
pub fn validation_charts(view: &ValidationView<'_>) -> Vec<Chart> {
    std::iter::once(charts::validation::chart(view)).chain(charts::hourly_profiles::chart(view)).collect()
}

impl Provenance {
    /// The first eight digits of the scenario hash.
    pub fn short_hash(&self) -> &str {
        self.scenario_hash.get(..8).unwrap_or(&self.scenario_hash)
    }
}

impl RunView<'_> {
    /// The line below every chart: run, sample size, then the chart's own note.
    fn source(&self, orders: usize, note: &str) -> String {
        let p = self.provenance;
        let several = match self.look.language {
            Language::En => format!(" (first of {} replications)", p.replications),
            Language::Zh => format!("（{} 次重复运行中的第 1 次）", p.replications),
        };
        let which = if p.replications > 1 { several } else { String::new() };
        let n = self.look.plural(orders, "order", "单");
        let warm_up = self.after_warm_up();
        let (scenario, seed) = self.look.say(("scenario", "seed"), ("场景", "随机种子"));
        let run = format!(
            "nearfar {} · {scenario} {} · {seed} {}{which} · n = {n}{warm_up}",
            p.version,
            p.short_hash(),
            p.seed
        );
        if note.is_empty() { run } else { format!("{run} · {note}") }
    }

    /// What is left out at the start, to be put after a number of orders; empty without a warm-up.
    fn after_warm_up(&self) -> String {
        match self.warm_up_h {
            0.0 => String::new(),
            hours => match self.look.language {
                Language::En => format!(" after a warm-up of {hours} h"),
                Language::Zh => format!("（已剔除 {hours} 小时预热期）"),
            },
        }
    }

    /// The scenario's label, with a comma before it, for subtitles.
    fn scenario_words(&self) -> String {
        let label = self.provenance.label.trim();
        if label.is_empty() { String::new() } else { format!("{}{label}", self.look.say(", ", "，")) }
    }
}
