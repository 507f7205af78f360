//! Room: cli. The charts of an analysis: what each method found, handed to the chart made for it.

use super::Failure;
use super::analysis_tables::{Words, verdict};
use super::factor_names::{self, level, level_in_unit, lever};
use super::kpi_table::unit_of;
use crate::metrics::label_in;
use crate::metrics::{Better, definition};
use crate::report::{
    self, Chart, CurvePoint, Interval, KneePanel, KneeView, Look, Measure, MorrisBar, MorrisView, MultiplesPanel,
    MultiplesView, ParetoView, SobolBar, SobolView, SurfaceView, TornadoBar, TornadoView, TradePoint, TradeStanding,
};
use crate::statistics::Estimate;
use crate::statistics::pareto::Standing;
use crate::statistics::sobol_indices::Share;
use crate::sweep::analysis::{Analysis, Axis, Curve, Effects, Findings, Front, Influence, Screened, Study, Surface};
use crate::sweep::put;
use std::path::PathBuf;

/// The charts of these analyses.
pub(super) fn draw(study: &Study, told: &[&Analysis], currency: &str, look: &Look) -> Vec<Chart> {
    let artist = Artist::new(study, currency, look);
    told.iter().flat_map(|found| artist.charts(found)).collect()
}

/// Puts charts into `charts/` of the study's folder; their pictures.
pub(super) fn keep(study: &Study, charts: &[Chart]) -> Result<Vec<PathBuf>, Failure> {
    let folder = study.path().join("charts");
    for (name, bytes) in report::files_of(charts)? {
        put(&folder, &name, &bytes)?;
    }
    Ok(charts.iter().map(|chart| folder.join(format!("{}.png", chart.slug))).collect())
}

/// Removes charts that an earlier analysis left in `charts/` and this one did not make: they would stand beside a report that does
/// not know them. Other files stay.
pub(super) fn drop_others(study: &Study, charts: &[Chart]) -> Result<(), Failure> {
    let folder = study.path().join("charts");
    for folder in [folder.join("body"), folder] {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let of_file = |part: Option<&std::ffi::OsStr>| part.and_then(|it| it.to_str()).unwrap_or("").to_owned();
            let (stem, ending) = (of_file(path.file_stem()), of_file(path.extension()));
            let ours = is_of_analysis(&stem) && ["png", "svg", "csv", "json"].contains(&ending.as_str());
            if ours && charts.iter().all(|chart| chart.slug != stem) {
                std::fs::remove_file(&path).map_err(|error| Failure::Other(format!("{}: {error}", path.display())))?;
            }
        }
    }
    Ok(())
}

/// Whether a chart has the number of one that an analysis draws: 30 to 36.
fn is_of_analysis(slug: &str) -> bool {
    slug.split_once('-').is_some_and(|(number, _)| number.parse().is_ok_and(|number: u32| (30..=36).contains(&number)))
}

struct Artist<'a> {
    study: &'a Study,
    label: String,
    source: String,
    currency: &'a str,
    look: &'a Look,
    replications: u32,
    /// Column, words and range of each factor.
    factors: Vec<(String, String, String)>,
    words: Words<'a>,
}

impl<'a> Artist<'a> {
    fn new(study: &'a Study, currency: &'a str, look: &'a Look) -> Self {
        let facts = &study.plan().facts;
        let commit = option_env!("NEARFAR_COMMIT").map_or(String::new(), |commit| format!(" ({})", &commit[..7]));
        Artist {
            study,
            label: facts.label.clone(),
            source: format!(
                "nearfar {}{commit} · {} {} · {} {}",
                facts.version,
                look.say("plan", "计划"),
                &study.plan().hash[..8],
                look.say("seed", "随机种子"),
                facts.seed
            ),
            currency,
            look,
            replications: study.replications(),
            words: Words::new(study.plan(), currency, look),
            factors: facts
                .factors
                .iter()
                .map(|factor| {
                    let column = factor.column();
                    let name = factor_names::name(&factor.label, &column, look.language);
                    (column, name, factor_names::range(factor, currency, look))
                })
                .collect(),
        }
    }

