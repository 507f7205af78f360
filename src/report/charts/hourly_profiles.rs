//! Room: report. Chart 8: does the day run as observed? Profiles by clock hour in small panels, observed and simulated.

use super::validation::{ValidationView, label};
use crate::metrics::KPIS;
use crate::report::canvas::{Canvas, Point};
use crate::report::layout::{self, BOTTOM, LABEL_PX, LEFT, RIGHT, Scale, Words, shortened};
use crate::report::look::Pair;
use crate::report::measure::inside;
use crate::report::palette::{GREY, INK, THIN};
use crate::report::table::{Table, exact};
use crate::report::wording::number;
use crate::report::{Chart, Look, unit_words};
use crate::study::{Agreement, Validated};

const SLUG: &str = "08-hourly-profiles";
const NOTE: Pair = (
    "band = where 95% of simulated days lie, dark dot = outside",
    "色带 = 95% 的模拟日所在范围，深色圆点 = 落在范围之外",
);
/// Panels that fit on a slide.
const MOST_PANELS: usize = 6;

/// The chart; None where no profile was observed.
pub(crate) fn chart(view: &ValidationView<'_>) -> Option<Chart> {
    let all = profiles(view.rows);
    if all.is_empty() {
        return None;
    }
    let panels = &all[..all.len().min(MOST_PANELS)];
    let look = view.look;
    let of = all.len();
    let shown = look.say(format!(", first {MOST_PANELS} of {of}"), format!("，{of} 项中的前 {MOST_PANELS} 项"));
    let shown = if of > MOST_PANELS { shown } else { String::new() };
    let name = view.label.trim();
    let subtitle = look.say(
        format!("KPIs by clock hour of orders placed, {name}{shown}"),
        format!("按下单钟点的各项指标，{name}{shown}"),
    );
    let words = Words { title: title(panels, look), subtitle, source: view.source(look.word(NOTE)) };
    let alt = panels.iter().map(|panel| {
        let outside = panel.iter().filter(|row| row.agreement == Agreement::Outside).count();
        let (name, hours) = (label(panel[0], look), look.plural(panel.len(), "hour", "个小时"));
        look.say(
            format!("{name}: {hours} observed, {outside} outside"),
            format!("{name}：有 {hours}的实际值，{outside} 个在范围之外"),
        )
    });
    let said = alt.collect::<Vec<_>>().join(look.say("; ", "；"));
    let alt =
        look.say(format!("Small panels, observed and simulated. {said}."), format!("小图组，实际与模拟对照。{said}。"));
    Some(Chart::draw(look, SLUG, words, alt, table(panels), |canvas, top| draw(canvas, top, panels, view.currency)))
}

/// The rows of each profile by hour, in the order of KPIs.
fn profiles(rows: &[Validated]) -> Vec<Vec<&Validated>> {
    let of = |name: &str| {
        let mine = |row: &&Validated| row.observed.kpi == name && row.observed.hour.is_some();
        let mut profile: Vec<&Validated> = rows.iter().filter(mine).collect();
        profile.sort_by_key(|row| row.observed.hour);
        profile
    };
    KPIS.iter().map(|definition| of(definition.name)).filter(|profile| !profile.is_empty()).collect()
}

/// How many hours agree, and the profile that does so least.
fn title(panels: &[Vec<&Validated>], look: &Look) -> String {
    let count = |panel: &[&Validated], verdict| panel.iter().filter(|row| row.agreement == verdict).count();
    let sum = |verdict| panels.iter().map(|panel| count(panel, verdict)).sum::<usize>();
    let (within, outside) = (sum(Agreement::Within), sum(Agreement::Outside));
    let judged = within + outside;
    let figures = look.plural(judged, "hourly figure", "个钟点数值");
    match judged {
        0 => look
            .say(
                "Profiles observed, none judged: give tolerances or more replications",
                "有分时实际值，均未判定：请给出容差或增加重复运行次数",
            )
            .to_owned(),
        _ if outside == 0 => look.say(
            format!("The simulated day runs as observed in all of {figures}"),
            format!("模拟日的走势在全部 {figures}上与实际一致"),
        ),
        _ => {
            let worst = panels.iter().rev().max_by_key(|panel| count(panel, Agreement::Outside));
            let name = worst.map_or("", |panel| label(panel[0], look));
            look.say(
                format!("The simulated day runs as observed in {within} of {figures}; least in {}", inside(name)),
                format!("模拟日的走势在 {figures}中有 {within} 个与实际一致；{name}差得最多"),
            )
        }
    }
}

