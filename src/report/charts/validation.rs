//! Room: report. Chart 7: does the simulation show what was observed? Deviation of each KPI, one row a KPI.

use crate::report::canvas::Canvas;
use crate::report::layout::{self, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, Words, shortened};
use crate::report::measure::inside;
use crate::report::palette::{GREY, GRID, INK, MUTED, Rgb, THIN};
use crate::report::table::{Table, exact};
use crate::report::wording::{decimals, number, signed};
use crate::report::{Chart, Look, Theme, kpi_label, unit_words};
use crate::scenario::Language;
use crate::study::{Agreement, Validated};

const SLUG: &str = "07-simulated-observed";
/// Rows that fit on a slide.
const MOST_ROWS: usize = 10;

/// All that the charts of a validation are made from.
#[derive(Clone, Copy, Debug)]
pub struct ValidationView<'a> {
    /// Observed figures beside simulated ones, in the order to show.
    pub rows: &'a [Validated],
    /// Label of the scenario.
    pub label: &'a str,
    /// Currency code, such as `CNY`.
    pub currency: &'a str,
    /// The run: version, hash, seed.
    pub source: &'a str,
    /// Replications simulated.
    pub replications: u32,
    /// Language and theme.
    pub look: &'a Look,
}

impl ValidationView<'_> {
    /// The line below a chart.
    pub(crate) fn source(&self, note: &str) -> String {
        format!(
            "{} · {} · {note}",
            self.source,
            self.look.plural(self.replications as usize, "simulated day", "个模拟日")
        )
    }
}

/// Words of a KPI: its label, as in every table.
pub(crate) fn label(row: &Validated, look: &Look) -> &'static str {
    kpi_label(look, row.observed.kpi)
}

/// Words of a verdict.
fn verdict(row: &Validated, look: &Look) -> &'static str {
    let chinese = match row.agreement {
        Agreement::Within => "一致",
        Agreement::Outside => "不一致",
        Agreement::NotJudged => "未判定",
        Agreement::NoData => "没有数据",
    };
    look.say(row.agreement.word(), chinese)
}

/// Colour of a verdict; the word always stands beside it.
pub(crate) fn colour(row: &Validated, theme: &Theme) -> Rgb {
    if row.agreement == Agreement::Outside { theme.clear() } else { GREY }
}

/// How the numbers of one row are said.
struct Said {
    factor: f64,
    places: usize,
    unit: String,
}

impl Said {
    fn new(row: &Validated, currency: &str, look: &Look) -> Said {
        let larger = row.observed.value.abs().max(row.simulated.abs());
        let unit = row.unit();
        match unit {
            "share" => Said { factor: 100.0, places: 1, unit: "%".to_owned() },
            "orders" | "units" | "violations" => {
                Said { factor: 1.0, places: decimals(larger).min(1), unit: String::new() }
            }
            _ => Said {
                factor: 1.0,
                places: decimals(larger).min(2),
                unit: format!(" {}", unit_words(look, &unit.replacen("yuan", currency, 1))),
            },
        }
    }
    fn level(&self, value: f64) -> String {
        number(value * self.factor, self.places)
    }
}

fn levels(row: &Validated, currency: &str, look: &Look) -> String {
    let said = Said::new(row, currency, look);
    format!("{} → {}{}", said.level(row.observed.value), said.level(row.simulated), said.unit)
}
fn deviation(row: &Validated, currency: &str, look: &Look) -> String {
    let said = Said::new(row, currency, look);
    let places = if (row.deviation() * said.factor).abs() < 1.0 { said.places.max(2) } else { said.places };
    let unit = if said.unit == "%" { look.say(" points", " 个百分点") } else { &said.unit };
    format!("{}{unit}", signed(row.deviation() * said.factor, places))
}

