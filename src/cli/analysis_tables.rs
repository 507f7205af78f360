//! Room: cli. What the methods of an analysis found, as tables of a page in words for people.

use super::analysis_text::MOST_ADVISED;
use super::factor_names::{level, lever, name};
use super::kpi_table::unit_of;
use crate::metrics::label_in;
use crate::metrics::{Better, definition};
use crate::report::wording::{decimals, number, plural};
use crate::report::{self, Cell, Look, Measure, PageTable, Tone, half_width, in_unit};
use crate::statistics::{Direction, Estimate};
use crate::sweep::analysis::{
    Analysis, Best, Candidate, Curve, Effects, Findings, Front, Influence, Lever, Pair, Screened, Standing, Surface,
};
use crate::sweep::{Factor, Plan};

/// Rows of a table of pairs or of a ranking; the tables in analysis/ have all.
const MOST_ROWS: usize = 300;

/// How a page calls factors, settings and figures of a plan.
pub(super) struct Words<'a> {
    plan: &'a Plan,
    pub(super) currency: &'a str,
    pub(super) look: &'a Look,
}

/// Tables that answer, and those for the analyst.
#[derive(Default)]
pub(super) struct Tables {
    pub(super) first: Vec<PageTable>,
    pub(super) more: Vec<PageTable>,
}

impl<'a> Words<'a> {
    pub(super) fn new(plan: &'a Plan, currency: &'a str, look: &'a Look) -> Self {
        Words { plan, currency, look }
    }

    /// A KPI inside a sentence.
    pub(super) fn inside(&self, metric: &str) -> String {
        self.measure(metric).inside()
    }