fn draw(canvas: &mut Canvas<'_>, top: f64, panels: &[Vec<&Validated>], currency: &str) {
    let columns = match panels.len() {
        1 => 1,
        2..=4 => 2,
        _ => 3,
    };
    let rows = panels.len().div_ceil(columns);
    let (wide, high) = ((RIGHT - LEFT + 50.0) / columns as f64, (BOTTOM + 40.0 - top) / rows as f64);
    key(canvas, top - 10.0);
    for (place, panel) in panels.iter().enumerate() {
        let left = LEFT + wide * (place % columns) as f64;
        let above = top + 20.0 + high * (place / columns) as f64;
        draw_panel(canvas, panel, currency, (left, above), (left + wide - 50.0, above + high - 30.0));
    }
}

/// What a dot and a line mean, above the panels.
fn key(canvas: &mut Canvas<'_>, y: f64) {
    let pen = canvas.pen(22.0).ink();
    let (first, second) = canvas.look().say(("observed", "simulated"), ("实际", "模拟"));
    let right = RIGHT - pen.width(second);
    canvas.text((right, y), second, pen);
    canvas.line((right - 50.0, y - 8.0), (right - 12.0, y - 8.0), canvas.theme().clear(), 5.0);
    let left = right - 80.0 - pen.width(first);
    canvas.text((left, y), first, pen);
    canvas.dot((left - 42.0, y - 8.0), 8.0, GREY);
    canvas.dot((left - 20.0, y - 8.0), 8.0, INK);
}

fn draw_panel(
    canvas: &mut Canvas<'_>,
    panel: &[&Validated],
    currency: &str,
    (left, top): Point,
    (right, bottom): Point,
) {
    let unit = panel[0].unit();
    let factor = if unit == "share" { 100.0 } else { 1.0 };
    let look = canvas.look();
    let unit = if unit == "share" { "%".to_owned() } else { unit.replacen("yuan", currency, 1) };
    let unit = if panel[0].observed.kpi == "orders" { "orders/h".to_owned() } else { unit };
    let heading = format!("{}{}{}", label(panel[0], look), look.say(", ", "，"), unit_words(look, &unit));
    let name = canvas.pen(LABEL_PX).ink().bold();
    canvas.text((left, top + 18.0), &shortened(&heading, name, right - left), name);
    let (top, left, bottom) = (top + 44.0, left + 74.0, bottom - 44.0);
    let values = panel.iter().flat_map(|row| [row.observed.value, row.simulated, row.high, row.low]);
    let values = values.filter(|value| value.is_finite()).map(|value| value * factor);
    let (low, high) = values.fold((0.0f64, 0.0f64), |(low, high), value| (low.min(value), high.max(value)));
    // No share is above 100 %, whatever an interval says.
    let high = if unit == "%" { high.min(100.0) } else { high };
    let ticks = layout::round_ticks(low, high, 3, 0.0);
    let y = Scale::linear((ticks[0], ticks[ticks.len() - 1]), (bottom, top));
    let x = Scale::linear((0.0, 24.0), (left, right));
    let places = if ticks[1] - ticks[0] < 1.0 { 1 } else { 0 };
    let named: Vec<(f64, String)> = ticks.iter().map(|&tick| (tick, number(tick, places))).collect();
    layout::rows(canvas, &named, y, (left, right));
    let hours: Vec<(f64, String)> = (0..=4).map(|six| (f64::from(six) * 6.0, format!("{:02}:00", six * 6))).collect();
    layout::axis(canvas, &hours, x, bottom, (left, right));
    let middle = |row: &Validated| x.px(f64::from(row.observed.hour.unwrap_or(0)) + 0.5);
    for run in runs_of_hours(panel) {
        let at = |value: f64| y.px_within(value * factor);
        if run.len() > 1 && run.iter().all(|row| row.low.is_finite()) {
            let upper = run.iter().map(|row| (middle(row), at(row.high)));
            let lower = run.iter().rev().map(|row| (middle(row), at(row.low)));
            canvas.polygon(&upper.chain(lower).collect::<Vec<_>>(), THIN);
        }
        let line: Vec<Point> = run.iter().map(|row| (middle(row), at(row.simulated))).collect();
        match line.as_slice() {
            [only] => canvas.line((only.0 - 8.0, only.1), (only.0 + 8.0, only.1), canvas.theme().clear(), 5.0),
            line => canvas.path(line, canvas.theme().clear(), 5.0),
        }
    }
    for row in panel {
        let colour = if row.agreement == Agreement::Outside { INK } else { GREY };
        canvas.dot((middle(row), y.px_within(row.observed.value * factor)), 8.0, colour);
    }
}

