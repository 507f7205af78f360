//! Room: report. The sheet every chart shares: title, subtitle, source, scales, ticks, and labels that do not collide.

use super::Look;
use super::canvas::{Canvas, HEIGHT, Pen, Point, WIDTH};
use super::palette::{AXIS, GRID, INK};

/// Left edge of all text.
pub(crate) const LEFT: f64 = 72.0;
/// Right edge of all content.
pub(crate) const RIGHT: f64 = WIDTH - 72.0;
/// Lowest place of a plot's axis line.
pub(crate) const BOTTOM: f64 = 936.0;
/// Font size of axis labels.
pub(crate) const AXIS_PX: f64 = 22.0;
/// Font size of direct labels.
pub(crate) const LABEL_PX: f64 = 25.0;

/// The strip above the title, where a logo stands.
const LOGO_MIDDLE: f64 = 52.0;
const LOGO_HIGH: f64 = 46.0;

const TITLE_PX: f64 = 44.0;
const SUBTITLE_PX: f64 = 26.0;
const SOURCE_PX: f64 = 19.0;

/// The words around a chart.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Words {
    /// The finding, from the data.
    pub(crate) title: String,
    /// What is drawn and in which unit.
    pub(crate) subtitle: String,
    /// Run, sample size, definitions.
    pub(crate) source: String,
}

/// Draws the words and returns the top of the room left for the chart.
pub(crate) fn frame(canvas: &mut Canvas<'_>, words: &Words) -> f64 {
    canvas.rect((LEFT, 56.0), (LEFT + 60.0, 64.0), INK);
    canvas.logo(RIGHT, LOGO_MIDDLE, LOGO_HIGH);
    let mut baseline = 62.0;
    for (line, px) in title_lines(&words.title, canvas.look()) {
        baseline += px * 1.27;
        canvas.text((LEFT, baseline), &line, canvas.pen(px).ink().bold());
    }
    let pen = canvas.pen(SUBTITLE_PX);
    baseline += 46.0;
    canvas.text((LEFT, baseline), &shortened(&words.subtitle, pen, RIGHT - LEFT), pen);
    source_line(canvas, &words.source);
    baseline + 52.0
}

/// The part of a sheet between subtitle and source, given the top of the room left for the chart.
pub(crate) fn body(top: f64) -> Area {
    Area { left: LEFT - 28.0, top: top - 34.0, right: RIGHT + 28.0, bottom: 1004.0 }
}

/// The title in at most two balanced lines, smaller if it must be, with its font size.
fn title_lines(title: &str, look: &Look) -> Vec<(String, f64)> {
    for px in [TITLE_PX, 40.0, 36.0] {
        let pen = look.pen(px).bold();
        let lines = balanced(title, pen, RIGHT - LEFT);
        if lines.len() <= 2 {
            return lines.into_iter().map(|line| (line, px)).collect();
        }
    }
    let pen = look.pen(36.0).bold();
    let lines = wrapped(title, pen, RIGHT - LEFT);
    vec![(lines[0].clone(), 36.0), (shortened(&rest_of(&lines), pen, RIGHT - LEFT), 36.0)]
}

/// All lines behind the first as one; a space between, where both sides are not hanzi.
fn rest_of(lines: &[String]) -> String {
    let mut rest = String::new();
    for line in &lines[1..] {
        let hanzi = rest.ends_with(wide) || line.starts_with(wide);
        rest.push_str(if rest.is_empty() || hanzi { "" } else { " " });
        rest.push_str(line);
    }
    rest
}

fn source_line(canvas: &mut Canvas<'_>, source: &str) {
    let pen = canvas.pen(SOURCE_PX);
    let mut lines = balanced(source, pen, RIGHT - LEFT);
    if lines.len() > 2 {
        let rest = rest_of(&lines);
        lines = vec![lines[0].clone(), shortened(&rest, pen, RIGHT - LEFT)];
    }
    let first = HEIGHT - 34.0 - 26.0 * (lines.len() as f64 - 1.0);
    for (line, step) in lines.iter().zip(0..) {
        canvas.text((LEFT, first + 26.0 * step as f64), line, pen);
    }
}