    /// What people call the factor of this column.
    fn factor(&self, column: &str) -> &str {
        self.factors.iter().find(|(name, ..)| name == column).map_or("", |(_, words, _)| words)
    }

    /// Between which levels the factor of this column was varied.
    fn range(&self, column: &str) -> String {
        self.factors.iter().find(|(name, ..)| name == column).map_or(String::new(), |(.., range)| range.clone())
    }

    /// A level of the factor of this column, with its unit.
    fn level(&self, column: &str, shown: &str) -> String {
        let factor = self.study.plan().facts.factors.iter().find(|factor| factor.column() == column);
        factor.map_or(shown.to_owned(), |factor| level_in_unit(factor, shown, self.currency, self.look))
    }

    fn charts(&self, found: &Analysis) -> Vec<Chart> {
        match &found.findings {
            Findings::Knee(curves) => self.curves(curves),
            Findings::Effects(all) => all.iter().filter(|it| it.swings.len() > 1).map(|it| self.tornado(it)).collect(),
            Findings::BreakEven(surfaces) => surfaces.iter().map(|surface| self.surface(surface)).collect(),
            Findings::Pareto(front) => self.front(front).into_iter().collect(),
            Findings::Morris(found) => {
                of_each(found, |it| (it.metric, &it.scenario)).into_iter().map(|part| self.morris(part)).collect()
            }
            Findings::Sobol(found) => {
                of_each(found, |it| (it.metric, &it.scenario)).into_iter().map(|part| self.sobol(part)).collect()
            }
            // These are tables: a row says as much as a bar would.
            Findings::Best(_) | Findings::Pairs(_) => Vec::new(),
        }
    }

    fn measure(&self, metric: &str) -> Measure {
        let known = definition(metric);
        let unit = known.map_or("", |known| known.unit);
        Measure {
            label: label_in(metric, self.look.language).to_owned(),
            unit: unit_of(unit, self.currency, self.look.language),
            better: known.map_or(Better::Neither, |known| known.better),
            language: self.look.language,
        }
    }

    /// A chart for each lever, scenario and pair of KPIs.
    fn curves(&self, curves: &[Curve]) -> Vec<Chart> {
        let mut groups: Vec<Vec<&Curve>> = Vec::new();
        for curve in curves {
            let kind = |it: &Curve| (it.factor.clone(), it.scenario.clone(), it.by.is_some());
            // Levels of a second factor are compared for one KPI at a time.
            let same =
                |other: &Curve| kind(other) == kind(curve) && (curve.by.is_none() || other.metric == curve.metric);
            match groups.iter_mut().find(|group| group.first().is_some_and(|first| same(first))) {
                Some(group) => group.push(curve),
                None => groups.push(vec![curve]),
            }
        }
        let several = groups.iter().filter(|group| group[0].by.is_none()).count() > 1;
        let mut charts = Vec::new();
        for group in &groups {
            let first = group[0];
            if first.by.is_some() {
                charts.push(self.multiples(group));
                continue;
            }
            // Two KPIs have room on a sheet.
            for (place, pair) in group.chunks(2).enumerate() {
                let panels: Vec<KneePanel> = pair.iter().map(|curve| self.panel(curve)).collect();
                let chart = report::knee_chart(&KneeView {
                    lever: &lever(&first.label, first.unit, &first.factor, self.currency, self.look.language),
                    panels: &panels,
                    label: &self.label,
                    look: self.look,
                    source: &self.source,
                    replications: self.replications,
                });
                let chart = if several { chart.named(&format!("{}-{}", first.factor, first.scenario)) } else { chart };
                charts.push(if place > 0 { chart.named(&(place + 1).to_string()) } else { chart });
            }
        }
        charts
    }

