//! Room: cli. The charts of a comparison beside its differences: numbers of the study into views of the report.

use super::comparison::Side;
use super::kpi_table::unit_of;
use crate::metrics::label_in;
use crate::metrics::{Better, CHANNELS, Frames, definition};
use crate::report::{
    self, Chart, DumbbellRow, DumbbellView, Interval, Look, MapPairView, Measure, MovesView, ReportError, SessionFlow,
    Station,
};
use crate::study::{Move, Moves, Paired, Stand, Verdict};

/// What every chart of a comparison says of it.
pub(super) struct Sides<'a> {
    pub(super) base: &'a str,
    pub(super) whatif: &'a str,
    pub(super) source: &'a str,
    pub(super) replications: u32,
    pub(super) percent: &'a str,
    pub(super) rule: &'a str,
    pub(super) look: &'a Look,
}

/// Both sides of each KPI.
pub(super) fn dumbbell(rows: &[&Paired], currency: &str, sides: &Sides<'_>) -> Chart {
    let row = |row: &&Paired| DumbbellRow {
        measure: Measure {
            label: label_in(row.name, sides.look.language).to_owned(),
            unit: unit_of(row.unit, currency, sides.look.language),
            better: definition(row.name).map_or(Better::Neither, |definition| definition.better),
            language: sides.look.language,
        },
        base: Interval::new(row.base_mean, row.base_half_width),
        whatif: Interval::new(row.whatif_mean, row.whatif_half_width),
        difference: Interval { mean: row.difference, lo: row.low, hi: row.high },
        clear: !matches!(row.verdict, Verdict::NotShown | Verdict::NoInterval | Verdict::NoData),
    };
    let rows: Vec<DumbbellRow> = rows.iter().map(row).collect();
    let Sides { base, whatif, source, replications, percent, rule, look } = *sides;
    report::dumbbell_chart(&DumbbellView { rows: &rows, base, whatif, source, replications, percent, rule, look })
}

/// What became of the same people.
pub(super) fn moves(moves: &Moves, sides: &Sides<'_>) -> Chart {
    let flows: Vec<SessionFlow> = moves
        .flows
        .iter()
        .map(|flow| SessionFlow {
            from: station(flow.from),
            to: station(flow.to),
            count: Interval::new(flow.count.0, flow.count.1),
        })
        .collect();
    let unit = moves.unit.trim_end_matches('s');
    let rescued = moves.rows.iter().find(|row| row.class == Move::RescuedFromStockOut).map_or(0.0, |row| row.count.0);
    let Sides { base, whatif, source, replications, percent, look, .. } = *sides;
    report::moves_chart(&MovesView { flows: &flows, unit, rescued, base, whatif, source, replications, percent, look })
}

/// The near share of both sides on maps of one scale: the first day of each, in the city of the base.
pub(super) fn maps(base: &Side, days: [&Frames; 2], sides: &Sides<'_>) -> Result<Chart, ReportError> {
    let scenario = &base.asked.scenario;
    report::map_pair_chart(&MapPairView {
        base_orders: &days[0].orders,
        whatif_orders: &days[1].orders,
        base: sides.base,
        whatif: sides.whatif,
        look: sides.look,
        source: sides.source,
        width_m: base.city.width_m,
        height_m: base.city.height_m,
        cell_km: scenario.report.cell_km,
        min_orders_per_cell: scenario.report.min_orders_per_cell,
        warm_up_h: scenario.warm_up_h,
    })
}

fn station(stand: Stand) -> Station {
    match stand {
        Stand::Channel(place) => match CHANNELS[usize::from(place)] {
            "near" => Station::Near,
            "far" => Station::Far,
            _ => Station::Pickup,
        },
        Stand::Without => Station::Without,
        Stand::Absent => Station::Absent,
    }
}