/// A part of a text that no line break cuts.
#[derive(Clone, PartialEq, Debug)]
struct Piece {
    text: String,
    /// A space stands before it, unless it begins a line.
    spaced: bool,
}

/// Where a hanzi text may be broken: anywhere but inside these words, and never between a number and its unit.
const HANZI_WORDS: [&str; 46] = [
    "下单到送达时长",
    "近场",
    "远场",
    "到店自提",
    "自提",
    "订单",
    "骑手",
    "门店",
    "中心仓",
    "单均成本",
    "成本",
    "边际贡献",
    "平均",
    "高峰",
    "峰值",
    "积压",
    "打包",
    "送达",
    "超时",
    "准时",
    "缺货",
    "网格",
    "城市",
    "全城",
    "分钟",
    "小时",
    "公里",
    "百分点",
    "模拟",
    "实际",
    "指标",
    "判定",
    "决定因素",
    "末端配送",
    "拣货",
    "等待",
    "空闲",
    "在岗",
    "时间",
    "其中",
    "其余",
    "其他",
    "占比",
    "平台",
    "商家",
    "合计",
];
/// What stands behind a number, with or without a space.
const HANZI_UNITS: [&str; 15] =
    ["分钟", "小时", "天", "秒", "公里", "单", "件", "家", "个", "次", "元", "人", "名", "项", "%"];
/// No line begins with these, and none ends with those.
const NO_START: &str = "，。；：！？、）》」』%…·";
const NO_END: &str = "（《「『¥";

/// A character that a line may be broken at, without a space: hanzi and their punctuation.
fn wide(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{303F}' | '\u{3400}'..='\u{9FFF}' | '\u{FF00}'..='\u{FF60}')
}

/// The pieces of a text; a number keeps its unit, so that no line ends in "35" and the next begins with "min".
fn pieces(text: &str) -> Vec<Piece> {
    const UNITS: [&str; 9] = ["s", "min", "h", "day", "days", "km", "points", "yuan", "orders"];
    let mut all: Vec<Piece> = Vec::new();
    for word in text.split_whitespace() {
        for (place, text) in cut(word).into_iter().enumerate() {
            let unit = UNITS.contains(&text.trim_end_matches([',', ';', ':', '.']))
                || HANZI_UNITS.iter().any(|unit| text.starts_with(unit));
            match all.last_mut() {
                Some(last) if unit && last.text.ends_with(|c: char| c.is_ascii_digit()) => {
                    last.text.push_str(if place == 0 { " " } else { "" });
                    last.text.push_str(text);
                }
                Some(last) if place > 0 && last.text.ends_with(|c| NO_END.contains(c)) => last.text.push_str(text),
                Some(last) if place > 0 && text.starts_with(|c| NO_START.contains(c)) => last.text.push_str(text),
                _ => all.push(Piece { text: text.to_owned(), spaced: place == 0 && !all.is_empty() }),
            }
        }
    }
    all
}

/// A word without spaces cut between hanzi, and between hanzi and anything else.
fn cut(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let known = HANZI_WORDS.iter().filter(|known| rest.starts_with(**known)).map(|known| known.len()).max();
        let narrow = || rest.find(wide).unwrap_or(rest.len());
        let length = known.unwrap_or_else(|| if wide(first) { first.len_utf8() } else { narrow() });
        let (part, after) = rest.split_at(length);
        parts.push(part);
        rest = after;
    }
    parts
}

/// Pieces as one text.
fn together(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for (place, piece) in pieces.iter().enumerate() {
        text.push_str(if piece.spaced && place > 0 { " " } else { "" });
        text.push_str(&piece.text);
    }
    text
}

/// A text broken at spaces and between hanzi so that no line is wider than `width`; a single long word is broken anywhere.
pub(crate) fn wrapped(text: &str, pen: Pen<'_>, width: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in &pieces(text) {
        let line = lines.last_mut().expect("there is always a last line");
        let space = if piece.spaced && !line.is_empty() { " " } else { "" };
        let longer = format!("{line}{space}{}", piece.text);
        if pen.width(&longer) <= width {
            *line = longer;
        } else {
            if !line.is_empty() {
                lines.push(String::new());
            }
            push_broken(&mut lines, &piece.text, pen, width);
        }
    }
    lines
}