    /// The label of a KPI.
    pub(super) fn label<'m>(&self, metric: &'m str) -> &'m str {
        label_in(metric, self.look.language)
    }

    fn measure(&self, metric: &str) -> Measure {
        Measure {
            label: self.label(metric).to_owned(),
            unit: unit_of(unit(metric), self.currency, self.look.language),
            better: definition(metric).map_or(Better::Neither, |known| known.better),
            language: self.look.language,
        }
    }

    /// A level of a KPI with its unit; counts of thousands are whole, though means need not be.
    pub(super) fn figure(&self, metric: &str, value: f64) -> String {
        let unit = unit(metric);
        let value = if unit == "count" && value.abs() >= 1000.0 { value.round() } else { value };
        in_unit(value, unit, self.currency, self.look).replace(" per order", "").replace("/单", "")
    }

    /// Two levels of a KPI with one unit: `20.4–66.6 min`.
    pub(super) fn span(&self, metric: &str, [low, high]: [f64; 2]) -> String {
        let [from, to] = [low, high].map(|value| self.figure(metric, value));
        let unit = to.split_once(' ').map_or("", |(_, unit)| unit);
        match () {
            () if from == to => to,
            () if low < 0.0 => format!("{from} to {to}"),
            () => {
                let to = to.trim_start_matches(|c: char| !c.is_ascii_digit());
                format!("{}–{to}", from.trim_end_matches(unit).trim_end().trim_end_matches('%'))
            }
        }
    }

    /// `± 0.05`, in the KPI's unit; nothing without an interval.
    pub(super) fn half(&self, metric: &str, value: &Estimate) -> String {
        let unit = unit(metric).to_owned();
        let kpi = report::Kpi { name: String::new(), label: String::new(), value: value.mean, half_width: None, unit };
        match value.half_width.is_finite() {
            true => format!("± {}", half_width(value.half_width, &kpi, self.currency, self.look)),
            false => String::new(),
        }
    }

    /// A mean with half of its interval.
    pub(super) fn cell(&self, metric: &str, value: &Estimate) -> Cell {
        let half = self.half(metric, value).replace(" points", "").replace(" 个百分点", "");
        let text = format!("{} {half}", self.figure(metric, value.mean)).trim_end().to_owned();
        Cell { sort: Some(value.mean), ..Cell::words(text) }
    }

    /// A difference with its sign.
    fn change(&self, metric: &str, value: f64) -> Cell {
        match value.is_finite() {
            true => Cell::number(self.measure(metric).difference(value), value),
            false => Cell { sort: Some(f64::NAN), ..Cell::words(self.look.say("no data", "无数据")) },
        }
    }

    fn interval(&self, metric: &str, low: f64, high: f64) -> Cell {
        let measure = self.measure(metric);
        match low.is_finite() && high.is_finite() {
            true => Cell::number(
                format!("{} {} {}", measure.difference(low), self.look.say("to", "至"), measure.difference(high)),
                high - low,
            ),
            false => Cell { sort: Some(f64::NAN), ..Cell::words(self.look.say("none", "无")) },
        }
    }

    /// The size of a difference, which has no sign.
    fn size(&self, metric: &str, value: f64) -> Cell {
        match value.is_finite() {
            true => Cell::number(self.measure(metric).size(value), value),
            false => Cell { sort: Some(f64::NAN), ..Cell::words(self.look.say("not known", "未知")) },
        }
    }

    /// The word for a direction.
    fn better(&self, direction: Direction) -> &'static str {
        if direction == Direction::Lower {
            self.look.say("lower", "越低越好")
        } else {
            self.look.say("higher", "越高越好")
        }
    }

    fn factor_of(&self, column: &str) -> Option<&Factor> {
        self.plan.facts.factors.iter().find(|factor| factor.column() == column)
    }

    /// What people call the factor of this column.
    fn factor(&self, column: &str) -> String {
        self.factor_of(column).map_or(column.to_owned(), |factor| name(&factor.label, column, self.look.language))
    }

    /// A factor's label inside a sentence.
    pub(super) fn factor_inside(&self, factor: &str) -> String {
        let known = self.plan.facts.factors.iter().find(|it| it.label == factor);
        let shown = known.map_or(factor.to_owned(), |it| name(&it.label, &it.column(), self.look.language));
        report::inside(&shown)
    }

    /// One factor at one level: `190 couriers`, `radius of 3 km`, `demand ×1.2`.
    fn at(&self, column: &str, shown: &str, value: Option<f64>) -> String {
        let Some(factor) = self.factor_of(column) else { return shown.to_owned() };
        match value {
            Some(value) if column == factor.key => {
                lever(&factor.label, factor.unit(), column, self.currency, self.look.language).sentence(value)
            }
            _ => format!("{} {}", self.factor_inside(&factor.label), level(column, shown)),
        }
    }

    /// A setting in words.
    pub(super) fn setting(&self, levers: &[Lever]) -> String {
        let at = |lever: &Lever| self.at(&lever.name, &lever.level.shown(), lever.level.number());
        levers.iter().map(at).collect::<Vec<_>>().join(", ")
    }

    /// A point in words, with its scenario where there are several.
    pub(super) fn point(&self, point: usize) -> String {
        let here = &self.plan.points[point];
        let scenarios = &self.plan.facts.scenarios;
        let scenario = (scenarios.len() > 1).then(|| scenarios[here.scenario].label.clone());
        let levels = self.plan.facts.factors.iter().zip(&here.levels);
        let levels = levels.map(|(factor, at)| self.at(&factor.column(), &at.shown(), at.number()));
        scenario.into_iter().chain(levels).collect::<Vec<_>>().join(", ")
    }

    /// The KPI, with the scenario where there are several.
    fn titled(&self, metric: &str, scenario: &str) -> Cell {
        match self.plan.facts.scenarios.len() {
            0 | 1 => Cell::words(self.label(metric)),
            _ => Cell::words(format!("{}, {scenario}", self.label(metric))),
        }
    }

    /// What a method found. What charts show already is left to the analyst.
    pub(super) fn tables(&self, found: &Analysis) -> Tables {
        match &found.findings {
            Findings::Knee(curves) => Tables { first: vec![self.knee(curves)], ..Tables::default() },
            Findings::Best(best) => {
                Tables { first: vec![self.best(best)], more: best.iter().map(|it| self.ranking(it)).collect() }
            }
            Findings::Effects(all) => Tables { more: vec![self.effects(all)], ..Tables::default() },
            Findings::Pareto(front) => Tables { more: vec![self.front(front)], ..Tables::default() },
            Findings::BreakEven(all) => {
                Tables { more: all.iter().map(|it| self.surface(it)).collect(), ..Tables::default() }
            }
            Findings::Morris(found) => Tables { first: vec![self.morris(found)], ..Tables::default() },
            Findings::Sobol(found) => Tables { first: vec![self.sobol(found)], ..Tables::default() },
            Findings::Pairs(found) => Tables { first: vec![self.pairs(found)], ..Tables::default() },
        }
    }

    fn knee(&self, curves: &[Curve]) -> PageTable {
        let row = |it: &Curve| {
            let lever = lever(&it.label, it.unit, &it.factor, self.currency, self.look.language);
            let by = it
                .by
                .as_ref()
                .map_or(String::new(), |by| format!(" · {}", self.at(&by.name, &by.level.shown(), by.level.number())));
            let knee = match it.knee.of_mean {
                None => Cell { sort: Some(f64::NAN), ..Cell::words(self.look.say("no bend", "无拐点")) },
                Some(knee) => {
                    let ends = it.knee_ends().map_or(String::new(), |ends| format!(" ({})", lever.range(ends)));
                    Cell::number(format!("{}{ends}", lever.figure(knee.x)), knee.x)
                }
            };
            let enough = match (it.enough, definition(it.metric).map(|kpi| kpi.better)) {
                (Some(place), _) => Cell::number(lever.figure(it.stops[place].x), it.stops[place].x),
                (None, Some(Better::Neither)) => Cell {
                    sort: Some(f64::NAN),
                    ..Cell::words(self.look.say("neither good nor bad", "无优劣之分"))
                },
                (None, _) => Cell {
                    sort: Some(f64::NAN),
                    ..Cell::words(self.look.say("more is not shown to help", "未显示增加有益"))
                },
            };
            let (first, last) = (&it.stops[0], &it.stops[it.stops.len() - 1]);
            let mut kpi = self.titled(it.metric, &it.scenario);
            kpi.text += &by;
            vec![
                kpi,
                Cell::words(&lever.label),
                enough,
                knee,
                self.cell(it.metric, &first.value),
                self.cell(it.metric, &last.value),
            ]
        };
        let look = self.look;
        let columns = [
            look.say("KPI", "指标"),
            look.say("Lever", "杠杆"),
            look.say("Enough from", "足够起点"),
            look.say("Bends most at", "拐点"),
            look.say("At its lowest", "最低水平时"),
            look.say("At its highest", "最高水平时"),
        ];
        PageTable {
            title: look.say("How much is enough", "多少才够").to_owned(),
            lead: look
                .say(
                    "Enough: from here on no level is worse than the highest by more than the difference that counts, beyond chance. The bend, ± half of its interval over replications, depends on the range that was run.",
                    "足够：从此水平起，没有一个水平比最高水平差得超过有意义的差异（已排除随机波动）。拐点附其区间的一半，取决于所运行的范围。",
                )
                .to_owned(),
            columns: columns.map(str::to_owned).to_vec(),
            rows: curves.iter().map(row).collect(),
        }
    }

    fn best(&self, best: &[Best]) -> PageTable {
        let look = self.look;
        let row = |it: &Best| {
            let (left, contenders) = (it.still_in(), it.contenders());
            let settings: Vec<String> =
                contenders.iter().map(|place| self.setting(&it.candidates[*place].levers)).collect();
            let zone = self.figure(it.metric, it.indifference);
            let mut who = match settings.len() {
                _ if it.is_level() => Cell::words(
                    look.say(format!("any: none differs by {zone} or more"), format!("任意：彼此差异不到 {zone}")),
                ),
                1 if left.len() == 1 => Cell::words(&settings[0]).toned(Tone::Good),
                1..=4 => Cell::words(settings.join("; ")),
                n => Cell::words(look.say(
                    format!("{n} of {}", plural(it.candidates.len(), "setting")),
                    format!("{} 个方案中的 {n} 个", it.candidates.len()),
                )),
            };
            let worse = left.len() - contenders.len();
            if worse > 0 {
                who.text += &look.say(
                    format!("; {worse} more not ruled out, but shown to be worse"),
                    format!("；另有 {worse} 个未被排除，但显示更差"),
                );
            }
            let more = match (left.len(), it.missing) {
                (1, _) => look.say("none", "无需").to_owned(),
                (_, 0) => look
                    .say("none: those left differ by too little to count", "无需：余下方案差异太小，无关紧要")
                    .to_owned(),
                (_, more) if more > MOST_ADVISED => {
                    look.say("more than 1,000: the spread is large", "超过 1,000：波动很大").to_owned()
                }
                (_, more) => {
                    let more = number(more as f64, 0);
                    look.say(format!("{more} at most"), format!("至多 {more}"))
                }
            };
            vec![
                Cell::words(self.label(it.metric)),
                Cell::words(self.better(it.direction)),
                who,
                self.cell(it.metric, &it.candidates[it.leader].value),
                Cell::words(more),
            ]
        };
        let columns = [
            look.say("KPI", "指标"),
            look.say("Better", "方向"),
            look.say("May be the best", "可能最优"),
            look.say("Best mean", "最优均值"),
            look.say("More replications to decide", "还需重复运行次数"),
        ];
        PageTable {
            title: look.say("Which setting is best", "哪个方案最优").to_owned(),
            lead: look
                .say(
                    "Ranking and selection (Kim and Nelson): the setting that is left is the best or as good within the difference that counts; one that is out need not be worse. One with a large spread may not be ruled out yet and be shown, by its paired interval, to be worse than the leader.",
                    "排序与选择（Kim 与 Nelson）：留下的方案最优，或与最优相差不到有意义的差异；出局的方案未必更差。波动大的方案可能尚未被排除，而成对区间已显示它比领先者差。",
                )
                .to_owned(),
            columns: columns.map(str::to_owned).to_vec(),
            rows: best.iter().map(row).collect(),
        }
    }

    /// The words on a setting that is still in behind the leader, with the paired interval of what it is worse by.
    fn not_ruled_out(&self, it: &Best, candidate: &Candidate) -> (String, Tone) {
        let (leader, behind) = (self.setting(&it.candidates[it.leader].levers), &candidate.behind);
        let sign = if it.direction == Direction::Lower { 1.0 } else { -1.0 };
        let [low, high] = if sign > 0.0 { [behind.low(), behind.high()] } else { [-behind.high(), -behind.low()] };
        let mean = self.change(it.metric, sign * behind.mean).text;
        let apart = self.interval(it.metric, low, high).text;
        match candidate.is_shown_worse() {
            true => (
                self.look.say(
                    format!("not yet ruled out (its spread is large), but worse than {leader}: {mean} ({apart})"),
                    format!("尚未被排除（其波动很大），但比 {leader} 差：{mean}（{apart}）"),
                ),
                Tone::Unclear,
            ),
            false => (
                self.look.say(
                    format!("may be the best; against {leader}: {mean} ({apart})"),
                    format!("可能最优；与 {leader} 相比：{mean}（{apart}）"),
                ),
                Tone::Plain,
            ),
        }
    }

    fn ranking(&self, it: &Best) -> PageTable {
        let uncertain = it.states > 1;
        let mut order: Vec<usize> = (0..it.candidates.len()).collect();
        let sign = if it.direction == Direction::Lower { 1.0 } else { -1.0 };
        order.sort_by(|a, b| {
            let value = |i: &usize| sign * it.candidates[*i].value.mean;
            value(a).total_cmp(&value(b))
        });
        let row = |place: &usize| {
            let candidate = &it.candidates[*place];
            let (standing, tone) = match candidate.standing {
                _ if it.is_level() && !matches!(candidate.standing, Standing::Out(..)) => {
                    let zone = self.figure(it.metric, it.indifference);
                    (
                        self.look.say(format!("left; none differs by {zone}"), format!("留下；彼此差异不到 {zone}")),
                        Tone::Plain,
                    )
                }
                Standing::Best => (self.look.say("best", "最优").to_owned(), Tone::Good),
                Standing::In if *place == it.leader => {
                    (self.look.say("may be the best, leads", "可能最优，领先").to_owned(), Tone::Plain)
                }
                Standing::In => self.not_ruled_out(it, candidate),
                Standing::Out(by, after) => {
                    let winner = self.setting(&it.candidates[by].levers);
                    let (zone, after_en) = (self.figure(it.metric, it.indifference), plural(after, "replication"));
                    let out = match it.is_as_good(candidate) {
                        true => self.look.say(
                            format!("out after {after_en}, as good within {zone} as {winner}"),
                            format!("{after} 次后出局，与 {winner} 相差不到 {zone}"),
                        ),
                        false => self.look.say(
                            format!("out after {after_en}, beaten by {winner}"),
                            format!("{after} 次后出局，被 {winner} 超过"),
                        ),
                    };
                    (out, Tone::Unclear)
                }
            };
            let mut row = vec![Cell::words(self.setting(&candidate.levers)), self.cell(it.metric, &candidate.value)];
            if uncertain {
                let of = |value: f64| Cell::number(self.figure(it.metric, value), value);
                row.extend([of(candidate.worst), self.change(it.metric, candidate.regret)]);
            }
            row.push(Cell::words(standing).toned(tone));
            row
        };
        let mut columns = vec![self.look.say("Setting", "方案").to_owned(), self.label(it.metric).to_owned()];
        if uncertain {
            columns.extend(
                [self.look.say("In its worst state", "最差情形"), self.look.say("Most regret", "最大遗憾")]
                    .map(str::to_owned),
            );
        }
        columns.push(self.look.say("Standing", "地位").to_owned());
        PageTable {
            title: self
                .look
                .say(format!("Ranking by {}", self.inside(it.metric)), format!("按{}排序", self.inside(it.metric))),
            lead: if uncertain {
                self.look.say(
                    format!("Means over {} of what is uncertain.", plural(it.states, "state")),
                    format!("{} 种不确定情形的均值。", it.states),
                )
            } else {
                String::new()
            },
            columns,
            rows: order.iter().take(MOST_ROWS).map(row).collect(),
        }
    }

    fn effects(&self, all: &[Effects]) -> PageTable {
        let mut rows = Vec::new();
        for it in all {
            for swing in &it.swings {
                let shown = |shown: &str| level(&swing.factor, shown);
                let tone = if swing.is_shown() { Tone::Plain } else { Tone::Unclear };
                rows.push(vec![
                    Cell::words(self.label(it.metric)),
                    Cell::words(self.factor(&swing.factor)),
                    Cell::words(format!("{} → {}", shown(&swing.low_level), shown(&swing.high_level))),
                    self.change(it.metric, swing.span.mean).toned(tone),
                    self.interval(it.metric, swing.span.low(), swing.span.high()),
                    Cell::words(match (swing.span.half_width.is_finite(), swing.is_shown()) {
                        (false, _) => self.look.say("no interval", "无区间"),
                        (true, true) => self.look.say("shown", "已显示"),
                        (true, false) => self.look.say("no difference shown", "未显示差异"),
                    })
                    .toned(tone),
                ]);
            }
        }
        PageTable {
            title: self.look.say("What each factor does alone", "各因素单独的作用").to_owned(),
            lead: self
                .look
                .say(
                    "Mean at one end of a factor against the other, over all else that varies.",
                    "某因素一端与另一端的均值之差，对其余变化取平均。",
                )
                .to_owned(),
            columns: [
                self.look.say("KPI", "指标"),
                self.look.say("Factor", "因素"),
                self.look.say("From → to", "从 → 到"),
                self.look.say("Change", "变化"),
                self.look.say("Interval", "区间"),
                "",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows,
        }
    }

    fn morris(&self, found: &[Screened]) -> PageTable {
        let row = |it: &Screened| {
            let of = |value: f64| self.size(it.metric, value);
            let (low, high) = (of(it.effect.low), of(it.effect.high));
            let ends = format!("{} {} {}", low.text, self.look.say("to", "至"), high.text);
            let tone = if it.is_shown() { Tone::Plain } else { Tone::Unclear };
            vec![
                self.titled(it.metric, &it.scenario),
                Cell::number(it.rank.to_string(), it.rank as f64),
                Cell::words(self.factor(&it.factor)),
                of(it.effect.mean_absolute),
                Cell::number(ends, it.effect.high - it.effect.low),
                self.change(it.metric, it.effect.mean),
                of(it.effect.standard_deviation),
                of(it.chance),
                Cell::words(verdict(it.words(), self.look)).toned(tone),
            ]
        };
        let columns = self.look.say(
            ["KPI", "Rank", "Factor", "Size (μ*)", "Interval", "Mean (μ)", "Spread (σ)", "Chance up to", ""],
            ["指标", "排名", "因素", "大小 (μ*)", "区间", "均值 (μ)", "离散 (σ)", "随机上限", ""],
        );
        PageTable {
            title: self.look.say("Which factors matter", "哪些因素重要").to_owned(),
            lead: self
                .look
                .say(
                    "Morris screening: change of the KPI over the whole range of a factor.",
                    "莫里斯筛选：某因素变动整个范围时指标的变化。",
                )
                .to_owned(),
            columns: columns.map(str::to_owned).to_vec(),
            rows: found.iter().map(row).collect(),
        }
    }

    fn sobol(&self, found: &[Influence]) -> PageTable {
        let share = |value: f64| Cell::number(number(value, 2), value);
        let interval = |low: f64, high: f64| {
            let to = self.look.say("to", "至");
            Cell::number(format!("{} {to} {}", number(low, 2), number(high, 2)), high - low)
        };
        let row = |it: &Influence| {
            let (first, total) = (&it.index.first, &it.index.total);
            let tone = if it.is_shown() { Tone::Plain } else { Tone::Unclear };
            vec![
                self.titled(it.metric, &it.scenario),
                Cell::number(it.rank.to_string(), it.rank as f64),
                Cell::words(self.factor(&it.factor)),
                share(first.value),
                interval(first.low, first.high),
                share(total.value),
                interval(total.low, total.high),
                Cell::words(verdict(it.words(), self.look)).toned(tone),
            ]
        };
        let columns = self.look.say(
            ["KPI", "Rank", "Factor", "Alone (S)", "Interval", "In all (ST)", "Interval", ""],
            ["指标", "排名", "因素", "单独 (S)", "区间", "总计 (ST)", "区间", ""],
        );
        PageTable {
            title: self.look.say("Where the uncertainty comes from", "不确定性来自哪里").to_owned(),
            lead: self
                .look
                .say(
                    "Sobol' indices: share of the variance of a KPI that a factor explains alone, and together with others.",
                    "索博尔指数：某因素单独解释、以及与其他因素共同解释的指标方差占比。",
                )
                .to_owned(),
            columns: columns.map(str::to_owned).to_vec(),
            rows: found.iter().map(row).collect(),
        }
    }

    fn pairs(&self, found: &[Pair]) -> PageTable {
        let row = |it: &Pair| {
            let difference = &it.apart.difference;
            let tone = match it.words() {
                "better" => Tone::Good,
                "worse" => Tone::Bad,
                _ if it.shown => Tone::Plain,
                _ => Tone::Unclear,
            };
            vec![
                Cell::words(self.label(it.metric)),
                Cell::words(self.point(it.base)),
                Cell::words(self.point(it.other)),
                Cell::number(self.figure(it.metric, it.means[0]), it.means[0]),
                self.change(it.metric, difference.mean).toned(tone),
                self.interval(it.metric, difference.low(), difference.high()),
                Cell::words(verdict(it.words(), self.look)).toned(tone),
            ]
        };
        let comparisons = found.first().map_or(0, |it| it.comparisons);
        let rest = match found.len().saturating_sub(MOST_ROWS) {
            0 => String::new(),
            more => self.look.say(
                format!(" {more} more are in analysis/pairs.csv."),
                format!("另有 {more} 对在 analysis/pairs.csv 中。"),
            ),
        };
        let columns = self.look.say(
            ["KPI", "Base", "Other", "Mean of the base", "Difference", "Interval", ""],
            ["指标", "基准点", "另一点", "基准均值", "差异", "区间", ""],
        );
        PageTable {
            title: self.look.say("Points against points", "点对点比较").to_owned(),
            lead: self.look.say(
                format!(
                    "Paired by replication; intervals hold together over {} of a KPI (Bonferroni), verdicts are Holm's.{rest}",
                    plural(comparisons, "comparison")
                ),
                format!("按重复运行配对；同一指标的 {comparisons} 次比较的区间同时成立（邦费罗尼），结论按霍尔姆法。{rest}"),
            ),
            columns: columns.map(str::to_owned).to_vec(),
            rows: found.iter().take(MOST_ROWS).map(row).collect(),
        }
    }

    fn front(&self, front: &Front) -> PageTable {
        let mut columns = vec![self.look.say("Setting", "方案").to_owned()];
        for aim in &front.aims {
            let word = self.better(aim.direction);
            columns.push(self.look.say(
                format!("{} ({word} is better)", self.label(aim.metric)),
                format!("{}（{word}）", self.label(aim.metric)),
            ));
        }
        columns.push(self.look.say("Standing", "地位").to_owned());
        let place = |words: &str| ["front", "beaten by the means, not surely"].iter().position(|it| *it == words);
        let mut order: Vec<usize> = (0..front.settings.len()).collect();
        order.sort_by_key(|i| place(front.settings[*i].words_of_standing()).unwrap_or(2));
        let row = |i: &usize| {
            let it = &front.settings[*i];
            let mut row = vec![Cell::words(self.setting(&it.levers))];
            row.extend(front.aims.iter().zip(&it.values).map(|(aim, value)| self.cell(aim.metric, value)));
            let tone = if it.words_of_standing() == "front" { Tone::Good } else { Tone::Unclear };
            row.push(
                Cell::words(match it.words_of_standing() {
                    "front" => self.look.say("front", "前沿"),
                    "surely beaten" => self.look.say("surely beaten", "确定被超过"),
                    "no data" => self.look.say("no data", "无数据"),
                    other => self.look.say(other, "按均值被超过，不确定"),
                })
                .toned(tone),
            );
            row
        };
        PageTable {
            title: self.look.say("What no other setting beats in everything", "没有其他方案全面超过的方案").to_owned(),
            lead: String::new(),
            columns,
            rows: order.iter().take(MOST_ROWS).map(row).collect(),
        }
    }

    fn surface(&self, it: &Surface) -> PageTable {
        let contrast = &it.contrast;
        let of = |axis: &crate::sweep::analysis::Axis| {
            lever(&axis.label, axis.unit, &axis.name, self.currency, self.look.language)
        };
        let (x, y) = (of(&it.x), of(&it.y));
        let mut columns = vec![format!("{} \\ {}", y.heading(), x.heading())];
        columns.extend(it.x.numbers().into_iter().map(|level| x.figure(level)));
        let cell = |cell: &crate::sweep::analysis::Cell| {
            let tone = if it.words(cell) == "no difference shown" { Tone::Unclear } else { Tone::Plain };
            let half = cell.difference.half_width;
            let wide =
                if half.is_finite() { format!(" ± {}", number(half, decimals(half).min(2))) } else { String::new() };
            let mut shown = self.change(contrast.a, cell.difference.mean).toned(tone);
            shown.text += &wide;
            shown
        };
        let row = |(level, cells): (f64, &Vec<crate::sweep::analysis::Cell>)| {
            let head = Cell { sort: Some(level), ..Cell::words(y.figure(level)) };
            std::iter::once(head).chain(cells.iter().map(cell)).collect()
        };
        let (a, b) = (self.label(contrast.a), self.label(contrast.b));
        PageTable {
            title: format!("{a} {} {b}", self.look.say("less", "减")),
            lead: self.look.say(
                format!("Above 0: {}. Grey: no difference shown.", contrast.words(true)),
                "灰色：未显示差异。".to_owned(),
            ),
            columns,
            rows: it.y.numbers().into_iter().zip(&it.cells).map(row).collect(),
        }
    }
}

