//! Room: report. What the numbers of a run cover and what they do not, in sentences for page and deck.

use super::wording::number;

/// The sentences for a run of `horizon_h` hours, of which KPIs leave out the first `warm_up_h`.
pub fn limits(horizon_h: f64, warm_up_h: f64, replications: u32) -> Vec<String> {
    let mut notes = vec![
        format!(
            "Orders are placed during {} simulated hours of one city; afterwards the run goes on until open orders are finished.",
            number(horizon_h, if horizon_h.fract() == 0.0 { 0 } else { 1 })
        ),
        "Every number comes from a model fed with the assumptions below. It tells what follows from them; it is not a forecast of a real city that was not calibrated."
            .to_owned(),
        "Costs cover last mile, picking and packing, line haul, packaging, site, returns and compensation for late orders. Cost of goods, marketing, price promotions and head office are not in them.".to_owned(),
    ];
    if warm_up_h > 0.0 {
        notes.push(format!(
            "KPIs leave out the first {warm_up_h} hours, the warm-up, and so do charts that are not by time of day."
        ));
    }
    if replications > 1 {
        notes.push(format!(
            "The KPI table gives means over {replications} replications with 95% intervals. The charts show the first replication."
        ));
        notes.push("Intervals cover chance within the model, not doubt about its assumptions.".to_owned());
    } else {
        notes.push(
            "This is a single replication, so there are no intervals: small differences to another run may be chance. Use --replications for intervals."
                .to_owned(),
        );
    }
    notes
}