    /// One KPI along a lever, a panel for each level of a second factor.
    fn multiples(&self, group: &[&Curve]) -> Chart {
        let first = group[0];
        let panels: Vec<MultiplesPanel> = group
            .iter()
            .map(|curve| MultiplesPanel {
                level: curve.by.as_ref().map_or(String::new(), |by| {
                    format!("{} {}", self.factor(&by.name), level(&by.name, &by.level.shown()))
                }),
                points: curve.stops.iter().map(|stop| CurvePoint { x: stop.x, y: interval(&stop.value) }).collect(),
            })
            .collect();
        let chart = report::multiples_chart(&MultiplesView {
            measure: &self.measure(first.metric),
            lever: &lever(&first.label, first.unit, &first.factor, self.currency, self.look.language),
            by: first.by.as_ref().map_or("", |by| self.factor(&by.name)),
            panels: &panels,
            label: &self.label,
            look: self.look,
            source: &self.source,
            replications: self.replications,
        });
        chart.named(first.metric)
    }

    fn panel(&self, curve: &Curve) -> KneePanel {
        let knee = curve.knee.of_mean.as_ref().map(|knee| {
            // One replication with a knee has no interval.
            let (lo, hi) = curve.knee_ends().unwrap_or((knee.x, knee.x));
            Interval { mean: knee.x, lo, hi }
        });
        let points = curve.stops.iter().map(|stop| CurvePoint { x: stop.x, y: interval(&stop.value) }).collect();
        KneePanel { measure: self.measure(curve.metric), points, knee }
    }

    fn tornado(&self, effects: &Effects) -> Chart {
        let bars: Vec<TornadoBar> = effects
            .swings
            .iter()
            .map(|swing| TornadoBar {
                input: self.factor(&swing.factor).to_owned(),
                low_level: self.level(&swing.factor, &swing.low_level),
                high_level: self.level(&swing.factor, &swing.high_level),
                at_low: interval(&swing.low),
                at_high: interval(&swing.high),
            })
            .collect();
        let chart = report::tornado_chart(&TornadoView {
            measure: &self.measure(effects.metric),
            base_mean: effects.mean.mean,
            bars: &bars,
            base: &self.label,
            look: self.look,
            source: &self.source,
            replications: self.replications,
        });
        chart.named(effects.metric)
    }

    fn morris(&self, (part, several): (&[Screened], bool)) -> Chart {
        let bars: Vec<MorrisBar> = part
            .iter()
            .map(|it| MorrisBar {
                input: self.factor(&it.factor).to_owned(),
                range: self.range(&it.factor),
                size: Interval { mean: it.effect.mean_absolute, lo: it.effect.low, hi: it.effect.high },
                sigma: it.effect.standard_deviation,
                chance: it.chance,
                shown: it.is_shown(),
                behind: Interval { mean: it.effect.behind, lo: it.effect.behind_low, hi: it.effect.behind_high },
            })
            .collect();
        let chart = report::morris_chart(&MorrisView {
            measure: &self.measure(part[0].metric),
            bars: &bars,
            label: &self.label,
            look: self.look,
            source: &self.source,
            replications: self.replications,
        });
        chart.named(&name(part[0].metric, &part[0].scenario, several))
    }

    fn sobol(&self, (part, several): (&[Influence], bool)) -> Chart {
        let share = |it: &Share| Interval { mean: it.value, lo: it.low, hi: it.high };
        let bars: Vec<SobolBar> = part
            .iter()
            .map(|it| SobolBar {
                input: self.factor(&it.factor).to_owned(),
                range: self.range(&it.factor),
                first: share(&it.index.first),
                total: share(&it.index.total),
                behind: share(&it.index.behind),
                shown: it.is_shown(),
                verdict: verdict(it.words(), self.look).to_owned(),
            })
            .collect();
        let chart = report::sobol_chart(&SobolView {
            measure: &self.measure(part[0].metric),
            bars: &bars,
            noise: part[0].noise,
            drowned: part[0].is_drowned(),
            label: &self.label,
            look: self.look,
            source: &self.source,
            replications: self.replications,
        });
        chart.named(&name(part[0].metric, &part[0].scenario, several))
    }