/// Fills the last, empty line and as many more as the word needs.
fn push_broken(lines: &mut Vec<String>, word: &str, pen: Pen<'_>, width: f64) {
    for c in word.chars() {
        let line = lines.last_mut().expect("there is always a last line");
        line.push(c);
        if line.chars().count() > 1 && pen.width(line) > width {
            line.pop();
            lines.push(c.to_string());
        }
    }
}

/// Two lines of a hanzi text, broken behind the semicolon, else the comma, that leaves them most alike; None if there is none that fits.
fn at_a_comma(text: &str, pen: Pen<'_>, width: f64) -> Option<Vec<String>> {
    let pieces = pieces(text);
    let wider = |lines: &[String; 2]| lines.iter().map(|line| pen.width(line)).fold(0.0, f64::max);
    let best = |marks: &[char]| {
        let behind = |end: &usize| pieces[*end - 1].text.ends_with(marks);
        let halves = (1..pieces.len()).filter(behind).map(|end| [together(&pieces[..end]), together(&pieces[end..])]);
        let best = halves.min_by(|a, b| wider(a).total_cmp(&wider(b)))?;
        // A line of a few words above a full one would look like a mistake.
        (wider(&best) <= width.min(0.72 * pen.width(text))).then(|| best.to_vec())
    };
    best(&['；', '：', '。']).or_else(|| best(&['，']))
}

/// Like [`wrapped`], but with lines of about equal width, so that no orphan word is left on the last.
pub(crate) fn balanced(text: &str, pen: Pen<'_>, width: f64) -> Vec<String> {
    let lines = wrapped(text, pen, width);
    if lines.len() != 2 {
        return lines;
    }
    if let Some(lines) = at_a_comma(text, pen, width) {
        return lines;
    }
    let mut narrow = pen.width(text) / 2.0;
    loop {
        let tried = wrapped(text, pen, narrow.min(width));
        if tried.len() <= 2 {
            return tried;
        }
        narrow += 8.0;
    }
}

/// The text, cut with an ellipsis where it would be wider than `width`.
pub(crate) fn shortened(text: &str, pen: Pen<'_>, width: f64) -> String {
    if pen.width(text) <= width {
        return text.to_owned();
    }
    let mut kept: String = text.to_owned();
    while kept.pop().is_some() {
        let cut = format!("{}…", kept.trim_end());
        if pen.width(&cut) <= width {
            return cut;
        }
    }
    String::new()
}

/// How values are laid along an axis.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Spacing {
    Linear,
    Log,
}

/// A scale from values to pixels.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
    from_px: f64,
    to_px: f64,
    spacing: Spacing,
}

impl Scale {
    /// A linear scale; `low` < `high`.
    pub(crate) fn linear((low, high): (f64, f64), (from_px, to_px): (f64, f64)) -> Scale {
        Scale { low, high, from_px, to_px, spacing: Spacing::Linear }
    }
    /// A logarithmic scale; 0 < `low` < `high`.
    pub(crate) fn log((low, high): (f64, f64), (from_px, to_px): (f64, f64)) -> Scale {
        Scale { low, high, from_px, to_px, spacing: Spacing::Log }
    }
    /// Where a value lies.
    pub(crate) fn px(&self, value: f64) -> f64 {
        let part = match self.spacing {
            Spacing::Linear => (value - self.low) / (self.high - self.low),
            Spacing::Log => (value / self.low).ln() / (self.high / self.low).ln(),
        };
        self.from_px + part * (self.to_px - self.from_px)
    }
    /// Where a value lies, kept inside the scale.
    pub(crate) fn px_within(&self, value: f64) -> f64 {
        self.px(value.clamp(self.low, self.high))
    }
    /// The largest value of the scale.
    pub(crate) fn high(&self) -> f64 {
        self.high
    }
    /// The smallest value of the scale.
    pub(crate) fn low(&self) -> f64 {
        self.low
    }
}

