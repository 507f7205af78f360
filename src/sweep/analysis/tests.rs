//! Methods on made-up sweeps with known answers, through the files that a real sweep leaves.

use super::best::Standing;
use super::testing::{chance, close, made_up, study};
use super::*;
use crate::statistics::pareto::Standing as OnFront;
use crate::sweep::{SweepFolder, collect};
use std::f64::consts::PI;

const KPI: &str = "cost_per_order";

fn found(text: &str, model: testing::Model<'_>, method: Method, asked: &Asked) -> Analysis {
    let home = made_up(text, model);
    let mut metrics = asked.metrics.clone();
    metrics.extend(asked.contrasts.iter().flat_map(|contrast| [contrast.a, contrast.b]));
    analyse(&study(&home, &metrics), method, asked).unwrap()
}

const GRID: &str = "
[replications]
min = 10
max = 10
[[factor]]
key = 'couriers.count'
values = [100, 150, 200]
[[factor]]
key = 'near.radius_km'
values = [2, 4]
kind = 'uncertainty'
";

#[test]
fn every_design_has_its_method() {
    for (_, design) in Design::WORDS {
        assert!(!Method::of_design(design).is_empty());
    }
    assert_eq!(Method::of_design(Design::Saltelli)[0].word(), "sobol");
}

#[test]
fn a_straight_model_gives_its_slopes_and_its_tornado() {
    let model = |x: &[f64], r: u32| Some(vec![(KPI, 10.0 + 0.02 * x[0] - 3.0 * x[1] + chance(r))]);
    let found = found(GRID, &model, Method::Effects, &Asked::of(vec![KPI]));
    let Findings::Effects(effects) = &found.findings else { panic!("{found:?}") };
    let it = &effects[0];
    assert!(it.crossed && it.is_straight() && found.notes.is_empty(), "{found:?}");
    close(it.r_squared, 1.0, 1e-12);
    close(it.slopes[0].slope, 0.02, 1e-12);
    close(it.slopes[1].slope, -3.0, 1e-12);
    // Chance is common to all points, so that differences have none.
    assert_eq!(it.swings[0].factor, "near.radius_km");
    close(it.swings[0].span.mean, -6.0, 1e-9);
    close(it.swings[0].span.half_width, 0.0, 1e-9);
    close(it.swings[1].low.mean, -1.0, 1e-9);
    close(it.levels[1].mean.mean, 10.0 + 3.0 - 9.0, 1e-9);
    assert!(it.levels[1].mean.half_width > 1.0, "a level itself is as uncertain as the day");
}

#[test]
fn a_curved_model_says_that_lines_do_not_do() {
    let model = |x: &[f64], r: u32| Some(vec![(KPI, (x[0] - 150.0).powi(2) + chance(r))]);
    let found = found(GRID, &model, Method::Effects, &Asked::of(vec![KPI]));
    let Findings::Effects(effects) = &found.findings else { panic!("{found:?}") };
    assert!(!effects[0].is_straight() && effects[0].r_squared < 0.1);
    assert!(!effects[0].swings.iter().any(|swing| swing.is_shown()), "{:?}", effects[0].swings);
}

#[test]
fn without_a_grid_the_tornado_follows_the_lines_and_levels_are_classes() {
    let text = GRID.replace("[replications]", "design = 'lhs'\nsamples = 40\n[replications]");
    let text =
        text.replace("values = [100, 150, 200]", "uniform = [100, 200]").replace("values = [2, 4]", "uniform = [2, 4]");
    let model = |x: &[f64], r: u32| Some(vec![(KPI, 0.02 * x[0] - 3.0 * x[1] + chance(r))]);
    let found = found(&text, &model, Method::Effects, &Asked::of(vec![KPI]));
    let Findings::Effects(effects) = &found.findings else { panic!("{found:?}") };
    let it = &effects[0];
    assert!(!it.crossed);
    assert_eq!(it.levels.iter().filter(|level| level.factor == "near.radius_km").count(), 5);
    close(it.swings[0].span.mean / -3.0, 2.0, 0.06);
}