/// The chart of the figures of the whole run.
pub(crate) fn chart(view: &ValidationView<'_>) -> Chart {
    let whole = |row: &&Validated| row.observed.hour.is_none() && row.simulated.is_finite();
    let all: Vec<&Validated> = view.rows.iter().filter(whole).collect();
    let rows: Vec<&Validated> = all.iter().copied().take(MOST_ROWS).collect();
    let look = view.look;
    let (first, of) = (rows.len(), all.len());
    let shown = look.say(format!(", first {first} of {of}"), format!("，{of} 项中的前 {first} 项"));
    let shown = if of > first { shown } else { String::new() };
    let name = view.label.trim();
    let subtitle = look.say(
        format!("Simulated less observed, % of observed, {name}{shown}"),
        format!("模拟值减实际值，占实际值的 %，{name}{shown}"),
    );
    let note =
        look.say("band = tolerance, bar = where 95% of simulated days lie", "灰带 = 容差，横线 = 95% 的模拟日所在范围");
    let words = |title: String| Words { title, subtitle, source: view.source(note) };
    if rows.is_empty() {
        let (title, why) = look.say(
            (
                "No KPI of the whole run was observed",
                "Nothing to draw: no observed figure of the whole run has a simulated one.",
            ),
            ("没有可对照的全程指标实际值", "无图可画：全程指标的实际值都没有对应的模拟值。"),
        );
        return Chart::nothing(look, SLUG, words(title.to_owned()), why, table(&rows));
    }
    let say = |row: &&Validated| {
        let (levels, deviation) = (levels(row, view.currency, look), deviation(row, view.currency, look));
        let (name, verdict) = (label(row, look), verdict(row, look));
        look.say(
            format!("{name}: {levels}, {deviation}, {verdict}"),
            format!("{name}：{levels}，{deviation}，{verdict}"),
        )
    };
    let said = rows.iter().map(say).collect::<Vec<_>>().join(look.say("; ", "；"));
    let alt = look.say(format!("Deviations by KPI. {said}."), format!("各指标的偏差。{said}。"));
    let title = title(&rows, look);
    Chart::draw(look, SLUG, words(title), alt, table(&rows), |canvas, top| draw(canvas, top, &rows, view.currency))
}

