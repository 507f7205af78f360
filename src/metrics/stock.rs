//! The table of stock by category: what stores had left at the end of the run, what it is worth, what they sold, and the demand
//! that found it on the shelf; and its sums.

use super::MetricsError;
use super::facts::{Facts, OrderFacts};
use super::rows::Columns;
use crate::city::{Channel, City};
use crate::event::{Event, EventLog, FarReason, LeaveReason};
use crate::scenario::{Category, Perspective, Scenario};
use crate::units::{Money, SkuId};
use polars::prelude::*;

/// Stock of one category over all stores.
#[derive(Clone, Copy, Default, Debug)]
struct CategoryStock {
    /// Units that nobody has reserved, and their value at list price; None where shelves never run empty.
    left: Option<(u32, Money)>,
    /// Units of delivered orders from stores, and units sold to walk-ins.
    sold: u32,
    /// Lines of orders that stores served or would have with stock, consumers who left for want of it, and walk-ins.
    asked: u32,
    /// Of these: the store had stock.
    met: u32,
}

impl CategoryStock {
    fn ask(&mut self, asked: u32, met: u32) {
        self.asked += asked;
        self.met += met;
    }
}

/// Columns: replication, category, units_left, cost_left_yuan (what they cost the merchant), markdown_yuan (markdown_share of
/// that; all three null where shelves never run empty), contribution_yuan (what the markdown takes off the contribution margin of
/// `money.perspective`), units_sold_a_day, asked and met (demand at stores, and what of it found stock), critical_ratio.
pub(super) fn stock_frame(
    scenario: &Scenario,
    city: &City,
    facts: &Facts,
    log: &EventLog,
    replication: u32,
) -> Result<DataFrame, MetricsError> {
    let rows = by_category(city, facts, log);
    let categories: Vec<Category> =
        (0..rows.len()).map(|i| scenario.catalogue.categories.get(i).cloned().unwrap_or_default()).collect();
    let cost = |i: usize| {
        let kept = 1.0 - categories[i].gross_margin_share;
        rows[i].left.map(|(_, value)| Money::from_yuan(value.yuan() * kept))
    };
    let markdown = |i: usize| cost(i).map(|cost| Money::from_yuan(cost.yuan() * categories[i].markdown_share));
    let merchant_pays = scenario.money.perspective != Perspective::Platform;
    let contribution = |i| if merchant_pays { -markdown(i).unwrap_or(Money::ZERO).yuan() } else { 0.0 };
    let yuan = |of: &dyn Fn(usize) -> Option<Money>| (0..rows.len()).map(|i| of(i).map(|money| money.yuan())).collect();
    let numbers = |of: fn(&CategoryStock) -> u32| rows.iter().map(of).collect::<Vec<_>>();
    let a_day = |row: &CategoryStock| f64::from(row.sold) * 24.0 / facts.window.hours;
    let options =
        |name: &str, values: Vec<Option<f64>>| Float64Chunked::from_iter_options(name.into(), values.into_iter());
    let columns = vec![
        Column::new("replication".into(), vec![replication; rows.len()]),
        Column::new("category".into(), city.categories.clone()),
        UInt32Chunked::from_iter_options("units_left".into(), rows.iter().map(|row| Some(row.left?.0))).into_column(),
        options("cost_left_yuan", yuan(&cost)).into_column(),
        options("markdown_yuan", yuan(&markdown)).into_column(),
        Column::new("contribution_yuan".into(), (0..rows.len()).map(contribution).collect::<Vec<_>>()),
        Column::new("units_sold_a_day".into(), rows.iter().map(a_day).collect::<Vec<_>>()),
        Column::new("asked".into(), numbers(|row| row.asked)),
        Column::new("met".into(), numbers(|row| row.met)),
        Column::new("critical_ratio".into(), categories.iter().map(critical_ratio).collect::<Vec<_>>()),
    ];
    Ok(DataFrame::new(rows.len(), columns)?)
}

/// c_u / (c_u + c_o): the margin lost with a unit too few, against the markdown of a unit too many.
fn critical_ratio(category: &Category) -> f64 {
    let short = category.gross_margin_share.max(0.0);
    let over = category.markdown_share * (1.0 - category.gross_margin_share);
    // A margin of 0 that needs no markdown either asks for no stock.
    if short > 0.0 { short / (short + over) } else { 0.0 }
}