#[test]
fn failed_runs_are_left_out_with_the_replication_they_share() {
    let model = |x: &[f64], r: u32| (x[0] != 100.0 || r != 3).then(|| vec![(KPI, x[0] + 100.0 * f64::from(r == 3))]);
    let home = made_up(GRID, &model);
    let study = study(&home, &[KPI]);
    assert_eq!((study.runs, study.failed, study.missing), (60, 2, 0));
    assert!(study.notes()[0].contains("2 failed runs"));
    let found = analyse(&study, Method::Effects, &Asked::of(vec![KPI])).unwrap();
    let Findings::Effects(effects) = &found.findings else { panic!("{found:?}") };
    assert_eq!((effects[0].mean.mean, effects[0].mean.n), (150.0, 9), "replication 3 counts nowhere");
}

fn unit(numbers: &[f64]) -> Vec<f64> {
    numbers.iter().map(|number| number / PI).collect()
}

fn ishigami(x: &[f64]) -> f64 {
    x[0].sin() + 7.0 * x[1].sin().powi(2) + 0.1 * x[2].powi(4) * x[0].sin()
}

const ISHIGAMI: &str = "
[replications]
min = 1
[[factor]]
key = 'near.radius_km'
uniform = [-3.141592653589793, 3.141592653589793]
[[factor]]
key = 'city.side_km'
uniform = [-3.141592653589793, 3.141592653589793]
[[factor]]
key = 'demand.orders_per_day'
apply = 'scale'
uniform = [-3.141592653589793, 3.141592653589793]
";

#[test]
fn ishigami_has_the_reference_indices() {
    let text = format!("design = 'saltelli'\nsamples = 1024\n{ISHIGAMI}");
    let model = |x: &[f64], _| Some(vec![(KPI, ishigami(x)), ("orders", 5.0)]);
    let found = found(&text, &model, Method::Sobol, &Asked::of(vec![KPI, "orders"]));
    assert_eq!(found.notes, ["orders: the figure is the same in all runs: there is nothing to explain"]);
    let Findings::Sobol(influences) = &found.findings else { panic!("{found:?}") };
    let of = |key: &str| influences.iter().find(|it| it.factor == key).unwrap();
    let all = [of("near.radius_km"), of("city.side_km"), of("demand.orders_per_day.scale")];
    for (it, (first, total)) in
        all.iter().zip([(0.31284478, 0.5581790457), (0.42616782, 0.4432845840), (-0.00262405, 0.2421493734)])
    {
        close(it.index.first.value, first, 1e-8);
        close(it.index.total.value, total, 1e-9);
        assert!(it.index.first.low < first && first < it.index.first.high && it.noise.is_nan());
    }
    assert_eq!(all.map(|it| it.rank), [1, 2, 3]);
    let words = ["alone and together with others", "alone", "together with others; not shown alone"];
    assert_eq!(all.map(Influence::words), words);
    assert!(all.iter().all(|it| !it.knows_chance() && it.chance.is_nan()), "one replication knows nothing of chance");
}

#[test]
fn what_replications_alone_explain_is_no_effect_and_what_is_tiny_is_next_to_nothing() {
    let text = format!("design = 'saltelli'\nsamples = 64\n{ISHIGAMI}").replace("min = 1", "min = 2");
    // Chance of each run's own, and of the day, which is the same at every point and no part of the variance between them.
    let own = |x: &[f64], r: u32| {
        let turned = (12.9898 * x[0] + 78.233 * x[1] + 37.719 * x[2] + 5.3 * f64::from(r)).sin();
        3.0 * ((43_758.545_3 * turned).rem_euclid(1.0) - 0.5)
    };
    let model = |x: &[f64], r: u32| {
        let plain = x[0] + 20.0 * chance(r);
        Some(vec![(KPI, plain + 0.01 * x[1]), ("orders", plain + 0.8 * own(x, r)), ("gmv", 0.1 * x[0] + own(x, r))])
    };
    let found = found(&text, &model, Method::Sobol, &Asked::of(vec![KPI, "orders", "gmv"]));
    let Findings::Sobol(influences) = &found.findings else { panic!("{found:?}") };
    let of = |metric: &str, key: &str| influences.iter().find(|it| it.metric == metric && it.factor == key).unwrap();
    let words = |metric: &str| ["near.radius_km", "city.side_km"].map(|key| of(metric, key).words());
    assert_eq!(words(KPI), ["alone", "next to nothing"], "a sum of squares is above 0 for the least of effects");
    assert!(of(KPI, "city.side_km").index.total.low > 0.0 && of(KPI, "near.radius_km").noise < 1e-9);
    assert_eq!(words("orders"), ["alone", "not shown beyond chance"]);
    let dummy = of("orders", "city.side_km");
    assert!(dummy.index.total.low > 0.0 && dummy.index.total.value < dummy.chance && !dummy.is_shown(), "{dummy:?}");
    assert_eq!(words("gmv"), ["not known: add replications"; 2], "most of the variance is chance");
    let drowned = of("gmv", "near.radius_km");
    assert!(drowned.is_drowned() && !drowned.is_shown() && drowned.noise > 0.5 && drowned.noise < 1.2, "{drowned:?}");
}