/// How many agree, and the largest that does not.
fn title(rows: &[&Validated], look: &Look) -> String {
    let count = |verdict| rows.iter().filter(|row| row.agreement == verdict).count();
    let judged = count(Agreement::Within) + count(Agreement::Outside);
    let outside = rows.iter().filter(|row| row.agreement == Agreement::Outside);
    let size = |row: &Validated| if row.deviation_share().is_finite() { row.deviation_share().abs() } else { f64::MAX };
    // The first of equals: later rows must be larger.
    let largest = outside.fold(None::<&&Validated>, |best, row| match best {
        Some(best) if size(best) >= size(row) => Some(best),
        _ => Some(row),
    });
    match largest {
        _ if judged == 0 => {
            let observed = look.plural(rows.len(), "KPI", "项指标");
            look.say(
                format!("{observed} observed, none judged: give tolerances or more replications"),
                format!("有 {observed}的实际值，均未判定：请给出容差或增加重复运行次数"),
            )
        }
        None => {
            let judged = look.plural(judged, "KPI", "项指标");
            look.say(
                format!("The simulation agrees with what was observed in all of {judged} judged"),
                format!("参与判定的 {judged}全部与实际一致"),
            )
        }
        Some(worst) => {
            let share = Some(worst.deviation_share()).filter(|share| share.is_finite());
            let by = share.map(|share| format!("{}%", signed(share * 100.0, 0)));
            let (within, judged) = (count(Agreement::Within), look.plural(judged, "KPI", "项指标"));
            match look.language {
                Language::En => {
                    let by = by.map_or(String::new(), |by| format!(", by {by}"));
                    let name = inside(label(worst, look));
                    format!("{within} of {judged} judged agree; {name} is off most{by}")
                }
                Language::Zh => {
                    let by = by.map_or(String::new(), |by| format!("（{by}）"));
                    format!("参与判定的 {judged}中 {within} 项与实际一致；{}偏差最大{by}", label(worst, look))
                }
            }
        }
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, rows: &[&Validated], currency: &str) {
    let look = canvas.look();
    let (left, right) = (LEFT + 560.0, RIGHT - 330.0);
    let top = top + 40.0;
    let ends = rows.iter().flat_map(|row| spans(row).into_iter().flatten());
    let (low, high) = ends.fold((-1.0f64, 1.0f64), |(low, high), (from, to)| (low.min(from), high.max(to)));
    let ticks = layout::round_ticks(low.max(-100.0), high.min(200.0), 5, 0.5);
    let x = Scale::linear((ticks[0], ticks[ticks.len() - 1]), (left, right));
    let places = if ticks[1] - ticks[0] < 1.0 { 1 } else { 0 };
    for &tick in &ticks {
        let (colour, width) = if tick == 0.0 { (INK, 3.0) } else { (GRID, 1.5) };
        canvas.line((x.px(tick), top), (x.px(tick), BOTTOM), colour, width);
        let label =
            if tick == 0.0 { look.say("observed", "实际").to_owned() } else { format!("{}%", signed(tick, places)) };
        canvas.text((x.px(tick), BOTTOM + 34.0), &label, canvas.pen(layout::AXIS_PX).middle());
    }
    canvas.text((LEFT, top - 12.0), look.say("KPI, observed → simulated", "指标，实际 → 模拟"), canvas.pen(21.0));
    canvas.text((right + 28.0, top - 12.0), look.say("Deviation, verdict", "偏差与判定"), canvas.pen(21.0));
    let slot = ((BOTTOM - top) / rows.len() as f64).min(110.0);
    for (place, row) in rows.iter().enumerate() {
        draw_row(canvas, row, top + slot * (place as f64 + 0.5), x, (left, right), currency);
    }
}

/// What a row covers on the axis in percent of the observed value: tolerance, interval, deviation.
fn spans(row: &Validated) -> [Option<(f64, f64)>; 3] {
    let base = row.observed.value.abs();
    let percent = |value: f64| (base > 0.0 && value.is_finite()).then(|| value / base * 100.0);
    let tolerance = row.observed.tolerance.and_then(percent).map(|width| (-width, width));
    let end = |end: f64| percent(end - row.observed.value);
    let point = percent(row.deviation());
    [tolerance, end(row.low).zip(end(row.high)), point.zip(point)]
}

fn draw_row(canvas: &mut Canvas<'_>, row: &Validated, y: f64, x: Scale, (left, right): (f64, f64), currency: &str) {
    let colour = colour(row, canvas.theme());
    let look = canvas.look();
    let name = canvas.pen(LABEL_PX).ink().bold();
    canvas.text((LEFT, y - 4.0), &shortened(label(row, look), name, left - LEFT - 30.0), name);
    canvas.text((LEFT, y + 26.0), &levels(row, currency, look), canvas.pen(22.0));
    let [tolerance, interval, point] = spans(row);
    if let Some((from, to)) = tolerance {
        canvas.rect((x.px_within(from), y - 20.0), (x.px_within(to), y + 20.0), THIN);
        canvas.line((x.px(0.0), y - 20.0), (x.px(0.0), y + 20.0), INK, 3.0);
    }
    if let Some((from, to)) = interval {
        canvas.line((x.px_within(from), y), (x.px_within(to), y), colour, 6.0);
    }
    match point {
        Some((at, _)) => canvas.dot((x.px_within(at), y), 11.0, colour),
        None => canvas.halo_text(
            (x.px(0.0) + 20.0, y + 9.0),
            look.say("observed is 0: no percentage", "实际值为 0：无法给出百分比"),
            canvas.pen(21.0),
        ),
    }
    let value = canvas
        .pen(LABEL_PX)
        .colour(if row.agreement == Agreement::Outside { canvas.theme().clear() } else { MUTED })
        .bold();
    canvas.text(
        (right + 28.0, y - 4.0),
        &shortened(&deviation(row, currency, look), value, RIGHT - right - 28.0),
        value,
    );
    canvas.text((right + 28.0, y + 26.0), verdict(row, look), canvas.pen(22.0));
}

fn table(rows: &[&Validated]) -> Table {
    let mut table =
        Table::new(&["kpi", "unit", "observed", "tolerance", "simulated", "low95", "high95", "deviation", "verdict"]);
    for row in rows {
        let tolerance = row.observed.tolerance.unwrap_or(f64::NAN);
        let numbers = [row.observed.value, tolerance, row.simulated, row.low, row.high, row.deviation()].map(exact);
        let words = [row.observed.kpi.to_owned(), row.unit().to_owned()];
        table.push(words.into_iter().chain(numbers).chain([row.agreement.word().to_owned()]));
    }
    table
}