/// Neighbouring hours that have a simulated value: a line is drawn through these only.
fn runs_of_hours<'a>(panel: &[&'a Validated]) -> Vec<Vec<&'a Validated>> {
    let mut runs: Vec<Vec<&Validated>> = Vec::new();
    for row in panel.iter().filter(|row| row.simulated.is_finite()) {
        let next_to = |last: &&Validated| last.observed.hour.map(|hour| hour + 1) == row.observed.hour;
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(next_to) => run.push(row),
            _ => runs.push(vec![row]),
        }
    }
    runs
}

fn table(panels: &[Vec<&Validated>]) -> Table {
    let mut table =
        Table::new(&["kpi", "hour", "unit", "observed", "tolerance", "simulated", "low95", "high95", "verdict"]);
    for row in panels.iter().flatten() {
        let tolerance = row.observed.tolerance.unwrap_or(f64::NAN);
        let hour = row.observed.hour.map_or(String::new(), |hour| hour.to_string());
        let numbers = [row.observed.value, tolerance, row.simulated, row.low, row.high].map(exact);
        let words = [row.observed.kpi.to_owned(), hour, row.unit().to_owned()];
        table.push(words.into_iter().chain(numbers).chain([row.agreement.word().to_owned()]));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::validation;
    use super::*;
    use crate::study::Observed;

    fn row(kpi: &'static str, hour: Option<u32>, value: f64, tolerance: Option<f64>, days: &[f64]) -> Validated {
        Validated::new(Observed { kpi, hour, value, tolerance }, days)
    }
    fn view(rows: &[Validated]) -> ValidationView<'_> {
        ValidationView {
            look: crate::report::Look::plain(),
            rows,
            label: "Baseline city",
            currency: "CNY",
            source: "nearfar 0.1.0",
            replications: 3,
        }
    }
    fn day() -> Vec<Validated> {
        let mut rows = vec![
            row("near_share_orders", None, 0.31, Some(0.02), &[0.29, 0.30, 0.28]),
            row("click_to_door_mean_min", None, 24.0, None, &[27.1, 26.8, 27.6]),
            row("cost_per_order", None, 8.0, Some(0.4), &[8.1, 8.2, 8.05]),
            row("undelivered", None, 0.0, None, &[3.0, 2.0, 0.0]),
            row("far_lead_mean_h", None, 40.0, None, &[f64::NAN]),
        ];
        for hour in (7..23).filter(|hour| *hour != 12) {
            let level = 500.0 + 30.0 * f64::from(hour % 7);
            rows.push(row("orders", Some(hour), level * 1.1, Some(60.0), &[level, level + 12.0, level - 31.0]));
            rows.push(row("near_share_orders", Some(hour), 0.3, None, &[0.28, 0.29, 0.31]));
            rows.push(row("on_time_share", Some(hour), 0.9, Some(0.05), &[0.82, f64::NAN, 0.8]));
        }
        rows
    }

    #[test]
    fn charts_say_how_much_agrees_and_what_least() {
        let rows = day();
        let charts = [validation::chart(&view(&rows)), chart(&view(&rows)).unwrap()];
        assert_eq!(charts[0].title, "3 of 4 KPIs judged agree; mean click-to-door is off most, by +13%");
        // Orders in 6 hours, the near share in all 15, on time in none.
        assert_eq!(
            charts[1].title,
            "The simulated day runs as observed in 21 of 45 hourly figures; least in near orders on time"
        );
        for chart in &charts {
            assert!(chart.unsupported.is_empty() && !chart.alt.contains("NaN"), "{}", chart.alt);
        }
        assert_eq!(charts[0].csv.lines().count(), 5, "what has no simulated value is not drawn");
        assert_eq!(charts[1].csv.lines().count(), 46);
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        let empty = validation::chart(&view(&[]));
        assert!(empty.title.starts_with("No KPI of the whole run"), "{}", empty.title);
        assert!(chart(&view(&[])).is_none());
        let rows = [row("orders", None, 5.0, None, &[5.0]), row("orders", Some(3), 5.0, None, &[5.0])];
        assert!(validation::chart(&view(&rows)).title.contains("none judged"));
        assert!(chart(&view(&rows)).unwrap().title.contains("none judged"));
    }

    /// Writes pictures to look at: `cargo test draw_validation -- --ignored`.
    #[test]
    #[ignore = "writes pictures to output/chart-review for a person to look at"]
    fn draw_validation() {
        let rows = day();
        std::fs::create_dir_all("output/chart-review").unwrap();
        for chart in [validation::chart(&view(&rows)), chart(&view(&rows)).unwrap()] {
            std::fs::write(format!("output/chart-review/{}.png", chart.slug), chart.png().unwrap()).unwrap();
        }
    }
}