#[test]
fn the_same_results_give_the_same_bytes_whatever_else_is_asked() {
    let text = format!("design = 'saltelli'\nsamples = 64\n{ISHIGAMI}").replace("min = 1", "min = 3");
    let model = |x: &[f64], r: u32| Some(vec![(KPI, ishigami(x) + chance(r) * x[0]), ("orders", x[1])]);
    let home = made_up(&text, &model);
    let study = study(&home, &[KPI, "orders"]);
    let alone = analyse(&study, Method::Sobol, &Asked::of(vec![KPI])).unwrap();
    let both = analyse(&study, Method::Sobol, &Asked::of(vec!["orders", KPI])).unwrap();
    let (Findings::Sobol(alone_found), Findings::Sobol(both_found)) = (&alone.findings, &both.findings) else {
        panic!()
    };
    assert_eq!(alone_found[..], both_found[3..]);
    assert!(alone_found[0].noise > 0.0);
    assert_eq!(alone.sheet().parquet(&[]).unwrap(), alone.sheet().parquet(&[]).unwrap());
    let wrong = analyse(&study, Method::Morris, &Asked::of(vec![KPI])).unwrap_err().to_string();
    assert!(wrong.contains("morris needs design = \"morris\"; this sweep is a saltelli"), "{wrong}");
}

#[test]
fn morris_ranks_a_straight_model_by_its_slopes() {
    let text = format!("design = 'morris'\ntrajectories = 12\n{ISHIGAMI}").replace("min = 1", "min = 4");
    // On the unit cube 4, 10 and 0; the third moves by chance alone.
    let model = |x: &[f64], r: u32| {
        let u = unit(x);
        Some(vec![(KPI, 2.0 * u[0] - 5.0 * u[1] + 0.01 * u[2] * chance(r))])
    };
    let found = found(&text, &model, Method::Morris, &Asked::of(vec![KPI]));
    let Findings::Morris(rows) = &found.findings else { panic!("{found:?}") };
    assert_eq!(
        rows.iter().map(|it| it.factor.as_str()).collect::<Vec<_>>(),
        ["city.side_km", "near.radius_km", "demand.orders_per_day.scale"]
    );
    close(rows[0].effect.mean, -10.0, 1e-9);
    close(rows[0].effect.mean_absolute, 10.0, 1e-9);
    close(rows[1].effect.mean, 4.0, 1e-9);
    close(rows[1].effect.standard_deviation, 0.0, 1e-9);
    assert_eq!(
        rows.iter().map(Screened::words).collect::<Vec<_>>(),
        ["nearly straight", "nearly straight", "not shown beyond chance"]
    );
}

#[test]
fn an_effect_that_differs_from_place_to_place_is_shown_where_chance_does_not_explain_it() {
    let text = format!("design = 'morris'\ntrajectories = 12\n{ISHIGAMI}").replace("min = 1", "min = 4");
    // The second acts only where the first is high; the third follows the day alone, at all places alike.
    let model = |x: &[f64], r: u32| {
        let u = unit(x);
        let some = if u[0] > 0.9 { u[1] } else { 0.0 };
        Some(vec![(KPI, 2.0 * u[0] + some + 0.1 * u[2] * chance(r) + 0.04 * u[1] * chance(r + 1))])
    };
    let Findings::Morris(rows) = found(&text, &model, Method::Morris, &Asked::of(vec![KPI])).findings else { panic!() };
    let of = |key: &str| rows.iter().find(|it| it.factor == key).unwrap();
    let [uneven, idle] = [of("city.side_km"), of("demand.orders_per_day.scale")];
    assert!(uneven.effect.low < uneven.chance && uneven.is_shown(), "{uneven:?}");
    // All of its effects have one sign, since they share their days: that shows nothing.
    assert!(idle.effect.mean.abs() == idle.effect.mean_absolute && !idle.is_shown(), "{idle:?}");
    let Findings::Morris(rows) =
        found(&text.replace("min = 4", "min = 1"), &model, Method::Morris, &Asked::of(vec![KPI])).findings
    else {
        panic!()
    };
    assert!(rows.iter().all(|it| !it.knows_chance() && it.words() != "not shown beyond chance"), "{rows:?}");
}

