//! KPIs of what is left in stores, and of the service that their stock gives.

use super::Better::{Higher, Lower, Neither};
use super::{Definition, per, yuan, yuan_per};

pub(super) const LEFTOVER_VALUE_YUAN: Definition = Definition {
    name: "leftover_value_yuan",
    unit: "yuan",
    better: Neither,
    label: "Stock left in stores, at cost",
    formula: "Units in stores at the end of the run that nobody has reserved, of both pools, at what they cost: list price x (1 - gross_margin_share of the category). No data where shelves never run empty.",
    compute: |m| m.stock.of_left(|left| yuan(left.cost_fen)),
};

pub(super) const LEFTOVER_MARKDOWN_YUAN: Definition = Definition {
    name: "leftover_markdown_yuan",
    unit: "yuan",
    better: Lower,
    label: "Markdown of all stock left",
    formula: "Sum over categories of leftover_value_yuan x markdown_share: what it costs the merchants if nothing that is left is sold at list price. In no cost and in no other margin than contribution_margin_after_markdown_per_order.",
    compute: |m| m.stock.of_left(|left| yuan(left.markdown_fen)),
};

pub(super) const DAYS_OF_COVER: Definition = Definition {
    name: "days_of_cover",
    unit: "days",
    better: Neither,
    label: "Days of cover",
    formula: "Units in stores at the end of the run that nobody has reserved / units sold a day: units of delivered orders from stores, refunded ones left out, and units that walk-ins bought, x 24 / horizon_h.",
    compute: |m| m.stock.of_left(|left| per(left.units as f64, m.stock.sold_a_day)),
};

pub(super) const STOCK_SERVICE_LEVEL: Definition = Definition {
    name: "stock_service_level",
    unit: "share",
    better: Higher,
    label: "Service level of stock in stores",
    formula: "Lines looked for at stores of which there was a unit / lines looked for at stores: those of orders that a store serves or that went far for want of stock, at the nearest open store within its radius that carries them all; one, not there, of each session that left for want of stock; units that walk-ins looked for.",
    compute: |m| per(m.stock.met as f64, m.stock.asked as f64),
};

pub(super) const CRITICAL_RATIO: Definition = Definition {
    name: "critical_ratio",
    unit: "share",
    better: Neither,
    label: "Critical ratio of stock",
    formula: "Mean over the lines of stock_service_level of cu / (cu + co) of its category: cu = gross_margin_share (0 if negative), co = markdown_share x (1 - gross_margin_share), both of the list price.",
    compute: |m| per(m.stock.critical, m.stock.asked as f64),
};

pub(super) const CONTRIBUTION_MARGIN_AFTER_MARKDOWN_PER_ORDER: Definition = Definition {
    name: "contribution_margin_after_markdown_per_order",
    unit: "yuan/order",
    better: Higher,
    label: "Contribution margin per order if all stock left is marked down",
    formula: "(contribution_margin_yuan - leftover_markdown_yuan) / delivered; the merchants bear the markdown, so with money.perspective = \"platform\" it is contribution_margin_per_order. No data where shelves never run empty.",
    compute: |m| m.stock.of_left(|_| yuan_per(m.accounts.contribution_fen + m.stock.contribution_fen, m.delivered())),
};