fn by_category(city: &City, facts: &Facts, log: &EventLog) -> Vec<CategoryStock> {
    let mut rows = vec![CategoryStock::default(); city.categories.len()];
    let of_sku = |sku: SkuId| (sku.0 / city.demand.skus_per_category.max(1)) as usize;
    for record in &log.records {
        let (category, met) = match record.event {
            Event::WalkInServed { sku, .. } => (of_sku(sku), true),
            Event::WalkInLost { sku, .. } => (of_sku(sku), false),
            Event::StockLeft { category, units, value_fen, .. } => {
                if let Some(row) = rows.get_mut(usize::from(category)) {
                    let (before, value) = row.left.unwrap_or_default();
                    row.left = Some((before + units, value + Money(i64::from(value_fen))));
                }
                continue;
            }
            _ => continue,
        };
        if let Some(row) = rows.get_mut(category).filter(|_| facts.window.counts(record.at)) {
            row.sold += u32::from(met);
            row.ask(1, u32::from(met));
        }
    }
    for left in facts.sessions_left.iter().filter(|left| left.reason == LeaveReason::StockOut) {
        if let Some(row) = rows.get_mut(left.category.index()) {
            // Of their basket the log knows no more than that a line was lacking.
            row.ask(1, 0);
        }
    }
    for (order, placement) in
        facts.orders.iter().zip(&log.placements).filter(|(order, _)| facts.window.counts(order.placed))
    {
        let row = &mut rows[placement.category.index()];
        if order.delivered.is_some() && order.store.is_some() {
            row.sold += order.units - order.shortfall.units_refunded();
        }
        if let Some(lacked) = order.nearest_lacked.filter(|_| wanted_from_a_store(order)) {
            row.ask(order.lines_asked, order.lines_asked - lacked);
        }
    }
    rows
}

/// Whether a store serves the order or would have with stock.
fn wanted_from_a_store(order: &OrderFacts) -> bool {
    match order.channel {
        Channel::Near | Channel::Pickup => true,
        Channel::Far => matches!(order.far_reason, Some(FarReason::NoStock | FarReason::Rationed | FarReason::MaxWait)),
    }
}

/// Sums over the categories of one replication.
#[derive(Default)]
pub(super) struct StockMeasures {
    /// None where shelves never run empty.
    pub left: Option<StockLeft>,
    pub sold_a_day: f64,
    pub asked: i64,
    pub met: i64,
    /// Sum of critical ratios, each as often as its category was asked for.
    pub critical: f64,
    /// What the markdown takes off the contribution margin, in fen, 0 or less.
    pub contribution_fen: i64,
}

/// What is left of all categories.
pub(super) struct StockLeft {
    pub units: i64,
    pub cost_fen: i64,
    pub markdown_fen: i64,
}

impl StockMeasures {
    pub(super) fn new(stock: &DataFrame) -> Result<StockMeasures, MetricsError> {
        let told = stock.column("units_left")?.null_count() < stock.height();
        let left = StockLeft {
            units: stock.count("units_left")?,
            cost_fen: stock.fen("cost_left_yuan")?,
            markdown_fen: stock.fen("markdown_yuan")?,
        };
        let ratios = stock.column("critical_ratio")?.f64()?.iter();
        let weights = stock.column("asked")?.u32()?.iter();
        Ok(StockMeasures {
            left: told.then_some(left),
            sold_a_day: stock.sum("units_sold_a_day")?,
            asked: stock.count("asked")?,
            met: stock.count("met")?,
            critical: ratios.zip(weights).filter_map(|(ratio, asked)| Some(ratio? * f64::from(asked?))).sum(),
            contribution_fen: stock.fen("contribution_yuan")?,
        })
    }
    /// A figure of what is left; NaN where shelves never run empty.
    pub(super) fn of_left(&self, figure: impl Fn(&StockLeft) -> f64) -> f64 {
        self.left.as_ref().map_or(f64::NAN, figure)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Frames, kpis};
    use super::*;
    use crate::testing::{Run, small_run};
    use crate::units::{CategoryId, ConsumerId, StoreId};