#[test]
fn the_best_setting_is_robust_over_what_is_uncertain() {
    // 150 couriers cost most at a small radius and least on average.
    let cost = |x: &[f64]| match (x[0], x[1]) {
        (150.0, 2.0) => 20.0,
        (150.0, _) => 10.0,
        (100.0, 2.0) => 18.0,
        (100.0, _) => 30.0,
        (_, 2.0) => 17.0,
        _ => 25.0,
    };
    let model = |x: &[f64], r: u32| Some(vec![(KPI, cost(x) + chance(r) + 0.1 * chance(r + x[0] as u32 / 50))]);
    let found = found(GRID, &model, Method::Best, &Asked::of(vec![KPI]));
    let Findings::Best(best) = &found.findings else { panic!("{found:?}") };
    let it = &best[0];
    assert_eq!(
        it.candidates.iter().map(|it| it.words.as_str()).collect::<Vec<_>>(),
        ["couriers.count 100", "couriers.count 150", "couriers.count 200"]
    );
    assert_eq!((it.candidates[1].standing, it.missing, it.states), (Standing::Best, 0, 2));
    assert!(matches!(it.candidates[0].standing, Standing::Out(1, 10)), "{:?}", it.candidates[0]);
    close(it.indifference, 0.2, 0.01);
    close(it.candidates[1].regret, 3.0, 0.3);
    close(it.candidates[0].regret, 20.0, 0.3);
    assert_eq!(
        (it.candidates[1].regret_state.as_str(), it.candidates[1].worst_state.as_str()),
        ("near.radius_km 2", "near.radius_km 2")
    );
    assert_eq!(it.least_regret(), 1);
    let sheet = found.sheet();
    assert_eq!(sheet.numbers("couriers.count"), Some(&[100.0, 150.0, 200.0][..]));
    assert_eq!(sheet.texts("out_by").unwrap()[0], "couriers.count 150");
}

#[test]
fn a_setting_that_went_out_within_the_indifference_is_called_as_good() {
    // Couriers move the cost by .001, far more than its chance and far less than δ.
    let model = |x: &[f64], r: u32| Some(vec![(KPI, 10.0 + x[0] / 50_000.0 + 1e-6 * chance(r))]);
    let home = made_up(GRID, &model);
    let (study, asked) = (study(&home, &[KPI]), Asked::of(vec![KPI]));
    let found = analyse(&study, Method::Best, &asked).unwrap();
    let Findings::Best(best) = &found.findings else { panic!("{found:?}") };
    let last = &best[0].candidates[2];
    assert!(matches!(last.standing, Standing::Out(..)) && best[0].is_as_good(last), "{last:?}");
    close(best[0].worse_by(last), 0.002, 1e-9);
    assert!(!best[0].is_as_good(&best[0].candidates[0]), "the one that is left went nowhere");
    let page = methods(&study, &found, &asked);
    assert!(page.contains("| `cost_per_order` | to be low | 3 | 10 | 0.10003 yuan/order |"), "{page}");
    let surface = Asked { contrasts: vec![Contrast::parse("cost").unwrap()], ..asked.clone() };
    let page = methods(&study, &analyse(&study, Method::BreakEven, &surface).unwrap(), &surface);
    assert!(page.contains("`cost_per_order_near` - `cost_per_order_far`") && !page.contains("KPIs:"), "{page}");
    for method in [Method::Effects, Method::Pairs] {
        let page = methods(&study, &analyse(&study, method, &asked).unwrap(), &asked);
        assert!(page.starts_with(&format!("# How {}.csv was made", method.word())), "{page}");
    }
}

#[test]
fn settings_too_close_to_tell_stay_in_and_say_how_many_runs_are_missing() {
    let model =
        |x: &[f64], r: u32| Some(vec![(KPI, 10.0 + chance(r * 3 + x[0] as u32 / 50)), ("promise_mean_min", 1.0)]);
    let asked = Asked { indifference: Indifference::Absolute(0.1), ..Asked::of(vec![KPI, "promise_mean_min"]) };
    let found = found(GRID, &model, Method::Best, &asked);
    let Findings::Best(best) = &found.findings else { panic!("{found:?}") };
    assert_eq!((best[0].still_in(), best[0].replications), (vec![0, 1, 2], 10));
    assert!(best[0].missing > 1000, "{}", best[0].missing);
    assert!(found.notes[0].contains("neither good nor bad"), "{:?}", found.notes);
    let asked = Asked { directions: vec![("promise_mean_min", Direction::Higher)], ..asked };
    assert_eq!(asked.direction("promise_mean_min"), Some(Direction::Higher));
}