/// What a method says of a factor or a pair, in English as in the tables and in Chinese.
const VERDICTS: [(&str, &str); 16] = [
    ("no effect", "无影响"),
    ("not shown beyond chance", "未显示超出随机波动"),
    ("curved, or depends on others", "弯曲或取决于其他因素"),
    ("nearly straight", "近似线性"),
    ("not known: add replications", "未知：请增加重复运行"),
    ("next to nothing", "几乎没有"),
    ("alone", "单独作用"),
    ("alone and together with others", "单独作用，也与其他因素共同作用"),
    ("together with others; not shown alone", "与其他因素共同作用，未显示单独作用"),
    ("something; more samples tell how", "有影响，如何影响需更多样本"),
    ("no difference shown", "未显示差异"),
    ("better", "更好"),
    ("worse", "更差"),
    ("lower", "更低"),
    ("higher", "更高"),
    ("no data", "无数据"),
];

/// The same in the language of a report.
pub(super) fn verdict(words: &'static str, look: &Look) -> &'static str {
    VERDICTS.iter().find(|(known, _)| *known == words).map_or(words, |(english, chinese)| look.say(*english, *chinese))
}

/// The unit as the page says it: what is counted stands in the label.
fn unit(metric: &str) -> &'static str {
    match definition(metric).map_or("", |known| known.unit) {
        "orders" | "violations" => "count",
        unit => unit,
    }
}
