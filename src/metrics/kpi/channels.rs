//! KPIs that set near beside far, for the line where one beats the other.

use super::Better::Higher;
use super::{Definition, yuan_per};

pub(super) const CONTRIBUTION_MARGIN_PER_ORDER_NEAR: Definition = Definition {
    name: "contribution_margin_per_order_near",
    unit: "yuan/order",
    better: Higher,
    label: "Contribution margin per near order",
    formula: "(Sum of contribution_yuan of delivered near orders - cost of couriers and stores that no delivered order bears, as far as money.perspective bears them) / delivered near orders.",
    compute: |m| yuan_per(m.accounts.near.contribution_fen + m.accounts.stores_contribution_fen, m.near.delivered),
};

pub(super) const CONTRIBUTION_MARGIN_PER_ORDER_FAR: Definition = Definition {
    name: "contribution_margin_per_order_far",
    unit: "yuan/order",
    better: Higher,
    label: "Contribution margin per far order",
    formula: "(Sum of contribution_yuan of delivered far orders - pay of couriers who bring parcels only that no order bears, as far as money.perspective bears it) / delivered far orders.",
    compute: |m| yuan_per(m.accounts.far.contribution_fen, m.far.delivered),
};
