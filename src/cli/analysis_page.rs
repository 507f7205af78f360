//! Room: cli. The page of a sweep: what the methods found into the view of the report.

use super::analysis_findings::{findings, listed};
use super::analysis_tables::Words;
use super::factor_names::{level, name};
use super::{Failure, manifest};
use crate::metrics::{KPIS, definition, unit_in};
use crate::report::wording::plural;
use crate::report::{self, Card, Cell, Chart, Look, PageTable, SweepView, Tone};
use crate::scenario::Language;
use crate::statistics::{Confidence, Estimate};
use crate::sweep::analysis::{Analysis, Asked, Best, Candidate, Findings, Study};
use crate::sweep::{Design, Factor, FactorKind, Plan, Span, SweepFolder};

/// Points shown in the table of points; summary.csv has all.
const POINTS_SHOWN: usize = 400;
/// KPIs on cards.
const CARDS: usize = 8;
/// Share of the deliveries by which settings must differ for a warning.
const SHORT: f64 = 0.01;
/// Factors with which a point is still said in words instead of by its name.
const SAID: usize = 2;

/// report.html of a sweep.
pub(super) fn page(
    study: &Study,
    told: &[(Analysis, Asked)],
    charts: &[Chart],
    partial: bool,
    look: &Look,
) -> Result<String, Failure> {
    let folder = SweepFolder::open(study.path())?;
    let base = folder.scenario(0).map_err(|problems| Failure::Other(problems.to_string()))?;
    let names: Vec<&'static str> = KPIS.iter().map(|kpi| kpi.name).collect();
    let all = Study::read(folder, &names, partial)?;
    let (plan, currency) = (study.plan(), study.currency());
    let words = Words::new(plan, &currency, look);
    let everything = Everything { all: &all, words: &words, best: best_of(told) };
    let mut first = Vec::new();
    let mut more = vec![everything.points()];
    for (found, _) in told {
        let tables = words.tables(found);
        first.extend(tables.first);
        more.extend(tables.more);
    }
    let audit = everything.audit();
    let origin = origin(study, look);
    let view = SweepView {
        title: &plan.facts.label,
        question: &plan.facts.question,
        findings: &findings(told, charts, &words, |best| everything.fewer_delivered(best)),
        cards: &everything.cards(),
        factors: &factors(plan, look),
        first: &first,
        kpis: &everything.kpis(),
        tables: &more,
        notes: &notes(study, told, look),
        assumptions: &report::assumptions(&base),
        audit: Some((&audit.0, audit.1)),
        origin: &origin,
        look,
    };
    Ok(report::sweep_page(&view, charts)?)
}

fn best_of(told: &[(Analysis, Asked)]) -> &[Best] {
    let best = told.iter().find_map(|(found, _)| match &found.findings {
        Findings::Best(best) => Some(best.as_slice()),
        _ => None,
    });
    best.unwrap_or_default()
}

/// The name of a design.
fn in_chinese(design: Design) -> &'static str {
    match design {
        Design::Grid => "网格",
        Design::Zip => "逐一配对",
        Design::List => "列表",
        Design::Csv => "文件列表",
        Design::Lhs => "拉丁超立方",
        Design::Sobol => "索博尔序列",
        Design::Saltelli => "萨尔泰利",
        Design::Morris => "莫里斯",
    }
}