/// Round values from at or below `low` to at or above `high`, about `wanted` steps apart by 1, 2, 2.5 or 5 × 10ⁿ.
pub(crate) fn round_ticks(low: f64, high: f64, wanted: usize, smallest_step: f64) -> Vec<f64> {
    let span = if high > low { high - low } else { 1.0 };
    let rough = span / wanted.max(1) as f64;
    let power = 10f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|f| f * power >= rough * 0.999).unwrap_or(10.0);
    // 2.5 is not round among whole numbers below 25.
    let factor = if factor == 2.5 && smallest_step >= 1.0 && power < 10.0 { 5.0 } else { factor };
    let step = (factor * power).max(smallest_step);
    let first = (low / step + 1e-9).floor() as i64;
    let last = (high / step - 1e-9).ceil() as i64;
    (first..=last.max(first + 1)).map(|tick| tick as f64 * step).collect()
}

/// Horizontal grid lines with their labels to the left; the line of the lowest tick is the axis.
pub(crate) fn rows(canvas: &mut Canvas<'_>, ticks: &[(f64, String)], scale: Scale, (from, to): (f64, f64)) {
    for (value, label) in ticks {
        let y = scale.px(*value);
        canvas.line((from, y), (to, y), GRID, 1.5);
        canvas.text((from - 14.0, y + 0.35 * AXIS_PX), label, canvas.pen(AXIS_PX).end());
    }
}

/// The axis line below a plot with small marks and labels; labels stay on the sheet.
pub(crate) fn axis(canvas: &mut Canvas<'_>, ticks: &[(f64, String)], scale: Scale, y: f64, (from, to): (f64, f64)) {
    canvas.line((from, y), (to, y), AXIS, 2.0);
    for (value, label) in ticks {
        let x = scale.px(*value);
        canvas.line((x, y), (x, y + 7.0), AXIS, 2.0);
        canvas.text((x, y + 33.0), label, canvas.pen(AXIS_PX).middle());
    }
}

/// Moves wanted places (ascending) apart to at least `gap`, within bounds, as little as a downward and upward pass do.
pub(crate) fn declutter(wanted: &[f64], gap: f64, (low, high): (f64, f64)) -> Vec<f64> {
    let mut places = wanted.to_vec();
    let mut floor = low;
    for place in &mut places {
        *place = place.max(floor);
        floor = *place + gap;
    }
    let mut ceiling = high;
    for place in places.iter_mut().rev() {
        *place = place.min(ceiling);
        ceiling = *place - gap;
    }
    places
}

/// A rectangle some ink already stands in.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Area {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Area {
    fn touches(&self, other: &Area) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }
}

/// What is taken of a plot; finds the first free of several places for a label.
#[derive(Default, Debug)]
pub(crate) struct Taken(Vec<Area>);

impl Taken {
    /// Takes an area.
    pub(crate) fn take(&mut self, area: Area) {
        self.0.push(area);
    }
    /// Takes a line through points, as squares of `reach` around places at most `reach` apart.
    pub(crate) fn take_path(&mut self, points: &[Point], reach: f64) {
        for pair in points.windows(2) {
            let (dx, dy) = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
            let steps = (dx.hypot(dy) / reach).ceil().clamp(1.0, 4000.0);
            for step in 0..=steps as usize {
                let part = step as f64 / steps;
                let (x, y) = (pair[0].0 + dx * part, pair[0].1 + dy * part);
                self.take(Area { left: x - reach, top: y - reach, right: x + reach, bottom: y + reach });
            }
        }
    }
    /// The first candidate that touches nothing taken and lies in `bounds`; it is taken from then on.
    pub(crate) fn place(&mut self, candidates: &[Area], bounds: Area) -> Option<usize> {
        let inside = |area: &Area| {
            area.left >= bounds.left
                && area.right <= bounds.right
                && area.top >= bounds.top
                && area.bottom <= bounds.bottom
        };
        let free = |area: &Area| inside(area) && !self.0.iter().any(|taken| taken.touches(area));
        let found = candidates.iter().position(free)?;
        self.take(candidates[found]);
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEN: Pen<'static> = Pen {
        px: 20.0,
        colour: INK,
        weight: super::super::fonts::Weight::Regular,
        anchor: super::super::canvas::Anchor::Start,
        font: None,
    };