#[test]
fn a_setting_that_only_its_spread_keeps_in_is_shown_to_be_worse() {
    // 100 couriers are worse by 30 and vary by 12 from run to run, of which δ is a small part.
    let cost =
        |x: &[f64], r: u32| if x[0] < 150.0 { 40.0 + 4.0 * chance(r) } else { 10.0 + 0.1 * chance(r + x[0] as u32) };
    let model = |x: &[f64], r: u32| Some(vec![(KPI, cost(x, r))]);
    let asked = Asked { indifference: Indifference::Absolute(0.05), ..Asked::of(vec![KPI]) };
    let found = found(GRID, &model, Method::Best, &asked);
    let Findings::Best(best) = &found.findings else { panic!("{found:?}") };
    let it = &best[0];
    assert!(it.still_in().contains(&0) && !it.contenders().contains(&0), "{it:?}");
    assert!(it.candidates[0].is_shown_worse() && it.candidates[0].behind.low() > 10.0, "{:?}", it.candidates[0]);
    assert!(it.leader != 0 && !it.candidates[it.leader].is_shown_worse() && !it.is_level());
    close(it.candidates[it.leader].behind.mean, 0.0, 1e-12);
    assert_eq!(found.sheet().numbers("behind_low").unwrap()[0], it.candidates[0].behind.low());
}

#[test]
fn of_settings_that_differ_by_less_than_counts_none_is_the_best() {
    let model = |x: &[f64], r: u32| Some(vec![(KPI, 10.0 + x[0] / 50_000.0 + 1e-6 * chance(r))]);
    let found = found(GRID, &model, Method::Best, &Asked::of(vec![KPI]));
    let Findings::Best(best) = &found.findings else { panic!("{found:?}") };
    assert!(best[0].still_in().len() == 1 && best[0].is_level(), "{:?}", best[0]);
}

#[test]
fn settings_that_never_differ_need_no_more_runs() {
    let model = |x: &[f64], r: u32| Some(vec![(KPI, 10.0 + chance(r) + if x[0] < 150.0 { 5.0 } else { 0.0 })]);
    let found = found(GRID, &model, Method::Best, &Asked::of(vec![KPI]));
    let Findings::Best(best) = &found.findings else { panic!("{found:?}") };
    // No spread of the differences: the first look is the last, and of equals the earlier stays.
    assert_eq!((best[0].still_in(), best[0].missing), (vec![1], 0));
}

#[test]
fn pairs_show_what_chance_does_not_explain() {
    // 150 is better by 2 on the same days; 200 differs from 100 by chance only.
    let model = |x: &[f64], r: u32| {
        let own = match x[0] {
            150.0 => -2.0 + 0.05 * chance(r + 1),
            200.0 => 0.05 * chance(r + 2),
            _ => 0.0,
        };
        Some(vec![(KPI, 20.0 + chance(r) + own)])
    };
    let text = GRID.replace("values = [2, 4]", "values = [2]");
    let found = found(&text, &model, Method::Pairs, &Asked::of(vec![KPI]));
    let Findings::Pairs(pairs) = &found.findings else { panic!("{found:?}") };
    assert_eq!(pairs.iter().map(|it| (it.base, it.other)).collect::<Vec<_>>(), [(0, 1), (0, 2), (1, 2)]);
    assert_eq!(pairs.iter().map(Pair::words).collect::<Vec<_>>(), ["better", "no difference shown", "worse"]);
    close(pairs[0].apart.difference.mean, -2.0, 0.05);
    assert!(pairs[0].apart.correlation > 0.9 && pairs[0].comparisons == 3);
    assert!(pairs[1].needed.is_none_or(|needed| needed > 10));
}