    fn surface(&self, surface: &Surface) -> Chart {
        let of = |axis: &Axis| lever(&axis.label, axis.unit, &axis.name, self.currency, self.look.language);
        let differences: Vec<Vec<Interval>> =
            surface.cells.iter().map(|row| row.iter().map(|cell| interval(&cell.difference)).collect()).collect();
        let contrast = &surface.contrast;
        let band: Vec<_> = surface.found.low_lines.iter().chain(&surface.found.high_lines).cloned().collect();
        let presets = [
            ("margin", self.look.say("Contribution margin per order", "单均边际贡献")),
            ("cost", self.look.say("Cost per order", "单均成本")),
            ("carbon", self.look.say("CO2e per order", "单均碳排放")),
            ("promise", self.look.say("Orders on time", "准时率")),
        ];
        let words = presets.iter().find(|(name, _)| *name == contrast.name).map(|(_, words)| (*words).to_owned());
        let words = words.unwrap_or_else(|| {
            let of = |name| label_in(name, self.look.language);
            format!("{} {} {}", of(contrast.a), self.look.say("less", "减"), of(contrast.b))
        });
        let measure = Measure { label: words, ..self.measure(contrast.a) };
        let chart = report::surface_chart(&SurfaceView {
            x: &of(&surface.x),
            y: &of(&surface.y),
            xs: &surface.x.numbers(),
            ys: &surface.y.numbers(),
            differences: &differences,
            measure: &measure,
            lines: &surface.found.lines,
            band: &band,
            label: &self.label,
            look: self.look,
            source: &self.source,
            replications: self.replications,
        });
        chart.named(&format!("{}-{}", contrast.name, surface.scenario))
    }

    /// The first two aims; nothing where only one is asked for.
    fn front(&self, front: &Front) -> Option<Chart> {
        let [first, second, ..] = front.aims.as_slice() else { return None };
        let points: Vec<TradePoint> = front
            .settings
            .iter()
            .filter_map(|setting| {
                let standing = match setting.standing {
                    Standing::Front => TradeStanding::Front,
                    Standing::Unclear => TradeStanding::Unclear,
                    Standing::Dominated => TradeStanding::Dominated,
                    Standing::NoData => return None,
                };
                let (x, y) = (interval(&setting.values[0]), interval(&setting.values[1]));
                Some(TradePoint { label: self.words.setting(&setting.levers), x, y, standing, base: false })
            })
            .collect();
        Some(report::pareto_chart(&ParetoView {
            x: &self.measure(first.metric),
            y: &self.measure(second.metric),
            points: &points,
            label: &self.label,
            look: self.look,
            source: &self.source,
            replications: self.replications,
        }))
    }
}

/// The parts of what was found that are of one KPI and scenario, and whether there are several scenarios.
fn of_each<T>(found: &[T], key: impl Fn(&T) -> (&'static str, &String)) -> Vec<(&[T], bool)> {
    let several = found.iter().any(|it| key(it).1 != key(&found[0]).1);
    found.chunk_by(|a, b| key(a) == key(b)).map(|part| (part, several)).collect()
}

/// What a chart of a KPI is called beside its number.
fn name(metric: &str, scenario: &str, several: bool) -> String {
    if several { format!("{metric}-{scenario}") } else { metric.to_owned() }
}

fn interval(estimate: &Estimate) -> Interval {
    // A single replication has a mean and no interval.
    let half = if estimate.half_width.is_finite() { estimate.half_width } else { 0.0 };
    Interval { mean: estimate.mean, lo: estimate.mean - half, hi: estimate.mean + half }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_of_an_analysis_are_known_by_their_numbers() {
        assert!(["30-fleet-knee-2", "34-break-even-surface", "36-sobol-orders"].into_iter().all(is_of_analysis));
        assert!(!["06-whatif-delta", "37-other", "notes", "30"].into_iter().any(is_of_analysis));
    }
}