    #[test]
    fn lines_are_balanced_and_never_too_wide() {
        let text = "Near-field takes 29% of orders and 34% of them at the 18:15 peak of the day";
        let width = PEN.width(text) * 0.9;
        let lines = balanced(text, PEN, width);
        assert_eq!(lines.len(), 2);
        assert!((PEN.width(&lines[0]) - PEN.width(&lines[1])).abs() < 0.25 * width);
        assert_eq!(lines.join(" "), text);
    }

    #[test]
    fn a_number_keeps_its_unit() {
        let pen = PEN;
        let lines = wrapped("it changes by −6.1 points, in 35 min", pen, pen.width("it changes by −6.1"));
        assert_eq!(lines, ["it changes by", "−6.1 points, in", "35 min"]);
    }

    #[test]
    fn hanzi_break_behind_a_comma_and_never_before_one() {
        let pen = Pen::new(44.0).bold();
        let text = "近场承接 29% 的订单，到店自提占 3%；18:15–18:30 高峰时近场占 34%，其余由中心仓发包裹";
        let lines = balanced(text, pen, 0.8 * pen.width(text));
        assert_eq!(lines, ["近场承接 29% 的订单，到店自提占 3%；", "18:15–18:30 高峰时近场占 34%，其余由中心仓发包裹"]);
        for width in [240.0, 300.0, 500.0] {
            let lines = wrapped(text, pen, width);
            assert!(lines.iter().all(|line| !line.starts_with(['，', '；', '%'])), "{lines:?}");
            assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        }
        let lines = wrapped("超时订单平均多用 12.4 分钟，其中等待骑手占 9 分钟", pen, 330.0);
        assert!(lines.iter().all(|line| !line.starts_with("分钟") && !line.starts_with("钟")), "{lines:?}");
    }

    #[test]
    fn a_title_of_any_length_takes_two_lines_at_most() {
        for title in ["", "short", &"word ".repeat(200), &"字".repeat(500)] {
            let lines = title_lines(title, Look::plain());
            assert!((1..=2).contains(&lines.len()));
            for (line, px) in lines {
                assert!(Pen::new(px).bold().width(&line) <= RIGHT - LEFT);
            }
        }
    }

    #[test]
    fn ticks_are_round_and_cover_the_data() {
        assert_eq!(round_ticks(0.0, 412.0, 4, 1.0), vec![0.0, 200.0, 400.0, 600.0]);
        assert_eq!(round_ticks(0.0, 0.0, 4, 1.0), vec![0.0, 1.0]);
        assert_eq!(round_ticks(-3.0, 7.0, 5, 0.0), vec![-4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0]);
        let fine = round_ticks(0.0, 0.03, 4, 0.0);
        assert!(fine.last().is_some_and(|&top| top >= 0.03) && fine.len() < 8);
    }

    #[test]
    fn a_log_scale_spaces_factors_evenly() {
        let scale = Scale::log((1.0, 100.0), (0.0, 200.0));
        assert!((scale.px(10.0) - 100.0).abs() < 1e-9);
        assert_eq!(scale.px_within(0.0), 0.0);
    }

    #[test]
    fn crowded_labels_are_moved_apart_and_stay_inside() {
        let places = declutter(&[10.0, 11.0, 12.0, 95.0], 20.0, (0.0, 100.0));
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= 20.0 - 1e-9));
        assert!(places[0] >= 0.0 && places[3] <= 100.0);
    }

    #[test]
    fn a_label_avoids_a_curve_and_the_label_before_it() {
        let mut taken = Taken::default();
        taken.take_path(&[(0.0, 50.0), (100.0, 50.0)], 4.0);
        let area = |top: f64| Area { left: 20.0, top, right: 60.0, bottom: top + 20.0 };
        let bounds = Area { left: 0.0, top: 0.0, right: 100.0, bottom: 100.0 };
        let candidates = [area(40.0), area(95.0), area(10.0), area(70.0)];
        assert_eq!(taken.place(&candidates, bounds), Some(2));
        assert_eq!(taken.place(&candidates, bounds), Some(3));
        assert_eq!(taken.place(&candidates, bounds), None);
    }
}