#[test]
fn each_point_may_be_set_against_one() {
    let model = |x: &[f64], r: u32| Some(vec![(KPI, x[0] + chance(r))]);
    let home = made_up(GRID, &model);
    let study = study(&home, &[KPI]);
    let asked = Asked { against: Some(2), ..Asked::of(vec![KPI]) };
    let Findings::Pairs(pairs) = analyse(&study, Method::Pairs, &asked).unwrap().findings else { panic!() };
    assert_eq!(pairs.iter().map(|it| it.other).collect::<Vec<_>>(), [0, 1, 3, 4, 5]);
    let wrong = analyse(&study, Method::Pairs, &Asked { against: Some(9), ..asked }).unwrap_err();
    assert!(wrong.to_string().contains("no such point"));
}

#[test]
fn the_front_keeps_what_is_not_surely_beaten() {
    // Cost and lateness: 100 cheap and late, 150 dear and punctual, 200 dearer and as punctual within chance.
    let model = |x: &[f64], r: u32| {
        let (cost, late) = match x[0] {
            100.0 => (10.0, 9.0),
            150.0 => (12.0, 3.0),
            _ => (14.0, 3.01),
        };
        Some(vec![(KPI, cost + 0.01 * chance(r)), ("lateness_mean_min", late + 0.1 * chance(r))])
    };
    let asked = Asked::of(vec![KPI, "lateness_mean_min", "orders"]);
    let found = found(GRID, &model, Method::Pareto, &asked);
    let Findings::Pareto(front) = &found.findings else { panic!("{found:?}") };
    let standings: Vec<OnFront> = front.settings.iter().map(|it| it.standing).collect();
    assert_eq!(standings, [OnFront::Front, OnFront::Front, OnFront::Unclear]);
    assert!(found.notes[0].contains("orders is no aim"), "{:?}", found.notes);
    assert_eq!(found.sheet().numbers("lateness_mean_min").unwrap().len(), 3);
}

#[test]
fn near_and_far_break_even_on_a_line_with_a_band() {
    let text = "
[replications]
min = 10
[[factor]]
key = 'couriers.count'
values = [0, 1, 2]
[[factor]]
key = 'near.radius_km'
values = [0, 1, 2]
[[factor]]
key = 'sourcing.policy'
values = ['nearest', 'far_only']
";
    // Near costs x + y, far 1.5: they are equal where x + y = 1.5.
    let model = |x: &[f64], r: u32| {
        Some(vec![("cost_per_order_near", x[0] + x[1] + 0.1 * chance(r)), ("cost_per_order_far", 1.5)])
    };
    let asked = Asked { contrasts: vec![Contrast::parse("cost").unwrap()], ..Asked::of(vec![]) };
    let found = found(text, &model, Method::BreakEven, &asked);
    let Findings::BreakEven(surfaces) = &found.findings else { panic!("{found:?}") };
    let it = &surfaces[0];
    assert_eq!((it.x.name.as_str(), it.y.name.as_str()), ("couriers.count", "near.radius_km"));
    assert_eq!(it.found.lines.len(), 1);
    for [x, y] in &it.found.lines[0] {
        close(x + y, 1.5, 1e-9);
    }
    assert_eq!(it.words(&it.cells[0][0]), "near better");
    assert_eq!(it.words(&it.cells[2][2]), "far better");
    close(it.cells[1][2].difference.mean, 1.5, 1e-9);
    let sheet = found.sheet();
    let rows = sheet.texts("row").unwrap();
    assert_eq!(rows.iter().filter(|row| *row == "point").count(), 9);
    assert!(rows.iter().any(|row| row == "low_line") && rows.iter().any(|row| row == "high_line"));
}

#[test]
fn a_surface_needs_two_factors_that_cross() {
    let model = |_: &[f64], r: u32| Some(vec![(KPI, chance(r))]);
    let contrasts = vec![Contrast::parse("cost").unwrap()];
    let home = made_up(
        &GRID.replace("[replications]", "design = 'zip'\n[replications]").replace("[2, 4]", "[2, 3, 4]"),
        &model,
    );
    let study = study(&home, &["cost_per_order_near", "cost_per_order_far"]);
    let of = |asked: &Asked| match analyse(&study, Method::BreakEven, asked) {
        Err(SweepError::Input(found, help)) => format!("{found}; {help}"),
        other => panic!("{other:?}"),
    };
    let asked = Asked { contrasts, ..Asked::of(vec![]) };
    assert!(of(&asked).contains("design = \"grid\""));
    let wrong = Asked { x: Some("couriers.cont".into()), ..asked };
    assert!(of(&wrong).contains("factors with numbers here: couriers.count, near.radius_km"));
}