/// Key, kind and levels of every factor.
fn factors(plan: &Plan, look: &Look) -> PageTable {
    let levels = |factor: &Factor| match &factor.span {
        Span::Levels(levels) => {
            let shown: Vec<String> = levels.iter().map(|it| level(&factor.column(), &it.shown())).collect();
            match &shown[..] {
                [first, .., last] if shown.len() > 8 => look.say(
                    format!("{} levels, {first} to {last}", shown.len()),
                    format!("{} 个水平，{first} 至 {last}", shown.len()),
                ),
                few => few.join(", "),
            }
        }
        Span::Uniform(low, high) => look.say(format!("{low} to {high}, all alike"), format!("{low} 至 {high}，均匀")),
        Span::Loguniform(low, high) => {
            look.say(format!("{low} to {high}, all alike on a logarithmic scale"), format!("{low} 至 {high}，对数均匀"))
        }
    };
    let row = |factor: &Factor| {
        vec![
            Cell::words(name(&factor.label, &factor.column(), look.language)),
            Cell::words(levels(factor)),
            Cell::words(unit_in(factor.unit(), look.language)),
            Cell::words(match factor.kind {
                FactorKind::Lever => look.say("lever", "杠杆"),
                FactorKind::Uncertainty => look.say("uncertainty", "不确定因素"),
            }),
            Cell::code(factor.column()),
        ]
    };
    let facts = &plan.facts;
    let scenarios = match &facts.scenarios[..] {
        [one] => one.label.clone(),
        several => listed(&several.iter().map(|it| it.label.clone()).collect::<Vec<_>>(), look),
    };
    PageTable {
        title: look.say("What was varied", "变动了什么").to_owned(),
        lead: look.say(
            format!(
                "{scenarios}: a {} of {}. A lever is ours to choose, an uncertainty is not.",
                facts.design.word(),
                plural(plan.points.len(), "point")
            ),
            format!(
                "{scenarios}：{}设计，{} 个点。杠杆由我们选择，不确定因素则不然。",
                in_chinese(facts.design),
                plan.points.len()
            ),
        ),
        columns: [
            look.say("Factor", "因素"),
            look.say("Levels", "水平"),
            look.say("Unit", "单位"),
            look.say("Kind", "类型"),
            look.say("Key", "参数"),
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: facts.factors.iter().map(row).collect(),
    }
}

/// What the numbers cover, and what the methods noticed.
fn notes(study: &Study, told: &[(Analysis, Asked)], look: &Look) -> Vec<String> {
    let percent = told.first().map_or(95.0, |(_, asked)| asked.confidence.share() * 100.0);
    let shown = report::wording::number(percent, if percent.fract() == 0.0 { 0 } else { 1 });
    let replications = study.replications();
    let mut notes = match look.language {
        Language::En => vec![
            "Every point lives through the same days: the same replication of two points shares its random numbers, so that differences between points are known better than either level.".to_owned(),
            format!(
                "Intervals of {shown}% are over at most {}. They cover chance within the model, not doubt about its assumptions.",
                plural(replications as usize, "replication")
            ),
            "Lowest and highest means in the table of all KPIs are picked after the fact: that they are apart is not tested there. The analyses test it.".to_owned(),
            "What was found holds for the range that was run, and for the city of the assumptions below; it is not a forecast of a real city that was not calibrated.".to_owned(),
            "methods.md in this folder has design, formulas and definitions for the appendix of a paper.".to_owned(),
        ],
        Language::Zh => vec![
            "每个点经历同样的日子：两个点的同一次重复运行共用随机数，因此点之间的差异比各自的水平更准。".to_owned(),
            format!("{shown}% 区间基于至多 {replications} 次重复运行，只反映模型内的随机波动，不反映对假设的疑问。"),
            "全部指标表中的最低与最高是事后挑选的，表中不检验两者之差；检验见各项分析。".to_owned(),
            "结论只对所运行的范围和下列假设的城市成立；未经校准时不是对真实城市的预测。".to_owned(),
            "本文件夹中的 methods.md 有设计、公式与定义，可作论文附录。".to_owned(),
        ],
    };
    notes.extend(study.notes());
    for note in told.iter().flat_map(|(found, _)| &found.notes) {
        if !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    notes
}

fn origin(study: &Study, look: &Look) -> Vec<(&'static str, String)> {
    let plan = study.plan();
    let runs = match (study.failed, study.missing) {
        (0, 0) => study.runs.to_string(),
        (failed, missing) => look.say(
            format!("{} ({failed} failed, {missing} missing)", study.runs),
            format!("{}（失败 {failed}，缺失 {missing}）", study.runs),
        ),
    };
    let scenarios: Vec<String> =
        plan.facts.scenarios.iter().map(|it| format!("{} ({})", it.label, &it.hash[..8])).collect();
    vec![
        (look.say("Scenarios", "场景"), scenarios.join(", ")),
        (look.say("Plan", "计划"), plan.hash[..16].to_owned()),
        (look.say("Seed", "随机种子"), plan.facts.seed.to_string()),
        (look.say("Runs", "运行次数"), runs),
        (look.say("Program", "程序"), format!("nearfar {}", plan.facts.version)),
        (look.say("Commit", "提交"), manifest::COMMIT.unwrap_or(look.say("not known", "未知")).to_owned()),
    ]
}

/// Orders delivered with a setting.
struct Delivered {
    setting: String,
    mean: f64,
    half: f64,
}

impl Delivered {
    /// Whether it is short of another by more than chance and more than a difference that counts.
    fn is_short_of(&self, most: &Delivered) -> bool {
        self.mean + self.half < most.mean - most.half && self.mean < most.mean * (1.0 - SHORT)
    }
}

/// Every KPI at every point.
struct Everything<'a> {
    all: &'a Study,
    words: &'a Words<'a>,
    best: &'a [Best],
}

impl Everything<'_> {
    fn mean(&self, metric: &str, point: usize) -> Estimate {
        let values: Vec<f64> =
            self.all.values(metric, point).iter().copied().filter(|value| value.is_finite()).collect();
        Estimate::of(&values, Confidence::default())
    }

    /// Orders delivered with a setting, the mean over its points; the half-width is that of the widest.
    fn delivered(&self, setting: &Candidate) -> Delivered {
        let points: Vec<Estimate> = setting.points.iter().map(|point| self.mean("delivered", *point)).collect();
        Delivered {
            setting: self.words.setting(&setting.levers),
            mean: points.iter().map(|it| it.mean).sum::<f64>() / points.len() as f64,
            half: points.iter().map(|it| it.half_width).fold(0.0, f64::max),
        }
    }

    /// A warning where the setting that leads by a figure of an order delivers fewer than another: such a mean is over those
    /// delivered, and is better where the dear ones are not.
    fn fewer_delivered(&self, best: &[Best]) -> Vec<String> {
        let look = self.words.look;
        let per_order = |it: &&Best| definition(it.metric).is_some_and(|kpi| kpi.unit.ends_with("/order"));
        let mut warned: Vec<(String, Vec<String>)> = Vec::new();
        for it in best.iter().filter(per_order).filter(|it| !it.is_level()) {
            let leads = self.delivered(&it.candidates[it.leader]);
            let all = it.candidates.iter().map(|candidate| self.delivered(candidate));
            let Some(most) = all.filter(|it| it.mean.is_finite()).reduce(|a, b| if b.mean > a.mean { b } else { a })
            else {
                continue;
            };
            if !leads.is_short_of(&most) {
                continue;
            }
            let [few, many] = [leads.mean, most.mean].map(|orders| self.words.figure("delivered", orders));
            let words = look.say(
                format!("{few} with {}, {many} with {}", leads.setting, most.setting),
                format!("{} 为 {few} 单，{} 为 {many} 单", leads.setting, most.setting),
            );
            match warned.iter_mut().find(|(other, _)| *other == words) {
                Some((_, kpis)) => kpis.push(self.words.inside(it.metric)),
                None => warned.push((words, vec![self.words.inside(it.metric)])),
            }
        }
        let say = |(counts, kpis): (String, Vec<String>)| {
            let kpis = listed(&kpis, look);
            look.say(
                format!(
                    "Mind the volume: {kpis} is a mean over what is delivered, and orders delivered differ: {counts}."
                ),
                format!("注意单量：{kpis}是已送达订单的均值，而送达单量不同：{counts}。"),
            )
        };
        warned.into_iter().map(say).collect()
    }

    /// Points with the lowest and the highest mean.
    fn ends(&self, metric: &str) -> Option<[(usize, Estimate); 2]> {
        let plain = |point: usize| {
            let known = self.all.values(metric, point).iter().filter(|value| value.is_finite());
            let (sum, n) = known.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
            (point, sum / n)
        };
        let points = 0..self.all.plan().points.len();
        let known = points.map(plain).filter(|(_, mean)| mean.is_finite());
        let mut ends: Option<[(usize, f64); 2]> = None;
        for (point, mean) in known {
            let [low, high] = ends.get_or_insert([(point, mean); 2]);
            if mean < low.1 {
                *low = (point, mean);
            }
            if mean > high.1 {
                *high = (point, mean);
            }
        }
        ends.map(|ends| ends.map(|(point, _)| (point, self.mean(metric, point))))
    }

    /// The best setting's figure where one is best, else the span over all points.
    fn cards(&self) -> Vec<Card> {
        let look = self.words.look;
        let card = |metric: &'static str| -> Option<Card> {
            let ends = self.ends(metric)?;
            let name = self.words.inside(metric);
            let decided = self.best.iter().find(|it| it.metric == metric && it.still_in().len() == 1 && !it.is_level());
            if let Some(best) = decided {
                let candidate = &best.candidates[best.still_in()[0]];
                let setting = self.words.setting(&candidate.levers);
                return Some(Card {
                    figure: self.words.figure(metric, candidate.value.mean),
                    words: look.say(format!("best {name}: {setting}"), format!("{name}最优：{setting}")),
                    interval: self.words.half(metric, &candidate.value),
                    tone: Tone::Plain,
                });
            }
            let figure = self.words.span(metric, ends.map(|(_, it)| it.mean));
            let open = self.best.iter().find(|it| it.metric == metric);
            let left = open.map_or(String::new(), |it| {
                let (left, all) = (it.contenders().len(), it.candidates.len());
                let zone = self.words.figure(metric, it.indifference);
                match it.is_level() {
                    true => look.say(format!("none differs by {zone} or more"), format!("彼此差异不到 {zone}")),
                    false => look.say(
                        format!("{left} of {all} settings may be the best"),
                        format!("{all} 个方案中 {left} 个可能最优"),
                    ),
                }
            });
            Some(Card {
                figure,
                words: look.say(format!("{name}, lowest to highest point"), format!("{name}，最低至最高点")),
                interval: left,
                tone: Tone::Plain,
            })
        };
        self.all.plan().facts.metrics().into_iter().take(CARDS).filter_map(card).collect()
    }

    /// Lowest and highest mean of every KPI, and where.
    fn kpis(&self) -> PageTable {
        let look = self.words.look;
        let said = self.all.plan().facts.factors.len() <= SAID;
        let at =
            |point: usize| if said { Cell::words(self.words.point(point)) } else { Cell::code(format!("p{point}")) };
        let row = |kpi: &crate::metrics::Definition| {
            let nothing = || Cell { sort: Some(f64::NAN), ..Cell::default() };
            let mut row = vec![Cell::words(self.words.label(kpi.name))];
            match self.ends(kpi.name) {
                None => row.extend([
                    Cell { text: look.say("no data", "无数据").into(), ..nothing() },
                    Cell::default(),
                    nothing(),
                    Cell::default(),
                ]),
                Some([(_, low), (_, high)]) if low.mean == high.mean => {
                    row.extend([
                        self.words.cell(kpi.name, &low),
                        Cell::words(look.say("every point", "所有点")),
                        nothing(),
                        Cell::default(),
                    ]);
                }
                Some([(lowest, low), (highest, high)]) => {
                    row.extend([
                        self.words.cell(kpi.name, &low),
                        at(lowest),
                        self.words.cell(kpi.name, &high),
                        at(highest),
                    ]);
                }
            }
            row.push(Cell::code(kpi.name));
            row
        };
        PageTable {
            title: look.say("All KPIs", "全部指标").to_owned(),
            lead: look
                .say(
                    "Lowest and highest mean over the points, ± half of the 95% interval. A click on a head sorts.",
                    "各点均值的最低与最高，± 为 95% 置信区间的一半。点击表头排序。",
                )
                .to_owned(),
            columns: look
                .say(
                    ["KPI", "Lowest", "at", "Highest", "at", "Name in results.csv"],
                    ["指标", "最低", "位于", "最高", "位于", "results.csv 中的名称"],
                )
                .map(str::to_owned)
                .to_vec(),
            rows: KPIS.iter().map(row).collect(),
        }
    }

    /// A row a point: its levels, then the KPIs of the sweep file.
    fn points(&self) -> PageTable {
        let look = self.words.look;
        let plan = self.all.plan();
        let several = plan.facts.scenarios.len() > 1;
        let metrics = plan.facts.metrics();
        let mut columns: Vec<String> =
            if several { vec![look.say("Scenario", "场景").to_owned()] } else { Vec::new() };
        columns.extend(plan.facts.factors.iter().map(|it| name(&it.label, &it.column(), look.language)));
        columns.extend(metrics.iter().map(|metric| self.words.label(metric).to_owned()));
        columns.push(look.say("Point", "点").to_owned());
        let row = |point: usize| {
            let here = &plan.points[point];
            let mut row = Vec::new();
            if several {
                row.push(Cell::words(plan.facts.scenarios[here.scenario].label.clone()));
            }
            for (factor, at) in plan.facts.factors.iter().zip(&here.levels) {
                let shown = level(&factor.column(), &at.shown());
                row.push(Cell { sort: at.number(), ..Cell::words(shown) });
            }
            row.extend(metrics.iter().map(|metric| self.words.cell(metric, &self.mean(metric, point))));
            row.push(Cell::code(format!("p{point}")));
            row
        };
        let count = plan.points.len();
        let rest = match count.saturating_sub(POINTS_SHOWN) {
            0 => String::new(),
            more => look.say(
                format!(" {} more are in summary.csv.", plural(more, "point")),
                format!("另有 {more} 个点在 summary.csv 中。"),
            ),
        };
        PageTable {
            title: look.say("Every point", "所有点").to_owned(),
            lead: look.say(
                format!("Means over replications, ± half of the 95% interval.{rest}"),
                format!("重复运行的均值，± 为 95% 置信区间的一半。{rest}"),
            ),
            columns,
            rows: (0..count.min(POINTS_SHOWN)).map(row).collect(),
        }
    }

    fn audit(&self) -> (String, bool) {
        let points = 0..self.all.plan().points.len();
        let found = points.flat_map(|point| self.all.values("audit_violations", point).iter().copied());
        let (words, fine) = report::audit_words(found.filter(|value| value.is_finite()).sum(), self.words.look);
        match fine {
            true => {
                let runs = plural((self.all.runs - self.all.failed) as usize, "run");
                let chinese = format!("已审计（{} 次运行）：", self.all.runs - self.all.failed);
                let words = words.replacen("Audited:", &format!("Audited, {runs}:"), 1);
                (words.replacen("已审计：", &chinese, 1), true)
            }
            false => (words, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deliveries_are_short_only_beyond_chance_and_beyond_what_counts() {
        let of = |mean, half| Delivered { setting: String::new(), mean, half };
        let most = of(18_000.0, 50.0);
        assert!(of(14_600.0, 60.0).is_short_of(&most));
        assert!(!of(17_900.0, 20.0).is_short_of(&most), "less than a hundredth");
        assert!(!of(17_500.0, 600.0).is_short_of(&most), "chance");
        assert!(!most.is_short_of(&most) && !of(f64::NAN, f64::NAN).is_short_of(&most));
    }
}