    /// The small run with a second category, fresh, and what its stores have left.
    fn run_with_leftovers() -> Run {
        let mut run = small_run();
        run.city.categories = vec!["convenience".into(), "fresh".into()];
        let end = run.log.records.last().unwrap().at;
        for (store, category, units, value_fen) in [(0, 0, 40, 100_000), (0, 1, 56, 200_000), (1, 0, 7, 10_000)] {
            run.log.record(end, Event::StockLeft { store: StoreId(store), category, units, value_fen });
        }
        // The first SKU of fresh.
        run.log.record(end, Event::WalkInLost { store: StoreId(1), sku: SkuId(200) });
        run
    }

    fn value(run: &Run, name: &str) -> f64 {
        let frames = Frames::from_log(&run.scenario, &run.city, &run.log, 0).unwrap();
        let found = kpis(&run.city, &run.log, &frames).unwrap();
        found.iter().find(|kpi| kpi.name == name).unwrap().value
    }

    #[test]
    fn what_is_left_and_the_service_are_as_worked_out_by_hand() {
        let mut run = run_with_leftovers();
        // Margins of .24 and .25, so that 1,100 and 2,000 yuan at list price cost 836 and 1,500; markdowns of .08 and .25.
        let markdown = 66.88 + 375.0;
        let ratio = |margin: f64, markdown: f64| margin / (margin + markdown * (1.0 - margin));
        let by_hand = [
            ("leftover_value_yuan", 836.0 + 1500.0),
            ("leftover_markdown_yuan", markdown),
            // 103 units; five units of orders and three walk-ins in two hours are 96 a day.
            ("days_of_cover", 103.0 / 96.0),
            ("stock_service_level", 3.0 / 5.0),
            ("critical_ratio", (4.0 * ratio(0.24, 0.08) + ratio(0.25, 0.25)) / 5.0),
            ("audit_violations", 0.0),
        ];
        for (name, expected) in by_hand {
            let value = value(&run, name);
            assert!((value - expected).abs() < 1e-9, "{name} is {value}, by hand {expected}");
        }
        let less = |run: &Run| {
            value(run, "contribution_margin_per_order") - value(run, "contribution_margin_after_markdown_per_order")
        };
        assert!((less(&run) - markdown / 4.0).abs() < 1e-9, "{}", less(&run));
        run.scenario.money.perspective = Perspective::Platform;
        assert_eq!(less(&run), 0.0, "the merchants bear it");
        run.scenario.money.perspective = Perspective::Merchant;
        assert!((less(&run) - markdown / 4.0).abs() < 1e-9);
    }

    #[test]
    fn lines_of_orders_ask_the_nearest_store_and_who_left_for_want_of_stock_found_none() {
        let run = run_with_leftovers();
        let mut facts = Facts::read(&run.scenario, &run.city, &run.log).unwrap();
        // A near order with two of three lines at its nearest store, one with none, one sent far for want of stock, and one
        // whose consumer wanted a parcel.
        for (order, lines, lacked) in [(0, 3, 1), (1, 1, 1), (2, 2, 1), (5, 1, 0)] {
            (facts.orders[order].lines_asked, facts.orders[order].nearest_lacked) = (lines, Some(lacked));
        }
        for reason in [LeaveReason::StockOut, LeaveReason::Price] {
            facts.sessions_left.push(super::super::facts::SessionLeft {
                consumer: ConsumerId(0),
                category: CategoryId(1),
                near_offered: false,
                reason,
            });
        }
        let rows = by_category(&run.city, &facts, &run.log);
        assert_eq!(
            rows.iter().map(|row| (row.asked, row.met)).collect::<Vec<_>>(),
            [(4 + 3 + 1 + 2, 3 + 2 + 1), (2, 0)]
        );
        assert_eq!(rows.iter().map(|row| row.sold).collect::<Vec<_>>(), [8, 0]);
    }

    #[test]
    fn shelves_that_never_run_empty_leave_nothing_to_count() {
        let run = small_run();
        for name in ["leftover_value_yuan", "days_of_cover", "contribution_margin_after_markdown_per_order"] {
            assert!(value(&run, name).is_nan(), "{name}");
        }
    }

    #[test]
    fn the_critical_ratio_weighs_margin_against_markdown() {
        let of = |gross_margin_share, markdown_share| {
            critical_ratio(&Category { gross_margin_share, markdown_share, ..Category::default() })
        };
        assert!((of(0.25, 0.25) - 4.0 / 7.0).abs() < 1e-12);
        assert_eq!([of(0.25, 0.0), of(1.0, 0.6), of(0.0, 0.0), of(-0.5, 0.2)], [1.0, 1.0, 0.0, 0.0]);
    }
}
