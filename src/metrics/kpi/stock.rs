//! KPIs of shelves and walk-ins.

use super::Better::{Lower, Neither};
use super::{Definition, per};

pub(super) const STOCK_OUT_RATE: Definition = Definition {
    name: "stock_out_rate",
    unit: "share",
    better: Lower,
    label: "Stock-out rate",
    formula: "Hours in the horizon, while the store was open, of store-SKUs without a unit that an order could have / hours of store-SKUs carried.",
    compute: |m| per(m.stock_out_h, m.sku_h),
};

pub(super) const WALK_IN_UNITS: Definition = Definition {
    name: "walk_in_units",
    unit: "units",
    better: Neither,
    label: "Walk-in demand",
    formula: "Units that consumers who walk in looked for, of SKUs that the store carries.",
    compute: |m| (m.walk_ins_served + m.walk_ins_lost) as f64,
};

pub(super) const WALK_IN_LOST_SHARE: Definition = Definition {
    name: "walk_in_lost_share",
    unit: "share",
    better: Lower,
    label: "Walk-in demand lost",
    formula: "Walk-in units that were not available / walk_in_units.",
    compute: |m| per(m.walk_ins_lost as f64, (m.walk_ins_served + m.walk_ins_lost) as f64),
};