#[test]
fn a_fleet_has_its_knee_and_is_enough_from_some_level_on() {
    let text = GRID.replace("[100, 150, 200]", "[100, 120, 140, 160, 180, 200]");
    // Rises to .95 at 140 couriers, then by a thousandth a step.
    let share =
        |count: f64| if count <= 140.0 { 0.55 + (count - 100.0) * 0.01 } else { 0.95 + (count - 140.0) * 0.00005 };
    let model =
        |x: &[f64], r: u32| Some(vec![("on_time_share", share(x[0]) + 0.001 * chance(r)), ("orders", 7.0 + chance(r))]);
    let asked = Asked::of(vec!["on_time_share", "orders"]);
    let found = found(&text, &model, Method::Knee, &asked);
    let Findings::Knee(curves) = &found.findings else { panic!("{found:?}") };
    let it = &curves[0];
    assert_eq!(
        (it.factor.as_str(), it.knee.of_mean.unwrap().x, it.knee.estimate.half_width),
        ("couriers.count", 140.0, 0.0)
    );
    assert_eq!(it.enough.map(|place| it.stops[place].x), Some(140.0));
    close(it.stops[0].worse.mean, 0.403, 1e-9);
    assert_eq!((curves[1].knee.of_mean, curves[1].enough), (None, None));
    let by = Asked { by: Some("near.radius_km".into()), ..Asked::of(vec!["on_time_share"]) };
    let home = made_up(&text, &model);
    let Findings::Knee(curves) = analyse(&study(&home, &["on_time_share"]), Method::Knee, &by).unwrap().findings else {
        panic!()
    };
    assert_eq!(curves.iter().map(|it| it.by.as_ref().unwrap().level.shown()).collect::<Vec<_>>(), ["2", "4"]);
    assert_eq!((curves[1].stops.len(), curves[1].knee.of_mean.unwrap().x), (6, 140.0));
    let wrong = Asked { by: Some("couriers.count".into()), ..by };
    assert!(analyse(&study(&home, &["on_time_share"]), Method::Knee, &wrong).is_err());
    // Content with half a percent less than that, one needs no less than a level more.
    let strict = Asked { indifference: Indifference::Absolute(0.0015), ..asked };
    let Findings::Knee(strict) =
        analyse(&study(&home, &["on_time_share", "orders"]), Method::Knee, &strict).unwrap().findings
    else {
        panic!()
    };
    assert_eq!(strict[0].enough.map(|place| strict[0].stops[place].x), Some(180.0));
}

#[test]
fn results_of_another_plan_are_refused() {
    let model = |x: &[f64], _| Some(vec![(KPI, x[0])]);
    let (one, other) = (made_up(GRID, &model), made_up(&GRID.replace("200", "210"), &model));
    let path = |home: &tempfile::TempDir| home.path().join("study/results.parquet");
    let read = |home: &tempfile::TempDir, partial| {
        let folder = SweepFolder::open(&home.path().join("study")).unwrap();
        match Study::read(folder, &[KPI], partial) {
            Err(SweepError::Input(found, help)) => format!("{found}; {help}"),
            Ok(study) => format!("{} runs", study.runs),
            Err(other) => panic!("{other}"),
        }
    };
    assert_eq!(read(&one, false), "60 runs");
    std::fs::copy(path(&other), path(&one)).unwrap();
    assert!(read(&one, false).contains("results of another plan"), "{}", read(&one, false));
    std::fs::remove_file(path(&one)).unwrap();
    assert!(read(&one, true).contains("no results.parquet in it; nearfar sweep collect"), "{}", read(&one, true));
    // More replications are asked for than were collected.
    let mut folder = SweepFolder::open(&other.path().join("study")).unwrap();
    folder.extend(vec![11; 6]).unwrap();
    assert!(read(&other, false).contains("6 of 66 runs are not in the results"), "{}", read(&other, false));
    assert_eq!(read(&other, true), "60 runs");
    assert!(collect(&folder, false).is_err());
}

#[test]
fn single_orders_are_not_kept_by_a_sweep() {
    let home = made_up(GRID, &|x: &[f64], _| Some(vec![(KPI, x[0])]));
    let error = analyse(&study(&home, &[KPI]), Method::Warmup, &Asked::of(vec![KPI])).unwrap_err();
    assert!(matches!(&error, SweepError::Input(_, help) if help.contains("--run-id p0-r0")), "{error}");
}
