//! KPIs of what stores send each other.

use super::Better::Neither;
use super::Definition;

pub(super) const TRANSFERRED_UNITS: Definition = Definition {
    name: "transferred_units",
    unit: "units",
    better: Neither,
    label: "Units sent between stores",
    formula: "Units that stores sent to other stores that had none; what that cost is part of unallocated_cost.",
    compute: |m| m.transferred as f64,
};
